// SPDX-License-Identifier: GPL-2.0
/*
 * How the end of a connection can go wrong, with the default times: lost FINs
 * and ACKs, peers that vanish, halves that stay open (RFC 9293, 3.6; RFC 1122,
 * 4.2.2.13).
 */
#include "scenario.h"

/* A peer that is rill, 10 ms away: the first RTO is 10 + 20 + 1 ms. */
#define RILL_PEER	"established 10ms <mss 1000,rill 1000 6>\n"
#define RTO_MS		31ULL
#define RTO_MAX_MS	120000ULL

/*
 * How long a segment without an ACK is retransmitted: as long as TCP with a
 * first RTO of 200 ms would, for orphan_retries 8 and for retries2 15.
 */
#define ORPHAN_MS	102200ULL
#define HELD_MS		924600ULL

/*
 * @segment is retransmitted with doubling RTOs, until @limit_ms after it was
 * first sent; the state is @state to the last moment, then CLOSE.
 */
static bool sent_again_until(struct kunit *test, const char *segment,
			     u64 limit_ms, const char *state)
{
	u64 rto_ms = RTO_MS, at_ms = 0;
	char script[160];

	for (; at_ms + rto_ms < limit_ms; rto_ms = min(rto_ms * 2, RTO_MAX_MS)) {
		at_ms += rto_ms;
		scnprintf(script, sizeof(script), "+%llums > %s\n", rto_ms,
			  segment);
		if (!scenario_run(test, script))
			return false;
	}
	scnprintf(script, sizeof(script),
		  "quiet %lluus\n"
		  "state %s\n"
		  "quiet 4us\n"
		  "state CLOSE\n"
		  "quiet 10m\n",
		  (limit_ms - at_ms) * 1000 - 2, state);
	return scenario_run(test, script);
}

/* ---- FINs that nobody acknowledges ------------------------------------- */

static void fin_wait_1_of_an_orphan(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "close\n"
		     "> FA 1:1(0) ack 1\n");
	if (!sent_again_until(test, "FA 1:1(0) ack 1", ORPHAN_MS,
			      "FIN_WAIT1"))
		return;
	scenario_run(test,
		     "counter timeouts +1\n"
		     "counter time_waits +0\n"
		     /* The peer comes back, too late. */
		     "< A 1:1(0) ack 2\n"
		     "> R 2:2(0)\n");
}

static void closing_of_an_orphan(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 2:2(0) ack 2\n");
	if (sent_again_until(test, "FA 1:1(0) ack 2", ORPHAN_MS, "CLOSING"))
		scenario_run(test, "counter time_waits +0\n");
}

static void last_ack_of_an_orphan(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "close\n"
		     "> FA 1:1(0) ack 2\n");
	sent_again_until(test, "FA 1:1(0) ack 2", ORPHAN_MS, "LAST_ACK");
}

/* A program holds the socket: retries2 counts, and it gets the error. */
static void fin_wait_1_held(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "shutdown wr\n"
		     "> FA 1:1(0) ack 1\n");
	if (!sent_again_until(test, "FA 1:1(0) ack 1", HELD_MS, "FIN_WAIT1"))
		return;
	scenario_run(test,
		     "poll in,out,err,hup,rdhup\n"
		     "recv 1 = ETIMEDOUT\n"
		     "recv 1 = 0\n"
		     "close\n");
}

static void closing_held(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "shutdown wr\n"
		     "> FA 1:1(0) ack 1\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 2:2(0) ack 2\n");
	if (sent_again_until(test, "FA 1:1(0) ack 2", HELD_MS, "CLOSING"))
		scenario_run(test, "error ETIMEDOUT\n");
}

static void last_ack_held(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "shutdown wr\n"
		     "> FA 1:1(0) ack 2\n");
	if (sent_again_until(test, "FA 1:1(0) ack 2", HELD_MS, "LAST_ACK"))
		scenario_run(test, "error ETIMEDOUT\n");
}

