// SPDX-License-Identifier: GPL-2.0
/*
 * The arithmetic of module/transfer/rate.c: the delivery rate
 * (draft-cheng-iccrg-delivery-rate-estimation), when the application limits it,
 * and the chronograph of what the sender waits for.
 */
#include <kunit/test.h>
#include <linux/net.h>
#include "../module/transfer/inside.h"

#define MS	NSEC_PER_MSEC
#define START	(1000 * NSEC_PER_SEC)	/* when the cases begin */

/* A socket that only holds the variables of rate.c. */
static struct rill_sock *sender(struct kunit *test)
{
	struct rill_sock *rs = kunit_kzalloc(test, sizeof(*rs), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rs);
	skb_queue_head_init(&rs->inet.sk.sk_write_queue);
	rs->rtx.queue = RB_ROOT;
	rs->clock.now_ns = START;
	rs->path.mss = 1000;
	rs->cc.cwnd = 10;
	return rs;
}

static struct sk_buff *segment(struct kunit *test, u32 len)
{
	struct sk_buff *skb = kunit_kzalloc(test, sizeof(*skb), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb->len = len;
	return skb;
}

/* A segment is sent at @ms. */
static struct sk_buff *sent(struct kunit *test, struct rill_sock *rs, u64 ms)
{
	struct sk_buff *skb = segment(test, 1000);

