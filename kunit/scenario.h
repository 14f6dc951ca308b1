/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The scenario harness: packet-level scripts against real sockets.
 *
 * A suite whose init and exit are scenario_init() and scenario_exit() gets,
 * for each case, a network device of its own in rill_kunit_net and a peer that
 * exists only as text: scenario_run() plays a script in which each line is a
 * socket call, a segment that the peer sends, or a segment that must come out
 * next, at that virtual time. kunit/README.md is the language's reference.
 *
 * The harness builds and reads segments by code of its own and shares none
 * with the module, so that one checks the other.
 */
#ifndef _RILL_SCENARIO_H
#define _RILL_SCENARIO_H

#include <kunit/test.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include "../module/compat.h"

#define SCENARIO_FLOWS		16	/* peers' ports */
#define SCENARIO_SOCKS		128	/* sockets of one script */
#define SCENARIO_LINE		256	/* longest line of a script */
#define SCENARIO_SACKS		4
#define SCENARIO_PEER_PORT	5000	/* of flow 0 */
#define SCENARIO_PORT		8080	/* that listen and bind take */
#define SCENARIO_IRS		100000	/* the peer's first sequence number */
#define SCENARIO_ISS		300000	/* ours, until a SYN of ours shows it */
#define SCENARIO_TS_BASE	1000000	/* the peer's first timestamp */
#define SCENARIO_MSS		1460	/* payload that the device's MTU allows */

/**
 * struct scenario_family - what a script is played over
 * @name: of the parameter
 * @sock: family of the sockets
 * @wire: family of the packets
 * @paged: what comes lies in a page, but for the IP header
 */
struct scenario_family {
	const char *name;
	u16 sock;
	u16 wire;
	bool paged;
};

/* An entry of a table of cases that stands in several suites. */
#define SCENARIO_CASE(name) KUNIT_CASE_PARAM(name, scenario_families),

/* What the device does with a packet. */
enum scenario_takes {
	SCENARIO_TAKES,
	SCENARIO_REFUSES,	/* drops it, and says so */
	SCENARIO_SLOWS,		/* takes it, and says that it is congested */
	SCENARIO_HOLDS,		/* keeps it until it takes again */
};

/* What a script says of a number. */
enum scenario_how {
	SCENARIO_ANY,		/* "*", or nothing */
	SCENARIO_EXACT,
	SCENARIO_LEAST,		/* ">=N" */
	SCENARIO_MOST,		/* "<=N" */
};

struct scenario_number {
	u32 value;
	u8 how;
};

/* Options of a segment; in a captured one every number is EXACT. */
struct scenario_options {
	bool given;		/* the script has a <...> */
	bool has_mss;
	bool has_ws;
	bool has_sackok;
	bool has_ts;
	bool has_rill;
	u8 nsacks;
	u8 raw_len;		/* of raw, which replaces all of them */
	struct scenario_number mss;
	struct scenario_number ws;
	struct scenario_number tsval;
	struct scenario_number tsecr;
	struct scenario_number delay_us;
	struct scenario_number unit;
	u32 sack_start[SCENARIO_SACKS];
	u32 sack_end[SCENARIO_SACKS];
	u8 raw[40];
};

/**
 * struct scenario_segment - a segment of a script, or one that came out
 * @node: in scenario.captured
 * @at_ns: when it came out
 * @fault: what is malformed in it, NULL if nothing
 * @sport: its ports, in the host's order
 * @dport: the same
 * @seq: first sequence number, relative in a script, else as on the wire
 * @ack: acknowledgment number, the same
 * @len: payload, bytes
 * @wnd: window, in a script in bytes, else as on the wire
 * @up: urgent pointer, as on the wire
 * @flags: as on the wire
 * @ecn: ECN field of the IP header
 * @any_push: a script does not care for PSH
 * @garbled: payload other than the stream's
 * @bad_checksum: as it says
 * @opts: options
 * @data: payload of one that came out
 */
