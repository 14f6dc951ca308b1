/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Storms: two programs talk over a wire that random numbers rule.
 *
 * One seed makes a script: what the programs write, read and set, and what
 * happens to each packet. storm_plan.c draws the script, storm_program.c plays
 * the programs on real sockets, storm_wire.c is the wire between them,
 * storm_watch.c checks each packet and the clock, storm_base.c has what these
 * share, and storm_test.c is the suite.
 *
 * Locking: storm.lock covers all but what the programs alone use. There is one
 * CPU, and time is virtual: code takes none.
 */
#ifndef _RILL_STORM_H
#define _RILL_STORM_H

#include <kunit/test.h>
#include <linux/hrtimer.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/wait.h>
#include "../module/rill.h"

#define STORM_EVENTS	40	/* events kept for the report of a failure */
#define STORM_TEXT	240	/* longest of them */
#define STORM_MTU	1500	/* of the device */
#define STORM_SERVER	8080	/* port of the server */
#define STORM_PERIOD	65521	/* bytes after which the stream repeats */
#define STORM_TUNABLES	20	/* at the most that one end has of its own */

/* The two ends; what one sends goes to the other. */
enum storm_side {
	STORM_CLIENT,
	STORM_SERVANT,
	STORM_SIDES
};

/* How a program ends its connection. */
enum storm_ending {
	STORM_HALF,	/* shutdown() behind its data, close() at the peer's end */
	STORM_LAST,	/* close() when the peer has ended and all is written */
	STORM_FIRST,	/* close() behind its data; the peer has none to send */
};

/* splitmix64: the same on all kernels and for ever. */
struct storm_random {
	u64 state;
};

/**
 * struct storm_weather - what one direction does to packets
 * @delay_ns: one way
 * @jitter_ns: at most so much more, so that packets overtake each other
 * @late_ns: how much later are those of @late
 * @rate: bytes a second, 0 without a limit
 * @queue: packets that wait for the rate at most
 * @mtu: longest packet, bytes; a longer one is answered by ICMP
 * @hole: ... or by nothing
 * @dark: nothing passes
 * @loss: these and the following in thousandths of packets
 * @burst: with each loss so many packets at most
 * @ack_loss: of those without data
 * @dup: come twice
 * @late: are late
 * @corrupt: have a byte changed
 * @mark: are marked by ECN, if they can be
 * @cut: become two, as a box on the way may do
 */
struct storm_weather {
	u64 delay_ns;
	u64 jitter_ns;
	u64 late_ns;
	u64 rate;
	u32 queue;
	u32 mtu;
	bool hole;
	bool dark;
	u16 loss;
	u16 burst;
	u16 ack_loss;
	u16 dup;
	u16 late;
	u16 corrupt;
	u16 mark;
	u16 cut;
};

/**
 * struct storm_habit - how a program uses its socket, drawn
 * @bytes: that it sends
 * @write_most: in one call
 * @read_most: in one call
 * @write_gap_ns: what it waits at most between two writes
 * @pause_ns: what it waits at most when it stops reading
 * @silence_ns: what it waits once in its data, as a program may
 *	that has nothing to say; 0: it does not
 * @linger_ns: before it begins, and before its accept()
 * @write_gap: how often it waits between two writes, thousandths
 * @pause: how often it stops reading
 * @more: how often it writes with MSG_MORE
 * @urgent: how often it writes with MSG_OOB
 * @cork: how often it turns TCP_CORK
 * @peek: how often it peeks first
 * @pauses: how often it may stop reading
 * @nodelay: TCP_NODELAY
 * @rcvbuf: SO_RCVBUF, 0: not set
 * @sndbuf: SO_SNDBUF
 * @maxseg: TCP_MAXSEG
 * @lowat: SO_RCVLOWAT
 * @congestion: TCP_CONGESTION, NULL: not set
 * @v6: the socket's family is AF_INET6
 * @ending: how it ends
 */
struct storm_habit {
	u32 bytes;
	u32 write_most;
	u32 read_most;
	u64 write_gap_ns;
	u64 pause_ns;
	u64 silence_ns;
	u64 linger_ns;
	u16 write_gap;
	u16 pause;
	u16 more;
	u16 urgent;
	u16 cork;
	u16 peek;
	u16 pauses;
	bool nodelay;
	int rcvbuf;
	int sndbuf;
	int maxseg;
	int lowat;
	const char *congestion;
	bool v6;
	enum storm_ending ending;
};

struct storm_tunable {
	const char *name;
	char value[40];
};

