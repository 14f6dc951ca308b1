// SPDX-License-Identifier: GPL-2.0
/* What IPv4 does differently from IPv6; the rest is in input.c, output.c. */
#include <linux/random.h>
#include <net/inet_common.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/route.h>
#include "../compat.h"
#include "inside.h"

static void rill_ipv4_key(const struct sk_buff *skb, struct rill_key *key)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct tcphdr *th = tcp_hdr(skb);

	ipv6_addr_set_v4mapped(iph->daddr, &key->laddr);
	ipv6_addr_set_v4mapped(iph->saddr, &key->raddr);
	key->lport = th->dest;
	key->rport = th->source;
	key->dev = 0;
}

static void rill_ipv4_ingress(const struct sk_buff *skb,
			      struct rill_ingress *in)
{
	in->dif = inet_iif(skb);
	in->sdif = inet_sdif(skb);
}

static bool rill_ipv4_unicast(const struct sk_buff *skb)
{
	const struct rtable *rt = skb_rtable(skb);
	const struct iphdr *iph = ip_hdr(skb);

	if (rt && (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)))
		return false;
	return !ipv4_is_multicast(iph->saddr) && !ipv4_is_lbcast(iph->saddr) &&
	       !ipv4_is_zeronet(iph->saddr);
}

static bool rill_ipv4_csum_bad(struct sk_buff *skb)
{
	return skb_checksum_init(skb, rill_protocol, inet_compute_pseudo) ||
	       skb_checksum_complete(skb);
}

static void rill_ipv4_checksum(const struct rill_key *key, u32 len,
			       __wsum base, __sum16 *check)
{
	*check = csum_tcpudp_magic(key->laddr.s6_addr32[3],
				   key->raddr.s6_addr32[3], len,
				   rill_protocol, base);
}

static int rill_ipv4_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn)
{
	u8 tos = READ_ONCE(inet_sk(sk)->tos);

	return __ip_queue_xmit(sk, skb, &inet_sk(sk)->cork.fl, tos | ecn);
}

static void rill_ipv4_reply_flow(const struct rill_reply *to,
				 struct flowi4 *fl4)
{
	flowi4_init_output(fl4, to->oif, to->mark, rill_route_tos(to->tclass),
			   to->req ? ip_sock_rt_scope(to->sk) :
				     RT_SCOPE_UNIVERSE,
			   rill_protocol, to->flow_flags,
			   to->key->raddr.s6_addr32[3],
			   to->key->laddr.s6_addr32[3],
			   to->key->rport, to->key->lport,
			   sock_net_uid(to->rnet->net, to->sk));
	if (to->req)
		rill_label_flow(to->req, flowi4_to_flowi_common(fl4));
	else
		security_skb_classify_flow((struct sk_buff *)to->skb,
					   flowi4_to_flowi_common(fl4));
}

/* The route of an answer, by the socket's own IPsec policy if it has one. */
static struct rtable *rill_ipv4_reply_route(const struct rill_reply *to)
{
	struct flowi4 fl4;

	rill_ipv4_reply_flow(to, &fl4);
	return ip_route_output_flow(to->rnet->net, &fl4,
				    to->sk ?: to->rnet->ctl4);
}

static u32 rill_ipv4_advmss(const struct rill_reply *to)
{
	struct rtable *rt = rill_ipv4_reply_route(to);
	u32 mss;

	if (IS_ERR(rt))
		return 0;
	mss = dst_metric_advmss(&rt->dst);
	ip_rt_put(rt);
	return mss;
}

/* TTL of an answer: a SYN-ACK has its listener's, if the program set one. */
static u8 rill_ipv4_reply_ttl(const struct rill_reply *to,
			      const struct sk_buff *skb)
{
	int ttl = to->req ? READ_ONCE(inet_sk(to->sk)->uc_ttl) : -1;

	return ttl < 0 ? ip4_dst_hoplimit(skb_dst(skb)) : ttl;
}

/*
 * ip_build_and_send_pkt() takes what it needs from a socket, which not each
 * answer has, and not each kernel exports it. An answer without one is short,
 * and never fragmented.
 */
