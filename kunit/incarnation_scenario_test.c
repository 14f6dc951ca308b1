// SPDX-License-Identifier: GPL-2.0
/*
 * Two incarnations of one connection: a peer that was restarted meets the old
 * connection that this side still has, and old segments meet the new one
 * (RFC 9293, 3.5.1 and 3.6.1; RFC 5961, 4; RFC 1337).
 */
#include "scenario.h"

/* ---- a new SYN reaches an old connection ------------------------------- */

/*
 * A restarted client meets the accepted connection that @before has brought
 * into @state: its SYN at @syn gets a challenge with seq @seq, ack @ack; its
 * reset ends the old connection; its SYN, sent again, opens a new one.
 */
static void newcomer(struct kunit *test, const char *before, const char *state,
		     s32 syn, u32 seq, u32 ack)
{
	char script[512];

	if (!scenario_run(test, "accepted 10ms\n") ||
	    !scenario_run(test, before))
		return;
	scnprintf(script, sizeof(script),
		  "state %s\n"
		  "+1s < S %d:%d(0) win 65535 <mss 1000>\n"
		  "> A %u:%u(0) ack %u\n"
		  "state %s\n"
		  "counter in_rsts +0\n"
		  "< R %u:%u(0)\n"
		  "counter in_rsts +1\n"
		  "use 0\n"
		  "state LISTEN\n"
		  "accept = EAGAIN\n"
		  "forget\n"
		  "irs %u\n",
		  state, syn, syn, seq, seq, ack, state, ack, ack,
		  SCENARIO_IRS + syn);
	if (!scenario_run(test, script))
		return;
	scenario_run(test,
		     "+1s < S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "accept\n"
		     "state ESTABLISHED\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 101\n");
}

static void newcomer_to_established(struct kunit *test)
{
	newcomer(test, "", "ESTABLISHED", 500000, 1, 1);
}

static void newcomer_to_fin_wait_1(struct kunit *test)
{
	newcomer(test,
		 "into FIN_WAIT1\n"
		 "lenient\n",
		 "FIN_WAIT1", 500000, 2, 1);
}

/* A program holds the socket ... */
static void newcomer_to_fin_wait_2(struct kunit *test)
{
	newcomer(test,
		 "into FIN_WAIT2 by shutdown\n",
		 "FIN_WAIT2", 500000, 2, 1);
}

/* ... or none does, and there is a compact entry only. */
static void newcomer_to_fin_wait_2_of_an_orphan(struct kunit *test)
{
	newcomer(test,
		 "into FIN_WAIT2\n",
		 "FIN_WAIT2", 500000, 2, 1);
}

static void newcomer_to_close_wait(struct kunit *test)
{
	newcomer(test,
		 "into CLOSE_WAIT\n",
		 "CLOSE_WAIT", 500000, 1, 2);
}

static void newcomer_to_last_ack(struct kunit *test)
{
	newcomer(test,
		 "into LAST_ACK\n"
		 "lenient\n",
		 "LAST_ACK", 500000, 2, 2);
}

static void newcomer_to_closing(struct kunit *test)
{
	newcomer(test,
		 "into CLOSING\n"
		 "lenient\n",
		 "CLOSING", 500000, 2, 2);
}

/* The SYN's sequence number is inside the old window ... */
static void newcomer_inside_the_window(struct kunit *test)
{
	newcomer(test,
		 "into CLOSE_WAIT\n",
		 "CLOSE_WAIT", 1000, 1, 2);
}

/* ... exactly RCV.NXT ... */
static void newcomer_at_the_left_edge(struct kunit *test)
{
	newcomer(test,
		 "into FIN_WAIT2\n",
		 "FIN_WAIT2", 1, 2, 1);
}

/* ... or below all of it. */
static void newcomer_before_the_window(struct kunit *test)
{
	newcomer(test,
		 "into FIN_WAIT2 by shutdown\n",
		 "FIN_WAIT2", -50000, 2, 1);
}

/*
 * The program gets ECONNRESET from the old socket. A restarted host's timestamp
 * clock is behind the old one, but PAWS must not drop the SYN (RFC 7323, 5.3),
 * however soon it comes again.
 */
static void newcomer_with_an_old_timestamp(struct kunit *test)
{
	scenario_run(test,
		     "tunable invalid_ratelimit_ms 0\n"
		     "accepted 10ms <mss 1000,ts 0 0>\n"
		     "< FA 1:1(0) ack 1 <ts 6000 *>\n"
		     "> A 1:1(0) ack 2\n"
		     "state CLOSE_WAIT\n"
		     "< S 500000:500000(0) <mss 1000,ts 0 0>\n"
		     "> A 1:1(0) ack 2 <ts * 6000>\n"
		     "+10ms < S 500000:500000(0) <mss 1000,ts 10 0>\n"
		     "> A 1:1(0) ack 2 <ts * 6000>\n"
		     "counter challenge_acks +2\n"
		     "< R 2:2(0) <>\n"
		     "poll in,out,err,hup,rdhup\n"
		     "error EPIPE\n"
		     "use 0\n"
		     "forget\n"
		     "irs 600000\n"
		     "+1s < S 0:0(0) <mss 1000,ts 0 0>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,ts * 0>\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n");
}

