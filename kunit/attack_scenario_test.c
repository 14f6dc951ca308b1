// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that a stranger may have sent to an open connection: RFC 5961 for
 * blind attacks, RFC 7323, 5 for old duplicates, and damaged ones.
 */
#include "../module/control/inside.h"
#include "scenario.h"

/* A reset at exactly RCV.NXT is accepted. */
static void reset_at_the_left_edge(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "< R 101:101(0)\n"
		     "state CLOSE\n"
		     "poll in,out,err,hup,rdhup\n"
		     "counter in_rsts +1\n"
		     "counter estab_resets +1\n"
		     /*
		      * The program can still read the data that came before the
		      * reset.
		      */
		     "recv 200 = 100\n"
		     "recv 1 = ECONNRESET\n"
		     "recv 1 = 0\n"
		     "send 1 = EPIPE\n"
		     "quiet 10m\n"
		     "< A 101:101(0) ack 1\n"
		     "> R 1:1(0)\n");
}

static void reset_with_ack(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms\n"
		     "< RA 1:1(0) ack 1\n"
		     "error ECONNRESET\n"
		     "state CLOSE\n");
}

/* RFC 5961, 3.2: a reset elsewhere in the window gets a challenge ACK. */
static void reset_inside_the_window(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< R 2:2(0)\n"
		     "> A 1:1(0) ack 1\n"
		     "+1s < R 10000:10000(0)\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "error none\n"
		     "counter challenge_acks +2\n"
		     "counter drop_reset +2\n"
		     "counter in_rsts +0\n"
		     /*
		      * A peer that is really gone answers the challenge with a
		      * reset.
		      */
		     "< R 1:1(0)\n"
		     "state CLOSE\n"
		     "error ECONNRESET\n");
}

/* RFC 5961, 3.2: a reset outside the window is dropped silently. */
static void reset_outside_the_window(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< R 0:0(0)\n"
		     "< R -1000:-1000(0)\n"
		     "< R 10000000:10000000(0)\n"
		     "< R -2147483000:-2147483000(0)\n"
		     "state ESTABLISHED\n"
		     "counter challenge_acks +0\n"
		     "counter drop_reset +4\n"
		     "quiet 10s\n");
}

/* RFC 5961, 4.2: whatever its sequence number. */
static void syn_on_an_open_connection(struct kunit *test)
{
	scenario_run(test,
		     "tunable invalid_ratelimit_ms 0\n"
		     "established 10ms\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "< S 1:1(0) <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "< S 500:500(0) <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "< S 10000000:10000000(0) <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "counter challenge_acks +4\n"
		     "< SA 500:500(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "send 10\n"
		     "> PA 1:11(10) ack 1\n");
}

/* RFC 5961, 5.2 and RFC 9293, 3.10.7.4, fifth. */
static void ack_of_what_was_not_sent(struct kunit *test)
{
	scenario_run(test,
		     "tunable invalid_ratelimit_ms 0\n"
		     "established 10ms\n"
		     "< A 1:1(0) ack 2\n"
		     "> A 1:1(0) ack 1\n"
		     "< PA 1:101(100) ack 100000\n"
		     "> A 1:1(0) ack 1\n"
		     "recv 100 = EAGAIN\n"
		     "counter drop_ack +2\n"
		     "send 10\n"
		     "> PA 1:11(10) ack 1\n"
		     "< A 1:1(0) ack 12\n"
		     "> A 11:11(0) ack 1\n"
		     "state ESTABLISHED\n");
}

/* RFC 5961, 5.2: older than SND.UNA - MAX.SND.WND. */
static void ack_that_is_too_old(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 1:101(100) ack -65534\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n"
		     "< PA 101:201(100) ack -65535\n"
		     "> A 1:1(0) ack 101\n"
		     "recv 100 = EAGAIN\n"
		     "counter drop_ack +1\n");
}

/*
 * RFC 9293, A.2: the peer filled our window and a part was lost, so that its
 * ACKs lie beyond the window. They are processed, and answered.
 */
