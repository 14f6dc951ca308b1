// SPDX-License-Identifier: GPL-2.0
/*
 * The socket calls of scenarios. A call blocks only in a thread of its own:
 * time passes only where the script says so.
 */#include <linux/ctype.h>
#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/sockptr.h>
#include <linux/tcp.h>

#include "scenario.h"

static const struct {
	const char *name;
	int level;
	int option;
} options[] = {
	{ "cork", SOL_TCP, TCP_CORK },
	{ "defer-accept", SOL_TCP, TCP_DEFER_ACCEPT },
	{ "keepalive", SOL_SOCKET, SO_KEEPALIVE },
	{ "keepcnt", SOL_TCP, TCP_KEEPCNT },
	{ "keepidle", SOL_TCP, TCP_KEEPIDLE },
	{ "keepintvl", SOL_TCP, TCP_KEEPINTVL },
	{ "linger2", SOL_TCP, TCP_LINGER2 },
	{ "max-pacing-rate", SOL_SOCKET, SO_MAX_PACING_RATE },
	{ "maxseg", SOL_TCP, TCP_MAXSEG },
	{ "window-clamp", SOL_TCP, TCP_WINDOW_CLAMP },
	{ "nodelay", SOL_TCP, TCP_NODELAY },
	{ "notsent-lowat", SOL_TCP, TCP_NOTSENT_LOWAT },
	{ "oobinline", SOL_SOCKET, SO_OOBINLINE },
	{ "quickack", SOL_TCP, TCP_QUICKACK },
	{ "rcvbuf", SOL_SOCKET, SO_RCVBUF },
	{ "reuseaddr", SOL_SOCKET, SO_REUSEADDR },
	{ "rill-delack-max", SOL_RILL, RILL_DELACK_MAX_US },
	{ "rill-init-cwnd", SOL_RILL, RILL_INIT_CWND },
	{ "rill-keepcnt", SOL_RILL, RILL_KEEPCNT },
	{ "rill-keepidle", SOL_RILL, RILL_KEEPIDLE_US },
	{ "rill-keepintvl", SOL_RILL, RILL_KEEPINTVL_US },
	{ "rill-linger2", SOL_RILL, RILL_LINGER2_US },
	{ "rill-msl", SOL_RILL, RILL_MSL_US },
	{ "rill-orphan-retries", SOL_RILL, RILL_ORPHAN_RETRIES },
	{ "rill-retries2", SOL_RILL, RILL_RETRIES2 },
	{ "rill-rto-initial", SOL_RILL, RILL_RTO_INITIAL_US },
	{ "rill-rto-max", SOL_RILL, RILL_RTO_MAX_US },
	{ "rill-rto-min", SOL_RILL, RILL_RTO_MIN_US },
	{ "rill-syn-retries", SOL_RILL, RILL_SYN_RETRIES },
	{ "rill-synack-retries", SOL_RILL, RILL_SYNACK_RETRIES },
	{ "rill-user-timeout", SOL_RILL, RILL_USER_TIMEOUT_US },
	{ "save-syn", SOL_TCP, TCP_SAVE_SYN },
	{ "sndbuf", SOL_SOCKET, SO_SNDBUF },
	{ "syncnt", SOL_TCP, TCP_SYNCNT },
	{ "user-timeout", SOL_TCP, TCP_USER_TIMEOUT },
};

static const struct {
	const char *name;
	__poll_t mask;
} polls[] = {
	{ "in", EPOLLIN }, { "out", EPOLLOUT }, { "err", EPOLLERR },
	{ "hup", EPOLLHUP }, { "rdhup", EPOLLRDHUP }, { "pri", EPOLLPRI },
	{ "none", 0 },
};

/**
 * scenario_outcome() - compare a call's result with the script's
 * @s: fixture, whose script fails if they differ
 * @args: rest of the line: nothing, or "= N", "= ERROR", "= *"
 * @usual: what is expected where the line says nothing
 * @got: result, -errno if an error
 *
 * Context: process.
 * Return: true.
 */
