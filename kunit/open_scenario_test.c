// SPDX-License-Identifier: GPL-2.0
/* Active open: RFC 9293, 3.5 and 3.10.7.3, from the SYN to ESTABLISHED. */
#include "scenario.h"

/* All options, towards a peer that is rill. */
static void handshake_with_rill(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0) win <=65535 <mss 1460,sackok,ts 0 0,ws *,rill 1000 6>\n"
		     "state SYN_SENT\n"
		     "poll none\n"
		     "+10ms < SA 0:0(0) ack 1 win 65535 <mss 1000,sackok,ts 0 *,ws 7,rill 500 6>\n"
		     "> A 1:1(0) ack 1 <ts 10000 0>\n"
		     "state ESTABLISHED\n"
		     "poll out\n"
		     "error none\n"
		     "counter active_opens +1\n"
		     "counter attempt_fails +0\n");
}

/* A peer that is not rill gets a clock of milliseconds (RFC 7323, 5.4). */
static void handshake_with_tcp(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+10ms < SA 0:0(0) ack 1 win 65535 <mss 1000,sackok,ts 0 *,ws 7>\n"
		     "> A 1:1(0) ack 1 <ts 10000 0>\n"
		     "+1s < A 1:989(988) ack 1\n"
		     "< PA 989:1977(988) ack 1\n"
		     "> A 1:1(0) ack 1977 <ts 11000 1000>\n"
		     "recv 1976\n");
}

static void clock_in_microseconds(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,ts,rill 500 6>\n"
		     "+1s < A 1:989(988) ack 1\n"
		     "< PA 989:1977(988) ack 1\n"
		     "> A 1:1(0) ack 1977 <ts 1010000 1000000>\n"
		     "recv 1976\n"
		     "+250us < A 1977:2965(988) ack 1\n"
		     "< PA 2965:3953(988) ack 1\n"
		     "> A 1:1(0) ack 3953 <ts 1010250 1000250>\n"
		     "recv 1976\n");
}

static void plain_peer(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+10ms < SA 0:0(0) ack 1 win 5000 <mss 1000>\n"
		     "> A 1:1(0) ack 1 win <=65535 <>\n"
		     "send 2000\n"
		     "> Ap 1:1001(1000) ack 1 <>\n"
		     "> PA 1001:2001(1000) ack 1 <>\n");
}

/* RFC 9293, 3.7.1: without the option 536, or 1220 over IPv6. */
static void no_mss_option(struct kunit *test)
{
	const struct scenario *s = test->priv;

	scenario_run(test,
		     "established 10ms <sackok>\n");
	if (s->family->wire == AF_INET6)
		scenario_run(test,
			     "sent 3000 of 1220\n");
	else
		scenario_run(test,
			     "sent 3000 of 536\n");
}

/* The device takes less than the peer would. */
static void mss_of_the_path(struct kunit *test)
{
	scenario_run(test,
		     "mss 1300\n"
		     "connect\n"
		     "> S 0:0(0) <mss 1300,sackok,ts * *,ws *,rill * *>\n"
		     "< SA 0:0(0) ack 1 win 65535 <mss 1460,ts>\n"
		     "> A 1:1(0) ack 1\n"
		     "sent 2000 of 1288\n");
}

static void timestamps_off(struct kunit *test)
{
	scenario_run(test,
		     "tunable timestamps 0\n"
		     "connect\n"
		     "> S 0:0(0) <mss 1460,sackok,ws *,rill * *>\n"
		     "< SA 0:0(0) ack 1 win 65535 <mss 1000,sackok,ws 7>\n"
		     "> A 1:1(0) ack 1 <>\n");
}

static void sack_off(struct kunit *test)
{
	scenario_run(test,
		     "tunable sack 0\n"
		     "connect\n"
		     "> S 0:0(0) <mss 1460,ts * *,ws *,rill * *>\n"
		     "< SA 0:0(0) ack 1 win 65535 <mss 1000,ts,ws 7>\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <ts * *>\n");
}

static void window_scaling_off(struct kunit *test)
{
	scenario_run(test,
		     "tunable window_scaling 0\n"
		     "connect\n"
		     "> S 0:0(0) <mss 1460,sackok,ts * *,rill * *>\n"
		     "< SA 0:0(0) ack 1 win 2000 <mss 1000>\n"
		     "> A 1:1(0) ack 1 win <=65535\n"
		     "send 3000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n");
}

