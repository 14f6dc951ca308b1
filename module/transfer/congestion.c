// SPDX-License-Identifier: GPL-2.0
/* Congestion window: NewReno (RFC 5681, RFC 6582) behind rill_cc_ops. */
#include <net/rill.h>
#include <trace/events/rill.h>

#define RILL_SSTHRESH_MIN	2	/* segments: RFC 5681, equation 4 */
#define RILL_CWND_MAX		BIT(20)

static void rill_newreno_init(struct sock *sk)
{
	rill_sk(sk)->cwnd_cnt = 0;
}

/* RFC 5681, equation 4: half of FlightSize, which is all that is not acked. */
static u32 rill_newreno_ssthresh(struct sock *sk)
{
	return max_t(u32, rill_sk(sk)->packets_out / 2, RILL_SSTHRESH_MIN);
}

/* RFC 5681, 3.1. */
static void rill_newreno_grow(struct sock *sk,
			      const struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 acked = as->acked;

	if (rs->cwnd < rs->ssthresh) {
		u32 step = min(acked, rs->ssthresh - rs->cwnd);

		rs->cwnd += step;
		acked -= step;
	}
	rs->cwnd_cnt += acked;
	if (rs->cwnd_cnt >= rs->cwnd) {
		rs->cwnd_cnt -= rs->cwnd;
		rs->cwnd++;
	}
	rs->cwnd = min_t(u32, rs->cwnd, RILL_CWND_MAX);
}

const struct rill_cc_ops rill_cc_newreno = {
	.name		= "reno",
	.init		= rill_newreno_init,
	.ssthresh	= rill_newreno_ssthresh,
	.grow		= rill_newreno_grow,
};

/**
 * rill_cc_init - the connection is established: the initial window
 * @sk: the socket
 *
 * Context: socket lock held.
 */
void rill_cc_init(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	/* RFC 5681, 3.1: a SYN that was lost says that the path is full. */
	rs->cwnd = rs->total_retrans ? 1 : rs->init_cwnd;
	rs->ssthresh = U32_MAX;
	rs->recovery = RILL_OPEN;
	memset(rs->cc_priv, 0, sizeof(rs->cc_priv));
	rs->cc->init(sk);
}

/**
 * rill_cc_acked - an acknowledgment has come
 * @sk: the socket, with what is lost and what recovery makes of it settled
 * @as: what it told
 *
 * Context: socket lock held.
 */
void rill_cc_acked(struct sock *sk, const struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);

	if (rs->cc->acked)
		rs->cc->acked(sk, as);
	if (!as->acked || !as->cwnd_limited || rs->recovery == RILL_RECOVERY)
		return;
	rs->cc->grow(sk, as);
	rill_sndbuf_grow(sk);
	trace_rill_cwnd(&rs->entry.key, rs->entry.family, rs->cwnd,
			rs->ssthresh, rill_in_flight(sk));
}

/**
 * rill_cc_idle - data is about to be sent on a connection with none in flight
 * @sk: the socket
 *
 * RFC 5681, 4.1: after an RTO of silence the old window proves nothing.
 *
 * Context: socket lock held.
 */
void rill_cc_idle(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	u64 rto_ns = (u64)rs->rto_us * NSEC_PER_USEC;

	if (!rs->last_send_ns || rs->packets_out ||
	    rill_now_ns() - rs->last_send_ns < rto_ns ||
	    !rill_tunable(rill_sk_net(sk), slow_start_after_idle))
		return;
	rs->ssthresh = max(rs->ssthresh, rs->cwnd / 4 * 3);
	rs->cwnd = min(rs->cwnd, rs->init_cwnd);
	rs->cwnd_cnt = 0;
	if (rs->cc->restart)
		rs->cc->restart(sk);
}
