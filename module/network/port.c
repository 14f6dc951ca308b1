// SPDX-License-Identifier: GPL-2.0
/*
 * Local ports: who owns which, who listens, and which one connect() takes.
 *
 * Who may share a port with whom is decided as TCP decides it, since programs
 * were written against that: SO_REUSEADDR among sockets of which none listens,
 * SO_REUSEPORT among sockets of one user, and otherwise only owners whose
 * addresses or devices do not overlap. A port that connect() chose is shared
 * with other such connections as long as the four-tuple is unique.
 */
#include <linux/once.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/rill.h>
#include "../compat.h"

/*
 * RFC 6056, 3.3.4: connections to one destination take one port after the
 * other, each destination from an offset of its own. A counter is shared by
 * the destinations that hash to it; with few of them, an attacker who can
 * connect from this host learns through shared counters where it connects.
 */
#define RILL_PORT_COUNTERS	65536

static u32 rill_port_counters[RILL_PORT_COUNTERS];

/*
 * So many ports connect() tries before it takes one whose four-tuple is in
 * TIME_WAIT: a host that opens and closes quickly would else look at each port
 * of the range, every time.
 */
#define RILL_PORT_FRESH		128

/* How far a bind() goes in sharing a port. */
enum rill_port_sharing {
	RILL_PORT_ALONE,	/* chosen by us: no overlap at all */
	RILL_PORT_REUSE,	/* chosen by us, net.ipv4.ip_autobind_reuse */
	RILL_PORT_SHARE,	/* chosen by the program */
};

static struct rill_port_bucket *rill_port_bucket(const struct rill_net *rnet,
						 u16 num)
{
	return &rnet->ports[num % RILL_PORT_BUCKETS];
}

/* Under the bucket's lock or RCU. */
static struct rill_port *rill_port_find(struct rill_port_bucket *bucket,
					u16 num)
{
	struct rill_port *port;

	hlist_for_each_entry_rcu(port, &bucket->ports, node,
				 lockdep_is_held(&bucket->lock))
		if (port->port == num)
			return port;
	return NULL;
}

static struct rill_port *rill_port_alloc(gfp_t gfp)
{
	return kzalloc(sizeof(struct rill_port), gfp);
}

static void rill_port_add(struct rill_port_bucket *bucket,
			  struct rill_port *port, u16 num)
	__must_hold(&bucket->lock)
{
	port->port = num;
	hlist_add_head_rcu(&port->node, &bucket->ports);
}

/* ---- owners ------------------------------------------------------------ */

/*
 * What @sk is bound to now, but for the user. The address and options of
 * another's socket are read without its lock, as TCP reads them: they change
 * by system calls only, and a conflict is judged by one moment or the next.
 */
static void rill_bind_view(const struct sock *sk, struct rill_bind *view)
{
	view->family = sk->sk_family;
	view->v6only = ipv6_only_sock(sk);
	view->reuse = !!sk->sk_reuse;
	view->reuseport = sk->sk_reuseport;
	view->dev = READ_ONCE(sk->sk_bound_dev_if);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		view->addr = sk->sk_v6_rcv_saddr;
		return;
	}
#endif
	ipv6_addr_set_v4mapped(inet_sk(sk)->inet_rcv_saddr, &view->addr);
}

static kuid_t rill_bind_uid(const struct sock *sk)
{
	return sock_i_uid((struct sock *)sk);
}

static bool rill_bind_listens(const struct sock *sk)
{
	return rill_sk(sk)->listed || READ_ONCE(sk->sk_state) == TCP_LISTEN;
}

/* Is there an address that both take segments for? */
static bool rill_bind_addr_overlap(const struct rill_bind *a,
				   const struct rill_bind *b)
{
	bool v4_a = ipv6_addr_v4mapped(&a->addr);
	bool v4_b = ipv6_addr_v4mapped(&b->addr);

	if (v4_a && v4_b)
		return !b->v6only &&
		       (a->addr.s6_addr32[3] == b->addr.s6_addr32[3] ||
			!a->addr.s6_addr32[3] || !b->addr.s6_addr32[3]);
	if (ipv6_addr_any(&b->addr))
		return !(b->v6only && v4_a);
	if (ipv6_addr_any(&a->addr))
		return !(a->v6only && v4_b);
	return ipv6_addr_equal(&a->addr, &b->addr);
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
#ifdef CONFIG_NET_L3_MASTER_DEV
	if (!READ_ONCE(net->ipv4.sysctl_tcp_l3mdev_accept))
		return !l3mdev_master_ifindex_by_index(net, a ? a : b);
#endif
	return true;
}