/* RFC 7323, 2.2: the window of a SYN is not scaled, later ones are. */
static void the_peers_window_is_scaled(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< SA 0:0(0) ack 1 win 1000 <mss 1000,ws 4>\n"
		     "> A 1:1(0) ack 1\n"
		     "send 3000\n"
		     "> Ap 1:501(500) ack 1\n"
		     "> Ap 501:1001(500) ack 1\n"
		     /* 125 on the wire */
		     "< A 1:1(0) ack 1001 win 2000\n"
		     "> Ap 1001:1501(500) ack 1\n"
		     "> Ap 1501:2001(500) ack 1\n"
		     "> Ap 2001:2501(500) ack 1\n"
		     "> PA 2501:3001(500) ack 1\n");
}

/* SACK blocks of a peer that did not agree to SACK are ignored. */
static void sack_not_agreed(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000>\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 1 <>\n"
		     "< A 1:1001(1000) ack 1\n"
		     "> A 1:1(0) ack 2001 <>\n"
		     "recv 2000\n");
}

/* RFC 9293, 3.8.1, with rill's 1 s at first and six more. */
static void syn_retransmitted_then_timeout(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0) <mss 1460,sackok,ts 1000000 0,ws *,rill 1000 6>\n"
		     "+2s > S 0:0(0)\n"
		     "+4s > S 0:0(0)\n"
		     "+8s > S 0:0(0)\n"
		     "+16s > S 0:0(0)\n"
		     "+32s > S 0:0(0)\n"
		     "quiet 63999ms\n"
		     "state SYN_SENT\n"
		     "error none\n"
		     "quiet 1001us\n"
		     "state CLOSE\n"
		     "poll in,out,err,hup,rdhup\n"
		     "error ETIMEDOUT\n"
		     "counter syn_retrans +6\n"
		     "counter timeouts +1\n"
		     "counter attempt_fails +1\n"
		     "quiet 10m\n");
}

static void syn_retries_tunable(struct kunit *test)
{
	scenario_run(test,
		     "tunable syn_retries 1\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "quiet 1999ms\n"
		     "error none\n"
		     "quiet 1001us\n"
		     "error ETIMEDOUT\n");
}

static void syn_retries_option(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set syncnt 2\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "+2s > S 0:0(0)\n"
		     "quiet 3999ms\n"
		     "error none\n"
		     "quiet 1001us\n"
		     "error ETIMEDOUT\n");
}

static void rto_initial_tunable(struct kunit *test)
{
	scenario_run(test,
		     "tunable rto_initial_us 3000\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+3ms > S 0:0(0)\n"
		     "+6ms > S 0:0(0)\n"
		     "+12ms > S 0:0(0)\n");
}

/* RFC 6298, 5.5 and the ceiling of the tunable. */
static void syn_backoff_ceiling(struct kunit *test)
{
	scenario_run(test,
		     "tunable rto_max_ms 3000\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "+2s > S 0:0(0)\n"
		     "+3s > S 0:0(0)\n"
		     "+3s > S 0:0(0)\n");
}

static void answer_to_a_retransmission(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "+10ms < SA 0:0(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "quiet 10s\n"
		     /* RFC 5681, 3.1: one segment; RFC 6298, 5.7: an RTO of 3 s */
		     "send 2000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "+3s > Ap 1:1001(1000) ack 1\n");
}

/* The peer retransmits its SYN-ACK: our ACK was lost. */
static void syn_ack_duplicated(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "+1s < SA 0:0(0) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n");
}

static void refused(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1ms < RA 0:0(0) ack 1\n"
		     "state CLOSE\n"
		     "poll in,out,err,hup,rdhup\n"
		     "error ECONNREFUSED\n"
		     "error none\n"
		     "counter in_rsts +1\n"
		     "counter attempt_fails +1\n"
		     "quiet 10m\n");
}

/* RFC 9293, 3.10.7.3, first and second. */
static void reset_that_does_not_fit(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< R 1:1(0)\n"
		     "< RA 0:0(0) ack 0\n"
		     "< RA 0:0(0) ack 2\n"
		     "state SYN_SENT\n"
		     "error none\n"
		     "counter in_rsts +0\n"
		     "< RA 0:0(0) ack 1\n"
		     "error ECONNREFUSED\n");
}

