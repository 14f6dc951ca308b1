// SPDX-License-Identifier: GPL-2.0
/* Incoming ACKs (RFC 9293, 3.10.7.4, fifth). */
#include <net/tcp.h>
#include "../clock/clock.h"
#include "../compat.h"
#include "inside.h"

/* The peer may echo anything: no RTT is longer. */
#define RILL_ECHO_MAX_US	(120 * USEC_PER_SEC)

/* RFC 9293, 3.10.7.4: is it a newer window? Returns true if it changed. */
static bool rill_ack_window(struct sock *sk, const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 before = rs->snd.wnd;
	bool changed;

	if (rill_before(seg->seq, rs->snd.wl1) && seg->ack == rs->snd.una)
		return false;
	/* Of two reordered ACKs the later one counts. */
	if (seg->ack == rs->snd.una &&
	    rill_paws(&rs->recent, rs->agreed.ts_ok, seg))
		return false;
	rill_ack_window_take(rs, seg);
	changed = rs->snd.wnd != before;
	rill_mss_window(sk, rs->snd.wnd);
	return changed;
}

/* Time since the TSval that the peer echoes was sent, us; 0: it echoes none. */
static u32 rill_ack_echo(const struct rill_sock *rs,
			 const struct rill_segment *seg, u64 now)
{
	u32 ticks;

	if (!rs->agreed.ts_ok || !seg->opts.has_ts || !seg->opts.tsecr)
		return 0;
	ticks = rill_ts_at(rs, now) -
		seg->opts.tsecr;
	if (rs->agreed.ts_unit == RILL_TS_MS)
		ticks = ticks < U32_MAX / 1000 ? ticks * 1000 : U32_MAX;
	return max_t(u32, ticks, 1);
}

/*
 * A sample from the newest segment that was sent only once (Karn), whether it
 * was acknowledged or SACKed; else from the timestamp, which tells which copy
 * is acknowledged (RFC 7323, 4.1).
 */
static void rill_ack_rtt(struct sock *sk, const struct rill_segment *seg,
			 struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);
	u64 most = U64_MAX, us = 0;

	if (as->sent_ns && !as->again) {
		us = max_t(u64, 1,
			   div_u64(rill_elapsed_ns(as->now_ns, as->sent_ns),
				   NSEC_PER_USEC));
	} else if (as->acked) {
		us = rill_ack_echo(rs, seg, as->now_ns);
		most = RILL_ECHO_MAX_US;
	}
	/*
	 * In the handshake a sample as long as a timeout may be one: the
	 * SYN-ACK was retransmitted, and the first copy lost.
	 */
	if (seg->flags & RILL_SYN)
		most = rs->rtt.rto_us;
	if (!us || us >= most)
		return;
	as->rtt_us = us;
	rill_rtt_sample(sk, us);
}

/* SO_TIMESTAMPING: is the byte acknowledged that the program asked about? */
static void rill_ack_stamp(struct sock *sk, struct sk_buff *skb)
{
	if (likely(!rill_cb(skb)->stamp_ack) ||
	    !rill_before(rill_cb(skb)->stamp_seq, rill_sk(sk)->snd.una))
		return;
	rill_cb(skb)->stamp_ack = false;
	rill_tstamp_ack(sk, skb);
}

/* Free the segments that are acknowledged as a whole, one by one. */
static void rill_ack_clean(struct sock *sk, const struct rill_segment *seg,
			   struct rill_ack_sample *as)
{
	struct sk_buff *skb = rill_rtx_head(sk), *next;
	struct rill_sock *rs = rill_sk(sk);

	for (; skb && !rill_after(rill_cb(skb)->end_seq, seg->ack);
	     skb = next) {
		next = rill_rtx_next(skb);
		/*
		 * A SACKed segment arrived some time ago, and so did one
		 * behind a hole that a retransmission has filled: their sample
		 * would contain the timeout, and make the next one longer.
		 */
		if (rill_cb(skb)->sacked & RILL_SKB_EVER_RETRANS)
			as->again = true;
		if (!(rill_cb(skb)->sacked & RILL_SKB_SACKED))
			rill_rack_delivered(sk, skb, seg, as);
		rill_rtx_unlist(skb);
		rill_plpmtud_acked(sk, skb);
		rs->tally.bytes_acked += skb->len;
		rill_ack_stamp(sk, skb);
		rill_rtx_remove(sk, skb);
		as->acked++;
	}
	if (skb)
		rill_ack_stamp(sk, skb);
	rill_count_add(rill_sk_net(sk), search_steps, as->acked);
}

/* RFC 6298, 5.2 and 5.3; and the persist timer where nothing is in flight. */
static void rill_ack_timers(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	if (rs->rtx.packets_out)
		rill_timer_set(sk, RILL_TIMER_RETRANSMIT,
			       rs->clock.now_ns + rill_rto_ns(sk));
	else
		rill_timer_stop(sk, RILL_TIMER_RETRANSMIT);
}

