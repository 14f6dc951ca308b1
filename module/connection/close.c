// SPDX-License-Identifier: GPL-2.0
/* How connections end: close, shutdown, abort, and the end of a socket. */
#include <net/xfrm.h>
#include "../clock/clock.h"
#include "../compat.h"
#include "../network/network.h"
#include "../transfer/transfer.h"
#include "inside.h"

/**
 * rill_sock_unhash - leave the table of connections
 * @sk: the socket
 *
 * Context: socket lock held.
 */
void rill_sock_unhash(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	if (!rs->hashed)
		return;
	rs->hashed = false;
	if (rs->old)
		rill_reuse_failed(sk);
	else
		rill_table_remove(rill_sk_net(sk), &rs->entry);
}

/**
 * rill_sock_rehash - SO_BINDTODEVICE has bound a socket to another interface
 * @sk: the socket
 *
 * bind() and lookups of listeners see the change. The interface is part of a
 * connection's key: a socket whose new key another connection has keeps the old
 * one, and the other connection gets its segments.
 *
 * Context: any, socket lock held; does not sleep: a BPF program may call it.
 */
void rill_sock_rehash(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 dev = sk->sk_bound_dev_if;

	sock_owned_by_me(sk);
	rill_port_renew(sk);
	if (!rs->hashed || rs->entry.key.dev == dev)
		return;
	/* TIME_WAIT cannot resume with the old key: end it, as TCP. */
	rill_reuse_done(sk);
	if (rill_table_rekey(rill_sk_net(sk), &rs->entry, dev))
		return;
	rs->hashed = false;
	rill_sock_fail(sk, ENOMEM);
}

/* The socket is CLOSE: release what a connection holds, wake the program. */
static void rill_sock_finish(struct sock *sk)
{
	rill_timer_stop_all(sk);
	rill_sock_unhash(sk);
	/* A port that the program chose stays until the program is done. */
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
		rill_port_put(rill_sk_net(sk), &rill_sk(sk)->bind);
		inet_sk(sk)->inet_num = 0;
	}
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sock_flag(sk, SOCK_DEAD))
		rill_sock_destroy(sk);
	else
		sk->sk_state_change(sk);
}

/**
 * rill_sock_done - the connection is over
 * @sk: the socket; destroyed if it is an orphan
 * @why: the event that ended it, whose next state is CLOSE
 *
 * Context: socket lock held; the caller has a reference of its own.
 */
void rill_sock_done(struct sock *sk, enum rill_event why)
{
	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		rill_count(rill_sk_net(sk), attempt_fails);
	rill_state_event(sk, why);
	rill_sock_finish(sk);
}

/**
 * rill_sock_handed_over - the connection goes on in a compact entry
 * @sk: the socket; destroyed if it is an orphan
 *
 * The entry has taken the socket's place, or keeps it: a child of which nothing
 * came. So this is no event of the connection.
 *
 * Context: socket lock held; the caller has a reference of its own.
 */
void rill_sock_handed_over(struct sock *sk)
{
	/* Pairs with lockless readers, as in rill_state_event(). */
	smp_store_release(&sk->sk_state, TCP_CLOSE);
	rill_sock_finish(sk);
}

/**
 * rill_sock_wait - the connection has only to wait, which needs no socket
 * @sk: the socket; it is CLOSE afterwards, and destroyed if it is an orphan
 * @state: TCP_TIME_WAIT or TCP_FIN_WAIT2
 *
 * Without memory, or beyond time_wait_max, the connection closes at once:
 * safer for this host than for the next user of the four-tuple.
 *
 * Context: socket lock held; the caller has a reference of its own.
 */
void rill_sock_wait(struct sock *sk, int state)
{
	if (rill_timewait_enter(sk, state))
		rill_sock_handed_over(sk);
	else
		rill_sock_done(sk, RILL_EV_ABORT);
}

static void rill_sock_end(struct sock *sk, enum rill_event why, int err)
{
	rill_queue_purge(sk);
	WRITE_ONCE(sk->sk_err, err);
	rill_sock_done(sk, why);
	/* Last: who is woken finds the error and the end together. */
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
}

