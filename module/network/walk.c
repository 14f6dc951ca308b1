// SPDX-License-Identifier: GPL-2.0
/*
 * A walk over all that a namespace holds, for whoever shows it: listeners, then
 * the table of connections. It holds no lock, and nothing between two pieces but
 * its place.
 *
 * Of what is there from the beginning of a walk to its end, most is met once. All
 * is met twice if the table is resized meanwhile, which then is begun anew, and a
 * group if the listener closes that the walk is at. What shares a bucket with the
 * entry at which a piece ended is met twice, or missed, if that one has left, and
 * another has come to the bucket, or has left it, before the next piece.
 *
 * A piece looks for its listener from the beginning of the group: to list a group
 * of many takes the more steps the shorter the pieces are.
 */
#include <linux/export.h>
#include <linux/rhashtable.h>
#include "inside.h"

/**
 * rill_walk_begin - be before the first
 * @walk: the walk
 * @rnet: namespace, to stay until rill_walk_end()
 *
 * Context: process.
 */
void rill_walk_begin(struct rill_walk *walk, struct rill_net *rnet)
{
	rhltable_walk_enter(&rnet->listeners, &walk->groups);
	rhashtable_walk_enter(&rnet->table, &walk->table);
	walk->group = NULL;
	walk->member = NULL;
	walk->sure = false;
	walk->listeners = true;
}

/**
 * rill_walk_end - give the place up
 * @walk: the walk
 *
 * Context: process.
 */
void rill_walk_end(struct rill_walk *walk)
{
	rhashtable_walk_exit(&walk->table);
	rhashtable_walk_exit(&walk->groups);
}

/*
 * Of a table that was resized meanwhile some kernels keep the entry that was met
 * last, though it may be freed.
 */
static void rill_walk_resume(struct rhashtable_iter *iter)
	__acquires(RCU)
{
	if (rhashtable_walk_start_check(iter) == -EAGAIN)
		iter->p = NULL;
}

/**
 * rill_walk_start - begin a piece
 * @walk: the walk
 *
 * Context: process; what is met is valid until rill_walk_stop(), an RCU section.
 */
void rill_walk_start(struct rill_walk *walk)
	__acquires(RCU)
	__acquires(RCU)
{
	rill_walk_resume(&walk->groups);
	rill_walk_resume(&walk->table);
}

/**
 * rill_walk_stop - end a piece
 * @walk: the walk
 *
 * Context: process.
 */
void rill_walk_stop(struct rill_walk *walk)
	__releases(RCU)
	__releases(RCU)
{
	walk->sure = false;
	rhashtable_walk_stop(&walk->table);
	rhashtable_walk_stop(&walk->groups);
}

/* The group or entry at a place, or the one after it; NULL: none is left. */
static void *rill_walk_at(struct rhashtable_iter *iter, bool next)
{
	void *at;

	/* A table that was resized is begun anew. */
	do {
		at = next ? rhashtable_walk_next(iter) :
			    rhashtable_walk_peek(iter);
	} while (IS_ERR(at));
	return at;
}

/* The listener that the walk is at, if it still is in the group, or NULL. */
static struct rill_listener *rill_walk_member(const struct rill_walk *walk,
					      const struct rill_group *group)
{
	struct rill_listener *l;

	if (walk->sure)
		return walk->member;
	hlist_for_each_entry_rcu(l, &group->socks, node) {
		if (l == walk->member)
			return l;
	}
	return NULL;
}

/*
 * The listener at the place, or the one after it, of a group; NULL: there is none.
 * If the one at the place has gone, nobody knows which were before it.
 */
static struct rill_listener *rill_walk_group(struct rill_walk *walk,
					     const struct rill_group *group,
					     bool next)
{
	struct rill_listener *l = NULL;
	struct hlist_node *node;

	if (group == walk->group)
		l = rill_walk_member(walk, group);
	if (l && !next)
		return l;
	node = l ? rcu_dereference_raw(hlist_next_rcu(&l->node)) :
		   rcu_dereference_raw(hlist_first_rcu(&group->socks));
	return hlist_entry_safe(node, struct rill_listener, node);
}

/* The same over all groups. */
static struct rill_entry *rill_walk_listener(struct rill_walk *walk, bool next)
{
	struct rill_group *group = rill_walk_at(&walk->groups, false);
	struct rill_listener *l;

	while (group) {
		l = rill_walk_group(walk, group, next);
		walk->group = group;
		walk->member = l;
		walk->sure = l;
		if (l)
			return &rill_sk(l->sk)->entry;
		group = rill_walk_at(&walk->groups, true);
	}
	walk->listeners = false;
	return NULL;
}

/**
 * rill_walk_next - go on
 * @walk: the walk
 *
 * Context: between rill_walk_start() and rill_walk_stop().
 * Return: a listener's entry, which is in no table, or one of the table; NULL:
 * there is no more.
 */
struct rill_entry *rill_walk_next(struct rill_walk *walk)
{
	struct rill_entry *entry;

	if (!walk->listeners)
		return rill_walk_at(&walk->table, true);
	entry = rill_walk_listener(walk, true);
	return entry ?: rill_walk_at(&walk->table, true);
}

/**
 * rill_walk_again - what rill_walk_next() returned last
 * @walk: the walk
 *
 * Context: as rill_walk_next(), perhaps after another rill_walk_start().
 * Return: the same; or what comes after it, if it is gone.
 */
