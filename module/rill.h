/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rill: the module's own structures, and how they are locked.
 *
 * LOCKING
 *
 * Objects. Three kinds of connection share one lookup table for each network
 * namespace, rill_net.table, each through its struct rill_entry: a full socket
 * (struct rill_sock), a half-open connection (struct rill_request) and a
 * finished one (struct rill_timewait: TIME_WAIT, or FIN_WAIT2 without an
 * owner). Each has a reference count of its own and is freed through RCU.
 *
 * Finding. A segment finds its entry inside rcu_read_lock() and without any
 * other lock, then takes a reference with refcount_inc_not_zero(). A listener
 * is found in the same way, in a table of its own. Nothing is decided from an
 * entry before its own lock, or its claim, is held. A socket that is bound to
 * another interface gets another key, and leaves the table for that under
 * rill_net.rekeyed: a segment that has found nothing looks again.
 *
 * The socket lock. Every field of struct rill_sock that says nothing else is
 * protected by the socket lock: lock_sock() in process context, and in softirq
 * bh_lock_sock() together with !sock_owned_by_user(). A segment that meets a
 * socket in use goes to its backlog; a timer that meets one sets
 * RILL_DEFER_TIMER in rill_sock.deferred and rill_release_cb() does the
 * timer's work when the process lets go. A function that needs this lock begins
 * with sock_owned_by_me(), which lockdep checks in each KUnit case, and its
 * comment does not repeat it. The spinlock alone satisfies it: who comes in
 * softirq has looked at sock_owned_by_user(), or does. Comments name the lock
 * where nothing asserts it: in functions of a few lines that are called for each
 * packet, in those without a struct sock, and in those that also get a socket
 * which nobody else knows, a new one or a unit test's. The lock of a port's
 * bucket is asserted in the same way, by rill_port_owned().
 *
 * Claims. A request and a time-wait entry have no lock for their end: whoever
 * sets RILL_CLAIMED in its flags (test_and_set_bit) alone removes it, stops its
 * timer and drops the table's reference. What a request holds is written once,
 * before publication; its spinlock makes sure that of two ACKs on two CPUs one
 * makes the child and the other finds it, and that nobody ends it before its
 * timer is started. A time-wait entry has a spinlock for
 * what changes.
 *
 * Reuse. A TIME_WAIT entry that gives way to a new connection (RFC 6191) is
 * claimed and replaced in one step under its spinlock. It then waits outside
 * the table, with its port and without a timer, in rill_request.old or
 * rill_sock.old, which has the table's reference: it is ended when the new
 * connection is established or bound to another interface, and takes its place
 * again if that comes to nothing. Whoever made it give way has a reference of
 * its own, and stops the timer once it holds no lock that a handler could wait
 * for.
 *
 * Listener. Listening is lockless for segments: places in both queues are
 * reserved by atomic counts, and rill_listener.lock is held for a few
 * instructions only, to put something into a queue or take it out. Whoever puts
 * something in has published it before, and looks under the lock whether the
 * listener is still open and the entry unclaimed.
 *
 * Order: socket lock of a listener, then the spinlock of a request, then the
 * socket lock of a child, then rill_listener.lock, then the lock of a port
 * bucket, then the spinlock of a time-wait entry, or rill_net.rekeyed, then the
 * bucket locks inside rhashtable or the kernel's lock of SO_REUSEPORT groups.
 * No lock is held while a segment is given to IP, except the socket lock of the
 * connection that sends it.
 *
 * Timers. One hrtimer for each object, in softirq. An armed timer holds no
 * reference: the destructor of a socket runs after an RCU grace period and
 * with no lock held, and waits there in hrtimer_cancel() for the handler; the
 * handler takes a reference with refcount_inc_not_zero() and does nothing
 * when the socket is already dead. Requests and time-wait entries wait in the
 * same way in whoever claimed them, which is never their own handler.
 *
 * Bottom halves. Nothing is safe only because they are off: with PREEMPT_RT
 * those of one CPU interrupt each other, and on later kernels local_bh_disable()
 * holds no lock there. It stands where a process calls what expects to be in
 * softirq; what that changes is behind a lock that is named here. A CPU has
 * nothing of its own but counters, which this_cpu_inc() and this_cpu_add() alone
 * change. The kernel's own state of a CPU counts: rill_memory_charge().
 *
 * Lifetime of a socket. The reference of sk_alloc() belongs to the protocol
 * and is dropped once, by rill_sock_destroy(), when the socket is CLOSE and no
 * program owns it (SOCK_DEAD). The table holds no reference: a socket leaves
 * the table before that, in rill_sock_done().
 *
 * Lists. /proc/net/rill takes no lock of rill's. What it meets is kept by RCU, as
 * for a segment, and so is what that points to: a listener's queues go with it, a
 * request's listener leaves no earlier than the request, and the namespace is the
 * file's. The inode is read under sk_callback_lock, which holds no other. Each
 * field that it prints is one word, on 64 bits, that may be a moment older than the
 * one beside it, or an address, which stays while the socket is where it was met.
 * sock_diag (rill_diag.ko) reads the same, and then, out of the RCU section, with a
 * reference that keeps the object but no place in the table, owns a socket whose
 * TCP_INFO is asked for, or which it is to end: any, an orphan and a child that
 * nobody has accepted among them. The end of rill_close() and rill_child_abort()
 * take the spinlock alone, so who ends it there takes that too (rill_abort()). Its
 * place in the table is numbers alone.
 *
 * Namespace. A socket that a program owns keeps its namespace alive. An orphan
 * does not (rill_close() gives the reference back, as the last that it does);
 * when the namespace ends, its exit closes its orphans, requests and time-wait
 * entries, and waits an RCU grace period for handlers on their way.
 *
 * Unload. Sockets, orphans among them, hold a reference to the module, so that
 * exit() finds none: it unregisters the protocol (no new segments), the
 * namespaces' exits purge requests and time-wait entries, and rcu_barrier()
 * waits for everything freed through RCU.
 */
