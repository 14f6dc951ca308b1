// SPDX-License-Identifier: GPL-2.0
/*
 * Flow control, RFC 9293, 3.8.6: closed windows and their probes, silly
 * windows on both sides, and the window that this side advertises.
 */
#include "../module/transfer/inside.h"
#include "scenario.h"

/* A peer that is rill, 10 ms away: the first RTO is 10 + 20 + 1 ms. */
#define RILL_PEER	"established 10ms <mss 1000,rill 1000 6>\n"

/* RFC 9293, 3.8.6.1: the first probe after an RTO, then with backoff. */
static void probes_of_a_closed_window(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "+31ms > A 0:0(0) ack 1\n"
		     "+62ms > A 0:0(0) ack 1\n"
		     "+124ms > A 0:0(0) ack 1\n"
		     "counter zero_window_probes +3\n"
		     "+248ms > A 0:0(0) ack 1\n"
		     "+496ms > A 0:0(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "< A 1:1(0) ack 1 win 65535\n"
		     "> PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 101\n"
		     "quiet 10m\n");
}

/*
 * RFC 9293, 3.10.7.4: the same sequence numbers as before, and a closed window.
 */
static void window_closed_by_a_bare_ack(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 5000\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "+31ms > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1 win 5000\n"
		     "> PA 1:101(100) ack 1\n");
}

/*
 * While probes are answered the connection lives, however long the window is
 * closed.
 */
static void probes_for_ever_while_answered(struct kunit *test)
{
	char line[64];
	u64 ms = 31;
	int i;

	scenario_run(test,
		     "tunable retries2 3\n"
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n");
	for (i = 0; i < 20; i++) {
		scnprintf(line, sizeof(line),
			  "+%llums > A 0:0(0) ack 1\n< A 1:1(0) ack 1 win 0\n",
			  ms);
		if (!scenario_run(test, line))
			return;
		ms = min(ms * 2, 5000ULL);
	}
	scenario_run(test,
		     "error none\n"
		     "< A 1:1(0) ack 1 win 1000\n"
		     "> PA 1:101(100) ack 1\n");
}

/*
 * The update that opens the window may be lost: probes are not farther apart
 * than this.
 */
static void probes_at_most_so_far_apart(struct kunit *test)
{
	scenario_run(test,
		     "tunable probe_max_ms 100\n"
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "+31ms > A 0:0(0) ack 1\n"
		     "+62ms > A 0:0(0) ack 1\n"
		     "+100ms > A 0:0(0) ack 1\n"
		     "+100ms > A 0:0(0) ack 1\n");
}

/* ... or than an RTO, if that is longer. */
static void probes_not_closer_than_the_rto(struct kunit *test)
{
	scenario_run(test,
		     "tunable probe_max_ms 100\n"
		     "established 100ms <mss 1000,rill 1000 6>\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "+301ms > A 0:0(0) ack 1\n"
		     "+301ms > A 0:0(0) ack 1\n"
		     "+301ms > A 0:0(0) ack 1\n");
}

/* Without an answer the connection ends after retries2 probes. */
static void probes_unanswered(struct kunit *test)
{
	scenario_run(test,
		     "tunable retries2 3\n"
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "+31ms > A 0:0(0) ack 1\n"
		     "+62ms > A 0:0(0) ack 1\n"
		     "+124ms > A 0:0(0) ack 1\n"
		     /* Three times; but not before TCP would end it: 3 s. */
		     "+248ms > A 0:0(0) ack 1\n"
		     "+496ms > A 0:0(0) ack 1\n"
		     "+992ms > A 0:0(0) ack 1\n"
		     "quiet 1077ms\n"
		     "error none\n"
		     "quiet 1001us\n"
		     "error ETIMEDOUT\n"
		     "state CLOSE\n"
		     "quiet 10m\n");
}

/* The update was lost; the answer to the next probe brings it. */
static void lost_window_update(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1001 win 0\n"
		     "send 500\n"
		     "+26ms > A 1000:1000(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1001 win 5000\n"
		     "> PA 1001:1501(500) ack 1\n");
}

/* Part of the data fits; the rest waits for the window, not for a probe. */
static void window_smaller_than_the_data(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 1:1(0) ack 1 win 2000\n"
		     "send 5000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1001 win 2000\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     "+1ms < A 1:1(0) ack 3001 win 0\n"
		     "+1ms < A 1:1(0) ack 3001 win 65535\n"
		     "> Ap 3001:4001(1000) ack 1\n"
		     "> Ap 4001:5001(1000) ack 1\n");
}

