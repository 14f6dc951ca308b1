// SPDX-License-Identifier: GPL-2.0
/* Delayed ACKs: when to acknowledge (RFC 9293, 3.8.6.3; RFC 5681, 4.2). */
#include "../clock/clock.h"
#include "inside.h"

#define RILL_QUICK_LEAST	2	/* segments, as with TCP */
#define RILL_QUICK_ASKED	16	/* set by TCP_QUICKACK */

#define RILL_BURST_SMALL	2	/* segments in a window */

/* For half of the segments of a window, quick_acks at most. */
static void rill_delack_more(struct sock *sk)
{
	u32 most = rill_tunable(rill_sk_net(sk), quick_acks);
	struct rill_sock *rs = rill_sk(sk);
	u32 segs = rs->rcv.wnd / (2 * rs->ack.mss);

	segs = min_t(u32, max_t(u32, segs, RILL_QUICK_LEAST), most);
	rs->ack.quick = max_t(u32, rs->ack.quick, segs);
}

/*
 * A peer that stops with more to send has filled its window. If that is a
 * segment or two, it waits for the ACK of each; a larger window gets ACKs
 * enough.
 */
static void rill_delack_waited_for(struct sock *sk)
{
	if (rill_sk(sk)->ack.burst > RILL_BURST_SMALL)
		return;
	rill_delack_more(sk);
	rill_sk(sk)->ack.interactive = false;
}

/**
 * rill_delack_again - duplicate data has come
 * @sk: the socket
 *
 * After a lost ACK the peer's cwnd may be one segment: the next segments are
 * acknowledged at once.
 */
void rill_delack_again(struct sock *sk)
{
	sock_owned_by_me(sk);
	rill_delack_more(sk);
	rill_sk(sk)->ack.interactive = false;
	rill_sk(sk)->ack.pending = RILL_ACK_NOW;
}

/*
 * The size of the peer's full segments, every second of which is acknowledged
 * (RFC 9293, 3.8.6.3): the largest of late, or a smaller size if two such
 * segments came together without PSH.
 */
static void rill_delack_mss(struct rill_sock *rs,
			    const struct rill_segment *seg)
{
	u32 most = rs->agreed.advmss ?: U16_MAX;
	u32 len = min(seg->len, most);

	if (len >= rs->ack.mss ||
	    (len == rs->ack.last_len && len >= RILL_MSS_MIN))
		rs->ack.mss = len;
	rs->ack.last_len = seg->flags & RILL_PSH ? 0 : len;
}

/**
 * rill_delack_arrived - a segment with data has come
 * @sk: the socket
 * @seg: its header
 *
 * A sender that begins has a small cwnd, and may wait for our ACK.
 */
void rill_delack_arrived(struct sock *sk, const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);
	u64 silent = U64_MAX;

	sock_owned_by_me(sk);
	rill_delack_mss(rs, seg);
	if (rs->ack.last_data_ns)
		silent = rill_elapsed_ns(rs->rcv.last_ns, rs->ack.last_data_ns);

	if (silent > rill_rto_idle_ns(rs))
		rill_delack_more(sk);
	if (silent > (u64)rs->agreed.delack_us * NSEC_PER_USEC) {
		if (rs->ack.midway &&
		    rill_tunable(rill_sk_net(sk), quick_acks)) {
			rill_delack_waited_for(sk);
			rs->ack.pending = RILL_ACK_NOW;
		}
		rs->ack.burst = 0;
	}
	if (rs->ack.burst < U8_MAX)
		rs->ack.burst++;
	rs->ack.last_data_ns = rs->rcv.last_ns;
	if (seg->flags & RILL_PSH) {
		rs->ack.midway = false;
		rs->ack.pushed = true;
	} else if (RB_EMPTY_ROOT(&rs->rcv.ooo_queue) &&
		   rill_after(seg->end_seq, rs->rcv.nxt)) {
		/* A retransmission does not show where a burst ends. */
		rs->ack.midway = true;
	}
}

/**
 * rill_delack_answered - data is sent
 * @rs: the socket
 * @now: ns
 *
 * While the program answers before an ACK is due, its data carries the ACK: an
 * immediate ACK would cost a segment more.
 *
 * Context: socket lock held.
 */
void rill_delack_answered(struct rill_sock *rs, u64 now)
{
	if (rs->ack.last_data_ns &&
	    rill_elapsed_ns(now, rs->ack.last_data_ns) <
	    (u64)rs->agreed.delack_us * NSEC_PER_USEC)
		rs->ack.interactive = true;
}

/**
 * rill_delack_in_order - data has come in order: how soon is it acknowledged?
 * @rs: the socket
 * @filled: it filled a hole
 *
 * RFC 5681, 4.2: at once if it filled a hole, and every second full segment.
 *
 * Context: socket lock held.
 */
void rill_delack_in_order(struct rill_sock *rs, bool filled)
{
	bool quick = rs->ack.quick && !rs->ack.interactive;

	if (filled || quick || rs->rcv.nxt - rs->rcv.wup > rs->ack.mss)
		rs->ack.pending = RILL_ACK_NOW;
	else if (rs->ack.pending == RILL_ACK_NONE)
		rs->ack.pending = RILL_ACK_DELAYED;
}

/**
 * rill_delack_read - the program has read
 * @sk: the socket
 *
 * A program that has read all and does not answer would make the peer wait,
 * which Nagle may hold back until the ACK.
 *
 * Return: true if the ACK that is pending is to go now.
 */
bool rill_delack_read(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	return rs->ack.pending && rs->ack.pushed && !rs->ack.interactive &&
	       skb_queue_empty(&sk->sk_receive_queue);
}

/**
 * rill_delack_expire - the delayed ACK timer has fired
 * @sk: the socket
 *
 * Return: true if the ACK is to go now.
 */
bool rill_delack_expire(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!rs->ack.pending)
		return false;
	/* The program does not answer within the delay. */
	rs->ack.interactive = false;
	if (!rs->ack.pushed)
		rill_delack_waited_for(sk);
	rill_count(rill_sk_net(sk), delayed_acks);
	return true;
}

/**
 * rill_delack_choose - TCP_QUICKACK
 * @sk: the socket
 * @val: 0 delays ACKs; odd ends that for good, even for what is pending
 *
 * Context: process.
 * Return: true if the ACK that is pending is to go now.
 */
bool rill_delack_choose(struct sock *sk, int val)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!val) {
		rs->ack.interactive = true;
		return false;
	}
	rs->ack.interactive = false;
	rs->ack.quick = RILL_QUICK_ASKED;
	if (rs->ack.pending == RILL_ACK_NONE ||
	    !((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)))
		return false;
	rs->ack.interactive = !(val & 1);
	return true;
}

/**
 * rill_ack_sent - a segment with the current ACK has gone out
 * @sk: the socket
 */
void rill_ack_sent(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (rs->ack.pending > RILL_ACK_ANSWER && rs->ack.quick)
		rs->ack.quick--;
	rs->ack.pending = RILL_ACK_NONE;
	rs->ack.pushed = false;
	rill_timer_stop(sk, RILL_TIMER_DELACK);
}
