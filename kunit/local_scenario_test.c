// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that a queue of this host drops or delays: the sender knows that,
 * and takes neither for a loss in the network. The second suite plays the
 * cases of TCP_USER_TIMEOUT on the kernel's TCP.
 */
#include "scenario.h"

#define RILL_PEER	"established 10ms <mss 1000,sackok,rill 1000 6>\n"
#define TCP_PEER	"established 10ms <mss 1000>\n"

/* A refused segment was not sent: it goes after an RTO, and is not counted. */
static void refused_is_not_sent(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "device refuses\n"
		     "send 5000\n"
		     "counter xmit_refused +1\n"
		     "outq = 5000\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->rtx.packets_out, 0);
	scenario_run(test,
		     "quiet 1ms\n"
		     "device takes\n"
		     "+1ms~100ms > Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     "> Ap 3001:4001(1000) ack 1\n"
		     "> PA 4001:5001(1000) ack 1\n"
		     "counter retrans_segs +0\n"
		     "counter rto_timeouts +0\n"
		     "+10ms < A 1:1(0) ack 5001\n"
		     "quiet 1s\n");
}

/* An ACK of data in flight tries the refused segment again at once. */
static void refused_behind_others(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "send 2000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> PA 1001:2001(1000) ack 1\n"
		     "device refuses\n"
		     "send 1000\n"
		     "device takes\n"
		     "+10ms < A 1:1(0) ack 2001\n"
		     "> PA 2001:3001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 3001\n"
		     "counter retrans_segs +0\n");
}

/*
 * A refusal is congestion all the same, once; so is a mere warning of the
 * queue.
 */
static void refused_is_congestion(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "send 5000\n"
		     "ignore\n"
		     "device refuses\n"
		     "send 1000\n"
		     "send 1000\n"
		     "ssthresh = 7\n"
		     "device takes\n"
		     "lenient\n"
		     "+10ms < A 1:1(0) ack 5001\n"
		     "+10ms < A 1:1(0) ack 7001\n"
		     "strict\n"
		     "device slows\n"
		     "send 1000\n"
		     "> PA 7001:8001(1000) ack 1\n"
		     "send 1000\n"
		     "> PA 8001:9001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 9001\n"
		     "counter retrans_segs +0\n"
		     "counter xmit_refused +2\n");
	KUNIT_EXPECT_LT(test, rill_sk(scenario_sk(test))->cc.ssthresh, 7);
}

/* All is refused: the interval doubles, up to 500 ms. */
static void refused_for_long(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "device refuses\n"
		     "send 1000\n"
		     "quiet 60s\n"
		     "device takes\n"
		     "+0ms~500ms > PA 1:1001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1001\n"
		     "send 1000\n"
		     "> PA 1001:2001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 2001\n");
}

/* A refused window probe is followed by others. */
static void probe_is_refused(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "+10ms < A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "device refuses\n"
		     "quiet 100ms\n"
		     "device takes\n"
		     "+0ms~600ms > A 0:0(0) ack 1\n"
		     "+1ms < A 1:1(0) ack 1 win 0\n"
		     "+1ms~1s > A 0:0(0) ack 1\n"
		     "+1ms < A 1:1(0) ack 1 win 65535\n"
		     "> PA 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 101\n");
}

/* ... soon, however long the peer's window has been closed. */
static void late_probe_is_refused(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "+10ms < A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "lenient\n"
		     "+20s poll out\n"
		     "ignore\n"
		     "strict\n"
		     "device refuses\n"
		     "quiet 7s\n"
		     "device takes\n"
		     "+0ms~600ms > A 0:0(0) ack 1\n"
		     "+1ms < A 1:1(0) ack 1 win 65535\n"
		     "> PA 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 101\n");
}

/* So is refused data that a cork held, once its time is over. */
static void corked_is_refused(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "send 100 more\n"
		     "device refuses\n"
		     "quiet 400ms\n"
		     "device takes\n"
		     "+0ms~600ms > PA 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 101\n");
}

