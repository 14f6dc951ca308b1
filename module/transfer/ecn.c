// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit congestion notification (RFC 3168): negotiated in the handshake,
 * echoed by ECE where we receive, answered by a reduction where we send. An
 * algorithm that needs the number of marks has each of them echoed (RFC 8257,
 * 3.2).
 */
#include <net/inet_ecn.h>
#include "inside.h"

#define RILL_ECN_SETUP	(RILL_ECE | RILL_CWR)

/* Values of the tunable ecn. */
enum {
	RILL_ECN_OFF,
	RILL_ECN_ASK,		/* and accept */
	RILL_ECN_ACCEPT,	/* when the peer asks */
};

static bool rill_ecn_asks(const struct sock *sk)
{
	return rill_sk(sk)->cc.ops->marks ||
	       rill_tunable(rill_sk_net(sk), ecn) == RILL_ECN_ASK;
}

/**
 * rill_ecn_accepts - does a listener accept ECN from a SYN?
 * @sk: the listener
 * @marks: its congestion control reduces cwnd by CE marks
 * @flags: of the SYN
 *
 * Context: any.
 * Return: true if the SYN-ACK is to have ECE.
 */
bool rill_ecn_accepts(const struct sock *sk, bool marks, u8 flags)
{
	if ((flags & RILL_ECN_SETUP) != RILL_ECN_SETUP)
		return false;
	return marks ||
	       rill_tunable(rill_sk_net(sk), ecn) != RILL_ECN_OFF;
}

/**
 * rill_ecn_syn - ECN flags of a SYN
 * @sk: the socket
 * @flags: its flags; with RILL_ACK in a simultaneous open
 * @again: it was sent before
 *
 * RFC 3168, 6.1.1.1: a router may have dropped the first SYN for its flags.
 *
 * Context: the SYN goes out now.
 * Return: flags to add.
 */
u8 rill_ecn_syn(struct sock *sk, u8 flags, bool again)
{
	struct rill_ecn *ecn = &rill_sk(sk)->ecn;

	sock_owned_by_me(sk);
	if (flags & RILL_ACK)
		return ecn->ok ? RILL_ECE : 0;
	if (again || !rill_ecn_asks(sk)) {
		ecn->plain = true;
		return 0;
	}
	ecn->asked = true;
	return RILL_ECN_SETUP;
}

static void rill_ecn_agree(struct sock *sk, bool ok, bool echo)
{
	struct rill_sock *rs = rill_sk(sk);

	rs->ecn.ok = ok;
	rs->ecn.echo = echo;
	rs->ecn.point = rs->snd.iss;
	if (ok)
		rill_count(rill_sk_net(sk), ecn_agreed);
}

/**
 * rill_ecn_answered - settle ECN by the answer to our SYN
 * @sk: the socket
 * @flags: of the peer's SYN or SYN-ACK
 *
 * RFC 3168, 6.1.1: after a SYN without ECE we do not send ECT, but echo the
 * marks of a peer that may have seen the earlier SYN with it.
 */
void rill_ecn_answered(struct sock *sk, u8 flags)
{
	const struct rill_ecn *ecn = &rill_sk(sk)->ecn;
	u8 want = flags & RILL_ACK ? RILL_ECE : RILL_ECN_SETUP;
	bool both = ecn->asked && (flags & RILL_ECN_SETUP) == want;

	sock_owned_by_me(sk);
	rill_ecn_agree(sk, both && !ecn->plain, both);
}

/**
 * rill_ecn_child - ECN of a child, as its handshake agreed
 * @sk: the child
 * @ok: both sides want ECN
 *
 * Context: the child is new.
 */
void rill_ecn_child(struct sock *sk, bool ok)
{
	rill_ecn_agree(sk, ok, ok);
}

/**
 * rill_ecn_header - mark a segment that goes out
 * @sk: the socket
 * @seg: header, its flags set; ECE and CWR are added
 * @new: it carries data that was never sent before
 *
 * RFC 3168, 6.1.4 and 6.1.5: neither a pure ACK nor a retransmission is ECT;
 * but with DCTCP both are, since switches that mark drop what is not ECT (RFC
 * 8257, 3.4 and 5).
 */
void rill_ecn_header(struct sock *sk, struct rill_segment *seg, bool new)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (seg->flags & RILL_SYN) {
		if (rs->cc.ops->marks && (seg->flags & RILL_ECE))
			seg->ecn = INET_ECN_ECT_0;
		return;
	}
	if (rs->ecn.ece && !(seg->flags & RILL_RST))
		seg->flags |= RILL_ECE;
	if (!rs->ecn.ok)
		return;
	if (new || rs->cc.ops->marks)
		seg->ecn = INET_ECN_ECT_0;
	if (!new || !rs->ecn.cwr)
		return;
	seg->flags |= RILL_CWR;
	rs->ecn.cwr = false;
}