#ifndef _RILL_H
#define _RILL_H

#include <linux/bitops.h>
#include <linux/hrtimer.h>
#include <linux/ipv6.h>
#include <linux/rbtree.h>
#include <linux/rhashtable-types.h>
#include <linux/seqlock.h>
#include <linux/siphash.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/tcp.h>
#include <linux/win_minmax.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/netns/generic.h>
#include <net/sock.h>
#include <net/tcp_states.h>
#include <uapi/linux/rill.h>
#include "control/tunables.h"

/* ---- the wire ---------------------------------------------------------- */

/* RFC 9293, 3.1: control bits, as they stand in byte 13 of the header. */
#define RILL_FIN		0x01
#define RILL_SYN		0x02
#define RILL_RST		0x04
#define RILL_PSH		0x08
#define RILL_ACK		0x10
#define RILL_URG		0x20
#define RILL_ECE		0x40
#define RILL_CWR		0x80

#define RILL_HDR_MAX		60	/* bytes: header with all options */
#define RILL_OPTIONS_MAX	40	/* bytes */
#define RILL_SACKS_MAX		4	/* blocks that fit without timestamps */
#define RILL_WSCALE_MAX		14	/* RFC 7323, 2.3 */
#define RILL_WINDOW_MAX		BIT(30)	/* bytes: RFC 7323, 2.3 */
#define RILL_MSS_DEFAULT_V4	536	/* RFC 9293, 3.7.1 */
#define RILL_MSS_DEFAULT_V6	1220
#define RILL_MSS_MIN		88	/* bytes; less would be all header */

/* Unit of a timestamp clock: ticks of 10^-n seconds. */
#define RILL_TS_MS		3
#define RILL_TS_US		6
#define RILL_TS_OPTION_LEN	12	/* bytes, with the NOPs before it */

/* A peer without our private option delays its ACKs as TCP does. */
#define RILL_TCP_ACK_DELAY_US	200000

/* The floor of TCP's RTO on Linux. */
#define RILL_TCP_RTO_MIN_US	200000

#include "time.h"

struct rill_sack {
	u32	start;		/* first sequence number of the block */
	u32	end;		/* one past its last */
};

