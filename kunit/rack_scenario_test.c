// SPDX-License-Identifier: GPL-2.0
/*
 * RACK-TLP, loss detection by time and by tail loss probes (RFC 8985);
 * proportional rate reduction (RFC 6937); and the undo of a reduction that was
 * spurious (RFC 3522, RFC 3708).
 */
#include <kunit/test.h>
#include "../module/transfer/inside.h"
#include "scenario.h"

#define RILL_PEER	"established 10ms <mss 1000,sackok,rill 1000 6>\n"
#define RILL_PEER_TS	"established 10ms <mss 1000,sackok,ts 0 0,rill 1000 6>\n"
#define TCP_PEER	"established 10ms <mss 1000,sackok>\n"

/* Two segments without an ACK, and a tail loss probe of the second. */
#define PROBED_PAIR							\
	"tunable tlp 1\n"						\
	RILL_PEER_TS							\
	"sent 1088 of 988\n"						\
	"tolerance 5us\n"						\
	"+20ms > PA 989:1089(100) ack 1\n"

static const struct rill_sock *rack_rs(struct kunit *test)
{
	return rill_sk(scenario_sk(test));
}

/* RFC 8985, 6.2: a segment a quarter of the RTT late is not lost. */
static void late_by_less_than_the_window(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 2000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1 <sack 1001:2001>\n"
		     "+2.4ms < A 1:1(0) ack 2001\n"
		     "quiet 10s\n"
		     "counter retrans_segs +0\n"
		     "counter reordered_in +1\n");
	KUNIT_EXPECT_EQ(test, rack_rs(test)->rec.state, RILL_OPEN);
}

static void lost_when_the_window_is_over(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 2000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1 <sack 1001:2001>\n"
		     "tolerance 5us\n"
		     "+2.5ms > Ap 1:1001(1000) ack 1\n"
		     "counter fast_retrans +1\n"
		     "+10ms < A 1:1(0) ack 2001\n"
		     "quiet 10s\n"
		     "counter rto_timeouts +0\n");
}

/*
 * RACK measures how late reordered segments come: 2.8 ms, and a quarter to
 * spare.
 */
static void window_learns_how_late(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 2000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1 <sack 1001:2001>\n"
		     "+2.4ms < A 1:1(0) ack 2001\n"
		     "sent 2000 of 1000\n"
		     "+10ms < A 1:1(0) ack 2001 <sack 3001:4001>\n"
		     "tolerance 5us\n"
		     "+3ms > Ap 2001:3001(1000) ack 1\n");
}

/* ... and forgets it after sixteen recoveries (RFC 8985, 6.2, step 4). */
static void window_forgets_how_late(struct kunit *test)
{
	struct rill_sock *rs;

	scenario_run(test,
		     RILL_PEER
		     "sent 2000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1 <sack 1001:2001>\n"
		     "+2.4ms < A 1:1(0) ack 2001\n");
	rs = rill_sk(scenario_sk(test));
	KUNIT_EXPECT_NE(test, rs->rack.late_us, 0);
	KUNIT_EXPECT_EQ(test, rs->rack.reo_persist, 16);
	rs->rack.reo_persist = 1;
	scenario_run(test,
		     "sent 2000 of 1000\n"
		     "+10ms < A 1:1(0) ack 2001 <sack 3001:4001>\n"
		     "tolerance 5us\n"
		     "+3ms > Ap 2001:3001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 4001\n");
	KUNIT_EXPECT_EQ(test, rs->rack.late_us, 0);
}

/* Once reordering was seen, three SACKed segments prove nothing yet. */
static void three_sacked_on_a_reordering_path(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 2000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1 <sack 1001:2001>\n"
		     "+2.4ms < A 1:1(0) ack 2001\n"
		     "sent 5000 of 1000\n"
		     "+10ms < A 1:1(0) ack 2001 <sack 3001:7001>\n"
		     "quiet 2.9ms\n"
		     "< A 1:1(0) ack 7001\n"
		     "quiet 10s\n"
		     "counter retrans_segs +0\n");
}

