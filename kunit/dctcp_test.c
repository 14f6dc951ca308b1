// SPDX-License-Identifier: GPL-2.0
/* DCTCP's average and reductions: module/transfer/dctcp.c, by RFC 8257, 3.3. */
#include "../module/transfer/inside.h"
#include "sockets.h"

#define ONE	BIT(20)

static struct rill_sock *dctcp_sock(struct kunit *test)
{
	struct sockets *fix = test->priv;

	return rill_sk(fix->rill->sk);
}

static int dctcp_test_init(struct kunit *test)
{
	struct rill_sock *rs;
	int err = sockets_init(test);

	if (err)
		return err;
	rs = dctcp_sock(test);
	rs->cc.ops = &rill_cc_dctcp;
	rs->snd.una = 1;
	rs->snd.nxt = 1;
	rill_cc_init(&rs->inet.sk);
	rs->ecn.ok = true;
	return 0;
}

/* alpha <- 15/16 alpha + 1/16 M */
static void average_by_table(struct kunit *test)
{
	static const struct {
		u32 alpha;
		u32 acked;
		u32 marked;
		u32 after;
	} table[] = {
		{ ONE, 10, 10, ONE },
		{ ONE, 10, 0, ONE / 16 * 15 },
		{ 0, 10, 10, ONE / 16 },
		{ 0, 10, 5, ONE / 32 },
		{ 0, 10, 0, 0 },
		{ ONE / 2, 10, 5, ONE / 2 },
		{ ONE / 2, 10, 20, ONE / 32 * 17 },
		{ ONE, U32_MAX, U32_MAX, ONE },
		{ 0, U32_MAX, 1, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    rill_dctcp_average(table[i].alpha,
						       table[i].acked,
						       table[i].marked),
				    table[i].after, "row %zu", i);
}

/* A window of @acked segments, @marked of them acknowledged with ECE. */
static void window(struct rill_sock *rs, u32 acked, u32 marked)
{
	struct rill_ack_sample as = { .delivered = acked - marked };

	rs->snd.una = rs->snd.nxt - 1;
	rs->cc.ops->acked(&rs->inet.sk, &as);
	as.delivered = marked;
	as.ece = true;
	rs->snd.una = rs->snd.nxt;
	rs->snd.nxt += 1000;
	rs->cc.ops->acked(&rs->inet.sk, &as);
}

static u32 reduced_for_a_mark(struct rill_sock *rs)
{
	u32 ssthresh;

	rs->cc.cwnd = 1000;
	rs->cc.limited = true;
	rs->ecn.reducing = true;
	ssthresh = rs->cc.ops->ssthresh(&rs->inet.sk);
	rs->ecn.reducing = false;
	return ssthresh;
}

static void reduced_by_what_was_marked(struct kunit *test)
{
	struct rill_sock *rs = dctcp_sock(test);
	int i;

	KUNIT_EXPECT_EQ(test, reduced_for_a_mark(rs), 500);
	/* (15/16)^3 is 0.824. */
	for (i = 0; i < 3; i++)
		window(rs, 100, 0);
	KUNIT_EXPECT_EQ(test, reduced_for_a_mark(rs), 1000 - 411);
	for (i = 0; i < 300; i++)
		window(rs, 100, 0);
	KUNIT_EXPECT_EQ(test, reduced_for_a_mark(rs), 1000);
	for (i = 0; i < 300; i++)
		window(rs, 100, 20);
	KUNIT_EXPECT_GE(test, reduced_for_a_mark(rs), 900);
	KUNIT_EXPECT_LE(test, reduced_for_a_mark(rs), 901);
	for (i = 0; i < 300; i++)
		window(rs, 100, 100);
	KUNIT_EXPECT_GE(test, reduced_for_a_mark(rs), 500);
	KUNIT_EXPECT_LE(test, reduced_for_a_mark(rs), 501);
}

/* RFC 8257, 3.5: a loss counts as it does for NewReno. */
static void reduced_by_a_loss(struct kunit *test)
{
	struct rill_sock *rs = dctcp_sock(test);
	int i;

	for (i = 0; i < 300; i++)
		window(rs, 100, 0);
	rs->cc.cwnd = 1000;
	rs->cc.limited = true;
	rs->rtx.packets_out = 1000;
	KUNIT_EXPECT_EQ(test, rs->cc.ops->ssthresh(&rs->inet.sk), 500);
	rs->rtx.packets_out = 0;
}

/* A small window is not reduced to nothing. */
static void smallest_window(struct kunit *test)
{
	struct rill_sock *rs = dctcp_sock(test);

	rs->cc.cwnd = 1;
	rs->cc.limited = true;
	rs->ecn.reducing = true;
	KUNIT_EXPECT_EQ(test, rs->cc.ops->ssthresh(&rs->inet.sk), 2);
	rs->ecn.reducing = false;
}

static struct kunit_case dctcp_cases[] = {
	KUNIT_CASE(average_by_table),
	KUNIT_CASE(reduced_by_what_was_marked),
	KUNIT_CASE(reduced_by_a_loss),
	KUNIT_CASE(smallest_window),
	{}
};

static struct kunit_suite dctcp_suite = {
	.name = "rill_dctcp",
	.init = dctcp_test_init,
	.exit = sockets_exit,
	.test_cases = dctcp_cases,
};

kunit_test_suite(dctcp_suite);
