// SPDX-License-Identifier: GPL-2.0
/*
 * How a connection ends: RFC 9293, 3.6 and 3.10.4, from the first FIN to the
 * end of TIME_WAIT.
 */
#include "scenario.h"

/* A peer that is rill, 10 ms away: the first RTO is 10 + 20 + 1 ms. */
#define RILL_PEER	"established 10ms <mss 1000,rill 1000 6>\n"

static void four_way_from_our_side(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "state FIN_WAIT1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "state FIN_WAIT2\n"
		     "+1s < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "state TIME_WAIT\n"
		     "counter time_waits +1\n"
		     "quiet 59999999us\n"
		     "state TIME_WAIT\n"
		     "quiet 2us\n"
		     "state CLOSE\n"
		     "quiet 10m\n");
}

static void four_way_from_the_peers_side(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "state CLOSE_WAIT\n"
		     "poll in,out,rdhup\n"
		     "recv 1 = 0\n"
		     "+1s close\n"
		     "> FA 1:1(0) ack 2\n"
		     "state LAST_ACK\n"
		     "+10ms < A 2:2(0) ack 2\n"
		     "state CLOSE\n"
		     "counter time_waits +0\n"
		     "quiet 10m\n");
}

static void four_way_of_a_child(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "< FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "state TIME_WAIT\n");
}

/* The peer's answer has FIN and ACK in one: past FIN_WAIT2. */
static void fin_and_ack_combined(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "state TIME_WAIT\n");
}

/* RFC 9293, 3.6, figure 13. */
static void simultaneous_close(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+5ms < FA 1:1(0) ack 1\n"
		     "> A 2:2(0) ack 2\n"
		     "state CLOSING\n"
		     "+5ms < A 2:2(0) ack 2\n"
		     "state TIME_WAIT\n"
		     "quiet 59999ms\n"
		     "state TIME_WAIT\n"
		     "quiet 1001us\n"
		     "state CLOSE\n");
}

/* RFC 9293, 3.10.4, SYN-RECEIVED: the FIN follows an unacknowledged SYN. */
static void closed_in_simultaneous_open(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "shutdown wr\n"
		     "> FA 1:1(0) ack 1\n"
		     "state FIN_WAIT1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "> FA 1:1(0) ack 1\n"
		     "state FIN_WAIT1\n"
		     "< A 1:1(0) ack 2\n"
		     "state FIN_WAIT2\n");
}

/* The peer retransmits its FIN, with the ACK of ours: our ACK was lost. */
static void simultaneous_close_ack_lost(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+5ms < FA 1:1(0) ack 1\n"
		     "> A 2:2(0) ack 2\n"
		     "+5ms < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "state TIME_WAIT\n");
}

/* In CLOSING this side retransmits its FIN until it is acknowledged. */
/* RFC 9293, 3.10.7.4: CLOSING acknowledges a retransmitted FIN too. */
static void simultaneous_close_fin_again(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+5ms < FA 1:1(0) ack 1\n"
		     "> A 2:2(0) ack 2\n"
		     "+5ms < FA 1:1(0) ack 1\n"
		     "> A 2:2(0) ack 2\n"
		     "state CLOSING\n"
		     "+5ms < A 2:2(0) ack 2\n"
		     "state TIME_WAIT\n");
}

static void simultaneous_close_fin_lost(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+5ms < FA 1:1(0) ack 1\n"
		     "> A 2:2(0) ack 2\n"
		     "+26ms > FA 1:1(0) ack 2\n"
		     "state CLOSING\n"
		     "+10ms < A 2:2(0) ack 2\n"
		     "state TIME_WAIT\n");
}

/* The FIN goes with the last data, even with data that Nagle held back. */
static void fin_with_the_last_data(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "send 1100\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> PA 1001:1101(100) ack 1\n"
		     "send 50\n"
		     "close\n"
		     "> FPA 1101:1151(50) ack 1\n"
		     "+10ms < A 1:1(0) ack 1152\n"
		     "state FIN_WAIT2\n");
}

/* The FIN waits behind data that the window holds back. */
static void fin_behind_a_closed_window(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 1:1(0) ack 1 win 1000\n"
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1\n"
		     "send 500\n"
		     "close\n"
		     "state FIN_WAIT1\n"
		     "+10ms < A 1:1(0) ack 1001 win 1000\n"
		     "> FPA 1001:1501(500) ack 1\n"
		     "+10ms < A 1:1(0) ack 1502\n"
		     "state FIN_WAIT2\n");
}