/**
 * struct rill_options - the options of one segment
 * @has_mss: a valid MSS option is there (SYN only)
 * @has_wscale: a window scale option is there (SYN only)
 * @sack_ok: SACK-permitted is there (SYN only)
 * @has_ts: a timestamps option is there
 * @has_rill: our private option is there (SYN only)
 * @wscale: shift count, 0 to RILL_WSCALE_MAX
 * @ts_unit: unit of the sender's timestamp clock, RILL_TS_*, with @has_rill
 * @nsacks: number of valid entries in @sacks
 * @mss: largest payload that the sender takes, bytes
 * @ack_delay_us: longest time that the sender delays an ACK, with @has_rill
 * @tsval: the sender's clock
 * @tsecr: our clock, echoed
 * @sacks: SACK blocks in the order of the wire
 */
struct rill_options {
	u8	has_mss:1,
		has_wscale:1,
		sack_ok:1,
		has_ts:1,
		has_rill:1;
	u8	wscale;
	u8	ts_unit;
	u8	nsacks;
	u16	mss;
	u32	ack_delay_us;
	u32	tsval;
	u32	tsecr;
	struct rill_sack sacks[RILL_SACKS_MAX];
};

/**
 * struct rill_segment - a segment's header, parsed or to be built
 * @seq: first sequence number
 * @end_seq: one past the last; SYN and FIN take one each
 * @ack: acknowledgment number
 * @len: payload, bytes
 * @wnd: window field as it stands on the wire, not scaled
 * @up: urgent pointer, bytes from @seq on; with RILL_URG
 * @flags: RILL_FIN and its like
 * @hdr_len: header with options, bytes
 * @ecn: ECN field of the IP header, INET_ECN_*
 * @opts: options
 */
struct rill_segment {
	u32	seq;
	u32	end_seq;
	u32	ack;
	u32	len;
	u16	wnd;
	u16	up;
	u8	flags;
	u8	hdr_len;
	u8	ecn;
	struct rill_options opts;
};

/*
 * Segment text, not of a SYN or reset. Answers to text have no limit of their
 * rate: an answer has no text, so that two ends cannot answer for ever.
 */
static inline bool rill_segment_text(const struct rill_segment *seg)
{
	return seg->len && !(seg->flags & (RILL_SYN | RILL_RST));
}

/* Sequence arithmetic modulo 2^32 (RFC 9293, 3.4). */
static inline bool rill_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool rill_after(u32 a, u32 b)
{
	return rill_before(b, a);
}

/* Is @low <= @seq <= @high, round the wrap? */
static inline bool rill_between(u32 seq, u32 low, u32 high)
{
	return high - low >= seq - low;
}

/* Does @seq lie in a window of @wnd bytes from @nxt on? */
static inline bool rill_in_window(u32 seq, u32 nxt, u32 wnd)
{
	return seq - nxt < wnd;
}

/* ---- one namespace ----------------------------------------------------- */

enum rill_counter {
#define X(name, ...) RILL_CNT_##name,
	RILL_COUNTERS(X)
#undef X
	RILL_CNT_MAX
};

/*
 * What becomes of a packet that came, as whoever took it says: one place,
 * rill_packet_finish(), frees and counts it, and sends the reset.
 */
enum rill_verdict {
	RILL_DONE,		/* used: there is no more need of it */
	RILL_KEPT,		/* another's, or gone: not to be touched */
	RILL_AGAIN,		/* it is for somebody else: look it up again */
#define X(name, ...) RILL_##name = RILL_CNT_##name,
	RILL_DROPS(X)		/* dropped, for a reason */
#undef X
	RILL_RESET = 0x1000,	/* ... and answered by a reset */
};

static_assert((int)RILL_CNT_drop_header > (int)RILL_AGAIN);
static_assert((int)RILL_CNT_MAX <= (int)RILL_RESET);

struct rill_counters {
	u64	value[RILL_CNT_MAX];
};

