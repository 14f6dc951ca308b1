// SPDX-License-Identifier: GPL-2.0
/*
 * A new connection in the place of one that is in TIME_WAIT: by the peer's SYN
 * (RFC 6191; RFC 9293, 3.10.7.4, MAY-2), or by connect().
 *
 * TIME_WAIT keeps old duplicates from being accepted as new segments. It may
 * end early where they differ: our segments by sequence numbers, which begin
 * beyond the old ones; the peer's by newer timestamps, or else by sequence
 * numbers beyond its old ones.
 *
 * The SYN may be an old duplicate all the same, and the peer of a connect() may
 * refuse. So the old entry stays beside the new connection until that is
 * established, and takes its place again if it fails.
 */
#include "../network/network.h"
#include "../transfer/transfer.h"
#include "inside.h"

/* As TCP: farther than an old segment of ours can be from the last of them. */
#define RILL_REUSE_ISN_GAP	(65535 + 2)

/**
 * rill_reuse_isn - initial sequence number after TIME_WAIT
 * @tw: the old incarnation
 * @now: ns
 *
 * RFC 6528's clock may be behind a connection that sent faster than 250 kB/s.
 *
 * Context: any.
 * Return: a number beyond the last one that the old incarnation used.
 */
u32 rill_reuse_isn(const struct rill_timewait *tw, u64 now)
{
	u32 least = READ_ONCE(tw->snd_nxt) + RILL_REUSE_ISN_GAP;
	u32 isn = rill_secure_isn(tw->rnet, &tw->entry.key, now);

	return rill_after(isn, least) ? isn : least;
}

/* RFC 6191, 2: is this SYN newer than all that the old incarnation sent? */
static bool rill_reuse_newer(const struct rill_timewait *tw,
			     const struct rill_segment *seg)
{
	bool ts = seg->opts.has_ts && rill_tunable(tw->rnet, timestamps);

	/* From then on a segment without a timestamp is not taken. */
	if (ts && !tw->ts_ok)
		return true;
	if (ts && seg->opts.tsval != READ_ONCE(tw->recent.tsval))
		return !rill_recent_older(&tw->recent, seg->opts.tsval);
	return rill_after(seg->seq, READ_ONCE(tw->rcv_nxt));
}

/**
 * rill_reuse_opens - may a segment that meets a TIME_WAIT entry open another?
 * @tw: the finished connection
 * @seg: the segment
 *
 * Context: any.
 * Return: false if that is no SYN, or if it could be an old one.
 */
bool rill_reuse_opens(const struct rill_timewait *tw,
		      const struct rill_segment *seg)
{
	if ((seg->flags & (RILL_SYN | RILL_ACK | RILL_RST | RILL_FIN)) !=
	    RILL_SYN)
		return false;
	return rill_tunable(tw->rnet, time_wait_reuse) &&
	       READ_ONCE(tw->state) == TCP_TIME_WAIT &&
	       rill_reuse_newer(tw, seg);
}

/**
 * rill_reuse_connect - let a socket take the place of a TIME_WAIT entry
 * @sk: the socket, whose key is complete; published if the answer is true
 *
 * The peer accepts the new SYN if its timestamp is later than all that we sent:
 * our clock must have ticked, and goes on from where it is.
 *
 * Context: process; the lock of the port's bucket held.
 * Return: false if there is none, or if it has to stay.
 */
bool rill_reuse_connect(struct sock *sk)
{
	struct rill_net *rnet = rill_sk_net(sk);
	struct rill_sock *rs = rill_sk(sk);
	struct rill_timewait *tw;
	u32 clock;
	bool ok;
	u64 now;

	sock_owned_by_me(sk);
	if (!rill_tunable(rnet, time_wait_reuse) ||
	    !rill_tunable(rnet, timestamps))
		return false;
	tw = rill_timewait_find(rnet, &rs->entry.key);
	if (!tw)
		return false;
	now = rill_now_ns();
	spin_lock_bh(&tw->lock);
	clock = rill_ts_clock(now, tw->ts_unit, tw->ts_offset);
	ok = tw->ts_ok && rill_after(clock, tw->ts_sent);
	spin_unlock_bh(&tw->lock);
	ok = ok && rill_timewait_yield(tw, &rs->entry);
	if (ok) {
		rs->old = tw;
		rill_conn_resume(rs, clock - rill_ts_clock(now, RILL_TS_US, 0));
	}
	rill_timewait_put(tw);
	return ok;
}

/**
 * rill_reuse_answered - may a socket believe the answer to its SYN?
 * @sk: the socket, in SYN_SENT
 * @seg: the peer's SYN or SYN-ACK
 *
 * After TIME_WAIT only if it is newer than all that the old incarnation sent,
 * by timestamp or sequence number, or when TIME_WAIT would be over. Otherwise
 * the SYN is retransmitted and its answer looked at again.
 *
 * Return: true if it may.
 */
bool rill_reuse_answered(const struct sock *sk, const struct rill_segment *seg)
{
	const struct rill_sock *rs = rill_sk(sk);
	const struct rill_timewait *tw = rs->old;

	sock_owned_by_me(sk);
	if (!tw)
		return true;
	if (rs->agreed.ts_ok && seg->opts.has_ts &&
	    seg->opts.tsval != READ_ONCE(tw->recent.tsval) &&
	    !rill_recent_older(&tw->recent, seg->opts.tsval))
		return true;
	return rill_after(seg->seq, READ_ONCE(tw->rcv_nxt)) ||
	       rill_now_ns() >= READ_ONCE(tw->expires_ns);
}

/**
 * rill_reuse_done - the new connection stands: forget the old one
 * @sk: the socket, which need not have taken a TIME_WAIT entry's place
 */
void rill_reuse_done(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (rs->old)
		rill_timewait_end(rs->old);
	rs->old = NULL;
}

/**
 * rill_reuse_failed - nothing came of connect(): the old connection is back
 * @sk: the socket, in the table; out of it afterwards
 */
void rill_reuse_failed(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_timewait *tw = rs->old;

	sock_owned_by_me(sk);
	rs->old = NULL;
	/* The peer may have seen the timestamp of the new SYN. */
	spin_lock_bh(&tw->lock);
	tw->ts_unit = rs->agreed.ts_unit;
	tw->ts_offset = rs->agreed.ts_offset;
	spin_unlock_bh(&tw->lock);
	rill_timewait_resume(tw, &rs->entry);
}
