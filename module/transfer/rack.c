// SPDX-License-Identifier: GPL-2.0
/*
 * Loss detection by time (RACK, RFC 8985): a segment is lost if one that was
 * sent a reordering window later has been delivered.
 */
#include <linux/list_sort.h>
#include "../clock/clock.h"
#include "inside.h"

/* RFC 8985, 6.2: recoveries until a widened window is forgotten. */
#define RILL_RACK_PERSIST	16

/* A minimum RTT holds for so long; the route may have changed since. */
#define RILL_RACK_MIN_RTT_NS	(300ULL * NSEC_PER_SEC)

/**
 * rill_rack_init - a connection begins
 * @rs: the socket, with nothing in flight
 *
 * Context: the socket is new, or its lock is held.
 */
void rill_rack_init(struct rill_sock *rs)
{
	INIT_LIST_HEAD(&rs->rack.sent);
	rs->rack.reo_mult = 1;
}

/**
 * rill_rack_take - take a segment off the list for a while
 * @skb: the segment, on the list or not
 *
 * Context: socket lock held, until rill_rack_put().
 * Return: its place, or NULL if it was not on the list.
 */
struct list_head *rill_rack_take(struct sk_buff *skb)
{
	struct list_head *place = NULL;

	if (skb->tcp_tsorted_anchor.next)
		place = skb->tcp_tsorted_anchor.prev;
	rill_rtx_unlist(skb);
	return place;
}

/**
 * rill_rack_put - put a segment back that was not sent after all
 * @skb: the segment, not on the list
 * @place: as rill_rack_take() said
 *
 * Context: socket lock held.
 */
void rill_rack_put(struct sk_buff *skb, struct list_head *place)
{
	if (place)
		list_add(&skb->tcp_tsorted_anchor, place);
}

/**
 * rill_rack_sent - a segment has been sent or retransmitted
 * @rs: the socket
 * @skb: the segment, its sent_ns set
 *
 * Context: socket lock held.
 */
void rill_rack_sent(struct rill_sock *rs, struct sk_buff *skb)
{
	rill_rtx_unlist(skb);
	list_add_tail(&skb->tcp_tsorted_anchor, &rs->rack.sent);
}

static int rill_rack_compare(void *priv, const struct list_head *a,
			     const struct list_head *b)
{
	struct sk_buff *x, *y;

	x = list_entry(a, struct sk_buff, tcp_tsorted_anchor);
	y = list_entry(b, struct sk_buff, tcp_tsorted_anchor);
	if (rill_cb(x)->sent_ns != rill_cb(y)->sent_ns)
		return rill_cb(x)->sent_ns > rill_cb(y)->sent_ns;
	/* A burst is sent at one time: RFC 8985, 6.1 (RACK_sent_after). */
	return rill_after(rill_cb(x)->end_seq, rill_cb(y)->end_seq);
}

/**
 * rill_rack_restore - segments marked lost and not retransmitted are in flight
 * @sk: the socket
 */
void rill_rack_restore(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb;

	sock_owned_by_me(sk);
	if (!rs->rtx.lost_out)
		return;
	for (skb = rill_rtx_head(sk); skb; skb = rill_rtx_next(skb)) {
		rill_count(rill_sk_net(sk), search_steps);
		if (!(rill_cb(skb)->sacked & RILL_SKB_LOST))
			continue;
		rill_rtx_found(rs, skb);
		rill_rack_sent(rs, skb);
	}
	/* Each in its place by time, however they were mixed. */
	list_sort(NULL, &rs->rack.sent, rill_rack_compare);
}

/* Was it sent before the segment delivered last? (RACK_sent_after) */
static bool rill_rack_before(const struct rill_rack *rack,
			     const struct rill_skb_cb *cb)
{
	if (cb->sent_ns != rack->xmit_ns)
		return cb->sent_ns < rack->xmit_ns;
	return rill_before(cb->end_seq, rack->end_seq);
}

static void rill_rack_min_rtt(struct rill_rack *rack, u32 rtt_us, u64 now)
{
	if (rack->min_rtt_us && rtt_us > rack->min_rtt_us &&
	    rill_elapsed_ns(now, rack->min_rtt_ns) < RILL_RACK_MIN_RTT_NS)
		return;
	rack->min_rtt_us = rtt_us;
	rack->min_rtt_ns = now;
}

/*
 * A retransmitted segment is delivered: may the ACK be for an earlier copy?
 * (RFC 8985, 6.2, step 2)
 */
static bool rill_rack_ambiguous(const struct rill_sock *rs,
				const struct rill_skb_cb *cb,
				const struct rill_segment *seg, u32 rtt_us)
{
	return rtt_us < rs->rack.min_rtt_us ||
	       rill_echo_before(rs, seg, cb->sent_ns);
}

/* RFC 8985, 6.2, step 3: reordering; by how much, for the window. */
static void rill_rack_overtaken(struct rill_rack *rack, u32 rtt_us)
{
	rack->reordered = true;
	if (rtt_us <= rack->rtt_us)
		return;
	rack->late_us = max(rack->late_us, rtt_us - rack->rtt_us);
	/* The wider window lasts for so many recoveries. */
	rack->reo_persist = RILL_RACK_PERSIST;
}

/**
 * rill_rack_delivered - a segment is newly acknowledged or SACKed
 * @sk: the socket
 * @skb: the segment
 * @seg: header of the acknowledgment
 * @as: what it tells; counts the segment
 */
void rill_rack_delivered(struct sock *sk, const struct sk_buff *skb,
			 const struct rill_segment *seg,
			 struct rill_ack_sample *as)
{
	const struct rill_skb_cb *cb = rill_cb(skb);
	struct rill_sock *rs = rill_sk(sk);
	struct rill_rack *rack = &rs->rack;
	u64 ns = rill_elapsed_ns(as->now_ns, cb->sent_ns);
	u32 rtt_us;

