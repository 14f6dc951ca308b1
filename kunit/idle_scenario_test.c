// SPDX-License-Identifier: GPL-2.0
/*
 * Long silences: a number stored before one must not be compared after it.
 *
 * Between rill peers the timestamp clock ticks in microseconds and passes half
 * of its 32-bit space in 35 min 48 s; a clock of milliseconds does in 24.9
 * days. From then on, until it has wrapped, each timestamp of the peer looks
 * older than TS.Recent (RFC 7323, 5.5).
 */
#include "../module/transfer/transfer.h"
#include "scenario.h"

#define RILL	"<mss 1000,sackok,ts 0 0,rill 1000 6>"
#define TCP	"<mss 1000,sackok,ts 0 0>"

/* Not yet half of the numbers, just beyond, nearly all, and another round. */
static const char *const idle_silences[] = {
	"30m", "36m", "40m", "71m", "2h",
};

/* For the fixture the family is what a parameter begins with. */
struct idle_param {
	struct scenario_family family;
	unsigned int silence;
};

/* The next silence, then the next family. */
static RILL_KUNIT_PARAMS(idle_each)
{
	static const struct scenario_family *family;
	static struct idle_param param;
	char name[KUNIT_PARAM_DESC_SIZE];

	if (!prev || ++param.silence == ARRAY_SIZE(idle_silences)) {
		family = scenario_family_next(prev ? family : NULL, name);
		if (!family)
			return NULL;
		param.family = *family;
		param.silence = 0;
	}
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s, %s", family->name,
		  idle_silences[param.silence]);
	return &param;
}

static void idle(struct kunit *test, const char *before, const char *after)
{
	const struct idle_param *param = test->param_value;
	char line[32];

	scnprintf(line, sizeof(line), "quiet %s\n",
		  idle_silences[param->silence]);
	if (scenario_run(test, before) && scenario_run(test, line))
		scenario_run(test, after);
}

/* The peer's window closes, and an ACK of nothing new opens it. */
#define WINDOW								\
	"send 500\n"							\
	"> PA 1:501(500) ack 1\n"					\
	"+10ms < A 1:1(0) ack 501 win 0\n"				\
	"send 500\n"							\
	"quiet 1ms\n"							\
	"< A 1:1(0) ack 501 win 65535\n"				\
	"> PA 501:1001(500) ack 1\n"					\
	"+10ms < A 1:1(0) ack 1001\n"

static void window_opens(struct kunit *test)
{
	idle(test, "established 10ms " RILL "\n", WINDOW);
}

static void window_opens_by_a_tcp_peer(struct kunit *test)
{
	idle(test, "established 10ms " TCP "\n", WINDOW);
}

/* Probes of a closed window are answered, at last with an open one. */
static void window_opens_by_an_answer(struct kunit *test)
{
	idle(test, "established 10ms " RILL "\n",
	     "send 500\n"
	     "> PA 1:501(500) ack 1\n"
	     "+10ms < A 1:1(0) ack 501 win 0\n"
	     "send 500\n"
	     "+* > A 500:500(0) ack 1\n"
	     "+1ms < A 1:1(0) ack 501 win 65535\n"
	     "> PA 501:1001(500) ack 1\n"
	     "+10ms < A 1:1(0) ack 1001\n");
}

/* The window closes over data in flight. */
static void window_opens_over_a_timeout(struct kunit *test)
{
	idle(test,
	     "tunable tlp 0\n"
	     "established 10ms " RILL "\n",
	     "send 500\n"
	     "> PA 1:501(500) ack 1\n"
	     "+10ms < A 1:1(0) ack 501 win 0\n"
	     "< A 1:1(0) ack 501 win 500\n"
	     "send 500\n"
	     "> PA 501:1001(500) ack 1\n"
	     "< A 1:1(0) ack 501 win 0\n"
	     "+* > PA 501:1001(500) ack 1\n"
	     "+1ms < A 1:1(0) ack 501 win 65535\n"
	     "> PA 501:1001(500) ack 1\n"
	     "+10ms < A 1:1(0) ack 1001\n");
}

/*
 * The next segment sets TS.Recent: it is echoed, and PAWS works from then on.
 */
static void next_timestamp_counts(struct kunit *test)
{
	idle(test, "established 10ms " RILL "\n",
	     "< PA 1:101(100) ack 1\n"
	     "+1ms > A 1:1(0) ack 101\n"
	     "recv 100\n"
	     "+2s < PA 101:201(100) ack 1\n"
	     "+* > A 1:1(0) ack 201\n");
}

static void echo_after_40_minutes(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms " RILL "\n"
		     "quiet 40m\n"
		     "< PA 1:101(100) ack 1 <ts 2400010000 *>\n"
		     "+1ms > A 1:1(0) ack 101 <ts * 2400010000>\n"
		     "recv 100\n"
		     "+1ms < PA 101:201(100) ack 1 <ts 2400000000 *>\n"
		     "> A 1:1(0) ack 101\n"
		     "counter drop_paws +1\n");
}

