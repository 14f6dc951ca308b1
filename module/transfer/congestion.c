// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion window: what all algorithms share. Windows are in segments (struct
 * rill_cc_ops).
 */
#include <trace/events/rill.h>
#include "inside.h"

/**
 * rill_cc_choose - TCP_CONGESTION was set
 * @sk: the socket; if it is connected, the window stays as it is
 * @cc: the algorithm
 *
 * Context: process.
 */
void rill_cc_choose(struct sock *sk, const struct rill_cc_ops *cc)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	WRITE_ONCE(rs->user.cc, cc);
	if (rs->cc.ops == cc)
		return;
	WRITE_ONCE(rs->cc.ops, cc);
	memset(rs->cc.priv, 0, sizeof(rs->cc.priv));
	rs->cc.cwnd_cnt = 0;
	cc->init(sk);
	rill_pace_init(sk);
}

/**
 * rill_cc_init - the connection is established: the initial window
 * @sk: the socket
 *
 * Context: socket lock held.
 */
void rill_cc_init(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	/* RFC 5681, 3.1: a lost SYN is a sign of congestion. */
	rs->cc.cwnd = rs->tally.total_retrans ? 1 : rs->cc.init_cwnd;
	rs->cc.ssthresh = U32_MAX;
	memset(rs->cc.priv, 0, sizeof(rs->cc.priv));
	rs->cc.ops->init(sk);
	rs->tally.open_ns = rs->clock.now_ns;
	rill_pace_init(sk);
	rill_pace_update(sk);
}

/**
 * rill_cc_reduce - reduce the window for a loss or a mark
 * @sk: the socket, with the cwnd that was too much
 *
 * Once for each congestion: ssthresh; how cwnd gets down to it is for recovery.
 */
void rill_cc_reduce(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	rill_ecn_reduced(rs);
	rs->cc.ssthresh = rs->cc.ops->ssthresh(sk);
}

/**
 * rill_cc_sent - data has been sent, or would have been if cwnd were larger
 * @sk: the socket
 * @limited: cwnd is full
 *
 * Keeps for each window whether cwnd held data back, and if it did not, how
 * much of it was in use.
 */
void rill_cc_sent(struct sock *sk, bool limited)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 in_flight = rill_in_flight(sk);

	sock_owned_by_me(sk);
	if (!limited && rill_unacked(rs, rs->cc.used_seq) &&
	    (rs->cc.limited || in_flight <= rs->cc.used))
		return;
	rs->cc.limited = limited;
	rs->cc.used = in_flight;
	rs->cc.used_seq = rs->snd.nxt;
}

/**
 * rill_cc_limited - is cwnd validated?
 * @sk: the socket
 *
 * RFC 7661, 4.3: a cwnd that was not used must not grow. In slow start half of
 * it is enough, since it is about to double.
 *
 * Context: socket lock held.
 * Return: true if so.
 */
bool rill_cc_limited(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);

	return rs->cc.limited || (rs->cc.cwnd < rs->cc.ssthresh &&
				  rs->cc.cwnd <= 2 * rs->cc.used);
}

/**
 * rill_cc_window - the window that was in use when congestion showed
 * @sk: the socket
 *
 * RFC 7661, 4.4.1: a window that the program never filled proves nothing.
 *
 * Context: socket lock held.
 * Return: segments.
 */
u32 rill_cc_window(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);

	if (rill_cc_limited(sk))
		return rs->cc.cwnd;
	return min(rs->cc.cwnd, max3(rs->cc.used, rs->rtx.packets_out, 1U));
}

/**
 * rill_cc_slow_start - grow cwnd by what was acknowledged, up to ssthresh
 * @sk: the socket
 * @acked: segments
 *
 * Context: socket lock held.
 * Return: segments that were not needed to reach ssthresh.
 */
u32 rill_cc_slow_start(struct sock *sk, u32 acked)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 step;

	if (rs->cc.cwnd >= rs->cc.ssthresh)
		return acked;
	step = min(acked, rs->cc.ssthresh - rs->cc.cwnd);
	rs->cc.cwnd = min_t(u32, rs->cc.cwnd + step, RILL_CWND_MAX);
	return acked - step;
}

/**
 * rill_cc_add - grow cwnd by a part of a segment
 * @sk: the socket
 * @part: numerator
 * @whole: denominator, what makes a segment; at most 32 bits
 *
 * The remainder is kept for the next time, in the same unit.
 *
 * Context: socket lock held.
 */
void rill_cc_add(struct sock *sk, u64 part, u64 whole)
{
	struct rill_sock *rs = rill_sk(sk);
	u64 rest, segments;

	segments = div64_u64_rem(part + rs->cc.cwnd_cnt, whole, &rest);
	rs->cc.cwnd_cnt = rest;
	rs->cc.cwnd = min_t(u64, rs->cc.cwnd + segments, RILL_CWND_MAX);
}

/**
 * rill_cc_grow - cwnd may grow
 * @sk: the socket
 * @as: what the acknowledgment told
 */
void rill_cc_grow(struct sock *sk, const struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	/* RFC 3168, 6.1.2: an ACK with ECE does not make cwnd grow. */
	if (!as->delivered || !as->cwnd_limited || as->ece ||
	    rill_recovery_reducing(rs))
		return;
	/* SACKed data without an ACK may mean a loss (RFC 5681, 3.2). */
	if (!as->acked && !rs->rack.reordered)
		return;
	rs->cc.ops->grow(sk, as);
	rill_sndbuf_grow(sk);
	trace_rill_cwnd(&rs->entry.key, rs->entry.family, rs->cc.cwnd,
			rs->cc.ssthresh, rill_in_flight(sk));
}

/**
 * rill_cc_idle - data is about to be sent: was the sender idle?
 * @sk: the socket
 *
 * RFC 5681, 4.1: after more than an RTO without sending, cwnd restarts.
 */
void rill_cc_idle(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!rs->snd.last_ns || rs->rtx.packets_out)
		return;
	if (rs->cc.ops->restart)
		rs->cc.ops->restart(sk);
	if (rill_elapsed_ns(rs->clock.now_ns, rs->snd.last_ns) <
	    rill_rto_idle_ns(rs) ||
	    !rill_tunable(rill_sk_net(sk), slow_start_after_idle))
		return;
	rs->cc.ssthresh = max(rs->cc.ssthresh, rs->cc.cwnd / 4 * 3);
	rs->cc.cwnd = min_t(u32, rs->cc.cwnd, rs->cc.init_cwnd);
	rs->cc.cwnd_cnt = 0;
}
