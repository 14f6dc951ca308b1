// SPDX-License-Identifier: GPL-2.0
/* What each option of level SOL_RILL does, to the microsecond. */
#include "../module/socket/inside.h"
#include "scenario.h"

/* RTO 31 ms: 10 ms round trip, as much again twice, 1 ms of ACK delay. */
#define RILL_PEER	"established 10ms <mss 1000,rill 1000 6>\n"

static s64 value_of(struct kunit *test, int name)
{
	struct sock *sk = scenario_sk(test);
	s64 val = 0;

	if (!sk)
		return 0;
	lock_sock(sk);
	KUNIT_EXPECT_EQ(test, rill_setting_get(sk, name, &val), 0);
	release_sock(sk);
	return val;
}

static void keepalive_times(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "set rill-keepidle 1500us\n"
		     "set rill-keepintvl 1001us\n"
		     "set rill-keepcnt 2\n"
		     "+1500us > A 0:0(0) ack 1\n"
		     "+1001us > A 0:0(0) ack 1\n"
		     "+1001us > RA 1:1(0) ack 1\n"
		     "error ETIMEDOUT\n");
}

/* Back to the tunables, in the middle of it. */
static void keepalive_back_to_default(struct kunit *test)
{
	scenario_run(test,
		     "tunable keepalive_probes 1\n"
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "set rill-keepidle 1500us\n"
		     "set rill-keepintvl 2ms\n"
		     "set rill-keepcnt 7\n"
		     "+1500us > A 0:0(0) ack 1\n"
		     "+2ms > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "set rill-keepidle default\n"
		     "set rill-keepintvl default\n"
		     "set rill-keepcnt default\n"
		     "+7200s > A 0:0(0) ack 1\n"
		     "+75s > RA 1:1(0) ack 1\n");
}

/* 2^32 us would be 4,295 s. */
static void keepalive_of_many_microseconds(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set keepalive 1\n"
		     "set rill-keepidle 5000000001us\n"
		     "set rill-keepintvl 4294968001us\n"
		     "set rill-keepcnt 1\n"
		     "+5000000001us > A 0:0(0) ack 1\n"
		     "+4294968001us > RA 1:1(0) ack 1\n");
}

static void user_timeout(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "set rill-user-timeout 40017us\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "quiet 9015us\n"
		     "error none\n"
		     "quiet 4us\n"
		     "error ETIMEDOUT\n"
		     "state CLOSE\n");
}

/* Without the option retries2 counts again. */
static void user_timeout_taken_back(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "set rill-user-timeout 40ms\n"
		     "set rill-user-timeout default\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     "+62ms > PA 1:101(100) ack 1\n");
}

static void linger2_time(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set rill-linger2 1500us\n"
		     "into FIN_WAIT2 10ms\n"
		     "quiet 1499us\n"
		     "state FIN_WAIT2\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

static void linger2_none(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set rill-linger2 none\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "> RA 2:2(0) ack 1\n"
		     "state CLOSE\n");
}

/* As TCP_LINGER2 of 0: the tunable. */
static void linger2_back_to_default(struct kunit *test)
{
	scenario_run(test,
		     "tunable fin_timeout_ms 20\n"
		     "established 10ms\n"
		     "set rill-linger2 none\n"
		     "set rill-linger2 default\n"
		     "into FIN_WAIT2 10ms\n"
		     "quiet 19999us\n"
		     "state FIN_WAIT2\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

static void linger2_of_zero(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set rill-linger2 0us\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2\n"
		     "quiet 1us\n"
		     "state CLOSE\n");
}

static void msl_of_time_wait(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set rill-msl 1501us\n"
		     "into TIME_WAIT 10ms\n"
		     "quiet 3001us\n"
		     "state TIME_WAIT\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

/* The entry that goes on without the socket keeps its time. */
static void msl_of_a_fin_again(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set rill-msl 1501us\n"
		     "into TIME_WAIT 10ms\n"
		     "+2ms < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "quiet 3001us\n"
		     "state TIME_WAIT\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

static void msl_after_fin_wait_2(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set rill-msl 1501us\n"
		     "into FIN_WAIT2 10ms\n"
		     "+1s < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "quiet 3001us\n"
		     "state TIME_WAIT\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

static void rto_initial_of_a_syn(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set rill-rto-initial 1501us\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1501us > S 0:0(0)\n"
		     "+3002us > S 0:0(0)\n"
		     "set rill-rto-initial 2ms = EINVAL\n");
}

/* The listener's value holds for the SYN-ACK. */
static void rto_initial_of_a_listener(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "set rill-rto-initial 1501us\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1501us > SA 0:0(0) ack 1\n"
		     "+3002us > SA 0:0(0) ack 1\n");
}

/* Before and after the first RTT sample. */
static void rto_floor(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set rill-rto-min 40001us\n"
		     RILL_PEER
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+40001us > PA 1:101(100) ack 1\n"
		     "+80002us > PA 1:101(100) ack 1\n"
		     "< A 1:1(0) ack 101\n"
		     "set rill-rto-min 50001us\n"
		     "send 100\n"
		     "> PA 101:201(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 201\n"
		     "send 100\n"
		     "> PA 201:301(100) ack 1\n"
		     "+50001us > PA 201:301(100) ack 1\n"
		     "< A 1:1(0) ack 301\n"
		     "set rill-rto-min default\n"
		     "send 100\n"
		     "> PA 301:401(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 401\n"
		     "tolerance 5us\n"
		     "send 100\n"
		     "> PA 401:501(100) ack 1\n"
		     "+22252us > PA 401:501(100) ack 1\n");
}

static void rto_max_of_a_syn(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set rill-rto-max 1500001us\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "+1500001us > S 0:0(0)\n"
		     "+1500001us > S 0:0(0)\n");
}

