// SPDX-License-Identifier: GPL-2.0
/*
 * Half-open connections (SYN_RCVD of a passive open): a compact entry in the
 * table for each, with a timer of its own; a full socket comes with the ACK
 * that completes the handshake.
 */
#include <linux/filter.h>
#include <linux/slab.h>
#include <net/rill.h>
#include <net/xfrm.h>
#include <trace/events/rill.h>
#include "../compat.h"

static struct kmem_cache *rill_request_cache;

static void rill_request_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(rill_request_cache,
			container_of(head, struct rill_request, rcu));
}

/**
 * rill_request_put - drop a reference
 * @req: the half-open connection
 *
 * Context: any.
 */
void rill_request_put(struct rill_request *req)
{
	if (!refcount_dec_and_test(&req->refs))
		return;
	sock_put(req->listener);
	call_rcu(&req->rcu, rill_request_free_rcu);
}

static struct rill_net *rill_request_net(const struct rill_request *req)
{
	return rill_sk_net(req->listener);
}

static void rill_request_reply(const struct rill_request *req,
			       struct rill_segment *seg)
{
	struct rill_reply to = {
		.rnet = rill_request_net(req),
		.key = &req->entry.key,
		.sk = req->listener,
		.family = req->entry.family,
		.oif = READ_ONCE(req->listener->sk_bound_dev_if) ?:
		       (int)req->entry.key.scope,
		.mark = req->mark,
		.tclass = READ_ONCE(inet_sk(req->listener)->tos),
	};

	rill_reply_send(&to, seg);
}

static void rill_request_synack(const struct rill_request *req)
{
	struct rill_segment seg = {
		.seq = req->iss,
		.end_seq = req->iss + 1,
		.ack = req->irs + 1,
		.flags = RILL_SYN | RILL_ACK,
		.wnd = min_t(u32, req->rcv_wnd, U16_MAX),
		.opts = {
			.has_mss = 1,
			.mss = req->mss,
			.has_wscale = req->wscale_ok,
			.wscale = req->rcv_wscale,
			.sack_ok = req->sack_ok,
			.has_ts = req->ts_ok,
			.tsval = rill_ts_clock(rill_now_ns(), req->ts_unit,
					       req->ts_offset),
			.tsecr = READ_ONCE(req->opts.tsval),
			/* Only a peer that knows the option gets it. */
			.has_rill = req->opts.has_rill,
			.ts_unit = req->ts_unit,
			.ack_delay_us = req->delack_us,
		},
	};

	rill_request_reply(req, &seg);
}

/*
 * May one more segment that does not fit be answered now? Two requests that
 * forged SYNs made of each other would else exchange ACKs without end.
 */
static bool rill_request_may_answer(struct rill_request *req)
{
	u64 gap = (u64)rill_tunable(rill_request_net(req),
				    invalid_ratelimit_ms) * NSEC_PER_MSEC;
	u64 now = rill_now_ns();
	bool may;

	spin_lock_bh(&req->lock);
	may = !req->last_ack_ns || now - req->last_ack_ns >= gap;
	if (may)
		req->last_ack_ns = now;
	spin_unlock_bh(&req->lock);
	return may;
}

/* RFC 9293, 3.10.7.4: what is not acceptable is answered by an ACK. */
static void rill_request_ack(struct rill_request *req)
{
	struct rill_segment seg = {
		.seq = req->iss + 1,
		.end_seq = req->iss + 1,
		.ack = req->irs + 1,
		.flags = RILL_ACK,
		.wnd = req->rcv_wnd >> (req->wscale_ok ? req->rcv_wscale : 0),
		.opts = {
			.has_ts = req->ts_ok,
			.tsval = rill_ts_clock(rill_now_ns(), req->ts_unit,
					       req->ts_offset),
			.tsecr = READ_ONCE(req->opts.tsval),
		},
	};

	if (rill_request_may_answer(req))
		rill_request_reply(req, &seg);
}

