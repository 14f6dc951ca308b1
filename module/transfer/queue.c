// SPDX-License-Identifier: GPL-2.0
/*
 * What waits to be sent (sk_write_queue, in order) and what waits to be
 * acknowledged (rtx_queue, a tree by sequence number).
 */
#include <net/rill.h>
#include "../compat.h"

/**
 * rill_skb_alloc - a packet for the send queues
 * @sk: the socket
 * @linear: room for payload outside page fragments, bytes
 * @gfp: how to allocate
 *
 * A fast clone: the clone is what IP gets, the original stays.
 *
 * Context: any that @gfp allows, socket lock held.
 * Return: the packet, not charged to the socket yet, or NULL.
 */
struct sk_buff *rill_skb_alloc(struct sock *sk, unsigned int linear, gfp_t gfp)
{
	unsigned int headroom = sk->sk_prot->max_header;
	struct sk_buff *skb;

	skb = alloc_skb_fclone(headroom + linear, gfp);
	if (!skb)
		return NULL;
	skb_reserve(skb, headroom);
	memset(skb->cb, 0, sizeof(skb->cb));
	return skb;
}

static void rill_skb_charge(struct sock *sk, struct sk_buff *skb)
{
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
}

/**
 * rill_skb_queue - append a packet to what waits to be sent
 * @sk: the socket
 * @skb: the packet; its payload, if any, is counted into write_seq here
 *
 * Context: socket lock held.
 */
void rill_skb_queue(struct sock *sk, struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);

	rill_cb(skb)->seq = rs->write_seq;
	rill_cb(skb)->end_seq = rs->write_seq + skb->len;
	rill_cb(skb)->flags = RILL_ACK;
	rs->write_seq += skb->len;
	rill_skb_charge(sk, skb);
	__skb_queue_tail(&sk->sk_write_queue, skb);
}

/**
 * rill_skb_free - free a packet that was charged to the socket
 * @sk: the socket
 * @skb: the packet, in no queue
 *
 * Context: socket lock held.
 */
void rill_skb_free(struct sock *sk, struct sk_buff *skb)
{
	sk_wmem_queued_add(sk, -skb->truesize);
	sk_mem_uncharge(sk, skb->truesize);
	consume_skb(skb);
}

/**
 * rill_skb_split - make two segments of one
 * @sk: the socket
 * @skb: the segment, in sk_write_queue or in rtx_queue; keeps @len bytes
 * @len: bytes, less than the payload
 * @gfp: how to allocate
 *
 * Context: socket lock held.
 * Return: 0 or -ENOMEM.
 */
int rill_skb_split(struct sock *sk, struct sk_buff *skb, u32 len, gfp_t gfp)
{
	struct rill_skb_cb *cb = rill_cb(skb);
	struct rill_sock *rs = rill_sk(sk);
	bool sent = cb->sent_ns;	/* else it waits to be sent */
	u32 moved = skb->len - len;
	int charged = skb->truesize;
	struct sk_buff *tail;

	/* IP may still read a clone of the payload that will be moved. */
	if (skb_unclone(skb, gfp))
		return -ENOMEM;
	/* The new head may be larger or smaller than what was charged. */
	charged = skb->truesize - charged;
	sk_wmem_queued_add(sk, charged);
	sk_mem_charge(sk, charged);
	tail = rill_skb_alloc(sk, skb_headlen(skb), gfp);
	if (!tail)
		return -ENOMEM;
	rill_skb_charge(sk, tail);
	skb_split(skb, tail, len);
	tail->truesize += moved;
	skb->truesize -= moved;

	*rill_cb(tail) = *cb;
	rill_cb(tail)->seq = cb->seq + len;
	cb->end_seq = rill_cb(tail)->seq;
	/* FIN and PSH belong to the last byte, and so do timestamps. */
	cb->flags &= ~(RILL_FIN | RILL_PSH);
	cb->stamp_ack = false;
	swap(skb_shinfo(skb)->tx_flags, skb_shinfo(tail)->tx_flags);
	swap(skb_shinfo(skb)->tskey, skb_shinfo(tail)->tskey);
	if (!sent) {
		__skb_queue_after(&sk->sk_write_queue, skb, tail);
		return 0;
	}
	rill_rtx_insert(sk, tail);
	rill_rack_split(skb, tail);
	rs->sacked_out += !!(cb->sacked & RILL_SKB_SACKED);
	rs->lost_out += !!(cb->sacked & RILL_SKB_LOST);
	rs->retrans_out += !!(cb->sacked & RILL_SKB_RETRANS);
	return 0;
}