/* snd.una advances. */
static void rill_ack_advance(struct sock *sk, const struct rill_segment *seg,
			     struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);

	rs->snd.una = seg->ack;
	if (unlikely(rs->urgent.sending))
		rill_urgent_acked(rs);
	rill_ack_clean(sk, seg, as);
	rill_retry_progress(rs);
	rill_tlp_progress(rs);
	sk_dst_confirm(sk);
}

/*
 * A window that was closed below what is in flight has opened: the timeouts
 * were due to the window and not to the path, so retransmit without the
 * backoff.
 */
static void rill_ack_reopened(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	rill_retry_backoff(rs, 0);
	rill_ack_timers(sk);
	rill_turn_oldest(rs);
}

/* snd.una stays: does the ACK answer a window probe, or open the window? */
static void rill_ack_same(struct sock *sk, bool window, bool shut)
{
	struct rill_sock *rs = rill_sk(sk);

	/*
	 * The peer answers a window probe, even if the window stays closed.
	 * TCP_USER_TIMEOUT waits for the window and not for answers.
	 */
	if (rs->snd.wnd || !rs->user.timeout_us)
		rill_retry_unprobed(rs);
	if (!rs->snd.wnd && !rs->user.timeout_us && !sock_flag(sk, SOCK_DEAD))
		rill_retry_answered(rs);
	if (!window || !rs->snd.wnd)
		return;
	rill_timer_stop(sk, RILL_TIMER_PERSIST);
	if (shut && rs->rtx.packets_out && rs->retry.backoff)
		rill_ack_reopened(sk);
	if (!rs->rtx.packets_out)
		rill_retry_backoff(rs, 0);
}

/* A duplicate ACK (RFC 5681, 2; RFC 6675, 2), once SACK blocks are settled. */
static bool rill_ack_duplicate(const struct rill_sock *rs,
			       const struct rill_segment *seg,
			       const struct rill_ack_sample *as, bool window)
{
	if (rs->agreed.sack_ok)
		return as->sacked;
	return rs->rtx.packets_out && !seg->len && !window &&
	       !(seg->flags & (RILL_SYN | RILL_FIN));
}

/**
 * rill_ack_congestion - what congestion control makes of an acknowledgment
 * @sk: the socket, with what is lost and what recovery makes of it settled
 * @as: what it told
 */
void rill_ack_congestion(struct sock *sk, const struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	rs->tally.delivered += as->delivered;
	if (as->ece)
		rs->tally.delivered_ce += as->delivered;
	rill_rate_acked(rs, as);
	if (rs->cc.ops->acked)
		rs->cc.ops->acked(sk, as);
	if (rill_ecn_acked(sk, as)) {
		rill_ecn_reducing(rs, true);
		rill_recovery_cwr(sk);
		rill_ecn_reducing(rs, false);
	}
	rill_cc_grow(sk, as);
	rill_pace_update(sk);
}

/**
 * rill_ack_in - the ACK field of a segment
 * @sk: the socket
 * @seg: the segment's header
 *
 * Return: false if it acknowledges data never sent, or is too old (RFC 5961,
 * 5.2); the segment is to be dropped then.
 */
bool rill_ack_in(struct sock *sk, const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_ack_sample as = {
		.now_ns		= rs->clock.now_ns,
		.in_flight	= rill_in_flight(sk),
		.prior_una	= rs->snd.una,
		.prior_fack	= rs->rack.xmit_ns ? rs->rack.fack :
						     rs->snd.una,
		.prior_rtt_us	= rs->rack.rtt_us,
		.cwnd_limited	= rill_cc_limited(sk),
		.ece		= rill_ecn_reported(sk, seg),
	};
	bool window, shut, new = seg->ack != rs->snd.una;

	sock_owned_by_me(sk);
	if (rill_after(seg->ack, rs->snd.nxt) ||
	    rill_before(seg->ack, rs->snd.una - rs->snd.max_wnd))
		return false;
	if (rill_before(seg->ack, rs->snd.una))
		return true;

	/* The path works: forget soft ICMP errors (RFC 9293, 3.9.2.2). */
	WRITE_ONCE(sk->sk_err_soft, 0);
	shut = !rs->snd.wnd;
	window = rill_ack_window(sk, seg);
	if (new)
		rill_ack_advance(sk, seg, &as);
	else
		rill_ack_same(sk, window, shut);
	if (rs->agreed.sack_ok)
		rill_sacks_in(sk, seg, &as);
	if (!new)
		as.dupack = rill_ack_duplicate(rs, seg, &as, window);
	rill_ack_rtt(sk, seg, &as);
	/*
	 * RFC 6298, 5, and Karn: the backoff stays after a retransmission
	 * without a sample, unless a closed window was the reason.
	 */
	if (as.rtt_us || (new && (shut || (as.acked && !as.again))))
		rill_retry_backoff(rs, 0);
	if (new)
		rill_ack_timers(sk);
	if (new || as.dupack || as.dsack) {
		rill_recovery_ack(sk, seg, &as);
		rill_ack_congestion(sk, &as);
		rill_tlp_measure(rs, as.prior_rtt_us);
		rill_tlp_schedule(sk);
	}
	if (new)
		rill_retry_over(rs);
	rill_hold_update(sk);
	return true;
}
