// SPDX-License-Identifier: GPL-2.0
/*
 * ping.c - one byte there and one byte back, by blocking calls, so that little
 * but the protocol's own work is done: on one connection, or each on a new one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic.h"

int echo(void)
{
	int listener = socket_listen(false);
	ssize_t got;
	char byte;
	int fd;

	for (;;) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			die("accept: %s", strerror(errno));
		while ((got = recv(fd, &byte, 1, 0)) == 1)
			if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
				die("send: %s", strerror(errno));
		if (got < 0)
			die("recv: %s", strerror(errno));
		close(fd);
	}
}

static int ping_connect(void)
{
	struct sockaddr_in to = address_of(0);
	int fd = socket_new(false);

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die("connect: %s", strerror(errno));
	return fd;
}

static void ping_once(int fd, char byte)
{
	char answer = ~byte;

	if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
		die("send: %s", strerror(errno));
	if (recv(fd, &answer, 1, 0) != 1)
		die("recv: %s", strerror(errno));
	if (answer != byte)
		die("wrong data");
}

int ping(void)
{
	uint64_t start, end, count = 0;
	int fd = -1;

	if (!options.fresh)
		fd = ping_connect();
	start = now_ns();
	do {
		if (options.fresh)
			fd = ping_connect();
		ping_once(fd, count++);
		if (options.fresh)
			close(fd);
		end = now_ns();
	} while (end - start < options.duration_ns);
	printf("{\"count\": %llu, \"ns\": %llu}\n", (unsigned long long)count,
	       (unsigned long long)(end - start));
	return 0;
}
