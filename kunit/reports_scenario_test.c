// SPDX-License-Identifier: GPL-2.0
/*
 * Faults that users of other stacks reported, tried on this one. The second
 * suite tries the kernel's TCP, where it can be tried.
 */
#include "scenario.h"

/* A SYN proxy opens with a closed window, and updates it later. */
static void syn_ack_with_a_closed_window(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+10ms < SA 0:0(0) ack 1 win 0 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "send 2500\n"
		     "quiet 5ms\n"
		     "< A 1:1(0) ack 1 win 40000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "> PA 2001:2501(500) ack 1\n"
		     "+10ms < A 1:1(0) ack 2501 win 40000\n");
}

/* ... and the update is lost: a window probe finds out. */
static void syn_ack_with_a_closed_window_and_a_lost_update(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+10ms < SA 0:0(0) ack 1 win 0 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "send 500\n"
		     "+* > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1 win 40000\n"
		     "> PA 1:501(500) ack 1\n"
		     "+10ms < A 1:1(0) ack 501 win 40000\n");
}

static void syn_with_a_closed_window(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) win 0 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1 win 0\n"
		     "accept\n"
		     "send 1500\n"
		     "quiet 5ms\n"
		     "< A 1:1(0) ack 1 win 3000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> PA 1001:1501(500) ack 1\n"
		     "+10ms < A 1:1(0) ack 1501 win 3000\n");
}

/* All data of a segment with a FIN is acknowledged, but not the FIN. */
static void fin_of_a_segment_not_acknowledged(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000>\n"
		     "send 500 more\n"
		     "close\n"
		     "> FpA 1:501(500) ack 1\n"
		     "+10ms < A 1:1(0) ack 501\n"
		     "lenient\n"
		     "quiet 3s\n"
		     "< A 1:1(0) ack 502\n"
		     "ignore\n"
		     "strict\n"
		     "quiet 3s\n"
		     "< FA 1:1(0) ack 502\n"
		     "> A 502:502(0) ack 2\n");
}

/* A part of a segment is acknowledged: the retransmission begins behind it. */
static void part_of_a_segment_acknowledged(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000>\n"
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 401\n"
		     "+* > PA 401:1001(600) ack 1\n"
		     "< A 1:1(0) ack 1001\n");
}

/* Only the FIN is not acknowledged: it is retransmitted without the data. */
static void fin_of_a_segment_goes_again(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000>\n"
		     "send 500 more\n"
		     "close\n"
		     "> FpA 1:501(500) ack 1\n"
		     "+10ms < A 1:1(0) ack 501\n"
		     "+* > FpA 501:501(0) ack 1\n"
		     "< FA 1:1(0) ack 502\n"
		     "> A 502:502(0) ack 2\n");
}

/* A bare FIN does not wait for room in cwnd. */
static void fin_behind_a_full_window(struct kunit *test)
{
	scenario_run(test,
		     "tunable init_cwnd 2\n"
		     "established 10ms <mss 1000>\n"
		     "sent 2000 of 1000\n"
		     "shutdown wr\n"
		     "> FA 2001:2001(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2002\n");
}

/* Data with a FIN does. */
static void data_with_a_fin_behind_a_full_window(struct kunit *test)
{
	scenario_run(test,
		     "tunable init_cwnd 2\n"
		     "established 10ms <mss 1000>\n"
		     "send 2500\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "shutdown wr\n"
		     "quiet 9ms\n"
		     "+1ms < A 1:1(0) ack 1001\n"
		     "> FPA 2001:2501(500) ack 1\n"
		     "+10ms < A 1:1(0) ack 2502\n");
}

/* Duplicate ACKs do not restart the retransmission timer. */
static void duplicates_put_no_timeout_off(struct kunit *test)
{
	scenario_run(test,
		     "tolerance 10us\n"
		     "established 10ms <mss 1000,rill 1000 6>\n"
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "+11ms > PA 1:1001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "+2ms > PA 1:1001(1000) ack 1\n");
}

static RILL_KUNIT_PARAMS(first_family)
{
	return prev ? NULL : scenario_family_next(NULL, desc);
}

/*
 * Two connections over one path, each with a segment too large for it; ICMP
 * tells one after the other. For the second the route is up to date already.
 */
static void path_mtu_of_two_connections(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "established 10ms <mss 1460>\n"
		     "flow 1\n"
		     "socket\n"
		     "established 10ms <mss 1460>\n"
		     "flow 0\n"
		     "use 0\n"
		     "send 2920\n"
		     "> Ap 1:1461(1460) ack 1\n"
		     "> Ap 1461:2921(1460) ack 1\n"
		     "flow 1\n"
		     "use 1\n"
		     "send 2920\n"
		     "> Ap 1:1461(1460) ack 1\n"
		     "> Ap 1461:2921(1460) ack 1\n"
		     "flow 0\n"
		     "< icmp mtu 1 1000\n"
		     "> Ap 1:961(960) ack 1\n"
		     "lenient\n"
		     "+1ms < A 1:1(0) ack 2921\n"
		     "ignore\n"
		     "strict\n"
		     "flow 1\n"
		     "< icmp mtu 1 1000\n"
		     "> Ap 1:961(960) ack 1\n"
		     "lenient\n"
		     "+1ms < A 1:1(0) ack 2921\n"
		     "ignore\n"
		     "strict\n");
}

