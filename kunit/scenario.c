// SPDX-License-Identifier: GPL-2.0
/* The fixture of scenarios, and the player of a script. */
#include <linux/delay.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include "../module/connection/inside.h"
#include "scenario.h"

static const struct scenario_family families[] = {
	{ "ipv4", AF_INET, AF_INET },
	{ "ipv6", AF_INET6, AF_INET6 },
	{ "mapped", AF_INET6, AF_INET, true },
};

/**
 * scenario_family_next() - the next of a scenario's parameters
 * @prev: the one before, NULL at first
 * @desc: its name goes here
 *
 * Context: process.
 * Return: the next, NULL after the last.
 */
const void *scenario_family_next(const void *prev, char *desc)
{
	const struct scenario_family *next = prev;

	next = next ? next + 1 : families;
	if (next == families + ARRAY_SIZE(families))
		return NULL;
	strscpy(desc, next->name, KUNIT_PARAM_DESC_SIZE);
	return next;
}

/* The generator of a scenario's parameters. */
RILL_KUNIT_PARAMS(scenario_families)
{
	return scenario_family_next(prev, desc);
}

/**
 * scenario_now() - what time it is
 *
 * On virtual time a look at the clock costs time, but not in softirq: then
 * looking on changes nothing.
 *
 * Context: any.
 * Return: ns of CLOCK_MONOTONIC.
 */
u64 scenario_now(void)
{
	u64 now;

	local_bh_disable();
	now = ktime_get_ns();
	local_bh_enable();
	return now;
}

/**
 * scenario_sleep_until() - let time pass
 * @at_ns: until when, CLOCK_MONOTONIC
 *
 * Context: process. Timers that were due by then have run.
 */
void scenario_sleep_until(u64 at_ns)
{
	ktime_t at = ns_to_ktime(at_ns);

	while (scenario_now() < at_ns) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule_hrtimeout_range(&at, 0, HRTIMER_MODE_ABS);
	}
}

/**
 * scenario_fail() - end the script as failed
 * @s: fixture
 * @fmt: what was wrong with the line
 *
 * Context: process.
 */
void scenario_fail(struct scenario *s, const char *fmt, ...)
{
	struct va_format text;
	va_list args;

	if (s->failed)
		return;
	s->failed = true;
	va_start(args, fmt);
	text.fmt = fmt;
	text.va = &args;
	KUNIT_FAIL(s->test, "line %d: %s\n    %pV", s->number, s->line, &text);
	va_end(args);
}

#ifdef CONFIG_FAULT_INJECTION
static u32 fail_nth_swap(u32 nth)
{
	u32 before = READ_ONCE(current->fail_nth);

	WRITE_ONCE(current->fail_nth, nth);
	return before;
}
#else
static u32 fail_nth_swap(u32 nth)
{
	return 0;
}
#endif

/**
 * scenario_memory_short() - an event begins in which an allocation may fail
 * @s: fixture
 *
 * Context: process, or bottom halves off, but not in softirq.
 */
void scenario_memory_short(struct scenario *s)
{
	fail_nth_swap(s->fail_nth);
}

/**
 * scenario_memory_back() - the event is over
 * @s: fixture
 *
 * Context: as scenario_memory_short().
 */
void scenario_memory_back(struct scenario *s)
{
	u32 left = fail_nth_swap(0);

	s->short_of_memory = s->fail_nth && !left;
	s->fail_nth = 0;
}

/**
 * scenario_memory_pause() - what follows is the harness's own allocation
 * @s: fixture
 *
 * Context: any.
 */
void scenario_memory_pause(struct scenario *s)
{
	s->failing = in_task() ? fail_nth_swap(0) : 0;
}

/**
 * scenario_memory_resume() - ... and is over
 * @s: fixture
 *
 * Context: as scenario_memory_pause().
 */
void scenario_memory_resume(struct scenario *s)
{
	if (in_task())
		fail_nth_swap(s->failing);
}

static void play_line(struct scenario *s, const char *line);

/* Play the lines that one line stands for. */
__printf(2, 3)
static void play_also(struct scenario *s, const char *fmt, ...)
{
	char text[SCENARIO_LINE];
	va_list args;

	if (s->failed)
		return;
	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	play_line(s, text);
}

