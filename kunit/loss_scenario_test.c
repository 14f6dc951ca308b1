// SPDX-License-Identifier: GPL-2.0
/*
 * Lost segments: the retransmission timeout (RFC 6298), fast retransmit and
 * fast recovery without SACK (RFC 5681, RFC 6582) and with it (RFC 6675).
 */
#include "../module/socket/inside.h"
#include "scenario.h"

/* A peer that is rill, 10 ms away: the first RTO is 10 + 20 + 1 ms. */
#define RILL_PEER	"established 10ms <mss 1000,rill 1000 6>\n"

/* RFC 6298, 5.5: the RTO doubles each time, until retries2 are used up. */
static void timeout_doubles_exactly(struct kunit *test)
{
	scenario_run(test,
		     "tunable retries2 8\n"
		     RILL_PEER
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+62ms > PA 1:101(100) ack 1\n"
		     "+124ms > PA 1:101(100) ack 1\n"
		     "+248ms > PA 1:101(100) ack 1\n"
		     "+496ms > PA 1:101(100) ack 1\n"
		     "+992ms > PA 1:101(100) ack 1\n"
		     "+1984ms > PA 1:101(100) ack 1\n"
		     "+3968ms > PA 1:101(100) ack 1\n"
		     /*
		      * Eight times; but not before TCP would end it: 102.2 s.
		      */
		     "+7936ms > PA 1:101(100) ack 1\n"
		     "+15872ms > PA 1:101(100) ack 1\n"
		     "+31744ms > PA 1:101(100) ack 1\n"
		     "quiet 38742998us\n"
		     "error none\n"
		     "state ESTABLISHED\n"
		     "quiet 2us\n"
		     "state CLOSE\n"
		     "poll in,out,err,hup,rdhup\n"
		     "error ETIMEDOUT\n"
		     "counter rto_timeouts +11\n"
		     "counter retrans_segs +11\n"
		     "counter timeouts +1\n"
		     "quiet 10m\n");
}

/* Two retransmissions after the same RTO, and then doubling. */
static void one_linear_timeout(struct kunit *test)
{
	scenario_run(test,
		     "tunable linear_timeouts 1\n"
		     RILL_PEER
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+62ms > PA 1:101(100) ack 1\n"
		     "+124ms > PA 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 101\n"
		     "send 100\n"
		     "> PA 101:201(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 201\n"
		     "tolerance 5us\n"
		     "send 100\n"
		     "> PA 201:301(100) ack 1\n"
		     "+26ms > PA 201:301(100) ack 1\n"
		     "+26ms > PA 201:301(100) ack 1\n"
		     "+52ms > PA 201:301(100) ack 1\n");
}

