// SPDX-License-Identifier: GPL-2.0
/*
 * What the peer reports by SACK (RFC 2018) and D-SACK (RFC 2883).
 *
 * An ACK repeats the blocks of earlier ones, in any order, and a peer may
 * repeat them without end. Each SACKed segment therefore knows how far the run
 * of SACKed segments behind it goes, and a walk goes from gap to gap.
 */
#include "inside.h"

static void rill_sack_mark(struct sock *sk, struct sk_buff *skb,
			   const struct rill_segment *seg,
			   struct rill_ack_sample *as)
{
	if (rill_cb(skb)->sacked & RILL_SKB_SACKED)
		return;
	rill_rack_delivered(sk, skb, seg, as);
	rill_rtx_unlist(skb);
	rill_plpmtud_acked(sk, skb);
	rill_rtx_sacked(rill_sk(sk), skb);
	as->sacked = true;
}

/**
 * rill_sack_next - the segment behind another and what is SACKed with it
 * @sk: the socket
 * @skb: a segment of rtx.queue
 *
 * Context: socket lock held.
 * Return: the segment or NULL.
 */
struct sk_buff *rill_sack_next(const struct sock *sk, struct sk_buff *skb)
{
	const struct rill_skb_cb *cb = rill_cb(skb);

	if ((cb->sacked & RILL_SKB_SACKED) && cb->sacked_end != cb->end_seq)
		return rill_rtx_from(sk, cb->sacked_end);
	return rill_rtx_next(skb);
}

/*
 * One block: the segments that it covers as a whole. They become one run, so
 * that the next walk over it is one step. Returns the number of steps.
 */
static u32 rill_sack_block(struct sock *sk, const struct rill_sack *block,
			   const struct rill_segment *seg,
			   struct rill_ack_sample *as)
{
	struct sk_buff *part = rill_rtx_beyond(sk, block->end);
	u32 end = part ? rill_cb(part)->seq : block->end;
	struct sk_buff *skb, *next;
	struct rill_skb_cb *cb;
	u32 steps = 0;

	for (skb = rill_rtx_from(sk, block->start);
	     skb && rill_before(rill_cb(skb)->seq, end); skb = next) {
		cb = rill_cb(skb);
		next = rill_sack_next(sk, skb);
		if (!(cb->sacked & RILL_SKB_SACKED)) {
			rill_sack_mark(sk, skb, seg, as);
			cb->sacked_end = end;
		}
		if (rill_before(cb->sacked_end, end))
			cb->sacked_end = end;
		steps++;
	}
	return steps;
}

/*
 * RFC 2883, 4: the first block reports a duplicate if it lies below the ACK or
 * inside the second block.
 */
static bool rill_sack_duplicate(struct sock *sk,
				const struct rill_segment *seg)
{
	const struct rill_sack *b = seg->opts.sacks;
	const struct rill_sock *rs = rill_sk(sk);

	if (!rill_before(b[0].start, b[0].end))
		return false;
	if (rill_after(b[0].end, seg->ack) &&
	    (seg->opts.nsacks < 2 || rill_before(b[0].start, b[1].start) ||
	     rill_after(b[0].end, b[1].end)))
		return false;
	/* A block of data never sent, or acknowledged long ago, is invalid. */
	return !rill_after(b[0].end, rs->snd.nxt) &&
	       !rill_before(b[0].start, rs->snd.una - rs->snd.max_wnd);
}

/* Is the duplicate a copy by a timer, or by loss detection? */
static void rill_sack_twice(struct sock *sk, const struct rill_sack *block,
			    struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);
	bool probe = rs->tlp.copy && block->start == rs->tlp.seq;

	as->dsack = true;
	as->timed = probe ||
		    (!rill_before(block->start, rs->rack.timeout_seq) &&
		     rill_before(block->start, rs->rack.timeout_end));
	rs->tally.dsack_dups++;
	rill_count(rill_sk_net(sk), dsacks_in);
	/* A tail loss probe reduced nothing: there is nothing to undo. */
	if (probe)
		rill_tlp_reported(rs);
	else
		rill_undo_dsack(sk, block->start, block->end);
}

/**
 * rill_sacks_in - SACK blocks have come
 * @sk: the socket, snd.una as the segment acknowledges
 * @seg: the segment's header
 * @as: what it tells
 *
 * Blocks outside of the data in flight are skipped.
 */
void rill_sacks_in(struct sock *sk, const struct rill_segment *seg,
		   struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 steps = 0;
	int i = 0;

	sock_owned_by_me(sk);
	if (!seg->opts.nsacks)
		return;
	if (rill_sack_duplicate(sk, seg)) {
		rill_sack_twice(sk, &seg->opts.sacks[0], as);
		i = 1;
	}
	for (; i < seg->opts.nsacks; i++) {
		const struct rill_sack *b = &seg->opts.sacks[i];

		if (!rill_before(b->start, b->end) ||
		    rill_before(b->start, rs->snd.una) ||
		    rill_after(b->end, rs->snd.nxt))
			continue;
		steps += rill_sack_block(sk, b, seg, as);
	}
	rill_count_add(rill_sk_net(sk), sack_steps, steps);
}