/* A refused retransmission waits in the same way. */
static void copy_is_refused(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 0\n"
		     RILL_PEER
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1\n"
		     "device refuses\n"
		     "quiet 20s\n"
		     "counter retrans_segs +0\n"
		     "device takes\n"
		     "+0ms~500ms > PA 1:1001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1001\n"
		     "counter mtu_black_holes +0\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->rtx.lost_out, 0);
}

#define COPY_REFUSED							\
	"tunable tlp 0\n"						\
	RILL_PEER							\
	"send 1000\n"							\
	"> PA 1:1001(1000) ack 1\n"					\
	"device refuses\n"						\
	"quiet 40ms\n"							\
	"counter xmit_refused +1\n"					\
	"device takes\n"

/* A host that refuses for ever ends the connection when retries2 would. */
static void copy_is_refused_for_good(struct kunit *test)
{
	scenario_run(test,
		     "tunable retries2 3\n"
		     RILL_PEER
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1\n"
		     "device refuses\n"
		     "quiet 2900ms\n"
		     "state ESTABLISHED\n"
		     "quiet 700ms\n"
		     "state CLOSE\n"
		     "error ETIMEDOUT\n");
}

/* An earlier refusal changes nothing later: a cork holds for its time. */
static void copy_is_refused_and_a_cork(struct kunit *test)
{
	scenario_run(test,
		     COPY_REFUSED
		     "+1ms < A 1:1(0) ack 1001\n"
		     "send 100 more\n"
		     "+200ms > PA 1001:1101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 1101\n");
}

/* ... and a closed window is probed after an RTO. */
static void copy_is_refused_and_a_window(struct kunit *test)
{
	scenario_run(test,
		     COPY_REFUSED
		     "+1ms < A 1:1(0) ack 1001 win 0\n"
		     "send 100\n"
		     "+31ms > A 1000:1000(0) ack 1\n"
		     "+1ms < A 1:1(0) ack 1001 win 65535\n"
		     "> PA 1001:1101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 1101\n");
}

/*
 * TCP_USER_TIMEOUT ends it no sooner than TCP's probes do, and the FIN behind
 * the data goes with it.
 */
static void refused_until_the_user_timeout(struct kunit *test)
{
	scenario_run(test,
		     TCP_PEER
		     "set user-timeout 3000\n"
		     "device refuses\n"
		     "send 1000\n"
		     "+3.1s poll out\n"
		     "+700ms poll in,out,err,hup,rdhup\n"
		     "error ETIMEDOUT\n");
}

/*
 * The segment is still in a queue: no copy goes behind it, and it is not marked
 * lost.
 */
static void held_is_not_sent_again(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     RILL_PEER
		     "device holds\n"
		     "send 3000\n"
		     "quiet 3s\n"
		     "counter retrans_segs +0\n"
		     "counter rto_timeouts +0\n"
		     "counter tlp_probes +0\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->cc.ssthresh, U32_MAX);
	scenario_run(test,
		     "device takes\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "> PA 2001:3001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 3001\n"
		     "quiet 10s\n"
		     "counter retrans_segs +0\n"
		     "cwnd = 10\n");
}

/* Nor does an ACK of segments sent behind it make a copy. */
static void held_is_not_sent_fast(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "device holds\n"
		     "send 4000\n"
		     "+10ms < A 1:1(0) ack 1 <sack 1001:4001>\n"
		     "quiet 5ms\n"
		     "device takes\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     "> PA 3001:4001(1000) ack 1\n"
		     "< A 1:1(0) ack 4001\n"
		     "quiet 1s\n"
		     "counter retrans_segs +0\n");
}

/* ... and once it has left and is lost, the RTO counts. */
static void held_and_then_lost(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 0\n"
		     RILL_PEER
		     "device holds\n"
		     "send 1000\n"
		     "quiet 100ms\n"
		     "device takes\n"
		     "> PA 1:1001(1000) ack 1\n"
		     "+1ms~500ms > PA 1:1001(1000) ack 1\n"
		     "counter rto_timeouts +1\n"
		     "+10ms < A 1:1(0) ack 1001\n");
}

