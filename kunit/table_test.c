// SPDX-License-Identifier: GPL-2.0
/* The table of connections: module/network/table.c. */
#include <kunit/test.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "../module/control/inside.h"
#include "../module/network/network.h"

#define TABLE_MANY	5000	/* entries; the table grows several times */
#define TABLE_CROWD	100000
#define TABLE_STEPS	8	/* places looked at for each entry, at most */

/* A namespace of which only the table and the counters are there. */
static int table_test_init(struct kunit *test)
{
	struct rill_net *rnet = kunit_kzalloc(test, sizeof(*rnet), GFP_KERNEL);

	if (!rnet)
		return -ENOMEM;
	rnet->counters = alloc_percpu(struct rill_counters);
	if (!rnet->counters)
		return -ENOMEM;
	test->priv = rnet;
	return rill_table_init(rnet);
}

/* Empty the table; returns how many there were. */
static unsigned int table_empty_out(struct rill_net *rnet)
{
	struct rill_entry *entry;
	unsigned long place = 0;
	unsigned int n = 0;

	while (!rill_table_empty(rnet)) {
		rcu_read_lock();
		entry = rill_table_next(rnet, &place);
		if (entry) {
			rill_table_remove(rnet, entry);
			n++;
		}
		rcu_read_unlock();
		cond_resched();
	}
	return n;
}

static void table_test_exit(struct kunit *test)
{
	struct rill_net *rnet = test->priv;

	table_empty_out(rnet);
	rill_table_destroy(rnet);
	free_percpu(rnet->counters);
	synchronize_rcu();
}

static struct rill_entry *table_entry(struct kunit *test, u16 rport, u8 kind)
{
	struct rill_entry *entry;

	entry = kunit_kzalloc(test, sizeof(*entry), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, entry);
	ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), &entry->key.laddr);
	ipv6_addr_set_v4mapped(htonl(0xc0000201), &entry->key.raddr);
	entry->key.lport = htons(80);
	entry->key.rport = htons(rport);
	entry->kind = kind;
	entry->family = AF_INET;
	return entry;
}

/* Only to compare: the entry may be gone with the lock. */
static struct rill_entry *table_find(struct rill_net *rnet,
				     const struct rill_key *key)
{
	struct rill_entry *entry;

	rcu_read_lock();
	entry = rill_table_lookup(rnet, key);
	rcu_read_unlock();
	return entry;
}

/* The first entry from the beginning of the table. */
static struct rill_entry *table_first(struct rill_net *rnet)
{
	struct rill_entry *entry = NULL;
	unsigned long place = 0;

	while (!entry && !rill_table_empty(rnet)) {
		rcu_read_lock();
		entry = rill_table_next(rnet, &place);
		rcu_read_unlock();
	}
	return entry;
}

static void table_empty_finds_nothing(struct kunit *test)
{
	struct rill_entry *entry = table_entry(test, 1, RILL_KIND_SOCK);

	KUNIT_EXPECT_NULL(test, table_find(test->priv, &entry->key));
	KUNIT_EXPECT_NULL(test, table_first(test->priv));
}

static void table_insert_is_found_until_removed(struct kunit *test)
{
	struct rill_entry *entry = table_entry(test, 1, RILL_KIND_SOCK);

	KUNIT_ASSERT_EQ(test, rill_table_insert(test->priv, entry), 0);
	KUNIT_EXPECT_PTR_EQ(test, table_find(test->priv, &entry->key), entry);
	rill_table_remove(test->priv, entry);
	KUNIT_EXPECT_NULL(test, table_find(test->priv, &entry->key));
}

static void table_duplicate_is_refused(struct kunit *test)
{
	struct rill_entry *entry = table_entry(test, 1, RILL_KIND_SOCK);
	struct rill_entry *twin = table_entry(test, 1, RILL_KIND_TIMEWAIT);

	KUNIT_ASSERT_EQ(test, rill_table_insert(test->priv, entry), 0);
	KUNIT_EXPECT_EQ(test, rill_table_insert(test->priv, twin),
			-EADDRNOTAVAIL);
	KUNIT_EXPECT_PTR_EQ(test, table_find(test->priv, &entry->key), entry);
}

static void table_every_part_of_the_key_counts(struct kunit *test)
{
	struct rill_entry *entry = table_entry(test, 1, RILL_KIND_SOCK);
	struct rill_key key;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, rill_table_insert(test->priv, entry), 0);
	for (i = 0; i < sizeof(key); i++) {
		key = entry->key;
		((u8 *)&key)[i] ^= 1;
		KUNIT_EXPECT_NULL_MSG(test, table_find(test->priv, &key),
				      "byte %u", i);
	}
}

static void table_replace_takes_the_place(struct kunit *test)
{
	struct rill_entry *old = table_entry(test, 1, RILL_KIND_SOCK);
	struct rill_entry *new = table_entry(test, 1, RILL_KIND_TIMEWAIT);

	KUNIT_ASSERT_EQ(test, rill_table_insert(test->priv, old), 0);
	KUNIT_ASSERT_EQ(test, rill_table_replace(test->priv, old, new), 0);
	KUNIT_EXPECT_PTR_EQ(test, table_find(test->priv, &old->key), new);
	KUNIT_EXPECT_PTR_EQ(test, table_first(test->priv), new);
	rill_table_remove(test->priv, new);
	KUNIT_EXPECT_NULL(test, table_find(test->priv, &old->key));
}

