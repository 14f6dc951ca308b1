// SPDX-License-Identifier: GPL-2.0
/*
 * Answers that no full socket sends: of half-open and of finished connections,
 * and resets. How each is addressed stands here and nowhere else: a peer, a
 * router and a firewall are to see one connection from its SYN-ACK to the last
 * ACK of TIME_WAIT.
 */
#include <linux/skbuff.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <trace/events/rill.h>
#include "../compat.h"
#include "inside.h"

/*
 * Answers are sent as not-ECT: no sender reduces its window for a mark on them
 * (RFC 3168, 6.1.4).
 */
static u8 rill_reply_dsfield(const struct sk_buff *skb, u8 family)
{
	return rill_dsfield(skb, family) & ~INET_ECN_MASK;
}

/* net.ipv4.fwmark_reflect, and the same of IPv6. */
static u32 rill_reply_mark(const struct rill_net *rnet, u8 family,
			   const struct sk_buff *skb)
{
	if (family == AF_INET)
		return IP4_REPLY_MARK(rnet->net, skb->mark);
	return IP6_REPLY_MARK(rnet->net, skb->mark);
}

/* IPV6_FL_F_REFLECT of the listener: the flow label of the segment. */
static __be32 rill_reply_label(const struct sock *sk, u8 family,
			       const struct sk_buff *skb)
{
	if (family != AF_INET6 || !rill_ipv6_reflects_flow(sk))
		return 0;
	return ip6_flowlabel(ipv6_hdr(skb));
}

/*
 * The interface that an answer leaves by; @dev is that which the connection or
 * the socket is bound to. Without one the route decides, except for a segment
 * that came by a VRF, and for a link-local address, which means one link only.
 */
static int rill_reply_dev(const struct rill_net *rnet,
			  const struct rill_key *key, u8 family, int dev,
			  const struct sk_buff *skb)
{
	if (dev)
		return dev;
	if (family == AF_INET6 && rt6_need_strict(&key->raddr))
		return IP6CB(skb)->iif;
	return netif_index_is_l3_master(rnet->net, skb->skb_iif) ?
	       skb->skb_iif : 0;
}

/**
 * rill_reply_tclass - TOS or traffic class of what a socket sends
 * @sk: the socket
 * @family: of the packets, AF_INET or AF_INET6
 *
 * Context: any.
 * Return: TOS or traffic class, without the ECN field.
 */
u8 rill_reply_tclass(const struct sock *sk, u8 family)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (family == AF_INET6)
		return READ_ONCE(inet6_sk(sk)->tclass) & ~INET_ECN_MASK;
#endif
	return READ_ONCE(inet_sk(sk)->tos) & ~INET_ECN_MASK;
}

/**
 * rill_reply_synack - how a SYN-ACK is addressed: as the listener's packet
 * @req: the half-open connection; need not be in the table
 * @ecn: INET_ECN_* that it carries
 *
 * Context: any.
 * Return: the addressing, valid as long as @req and its listener.
 */
struct rill_reply rill_reply_synack(const struct rill_request *req, u8 ecn)
{
	const struct sock *sk = req->listener;
	u8 family = req->entry.family;

	return (struct rill_reply){
		.rnet = rill_sk_net(sk),
		.key = &req->entry.key,
		.req = req,
		.sk = sk,
		.family = family,
		.tclass = rill_reply_tclass(sk, family) | ecn,
		.flow_flags = inet_sk_flowi_flags(sk),
		/*
		 * A cookie's request is nobody's: in a flood all processors
		 * would write to the listener's count of references.
		 */
		.owned = refcount_read(&req->refs),
		.oif = req->dev,
		.mark = req->mark,
		.priority = READ_ONCE(sk->sk_priority),
		.flow_label = req->flow_label,
		.txhash = READ_ONCE(req->txhash),
	};
}

/**
 * rill_reply_sock - how a reset is addressed that a socket is the reason for
 * @sk: a listener, or a full socket that is no party to the connection
 * @key: the connection, as seen from here
 * @family: AF_INET or AF_INET6
 * @skb: the segment that is answered
 *
 * TTL and TOS of the socket are not used, but its mark, interface and flow
 * label are: they take the answer to where @skb came from.
 *
 * Context: any.
 * Return: the addressing, valid as long as the arguments.
 */
struct rill_reply rill_reply_sock(const struct sock *sk,
				  const struct rill_key *key, u8 family,
				  const struct sk_buff *skb)
{
	struct rill_net *rnet = rill_sk_net(sk);

	return (struct rill_reply){
		.rnet = rnet,
		.key = key,
		.sk = sk,
		.skb = skb,
		.family = family,
		.tclass = rill_reply_dsfield(skb, family),
		.flow_flags = inet_sk_flowi_flags(sk),
		.owned = rill_answer_is_owned(),
		.oif = rill_reply_dev(rnet, key, family,
				      READ_ONCE(sk->sk_bound_dev_if), skb),
		.mark = rill_reply_mark(rnet, family, skb) ?:
			READ_ONCE(sk->sk_mark),
		.priority = READ_ONCE(sk->sk_priority),
		.flow_label = rill_reply_label(sk, family, skb),
		.txhash = READ_ONCE(sk->sk_txhash),
	};
}

