// SPDX-License-Identifier: GPL-2.0
/*
 * The two programs of a storm. One thread plays both, with calls that do not
 * block. A call that returns EAGAIN is made again when the socket wakes its
 * wait queue, and not before, so that a lost wake-up stops the storm.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sockptr.h>
#include <linux/tcp.h>
#include "../module/control/inside.h"
#include "scenario.h"
#include "storm.h"

#define STORM_END_NS	(900 * NSEC_PER_SEC)	/* a script is over by then */
#define STORM_GONE_NS	(300 * NSEC_PER_SEC)	/* and what it left behind */

/* Read buffer. */
static u8 *storm_buffer;

/**
 * storm_program_init() - make what programs write and read
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int storm_program_init(void)
{
	storm_buffer = kvmalloc(STORM_PERIOD, GFP_KERNEL);
	if (!storm_buffer)
		return -ENOMEM;
	return storm_stream_init();
}

/**
 * storm_program_exit() - free it
 *
 * Context: process.
 */
void storm_program_exit(void)
{
	storm_stream_exit();
	kvfree(storm_buffer);
	storm_buffer = NULL;
}

__printf(3, 4)
static void program_fail(struct storm *s, enum storm_side side,
			 const char *fmt, ...)
{
	struct va_format text;
	va_list args;

	va_start(args, fmt);
	text.fmt = fmt;
	text.va = &args;
	spin_lock_bh(&s->lock);
	storm_fail(s, "the program of the %s: %pV",
		   side == STORM_CLIENT ? "client" : "server", &text);
	spin_unlock_bh(&s->lock);
	va_end(args);
}

__printf(3, 4)
static void program_event(struct storm *s, enum storm_side side,
			  const char *fmt, ...)
{
	struct va_format text;
	va_list args;

	va_start(args, fmt);
	text.fmt = fmt;
	text.va = &args;
	spin_lock_bh(&s->lock);
	storm_event(s, "%c %pV", side == STORM_CLIENT ? '>' : '<', &text);
	spin_unlock_bh(&s->lock);
	va_end(args);
}

/* ---- waiting ----------------------------------------------------------- */

static int program_wake(struct wait_queue_entry *wait, unsigned int mode,
			int sync, void *key)
{
	struct storm_program *p = container_of(wait, struct storm_program,
					       wait);
	struct storm *s = wait->private;

	WRITE_ONCE(p->woken, true);
	WRITE_ONCE(s->woken, true);
	wake_up_process(s->player);
	return 0;
}

static void program_listen_to(struct storm *s, struct storm_program *p,
			      struct socket *sock)
{
	if (p->queue)
		remove_wait_queue(p->queue, &p->wait);
	p->queue = sock ? sk_sleep(sock->sk) : NULL;
	if (!sock)
		return;
	init_waitqueue_func_entry(&p->wait, program_wake);
	p->wait.private = s;
	add_wait_queue(p->queue, &p->wait);
	p->woken = true;
}

/* Wait until something happens, or until @at_ns. */
static void player_sleep(struct storm *s, u64 at_ns)
{
	ktime_t at = ns_to_ktime(at_ns);

	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(s->woken) || scenario_now() >= at_ns)
			break;
		schedule_hrtimeout_range(&at, 0, HRTIMER_MODE_ABS);
	}
	__set_current_state(TASK_RUNNING);
}

/* ---- sockets ----------------------------------------------------------- */

static void program_set(struct storm *s, enum storm_side side,
			struct socket *sock, int level, int option, void *value,
			int len)
{
	int err;

	if (level == SOL_SOCKET)
		err = sock_setsockopt(sock, level, option,
				      KERNEL_SOCKPTR(value), len);
	else
		err = sock->ops->setsockopt(sock, level, option,
					    KERNEL_SOCKPTR(value), len);
	/* Not every module has every algorithm. */
	if (err && option != TCP_CONGESTION)
		program_fail(s, side, "setsockopt(%d, %d) gives %d", level,
			     option, err);
}

