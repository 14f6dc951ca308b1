// SPDX-License-Identifier: GPL-2.0
/*
 * CUBIC: module/transfer/cubic.c. Tables and curves were computed from RFC 9438
 * by other code, with exact fractions.
 */
#include <linux/delay.h>
#include "../module/clock/clock.h"
#include "../module/transfer/inside.h"
#include "sockets.h"

#define LARGEST		BIT(20)

static struct rill_sock *cubic_sock(struct kunit *test)
{
	struct sockets *fix = test->priv;

	return rill_sk(fix->rill->sk);
}

static int cubic_test_init(struct kunit *test)
{
	struct rill_sock *rs;
	int err = sockets_init(test);

	if (err)
		return err;
	rs = cubic_sock(test);
	rs->cc.ops = &rill_cc_cubic;
	rill_cc_init(&rs->inet.sk);
	return 0;
}

/* Congestion avoidance of a window that is reduced from @cwnd. */
static void reduced(struct rill_sock *rs, u32 cwnd, u32 rtt_us)
{
	rs->cc.cwnd = cwnd;
	rs->cc.limited = true;
	rs->rtt.srtt_us = rtt_us << 3;
	rs->cc.ssthresh = rs->cc.ops->ssthresh(&rs->inet.sk);
	rs->cc.cwnd = rs->cc.ssthresh;
	rs->cc.cwnd_cnt = 0;
}

/* @delivered segments are acknowledged at @now. */
static void acked_at(struct rill_sock *rs, u64 now, u32 delivered,
		     bool limited)
{
	struct rill_ack_sample as = {
		.now_ns		= now,
		.acked		= delivered,
		.delivered	= delivered,
		.cwnd_limited	= limited,
	};

	lock_sock(&rs->inet.sk);
	rill_ack_congestion(&rs->inet.sk, &as);
	release_sock(&rs->inet.sk);
}

/*
 * ACKs of one segment each, evenly spaced, for @us from @from; the time then.
 * A connection that is never idle.
 */
static u64 run_for(struct rill_sock *rs, u64 from, u64 us)
{
	u64 end = from + us * NSEC_PER_USEC;
	u64 rtt_ns = (u64)(rs->rtt.srtt_us >> 3) * NSEC_PER_USEC;

	while (from < end) {
		acked_at(rs, from, 1, true);
		from += div_u64(rtt_ns, rs->cc.cwnd);
	}
	return from;
}

static void root_by_table(struct kunit *test)
{
	static const u32 roots[] = { 0, 1, 2, 3, 7, 1000, 65535, 65536,
				     1000003, 2642245 };
	size_t i;
	u64 cube;

	for (i = 0; i < ARRAY_SIZE(roots); i++) {
		cube = (u64)roots[i] * roots[i] * roots[i];
		KUNIT_EXPECT_EQ(test, rill_cubic_root(cube), roots[i]);
		if (!roots[i])
			continue;
		KUNIT_EXPECT_EQ(test, rill_cubic_root(cube - 1), roots[i] - 1);
		if (cube > 1)
			KUNIT_EXPECT_EQ(test, rill_cubic_root(cube + 1),
					roots[i]);
	}
	KUNIT_EXPECT_EQ(test, rill_cubic_root(U64_MAX), 2642245);
}

