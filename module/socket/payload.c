// SPDX-License-Identifier: GPL-2.0
/*
 * Where the payload of segments comes from: copied from the program, lent by it
 * (MSG_ZEROCOPY), or taken over from a pipe or a file (splice(), sendfile()).
 *
 * Payload lives in page fragments, never in the linear part of a segment, so
 * that splitting one for retransmission moves references and not bytes.
 */
#include <linux/uio.h>
#include <net/tcp.h>
#include "../compat.h"
#include "../transfer/transfer.h"
#include "inside.h"

/* The unsent segment that may take more bytes, or NULL. */
static struct sk_buff *rill_payload_tail(const struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (!skb || skb->len >= rill_sk(sk)->path.mss)
		return NULL;
	if (rill_cb(skb)->flags & (RILL_SYN | RILL_FIN) || rill_cb(skb)->eor)
		return NULL;
	return skb;
}

/**
 * rill_payload_partial - is there a segment that takes more bytes?
 * @sk: socket
 *
 * Context: process.
 * Return: true if the last segment that waits to be sent is not full.
 */
bool rill_payload_partial(const struct sock *sk)
{
	sock_owned_by_me(sk);
	return rill_payload_tail(sk);
}

/*
 * A segment for the next bytes: the tail of the queue if @join says that it
 * takes them, or a new one. A new one joins the queue only when it holds
 * something, so that there is never an empty one to take back.
 */
static struct sk_buff *rill_payload_get(struct sock *sk, bool join, bool *fresh)
{
	struct sk_buff *skb = join ? rill_payload_tail(sk) : NULL;

	*fresh = !skb;
	if (skb)
		return skb;
	if (!sk_stream_memory_free(sk))
		return NULL;
	return rill_skb_alloc(sk, 0, sk->sk_allocation);
}

/* @n bytes, charged already, are at the end of @skb. */
static void rill_payload_commit(struct sock *sk, struct sk_buff *skb, int n,
				bool fresh)
{
	struct rill_sock *rs = rill_sk(sk);

	if (fresh) {
		rill_skb_queue(sk, skb);
		return;
	}
	rill_cb(skb)->flags &= ~RILL_PSH;
	rill_snd_append(rs, skb, n);
}

/* Charge the bytes added to a segment that is in the queue, or will be. */
static void rill_payload_charge(struct sock *sk, struct sk_buff *skb, int n,
				bool fresh)
{
	skb->len += n;
	skb->data_len += n;
	skb->truesize += n;
	if (fresh)
		return;	/* with the rest of it */
	sk_wmem_queued_add(sk, n);
	sk_mem_charge(sk, n);
}

/* ---- copied ------------------------------------------------------------ */

static bool rill_payload_frag_fits(struct sk_buff *skb,
				   const struct page *page, int offset)
{
	int n = skb_shinfo(skb)->nr_frags;

	return n < MAX_SKB_FRAGS || skb_can_coalesce(skb, n, page, offset);
}

/* One more reference to a page of @skb, which has room for it. */
static void rill_payload_frag(struct sk_buff *skb, struct page *page,
			      int offset, int n)
{
	int i = skb_shinfo(skb)->nr_frags;

	if (skb_can_coalesce(skb, i, page, offset)) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], n);
		return;
	}
	get_page(page);
	skb_fill_page_desc(skb, i, page, offset, n);
}

/* A segment that lends pages or took some over is not to be written to. */
static bool rill_payload_may_copy(const struct sock *sk,
				  const struct page_frag *frag)
{
	struct sk_buff *skb = rill_payload_tail(sk);

	return skb && !skb_zcopy(skb) &&
	       rill_payload_frag_fits(skb, frag->page, frag->offset);
}

/**
 * rill_payload_copy - copy the next bytes of a message
 * @sk: socket
 * @msg: the message
 *
 * Context: process; may sleep.
 * Return: bytes, -EFAULT, or -ENOBUFS when there is no room or memory.
 */
int rill_payload_copy(struct sock *sk, struct msghdr *msg)
{
	struct page_frag *frag = sk_page_frag(sk);
	struct sk_buff *skb;
	int n, charge;
	bool fresh;

	sock_owned_by_me(sk);
	if (!sk_page_frag_refill(sk, frag))
		return -ENOBUFS;
	skb = rill_payload_get(sk, rill_payload_may_copy(sk, frag), &fresh);
	if (!skb)
		return -ENOBUFS;

	n = min_t(size_t, msg_data_left(msg), rill_sk(sk)->path.mss - skb->len);
	n = min_t(int, n, frag->size - frag->offset);
	charge = fresh ? n + skb->truesize : n;
	if (!rill_sndbuf_charge(sk, charge)) {
		if (fresh)
			kfree_skb(skb);
		return -ENOBUFS;
	}
	if (!copy_from_iter_full(page_address(frag->page) + frag->offset, n,
				 &msg->msg_iter)) {
		if (fresh)
			kfree_skb(skb);
		return -EFAULT;
	}
	rill_payload_frag(skb, frag->page, frag->offset, n);
	frag->offset += n;
	rill_payload_charge(sk, skb, n, fresh);
	rill_payload_commit(sk, skb, n, fresh);
	return n;
}

