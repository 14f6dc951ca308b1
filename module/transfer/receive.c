// SPDX-License-Identifier: GPL-2.0
/* Data that comes in: reassembly, the ACKs for it, and what they say. */
#include <net/rill.h>
#include "../compat.h"

/* The largest segment of late tells what a full one is (RFC 9293, 3.8.6.3). */
static void rill_receive_mss(struct rill_sock *rs, u32 len)
{
	if (len > rs->rcv_mss)
		rs->rcv_mss = min_t(u32, len, rs->advmss ?: len);
}

/* Round trips as the receiver sees them, for the size of its buffer. */
static void rill_receive_rtt(struct sock *sk, const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);
	u64 now = rill_now_ns();
	u32 sample;

	if (rs->ts_ok && rs->ts_unit == RILL_TS_US && seg->opts.has_ts &&
	    seg->opts.tsecr) {
		sample = rill_ts_clock(now, rs->ts_unit, rs->ts_offset) -
			 seg->opts.tsecr;
	} else {
		/* How long one window takes to come. */
		if (rs->rcv_rtt_ns &&
		    rill_before(rs->rcv_nxt, rs->rcv_rtt_seq))
			return;
		sample = rs->rcv_rtt_ns ?
			 div_u64(now - rs->rcv_rtt_ns, NSEC_PER_USEC) : 0;
		rs->rcv_rtt_seq = rs->rcv_nxt + rs->rcv_wnd;
		rs->rcv_rtt_ns = now;
	}
	if (!sample || sample > 10 * USEC_PER_SEC)
		return;
	if (!rs->rcv_rtt_us || sample < rs->rcv_rtt_us >> 3)
		rs->rcv_rtt_us = sample << 3;
	else
		rs->rcv_rtt_us += sample - (rs->rcv_rtt_us >> 3);
}

static void rill_ooo_unlink(struct sock *sk, struct sk_buff *skb)
{
	rb_erase(&skb->rbnode, &rill_sk(sk)->ooo_queue);
	skb->dev = NULL;	/* a tree's node lies where it does */
}

static void rill_ooo_free(struct sock *sk, struct sk_buff *skb)
{
	rill_ooo_unlink(sk, skb);
	kfree_skb(skb);
}

/**
 * rill_ooo_purge - give all out-of-order data up
 * @sk: the socket
 *
 * RFC 2018, 8 allows it, and the peer will send it again.
 *
 * Context: socket lock held.
 */
void rill_ooo_purge(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb;

	while ((skb = skb_rb_first(&rs->ooo_queue)))
		rill_ooo_free(sk, skb);
	rs->num_sacks = 0;
}

/* Memory for a packet; what is in order has been promised a place. */
static bool rill_receive_room(struct sock *sk, struct sk_buff *skb,
			      bool in_order)
{
	u32 used = atomic_read(&sk->sk_rmem_alloc) + skb->truesize;
	u32 limit = READ_ONCE(sk->sk_rcvbuf);

	if (in_order && used > limit && skb_rb_first(&rill_sk(sk)->ooo_queue)) {
		rill_ooo_purge(sk);
		rill_count(rill_sk_net(sk), rcv_pruned);
		used = atomic_read(&sk->sk_rmem_alloc) + skb->truesize;
	}
	/* Into an empty queue goes any packet, however little it holds. */
	if (used > (in_order ? 2 * limit : limit) &&
	    !(in_order && skb_queue_empty(&sk->sk_receive_queue)))
		return false;
	if (sk_rmem_schedule(sk, skb, skb->truesize))
		return true;
	/* Out of memory for all sockets: one packet, so that it goes on. */
	return in_order && skb_queue_empty(&sk->sk_receive_queue);
}

/* Append @skb to @to if they are neighbours; true if @skb is gone. */
static bool rill_receive_coalesce(struct sock *sk, struct sk_buff *to,
				  struct sk_buff *skb)
{
	bool stolen;
	int delta;

	if (!to || rill_cb(to)->end_seq != rill_cb(skb)->seq ||
	    (rill_cb(to)->flags & RILL_FIN))
		return false;
	if (!skb_try_coalesce(to, skb, &stolen, &delta))
		return false;
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	rill_cb(to)->end_seq = rill_cb(skb)->end_seq;
	rill_cb(to)->flags |= rill_cb(skb)->flags;
	/* Of what is read at once, the last byte's time is told. */
	to->tstamp = skb->tstamp;
	kfree_skb_partial(skb, stolen);
	return true;
}

/* Cut off what was received before; false if there is no memory for it. */
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
 * @skb is next: advance rcv_nxt over it and give it to the program. It is
 * charged to the socket already if it waited out of order.
 */