/**
 * rill_sock_fail - end the connection with an error, without a word to the peer
 * @sk: the socket; destroyed if it is an orphan
 * @err: errno for the program, positive
 *
 * Context: socket lock held; the caller has a reference of its own.
 */
void rill_sock_fail(struct sock *sk, int err)
{
	rill_sock_end(sk, RILL_EV_ABORT, err);
}

/**
 * rill_sock_got_reset - the peer's reset has been believed
 * @sk: the socket; destroyed if it is an orphan
 * @err: errno for the program, positive
 *
 * Context: socket lock held; the caller has a reference of its own.
 */
void rill_sock_got_reset(struct sock *sk, int err)
{
	struct rill_net *rnet = rill_sk_net(sk);

	rill_count(rnet, in_rsts);
	if ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT))
		rill_count(rnet, estab_resets);
	rill_sock_end(sk, RILL_EV_RCV_RST, err);
}

/**
 * rill_sock_reset - end the connection with a reset to the peer
 * @sk: the socket; destroyed if it is an orphan
 * @err: errno for the program, positive
 *
 * Context: socket lock held; the caller has a reference of its own.
 */
void rill_sock_reset(struct sock *sk, int err)
{
	rill_send_reset(sk, GFP_ATOMIC);
	rill_sock_fail(sk, err);
}

/**
 * rill_sock_orphan - no program owns the socket any more
 * @sk: the socket
 *
 * From here on the socket is destroyed when it becomes CLOSE.
 *
 * Context: socket lock held.
 */
void rill_sock_orphan(struct sock *sk)
{
	sock_orphan(sk);
	rill_orphans_add(rill_sk_net(sk), 1);
}

/**
 * rill_sock_destroy - drop the protocol's reference to a dead socket
 * @sk: an orphan that is CLOSE
 *
 * Context: socket lock held; the caller has a reference of its own.
 */
void rill_sock_destroy(struct sock *sk)
{
	struct rill_net *rnet = rill_sk_net(sk);

	if (WARN_ON_ONCE(sk->sk_state != TCP_CLOSE || !sock_flag(sk, SOCK_DEAD)))
		return;
	rill_sock_unhash(sk);
	rill_port_put(rnet, &rill_sk(sk)->bind);
	/* The memory may outlive the namespace; a route must not. */
	__sk_dst_reset(sk);
	sk->sk_prot->destroy(sk);
	sk_stream_kill_queues(sk);
	xfrm_sk_free_policy(sk);
	rill_orphans_add(rnet, -1);
	sock_put(sk);
}

/**
 * rill_sock_fin_wait2 - an orphan is in FIN_WAIT2: wait with less, or not
 * @sk: the socket, an orphan; gone afterwards
 *
 * Context: socket lock held; the caller has a reference of its own.
 */
void rill_sock_fin_wait2(struct sock *sk)
{
	if (rill_setting(sk, fin_timeout_us) == (u64)RILL_LINGER2_NONE)
		rill_sock_reset(sk, ECONNRESET);
	else
		rill_sock_wait(sk, TCP_FIN_WAIT2);
}

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
	if (rill_send_fin(sk))
		rill_sock_reset(sk, ENOBUFS);
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
	sk_stream_wait_close(sk, timeout);
}

/**
 * rill_orphan_yields - end an orphan if there are too many, or memory is short
 * @sk: the socket; gone if the answer is true
 * @shift: each counts for 2^@shift, since this one has been in the way before
 *
 * Asked at close(), and whenever an orphan has waited in vain.
 *
 * Context: socket lock held; the caller has a reference of its own.
 * Return: true if the connection is over.
 */
bool rill_orphan_yields(struct sock *sk, u8 shift)
{
	struct rill_net *rnet = rill_sk_net(sk);

	if (rill_orphans_over(rnet, shift))
		rill_count(rnet, orphan_overflows);
	else if (rill_memory_yields(sk))
		rill_count(rnet, orphans_short);
	else
		return false;
	rill_sock_reset(sk, ECONNRESET);
	return true;
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
	/* The last release: empties the backlog, and may end the socket. */
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
 * Context: process, socket lock held.
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
 * Context: process, socket lock held.
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
		if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
			rill_port_put(rill_sk_net(sk), &rill_sk(sk)->bind);
			inet_sk(sk)->inet_num = 0;
		}
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