/* The first word if it is a time, else 0; and what is left of the line. */
static u64 duration_or_zero(char **args)
{
	char word[SCENARIO_LINE], *rest = word;
	u64 ns = 0;

	strscpy(word, *args ?: "", sizeof(word));
	if (!scenario_duration(scenario_word(&rest), &ns))
		return 0;
	scenario_word(args);
	return ns;
}

/* "established [RTT] [<options of the SYN-ACK>]": by connect. */
static void verb_established(struct scenario *s, char *args)
{
	u64 rtt = duration_or_zero(&args);
	const char *opts = args && *args ? args : "<mss 1000>";

	play_also(s, "connect");
	play_also(s, "> S 0:0(0)");
	play_also(s, "+%lluns < SA 0:0(0) ack 1 win 65535 %s", rtt, opts);
	play_also(s, "> A 1:1(0) ack 1");
	play_also(s, "state ESTABLISHED");
}

/* "accepted [RTT] [<options of the SYN>]": by listen and accept. */
static void verb_accepted(struct scenario *s, char *args)
{
	u64 rtt = duration_or_zero(&args);
	const char *opts = args && *args ? args : "<mss 1000>";

	if (s->listener < 0)
		play_also(s, "listen");
	play_also(s, "< S 0:0(0) win 65535 %s", opts);
	play_also(s, "> SA 0:0(0) ack 1");
	play_also(s, "+%lluns < A 1:1(0) ack 1", rtt);
	play_also(s, "accept");
	play_also(s, "state ESTABLISHED");
}

/* "sent N of SIZE": the segments of what is sent come out at once. */
static void verb_sent(struct scenario *s, char *args)
{
	const struct scenario_sock *sock = &s->socks[s->current_sock];
	u32 bytes, size, at, len, seq, ack;
	const char *of = NULL;

	if (s->current_sock >= 0 && scenario_next_value(&args, &bytes))
		of = scenario_word(&args);
	if (!of || strcmp(of, "of") || !scenario_next_value(&args, &size) ||
	    !size) {
		scenario_fail(s, "not sent N of SIZE, or no socket");
		return;
	}
	seq = 1 + sock->sent;
	ack = 1 + sock->received;
	play_also(s, "send %u", bytes);
	for (at = 0; at < bytes; at += len) {
		len = min(size, bytes - at);
		play_also(s, "> %s %u:%u(%u) ack %u",
			  at + len < bytes ? "Ap" : "PA", seq + at,
			  seq + at + len, len, ack);
	}
}

/*
 * "into STATE [by shutdown] [RTT]": a connection is closed until it is in this
 * state, by the program first, or for CLOSE_WAIT and LAST_ACK by the peer.
 */
static void verb_into(struct scenario *s, char *args)
{
	const char *state = scenario_word(&args) ?: "", *call = "close";
	const struct scenario_sock *sock = &s->socks[s->current_sock];
	bool closing = !strcmp(state, "CLOSING");
	u32 ours, its;
	u64 rtt;

	if (s->current_sock < 0) {
		scenario_fail(s, "no socket");
		return;
	}
	if (args && str_has_prefix(args, "by shutdown")) {
		args += strlen("by shutdown");
		call = "shutdown wr";
	}
	rtt = duration_or_zero(&args);
	ours = 1 + sock->sent;
	its = 1 + sock->received;
	if (!strcmp(state, "CLOSE_WAIT") || !strcmp(state, "LAST_ACK")) {
		play_also(s, "+%lluns < FA %u:%u(0) ack %u", rtt, its, its,
			  ours);
		its++;
		play_also(s, "> A %u:%u(0) ack %u", ours, ours, its);
	}
	if (strcmp(state, "CLOSE_WAIT")) {
		play_also(s, "%s", call);
		play_also(s, "> FA %u:%u(0) ack %u", ours, ours, its);
		ours++;
	}
	if (!strcmp(state, "FIN_WAIT2"))
		play_also(s, "+%lluns < A %u:%u(0) ack %u", rtt, its, its,
			  ours);
	if (closing || !strcmp(state, "TIME_WAIT")) {
		play_also(s, "+%lluns < FA %u:%u(0) ack %u", rtt, its, its,
			  ours - closing);
		its++;
		play_also(s, "> A %u:%u(0) ack %u", ours, ours, its);
	}
	play_also(s, "state %s", state);
}

