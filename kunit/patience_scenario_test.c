// SPDX-License-Identifier: GPL-2.0
/*
 * How long a connection waits for a peer that does not answer: retries2,
 * TCP_USER_TIMEOUT (RFC 5482) and a window that stays closed, in each state
 * that sends again, with the default times.
 */
#include "scenario.h"

/* A peer that is rill, 10 ms away: the first RTO is 10 + 20 + 1 ms. */
#define RILL_PEER	"established 10ms <mss 1000,rill 1000 6>\n"
#define RTO_MS		31ULL
#define RTO_MAX_MS	120000ULL
#define PROBE_MAX_MS	5000ULL
#define HELD_MS		924600ULL	/* retries2 15, as TCP counts */

/*
 * @segment is retransmitted after @rto_ms and then with doubling up to
 * @most_ms, until @limit_ms from now; then the connection ends with an error.
 */
static void again_up_to(struct kunit *test, const char *segment, u64 rto_ms,
			u64 most_ms, u64 limit_ms)
{
	char script[160];
	u64 at_ms = 0;

	for (; at_ms + rto_ms < limit_ms; rto_ms = min(rto_ms * 2, most_ms)) {
		at_ms += rto_ms;
		scnprintf(script, sizeof(script), "+%llums > %s\n", rto_ms,
			  segment);
		if (!scenario_run(test, script))
			return;
	}
	scnprintf(script, sizeof(script),
		  "quiet %lluus\n"
		  "error none\n"
		  "quiet 5us\n"
		  "state CLOSE\n"
		  "error ETIMEDOUT\n"
		  "quiet 10m\n",
		  (limit_ms - at_ms) * 1000 - 3);
	scenario_run(test, script);
}

static void again_until(struct kunit *test, const char *segment, u64 rto_ms,
			u64 limit_ms)
{
	again_up_to(test, segment, rto_ms, RTO_MAX_MS, limit_ms);
}

/* ---- retries2 and the window ------------------------------------------- */

/* Data in CLOSE_WAIT, and in FIN_WAIT1. */
static void retries2_in_close_wait(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "into CLOSE_WAIT\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 2\n");
	again_until(test, "PA 1:101(100) ack 2", RTO_MS, HELD_MS);
}

static void retries2_in_fin_wait_1(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "send 100 more\n"
		     "shutdown wr\n"
		     "> FPA 1:101(100) ack 1\n");
	again_until(test, "FPA 1:101(100) ack 1", RTO_MS, HELD_MS);
}

/* Window probes without an answer: the time counts from the first. */
static void probes_unanswered(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "+31ms > A 0:0(0) ack 1\n");
	again_up_to(test, "A 0:0(0) ack 1", 2 * RTO_MS, PROBE_MAX_MS, HELD_MS);
}

/*
 * Answered probes go on far beyond retries2: the program decides when to end.
 */
static void probes_for_hours(struct kunit *test)
{
	u64 ms = RTO_MS, at = 0;
	char script[96];

	scenario_run(test,
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n");
	for (; at < 2 * 3600 * MSEC_PER_SEC;
	     ms = min(ms * 2, PROBE_MAX_MS)) {
		at += ms;
		scnprintf(script, sizeof(script),
			  "+%llums > A 0:0(0) ack 1\n"
			  "+10ms < A 1:1(0) ack 1 win 0\n",
			  at == RTO_MS ? ms : ms - 10);
		if (!scenario_run(test, script))
			return;
	}
	scenario_run(test,
		     "error none\n"
		     "< A 1:1(0) ack 1 win 1000\n"
		     "> PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 101\n"
		     "quiet 10m\n"
		     "state ESTABLISHED\n");
}

/* The update that opens the window is lost, in every state that sends. */
static void window_update_lost(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "< FA 1:1(0) ack 1 win 0\n"
		     "> A 1:1(0) ack 2\n"
		     "send 1500\n"
		     "+31ms > A 0:0(0) ack 2\n"
		     "+62ms > A 0:0(0) ack 2\n"
		     "+10ms < A 2:2(0) ack 1 win 1000\n"
		     "> Ap 1:1001(1000) ack 2\n"
		     "+10ms < A 2:2(0) ack 1001 win 0\n"
		     "close\n"
		     "state LAST_ACK\n"
		     "+26ms > A 1000:1000(0) ack 2\n"
		     "+10ms < A 2:2(0) ack 1001 win 1000\n"
		     "> FPA 1001:1501(500) ack 2\n"
		     "+10ms < A 2:2(0) ack 1502\n"
		     "state CLOSE\n");
}

/* ---- TCP_USER_TIMEOUT -------------------------------------------------- */

static void user_timeout_in_syn_sent(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set user-timeout 5000\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "+2s > S 0:0(0)\n"
		     "quiet 1999998us\n"
		     "error none\n"
		     "quiet 4us\n"
		     "state CLOSE\n"
		     "error ETIMEDOUT\n"
		     "quiet 10m\n");
}

