// SPDX-License-Identifier: GPL-2.0
/*
 * The arithmetic of both buffers: payload and the memory that it takes; and
 * the SACK blocks after data out of order was discarded.
 */
#include "../module/transfer/inside.h"
#include "sockets.h"

static struct rill_sock *blank(struct kunit *test)
{
	struct rill_sock *rs = kunit_kzalloc(test, sizeof(*rs), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rs);
	rs->space.ratio = RILL_RATIO_FIRST;
	return rs;
}

static void payload_of_space(struct kunit *test)
{
	struct rill_sock *rs = blank(test);

	KUNIT_EXPECT_EQ(test, rill_rcvbuf_payload(rs, 131072), 65536);
	KUNIT_EXPECT_EQ(test, rill_rcvbuf_payload(rs, 0), 0);
	KUNIT_EXPECT_EQ(test, rill_rcvbuf_payload(rs, -1), 0);
	KUNIT_EXPECT_EQ(test, rill_rcvbuf_payload(rs, INT_MAX), 1073741823);
	rs->space.ratio = 208;
	KUNIT_EXPECT_EQ(test, rill_rcvbuf_payload(rs, 6291456), 5111808);
}

/* The largest window that scaling allows fits into an int of buffer. */
static void space_for_payload(struct kunit *test)
{
	struct rill_sock *rs = blank(test);

	KUNIT_EXPECT_EQ(test, rill_rcvbuf_space(rs, 65536), 131072);
	KUNIT_EXPECT_EQ(test, rill_rcvbuf_space(rs, BIT(30)), BIT_ULL(31));
	rs->space.ratio = 64;
	KUNIT_EXPECT_EQ(test, rill_rcvbuf_space(rs, BIT(30)), BIT_ULL(32));
}

static struct sk_buff *packet(struct kunit *test, u32 linear, u32 truesize)
{
	struct sk_buff *skb = alloc_skb(linear, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put(skb, linear);
	skb->truesize = truesize;
	return skb;
}

/*
 * A bare FIN behind data in pages: the head has no room, not even for nothing.
 * skb_put() would take that for a bug and panic.
 */
static void fin_behind_pages(struct kunit *test)
{
	struct sk_buff *to = packet(test, 100, 1000);
	struct sk_buff *fin = packet(test, 0, 500);
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	rill_cb(to)->flags = RILL_ACK;
	rill_cb(to)->end_seq = 1000;
	rill_cb(fin)->seq = 1000;
	rill_cb(fin)->end_seq = 1001;
	rill_cb(fin)->flags = RILL_ACK | RILL_FIN;
	skb_add_rx_frag(to, 0, page, 0, 900, PAGE_SIZE);
	KUNIT_EXPECT_FALSE(test, rill_skb_appends(to, fin));
	kfree_skb(fin);
	kfree_skb(to);
}

/* The timestamp is of the last byte, by either clock. */
static void times_of_the_later(struct kunit *test)
{
	struct sockets *fix = test->priv;
	struct sk_buff *to = packet(test, 0, 1000);
	struct sk_buff *skb = packet(test, 0, 1000);
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 1);

	KUNIT_ASSERT_NOT_NULL(test, page);
	get_page(page);
	skb_add_rx_frag(to, 0, page, 0, 100, PAGE_SIZE);
	skb_add_rx_frag(skb, 0, page, PAGE_SIZE, 100, PAGE_SIZE);
	rill_cb(to)->end_seq = 100;
	rill_cb(skb)->seq = 100;
	rill_cb(skb)->end_seq = 200;
	to->tstamp = 1;
	skb_hwtstamps(to)->hwtstamp = 2;
	skb->tstamp = 3;
	skb_hwtstamps(skb)->hwtstamp = 4;
	skb_set_owner_r(to, fix->rill->sk);
	KUNIT_ASSERT_TRUE(test, rill_skb_coalesce(fix->rill->sk, to, skb));
	KUNIT_EXPECT_EQ(test, to->tstamp, 3);
	KUNIT_EXPECT_EQ(test, skb_hwtstamps(to)->hwtstamp, 4);
	kfree_skb(to);
}

static void measured_by_a_full_segment(struct kunit *test)
{
	struct rill_sock *rs = blank(test);
	struct sk_buff *skb = packet(test, 1000, 2000);

	rill_rcvbuf_measure(rs, skb);
	KUNIT_EXPECT_EQ(test, rs->space.ratio, 128);
	skb->truesize = 1600;
	rill_rcvbuf_measure(rs, skb);
	KUNIT_EXPECT_EQ(test, rs->space.ratio, 160);
	/* However little data it holds, and however much. */
	skb->truesize = 100000;
	rill_rcvbuf_measure(rs, skb);
	KUNIT_EXPECT_EQ(test, rs->space.ratio, 64);
	skb->truesize = 1001;
	rill_rcvbuf_measure(rs, skb);
	KUNIT_EXPECT_EQ(test, rs->space.ratio, 208);
	kfree_skb(skb);
}

