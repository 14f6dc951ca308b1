// SPDX-License-Identifier: GPL-2.0
/*
 * Data on an open connection: segmentation, reassembly, the SACK blocks that
 * this side reports, delayed ACKs, Nagle, and both sequence spaces round the
 * wrap.
 */
#include "scenario.h"

static void both_ways_at_once(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "sent 2500 of 1000\n"
		     "+5ms < PA 1:501(500) ack 1\n"
		     "+1ms > A 2501:2501(0) ack 501\n"
		     "+4ms < A 501:501(0) ack 2501\n"
		     "recv 1000 = 500\n"
		     /* Our data carries the ACK of the peer's. */
		     "< PA 501:601(100) ack 2501\n"
		     "send 100\n"
		     "> PA 2501:2601(100) ack 601\n"
		     "recv 100\n"
		     "outq = 100\n"
		     "+10ms < A 601:601(0) ack 2601\n"
		     "outq = 0\n"
		     "quiet 10s\n");
}

/* PSH belongs on the end of what the program sent, and nowhere else. */
static void push_at_the_end_of_a_send(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "send 3000\n"
		     "> A 1:1001(1000) ack 1\n"
		     "> A 1001:2001(1000) ack 1\n"
		     "> PA 2001:3001(1000) ack 1\n");
}

/* RFC 5681, 3.1 and the tunable: the initial window, and not a segment more. */
static void initial_window(struct kunit *test)
{
	scenario_run(test,
		     "tunable init_cwnd 3\n"
		     "established 10ms\n"
		     "send 8000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     /* slow start: each acknowledged segment lets two go */
		     "+10ms < A 1:1(0) ack 1001\n"
		     "> Ap 3001:4001(1000) ack 1\n"
		     "> Ap 4001:5001(1000) ack 1\n"
		     "< A 1:1(0) ack 3001\n"
		     "> Ap 5001:6001(1000) ack 1\n"
		     "> Ap 6001:7001(1000) ack 1\n"
		     "> Ap 7001:8001(1000) ack 1\n");
}

static void reassembled_in_order(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 2001:3001(1000) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "poll out\n"
		     "recv 1 = EAGAIN\n"
		     "counter ofo_queued +2\n"
		     "< A 1:1001(1000) ack 1\n"
		     "> A 1:1(0) ack 3001\n"
		     "poll in,out\n"
		     "inq = 3000\n"
		     "recv 4000 = 3000\n");
}

/* RFC 2018, 4: the block of the newest segment first. */
static void sack_blocks(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,sackok>\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 1001:2001>\n"
		     "< A 3001:4001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 3001:4001 1001:2001>\n"
		     "< A 5001:6001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 5001:6001 3001:4001 1001:2001>\n"
		     "< A 7001:8001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 7001:8001 5001:6001 3001:4001 1001:2001>\n"
		     /* Two blocks grow together. */
		     "< A 4001:5001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 3001:6001 7001:8001 1001:2001>\n"
		     "< A 1:1001(1000) ack 1\n"
		     "> A 1:1(0) ack 2001 <sack 3001:6001 7001:8001>\n"
		     "< A 6001:7001(1000) ack 1\n"
		     "> A 1:1(0) ack 2001 <sack 3001:8001>\n"
		     "< A 2001:3001(1000) ack 1\n"
		     "> A 1:1(0) ack 8001 <>\n"
		     "recv 9000 = 8000\n");
}

/* With timestamps there is room for three. */
static void sack_blocks_with_timestamps(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,sackok,ts>\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <ts * *,sack 1001:2001>\n"
		     "< A 3001:4001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <ts * *,sack 3001:4001 1001:2001>\n"
		     "< A 5001:6001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <ts * *,sack 5001:6001 3001:4001 1001:2001>\n"
		     "< A 7001:8001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <ts * *,sack 7001:8001 5001:6001 3001:4001>\n");
}