static void ack_beside_the_window(struct kunit *test)
{
	scenario_run(test,
		     "tunable rmem 4096 5840 6291456\n"
		     "established 10ms\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1 win 2920\n"
		     "< A 2921:2921(0) ack 101\n"
		     "> A 101:101(0) ack 1\n"
		     "outq = 0\n"
		     "< A 2922:2922(0) ack 101\n"
		     "quiet 10s\n");
}

/* A FIN beyond the window is not kept for later. */
static void fin_beyond_the_window(struct kunit *test)
{
	scenario_run(test,
		     "tunable rmem 4096 5840 6291456\n"
		     "established 10ms\n"
		     "< FA 2921:2921(0) ack 1\n"
		     "> A 1:1(0) ack 1 win 2920\n"
		     "< A 1:1461(1460) ack 1\n"
		     "+1ms > A 1:1(0) ack 1461 win 1460\n"
		     "< A 1461:2921(1460) ack 1\n"
		     "+1ms > A 1:1(0) ack 2921 win 0\n"
		     "state ESTABLISHED\n"
		     /* A FIN at RCV.NXT is accepted even by a closed window. */
		     "< FA 2921:2921(0) ack 1\n"
		     "> A 1:1(0) ack 2922\n"
		     "state CLOSE_WAIT\n"
		     "recv 3000 = 2920\n"
		     "recv 1 = 0\n");
}

/* RFC 9293, 3.10.7.4, fifth: a segment without ACK is dropped. */
static void data_without_ack(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< P 1:101(100)\n"
		     "< F 1:1(0)\n"
		     "< - 1:1(0)\n"
		     "quiet 1s\n"
		     "recv 1 = EAGAIN\n"
		     "state ESTABLISHED\n"
		     "counter drop_no_ack +3\n");
}

/* A limit of 0 allows no challenge; the connection lives on. */
static void challenge_limit_of_zero(struct kunit *test)
{
	scenario_run(test,
		     "tunable challenge_ack_limit 0\n"
		     "established 10ms\n"
		     "< R 2:2(0)\n"
		     "< S 500:500(0)\n"
		     "< A 1:1(0) ack 2\n"
		     "quiet 1s\n"
		     "counter challenge_acks +0\n"
		     "state ESTABLISHED\n");
}

/* Each second allows at random between 1/2 and 3/2 of the limit. */
static void challenge_limit(struct kunit *test)
{
	struct rill_net *rnet = rill_net(rill_kunit_net);
	u64 before, sent;
	int i;

	scenario_run(test,
		     "tunable challenge_ack_limit 10\n"
		     "tunable invalid_ratelimit_ms 0\n"
		     "established 10ms\n"
		     "quiet 2s\n");
	before = rill_counter_read(rnet, RILL_CNT_challenge_acks);
	for (i = 0; i < 40; i++) {
		if (!scenario_run(test, "< R 2:2(0)\nignore\n"))
			break;
	}
	sent = rill_counter_read(rnet, RILL_CNT_challenge_acks) - before;
	KUNIT_EXPECT_GE(test, sent, 5);
	KUNIT_EXPECT_LE(test, sent, 15);
}

/* A peer that provokes too many challenges takes none from the others. */
static void challenges_of_another_connection(struct kunit *test)
{
	int i;

	scenario_run(test,
		     "tunable challenge_ack_limit 10\n"
		     "quiet 1s\n"
		     "established 10ms\n"
		     "flow 1\n"
		     "socket\n"
		     "established 10ms\n"
		     "lenient\n");
	for (i = 0; i < 20; i++)
		scenario_run(test, "< S 1:1(0)\n");
	scenario_run(test,
		     "ignore\n"
		     "strict\n"
		     "counter challenge_acks +1\n"
		     "flow 0\n"
		     "use 0\n"
		     "< S 1:1(0)\n"
		     "> A 1:1(0) ack 1\n"
		     "counter challenge_acks +1\n");
}

