/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of transfer offer one another and the tests, and no other
 * room. Each function is documented where it is defined.
 */
#ifndef _RILL_TRANSFER_INSIDE_H
#define _RILL_TRANSFER_INSIDE_H

#include "transfer.h"

/**
 * struct rill_ack_sample - what one incoming ACK reports
 * @now_ns: when the ACK came
 * @acked: segments that are acknowledged as a whole
 * @delivered: segments newly acknowledged or SACKed
 * @lost: segments newly marked lost
 * @sent_ns: when the latest of the delivered segments was sent that was sent
 *	once only; 0: none
 * @in_flight: segments in flight before the ACK
 * @prior_una: snd.una before the ACK
 * @prior_fack: highest sequence number acknowledged or SACKed before the ACK
 * @prior_rtt_us: RTT of the segment delivered last before the ACK
 * @rtt_us: RTT sample; 0: none
 * @rate_from_ns: start of the interval of the rate sample; 0: there is none
 * @rate_delivered: segments delivered before that interval
 * @rate_send_us: time between the first and the last transmission in it
 * @rate_limited: the program had no more to send in that interval
 * @ece: the ACK reports CE marks
 * @cwnd_limited: cwnd, and not the program or the peer, held data back
 * @dupack: the ACK is a duplicate ACK (RFC 5681, 2)
 * @again: segments are acknowledged that were retransmitted
 * @sacked: segments are newly SACKed
 * @dsack: a D-SACK reports a duplicate (RFC 2883)
 * @timed: the D-SACK is of a segment that a timer retransmitted, not RACK
 * @reordered: the ACK shows that segments were reordered
 */
struct rill_ack_sample {
	u64	now_ns;
	u32	acked;
	u32	delivered;
	u32	lost;
	u64	sent_ns;
	u32	in_flight;
	u32	prior_una;
	u32	prior_fack;
	u32	prior_rtt_us;
	u32	rtt_us;
	u64	rate_from_ns;
	u32	rate_delivered;
	u32	rate_send_us;
	bool	rate_limited;
	bool	ece;
	bool	cwnd_limited;
	bool	dupack;
	bool	again;
	bool	sacked;
	bool	dsack;
	bool	timed;
	bool	reordered;
};

#define X(algorithm, name, restricted)					\
	extern const struct rill_cc_ops rill_cc_##algorithm;
RILL_CONGESTION_CONTROLS(X)
#undef X

#define RILL_SSTHRESH_MIN	2	/* segments: RFC 5681, equation 4 */
#define RILL_CWND_MAX		BIT(20)	/* segments */

/**
 * struct rill_hystart - where a slow start stands (RFC 9406)
 * @round_end: snd.nxt when the current round began
 * @round_min_us: least RTT of the current round, U32_MAX if none
 * @last_min_us: of the one before it
 * @base_us: of the round in which the RTT had grown
 * @samples: of the current round
 * @rounds: left of conservative slow start; 0: it has not begun
 * @part: segments that conservative slow start has yet to make up to one
 * @started: the first round has begun
 */
struct rill_hystart {
	u32	round_end;
	u32	round_min_us;
	u32	last_min_us;
	u32	base_us;
	u16	samples;
	u8	rounds;
	u8	part;
	bool	started;
};

/* transfer/stored.c: what was stored a while ago */
bool rill_echo_before(const struct rill_sock *rs,
		      const struct rill_segment *seg, u64 sent_ns);

/* transfer/rtt.c */

/*
 * Silence after which a sender begins anew: an RTO (RFC 5681, 4.1), but never
 * less than TCP's. Ours may be 1 ms, and a program that needs longer than that
 * between two requests is not idle.
 */
static inline u64 rill_rto_idle_ns(const struct rill_sock *rs)
{
	u32 us = max_t(u32, rs->rtt.rto_us, RILL_TCP_RTO_MIN_US);

	return (u64)us * NSEC_PER_USEC;
}