bool scenario_outcome(struct scenario *s, char *args, int usual, int got)
{
	const char *word = scenario_word(&args);
	int want = usual;
	u32 value;

	/* The script's own thread compares the result when it asks for it. */
	if (scenario_in_thread(s)) {
		s->thread.usual = usual;
		s->thread.got = got;
		return true;
	}
	if (word) {
		word = strcmp(word, "=") ? NULL : scenario_word(&args);
		if (word && !strcmp(word, "*"))
			return true;
		if (scenario_value(word, &value)) {
			want = value;
		} else if (scenario_errno(word, &want)) {
			want = -want;
		} else {
			scenario_fail(s, "not = NUMBER and not = ERROR");
			return true;
		}
	}
	if (got == want)
		return true;
	if (got < 0)
		scenario_fail(s, "result is %d, %s", got,
			      scenario_errno_name(-got));
	else
		scenario_fail(s, "result is %d", got);
	return true;
}

/* The flag that makes a call of this kind return at once. */
static int unless_blocking(const struct scenario *s, int flag)
{
	return scenario_in_thread(s) ? 0 : flag;
}

static struct scenario_sock *current_sock(struct scenario *s)
{
	if (s->current_sock < 0 || !s->socks[s->current_sock].sock)
		return NULL;
	return &s->socks[s->current_sock];
}

/**
 * scenario_current() - the socket that lines mean
 * @s: fixture
 *
 * Context: process.
 * Return: the socket, or NULL if there is none or it is closed.
 */
struct sock *scenario_current(struct scenario *s)
{
	struct scenario_sock *current_one = current_sock(s);

	return current_one ? current_one->sock->sk : NULL;
}

/* The next word if it is a number, else @usual. */
static u32 number_or(char **args, u32 usual)
{
	u32 value;

	return scenario_next_value(args, &value) ? value : usual;
}

/* Whose address. */
enum whose {
	NOBODYS,	/* unspecified */
	OURS,
	PEERS,
};

/* An address as the script's family writes it; its length. */
static int address(const struct scenario *s, struct sockaddr_storage *to,
		   enum whose whose, u16 port)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;
	struct sockaddr_in *four = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*to));
	to->ss_family = s->family->sock;
	if (s->family->sock == AF_INET) {
		four->sin_port = htons(port);
		four->sin_addr.s_addr = whose ? htonl(0xc0000200 + whose) : 0;
		return sizeof(*four);
	}
	six->sin6_port = htons(port);
	if (whose == NOBODYS)
		return sizeof(*six);
	if (s->family->wire == AF_INET) {
		ipv6_addr_set_v4mapped(htonl(0xc0000200 + whose),
				       &six->sin6_addr);
	} else {
		six->sin6_addr.s6_addr32[0] = htonl(0x20010db8);
		six->sin6_addr.s6_addr32[3] = htonl(whose);
	}
	return sizeof(*six);
}

/* Keep @sock as the script's newest and current socket. */
static void keep(struct scenario *s, struct socket *sock)
{
	if (s->nsocks == SCENARIO_SOCKS) {
		sock_release(sock);
		scenario_fail(s, "too many sockets");
		return;
	}
	s->current_sock = s->nsocks++;
	s->socks[s->current_sock].sock = sock;
}

static int make(struct scenario *s)
{
	struct socket *sock;
	int err;

	/*
	 * As a program's socket, not the kernel's own: it counts in the
	 * namespace.
	 */
	scenario_memory_short(s);
	err = __sock_create(s->net, s->family->sock, SOCK_STREAM, s->protocol,
			    &sock, 0);
	scenario_memory_back(s);
	if (!err)
		keep(s, sock);
	return err;
}

static void call_socket(struct scenario *s, char *args)
{
	scenario_outcome(s, args, 0, make(s));
}

static void call_bind(struct scenario *s, char *args)
{
	u16 port = number_or(&args, SCENARIO_PORT);
	struct sockaddr_storage to;
	int err, len;

	err = current_sock(s) ? 0 : make(s);
	len = address(s, &to, NOBODYS, port);
	if (!err)
		err = kernel_bind(current_sock(s)->sock,
				  (struct rill_sockaddr *)&to, len);
	scenario_outcome(s, args, 0, err);
}

/* listen() on a socket that bind prepared, or on a new one. */
static void call_listen(struct scenario *s, char *args)
{
	int backlog = number_or(&args, 5);
	struct sockaddr_storage to;
	int err = 0, len;

	if (!current_sock(s)) {
		err = make(s);
		len = address(s, &to, NOBODYS, SCENARIO_PORT);
		if (!err)
			err = kernel_bind(current_sock(s)->sock,
					  (struct rill_sockaddr *)&to, len);
	}
	if (!err)
		err = kernel_listen(current_sock(s)->sock, backlog);
	if (!err)
		s->listener = s->current_sock;
	scenario_outcome(s, args, 0, err);
}

