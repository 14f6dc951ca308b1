// SPDX-License-Identifier: GPL-2.0
/* Data that comes in (RFC 9293, 3.10.7.4, seventh). */
#include "../compat.h"
#include "../network/network.h"
#include "inside.h"

/* Trim the data that was received before; false: no memory. */
static bool rill_receive_trim(struct sk_buff *skb, u32 rcv_nxt)
{
	u32 excess = rcv_nxt - rill_cb(skb)->seq;

	if (!rill_before(rill_cb(skb)->seq, rcv_nxt))
		return true;
	if (!pskb_pull(skb, min(excess, skb->len)))
		return false;
	rill_cb(skb)->seq = rcv_nxt;
	return true;
}

/*
 * @skb is in order: advance rcv.nxt over it and give it to the program. A
 * segment that was out of order is charged to the socket already.
 */
static void rill_receive_next(struct sock *sk, struct sk_buff *skb,
			      bool charged)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);

	rs->rcv.nxt = rill_cb(skb)->end_seq;
	rs->tally.bytes_received += skb->len;
	if (rill_cb(skb)->flags & RILL_FIN) {
		/*
		 * A FIN alone has no byte to read, so no packet is queued for
		 * it.
		 */
		rs->rcv.fin_received = true;
		rill_cb(skb)->end_seq--;
		rill_cb(skb)->flags &= ~RILL_FIN;
	}
	if (!skb->len) {
		kfree_skb(skb);
		return;
	}
	if (!charged) {
		if (rill_skb_coalesce(sk, tail, skb))
			return;
		skb_set_owner_r(skb, sk);
	}
	__skb_queue_tail(&sk->sk_receive_queue, skb);
}

/* Out-of-order segments may be in order now. */
static void rill_receive_drain(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_skb_cb *cb;
	u32 edge = rs->rcv.nxt;	/* end of the data that came now */
	struct sk_buff *skb;

	while ((skb = rill_ooo_take(sk))) {
		cb = rill_cb(skb);
		rill_dsack_add(sk, cb->seq, rill_before(cb->end_seq, edge) ?
					    cb->end_seq : edge);
		if (rs->rcv.fin_received ||
		    !rill_after(cb->end_seq, rs->rcv.nxt) ||
		    !rill_receive_trim(skb, rs->rcv.nxt)) {
			kfree_skb(skb);
			continue;
		}
		rill_receive_next(sk, skb, true);
	}
}

static enum rill_verdict rill_receive_ooo(struct sock *sk,
					  struct rill_packet *p)
{
	u32 seq = rill_cb(p->skb)->seq, end = rill_cb(p->skb)->end_seq;
	enum rill_verdict verdict = RILL_KEPT;
	struct rill_sock *rs = rill_sk(sk);
	struct rill_sack twice;

	/* RFC 5681, 4.2: an immediate duplicate ACK reports the hole. */
	rill_ack_at_once(rs);
	if (!rill_rcvbuf_room(sk, &p->skb, false))
		return RILL_drop_rcvbuf;
	rs->tally.rcv_ooopack++;
	if (rill_ooo_insert(sk, p->skb, &twice))
		rill_count(p->rnet, ofo_queued);
	else
		verdict = RILL_drop_old;
	/* RFC 2883, 4.1: the next block is the one that contains it. */
	rill_dsack_add(sk, twice.start, twice.end);
	rill_sacks_add(rs, seq, end);
	return verdict;
}

/* Is the receive buffer so full that waiting for more would wait for ever? */
static bool rill_rmem_short(const struct sock *sk)
{
	int rcvbuf = READ_ONCE(sk->sk_rcvbuf);

	if (sk_under_memory_pressure(sk))
		return true;
	return atomic_read(&sk->sk_rmem_alloc) > rcvbuf - (rcvbuf >> 3);
}

/**
 * rill_readable - are there @target bytes to be read?
 * @sk: socket
 * @target: bytes that the reader waits for, at least 1
 *
 * Fewer count too when the peer cannot send more until some are read: a
 * program that asked for a large SO_RCVLOWAT would sleep for ever.
 *
 * Context: any; without the socket lock the answer may be out of date.
 * Return: true if a reader should be woken. The end of the stream is not
 * looked at: that is RCV_SHUTDOWN.
 */