/* RFC 9293, 3.8.6.2.1: a window that opens by little gets no small segments. */
static void silly_window_of_the_peer(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 1:1(0) ack 1 win 2000\n"
		     "send 4000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1001 win 1100\n"
		     "< A 1:1(0) ack 2001 win 10\n"
		     "< A 1:1(0) ack 2001 win 200\n"
		     "< A 1:1(0) ack 2001 win 1000\n"
		     "> Ap 2001:3001(1000) ack 1\n");
}

/* ... but after the override timeout the data that fits does go. */
static void silly_window_for_too_long(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 300\n"
		     "send 1000\n"
		     "+31ms > Ap 1:301(300) ack 1\n"
		     "+10ms < A 1:1(0) ack 301 win 65535\n"
		     "> PA 301:1001(700) ack 1\n");
}

/* That makes room for a writer with TCP_NOTSENT_LOWAT, too. */
static void silly_window_and_a_writer(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 600\n"
		     "set notsent-lowat 900\n"
		     "send 1000\n"
		     "tolerance 10us\n"
		     "blocking send 100\n"
		     "+31ms > Ap 1:601(600) ack 1\n"
		     "returned = 100\n"
		     "+10ms < A 1:1(0) ack 601 win 65535\n"
		     "> PA 601:1101(500) ack 1\n");
}

/* The override timeout comes no later if a cork held the first of the data. */
static void silly_window_and_cork(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 300\n"
		     "set cork 1\n"
		     "send 100\n"
		     "quiet 10ms\n"
		     "send 900\n"
		     "+31ms > Ap 1:301(300) ack 1\n"
		     "+10ms < A 1:1(0) ack 301 win 65535\n"
		     "set cork 0\n"
		     "> PA 301:1001(700) ack 1\n");
}

/* RFC 9293, 3.8.6: an old segment does not update the window. */
static void window_of_an_old_segment(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 101:201(100) ack 1 win 1000\n"
		     "> A 1:1(0) ack 1\n"
		     "< PA 1:101(100) ack 1 win 0\n"
		     "> A 1:1(0) ack 201\n"
		     "send 500\n"
		     "> PA 1:501(500) ack 201\n");
}

/*
 * The peer shrinks its window: data in flight is retransmitted, new data waits.
 */
static void window_taken_back(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,rill 1000 6>\n"
		     "sent 3000 of 1000\n"
		     "tolerance 5us\n"
		     "+10ms < A 1:1(0) ack 1001 win 0\n"
		     "send 1000\n"
		     "+25ms > Ap 1001:2001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 3001 win 5000\n"
		     "> PA 3001:4001(1000) ack 1\n");
}

/* Our window closes as data arrives that the program does not read. */
static void our_window_closes(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set rcvbuf 2304\n"
		     "established 10ms\n"
		     "< A 1:1001(1000) ack 1\n"
		     "+1ms > A 1:1(0) ack 1001 win <=1304\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "+* > A 1:1(0) ack 2001 win <=304\n");
}

/* Data beyond our window is dropped; data up to its edge is kept. */
static void data_beyond_our_window(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 65536:66536(1000) ack 1\n"
		     "> A 1:1(0) ack 1 win 65535\n"
		     "< A 70000:71000(1000) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "counter drop_window +2\n"
		     "counter ofo_queued +0\n"
		     "< A 65535:66535(1000) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "counter ofo_queued +1\n");
}

/* A window update goes once the program has read enough of the buffer. */
static void our_window_opens(struct kunit *test)
{
	char line[128];
	u32 seq;

	scenario_run(test,
		     "linear\n"
		     "established 10ms <mss 1000>\n"
		     "tunable moderate_rcvbuf 0\n");
	for (seq = 1; seq < 64001; seq += 2000) {
		scnprintf(line, sizeof(line),
			  "< A %u:%u(1000) ack 1\n< A %u:%u(1000) ack 1\n"
			  "> A 1:1(0) ack %u\n", seq, seq + 1000, seq + 1000,
			  seq + 2000, seq + 2000);
		if (!scenario_run(test, line))
			return;
	}
	scenario_run(test,
		     /* Not for a byte ... */
		     "recv 1\n"
		     "quiet 1s\n"
		     /* ... but for many: RFC 9293, 3.8.6.2.2. */
		     "recv 40000\n"
		     "> A 1:1(0) ack 64001 win >=30000\n");
}

