/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The program that a guest of another architecture runs: statically linked, so
 * that it needs nothing there but the kernel.
 */
#ifndef RILL_ARCH_GUEST_H
#define RILL_ARCH_GUEST_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* The two ends of the one link that there is; a namespace each. */
enum { NEAR, FAR, ENDS };

#define LINK_MTU	1500
#define NEAR_PORT	0x1234	/* its two bytes differ, as do those of */
#define FAR_PORT	0x5678	/* every number that is looked for */

/* What netem does on the way out of both ends. */
struct netem {
	uint32_t loss_percent;
	uint64_t delay_ns;
};

/*
 * Bytes that nobody would send by mistake, the same ones on each architecture:
 * a generator of 64-bit words, of which the low byte is sent first.
 */
struct stream {
	uint64_t state;
	size_t fill;		/* bytes that are ready and not taken */
	uint8_t bytes[65536];
};

/* guest.c */
void check(bool good, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void die(const char *what) __attribute__((noreturn));
double now(void);
void stream_start(struct stream *s, int end);
const char *family_name(int family);
const char *end_name(int end);
const uint8_t *stream_ready(struct stream *s, size_t *len);
void stream_took(struct stream *s, size_t len);
void pair_open(int family, int fds[ENDS]);

/* net.c */
void net_link(void);
void net_enter(int end);
void net_netem(const struct netem *netem);
void net_no_offload(void);
socklen_t net_address(int end, int family, uint16_t port,
		      struct sockaddr_storage *to);

/* transfer.c */
struct result {				/* of one end */
	uint64_t sent, received;		/* bytes */
	uint64_t sent_sum, received_sum;
	uint64_t retransmitted;			/* segments */
	int error;
};

void exchange(int fds[ENDS], uint64_t bytes, struct result results[ENDS]);
void transfer(int family, uint64_t bytes);

/* wire.c */
void wire(int family, bool cookies);

#endif /* RILL_ARCH_GUEST_H */
