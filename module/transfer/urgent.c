// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent data (RFC 9293, 3.8.5; RFC 6093): a mark in the stream that the urgent
 * pointer announces. As in every other implementation, one byte is urgent, the
 * pointer is one past it (RFC 6093, 3.1), and unless SO_OOBINLINE is set it is
 * read out of band, which is not seen on the wire.
 *
 * There is one mark at a time, and the latest counts: the byte of an earlier
 * one that was not read is a byte of the stream again. A peer can therefore
 * make us keep one byte and no more.
 */
#include "inside.h"

/*
 * RFC 9293, 3.10.7.4, sixth. A pointer of 0 means the same as 1, as with TCP. A
 * mark that the stream has passed is ignored, and so is one that goes back: of
 * two reordered segments the later one counts.
 */
static void rill_urgent_mark(struct sock *sk, const struct rill_segment *seg)
{
	struct rill_urgent *urgent = &rill_sk(sk)->urgent;
	struct rill_sock *rs = rill_sk(sk);
	u32 mark = seg->seq + seg->up - !!seg->up;
	struct sk_buff *skb;

	if (rill_before(mark, rs->rcv.nxt))
		return;
	if (urgent->state && !rill_after(mark, urgent->seq))
		return;
	/*
	 * The program has read up to the mark before, which is in the queue: it
	 * stays out of the stream.
	 */
	if (rill_urgent_at(rs, rs->rcv.copied_seq) &&
	    !sock_flag(sk, SOCK_URGINLINE) &&
	    rs->rcv.copied_seq != rs->rcv.nxt) {
		rill_receive_read(rs, rs->rcv.copied_seq + 1);
		skb = skb_peek(&sk->sk_receive_queue);
		if (skb && rs->rcv.copied_seq == rill_cb(skb)->end_seq) {
			__skb_unlink(skb, &sk->sk_receive_queue);
			consume_skb(skb);
		}
	}
	WRITE_ONCE(urgent->seq, mark);
	WRITE_ONCE(urgent->state, RILL_URGENT_AWAITED);
	/* MUST-32. The signal comes after the mark is set. */
	sk_send_sigurg(sk);
}

/* Is the byte that is waited for in the segment, in order or not? */
static void rill_urgent_byte(struct sock *sk, const struct sk_buff *skb,
			     const struct rill_segment *seg)
{
	struct rill_urgent *urgent = &rill_sk(sk)->urgent;
	u32 at = urgent->seq - seg->seq - !!(seg->flags & RILL_SYN);

	if (at >= seg->len || skb_copy_bits(skb, seg->hdr_len + at,
					    &urgent->byte, 1))
		return;
	WRITE_ONCE(urgent->state, RILL_URGENT_HERE);
	rill_turn_ready(rill_sk(sk));
}

/**
 * rill_urgent_in - a segment has an urgent pointer, or may have the urgent byte
 * @sk: the socket, which has not received a FIN
 * @skb: the segment, its data at our header
 * @seg: its header
 *
 * The byte is taken even from a segment that is out of order or has no room in
 * the window (RFC 9293, 3.10.7.4, first).
 */
void rill_urgent_in(struct sock *sk, const struct sk_buff *skb,
		    const struct rill_segment *seg)
{
	sock_owned_by_me(sk);
	if (seg->flags & RILL_URG)
		rill_urgent_mark(sk, seg);
	if (rill_sk(sk)->urgent.state == RILL_URGENT_AWAITED)
		rill_urgent_byte(sk, skb, seg);
}

/**
 * rill_urgent_send - the last byte that was queued is urgent
 * @rs: the socket
 *
 * Context: socket lock held.
 */
void rill_urgent_send(struct rill_sock *rs)
{
	rs->urgent.snd_up = rs->snd.write_seq;
	rs->urgent.sending = true;
}

/**
 * rill_urgent_acked - snd.una has moved: does urgent mode end?
 * @rs: the socket, in urgent mode
 *
 * Context: socket lock held.
 */
void rill_urgent_acked(struct rill_sock *rs)
{
	if (!rill_before(rs->snd.una, rs->urgent.snd_up))
		rs->urgent.sending = false;
}

/**
 * rill_urgent_header - set the urgent pointer of a segment
 * @rs: the socket, in urgent mode
 * @seg: header of a segment that is no SYN and no reset
 *
 * Each segment before the byte points to it. If the byte is too far ahead for
 * the field, the newest segment points as far ahead as it can.
 *
 * Context: socket lock held.
 */
void rill_urgent_header(const struct rill_sock *rs, struct rill_segment *seg)
{
	u32 ahead = rs->urgent.snd_up - seg->seq;

	if (!rill_before(seg->seq, rs->urgent.snd_up))
		return;
	if (ahead > U16_MAX && !rill_after(seg->seq + U16_MAX, rs->snd.nxt))
		return;
	seg->flags |= RILL_URG;
	seg->up = min_t(u32, ahead, U16_MAX);
}

/**
 * rill_urgent_window_probe - must the peer hear of urgent data?
 * @rs: the socket, whose window is shut
 *
 * A window probe begins below the window: it is not acceptable, and its urgent
 * pointer is ignored. A segment without data at the edge of the window is
 * acceptable (RFC 9293, 3.10.7.4, first).
 *
 * Context: socket lock held.
 * Return: true if a segment without data at snd.una can carry the pointer.
 */
bool rill_urgent_window_probe(const struct rill_sock *rs)
{
	return rs->urgent.sending &&
	       rill_between(rs->urgent.snd_up, rs->snd.una + 1,
			    rs->snd.una + U16_MAX);
}
