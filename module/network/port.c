// SPDX-License-Identifier: GPL-2.0
/*
 * Local ports: who owns which, and which one bind() and connect() take. A port
 * that connect() chose is shared with other such connections as long as the
 * four-tuple is unique; who else may share one, share.c says.
 */
#include <linux/bpf.h>
#include <linux/once.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/ip.h>
#include "inside.h"

/*
 * RFC 6056, 3.3.4: connections to one destination take one port after the
 * other, each destination from an offset of its own. A counter is shared by
 * the destinations that hash to it; with few of them, an attacker who can
 * connect from this host learns through shared counters where it connects.
 */
#define RILL_PORT_COUNTERS	65536

static u32 rill_port_counters[RILL_PORT_COUNTERS];

/*
 * connect() tries so many ports before it takes one whose four-tuple is in
 * TIME_WAIT: otherwise a host that opens and closes quickly would look at each
 * port of the range, every time.
 */
#define RILL_PORT_FRESH		128

/*
 * A BPF program of a cgroup binds sockets (bpf_bind(), and SO_BINDTODEVICE by
 * bpf_setsockopt()) inside rcu_read_lock(), where nothing may sleep.
 */
#define RILL_PORT_GFP		(GFP_ATOMIC | __GFP_ACCOUNT | __GFP_NOWARN)

/*
 * The array of the ports of a bucket, allocated at its first use and kept.
 * NULL: no memory.
 */
static struct rill_port **rill_port_slots(struct rill_port_bucket *bucket)
{
	struct rill_port **slots = READ_ONCE(bucket->slots), **first;

	if (slots)
		return slots;
	slots = kcalloc(RILL_PORT_SLOTS, sizeof(*slots), RILL_PORT_GFP);
	if (!slots)
		return NULL;
	first = cmpxchg(&bucket->slots, NULL, slots);
	if (!first)
		return slots;
	kfree(slots);
	return first;
}

static struct rill_port *rill_port_find(struct rill_port_bucket *bucket,
					u16 num)
	__must_hold(&bucket->lock)
{
	return bucket->slots[num / RILL_PORT_BUCKETS];
}

/**
 * struct rill_port_spare - memory for a new port and its first owner
 * @port: becomes the port, if there is none
 * @share: becomes the share of the owner, if there is none
 */
struct rill_port_spare {
	struct rill_port	*port;
	struct rill_share	*share;
};

static bool rill_port_alloc(struct rill_port_spare *spare)
{
	spare->port = kzalloc(sizeof(*spare->port), RILL_PORT_GFP);
	spare->share = kzalloc(sizeof(*spare->share), RILL_PORT_GFP);
	return spare->port && spare->share;
}

static void rill_port_free(struct rill_port_spare *spare)
{
	kfree(spare->port);
	kfree(spare->share);
}

/* Port @num, which nobody has yet. */
static struct rill_port *rill_port_new(struct rill_port_bucket *bucket,
				       struct rill_port_spare *spare, u16 num)
	__must_hold(&bucket->lock)
{
	struct rill_port *port = spare->port;

	spare->port = NULL;
	port->port = num;
	port->shares = RB_ROOT;
	/* Differs from that of an earlier port of this number. */
	port->changes = bucket->made++ << 16;
	bucket->slots[num / RILL_PORT_BUCKETS] = port;
	return port;
}

/* Nobody has @port any more. */
static void rill_port_drop(struct rill_port_bucket *bucket,
			   struct rill_port *port)
	__must_hold(&bucket->lock)
{
	bucket->slots[port->port / RILL_PORT_BUCKETS] = NULL;
	kfree_rcu(port, rcu);
}

/* ---- owners ------------------------------------------------------------ */

static void rill_bind_join(struct rill_port *port, struct rill_share *share,
			   struct rill_bind *bind)
{
	bind->port = port;
	rill_share_enter(share, bind);
	if (!bind->ephemeral)
		port->fixed++;
	if (bind->sk)
		inet_sk(bind->sk)->inet_num = port->port;
}