/* After shutdown() the peer may send for as long as it likes. */
static void half_close(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "shutdown wr\n"
		     "> FA 1:1(0) ack 1\n"
		     "send 1 = EPIPE\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "state FIN_WAIT2\n"
		     "shutdown wr\n"
		     /* far beyond fin_timeout_ms: a program holds the socket */
		     "quiet 2h\n"
		     "state FIN_WAIT2\n"
		     "< A 1:1001(1000) ack 2\n"
		     "< PA 1001:2001(1000) ack 2\n"
		     "> A 2:2(0) ack 2001\n"
		     "recv 3000 = 2000\n"
		     "recv 1 = EAGAIN\n"
		     "< FPA 2001:2101(100) ack 2\n"
		     "> A 2:2(0) ack 2102\n"
		     "state TIME_WAIT\n"
		     "recv 3000 = 100\n"
		     "recv 1 = 0\n"
		     "poll in,out,hup,rdhup\n"
		     "close\n"
		     "state TIME_WAIT\n"
		     "quiet 59998ms\n"
		     "state TIME_WAIT\n"
		     "quiet 3ms\n"
		     "state CLOSE\n");
}

static void half_close_by_the_peer(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "quiet 2h\n"
		     "send 1500\n"
		     "> Ap 1:1001(1000) ack 2\n"
		     "> PA 1001:1501(500) ack 2\n"
		     "+10ms < A 2:2(0) ack 1501\n"
		     "state CLOSE_WAIT\n"
		     "shutdown wr\n"
		     "> FA 1501:1501(0) ack 2\n"
		     "state LAST_ACK\n"
		     "+10ms < A 2:2(0) ack 1502\n"
		     "state CLOSE\n"
		     "poll in,out,hup,rdhup\n"
		     "error none\n");
}

/* End of file comes after the last byte, not before. */
static void end_of_file_after_the_data(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< FPA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 102\n"
		     "poll in,out,rdhup\n"
		     "recv 60\n"
		     "recv 60 = 40\n"
		     "recv 60 = 0\n"
		     "recv 60 = 0\n");
}

/* A FIN that overtakes data waits for it. */
static void reordered_fin(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,sackok>\n"
		     "< FA 101:201(100) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "recv 1 = EAGAIN\n"
		     "< PA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 202\n"
		     "state CLOSE_WAIT\n"
		     "recv 300 = 200\n"
		     "recv 1 = 0\n");
}

static void reordered_fin_without_data(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< FA 101:101(0) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "< PA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 102\n"
		     "state CLOSE_WAIT\n"
		     "recv 300 = 100\n"
		     "recv 1 = 0\n");
}

/* Data behind the FIN is not of the stream (RFC 9293, 3.10.7.4, eighth). */
static void data_behind_a_fin(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< FPA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 102\n"
		     "< PA 102:202(100) ack 1\n"
		     "quiet 1s\n"
		     /*
		      * A retransmission of data before the FIN is acknowledged.
		      */
		     "< FPA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 102\n"
		     "recv 300 = 100\n"
		     "recv 1 = 0\n"
		     "state CLOSE_WAIT\n");
}

/* Our ACK of the FIN was lost. */
static void fin_again_in_close_wait(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "+1s < FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "state CLOSE_WAIT\n");
}

static void fin_again_in_last_ack(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "close\n"
		     "> FA 1:1(0) ack 2\n"
		     "+10ms < FA 1:1(0) ack 1\n"
		     "> A 2:2(0) ack 2\n"
		     "state LAST_ACK\n");
}

/* Nobody acknowledges an orphan's FIN: it ends after orphan_retries. */
static void fin_retransmitted_to_the_limit(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "tunable orphan_retries 4\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+31ms > FA 1:1(0) ack 1\n"
		     "+62ms > FA 1:1(0) ack 1\n"
		     "+124ms > FA 1:1(0) ack 1\n"
		     "+248ms > FA 1:1(0) ack 1\n"
		     /* Four times; but not before TCP would end it: 6.2 s. */
		     "+496ms > FA 1:1(0) ack 1\n"
		     "+992ms > FA 1:1(0) ack 1\n"
		     "+1984ms > FA 1:1(0) ack 1\n"
		     "quiet 2262998us\n"
		     "state FIN_WAIT1\n"
		     "quiet 2us\n"
		     "state CLOSE\n"
		     "quiet 10m\n");
}

