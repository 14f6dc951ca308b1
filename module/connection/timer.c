// SPDX-License-Identifier: GPL-2.0
/*
 * What the deadlines of a connection do: the table is at the end. The clock
 * keeps them, module/clock/deadline.c.
 */
#include "../clock/clock.h"
#include "../compat.h"
#include "../network/network.h"
#include "../transfer/transfer.h"
#include "inside.h"

/* TCP's longest RTO: a lower one of ours gives up no sooner. */
#define RILL_TCP_RTO_MAX_US	(120 * USEC_PER_SEC)

/*
 * How long TCP would go on for so many retransmissions: its RTO is 200 ms or
 * more. With an RTO of 1 ms a count alone would give up after an outage of a
 * second (RFC 9293, 3.8.3, wants R2 to be 100 s or more). A lower rto_max_ms
 * makes retransmissions more frequent, and the connection lasts as long.
 */
static u64 rill_timer_patience_ns(const struct sock *sk, u32 tries)
{
	u32 rto_us = RILL_TCP_RTO_MIN_US;
	u32 max_us = max_t(u32, rill_setting(sk, rto_max_us),
			   RILL_TCP_RTO_MAX_US);
	u64 sum_us = 0;
	u32 i;

	for (i = 0; i <= tries; i++) {
		sum_us += rto_us;
		rto_us = min(rto_us * 2, max_us);
	}
	return sum_us * NSEC_PER_USEC;
}

/*
 * When a connection gives up that has sent since @since, and retransmitted
 * @tries times, ns; U64_MAX: not before another try.
 */
static u64 rill_timer_limit_ns(const struct sock *sk, u32 tries, u64 since)
{
	u64 user_us = rill_sk(sk)->user.timeout_us;
	u32 limit;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV) &&
	    tries >= rill_setting(sk, syn_retries))
		return since;
	if (user_us)
		return since + user_us * NSEC_PER_USEC;
	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		return U64_MAX;
	limit = sock_flag(sk, SOCK_DEAD) ? rill_setting(sk, orphan_retries) :
					   rill_setting(sk, retries2);
	if (tries < limit)
		return U64_MAX;
	return since + rill_timer_patience_ns(sk, limit);
}

/* Arm @which @wait from now, or at the end, if that comes before. */
static void rill_timer_until(struct sock *sk, enum rill_timer which, u64 now,
			     u32 tries, u64 wait)
{
	u64 end = rill_timer_limit_ns(sk, tries, rill_sk(sk)->retry.start_ns);
	u64 next = now + wait;

	/* The last try waits its full time for an answer. */
	if (end > now)
		next = min(next, end);
	rill_timer_set(sk, which, next);
}

/* The same, an RTO from now. */
static void rill_timer_again(struct sock *sk, enum rill_timer which, u64 now,
			     u32 tries)
{
	struct rill_sock *rs = rill_sk(sk);
	u64 wait = rill_rto_ns(sk);
	u64 most;

	if (which == RILL_TIMER_PERSIST && !sock_flag(sk, SOCK_DEAD)) {
		/*
		 * A window update may be lost: probe no later than this. An
		 * orphan ends by the number of doublings, so it doubles on.
		 */
		most = (u64)rill_tunable(rill_sk_net(sk), probe_max_ms) *
		       NSEC_PER_MSEC;
		most = max_t(u64, most, (u64)rs->rtt.rto_us * NSEC_PER_USEC);
		wait = min(wait, most);
	}
	rill_timer_until(sk, which, now, tries, wait);
}

/*
 * The same for a segment that this host refused or still holds. The peer is not
 * at fault: such tries are not counted, and time alone ends the connection.
 */
static void rill_timer_local(struct sock *sk, enum rill_timer which, u64 now)
{
	struct rill_sock *rs = rill_sk(sk);

	rill_timer_until(sk, which, now, U8_MAX, rill_rto_local_ns(sk));
	rill_retry_local(rs);
}

static bool rill_timer_gives_up(const struct sock *sk, u32 tries, u64 now)
{
	return now >= rill_timer_limit_ns(sk, tries,
					  rill_sk(sk)->retry.start_ns);
}

static void rill_timer_timed_out(struct sock *sk)
{
	rill_count(rill_sk_net(sk), timeouts);
	rill_sock_fail(sk, READ_ONCE(sk->sk_err_soft) ?: ETIMEDOUT);
}

/*
 * R1 (RFC 1122, 4.2.3.5): look up another route, after as long as TCP takes for
 * so many tries. Another of equal paths is tried at once, and as with TCP also
 * if this host refused the segment.
 */
static void rill_timer_doubt(struct sock *sk, bool opening, u32 tries, u64 now)
{
	u32 retries1 = rill_tunable(rill_sk_net(sk), retries1);
	u64 since = rill_elapsed_ns(now, rill_sk(sk)->retry.start_ns);

	if (tries &&
	    (opening || since >= rill_timer_patience_ns(sk, retries1)))
		__dst_negative_advice(sk);
	rill_path_again(sk);
}