static void program_set_number(struct storm *s, enum storm_side side,
			       struct socket *sock, int level, int option,
			       int value)
{
	if (value)
		program_set(s, side, sock, level, option, &value,
			    sizeof(value));
}

/* Set what must be set before the handshake. */
static void program_options(struct storm *s, enum storm_side side,
			    struct socket *sock)
{
	const struct storm_habit *h = &s->plan.habit[side];
	char name[16];

	program_set_number(s, side, sock, SOL_SOCKET, SO_RCVBUF, h->rcvbuf);
	program_set_number(s, side, sock, SOL_SOCKET, SO_SNDBUF, h->sndbuf);
	program_set_number(s, side, sock, SOL_TCP, TCP_MAXSEG, h->maxseg);
	program_set_number(s, side, sock, SOL_TCP, TCP_NODELAY, h->nodelay);
	program_set_number(s, side, sock, SOL_SOCKET, SO_RCVLOWAT, h->lowat);
	/* Compare all of the stream, urgent bytes too. */
	program_set_number(s, side, sock, SOL_SOCKET, SO_OOBINLINE, 1);
	if (h->congestion) {
		strscpy(name, h->congestion, sizeof(name));
		program_set(s, side, sock, SOL_TCP, TCP_CONGESTION, name,
			    strlen(name));
	}
}

static int program_address(const struct storm *s, enum storm_side side,
			   bool remote, u16 port, struct sockaddr_storage *to)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;
	struct sockaddr_in *four = (struct sockaddr_in *)to;
	struct in6_addr addr;

	storm_address(s, side, remote, &addr);
	memset(to, 0, sizeof(*to));
	if (s->plan.habit[side].v6) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(port);
		six->sin6_addr = addr;
		return sizeof(*six);
	}
	four->sin_family = AF_INET;
	four->sin_port = htons(port);
	four->sin_addr.s_addr = addr.s6_addr32[3];
	return sizeof(*four);
}

/*
 * As programs' sockets and not the kernel's own: they count in the namespace.
 */
static struct socket *program_socket(struct storm *s, enum storm_side side,
				     u16 port)
{
	struct sockaddr_storage to;
	struct socket *sock;
	int err, len;

	err = __sock_create(s->net, s->plan.habit[side].v6 ? AF_INET6 : AF_INET,
			    SOCK_STREAM, rill_protocol, &sock, 0);
	if (err) {
		program_fail(s, side, "socket() gives %d", err);
		return NULL;
	}
	len = program_address(s, side, false, port, &to);
	err = kernel_bind(sock, (struct rill_sockaddr *)&to, len);
	if (err)
		program_fail(s, side, "bind() gives %d", err);
	program_options(s, side, sock);
	return sock;
}

/* In the order of enum rill_tunable_id. */
static int tunable_id(const char *name)
{
	static const char *const names[] = {
#define X(name, ...) #name,
		RILL_TUNABLES(X)
		RILL_TUNABLE_TRIPLES(X)
		RILL_TUNABLE_NAMES(X)
#undef X
	};

	return match_string(names, ARRAY_SIZE(names), name);
}

/* The tunables that @side has while it makes its connection. */
static void program_tunables(struct storm *s, enum storm_side side)
{
	struct rill_tunables *all = &rill_net(s->net)->tunables;
	int i, id, err;

	rill_tunables_init(all);
	for (i = 0; i < s->plan.ntunables[side]; i++) {
		const struct storm_tunable *t = &s->plan.tunables[side][i];

		id = tunable_id(t->name);
		if (id < 0)
			continue;
		err = rill_tunable_store(all, id, t->value);
		if (err)
			program_fail(s, side, "tunable %s = %s gives %d",
				     t->name, t->value, err);
	}
}

/**
 * storm_probes_mtu() - does the module find out that long packets vanish?
 * @plan: drawn
 *
 * Context: process.
 * Return: true if it does, at both ends.
 */
bool storm_probes_mtu(const struct storm_plan *plan)
{
	int side, i;

	if (tunable_id("mtu_probing") < 0)
		return false;
	for (side = 0; side < STORM_SIDES; side++) {
		for (i = 0; i < plan->ntunables[side]; i++) {
			const struct storm_tunable *t = &plan->tunables[side][i];

			if (!strcmp(t->name, "mtu_probing") &&
			    !strcmp(t->value, "0"))
				return false;
		}
	}
	return true;
}

