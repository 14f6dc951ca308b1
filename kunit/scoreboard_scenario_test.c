// SPDX-License-Identifier: GPL-2.0
/*
 * What SACK blocks cost: module/transfer/scoreboard.c. A peer may tell the same
 * for ever and in any order; the steps of the walks are counted.
 */
#include "scenario.h"

#define RILL_PEER	"established 10ms <mss 1000,sackok,rill 1000 6>\n"

/* Sixty segments in flight, of which nothing is known. */
#define SIXTY								\
	"tunable tlp 0\n"						\
	"tunable init_cwnd 60\n"					\
	RILL_PEER							\
	"lenient\n"							\
	"send 60000\n"							\
	"quiet 10ms\n"							\
	"counter sack_steps +0\n"

/* Two ACKs in turn, each of which tells what the other does not. */
static void blocks_in_turn(struct kunit *test)
{
	int i;

	scenario_run(test,
		     SIXTY
		     "< A 1:1(0) ack 1 <sack 1001:30001>\n"
		     "counter sack_steps +29\n"
		     "< A 1:1(0) ack 1 <sack 31001:60001>\n"
		     "counter sack_steps +29\n");
	for (i = 0; i < 6; i++)
		scenario_run(test,
			     "< A 1:1(0) ack 1 <sack 1001:30001>\n"
			     "counter sack_steps +1\n"
			     "< A 1:1(0) ack 1 <sack 31001:60001>\n"
			     "counter sack_steps +1\n"
			     "< A 1:1(0) ack 1 <sack 2001:30001>\n"
			     "counter sack_steps +1\n"
			     "< A 1:1(0) ack 1 <sack 31001:45001 1001:15001>\n"
			     "counter sack_steps +2\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->sacked_out, 58);
}

/* Every second segment, then those between: as many steps as segments. */
static void blocks_that_grow_together(struct kunit *test)
{
	char line[80];
	u32 i;

	scenario_run(test, SIXTY);
	for (i = 1; i < 60; i += 2) {
		scnprintf(line, sizeof(line),
			  "< A 1:1(0) ack 1 <sack %u:%u>\n"
			  "counter sack_steps +1\n",
			  i * 1000 + 1, i * 1000 + 1001);
		scenario_run(test, line);
	}
	scenario_run(test,
		     "< A 1:1(0) ack 1 <sack 1001:60001>\n"
		     "counter sack_steps +59\n"
		     "< A 1:1(0) ack 1 <sack 1001:60001>\n"
		     "counter sack_steps +1\n"
		     "< A 1:1(0) ack 1 <sack 30001:60001>\n"
		     "counter sack_steps +1\n"
		     "< A 1:1(0) ack 60001\n"
		     "counter sack_steps +0\n");
}

/*
 * A block ends inside a segment, which is cut in two there later: the rest of
 * what that block told is not known, and told again it counts.
 */
static void block_with_a_part_of_a_segment(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 0\n"
		     "established 10ms <mss 1460,sackok,rill 1000 6>\n"
		     "send 4380\n"
		     "> Ap 1:1461(1460) ack 1\n"
		     "> Ap 1461:2921(1460) ack 1\n"
		     "> PA 2921:4381(1460) ack 1\n"
		     "+1ms < A 1:1(0) ack 1 <sack 2701:4381>\n"
		     "lenient\n"
		     "+1ms < icmp mtu 1 1300\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->sacked_out, 1);
	scenario_run(test,
		     "+1ms < A 1:1(0) ack 1 <sack 2701:4381>\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->sacked_out, 2);
}

/* RFC 2018, 8: what the peer has dropped again is not known any more. */
static void runs_of_a_peer_that_reneges(struct kunit *test)
{
	scenario_run(test,
		     SIXTY
		     "< A 1:1(0) ack 1 <sack 1001:60001>\n"
		     "< A 1:1(0) ack 1001\n"
		     "+10s < A 1:1(0) ack 1001 <sack 2001:60001>\n"
		     "counter sack_steps +117\n"
		     "< A 1:1(0) ack 60001\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->packets_out, 0);
}

static struct kunit_case scoreboard_cases[] = {
	KUNIT_CASE_PARAM(blocks_in_turn, scenario_families),
	KUNIT_CASE_PARAM(blocks_that_grow_together, scenario_families),
	KUNIT_CASE_PARAM(block_with_a_part_of_a_segment, scenario_families),
	KUNIT_CASE_PARAM(runs_of_a_peer_that_reneges, scenario_families),
	{}
};

static struct kunit_suite scoreboard_suite = {
	.name = "rill_scoreboard",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = scoreboard_cases,
};

kunit_test_suite(scoreboard_suite);
