// SPDX-License-Identifier: GPL-2.0
/* How much payload fits into a segment (RFC 9293, 3.7.1; RFC 6691). */
#include <net/dst.h>
#include "../network/network.h"
#include "inside.h"

/* IPv4 options and IPv6 extension headers that the program asked for, bytes. */
static u32 rill_mss_extensions(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	const struct ip_options_rcu *opt;
	u32 len = 0;

	rcu_read_lock();
	if (rs->af->family == AF_INET) {
		opt = rcu_dereference(inet_sk(sk)->inet_opt);
		len = opt ? opt->opt.optlen : 0;
	}
#if IS_ENABLED(CONFIG_IPV6)
	if (rs->af->family == AF_INET6 && inet6_sk(sk)) {
		const struct ipv6_txoptions *o6;

		o6 = rcu_dereference(inet6_sk(sk)->opt);
		len = o6 ? o6->opt_flen + o6->opt_nflen : 0;
	}
#endif
	rcu_read_unlock();
	return len;
}

/**
 * rill_mss_of_mtu - the payload of a segment in a packet
 * @sk: the socket
 * @mtu: the packet with all headers, bytes
 *
 * RFC 6691, 3: the MSS of the peer counts no options; ours are subtracted here.
 * min_snd_mss is the least: each segment costs as much, whatever it carries.
 *
 * Context: socket lock held.
 * Return: bytes, never more than the peer takes, unless that is less than
 * min_snd_mss.
 */
u32 rill_mss_of_mtu(const struct sock *sk, u32 mtu)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 headers = rs->af->hdr_len + sizeof(struct tcphdr);
	u32 extensions = rill_mss_extensions(sk);
	u32 mss = mtu > headers ? mtu - headers : 0;

	mss = min_t(u32, mss, rs->agreed.peer_mss);
	mss = mss > extensions ? mss - extensions : 0;
	return max(mss, rill_tunable(rill_sk_net(sk), min_snd_mss)) -
	       rill_mss_options(sk);
}

/**
 * rill_mss_to_mtu - the packet that a segment makes
 * @sk: the socket
 * @mss: its payload, bytes
 *
 * Context: socket lock held.
 * Return: bytes, with all headers.
 */
u32 rill_mss_to_mtu(const struct sock *sk, u32 mss)
{
	return mss + rill_mss_options(sk) + rill_mss_extensions(sk) +
	       sizeof(struct tcphdr) + rill_sk(sk)->af->hdr_len;
}

/**
 * rill_mss_agree - the lesser of the peer's MSS and the program's
 * @peer: MSS option of the peer, bytes
 * @user: TCP_MAXSEG when the handshake ended, 0 if not set
 *
 * Context: any.
 * Return: bytes; no segment of the connection has more, options counted.
 */
u16 rill_mss_agree(u16 peer, u16 user)
{
	if (user && user < peer)
		peer = user;
	return max_t(u16, peer, RILL_MSS_MIN);
}

/**
 * rill_mss_advertise - the MSS to advertise
 * @sk: the socket
 * @dst: route to the peer, or NULL
 *
 * RFC 6691: without a deduction for options.
 *
 * Return: bytes.
 */
u16 rill_mss_advertise(struct sock *sk, const struct dst_entry *dst)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 mss = dst ? dst_metric_advmss(dst) : rs->af->mss_default;

	sock_owned_by_me(sk);
	if (rs->user.mss && rs->user.mss < mss)
		mss = rs->user.mss;
	return clamp_t(u32, mss, RILL_MSS_MIN, U16_MAX);
}

/**
 * rill_mss_believes - is a path MTU from ICMP plausible?
 * @sk: the socket
 * @mtu: bytes
 *
 * RFC 5927, 7.2: an attacker that guessed a sequence number may claim an MTU of
 * a few bytes, or one that no packet of ours exceeds. RFC 8201, 4: over IPv6 no
 * MTU is below the minimum.
 *
 * Return: true if so.
 */
bool rill_mss_believes(const struct sock *sk, u32 mtu)
{
	const struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (mtu < rs->af->mtu_min)
		return false;
	if (rs->plpmtud.mtu > mtu)
		return true;
	return rill_mss_of_mtu(sk, mtu) < rs->path.mss;
}