/**
 * rill_reply_request - how an ACK or a reset of a half-open connection is
 *	addressed
 * @req: the half-open connection
 * @skb: the segment that is answered
 *
 * Context: any.
 * Return: the addressing, valid as long as the arguments.
 */
struct rill_reply rill_reply_request(const struct rill_request *req,
				     const struct sk_buff *skb)
{
	struct rill_reply to = rill_reply_sock(req->listener, &req->entry.key,
					       req->entry.family, skb);

	/* Of a link or a VRF, where the listener is of none. */
	if (req->dev)
		to.oif = req->dev;
	to.txhash = READ_ONCE(req->txhash);
	return to;
}

/**
 * rill_reply_timewait - how an answer of a finished connection is addressed
 * @tw: the finished connection
 * @skb: the segment that is answered
 *
 * Context: any.
 * Return: the addressing, valid as long as the arguments.
 */
struct rill_reply rill_reply_timewait(const struct rill_timewait *tw,
				      const struct sk_buff *skb)
{
	u8 family = tw->entry.family;

	return (struct rill_reply){
		.rnet = tw->rnet,
		.key = &tw->entry.key,
		.skb = skb,
		.family = family,
		.tclass = tw->tclass,
		.flow_flags = tw->flow_flags,
		.oif = rill_reply_dev(tw->rnet, &tw->entry.key, family,
				      tw->dev, skb),
		.mark = rill_reply_mark(tw->rnet, family, skb) ?: tw->mark,
		.priority = tw->priority,
		.flow_label = tw->flow_label,
		.txhash = tw->txhash,
	};
}

/**
 * rill_reply_stray - how the answer to a segment of no connection is addressed
 * @rnet: namespace
 * @key: its connection, as seen from here
 * @family: AF_INET or AF_INET6
 * @skb: the segment
 *
 * Context: any.
 * Return: the addressing, valid as long as the arguments.
 */
struct rill_reply rill_reply_stray(struct rill_net *rnet,
				   const struct rill_key *key, u8 family,
				   const struct sk_buff *skb)
{
	struct rill_reply to = {
		.rnet = rnet,
		.key = key,
		.skb = skb,
		.family = family,
		.tclass = rill_reply_dsfield(skb, family),
		.oif = rill_reply_dev(rnet, key, family, 0, skb),
		.mark = rill_reply_mark(rnet, family, skb),
	};

#if IS_ENABLED(CONFIG_IPV6)
	if (family == AF_INET6 &&
	    READ_ONCE(rnet->net->ipv6.sysctl.flowlabel_reflect) &
	    FLOWLABEL_REFLECT_TCP_RESET)
		to.flow_label = ip6_flowlabel(ipv6_hdr(skb));
#endif
	return to;
}

/* Set skb->sk, unless the socket is being freed. */
static void rill_reply_own(const struct rill_reply *to, struct sk_buff *skb)
{
	if (to->owned && !skb_set_owner_sk_safe(skb, (struct sock *)to->sk))
		skb->sk = NULL;
}

/**
 * rill_reply_send - send a segment that no full socket sends
 * @to: where it goes
 * @seg: header; it carries no data
 *
 * Context: softirq or process; inside
 * rcu_read_lock() if the socket in @to is not referenced.
 * Return: 0 or -errno.
 */
int rill_reply_send(const struct rill_reply *to,
		    const struct rill_segment *seg)
{
	const struct rill_af_ops *af = rill_af(to->family);
	struct sk_buff *skb;
	int err;

	skb = rill_control_skb(GFP_ATOMIC);
	if (!skb) {
		rill_count(to->rnet, drop_nomem);
		return -ENOMEM;
	}
	rill_segment_build(skb, seg, to->key->lport, to->key->rport);
	rill_checksum(skb, af, to->key, NULL);
	skb->mark = to->mark;
	skb->priority = to->priority;
	rill_reply_own(to, skb);
	/* IPv6 makes the flow label of it, so that it is that of the data. */
	if (to->txhash)
		skb_set_hash(skb, to->txhash, PKT_HASH_TYPE_L4);
	rill_count(to->rnet, out_segs);
	if (trace_rill_segment_out_enabled())
		trace_rill_segment_out(to->key, to->family, seg->flags,
				       seg->seq, seg->ack, 0, seg->wnd);
	err = af->reply(to, skb);
	if (err)
		rill_count(to->rnet, drop_route);
	return err;
}

/**
 * rill_reply_reset - answer a segment with a reset (RFC 9293, 3.10.7.1)
 * @to: where it goes
 * @seg: header of the segment that came
 *
 * Nothing is sent in answer to a reset.
 *
 * Context: as rill_reply_send().
 */
void rill_reply_reset(const struct rill_reply *to,
		      const struct rill_segment *seg)
{
	struct rill_segment rst = { .flags = RILL_RST };
	struct rill_reply back = *to;

	if (seg->flags & RILL_RST)
		return;
	if (seg->flags & RILL_ACK) {
		rst.seq = seg->ack;
	} else {
		rst.flags |= RILL_ACK;
		rst.ack = seg->end_seq;
	}
	rst.end_seq = rst.seq;
	rill_count(to->rnet, out_rsts);
	/* The DS field of the segment, not the connection's. */
	back.tclass = rill_reply_dsfield(to->skb, to->family);
	rill_reply_send(&back, &rst);
}
