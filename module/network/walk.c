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