/* ---- lent and taken over ----------------------------------------------- */

/* An empty segment in the queue, for functions that charge what they add. */
static struct sk_buff *rill_payload_open(struct sock *sk, bool join)
{
	struct sk_buff *skb;
	bool fresh;

	skb = rill_payload_get(sk, join, &fresh);
	if (!skb || !fresh)
		return skb;
	if (!rill_sndbuf_charge(sk, skb->truesize)) {
		kfree_skb(skb);
		return NULL;
	}
	rill_skb_queue(sk, skb);
	return skb;
}

/* Nothing could be added: an empty segment is taken back. */
static void rill_payload_close(struct sock *sk, struct sk_buff *skb)
{
	if (skb->len)
		return;
	__skb_unlink(skb, &sk->sk_write_queue);
	rill_skb_free(sk, skb);
}

/*
 * After an error the pages are not referenced any more, but still charged: undo
 * the charge, or a program could repeat it without end.
 */
static void rill_payload_uncharge(struct sock *sk, struct sk_buff *skb,
				  unsigned int before)
{
	int excess = skb->truesize - before;

	skb->truesize = before;
	sk_wmem_queued_add(sk, -excess);
	sk_mem_uncharge(sk, excess);
}

/*
 * Reference the pages of the next bytes; the error queue reports when they are
 * free again.
 */
static int rill_payload_lend_to(struct sock *sk, struct msghdr *msg,
				struct ubuf_info *uarg, bool join)
{
	unsigned int before;
	struct sk_buff *skb;
	int n;

	skb = rill_payload_open(sk, join);
	if (!skb)
		return -ENOBUFS;
	before = skb->truesize;
	n = min_t(size_t, msg_data_left(msg), rill_sk(sk)->path.mss - skb->len);
	if (rill_sndbuf_charge(sk, n))
		n = rill_zerocopy_from_iter(sk, skb, msg, n, uarg);
	else
		n = -ENOBUFS;
	if (n > 0) {
		rill_payload_commit(sk, skb, n, false);
		return n;
	}
	rill_payload_uncharge(sk, skb, before);
	rill_payload_close(sk, skb);
	return n;
}

/**
 * rill_payload_lend - send the next bytes of a message without a copy
 * @sk: socket
 * @msg: the message
 * @uarg: the notification of MSG_ZEROCOPY
 *
 * Context: process; may sleep.
 * Return: bytes, -EFAULT, or -ENOBUFS when there is no room or memory.
 */
int rill_payload_lend(struct sock *sk, struct msghdr *msg,
		      struct ubuf_info *uarg)
{
	int n;

	sock_owned_by_me(sk);
	n = rill_payload_lend_to(sk, msg, uarg, true);
	/* The last segment is full, or has another notification. */
	if (n == -EMSGSIZE || n == -EEXIST)
		n = rill_payload_lend_to(sk, msg, uarg, false);
	return n;
}

static int rill_payload_take_to(struct sock *sk, struct msghdr *msg, bool join)
{
	struct sk_buff *skb;
	ssize_t n;

	skb = rill_payload_open(sk, join);
	if (!skb)
		return -ENOBUFS;
	n = min_t(size_t, msg_data_left(msg), rill_sk(sk)->path.mss - skb->len);
	if (rill_sndbuf_charge(sk, n))
		n = rill_splice_from_iter(sk, skb, &msg->msg_iter, n);
	else
		n = -ENOBUFS;
	if (n <= 0) {
		rill_payload_close(sk, skb);
		return n;
	}
	/* The program may write to these pages meanwhile. */
	skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	sk_wmem_queued_add(sk, n);
	sk_mem_charge(sk, n);
	rill_payload_commit(sk, skb, n, false);
	return n;
}

/**
 * rill_payload_take - take the next pages of a splice over
 * @sk: socket
 * @msg: the message, whose pages are the kernel's
 *
 * Context: process; may sleep.
 * Return: bytes, or -ENOBUFS when there is no room or memory.
 */
int rill_payload_take(struct sock *sk, struct msghdr *msg)
{
	struct sk_buff *tail;
	int n;

	sock_owned_by_me(sk);
	tail = rill_payload_tail(sk);
	/* A segment of io_uring may hold no reference to its pages. */
	n = rill_payload_take_to(sk, msg, !tail || !skb_zcopy(tail));
	return n == -EMSGSIZE ? rill_payload_take_to(sk, msg, false) : n;
}
