// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors during connect() and after it: each scenario is played against
 * rill and against the kernel's TCP, and both must return the same errors.
 */
#include "scenario.h"

/* The error that one message gives a connect(); NULL for none. */
struct icmp_answer {
	u8 type;
	u8 code;
	const char *error;
};

/* RFC 792, RFC 1812, 5.2.7; the errors are those of ip(7) and tcp(7). */
static const struct icmp_answer answers4[] = {
	{ 3, 0, "ENETUNREACH" },	/* net */
	{ 3, 1, "EHOSTUNREACH" },	/* host */
	{ 3, 2, "ENOPROTOOPT" },	/* protocol */
	{ 3, 3, "ECONNREFUSED" },	/* port */
	{ 3, 4, NULL },			/* too big */
	{ 3, 5, "EOPNOTSUPP" },		/* source route */
	{ 3, 6, "ENETUNREACH" },	/* net unknown */
	{ 3, 7, "EHOSTDOWN" },		/* host unknown */
	{ 3, 8, "ENONET" },		/* source host isolated */
	{ 3, 9, "ENETUNREACH" },	/* net prohibited */
	{ 3, 10, "EHOSTUNREACH" },	/* host prohibited */
	{ 3, 11, "ENETUNREACH" },	/* net for this type of service */
	{ 3, 12, "EHOSTUNREACH" },	/* host for this type of service */
	{ 3, 13, "EHOSTUNREACH" },	/* filtered */
	{ 3, 14, "EHOSTUNREACH" },	/* precedence */
	{ 3, 15, "EHOSTUNREACH" },	/* precedence */
	{ 3, 16, NULL },		/* not assigned */
	{ 3, 255, NULL },
	{ 4, 0, NULL },			/* source quench, RFC 6633 */
	{ 11, 0, "EHOSTUNREACH" },	/* time to live */
	{ 11, 1, NULL },		/* reassembly; the kernel's ICMP drops it */
	{ 12, 0, "EPROTO" },		/* parameter */
};

/* RFC 4443. */
static const struct icmp_answer answers6[] = {
	{ 1, 0, "ENETUNREACH" },	/* no route */
	{ 1, 1, "EACCES" },		/* prohibited */
	{ 1, 2, "EHOSTUNREACH" },	/* beyond scope of the source */
	{ 1, 3, "EHOSTUNREACH" },	/* address */
	{ 1, 4, "ECONNREFUSED" },	/* port */
	{ 1, 5, "EACCES" },		/* source policy */
	{ 1, 6, "EACCES" },		/* reject route */
	{ 1, 7, "EPROTO" },		/* not assigned */
	{ 1, 255, "EPROTO" },
	{ 2, 0, NULL },			/* too big */
	{ 3, 0, "EHOSTUNREACH" },	/* hop limit */
	{ 3, 1, "EHOSTUNREACH" },	/* reassembly */
	{ 4, 0, "EPROTO" },		/* header field */
	{ 4, 1, "EPROTO" },		/* next header */
	{ 4, 2, "EPROTO" },		/* option */
	{ 100, 0, "EPROTO" },		/* an error that nobody knows */
};

static bool one_answer(struct kunit *test, const struct icmp_answer *answer)
{
	char script[256];

	scnprintf(script, sizeof(script),
		  "socket\n"
		  "connect\n"
		  "> S 0:0(0)\n"
		  "+1ms < icmp %u/%u 0 1300\n"
		  "error %s\n"
		  "error none\n"
		  "state %s\n",
		  answer->type, answer->code, answer->error ?: "none",
		  answer->error ? "CLOSE" : "SYN_SENT");
	return scenario_run(test, script) &&
	       scenario_run(test, answer->error ? "quiet 5m\n" :
						  "+* > S 0:0(0)\n") &&
	       scenario_run(test, "close\nforget\nport 0\n");
}

static void each_code_while_connecting(struct kunit *test)
{
	const struct scenario *s = test->priv;
	bool v6 = s->family->wire == AF_INET6;
	const struct icmp_answer *answers = v6 ? answers6 : answers4;
	size_t n = v6 ? ARRAY_SIZE(answers6) : ARRAY_SIZE(answers4);
	size_t i;

	for (i = 0; i < n; i++) {
		if (!one_answer(test, &answers[i]))
			return;
	}
}

