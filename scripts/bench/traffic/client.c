// SPDX-License-Identifier: GPL-2.0
/*
 * client.c - ask, receive, measure: fetch() many answers of a known size, one
 * after the other on each connection; stream() an answer by time on each.
 *
 * Every byte is compared with what it must be, and none may be missing: a run
 * that is not complete ends with an error instead of a figure.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic.h"

#define EVENTS_MAX	128

/* So long without a byte, and the run has failed: TCP's longest RTO and more. */
#define STALL_MS	300000

enum phase {
	PHASE_IDLE,		/* connected, or there is no connection */
	PHASE_CONNECTING,
	PHASE_RECEIVING,
	PHASE_DONE,
};

struct flow {
	int		fd;
	uint32_t	index;
	uint32_t	left;		/* requests to do */
	enum phase	phase;
	bool		timing;		/* start_ns is set */
	uint64_t	got;		/* bytes of this answer */
	uint64_t	start_ns;
	uint64_t	last_ns;	/* of the last byte */
	uint64_t	in_time;	/* bytes within the duration */
	uint64_t	total;		/* bytes in all */
};

static int poller;
static struct flow *flows;
static uint32_t receiving;	/* flows that wait for an answer */
static uint32_t done;		/* flows that are */
static bool streaming;
static char buffer[PATTERN_MAX];

static void flow_watch(struct flow *flow, int op, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = flow };

	if (epoll_ctl(poller, op, flow->fd, &event))
		die("epoll_ctl: %s", strerror(errno));
}

static void flow_connect(struct flow *flow)
{
	struct sockaddr_in to = address_of(flow->index);

	flow->start_ns = now_ns();
	flow->timing = true;
	flow->fd = socket_new(true);
	flow->phase = PHASE_CONNECTING;
	if (connect(flow->fd, (struct sockaddr *)&to, sizeof(to)) &&
	    errno != EINPROGRESS)
		die("connect: %s", strerror(errno));
	flow_watch(flow, EPOLL_CTL_ADD, EPOLLOUT);
}

static void flow_connected(struct flow *flow)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(flow->fd, SOL_SOCKET, SO_ERROR, &error, &len) || error)
		die("connect: %s", strerror(error));
	flow_watch(flow, EPOLL_CTL_MOD, EPOLLIN);
	flow->phase = PHASE_IDLE;
}

static void flow_ask(struct flow *flow)
{
	char request[REQUEST_LEN] = "";
	struct ask ask = {
		.magic = ASK_MAGIC,
		.chunk = options.chunk,
		.size = streaming ? 0 : options.size,
		.duration_ns = options.duration_ns,
		.interval_ns = options.interval_ns,
	};

	memcpy(request, &ask, sizeof(ask));
	/* The time to connect counts where each request has to. */
	if (!options.fresh || !flow->timing)
		flow->start_ns = now_ns();
	flow->timing = false;
	if (send(flow->fd, request, REQUEST_LEN, MSG_NOSIGNAL) != REQUEST_LEN)
		die("send: %s", strerror(errno));
	flow->got = 0;
	flow->phase = PHASE_RECEIVING;
	receiving++;
}

static void flow_end(struct flow *flow)
{
	flow->total += flow->got;
	flow->got = 0;
	receiving--;
	flow->phase = PHASE_IDLE;
	if (!streaming)
		sample_add(flow->last_ns - flow->start_ns);
	if (streaming || !--flow->left) {
		flow->phase = PHASE_DONE;
		done++;
	}
	if (flow->phase == PHASE_DONE || options.fresh) {
		close(flow->fd);
		flow->fd = -1;
	}
}

static void flow_receive(struct flow *flow)
{
	ssize_t got = recv(flow->fd, buffer, sizeof(buffer), 0);

	if (got < 0 && errno == EAGAIN)
		return;
	if (got < 0)
		die("recv: %s", strerror(errno));
	if (!got && streaming) {
		flow_end(flow);
		return;
	}
	if (!got)
		die("the server left early");
	if (!pattern_matches(buffer, flow->got, got))
		die("wrong data at %llu", (unsigned long long)flow->got);
	flow->last_ns = now_ns();
	flow->got += got;
	if (streaming) {
		if (flow->last_ns - flow->start_ns <= options.duration_ns)
			flow->in_time = flow->got;
		return;
	}
	if (flow->got > options.size)
		die("more than was asked for");
	if (flow->got == options.size)
		flow_end(flow);
}

