// SPDX-License-Identifier: GPL-2.0
/*
 * A socket that connects again begins as a new one does, and so does a child
 * of a listener: no part of struct rill_sock keeps a value of an earlier
 * connection.
 */
#include "../module/connection/connection.h"
#include "scenario.h"

#define CONN_START	offsetof(struct rill_sock, agreed)
#define CONN_SIZE	(sizeof(struct rill_sock) - CONN_START)
/* No part is 0x5a5a... at the beginning. */
#define CONN_OLD	0x5a

/* A copy of all of a connection but its one list head, which must be empty. */
static u8 *conn_of(struct kunit *test, struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	u8 *bytes;

	KUNIT_EXPECT_TRUE(test, list_empty(&rs->rack.sent));
	bytes = kunit_kmalloc(test, CONN_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bytes);
	memcpy(bytes, (u8 *)rs + CONN_START, CONN_SIZE);
	memset(bytes + offsetof(struct rill_sock, rack.sent) - CONN_START, 0,
	       sizeof(rs->rack.sent));
	return bytes;
}

static void conn_is_new(struct kunit *test, const u8 *bytes, const u8 *fresh)
{
	unsigned int i;

	for (i = 0; i < CONN_SIZE; i++)
		if (bytes[i] != fresh[i])
			break;
	KUNIT_EXPECT_EQ_MSG(test, i, CONN_SIZE, "old at byte %u of conn", i);
}

/* rill_conn_begin() relies on nothing that the memory held. */
static void begins_whole(struct kunit *test)
{
	struct sock *sk;
	u8 *fresh;

	scenario_run(test, "bind\n");
	sk = scenario_sk(test);
	fresh = conn_of(test, sk);
	memset((u8 *)sk + CONN_START, CONN_OLD, CONN_SIZE);
	lock_sock(sk);
	rill_conn_begin(sk);
	release_sock(sk);
	conn_is_new(test, conn_of(test, sk), fresh);
}

/* connect() to AF_UNSPEC, after a life and after an attempt. */
static void disconnected(struct kunit *test)
{
	u8 *fresh;

	scenario_run(test, "bind\n");
	fresh = conn_of(test, scenario_sk(test));
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "disconnect\n");
	conn_is_new(test, conn_of(test, scenario_sk(test)), fresh);
	/* TCP_WINDOW_CLAMP ends with the connection, as TCP's does. */
	KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->user.window_clamp, 0);
	scenario_run(test,
		     "forget\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+10ms < SA 0:0(0) ack 1 win 65535 <mss 1000,sackok,ws 7>\n"
		     "> A 1:1(0) ack 1\n"
		     "send 3000\n"
		     "> A 1:1001(1000) ack 1\n"
		     "> A 1001:2001(1000) ack 1\n"
		     "> PA 2001:3001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 1001 win 9 <sack 2001:3001>\n"
		     "< PA 101:201(100) ack 1001 win 9\n"
		     "ignore\n"
		     "+3s ignore\n"
		     "disconnect\n"
		     "ignore\n");
	conn_is_new(test, conn_of(test, scenario_sk(test)), fresh);
}

/* The children of a listener inherit nothing of its earlier connection. */
static void child_of_a_used_listener(struct kunit *test)
{
	struct rill_tally *tally;
	struct rill_sock *rs;

	scenario_run(test, "bind\n");
	rs = rill_sk(scenario_sk(test));
	memset(&rs->rec, CONN_OLD, sizeof(rs->rec));
	memset(&rs->retry, CONN_OLD, sizeof(rs->retry));
	memset(&rs->undo, CONN_OLD, sizeof(rs->undo));
	memset(&rs->urgent, CONN_OLD, sizeof(rs->urgent));
	memset(&rs->tally, CONN_OLD, sizeof(rs->tally));
	scenario_run(test,
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1000,sackok,ws 7>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "accept\n");
	rs = rill_sk(scenario_sk(test));
	tally = &rs->tally;
	KUNIT_EXPECT_EQ(test, tally->segs_in, 1);
	KUNIT_EXPECT_EQ(test, tally->segs_out, 0);
	tally->segs_in = 0;
	tally->open_ns = 0;
	KUNIT_EXPECT_NULL(test, memchr_inv(tally, 0, sizeof(*tally)));
	KUNIT_EXPECT_NULL(test, memchr_inv(&rs->retry, 0, sizeof(rs->retry)));
	KUNIT_EXPECT_NULL(test, memchr_inv(&rs->rec, 0, sizeof(rs->rec)));
	KUNIT_EXPECT_NULL(test, memchr_inv(&rs->undo, 0, sizeof(rs->undo)));
	KUNIT_EXPECT_NULL(test, memchr_inv(&rs->urgent, 0, sizeof(rs->urgent)));
	KUNIT_EXPECT_EQ(test, rs->cc.cwnd, rs->cc.init_cwnd);
	KUNIT_EXPECT_EQ(test, rs->rtt.srtt_us, 10000 << 3);
}

static struct kunit_case conn_cases[] = {
	KUNIT_CASE_PARAM(begins_whole, scenario_families),
	KUNIT_CASE_PARAM(disconnected, scenario_families),
	KUNIT_CASE_PARAM(child_of_a_used_listener, scenario_families),
	{}
};

static struct kunit_suite conn_suite = {
	.name = "rill_conn",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = conn_cases,
};

kunit_test_suite(conn_suite);