/* The fifth block has no room in the header; its data is still queued. */
static void more_holes_than_sack_blocks(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,sackok>\n"
		     "< A 101:201(100) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 101:201>\n"
		     "< A 301:401(100) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 301:401 101:201>\n"
		     "< A 501:601(100) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 501:601 301:401 101:201>\n"
		     "< A 701:801(100) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 701:801 501:601 301:401 101:201>\n"
		     "< A 901:1001(100) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 901:1001 701:801 501:601 301:401>\n"
		     "< A 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 201 <sack 901:1001 701:801 501:601 301:401>\n"
		     "recv 300 = 200\n");
}

static void duplicates(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "< PA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "< PA 201:301(100) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "< PA 201:301(100) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "counter drop_old +2\n"
		     "< PA 101:201(100) ack 1\n"
		     "> A 1:1(0) ack 301\n"
		     "recv 400 = 300\n"
		     "recv 1 = EAGAIN\n");
}

/* Data received first stays, whatever overlaps it later. */
static void overlaps(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 1:501(500) ack 1\n"
		     /* part old, part new */
		     "< A 251:751(500) ack 1\n"
		     "> A 1:1(0) ack 751\n"
		     /* out of order, in the middle; then one around it */
		     "< A 951:1051(100) ack 1\n"
		     "> A 1:1(0) ack 751\n"
		     "< A 851:1151(300) ack 1\n"
		     "> A 1:1(0) ack 751\n"
		     /*
		      * over the right edge of the queued data, and over the
		      * left
		      */
		     "< A 1101:1251(150) ack 1\n"
		     "> A 1:1(0) ack 751\n"
		     "< A 801:901(100) ack 1\n"
		     "> A 1:1(0) ack 751\n"
		     "< A 701:826(125) ack 1\n"
		     "> A 1:1(0) ack 1251\n"
		     "recv 2000 = 1250\n");
}

/* By one byte, in order and out of it, on each side. */
static void overlaps_of_one_byte(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 1:601(600) ack 1\n"
		     "< A 600:701(101) ack 1\n"
		     "> A 1:1(0) ack 701\n"
		     "< A 801:901(100) ack 1\n"
		     "> A 1:1(0) ack 701\n"
		     "< A 900:1001(101) ack 1\n"
		     "> A 1:1(0) ack 701\n"
		     "< A 790:802(12) ack 1\n"
		     "> A 1:1(0) ack 701\n"
		     "< A 700:791(91) ack 1\n"
		     "> A 1:1(0) ack 1001\n"
		     "recv 2000 = 1000\n");
}

/* A retransmission with other bytes must not replace acknowledged data. */
static void overlap_that_lies(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 1:501(500) ack 1\n"
		     "+1ms > A 1:1(0) ack 501\n"
		     "< PA 1:501(500) ack 1 garbled\n"
		     "> A 1:1(0) ack 501\n"
		     "recv 1000 = 500\n");
}

/* A segment with data before the window's left edge and FIN in it. */
static void old_data_with_a_new_fin(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "< FPA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 102\n"
		     "state CLOSE_WAIT\n"
		     "recv 200 = 100\n"
		     "recv 1 = 0\n");
}

/* RFC 9293, 3.8.6.3: at delack_max_us, by the microsecond. */
static void delayed_ack(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "counter delayed_acks +1\n"
		     "< PA 101:201(100) ack 1\n"
		     /*
		      * A small segment that follows does not delay the ACK
		      * further.
		      */
		     "+600us < PA 201:301(100) ack 1\n"
		     "+400us > A 1:1(0) ack 301\n"
		     "counter delayed_acks +1\n"
		     "quiet 10s\n");
}

static void delayed_ack_tunable(struct kunit *test)
{
	scenario_run(test,
		     "tunable delack_max_us 40000\n"
		     "established 10ms\n"
		     "< PA 1:101(100) ack 1\n"
		     "+40ms > A 1:1(0) ack 101\n");
}

static void no_delayed_ack(struct kunit *test)
{
	scenario_run(test,
		     "tunable delack_max_us 0\n"
		     "established 10ms\n"
		     "< PA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "counter delayed_acks +0\n");
}

/* RFC 5681, 4.2: every second full segment, at once. */
static void every_second_segment(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 1:1001(1000) ack 1\n"
		     "+100us < A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 2001\n"
		     "+100us < A 2001:3001(1000) ack 1\n"
		     "+100us < A 3001:4001(1000) ack 1\n"
		     "> A 1:1(0) ack 4001\n"
		     "+100us < A 4001:5001(1000) ack 1\n"
		     "+1ms > A 1:1(0) ack 5001\n"
		     "recv 5000\n");
}

