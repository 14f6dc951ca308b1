// SPDX-License-Identifier: GPL-2.0
/*
 * Both ways at once over a link that loses: what was sent is what arrives.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rill.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define SECONDS_MAX	60	/* without a byte before it is given up */
#define NOTE_BYTES	(16 << 20)

/* Sums bytes as they come, by words of 64 bits, low byte first. */
struct sum {
	uint64_t value;
	uint64_t word;
	unsigned int have;
};

static void sum_add(struct sum *sum, const uint8_t *p, size_t len)
{
	uint64_t word;

	while (len) {
		if (!sum->have && len >= sizeof(word)) {
			memcpy(&word, p, sizeof(word));
			word = le64toh(word);
			p += sizeof(word);
			len -= sizeof(word);
		} else {
			sum->word |= (uint64_t)*p++ << 8 * sum->have++;
			len--;
			if (sum->have < sizeof(word))
				continue;
			word = sum->word;
			sum->word = 0;
			sum->have = 0;
		}
		/* FNV-1a's: the order of the words counts. */
		sum->value = (sum->value ^ word) * 0x100000001b3;
	}
}

/* Some of what is left to send; nothing left ends that way. */
static int end_send(int fd, struct stream *stream, struct sum *sum,
		    struct result *result, uint64_t bytes)
{
	size_t len = sizeof(stream->bytes);
	const uint8_t *p;
	ssize_t n;

	if (len > bytes - result->sent)
		len = bytes - result->sent;
	p = stream_ready(stream, &len);
	n = send(fd, p, len, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN ? 0 : errno;
	sum_add(sum, p, n);
	stream_took(stream, n);
	result->sent += n;
	if (result->sent == bytes)
		return shutdown(fd, SHUT_WR) ? errno : 0;
	return 0;
}

static int end_receive(int fd, struct sum *sum, struct result *result,
		       bool *over)
{
	static uint8_t buffer[65536];
	ssize_t n = recv(fd, buffer, sizeof(buffer), 0);

	if (n < 0)
		return errno == EAGAIN ? 0 : errno;
	sum_add(sum, buffer, n);
	if ((result->received + n) / NOTE_BYTES > result->received / NOTE_BYTES)
		note("%llu MiB have come",
		     (unsigned long long)(result->received + n) >> 20);
	result->received += n;
	*over = !n;
	return 0;
}

/* One end, until both ways are over. */
static void end_run(int fd, int end, uint64_t bytes, struct result *result)
{
	static struct stream stream;
	struct sum sent = { 0 }, received = { 0 };
	struct pollfd poller = { .fd = fd };
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);
	bool over = false;

	stream_start(&stream, end);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (!result->error && (result->sent < bytes || !over)) {
		poller.events = (over ? 0 : POLLIN) |
				(result->sent < bytes ? POLLOUT : 0);
		if (poll(&poller, 1, SECONDS_MAX * 1000) != 1)
			result->error = ETIMEDOUT;
		else if (poller.revents & POLLOUT && result->sent < bytes)
			result->error = end_send(fd, &stream, &sent, result,
						 bytes);
		if (!result->error && !over)
			result->error = end_receive(fd, &received, result,
						    &over);
	}
	getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len);
	result->retransmitted = info.tcpi_total_retrans;
	result->sent_sum = sent.value;
	result->received_sum = received.value;
}

/*
 * Each end sends so much to the other, at once, in a process of its own; the
 * sockets are closed after it.
 */
void exchange(int fds[ENDS], uint64_t bytes, struct result results[ENDS])
{
	struct result *shared;
	pid_t child;

	shared = mmap(NULL, ENDS * sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("mmap");
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		close(fds[NEAR]);
		end_run(fds[FAR], FAR, bytes, &shared[FAR]);
		_exit(0);
	}
	close(fds[FAR]);
	end_run(fds[NEAR], NEAR, bytes, &shared[NEAR]);
	close(fds[NEAR]);
	waitpid(child, NULL, 0);
	memcpy(results, shared, ENDS * sizeof(*shared));
	munmap(shared, ENDS * sizeof(*shared));
}

void transfer(int family, uint64_t bytes)
{
	static const struct netem netem = { 1, 500000 };
	const char *name = family_name(family);
	struct result results[ENDS], *from, *to;
	int fds[ENDS], end;
	double start, took;

	net_link();
	net_netem(&netem);
	pair_open(family, fds);
	start = now();
	exchange(fds, bytes, results);
	took = now() - start;

	for (end = NEAR; end < ENDS; end++) {
		from = &results[end];
		to = &results[!end];
		check(!from->error && from->sent == bytes &&
		      to->received == bytes &&
		      from->sent_sum == to->received_sum,
		      "%s: %llu MiB from the %s end, sum %016llx, arrive with sum %016llx%s%s",
		      name, (unsigned long long)bytes >> 20, end_name(end),
		      (unsigned long long)from->sent_sum,
		      (unsigned long long)to->received_sum,
		      from->error ? ": " : "",
		      from->error ? strerror(from->error) : "");
		check(from->retransmitted,
		      "%s: the %s end sent %llu segments again", name,
		      end_name(end), (unsigned long long)from->retransmitted);
	}
	note("%s: %.1f s, %.1f Mbit/s each way", name, took,
	     bytes * 8 / took / 1e6);
}
