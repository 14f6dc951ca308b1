// SPDX-License-Identifier: GPL-2.0
/*
 * The way out of a socket: headers and checksums of its segments, the MTU of
 * its path, and redirects. Answers that no socket sends are in reply.c.
 */
#include <linux/skbuff.h>
#include <net/checksum.h>
#include <net/ip6_route.h>
#include <trace/events/rill.h>
#include "../compat.h"
#include "inside.h"

/* Room for the link layer, IPv6 with options, and our longest header. */
#define RILL_HEADROOM	(MAX_HEADER + sizeof(struct ipv6hdr) + 64 + RILL_HDR_MAX)

/**
 * rill_control_skb - a packet for a segment without data
 * @gfp: how to allocate
 *
 * Context: any that @gfp allows.
 * Return: the packet with room for all headers, or NULL.
 */
struct sk_buff *rill_control_skb(gfp_t gfp)
{
	struct sk_buff *skb = alloc_skb(RILL_HEADROOM, gfp);

	if (skb)
		skb_reserve(skb, RILL_HEADROOM);
	return skb;
}

/**
 * rill_checksum - fill in the checksum of a segment, or leave it to the way in
 * @skb: the segment, its data at our header
 * @af: IPv4 or IPv6
 * @key: its connection
 * @dev: the device that it will leave by, or NULL
 *
 * Loopback keeps a packet whole and inside this host, so its checksum may stay
 * undone. Other devices, even those that would do it, may hand the packet to
 * hardware that does not know our protocol.
 *
 * Context: any.
 */
void rill_checksum(struct sk_buff *skb, const struct rill_af_ops *af,
		   const struct rill_key *key, const struct net_device *dev)
{
	struct tcphdr *th = tcp_hdr(skb);
	__wsum sum;

	if (dev && (dev->flags & IFF_LOOPBACK)) {
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = offsetof(struct tcphdr, check);
		af->checksum(key, skb->len, 0, &th->check);
		th->check = ~th->check;
		return;
	}
	skb->ip_summed = CHECKSUM_NONE;
	sum = skb_checksum(skb, skb_transport_offset(skb), skb->len, 0);
	af->checksum(key, skb->len, sum, &th->check);
}

/*
 * The device of the route, or NULL. A route that is kept does not keep its
 * device, which may go at any time: inside rcu_read_lock().
 */
static const struct net_device *rill_xmit_dev(struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);

	return dst ? READ_ONCE(dst->dev) : NULL;
}

/**
 * rill_xmit - send a segment of a socket
 * @sk: the socket, addressed
 * @skb: its payload with room for headers; consumed
 * @seg: header to build in front of it; len is the payload's
 *
 * Context: BH disabled, or process.
 * Return: 0, -errno, or NET_XMIT_* of a device or its queue; the segment may be
 * lost in any case.
 */
int rill_xmit(struct sock *sk, struct sk_buff *skb,
	      const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);
	const struct inet_sock *inet = inet_sk(sk);
	const struct net_device *dev;

	sock_owned_by_me(sk);
	rill_segment_build(skb, seg, inet->inet_sport, inet->inet_dport);
	memset(&rill_cb(skb)->h4, 0, sizeof(rill_cb(skb)->h4));
	memset(&rill_cb(skb)->h6, 0, sizeof(rill_cb(skb)->h6));
	rcu_read_lock();
	dev = rill_xmit_dev(sk);
	/* The route must not turn from loopback to a device behind our back. */
	if (dev && (dev->flags & IFF_LOOPBACK))
		dev = rs->af->route(sk) ? NULL : rill_xmit_dev(sk);
	rill_checksum(skb, rs->af, &rs->entry.key, dev);
	rcu_read_unlock();
	skb_set_owner_w(skb, sk);
	skb->priority = READ_ONCE(sk->sk_priority);
	/* ACKs have confirmed the next hop: no neighbour probe is needed. */
	skb_set_dst_pending_confirm(skb, READ_ONCE(sk->sk_dst_pending_confirm));

	rs->tally.segs_out++;
	rill_count(rill_sk_net(sk), out_segs);
	if (trace_rill_segment_out_enabled())
		trace_rill_segment_out(&rs->entry.key, rs->entry.family,
				       seg->flags, seg->seq, seg->ack,
				       seg->len, seg->wnd);
	return rs->af->xmit(sk, skb, seg->ecn);
}

/**
 * rill_path_fragments - may routers fragment the packets of a connection?
 * @sk: the socket
 *
 * Return: true if they may, so that no packet is too long.
 */