/* @sk becomes an owner of @port. */
static void rill_bind_join_sock(struct rill_port *port, struct sock *sk,
				bool ephemeral, struct rill_port_spare *spare)
{
	struct rill_bind *bind = &rill_sk(sk)->bind;
	struct rill_bind_key key;

	bind->sk = sk;
	bind->ephemeral = ephemeral;
	rill_bind_view(sk, GLOBAL_ROOT_UID, &key);
	rill_bind_join(port, rill_share_get(rill_sk_net(sk), port, &key,
					    &spare->share), bind);
}

/* ---- bind() and listen() ----------------------------------------------- */

/*
 * Make @sk an owner of port @num, if it is none yet and nobody objects, and
 * with @listen a listener on it. @spare is used up if the port is new. Returns
 * 0, -EADDRINUSE or -ENOMEM; -EAGAIN if others are to have the lock before the
 * rest of the owners is asked.
 */
static int rill_port_take_some(struct sock *sk, struct rill_port_bucket *bucket,
			       u16 num, struct rill_port_spare *spare,
			       enum rill_port_sharing sharing, bool listen,
			       struct rill_share_walk *walk)
	__must_hold(&bucket->lock)
{
	struct rill_net *rnet = rill_sk_net(sk);
	struct rill_sock *rsk = rill_sk(sk);
	struct rill_port *port;
	int err;

	port = rill_port_find(bucket, num);
	/* Options may have changed since bind(): listen() judges them anew. */
	if (rsk->bind.port &&
	    rill_share_renew(rnet, &rsk->bind, &spare->share) < 0)
		return -ENOMEM;
	if (port) {
		err = rill_share_conflict(rnet, port, sk, sharing, walk);
		if (err)
			return err;
	}

	if (!port)
		port = rill_port_new(bucket, spare, num);
	if (!rsk->bind.port)
		rill_bind_join_sock(port, sk, false, spare);
	if (listen && !rill_listener_group(sk))
		return rill_listener_add(sk);
	return 0;
}

/* The same, until all owners are asked. */
static int rill_port_take(struct sock *sk, u16 num,
			  struct rill_port_spare *spare,
			  enum rill_port_sharing sharing, bool listen)
{
	struct rill_port_bucket *bucket;
	struct rill_share_walk walk;
	int err;

	bucket = rill_port_bucket(rill_sk_net(sk), num);
	if (!rill_port_slots(bucket))
		return -ENOMEM;

	rill_share_walk_begin(&walk, sk);
	for (;;) {
		spin_lock_bh(&bucket->lock);
		err = rill_port_take_some(sk, bucket, num, spare, sharing,
					  listen, &walk);
		spin_unlock_bh(&bucket->lock);
		if (err != -EAGAIN)
			return err;
		if (!has_current_bpf_ctx())
			cond_resched();
	}
}

/**
 * struct rill_port_range - candidates for a port that we choose
 * @low: first
 * @count: how many, even unless it is 1
 */
struct rill_port_range {
	u32	low;
	u32	count;
};

static void rill_port_range(const struct sock *sk, struct rill_port_range *r)
{
	int low, high;

	inet_sk_get_local_port_range(sk, &low, &high);
	r->low = low;
	r->count = high - low + 1;
	if (r->count > 1)
		r->count &= ~1U;
}

/* The @i-th candidate: those of @offset's parity, then the others. */
static u16 rill_port_candidate(const struct rill_port_range *r, u32 offset,
			       u32 i)
{
	u32 half = r->count / 2;

	if (r->count == 1)
		return r->low;
	if (i < half)
		return r->low + (offset + 2 * i) % r->count;
	return r->low + ((offset ^ 1) + 2 * (i - half)) % r->count;
}