struct scenario_segment {
	struct list_head node;
	u64 at_ns;
	const char *fault;
	u16 sport;
	u16 dport;
	struct scenario_number seq;
	struct scenario_number ack;
	struct scenario_number wnd;
	struct scenario_number up;
	u32 len;
	u8 flags;
	u8 ecn;
	bool any_push;
	bool garbled;
	bool bad_checksum;
	struct scenario_options opts;
	u8 data[];
};

/**
 * struct scenario_flow - one peer's port and what was seen on it
 * @lport: our port, 0 until known
 * @rport: the peer's
 * @iss: our initial sequence number
 * @irs: the peer's
 * @iss_known: a SYN of ours came out
 * @peer_wnd: what the peer's segments say where the script does not, bytes
 * @ours: options of our SYN
 * @theirs: options of the peer's SYN
 * @ts_first: first timestamp of ours
 * @ts_last: latest timestamp of ours
 * @ts_last_ns: when it came out
 * @ts_seen: @ts_first is valid
 * @renewed: both clocks go on from an old incarnation
 * @start_ns: when the peer's clock stood at @ts_base
 * @ts_base: first value of the peer's clock
 */
struct scenario_flow {
	u16 lport;
	u16 rport;
	u32 iss;
	u32 irs;
	bool iss_known;
	u32 peer_wnd;
	struct scenario_options ours;
	struct scenario_options theirs;
	u32 ts_first;
	u32 ts_last;
	u64 ts_last_ns;
	bool ts_seen;
	bool renewed;
	u64 start_ns;
	u32 ts_base;
};

/**
 * struct scenario_sock - a socket of the script
 * @sock: the socket, NULL once closed
 * @sent: bytes that it took
 * @received: bytes that it gave
 * @owned: "own" holds its lock
 */
struct scenario_sock {
	struct socket *sock;
	u32 sent;
	u32 received;
	bool owned;
};

/**
 * struct scenario_thread - a call that may block
 * @task: its thread, NULL if there is none; the fixture has a reference
 * @verb: the call, in @text
 * @args: the rest of it, in @text
 * @text: the call as the script has it
 * @over: it has returned; the fields that follow are valid
 * @ended_ns: when
 * @usual: what is expected where the script says nothing
 * @got: its result
 */
struct scenario_thread {
	struct task_struct *task;
	char *verb;
	char *args;
	char text[SCENARIO_LINE];
	bool over;
	u64 ended_ns;
	int usual;
	int got;
};

/**
 * struct scenario - the fixture of one case
 * @test: the case
 * @family: what it is played over
 * @net: the namespace
 * @protocol: IP protocol number
 * @dev: the test device
 * @lock: protects @captured
 * @captured: segments that came out and that no line has asked for
 * @waiter: woken when one does; the fixture has a reference
 * @takes: what the device does with what comes out, enum scenario_takes
 * @held: what it keeps until it takes again
 * @began_ns: when the last event began
 * @base_ns: when it was over; the next line's time counts from here
 * @tolerance_ns: how far a segment may be from its time
 * @flows: peers
 * @olds: what "renew" has kept of them
 * @flow: the one that lines mean
 * @socks: sockets in the order of their making
 * @nsocks: how many
 * @current_sock: the one that lines mean, an index; -1: none yet
 * @listener: the one that accept means, an index; -1: none yet
 * @thread: a call that may block
 * @fail_nth: the allocation that fails in the next event, 0 for none
 * @failing: what current->fail_nth was while the harness itself allocates
 * @short_of_memory: the last event had as many allocations, so one failed
 * @counters: values when last mentioned
 * @line: line being played
 * @number: its number
 * @linear: what comes lies in one piece, whatever the family
 * @heavy: it lies in a page, whatever the family, and costs all of it
 * @lenient: what comes out and is not asked for does not matter
 * @failed: something was wrong, and nothing more is played
 */