bool rill_path_fragments(struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);

	sock_owned_by_me(sk);
	return rill_sk(sk)->af->family == AF_INET && dst &&
	       !ip_dont_fragment(sk, dst);
}

/* IP_MTU_DISCOVER, IPV6_MTU_DISCOVER: may ICMP change the MTU? */
static bool rill_path_listens(const struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (rill_sk(sk)->af->family == AF_INET6)
		return ip6_sk_accept_pmtu(sk);
#endif
	return ip_sk_accept_pmtu(sk);
}

/**
 * rill_path_mtu - ICMP reports the MTU of a connection's path
 * @sk: the socket
 * @mtu: bytes
 * @believed: rill_mss_believes(): it is neither too large nor too small
 *
 * Return: true if it was given to the route, which has limits of its own: a
 * locked MTU, and min_pmtu.
 */
bool rill_path_mtu(struct sock *sk, u32 mtu, bool believed)
{
	const struct rill_af_ops *af = rill_sk(sk)->af;
	struct dst_entry *dst;

	sock_owned_by_me(sk);
	if (af->route(sk))
		return false;
	dst = __sk_dst_get(sk);
	if (!dst)
		return false;
	/* An ICMP message for another packet has set it before. */
	if (dst_mtu(dst) == mtu)
		return rill_path_listens(sk);
	if (!rill_path_listens(sk) || !believed) {
		rill_count(rill_sk_net(sk), mtu_refused);
		return false;
	}
	dst->ops->update_pmtu(dst, sk, NULL, mtu, true);
	/* The route that the socket has may be obsolete now. */
	if (af->route(sk))
		return false;
	dst = __sk_dst_get(sk);
	if (dst && mtu < dst_mtu(dst) && !rill_path_fragments(sk))
		WRITE_ONCE(sk->sk_err_soft, EMSGSIZE);
	return true;
}

/**
 * rill_path_redirect - an ICMP Redirect names a better router
 * @sk: the socket
 * @skb: the message, its data at the IP header that it quotes
 *
 * Context: no program has the socket.
 */
void rill_path_redirect(struct sock *sk, struct sk_buff *skb)
{
	u32 cookie = 0;
	struct dst_entry *dst;

	sock_owned_by_me(sk);
#if IS_ENABLED(CONFIG_IPV6)
	if (rill_sk(sk)->af->family == AF_INET6)
		cookie = inet6_sk(sk)->dst_cookie;
#endif
	dst = __sk_dst_check(sk, cookie);
	if (dst)
		dst->ops->redirect(dst, sk, skb);
}

/**
 * rill_path_again - a retransmission timeout: the path may be broken
 * @sk: the socket
 *
 * Where equal paths are chosen by the flow (RFC 6438), another hash may lead by
 * another one. SO_TXREHASH and net.core.txrehash say whether to try that.
 */
void rill_path_again(struct sock *sk)
{
	sock_owned_by_me(sk);
	if (!rill_txhash_rethink(sk))
		return;
	rill_sk(sk)->tally.rehashes++;
	rill_count(rill_sk_net(sk), timeout_rehash);
}

/**
 * rill_path_arrived - data has come, by some path
 * @sk: the socket
 * @skb: its packet
 * @seg: its header
 *
 * A duplicate with another flow label was sent after a timeout: our ACKs do not
 * reach the peer, so they change their path too.
 */
void rill_path_arrived(struct sock *sk, const struct sk_buff *skb,
		       const struct rill_segment *seg)
{
	sock_owned_by_me(sk);
#if IS_ENABLED(CONFIG_IPV6)
	struct rill_sock *rs = rill_sk(sk);
	u32 window = max_t(u32, READ_ONCE(sk->sk_rcvbuf), U16_MAX);
	__be32 label;

	/* Within the window before rcv.nxt, which an attacker has to guess. */
	if (!seg->len || rs->af->family != AF_INET6 ||
	    !rill_between(seg->seq, rs->rcv.nxt - window, rs->rcv.nxt + window))
		return;
	label = ip6_flowlabel(ipv6_hdr(skb));
	if (label != rs->tally.rcv_label && rs->rec.state != RILL_LOSS &&
	    !rill_after(seg->end_seq, rs->rcv.nxt) && rill_txhash_rethink(sk))
		rill_count(rill_sk_net(sk), duplicate_rehash);
	rs->tally.rcv_label = label;
#endif
}
