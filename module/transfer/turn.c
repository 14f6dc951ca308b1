// SPDX-License-Identifier: GPL-2.0
/*
 * How an event ends: a deadline, an ICMP message or a call has had something
 * decided, and the connection speaks once. What decides stands in the file of
 * its concern and sends nothing; what sends is output.c.
 */
#include "../clock/clock.h"
#include "inside.h"

/**
 * rill_rack_timeout - the reordering window of a segment is over
 * @sk: the socket
 * @now: ns
 */
void rill_rack_timeout(struct sock *sk, u64 now)
{
	sock_owned_by_me(sk);
	if (!rill_rack_expire(sk, now))
		return;
	rill_recovery_enter(sk);
	rill_push(sk);
}

/**
 * rill_tlp_timeout - the probe timer has fired
 * @sk: the socket
 * @now: ns
 *
 * RFC 8985, 7.3: sends new data if there is some, whatever cwnd, else the last
 * segment again.
 */
void rill_tlp_timeout(struct sock *sk, u64 now)
{
	struct sk_buff *last;
	bool sent;

	sock_owned_by_me(sk);
	last = rill_tlp_begin(sk);
	if (!last)
		return;
	sent = rill_send_one(sk);
	if (!sent) {
		rill_tlp_copy(sk, last, now);
		sent = !rill_retransmit(sk, last);
	}
	rill_tlp_sent(sk, sent);
}

/**
 * rill_recovery_timeout - the retransmission timer has fired
 * @sk: the socket, with something in flight
 *
 * The oldest segment is retransmitted now, the others in slow start.
 *
 * Return: as rill_retransmit().
 */
int rill_recovery_timeout(struct sock *sk)
{
	int err;

	sock_owned_by_me(sk);
	rill_recovery_collapse(sk);
	err = rill_retransmit(sk, rill_rtx_head(sk));
	rill_cc_allow(rill_sk(sk), rill_in_flight(sk));
	return err;
}

/**
 * rill_recovery_mtu - segments in flight are longer than the path MTU
 * @sk: the socket, its MSS up to date
 */
void rill_recovery_mtu(struct sock *sk)
{
	sock_owned_by_me(sk);
	rill_clock_read(rill_sk(sk));
	rill_recovery_shorten(sk);
	rill_send_lost(sk);
}

/**
 * rill_delack_timeout - the delayed ACK timer has fired
 * @sk: the socket
 * @now: ns
 */
void rill_delack_timeout(struct sock *sk, u64 now)
{
	sock_owned_by_me(sk);
	if (rill_delack_expire(sk))
		rill_send_ack(sk);
}

/**
 * rill_delack_set - TCP_QUICKACK
 * @sk: the socket
 * @val: 0 delays ACKs; odd ends that for good, even for what is pending
 *
 * Context: process, socket lock held.
 */
void rill_delack_set(struct sock *sk, int val)
{
	sock_owned_by_me(sk);
	if (!rill_delack_choose(sk, val))
		return;
	rill_clock_read(rill_sk(sk));
	rill_send_ack(sk);
}

/**
 * rill_ack_check - send the ACK that is due, or start the timer for it
 * @sk: the socket
 *
 * Context: socket lock held; the last that is done with a segment.
 */
void rill_ack_check(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (rs->ack.pending == RILL_ACK_NONE || sk->sk_state == TCP_CLOSE)
		return;
	if (rs->ack.pending == RILL_ACK_NOW || !rs->agreed.delack_us) {
		rill_send_ack(sk);
		return;
	}
	if (!rill_timer_armed(sk, RILL_TIMER_DELACK))
		rill_timer_arm(sk, RILL_TIMER_DELACK, rs->clock.now_ns +
			       (u64)rs->agreed.delack_us * NSEC_PER_USEC);
}

/**
 * rill_window_read - the program has read; say so if the window opens much
 * @sk: the socket
 * @copied: bytes read
 *
 * Context: process, socket lock held.
 */
void rill_window_read(struct sock *sk, u32 copied)
{
	sock_owned_by_me(sk);
	if (!rill_window_taken(sk, copied))
		return;
	rill_clock_read(rill_sk(sk));
	rill_send_ack(sk);
}
