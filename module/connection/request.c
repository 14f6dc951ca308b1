// SPDX-License-Identifier: GPL-2.0
/*
 * Half-open connections (SYN_RECV of a passive open): a compact entry in the
 * table for each, with a timer of its own; a full socket comes with the ACK
 * that completes the handshake.
 */
#include <linux/slab.h>
#include <net/inet_ecn.h>
#include <net/xfrm.h>
#include "../clock/clock.h"
#include "../compat.h"
#include "../network/network.h"
#include "../transfer/transfer.h"
#include "inside.h"

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
	/* Not taken back: a socket came of the request. */
	if (req->old)
		rill_timewait_end(req->old);
	sock_put(req->listener);
	kfree(req->saved_syn);
	call_rcu(&req->rcu, rill_request_free_rcu);
}

static struct rill_net *rill_request_net(const struct rill_request *req)
{
	return rill_sk_net(req->listener);
}

/* Does the listener's congestion control reduce cwnd by CE marks? */
static bool rill_request_marks(const struct rill_request *req)
{
	return rill_cc_chosen(req->listener)->marks;
}

/*
 * A congestion control that reduces cwnd by CE marks (DCTCP) needs the SYN-ACK
 * marked too: where the switch marks ECT packets it drops the others.
 */
static u8 rill_request_ecn(const struct rill_request *req)
{
	return READ_ONCE(req->ecn_ok) && rill_request_marks(req) ?
	       INET_ECN_ECT_0 : INET_ECN_NOT_ECT;
}

/**
 * rill_request_synack - send the SYN-ACK of a handshake
 * @req: the half-open connection; need not be in the table
 * @tsval: our timestamp
 *
 * Context: softirq, or process with BH disabled.
 */
void rill_request_synack(const struct rill_request *req, u32 tsval)
{
	struct rill_reply to = rill_reply_synack(req, rill_request_ecn(req));
	struct rill_segment seg = {
		.seq = req->iss,
		.end_seq = req->iss + 1,
		.ack = req->irs + 1,
		.flags = RILL_SYN | RILL_ACK |
			 (READ_ONCE(req->ecn_ok) ? RILL_ECE : 0),
		.wnd = min_t(u32, req->rcv_wnd, U16_MAX),
		.opts = {
			.has_mss = 1,
			.mss = req->mss,
			.has_wscale = req->wscale_ok,
			.wscale = req->rcv_wscale,
			.sack_ok = req->sack_ok,
			.has_ts = req->ts_ok,
			.tsval = tsval,
			.tsecr = READ_ONCE(req->recent.tsval),
			/* Only a peer that knows the option gets it. */
			.has_rill = req->opts.has_rill,
			.ts_unit = req->ts_unit,
			.ack_delay_us = req->delack_us,
		},
	};

	rill_reply_send(&to, &seg);
}

static u32 rill_request_tsval(const struct rill_request *req)
{
	return rill_ts_clock(rill_now_ns(), req->ts_unit, req->ts_offset);
}

static bool rill_request_may_answer(struct rill_request *req)
{
	struct rill_net *rnet = rill_request_net(req);
	bool may;

	spin_lock_bh(&req->lock);
	may = rill_may_answer(rnet, &req->answers, rill_now_ns(), U64_MAX);
	spin_unlock_bh(&req->lock);
	return may;
}

/* RFC 9293, 3.10.7.4: an unacceptable segment is answered by an ACK. */
static void rill_request_ack(struct rill_request *req,
			     const struct sk_buff *skb,
			     const struct rill_segment *in)
{
	struct rill_reply to = rill_reply_request(req, skb);
	struct rill_segment seg = {
		.seq = req->iss + 1,
		.end_seq = req->iss + 1,
		.ack = req->irs + 1,
		.flags = RILL_ACK,
		.wnd = req->rcv_wnd >> (req->wscale_ok ? req->rcv_wscale : 0),
		.opts = {
			.has_ts = req->ts_ok,
			.tsval = rill_request_tsval(req),
			.tsecr = READ_ONCE(req->recent.tsval),
		},
	};

	if (rill_segment_text(in) || rill_request_may_answer(req))
		rill_reply_send(&to, &seg);
}

static u64 rill_request_rto_ns(const struct rill_request *req)
{
	u64 max = (u64)rill_setting(req->listener, rto_max_us) * NSEC_PER_USEC;
	u64 rto = (u64)req->rto_us * NSEC_PER_USEC;

	return min(rto << min_t(u8, req->retries, 20), max);
}

