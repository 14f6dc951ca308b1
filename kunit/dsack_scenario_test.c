// SPDX-License-Identifier: GPL-2.0
/* The DSACK blocks that report a duplicate to the peer: RFC 2883, 4. */
#include "scenario.h"

#define SACK	"established 10ms <mss 1000,sackok>\n"

/* 4.1.1: the whole segment, below the ACK; told once. */
static void whole_segment(struct kunit *test)
{
	scenario_run(test,
		     SACK
		     "< A 1:501(500) ack 1\n"
		     "+1ms > A 1:1(0) ack 501 <>\n"
		     "< A 1:501(500) ack 1\n"
		     "> A 1:1(0) ack 501 <sack 1:501>\n"
		     "< A 501:1001(500) ack 1\n"
		     "+1ms > A 1:1(0) ack 1001 <>\n"
		     "counter dsacks_sent +1\n");
}

/*
 * A duplicate so old that it lies outside the window; and one with a
 * retransmitted FIN.
 */
static void long_ago(struct kunit *test)
{
	scenario_run(test,
		     SACK
		     "< A 1:1001(1000) ack 1\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 2001\n"
		     "< A 1:1001(1000) ack 1\n"
		     "> A 1:1(0) ack 2001 <sack 1:1001>\n"
		     "< FA 2001:2101(100) ack 1\n"
		     "> A 1:1(0) ack 2102 <>\n"
		     "< FA 2001:2101(100) ack 1\n"
		     "> A 1:1(0) ack 2102 <sack 2001:2102>\n"
		     "< FA 2101:2101(0) ack 1\n"
		     "> A 1:1(0) ack 2102 <sack 2101:2102>\n");
}

/*
 * 4.1.2: the ACK reports a hole too: first the duplicate, then the block around
 * it.
 */
static void out_of_order(struct kunit *test)
{
	scenario_run(test,
		     SACK
		     "< A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 1001:2001>\n"
		     "< A 2001:3001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 1001:3001>\n"
		     "< A 5001:6001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 5001:6001 1001:3001>\n"
		     "< A 2001:3001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 2001:3001 1001:3001 5001:6001>\n"
		     "< A 7001:8001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 7001:8001 1001:3001 5001:6001>\n");
}

/* 4.1.3: a duplicate below the ACK, while there is a hole. */
static void below_a_hole(struct kunit *test)
{
	scenario_run(test,
		     SACK
		     "< A 1:501(500) ack 1\n"
		     "< A 1001:1501(500) ack 1\n"
		     "> A 1:1(0) ack 501 <sack 1001:1501>\n"
		     "< A 1:501(500) ack 1\n"
		     "> A 1:1(0) ack 501 <sack 1:501 1001:1501>\n");
}

/* 4.2.1: the DSACK block covers only the duplicate part. */
static void part_of_a_segment(struct kunit *test)
{
	scenario_run(test,
		     SACK
		     "< A 1:501(500) ack 1\n"
		     "+1ms > A 1:1(0) ack 501\n"
		     "< A 251:751(500) ack 1\n"
		     "> A 1:1(0) ack 751 <sack 251:501>\n");
}

/* 4.2.2 and 4.2.3: a duplicate of queued data, left, right, in the middle. */
static void part_of_what_waits(struct kunit *test)
{
	scenario_run(test,
		     SACK
		     "< A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 1001:2001>\n"
		     "< A 501:1501(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 1001:1501 501:2001>\n"
		     "< A 1751:2501(750) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 1751:2001 501:2501>\n"
		     "< A 3001:3501(500) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 3001:3501 501:2501>\n"
		     "< A 2801:3701(900) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 3001:3501 2801:3701 501:2501>\n"
		     /*
		      * Of two duplicate parts with a hole between them the
		      * first is reported.
		      */
		     "< A 2401:3001(600) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 2401:2501 501:3701>\n"
		     "counter dsacks_sent +4\n");
}