static int rill_port_scan(struct sock *sk, const struct rill_port_range *r,
			  struct rill_port_spare *spare,
			  enum rill_port_sharing sharing, bool listen)
{
	/* Odd ports first: connect() begins with the even ones. */
	u32 offset = reciprocal_scale(get_random_u32(), r->count) | 1;
	int err = -EADDRINUSE;
	u32 i;

	for (i = 0; i < r->count && err == -EADDRINUSE; i++) {
		u16 num = rill_port_candidate(r, offset, i);

		if (!inet_is_local_reserved_port(sock_net(sk), num))
			err = rill_port_take(sk, num, spare, sharing, listen);
		cond_resched();
	}
	return err;
}

/*
 * A program with SO_REUSEADDR gets a port of the lower half of the range while
 * one is free, as with TCP, so that the upper half stays for the others.
 */
static int rill_port_scan_halves(struct sock *sk, struct rill_port_spare *spare,
				 enum rill_port_sharing sharing, bool listen)
{
	struct rill_port_range range, half;
	int err;

	rill_port_range(sk, &range);
	if (sk->sk_reuse != SK_CAN_REUSE || range.count < 4)
		return rill_port_scan(sk, &range, spare, sharing, listen);

	half.low = range.low;
	half.count = range.count / 4 * 2;
	err = rill_port_scan(sk, &half, spare, sharing, listen);
	if (err != -EADDRINUSE)
		return err;

	half.low += half.count;
	half.count = range.count - half.count;
	return rill_port_scan(sk, &half, spare, sharing, listen);
}

static int rill_port_bind(struct sock *sk, u16 num, bool listen)
{
	struct rill_port_spare spare;
	int err = -ENOMEM;

	if (!rill_port_alloc(&spare)) {
		/* See below. */
	} else if (num) {
		err = rill_port_take(sk, num, &spare, RILL_PORT_SHARE, listen);
	} else {
		err = rill_port_scan_halves(sk, &spare, RILL_PORT_ALONE,
					    listen);
		if (err == -EADDRINUSE &&
		    READ_ONCE(sock_net(sk)->ipv4.sysctl_ip_autobind_reuse))
			err = rill_port_scan_halves(sk, &spare,
						    RILL_PORT_REUSE, listen);
	}
	rill_port_free(&spare);
	/* As in TCP, also for lack of memory. */
	return err ? -EADDRINUSE : 0;
}

/**
 * rill_port_get - give a socket a local port; get_port of struct proto
 * @sk: socket; its local address and device are set
 * @snum: port, or 0 for one of the namespace's ephemeral ports
 *
 * Sets inet_num. inet_bind() passes the error on, inet_autobind() makes it
 * -EAGAIN.
 *
 * Context: process; does not sleep with @snum, which a BPF program may give.
 * Return: 0 or -EADDRINUSE.
 */
int rill_port_get(struct sock *sk, unsigned short snum)
{
	sock_owned_by_me(sk);
	return rill_port_bind(sk, snum, false);
}

/**
 * rill_port_listen - let segments find a socket as a listener
 * @sk: socket, gets a port if it has none
 *
 * A port that several sockets share by SO_REUSEADDR belongs to the first of
 * them that listens: the conflict is judged again.
 *
 * Context: process.
 * Return: 0 or -EADDRINUSE.
 */
int rill_port_listen(struct sock *sk)
{
	int err = rill_port_bind(sk, inet_sk(sk)->inet_num, true);

	sock_owned_by_me(sk);
	if (!err)
		inet_sk(sk)->inet_sport = htons(inet_sk(sk)->inet_num);
	return err;
}

/**
 * rill_port_unlisten - segments find this listener no more
 * @sk: socket; keeps its port; may not be listening
 *
 * Lookups that began earlier may still hold it, until an RCU grace period
 * has passed.
 */