static int rill_ipv4_send(const struct rill_reply *to, struct sk_buff *skb)
{
	struct iphdr *iph = skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	*iph = (struct iphdr){
		.version	= IPVERSION,
		.ihl		= sizeof(*iph) / 4,
		.tos		= to->tclass,
		.frag_off	= htons(IP_DF),
		.ttl		= rill_ipv4_reply_ttl(to, skb),
		.protocol	= rill_protocol,
		.saddr		= to->key->laddr.s6_addr32[3],
		.daddr		= to->key->raddr.s6_addr32[3],
	};
	if (to->req) {
		/* With IP_PMTUDISC_DONT a long SYN-ACK may be cut on its way. */
		if (skb->len > IPV4_MIN_MTU &&
		    !ip_dont_fragment(to->sk, skb_dst(skb))) {
			iph->frag_off = 0;
			__ip_select_ident(to->rnet->net, iph, 1);
		}
		if (!skb->mark)
			skb->mark = READ_ONCE(to->sk->sk_mark);
	}
	return ip_local_out(to->rnet->net, skb->sk, skb);
}

static int rill_ipv4_reply(const struct rill_reply *to, struct sk_buff *skb)
{
	struct rtable *rt = rill_ipv4_reply_route(to);
	int err;

	if (IS_ERR(rt)) {
		kfree_skb(skb);
		return PTR_ERR(rt);
	}
	skb_dst_set(skb, &rt->dst);
	skb->protocol = htons(ETH_P_IP);
	err = rill_ipv4_send(to, skb);
	return net_xmit_eval(err);
}

/* First hop of a source route (IP_OPTIONS), 0 if there is none. */
static __be32 rill_ipv4_first_stop(const struct sock *sk)
{
	const struct ip_options_rcu *opt;
	__be32 stop = 0;

	rcu_read_lock();
	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	if (opt && opt->opt.srr)
		stop = opt->opt.faddr;
	rcu_read_unlock();
	return stop;
}

/*
 * inet_sk_rebuild_header() is not for us: with net.ipv4.ip_dynaddr it would
 * give a SYN_SENT socket another address, in the hash tables of TCP.
 */
static int rill_ipv4_route(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	struct rtable *rt;

	if (__sk_dst_check(sk, 0))
		return 0;
	rt = ip_route_output_ports(sock_net(sk), &inet->cork.fl.u.ip4, sk,
				   rill_ipv4_first_stop(sk) ?: inet->inet_daddr,
				   inet->inet_saddr, inet->inet_dport,
				   inet->inet_sport, sk->sk_protocol,
				   rill_route_ports_tos(sk),
				   sk->sk_bound_dev_if);
	if (IS_ERR(rt)) {
		sk->sk_route_caps = 0;
		WRITE_ONCE(sk->sk_err_soft, -PTR_ERR(rt));
		return PTR_ERR(rt);
	}
	sk_setup_caps(sk, &rt->dst);
	return 0;
}

/* A rule may choose the route by port, and ours is known only now. */
static int rill_ipv4_ported(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 *fl4 = &inet->cork.fl.u.ip4;
	struct rtable *rt = (struct rtable *)sk_dst_get(sk);

	rt = ip_route_newports(fl4, rt, fl4->fl4_sport, inet->inet_dport,
			       inet->inet_sport, inet->inet_dport, sk);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	sk_setup_caps(sk, &rt->dst);
	/* The IP ID: random, so that nobody off the path can guess it. */
	atomic_set(&inet->inet_id, get_random_u16());
	return 0;
}

static void rill_ipv4_unconnect(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);

	__sk_dst_reset(sk);
	sk->sk_route_caps = 0;
	inet->inet_dport = 0;
	inet->inet_daddr = 0;
	if (sk->sk_userlocks & SOCK_BINDADDR_LOCK)
		return;
	inet->inet_saddr = 0;
	inet->inet_rcv_saddr = 0;
#if IS_ENABLED(CONFIG_IPV6)
	/* An IPv6 socket connected to a mapped address was not bound before. */
	if (sk->sk_family == AF_INET6) {
		sk->sk_v6_rcv_saddr = in6addr_any;
		inet6_sk(sk)->saddr = in6addr_any;
	}
