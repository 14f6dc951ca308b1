// SPDX-License-Identifier: GPL-2.0
/*
 * A connection's deadlines, all on one hrtimer: to move a deadline later costs
 * one store, since the hrtimer finds out when it fires (see LOCKING).
 */
#include <linux/hrtimer.h>
#include <trace/events/rill.h>
#include "../compat.h"
#include "clock.h"

/* A keepalive or a user timeout may be so far off that ns would wrap. */
#define RILL_TIMER_FAR_NS	BIT_ULL(62)

static const struct rill_deadline *rill_deadline_table __ro_after_init;

/**
 * rill_clock_init - take the table of what the deadlines do
 * @table: one for each of enum rill_timer
 *
 * The clock knows who sets a deadline only by this table.
 *
 * Context: the module is loaded.
 */
void __init rill_clock_init(const struct rill_deadline *table)
{
	rill_deadline_table = table;
}

static void rill_timer_start(struct sock *sk, u64 at_ns)
{
	struct rill_sock *rs = rill_sk(sk);

	rs->clock.fires_ns = at_ns;
	hrtimer_start(&rs->clock.timer, ns_to_ktime(at_ns),
		      HRTIMER_MODE_ABS_SOFT);
}

static void rill_timer_trace(const struct rill_sock *rs, enum rill_timer which,
			     bool fired, u64 at_ns)
{
	trace_rill_timer(&rs->entry.key, rs->entry.family,
			 rill_deadline_table[which].name, fired, at_ns);
}

/**
 * rill_timer_set - set a deadline; the end of the event winds the hrtimer
 * @sk: the socket
 * @which: RILL_TIMER_*
 * @at_ns: when, CLOCK_MONOTONIC
 *
 * To start the hrtimer costs more than all the rest: once for an event is
 * enough.
 *
 * Context: the lock stays held until rill_timer_wind().
 */
void rill_timer_set(struct sock *sk, enum rill_timer which, u64 at_ns)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	at_ns = clamp_t(u64, at_ns, 1, RILL_TIMER_FAR_NS);
	rs->clock.deadline_ns[which] = at_ns;
	if (!rs->clock.fires_ns || at_ns < rs->clock.fires_ns)
		rs->clock.late = true;
	rill_timer_trace(rs, which, false, at_ns);
}

/**
 * rill_timer_wind - let the hrtimer fire for the first of the deadlines
 * @sk: the socket
 */
void rill_timer_wind(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	u64 next = 0, at;
	int i;

	sock_owned_by_me(sk);
	if (!rs->clock.late)
		return;
	rs->clock.late = false;
	for (i = 0; i < RILL_TIMER_MAX; i++) {
		at = rs->clock.deadline_ns[i];
		if (at && (!next || at < next))
			next = at;
	}
	if (next && (!rs->clock.fires_ns || next < rs->clock.fires_ns))
		rill_timer_start(sk, next);
}

/**
 * rill_timer_arm - set a deadline outside of an event
 * @sk: the socket
 * @which: RILL_TIMER_*
 * @at_ns: when, CLOCK_MONOTONIC
 */
void rill_timer_arm(struct sock *sk, enum rill_timer which, u64 at_ns)
{
	sock_owned_by_me(sk);
	rill_timer_set(sk, which, at_ns);
	rill_timer_wind(sk);
}

/**
 * rill_timer_stop_all - clear all deadlines; the connection is over
 * @sk: the socket
 *
 * Does not wait for a handler on its way, which will find nothing due.
 */
void rill_timer_stop_all(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	memset(rs->clock.deadline_ns, 0, sizeof(rs->clock.deadline_ns));
	hrtimer_try_to_cancel(&rs->clock.timer);
	rs->clock.fires_ns = 0;
	rs->clock.late = false;
}

/**
 * rill_timer_run - do what is due, and set the hrtimer for what is next
 * @sk: the socket
 *
 * Context: softirq or process.
 */
void rill_timer_run(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	u64 now;
	int i;

	sock_owned_by_me(sk);
	rill_clock_read(rs);
	now = rs->clock.now_ns;
	/* What is set meanwhile is wound with the rest, at the end. */
	rs->clock.fires_ns = now;
	for (i = 0; i < RILL_TIMER_MAX; i++) {
		if (!rs->clock.deadline_ns[i] || rs->clock.deadline_ns[i] > now)
			continue;
		rs->clock.deadline_ns[i] = 0;
		rill_timer_trace(rs, i, true, now);
		rill_deadline_table[i].due(sk, now);
		if (sk->sk_state == TCP_CLOSE)
			break;
	}
	rs->clock.fires_ns = 0;
	rs->clock.late = true;
	rill_timer_wind(sk);
}

static enum hrtimer_restart rill_timer_handler(struct hrtimer *timer)
{
	struct rill_sock *rs = container_of(timer, struct rill_sock,
					    clock.timer);
	struct sock *sk = (struct sock *)rs;

	if (!refcount_inc_not_zero(&sk->sk_refcnt))
		return HRTIMER_NORESTART;
	bh_lock_sock(sk);
	if (sock_owned_by_user(sk)) {
		rill_count(rill_sk_net(sk), timer_deferred);
		set_bit(RILL_DEFER_TIMER, &rs->deferred);
	} else {
		rill_timer_run(sk);
	}
	bh_unlock_sock(sk);
	sock_put(sk);
	return HRTIMER_NORESTART;
}

/**
 * rill_timer_init - prepare the timers of a new socket
 * @sk: the socket, not published yet
 *
 * Context: any.
 */
void rill_timer_init(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	rill_hrtimer_init(&rs->clock.timer, rill_timer_handler);
	memset(rs->clock.deadline_ns, 0, sizeof(rs->clock.deadline_ns));
	rs->clock.fires_ns = 0;
	rs->clock.late = false;
}

/**
 * rill_timer_destroy - wait for the handler; the socket is about to be freed
 * @sk: the socket
 *
 * Context: the socket's destructor, no lock held.
 */
void rill_timer_destroy(struct sock *sk)
{
	hrtimer_cancel(&rill_sk(sk)->clock.timer);
}
