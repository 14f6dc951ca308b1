// SPDX-License-Identifier: GPL-2.0
/*
 * Resets, by each of their causes, and a close() that waits: RFC 9293, 3.5.2
 * and 3.10.5; RFC 5961, 3; SO_LINGER.
 */
#include "scenario.h"

#define INTO_SYN_RECV						\
	"connect\n"						\
	"> S 0:0(0)\n"						\
	"< S 0:0(0) win 65535 <mss 1000>\n"			\
	"> SA 0:0(0) ack 1\n"					\
	"state SYN_RECV\n"

/* How to get into a state, and the reset that an abort there sends. */
struct abort_state {
	const char *into;
	const char *reset;
};

static const struct abort_state abort_states[] = {
	{ "connect\n> S 0:0(0)\n", "" },
	{ INTO_SYN_RECV, "> RA 1:1(0) ack 1 win 0\n" },
	{ "established\n", "> RA 1:1(0) ack 1 win 0\n" },
	{ "established\ninto FIN_WAIT1 by shutdown\n", "> RA 2:2(0) ack 1\n" },
	{ "established\ninto FIN_WAIT2 by shutdown\n", "> RA 2:2(0) ack 1\n" },
	{ "established\ninto CLOSE_WAIT\n", "> RA 1:1(0) ack 2\n" },
	/* Both sides have ended: there is nothing to abort (3.10.5). */
	{ "established\ninto CLOSING by shutdown\n", "" },
	{ "established\ninto LAST_ACK by shutdown\n", "" },
};

/* Abort by the lines of @how in each state. */
static void abort_in_each_state(struct kunit *test, const char *how)
{
	char script[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(abort_states); i++) {
		scnprintf(script, sizeof(script),
			  "flow %zu\n"
			  "socket\n"
			  "%s%s%sstate CLOSE\n"
			  "quiet 10m\n",
			  i, abort_states[i].into, how, abort_states[i].reset);
		if (!scenario_run(test, script))
			return;
	}
}

/* connect() to AF_UNSPEC is ABORT of RFC 9293, 3.10.5. */
static void aborted_in_each_state(struct kunit *test)
{
	abort_in_each_state(test, "disconnect\n");
	scenario_run(test, "counter aborts_on_close +0\n");
}

static void linger_zero_in_each_state(struct kunit *test)
{
	abort_in_each_state(test,
			    "set linger 0\n"
			    "close\n");
	scenario_run(test, "counter time_waits +0\n");
}

/* A reset tells the peer that it will not get the unsent data. */
static void aborted_with_data_to_send(struct kunit *test)
{
	scenario_run(test,
		     "established\n"
		     "< FA 1:1(0) ack 1 win 0\n"
		     "> A 1:1(0) ack 2\n"
		     "send 100\n"
		     "shutdown wr\n"
		     "state LAST_ACK\n"
		     "set linger 0\n"
		     "close\n"
		     "> RA 1:1(0) ack 2\n"
		     "state CLOSE\n"
		     "quiet 10m\n");
}

/* An aborted socket can connect again. */
static void connect_after_an_abort(struct kunit *test)
{
	scenario_run(test,
		     "established\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "disconnect\n"
		     "> RA 1:1(0) ack 101\n"
		     "forget\n"
		     "port 0\n"
		     "established\n"
		     "inq = 0\n"
		     "state ESTABLISHED\n");
}

/* The counters of TCP_INFO are of one connection, and so is SO_PEEK_OFF. */
static void counts_of_one_connection(struct kunit *test)
{
	const struct rill_sock *rs;

	scenario_run(test,
		     "established\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "< PA 1:101(100) ack 101\n"
		     "+1ms > A 101:101(0) ack 101\n");
	sk_set_peek_off(scenario_sk(test), 50);
	scenario_run(test,
		     "disconnect\n"
		     "> RA 101:101(0) ack 101\n"
		     "forget\n"
		     "port 0\n"
		     "established\n");
	rs = rill_sk(scenario_sk(test));
	KUNIT_EXPECT_EQ(test, rs->tally.segs_out, 2);
	KUNIT_EXPECT_EQ(test, rs->tally.segs_in, 1);
	KUNIT_EXPECT_EQ(test, rs->tally.data_segs_out, 0);
	KUNIT_EXPECT_EQ(test, rs->tally.data_segs_in, 0);
	KUNIT_EXPECT_EQ(test, rs->tally.delivered, 1);
	KUNIT_EXPECT_EQ(test, rs->tally.bytes_acked, 0);
	KUNIT_EXPECT_EQ(test, rs->inet.sk.sk_peek_off, -1);
}

/* Both ends had ended: nothing went wrong. */
static void error_of_an_abort(struct kunit *test)
{
	scenario_run(test,
		     "established\n"
		     "disconnect\n"
		     "> RA 1:1(0) ack 1\n"
		     "error ECONNRESET\n"
		     "forget\n");
	scenario_run(test,
		     "flow 1\n"
		     "socket\n"
		     "established\n"
		     "into CLOSING by shutdown\n"
		     "disconnect\n"
		     "error none\n"
		     "forget\n");
	scenario_run(test,
		     "flow 2\n"
		     "socket\n"
		     "established\n"
		     "into LAST_ACK by shutdown\n"
		     "disconnect\n"
		     "error none\n");
}

