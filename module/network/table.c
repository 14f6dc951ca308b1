// SPDX-License-Identifier: GPL-2.0
/*
 * The table of connections: sockets, half-open and finished ones, by address
 * and port. One for each network namespace; LOCKING in rill.h says who
 * may do what with an entry that is found here.
 */
#include <linux/once.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <net/l3mdev.h>
#include "inside.h"

/*
 * The remote host chooses its own address and port, half of the key. Were the
 * hash known, it could choose them so that all its connections share one
 * bucket and make every lookup a long walk. A secret key denies that; it is
 * one for the module, made when the first connection is.
 */
static hsiphash_key_t rill_table_secret;

static u32 rill_table_hash(const void *data, u32 len, u32 seed)
{
	hsiphash_key_t secret = rill_table_secret;
	const struct rill_key *key = data;

	/* A rehash for long chains must be able to scatter them. */
	secret.key[0] ^= seed;
	if (!ipv6_addr_v4mapped(&key->laddr))
		return hsiphash(key, sizeof(*key), &secret);
	/* IPv4: only the words that differ, for half of the cost. */
	return hsiphash_4u32((__force u32)key->laddr.s6_addr32[3],
			     (__force u32)key->raddr.s6_addr32[3],
			     (__force u32)key->lport << 16 |
			     (__force u32)key->rport,
			     key->dev, &secret);
}

static const struct rhashtable_params rill_table_params = {
	.key_len = sizeof(struct rill_key),
	.key_offset = offsetof(struct rill_entry, key),
	.head_offset = offsetof(struct rill_entry, node),
	.hashfn = rill_table_hash,
	.automatic_shrinking = true,
};

/**
 * rill_table_init - make the table of a namespace
 * @rnet: namespace
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int rill_table_init(struct rill_net *rnet)
{
	/* Hashed and compared as bytes: a hole would never compare equal. */
	BUILD_BUG_ON(sizeof(struct rill_key) !=
		     2 * sizeof(struct in6_addr) + 2 * sizeof(__be16) +
		     sizeof(u32));

	get_random_once(&rill_table_secret, sizeof(rill_table_secret));
	seqlock_init(&rnet->rekeyed);
	return rhashtable_init(&rnet->table, &rill_table_params);
}

/**
 * rill_table_destroy - free the table of a namespace
 * @rnet: namespace; all its connections have left the table
 *
 * Context: process; may sleep.
 */
void rill_table_destroy(struct rill_net *rnet)
{
	WARN_ON_ONCE(!rill_table_empty(rnet));
	WARN_ON_ONCE(atomic_read(&rnet->bound));
	rhashtable_destroy(&rnet->table);
}

/**
 * rill_table_lookup - find a connection
 * @rnet: namespace
 * @key: what to look for
 *
 * Context: rcu_read_lock() held; the entry is valid as long as it is. Whoever
 * wants it longer raises its count with refcount_inc_not_zero().
 * Return: the entry or NULL.
 */
struct rill_entry *rill_table_lookup(struct rill_net *rnet,
				     const struct rill_key *key)
{
	return rhashtable_lookup(&rnet->table, key, rill_table_params);
}

/**
 * rill_table_overlaps - would two connections get the same segments?
 * @rnet: namespace
 * @key: of a connection that is not in the table yet
 * @oif: index of the interface that its segments leave by
 *
 * The same key cannot be there twice. A connection that is bound to an
 * interface must not begin beside one that takes segments from there as well:
 * one that is not bound, or bound to the VRF. Nor the other way round: the
 * bound one would get the answers. TCP lets it begin, and gives them to the
 * newest.
 *
 * Context: any.
 * Return: true if there is such a connection.
 */
bool rill_table_overlaps(struct rill_net *rnet, const struct rill_key *key,
			 int oif)
{
	int dev = key->dev ?: oif;
	struct rill_key other = *key;
	bool found = false;
	int master;

	if (!key->dev && !atomic_read(&rnet->bound))
		return false;
	rcu_read_lock();
	master = l3mdev_master_ifindex_by_index(rnet->net, dev);
	other.dev = key->dev ? 0 : dev;
	if (inet_sk_bound_dev_eq(rnet->net, 0, dev, master))
		found = rill_table_lookup(rnet, &other);
	other.dev = master;
	if (!found && master && master != key->dev)
		found = rill_table_lookup(rnet, &other);
	rcu_read_unlock();
	return found;
}

/**
 * rill_table_insert - publish an entry
 * @rnet: namespace
 * @entry: complete: it may be found before this returns
 *
 * Context: any.
 * Return: 0, -EADDRNOTAVAIL if the key is taken, -ENOMEM.
 */