/* The default: four times. */
static void linear_timeouts_tunable(struct kunit *test)
{
	scenario_run(test,
		     "tunable linear_timeouts 4\n"
		     RILL_PEER
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+62ms > PA 1:101(100) ack 1\n");
}

/* SYNs and window probes back off by RFC 6298, whatever the tunable. */
static void no_linear_syn(struct kunit *test)
{
	scenario_run(test,
		     "tunable linear_timeouts 3\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "+2s > S 0:0(0)\n"
		     "+4s > S 0:0(0)\n");
}

/* And so does an RTO that is as long as TCP's. */
static void no_linear_long(struct kunit *test)
{
	scenario_run(test,
		     "tunable linear_timeouts 3\n"
		     "established 67ms <mss 1000,rill 1000 6>\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+202ms > PA 1:101(100) ack 1\n"
		     "+404ms > PA 1:101(100) ack 1\n");
}

static void no_linear_probe(struct kunit *test)
{
	scenario_run(test,
		     "tunable linear_timeouts 3\n"
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "+31ms > A 0:0(0) ack 1\n"
		     "+62ms > A 0:0(0) ack 1\n"
		     "+124ms > A 0:0(0) ack 1\n");
}

/*
 * A window closed over data in flight: answers keep the connection, and do not
 * make each timeout the first.
 */
static void linear_and_shut(struct kunit *test)
{
	scenario_run(test,
		     "tunable linear_timeouts 1\n"
		     RILL_PEER
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "+62ms > PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "+124ms > PA 1:101(100) ack 1\n");
}

/* A peer that is not rill may delay its ACK by 200 ms. */
static void timeout_for_a_tcp_peer(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+230ms > PA 1:101(100) ack 1\n"
		     "+460ms > PA 1:101(100) ack 1\n");
}

/* TCP_INFO reports the RTO in force, as TCP's does. */
static void rto_of_tcp_info(struct kunit *test)
{
	struct tcp_info info;

	scenario_run(test,
		     "established 10ms\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+230ms > PA 1:101(100) ack 1\n");
	rill_info(scenario_sk(test), &info);
	KUNIT_EXPECT_EQ(test, info.tcpi_rto, 460 * USEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, info.tcpi_backoff, 1);
	scenario_run(test,
		     "set rill-rto-max 1s\n"
		     "+460ms > PA 1:101(100) ack 1\n"
		     "+920ms > PA 1:101(100) ack 1\n");
	rill_info(scenario_sk(test), &info);
	KUNIT_EXPECT_EQ(test, info.tcpi_rto, USEC_PER_SEC);
}

/* The handshake of a passive open gives an RTT sample as well. */
static void timeout_of_a_child(struct kunit *test)
{
	scenario_run(test,
		     "accepted 4ms <mss 1000,rill 250 6>\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+12250us > PA 1:101(100) ack 1\n"
		     "+24500us > PA 1:101(100) ack 1\n");
}

static void rto_min_tunable(struct kunit *test)
{
	scenario_run(test,
		     "tunable rto_min_us 100000\n"
		     RILL_PEER
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+100ms > PA 1:101(100) ack 1\n"
		     "+200ms > PA 1:101(100) ack 1\n");
}

static void rto_max_tunable(struct kunit *test)
{
	scenario_run(test,
		     "tunable rto_max_ms 1000\n"
		     "tunable retries2 20\n"
		     RILL_PEER
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+62ms > PA 1:101(100) ack 1\n"
		     "+124ms > PA 1:101(100) ack 1\n"
		     "+248ms > PA 1:101(100) ack 1\n"
		     "+496ms > PA 1:101(100) ack 1\n"
		     "+992ms > PA 1:101(100) ack 1\n"
		     "+1s > PA 1:101(100) ack 1\n"
		     "+1s > PA 1:101(100) ack 1\n");
}

/* An RTT above the ceiling of the RTO is sampled all the same. */
static void round_trip_beyond_rto_max(struct kunit *test)
{
	scenario_run(test,
		     "established 900ms <mss 1000,ts 0 0,rill 1000 6>\n"
		     "tunable rto_max_ms 1000\n"
		     "send 100\n"
		     "lenient\n"
		     "+3s < A 1:1(0) ack 101 <ts * 900000>\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->rtt.srtt_us >> 3,
			(7 * 900000 + 3000000) / 8);
}

/* ... and so does a segment that was sent once, behind a retransmitted one. */
static void round_trip_beyond_rto_max_by_sack(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 0\n"
		     "established 900ms <mss 1000,sackok,rill 1000 6>\n"
		     "tunable rto_max_ms 1000\n"
		     "send 2000\n"
		     "lenient\n"
		     "+3s < A 1:1(0) ack 1 <sack 1001:2001>\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->rtt.srtt_us >> 3,
			(7 * 900000 + 3000000) / 8);
}

/* The end of the default: 15 retransmissions, then it is over. */
static void default_retries2(struct kunit *test)
{
	char line[48];
	u64 ms = 31;
	int i;

	scenario_run(test,
		     RILL_PEER
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n");
	/*
	 * Fifteen times; but not before TCP would end it, whose RTO is 200 ms:
	 * 924.6 s.
	 */
	for (i = 0; i < 18; i++) {
		scnprintf(line, sizeof(line), "+%llums > PA 1:101(100) ack 1\n",
			  ms);
		if (!scenario_run(test, line))
			return;
		ms = min(ms * 2, 120000ULL);
	}
	scenario_run(test,
		     "quiet 77654ms\n"
		     "error none\n"
		     "quiet 1001us\n"
		     "error ETIMEDOUT\n");
}

/*
 * RFC 6298, 5 and Karn: an ACK of a retransmission gives no sample, and the
 * backoff stays.
 */
static void answer_to_a_retransmission(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+62ms > PA 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 101\n"
		     "quiet 10s\n"
		     "send 100\n"
		     "> PA 101:201(100) ack 1\n"
		     "+124ms > PA 101:201(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 201\n"
		     "send 100\n"
		     "> PA 201:301(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 301\n"
		     "tolerance 5us\n"
		     "send 100\n"
		     "> PA 301:401(100) ack 1\n"
		     "+26ms > PA 301:401(100) ack 1\n");
}

/* With timestamps it does give a sample (RFC 7323, 4.1): 10 ms again. */
static void sample_by_timestamp(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,ts,rill 1000 6>\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 101\n"
		     "tolerance 5us\n"
		     "send 100\n"
		     "> PA 101:201(100) ack 1\n"
		     "+26ms > PA 101:201(100) ack 1\n");
}

/* RFC 6298, 5.3: each ACK of new data restarts the timer. */
static void clock_starts_again_with_progress(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 3000 of 1000\n"
		     "tolerance 5us\n"
		     "+10ms < A 1:1(0) ack 1001\n"
		     /* two are in flight: the ACK of them is not delayed */
		     "+25ms > Ap 1001:2001(1000) ack 1\n");
}

