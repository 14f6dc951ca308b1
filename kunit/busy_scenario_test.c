// SPDX-License-Identifier: GPL-2.0
/*
 * A process owns the socket while segments arrive and timers fire: segments
 * wait in the backlog, timers in deferral bits; none is lost or handled twice.
 */
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include "../module/connection/connection.h"
#include "../module/control/inside.h"
#include "../module/socket/inside.h"
#include "scenario.h"

static void data_waits(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "own\n"
		     "< PA 1:101(100) ack 1\n"
		     "< PA 201:301(100) ack 1\n"
		     "< PA 101:201(100) ack 1\n"
		     "quiet 1s\n"
		     "disown\n"
		     /* each in its turn: in order, a hole, the hole filled */
		     "> A 1:1(0) ack 101\n"
		     "> A 1:1(0) ack 301\n"
		     "recv 400 = 300\n");
}

static void ack_waits(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000,rill 1000 6>\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "own\n"
		     "+10ms < A 1:1(0) ack 101\n"
		     /* The timer fires, and finds that nothing is due. */
		     "quiet 50ms\n"
		     "counter timer_deferred +1\n"
		     "disown\n"
		     "quiet 10s\n"
		     "counter retrans_segs +0\n"
		     "outq = 0\n");
}

static void reset_waits(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "own\n"
		     "< PA 1:101(100) ack 1\n"
		     "< R 101:101(0)\n"
		     "< A 101:101(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "disown\n"
		     /* The segment behind the reset finds no connection. */
		     "> R 1:1(0)\n"
		     "state CLOSE\n"
		     "recv 200 = 100\n"
		     "recv 1 = ECONNRESET\n");
}

/*
 * connect() to AF_UNSPEC has the lock while a segment waits: an IPv6 socket that
 * spoke IPv4 is of IPv6 again, but not the segment.
 */
static void segment_of_what_was_ended(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "own\n"
		     "< PA 1:101(100) ack 1\n");
	KUNIT_EXPECT_EQ(test, rill_disconnect(scenario_sk(test), 0), 0);
	scenario_run(test,
		     "> RA 1:1(0) ack 1\n"
		     "disown\n"
		     "> R 1:1(0)\n");
}

static void fin_waits(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "own\n"
		     "< FPA 1:101(100) ack 1\n"
		     "< FPA 1:101(100) ack 1\n"
		     "disown\n"
		     "> A 1:1(0) ack 102\n"
		     "> A 1:1(0) ack 102\n"
		     "state CLOSE_WAIT\n"
		     "recv 200 = 100\n"
		     "recv 1 = 0\n");
}

static void syn_ack_waits(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "own\n"
		     "+10ms < SA 0:0(0) ack 1 <mss 1000>\n"
		     "quiet 5s\n"
		     "state SYN_SENT\n"
		     "disown\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "quiet 1m\n");
}

/* An orphan's last segments, while close() still has the lock. */
static void time_wait_from_the_backlog(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "shutdown wr\n"
		     "> FA 1:1(0) ack 1\n"
		     "own\n"
		     "< A 1:1(0) ack 2\n"
		     "< FA 1:1(0) ack 2\n"
		     "< FA 1:1(0) ack 2\n"
		     "disown\n"
		     "> A 2:2(0) ack 2\n"
		     "ignore\n"
		     "state TIME_WAIT\n"
		     "close\n"
		     "quiet 59s\n"
		     "state TIME_WAIT\n"
		     "quiet 1002ms\n"
		     "state CLOSE\n");
}

/*
 * ICMP does not wait for the lock: it leaves a soft error, or sets the bit for
 * a new MTU.
 */
