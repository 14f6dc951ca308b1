// SPDX-License-Identifier: GPL-2.0
/* When what has come is acknowledged (RFC 9293, 3.8.6.3; RFC 5681, 4.2). */
#include <net/rill.h>

/**
 * rill_delack_data - data has come in order: how soon must it be acknowledged?
 * @rs: the socket
 * @filled: it filled a hole
 *
 * Context: socket lock held.
 */
void rill_delack_data(struct rill_sock *rs, bool filled)
{
	/* Two full segments, or a hole that has been filled. */
	if (filled || rs->quick_acks ||
	    rs->rcv_nxt - rs->rcv_wup > rs->rcv_mss)
		rs->ack_pending = RILL_ACK_NOW;
	else if (rs->ack_pending == RILL_ACK_NONE)
		rs->ack_pending = RILL_ACK_DELAYED;
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

	if (rs->ack_pending == RILL_ACK_NONE || sk->sk_state == TCP_CLOSE)
		return;
	if (rs->ack_pending == RILL_ACK_NOW || !rs->delack_us) {
		rill_send_ack(sk);
		return;
	}
	if (!rill_timer_armed(sk, RILL_TIMER_DELACK))
		rill_timer_arm(sk, RILL_TIMER_DELACK, rill_now_ns() +
			       (u64)rs->delack_us * NSEC_PER_USEC);
}

/**
 * rill_ack_sent - a segment with the current ACK has gone out
 * @sk: the socket
 *
 * Context: socket lock held.
 */
void rill_ack_sent(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	if (rs->ack_pending && rs->quick_acks)
		rs->quick_acks--;
	rs->ack_pending = RILL_ACK_NONE;
	rill_timer_stop(sk, RILL_TIMER_DELACK);
}
