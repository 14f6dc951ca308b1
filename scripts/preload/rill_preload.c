// SPDX-License-Identifier: GPL-2.0
/*
 * rill_preload - make a program's stream sockets rill sockets
 *
 * Loaded by LD_PRELOAD ("rill run PROGRAM"), it overrides socket() and nothing
 * else: a request for TCP over IPv4 or IPv6, by number or by default, becomes a
 * request for rill. All other calls work on the new socket as on the old.
 *
 * A program that is statically linked, that makes system calls without the C
 * library (Go's usually do), or that is setuid never sees this. Name lookups
 * of the C library do not either, since they do not call socket() by its
 * public name; DNS goes on as before.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define RILL_PROTOCOL		253	/* IPPROTO_RILL of <linux/rill.h> */
#define RILL_PROTOCOL_OTHER	254	/* with the module parameter protocol=254 */

/* The number that the module was loaded with, if not the usual one. */
static int rill_protocol(void)
{
	const char *text = getenv("RILL_PROTOCOL");

	if (text && !strcmp(text, "254"))
		return RILL_PROTOCOL_OTHER;
	return RILL_PROTOCOL;
}

static int is_tcp(int domain, int type, int protocol)
{
	if (domain != AF_INET && domain != AF_INET6)
		return 0;
	if ((type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != SOCK_STREAM)
		return 0;
	return protocol == 0 || protocol == IPPROTO_TCP;
}

int socket(int domain, int type, int protocol)
{
	int (*next)(int domain, int type, int protocol);

	/* Not remembered: a race of two threads could not be ruled out cheaply,
	 * and opening a socket is no fast path.
	 */
	next = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
	if (!next) {
		errno = EPROTONOSUPPORT;
		return -1;
	}
	if (is_tcp(domain, type, protocol))
		protocol = rill_protocol();
	return next(domain, type, protocol);
}
