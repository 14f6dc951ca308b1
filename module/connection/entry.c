// SPDX-License-Identifier: GPL-2.0
/*
 * What stands in the table of connections, as network sees it: a full socket, a
 * half-open and a finished connection, each with the same operations.
 */
#include <linux/export.h>
#include <net/xfrm.h>
#include "../network/network.h"
#include "inside.h"

/* ---- full sockets ------------------------------------------------------ */

static struct sock *rill_entry_sk(struct rill_entry *entry)
{
	return (struct sock *)container_of(entry, struct rill_sock, entry);
}

static bool rill_entry_sock_get(struct rill_entry *entry)
{
	return refcount_inc_not_zero(&rill_entry_sk(entry)->sk_refcnt);
}

static void rill_entry_sock_put(struct rill_entry *entry)
{
	sock_put(rill_entry_sk(entry));
}

/* SO_BINDTODEVICE may have come after connect() or accept(). */
static int rill_entry_sock_dev(const struct rill_entry *entry)
{
	const struct rill_sock *rs = container_of(entry, struct rill_sock,
						  entry);

	return READ_ONCE(rs->inet.sk.sk_bound_dev_if);
}

/* A segment for a full socket: now, or later from its backlog. */
static enum rill_verdict rill_entry_sock_rcv(struct rill_entry *entry,
					     struct rill_packet *p)
{
	struct sock *sk = rill_entry_sk(entry);
	enum rill_verdict verdict = RILL_KEPT;
	struct sk_buff *skb = p->skb;
	u8 family = p->af->family;
	u32 limit;

	if (rill_ttl_low(skb, family, rill_min_ttl(sk, family)))
		return RILL_drop_min_ttl;
	if (!xfrm_policy_check(sk, XFRM_POLICY_IN, skb, family))
		return RILL_drop_filter;
	nf_reset_ct(skb);
	if (!rill_filter(sk, p))
		return RILL_drop_filter;

	sk_incoming_cpu_update(sk);
	skb->dev = NULL;
	skb_dst_drop(skb);
	/*
	 * Twice the receive buffer, since small segments take more than their
	 * payload; the ACKs of the send buffer; and 64 KiB of pure ACKs.
	 */
	limit = min_t(u64, 2ULL * READ_ONCE(sk->sk_rcvbuf) +
			   READ_ONCE(sk->sk_sndbuf) + SZ_64K, INT_MAX);
	bh_lock_sock_nested(sk);
	if (!sock_owned_by_user(sk))
		verdict = rill_sock_rcv(sk, p);
	else if (sk_add_backlog(sk, skb, limit))
		verdict = RILL_drop_backlog;
	bh_unlock_sock(sk);
	return verdict;
}

static void rill_entry_sock_icmp(struct rill_entry *entry,
				 const struct rill_icmp_error *e)
{
	struct sock *sk = rill_entry_sk(entry);

	if (rill_icmp_far(sk, entry->family, e))
		return;
	bh_lock_sock(sk);
	rill_sock_icmp(sk, e);
	bh_unlock_sock(sk);
}

static void rill_entry_sock_end(struct rill_entry *entry)
{
	struct sock *sk = rill_entry_sk(entry);

	lock_sock(sk);
	if (sk->sk_state != TCP_CLOSE) {
		local_bh_disable();
		rill_sock_fail(sk, ECONNRESET);
		local_bh_enable();
	}
	release_sock(sk);
}

/* ---- half-open connections --------------------------------------------- */

static struct rill_request *rill_entry_req(struct rill_entry *entry)
{
	return container_of(entry, struct rill_request, entry);
}

static bool rill_entry_request_get(struct rill_entry *entry)
{
	return refcount_inc_not_zero(&rill_entry_req(entry)->refs);
}

static void rill_entry_request_put(struct rill_entry *entry)
{
	rill_request_put(rill_entry_req(entry));
}

static enum rill_verdict rill_entry_request_rcv(struct rill_entry *entry,
						struct rill_packet *p)
{
	return rill_request_rcv(rill_entry_req(entry), p);
}

static void rill_entry_request_icmp(struct rill_entry *entry,
				    const struct rill_icmp_error *e)
{
	struct rill_request *req = rill_entry_req(entry);

	if (!rill_icmp_far(req->listener, entry->family, e))
		rill_request_icmp(req, e);
}

static void rill_entry_request_end(struct rill_entry *entry)
{
	rill_request_kill(rill_entry_req(entry));
}

/* ---- finished connections: ICMP does not end them, their timers do ------- */

static struct rill_timewait *rill_entry_tw(struct rill_entry *entry)
{
	return container_of(entry, struct rill_timewait, entry);
}

static bool rill_entry_timewait_get(struct rill_entry *entry)
{
	return refcount_inc_not_zero(&rill_entry_tw(entry)->refs);
}

static void rill_entry_timewait_put(struct rill_entry *entry)
{
	rill_timewait_put(rill_entry_tw(entry));
}