/* The last data and the FIN are one segment, which is retransmitted whole. */
static void fin_with_data_of_an_orphan(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "send 500\n"
		     "> PA 1:501(500) ack 1\n"
		     "send 100\n"
		     "close\n"
		     "> FPA 501:601(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 501\n"
		     "+10ms < A 1:1(0) ack 602\n"
		     "state FIN_WAIT2\n");
	scenario_run(test,
		     "socket\n"
		     "flow 1\n"
		     RILL_PEER
		     "send 100 more\n"
		     "close\n"
		     "> FPA 1:101(100) ack 1\n");
	sent_again_until(test, "FPA 1:101(100) ack 1", ORPHAN_MS,
			 "FIN_WAIT1");
}

/* orphan_retries 0: as long as TCP waits for its first answer. */
static void no_orphan_retries(struct kunit *test)
{
	scenario_run(test,
		     "tunable orphan_retries 0\n"
		     RILL_PEER
		     "close\n"
		     "> FA 1:1(0) ack 1\n");
	sent_again_until(test, "FA 1:1(0) ack 1", 200, "FIN_WAIT1");
}

/*
 * The peer acknowledges for ever but never opens its window: the orphan ends.
 */
static void orphan_behind_a_closed_window(struct kunit *test)
{
	u64 ms = RTO_MS;
	char script[96];

	scenario_run(test,
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "close\n"
		     "state FIN_WAIT1\n");
	for (; ms < RTO_MAX_MS; ms *= 2) {
		scnprintf(script, sizeof(script),
			  "+%llums > A 0:0(0) ack 1\n"
			  "< A 1:1(0) ack 1 win 0\n", ms);
		if (!scenario_run(test, script))
			return;
	}
	scenario_run(test,
		     "quiet 119999999us\n"
		     "state FIN_WAIT1\n"
		     "quiet 2us\n"
		     "state CLOSE\n"
		     "quiet 1h\n");
}

/* ... or it does not answer at all: the orphan ends as for a FIN. */
static void orphan_behind_a_silent_window(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "lenient\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "close\n"
		     "+31ms > A 0:0(0) ack 1\n"
		     "quiet 102199998us\n"
		     "state FIN_WAIT1\n"
		     "quiet 4us\n"
		     "state CLOSE\n");
}

/*
 * ... with a low ceiling of the RTO, which is for short outages: it still takes
 * as long as for a peer that does not answer.
 */
static void orphan_and_a_low_rto_max(struct kunit *test)
{
	int i;

	scenario_run(test,
		     "tunable rto_max_ms 1000\n"
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "close\n"
		     "lenient\n");
	for (i = 0; i < 204; i++)
		if (!scenario_run(test, "+500ms < A 1:1(0) ack 1 win 0\n"))
			return;
	scenario_run(test,
		     "state FIN_WAIT1\n"
		     "quiet 2s\n"
		     "ignore\n"
		     "state CLOSE\n");
}

/* A silent peer has the same time, whatever the ceiling. */
static void silence_and_a_low_rto_max(struct kunit *test)
{
	scenario_run(test,
		     "tunable rto_max_ms 1000\n"
		     RILL_PEER
		     "lenient\n"
		     "send 100\n"
		     "close\n"
		     "quiet 102s\n"
		     "state FIN_WAIT1\n"
		     "quiet 1300ms\n"
		     "state CLOSE\n");
}

/* close() after an hour at a closed window: the orphan's time begins then. */
static void orphan_after_an_hour_of_probes(struct kunit *test)
{
	int i;

	scenario_run(test,
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "lenient\n");
	for (i = 0; i < 720; i++)
		if (!scenario_run(test, "+5s < A 1:1(0) ack 1 win 0\n"))
			return;
	scenario_run(test,
		     "close\n"
		     "+6s < A 1:1(0) ack 1 win 0\n"
		     "+90s < A 1:1(0) ack 1 win 0\n"
		     "state FIN_WAIT1\n"
		     "< A 1:1(0) ack 1 win 65535\n"
		     "< A 1:1(0) ack 102\n"
		     "state FIN_WAIT2\n");
}

/* ---- one of the four segments is lost ---------------------------------- */

/* RFC 9293, 3.6: the peer received our FIN; its ACK, then its FIN + ACK. */
static void first_ack_lost(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+31ms > FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "state FIN_WAIT2\n"
		     "+1s < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "state TIME_WAIT\n");
}