/* The retransmission timer of an open connection has fired. */
static int rill_timer_resend(struct sock *sk)
{
	rill_count(rill_sk_net(sk), rto_timeouts);
	rill_plpmtud_timeout(sk);
	return rill_recovery_timeout(sk);
}

/*
 * An orphan whose peer does not answer ends if there are too many, or memory is
 * short: sooner if it has sent nothing for long, or after an ICMP error. Each
 * timer asks that may be all that keeps an orphan:
 *
 *	RETRANSMIT	something is in flight
 *	PERSIST		nothing is; the window or this host does not take it
 *	PACE		nothing is; it is not time yet
 *
 * TLP and REORDER are set beside RETRANSMIT. DELACK and KEEPALIVE keep none:
 * one that waits for nothing but the peer's FIN is an entry without a socket.
 */
static bool rill_timer_orphan_yields(struct sock *sk, u64 now)
{
	const struct rill_sock *rs = rill_sk(sk);
	u64 long_ns = 2ULL * rill_setting(sk, rto_max_us) * NSEC_PER_USEC;
	u8 shift = 0;

	if (!sock_flag(sk, SOCK_DEAD))
		return false;
	if (rill_elapsed_ns(now, rs->snd.last_ns) > long_ns)
		shift++;
	if (READ_ONCE(sk->sk_err_soft))
		shift++;
	return rill_orphan_yields(sk, shift);
}

/*
 * RFC 6298, 5.4 to 5.7 (5.5 as rill_rto_backoff() has it), and the limits that
 * give a connection up.
 */
static void rill_timer_retransmit(struct sock *sk, u64 now)
{
	bool opening = (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV);
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *head = rill_rtx_head(sk);
	u32 tries = rs->retry.retransmits;
	u8 backoff;

	if (!head)
		return;
	/* A tail loss probe has noted when the oldest segment was sent. */
	if (!rs->retry.retransmits)
		rs->retry.start_ns = rs->tlp.start_ns ?: rill_cb(head)->sent_ns;
	if (!opening && rs->retry.local_tries)
		tries = U8_MAX;
	if (rill_timer_gives_up(sk, tries, now)) {
		rill_timer_timed_out(sk);
		return;
	}
	if (rill_timer_orphan_yields(sk, now))
		return;
	if (!opening && rill_skb_held(sk, head)) {
		rill_count(rill_sk_net(sk), retrans_held);
		rill_timer_local(sk, RILL_TIMER_RETRANSMIT, now);
		return;
	}
	tries = rs->retry.retransmits;
	backoff = rs->retry.backoff;
	rill_retry_timeout(rs);
	rill_timer_doubt(sk, opening, tries, now);
	if (opening) {
		rill_count(rill_sk_net(sk), syn_retrans);
		rill_retransmit(sk, head);
	} else if (rill_no_room(rill_timer_resend(sk))) {
		rill_retry_undo(rs, tries, backoff);
		rill_timer_local(sk, RILL_TIMER_RETRANSMIT, now);
		return;
	}
	rill_timer_again(sk, RILL_TIMER_RETRANSMIT, now, rs->retry.retransmits);
}

/*
 * A peer that answers window probes does not keep an orphan for ever: it ends
 * after as many doublings, and as long a time, as without an answer.
 */
static bool rill_timer_orphan_shut(struct sock *sk, u64 now)
{
	u64 max_ns = rill_setting(sk, rto_max_us) * (u64)NSEC_PER_USEC;
	u32 tries = rill_setting(sk, orphan_retries);
	struct rill_sock *rs = rill_sk(sk);

	if (!sock_flag(sk, SOCK_DEAD))
		return false;
	/* It has become an orphan just now, or the window has opened since. */
	if (!rs->retry.orphan_shut_ns || !rs->retry.backoff)
		rs->retry.orphan_shut_ns = now;
	return rill_rto_ns(sk) >= max_ns &&
	       rill_elapsed_ns(now, rs->retry.orphan_shut_ns) >=
	       rill_timer_patience_ns(sk, tries);
}