/* RFC 8985, 6.2, step 4; and RFC 3708: the reduction is undone. */
static void dsack_widens_the_window_and_undoes(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 2000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1 <sack 1001:2001>\n"
		     "tolerance 5us\n"
		     "+2.5ms > Ap 1:1001(1000) ack 1\n"
		     "+1ms < A 1:1(0) ack 2001\n");
	KUNIT_EXPECT_LT(test, rack_rs(test)->cc.cwnd, 10);
	scenario_run(test,
		     "+9ms < A 1:1(0) ack 2001 <sack 1:1001>\n"
		     "counter dsacks_in +1\n"
		     "counter undone_reductions +1\n");
	KUNIT_EXPECT_EQ(test, rack_rs(test)->cc.cwnd, 10);
	KUNIT_EXPECT_EQ(test, rack_rs(test)->cc.ssthresh, U32_MAX);
	scenario_run(test,
		     "sent 2000 of 1000\n"
		     "+10ms < A 1:1(0) ack 2001 <sack 3001:4001>\n"
		     "+5ms > Ap 2001:3001(1000) ack 1\n");
}

/* Two retransmissions, one DSACK: the other one was needed. */
static void dsack_of_one_of_two(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 6000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1 <sack 2001:6001>\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "+1ms < A 1:1(0) ack 1001 <sack 2001:6001>\n"
		     "+9ms < A 1:1(0) ack 6001 <sack 1:1001>\n"
		     "counter dsacks_in +1\n"
		     "counter undone_reductions +0\n");
}

/* A peer that sends DSACK with every ACK has a reduction undone once. */
static void dsacks_without_end(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 6000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1 <sack 2001:6001>\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "lenient\n"
		     "+1ms < A 1:1(0) ack 1 <sack 2001:4001 2001:6001>\n"
		     "counter undone_reductions +1\n"
		     "+5ms < A 1:1(0) ack 1 <sack 2001:4001 2001:6001>\n"
		     "+5ms < A 1:1(0) ack 1 <sack 2001:4001 2001:6001>\n"
		     "+5ms < A 1:1(0) ack 1 <sack 2001:4001 2001:6001>\n"
		     "counter undone_reductions +0\n");
	KUNIT_EXPECT_EQ(test, rack_rs(test)->undo.applied, 1);
	scenario_run(test,
		     "+5ms < A 1:1(0) ack 6001\n");
	KUNIT_EXPECT_EQ(test, rack_rs(test)->undo.applied, 0);
}

/* A DSACK block of data never sent is ignored. */
static void dsack_that_lies(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1001 <sack 900001:901001>\n"
		     "< A 1:1(0) ack 1001 <sack 1001:1>\n"
		     "counter dsacks_in +0\n"
		     "quiet 10s\n");
}

/* RFC 3522: the ACK echoes a timestamp older than the retransmission. */
static void echo_undoes_fast_recovery(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER_TS
		     "send 4000\n"
		     "> Ap *(988) ack 1\n"
		     "> Ap *(988) ack 1\n"
		     "> Ap *(988) ack 1\n"
		     "> Ap *(988) ack 1\n"
		     "> PA *(48) ack 1\n"
		     "+10ms < A 1:1(0) ack 1 <ts * 10002,sack 989:4001>\n"
		     "> Ap 1:989(988) ack 1\n");
	KUNIT_EXPECT_EQ(test, rack_rs(test)->rec.state, RILL_RECOVERY);
	scenario_run(test,
		     "+1ms < A 1:1(0) ack 4001 <ts * 10002>\n"
		     "counter undone_reductions +1\n");
	KUNIT_EXPECT_EQ(test, rack_rs(test)->rec.state, RILL_OPEN);
	KUNIT_EXPECT_GE(test, rack_rs(test)->cc.cwnd, 10);
	KUNIT_EXPECT_EQ(test, rack_rs(test)->cc.ssthresh, U32_MAX);
}

static void echo_of_the_copy_undoes_nothing(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER_TS
		     "send 4000\n"
		     "> Ap *(988) ack 1\n"
		     "> Ap *(988) ack 1\n"
		     "> Ap *(988) ack 1\n"
		     "> Ap *(988) ack 1\n"
		     "> PA *(48) ack 1\n"
		     "+10ms < A 1:1(0) ack 1 <ts * 10002,sack 989:4001>\n"
		     "> Ap 1:989(988) ack 1\n"
		     "+10ms < A 1:1(0) ack 4001\n"
		     "counter undone_reductions +0\n");
	KUNIT_EXPECT_EQ(test, rack_rs(test)->rec.state, RILL_OPEN);
	KUNIT_EXPECT_EQ(test, rack_rs(test)->cc.cwnd,
			rack_rs(test)->cc.ssthresh);
}