u32 rill_rtt_variance(u32 rttvar4, u32 srtt8, u32 rtt_us);

/* transfer/retry.c: what has no answer */

/* This host has taken a segment. */
static inline void rill_retry_taken(struct rill_sock *rs)
{
	rs->retry.local_tries = 0;
}

/* snd.una advances. */
static inline void rill_retry_progress(struct rill_sock *rs)
{
	rill_retry_answered(rs);
	rill_retry_unprobed(rs);
	rill_retry_taken(rs);
}

/* For TCP_INFO: does this end a series of timeouts and its recovery? */
static inline void rill_retry_over(struct rill_sock *rs)
{
	if (!rs->tally.rto_since_ns || rs->rec.state == RILL_LOSS)
		return;
	rs->tally.rto_ns += rill_elapsed_ns(rs->clock.now_ns,
					    rs->tally.rto_since_ns);
	rs->tally.rto_since_ns = 0;
}

/* transfer/mss.c */
u32 rill_mss_of_mtu(const struct sock *sk, u32 mtu);
u32 rill_mss_to_mtu(const struct sock *sk, u32 mss);

/* transfer/plpmtud.c: search for the path MTU */
void rill_plpmtud_path(struct sock *sk, u32 before);
u32 rill_plpmtud_size(const struct sock *sk);
bool rill_plpmtud_next(struct sock *sk);
void rill_plpmtud_sent(struct sock *sk, bool sent);
bool rill_plpmtud_lost(struct sock *sk, const struct sk_buff *skb);
void rill_plpmtud_acked(struct sock *sk, const struct sk_buff *skb);

/* transfer/window.c */

/* There is no memory for data in order: the window closes. */
static inline void rill_window_close(struct rill_sock *rs)
{
	rs->rcv.full = true;
}

u32 rill_window_select(struct sock *sk);
u16 rill_window_field(struct sock *sk);
bool rill_window_taken(struct sock *sk, u32 copied);

/* transfer/queue.c: unsent and unacknowledged segments */

/* RFC 6675's pipe, in segments: a retransmitted one is in flight again. */
static inline u32 rill_in_flight(const struct sock *sk)
{
	const struct rill_rtx *rtx = &rill_sk(sk)->rtx;

	return rtx->packets_out - rtx->sacked_out - rtx->lost_out;
}

/* A segment is SACKed. */
static inline void rill_rtx_sacked(struct rill_sock *rs, struct sk_buff *skb)
{
	u8 *sacked = &rill_cb(skb)->sacked;

	if (*sacked & RILL_SKB_LOST)
		rs->rtx.lost_out--;
	if (*sacked & RILL_SKB_RETRANS)
		rs->rtx.retrans_out--;
	*sacked &= ~(RILL_SKB_LOST | RILL_SKB_RETRANS);
	*sacked |= RILL_SKB_SACKED;
	rs->rtx.sacked_out++;
}

/* A segment that was marked lost is in flight again. */
static inline void rill_rtx_found(struct rill_sock *rs, struct sk_buff *skb)
{
	rill_cb(skb)->sacked &= ~RILL_SKB_LOST;
	rs->rtx.lost_out--;
}

/* A segment was retransmitted. */
static inline void rill_rtx_again(struct rill_sock *rs, struct sk_buff *skb)
{
	if (rill_cb(skb)->sacked & RILL_SKB_LOST)
		rill_rtx_found(rs, skb);
	if (!(rill_cb(skb)->sacked & RILL_SKB_RETRANS)) {
		rill_cb(skb)->sacked |= RILL_SKB_RETRANS;
		rs->rtx.retrans_out++;
	}
}

/*
 * Without SACK, sacked_out has the segments that duplicate ACKs stand for:
 * forget them all; or, with SACK, all marks are gone (RFC 2018, 8).
 */
static inline void rill_rtx_none_sacked(struct rill_sock *rs)
{
	rs->rtx.sacked_out = 0;
}

