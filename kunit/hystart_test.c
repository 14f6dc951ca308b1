// SPDX-License-Identifier: GPL-2.0
/* HyStart++: module/transfer/hystart.c, by RFC 9406. */
#include "../module/transfer/inside.h"
#include "sockets.h"

#define WINDOW	100000	/* bytes of a round */

struct slow_start {
	struct sock *sk;
	struct rill_hystart hs;
};

static void begin(struct kunit *test, struct slow_start *ss, u32 cwnd)
{
	struct sockets *fix = test->priv;
	struct rill_sock *rs = rill_sk(fix->rill->sk);

	memset(ss, 0, sizeof(*ss));
	ss->sk = fix->rill->sk;
	/* Sequence numbers wrap in the first rounds. */
	rs->snd.una = -3 * WINDOW / 2;
	rs->snd.nxt = rs->snd.una + WINDOW;
	rs->cc.cwnd = cwnd;
	rs->cc.ssthresh = U32_MAX;
}

/*
 * A round with @acks ACKs of one segment, the first of which measures @first_us
 * and all others @rtt_us.
 */
static void play_mixed(struct slow_start *ss, int acks, u32 first_us,
		       u32 rtt_us)
{
	struct rill_sock *rs = rill_sk(ss->sk);
	u32 first = rs->snd.una;
	int i;

	rs->snd.nxt = first + WINDOW;
	for (i = 0; i < acks; i++) {
		rs->snd.una = first + i;
		rill_hystart_acked(&ss->hs, ss->sk, i ? rtt_us : first_us);
		if (rs->cc.cwnd < rs->cc.ssthresh)
			rs->cc.cwnd += rill_hystart_step(&ss->hs, 1, false);
	}
	rs->snd.una = first + WINDOW;
}

static void play(struct slow_start *ss, int acks, u32 rtt_us)
{
	play_mixed(ss, acks, rtt_us, rtt_us);
}

static u32 cwnd(const struct slow_start *ss)
{
	return rill_sk(ss->sk)->cc.cwnd;
}

static bool over(const struct slow_start *ss)
{
	return rill_sk(ss->sk)->cc.ssthresh != U32_MAX;
}