static u64 rill_request_rto_ns(const struct rill_request *req)
{
	u64 max = (u64)rill_tunable(rill_request_net(req), rto_max_ms) *
		  NSEC_PER_MSEC;
	u64 rto = (u64)req->rto_us * NSEC_PER_USEC;

	return min(rto << min_t(u8, req->retries, 20), max);
}

/* Claimed entries only: leave the table and the listener's queue. */
static void rill_request_unlink(struct rill_request *req)
{
	struct rill_listener *l = &rill_sk(req->listener)->listener;

	spin_lock_bh(&l->lock);
	if (!list_empty(&req->node)) {
		list_del_init(&req->node);
		l->request_len--;
	}
	spin_unlock_bh(&l->lock);
}

/**
 * rill_request_kill - end a half-open connection, if nobody else does
 * @req: the half-open connection; the caller has a reference
 *
 * Context: process or softirq, not the entry's own timer.
 */
void rill_request_kill(struct rill_request *req)
{
	if (test_and_set_bit(RILL_CLAIMED, &req->flags))
		return;
	/* In this order: the lock in unlink waits for the timer's start. */
	rill_request_unlink(req);
	hrtimer_cancel(&req->timer);
	rill_table_remove(rill_request_net(req), &req->entry);
	if (trace_rill_state_enabled())
		trace_rill_state(&req->entry.key, req->entry.family,
				 TCP_SYN_RECV, TCP_CLOSE);
	rill_request_put(req);
}

/* RFC 9293, 3.8.1: the SYN-ACK again, or the end. */
static enum hrtimer_restart rill_request_timer(struct hrtimer *timer)
{
	struct rill_request *req = container_of(timer, struct rill_request,
						timer);
	struct rill_net *rnet = rill_request_net(req);

	if (test_bit(RILL_CLAIMED, &req->flags))
		return HRTIMER_NORESTART;
	if (req->retries < rill_tunable(rnet, synack_retries)) {
		req->retries++;
		rill_count(rnet, syn_retrans);
		rill_request_synack(req);
		hrtimer_forward_now(timer,
				    ns_to_ktime(rill_request_rto_ns(req)));
		return HRTIMER_RESTART;
	}
	if (test_and_set_bit(RILL_CLAIMED, &req->flags))
		return HRTIMER_NORESTART;
	rill_count(rnet, attempt_fails);
	rill_request_unlink(req);
	rill_table_remove(rnet, &req->entry);
	if (trace_rill_state_enabled())
		trace_rill_state(&req->entry.key, req->entry.family,
				 TCP_SYN_RECV, TCP_CLOSE);
	rill_request_put(req);
	return HRTIMER_NORESTART;
}

/* What both sides want, and what we say about ourselves. */
static void rill_request_negotiate(struct rill_request *req,
				   const struct rill_segment *seg)
{
	struct sock *listener = req->listener;
	struct rill_net *rnet = rill_sk_net(listener);
	const struct rill_options *opts = &req->opts;
	u32 space;

	req->wscale_ok = opts->has_wscale &&
			 rill_tunable(rnet, window_scaling);
	req->sack_ok = opts->sack_ok && rill_tunable(rnet, sack);
	req->ts_ok = opts->has_ts && rill_tunable(rnet, timestamps);
	req->ts_unit = opts->has_rill && opts->ts_unit == RILL_TS_US ?
		       RILL_TS_US : RILL_TS_MS;
	req->ts_offset = rill_secure_ts_offset(rnet, &req->entry.key);
	req->delack_us = rill_tunable(rnet, delack_max_us);
	req->rto_us = rill_tunable(rnet, rto_initial_us);
	space = READ_ONCE(listener->sk_rcvbuf) / 2;
	req->rcv_wnd = rill_window_initial(listener, space, req->mss,
					   req->wscale_ok, &req->rcv_wscale);
	req->wnd = seg->wnd;
	req->irs = seg->seq;
	req->iss = rill_secure_isn(rnet, &req->entry.key);
}

