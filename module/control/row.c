// SPDX-License-Identifier: GPL-2.0
/*
 * What lists say of a socket or an entry, read without its lock: /proc/net/rill,
 * and sock_diag.
 */
#include <linux/export.h>
#include <linux/siphash.h>
#include "../compat.h"
#include "../network/network.h"
#include "../time.h"
#include "control.h"

/* The deadlines that have a place in that column, the first that is set. */
static const struct {
	enum rill_timer	deadline;
	u8		shown;
} rill_row_deadlines[] = {
	{ RILL_TIMER_REORDER,		RILL_ROW_RETRANSMIT },
	{ RILL_TIMER_TLP,		RILL_ROW_RETRANSMIT },
	{ RILL_TIMER_RETRANSMIT,	RILL_ROW_RETRANSMIT },
	{ RILL_TIMER_PERSIST,		RILL_ROW_PROBE },
	{ RILL_TIMER_KEEPALIVE,		RILL_ROW_KEEPALIVE },
};

static bool rill_row_wanted(struct rill_row *row, u8 family)
{
	if (row->family && row->family != family)
		return false;
	row->family = family;
	return true;
}

static void rill_row_key(struct rill_row *row, const struct rill_entry *entry)
{
	row->laddr = entry->key.laddr;
	row->raddr = entry->key.raddr;
	row->lport = ntohs(entry->key.lport);
	row->rport = ntohs(entry->key.rport);
	row->dev = READ_ONCE(entry->key.dev);
}

/* Sequence numbers tell two connections of the same ends apart: a secret hash. */
static u64 rill_row_cookie(const struct rill_net *rnet, u32 first, u32 second)
{
	return siphash_2u32(first, second, &rnet->isn_key);
}

/* As bind() and connect() left it: a listener has no key. */
static void rill_row_names(struct rill_row *row, const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);

	row->lport = ntohs(inet->inet_sport);
	row->rport = ntohs(inet->inet_dport);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		row->laddr = sk->sk_v6_rcv_saddr;
		row->raddr = sk->sk_v6_daddr;
		return;
	}
#endif
	ipv6_addr_set_v4mapped(inet->inet_rcv_saddr, &row->laddr);
	ipv6_addr_set_v4mapped(inet->inet_daddr, &row->raddr);
}

static void rill_row_timer(struct rill_row *row, const struct rill_sock *rs)
{
	unsigned int i;
	u64 at;

	for (i = 0; i < ARRAY_SIZE(rill_row_deadlines); i++) {
		at = READ_ONCE(rs->clock.deadline_ns[rill_row_deadlines[i].deadline]);
		if (!at)
			continue;
		row->timer = rill_row_deadlines[i].shown;
		row->due_ns = at;
		return;
	}
}

static void rill_row_queues(struct rill_row *row, const struct rill_sock *rs)
{
	u32 una = READ_ONCE(rs->snd.una);
	int n;

	/* An ACK in between is none of what is queued. */
	smp_rmb();
	row->tx = READ_ONCE(rs->snd.write_seq) - una;
	n = READ_ONCE(rs->rcv.nxt) - READ_ONCE(rs->rcv.copied_seq);
	row->rx = max(n, 0);
}

/* Without its lock: each column is true, but not of the same moment. */
static bool rill_row_sock(struct rill_row *row, struct rill_entry *entry)
{
	struct rill_sock *rs = container_of(entry, struct rill_sock, entry);
	struct sock *sk = (struct sock *)rs;

	if (!rill_row_wanted(row, sk->sk_family))
		return false;
	row->sk = sk;
	row->at = sk;
	row->state = inet_sk_state_load(sk);
	row->uid = READ_ONCE(sk->sk_uid);
	row->ino = sock_i_ino(sk);
	row->refs = refcount_read(&sk->sk_refcnt);
	row->dev = READ_ONCE(sk->sk_bound_dev_if);
	row->mark = READ_ONCE(sk->sk_mark);
	rill_row_names(row, sk);
	if (row->state == TCP_LISTEN) {
		row->rx = atomic_read(&READ_ONCE(rs->listener)->accept_len);
		return true;
	}
	rill_row_queues(row, rs);
	rill_row_timer(row, rs);
	row->retransmits = READ_ONCE(rs->retry.retransmits);
	row->probes = READ_ONCE(rs->retry.window_probes) ?:
		      READ_ONCE(rs->retry.keepalives);
	return true;
}

static bool rill_row_request(struct rill_row *row, struct rill_entry *entry)
{
	struct rill_request *req = container_of(entry, struct rill_request,
						entry);

	if (!rill_row_wanted(row, req->listener->sk_family))
		return false;
	rill_row_key(row, entry);
	row->at = req;
	row->state = TCP_SYN_RECV;
	row->timer = RILL_ROW_RETRANSMIT;
	/* While its handler sets it anew it may be what it was. */
	row->due_ns = ktime_to_ns(data_race(hrtimer_get_softexpires(&req->timer)));
	row->retransmits = READ_ONCE(req->retries);
	row->uid = READ_ONCE(req->listener->sk_uid);
	row->cookie = rill_row_cookie(rill_sk_net(req->listener), req->irs,
				      req->iss);
	row->mark = req->mark;
	return true;
}

static bool rill_row_timewait(struct rill_row *row, struct rill_entry *entry)
{
	struct rill_timewait *tw = container_of(entry, struct rill_timewait,
						entry);

	if (!rill_row_wanted(row, tw->family))
		return false;
	rill_row_key(row, entry);
	row->at = tw;
	row->state = READ_ONCE(tw->state);
	row->timer = RILL_ROW_TIMEWAIT;
	row->due_ns = READ_ONCE(tw->expires_ns);
	row->nobody = true;
	row->refs = refcount_read(&tw->refs);
	row->cookie = rill_row_cookie(tw->rnet, tw->snd_nxt, 0);
	row->mark = tw->mark;
	return true;
}

static bool (*const rill_row_kinds[RILL_KINDS])(struct rill_row *row,
						struct rill_entry *entry) = {
	[RILL_KIND_SOCK]	= rill_row_sock,
	[RILL_KIND_REQUEST]	= rill_row_request,
	[RILL_KIND_TIMEWAIT]	= rill_row_timewait,
};

/**
 * rill_row_fill - what a list says of one
 * @row: family set; filled in
 * @entry: it, from a walk
 *
 * Context: process, inside the RCU section in which the entry was met.
 * Return: false if its family is not wanted, or if it is CLOSE: such a socket
 * leaves the table, or has left it.
 */
bool rill_row_fill(struct rill_row *row, struct rill_entry *entry)
{
	u8 family = row->family;

	memset(row, 0, sizeof(*row));
	row->family = family;
	return rill_row_kinds[entry->kind](row, entry) &&
	       row->state != TCP_CLOSE;
}
EXPORT_SYMBOL_GPL(rill_row_fill);