/* A device that never sends does not keep a connection for ever. */
static void held_until_the_user_timeout(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "set user-timeout 3000\n"
		     "device holds\n"
		     "send 1000\n"
		     "+2.9s poll out\n"
		     "+200ms poll in,out,err,hup,rdhup\n"
		     "error ETIMEDOUT\n"
		     "device takes\n"
		     "ignore\n");
}

/* The same over fq, which holds a hundred packets of a flow at most. */
static void paced_over_fq(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set max-pacing-rate 1020000\n");
	WRITE_ONCE(scenario_sk(test)->sk_pacing_status, SK_PACING_FQ);
	scenario_run(test,
		     "send 3000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "+1ms > Ap 1001:2001(1000) ack 1\n"
		     "+1ms > PA 2001:3001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 3001\n");
}

/*
 * A peer without our option may delay its ACK by 200 ms, however long the path
 * takes: the RTO is the sum of both. The greater of the two would retransmit
 * spuriously here, as TCP does.
 */
static void ack_delayed_for_200_ms(struct kunit *test)
{
	char line[100];
	int i, at;

	scenario_run(test, TCP_PEER);
	for (i = 0; i < 30; i++) {
		at = 1 + 100 * i;
		scnprintf(line, sizeof(line),
			  "send 100\n"
			  "> PA %d:%d(100) ack 1\n"
			  "+%dms < A 1:1(0) ack %d\n",
			  at, at + 100, i & 1 ? 8 : 12, at + 100);
		scenario_run(test, line);
	}
	/* The ACK comes after 200 ms and the longest RTT seen. */
	scenario_run(test,
		     "send 100\n"
		     "> PA 3001:3101(100) ack 1\n"
		     "+212ms < A 1:1(0) ack 3101\n"
		     "quiet 10s\n");
}

static struct kunit_case local_cases[] = {
	KUNIT_CASE_PARAM(refused_is_not_sent, scenario_families),
	KUNIT_CASE_PARAM(refused_behind_others, scenario_families),
	KUNIT_CASE_PARAM(refused_is_congestion, scenario_families),
	KUNIT_CASE_PARAM(refused_for_long, scenario_families),
	KUNIT_CASE_PARAM(probe_is_refused, scenario_families),
	KUNIT_CASE_PARAM(late_probe_is_refused, scenario_families),
	KUNIT_CASE_PARAM(corked_is_refused, scenario_families),
	KUNIT_CASE_PARAM(copy_is_refused, scenario_families),
	KUNIT_CASE_PARAM(copy_is_refused_for_good, scenario_families),
	KUNIT_CASE_PARAM(copy_is_refused_and_a_cork, scenario_families),
	KUNIT_CASE_PARAM(copy_is_refused_and_a_window, scenario_families),
	KUNIT_CASE_PARAM(refused_until_the_user_timeout, scenario_families),
	KUNIT_CASE_PARAM(held_is_not_sent_again, scenario_families),
	KUNIT_CASE_PARAM(held_is_not_sent_fast, scenario_families),
	KUNIT_CASE_PARAM(held_and_then_lost, scenario_families),
	KUNIT_CASE_PARAM(held_until_the_user_timeout, scenario_families),
	KUNIT_CASE_PARAM(paced_over_fq, scenario_families),
	KUNIT_CASE_PARAM(ack_delayed_for_200_ms, scenario_families),
	{}
};

static struct kunit_suite local_suite = {
	.name = "rill_local",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = local_cases,
};

static struct kunit_case local_tcp_cases[] = {
	KUNIT_CASE_PARAM(refused_until_the_user_timeout, scenario_families),
	{}
};

static struct kunit_suite local_tcp_suite = {
	.name = "rill_local_tcp",
	.init = scenario_init_tcp,
	.exit = scenario_exit,
	.test_cases = local_tcp_cases,
};

kunit_test_suites(&local_suite, &local_tcp_suite);
