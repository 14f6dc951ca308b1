// SPDX-License-Identifier: GPL-2.0
/*
 * The receive buffer and the window advertised of it. The buffer grows with
 * what the program reads and holds all that was advertised, however small the
 * segments are; data out of order gives way to data in order; and when memory
 * is short for all sockets, each connection still makes progress.
 */
#include "../module/control/inside.h"
#include "../module/socket/inside.h"
#include "../module/transfer/inside.h"
#include "scenario.h"

/* A peer 100 ms away that has timestamps in microseconds. */
#define FAR_PEER	"established 100ms <mss 1000,sackok,ts,ws 7,rill 1000 6>\n"

/* The account is exact to some pages for each CPU. */
#define MEMORY_NONE	(-1000)

static u64 counted(struct kunit *test, enum rill_counter which)
{
	struct scenario *s = test->priv;

	return rill_counter_read(rill_net(s->net), which);
}

/* Segments of @len bytes from @seq on, as far as @end. */
static bool segments(struct kunit *test, u32 seq, u32 end, u32 len)
{
	char line[96];
	u32 to;

	for (; seq < end; seq = to) {
		to = min(seq + len, end);
		scnprintf(line, sizeof(line), "< A %u:%u(%u) ack 1\nignore\n",
			  seq, to, to - seq);
		if (!scenario_run(test, line))
			return false;
	}
	return true;
}

/* @n full segments in one round trip, which the program reads. */
static bool round_trip(struct kunit *test, u32 *seq, u32 n)
{
	char line[64];
	u32 left = n * 1000;

	if (!scenario_run(test, "quiet 100ms\nlenient\n") ||
	    !segments(test, *seq, *seq + left, 1000))
		return false;
	*seq += left;
	for (; left; left -= min(left, 10000U)) {
		scnprintf(line, sizeof(line), "recv %u\n", min(left, 10000U));
		if (!scenario_run(test, line))
			return false;
	}
	return scenario_run(test, "quiet 2ms\nignore\n");
}

/* A sender in slow start never waits for the window. */
static void window_grows_ahead(struct kunit *test)
{
	u32 seq = 1, n;

	scenario_run(test, FAR_PEER);
	for (n = 10; n <= 320; n *= 2) {
		if (!round_trip(test, &seq, n))
			return;
		KUNIT_EXPECT_GE_MSG(test, rill_sk(scenario_sk(test))->rcv.wnd,
				    n * 2000, "after %u segments", n);
	}
}

/* ... up to rmem, and not at all where tuning is off. */
static void window_grows_to_the_limit(struct kunit *test)
{
	u32 seq = 1, n;

	scenario_run(test,
		     "tunable rmem 4096 131072 200000\n"
		     FAR_PEER);
	for (n = 10; n <= 40; n *= 2)
		if (!round_trip(test, &seq, n))
			return;
	KUNIT_EXPECT_EQ(test, scenario_sk(test)->sk_rcvbuf, 200000);
	scenario_run(test,
		     "flow 1\n"
		     "tunable rmem 4096 131072 6291456\n"
		     "tunable moderate_rcvbuf 0\n"
		     "socket\n"
		     FAR_PEER);
	for (seq = 1, n = 10; n <= 40; n *= 2)
		if (!round_trip(test, &seq, n))
			return;
	KUNIT_EXPECT_EQ(test, scenario_sk(test)->sk_rcvbuf, 131072);
}

/* A program that reads little, and one that leaves most of the data unread. */
static void window_of_a_slow_stream(struct kunit *test)
{
	u32 seq = 1;
	int i;

	scenario_run(test, FAR_PEER);
	for (i = 0; i < 20; i++)
		if (!round_trip(test, &seq, 9))
			return;
	KUNIT_EXPECT_EQ(test, scenario_sk(test)->sk_rcvbuf, 131072);
	for (i = 0; i < 3; i++) {
		if (!segments(test, seq, seq + 20000, 1000))
			return;
		seq += 20000;
		if (!scenario_run(test,
				  "recv 9000\nquiet 150ms\nignore\n"))
			return;
	}
	KUNIT_EXPECT_EQ(test, scenario_sk(test)->sk_rcvbuf, 131072);
}

/*
 * A full window of single bytes, each in a packet of about 768: none is lost.
 */
static void window_full_of_bytes(struct kunit *test)
{
	u64 packed = counted(test, RILL_CNT_rcv_packed);
	struct rill_sock *rs;
	struct sock *sk;
	u32 wnd;

	if (!scenario_run(test,
			  "linear\n"
			  "socket\n"
			  "set rcvbuf 8192\n"
			  "established 10ms\n"
			  "lenient\n"))
		return;
	sk = scenario_sk(test);
	rs = rill_sk(sk);
	wnd = rill_window_left(sk);
	KUNIT_EXPECT_GE(test, wnd, 5000);
	if (!segments(test, 1, wnd + 1, 1))
		return;
	KUNIT_EXPECT_EQ(test, rs->rcv.nxt - rs->rcv.copied_seq, wnd);
	KUNIT_EXPECT_LE(test, atomic_read(&sk->sk_rmem_alloc),
			2 * sk->sk_rcvbuf);
	KUNIT_EXPECT_GT(test, counted(test, RILL_CNT_rcv_packed), packed);
	scenario_run(test,
		     "counter drop_rcvbuf +0\n"
		     "counter drop_window +0\n"
		     "recv 5000\n"
		     "quiet 2ms\n");
	/* And the window opens again. */
	KUNIT_EXPECT_GT(test, rill_window_left(sk), 1000);
}