/* A spurious timeout costs one segment and nothing else. */
static void echo_undoes_a_timeout(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER_TS
		     "send 4000\n"
		     "> Ap *(988) ack 1\n"
		     "> Ap *(988) ack 1\n"
		     "> Ap *(988) ack 1\n"
		     "> Ap *(988) ack 1\n"
		     "> PA *(48) ack 1\n"
		     "tolerance 5us\n"
		     "+30ms > Ap 1:989(988) ack 1\n"
		     "counter rto_timeouts +1\n"
		     "+2ms < A 1:1(0) ack 1977 <ts * 10002>\n"
		     "counter undone_reductions +1\n"
		     "quiet 1ms\n"
		     "< A 1:1(0) ack 4001 <ts * 10002>\n"
		     "< A 1:1(0) ack 4001 <ts * 10002,sack 1:989>\n"
		     "quiet 10s\n"
		     "counter dsacks_in +1\n"
		     "counter retrans_segs +1\n");
	KUNIT_EXPECT_GE(test, rack_rs(test)->cc.cwnd, 10);
	KUNIT_EXPECT_EQ(test, rack_rs(test)->cc.ssthresh, U32_MAX);
	/* The ACK was late; nothing was reordered. */
	KUNIT_EXPECT_FALSE(test, rack_rs(test)->rack.reordered);
	KUNIT_EXPECT_EQ(test, rack_rs(test)->rack.reo_mult, 1);
}

/* The same behind a tail loss probe: neither copy shows reordering. */
static void late_acks_of_a_probe_and_a_timeout(struct kunit *test)
{
	scenario_run(test,
		     PROBED_PAIR
		     "+30ms > Ap 1:989(988) ack 1\n"
		     "+1ms < A 1:1(0) ack 1089 <ts * 10002>\n"
		     "+10ms < A 1:1(0) ack 1089 <ts * 10002,sack 989:1089>\n"
		     "+10ms < A 1:1(0) ack 1089 <ts * 10002,sack 1:989>\n"
		     "counter dsacks_in +2\n"
		     "counter undone_reductions +1\n");
	KUNIT_EXPECT_FALSE(test, rack_rs(test)->rack.reordered);
	KUNIT_EXPECT_EQ(test, rack_rs(test)->rack.reo_mult, 1);
}

/* The DSACK of a tail loss probe does not undo a timeout. */
static void dsack_of_a_probe_undoes_no_timeout(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     RILL_PEER
		     "sent 1100 of 1000\n"
		     "tolerance 5us\n"
		     "+20ms > PA 1001:1101(100) ack 1\n"
		     "+30ms > Ap 1:1001(1000) ack 1\n"
		     "+1ms < A 1:1(0) ack 1 <sack 1001:1101 1001:1101>\n"
		     "counter dsacks_in +1\n"
		     "counter undone_reductions +0\n"
		     "+9ms < A 1:1(0) ack 1101\n"
		     "counter undone_reductions +0\n"
		     "quiet 1s\n");
}

/* RFC 6298, 5: an RTT sample, by SACK too, ends the backoff. */
static void sample_by_sack_ends_the_backoff(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "sent 1100 of 1000\n"
		     "tolerance 5us\n"
		     "+30ms > Ap 1:1001(1000) ack 1\n");
	KUNIT_EXPECT_EQ(test, rack_rs(test)->retry.backoff, 1);
	scenario_run(test,
		     "+5ms < A 1:1(0) ack 1 <sack 1001:1101>\n");
	KUNIT_EXPECT_EQ(test, rack_rs(test)->retry.backoff, 0);
	scenario_run(test,
		     "+5ms < A 1:1(0) ack 1101\n"
		     "quiet 1s\n");
}

/*
 * RFC 8985, 6.3: a timeout does not mark segments lost that were sent just now.
 */
static void timeout_spares_what_is_young(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1\n"
		     "quiet 25ms\n"
		     "send 1000\n"
		     "> PA 1001:2001(1000) ack 1\n"
		     "tolerance 5us\n"
		     "+6ms > Ap 1:1001(1000) ack 1\n");
	KUNIT_EXPECT_EQ(test, rack_rs(test)->rtx.lost_out, 0);
	scenario_run(test,
		     "+4ms < A 1:1(0) ack 2001\n"
		     "quiet 10s\n"
		     "counter retrans_segs +1\n");
}

