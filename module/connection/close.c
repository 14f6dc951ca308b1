// SPDX-License-Identifier: GPL-2.0
/* How programs end connections: close(), shutdown(), connect() to AF_UNSPEC. */
#include <net/tcp.h>
#include "../compat.h"
#include "../network/network.h"
#include "../transfer/transfer.h"
#include "inside.h"

/* Bytes that came and were not read, not counting a FIN. */
static u32 rill_close_unread(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	return rs->rcv.nxt - rs->rcv.copied_seq -
	       (rs->rcv.fin_received ? 1 : 0);
}

/*
 * Is the peer told of an abort (RFC 9293, 3.10.5)? In CLOSING and LAST_ACK both
 * sides have said all, unless our FIN still waits for the window.
 */
static bool rill_close_tells(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);

	if (sk->sk_state == TCP_SYN_SENT)
		return false;
	return !((1 << sk->sk_state) & (TCPF_CLOSING | TCPF_LAST_ACK)) ||
	       rs->snd.nxt != rs->snd.write_seq;
}

/* Our half of the stream ends with a FIN. */
static void rill_close_half(struct sock *sk)
{
	rill_state_event(sk, RILL_EV_CLOSE);
	if (rill_queue_fin(sk))
		rill_sock_reset(sk, ENOBUFS);
	else
		rill_push(sk, TCP_NAGLE_OFF);
}

/* Does the peer still owe us its ACK of our FIN? */
static bool rill_close_lingers(const struct sock *sk)
{
	return (1 << READ_ONCE(sk->sk_state)) &
	       (TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK);
}

/* SO_LINGER; sk_stream_wait_close(), which not each kernel exports. */
static void rill_close_wait(struct sock *sk, long timeout)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	if (!timeout)
		return;
	add_wait_queue(sk_sleep(sk), &wait);
	do {
		if (sk_wait_event(sk, &timeout, !rill_close_lingers(sk), &wait))
			break;
	} while (!signal_pending(current) && timeout);
	remove_wait_queue(sk_sleep(sk), &wait);
}

/* What close() says to the peer. */
static void rill_close_say(struct sock *sk, long timeout)
{
	u32 unread = rill_close_unread(sk);

	__skb_queue_purge(&sk->sk_receive_queue);
	if (sk->sk_state == TCP_CLOSE)
		return;
	/* RFC 2525, 2.17: the peer must learn that data was thrown away. */
	if (((1 << sk->sk_state) & ~(TCPF_SYN_SENT | TCPF_SYN_RECV) && unread) ||
	    (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime)) {
		rill_count(rill_sk_net(sk), aborts_on_close);
		if (unread || rill_close_tells(sk))
			rill_send_reset(sk, sk->sk_allocation);
		rill_queue_purge(sk);
		rill_sock_done(sk, RILL_EV_ABORT);
		return;
	}
	if (sk->sk_state == TCP_SYN_SENT) {
		rill_queue_purge(sk);
		rill_sock_done(sk, RILL_EV_CLOSE);
		return;
	}
	if (rill_state_next(sk->sk_state, RILL_EV_CLOSE) > 0)
		rill_close_half(sk);
	rill_close_wait(sk, timeout);
}

/* No program has the socket: its connection goes on as an orphan, or ends. */
static void rill_close_orphan(struct sock *sk)
{
	if (sk->sk_state == TCP_CLOSE) {
		rill_sock_destroy(sk);
		return;
	}
	if (rill_orphan_yields(sk, 0))
		return;
	if (sk->sk_state == TCP_FIN_WAIT2)
		rill_sock_fin_wait2(sk);
}

/**
 * rill_close - close() (RFC 9293, 3.10.4)
 * @sk: the socket
 * @timeout: how long SO_LINGER waits, jiffies
 *
 * Context: process, no lock held.
 */
void rill_close(struct sock *sk, long timeout)
{
	int state;

	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sk->sk_state == TCP_LISTEN) {
		rill_listen_stop(sk);
		rill_state_event(sk, RILL_EV_CLOSE);
	} else {
		rill_close_say(sk, timeout);
	}

	state = sk->sk_state;
	sock_hold(sk);
	rill_sock_orphan(sk);
	/*
	 * The last release, but for a list's (sock_diag): empties the backlog, and
	 * may end the socket.
	 */
	release_sock(sk);

	local_bh_disable();
	bh_lock_sock(sk);
	if (state == TCP_CLOSE || sk->sk_state != TCP_CLOSE)
		rill_close_orphan(sk);
	/* An orphan does not keep its namespace alive. */
	if (sk->sk_state != TCP_CLOSE)
		rill_sock_release_net(sk);
	bh_unlock_sock(sk);
	local_bh_enable();
	sock_put(sk);
}