struct rill_tunables {
#define X(name, def, least, most, when, meaning) u32 name;
	RILL_TUNABLES(X)
#undef X
#define X(name, least, def, most, when, meaning) u32 name[3];
	RILL_TUNABLE_TRIPLES(X)
#undef X
#define X(name, def, when, meaning) u32 name;
	RILL_TUNABLE_NAMES(X)
#undef X
};

/* Places in the table of congestion control. */
enum rill_cc {
#define X(algorithm, name, restricted) RILL_CC_##algorithm,
	RILL_CONGESTION_CONTROLS(X)
#undef X
	RILL_CC_MAX
};

struct rill_sysfs;

/**
 * struct rill_cookies - the secrets that SYN cookies are made with
 * @lock: the other fields; readers do not take it, and retry
 * @key: the current secret and the one before it
 * @since_ns: when the current one was made; 0: there is none yet
 */
struct rill_cookies {
	seqlock_t		lock;	/* see above */
	siphash_key_t		key[2];
	u64			since_ns;
};

/**
 * struct rill_net - what a network namespace holds
 * @net: the namespace; outlives this
 * @tunables: each word read with READ_ONCE and written with WRITE_ONCE
 * @counters: per CPU
 * @table: connections by struct rill_key; see LOCKING
 * @ports: local ports in use, by number
 * @listeners: struct rill_group by port and address; changed under the lock of
 *	the port's bucket, read under RCU
 * @orphans: full sockets that no program owns
 * @requests: half-open connections
 * @timewaits: entries in TIME_WAIT or compact FIN_WAIT2
 * @bound: entries of @table that are bound to an interface
 * @rekeyed: held while an entry gets another key: lookups that find nothing
 *	meanwhile try again
 * @ctl4: kernel raw socket that sends answers over IPv4
 * @ctl6: the same for IPv6; NULL where IPv6 is disabled
 * @sysfs: the directory of tunables
 * @isn_key: secret of initial sequence numbers, set once
 * @port_key: secret of ephemeral port choice, set once
 * @cookies: secrets of SYN cookies
 * @dead: the namespace ends; a grace period later nothing is looked up
 * @challenge_lock: protects the two fields that follow
 * @challenge_second: the second, CLOCK_MONOTONIC, that @challenge_left is of
 * @challenge_left: challenge ACKs that may be sent in it
 */
struct rill_net {
	struct net			*net;
	struct rill_tunables		tunables;
	struct rill_counters __percpu	*counters;
	struct rhashtable		table;
	struct rill_port_bucket		*ports;
	struct rhltable			listeners;
	atomic_t			orphans;
	atomic_t			requests;
	atomic_t			timewaits;
	atomic_t			bound;
	seqlock_t			rekeyed;
	struct sock			*ctl4;
	struct sock			*ctl6;
	struct rill_sysfs		*sysfs;
	siphash_key_t			isn_key;
	siphash_key_t			port_key;
	struct rill_cookies		cookies;
	bool				dead;
	spinlock_t			challenge_lock; /* see above */
	u32				challenge_second;
	u32				challenge_left;
};

extern unsigned int rill_net_id;	/* network namespace generic slot */
extern u8 rill_protocol;		/* IP protocol number, set at load */

static inline struct rill_net *rill_net(const struct net *net)
{
	return net_generic(net, rill_net_id);
}

/* The value of a tunable now; read it once for each decision. */
#define rill_tunable(rnet, name)	READ_ONCE((rnet)->tunables.name)

/*
 * LIMITS THAT PROTECT THE HOST
 *
 * The root of a namespace sets its tunables, and where users may make user
 * namespaces that is anyone. What is kept for connections that no program owns
 * is charged to nobody, so a namespace cannot be its only limit: the first one,
 * init_net, has its own, and all others (the guests) share as much again, by
 * the values of the first one. So guests bound one another, and never the
 * host's own connections.
 */

/* X(gauge of struct rill_net, tunable that limits it) */
#define RILL_HOST_LIMITS(X)						\
	X(orphans, max_orphans)						\
	X(requests, half_open_max)					\
	X(timewaits, time_wait_max)

