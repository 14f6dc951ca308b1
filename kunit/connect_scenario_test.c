// SPDX-License-Identifier: GPL-2.0
/*
 * An active open as the program sees it: calls that block, are interrupted or
 * made twice; and the corner cases of RFC 9293, 3.5.
 */
#include "scenario.h"

/* RFC 9293, 3.4: SYN and FIN take a number each, data one a byte, ACKs none. */
static void sequence_numbers(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+10ms < SA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "< PA 1:2(1) ack 1\n"
		     "+1ms > A 1:1(0) ack 2\n"
		     "< A 2:2(0) ack 1\n"
		     "< PA 2:12(10) ack 1\n"
		     "+1ms > A 1:1(0) ack 12\n"
		     "recv 11\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 12\n"
		     "into LAST_ACK\n"
		     "< A 13:13(0) ack 102\n"
		     "state CLOSE\n");
}

static void blocked_until_established(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "blocking connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "+10ms < SA 0:0(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "returned\n"
		     "state ESTABLISHED\n"
		     "connect = EISCONN\n");
}

static void blocked_until_refused(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "blocking connect\n"
		     "> S 0:0(0)\n"
		     "+10ms < RA 0:0(0) ack 1\n"
		     "returned = ECONNREFUSED\n"
		     "error none\n"
		     "state CLOSE\n");
}

static void blocked_until_unreachable(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "blocking connect\n"
		     "> S 0:0(0)\n"
		     "+10ms < icmp host 0\n"
		     "returned = EHOSTUNREACH\n");
}

/* Nobody answers: 1 + 2 + 4 + ... + 64 s. */
static void blocked_until_timeout(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "blocking connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "+2s > S 0:0(0)\n"
		     "+4s > S 0:0(0)\n"
		     "+8s > S 0:0(0)\n"
		     "+16s > S 0:0(0)\n"
		     "+32s > S 0:0(0)\n"
		     "+64s returned = ETIMEDOUT\n"
		     "state CLOSE\n"
		     "error none\n"
		     /* A segment that arrives now finds no connection. */
		     "< SA 0:0(0) ack 1 <mss 1000>\n"
		     "> R 1:1(0) <>\n"
		     /* The socket can connect again. */
		     "forget\n"
		     "port 0\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< SA 0:0(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n");
}

/* A signal ends the call, not the connection: it goes on, as POSIX says. */
static void interrupted(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "blocking connect\n"
		     "> S 0:0(0)\n"
		     "+100ms signal\n"
		     /* as EINTR, or the call begins again: SA_RESTART */
		     "returned = ERESTARTSYS\n"
		     "state SYN_SENT\n"
		     "poll none\n"
		     "error none\n"
		     "connect = EALREADY\n"
		     "+900ms > S 0:0(0)\n"
		     "< SA 0:0(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "poll out\n"
		     "error none\n"
		     "connect = 0\n"
		     "connect = EISCONN\n");
}

/* A restarted call waits for the connection attempt under way. */
static void interrupted_and_again(struct kunit *test)
{
	scenario_run(test,
		     "tolerance 5us\n"
		     "socket\n"
		     "blocking connect\n"
		     "> S 0:0(0)\n"
		     "+100ms signal\n"
		     "returned = ERESTARTSYS\n"
		     "+100ms blocking connect\n"
		     "+800ms > S 0:0(0)\n"
		     "+10ms < SA 0:0(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "returned\n"
		     "counter active_opens +1\n"
		     "connect = EISCONN\n");
}

static void interrupted_and_refused(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "blocking connect\n"
		     "> S 0:0(0)\n"
		     "+100ms signal\n"
		     "returned = ERESTARTSYS\n"
		     "< RA 0:0(0) ack 1\n"
		     "poll in,out,err,hup,rdhup\n"
		     "connect = ECONNREFUSED\n");
}

/* SO_SNDTIMEO, as exact as the kernel's sleep; the connection goes on alone. */
static void send_timeout(struct kunit *test)
{
	scenario_run(test, "socket\n");
	scenario_sk(test)->sk_sndtimeo = msecs_to_jiffies(1500);
	scenario_run(test,
		     "blocking connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "+500ms~600ms returned = EINPROGRESS\n"
		     "state SYN_SENT\n"
		     "connect = EALREADY\n"
		     "+* > S 0:0(0)\n"
		     "< SA 0:0(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "poll out\n"
		     "error none\n");
}

/* shutdown() ends a connection attempt. */
static void shut_down_while_connecting(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "shutdown wr\n"
		     "state CLOSE\n"
		     "quiet 5m\n"
		     "< SA 0:0(0) ack 1\n"
		     "> R 1:1(0)\n");
}

