// SPDX-License-Identifier: GPL-2.0
/*
 * The delivery rate in TCP_INFO, and the times for which it says what limited
 * the sender. The second suite plays the same on the kernel's TCP, which counts
 * these times in jiffies.
 */
#include <net/tcp.h>
#include "../module/socket/inside.h"
#include "scenario.h"

#define OPEN	"established 100ms <mss 1000,sackok>\n"

static void info_get(struct kunit *test, struct tcp_info *info)
{
	struct sock *sk = scenario_sk(test);

	if (sk->sk_protocol == IPPROTO_TCP)
		tcp_get_info(sk, info);
	else
		rill_info(sk, info);
}

static bool is_tcp(struct kunit *test)
{
	return scenario_sk(test)->sk_protocol == IPPROTO_TCP;
}

/* In ms; TCP's to two of its ticks. */
static void time_is(struct kunit *test, const char *what, u64 us, u64 ms)
{
	u64 slack = is_tcp(test) ? 2 * USEC_PER_SEC / HZ : 2;
	u64 want = ms * 1000;

	KUNIT_EXPECT_LE_MSG(test, us, want + slack, "%s", what);
	KUNIT_EXPECT_GE_MSG(test, us + slack, want, "%s", what);
}

/*
 * The times in ms: busy, and of that limited by the window and by the buffer.
 */
static void busy(struct kunit *test, u64 ms, u64 window_ms, u64 sndbuf_ms)
{
	struct tcp_info info;

	info_get(test, &info);
	time_is(test, "busy", info.tcpi_busy_time, ms);
	time_is(test, "window", info.tcpi_rwnd_limited, window_ms);
	time_is(test, "sndbuf", info.tcpi_sndbuf_limited, sndbuf_ms);
}

/* Bytes a second, rounded down; TCP's clock may be 2 us late in 100 ms. */
static void rate(struct kunit *test, u64 bytes, bool limited)
{
	u64 slack = is_tcp(test) ? bytes / 50000 + 1 : 0;
	struct tcp_info info;

	info_get(test, &info);
	KUNIT_EXPECT_LE(test, info.tcpi_delivery_rate, bytes);
	KUNIT_EXPECT_GE(test, info.tcpi_delivery_rate + slack, bytes);
	KUNIT_EXPECT_EQ(test, !!info.tcpi_delivery_rate_app_limited, limited);
}

/* ---- the rate ---------------------------------------------------------- */

/* All that was sent, in the time until the last was acknowledged. */
static void of_one_flight(struct kunit *test)
{
	scenario_run(test,
		     OPEN
		     "lenient\n"
		     "send 4000\n"
		     "+100ms < A 1:1(0) ack 2001\n");
	rate(test, 20000, true);
	scenario_run(test, "+100ms < A 1:1(0) ack 4001\n");
	rate(test, 20000, true);
}

