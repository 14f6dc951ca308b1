// SPDX-License-Identifier: GPL-2.0
/*
 * Unsent segments (sk_write_queue, in order) and segments that are sent and not
 * acknowledged (rtx.queue, a tree by sequence number).
 */
#include "inside.h"

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

/* The payload is charged already; the rest is charged beyond any limit. */
static void rill_skb_charge(struct sock *sk, struct sk_buff *skb)
{
	rill_memory_take(sk, skb->truesize);
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
}

/**
 * rill_skb_queue - append a packet to what waits to be sent
 * @sk: the socket
 * @skb: the packet; its payload, if any, is counted into snd.write_seq here
 */
void rill_skb_queue(struct sock *sk, struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	rill_cb(skb)->seq = rs->snd.write_seq;
	rill_cb(skb)->end_seq = rs->snd.write_seq + skb->len;
	rill_cb(skb)->flags = RILL_ACK;
	WRITE_ONCE(rs->snd.write_seq, rs->snd.write_seq + skb->len);
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

/*
 * Is the queue, by splitting, twice as large as the program may fill it? Each
 * split costs a head, and others cause it: a path whose MTU shrinks, a peer
 * whose window opens byte by byte. The oldest segment and the last are split in
 * any case, or the connection would stop.
 */
static bool rill_skb_splits_over(const struct sock *sk, struct sk_buff *skb)
{
	return sk->sk_wmem_queued / 2 > READ_ONCE(sk->sk_sndbuf) &&
	       skb != rill_rtx_head(sk) && rill_rtx_next(skb);
}

/* A timestamp goes with the byte that the program asked for. */
static void rill_skb_split_stamp(struct sk_buff *skb, struct sk_buff *tail)
{
	if (rill_before(rill_cb(skb)->stamp_seq, rill_cb(tail)->seq)) {
		rill_cb(tail)->stamp_ack = false;
		return;
	}
	rill_cb(skb)->stamp_ack = false;
	swap(skb_shinfo(skb)->tx_flags, skb_shinfo(tail)->tx_flags);
	swap(skb_shinfo(skb)->tskey, skb_shinfo(tail)->tskey);
}

/**
 * rill_rtx_unlist - take a segment off the list of what is in flight (rack.sent)
 * @skb: the segment, on the list or not
 *
 * The list node shares its place with the route and the destructor, which a
 * copy of the packet would take over: the place is left empty.
 *
 * Context: socket lock held.
 */
void rill_rtx_unlist(struct sk_buff *skb)
{
	if (!skb->tcp_tsorted_anchor.next)
		return;
	__list_del_entry(&skb->tcp_tsorted_anchor);
	skb->tcp_tsorted_anchor.next = NULL;
	skb->tcp_tsorted_anchor.prev = NULL;
}

/**
 * rill_skb_split - make two segments of one
 * @sk: the socket
 * @skb: the segment, in sk_write_queue or in rtx.queue; keeps @len bytes
 * @len: bytes, less than the payload
 * @gfp: how to allocate
 *
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

	sock_owned_by_me(sk);
	if (sent && rill_skb_splits_over(sk, skb))
		return -ENOMEM;
	/* IP may still read a clone of the payload that will be moved. */
	if (skb_unclone(skb, gfp))
		return -ENOMEM;
	/* The new head may be larger or smaller than what was charged. */
	charged = skb->truesize - charged;
	rill_memory_take(sk, charged);
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
	/* FIN, PSH and MSG_EOR belong to the last byte. */
	cb->flags &= ~(RILL_FIN | RILL_PSH);
	cb->eor = false;
	rill_skb_split_stamp(skb, tail);
	if (!sent) {
		__skb_queue_after(&sk->sk_write_queue, skb, tail);
		return 0;
	}
	rill_rtx_insert(sk, tail);
	if (skb->tcp_tsorted_anchor.next)
		list_add(&tail->tcp_tsorted_anchor, &skb->tcp_tsorted_anchor);
	rs->rtx.sacked_out += !!(cb->sacked & RILL_SKB_SACKED);
	rs->rtx.lost_out += !!(cb->sacked & RILL_SKB_LOST);
	rs->rtx.retrans_out += !!(cb->sacked & RILL_SKB_RETRANS);
	return 0;
}