void rill_port_unlisten(struct sock *sk)
{
	struct rill_sock *rsk = rill_sk(sk);
	struct rill_port_bucket *bucket;

	sock_owned_by_me(sk);
	/* The group of a socket changes under its own lock alone. */
	if (!rill_listener_group(sk))
		return;

	bucket = rill_port_bucket(rill_sk_net(sk), rsk->bind.port->port);
	spin_lock_bh(&bucket->lock);
	rill_listener_remove(sk);
	spin_unlock_bh(&bucket->lock);
}

/**
 * rill_port_renew - what a socket is bound to has changed
 * @sk: socket; may not be bound
 *
 * Context: any that may take the bucket's lock; does not sleep.
 */
void rill_port_renew(struct sock *sk)
{
	struct rill_sock *rsk = rill_sk(sk);
	struct rill_bind *bind = &rsk->bind;
	struct rill_port_bucket *bucket;
	struct rill_group *group;
	struct rill_share *spare;

	sock_owned_by_me(sk);
	if (!bind->port)
		return;

	spare = kzalloc(sizeof(*spare), RILL_PORT_GFP);
	bucket = rill_port_bucket(rill_sk_net(sk), bind->port->port);
	spin_lock_bh(&bucket->lock);
	rill_share_renew(rill_sk_net(sk), bind, &spare);
	/* The first of its group does not stand for all any more. */
	group = rill_listener_group(sk);
	if (group)
		WRITE_ONCE(group->mixed, true);
	spin_unlock_bh(&bucket->lock);
	kfree(spare);
}

/**
 * rill_port_put - give a local port back
 * @rnet: namespace
 * @bind: an owner, no longer listening; nothing happens if it has no port
 *
 * Context: any; the owner's lock held, if it has one.
 */
void rill_port_put(struct rill_net *rnet, struct rill_bind *bind)
{
	struct rill_port *port = bind->port;
	struct rill_port_bucket *bucket;

	if (!port)
		return;

	bucket = rill_port_bucket(rnet, port->port);
	spin_lock_bh(&bucket->lock);
	rill_share_leave(bind);
	WRITE_ONCE(bind->port, NULL);
	if (!bind->ephemeral)
		port->fixed--;
	if (bind->sk)
		inet_sk(bind->sk)->inet_num = 0;
	if (RB_EMPTY_ROOT(&port->shares))
		rill_port_drop(bucket, port);
	spin_unlock_bh(&bucket->lock);
}

/**
 * rill_port_share - become an owner of the port of another owner
 * @rnet: namespace
 * @from: an owner: a listener, or a socket that leaves for TIME_WAIT
 * @to: not an owner; @to->sk set, NULL for TIME_WAIT; the rest is filled in
 *
 * Nobody can object: segments tell the two apart by the four-tuple. A child is
 * of its listener's user until a program has accepted it.
 *
 * Context: any. @from stays valid, but need not be locked: a listener may give
 * its port back meanwhile.
 * Return: false, with @to->port NULL, if @from has no port any more, or if
 * there is no memory.
 */
bool rill_port_share(struct rill_net *rnet, const struct rill_bind *from,
		     struct rill_bind *to)
{
	struct rill_port_bucket *bucket;
	struct rill_share *share = NULL;
	struct rill_bind_key key;
	struct rill_port *port;

	INIT_HLIST_NODE(&to->node);
	to->port = NULL;

	/* RCU keeps the port valid until its bucket is locked. */
	rcu_read_lock();
	port = READ_ONCE(from->port);
	if (!port) {
		rcu_read_unlock();
		return false;
	}
	bucket = rill_port_bucket(rnet, port->port);
	spin_lock_bh(&bucket->lock);
	rcu_read_unlock();

	if (from->port == port) {
		to->ephemeral = from->ephemeral;
		rill_bind_view_heir(from, to, &key);
		share = rill_share_get(rnet, port, &key, NULL);
	}
	if (share)
		rill_bind_join(port, share, to);
	spin_unlock_bh(&bucket->lock);
	return share;
}

/* ---- connect() --------------------------------------------------------- */

