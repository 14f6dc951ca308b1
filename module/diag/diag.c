// SPDX-License-Identifier: GPL-2.0
/*
 * rill_diag.ko: sock_diag for rill, as tcp_diag.ko is for TCP. The kernel loads
 * it when a program first asks for protocol 253 or 254.
 *
 * A list takes no lock of rill's but that of the one socket whose struct tcp_info
 * is asked for, and keeps nothing between two messages but its place.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/inet_diag.h>
#include <linux/module.h>
#include <linux/sock_diag.h>
#include <net/netlink.h>
#include <net/tcp.h>
#include "../compat.h"
#include "../connection/connection.h"
#include "../control/control.h"
#include "../network/network.h"
#include "../socket/socket.h"

/* Entries that are looked at in one RCU section. */
#define RILL_DIAG_PIECE		256

/* ---- one message ------------------------------------------------------- */

static bool rill_diag_wants(const struct inet_diag_req_v2 *req, u8 attribute)
{
	return req->idiag_ext & BIT(attribute - 1);
}

static void rill_diag_address(__be32 to[4], u8 family,
			      const struct in6_addr *addr)
{
	if (family == AF_INET6)
		memcpy(to, addr->s6_addr32, sizeof(*addr));
	else
		to[0] = addr->s6_addr32[3];
}

static void rill_diag_row(struct inet_diag_msg *msg, const struct rill_row *row,
			  struct user_namespace *user_ns)
{
	/* Of no timer 0. */
	u64 left_ns = rill_elapsed_ns(row->due_ns, rill_now_ns());

	memset(msg, 0, sizeof(*msg));
	msg->idiag_family = row->family;
	msg->idiag_state = row->state;
	msg->idiag_timer = row->timer;
	msg->idiag_retrans = row->timer == RILL_ROW_RETRANSMIT ?
			     row->retransmits : row->probes;
	msg->id.idiag_sport = htons(row->lport);
	msg->id.idiag_dport = htons(row->rport);
	rill_diag_address(msg->id.idiag_src, row->family, &row->laddr);
	rill_diag_address(msg->id.idiag_dst, row->family, &row->raddr);
	msg->id.idiag_if = row->dev;
	msg->id.idiag_cookie[0] = lower_32_bits(row->cookie);
	msg->id.idiag_cookie[1] = upper_32_bits(row->cookie);
	msg->idiag_expires = DIV_ROUND_UP_ULL(left_ns, NSEC_PER_MSEC);
	msg->idiag_rqueue = row->rx;
	msg->idiag_wqueue = row->tx;
	if (!row->nobody)
		msg->idiag_uid = from_kuid_munged(user_ns, row->uid);
	msg->idiag_inode = row->ino;
}

static int rill_diag_memory(struct sk_buff *skb, struct sock *sk,
			    const struct inet_diag_req_v2 *req)
{
	struct inet_diag_meminfo mem = {
		.idiag_rmem = sk_rmem_alloc_get(sk),
		.idiag_wmem = READ_ONCE(sk->sk_wmem_queued),
		.idiag_fmem = READ_ONCE(sk->sk_forward_alloc),
		.idiag_tmem = sk_wmem_alloc_get(sk),
	};

	if (rill_diag_wants(req, INET_DIAG_MEMINFO) &&
	    nla_put(skb, INET_DIAG_MEMINFO, sizeof(mem), &mem))
		return -EMSGSIZE;
	if (rill_diag_wants(req, INET_DIAG_SKMEMINFO) &&
	    sock_diag_put_meminfo(sk, skb, INET_DIAG_SKMEMINFO))
		return -EMSGSIZE;
	return 0;
}

static int rill_diag_connection(struct sk_buff *skb, struct sock *sk,
				const struct inet_diag_req_v2 *req)
{
	struct nlattr *attr;

	if (rill_diag_wants(req, INET_DIAG_INFO)) {
		attr = nla_reserve_64bit(skb, INET_DIAG_INFO,
					 sizeof(struct tcp_info), INET_DIAG_PAD);
		if (!attr)
			return -EMSGSIZE;
		rill_info(sk, nla_data(attr));
	}
	if (rill_diag_wants(req, INET_DIAG_CONG) &&
	    nla_put_string(skb, INET_DIAG_CONG, rill_congestion_name(sk)))
		return -EMSGSIZE;
	return 0;
}

