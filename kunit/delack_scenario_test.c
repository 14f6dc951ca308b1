// SPDX-License-Identifier: GPL-2.0
/*
 * When an ACK is sent: at once at the start, after silence and out of order;
 * with the data of a program that answers; never later than delack_max_us.
 * And TCP_QUICKACK.
 */
#include "scenario.h"

#define QUICK	"tunable quick_acks 16\n"

/* Something has come that was not pushed, and an answer has acknowledged it. */
#define MIDWAY	"established 10ms <mss 1000,rill 1000 6>\n"	\
		"< A 1:101(100) ack 1\n"			\
		"send 50\n"					\
		"> PA 1:51(50) ack 101\n"			\
		QUICK

/*
 * 65535 / 2 / 536 would be 61: the limit is sixteen, however the data is cut.
 */
static void at_once_at_the_start(struct kunit *test)
{
	char line[96];
	u32 seq;

	scenario_run(test, QUICK "established 10ms\n");
	for (seq = 1; seq < 1 + 16 * 100; seq += 100) {
		scnprintf(line, sizeof(line),
			  "+100us < A %u:%u(100) ack 1\n> A 1:1(0) ack %u\n",
			  seq, seq + 100, seq + 100);
		if (!scenario_run(test, line))
			return;
	}
	scenario_run(test,
		     "+100us < A 1601:1701(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 1701\n"
		     "counter delayed_acks +1\n");
}

/* The tunable is one limit, the window another: 4,000 bytes hold two pairs. */
static void fewer_at_the_start(struct kunit *test)
{
	scenario_run(test,
		     "tunable quick_acks 1\n"
		     "established 10ms\n"
		     "< A 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "< A 101:201(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 201\n");
}

/* An answer to a keepalive acknowledges nothing: the two data segments do. */
static void answers_are_not_counted(struct kunit *test)
{
	scenario_run(test,
		     "tunable quick_acks 2\n"
		     "established 10ms\n"
		     "< A 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "< A 100:100(0) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "< A 101:201(100) ack 1\n"
		     "> A 1:1(0) ack 201\n"
		     "< A 201:301(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 301\n");
}

static void limited_by_the_window(struct kunit *test)
{
	scenario_run(test,
		     QUICK
		     "linear\n"
		     "socket\n"
		     "set rcvbuf 4000\n"
		     "established 10ms <mss 1000>\n"
		     "< A 1:1001(1000) ack 1\n"
		     "> A 1:1(0) ack 1001\n"
		     "recv 1000\n"
		     "< A 1001:1101(100) ack 1\n"
		     "> A 1:1(0) ack 1101\n"
		     "< A 1101:1201(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 1201\n");
}

/* After 200 ms of silence, or an RTO if that is longer; not before. */
static void at_once_after_silence(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,rill 1000 6>\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     QUICK
		     "+198ms < PA 101:201(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 201\n"
		     "+199001us < A 201:301(100) ack 1\n"
		     "> A 1:1(0) ack 301\n");
}

static void silence_of_an_rto(struct kunit *test)
{
	scenario_run(test,
		     /* RTO: 300 + 600 + 1 ms */
		     "established 300ms <mss 1000,rill 1000 6>\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     QUICK
		     "+899ms < PA 101:201(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 201\n"
		     "+901ms < A 201:301(100) ack 1\n"
		     "> A 1:1(0) ack 301\n");
}

/*
 * The ACK was delayed, and the segment had no PSH: the peer has more to send,
 * and waits for the ACK. A window of one segment would cost it a delay for each
 * segment.
 */
static void at_once_when_waited_for(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,rill 1000 6>\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     QUICK
		     "< PA 101:201(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 201\n"
		     "< A 201:301(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 301\n"
		     "< A 301:401(100) ack 1\n"
		     "> A 1:1(0) ack 401\n"
		     "< PA 401:501(100) ack 1\n"
		     "> A 1:1(0) ack 501\n");
}

/*
 * Silence in the middle of a write: a timeout of the peer, and a cwnd of one
 * segment.
 */
static void at_once_after_a_break(struct kunit *test)
{
	scenario_run(test,
		     MIDWAY
		     "+1002us < PA 101:201(100) ack 51\n"
		     "> A 51:51(0) ack 201\n"
		     "send 50\n"
		     "> PA 51:101(50) ack 201\n"
		     /* Behind a segment with PSH no more is expected. */
		     "+1002us < PA 201:301(100) ack 101\n"
		     "+1ms > A 101:101(0) ack 301\n");
}

