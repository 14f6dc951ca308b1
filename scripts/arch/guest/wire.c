// SPDX-License-Identifier: GPL-2.0
/*
 * What a connection looks like on the link, read byte by byte: two ends that
 * have the byte order wrong in the same way understand each other well.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rill.h>
#include <net/ethernet.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "guest.h"

#define WIRE_BYTES	(512 << 10)	/* each way */
#define TRACING		"/sys/kernel/tracing/"
#define DELACK_US	1000		/* delack_max_us, as it is by default */

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

/* What is looked at, in each segment that has it. */
enum {
	SEEN_IP, SEEN_PORTS, SEEN_CHECKSUM, SEEN_SYN, SEEN_RESET, SEEN_BYTES,
	SEEN_ACK, SEEN_WINDOW, SEEN_TIMESTAMPS, SEEN_SACK, SEEN_NUMBER
};

static const char * const seen_names[] = {
	[SEEN_IP] = "the IP header has protocol, length and addresses",
	[SEEN_PORTS] = "the ports are those that were bound",
	[SEEN_CHECKSUM] = "the checksum is that of the bytes",
	[SEEN_SYN] = "a SYN has the options of its end, with their values",
	[SEEN_RESET] = "a reset answers the SYN",
	[SEEN_BYTES] = "the sequence number is that of the bytes",
	[SEEN_ACK] = "what is acknowledged was sent",
	[SEEN_WINDOW] = "the window never shrinks, and holds what is sent",
	[SEEN_TIMESTAMPS] = "an echoed timestamp was sent",
	[SEEN_SACK] = "a SACK block was sent",
};

static struct {
	unsigned int looked, wrong;
	char first[120];		/* of the first that is wrong */
} seen[SEEN_NUMBER];

/* What one end has sent so far. */
struct side {
	uint32_t isn;
	uint32_t next;		/* behind the last byte that was seen */
	uint32_t edge;		/* of the window that it offers */
	uint8_t scale;		/* of that window */
	uint32_t ts_first, ts_last;
	uint8_t bytes[WIRE_BYTES];
};

static struct side sides[ENDS];

/* A segment, and where its parts are. */
struct frame {
	const uint8_t *ip, *tcp, *data;
	size_t data_len;
	int family, from;
};

__attribute__((format(printf, 3, 4)))
static void look(int what, bool good, const char *fmt, ...)
{
	va_list args;

	seen[what].looked++;
	if (good || seen[what].wrong++)
		return;
	va_start(args, fmt);
	vsnprintf(seen[what].first, sizeof(seen[what].first), fmt, args);
	va_end(args);
}

