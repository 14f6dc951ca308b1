// SPDX-License-Identifier: GPL-2.0
/*
 * What IPv4 and IPv6 give to us: packets of our protocol number, and ICMP errors
 * that quote one.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/icmp.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include <net/protocol.h>
#include "inside.h"

/* RFC 1191, 5: an old router reports no MTU. */
#define RILL_IPV4_OLD_MTU	576

static int rill_ipv4_rcv(struct sk_buff *skb)
{
	return rill_rcv(skb, &rill_ipv4_ops);
}

/* RFC 1122, 4.2.3.9. icmp_err_convert has the errno of each code. */
static int rill_ipv4_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	int type = icmp_hdr(skb)->type;
	int code = icmp_hdr(skb)->code;
	struct rill_icmp_error e = { .skb = skb, .info = info };

	/* RFC 792 quotes eight bytes: the ports and the sequence number. */
	if (!pskb_may_pull(skb, (iph->ihl << 2) + 8))
		return -EINVAL;
	iph = (const struct iphdr *)skb->data;
	e.th = (const struct tcphdr *)(skb->data + (iph->ihl << 2));
	e.ttl = iph->ttl;

	switch (type) {
	case ICMP_REDIRECT:
		e.redirect = true;
		break;
	case ICMP_PARAMETERPROB:
		e.err = EPROTO;
		break;
	case ICMP_TIME_EXCEEDED:
		e.err = EHOSTUNREACH;
		break;
	case ICMP_DEST_UNREACH:
		if (code > NR_ICMP_UNREACH)
			return 0;
		if (code == ICMP_FRAG_NEEDED) {
			e.mtu = info ?: RILL_IPV4_OLD_MTU;
			break;
		}
		e.err = icmp_err_convert[code].errno;
		break;
	default:
		return 0;
	}
	ipv6_addr_set_v4mapped(iph->saddr, &e.key.laddr);
	ipv6_addr_set_v4mapped(iph->daddr, &e.key.raddr);
	rill_icmp(&rill_ipv4_ops, &e);
	return 0;
}

/* Not const: some kernels keep a secret of their own in it. */
static struct net_protocol rill_ipv4_protocol = {
	.handler	= rill_ipv4_rcv,
	.err_handler	= rill_ipv4_err,
	.no_policy	= 1,
	.icmp_strict_tag_validation = 1,
};

/**
 * rill_ipv4_add_protocol - take packets of our protocol number from IPv4
 *
 * Context: process.
 * Return: 0, or -EBUSY if another module has the number.
 */
int rill_ipv4_add_protocol(void)
{
	return inet_add_protocol(&rill_ipv4_protocol, rill_protocol) ?
	       -EBUSY : 0;
}

/**
 * rill_ipv4_del_protocol - take no more packets; waits for those under way
 *
 * Context: process.
 */
void rill_ipv4_del_protocol(void)
{
	inet_del_protocol(&rill_ipv4_protocol, rill_protocol);
}

static int rill_ipv6_rcv(struct sk_buff *skb)
{
	return rill_rcv(skb, &rill_ipv6_ops);
}

static int rill_ipv6_err(struct sk_buff *skb, struct inet6_skb_parm *opt,
			 u8 type, u8 code, int offset, __be32 info)
{
	struct rill_icmp_error e = { .skb = skb, .info = ntohl(info) };
	const struct ipv6hdr *ip6h;

	if (!pskb_may_pull(skb, offset + 8))
		return -EINVAL;
	ip6h = (const struct ipv6hdr *)skb->data;
	e.th = (const struct tcphdr *)(skb->data + offset);
	e.ttl = ipv6_hdr(skb)->hop_limit;

	if (type == NDISC_REDIRECT)
		e.redirect = true;
	else if (type == ICMPV6_PKT_TOOBIG)
		e.mtu = ntohl(info);
	else
		icmpv6_err_convert(type, code, &e.err);

	e.key.laddr = ip6h->saddr;
	e.key.raddr = ip6h->daddr;
	rill_icmp(&rill_ipv6_ops, &e);
	return 0;
}

/* Not const: some kernels keep a secret of their own in it. */
static struct inet6_protocol rill_ipv6_protocol = {
	.handler	= rill_ipv6_rcv,
	.err_handler	= rill_ipv6_err,
	.flags		= INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL,
};

/**
 * rill_ipv6_add_protocol - take packets of our protocol number from IPv6
 *
 * Context: process.
 * Return: 0, or -EBUSY if another module has the number.
 */
int rill_ipv6_add_protocol(void)
{
	if (!ipv6_mod_enabled())
		return 0;
	return inet6_add_protocol(&rill_ipv6_protocol, rill_protocol) ?
	       -EBUSY : 0;
}

/**
 * rill_ipv6_del_protocol - take no more packets; waits for those under way
 *
 * Context: process.
 */
void rill_ipv6_del_protocol(void)
{
	if (ipv6_mod_enabled())
		inet6_del_protocol(&rill_ipv6_protocol, rill_protocol);
}
