// SPDX-License-Identifier: GPL-2.0
/* What the receiver tells of what came out of order (RFC 2018). */
#include <net/rill.h>

/**
 * rill_sacks_clean - rcv_nxt has advanced: blocks below it have served
 * @rs: the socket
 *
 * Context: socket lock held.
 */
void rill_sacks_clean(struct rill_sock *rs)
{
	int i, kept = 0;

	if (RB_EMPTY_ROOT(&rs->ooo_queue)) {
		rs->num_sacks = 0;
		return;
	}
	for (i = 0; i < rs->num_sacks; i++)
		if (rill_after(rs->recent_sacks[i].start, rs->rcv_nxt))
			rs->recent_sacks[kept++] = rs->recent_sacks[i];
	rs->num_sacks = kept;
}

/**
 * rill_sacks_add - a segment has come out of order
 * @rs: the socket
 * @start: its first sequence number
 * @end: one past its last
 *
 * RFC 2018, 4: the first block is the one with the newest segment.
 *
 * Context: socket lock held.
 */
void rill_sacks_add(struct rill_sock *rs, u32 start, u32 end)
{
	struct rill_sack block = { start, end };
	int i, kept = 0;

	for (i = 0; i < rs->num_sacks; i++) {
		struct rill_sack *b = &rs->recent_sacks[i];

		if (rill_after(b->start, block.end) ||
		    rill_before(b->end, block.start)) {
			rs->recent_sacks[kept++] = *b;
			continue;
		}
		/* They touch: one block of both. */
		if (rill_before(b->start, block.start))
			block.start = b->start;
		if (rill_after(b->end, block.end))
			block.end = b->end;
	}
	kept = min(kept, RILL_SACKS_MAX - 1);
	memmove(&rs->recent_sacks[1], rs->recent_sacks,
		kept * sizeof(block));
	rs->recent_sacks[0] = block;
	rs->num_sacks = kept + 1;
}

/**
 * rill_sacks_out - the SACK blocks to tell the peer
 * @sk: the socket
 * @opts: options of the segment; as many blocks as fit
 *
 * Context: socket lock held.
 */
void rill_sacks_out(const struct sock *sk, struct rill_options *opts)
{
	const struct rill_sock *rs = rill_sk(sk);

	if (!rs->sack_ok)
		return;
	opts->nsacks = min_t(u8, rs->num_sacks,
			     rs->ts_ok ? RILL_SACKS_MAX - 1 : RILL_SACKS_MAX);
	memcpy(opts->sacks, rs->recent_sacks,
	       opts->nsacks * sizeof(opts->sacks[0]));
}
