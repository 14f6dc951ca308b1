/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of network offer one another and the tests, and no other
 * room. Each function is documented where it is defined.
 */
#ifndef _RILL_NETWORK_INSIDE_H
#define _RILL_NETWORK_INSIDE_H

#include "network.h"

struct rill_port;

#define RILL_PORT_BUCKETS	512	/* locks; a port's is its remainder */
#define RILL_PORT_SLOTS		(65536 / RILL_PORT_BUCKETS)

struct rill_port_bucket {
	spinlock_t		lock;	/* all that hangs from @slots */
	u32			made;	/* ports so far; lock */
	struct rill_port	**slots; /* by number / RILL_PORT_BUCKETS */
};

static inline struct rill_port_bucket *
rill_port_bucket(const struct rill_net *rnet, u16 num)
{
	return &rnet->ports[num % RILL_PORT_BUCKETS];
}

/* The lock of the bucket of a port is held, or lockdep says that it is not. */
static inline void rill_port_owned(const struct rill_net *rnet, u16 num)
{
	lockdep_assert_held(&rill_port_bucket(rnet, num)->lock);
}

/* Bits of rill_bind_key.flags: the options and state of an owner. */
#define RILL_BIND_REUSE		0x01	/* SO_REUSEADDR */
#define RILL_BIND_REUSEPORT	0x02	/* SO_REUSEPORT */
#define RILL_BIND_V6ONLY	0x04	/* does not take IPv4 */
#define RILL_BIND_MAPPED	0x08	/* the address is of IPv4 */
#define RILL_BIND_ANY		0x10	/* it is the unspecified one */
#define RILL_BIND_LISTENS	0x20
#define RILL_BIND_OVER		0x40	/* TIME_WAIT: no socket, no user */
#define RILL_BIND_EPHEMERAL	0x80	/* rill_bind.ephemeral */

/**
 * struct rill_bind_key - what decides who may share a port
 * @flags: RILL_BIND_*
 * @uid: user that may share the port by SO_REUSEPORT
 * @dev: interface it is bound to, 0 for any
 * @addr: local address it is bound to, :: or ::ffff:0.0.0.0 for any
 *
 * No padding: compared as bytes. The address comes last, so that keys that
 * differ in the address alone stand together in the tree.
 */
struct rill_bind_key {
	u32		flags;
	kuid_t		uid;
	int		dev;
	struct in6_addr	addr;
};

/**
 * struct rill_port - a local port in use
 * @shares: struct rill_share by key; bucket lock
 * @rcu: freed through RCU
 * @fixed: owners that are not ephemeral; bucket lock
 * @changes: how often a share was made, or had its second owner; bucket lock
 * @port: the number
 */
struct rill_port {
	struct rb_root	shares;
	struct rcu_head	rcu;
	u32		fixed;
	u32		changes;
	u16		port;
};

/**
 * struct rill_share - owners of a port that are alike
 * @node: in rill_port.shares; bucket lock
 * @owners: struct rill_bind, never empty; bucket lock
 * @key: what they have in common: as each was when it became an owner, or when
 *	it was last looked at
 *
 * bind() looks at one owner for all: a hundred thousand children of a listener
 * cost it as much as one.
 */
struct rill_share {
	struct rb_node		node;
	struct hlist_head	owners;
	struct rill_bind_key	key;
};

/**
 * struct rill_group_key - address and port of listeners
 * @addr: as in struct rill_bind_key
 * @port: its number
 */
struct rill_group_key {
	struct in6_addr	addr;
	u32		port;
};

/**
 * struct rill_group - one listener, or those that share by SO_REUSEPORT
 * @node: in rill_net.listeners
 * @socks: struct rill_listener by node, alike when they began to listen;
 *	changed under the lock of the port's bucket, read under RCU
 * @key: constant
 * @mixed: they may not be alike any more; READ_ONCE, set under the lock of the
 *	port's bucket
 * @rcu: freed through RCU
 */
