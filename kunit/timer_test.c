// SPDX-License-Identifier: GPL-2.0
/*
 * A connection's deadlines on their one hrtimer: module/clock/deadline.c.
 * Most cases set the delayed ACK, because an ACK is seen from outside.
 */
#include "../module/clock/clock.h"
#include "../module/connection/inside.h"
#include "scenario.h"

/* Arm the delayed ACK of the script's socket, @after_ns from the last event. */
static void arm_delack(struct kunit *test, u64 after_ns)
{
	struct scenario *s = test->priv;
	struct sock *sk = scenario_sk(test);

	KUNIT_ASSERT_NOT_NULL(test, sk);
	lock_sock(sk);
	rill_sk(sk)->ack.pending = RILL_ACK_DELAYED;
	rill_timer_arm(sk, RILL_TIMER_DELACK, s->base_ns + after_ns);
	release_sock(sk);
}

static void stop_delack(struct kunit *test)
{
	struct sock *sk = scenario_sk(test);

	lock_sock(sk);
	rill_timer_stop(sk, RILL_TIMER_DELACK);
	release_sock(sk);
}

static u64 hrtimer_due(struct kunit *test)
{
	struct rill_sock *rs = rill_sk(scenario_sk(test));

	return ktime_to_ns(hrtimer_get_expires(&rs->clock.timer));
}

static void fires_when_due(struct kunit *test)
{
	scenario_run(test, "accepted\n");
	arm_delack(test, 1500 * NSEC_PER_USEC);
	scenario_run(test,
		     "+1500us > A 1:1(0) ack 1\n"
		     "quiet 10s\n"
		     "counter timer_deferred +0\n");
	KUNIT_EXPECT_FALSE(test, rill_timer_armed(scenario_sk(test),
						  RILL_TIMER_DELACK));
}

/* Deadlines are in microseconds, not in jiffies. */
static void any_delay_is_kept(struct kunit *test)
{
	static const u32 delays_us[] = {
		1, 2, 7, 50, 333, 999, 1001, 4000, 10007, 123456, 1000003,
	};
	char script[64];
	size_t i;

	scenario_run(test, "accepted\n");
	for (i = 0; i < ARRAY_SIZE(delays_us); i++) {
		arm_delack(test, (u64)delays_us[i] * NSEC_PER_USEC);
		scnprintf(script, sizeof(script), "+%uus > A 1:1(0) ack 1\n",
			  delays_us[i]);
		if (!scenario_run(test, script))
			break;
	}
}

/* Moving a deadline later costs no hrtimer operation. */
static void moved_later_lazily(struct kunit *test)
{
	u64 due;

	scenario_run(test, "accepted\n");
	arm_delack(test, 10 * NSEC_PER_MSEC);
	due = hrtimer_due(test);
	arm_delack(test, 25 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, hrtimer_due(test), due);
	scenario_run(test,
		     "+25ms > A 1:1(0) ack 1\n"
		     "quiet 1s\n");
}

static void moved_earlier(struct kunit *test)
{
	scenario_run(test, "accepted\n");
	arm_delack(test, 25 * NSEC_PER_MSEC);
	arm_delack(test, 10 * NSEC_PER_MSEC);
	scenario_run(test,
		     "+10ms > A 1:1(0) ack 1\n"
		     "quiet 1s\n");
}

static void stopped(struct kunit *test)
{
	scenario_run(test, "accepted\n");
	arm_delack(test, 10 * NSEC_PER_MSEC);
	stop_delack(test);
	KUNIT_EXPECT_FALSE(test, rill_timer_armed(scenario_sk(test),
						  RILL_TIMER_DELACK));
	scenario_run(test, "quiet 1s\n");
	arm_delack(test, 2 * NSEC_PER_MSEC);
	scenario_run(test, "+2ms > A 1:1(0) ack 1\n");
}

static void due_in_the_past(struct kunit *test)
{
	scenario_run(test, "accepted\nquiet 1s\n");
	arm_delack(test, -NSEC_PER_MSEC);
	scenario_run(test, "> A 1:1(0) ack 1\n");
}

static void due_after_the_end_of_time(struct kunit *test)
{
	struct scenario *s = test->priv;

	scenario_run(test, "accepted\n");
	arm_delack(test, U64_MAX - s->base_ns);
	scenario_run(test, "quiet 24h\n");
}

