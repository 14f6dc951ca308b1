// SPDX-License-Identifier: GPL-2.0
/* What IPv6 does differently from IPv4; the rest is in input.c, output.c. */
#include <net/addrconf.h>
#include <net/inet6_connection_sock.h>
#include <net/inet_ecn.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/transp_v6.h>
#include "../compat.h"
#include "inside.h"

static void rill_ipv6_key(const struct sk_buff *skb, struct rill_key *key)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	const struct tcphdr *th = tcp_hdr(skb);

	key->laddr = ip6h->daddr;
	key->raddr = ip6h->saddr;
	key->lport = th->dest;
	key->rport = th->source;
	key->dev = 0;
}

static void rill_ipv6_ingress(const struct sk_buff *skb,
			      struct rill_ingress *in)
{
	in->dif = inet6_iif(skb);
	in->sdif = inet6_sdif(skb);
}

/* A mapped address on the wire would be taken for IPv4 in our table. */
static bool rill_ipv6_unicast(const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	int saddr = ipv6_addr_type(&ip6h->saddr);
	int daddr = ipv6_addr_type(&ip6h->daddr);

	return (saddr & IPV6_ADDR_UNICAST) && (daddr & IPV6_ADDR_UNICAST) &&
	       !(saddr & IPV6_ADDR_MAPPED) && !(daddr & IPV6_ADDR_MAPPED) &&
	       ipv6_unicast_destination(skb);
}

static bool rill_ipv6_csum_bad(struct sk_buff *skb)
{
	return skb_checksum_init(skb, rill_protocol, ip6_compute_pseudo) ||
	       skb_checksum_complete(skb);
}

static void rill_ipv6_checksum(const struct rill_key *key, u32 len,
			       __wsum base, __sum16 *check)
{
	*check = csum_ipv6_magic(&key->laddr, &key->raddr, len,
				 rill_protocol, base);
}

/* The flow of a socket's segments; a routing header is not looked at. */
static void rill_ipv6_flow(struct sock *sk, struct flowi6 *fl6)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	const struct inet_sock *inet = inet_sk(sk);

	*fl6 = (struct flowi6){
		.flowi6_proto	= sk->sk_protocol,
		.daddr		= sk->sk_v6_daddr,
		.saddr		= np->saddr,
		.flowlabel	= np->flow_label,
		.flowi6_oif	= sk->sk_bound_dev_if,
		.flowi6_mark	= sk->sk_mark,
		.fl6_sport	= inet->inet_sport,
		.fl6_dport	= inet->inet_dport,
		.flowi6_uid	= READ_ONCE(sk->sk_uid),
	};
	rill_ipv6_ecmp(sock_net(sk), fl6, sk->sk_txhash);
	security_sk_classify_flow(sk, flowi6_to_flowi_common(fl6));
}

static int rill_ipv6_route(struct sock *sk)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	struct in6_addr *final_p, final;
	struct dst_entry *dst;
	struct flowi6 fl6;

	if (__sk_dst_check(sk, np->dst_cookie))
		return 0;
	rill_ipv6_flow(sk, &fl6);
	rcu_read_lock();
	final_p = fl6_update_dst(&fl6, rcu_dereference(np->opt), &final);
	rcu_read_unlock();
	dst = ip6_dst_lookup_flow(sock_net(sk), sk, &fl6, final_p);
	if (IS_ERR(dst)) {
		sk->sk_route_caps = 0;
		WRITE_ONCE(sk->sk_err_soft, -PTR_ERR(dst));
		return PTR_ERR(dst);
	}
	rill_ip6_dst_store(sk, dst);
	return 0;
}

/*
 * inet6_csk_xmit() is not for us: on later kernels it takes the addresses from
 * where TCP has left them, inet_sock.cork.
 */
static int rill_ipv6_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	int err = rill_ipv6_route(sk);
	struct flowi6 fl6;

	if (err) {
		kfree_skb_reason(skb, SKB_DROP_REASON_IP_OUTNOROUTES);
		return err;
	}
	rill_ipv6_flow(sk, &fl6);
	rcu_read_lock();
	skb_dst_set_noref(skb, __sk_dst_get(sk));
	err = ip6_xmit(sk, skb, &fl6, sk->sk_mark, rcu_dereference(np->opt),
		       np->tclass | ecn, READ_ONCE(sk->sk_priority));
	rcu_read_unlock();
	return err;
}

