// SPDX-License-Identifier: GPL-2.0
/*
 * The listener of a segment: a table of its own, by port and address, so that
 * the lookup of a SYN passes neither connections nor the listeners of other
 * addresses.
 *
 * Listeners that share by SO_REUSEPORT are one group here and in the kernel,
 * which chooses among them: by hash, by SO_INCOMING_CPU, or by the program of
 * SO_ATTACH_REUSEPORT_CBPF and SO_ATTACH_REUSEPORT_EBPF.
 */
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/sock_reuseport.h>
#include "inside.h"

static const struct rhashtable_params rill_listener_params = {
	.key_len = sizeof(struct rill_group_key),
	.key_offset = offsetof(struct rill_group, key),
	.head_offset = offsetof(struct rill_group, node),
	.automatic_shrinking = true,
};

/**
 * rill_listener_addr - the local address that a socket is bound to
 * @sk: the socket
 *
 * Context: any.
 * Return: the address; IPv4 as ::ffff:a.b.c.d.
 */
struct in6_addr rill_listener_addr(const struct sock *sk)
{
	struct in6_addr addr;

#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		return sk->sk_v6_rcv_saddr;
#endif
	ipv6_addr_set_v4mapped(inet_sk(sk)->inet_rcv_saddr, &addr);
	return addr;
}

/**
 * rill_listener_any - is that the unspecified address, of either family?
 * @addr: as from rill_listener_addr()
 *
 * Context: any.
 * Return: true if it is.
 */
bool rill_listener_any(const struct in6_addr *addr)
{
	return ipv6_addr_any(addr) ||
	       (ipv6_addr_v4mapped(addr) && !addr->s6_addr32[3]);
}

/* The first of the group; NULL: the last has just left. */
static struct sock *rill_group_first(const struct rill_group *group)
{
	struct hlist_node *node;

	node = rcu_dereference_raw(hlist_first_rcu(&group->socks));
	return node ? hlist_entry(node, struct rill_listener, node)->sk : NULL;
}

/**
 * rill_listener_uid - the user of a socket
 * @sk: the socket
 * @none: whose it is if no program has it (any more)
 *
 * Context: any.
 * Return: the user.
 */
kuid_t rill_listener_uid(const struct sock *sk, kuid_t none)
{
	struct sock *owner = (struct sock *)sk;
	kuid_t uid = none;

	read_lock_bh(&owner->sk_callback_lock);
	if (owner->sk_socket)
		uid = SOCK_INODE(owner->sk_socket)->i_uid;
	read_unlock_bh(&owner->sk_callback_lock);
	return uid;
}

/* ---- groups ------------------------------------------------------------ */

/* May @sk be in the group of @other, as TCP decides it? */
static bool rill_group_fits(const struct sock *sk, const struct sock *other)
{
	return other->sk_reuseport && other->sk_family == sk->sk_family &&
	       ipv6_only_sock(other) == ipv6_only_sock(sk) &&
	       other->sk_bound_dev_if == sk->sk_bound_dev_if &&
	       uid_eq(rill_listener_uid(other, GLOBAL_ROOT_UID),
		      rill_listener_uid(sk, GLOBAL_ROOT_UID));
}

/*
 * May @sk be in a group? If its members are not alike any more, one that is
 * like @sk is enough, as with TCP.
 */
static bool rill_group_takes(const struct sock *sk,
			     const struct rill_group *group)
{
	struct rill_net *rnet = rill_sk_net(sk);
	const struct rill_listener *member;

	if (!group->mixed)
		return rill_group_fits(sk, rill_group_first(group));
	hlist_for_each_entry_rcu(member, &group->socks, node) {
		rill_count(rnet, search_steps);
		if (rill_group_fits(sk, member->sk))
			return true;
	}
	return false;
}

/* The group that @sk joins, or NULL. */
static struct rill_group *rill_group_find(struct sock *sk,
					  const struct rill_group_key *key)
{
	struct rill_net *rnet = rill_sk_net(sk);
	struct rhlist_head *list, *pos;
	struct rill_group *group;

	if (!sk->sk_reuseport)
		return NULL;
	rcu_read_lock();
	list = rhltable_lookup(&rnet->listeners, key, rill_listener_params);
	rhl_for_each_entry_rcu(group, pos, list, node) {
		rill_count(rnet, search_steps);
		if (rill_group_takes(sk, group))
			break;
	}
	/* The lock of the bucket keeps the group from here on. */
	rcu_read_unlock();
	return pos ? group : NULL;
}

