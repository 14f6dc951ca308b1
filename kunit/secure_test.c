// SPDX-License-Identifier: GPL-2.0
/* Numbers that an attacker must not guess: module/connection/secure.c. */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/random.h>
#include <linux/string.h>
#include "../module/connection/inside.h"

#define SECURE_TICK_NS	4000	/* RFC 6528, 3 */
#define SECURE_NEAR	1000	/* apart by chance once in two million */

static const struct rill_key secure_key = {
	.laddr = { { { [10] = 0xff, [11] = 0xff, 192, 0, 2, 1 } } },
	.raddr = { { { [10] = 0xff, [11] = 0xff, 192, 0, 2, 2 } } },
	.lport = htons(40000),
	.rport = htons(80),
};

/* A namespace with secrets of its own; nothing else of it is used. */
static struct rill_net *secure_namespace(struct kunit *test)
{
	struct rill_net *rnet = kunit_kzalloc(test, sizeof(*rnet), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rnet);
	get_random_bytes(&rnet->isn_key, sizeof(rnet->isn_key));
	return rnet;
}

/* Two numbers are neither equal nor so close that one reveals the other. */
static bool secure_apart(u32 a, u32 b)
{
	return abs((s32)(a - b)) > SECURE_NEAR;
}

static u32 secure_isn(struct rill_net *rnet, const struct rill_key *key)
{
	return rill_secure_isn(rnet, key, rill_now_ns());
}

static void isn_ticks_every_4_us(struct kunit *test)
{
	struct rill_net *rnet = rill_net(rill_kunit_net);
	u64 outer, inner;
	u32 first, grown;

	outer = rill_now_ns();
	first = secure_isn(rnet, &secure_key);
	inner = rill_now_ns();
	msleep(1000);
	inner = rill_now_ns() - inner;
	grown = secure_isn(rnet, &secure_key) - first;
	outer = rill_now_ns() - outer;
	/* Both are a little more than a second; a tick may be on its way. */
	KUNIT_EXPECT_GE(test, grown, inner / SECURE_TICK_NS);
	KUNIT_EXPECT_LE(test, grown, outer / SECURE_TICK_NS + 1);
}

static void isn_never_goes_back(struct kunit *test)
{
	struct rill_net *rnet = rill_net(rill_kunit_net);
	u32 last = secure_isn(rnet, &secure_key), isn;
	int i;

	for (i = 0; i < 1000; i++) {
		ndelay(100);
		isn = secure_isn(rnet, &secure_key);
		KUNIT_ASSERT_FALSE(test, rill_before(isn, last));
		last = isn;
	}
}

/* Addresses, ports and device: each bit of them. */
static void isn_differs_by_every_bit_of_the_key(struct kunit *test)
{
	struct rill_net *rnet = rill_net(rill_kunit_net);
	u32 isn = secure_isn(rnet, &secure_key);
	struct rill_key key;
	unsigned int bit;

	for (bit = 0; bit < 8 * sizeof(key); bit++) {
		key = secure_key;
		((u8 *)&key)[bit / 8] ^= 1 << bit % 8;
		KUNIT_EXPECT_TRUE_MSG(test,
				      secure_apart(secure_isn(rnet, &key), isn),
				      "bit %u", bit);
	}
}

static void isn_differs_by_namespace(struct kunit *test)
{
	struct rill_net *first = secure_namespace(test);
	struct rill_net *second = secure_namespace(test);

	KUNIT_EXPECT_TRUE(test, secure_apart(secure_isn(first, &secure_key),
					     secure_isn(second, &secure_key)));
}

/* RFC 7323, 5.4, and RFC 6191: timestamps grow from one to the next. */
static void ts_offset_is_of_two_hosts(struct kunit *test)
{
	struct rill_net *rnet = rill_net(rill_kunit_net);
	u32 offset = rill_secure_ts_offset(rnet, &secure_key);
	struct rill_key key = secure_key;

	key.lport = htons(40001);
	key.rport = htons(81);
	KUNIT_EXPECT_EQ(test, rill_secure_ts_offset(rnet, &key), offset);
	key.raddr.s6_addr[15] = 3;
	KUNIT_EXPECT_TRUE(test, secure_apart(rill_secure_ts_offset(rnet, &key),
					     offset));
	key = secure_key;
	key.laddr.s6_addr[15] = 3;
	KUNIT_EXPECT_TRUE(test, secure_apart(rill_secure_ts_offset(rnet, &key),
					     offset));
	rnet = secure_namespace(test);
	KUNIT_EXPECT_TRUE(test,
			  secure_apart(rill_secure_ts_offset(rnet,
							     &secure_key),
				       offset));
}

static void secrets_are_set(struct kunit *test)
{
	struct rill_net *rnet = rill_net(rill_kunit_net);

	KUNIT_EXPECT_NOT_NULL(test, memchr_inv(&rnet->isn_key, 0,
					       sizeof(rnet->isn_key)));
	KUNIT_EXPECT_NOT_NULL(test, memchr_inv(&rnet->port_key, 0,
					       sizeof(rnet->port_key)));
	KUNIT_EXPECT_NE(test, memcmp(&rnet->isn_key, &rnet->port_key,
				     sizeof(rnet->isn_key)), 0);
}

static struct kunit_case secure_cases[] = {
	KUNIT_CASE(isn_ticks_every_4_us),
	KUNIT_CASE(isn_never_goes_back),
	KUNIT_CASE(isn_differs_by_every_bit_of_the_key),
	KUNIT_CASE(isn_differs_by_namespace),
	KUNIT_CASE(ts_offset_is_of_two_hosts),
	KUNIT_CASE(secrets_are_set),
	{}
};

static struct kunit_suite secure_suite = {
	.name = "rill_secure",
	.test_cases = secure_cases,
};

kunit_test_suite(secure_suite);
