// SPDX-License-Identifier: GPL-2.0
/*
 * The walk over what a namespace holds: module/network/walk.c. Listeners are met in
 * the guest suite "listing", which makes them as programs do.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/percpu.h>
#include <linux/rhashtable.h>
#include <linux/vmalloc.h>
#include "../module/network/inside.h"

#define WALK_CROWD	100000
#define WALK_FEW	1000
#define WALK_PIECE	256	/* entries, as /proc/net/rill has them */

/**
 * struct walk_fixture - what a case has
 * @rnet: a namespace of which only the tables and the counters are there
 * @walk: the walk
 * @place: a walk that keeps nothing
 * @crowd: WALK_CROWD entries
 * @met: how often the walk has met each
 * @inserted: of them, the first ones, are or were in the table
 */
struct walk_fixture {
	struct rill_net rnet;
	struct rill_walk walk;
	struct rill_place place;
	struct rill_entry *crowd;
	u8 *met;
	u32 inserted;
};

/* A worker makes the table larger, which on some kernels begins later. */
static void walk_settle(struct kunit *test)
{
	struct walk_fixture *fix = test->priv;
	const struct rhashtable *table = &fix->rnet.table;
	u32 n, size;

	for (n = 0; n < 1000; n++) {
		rcu_read_lock();
		size = rcu_dereference(table->tbl)->size;
		rcu_read_unlock();
		if (size >= fix->inserted)
			return;
		msleep(20);
	}
	KUNIT_FAIL(test, "the table has %u buckets", size);
}

/* More of the crowd, up to @end, and the table as large as that makes it. */
static void walk_insert(struct kunit *test, u32 end)
{
	struct walk_fixture *fix = test->priv;
	struct rill_entry *entry;

	for (; fix->inserted < end; fix->inserted++) {
		entry = &fix->crowd[fix->inserted];
		entry->key.laddr.s6_addr32[0] = htonl(fix->inserted);
		entry->kind = RILL_KIND_TIMEWAIT;
		KUNIT_EXPECT_EQ(test, rill_table_insert(&fix->rnet, entry), 0);
		cond_resched();
	}
	walk_settle(test);
}

/* Up to @most entries more; returns how many there were. */
static u32 walk_on(struct walk_fixture *fix, u32 most)
{
	struct rill_entry *entry;
	u32 n = 0;

	rill_walk_start(&fix->walk);
	entry = rill_walk_next(&fix->walk);
	while (entry) {
		fix->met[entry - fix->crowd]++;
		if (++n == most)
			break;
		entry = rill_walk_next(&fix->walk);
		if (n % WALK_PIECE)
			continue;
		rill_walk_stop(&fix->walk);
		cond_resched();
		rill_walk_start(&fix->walk);
		entry = rill_walk_again(&fix->walk);
	}
	rill_walk_stop(&fix->walk);
	return n;
}

/* How many of the first @end were met @least to @most times. */
static u32 walk_met(const struct walk_fixture *fix, u32 end, u8 least, u8 most)
{
	u32 i, n = 0;

	for (i = 0; i < end; i++)
		n += fix->met[i] >= least && fix->met[i] <= most;
	return n;
}

static void walk_over_nothing_ends_at_once(struct kunit *test)
{
	struct walk_fixture *fix = test->priv;

	KUNIT_EXPECT_EQ(test, walk_on(fix, WALK_CROWD), 0);
	KUNIT_EXPECT_EQ(test, walk_on(fix, WALK_CROWD), 0);
}

static void walk_over_a_crowd_meets_each_once(struct kunit *test)
{
	struct walk_fixture *fix = test->priv;

	walk_insert(test, WALK_CROWD);
	KUNIT_EXPECT_EQ(test, walk_on(fix, 2 * WALK_CROWD), WALK_CROWD);
	KUNIT_EXPECT_EQ(test, walk_met(fix, WALK_CROWD, 1, 1), WALK_CROWD);
}

/* What a piece ended at has left before the next one begins. */
static void walk_goes_on_where_one_has_left(struct kunit *test)
{
	struct walk_fixture *fix = test->priv;
	struct rill_entry *at, *next;
	u32 n, left = 0;

	walk_insert(test, WALK_FEW);
	for (n = 0; n < WALK_FEW; n++) {
		rill_walk_start(&fix->walk);
		at = rill_walk_next(&fix->walk);
		rill_walk_stop(&fix->walk);
		if (!at)
			break;
		fix->met[at - fix->crowd]++;
		if (n % 10)
			continue;
		rill_table_remove(&fix->rnet, at);
		synchronize_rcu();
		memset(at, 0, sizeof(*at));
		left++;
		rill_walk_start(&fix->walk);
		next = rill_walk_again(&fix->walk);
		rill_walk_stop(&fix->walk);
		KUNIT_EXPECT_PTR_NE(test, next, at);
		if (next)
			fix->met[next - fix->crowd]++;
	}
	KUNIT_EXPECT_GT(test, left, 0);
	KUNIT_EXPECT_EQ(test, walk_met(fix, WALK_FEW, 1, 1), WALK_FEW);
}

/* A table that grows amid a walk; returns how many were met afterwards. */
static u32 walk_grown(struct kunit *test,
		      u32 (*on)(struct walk_fixture *fix, u32 most))
{
	struct walk_fixture *fix = test->priv;
	u32 n;

	walk_insert(test, WALK_FEW);
	KUNIT_EXPECT_EQ(test, on(fix, WALK_FEW / 2), WALK_FEW / 2);
	walk_insert(test, WALK_CROWD);
	n = on(fix, 2 * WALK_CROWD);
	KUNIT_EXPECT_EQ(test, walk_met(fix, WALK_CROWD, 1, 2), WALK_CROWD);
	return n;
}