/* Wait for what comes, and handle it; an idle flow is left idle. */
static void flows_step(int timeout_ms)
{
	struct epoll_event events[EVENTS_MAX];
	struct flow *flow;
	int i, count;

	count = epoll_wait(poller, events, EVENTS_MAX, timeout_ms);
	if (count < 0)
		die("epoll_wait: %s", strerror(errno));
	if (!count && timeout_ms == STALL_MS)
		die("stalled: nothing came for %d s, %u answers are missing",
		    STALL_MS / 1000, receiving);
	for (i = 0; i < count; i++) {
		flow = events[i].data.ptr;
		if (flow->phase == PHASE_CONNECTING)
			flow_connected(flow);
		else if (flow->phase == PHASE_RECEIVING)
			flow_receive(flow);
		else
			die("a connection ended early");
	}
}

static void flows_open(void)
{
	uint32_t i;

	poller = epoll_create1(EPOLL_CLOEXEC);
	flows = calloc(options.connections, sizeof(*flows));
	if (poller < 0 || !flows)
		die("out of memory");
	for (i = 0; i < options.connections; i++) {
		flows[i].fd = -1;
		flows[i].index = i;
		flows[i].left = options.requests;
	}
}

static void flows_connect(void)
{
	uint32_t i, connected;

	for (i = 0; i < options.connections; i++)
		flow_connect(&flows[i]);
	do {
		flows_step(STALL_MS);
		connected = 0;
		for (i = 0; i < options.connections; i++)
			connected += flows[i].phase == PHASE_IDLE;
	} while (connected < options.connections);
}

/* Give every flow that has nothing to do the next thing to do. */
static void flows_feed(void)
{
	uint32_t i;

	for (i = 0; i < options.connections; i++) {
		if (flows[i].phase != PHASE_IDLE)
			continue;
		if (flows[i].fd < 0)
			flow_connect(&flows[i]);
		else
			flow_ask(&flows[i]);
	}
}

static uint64_t flows_total(void)
{
	uint64_t total = 0;
	uint32_t i;

	for (i = 0; i < options.connections; i++)
		total += flows[i].total;
	return total;
}

int fetch(void)
{
	uint64_t start, round;

	flows_open();
	samples_open();
	if (!options.fresh)
		flows_connect();
	start = now_ns();
	while (done < options.connections) {
		round = now_ns();
		flows_feed();
		do {
			flows_step(STALL_MS);
		} while (options.barrier && receiving);
		/* Of a round as a whole, after those of its flows. */
		if (options.barrier)
			sample_add(now_ns() - round);
	}
	samples_close();
	printf("{\"bytes\": %llu, \"requests\": %llu, \"ns\": %llu}\n",
	       (unsigned long long)flows_total(),
	       (unsigned long long)options.requests * options.connections,
	       (unsigned long long)(now_ns() - start));
	return 0;
}

int stream(void)
{
	uint64_t start, due, now;
	uint32_t i = 0;

	streaming = true;
	flows_open();
	flows_connect();
	start = now_ns();
	while (done < options.connections) {
		now = now_ns();
		while (i < options.connections &&
		       now >= start + i * options.stagger_ns)
			flow_ask(&flows[i++]);
		due = start + i * options.stagger_ns;
		flows_step(i == options.connections ? STALL_MS :
			   (due - now) / 1000000 + 1);
	}
	printf("{\"bytes\": %llu, \"in_time\": [",
	       (unsigned long long)flows_total());
	for (i = 0; i < options.connections; i++)
		printf("%s%llu", i ? ", " : "",
		       (unsigned long long)flows[i].in_time);
	printf("], \"last_ns\": [");
	for (i = 0; i < options.connections; i++)
		printf("%s%llu", i ? ", " : "",
		       (unsigned long long)(flows[i].last_ns - flows[i].start_ns));
	printf("]}\n");
	return 0;
}