/* "await-wrap N": until our next initial sequence number is 2^32 - N. */
static void verb_await_wrap(struct scenario *s, char *args)
{
	struct rill_key key;
	u32 within, isn;

	if (!scenario_value(scenario_word(&args), &within)) {
		scenario_fail(s, "not await-wrap N");
		return;
	}
	scenario_key(s, &key);
	isn = rill_secure_isn(rill_net(s->net), &key, rill_now_ns());
	s->base_ns = scenario_now() + (u64)(u32)(-within - isn) * 4000;
	scenario_sleep_until(s->base_ns);
}

static void verb_quiet(struct scenario *s, char *args)
{
	u64 ns;

	if (!scenario_duration(scenario_word(&args), &ns)) {
		scenario_fail(s, "not quiet TIME");
		return;
	}
	s->base_ns += ns;
	scenario_sleep_until(s->base_ns);
}

static void verb_tolerance(struct scenario *s, char *args)
{
	if (!scenario_duration(scenario_word(&args), &s->tolerance_ns))
		scenario_fail(s, "not tolerance TIME");
}

static void verb_mss(struct scenario *s, char *args)
{
	u32 mss;

	if (!scenario_value(scenario_word(&args), &mss) ||
	    scenario_device_mss(s, mss))
		scenario_fail(s, "the device does not take this MSS");
}

static void flow_reset(struct scenario_flow *flow, u16 rport)
{
	*flow = (struct scenario_flow){
		.rport = rport,
		.iss = SCENARIO_ISS,
		.irs = SCENARIO_IRS,
		.peer_wnd = 65535,
		.ts_base = SCENARIO_TS_BASE,
		.start_ns = scenario_now(),
	};
}

/* "use N": the socket that lines mean from now on, in the order of making. */
static void verb_use(struct scenario *s, char *args)
{
	u32 which;

	if (!scenario_value(scenario_word(&args), &which) ||
	    which >= s->nsocks)
		scenario_fail(s, "no such socket");
	else
		s->current_sock = which;
}

/* "flow N": the peer's port that lines mean from now on. */
static void verb_flow(struct scenario *s, char *args)
{
	u32 which;

	if (!scenario_value(scenario_word(&args), &which) ||
	    which >= SCENARIO_FLOWS)
		scenario_fail(s, "no such flow");
	else
		s->flow = &s->flows[which];
}

/* "forget": all that the flow has learnt, but not its ports. */
static void verb_forget(struct scenario *s, char *args)
{
	u16 lport = s->flow->lport;

	flow_reset(s->flow, s->flow->rport);
	s->flow->lport = lport;
}

/*
 * "renew": a new incarnation of the connection. "old" can use the numbers of
 * the old one; both clocks go on.
 */
static void verb_renew(struct scenario *s, char *args)
{
	struct scenario_flow *flow = s->flow;
	struct scenario_flow *old = &s->olds[flow - s->flows];

	*old = *flow;
	flow_reset(flow, old->rport);
	flow->lport = old->lport;
	flow->ts_first = old->ts_first;
	flow->ts_last = old->ts_last;
	flow->ts_last_ns = old->ts_last_ns;
	flow->ts_seen = old->ts_seen;
	flow->ts_base = old->ts_base;
	flow->start_ns = old->start_ns;
	flow->renewed = true;
	/* Holds until the peer's next SYN. */
	flow->theirs.has_rill = old->theirs.has_rill;
}

/*
 * "old" before a segment: it has the numbers of the old incarnation. Returns
 * the flow to go back to.
 */
static struct scenario_flow *flow_of_segment(struct scenario *s, char **args)
{
	struct scenario_flow *flow = s->flow;

	*args = skip_spaces(*args ?: "");
	if (strncmp(*args, "old ", 4))
		return flow;
	*args += 4;
	s->flow = &s->olds[flow - s->flows];
	return flow;
}