static void rto_max_of_a_listener(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "set rill-rto-max 1500001us\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "+1500001us > SA 0:0(0) ack 1\n");
}

/*
 * The delay is in force, and advertised to the peer; an advertised delay stays.
 */
static void delack_of_a_caller(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set rill-delack-max 2345us\n"
		     "connect\n"
		     "> S 0:0(0) <mss 1460,sackok,ts * *,ws *,rill 2345 6>\n"
		     "+10ms < SA 0:0(0) ack 1 <mss 1000,rill 1000 6>\n"
		     "> A 1:1(0) ack 1\n"
		     "set rill-delack-max 1ms = EINVAL\n"
		     "set rill-delack-max default = EINVAL\n"
		     "tunable delack_max_us 77\n"
		     "< PA 1:101(100) ack 1\n"
		     "+2345us > A 1:1(0) ack 101\n");
	KUNIT_EXPECT_EQ(test, value_of(test, RILL_DELACK_MAX_US), 2345);
}

static void delack_of_a_listener(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "set rill-delack-max 2345us\n"
		     "< S 0:0(0) <mss 1000,rill 1000 6>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,rill 2345 *>\n"
		     /* The peer knows the delay: it stays. */
		     "set rill-delack-max 1ms\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "< PA 1:101(100) ack 1\n"
		     "+2345us > A 1:1(0) ack 101\n");
	KUNIT_EXPECT_EQ(test, value_of(test, RILL_DELACK_MAX_US), 2345);
}

static void syn_retries(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set rill-syn-retries 1\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "quiet 1999998us\n"
		     "error none\n"
		     "quiet 4us\n"
		     "error ETIMEDOUT\n");
}

static void synack_retries(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "set rill-synack-retries 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "quiet 1999998us\n"
		     "state SYN_RECV\n"
		     "quiet 4us\n"
		     "state LISTEN\n"
		     /* 0 is a value too, and not the default. */
		     "set rill-synack-retries 0\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "quiet 999999us\n"
		     "state SYN_RECV\n"
		     "quiet 2us\n"
		     "state LISTEN\n");
}

static void retries_before_the_end(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "set rill-retries2 1\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+31ms > PA 1:101(100) ack 1\n"
		     /* Once; but not before TCP would end it: 600 ms. */
		     "+62ms > PA 1:101(100) ack 1\n"
		     "+124ms > PA 1:101(100) ack 1\n"
		     "+248ms > PA 1:101(100) ack 1\n"
		     "quiet 134998us\n"
		     "error none\n"
		     "quiet 3us\n"
		     "error ETIMEDOUT\n");
}

static void orphan_retries(struct kunit *test)
{
	scenario_run(test,
		     RILL_PEER
		     "set rill-orphan-retries 0\n"
		     "into FIN_WAIT1\n"
		     "+31ms > FA 1:1(0) ack 1\n"
		     "+62ms > FA 1:1(0) ack 1\n"
		     "quiet 106998us\n"
		     "state FIN_WAIT1\n"
		     "quiet 3us\n"
		     "state CLOSE\n");
}