/* Claimed entries only: leave the table and the listener's queue. */
static void rill_request_unlink(struct rill_request *req)
{
	struct rill_listener *l = rill_sk(req->listener)->listener;

	spin_lock_bh(&l->lock);
	if (!list_empty(&req->node))
		list_del_init(&req->node);
	spin_unlock_bh(&l->lock);
	atomic_dec(&l->request_len);
	rill_requests_add(rill_request_net(req), -1);
}

/*
 * Insert into the table, or replace the TIME_WAIT entry that the SYN met
 * (RFC 6191). RILL_DONE: it is there.
 */
static enum rill_verdict rill_request_publish(struct rill_request *req,
					      struct rill_timewait *old)
{
	int err;

	/* Set first: once published, others may end the request. */
	req->old = old;
	if (old)
		err = rill_timewait_yield(old, &req->entry) ? 0 : -ENOENT;
	else
		err = rill_table_insert(rill_request_net(req), &req->entry);
	if (!err)
		return RILL_DONE;
	req->old = NULL;
	/* The same SYN twice, on two CPUs: the other has an entry. */
	return err == -ENOMEM ? RILL_drop_nomem : RILL_drop_old;
}

/* Claimed entries only: undo rill_request_publish(). */
static void rill_request_withdraw(struct rill_request *req)
{
	struct rill_timewait *old = req->old;

	req->old = NULL;
	if (old)
		rill_timewait_resume(old, &req->entry);
	else
		rill_table_remove(rill_request_net(req), &req->entry);
}

/*
 * Claimed entries only, out of their listener's queue and with a timer that is
 * no longer set: nothing came of it.
 */
static void rill_request_end(struct rill_request *req)
{
	rill_state_trace(&req->entry, TCP_SYN_RECV, TCP_CLOSE);
	rill_request_withdraw(req);
	rill_request_put(req);
}

/**
 * rill_request_kill - end a half-open connection, if nobody else does
 * @req: the half-open connection; the caller has a reference
 *
 * Context: process or softirq, not the entry's own timer.
 */
void rill_request_kill(struct rill_request *req)
{
	bool mine;

	/* Under the lock: nobody starts the timer once it is cancelled. */
	spin_lock_bh(&req->lock);
	mine = !test_and_set_bit(RILL_CLAIMED, &req->flags);
	spin_unlock_bh(&req->lock);
	if (!mine)
		return;
	/* First: the timer's handler may take as long as a SYN-ACK does. */
	rill_request_unlink(req);
	hrtimer_cancel(&req->timer);
	rill_request_end(req);
}

/**
 * rill_request_icmp - an ICMP error for a half-open connection
 * @req: the half-open connection
 * @e: what it says
 *
 * It ends: otherwise a SYN with a forged source would hold its place for as
 * long as SYN-ACKs are retransmitted. A real peer retransmits its SYN.
 *
 * Context: softirq.
 */
void rill_request_icmp(struct rill_request *req,
		       const struct rill_icmp_error *e)
{
	struct rill_net *rnet = rill_request_net(req);

	/* RFC 5927, 4.1: nothing but the SYN-ACK has been sent. */
	if (e->seq != req->iss) {
		rill_count(rnet, icmp_refused);
		return;
	}
	rill_count(rnet, icmp_errors);
	if (!e->err)
		return;
	rill_count(rnet, attempt_fails);
	rill_request_kill(req);
}

/* Until when an ACK without data makes no child; 0: no wait (any more). */
static u64 rill_request_deferred_ns(const struct rill_request *req)
{
	u64 wait = READ_ONCE(rill_sk(req->listener)->user.defer_accept);
	u64 end = req->sent_ns + wait * NSEC_PER_SEC;

	return wait && rill_now_ns() < end ? end : 0;
}

/*
 * Retransmit the SYN-ACK. The ACK gives no RTT sample then (Karn), unless it
 * has come before: TCP_DEFER_ACCEPT has made it wait. Another of equal paths
 * may do better, and the connection keeps it.
 */
static void rill_request_again(struct rill_request *req)
{
	struct rill_net *rnet = rill_request_net(req);

	if (!READ_ONCE(req->acked_ns))
		WRITE_ONCE(req->twice, true);
	if (READ_ONCE(req->listener->sk_txrehash) == SOCK_TXREHASH_ENABLED) {
		WRITE_ONCE(req->txhash, net_tx_rndhash());
		rill_count(rnet, timeout_rehash);
	}
	rill_count(rnet, syn_retrans);
	rill_request_synack(req, rill_request_tsval(req));
}

