// SPDX-License-Identifier: GPL-2.0
/* Segments that wait out of order, in a tree by sequence number. */
#include "inside.h"

static void rill_ooo_unlink(struct sock *sk, struct sk_buff *skb)
{
	rb_erase(&skb->rbnode, &rill_sk(sk)->rcv.ooo_queue);
	skb->dev = NULL;	/* rbnode shares its place */
}

static void rill_ooo_free(struct sock *sk, struct sk_buff *skb)
{
	rill_ooo_unlink(sk, skb);
	kfree_skb(skb);
}

/**
 * rill_ooo_prune - drop the segment farthest from rcv.nxt, for lack of memory
 * @sk: the socket
 * @skb: the segment that needs the memory
 *
 * RFC 2018, 8, allows it; the peer retransmits the data.
 *
 * Return: false if none lies beyond @skb.
 */
bool rill_ooo_prune(struct sock *sk, const struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *last = skb_rb_last(&rs->rcv.ooo_queue);

	sock_owned_by_me(sk);
	if (!last || !rill_after(rill_cb(last)->seq, rill_cb(skb)->seq))
		return false;
	rill_ooo_free(sk, last);
	rill_count(rill_sk_net(sk), rcv_pruned);
	last = skb_rb_last(&rs->rcv.ooo_queue);
	rill_sacks_cut(rs, last ? rill_cb(last)->end_seq : rs->rcv.nxt);
	return true;
}

/**
 * rill_ooo_purge - drop all out-of-order data
 * @sk: the socket
 *
 * RFC 2018, 8, allows it; the peer retransmits the data.
 *
 * Context: socket lock held.
 */
void rill_ooo_purge(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb;

	while ((skb = skb_rb_first(&rs->rcv.ooo_queue)))
		rill_ooo_free(sk, skb);
	rill_sacks_forget(rs);
}

/**
 * rill_skb_appends - can a packet be copied to the end of another?
 * @to: a packet charged to the socket
 * @skb: the packet
 *
 * A FIN without data has nothing to copy, and skb_put() must not be called for
 * a packet with page fragments.
 *
 * Context: socket lock held.
 * Return: true if they are neighbours and @to has room to spare.
 */
bool rill_skb_appends(const struct sk_buff *to, const struct sk_buff *skb)
{
	return rill_cb(to)->end_seq == rill_cb(skb)->seq && skb->len &&
	       !(rill_cb(to)->flags & RILL_FIN) && !skb_cloned(to) &&
	       skb->len <= skb_tailroom(to);
}

/**
 * rill_skb_coalesce - append a packet to its neighbour, if it can be
 * @sk: the socket
 * @to: a packet charged to the socket, or NULL
 * @skb: the packet, not charged yet
 *
 * Context: socket lock held.
 * Return: true if @skb is gone.
 */
bool rill_skb_coalesce(struct sock *sk, struct sk_buff *to,
		       struct sk_buff *skb)
{
	bool stolen;
	int delta;

	if (!to || rill_cb(to)->end_seq != rill_cb(skb)->seq ||
	    (rill_cb(to)->flags & RILL_FIN))
		return false;
	if (rill_skb_appends(to, skb)) {
		if (skb_copy_bits(skb, 0, skb_tail_pointer(to), skb->len))
			return false;
		skb_put(to, skb->len);
		stolen = false;
		delta = 0;
	} else if (!skb_try_coalesce(to, skb, &stolen, &delta)) {
		return false;
	}
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	rill_cb(to)->end_seq = rill_cb(skb)->end_seq;
	rill_cb(to)->flags |= rill_cb(skb)->flags;
	/* SO_TIMESTAMP reports the last byte that is read. */
	to->tstamp = skb->tstamp;
	*skb_hwtstamps(to) = *skb_hwtstamps(skb);
	kfree_skb_partial(skb, stolen);
	return true;
}

/* The entry behind @before, the first of all if that is NULL. */
static struct sk_buff *rill_ooo_after(const struct sock *sk,
				      struct sk_buff *before)
{
	return before ? skb_rb_next(before) :
			skb_rb_first(&rill_sk(sk)->rcv.ooo_queue);
}

/* The first run of [@seq, @end) that the entries beside it hold already. */
static void rill_ooo_twice(const struct sk_buff *before, struct sk_buff *next,
			   u32 seq, u32 end, struct rill_sack *twice)
{
	u32 last;

	twice->start = seq;
	twice->end = seq;
	if (before && rill_after(rill_cb(before)->end_seq, seq)) {
		last = rill_cb(before)->end_seq;
		twice->end = rill_before(last, end) ? last : end;
	}
	for (; next && rill_before(rill_cb(next)->seq, end);
	     next = skb_rb_next(next)) {
		/*
		 * All of it: no need to walk on, however many entries follow.
		 */
		if (twice->end == end)
			break;
		if (twice->end == twice->start)
			twice->start = rill_cb(next)->seq;
		else if (rill_after(rill_cb(next)->seq, twice->end))
			break;
		last = rill_cb(next)->end_seq;
		twice->end = rill_before(last, end) ? last : end;
	}
}

/**
 * rill_ooo_insert - keep a segment that is out of order
 * @sk: the socket
 * @skb: the segment, not charged to the socket yet; taken if true is returned
 * @twice: result, the first run that is a duplicate; empty if there is none
 *
 * No entry is covered by another one; entries that overlap in part are trimmed
 * once they are in order.
 *
 * Return: false if there is nothing new in it.
 */
bool rill_ooo_insert(struct sock *sk, struct sk_buff *skb,
		     struct rill_sack *twice)
{
	struct rb_node **p = &rill_sk(sk)->rcv.ooo_queue.rb_node;
	u32 seq = rill_cb(skb)->seq, end = rill_cb(skb)->end_seq;
	struct sk_buff *before = NULL, *at, *next;
	struct rb_node *parent = NULL;

	sock_owned_by_me(sk);
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
	rill_ooo_twice(before, rill_ooo_after(sk, before), seq, end, twice);
	if (before && !rill_after(end, rill_cb(before)->end_seq))
		return false;
	if (rill_skb_coalesce(sk, before, skb)) {
		skb = before;
	} else {
		skb_set_owner_r(skb, sk);
		rb_link_node(&skb->rbnode, parent, p);
		rb_insert_color(&skb->rbnode, &rill_sk(sk)->rcv.ooo_queue);
	}
	while ((next = skb_rb_next(skb)) &&
	       !rill_after(rill_cb(next)->end_seq, end))
		rill_ooo_free(sk, next);
	return true;
}

/**
 * rill_ooo_take - take out a segment that is in order now
 * @sk: the socket
 *
 * Return: a segment that begins at rcv.nxt or before it, still charged to the
 * socket, or NULL.
 */
struct sk_buff *rill_ooo_take(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb = skb_rb_first(&rs->rcv.ooo_queue);

	sock_owned_by_me(sk);
	if (!skb || rill_after(rill_cb(skb)->seq, rs->rcv.nxt))
		return NULL;
	rill_ooo_unlink(sk, skb);
	return skb;
}