static void call_accept(struct scenario *s, char *args)
{
	struct socket *sock;
	int err;

	if (s->listener < 0 || !s->socks[s->listener].sock) {
		scenario_fail(s, "no listener");
		return;
	}
	scenario_memory_short(s);
	err = kernel_accept(s->socks[s->listener].sock, &sock,
			    unless_blocking(s, O_NONBLOCK));
	scenario_memory_back(s);
	if (!err)
		keep(s, sock);
	scenario_outcome(s, args, 0, err);
}

static void call_connect(struct scenario *s, char *args)
{
	char *self = args ? strstr(args, "self") : NULL;
	int flags = unless_blocking(s, O_NONBLOCK);
	struct sockaddr_storage to;
	int err, len;

	err = current_sock(s) ? 0 : make(s);
	len = address(s, &to, PEERS, s->flow->rport);
	if (self) {
		len = address(s, &to, OURS, SCENARIO_PORT);
		args = self + strlen("self");
	}
	scenario_memory_short(s);
	if (!err)
		err = kernel_connect(current_sock(s)->sock,
				     (struct rill_sockaddr *)&to, len, flags);
	scenario_memory_back(s);
	scenario_outcome(s, args, flags ? -EINPROGRESS : 0, err);
}

/* connect() to no address at all ends the connection. */
static void call_disconnect(struct scenario *s, char *args)
{
	struct sockaddr to = { .sa_family = AF_UNSPEC };

	scenario_outcome(s, args, 0,
			 kernel_connect(current_sock(s)->sock,
					(struct rill_sockaddr *)&to, sizeof(to),
					O_NONBLOCK));
}

/* Is @word the next of the line? Then it is taken. */
static bool next_is(char **args, const char *word)
{
	char *p = skip_spaces(*args ?: "");
	size_t n = strlen(word);

	if (strncmp(p, word, n) || (p[n] && !isspace(p[n])))
		return false;
	*args = p + n;
	return true;
}

static void call_send(struct scenario *s, char *args)
{
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL };
	struct scenario_sock *to = current_sock(s);
	u32 len = number_or(&args, 0), i;
	struct kvec vec;
	int got;
	u8 *buf;

	msg.msg_flags |= unless_blocking(s, MSG_DONTWAIT);
	if (next_is(&args, "oob"))
		msg.msg_flags |= MSG_OOB;
	if (next_is(&args, "more"))
		msg.msg_flags |= MSG_MORE;
	if (next_is(&args, "eor"))
		msg.msg_flags |= MSG_EOR;
	buf = kvmalloc(len + 1, GFP_KERNEL);
	if (!buf) {
		scenario_fail(s, "no memory for %u bytes", len);
		return;
	}
	for (i = 0; i < len; i++)
		buf[i] = scenario_byte(true, to->sent + i);
	vec = (struct kvec){ buf, len };
	scenario_memory_short(s);
	got = kernel_sendmsg(to->sock, &msg, &vec, 1, len);
	scenario_memory_back(s);
	if (got > 0)
		to->sent += got;
	kvfree(buf);
	scenario_outcome(s, args, len, got);
}

static void call_recv(struct scenario *s, char *args)
{
	struct scenario_sock *from = current_sock(s);
	u32 len = number_or(&args, 0), i;
	bool peek = next_is(&args, "peek");
	struct msghdr msg = {};
	struct kvec vec;
	int got;
	u8 *buf;

	buf = kvzalloc(len + 1, GFP_KERNEL);
	if (!buf) {
		scenario_fail(s, "no memory for %u bytes", len);
		return;
	}
	vec = (struct kvec){ buf, len };
	scenario_memory_short(s);
	got = kernel_recvmsg(from->sock, &msg, &vec, 1, len,
			     unless_blocking(s, MSG_DONTWAIT) |
			     (peek ? MSG_PEEK : 0));
	scenario_memory_back(s);
	for (i = 0; got > 0 && i < got; i++) {
		if (buf[i] == scenario_byte(false, from->received + i))
			continue;
		scenario_fail(s, "byte %u of the stream is not what was sent",
			      from->received + i);
		break;
	}
	if (got > 0 && !peek)
		from->received += got;
	kvfree(buf);
	if (!s->failed)
		scenario_outcome(s, args, len, got);
}

/*
 * "oob SEQ [peek]": receive the urgent byte, which has that sequence number of
 * the peer.
 */