	sock_owned_by_me(sk);
	as->delivered++;
	rill_rate_arrived(rs, skb, as);
	rtt_us = clamp_t(u64, div_u64(ns, NSEC_PER_USEC), 1, U32_MAX);
	if (cb->sacked & RILL_SKB_EVER_RETRANS) {
		if (rill_rack_ambiguous(rs, cb, seg, rtt_us))
			return;
	} else {
		rill_rack_min_rtt(rack, rtt_us, as->now_ns);
		if (rill_before(cb->end_seq, as->prior_fack)) {
			rill_rack_overtaken(rack, rtt_us);
			as->reordered = true;
		}
		if (cb->sent_ns > as->sent_ns)
			as->sent_ns = cb->sent_ns;
	}
	if (!rack->xmit_ns || rill_after(cb->end_seq, rack->fack))
		rack->fack = cb->end_seq;
	if (rack->xmit_ns && rill_rack_before(rack, cb))
		return;
	rack->xmit_ns = cb->sent_ns;
	rack->end_seq = cb->end_seq;
	rack->rtt_us = rtt_us;
}

/*
 * How much later than its time a segment may come, us.
 *
 * RFC 8985, 6.2, step 4: a quarter of the least round trip, and one more for
 * each round trip with a D-SACK; no less than the reordering seen, and a
 * quarter more. Until reordering has been seen, three SACKed segments prove a
 * loss, as in RFC 6675.
 */
static u32 rill_rack_window_us(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	const struct rill_rack *rack = &rs->rack;
	u64 us = (u64)rack->min_rtt_us * rack->reo_mult / 4;

	if (!rack->reordered && (rs->rec.state >= RILL_RECOVERY ||
				 rs->rtx.sacked_out >= RILL_DUPTHRESH))
		return 0;
	us = max_t(u64, us, rack->late_us + rack->late_us / 4);
	return min_t(u64, us, rs->rtt.srtt_us >> 3);
}

/* When @skb is lost, unless it is delivered before. */
static u64 rill_rack_deadline(const struct sock *sk, const struct sk_buff *skb,
			      u32 window_us)
{
	u64 us = (u64)rill_sk(sk)->rack.rtt_us + window_us;

	return rill_cb(skb)->sent_ns + us * NSEC_PER_USEC;
}

/**
 * rill_rack_due - after a timeout: is a segment lost?
 * @sk: the socket
 * @skb: the segment, in flight
 * @now: ns
 *
 * RFC 8985, 6.3: a segment sent just now is not lost by the timeout of another.
 *
 * Context: socket lock held.
 * Return: true if it is to be marked lost.
 */
bool rill_rack_due(const struct sock *sk, const struct sk_buff *skb, u64 now)
{
	return !rill_sk(sk)->rack.xmit_ns ||
	       rill_rack_deadline(sk, skb, rill_rack_window_us(sk)) <= now;
}

/*
 * RFC 8985, 6.2, step 5. Returns how many are lost, and sets the timer for the
 * first that may be.
 */
static u32 rill_rack_detect(struct sock *sk, u64 now)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_rack *rack = &rs->rack;
	u32 window_us = rill_rack_window_us(sk);
	struct sk_buff *skb, *next;
	u32 lost = 0;
	u64 due;

	rill_timer_stop(sk, RILL_TIMER_REORDER);
	list_for_each_entry_safe(skb, next, &rack->sent, tcp_tsorted_anchor) {
		rill_count(rill_sk_net(sk), search_steps);
		if (!rill_rack_before(rack, rill_cb(skb)))
			break;
		due = rill_rack_deadline(sk, skb, window_us);
		if (due > now) {
			rill_timer_set(sk, RILL_TIMER_REORDER, due);
			break;
		}
		rill_mark_lost(sk, skb);
		lost++;
	}
	return lost;
}

/* RFC 8985, 6.2, step 4: once in a round trip a duplicate widens the window. */
static void rill_rack_duplicate(struct rill_sock *rs)
{
	struct rill_rack *rack = &rs->rack;

	if (rack->in_round)
		return;
	rack->in_round = true;
	rack->dsack_round = rs->snd.nxt;
	rack->reordered = true;
	rack->reo_persist = RILL_RACK_PERSIST;
	if (rack->reo_mult < U8_MAX)
		rack->reo_mult++;
}

/**
 * rill_rack_ack - mark the segments lost that an ACK proves lost
 * @sk: the socket, with SACK
 * @as: what it reports; @as->lost is set
 */
void rill_rack_ack(struct sock *sk, struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!rill_unacked(rs, rs->rack.dsack_round))
		rs->rack.in_round = false;
	/* A duplicate of a timer's copy shows a late ACK and no reordering. */
	if (as->dsack && !as->timed)
		rill_rack_duplicate(rs);
	as->lost += rill_rack_detect(sk, as->now_ns);
}

/**
 * rill_rack_expire - the reordering window of a segment is over
 * @sk: the socket
 * @now: ns
 *
 * Return: true if segments are lost.
 */
bool rill_rack_expire(struct sock *sk, u64 now)
{
	sock_owned_by_me(sk);
	return rill_rack_detect(sk, now);
}

/**
 * rill_rack_recovered - a recovery is over
 * @rs: the socket
 *
 * Context: socket lock held.
 */
void rill_rack_recovered(struct rill_sock *rs)
{
	struct rill_rack *rack = &rs->rack;

	if (!rack->reo_persist || --rack->reo_persist)
		return;
	rack->reo_mult = 1;
	rack->late_us = 0;
}