/*
 * Open a connection by a SYN that meets a TIME_WAIT entry. False: it may not, or
 * nobody listens, and the segment is the entry's; else @verdict is what becomes
 * of it.
 */
static bool rill_entry_timewait_syn(struct rill_timewait *tw,
				    struct rill_packet *p,
				    enum rill_verdict *verdict)
{
	struct rill_ingress in;
	struct sock *sk;

	if (!rill_reuse_opens(tw, &p->seg))
		return false;
	p->af->ingress(p->skb, &in);
	sk = rill_listener_lookup(p->rnet, p->skb, p->seg.hdr_len, &p->key,
				  p->af->family, &in);
	if (!sk)
		return false;
	*verdict = RILL_drop_filter;
	if (!xfrm_policy_check(sk, XFRM_POLICY_IN, p->skb, p->af->family))
		return true;
	nf_reset_ct(p->skb);
	*verdict = rill_listen_segment(sk, p, tw);
	return true;
}

static enum rill_verdict rill_entry_timewait_rcv(struct rill_entry *entry,
						 struct rill_packet *p)
{
	struct rill_timewait *tw = rill_entry_tw(entry);
	u8 family = p->af->family;
	enum rill_verdict verdict;

	if (rill_timewait_over(tw))
		return RILL_AGAIN;
	if (rill_ttl_low(p->skb, family, tw->min_ttl))
		return RILL_drop_min_ttl;
	if (!xfrm_policy_check(NULL, XFRM_POLICY_IN, p->skb, family))
		return RILL_drop_filter;
	if (rill_entry_timewait_syn(tw, p, &verdict))
		return verdict;
	return rill_timewait_segment(tw, p);
}

static void rill_entry_timewait_end(struct rill_entry *entry)
{
	rill_timewait_kill(rill_entry_tw(entry));
}

static const struct rill_entry_ops rill_entry_ops[RILL_KINDS] = {
	[RILL_KIND_SOCK] = {
		.get	= rill_entry_sock_get,
		.put	= rill_entry_sock_put,
		.dev	= rill_entry_sock_dev,
		.rcv	= rill_entry_sock_rcv,
		.icmp	= rill_entry_sock_icmp,
		.end	= rill_entry_sock_end,
	},
	[RILL_KIND_REQUEST] = {
		.get	= rill_entry_request_get,
		.put	= rill_entry_request_put,
		.rcv	= rill_entry_request_rcv,
		.icmp	= rill_entry_request_icmp,
		.end	= rill_entry_request_end,
	},
	[RILL_KIND_TIMEWAIT] = {
		.get	= rill_entry_timewait_get,
		.put	= rill_entry_timewait_put,
		.rcv	= rill_entry_timewait_rcv,
		.end	= rill_entry_timewait_end,
	},
};

/**
 * rill_entry_get - take a reference to what a walk or a lookup has met
 * @entry: it
 *
 * Context: inside the RCU section in which it was met.
 * Return: false: it is ending.
 */
bool rill_entry_get(struct rill_entry *entry)
{
	return rill_entry_ops[entry->kind].get(entry);
}
EXPORT_SYMBOL_GPL(rill_entry_get);

/**
 * rill_entry_put - give that back
 * @entry: it
 *
 * Context: any, no lock held.
 */
void rill_entry_put(struct rill_entry *entry)
{
	rill_entry_ops[entry->kind].put(entry);
}
EXPORT_SYMBOL_GPL(rill_entry_put);

/**
 * rill_entry_end - end a half-open or finished connection
 * @entry: it, which is no full socket, with a reference
 *
 * Context: process, no lock held.
 */
void rill_entry_end(struct rill_entry *entry)
{
	rill_entry_ops[entry->kind].end(entry);
}
EXPORT_SYMBOL_GPL(rill_entry_end);

/**
 * rill_connection_start - tell network who takes what comes in
 *
 * Context: the module is loaded; before packets are taken from IP.
 */
void __init rill_connection_start(void)
{
	rill_input_start(rill_entry_ops, rill_listen_rcv);
}

/* End some entry, if there is one near @place. */
static void rill_net_close_next(struct rill_net *rnet, unsigned long *place)
{
	const struct rill_entry_ops *ops;
	struct rill_entry *entry;

	rcu_read_lock();
	entry = rill_table_next(rnet, place);
	ops = entry ? &rill_entry_ops[entry->kind] : NULL;
	if (entry && !ops->get(entry))
		entry = NULL;
	rcu_read_unlock();
	if (!entry)
		return;
	ops->end(entry);
	ops->put(entry);
}

/**
 * rill_net_close_all - end all connections of a namespace
 * @rnet: the namespace
 *
 * One walk over the table, whatever the kinds: a half-open entry leaves its
 * place to the TIME_WAIT that it took it from, which is then the next one. The
 * worker that ends namespaces, and rmmod, are one for the machine.
 *
 * Context: process, no lock held.
 */
void rill_net_close_all(struct rill_net *rnet)
{
	unsigned long place = 0;

	while (!rill_table_empty(rnet)) {
		rill_net_close_next(rnet, &place);
		cond_resched();
	}
}