	rs->clock.now_ns = START + ms * MS;
	rill_cb(skb)->sent_ns = rs->clock.now_ns;
	rill_rate_sent(rs, skb);
	rs->rtx.packets_out++;
	return skb;
}

/* An ACK at @ms delivers @n segments, in this order. */
static void acked(struct rill_sock *rs, u64 ms, struct sk_buff **skbs, u32 n)
{
	struct rill_ack_sample as = {
		.now_ns = START + ms * MS,
		.delivered = n,
	};
	u32 i;

	rs->clock.now_ns = as.now_ns;
	for (i = 0; i < n; i++)
		rill_rate_arrived(rs, skbs[i], &as);
	rs->rtx.packets_out -= n;
	rs->tally.delivered += n;
	rill_rate_acked(rs, &as);
}

static void measured(struct kunit *test, const struct rill_sock *rs,
		     u32 segments, u32 over_us, bool limited)
{
	KUNIT_EXPECT_EQ(test, rs->rate.segments, segments);
	KUNIT_EXPECT_EQ(test, rs->rate.over_us, over_us);
	KUNIT_EXPECT_EQ(test, rs->rate.limited, limited);
}

/* ---- the rate ---------------------------------------------------------- */

static void no_measurement(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct rill_ack_sample as = { .now_ns = START };

	KUNIT_EXPECT_EQ(test, rill_rate_bytes(rs), 0);
	/* Nothing was delivered: not even the time is stored. */
	rill_rate_acked(rs, &as);
	KUNIT_EXPECT_EQ(test, rs->rate.delivered_ns, 0);
	/* A segment was delivered whose time of transmission is unknown. */
	as.delivered = 1;
	rs->tally.delivered = 1;
	rill_rate_acked(rs, &as);
	KUNIT_EXPECT_EQ(test, rs->rate.delivered_ns, START);
	measured(test, rs, 0, 0, false);
	KUNIT_EXPECT_EQ(test, rill_rate_bytes(rs), 0);
}

static void of_two_segments(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct sk_buff *a = sent(test, rs, 0);
	struct sk_buff *b = sent(test, rs, 2);

	rs->rack.min_rtt_us = 10000;
	acked(rs, 10, &a, 1);
	measured(test, rs, 1, 10000, false);
	KUNIT_EXPECT_EQ(test, rill_rate_bytes(rs), 100000);
	acked(rs, 12, &b, 1);
	measured(test, rs, 2, 12000, false);
	KUNIT_EXPECT_EQ(test, rill_rate_bytes(rs), 166666);
}

/* ACKs in a bunch do not show a rate higher than that of sending. */
static void over_the_longer_time(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct sk_buff *a = sent(test, rs, 0);
	struct sk_buff *late[2] = { sent(test, rs, 1) };

	/* Its ACK was delayed, so that it is 20 ms since it was sent. */
	acked(rs, 20, &a, 1);
	late[1] = sent(test, rs, 20);
	KUNIT_EXPECT_EQ(test, rill_cb(late[1])->send_us, 20000);
	acked(rs, 30, late, 2);
	/* They were delivered in 10 ms, and sent in 20 ms. */
	measured(test, rs, 2, 20000, false);
}

static void less_than_the_least_round_trip(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct sk_buff *a = sent(test, rs, 0);
	struct sk_buff *b = sent(test, rs, 0);

	rs->rack.min_rtt_us = 10001;
	acked(rs, 10, &a, 1);
	measured(test, rs, 0, 0, false);
	rs->rack.min_rtt_us = 10000;
	acked(rs, 10, &b, 1);
	measured(test, rs, 2, 10000, false);
}

/*
 * Of the segments that an ACK delivers, the one sent last counts, whatever the
 * order.
 */
static void of_the_last_that_was_sent(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct sk_buff *a = sent(test, rs, 0);
	struct sk_buff *two[2];

	acked(rs, 10, &a, 1);
	sent(test, rs, 10);
	two[1] = sent(test, rs, 11);
	two[0] = sent(test, rs, 14);
	acked(rs, 24, two, 2);
	KUNIT_EXPECT_EQ(test, rs->rate.first_sent_ns, START + 14 * MS);
	measured(test, rs, 2, 14000, false);
}

/* A retransmitted segment counts from its retransmission. */
static void of_what_was_sent_again(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct sk_buff *a = sent(test, rs, 0);
	struct sk_buff *b = sent(test, rs, 0);

	acked(rs, 10, &b, 1);
	rs->clock.now_ns = START + 50 * MS;
	rill_cb(a)->sent_ns = rs->clock.now_ns;
	rill_rate_sent(rs, a);
	acked(rs, 60, &a, 1);
	/* Since the other was delivered; none of it in the first 10 ms. */
	KUNIT_EXPECT_EQ(test, rill_cb(a)->delivered, 1);
	measured(test, rs, 1, 50000, false);
}

/* An hour of silence is no time of delivery. */
static void after_a_silence(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct sk_buff *a = sent(test, rs, 0);

	acked(rs, 10, &a, 1);
	a = sent(test, rs, 3600000);
	KUNIT_EXPECT_EQ(test, rill_cb(a)->send_us, 0);
	acked(rs, 3600020, &a, 1);
	measured(test, rs, 1, 20000, false);
	/* Without silence, 71 minutes and 35 s do not fit into the field. */
	sent(test, rs, 3600020);
	a = sent(test, rs, 3600020 + 4295000);
	KUNIT_EXPECT_EQ(test, rill_cb(a)->send_us, U32_MAX);
	acked(rs, 3600020 + 4295001, &a, 1);
	measured(test, rs, 1, U32_MAX, false);
}

static void the_count_wraps(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct sk_buff *six[6];
	u32 i;

	rs->tally.delivered = U32_MAX - 1;
	for (i = 0; i < ARRAY_SIZE(six); i++)
		six[i] = sent(test, rs, 0);
	acked(rs, 10, six, ARRAY_SIZE(six));
	KUNIT_EXPECT_EQ(test, rs->tally.delivered, 4);
	measured(test, rs, 6, 10000, false);
}

static void more_than_32_bits_of_bytes(struct kunit *test)
{
	struct rill_sock *rs = sender(test);

	rs->path.mss = 65483;
	rs->rate.segments = 1000000;
	rs->rate.over_us = 1000;
	KUNIT_EXPECT_EQ(test, rill_rate_bytes(rs), 65483000000000ULL);
}

/* ---- what the program left unsent -------------------------------------- */

static bool marked(struct rill_sock *rs)
{
	rs->rate.app_limited = 0;
	rill_rate_check(&rs->inet.sk);
	return rs->rate.app_limited;
}

static void limited_by_the_program(struct kunit *test)
{
	struct rill_sock *rs = sender(test);

	rs->tally.delivered = 7;
	rs->rtx.packets_out = 9;
	rs->snd.write_seq = 5999;
	rs->snd.nxt = 5000;
	KUNIT_EXPECT_TRUE(test, marked(rs));
	KUNIT_EXPECT_EQ(test, rs->rate.app_limited, 16);
	/* A full segment waits. */
	rs->snd.write_seq++;
	KUNIT_EXPECT_FALSE(test, marked(rs));
	rs->snd.write_seq--;
	/* cwnd is full. */
	rs->rtx.packets_out = 10;
	KUNIT_EXPECT_FALSE(test, marked(rs));
	/* SACKed data is not in flight, and delivered. */
	rs->rtx.sacked_out = 1;
	KUNIT_EXPECT_TRUE(test, marked(rs));
	KUNIT_EXPECT_EQ(test, rs->rate.app_limited, 16);
	/* Lost data is to be retransmitted first, and others have been. */
	rs->rtx.lost_out = 1;
	KUNIT_EXPECT_FALSE(test, marked(rs));
	rs->rtx.retrans_out = 1;
	KUNIT_EXPECT_FALSE(test, marked(rs));
	rs->rtx.lost_out = 0;
	KUNIT_EXPECT_TRUE(test, marked(rs));
	KUNIT_EXPECT_EQ(test, rs->rate.app_limited, 16);
}

/* The mark ends with the first segment sent after it. */
static void mark_until_all_of_it_arrived(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct sk_buff *a[2] = { sent(test, rs, 0), sent(test, rs, 0) };
	struct sk_buff *b;

	rill_rate_check(&rs->inet.sk);
	KUNIT_EXPECT_EQ(test, rs->rate.app_limited, 2);
	b = sent(test, rs, 5);
	KUNIT_EXPECT_TRUE(test, rill_cb(b)->app_limited);
	acked(rs, 10, a, 2);
	KUNIT_EXPECT_EQ(test, rs->rate.app_limited, 2);
	measured(test, rs, 2, 10000, false);
	acked(rs, 15, &b, 1);
	KUNIT_EXPECT_EQ(test, rs->rate.app_limited, 0);
	/* 3 in 15 ms are as fast as 2 in 10 ms. */
	measured(test, rs, 3, 15000, true);
	b = sent(test, rs, 20);
	KUNIT_EXPECT_FALSE(test, rill_cb(b)->app_limited);
}

static void mark_round_the_wrap(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct rill_ack_sample as = {};

	/* A mark of 0 would mean none. */
	rs->tally.delivered = U32_MAX - 4;
	rs->rtx.packets_out = 5;
	rill_rate_check(&rs->inet.sk);
	KUNIT_EXPECT_EQ(test, rs->rate.app_limited, 1);
	rs->rtx.packets_out = 9;
	rill_rate_check(&rs->inet.sk);
	KUNIT_EXPECT_EQ(test, rs->rate.app_limited, 4);
	rill_rate_acked(rs, &as);
	rs->tally.delivered = 4;
	rill_rate_acked(rs, &as);
	KUNIT_EXPECT_EQ(test, rs->rate.app_limited, 4);
	rs->tally.delivered = 5;
	rill_rate_acked(rs, &as);
	KUNIT_EXPECT_EQ(test, rs->rate.app_limited, 0);
}

/* An application-limited sample counts only if it is no slower. */
static void slower_for_want_of_data(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct sk_buff *a = sent(test, rs, 0);
	struct sk_buff *b;

	rs->rate.segments = 1;
	rs->rate.over_us = 9999;
	rill_cb(a)->app_limited = true;
	acked(rs, 10, &a, 1);
	measured(test, rs, 1, 9999, false);
	b = sent(test, rs, 20);
	rill_cb(b)->app_limited = true;
	rs->rate.over_us = 10000;
	acked(rs, 30, &b, 1);
	measured(test, rs, 1, 10000, true);
	/* Any other sample counts even if it is slower. */
	b = sent(test, rs, 40);
	acked(rs, 90, &b, 1);
	measured(test, rs, 1, 50000, false);
}

static void first_for_want_of_data(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct sk_buff *a = sent(test, rs, 0);

	rill_cb(a)->app_limited = true;
	acked(rs, 10, &a, 1);
	measured(test, rs, 1, 10000, true);
}

/* ---- what the time is spent with --------------------------------------- */

static void hold_at(struct rill_sock *rs, u64 ms)
{
	rs->clock.now_ns = START + ms * MS;
	rill_hold_update(&rs->inet.sk);
}

static u64 held_ms(const struct rill_sock *rs, enum rill_hold hold, u64 ms)
{
	return div_u64(rill_hold_us(rs, hold, START + ms * MS), 1000);
}

static void times_add_up(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct sk_buff *skb = segment(test, 500);
	struct sock *sk = &rs->inet.sk;

	rs->held.since_ns = START;
	rill_cb(skb)->seq = 5000;
	rs->snd.una = 5000;
	rs->snd.wnd = 500;
	hold_at(rs, 0);
	KUNIT_EXPECT_EQ(test, rs->held.by, RILL_HOLD_IDLE);
	/* It fits into the window: to the byte. */
	__skb_queue_tail(&sk->sk_write_queue, skb);
	hold_at(rs, 7);
	KUNIT_EXPECT_EQ(test, rs->held.by, RILL_HOLD_NETWORK);
	rs->snd.wnd = 499;
	hold_at(rs, 10);
	KUNIT_EXPECT_EQ(test, rs->held.by, RILL_HOLD_WINDOW);
	/* Nothing changes: the interval goes on. */
	hold_at(rs, 12);
	KUNIT_EXPECT_EQ(test, held_ms(rs, RILL_HOLD_IDLE, 15), 7);
	KUNIT_EXPECT_EQ(test, held_ms(rs, RILL_HOLD_NETWORK, 15), 3);
	KUNIT_EXPECT_EQ(test, held_ms(rs, RILL_HOLD_WINDOW, 15), 5);
	/* cwnd is full as well, and has precedence. */
	rs->rtx.packets_out = 10;
	hold_at(rs, 20);
	KUNIT_EXPECT_EQ(test, rs->held.by, RILL_HOLD_NETWORK);
	__skb_unlink(skb, &sk->sk_write_queue);
	rs->rtx.packets_out = 0;
	hold_at(rs, 21);
	KUNIT_EXPECT_EQ(test, held_ms(rs, RILL_HOLD_IDLE, 30), 16);
	KUNIT_EXPECT_EQ(test, held_ms(rs, RILL_HOLD_NETWORK, 30), 4);
	KUNIT_EXPECT_EQ(test, held_ms(rs, RILL_HOLD_WINDOW, 30), 10);
	KUNIT_EXPECT_EQ(test, held_ms(rs, RILL_HOLD_SNDBUF, 30), 0);
}

/* The window limits if it has no room for one segment of a long write. */
static void window_for_a_segment(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct sk_buff *skb = segment(test, 5000);

	rill_cb(skb)->seq = U32_MAX - 499;
	rs->snd.una = U32_MAX - 499;
	rs->snd.wnd = 1000;
	__skb_queue_tail(&rs->inet.sk.sk_write_queue, skb);
	hold_at(rs, 0);
	KUNIT_EXPECT_EQ(test, rs->held.by, RILL_HOLD_NETWORK);
	rs->snd.wnd = 999;
	hold_at(rs, 0);
	KUNIT_EXPECT_EQ(test, rs->held.by, RILL_HOLD_WINDOW);
}

static void send_buffer_full(struct kunit *test)
{
	struct rill_sock *rs = sender(test);
	struct socket *sock = kunit_kzalloc(test, sizeof(*sock), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sock);
	rs->rtx.packets_out = 9;
	/* An orphan has no program that could fill it. */
	hold_at(rs, 0);
	KUNIT_EXPECT_EQ(test, rs->held.by, RILL_HOLD_NETWORK);
	rs->inet.sk.sk_socket = sock;
	hold_at(rs, 1);
	KUNIT_EXPECT_EQ(test, rs->held.by, RILL_HOLD_NETWORK);
	set_bit(SOCK_NOSPACE, &sock->flags);
	hold_at(rs, 2);
	KUNIT_EXPECT_EQ(test, rs->held.by, RILL_HOLD_SNDBUF);
	/* cwnd would hold it as well. */
	rs->rtx.packets_out = 10;
	hold_at(rs, 5);
	KUNIT_EXPECT_EQ(test, rs->held.by, RILL_HOLD_NETWORK);
	/* All is delivered, and the program has not written more. */
	rs->rtx.packets_out = 0;
	hold_at(rs, 9);
	KUNIT_EXPECT_EQ(test, rs->held.by, RILL_HOLD_IDLE);
	KUNIT_EXPECT_EQ(test, held_ms(rs, RILL_HOLD_SNDBUF, 99), 3);
}

/* Another CPU's clock was ahead of this one: no time is negative. */
static void never_in_the_past(struct kunit *test)
{
	struct rill_sock *rs = sender(test);

	rs->held.by = RILL_HOLD_WINDOW;
	rs->held.since_ns = START + MS;
	KUNIT_EXPECT_EQ(test, held_ms(rs, RILL_HOLD_WINDOW, 0), 0);
	hold_at(rs, 0);
	KUNIT_EXPECT_EQ(test, rs->held.ns[RILL_HOLD_WINDOW], 0);
}

static struct kunit_case rate_cases[] = {
	KUNIT_CASE(no_measurement),
	KUNIT_CASE(of_two_segments),
	KUNIT_CASE(over_the_longer_time),
	KUNIT_CASE(less_than_the_least_round_trip),
	KUNIT_CASE(of_the_last_that_was_sent),
	KUNIT_CASE(of_what_was_sent_again),
	KUNIT_CASE(after_a_silence),
	KUNIT_CASE(the_count_wraps),
	KUNIT_CASE(more_than_32_bits_of_bytes),
	KUNIT_CASE(limited_by_the_program),
	KUNIT_CASE(mark_until_all_of_it_arrived),
	KUNIT_CASE(mark_round_the_wrap),
	KUNIT_CASE(slower_for_want_of_data),
	KUNIT_CASE(first_for_want_of_data),
	KUNIT_CASE(times_add_up),
	KUNIT_CASE(window_for_a_segment),
	KUNIT_CASE(send_buffer_full),
	KUNIT_CASE(never_in_the_past),
	{}
};

static struct kunit_suite rate_suite = {
	.name = "rill_rate",
	.test_cases = rate_cases,
};

kunit_test_suite(rate_suite);