/* A lost retransmission is detected by segments sent after it. */
static void lost_copy(struct kunit *test)
{
	scenario_run(test,
		     "tunable init_cwnd 4\n"
		     RILL_PEER
		     "send 8000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     "> Ap 3001:4001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1 <sack 1001:4001>\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 4001:5001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1 <sack 1001:5001>\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 5001:6001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 6001\n"
		     "> Ap 6001:7001(1000) ack 1\n"
		     "> PA 7001:8001(1000) ack 1\n"
		     "counter retrans_segs +2\n"
		     "counter rto_timeouts +0\n");
}

/*
 * RFC 6937: one of ten is lost. The first two SACKs let two more out (RFC
 * 3042), so NewReno's ssthresh is 6 of 12: for every second segment delivered
 * one goes out until six are in flight, and then one for each.
 */
static void reduced_in_proportion(struct kunit *test)
{
	scenario_run(test,
		     "tunable congestion_control reno\n"
		     RILL_PEER
		     "send 20000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     "> Ap 3001:4001(1000) ack 1\n"
		     "> Ap 4001:5001(1000) ack 1\n"
		     "> Ap 5001:6001(1000) ack 1\n"
		     "> Ap 6001:7001(1000) ack 1\n"
		     "> Ap 7001:8001(1000) ack 1\n"
		     "> Ap 8001:9001(1000) ack 1\n"
		     "> Ap 9001:10001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1 <sack 1001:2001>\n"
		     "> Ap 10001:11001(1000) ack 1\n"
		     "< A 1:1(0) ack 1 <sack 1001:3001>\n"
		     "> Ap 11001:12001(1000) ack 1\n"
		     "< A 1:1(0) ack 1 <sack 1001:4001>\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "< A 1:1(0) ack 1 <sack 1001:5001>\n"
		     "< A 1:1(0) ack 1 <sack 1001:6001>\n"
		     "> Ap 12001:13001(1000) ack 1\n"
		     "< A 1:1(0) ack 1 <sack 1001:7001>\n"
		     "< A 1:1(0) ack 1 <sack 1001:8001>\n"
		     "< A 1:1(0) ack 1 <sack 1001:9001>\n"
		     "> Ap 13001:14001(1000) ack 1\n"
		     "< A 1:1(0) ack 1 <sack 1001:10001>\n"
		     "> Ap 14001:15001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 12001\n"
		     "> Ap 15001:16001(1000) ack 1\n"
		     "> Ap 16001:17001(1000) ack 1\n"
		     "> Ap 17001:18001(1000) ack 1\n");
	KUNIT_EXPECT_EQ(test, rack_rs(test)->rec.state, RILL_OPEN);
	KUNIT_EXPECT_EQ(test, rack_rs(test)->cc.cwnd, 6);
}

/* RFC 8985, 7.2: the probe timeout of two RTTs has room for a delayed ACK. */
static void probe_of_a_single_segment(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     "tolerance 5us\n"
		     RILL_PEER_TS
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "tolerance 5us\n"
		     "+20ms > PA 1:101(100) ack 1\n"
		     "counter tlp_probes +1\n"
		     "+10ms < A 1:1(0) ack 101\n"
		     "counter tlp_losses +1\n"
		     "counter rto_timeouts +0\n"
		     "quiet 10s\n");
	/*
	 * cwnd was reduced, and nothing is in flight whose ACKs could end a
	 * recovery.
	 */
	KUNIT_EXPECT_EQ(test, rack_rs(test)->rec.state, RILL_OPEN);
	KUNIT_EXPECT_EQ(test, rack_rs(test)->cc.cwnd, 2);
	KUNIT_EXPECT_EQ(test, rack_rs(test)->cc.ssthresh, 2);
}

/*
 * Data behind a repaired loss has a tail loss probe too, and cwnd room for it.
 */
static void probe_after_a_mended_loss(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     RILL_PEER_TS
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "tolerance 5us\n"
		     "+20ms > PA 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 101\n"
		     "counter tlp_losses +1\n"
		     "sent 1088 of 988\n"
		     "+20ms > PA 1089:1189(100) ack 1\n"
		     "counter tlp_probes +2\n"
		     "counter rto_timeouts +0\n");
}

