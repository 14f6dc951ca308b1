// SPDX-License-Identifier: GPL-2.0
/*
 * From the queue of received segments to the program.
 *
 * sk_receive_queue holds segments in order and without gaps or overlap; the
 * first may have been read in part. A FIN takes the last sequence number of
 * the last segment (RFC 9293, 3.4), which may hold nothing else.
 */
#include <linux/sched/signal.h>
#include <linux/sockios.h>
#include <linux/splice.h>
#include <linux/tcp.h>
#include <asm/ioctls.h>
#include <net/busy_poll.h>
#include <net/inet_common.h>
#include "../transfer/transfer.h"
#include "inside.h"

/**
 * struct rill_read - one call that reads
 * @timeo: how long it may still wait, jiffies
 * @target: bytes without which it does not return
 * @copied: bytes so far
 * @stamp: SO_TIMESTAMP and the like: the last segment that it read of, with a
 *	reference
 */
struct rill_read {
	long		timeo;
	int		target;
	int		copied;
	struct sk_buff	*stamp;
};

/*
 * The segment with the byte, or the FIN, at @seq; *@offset tells where in its
 * payload, which is its end for a FIN.
 */
static struct sk_buff *rill_recv_find(const struct sock *sk, u32 seq,
				      u32 *offset)
{
	struct sk_buff *skb;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		const struct rill_skb_cb *cb = rill_cb(skb);

		*offset = seq - cb->seq;
		if (*offset < skb->len)
			return skb;
		if (*offset == skb->len && (cb->flags & RILL_FIN))
			return skb;
	}
	return NULL;
}

/* @n bytes, or the FIN, of the first segment have been read. */
static void rill_recv_advance(struct sock *sk, struct sk_buff *skb, u32 n)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 seq = rs->rcv.copied_seq + n;

	if (seq - rill_cb(skb)->seq == skb->len) {
		if (rill_cb(skb)->flags & RILL_FIN)
			seq++;
		__skb_unlink(skb, &sk->sk_receive_queue);
		consume_skb(skb);
	}
	rill_receive_read(rs, seq);
	rill_urgent_passed(rs, seq);
}

/*
 * There is an urgent mark: bytes from @seq on that may be read before it. 0 if
 * @seq is at the mark, and its byte is out of band.
 */
static u32 rill_recv_to_mark(const struct sock *sk, u32 seq)
{
	u32 ahead = rill_sk(sk)->urgent.seq - seq;

	return ahead || !sock_flag(sk, SOCK_URGINLINE) ? ahead : U32_MAX;
}

/*
 * There is an urgent mark. A call that has read something ends at it, and so
 * does one that SIGURG has interrupted.
 *
 * Return: 1 to go on, 0 to end the call, -errno.
 */
static int rill_recv_mark(const struct sock *sk, const struct rill_read *rd,
			  u32 seq)
{
	if (!rill_urgent_at(rill_sk(sk), seq))
		return 1;
	if (rd->copied)
		return 0;
	if (!signal_pending(current))
		return 1;
	return rd->timeo ? sock_intr_errno(rd->timeo) : -EAGAIN;
}

/*
 * Nothing is queued: may the call wait for more?
 *
 * Return: 1 if it may, 0 at the end of the stream or if what was read is all
 * there will be, -errno.
 */