static void icmp_while_owned(struct kunit *test)
{
	const struct scenario *s = test->priv;

	scenario_run(test,
		     "established 10ms <mss 1460,rill 1000 6>\n"
		     "send 1460\n"
		     "> PA 1:1461(1460) ack 1\n"
		     "own\n"
		     "< icmp host 1\n");
	if (s->family->wire == AF_INET6)
		scenario_run(test, "< icmp mtu 1 1360\n");
	else
		scenario_run(test, "< icmp mtu 1 1340\n");
	scenario_run(test,
		     "disown\n"
		     "> Ap 1:1301(1300) ack 1\n"
		     "> PA 1301:1461(160) ack 1\n"
		     "state ESTABLISHED\n"
		     "error none\n");
}

/*
 * The backlog has a limit; a segment beyond it is dropped and counted, and the
 * peer retransmits it.
 */
static void backlog_is_bounded(struct kunit *test)
{
	u32 i;

	scenario_run(test,
		     "established 10ms\n"
		     "set rcvbuf 4096\n"
		     "set sndbuf 4096\n"
		     "own\n");
	for (i = 0; i < 2000; i++) {
		if (!scenario_run(test, "< PA 1:1001(1000) ack 1\n"))
			return;
	}
	KUNIT_EXPECT_GT(test, rill_counter_read(rill_net(rill_kunit_net),
						RILL_CNT_drop_backlog), 0);
	scenario_run(test,
		     "disown\n"
		     "ignore\n"
		     "< PA 1:1001(1000) ack 1\n"
		     "ignore\n"
		     "recv 2000 = 1000\n"
		     "state ESTABLISHED\n");
}

static int ask_inq(void *data)
{
	struct msghdr msg = { .msg_get_inq = true, .msg_inq = -1 };

	rill_recv_inq(data, &msg);
	return msg.msg_inq;
}

/*
 * TCP_INQ reads rcv.nxt, and then a reader takes data that arrived later:
 * copied_seq lies beyond that rcv.nxt. The call waits for the lock, and answers
 * then.
 */
static void inq_between_two_reads(struct kunit *test)
{
	struct task_struct *task;
	struct rill_sock *rs;
	u32 copied_seq;

	if (!scenario_run(test,
			  "established 10ms\n"
			  "lenient\n"
			  "< PA 1:101(100) ack 1\n"
			  "own\n"))
		return;
	rs = rill_sk(scenario_sk(test));
	copied_seq = rs->rcv.copied_seq;
	task = kthread_create(ask_inq, rs, "inq");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	get_task_struct(task);

	WRITE_ONCE(rs->rcv.copied_seq, rs->rcv.nxt + 50);
	wake_up_process(task);
	while (task_is_running(task))
		scenario_sleep_until(scenario_now() + 1);
	KUNIT_EXPECT_EQ_MSG(test, READ_ONCE(task->exit_state), 0,
			    "it has not waited for the reader");
	WRITE_ONCE(rs->rcv.copied_seq, copied_seq);
	scenario_run(test, "disown\n");
	KUNIT_EXPECT_EQ(test, kthread_stop(task), 100);
	put_task_struct(task);
	scenario_run(test, "recv 200 = 100\n");
}

static struct kunit_case busy_cases[] = {
	KUNIT_CASE_PARAM(data_waits, scenario_families),
	KUNIT_CASE_PARAM(ack_waits, scenario_families),
	KUNIT_CASE_PARAM(reset_waits, scenario_families),
	KUNIT_CASE_PARAM(segment_of_what_was_ended, scenario_families),
	KUNIT_CASE_PARAM(fin_waits, scenario_families),
	KUNIT_CASE_PARAM(syn_ack_waits, scenario_families),
	KUNIT_CASE_PARAM(time_wait_from_the_backlog, scenario_families),
	KUNIT_CASE_PARAM(icmp_while_owned, scenario_families),
	KUNIT_CASE_PARAM(backlog_is_bounded, scenario_families),
	KUNIT_CASE_PARAM(inq_between_two_reads, scenario_families),
	{}
};

static struct kunit_suite busy_suite = {
	.name = "rill_busy",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = busy_cases,
};

kunit_test_suite(busy_suite);
