// SPDX-License-Identifier: GPL-2.0
/*
 * The way in: one path for IPv4 and IPv6 from the IP layer to the object that
 * a segment belongs to.
 */
#include <linux/filter.h>
#include <linux/skbuff.h>
#include <net/rill.h>
#include <net/xfrm.h>
#include <trace/events/rill.h>
#include "../compat.h"

/**
 * rill_drop - give up a received segment for a reason
 * @rnet: namespace that counts it
 * @skb: the segment, consumed; its network header is set
 * @reason: RILL_CNT_drop_*
 *
 * Context: any.
 */
void rill_drop(struct rill_net *rnet, struct sk_buff *skb, int reason)
{
	rill_count_drop(rnet, reason);
	if (trace_rill_drop_enabled()) {
		bool v6 = skb->protocol == htons(ETH_P_IPV6);
		const struct rill_af_ops *af = v6 ? &rill_ipv6_ops :
						    &rill_ipv4_ops;
		struct rill_key key = {};

		if (skb_transport_header_was_set(skb) &&
		    skb_transport_header(skb) + sizeof(struct tcphdr) <=
		    skb_tail_pointer(skb))
			af->key(skb, &key);
		trace_rill_drop(&key, af->family, reason);
	}
	kfree_skb(skb);
}

/* A segment for a full socket: now, or later from its backlog. */
static void rill_input_sock(struct sock *sk, struct sk_buff *skb)
{
	struct rill_net *rnet = rill_sk_net(sk);
	int reason = RILL_CNT_drop_filter;
	u32 limit;

	if (!xfrm_policy_check(sk, XFRM_POLICY_IN, skb,
			       rill_sk(sk)->entry.family))
		goto drop;
	nf_reset_ct(skb);
	if (sk_filter(sk, skb))
		goto drop;

	skb->dev = NULL;
	skb_dst_drop(skb);
	bh_lock_sock_nested(sk);
	if (!sock_owned_by_user(sk)) {
		rill_sock_rcv(sk, skb);
		bh_unlock_sock(sk);
		return;
	}
	/* Both buffers, the first to its utmost, and pure ACKs. */
	limit = min_t(u64, 2ULL * READ_ONCE(sk->sk_rcvbuf) +
			   READ_ONCE(sk->sk_sndbuf) + SZ_64K, INT_MAX);
	reason = RILL_CNT_drop_backlog;
	if (!sk_add_backlog(sk, skb, limit)) {
		bh_unlock_sock(sk);
		return;
	}
	bh_unlock_sock(sk);
drop:
	rill_drop(rnet, skb, reason);
}

/* Give @skb to the connection @entry; false if that one is ending. */
static bool rill_input_entry(struct rill_entry *entry, struct sk_buff *skb,
			     const struct rill_segment *seg)
{
	struct rill_timewait *tw;
	struct rill_request *req;
	struct sock *sk;
	bool taken;

	switch (entry->kind) {
	case RILL_KIND_SOCK:
		sk = (struct sock *)container_of(entry, struct rill_sock,
						 entry);
		if (!refcount_inc_not_zero(&sk->sk_refcnt))
			return false;
		rill_input_sock(sk, skb);
		sock_put(sk);
		return true;
	case RILL_KIND_REQUEST:
		req = container_of(entry, struct rill_request, entry);
		if (!refcount_inc_not_zero(&req->refs))
			return false;
		taken = rill_request_rcv(req, skb, seg);
		rill_request_put(req);
		return taken;
	default:
		tw = container_of(entry, struct rill_timewait, entry);
		if (!refcount_inc_not_zero(&tw->refs))
			return false;
		taken = rill_timewait_rcv(tw, skb, seg);
		rill_timewait_put(tw);
		return taken;
	}
}

/* May a connection bound to an interface take what came by another? */
static bool rill_input_dev_ok(const struct rill_entry *entry,
			      const struct sk_buff *skb)
{
	const struct rill_sock *rs;
	int dev;

	if (entry->kind != RILL_KIND_SOCK)
		return true;
	rs = container_of(entry, struct rill_sock, entry);
	dev = READ_ONCE(rs->inet.sk.sk_bound_dev_if);
	return !dev || dev == skb->skb_iif;
}