/* RFC 9293, figure 10: the old side sends first, not the newcomer. */
static void old_side_speaks_first(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     /*
		      * The restarted peer has no such connection, and resets.
		      */
		     "+10ms < R 1:1(0)\n"
		     "state CLOSE\n"
		     "send 100 = ECONNRESET\n"
		     "send 100 = EPIPE\n");
}

/* RFC 9293, figure 9: this host was restarted; a reset ends the peer's side. */
static void we_were_restarted(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     /* The old connection's challenge to our SYN. */
		     "< A 300:300(0) ack -100\n"
		     "> R -100:-100(0) <>\n"
		     "state SYN_SENT\n"
		     "+1s > S 0:0(0)\n"
		     "< SA 0:0(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n");
}

/* ---- TIME_WAIT --------------------------------------------------------- */

#define BOUND							\
	"socket\n"						\
	"set reuseaddr\n"					\
	"bind 4000\n"

/*
 * Another socket may have the port, but not the four-tuple until 2MSL is over
 * (without timestamps nothing proves it safe: RFC 6191).
 */
static void four_tuple_kept(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms\n"
		     "into TIME_WAIT 10ms\n"
		     BOUND
		     "connect = EADDRNOTAVAIL\n"
		     "quiet 59999ms\n"
		     "connect = EADDRNOTAVAIL\n"
		     "state TIME_WAIT\n"
		     "quiet 1002us\n"
		     "forget\n"
		     "established\n");
}

/* ... and meanwhile the port goes to another peer. */
static void port_free_for_another_peer(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms\n"
		     "into TIME_WAIT 10ms\n"
		     BOUND
		     "flow 1\n"
		     "established 10ms\n"
		     "flow 0\n"
		     "state TIME_WAIT\n");
}

/* An old SYN, below RCV.NXT, opens nothing. */
static void old_syn_in_time_wait(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms\n"
		     "< PA 1:1001(1000) ack 1\n"
		     "+1ms > A 1:1(0) ack 1001\n"
		     "recv 1000\n"
		     "into TIME_WAIT 10ms\n"
		     "+1s < S 0:0(0) <mss 1000>\n"
		     "> A 2:2(0) ack 1002\n"
		     "state TIME_WAIT\n"
		     /*
		      * RFC 1337: the reset that the answer provokes does not
		      * end TIME_WAIT.
		      */
		     "< R 1002:1002(0)\n"
		     "state TIME_WAIT\n"
		     "quiet 58999ms\n"
		     "state TIME_WAIT\n"
		     "quiet 1002us\n"
		     "state CLOSE\n"
		     "use 0\n"
		     "forget\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n");
}

/* Old data, ACKs, FINs and resets leave 2MSL as it was, to the microsecond. */
static void time_wait_undisturbed(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n"
		     "into TIME_WAIT 10ms\n"
		     "+10s < PA 1:101(100) ack 1\n"
		     "> A 2:2(0) ack 102\n"
		     "+10s < A 102:102(0) ack 2\n"
		     "< R 102:102(0)\n"
		     "< RA 50:50(0) ack 1\n"
		     "+10s < FPA 1:51(50) ack 1\n"
		     "> A 2:2(0) ack 102\n"
		     "quiet 29999998us\n"
		     "state TIME_WAIT\n"
		     "quiet 4us\n"
		     "state CLOSE\n");
}

/* ---- old segments reach a new connection ------------------------------- */

/* RFC 6528: 4 us a tick, so that the new numbers lie beyond the old ones. */
static void numbers_of_incarnations(struct kunit *test)
{
	struct scenario *s = test->priv;
	u64 first_ns, second_ns;
	u32 first, second;

	scenario_run(test, BOUND "established 10ms\n");
	first = s->flow->iss;
	first_ns = s->base_ns;
	scenario_run(test,
		     "into TIME_WAIT 10ms\n"
		     "quiet 61s\n"
		     BOUND
		     "forget\n"
		     "established 10ms\n");
	second = s->flow->iss;
	second_ns = s->base_ns;
	KUNIT_EXPECT_TRUE(test, rill_after(second, first));
	KUNIT_EXPECT_LE(test, abs((s32)(second - first -
			(u32)div_u64(second_ns - first_ns, 4000))), 2);
	/*
	 * Another peer gets other numbers, not the same ones shifted by the
	 * clock.
	 */
	scenario_run(test,
		     "socket\n"
		     "flow 1\n"
		     "established 10ms\n");
	KUNIT_EXPECT_GT(test, abs((s32)(s->flow->iss - second)), 10000);
}

/*
 * Segments of the first connection that are still on the wire do not hurt the
 * second.
 */
