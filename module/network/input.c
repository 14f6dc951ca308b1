// SPDX-License-Identifier: GPL-2.0
/*
 * The way in: one path for IPv4 and IPv6 from the IP layer to the object that
 * a segment belongs to.
 */
#include <linux/filter.h>
#include <linux/skbuff.h>
#include <net/dsfield.h>
#include <net/xfrm.h>
#include <trace/events/rill.h>
#include "../compat.h"
#include "inside.h"

/**
 * rill_drop - drop a received segment: count, trace, free
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

/**
 * rill_min_ttl - how many hops a packet must have left (RFC 5082)
 * @sk: the socket that it is for, or its listener
 * @family: of the packet, AF_INET or AF_INET6
 *
 * Context: any.
 * Return: IP_MINTTL or IPV6_MINHOPCOUNT; 0: the program has not asked.
 */
u8 rill_min_ttl(const struct sock *sk, u8 family)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (family == AF_INET6)
		return READ_ONCE(inet6_sk(sk)->min_hopcount);
#endif
	return READ_ONCE(inet_sk(sk)->min_ttl);
}

/**
 * rill_ttl_low - has a packet passed more routers than it may have?
 * @skb: the packet
 * @family: of it, AF_INET or AF_INET6
 * @least: from rill_min_ttl()
 *
 * Context: any.
 * Return: true if it does.
 */
bool rill_ttl_low(const struct sk_buff *skb, u8 family, u8 least)
{
	u8 ttl = family == AF_INET ? ip_hdr(skb)->ttl :
				     ipv6_hdr(skb)->hop_limit;

	return ttl < least;
}

/**
 * rill_filter - run the socket filter (SO_ATTACH_FILTER) on a segment
 * @sk: the socket; need not be locked
 * @skb: the segment, not consumed; less of its payload may be left
 * @seg: its header
 * @cut: room for the header of a segment that is cut
 *
 * The filter may cut the payload; the header is kept in any case.
 *
 * Context: softirq.
 * Return: the header, @seg or @cut; NULL if the filter drops the segment.
 */
const struct rill_segment *rill_filter(struct sock *sk, struct sk_buff *skb,
				       const struct rill_segment *seg,
				       struct rill_segment *cut)
{
	u32 len = skb->len;

	if (rill_filter_run(sk, skb, seg->hdr_len))
		return NULL;
	if (likely(skb->len == len))
		return seg;
	*cut = *seg;
	cut->len -= len - skb->len;
	cut->end_seq -= len - skb->len;
	return cut;
}

/* Who takes what comes in; set once, before IP gives us packets. */
static const struct rill_entry_ops *rill_input_entries;
static rill_listener_rcv_fn rill_input_listener;

/**
 * rill_input_start - name those who take what comes in
 * @entries: operations of the entries in the table, by enum rill_kind
 * @listener: takes a segment for a listener
 *
 * Context: process; before packets are taken from IP.
 */
void rill_input_start(const struct rill_entry_ops *entries,
		      rill_listener_rcv_fn listener)
{
	rill_input_entries = entries;
	rill_input_listener = listener;
}

static const struct rill_entry_ops *rill_input_ops(const struct rill_entry *e)
{
	return &rill_input_entries[e->kind];
}

/* Give @skb to the connection @entry; false if that one is ending. */
static bool rill_input_entry(struct rill_entry *entry, struct sk_buff *skb,
			     const struct rill_segment *seg)
{
	const struct rill_entry_ops *ops = rill_input_ops(entry);
	bool taken;

	if (!ops->get(entry))
		return false;
	taken = ops->rcv(entry, skb, seg);
	ops->put(entry);
	return taken;
}

/* The connection of @key with @dev, if that may have what came by @in. */
static struct rill_entry *rill_input_lookup_dev(struct rill_net *rnet,
						struct rill_key *key, int dev,
						const struct rill_ingress *in)
{
	const struct rill_entry_ops *ops;
	struct rill_entry *entry;

	key->dev = dev;
	entry = rill_table_lookup(rnet, key);
	ops = entry ? rill_input_ops(entry) : NULL;
	if (!entry || !ops->dev)
		return entry;
	return inet_sk_bound_dev_eq(rnet->net, ops->dev(entry), in->dif,
				    in->sdif) ? entry : NULL;
}