/* A group of which @sk is the first, in the table. */
static struct rill_group *rill_group_new(struct sock *sk,
					 const struct rill_group_key *key)
{
	struct rill_group *group = kzalloc(sizeof(*group), GFP_ATOMIC);
	bool any = rill_listener_any(&key->addr);

	if (!group)
		return NULL;
	group->key = *key;
	hlist_add_head_rcu(&rill_sk(sk)->listener->node, &group->socks);
	if (sk->sk_reuseport && reuseport_alloc(sk, any))
		goto unlist;
	if (!rhltable_insert(&rill_sk_net(sk)->listeners, &group->node,
			     rill_listener_params))
		return group;
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
unlist:
	hlist_del_init_rcu(&rill_sk(sk)->listener->node);
	kfree(group);
	return NULL;
}

/**
 * rill_listener_add - let segments find a listener
 * @sk: the socket, bound, in no group
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int rill_listener_add(struct sock *sk)
{
	struct rill_group_key key = {
		.addr = rill_listener_addr(sk),
		.port = inet_sk(sk)->inet_num,
	};
	struct rill_listener *l = rill_sk(sk)->listener;
	struct rill_group *group;

	sock_owned_by_me(sk);
	rill_port_owned(rill_sk_net(sk), inet_sk(sk)->inet_num);
	/* Segments find a listener under RCU and without a reference. */
	sock_set_flag(sk, SOCK_RCU_FREE);
	group = rill_group_find(sk, &key);
	if (!group) {
		group = rill_group_new(sk, &key);
	} else {
		if (reuseport_add_sock(sk, rill_group_first(group),
				       rill_listener_any(&key.addr)))
			return -ENOMEM;
		hlist_add_head_rcu(&l->node, &group->socks);
	}
	l->group = group;
	return group ? 0 : -ENOMEM;
}

/**
 * rill_listener_remove - segments find a listener no more
 * @sk: the socket, in a group
 *
 * Lookups that began earlier may still hold it, until an RCU grace period has
 * passed.
 */
void rill_listener_remove(struct sock *sk)
{
	struct rill_listener *l = rill_sk(sk)->listener;
	struct rill_group *group = l->group;

	sock_owned_by_me(sk);
	rill_port_owned(rill_sk_net(sk), inet_sk(sk)->inet_num);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	hlist_del_init_rcu(&l->node);
	l->group = NULL;
	if (!hlist_empty(&group->socks))
		return;
	rhltable_remove(&rill_sk_net(sk)->listeners, &group->node,
			rill_listener_params);
	kfree_rcu(group, rcu);
}

/* ---- lookup ------------------------------------------------------------ */

/**
 * struct rill_listener_seek - a lookup of a listener
 * @rnet: namespace
 * @family: of the segment, AF_INET or AF_INET6
 * @in: the interfaces it came by
 * @group: address and port that listeners are looked at for
 * @best: listener with the highest score so far, or NULL
 * @high: that score
 */
struct rill_listener_seek {
	struct rill_net		*rnet;
	u8			family;
	const struct rill_ingress *in;
	struct rill_group_key	group;
	struct sock		*best;
	int			high;
};

/*
 * Score of a listener of the right address; 0: it may not have the segment. As
 * in TCP a device, an IPv4 socket for an IPv4 packet, and this CPU count.
 */
static int rill_listener_score(const struct sock *sk,
			       const struct rill_listener_seek *seek)
{
	int dev = READ_ONCE(sk->sk_bound_dev_if);
	int score = 1;

	/* Under RCU it may have been added to another port's list since. */
	if (READ_ONCE(inet_sk(sk)->inet_num) != seek->group.port)
		return 0;
	if (seek->family == AF_INET ? ipv6_only_sock(sk) :
				      sk->sk_family != AF_INET6)
		return 0;
	if (!inet_sk_bound_dev_eq(seek->rnet->net, dev, seek->in->dif,
				  seek->in->sdif))
		return 0;
	if (dev)
		score++;
	if (seek->family == AF_INET && sk->sk_family == AF_INET)
		score++;
	if (READ_ONCE(sk->sk_incoming_cpu) == raw_smp_processor_id())
		score++;
	return score;
}