/*
 * The challenges of one connection keep the distance of other duplicate ACKs,
 * and share their count.
 */
static void challenges_are_spaced(struct kunit *test)
{
	scenario_run(test,
		     "quiet 1s\n"
		     "established 10ms\n"
		     "< R 2:2(0)\n"
		     "> A 1:1(0) ack 1\n"
		     "+499ms < S 500:500(0)\n"
		     "< A 1:1(0) ack 2\n"
		     "+2ms < S 500:500(0)\n"
		     "> A 1:1(0) ack 1\n"
		     "+100ms < A 10000000:10000000(0) ack 1\n"
		     "+401ms < A 10000000:10000000(0) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "counter challenge_acks +2\n"
		     "state ESTABLISHED\n");
}

/*
 * Two ends that disagree on sequence numbers must not answer each other for
 * ever.
 */
static void answers_are_spaced(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 10000000:10000000(0) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "+100ms < A 10000000:10000000(0) ack 1\n"
		     "+399ms < A 10000000:10000000(0) ack 1\n"
		     "+2ms < A 10000000:10000000(0) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "counter drop_window +4\n"
		     "tunable invalid_ratelimit_ms 0\n"
		     "< A 10000000:10000000(0) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 10000000:10000000(0) ack 1\n"
		     "> A 1:1(0) ack 1\n");
}

/*
 * What looks like a window probe or a keepalive is answered sooner, but not
 * always.
 */
static void probes_are_spaced(struct kunit *test)
{
	scenario_run(test,
		     "established\n"
		     "< A 0:0(0) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "+4ms < A 0:0(0) ack 1\n"
		     "+2ms < A 0:0(0) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "quiet 1s\n");
}

/* A segment with data is a retransmission whose sender waits for an ACK. */
static void data_outside_is_always_answered(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "< PA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "< PA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "< PA 10000000:10000100(100) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "recv 200 = 100\n");
}

/* RFC 7323, 5.3, R1. */
/*
 * The same without a socket: a half-open connection, and FIN_WAIT2 of an
 * orphan.
 */
static void data_outside_without_a_socket(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< PA 10000000:10000100(100) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "< PA 10000000:10000100(100) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "into FIN_WAIT2\n"
		     "< PA 10000000:10000100(100) ack 2\n"
		     "> A 2:2(0) ack 1\n"
		     "< PA 10000000:10000100(100) ack 2\n"
		     "> A 2:2(0) ack 1\n"
		     /* Two ACKs must not answer each other. */
		     "< A 10000000:10000000(0) ack 2\n"
		     "> A 2:2(0) ack 1\n"
		     "< A 10000000:10000000(0) ack 2\n"
		     "quiet 100ms\n");
}

/*
 * A forged SYN does not make this host send to its victim at the attacker's
 * pace.
 */
static void syn_again_and_again(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+10ms < S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+10ms < S 0:0(0) win 65535 <mss 1000>\n"
		     "+10ms < S 0:0(0) win 65535 <mss 1000>\n"
		     "counter syn_retrans +1\n"
		     "+500ms < S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n");
}

static void old_timestamp(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,ts 1000 *>\n"
		     "< PA 1:101(100) ack 1 <ts 2000 *>\n"
		     "+1ms > A 1:1(0) ack 101 <ts * 2000>\n"
		     "< PA 101:201(100) ack 1 <ts 1999 *>\n"
		     "> A 1:1(0) ack 101 <ts * 2000>\n"
		     "counter drop_paws +1\n"
		     "recv 200 = 100\n"
		     "< PA 101:201(100) ack 1 <ts 2000 *>\n"
		     "+1ms > A 1:1(0) ack 201\n"
		     "recv 200 = 100\n");
}

/* A reset is not stopped by PAWS (RFC 7323, 5.2). */
static void old_timestamp_of_a_reset(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,ts 1000 *>\n"
		     "< R 1:1(0) <ts 0 *>\n"
		     "state CLOSE\n"
		     "error ECONNRESET\n");
}

