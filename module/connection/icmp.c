// SPDX-License-Identifier: GPL-2.0
/*
 * An ICMP error for a full socket: a path MTU (RFC 1191, RFC 8201), and what the
 * program hears of the others (RFC 5927; RFC 1122, 4.2.3.9).
 */
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/icmp.h>
#include "../compat.h"
#include "../network/network.h"
#include "../transfer/transfer.h"
#include "inside.h"

/*
 * Is the oldest segment longer than the MSS? A message for another connection
 * may have lowered the MTU of the route, and so the MSS, before this one.
 */
static bool rill_sock_too_long(const struct sock *sk)
{
	const struct sk_buff *head = rill_rtx_head(sk);

	return head && head->len > rill_sk(sk)->path.mss &&
	       !(rill_cb(head)->sacked & RILL_SKB_SACKED);
}

/**
 * rill_sock_mtu - ICMP reports the path MTU of a connection
 * @sk: the socket
 * @mtu: bytes
 *
 * Segments that were too long are retransmitted at once. Without DF the routers
 * fragmented them, and nothing was lost.
 */
void rill_sock_mtu(struct sock *sk, u32 mtu)
{
	struct rill_sock *rs = rill_sk(sk);
	u16 before = rs->path.mss;

	sock_owned_by_me(sk);
	if ((1 << sk->sk_state) & (TCPF_LISTEN | TCPF_CLOSE))
		return;
	if (!rill_path_mtu(sk, mtu, rill_mss_believes(sk, mtu)))
		return;
	rill_mss_sync(sk);
	if (rs->af->family == AF_INET &&
	    READ_ONCE(inet_sk(sk)->pmtudisc) == IP_PMTUDISC_DONT)
		return;
	if (rill_plpmtud_icmp(sk) || rs->path.mss < before ||
	    rill_sock_too_long(sk))
		rill_recovery_mtu(sk);
}

/* Is the extension at @off of a message as RFC 4884, section 7, describes it? */
static bool rill_icmp_extension_sound(const struct sk_buff *skb, unsigned int off)
{
	const struct icmp_extobj_hdr *object;
	const struct icmp_ext_hdr *ext;
	struct icmp_extobj_hdr object_copy;
	struct icmp_ext_hdr ext_copy;
	unsigned int len;

	ext = skb_header_pointer(skb, off, sizeof(ext_copy), &ext_copy);
	if (!ext)
		return false;
	/* Only of version 2 is the rest known. */
	if (ext->version != 2)
		return true;
	if (ext->checksum &&
	    csum_fold(skb_checksum(skb, off, skb->len - off, 0)))
		return false;

	for (off += sizeof(*ext); off < skb->len; off += len) {
		object = skb_header_pointer(skb, off, sizeof(object_copy),
					    &object_copy);
		if (!object)
			return false;
		len = ntohs(object->length);
		if (len < sizeof(*object) || len > skb->len - off)
			return false;
	}
	return true;
}

/*
 * Where the extension of a message begins, in what a program reads of it, as
 * TCP's and UDP's sockets tell it. The sender says how long the datagram is that
 * it quotes, @quoted; RFC 4884, section 4: at least 128 bytes.
 */
static void rill_icmp_extension(const struct sk_buff *skb,
				unsigned int icmp_len, unsigned int quoted,
				struct sock_ee_data_rfc4884 *out)
{
	/* The headers of the quoted datagram, which are pulled already. */
	unsigned int headers = -skb_transport_offset(skb) - icmp_len;
	unsigned int off = quoted - headers;

	if (quoted < 128 || quoted < headers ||
	    off + sizeof(struct icmp_ext_hdr) > skb->len)
		return;
	out->len = off;
	if (!rill_icmp_extension_sound(skb, off))
		out->flags |= SO_EE_RFC4884_FLAG_INVALID;
}

/* What RFC 4884 adds to a message, for a program that asked for it. */
static void rill_sock_icmp_extra(struct sock *sk, struct sk_buff *skb,
				 struct sock_ee_data_rfc4884 *out)
{
	u8 family = rill_sk(sk)->af->family;

