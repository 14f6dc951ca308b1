// SPDX-License-Identifier: GPL-2.0
/*
 * The work that ACKs and SACK blocks cost. A peer may report the same blocks
 * for ever, in any order and all at once; the cases count the steps of the
 * walks.
 */
#include "../module/control/inside.h"
#include "../module/transfer/inside.h"
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

/* Two ACKs in turn, each of which reports blocks that the other does not. */
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
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->rtx.sacked_out, 58);
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
 * A block ends inside a segment, which is split there later: the rest of the
 * block was not stored, and counts when it is reported again.
 */
static void block_with_a_part_of_a_segment(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 0\n"
		     "established 10ms <mss 1460,sackok,rill 1000 6>\n"
		     "sent 4380 of 1460\n"
		     "+1ms < A 1:1(0) ack 1 <sack 2701:4381>\n"
		     "lenient\n"
		     "+1ms < icmp mtu 1 1300\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->rtx.sacked_out, 1);
	scenario_run(test,
		     "+1ms < A 1:1(0) ack 1 <sack 2701:4381>\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->rtx.sacked_out, 2);
}

/* RFC 2018, 8: data that the peer discarded is no longer SACKed. */
static void runs_of_a_peer_that_reneges(struct kunit *test)
{
	scenario_run(test,
		     SIXTY
		     "< A 1:1(0) ack 1 <sack 1001:60001>\n"
		     "< A 1:1(0) ack 1001\n"
		     "+10s < A 1:1(0) ack 1001 <sack 2001:60001>\n"
		     "counter sack_steps +117\n"
		     "< A 1:1(0) ack 60001\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->rtx.packets_out, 0);
}

/* A slow case plays over one family: it is the same over each. */
static RILL_KUNIT_PARAMS(one_family)
{
	return prev ? NULL : scenario_family_next(NULL, desc);
}

#define MANY	8000	/* that 4 MiB of payload may be, in small segments */

/* As many segments in flight as the send buffer takes; returns how many. */
static u32 many_in_flight(struct kunit *test)
{
	struct rill_sock *rs;
	struct sock *sk;

	scenario_run(test,
		     "tunable tlp 0\n"
		     "established 10ms <mss 88,sackok,ws 14,rill 1000 6>\n"
		     "lenient\n"
		     "< A 1:1(0) ack 1 win 100007936\n");
	sk = scenario_sk(test);
	rs = rill_sk(sk);
	rs->cc.cwnd = RILL_CWND_MAX;
	rill_sndbuf_grow(sk);
	scenario_run(test,
		     "send 4000000 = *\n"
		     "ignore\n");
	KUNIT_EXPECT_GT(test, rs->rtx.packets_out, MANY);
	/* None of them costs less than its head. */
	KUNIT_EXPECT_LT(test, rs->rtx.packets_out, sk->sk_sndbuf / 512);
	return rs->rtx.packets_out;
}

static u64 steps(struct kunit *test)
{
	return rill_counter_read(rill_net(rill_kunit_net),
				 RILL_CNT_search_steps);
}

static void acknowledge(struct kunit *test, u32 segments)
{
	const struct rill_sock *rs = rill_sk(scenario_sk(test));
	char line[80];

	scnprintf(line, sizeof(line), "< A 1:1(0) ack %u\nignore\n",
		  rs->snd.una - rs->snd.iss + segments * rs->path.mss);
	scenario_run(test, line);
}

/* One ACK for all of it: a step for each, and no more. */
static void one_ack_of_many(struct kunit *test)
{
	u32 n = many_in_flight(test);
	const struct rill_sock *rs = rill_sk(scenario_sk(test));
	u64 before = steps(test);
	char line[80];

	scnprintf(line, sizeof(line), "< A 1:1(0) ack %u\nignore\n",
		  rs->snd.nxt - rs->snd.iss);
	scenario_run(test, line);
	KUNIT_EXPECT_EQ(test, rs->rtx.packets_out, 0);
	KUNIT_EXPECT_GE(test, steps(test) - before, (u64)n);
	KUNIT_EXPECT_LE(test, steps(test) - before, n + 2ULL);
}

/*
 * All of it is lost. The timeout looks at each segment once. The first ACK may
 * look at each a few times at most; those that follow, of one segment each,
 * look at the segments to be retransmitted, and at none twice.
 */
static void many_lost(struct kunit *test)
{
	u32 n = many_in_flight(test), i;
	u64 before = steps(test);

	scenario_run(test,
		     "quiet 40ms\n"
		     "counter rto_timeouts +1\n");
	KUNIT_EXPECT_LE(test, steps(test) - before, n + 10ULL);
	before = steps(test);
	acknowledge(test, 1);
	KUNIT_EXPECT_LE(test, steps(test) - before, 3ULL * n);
	before = steps(test);
	for (i = 0; i < 200; i++)
		acknowledge(test, 1);
	KUNIT_EXPECT_LE(test, steps(test) - before, 10 * 200ULL);
}

static struct kunit_case scoreboard_cases[] = {
	KUNIT_CASE_PARAM(one_ack_of_many, one_family),
	KUNIT_CASE_PARAM(many_lost, one_family),
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
