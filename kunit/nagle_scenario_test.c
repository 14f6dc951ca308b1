// SPDX-License-Identifier: GPL-2.0
/*
 * When a small segment is sent: Nagle, TCP_NODELAY, TCP_CORK, MSG_MORE, and
 * silly windows of the peer. The kernel's TCP plays the same scripts.
 */
#include "scenario.h"

/* Minshall: a small segment waits for the small one before it, no other. */
static void small_after_small(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "send 100\n"
		     "> Ap 1:101(100) ack 1\n"
		     "send 200\n"
		     "quiet 5ms\n"
		     "< A 1:1(0) ack 101\n"
		     "> Ap 101:301(200) ack 1\n"
		     "+10ms < A 1:1(0) ack 301\n"
		     "send 1100\n"
		     "> Ap 301:1301(1000) ack 1\n"
		     "> Ap 1301:1401(100) ack 1\n"
		     "send 1000\n"
		     "> Ap 1401:2401(1000) ack 1\n"
		     "send 10\n"
		     "quiet 1ms\n"
		     "< A 1:1(0) ack 1401\n"
		     "> Ap 2401:2411(10) ack 1\n");
}

/*
 * Without Nagle each goes at once; setting TCP_NODELAY again sends what waits.
 */
static void nagle_switched_off(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set nodelay 1\n"
		     "send 100\n"
		     "> Ap 1:101(100) ack 1\n"
		     "send 200\n"
		     "> Ap 101:301(200) ack 1\n"
		     "set nodelay 0\n"
		     "send 300\n"
		     "quiet 1ms\n"
		     "set nodelay 1\n"
		     "> Ap 301:601(300) ack 1\n");
}

/* Full segments go, the rest waits for the end of the cork. */
static void corked(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set cork 1\n"
		     "send 400\n"
		     "quiet 20ms\n"
		     "send 1700\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 2001\n"
		     "quiet 20ms\n"
		     "set cork 0\n"
		     "> Ap 2001:2101(100) ack 1\n");
}

/* MSG_EOR: later data does not join the segment that ends a call. */
static void calls_that_end_records(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "send 100\n"
		     "> Ap 1:101(100) ack 1\n"
		     "send 50 eor\n"
		     "quiet 1ms\n"
		     "send 60\n"
		     "> Ap 101:151(50) ack 1\n"
		     "send 70 eor\n"
		     "send 80\n"
		     "> Ap 151:281(130) ack 1\n"
		     "quiet 1ms\n"
		     "+10ms < A 1:1(0) ack 281\n"
		     "> Ap 281:361(80) ack 1\n");
}

/* TCP_NODELAY sends corked data, once. */
static void cork_and_nodelay(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set cork 1\n"
		     "send 100\n"
		     "quiet 1ms\n"
		     "set nodelay 1\n"
		     "> Ap 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 101\n"
		     "send 100\n"
		     "quiet 1ms\n"
		     "set cork 0\n"
		     "> Ap 101:201(100) ack 1\n");
}

/* The FIN does not wait. */
static void end_of_what_is_corked(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set cork 1\n"
		     "send 100\n"
		     "quiet 1ms\n"
		     "shutdown wr\n"
		     "> FAp 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 102\n");
}

/* MSG_MORE corks one call. */
static void one_call_corked(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "send 100 more\n"
		     "quiet 1ms\n"
		     "send 950 more\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "send 50\n"
		     "> Ap 1001:1101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 1101\n"
		     "send 1000 more\n"
		     "> Ap 1101:2101(1000) ack 1\n");
}

/* No small piece is split off to fit into a window. */
static void silly_window(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 1:1(0) ack 1 win 2500\n"
		     "send 4000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1001 win 1500\n"
		     "< A 1:1(0) ack 2001 win 500\n"
		     "+1ms < A 1:1(0) ack 2001 win 1000\n"
		     "> Ap 2001:3001(1000) ack 1\n");
}

/* The cases that rill and TCP share. */
#define NAGLE_CASES(X)			\
	X(small_after_small)		\
	X(nagle_switched_off)		\
	X(corked)			\
	X(calls_that_end_records)	\
	X(cork_and_nodelay)		\
	X(end_of_what_is_corked)	\
	X(one_call_corked)		\
	X(silly_window)

static struct kunit_case nagle_cases[] = {
	NAGLE_CASES(SCENARIO_CASE)
	{}
};

static struct kunit_suite nagle_suite = {
	.name = "rill_nagle",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = nagle_cases,
};

static struct kunit_case nagle_tcp_cases[] = {
	NAGLE_CASES(SCENARIO_CASE)
	{}
};

static struct kunit_suite nagle_tcp_suite = {
	.name = "rill_nagle_tcp",
	.init = scenario_init_tcp,
	.exit = scenario_exit,
	.test_cases = nagle_tcp_cases,
};

kunit_test_suites(&nagle_suite, &nagle_tcp_suite);