static int rill_recv_may_wait(struct sock *sk, const struct rill_read *rd)
{
	if (rd->copied) {
		if (rd->copied >= rd->target || !rd->timeo || sk->sk_err ||
		    sk->sk_state == TCP_CLOSE ||
		    (sk->sk_shutdown & RCV_SHUTDOWN) ||
		    signal_pending(current))
			return 0;
		return 1;
	}

	if (sock_flag(sk, SOCK_DONE))
		return 0;
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;
	if (!rd->timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(rd->timeo);
	return 1;
}

/*
 * Wait until something is queued behind the segments that are there. A window
 * update goes first: the peer may wait for it.
 *
 * Return: 1 to look again, 0 to end the call, -errno.
 */
static int rill_recv_wait(struct sock *sk, struct rill_read *rd)
{
	u32 rcv_nxt = rill_sk(sk)->rcv.nxt;
	struct sk_buff *last;
	int ret;

	/* Process the backlog first: its segments have come. */
	if (READ_ONCE(sk->sk_backlog.tail)) {
		__sk_flush_backlog(sk);
		if (rill_sk(sk)->rcv.nxt != rcv_nxt)
			return 1;
	}

	ret = rill_recv_may_wait(sk, rd);
	if (ret <= 0)
		return ret;
	if (rd->copied)
		rill_window_read(sk, rd->copied);
	last = skb_peek_tail(&sk->sk_receive_queue);
	ret = sk_wait_data(sk, &rd->timeo, last);
	return ret < 0 ? ret : 1;
}

/* Does the program ask for the time of arrival (SO_TIMESTAMP)? */
static bool rill_recv_stamps(const struct sock *sk)
{
	return sock_flag(sk, SOCK_RCVTSTAMP) || READ_ONCE(sk->sk_tsflags);
}

/* The segment kept for its time of arrival takes no room of the buffer. */
static void rill_recv_let_go(struct rill_read *rd)
{
	if (rd->stamp && !skb_shared(rd->stamp))
		skb_orphan(rd->stamp);
}

static int rill_recv_copy(const struct sk_buff *skb, u32 offset,
			  struct msghdr *msg, int flags, u32 n)
{
	/* MSG_TRUNC on a stream discards the bytes that it counts. */
	if (!n || (flags & MSG_TRUNC))
		return 0;
	return skb_copy_datagram_msg(skb, offset, msg, n);
}

/* @n bytes from @skb have been read or skipped; a peek moves *@ahead. */
static void rill_recv_move(struct sock *sk, struct sk_buff *skb, int flags,
			   u32 n, u32 *ahead)
{
	if (flags & MSG_PEEK) {
		*ahead += n;
		sk_peek_offset_fwd(sk, n);
		return;
	}
	sk_peek_offset_bwd(sk, n);
	rill_recv_advance(sk, skb, n);
}

/* Return: 0 or -errno; what was read counts more, see rd->copied. */
static int rill_recv_loop(struct sock *sk, struct msghdr *msg, size_t len,
			  int flags, struct rill_read *rd)
{
	u32 peek_off = max(sk_peek_offset(sk, flags), 0);
	const struct rill_sock *rs = rill_sk(sk);
	u32 start = rs->rcv.copied_seq;
	u32 ahead = peek_off;	/* of rcv.copied_seq; only a peek moves it */
	struct sk_buff *skb;
	u32 seq, offset, n, most;
	bool fin = false;
	int ret;

	do {
		seq = rs->rcv.copied_seq + ahead;
		most = U32_MAX;
		if (unlikely(rs->urgent.state)) {
			ret = rill_recv_mark(sk, rd, seq);
			if (ret <= 0)
				return ret;
			most = rill_recv_to_mark(sk, seq);
		}
		skb = rill_recv_find(sk, seq, &offset);
		if (!skb) {
			ret = rill_recv_wait(sk, rd);
			if (ret <= 0)
				return ret;
			/* A peek that slept while others read begins again. */
			if (rs->rcv.copied_seq != start) {
				start = rs->rcv.copied_seq;
				ahead = peek_off;
			}
			continue;
		}
		if (unlikely(!most) && len) {
			rill_recv_move(sk, skb, flags, 1, &ahead);
			start = rs->rcv.copied_seq;
			continue;
		}

		n = min_t(size_t, len, min(skb->len - offset, most));
		if (rill_recv_copy(skb, offset, msg, flags, n))
			return -EFAULT;
		rd->copied += n;
		len -= n;
		if (rill_recv_stamps(sk)) {
			consume_skb(rd->stamp);
			rd->stamp = skb_get(skb);
		}
		fin = offset + n == skb->len &&
		      (rill_cb(skb)->flags & RILL_FIN);
		rill_recv_move(sk, skb, flags, n, &ahead);
		if (!(flags & MSG_PEEK))
			rill_recv_let_go(rd);
		start = rs->rcv.copied_seq;
	} while (len && !fin);
	return 0;
}

/*
 * MSG_OOB: the urgent byte, once (RFC 6093, 3.4). It never waits, and its
 * errors are those of TCP.
 */
static int rill_recv_urgent(struct sock *sk, struct msghdr *msg, size_t len,
			    int flags)
{
	const struct rill_urgent *urgent = &rill_sk(sk)->urgent;
	u8 state = urgent->state, byte = urgent->byte;

	if (sock_flag(sk, SOCK_URGINLINE) || state == RILL_URGENT_NONE ||
	    state == RILL_URGENT_READ)
		return -EINVAL;
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (state == RILL_URGENT_AWAITED)
		return sk->sk_state == TCP_CLOSE ||
		       (sk->sk_shutdown & RCV_SHUTDOWN) ? 0 : -EAGAIN;

	if (!(flags & MSG_PEEK))
		rill_urgent_taken(rill_sk(sk));
	msg->msg_flags |= MSG_OOB;
	if (!len) {
		msg->msg_flags |= MSG_TRUNC;
		return 0;
	}
	if (!(flags & MSG_TRUNC) && memcpy_to_msg(msg, &byte, 1))
		return -EFAULT;
	return 1;
}

static int rill_recvmsg_locked(struct sock *sk, struct msghdr *msg, size_t len,
			       int flags)
{
	struct rill_read rd = {
		.timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT),
		.target = sock_rcvlowat(sk, flags & MSG_WAITALL, len),
	};
	int err;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	if (flags & MSG_OOB)
		return rill_recv_urgent(sk, msg, len, flags);

	err = rill_recv_loop(sk, msg, len, flags, &rd);
	if (rd.stamp) {
		sock_recv_timestamp(msg, sk, rd.stamp);
		consume_skb(rd.stamp);
	}
	if (!rd.copied)
		return err;
	rill_window_read(sk, rd.copied);
	return rd.copied;
}