/**
 * struct storm_plan - what is drawn before the script begins
 * @seed: of it all
 * @v6: packets are IPv6
 * @holes: long packets may vanish, if the module can find that out
 * @turns: in so many, each program waits for the other's part before it goes on
 *	with its own; 0: neither waits
 * @phases: how often the weather changes before it is good for ever
 * @habit: of each program
 * @tunables: of the namespace while each end makes its connection
 * @ntunables: how many
 */
struct storm_plan {
	u64 seed;
	bool v6;
	bool holes;
	u32 turns;
	u32 phases;
	struct storm_habit habit[STORM_SIDES];
	struct storm_tunable tunables[STORM_SIDES][STORM_TUNABLES];
	u8 ntunables[STORM_SIDES];
};

/**
 * struct storm_program - one program
 * @sock: its socket, NULL before accept() and after close()
 * @wait: on the socket's wait queue, or on the listener's
 * @queue: the queue that @wait is on, NULL if it is on none
 * @random: what it does next
 * @written: bytes that the socket took
 * @read: bytes that it gave
 * @write_at_ns: when it wants to write again
 * @read_at_ns: when it wants to read again, before that accept()
 * @pauses: how often it has stopped reading
 * @silent: it has been silent for as long as it wants
 * @woken: the socket has woken it
 * @write_blocks: the last write did not find room
 * @read_blocks: the last read found nothing
 * @corked: TCP_CORK is set
 * @shut: it has ended its half of the stream
 * @eof: it has read the end of the other half
 * @closed: it is done
 */
struct storm_program {
	struct socket *sock;
	struct wait_queue_entry wait;
	wait_queue_head_t *queue;
	struct storm_random random;
	u32 written;
	u32 read;
	u64 write_at_ns;
	u64 read_at_ns;
	u16 pauses;
	bool silent;
	bool woken;
	bool write_blocks;
	bool read_blocks;
	bool corked;
	bool shut;
	bool eof;
	bool closed;
};

/* A segment as the wire sees it; numbers as they stand there. */
struct storm_segment {
	u32 seq;
	u32 ack;
	u32 len;
	u32 wnd;
	u8 flags;
	u8 header;	/* bytes with options */
	u8 wscale;	/* with has_wscale */
	u8 nsacks;
	bool has_wscale;
	u16 mss;	/* 0: no such option */
	struct rill_sack sacks[RILL_SACKS_MAX];
	const u8 *data;
};

/**
 * struct storm_link - one direction of the wire, and what was seen of its sender
 * @weather: now
 * @random: what becomes of its packets
 * @free_ns: when the rate lets the next packet go
 * @drops: packets of the current burst that are still to be lost
 * @syn_drops: SYNs that were lost; after a few none is
 * @iss: the sender's first sequence number
 * @has_iss: it is known
 * @wscale: of the sender's own window; valid with @scales
 * @scales: the sender's SYN had a window scale
 * @mss: the sender's own MSS option
 * @edge: end of the widest window that has come to the sender
 * @has_edge: it has heard of one
 * @came_end: end of the farthest of it that has come to the other side
 * @has_come: something has
 * @said_ack: what it acknowledged last
 * @said_edge: end of the window that it said last
 */
struct storm_link {
	struct storm_weather weather;
	struct storm_random random;
	u64 free_ns;
	u32 drops;
	u32 syn_drops;
	u32 iss;
	bool has_iss;
	u8 wscale;
	bool scales;
	u16 mss;
	u32 edge;
	bool has_edge;
	u32 came_end;
	bool has_come;
	u32 said_ack;
	u32 said_edge;
};

/**
 * struct storm_silence - the watch over one end
 * @key: its connection
 * @una: snd.una when last looked at; as are the next five
 * @nxt: snd.nxt
 * @write: snd.write_seq
 * @edge: end of the send window
 * @segs: segments that have come
 * @kind: of the table's entry, RILL_KIND_*; -1: none
 * @spoke: it has sent something that asks for an answer since
 * @rto_us: and the longest RTO that it had when it did
 * @since_ns: when the silence began
 * @due_ns: how long it may last at the most; 0: for ever
 * @said_ack: storm_link.said_ack when last looked at
 * @owed_ns: since when an ACK is owed; 0: none is
 * @delack_ns: how long it may be kept
 */
struct storm_silence {
	struct rill_key key;
	u32 una;
	u32 nxt;
	u32 write;
	u32 edge;
	u32 segs;
	int kind;
	bool spoke;
	u32 rto_us;
	u64 since_ns;
	u64 due_ns;
	u32 said_ack;
	u64 owed_ns;
	u64 delack_ns;
};

