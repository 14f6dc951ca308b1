// SPDX-License-Identifier: GPL-2.0
/*
 * Passive open: RFC 9293, 3.10.7.2 and SYN-RECEIVED of 3.10.7.4, the
 * listener's two queues, and segments to a port without a listener.
 */#include <linux/filter.h>

#include "scenario.h"

static void handshake_with_rill(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "poll none\n"
		     "< S 0:0(0) win 65535 <mss 1000,sackok,ts 0 0,ws 7,rill 500 6>\n"
		     "> SA 0:0(0) ack 1 win <=65535 <mss 1460,sackok,ts 0 0,ws *,rill 1000 6>\n"
		     "state SYN_RECV\n"
		     "poll none\n"
		     "accept = EAGAIN\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "poll in\n"
		     "accept\n"
		     "poll out\n"
		     "accept = EAGAIN\n"
		     "counter passive_opens +1\n"
		     "counter attempt_fails +0\n"
		     "+10ms < PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101 <ts 21000 20000>\n"
		     "recv 100\n");
}

/* timer_slack_us: a bit later, never early, and each from when it was due. */
static void syn_ack_with_slack(struct kunit *test)
{
	scenario_run(test,
		     "tunable timer_slack_us 4000\n"
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1000,sackok,ts 0 0,ws 7>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1s~1004.1ms > SA 0:0(0) ack 1\n"
		     "+1996ms~2004.1ms > SA 0:0(0) ack 1\n"
		     "< R 1:1(0)\n"
		     "state LISTEN\n");
}

/* A wait of less than 100 ms is exact. */
static void syn_ack_without_slack(struct kunit *test)
{
	scenario_run(test,
		     "tunable timer_slack_us 4000\n"
		     "tunable rto_initial_us 20000\n"
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1000,sackok,ts 0 0,ws 7>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+20ms > SA 0:0(0) ack 1\n"
		     "+40ms > SA 0:0(0) ack 1\n"
		     "< R 1:1(0)\n"
		     "state LISTEN\n");
}

/* A peer without the private option does not get it. */
static void handshake_with_tcp(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1000,sackok,ts 0 0,ws 7>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,sackok,ts 0 0,ws *>\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "accept\n"
		     "+990ms < PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101 <ts 1001 1000>\n"
		     "recv 100\n");
}

static void plain_peer(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) win 5000\n"
		     "> SA 0:0(0) ack 1 <mss 1460>\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n");
}

static void options_off(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "tunable timestamps 0\n"
		     "< S 0:0(0) <mss 1000,sackok,ts 0 0,ws 7,rill 500 6>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,sackok,ws *,rill 1000 6>\n"
		     "flow 1\n"
		     "tunable timestamps 1\n"
		     "tunable sack 0\n"
		     "< S 0:0(0) <mss 1000,sackok,ts 0 0,ws 7>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,ts * 0,ws *>\n"
		     "flow 2\n"
		     "tunable sack 1\n"
		     "tunable window_scaling 0\n"
		     "< S 0:0(0) <mss 1000,sackok,ts 0 0,ws 7>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,sackok,ts * 0>\n");
}

static void delack_is_told(struct kunit *test)
{
	scenario_run(test,
		     "tunable delack_max_us 250\n"
		     "accepted 10ms <mss 1000,rill 500 6>\n"
		     "< PA 1:101(100) ack 1\n"
		     "+250us > A 1:1(0) ack 101\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1000,rill 500 6>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,rill 250 *>\n");
}

/* The third segment may carry data, which is delivered. */
static void third_segment_with_data(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< PA 1:101(100) ack 1\n"
		     "accept\n"
		     "recv 200 = 100\n"
		     "> A 1:1(0) ack 101\n");
}

/* ... or a FIN. */
static void third_segment_with_fin(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< FPA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 102\n"
		     "state CLOSE_WAIT\n"
		     "accept\n"
		     "recv 200 = 100\n"
		     "recv 1 = 0\n");
}

/* The ACK is lost; the data that follows acknowledges as well. */
static void last_ack_lost(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "+1s < A 1:1001(1000) ack 1\n"
		     "accept\n"
		     "< PA 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 2001\n"
		     "recv 2000\n");
}

/* Data on a SYN is not acknowledged, and delivered once it is retransmitted. */
static void syn_with_data(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:100(100) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "recv 100 = EAGAIN\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n");
}

/*
 * RFC 9293, 3.8.1; five retransmissions with doubling, then the entry is gone.
 */
