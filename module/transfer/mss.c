// SPDX-License-Identifier: GPL-2.0
/* How much payload fits into a segment (RFC 9293, 3.7.1; RFC 6691). */
#include <net/dst.h>
#include <net/rill.h>

/**
 * rill_mss_options - options that every segment with data carries
 * @sk: the socket
 *
 * SACK blocks are not counted: a segment with data carries them only where
 * they fit beside it.
 *
 * Context: socket lock held.
 * Return: bytes.
 */
unsigned int rill_mss_options(const struct sock *sk)
{
	return rill_sk(sk)->ts_ok ? RILL_TS_OPTION_LEN : 0;
}

/* Payload and options of a segment in a packet of @mtu bytes. */
static u32 rill_mss_of_mtu(const struct sock *sk, u32 mtu)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 headers = rs->af->hdr_len + sizeof(struct tcphdr);
	const struct ip_options_rcu *opt;

	rcu_read_lock();
	if (rs->af->family == AF_INET) {
		opt = rcu_dereference(inet_sk(sk)->inet_opt);
		headers += opt ? opt->opt.optlen : 0;
	}
#if IS_ENABLED(CONFIG_IPV6)
	if (rs->af->family == AF_INET6 && inet6_sk(sk)) {
		const struct ipv6_txoptions *o6;

		o6 = rcu_dereference(inet6_sk(sk)->opt);
		headers += o6 ? o6->opt_flen + o6->opt_nflen : 0;
	}
#endif
	rcu_read_unlock();
	return mtu > headers ? mtu - headers : 0;
}

/**
 * rill_mss_advertise - the MSS to tell the peer
 * @sk: the socket
 * @dst: route to the peer, or NULL
 *
 * RFC 6691: without a deduction for options.
 *
 * Context: socket lock held.
 * Return: bytes.
 */
u16 rill_mss_advertise(struct sock *sk, const struct dst_entry *dst)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 mss = dst ? dst_metric_advmss(dst) : rs->af->mss_default;

	if (rs->user_mss && rs->user_mss < mss)
		mss = rs->user_mss;
	return clamp_t(u32, mss, RILL_MSS_MIN, U16_MAX);
}

/**
 * rill_mss_sync - compute the payload of a segment from path, peer and program
 * @sk: the socket
 *
 * Context: socket lock held.
 */
void rill_mss_sync(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	const struct dst_entry *dst = __sk_dst_get(sk);
	u32 mss = rs->peer_mss;

	if (dst)
		mss = min(mss, rill_mss_of_mtu(sk, dst_mtu(dst)));
	if (rs->user_mss)
		mss = min_t(u32, mss, rs->user_mss);
	mss = max_t(u32, mss, RILL_MSS_MIN) - rill_mss_options(sk);
	rs->mss = min_t(u32, mss, U16_MAX);
}
