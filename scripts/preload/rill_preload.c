// SPDX-License-Identifier: GPL-2.0
/*
 * rill_preload - make a program's stream sockets rill sockets
 *
 * Loaded by LD_PRELOAD ("rill run PROGRAM"), it overrides socket() and nothing
 * else: a request for TCP over IPv4 or IPv6, by number or by default, or for
 * MPTCP, which is TCP where the peer has no other, becomes a request for rill.
 * All other calls work on the new socket as on the old.
 *
 * A program that is statically linked, that makes system calls without the C
 * library (Go's usually do, io_uring does), or that gets other rights when it
 * starts never sees this. Name lookups of the C library do not either, since
 * they do not call socket() by its public name; DNS goes on as before.
 *
 * Environment: RILL_PROTOCOL=254 with the module parameter protocol=254;
 * RILL_VERBOSE=1 to say what was turned and what stays. With RILL_PROBE the
 * process ends before its main(), which is how "rill run" asks beforehand: =1
 * opens a rill socket and exits with the errno; =/FILE exits with
 * RILL_PROBE_SETUID and its like if that program gets other rights when it
 * starts, so that the loader would ignore this library.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define RILL_PROTOCOL		253	/* IPPROTO_RILL of <linux/rill.h> */
#define RILL_PROTOCOL_OTHER	254	/* with the module parameter protocol=254 */
#define RILL_MPTCP		262	/* IPPROTO_MPTCP, not in older headers */
#define RILL_PROBE_SETUID	250	/* exit codes, beyond any errno */
#define RILL_PROBE_SETGID	251
#define RILL_PROBE_CAPS		252
#define RILL_INHERITED_MAX	256	/* descriptors that are looked at */

typedef int (*rill_socket_fn)(int domain, int type, int protocol);

/*
 * Written before main(), read after: socket() may be called by a signal
 * handler, where neither dlsym() nor getenv() is allowed.
 */
static rill_socket_fn rill_next;
static int rill_protocol = RILL_PROTOCOL;
static int rill_verbose;
static atomic_flag rill_told = ATOMIC_FLAG_INIT;

/* One line to stderr by one write(), from whatever context. */
__attribute__((format(printf, 1, 2)))
static void rill_say(const char *fmt, ...)
{
	int saved = errno;
	char line[256];
	va_list args;
	ssize_t done;
	int len, n;

	len = snprintf(line, sizeof(line), "rill: %s[%d]: ",
		       program_invocation_short_name, (int)getpid());
	if (len < 0 || len >= (int)sizeof(line) - 1)
		len = 0;
	va_start(args, fmt);
	n = vsnprintf(line + len, sizeof(line) - 1 - len, fmt, args);
	va_end(args);
	if (n > 0)
		len += n < (int)sizeof(line) - 1 - len ?
		       n : (int)sizeof(line) - 2 - len;
	line[len++] = '\n';
	done = write(STDERR_FILENO, line, len);
	(void)done;
	errno = saved;
}

/* The kind of a socket that stays what it is, or NULL. */
static const char *rill_stays(int fd)
{
	socklen_t len = sizeof(int);
	int protocol = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len))
		return NULL;
	if (protocol == IPPROTO_TCP)
		return "TCP";
	return protocol == RILL_MPTCP ? "MPTCP" : NULL;
}

/* What systemd or a parent without this library has opened. */
static void rill_tell_inherited(void)
{
	const char *kind;
	int fd;

	for (fd = 0; fd < RILL_INHERITED_MAX; fd++) {
		kind = rill_stays(fd);
		if (kind)
			rill_say("descriptor %d was inherited and stays a %s socket",
				 fd, kind);
	}
}

/* Does a program get other rights when it starts, as execve() has it? */
static int rill_probe_rights(const char *path)
{
	struct statvfs fs;
	struct stat st;

	if (stat(path, &st) || statvfs(path, &fs))
		return 0;
	if ((fs.f_flag & ST_NOSUID) ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return 0;
	if ((st.st_mode & S_ISUID) && st.st_uid != getuid())
		return RILL_PROBE_SETUID;
	/* Without the right to execute it is mandatory locking of old. */
	if ((st.st_mode & S_ISGID) && (st.st_mode & 0010) &&
	    st.st_gid != getgid())
		return RILL_PROBE_SETGID;
	if (getuid() && getxattr(path, "security.capability", NULL, 0) > 0)
		return RILL_PROBE_CAPS;
	return 0;
}

/* Can there be a rill socket? 0 or the errno. */
static int rill_probe_socket(void)
{
	int fd = rill_next(AF_INET, SOCK_STREAM, rill_protocol);

	if (fd < 0 && errno == EAFNOSUPPORT)
		fd = rill_next(AF_INET6, SOCK_STREAM, rill_protocol);
	return fd < 0 ? errno : 0;
}

__attribute__((constructor))
static void rill_start(void)
{
	const char *text = getenv("RILL_PROTOCOL");
	const char *probe = getenv("RILL_PROBE");

	if (rill_next)
		return;
	rill_next = (rill_socket_fn)dlsym(RTLD_NEXT, "socket");
	if (text && !strcmp(text, "254"))
		rill_protocol = RILL_PROTOCOL_OTHER;
	if (rill_next && probe)
		_exit(*probe == '/' ? rill_probe_rights(probe) :
				      rill_probe_socket());
	rill_verbose = !!getenv("RILL_VERBOSE");
	if (rill_verbose)
		rill_tell_inherited();
}

static int rill_is_tcp(int domain, int type, int protocol)
{
	if (domain != AF_INET && domain != AF_INET6)
		return 0;
	if ((type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != SOCK_STREAM)
		return 0;
	return protocol == 0 || protocol == IPPROTO_TCP ||
	       protocol == RILL_MPTCP;
}

int socket(int domain, int type, int protocol)
{
	/* Another library's constructor may come before ours. */
	rill_start();
	if (!rill_next) {
		errno = EPROTONOSUPPORT;
		return -1;
	}
	if (!rill_is_tcp(domain, type, protocol))
		return rill_next(domain, type, protocol);
	if (rill_verbose && !atomic_flag_test_and_set(&rill_told))
		rill_say("its %s sockets are rill sockets (protocol %d)",
			 protocol == RILL_MPTCP ? "MPTCP" : "TCP",
			 rill_protocol);
	return rill_next(domain, type, rill_protocol);
}
