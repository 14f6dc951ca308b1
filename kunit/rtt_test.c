// SPDX-License-Identifier: GPL-2.0
/*
 * Round-trip time and retransmission timeout: module/transfer/rtt.c beside the
 * arithmetic of RFC 6298 and rill's RTO, SRTT + max(G, 4 RTTVAR) + the peer's
 * ACK delay.
 */#include <kunit/test.h>
#include "../module/control/control.h"
#include "../module/transfer/inside.h"

#include "sockets.h"

static int rtt_test_init(struct kunit *test)
{
	rill_tunables_init(&rill_net(rill_kunit_net)->tunables);
	return sockets_init(test);
}

static void rtt_test_exit(struct kunit *test)
{
	rill_tunables_init(&rill_net(rill_kunit_net)->tunables);
	sockets_exit(test);
}

/* A socket that only holds the estimator's variables. */
static struct rill_sock *estimator(struct kunit *test, u32 peer_delay_us)
{
	struct sockets *fix = test->priv;
	struct rill_sock *rs = rill_sk(fix->rill->sk);

	rs->agreed.peer_ack_delay_us = peer_delay_us;
	return rs;
}

static void sample(struct rill_sock *rs, u32 rtt_us)
{
	lock_sock(&rs->inet.sk);
	rill_rtt_sample(&rs->inet.sk, rtt_us);
	release_sock(&rs->inet.sk);
}

static u64 rto_us(struct rill_sock *rs)
{
	return div_u64(rill_rto_ns(&rs->inet.sk), NSEC_PER_USEC);
}

/* RFC 6298, 2.1. */
static void before_a_sample(struct kunit *test)
{
	struct rill_sock *rs = estimator(test, 0);

	KUNIT_EXPECT_EQ(test, rs->rtt.srtt_us, 0);
	KUNIT_EXPECT_EQ(test, rto_us(rs), 1000000);
}

/* RFC 6298, 2.2: SRTT = R, RTTVAR = R/2, RTO = SRTT + 4 RTTVAR = 3 R. */
static void first_sample(struct kunit *test)
{
	struct rill_sock *rs = estimator(test, 0);

	sample(rs, 10000);
	KUNIT_EXPECT_EQ(test, rs->rtt.srtt_us, 10000 * 8);
	KUNIT_EXPECT_EQ(test, rs->rtt.rttvar_us, 5000 * 4);
	KUNIT_EXPECT_EQ(test, rto_us(rs), 30000);
}

/*
 * RFC 6298, 2.3, by hand. R = 10000: SRTT 10000, RTTVAR 5000. R = 18000:
 * RTTVAR = 3750 + 2000 = 5750, SRTT = 8750 + 2250 = 11000. R = 3000: RTTVAR =
 * 4312.5 + 2000 = 6312.5, SRTT = 9625 + 375 = 10000.
 */
static void later_samples(struct kunit *test)
{
	struct rill_sock *rs = estimator(test, 0);

	sample(rs, 10000);
	sample(rs, 18000);
	KUNIT_EXPECT_EQ(test, rs->rtt.rttvar_us, 5750 * 4);
	KUNIT_EXPECT_EQ(test, rs->rtt.srtt_us, 11000 * 8);
	KUNIT_EXPECT_EQ(test, rto_us(rs), 11000 + 23000);
	sample(rs, 3000);
	KUNIT_EXPECT_EQ(test, rs->rtt.rttvar_us, 25250);
	KUNIT_EXPECT_EQ(test, rs->rtt.srtt_us, 10000 * 8);
	KUNIT_EXPECT_EQ(test, rto_us(rs), 10000 + 25250);
}

static void variance_by_hand(struct kunit *test)
{
	/* RTTVAR 100, SRTT 1000, R 1000: 75 */
	KUNIT_EXPECT_EQ(test, rill_rtt_variance(400, 8000, 1000), 300);
	/* R 1400 or 600: 75 + 100 */
	KUNIT_EXPECT_EQ(test, rill_rtt_variance(400, 8000, 1400), 700);
	KUNIT_EXPECT_EQ(test, rill_rtt_variance(400, 8000, 600), 700);
	KUNIT_EXPECT_EQ(test, rill_rtt_variance(0, 8000, 1000), 0);
}

