// SPDX-License-Identifier: GPL-2.0
/*
 * The delivery rate (draft-cheng-iccrg-delivery-rate-estimation), and what
 * limits the sender: both for TCP_INFO.
 */
#include "inside.h"

/**
 * rill_rate_sent - a segment has been sent or retransmitted
 * @rs: the socket, its clock read, the segment not in flight yet if it is new
 * @skb: the segment
 *
 * The draft's 3.2: the state of delivery goes with it. What is sent after a
 * silence is measured from there.
 *
 * Context: socket lock held.
 */
void rill_rate_sent(struct rill_sock *rs, struct sk_buff *skb)
{
	struct rill_skb_cb *cb = rill_cb(skb);

	if (!rs->rtx.packets_out) {
		rs->rate.first_sent_ns = rs->clock.now_ns;
		rs->rate.delivered_ns = rs->clock.now_ns;
	}
	cb->send_us = min_t(u64, U32_MAX,
			    div_u64(rill_elapsed_ns(rs->clock.now_ns,
						    rs->rate.first_sent_ns),
				    NSEC_PER_USEC));
	cb->delivered_ns = rs->rate.delivered_ns;
	cb->delivered = rs->tally.delivered;
	cb->app_limited = rs->rate.app_limited;
}

/**
 * rill_rate_arrived - take the rate sample of a delivered segment
 * @rs: the socket
 * @skb: the segment, with what rill_rate_sent() wrote
 * @as: what the ACK tells; of several segments the one that was sent last counts
 *
 * Context: socket lock held.
 */
void rill_rate_arrived(struct rill_sock *rs, const struct sk_buff *skb,
		       struct rill_ack_sample *as)
{
	const struct rill_skb_cb *cb = rill_cb(skb);

	if (!cb->delivered_ns)
		return;
	if (as->rate_from_ns && cb->sent_ns < rs->rate.first_sent_ns)
		return;
	as->rate_from_ns = cb->delivered_ns;
	as->rate_delivered = cb->delivered;
	as->rate_limited = cb->app_limited;
	as->rate_send_us = cb->send_us;
	rs->rate.first_sent_ns = cb->sent_ns;
}

/**
 * rill_rate_acked - keep the rate that an ACK shows
 * @rs: the socket, with what has arrived counted
 * @as: what the ACK reports
 *
 * The draft's 3.3: over the longer of the time in which it was sent and the
 * time in which it arrived; less than the least round trip is no measurement.
 * While the program had no more to send, only a greater rate counts.
 *
 * Context: socket lock held.
 */
void rill_rate_acked(struct rill_sock *rs, const struct rill_ack_sample *as)
{
	struct rill_rate *rate = &rs->rate;
	u32 delivered;
	u64 us;

	if (rate->app_limited &&
	    rill_after(rs->tally.delivered, rate->app_limited))
		rate->app_limited = 0;
	if (!as->delivered)
		return;
	rate->delivered_ns = as->now_ns;
	if (!as->rate_from_ns)
		return;
	delivered = rs->tally.delivered - as->rate_delivered;
	us = div_u64(rill_elapsed_ns(as->now_ns, as->rate_from_ns),
		     NSEC_PER_USEC);
	us = clamp_t(u64, us, max(as->rate_send_us, 1U), U32_MAX);
	if (us < rs->rack.min_rtt_us)
		return;
	if (as->rate_limited &&
	    (u64)delivered * rate->over_us < (u64)rate->segments * us)
		return;
	rate->segments = delivered;
	rate->over_us = us;
	rate->limited = as->rate_limited;
}

/* Is a segment still in this host? The one sent last leaves last. */
static bool rill_rate_leaving(const struct sock *sk)
{
	struct rb_node *last = rb_last(&rill_sk(sk)->rtx.queue);

	return last && rill_skb_held(sk, rb_to_skb(last));
}

/**
 * rill_rate_check - a program sends: was the sender application-limited?
 * @sk: the socket
 *
 * The draft's 3.4: nothing waits here or in this host's queues, cwnd has room,
 * and all lost segments are retransmitted.
 *
 * Context: socket lock held.
 */
void rill_rate_check(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 in_flight = rill_in_flight(sk);

	if (rs->snd.write_seq - rs->snd.nxt < rs->path.mss &&
	    in_flight < rs->cc.cwnd && !rs->rtx.lost_out && !rill_rate_leaving(sk))
		rs->rate.app_limited = (rs->tally.delivered + in_flight) ?: 1;
}

/**
 * rill_rate_bytes - the delivery rate
 * @rs: the socket
 *
 * Context: socket lock held.
 * Return: bytes a second, 0 if there was no measurement.
 */
u64 rill_rate_bytes(const struct rill_sock *rs)
{
	if (!rs->rate.over_us)
		return 0;
	return div_u64((u64)rs->rate.segments * rs->path.mss * USEC_PER_SEC,
		       rs->rate.over_us);
}

/* What limits the sender now, as TCP_INFO has it. */
static enum rill_hold rill_hold_now(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	const struct sk_buff *skb = skb_peek(&sk->sk_write_queue);

	if (!skb)
		return !rs->rtx.packets_out ? RILL_HOLD_IDLE :
		       sk->sk_socket &&
		       test_bit(SOCK_NOSPACE, &sk->sk_socket->flags) &&
		       rill_in_flight(sk) < rs->cc.cwnd ? RILL_HOLD_SNDBUF :
						       RILL_HOLD_NETWORK;
	if (rill_in_flight(sk) < rs->cc.cwnd &&
	    rill_after(rill_cb(skb)->seq + min_t(u32, skb->len, rs->path.mss),
		       rs->snd.una + rs->snd.wnd))
		return RILL_HOLD_WINDOW;
	return RILL_HOLD_NETWORK;
}

/**
 * rill_hold_update - something was sent, acknowledged or queued
 * @sk: the socket, its clock read
 *
 * Context: socket lock held.
 */
void rill_hold_update(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	enum rill_hold now = rill_hold_now(sk);

	if (now == rs->held.by)
		return;
	rs->held.ns[rs->held.by] += rill_elapsed_ns(rs->clock.now_ns,
						    rs->held.since_ns);
	rs->held.since_ns = rs->clock.now_ns;
	rs->held.by = now;
}

/**
 * rill_hold_us - how long something has limited the sender
 * @rs: the socket
 * @hold: what
 * @now: ns
 *
 * Context: socket lock held.
 * Return: microseconds.
 */
u64 rill_hold_us(const struct rill_sock *rs, enum rill_hold hold, u64 now)
{
	u64 ns = rs->held.ns[hold];

	if (hold == rs->held.by)
		ns += rill_elapsed_ns(now, rs->held.since_ns);
	return div_u64(ns, NSEC_PER_USEC);
}