/* What only a full socket has, of which the caller holds a reference. */
static int rill_diag_sock(struct sk_buff *skb, struct sock *sk,
			  struct netlink_callback *cb,
			  const struct inet_diag_req_v2 *req,
			  struct inet_diag_msg *msg, bool admin)
{
	sock_diag_save_cookie(sk, msg->id.idiag_cookie);
	if (msg->idiag_state == TCP_LISTEN)
		msg->idiag_wqueue = READ_ONCE(sk->sk_max_ack_backlog);
	if (inet_diag_msg_attrs_fill(sk, skb, msg, req->idiag_ext,
				     sk_user_ns(NETLINK_CB(cb->skb).sk), admin))
		return -EMSGSIZE;
	return rill_diag_memory(skb, sk, req) ?:
	       rill_diag_connection(skb, sk, req);
}

/* Process context, no lock held. */
static int rill_diag_fill(struct sk_buff *skb, struct netlink_callback *cb,
			  const struct inet_diag_req_v2 *req,
			  const struct rill_row *row, u16 flags, bool admin)
{
	struct inet_diag_msg *msg;
	struct nlmsghdr *nlh;

	nlh = nlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			cb->nlh->nlmsg_type, sizeof(*msg), flags);
	if (!nlh)
		return -EMSGSIZE;
	msg = nlmsg_data(nlh);
	rill_diag_row(msg, row, sk_user_ns(NETLINK_CB(cb->skb).sk));
	if (row->sk ? rill_diag_sock(skb, row->sk, cb, req, msg, admin) :
		      admin && nla_put_u32(skb, INET_DIAG_MARK, row->mark)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nl_dump_check_consistent(cb, nlh);
	nlmsg_end(skb, nlh);
	return 0;
}

/* ---- a list ------------------------------------------------------------ */

/* Does the filter of a request, if it has one, let a socket pass? */
static bool rill_diag_filter(struct netlink_callback *cb, struct sock *sk)
{
	struct inet_diag_dump_data *data = cb->data;

#ifdef RILL_HAVE_DIAG_BC_DATA
	return inet_diag_bc_sk(data, sk);
#else
	return inet_diag_bc_sk(data->inet_diag_nla_bc, sk);
#endif
}

/*
 * The filter that came with the request reads a struct sock; what is no full
 * socket is shown to it in the form of TCP's TIME_WAIT.
 */
static bool rill_diag_passes(struct netlink_callback *cb,
			     const struct rill_row *row)
{
	struct inet_timewait_sock tw = {
		.tw_family	= row->family,
		.tw_state	= TCP_TIME_WAIT,
		.tw_bound_dev_if = row->dev,
		.tw_dport	= htons(row->rport),
		.tw_num		= row->lport,
		.tw_mark	= row->mark,
		.tw_rcv_saddr	= row->laddr.s6_addr32[3],
		.tw_daddr	= row->raddr.s6_addr32[3],
	};

	if (row->sk)
		return rill_diag_filter(cb, row->sk);
#if IS_ENABLED(CONFIG_IPV6)
	tw.tw_v6_rcv_saddr = row->laddr;
	tw.tw_v6_daddr = row->raddr;
#endif
	return rill_diag_filter(cb, (struct sock *)&tw);
}

static bool rill_diag_chosen(struct netlink_callback *cb,
			     const struct inet_diag_req_v2 *req,
			     const struct rill_row *row)
{
	if (!(req->idiag_states & BIT(row->state)))
		return false;
	if (req->id.idiag_sport && req->id.idiag_sport != htons(row->lport))
		return false;
	if (req->id.idiag_dport && req->id.idiag_dport != htons(row->rport))
		return false;
	return rill_diag_passes(cb, row);
}