/* After close() of an attempt its port answers like a closed one. */
static void disconnected_while_connecting(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "disconnect\n"
		     "state CLOSE\n"
		     "quiet 5m\n"
		     "forget\n"
		     "port 0\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< SA 0:0(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n");
}

/*
 * One socket with itself: RFC 9293, 3.5, simultaneous open, and 3.6,
 * simultaneous close. Its segments go through the loopback device.
 */
static void to_oneself(struct kunit *test)
{
	struct rill_net *rnet = rill_net(rill_kunit_net);

	scenario_run(test,
		     "bind\n"
		     "connect self\n"
		     "state ESTABLISHED\n"
		     "poll out\n"
		     "error none\n"
		     "connect self = 0\n"
		     "connect self = EISCONN\n"
		     "send 100\n"
		     "inq = 100\n"
		     "poll in,out\n"
		     "counter active_opens +1\n"
		     "counter passive_opens +0\n"
		     "quiet 10ms\n"
		     "outq = 0\n"
		     "shutdown rdwr\n"
		     "counter time_waits +1\n"
		     "close\n"
		     "quiet 59s\n");
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->timewaits), 1);
	scenario_run(test, "quiet 1001ms\n");
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->timewaits), 0);
}

/* A SYN to a closed port of this host is reset. */
static void to_a_closed_port_of_ours(struct kunit *test)
{
	scenario_run(test,
		     "connect self\n"
		     "state CLOSE\n"
		     "error ECONNREFUSED\n");
}

/* SYN with RST, all flags, no flag: no answer and no connection. */
static void odd_flags_while_connecting(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< - 0:0(0)\n"
		     "< U 0:0(0)\n"
		     "< FPU 0:0(0)\n"
		     "< SR 0:0(0)\n"
		     "< SFR 0:0(0)\n"
		     "< SRAFPUEC 0:0(0) ack 0\n"
		     "< SRAFPUEC 0:0(0) ack 2\n"
		     "state SYN_SENT\n"
		     "error none\n"
		     "counter out_rsts +0\n"
		     /*
		      * A RST with an acceptable ACK: refused (3.10.7.3,
		      * second).
		      */
		     "< SRAFPUEC 0:0(0) ack 1\n"
		     "state CLOSE\n"
		     "error ECONNREFUSED\n");
}

/* On a connection a SYN is challenged; RST is checked first (3.10.7.4). */
static void odd_flags_on_a_connection(struct kunit *test)
{
	scenario_run(test,
		     "tunable invalid_ratelimit_ms 0\n"
		     "established 10ms\n"
		     "< - 1:1(0)\n"
		     "< FPU 1:1(0)\n"
		     "< SF 1:1(0)\n"
		     "> A 1:1(0) ack 1\n"
		     "< SF 500000:500000(0)\n"
		     "> A 1:1(0) ack 1\n"
		     "< SR 500000:500000(0)\n"
		     "< SRAFPUEC 500000:500000(0) ack 1\n"
		     "< SR 2:2(0)\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "recv 1 = EAGAIN\n"
		     "< SRAFPUEC 1:1(0) ack 1\n"
		     "state CLOSE\n"
		     "error ECONNRESET\n");
}

static void odd_flags_while_half_open(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< - 1:1(0)\n"
		     "< FPU 1:1(0)\n"
		     "< SR 500000:500000(0)\n"
		     "< SF 500000:500000(0)\n"
		     "> A 1:1(0) ack 1\n"
		     "state SYN_RECV\n"
		     "accept = EAGAIN\n"
		     "< SRAFPUEC 1:1(0) ack 1\n"
		     "state LISTEN\n");
}

/* The peer retransmits the data that came with its simultaneous SYN. */
static void simultaneous_syn_with_data(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< S 0:100(100) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "recv 100 = EAGAIN\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n");
}

/* Both SYNs cross and then nothing arrives: it ends when a lone SYN would. */
static void simultaneous_open_unanswered(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+500ms < S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+500ms > SA 0:0(0) ack 1\n"
		     "+2s > SA 0:0(0) ack 1\n"
		     "+4s > SA 0:0(0) ack 1\n"
		     "+8s > SA 0:0(0) ack 1\n"
		     "+16s > SA 0:0(0) ack 1\n"
		     "+32s > SA 0:0(0) ack 1\n"
		     "quiet 63999ms\n"
		     "state SYN_RECV\n"
		     "quiet 1001us\n"
		     "state CLOSE\n"
		     "error ETIMEDOUT\n");
}

/* close() before the peer's ACK: a retransmitted SYN-ACK, then the FIN. */
static void simultaneous_open_closed(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "into FIN_WAIT1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "state FIN_WAIT2\n"
		     "< FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "state TIME_WAIT\n");
}

