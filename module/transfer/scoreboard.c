// SPDX-License-Identifier: GPL-2.0
/*
 * What the peer has SACKed (RFC 2018) and what it has received twice (RFC
 * 2883).
 *
 * An ACK repeats what the last ones have said. What the last one said is kept,
 * so that a walk passes over it, however long the blocks have become.
 */
#include <net/rill.h>

/* Behind @seq if one of the @n blocks has told of it, else @seq. */
static u32 rill_sack_within(const struct rill_sack *known, int n, u32 seq)
{
	int i;

	for (i = 0; i < n; i++)
		if (!rill_before(seq, known[i].start) &&
		    rill_before(seq, known[i].end))
			return known[i].end;
	return seq;
}

/* What has been acknowledged since need not be known any more. */
static void rill_sack_forget(struct rill_sock *rs)
{
	int i, kept = 0;

	for (i = 0; i < rs->num_known_sacks; i++)
		if (rill_after(rs->known_sacks[i].end, rs->snd_una))
			rs->known_sacks[kept++] = rs->known_sacks[i];
	rs->num_known_sacks = kept;
}

static void rill_sack_mark(struct sock *sk, struct sk_buff *skb,
			   const struct rill_segment *seg,
			   struct rill_ack_sample *as)
{
	u8 *sacked = &rill_cb(skb)->sacked;
	struct rill_sock *rs = rill_sk(sk);

	if (*sacked & RILL_SKB_SACKED)
		return;
	rill_rack_delivered(sk, skb, seg, as);
	rill_rack_forget(skb);
	rill_probe_acked(sk, skb);
	if (*sacked & RILL_SKB_LOST)
		rs->lost_out--;
	if (*sacked & RILL_SKB_RETRANS)
		rs->retrans_out--;
	*sacked &= ~(RILL_SKB_LOST | RILL_SKB_RETRANS);
	*sacked |= RILL_SKB_SACKED;
	rs->sacked_out++;
	as->sacked = true;
}

/*
 * One block, behind the @n of the same ACK that were @told before it; returns
 * the end of what it covers in whole segments.
 */
static u32 rill_sack_block(struct sock *sk, const struct rill_sack *block,
			   const struct rill_sack *told, int n,
			   const struct rill_segment *seg,
			   struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb;
	u32 known;

	skb = rill_rtx_from(sk, block->start);
	/* A part of one segment is no segment. */
	if (skb && rill_after(rill_cb(skb)->seq, block->end))
		return block->start;
	while (skb) {
		if (rill_after(rill_cb(skb)->end_seq, block->end))
			return rill_cb(skb)->seq;
		known = rill_sack_within(rs->known_sacks, rs->num_known_sacks,
					 rill_cb(skb)->seq);
		known = rill_sack_within(told, n, known);
		if (known != rill_cb(skb)->seq) {
			skb = rill_rtx_from(sk, known);
			continue;
		}
		rill_sack_mark(sk, skb, seg, as);
		skb = rill_rtx_next(skb);
	}
	return block->end;
}

/*
 * RFC 2883, 4: the first block, if it lies below the ACK or inside the second,
 * is of a segment that came twice.
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
	/* Of what was never sent, or so long ago, the peer cannot speak. */
	return !rill_after(b[0].end, rs->snd_nxt) &&
	       !rill_before(b[0].start, rs->snd_una - rs->max_window);
}

/* Was it a timer's copy that came twice, or one that a loss had called for? */
static void rill_sack_twice(struct sock *sk, const struct rill_sack *block,
			    struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);
	bool probe = rs->tlp.copy && block->start == rs->tlp.seq;

	as->dsack = true;
	as->timed = probe ||
		    (!rill_before(block->start, rs->rack.timeout_seq) &&
		     rill_before(block->start, rs->rack.timeout_end));
	rill_count(rill_sk_net(sk), dsacks_in);
	/* A probe is no answer to a loss: no reduction is taken back for it. */
	if (probe)
		rs->tlp.copy = false;
	else
		rill_undo_dsack(sk, block->start, block->end);
}

/**
 * rill_sacks_in - SACK blocks have come
 * @sk: the socket, snd_una as the segment acknowledges
 * @seg: the segment's header
 * @as: what it tells
 *
 * Blocks that lie outside of what is in flight say nothing and are skipped.
 *
 * Context: socket lock held.
 */
void rill_sacks_in(struct sock *sk, const struct rill_segment *seg,
		   struct rill_ack_sample *as)
{
	struct rill_sack told[RILL_SACKS_MAX];
	struct rill_sock *rs = rill_sk(sk);
	int i = 0, n = 0;

	if (seg->opts.nsacks && rill_sack_duplicate(sk, seg)) {
		rill_sack_twice(sk, &seg->opts.sacks[0], as);
		i = 1;
	}
	for (; i < seg->opts.nsacks; i++) {
		const struct rill_sack *b = &seg->opts.sacks[i];

		if (!rill_before(b->start, b->end) ||
		    rill_before(b->start, rs->snd_una) ||
		    rill_after(b->end, rs->snd_nxt))
			continue;
		told[n].start = b->start;
		told[n].end = rill_sack_block(sk, b, told, n, seg, as);
		if (rill_before(told[n].start, told[n].end))
			n++;
	}
	if (n) {
		memcpy(rs->known_sacks, told, n * sizeof(told[0]));
		rs->num_known_sacks = n;
	}
	rill_sack_forget(rs);
}
