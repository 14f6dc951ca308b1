// SPDX-License-Identifier: GPL-2.0
/* Keepalive, RFC 9293, 3.8.4, with its default times. */
#include "scenario.h"

static void off_by_default(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "quiet 5h\n"
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
		     "state CLOSE\n"
		     "error ETIMEDOUT\n"
		     "quiet 3h\n");
}

/* Any segment of the peer restarts the two hours. */
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
		     "state CLOSE\n");
}

/* Inherited from the listener. */
static void of_a_child(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "set keepalive 1\n"
		     "accepted\n"
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

/* While data is in flight, the retransmission timer does the work. */
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

/*
 * RFC 9293, 3.8.4: keepalives are sent when "no data or acknowledgment"
 * arrived. Each kind of segment, an hour after the last one, restarts the two
 * hours.
 */
static void any_segment_counts(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 101\n"
		     /* a pure ACK of nothing new */
		     "+1h < A 1:1(0) ack 101\n"
		     /* a window update */
		     "+1h < A 1:1(0) ack 101 win 30000\n"
		     /* data, in order and not */
		     "+1h < PA 1:101(100) ack 101\n"
		     "+1ms > A 101:101(0) ack 101\n"
		     "+1h < PA 201:301(100) ack 101\n"
		     "> A 101:101(0) ack 101\n"
		     /* data that came before */
		     "+1h < PA 1:101(100) ack 101\n"
		     "> A 101:101(0) ack 101\n"
		     /* the peer's own keepalive, with a byte and without */
		     "+1h < A 100:100(0) ack 101\n"
		     "> A 101:101(0) ack 101\n"
		     "+1h < A 100:101(1) ack 101\n"
		     "> A 101:101(0) ack 101\n"
		     /* a zero window */
		     "+1h < A 101:101(0) ack 101 win 0\n"
		     "counter keepalive_probes +0\n"
		     "+7200s > A 100:100(0) ack 101\n"
		     "counter keepalive_probes +1\n");
}

/* Segments that an attacker could have sent keep no dead peer alive. */
static void strangers_do_not_count(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "quiet 1h\n"
		     "< A 1:1(0) ack 2\n"
		     "> A 1:1(0) ack 1\n"
		     "+1s < A 1:1(0) ack -100000\n"
		     "> A 1:1(0) ack 1\n"
		     "+1s < A 0:0(0) ack 2\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 500000:500000(0) ack 1\n"
		     "< R 500000:500000(0)\n"
		     "+1s < S 500000:500000(0)\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 1 badsum\n"
		     "+3597s > A 0:0(0) ack 1\n");
}

/* An answer restarts the count of ten. */
static void answered_at_the_last_moment(struct kunit *test)
{
	char line[64];
	int round, i;

	scenario_run(test,
		     "established 10ms\n"
		     "set keepalive 1\n");
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 10; i++) {
			scnprintf(line, sizeof(line),
				  "+%ds > A 0:0(0) ack 1\n", i ? 75 : 7200);
			if (!scenario_run(test, line))
				return;
		}
		scenario_run(test,
			     "+74s < A 1:1(0) ack 1\n"
			     "state ESTABLISHED\n");
	}
}

/* This side answers the peer's keepalives, with a byte and without. */
static void probes_of_the_peer(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n"
		     "+7200s < A 100:100(0) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "+75s < A 100:101(1) ack 1\n"
		     "> A 1:1(0) ack 101\n"
		     "inq = 0\n"
		     "state ESTABLISHED\n");
}

/* Half-closed connections that a program holds are probed, too. */
static void of_a_half_closed_connection(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "set keepcnt 2\n"
		     "into FIN_WAIT2 by shutdown 10ms\n"
		     "+7200s > A 1:1(0) ack 1\n"
		     "+75s > A 1:1(0) ack 1\n"
		     "+75s > RA 2:2(0) ack 1\n"
		     "error ETIMEDOUT\n"
		     "flow 1\n"
		     "socket\n"
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "set keepcnt 2\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "+7200s > A 0:0(0) ack 2\n"
		     "+75s > A 0:0(0) ack 2\n"
		     "+75s > RA 1:1(0) ack 2\n"
		     "state CLOSE\n"
		     "error ETIMEDOUT\n");
}

/* Set before connect(): not until there is a connection. */
static void not_while_connecting(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set keepalive 1\n"
		     "set keepidle 1\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "+2s > S 0:0(0)\n"
		     "+100ms < SA 0:0(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "counter keepalive_probes +0\n"
		     "+1s > A 0:0(0) ack 1\n");
}

/* A new idle time counts from the last segment, not from the call. */
static void idle_time_changed(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "quiet 600s\n"
		     "set keepidle 1000\n"
		     "+400s > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "quiet 600s\n"
		     "set keepidle 500\n"
		     "> A 0:0(0) ack 1\n");
}

/* The timeout wakes a program that waits for data. */
static void reader_blocked(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "set keepcnt 1\n"
		     "tolerance 5us\n"
		     "blocking recv 100\n"
		     "+7200s > A 0:0(0) ack 1\n"
		     "+75s > RA 1:1(0) ack 1\n"
		     "returned = ETIMEDOUT\n");
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
	KUNIT_CASE_PARAM(any_segment_counts, scenario_families),
	KUNIT_CASE_PARAM(strangers_do_not_count, scenario_families),
	KUNIT_CASE_PARAM(answered_at_the_last_moment, scenario_families),
	KUNIT_CASE_PARAM(probes_of_the_peer, scenario_families),
	KUNIT_CASE_PARAM(of_a_half_closed_connection, scenario_families),
	KUNIT_CASE_PARAM(not_while_connecting, scenario_families),
	KUNIT_CASE_PARAM(idle_time_changed, scenario_families),
	KUNIT_CASE_PARAM(reader_blocked, scenario_families),
	{}
};

static struct kunit_suite keepalive_suite = {
	.name = "rill_keepalive",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = keepalive_cases,
};

kunit_test_suite(keepalive_suite);