/* A process is in a system call on the socket: the error waits for its end. */
static void soft_while_owned(struct kunit *test)
{
	scenario_run(test,
		     "lenient\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "own\n"
		     "< icmp host 0\n"
		     "disown\n"
		     "error none\n"
		     "state SYN_SENT\n"
		     "quiet 200s\n"
		     "state CLOSE\n"
		     "error EHOSTUNREACH\n");
}

/* ... and a SYN-ACK before that takes it back. */
static void soft_while_owned_then_answered(struct kunit *test)
{
	scenario_run(test,
		     "lenient\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "own\n"
		     "< icmp host 0\n"
		     "disown\n"
		     "< SA 0:0(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "send 100\n"
		     "quiet 1000s\n"
		     "error ETIMEDOUT\n");
}

/*
 * RFC 9293, 3.9.2.2: the soft error is reported when the connection times out.
 */
static void soft_until_the_end(struct kunit *test)
{
	scenario_run(test,
		     "lenient\n"
		     "established 10ms\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "< icmp host 1\n"
		     "error none\n"
		     "state ESTABLISHED\n"
		     "quiet 1000s\n"
		     "state CLOSE\n"
		     "error EHOSTUNREACH\n");
}

/* The path came back: the old soft error is not why the connection ends. */
static void soft_then_progress(struct kunit *test)
{
	scenario_run(test,
		     "lenient\n"
		     "established 10ms\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "< icmp host 1\n"
		     "+10ms < A 1:1(0) ack 101\n"
		     "quiet 1h\n"
		     "send 100\n"
		     "quiet 1000s\n"
		     "state CLOSE\n"
		     "error ETIMEDOUT\n");
}

/* ... nor why the socket's next attempt does (TCP reports it there). */
static void soft_then_another_connect(struct kunit *test)
{
	scenario_run(test,
		     "lenient\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "own\n"
		     "< icmp host 0\n"
		     "disown\n"
		     "< RA 0:0(0) ack 1\n"
		     "connect = ECONNREFUSED\n"
		     "forget\n"
		     "port 0\n"
		     "connect\n"
		     "quiet 200s\n"
		     "error ETIMEDOUT\n");
}

/*
 * A SYN-ACK that cannot arrive: the half-open connection makes room at once,
 * not after the last retransmission. A real client sends its SYN again.
 */
static void half_open(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< icmp host 1\n"
		     "counter icmp_refused +1\n"
		     "< icmp mtu 0 1300\n"
		     "state SYN_RECV\n"
		     "counter icmp_errors +1\n"
		     "< icmp host 0\n"
		     "state LISTEN\n"
		     "counter icmp_errors +1\n"
		     "counter attempt_fails +1\n"
		     "quiet 5m\n"
		     "forget\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< icmp port 0\n"
		     "state LISTEN\n"
		     "counter attempt_fails +1\n"
		     "accept = EAGAIN\n");
}

/* The cases that rill and TCP share. */
#define ICMP_CASES(X)				\
	X(each_code_while_connecting)		\
	X(soft_while_owned)			\
	X(soft_while_owned_then_answered)	\
	X(soft_until_the_end)			\
	X(soft_then_progress)

static struct kunit_case icmp_cases[] = {
	ICMP_CASES(SCENARIO_CASE)
	KUNIT_CASE_PARAM(soft_then_another_connect, scenario_families),
	KUNIT_CASE_PARAM(half_open, scenario_families),
	{}
};

static struct kunit_suite icmp_suite = {
	.name = "rill_icmp",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = icmp_cases,
};

static struct kunit_case icmp_tcp_cases[] = {
	ICMP_CASES(SCENARIO_CASE)
	{}
};

static struct kunit_suite icmp_tcp_suite = {
	.name = "rill_icmp_tcp",
	.init = scenario_init_tcp,
	.exit = scenario_exit,
	.test_cases = icmp_tcp_cases,
};

kunit_test_suites(&icmp_suite, &icmp_tcp_suite);