static void first_ack_lost_then_fin_and_ack(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+31ms > FA 1:1(0) ack 1\n"
		     "+10ms < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "state TIME_WAIT\n"
		     "quiet 59999999us\n"
		     "state TIME_WAIT\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

/* On the other side: each retransmitted FIN is acknowledged. */
static void fin_again_and_again(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "+1s < FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "+2s < FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "+4s < FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "state CLOSE_WAIT\n"
		     "recv 1 = 0\n");
}

/* The second FIN is lost: LAST_ACK sends it again. */
static void second_fin_lost(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "+1s close\n"
		     "> FA 1:1(0) ack 2\n"
		     "+31ms > FA 1:1(0) ack 2\n"
		     "state LAST_ACK\n"
		     "+62ms > FA 1:1(0) ack 2\n"
		     "+10ms < A 2:2(0) ack 2\n"
		     "state CLOSE\n"
		     "quiet 1h\n");
}

/*
 * The peer in FIN_WAIT2 never received it, and acknowledges it when it arrives.
 */
static void second_fin_in_fin_wait_2(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "shutdown wr\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "state FIN_WAIT2\n"
		     "+30s < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "state TIME_WAIT\n"
		     "recv 1 = 0\n");
}

/*
 * The last ACK is lost: TIME_WAIT acknowledges each FIN, and 2MSL counts from
 * the last.
 */
static void last_ack_lost(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "+1s < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "+200ms < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "+400ms < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "+59s < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "counter time_waits +1\n"
		     "quiet 59999999us\n"
		     "state TIME_WAIT\n"
		     "quiet 2us\n"
		     "state CLOSE\n"
		     /* Then the entry is gone. */
		     "< FA 1:1(0) ack 2\n"
		     "> R 2:2(0)\n");
}

/* RFC 9293, figure 13, and the ACK of our FIN is lost. */
static void simultaneous_close_ack_lost(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 2:2(0) ack 2\n"
		     "state CLOSING\n"
		     /* The peer retransmits: it did not get our ACK either. */
		     "+20ms < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "state TIME_WAIT\n"
		     "quiet 59999ms\n"
		     "state TIME_WAIT\n"
		     "quiet 1001us\n"
		     "state CLOSE\n");
}

/* The FINs cross, and the peer's carries data: it is delivered. */
static void data_with_the_fin_that_crosses(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "shutdown wr\n"
		     "> FA 101:101(0) ack 1\n"
		     "+5ms < FPA 1:101(100) ack 101\n"
		     "> A 102:102(0) ack 102\n"
		     "state CLOSING\n"
		     "poll in,out,hup,rdhup\n"
		     "recv 200 = 100\n"
		     "recv 1 = 0\n"
		     "+5ms < A 102:102(0) ack 102\n"
		     "state TIME_WAIT\n"
		     "recv 1 = 0\n"
		     "error none\n");
}

/* ---- FIN_WAIT2 -------------------------------------------------------- */

/* Without a program: fin_timeout_ms, and never TIME_WAIT. */
static void fin_wait_2_after_data(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "close\n"
		     "> FA 101:101(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 102\n"
		     "state FIN_WAIT2\n"
		     /* Segments of the peer do not prolong it. */
		     "+30s < A 1:1(0) ack 102\n"
		     "+10s < A 0:0(0) ack 102\n"
		     "> A 102:102(0) ack 1\n"
		     "quiet 19999998us\n"
		     "state FIN_WAIT2\n"
		     "quiet 4us\n"
		     "state CLOSE\n"
		     "counter time_waits +0\n");
}

