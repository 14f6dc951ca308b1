// SPDX-License-Identifier: GPL-2.0
/*
 * Who may share a local port with whom. That is decided as TCP decides it, since
 * programs were written against that: SO_REUSEADDR among sockets of which none
 * listens, SO_REUSEPORT among sockets of one user, and otherwise only owners
 * whose addresses or devices do not overlap.
 *
 * Owners that are alike are one share, and shares that differ in the address
 * alone stand together in a tree. bind() therefore looks at each kind of owner
 * once, and among those that object it looks up its own address in the tree,
 * however many addresses and owners there are.
 */
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/sock_reuseport.h>
#include "inside.h"

static bool rill_bind_listens(const struct sock *sk)
{
	return READ_ONCE(sk->sk_state) == TCP_LISTEN || rill_listener_group(sk);
}

/**
 * rill_bind_view - what a socket is bound to now
 * @sk: the socket
 * @uid: its user, if no program has it
 * @view: result
 *
 * The address and options of another's socket are read without its lock, as TCP
 * reads them: they change by system calls only, and a conflict is judged by one
 * moment or the next.
 *
 * Context: any.
 */
void rill_bind_view(const struct sock *sk, kuid_t uid,
		    struct rill_bind_key *view)
{
	u32 flags = 0;

	view->addr = rill_listener_addr(sk);
	if (ipv6_addr_v4mapped(&view->addr))
		flags |= RILL_BIND_MAPPED;
	if (rill_listener_any(&view->addr))
		flags |= RILL_BIND_ANY;
	if (sk->sk_reuse)
		flags |= RILL_BIND_REUSE;
	if (sk->sk_reuseport)
		flags |= RILL_BIND_REUSEPORT;
	if (ipv6_only_sock(sk))
		flags |= RILL_BIND_V6ONLY;
	if (rill_bind_listens(sk))
		flags |= RILL_BIND_LISTENS;
	if (rill_sk(sk)->bind.ephemeral)
		flags |= RILL_BIND_EPHEMERAL;
	view->flags = flags;
	view->uid = rill_listener_uid(sk, uid);
	view->dev = READ_ONCE(sk->sk_bound_dev_if);
}

/**
 * rill_bind_view_heir - what a child or a TIME_WAIT entry is bound to
 * @from: the owner
 * @to: a child, with @to->sk set, or a TIME_WAIT entry; @to->ephemeral as its own
 * @view: result
 *
 * A child is of its listener's user until a program has accepted it.
 *
 * Context: any; the lock of the port's bucket held.
 */
void rill_bind_view_heir(const struct rill_bind *from,
			 const struct rill_bind *to,
			 struct rill_bind_key *view)
{
	const struct sock *model = to->sk ?: from->sk;

	*view = from->share->key;
	if (model)
		rill_bind_view(model, from->share->key.uid, view);
	if (to->sk)
		return;
	view->flags &= ~RILL_BIND_LISTENS;
	view->flags |= RILL_BIND_OVER;
	view->uid = GLOBAL_ROOT_UID;
}

/*
 * Is there an address that both take segments for? If one of them is bound to
 * any address, the flags alone decide.
 */
static bool rill_bind_addr_overlap(const struct rill_bind_key *a,
				   const struct rill_bind_key *b)
{
	bool v4_a = a->flags & RILL_BIND_MAPPED;
	bool v4_b = b->flags & RILL_BIND_MAPPED;

	if (v4_a && v4_b)
		return !(b->flags & RILL_BIND_V6ONLY) &&
		       ((a->flags | b->flags) & RILL_BIND_ANY ||
			ipv6_addr_equal(&a->addr, &b->addr));
	if (!v4_b && b->flags & RILL_BIND_ANY)
		return !(v4_a && b->flags & RILL_BIND_V6ONLY);
	if (!v4_a && a->flags & RILL_BIND_ANY)
		return !(v4_b && a->flags & RILL_BIND_V6ONLY);
	return ipv6_addr_equal(&a->addr, &b->addr);
}