/* Not sooner than the floor, and not later than the timeout. */
static void probe_not_below_the_floor(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     "tunable tlp_min_us 25000\n"
		     "tolerance 5us\n"
		     RILL_PEER_TS
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "tolerance 5us\n"
		     "+25ms > PA 1:101(100) ack 1\n"
		     "counter tlp_probes +1\n"
		     "+10ms < A 1:1(0) ack 101\n"
		     "counter rto_timeouts +0\n");
}

/* The retransmission was spurious: the echo is older. */
static void probe_for_nothing(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     "tolerance 5us\n"
		     RILL_PEER_TS
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "tolerance 5us\n"
		     "+20ms > PA 1:101(100) ack 1\n"
		     "+1ms < A 1:1(0) ack 101 <ts * 10002>\n"
		     "counter tlp_probes +1\n"
		     "counter tlp_losses +0\n"
		     "+10ms < A 1:1(0) ack 101 <ts * 10002,sack 1:101>\n"
		     "counter tlp_losses +0\n");
	KUNIT_EXPECT_EQ(test, rack_rs(test)->rec.state, RILL_OPEN);
	KUNIT_EXPECT_EQ(test, rack_rs(test)->cc.cwnd, 10);
	KUNIT_EXPECT_FALSE(test, rack_rs(test)->rack.reordered);
	KUNIT_EXPECT_EQ(test, rack_rs(test)->rack.reo_mult, 1);
}

/*
 * RFC 7323, 4.3: a delayed ACK of two segments echoes the first one's
 * timestamp. That says nothing of the second, which the probe retransmitted.
 */
static void probe_behind_a_delayed_ack(struct kunit *test)
{
	scenario_run(test,
		     PROBED_PAIR
		     "counter tlp_probes +1\n"
		     "+10ms < A 1:1(0) ack 1089 <ts * 10002>\n"
		     "counter tlp_losses +0\n"
		     "send 100\n"
		     "> PA 1089:1189(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 1189\n"
		     "counter tlp_losses +1\n");
	KUNIT_EXPECT_LT(test, rack_rs(test)->cc.cwnd, 10);
}

static void probe_behind_a_delayed_ack_for_nothing(struct kunit *test)
{
	scenario_run(test,
		     PROBED_PAIR
		     "+1ms < A 1:1(0) ack 1089 <ts * 10002>\n"
		     "+9ms < A 1:1(0) ack 1089 <ts * 10002,sack 989:1089>\n"
		     "send 100\n"
		     "> PA 1089:1189(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 1189\n"
		     "counter tlp_losses +0\n");
	KUNIT_EXPECT_GE(test, rack_rs(test)->cc.cwnd, 10);
	KUNIT_EXPECT_FALSE(test, rack_rs(test)->rack.reordered);
}

/*
 * RFC 8985, 7.3: on a path that has become longer a probe would follow each
 * segment, and without timestamps no ACK of a copy gives an RTT sample. Nor
 * does the RTO return to its old value (Karn; RFC 6298, 5) without a sample.
 */
static void no_probe_without_a_sample(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     RILL_PEER
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "tolerance 5us\n"
		     "+20ms > PA 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 101\n"
		     "send 100\n"
		     "> PA 101:201(100) ack 1\n"
		     "+31ms > PA 101:201(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 201\n"
		     "send 100\n"
		     "> PA 201:301(100) ack 1\n"
		     "+62ms > PA 201:301(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 301\n"
		     "counter tlp_probes +1\n"
		     "send 100\n"
		     "> PA 301:401(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 401\n"
		     "send 100\n"
		     "> PA 401:501(100) ack 1\n"
		     "+20ms > PA 401:501(100) ack 1\n"
		     "counter tlp_probes +1\n");
}

/* RFC 8985, 7.4.2, without timestamps: by D-SACK, or by a second ACK. */
static void probe_without_timestamps(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     "tolerance 5us\n"
		     RILL_PEER
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "tolerance 5us\n"
		     "+20ms > PA 1:101(100) ack 1\n"
		     "+1ms < A 1:1(0) ack 101\n");
	KUNIT_EXPECT_TRUE(test, rack_rs(test)->tlp.active);
	scenario_run(test,
		     "+9ms < A 1:1(0) ack 101 <sack 1:101>\n"
		     "counter tlp_losses +0\n");
	KUNIT_EXPECT_FALSE(test, rack_rs(test)->tlp.active);
	KUNIT_EXPECT_EQ(test, rack_rs(test)->cc.cwnd, 10);
}

/*
 * RFC 8985, 7.3: the probe retransmits the last segment, and its SACK shows the
 * rest.
 */
