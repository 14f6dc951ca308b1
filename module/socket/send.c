// SPDX-License-Identifier: GPL-2.0
/*
 * The calls that send: queue the bytes of the program as segments, and send
 * what the windows allow.
 */
#include <linux/errqueue.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>
#include <net/tcp.h>
#include "../compat.h"
#include "../transfer/transfer.h"
#include "inside.h"

#define RILL_SEND_BURST		16	/* segments queued before they are sent */

/**
 * struct rill_write - one call that sends
 * @timeo: how long it may still wait, jiffies
 * @copied: bytes queued so far
 * @tsflags: SOF_TIMESTAMPING_* that this call asks for
 * @uarg: MSG_ZEROCOPY: the notification; may be NULL
 * @lend: the program's pages are referenced, not copied
 * @urgent: MSG_OOB: the last byte is urgent
 */
struct rill_write {
	long			timeo;
	int			copied;
	u32			tsflags;
	struct ubuf_info	*uarg;
	bool			lend;
	bool			urgent;
};

/* RFC 9293, 3.9.1.2: the receiver delivers all up to here to its program. */
static void rill_send_mark_push(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (!skb)
		return;
	rill_cb(skb)->flags |= RILL_PSH;
	rill_snd_pushed(rill_sk(sk));
}

/* Is half of the largest window queued since the last PSH? */
static bool rill_send_push_due(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);

	return rill_after(rs->snd.write_seq,
			  rs->snd.pushed_seq + (rs->snd.max_wnd >> 1));
}

/*
 * The @full-th segment of a call is full: send while the program copies on, but
 * not each segment by itself, which costs more than it gains.
 */
static void rill_send_full(struct sock *sk, int full)
{
	if (rill_send_push_due(sk))
		rill_send_mark_push(sk);
	else if (full % RILL_SEND_BURST)
		return;
	rill_push(sk, rill_sk(sk)->user.nonagle);
}

/* The call ends: MSG_MORE corks this one push, not those of later ACKs. */
static void rill_send_finish(struct sock *sk, int flags)
{
	struct rill_sock *rs = rill_sk(sk);
	u8 nonagle = rs->user.nonagle;

	if (skb_queue_empty(&sk->sk_write_queue))
		return;
	if (!(flags & MSG_MORE) || rill_send_push_due(sk))
		rill_send_mark_push(sk);
	if (flags & MSG_MORE)
		nonagle |= TCP_NAGLE_CORK;
	if (flags & MSG_OOB)
		rill_urgent_send(rs);
	rill_push(sk, nonagle);
}

/*
 * Wait for room, after all has been sent whose ACK makes some. With MSG_OOB the
 * last byte so far is urgent, so that the peer learns of it before its window
 * opens.
 */
static int rill_send_wait(struct sock *sk, struct rill_write *wr)
{
	bool full = !sk_stream_memory_free(sk);

	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	if (!skb_queue_empty(&sk->sk_write_queue)) {
		rill_send_mark_push(sk);
		if (wr->urgent && wr->copied)
			rill_urgent_send(rill_sk(sk));
		rill_push(sk, TCP_NAGLE_OFF);
	}
	/* TCP_NOTSENT_LOWAT was the limit, and what was unsent is sent. */
	if (full && sk_stream_memory_free(sk))
		return 0;
	return sk_stream_wait_memory(sk, &wr->timeo);
}

static int rill_send_ready(struct sock *sk, struct msghdr *msg,
			   struct rill_write *wr)
{
	struct sockcm_cookie sockc;
	int err;

	/* Fast Open is RFC 7413: not here. */
	if (msg->msg_flags & MSG_FASTOPEN)
		return -EOPNOTSUPP;

	if ((1 << sk->sk_state) & ~(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)) {
		err = sk_stream_wait_connect(sk, &wr->timeo);
		if (err)
			return err;
	}

	sockcm_init(&sockc, sk);
	err = rill_cmsg_read(sk, msg, &sockc);
	if (err)
		return err;
	wr->tsflags = sockc.tsflags;
	rill_rate_check(sk);
	rill_mss_check(sk);
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	return 0;
}

/* MSG_ZEROCOPY, and its counterpart in io_uring. */
static int rill_send_zerocopy(struct sock *sk, struct msghdr *msg,
			      struct rill_write *wr)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_write_queue);
	size_t size = msg_data_left(msg);

	if (!(msg->msg_flags & MSG_ZEROCOPY) || !size)
		return 0;
	/* A device without scatter-gather would copy the pages once more. */
	wr->lend = sk->sk_route_caps & NETIF_F_SG;
	if (msg->msg_ubuf) {
		wr->uarg = msg->msg_ubuf;
		net_zcopy_get(wr->uarg);
		return 0;
	}
	if (!sock_flag(sk, SOCK_ZEROCOPY)) {
		wr->lend = false;
		return 0;
	}
	wr->uarg = rill_zerocopy_begin(sk, size, tail ? skb_zcopy(tail) : NULL);
	if (!wr->uarg)
		return -ENOBUFS;
	if (!wr->lend)
		uarg_to_msgzc(wr->uarg)->zerocopy = 0;
	return 0;
}

static int rill_send_some(struct sock *sk, struct msghdr *msg,
			  const struct rill_write *wr)
{
	if (wr->lend)
		return rill_payload_lend(sk, msg, wr->uarg);
	/* What is lent is not taken over, whatever flags come with it. */
	if (!wr->uarg && rill_msg_splices(msg))
		return rill_payload_take(sk, msg);
	return rill_payload_copy(sk, msg);
}

