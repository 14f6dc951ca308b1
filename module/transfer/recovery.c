// SPDX-License-Identifier: GPL-2.0
/*
 * What is lost and what is sent again: fast retransmit and fast recovery with
 * SACK (RFC 2018, RFC 6675) and without (RFC 5681, RFC 6582), and the
 * retransmission timeout (RFC 6298).
 */
#include <net/rill.h>
#include "../compat.h"

#define RILL_DUPTHRESH	3	/* RFC 6675, 2 */

static void rill_mark_lost(struct rill_sock *rs, struct sk_buff *skb)
{
	u8 *sacked = &rill_cb(skb)->sacked;

	if (*sacked & (RILL_SKB_SACKED | RILL_SKB_LOST))
		return;
	if (*sacked & RILL_SKB_RETRANS) {
		*sacked &= ~RILL_SKB_RETRANS;
		rs->retrans_out--;
	}
	*sacked |= RILL_SKB_LOST;
	rs->lost_out++;
	/* Duplicate ACKs stand for any segments; this one is none of them. */
	if (!rs->sack_ok && rs->sacked_out + rs->lost_out > rs->packets_out)
		rs->sacked_out = rs->packets_out - rs->lost_out;
}

/* One block; returns true if it tells something new. */
static bool rill_sack_block(struct sock *sk, const struct rill_sack *block)
{
	struct rb_node *node = rill_sk(sk)->rtx_queue.rb_node;
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb = NULL, *at;
	bool news = false;
	u8 *sacked;

	/* The first segment that starts inside the block. */
	while (node) {
		at = rb_to_skb(node);
		if (rill_before(rill_cb(at)->seq, block->start)) {
			node = node->rb_right;
		} else {
			skb = at;
			node = node->rb_left;
		}
	}
	for (; skb; skb = rill_rtx_next(skb)) {
		if (rill_after(rill_cb(skb)->end_seq, block->end))
			break;
		sacked = &rill_cb(skb)->sacked;
		if (*sacked & RILL_SKB_SACKED)
			continue;
		if (*sacked & RILL_SKB_LOST)
			rs->lost_out--;
		if (*sacked & RILL_SKB_RETRANS)
			rs->retrans_out--;
		*sacked &= ~(RILL_SKB_LOST | RILL_SKB_RETRANS);
		*sacked |= RILL_SKB_SACKED;
		rs->sacked_out++;
		rill_probe_acked(sk, skb);
		news = true;
	}
	return news;
}

/**
 * rill_sacks_in - SACK blocks have come
 * @sk: the socket
 * @seg: the segment's header
 *
 * Blocks that lie outside of what is in flight say nothing and are skipped.
 *
 * Context: socket lock held.
 * Return: true if they tell of segments that were not SACKed before.
 */
bool rill_sacks_in(struct sock *sk, const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);
	bool news = false;
	int i;

	for (i = 0; i < seg->opts.nsacks; i++) {
		const struct rill_sack *b = &seg->opts.sacks[i];

		if (!rill_before(b->start, b->end) ||
		    rill_before(b->start, rs->snd_una) ||
		    rill_after(b->end, rs->snd_nxt))
			continue;
		news |= rill_sack_block(sk, b);
	}
	return news;
}

/* RFC 6675, IsLost(): three SACKed segments lie above. */
static void rill_recovery_mark(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rb_node *node = rb_last(&rs->rtx_queue);
	u32 above = 0;

	for (; node; node = rb_prev(node)) {
		struct sk_buff *skb = rb_to_skb(node);

		if (rill_cb(skb)->sacked & RILL_SKB_SACKED)
			above++;
		else if (above >= RILL_DUPTHRESH &&
			 !(rill_cb(skb)->sacked & RILL_SKB_RETRANS))
			rill_mark_lost(rs, skb);
	}
}

/*
 * RFC 4821, 7.6.2: a probe of the path MTU was too long. It goes again in
 * pieces, and the congestion window stays.
 */
static bool rill_recovery_probe(struct sock *sk)
{
	struct sk_buff *skb, *next;
	bool probe = false;

	for (skb = rill_rtx_head(sk); skb; skb = rill_rtx_next(skb))
		if ((rill_cb(skb)->sacked & RILL_SKB_LOST) &&
		    rill_probe_lost(sk, skb))
			probe = true;
	if (!probe)
		return false;
	for (skb = rill_rtx_head(sk); skb; skb = next) {
		if (rill_cb(skb)->sacked & RILL_SKB_LOST)
			rill_retransmit(sk, skb);
		/* The rest of a split one comes next. */
		next = rill_rtx_next(skb);
	}
	return true;
}

/* RFC 5681, 3.2, step 2: halve once for all losses of one window. */
static void rill_recovery_enter(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb;

	if (rs->recovery != RILL_OPEN || rill_recovery_probe(sk))
		return;
	rs->ssthresh = rs->cc->ssthresh(sk);
	rs->cwnd = rs->ssthresh;
	rs->cwnd_cnt = 0;
	rs->recovery = RILL_RECOVERY;
	rs->recovery_point = rs->snd_nxt;
	/* The first goes at once, whatever cwnd: it is why we are here. */
	for (skb = rill_rtx_head(sk); skb; skb = rill_rtx_next(skb)) {
		if (!(rill_cb(skb)->sacked & RILL_SKB_LOST))
			continue;
		if (!rill_retransmit(sk, skb))
			rill_count(rill_sk_net(sk), fast_retrans);
		break;
	}
}

/* Without SACK each duplicate ACK stands for a segment that has left. */
static void rill_recovery_dupack(struct rill_sock *rs)
{
	if (rs->dupacks < U8_MAX)
		rs->dupacks++;
	if (rs->sack_ok)
		return;
	if (rs->sacked_out + rs->lost_out < rs->packets_out)
		rs->sacked_out++;
}