/* Segments of all sizes leave most of their packets empty. */
static void window_full_of_scraps(struct kunit *test)
{
	static const u32 lens[] = { 3, 17, 64, 130, 250, 530 };
	struct sock *sk;
	char line[96];
	u32 wnd;
	int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		scnprintf(line, sizeof(line),
			  "flow %d\nsocket\nset rcvbuf 8192\n"
			  "established 10ms\nlenient\n", i);
		if (!scenario_run(test, line))
			return;
		sk = scenario_sk(test);
		wnd = rill_window_left(sk);
		if (!segments(test, 1, wnd + 1, lens[i]))
			return;
		scnprintf(line, sizeof(line),
			  "counter drop_rcvbuf +0\nrecv %u\nignore\n",
			  wnd);
		if (!scenario_run(test, line))
			return;
	}
}

/* Small segments in a page each, behind a hole, are copied together. */
static void out_of_order_is_packed(struct kunit *test)
{
	u64 packed = counted(test, RILL_CNT_rcv_packed);

	if (!scenario_run(test,
			  "heavy\n"
			  "socket\n"
			  "set rcvbuf 8192\n"
			  "established 10ms <mss 1000,sackok>\n"
			  "lenient\n") ||
	    !segments(test, 101, 801, 100))
		return;
	KUNIT_EXPECT_GT(test, counted(test, RILL_CNT_rcv_packed), packed);
	scenario_run(test,
		     "counter drop_rcvbuf +0\n"
		     "counter rcv_pruned +0\n"
		     "strict\n"
		     "ignore\n"
		     "< A 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 801\n"
		     "recv 800\n");
}

/*
 * The buffer is full of data out of order. Data in order takes the place of the
 * segment farthest from it and of no other, and so does data nearer to it.
 */
static void far_end_gives_way(struct kunit *test)
{
	u64 dropped = counted(test, RILL_CNT_drop_rcvbuf);
	char line[320];
	u32 edge;

	if (!scenario_run(test,
			  "linear\n"
			  "socket\n"
			  "set rcvbuf 8192\n"
			  "established 10ms <mss 1000,sackok>\n"
			  "lenient\n"))
		return;
	for (edge = 1001; edge < 7200; edge += 480) {
		if (!segments(test, edge, edge + 480, 480))
			return;
		if (counted(test, RILL_CNT_drop_rcvbuf) != dropped)
			break;
	}
	KUNIT_ASSERT_LT(test, edge, 7200);
	scnprintf(line, sizeof(line),
		  "strict\n"
		  "counter rcv_pruned +0\n"
		  "< A 1:301(300) ack 1\n"
		  "> A 1:1(0) ack 301 <sack 1001:%u>\n"
		  "counter rcv_pruned +1\n"
		  "< A 701:1001(300) ack 1\n"
		  "> A 1:1(0) ack 301 <sack 701:%u>\n"
		  "counter rcv_pruned +1\n", edge - 480, edge - 960);
	scenario_run(test, line);
	/* The sender retransmits what is no longer SACKed. */
	scnprintf(line, sizeof(line),
		  "recv 300\n"
		  "ignore\n"
		  "< A 301:701(400) ack 1\n"
		  "> A 1:1(0) ack %u\n"
		  "lenient\n", edge - 960);
	scenario_run(test, line);
	segments(test, edge - 960, edge, 480);
	scnprintf(line, sizeof(line), "recv %u\n", edge - 301);
	scenario_run(test, line);
}

/* All sockets' memory is used up: one packet at a time, and a window for it. */
static void no_memory_for_all(struct kunit *test)
{
	long *limits = rill_prot.sysctl_mem;
	long saved[3];
	u32 seq;
	int i;

	memcpy(saved, limits, sizeof(saved));
	scenario_run(test, "established 10ms\nlenient\n");
	for (i = 0; i < 3; i++)
		limits[i] = MEMORY_NONE;
	for (seq = 1; seq < 20001; seq += 1000) {
		if (!segments(test, seq, seq + 1000, 1000))
			goto out;
		if (rill_sk(scenario_sk(test))->rcv.full)
			break;
	}
	KUNIT_EXPECT_GT(test, seq, 1);
	KUNIT_EXPECT_LT(test, seq, 10000);
	for (i = 0; i < 10; i++, seq += 1000) {
		/* The program reads all; the dropped data is retransmitted. */
		if (!scenario_run(test, "recv 9999 = *\nquiet 2ms\n") ||
		    !segments(test, seq, seq + 1000, 1000))
			goto out;
		KUNIT_EXPECT_EQ(test, rill_sk(scenario_sk(test))->rcv.nxt -
				rill_sk(scenario_sk(test))->rcv.irs,
				seq + 1000);
	}
out:
	memcpy(limits, saved, sizeof(saved));
	*rill_prot.memory_pressure = 0;
}

