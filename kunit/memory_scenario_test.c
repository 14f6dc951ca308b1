// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of each event fails in turn: that call fails or that packet
 * is lost, and nothing else breaks: the next call and the next segment work.
 */
#include "scenario.h"

#define MEMORY_MOST	100	/* allocations of one event, far more than any */

/*
 * Play @before, then @event with its first allocation failing, then @after; the
 * same with the second allocation, and so on until there are no more.
 */
static void each_allocation(struct kunit *test, const char *before,
			    const char *event, const char *after)
{
	struct scenario *s = test->priv;
	char script[SCENARIO_LINE];
	int nth;

	if (!IS_ENABLED(CONFIG_FAILSLAB))
		kunit_skip(test, "no CONFIG_FAILSLAB");
	for (nth = 1; nth < MEMORY_MOST; nth++) {
		scnprintf(script, sizeof(script), "fail %d\n%s\nignore\n", nth,
			  event);
		if (!scenario_run(test, before) || !scenario_run(test, script))
			break;
		if (!s->short_of_memory)
			break;
		if (!scenario_run(test, after))
			break;
	}
	KUNIT_EXPECT_GT_MSG(test, nth, 1, "nothing was allocated at all");
	KUNIT_EXPECT_LT(test, nth, MEMORY_MOST);
	if (s->failed)
		kunit_info(test, "with allocation %d failing\n", nth);
}

static void socket_without_memory(struct kunit *test)
{
	each_allocation(test, "", "socket = *", "");
}

/* The SYN is lost, or its answer; the peer sends it again. */
static void syn_without_memory(struct kunit *test)
{
	scenario_run(test, "listen\n");
	each_allocation(test, "",
			"< S 0:0(0) <mss 1000,sackok,ts>",
			"< S 0:0(0) <mss 1000,sackok,ts>\n"
			"> SA 0:0(0) ack 1\n"
			"< R 1:1(0)\n"
			"state LISTEN\n"
			"forget\n");
}

static void third_segment_without_memory(struct kunit *test)
{
	scenario_run(test, "listen\n");
	each_allocation(test,
			"< S 0:0(0) <mss 1000,sackok,ts>\n"
			"> SA 0:0(0) ack 1\n",
			"< A 1:1(0) ack 1",
			"< PA 1:101(100) ack 1\n"
			"accept\n"
			"recv 100\n"
			"ignore\n"
			"< R 101:101(0)\n"
			"forget\n"
			"use 0\n"
			"quiet 10ms\n");
}

static void accept_without_memory(struct kunit *test)
{
	scenario_run(test, "listen\n");
	each_allocation(test,
			"use 0\n"
			"< S 0:0(0) <mss 1000>\n"
			"> SA 0:0(0) ack 1\n"
			"< A 1:1(0) ack 1\n",
			"accept = *",
			"< R 1:1(0)\n"
			"accept = *\n"
			"accept = EAGAIN\n"
			"forget\n"
			"quiet 10ms\n");
}

static void connect_without_memory(struct kunit *test)
{
	each_allocation(test,
			"socket\n",
			"connect = *",
			"set linger 0\n"
			"close\n"
			"ignore\n"
			"state CLOSE\n"
			"forget\n"
			"port 0\n");
}

static void syn_ack_without_memory(struct kunit *test)
{
	each_allocation(test,
			"connect\n"
			"> S 0:0(0)\n",
			"< SA 0:0(0) ack 1 <mss 1000>",
			"< SA 0:0(0) ack 1 <mss 1000>\n"
			"ignore\n"
			"state ESTABLISHED\n"
			"send 10\n"
			"> PA 1:11(10) ack 1\n"
			"set linger 0\n"
			"close\n"
			"ignore\n"
			"forget\n"
			"port 0\n");
}