/*
 * The peer still has an old connection: it is reset, and the open goes on (RFC
 * 9293, figure 9).
 */
static void ack_of_another_connection(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< A 300:300(0) ack 100\n"
		     "> R 100:100(0) <>\n"
		     "< SA 300:300(0) ack 0\n"
		     "> R 0:0(0)\n"
		     "< SA 300:300(0) ack 2\n"
		     "> R 2:2(0)\n"
		     "state SYN_SENT\n"
		     "< SA 0:0(0) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n");
}

static void segments_that_are_no_answer(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< A 1:1(0) ack 1\n"
		     "< PA 1:101(100) ack 1\n"
		     "< F 0:0(0)\n"
		     "< - 0:0(0)\n"
		     "state SYN_SENT\n"
		     "+1s > S 0:0(0)\n");
}

/* RFC 9293, 3.5, figure 8. */
static void simultaneous_open(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1ms < S 0:0(0) win 65535 <mss 1000,sackok,ts 0 0>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,sackok,ts * 0,rill * *>\n"
		     "state SYN_RECV\n"
		     "+1ms < SA 0:0(0) ack 1 <mss 1000,sackok,ts * *>\n"
		     "state ESTABLISHED\n"
		     "poll out\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "< PA 1:101(100) ack 101\n"
		     "+1ms > A 101:101(0) ack 101\n"
		     "recv 100\n");
}

/* RFC 7323, 2.2: the window of a segment with SYN is never scaled. */
static void simultaneous_open_scales(struct kunit *test)
{
	scenario_run(test,
		     "tunable init_cwnd 100\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1ms < S 0:0(0) win 65535 <mss 1000,sackok,ws 7>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1ms < SA 0:0(0) ack 1 win 2000 <mss 1000,sackok,ws 7>\n"
		     "send 5000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "quiet 2ms\n"
		     "< A 1:1(0) ack 2001 win 128000\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     "> Ap 3001:4001(1000) ack 1\n"
		     "> PA 4001:5001(1000) ack 1\n"
		     "+1ms < A 1:1(0) ack 5001\n");
}

static void simultaneous_open_ended_by_ack(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "quiet 10s\n");
}

static void simultaneous_open_reset(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< R 1:1(0)\n"
		     "state CLOSE\n"
		     "error ECONNREFUSED\n");
}

static void icmp_host_unreachable(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1ms < icmp host 0\n"
		     "error EHOSTUNREACH\n"
		     "state CLOSE\n"
		     "counter icmp_errors +1\n"
		     "quiet 10m\n");
}

static void icmp_net_unreachable(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1ms < icmp net 0\n"
		     "error ENETUNREACH\n"
		     "state CLOSE\n");
}

static void icmp_port_unreachable(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1ms < icmp port 0\n"
		     "error ECONNREFUSED\n"
		     "state CLOSE\n");
}

/* RFC 5927, 4.1: the quoted sequence number must be in flight. */
static void icmp_of_a_stranger(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< icmp host 2\n"
		     "< icmp host -1\n"
		     "< icmp port 100000\n"
		     "error none\n"
		     "state SYN_SENT\n"
		     "counter icmp_errors +0\n"
		     "+1s > S 0:0(0)\n");
}

static void calls_while_connecting(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "connect = EALREADY\n"
		     "send 10 = EAGAIN\n"
		     "recv 10 = EAGAIN\n"
		     "< SA 0:0(0) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "connect = 0\n"
		     "connect = EISCONN\n");
}

static void calls_before_connect(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "poll out,hup\n"
		     "send 10 = EPIPE\n"
		     "recv 10 = ENOTCONN\n"
		     "shutdown wr = ENOTCONN\n");
}

/* After a refused connect() the socket can connect again. */
static void connect_again(struct kunit *test)
{
	scenario_run(test,
		     "bind 4000\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< RA 0:0(0) ack 1\n"
		     "connect = ECONNREFUSED\n"
		     "forget\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< SA 0:0(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n");
}

static void closed_while_connecting(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "close\n"
		     "state CLOSE\n"
		     "quiet 5m\n"
		     "< SA 0:0(0) ack 1\n"
		     "> R 1:1(0) <>\n");
}

/* RFC 9293, 3.10.7.3: data on the SYN-ACK must be retransmitted. */
/* RFC 9293, 3.10.7.3, fourth: text and a FIN are processed at once. */
static void syn_ack_with_data(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< SA 0:100(100) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 101\n"
		     "recv 200 = 100\n"
		     "< PA 101:201(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 201\n"
		     "recv 200 = 100\n");
}

