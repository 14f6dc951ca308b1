// SPDX-License-Identifier: GPL-2.0
/*
 * The way in: one path for IPv4 and IPv6 from the IP layer to the object that
 * a segment belongs to.
 */
#include <linux/filter.h>
#include <linux/skbuff.h>
#include <net/xfrm.h>
#include <trace/events/rill.h>
#include "../compat.h"
#include "inside.h"

/* The kernel's names of our reasons. */
static const enum skb_drop_reason rill_drop_reasons[RILL_CNT_MAX] = {
#define X(name, meaning, reason)					\
	[RILL_CNT_##name] = SKB_DROP_REASON_##reason,
	RILL_DROPS(X)
#undef X
};

/* The segment is lost: count, trace, free. */
static void rill_packet_drop(struct rill_packet *p, int reason)
{
	struct sk_buff *skb = p->skb;
	struct rill_key key = {};

	rill_count_drop(p->rnet, reason);
	if (trace_rill_drop_enabled()) {
		if (skb_transport_header_was_set(skb) &&
		    skb_transport_header(skb) + sizeof(struct tcphdr) <=
		    skb_tail_pointer(skb))
			p->af->key(skb, &key);
		trace_rill_drop(&key, p->af->family, reason);
	}
	kfree_skb_reason(skb, rill_drop_reasons[reason]);
}

/**
 * rill_packet_finish - carry out what became of a packet
 * @p: the packet, which has its network header
 * @verdict: anything but RILL_AGAIN; with RILL_RESET, what @p->to refers to is
 *	still there
 *
 * Context: any; as rill_reply_send() for a reset.
 */
void rill_packet_finish(struct rill_packet *p, enum rill_verdict verdict)
{
	if (verdict == RILL_KEPT)
		return;
	if (WARN_ON_ONCE(verdict == RILL_AGAIN))
		verdict = RILL_drop_state;
	if (verdict == RILL_DONE) {
		consume_skb(p->skb);
		return;
	}
	if (verdict & RILL_RESET)
		rill_reply_reset(&p->to, &p->seg);
	rill_packet_drop(p, verdict & ~RILL_RESET);
}

/**
 * rill_packet_refuse - a segment is to be dropped, and answered by a reset
 * @p: the packet
 * @to: how the reset is addressed; its key need not stay
 * @reason: why, RILL_drop_*
 *
 * Context: any.
 * Return: the verdict.
 */
enum rill_verdict rill_packet_refuse(struct rill_packet *p,
				     const struct rill_reply *to,
				     enum rill_verdict reason)
{
	p->key = *to->key;
	p->to = *to;
	p->to.key = &p->key;
	return reason | RILL_RESET;
}

/**
 * rill_filter - run the socket filter (SO_ATTACH_FILTER) on a segment
 * @sk: the socket; need not be locked
 * @p: the packet, of whose payload less may be left
 *
 * The filter may cut the payload; the header is kept in any case.
 *
 * Context: softirq.
 * Return: false if the filter drops the segment.
 */
bool rill_filter(struct sock *sk, struct rill_packet *p)
{
	u32 len = p->skb->len;
	u32 cut;

	if (rill_filter_run(sk, p->skb, p->seg.hdr_len))
		return false;
	cut = len - p->skb->len;
	p->seg.len -= cut;
	p->seg.end_seq -= cut;
	return true;
}

/* Who takes what comes in; set once, before IP gives us packets. */
static const struct rill_entry_ops *rill_input_entries __ro_after_init;
static rill_listener_rcv_fn rill_input_listener __ro_after_init;

/**
 * rill_input_start - name those who take what comes in
 * @entries: operations of the entries in the table, by enum rill_kind
 * @listener: takes a segment for a listener
 *
 * Context: the module is loaded; before packets are taken from IP.
 */
void __init rill_input_start(const struct rill_entry_ops *entries,
			     rill_listener_rcv_fn listener)
{
	rill_input_entries = entries;
	rill_input_listener = listener;
}

static const struct rill_entry_ops *rill_input_ops(const struct rill_entry *e)
{
	return &rill_input_entries[e->kind];
}

/* Give @p to the connection @entry; false if that one is ending. */
static bool rill_input_entry(struct rill_entry *entry, struct rill_packet *p)
{
	const struct rill_entry_ops *ops = rill_input_ops(entry);
	enum rill_verdict verdict;

	if (!ops->get(entry))
		return false;
	verdict = ops->rcv(entry, p);
	if (verdict != RILL_AGAIN)
		rill_packet_finish(p, verdict);
	ops->put(entry);
	return verdict != RILL_AGAIN;
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

/* A segment of no connection: a listener's, or nobody's. */
static enum rill_verdict rill_input_stray(struct rill_packet *p,
					  const struct rill_ingress *in)
{
	u8 family = p->af->family;
	struct rill_reply to;
	struct sock *sk;

	sk = rill_listener_lookup(p->rnet, p->skb, p->seg.hdr_len, &p->key,
				  family, in);
	/* The socket's own IPsec policy comes first, if it has one. */
	if (!xfrm_policy_check(sk, XFRM_POLICY_IN, p->skb, family))
		return RILL_drop_filter;
	nf_reset_ct(p->skb);
	if (sk)
		return rill_input_listener(sk, p);
	/* RFC 9293, 3.10.7.1: CLOSED */
	to = rill_reply_stray(p->rnet, &p->key, family, p->skb);
	return rill_packet_refuse(p, &to, RILL_drop_no_socket);
}

static void rill_input_deliver(struct rill_packet *p)
{
	const struct rill_segment *seg = &p->seg;
	struct rill_net *rnet = p->rnet;
	struct rill_entry *entry;
	struct rill_ingress in;
	unsigned int seq;
	int tries;

	p->af->key(p->skb, &p->key);
	p->af->ingress(p->skb, &in);
	if (trace_rill_segment_in_enabled())
		trace_rill_segment_in(&p->key, p->af->family, seg->flags,
				      seg->seq, seg->ack, seg->len, seg->wnd);

	/* Twice: one entry may take another's place under our hands. */
	for (tries = 0; tries < 2; tries++) {
		do {
			seq = read_seqbegin(&rnet->rekeyed);
			entry = rill_input_lookup(rnet, &p->key, &in);
		} while (!entry && read_seqretry(&rnet->rekeyed, seq));
		if (!entry || entry->family != p->af->family)
			break;
		if (rill_input_entry(entry, p))
			return;
	}
	rill_packet_finish(p, rill_input_stray(p, &in));
}

/* All that depends on no state: length, checksum, addresses, header. */
static enum rill_verdict rill_input_check(struct rill_packet *p)
{
	struct sk_buff *skb = p->skb;
	unsigned int hdr_len;

	if (skb->pkt_type != PACKET_HOST)
		return RILL_drop_pkt_type;
	if (!pskb_may_pull(skb, sizeof(struct tcphdr)))
		return RILL_drop_header;
	hdr_len = tcp_hdrlen(skb);
	if (hdr_len < sizeof(struct tcphdr) || !pskb_may_pull(skb, hdr_len))
		return RILL_drop_header;
	if (p->af->csum_bad(skb))
		return RILL_drop_checksum;
	if (!p->af->unicast(skb))
		return RILL_drop_address;
	return rill_segment_parse(skb, &p->seg);
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
	struct rill_packet p;
	enum rill_verdict bad;

	p.skb = skb;
	p.rnet = rill_net(dev_net(skb->dev));
	p.af = af;
	/* Set before the grace period that precedes the end of the table. */
	if (READ_ONCE(p.rnet->dead)) {
		kfree_skb(skb);
		return 0;
	}
	rill_count(p.rnet, in_segs);
	bad = rill_input_check(&p);
	if (bad)
		rill_packet_finish(&p, bad);
	else
		rill_input_deliver(&p);
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
 * @e: what it says; the ports and the sequence number are filled in from @e->th
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
	e->key.lport = e->th->source;
	e->key.rport = e->th->dest;
	e->seq = ntohl(e->th->seq);
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