/* Cut @len bytes off the front of @skb; the caller settles the charge. */
static void rill_skb_cut(struct sk_buff *skb, u32 len)
{
	struct skb_shared_info *info = skb_shinfo(skb);
	u32 left = len;
	int i, kept = 0;

	for (i = 0; i < info->nr_frags; i++) {
		skb_frag_t *f = &info->frags[i];
		u32 size = skb_frag_size(f);
		u32 cut = min(size, left);

		left -= cut;
		if (cut == size) {
			put_page(skb_frag_page(f));
			continue;
		}
		skb_frag_off_add(f, cut);
		skb_frag_size_sub(f, cut);
		info->frags[kept++] = *f;
	}
	info->nr_frags = kept;
	skb->len -= len;
	skb->data_len -= len;
	skb->truesize -= len;
}

/**
 * rill_skb_trim - the first bytes of a segment have been acknowledged
 * @sk: the socket
 * @skb: the segment, in rtx.queue, where it keeps its place
 * @len: bytes, no more than the payload, which lies in fragments
 * @gfp: how to allocate
 *
 * Return: 0, -ENOMEM, or -EINVAL if @len is more than lies in fragments.
 */
int rill_skb_trim(struct sock *sk, struct sk_buff *skb, u32 len, gfp_t gfp)
{
	int charged = skb->truesize;

	sock_owned_by_me(sk);
	if (len > skb->data_len)
		return -EINVAL;
	/* IP may still read a clone, which has the fragments in common. */
	if (skb_unclone(skb, gfp))
		return -ENOMEM;
	/* io_uring owns its pages: take references of our own first. */
	skb_zcopy_downgrade_managed(skb);
	rill_skb_cut(skb, len);
	charged = skb->truesize - charged;
	/* A copied head may be larger than what it replaces. */
	rill_memory_take(sk, charged);
	sk_wmem_queued_add(sk, charged);
	sk_mem_charge(sk, charged);
	rill_cb(skb)->seq += len;
	rill_ack_part(rill_sk(sk), len);
	return 0;
}

/*
 * May the payload of @b stand behind that of @a in one segment? Completion of
 * MSG_ZEROCOPY and transmit timestamps are reported for a segment as a whole:
 * one that has them stays alone.
 */
static bool rill_skb_alike(const struct sk_buff *a, struct sk_buff *b)
{
	return !skb_headlen(b) && !skb_cloned(b) &&
	       skb_shinfo(a)->flags == skb_shinfo(b)->flags &&
	       !skb_zcopy(b) && !skb_has_frag_list(b) &&
	       !skb_shinfo(b)->tx_flags && !rill_cb(b)->stamp_ack &&
	       !rill_cb(b)->sent_ns &&
	       !(rill_cb(b)->flags & (RILL_SYN | RILL_FIN));
}

/* Is what waits from @skb on of one kind, and are @len bytes few fragments? */
static bool rill_skb_joinable(const struct sock *sk, struct sk_buff *skb,
			      u32 len)
{
	struct sk_buff *at = skb;
	const struct page *page = NULL;
	unsigned int frags = 0;
	u32 sum = 0, end = 0;
	int i;

	for (; at; at = skb_queue_next(&sk->sk_write_queue, at)) {
		if (!rill_skb_alike(skb, at))
			return false;
		for (i = 0; i < skb_shinfo(at)->nr_frags; i++) {
			const skb_frag_t *f = &skb_shinfo(at)->frags[i];

			if (skb_frag_page(f) != page || skb_frag_off(f) != end)
				frags++;
			page = skb_frag_page(f);
			end = skb_frag_off(f) + skb_frag_size(f);
		}
		sum += at->len;
		if (sum >= len)
			return frags <= MAX_SKB_FRAGS;
		if (skb_queue_is_last(&sk->sk_write_queue, at) ||
		    rill_cb(at)->eor)
			return false;
	}
	return false;
}

