// SPDX-License-Identifier: GPL-2.0
/*
 * common.c - clocks, sockets, the pattern that all data is made of, and the
 * file that samples go to.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "traffic.h"

/* Prime, so that a segment lost or doubled does not go unnoticed. */
#define PATTERN_PERIOD	251

#define SCTP_NODELAY	3

static char pattern[PATTERN_MAX + PATTERN_PERIOD];
static FILE *samples;

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "traffic: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

static void socket_set(int fd, int level, int name, int value, const char *what)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		die("%s: %s", what, strerror(errno));
}

int socket_new(bool nonblocking)
{
	int type = SOCK_STREAM | SOCK_CLOEXEC;
	int fd;

	if (nonblocking)
		type |= SOCK_NONBLOCK;
	fd = socket(AF_INET, type, options.protocol);
	if (fd < 0)
		die("socket: %s", strerror(errno));
	if (options.protocol == IPPROTO_SCTP)
		socket_set(fd, IPPROTO_SCTP, SCTP_NODELAY, 1, "SCTP_NODELAY");
	else
		socket_set(fd, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
	if (options.rcvbuf)
		socket_set(fd, SOL_SOCKET, SO_RCVBUF, options.rcvbuf, "SO_RCVBUF");
	return fd;
}

int socket_listen(bool nonblocking)
{
	struct sockaddr_in to = address_of(0);
	int fd = socket_new(nonblocking);

	socket_set(fd, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
	to.sin_addr.s_addr = htonl(INADDR_ANY);
	if (bind(fd, (struct sockaddr *)&to, sizeof(to)))
		die("bind: %s", strerror(errno));
	if (listen(fd, 4096))
		die("listen: %s", strerror(errno));
	return fd;
}

/* Of the server, as connection @index sees it. */
struct sockaddr_in address_of(uint32_t index)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(options.port),
		.sin_addr = options.address,
	};

	if (options.spread)
		to.sin_addr.s_addr = htonl(ntohl(to.sin_addr.s_addr) + index);
	return to;
}

void pattern_init(void)
{
	size_t i;

	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = i % PATTERN_PERIOD;
}

/* At least PATTERN_MAX bytes, from @offset of the stream on. */
const char *pattern_at(uint64_t offset)
{
	return pattern + offset % PATTERN_PERIOD;
}

bool pattern_matches(const char *data, uint64_t offset, size_t len)
{
	return !options.check || !memcmp(data, pattern_at(offset), len);
}

void samples_open(void)
{
	if (!options.samples)
		return;
	samples = fopen(options.samples, "w");
	if (!samples)
		die("%s: %s", options.samples, strerror(errno));
}

/* As a 64-bit number, in the machine's order of bytes. */
void sample_add(uint64_t ns)
{
	if (samples)
		fwrite(&ns, sizeof(ns), 1, samples);
}

void samples_close(void)
{
	if (samples && fclose(samples))
		die("%s: %s", options.samples, strerror(errno));
}