/* The VRF whose ports a socket that is bound to @dev has, 0 for the host's. */
static int rill_bind_vrf(struct net *net, int dev)
{
#ifdef CONFIG_NET_L3_MASTER_DEV
	if (dev && !READ_ONCE(net->ipv4.sysctl_tcp_l3mdev_accept))
		return l3mdev_master_ifindex_by_index(net, dev);
#endif
	return 0;
}

/*
 * Is there a device that both take segments from? Ports of a VRF are its own
 * unless net.ipv4.tcp_l3mdev_accept gives them to unbound sockets too.
 */
static bool rill_bind_dev_overlap(struct net *net, int a, int b)
{
	if (a == b)
		return true;
	if (a && b)
		return false;
	return !rill_bind_vrf(net, a ? a : b);
}

/* May @self not become an owner beside @other, if their addresses overlap? */
static bool rill_bind_clashes(struct net *net, const struct rill_bind_key *self,
			      const struct rill_bind_key *other,
			      enum rill_port_sharing sharing)
{
	u32 both = self->flags & other->flags;
	bool both_addr, both_port;

	if (!rill_bind_dev_overlap(net, self->dev, other->dev))
		return false;
	if (sharing == RILL_PORT_ALONE)
		return true;

	both_addr = both & RILL_BIND_REUSE &&
		    !(other->flags & RILL_BIND_LISTENS);
	/* TIME_WAIT has no user whose segments could be taken. */
	both_port = both & RILL_BIND_REUSEPORT &&
		    (other->flags & RILL_BIND_OVER ||
		     uid_eq(self->uid, other->uid));

	if (sharing == RILL_PORT_REUSE)
		return !both_addr || both_port;
	return !both_addr && !both_port;
}

/* ---- shares: owners that are alike ------------------------------------- */

/* The first share of @port that does not come before @key, or NULL. */
static struct rill_share *rill_share_from(struct rill_net *rnet,
					  const struct rill_port *port,
					  const struct rill_bind_key *key)
{
	struct rb_node *node = port->shares.rb_node;
	struct rill_share *share, *best = NULL;

	while (node) {
		rill_count(rnet, search_steps);
		share = rb_entry(node, struct rill_share, node);
		if (memcmp(&share->key, key, sizeof(*key)) < 0) {
			node = node->rb_right;
		} else {
			best = share;
			node = node->rb_left;
		}
	}
	return best;
}

/**
 * rill_share_get - the share of owners that are alike
 * @rnet: namespace
 * @port: the port
 * @key: what they have in common
 * @spare: memory for it if there is none, used up then; NULL, or of NULL: none
 *
 * Context: any; an owner is to enter.
 * Return: the share, or NULL: no memory, which is not with a spare one.
 */
struct rill_share *rill_share_get(struct rill_net *rnet,
				  struct rill_port *port,
				  const struct rill_bind_key *key,
				  struct rill_share **spare)
{
	struct rb_node **link = &port->shares.rb_node, *parent = NULL;
	struct rill_share *share;
	int order;

	rill_port_owned(rnet, port->port);
	while (*link) {
		rill_count(rnet, search_steps);
		parent = *link;
		share = rb_entry(parent, struct rill_share, node);
		order = memcmp(key, &share->key, sizeof(*key));
		if (!order)
			return share;
		link = order < 0 ? &parent->rb_left : &parent->rb_right;
	}
	if (spare && *spare) {
		share = *spare;
		*spare = NULL;
	} else {
		share = kzalloc(sizeof(*share), GFP_ATOMIC);
		if (!share)
			return NULL;
	}
	share->key = *key;
	port->changes++;
	rb_link_node(&share->node, parent, link);
	rb_insert_color(&share->node, &port->shares);
	return share;
}

/**
 * rill_share_enter - add an owner
 * @share: their share
 * @bind: the new one, in no share
 *
 * Context: any; the lock of the port's bucket held.
 */
void rill_share_enter(struct rill_share *share, struct rill_bind *bind)
{
	const struct hlist_node *first = share->owners.first;

	bind->share = share;
	/* bind() of the only owner has skipped the share: now it counts. */
	if (first && !first->next)
		bind->port->changes++;
	hlist_add_head(&bind->node, &share->owners);
}