static void old_segments_of_a_client(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n"
		     "into TIME_WAIT 10ms\n"
		     "quiet 61s\n"
		     BOUND
		     "forget\n"
		     /* the peer's clock of RFC 6528 has gone on, too */
		     "irs 15100000\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     /* the first one's SYN-ACK: figure 9 */
		     "< SA -15000000:-15000000(0) ack -15253000\n"
		     "> R -15253000:-15253000(0)\n"
		     "state SYN_SENT\n"
		     "< SA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "< PA -14999999:-14999899(100) ack -15252999\n"
		     "> A 1:1(0) ack 1\n"
		     "< FA -14999899:-14999899(0) ack -15252998\n"
		     "> A 1:1(0) ack 1\n"
		     "< R -14999899:-14999899(0)\n"
		     "quiet 1s\n"
		     "recv 1 = EAGAIN\n"
		     "state ESTABLISHED\n"
		     /* of its own stream, but with the old one's ACK */
		     "< PA 1:101(100) ack -15252999\n"
		     "> A 1:1(0) ack 1\n"
		     "recv 1 = EAGAIN\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n");
}

static void old_segments_of_a_server(struct kunit *test)
{
	scenario_run(test,
		     "tunable invalid_ratelimit_ms 0\n"
		     "accepted 10ms\n"
		     "< FPA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 102\n"
		     "recv 100\n"
		     "close\n"
		     "> FA 1:1(0) ack 102\n"
		     "+10ms < A 102:102(0) ack 2\n"
		     "state CLOSE\n"
		     "forget\n"
		     "irs 200000\n"
		     "accepted 10ms\n"
		     /* the first one's data, FIN, ACK, SYN and a reset */
		     "< FPA -99999:-99899(100) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "< A -99898:-99898(0) ack 2\n"
		     "> A 1:1(0) ack 1\n"
		     "< S -100000:-100000(0) <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "< R -99898:-99898(0)\n"
		     "quiet 1s\n"
		     "state ESTABLISHED\n"
		     "recv 1 = EAGAIN\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n");
}

/* Old data happens to fit the new window: PAWS drops it (RFC 7323). */
static void old_data_inside_the_new_window(struct kunit *test)
{
	scenario_run(test,
		     "tsbase 1000000\n"
		     "established 10ms <mss 1000,ts 50000 *>\n"
		     "< A 1:101(100) ack 1 <ts 20000 *>\n"
		     "> A 1:1(0) ack 1\n"
		     "< FA 1:1(0) ack 1 <ts 20000 *>\n"
		     "> A 1:1(0) ack 1\n"
		     "+1s < PA 101:201(100) ack 1 <ts 20001 *>\n"
		     "> A 1:1(0) ack 1 <ts * 50000>\n"
		     "counter drop_paws +3\n"
		     "recv 1 = EAGAIN\n"
		     "state ESTABLISHED\n"
		     "< PA 1:101(100) ack 1 <ts 50100 *>\n"
		     "+1ms > A 1:1(0) ack 101 <ts * 50100>\n"
		     "recv 100\n");
}

static struct kunit_case incarnation_cases[] = {
	KUNIT_CASE_PARAM(newcomer_to_established, scenario_families),
	KUNIT_CASE_PARAM(newcomer_to_fin_wait_1, scenario_families),
	KUNIT_CASE_PARAM(newcomer_to_fin_wait_2, scenario_families),
	KUNIT_CASE_PARAM(newcomer_to_fin_wait_2_of_an_orphan,
			 scenario_families),
	KUNIT_CASE_PARAM(newcomer_to_close_wait, scenario_families),
	KUNIT_CASE_PARAM(newcomer_to_last_ack, scenario_families),
	KUNIT_CASE_PARAM(newcomer_to_closing, scenario_families),
	KUNIT_CASE_PARAM(newcomer_inside_the_window, scenario_families),
	KUNIT_CASE_PARAM(newcomer_at_the_left_edge, scenario_families),
	KUNIT_CASE_PARAM(newcomer_before_the_window, scenario_families),
	KUNIT_CASE_PARAM(newcomer_with_an_old_timestamp, scenario_families),
	KUNIT_CASE_PARAM(old_side_speaks_first, scenario_families),
	KUNIT_CASE_PARAM(we_were_restarted, scenario_families),
	KUNIT_CASE_PARAM(four_tuple_kept, scenario_families),
	KUNIT_CASE_PARAM(port_free_for_another_peer, scenario_families),
	KUNIT_CASE_PARAM(old_syn_in_time_wait, scenario_families),
	KUNIT_CASE_PARAM(time_wait_undisturbed, scenario_families),
	KUNIT_CASE_PARAM(numbers_of_incarnations, scenario_families),
	KUNIT_CASE_PARAM(old_segments_of_a_client, scenario_families),
	KUNIT_CASE_PARAM(old_segments_of_a_server, scenario_families),
	KUNIT_CASE_PARAM(old_data_inside_the_new_window, scenario_families),
	{}
};

static struct kunit_suite incarnation_suite = {
	.name = "rill_incarnation",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = incarnation_cases,
};

kunit_test_suite(incarnation_suite);