/* ... and a peer with a larger window gets one ACK, and no more of them. */
static void at_once_after_a_burst(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,rill 1000 6>\n"
		     "< A 1:1001(1000) ack 1\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 2001\n"
		     "< A 2001:3001(1000) ack 1\n"
		     "< A 3001:4001(1000) ack 1\n"
		     "> A 1:1(0) ack 4001\n"
		     QUICK
		     "+2ms < A 4001:5001(1000) ack 1\n"
		     "> A 1:1(0) ack 5001\n"
		     "< A 5001:6001(1000) ack 1\n"
		     "< A 6001:7001(1000) ack 1\n"
		     "> A 1:1(0) ack 7001\n"
		     "< A 7001:8001(1000) ack 1\n"
		     "+1ms > A 1:1(0) ack 8001\n");
}

/*
 * The segment that fills a hole has no PSH, though the data behind it ended a
 * write.
 */
static void no_break_after_a_hole(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,rill 1000 6>\n"
		     "< PA 101:201(100) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 201\n"
		     QUICK
		     "+2ms < PA 201:301(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 301\n");
}

/* ... but not before the longest delay of the peer's ACK is over. */
static void no_break_within_the_delay(struct kunit *test)
{
	scenario_run(test,
		     MIDWAY
		     "+998us < PA 101:201(100) ack 51\n"
		     "+1ms > A 51:51(0) ack 201\n");
}

/* The program answers within the delay: no ACK of its own, ever. */
static void with_the_answer(struct kunit *test)
{
	char line[160];
	u32 i;

	scenario_run(test,
		     QUICK
		     "established 10ms <mss 1000,rill 1000 6>\n"
		     "< PA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "recv 100\n"
		     "send 50\n"
		     "> PA 1:51(50) ack 101\n"
		     "+10ms < A 101:101(0) ack 51\n");
	for (i = 1; i < 40; i++) {
		scnprintf(line, sizeof(line),
			  "+10ms < PA %u:%u(100) ack %u\n"
			  "+900us recv 100\n"
			  "send 50\n"
			  "> PA %u:%u(50) ack %u\n", 100 * i + 1,
			  100 * i + 101, 50 * i + 1, 50 * i + 1, 50 * i + 51,
			  100 * i + 101);
		if (!scenario_run(test, line))
			return;
	}
	scenario_run(test, "counter delayed_acks +0\n");
}

/* ... but a program that takes longer does not delay the ACK further. */
static void answer_too_late(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,rill 1000 6>\n"
		     "< PA 1:101(100) ack 1\n"
		     "send 50\n"
		     "> PA 1:51(50) ack 101\n"
		     "recv 100\n"
		     "+10ms < PA 101:201(100) ack 51\n"
		     "+1ms > A 51:51(0) ack 201\n"
		     "recv 100\n"
		     "send 50\n"
		     "> PA 51:101(50) ack 201\n"
		     /*
		      * The exchange is no longer interactive: the read alone
		      * sends the ACK.
		      */
		     "+10ms < PA 201:301(100) ack 101\n"
		     "recv 100\n"
		     "> A 101:101(0) ack 301\n");
}

/* Once the program has read all up to a PSH, the ACK goes; not after a part. */
static void when_all_is_read(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 1:101(100) ack 1\n"
		     "recv 99\n"
		     "+500us recv 1\n"
		     "> A 1:1(0) ack 101\n"
		     /* A segment without PSH is followed by more. */
		     "< A 101:201(100) ack 1\n"
		     "recv 100\n"
		     "+1ms > A 1:1(0) ack 201\n");
}

/*
 * The segment behind a hole and the one that fills it: an ACK for each at once.
 */
static void at_once_when_amiss(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 201:301(100) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 401:501(100) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "< A 101:201(100) ack 1\n"
		     "> A 1:1(0) ack 301\n"
		     "< A 301:401(100) ack 1\n"
		     "> A 1:1(0) ack 501\n"
		     "< A 501:601(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 601\n");
}

/*
 * The peer retransmits acknowledged data: its next segments get ACKs at once.
 */
static void at_once_after_a_duplicate(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "tunable quick_acks 2\n"
		     "< A 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "< A 101:201(100) ack 1\n"
		     "> A 1:1(0) ack 201\n"
		     "< A 201:301(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 301\n");
}