/* MSS of the route back, or the smallest that every host takes. */
static u16 rill_request_mss(struct sock *listener, const struct sk_buff *skb,
			    u8 family)
{
	const struct rill_af_ops *af = rill_af(family);
	u32 mtu = skb->dev ? READ_ONCE(skb->dev->mtu) : 0;
	u16 user = READ_ONCE(rill_sk(listener)->user_mss);
	u32 mss;

	mss = mtu > af->hdr_len + sizeof(struct tcphdr) ?
	      mtu - af->hdr_len - sizeof(struct tcphdr) : af->mss_default;
	mss = clamp_t(u32, mss, RILL_MSS_MIN, U16_MAX);
	return user && user < mss ? user : mss;
}

/**
 * rill_request_new - take a SYN: make an entry, and answer with a SYN-ACK
 * @sk: the listener
 * @skb: the SYN, not consumed
 * @seg: its header
 * @key: its connection
 * @family: AF_INET or AF_INET6
 *
 * Context: softirq, inside rcu_read_lock().
 * Return: 0, or a drop reason.
 */
int rill_request_new(struct sock *sk, struct sk_buff *skb,
		     const struct rill_segment *seg,
		     const struct rill_key *key, u8 family)
{
	struct rill_listener *l = &rill_sk(sk)->listener;
	struct rill_net *rnet = rill_sk_net(sk);
	int reason = RILL_CNT_drop_syn_queue;
	struct rill_request *req;

	req = kmem_cache_zalloc(rill_request_cache, GFP_ATOMIC);
	if (!req)
		return RILL_CNT_drop_nomem;
	if (!refcount_inc_not_zero(&sk->sk_refcnt)) {
		kmem_cache_free(rill_request_cache, req);
		return RILL_CNT_drop_no_socket;
	}
	req->entry.key = *key;
	req->entry.kind = RILL_KIND_REQUEST;
	req->entry.family = family;
	refcount_set(&req->refs, 2);	/* the table's and ours */
	req->listener = sk;
	spin_lock_init(&req->lock);
	req->opts = seg->opts;
	req->iif = skb->skb_iif;
	req->mark = READ_ONCE(sk->sk_mark) ?:
		    IP4_REPLY_MARK(rnet->net, skb->mark);
	req->mss = rill_request_mss(sk, skb, family);
	rill_hrtimer_init(&req->timer, rill_request_timer);
	rill_request_negotiate(req, seg);
	req->sent_ns = rill_now_ns();

	spin_lock_bh(&l->lock);
	if (!l->open || rill_table_insert(rnet, &req->entry)) {
		INIT_LIST_HEAD(&req->node);
		spin_unlock_bh(&l->lock);
		goto fail;
	}
	list_add_tail(&req->node, &l->requests);
	l->request_len++;
	/* Under the lock: whoever empties the queue finds the timer started. */
	hrtimer_start(&req->timer,
		      ns_to_ktime(req->sent_ns + rill_request_rto_ns(req)),
		      HRTIMER_MODE_ABS_SOFT);
	spin_unlock_bh(&l->lock);

	if (trace_rill_state_enabled())
		trace_rill_state(key, family, TCP_LISTEN, TCP_SYN_RECV);
	rill_request_synack(req);
	rill_request_put(req);
	return 0;

fail:
	refcount_set(&req->refs, 1);
	rill_request_put(req);
	return reason;
}

/* Reserve a place in the accept queue, and the child's port with it. */
static bool rill_request_reserve(struct rill_request *req, struct sock *child)
{
	struct sock *listener = req->listener;
	struct rill_listener *l = &rill_sk(listener)->listener;
	bool ok;

	spin_lock_bh(&l->lock);
	ok = l->open &&
	     l->accept_len <= READ_ONCE(listener->sk_max_ack_backlog);
	if (ok)
		ok = rill_port_share(rill_sk_net(listener),
				     &rill_sk(listener)->bind,
				     &rill_sk(child)->bind);
	if (ok)
		l->accept_len++;
	spin_unlock_bh(&l->lock);
	return ok;
}

