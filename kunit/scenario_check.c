// SPDX-License-Identifier: GPL-2.0
/*
 * How scenarios look inside the module: states, counters, tunables, queues; and
 * the check at the end of each case that nothing of it is left.
 */
#include <asm/ioctls.h>
#include <linux/sockios.h>
#include "../module/connection/inside.h"
#include "../module/control/inside.h"
#include "../module/network/inside.h"
#include "../module/socket/inside.h"
#include "../module/transfer/transfer.h"
#include "scenario.h"

static const struct {
	const char *name;
	size_t at;
	int numbers;
} tunables[] = {
#define X(name, def, least, most, when, meaning) \
	{ #name, offsetof(struct rill_tunables, name), 1 },
	RILL_TUNABLES(X)
#undef X
#define X(name, least, def, most, when, meaning) \
	{ #name, offsetof(struct rill_tunables, name), 3 },
	RILL_TUNABLE_TRIPLES(X)
#undef X
};

/**
 * scenario_key() - the key of the current flow
 * @s: fixture
 * @key: filled in
 *
 * Context: any.
 */
void scenario_key(const struct scenario *s, struct rill_key *key)
{
	memset(key, 0, sizeof(*key));
	if (s->family->wire == AF_INET) {
		ipv6_addr_set_v4mapped(htonl(0xc0000201), &key->laddr);
		ipv6_addr_set_v4mapped(htonl(0xc0000202), &key->raddr);
	} else {
		key->laddr.s6_addr32[0] = htonl(0x20010db8);
		key->laddr.s6_addr32[3] = htonl(1);
		key->raddr.s6_addr32[0] = htonl(0x20010db8);
		key->raddr.s6_addr32[3] = htonl(2);
	}
	key->lport = htons(s->flow->lport);
	key->rport = htons(s->flow->rport);
}

/* The state of the connection in the table, 0 if there is none. */
static int state_in_table(struct scenario *s)
{
	struct rill_entry *entry;
	struct rill_key key;
	int state = 0;

	if (s->protocol != rill_protocol)
		return 0;
	scenario_key(s, &key);
	rcu_read_lock();
	entry = rill_table_lookup(rill_net(s->net), &key);
	if (entry && entry->kind == RILL_KIND_SOCK)
		state = container_of(entry, struct rill_sock, entry)
				->inet.sk.sk_state;
	else if (entry && entry->kind == RILL_KIND_TIMEWAIT)
		state = container_of(entry, struct rill_timewait, entry)->state;
	else if (entry)
		state = TCP_SYN_RECV;
	rcu_read_unlock();
	return state;
}

/* "state NAME": of the current flow, else of the current socket. */
static void check_state(struct scenario *s, char *args)
{
	const char *word = scenario_word(&args);
	struct sock *sk = scenario_current(s);
	int state = state_in_table(s);

	if (!state)
		state = sk ? sk->sk_state : TCP_CLOSE;
	if (!word || strcmp(word, rill_state_name(state)))
		scenario_fail(s, "state is %s (%d)", rill_state_name(state),
			      state);
}

/* "counter NAME +N": since the start of the script or the last mention. */
static void check_counter(struct scenario *s, char *args)
{
	const char *name = scenario_word(&args);
	const char *word = scenario_word(&args);
	u64 now, grown;
	u32 want;
	int i;

	for (i = 0; name && i < RILL_CNT_MAX; i++) {
		if (!strcmp(name, rill_counter_name(i)))
			break;
	}
	if (!name || i == RILL_CNT_MAX) {
		scenario_fail(s, "no such counter");
		return;
	}
	if (!word || *word != '+' || !scenario_value(word + 1, &want)) {
		scenario_fail(s, "not counter NAME +N");
		return;
	}
	now = rill_counter_read(rill_net(s->net), i);
	grown = now - s->counters[i];
	s->counters[i] = now;
	if (grown != want)
		scenario_fail(s, "it grew by %llu", grown);
}

static const struct {
	const char *name;
	enum rill_tunable_id id;
} named_tunables[] = {
#define X(name, ...) { #name, RILL_TUNE_##name },
	RILL_TUNABLE_NAMES(X)
#undef X
};

/* Set a tunable that is a name; false if it is none. */
static bool check_named_tunable(struct scenario *s, const char *name,
				char *args)
{
	size_t i;

	for (i = 0; name && i < ARRAY_SIZE(named_tunables); i++) {
		if (strcmp(name, named_tunables[i].name))
			continue;
		if (rill_tunable_store(&rill_net(s->net)->tunables,
				       named_tunables[i].id,
				       scenario_word(&args) ?: ""))
			scenario_fail(s, "not one of its names");
		return true;
	}
	return false;
}

/* "tunable NAME VALUE..." */
static void check_tunable(struct scenario *s, char *args)
{
	const char *name = scenario_word(&args);
	u32 *words, value;
	size_t i;
	int n;

	if (check_named_tunable(s, name, args))
		return;
	for (i = 0; name && i < ARRAY_SIZE(tunables); i++) {
		if (!strcmp(name, tunables[i].name))
			break;
	}
	if (!name || i == ARRAY_SIZE(tunables)) {
		scenario_fail(s, "no such tunable");
		return;
	}
	words = (void *)&rill_net(s->net)->tunables + tunables[i].at;
	for (n = 0; n < tunables[i].numbers; n++) {
		if (!scenario_value(scenario_word(&args), &value)) {
			scenario_fail(s, "not enough numbers");
			return;
		}
		WRITE_ONCE(words[n], value);
	}
}

/* "inq = N", "outq = N", "atmark = N": what SIOCINQ and its kin return. */
static void check_queue(struct scenario *s, char *args, int cmd)
{
	struct sock *sk = scenario_current(s);
	int answer = 0, err;

	if (!sk) {
		scenario_fail(s, "no socket, or it is closed");
		return;
	}
	err = rill_queue_size(sk, cmd, &answer);
	scenario_outcome(s, args, 0, err ?: answer);
}

/* "cwnd = N" and the like: a number of the current socket. */
static bool check_number(struct scenario *s, const char *verb, char *args)
{
	const struct sock *sk = scenario_current(s);
	const struct rill_sock *rs = rill_sk(sk);
	u32 got;

	if (!strcmp(verb, "cwnd"))
		got = sk ? rs->cc.cwnd : 0;
	else if (!strcmp(verb, "ssthresh"))
		got = sk ? rs->cc.ssthresh : 0;
	else
		return false;
	if (sk)
		scenario_outcome(s, args, 0, min_t(u32, got, INT_MAX));
	else
		scenario_fail(s, "no socket, or it is closed");
	return true;
}

/* "congestion NAME": the algorithm of the current socket. */
static void check_congestion(struct scenario *s, char *args)
{
	const struct sock *sk = scenario_current(s);
	const char *word = scenario_word(&args);

	if (!sk || !word)
		scenario_fail(s, "no socket, or no name");
	else if (strcmp(rill_sk(sk)->cc.ops->name, word))
		scenario_fail(s, "it is %s", rill_sk(sk)->cc.ops->name);
}

/* "wraps N": our initial sequence number is within N of the wrap. */
static void check_wraps(struct scenario *s, char *args)
{
	u32 within;

	if (!scenario_value(scenario_word(&args), &within))
		scenario_fail(s, "not wraps N");
	else if (-s->flow->iss > within)
		scenario_fail(s, "ours is %u, %u before the wrap",
			      s->flow->iss, -s->flow->iss);
}

/*
 * "iss-gain LEAST [MOST]": how far our sequence numbers begin beyond those of
 * the old incarnation.
 */
static void check_iss_gain(struct scenario *s, char *args)
{
	u32 gain = s->flow->iss - s->olds[s->flow - s->flows].iss;
	u32 least, most;

	if (!scenario_next_value(&args, &least)) {
		scenario_fail(s, "not iss-gain LEAST [MOST]");
		return;
	}
	if (!scenario_next_value(&args, &most))
		most = least;
	if (!s->flow->iss_known)
		scenario_fail(s, "no SYN of ours has come out");
	else if (gain - least > most - least)
		scenario_fail(s, "they begin %u beyond", gain);
}

/**
 * scenario_check() - do the line if it asks the module about itself
 * @s: fixture, whose script fails if the answer is not the line's
 * @verb: first word
 * @args: the rest; is changed
 *
 * Context: process.
 * Return: false if @verb is not of this kind.
 */
bool scenario_check(struct scenario *s, const char *verb, char *args)
{
	if (!strcmp(verb, "state"))
		check_state(s, args);
	else if (!strcmp(verb, "counter"))
		check_counter(s, args);
	else if (!strcmp(verb, "tunable"))
		check_tunable(s, args);
	else if (!strcmp(verb, "inq"))
		check_queue(s, args, SIOCINQ);
	else if (!strcmp(verb, "outq"))
		check_queue(s, args, SIOCOUTQ);
	else if (!strcmp(verb, "atmark"))
		check_queue(s, args, SIOCATMARK);
	else if (!strcmp(verb, "iss-gain"))
		check_iss_gain(s, args);
	else if (!strcmp(verb, "wraps"))
		check_wraps(s, args);
	else if (!strcmp(verb, "congestion"))
		check_congestion(s, args);
	else
		return check_number(s, verb, args);
	return true;
}

/*
 * The defaults, but without what would repair a loss before the timer that most
 * scenarios are about: a script that wants it turns it on.
 */
static void scenario_tunables_init(struct rill_net *rnet)
{
	rill_tunables_init(&rnet->tunables);
	rnet->tunables.tlp = 0;
	/* A timeout backs off as RFC 6298 has it. */
	rnet->tunables.linear_timeouts = 0;
	/* Most scripts want to see the delayed ACK of the first data. */
	rnet->tunables.quick_acks = 0;
	/* Times are checked to the microsecond. */
	rnet->tunables.timer_slack_us = 0;
}

/**
 * scenario_check_start() - put the namespace in the state that scripts expect
 * @s: fixture
 *
 * Context: process.
 */
void scenario_check_start(struct scenario *s)
{
	struct rill_net *rnet = rill_net(s->net);
	int i;

	scenario_tunables_init(rnet);
	/*
	 * As if the listener had sent no SYN cookie, so that it expects none.
	 */
	rnet->cookies.since_ns = 0;
	for (i = 0; i < RILL_CNT_MAX; i++)
		s->counters[i] = rill_counter_read(rnet, i);
}

/**
 * scenario_check_account() - see that no socket holds what is not accounted
 * @s: fixture
 *
 * What a socket was given beyond what it asked the account for is negative.
 *
 * Context: process.
 */
void scenario_check_account(struct scenario *s)
{
	const struct sock *sk;
	int i;

	for (i = 0; i < s->nsocks; i++) {
		if (!s->socks[i].sock)
			continue;
		sk = s->socks[i].sock->sk;
		if (READ_ONCE(sk->sk_forward_alloc) < 0)
			scenario_fail(s, "socket %d holds %d bytes that are not in the account",
				      i, -READ_ONCE(sk->sk_forward_alloc));
	}
}

/* Pages in the account of all sockets, on all CPUs. */
static long account(void)
{
	long pages = atomic_long_read(rill_prot.memory_allocated);
	int cpu;

	for_each_possible_cpu(cpu)
		pages += *per_cpu_ptr(rill_prot.per_cpu_fw_alloc, cpu);
	return pages;
}

/**
 * scenario_check_nothing_left() - see that every connection has ended
 * @test: the case, which fails if one has not
 * @rnet: the namespace
 *
 * Context: process.
 */
void scenario_check_nothing_left(struct kunit *test,
				 const struct rill_net *rnet)
{
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&rnet->table.nelems), 0,
			    "connections are left in the table");
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&rnet->orphans), 0,
			    "orphans are still counted");
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&rnet->timewaits), 0,
			    "time-wait entries are still counted");
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&rnet->requests), 0,
			    "half-open connections are still counted");
	KUNIT_EXPECT_EQ_MSG(test, account(), 0,
			    "memory is still in the account");
	KUNIT_EXPECT_TRUE_MSG(test, rill_port_idle(rnet),
			      "local ports are still in use");
}

/**
 * scenario_check_end() - end what the script left and see that it has ended
 * @s: fixture, whose sockets are closed
 *
 * Context: process.
 */
void scenario_check_end(struct scenario *s)
{
	struct rill_net *rnet = rill_net(s->net);

	rill_net_close_all(rnet);
	rill_tunables_init(&rnet->tunables);
	scenario_check_nothing_left(s->test, rnet);
}
