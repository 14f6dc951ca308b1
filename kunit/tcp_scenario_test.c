// SPDX-License-Identifier: GPL-2.0
/*
 * The harness against the kernel's own TCP: if these pass, a scenario that
 * fails on rill is the module's fault, not the harness's. TCP's timers count in
 * jiffies, hence the tolerance.
 */
#include "scenario.h"

static void syn_retransmitted(struct kunit *test)
{
	scenario_run(test,
		     "tolerance 50ms\n"
		     "connect\n"
		     "> S 0:0(0) win * <mss 1460,sackok,ts 0 0,ws *>\n"
		     "+1s~1.05s > S 0:0(0)\n"
		     "+1s~2.2s > S 0:0(0)\n"
		     "poll none\n"
		     "+500ms < SA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "> A 1:1(0) ack 1 <>\n"
		     "state ESTABLISHED\n"
		     "poll out\n");
}

static void refused(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1ms < RA 0:0(0) ack 1\n"
		     "poll in,out,err,hup,rdhup\n"
		     "error ECONNREFUSED\n"
		     "state CLOSE\n"
		     "quiet 10s\n");
}

static void data_both_ways(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000>\n"
		     "send 2500\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "> PA 2001:2501(500) ack 1\n"
		     "+10ms < A 1:1(0) ack 2001\n"
		     "+10ms < PA 1:101(100) ack 2501\n"
		     "+* > A 2501:2501(0) ack 101\n"
		     "recv 200 peek = 100\n"
		     "recv 60\n"
		     "recv 60 = 40\n"
		     "recv 1 = EAGAIN\n"
		     "< FA 101:101(0) ack 2501\n"
		     "+* > A 2501:2501(0) ack 102\n"
		     "recv 1 = 0\n"
		     "state CLOSE_WAIT\n"
		     "close\n"
		     "> FA 2501:2501(0) ack 102\n"
		     "+10ms < A 102:102(0) ack 2502\n"
		     "quiet 1s\n"
		     "< A 102:102(0) ack 2502\n"
		     "> R 2502:2502(0)\n");
}

static void timestamps_and_sack(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms <mss 1000,sackok,ts,ws 7>\n"
		     "+10ms < A 989:1977(988) ack 1 win 65536\n"
		     "> A 1:1(0) ack 1 <ts 20 *,sack 989:1977>\n"
		     "+10ms < A 1:989(988) ack 1 <ts 500 *>\n"
		     "> A 1:1(0) ack 1977 <ts 30 500>\n"
		     "recv 1976\n");
}

static void bad_checksum_ignored(struct kunit *test)
{
	scenario_run(test,
		     "accepted\n"
		     "< PA 1:101(100) ack 1 badsum\n"
		     "quiet 1s\n"
		     "< PA 1:101(100) ack 1\n"
		     "+* > A 1:1(0) ack 101\n"
		     "recv 100\n");
}

static void host_unreachable(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1ms < icmp host 0\n"
		     "error EHOSTUNREACH\n"
		     "state CLOSE\n");
}

static void two_flows(struct kunit *test)
{
	scenario_run(test,
		     "listen 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 1\n"
		     "irs 4294967290\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "accept = EAGAIN\n"
		     "< PA 1:11(10) ack 1\n"
		     "+* > A 1:1(0) ack 11\n"
		     "recv 10\n"
		     "flow 0\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "send 10\n"
		     "> PA 1:11(10) ack 1\n"
		     "set linger 0\n"
		     "close\n"
		     "> RA 11:11(0) ack 1\n");
}

static void urgent_data(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000>\n"
		     "send 5 oob\n"
		     "> PUA 1:6(5) ack 1 urg 5\n"
		     "+10ms < A 1:1(0) ack 6\n"
		     "< PUA 1:11(10) ack 6 urg 6\n"
		     "+* > A 6:6(0) ack 11\n"
		     "poll in,out,pri\n"
		     "oob 6 peek\n"
		     "oob 6\n"
		     "poll in,out\n"
		     "recv 100 = 5\n"
		     "skip 1\n"
		     "recv 100 = 4\n");
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(syn_retransmitted, scenario_families),
	KUNIT_CASE_PARAM(refused, scenario_families),
	KUNIT_CASE_PARAM(data_both_ways, scenario_families),
	KUNIT_CASE_PARAM(timestamps_and_sack, scenario_families),
	KUNIT_CASE_PARAM(bad_checksum_ignored, scenario_families),
	KUNIT_CASE_PARAM(host_unreachable, scenario_families),
	KUNIT_CASE_PARAM(two_flows, scenario_families),
	KUNIT_CASE_PARAM(urgent_data, scenario_families),
	{}
};

static struct kunit_suite suite = {
	.name = "rill_harness_tcp",
	.init = scenario_init_tcp,
	.exit = scenario_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