/* K, microseconds; ours is rounded down to 100 us. */
static void k_by_table(struct kunit *test)
{
	static const struct {
		u32 segments;
		u32 us;
	} table[] = {
		{ 0, 0 }, { 1, 1357208 }, { 2, 1709975 }, { 3, 1957433 },
		{ 10, 2924017 }, { 30, 4217163 }, { 100, 6299605 },
		{ 300, 9085602 }, { 1000, 13572088 }, { 30000, 42171633 },
		{ 300000, 90856029 }, { LARGEST, 137883820 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		u32 us = rill_cubic_k_us(table[i].segments);

		KUNIT_EXPECT_LE(test, us, table[i].us);
		KUNIT_EXPECT_LT(test, table[i].us - us, 100);
	}
}

/* C t^3 in segments times 2^10; hours are as 140 s. */
static void rise_by_table(struct kunit *test)
{
	static const struct {
		u64 us;
		u64 rise;
	} table[] = {
		{ 0, 0 }, { 1000, 0 }, { 10000, 0 }, { 500000, 51 },
		{ 1000000, 409 }, { 1357208, 1023 }, { 2500000, 6400 },
		{ 4217163, 30719 }, { 10000000, 409600 },
		{ 60000000, 88473600 }, { 137900000, 1074119859 },
		{ 140000000, 1123942400 }, { 3600000000ULL, 1123942400 },
		{ U64_MAX, 1123942400 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		u64 rise = rill_cubic_rise(table[i].us);

		/* One for rounding, and a millionth. */
		KUNIT_EXPECT_LE(test, rise,
				table[i].rise + 1 + table[i].rise / 1000000);
		KUNIT_EXPECT_GE(test, rise + 1 + table[i].rise / 1000000,
				table[i].rise);
	}
}

/* RFC 9438, 4.6 and 4.7. */
static void reduction_by_table(struct kunit *test)
{
	static const struct {
		u32 cwnd;
		u32 ssthresh;
	} table[] = {
		{ 1, 2 }, { 2, 2 }, { 3, 2 }, { 4, 2 }, { 5, 3 }, { 10, 7 },
		{ 100, 70 }, { 1001, 700 }, { LARGEST, 734003 },
	};
	struct rill_sock *rs = cubic_sock(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		reduced(rs, table[i].cwnd, 1000);
		KUNIT_EXPECT_EQ(test, rs->cc.ssthresh, table[i].ssthresh);
	}
}

/*
 * RFC 7661, 4.4.1: the part of cwnd that the program never used is not W_max.
 */
static void reduction_of_what_was_used(struct kunit *test)
{
	struct rill_sock *rs = cubic_sock(test);

	rs->cc.cwnd = 1000;
	rs->cc.ssthresh = 500;
	rs->cc.limited = false;
	rs->cc.used = 100;
	KUNIT_EXPECT_EQ(test, rs->cc.ops->ssthresh(&rs->inet.sk), 100);
	rs->cc.cwnd = 120;
	KUNIT_EXPECT_EQ(test, rs->cc.ops->ssthresh(&rs->inet.sk), 84);
}

/* From 700, W_max 1000: K is 9.0856 s; W(K/2) 962.5, W(K) 1000, W(2K) 1300. */
static void the_curve(struct kunit *test)
{
	struct rill_sock *rs = cubic_sock(test);
	u64 now = rill_now_ns();
	u32 was;

	reduced(rs, 1000, 100000);
	KUNIT_EXPECT_EQ(test, rs->cc.cwnd, 700);
	now = run_for(rs, now, 9085602 / 2);
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, 958);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, 963);
	now = run_for(rs, now, 9085602 / 2);
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, 999);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, 1001);
	/* Around W_max it is flat: 0.4 (1 s)^3. */
	was = rs->cc.cwnd;
	now = run_for(rs, now, 1000000);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, was + 2);
	run_for(rs, now, 8085602);
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, 1290);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, 1302);
}

/* RFC 9438, 4.7: W_max is 0.85 of a window that is less than the last. */
static void fast_convergence(struct kunit *test)
{
	struct rill_sock *rs = cubic_sock(test);
	u64 now = rill_now_ns();

	reduced(rs, 2000, 100000);
	reduced(rs, 1000, 100000);
	KUNIT_EXPECT_EQ(test, rs->cc.cwnd, 700);
	/* K of 150 segments is 7.2112 s. */
	now = run_for(rs, now, 7211247);
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, 849);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, 851);
	run_for(rs, now, 1000000);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, 853);
}

/*
 * RFC 9438, 4.3, at an RTT of 1 ms: the Reno-friendly window grows by 9/17 of a
 * segment in a round trip up to cwnd before the reduction, and by one from
 * there on.
 */