/* RFC 9293, 3.8.1: retransmit the SYN-ACK, or give up. */
static enum hrtimer_restart rill_request_timer(struct hrtimer *timer)
{
	struct rill_request *req = container_of(timer, struct rill_request,
						timer);
	struct rill_net *rnet = rill_request_net(req);
	u64 deferred, due;

	if (test_bit(RILL_CLAIMED, &req->flags))
		return HRTIMER_NORESTART;
	deferred = READ_ONCE(req->acked_ns) ? rill_request_deferred_ns(req) : 0;
	if (deferred) {
		/* Nothing is lost: the peer has the SYN-ACK. */
		hrtimer_set_expires_range_ns(timer, ns_to_ktime(deferred),
					     rill_slack_ns(rnet, deferred));
		return HRTIMER_RESTART;
	}
	if (req->retries < rill_setting(req->listener, synack_retries)) {
		req->retries++;
		rill_request_again(req);
		/* From when it was due, not from when it had to fire. */
		hrtimer_set_expires(timer, hrtimer_get_softexpires(timer));
		hrtimer_forward_now(timer,
				    ns_to_ktime(rill_request_rto_ns(req)));
		due = ktime_to_ns(hrtimer_get_expires(timer));
		hrtimer_set_expires_range_ns(timer, ns_to_ktime(due),
					     rill_slack_ns(rnet, due));
		return HRTIMER_RESTART;
	}
	if (test_and_set_bit(RILL_CLAIMED, &req->flags))
		return HRTIMER_NORESTART;
	rill_count(rnet, attempt_fails);
	rill_request_unlink(req);
	rill_request_end(req);
	return HRTIMER_NORESTART;
}

/* The options that both sides have, and our own values. */
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
	req->ecn_ok = rill_ecn_accepts(listener, rill_request_marks(req),
				       seg->flags);
	req->ts_unit = opts->has_rill && opts->ts_unit == RILL_TS_US ?
		       RILL_TS_US : RILL_TS_MS;
	req->ts_offset = rill_secure_ts_offset(rnet, &req->entry.key);
	req->delack_us = rill_setting(listener, delack_max_us);
	req->rto_us = rill_setting(listener, rto_initial_us);
	space = READ_ONCE(listener->sk_rcvbuf) / 2;
	req->rcv_wnd = rill_window_initial(listener, space, req->mss,
					   req->wscale_ok, &req->rcv_wscale);
	req->wnd = seg->wnd;
	req->irs = seg->seq;
}

/* MSS of the route back, or the smallest that every host takes. */
static u16 rill_request_mss(const struct rill_request *req)
{
	struct rill_reply to = rill_reply_synack(req, rill_request_ecn(req));
	const struct rill_af_ops *af = rill_af(req->entry.family);
	u16 user = READ_ONCE(rill_sk(req->listener)->user.mss);
	u32 mss = af->advmss(&to) ?: af->mss_default;

	mss = clamp_t(u32, mss, RILL_MSS_MIN, U16_MAX);
	return user && user < mss ? user : mss;
}

/**
 * rill_request_dev - the interface that a connection of a listener is bound to
 * @sk: the listener
 * @skb: the segment that opens the connection
 * @key: its connection; dev is not looked at
 * @family: AF_INET or AF_INET6
 *
 * Where a listener has connections of several VRFs (tcp_l3mdev_accept), each is
 * bound to its own. A link-local address means one link only, and no router
 * forwards it to another (RFC 4291, 2.5.6).
 *
 * Context: softirq, inside rcu_read_lock().
 * Return: an interface index, 0 for any.
 */
int rill_request_dev(const struct sock *sk, struct sk_buff *skb,
		     const struct rill_key *key, u8 family)
{
	int dev = inet_request_bound_dev_if(sk, skb);

	if (family == AF_INET6 &&
	    (ipv6_addr_type(&key->laddr) | ipv6_addr_type(&key->raddr)) &
	    IPV6_ADDR_LINKLOCAL && (!dev || inet6_sdif(skb)))
		return IP6CB(skb)->iif;
	return dev;
}