static void syn_ack_retransmitted_then_gone(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "+2s > SA 0:0(0) ack 1\n"
		     "+4s > SA 0:0(0) ack 1\n"
		     "+8s > SA 0:0(0) ack 1\n"
		     "+16s > SA 0:0(0) ack 1\n"
		     "quiet 31999ms\n"
		     "state SYN_RECV\n"
		     "quiet 1001us\n"
		     "state LISTEN\n"
		     "counter syn_retrans +5\n"
		     "counter attempt_fails +1\n"
		     "quiet 10m\n"
		     /* The peer is in ESTABLISHED. */
		     "< PA 1:101(100) ack 1\n"
		     "> R 1:1(0) <>\n");
}

static void synack_retries_tunable(struct kunit *test)
{
	scenario_run(test,
		     "tunable synack_retries 0\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "quiet 999ms\n"
		     "state SYN_RECV\n"
		     "quiet 1001us\n"
		     "state LISTEN\n");
}

static void syn_duplicated(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+500ms < S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     /* The timer of the first SYN-ACK goes on. */
		     "+500ms > SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "accept = EAGAIN\n"
		     "counter passive_opens +1\n");
}

/* RFC 5961, 3.2 holds here too. */
static void reset_while_half_open(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< R 0:0(0)\n"
		     "< R 1000000:1000000(0)\n"
		     "state SYN_RECV\n"
		     "< R 2:2(0)\n"
		     "> A 1:1(0) ack 1\n"
		     "state SYN_RECV\n"
		     "< R 1:1(0)\n"
		     "state LISTEN\n"
		     "counter in_rsts +1\n"
		     "counter attempt_fails +1\n"
		     "accept = EAGAIN\n"
		     "< A 1:1(0) ack 1\n"
		     "> R 1:1(0)\n");
}

/* RFC 9293, 3.10.7.4, fifth: SYN-RECEIVED. */
static void wrong_ack_while_half_open(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 0\n"
		     "> R 0:0(0) <>\n"
		     "< A 1:1(0) ack 2\n"
		     "> R 2:2(0) <>\n"
		     "state SYN_RECV\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n");
}

static void out_of_window_while_half_open(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1000001:1000001(0) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "state SYN_RECV\n"
		     "< P 1:101(100)\n"
		     "state SYN_RECV\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n");
}

/* A SYN with other numbers is challenged, not accepted (RFC 5961, 4). */
static void another_syn_while_half_open(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< S 500:500(0) <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "state SYN_RECV\n"
		     "< R 1:1(0)\n"
		     "state LISTEN\n"
		     "forget\n"
		     "irs 100500\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n");
}

/*
 * A listener drops SYNs while the accept queue has no room for their
 * connections.
 */
static void accept_queue_full_for_a_syn(struct kunit *test)
{
	scenario_run(test,
		     "listen 0\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "counter listen_overflows +1\n"
		     "quiet 1s\n"
		     "accept\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n");
}

/*
 * Two half-open connections and room for one: the other's ACK is dropped, and
 * comes again.
 */
static void accept_queue_full_drops(struct kunit *test)
{
	scenario_run(test,
		     "listen 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "use 0\n"
		     /* listen() again: a smaller backlog for what comes now */
		     "listen 0\n"
		     "flow 0\n"
		     "< A 1:1(0) ack 1\n"
		     "flow 1\n"
		     "< A 1:1(0) ack 1\n"
		     "counter listen_overflows +1\n"
		     "state SYN_RECV\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "counter listen_overflows +1\n"
		     "accept\n"
		     "accept = EAGAIN\n"
		     "+2s > SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "state ESTABLISHED\n");
}

static void accept_queue_full_resets(struct kunit *test)
{
	scenario_run(test,
		     "tunable abort_on_overflow 1\n"
		     "listen 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "use 0\n"
		     "listen 0\n"
		     "flow 0\n"
		     "< A 1:1(0) ack 1\n"
		     "flow 1\n"
		     "< A 1:1(0) ack 1\n"
		     "> R 1:1(0) <>\n"
		     "counter listen_overflows +1\n"
		     "state LISTEN\n"
		     "quiet 5m\n"
		     "accept\n"
		     "accept = EAGAIN\n");
}

static void syn_queue_full(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 0\n"
		     "tunable syn_backlog_max 2\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 2\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "counter syn_overflows +1\n"
		     "counter drop_syn_queue +1\n"
		     "flow 1\n"
		     "< A 1:1(0) ack 1\n"
		     "flow 2\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n");
}

static void accepted_in_order(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "flow 0\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "flow 1\n"
		     "send 10\n"
		     "> PA 1:11(10) ack 1\n"
		     "flow 0\n"
		     "accept\n"
		     "send 20\n"
		     "> PA 1:21(20) ack 1\n");
}