static uint16_t two(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t four(const uint8_t *p)
{
	return (uint32_t)two(p) << 16 | two(p + 2);
}

static bool after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* RFC 1071, of the pseudo-header and the segment. */
static bool checksum_holds(const struct frame *f, size_t len)
{
	size_t i, addresses = f->family == AF_INET ? 12 : 8;
	size_t size = f->family == AF_INET ? 8 : 32;
	uint32_t sum = IPPROTO_RILL + len;

	for (i = 0; i < size; i += 2)
		sum += two(f->ip + addresses + i);
	for (i = 0; i + 1 < len; i += 2)
		sum += two(f->tcp + i);
	if (len & 1)
		sum += f->tcp[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* The address of an end as it stands in an IP header. */
static const uint8_t *address_bytes(int end, int family)
{
	static struct sockaddr_storage address;

	net_address(end, family, 0, &address);
	return family == AF_INET ?
	       (void *)&((struct sockaddr_in *)&address)->sin_addr :
	       (void *)&((struct sockaddr_in6 *)&address)->sin6_addr;
}

/* Where a kind of option has its value; NULL if it is not there. */
static const uint8_t *option(const struct frame *f, uint8_t kind, uint8_t len)
{
	const uint8_t *p = f->tcp + 20;

	while (p < f->data && *p) {
		if (*p == 1) {
			p++;
			continue;
		}
		if (p + 1 >= f->data || p[1] < 2 || p + p[1] > f->data)
			return NULL;
		if (*p == kind && (!len || p[1] == len))
			return p + 2;
		p += p[1];
	}
	return NULL;
}

/* Is it a segment of ours?  Looks at the IP header. */
static bool frame_parse(struct frame *f, const uint8_t *p, size_t len)
{
	size_t size, addresses, total;

	f->ip = p + ETH_HLEN;
	len -= ETH_HLEN;
	if (two(p + 12) == ETHERTYPE_IP && f->ip[9] == IPPROTO_RILL) {
		f->family = AF_INET;
		f->tcp = f->ip + 4 * (f->ip[0] & 15);
		total = two(f->ip + 2);
		addresses = 12;
		size = 4;
	} else if (two(p + 12) == ETHERTYPE_IPV6 && f->ip[6] == IPPROTO_RILL) {
		f->family = AF_INET6;
		f->tcp = f->ip + 40;
		total = 40 + two(f->ip + 4);
		addresses = 8;
		size = 16;
	} else {
		return false;
	}
	f->from = memcmp(f->ip + addresses, address_bytes(FAR, f->family),
			 size) ? NEAR : FAR;
	look(SEEN_IP, total == len &&
	     !memcmp(f->ip + addresses, address_bytes(f->from, f->family),
		     size) &&
	     !memcmp(f->ip + addresses + size,
		     address_bytes(!f->from, f->family), size),
	     "length %zu of %zu", total, len);
	f->data = f->tcp + 4 * (f->tcp[12] >> 4);
	f->data_len = f->ip + len - f->data;
	return true;
}

static void see_syn(const struct frame *f, struct side *me)
{
	const uint8_t *mss = option(f, 2, 4), *scale = option(f, 3, 3);
	const uint8_t *sack = option(f, 4, 2), *ours;
	unsigned int most = LINK_MTU - 20 - (f->family == AF_INET ? 20 : 40);

	ours = option(f, RILL_OPT_KIND, RILL_OPT_LEN);
	look(SEEN_SYN, mss && two(mss) == most && scale && *scale <= 14 &&
	     sack && ours && two(ours) == RILL_OPT_EXID &&
	     (four(ours + 2) & 0xffffff) == DELACK_US,
	     "MSS %d, scale %d, SACK %d, ours %08x", mss ? two(mss) : -1,
	     scale ? *scale : -1, !!sack, ours ? four(ours + 2) : 0);
	me->isn = four(f->tcp + 4);
	me->next = me->isn + 1;
	me->scale = scale ? *scale : 0;
	me->edge = 0;
	me->ts_first = 0;
}

static void see_data(const struct frame *f, struct side *me,
		     const struct side *peer, uint8_t flags)
{
	uint32_t seq = four(f->tcp + 4), at = seq - me->isn - 1;
	uint32_t end = seq + f->data_len;

	if (f->data_len)
		look(SEEN_BYTES, at < WIRE_BYTES &&
		     f->data_len <= WIRE_BYTES - at &&
		     !memcmp(f->data, me->bytes + at, f->data_len),
		     "%zu bytes at %u", f->data_len, at);
	if (f->data_len && peer->edge)
		look(SEEN_WINDOW, !after(end, peer->edge),
		     "%u sent beyond the window", end - peer->edge);
	end += !!(flags & FIN);
	if (after(end, me->next))
		me->next = end;
}

static void see_ack(const struct frame *f, struct side *me,
		    const struct side *peer, uint8_t flags)
{
	uint32_t ack = four(f->tcp + 8), edge = two(f->tcp + 14);
	uint8_t scale = flags & SYN ? 0 : me->scale;

	look(SEEN_ACK, after(ack, peer->isn) && !after(ack, peer->next),
	     "%u of %u", ack - peer->isn, peer->next - peer->isn);
	edge = ack + (edge << scale);
	if (me->edge)
		look(SEEN_WINDOW, !after(me->edge, edge + (1U << scale)),
		     "%u to the left", me->edge - edge);
	if (!me->edge || after(edge, me->edge))
		me->edge = edge;
}

static void see_timestamps(const struct frame *f, struct side *me,
			   const struct side *peer)
{
	const uint8_t *p = option(f, 8, 10);

	if (!p)
		return;
	me->ts_last = four(p);
	if (!me->ts_first)
		me->ts_first = me->ts_last;
	/* A cookie writes what it remembers into the low bits of the first. */
	if (f->tcp[13] & ACK)
		look(SEEN_TIMESTAMPS, four(p + 4) - (peer->ts_first - 64) <=
		     peer->ts_last - (peer->ts_first - 64),
		     "%08x is not in %08x-%08x", four(p + 4), peer->ts_first,
		     peer->ts_last);
}

static void see_sacks(const struct frame *f, const struct side *peer)
{
	const uint8_t *p = option(f, 5, 0), *end;

	if (!p)
		return;
	for (end = p - 2 + p[-1]; p < end; p += 8)
		look(SEEN_SACK, after(four(p + 4), four(p)) &&
		     after(four(p), peer->isn) &&
		     !after(four(p + 4), peer->next), "%u-%u of %u",
		     four(p) - peer->isn, four(p + 4) - peer->isn,
		     peer->next - peer->isn);
}

static void see_frame(const uint8_t *p, size_t len)
{
	static const uint16_t ports[ENDS] = { NEAR_PORT, FAR_PORT };
	const struct side *peer;
	struct side *me;
	struct frame f;
	uint8_t flags;

	if (len < ETH_HLEN + 40 || !frame_parse(&f, p, len))
		return;
	me = &sides[f.from];
	peer = &sides[!f.from];
	flags = f.tcp[13];
	look(SEEN_PORTS, two(f.tcp) == ports[f.from] &&
	     two(f.tcp + 2) == ports[!f.from], "%04x to %04x", two(f.tcp),
	     two(f.tcp + 2));
	look(SEEN_CHECKSUM, checksum_holds(&f, p + len - f.tcp),
	     "%zu bytes, checksum %04x", p + len - f.tcp, two(f.tcp + 16));
	if (flags & RST) {
		/* The other kind answers what comes late, after the end. */
		if (flags & ACK)
			look(SEEN_RESET, !four(f.tcp + 4) &&
			     four(f.tcp + 8) == peer->next, "%u to %u",
			     four(f.tcp + 8), peer->next);
		return;
	}
	if (flags & SYN)
		see_syn(&f, me);
	else
		see_data(&f, me, peer, flags);
	if (flags & ACK)
		see_ack(&f, me, peer, flags);
	see_timestamps(&f, me, peer);
	see_sacks(&f, peer);
}

/* From now on, what passes the near end of the link. */
static int capture_start(void)
{
	int fd, room = 32 << 20;

	net_enter(NEAR);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    htons(ETH_P_ALL));
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room,
				 sizeof(room)))
		die("packet socket");
	return fd;
}