static void program_begin(struct storm *s, enum storm_side side,
			  struct socket *sock)
{
	struct storm_program *p = &s->program[side];

	p->sock = sock;
	p->read_at_ns = scenario_now();
	p->write_at_ns = p->read_at_ns;
	if (side == STORM_CLIENT)
		p->write_at_ns += s->plan.habit[side].linger_ns;
	program_listen_to(s, p, sock);
}

/* Make both ends, as far as calls do: then the client's SYN is on its way. */
static void programs_start(struct storm *s)
{
	struct storm_program *servant = &s->program[STORM_SERVANT];
	struct sockaddr_storage to;
	struct socket *client;
	int err, len;

	program_tunables(s, STORM_SERVANT);
	s->listener = program_socket(s, STORM_SERVANT, STORM_SERVER);
	if (!s->listener)
		return;
	err = kernel_listen(s->listener, 5);
	if (err)
		program_fail(s, STORM_SERVANT, "listen() gives %d", err);
	servant->read_at_ns = scenario_now() +
			      s->plan.habit[STORM_SERVANT].linger_ns;
	program_listen_to(s, servant, s->listener);

	program_tunables(s, STORM_CLIENT);
	client = program_socket(s, STORM_CLIENT, storm_client_port(s));
	if (!client)
		return;
	program_begin(s, STORM_CLIENT, client);
	len = program_address(s, STORM_CLIENT, true, STORM_SERVER, &to);
	err = kernel_connect(client, (struct rill_sockaddr *)&to, len, O_NONBLOCK);
	if (err != -EINPROGRESS)
		program_fail(s, STORM_CLIENT, "connect() gives %d", err);
	/* Each packet takes some time, so these are the server's again. */
	program_tunables(s, STORM_SERVANT);
}

/* ---- what they do ------------------------------------------------------ */

static bool program_accept(struct storm *s, u64 now)
{
	struct storm_program *p = &s->program[STORM_SERVANT];
	struct socket *sock;
	int err;

	if (now < p->read_at_ns || !READ_ONCE(p->woken))
		return false;
	WRITE_ONCE(p->woken, false);
	err = kernel_accept(s->listener, &sock, O_NONBLOCK);
	if (err == -EAGAIN)
		return false;
	if (err) {
		program_fail(s, STORM_SERVANT, "accept() gives %d", err);
		return true;
	}
	program_begin(s, STORM_SERVANT, sock);
	program_event(s, STORM_SERVANT, "accepts");
	return true;
}

static void program_cork(struct storm *s, enum storm_side side)
{
	struct storm_program *p = &s->program[side];
	int on = !p->corked;

	p->corked = on;
	program_set(s, side, p->sock, SOL_TCP, TCP_CORK, &on, sizeof(on));
}

/* It has written all: the end of its half, or of all. */
static bool program_ended(struct storm *s, enum storm_side side)
{
	const struct storm_habit *h = &s->plan.habit[side];
	struct storm_program *p = &s->program[side];
	int err;

	/* Before the end of the handshake close() would end both halves. */
	if (p->sock->sk->sk_state == TCP_SYN_SENT)
		return false;
	if (h->ending == STORM_HALF && !p->shut) {
		err = kernel_sock_shutdown(p->sock, SHUT_WR);
		if (err)
			program_fail(s, side, "shutdown() gives %d", err);
		p->shut = true;
		program_event(s, side, "shuts down");
		return true;
	}
	if (h->ending != STORM_FIRST && !p->eof)
		return false;
	program_event(s, side, "closes");
	program_listen_to(s, p, NULL);
	sock_release(p->sock);
	p->sock = NULL;
	p->closed = true;
	return true;
}