/* With a program it stays, whatever fin_timeout_ms and TCP_LINGER2 are. */
static void fin_wait_2_held_for_hours(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set linger2 1\n"
		     "shutdown wr\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "quiet 5h\n"
		     "state FIN_WAIT2\n"
		     "< PA 1:101(100) ack 2\n"
		     "+1ms > A 2:2(0) ack 101\n"
		     "recv 100\n"
		     "quiet 5h\n"
		     "state FIN_WAIT2\n"
		     /* From close() on it is an orphan. */
		     "close\n"
		     "quiet 999999us\n"
		     "state FIN_WAIT2\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

/* TCP_LINGER2 is at most 120 s, and below 0 there is no FIN_WAIT2. */
static void linger2_limits(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set linger2 1000\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "quiet 119999999us\n"
		     "state FIN_WAIT2\n"
		     "quiet 2us\n"
		     "state CLOSE\n"
		     "flow 1\n"
		     "established 10ms\n"
		     "set linger2 -1\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "> RA 2:2(0) ack 1\n"
		     "state CLOSE\n"
		     "flow 2\n"
		     "established 10ms\n"
		     "set linger2 -1\n"
		     "shutdown wr\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "quiet 1h\n"
		     "close\n"
		     "> RA 2:2(0) ack 1\n"
		     "state CLOSE\n"
		     "counter time_waits +0\n");
}

static void fin_timeout_of_zero(struct kunit *test)
{
	scenario_run(test,
		     "tunable fin_timeout_ms 0\n"
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "quiet 1us\n"
		     "state CLOSE\n"
		     "< FA 1:1(0) ack 2\n"
		     "> R 2:2(0)\n");
}

/* ---- halves that stay open --------------------------------------------- */

/* This side has ended, and receives for hours. */
static void half_open_for_hours(struct kunit *test)
{
	char script[160];
	u32 seq = 1;

	scenario_run(test,
		     "established 10ms\n"
		     "send 10\n"
		     "> PA 1:11(10) ack 1\n"
		     "shutdown wr\n"
		     "> FA 11:11(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 12\n");
	for (; seq < 6000; seq += 1000) {
		scnprintf(script, sizeof(script),
			  "+1h < PA %u:%u(1000) ack 12\n"
			  "+1ms > A 12:12(0) ack %u\n"
			  "recv 1000\n"
			  "state FIN_WAIT2\n",
			  seq, seq + 1000, seq + 1000);
		if (!scenario_run(test, script))
			return;
	}
	scenario_run(test,
		     "poll out\n"
		     "send 1 = EPIPE\n"
		     "+1h < FA 6001:6001(0) ack 12\n"
		     "> A 12:12(0) ack 6002\n"
		     "state TIME_WAIT\n"
		     "recv 1 = 0\n");
}

/* The peer has ended, and this side sends for hours. */
static void half_closed_by_the_peer_for_hours(struct kunit *test)
{
	char script[160];
	u32 seq = 1;

	scenario_run(test,
		     "accepted 10ms\n"
		     "< FPA 1:11(10) ack 1\n"
		     "> A 1:1(0) ack 12\n"
		     "recv 10\n"
		     "recv 1 = 0\n");
	for (; seq < 6000; seq += 1000) {
		scnprintf(script, sizeof(script),
			  "+1h send 1000\n"
			  "> PA %u:%u(1000) ack 12\n"
			  "+10ms < A 12:12(0) ack %u\n"
			  "state CLOSE_WAIT\n",
			  seq, seq + 1000, seq + 1000);
		if (!scenario_run(test, script))
			return;
	}
	scenario_run(test,
		     "poll in,out,rdhup\n"
		     "+1h close\n"
		     "> FA 6001:6001(0) ack 12\n"
		     "+10ms < A 12:12(0) ack 6002\n"
		     "state CLOSE\n");
}

/* The server's answer comes with its FIN, as in HTTP/1.0. */
static void answer_and_fin_in_one(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms\n"
		     "< FPA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 102\n"
		     "recv 200 = 100\n"
		     "recv 1 = 0\n"
		     "send 1500\n"
		     "> Ap 1:1001(1000) ack 102\n"
		     "> PA 1001:1501(500) ack 102\n"
		     "send 300\n"
		     "close\n"
		     "> FPA 1501:1801(300) ack 102\n"
		     "state LAST_ACK\n"
		     "+10ms < A 102:102(0) ack 1001\n"
		     "state LAST_ACK\n"
		     "< A 102:102(0) ack 1802\n"
		     "state CLOSE\n");
}