/* Publish; with @reuse also in place of a TIME_WAIT entry (RFC 6191). */
static int rill_port_insert(struct sock *sk, int oif,
			    bool (*reuse)(struct sock *sk))
{
	struct rill_net *rnet = rill_sk_net(sk);
	struct rill_entry *entry = &rill_sk(sk)->entry;
	int err;

	if (rill_table_overlaps(rnet, &entry->key, oif))
		return -EADDRNOTAVAIL;
	err = rill_table_insert(rnet, entry);
	if (err == -EADDRNOTAVAIL && reuse && reuse(sk))
		err = 0;
	if (!err)
		rill_sk(sk)->hashed = true;
	return err;
}

/* The socket has a port already: only the four-tuple must be new. */
static int rill_port_connect_bound(struct sock *sk, int oif,
				   bool (*reuse)(struct sock *sk))
{
	struct rill_port_bucket *bucket;
	int err;

	bucket = rill_port_bucket(rill_sk_net(sk), inet_sk(sk)->inet_num);
	spin_lock_bh(&bucket->lock);
	err = rill_port_insert(sk, oif, reuse);
	/* connect() may have chosen the address. */
	if (!err &&
	    rill_share_renew(rill_sk_net(sk), &rill_sk(sk)->bind, NULL) < 0)
		err = -ENOMEM;
	spin_unlock_bh(&bucket->lock);
	return err;
}

/*
 * Take port @num for the connection if that makes a new four-tuple, or with
 * @reuse one that is in TIME_WAIT and may be used again.
 */
static int rill_port_connect_try(struct sock *sk, u16 num, int oif,
				 bool (*reuse)(struct sock *sk),
				 struct rill_port_spare *spare)
{
	struct rill_net *rnet = rill_sk_net(sk);
	struct rill_port_bucket *bucket;
	struct rill_port *port;
	int err;

	bucket = rill_port_bucket(rnet, num);
	if (!rill_port_slots(bucket))
		return -ENOMEM;

	spin_lock_bh(&bucket->lock);
	port = rill_port_find(bucket, num);
	if (port && rill_share_chosen(rnet, port, sk->sk_bound_dev_if)) {
		err = -EADDRNOTAVAIL;
		goto unlock;
	}

	/* Segments may come as soon as the entry is published. */
	rill_sk(sk)->entry.key.lport = htons(num);
	inet_sk(sk)->inet_sport = htons(num);
	err = rill_port_insert(sk, oif, reuse);
	if (err)
		goto unlock;

	if (!port)
		port = rill_port_new(bucket, spare, num);
	rill_bind_join_sock(port, sk, true, spare);
unlock:
	spin_unlock_bh(&bucket->lock);
	return err;
}

/* A secret number of the destination: RFC 6056, 3.3.3, F(). */
static u64 rill_port_offset(struct sock *sk)
{
	struct rill_key key = rill_sk(sk)->entry.key;

	key.lport = 0;
	return siphash(&key, sizeof(key), &rill_sk_net(sk)->port_key);
}

static int rill_port_connect_scan(struct sock *sk, int oif,
				  bool (*reuse)(struct sock *sk),
				  struct rill_port_spare *spare)
{
	struct rill_port_range range;
	u64 hash = rill_port_offset(sk);
	u32 *counter = &rill_port_counters[hash % RILL_PORT_COUNTERS];
	int err = -EADDRNOTAVAIL;
	u32 offset, skip, fresh, i;

	get_random_sleepable_once(rill_port_counters,
				  sizeof(rill_port_counters));
	rill_port_range(sk, &range);
	offset = (READ_ONCE(*counter) + (u32)(hash >> 32)) % range.count;
	offset &= ~1U;
	fresh = min_t(u32, range.count, RILL_PORT_FRESH);

	for (i = 0; i < range.count + fresh; i++) {
		u16 num = rill_port_candidate(&range, offset, i % range.count);

		if (inet_is_local_reserved_port(sock_net(sk), num))
			continue;
		err = rill_port_connect_try(sk, num, oif,
					    i >= fresh ? reuse : NULL, spare);
		if (err != -EADDRNOTAVAIL)
			break;
		cond_resched();
	}
	if (err)
		return err;