/*
 * From a place on, the next that is wanted, with a reference to it; NULL: not
 * here, or there is no more.
 */
static struct rill_entry *rill_diag_next(struct rill_net *rnet,
					 struct netlink_callback *cb,
					 const struct inet_diag_req_v2 *req,
					 struct rill_row *row)
{
	struct rill_place *place = (struct rill_place *)cb->ctx;
	struct rill_entry *entry = NULL;
	u32 n;

	rcu_read_lock();
	/* To go on in a large group of listeners takes many steps. */
	for (n = 0; n < RILL_DIAG_PIECE && !need_resched(); n++) {
		entry = rill_place_next(rnet, place);
		if (!entry)
			break;
		row->family = req->sdiag_family;
		if (rill_row_fill(row, entry) &&
		    rill_diag_chosen(cb, req, row) && rill_entry_get(entry))
			break;
		entry = NULL;
		place->skip++;
	}
	rcu_read_unlock();
	return entry;
}

static void rill_diag_dump(struct sk_buff *skb, struct netlink_callback *cb,
			   const struct inet_diag_req_v2 *req)
{
	bool admin = netlink_net_capable(cb->skb, CAP_NET_ADMIN);
	struct rill_place *place = (struct rill_place *)cb->ctx;
	struct rill_net *rnet = rill_net(sock_net(skb->sk));
	struct rill_entry *entry;
	struct rill_row row;
	int err = 0;

	BUILD_BUG_ON(sizeof(*place) > sizeof(cb->ctx));
	while (!err && place->stage != RILL_PLACE_END) {
		cond_resched();
		entry = rill_diag_next(rnet, cb, req, &row);
		/* A program is told of a list that was begun anew. */
		cb->seq = place->anew + 1;
		if (!entry)
			continue;
		err = rill_diag_fill(skb, cb, req, &row, NLM_F_MULTI, admin);
		rill_entry_put(entry);
		if (!err)
			place->skip++;
	}
}

/* ---- one by its four-tuple --------------------------------------------- */

static void rill_diag_key(const struct inet_diag_req_v2 *req,
			  struct rill_key *key)
{
	memset(key, 0, sizeof(*key));
	key->lport = req->id.idiag_sport;
	key->rport = req->id.idiag_dport;
	key->dev = req->id.idiag_if;
	if (req->sdiag_family == AF_INET6) {
		memcpy(&key->laddr, req->id.idiag_src, sizeof(key->laddr));
		memcpy(&key->raddr, req->id.idiag_dst, sizeof(key->raddr));
		return;
	}
	ipv6_addr_set_v4mapped(req->id.idiag_src[0], &key->laddr);
	ipv6_addr_set_v4mapped(req->id.idiag_dst[0], &key->raddr);
}

/* Is it the one that the program has seen? */
static bool rill_diag_meant(const struct rill_row *row,
			    const struct inet_diag_req_v2 *req)
{
	const u32 *cookie = req->id.idiag_cookie;

	if (row->sk)
		return !sock_diag_check_cookie(row->sk, cookie);
	if (cookie[0] == INET_DIAG_NOCOOKIE && cookie[1] == INET_DIAG_NOCOOKIE)
		return true;
	return cookie[0] == lower_32_bits(row->cookie) &&
	       cookie[1] == upper_32_bits(row->cookie);
}

/* With a reference, and what a list says of it; else an error. */
static struct rill_entry *rill_diag_find(struct rill_net *rnet,
					 const struct inet_diag_req_v2 *req,
					 struct rill_row *row)
{
	struct rill_entry *entry;
	struct rill_key key;

	if (req->sdiag_family != AF_INET && req->sdiag_family != AF_INET6)
		return ERR_PTR(-EINVAL);
	rill_diag_key(req, &key);
	rcu_read_lock();
	entry = rill_entry_lookup(rnet, &key);
	row->family = AF_UNSPEC;
	if (!entry || !rill_row_fill(row, entry) ||
	    !rill_diag_meant(row, req) || !rill_entry_get(entry))
		entry = ERR_PTR(-ENOENT);
	rcu_read_unlock();
	return entry;
}

