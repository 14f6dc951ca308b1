// SPDX-License-Identifier: GPL-2.0
/*
 * Pacing: segments go out no faster than sk_pacing_rate, each after the time
 * that the one before it takes at that rate. It serves programs that set
 * SO_MAX_PACING_RATE, algorithms that ask for it, and sockets whose packets
 * leave by the queueing discipline fq. fq paces by the same rate, but it holds
 * so few packets of a flow that it would drop the rest of cwnd, and a segment
 * that waits there counts as in flight.
 */
#include "../clock/clock.h"
#include "inside.h"

/* As TCP: twice what cwnd needs in slow start, and a fifth more after it. */
#define RILL_PACE_SLOW_START	200	/* percent */
#define RILL_PACE_AVOIDANCE	120

/* A timer that was late is made up for, up to this. */
#define RILL_PACE_LATE_NS	NSEC_PER_MSEC

/* No segment waits longer: TCP's persist timer would send it by then. */
#define RILL_PACE_MOST_NS	(120ULL * NSEC_PER_SEC)

/**
 * rill_pace_active - does the socket pace what it sends?
 * @sk: the socket
 *
 * Context: any.
 * Return: true if so.
 */
bool rill_pace_active(const struct sock *sk)
{
	return READ_ONCE(sk->sk_pacing_status) != SK_PACING_NONE;
}

/**
 * rill_pace_init - a connection is established
 * @sk: the socket
 *
 * Context: socket lock held.
 */
void rill_pace_init(struct sock *sk)
{
	if (rill_sk(sk)->cc.ops->paced)
		cmpxchg(&sk->sk_pacing_status, SK_PACING_NONE,
			SK_PACING_NEEDED);
}

/**
 * rill_pace_rate - the rate that a window needs
 * @bytes: the window
 * @srtt8_us: SRTT times 8, not 0
 * @percent: of it
 *
 * Context: any.
 * Return: bytes a second.
 */
u64 rill_pace_rate(u64 bytes, u32 srtt8_us, u32 percent)
{
	return div_u64(bytes * (8 * USEC_PER_SEC / 100 * percent), srtt8_us);
}

/**
 * rill_pace_update - cwnd or SRTT may have changed
 * @sk: the socket
 *
 * Context: socket lock held.
 */
void rill_pace_update(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	bool slow = rs->cc.cwnd < rs->cc.ssthresh / 2;
	u64 bytes, rate;

	if (!rs->rtt.srtt_us)
		return;
	/* With headers, which rill_pace_sent() counts too. */
	bytes = rs->path.mss + rill_mss_options(sk) + sizeof(struct tcphdr);
	bytes *= max(rs->cc.cwnd, rs->rtx.packets_out);
	rate = rill_pace_rate(bytes, rs->rtt.srtt_us,
			      slow ? RILL_PACE_SLOW_START :
				     RILL_PACE_AVOIDANCE);
	WRITE_ONCE(sk->sk_pacing_rate,
		   min_t(u64, rate, READ_ONCE(sk->sk_max_pacing_rate)));
}

/**
 * rill_pace_allows - may a segment go now?
 * @sk: the socket
 *
 * Return: false if not yet; the timer is set.
 */
bool rill_pace_allows(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!rill_pace_active(sk) || rill_now_ns() >= rs->pace.next_ns)
		return true;
	rs->pace.held = true;
	rill_timer_set(sk, RILL_TIMER_PACE, rs->pace.next_ns);
	return false;
}

/**
 * rill_pace_sent - a segment with data went out
 * @sk: the socket
 * @bytes: its header and payload
 */
void rill_pace_sent(struct sock *sk, u32 bytes)
{
	unsigned long rate = READ_ONCE(sk->sk_pacing_rate);
	struct rill_sock *rs = rill_sk(sk);
	u64 now, from, wait;

	sock_owned_by_me(sk);
	if (!rill_pace_active(sk) || !rate || rate == ~0UL)
		return;
	now = rill_now_ns();
	from = now;
	/* A segment that waited for the timer counts from its deadline. */
	if (rs->pace.held)
		from = max(rs->pace.next_ns, now - RILL_PACE_LATE_NS);
	wait = div64_ul((u64)bytes * NSEC_PER_SEC, rate);
	rs->pace.next_ns = min(from + min_t(u64, wait, RILL_PACE_MOST_NS),
			       now + RILL_PACE_MOST_NS);
	if (rs->pace.next_ns > now)
		rs->pace.held = false;
}
