// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion control: how a program and an administrator choose an algorithm,
 * and what all algorithms share: growth only while cwnd limits the sender
 * (RFC 7661), restart after idle, reductions.
 */
#include "scenario.h"

/**
 * struct script - a script that is put together from parts
 * @test: the case
 * @len: of @text, bytes
 * @text: the script
 */
struct script {
	struct kunit *test;
	size_t len;
	char text[4096];
};

static struct script *script(struct kunit *test)
{
	struct script *to = kunit_kzalloc(test, sizeof(*to), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, to);
	to->test = test;
	return to;
}

__printf(2, 3)
static void add(struct script *to, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	to->len += vscnprintf(to->text + to->len, sizeof(to->text) - to->len,
			      fmt, args);
	va_end(args);
}

/* This side sends segments @from to @to of 1000 bytes; the last has PSH. */
static void add_out(struct script *to, u32 from, u32 last)
{
	u32 i;

	for (i = from; i <= last; i++)
		add(to, "> %s %u:%u(1000) ack 1\n", i == last ? "PA" : "Ap",
		    (i - 1) * 1000 + 1, i * 1000 + 1);
}

/* 10 ms later the peer acknowledges @from to @last, two in each ACK. */
static void add_acks(struct script *to, u32 from, u32 last)
{
	u32 i;

	for (i = from + 1; i <= last; i += 2)
		add(to, "%s< A 1:1(0) ack %u\n", i == from + 1 ? "+10ms " : "",
		    i * 1000 + 1);
}

/* A connection as @how says, whose cwnd has grown from ten to twenty. */
static void add_first_window(struct script *to, const char *how)
{
	add(to, "%s\nsend 10000\n", how);
	add_out(to, 1, 10);
	add_acks(to, 1, 10);
	add(to, "cwnd = 20\n");
}

static void play(struct script *of)
{
	KUNIT_ASSERT_LT(of->test, of->len, sizeof(of->text) - 1);
	scenario_run(of->test, of->text);
}

/* The default, and a namespace's own. */
static void by_tunable(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "congestion cubic\n"
		     "tunable congestion_control reno\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "congestion reno\n"
		     /* for the next connection */
		     "tunable congestion_control cubic\n"
		     "+10ms < SA 0:0(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "congestion reno\n");
}

static void by_option(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set congestion vegas = ENOENT\n"
		     "set congestion cubicc = ENOENT\n"
		     "set congestion cubi = ENOENT\n"
		     "congestion cubic\n"
		     "set congestion reno\n"
		     "congestion reno\n"
		     "established 10ms\n"
		     "congestion reno\n"
		     /*
		      * The socket keeps its algorithm, whatever the tunable
		      * becomes.
		      */
		     "tunable congestion_control cubic\n"
		     "disconnect\n"
		     "> RA 1:1(0) ack 1\n"
		     "congestion reno\n");
}

/* A change in mid-connection keeps cwnd. */
static void changed_later(struct kunit *test)
{
	struct script *to = script(test);

	add_first_window(to, "established 10ms");
	add(to, "set congestion reno\n"
	    "congestion reno\n"
	    "cwnd = 20\n"
	    "set congestion vegas = ENOENT\n"
	    "congestion reno\n"
	    "set congestion cubic\n"
	    "cwnd = 20\n"
	    "ssthresh = 2147483647\n"
	    "send 10000\n");
	add_out(to, 11, 20);
	play(to);
}

/* A child inherits the algorithm that its listener chose itself. */
static void inherited(struct kunit *test)
{
	scenario_run(test,
		     "bind\n"
		     "set congestion reno\n"
		     "listen\n"
		     "accepted 1ms\n"
		     "congestion reno\n");
}

static void not_inherited(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "tunable congestion_control reno\n"
		     "accepted 1ms\n"
		     "congestion reno\n");
}

/* RFC 7661, 4.3: a window that the sender does not use does not grow. */
static void grows_by_what_was_needed(struct kunit *test)
{
	struct script *to = script(test);

	add(to, "established 10ms\n"
	    "send 4000\n");
	add_out(to, 1, 4);
	add_acks(to, 1, 4);
	add(to, "cwnd = 10\n"
	    /* half of it, in slow start */
	    "send 5000\n");
	add_out(to, 5, 9);
	add_acks(to, 5, 8);
	add(to, "cwnd = 12\n"
	    "< A 1:1(0) ack 9001\n"
	    "cwnd = 12\n");
	play(to);
}