int rill_skb_split(struct sock *sk, struct sk_buff *skb, u32 len, gfp_t gfp);
int rill_skb_trim(struct sock *sk, struct sk_buff *skb, u32 len, gfp_t gfp);
bool rill_skb_join(struct sock *sk, struct sk_buff *skb, u32 len);
void rill_rtx_insert(struct sock *sk, struct sk_buff *skb);
bool rill_rtx_dupack(struct rill_sock *rs);
void rill_rtx_dupacks_known(struct rill_sock *rs, u32 known);
void rill_mark_lost(struct sock *sk, struct sk_buff *skb);
void rill_rtx_unlist(struct sk_buff *skb);
void rill_rtx_remove(struct sock *sk, struct sk_buff *skb);
struct sk_buff *rill_rtx_next(struct sk_buff *skb);
struct sk_buff *rill_rtx_from(const struct sock *sk, u32 seq);
struct sk_buff *rill_rtx_beyond(const struct sock *sk, u32 seq);

/* transfer/output.c */
void rill_send_ack(struct sock *sk);
int rill_send_new(struct sock *sk, struct sk_buff *skb);
bool rill_send_one(struct sock *sk);
void rill_send_lost(struct sock *sk);
bool rill_send_window_probe(struct sock *sk);
bool rill_send_waiting(struct sock *sk, u8 nonagle);

/* transfer/turn.c: what an event notes for its end */

/* There is something to read: the program is woken. */
static inline void rill_turn_ready(struct rill_sock *rs)
{
	rs->rcv.ready = true;
}

/* The oldest segment is retransmitted, whatever cwnd. */
static inline void rill_turn_oldest(struct rill_sock *rs)
{
	rs->retry.oldest = true;
}

/* transfer/ack.c: incoming ACKs */

/* The first bytes of a segment were acknowledged, and are taken off it. */
static inline void rill_ack_part(struct rill_sock *rs, u32 bytes)
{
	rs->tally.bytes_acked += bytes;
}

void rill_ack_congestion(struct sock *sk, const struct rill_ack_sample *as);

/* transfer/scoreboard.c: SACK blocks that the peer reports */
struct sk_buff *rill_sack_next(const struct sock *sk, struct sk_buff *skb);
void rill_sacks_in(struct sock *sk, const struct rill_segment *seg,
		   struct rill_ack_sample *as);

/* transfer/rack.c: loss detection by time (RFC 8985) */
struct list_head *rill_rack_take(struct sk_buff *skb);
void rill_rack_put(struct sk_buff *skb, struct list_head *place);
void rill_rack_sent(struct rill_sock *rs, struct sk_buff *skb);
void rill_rack_restore(struct sock *sk);
void rill_rack_delivered(struct sock *sk, const struct sk_buff *skb,
			 const struct rill_segment *seg,
			 struct rill_ack_sample *as);
bool rill_rack_due(const struct sock *sk, const struct sk_buff *skb, u64 now);
void rill_rack_ack(struct sock *sk, struct rill_ack_sample *as);
bool rill_rack_expire(struct sock *sk, u64 now);

/* What is in flight was taken for lost by the retransmission timer. */
static inline void rill_rack_timed_out(struct rill_sock *rs)
{
	rs->rack.timeout_seq = rs->snd.una;
	rs->rack.timeout_end = rs->snd.nxt;
}

void rill_rack_recovered(struct rill_sock *rs);

/* transfer/tlp.c: tail loss probes (RFC 8985, 7) */

/* Something was acknowledged: the peer is there. */
static inline void rill_tlp_progress(struct rill_sock *rs)
{
	rs->tlp.start_ns = 0;
}

/* A round trip was measured: there may be another probe. */
static inline void rill_tlp_measured(struct rill_sock *rs)
{
	rs->tlp.unmeasured = false;
}

/* A timeout has come: the probe's acknowledgment says nothing any more. */
static inline void rill_tlp_cancel(struct rill_sock *rs)
{
	rs->tlp.active = false;
}