/* Our window is full: ten segments of 500 bytes, and nobody reads. */
#define SHUT								\
	"socket\n"							\
	"set rcvbuf 2304\n"						\
	"established 10ms <mss 1000>\n"					\
	"lenient\n"							\
	"+1ms < A 1:501(500) ack 1\n"					\
	"+1ms < A 501:1001(500) ack 1\n"				\
	"+1ms < A 1001:1501(500) ack 1\n"				\
	"+1ms < A 1501:2001(500) ack 1\n"				\
	"+1ms < A 2001:2501(500) ack 1\n"				\
	"+1ms < A 2501:3001(500) ack 1\n"				\
	"+1ms < A 3001:3501(500) ack 1\n"				\
	"+1ms < A 3501:4001(500) ack 1\n"				\
	"+1ms < A 4001:4501(500) ack 1\n"				\
	"+1ms < A 4501:5001(500) ack 1\n"				\
	"quiet 1s\n"							\
	"ignore\n"							\
	"strict\n"

/* Reading a byte opens no window; reading all does. */
static void read_byte_by_byte(struct kunit *test)
{
	scenario_run(test,
		     SHUT
		     "recv 1\n"
		     "recv 1\n"
		     "recv 1\n"
		     "recv 1\n"
		     "quiet 100ms\n"
		     "lenient\n"
		     "recv 10000 = *\n"
		     "quiet 1s\n"
		     "ignore\n"
		     "strict\n"
		     "< A 0:0(0) ack 1\n"
		     "> A 1:1(0) ack * win >=1000\n");
}

/* A window probe or keepalive with an old byte is answered, no more. */
static void keepalive_with_a_byte(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000>\n"
		     "< PA 1:101(100) ack 1\n"
		     "+* > A 1:1(0) ack 101\n"
		     "recv 100\n"
		     "+1s < A 100:101(1) ack 1 garbled\n"
		     "> A 1:1(0) ack 101\n"
		     "recv 1 = EAGAIN\n"
		     "< PA 101:201(100) ack 1\n"
		     "+* > A 1:1(0) ack 201\n"
		     "recv 100\n");
}

static struct kunit_case reports_cases[] = {
	KUNIT_CASE_PARAM(syn_ack_with_a_closed_window, scenario_families),
	KUNIT_CASE_PARAM(syn_ack_with_a_closed_window_and_a_lost_update,
			 scenario_families),
	KUNIT_CASE_PARAM(syn_with_a_closed_window, scenario_families),
	KUNIT_CASE_PARAM(fin_of_a_segment_not_acknowledged, scenario_families),
	KUNIT_CASE_PARAM(part_of_a_segment_acknowledged, scenario_families),
	KUNIT_CASE_PARAM(fin_of_a_segment_goes_again, scenario_families),
	KUNIT_CASE_PARAM(fin_behind_a_full_window, scenario_families),
	KUNIT_CASE_PARAM(data_with_a_fin_behind_a_full_window,
			 scenario_families),
	KUNIT_CASE_PARAM(duplicates_put_no_timeout_off, scenario_families),
	KUNIT_CASE_PARAM(read_byte_by_byte, scenario_families),
	KUNIT_CASE_PARAM(keepalive_with_a_byte, scenario_families),
	KUNIT_CASE_PARAM(path_mtu_of_two_connections, first_family),
	{}
};

static struct kunit_suite reports_suite = {
	.name = "rill_reports",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = reports_cases,
};

static struct kunit_case reports_tcp_cases[] = {
	KUNIT_CASE_PARAM(syn_ack_with_a_closed_window, scenario_families),
	KUNIT_CASE_PARAM(syn_ack_with_a_closed_window_and_a_lost_update,
			 scenario_families),
	KUNIT_CASE_PARAM(syn_with_a_closed_window, scenario_families),
	KUNIT_CASE_PARAM(part_of_a_segment_acknowledged, scenario_families),
	KUNIT_CASE_PARAM(read_byte_by_byte, scenario_families),
	KUNIT_CASE_PARAM(keepalive_with_a_byte, scenario_families),
	KUNIT_CASE_PARAM(path_mtu_of_two_connections, first_family),
	KUNIT_CASE_PARAM(fin_of_a_segment_not_acknowledged, scenario_families),
	{}
};

static struct kunit_suite reports_tcp_suite = {
	.name = "rill_reports_tcp",
	.init = scenario_init_tcp,
	.exit = scenario_exit,
	.test_cases = reports_tcp_cases,
};

kunit_test_suites(&reports_suite, &reports_tcp_suite);