/* Bytes that can be read; the socket is locked, or the answer a hint. */
static int rill_recv_queued(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	int n;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		return 0;
	n = READ_ONCE(rs->rcv.nxt) - READ_ONCE(rs->rcv.copied_seq);
	/* The peer's FIN has a sequence number but no byte. */
	if (n > 0 && READ_ONCE(rs->rcv.fin_received))
		n--;
	return n;
}

/* SIOCINQ: what one call can read, which ends before a byte out of band. */
static int rill_recv_to_read(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	int n = rill_recv_queued(sk);

	if (sock_flag(sk, SOCK_URGINLINE) || n <= 0 || !rs->urgent.state)
		return n;
	return min_t(u32, n, rs->urgent.seq - rs->rcv.copied_seq);
}

/* The same without the lock, but where another reader was in between. */
static int rill_recv_queued_now(struct sock *sk)
{
	u32 copied_seq = READ_ONCE(rill_sk(sk)->rcv.copied_seq);
	int n = rill_recv_queued(sk);

	if (n >= 0 && READ_ONCE(rill_sk(sk)->rcv.copied_seq) == copied_seq)
		return n;
	lock_sock(sk);
	n = rill_recv_queued(sk);
	release_sock(sk);
	return n;
}

/**
 * rill_recv_inq - TCP_INQ, and io_uring: what would another read find?
 * @sk: socket
 * @msg: of the read that is over; has the answer if it or the socket asks
 *
 * Context: process, may sleep; takes the socket lock where another reader is
 * in between.
 */
void rill_recv_inq(struct sock *sk, struct msghdr *msg)
{
	int inq;

	if (!msg->msg_get_inq && !READ_ONCE(rill_sk(sk)->user.recv_inq))
		return;
	inq = rill_recv_queued_now(sk) ? : sock_flag(sk, SOCK_DONE);
	msg->msg_inq = inq;
	if (READ_ONCE(rill_sk(sk)->user.recv_inq))
		put_cmsg(msg, SOL_TCP, TCP_CM_INQ, sizeof(inq), &inq);
}

/**
 * rill_recvmsg - read received data
 * @sk: socket
 * @msg: where to
 * @len: room in @msg, bytes
 * @flags: MSG_*, but not MSG_ERRQUEUE
 *
 * Context: process, may sleep; takes the socket lock.
 * Return: bytes, 0 at the end of the stream, or -errno as TCP's recvmsg().
 */
int rill_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	int ret;

	/* SO_BUSY_POLL: look at the device before sleeping. */
	if (sk_can_busy_loop(sk) &&
	    skb_queue_empty_lockless(&sk->sk_receive_queue) &&
	    inet_sk_state_load(sk) == TCP_ESTABLISHED)
		sk_busy_loop(sk, flags & MSG_DONTWAIT);

	lock_sock(sk);
	ret = rill_recvmsg_locked(sk, msg, len, flags);
	release_sock(sk);

	if (ret >= 0)
		rill_recv_inq(sk, msg);
	return ret;
}