/* The peer has reported the copy as a duplicate. */
static inline void rill_tlp_reported(struct rill_sock *rs)
{
	rs->tlp.copy = false;
}

void rill_tlp_measure(struct rill_sock *rs, u32 before_us);
void rill_tlp_schedule(struct sock *sk);
struct sk_buff *rill_tlp_begin(struct sock *sk);
void rill_tlp_copy(struct sock *sk, const struct sk_buff *last, u64 now);
void rill_tlp_sent(struct sock *sk, bool sent);
bool rill_tlp_ack(struct sock *sk, const struct rill_segment *seg,
		  const struct rill_ack_sample *as);

/* transfer/undo.c: undo of spurious reductions */

/* Nothing is left that could be taken back. */
static inline void rill_undo_forget(struct rill_sock *rs)
{
	rs->undo.active = false;
}

void rill_undo_begin(struct sock *sk, bool timeout);
void rill_undo_acked(struct rill_sock *rs);
void rill_undo_sent(struct sock *sk, const struct sk_buff *skb);
bool rill_undo_echo(struct sock *sk, const struct rill_segment *seg,
		    const struct rill_ack_sample *as);
bool rill_undo_dsack(struct sock *sk, u32 start, u32 end);

/* transfer/recovery.c: loss recovery and retransmissions */

#define RILL_DUPTHRESH	3	/* RFC 5681, 3.2; RFC 8985, 6.2, step 4 */

/* Is cwnd on its way down, by PRR? */
static inline bool rill_recovery_reducing(const struct rill_sock *rs)
{
	return rs->rec.state == RILL_REDUCE || rs->rec.state == RILL_RECOVERY;
}

/* A segment went out. */
static inline void rill_recovery_sent(struct rill_sock *rs)
{
	if (rill_recovery_reducing(rs))
		rs->prr.out++;
}

/* The reduction was for nothing. */
static inline void rill_recovery_undone(struct rill_sock *rs)
{
	rs->rec.state = RILL_OPEN;
}

/* The segment at @seq is about to be marked lost: is it the first? */
static inline void rill_recovery_lost(struct rill_sock *rs, u32 seq)
{
	if (!rs->rtx.lost_out || rill_before(seq, rs->rec.lost_seq))
		rs->rec.lost_seq = seq;
}

/* Nothing below @seq is marked lost any more. */
static inline void rill_recovery_passed(struct rill_sock *rs, u32 seq)
{
	rs->rec.lost_seq = seq;
}

void rill_recovery_ack(struct sock *sk, const struct rill_segment *seg,
		       struct rill_ack_sample *as);
void rill_recovery_enter(struct sock *sk);
void rill_recovery_cwr(struct sock *sk);
void rill_recovery_collapse(struct sock *sk);
void rill_recovery_shorten(struct sock *sk);

/* transfer/ooo.c: out-of-order segments */
bool rill_ooo_insert(struct sock *sk, struct sk_buff *skb,
		     struct rill_sack *twice);
struct sk_buff *rill_ooo_take(struct sock *sk);
bool rill_ooo_prune(struct sock *sk, const struct sk_buff *skb);
bool rill_skb_appends(const struct sk_buff *to, const struct sk_buff *skb);
bool rill_skb_coalesce(struct sock *sk, struct sk_buff *to,
		       struct sk_buff *skb);

/* transfer/urgent.c: urgent data */
void rill_urgent_acked(struct rill_sock *rs);
void rill_urgent_header(const struct rill_sock *rs, struct rill_segment *seg);
bool rill_urgent_window_probe(const struct rill_sock *rs);

/* transfer/rcvbuf.c: the memory of received data */

/* The RTT that the receiver has measured, ns; 0: none yet. */
static inline u64 rill_rcvbuf_rtt_ns(const struct rill_sock *rs)
{
	return (u64)(rs->space.rtt_us >> 3) * NSEC_PER_USEC;
}

/*
 * What the program has read is looked at once in a round trip. It is over when
 * a segment comes after it: the clock is not read for this, of which there may
 * be many in one.
 */
