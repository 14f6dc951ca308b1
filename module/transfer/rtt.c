// SPDX-License-Identifier: GPL-2.0
/* Round-trip time and retransmission timeout, in microseconds (RFC 6298). */
#include "inside.h"

#define RILL_RTO_GRANULARITY_US	1	/* G: hrtimers */
#define RILL_RTO_LOCAL_US	500000	/* TCP_RESOURCE_PROBE_INTERVAL */
#define RILL_RTT_MAX_US		(U32_MAX / 8)	/* times 8 it still fits */

/**
 * rill_rtt_variance - RTTVAR after a sample (RFC 6298, 2.3)
 * @rttvar4: RTTVAR before, times 4
 * @srtt8: SRTT before, times 8
 * @rtt_us: the sample
 *
 * RTTVAR <- 3/4 RTTVAR + 1/4 |SRTT - R'|, with the factor 4 kept in.
 *
 * Context: any.
 * Return: RTTVAR times 4.
 */
u32 rill_rtt_variance(u32 rttvar4, u32 srtt8, u32 rtt_us)
{
	u32 srtt = srtt8 >> 3;
	u32 delta = rtt_us > srtt ? rtt_us - srtt : srtt - rtt_us;

	return rttvar4 - (rttvar4 >> 2) + delta;
}

/**
 * rill_rto_update - compute the RTO from SRTT and RTTVAR
 * @sk: the socket
 *
 * RTO = SRTT + max(G, 4 RTTVAR) + the longest ACK delay of the peer, which its
 * SYN announced; so the least RTO may be far below 1 s.
 */
void rill_rto_update(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	u64 rto;

	sock_owned_by_me(sk);
	if (!rs->rtt.srtt_us)
		return;
	rto = (rs->rtt.srtt_us >> 3) +
	      max_t(u32, RILL_RTO_GRANULARITY_US, rs->rtt.rttvar_us);
	rto += rs->agreed.peer_ack_delay_us;
	rto = max_t(u64, rto, rill_setting(sk, rto_min_us));
	rs->rtt.rto_us = min_t(u64, rto, rill_setting(sk, rto_max_us));
}

/**
 * rill_rtt_sample - take an RTT sample
 * @sk: the socket
 * @rtt_us: the sample
 */
void rill_rtt_sample(struct sock *sk, u32 rtt_us)
{
	struct rill_rtt *rtt = &rill_sk(sk)->rtt;

	sock_owned_by_me(sk);
	rill_tlp_measured(rill_sk(sk));
	/* A sample beyond the longest RTO is an error of the clock. */
	rtt_us = clamp_t(u32, rtt_us, 1, RILL_RTT_MAX_US);
	if (!rtt->srtt_us) {
		/* RFC 6298, 2.2: SRTT <- R, RTTVAR <- R/2. */
		rtt->srtt_us = rtt_us << 3;
		rtt->rttvar_us = rtt_us << 1;
	} else {
		rtt->rttvar_us = rill_rtt_variance(rtt->rttvar_us,
						   rtt->srtt_us, rtt_us);
		rtt->srtt_us = max_t(u32, rtt->srtt_us - (rtt->srtt_us >> 3) +
				     rtt_us, 8);
	}
	rill_rto_update(sk);
}

/*
 * A rill peer delays the ACK of one segment or less, and never of more (RFC
 * 9293, 3.8.6.3): with more in flight the RTO needs no room for the delay.
 */
static u32 rill_rto_spare_us(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 floor_us = rill_setting(sk, rto_min_us);

	if (!rs->rtt.srtt_us || !rs->agreed.peer_rill ||
	    rs->snd.nxt - rs->snd.una <= rs->path.mss ||
	    rs->rtt.rto_us <= floor_us)
		return 0;
	return min(rs->agreed.peer_ack_delay_us, rs->rtt.rto_us - floor_us);
}

/**
 * rill_rto_backoff - how often the RTO is doubled now
 * @sk: the socket
 *
 * RFC 6298, 5.5, doubles the RTO at each timeout, for an RTO of at least 1 s.
 * With an RTO of 1 ms the first linear_timeouts retransmissions of data do not
 * double it: a copy that is lost by chance costs one more RTO and not two.
 * SYNs, window probes, and an RTO as long as TCP's least back off as in the
 * RFC.
 *
 * Context: socket lock held; without it the answer may be out of date.
 * Return: doublings.
 */
u8 rill_rto_backoff(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	u8 backoff = READ_ONCE(rs->retry.backoff);
	u32 linear;

	if (!rs->rtx.packets_out || rs->rtt.rto_us >= RILL_TCP_RTO_MIN_US ||
	    ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)))
		return backoff;
	linear = rill_tunable(rill_sk_net(sk), linear_timeouts);
	return backoff - min_t(u32, linear, backoff);
}

/* A timeout and its backoff. */
static u64 rill_rto_backed_off_us(const struct sock *sk, u64 rto_us)
{
	u64 max_us = rill_setting(sk, rto_max_us);

	return min(rto_us << min_t(u8, rill_rto_backoff(sk), 31), max_us);
}

/**
 * rill_rto_us - the RTO and its backoff, whatever is in flight
 * @sk: the socket
 *
 * Return: us.
 */
u32 rill_rto_us(const struct sock *sk)
{
	sock_owned_by_me(sk);
	return rill_rto_backed_off_us(sk, rill_sk(sk)->rtt.rto_us);
}

/**
 * rill_rto_shown_us - the same for whoever only shows it
 * @sk: the socket
 *
 * Context: any, without the socket lock: the RTO may be a moment older than its
 * backoff, or younger.
 * Return: us.
 */
u32 rill_rto_shown_us(const struct sock *sk)
{
	return rill_rto_backed_off_us(sk, READ_ONCE(rill_sk(sk)->rtt.rto_us));
}

/**
 * rill_rto_ns - the timeout to arm now: the RTO and its backoff
 * @sk: the socket
 *
 * Context: socket lock held.
 * Return: ns.
 */
u64 rill_rto_ns(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 rto_us = rs->rtt.rto_us - rill_rto_spare_us(sk);

	return rill_rto_backed_off_us(sk, rto_us) * NSEC_PER_USEC;
}

/**
 * rill_rto_local_ns - when to retry a segment that this host refused or holds
 * @sk: the socket
 *
 * The network is not at fault, so RTO and backoff stay. The time doubles from
 * one RTO up to TCP_RESOURCE_PROBE_INTERVAL, as in TCP.
 *
 * Return: ns.
 */
u64 rill_rto_local_ns(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	u64 us = (u64)rs->rtt.rto_us << min_t(u8, rs->retry.local_tries, 31);

	sock_owned_by_me(sk);
	return min_t(u64, us, RILL_RTO_LOCAL_US) * NSEC_PER_USEC;
}