/* RFC 9293, figure 8: an old SYN arrives before the new one. */
static void old_syn_before_the_new_one(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "irs 90\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     /*
		      * The peer did not send this SYN: it answers with a reset.
		      */
		     "< R 1:1(0)\n"
		     "state LISTEN\n"
		     "forget\n"
		     "irs 100\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "accept = EAGAIN\n"
		     "counter passive_opens +1\n");
}

/* SO_BINDTODEVICE on a connection: it takes segments of that device only. */
static void bound_elsewhere_meanwhile(struct kunit *test)
{
	struct scenario *s = test->priv;
	struct rill_net *rnet = rill_net(s->net);
	struct rill_entry *entry;
	struct sock *sk;

	scenario_run(test, "socket\n");
	sk = scenario_sk(test);
	entry = &rill_sk(sk)->entry;
	KUNIT_ASSERT_EQ(test, sock_bindtoindex(sk, s->dev->ifindex, true), 0);
	scenario_run(test,
		     "established 10ms\n"
		     "send 10\n"
		     "> PA 1:11(10) ack 1\n"
		     "< A 1:1(0) ack 11\n");
	KUNIT_EXPECT_EQ(test, entry->key.dev, s->dev->ifindex);
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->bound), 1);

	KUNIT_ASSERT_EQ(test, sock_bindtoindex(sk, 0, true), 0);
	KUNIT_EXPECT_EQ(test, entry->key.dev, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->bound), 0);
	scenario_run(test,
		     "< PA 1:11(10) ack 11\n"
		     "+1ms > A 11:11(0) ack 11\n"
		     "recv 10\n");

	/* A segment of another device finds no connection. */
	KUNIT_ASSERT_EQ(test, sock_bindtoindex(sk, s->dev->ifindex + 1000,
					       true), 0);
	scenario_run(test,
		     "< PA 11:21(10) ack 11\n"
		     "> R 11:11(0)\n"
		     "inq = 0\n");
	KUNIT_ASSERT_EQ(test, sock_bindtoindex(sk, s->dev->ifindex, true), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->bound), 1);
	scenario_run(test,
		     "< PA 11:21(10) ack 11\n"
		     "+1ms > A 11:11(0) ack 21\n"
		     "recv 10\n"
		     "close\n"
		     "> FA 11:11(0) ack 21\n"
		     "< A 21:21(0) ack 12\n"
		     "< FA 21:21(0) ack 12\n"
		     "> A 12:12(0) ack 22\n");
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->timewaits), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->bound), 1);
	scenario_run(test, "quiet 5m\n");
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->bound), 0);
}

static struct kunit_case connect_cases[] = {
	KUNIT_CASE_PARAM(sequence_numbers, scenario_families),
	KUNIT_CASE_PARAM(blocked_until_established, scenario_families),
	KUNIT_CASE_PARAM(blocked_until_refused, scenario_families),
	KUNIT_CASE_PARAM(blocked_until_unreachable, scenario_families),
	KUNIT_CASE_PARAM(blocked_until_timeout, scenario_families),
	KUNIT_CASE_PARAM(interrupted, scenario_families),
	KUNIT_CASE_PARAM(interrupted_and_again, scenario_families),
	KUNIT_CASE_PARAM(interrupted_and_refused, scenario_families),
	KUNIT_CASE_PARAM(send_timeout, scenario_families),
	KUNIT_CASE_PARAM(shut_down_while_connecting, scenario_families),
	KUNIT_CASE_PARAM(disconnected_while_connecting, scenario_families),
	KUNIT_CASE_PARAM(to_oneself, scenario_families),
	KUNIT_CASE_PARAM(to_a_closed_port_of_ours, scenario_families),
	KUNIT_CASE_PARAM(odd_flags_while_connecting, scenario_families),
	KUNIT_CASE_PARAM(odd_flags_on_a_connection, scenario_families),
	KUNIT_CASE_PARAM(odd_flags_while_half_open, scenario_families),
	KUNIT_CASE_PARAM(simultaneous_syn_with_data, scenario_families),
	KUNIT_CASE_PARAM(simultaneous_open_unanswered, scenario_families),
	KUNIT_CASE_PARAM(simultaneous_open_closed, scenario_families),
	KUNIT_CASE_PARAM(old_syn_before_the_new_one, scenario_families),
	KUNIT_CASE_PARAM(bound_elsewhere_meanwhile, scenario_families),
	{}
};

static struct kunit_suite connect_suite = {
	.name = "rill_connect",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = connect_cases,
};

kunit_test_suite(connect_suite);