static void call_oob(struct scenario *s, char *args)
{
	struct scenario_sock *from = current_sock(s);
	u32 seq = number_or(&args, 0);
	struct msghdr msg = {};
	struct kvec vec;
	u8 byte = 0;
	int got;

	if (next_is(&args, "peek"))
		msg.msg_flags |= MSG_PEEK;
	vec = (struct kvec){ &byte, 1 };
	scenario_memory_short(s);
	/* MSG_OOB never blocks, even without that flag. */
	got = kernel_recvmsg(from->sock, &msg, &vec, 1, 1,
			     msg.msg_flags | MSG_OOB);
	scenario_memory_back(s);
	if (got == 1 && byte != scenario_byte(false, seq - 1))
		scenario_fail(s, "not byte %u of the stream", seq - 1);
	else if (got == 1 && !(msg.msg_flags & MSG_OOB))
		scenario_fail(s, "without MSG_OOB");
	else
		scenario_outcome(s, args, 1, got);
}

/* "skip N": recv goes on N bytes later, because those were read out of band. */
static void call_skip(struct scenario *s, char *args)
{
	current_sock(s)->received += number_or(&args, 1);
}

static void call_shutdown(struct scenario *s, char *args)
{
	const char *word = scenario_word(&args);
	enum sock_shutdown_cmd how;

	if (word && !strcmp(word, "rd")) {
		how = SHUT_RD;
	} else if (word && !strcmp(word, "wr")) {
		how = SHUT_WR;
	} else if (word && !strcmp(word, "rdwr")) {
		how = SHUT_RDWR;
	} else {
		scenario_fail(s, "not rd, wr or rdwr");
		return;
	}
	scenario_outcome(s, args, 0,
			 kernel_sock_shutdown(current_sock(s)->sock, how));
}

static void call_close(struct scenario *s, char *args)
{
	struct scenario_sock *it = current_sock(s);
	struct socket *sock = it->sock;

	it->sock = NULL;
	scenario_memory_short(s);
	sock_release(sock);
	scenario_memory_back(s);
	if (scenario_in_thread(s))
		scenario_outcome(s, args, 0, 0);
}

static int set_option(struct socket *sock, int level, int option, void *value,
		      int len)
{
	if (level == SOL_SOCKET)
		return sock_setsockopt(sock, level, option,
				       KERNEL_SOCKPTR(value), len);
	return sock->ops->setsockopt(sock, level, option,
				     KERNEL_SOCKPTR(value), len);
}

/* "linger N" or "linger off". */
static int set_linger(struct socket *sock, char **args)
{
	struct linger linger = {};
	u32 value;

	linger.l_onoff = scenario_next_value(args, &value);
	linger.l_linger = linger.l_onoff ? value : 0;
	if (!linger.l_onoff)
		scenario_word(args);
	return set_option(sock, SOL_SOCKET, SO_LINGER, &linger,
			  sizeof(linger));
}

static int set_congestion(struct socket *sock, char **args)
{
	char *name = scenario_word(args);

	return set_option(sock, SOL_TCP, TCP_CONGESTION, name ?: "",
			  name ? strlen(name) : 0);
}

/* "rill-... TIME", "N", "default" or, for what has it, "none". */
static int set_rill(struct socket *sock, int option, char **args)
{
	const char *word = scenario_word(args);
	u32 number = 0;
	s64 value;
	u64 ns;

	if (word && !strcmp(word, "default"))
		value = RILL_DEFAULT;
	else if (word && !strcmp(word, "none"))
		value = RILL_LINGER2_NONE;
	else if (scenario_duration(word, &ns))
		value = div_u64(ns, NSEC_PER_USEC);
	else if (scenario_value(word, &number))
		value = number;
	else
		return -ENOMSG;
	return set_option(sock, SOL_RILL, option, &value, sizeof(value));
}

static void call_set(struct scenario *s, char *args)
{
	struct socket *sock = current_sock(s)->sock;
	const char *name = scenario_word(&args);
	size_t i;
	int value;

	if (name && !strcmp(name, "linger")) {
		value = set_linger(sock, &args);
		scenario_outcome(s, args, 0, value);
		return;
	}
	if (name && !strcmp(name, "congestion")) {
		value = set_congestion(sock, &args);
		scenario_outcome(s, args, 0, value);
		return;
	}
	for (i = 0; name && i < ARRAY_SIZE(options); i++) {
		if (strcmp(name, options[i].name))
			continue;
		if (options[i].level == SOL_RILL) {
			value = set_rill(sock, options[i].option, &args);
		} else {
			value = number_or(&args, 1);
			value = set_option(sock, options[i].level,
					   options[i].option, &value,
					   sizeof(value));
		}
		scenario_outcome(s, args, 0, value);
		return;
	}
	scenario_fail(s, "no such socket option");
}