/* The child is established: give it to accept(), or close it. */
static void rill_request_enqueue(struct sock *listener, struct sock *child)
{
	struct rill_listener *l = &rill_sk(listener)->listener;
	bool open;

	spin_lock_bh(&l->lock);
	open = l->open;
	if (open)
		list_add_tail(&rill_sk(child)->accept_node, &l->accept_queue);
	else
		l->accept_len--;
	spin_unlock_bh(&l->lock);
	if (open)
		listener->sk_data_ready(listener);
	else
		rill_child_abort(child);
}

/* Nobody ever saw this child; it leaves without a word on the wire. */
static void rill_request_discard(struct rill_request *req, struct sock *child,
				 bool reserved)
	RILL_SPARSE_RELEASES(&child->sk_lock.slock)
{
	struct rill_listener *l = &rill_sk(req->listener)->listener;

	if (reserved) {
		spin_lock_bh(&l->lock);
		l->accept_len--;
		spin_unlock_bh(&l->lock);
	}
	rill_sock_orphan(child);
	rill_sock_done(child, RILL_EV_ABORT);
	bh_unlock_sock(child);
	sock_put(child);
}

/* Accept queue full: reset, or let the peer try again (abort_on_overflow). */
static void rill_request_overflow(struct rill_request *req,
				  struct sk_buff *skb,
				  const struct rill_segment *seg)
{
	struct rill_net *rnet = rill_request_net(req);

	rill_count(rnet, listen_overflows);
	if (rill_tunable(rnet, abort_on_overflow)) {
		rill_reply_reset(rnet, skb, seg, &req->entry.key,
				 req->entry.family);
		rill_request_kill(req);
	}
	rill_drop(rnet, skb, RILL_CNT_drop_accept_queue);
}

/*
 * Make the child and let it take the entry's place. Returns it locked, or NULL
 * with the reason in @reason; 0 is for an entry that is somebody else's now.
 */
static struct sock *rill_request_promote(struct rill_request *req, int *reason)
	__must_hold(&req->lock)
{
	struct rill_net *rnet = rill_request_net(req);
	struct sock *child;

	*reason = 0;
	if (test_bit(RILL_CLAIMED, &req->flags))
		return NULL;
	*reason = RILL_CNT_drop_nomem;
	child = rill_child_create(req->listener, req);
	if (!child)
		return NULL;
	/* Locked by the clone. */
	RILL_SPARSE_ACQUIRE(&child->sk_lock.slock);
	if (!rill_request_reserve(req, child)) {
		*reason = RILL_CNT_drop_accept_queue;
		rill_request_discard(req, child, false);
		return NULL;
	}
	if (test_and_set_bit(RILL_CLAIMED, &req->flags)) {
		*reason = 0;
		rill_request_discard(req, child, true);
		return NULL;
	}
	rill_request_unlink(req);
	hrtimer_cancel(&req->timer);
	if (WARN_ON_ONCE(rill_table_replace(rnet, &req->entry,
					    &rill_sk(child)->entry))) {
		*reason = RILL_CNT_drop_nomem;
		rill_request_discard(req, child, true);
		rill_request_put(req);
		return NULL;
	}
	rill_sk(child)->hashed = true;
	/* The caller's from here on. */
	RILL_SPARSE_RELEASE(&child->sk_lock.slock);
	return child;
}

/*
 * The ACK that completes the handshake. Returns false, with @skb untouched, if
 * another CPU has made the child: the segment is the child's.
 */
static bool rill_request_complete(struct rill_request *req,
				  struct sk_buff *skb,
				  const struct rill_segment *seg)
{
	struct sock *listener = req->listener;
	struct rill_net *rnet = rill_request_net(req);
	struct sock *child = NULL;
	int reason;

	reason = RILL_CNT_drop_accept_queue;
	spin_lock_bh(&req->lock);
	if (READ_ONCE(rill_sk(listener)->listener.accept_len) <=
	    READ_ONCE(listener->sk_max_ack_backlog))
		child = rill_request_promote(req, &reason);
	spin_unlock_bh(&req->lock);
	if (!child) {
		if (reason == RILL_CNT_drop_accept_queue)
			rill_request_overflow(req, skb, seg);
		else if (reason)
			rill_drop(rnet, skb, reason);
		return reason;
	}
	RILL_SPARSE_ACQUIRE(&child->sk_lock.slock);
	rill_count(rnet, passive_opens);
	skb->dev = NULL;
	skb_dst_drop(skb);
	rill_sock_rcv(child, skb);
	bh_unlock_sock(child);
	rill_request_enqueue(listener, child);
	sock_put(child);
	rill_request_put(req);	/* the table's */
	return true;
}