/*
 * The best of a group: the first stands for all, unless one of them was bound
 * to another interface since it listens.
 */
static struct sock *rill_group_best(const struct rill_group *group,
				    const struct rill_listener_seek *seek,
				    int *score)
{
	struct sock *sk = rill_group_first(group), *best = sk;
	const struct rill_listener *l;
	int each;

	*score = sk ? rill_listener_score(sk, seek) : 0;
	if (!READ_ONCE(group->mixed))
		return best;
	hlist_for_each_entry_rcu(l, &group->socks, node) {
		rill_count(seek->rnet, search_steps);
		each = rill_listener_score(l->sk, seek);
		if (each > *score) {
			*score = each;
			best = l->sk;
		}
	}
	return best;
}

/* Look at the listeners that are bound to @addr. */
static void rill_listener_look(struct rill_listener_seek *seek,
			       const struct in6_addr *addr)
{
	struct rhlist_head *list, *pos;
	struct rill_group *group;
	struct sock *sk;
	int score;

	seek->group.addr = *addr;
	list = rhltable_lookup(&seek->rnet->listeners, &seek->group,
			       rill_listener_params);
	rhl_for_each_entry_rcu(group, pos, list, node) {
		rill_count(seek->rnet, search_steps);
		sk = rill_group_best(group, seek, &score);
		if (score > seek->high) {
			seek->high = score;
			seek->best = sk;
		}
	}
}

/**
 * rill_listener_lookup - the listener that a segment is for
 * @rnet: namespace
 * @skb: the segment, its data at our header; NULL: no program is asked
 * @hdr_len: length of our header, bytes
 * @key: the segment's, laddr being ours
 * @family: of the segment, AF_INET or AF_INET6
 * @in: the interfaces it came by
 *
 * The address counts most. Among listeners that share by SO_REUSEPORT the key's
 * hash chooses, so that a retransmitted SYN gets the same one, unless a BPF
 * program chooses another.
 *
 * Context: rcu_read_lock() held; the socket is valid as long as it is.
 * Return: the socket, without a reference, or NULL.
 */
struct sock *rill_listener_lookup(struct rill_net *rnet, struct sk_buff *skb,
				  unsigned int hdr_len,
				  const struct rill_key *key, u8 family,
				  const struct rill_ingress *in)
{
	static const struct in6_addr any4 = { { {
		[10] = 0xff, [11] = 0xff
	} } };
	struct rill_listener_seek seek = {
		.rnet = rnet,
		.family = family,
		.in = in,
		.group.port = ntohs(key->lport),
	};
	struct sock *chosen;

	rill_listener_look(&seek, &key->laddr);
	if (!seek.best) {
		if (family == AF_INET)
			rill_listener_look(&seek, &any4);
		rill_listener_look(&seek, &in6addr_any);
	}
	if (!seek.best || !seek.best->sk_reuseport)
		return seek.best;

	chosen = reuseport_select_sock(seek.best,
				       siphash(key, sizeof(*key),
					       &rnet->port_key),
				       skb, hdr_len);
	if (IS_ERR(chosen))
		return NULL;
	return chosen ?: seek.best;
}

/* ---- namespace --------------------------------------------------------- */

/**
 * rill_listener_init - make the table of listeners of a namespace
 * @rnet: namespace
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int rill_listener_init(struct rill_net *rnet)
{
	/* Hashed and compared as bytes. */
	BUILD_BUG_ON(sizeof(struct rill_group_key) !=
		     sizeof(struct in6_addr) + sizeof(u32));

	return rhltable_init(&rnet->listeners, &rill_listener_params);
}

/**
 * rill_listener_destroy - free the table of listeners of a namespace
 * @rnet: namespace; nobody listens any more
 *
 * Context: process; may sleep.
 */
void rill_listener_destroy(struct rill_net *rnet)
{
	WARN_ON_ONCE(atomic_read(&rnet->listeners.ht.nelems));
	rhltable_destroy(&rnet->listeners);
}
