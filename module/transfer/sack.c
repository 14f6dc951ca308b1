// SPDX-License-Identifier: GPL-2.0
/*
 * SACK blocks that the receiver reports: out-of-order data (RFC 2018), and
 * duplicates (RFC 2883).
 */
#include "inside.h"

/**
 * rill_sacks_clean - rcv.nxt has advanced: drop the blocks below it
 * @rs: the socket
 *
 * Context: socket lock held.
 */
void rill_sacks_clean(struct rill_sock *rs)
{
	int i, kept = 0;

	if (RB_EMPTY_ROOT(&rs->rcv.ooo_queue)) {
		rs->sack.num = 0;
		return;
	}
	for (i = 0; i < rs->sack.num; i++)
		if (rill_after(rs->sack.recent[i].start, rs->rcv.nxt))
			rs->sack.recent[kept++] = rs->sack.recent[i];
	rs->sack.num = kept;
}

/**
 * rill_sacks_cut - out-of-order data was dropped: report it no more
 * @rs: the socket
 * @edge: one past the last that is kept
 *
 * Context: socket lock held.
 */
void rill_sacks_cut(struct rill_sock *rs, u32 edge)
{
	int i, kept = 0;

	for (i = 0; i < rs->sack.num; i++) {
		struct rill_sack b = rs->sack.recent[i];

		if (!rill_before(b.start, edge))
			continue;
		if (rill_after(b.end, edge))
			b.end = edge;
		rs->sack.recent[kept++] = b;
	}
	rs->sack.num = kept;
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

	for (i = 0; i < rs->sack.num; i++) {
		struct rill_sack *b = &rs->sack.recent[i];

		if (rill_after(b->start, block.end) ||
		    rill_before(b->end, block.start)) {
			rs->sack.recent[kept++] = *b;
			continue;
		}
		/* They touch: one block of both. */
		if (rill_before(b->start, block.start))
			block.start = b->start;
		if (rill_after(b->end, block.end))
			block.end = b->end;
	}
	kept = min(kept, RILL_SACKS_MAX - 1);
	memmove(&rs->sack.recent[1], rs->sack.recent,
		kept * sizeof(block));
	rs->sack.recent[0] = block;
	rs->sack.num = kept + 1;
}

/**
 * rill_sacks_out - the SACK blocks that the next ACK reports
 * @sk: the socket
 * @opts: options of the segment; as many blocks as fit
 *
 * A D-SACK block is the first, and is reported once (RFC 2883, 4).
 */
void rill_sacks_out(struct sock *sk, struct rill_options *opts)
{
	struct rill_sock *rs = rill_sk(sk);
	u8 most = rs->agreed.ts_ok ? RILL_SACKS_MAX - 1 : RILL_SACKS_MAX;
	int i;

	sock_owned_by_me(sk);
	if (!rs->agreed.sack_ok)
		return;
	opts->nsacks = 0;
	if (rs->sack.dsack_due) {
		opts->sacks[opts->nsacks++] = rs->sack.dsack;
		rs->sack.dsack_due = false;
		rill_count(rill_sk_net(sk), dsacks_sent);
	}
	for (i = 0; i < rs->sack.num && opts->nsacks < most; i++)
		opts->sacks[opts->nsacks++] = rs->sack.recent[i];
}

/**
 * rill_dsack_add - duplicate data has come
 * @sk: the socket
 * @start: first sequence number of the duplicate
 * @end: one past the last
 *
 * The next ACK reports it. An ACK has room for one D-SACK block (RFC 2883, 4):
 * of several duplicates before that ACK the first is reported, and those that
 * adjoin it.
 */
void rill_dsack_add(struct sock *sk, u32 start, u32 end)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!rs->agreed.sack_ok || !rill_before(start, end) ||
	    !rill_tunable(rill_sk_net(sk), dsack))
		return;
	if (!rs->sack.dsack_due) {
		rs->sack.dsack.start = start;
		rs->sack.dsack.end = end;
		rs->sack.dsack_due = true;
		return;
	}
	if (rill_after(start, rs->sack.dsack.end) ||
	    rill_before(end, rs->sack.dsack.start))
		return;
	if (rill_before(start, rs->sack.dsack.start))
		rs->sack.dsack.start = start;
	if (rill_after(end, rs->sack.dsack.end))
		rs->sack.dsack.end = end;
}

/**
 * rill_dsack_old - a segment that lies below rcv.nxt, or begins there
 * @sk: the socket
 * @seq: its first sequence number
 * @end: one past its last
 */
void rill_dsack_old(struct sock *sk, u32 seq, u32 end)
{
	u32 rcv_nxt = rill_sk(sk)->rcv.nxt;

	sock_owned_by_me(sk);
	if (rill_before(seq, rcv_nxt))
		rill_dsack_add(sk, seq, rill_before(end, rcv_nxt) ? end :
								   rcv_nxt);
}