static void rill_ipv6_reply_flow(const struct rill_reply *to,
				 struct flowi6 *fl6)
{
	*fl6 = (struct flowi6){
		.flowi6_proto	= rill_protocol,
		.daddr		= to->key->raddr,
		.saddr		= to->key->laddr,
		.flowlabel	= to->flow_label,
		.flowi6_oif	= to->oif,
		.flowi6_mark	= to->mark,
		.fl6_sport	= to->key->lport,
		.fl6_dport	= to->key->rport,
		.flowi6_uid	= sock_net_uid(to->rnet->net, to->sk),
	};
	rill_ipv6_ecmp(to->rnet->net, fl6, to->txhash);
	if (to->req)
		rill_label_flow(to->req, flowi6_to_flowi_common(fl6));
	else
		security_skb_classify_flow((struct sk_buff *)to->skb,
					   flowi6_to_flowi_common(fl6));
}

/* The sticky options of a SYN-ACK; inside rcu_read_lock(). */
static struct ipv6_txoptions *rill_ipv6_reply_opt(const struct rill_reply *to)
{
	return to->req ? rcu_dereference(inet6_sk(to->sk)->opt) : NULL;
}

/* The route of an answer, by way of a routing header if it has one. */
static struct dst_entry *rill_ipv6_reply_route(const struct rill_reply *to,
					       struct flowi6 *fl6)
{
	struct in6_addr *final_p, final;

	rill_ipv6_reply_flow(to, fl6);
	rcu_read_lock();
	final_p = fl6_update_dst(fl6, rill_ipv6_reply_opt(to), &final);
	rcu_read_unlock();
	return ip6_dst_lookup_flow(to->rnet->net, to->sk ?: to->rnet->ctl6,
				   fl6, final_p);
}

static u32 rill_ipv6_advmss(const struct rill_reply *to)
{
	struct dst_entry *dst;
	struct flowi6 fl6;
	u32 mss;

	if (!to->rnet->ctl6)
		return 0;
	dst = rill_ipv6_reply_route(to, &fl6);
	if (IS_ERR(dst))
		return 0;
	mss = dst_metric_advmss(dst);
	dst_release(dst);
	return mss;
}

static int rill_ipv6_reply(const struct rill_reply *to, struct sk_buff *skb)
{
	const struct sock *ctl = to->rnet->ctl6;
	struct dst_entry *dst;
	struct flowi6 fl6;
	int err;

	if (!ctl) {
		kfree_skb(skb);
		return -EAFNOSUPPORT;
	}
	dst = rill_ipv6_reply_route(to, &fl6);
	if (IS_ERR(dst)) {
		kfree_skb(skb);
		return PTR_ERR(dst);
	}
	skb_dst_set(skb, dst);
	/* With a routing header fl6.daddr was the first hop. */
	fl6.daddr = to->key->raddr;
	rcu_read_lock();
	err = ip6_xmit(to->req ? to->sk : ctl, skb, &fl6, to->mark,
		       rill_ipv6_reply_opt(to), to->tclass, to->priority);
	rcu_read_unlock();
	return net_xmit_eval(err);
}

/* As with TCP, a port of ours does not change the route. */
static int rill_ipv6_ported(struct sock *sk)
{
	return 0;
}

static void rill_ipv6_unconnect(struct sock *sk)
{
	__sk_dst_reset(sk);
	sk->sk_route_caps = 0;
	inet_sk(sk)->inet_dport = 0;
	sk->sk_v6_daddr = in6addr_any;
	if (sk->sk_userlocks & SOCK_BINDADDR_LOCK)
		return;
	sk->sk_v6_rcv_saddr = in6addr_any;
	inet6_sk(sk)->saddr = in6addr_any;
	inet_sk(sk)->inet_rcv_saddr = 0;
	rill_port_renew(sk);
}

const struct rill_af_ops rill_ipv6_ops = {
	.family		= AF_INET6,
	.hdr_len	= sizeof(struct ipv6hdr),
	.mss_default	= RILL_MSS_DEFAULT_V6,
	.mtu_min	= IPV6_MIN_MTU,
	.key		= rill_ipv6_key,
	.ingress	= rill_ipv6_ingress,
	.unicast	= rill_ipv6_unicast,
	.csum_bad	= rill_ipv6_csum_bad,
	.ported		= rill_ipv6_ported,
	.unconnect	= rill_ipv6_unconnect,
	.route		= rill_ipv6_route,
	.checksum	= rill_ipv6_checksum,
	.xmit		= rill_ipv6_xmit,
	.reply		= rill_ipv6_reply,
	.advmss		= rill_ipv6_advmss,
};

/* connect() of an IPv6 socket to ::ffff:a.b.c.d goes over IPv4. */
static int rill_ipv6_connect_mapped(struct sock *sk,
				    const struct sockaddr_in6 *usin)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = usin->sin6_port,
		.sin_addr.s_addr = usin->sin6_addr.s6_addr32[3],
	};
	int err;

	if (ipv6_only_sock(sk))
		return -ENETUNREACH;
	err = rill_ipv4_connect(sk, &sin, sizeof(sin));
	if (err) {
		rill_sk(sk)->af = &rill_ipv6_ops;
		rill_sk(sk)->entry.family = AF_INET6;
	}
	return err;
}