struct scenario {
	struct kunit *test;
	const struct scenario_family *family;
	struct net *net;
	u8 protocol;
	struct net_device *dev;
	spinlock_t lock; /* captured */
	struct list_head captured;
	struct task_struct *waiter;
	u8 takes;
	struct sk_buff_head held;
	u64 began_ns;
	u64 base_ns;
	u64 tolerance_ns;
	struct scenario_flow flows[SCENARIO_FLOWS];
	struct scenario_flow olds[SCENARIO_FLOWS];
	struct scenario_flow *flow;
	struct scenario_sock socks[SCENARIO_SOCKS];
	int nsocks;
	int current_sock;
	int listener;
	struct scenario_thread thread;
	u32 fail_nth;
	u32 failing;
	bool short_of_memory;
	u64 counters[RILL_CNT_MAX];
	const char *line;
	int number;
	bool linear;
	bool heavy;
	bool lenient;
	bool failed;
};

/* scenario.c: what suites use */
const void *scenario_family_next(const void *prev, char *desc);
RILL_KUNIT_PARAMS(scenario_families);
int scenario_init(struct kunit *test);
int scenario_init_tcp(struct kunit *test);
void scenario_exit(struct kunit *test);
bool scenario_run(struct kunit *test, const char *script);
struct sock *scenario_sk(struct kunit *test);

__printf(2, 3)
void scenario_fail(struct scenario *s, const char *fmt, ...);
void scenario_sleep_until(u64 at_ns);
u64 scenario_now(void);

/* scenario.c: allocations that fail, in an event of the script only */
void scenario_memory_short(struct scenario *s);
void scenario_memory_back(struct scenario *s);
void scenario_memory_pause(struct scenario *s);
void scenario_memory_resume(struct scenario *s);

/* scenario_text.c: the language */
char *scenario_word(char **text);
bool scenario_value(const char *word, u32 *value);
bool scenario_next_value(char **text, u32 *value);
bool scenario_number(const char *word, struct scenario_number *number);
bool scenario_duration(const char *word, u64 *ns);
bool scenario_errno(const char *word, int *err);
const char *scenario_errno_name(int err);
bool scenario_segment_read(struct scenario *s, char *text,
			   struct scenario_segment *seg);
void scenario_segment_print(const struct scenario *s,
			    const struct scenario_segment *seg,
			    char *buf, size_t size);
u8 scenario_byte(bool ours, u32 offset);

/* scenario_wire.c: the segments */
struct scenario_segment *scenario_capture(struct scenario *s,
					  const struct sk_buff *skb);
void scenario_inject(struct scenario *s, struct scenario_segment *seg);
void scenario_inject_icmp(struct scenario *s, char *text);
void scenario_page(struct sk_buff *skb, u32 keep, u32 truesize);
void scenario_expect(struct scenario *s, struct scenario_segment *want,
		     u64 least_ns, u64 most_ns);

/* scenario_device.c: the network */
void scenario_device_setup(struct net_device *dev);
int scenario_device_create(struct scenario *s);
void scenario_device_destroy(struct scenario *s);
int scenario_device_mss(struct scenario *s, u32 mss);
void scenario_device_takes(struct scenario *s, u8 takes);
void scenario_device_purge(struct scenario *s);
int scenario_device_address(struct net_device *dev, u8 family, u8 prefix,
			    const void *addr, int len);
int scenario_suite_init(struct kunit_suite *suite);
void scenario_suite_exit(struct kunit_suite *suite);

/* scenario_call.c: the sockets */
bool scenario_call(struct scenario *s, const char *verb, char *args);
void scenario_call_close_all(struct scenario *s);
bool scenario_outcome(struct scenario *s, char *args, int usual, int got);
struct sock *scenario_current(struct scenario *s);

/* scenario_thread.c: calls that block */
void scenario_thread_start(struct scenario *s, char *args);
void scenario_thread_signal(struct scenario *s);
void scenario_thread_returned(struct scenario *s, char *args, u64 least_ns,
			      u64 most_ns);
void scenario_thread_end(struct scenario *s);
bool scenario_in_thread(const struct scenario *s);

/* scenario_check.c: what the module says of itself */
bool scenario_check(struct scenario *s, const char *verb, char *args);
void scenario_check_start(struct scenario *s);
void scenario_check_account(struct scenario *s);
void scenario_check_end(struct scenario *s);
void scenario_check_nothing_left(struct kunit *test,
				 const struct rill_net *rnet);
void scenario_key(const struct scenario *s, struct rill_key *key);

#endif /* _RILL_SCENARIO_H */