/* "port N": ours, where neither a SYN of ours nor listen tells it. */
static void verb_port(struct scenario *s, char *args)
{
	u32 port;

	if (!scenario_value(scenario_word(&args), &port))
		scenario_fail(s, "not port N");
	else
		s->flow->lport = port;
}

/* "iss N": ours, where no SYN of ours tells it. */
static void verb_iss(struct scenario *s, char *args)
{
	if (!scenario_value(scenario_word(&args), &s->flow->iss))
		scenario_fail(s, "not iss N");
}

static void verb_irs(struct scenario *s, char *args)
{
	if (!scenario_value(scenario_word(&args), &s->flow->irs))
		scenario_fail(s, "not irs N");
}

static void verb_tsbase(struct scenario *s, char *args)
{
	if (!scenario_value(scenario_word(&args), &s->flow->ts_base))
		scenario_fail(s, "not tsbase N");
}

/*
 * "suspended TIME": this host was suspended for so long, and its clock of
 * deadlines stood still. The peers' clocks went on, and so did that since boot.
 */
static void verb_suspended(struct scenario *s, char *args)
{
	unsigned int i;
	u64 ns;

	if (!scenario_duration(scenario_word(&args), &ns)) {
		scenario_fail(s, "not suspended TIME");
		return;
	}
	rill_kunit_suspended_ns += ns;
	for (i = 0; i < SCENARIO_FLOWS; i++) {
		s->flows[i].start_ns -= ns;
		s->olds[i].start_ns -= ns;
	}
}

/* "fail N": the next event's allocation number N fails. */
static void verb_fail(struct scenario *s, char *args)
{
	if (!scenario_value(scenario_word(&args), &s->fail_nth))
		scenario_fail(s, "not fail N");
}

/* "blocking CALL", "signal": see scenario_thread.c. */
static void verb_blocking(struct scenario *s, char *args)
{
	scenario_thread_start(s, args);
	s->base_ns = scenario_now();
}

static void verb_signal(struct scenario *s, char *args)
{
	scenario_thread_signal(s);
}

static void verb_inject(struct scenario *s, char *args)
{
	struct scenario_flow *flow = flow_of_segment(s, &args);
	struct scenario_segment seg = {};

	if (!strncmp(args, "icmp ", 5))
		scenario_inject_icmp(s, args + 5);
	else if (scenario_segment_read(s, args, &seg))
		scenario_inject(s, &seg);
	s->flow = flow;
}

/* "ignore": the segments sent so far do not matter. */
static void verb_ignore(struct scenario *s, char *args)
{
	scenario_device_purge(s);
}

/* "linear": packets from now on are linear. */
static void verb_linear(struct scenario *s, char *args)
{
	s->linear = true;
}

/* "heavy": each packet from now on takes a whole page. */
static void verb_heavy(struct scenario *s, char *args)
{
	s->heavy = true;
}

/* "lenient" and "strict": may segments come out that no line asks for? */
static void verb_lenient(struct scenario *s, char *args)
{
	s->lenient = true;
}

static void verb_strict(struct scenario *s, char *args)
{
	s->lenient = false;
}

/* "device WORD": what it does with packets. */
static void verb_device(struct scenario *s, char *args)
{
	static const char *const words[] = {
		[SCENARIO_TAKES]	= "takes",
		[SCENARIO_REFUSES]	= "refuses",
		[SCENARIO_SLOWS]	= "slows",
		[SCENARIO_HOLDS]	= "holds",
	};
	const char *word = scenario_word(&args);
	int i;

	for (i = 0; word && i < ARRAY_SIZE(words); i++)
		if (!strcmp(word, words[i])) {
			scenario_device_takes(s, i);
			return;
		}
	scenario_fail(s, "not device takes, refuses, slows or holds");
}