struct rill_entry *rill_walk_again(struct rill_walk *walk)
{
	struct rill_entry *entry = NULL;

	if (walk->listeners)
		entry = rill_walk_listener(walk, false);
	return entry ?: rill_walk_at(&walk->table, false);
}

/* ---- a place that nobody has to give back ------------------------------- */

/* Buckets that one call looks at, in one RCU section. */
#define RILL_PLACE_STRIDE	256

/*
 * The table that the place is in, or the one that took its place; that is begun
 * anew unless the place was at the very beginning.
 */
static const struct bucket_table *rill_place_find(struct rill_place *place,
						  struct rhashtable *ht)
{
	const struct bucket_table *first = rht_dereference_rcu(ht->tbl, ht);
	const struct bucket_table *tbl;

	for (tbl = first; tbl; tbl = rht_dereference_rcu(tbl->future_tbl, ht)) {
		if (tbl->hash_rnd == place->seed)
			return tbl;
	}
	place->anew += place->seed != 0;
	place->seed = first->hash_rnd;
	place->bucket = 0;
	place->skip = 0;
	return first;
}

/* Of a bucket of listeners, the one after as many as were met. */
static struct rill_entry *rill_place_listener(const struct bucket_table *tbl,
					      const struct rill_place *place)
{
	struct rhlist_head *list, *same;
	const struct rill_group *group;
	struct rill_listener *l;
	struct rhash_head *pos;
	u32 n = 0;

	rht_for_each_rcu(pos, tbl, place->bucket) {
		list = container_of(pos, struct rhlist_head, rhead);
		rhl_for_each_entry_rcu(group, same, list, node) {
			hlist_for_each_entry_rcu(l, &group->socks, node) {
				if (n++ == place->skip)
					return &rill_sk(l->sk)->entry;
			}
		}
	}
	return NULL;
}

/* The same of a bucket of connections. */
static struct rill_entry *rill_place_entry(const struct bucket_table *tbl,
					   const struct rill_place *place)
{
	struct rill_entry *entry;
	struct rhash_head *pos;
	u32 n = 0;

	rht_for_each_entry_rcu(entry, pos, tbl, place->bucket, node) {
		if (n++ == place->skip)
			return entry;
	}
	return NULL;
}

static struct rhashtable *rill_place_table(struct rill_net *rnet,
					   const struct rill_place *place)
{
	return place->stage == RILL_PLACE_LISTENERS ? &rnet->listeners.ht :
						      &rnet->table;
}

/* From the place on, in few buckets of its table; false: that is at its end. */
static bool rill_place_look(struct rill_net *rnet, struct rill_place *place,
			    struct rill_entry **entry)
{
	struct rhashtable *ht = rill_place_table(rnet, place);
	const struct bucket_table *tbl = rill_place_find(place, ht);
	u32 n;

	for (n = 0; n < RILL_PLACE_STRIDE; n++) {
		if (place->bucket >= tbl->size) {
			/* What is resized has entries in both. */
			tbl = rht_dereference_rcu(tbl->future_tbl, ht);
			if (!tbl)
				return false;
			place->seed = tbl->hash_rnd;
			place->bucket = 0;
		}
		*entry = place->stage == RILL_PLACE_LISTENERS ?
			 rill_place_listener(tbl, place) :
			 rill_place_entry(tbl, place);
		if (*entry)
			return true;
		place->bucket++;
		place->skip = 0;
	}
	return true;
}

/**
 * rill_place_next - the listener or entry at a place, or the first after it
 * @rnet: namespace
 * @place: the place, which becomes that of what is returned: with @skip one more
 *	the next call goes on behind it
 *
 * Between two calls it keeps nothing, and so suits a list whose reader may go
 * away. What shares a bucket with what comes or goes between two calls is met
 * twice, or missed; all of a table that is resized is met again.
 *
 * Context: process, inside rcu_read_lock(), which the caller leaves now and then.
 * Return: as rill_walk_next(); NULL: there is none here: call again, unless
 * @stage is RILL_PLACE_END.
 */
struct rill_entry *rill_place_next(struct rill_net *rnet,
				   struct rill_place *place)
{
	struct rill_entry *entry = NULL;

	if (place->stage != RILL_PLACE_END &&
	    !rill_place_look(rnet, place, &entry)) {
		place->stage++;
		place->seed = 0;
	}
	return entry;
}
EXPORT_SYMBOL_GPL(rill_place_next);

/**
 * rill_entry_lookup - a connection by its key, or the listener of its segments
 * @rnet: namespace
 * @key: the key; one that is bound to no interface has any
 *
 * Context: rcu_read_lock() held; what is found is valid as long as it is.
 * Return: as rill_walk_next(); NULL: there is none.
 */
struct rill_entry *rill_entry_lookup(struct rill_net *rnet,
				     const struct rill_key *key)
{
	struct rill_ingress in = { .dif = key->dev };
	struct rill_key unbound = *key;
	struct rill_entry *entry;
	struct sock *sk;
	u8 family;

	unbound.dev = 0;
	entry = rill_table_lookup(rnet, key) ?:
		rill_table_lookup(rnet, &unbound);
	if (entry)
		return entry;
	family = ipv6_addr_v4mapped(&key->laddr) ? AF_INET : AF_INET6;
	sk = rill_listener_lookup(rnet, NULL, 0, &unbound, family, &in);
	return sk ? &rill_sk(sk)->entry : NULL;
}
EXPORT_SYMBOL_GPL(rill_entry_lookup);
