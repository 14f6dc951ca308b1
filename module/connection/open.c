// SPDX-License-Identifier: GPL-2.0
/* Active open (RFC 9293, 3.10.1). */
#include "../clock/clock.h"
#include "../network/network.h"
#include "../transfer/transfer.h"
#include "inside.h"

/* Send the SYN of a socket that is in the table. */
static int rill_open_active(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_net *rnet = rill_sk_net(sk);
	u32 iss;
	int err;

	rill_turn_begin(sk);
	if (rs->old)
		rill_timewait_pause(rs->old);
	rill_conn_offer(sk);
	iss = rs->old ? rill_reuse_isn(rs->old, rs->clock.now_ns) :
			rill_secure_isn(rnet, &rs->entry.key, rs->clock.now_ns);
	rill_conn_speaks(rs, iss, iss);
	WRITE_ONCE(sk->sk_err, 0);
	WRITE_ONCE(sk->sk_err_soft, 0);
	sock_reset_flag(sk, SOCK_DONE);

	err = rill_send_syn(sk);
	if (err)
		return err;
	rill_count(rnet, active_opens);
	rill_state_event(sk, RILL_EV_ACTIVE_OPEN);
	rill_turn_end(sk);
	return 0;
}

/* A connect() that failed: undo all since its route. */
static void rill_open_undo(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	const struct rill_af_ops *af = rs->af;

	rill_timer_stop_all(sk);
	rill_queue_purge(sk);
	if (sk->sk_state != TCP_CLOSE)
		rill_state_event(sk, RILL_EV_ABORT);
	rill_sock_unhash(sk);
	rill_conn_begin(sk);
	rill_sock_unbind(sk);
	if (!inet_sk(sk)->inet_num)
		inet_sk(sk)->inet_sport = 0;
	af->unconnect(sk);
}

/* The socket has its route and its addresses: a port, the table, the SYN. */
static int rill_open_connect(struct sock *sk)
{
	int ifindex, err;

	rcu_read_lock();
	ifindex = READ_ONCE(__sk_dst_get(sk)->dev)->ifindex;
	rcu_read_unlock();
	err = rill_port_connect(sk, ifindex, rill_reuse_connect);
	if (!err)
		err = rill_sk(sk)->af->ported(sk);
	if (!err)
		err = rill_open_active(sk);
	if (err)
		rill_open_undo(sk);
	return err;
}

/**
 * rill_open_ipv4 - connect() of an AF_INET socket
 * @sk: the socket
 * @usin: where to
 * @len: its length, bytes
 *
 * Context: process.
 * Return: 0 once the SYN is on its way, or -errno: the socket may connect again,
 * without a port that the program has not chosen.
 */
int rill_open_ipv4(struct sock *sk, struct sockaddr_in *usin, int len)
{
	sock_owned_by_me(sk);
	return rill_ipv4_connect(sk, usin, len) ?: rill_open_connect(sk);
}

/**
 * rill_open_ipv6 - connect() of an AF_INET6 socket
 * @sk: the socket
 * @usin: where to, perhaps an IPv4-mapped address
 * @len: its length, bytes
 *
 * Context: process.
 * Return: 0 once the SYN is on its way, or -errno: the socket may connect again,
 * without a port that the program has not chosen.
 */
int rill_open_ipv6(struct sock *sk, struct sockaddr_in6 *usin, int len)
{
	sock_owned_by_me(sk);
	return rill_ipv6_connect(sk, usin, len) ?: rill_open_connect(sk);
}