/* The longest RTT must not overflow the scaled variables. */
static void longest_sample(struct kunit *test)
{
	struct rill_sock *rs = estimator(test, 0);
	int i;

	for (i = 0; i < 10; i++) {
		sample(rs, U32_MAX);
		KUNIT_EXPECT_EQ_MSG(test, rto_us(rs), 120000000ULL,
				    "after sample %d", i);
		/* 2^32 / 8 us is 536 s. */
		KUNIT_EXPECT_GE_MSG(test, rs->rtt.srtt_us >> 3, 500000000U,
				    "after sample %d", i);
	}
	sample(rs, 1);
	KUNIT_EXPECT_EQ(test, rto_us(rs), 120000000ULL);
}

/* RFC 6298, 2.3: a constant RTT brings RTTVAR down to G. */
static void constant_rtt(struct kunit *test)
{
	struct rill_sock *rs = estimator(test, 0);
	int i;

	for (i = 0; i < 200; i++)
		sample(rs, 20000);
	KUNIT_EXPECT_EQ(test, rs->rtt.srtt_us, 20000 * 8);
	KUNIT_EXPECT_LE(test, rto_us(rs), 20004ULL);
	KUNIT_EXPECT_GT(test, rto_us(rs), 20000ULL);
}

static void shortest_sample(struct kunit *test)
{
	struct rill_sock *rs = estimator(test, 0);

	sample(rs, 0);
	KUNIT_EXPECT_NE_MSG(test, rs->rtt.srtt_us, 0,
			    "0 means that there was no sample");
	KUNIT_EXPECT_EQ(test, rto_us(rs), 1000);
}

static void floor_is_the_tunable(struct kunit *test)
{
	struct rill_tunables *t = &rill_net(rill_kunit_net)->tunables;
	struct rill_sock *rs = estimator(test, 0);

	sample(rs, 100);
	KUNIT_EXPECT_EQ(test, rto_us(rs), 1000);
	WRITE_ONCE(t->rto_min_us, 50);
	sample(rs, 100);
	/* RTTVAR 37.5 */
	KUNIT_EXPECT_EQ(test, rto_us(rs), 250);
	WRITE_ONCE(t->rto_min_us, 5000);
	sample(rs, 100);
	KUNIT_EXPECT_EQ(test, rto_us(rs), 5000);
}

static void the_peers_delay_is_added(struct kunit *test)
{
	struct rill_sock *rs = estimator(test, 1500);

	sample(rs, 10000);
	KUNIT_EXPECT_EQ(test, rto_us(rs), 31500);
	rs->agreed.peer_ack_delay_us = RILL_TCP_ACK_DELAY_US;
	sample(rs, 10000);
	/* RTTVAR 3750 */
	KUNIT_EXPECT_EQ(test, rto_us(rs), 10000 + 15000 + 200000);
}

/* RFC 6298, 5.5: doubles each time, up to the ceiling. */
static void backoff_doubles(struct kunit *test)
{
	struct rill_sock *rs = estimator(test, 0);
	u64 want = 30000;
	int i;

	sample(rs, 10000);
	for (i = 0; i < 40; i++) {
		rs->retry.backoff = i;
		KUNIT_EXPECT_EQ_MSG(test, rto_us(rs), want, "backoff %d", i);
		want = min(want * 2, 120000000ULL);
	}
	rs->retry.backoff = 0;
	KUNIT_EXPECT_EQ(test, rto_us(rs), 30000);
}

static void ceiling_is_the_tunable(struct kunit *test)
{
	struct rill_tunables *t = &rill_net(rill_kunit_net)->tunables;
	struct rill_sock *rs = estimator(test, 0);

	sample(rs, 10000000);
	KUNIT_EXPECT_EQ(test, rto_us(rs), 30000000);
	WRITE_ONCE(t->rto_max_ms, 1000);
	KUNIT_EXPECT_EQ(test, rto_us(rs), 1000000);
}

static struct kunit_case rtt_cases[] = {
	KUNIT_CASE(before_a_sample),
	KUNIT_CASE(first_sample),
	KUNIT_CASE(later_samples),
	KUNIT_CASE(variance_by_hand),
	KUNIT_CASE(longest_sample),
	KUNIT_CASE(constant_rtt),
	KUNIT_CASE(shortest_sample),
	KUNIT_CASE(floor_is_the_tunable),
	KUNIT_CASE(the_peers_delay_is_added),
	KUNIT_CASE(backoff_doubles),
	KUNIT_CASE(ceiling_is_the_tunable),
	{}
};

static struct kunit_suite rtt_suite = {
	.name = "rill_rtt",
	.init = rtt_test_init,
	.exit = rtt_test_exit,
	.test_cases = rtt_cases,
};

kunit_test_suite(rtt_suite);