/* The timeout marks all lost; each ACK lets slow start send more. */
static void timeout_of_a_whole_window(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 4000 of 1000\n"
		     "tolerance 5us\n"
		     "+30ms > Ap 1:1001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1001\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 3001\n"
		     "> PA 3001:4001(1000) ack 1\n"
		     "< A 1:1(0) ack 4001\n"
		     "counter rto_timeouts +1\n"
		     "counter retrans_segs +4\n"
		     "quiet 10s\n");
}

/* RFC 5681, 3.2: the third duplicate ACK. */
static void fast_retransmit(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 5000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "counter fast_retrans +0\n"
		     "< A 1:1(0) ack 1\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "counter fast_retrans +1\n"
		     "< A 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 5001\n"
		     "counter rto_timeouts +0\n"
		     "counter retrans_segs +1\n"
		     "quiet 10s\n");
}

/* Two duplicate ACKs are taken for reordering, not for loss. */
static void two_duplicate_acks(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 3000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "+1ms < A 1:1(0) ack 3001\n"
		     "counter retrans_segs +0\n"
		     "quiet 10s\n");
}

/* RFC 5681, 2: ACKs with the same number that are not duplicate ACKs. */
static void not_duplicate_acks(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 2000 of 1000\n"
		     /* the window changes, or there is data */
		     "+5ms < A 1:1(0) ack 1 win 60000\n"
		     "< A 1:1(0) ack 1 win 50000\n"
		     "< A 1:1(0) ack 1 win 55000\n"
		     "< A 1:1(0) ack 1 win 56000\n"
		     "< PA 1:101(100) ack 1\n"
		     "< PA 101:201(100) ack 1\n"
		     "< PA 201:301(100) ack 1\n"
		     "< PA 301:401(100) ack 1\n"
		     "+1ms > A 2001:2001(0) ack 401\n"
		     "< A 401:401(0) ack 2001\n"
		     "counter retrans_segs +0\n"
		     "recv 400\n");
}

/*
 * Karn's rule for segments behind a hole: the timeout delayed their ACK, and an
 * RTT sample of it would make the next timeout longer, and so on.
 */
static void no_sample_behind_a_hole(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 3000 of 1000\n"
		     "+30ms > Ap 1:1001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 3001\n"
		     "send 100\n"
		     "> PA 3001:3101(100) ack 1\n"
		     "+62ms > PA 3001:3101(100) ack 1\n");
}

/* RFC 6582, 3.2: a partial ACK in recovery shows the next hole. */
static void partial_ack(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 6000 of 1000\n"
		     /* 1 and 2001 were lost */
		     "+10ms < A 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2001\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 6001\n"
		     "counter retrans_segs +2\n"
		     "counter rto_timeouts +0\n"
		     "quiet 10s\n");
}

/* RFC 5681, 3.2, 1: the first two duplicate ACKs let new data go. */
static void limited_transmit(struct kunit *test)
{
	scenario_run(test,
		     "tunable init_cwnd 4\n"
		     RILL_PEER
		     "send 8000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     "> Ap 3001:4001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "> Ap 4001:5001(1000) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "> Ap 5001:6001(1000) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "> Ap 1:1001(1000) ack 1\n");
}

/* RFC 6675: three segments SACKed above the hole. */
static void fast_retransmit_by_sack(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,sackok,rill 1000 6>\n"
		     "sent 6000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1001\n"
		     "< A 1:1(0) ack 1001 <sack 2001:3001>\n"
		     "< A 1:1(0) ack 1001 <sack 2001:4001>\n"
		     "< A 1:1(0) ack 1001 <sack 2001:5001>\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "counter fast_retrans +1\n"
		     "< A 1:1(0) ack 1001 <sack 2001:6001>\n"
		     "+10ms < A 1:1(0) ack 6001\n"
		     "counter retrans_segs +1\n"
		     "quiet 10s\n");
}

/* One ACK reports two holes: only the missing segments are retransmitted. */
static void two_holes(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,sackok,rill 1000 6>\n"
		     "sent 10000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1 <sack 3001:10001 1001:2001>\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 10001\n"
		     "counter retrans_segs +2\n"
		     "quiet 10s\n");
}

/* RFC 6675, 2: with SACK, an ACK without a new block is no duplicate ACK. */
static void duplicate_acks_without_sack(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,sackok,rill 1000 6>\n"
		     "sent 2000 of 1000\n"
		     "+5ms < A 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "+5ms < A 1:1(0) ack 2001\n"
		     "counter retrans_segs +0\n");
}

/* The retransmission is lost as well: the timeout finds it. */
static void retransmission_lost(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,sackok,rill 1000 6>\n"
		     "sent 4000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1 <sack 1001:4001>\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "tolerance 5us\n"
		     "+*   > Ap 1:1001(1000) ack 1\n"
		     "counter rto_timeouts +1\n"
		     "+10ms < A 1:1(0) ack 4001\n"
		     "counter retrans_segs +2\n"
		     "quiet 10s\n");
}