/* As much as a message may take. */
static size_t rill_diag_size(void)
{
	return nlmsg_total_size(sizeof(struct inet_diag_msg)) +
	       inet_diag_msg_attrs_size() +
	       nla_total_size(sizeof(struct inet_diag_meminfo)) +
	       nla_total_size(SK_MEMINFO_VARS * sizeof(u32)) +
	       nla_total_size_64bit(sizeof(struct tcp_info)) +
	       nla_total_size(TCP_CA_NAME_MAX);
}

static int rill_diag_dump_one(struct netlink_callback *cb,
			      const struct inet_diag_req_v2 *req)
{
	struct net *net = sock_net(cb->skb->sk);
	struct rill_entry *entry;
	struct sk_buff *skb;
	struct rill_row row;
	int err = -ENOMEM;

	entry = rill_diag_find(rill_net(net), req, &row);
	if (IS_ERR(entry))
		return PTR_ERR(entry);
	skb = nlmsg_new(rill_diag_size(), GFP_KERNEL);
	if (!skb)
		goto put;
	err = rill_diag_fill(skb, cb, req, &row, 0,
			     netlink_net_capable(cb->skb, CAP_NET_ADMIN));
	if (err) {
		WARN_ON_ONCE(err == -EMSGSIZE);
		nlmsg_free(skb);
		goto put;
	}
	err = nlmsg_unicast(net->diag_nlsk, skb, NETLINK_CB(cb->skb).portid);
put:
	rill_entry_put(entry);
	return err;
}

static int rill_diag_destroy(struct sk_buff *in_skb,
			     const struct inet_diag_req_v2 *req)
{
	struct net *net = sock_net(in_skb->sk);
	struct rill_entry *entry;
	struct rill_row row;
	int err = 0;

	entry = rill_diag_find(rill_net(net), req, &row);
	if (IS_ERR(entry))
		return PTR_ERR(entry);
	/* Whoever names a peer does not mean the listener. */
	if (row.state == TCP_LISTEN && req->id.idiag_dport)
		err = -ENOENT;
	else if (row.sk)
		err = sock_diag_destroy(row.sk, ECONNABORTED);
	else if (ns_capable(net->user_ns, CAP_NET_ADMIN))
		rill_entry_end(entry);
	else
		err = -EPERM;
	rill_entry_put(entry);
	return err;
}

/* The kernel asks so of a socket that it tells the end of: none of rill's yet. */
static void rill_diag_get_info(struct sock *sk, struct inet_diag_msg *msg,
			       void *info)
{
	if (info)
		memset(info, 0, sizeof(struct tcp_info));
}

/* ---- the module -------------------------------------------------------- */

static struct inet_diag_handler rill_diag_handler = {
#ifdef RILL_HAVE_DIAG_OWNER
	.owner			= THIS_MODULE,
#endif
	.dump			= rill_diag_dump,
	.dump_one		= rill_diag_dump_one,
	.idiag_get_info		= rill_diag_get_info,
	.destroy		= rill_diag_destroy,
	.idiag_info_size	= sizeof(struct tcp_info),
};

static int __init rill_diag_init(void)
{
	rill_diag_handler.idiag_type = rill_protocol;
	return inet_diag_register(&rill_diag_handler);
}

static void __exit rill_diag_exit(void)
{
	inet_diag_unregister(&rill_diag_handler);
}

module_init(rill_diag_init);
module_exit(rill_diag_exit);

MODULE_DESCRIPTION("rill: lists of sockets by sock_diag");
MODULE_LICENSE("GPL");
MODULE_VERSION(RILL_VERSION);
/* PF_NETLINK, NETLINK_SOCK_DIAG, AF_INET, and the two protocol numbers. */
MODULE_ALIAS("net-pf-16-proto-4-type-2-253");
MODULE_ALIAS("net-pf-16-proto-4-type-2-254");
