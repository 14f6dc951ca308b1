/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Times, and what may be said of a time or a timestamp that was stored a while
 * ago; included by rill.h. module/transfer/stored.c lists all that are stored.
 */
#ifndef _RILL_TIME_H
#define _RILL_TIME_H

#include <linux/math64.h>
#include <linux/timekeeping.h>

/*
 * A timestamp is compared with one that was stored no longer ago than half of
 * the numbers of a clock of microseconds take, 35 min 48 s (RFC 7323, 5.5). Of a
 * peer whose clock ticks more slowly it would prove something for longer; but
 * no segment that is older than this is on its way any more, and TCP takes the
 * same time for all peers.
 */
#define RILL_TS_FRESH_NS	(BIT_ULL(31) * NSEC_PER_USEC)

/**
 * struct rill_recent - the peer's timestamp clock as last heard of (RFC 7323,
 *	4.3: TS.Recent)
 * @heard_ns: when, CLOCK_BOOTTIME: it goes on while this host is suspended
 * @tsval: where it stood then
 */
struct rill_recent {
	u64	heard_ns;
	u32	tsval;
};

/**
 * struct rill_answers - our answers to segments that are not acceptable, which
 *	keep a distance (invalid_ratelimit_ms); rill_may_answer() writes it
 * @last_ns: when the last went; 0: none yet
 */
struct rill_answers {
	u64	last_ns;
};

/* CLOCK_MONOTONIC: deadlines, and all times that a field named _ns holds. */
static inline u64 rill_now_ns(void)
{
	return ktime_get_ns();
}

/*
 * From @then to @now, ns: 0 if @then is the later of the two, as it may be where
 * another CPU has read the clock and written it down since @now was read.
 */
static inline u64 rill_elapsed_ns(u64 now, u64 then)
{
	return now > then ? now - then : 0;
}

/* The timestamp clock of RFC 7323: ticks of @unit, shifted by @offset. */
static inline u32 rill_ts_clock(u64 now_ns, u8 unit, u32 offset)
{
	u32 ticks = unit == RILL_TS_US ? div_u64(now_ns, NSEC_PER_USEC) :
					 div_u64(now_ns, NSEC_PER_MSEC);

	return ticks + offset;
}

#endif /* _RILL_TIME_H */