/* A segment may be lost, but never acknowledged data. */
static void data_without_memory(struct kunit *test)
{
	struct scenario *s = test->priv;
	char script[SCENARIO_LINE];
	u32 seq = 1;
	int nth;

	if (!IS_ENABLED(CONFIG_FAILSLAB))
		kunit_skip(test, "no CONFIG_FAILSLAB");
	scenario_run(test,
		     "established 10ms <mss 1000,sackok>\n"
		     "lenient\n");
	for (nth = 1; nth < MEMORY_MOST; nth++, seq += 2000) {
		scnprintf(script, sizeof(script),
			  "fail %d\n< A %u:%u(1000) ack 1\n", nth,
			  seq + 1000, seq + 2000);
		if (!scenario_run(test, script) || !s->short_of_memory)
			break;
		scnprintf(script, sizeof(script),
			  "fail %d\n"
			  "< A %u:%u(1000) ack 1\n"
			  "< A %u:%u(1000) ack 1\n"
			  "< A %u:%u(1000) ack 1\n"
			  "recv 3000 = 2000\n", nth,
			  seq, seq + 1000, seq, seq + 1000, seq + 1000,
			  seq + 2000);
		if (!scenario_run(test, script))
			break;
	}
	KUNIT_EXPECT_GT(test, nth, 1);
}

static void send_without_memory(struct kunit *test)
{
	struct scenario *s = test->priv;
	char script[SCENARIO_LINE];
	u32 sent = 0;
	int nth;

	if (!IS_ENABLED(CONFIG_FAILSLAB))
		kunit_skip(test, "no CONFIG_FAILSLAB");
	scenario_run(test,
		     "established 10ms <mss 1000,rill 1000 6>\n"
		     "lenient\n");
	for (nth = 1; nth < MEMORY_MOST; nth++) {
		scnprintf(script, sizeof(script), "fail %d\nsend 2000 = *\n",
			  nth);
		if (!scenario_run(test, script))
			break;
		sent = s->socks[0].sent;
		if (!s->short_of_memory)
			break;
		/*
		 * A segment that failed the first time goes by its timer, or
		 * with the ACK of an earlier one.
		 */
		scnprintf(script, sizeof(script),
			  "quiet 1s\n< A 1:1(0) ack %u\n"
			  "quiet 1s\n< A 1:1(0) ack %u\noutq = 0\nerror none\n",
			  max_t(u32, sent, 1000) - 999, sent + 1);
		if (!scenario_run(test, script))
			break;
	}
	KUNIT_EXPECT_GT(test, nth, 1);
	KUNIT_EXPECT_GE(test, sent, 2000);
}

static void close_without_memory(struct kunit *test)
{
	each_allocation(test,
			"established 10ms <mss 1000,rill 1000 6>\n",
			"close",
			"< R 1:1(0)\n"
			"ignore\n"
			"state CLOSE\n"
			"forget\n"
			"port 0\n");
}

static void fin_without_memory(struct kunit *test)
{
	each_allocation(test,
			"established 10ms <mss 1000,rill 1000 6>\n"
			"into FIN_WAIT2 10ms\n",
			"< FA 1:1(0) ack 2",
			"< FA 1:1(0) ack 2\n"
			"> A 2:2(0) ack 2\n"
			"quiet 61s\n"
			"state CLOSE\n"
			"forget\n"
			"port 0\n");
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE_PARAM(socket_without_memory, scenario_families),
	KUNIT_CASE_PARAM(syn_without_memory, scenario_families),
	KUNIT_CASE_PARAM(third_segment_without_memory, scenario_families),
	KUNIT_CASE_PARAM(accept_without_memory, scenario_families),
	KUNIT_CASE_PARAM(connect_without_memory, scenario_families),
	KUNIT_CASE_PARAM(syn_ack_without_memory, scenario_families),
	KUNIT_CASE_PARAM(data_without_memory, scenario_families),
	KUNIT_CASE_PARAM(send_without_memory, scenario_families),
	KUNIT_CASE_PARAM(close_without_memory, scenario_families),
	KUNIT_CASE_PARAM(fin_without_memory, scenario_families),
	{}
};

static struct kunit_suite memory_suite = {
	.name = "rill_memory",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = memory_cases,
};

kunit_test_suite(memory_suite);
