// SPDX-License-Identifier: GPL-2.0
/*
 * From the program's buffer into the queue of segments to be sent.
 *
 * Payload lives in page fragments, never in the linear part of a segment, so
 * that splitting one for retransmission moves references and not bytes.
 */
#include <linux/sched/signal.h>
#include <linux/uio.h>
#include <net/tcp.h>

#include <net/rill.h>

#define RILL_SEND_BURST		16	/* segments between looks at the backlog */

/* The unsent segment that may take more bytes, or NULL. */
static struct sk_buff *rill_send_tail(const struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (!skb || skb->len >= rill_sk(sk)->mss)
		return NULL;
	if (rill_cb(skb)->flags & (RILL_SYN | RILL_FIN))
		return NULL;
	return skb;
}

static bool rill_send_frag_fits(struct sk_buff *skb,
				const struct page_frag *frag)
{
	int n = skb_shinfo(skb)->nr_frags;

	return n < MAX_SKB_FRAGS ||
	       skb_can_coalesce(skb, n, frag->page, frag->offset);
}

/* Account @n bytes at the start of @frag to @skb, which is in the queue. */
static void rill_send_commit(struct sock *sk, struct sk_buff *skb,
			     struct page_frag *frag, int n)
{
	struct rill_sock *rs = rill_sk(sk);
	int i = skb_shinfo(skb)->nr_frags;

	if (skb_can_coalesce(skb, i, frag->page, frag->offset)) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], n);
	} else {
		get_page(frag->page);
		skb_fill_page_desc(skb, i, frag->page, frag->offset, n);
	}
	frag->offset += n;

	skb->len += n;
	skb->data_len += n;
	skb->truesize += n;
	sk_wmem_queued_add(sk, n);
	sk_mem_charge(sk, n);

	rill_cb(skb)->flags &= ~RILL_PSH;
	rill_cb(skb)->end_seq += n;
	WRITE_ONCE(rs->write_seq, rs->write_seq + n);
}

/*
 * Copy the next bytes of @msg into the tail of the queue, or into a segment of
 * their own, which joins the queue only when it holds something: so there is
 * never an empty one to take back.
 *
 * Return: bytes copied, -EFAULT, or -ENOBUFS when there is no room or memory.
 */
static int rill_send_copy(struct sock *sk, struct msghdr *msg)
{
	struct page_frag *frag = sk_page_frag(sk);
	struct sk_buff *skb, *fresh = NULL;
	int n, charge;

	if (!sk_page_frag_refill(sk, frag))
		return -ENOBUFS;

	skb = rill_send_tail(sk);
	if (!skb || !rill_send_frag_fits(skb, frag)) {
		if (!sk_stream_memory_free(sk))
			return -ENOBUFS;
		fresh = rill_skb_alloc(sk, 0, sk->sk_allocation);
		if (!fresh)
			return -ENOBUFS;
		skb = fresh;
	}

	n = min_t(size_t, msg_data_left(msg), rill_sk(sk)->mss - skb->len);
	n = min_t(int, n, frag->size - frag->offset);
	charge = fresh ? n + fresh->truesize : n;
	if (!sk_wmem_schedule(sk, charge)) {
		kfree_skb(fresh);
		return -ENOBUFS;
	}
	if (!copy_from_iter_full(page_address(frag->page) + frag->offset, n,
				 &msg->msg_iter)) {
		kfree_skb(fresh);
		return -EFAULT;
	}

	if (fresh)
		rill_skb_queue(sk, fresh);
	rill_send_commit(sk, skb, frag, n);
	return n;
}

/* RFC 9293, 3.9.1.2: the receiver is to hand over what has come so far. */
static void rill_send_mark_push(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	struct rill_sock *rs = rill_sk(sk);

	if (!skb)
		return;
	rill_cb(skb)->flags |= RILL_PSH;
	rs->pushed_seq = rs->write_seq;
}

/* Has so much been queued since the last PSH that the peer should not wait? */
static bool rill_send_push_due(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);

	return rill_after(rs->write_seq,
			  rs->pushed_seq + (rs->max_window >> 1));
}

