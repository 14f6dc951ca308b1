/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the clock offers the other rooms: the deadlines of a connection, and by
 * how much a timer may be late.
 *
 * Each function is documented where it is defined.
 */
#ifndef _RILL_CLOCK_H
#define _RILL_CLOCK_H

#include "../rill.h"

/**
 * struct rill_deadline - one of the deadlines of a connection
 * @name: in tracepoints
 * @due: what is to be done when it has come, at @now; under the socket lock, in
 *	softirq or process context
 */
struct rill_deadline {
	const char	*name;
	void		(*due)(struct sock *sk, u64 now);
};

/* clock/deadline.c */
void rill_clock_init(const struct rill_deadline *table);
void rill_timer_init(struct sock *sk);
void rill_timer_set(struct sock *sk, enum rill_timer which, u64 at_ns);
void rill_timer_wind(struct sock *sk);
void rill_timer_arm(struct sock *sk, enum rill_timer which, u64 at_ns);
void rill_timer_stop_all(struct sock *sk);
void rill_timer_run(struct sock *sk);
void rill_timer_destroy(struct sock *sk);

static inline bool rill_timer_armed(const struct sock *sk, enum rill_timer t)
{
	return rill_sk(sk)->clock.deadline_ns[t] != 0;
}

/* Clear a deadline; the hrtimer finds out when it fires. */
static inline void rill_timer_stop(struct sock *sk, enum rill_timer t)
{
	sock_owned_by_me(sk);
	rill_sk(sk)->clock.deadline_ns[t] = 0;
}

/*
 * Read the clock as an event begins, rill_turn_begin(): all that it does has
 * the time clock.now_ns. Pacing reads the clock anew for each segment; so does a
 * reset, which may be all that a call sends.
 */
static inline void rill_clock_read(struct rill_sock *rs)
{
	rs->clock.now_ns = rill_now_ns();
}

/* Waits that are shorter are exact. */
#define RILL_SLACK_LEAST_NS	(100 * NSEC_PER_MSEC)

/*
 * By how much a timer that nobody waits for may be late, so that a busy host
 * serves several in one interrupt. It is never early.
 */
static inline u64 rill_slack_ns(const struct rill_net *rnet, u64 due_ns)
{
	u64 slack = (u64)rill_tunable(rnet, timer_slack_us) * NSEC_PER_USEC;
	s64 wait = due_ns - rill_now_ns();

	return wait < (s64)RILL_SLACK_LEAST_NS ? 0 : min_t(u64, slack,
							   wait / 16);
}

#endif /* _RILL_CLOCK_H */
