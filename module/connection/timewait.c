// SPDX-License-Identifier: GPL-2.0
/*
 * Finished connections: a compact entry takes the socket's place in the table
 * for TIME_WAIT, and for FIN_WAIT2 that no program owns any more.
 */
#include <linux/slab.h>
#include "../clock/clock.h"
#include "../compat.h"
#include "../network/network.h"
#include "../transfer/transfer.h"
#include "inside.h"

static struct kmem_cache *rill_timewait_cache;

static void rill_timewait_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(rill_timewait_cache,
			container_of(head, struct rill_timewait, rcu));
}

/**
 * rill_timewait_put - drop a reference
 * @tw: the finished connection
 *
 * Context: any.
 */
void rill_timewait_put(struct rill_timewait *tw)
{
	if (refcount_dec_and_test(&tw->refs))
		call_rcu(&tw->rcu, rill_timewait_free_rcu);
}

/**
 * rill_timewait_end - a new connection has taken the place of an entry for good
 * @tw: the finished connection, which gave way and was paused; gone afterwards
 *
 * Context: any; no lock held that comes after that of a port bucket.
 */
void rill_timewait_end(struct rill_timewait *tw)
{
	rill_port_put(tw->rnet, &tw->bind);
	rill_timewaits_add(tw->rnet, -1);
	rill_timewait_put(tw);
}

/* Claimed entries only. */
static void rill_timewait_unlink(struct rill_timewait *tw)
{
	rill_table_remove(tw->rnet, &tw->entry);
	rill_state_trace(&tw->entry, READ_ONCE(tw->state), TCP_CLOSE);
	rill_timewait_end(tw);
}

/**
 * rill_timewait_kill - end a finished connection, if nobody else does
 * @tw: the finished connection; the caller has a reference
 *
 * Context: process or softirq, not the entry's own timer.
 */
void rill_timewait_kill(struct rill_timewait *tw)
{
	bool mine;

	/* Under the lock: nobody starts the timer once it is cancelled. */
	spin_lock_bh(&tw->lock);
	mine = !test_and_set_bit(RILL_CLAIMED, &tw->flags);
	spin_unlock_bh(&tw->lock);
	if (!mine)
		return;
	hrtimer_cancel(&tw->timer);
	rill_timewait_unlink(tw);
}

static void rill_timewait_start(struct rill_timewait *tw)
	__must_hold(&tw->lock)
{
	hrtimer_start_range_ns(&tw->timer, ns_to_ktime(tw->expires_ns),
			       rill_slack_ns(tw->rnet, tw->expires_ns),
			       HRTIMER_MODE_ABS_SOFT);
}

static enum hrtimer_restart rill_timewait_timer(struct hrtimer *timer)
{
	struct rill_timewait *tw = container_of(timer, struct rill_timewait,
						timer);
	enum hrtimer_restart again = HRTIMER_NORESTART;
	bool over = false;

	spin_lock(&tw->lock);
	if (test_bit(RILL_CLAIMED, &tw->flags)) {
		/* Claimed: ended, or a new connection has its place. */
	} else if (tw->expires_ns <= rill_now_ns()) {
		over = !test_and_set_bit(RILL_CLAIMED, &tw->flags);
	} else if (!hrtimer_is_queued(timer)) {
		/* A retransmitted FIN has moved the end. */
		hrtimer_set_expires_range_ns(timer, ns_to_ktime(tw->expires_ns),
					     rill_slack_ns(tw->rnet,
							   tw->expires_ns));
		again = HRTIMER_RESTART;
	}
	spin_unlock(&tw->lock);
	if (over)
		rill_timewait_unlink(tw);
	return again;
}

/**
 * rill_timewait_yield - let a new connection take the place of a TIME_WAIT entry
 * @tw: the finished connection; the caller has a reference
 * @to: has the same key; published if the answer is true
 *
 * The table's reference is the new connection's from then on, which ends or
 * resumes the entry. The caller owes a rill_timewait_pause().
 *
 * Context: any; no lock held that comes after that of a port bucket.
 * Return: false if the entry is not in TIME_WAIT, or somebody else ended it.
 */