/* RFC 5681, 4.1: after an RTO of silence the window is the initial one. */
static void idle(struct kunit *test)
{
	struct script *to = script(test);

	add_first_window(to, "established 10ms");
	add(to, "quiet 100ms\n"
	    "send 1000\n"
	    "> PA 10001:11001(1000) ack 1\n"
	    "cwnd = 20\n"
	    "+10ms < A 1:1(0) ack 11001\n"
	    "quiet 1s\n"
	    "send 1000\n"
	    "> PA 11001:12001(1000) ack 1\n"
	    "cwnd = 10\n"
	    "+10ms < A 1:1(0) ack 12001\n"
	    "tunable slow_start_after_idle 0\n"
	    "send 10000\n");
	add_out(to, 13, 22);
	add_acks(to, 13, 22);
	add(to, "cwnd = 20\n"
	    "quiet 1h\n"
	    "send 1000\n"
	    "> PA 22001:23001(1000) ack 1\n"
	    "cwnd = 20\n");
	play(to);
}

/* ... but not after less than TCP's least; the RTO is 31 ms here. */
static void idle_for_less(struct kunit *test)
{
	struct script *to = script(test);

	add_first_window(to, "established 10ms <mss 1000,rill 1000 6>");
	add(to, "quiet 150ms\n"
	    "send 1000\n"
	    "> PA 10001:11001(1000) ack 1\n"
	    "cwnd = 20\n"
	    "+10ms < A 1:1(0) ack 11001\n"
	    "quiet 200ms\n"
	    "send 1000\n"
	    "> PA 11001:12001(1000) ack 1\n"
	    "cwnd = 10\n");
	play(to);
}

/* CUBIC's beta is 0.7, NewReno's 0.5. */
static void reduced_by_a_loss(struct kunit *test)
{
	struct script *to = script(test);

	add(to, "established 10ms\n"
	    "send 10000\n");
	add_out(to, 1, 10);
	add(to, "+10ms < A 1:1(0) ack 1\n"
	    "< A 1:1(0) ack 1\n"
	    "< A 1:1(0) ack 1\n"
	    "> Ap 1:1001(1000) ack 1\n"
	    "ssthresh = 7\n");
	play(to);
}

static void reduced_by_a_loss_reno(struct kunit *test)
{
	struct script *to = script(test);

	add(to, "tunable congestion_control reno\n"
	    "established 10ms\n"
	    "send 10000\n");
	add_out(to, 1, 10);
	add(to, "+10ms < A 1:1(0) ack 1\n"
	    "< A 1:1(0) ack 1\n"
	    "< A 1:1(0) ack 1\n"
	    "> Ap 1:1001(1000) ack 1\n"
	    "ssthresh = 5\n");
	play(to);
}

/* RFC 7661, 4.4.1: a loss while the sender used little of cwnd. */
static void loss_in_an_unused_window(struct kunit *test)
{
	struct script *to = script(test);

	add_first_window(to, "established 10ms");
	add(to, "send 5000\n");
	add_out(to, 11, 15);
	add(to, "+10ms < A 1:1(0) ack 10001\n"
	    "< A 1:1(0) ack 10001\n"
	    "< A 1:1(0) ack 10001\n"
	    "> Ap 10001:11001(1000) ack 1\n"
	    "ssthresh = 5\n");
	play(to);
}

/*
 * Forty segments are in flight when the last of them is marked or lost: the ACK
 * leaves nothing in flight, and half of nothing must not become ssthresh.
 */
#define FORTY								\
	"lenient\n"							\
	"send 10000\n"							\
	"+10ms < A 1:1(0) ack 2001\n"					\
	"< A 1:1(0) ack 4001\n"						\
	"< A 1:1(0) ack 6001\n"						\
	"< A 1:1(0) ack 8001\n"						\
	"< A 1:1(0) ack 10001\n"					\
	"send 20000\n"							\
	"+10ms < A 1:1(0) ack 14001\n"					\
	"< A 1:1(0) ack 18001\n"					\
	"< A 1:1(0) ack 22001\n"					\
	"< A 1:1(0) ack 26001\n"
#define TAIL_LOSS(ecn)							\
	FORTY								\
	"< A 1:1(0) ack 29001\n"					\
	"cwnd = 39\n"							\
	"ignore\n"							\
	"strict\n"							\
	"+* > PA 29001:30001(1000) ack 1 " ecn "\n"			\
	"counter tlp_probes +1\n"					\
	"+10ms < A 1:1(0) ack 30001\n"					\
	"counter tlp_losses +1\n"