/* Minshall: a small segment waits for the small one before it, no other. */
static void nagle(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "send 200\n"
		     "send 300\n"
		     "quiet 5ms\n"
		     "< A 1:1(0) ack 101\n"
		     "> PA 101:601(500) ack 1\n"
		     /* A full segment does not wait. */
		     "send 1000\n"
		     "> PA 601:1601(1000) ack 1\n"
		     "< A 1:1(0) ack 601\n"
		     "send 10\n"
		     "> PA 1601:1611(10) ack 1\n");
}

static void nagle_off(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set nodelay 1\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "send 200\n"
		     "> PA 101:301(200) ack 1\n"
		     "set nodelay 0\n"
		     "send 300\n"
		     "quiet 1ms\n"
		     /* Setting TCP_NODELAY again sends what waits. */
		     "set nodelay 1\n"
		     "> PA 301:601(300) ack 1\n");
}

static void corked(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set cork 1\n"
		     "send 400\n"
		     "send 400\n"
		     "quiet 50ms\n"
		     "send 400\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "quiet 5ms\n"
		     "set cork 0\n"
		     "> PA 1001:1201(200) ack 1\n");
}

/* A cork holds data back for 200 ms at most, as with TCP. */
static void cork_for_too_long(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set cork 1\n"
		     "send 400\n"
		     "+200ms > PA 1:401(400) ack 1\n");
}

static void more_to_come(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "send 100 more\n"
		     "quiet 1ms\n"
		     "send 100\n"
		     "> PA 1:201(200) ack 1\n");
}

/* The program reads in pieces, peeks, and discards. */
static void reading(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 1:301(300) ack 1\n"
		     "+1ms > A 1:1(0) ack 301\n"
		     "recv 100 peek\n"
		     "recv 400 peek = 300\n"
		     "recv 100\n"
		     "recv 100 peek\n"
		     "inq = 200\n"
		     "recv 150\n"
		     "recv 150 = 50\n"
		     "inq = 0\n"
		     "recv 1 = EAGAIN\n"
		     "poll out\n");
}

/* 2^32 of the peer's sequence numbers lies inside the data. */
static void the_peers_sequence_wraps(struct kunit *test)
{
	scenario_run(test,
		     "irs 4294966000\n"
		     "established 10ms <mss 1000,sackok>\n"
		     "< A 1:1001(1000) ack 1\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 2001\n"
		     "recv 2000\n"
		     "< A 3001:4001(1000) ack 1\n"
		     "> A 1:1(0) ack 2001 <sack 3001:4001>\n"
		     "< A 2001:3001(1000) ack 1\n"
		     "> A 1:1(0) ack 4001 <>\n"
		     "recv 2000\n"
		     "into CLOSE_WAIT\n");
}

/* The hole, the data queued behind it and the FIN on both sides of 2^32. */
static void the_peers_sequence_wraps_out_of_order(struct kunit *test)
{
	scenario_run(test,
		     "irs 4294966795\n"
		     "established 10ms <mss 1000,sackok>\n"
		     "< A 401:601(200) ack 1\n"
		     "> A 1:1(0) ack 1 <sack 401:601>\n"
		     "< FA 801:901(100) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 201:401(200) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 601:801(200) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "< A 1:201(200) ack 1\n"
		     "> A 1:1(0) ack 902\n"
		     "state CLOSE_WAIT\n"
		     "recv 1000 = 900\n");
}

/* Our side: the case waits up to five hours for the ISN's clock (RFC 6528). */
static void our_sequence_wraps(struct kunit *test)
{
	scenario_run(test,
		     "bind 4000\n"
		     "port 4000\n"
		     "await-wrap 2500\n"
		     "established 10ms <mss 1000,sackok,rill 1000 6>\n"
		     "wraps 2500\n"
		     "send 4000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     "> Ap 3001:4001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 2001\n"
		     "< A 1:1(0) ack 2001 <sack 3001:4001>\n"
		     /* RACK: a quarter of the round trip */
		     "tolerance 5us\n"
		     "+2.5ms > Ap 2001:3001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 4001\n"
		     "into TIME_WAIT\n");
}