static void friendly_by_table(struct kunit *test)
{
	static const struct {
		u32 round;
		u32 cwnd;
	} table[] = {
		{ 2, 71 }, { 10, 75 }, { 20, 80 }, { 30, 85 }, { 40, 91 },
		{ 50, 96 }, { 56, 99 }, { 67, 110 }, { 77, 120 }, { 97, 140 },
	};
	struct rill_sock *rs = cubic_sock(test);
	u64 now = rill_now_ns();
	u32 round = 0, i, n;
	size_t row;

	reduced(rs, 100, 4000);
	for (row = 0; row < ARRAY_SIZE(table); row++) {
		for (; round < table[row].round; round++) {
			n = rs->cc.cwnd;
			for (i = 0; i < n; i++)
				acked_at(rs, now, 1, true);
			now += NSEC_PER_MSEC;
		}
		KUNIT_EXPECT_LE_MSG(test, rs->cc.cwnd, table[row].cwnd + 1,
				    "round %u", round);
		KUNIT_EXPECT_GE_MSG(test, rs->cc.cwnd + 1, table[row].cwnd,
				    "round %u", round);
	}
}

/* The same with one ACK in each round trip: the delivered segments count. */
static void friendly_by_stretched_acks(struct kunit *test)
{
	struct rill_sock *rs = cubic_sock(test);
	u64 now = rill_now_ns();
	int i;

	reduced(rs, 100, 4000);
	for (i = 0; i < 56; i++) {
		acked_at(rs, now, rs->cc.cwnd, true);
		now += NSEC_PER_MSEC;
	}
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, 98);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, 100);
}

/* A round trip shorter than a tick of Linux: a segment in each. */
static void friendly_on_a_short_path(struct kunit *test)
{
	struct rill_sock *rs = cubic_sock(test);
	u64 now = rill_now_ns();
	int i;

	reduced(rs, 100, 1000);
	for (i = 0; i < 20; i++) {
		acked_at(rs, now, rs->cc.cwnd, true);
		now += NSEC_PER_MSEC;
	}
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, 89);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, 91);
}

/* With an RTT of 10 us and a small window CUBIC is no faster than Reno. */
static void tiny_rtt(struct kunit *test)
{
	struct rill_sock *rs = cubic_sock(test);
	u64 now = rill_now_ns();

	reduced(rs, 10, 10);
	run_for(rs, now, 1000);
	/* 100 round trips; 6 to get back to 10. */
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, 95);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, 110);
}

/* Without a W_max the window grows by 5 % in a round trip, as TCP's. */
static void no_loss_seen_yet(struct kunit *test)
{
	struct rill_sock *rs = cubic_sock(test);
	u64 now = rill_now_ns();

	rs->cc.cwnd = 1000;
	rs->cc.ssthresh = 1000;
	rs->rtt.srtt_us = 100000 << 3;
	run_for(rs, now, 100000);
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, 1049);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, 1053);
}

/* RFC 9438, 4.8: K is 0 after a timeout. */
static void after_a_timeout(struct kunit *test)
{
	struct rill_sock *rs = cubic_sock(test);
	u64 now = rill_now_ns();

	reduced(rs, 1000, 100000);
	rs->cc.cwnd = 1;
	rs->rec.state = RILL_LOSS;
	acked_at(rs, now, 1, true);
	KUNIT_EXPECT_EQ(test, rs->cc.cwnd, 2);
	rs->rec.state = RILL_OPEN;
	acked_at(rs, now, 698, true);
	KUNIT_EXPECT_EQ(test, rs->cc.cwnd, 700);
	/* 0.4 (10 s)^3 is 400, were it not for the 5 %. */
	run_for(rs, now, 1000000);
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, 700 * 15 / 10);
}

/* RFC 9438, 5.8: time in which cwnd did not limit the sender is not in t. */
static void time_without_need(struct kunit *test)
{
	struct rill_sock *rs = cubic_sock(test);
	u64 now = rill_now_ns();
	u32 cwnd;
	int i;

	reduced(rs, 1000, 100000);
	now = run_for(rs, now, 9085602);
	cwnd = rs->cc.cwnd;
	for (i = 0; i < 600; i++, now += 100 * NSEC_PER_MSEC)
		acked_at(rs, now, 10, false);
	KUNIT_EXPECT_EQ(test, rs->cc.cwnd, cwnd);
	/* 2 s behind W_max: 0.4 * 8. */
	run_for(rs, now, 2000000);
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, cwnd + 2);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, cwnd + 5);
}