/*
 * RFC 7323, 5.5: after half of the timestamp space, 2^31 us or not quite 36
 * minutes, PAWS must not drop a segment.
 */
static void old_timestamp_after_a_long_time(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,ts 1000 *,rill 1000 6>\n"
		     "quiet 35m\n"
		     "< PA 1:101(100) ack 1 <ts 999 *>\n"
		     "> A 1:1(0) ack 1\n"
		     "counter drop_paws +1\n"
		     "quiet 1m\n"
		     "< PA 1:101(100) ack 1 <ts 999 *>\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "counter drop_paws +0\n"
		     "recv 100\n");
}

static void timestamps_round_the_wrap(struct kunit *test)
{
	scenario_run(test,
		     "tsbase 4294967295\n"
		     "established 10ms <mss 1000,ts 0 *>\n"
		     "< PA 1:101(100) ack 1 <ts 1 *>\n"
		     "+1ms > A 1:1(0) ack 101 <ts * 1>\n"
		     "< PA 101:201(100) ack 1 <ts 0 *>\n"
		     "> A 1:1(0) ack 101 <ts * 1>\n"
		     "counter drop_paws +1\n"
		     "< PA 101:201(100) ack 1 <ts 2 *>\n"
		     "+1ms > A 1:1(0) ack 201 <ts * 2>\n");
}

/* RFC 7323, 4.3: TS.Recent is of the segment that the last ACK sent covers. */
static void which_timestamp_is_echoed(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,ts 0 *>\n"
		     "< PA 1:101(100) ack 1 <ts 10 *>\n"
		     "< PA 101:201(100) ack 1 <ts 20 *>\n"
		     /* delayed ACK: the first of the two */
		     "+1ms > A 1:1(0) ack 201 <ts * 10>\n"
		     /* a hole: the last in order, not the newest */
		     "< PA 301:401(100) ack 1 <ts 30 *>\n"
		     "> A 1:1(0) ack 201 <ts * 10>\n"
		     "< PA 201:301(100) ack 1 <ts 40 *>\n"
		     "> A 1:1(0) ack 401 <ts * 40>\n"
		     "recv 400\n");
}

static void damaged_segments(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 1:101(100) ack 1 badsum\n"
		     "< R 1:1(0) badsum\n"
		     "< FA 1:1(0) ack 1 badsum\n"
		     "counter drop_checksum +3\n"
		     "quiet 1s\n"
		     "recv 1 = EAGAIN\n"
		     "state ESTABLISHED\n");
}

/* Options of a SYN on another segment mean nothing. */
static void options_of_a_syn_later(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000>\n"
		     "< A 1:1(0) ack 1 <mss 200,sackok,ts,ws 14,rill 1 6>\n"
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1 <>\n"
		     "< A 1001:2001(1000) ack 1001\n"
		     "> A 1001:1001(0) ack 1 <>\n");
}

static void malformed_options(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,sackok,ts>\n"
		     "send 1976\n"
		     "> Ap 1:989(988) ack 1\n"
		     "> PA 989:1977(988) ack 1\n"
		     /* SACK of one byte, of seven, of an empty and a turned block */
		     "< A 1:1(0) ack 1 <raw 05030101>\n"
		     "< A 1:1(0) ack 1 <raw 0509aabbccddeeff01>\n"
		     "< A 1:1(0) ack 1 <sack 989:989>\n"
		     "< A 1:1(0) ack 1 <sack 1977:989>\n"
		     "< A 1:1(0) ack 1 <sack 1977:100000>\n"
		     "< A 1:1(0) ack 1 <sack -100:1977>\n"
		     "< A 1:1(0) ack 1977\n"
		     "quiet 10s\n"
		     "state ESTABLISHED\n");
}