struct storm_event {
	u64 at_ns;
	char text[STORM_TEXT];
};

/**
 * struct storm - one script being played
 * @test: the case
 * @net: the namespace
 * @dev: the device, which all scripts share
 * @plan: what was drawn
 * @player: the thread that plays both programs
 * @program: both
 * @listener: the servant's
 * @holes: long packets may vanish
 * @trace: tell each event as it happens
 * @woken: a program has something to do
 * @lock: protects all that follows
 * @link: by sender
 * @silence: by end
 * @random: the weather's changes
 * @flying: packets on the way, in the order of coming
 * @timer: when the next comes, and when the watch looks
 * @timer_ns: when that is; 0: it is not set
 * @look_ns: when the watch looks again at both ends; 0: nothing has happened
 * @phase: of the weather
 * @phase_ns: when it ends
 * @phase_packets: or after so many packets
 * @packets: how many were sent
 * @received: how many have come; of the timer, without the lock
 * @start_ns: when the script began
 * @events: the latest, in a ring
 * @nevents: how many there were
 * @failed: nothing passes any more
 * @why: what was wrong
 */
struct storm {
	struct kunit *test;
	struct net *net;
	struct net_device *dev;
	struct storm_plan plan;
	struct task_struct *player;
	struct storm_program program[STORM_SIDES];
	struct socket *listener;
	bool holes;
	bool trace;
	bool woken;
	spinlock_t lock; /* all that follows */
	struct storm_link link[STORM_SIDES];
	struct storm_silence silence[STORM_SIDES];
	struct storm_random random;
	struct sk_buff_head flying;
	struct hrtimer timer;
	u64 timer_ns;
	u64 look_ns;
	u32 phase;
	u64 phase_ns;
	u32 phase_packets;
	u32 packets;
	u32 received;
	u64 start_ns;
	struct storm_event events[STORM_EVENTS];
	u32 nevents;
	bool failed;
	char why[STORM_TEXT];
};

static inline enum storm_side storm_other(enum storm_side side)
{
	return side == STORM_CLIENT ? STORM_SERVANT : STORM_CLIENT;
}

/* Each script has its own, so that none depends on those before it. */
static inline u16 storm_client_port(const struct storm *s)
{
	return 10000 + s->plan.seed % 20000;
}

/* storm_base.c: what all parts share */
u64 storm_random(struct storm_random *random);
u32 storm_below(struct storm_random *random, u32 end);
u64 storm_spread(struct storm_random *random, u64 least, u64 most);
bool storm_chance(struct storm_random *random, u32 thousandths);
int storm_stream_init(void);
void storm_stream_exit(void);
const u8 *storm_stream(enum storm_side side, u32 offset, u32 *len);
const char *storm_side_name(enum storm_side side);
void storm_address(const struct storm *s, enum storm_side side, bool remote,
		   struct in6_addr *addr);
__printf(2, 3)
void storm_event(struct storm *s, const char *fmt, ...);
__printf(2, 3)
void storm_fail(struct storm *s, const char *fmt, ...);

/* storm_plan.c: the script */
void storm_plan_draw(struct storm_plan *plan, u64 seed);
void storm_plan_print(struct kunit *test, const struct storm_plan *plan);
void storm_weather_start(struct storm *s);
void storm_weather_change(struct storm *s);

/* storm_wire.c: the wire */
int storm_wire_create(struct net *net, struct net_device **dev);
void storm_wire_destroy(struct net_device *dev);
void storm_wire_open(struct storm *s);
void storm_wire_close(struct storm *s);
void storm_wire_kick(struct storm *s, u64 at_ns);

/* storm_watch.c: the checks */
bool storm_segment_read(const u8 *p, u32 len, struct storm_segment *seg);
void storm_segment_print(const struct storm *s, enum storm_side from,
			 const struct storm_segment *seg, char *buf,
			 size_t size);
void storm_watch_start(struct storm *s);
void storm_watch_sent(struct storm *s, enum storm_side from,
		      const struct storm_segment *seg, u32 packet_len);
void storm_watch_came(struct storm *s, enum storm_side from,
		      const struct storm_segment *seg);
void storm_watch_look(struct storm *s);
u64 storm_watch_next(const struct storm *s);
void storm_watch_report(struct storm *s);

/* storm_program.c: the programs */
int storm_program_init(void);
void storm_program_exit(void);
bool storm_probes_mtu(const struct storm_plan *plan);
void storm_play(struct storm *s);

#endif /* _RILL_STORM_H */