/* Each of many segments out of order has one ACK of its own, at once. */
static void burst_out_of_order(struct kunit *test)
{
	char line[96];
	u32 seq;

	scenario_run(test, "established 10ms <mss 1000,sackok>\n");
	for (seq = 1001; seq < 50001; seq += 1000) {
		scnprintf(line, sizeof(line),
			  "< A %u:%u(1000) ack 1\n"
			  "> A 1:1(0) ack 1 <sack 1001:%u>\n", seq, seq + 1000,
			  seq + 1000);
		if (!scenario_run(test, line))
			return;
	}
	scenario_run(test, "quiet 1s\n");
}

/* The peer's segments have become smaller: every second of those. */
static void smaller_segments(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 1:1001(1000) ack 1\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 2001\n"
		     "< A 2001:2401(400) ack 1\n"
		     "< A 2401:2801(400) ack 1\n"
		     "> A 1:1(0) ack 2801\n"
		     "< PA 2801:3201(400) ack 1\n"
		     "+1ms > A 1:1(0) ack 3201\n"
		     /*
		      * The short segments at the end of each write say nothing
		      * of the MSS.
		      */
		     "< A 3201:4201(1000) ack 1\n"
		     "< A 4201:5201(1000) ack 1\n"
		     "> A 1:1(0) ack 5201\n"
		     "< PA 5201:5301(100) ack 1\n"
		     "< PA 5301:5401(100) ack 1\n"
		     "< PA 5401:5501(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 5501\n");
}

/* TCP_QUICKACK: 1 sends a delayed ACK, and ends the interactive mode. */
static void quickack_on(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 1:101(100) ack 1\n"
		     "set quickack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "< A 101:201(100) ack 1\n"
		     "> A 1:1(0) ack 201\n");
}

/* ... 0 begins the interactive mode: a read sends no ACK. */
static void quickack_off(struct kunit *test)
{
	scenario_run(test,
		     QUICK
		     "established 10ms\n"
		     "set quickack 0\n"
		     "< PA 1:101(100) ack 1\n"
		     "recv 100\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     /* The timer has fired: quick again, as with TCP. */
		     "< A 101:201(100) ack 1\n"
		     "> A 1:1(0) ack 201\n");
}

/* ... an even number flushes once. */
static void quickack_once(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 1:101(100) ack 1\n"
		     "set quickack 2\n"
		     "> A 1:1(0) ack 101\n"
		     "< A 101:201(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 201\n");
}

static struct kunit_case delack_cases[] = {
	KUNIT_CASE_PARAM(at_once_at_the_start, scenario_families),
	KUNIT_CASE_PARAM(fewer_at_the_start, scenario_families),
	KUNIT_CASE_PARAM(answers_are_not_counted, scenario_families),
	KUNIT_CASE_PARAM(limited_by_the_window, scenario_families),
	KUNIT_CASE_PARAM(at_once_after_silence, scenario_families),
	KUNIT_CASE_PARAM(silence_of_an_rto, scenario_families),
	KUNIT_CASE_PARAM(at_once_when_waited_for, scenario_families),
	KUNIT_CASE_PARAM(at_once_after_a_break, scenario_families),
	KUNIT_CASE_PARAM(at_once_after_a_burst, scenario_families),
	KUNIT_CASE_PARAM(no_break_after_a_hole, scenario_families),
	KUNIT_CASE_PARAM(no_break_within_the_delay, scenario_families),
	KUNIT_CASE_PARAM(with_the_answer, scenario_families),
	KUNIT_CASE_PARAM(answer_too_late, scenario_families),
	KUNIT_CASE_PARAM(when_all_is_read, scenario_families),
	KUNIT_CASE_PARAM(at_once_when_amiss, scenario_families),
	KUNIT_CASE_PARAM(at_once_after_a_duplicate, scenario_families),
	KUNIT_CASE_PARAM(burst_out_of_order, scenario_families),
	KUNIT_CASE_PARAM(smaller_segments, scenario_families),
	KUNIT_CASE_PARAM(quickack_on, scenario_families),
	KUNIT_CASE_PARAM(quickack_off, scenario_families),
	KUNIT_CASE_PARAM(quickack_once, scenario_families),
	{}
};

static struct kunit_suite delack_suite = {
	.name = "rill_delack",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = delack_cases,
};

kunit_test_suite(delack_suite);