static void syn_ack_with_data_and_fin(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< SFA 0:100(100) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 102\n"
		     "state CLOSE_WAIT\n"
		     "poll in,out,rdhup\n"
		     "recv 200 = 100\n"
		     "recv 200 = 0\n");
}

static void syn_ack_with_bad_checksum(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< SA 0:0(0) ack 1 <mss 1000> badsum\n"
		     "state SYN_SENT\n"
		     "counter drop_checksum +1\n"
		     "+1s > S 0:0(0)\n");
}

/* RFC 6528: a tick of 4 us between two connections of one four-tuple. */
static void isn_grows_with_the_clock(struct kunit *test)
{
	scenario_run(test,
		     "bind 4000\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< RA 0:0(0) ack 1\n"
		     "renew\n"
		     "+1s connect = ECONNREFUSED\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "iss-gain 250000 250010\n");
}

static struct kunit_case open_cases[] = {
	KUNIT_CASE_PARAM(handshake_with_rill, scenario_families),
	KUNIT_CASE_PARAM(handshake_with_tcp, scenario_families),
	KUNIT_CASE_PARAM(clock_in_microseconds, scenario_families),
	KUNIT_CASE_PARAM(plain_peer, scenario_families),
	KUNIT_CASE_PARAM(no_mss_option, scenario_families),
	KUNIT_CASE_PARAM(mss_of_the_path, scenario_families),
	KUNIT_CASE_PARAM(timestamps_off, scenario_families),
	KUNIT_CASE_PARAM(sack_off, scenario_families),
	KUNIT_CASE_PARAM(window_scaling_off, scenario_families),
	KUNIT_CASE_PARAM(the_peers_window_is_scaled, scenario_families),
	KUNIT_CASE_PARAM(sack_not_agreed, scenario_families),
	KUNIT_CASE_PARAM(syn_retransmitted_then_timeout, scenario_families),
	KUNIT_CASE_PARAM(syn_retries_tunable, scenario_families),
	KUNIT_CASE_PARAM(syn_retries_option, scenario_families),
	KUNIT_CASE_PARAM(rto_initial_tunable, scenario_families),
	KUNIT_CASE_PARAM(syn_backoff_ceiling, scenario_families),
	KUNIT_CASE_PARAM(answer_to_a_retransmission, scenario_families),
	KUNIT_CASE_PARAM(syn_ack_duplicated, scenario_families),
	KUNIT_CASE_PARAM(refused, scenario_families),
	KUNIT_CASE_PARAM(reset_that_does_not_fit, scenario_families),
	KUNIT_CASE_PARAM(ack_of_another_connection, scenario_families),
	KUNIT_CASE_PARAM(segments_that_are_no_answer, scenario_families),
	KUNIT_CASE_PARAM(simultaneous_open, scenario_families),
	KUNIT_CASE_PARAM(simultaneous_open_scales, scenario_families),
	KUNIT_CASE_PARAM(simultaneous_open_ended_by_ack, scenario_families),
	KUNIT_CASE_PARAM(simultaneous_open_reset, scenario_families),
	KUNIT_CASE_PARAM(icmp_host_unreachable, scenario_families),
	KUNIT_CASE_PARAM(icmp_net_unreachable, scenario_families),
	KUNIT_CASE_PARAM(icmp_port_unreachable, scenario_families),
	KUNIT_CASE_PARAM(icmp_of_a_stranger, scenario_families),
	KUNIT_CASE_PARAM(calls_while_connecting, scenario_families),
	KUNIT_CASE_PARAM(calls_before_connect, scenario_families),
	KUNIT_CASE_PARAM(connect_again, scenario_families),
	KUNIT_CASE_PARAM(closed_while_connecting, scenario_families),
	KUNIT_CASE_PARAM(syn_ack_with_data, scenario_families),
	KUNIT_CASE_PARAM(syn_ack_with_data_and_fin, scenario_families),
	KUNIT_CASE_PARAM(syn_ack_with_bad_checksum, scenario_families),
	KUNIT_CASE_PARAM(isn_grows_with_the_clock, scenario_families),
	{}
};

static struct kunit_suite open_suite = {
	.name = "rill_open",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = open_cases,
};

kunit_test_suite(open_suite);
