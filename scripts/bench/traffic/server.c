// SPDX-License-Identifier: GPL-2.0
/*
 * server.c - answer requests on any number of connections: with so many bytes,
 * with bytes for so long, or with so many bytes at a time. Ends when the last
 * of --connections connections has ended, and says what it has sent.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "traffic.h"

#define EVENTS_MAX	128

struct peer {
	struct peer	*next;		/* in the list of those that wait */
	int		fd;
	uint32_t	got;		/* bytes of the request */
	char		request[REQUEST_LEN];
	struct ask	ask;
	bool		busy;		/* answering */
	bool		blocked;	/* EPOLLOUT is asked for */
	bool		waiting;	/* for due_ns */
	uint64_t	sent;		/* bytes of the answer */
	uint64_t	end_ns;		/* of an answer by time */
	uint64_t	due_ns;		/* of the next chunk */
};

static int poller;
static struct peer *waiting;
static uint64_t total_bytes;
static uint64_t total_answers;
static uint32_t ended;

static void peer_watch(struct peer *peer, bool out)
{
	struct epoll_event event = {
		.events = EPOLLIN | (out ? EPOLLOUT : 0),
		.data.ptr = peer,
	};

	if (peer->blocked == out)
		return;
	peer->blocked = out;
	if (epoll_ctl(poller, EPOLL_CTL_MOD, peer->fd, &event))
		die("epoll_ctl: %s", strerror(errno));
}

static void peer_accept(int listener)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct peer *peer;
	int one = 1;
	int fd;

	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			if (errno == EAGAIN || errno == ECONNABORTED)
				return;
			die("accept: %s", strerror(errno));
		}
		/* TCP's and rill's; SCTP inherits its own. */
		if (options.protocol != IPPROTO_SCTP)
			setsockopt(fd, IPPROTO_TCP, 1, &one, sizeof(one));
		peer = calloc(1, sizeof(*peer));
		if (!peer)
			die("out of memory");
		peer->fd = fd;
		event.data.ptr = peer;
		if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event))
			die("epoll_ctl: %s", strerror(errno));
	}
}

static void peer_end(struct peer *peer)
{
	struct peer **link = &waiting;

	while (*link && *link != peer)
		link = &(*link)->next;
	if (*link)
		*link = peer->next;
	close(peer->fd);
	free(peer);
	ended++;
}

/* Bytes to send now; 0: the answer is complete. */
static uint64_t peer_due(const struct peer *peer)
{
	uint64_t len = peer->ask.chunk;

	if (!peer->ask.size)
		return now_ns() < peer->end_ns ? len : 0;
	if (len > peer->ask.size - peer->sent)
		len = peer->ask.size - peer->sent;
	return len;
}

static void peer_wait(struct peer *peer)
{
	peer->due_ns += peer->ask.interval_ns;
	peer->waiting = true;
	peer->next = waiting;
	waiting = peer;
}

static void peer_send(struct peer *peer)
{
	uint64_t len;
	ssize_t sent;

	while ((len = peer_due(peer)) != 0) {
		sent = send(peer->fd, pattern_at(peer->sent), len, MSG_NOSIGNAL);
		if (sent < 0) {
			if (errno != EAGAIN)
				die("send: %s", strerror(errno));
			peer_watch(peer, true);
			return;
		}
		peer->sent += sent;
		total_bytes += sent;
		if (peer->ask.interval_ns) {
			peer_watch(peer, false);
			peer_wait(peer);
			return;
		}
	}
	peer->busy = false;
	total_answers++;
	peer_watch(peer, false);
	if (!peer->ask.size && shutdown(peer->fd, SHUT_WR))
		die("shutdown: %s", strerror(errno));
}

static void peer_answer(struct peer *peer)
{
	memcpy(&peer->ask, peer->request, sizeof(peer->ask));
	if (peer->ask.magic != ASK_MAGIC || !peer->ask.chunk ||
	    peer->ask.chunk > PATTERN_MAX)
		die("a request that no client made");
	peer->got = 0;
	peer->sent = 0;
	peer->busy = true;
	peer->due_ns = now_ns();
	peer->end_ns = peer->due_ns + peer->ask.duration_ns;
	peer_send(peer);
}

static void peer_receive(struct peer *peer)
{
	ssize_t got;

	got = recv(peer->fd, peer->request + peer->got,
		   REQUEST_LEN - peer->got, 0);
	if (got < 0) {
		if (errno == EAGAIN)
			return;
		die("recv: %s", strerror(errno));
	}
	if (!got) {
		if (peer->busy)
			die("a client left early");
		peer_end(peer);
		return;
	}
	peer->got += got;
	if (peer->got < REQUEST_LEN)
		return;
	if (peer->busy)
		die("a request within a request");
	peer_answer(peer);
}

/* Send what is due; the time until the next is, or NULL. */
static struct timespec *waiting_run(struct timespec *ts)
{
	uint64_t now = now_ns(), due = UINT64_MAX;
	struct peer *peer, *list = waiting;

	waiting = NULL;
	while ((peer = list)) {
		list = peer->next;
		if (peer->due_ns <= now) {
			peer->waiting = false;
			peer_send(peer);
		} else {
			peer->next = waiting;
			waiting = peer;
		}
	}
	for (peer = waiting; peer; peer = peer->next)
		if (peer->due_ns < due)
			due = peer->due_ns;
	if (due == UINT64_MAX)
		return NULL;
	due = due > now ? due - now : 0;
	ts->tv_sec = due / NS_PER_S;
	ts->tv_nsec = due % NS_PER_S;
	return ts;
}

int serve(void)
{
	struct epoll_event events[EVENTS_MAX];
	struct epoll_event event = { .events = EPOLLIN };
	int listener = socket_listen(true);
	struct timespec ts;
	struct peer *peer;
	int i, count;

	poller = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event))
		die("epoll_ctl: %s", strerror(errno));
	while (ended < options.connections) {
		count = epoll_pwait2(poller, events, EVENTS_MAX,
				     waiting_run(&ts), NULL);
		if (count < 0)
			die("epoll_wait: %s", strerror(errno));
		for (i = 0; i < count; i++) {
			peer = events[i].data.ptr;
			if (!peer)
				peer_accept(listener);
			else if (peer->busy && peer->blocked &&
				 events[i].events & EPOLLOUT)
				peer_send(peer);
			else
				peer_receive(peer);
		}
	}
	printf("{\"connections\": %u, \"answers\": %llu, \"bytes\": %llu}\n",
	       ended, (unsigned long long)total_answers,
	       (unsigned long long)total_bytes);
	return 0;
}