static void last_ack_to_the_limit(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "tunable orphan_retries 1\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "close\n"
		     "> FA 1:1(0) ack 2\n"
		     "+31ms > FA 1:1(0) ack 2\n"
		     /* Once; but not before TCP would end it: 600 ms. */
		     "+62ms > FA 1:1(0) ack 2\n"
		     "+124ms > FA 1:1(0) ack 2\n"
		     "+248ms > FA 1:1(0) ack 2\n"
		     "quiet 134998us\n"
		     "state LAST_ACK\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

/* The peer has vanished in FIN_WAIT2: CLOSE, without TIME_WAIT. */
static void fin_wait_2_of_an_orphan(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "state FIN_WAIT2\n"
		     "quiet 59999999us\n"
		     "state FIN_WAIT2\n"
		     "quiet 2us\n"
		     "state CLOSE\n"
		     "counter time_waits +0\n"
		     "< FA 1:1(0) ack 2\n"
		     "> R 2:2(0)\n");
}

static void fin_timeout_tunable(struct kunit *test)
{
	scenario_run(test,
		     "tunable fin_timeout_ms 250\n"
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "quiet 249999us\n"
		     "state FIN_WAIT2\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

/* The socket is closed when the connection already is in FIN_WAIT2. */
static void fin_wait_2_closed_later(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "shutdown wr\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "quiet 2h\n"
		     "close\n"
		     "state FIN_WAIT2\n"
		     "quiet 59999ms\n"
		     "state FIN_WAIT2\n"
		     "quiet 1002us\n"
		     "state CLOSE\n");
}

static void linger2_option(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set linger2 3\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "quiet 2999999us\n"
		     "state FIN_WAIT2\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

/* The FIN just in time: TIME_WAIT, from then. */
static void fin_in_fin_wait_2_of_an_orphan(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "+59s < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "counter time_waits +1\n"
		     "quiet 59999999us\n"
		     "state TIME_WAIT\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

/* RFC 7323, 5.5: 2^31 us have passed, and an older timestamp proves nothing. */
static void fin_after_the_timestamps_wrapped(struct kunit *test)
{
	scenario_run(test,
		     "tunable fin_timeout_ms 3600000\n"
		     "established 10ms <mss 1000,ts 0 0,rill 500 6>\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "state FIN_WAIT2\n"
		     "+40m < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "state TIME_WAIT\n");
}

static void msl_tunable(struct kunit *test)
{
	scenario_run(test,
		     "tunable msl_ms 7\n"
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "quiet 13999us\n"
		     "state TIME_WAIT\n"
		     "quiet 2us\n"
		     "state CLOSE\n"
		     "< FA 1:1(0) ack 2\n"
		     "> R 2:2(0)\n");
}

/* RFC 9293, 3.10.7.4, eighth: TIME-WAIT. */
static void fin_again_restarts_time_wait(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "+40s < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "quiet 59999999us\n"
		     "state TIME_WAIT\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

/* A retransmission carries the FIN and the data before it. */
static void fin_and_data_again_in_time_wait(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "shutdown wr\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < FPA 1:101(100) ack 2\n"
		     "> A 2:2(0) ack 102\n"
		     "close\n"
		     "+30s < FPA 1:101(100) ack 2\n"
		     "> A 2:2(0) ack 102\n"
		     "quiet 59999ms\n"
		     "state TIME_WAIT\n");
}

/* RFC 1337: a reset does not cut TIME_WAIT short. */
static void reset_in_time_wait(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "+1s < R 2:2(0)\n"
		     "state TIME_WAIT\n"
		     "counter drop_reset +1\n"
		     "tunable rfc1337 0\n"
		     "< R 3:3(0)\n"
		     "> A 2:2(0) ack 2\n"
		     "< R 1:1(0)\n"
		     "state TIME_WAIT\n"
		     "< R 2:2(0)\n"
		     "state CLOSE\n"
		     "counter in_rsts +1\n");
}

/*
 * Old duplicates are acknowledged at a limited rate; they do not restart 2MSL.
 */
static void old_segments_in_time_wait(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n"
		     "close\n"
		     "> FA 1:1(0) ack 101\n"
		     "+10ms < FA 101:101(0) ack 2\n"
		     "> A 2:2(0) ack 102\n"
		     "+10s < PA 1:101(100) ack 2\n"
		     "> A 2:2(0) ack 102\n"
		     "+10ms < PA 1:101(100) ack 2\n"
		     "> A 2:2(0) ack 102\n"
		     "+10s < A 102:102(0) ack 2\n"
		     "quiet 39989ms\n"
		     "state TIME_WAIT\n"
		     "quiet 1001us\n"
		     "state CLOSE\n");
}

static void time_wait_max_tunable(struct kunit *test)
{
	scenario_run(test,
		     "tunable time_wait_max 0\n"
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "state CLOSE\n"
		     "counter time_wait_overflows +1\n"
		     "counter time_waits +0\n");
}

static void max_orphans_tunable(struct kunit *test)
{
	scenario_run(test,
		     "tunable max_orphans 0\n"
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "> RA 2:2(0) ack 1\n"
		     "state CLOSE\n"
		     "counter orphan_overflows +1\n");
}

/* RFC 2525, 2.16: data for a program that is gone. */
static void data_in_fin_wait_1_of_an_orphan(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+5ms < PA 1:101(100) ack 1\n"
		     "> RA 2:2(0) ack 1\n"
		     "state CLOSE\n"
		     "counter drop_closed +1\n"
		     "quiet 10m\n");
}

static void data_in_fin_wait_2_of_an_orphan(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "+1s < PA 1:101(100) ack 2\n"
		     "> R 2:2(0)\n"
		     "state CLOSE\n"
		     "counter drop_closed +1\n");
}

