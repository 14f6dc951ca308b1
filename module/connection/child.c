// SPDX-License-Identifier: GPL-2.0
/* The full socket that a completed handshake makes of a half-open entry. */
#include <net/inet_common.h>
#include <net/transp_v6.h>
#include "../clock/clock.h"
#include "../compat.h"
#include "../network/network.h"
#include "../transfer/transfer.h"
#include "inside.h"

#if IS_ENABLED(CONFIG_IPV6)
/*
 * The listener's sticky options are the child's too, in a copy that is charged
 * to it. Without memory it goes on without them.
 */
static void rill_child_ipv6_options(struct sock *sk,
				    const struct sock *listener)
{
	struct ipv6_txoptions *opt;

	rcu_read_lock();
	opt = rcu_dereference(inet6_sk(listener)->opt);
	if (opt)
		opt = ipv6_dup_options(sk, opt);
	RCU_INIT_POINTER(inet6_sk(sk)->opt, opt);
	rcu_read_unlock();
}

/* IPV6_2292PKTOPTIONS reports the ACK of the handshake. */
static void rill_child_ipv6_arrival(struct sock *sk, const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	struct ipv6_pinfo *np = inet6_sk(sk);

	np->mcast_hops = ip6h->hop_limit;
	np->rcv_flowinfo = ip6_flowinfo(ip6h);
	if (rill_ipv6_reflects_flow(sk))
		np->flow_label = ip6_flowlabel(ip6h);
}

/* sk_clone_lock() copied the listener's pointers; none of them is ours. */
static void rill_child_ipv6(struct sock *sk, const struct rill_request *req,
			    const struct sk_buff *skb)
{
	struct ipv6_pinfo *np = &((struct rill6_sock *)sk)->inet6;
	const struct rill_key *key = &req->entry.key;

	inet_sk(sk)->pinet6 = np;
	np->ipv6_mc_list = NULL;
	np->ipv6_ac_list = NULL;
	rill_ipv6_fl_list_clear(sk);
	np->pktoptions = NULL;
	np->rxpmtu = NULL;
	RCU_INIT_POINTER(np->opt, NULL);
	np->mcast_oif = req->iif;
	np->saddr = key->laddr;
	sk->sk_v6_daddr = key->raddr;
	sk->sk_v6_rcv_saddr = key->laddr;
	if (req->entry.family == AF_INET6) {
		rill_child_ipv6_options(sk, req->listener);
		rill_child_ipv6_arrival(sk, skb);
		return;
	}
	np->mcast_hops = inet_sk(sk)->mc_ttl;
	np->rcv_flowinfo = 0;
	if (rill_ipv6_reflects_flow(sk))
		np->flow_label = 0;
}
#endif

static void rill_child_addresses(struct sock *sk,
				 const struct rill_request *req,
				 const struct sk_buff *skb)
{
	const struct rill_key *key = &req->entry.key;
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 *fl4 = &inet->cork.fl.u.ip4;

	inet->inet_dport = key->rport;
	inet->inet_num = ntohs(key->lport);
	inet->inet_sport = key->lport;
	RCU_INIT_POINTER(inet->inet_opt, NULL);
	RCU_INIT_POINTER(inet->mc_list, NULL);
	inet->mc_index = req->iif;
	sk->sk_bound_dev_if = req->dev;
	atomic_set(&inet->inet_id, get_random_u16());
	if (req->entry.family == AF_INET) {
		inet->inet_saddr = key->laddr.s6_addr32[3];
		inet->inet_rcv_saddr = inet->inet_saddr;
		inet->inet_daddr = key->raddr.s6_addr32[3];
		inet->mc_ttl = ip_hdr(skb)->ttl;
		inet->rcv_tos = ip_hdr(skb)->tos;
		memset(fl4, 0, sizeof(*fl4));
	} else {
		inet->inet_saddr = LOOPBACK4_IPV6;
		inet->inet_rcv_saddr = LOOPBACK4_IPV6;
		inet->inet_daddr = LOOPBACK4_IPV6;
	}
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		rill_child_ipv6(sk, req, skb);
#endif
}

/* Everything that the listener's copy must not keep. */
static void rill_child_clean(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	rs->hashed = false;
	rs->old = NULL;
	rs->saved_syn = NULL;
	memset(&rs->bind, 0, sizeof(rs->bind));
	rs->bind.sk = sk;
	rs->listener = NULL;
	INIT_LIST_HEAD(&rs->accept_node);
	rs->deferred = 0;
	rill_timer_init(sk);
	rill_conn_begin(sk);
	sk->sk_socket = NULL;
	sk->sk_max_ack_backlog = 0;
}

/**
 * rill_child_create - make a socket for a completed handshake
 * @listener: the listening socket
 * @req: the half-open connection
 * @skb: the ACK that completed it, not consumed
 *
 * The child is in SYN_RECV, in no table, and bound to no port yet.
 *
 * Context: softirq, no lock held.
 * Return: the child, its lock held (bh_lock_sock) and with a reference for
 * the caller besides the protocol's own; or NULL.
 */
struct sock *rill_child_create(struct sock *listener, struct rill_request *req,
			       const struct sk_buff *skb)
{
	struct rill_sock *rs;
	struct sock *sk;
	u64 rtt_us;

	sk = rill_memory_clone(listener);
	if (!sk)
		return NULL;
	rs = rill_sk(sk);
	rill_child_clean(sk);
	rs->af = rill_af(req->entry.family);
	rs->entry.family = req->entry.family;
	rs->entry.key = req->entry.key;
	rill_child_addresses(sk, req, skb);
	rill_conn_child(rs, req);
	rill_ecn_child(sk, READ_ONCE(req->ecn_ok));
	sk->sk_mark = req->mark;
	/*
	 * The half-open entry has traced rill_state. To sock:inet_sock_set_state
	 * the connection begins here, as TCP's.
	 */
	rill_state_store(sk, rill_state_next(TCP_LISTEN, RILL_EV_CHILD));
	sk->sk_txhash = READ_ONCE(req->txhash);
	rtt_us = div_u64(rill_elapsed_ns(req->acked_ns ?: rs->clock.now_ns,
					 req->sent_ns), NSEC_PER_USEC);
	/* No RTT sample if the SYN-ACK may have been retransmitted. */
	if (!READ_ONCE(req->twice) && rtt_us < req->rto_us)
		rill_rtt_sample(sk, rtt_us);
	rill_mss_sync(sk);
	return sk;
}

/**
 * rill_child_abort - reset and free a child that no program will accept
 * @sk: the child; the caller took it out of the accept queue
 *
 * Context: process or softirq, no lock held.
 */
void rill_child_abort(struct sock *sk)
{
	sock_hold(sk);
	local_bh_disable();
	bh_lock_sock(sk);
	rill_sock_orphan(sk);
	if (sk->sk_state == TCP_CLOSE)
		rill_sock_destroy(sk);
	else
		rill_sock_reset(sk, ECONNABORTED);
	bh_unlock_sock(sk);
	local_bh_enable();
	sock_put(sk);
}