bool rill_timewait_yield(struct rill_timewait *tw, struct rill_entry *to)
{
	bool mine;

	spin_lock_bh(&tw->lock);
	mine = tw->state == TCP_TIME_WAIT &&
	       !test_and_set_bit(RILL_CLAIMED, &tw->flags);
	if (mine && WARN_ON_ONCE(rill_table_replace(tw->rnet, &tw->entry,
						    to))) {
		clear_bit(RILL_CLAIMED, &tw->flags);
		mine = false;
	}
	spin_unlock_bh(&tw->lock);
	if (!mine)
		return false;
	rill_count(tw->rnet, time_wait_reused);
	rill_state_trace(&tw->entry, TCP_TIME_WAIT, TCP_CLOSE);
	return true;
}

/**
 * rill_timewait_pause - stop the timer of an entry that gave way
 * @tw: the finished connection; the caller has a reference, and it may have
 *	been resumed since
 *
 * Context: process or softirq, no spinlock held.
 */
void rill_timewait_pause(struct rill_timewait *tw)
{
	hrtimer_cancel(&tw->timer);
	spin_lock_bh(&tw->lock);
	if (!test_bit(RILL_CLAIMED, &tw->flags))
		rill_timewait_start(tw);
	spin_unlock_bh(&tw->lock);
}

/**
 * rill_timewait_resume - nothing came of the new connection: TIME_WAIT goes on
 * @tw: the finished connection, which gave way; the table's again
 * @from: the new connection's entry, in the table
 *
 * It ends when it would have ended.
 *
 * Context: any; no lock held that comes after that of a port bucket.
 */
void rill_timewait_resume(struct rill_timewait *tw, struct rill_entry *from)
{
	spin_lock_bh(&tw->lock);
	if (WARN_ON_ONCE(rill_table_replace(tw->rnet, from, &tw->entry))) {
		spin_unlock_bh(&tw->lock);
		rill_timewait_end(tw);
		return;
	}
	rill_count(tw->rnet, time_wait_resumed);
	rill_state_trace(&tw->entry, TCP_CLOSE, TCP_TIME_WAIT);
	tw->ts_sent = rill_ts_clock(rill_now_ns(), tw->ts_unit,
				    tw->ts_offset);
	clear_bit(RILL_CLAIMED, &tw->flags);
	rill_timewait_start(tw);
	/* From here on others may end the entry: no more access to it. */
	spin_unlock_bh(&tw->lock);
}

/* 2MSL: of the socket that was, or else of the tunable now. */
static u64 rill_timewait_2msl_ns(const struct rill_timewait *tw)
{
	u64 msl_us = tw->msl_us;

	if (tw->msl_us == (u32)RILL_DEFAULT)
		msl_us = (u64)rill_tunable(tw->rnet, msl_ms) * USEC_PER_MSEC;
	return 2 * msl_us * NSEC_PER_USEC;
}

/* How long the entry lives in the state that it begins with, ns. */
static u64 rill_timewait_length(const struct rill_timewait *tw,
				const struct sock *sk)
{
	if (tw->state == TCP_TIME_WAIT)
		return rill_timewait_2msl_ns(tw);
	return rill_setting(sk, fin_timeout_us) * NSEC_PER_USEC;
}