/**
 * rill_request_init - fill in an entry from a SYN or the ACK of a SYN cookie
 * @req: zeroed; need not be of the cache
 * @sk: the listener
 * @p: the packet
 * @seg: its header; of a cookie's ACK, that of the SYN
 *
 * Context: softirq, inside rcu_read_lock().
 * Return: RILL_DONE, or a drop reason if a security module does not want it.
 */
enum rill_verdict rill_request_init(struct rill_request *req, struct sock *sk,
				    struct rill_packet *p,
				    const struct rill_segment *seg)
{
	struct sk_buff *skb = p->skb;
	u8 family = p->af->family;
	struct rill_ingress in;

	p->af->ingress(skb, &in);
	req->entry.key = p->key;
	req->entry.kind = RILL_KIND_REQUEST;
	req->entry.family = family;
	req->listener = sk;
	req->opts = seg->opts;
	rill_recent_hear(&req->recent, seg->opts.tsval);
	req->iif = in.dif;
	/* Not the key's: that is TIME_WAIT's where the SYN met it. */
	req->dev = rill_request_dev(sk, skb, &p->key, family);
	req->mark = inet_request_mark(sk, skb);
	req->txhash = net_tx_rndhash();
	if (family == AF_INET6 && rill_ipv6_reflects_flow(sk))
		req->flow_label = ip6_flowlabel(ipv6_hdr(skb));
	if (rill_label_request(req, skb))
		return RILL_drop_filter;
	req->mss = rill_request_mss(req);
	rill_request_negotiate(req, seg);
	req->sent_ns = rill_now_ns();
	return RILL_DONE;
}

/*
 * So many a listener may have. A SYN that replaces a TIME_WAIT entry cannot get
 * a cookie, and is no flood: it is let in, as with TCP.
 */
static u32 rill_request_limit(const struct sock *sk,
			      const struct rill_timewait *old)
{
	return old ? INT_MAX : rill_listen_limit(sk);
}

/* Has the listener, the namespace or the host as many as it may? */
static bool rill_request_full(const struct sock *sk, u32 limit)
{
	return (u32)atomic_read(&rill_sk(sk)->listener->request_len) >= limit ||
	       rill_requests_over(rill_sk_net(sk), 0);
}

/*
 * Publish a new entry and start its timer. Returns 0, or why not. Both under
 * its lock, so that whoever ends the entry finds the timer started.
 */
static enum rill_verdict rill_request_insert(struct rill_request *req,
					     struct rill_timewait *old)
{
	struct rill_listener *l = rill_sk(req->listener)->listener;
	struct rill_net *rnet = rill_request_net(req);
	u32 limit = rill_request_limit(req->listener, old);
	enum rill_verdict verdict;
	u64 due;

	rill_requests_add(rnet, 1);
	verdict = RILL_drop_syn_queue;
	if (rill_requests_over(rnet, 0) ||
	    !rill_reserve(&l->request_len, limit))
		goto uncount;
	spin_lock_bh(&req->lock);
	verdict = rill_request_publish(req, old);
	if (!verdict) {
		due = req->sent_ns + rill_request_rto_ns(req);
		hrtimer_start_range_ns(&req->timer, ns_to_ktime(due),
				       rill_slack_ns(rnet, due),
				       HRTIMER_MODE_ABS_SOFT);
	}
	spin_unlock_bh(&req->lock);
	if (!verdict)
		return RILL_DONE;
	atomic_dec(&l->request_len);
uncount:
	rill_requests_add(rnet, -1);
	return verdict;
}

/*
 * Put a new entry into the queue of the listener, unless it has ended
 * meanwhile. False: the socket does not listen any more.
 */
static bool rill_request_enqueue(struct rill_request *req)
{
	struct rill_listener *l = rill_sk(req->listener)->listener;
	bool open;

	spin_lock_bh(&l->lock);
	open = l->open;
	/* Whoever claims it later takes it out under this lock. */
	if (open && !test_bit(RILL_CLAIMED, &req->flags))
		list_add_tail(&req->node, &l->requests);
	spin_unlock_bh(&l->lock);
	return open;
}

/**
 * rill_request_new - take a SYN: make an entry, and answer with a SYN-ACK
 * @sk: the listener
 * @p: the SYN
 * @old: TIME_WAIT entry whose place it takes, or NULL; the caller has a
 *	reference
 *
 * Context: softirq, inside rcu_read_lock().
 * Return: RILL_DONE, or a drop reason: RILL_drop_syn_queue if there is no room.
 */
