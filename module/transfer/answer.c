// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that are not acceptable: is there to be an ACK (RFC 9293, 3.10.7.4,
 * first; RFC 5961)? It goes as the event ends.
 */
#include "inside.h"

/* Least time between two answers to window probes and keepalives. */
#define RILL_ANSWER_GAP_NS	(5 * NSEC_PER_MSEC)

/**
 * rill_answer_challenge - a challenge ACK is due (RFC 5961, 7)
 * @sk: the socket
 *
 * One socket sends no two within invalid_ratelimit_ms, so that its peer cannot
 * use up the limit for others. The namespace sends challenge_ack_limit a
 * second, give or take a random half, so that an attacker cannot count them.
 */
void rill_answer_challenge(struct sock *sk)
{
	struct rill_net *rnet = rill_sk_net(sk);
	struct rill_sock *rs = rill_sk(sk);
	u32 limit = rill_tunable(rnet, challenge_ack_limit);
	u32 second = div_u64(rill_now_ns(), NSEC_PER_SEC) + 1;
	bool may;

	sock_owned_by_me(sk);
	if (!rill_may_answer(rnet, &rs->ack.answers, rs->clock.now_ns, U64_MAX))
		return;
	spin_lock_bh(&rnet->challenge_lock);
	if (rnet->challenge_second != second) {
		rnet->challenge_second = second;
		rnet->challenge_left = limit / 2 +
			(limit ? reciprocal_scale(get_random_u32(), limit) : 0);
	}
	may = rnet->challenge_left > 0;
	if (may)
		rnet->challenge_left--;
	spin_unlock_bh(&rnet->challenge_lock);
	if (!may)
		return;
	rill_count(rnet, challenge_acks);
	rill_ack_answer(rs);
}

/**
 * rill_answer_unacceptable - answer a segment that is outside the window
 * @sk: the socket
 * @seg: the segment
 *
 * No two answers to segments without data go within invalid_ratelimit_ms:
 * rill_may_answer() says why. The interval is shorter for what looks like a
 * window probe or a keepalive, which may come every few milliseconds; and for
 * all below a window that we closed, since a peer that missed the window update
 * probes there (RFC 9293, 3.8.6.1).
 */
void rill_answer_unacceptable(struct sock *sk, const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);
	u64 gap_ns = U64_MAX;

	sock_owned_by_me(sk);
	rill_dsack_old(sk, seg->seq, seg->end_seq);
	if (seg->seq == rs->rcv.nxt - 1 ||
	    (!rill_window_left(sk) && !rill_after(seg->seq, rs->rcv.nxt)))
		gap_ns = RILL_ANSWER_GAP_NS;
	if (rill_segment_text(seg) ||
	    rill_may_answer(rill_sk_net(sk), &rs->ack.answers,
			    rs->clock.now_ns, gap_ns))
		rill_ack_answer(rs);
}