static void table_replace_of_removed_fails(struct kunit *test)
{
	struct rill_entry *old = table_entry(test, 1, RILL_KIND_SOCK);
	struct rill_entry *new = table_entry(test, 1, RILL_KIND_TIMEWAIT);

	KUNIT_ASSERT_EQ(test, rill_table_insert(test->priv, old), 0);
	rill_table_remove(test->priv, old);
	KUNIT_EXPECT_EQ(test, rill_table_replace(test->priv, old, new),
			-ENOENT);
	KUNIT_EXPECT_NULL(test, table_find(test->priv, &old->key));
}

static void table_remove_twice_is_harmless(struct kunit *test)
{
	struct rill_entry *entry = table_entry(test, 1, RILL_KIND_SOCK);
	struct rill_entry *other = table_entry(test, 2, RILL_KIND_SOCK);

	KUNIT_ASSERT_EQ(test, rill_table_insert(test->priv, entry), 0);
	KUNIT_ASSERT_EQ(test, rill_table_insert(test->priv, other), 0);
	rill_table_remove(test->priv, entry);
	rill_table_remove(test->priv, entry);
	KUNIT_EXPECT_PTR_EQ(test, table_find(test->priv, &other->key), other);
}

/* Growing and shrinking lose nothing; next() empties it to the last one. */
static void table_thousands_come_and_go(struct kunit *test)
{
	struct rill_net *rnet = test->priv;
	struct rill_entry **all;
	unsigned int i, found = 0, left = 0;

	all = kunit_kcalloc(test, TABLE_MANY, sizeof(*all), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, all);
	for (i = 0; i < TABLE_MANY; i++) {
		all[i] = table_entry(test, i, i % 2 ? RILL_KIND_SOCK :
						      RILL_KIND_TIMEWAIT);
		KUNIT_ASSERT_EQ(test, rill_table_insert(rnet, all[i]), 0);
	}
	for (i = 0; i < TABLE_MANY; i++)
		found += table_find(rnet, &all[i]->key) == all[i];
	KUNIT_EXPECT_EQ(test, found, TABLE_MANY);

	for (i = 0; i < TABLE_MANY; i += 2)
		rill_table_remove(rnet, all[i]);
	for (i = 0; i < TABLE_MANY; i++)
		left += !!table_find(rnet, &all[i]->key);
	KUNIT_EXPECT_EQ(test, left, TABLE_MANY / 2);

	left -= table_empty_out(rnet);
	KUNIT_EXPECT_EQ(test, left, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->table.nelems), 0);
}

/*
 * Entries of @kinds kinds, in an order that has nothing to do with the buckets.
 */
static void table_end_of(struct kunit *test, unsigned int kinds)
{
	struct rill_net *rnet = test->priv;
	struct rill_entry *crowd;
	unsigned int i;
	u64 before;

	crowd = vcalloc(TABLE_CROWD, sizeof(*crowd));
	KUNIT_ASSERT_NOT_NULL(test, crowd);
	for (i = 0; i < TABLE_CROWD; i++) {
		crowd[i].key.laddr.s6_addr32[0] = htonl(i);
		crowd[i].kind = RILL_KIND_TIMEWAIT - i % kinds;
		KUNIT_EXPECT_EQ(test, rill_table_insert(rnet, &crowd[i]), 0);
		cond_resched();
	}
	before = rill_counter_read(rnet, RILL_CNT_search_steps);
	KUNIT_EXPECT_EQ(test, table_empty_out(rnet), TABLE_CROWD);
	KUNIT_EXPECT_LT(test,
			rill_counter_read(rnet, RILL_CNT_search_steps) - before,
			(u64)TABLE_STEPS * TABLE_CROWD);
	/* A lookup of the table's own worker may be under way. */
	synchronize_rcu();
	vfree(crowd);
}

static void table_end_of_one_kind_is_linear(struct kunit *test)
{
	table_end_of(test, 1);
}

static void table_end_of_all_kinds_is_linear(struct kunit *test)
{
	table_end_of(test, 3);
}

static struct kunit_case rill_table_cases[] = {
	KUNIT_CASE(table_empty_finds_nothing),
	KUNIT_CASE(table_insert_is_found_until_removed),
	KUNIT_CASE(table_duplicate_is_refused),
	KUNIT_CASE(table_every_part_of_the_key_counts),
	KUNIT_CASE(table_replace_takes_the_place),
	KUNIT_CASE(table_replace_of_removed_fails),
	KUNIT_CASE(table_remove_twice_is_harmless),
	KUNIT_CASE(table_thousands_come_and_go),
	KUNIT_CASE(table_end_of_one_kind_is_linear),
	KUNIT_CASE(table_end_of_all_kinds_is_linear),
	{}
};

static struct kunit_suite rill_table_suite = {
	.name = "rill_table",
	.init = table_test_init,
	.exit = table_test_exit,
	.test_cases = rill_table_cases,
};

kunit_test_suite(rill_table_suite);