static void capture_look(int fd, const char *name)
{
	static uint8_t frame[65536];
	ssize_t len;
	int i;

	memset(seen, 0, sizeof(seen));
	while ((len = recv(fd, frame, sizeof(frame), 0)) > 0)
		see_frame(frame, len);
	close(fd);
	for (i = 0; i < SEEN_NUMBER; i++) {
		if (seen[i].wrong)
			check(false, "%s: %s: %u of %u not, first %s", name,
			      seen_names[i], seen[i].wrong, seen[i].looked,
			      seen[i].first);
		else
			check(seen[i].looked, "%s: %s (%u)", name,
			      seen_names[i], seen[i].looked);
	}
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

/* A tunable of the far end's namespace, which a sysfs of its own shows. */
static void tunable_set(const char *path, const char *text)
{
	net_enter(FAR);
	if (mount("sysfs", "/mnt", "sysfs", 0, NULL))
		die("sysfs");
	write_file(path, text);
	umount("/mnt");
}

/* The events of the connection name both ends. */
static void trace_look(int family, const char *name)
{
	static char text[1 << 20], line[200], ends[ENDS][64];
	struct sockaddr_storage address;
	char ip[INET6_ADDRSTRLEN];
	size_t len = 0;
	ssize_t n;
	int end, fd = open(TRACING "trace", O_RDONLY);

	while (fd >= 0 && len < sizeof(text) - 1 &&
	       (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	text[len] = 0;
	close(fd);
	for (end = NEAR; end < ENDS; end++) {
		net_address(end, family, 0, &address);
		inet_ntop(family, address_bytes(end, family), ip, sizeof(ip));
		snprintf(ends[end], sizeof(ends[end]),
			 family == AF_INET ? "%s:%d" : "[%s]:%d", ip,
			 end == NEAR ? NEAR_PORT : FAR_PORT);
	}
	snprintf(line, sizeof(line),
		 "rill_state: %s -> %s oldstate=SYN_SENT newstate=ESTABLISHED",
		 ends[NEAR], ends[FAR]);
	check(strstr(text, line), "%s: the trace has \"%s\"", name, line);
}

/* Nobody listens there. */
static void refused(int family, const char *name)
{
	struct sockaddr_storage near, far;
	socklen_t len = net_address(FAR, family, FAR_PORT, &far);
	int fd, got;

	net_address(NEAR, family, NEAR_PORT, &near);
	net_enter(NEAR);
	fd = socket(family, SOCK_STREAM, IPPROTO_RILL);
	if (bind(fd, (void *)&near, len))
		die("bind");
	got = connect(fd, (void *)&far, len) ? errno : 0;
	check(got == ECONNREFUSED, "%s: a connection to a closed port: %s",
	      name, strerror(got));
	close(fd);
}

static void sides_start(void)
{
	static struct stream stream;
	const uint8_t *p;
	size_t at, len;
	int end;

	for (end = NEAR; end < ENDS; end++) {
		stream_start(&stream, end);
		for (at = 0; at < WIRE_BYTES; at += len) {
			len = WIRE_BYTES - at;
			p = stream_ready(&stream, &len);
			memcpy(sides[end].bytes + at, p, len);
			stream_took(&stream, len);
		}
	}
}

/*
 * With one processor the order on the link is that of the capture: each has a
 * queue of its own for what was received.
 */
static void processors_take(unsigned int number)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	while (number--)
		CPU_SET(number, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

void wire(int family, bool cookies)
{
	static const struct netem netem = { 3, 1000000 };
	struct result results[ENDS];
	int fds[ENDS], capture;
	char name[32];

	processors_take(1);
	snprintf(name, sizeof(name), "%s%s", family_name(family),
		 cookies ? " by cookie" : "");
	sides_start();
	net_link();
	net_no_offload();
	if (cookies)
		tunable_set("/mnt/kernel/rill/net/syncookies", "2");
	capture = capture_start();
	refused(family, name);
	net_netem(&netem);
	write_file(TRACING "trace", "");
	write_file(TRACING "events/rill/rill_state/enable", "1");
	pair_open(family, fds);
	exchange(fds, WIRE_BYTES, results);
	write_file(TRACING "events/rill/rill_state/enable", "0");
	check(results[NEAR].sent_sum == results[FAR].received_sum &&
	      results[FAR].sent_sum == results[NEAR].received_sum,
	      "%s: what was sent arrives", name);
	processors_take(sysconf(_SC_NPROCESSORS_ONLN));
	trace_look(family, name);
	capture_look(capture, name);
}