/* A segment is full: keep the pipe busy while the program copies on. */
static void rill_send_full(struct sock *sk)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_write_queue);

	if (rill_send_push_due(sk)) {
		rill_send_mark_push(sk);
		rill_push(sk);
	} else if (tail == skb_peek(&sk->sk_write_queue)) {
		rill_push(sk);
	}
}

/* The call ends: MSG_MORE corks this one push, not those of later ACKs. */
static void rill_send_finish(struct sock *sk, int flags)
{
	struct rill_sock *rs = rill_sk(sk);
	u8 nonagle = rs->nonagle;

	if (skb_queue_empty(&sk->sk_write_queue))
		return;
	if (!(flags & MSG_MORE) || rill_send_push_due(sk))
		rill_send_mark_push(sk);
	if (flags & MSG_MORE)
		rs->nonagle |= TCP_NAGLE_CORK;
	rill_push(sk);
	rs->nonagle = nonagle;
}

/* Wait for room, with everything on its way that would make some. */
static int rill_send_wait(struct sock *sk, long *timeo)
{
	bool full = !sk_stream_memory_free(sk);

	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	if (!skb_queue_empty(&sk->sk_write_queue)) {
		rill_send_mark_push(sk);
		rill_push_all(sk);
	}
	/* TCP_NOTSENT_LOWAT was the limit, and what was unsent is sent. */
	if (full && sk_stream_memory_free(sk))
		return 0;
	return sk_stream_wait_memory(sk, timeo);
}

static int rill_send_ready(struct sock *sk, struct msghdr *msg, long *timeo)
{
	struct sockcm_cookie sockc;
	int err;

	/* Fast Open is not RFC 9293's, and there is no urgent data here. */
	if (msg->msg_flags & (MSG_FASTOPEN | MSG_OOB))
		return -EOPNOTSUPP;

	if ((1 << sk->sk_state) & ~(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)) {
		err = sk_stream_wait_connect(sk, timeo);
		if (err)
			return err;
	}

	if (msg->msg_controllen) {
		sockcm_init(&sockc, sk);
		if (sock_cmsg_send(sk, msg, &sockc))
			return -EINVAL;
	}
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	return 0;
}

/*
 * Copy until the message is queued or nothing more can be. ACKs that came
 * meanwhile wait in the backlog; a long message lets them in now and then, or
 * the window would stand still while it is copied.
 */
static int rill_send_loop(struct sock *sk, struct msghdr *msg, long *timeo,
			  int *copied)
{
	int err, n, full = 0;

	for (;;) {
		if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN))
			return -EPIPE;
		if (!msg_data_left(msg))
			return 0;

		n = rill_send_copy(sk, msg);
		if (n > 0) {
			*copied += n;
			if (rill_send_tail(sk) || !msg_data_left(msg))
				continue;
			rill_send_full(sk);
			if (++full % RILL_SEND_BURST == 0)
				sk_flush_backlog(sk);
			continue;
		}
		err = n == -ENOBUFS ? rill_send_wait(sk, timeo) : n;
		if (err)
			return err;
	}
}

static int rill_sendmsg_locked(struct sock *sk, struct msghdr *msg)
{
	int flags = msg->msg_flags;
	int err, copied = 0;
	long timeo;

	timeo = sock_sndtimeo(sk, flags & MSG_DONTWAIT);
	err = rill_send_ready(sk, msg, &timeo);
	if (!err)
		err = rill_send_loop(sk, msg, &timeo, &copied);
	if (copied) {
		rill_send_finish(sk, flags);
		return copied;
	}
	if (!err)
		return 0;

	err = sk_stream_error(sk, flags, err);
	/* An edge-triggered waiter hears of room that needed no ACK. */
	if (err == -EAGAIN && skb_queue_empty(&sk->sk_write_queue) &&
	    !rill_sk(sk)->packets_out)
		sk->sk_write_space(sk);
	return err;
}

/**
 * rill_sendmsg - queue what a program sends
 * @sk: socket
 * @msg: bytes and flags
 * @len: as in @msg
 *
 * Context: process, may sleep; takes the socket lock.
 * Return: bytes queued, or -errno as TCP's sendmsg().
 */
int rill_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	int ret;

	lock_sock(sk);
	ret = rill_sendmsg_locked(sk, msg);
	release_sock(sk);
	return ret;
}