/* Both queues end: the child is reset, the half-open entry goes silently. */
static void listener_closed(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "use 0\n"
		     "close\n"
		     "flow 0\n"
		     "> RA 1:1(0) ack 1\n"
		     "state CLOSE\n"
		     "flow 1\n"
		     "state CLOSE\n"
		     "quiet 5m\n"
		     "< A 1:1(0) ack 1\n"
		     "> R 1:1(0)\n"
		     "iss 0\n"
		     "< S 5:5(0)\n"
		     "> RA 0:0(0) ack 6\n");
}

/* A child outlives its listener. */
static void listener_closed_after_accept(struct kunit *test)
{
	scenario_run(test,
		     "accepted\n"
		     "use 0\n"
		     "close\n"
		     "use 1\n"
		     "send 10\n"
		     "> PA 1:11(10) ack 1\n"
		     "< PA 1:11(10) ack 11\n"
		     "+1ms > A 11:11(0) ack 11\n"
		     "recv 10\n");
}

static void reset_before_accept(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "< R 1:1(0)\n"
		     "state LISTEN\n"
		     "accept\n"
		     "recv 1 = ECONNRESET\n"
		     "recv 1 = 0\n"
		     "accept = EAGAIN\n");
}

/* RFC 9293, 3.10.7.2: the listener's answer to every other segment. */
static void not_for_a_listener(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< R 0:0(0)\n"
		     "< RA 0:0(0) ack 77\n"
		     "< - 0:100(100)\n"
		     "< FPU 0:0(0)\n"
		     "< SF 0:0(0)\n"
		     "< SR 0:0(0)\n"
		     "< SRAFPUEC 0:0(0) ack 77\n"
		     "counter out_rsts +0\n"
		     "< A 10:10(0) ack 77\n"
		     "> R 77:77(0) <>\n"
		     "< SA 10:10(0) ack 77\n"
		     "> R 77:77(0) <>\n"
		     "< PA 10:110(100) ack 77\n"
		     "> R 77:77(0) <>\n"
		     "counter out_rsts +3\n"
		     "state LISTEN\n");
}

/* RFC 9293, 3.10.7.1: CLOSED, that is, no socket at all. */
static void not_for_anybody(struct kunit *test)
{
	scenario_run(test,
		     "port 9\n"
		     "iss 0\n"
		     "< R 0:0(0)\n"
		     "< RA 0:0(0) ack 77\n"
		     "counter drop_no_socket +2\n"
		     "< A 10:10(0) ack 77\n"
		     "> R 77:77(0) win 0 <>\n"
		     "< PA 10:110(100) ack 77\n"
		     "> R 77:77(0)\n"
		     "< SA 10:10(0) ack 77\n"
		     "> R 77:77(0)\n"
		     "< FA 10:10(0) ack 77\n"
		     "> R 77:77(0)\n"
		     "< S 10:10(0)\n"
		     "> RA 0:0(0) ack 11 win 0 <>\n"
		     "< S 10:110(100)\n"
		     "> RA 0:0(0) ack 111\n"
		     "< F 10:10(0)\n"
		     "> RA 0:0(0) ack 11\n"
		     "< - 10:30(20)\n"
		     "> RA 0:0(0) ack 30\n"
		     "< SF 10:10(0)\n"
		     "> RA 0:0(0) ack 12\n"
		     "counter out_rsts +9\n"
		     "counter drop_no_socket +9\n");
}

static void bad_checksum_for_nobody(struct kunit *test)
{
	scenario_run(test,
		     "port 9\n"
		     "< A 10:10(0) ack 77 badsum\n"
		     "counter drop_checksum +1\n"
		     "quiet 1s\n");
}

/* Malformed options of a SYN: the parser reads nothing beyond its header. */
static void malformed_options(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     /* MSS of length 0, then 1, then one that ends behind the list */
		     "< S 0:0(0) <raw 02000000>\n"
		     "> SA 0:0(0) ack 1 <mss 1460>\n"
		     "flow 1\n"
		     "< S 0:0(0) <raw 0201ffff0303>\n"
		     "> SA 0:0(0) ack 1 <mss 1460>\n"
		     "flow 2\n"
		     "< S 0:0(0) <raw 03030702>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,ws *>\n"
		     "flow 3\n"
		     "< S 0:0(0) <raw 0101080a00000000>\n"
		     "> SA 0:0(0) ack 1 <mss 1460>\n"
		     "flow 4\n"
		     /* kind 99 is skipped by its length */
		     "< S 0:0(0) <raw 6306aabbccdd0402>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,sackok>\n"
		     "flow 5\n"
		     /* another experiment under our option kind */
		     "< S 0:0(0) <raw fd08123400000000>\n"
		     "> SA 0:0(0) ack 1 <mss 1460>\n");
}