static inline bool rill_rcvbuf_due(const struct rill_sock *rs)
{
	u64 rtt_ns = rill_rcvbuf_rtt_ns(rs);

	if (!rs->space.start_ns)
		return true;
	return rtt_ns && rill_elapsed_ns(rs->clock.now_ns,
					 rs->space.start_ns) >= rtt_ns;
}

void rill_rcvbuf_round(struct sock *sk);
void rill_rcvbuf_learn(struct sock *sk, const struct rill_packet *p);

#define RILL_RATIO_SHIFT	8	/* space.ratio is in parts of 256 */

/* Bytes of payload that @space bytes of the receive buffer hold. */
static inline u32 rill_rcvbuf_payload(const struct rill_sock *rs, s64 space)
{
	return space > 0 ? space * rs->space.ratio >> RILL_RATIO_SHIFT : 0;
}

u64 rill_rcvbuf_space(const struct rill_sock *rs, u64 payload);
void rill_rcvbuf_measure(struct rill_sock *rs, const struct sk_buff *skb);
bool rill_rcvbuf_room(struct sock *sk, struct sk_buff **skb, bool in_order);

/* transfer/memory.c: the account that all sockets share */
bool rill_memory_tight(const struct sock *sk);
bool rill_memory_force(struct sock *sk, int size);
void rill_memory_take(struct sock *sk, int size);
bool rill_memory_promised(struct sock *sk, int size, u64 held, u32 least);

/* transfer/sack.c: SACK blocks to report */

/* Is there any SACK block to report? */
static inline bool rill_sacks_due(const struct rill_sock *rs)
{
	return rs->agreed.sack_ok && (rs->sack.num || rs->sack.dsack_due);
}

/* What was reported is thrown away. */
static inline void rill_sacks_forget(struct rill_sock *rs)
{
	rs->sack.num = 0;
}

void rill_sacks_add(struct rill_sock *rs, u32 start, u32 end);
void rill_sacks_clean(struct rill_sock *rs);
void rill_sacks_cut(struct rill_sock *rs, u32 edge);
void rill_sacks_out(struct sock *sk, struct rill_options *opts);
void rill_dsack_add(struct sock *sk, u32 start, u32 end);

/* transfer/delack.c: delayed ACKs */

/* A segment is answered when the event is over, though it brought nothing. */
static inline void rill_ack_answer(struct rill_sock *rs)
{
	rs->ack.pending = rs->ack.pending ? RILL_ACK_NOW : RILL_ACK_ANSWER;
}

/* There was no memory for the ACK: it is tried again. */
static inline void rill_ack_later(struct rill_sock *rs)
{
	rs->ack.pending = RILL_ACK_DELAYED;
}

void rill_delack_again(struct sock *sk);
void rill_delack_arrived(struct sock *sk, const struct rill_segment *seg);
void rill_delack_answered(struct rill_sock *rs, u64 now);
void rill_delack_in_order(struct rill_sock *rs, bool filled);
bool rill_delack_read(const struct sock *sk);
bool rill_delack_expire(struct sock *sk);
bool rill_delack_choose(struct sock *sk, int val);
void rill_ack_sent(struct sock *sk);

/* transfer/congestion.c: what all algorithms share */

/* cwnd is @segments now, while it is on its way down. */
static inline void rill_cc_allow(struct rill_sock *rs, u32 segments)
{
	rs->cc.cwnd = max_t(u32, segments, 1);
}

/* What was acknowledged since cwnd grew counts no more. */
static inline void rill_cc_anew(struct rill_sock *rs)
{
	rs->cc.cwnd_cnt = 0;
}

/* cwnd grows to @segments at once. */
static inline void rill_cc_raise(struct rill_sock *rs, u32 segments)
{
	rs->cc.cwnd = segments;
	rs->cc.cwnd_cnt = 0;
}

/* Slow start is over where it stands. */
static inline void rill_cc_slow_start_over(struct rill_sock *rs)
{
	rs->cc.ssthresh = rs->cc.cwnd;
}

