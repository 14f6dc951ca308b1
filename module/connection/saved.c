// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_SAVE_SYN: the headers of the SYN that began a connection are kept for the
 * program that accepts it, which reads them once (TCP_SAVED_SYN).
 */
#include <linux/slab.h>
#include "../transfer/transfer.h"
#include "inside.h"

/*
 * Bytes: link, IP and our header with all their options. What a stranger puts
 * into extension headers of IPv6 may be more, and is not kept.
 */
#define RILL_SAVED_SYN_MAX	512

/**
 * rill_saved_syn_make - keep the headers of a SYN, if the listener wants them
 * @req: the half-open connection, not published yet
 * @skb: the SYN, its data at our header, which is linear
 * @seg: its header
 *
 * Without memory, or if they are too long, there is nothing to read, as if a
 * SYN cookie had come back.
 *
 * Context: softirq.
 */
void rill_saved_syn_make(struct rill_request *req, const struct sk_buff *skb,
			 const struct rill_segment *seg)
{
	u8 wanted = READ_ONCE(rill_sk(req->listener)->user.save_syn);
	const u8 *from = skb_network_header(skb);
	struct rill_saved_syn *saved;
	u32 len;

	if (likely(!wanted))
		return;
	if (wanted > 1 && skb_mac_header_was_set(skb))
		from = skb_mac_header(skb);
	len = skb->data + seg->hdr_len - from;
	if (len > RILL_SAVED_SYN_MAX)
		return;
	saved = rill_memory_alloc(struct_size(saved, data, len), req->listener);
	if (!saved)
		return;
	saved->len = len;
	memcpy(saved->data, from, len);
	req->saved_syn = saved;
}

/**
 * rill_saved_syn_inherit - what was kept is the child's
 * @child: the new socket
 * @req: the half-open connection, claimed by the caller
 *
 * Context: softirq.
 */
void rill_saved_syn_inherit(struct sock *child, struct rill_request *req)
{
	sock_owned_by_me(child);
	rill_sk(child)->saved_syn = req->saved_syn;
	req->saved_syn = NULL;
}

/**
 * rill_saved_syn_forget - nobody wants it any more
 * @sk: the socket
 *
 * Context: socket lock held.
 */
void rill_saved_syn_forget(struct sock *sk)
{
	kfree(rill_sk(sk)->saved_syn);
	rill_sk(sk)->saved_syn = NULL;
}