/* The user timeout does not prolong what syn_retries ends. */
static void user_timeout_beyond_syn_retries(struct kunit *test)
{
	scenario_run(test,
		     "lenient\n"
		     "socket\n"
		     "set user-timeout 1000000\n"
		     "connect\n"
		     "quiet 126999ms\n"
		     "error none\n"
		     "quiet 1002us\n"
		     "error ETIMEDOUT\n");
}

static void user_timeout_in_syn_received(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set user-timeout 5000\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "+2s > SA 0:0(0) ack 1\n"
		     "quiet 1999998us\n"
		     "error none\n"
		     "quiet 4us\n"
		     "error ETIMEDOUT\n");
}

#define USER_TIMEOUT	RILL_PEER "set user-timeout 10000\n"

static void user_timeout_in_established(struct kunit *test)
{
	scenario_run(test,
		     USER_TIMEOUT
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n");
	again_until(test, "PA 1:101(100) ack 1", RTO_MS, 10000);
}

static void user_timeout_in_close_wait(struct kunit *test)
{
	scenario_run(test,
		     USER_TIMEOUT
		     "into CLOSE_WAIT\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 2\n");
	again_until(test, "PA 1:101(100) ack 2", RTO_MS, 10000);
}

static void user_timeout_in_fin_wait_1(struct kunit *test)
{
	scenario_run(test,
		     USER_TIMEOUT
		     "into FIN_WAIT1 by shutdown\n");
	again_until(test, "FA 1:1(0) ack 1", RTO_MS, 10000);
}

static void user_timeout_in_closing(struct kunit *test)
{
	scenario_run(test,
		     USER_TIMEOUT
		     "into CLOSING by shutdown\n");
	again_until(test, "FA 1:1(0) ack 2", RTO_MS, 10000);
}

static void user_timeout_in_last_ack(struct kunit *test)
{
	scenario_run(test,
		     USER_TIMEOUT
		     "into LAST_ACK by shutdown\n");
	again_until(test, "FA 1:1(0) ack 2", RTO_MS, 10000);
}

/* It holds for an orphan too, instead of orphan_retries. */
static void user_timeout_of_an_orphan(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "set user-timeout 200\n"
		     "into FIN_WAIT1\n"
		     "+31ms > FA 1:1(0) ack 1\n"
		     "+62ms > FA 1:1(0) ack 1\n"
		     "quiet 106998us\n"
		     "state FIN_WAIT1\n"
		     "quiet 4us\n"
		     "state CLOSE\n");
}

/* A user timeout longer than retries2 decides as well. */
static void user_timeout_of_hours(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "set user-timeout 14400000\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n");
	again_until(test, "PA 1:101(100) ack 1", RTO_MS, 4 * 3600 * MSEC_PER_SEC);
}

/* It counts from the oldest byte in flight: an ACK of new data restarts it. */
static void user_timeout_and_progress(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "set user-timeout 100\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+62ms > PA 1:101(100) ack 1\n"
		     "+6ms < A 1:1(0) ack 101\n"
		     "quiet 10s\n"
		     "error none\n"
		     "send 100\n"
		     "> PA 101:201(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 201\n"
		     "tolerance 5us\n"
		     "send 100\n"
		     "> PA 201:301(100) ack 1\n"
		     "+26ms > PA 201:301(100) ack 1\n"
		     "+52ms > PA 201:301(100) ack 1\n"
		     "quiet 21998us\n"
		     "error none\n"
		     "quiet 4us\n"
		     "error ETIMEDOUT\n");
}

/*
 * tcp(7): "or buffered data may remain untransmitted (due to zero window
 * size)"; without an answer ...
 */
static void user_timeout_behind_a_closed_window(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "set user-timeout 1000\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "+31ms > A 0:0(0) ack 1\n"
		     "+62ms > A 0:0(0) ack 1\n"
		     "+124ms > A 0:0(0) ack 1\n"
		     "+248ms > A 0:0(0) ack 1\n"
		     "+496ms > A 0:0(0) ack 1\n"
		     "quiet 69998us\n"
		     "error none\n"
		     "quiet 4us\n"
		     "state CLOSE\n"
		     "error ETIMEDOUT\n");
}

/* ... and with answers: the peer lives, but its window stays closed. */
static void user_timeout_behind_an_answered_window(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "set user-timeout 1000\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "+31ms > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "+62ms > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "+124ms > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "+248ms > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "+496ms > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "quiet 69998us\n"
		     "error none\n"
		     "quiet 4us\n"
		     "state CLOSE\n"
		     "error ETIMEDOUT\n");
}

/* A window that opens in between restarts the count. */
static void user_timeout_and_a_window_that_opens(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "set user-timeout 300\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "+31ms > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "+62ms > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1 win 1000\n"
		     "> PA 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 101 win 0\n"
		     "+1s send 100\n"
		     "+26ms > A 100:100(0) ack 1\n"
		     "< A 1:1(0) ack 101 win 0\n"
		     "+52ms > A 100:100(0) ack 1\n"
		     "< A 1:1(0) ack 101 win 0\n"
		     "+104ms > A 100:100(0) ack 1\n"
		     "< A 1:1(0) ack 101 win 0\n"
		     "error none\n"
		     "+100ms < A 1:1(0) ack 101 win 1000\n"
		     "> PA 101:201(100) ack 1\n"
		     "< A 1:1(0) ack 201\n"
		     "quiet 10m\n"
		     "state ESTABLISHED\n");
}