#endif
	rill_port_renew(sk);
}

const struct rill_af_ops rill_ipv4_ops = {
	.family		= AF_INET,
	.hdr_len	= sizeof(struct iphdr),
	.mss_default	= RILL_MSS_DEFAULT_V4,
	.mtu_min	= IPV4_MIN_MTU,
	.key		= rill_ipv4_key,
	.ingress	= rill_ipv4_ingress,
	.unicast	= rill_ipv4_unicast,
	.csum_bad	= rill_ipv4_csum_bad,
	.ported		= rill_ipv4_ported,
	.unconnect	= rill_ipv4_unconnect,
	.route		= rill_ipv4_route,
	.checksum	= rill_ipv4_checksum,
	.xmit		= rill_ipv4_xmit,
	.reply		= rill_ipv4_reply,
	.advmss		= rill_ipv4_advmss,
};

/**
 * rill_sock_key - fill the key of a socket from its addresses and ports
 * @sk: the socket
 * @key: result
 */
void rill_sock_key(const struct sock *sk, struct rill_key *key)
{
	const struct inet_sock *inet = inet_sk(sk);

	sock_owned_by_me(sk);
	memset(key, 0, sizeof(*key));
	key->lport = inet->inet_sport;
	key->rport = inet->inet_dport;
	key->dev = sk->sk_bound_dev_if;
	if (rill_sk(sk)->af->family == AF_INET) {
		ipv6_addr_set_v4mapped(inet->inet_saddr, &key->laddr);
		ipv6_addr_set_v4mapped(inet->inet_daddr, &key->raddr);
		return;
	}
#if IS_ENABLED(CONFIG_IPV6)
	key->laddr = inet6_sk(sk)->saddr;
	key->raddr = sk->sk_v6_daddr;
#endif
}

/* Choose route and source. */
static int rill_ipv4_connect_to(struct sock *sk, __be32 daddr, __be16 dport)
{
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 *fl4 = &inet->cork.fl.u.ip4;
	__be32 stop = rill_ipv4_first_stop(sk);
	struct rtable *rt;

	/* 0.0.0.0 means this host, and no source route leads there. */
	if (stop && !daddr)
		return -EINVAL;
	rt = ip_route_connect(fl4, stop ?: daddr, inet->inet_saddr,
			      sk->sk_bound_dev_if, sk->sk_protocol,
			      inet->inet_sport, dport, sk);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	if (rt->rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST)) {
		ip_rt_put(rt);
		return -ENETUNREACH;
	}
	sk_setup_caps(sk, &rt->dst);
	if (!inet->inet_saddr)
		inet->inet_saddr = fl4->saddr;
	inet->inet_rcv_saddr = inet->inet_saddr;
	inet->inet_dport = dport;
	inet->inet_daddr = stop ? daddr : fl4->daddr;
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		ipv6_addr_set_v4mapped(inet->inet_saddr,
				       &inet6_sk(sk)->saddr);
		sk->sk_v6_rcv_saddr = inet6_sk(sk)->saddr;
	}
#endif
	rill_sock_key(sk, &rill_sk(sk)->entry.key);
	sk_set_txhash(sk);
	return 0;
}

/**
 * rill_ipv4_connect - route and addresses of a connection over IPv4
 * @sk: the socket, AF_INET, or AF_INET6 with a mapped address
 * @usin: where to
 * @len: its length, bytes
 *
 * The entry's key is complete then, but for a local port if the socket has
 * none.
 *
 * Context: process.
 * Return: 0, or -errno with the socket as before.
 */
int rill_ipv4_connect(struct sock *sk, struct sockaddr_in *usin, int len)
{
	struct rill_sock *rs = rill_sk(sk);
	int err;

	sock_owned_by_me(sk);
	if (len < sizeof(struct sockaddr_in))
		return -EINVAL;
	if (usin->sin_family != AF_INET)
		return -EAFNOSUPPORT;

	rs->af = &rill_ipv4_ops;
	rs->entry.family = AF_INET;
	err = rill_ipv4_connect_to(sk, usin->sin_addr.s_addr, usin->sin_port);
	if (err)
		rill_ipv4_unconnect(sk);
	return err;
}