static const struct {
	const char *verb;
	void (*play)(struct scenario *s, char *args);
	bool event;	/* before which all that came out was asked for */
} verbs[] = {
	{ "<", verb_inject, true },
	{ "accepted", verb_accepted, true },
	{ "await-wrap", verb_await_wrap, true },
	{ "blocking", verb_blocking, true },
	{ "device", verb_device, true },
	{ "established", verb_established, true },
	{ "fail", verb_fail, false },
	{ "flow", verb_flow, false },
	{ "forget", verb_forget, false },
	{ "heavy", verb_heavy, false },
	{ "ignore", verb_ignore, false },
	{ "into", verb_into, true },
	{ "irs", verb_irs, false },
	{ "iss", verb_iss, false },
	{ "lenient", verb_lenient, false },
	{ "linear", verb_linear, false },
	{ "mss", verb_mss, false },
	{ "port", verb_port, false },
	{ "quiet", verb_quiet, true },
	{ "renew", verb_renew, false },
	{ "sent", verb_sent, true },
	{ "signal", verb_signal, true },
	{ "strict", verb_strict, false },
	{ "suspended", verb_suspended, false },
	{ "tolerance", verb_tolerance, false },
	{ "tsbase", verb_tsbase, false },
	{ "use", verb_use, false },
};

/* No segment may have come out that no line asked for. */
static bool play_nothing_more(struct scenario *s)
{
	struct scenario_segment *seg;
	char text[SCENARIO_LINE];

	if (s->lenient)
		scenario_device_purge(s);
	spin_lock_bh(&s->lock);
	seg = list_first_entry_or_null(&s->captured, struct scenario_segment,
				       node);
	if (seg)
		list_del(&seg->node);
	spin_unlock_bh(&s->lock);
	if (!seg)
		return true;
	scenario_segment_print(s, seg, text, sizeof(text));
	scenario_fail(s, "before it came, %lld ns after the last event: %s",
		      (s64)(seg->at_ns - s->base_ns), text);
	kfree(seg);
	return false;
}

/*
 * "+TIME", "+TIME~TIME" or "+*" at the beginning of a line: how long after the
 * last event. Without it, at the same time.
 */
static bool play_when(struct scenario *s, char **line, u64 *least, u64 *most)
{
	char *word, *end;

	*least = 0;
	*most = 0;
	if (**line != '+')
		return true;
	word = scenario_word(line) + 1;
	if (!strcmp(word, "*")) {
		*most = 24ULL * 3600 * NSEC_PER_SEC;
		return true;
	}
	end = strchr(word, '~');
	if (end)
		*end++ = 0;
	if (!scenario_duration(word, least) ||
	    (end && !scenario_duration(end, most))) {
		scenario_fail(s, "not a time");
		return false;
	}
	*most = end ? *most : *least;
	return true;
}

static void play_expect(struct scenario *s, char *args, u64 least, u64 most)
{
	struct scenario_flow *flow = flow_of_segment(s, &args);
	struct scenario_segment want = {};

	if (!scenario_segment_read(s, args, &want))
		return;
	/* A call takes time: each look at the clock does (see scenario_now). */
	least = least ? s->base_ns + least : s->began_ns;
	most += s->base_ns;
	scenario_expect(s, &want, least - s->tolerance_ns,
			most + s->tolerance_ns);
	s->flow = flow;
	s->began_ns = s->base_ns;
}

static void play_returned(struct scenario *s, char *args, u64 least, u64 most)
{
	least = least ? s->base_ns + least : s->began_ns;
	most += s->base_ns;
	scenario_thread_returned(s, args, least - s->tolerance_ns,
				 most + s->tolerance_ns);
	s->began_ns = s->base_ns;
}

/* A call and a segment are events, from which the next line's time counts. */
static void play_verb(struct scenario *s, const char *verb, char *args)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(verb, verbs[i].verb))
			continue;
		if (verbs[i].event && !play_nothing_more(s))
			return;
		verbs[i].play(s, args);
		if (*verb == '<')
			s->base_ns = scenario_now();
		return;
	}
	if (scenario_check(s, verb, args) || !play_nothing_more(s))
		return;
	if (scenario_call(s, verb, args))
		s->base_ns = scenario_now();
	else
		scenario_fail(s, "no such command");
}

