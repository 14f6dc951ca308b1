// SPDX-License-Identifier: GPL-2.0
/*
 * The MSS from each of its inputs, the arithmetic of the search for the path
 * MTU, and how segments are joined: module/transfer/{mss,plpmtud,queue}.c.
 */#include <kunit/test.h>
#include "../module/transfer/inside.h"

#include "sockets.h"

/* A socket that only holds the variables. */
static struct sock *subject(struct kunit *test)
{
	struct sockets *fix = test->priv;

	return fix->rill->sk;
}

static void plpmtud_test_exit(struct kunit *test)
{
	struct sockets *fix = test->priv;

	if (fix && fix->rill) {
		lock_sock(fix->rill->sk);
		rill_queue_purge(fix->rill->sk);
		release_sock(fix->rill->sk);
	}
	sockets_exit(test);
}

/* ---- MSS --------------------------------------------------------------- */

static void agree__smaller_of_both(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, rill_mss_agree(1460, 0), 1460);
	KUNIT_EXPECT_EQ(test, rill_mss_agree(1460, 1000), 1000);
	KUNIT_EXPECT_EQ(test, rill_mss_agree(1000, 1460), 1000);
	/* A peer with an MSS of nothing but options does not get that. */
	KUNIT_EXPECT_EQ(test, rill_mss_agree(0, 0), RILL_MSS_MIN);
	KUNIT_EXPECT_EQ(test, rill_mss_agree(1, 1460), RILL_MSS_MIN);
}

static void of_mtu__each_limit(struct kunit *test)
{
	struct sock *sk = subject(test);
	struct rill_sock *rs = rill_sk(sk);

	rs->agreed.peer_mss = 1460;
	KUNIT_EXPECT_EQ(test, rill_mss_of_mtu(sk, 1500), 1460);
	KUNIT_EXPECT_EQ(test, rill_mss_of_mtu(sk, 1400), 1360);
	KUNIT_EXPECT_EQ(test, rill_mss_of_mtu(sk, 9000), 1460);
	KUNIT_EXPECT_EQ(test, rill_mss_of_mtu(sk, U32_MAX), 1460);
	/* Never less, whatever the path says. */
	KUNIT_EXPECT_EQ(test, rill_mss_of_mtu(sk, 0), RILL_MSS_MIN);
	KUNIT_EXPECT_EQ(test, rill_mss_of_mtu(sk, 41), RILL_MSS_MIN);
	/* RFC 6691: options are subtracted from the peer's MSS too. */
	rs->agreed.ts_ok = 1;
	KUNIT_EXPECT_EQ(test, rill_mss_of_mtu(sk, 1500), 1448);
	KUNIT_EXPECT_EQ(test, rill_mss_of_mtu(sk, 9000), 1448);
	KUNIT_EXPECT_EQ(test, rill_mss_of_mtu(sk, 0), RILL_MSS_MIN - 12);
	rs->agreed.peer_mss = U16_MAX;
	KUNIT_EXPECT_EQ(test, rill_mss_of_mtu(sk, 65536), 65484);
	KUNIT_EXPECT_EQ(test, rill_mss_of_mtu(sk, U32_MAX), U16_MAX - 12);
}

static void to_mtu__is_the_inverse(struct kunit *test)
{
	struct sock *sk = subject(test);
	u32 mtu;

	rill_sk(sk)->agreed.peer_mss = U16_MAX;
	for (mtu = 200; mtu < 65535; mtu += 67) {
		rill_sk(sk)->agreed.ts_ok = mtu & 1;
		KUNIT_EXPECT_EQ(test, mtu,
				rill_mss_to_mtu(sk, rill_mss_of_mtu(sk, mtu)));
	}
}