static void rill_receive_next(struct sock *sk, struct sk_buff *skb,
			      bool charged)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);

	rs->rcv_nxt = rill_cb(skb)->end_seq;
	rs->bytes_received += skb->len;
	if (rill_cb(skb)->flags & RILL_FIN) {
		/* The program sees no byte for it, so no packet has it. */
		rs->fin_received = true;
		rill_cb(skb)->end_seq--;
		rill_cb(skb)->flags &= ~RILL_FIN;
	}
	if (!skb->len) {
		kfree_skb(skb);
		return;
	}
	if (!charged) {
		if (rill_receive_coalesce(sk, tail, skb))
			return;
		skb_set_owner_r(skb, sk);
	}
	__skb_queue_tail(&sk->sk_receive_queue, skb);
}

/* What waited out of order may be next now. */
static void rill_ooo_drain(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb;

	while ((skb = skb_rb_first(&rs->ooo_queue))) {
		if (rill_after(rill_cb(skb)->seq, rs->rcv_nxt))
			break;
		rill_ooo_unlink(sk, skb);
		if (rs->fin_received ||
		    !rill_after(rill_cb(skb)->end_seq, rs->rcv_nxt) ||
		    !rill_receive_trim(skb, rs->rcv_nxt)) {
			kfree_skb(skb);
			continue;
		}
		rill_receive_next(sk, skb, true);
	}
}

/* Blocks below rcv_nxt have served. */
static void rill_sacks_clean(struct rill_sock *rs)
{
	int i, kept = 0;

	if (RB_EMPTY_ROOT(&rs->ooo_queue)) {
		rs->num_sacks = 0;
		return;
	}
	for (i = 0; i < rs->num_sacks; i++)
		if (rill_after(rs->recent_sacks[i].start, rs->rcv_nxt))
			rs->recent_sacks[kept++] = rs->recent_sacks[i];
	rs->num_sacks = kept;
}

/* RFC 2018, 4: the first block is the one with the newest segment. */
static void rill_sacks_add(struct rill_sock *rs, u32 start, u32 end)
{
	struct rill_sack block = { start, end };
	int i, kept = 0;

	for (i = 0; i < rs->num_sacks; i++) {
		struct rill_sack *b = &rs->recent_sacks[i];

		if (rill_after(b->start, block.end) ||
		    rill_before(b->end, block.start)) {
			rs->recent_sacks[kept++] = *b;
			continue;
		}
		/* They touch: one block of both. */
		if (rill_before(b->start, block.start))
			block.start = b->start;
		if (rill_after(b->end, block.end))
			block.end = b->end;
	}
	kept = min(kept, RILL_SACKS_MAX - 1);
	memmove(&rs->recent_sacks[1], rs->recent_sacks,
		kept * sizeof(block));
	rs->recent_sacks[0] = block;
	rs->num_sacks = kept + 1;
}

/**
 * rill_sacks_out - the SACK blocks to tell the peer
 * @sk: the socket
 * @opts: options of the segment; as many blocks as fit
 *
 * Context: socket lock held.
 */
void rill_sacks_out(const struct sock *sk, struct rill_options *opts)
{
	const struct rill_sock *rs = rill_sk(sk);

	if (!rs->sack_ok)
		return;
	opts->nsacks = min_t(u8, rs->num_sacks,
			     rs->ts_ok ? RILL_SACKS_MAX - 1 : RILL_SACKS_MAX);
	memcpy(opts->sacks, rs->recent_sacks,
	       opts->nsacks * sizeof(opts->sacks[0]));
}

/*
 * Put @skb into the tree. Nothing in the tree is covered by another entry;
 * entries that overlap in part are cut when they become next.
 */
static bool rill_ooo_insert(struct sock *sk, struct sk_buff *skb)
{
	struct rb_node **p = &rill_sk(sk)->ooo_queue.rb_node;
	u32 seq = rill_cb(skb)->seq, end = rill_cb(skb)->end_seq;
	struct sk_buff *before = NULL, *at, *next;
	struct rb_node *parent = NULL;

	while (*p) {
		parent = *p;
		at = rb_to_skb(parent);
		if (rill_before(seq, rill_cb(at)->seq)) {
			p = &parent->rb_left;
		} else {
			before = at;
			p = &parent->rb_right;
		}
	}
	if (before && !rill_after(end, rill_cb(before)->end_seq))
		return false;
	if (rill_receive_coalesce(sk, before, skb)) {
		skb = before;
	} else {
		skb_set_owner_r(skb, sk);
		rb_link_node(&skb->rbnode, parent, p);
		rb_insert_color(&skb->rbnode, &rill_sk(sk)->ooo_queue);
	}
	while ((next = skb_rb_next(skb)) &&
	       !rill_after(rill_cb(next)->end_seq, end))
		rill_ooo_free(sk, next);
	return true;
}