/* RFC 2525, 2.17: a reset tells the peer that its data was discarded. */
static void close_with_unread_data(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 99\n"
		     "close\n"
		     "> RA 1:1(0) ack 101\n"
		     "state CLOSE\n"
		     "counter aborts_on_close +1\n"
		     "counter out_rsts +1\n"
		     "quiet 10m\n");
}

/* A FIN does not count as unread data. */
static void close_with_an_unread_fin(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "close\n"
		     "> FA 1:1(0) ack 2\n"
		     "counter aborts_on_close +0\n");
}

static void linger_zero(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "set linger 0\n"
		     "close\n"
		     "> RA 101:101(0) ack 1\n"
		     "state CLOSE\n"
		     "counter aborts_on_close +1\n"
		     "quiet 10m\n");
}

static void linger_zero_in_close_wait(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "set linger 0\n"
		     "close\n"
		     "> RA 1:1(0) ack 2\n"
		     "state CLOSE\n");
}

static void reset_in_each_closing_state(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "< R 1:1(0)\n"
		     "state CLOSE\n"
		     "flow 1\n"
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 2\n"
		     "state FIN_WAIT2\n"
		     "< R 1:1(0)\n"
		     "state CLOSE\n"
		     "flow 2\n"
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 2:2(0) ack 2\n"
		     "< R 2:2(0)\n"
		     "state CLOSE\n"
		     "flow 3\n"
		     "established 10ms\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "close\n"
		     "> FA 1:1(0) ack 2\n"
		     "< R 2:2(0)\n"
		     "state CLOSE\n"
		     "flow 4\n"
		     "established 10ms\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "< R 2:2(0)\n"
		     "state CLOSE\n"
		     "error EPIPE\n"
		     "quiet 10m\n");
}

/* shutdown() of the receive half sends nothing; the reader sees end of file. */
static void shutdown_read(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "shutdown rd\n"
		     "recv 1 = 0\n"
		     "send 10\n"
		     "> PA 1:11(10) ack 1\n"
		     "state ESTABLISHED\n");
}

static void shutdown_both(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "shutdown rdwr\n"
		     "> FA 1:1(0) ack 1\n"
		     "recv 1 = 0\n"
		     "send 1 = EPIPE\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "state FIN_WAIT2\n");
}

/* The last ACK of an orphan frees its port at once: bind() may take it. */
static void port_free_after_last_ack(struct kunit *test)
{
	scenario_run(test,
		     "bind 4000\n"
		     "established 10ms\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "close\n"
		     "> FA 1:1(0) ack 2\n"
		     "socket\n"
		     "bind 4000 = EADDRINUSE\n"
		     "< A 2:2(0) ack 2\n"
		     "bind 4000\n");
}