/* Flow label and scope that the program gave with the address. */
static int rill_ipv6_connect_scope(struct sock *sk, int len,
				   const struct sockaddr_in6 *usin,
				   struct flowi6 *fl6)
{
	struct ip6_flowlabel *label;

	if (rill_ipv6_sends_flow(sk)) {
		fl6->flowlabel = usin->sin6_flowinfo & IPV6_FLOWINFO_MASK;
		/* ECN is ours. */
		IP6_ECN_flow_init(fl6->flowlabel);
		if (fl6->flowlabel & IPV6_FLOWLABEL_MASK) {
			label = fl6_sock_lookup(sk, fl6->flowlabel);
			if (IS_ERR(label))
				return -EINVAL;
			fl6_sock_release(label);
		}
	}
	if (!(ipv6_addr_type(&usin->sin6_addr) & IPV6_ADDR_LINKLOCAL))
		return 0;
	if (len >= sizeof(struct sockaddr_in6) && usin->sin6_scope_id) {
		if (!sk_dev_equal_l3scope(sk, usin->sin6_scope_id))
			return -EINVAL;
		sk->sk_bound_dev_if = usin->sin6_scope_id;
	}
	return sk->sk_bound_dev_if ? 0 : -EINVAL;
}

static int rill_ipv6_connect_to(struct sock *sk, struct flowi6 *fl6,
				__be16 dport)
{
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct inet_sock *inet = inet_sk(sk);
	struct in6_addr *final_p, final;
	struct dst_entry *dst;

	fl6->flowi6_proto = sk->sk_protocol;
	fl6->flowlabel = ip6_make_flowinfo(np->tclass, np->flow_label);
	fl6->daddr = sk->sk_v6_daddr;
	fl6->saddr = ipv6_addr_any(&sk->sk_v6_rcv_saddr) ?
		     np->saddr : sk->sk_v6_rcv_saddr;
	fl6->flowi6_oif = sk->sk_bound_dev_if;
	fl6->flowi6_mark = sk->sk_mark;
	fl6->fl6_dport = dport;
	fl6->fl6_sport = inet->inet_sport;
	/* Where ports choose among equal paths, any will do. */
	if (!inet->inet_sport)
		fl6->flowi6_flags = FLOWI_FLAG_ANY_SPORT;
	fl6->flowi6_uid = READ_ONCE(sk->sk_uid);
	sk_set_txhash(sk);
	rill_ipv6_ecmp(sock_net(sk), fl6, sk->sk_txhash);
	security_sk_classify_flow(sk, flowi6_to_flowi_common(fl6));
	rcu_read_lock();
	final_p = fl6_update_dst(fl6, rcu_dereference(np->opt), &final);
	rcu_read_unlock();

	dst = ip6_dst_lookup_flow(sock_net(sk), sk, fl6, final_p);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	if (ipv6_addr_any(&sk->sk_v6_rcv_saddr))
		sk->sk_v6_rcv_saddr = fl6->saddr;
	np->saddr = sk->sk_v6_rcv_saddr;
	inet->inet_rcv_saddr = LOOPBACK4_IPV6;
	rill_ip6_dst_store(sk, dst);
	inet->inet_dport = dport;
	rill_sock_key(sk, &rill_sk(sk)->entry.key);
	return 0;
}

/**
 * rill_ipv6_connect - route and addresses of a connection of an AF_INET6 socket
 * @sk: the socket
 * @usin: where to, perhaps an IPv4-mapped address
 * @len: its length, bytes
 *
 * The entry's key is complete then, but for a local port if the socket has none.
 *
 * Context: process.
 * Return: 0, or -errno with the socket as before.
 */
int rill_ipv6_connect(struct sock *sk, struct sockaddr_in6 *usin, int len)
{
	struct rill_sock *rs = rill_sk(sk);
	struct flowi6 fl6 = {};
	int type, err;

	sock_owned_by_me(sk);
	if (len < SIN6_LEN_RFC2133)
		return -EINVAL;
	if (usin->sin6_family != AF_INET6)
		return -EAFNOSUPPORT;
	/* connect() to the unspecified address means loopback, as in BSD. */
	if (ipv6_addr_any(&usin->sin6_addr)) {
		if (ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr))
			ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK),
					       &usin->sin6_addr);
		else
			usin->sin6_addr = in6addr_loopback;
	}
	type = ipv6_addr_type(&usin->sin6_addr);
	if (type & IPV6_ADDR_MULTICAST)
		return -ENETUNREACH;
	err = rill_ipv6_connect_scope(sk, len, usin, &fl6);
	if (err)
		return err;

	sk->sk_v6_daddr = usin->sin6_addr;
	inet6_sk(sk)->flow_label = fl6.flowlabel;
	if (type & IPV6_ADDR_MAPPED)
		return rill_ipv6_connect_mapped(sk, usin);
	/* A socket bound to a mapped address cannot leave IPv4. */
	if (ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr))
		return -EAFNOSUPPORT;

	rs->af = &rill_ipv6_ops;
	rs->entry.family = AF_INET6;
	err = rill_ipv6_connect_to(sk, &fl6, usin->sin6_port);
	if (err)
		rill_ipv6_unconnect(sk);
	return err;
}