/* RFC 9293, 3.8.6.1: probe a closed window, for ever while it is answered. */
static void rill_timer_persist(struct sock *sk, u64 now)
{
	struct rill_sock *rs = rill_sk(sk);
	u8 backoff = rs->retry.backoff;

	if (rs->rtx.packets_out || skb_queue_empty(&sk->sk_write_queue)) {
		rill_retry_unprobed(rs);
		return;
	}
	if (!rs->retry.window_probes)
		rs->retry.start_ns = now;
	if (rill_timer_gives_up(sk, rs->retry.window_probes, now) ||
	    rill_timer_orphan_shut(sk, now)) {
		rill_timer_timed_out(sk);
		return;
	}
	if (rill_timer_orphan_yields(sk, now))
		return;
	/*
	 * Retry the segment that this host refused, with those behind it; if it
	 * was a window probe, only another one may go.
	 */
	if (rs->retry.refused) {
		rill_retry_refused(rs, false);
		rill_turn_due(rs);
		rill_turn_end(sk);
	}
	/* If data went out, the retransmission timer has taken over. */
	if (rs->rtx.packets_out)
		return;
	rill_retry_backoff(rs, backoff);
	if (!rs->retry.refused && rill_persist_timeout(sk))
		return;
	rill_retry_probe(rs);
	if (rs->retry.refused) {
		rill_timer_local(sk, RILL_TIMER_PERSIST, now);
		return;
	}
	rill_retry_double(rs);
	rill_timer_again(sk, RILL_TIMER_PERSIST, now, rs->retry.window_probes);
}

/*
 * Pacing allows the next segment. An orphan that paces this slowly ends as one
 * does whose peer is silent.
 */
static void rill_timer_pace(struct sock *sk, u64 now)
{
	struct rill_sock *rs = rill_sk(sk);
	u64 idle_ns = rill_elapsed_ns(now, rs->snd.last_ns);

	if (!rs->rtx.packets_out &&
	    idle_ns >= RILL_TCP_RTO_MIN_US * NSEC_PER_USEC &&
	    rill_timer_orphan_yields(sk, now))
		return;
	rill_turn_due(rs);
	rill_turn_end(sk);
}

/* RFC 9293, 3.8.4. */
static void rill_timer_keepalive(struct sock *sk, u64 now)
{
	struct rill_sock *rs = rill_sk(sk);
	u64 time = rill_setting(sk, keepalive_time_us) * NSEC_PER_USEC;
	u64 user_ns = rs->user.timeout_us * NSEC_PER_USEC;
	u64 idle = rill_elapsed_ns(now, rs->rcv.last_ns);
	bool over;

	if (!sock_flag(sk, SOCK_KEEPOPEN) ||
	    ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN | TCPF_SYN_SENT)))
		return;
	/* Unacknowledged and unsent data has timers of its own. */
	if (rs->rtx.packets_out || !skb_queue_empty(&sk->sk_write_queue)) {
		rill_timer_set(sk, RILL_TIMER_KEEPALIVE, now + time);
		return;
	}
	if (idle < time) {
		rill_timer_set(sk, RILL_TIMER_KEEPALIVE,
			       rs->rcv.last_ns + time);
		return;
	}
	over = user_ns ? idle >= user_ns && rs->retry.keepalives :
	       rs->retry.keepalives >= rill_setting(sk, keepalive_probes);
	if (over) {
		rill_send_reset(sk, GFP_ATOMIC);
		rill_timer_timed_out(sk);
		return;
	}
	rill_retry_keepalive(rs);
	rill_count(rill_sk_net(sk), keepalive_probes);
	rill_send_keepalive(sk);
	rill_timer_set(sk, RILL_TIMER_KEEPALIVE, now +
		       rill_setting(sk, keepalive_intvl_us) * NSEC_PER_USEC);
}

/**
 * rill_keepalive_rearm - start the keepalive timer, if the program wants it
 * @sk: the socket
 */
void rill_keepalive_rearm(struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!sock_flag(sk, SOCK_KEEPOPEN) ||
	    ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		return;
	rill_timer_arm(sk, RILL_TIMER_KEEPALIVE,
		       (rs->rcv.last_ns ?: rill_now_ns()) +
		       rill_setting(sk, keepalive_time_us) * NSEC_PER_USEC);
}

/**
 * rill_release_cb - what softirq left for the process that owned the socket
 * @sk: the socket
 *
 * Context: release_sock(), BH disabled.
 */
void rill_release_cb(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	rill_filter_vet(sk);
	if (test_and_clear_bit(RILL_DEFER_MTU, &rs->deferred))
		rill_sock_mtu(sk, READ_ONCE(rs->mtu_info));
	if (test_and_clear_bit(RILL_DEFER_TIMER, &rs->deferred) &&
	    sk->sk_state != TCP_CLOSE)
		rill_timer_run(sk);
}

/* What each deadline does, and its name in tracepoints. */
const struct rill_deadline rill_deadlines[RILL_TIMER_MAX] = {
	[RILL_TIMER_REORDER]	= { "reorder", rill_rack_timeout },
	[RILL_TIMER_TLP]	= { "probe", rill_tlp_timeout },
	[RILL_TIMER_RETRANSMIT]	= { "retransmit", rill_timer_retransmit },
	[RILL_TIMER_PERSIST]	= { "persist", rill_timer_persist },
	[RILL_TIMER_DELACK]	= { "delack", rill_delack_timeout },
	[RILL_TIMER_KEEPALIVE]	= { "keepalive", rill_timer_keepalive },
	[RILL_TIMER_PACE]	= { "pace", rill_timer_pace },
};