/* RFC 2018, 8: the receiver may discard SACKed data. */
static void reneging(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,sackok,rill 1000 6>\n"
		     "sent 3000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1 <sack 1001:3001>\n"
		     "tolerance 5us\n"
		     /* RACK: a quarter of the round trip */
		     "+2.5ms > Ap 1:1001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1001\n"
		     "+* > Ap 1001:2001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 2001\n"
		     "> PA 2001:3001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 3001\n"
		     "quiet 10s\n");
}

/*
 * The path's MTU is smaller: the segment is split and retransmitted at once
 * (RFC 1191).
 */
static void path_mtu(struct kunit *test)
{
	const struct scenario *s = test->priv;

	scenario_run(test,
		     "established 10ms <mss 1460,rill 1000 6>\n"
		     "send 1460\n"
		     "> PA 1:1461(1460) ack 1\n");
	if (s->family->wire == AF_INET6)
		scenario_run(test, "+1ms < icmp mtu 1 1360\n"
			     "> Ap 1:1301(1300) ack 1\n"
			     "> PA 1301:1461(160) ack 1\n");
	else
		scenario_run(test, "+1ms < icmp mtu 1 1340\n"
			     "> Ap 1:1301(1300) ack 1\n"
			     "> PA 1301:1461(160) ack 1\n");
	scenario_run(test,
		     "counter icmp_errors +1\n"
		     "+10ms < A 1:1(0) ack 1461\n"
		     "counter rto_timeouts +0\n"
		     "sent 1460 of 1300\n");
}

static void user_timeout(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "set user-timeout 150\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+62ms > PA 1:101(100) ack 1\n"
		     "quiet 56ms\n"
		     "error none\n"
		     "quiet 1001us\n"
		     "error ETIMEDOUT\n"
		     "state CLOSE\n");
}

static struct kunit_case loss_cases[] = {
	KUNIT_CASE_PARAM(timeout_doubles_exactly, scenario_families),
	KUNIT_CASE_PARAM(one_linear_timeout, scenario_families),
	KUNIT_CASE_PARAM(linear_timeouts_tunable, scenario_families),
	KUNIT_CASE_PARAM(no_linear_syn, scenario_families),
	KUNIT_CASE_PARAM(no_linear_long, scenario_families),
	KUNIT_CASE_PARAM(no_linear_probe, scenario_families),
	KUNIT_CASE_PARAM(linear_and_shut, scenario_families),
	KUNIT_CASE_PARAM(timeout_for_a_tcp_peer, scenario_families),
	KUNIT_CASE_PARAM(rto_of_tcp_info, scenario_families),
	KUNIT_CASE_PARAM(timeout_of_a_child, scenario_families),
	KUNIT_CASE_PARAM(rto_min_tunable, scenario_families),
	KUNIT_CASE_PARAM(rto_max_tunable, scenario_families),
	KUNIT_CASE_PARAM(round_trip_beyond_rto_max, scenario_families),
	KUNIT_CASE_PARAM(round_trip_beyond_rto_max_by_sack, scenario_families),
	KUNIT_CASE_PARAM(default_retries2, scenario_families),
	KUNIT_CASE_PARAM(answer_to_a_retransmission, scenario_families),
	KUNIT_CASE_PARAM(sample_by_timestamp, scenario_families),
	KUNIT_CASE_PARAM(clock_starts_again_with_progress, scenario_families),
	KUNIT_CASE_PARAM(timeout_of_a_whole_window, scenario_families),
	KUNIT_CASE_PARAM(fast_retransmit, scenario_families),
	KUNIT_CASE_PARAM(two_duplicate_acks, scenario_families),
	KUNIT_CASE_PARAM(not_duplicate_acks, scenario_families),
	KUNIT_CASE_PARAM(no_sample_behind_a_hole, scenario_families),
	KUNIT_CASE_PARAM(partial_ack, scenario_families),
	KUNIT_CASE_PARAM(limited_transmit, scenario_families),
	KUNIT_CASE_PARAM(fast_retransmit_by_sack, scenario_families),
	KUNIT_CASE_PARAM(two_holes, scenario_families),
	KUNIT_CASE_PARAM(duplicate_acks_without_sack, scenario_families),
	KUNIT_CASE_PARAM(retransmission_lost, scenario_families),
	KUNIT_CASE_PARAM(reneging, scenario_families),
	KUNIT_CASE_PARAM(path_mtu, scenario_families),
	KUNIT_CASE_PARAM(user_timeout, scenario_families),
	{}
};

static struct kunit_suite loss_suite = {
	.name = "rill_loss",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = loss_cases,
};

kunit_test_suite(loss_suite);