bool rill_readable(const struct sock *sk, int target)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 rcv_nxt = READ_ONCE(rs->rcv.nxt);
	s32 avail = rcv_nxt - READ_ONCE(rs->rcv.copied_seq);
	s32 window;

	if (avail <= 0)
		return false;
	if (avail >= target || rill_rmem_short(sk))
		return true;
	window = READ_ONCE(rs->rcv.wup) + READ_ONCE(rs->rcv.wnd) - rcv_nxt;
	return window <= READ_ONCE(rs->ack.mss);
}

static enum rill_verdict rill_receive_in_order(struct sock *sk,
					       struct rill_packet *p)
{
	struct rill_sock *rs = rill_sk(sk);
	bool holes = !RB_EMPTY_ROOT(&rs->rcv.ooo_queue);

	if (rill_before(rill_cb(p->skb)->seq, rs->rcv.nxt)) {
		rill_dsack_old(sk, rill_cb(p->skb)->seq, rill_cb(p->skb)->end_seq);
		rill_ack_at_once(rs);
	}
	if (!rill_receive_trim(p->skb, rs->rcv.nxt))
		return RILL_drop_nomem;
	if (p->skb->len && !rill_rcvbuf_room(sk, &p->skb, true)) {
		/* Close the window: the loss is no congestion. */
		rill_window_close(rs);
		rill_ack_at_once(rs);
		/* A reader that waits for more (SO_RCVLOWAT) makes room. */
		rill_turn_ready(rs);
		return RILL_drop_rcvbuf;
	}
	rill_receive_next(sk, p->skb, false);
	if (holes) {
		rill_receive_drain(sk);
		rill_sacks_clean(rs);
	}
	/* After the FIN nothing can follow (RFC 9293, 3.10.7.4, eighth). */
	if (rs->rcv.fin_received)
		rill_ooo_purge(sk);
	rill_delack_in_order(rs, holes);
	/* Whoever the data wakes finds the end behind it. */
	if (rs->rcv.fin_received) {
		WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
		sock_set_flag(sk, SOCK_DONE);
	}
	if (rs->rcv.fin_received ||
	    rill_readable(sk, sock_rcvlowat(sk, 0, INT_MAX)))
		rill_turn_ready(rs);
	return RILL_KEPT;
}

/**
 * rill_receive - take the data and the FIN of a segment
 * @sk: the socket
 * @p: the packet, its data at our header
 *
 * Sets rcv.fin_received and RCV_SHUTDOWN when the peer's FIN is in order; the
 * state is for the caller to change.
 *
 * Return: what becomes of the packet.
 */
enum rill_verdict rill_receive(struct sock *sk, struct rill_packet *p)
{
	const struct rill_segment *seg = &p->seg;
	struct rill_skb_cb *cb = rill_cb(p->skb);
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!seg->len && !(seg->flags & RILL_FIN))
		return RILL_DONE;
	cb->seq = seg->seq + !!(seg->flags & RILL_SYN);
	cb->end_seq = seg->end_seq;
	cb->flags = seg->flags;
	cb->sacked = 0;
	__skb_pull(p->skb, seg->hdr_len);
	skb_orphan(p->skb);
	rs->tally.data_segs_in++;
	rill_delack_arrived(sk, seg);

	if (!rill_after(cb->end_seq, rs->rcv.nxt)) {
		/* Our ACK was lost, or the network duplicated the segment. */
		rill_delack_again(sk);
		rill_dsack_old(sk, cb->seq, cb->end_seq);
		return RILL_drop_old;
	}
	/* A closed window takes a FIN that is next, and nothing else. */
	if ((seg->len || cb->seq != rs->rcv.nxt) &&
	    !rill_before(cb->seq, rs->rcv.nxt + rill_window_left(sk))) {
		rill_ack_at_once(rs);
		return RILL_drop_window;
	}
	/* DCTCP alone has an ACK sent before the end of the event. */
	if (rill_ecn_data(sk, seg)) {
		rill_send_ack(sk);
		rill_ecn_turned(rs);
	}
	if (rill_after(cb->seq, rs->rcv.nxt))
		return rill_receive_ooo(sk, p);
	if (seg->len >= rs->ack.mss)
		rill_rcvbuf_learn(sk, p);
	return rill_receive_in_order(sk, p);
}