/* Nor are hours in which nothing was sent. */
static void hours_of_idle(struct kunit *test)
{
	struct rill_sock *rs = cubic_sock(test);
	u32 cwnd;

	reduced(rs, 1000, 100000);
	run_for(rs, rill_now_ns(), 1);
	cwnd = rs->cc.cwnd;
	ssleep(5 * 3600);
	/* The sender notes that it was idle. */
	rill_clock_read(rs);
	rs->cc.ops->restart(&rs->inet.sk);
	run_for(rs, rill_now_ns(), 100000);
	/* W'(0) is 1.2 K^2: 99 segments a second. */
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, cwnd + 5);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, cwnd + 21);
}

/* Hours in which ACKs came, at the largest window: nothing wraps. */
static void largest_window(struct kunit *test)
{
	struct rill_sock *rs = cubic_sock(test);
	u64 now = rill_now_ns();
	u32 was;
	int i;

	reduced(rs, LARGEST, 2000000);
	KUNIT_EXPECT_EQ(test, rs->cc.cwnd, 734003);
	for (i = 0; i < 20000; i++) {
		was = rs->cc.cwnd;
		acked_at(rs, now, rs->cc.cwnd, true);
		KUNIT_EXPECT_GE(test, rs->cc.cwnd, was);
		KUNIT_EXPECT_LE(test, rs->cc.cwnd, LARGEST);
		now += 2 * NSEC_PER_SEC;
	}
	KUNIT_EXPECT_EQ(test, rs->cc.cwnd, LARGEST);
}

/* One ACK never lets the window grow by more than a half. */
static void no_jump(struct kunit *test)
{
	struct rill_sock *rs = cubic_sock(test);
	u64 now = rill_now_ns();

	reduced(rs, 100, 100000);
	acked_at(rs, now, 1, true);
	now += 3600 * NSEC_PER_SEC;
	acked_at(rs, now, rs->cc.cwnd, true);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, 106);
}

/* The reduction was spurious: all is as it was before. */
static void undone(struct kunit *test)
{
	struct rill_sock *rs = cubic_sock(test);
	u64 now = rill_now_ns();

	reduced(rs, 1000, 100000);
	now = run_for(rs, now, 9085602 / 2);
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, 958);
	rs->cc.ops->ssthresh(&rs->inet.sk);
	rs->cc.ops->undo(&rs->inet.sk);
	now = run_for(rs, now, 9085602 / 2);
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, 999);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, 1001);
	run_for(rs, now, 9085602);
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, 1290);
	KUNIT_EXPECT_LE(test, rs->cc.cwnd, 1302);
}

static struct kunit_case cubic_cases[] = {
	KUNIT_CASE(root_by_table),
	KUNIT_CASE(k_by_table),
	KUNIT_CASE(rise_by_table),
	KUNIT_CASE(reduction_by_table),
	KUNIT_CASE(reduction_of_what_was_used),
	KUNIT_CASE(the_curve),
	KUNIT_CASE(fast_convergence),
	KUNIT_CASE(friendly_by_table),
	KUNIT_CASE(friendly_by_stretched_acks),
	KUNIT_CASE(friendly_on_a_short_path),
	KUNIT_CASE(tiny_rtt),
	KUNIT_CASE(no_loss_seen_yet),
	KUNIT_CASE(after_a_timeout),
	KUNIT_CASE(time_without_need),
	KUNIT_CASE(hours_of_idle),
	KUNIT_CASE(largest_window),
	KUNIT_CASE(no_jump),
	KUNIT_CASE(undone),
	{}
};

static struct kunit_suite cubic_suite = {
	.name = "rill_cubic",
	.init = cubic_test_init,
	.exit = sockets_exit,
	.test_cases = cubic_cases,
};

kunit_test_suite(cubic_suite);
