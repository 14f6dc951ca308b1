// SPDX-License-Identifier: GPL-2.0
/*
 * Security modules (LSM) judge a half-open connection. Their hooks take a
 * struct request_sock, which ours is not: they get one on the stack with the
 * same contents.
 */
#include <linux/security.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/request_sock.h>
#include "inside.h"

static struct request_sock_ops rill_label_ops[] = {
	{ .family = PF_INET, .obj_size = sizeof(struct inet_request_sock) },
	{ .family = PF_INET6, .obj_size = sizeof(struct inet_request_sock) },
};

static void rill_label_fill(const struct rill_request *req,
			    struct inet_request_sock *ireq)
{
	const struct rill_key *key = &req->entry.key;
	struct sock *listener = req->listener;

	memset(ireq, 0, sizeof(*ireq));
	ireq->req.rsk_ops = &rill_label_ops[req->entry.family == AF_INET6];
	ireq->req.rsk_listener = listener;
	ireq->req.secid = req->secid;
	ireq->ireq_family = req->entry.family;
	ireq->ireq_state = TCP_NEW_SYN_RECV;
	write_pnet(&ireq->ireq_net, sock_net(listener));
	ireq->ir_num = ntohs(key->lport);
	ireq->ir_rmt_port = key->rport;
	ireq->ir_mark = req->mark;
	ireq->ir_iif = req->iif;
	if (req->entry.family == AF_INET) {
		ireq->ir_loc_addr = key->laddr.s6_addr32[3];
		ireq->ir_rmt_addr = key->raddr.s6_addr32[3];
		return;
	}
#if IS_ENABLED(CONFIG_IPV6)
	ireq->ir_v6_loc_addr = key->laddr;
	ireq->ir_v6_rmt_addr = key->raddr;
#endif
}

/* A module may have put IP options with a label here; ours are not sent. */
static void rill_label_free(struct inet_request_sock *ireq)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (ireq->ireq_family == AF_INET6) {
		struct ipv6_txoptions *opt = ireq->ipv6_opt;

		if (!opt)
			return;
		atomic_sub(opt->tot_len,
			   &ireq->req.rsk_listener->sk_omem_alloc);
		txopt_put(opt);
		return;
	}
#endif
	kfree(rcu_dereference_protected(ireq->ireq_opt, 1));
}

/**
 * rill_label_request - may this SYN open a connection?
 * @req: what it would open; gets its label
 * @skb: the SYN, or the ACK that answers a SYN cookie
 *
 * Context: softirq.
 * Return: 0, or -errno of the security module that refuses it.
 */
int rill_label_request(struct rill_request *req, struct sk_buff *skb)
{
	struct inet_request_sock ireq;
	int err;

	rill_label_fill(req, &ireq);
	err = security_inet_conn_request(req->listener, skb, &ireq.req);
	req->secid = ireq.req.secid;
	rill_label_free(&ireq);
	return err;
}

/**
 * rill_label_flow - tell IPsec the label of a half-open connection
 * @req: the half-open connection
 * @flow: of its SYN-ACK
 *
 * Context: any.
 */
void rill_label_flow(const struct rill_request *req, struct flowi_common *flow)
{
	struct inet_request_sock ireq;

	rill_label_fill(req, &ireq);
	security_req_classify_flow(&ireq.req, flow);
}