/**
 * rill_rtx_insert - a segment has been sent and waits for its ACK
 * @sk: the socket
 * @skb: the segment, in no queue
 *
 * Context: socket lock held.
 */
void rill_rtx_insert(struct sock *sk, struct sk_buff *skb)
{
	struct rb_node **p = &rill_sk(sk)->rtx_queue.rb_node;
	struct rb_node *parent = NULL;

	while (*p) {
		parent = *p;
		if (rill_before(rill_cb(skb)->seq,
				rill_cb(rb_to_skb(parent))->seq))
			p = &parent->rb_left;
		else
			p = &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &rill_sk(sk)->rtx_queue);
	rill_sk(sk)->packets_out++;
}

/**
 * rill_rtx_remove - a segment is acknowledged: take it out and free it
 * @sk: the socket
 * @skb: the segment
 *
 * Context: socket lock held.
 */
void rill_rtx_remove(struct sock *sk, struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);
	u8 sacked = rill_cb(skb)->sacked;

	rill_rack_forget(skb);
	rb_erase(&skb->rbnode, &rs->rtx_queue);
	skb->dev = NULL;	/* a tree's node lies where it does */
	rs->packets_out--;
	rs->sacked_out -= !!(sacked & RILL_SKB_SACKED);
	rs->lost_out -= !!(sacked & RILL_SKB_LOST);
	rs->retrans_out -= !!(sacked & RILL_SKB_RETRANS);
	rill_skb_free(sk, skb);
}

/**
 * rill_rtx_head - the oldest segment that is not acknowledged
 * @sk: the socket
 *
 * Context: socket lock held.
 * Return: the segment or NULL.
 */
struct sk_buff *rill_rtx_head(const struct sock *sk)
{
	return skb_rb_first(&rill_sk(sk)->rtx_queue);
}

/**
 * rill_rtx_next - the segment after another
 * @skb: a segment of the queue
 *
 * Context: socket lock held.
 * Return: the segment or NULL.
 */
struct sk_buff *rill_rtx_next(struct sk_buff *skb)
{
	return skb_rb_next(skb);
}

/**
 * rill_rtx_from - the first segment that begins at a sequence number or later
 * @sk: the socket
 * @seq: the sequence number
 *
 * Context: socket lock held.
 * Return: the segment or NULL.
 */
struct sk_buff *rill_rtx_from(const struct sock *sk, u32 seq)
{
	struct rb_node *node = rill_sk(sk)->rtx_queue.rb_node;
	struct sk_buff *found = NULL;

	while (node) {
		if (rill_before(rill_cb(rb_to_skb(node))->seq, seq)) {
			node = node->rb_right;
		} else {
			found = rb_to_skb(node);
			node = node->rb_left;
		}
	}
	return found;
}

/**
 * rill_queue_purge - free all that waits to be sent or acknowledged
 * @sk: the socket
 *
 * Context: socket lock held.
 */
void rill_queue_purge(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&sk->sk_write_queue)))
		rill_skb_free(sk, skb);
	while ((skb = rill_rtx_head(sk)))
		rill_rtx_remove(sk, skb);
	rs->packets_out = 0;
	rs->sacked_out = 0;
	rs->lost_out = 0;
	rs->retrans_out = 0;
}