struct rill_group {
	struct rhlist_head	node;
	struct hlist_head	socks;
	struct rill_group_key	key;
	bool			mixed;
	struct rcu_head		rcu;
};

/* The group of a listener, NULL: it is none; the port's bucket lock is held. */
static inline struct rill_group *rill_listener_group(const struct sock *sk)
{
	/* Pairs with rill_listen_prepare(). */
	const struct rill_listener *l = READ_ONCE(rill_sk(sk)->listener);

	return l ? l->group : NULL;
}

/* network/segment.c */
unsigned int rill_options_len(const struct rill_options *opts, u8 flags);
void rill_segment_build(struct sk_buff *skb, const struct rill_segment *seg,
			__be16 sport, __be16 dport);

/* network/table.c */
bool rill_table_overlaps(struct rill_net *rnet, const struct rill_key *key,
			 int oif);

/* network/port.c */
bool rill_port_idle(const struct rill_net *rnet);

/* network/share.c */

/* How far a bind() goes in sharing a port. */
enum rill_port_sharing {
	RILL_PORT_ALONE,	/* chosen by us: no overlap at all */
	RILL_PORT_REUSE,	/* chosen by us, net.ipv4.ip_autobind_reuse */
	RILL_PORT_SHARE,	/* chosen by the program */
};

void rill_bind_view(const struct sock *sk, kuid_t uid,
		    struct rill_bind_key *view);
void rill_bind_view_heir(const struct rill_bind *from,
			 const struct rill_bind *to,
			 struct rill_bind_key *view);
struct rill_share *rill_share_get(struct rill_net *rnet,
				  struct rill_port *port,
				  const struct rill_bind_key *key,
				  struct rill_share **spare);
void rill_share_enter(struct rill_share *share, struct rill_bind *bind);
void rill_share_leave(struct rill_bind *bind);
int rill_share_renew(struct rill_net *rnet, struct rill_bind *bind,
		     struct rill_share **spare);
bool rill_share_chosen(struct rill_net *rnet, const struct rill_port *port,
		       int dev);

/**
 * struct rill_share_walk - one bind() on its way through the owners of a port
 * @self: address, device and options of the socket
 * @at: where the next portion goes on
 * @second: owners that may still be compared with their share again
 * @restarts: how often it may still begin again
 * @changes: rill_port.changes at its beginning
 */
struct rill_share_walk {
	struct rill_bind_key	self;
	struct rill_bind_key	at;
	u32			second;
	u32			restarts;
	u32			changes;
};

void rill_share_walk_begin(struct rill_share_walk *walk, const struct sock *sk);
int rill_share_conflict(struct rill_net *rnet, const struct rill_port *port,
			const struct sock *sk, enum rill_port_sharing sharing,
			struct rill_share_walk *walk);

/* network/listener.c */
kuid_t rill_listener_uid(const struct sock *sk, kuid_t none);
struct in6_addr rill_listener_addr(const struct sock *sk);
bool rill_listener_any(const struct in6_addr *addr);
int rill_listener_init(struct rill_net *rnet);
void rill_listener_destroy(struct rill_net *rnet);
int rill_listener_add(struct sock *sk);
void rill_listener_remove(struct sock *sk);

/* network/label.c */
void rill_label_flow(const struct rill_request *req,
		     struct flowi_common *flow);

/* network/input.c */
int rill_rcv(struct sk_buff *skb, const struct rill_af_ops *af);
void rill_icmp(const struct rill_af_ops *af, struct rill_icmp_error *e);

/* network/output.c */
void rill_checksum(struct sk_buff *skb, const struct rill_af_ops *af,
		   const struct rill_key *key, const struct net_device *dev);

/* network/reply.c */
void rill_reply_reset(const struct rill_reply *to,
		      const struct rill_segment *seg);
struct rill_reply rill_reply_stray(struct rill_net *rnet,
				   const struct rill_key *key, u8 family,
				   const struct sk_buff *skb);

#endif /* _RILL_NETWORK_INSIDE_H */