/* RFC 2525, 2.17, in each state. */
static void unread_data_in_each_state(struct kunit *test)
{
	scenario_run(test,
		     "established\n"
		     "shutdown wr\n"
		     "> FA 1:1(0) ack 1\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 2:2(0) ack 101\n"
		     "close\n"
		     "> RA 2:2(0) ack 101\n"
		     "flow 1\n"
		     "established\n"
		     "shutdown wr\n"
		     "> FA 1:1(0) ack 1\n"
		     "< PA 1:101(100) ack 2\n"
		     "+1ms > A 2:2(0) ack 101\n"
		     "state FIN_WAIT2\n"
		     "close\n"
		     "> RA 2:2(0) ack 101\n"
		     "flow 2\n"
		     "established\n"
		     "< FPA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 102\n"
		     "recv 99\n"
		     "close\n"
		     "> RA 1:1(0) ack 102\n"
		     "flow 3\n"
		     "accepted\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "close\n"
		     "> RA 1:1(0) ack 101\n"
		     "counter aborts_on_close +4\n"
		     "quiet 10m\n");
}

/* After shutdown() nobody will read it, though the program has the socket. */
static void data_after_both_halves_were_shut(struct kunit *test)
{
	scenario_run(test,
		     "established\n"
		     "shutdown rdwr\n"
		     "> FA 1:1(0) ack 1\n"
		     "< PA 1:101(100) ack 1\n"
		     "> RA 2:2(0) ack 1\n"
		     "state CLOSE\n"
		     "error ECONNRESET\n"
		     "flow 1\n"
		     "socket\n"
		     "established\n"
		     "shutdown rdwr\n"
		     "> FA 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 2\n"
		     "+1h < PA 1:101(100) ack 2\n"
		     "> RA 2:2(0) ack 1\n"
		     "error ECONNRESET\n"
		     "counter drop_closed +2\n");
}

/* After the end the port is closed, whatever arrives for it. */
static void segments_for_what_is_gone(struct kunit *test)
{
	scenario_run(test,
		     "established\n"
		     "set linger 0\n"
		     "close\n"
		     "> RA 1:1(0) ack 1\n"
		     "< PA 1:101(100) ack 1\n"
		     "> R 1:1(0) win 0 <>\n"
		     "< A 1:1(0) ack 1\n"
		     "> R 1:1(0)\n"
		     "< FA 101:101(0) ack 1\n"
		     "> R 1:1(0)\n"
		     "< R 1:1(0)\n"
		     "< RA 1:1(0) ack 1\n"
		     "quiet 10m\n");
}

/* ---- resets that come -------------------------------------------------- */

/* A reset at exactly RCV.NXT is accepted even if the window is closed. */
static void reset_at_a_closed_window(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set rcvbuf 2304\n"
		     "established\n"
		     "< A 1:1001(1000) ack 1\n"
		     "+1ms > A 1:1(0) ack 1001\n"
		     "lenient\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "< A 2001:2305(304) ack 1\n"
		     "quiet 1s\n"
		     "ignore\n"
		     "strict\n"
		     "inq = 2304\n"
		     "< R 2400:2400(0)\n"
		     "< R 2304:2304(0)\n"
		     "state ESTABLISHED\n"
		     "counter in_rsts +0\n"
		     "< R 2305:2305(0)\n"
		     "state CLOSE\n"
		     "counter in_rsts +1\n"
		     /*
		      * The program can still read the data that came before the
		      * reset.
		      */
		     "recv 2304\n"
		     "recv 1 = ECONNRESET\n");
}

/*
 * RFC 5961, 3.2 in the states after ESTABLISHED: the error that a program gets.
 */
static void reset_of_a_held_socket(struct kunit *test)
{
	scenario_run(test,
		     "established\n"
		     "into FIN_WAIT1 by shutdown\n"
		     "< R 2:2(0)\n"
		     "> A 2:2(0) ack 1\n"
		     "state FIN_WAIT1\n"
		     "< R 1:1(0)\n"
		     "state CLOSE\n"
		     "error ECONNRESET\n"
		     "flow 1\n"
		     "socket\n"
		     "established\n"
		     "into FIN_WAIT2 by shutdown\n"
		     "< R 2:2(0)\n"
		     "> A 2:2(0) ack 1\n"
		     "state FIN_WAIT2\n"
		     "< R 1:1(0)\n"
		     "error ECONNRESET\n"
		     "flow 2\n"
		     "socket\n"
		     "established\n"
		     "into CLOSE_WAIT\n"
		     "< R 3:3(0)\n"
		     "> A 1:1(0) ack 2\n"
		     "< R 1:1(0)\n"
		     "state CLOSE_WAIT\n"
		     "< R 2:2(0)\n"
		     "error EPIPE\n"
		     "flow 3\n"
		     "socket\n"
		     "established\n"
		     "into CLOSING by shutdown\n"
		     "< R 3:3(0)\n"
		     "> A 2:2(0) ack 2\n"
		     "< R 2:2(0)\n"
		     "error ECONNRESET\n"
		     "flow 4\n"
		     "socket\n"
		     "established\n"
		     "into LAST_ACK by shutdown\n"
		     "< R 3:3(0)\n"
		     "> A 2:2(0) ack 2\n"
		     "< R 2:2(0)\n"
		     "error ECONNRESET\n"
		     "counter challenge_acks +5\n"
		     "counter in_rsts +5\n");
}