/* A segment in order that overlaps queued data. */
static void into_what_waits(struct kunit *test)
{
	scenario_run(test,
		     SACK
		     "< A 501:1001(500) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 501:1001>\n"
		     "< A 1501:2001(500) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 1501:2001 501:1001>\n"
		     "< A 1:901(900) ack 1\n"
		     "> A 1:1(0) ack 1001 <sack 501:901 1501:2001>\n"
		     "< A 1001:2101(1100) ack 1\n"
		     "> A 1:1(0) ack 2101 <sack 1501:2001>\n"
		     "recv 3000 = 2100\n");
}

/*
 * With timestamps there is room for three blocks, the duplicate's among them.
 */
static void with_timestamps(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,sackok,ts>\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 3001:4001(1000) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 5001:6001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <ts * *,sack 5001:6001 3001:4001 1001:2001>\n"
		     "< A 3001:4001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <ts * *,sack 3001:4001 3001:4001 5001:6001>\n");
}

/*
 * A full segment has no room for the block: an ACK of its own reports it, at
 * once.
 */
static void while_we_send(struct kunit *test)
{
	scenario_run(test,
		     "tunable init_cwnd 1\n"
		     "established 10ms <mss 1000,sackok>\n"
		     "< A 1:501(500) ack 1\n"
		     "send 3010\n"
		     "> A 1:1001(1000) ack 501\n"
		     "< A 1:501(500) ack 1001\n"
		     "> A 1001:2001(1000) ack 501 <>\n"
		     "> A 2001:3001(1000) ack 501 <>\n"
		     "> A 3001:3001(0) ack 501 <sack 1:501>\n"
		     /* A small segment has room for it. */
		     "< A 1:501(500) ack 3001\n"
		     "> PA 3001:3011(10) ack 501 <sack 1:501>\n");
}

static void switched_off(struct kunit *test)
{
	scenario_run(test,
		     "tunable dsack 0\n"
		     SACK
		     "< A 1:501(500) ack 1\n"
		     "+1ms > A 1:1(0) ack 501\n"
		     "< A 1:501(500) ack 1\n"
		     "> A 1:1(0) ack 501 <>\n"
		     "tunable dsack 1\n"
		     "< A 1:501(500) ack 1\n"
		     "> A 1:1(0) ack 501 <sack 1:501>\n");
}

static void without_sack(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000>\n"
		     "< A 1:501(500) ack 1\n"
		     "+1ms > A 1:1(0) ack 501\n"
		     "< A 1:501(500) ack 1\n"
		     "> A 1:1(0) ack 501 <>\n");
}

/* 2^32 lies inside the duplicate. */
static void round_the_wrap(struct kunit *test)
{
	scenario_run(test,
		     "irs 4294967000\n"
		     SACK
		     "< A 1:501(500) ack 1\n"
		     "+1ms > A 1:1(0) ack 501\n"
		     "< A 201:601(400) ack 1\n"
		     "> A 1:1(0) ack 601 <sack 201:501>\n");
}

static struct kunit_case dsack_cases[] = {
	KUNIT_CASE_PARAM(whole_segment, scenario_families),
	KUNIT_CASE_PARAM(long_ago, scenario_families),
	KUNIT_CASE_PARAM(out_of_order, scenario_families),
	KUNIT_CASE_PARAM(below_a_hole, scenario_families),
	KUNIT_CASE_PARAM(part_of_a_segment, scenario_families),
	KUNIT_CASE_PARAM(part_of_what_waits, scenario_families),
	KUNIT_CASE_PARAM(into_what_waits, scenario_families),
	KUNIT_CASE_PARAM(with_timestamps, scenario_families),
	KUNIT_CASE_PARAM(while_we_send, scenario_families),
	KUNIT_CASE_PARAM(switched_off, scenario_families),
	KUNIT_CASE_PARAM(without_sack, scenario_families),
	KUNIT_CASE_PARAM(round_the_wrap, scenario_families),
	{}
};

static struct kunit_suite dsack_suite = {
	.name = "rill_dsack",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = dsack_cases,
};

kunit_test_suite(dsack_suite);