static void rill_timewait_fill(struct rill_timewait *tw, struct sock *sk,
			       int state)
{
	const struct rill_sock *rs = rill_sk(sk);
	u64 now = rill_now_ns();

	tw->rnet = rill_sk_net(sk);
	tw->entry.kind = RILL_KIND_TIMEWAIT;
	tw->entry.family = rs->entry.family;
	tw->entry.key = rs->entry.key;
	refcount_set(&tw->refs, 1);
	spin_lock_init(&tw->lock);
	tw->family = sk->sk_family;
	tw->state = state;
	tw->snd_nxt = rs->snd.nxt;
	tw->snd_wnd = rs->snd.max_wnd;
	tw->rcv_nxt = rs->rcv.nxt;
	tw->rcv_wnd = max_t(u32, rill_window_left(sk), 1);
	tw->rcv_wscale = rs->agreed.rcv_wscale;
	tw->ts_ok = rs->agreed.ts_ok;
	tw->ts_unit = rs->agreed.ts_unit;
	tw->ts_offset = rs->agreed.ts_offset;
	tw->ts_sent = rill_ts_at(rs, now);
	tw->recent = rs->recent;
	tw->dev = sk->sk_bound_dev_if;
	tw->mark = READ_ONCE(sk->sk_mark);
	tw->tclass = rill_reply_tclass(sk, tw->entry.family);
#if IS_ENABLED(CONFIG_IPV6)
	if (tw->entry.family == AF_INET6)
		tw->flow_label = inet6_sk(sk)->flow_label & IPV6_FLOWLABEL_MASK;
#endif
	tw->flow_flags = inet_sk_flowi_flags(sk);
	tw->min_ttl = rill_min_ttl(sk, tw->entry.family);
	tw->priority = READ_ONCE(sk->sk_priority);
	tw->txhash = READ_ONCE(sk->sk_txhash);
	tw->msl_us = rs->own.msl_us;
	tw->expires_ns = now + rill_timewait_length(tw, sk);
	rill_hrtimer_init(&tw->timer, rill_timewait_timer);
}

/* An entry that owns the port with @sk, or NULL: no memory, or too many. */
static struct rill_timewait *rill_timewait_new(struct sock *sk, int state)
{
	struct rill_net *rnet = rill_sk_net(sk);
	struct rill_timewait *tw = NULL;

	rill_timewaits_add(rnet, 1);
	if (!rill_timewaits_over(rnet, 0))
		tw = rill_memory_zalloc(rill_timewait_cache, sk);
	if (!tw)
		goto uncount;
	rill_timewait_fill(tw, sk, state);
	if (rill_port_share(rnet, &rill_sk(sk)->bind, &tw->bind))
		return tw;
	kmem_cache_free(rill_timewait_cache, tw);
uncount:
	rill_timewaits_add(rnet, -1);
	return NULL;
}

/**
 * rill_timewait_enter - let a compact entry take a socket's place in the table
 * @sk: the socket
 * @state: TCP_TIME_WAIT or TCP_FIN_WAIT2
 *
 * Return: whether it has, which needs memory and a place in time_wait_max; the
 * caller ends the socket.
 */
bool rill_timewait_enter(struct sock *sk, int state)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_net *rnet = rill_sk_net(sk);
	struct rill_timewait *tw;

	sock_owned_by_me(sk);
	tw = rill_timewait_new(sk, state);
	if (!tw) {
		rill_count(rnet, time_wait_overflows);
		return false;
	}
	/* Under the lock: whoever kills the entry finds its timer started. */
	spin_lock_bh(&tw->lock);
	if (WARN_ON_ONCE(!rs->hashed ||
			 rill_table_replace(rnet, &rs->entry, &tw->entry))) {
		spin_unlock_bh(&tw->lock);
		rill_port_put(rnet, &tw->bind);
		rill_timewaits_add(rnet, -1);
		kmem_cache_free(rill_timewait_cache, tw);
		return false;
	}
	rs->hashed = false;
	rill_timewait_start(tw);
	/* From here on others may end the entry: no more access to it. */
	spin_unlock_bh(&tw->lock);
	if (state == TCP_TIME_WAIT)
		rill_count(rnet, time_waits);
	return true;
}

static void rill_timewait_ack(struct rill_timewait *tw,
			      const struct sk_buff *skb)
{
	struct rill_reply to = rill_reply_timewait(tw, skb);
	struct rill_segment seg = { .flags = RILL_ACK };

	spin_lock_bh(&tw->lock);
	seg.seq = tw->snd_nxt;
	seg.end_seq = tw->snd_nxt;
	seg.ack = tw->rcv_nxt;
	seg.wnd = min_t(u32, tw->rcv_wnd >> tw->rcv_wscale, U16_MAX);
	seg.opts.has_ts = tw->ts_ok;
	seg.opts.tsval = rill_ts_clock(rill_now_ns(), tw->ts_unit,
				       tw->ts_offset);
	tw->ts_sent = seg.opts.tsval;
	seg.opts.tsecr = tw->recent.tsval;
	spin_unlock_bh(&tw->lock);
	rill_reply_send(&to, &seg);
}