/* One hrtimer serves all deadlines, each at its own time. */
static void two_deadlines(struct kunit *test)
{
	scenario_run(test,
		     "tunable keepalive_time_ms 20\n"
		     "tunable keepalive_intvl_ms 5\n"
		     "accepted\n"
		     "set keepalive\n");
	arm_delack(test, 10 * NSEC_PER_MSEC);
	scenario_run(test,
		     "+10ms > A 1:1(0) ack 1\n"
		     "+10ms > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n");
	arm_delack(test, 30 * NSEC_PER_MSEC);
	scenario_run(test,
		     "+20ms > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "+10ms > A 1:1(0) ack 1\n");
}

/* A handler that meets a socket in use leaves its work to release_sock(). */
static void deferred_while_owned(struct kunit *test)
{
	scenario_run(test, "accepted\n");
	arm_delack(test, 5 * NSEC_PER_MSEC);
	scenario_run(test,
		     "own\n"
		     "quiet 20ms\n"
		     "counter timer_deferred +1\n"
		     "disown\n"
		     "> A 1:1(0) ack 1\n"
		     "quiet 1s\n"
		     "counter timer_deferred +0\n");
}

static void deferred_but_stopped(struct kunit *test)
{
	struct sock *sk;

	scenario_run(test, "accepted\n");
	arm_delack(test, 5 * NSEC_PER_MSEC);
	scenario_run(test,
		     "own\n"
		     "quiet 20ms\n");
	sk = scenario_sk(test);
	rill_timer_stop(sk, RILL_TIMER_DELACK);
	scenario_run(test,
		     "disown\n"
		     "quiet 1s\n");
}

/* Deferred, then moved: the new time counts, and the hrtimer is set to it. */
static void deferred_but_moved(struct kunit *test)
{
	struct scenario *s = test->priv;
	struct sock *sk;

	scenario_run(test, "accepted\n");
	arm_delack(test, 5 * NSEC_PER_MSEC);
	scenario_run(test,
		     "own\n"
		     "quiet 20ms\n");
	sk = scenario_sk(test);
	rill_timer_arm(sk, RILL_TIMER_DELACK,
		       s->base_ns + 10 * NSEC_PER_MSEC);
	scenario_run(test,
		     "disown\n"
		     "+10ms > A 1:1(0) ack 1\n");
}

/* The RTO of data runs out while the program sits in a system call. */
static void retransmission_deferred(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms <mss 1000,rill 1000 6>\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "own\n"
		     "quiet 100ms\n"
		     "disown\n"
		     "> PA 1:101(100) ack 1\n"
		     /*
		      * The next RTO counts from the transmission: 2 (10 + 20 +
		      * 1) ms.
		      */
		     "+62ms > PA 1:101(100) ack 1\n");
}

/* ... or that of a SYN. */
static void syn_deferred(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "own\n"
		     "quiet 1500ms\n"
		     "counter timer_deferred +1\n"
		     "disown\n"
		     "> S 0:0(0)\n"
		     "+2s > S 0:0(0)\n");
}

static void persist_deferred(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms <mss 1000,rill 1000 6>\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "own\n"
		     "quiet 100ms\n"
		     "counter timer_deferred +1\n"
		     "disown\n"
		     "> A 0:0(0) ack 1\n"
		     "+62ms > A 0:0(0) ack 1\n");
}

static void keepalive_deferred(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms\n"
		     "set keepalive 1\n"
		     "own\n"
		     "quiet 7300s\n"
		     "counter timer_deferred +1\n"
		     "disown\n"
		     "> A 0:0(0) ack 1\n"
		     "+75s > A 0:0(0) ack 1\n"
		     /* Segments in the backlog come first. */
		     "own\n"
		     "+10s < A 1:1(0) ack 1\n"
		     "quiet 100s\n"
		     "counter timer_deferred +1\n"
		     "disown\n"
		     "+7200s > A 0:0(0) ack 1\n");
}

/*
 * The last deadline of a connection, handled by a process that releases the
 * lock.
 */
static void end_deferred(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms <mss 1000,rill 1000 6>\n"
		     "set user-timeout 40\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "own\n"
		     "quiet 100ms\n"
		     "state ESTABLISHED\n"
		     "error none\n"
		     "counter timer_deferred +1\n"
		     "disown\n"
		     "state CLOSE\n"
		     "error ETIMEDOUT\n"
		     "quiet 1h\n");
}

/*
 * Connections that end without a segment, with the default times and to 2 us.
 */
static void ends_when_due(struct kunit *test)
{
	scenario_run(test,
		     "lenient\n"
		     /* SYN_SENT: 127 s */
		     "connect\n"
		     "> S 0:0(0)\n"
		     "quiet 126999998us\n"
		     "state SYN_SENT\n"
		     "quiet 4us\n"
		     "state CLOSE\n"
		     /* SYN_RECV: 63 s */
		     "socket\n"
		     "bind\n"
		     "listen\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "quiet 62999998us\n"
		     "state SYN_RECV\n"
		     "quiet 4us\n"
		     "state LISTEN\n"
		     /* FIN_WAIT2: 60 s */
		     "flow 2\n"
		     "accepted 10ms\n"
		     "into FIN_WAIT2\n"
		     "quiet 59999998us\n"
		     "state FIN_WAIT2\n"
		     "quiet 4us\n"
		     "state CLOSE\n"
		     /* TIME_WAIT: 2 * 30 s */
		     "flow 3\n"
		     "accepted 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "< FA 1:1(0) ack 2\n"
		     "quiet 59999998us\n"
		     "state TIME_WAIT\n"
		     "quiet 4us\n"
		     "state CLOSE\n"
		     /* data without an ACK: 924.6 s */
		     "flow 4\n"
		     "accepted 10ms\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "quiet 924599998us\n"
		     "error none\n"
		     "quiet 4us\n"
		     "error ETIMEDOUT\n");
}