static void port_kept_by_time_wait(struct kunit *test)
{
	scenario_run(test,
		     "bind 4000\n"
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "socket\n"
		     "bind 4000 = EADDRINUSE\n"
		     "quiet 59999ms\n"
		     "bind 4000 = EADDRINUSE\n"
		     "quiet 1ms\n"
		     "bind 4000\n");
}

static struct kunit_case close_cases[] = {
	KUNIT_CASE_PARAM(four_way_from_our_side, scenario_families),
	KUNIT_CASE_PARAM(four_way_from_the_peers_side, scenario_families),
	KUNIT_CASE_PARAM(four_way_of_a_child, scenario_families),
	KUNIT_CASE_PARAM(fin_and_ack_combined, scenario_families),
	KUNIT_CASE_PARAM(simultaneous_close, scenario_families),
	KUNIT_CASE_PARAM(simultaneous_close_ack_lost, scenario_families),
	KUNIT_CASE_PARAM(simultaneous_close_fin_again, scenario_families),
	KUNIT_CASE_PARAM(simultaneous_close_fin_lost, scenario_families),
	KUNIT_CASE_PARAM(closed_in_simultaneous_open, scenario_families),
	KUNIT_CASE_PARAM(fin_with_the_last_data, scenario_families),
	KUNIT_CASE_PARAM(fin_behind_a_closed_window, scenario_families),
	KUNIT_CASE_PARAM(half_close, scenario_families),
	KUNIT_CASE_PARAM(half_close_by_the_peer, scenario_families),
	KUNIT_CASE_PARAM(end_of_file_after_the_data, scenario_families),
	KUNIT_CASE_PARAM(reordered_fin, scenario_families),
	KUNIT_CASE_PARAM(reordered_fin_without_data, scenario_families),
	KUNIT_CASE_PARAM(data_behind_a_fin, scenario_families),
	KUNIT_CASE_PARAM(fin_again_in_close_wait, scenario_families),
	KUNIT_CASE_PARAM(fin_again_in_last_ack, scenario_families),
	KUNIT_CASE_PARAM(fin_retransmitted_to_the_limit, scenario_families),
	KUNIT_CASE_PARAM(last_ack_to_the_limit, scenario_families),
	KUNIT_CASE_PARAM(fin_wait_2_of_an_orphan, scenario_families),
	KUNIT_CASE_PARAM(fin_timeout_tunable, scenario_families),
	KUNIT_CASE_PARAM(fin_wait_2_closed_later, scenario_families),
	KUNIT_CASE_PARAM(linger2_option, scenario_families),
	KUNIT_CASE_PARAM(fin_in_fin_wait_2_of_an_orphan, scenario_families),
	KUNIT_CASE_PARAM(fin_after_the_timestamps_wrapped, scenario_families),
	KUNIT_CASE_PARAM(msl_tunable, scenario_families),
	KUNIT_CASE_PARAM(fin_again_restarts_time_wait, scenario_families),
	KUNIT_CASE_PARAM(fin_and_data_again_in_time_wait, scenario_families),
	KUNIT_CASE_PARAM(reset_in_time_wait, scenario_families),
	KUNIT_CASE_PARAM(old_segments_in_time_wait, scenario_families),
	KUNIT_CASE_PARAM(time_wait_max_tunable, scenario_families),
	KUNIT_CASE_PARAM(max_orphans_tunable, scenario_families),
	KUNIT_CASE_PARAM(data_in_fin_wait_1_of_an_orphan, scenario_families),
	KUNIT_CASE_PARAM(data_in_fin_wait_2_of_an_orphan, scenario_families),
	KUNIT_CASE_PARAM(close_with_unread_data, scenario_families),
	KUNIT_CASE_PARAM(close_with_an_unread_fin, scenario_families),
	KUNIT_CASE_PARAM(linger_zero, scenario_families),
	KUNIT_CASE_PARAM(linger_zero_in_close_wait, scenario_families),
	KUNIT_CASE_PARAM(reset_in_each_closing_state, scenario_families),
	KUNIT_CASE_PARAM(shutdown_read, scenario_families),
	KUNIT_CASE_PARAM(shutdown_both, scenario_families),
	KUNIT_CASE_PARAM(port_free_after_last_ack, scenario_families),
	KUNIT_CASE_PARAM(port_kept_by_time_wait, scenario_families),
	{}
};

static struct kunit_suite close_suite = {
	.name = "rill_close",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = close_cases,
};

kunit_test_suite(close_suite);