/* IP options of the socket are in every packet. */
static void of_mtu__ip_options(struct kunit *test)
{
	struct {
		struct ip_options_rcu opt;
		u8 data[40];
	} *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	struct sock *sk = subject(test);

	KUNIT_ASSERT_NOT_NULL(test, o);
	o->opt.opt.optlen = 8;
	rill_sk(sk)->agreed.peer_mss = 1460;
	rcu_assign_pointer(inet_sk(sk)->inet_opt, &o->opt);
	KUNIT_EXPECT_EQ(test, rill_mss_of_mtu(sk, 1500), 1452);
	KUNIT_EXPECT_EQ(test, rill_mss_of_mtu(sk, 9000), 1452);
	KUNIT_EXPECT_EQ(test, rill_mss_to_mtu(sk, 1452), 1500);
	RCU_INIT_POINTER(inet_sk(sk)->inet_opt, NULL);
}

static void sync__half_of_a_tiny_window(struct kunit *test)
{
	static const struct {
		u32 window;
		u16 mss;
	} rows[] = {
		{ 0, 1460 },	/* not known */
		{ 1, RILL_MSS_MIN - RILL_TS_OPTION_LEN },
		{ 100, 100 }, { 536, 536 }, { 538, 269 }, { 2000, 1000 },
		{ 2920, 1460 }, { 1 << 30, 1460 },
	};
	struct sock *sk = subject(test);
	unsigned int i;

	rill_sk(sk)->agreed.peer_mss = 1460;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		rill_sk(sk)->snd.max_wnd = rows[i].window;
		lock_sock(sk);
		rill_mss_sync(sk);
		release_sock(sk);
		KUNIT_EXPECT_EQ(test, rill_sk(sk)->path.mss, rows[i].mss);
	}
}

static u16 mss_after_window(struct sock *sk, u32 wnd)
{
	lock_sock(sk);
	rill_mss_window(sk, wnd);
	release_sock(sk);
	return rill_sk(sk)->path.mss;
}

static void window__only_grows(struct kunit *test)
{
	struct sock *sk = subject(test);

	rill_sk(sk)->agreed.peer_mss = 1460;
	KUNIT_EXPECT_EQ(test, mss_after_window(sk, 1000), 500);
	KUNIT_EXPECT_EQ(test, mss_after_window(sk, 200), 500);
	KUNIT_EXPECT_EQ(test, mss_after_window(sk, 60000), 1460);
}

/* ---- the search -------------------------------------------------------- */

static void search(struct sock *sk, u32 low, u32 high, bool failed)
{
	rill_sk(sk)->plpmtud.low = low;
	rill_sk(sk)->plpmtud.high = high;
	rill_sk(sk)->plpmtud.failed = failed;
}

static void size__all_first_then_halves(struct kunit *test)
{
	struct sock *sk = subject(test);

	search(sk, 1064, 1500, false);
	KUNIT_EXPECT_EQ(test, rill_plpmtud_size(sk), 1500);
	search(sk, 1064, 1499, true);
	KUNIT_EXPECT_EQ(test, rill_plpmtud_size(sk), 1282);
	search(sk, 1064, 1065, false);
	KUNIT_EXPECT_EQ(test, rill_plpmtud_size(sk), 1065);
	search(sk, 1064, 1071, true);
	KUNIT_EXPECT_EQ(test, rill_plpmtud_size(sk), 0);
	search(sk, 1500, 1500, false);
	KUNIT_EXPECT_EQ(test, rill_plpmtud_size(sk), 0);
	search(sk, 1500, 1400, false);
	KUNIT_EXPECT_EQ(test, rill_plpmtud_size(sk), 0);
}

/* The search finds every path's MTU, within a few bytes and a few probes. */
static void size__finds_every_path(struct kunit *test)
{
	struct sock *sk = subject(test);
	struct rill_sock *rs = rill_sk(sk);
	u32 path, size, probes;

	for (path = 1064; path <= 9000; path++) {
		search(sk, 1064, 9000, false);
		for (probes = 0; (size = rill_plpmtud_size(sk)); probes++) {
			KUNIT_ASSERT_GT(test, size, rs->plpmtud.low);
			KUNIT_ASSERT_LE(test, size, rs->plpmtud.high);
			if (size <= path) {
				rs->plpmtud.low = size;
			} else {
				rs->plpmtud.high = size - 1;
				rs->plpmtud.failed = true;
			}
		}
		KUNIT_ASSERT_LE(test, rs->plpmtud.low, path);
		KUNIT_ASSERT_GT(test, rs->plpmtud.low + 8, path);
		KUNIT_ASSERT_LE(test, probes, 12);
	}
}