/* Move the payload of @from to the end of @to, which has room for it. */
static void rill_skb_move(struct sk_buff *to, struct sk_buff *from)
{
	struct skb_shared_info *info = skb_shinfo(to);
	u32 n = from->len;
	int i;

	for (i = 0; i < skb_shinfo(from)->nr_frags; i++) {
		skb_frag_t *f = &skb_shinfo(from)->frags[i];
		struct page *page = skb_frag_page(f);

		if (skb_can_coalesce(to, info->nr_frags, page,
				     skb_frag_off(f))) {
			skb_frag_size_add(&info->frags[info->nr_frags - 1],
					  skb_frag_size(f));
			put_page(page);
		} else {
			info->frags[info->nr_frags++] = *f;
		}
	}
	skb_shinfo(from)->nr_frags = 0;
	to->len += n;
	to->data_len += n;
	to->truesize += n;
	from->len -= n;
	from->data_len -= n;
	from->truesize -= n;
}

/**
 * rill_skb_join - make one longer segment of several unsent ones
 * @sk: the socket
 * @skb: the first of them, in sk_write_queue
 * @len: bytes that it is to have, more than it has
 *
 * The counterpart of rill_skb_split(). If there is no memory to split the last
 * one, @skb is longer than before and is split when it is sent.
 *
 * Return: true if @skb has @len bytes.
 */
bool rill_skb_join(struct sock *sk, struct sk_buff *skb, u32 len)
{
	struct rill_skb_cb *cb = rill_cb(skb);
	struct sk_buff *next;

	sock_owned_by_me(sk);
	if (skb->len >= len || !rill_skb_joinable(sk, skb, len))
		return false;
	while (skb->len < len) {
		next = skb_queue_next(&sk->sk_write_queue, skb);
		if (next->len > len - skb->len &&
		    rill_skb_split(sk, next, len - skb->len, GFP_ATOMIC))
			return false;
		rill_skb_move(skb, next);
		cb->end_seq = rill_cb(next)->end_seq;
		cb->flags = (cb->flags & ~RILL_PSH) |
			    (rill_cb(next)->flags & RILL_PSH);
		cb->eor = rill_cb(next)->eor;
		__skb_unlink(next, &sk->sk_write_queue);
		rill_skb_free(sk, next);
	}
	return true;
}

/**
 * rill_rtx_insert - a segment has been sent and waits for its ACK
 * @sk: the socket
 * @skb: the segment, in no queue
 */
void rill_rtx_insert(struct sock *sk, struct sk_buff *skb)
{
	struct rb_node **p = &rill_sk(sk)->rtx.queue.rb_node;
	struct rb_node *parent = NULL;

	sock_owned_by_me(sk);
	while (*p) {
		parent = *p;
		if (rill_before(rill_cb(skb)->seq,
				rill_cb(rb_to_skb(parent))->seq))
			p = &parent->rb_left;
		else
			p = &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &rill_sk(sk)->rtx.queue);
	rill_sk(sk)->rtx.packets_out++;
}

/**
 * rill_rtx_remove - free a segment that is acknowledged
 * @sk: the socket
 * @skb: the segment
 */
void rill_rtx_remove(struct sock *sk, struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);
	u8 sacked = rill_cb(skb)->sacked;

	sock_owned_by_me(sk);
	rill_rtx_unlist(skb);
	rb_erase(&skb->rbnode, &rs->rtx.queue);
	skb->dev = NULL;	/* rbnode shares its place */
	rs->rtx.packets_out--;
	rs->rtx.sacked_out -= !!(sacked & RILL_SKB_SACKED);
	rs->rtx.lost_out -= !!(sacked & RILL_SKB_LOST);
	rs->rtx.retrans_out -= !!(sacked & RILL_SKB_RETRANS);
	rill_skb_free(sk, skb);
}

/*
 * Without SACK: the segments that duplicate ACKs stand for do not include those
 * that are marked lost.
 */