static void our_sequence_wraps_as_server(struct kunit *test)
{
	scenario_run(test,
		     "port 8080\n"
		     "await-wrap 1\n"
		     "accepted 10ms\n"
		     "wraps 1\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 101\n"
		     "quiet 10s\n");
}

/* SO_TIMESTAMPING: its byte is acknowledged, but not all of its segment. */
static void stamp_of_a_part(struct kunit *test)
{
	struct sock *sk;

	scenario_run(test,
		     "established 10ms\n"
		     "set cork 1\n");
	sk = scenario_sk(test);
	sk->sk_tsflags = SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_OPT_TSONLY;
	scenario_run(test, "send 100\n");
	sk->sk_tsflags = 0;
	scenario_run(test,
		     "send 50\n"
		     "set cork 0\n"
		     "> PA 1:151(150) ack 1\n"
		     "+10ms < A 1:1(0) ack 100\n");
	KUNIT_EXPECT_EQ(test, skb_queue_len(&sk->sk_error_queue), 0);
	scenario_run(test, "< A 1:1(0) ack 101\n");
	KUNIT_EXPECT_EQ(test, skb_queue_len(&sk->sk_error_queue), 1);
	scenario_run(test, "< A 1:1(0) ack 151\n");
	KUNIT_EXPECT_EQ(test, skb_queue_len(&sk->sk_error_queue), 1);
	skb_queue_purge(&sk->sk_error_queue);
}

static struct kunit_case data_cases[] = {
	KUNIT_CASE_PARAM(both_ways_at_once, scenario_families),
	KUNIT_CASE_PARAM(push_at_the_end_of_a_send, scenario_families),
	KUNIT_CASE_PARAM(initial_window, scenario_families),
	KUNIT_CASE_PARAM(reassembled_in_order, scenario_families),
	KUNIT_CASE_PARAM(sack_blocks, scenario_families),
	KUNIT_CASE_PARAM(sack_blocks_with_timestamps, scenario_families),
	KUNIT_CASE_PARAM(more_holes_than_sack_blocks, scenario_families),
	KUNIT_CASE_PARAM(duplicates, scenario_families),
	KUNIT_CASE_PARAM(overlaps, scenario_families),
	KUNIT_CASE_PARAM(overlaps_of_one_byte, scenario_families),
	KUNIT_CASE_PARAM(overlap_that_lies, scenario_families),
	KUNIT_CASE_PARAM(old_data_with_a_new_fin, scenario_families),
	KUNIT_CASE_PARAM(delayed_ack, scenario_families),
	KUNIT_CASE_PARAM(delayed_ack_tunable, scenario_families),
	KUNIT_CASE_PARAM(no_delayed_ack, scenario_families),
	KUNIT_CASE_PARAM(every_second_segment, scenario_families),
	KUNIT_CASE_PARAM(nagle, scenario_families),
	KUNIT_CASE_PARAM(nagle_off, scenario_families),
	KUNIT_CASE_PARAM(corked, scenario_families),
	KUNIT_CASE_PARAM(cork_for_too_long, scenario_families),
	KUNIT_CASE_PARAM(more_to_come, scenario_families),
	KUNIT_CASE_PARAM(stamp_of_a_part, scenario_families),
	KUNIT_CASE_PARAM(reading, scenario_families),
	KUNIT_CASE_PARAM(the_peers_sequence_wraps, scenario_families),
	KUNIT_CASE_PARAM(the_peers_sequence_wraps_out_of_order,
			 scenario_families),
	KUNIT_CASE_PARAM(our_sequence_wraps, scenario_families),
	KUNIT_CASE_PARAM(our_sequence_wraps_as_server, scenario_families),
	{}
};

static struct kunit_suite data_suite = {
	.name = "rill_data",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = data_cases,
};

kunit_test_suite(data_suite);