/**
 * rill_shutdown - shutdown() of a connection
 * @sk: the socket
 * @how: bits RCV_SHUTDOWN and SEND_SHUTDOWN
 *
 * Context: process.
 */
void rill_shutdown(struct sock *sk, int how)
{
	sock_owned_by_me(sk);
	if (!(how & SEND_SHUTDOWN))
		return;
	if (!((1 << sk->sk_state) &
	      (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT | TCPF_SYN_RECV)))
		return;
	rill_close_half(sk);
}

/* Make the socket fit for another connect() or listen(). */
static void rill_disconnect_clean(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	struct rill_sock *rs = rill_sk(sk);

	rill_queue_purge(sk);
	rill_ooo_purge(sk);
	__skb_queue_purge(&sk->sk_receive_queue);
	rill_saved_syn_forget(sk);
	rill_ipv6_forget(sk);
	inet->inet_dport = 0;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		inet_reset_saddr(sk);
	rill_port_renew(sk);
	if (!inet->inet_num)
		inet->inet_sport = 0;
	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	/* MSG_PEEK begins at the first byte of the next stream. */
	sk_set_peek_off(sk, -1);
	rill_conn_clamp(rs, 0);
	__sk_dst_reset(sk);
	/* A child of a later listen() would copy the reference. */
	if (sk->sk_frag.page) {
		put_page(sk->sk_frag.page);
		sk->sk_frag.page = NULL;
		sk->sk_frag.offset = 0;
	}
	rill_conn_begin(sk);
}

/**
 * rill_disconnect - connect() to AF_UNSPEC, and what core code calls on errors
 * @sk: the socket
 * @flags: not used
 *
 * Context: process.
 * Return: 0.
 */
int rill_disconnect(struct sock *sk, int flags)
{
	int state = sk->sk_state;
	bool tells;

	sock_owned_by_me(sk);
	if (state == TCP_LISTEN) {
		rill_listen_stop(sk);
		rill_state_event(sk, RILL_EV_CLOSE);
		rill_sock_unbind(sk);
	} else if (state != TCP_CLOSE) {
		tells = rill_close_tells(sk);
		if (tells)
			rill_send_reset(sk, GFP_KERNEL);
		/* After both FINs nothing went wrong. */
		if (tells || state == TCP_SYN_SENT)
			WRITE_ONCE(sk->sk_err, ECONNRESET);
		rill_sock_done(sk, RILL_EV_ABORT);
	}
	rill_disconnect_clean(sk);
	sk_error_report(sk);
	return 0;
}

/* As close() of a listener, of which the program keeps an idle socket. */
static void rill_abort_listener(struct sock *sk, int err)
{
	rill_listen_stop(sk);
	rill_state_event(sk, RILL_EV_CLOSE);
	rill_sock_unbind(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	WRITE_ONCE(sk->sk_err, err);
	sk->sk_state_change(sk);
	sk_error_report(sk);
}

/**
 * rill_abort - an administrator ends a connection or a listener (SOCK_DESTROY)
 * @sk: the socket; the caller has a reference
 * @err: errno for the program, positive
 *
 * Context: process, no lock held.
 * Return: 0; -ENOENT: it is CLOSE already.
 */
int rill_abort(struct sock *sk, int err)
{
	int ret = 0;

	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN) {
		rill_abort_listener(sk, err);
		release_sock(sk);
		return 0;
	}
	/*
	 * To own it is not enough: the end of rill_close(), and of a child that
	 * nobody has accepted, take the spinlock alone.
	 */
	local_bh_disable();
	bh_lock_sock(sk);
	if (sk->sk_state == TCP_CLOSE)
		ret = -ENOENT;
	else if (rill_close_tells(sk))
		rill_sock_reset(sk, err);
	else
		rill_sock_fail(sk, err);
	bh_unlock_sock(sk);
	local_bh_enable();
	release_sock(sk);
	return ret;
}
