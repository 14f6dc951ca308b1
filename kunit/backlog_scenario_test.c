// SPDX-License-Identifier: GPL-2.0
/*
 * The SYN queue and the accept queue of a listener at their limits, and
 * handshakes that stop half-way: which entries the listener keeps, for how
 * long, and how it answers.
 */
#include "scenario.h"

/*
 * Two half-open connections, and then room for one: flow 0 takes it, flow 1 is
 * next.
 */
#define FULL_QUEUE						\
	"listen 1\n"						\
	"< S 0:0(0) <mss 1000>\n"				\
	"> SA 0:0(0) ack 1\n"					\
	"flow 1\n"						\
	"< S 0:0(0) <mss 1000>\n"				\
	"> SA 0:0(0) ack 1\n"					\
	"use 0\n"						\
	"listen 0\n"						\
	"flow 0\n"						\
	"< A 1:1(0) ack 1\n"					\
	"flow 1\n"

/* The backlog of listen() bounds the half-open connections too, plus one. */
static void half_open_bounded_by_backlog(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 0\n"
		     "listen 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 2\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "counter syn_overflows +1\n"
		     "counter drop_syn_queue +1\n"
		     /*
		      * One ends: a retransmitted SYN of the third finds room.
		      */
		     "flow 0\n"
		     "< R 1:1(0)\n"
		     "flow 2\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter syn_overflows +0\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n");
}

/* A retransmitted SYN takes no second place. */
static void duplicates_count_once(struct kunit *test)
{
	scenario_run(test,
		     "tunable invalid_ratelimit_ms 0\n"
		     "listen 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter syn_overflows +0\n"
		     "flow 0\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "accept = EAGAIN\n"
		     "counter passive_opens +1\n");
}

/* A peer whose half-open connection has ended is reset when it speaks. */
static void peer_believes_itself_connected(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "lenient\n"
		     "quiet 64s\n"
		     "ignore\n"
		     "strict\n"
		     "state LISTEN\n"
		     "< A 1:1(0) ack 1\n"
		     "> R 1:1(0) <>\n"
		     "< A 0:0(0) ack 1\n"
		     "> R 1:1(0)\n"
		     "< PA 1:101(100) ack 1\n"
		     "> R 1:1(0)\n"
		     "< FA 101:101(0) ack 1\n"
		     "> R 1:1(0)\n"
		     "accept = EAGAIN\n"
		     /* ... and may begin anew. */
		     "forget\n"
		     "accepted\n");
}

/* The SYN arrives again when the connection is open (RFC 9293, 3.10.7.4). */
static void late_duplicate_of_the_syn(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "accept = EAGAIN\n"
		     "counter passive_opens +1\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n");
}

/* The ACK and the segment behind it change places, or the ACK is lost. */
static void third_segment_out_of_order(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< PA 1001:1101(100) ack 1\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "accept\n"
		     "recv 1 = EAGAIN\n"
		     "< A 1:1001(1000) ack 1\n"
		     "> A 1:1(0) ack 1101\n"
		     "recv 2000 = 1100\n");
}

/* Data that arrives before accept() waits for it. */
static void data_before_accept(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1001(1000) ack 1\n"
		     "+1ms > A 1:1(0) ack 1001\n"
		     "+10s < A 1001:2001(1000) ack 1\n"
		     "< A 2001:3001(1000) ack 1\n"
		     "> A 1:1(0) ack 3001\n"
		     "+10s < FPA 3001:3101(100) ack 1\n"
		     "> A 1:1(0) ack 3102\n"
		     "accept\n"
		     "recv 5000 = 3100\n"
		     "recv 1 = 0\n"
		     "state CLOSE_WAIT\n");
}

/* abort_on_overflow 0: the third segment's data is lost, and comes again. */
static void overflow_with_data(struct kunit *test)
{
	scenario_run(test,
		     FULL_QUEUE
		     "< PA 1:101(100) ack 1\n"
		     "counter listen_overflows +1\n"
		     "counter drop_accept_queue +1\n"
		     "state SYN_RECV\n"
		     "accept\n"
		     "+200ms < PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "accept\n"
		     "recv 200 = 100\n");
}

/* ... and if no room comes, the peer is reset once it speaks too late. */
static void overflow_to_the_end(struct kunit *test)
{
	scenario_run(test,
		     FULL_QUEUE
		     "< A 1:1(0) ack 1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "+2s > SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "+4s > SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "+8s > SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "+16s > SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "quiet 31999ms\n"
		     "state SYN_RECV\n"
		     "quiet 1002us\n"
		     "state LISTEN\n"
		     "counter listen_overflows +6\n"
		     "< PA 1:101(100) ack 1\n"
		     "> R 1:1(0)\n"
		     "accept\n"
		     "accept = EAGAIN\n");
}

/* Established children of every kind are reset when their listener goes. */
static void listener_closed_with_children(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "flow 2\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "flow 3\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "< R 1:1(0)\n"
		     "use 0\n"
		     "close\n"
		     "flow 0\n"
		     "> RA 1:1(0) ack 1\n"
		     "state CLOSE\n"
		     "flow 1\n"
		     "> RA 1:1(0) ack 101\n"
		     "state CLOSE\n"
		     "flow 2\n"
		     "> RA 1:1(0) ack 2\n"
		     "state CLOSE\n"
		     "quiet 10m\n");
}

/* shutdown() of a listener as close(); it may listen again. */
static void listener_shut_down(struct kunit *test)
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
		     "shutdown rd\n"
		     "flow 0\n"
		     "> RA 1:1(0) ack 1\n"
		     "accept = EINVAL\n"
		     "flow 1\n"
		     "< A 1:1(0) ack 1\n"
		     "> R 1:1(0)\n"
		     "listen\n"
		     "forget\n"
		     "accepted\n");
}

/* A connection wakes a program that waits in accept(). */
static void accept_blocked(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "blocking accept\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "returned\n"
		     "state ESTABLISHED\n");
}

static void accept_interrupted(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "blocking accept\n"
		     "+1s signal\n"
		     "returned = ERESTARTSYS\n"
		     "state LISTEN\n"
		     "blocking accept\n"
		     "+1s shutdown rd\n"
		     "returned = EINVAL\n");
}

static struct kunit_case backlog_cases[] = {
	KUNIT_CASE_PARAM(half_open_bounded_by_backlog, scenario_families),
	KUNIT_CASE_PARAM(duplicates_count_once, scenario_families),
	KUNIT_CASE_PARAM(peer_believes_itself_connected, scenario_families),
	KUNIT_CASE_PARAM(late_duplicate_of_the_syn, scenario_families),
	KUNIT_CASE_PARAM(third_segment_out_of_order, scenario_families),
	KUNIT_CASE_PARAM(data_before_accept, scenario_families),
	KUNIT_CASE_PARAM(overflow_with_data, scenario_families),
	KUNIT_CASE_PARAM(overflow_to_the_end, scenario_families),
	KUNIT_CASE_PARAM(listener_closed_with_children, scenario_families),
	KUNIT_CASE_PARAM(listener_shut_down, scenario_families),
	KUNIT_CASE_PARAM(accept_blocked, scenario_families),
	KUNIT_CASE_PARAM(accept_interrupted, scenario_families),
	{}
};

static struct kunit_suite backlog_suite = {
	.name = "rill_backlog",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = backlog_cases,
};

kunit_test_suite(backlog_suite);
