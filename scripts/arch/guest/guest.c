// SPDX-License-Identifier: GPL-2.0
/*
 * guest MIB - what is asked of rill on an architecture
 *
 * A line "ok - ..." or "not ok - ..." for each thing that was looked at; the
 * exit code says whether all was well.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <linux/rill.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

static int failures;

static void say(const char *start, const char *fmt, va_list args)
{
	printf("%s", start);
	vprintf(fmt, args);
	printf("\n");
	fflush(stdout);
}

void check(bool good, const char *fmt, ...)
{
	va_list args;

	failures += !good;
	va_start(args, fmt);
	say(good ? "ok - " : "not ok - ", fmt, args);
	va_end(args);
}

void note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say("# ", fmt, args);
	va_end(args);
}

void die(const char *what)
{
	check(false, "%s: %s", what, strerror(errno));
	exit(1);
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

const char *family_name(int family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

const char *end_name(int end)
{
	return end == NEAR ? "near" : "far";
}

/* What an end sends. */
void stream_start(struct stream *s, int end)
{
	s->state = end + 1;
	s->fill = 0;
}

/* xorshift64 */
static void stream_fill(struct stream *s)
{
	uint64_t word;
	size_t i;

	for (i = 0; i < sizeof(s->bytes); i += sizeof(word)) {
		s->state ^= s->state << 13;
		s->state ^= s->state >> 7;
		s->state ^= s->state << 17;
		word = htole64(s->state);
		memcpy(s->bytes + i, &word, sizeof(word));
	}
	s->fill = sizeof(s->bytes);
}

/* The bytes that come next, @len of them at the most; at least one. */
const uint8_t *stream_ready(struct stream *s, size_t *len)
{
	if (!s->fill)
		stream_fill(s);
	if (*len > s->fill)
		*len = s->fill;
	return s->bytes + sizeof(s->bytes) - s->fill;
}

void stream_took(struct stream *s, size_t len)
{
	s->fill -= len;
}

/* The two sockets of a new connection from the near end to the far one. */
void pair_open(int family, int fds[ENDS])
{
	struct sockaddr_storage near, far, seen;
	socklen_t near_len, far_len, seen_len = sizeof(seen);
	int listener, on = 1;

	near_len = net_address(NEAR, family, NEAR_PORT, &near);
	far_len = net_address(FAR, family, FAR_PORT, &far);
	net_enter(FAR);
	listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_RILL);
	if (listener < 0)
		die("socket");
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (void *)&far, far_len) || listen(listener, 1))
		die("listen");
	net_enter(NEAR);
	fds[NEAR] = socket(family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_RILL);
	if (fds[NEAR] < 0)
		die("socket");
	setsockopt(fds[NEAR], SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fds[NEAR], (void *)&near, near_len) ||
	    connect(fds[NEAR], (void *)&far, far_len))
		die("connect");
	fds[FAR] = accept(listener, (void *)&seen, &seen_len);
	if (fds[FAR] < 0)
		die("accept");
	close(listener);
	check(seen_len == near_len && !memcmp(&seen, &near, near_len),
	      "%s: accept() tells the address that was bound",
	      family_name(family));
}

int main(int argc, char **argv)
{
	static const int families[] = { AF_INET, AF_INET6 };
	uint64_t mib = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	int i;

	if (!mib) {
		fprintf(stderr, "usage: guest MIB\n");
		return 2;
	}
	for (i = 0; i < 2; i++) {
		wire(families[i], false);
		wire(families[i], true);
	}
	for (i = 0; i < 2; i++)
		transfer(families[i], mib << 20);
	return failures != 0;
}
