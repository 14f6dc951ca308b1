// SPDX-License-Identifier: GPL-2.0
/*
 * What all parts of a storm share: random numbers, the bytes that programs
 * write, the ends' names and addresses, and the report of what happened.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "storm.h"

/* The stream, twice, so that no call has to be split. */
static u8 *storm_bytes;

/**
 * storm_random() - the next number (Steele, Lea, Flood: SplitMix, 2014)
 * @random: state
 *
 * Context: any.
 * Return: 64 random bits.
 */
u64 storm_random(struct storm_random *random)
{
	u64 z = random->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/**
 * storm_below() - a number below another, all equally likely
 * @random: state
 * @end: one past the largest; not 0
 *
 * Context: any.
 * Return: the number.
 */
u32 storm_below(struct storm_random *random, u32 end)
{
	return (storm_random(random) >> 32) * end >> 32;
}

/**
 * storm_spread() - a number whose magnitude is what is random
 * @random: state
 * @least: smallest; not 0
 * @most: largest
 *
 * Context: any.
 * Return: the number.
 */
u64 storm_spread(struct storm_random *random, u64 least, u64 most)
{
	u32 low = ilog2(least), high = ilog2(most);
	u32 bits = low + storm_below(random, high - low + 1);
	u64 value = BIT_ULL(bits) + (storm_random(random) & (BIT_ULL(bits) - 1));

	return clamp(value, least, most);
}

/**
 * storm_chance() - does it happen?
 * @random: state
 * @thousandths: how likely it is
 *
 * Context: any.
 * Return: true if it does.
 */
bool storm_chance(struct storm_random *random, u32 thousandths)
{
	return storm_below(random, 1000) < thousandths;
}

/**
 * storm_stream_init() - make the stream
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int storm_stream_init(void)
{
	struct storm_random random = { .state = STORM_PERIOD };
	u32 i;

	storm_bytes = kvmalloc(2 * STORM_PERIOD, GFP_KERNEL);
	if (!storm_bytes)
		return -ENOMEM;
	for (i = 0; i < STORM_PERIOD; i++)
		storm_bytes[i] = storm_random(&random);
	memcpy(storm_bytes + STORM_PERIOD, storm_bytes, STORM_PERIOD);
	return 0;
}

/**
 * storm_stream_exit() - free it
 *
 * Context: process.
 */
void storm_stream_exit(void)
{
	kvfree(storm_bytes);
	storm_bytes = NULL;
}

/**
 * storm_stream() - what a program writes
 * @side: whose
 * @offset: from which byte on
 * @len: how many bytes lie there, at least %STORM_PERIOD; may be NULL
 *
 * Context: any.
 * Return: the bytes.
 */
const u8 *storm_stream(enum storm_side side, u32 offset, u32 *len)
{
	u32 at = (offset + side * 12347) % STORM_PERIOD;

	if (len)
		*len = 2 * STORM_PERIOD - at;
	return storm_bytes + at;
}

/**
 * storm_side_name() - what an end is called in reports
 * @side: the end
 *
 * Context: any.
 * Return: the name.
 */
const char *storm_side_name(enum storm_side side)
{
	return side == STORM_CLIENT ? "client" : "server";
}

/**
 * storm_address() - an address as one of the ends knows it
 * @s: the storm
 * @side: the end
 * @remote: the other's address, else its own
 * @addr: filled in; IPv4 as ::ffff:a.b.c.d
 *
 * Context: any.
 */
void storm_address(const struct storm *s, enum storm_side side, bool remote,
		   struct in6_addr *addr)
{
	u32 host = side == STORM_CLIENT ? 1 : 2;
	u32 pair = 4 + 2 * (s->plan.seed & 0x3fffff);

	if (remote)
		host = side == STORM_CLIENT ? pair + 1 : pair;
	if (s->plan.v6)
		*addr = (struct in6_addr){ .s6_addr32 = {
			htonl(0xfd000000), 0, 0, htonl(host) } };
	else
		ipv6_addr_set_v4mapped(htonl(0x0a000000 + host), addr);
}

/**
 * storm_event() - remember that something happened
 * @s: the storm
 * @fmt: what
 *
 * Context: storm.lock held.
 */
void storm_event(struct storm *s, const char *fmt, ...)
{
	struct storm_event *event = &s->events[s->nevents++ % STORM_EVENTS];
	va_list args;

	event->at_ns = ktime_get_ns();
	va_start(args, fmt);
	vscnprintf(event->text, sizeof(event->text), fmt, args);
	va_end(args);
	if (s->trace)
		pr_info("rill_storm: %10llu.%03llu %s\n",
			(event->at_ns - s->start_ns) / 1000,
			(event->at_ns - s->start_ns) % 1000, event->text);
}

/**
 * storm_fail() - the script has failed; the first reason is told
 * @s: the storm
 * @fmt: why
 *
 * Context: storm.lock held.
 */
void storm_fail(struct storm *s, const char *fmt, ...)
{
	va_list args;

	if (s->failed)
		return;
	s->failed = true;
	va_start(args, fmt);
	vscnprintf(s->why, sizeof(s->why), fmt, args);
	va_end(args);
	storm_event(s, "FAILED: %s", s->why);
	WRITE_ONCE(s->woken, true);
	wake_up_process(s->player);
}
