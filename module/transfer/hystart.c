// SPDX-License-Identifier: GPL-2.0
/*
 * HyStart++ (RFC 9406): leave the first slow start when a queue builds up, and
 * not when it overflows. A round is the time in which one window is acknowledged;
 * once its least RTT is longer than that of the round before by a threshold, the
 * window grows a quarter as fast for five rounds. If the RTT falls again in them,
 * it was no queue, and slow start goes on; else it is over.
 */
#include "inside.h"

#define RILL_HYSTART_SAMPLES	8	/* N_RTT_SAMPLE */
#define RILL_HYSTART_DIVISOR	4	/* CSS_GROWTH_DIVISOR */
#define RILL_HYSTART_ROUNDS	5	/* CSS_ROUNDS */
#define RILL_HYSTART_BURST	8	/* L: segments for one ACK */
#define RILL_HYSTART_MIN_US	4000	/* MIN_RTT_THRESH */
#define RILL_HYSTART_MAX_US	16000	/* MAX_RTT_THRESH */
#define RILL_HYSTART_FLOOR_US	50

/**
 * rill_hystart_threshold - by how much an RTT grows before a queue is seen in it
 * @rtt_us: the RTT before
 *
 * RFC 9406, 4.2 has an eighth of the RTT, between 4 and 16 ms: 4 ms is what the
 * delay of an Internet path changes by without a queue. Inside a data centre it
 * is forty round trips, and many times what the queues there hold, so below 8 ms
 * it is half of the RTT. No less than 50 us: interrupts that are held back, a
 * softirq that waits, a virtual CPU that sleeps change all RTTs of a round by
 * tens of microseconds.
 *
 * Context: any.
 * Return: microseconds.
 */
u32 rill_hystart_threshold(u32 rtt_us)
{
	u32 least = clamp_t(u32, rtt_us / 2, RILL_HYSTART_FLOOR_US,
			    RILL_HYSTART_MIN_US);

	return clamp_t(u32, rtt_us / 8, least, RILL_HYSTART_MAX_US);
}

/* A round has ended, or it is the first. */
static void rill_hystart_round(struct rill_hystart *hs, struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	hs->last_min_us = hs->started ? hs->round_min_us : U32_MAX;
	hs->round_min_us = U32_MAX;
	hs->samples = 0;
	hs->round_end = rs->snd.nxt;
	hs->started = true;
	/* The round in which it began counts as well. */
	if (hs->rounds && !--hs->rounds)
		rill_cc_slow_start_over(rs);
}

/**
 * rill_hystart_acked - an ACK has come in the first slow start
 * @hs: state; zeroed before the first
 * @sk: the socket; its ssthresh is set when slow start is over
 * @rtt_us: RTT that it measured, 0 for none
 *
 * Context: socket lock held.
 */
void rill_hystart_acked(struct rill_hystart *hs, struct sock *sk, u32 rtt_us)
{
	if (!hs->started || !rill_unacked(rill_sk(sk), hs->round_end))
		rill_hystart_round(hs, sk);
	if (!rtt_us)
		return;

	hs->round_min_us = min(hs->round_min_us, rtt_us);
	if (hs->samples < RILL_HYSTART_SAMPLES)
		hs->samples++;
	if (hs->samples < RILL_HYSTART_SAMPLES)
		return;
	if (hs->rounds) {
		if (hs->round_min_us < hs->base_us)
			hs->rounds = 0;
		return;
	}
	if (hs->last_min_us == U32_MAX ||
	    hs->round_min_us < hs->last_min_us +
			       rill_hystart_threshold(hs->last_min_us))
		return;
	hs->base_us = hs->round_min_us;
	hs->rounds = RILL_HYSTART_ROUNDS;
	hs->part = 0;
}

/**
 * rill_hystart_step - segments by which cwnd grows
 * @hs: state
 * @acked: segments acknowledged
 * @paced: what is sent is paced, so that no ACK makes a burst
 *
 * Context: socket lock held.
 * Return: segments.
 */
u32 rill_hystart_step(struct rill_hystart *hs, u32 acked, bool paced)
{
	u32 step = paced ? acked : min_t(u32, acked, RILL_HYSTART_BURST);

	if (!hs->rounds)
		return step;
	step += hs->part;
	hs->part = step % RILL_HYSTART_DIVISOR;
	return step / RILL_HYSTART_DIVISOR;
}
