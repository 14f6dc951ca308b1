// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a passive handshake, of a half-open entry or of a SYN cookie: the
 * child that accept() returns.
 */
#include "../compat.h"
#include "../network/network.h"
#include "inside.h"

/* Reserve a place in the accept queue, and the child's port with it. */
static bool rill_establish_reserve(struct sock *listener, struct sock *child)
{
	struct rill_listener *l = rill_sk(listener)->listener;
	u32 backlog = READ_ONCE(listener->sk_max_ack_backlog);

	if (!READ_ONCE(l->open) || !rill_reserve(&l->accept_len, backlog + 1))
		return false;
	if (rill_port_share(rill_sk_net(listener), &rill_sk(listener)->bind,
			    &rill_sk(child)->bind))
		return true;
	atomic_dec(&l->accept_len);
	return false;
}

static void rill_establish_drop_child(struct sock *child)
	RILL_SPARSE_RELEASES(&child->sk_lock.slock)
{
	rill_sock_orphan(child);
	/* No attempt that failed: the handshake goes on, or has its child. */
	rill_sock_handed_over(child);
	bh_unlock_sock(child);
	sock_put(child);
}

/**
 * rill_establish_child - make the child of a handshake, with a place to wait
 * @req: what the handshake agreed; need not be in the table
 * @skb: the ACK that completed it, not consumed
 * @why: why there is none, a drop reason
 *
 * Context: softirq.
 * Return: the child, in no table yet, its lock held (bh_lock_sock) and with a
 * reference for the caller; or NULL.
 */
struct sock *rill_establish_child(struct rill_request *req,
				  const struct sk_buff *skb,
				  enum rill_verdict *why)
{
	struct sock *listener = req->listener;
	struct sock *child;

	*why = RILL_drop_accept_queue;
	if (rill_listen_full(listener))
		return NULL;
	*why = RILL_drop_nomem;
	child = rill_child_create(listener, req, skb);
	if (!child)
		return NULL;
	/* Locked by the clone. */
	RILL_SPARSE_ACQUIRE(&child->sk_lock.slock);
	if (!rill_establish_reserve(listener, child)) {
		*why = RILL_drop_accept_queue;
		rill_establish_drop_child(child);
		return NULL;
	}
	/* The lock is the caller's from here on. */
	RILL_SPARSE_RELEASE(&child->sk_lock.slock);
	return child;
}

/**
 * rill_establish_discard - take rill_establish_child() back
 * @req: what the child was made from
 * @child: the child, in no table; it ends without a segment
 *
 * Context: softirq; the child's lock is released.
 */
void rill_establish_discard(struct rill_request *req, struct sock *child)
{
	sock_owned_by_me(child);
	RILL_SPARSE_ACQUIRE(&child->sk_lock.slock);
	atomic_dec(&rill_sk(req->listener)->listener->accept_len);
	rill_establish_drop_child(child);
}

/*
 * Give the child to accept(), or close it: if nobody accepts any more, or if
 * the ACK did not establish it, so that nothing would ever wake or end it.
 */
static void rill_establish_enqueue(struct sock *listener, struct sock *child,
				   bool established)
{
	struct rill_listener *l = rill_sk(listener)->listener;
	bool open;

	spin_lock_bh(&l->lock);
	open = l->open && established;
	if (open)
		list_add_tail(&rill_sk(child)->accept_node, &l->accept_queue);
	spin_unlock_bh(&l->lock);
	if (open) {
		listener->sk_data_ready(listener);
	} else {
		atomic_dec(&l->accept_len);
		rill_child_abort(child);
	}
}

/**
 * rill_establish_deliver - the child is in the table: let the ACK establish it
 * @req: what the child was made from
 * @child: the child
 * @p: the ACK that completed the handshake, finished here, since an answer is
 *	the child's
 *
 * Context: softirq; the child's lock and the caller's reference are released.
 */
void rill_establish_deliver(struct rill_request *req, struct sock *child,
			    struct rill_packet *p)
{
	enum rill_verdict verdict;
	bool established;

	sock_owned_by_me(child);
	RILL_SPARSE_ACQUIRE(&child->sk_lock.slock);
	rill_count(p->rnet, passive_opens);
	p->skb->dev = NULL;
	skb_dst_drop(p->skb);
	verdict = rill_sock_rcv(child, p);
	established = child->sk_state != TCP_SYN_RECV;
	bh_unlock_sock(child);
	rill_packet_finish(p, verdict);
	rill_establish_enqueue(req->listener, child, established);
	sock_put(child);
}

/**
 * rill_establish_overflow - the accept queue is full (abort_on_overflow)
 * @req: what would have become a child
 * @p: the ACK that completed the handshake
 *
 * Context: softirq.
 * Return: what becomes of the packet.
 */
enum rill_verdict rill_establish_overflow(struct rill_request *req,
					  struct rill_packet *p)
{
	struct rill_reply to;

	rill_count(p->rnet, listen_overflows);
	if (!rill_tunable(p->rnet, abort_on_overflow))
		return RILL_drop_accept_queue;
	to = rill_reply_request(req, p->skb);
	return rill_packet_refuse(p, &to, RILL_drop_accept_queue);
}