static void play_line(struct scenario *s, const char *line)
{
	char text[SCENARIO_LINE], *rest = text;
	const char *outer = s->line;
	u64 least, most;
	char *verb;

	line = skip_spaces(line);
	if (!*line || *line == '#')
		return;
	s->line = line;
	if (strscpy(text, line, sizeof(text)) < 0) {
		scenario_fail(s, "too long");
		return;
	}
	if (!play_when(s, &rest, &least, &most))
		return;
	verb = scenario_word(&rest);
	if (!verb) {
		scenario_fail(s, "only a time");
	} else if (!strcmp(verb, ">")) {
		play_expect(s, rest, least, most);
	} else if (!strcmp(verb, "returned")) {
		play_returned(s, rest, least, most);
	} else if (least != most) {
		scenario_fail(s, "an action needs one time");
	} else {
		s->base_ns += least;
		if (least)
			scenario_sleep_until(s->base_ns);
		s->began_ns = s->base_ns;
		play_verb(s, verb, rest);
	}
	scenario_check_account(s);
	if (!s->failed)
		s->line = outer;
}

/*
 * From here on a segment that comes out wakes this task. The task may end
 * before the next one takes its place, while a timer of the case goes on
 * sending.
 */
static void scenario_wait_here(struct scenario *s)
{
	struct task_struct *before = s->waiter;

	s->waiter = get_task_struct(current);
	if (before)
		put_task_struct(before);
}

/**
 * scenario_run() - play a script
 * @test: case of a suite whose init is scenario_init()
 * @script: lines, each ended by a newline; see kunit/README.md
 *
 * A later script of the same case goes on where the one before ended.
 *
 * Context: process.
 * Return: true if all came as the script says.
 */
bool scenario_run(struct kunit *test, const char *script)
{
	struct scenario *s = test->priv;
	char *line, *lines, *rest;

	if (s->failed)
		return false;
	lines = kstrdup(script, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, lines);
	scenario_wait_here(s);
	s->number = 0;
	for (rest = lines; !s->failed && (line = strsep(&rest, "\n"));) {
		s->number++;
		play_line(s, line);
	}
	if (!s->failed) {
		s->line = "(end of the script)";
		play_nothing_more(s);
	}
	s->line = NULL;
	kfree(lines);
	return !s->failed;
}

/**
 * scenario_sk() - the socket that lines mean
 * @test: case of a suite whose init is scenario_init()
 *
 * Context: process.
 * Return: the socket, or NULL if there is none or it is closed.
 */
struct sock *scenario_sk(struct kunit *test)
{
	return scenario_current(test->priv);
}

static int scenario_start(struct kunit *test, u8 protocol)
{
	struct scenario *s;
	int i;

	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	test->priv = s;
	s->test = test;
	s->net = rill_kunit_net;
	s->protocol = protocol;
	s->family = test->param_value ?: families;
	scenario_wait_here(s);
	s->tolerance_ns = NSEC_PER_USEC;
	s->current_sock = -1;
	s->listener = -1;
	spin_lock_init(&s->lock);
	INIT_LIST_HEAD(&s->captured);
	for (i = 0; i < SCENARIO_FLOWS; i++)
		flow_reset(&s->flows[i], SCENARIO_PEER_PORT + i);
	s->flow = s->flows;
	scenario_check_start(s);
	i = scenario_device_create(s);
	s->base_ns = scenario_now();
	return i;
}

/**
 * scenario_init() - init of a suite of scenarios
 * @test: case; its parameter is from scenario_families(), or it has none
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int scenario_init(struct kunit *test)
{
	return scenario_start(test, rill_protocol);
}

/**
 * scenario_init_tcp() - the same for scenarios of the kernel's own TCP
 * @test: case
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int scenario_init_tcp(struct kunit *test)
{
	return scenario_start(test, IPPROTO_TCP);
}

/**
 * scenario_exit() - exit of a suite of scenarios
 * @test: case
 *
 * Context: process.
 */
void scenario_exit(struct kunit *test)
{
	struct scenario *s = test->priv;

	if (!s)
		return;
	scenario_wait_here(s);
	scenario_device_takes(s, SCENARIO_TAKES);
	scenario_thread_end(s);
	scenario_call_close_all(s);
	scenario_check_end(s);
	rill_kunit_suspended_ns = 0;
	scenario_device_destroy(s);
	put_task_struct(s->waiter);
	kfree(s);
	test->priv = NULL;
}