/* How much a program may have written so far, if they take turns. */
static u32 program_turn_end(const struct storm *s, enum storm_side side)
{
	u64 mine = s->plan.habit[side].bytes, turns = s->plan.turns;
	u64 others = s->plan.habit[storm_other(side)].bytes, read, i;

	if (!turns)
		return mine;
	/* Turns of the other program that have been read in full. */
	read = s->program[side].read;
	for (i = 0; i < turns; i++) {
		if (read < div64_u64(others * (i + 1), turns))
			break;
	}
	/* The client begins. */
	if (side == STORM_CLIENT)
		i = min(i + 1, turns);
	return div64_u64(mine * i, turns);
}

static bool program_write(struct storm *s, enum storm_side side, u64 now)
{
	const struct storm_habit *h = &s->plan.habit[side];
	struct storm_program *p = &s->program[side];
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	u32 end = program_turn_end(s, side);
	struct kvec vec;
	u32 len;
	int got;

	if (now < p->write_at_ns || p->write_blocks)
		return false;
	if (p->written == h->bytes)
		return program_ended(s, side);
	if (p->written == end)
		return false;

	if (storm_chance(&p->random, h->cork))
		program_cork(s, side);
	if (storm_chance(&p->random, h->more))
		msg.msg_flags |= MSG_MORE;
	if (h->urgent && storm_chance(&p->random, h->urgent))
		msg.msg_flags |= MSG_OOB;
	len = 1 + storm_below(&p->random, h->write_most);
	len = min(len, end - p->written);
	vec.iov_base = (void *)storm_stream(side, p->written, NULL);
	vec.iov_len = len;
	got = kernel_sendmsg(p->sock, &msg, &vec, 1, len);
	if (got == -EAGAIN) {
		p->write_blocks = true;
		return false;
	}
	if (got <= 0) {
		program_fail(s, side, "send() gives %d after %u bytes", got,
			     p->written);
		return true;
	}
	p->written += got;
	if (storm_chance(&p->random, h->write_gap))
		p->write_at_ns = now + storm_random(&p->random) %
				 h->write_gap_ns;
	if (h->silence_ns && !p->silent && p->written >= h->bytes / 4) {
		p->silent = true;
		p->write_at_ns = now + h->silence_ns;
		program_event(s, side, "is silent for %llu s",
			      div_u64(h->silence_ns, NSEC_PER_SEC));
	}
	return true;
}

static bool program_check(struct storm *s, enum storm_side side, u32 len)
{
	u32 whole = s->plan.habit[storm_other(side)].bytes;
	struct storm_program *p = &s->program[side];

	if (len > whole - p->read) {
		program_fail(s, side, "read more than the %u that there are",
			     whole);
		return false;
	}
	if (memcmp(storm_buffer, storm_stream(storm_other(side), p->read, NULL),
		   len)) {
		program_fail(s, side, "bytes %u to %u are not what was sent",
			     p->read, p->read + len);
		return false;
	}
	return true;
}

static int program_recv(struct storm_program *p, u32 len, int flags)
{
	struct kvec vec = { storm_buffer, len };
	struct msghdr msg = {};

	return kernel_recvmsg(p->sock, &msg, &vec, 1, len,
			      flags | MSG_DONTWAIT);
}

static bool program_read(struct storm *s, enum storm_side side, u64 now)
{
	u32 whole = s->plan.habit[storm_other(side)].bytes;
	const struct storm_habit *h = &s->plan.habit[side];
	struct storm_program *p = &s->program[side];
	u32 len;
	int got;

	if (now < p->read_at_ns || p->read_blocks || p->eof)
		return false;
	len = 1 + storm_below(&p->random, h->read_most);
	if (storm_chance(&p->random, h->peek)) {
		got = program_recv(p, len, MSG_PEEK);
		if (got > 0 && !program_check(s, side, got))
			return true;
	}
	got = program_recv(p, len, 0);
	if (got == -EAGAIN) {
		p->read_blocks = true;
		return false;
	}
	if (got < 0) {
		program_fail(s, side, "recv() gives %d after %u bytes", got,
			     p->read);
	} else if (!got) {
		p->eof = true;
		program_event(s, side, "reads the end");
		if (p->read != whole)
			program_fail(s, side, "the end comes after %u bytes of %u",
				     p->read, whole);
	} else if (program_check(s, side, got)) {
		p->read += got;
		if (s->program[side].sock && h->pauses > p->pauses &&
		    storm_chance(&p->random, h->pause)) {
			p->pauses++;
			p->read_at_ns = now + storm_random(&p->random) %
					h->pause_ns;
			program_event(s, side, "has read %u and stops for %llu us",
				      p->read, (p->read_at_ns - now) / 1000);
		}
	}
	return true;
}