static void path__grows_and_shrinks(struct kunit *test)
{
	struct sock *sk = subject(test);
	struct rill_sock *rs = rill_sk(sk);

	rs->agreed.peer_mss = 8960;
	search(sk, 1064, 1500, true);
	rs->path.pmtu = 1400;
	rill_plpmtud_path(sk, 1500);
	KUNIT_EXPECT_EQ(test, rs->plpmtud.high, 1400);
	KUNIT_EXPECT_TRUE(test, rs->plpmtud.failed);
	rs->path.pmtu = 9000;
	rill_plpmtud_path(sk, 1400);
	KUNIT_EXPECT_EQ(test, rs->plpmtud.low, 1064);
	KUNIT_EXPECT_EQ(test, rs->plpmtud.high, 9000);
	KUNIT_EXPECT_FALSE(test, rs->plpmtud.failed);
	/* The peer's MSS bounds the search. */
	rs->agreed.peer_mss = 1460;
	rs->path.pmtu = 9001;
	rill_plpmtud_path(sk, 9000);
	KUNIT_EXPECT_EQ(test, rs->plpmtud.high, 1500);
	/* Without a search no probe goes. */
	search(sk, 0, 0, false);
	rill_plpmtud_path(sk, 1400);
	KUNIT_EXPECT_EQ(test, rs->plpmtud.high, 0);
}

/* RFC 8899, 5.1.2: three lost probes mean that the size does not pass. */
static void lost__without_a_result(struct kunit *test)
{
	struct sock *sk = subject(test);
	struct rill_sock *rs = rill_sk(sk);
	unsigned int i;

	search(sk, 1064, 1500, false);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, rs->plpmtud.high, 1500);
		rs->plpmtud.mtu = 1500;
		lock_sock(sk);
		rill_plpmtud_timeout(sk);
		release_sock(sk);
		KUNIT_EXPECT_EQ(test, rs->plpmtud.mtu, 0);
	}
	KUNIT_EXPECT_EQ(test, rs->plpmtud.high, 1499);
	KUNIT_EXPECT_TRUE(test, rs->plpmtud.failed);
}

/* ---- joined segments --------------------------------------------------- */

static u8 byte_at(u32 n)
{
	return n * 7 + n / 251;
}

/*
 * Queue @len bytes in a page of their own, or behind the last ones in its page.
 */
static struct sk_buff *queue(struct kunit *test, u32 len, struct page *page,
			     u32 offset)
{
	struct sock *sk = subject(test);
	struct rill_sock *rs = rill_sk(sk);
	u32 start = rs->snd.write_seq - rs->snd.iss;
	struct sk_buff *skb;
	u32 i;

	skb = rill_skb_alloc(sk, 0, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	if (!page) {
		page = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, page);
		offset = 0;
	} else {
		get_page(page);
	}
	for (i = 0; i < len; i++)
		((u8 *)page_address(page))[offset + i] = byte_at(start + i);
	skb_add_rx_frag(skb, 0, page, offset, len, len);
	lock_sock(sk);
	rill_skb_queue(sk, skb);
	release_sock(sk);
	return skb;
}

/* The queue holds @total bytes in order, all of them, and is charged so. */
static void check_queue(struct kunit *test, u32 total)
{
	struct sock *sk = subject(test);
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb;
	u32 at = 0, i;
	int charged = 0;
	u8 byte;

	skb_queue_walk(&sk->sk_write_queue, skb) {
		KUNIT_EXPECT_EQ(test, rill_cb(skb)->seq, rs->snd.iss + at);
		KUNIT_EXPECT_EQ(test, rill_cb(skb)->end_seq,
				rill_cb(skb)->seq + skb->len);
		KUNIT_EXPECT_EQ(test, skb->len, skb->data_len);
		for (i = 0; i < skb->len; i++) {
			KUNIT_ASSERT_EQ(test, 0,
					skb_copy_bits(skb, i, &byte, 1));
			KUNIT_ASSERT_EQ(test, byte, byte_at(at + i));
		}
		at += skb->len;
		charged += skb->truesize;
	}
	KUNIT_EXPECT_EQ(test, at, total);
	KUNIT_EXPECT_EQ(test, sk->sk_wmem_queued, charged);
}