static void rill_input_deliver(struct rill_net *rnet, struct sk_buff *skb,
			       const struct rill_af_ops *af,
			       const struct rill_segment *seg)
{
	struct rill_entry *entry;
	struct rill_key key;
	struct sock *sk;
	int tries;

	af->key(skb, &key);
	if (trace_rill_segment_in_enabled())
		trace_rill_segment_in(&key, af->family, seg->flags, seg->seq,
				      seg->ack, seg->len, seg->wnd);

	/* Twice: one entry may take another's place under our hands. */
	for (tries = 0; tries < 2; tries++) {
		entry = rill_table_lookup(rnet, &key);
		if (!entry || entry->family != af->family ||
		    !rill_input_dev_ok(entry, skb))
			break;
		if (rill_input_entry(entry, skb, seg))
			return;
	}

	if (!xfrm_policy_check(NULL, XFRM_POLICY_IN, skb, af->family)) {
		rill_drop(rnet, skb, RILL_CNT_drop_filter);
		return;
	}
	nf_reset_ct(skb);
	sk = rill_port_listener(rnet, &key, af->family, skb->skb_iif);
	if (sk) {
		rill_listen_rcv(sk, skb, seg, &key, af->family, NULL);
		return;
	}
	/* RFC 9293, 3.10.7.1: CLOSED */
	rill_reply_reset(rnet, skb, seg, &key, af->family);
	rill_drop(rnet, skb, RILL_CNT_drop_no_socket);
}

/**
 * rill_rcv - a packet of our protocol from the IP layer
 * @skb: the packet, its data at our header; consumed
 * @af: IPv4 or IPv6
 *
 * Everything up to the checksum is checked here, so that what follows may
 * read the whole header; the objects check what depends on their state.
 *
 * Context: softirq, inside rcu_read_lock().
 * Return: 0.
 */
int rill_rcv(struct sk_buff *skb, const struct rill_af_ops *af)
{
	struct rill_net *rnet = rill_net(dev_net(skb->dev));
	int reason = RILL_CNT_drop_header;
	struct rill_segment seg;
	unsigned int hdr_len;

	/* Set before the grace period that precedes the end of the table. */
	if (READ_ONCE(rnet->dead)) {
		kfree_skb(skb);
		return 0;
	}
	rill_count(rnet, in_segs);
	if (skb->pkt_type != PACKET_HOST) {
		reason = RILL_CNT_drop_pkt_type;
		goto drop;
	}
	if (!pskb_may_pull(skb, sizeof(struct tcphdr)))
		goto drop;
	hdr_len = tcp_hdrlen(skb);
	if (hdr_len < sizeof(struct tcphdr) || !pskb_may_pull(skb, hdr_len))
		goto drop;
	if (af->csum_bad(skb)) {
		reason = RILL_CNT_drop_checksum;
		goto drop;
	}
	if (!af->unicast(skb)) {
		reason = RILL_CNT_drop_address;
		goto drop;
	}
	if (rill_segment_parse(skb, &seg))
		goto drop;

	rill_input_deliver(rnet, skb, af, &seg);
	return 0;

drop:
	rill_drop(rnet, skb, reason);
	return 0;
}

/**
 * rill_icmp - an ICMP error that quotes a segment of ours
 * @net: namespace
 * @af: IPv4 or IPv6
 * @key: the connection of the quoted segment
 * @seq: its sequence number
 * @err: errno that the message means, 0 if it tells an MTU only
 * @hard: the message says that the destination does not take us at all
 * @mtu: path MTU that it tells, 0 if none
 *
 * Context: softirq, inside rcu_read_lock().
 */
void rill_icmp(struct net *net, const struct rill_af_ops *af,
	       const struct rill_key *key, u32 seq, int err, bool hard,
	       u32 mtu)
{
	struct rill_net *rnet = rill_net(net);
	struct rill_entry *entry;
	struct sock *sk;

	if (READ_ONCE(rnet->dead))
		return;
	entry = rill_table_lookup(rnet, key);
	if (!entry || entry->family != af->family)
		return;
	/* Half-open and finished connections end by their own timers. */
	if (entry->kind != RILL_KIND_SOCK)
		return;
	sk = (struct sock *)container_of(entry, struct rill_sock, entry);
	if (!refcount_inc_not_zero(&sk->sk_refcnt))
		return;
	bh_lock_sock(sk);
	rill_sock_icmp(sk, seq, err, hard, mtu);
	bh_unlock_sock(sk);
	sock_put(sk);
}