/*
 * Queue until the message ends or an error stops it. ACKs wait in the backlog
 * meanwhile; a long message processes them now and then, or nothing would be
 * sent while it is copied.
 */
static int rill_send_loop(struct sock *sk, struct msghdr *msg,
			  struct rill_write *wr)
{
	int err, n, full = 0;

	for (;;) {
		if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN))
			return -EPIPE;
		if (!msg_data_left(msg))
			return 0;

		n = rill_send_some(sk, msg, wr);
		if (n > 0) {
			wr->copied += n;
			/*
			 * Urgent data is sent once its mark is set, at the end.
			 */
			if (rill_payload_partial(sk) || !msg_data_left(msg) ||
			    wr->urgent)
				continue;
			rill_send_full(sk, ++full);
			if (full % RILL_SEND_BURST == 0)
				sk_flush_backlog(sk);
			continue;
		}
		err = n == -ENOBUFS ? rill_send_wait(sk, wr) : n;
		if (err)
			return err;
	}
}

/*
 * The segment with the last byte that was queued; NULL if it is acknowledged.
 */
static struct sk_buff *rill_send_last(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	return skb ?: skb_rb_last(&rill_sk(sk)->rtx.queue);
}

/*
 * SO_TIMESTAMPING: the segment with the last byte of the call reports when it
 * is queued, sent and acknowledged. The key is that byte's place in the stream
 * since the program asked, when the core set sk_tskey to 0; as with TCP.
 */
static void rill_send_timestamp(struct sock *sk, const struct rill_write *wr)
{
	struct sk_buff *skb = rill_send_last(sk);
	u32 key = 0;

	if (wr->tsflags & SOF_TIMESTAMPING_OPT_ID)
		key = atomic_add_return(wr->copied, &sk->sk_tskey) - 1;
	if (!skb || !(wr->tsflags & SOF_TIMESTAMPING_TX_RECORD_MASK))
		return;
	__sock_tx_timestamp(wr->tsflags, &skb_shinfo(skb)->tx_flags);
	skb_shinfo(skb)->tskey = key;
	rill_cb(skb)->stamp_seq = rill_sk(sk)->snd.write_seq - 1;
	if (wr->tsflags & SOF_TIMESTAMPING_TX_ACK)
		rill_cb(skb)->stamp_ack = true;
}

/* MSG_EOR: the last segment of this call takes no bytes of a later one. */
static void rill_send_record(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (skb)
		rill_cb(skb)->eor = true;
}

static int rill_sendmsg_locked(struct sock *sk, struct msghdr *msg)
{
	int flags = msg->msg_flags;
	struct rill_write wr = { .urgent = flags & MSG_OOB };
	int err;

	wr.timeo = sock_sndtimeo(sk, flags & MSG_DONTWAIT);
	err = rill_send_ready(sk, msg, &wr);
	if (!err)
		err = rill_send_zerocopy(sk, msg, &wr);
	if (!err)
		err = rill_send_loop(sk, msg, &wr);
	if (wr.copied) {
		rill_send_timestamp(sk, &wr);
		if ((flags & MSG_EOR) && !msg_data_left(msg))
			rill_send_record(sk);
		rill_send_finish(sk, flags);
		net_zcopy_put(wr.uarg);
		return wr.copied;
	}
	/* No page was referenced: no notification. */
	net_zcopy_put_abort(wr.uarg, true);
	if (!err)
		return 0;

	err = sk_stream_error(sk, flags, err);
	/* Wake edge-triggered waiters: no ACK will, the queue is empty. */
	if (err == -EAGAIN && skb_queue_empty(&sk->sk_write_queue) &&
	    !rill_sk(sk)->rtx.packets_out)
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

/**
 * rill_splice_eof - sendfile() ended early: what MSG_MORE held back goes out
 * @sock: socket
 *
 * Context: process, may sleep; takes the socket lock.
 */
void rill_splice_eof(struct socket *sock)
{
	struct sock *sk = sock->sk;

	lock_sock(sk);
	rill_send_finish(sk, 0);
	release_sock(sk);
}

#ifdef RILL_HAVE_SENDPAGE
/**
 * rill_sendpage - queue a page of a splice or of sendfile(), without a copy
 * @sock: socket
 * @page: the page
 * @offset: where in it, bytes
 * @size: how much, bytes
 * @flags: MSG_*
 *
 * Context: process, may sleep; takes the socket lock.
 * Return: bytes queued, or -errno as TCP's sendpage().
 */
ssize_t rill_sendpage(struct socket *sock, struct page *page, int offset,
		      size_t size, int flags)
{
	struct bio_vec bvec = {
		.bv_page = page,
		.bv_offset = offset,
		.bv_len = size,
	};
	struct msghdr msg = { .msg_flags = flags | RILL_MSG_SPLICE };

	/* Pages of the slab have no count of their own. */
	if (!sendpage_ok(page))
		return sock_no_sendpage(sock, page, offset, size, flags);
	if (flags & MSG_SENDPAGE_NOTLAST)
		msg.msg_flags |= MSG_MORE;
	iov_iter_bvec(&msg.msg_iter, WRITE, &bvec, 1, size);
	return rill_sendmsg(sock->sk, &msg, size);
}
#endif