/* May @self not become an owner beside @other? */
static bool rill_bind_conflict(struct net *net, const struct rill_bind *self,
			       const struct rill_bind *other,
			       enum rill_port_sharing sharing)
{
	struct rill_bind live;
	const struct rill_bind *view = other;
	bool both_addr, both_port;

	if (other->sk) {
		rill_bind_view(other->sk, &live);
		view = &live;
	}

	if (!rill_bind_dev_overlap(net, self->dev, view->dev) ||
	    !rill_bind_addr_overlap(self, view))
		return false;
	if (sharing == RILL_PORT_ALONE)
		return true;

	/* The user who could have taken segments from TIME_WAIT is gone. */
	both_addr = self->reuse && view->reuse &&
		    !(other->sk && rill_bind_listens(other->sk));
	both_port = self->reuseport && view->reuseport &&
		    (!other->sk ||
		     uid_eq(self->uid, rill_bind_uid(other->sk)));

	if (sharing == RILL_PORT_REUSE)
		return !both_addr || both_port;
	return !both_addr && !both_port;
}

static bool rill_port_conflict(const struct rill_port *port,
			       const struct sock *sk,
			       enum rill_port_sharing sharing)
{
	struct rill_bind self;
	struct rill_bind *other;

	rill_bind_view(sk, &self);
	self.uid = rill_bind_uid(sk);

	hlist_for_each_entry(other, &port->owners, node)
		if (other->sk != sk &&
		    rill_bind_conflict(sock_net(sk), &self, other, sharing))
			return true;
	return false;
}

static void rill_bind_join(struct rill_port *port, struct rill_bind *bind)
{
	bind->port = port;
	hlist_add_head(&bind->node, &port->owners);
	if (!bind->ephemeral)
		port->fixed++;
}

/* @sk becomes an owner of @port. */
static void rill_bind_join_sock(struct rill_port *port, struct sock *sk,
				bool ephemeral)
{
	struct rill_bind *bind = &rill_sk(sk)->bind;

	rill_bind_view(sk, bind);
	bind->uid = rill_bind_uid(sk);
	bind->sk = sk;
	bind->ephemeral = ephemeral;
	inet_sk(sk)->inet_num = port->port;
	rill_bind_join(port, bind);
}

/* ---- bind() and listen() ----------------------------------------------- */

static void rill_port_list(struct rill_port *port, struct sock *sk)
{
	struct rill_sock *rsk = rill_sk(sk);

	/* Segments find a listener under RCU and without a reference. */
	sock_set_flag(sk, SOCK_RCU_FREE);
	hlist_add_head_rcu(&rsk->listen_node, &port->listeners);
	rsk->listed = true;
}

/*
 * Make @sk an owner of port @num, if it is none yet and nobody objects, and
 * with @listen a listener on it. @spare is used up if the port is new.
 */
static int rill_port_take(struct sock *sk, u16 num, struct rill_port **spare,
			  enum rill_port_sharing sharing, bool listen)
{
	struct rill_sock *rsk = rill_sk(sk);
	struct rill_port_bucket *bucket;
	struct rill_port *port;
	int err = 0;

	bucket = rill_port_bucket(rill_sk_net(sk), num);
	spin_lock_bh(&bucket->lock);
	port = rill_port_find(bucket, num);
	if (port && rill_port_conflict(port, sk, sharing)) {
		err = -EADDRINUSE;
		goto unlock;
	}

	if (!port) {
		port = *spare;
		*spare = NULL;
		rill_port_add(bucket, port, num);
	}
	if (!rsk->bind.port)
		rill_bind_join_sock(port, sk, false);
	if (listen && !rsk->listed)
		rill_port_list(port, sk);
unlock:
	spin_unlock_bh(&bucket->lock);
	return err;
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
			  struct rill_port **spare,
			  enum rill_port_sharing sharing, bool listen)
{
	/* connect() begins with the even ones: keep out of its way. */
	u32 offset = reciprocal_scale(get_random_u32(), r->count) | 1;
	u32 i;

