// SPDX-License-Identifier: GPL-2.0
/*
 * When a socket can be read and written, and who is woken then.
 */
#include <linux/poll.h>
#include <linux/wait.h>
#include "../transfer/transfer.h"
#include "inside.h"

/**
 * rill_memory_free - may a writer queue more?
 * @sk: socket
 * @wake: 1 to ask with hysteresis, before waking a sleeper
 *
 * proto.stream_memory_free: TCP_NOTSENT_LOWAT limits what is queued and not
 * yet sent; the core has compared the send buffer.
 *
 * Context: any.
 * Return: true if it may.
 */
bool rill_memory_free(const struct sock *sk, int wake)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 lowat = READ_ONCE(rs->user.notsent_lowat);
	u32 notsent;

	if (!lowat)
		return true;
	notsent = READ_ONCE(rs->snd.write_seq) - READ_ONCE(rs->snd.nxt);
	return ((u64)notsent << wake) < lowat;
}

/**
 * rill_write_space - wake writers if there is room
 * @sk: socket
 *
 * sk->sk_write_space; the kernel's sk_stream_write_space() is not exported.
 *
 * Context: any.
 */
void rill_write_space(struct sock *sk)
{
	struct socket *sock = sk->sk_socket;
	struct socket_wq *wq;

	sock_owned_by_me(sk);
	if (!sock || !__sk_stream_is_writeable(sk, 1))
		return;

	clear_bit(SOCK_NOSPACE, &sock->flags);
	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT | EPOLLWRNORM |
					   EPOLLWRBAND);
	if (wq && wq->fasync_list && !(sk->sk_shutdown & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
	rcu_read_unlock();
}

static __poll_t rill_poll_write(struct sock *sk)
{
	if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN ||
	    __sk_stream_is_writeable(sk, 1))
		return EPOLLOUT | EPOLLWRNORM;

	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	/*
	 * Room made between the test above and these bits woke nobody: test
	 * again. Pairs with the barrier between freeing memory and the test
	 * of SOCK_NOSPACE in rill_write_wake().
	 */
	smp_mb__after_atomic();
	if (__sk_stream_is_writeable(sk, 1))
		return EPOLLOUT | EPOLLWRNORM;
	return 0;
}

/* Least bytes to be readable: the urgent byte does not count. */
static int rill_poll_target(struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	int target = sock_rcvlowat(sk, 0, INT_MAX);

	if (rill_urgent_at(rs, READ_ONCE(rs->rcv.copied_seq)) &&
	    !sock_flag(sk, SOCK_URGINLINE) && target < INT_MAX)
		target++;
	return target;
}

/**
 * rill_poll - what could be done without blocking
 * @file: the program's file
 * @sock: socket
 * @wait: poll table
 *
 * EPOLLHUP cannot be masked, so it is set only if both directions are shut, or
 * without a connection; a FIN of the peer alone is EPOLLRDHUP.
 *
 * Context: process, without the socket lock.
 * Return: the events.
 */
__poll_t rill_poll(struct file *file, struct socket *sock, poll_table *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask = 0;
	u8 shutdown;
	int state;

	sock_poll_wait(file, sock, wait);

	state = inet_sk_state_load(sk);
	if (state == TCP_LISTEN)
		return list_empty(&rill_sk(sk)->listener->accept_queue) ?
			0 : EPOLLIN | EPOLLRDNORM;

	shutdown = READ_ONCE(sk->sk_shutdown);
	if (shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;

	if (state != TCP_SYN_SENT && state != TCP_SYN_RECV) {
		if (rill_readable(sk, rill_poll_target(sk)))
			mask |= EPOLLIN | EPOLLRDNORM;
		if (READ_ONCE(rill_sk(sk)->urgent.state) == RILL_URGENT_HERE)
			mask |= EPOLLPRI;
		mask |= rill_poll_write(sk);
	}

	/* sk_err is written before the state that goes with it. */
	smp_rmb();
	if (READ_ONCE(sk->sk_err) ||
	    !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	return mask;
}