/*
 * Memory is short: the advertised window holds, then four segments; no growth.
 */
static void memory_short_for_all(struct kunit *test)
{
	long *limits = rill_prot.sysctl_mem;
	struct rill_sock *rs;
	long saved[3];
	u32 seq = 1;
	int i;

	memcpy(saved, limits, sizeof(saved));
	scenario_run(test, FAR_PEER "tunable wmem 4096 16384 4194304\n");
	limits[0] = MEMORY_NONE;
	limits[1] = MEMORY_NONE;
	for (i = 0; i < 4; i++)
		if (!round_trip(test, &seq, 20))
			goto out;
	rs = rill_sk(scenario_sk(test));
	KUNIT_EXPECT_GT(test, rs->rcv.wnd, 4000 - 128);
	KUNIT_EXPECT_LE(test, rs->rcv.wnd, 4000);
	KUNIT_EXPECT_EQ(test, scenario_sk(test)->sk_rcvbuf, 131072);
	rs->cc.cwnd = 1000;
	rill_sndbuf_grow(scenario_sk(test));
	KUNIT_EXPECT_LT(test, scenario_sk(test)->sk_sndbuf, 1000000);
	/* Memory is free again: the window opens. */
	memcpy(limits, saved, sizeof(saved));
	*rill_prot.memory_pressure = 0;
	round_trip(test, &seq, 4);
	KUNIT_EXPECT_GT(test, rs->rcv.wnd, 50000);
out:
	memcpy(limits, saved, sizeof(saved));
	*rill_prot.memory_pressure = 0;
}

/*
 * The first number of rmem and wmem: a socket may hold so much even when memory
 * is used up.
 */
static void least_when_memory_is_short(struct kunit *test)
{
	long *limits = rill_prot.sysctl_mem;
	struct sock *sk;
	long saved[3];

	if (!scenario_run(test, "socket\n"))
		return;
	sk = scenario_sk(test);
	memcpy(saved, limits, sizeof(saved));
	limits[0] = MEMORY_NONE;
	limits[1] = MEMORY_NONE;
	lock_sock(sk);
	KUNIT_EXPECT_TRUE(test, rill_memory_promised(sk, 0, 4096, 4096));
	KUNIT_EXPECT_FALSE(test, rill_memory_promised(sk, 0, 4097, 4096));
	limits[2] = MEMORY_NONE;
	KUNIT_EXPECT_FALSE(test, rill_memory_promised(sk, 0, 1, 4096));
	release_sock(sk);
	memcpy(limits, saved, sizeof(saved));
}

/* A full buffer wakes a reader that waits for more than it holds. */
static void reader_waits_for_too_much(struct kunit *test)
{
	char line[48];
	u32 seq;

	scenario_run(test,
		     "socket\n"
		     "set rcvbuf 4000\n"
		     "established 10ms\n");
	WRITE_ONCE(scenario_sk(test)->sk_rcvlowat, 1 << 20);
	scenario_run(test,
		     "blocking recv 1000000\n"
		     "lenient\n");
	for (seq = 1; seq < 20001; seq += 1000) {
		scnprintf(line, sizeof(line), "+1ms < A %u:%u(1000) ack 1\n",
			  seq, seq + 1000);
		if (!scenario_run(test, line))
			return;
	}
	scenario_run(test,
		     "+1ms < FA 20001:20001(0) ack 1\n"
		     "returned = 20000\n");
}

static struct kunit_case flow_cases[] = {
	KUNIT_CASE_PARAM(window_grows_ahead, scenario_families),
	KUNIT_CASE_PARAM(window_grows_to_the_limit, scenario_families),
	KUNIT_CASE_PARAM(window_of_a_slow_stream, scenario_families),
	KUNIT_CASE_PARAM(window_full_of_bytes, scenario_families),
	KUNIT_CASE_PARAM(window_full_of_scraps, scenario_families),
	KUNIT_CASE_PARAM(reader_waits_for_too_much, scenario_families),
	KUNIT_CASE_PARAM(far_end_gives_way, scenario_families),
	KUNIT_CASE_PARAM(out_of_order_is_packed, scenario_families),
	KUNIT_CASE_PARAM(no_memory_for_all, scenario_families),
	KUNIT_CASE_PARAM(memory_short_for_all, scenario_families),
	KUNIT_CASE_PARAM(least_when_memory_is_short, scenario_families),
	{}
};

static struct kunit_suite flow_suite = {
	.name = "rill_flow",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = flow_cases,
};

kunit_test_suite(flow_suite);
