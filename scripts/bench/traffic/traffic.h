/* SPDX-License-Identifier: GPL-2.0 */
/*
 * traffic.h - what the parts of the traffic program share.
 *
 * One program makes all traffic of the benchmarks, over TCP, rill or SCTP: the
 * protocol is a number on its command line. It sleeps whenever it has nothing
 * to do: on virtual time (see scripts/uml/) a loop that polls lets no time pass.
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define NS_PER_S	1000000000ull
#define NS_PER_US	1000ull

/* A request is always this long, and begins with struct ask. */
#define REQUEST_LEN	128

#define ASK_MAGIC	0x6c6c6972

/**
 * struct ask - what a client wants; both ends run on one machine
 * @magic: ASK_MAGIC
 * @chunk: bytes handed to the socket at once
 * @size: bytes to send; 0: as long as @duration_ns, then the end of the stream
 * @duration_ns: see above
 * @interval_ns: between two chunks; 0: as fast as the socket takes them
 */
struct ask {
	uint32_t	magic;
	uint32_t	chunk;
	uint64_t	size;
	uint64_t	duration_ns;
	uint64_t	interval_ns;
};

/* What the command line says. */
struct options {
	int		protocol;
	struct in_addr	address;
	uint16_t	port;
	uint32_t	connections;
	uint32_t	requests;	/* of each connection */
	uint64_t	size;
	uint32_t	chunk;
	uint64_t	duration_ns;
	uint64_t	interval_ns;
	uint64_t	stagger_ns;	/* between the starts of two streams */
	int		rcvbuf;		/* 0: leave it alone */
	bool		fresh;		/* a new connection for each request */
	bool		barrier;	/* all begin each round together */
	bool		spread;		/* each to an address of its own */
	bool		check;		/* compare what arrives */
	const char	*samples;	/* file for every latency */
};

extern struct options options;

/* common.c */
uint64_t now_ns(void);
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
int socket_new(bool nonblocking);
int socket_listen(bool nonblocking);
struct sockaddr_in address_of(uint32_t index);
void pattern_init(void);
const char *pattern_at(uint64_t offset);
bool pattern_matches(const char *data, uint64_t offset, size_t len);
void samples_open(void);
void sample_add(uint64_t ns);
void samples_close(void);

/* The longest piece of the pattern. */
#define PATTERN_MAX	(256 * 1024)

/* server.c, client.c, ping.c */
int serve(void);
int fetch(void);
int stream(void);
int echo(void);
int ping(void);

#endif
