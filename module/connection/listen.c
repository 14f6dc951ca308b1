// SPDX-License-Identifier: GPL-2.0
/* Passive open: the listener, its two queues, and accept(). */
#include "../network/network.h"
#include "inside.h"

/* What a listening socket adds; it stays until the socket is freed. */
static int rill_listen_prepare(struct rill_sock *rs)
{
	struct rill_listener *l;

	if (rs->listener)
		return 0;
	l = kzalloc(sizeof(*l), GFP_KERNEL_ACCOUNT);
	if (!l)
		return -ENOMEM;
	spin_lock_init(&l->lock);
	INIT_LIST_HEAD(&l->accept_queue);
	INIT_LIST_HEAD(&l->requests);
	l->sk = &rs->inet.sk;
	/* Pairs with rill_listener_group(), which reads it without the lock. */
	smp_store_release(&rs->listener, l);
	return 0;
}

/**
 * rill_listen_start - listen(), or a new backlog for a socket that listens
 * @sk: the socket, CLOSE or LISTEN, sk_max_ack_backlog set
 *
 * Context: process.
 * Return: 0, or -ENOMEM, -EADDRINUSE or another -errno with the socket as
 * before.
 */
int rill_listen_start(struct sock *sk)
{
	struct rill_listener *l;
	int err;

	sock_owned_by_me(sk);
	if (sk->sk_state == TCP_LISTEN)
		return 0;
	/* Children have it from here; rill_abort() may have set it. */
	WRITE_ONCE(sk->sk_shutdown, 0);
	err = rill_listen_prepare(rill_sk(sk));
	if (err)
		return err;
	l = rill_sk(sk)->listener;
	if (rill_state_event(sk, RILL_EV_PASSIVE_OPEN) < 0)
		return -EINVAL;
	/* A child of the last listen() may be about to enter the queue. */
	spin_lock_bh(&l->lock);
	WRITE_ONCE(l->open, true);
	spin_unlock_bh(&l->lock);
	rill_sock_key(sk, &rill_sk(sk)->entry.key);
	/* In the state LISTEN, which bind conflicts look at. */
	err = rill_port_listen(sk);
	if (err) {
		/* A child of the last listen() may have entered the queue. */
		rill_listen_stop(sk);
		rill_state_event(sk, RILL_EV_ABORT);
	}
	return err;
}

/* Take one half-open connection out of the queue; NULL: there is none. */
static struct rill_request *rill_listen_pop_request(struct sock *sk)
{
	struct rill_listener *l = rill_sk(sk)->listener;
	struct rill_request *req, *next;

	spin_lock_bh(&l->lock);
	list_for_each_entry_safe(req, next, &l->requests, node) {
		rill_count(rill_sk_net(sk), search_steps);
		list_del_init(&req->node);
		/* Its own end may wait for this lock. */
		if (refcount_inc_not_zero(&req->refs)) {
			spin_unlock_bh(&l->lock);
			return req;
		}
	}
	spin_unlock_bh(&l->lock);
	return NULL;
}

static struct sock *rill_listen_pop_child(struct sock *sk)
{
	struct rill_listener *l = rill_sk(sk)->listener;
	struct rill_sock *child;

	rill_count(rill_sk_net(sk), search_steps);
	spin_lock_bh(&l->lock);
	child = list_first_entry_or_null(&l->accept_queue, struct rill_sock,
					 accept_node);
	if (child) {
		list_del_init(&child->accept_node);
		atomic_dec(&l->accept_len);
	}
	spin_unlock_bh(&l->lock);
	return (struct sock *)child;
}

/**
 * rill_listen_stop - end listening: reset the accept queue, drop the SYN queue
 * @sk: the listener
 *
 * Context: process.
 */
void rill_listen_stop(struct sock *sk)
{
	struct rill_listener *l = rill_sk(sk)->listener;
	struct rill_request *req;
	struct sock *child;

	sock_owned_by_me(sk);
	rill_port_unlisten(sk);
	spin_lock_bh(&l->lock);
	WRITE_ONCE(l->open, false);
	spin_unlock_bh(&l->lock);
	/* One by one: there may be a hundred thousand. */
	while ((req = rill_listen_pop_request(sk))) {
		rill_request_kill(req);
		rill_request_put(req);
		cond_resched();
	}
	while ((child = rill_listen_pop_child(sk))) {
		rill_child_abort(child);
		cond_resched();
	}
}

/* May one more handshake begin in this second (syn_rate_limit)? */
static bool rill_listen_rate_ok(struct sock *sk)
{
	u32 limit = rill_tunable(rill_sk_net(sk), syn_rate_limit);
	struct rill_listener *l = rill_sk(sk)->listener;
	bool ok;
	u64 now;

	if (!limit)
		return true;
	now = rill_now_ns();
	spin_lock_bh(&l->lock);
	if (!l->rate_start_ns ||
	    rill_elapsed_ns(now, l->rate_start_ns) >= NSEC_PER_SEC) {
		l->rate_start_ns = now;
		l->rate_count = 0;
	}
	ok = l->rate_count < limit;
	if (ok)
		l->rate_count++;
	spin_unlock_bh(&l->lock);
	return ok;
}

/* So many half-open connections are looked at for one to be given up. */
#define RILL_EVICT_LOOKS	8

/*
 * RFC 4987, 3.5: recycle the oldest half-open connection, if its peer had the
 * time of a first timeout to answer. A flood has to fill the queue anew within
 * that time; a peer that answers faster is never evicted.
 */