	/*
	 * While ports are free, a random step hides how many are in use. Where
	 * all are in TIME_WAIT, the one that waits longest is next.
	 */
	skip = i < fresh ? i : i - fresh;
	skip = max(skip, reciprocal_scale(get_random_u32(), 8)) * 2 + 2;
	WRITE_ONCE(*counter, READ_ONCE(*counter) + skip);
	return 0;
}

/**
 * rill_port_connect - publish a connection, with a local port of our choice if
 *	the socket has none
 * @sk: socket; the key of its entry is filled in, but for the local port if
 *	it has none
 * @oif: index of the interface that the route leads to
 * @reuse: lets the socket take the place of what has its four-tuple, and says
 *	whether it did; called under the lock of the port's bucket
 *
 * Context: process.
 * Return: 0, -EADDRNOTAVAIL if the four-tuple exists or, without a port,
 * exists with every port of the range; -ENOMEM, perhaps with the connection in
 * the table.
 */
int rill_port_connect(struct sock *sk, int oif,
		      bool (*reuse)(struct sock *sk))
{
	struct rill_port_spare spare;
	int err = -ENOMEM;

	sock_owned_by_me(sk);
	if (rill_sk(sk)->bind.port)
		return rill_port_connect_bound(sk, oif, reuse);

	if (rill_port_alloc(&spare))
		err = rill_port_connect_scan(sk, oif, reuse, &spare);
	if (err) {
		rill_sk(sk)->entry.key.lport = 0;
		inet_sk(sk)->inet_sport = 0;
	}
	rill_port_free(&spare);
	return err;
}

/* ---- namespace --------------------------------------------------------- */

/**
 * rill_port_init - make the tables of ports and listeners of a namespace
 * @rnet: namespace
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int rill_port_init(struct rill_net *rnet)
{
	unsigned int i;
	int err;

	/* Compared as bytes. */
	BUILD_BUG_ON(sizeof(struct rill_bind_key) !=
		     2 * sizeof(u32) + sizeof(kuid_t) +
		     sizeof(struct in6_addr));

	rnet->ports = kvcalloc(RILL_PORT_BUCKETS, sizeof(*rnet->ports),
			       GFP_KERNEL_ACCOUNT);
	if (!rnet->ports)
		return -ENOMEM;
	err = rill_listener_init(rnet);
	if (err) {
		kvfree(rnet->ports);
		return err;
	}

	for (i = 0; i < RILL_PORT_BUCKETS; i++)
		spin_lock_init(&rnet->ports[i].lock);
	return 0;
}

/**
 * rill_port_idle - does nobody own a port?
 * @rnet: namespace
 *
 * Context: any.
 * Return: true if nobody does, seen at one moment for each port.
 */
bool rill_port_idle(const struct rill_net *rnet)
{
	struct rill_port **slots;
	unsigned int i, j;

	for (i = 0; i < RILL_PORT_BUCKETS; i++) {
		slots = READ_ONCE(rnet->ports[i].slots);
		for (j = 0; slots && j < RILL_PORT_SLOTS; j++)
			if (READ_ONCE(slots[j]))
				return false;
	}
	return true;
}

/**
 * rill_port_destroy - free the tables of ports and listeners of a namespace
 * @rnet: namespace; nobody owns a port any more
 *
 * Context: process; may sleep.
 */
void rill_port_destroy(struct rill_net *rnet)
{
	unsigned int i;

	WARN_ON_ONCE(!rill_port_idle(rnet));
	for (i = 0; i < RILL_PORT_BUCKETS; i++)
		kfree(rnet->ports[i].slots);
	kvfree(rnet->ports);
	rnet->ports = NULL;
	rill_listener_destroy(rnet);
}