/* RFC 6528: a tick of 4 us between two connections of one four-tuple. */
static void isn_grows_with_the_clock(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< R 1:1(0)\n"
		     "renew\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "iss-gain 250000 250001\n");
}

/* RFC 7323, 3.2. */
static void last_ack_without_a_timestamp(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1000,ts 0 0>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,ts * 0>\n"
		     "+10ms < PA 1:101(100) ack 1 <>\n"
		     "counter drop_no_timestamp +1\n"
		     "state SYN_RECV\n"
		     "accept = EAGAIN\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n");
}

/* RFC 7323, 5.3: PAWS comes before the check of the ACK. */
static void old_timestamp_while_half_open(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1000,ts 0 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+10ms < PA 1:101(100) ack 500 <ts -1 0>\n"
		     "> A 1:1(0) ack 1\n"
		     "counter drop_paws +1\n"
		     "state SYN_RECV\n");
}

/* Karn: the SYN-ACK was retransmitted, so that its ACK gives no RTT sample. */
static void syn_again_is_no_round_trip(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1000,rill 1000 6>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+50ms < S 0:0(0) win 65535 <mss 1000,rill 1000 6>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1ms < A 1:1(0) ack 1\n"
		     "accept\n");
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->rtt.srtt_us, 0);
}

/* RFC 6298, 5.7: an RTO of 3 s if the handshake gave no RTT sample. */
static void rto_after_a_lost_syn_ack(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1000,rill 1000 6>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "+1ms < A 1:1(0) ack 1\n"
		     "accept\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+3s > PA 1:101(100) ack 1\n");
}

/* ... or if its RTT was longer than the RTO. */
static void rto_after_a_slow_handshake(struct kunit *test)
{
	scenario_run(test,
		     "tunable rto_initial_us 500000\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+500ms > S 0:0(0)\n"
		     "+200ms < SA 0:0(0) ack 1 win 65535 <mss 1000,rill 1000 6>\n"
		     "> A 1:1(0) ack 1\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+1500ms > PA 1:101(100) ack 1\n");
}

/* A program for sk_filter() that keeps the first bytes of each segment. */
static struct sk_filter *keep(struct kunit *test, u32 bytes)
{
	struct sock_filter code = BPF_STMT(BPF_RET | BPF_K, bytes);
	struct sock_fprog_kern prog = { .len = 1, .filter = &code };
	struct sk_filter *filter = kunit_kzalloc(test, sizeof(*filter),
						 GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, filter);
	/* Never the last reference: a socket that ends frees nothing of it. */
	refcount_set(&filter->refcnt, 1000);
	KUNIT_ASSERT_EQ(test, bpf_prog_create(&filter->prog, &prog), 0);
	return filter;
}

/* As SO_ATTACH_FILTER does: release_sock() publishes it. */
static void attach(struct sock *sk, struct sk_filter *filter)
{
	lock_sock(sk);
	rcu_assign_pointer(sk->sk_filter, filter);
	release_sock(sk);
}

/* The filter may cut the data away, but not the header. */
static void filter_that_keeps_little(struct kunit *test)
{
	struct sk_filter *filter = keep(test, 1);

	scenario_run(test, "listen\n");
	attach(scenario_sk(test), filter);
	scenario_run(test,
		     "< S 0:0(0) win 65535 <mss 1000,sackok,ts,ws 7>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:101(100) ack 1\n"
		     "state ESTABLISHED\n"
		     "accept\n"
		     "inq = 0\n"
		     "send 10\n"
		     "> PA 1:11(10) ack 1\n"
		     "< A 1:1(0) ack 11\n"
		     "outq = 0\n"
		     "counter drop_header +0\n");
	attach(scenario_sk(test), NULL);
	scenario_run(test,
		     "< PA 1:101(100) ack 11\n"
		     "+1ms > A 11:11(0) ack 101\n"
		     "recv 100\n"
		     "use 0\n");
	attach(scenario_sk(test), NULL);
	synchronize_rcu();
	bpf_prog_destroy(filter->prog);
}