/* What all namespaces but the first hold together. */
struct rill_guests {
#define X(gauge, limit) atomic_t gauge;
	RILL_HOST_LIMITS(X)
#undef X
};

extern struct rill_guests rill_guests;

/* The value of a tunable in the first namespace. */
#define rill_host_tunable(name)	rill_tunable(rill_net(&init_net), name)

static inline bool rill_is_guest(const struct rill_net *rnet)
{
	return !net_eq(rnet->net, &init_net);
}

static inline void rill_gauge_add(const struct rill_net *rnet, atomic_t *own,
				  atomic_t *guests, int n)
{
	atomic_add(n, own);
	if (rill_is_guest(rnet))
		atomic_add(n, guests);
}

static inline bool rill_gauge_exceeds(const atomic_t *gauge, u8 shift,
				      u32 limit)
{
	return (u64)atomic_read(gauge) << shift > limit;
}

/*
 * rill_orphans_add(): so many more, or less. rill_orphans_over(): are there
 * more, each counted 2^@shift times, than the namespace or the host allows?
 */
#define X(gauge, limit)							\
static inline void rill_##gauge##_add(struct rill_net *rnet, int n)	\
{									\
	rill_gauge_add(rnet, &rnet->gauge, &rill_guests.gauge, n);	\
}									\
									\
static inline bool rill_##gauge##_over(const struct rill_net *rnet,	\
				       u8 shift)			\
{									\
	return rill_gauge_exceeds(&rnet->gauge, shift,			\
				  rill_tunable(rnet, limit)) ||		\
	       (rill_is_guest(rnet) &&					\
		rill_gauge_exceeds(&rill_guests.gauge, shift,		\
				   rill_host_tunable(limit)));		\
}

RILL_HOST_LIMITS(X)
#undef X

/*
 * rill_rmem_promise(), rill_wmem_promise(): what a socket may hold while memory
 * is short, no more than the first namespace allows.
 */
#define X(name, least, def, most, when, meaning)			\
static inline u32 rill_##name##_promise(const struct rill_net *rnet)	\
{									\
	return min(rill_tunable(rnet, name[0]),				\
		   rill_host_tunable(name[0]));				\
}

RILL_TUNABLE_TRIPLES(X)
#undef X

/* Tunables that a socket has set for itself; a field of all ones is not set. */
struct rill_settings {
#define X(field, type, option, tunable, scale) type field;
	RILL_SETTINGS(X)
#undef X
};

