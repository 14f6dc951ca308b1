// SPDX-License-Identifier: GPL-2.0
/* NewReno's congestion window (RFC 5681, RFC 6582). */
#include "inside.h"

static void rill_newreno_init(struct sock *sk)
{
}

/**
 * rill_newreno_ssthresh - half of FlightSize when congestion showed
 * @sk: the socket
 *
 * RFC 5681, equation 4. An ACK that tells of it has been taken in already; what
 * it leaves in flight may be nothing.
 *
 * Context: socket lock held.
 * Return: segments.
 */
u32 rill_newreno_ssthresh(struct sock *sk)
{
	u32 flight = max(rill_sk(sk)->rtx.packets_out, rill_cc_window(sk));

	return max_t(u32, flight / 2, RILL_SSTHRESH_MIN);
}

/**
 * rill_newreno_grow - slow start, and then a segment for each window
 * @sk: the socket
 * @as: the acknowledgment
 *
 * RFC 5681, 3.1.
 *
 * Context: socket lock held.
 */
void rill_newreno_grow(struct sock *sk, const struct rill_ack_sample *as)
{
	u32 acked = rill_cc_slow_start(sk, as->delivered);

	rill_cc_add(sk, acked, rill_sk(sk)->cc.cwnd);
}

const struct rill_cc_ops rill_cc_newreno = {
	.name		= "reno",
	.init		= rill_newreno_init,
	.ssthresh	= rill_newreno_ssthresh,
	.grow		= rill_newreno_grow,
};
