// SPDX-License-Identifier: GPL-2.0
/*
 * The turn of a connection: an event, which is a segment, a deadline, an ICMP
 * message or a call. It begins and reads the clock once. What it means is
 * decided in the file of each concern, which sends nothing but notes what is
 * due. It ends here: the connection speaks once, by output.c.
 *
 * A deadline that is the time for one segment sends it, and nothing else: a
 * timeout or a probe here, a SYN or a keepalive from connection/timer.c. Of what
 * answers a segment, the ACK alone that DCTCP wants before the data counts goes
 * before the end (transfer/receive.c).
 */
#include "../clock/clock.h"
#include "inside.h"

/**
 * rill_turn_begin - an event begins: all of it has the time clock.now_ns
 * @sk: the socket
 */
void rill_turn_begin(struct sock *sk)
{
	sock_owned_by_me(sk);
	rill_clock_read(rill_sk(sk));
}

/* The ACK that is due and that nothing carried, now or by its timer. */
static void rill_turn_ack(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	if (rs->ack.pending == RILL_ACK_NONE)
		return;
	if (rs->ack.pending != RILL_ACK_DELAYED || !rs->agreed.delack_us)
		rill_send_ack(sk);
	else if (!rill_timer_armed(sk, RILL_TIMER_DELACK))
		rill_timer_set(sk, RILL_TIMER_DELACK, rs->clock.now_ns +
			       (u64)rs->agreed.delack_us * NSEC_PER_USEC);
}

/* If the oldest segment is SACKed by now, it need not go again. */
static void rill_turn_resend(struct sock *sk)
{
	struct sk_buff *head = rill_rtx_head(sk);

	rill_sk(sk)->retry.oldest = false;
	if (head && !(rill_cb(head)->sacked & RILL_SKB_SACKED))
		rill_retransmit(sk, head);
}

static void rill_turn_speak(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	if (unlikely(rs->retry.oldest))
		rill_turn_resend(sk);
	if (rs->snd.due) {
		rs->snd.due = false;
		rill_send_waiting(sk, rs->user.nonagle);
		rill_write_wake(sk);
	}
	rill_turn_ack(sk);
	rill_timer_wind(sk);
}

/**
 * rill_turn_end - an event is over: speak, once
 * @sk: the socket, which the event may have closed
 *
 * First what is lost, then new data, then the ACK if nothing carried it; the
 * hrtimer is set for the first of the deadlines; and the program is woken, if
 * it waits for room or for data.
 */
void rill_turn_end(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (sk->sk_state != TCP_CLOSE)
		rill_turn_speak(sk);
	if (!rs->rcv.ready)
		return;
	rs->rcv.ready = false;
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}

/**
 * rill_push - a call: send what may be sent
 * @sk: the socket
 * @nonagle: TCP_NAGLE_*, what holds a small segment back; TCP_NAGLE_OFF sends
 *	all that windows allow
 */
void rill_push(struct sock *sk, u8 nonagle)
{
	rill_turn_begin(sk);
	if (rill_send_waiting(sk, nonagle))
		rill_write_wake(sk);
	rill_timer_wind(sk);
}

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
	rill_turn_due(rill_sk(sk));
	rill_turn_end(sk);
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
	if (sent) {
		rill_write_wake(sk);
	} else {
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
	rill_turn_begin(sk);
	rill_recovery_shorten(sk);
	rill_send_lost(sk);
	rill_turn_end(sk);
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
 * Context: process.
 */
void rill_delack_set(struct sock *sk, int val)
{
	sock_owned_by_me(sk);
	if (!rill_delack_choose(sk, val))
		return;
	rill_turn_begin(sk);
	rill_ack_at_once(rill_sk(sk));
	rill_turn_end(sk);
}

/**
 * rill_window_read - the program has read; say so if the window opens much
 * @sk: the socket
 * @copied: bytes read
 *
 * Context: process.
 */
void rill_window_read(struct sock *sk, u32 copied)
{
	sock_owned_by_me(sk);
	if (!rill_window_taken(sk, copied))
		return;
	rill_turn_begin(sk);
	rill_ack_answer(rill_sk(sk));
	rill_turn_end(sk);
}

/**
 * rill_persist_timeout - the persist timer has fired
 * @sk: the socket, with data that waits and none in flight
 *
 * Return: true if data went out; otherwise a window probe did, or was refused.
 */
bool rill_persist_timeout(struct sock *sk)
{
	sock_owned_by_me(sk);
	if (!rill_send_window_probe(sk))
		return false;
	rill_write_wake(sk);
	return true;
}
