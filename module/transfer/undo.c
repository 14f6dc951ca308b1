// SPDX-License-Identifier: GPL-2.0
/*
 * Undo of spurious reductions. The retransmissions were not needed if an ACK
 * echoes a timestamp from before them (Eifel: RFC 3522, RFC 4015), or if the
 * peer reports each copy as a duplicate (D-SACK: RFC 3708): cwnd and ssthresh
 * are restored.
 */
#include "inside.h"

/*
 * At most so many in a window. A path that begins to reorder may cost two or
 * three before the reordering window has grown; a peer that reports duplicates
 * without end would cause a walk over all lost segments each time.
 */
#define RILL_UNDO_MOST	4

/**
 * rill_undo_begin - cwnd is about to be reduced
 * @sk: the socket
 * @timeout: for a timeout
 */
void rill_undo_begin(struct sock *sk, bool timeout)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	rs->undo = (struct rill_undo) {
		.cwnd		= rs->cc.cwnd,
		.ssthresh	= rs->cc.ssthresh,
		.start_seq	= rs->snd.una,
		.end_seq	= rs->undo.end_seq,
		.active		= rs->undo.applied < RILL_UNDO_MOST,
		.timeout	= timeout,
		.applied	= rs->undo.applied,
		.cwr		= rs->ecn.cwr,
		.ecn_point	= rs->ecn.point,
	};
}

/**
 * rill_undo_acked - something new is acknowledged
 * @rs: the socket
 *
 * Context: socket lock held.
 */
void rill_undo_acked(struct rill_sock *rs)
{
	if (!rill_unacked(rs, rs->undo.end_seq))
		rs->undo.applied = 0;
}

/**
 * rill_undo_sent - a segment has been retransmitted
 * @sk: the socket
 * @skb: the segment
 *
 * An echo is compared with its sent_ns, since its timestamp is no older.
 */
void rill_undo_sent(struct sock *sk, const struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!rs->undo.active)
		return;
	rs->undo.copies++;
	if (rs->undo.stamped)
		return;
	rs->undo.stamped = true;
	rs->undo.sent_ns = rill_cb(skb)->sent_ns;
}

/* RFC 4015, 3.2: resume, and retransmit nothing more. */
static void rill_undo_apply(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	rs->undo.active = false;
	if (!rs->undo.applied++)
		rs->undo.end_seq = rs->snd.nxt;
	rill_cc_restore(rs, rs->undo.cwnd, rs->undo.ssthresh);
	rill_ecn_withdraw(rs);
	rill_rack_restore(sk);
	rill_recovery_undone(rs);
	rill_count(rill_sk_net(sk), undone_reductions);
	if (rs->cc.ops->undo)
		rs->cc.ops->undo(sk);
}

/**
 * rill_undo_echo - does an ACK answer the first copy of a retransmission?
 * @sk: the socket
 * @seg: its header
 * @as: what it reports
 *
 * Return: true if the reduction was taken back.
 */
bool rill_undo_echo(struct sock *sk, const struct rill_segment *seg,
		    const struct rill_ack_sample *as)
{
	const struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!rs->undo.active || !rs->undo.stamped || !as->again ||
	    !rill_echo_before(rs, seg, rs->undo.sent_ns))
		return false;
	rill_undo_apply(sk);
	return true;
}

/**
 * rill_undo_dsack - the peer reports a duplicate
 * @sk: the socket
 * @start: its first sequence number
 * @end: one past its last
 *
 * Return: true if the reduction was taken back.
 */
bool rill_undo_dsack(struct sock *sk, u32 start, u32 end)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 copies = DIV_ROUND_UP(end - start, max_t(u32, rs->path.mss, 1));

	sock_owned_by_me(sk);
	if (!rs->undo.active || !rs->undo.copies ||
	    rill_before(start, rs->undo.start_seq))
		return false;
	rs->undo.copies -= min(rs->undo.copies, copies);
	if (rs->undo.copies)
		return false;
	rill_undo_apply(sk);
	return true;
}