/* Move references to queued data into @pipe, as far as it has room. */
static int rill_splice_queued(struct sock *sk, struct pipe_inode_info *pipe,
			      size_t len, unsigned int flags)
{
	const struct rill_sock *rs = rill_sk(sk);
	int copied = 0, ret = 0;
	struct sk_buff *skb;
	u32 seq, offset, n, most;
	bool fin;

	while (len) {
		seq = rs->rcv.copied_seq;
		most = U32_MAX;
		if (unlikely(rs->urgent.state)) {
			if (copied && rill_urgent_at(rs, seq))
				break;
			most = rill_recv_to_mark(sk, seq);
		}
		skb = rill_recv_find(sk, seq, &offset);
		if (!skb)
			break;
		if (unlikely(!most)) {
			rill_recv_advance(sk, skb, 1);
			continue;
		}
		n = min_t(size_t, len, min(skb->len - offset, most));
		if (n) {
			ret = skb_splice_bits(skb, sk, offset, pipe, n, flags);
			if (ret <= 0)
				break;
			n = ret;
		}
		fin = offset + n == skb->len &&
		      (rill_cb(skb)->flags & RILL_FIN);
		rill_recv_advance(sk, skb, n);
		copied += n;
		len -= n;
		if (fin)
			break;
	}
	if (copied)
		rill_window_read(sk, copied);
	return copied ? copied : ret;
}

/**
 * rill_splice_read - move received data into a pipe
 * @sock: socket
 * @ppos: must point to 0: a stream has no positions
 * @pipe: pipe, locked
 * @len: bytes wanted
 * @flags: SPLICE_F_*
 *
 * Context: process, may sleep; takes the socket lock.
 * Return: bytes moved, 0 at the end of the stream, or -errno.
 */
ssize_t rill_splice_read(struct socket *sock, loff_t *ppos,
			 struct pipe_inode_info *pipe, size_t len,
			 unsigned int flags)
{
	struct sock *sk = sock->sk;
	struct rill_read rd = { .target = 1 };
	int ret;

	if (*ppos)
		return -ESPIPE;

	lock_sock(sk);
	rd.timeo = sock_rcvtimeo(sk, sock->file->f_flags & O_NONBLOCK);
	if (sk->sk_state == TCP_LISTEN) {
		ret = -ENOTCONN;
		goto out;
	}
	for (;;) {
		ret = rill_splice_queued(sk, pipe, len, flags);
		if (ret)
			break;
		/* The pipe takes no more: waiting for more data is no help. */
		if (!skb_queue_empty(&sk->sk_receive_queue)) {
			ret = -ENOMEM;
			break;
		}
		ret = rill_recv_wait(sk, &rd);
		if (ret <= 0)
			break;
	}
out:
	release_sock(sk);
	return ret;
}

/**
 * rill_rcvlowat_set - SO_RCVLOWAT
 * @sk: socket
 * @val: bytes below which a reader is not woken
 *
 * The buffer must be able to hold that much, or the reader would sleep while
 * the window is shut.
 *
 * Context: process.
 * Return: 0.
 */
int rill_rcvlowat_set(struct sock *sk, int val)
{
	bool fixed = sk->sk_userlocks & SOCK_RCVBUF_LOCK;
	int most;

	sock_owned_by_me(sk);
	most = fixed ? sk->sk_rcvbuf : rill_tunable(rill_sk_net(sk), rmem[2]);
	val = min(val, most >> 1);
	WRITE_ONCE(sk->sk_rcvlowat, val ? : 1);

	if (rill_readable(sk, sk->sk_rcvlowat))
		sk->sk_data_ready(sk);
	if (!fixed && val << 1 > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, val << 1);
	return 0;
}

/**
 * rill_queue_size - how many bytes wait in a queue
 * @sk: socket
 * @cmd: SIOCINQ, SIOCOUTQ, SIOCOUTQNSD or SIOCATMARK
 * @answer: where to put the number, or if the urgent byte is next
 *
 * Context: process, may sleep; takes the socket lock.
 * Return: 0, -EINVAL on a listener, -ENOIOCTLCMD for another @cmd.
 */
int rill_queue_size(struct sock *sk, int cmd, int *answer)
{
	const struct rill_sock *rs = rill_sk(sk);
	int err = 0;

	if (cmd == SIOCATMARK) {
		*answer = rill_urgent_at(rs, READ_ONCE(rs->rcv.copied_seq));
		return 0;
	}
	if (cmd != SIOCINQ && cmd != SIOCOUTQ && cmd != SIOCOUTQNSD)
		return -ENOIOCTLCMD;

	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN)
		err = -EINVAL;
	else if (cmd == SIOCINQ)
		*answer = rill_recv_to_read(sk);
	else if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		*answer = 0;
	else
		*answer = rs->snd.write_seq -
			  (cmd == SIOCOUTQ ? rs->snd.una : rs->snd.nxt);
	release_sock(sk);
	return err;
}