/* Soft errors end nothing (RFC 5927, 5.2; RFC 9293, 3.9.2.2). */
static void icmp_on_an_open_connection(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,rill 1000 6>\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "< icmp host 1\n"
		     "< icmp net 1\n"
		     "< icmp port 1\n"
		     "< icmp protocol 1\n"
		     "< icmp time 1\n"
		     "error none\n"
		     "state ESTABLISHED\n"
		     "counter icmp_errors +5\n"
		     "< icmp port 102\n"
		     "< icmp port 0\n"
		     "counter icmp_errors +0\n"
		     "< A 1:1(0) ack 101\n"
		     "quiet 1s\n");
}

/*
 * RFC 7323, 3.2: a segment without the agreed timestamp is dropped, unless it
 * is a reset or the SYN of a restarted peer.
 */
static void without_the_timestamp_agreed_on(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,ts 0 0>\n"
		     "< PA 1:101(100) ack 1 <>\n"
		     "< FA 1:1(0) ack 1 <>\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 101 <>\n"
		     "counter drop_no_timestamp +3\n"
		     "inq = 0\n"
		     "outq = 100\n"
		     "renew\n"
		     "< S 0:0(0) win 65535 <mss 1000>\n"
		     "> old A 101:101(0) ack 1\n"
		     "< old R 1:1(0)\n"
		     "error ECONNRESET\n");
}

static struct kunit_case attack_cases[] = {
	KUNIT_CASE_PARAM(reset_at_the_left_edge, scenario_families),
	KUNIT_CASE_PARAM(reset_with_ack, scenario_families),
	KUNIT_CASE_PARAM(reset_inside_the_window, scenario_families),
	KUNIT_CASE_PARAM(reset_outside_the_window, scenario_families),
	KUNIT_CASE_PARAM(syn_on_an_open_connection, scenario_families),
	KUNIT_CASE_PARAM(ack_of_what_was_not_sent, scenario_families),
	KUNIT_CASE_PARAM(ack_that_is_too_old, scenario_families),
	KUNIT_CASE_PARAM(ack_beside_the_window, scenario_families),
	KUNIT_CASE_PARAM(fin_beyond_the_window, scenario_families),
	KUNIT_CASE_PARAM(data_without_ack, scenario_families),
	KUNIT_CASE_PARAM(challenge_limit_of_zero, scenario_families),
	KUNIT_CASE_PARAM(challenge_limit, scenario_families),
	KUNIT_CASE_PARAM(challenges_of_another_connection, scenario_families),
	KUNIT_CASE_PARAM(challenges_are_spaced, scenario_families),
	KUNIT_CASE_PARAM(answers_are_spaced, scenario_families),
	KUNIT_CASE_PARAM(probes_are_spaced, scenario_families),
	KUNIT_CASE_PARAM(data_outside_is_always_answered, scenario_families),
	KUNIT_CASE_PARAM(data_outside_without_a_socket, scenario_families),
	KUNIT_CASE_PARAM(syn_again_and_again, scenario_families),
	KUNIT_CASE_PARAM(old_timestamp, scenario_families),
	KUNIT_CASE_PARAM(old_timestamp_of_a_reset, scenario_families),
	KUNIT_CASE_PARAM(old_timestamp_after_a_long_time, scenario_families),
	KUNIT_CASE_PARAM(timestamps_round_the_wrap, scenario_families),
	KUNIT_CASE_PARAM(which_timestamp_is_echoed, scenario_families),
	KUNIT_CASE_PARAM(without_the_timestamp_agreed_on, scenario_families),
	KUNIT_CASE_PARAM(damaged_segments, scenario_families),
	KUNIT_CASE_PARAM(options_of_a_syn_later, scenario_families),
	KUNIT_CASE_PARAM(malformed_options, scenario_families),
	KUNIT_CASE_PARAM(icmp_on_an_open_connection, scenario_families),
	{}
};

static struct kunit_suite attack_suite = {
	.name = "rill_attack",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = attack_cases,
};

kunit_test_suite(attack_suite);