/*
 * A clock of milliseconds passes half of its space in 24.9 days. No case can
 * last so long: the peer's clock jumps by 25 days, after a silence that makes
 * TS.Recent stale.
 */
static void window_after_25_days(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms " TCP "\n"
		     "quiet 36m\n"
		     "tsbase 2161000000\n"
		     WINDOW);
}

/* The end that only answers keepalives receives no new timestamp in them. */
static void window_after_the_peers_keepalives(struct kunit *test)
{
	int i;

	scenario_run(test, "established 10ms " RILL "\n");
	for (i = 0; i < 4; i++)
		scenario_run(test,
			     "+10m < A 0:0(0) ack 1\n"
			     "> A 1:1(0) ack 1\n");
	scenario_run(test, WINDOW);
}

/* SO_KEEPALIVE's default of two hours ends in the second half of the space. */
static void window_after_a_keepalive(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms " RILL "\n"
		     "set keepalive 1\n"
		     "tolerance 20ms\n"
		     "+7200s > A 0:0(0) ack 1\n"
		     "+1ms < A 1:1(0) ack 1\n"
		     WINDOW);
}

/*
 * The host was suspended: its clock of deadlines stood still, the peer's clock
 * did not. It is as if the peer had been heard that much earlier.
 */
static void host_was_suspended(struct kunit *test)
{
	scenario_run(test,
		     "quiet 40m\n"
		     "established 10ms " RILL "\n");
	rill_sk(scenario_sk(test))->recent.heard_ns -= 40 * 60 * NSEC_PER_SEC;
	scenario_run(test,
		     "+10ms < PA 1:101(100) ack 1 <ts 2500020000 *>\n"
		     "+1ms > A 1:1(0) ack 101 <ts * 2500020000>\n"
		     "counter drop_paws +0\n");
}

/* The clock that counts suspended time shows it. */
static void heard_by_the_clock_of_boot(struct kunit *test)
{
	struct rill_recent recent = {};

	scenario_sleep_until(scenario_now() + RILL_TS_FRESH_NS);
	rill_recent_hear(&recent, 1000);
	KUNIT_EXPECT_LE(test, recent.heard_ns, ktime_get_boottime_ns());
	KUNIT_EXPECT_GE(test, recent.heard_ns + 100 * NSEC_PER_MSEC,
			ktime_get_boottime_ns());
	KUNIT_EXPECT_TRUE(test, rill_recent_older(&recent, 999));
	KUNIT_EXPECT_FALSE(test, rill_recent_older(&recent, 1000));
	KUNIT_EXPECT_FALSE(test, rill_recent_older(&recent, 1001));
	recent.heard_ns -= RILL_TS_FRESH_NS;
	KUNIT_EXPECT_FALSE(test, rill_recent_older(&recent, 999));
	/* Another CPU has heard the peer since: TS.Recent counts. */
	recent.heard_ns = ktime_get_boottime_ns() + NSEC_PER_SEC;
	KUNIT_EXPECT_TRUE(test, rill_recent_older(&recent, 999));
}

/* RFC 6191: the SYN is newer than all segments of the old connection. */
static void time_wait_gives_way(struct kunit *test)
{
	idle(test, "accepted 10ms <mss 1000,ts 0 0,rill 500 6>\n",
	     "into TIME_WAIT 10ms\n"
	     "renew\n"
	     "irs 50000\n"
	     "+1s < S 0:0(0) win 65535 <mss 1000,ts,rill 500 6>\n"
	     "> SA 0:0(0) ack 1\n");
}

/* FIN_WAIT2 of an orphan, which may last an hour, and the FIN at last. */
static void fin_after_fin_wait_2(struct kunit *test)
{
	scenario_run(test,
		     "tunable fin_timeout_ms 3600000\n"
		     "established 10ms " RILL "\n"
		     "into FIN_WAIT2 10ms\n"
		     "quiet 40m\n"
		     "< FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "state TIME_WAIT\n");
}

/* A half-open connection, which may last for hours, and the ACK at last. */
static void handshake_completed_late(struct kunit *test)
{
	scenario_run(test,
		     "tunable synack_retries 127\n"
		     "listen\n"
		     "< S 0:0(0) win 65535 " RILL "\n"
		     "> SA 0:0(0) ack 1\n"
		     "lenient\n"
		     "quiet 40m\n"
		     "ignore\n"
		     "strict\n"
		     "< A 1:1(0) ack 1\n"
		     "counter drop_paws +0\n"
		     "accept\n");
}

/* And the SYN again: the SYN-ACK echoes the newest. */
static void syn_again_late(struct kunit *test)
{
	scenario_run(test,
		     "tunable synack_retries 127\n"
		     "listen\n"
		     "< S 0:0(0) win 65535 " RILL "\n"
		     "> SA 0:0(0) ack 1\n"
		     "lenient\n"
		     "quiet 40m\n"
		     "ignore\n"
		     "strict\n"
		     "< S 0:0(0) win 65535 <mss 1000,sackok,ts 2400000000 0,rill 1000 6>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,sackok,ts * 2400000000,rill 1000 6>\n");
}

/*
 * The peer was unreachable for 40 minutes, and the program waited. The ACK
 * answers the last copy, but its echo looks older than the first transmission.
 */
static void reduction_not_undone(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 0\n"
		     "established 10ms " RILL "\n"
		     "set user-timeout 7200000\n"
		     "send 500\n"
		     "> PA 1:501(500) ack 1\n"
		     "lenient\n"
		     "quiet 40m\n"
		     "< A 1:1(0) ack 501\n"
		     "counter undone_reductions +0\n");
}