/* The peer shrinks its window below the data in flight, and answers. */
static void user_timeout_over_data_in_flight(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "set user-timeout 1000\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "+62ms > PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "+124ms > PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "+248ms > PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "+496ms > PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "quiet 38998us\n"
		     "error none\n"
		     "quiet 4us\n"
		     "state CLOSE\n"
		     "error ETIMEDOUT\n");
}

/*
 * Without a user timeout, an answered window over data in flight is waited for.
 */
static void window_closed_over_data_in_flight(struct kunit *test)
{
	u64 ms = RTO_MS, at = 0;
	char script[96];

	scenario_run(test,
		     RILL_PEER
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n");
	for (; at < 3600 * MSEC_PER_SEC; ms = min(ms * 2, RTO_MAX_MS)) {
		at += ms;
		scnprintf(script, sizeof(script),
			  "+%llums > PA 1:101(100) ack 1\n"
			  "< A 1:1(0) ack 1 win 0\n", ms);
		if (!scenario_run(test, script))
			return;
	}
	scenario_run(test,
		     "error none\n"
		     "< A 1:1(0) ack 101 win 1000\n"
		     "quiet 10m\n"
		     "state ESTABLISHED\n");
}

/* With keepalive the time without an answer decides, not the count. */
static void user_timeout_of_keepalive(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "set user-timeout 7300000\n"
		     "+7200s > A 0:0(0) ack 1\n"
		     "+75s > A 0:0(0) ack 1\n"
		     "+75s > RA 1:1(0) ack 1\n"
		     "error ETIMEDOUT\n");
}

static void user_timeout_of_keepalive_beyond_its_count(struct kunit *test)
{
	int i;

	scenario_run(test,
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "set keepidle 10\n"
		     "set keepintvl 1\n"
		     "set keepcnt 2\n"
		     "set user-timeout 266000\n"
		     "+10s > A 0:0(0) ack 1\n");
	/* 256 keepalives: an 8-bit count must not wrap. */
	for (i = 0; i < 255; i++) {
		if (!scenario_run(test, "+1s > A 0:0(0) ack 1\n"))
			return;
	}
	scenario_run(test,
		     "+1s > RA 1:1(0) ack 1\n"
		     "error ETIMEDOUT\n");
}

static struct kunit_case patience_cases[] = {
	KUNIT_CASE_PARAM(retries2_in_close_wait, scenario_families),
	KUNIT_CASE_PARAM(retries2_in_fin_wait_1, scenario_families),
	KUNIT_CASE_PARAM(probes_unanswered, scenario_families),
	KUNIT_CASE_PARAM(probes_for_hours, scenario_families),
	KUNIT_CASE_PARAM(window_update_lost, scenario_families),
	KUNIT_CASE_PARAM(user_timeout_in_syn_sent, scenario_families),
	KUNIT_CASE_PARAM(user_timeout_beyond_syn_retries, scenario_families),
	KUNIT_CASE_PARAM(user_timeout_in_syn_received, scenario_families),
	KUNIT_CASE_PARAM(user_timeout_in_established, scenario_families),
	KUNIT_CASE_PARAM(user_timeout_in_close_wait, scenario_families),
	KUNIT_CASE_PARAM(user_timeout_in_fin_wait_1, scenario_families),
	KUNIT_CASE_PARAM(user_timeout_in_closing, scenario_families),
	KUNIT_CASE_PARAM(user_timeout_in_last_ack, scenario_families),
	KUNIT_CASE_PARAM(user_timeout_of_an_orphan, scenario_families),
	KUNIT_CASE_PARAM(user_timeout_of_hours, scenario_families),
	KUNIT_CASE_PARAM(user_timeout_and_progress, scenario_families),
	KUNIT_CASE_PARAM(user_timeout_behind_a_closed_window,
			 scenario_families),
	KUNIT_CASE_PARAM(user_timeout_behind_an_answered_window,
			 scenario_families),
	KUNIT_CASE_PARAM(user_timeout_and_a_window_that_opens,
			 scenario_families),
	KUNIT_CASE_PARAM(user_timeout_over_data_in_flight,
			 scenario_families),
	KUNIT_CASE_PARAM(window_closed_over_data_in_flight,
			 scenario_families),
	KUNIT_CASE_PARAM(user_timeout_of_keepalive, scenario_families),
	KUNIT_CASE_PARAM(user_timeout_of_keepalive_beyond_its_count,
			 scenario_families),
	{}
};

static struct kunit_suite patience_suite = {
	.name = "rill_patience",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = patience_cases,
};

kunit_test_suite(patience_suite);