/* RFC 9406's for the Internet, and smaller where a round trip is. */
static void threshold_by_table(struct kunit *test)
{
	static const struct {
		u32 rtt_us;
		u32 threshold;
	} table[] = {
		{ 1, 50 }, { 10, 50 }, { 100, 50 }, { 101, 50 }, { 102, 51 },
		{ 500, 250 }, { 1000, 500 }, { 8000, 4000 }, { 20000, 4000 },
		{ 32000, 4000 }, { 64000, 8000 }, { 128000, 16000 },
		{ 200000, 16000 }, { 2000000, 16000 }, { U32_MAX, 16000 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    rill_hystart_threshold(table[i].rtt_us),
				    table[i].threshold, "RTT %u us",
				    table[i].rtt_us);
}

/* While the RTT does not grow it is slow start as always. */
static void doubles(struct kunit *test)
{
	struct slow_start ss;
	int i;

	begin(test, &ss, 10);
	for (i = 0; i < 6; i++)
		play(&ss, 10 << i, 100);
	KUNIT_EXPECT_EQ(test, cwnd(&ss), 640);
	KUNIT_EXPECT_FALSE(test, over(&ss));
}

/* L: one ACK lets it grow by 8 at most, unless they are paced. */
static void stretched_ack(struct kunit *test)
{
	struct rill_hystart hs = {};

	KUNIT_EXPECT_EQ(test, rill_hystart_step(&hs, 8, false), 8);
	KUNIT_EXPECT_EQ(test, rill_hystart_step(&hs, 9, false), 8);
	KUNIT_EXPECT_EQ(test, rill_hystart_step(&hs, U32_MAX, false), 8);
	KUNIT_EXPECT_EQ(test, rill_hystart_step(&hs, 100, true), 100);
}

/*
 * @queue_us more end slow start: a quarter as fast for five rounds, then it is
 * over.
 */
static void ends_by(struct kunit *test, u32 rtt_us, u32 queue_us)
{
	struct slow_start ss;
	u32 was;
	int i;

	begin(test, &ss, 10);
	play(&ss, 10, rtt_us);
	play(&ss, 20, rtt_us);
	KUNIT_EXPECT_EQ(test, cwnd(&ss), 40);
	/* Seen at the eighth sample: 7 as before, and 33 at a quarter. */
	play(&ss, 40, rtt_us + queue_us);
	KUNIT_EXPECT_EQ(test, cwnd(&ss), 40 + 7 + 8);
	KUNIT_EXPECT_FALSE(test, over(&ss));
	/* The first of the five is the one in which it was seen. */
	for (i = 0; i < 4; i++) {
		was = cwnd(&ss);
		play(&ss, was, rtt_us + queue_us);
		KUNIT_EXPECT_GE(test, cwnd(&ss), was + was / 4);
		KUNIT_EXPECT_LE(test, cwnd(&ss), was + was / 4 + 1);
		KUNIT_EXPECT_FALSE(test, over(&ss));
	}
	was = cwnd(&ss);
	play(&ss, was, rtt_us + queue_us);
	KUNIT_EXPECT_TRUE(test, over(&ss));
	KUNIT_EXPECT_EQ(test, rill_sk(ss.sk)->cc.ssthresh, was);
	KUNIT_EXPECT_EQ(test, cwnd(&ss), was);
}

static void does_not_end_by(struct kunit *test, u32 rtt_us, u32 queue_us)
{
	struct slow_start ss;

	begin(test, &ss, 10);
	play(&ss, 10, rtt_us);
	play(&ss, 20, rtt_us + queue_us);
	play(&ss, 40, rtt_us + queue_us);
	KUNIT_EXPECT_EQ_MSG(test, cwnd(&ss), 80, "RTT %u us and %u more",
			    rtt_us, queue_us);
}

static void ends_by_a_queue(struct kunit *test)
{
	ends_by(test, 20000, 4000);
	ends_by(test, 200000, 16000);
	ends_by(test, 1000, 500);
	ends_by(test, 100, 50);
	ends_by(test, 10, 50);
}

/* The noise of a host, and of the Internet. */
static void does_not_end_by_noise(struct kunit *test)
{
	does_not_end_by(test, 20000, 3999);
	does_not_end_by(test, 200000, 15999);
	does_not_end_by(test, 1000, 499);
	does_not_end_by(test, 100, 49);
	does_not_end_by(test, 10, 49);
}

/* One short RTT in a round is enough to see that there is no queue. */
static void one_short_sample(struct kunit *test)
{
	struct slow_start ss;

	begin(test, &ss, 10);
	play(&ss, 10, 100);
	play_mixed(&ss, 20, 149, 1000);
	KUNIT_EXPECT_EQ(test, cwnd(&ss), 40);
}

/*
 * Fewer than eight samples decide nothing; a round without samples has no RTT.
 */
static void few_samples(struct kunit *test)
{
	struct slow_start ss;

	begin(test, &ss, 10);
	play(&ss, 10, 100);
	play(&ss, 7, 10000);
	KUNIT_EXPECT_EQ(test, cwnd(&ss), 27);
	play(&ss, 20, 0);
	KUNIT_EXPECT_EQ(test, cwnd(&ss), 47);
	/* The round before had no RTT: nothing to compare with. */
	play(&ss, 40, 10000);
	KUNIT_EXPECT_EQ(test, cwnd(&ss), 87);
	KUNIT_EXPECT_FALSE(test, over(&ss));
}

/* RFC 9406, 4.2: the RTT falls again, so slow start goes on. */
static void resumes(struct kunit *test)
{
	struct slow_start ss;
	u32 was;

	begin(test, &ss, 10);
	play(&ss, 10, 100);
	play(&ss, 20, 100);
	play(&ss, 40, 300);
	KUNIT_EXPECT_EQ(test, cwnd(&ss), 55);
	was = cwnd(&ss);
	/* Again at the eighth sample. */
	play(&ss, 55, 299);
	KUNIT_EXPECT_EQ(test, cwnd(&ss), was + 2 + 48);
	was = cwnd(&ss);
	play(&ss, was, 299);
	KUNIT_EXPECT_EQ(test, cwnd(&ss), 2 * was);
	KUNIT_EXPECT_FALSE(test, over(&ss));
	/* And may end once more. */
	play(&ss, 100, 500);
	KUNIT_EXPECT_EQ(test, cwnd(&ss), 2 * was + 7 + 93 / 4);
}

static struct kunit_case hystart_cases[] = {
	KUNIT_CASE(threshold_by_table),
	KUNIT_CASE(doubles),
	KUNIT_CASE(stretched_ack),
	KUNIT_CASE(ends_by_a_queue),
	KUNIT_CASE(does_not_end_by_noise),
	KUNIT_CASE(one_short_sample),
	KUNIT_CASE(few_samples),
	KUNIT_CASE(resumes),
	{}
};

static struct kunit_suite hystart_suite = {
	.name = "rill_hystart",
	.init = sockets_init,
	.exit = sockets_exit,
	.test_cases = hystart_cases,
};

kunit_test_suite(hystart_suite);