/* Without SACK: an ACK of something new takes back what dupacks stood for. */
static void rill_recovery_reno_acked(struct rill_sock *rs, u32 acked)
{
	if (rs->sack_ok)
		return;
	/* One of them filled the hole; the others had been counted. */
	rs->sacked_out -= min(rs->sacked_out, acked ? acked - 1 : 0);
	if (rs->sacked_out + rs->lost_out > rs->packets_out)
		rs->sacked_out = rs->packets_out - rs->lost_out;
	if (rs->recovery == RILL_OPEN)
		rs->sacked_out = 0;
}

/* Everything of the lossy window has been acknowledged. */
static void rill_recovery_leave(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	if (rs->recovery == RILL_RECOVERY)
		rs->cwnd = max_t(u32, rs->ssthresh, 1);
	rs->recovery = RILL_OPEN;
	if (!rs->sack_ok)
		rs->sacked_out = 0;
}

/**
 * rill_recovery_ack - learn from an acknowledgment what is lost
 * @sk: the socket
 * @as: what it told
 *
 * Context: socket lock held; what is to be sent again goes with the next
 * rill_push().
 */
void rill_recovery_ack(struct sock *sk, const struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);
	bool advanced = rs->snd_una != as->prior_una;
	struct sk_buff *head;

	if (as->dupack)
		rill_recovery_dupack(rs);
	if (advanced) {
		rs->dupacks = 0;
		rill_recovery_reno_acked(rs, as->acked);
		if (rs->recovery != RILL_OPEN &&
		    !rill_before(rs->snd_una, rs->recovery_point))
			rill_recovery_leave(sk);
	}
	head = rill_rtx_head(sk);
	if (!head)
		return;

	if (rs->sack_ok) {
		if (rs->sacked_out)
			rill_recovery_mark(sk);
	} else if (rs->recovery == RILL_RECOVERY && advanced) {
		/* RFC 6582, 3.2: a partial ACK shows the next hole. */
		rill_mark_lost(rs, head);
	}
	/* RFC 6582, 3.2, step 1: not for what an RTO has sent again. */
	if (rs->dupacks == RILL_DUPTHRESH && rs->recovery == RILL_OPEN &&
	    !(rill_cb(head)->sacked & RILL_SKB_RETRANS))
		rill_mark_lost(rs, head);
	if (rs->lost_out)
		rill_recovery_enter(sk);
}

/**
 * rill_recovery_timeout - the retransmission timer has fired
 * @sk: the socket, with something in flight
 *
 * RFC 5681, equation 4 and RFC 6298, 5.4: what is not SACKed is taken for lost
 * and goes again in slow start, the oldest now.
 *
 * Context: socket lock held.
 */
void rill_recovery_timeout(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *head = rill_rtx_head(sk);
	struct sk_buff *skb;
	bool reneged;

	/* RFC 2018, 8: a receiver that SACKed the oldest has dropped it. */
	reneged = !rs->sack_ok || (rill_cb(head)->sacked & RILL_SKB_SACKED);
	/* RFC 5681, 3.1: ssthresh is halved once, not for each backoff. */
	if (rs->recovery != RILL_LOSS || !rill_before(rs->snd_una,
						      rs->recovery_point))
		rs->ssthresh = rs->cc->ssthresh(sk);
	for (skb = head; skb; skb = rill_rtx_next(skb)) {
		if (reneged)
			rill_cb(skb)->sacked &= ~RILL_SKB_SACKED;
		rill_mark_lost(rs, skb);
	}
	if (reneged)
		rs->sacked_out = 0;
	rs->cwnd = 1;
	rs->cwnd_cnt = 0;
	rs->dupacks = 0;
	rs->recovery = RILL_LOSS;
	rs->recovery_point = rs->snd_nxt;
	rill_retransmit(sk, head);
}

/**
 * rill_recovery_send - send again what is lost, as far as cwnd allows
 * @sk: the socket
 *
 * Context: socket lock held.
 */
void rill_recovery_send(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_net *rnet = rill_sk_net(sk);
	struct sk_buff *skb;

	if (!rs->lost_out)
		return;
	for (skb = rill_rtx_head(sk); skb; skb = rill_rtx_next(skb)) {
		if (!rs->lost_out || rill_in_flight(sk) >= rs->cwnd)
			break;
		if (!(rill_cb(skb)->sacked & RILL_SKB_LOST))
			continue;
		if (rill_retransmit(sk, skb))
			break;
		if (rs->recovery == RILL_RECOVERY)
			rill_count(rnet, fast_retrans);
	}
	if (rs->packets_out && !rill_timer_armed(sk, RILL_TIMER_RETRANSMIT))
		rill_timer_arm(sk, RILL_TIMER_RETRANSMIT,
			       rill_now_ns() + rill_rto_ns(sk));
}

/**
 * rill_recovery_mtu - the path takes less than what is in flight
 * @sk: the socket, its MSS up to date
 *
 * What was too long is lost, but not to congestion (RFC 1191, 6.5): all of it
 * goes again, in pieces, and cwnd stays.
 *
 * Context: socket lock held.
 */
void rill_recovery_mtu(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb, *next;

	for (skb = rill_rtx_head(sk); skb; skb = next) {
		if (skb->len > rs->mss &&
		    !(rill_cb(skb)->sacked & RILL_SKB_SACKED)) {
			rill_mark_lost(rs, skb);
			rill_skb_split(sk, skb, rs->mss, GFP_ATOMIC);
		}
		/* The rest of a split one comes next. */
		next = rill_rtx_next(skb);
	}
	rill_recovery_send(sk);
}