static bool rill_timewait_may_answer(struct rill_timewait *tw)
{
	bool may;

	spin_lock_bh(&tw->lock);
	may = rill_may_answer(tw->rnet, &tw->answers, rill_now_ns(), U64_MAX);
	spin_unlock_bh(&tw->lock);
	return may;
}

/* FIN_WAIT2 without an owner takes the FIN and nothing else. */
static enum rill_verdict rill_timewait_fin_wait2(struct rill_timewait *tw,
						 struct rill_packet *p)
{
	const struct rill_segment *seg = &p->seg;
	struct rill_net *rnet = tw->rnet;
	struct rill_reply to;

	/* RFC 2525, 2.16: the data of a dead program is answered by a reset. */
	if (seg->len && rill_after(seg->seq + seg->len, tw->rcv_nxt)) {
		to = rill_reply_timewait(tw, p->skb);
		/* Before the reset, whose addressing is a copy. */
		rill_timewait_kill(tw);
		return rill_packet_refuse(p, &to, RILL_drop_closed);
	}
	if (!(seg->flags & RILL_FIN))
		return RILL_DONE;
	/* A FIN out of order: the peer retransmits what is missing. */
	if (seg->seq + seg->len != tw->rcv_nxt) {
		if (rill_timewait_may_answer(tw))
			rill_timewait_ack(tw, p->skb);
		return RILL_drop_window;
	}
	spin_lock_bh(&tw->lock);
	if (tw->state == TCP_FIN_WAIT2) {
		tw->state = TCP_TIME_WAIT;
		tw->rcv_nxt = seg->end_seq;
		tw->expires_ns = rill_now_ns() + rill_timewait_2msl_ns(tw);
		rill_recent_update(&tw->recent, tw->ts_ok, seg);
		/* Ends earlier than FIN_WAIT2 would have, or later. */
		if (!test_bit(RILL_CLAIMED, &tw->flags))
			rill_timewait_start(tw);
	}
	spin_unlock_bh(&tw->lock);
	rill_count(rnet, time_waits);
	rill_state_trace(&tw->entry, TCP_FIN_WAIT2, TCP_TIME_WAIT);
	rill_timewait_ack(tw, p->skb);
	return RILL_DONE;
}

/*
 * A segment that begins before the window and ends behind it is not acceptable
 * by the RFC's table. Here it is: it has data that no program will read, which
 * FIN_WAIT2 answers by a reset.
 */
static bool rill_timewait_fits(const struct rill_timewait *tw, u32 nxt,
			       const struct rill_segment *seg)
{
	return rill_acceptable(seg, nxt, tw->rcv_wnd) ||
	       (rill_before(seg->seq, nxt) && rill_after(seg->end_seq, nxt));
}

/*
 * RFC 5961, 3.2, for FIN_WAIT2, and for TIME_WAIT if rfc1337 is off; with it
 * no reset is believed there. A timestamp stops none (RFC 7323, 5.2).
 */
static enum rill_verdict rill_timewait_reset(struct rill_timewait *tw,
					     const struct rill_packet *p)
{
	const struct rill_segment *seg = &p->seg;
	u32 rcv_nxt = READ_ONCE(tw->rcv_nxt);

	if (READ_ONCE(tw->state) == TCP_TIME_WAIT &&
	    rill_tunable(tw->rnet, rfc1337))
		return RILL_drop_reset;
	if (seg->seq != rcv_nxt) {
		if (rill_in_window(seg->seq, rcv_nxt, tw->rcv_wnd) &&
		    rill_timewait_may_answer(tw))
			rill_timewait_ack(tw, p->skb);
		return RILL_drop_reset;
	}
	rill_count(tw->rnet, in_rsts);
	rill_timewait_kill(tw);
	return RILL_DONE;
}

/**
 * rill_timewait_find - the entry that a connection goes on in
 * @rnet: namespace
 * @key: the connection
 *
 * Context: any; not in a namespace that ends.
 * Return: the entry with a reference for the caller, or NULL.
 */