static void rill_rtx_bound(struct rill_sock *rs)
{
	if (rs->rtx.sacked_out + rs->rtx.lost_out > rs->rtx.packets_out)
		rs->rtx.sacked_out = rs->rtx.packets_out - rs->rtx.lost_out;
}

/**
 * rill_rtx_dupack - a duplicate ACK without SACK: some segment has arrived
 * @rs: the socket
 *
 * Context: socket lock held.
 * Return: true if there is one for which it may stand.
 */
bool rill_rtx_dupack(struct rill_sock *rs)
{
	if (rs->rtx.sacked_out + rs->rtx.lost_out >= rs->rtx.packets_out)
		return false;
	rs->rtx.sacked_out++;
	return true;
}

/**
 * rill_rtx_dupacks_known - which segments some duplicate ACKs stood for is known
 * @rs: the socket, without SACK
 * @known: their number, at most rtx.sacked_out
 *
 * Context: socket lock held; these segments are acknowledged.
 */
void rill_rtx_dupacks_known(struct rill_sock *rs, u32 known)
{
	rs->rtx.sacked_out -= known;
	rill_rtx_bound(rs);
}

/**
 * rill_mark_lost - mark a segment in flight lost
 * @sk: the socket
 * @skb: the segment
 */
void rill_mark_lost(struct sock *sk, struct sk_buff *skb)
{
	u8 *sacked = &rill_cb(skb)->sacked;
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (*sacked & (RILL_SKB_SACKED | RILL_SKB_LOST))
		return;
	if (*sacked & RILL_SKB_RETRANS) {
		*sacked &= ~RILL_SKB_RETRANS;
		rs->rtx.retrans_out--;
	}
	rill_recovery_lost(rs, rill_cb(skb)->seq);
	*sacked |= RILL_SKB_LOST;
	rs->rtx.lost_out++;
	rill_rtx_unlist(skb);
	if (!rs->agreed.sack_ok)
		rill_rtx_bound(rs);
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
	return skb_rb_first(&rill_sk(sk)->rtx.queue);
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
 * Return: the segment or NULL.
 */
struct sk_buff *rill_rtx_from(const struct sock *sk, u32 seq)
{
	struct rb_node *node = rill_sk(sk)->rtx.queue.rb_node;
	struct sk_buff *found = NULL;

	sock_owned_by_me(sk);
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
 * rill_rtx_beyond - the first segment that ends beyond a sequence number
 * @sk: the socket
 * @seq: the sequence number
 *
 * Return: the segment or NULL.
 */
struct sk_buff *rill_rtx_beyond(const struct sock *sk, u32 seq)
{
	struct rb_node *node = rill_sk(sk)->rtx.queue.rb_node;
	struct sk_buff *found = NULL;

	sock_owned_by_me(sk);
	while (node) {
		if (rill_after(rill_cb(rb_to_skb(node))->end_seq, seq)) {
			found = rb_to_skb(node);
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/**
 * rill_queue_fin - end our half of the stream, behind all that is queued
 * @sk: the socket, its state changed already
 *
 * The last unsent segment carries the FIN if there is one. close() can report
 * no error, so memory is charged even beyond the limits.
 *
 * Return: 0, or -ENOBUFS: the caller is to reset the connection.
 */
int rill_queue_fin(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!skb) {
		skb = rill_skb_alloc(sk, 0, GFP_ATOMIC | __GFP_HIGH);
		if (!skb)
			return -ENOBUFS;
		rill_skb_queue(sk, skb);
	}
	rill_cb(skb)->flags |= skb->len ? RILL_FIN | RILL_PSH : RILL_FIN;
	rill_snd_append(rs, skb, 1);
	rs->snd.fin_queued = true;
	return 0;
}

/**
 * rill_queue_purge - free all unsent and unacknowledged segments
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
	rs->rtx.packets_out = 0;
	rs->rtx.sacked_out = 0;
	rs->rtx.lost_out = 0;
	rs->rtx.retrans_out = 0;
	rill_hold_update(sk);
}