/* SACKed data counts as delivered. */
static void of_what_is_sacked(struct kunit *test)
{
	scenario_run(test,
		     OPEN
		     "lenient\n"
		     "send 4000\n"
		     "+100ms < A 1:1(0) ack 1 <sack 1001:4001>\n");
	rate(test, 30000, true);
	/* It arrived in 200 ms with the others; in 100 ms by itself. */
	scenario_run(test, "+100ms < A 1:1(0) ack 4001\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->tally.delivered, 5);
}

/* An hour of silence takes nothing from the rate. */
static void after_an_hour(struct kunit *test)
{
	scenario_run(test,
		     OPEN
		     "lenient\n"
		     "send 2000\n"
		     "+100ms < A 1:1(0) ack 2001\n"
		     "+1h send 5000\n"
		     "+100ms < A 1:1(0) ack 7001\n");
	rate(test, 50000, true);
	busy(test, 200, 0, 0);
}

/*
 * While this host still holds segments, the application does not limit: the
 * data that the first ACK lets out has not waited for it.
 */
static void not_limited_while_held(struct kunit *test)
{
	scenario_run(test,
		     OPEN
		     "lenient\n"
		     "device holds\n"
		     "send 1000\n"
		     "send 15000\n"
		     "device takes\n"
		     "+100ms < A 1:1(0) ack 1001\n"
		     "+100ms < A 1:1(0) ack 12001\n");
	rate(test, 110000, false);
}

/* ---- what the time is spent with --------------------------------------- */

static void held_by_the_window(struct kunit *test)
{
	scenario_run(test,
		     OPEN
		     "lenient\n"
		     "+100ms < A 1:1(0) ack 1 win 2000\n"
		     "send 5000\n"
		     "+100ms < A 1:1(0) ack 2001 win 2000\n");
	busy(test, 100, 100, 0);
	scenario_run(test, "+100ms < A 1:1(0) ack 4001 win 65535\n");
	busy(test, 200, 200, 0);
	scenario_run(test, "+100ms < A 1:1(0) ack 5001\n");
	busy(test, 300, 200, 0);
	scenario_run(test, "quiet 1s\n");
	busy(test, 300, 200, 0);
}

/* A closed window, for as long as it lasts. */
static void held_by_a_shut_window(struct kunit *test)
{
	scenario_run(test,
		     OPEN
		     "lenient\n"
		     "+100ms < A 1:1(0) ack 1 win 0\n"
		     "send 1000\n"
		     "+150ms < A 1:1(0) ack 1 win 65535\n");
	busy(test, 150, 150, 0);
	scenario_run(test, "+100ms < A 1:1(0) ack 1001\n");
	busy(test, 250, 150, 0);
}

/* cwnd limits, and not the window, though the window would as well. */
static void held_by_cwnd_first(struct kunit *test)
{
	scenario_run(test,
		     OPEN
		     "lenient\n"
		     "+100ms < A 1:1(0) ack 1 win 10000\n"
		     "send 20000\n"
		     "+100ms < A 1:1(0) ack 10001 win 65535\n");
	busy(test, 100, 0, 0);
	scenario_run(test, "+100ms < A 1:1(0) ack 20001\n");
	busy(test, 200, 0, 0);
}

/* The send buffer holds less than cwnd: it limits until it has room. */
static void held_by_the_send_buffer(struct kunit *test)
{
	struct tcp_info info;
	char line[100];

	scenario_run(test, OPEN "lenient\nset sndbuf 4608\nsend 20000 = *\n");
	busy(test, 0, 0, 0);
	info_get(test, &info);
	KUNIT_EXPECT_LT(test, info.tcpi_unacked, 10);
	KUNIT_EXPECT_EQ(test, info.tcpi_notsent_bytes, 0);
	scnprintf(line, sizeof(line), "+100ms < A 1:1(0) ack %d\n",
		  info.tcpi_unacked * 1000 - 1000 + 1);
	scenario_run(test, line);
	busy(test, 100, 0, 100);
	/* The buffer has room, and the program does not write. */
	scnprintf(line, sizeof(line), "+100ms < A 1:1(0) ack %d\n",
		  info.tcpi_unacked * 1000 + 1);
	scenario_run(test, line);
	busy(test, 200, 0, 100);
	scenario_run(test, "quiet 1s\n");
	busy(test, 200, 0, 100);
}

/*
 * Timeouts, and an undone reduction: it was busy all the time, and each segment
 * was delivered once. The timer took less than the handshake.
 */
static void over_timeouts_that_were_for_nothing(struct kunit *test)
{
	struct tcp_info info;

	scenario_run(test,
		     "established 100ms <mss 1012,sackok,ts>\n"
		     "lenient\n"
		     "send 3000\n"
		     "+2s < A 1:1(0) ack 3001 <ts * 0>\n");
	busy(test, 2000, 0, 0);
	rate(test, 10000, false);
	info_get(test, &info);
	KUNIT_EXPECT_EQ(test, info.tcpi_delivered, 4);
}

/* The socket's next connection has no sample of the first. */
static void of_another_connection(struct kunit *test)
{
	struct tcp_info info;

	scenario_run(test,
		     OPEN
		     "lenient\n"
		     "+100ms < A 1:1(0) ack 1 win 1000\n"
		     "send 5000\n"
		     "+100ms < A 1:1(0) ack 1001 win 1000\n");
	busy(test, 100, 100, 0);
	scenario_run(test, "disconnect\n");
	rate(test, 0, false);
	busy(test, 0, 0, 0);
	scenario_run(test,
		     "ignore\n"
		     "strict\n"
		     "forget\n"
		     "port 0\n"
		     "+1s connect\n"
		     "> S 0:0(0)\n"
		     "+100ms < SA 0:0(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "quiet 1s\n");
	/* The SYN counts as a segment, but not as data. */
	rate(test, 10000, false);
	busy(test, 0, 0, 0);
	scenario_run(test,
		     "lenient\n"
		     "send 1000\n"
		     "+200ms < A 1:1(0) ack 1001\n");
	rate(test, 10000, false);
	busy(test, 200, 0, 0);
	info_get(test, &info);
	KUNIT_EXPECT_EQ(test, info.tcpi_delivered, 2);
}

static struct kunit_case rate_life_cases[] = {
	KUNIT_CASE_PARAM(of_one_flight, scenario_families),
	KUNIT_CASE_PARAM(after_an_hour, scenario_families),
	KUNIT_CASE_PARAM(held_by_the_window, scenario_families),
	KUNIT_CASE_PARAM(held_by_a_shut_window, scenario_families),
	KUNIT_CASE_PARAM(held_by_cwnd_first, scenario_families),
	KUNIT_CASE_PARAM(not_limited_while_held, scenario_families),
	KUNIT_CASE_PARAM(held_by_the_send_buffer, scenario_families),
	KUNIT_CASE_PARAM(of_what_is_sacked, scenario_families),
	KUNIT_CASE_PARAM(over_timeouts_that_were_for_nothing,
			 scenario_families),
	KUNIT_CASE_PARAM(of_another_connection, scenario_families),
	{}
};

static struct kunit_suite rate_life_suite = {
	.name = "rill_rate_told",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = rate_life_cases,
};

static struct kunit_case rate_tcp_cases[] = {
	KUNIT_CASE_PARAM(of_one_flight, scenario_families),
	KUNIT_CASE_PARAM(after_an_hour, scenario_families),
	KUNIT_CASE_PARAM(held_by_the_window, scenario_families),
	KUNIT_CASE_PARAM(held_by_a_shut_window, scenario_families),
	KUNIT_CASE_PARAM(held_by_cwnd_first, scenario_families),
	KUNIT_CASE_PARAM(not_limited_while_held, scenario_families),
	{}
};

static struct kunit_suite rate_tcp_suite = {
	.name = "rill_rate_told_tcp",
	.init = scenario_init_tcp,
	.exit = scenario_exit,
	.test_cases = rate_tcp_cases,
};

kunit_test_suites(&rate_life_suite, &rate_tcp_suite);