static bool join(struct kunit *test, struct sk_buff *skb, u32 len)
{
	struct sock *sk = subject(test);
	bool joined;

	lock_sock(sk);
	joined = rill_skb_join(sk, skb, len);
	release_sock(sk);
	return joined;
}

static void join__in_the_middle(struct kunit *test)
{
	struct sock *sk = subject(test);
	struct sk_buff *first = queue(test, 1000, NULL, 0);

	queue(test, 1000, NULL, 0);
	queue(test, 1000, NULL, 0);
	KUNIT_EXPECT_TRUE(test, join(test, first, 2500));
	KUNIT_EXPECT_EQ(test, first->len, 2500);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&sk->sk_write_queue), 2);
	check_queue(test, 3000);
}

static void join__whole_ones(struct kunit *test)
{
	struct sock *sk = subject(test);
	struct sk_buff *first = queue(test, 1000, NULL, 0);

	rill_cb(queue(test, 500, NULL, 0))->flags |= RILL_PSH;
	KUNIT_EXPECT_FALSE(test, join(test, first, 1000));
	KUNIT_EXPECT_FALSE(test, join(test, first, 1501));
	KUNIT_EXPECT_TRUE(test, join(test, first, 1500));
	KUNIT_EXPECT_TRUE(test, rill_cb(first)->flags & RILL_PSH);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&sk->sk_write_queue), 1);
	check_queue(test, 1500);
}

/* Neighbours in a page become one fragment. */
static void join__many_of_one_page(struct kunit *test)
{
	struct sk_buff *first = queue(test, 100, NULL, 0);
	struct page *page = skb_frag_page(&skb_shinfo(first)->frags[0]);
	u32 i;

	for (i = 1; i < 40; i++)
		queue(test, 100, page, i * 100);
	KUNIT_EXPECT_TRUE(test, join(test, first, 3950));
	KUNIT_EXPECT_EQ(test, skb_shinfo(first)->nr_frags, 1);
	check_queue(test, 4000);
}

static void join__too_many_fragments(struct kunit *test)
{
	struct sk_buff *first = queue(test, 100, NULL, 0);
	u32 i;

	for (i = 1; i <= MAX_SKB_FRAGS; i++)
		queue(test, 100, NULL, 0);
	KUNIT_EXPECT_FALSE(test, join(test, first, 100 * MAX_SKB_FRAGS + 1));
	KUNIT_EXPECT_EQ(test, first->len, 100);
	KUNIT_EXPECT_TRUE(test, join(test, first, 100 * MAX_SKB_FRAGS));
	check_queue(test, 100 * MAX_SKB_FRAGS + 100);
}

/* A timestamp or a FIN keeps its segment apart, and so do lent pages. */
static void join__of_different_kinds(struct kunit *test)
{
	struct sk_buff *first = queue(test, 1000, NULL, 0);
	struct sk_buff *next = queue(test, 1000, NULL, 0);

	rill_cb(next)->stamp_ack = true;
	KUNIT_EXPECT_FALSE(test, join(test, first, 1500));
	rill_cb(next)->stamp_ack = false;
	skb_shinfo(next)->tx_flags = SKBTX_SW_TSTAMP;
	KUNIT_EXPECT_FALSE(test, join(test, first, 1500));
	skb_shinfo(next)->tx_flags = 0;
	skb_shinfo(next)->flags = SKBFL_SHARED_FRAG;
	KUNIT_EXPECT_FALSE(test, join(test, first, 1500));
	skb_shinfo(next)->flags = 0;
	rill_cb(next)->flags |= RILL_FIN;
	KUNIT_EXPECT_FALSE(test, join(test, first, 1500));
	rill_cb(next)->flags &= ~RILL_FIN;
	KUNIT_EXPECT_EQ(test, first->len, 1000);
	KUNIT_EXPECT_TRUE(test, join(test, first, 1500));
	check_queue(test, 2000);
}