/* "poll in,out": exactly these. */
static void call_poll(struct scenario *s, char *args)
{
	struct socket *sock = current_sock(s)->sock;
	__poll_t want = 0, got, care = 0;
	const char *word;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(polls); i++)
		care |= polls[i].mask;
	while ((word = strsep(&args, ", "))) {
		for (i = 0; i < ARRAY_SIZE(polls); i++) {
			if (!strcmp(word, polls[i].name))
				break;
		}
		if (*word && i == ARRAY_SIZE(polls)) {
			scenario_fail(s, "no such event");
			return;
		}
		if (*word)
			want |= polls[i].mask;
	}
	got = sock->ops->poll(NULL, sock, NULL) & care;
	if (got != want)
		scenario_fail(s, "events are%s%s%s%s%s%s%s", got ? "" : " none",
			      got & EPOLLIN ? " in" : "",
			      got & EPOLLOUT ? " out" : "",
			      got & EPOLLERR ? " err" : "",
			      got & EPOLLHUP ? " hup" : "",
			      got & EPOLLRDHUP ? " rdhup" : "",
			      got & EPOLLPRI ? " pri" : "");
}

static void call_error(struct scenario *s, char *args)
{
	struct sock *sk = scenario_current(s);
	int want = 0, got = -sock_error(sk);
	const char *word;

	word = scenario_word(&args);
	if (!word || (strcmp(word, "none") && !scenario_errno(word, &want)))
		scenario_fail(s, "no such error");
	else if (got != want)
		scenario_fail(s, "SO_ERROR is %d, %s", got,
			      scenario_errno_name(got));
}

/* Hold the socket's lock, as a system call of another thread would. */
static void call_own(struct scenario *s, char *args)
{
	struct scenario_sock *it = current_sock(s);

	if (!it->owned)
		lock_sock(it->sock->sk);
	it->owned = true;
}

static void call_disown(struct scenario *s, char *args)
{
	struct scenario_sock *it = current_sock(s);

	if (it->owned)
		release_sock(it->sock->sk);
	it->owned = false;
}

static const struct {
	const char *verb;
	void (*call)(struct scenario *s, char *args);
	bool needs_socket;
} calls[] = {
	{ "accept", call_accept, false },
	{ "bind", call_bind, false },
	{ "close", call_close, true },
	{ "connect", call_connect, false },
	{ "disconnect", call_disconnect, true },
	{ "disown", call_disown, true },
	{ "error", call_error, true },
	{ "listen", call_listen, false },
	{ "oob", call_oob, true },
	{ "own", call_own, true },
	{ "poll", call_poll, true },
	{ "recv", call_recv, true },
	{ "send", call_send, true },
	{ "set", call_set, true },
	{ "shutdown", call_shutdown, true },
	{ "skip", call_skip, true },
	{ "socket", call_socket, false },
};

/**
 * scenario_call() - do the socket call of a line
 * @s: fixture, whose script fails if the result is not the line's
 * @verb: its first word
 * @args: the rest; is changed
 *
 * Context: process.
 * Return: false if @verb is not a call.
 */
bool scenario_call(struct scenario *s, const char *verb, char *args)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		if (strcmp(verb, calls[i].verb))
			continue;
		if (calls[i].needs_socket && !current_sock(s))
			scenario_fail(s, "no socket, or it is closed");
		else
			calls[i].call(s, args);
		return true;
	}
	return false;
}

/**
 * scenario_call_close_all() - close every socket of the script
 * @s: fixture
 *
 * Context: process.
 */
void scenario_call_close_all(struct scenario *s)
{
	int i;

	for (i = 0; i < s->nsocks; i++) {
		struct scenario_sock *it = &s->socks[i];

		if (it->owned)
			release_sock(it->sock->sk);
		/* The harness cannot end TCP's connections in another way. */
		if (it->sock && s->protocol != rill_protocol)
			sock_no_linger(it->sock->sk);
		if (it->sock)
			sock_release(it->sock);
		it->owned = false;
		it->sock = NULL;
	}
}