/*
 * Every kind of object ends while its timer is armed, and nothing happens when
 * it would have been due. KASAN and DEBUG_OBJECTS look on.
 */
static void gone_while_armed(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "socket\n"
		     "bind\n"
		     "listen\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 2\n"
		     "accepted\n"
		     "into FIN_WAIT1\n"
		     "flow 3\n"
		     "accepted\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 2\n"
		     "flow 4\n"
		     "accepted\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "< FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "flow 5\n"
		     "accepted\n"
		     "set keepalive 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "< PA 1:101(100) ack 1\n"
		     "flow 6\n"
		     "accepted\n"
		     "ignore\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n");
	rill_net_close_all(rill_net(rill_kunit_net));
	scenario_run(test,
		     "state CLOSE\n"
		     "ignore\n"
		     "quiet 3h\n"
		     "counter timer_deferred +0\n");
}

static void stop_all(struct kunit *test)
{
	struct sock *sk;
	int i;

	scenario_run(test, "accepted\n");
	sk = scenario_sk(test);
	KUNIT_ASSERT_NOT_NULL(test, sk);
	lock_sock(sk);
	for (i = 0; i < RILL_TIMER_MAX; i++)
		rill_timer_arm(sk, i, ktime_get_ns() + NSEC_PER_MSEC);
	KUNIT_EXPECT_TRUE(test, hrtimer_active(&rill_sk(sk)->clock.timer));
	rill_timer_stop_all(sk);
	KUNIT_EXPECT_FALSE(test, hrtimer_active(&rill_sk(sk)->clock.timer));
	for (i = 0; i < RILL_TIMER_MAX; i++)
		KUNIT_EXPECT_FALSE(test, rill_timer_armed(sk, i));
	release_sock(sk);
	scenario_run(test, "quiet 1s\n");
}

/* No deadline fires on a socket that is gone. */
static void closed_while_armed(struct kunit *test)
{
	scenario_run(test, "accepted\n");
	arm_delack(test, 10 * NSEC_PER_MSEC);
	scenario_run(test,
		     "set linger 0\n"
		     "close\n"
		     "> RA 1:1(0) ack 1\n"
		     "quiet 1s\n");
}

/* The clock calls what the table says, and traces its name (11 characters). */
static void each_deadline_does_something(struct kunit *test)
{
	int i, k;

	for (i = 0; i < RILL_TIMER_MAX; i++) {
		KUNIT_EXPECT_NOT_NULL_MSG(test, rill_deadlines[i].due,
					  "deadline %d", i);
		KUNIT_ASSERT_NOT_NULL_MSG(test, rill_deadlines[i].name,
					  "deadline %d", i);
		KUNIT_EXPECT_LT(test, strlen(rill_deadlines[i].name),
				(size_t)12);
		for (k = 0; k < i; k++)
			KUNIT_EXPECT_STRNEQ(test, rill_deadlines[i].name,
					    rill_deadlines[k].name);
	}
}

static struct kunit_case timer_cases[] = {
	KUNIT_CASE(each_deadline_does_something),
	KUNIT_CASE(fires_when_due),
	KUNIT_CASE(any_delay_is_kept),
	KUNIT_CASE(moved_later_lazily),
	KUNIT_CASE(moved_earlier),
	KUNIT_CASE(stopped),
	KUNIT_CASE(due_in_the_past),
	KUNIT_CASE(due_after_the_end_of_time),
	KUNIT_CASE(two_deadlines),
	KUNIT_CASE(deferred_while_owned),
	KUNIT_CASE(deferred_but_stopped),
	KUNIT_CASE(deferred_but_moved),
	KUNIT_CASE(retransmission_deferred),
	KUNIT_CASE(syn_deferred),
	KUNIT_CASE(persist_deferred),
	KUNIT_CASE(keepalive_deferred),
	KUNIT_CASE(end_deferred),
	KUNIT_CASE(ends_when_due),
	KUNIT_CASE(gone_while_armed),
	KUNIT_CASE(stop_all),
	KUNIT_CASE(closed_while_armed),
	{}
};

static struct kunit_suite timer_suite = {
	.name = "rill_timer",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = timer_cases,
};

kunit_test_suite(timer_suite);