enum rill_verdict rill_request_new(struct sock *sk, struct rill_packet *p,
				   struct rill_timewait *old)
{
	enum rill_verdict verdict;
	struct rill_request *req;

	/* Cheap, for floods: checked again when the entry is counted. */
	if (rill_request_full(sk, rill_request_limit(sk, old)))
		return RILL_drop_syn_queue;
	req = rill_memory_zalloc(rill_request_cache, sk);
	if (!req)
		return RILL_drop_nomem;
	if (!refcount_inc_not_zero(&sk->sk_refcnt)) {
		kmem_cache_free(rill_request_cache, req);
		return RILL_drop_no_socket;
	}
	verdict = rill_request_init(req, sk, p, &p->seg);
	if (verdict) {
		kmem_cache_free(rill_request_cache, req);
		sock_put(sk);
		return verdict;
	}
	rill_saved_syn_make(req, p->skb, &p->seg);
	req->iss = old ? rill_reuse_isn(old, req->sent_ns) :
			 rill_secure_isn(p->rnet, &p->key, req->sent_ns);
	refcount_set(&req->refs, 2);	/* the table's and ours */
	spin_lock_init(&req->lock);
	INIT_LIST_HEAD(&req->node);
	rill_hrtimer_init(&req->timer, rill_request_timer);

	verdict = rill_request_insert(req, old);
	if (verdict) {
		refcount_set(&req->refs, 1);
		rill_request_put(req);
		return verdict;
	}
	if (old)
		rill_timewait_pause(old);
	rill_state_trace(&req->entry, TCP_LISTEN, TCP_SYN_RECV);
	if (!rill_request_enqueue(req)) {
		rill_request_kill(req);
		rill_request_put(req);
		return RILL_drop_no_socket;
	}
	rill_request_synack(req, rill_request_tsval(req));
	rill_request_put(req);
	return RILL_DONE;
}

/*
 * Make the child and let it take the entry's place. Returns it locked, or NULL
 * with the reason in @why; RILL_AGAIN is for an entry that is somebody else's now.
 */
static struct sock *rill_request_promote(struct rill_request *req,
					 const struct sk_buff *skb,
					 enum rill_verdict *why)
	__must_hold(&req->lock)
{
	struct rill_net *rnet = rill_request_net(req);
	struct sock *child;

	*why = RILL_AGAIN;
	if (test_bit(RILL_CLAIMED, &req->flags))
		return NULL;
	child = rill_establish_child(req, skb, why);
	if (!child)
		return NULL;
	if (test_and_set_bit(RILL_CLAIMED, &req->flags)) {
		*why = RILL_AGAIN;
		rill_establish_discard(req, child);
		return NULL;
	}
	rill_request_unlink(req);
	hrtimer_cancel(&req->timer);
	if (WARN_ON_ONCE(rill_table_replace(rnet, &req->entry,
					    &rill_sk(child)->entry))) {
		*why = RILL_drop_nomem;
		rill_establish_discard(req, child);
		rill_request_put(req);
		return NULL;
	}
	rill_sk(child)->hashed = true;
	rill_saved_syn_inherit(child, req);
	return child;
}

/* The ACK that completes the handshake; it is the child's if there is one. */
static enum rill_verdict rill_request_complete(struct rill_request *req,
					       struct rill_packet *p)
{
	enum rill_verdict why;
	struct sock *child;

	spin_lock_bh(&req->lock);
	child = rill_request_promote(req, p->skb, &why);
	spin_unlock_bh(&req->lock);
	if (child) {
		rill_establish_deliver(req, child, p);
		rill_request_put(req);	/* the table's */
		return RILL_KEPT;
	}
	if (why != RILL_drop_accept_queue)
		return why;
	if (rill_tunable(p->rnet, abort_on_overflow))
		rill_request_kill(req);
	return rill_establish_overflow(req, p);
}

/*
 * TCP_DEFER_ACCEPT: the handshake is complete, but the program wants to hear
 * of the connection with its first data. The SYN-ACK goes again when the wait
 * is over, and the ACK that answers it makes the child without data.
 */