/**
 * rill_share_leave - remove an owner
 * @bind: in a share, which is freed if it was the last
 *
 * Context: any; the lock of the port's bucket held.
 */
void rill_share_leave(struct rill_bind *bind)
{
	struct rill_share *share = bind->share;

	hlist_del_init(&bind->node);
	bind->share = NULL;
	if (!hlist_empty(&share->owners))
		return;
	rb_erase(&share->node, &bind->port->shares);
	kfree(share);
}

/**
 * rill_share_renew - look again at what an owner is bound to
 * @rnet: namespace
 * @bind: in a share, with a socket
 * @spare: as for rill_share_get()
 *
 * Context: any.
 * Return: 1 if it has changed, 0 if not, -ENOMEM.
 */
int rill_share_renew(struct rill_net *rnet, struct rill_bind *bind,
		     struct rill_share **spare)
{
	struct rill_bind_key now;
	struct rill_share *share;

	rill_port_owned(rnet, bind->port->port);
	rill_bind_view(bind->sk, bind->share->key.uid, &now);
	if (!memcmp(&now, &bind->share->key, sizeof(now)))
		return 0;
	share = rill_share_get(rnet, bind->port, &now, spare);
	if (!share)
		return -ENOMEM;
	rill_share_leave(bind);
	rill_share_enter(share, bind);
	return 1;
}

/* An owner in @share other than @sk, or NULL. */
static struct rill_bind *rill_share_other(const struct rill_share *share,
					  const struct sock *sk)
{
	struct rill_bind *bind;

	hlist_for_each_entry(bind, &share->owners, node)
		if (bind->sk != sk)
			return bind;
	return NULL;
}

/*
 * Of the shares that differ from @first, with which they begin, in the address
 * alone: one whose address overlaps with that of @self, or NULL.
 */
static struct rill_share *rill_share_meets(struct rill_net *rnet,
					   const struct rill_port *port,
					   struct rill_share *first,
					   const struct rill_bind_key *self)
{
	struct rill_bind_key key = first->key;
	struct rill_share *share = first;

	if (!((self->flags | first->key.flags) & RILL_BIND_ANY)) {
		key.addr = self->addr;
		share = rill_share_from(rnet, port, &key);
		if (!share || memcmp(&share->key, &key, sizeof(key)))
			return NULL;
	}
	return rill_bind_addr_overlap(self, &share->key) ? share : NULL;
}

/* Go to the next shares that differ in more than the address from @first. */
static void rill_share_pass(const struct rill_share *first,
			    struct rill_bind_key *at)
{
	*at = first->key;
	/* No socket is bound to that address. */
	memset(&at->addr, 0xff, sizeof(at->addr));
}

/*
 * So many kinds are looked at in one go, with the lock held and BH off: a user
 * with a namespace can make thousands of devices, and so of kinds.
 */
#define RILL_SHARE_PORTION		256

/**
 * rill_share_chosen - has a program that sees the same ports chosen this one?
 * @rnet: namespace
 * @port: the port
 * @dev: interface that a socket is bound to, which looks for a port; 0 for any
 *
 * The ports of a VRF are its own, as for TCP. Each kind of owner is looked at
 * once; of a port with too many of them connect() takes none.
 *
 * Context: any; the lock of the port's bucket held.
 * Return: true if connect() is to leave it alone.
 */
bool rill_share_chosen(struct rill_net *rnet, const struct rill_port *port,
		       int dev)
{
	int vrf = rill_bind_vrf(rnet->net, dev);
	u32 left = RILL_SHARE_PORTION;
	struct rill_bind_key at = {};
	struct rill_share *first;

	if (!port->fixed)
		return false;
	while ((first = rill_share_from(rnet, port, &at))) {
		if (!left-- ||
		    (!(first->key.flags & RILL_BIND_EPHEMERAL) &&
		     rill_bind_vrf(rnet->net, first->key.dev) == vrf))
			return true;
		rill_share_pass(first, &at);
	}
	return false;
}

/*
 * An owner that is not @sk and objects, or NULL: from the kind at @walk->at on,
 * where the next look goes on, at no more than *@left kinds.
 */