static void probe_shows_a_lost_tail(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     "tolerance 5us\n"
		     RILL_PEER
		     "sent 3000 of 1000\n"
		     "tolerance 5us\n"
		     "+20ms > PA 2001:3001(1000) ack 1\n"
		     "counter tlp_probes +1\n"
		     "+10ms < A 1:1(0) ack 1 <sack 2001:3001>\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1001 <sack 2001:3001>\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 3001\n"
		     "counter rto_timeouts +0\n"
		     "quiet 10s\n");
}

/* The probe is new data, if there is some, whatever cwnd is. */
static void probe_of_new_data(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     "tolerance 5us\n"
		     "tunable init_cwnd 1\n"
		     RILL_PEER
		     "send 2000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "tolerance 5us\n"
		     "+20ms > PA 1001:2001(1000) ack 1\n"
		     "counter tlp_probes +1\n"
		     "counter retrans_segs +0\n"
		     "+5ms < A 1:1(0) ack 2001\n"
		     "quiet 10s\n");
}

/* A probe of new data makes room for a writer with TCP_NOTSENT_LOWAT. */
static void probe_and_a_writer(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     "tunable init_cwnd 1\n"
		     RILL_PEER
		     "tolerance 10us\n"
		     "send 2000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "set notsent-lowat 1\n"
		     "blocking send 100\n"
		     "+20ms > Ap 1001:2001(1000) ack 1\n"
		     "counter tlp_probes +1\n"
		     "returned = 100\n"
		     "lenient\n"
		     "+5ms < A 1:1(0) ack 2001\n");
}

/* One probe; then the RTO, counted from it. */
static void probe_then_timeout(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     "tolerance 5us\n"
		     RILL_PEER
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "tolerance 5us\n"
		     "+20ms > PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+62ms > PA 1:101(100) ack 1\n"
		     "counter tlp_probes +1\n"
		     "counter rto_timeouts +2\n");
}

/* TCP may delay the ACK of a single segment by 200 ms. */
static void probe_for_a_tcp_peer(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     "tolerance 5us\n"
		     TCP_PEER
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "tolerance 5us\n"
		     "+212500us > PA 1:101(100) ack 1\n"
		     "counter tlp_probes +1\n");
}

/* Without SACK a copy of the last segment shows nothing. */
static void no_probe_without_sack(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     "tolerance 5us\n"
		     "established 10ms <mss 1000,rill 1000 6>\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "tolerance 5us\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "counter tlp_probes +0\n"
		     "counter rto_timeouts +1\n");
}

/*
 * The probe timeout counts from the last segment, not from an ACK of an earlier
 * one.
 */
static void probe_counts_from_the_last(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     "tolerance 5us\n"
		     RILL_PEER
		     "sent 2000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1001\n"
		     "tolerance 5us\n"
		     "+10ms > PA 1001:2001(1000) ack 1\n"
		     "counter tlp_probes +1\n"
		     "+10ms < A 1:1(0) ack 2001\n"
		     "counter rto_timeouts +0\n");
}

/*
 * The same behind a delayed ACK: the probe is put off by the delay, and a
 * quarter of the RTT.
 */
static void probe_behind_a_late_ack(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     RILL_PEER
		     "sent 3000 of 1000\n"
		     "+10ms < A 1:1(0) ack 1001\n"
		     "+5ms < A 1:1(0) ack 2001\n"
		     "tolerance 300us\n"
		     "+7.6ms > PA 2001:3001(1000) ack 1\n"
		     "counter tlp_probes +1\n"
		     "+10ms < A 1:1(0) ack 3001\n"
		     "counter rto_timeouts +0\n");
}

/* While ACKs arrive there is no tail to be probed. */
static void probe_put_off_by_acks(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     "tolerance 5us\n"
		     RILL_PEER
		     "sent 3000 of 1000\n"
		     "+19ms < A 1:1(0) ack 1001\n"
		     "+9ms < A 1:1(0) ack 2001\n"
		     "+9ms < A 1:1(0) ack 3001\n"
		     "quiet 10s\n"
		     "counter tlp_probes +0\n"
		     "counter retrans_segs +0\n");
}

/*
 * Segments of one burst have one time of transmission: an undo puts those that
 * were marked lost back before the later ones, not behind them.
 */