static bool rill_listen_evict(struct sock *sk)
{
	struct rill_listener *l = rill_sk(sk)->listener;
	struct rill_request *req;
	int i;

	spin_lock_bh(&l->lock);
	for (i = 0; i < RILL_EVICT_LOOKS; i++) {
		req = list_first_entry_or_null(&l->requests,
					       struct rill_request, node);
		if (!req || !READ_ONCE(req->acked_ns))
			break;
		/* Its peer has answered, and waits for TCP_DEFER_ACCEPT. */
		list_move_tail(&req->node, &l->requests);
	}
	if (req && (!READ_ONCE(req->retries) || READ_ONCE(req->acked_ns) ||
		    !refcount_inc_not_zero(&req->refs)))
		req = NULL;
	spin_unlock_bh(&l->lock);
	if (!req)
		return false;
	rill_count(rill_sk_net(sk), syn_evictions);
	rill_request_kill(req);
	rill_request_put(req);
	return true;
}

/*
 * A SYN for a listener: an entry, a cookie, or a drop reason. A cookie has no
 * place for the TIME_WAIT entry that a SYN replaces: such a SYN gets an entry.
 */
static enum rill_verdict rill_listen_syn(struct sock *sk, struct rill_packet *p,
					 struct rill_timewait *old)
{
	u32 cookies = rill_tunable(p->rnet, syncookies);
	struct rill_net *rnet = p->rnet;
	enum rill_verdict verdict;

	if (rill_listen_full(sk)) {
		rill_count(rnet, listen_overflows);
		return RILL_drop_accept_queue;
	}
	if (!rill_listen_rate_ok(sk))
		return RILL_drop_syn_rate;
	if (cookies == RILL_COOKIES_ALWAYS && !old)
		return rill_cookie_send(sk, p);

	verdict = rill_request_new(sk, p, old);
	if (verdict != RILL_drop_syn_queue)
		return verdict;
	rill_count(rnet, syn_overflows);
	if (cookies && !old)
		return rill_cookie_send(sk, p);
	if (cookies || !rill_listen_evict(sk))
		return verdict;
	return rill_request_new(sk, p, old);
}

/**
 * rill_listen_segment - a segment for a listener (RFC 9293, 3.10.7.2)
 * @sk: the listener, not locked and not referenced
 * @p: the packet
 * @old: TIME_WAIT entry whose place a SYN may take, or NULL
 *
 * Context: softirq, inside rcu_read_lock().
 * Return: what becomes of the packet.
 */
enum rill_verdict rill_listen_segment(struct sock *sk, struct rill_packet *p,
				      struct rill_timewait *old)
{
	const struct rill_segment *seg = &p->seg;
	u8 family = p->af->family;

	if (rill_ttl_low(p->skb, family, rill_min_ttl(sk, family)))
		return RILL_drop_min_ttl;
	/* Who is not to know of the listener gets no reset either. */
	if (!rill_filter(sk, p))
		return RILL_drop_filter;
	/* First, second, third: RST, ACK, SYN. */
	if (seg->flags & RILL_RST)
		return RILL_drop_reset;
	/* An ACK answers a SYN cookie, or nothing that is open. */
	if (seg->flags & RILL_ACK)
		return rill_cookie_rcv(sk, p);
	if (!(seg->flags & RILL_SYN) || (seg->flags & RILL_FIN))
		return RILL_drop_flags;
	return rill_listen_syn(sk, p, old);
}

/**
 * rill_listen_rcv - a segment that belongs to no connection, but to a listener
 * @sk: the listener, not locked and not referenced
 * @p: the packet, whose key's dev becomes that of the child
 *
 * Context: softirq, inside rcu_read_lock().
 * Return: what becomes of the packet.
 */
enum rill_verdict rill_listen_rcv(struct sock *sk, struct rill_packet *p)
{
	p->key.dev = rill_request_dev(sk, p->skb, &p->key, p->af->family);
	return rill_listen_segment(sk, p, NULL);
}

static bool rill_listen_ready(struct sock *sk)
{
	return READ_ONCE(rill_sk(sk)->listener->open) &&
	       !list_empty_careful(&rill_sk(sk)->listener->accept_queue);
}

/* Wait until a child is there; one program of those that wait is woken. */
static int rill_listen_wait(struct sock *sk, long timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err = 0;

	add_wait_queue_exclusive(sk_sleep(sk), &wait);
	/*
	 * This waiter is seen before the queue is found empty; pairs with the
	 * barrier of skwq_has_sleeper() between the child's entry into the
	 * queue and the wake-up.
	 */
	smp_mb();
	for (;;) {
		if (rill_listen_ready(sk))
			break;
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		err = -EAGAIN;
		if (!timeo)
			break;
		err = sock_intr_errno(timeo);
		if (signal_pending(current))
			break;
		err = 0;
		release_sock(sk);
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
		lock_sock(sk);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return err;
}

/**
 * rill_listen_accept - accept(): take the oldest established child
 * @sk: the listener
 * @flags: O_NONBLOCK
 * @err: why there is none
 * @empty: if there is one, whether it was the last; may be NULL
 *
 * Context: process, no lock held.
 * Return: the child, or NULL.
 */
struct sock *rill_listen_accept(struct sock *sk, int flags, int *err,
				int *empty)
{
	struct sock *child = NULL;

	lock_sock(sk);
	*err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		goto out;
	*err = rill_listen_wait(sk, sock_rcvtimeo(sk, flags & O_NONBLOCK));
	if (*err)
		goto out;
	child = rill_listen_pop_child(sk);
	*err = child ? 0 : -EAGAIN;
	if (child && empty)
		*empty = !rill_listen_ready(sk);
out:
	release_sock(sk);
	return child;
}