/*
 * Does the program want extension headers, or the flow information, that this
 * segment has? Not each kernel exports ipv6_opt_accepted().
 */
static bool rill_ipv6_wanted(const struct sock *sk, const struct sk_buff *skb)
{
	const struct inet6_skb_parm *parm = IP6CB(skb);
	const struct ipv6_pinfo *np = inet6_sk(sk);

	if (np->rxopt.bits.hopopts || np->rxopt.bits.ohopopts)
		if (parm->flags & IP6SKB_HOPBYHOP)
			return true;
	if (np->rxopt.bits.srcrt || np->rxopt.bits.osrcrt)
		if (parm->srcrt)
			return true;
	if (np->rxopt.bits.dstopts || np->rxopt.bits.odstopts)
		if (parm->dst0 || parm->dst1)
			return true;
	return np->rxopt.bits.rxflow && ip6_flowinfo(ipv6_hdr(skb));
}

/* Is this segment kept for what the program asks of it? */
static bool rill_ipv6_keeps(const struct sock *sk, const struct sk_buff *skb)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);

	if (rill_ipv6_wanted(sk, skb))
		return true;
	/* TCP keeps the SYN of a connection; the ACK of its handshake is ours. */
	return sk->sk_state == TCP_SYN_RECV &&
	       (np->rxopt.bits.rxinfo || np->rxopt.bits.rxoinfo ||
		np->rxopt.bits.rxhlim || np->rxopt.bits.rxohlim);
}

/**
 * rill_ipv6_hear - note what IPV6_2292PKTOPTIONS reports of a segment
 * @sk: the socket
 * @skb: the segment, which is about to be taken or dropped
 * @heard: result, for rill_ipv6_heard()
 */
void rill_ipv6_hear(struct sock *sk, struct sk_buff *skb,
		    struct rill_heard *heard)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);

	sock_owned_by_me(sk);
	heard->wanted = rill_sk(sk)->af == &rill_ipv6_ops &&
			inet6_sk(sk)->rxopt.all;
	if (!heard->wanted)
		return;
	heard->iif = inet6_iif(skb);
	heard->hops = ip6h->hop_limit;
	heard->flow = ip6_flowinfo(ip6h);
	heard->skb = rill_ipv6_keeps(sk, skb) ?
		     skb_clone_and_charge_r(skb, sk) : NULL;
}

/**
 * rill_ipv6_heard - let IPV6_2292PKTOPTIONS report a segment
 * @sk: the socket
 * @heard: what rill_ipv6_hear() noted
 * @end_seq: one past its last sequence number
 *
 * As in TCP: any segment in order, with data or without.
 */
void rill_ipv6_heard(struct sock *sk, struct rill_heard *heard, u32 end_seq)
{
	struct ipv6_pinfo *np = inet6_sk(sk);

	sock_owned_by_me(sk);
	if (!heard->wanted)
		return;
	if (end_seq != rill_sk(sk)->rcv.nxt || sk->sk_state == TCP_CLOSE) {
		consume_skb(heard->skb);
		return;
	}
	if (np->rxopt.bits.rxinfo || np->rxopt.bits.rxoinfo)
		WRITE_ONCE(np->mcast_oif, heard->iif);
	/* Not WRITE_ONCE(): earlier kernels have it in a bit-field. */
	if (np->rxopt.bits.rxhlim || np->rxopt.bits.rxohlim)
		np->mcast_hops = heard->hops;
	if (np->rxopt.bits.rxflow || np->rxopt.bits.rxtclass)
		np->rcv_flowinfo = heard->flow;
	if (rill_ipv6_reflects_flow(sk))
		np->flow_label = heard->flow & IPV6_FLOWLABEL_MASK;
	consume_skb(np->pktoptions);
	np->pktoptions = heard->skb;
}

/**
 * rill_ipv6_forget - free the segment kept for IPV6_2292PKTOPTIONS
 * @sk: the socket, of any family
 *
 * Context: socket lock held.
 */
void rill_ipv6_forget(struct sock *sk)
{
	if (sk->sk_family != AF_INET6)
		return;
	consume_skb(inet6_sk(sk)->pktoptions);
	inet6_sk(sk)->pktoptions = NULL;
}