	memset(out, 0, sizeof(*out));
	if (!rill_recverr_rfc4884(sk, family))
		return;
	/* RFC 4884, 4: ICMPv6 has the field in these two alone. */
	if (family == AF_INET6 &&
	    icmp6_hdr(skb)->icmp6_type != ICMPV6_DEST_UNREACH &&
	    icmp6_hdr(skb)->icmp6_type != ICMPV6_TIME_EXCEED)
		return;
	if (family == AF_INET6)
		rill_icmp_extension(skb, sizeof(struct icmp6hdr),
				    icmp6_hdr(skb)->icmp6_datagram_len * 8,
				    out);
	else
		rill_icmp_extension(skb, sizeof(struct icmphdr),
				    icmp_hdr(skb)->un.reserved[1] * 4, out);
}

/*
 * Put a copy of the message into the error queue, with its sender. Not every
 * kernel exports its own functions for that.
 */
static void rill_sock_icmp_queue(struct sock *sk,
				 const struct rill_icmp_error *e)
{
	bool v6 = rill_sk(sk)->af->family == AF_INET6;
	unsigned int quoted = e->skb->data - skb_network_header(e->skb);
	struct sock_exterr_skb *serr;
	struct sk_buff *skb;

	skb = skb_clone(e->skb, GFP_ATOMIC);
	if (!skb)
		return;
	serr = SKB_EXT_ERR(skb);
	serr->ee.ee_errno = e->err;
	serr->ee.ee_origin = v6 ? SO_EE_ORIGIN_ICMP6 : SO_EE_ORIGIN_ICMP;
	serr->ee.ee_type = v6 ? icmp6_hdr(skb)->icmp6_type :
				icmp_hdr(skb)->type;
	serr->ee.ee_code = v6 ? icmp6_hdr(skb)->icmp6_code :
				icmp_hdr(skb)->code;
	serr->ee.ee_pad = 0;
	serr->ee.ee_info = e->info;
	serr->addr_offset = quoted + (v6 ? offsetof(struct ipv6hdr, daddr) :
					   offsetof(struct iphdr, daddr));
	serr->port = e->th->dest;
	__skb_pull(skb, (const u8 *)e->th - skb->data);
	rill_sock_icmp_extra(sk, skb, &serr->ee.ee_rfc4884);
	skb_reset_transport_header(skb);
	if (sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}

/* Before ESTABLISHED any error ends the connection, as with TCP. */
static void rill_sock_icmp_opening(struct sock *sk,
				   const struct rill_icmp_error *e)
{
	/* As TCP, which leaves it to IPv4 programs that did not ask, too. */
	if (rill_sk(sk)->af->family == AF_INET || rill_recverr(sk, AF_INET6))
		rill_sock_icmp_queue(sk, e);
	if (sock_owned_by_user(sk))
		WRITE_ONCE(sk->sk_err_soft, e->err);
	else
		rill_sock_fail(sk, e->err);
}

/**
 * rill_sock_icmp - an ICMP error for a full socket (RFC 5927, RFC 1122 4.2.3.9)
 * @sk: the socket
 * @e: what it says
 *
 * Context: softirq, spinlock of the socket lock; a process may have the socket.
 */
void rill_sock_icmp(struct sock *sk, const struct rill_icmp_error *e)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if ((1 << sk->sk_state) & (TCPF_LISTEN | TCPF_CLOSE))
		return;
	/* RFC 5927, 4.1: an attacker does not know what is in flight. */
	if (!rill_between(e->seq, rs->snd.una, rs->snd.nxt)) {
		rill_count(rill_sk_net(sk), icmp_refused);
		return;
	}
	rill_count(rill_sk_net(sk), icmp_errors);
	if (e->redirect) {
		if (!sock_owned_by_user(sk))
			rill_path_redirect(sk, e->skb);
		return;
	}
	if (e->mtu) {
		if (!sock_owned_by_user(sk)) {
			rill_sock_mtu(sk, e->mtu);
			return;
		}
		WRITE_ONCE(rs->mtu_info, e->mtu);
		set_bit(RILL_DEFER_MTU, &rs->deferred);
		return;
	}
	if (!e->err)
		return;
	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		rill_sock_icmp_opening(sk, e);
		return;
	}
	/* With IP_RECVERR each error is reported; the connection goes on. */
	if (!sock_owned_by_user(sk) && rill_recverr(sk, rs->af->family)) {
		WRITE_ONCE(sk->sk_err, e->err);
		sk_error_report(sk);
		return;
	}
	/* A soft error: reported when the connection times out. */
	WRITE_ONCE(sk->sk_err_soft, e->err);
}