/* A driver's buffer costs the same, whatever the path MTU. */
static void measured_by_length_too(struct kunit *test)
{
	struct rill_sock *rs = blank(test);
	struct sk_buff *skb = packet(test, 1000, 2000);

	rill_rcvbuf_measure(rs, skb);
	KUNIT_EXPECT_EQ(test, rs->space.ratio, 128);
	skb_trim(skb, 750);
	rill_rcvbuf_measure(rs, skb);
	KUNIT_EXPECT_EQ(test, rs->space.ratio, 96);
	kfree_skb(skb);
}

/* Of packets that are joined in the queue, one in eight keeps its head. */
static void measured_by_fragments(struct kunit *test)
{
	struct rill_sock *rs = blank(test);
	struct sk_buff *skb = packet(test, 0, 0);
	u32 head = SKB_TRUESIZE(skb_end_offset(skb));

	skb->len = 1448;
	skb->data_len = 1448;
	skb->truesize = head + 2048;
	rill_rcvbuf_measure(rs, skb);
	KUNIT_EXPECT_EQ(test, rs->space.ratio,
			1448 * 256 / (2048 + head / 8));
	skb->len = 0;
	skb->data_len = 0;
	kfree_skb(skb);
}

static void blocks_cut(struct kunit *test)
{
	struct rill_sock *rs = blank(test);

	rill_sacks_add(rs, 100, 200);
	rill_sacks_add(rs, 300, 400);
	rill_sacks_add(rs, 500, 600);
	rill_sacks_cut(rs, 350);
	KUNIT_ASSERT_EQ(test, rs->sack.num, 2);
	KUNIT_EXPECT_EQ(test, rs->sack.recent[0].start, 300);
	KUNIT_EXPECT_EQ(test, rs->sack.recent[0].end, 350);
	KUNIT_EXPECT_EQ(test, rs->sack.recent[1].end, 200);
	rill_sacks_cut(rs, 300);
	KUNIT_EXPECT_EQ(test, rs->sack.num, 1);
	rill_sacks_cut(rs, 50);
	KUNIT_EXPECT_EQ(test, rs->sack.num, 0);
	/* Round the wrap. */
	rill_sacks_add(rs, -100, 100);
	rill_sacks_cut(rs, -50);
	KUNIT_ASSERT_EQ(test, rs->sack.num, 1);
	KUNIT_EXPECT_EQ(test, rs->sack.recent[0].end, (u32)-50);
}

/* Two windows of packets; wmem counts their payload. */
static void send_buffer_grows(struct kunit *test)
{
	struct sockets *fix = test->priv;
	struct sock *sk = fix->rill->sk;
	struct rill_sock *rs = rill_sk(sk);
	u64 grown;

	rs->path.mss = 1000;
	rs->cc.cwnd = 100;
	sk->sk_sndbuf = 16384;
	rill_sndbuf_grow(sk);
	grown = sk->sk_sndbuf;
	KUNIT_EXPECT_GE(test, grown, 200 * SKB_TRUESIZE(1000 + sk->sk_prot->max_header));
	KUNIT_EXPECT_LE(test, grown, 200 * (1000 + 4096));
	/* Never smaller by itself. */
	rs->cc.cwnd = 50;
	rill_sndbuf_grow(sk);
	KUNIT_EXPECT_EQ(test, sk->sk_sndbuf, grown);
	/* 4 MiB of payload are 4194 segments. */
	rs->cc.cwnd = 100000;
	rill_sndbuf_grow(sk);
	KUNIT_EXPECT_EQ(test, sk->sk_sndbuf,
			4194304 + 4194 * (grown / 200 - 1000));
	/* SO_SNDBUF counts instead. */
	sk->sk_userlocks |= SOCK_SNDBUF_LOCK;
	sk->sk_sndbuf = 5000;
	rill_sndbuf_grow(sk);
	KUNIT_EXPECT_EQ(test, sk->sk_sndbuf, 5000);
}

static struct kunit_case rcvbuf_cases[] = {
	KUNIT_CASE(payload_of_space),
	KUNIT_CASE(space_for_payload),
	KUNIT_CASE(fin_behind_pages),
	KUNIT_CASE(times_of_the_later),
	KUNIT_CASE(measured_by_a_full_segment),
	KUNIT_CASE(measured_by_length_too),
	KUNIT_CASE(measured_by_fragments),
	KUNIT_CASE(blocks_cut),
	KUNIT_CASE(send_buffer_grows),
	{}
};

static struct kunit_suite rcvbuf_suite = {
	.name = "rill_rcvbuf",
	.init = sockets_init,
	.exit = sockets_exit,
	.test_cases = rcvbuf_cases,
};

kunit_test_suite(rcvbuf_suite);
