// SPDX-License-Identifier: GPL-2.0
/* Sequence arithmetic of module/rill.h, round the wrap. */
#include <kunit/test.h>
#include "../module/rill.h"

/* Where comparisons go wrong: zero, half of the circle, the wrap. */
static const u32 sequence_points[] = {
	0, 1, 2, 1000, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001,
	0xfffffc18, 0xfffffffe, 0xffffffff,
};

/* Distances within which one number is after another (RFC 9293, 3.4). */
static const u32 sequence_steps[] = {
	1, 2, 1000, 65535, 0x40000000, 0x7ffffffe, 0x7fffffff,
};

static void sequence_before_within_half_circle(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(sequence_points); i++) {
		for (j = 0; j < ARRAY_SIZE(sequence_steps); j++) {
			u32 a = sequence_points[i];
			u32 b = a + sequence_steps[j];

			KUNIT_EXPECT_TRUE(test, rill_before(a, b));
			KUNIT_EXPECT_FALSE(test, rill_before(b, a));
			KUNIT_EXPECT_TRUE(test, rill_after(b, a));
			KUNIT_EXPECT_FALSE(test, rill_after(a, b));
		}
	}
}

static void sequence_equal_is_neither(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sequence_points); i++) {
		u32 a = sequence_points[i];

		KUNIT_EXPECT_FALSE(test, rill_before(a, a));
		KUNIT_EXPECT_FALSE(test, rill_after(a, a));
	}
}

static void sequence_between_includes_ends(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(sequence_points); i++) {
		for (j = 0; j < ARRAY_SIZE(sequence_steps); j++) {
			u32 low = sequence_points[i];
			u32 high = low + sequence_steps[j];

			KUNIT_EXPECT_TRUE(test, rill_between(low, low, high));
			KUNIT_EXPECT_TRUE(test, rill_between(high, low, high));
			KUNIT_EXPECT_TRUE(test, rill_between(low + 1, low,
							     high));
			KUNIT_EXPECT_TRUE(test, rill_between(high - 1, low,
							     high));
		}
	}
}

static void sequence_between_excludes_outside(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(sequence_points); i++) {
		for (j = 0; j < ARRAY_SIZE(sequence_steps); j++) {
			u32 low = sequence_points[i];
			u32 high = low + sequence_steps[j];

			KUNIT_EXPECT_FALSE(test, rill_between(low - 1, low,
							      high));
			KUNIT_EXPECT_FALSE(test, rill_between(high + 1, low,
							      high));
			KUNIT_EXPECT_FALSE(test, rill_between(low - 0x40000000,
							      low, high));
		}
	}
}

static void sequence_between_of_one_number(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sequence_points); i++) {
		u32 a = sequence_points[i];

		KUNIT_EXPECT_TRUE(test, rill_between(a, a, a));
		KUNIT_EXPECT_FALSE(test, rill_between(a + 1, a, a));
		KUNIT_EXPECT_FALSE(test, rill_between(a - 1, a, a));
	}
}

static struct kunit_case rill_sequence_cases[] = {
	KUNIT_CASE(sequence_before_within_half_circle),
	KUNIT_CASE(sequence_equal_is_neither),
	KUNIT_CASE(sequence_between_includes_ends),
	KUNIT_CASE(sequence_between_excludes_outside),
	KUNIT_CASE(sequence_between_of_one_number),
	{}
};

static struct kunit_suite rill_sequence_suite = {
	.name = "rill_sequence",
	.test_cases = rill_sequence_cases,
};

kunit_test_suite(rill_sequence_suite);
