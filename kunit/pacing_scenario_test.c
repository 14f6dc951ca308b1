// SPDX-License-Identifier: GPL-2.0
/*
 * Pacing: module/transfer/pacing.c. At 1,020,000 bytes a second a segment of
 * 1000 bytes takes exactly a millisecond, with its header. The second suite
 * plays the same on the kernel's TCP.
 */
#include "../module/transfer/inside.h"
#include "scenario.h"

#define PACED		"set max-pacing-rate 1020000\n"

static void rate_by_table(struct kunit *test)
{
	/* 10 segments of 1000 bytes in 10 ms, 10 us, 2 s */
	KUNIT_EXPECT_EQ(test, rill_pace_rate(10000, 80000, 200), 2000000ULL);
	KUNIT_EXPECT_EQ(test, rill_pace_rate(10000, 80000, 120), 1200000ULL);
	KUNIT_EXPECT_EQ(test, rill_pace_rate(10000, 80, 200), 2000000000ULL);
	KUNIT_EXPECT_EQ(test, rill_pace_rate(10000, 16000000, 200), 10000ULL);
	/* The largest window there is, in 1 us. */
	KUNIT_EXPECT_EQ(test, rill_pace_rate(65535ULL << 20, 8, 200),
			(65535ULL << 20) * 2000000);
}

/* The segments are exactly so far apart; no ACK makes them go sooner. */
static void spaced(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     PACED
		     "send 5000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "+1ms > Ap 1001:2001(1000) ack 1\n"
		     "+1ms > Ap 2001:3001(1000) ack 1\n"
		     "+500us < A 1:1(0) ack 2001\n"
		     "+500us > Ap 3001:4001(1000) ack 1\n"
		     "+1ms > PA 4001:5001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 5001\n"
		     "quiet 1s\n");
}

/* A small segment takes less time; header and payload count. */
static void spaced_by_size(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     PACED
		     "set nodelay\n"
		     "send 490\n"
		     "> PA 1:491(490) ack 1\n"
		     "send 1000\n"
		     "+500us > PA 491:1491(1000) ack 1\n"
		     "send 100\n"
		     "+1ms > PA 1491:1591(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 1591\n");
}

/* Time in which nothing was sent is not made up for. */
static void no_credit_for_idle_time(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     PACED
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1001\n"
		     "quiet 10s\n"
		     "send 3000\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "+1ms > Ap 2001:3001(1000) ack 1\n"
		     "+1ms > PA 3001:4001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 4001\n");
}

/* cwnd limits a paced sender as well. */
static void by_cwnd_too(struct kunit *test)
{
	scenario_run(test,
		     "tunable init_cwnd 2\n"
		     "established 2ms\n"
		     PACED
		     "send 4000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "+1ms > Ap 1001:2001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 2001\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     "+1ms > PA 3001:4001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 4001\n");
}

/* Retransmissions are paced as new data, but for the first. */
static void retransmissions(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,sackok,rill 1000 6>\n"
		     "set max-pacing-rate 510000\n"
		     "send 6000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "+2ms > Ap 1001:2001(1000) ack 1\n"
		     "+2ms > Ap 2001:3001(1000) ack 1\n"
		     "+2ms > Ap 3001:4001(1000) ack 1\n"
		     "+2ms > Ap 4001:5001(1000) ack 1\n"
		     "+2ms > PA 5001:6001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1 <sack 2001:6001>\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "+2ms > Ap 1001:2001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 6001\n");
}

/* The FIN goes behind the data. */
static void closed_meanwhile(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     PACED
		     "send 3000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "close\n"
		     "+1ms > Ap 1001:2001(1000) ack 1\n"
		     "+1ms > PFA 2001:3001(1000) ack 1\n"
		     "+10ms < FA 1:1(0) ack 3002\n"
		     "> A 3002:3002(0) ack 2\n");
}

/* However low the rate, a segment goes every two minutes. */
static void longest_wait(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set max-pacing-rate 1\n"
		     "tolerance 5us\n"
		     "send 3000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1001\n"
		     "+119990ms > Ap 1001:2001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 2001\n"
		     "+119990ms > PA 2001:3001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 3001\n");
}

/* TCP paces from the tenth segment on, and its timer is coarse. */
static void longest_wait_of_tcp(struct kunit *test)
{
	char line[96];
	int i, at;

	scenario_run(test, "established 10ms\n");
	for (i = 0; i < 10; i++) {
		at = 1 + 100 * i;
		scnprintf(line, sizeof(line),
			  "send 100\n"
			  "> PA %d:%d(100) ack 1\n"
			  "+10ms < A 1:1(0) ack %d\n",
			  at, at + 100, at + 100);
		scenario_run(test, line);
	}
	scenario_run(test,
		     "set max-pacing-rate 1\n"
		     "send 4000\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 3001\n"
		     "+119s~130s > Ap 3001:4001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 4001\n"
		     "+119s~130s > Ap 4001:5001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 5001\n");
}