/* Count one more, in any context. */
#define rill_count(rnet, name)						\
	this_cpu_inc((rnet)->counters->value[RILL_CNT_##name])
#define rill_count_add(rnet, name, n)					\
	this_cpu_add((rnet)->counters->value[RILL_CNT_##name], n)
#define rill_count_drop(rnet, reason)					\
	this_cpu_inc((rnet)->counters->value[reason])

/* ---- lookup ------------------------------------------------------------ */

/**
 * struct rill_key - identifies a connection in a namespace
 * @laddr: local address; IPv4 as ::ffff:a.b.c.d
 * @raddr: remote address
 * @lport: local port
 * @rport: remote port
 * @dev: interface index that the connection is bound to, 0 for any: a segment
 *	that came by another one, or by another VRF, is of another connection
 *
 * No padding: the table hashes and compares it as bytes.
 */
struct rill_key {
	struct in6_addr	laddr;
	struct in6_addr	raddr;
	__be16		lport;
	__be16		rport;
	u32		dev;
};

/**
 * struct rill_ingress - the interfaces that a packet came by, as TCP sees it
 * @dif: that it came by; for a packet of this host to itself not lo, but the
 *	interface that has the address; in a VRF one of the VRF and its slave
 * @sdif: in a VRF the other of the two, else 0
 */
struct rill_ingress {
	int	dif;
	int	sdif;
};

enum rill_kind {
	RILL_KIND_SOCK,
	RILL_KIND_REQUEST,
	RILL_KIND_TIMEWAIT,
	RILL_KINDS
};

/**
 * struct rill_entry - membership in the table of connections
 * @node: linkage; protected by rhashtable
 * @key: written before the entry is published, constant after; but for
 *	rill_table_rekey()
 * @kind: what embeds it, RILL_KIND_*
 * @family: of the packets, AF_INET or AF_INET6 (not of the socket)
 */
struct rill_entry {
	struct rhash_head	node;
	struct rill_key		key;
	u8			kind;
	u8			family;
};

/**
 * struct rill_bind - one owner of a local port
 * @node: in rill_share.owners; bucket lock
 * @port: the port, NULL when not bound; bucket lock and the owner's lock
 * @share: that it belongs to; bucket lock
 * @sk: the owner's socket; NULL in TIME_WAIT
 * @ephemeral: the port was chosen by connect(), shared by its four-tuple
 */
struct rill_bind {
	struct hlist_node	node;
	struct rill_port	*port;
	struct rill_share	*share;
	struct sock		*sk;
	bool			ephemeral;
};

/* ---- the connection ---------------------------------------------------- */

struct rill_group;

/**
 * struct rill_listener - what a listening socket adds
 * @lock: both queues, @open and @rate_*; see LOCKING
 * @accept_queue: established children, struct rill_sock by accept_node
 * @requests: half-open connections, struct rill_request by node
 * @accept_len: children in @accept_queue or on their way into it; atomic
 * @request_len: half-open connections, in @requests or on their way; atomic
 * @rate_start_ns: start of the second that @rate_count is of
 * @rate_count: handshakes begun in that second, for syn_rate_limit
 * @node: in rill_group.socks
 * @group: that segments find it in; NULL: none; the port's bucket lock
 * @sk: its socket, constant
 * @open: cleared by close(), before both queues are emptied; READ_ONCE where it
 *	is looked at again
 */
struct rill_listener {
	spinlock_t		lock;	/* see above */
	struct list_head	accept_queue;
	struct list_head	requests;
	atomic_t		accept_len;
	atomic_t		request_len;
	u64			rate_start_ns;
	struct hlist_node	node;
	struct rill_group	*group;
	struct sock		*sk;
	u32			rate_count;
	bool			open;
};

#include "conn.h"

struct rill_af_ops;
struct rill_timewait;

/**
 * struct rill_clock - the deadlines of a connection
 * @now_ns: when the event under way began, see rill_clock_read()
 * @timer: fires at the nearest deadline
 * @deadline_ns: enum rill_timer; 0: not set
 * @fires_ns: when @timer fires; 0: it is not queued
 * @late: a deadline may be sooner than @fires_ns
 */
struct rill_clock {
	u64			now_ns;
	struct hrtimer		timer;
	u64			deadline_ns[RILL_TIMER_MAX];
	u64			fires_ns;
	bool			late;
};

/**
 * struct rill_user - what the program has asked for, besides rill_settings
 * @cc: TCP_CONGESTION; NULL: not set
 * @filter: see rill_filter_vet(); READ_ONCE
 * @timeout_us: TCP_USER_TIMEOUT; 0: none
 * @notsent_lowat: TCP_NOTSENT_LOWAT, bytes; 0: no limit
 * @window_clamp: TCP_WINDOW_CLAMP, most to advertise, bytes
 * @mss: TCP_MAXSEG, bytes; 0: not set
 * @nonagle: TCP_NAGLE_OFF | TCP_NAGLE_CORK
 * @defer_accept: TCP_DEFER_ACCEPT, s
 * @save_syn: TCP_SAVE_SYN; READ_ONCE
 * @recv_inq: TCP_INQ; READ_ONCE
 *
 * A child of a listener inherits it.
 */
struct rill_user {
	const struct rill_cc_ops *cc;
	const void		*filter;
	u64			timeout_us;
	u32			notsent_lowat;
	u32			window_clamp;
	u16			mss;
	u8			nonagle;
	u8			defer_accept;
	u8			save_syn;
	bool			recv_inq;
};

/* Bits of rill_sock.deferred. */
enum {
	RILL_DEFER_TIMER,	/* the hrtimer met a socket in use */
	RILL_DEFER_MTU,		/* ICMP reported a smaller path MTU */
};

/**
 * struct rill_sock - a full socket of rill
 * @inet: must be first
 * @entry: in the lookup table while @hashed
 * @bind: its local port
 * @rnet: of sock_net()
 * @af: of the wire, not of the socket
 * @old: in SYN_SENT: the TIME_WAIT entry whose place it took
 * @accept_node: of a child, in its listener's queue; the listener's lock
 * @listener: what a listening socket adds; NULL: it has never listened;
 *	READ_ONCE under the lock of the port's bucket
 * @saved_syn: TCP_SAVE_SYN of the listener, until it is read; or NULL
 * @own: RILL_SETTINGS of this socket; of a listener READ_ONCE
 * @user: other options that the program has set
 * @clock: its timer
 * @deferred: atomic bits, RILL_DEFER_*
 * @mtu_info: with RILL_DEFER_MTU, bytes; READ_ONCE
 * @hashed: @entry is in the table
 * @agreed: what the handshake agreed
 * @path: packet and segment sizes
 * @rec: loss recovery
 * @snd: send sequence space
 * @rtx: what was sent and is not acknowledged
 * @cc: congestion control
 * @pace: when the next segment may go
 * @rtt: round trips and the RTO
 * @prr: proportional rate reduction
 * @ecn: explicit congestion notification
 * @retry: retransmissions and probes without an answer
 * @rack: loss detection by time (RFC 8985)
 * @undo: undo of a spurious reduction
 * @tlp: tail loss probe (RFC 8985, 7)
 * @plpmtud: search for the path MTU
 * @rcv: receive sequence space
 * @ack: when an ACK is due
 * @recent: the peer's latest timestamp
 * @space: how large the receive buffer has to be
 * @sack: what the next ACK reports
 * @urgent: urgent data, both ways
 * @rate: delivery rate
 * @held: what limits the sender
 * @tally: counts for TCP_INFO
 *
 * All under the socket lock unless a field or its part says otherwise. The
 * parts from @agreed on do not outlive a connection: see conn.h.
 */
struct rill_sock {
	struct inet_sock	inet;
	struct rill_entry	entry;
	struct rill_bind	bind;
	struct rill_net		*rnet;
	const struct rill_af_ops *af;
	struct rill_timewait	*old;

	struct list_head	accept_node;
	struct rill_listener	*listener;
	struct rill_saved_syn	*saved_syn;

	struct rill_settings	own;
	struct rill_user	user;
	struct rill_clock	clock;
	unsigned long		deferred;
	u32			mtu_info;
	bool			hashed;

	/* A connection, to the end: rill_conn_begin() makes all of it 0. */
	struct rill_agreed	agreed;
	struct rill_path	path;
	struct rill_rec		rec;
	struct rill_snd		snd;
	struct rill_rtx		rtx;
	struct rill_congestion	cc;
	struct rill_pace	pace;
	struct rill_rtt		rtt;
	struct rill_prr		prr;
	struct rill_ecn		ecn;
	struct rill_retry	retry;
	struct rill_rack	rack;
	struct rill_undo	undo;
	struct rill_tlp		tlp;
	struct rill_plpmtud	plpmtud;
	struct rill_rcv		rcv;
	struct rill_ack		ack;
	struct rill_recent	recent;
	struct rill_space	space;
	struct rill_sacks	sack;
	struct rill_urgent	urgent;
	struct rill_rate	rate;
	struct rill_held	held;
	struct rill_tally	tally;
};

struct rill6_sock {
	struct rill_sock	rill;
	struct ipv6_pinfo	inet6;		/* must be last on 6.1 */
};

static inline struct rill_sock *rill_sk(const struct sock *sk)
{
	return (struct rill_sock *)sk;
}

/*
 * Is @mark, which was snd.nxt at some time, still in flight? However long ago
 * that was: a comparison with snd.una alone is wrong for every second 2 GiB.
 */
static inline bool rill_unacked(const struct rill_sock *rs, u32 mark)
{
	return mark - rs->snd.una - 1 < rs->snd.nxt - rs->snd.una;
}

/* The timestamp of a segment that is sent at @ns. */
static inline u32 rill_ts_at(const struct rill_sock *rs, u64 ns)
{
	return rill_ts_clock(ns, rs->agreed.ts_unit, rs->agreed.ts_offset);
}

/* How long a tick of our timestamps is, ns. */
static inline u64 rill_ts_tick_ns(const struct rill_sock *rs)
{
	return rs->agreed.ts_unit == RILL_TS_US ? NSEC_PER_USEC : NSEC_PER_MSEC;
}

static inline struct rill_net *rill_sk_net(const struct sock *sk)
{
	return rill_sk(sk)->rnet;
}

/*
 * What holds for a socket: its own value, or else the tunable's. As with
 * rill_tunable(), consult it once for each decision.
 */
#define rill_setting(sk, field)		rill_setting_##field(sk)

#define X(field, type, option, tunable, scale)				\
static inline type rill_setting_##field(const struct sock *sk)		\
{									\
	type own = READ_ONCE(rill_sk(sk)->own.field);			\
									\
	if (own != (type)RILL_DEFAULT)					\
		return own;						\
	return (type)rill_tunable(rill_sk_net(sk), tunable) * (scale);	\
}

RILL_SETTINGS(X)
#undef X

/* ---- a segment in the queues ------------------------------------------- */

/* Bits of rill_skb_cb.sacked. */
#define RILL_SKB_SACKED		0x01	/* SACKed by the peer */
#define RILL_SKB_LOST		0x02	/* marked lost, not sent since */
#define RILL_SKB_RETRANS	0x04	/* retransmitted, in flight */
#define RILL_SKB_EVER_RETRANS	0x80	/* no RTT sample from it (Karn) */

/**
 * struct rill_skb_cb - our part of a packet's control block
 * @h4: what IPv4 wrote or will read
 * @h6: what IPv6 wrote or will read
 * @sacked_end: in rtx.queue and with RILL_SKB_SACKED: all up to there is SACKed
 * @delivered: in rtx.queue, with the three that follow: rill_tally.delivered when
 *	it was last sent; see rill_rate_sent()
 * @delivered_ns: and when that was last counted
 * @send_us: from the sending of the latest that had arrived then to its own
 * @app_limited: nothing more of the program had been waiting to be sent
 * @seq: first sequence number
 * @end_seq: one past the last, SYN and FIN counted
 * @sent_ns: when it was last sent
 * @flags: RILL_FIN and its like
 * @sacked: RILL_SKB_*
 * @stamp_ack: SO_TIMESTAMPING wants to hear when @stamp_seq is acknowledged
 * @eor: MSG_EOR: no later byte is put behind its last
 * @stamp_seq: the byte that timestamps are of, if there are any
 *
 * One packet of the send queues is one segment: start, length, and (with
 * segmentation offload) a count of wire segments from gso_segs.
 */
struct rill_skb_cb {
	union {
		struct inet_skb_parm	h4;
		struct inet6_skb_parm	h6;
		struct {
			u32	sacked_end;
			u32	delivered;
			u64	delivered_ns;
			u32	send_us;
			bool	app_limited;
		};
	};
	u32	seq;
	u32	end_seq;
	u64	sent_ns;
	u8	flags;
	u8	sacked;
	bool	stamp_ack;
	bool	eor;
	u32	stamp_seq;
};

static inline struct rill_skb_cb *rill_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct rill_skb_cb) > sizeof_field(struct sk_buff, cb));
	return (struct rill_skb_cb *)skb->cb;
}

/* Take one of @limit places, if one is free. */
static inline bool rill_reserve(atomic_t *count, u32 limit)
{
	int n = atomic_read(count);

	do {
		if ((u32)n >= limit)
			return false;
	} while (!atomic_try_cmpxchg(count, &n, n + 1));
	return true;
}

#include "entry.h"

#ifdef CONFIG_RILL_KUNIT
/* The namespace that inserted the module; the scenarios run in it. */
extern struct net *rill_kunit_net;
/* So long a scenario lets this host be suspended, which it never is. */
extern u64 rill_kunit_suspended_ns;
#endif

#endif /* _RILL_H */