/* ---- SO_LINGER --------------------------------------------------------- */

#define LINGERING						\
	"established 10ms <mss 1000,rill 1000 6>\n"		\
	"send 100\n"						\
	"> PA 1:101(100) ack 1\n"				\
	"set linger 3\n"					\
	"blocking close\n"					\
	"> FA 101:101(0) ack 1\n"

/* close() returns when all is acknowledged, at that moment. */
static void lingers_until_acknowledged(struct kunit *test)
{
	scenario_run(test,
		     LINGERING
		     "+5ms < A 1:1(0) ack 101\n"
		     "state FIN_WAIT1\n"
		     "+5ms < A 1:1(0) ack 102\n"
		     "returned\n"
		     "state FIN_WAIT2\n"
		     "quiet 59999ms\n"
		     "state FIN_WAIT2\n"
		     "quiet 1002us\n"
		     "state CLOSE\n");
}

/* ... or when its time is over, and the connection goes on without it. */
static void lingers_no_longer_than_told(struct kunit *test)
{
	scenario_run(test,
		     LINGERING
		     "lenient\n"
		     "+3s~3.2s returned\n"
		     "state FIN_WAIT1\n"
		     "quiet 98s\n"
		     "state FIN_WAIT1\n"
		     "quiet 2s\n"
		     "state CLOSE\n"
		     "counter timeouts +1\n");
}

static void lingers_until_reset(struct kunit *test)
{
	scenario_run(test,
		     LINGERING
		     "+10ms < R 1:1(0)\n"
		     "returned\n"
		     "state CLOSE\n"
		     "quiet 10m\n");
}

static void lingers_until_a_signal(struct kunit *test)
{
	scenario_run(test,
		     LINGERING
		     "+10ms signal\n"
		     "returned\n"
		     "state FIN_WAIT1\n"
		     "< A 1:1(0) ack 102\n"
		     "state FIN_WAIT2\n");
}

/* The window is closed: close() waits for unsent data as well. */
static void lingers_for_what_waits(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n"
		     "set linger 3\n"
		     "blocking close\n"
		     "state FIN_WAIT1\n"
		     "+100ms < A 1:1(0) ack 1 win 65535\n"
		     "> FPA 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 102\n"
		     "returned\n"
		     "state FIN_WAIT2\n");
}

static void lingers_in_last_ack_and_closing(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "into CLOSE_WAIT\n"
		     "set linger 3\n"
		     "blocking close\n"
		     "> FA 1:1(0) ack 2\n"
		     "+10ms < A 2:2(0) ack 2\n"
		     "returned\n"
		     "state CLOSE\n"
		     "flow 1\n"
		     "established 10ms\n"
		     "set linger 3\n"
		     "blocking close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+5ms < FA 1:1(0) ack 1\n"
		     "> A 2:2(0) ack 2\n"
		     "state CLOSING\n"
		     "+5ms < A 2:2(0) ack 2\n"
		     "returned\n"
		     "state TIME_WAIT\n");
}

static struct kunit_case reset_cases[] = {
	KUNIT_CASE_PARAM(aborted_in_each_state, scenario_families),
	KUNIT_CASE_PARAM(linger_zero_in_each_state, scenario_families),
	KUNIT_CASE_PARAM(aborted_with_data_to_send, scenario_families),
	KUNIT_CASE_PARAM(connect_after_an_abort, scenario_families),
	KUNIT_CASE_PARAM(counts_of_one_connection, scenario_families),
	KUNIT_CASE_PARAM(error_of_an_abort, scenario_families),
	KUNIT_CASE_PARAM(unread_data_in_each_state, scenario_families),
	KUNIT_CASE_PARAM(data_after_both_halves_were_shut, scenario_families),
	KUNIT_CASE_PARAM(segments_for_what_is_gone, scenario_families),
	KUNIT_CASE_PARAM(reset_at_a_closed_window, scenario_families),
	KUNIT_CASE_PARAM(reset_of_a_held_socket, scenario_families),
	KUNIT_CASE_PARAM(lingers_until_acknowledged, scenario_families),
	KUNIT_CASE_PARAM(lingers_no_longer_than_told, scenario_families),
	KUNIT_CASE_PARAM(lingers_until_reset, scenario_families),
	KUNIT_CASE_PARAM(lingers_until_a_signal, scenario_families),
	KUNIT_CASE_PARAM(lingers_for_what_waits, scenario_families),
	KUNIT_CASE_PARAM(lingers_in_last_ack_and_closing, scenario_families),
	{}
};

static struct kunit_suite reset_suite = {
	.name = "rill_reset",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = reset_cases,
};

kunit_test_suite(reset_suite);