static void initial_window(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set rill-init-cwnd 2\n"
		     "established 10ms\n"
		     "set rill-init-cwnd 4 = EINVAL\n"
		     "tunable init_cwnd 7\n"
		     "send 8000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "quiet 10ms\n");
	KUNIT_EXPECT_EQ(test, value_of(test, RILL_INIT_CWND), 2);
}

/* connect() reads it once for the connection. */
static void initial_window_is_taken_by_connect(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "tunable init_cwnd 3\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "tunable init_cwnd 1\n"
		     "+10ms < SA 0:0(0) ack 1 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "send 8000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "> Ap 2001:3001(1000) ack 1\n"
		     "quiet 10ms\n");
	KUNIT_EXPECT_EQ(test, value_of(test, RILL_INIT_CWND), 3);
}

/* As TCP's: a child inherits what its listener has set. */
static void inherited(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "set keepalive 1\n"
		     "set rill-keepidle 1500us\n"
		     "set rill-keepintvl 1ms\n"
		     "set rill-keepcnt 1\n"
		     "set rill-init-cwnd 2\n"
		     "set rill-msl 1501us\n"
		     "set rill-user-timeout 99s\n"
		     "accepted\n"
		     "+1500us > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "send 5000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "> Ap 1001:2001(1000) ack 1\n"
		     "quiet 1us\n");
	KUNIT_EXPECT_EQ(test, value_of(test, RILL_KEEPCNT), 1);
	KUNIT_EXPECT_EQ(test, value_of(test, RILL_USER_TIMEOUT_US), 99000000);
	/* Later changes of the listener do not reach the child. */
	scenario_run(test,
		     "use 0\n"
		     "set rill-msl default\n"
		     "use 1\n"
		     "< FA 1:1(0) ack 2001\n"
		     "lenient\n"
		     "+1ms < A 2:2(0) ack 5001\n"
		     "strict\n");
	KUNIT_EXPECT_EQ(test, value_of(test, RILL_MSL_US), 1501);
}

static struct kunit_case setting_cases[] = {
	KUNIT_CASE_PARAM(keepalive_times, scenario_families),
	KUNIT_CASE_PARAM(keepalive_back_to_default, scenario_families),
	KUNIT_CASE_PARAM(keepalive_of_many_microseconds, scenario_families),
	KUNIT_CASE_PARAM(user_timeout, scenario_families),
	KUNIT_CASE_PARAM(user_timeout_taken_back, scenario_families),
	KUNIT_CASE_PARAM(linger2_time, scenario_families),
	KUNIT_CASE_PARAM(linger2_none, scenario_families),
	KUNIT_CASE_PARAM(linger2_back_to_default, scenario_families),
	KUNIT_CASE_PARAM(linger2_of_zero, scenario_families),
	KUNIT_CASE_PARAM(msl_of_time_wait, scenario_families),
	KUNIT_CASE_PARAM(msl_of_a_fin_again, scenario_families),
	KUNIT_CASE_PARAM(msl_after_fin_wait_2, scenario_families),
	KUNIT_CASE_PARAM(rto_initial_of_a_syn, scenario_families),
	KUNIT_CASE_PARAM(rto_initial_of_a_listener, scenario_families),
	KUNIT_CASE_PARAM(rto_floor, scenario_families),
	KUNIT_CASE_PARAM(rto_max_of_a_syn, scenario_families),
	KUNIT_CASE_PARAM(rto_max_of_a_listener, scenario_families),
	KUNIT_CASE_PARAM(delack_of_a_caller, scenario_families),
	KUNIT_CASE_PARAM(delack_of_a_listener, scenario_families),
	KUNIT_CASE_PARAM(syn_retries, scenario_families),
	KUNIT_CASE_PARAM(synack_retries, scenario_families),
	KUNIT_CASE_PARAM(retries_before_the_end, scenario_families),
	KUNIT_CASE_PARAM(orphan_retries, scenario_families),
	KUNIT_CASE_PARAM(initial_window, scenario_families),
	KUNIT_CASE_PARAM(initial_window_is_taken_by_connect, scenario_families),
	KUNIT_CASE_PARAM(inherited, scenario_families),
	{}
};

static struct kunit_suite setting_suite = {
	.name = "rill_setting_in_force",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = setting_cases,
};

kunit_test_suite(setting_suite);