/* Nothing joins a segment with MSG_EOR. */
static void join__up_to_the_end_of_a_record(struct kunit *test)
{
	struct sk_buff *first = queue(test, 1000, NULL, 0);
	struct sk_buff *next = queue(test, 1000, NULL, 0);

	queue(test, 1000, NULL, 0);
	rill_cb(next)->eor = true;
	KUNIT_EXPECT_FALSE(test, join(test, first, 2500));
	KUNIT_EXPECT_TRUE(test, join(test, first, 1500));
	KUNIT_EXPECT_FALSE(test, rill_cb(first)->eor);
	KUNIT_EXPECT_TRUE(test, join(test, first, 2000));
	KUNIT_EXPECT_TRUE(test, rill_cb(first)->eor);
	KUNIT_EXPECT_FALSE(test, join(test, first, 2500));
	check_queue(test, 3000);
}

/* When a segment is split, the half with the byte keeps its timestamp. */
static void split__timestamps_go_with_their_byte(struct kunit *test)
{
	struct sock *sk = subject(test);
	int i;

	for (i = 0; i < 2; i++) {
		struct sk_buff *skb = queue(test, 1000, NULL, 0), *half[2];

		rill_cb(skb)->stamp_ack = true;
		rill_cb(skb)->stamp_seq = rill_cb(skb)->seq + 499 + i;
		skb_shinfo(skb)->tx_flags = SKBTX_SW_TSTAMP;
		skb_shinfo(skb)->tskey = 7;
		lock_sock(sk);
		KUNIT_EXPECT_EQ(test, 0, rill_skb_split(sk, skb, 500,
							GFP_KERNEL));
		release_sock(sk);
		half[0] = skb;
		half[1] = skb_queue_next(&sk->sk_write_queue, skb);
		KUNIT_EXPECT_TRUE(test, rill_cb(half[i])->stamp_ack);
		KUNIT_EXPECT_EQ(test, skb_shinfo(half[i])->tskey, 7);
		KUNIT_EXPECT_EQ(test, skb_shinfo(half[i])->tx_flags,
				SKBTX_SW_TSTAMP);
		KUNIT_EXPECT_FALSE(test, rill_cb(half[!i])->stamp_ack);
		KUNIT_EXPECT_EQ(test, skb_shinfo(half[!i])->tx_flags, 0);
	}
	check_queue(test, 2000);
}

static struct kunit_case plpmtud_cases[] = {
	KUNIT_CASE(agree__smaller_of_both),
	KUNIT_CASE(of_mtu__each_limit),
	KUNIT_CASE(to_mtu__is_the_inverse),
	KUNIT_CASE(of_mtu__ip_options),
	KUNIT_CASE(sync__half_of_a_tiny_window),
	KUNIT_CASE(window__only_grows),
	KUNIT_CASE(size__all_first_then_halves),
	KUNIT_CASE(size__finds_every_path),
	KUNIT_CASE(path__grows_and_shrinks),
	KUNIT_CASE(lost__without_a_result),
	KUNIT_CASE(join__in_the_middle),
	KUNIT_CASE(join__whole_ones),
	KUNIT_CASE(join__many_of_one_page),
	KUNIT_CASE(join__too_many_fragments),
	KUNIT_CASE(join__of_different_kinds),
	KUNIT_CASE(join__up_to_the_end_of_a_record),
	KUNIT_CASE(split__timestamps_go_with_their_byte),
	{}
};

static struct kunit_suite plpmtud_suite = {
	.name = "rill_plpmtud",
	.init = sockets_init,
	.exit = plpmtud_test_exit,
	.test_cases = plpmtud_cases,
};

kunit_test_suite(plpmtud_suite);