/* RFC 7323, 2.3: the advertised window is scaled, and never taken back. */
static void our_scaled_window(struct kunit *test)
{
	scenario_run(test,
		     "tunable rmem 4096 1000000 6291456\n"
		     "connect\n"
		     "> S 0:0(0) win <=65535 <mss 1460,sackok,ts * *,ws 7,rill * *>\n"
		     "< SA 0:0(0) ack 1 win 65535 <mss 1000,ws 2>\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 1:1001(1000) ack 1\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 2001 win >=63000\n"
		     "recv 2000\n");
}

/* TCP_WINDOW_CLAMP is less than a segment: the window opens all the same. */
static void clamped_below_a_segment(struct kunit *test)
{
	char line[64];
	u32 seq = 1;
	int i;

	scenario_run(test,
		     "socket\n"
		     "set window-clamp 1200\n"
		     "established 10ms\n"
		     "lenient\n");
	for (i = 0; i < 44; i++, seq += 1460) {
		snprintf(line, sizeof(line),
			 "< A %u:%u(1460) ack 1\nrecv 1460\n",
			 seq, seq + 1460);
		scenario_run(test, line);
	}
	KUNIT_EXPECT_GT(test, rill_window_select(scenario_sk(test)), 0);
	KUNIT_EXPECT_LE(test, rill_window_select(scenario_sk(test)), 1200);
}

/*
 * A peer without window scaling sees 65,535 bytes at most, and the buffer has
 * room for more: a read changes nothing for it. Three ACKs without news would
 * be taken for a loss.
 */
static void reads_that_open_nothing(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set rcvbuf 1000000\n"
		     "established 10ms <mss 1000>\n"
		     "lenient\n"
		     "< A 1:1001(1000) ack 1\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "< A 2001:3001(1000) ack 1\n"
		     "< A 3001:4001(1000) ack 1\n"
		     "quiet 1s\n"
		     "ignore\n"
		     "strict\n"
		     "recv 1000\n"
		     "recv 1000\n"
		     "recv 1000\n"
		     "recv 1000\n"
		     "quiet 1s\n"
		     "< A 0:0(0) ack 1\n"
		     "> A 1:1(0) ack 4001 win 65535\n");
}

/* The room in the buffer, as far as a header can advertise it. */
static void no_window_beyond_the_header(struct kunit *test)
{
	static const u8 scales[] = { 0, 1, 7, 14 };
	struct rill_sock *rs;
	unsigned int i;
	u32 wnd, most;
	u8 before;

	scenario_run(test,
		     "socket\n"
		     "set rcvbuf 2000000\n"
		     "established 10ms\n");
	rs = rill_sk(scenario_sk(test));
	lock_sock(scenario_sk(test));
	before = rs->agreed.rcv_wscale;
	for (i = 0; i < ARRAY_SIZE(scales); i++) {
		rs->agreed.rcv_wscale = scales[i];
		most = (u32)U16_MAX << scales[i];
		wnd = rill_window_select(scenario_sk(test));
		KUNIT_EXPECT_GT(test, wnd, 0);
		KUNIT_EXPECT_LE(test, wnd, most);
		KUNIT_EXPECT_EQ(test, wnd & (BIT(scales[i]) - 1), 0);
	}
	rs->agreed.rcv_wscale = before;
	release_sock(scenario_sk(test));
}

/*
 * With a scale for a GiB a buffer of 8 KiB could advertise 16 KiB or nothing. A
 * buffer that the program has set does not grow.
 */
static void scale_of_a_small_buffer(struct kunit *test)
{
	struct rill_sock *rs;

	scenario_run(test,
		     "tunable rmem 4096 131072 1073741824\n"
		     "socket\n"
		     "set rcvbuf 4096\n"
		     "established 10ms <mss 1460,ws 7>\n");
	rs = rill_sk(scenario_sk(test));
	KUNIT_EXPECT_EQ(test, rs->agreed.rcv_wscale, 0);
	scenario_run(test,
		     "lenient\n"
		     "< PA 1:1001(1000) ack 1\n"
		     "recv 1000\n"
		     "< PA 1001:2001(1000) ack 1\n"
		     "recv 1000\n");
	KUNIT_EXPECT_LE(test, rs->rcv.wnd,
			(u32)scenario_sk(test)->sk_rcvbuf);
}