struct rill_timewait *rill_timewait_find(struct rill_net *rnet,
					 const struct rill_key *key)
{
	struct rill_timewait *tw = NULL;
	struct rill_entry *entry;

	rcu_read_lock();
	entry = READ_ONCE(rnet->dead) ? NULL : rill_table_lookup(rnet, key);
	if (entry && entry->kind == RILL_KIND_TIMEWAIT)
		tw = container_of(entry, struct rill_timewait, entry);
	if (tw && !refcount_inc_not_zero(&tw->refs))
		tw = NULL;
	rcu_read_unlock();
	return tw;
}

/**
 * rill_timewait_segment - what a segment does to a finished connection
 * @tw: the finished connection; the caller has a reference
 * @p: the packet
 *
 * RFC 9293, 3.10.7.4 for TIME-WAIT and, without an owner, FIN-WAIT-2.
 *
 * Context: any; the socket lock of the connection's former socket may be held.
 * Return: what becomes of the packet.
 */
enum rill_verdict rill_timewait_segment(struct rill_timewait *tw,
					struct rill_packet *p)
{
	const struct rill_segment *seg = &p->seg;
	bool paws = rill_paws(&tw->recent, tw->ts_ok, seg);
	enum rill_verdict verdict = RILL_drop_window;
	u32 rcv_nxt = READ_ONCE(tw->rcv_nxt);

	if (seg->flags & RILL_RST)
		return rill_timewait_reset(tw, p);
	/* A retransmitted FIN: our ACK was lost. 2MSL starts again. */
	if ((seg->flags & (RILL_FIN | RILL_SYN | RILL_ACK)) ==
	    (RILL_FIN | RILL_ACK) && !paws && seg->end_seq == rcv_nxt &&
	    READ_ONCE(tw->state) == TCP_TIME_WAIT) {
		spin_lock_bh(&tw->lock);
		tw->expires_ns = rill_now_ns() + rill_timewait_2msl_ns(tw);
		rill_recent_update(&tw->recent, tw->ts_ok, seg);
		spin_unlock_bh(&tw->lock);
		rill_timewait_ack(tw, p->skb);
		return RILL_DONE;
	}
	if (rill_timewait_fits(tw, rcv_nxt, seg) && !paws && !(seg->flags & RILL_SYN)) {
		if (!(seg->flags & RILL_ACK))
			return RILL_drop_no_ack;
		/* RFC 5961, 5.2 */
		if (!rill_between(seg->ack, tw->snd_nxt - tw->snd_wnd,
				  tw->snd_nxt))
			verdict = RILL_drop_ack;
		else if (READ_ONCE(tw->state) == TCP_FIN_WAIT2)
			return rill_timewait_fin_wait2(tw, p);
		/* A duplicate of the last ACK, in sequence. */
		else if (seg->seq == seg->end_seq && seg->seq == rcv_nxt)
			return RILL_DONE;
	}
	if (rill_segment_text(seg) || rill_timewait_may_answer(tw))
		rill_timewait_ack(tw, p->skb);
	return paws ? RILL_drop_paws : verdict;
}

/**
 * rill_timewait_over - has it ended?
 * @tw: the finished connection
 *
 * Under the lock: its successor is in the table by then.
 *
 * Context: any.
 * Return: true if it has.
 */
bool rill_timewait_over(struct rill_timewait *tw)
{
	bool over;

	spin_lock_bh(&tw->lock);
	over = test_bit(RILL_CLAIMED, &tw->flags);
	spin_unlock_bh(&tw->lock);
	return over;
}

/**
 * rill_timewait_cache_init - make the slab cache of finished connections
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int rill_timewait_cache_init(void)
{
	rill_timewait_cache = KMEM_CACHE(rill_timewait,
					 SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT);
	return rill_timewait_cache ? 0 : -ENOMEM;
}

/**
 * rill_timewait_cache_exit - and destroy it, after rcu_barrier()
 *
 * Context: process.
 */
void rill_timewait_cache_exit(void)
{
	kmem_cache_destroy(rill_timewait_cache);
}
