// SPDX-License-Identifier: GPL-2.0
/* Keepalive, RFC 9293, 3.8.4, with its default times. */
#include "scenario.h"

static void off_by_default(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "quiet 20h\n"
		     "state ESTABLISHED\n");
}

/* 7,200 s, then ten probes every 75 s, then it is over. */
static void to_the_end(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "+7200s > A 0:0(0) ack 1\n"
		     "+75s > A 0:0(0) ack 1\n"
		     "+75s > A 0:0(0) ack 1\n"
		     "+75s > A 0:0(0) ack 1\n"
		     "+75s > A 0:0(0) ack 1\n"
		     "+75s > A 0:0(0) ack 1\n"
		     "+75s > A 0:0(0) ack 1\n"
		     "+75s > A 0:0(0) ack 1\n"
		     "+75s > A 0:0(0) ack 1\n"
		     "+75s > A 0:0(0) ack 1\n"
		     "counter keepalive_probes +10\n"
		     "state ESTABLISHED\n"
		     "error none\n"
		     "+75s > RA 1:1(0) ack 1\n"
		     "state CLOSED\n"
		     "error ETIMEDOUT\n"
		     "quiet 3h\n");
}

/* Any segment of the peer's starts the two hours again. */
static void answered(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms\n"
		     "set keepalive 1\n"
		     "+7200s > A 0:0(0) ack 1\n"
		     "+75s > A 0:0(0) ack 1\n"
		     "+10s < A 1:1(0) ack 1\n"
		     "+7200s > A 0:0(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "+3000s < PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n"
		     "+7199999ms > A 0:0(0) ack 101\n"
		     "counter keepalive_probes +4\n");
}

/* The peer has been restarted in the meantime. */
static void peer_restarted(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "+7200s > A 0:0(0) ack 1\n"
		     "+10ms < R 1:1(0)\n"
		     "error ECONNRESET\n"
		     "state CLOSED\n");
}

/* Inherited from the listener. */
static void of_a_child(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "set keepalive 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "+7200s > A 0:0(0) ack 1\n");
}

static void tunables(struct kunit *test)
{
	scenario_run(test,
		     "tunable keepalive_time_ms 1000\n"
		     "tunable keepalive_intvl_ms 100\n"
		     "tunable keepalive_probes 2\n"
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "+1s > A 0:0(0) ack 1\n"
		     "+100ms > A 0:0(0) ack 1\n"
		     "+100ms > RA 1:1(0) ack 1\n"
		     "error ETIMEDOUT\n");
}

static void options(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "set keepidle 30\n"
		     "set keepintvl 5\n"
		     "set keepcnt 1\n"
		     "+30s > A 0:0(0) ack 1\n"
		     "+5s > RA 1:1(0) ack 1\n"
		     "error ETIMEDOUT\n");
}

static void switched_off_again(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "quiet 1h\n"
		     "set keepalive 0\n"
		     "quiet 5h\n"
		     /* Idle for long enough already. */
		     "set keepalive 1\n"
		     "> A 0:0(0) ack 1\n");
}

/* While data is on its way, its own timer does the work. */
static void with_data_in_flight(struct kunit *test)
{
	scenario_run(test,
		     "tunable keepalive_time_ms 10\n"
		     "established 10ms <mss 1000,rill 1000 6>\n"
		     "set keepalive 1\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+62ms > PA 1:101(100) ack 1\n"
		     "counter keepalive_probes +0\n");
}

static void with_timestamps(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,ts>\n"
		     "set keepalive 1\n"
		     "+7200s > A 0:0(0) ack 1 <ts 7210000 *>\n");
}

static struct kunit_case keepalive_cases[] = {
	KUNIT_CASE_PARAM(off_by_default, scenario_families),
	KUNIT_CASE_PARAM(to_the_end, scenario_families),
	KUNIT_CASE_PARAM(answered, scenario_families),
	KUNIT_CASE_PARAM(peer_restarted, scenario_families),
	KUNIT_CASE_PARAM(of_a_child, scenario_families),
	KUNIT_CASE_PARAM(tunables, scenario_families),
	KUNIT_CASE_PARAM(options, scenario_families),
	KUNIT_CASE_PARAM(switched_off_again, scenario_families),
	KUNIT_CASE_PARAM(with_data_in_flight, scenario_families),
	KUNIT_CASE_PARAM(with_timestamps, scenario_families),
	{}
};

static struct kunit_suite keepalive_suite = {
	.name = "rill_keepalive",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = keepalive_cases,
};

kunit_test_suite(keepalive_suite);