	for (i = 0; i < r->count; i++) {
		u16 num = rill_port_candidate(r, offset, i);

		if (!inet_is_local_reserved_port(sock_net(sk), num) &&
		    !rill_port_take(sk, num, spare, sharing, listen))
			return 0;
		cond_resched();
	}
	return -EADDRINUSE;
}

/*
 * A program with SO_REUSEADDR gets a port of the lower half of the range while
 * one is free, as with TCP, so that the upper half stays for the others.
 */
static int rill_port_scan_halves(struct sock *sk, struct rill_port **spare,
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
	if (!err)
		return 0;

	half.low += half.count;
	half.count = range.count - half.count;
	return rill_port_scan(sk, &half, spare, sharing, listen);
}

static int rill_port_bind(struct sock *sk, u16 num, bool listen)
{
	struct rill_port *spare = rill_port_alloc(GFP_KERNEL);
	int err;

	if (!spare)
		return -EADDRINUSE;	/* TCP's answer */

	if (num) {
		err = rill_port_take(sk, num, &spare, RILL_PORT_SHARE, listen);
	} else {
		err = rill_port_scan_halves(sk, &spare, RILL_PORT_ALONE,
					    listen);
		if (err && READ_ONCE(sock_net(sk)->ipv4.sysctl_ip_autobind_reuse))
			err = rill_port_scan_halves(sk, &spare,
						    RILL_PORT_REUSE, listen);
	}
	kfree(spare);
	return err;
}

/**
 * rill_port_get - give a socket a local port; get_port of struct proto
 * @sk: socket; its local address and device are set
 * @snum: port, or 0 for one of the namespace's ephemeral ports
 *
 * Sets inet_num. inet_bind() passes the error on, inet_autobind() makes it
 * -EAGAIN.
 *
 * Context: process, socket lock held.
 * Return: 0 or -EADDRINUSE.
 */
int rill_port_get(struct sock *sk, unsigned short snum)
{
	return rill_port_bind(sk, snum, false);
}

/**
 * rill_port_listen - let segments find a socket as a listener
 * @sk: socket, gets a port if it has none
 *
 * A port that several sockets share by SO_REUSEADDR belongs to the first of
 * them that listens: the conflict is judged again.
 *
 * Context: process, socket lock held.
 * Return: 0 or -EADDRINUSE.
 */