/* RFC 3168, 6.1.3: ECE from a mark on, until CWR comes. */
static void rill_ecn_echo(struct rill_sock *rs, const struct rill_segment *seg,
			  bool marked)
{
	if (seg->flags & RILL_CWR) {
		rs->ecn.ece = false;
		/* The cwnd of the peer may be one segment now. */
		rill_ack_at_once(rs);
	}
	if (!marked || rs->ecn.ece)
		return;
	rs->ecn.ece = true;
	rill_ack_at_once(rs);
}

/**
 * rill_ecn_turned - from this segment on marks are echoed, or no longer
 * @rs: the socket; what came before is acknowledged
 *
 * Context: socket lock held.
 */
void rill_ecn_turned(struct rill_sock *rs)
{
	rs->ecn.ece = !rs->ecn.ece;
	rill_ack_at_once(rs);
}

/*
 * RFC 8257, 3.2: an ACK is for segments that are all marked, or all not. When
 * that changes, the pending ACK goes before the segment counts. Returns true if
 * one is pending.
 */
static bool rill_ecn_echo_each(struct rill_sock *rs, bool marked)
{
	if (rs->ecn.ece == marked)
		return false;
	if (rs->ack.pending != RILL_ACK_NONE)
		return true;
	rill_ecn_turned(rs);
	return false;
}

/**
 * rill_ecn_data - data has come in the window: was it marked?
 * @sk: the socket, which has not taken the data yet
 * @seg: its header
 *
 * Return: true if an ACK of what came before is to go first, then
 * rill_ecn_turned().
 */
bool rill_ecn_data(struct sock *sk, const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);
	bool marked = seg->ecn == INET_ECN_CE;

	sock_owned_by_me(sk);
	if (!rs->ecn.echo || !seg->len)
		return false;
	if (seg->ecn != INET_ECN_NOT_ECT)
		rs->ecn.seen = true;
	if (marked)
		rill_count(rill_sk_net(sk), ecn_marked_in);
	if (rs->cc.ops->marks)
		return rill_ecn_echo_each(rs, marked);
	rill_ecn_echo(rs, seg, marked);
	return false;
}

/**
 * rill_ecn_reported - does an ACK report marks on our segments?
 * @sk: the socket
 * @seg: its header
 *
 * Return: true if so.
 */
bool rill_ecn_reported(const struct sock *sk, const struct rill_segment *seg)
{
	sock_owned_by_me(sk);
	return rill_sk(sk)->ecn.ok && (seg->flags & RILL_ECE) &&
	       !(seg->flags & RILL_SYN);
}

/**
 * rill_ecn_acked - is cwnd to be reduced, once in a window, for marks?
 * @sk: the socket
 * @as: the acknowledgment
 *
 * RFC 3168, 6.1.2. ACKs of data in flight at the last reduction, for a mark or
 * for a loss, report the same congestion.
 *
 * Return: true if so.
 */
bool rill_ecn_acked(struct sock *sk, const struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!rs->ecn.ok)
		return false;
	if (as->ece)
		rill_count(rill_sk_net(sk), ecn_echoes_in);
	if (!rill_after(rs->snd.una, rs->ecn.point))
		return false;
	/* Kept near, or it would be ahead again after 2 GiB. */
	rs->ecn.point = rs->snd.una - 1;
	if (!as->ece || rs->rec.state != RILL_OPEN)
		return false;
	rill_count(rill_sk_net(sk), ecn_reductions);
	return true;
}

/**
 * rill_ecn_reduced - cwnd is reduced, for whatever reason
 * @rs: the socket
 *
 * RFC 3168, 6.1.2: the next new data has CWR, and the peer stops sending ECE.
 *
 * Context: socket lock held.
 */
void rill_ecn_reduced(struct rill_sock *rs)
{
	rs->ecn.cwr = rs->ecn.ok;
	rs->ecn.point = rs->snd.nxt;
}

/**
 * rill_ecn_withdraw - the reduction under way is taken back
 * @rs: the socket
 *
 * CWR is not sent for it: the peer would stop sending ECE for marks that no
 * reduction has answered. CWR for an earlier reduction stays due.
 *
 * Context: socket lock held.
 */
void rill_ecn_withdraw(struct rill_sock *rs)
{
	if (!rs->ecn.cwr || rs->undo.cwr)
		return;
	rs->ecn.cwr = false;
	rs->ecn.point = rs->undo.ecn_point;
}