static void restored_in_the_order_of_the_burst(struct kunit *test)
{
	struct sk_buff *skb;
	struct rill_sock *rs;
	struct sock *sk;
	u32 end, n = 0;

	scenario_run(test, RILL_PEER "lenient\nsend 6000\n");
	sk = scenario_sk(test);
	rs = rill_sk(sk);
	lock_sock(sk);
	skb = rill_rtx_next(rill_rtx_head(sk));
	rill_mark_lost(sk, skb);
	rill_mark_lost(sk, rill_rtx_next(skb));
	rill_rack_restore(sk);
	end = rs->snd.una;
	list_for_each_entry(skb, &rs->rack.sent, tcp_tsorted_anchor) {
		KUNIT_EXPECT_TRUE(test, rill_after(rill_cb(skb)->end_seq, end));
		end = rill_cb(skb)->end_seq;
		n++;
	}
	release_sock(sk);
	KUNIT_EXPECT_EQ(test, n, 6);
	scenario_run(test, "+10ms < A 1:1(0) ack 6001\n");
}

static struct kunit_case rack_cases[] = {
	KUNIT_CASE_PARAM(restored_in_the_order_of_the_burst,
			 scenario_families),
	KUNIT_CASE_PARAM(late_by_less_than_the_window, scenario_families),
	KUNIT_CASE_PARAM(lost_when_the_window_is_over, scenario_families),
	KUNIT_CASE_PARAM(window_learns_how_late, scenario_families),
	KUNIT_CASE_PARAM(window_forgets_how_late, scenario_families),
	KUNIT_CASE_PARAM(three_sacked_on_a_reordering_path, scenario_families),
	KUNIT_CASE_PARAM(dsack_widens_the_window_and_undoes, scenario_families),
	KUNIT_CASE_PARAM(dsack_of_one_of_two, scenario_families),
	KUNIT_CASE_PARAM(dsacks_without_end, scenario_families),
	KUNIT_CASE_PARAM(dsack_that_lies, scenario_families),
	KUNIT_CASE_PARAM(echo_undoes_fast_recovery, scenario_families),
	KUNIT_CASE_PARAM(echo_of_the_copy_undoes_nothing, scenario_families),
	KUNIT_CASE_PARAM(echo_undoes_a_timeout, scenario_families),
	KUNIT_CASE_PARAM(late_acks_of_a_probe_and_a_timeout, scenario_families),
	KUNIT_CASE_PARAM(dsack_of_a_probe_undoes_no_timeout, scenario_families),
	KUNIT_CASE_PARAM(sample_by_sack_ends_the_backoff, scenario_families),
	KUNIT_CASE_PARAM(timeout_spares_what_is_young, scenario_families),
	KUNIT_CASE_PARAM(lost_copy, scenario_families),
	KUNIT_CASE_PARAM(reduced_in_proportion, scenario_families),
	KUNIT_CASE_PARAM(probe_of_a_single_segment, scenario_families),
	KUNIT_CASE_PARAM(probe_after_a_mended_loss, scenario_families),
	KUNIT_CASE_PARAM(probe_not_below_the_floor, scenario_families),
	KUNIT_CASE_PARAM(probe_for_nothing, scenario_families),
	KUNIT_CASE_PARAM(probe_behind_a_delayed_ack, scenario_families),
	KUNIT_CASE_PARAM(probe_behind_a_delayed_ack_for_nothing,
			 scenario_families),
	KUNIT_CASE_PARAM(no_probe_without_a_sample, scenario_families),
	KUNIT_CASE_PARAM(probe_without_timestamps, scenario_families),
	KUNIT_CASE_PARAM(probe_shows_a_lost_tail, scenario_families),
	KUNIT_CASE_PARAM(probe_of_new_data, scenario_families),
	KUNIT_CASE_PARAM(probe_and_a_writer, scenario_families),
	KUNIT_CASE_PARAM(probe_then_timeout, scenario_families),
	KUNIT_CASE_PARAM(probe_for_a_tcp_peer, scenario_families),
	KUNIT_CASE_PARAM(no_probe_without_sack, scenario_families),
	KUNIT_CASE_PARAM(probe_counts_from_the_last, scenario_families),
	KUNIT_CASE_PARAM(probe_behind_a_late_ack, scenario_families),
	KUNIT_CASE_PARAM(probe_put_off_by_acks, scenario_families),
	{}
};

static struct kunit_suite rack_suite = {
	.name = "rill_rack",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = rack_cases,
};

kunit_test_suite(rack_suite);