/*
 * The connection that a segment belongs to: one that is bound to an interface
 * that the segment came by, or one that is not bound, unless the segment came
 * by a VRF and net.ipv4.tcp_l3mdev_accept is 0. This separates VRFs, and links
 * with the same addresses, with three lookups at most, and with one where no
 * connection is bound. @key->dev is then the connection's, or 0.
 */
static struct rill_entry *rill_input_lookup(struct rill_net *rnet,
					    struct rill_key *key,
					    const struct rill_ingress *in)
{
	struct rill_entry *entry = NULL;

	if (atomic_read(&rnet->bound)) {
		entry = rill_input_lookup_dev(rnet, key, in->dif, in);
		if (!entry && in->sdif)
			entry = rill_input_lookup_dev(rnet, key, in->sdif, in);
	}
	if (!entry && inet_sk_bound_dev_eq(rnet->net, 0, in->dif, in->sdif))
		entry = rill_input_lookup_dev(rnet, key, 0, in);
	if (!entry)
		key->dev = 0;
	return entry;
}

static void rill_input_deliver(struct rill_net *rnet, struct sk_buff *skb,
			       const struct rill_af_ops *af,
			       const struct rill_segment *seg)
{
	struct rill_ingress in;
	struct rill_entry *entry;
	struct rill_reply to;
	struct rill_key key;
	unsigned int seq;
	struct sock *sk;
	int tries;

	af->key(skb, &key);
	af->ingress(skb, &in);
	if (trace_rill_segment_in_enabled())
		trace_rill_segment_in(&key, af->family, seg->flags, seg->seq,
				      seg->ack, seg->len, seg->wnd);

	/* Twice: one entry may take another's place under our hands. */
	for (tries = 0; tries < 2; tries++) {
		do {
			seq = read_seqbegin(&rnet->rekeyed);
			entry = rill_input_lookup(rnet, &key, &in);
		} while (!entry && read_seqretry(&rnet->rekeyed, seq));
		if (!entry || entry->family != af->family)
			break;
		if (rill_input_entry(entry, skb, seg))
			return;
	}

	sk = rill_listener_lookup(rnet, skb, seg->hdr_len, &key, af->family,
				  &in);
	/* The socket's own IPsec policy comes first, if it has one. */
	if (!xfrm_policy_check(sk, XFRM_POLICY_IN, skb, af->family)) {
		rill_drop(rnet, skb, RILL_CNT_drop_filter);
		return;
	}
	nf_reset_ct(skb);
	if (sk) {
		rill_input_listener(sk, skb, seg, &key, af->family);
		return;
	}
	/* RFC 9293, 3.10.7.1: CLOSED */
	to = rill_reply_stray(rnet, &key, af->family, skb);
	rill_reply_reset(&to, seg);
	rill_drop(rnet, skb, RILL_CNT_drop_no_socket);
}

/**
 * rill_rcv - a packet of our protocol from the IP layer
 * @skb: the packet, its data at our header; consumed
 * @af: IPv4 or IPv6
 *
 * Checks all that depends on no state: length, checksum, addresses, header. The
 * objects check the rest.
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
 * rill_icmp_far - does an error come from farther away than the peer may be?
 * @sk: the socket that it is for, or its listener
 * @family: AF_INET or AF_INET6
 * @e: the error, which is nobody's then, and counted
 *
 * Context: any.
 * Return: true if it does.
 */
bool rill_icmp_far(const struct sock *sk, u8 family,
		   const struct rill_icmp_error *e)
{
	if (e->ttl >= rill_min_ttl(sk, family))
		return false;
	rill_count(rill_sk_net(sk), drop_min_ttl);
	return true;
}

/**
 * rill_icmp - an ICMP error that quotes a segment of ours
 * @af: IPv4 or IPv6
 * @e: what it says
 *
 * Context: softirq, inside rcu_read_lock().
 */
void rill_icmp(const struct rill_af_ops *af, struct rill_icmp_error *e)
{
	struct rill_net *rnet = rill_net(dev_net(e->skb->dev));
	const struct rill_entry_ops *ops;
	struct rill_ingress in;
	struct rill_entry *entry;

	if (READ_ONCE(rnet->dead))
		return;
	af->ingress(e->skb, &in);
	entry = rill_input_lookup(rnet, &e->key, &in);
	if (!entry || entry->family != af->family)
		return;
	ops = rill_input_ops(entry);
	if (!ops->icmp || !ops->get(entry))
		return;
	ops->icmp(entry, e);
	ops->put(entry);
}