/**
 * rill_request_rcv - a segment for a half-open connection
 * @req: the half-open connection
 * @skb: the segment, consumed if the answer is true
 * @seg: its header
 *
 * RFC 9293, 3.10.7.4 for SYN-RECEIVED, with RFC 5961's exact match of resets.
 *
 * Context: softirq, inside rcu_read_lock().
 * Return: false if the entry is over and the segment is to be looked up again.
 */
bool rill_request_rcv(struct rill_request *req, struct sk_buff *skb,
		      const struct rill_segment *seg)
{
	struct rill_net *rnet = rill_request_net(req);
	int reason = RILL_CNT_drop_window;
	u32 rcv_nxt = req->irs + 1;
	bool fits;

	if (!xfrm_policy_check(req->listener, XFRM_POLICY_IN, skb,
			       req->entry.family) ||
	    sk_filter(req->listener, skb)) {
		rill_drop(rnet, skb, RILL_CNT_drop_filter);
		return true;
	}
	nf_reset_ct(skb);

	/* The SYN again: our SYN-ACK was lost. */
	if ((seg->flags & (RILL_SYN | RILL_ACK | RILL_RST)) == RILL_SYN &&
	    seg->seq == req->irs) {
		/* RFC 7323, 4.3: the SYN-ACK echoes the SYN that it answers. */
		if (req->ts_ok && seg->opts.has_ts &&
		    !rill_before(seg->opts.tsval, READ_ONCE(req->opts.tsval)))
			WRITE_ONCE(req->opts.tsval, seg->opts.tsval);
		rill_count(rnet, syn_retrans);
		rill_request_synack(req);
		reason = RILL_CNT_drop_old;
		goto drop;
	}
	fits = rill_between(seg->seq, rcv_nxt, rcv_nxt + req->rcv_wnd - 1) ||
	       (seg->seq == rcv_nxt);
	if (seg->flags & RILL_RST) {
		reason = RILL_CNT_drop_reset;
		if (seg->seq == rcv_nxt) {
			rill_count(rnet, in_rsts);
			rill_count(rnet, attempt_fails);
			rill_request_kill(req);
		} else if (fits) {
			rill_request_ack(req);
		}
		goto drop;
	}
	if (!fits || (seg->flags & RILL_SYN)) {
		rill_request_ack(req);
		goto drop;
	}
	/* RFC 7323, 5.3: an old segment with a timestamp completes nothing. */
	reason = RILL_CNT_drop_paws;
	if (req->ts_ok && seg->opts.has_ts &&
	    rill_before(seg->opts.tsval, req->opts.tsval)) {
		rill_request_ack(req);
		goto drop;
	}
	reason = RILL_CNT_drop_no_ack;
	if (!(seg->flags & RILL_ACK))
		goto drop;
	reason = RILL_CNT_drop_ack;
	if (seg->ack != req->iss + 1) {
		rill_reply_reset(rnet, skb, seg, &req->entry.key,
				 req->entry.family);
		goto drop;
	}
	return rill_request_complete(req, skb, seg);

drop:
	rill_drop(rnet, skb, reason);
	return true;
}

/**
 * rill_request_cache_init - make the slab cache of half-open connections
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int rill_request_cache_init(void)
{
	rill_request_cache = KMEM_CACHE(rill_request, SLAB_HWCACHE_ALIGN);
	return rill_request_cache ? 0 : -ENOMEM;
}

/**
 * rill_request_cache_exit - and destroy it, after rcu_barrier()
 *
 * Context: process.
 */
void rill_request_cache_exit(void)
{
	kmem_cache_destroy(rill_request_cache);
}