#define TAIL_PEER	"<mss 1012,sackok,ts 0 0,rill 1000 6>\n"

static void reduced_by_a_lost_tail(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     "established 10ms " TAIL_PEER
		     TAIL_LOSS("")
		     "ssthresh = 27\n"
		     "cwnd = 27\n");
}

static void reduced_by_a_lost_tail_reno(struct kunit *test)
{
	scenario_run(test,
		     "tunable congestion_control reno\n"
		     "tunable tlp 1\n"
		     "established 10ms " TAIL_PEER
		     TAIL_LOSS("")
		     "ssthresh = 19\n"
		     "cwnd = 19\n");
}

/* RFC 8257, 3.5: DCTCP reduces for a loss as other algorithms do. */
static void reduced_by_a_lost_tail_dctcp(struct kunit *test)
{
	scenario_run(test,
		     "tunable congestion_control dctcp\n"
		     "tunable tlp 1\n"
		     "connect\n"
		     "> SEC 0:0(0) ect0\n"
		     "+10ms < SEA 0:0(0) ack 1 win 65535 " TAIL_PEER
		     "> A 1:1(0) ack 1 ect0\n"
		     TAIL_LOSS("ect0")
		     "ssthresh = 19\n"
		     "cwnd = 19\n");
}

static void reduced_by_the_last_mark_reno(struct kunit *test)
{
	scenario_run(test,
		     "tunable congestion_control reno\n"
		     "tunable ecn 1\n"
		     "tunable tlp 0\n"
		     "connect\n"
		     "> SEC 0:0(0)\n"
		     "+10ms < SEA 0:0(0) ack 1 win 65535 " TAIL_PEER
		     "> A 1:1(0) ack 1\n"
		     FORTY
		     "cwnd = 36\n"
		     "< EA 1:1(0) ack 30001\n"
		     "counter ecn_reductions +1\n"
		     "ssthresh = 18\n"
		     "cwnd = 18\n");
}

/* Three rounds without a mark reduced alpha to (15/16)^3. */
static void reduced_by_the_last_mark_dctcp(struct kunit *test)
{
	scenario_run(test,
		     "tunable congestion_control dctcp\n"
		     "tunable tlp 0\n"
		     "connect\n"
		     "> SEC 0:0(0) ect0\n"
		     "+10ms < SEA 0:0(0) ack 1 win 65535 " TAIL_PEER
		     "> A 1:1(0) ack 1 ect0\n"
		     FORTY
		     "cwnd = 36\n"
		     "< EA 1:1(0) ack 30001\n"
		     "counter ecn_reductions +1\n"
		     "ssthresh = 22\n"
		     "cwnd = 22\n");
}

static struct kunit_case congestion_cases[] = {
	KUNIT_CASE_PARAM(by_tunable, scenario_families),
	KUNIT_CASE_PARAM(by_option, scenario_families),
	KUNIT_CASE_PARAM(changed_later, scenario_families),
	KUNIT_CASE_PARAM(inherited, scenario_families),
	KUNIT_CASE_PARAM(not_inherited, scenario_families),
	KUNIT_CASE_PARAM(grows_by_what_was_needed, scenario_families),
	KUNIT_CASE_PARAM(idle, scenario_families),
	KUNIT_CASE_PARAM(idle_for_less, scenario_families),
	KUNIT_CASE_PARAM(reduced_by_a_loss, scenario_families),
	KUNIT_CASE_PARAM(reduced_by_a_loss_reno, scenario_families),
	KUNIT_CASE_PARAM(loss_in_an_unused_window, scenario_families),
	KUNIT_CASE_PARAM(reduced_by_a_lost_tail, scenario_families),
	KUNIT_CASE_PARAM(reduced_by_a_lost_tail_reno, scenario_families),
	KUNIT_CASE_PARAM(reduced_by_a_lost_tail_dctcp, scenario_families),
	KUNIT_CASE_PARAM(reduced_by_the_last_mark_reno, scenario_families),
	KUNIT_CASE_PARAM(reduced_by_the_last_mark_dctcp, scenario_families),
	{}
};

static struct kunit_suite congestion_suite = {
	.name = "rill_congestion",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = congestion_cases,
};

kunit_test_suite(congestion_suite);