/* The pace of the socket's last connection does not delay the next one. */
static void not_of_the_last_connection(struct kunit *test)
{
	struct rill_sock *rs;

	scenario_run(test,
		     "socket\n"
		     "set max-pacing-rate 1020\n"
		     "established 10ms\n");
	rs = rill_sk(scenario_sk(test));
	scenario_run(test,
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1\n"
		     "send 1000\n"
		     "disconnect\n"
		     "> RA 1001:1001(0) ack 1\n");
	KUNIT_EXPECT_EQ(test, rs->pace.next_ns, 0ULL);
	KUNIT_EXPECT_FALSE(test, rs->pace.held);
}

/* The timer finds the socket in use; the delay is made up for. */
static void owned_meanwhile(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     PACED
		     "send 4000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "+100us own\n"
		     "quiet 1400us\n"
		     "disown\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "+500us > Ap 2001:3001(1000) ack 1\n"
		     "+1ms > PA 3001:4001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 4001\n"
		     "counter timer_deferred +1\n");
}

/*
 * An algorithm asks for pacing: at twice cwnd in a round trip, in slow start.
 */
static void by_the_algorithm(struct kunit *test)
{
	struct rill_cc_ops ops = rill_cc_cubic;
	struct sock *sk;

	ops.paced = true;
	scenario_run(test, "established 10ms\n");
	sk = scenario_sk(test);
	lock_sock(sk);
	rill_cc_choose(sk, &ops);
	release_sock(sk);
	scenario_run(test,
		     "send 3000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "+500us > Ap 1001:2001(1000) ack 1\n"
		     "+500us > PA 2001:3001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 3001\n"
		     "set congestion cubic\n");
}

/* ... however small the segments are: headers count on both sides. */
static void by_the_algorithm_in_small_segments(struct kunit *test)
{
	struct rill_cc_ops ops = rill_cc_cubic;
	struct sock *sk;

	ops.paced = true;
	scenario_run(test, "established 10ms <mss 100>\n");
	sk = scenario_sk(test);
	lock_sock(sk);
	rill_cc_choose(sk, &ops);
	release_sock(sk);
	scenario_run(test,
		     "send 300\n"
		     "> Ap 1:101(100) ack 1\n"
		     "+500us > Ap 101:201(100) ack 1\n"
		     "+500us > PA 201:301(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 301\n"
		     "set congestion cubic\n");
}

/* The timer's sending makes room below TCP_NOTSENT_LOWAT. */
static void sent_is_room(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     PACED
		     "send 3000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "set notsent-lowat 1\n"
		     "tolerance 10us\n"
		     "blocking send 1000\n"
		     "+1ms > Ap 1001:2001(1000) ack 1\n"
		     "+1ms > Ap 2001:3001(1000) ack 1\n"
		     "returned = 1000\n"
		     "+1ms > PA 3001:4001(1000) ack 1\n");
}

/* A writer of more data goes on as fast as the timer sends. */
static void sent_is_room_again(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 0\n"
		     "established 10ms\n"
		     PACED
		     "set notsent-lowat 4000\n"
		     "tolerance 10us\n"
		     "blocking send 12000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "+1ms > Ap 1001:2001(1000) ack 1\n"
		     "+1ms > Ap 2001:3001(1000) ack 1\n"
		     "+1ms > Ap 3001:4001(1000) ack 1\n"
		     "+1ms > Ap 4001:5001(1000) ack 1\n"
		     "+1ms > Ap 5001:6001(1000) ack 1\n"
		     "+1ms > Ap 6001:7001(1000) ack 1\n"
		     "+1ms > Ap 7001:8001(1000) ack 1\n"
		     "lenient\n");
}

static struct kunit_case pacing_cases[] = {
	KUNIT_CASE(rate_by_table),
	KUNIT_CASE_PARAM(spaced, scenario_families),
	KUNIT_CASE_PARAM(spaced_by_size, scenario_families),
	KUNIT_CASE_PARAM(no_credit_for_idle_time, scenario_families),
	KUNIT_CASE_PARAM(by_cwnd_too, scenario_families),
	KUNIT_CASE_PARAM(retransmissions, scenario_families),
	KUNIT_CASE_PARAM(closed_meanwhile, scenario_families),
	KUNIT_CASE_PARAM(longest_wait, scenario_families),
	KUNIT_CASE_PARAM(not_of_the_last_connection, scenario_families),
	KUNIT_CASE_PARAM(owned_meanwhile, scenario_families),
	KUNIT_CASE_PARAM(by_the_algorithm, scenario_families),
	KUNIT_CASE_PARAM(by_the_algorithm_in_small_segments,
			 scenario_families),
	KUNIT_CASE_PARAM(sent_is_room, scenario_families),
	KUNIT_CASE_PARAM(sent_is_room_again, scenario_families),
	{}
};

static struct kunit_suite pacing_suite = {
	.name = "rill_pacing",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = pacing_cases,
};

static struct kunit_case pacing_tcp_cases[] = {
	KUNIT_CASE_PARAM(longest_wait_of_tcp, scenario_families),
	{}
};

static struct kunit_suite pacing_tcp_suite = {
	.name = "rill_pacing_tcp",
	.init = scenario_init_tcp,
	.exit = scenario_exit,
	.test_cases = pacing_tcp_cases,
};

kunit_test_suites(&pacing_suite, &pacing_tcp_suite);