/*
 * 2 GiB were sent without a full segment since the end of a window was stored;
 * it must compare as passed: the next round trip is measured.
 */
static void round_trip_of_the_receiver(struct kunit *test)
{
	struct rill_sock *rs;

	scenario_run(test,
		     "established 10ms <mss 1000>\n"
		     "lenient\n"
		     "< A 1:1001(1000) ack 1\n");
	rs = rill_sk(scenario_sk(test));
	rs->space.rtt_us = 0;
	rs->space.rtt_seq = rs->rcv.nxt + BIT(31) - 1000000;
	scenario_run(test,
		     "+50ms < A 1001:2001(1000) ack 1\n");
	KUNIT_EXPECT_EQ(test, rs->space.rtt_us >> 3, 50000);
}

/* A number far behind SND.UNA is not in flight. */
static void marks_far_behind(struct kunit *test)
{
	static const u32 behind[] = {
		0, 1, 1000, BIT(30), BIT(31) - 1, BIT(31), BIT(31) + 1,
		0xc0000000, 0xffff0000,
	};
	struct rill_sock *rs;
	unsigned int i;

	scenario_run(test,
		     "established 10ms\n"
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1\n");
	rs = rill_sk(scenario_sk(test));
	for (i = 0; i < ARRAY_SIZE(behind); i++)
		KUNIT_EXPECT_FALSE(test,
				   rill_unacked(rs, rs->snd.una - behind[i]));
	KUNIT_EXPECT_TRUE(test, rill_unacked(rs, rs->snd.una + 1));
	KUNIT_EXPECT_TRUE(test, rill_unacked(rs, rs->snd.nxt));
	scenario_run(test, "+10ms < A 1:1(0) ack 1001\n");
	KUNIT_EXPECT_FALSE(test, rill_unacked(rs, rs->snd.nxt));
}

/* A time that another CPU stored a moment later is no time ago. */
static void never_in_the_future(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, rill_elapsed_ns(1000, 400), 600ULL);
	KUNIT_EXPECT_EQ(test, rill_elapsed_ns(1000, 1000), 0ULL);
	KUNIT_EXPECT_EQ(test, rill_elapsed_ns(1000, 1001), 0ULL);
	KUNIT_EXPECT_EQ(test, rill_elapsed_ns(0, U64_MAX), 0ULL);
}

static struct kunit_case idle_cases[] = {
	KUNIT_CASE_PARAM(window_opens, idle_each),
	KUNIT_CASE_PARAM(window_opens_by_a_tcp_peer, idle_each),
	KUNIT_CASE_PARAM(window_opens_by_an_answer, idle_each),
	KUNIT_CASE_PARAM(window_opens_over_a_timeout, idle_each),
	KUNIT_CASE_PARAM(next_timestamp_counts, idle_each),
	KUNIT_CASE_PARAM(time_wait_gives_way, idle_each),
	KUNIT_CASE_PARAM(echo_after_40_minutes, scenario_families),
	KUNIT_CASE_PARAM(window_after_25_days, scenario_families),
	KUNIT_CASE_PARAM(window_after_the_peers_keepalives, scenario_families),
	KUNIT_CASE_PARAM(window_after_a_keepalive, scenario_families),
	KUNIT_CASE_PARAM(host_was_suspended, scenario_families),
	KUNIT_CASE_PARAM(fin_after_fin_wait_2, scenario_families),
	KUNIT_CASE_PARAM(handshake_completed_late, scenario_families),
	KUNIT_CASE_PARAM(syn_again_late, scenario_families),
	KUNIT_CASE_PARAM(reduction_not_undone, scenario_families),
	KUNIT_CASE_PARAM(round_trip_of_the_receiver, scenario_families),
	KUNIT_CASE_PARAM(marks_far_behind, scenario_families),
	KUNIT_CASE(heard_by_the_clock_of_boot),
	KUNIT_CASE(never_in_the_future),
	{}
};

static struct kunit_suite idle_suite = {
	.name = "rill_idle",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = idle_cases,
};

kunit_test_suite(idle_suite);
