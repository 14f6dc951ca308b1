// SPDX-License-Identifier: GPL-2.0
/*
 * How connections end, whoever ends them: the program, the peer, a deadline, an
 * ICMP error. And the end of a socket that no program owns.
 */
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
 * Context: socket lock held, or the socket is new and its making failed.
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
 * Context: any; does not sleep: a BPF program may call it.
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

/**
 * rill_sock_unbind - give back the port that a connection or listener had
 * @sk: the socket
 *
 * A port that the program chose stays until the program is done.
 */
void rill_sock_unbind(struct sock *sk)
{
	sock_owned_by_me(sk);
	if (sk->sk_userlocks & SOCK_BINDPORT_LOCK)
		return;
	rill_port_put(rill_sk_net(sk), &rill_sk(sk)->bind);
	inet_sk(sk)->inet_num = 0;
}

/* The socket is CLOSE: release what a connection holds, wake the program. */
static void rill_sock_finish(struct sock *sk)
{
	rill_timer_stop_all(sk);
	rill_sock_unhash(sk);
	rill_sock_unbind(sk);
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
 * Context: the caller has a reference of its own.
 */
void rill_sock_done(struct sock *sk, enum rill_event why)
{
	sock_owned_by_me(sk);
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
 * Context: the caller has a reference of its own.
 */
void rill_sock_handed_over(struct sock *sk)
{
	sock_owned_by_me(sk);
	rill_state_store(sk, TCP_CLOSE);
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
 * Context: the caller has a reference of its own.
 */
void rill_sock_wait(struct sock *sk, int state)
{
	sock_owned_by_me(sk);
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
 * Context: the caller has a reference of its own.
 */
void rill_sock_fail(struct sock *sk, int err)
{
	sock_owned_by_me(sk);
	rill_sock_end(sk, RILL_EV_ABORT, err);
}

/**
 * rill_sock_got_reset - the peer's reset has been believed
 * @sk: the socket; destroyed if it is an orphan
 * @err: errno for the program, positive
 *
 * Context: the caller has a reference of its own.
 */
void rill_sock_got_reset(struct sock *sk, int err)
{
	struct rill_net *rnet = rill_sk_net(sk);

	sock_owned_by_me(sk);
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
 * Context: the caller has a reference of its own.
 */
void rill_sock_reset(struct sock *sk, int err)
{
	sock_owned_by_me(sk);
	rill_send_reset(sk, GFP_ATOMIC);
	rill_sock_fail(sk, err);
}

/**
 * rill_sock_orphan - no program owns the socket any more
 * @sk: the socket
 *
 * From here on the socket is destroyed when it becomes CLOSE.
 */
void rill_sock_orphan(struct sock *sk)
{
	sock_owned_by_me(sk);
	sock_orphan(sk);
	rill_orphans_add(rill_sk_net(sk), 1);
}

/**
 * rill_sock_destroy - drop the protocol's reference to a dead socket
 * @sk: an orphan that is CLOSE
 *
 * Context: the caller has a reference of its own.
 */
void rill_sock_destroy(struct sock *sk)
{
	struct rill_net *rnet = rill_sk_net(sk);

	sock_owned_by_me(sk);
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
 * Context: the caller has a reference of its own.
 */
void rill_sock_fin_wait2(struct sock *sk)
{
	sock_owned_by_me(sk);
	if (rill_setting(sk, fin_timeout_us) == (u64)RILL_LINGER2_NONE)
		rill_sock_reset(sk, ECONNRESET);
	else
		rill_sock_wait(sk, TCP_FIN_WAIT2);
}

/**
 * rill_orphan_yields - end an orphan if there are too many, or memory is short
 * @sk: the socket; gone if the answer is true
 * @shift: each counts for 2^@shift, since this one has been in the way before
 *
 * Asked at close(), and whenever an orphan has waited in vain.
 *
 * Context: the caller has a reference of its own.
 * Return: true if the connection is over.
 */
bool rill_orphan_yields(struct sock *sk, u8 shift)
{
	struct rill_net *rnet = rill_sk_net(sk);

	sock_owned_by_me(sk);
	if (rill_orphans_over(rnet, shift))
		rill_count(rnet, orphan_overflows);
	else if (rill_memory_yields(sk))
		rill_count(rnet, orphans_short);
	else
		return false;
	rill_sock_reset(sk, ECONNRESET);
	return true;
}