static bool rill_request_defers(struct rill_request *req,
				const struct rill_segment *seg)
{
	struct rill_listener *l = rill_sk(req->listener)->listener;

	if (seg->end_seq != req->irs + 1 || !rill_request_deferred_ns(req))
		return false;
	spin_lock_bh(&req->lock);
	if (!req->acked_ns) {
		WRITE_ONCE(req->acked_ns, rill_now_ns());
		/* To the end of the queue, where none is evicted. */
		spin_lock_bh(&l->lock);
		if (!list_empty(&req->node))
			list_move_tail(&req->node, &l->requests);
		spin_unlock_bh(&l->lock);
	}
	spin_unlock_bh(&req->lock);
	return true;
}

/* A retransmitted SYN: our SYN-ACK was lost. False: it is none. */
static bool rill_request_syn(struct rill_request *req,
			     const struct rill_segment *seg)
{
	if ((seg->flags & (RILL_SYN | RILL_ACK | RILL_RST)) != RILL_SYN ||
	    seg->seq != req->irs)
		return false;
	/* RFC 7323, 4.3: the SYN-ACK echoes the SYN that it answers. */
	rill_recent_update(&req->recent, req->ts_ok, seg);
	/* RFC 3168, 6.1.1.1: the peer has given ECN up. */
	if (!rill_ecn_accepts(req->listener, rill_request_marks(req),
			      seg->flags))
		WRITE_ONCE(req->ecn_ok, false);
	if (rill_request_may_answer(req))
		rill_request_again(req);
	return true;
}

/* RFC 5961, 3.2: a reset is believed at exactly the next sequence number. */
static void rill_request_reset(struct rill_request *req, struct rill_packet *p,
			       bool fits)
{
	if (p->seg.seq == req->irs + 1) {
		rill_count(p->rnet, in_rsts);
		rill_count(p->rnet, attempt_fails);
		rill_request_kill(req);
	} else if (fits) {
		rill_request_ack(req, p->skb, &p->seg);
	}
}

/* RFC 9293, 3.10.7.4 for SYN-RECEIVED. */
static enum rill_verdict rill_request_segment(struct rill_request *req,
					      struct rill_packet *p)
{
	const struct rill_segment *seg = &p->seg;
	u32 rcv_nxt = req->irs + 1;
	struct rill_reply to;
	bool fits;

	if (rill_request_syn(req, seg))
		return RILL_drop_old;
	/* The beginning decides: below the window lies the peer's SYN alone. */
	fits = rill_in_window(seg->seq, rcv_nxt, req->rcv_wnd);
	if (seg->flags & RILL_RST) {
		rill_request_reset(req, p, fits);
		return RILL_drop_reset;
	}
	if (!fits || (seg->flags & RILL_SYN)) {
		rill_request_ack(req, p->skb, seg);
		return RILL_drop_window;
	}
	/* RFC 7323, 3.2: the timestamp was agreed on. */
	if (req->ts_ok && !seg->opts.has_ts)
		return RILL_drop_no_timestamp;
	/* RFC 7323, 5.3 R1: before the ACK is looked at, it is an old one. */
	if (rill_paws(&req->recent, req->ts_ok, seg)) {
		rill_request_ack(req, p->skb, seg);
		return RILL_drop_paws;
	}
	if (!(seg->flags & RILL_ACK))
		return RILL_drop_no_ack;
	if (seg->ack != req->iss + 1) {
		to = rill_reply_request(req, p->skb);
		return rill_packet_refuse(p, &to, RILL_drop_ack);
	}
	if (rill_request_defers(req, seg))
		return RILL_drop_deferred;
	return rill_request_complete(req, p);
}

/**
 * rill_request_rcv - a segment for a half-open connection
 * @req: the half-open connection
 * @p: the packet
 *
 * Context: softirq, inside rcu_read_lock().
 * Return: what becomes of the packet; RILL_AGAIN if the entry is over.
 */
enum rill_verdict rill_request_rcv(struct rill_request *req,
				   struct rill_packet *p)
{
	struct sock *listener = req->listener;
	u8 family = p->af->family;

	if (rill_ttl_low(p->skb, family, rill_min_ttl(listener, family)))
		return RILL_drop_min_ttl;
	if (!xfrm_policy_check(listener, XFRM_POLICY_IN, p->skb, family) ||
	    !rill_filter(listener, p))
		return RILL_drop_filter;
	nf_reset_ct(p->skb);
	return rill_request_segment(req, p);
}

/**
 * rill_request_cache_init - make the slab cache of half-open connections
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int rill_request_cache_init(void)
{
	rill_request_cache = KMEM_CACHE(rill_request,
					SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT);
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