int rill_table_insert(struct rill_net *rnet, struct rill_entry *entry)
{
	int err;

	/* Before its segments may come: see rill_input_lookup(). */
	if (entry->key.dev)
		atomic_inc(&rnet->bound);
	err = rhashtable_lookup_insert_fast(&rnet->table, &entry->node,
					    rill_table_params);
	if (!err)
		return 0;
	if (entry->key.dev)
		atomic_dec(&rnet->bound);
	return err == -EEXIST ? -EADDRNOTAVAIL : -ENOMEM;
}

/**
 * rill_table_replace - put one entry in the place of another
 * @rnet: namespace
 * @old: in the table
 * @new: has the same key
 *
 * A lookup meets the one or the other, never neither: no segment of the
 * connection is answered by a reset meanwhile.
 *
 * Context: any.
 * Return: 0, or -ENOENT if @old has left the table.
 */
int rill_table_replace(struct rill_net *rnet, struct rill_entry *old,
		       struct rill_entry *new)
{
	return rhashtable_replace_fast(&rnet->table, &old->node, &new->node,
				       rill_table_params);
}

/**
 * rill_table_remove - take an entry out
 * @rnet: namespace
 * @entry: may have left the table before
 *
 * A lookup that began earlier may still hold it: free it through RCU.
 *
 * Context: any.
 */
void rill_table_remove(struct rill_net *rnet, struct rill_entry *entry)
{
	if (!rhashtable_remove_fast(&rnet->table, &entry->node,
				    rill_table_params) && entry->key.dev)
		atomic_dec(&rnet->bound);
}

/**
 * rill_table_rekey - bind a connection to another interface
 * @rnet: namespace
 * @entry: in the table, and nothing waits for its place
 * @dev: the interface, 0 for any
 *
 * The connection keeps its key if another one has the new key, or without
 * memory; rill_sock_rehash() says what that means.
 *
 * Context: any; does not sleep.
 * Return: false if the entry has left the table, for want of memory.
 */
bool rill_table_rekey(struct rill_net *rnet, struct rill_entry *entry, u32 dev)
{
	struct rill_key key = entry->key;
	u32 old = key.dev;
	bool there = true;

	key.dev = dev;
	write_seqlock_bh(&rnet->rekeyed);
	rcu_read_lock();
	if (!rill_table_lookup(rnet, &key)) {
		rill_table_remove(rnet, entry);
		WRITE_ONCE(entry->key.dev, dev);
		if (rill_table_insert(rnet, entry)) {
			WRITE_ONCE(entry->key.dev, old);
			there = !rill_table_insert(rnet, entry);
		}
	}
	rcu_read_unlock();
	write_sequnlock_bh(&rnet->rekeyed);
	return there;
}

/* Buckets that one call of rill_table_next() looks at, in one RCU section. */
#define RILL_TABLE_STRIDE	256

/**
 * rill_table_next - some entry, for whoever takes one after the other out
 * @rnet: namespace
 * @place: 0 at first; where to go on
 *
 * Each call goes on in the bucket where the last one ended: begun anew, it
 * would walk over ever more empty buckets. It looks at few of them, so that the
 * caller can let others run.
 *
 * Context: rcu_read_lock() held, as for rill_table_lookup().
 * Return: the entry, or NULL if there is none here: call again, unless
 * rill_table_empty().
 */
struct rill_entry *rill_table_next(struct rill_net *rnet, unsigned long *place)
{
	struct rhashtable *ht = &rnet->table;
	unsigned long at = *place, first = 0;
	const struct bucket_table *tbl;
	struct rill_entry *entry;
	struct rhash_head *pos;
	unsigned int n = 0;

	/* While it is resized, entries move from one table to the next. */
	for (tbl = rht_dereference_rcu(ht->tbl, ht); tbl;
	     tbl = rht_dereference_rcu(tbl->future_tbl, ht)) {
		for (; at < first + tbl->size; at++) {
			*place = at;
			if (n++ == RILL_TABLE_STRIDE)
				return NULL;
			rill_count(rnet, search_steps);
			rht_for_each_entry_rcu(entry, pos, tbl, at - first,
					       node)
				return entry;
		}
		first += tbl->size;
	}
	*place = 0;
	return NULL;
}

/**
 * rill_table_empty - is there no entry left?
 * @rnet: namespace
 *
 * Context: any.
 * Return: true if there was none at some moment of the call.
 */
bool rill_table_empty(struct rill_net *rnet)
{
	return !atomic_read(&rnet->table.nelems);
}