/* One turn; sets *@at_ns to when the next is wanted at the latest. */
static bool program_turn(struct storm *s, enum storm_side side, u64 *at_ns)
{
	struct storm_program *p = &s->program[side];
	u64 now = scenario_now();
	bool did;

	if (p->closed)
		return false;
	if (!p->sock) {
		if (program_accept(s, now))
			return true;
		if (now < p->read_at_ns)
			*at_ns = min(*at_ns, p->read_at_ns);
		return false;
	}
	if (READ_ONCE(p->woken)) {
		WRITE_ONCE(p->woken, false);
		p->read_blocks = false;
		p->write_blocks = false;
	}
	did = program_read(s, side, now);
	did |= program_write(s, side, now);
	if (p->read_at_ns > now)
		*at_ns = min(*at_ns, p->read_at_ns);
	if (p->write_at_ns > now)
		*at_ns = min(*at_ns, p->write_at_ns);
	return did;
}

static void player_look(struct storm *s)
{
	spin_lock_bh(&s->lock);
	storm_watch_look(s);
	storm_wire_kick(s, ktime_get_ns() + 1);
	spin_unlock_bh(&s->lock);
}

/* Play both programs until both are done. */
static void player_play(struct storm *s)
{
	u64 end_ns = s->start_ns + STORM_END_NS, at_ns;
	bool did;
	int side;

	for (side = 0; side < STORM_SIDES; side++)
		end_ns += s->plan.habit[side].silence_ns;

	while (!READ_ONCE(s->failed)) {
		if (s->program[STORM_CLIENT].closed &&
		    s->program[STORM_SERVANT].closed)
			return;
		WRITE_ONCE(s->woken, false);
		at_ns = end_ns;
		did = program_turn(s, STORM_CLIENT, &at_ns);
		did |= program_turn(s, STORM_SERVANT, &at_ns);
		if (did) {
			player_look(s);
			continue;
		}
		player_sleep(s, at_ns);
		if (scenario_now() >= end_ns) {
			spin_lock_bh(&s->lock);
			storm_fail(s, "it does not end");
			spin_unlock_bh(&s->lock);
		}
	}
}

/* After a while nothing is left of the connection. */
static void player_wait(struct storm *s)
{
	struct rill_net *rnet = rill_net(s->net);
	u64 end_ns = scenario_now() + STORM_GONE_NS;

	while (!READ_ONCE(s->failed) && atomic_read(&rnet->table.nelems)) {
		WRITE_ONCE(s->woken, false);
		player_sleep(s, scenario_now() + NSEC_PER_SEC);
		if (scenario_now() < end_ns)
			continue;
		spin_lock_bh(&s->lock);
		storm_fail(s, "the connection is not gone");
		spin_unlock_bh(&s->lock);
	}
}

static void player_close(struct storm *s)
{
	int side;

	for (side = 0; side < STORM_SIDES; side++) {
		program_listen_to(s, &s->program[side], NULL);
		if (s->program[side].sock)
			sock_release(s->program[side].sock);
		s->program[side].sock = NULL;
	}
	if (s->listener)
		sock_release(s->listener);
	s->listener = NULL;
}

/**
 * storm_play() - play the script
 * @s: the storm, its wire open
 *
 * Context: process. What went wrong is in storm.failed and storm.why.
 */
void storm_play(struct storm *s)
{
	s->player = current;
	s->start_ns = scenario_now();
	storm_watch_start(s);
	programs_start(s);
	player_play(s);
	player_wait(s);
	if (s->failed)
		storm_watch_report(s);
	player_close(s);
}