static void rill_receive_ooo(struct sock *sk, struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_net *rnet = rill_sk_net(sk);
	u32 seq = rill_cb(skb)->seq, end = rill_cb(skb)->end_seq;

	/* RFC 5681, 4.2: at once, so that the sender learns of the hole. */
	rs->ack_pending = RILL_ACK_NOW;
	if (!rill_receive_room(sk, skb, false)) {
		rill_drop(rnet, skb, RILL_CNT_drop_rcvbuf);
		return;
	}
	if (!rill_ooo_insert(sk, skb)) {
		rill_drop(rnet, skb, RILL_CNT_drop_old);
		return;
	}
	rill_count(rnet, ofo_queued);
	rill_sacks_add(rs, seq, end);
}

/* How soon what has come in order must be acknowledged (RFC 5681, 4.2). */
static void rill_receive_ack(struct rill_sock *rs, bool filled)
{
	/* Two full segments, or a hole that has been filled. */
	if (filled || rs->quick_acks ||
	    rs->rcv_nxt - rs->rcv_wup > rs->rcv_mss)
		rs->ack_pending = RILL_ACK_NOW;
	else if (rs->ack_pending == RILL_ACK_NONE)
		rs->ack_pending = RILL_ACK_DELAYED;
}

static void rill_receive_in_order(struct sock *sk, struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);
	bool holes = !RB_EMPTY_ROOT(&rs->ooo_queue);

	if (skb->len && !rill_receive_room(sk, skb, true)) {
		/* The peer must not take it for lost: its window shuts. */
		rs->rcv_full = true;
		rs->ack_pending = RILL_ACK_NOW;
		rill_drop(rill_sk_net(sk), skb, RILL_CNT_drop_rcvbuf);
		return;
	}
	if (!rill_receive_trim(skb, rs->rcv_nxt)) {
		rill_drop(rill_sk_net(sk), skb, RILL_CNT_drop_nomem);
		return;
	}
	rill_receive_next(sk, skb, false);
	if (holes) {
		rill_ooo_drain(sk);
		rill_sacks_clean(rs);
	}
	/* After the FIN nothing can follow (RFC 9293, 3.10.7.4, eighth). */
	if (rs->fin_received)
		rill_ooo_purge(sk);
	rill_receive_ack(rs, holes);
	if (!sock_flag(sk, SOCK_DEAD) &&
	    (rs->fin_received ||
	     rill_readable(sk, sock_rcvlowat(sk, 0, INT_MAX))))
		sk->sk_data_ready(sk);
}

/**
 * rill_receive - take the data and the FIN of a segment
 * @sk: the socket
 * @skb: the segment, its data at our header; consumed
 * @seg: its header
 *
 * Sets fin_received when the peer's FIN is in order; its state is for the
 * caller to change.
 *
 * Context: socket lock held.
 */
void rill_receive(struct sock *sk, struct sk_buff *skb,
		  const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_net *rnet = rill_sk_net(sk);
	struct rill_skb_cb *cb = rill_cb(skb);

	if (!seg->len && !(seg->flags & RILL_FIN)) {
		consume_skb(skb);
		return;
	}
	cb->seq = seg->seq + !!(seg->flags & RILL_SYN);
	cb->end_seq = seg->end_seq;
	cb->flags = seg->flags;
	cb->sacked = 0;
	__skb_pull(skb, seg->hdr_len);
	skb_orphan(skb);
	rs->data_segs_in++;
	rill_receive_mss(rs, seg->len);

	if (!rill_after(cb->end_seq, rs->rcv_nxt)) {
		/* Our ACK was lost, or the segment was doubled. */
		rs->ack_pending = RILL_ACK_NOW;
		rill_drop(rnet, skb, RILL_CNT_drop_old);
		return;
	}
	/* A closed window takes a FIN that is next, and nothing else. */
	if ((seg->len || cb->seq != rs->rcv_nxt) &&
	    !rill_before(cb->seq, rs->rcv_nxt + rill_window_left(sk))) {
		rs->ack_pending = RILL_ACK_NOW;
		rill_drop(rnet, skb, RILL_CNT_drop_window);
		return;
	}
	rill_ecn_data(sk, seg);
	if (rill_after(cb->seq, rs->rcv_nxt)) {
		rill_receive_ooo(sk, skb);
		return;
	}
	if (seg->len >= rs->rcv_mss)
		rill_receive_rtt(sk, seg);
	rill_receive_in_order(sk, skb);
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