/* A filter that drops the SYN drops it silently: no reset either. */
static void filter_that_keeps_nothing(struct kunit *test)
{
	struct sk_filter *filter = keep(test, 0);

	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< R 1:1(0)\n"
		     "flow 1\n"
		     "port 8080\n"
		     "iss 0\n");
	attach(scenario_sk(test), filter);
	scenario_run(test,
		     "< S 0:0(0) win 65535 <mss 1000>\n"
		     "< A 1:1(0) ack 1\n"
		     "< SA 0:0(0) ack 1\n"
		     "< FA 1:1(0) ack 1\n"
		     "quiet 1s\n"
		     "counter drop_filter +4\n");
	attach(scenario_sk(test), NULL);
	scenario_run(test,
		     "< A 1:1(0) ack 1\n"
		     "> R 1:1(0)\n");
	synchronize_rcu();
	bpf_prog_destroy(filter->prog);
}

/* A child that fails leaves the half-open connection as it was. */
static void child_too_late(struct kunit *test)
{
	struct rill_listener *l;

	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n");
	l = rill_sk(scenario_sk(test))->listener;
	spin_lock_bh(&l->lock);
	l->open = false;
	spin_unlock_bh(&l->lock);
	scenario_run(test,
		     "< A 1:1(0) ack 1\n"
		     "counter attempt_fails +0\n"
		     "state SYN_RECV\n");
	spin_lock_bh(&l->lock);
	l->open = true;
	spin_unlock_bh(&l->lock);
	scenario_run(test,
		     "< A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "accept\n"
		     "counter attempt_fails +0\n");
}

static struct kunit_case listen_cases[] = {
	KUNIT_CASE_PARAM(syn_again_is_no_round_trip, scenario_families),
	KUNIT_CASE_PARAM(rto_after_a_lost_syn_ack, scenario_families),
	KUNIT_CASE_PARAM(rto_after_a_slow_handshake, scenario_families),
	KUNIT_CASE_PARAM(handshake_with_rill, scenario_families),
	KUNIT_CASE_PARAM(handshake_with_tcp, scenario_families),
	KUNIT_CASE_PARAM(syn_ack_with_slack, scenario_families),
	KUNIT_CASE_PARAM(syn_ack_without_slack, scenario_families),
	KUNIT_CASE_PARAM(plain_peer, scenario_families),
	KUNIT_CASE_PARAM(options_off, scenario_families),
	KUNIT_CASE_PARAM(delack_is_told, scenario_families),
	KUNIT_CASE_PARAM(third_segment_with_data, scenario_families),
	KUNIT_CASE_PARAM(third_segment_with_fin, scenario_families),
	KUNIT_CASE_PARAM(last_ack_lost, scenario_families),
	KUNIT_CASE_PARAM(syn_with_data, scenario_families),
	KUNIT_CASE_PARAM(syn_ack_retransmitted_then_gone, scenario_families),
	KUNIT_CASE_PARAM(synack_retries_tunable, scenario_families),
	KUNIT_CASE_PARAM(syn_duplicated, scenario_families),
	KUNIT_CASE_PARAM(reset_while_half_open, scenario_families),
	KUNIT_CASE_PARAM(wrong_ack_while_half_open, scenario_families),
	KUNIT_CASE_PARAM(out_of_window_while_half_open, scenario_families),
	KUNIT_CASE_PARAM(another_syn_while_half_open, scenario_families),
	KUNIT_CASE_PARAM(accept_queue_full_for_a_syn, scenario_families),
	KUNIT_CASE_PARAM(accept_queue_full_drops, scenario_families),
	KUNIT_CASE_PARAM(accept_queue_full_resets, scenario_families),
	KUNIT_CASE_PARAM(syn_queue_full, scenario_families),
	KUNIT_CASE_PARAM(accepted_in_order, scenario_families),
	KUNIT_CASE_PARAM(listener_closed, scenario_families),
	KUNIT_CASE_PARAM(listener_closed_after_accept, scenario_families),
	KUNIT_CASE_PARAM(reset_before_accept, scenario_families),
	KUNIT_CASE_PARAM(not_for_a_listener, scenario_families),
	KUNIT_CASE_PARAM(not_for_anybody, scenario_families),
	KUNIT_CASE_PARAM(bad_checksum_for_nobody, scenario_families),
	KUNIT_CASE_PARAM(malformed_options, scenario_families),
	KUNIT_CASE_PARAM(isn_grows_with_the_clock, scenario_families),
	KUNIT_CASE_PARAM(last_ack_without_a_timestamp, scenario_families),
	KUNIT_CASE_PARAM(old_timestamp_while_half_open, scenario_families),
	KUNIT_CASE_PARAM(filter_that_keeps_little, scenario_families),
	KUNIT_CASE_PARAM(filter_that_keeps_nothing, scenario_families),
	KUNIT_CASE_PARAM(child_too_late, scenario_families),
	{}
};

static struct kunit_suite listen_suite = {
	.name = "rill_listen",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = listen_cases,
};

kunit_test_suite(listen_suite);