/* The last reduction is taken back: cwnd and ssthresh are no less than these. */
static inline void rill_cc_restore(struct rill_sock *rs, u32 cwnd, u32 ssthresh)
{
	rs->cc.cwnd = max(rs->cc.cwnd, cwnd);
	rs->cc.ssthresh = max(rs->cc.ssthresh, ssthresh);
	rs->cc.cwnd_cnt = 0;
}

/* Segments of another size carry the same. */
static inline void rill_cc_rescale(struct rill_sock *rs, u32 cwnd, u32 ssthresh)
{
	rs->cc.cwnd = cwnd;
	rs->cc.ssthresh = ssthresh;
}

void rill_cc_reduce(struct sock *sk);
u32 rill_cc_window(const struct sock *sk);
u32 rill_cc_slow_start(struct sock *sk, u32 acked);
void rill_cc_add(struct sock *sk, u64 part, u64 whole);
void rill_cc_grow(struct sock *sk, const struct rill_ack_sample *as);
void rill_cc_sent(struct sock *sk, bool limited);
bool rill_cc_limited(const struct sock *sk);
void rill_cc_idle(struct sock *sk);

/* transfer/newreno.c */
u32 rill_newreno_ssthresh(struct sock *sk);
void rill_newreno_grow(struct sock *sk, const struct rill_ack_sample *as);

/* transfer/hystart.c */
u32 rill_hystart_threshold(u32 rtt_us);
void rill_hystart_acked(struct rill_hystart *hs, struct sock *sk, u32 rtt_us);
u32 rill_hystart_step(struct rill_hystart *hs, u32 acked, bool paced);

/* transfer/cubic.c */
u64 rill_cubic_root(u64 x);
u32 rill_cubic_k_us(u32 segments);
u64 rill_cubic_rise(u64 us);

/* transfer/dctcp.c */
u32 rill_dctcp_average(u32 alpha, u32 acked, u32 marked);

/* transfer/ecn.c */
u8 rill_ecn_syn(struct sock *sk, u8 flags, bool again);
void rill_ecn_header(struct sock *sk, struct rill_segment *seg, bool new);
bool rill_ecn_data(struct sock *sk, const struct rill_segment *seg);
void rill_ecn_turned(struct rill_sock *rs);
bool rill_ecn_reported(const struct sock *sk, const struct rill_segment *seg);
bool rill_ecn_acked(struct sock *sk, const struct rill_ack_sample *as);

/* A reduction begins that is for a mark; or it is over. */
static inline void rill_ecn_reducing(struct rill_sock *rs, bool reducing)
{
	rs->ecn.reducing = reducing;
}

/* A segment with CWR could not be sent: the next one carries it. */
static inline void rill_ecn_unsent(struct rill_sock *rs)
{
	rs->ecn.cwr = true;
}

void rill_ecn_reduced(struct rill_sock *rs);
void rill_ecn_withdraw(struct rill_sock *rs);

/* transfer/rate.c */
void rill_rate_sent(struct rill_sock *rs, struct sk_buff *skb);
void rill_rate_arrived(struct rill_sock *rs, const struct sk_buff *skb,
		       struct rill_ack_sample *as);
void rill_rate_acked(struct rill_sock *rs, const struct rill_ack_sample *as);
void rill_hold_update(struct sock *sk);

/* transfer/sndbuf.c: the memory of unsent and unacknowledged data */
void rill_write_wake(struct sock *sk);

/* transfer/pacing.c */
bool rill_pace_active(const struct sock *sk);
void rill_pace_init(struct sock *sk);
u64 rill_pace_rate(u64 bytes, u32 srtt8_us, u32 percent);
void rill_pace_update(struct sock *sk);
bool rill_pace_allows(struct sock *sk);
void rill_pace_sent(struct sock *sk, u32 bytes);

#endif /* _RILL_TRANSFER_INSIDE_H */