/* A writer to a peer that is gone gets the error once, and then EPIPE. */
static void writing_after_a_reset(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< R 1:1(0)\n"
		     "send 1 = ECONNRESET\n"
		     "send 1 = EPIPE\n"
		     "recv 1 = 0\n"
		     /*
		      * In CLOSE_WAIT a reset is EPIPE: there is nobody to write
		      * to.
		      */
		     "flow 1\n"
		     "socket\n"
		     "established 10ms\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "send 1\n"
		     "> PA 1:2(1) ack 2\n"
		     "< R 2:2(0)\n"
		     "poll in,out,err,hup,rdhup\n"
		     "send 1 = EPIPE\n"
		     "send 1 = EPIPE\n"
		     "recv 1 = 0\n");
}

/* The end wakes a reader that waits, the reset a writer. */
static void blocked_reader_and_writer(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "blocking recv 100\n"
		     "+1h < FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "returned = 0\n"
		     "set sndbuf 4096\n"
		     "lenient\n"
		     "blocking send 1000000\n"
		     "+100ms < R 2:2(0)\n"
		     "returned = *\n"
		     "state CLOSE\n"
		     "strict\n"
		     "flow 1\n"
		     "socket\n"
		     "established 10ms\n"
		     "blocking recv 100\n"
		     "+1h < R 1:1(0)\n"
		     "returned = ECONNRESET\n");
}

static struct kunit_case finish_cases[] = {
	KUNIT_CASE_PARAM(fin_wait_1_of_an_orphan, scenario_families),
	KUNIT_CASE_PARAM(closing_of_an_orphan, scenario_families),
	KUNIT_CASE_PARAM(last_ack_of_an_orphan, scenario_families),
	KUNIT_CASE_PARAM(fin_wait_1_held, scenario_families),
	KUNIT_CASE_PARAM(closing_held, scenario_families),
	KUNIT_CASE_PARAM(last_ack_held, scenario_families),
	KUNIT_CASE_PARAM(fin_with_data_of_an_orphan, scenario_families),
	KUNIT_CASE_PARAM(no_orphan_retries, scenario_families),
	KUNIT_CASE_PARAM(orphan_behind_a_closed_window, scenario_families),
	KUNIT_CASE_PARAM(orphan_behind_a_silent_window, scenario_families),
	KUNIT_CASE_PARAM(orphan_and_a_low_rto_max, scenario_families),
	KUNIT_CASE_PARAM(silence_and_a_low_rto_max, scenario_families),
	KUNIT_CASE_PARAM(orphan_after_an_hour_of_probes, scenario_families),
	KUNIT_CASE_PARAM(first_ack_lost, scenario_families),
	KUNIT_CASE_PARAM(first_ack_lost_then_fin_and_ack, scenario_families),
	KUNIT_CASE_PARAM(fin_again_and_again, scenario_families),
	KUNIT_CASE_PARAM(second_fin_lost, scenario_families),
	KUNIT_CASE_PARAM(second_fin_in_fin_wait_2, scenario_families),
	KUNIT_CASE_PARAM(last_ack_lost, scenario_families),
	KUNIT_CASE_PARAM(simultaneous_close_ack_lost, scenario_families),
	KUNIT_CASE_PARAM(data_with_the_fin_that_crosses, scenario_families),
	KUNIT_CASE_PARAM(fin_wait_2_after_data, scenario_families),
	KUNIT_CASE_PARAM(fin_wait_2_held_for_hours, scenario_families),
	KUNIT_CASE_PARAM(linger2_limits, scenario_families),
	KUNIT_CASE_PARAM(fin_timeout_of_zero, scenario_families),
	KUNIT_CASE_PARAM(half_open_for_hours, scenario_families),
	KUNIT_CASE_PARAM(half_closed_by_the_peer_for_hours,
			 scenario_families),
	KUNIT_CASE_PARAM(answer_and_fin_in_one, scenario_families),
	KUNIT_CASE_PARAM(writing_after_a_reset, scenario_families),
	KUNIT_CASE_PARAM(blocked_reader_and_writer, scenario_families),
	{}
};

static struct kunit_suite finish_suite = {
	.name = "rill_finish",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = finish_cases,
};

kunit_test_suite(finish_suite);