int rill_port_listen(struct sock *sk)
{
	int err = rill_port_bind(sk, inet_sk(sk)->inet_num, true);

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
 *
 * Context: socket lock held.
 */
void rill_port_unlisten(struct sock *sk)
{
	struct rill_sock *rsk = rill_sk(sk);
	struct rill_port_bucket *bucket;

	if (!rsk->listed)
		return;

	bucket = rill_port_bucket(rill_sk_net(sk), rsk->bind.port->port);
	spin_lock_bh(&bucket->lock);
	hlist_del_init_rcu(&rsk->listen_node);
	rsk->listed = false;
	spin_unlock_bh(&bucket->lock);
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
	hlist_del_init(&bind->node);
	WRITE_ONCE(bind->port, NULL);
	if (!bind->ephemeral)
		port->fixed--;
	if (bind->sk)
		inet_sk(bind->sk)->inet_num = 0;
	if (hlist_empty(&port->owners)) {
		WARN_ON_ONCE(!hlist_empty(&port->listeners));
		hlist_del_rcu(&port->node);
		kfree_rcu(port, rcu);
	}
	spin_unlock_bh(&bucket->lock);
}

/**
 * rill_port_share - become an owner of the port of another owner
 * @rnet: namespace
 * @from: an owner: a listener, or a socket that leaves for TIME_WAIT
 * @to: not an owner; @to->sk set, NULL for TIME_WAIT; the rest is filled in
 *
 * Nobody can object: segments tell the two apart by the four-tuple.
 *
 * Context: any. @from stays valid, but need not be locked: a listener may give
 * its port back meanwhile.
 * Return: false, with @to->port NULL, if @from has no port any more.
 */
bool rill_port_share(struct rill_net *rnet, const struct rill_bind *from,
		     struct rill_bind *to)
{
	const struct sock *model = to->sk ? to->sk : from->sk;
	struct rill_port_bucket *bucket;
	struct rill_port *port;
	bool shared;

	INIT_HLIST_NODE(&to->node);
	to->port = NULL;

	/* RCU keeps the number readable until the lock settles it. */
	rcu_read_lock();
	port = READ_ONCE(from->port);
	if (!port) {
		rcu_read_unlock();
		return false;
	}
	bucket = rill_port_bucket(rnet, port->port);
	spin_lock_bh(&bucket->lock);
	rcu_read_unlock();

	shared = from->port == port;
	if (shared) {
		if (model) {
			rill_bind_view(model, to);
			to->uid = rill_bind_uid(model);
		}
		to->ephemeral = from->ephemeral;
		rill_bind_join(port, to);
		if (to->sk)
			inet_sk(to->sk)->inet_num = port->port;
	}
	spin_unlock_bh(&bucket->lock);
	return shared;
}

/* ---- connect() --------------------------------------------------------- */

/* With @reuse also in the place of a TIME_WAIT entry that gives way. */
static int rill_port_insert(struct sock *sk, bool reuse)
{
	struct rill_net *rnet = rill_sk_net(sk);
	struct rill_entry *entry = &rill_sk(sk)->entry;
	int err;

	if (rill_table_overlaps(rnet, &entry->key))
		return -EADDRNOTAVAIL;
	err = rill_table_insert(rnet, entry);
	if (err == -EADDRNOTAVAIL && reuse && rill_reuse_connect(sk))
		err = 0;
	if (!err)
		rill_sk(sk)->hashed = true;
	return err;
}

/* The socket has a port already: only the four-tuple must be new. */
static int rill_port_connect_bound(struct sock *sk)
{
	struct rill_port_bucket *bucket;
	int err;

	bucket = rill_port_bucket(rill_sk_net(sk), inet_sk(sk)->inet_num);
	spin_lock_bh(&bucket->lock);
	err = rill_port_insert(sk, true);
	spin_unlock_bh(&bucket->lock);
	return err;
}

/*
 * Take port @num for the connection if that makes a new four-tuple, or with
 * @reuse one that is in TIME_WAIT and may be used again.
 */
static int rill_port_connect_try(struct sock *sk, u16 num, bool reuse,
				 struct rill_port **spare)
{
	struct rill_port_bucket *bucket;
	struct rill_port *port;
	int err;

	bucket = rill_port_bucket(rill_sk_net(sk), num);
	spin_lock_bh(&bucket->lock);
	port = rill_port_find(bucket, num);
	if (port && port->fixed) {
		err = -EADDRNOTAVAIL;
		goto unlock;
	}

	/* Segments may come as soon as the entry is published. */
	rill_sk(sk)->entry.key.lport = htons(num);
	inet_sk(sk)->inet_sport = htons(num);
	err = rill_port_insert(sk, reuse);
	if (err)
		goto unlock;

	if (!port) {
		port = *spare;
		*spare = NULL;
		rill_port_add(bucket, port, num);
	}
	rill_bind_join_sock(port, sk, true);
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

static int rill_port_connect_scan(struct sock *sk, struct rill_port **spare)
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
		err = rill_port_connect_try(sk, num, i >= fresh, spare);
		if (err != -EADDRNOTAVAIL)
			break;
		cond_resched();
	}
	if (err)
		return err;

	/*
	 * A random step where ports are plenty hides how many were taken. Where
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
 *
 * Context: process, socket lock held.
 * Return: 0, -EADDRNOTAVAIL if the four-tuple exists or, without a port,
 * exists with every port of the range; -ENOMEM.
 */
int rill_port_connect(struct sock *sk)
{
	struct rill_port *spare;
	int err;

	if (rill_sk(sk)->bind.port)
		return rill_port_connect_bound(sk);

	spare = rill_port_alloc(GFP_KERNEL);
	if (!spare)
		return -ENOMEM;

	err = rill_port_connect_scan(sk, &spare);
	if (err) {
		rill_sk(sk)->entry.key.lport = 0;
		inet_sk(sk)->inet_sport = 0;
	}
	kfree(spare);
	return err;
}

/* ---- the listener of a segment ----------------------------------------- */

/*
 * How well does a listener fit? 0: not at all. The address counts most, then
 * the device, then that an IPv4 socket is nearer to an IPv4 packet.
 */
static int rill_listener_score(const struct sock *sk,
			       const struct rill_port *port, struct net *net,
			       const struct in6_addr *laddr, u8 family,
			       const struct rill_ingress *in)
{
	struct rill_bind view;
	int score = 1;

	/* Under RCU it may have been added to another port's list since. */
	if (READ_ONCE(inet_sk(sk)->inet_num) != port->port)
		return 0;
	rill_bind_view(sk, &view);
	if (family == AF_INET ? view.v6only : view.family != AF_INET6)
		return 0;
	if (!inet_sk_bound_dev_eq(net, view.dev, in->dif, in->sdif))
		return 0;

	if (ipv6_addr_equal(&view.addr, laddr))
		score += 4;
	else if (!ipv6_addr_any(&view.addr) &&
		 !(family == AF_INET && ipv6_addr_v4mapped(&view.addr) &&
		   !view.addr.s6_addr32[3]))
		return 0;
	if (view.dev)
		score++;
	if (family == AF_INET && view.family == AF_INET)
		score++;
	return score;
}

/* The @n-th socket of SO_REUSEPORT with a score. */
static struct sock *rill_listener_pick(struct rill_port *port,
				       struct net *net,
				       const struct in6_addr *laddr,
				       u8 family,
				       const struct rill_ingress *in,
				       int score, u32 n)
{
	struct rill_sock *rsk;

	hlist_for_each_entry_rcu(rsk, &port->listeners, listen_node) {
		struct sock *sk = (struct sock *)rsk;

		if (sk->sk_reuseport &&
		    rill_listener_score(sk, port, net, laddr, family,
					in) == score && !n--)
			return sk;
	}
	return NULL;
}

/**
 * rill_port_listener - the listener that a segment is for
 * @rnet: namespace
 * @key: the segment's, laddr being ours
 * @family: of the segment, AF_INET or AF_INET6
 * @in: the interfaces it came by
 *
 * Among listeners that fit equally well and share by SO_REUSEPORT, the key's
 * hash chooses, so that a retransmitted SYN meets the same one.
 *
 * Context: rcu_read_lock() held; the socket is valid as long as it is.
 * Return: the socket, without a reference, or NULL.
 */
struct sock *rill_port_listener(struct rill_net *rnet,
				const struct rill_key *key, u8 family,
				const struct rill_ingress *in)
{
	struct sock *best = NULL, *other;
	struct rill_port *port;
	struct rill_sock *rsk;
	int high = 0;
	u32 count = 0;
	u64 hash;

	port = rill_port_find(rill_port_bucket(rnet, ntohs(key->lport)),
			      ntohs(key->lport));
	if (!port)
		return NULL;

	hlist_for_each_entry_rcu(rsk, &port->listeners, listen_node) {
		struct sock *sk = (struct sock *)rsk;
		int score = rill_listener_score(sk, port, rnet->net,
						&key->laddr, family, in);

		if (score > high) {
			high = score;
			best = sk;
			count = !!sk->sk_reuseport;
		} else if (score && score == high) {
			count += !!sk->sk_reuseport;
		}
	}
	if (!best || !best->sk_reuseport || count < 2)
		return best;

	/* A listener that went meanwhile leaves the choice to the first. */
	hash = siphash(key, sizeof(*key), &rnet->port_key);
	other = rill_listener_pick(port, rnet->net, &key->laddr, family, in,
				   high, reciprocal_scale(hash, count));
	return other ? other : best;
}

/* ---- namespace --------------------------------------------------------- */

/**
 * rill_port_init - make the table of ports of a namespace
 * @rnet: namespace
 *
 * Context: process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int rill_port_init(struct rill_net *rnet)
{
	unsigned int i;

	rnet->ports = kvmalloc_array(RILL_PORT_BUCKETS, sizeof(*rnet->ports),
				     GFP_KERNEL);
	if (!rnet->ports)
		return -ENOMEM;

	for (i = 0; i < RILL_PORT_BUCKETS; i++) {
		spin_lock_init(&rnet->ports[i].lock);
		INIT_HLIST_HEAD(&rnet->ports[i].ports);
	}
	return 0;
}

/**
 * rill_port_destroy - free the table of ports of a namespace
 * @rnet: namespace; nobody owns a port any more
 *
 * Context: process; may sleep.
 */
void rill_port_destroy(struct rill_net *rnet)
{
	unsigned int i;

	for (i = 0; i < RILL_PORT_BUCKETS; i++)
		WARN_ON_ONCE(!hlist_empty(&rnet->ports[i].ports));
	kvfree(rnet->ports);
	rnet->ports = NULL;
}