static struct rill_bind *rill_share_objection(struct rill_net *rnet,
					      const struct rill_port *port,
					      const struct sock *sk,
					      enum rill_port_sharing sharing,
					      struct rill_share_walk *walk,
					      u32 *left)
{
	const struct rill_bind_key *self = &walk->self;
	struct rill_share *share, *first;
	struct rill_bind *other;

	while ((first = rill_share_from(rnet, port, &walk->at))) {
		if (!*left)
			return NULL;
		--*left;
		share = NULL;
		if (rill_bind_clashes(rnet->net, self, &first->key, sharing))
			share = rill_share_meets(rnet, port, first, self);
		other = share ? rill_share_other(share, sk) : NULL;
		if (other)
			return other;
		rill_share_pass(first, &walk->at);
	}
	return NULL;
}

/*
 * So many owners are compared with their share again in one call, whatever
 * programs do meanwhile.
 */
#define RILL_SHARE_SECOND_THOUGHTS	1000

/* And so often from the beginning, where others change the port meanwhile. */
#define RILL_SHARE_RESTARTS		100

/**
 * rill_share_walk_begin - a bind() is about to look for objections
 * @walk: its place
 * @sk: socket that wants to share a port, or that owns it and wants to listen
 *
 * Context: process, socket lock held.
 */
void rill_share_walk_begin(struct rill_share_walk *walk, const struct sock *sk)
{
	memset(walk, 0, sizeof(*walk));
	walk->second = RILL_SHARE_SECOND_THOUGHTS;
	walk->restarts = RILL_SHARE_RESTARTS;
	rill_bind_view(sk, GLOBAL_ROOT_UID, &walk->self);
	/* As with TCP, a program that chooses listeners is the first one's. */
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		walk->self.flags &= ~RILL_BIND_REUSEPORT;
}

/* Was the port changed since the last portion, so that all is to be seen anew? */
static bool rill_share_walk_stale(struct rill_share_walk *walk,
				  const struct rill_port *port)
{
	static const struct rill_bind_key start;

	if (!memcmp(&walk->at, &start, sizeof(start)))
		walk->changes = port->changes;
	if (walk->changes == port->changes)
		return false;
	walk->changes = port->changes;
	walk->at = start;
	return !walk->restarts--;
}

/**
 * rill_share_conflict - does an owner object to one more?
 * @rnet: namespace
 * @port: the port
 * @sk: socket that wants to share it, or that owns it and wants to listen
 * @sharing: how far it goes
 * @walk: from rill_share_walk_begin(), and then from the last call
 *
 * One owner stands for all of its share. But a system call may have changed it
 * since: an owner that objects is compared with its share again, moves to
 * another share if it has changed, and then the next is asked. Each kind is
 * looked at once, whatever becomes of its owners.
 *
 * Context: process.
 * Return: 0 if none does; -EADDRINUSE; -EAGAIN if there are more to be asked:
 * call again after the lock was released, so that others may go on.
 */
int rill_share_conflict(struct rill_net *rnet, const struct rill_port *port,
			const struct sock *sk, enum rill_port_sharing sharing,
			struct rill_share_walk *walk)
{
	u32 left = RILL_SHARE_PORTION;
	const struct rill_bind_key *now;
	struct rill_bind *other;

	rill_port_owned(rnet, port->port);
	/* A port that changes without end counts as taken. */
	if (rill_share_walk_stale(walk, port))
		return -EADDRINUSE;
	while ((other = rill_share_objection(rnet, port, sk, sharing, walk,
					     &left))) {
		if (!walk->second-- || !other->sk ||
		    rill_share_renew(rnet, other, NULL) <= 0)
			return -EADDRINUSE;
		/* The share made here is not a change by others. */
		walk->changes = port->changes;
		/* Its new share may come before the place reached. */
		now = &other->share->key;
		if (rill_bind_clashes(rnet->net, &walk->self, now, sharing) &&
		    rill_bind_addr_overlap(&walk->self, now))
			return -EADDRINUSE;
	}
	return left ? 0 : -EAGAIN;
}