/* TCP_WINDOW_CLAMP bounds it as well. */
static void scale_of_a_clamped_window(struct kunit *test)
{
	scenario_run(test,
		     "tunable rmem 4096 131072 1073741824\n"
		     "socket\n"
		     "set window-clamp 100000\n"
		     "established 10ms <mss 1460,ws 7>\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->agreed.rcv_wscale, 1);
}

/*
 * Our window is closed. A segment beyond it, which an attacker may have sent,
 * is answered once in a while; the peer's probe is answered at once.
 */
static void strangers_at_a_closed_window(struct kunit *test)
{
	char line[64];
	u32 seq = 1;
	int i;

	scenario_run(test,
		     "socket\n"
		     "set rcvbuf 2304\n"
		     "established 10ms <mss 1000>\n"
		     "lenient\n");
	for (i = 0; i < 10; i++, seq += 500) {
		snprintf(line, sizeof(line), "+1ms < A %u:%u(500) ack 1\n",
			 seq, seq + 500);
		scenario_run(test, line);
	}
	scenario_run(test,
		     "quiet 1s\n"
		     "ignore\n"
		     "strict\n"
		     "< A 0:0(0) ack 1\n"
		     "> A 1:1(0) ack * win 0\n"
		     "quiet 1s\n"
		     "< A 60001:60001(0) ack 1\n"
		     "> A 1:1(0) ack * win 0\n"
		     "+1ms < A 60001:60001(0) ack 1\n"
		     "+1ms < A 60001:60001(0) ack 1\n"
		     "+4ms < A 0:0(0) ack 1\n"
		     "> A 1:1(0) ack * win 0\n"
		     "+490ms < A 60001:60001(0) ack 1\n"
		     "+1ms < A 0:0(0) ack 1\n"
		     "> A 1:1(0) ack * win 0\n"
		     "+500ms < A 60001:60001(0) ack 1\n"
		     "> A 1:1(0) ack * win 0\n");
}

static struct kunit_case window_cases[] = {
	KUNIT_CASE_PARAM(probes_of_a_closed_window, scenario_families),
	KUNIT_CASE_PARAM(window_closed_by_a_bare_ack, scenario_families),
	KUNIT_CASE_PARAM(probes_for_ever_while_answered, scenario_families),
	KUNIT_CASE_PARAM(probes_at_most_so_far_apart, scenario_families),
	KUNIT_CASE_PARAM(probes_not_closer_than_the_rto, scenario_families),
	KUNIT_CASE_PARAM(probes_unanswered, scenario_families),
	KUNIT_CASE_PARAM(lost_window_update, scenario_families),
	KUNIT_CASE_PARAM(window_smaller_than_the_data, scenario_families),
	KUNIT_CASE_PARAM(silly_window_of_the_peer, scenario_families),
	KUNIT_CASE_PARAM(silly_window_for_too_long, scenario_families),
	KUNIT_CASE_PARAM(silly_window_and_a_writer, scenario_families),
	KUNIT_CASE_PARAM(silly_window_and_cork, scenario_families),
	KUNIT_CASE_PARAM(window_of_an_old_segment, scenario_families),
	KUNIT_CASE_PARAM(window_taken_back, scenario_families),
	KUNIT_CASE_PARAM(clamped_below_a_segment, scenario_families),
	KUNIT_CASE_PARAM(our_window_closes, scenario_families),
	KUNIT_CASE_PARAM(data_beyond_our_window, scenario_families),
	KUNIT_CASE_PARAM(our_window_opens, scenario_families),
	KUNIT_CASE_PARAM(our_scaled_window, scenario_families),
	KUNIT_CASE_PARAM(reads_that_open_nothing, scenario_families),
	KUNIT_CASE_PARAM(no_window_beyond_the_header, scenario_families),
	KUNIT_CASE_PARAM(scale_of_a_small_buffer, scenario_families),
	KUNIT_CASE_PARAM(scale_of_a_clamped_window, scenario_families),
	KUNIT_CASE_PARAM(strangers_at_a_closed_window, scenario_families),
	{}
};

static struct kunit_suite window_suite = {
	.name = "rill_window",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = window_cases,
};

kunit_test_suite(window_suite);
