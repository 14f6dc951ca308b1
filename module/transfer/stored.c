// SPDX-License-Identifier: GPL-2.0
/*
 * What was stored a while ago, and compared now. A connection may be silent for
 * weeks, and one side of it while the other sends for weeks: then 2^31 ticks of
 * a timestamp clock, or 2^31 bytes, have gone by, and what was stored looks as
 * if it lay ahead. So each stored timestamp, sequence number and time is in
 * this list, with what keeps it from being compared when it is too old; a new
 * one is a new line.
 *
 * Timestamps (32 bits: 36 minutes at a tick in a microsecond)
 *   rill_sock.recent, rill_request.recent, rill_timewait.recent
 *			rill_recent_older(): believed for RILL_TS_FRESH_NS
 *   rill_undo.sent_ns, rill_tlp.sent_ns, rill_skb_cb.sent_ns
 *			kept as times; rill_echo_before() makes timestamps of
 *			them while these prove something
 *   rill_timewait.ts_sent
 *			of the last 2MSL, which are 8 minutes at most
 *   rill_space.rtt_echo
 *			compared with == only, and with how long ago it came
 *
 * Sequence numbers (32 bits: 2 GiB)
 *   snd.una, snd.nxt, snd.write_seq; rcv.nxt, rcv.wup, rcv.copied_seq
 *			a window apart at most, which is a GiB at most
 *   rec.point, cc.used_seq, rill_rack.dsack_round, rill_undo.end_seq,
 *   rill_hystart.round_end
 *			snd.nxt at some time; rill_unacked(): is it in flight?
 *   rill_tlp.end_seq, .seq; plpmtud.seq, plpmtud.end; rec.lost_seq
 *			of a segment in flight while rill_tlp.active, plpmtud.mtu
 *			and rtx.lost_out say so
 *   rill_rack.timeout_seq, .timeout_end; snd.sml
 *			by a range: 4 GiB later one segment may fall into it,
 *			and a D-SACK or a small segment is taken for another
 *   rill_ecn.point	moved along behind snd.una by each ACK
 *   rill_rack.fack, .end_seq
 *			moved along by what arrives
 *   rill_undo.start_seq
 *			until a round trip after the recovery
 *   rill_urgent.snd_up	rill_urgent_acked() ends urgent mode with its ACK
 *   rill_urgent.seq	in the receive buffer while .state says so
 *   snd.wl1		moved along by each ACK that is no old one
 *   snd.pushed_seq		half of the peer's largest window behind at most
 *   sack.recent, sack.dsack
 *			in the window; until the next ACK
 *   rill_skb_cb.sacked_end
 *			while the segment is in flight
 *   space.rtt_seq	by a range: ahead is no more than a window
 *   space.seq		a difference, whose size matters only if it is small
 *
 * Times (64 bits of ns, which do not wrap)
 *   all of them	rill_elapsed_ns(), since another CPU may have stored a
 *			later time than the one that we have read;
 *			scripts/test/named looks for differences made by hand
 *   CLOCK_MONOTONIC stands still while the host is suspended. That is right for
 *   deadlines and for our own timestamp clock, which does the same, and wrong
 *   for how long ago the peer was heard: rill_recent.heard_ns is of
 *   CLOCK_BOOTTIME.
 *
 * Counters of 8 and 16 bits (those of struct rill_retry, rec.dupacks,
 * ack.burst, reo_mult, rill_request.retries) stop at a bound. Of jiffies
 * nothing is stored.
 */
#include "inside.h"

#ifdef CONFIG_RILL_KUNIT
u64 rill_kunit_suspended_ns;
#else
#define rill_kunit_suspended_ns	0
#endif

/*
 * To the tick of the scheduler, which is precise enough for half an hour: it is
 * read for each segment.
 */
static u64 rill_boot_ns(void)
{
	return ktime_get_coarse_boottime_ns() + rill_kunit_suspended_ns;
}

/**
 * rill_recent_hear - set TS.Recent (RFC 7323, 4.3)
 * @recent: of the peer
 * @tsval: its timestamp
 *
 * Context: any; a reader on another CPU may see one without the other.
 */
void rill_recent_hear(struct rill_recent *recent, u32 tsval)
{
	WRITE_ONCE(recent->heard_ns, rill_boot_ns());
	WRITE_ONCE(recent->tsval, tsval);
}

/**
 * rill_recent_older - is a timestamp older than TS.Recent?
 * @recent: of the peer
 * @tsval: its timestamp
 *
 * The one place where timestamps of the peer are compared: PAWS, the next
 * TS.Recent, window updates, and the end of TIME_WAIT. A TS.Recent from too
 * long ago proves nothing (RFC 7323, 5.5).
 *
 * Context: any.
 * Return: true if that is certain.
 */
bool rill_recent_older(const struct rill_recent *recent, u32 tsval)
{
	u32 last = READ_ONCE(recent->tsval);

	return rill_before(tsval, last) &&
	       rill_elapsed_ns(rill_boot_ns(), READ_ONCE(recent->heard_ns)) <
	       RILL_TS_FRESH_NS;
}

/**
 * rill_recent_update - let a segment advance TS.Recent (RFC 7323, 4.3)
 * @recent: of the peer
 * @ts_ok: both sides send timestamps
 * @seg: the segment, acceptable, and the next to be acknowledged
 *
 * Context: any.
 */
void rill_recent_update(struct rill_recent *recent, bool ts_ok,
			const struct rill_segment *seg)
{
	if (ts_ok && seg->opts.has_ts &&
	    !rill_recent_older(recent, seg->opts.tsval))
		rill_recent_hear(recent, seg->opts.tsval);
}

/**
 * rill_echo_before - does an ACK answer a segment sent before a moment?
 * @rs: the socket
 * @seg: header of the ACK
 * @sent_ns: the moment
 *
 * TSecr shows it (RFC 7323, 3.2), unless that moment is so long ago that our
 * clock has since run through half of its numbers.
 *
 * Context: socket lock held.
 * Return: true if that is certain.
 */
bool rill_echo_before(const struct rill_sock *rs,
		      const struct rill_segment *seg, u64 sent_ns)
{
	u64 tick = rill_ts_tick_ns(rs);

	if (!rs->agreed.ts_ok || !seg->opts.has_ts || !seg->opts.tsecr ||
	    rill_elapsed_ns(rs->clock.now_ns, sent_ns) >= tick << 31)
		return false;
	return rill_before(seg->opts.tsecr,
			   rill_ts_at(rs, sent_ns));
}