static void walk_over_a_table_that_grows_misses_none(struct kunit *test)
{
	KUNIT_EXPECT_LE(test, walk_grown(test, walk_on), WALK_CROWD);
}

/* The same as walk_on() by the place, an RCU section for each entry. */
static u32 walk_place_on(struct walk_fixture *fix, u32 most)
{
	struct rill_entry *entry;
	u32 n = 0;

	while (n < most && fix->place.stage != RILL_PLACE_END) {
		rcu_read_lock();
		entry = rill_place_next(&fix->rnet, &fix->place);
		rcu_read_unlock();
		cond_resched();
		if (!entry)
			continue;
		fix->met[entry - fix->crowd]++;
		fix->place.skip++;
		n++;
	}
	return n;
}

static void walk_by_place_over_nothing_ends(struct kunit *test)
{
	struct walk_fixture *fix = test->priv;

	KUNIT_EXPECT_EQ(test, walk_place_on(fix, WALK_CROWD), 0);
	KUNIT_EXPECT_EQ(test, fix->place.stage, RILL_PLACE_END);
}

static void walk_by_place_over_a_crowd_meets_each_once(struct kunit *test)
{
	struct walk_fixture *fix = test->priv;

	walk_insert(test, WALK_CROWD);
	KUNIT_EXPECT_EQ(test, walk_place_on(fix, 2 * WALK_CROWD), WALK_CROWD);
	KUNIT_EXPECT_EQ(test, walk_met(fix, WALK_CROWD, 1, 1), WALK_CROWD);
	KUNIT_EXPECT_EQ(test, fix->place.anew, 0);
}

/* Each tenth of those that were met leaves, from the bucket of the place too. */
static void walk_by_place_outlives_what_it_has_met(struct kunit *test)
{
	struct walk_fixture *fix = test->priv;
	struct rill_entry *entry;
	u32 n = 0;

	walk_insert(test, WALK_FEW);
	while (fix->place.stage != RILL_PLACE_END) {
		rcu_read_lock();
		entry = rill_place_next(&fix->rnet, &fix->place);
		rcu_read_unlock();
		if (!entry)
			continue;
		fix->met[entry - fix->crowd]++;
		if (n++ % 10) {
			fix->place.skip++;
			continue;
		}
		rill_table_remove(&fix->rnet, entry);
		synchronize_rcu();
		memset(entry, 0, sizeof(*entry));
	}
	KUNIT_EXPECT_EQ(test, n, WALK_FEW);
	KUNIT_EXPECT_EQ(test, walk_met(fix, WALK_FEW, 1, 1), WALK_FEW);
}

static void walk_by_place_over_a_table_that_grows_misses_none(struct kunit *test)
{
	const struct walk_fixture *fix = test->priv;

	KUNIT_EXPECT_EQ(test, walk_grown(test, walk_place_on), WALK_CROWD);
	KUNIT_EXPECT_EQ(test, fix->place.anew, 1);
}

static int walk_test_init(struct kunit *test)
{
	struct walk_fixture *fix = kunit_kzalloc(test, sizeof(*fix), GFP_KERNEL);
	int err;

	if (!fix)
		return -ENOMEM;
	fix->crowd = vcalloc(WALK_CROWD, sizeof(*fix->crowd));
	fix->met = vzalloc(WALK_CROWD);
	fix->rnet.counters = alloc_percpu(struct rill_counters);
	test->priv = fix;
	if (!fix->crowd || !fix->met || !fix->rnet.counters)
		return -ENOMEM;
	err = rill_table_init(&fix->rnet) ?: rill_listener_init(&fix->rnet);
	if (!err)
		rill_walk_begin(&fix->walk, &fix->rnet);
	return err;
}

static void walk_test_exit(struct kunit *test)
{
	struct walk_fixture *fix = test->priv;
	u32 i;

	rill_walk_end(&fix->walk);
	for (i = 0; i < fix->inserted; i++) {
		rill_table_remove(&fix->rnet, &fix->crowd[i]);
		cond_resched();
	}
	rill_listener_destroy(&fix->rnet);
	rill_table_destroy(&fix->rnet);
	free_percpu(fix->rnet.counters);
	/* A lookup of the table's own worker may be under way. */
	synchronize_rcu();
	vfree(fix->met);
	vfree(fix->crowd);
}

static struct kunit_case rill_walk_cases[] = {
	KUNIT_CASE(walk_over_nothing_ends_at_once),
	KUNIT_CASE(walk_over_a_crowd_meets_each_once),
	KUNIT_CASE(walk_goes_on_where_one_has_left),
	KUNIT_CASE(walk_over_a_table_that_grows_misses_none),
	KUNIT_CASE(walk_by_place_over_nothing_ends),
	KUNIT_CASE(walk_by_place_over_a_crowd_meets_each_once),
	KUNIT_CASE(walk_by_place_outlives_what_it_has_met),
	KUNIT_CASE(walk_by_place_over_a_table_that_grows_misses_none),
	{}
};

static struct kunit_suite rill_walk_suite = {
	.name = "rill_walk",
	.init = walk_test_init,
	.exit = walk_test_exit,
	.test_cases = rill_walk_cases,
};

kunit_test_suite(rill_walk_suite);
