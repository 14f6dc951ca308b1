// SPDX-License-Identifier: GPL-2.0
/* Active open, and what a SYN says and hears (RFC 9293, 3.10.1). */
#include <net/rill.h>
#include "../compat.h"

/* What holds from the next connection on is taken here, once for each. */
static void rill_open_settings(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	rs->rto_us = rill_setting(sk, rto_initial_us);
	rs->delack_us = rill_setting(sk, delack_max_us);
	rs->init_cwnd = rill_setting(sk, init_cwnd);
	rs->cwnd = rs->init_cwnd;
	WRITE_ONCE(rs->cc, rill_cc_chosen(sk));
	rill_ecn_init(rs);
}

/**
 * rill_sock_init_stream - set a new socket, or one that is used again, to CLOSE
 * @sk: the socket
 *
 * Context: the socket is new, or its lock is held.
 */
void rill_sock_init_stream(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	rs->af = rill_af(sk->sk_family);
	rs->entry.kind = RILL_KIND_SOCK;
	rs->entry.family = sk->sk_family;
	rs->rtx_queue = RB_ROOT;
	rs->ooo_queue = RB_ROOT;
	rs->ssthresh = U32_MAX;
	rs->cwnd_limited = false;
	rs->cwnd_used = 0;
	rs->cwnd_used_seq = 0;
	rs->pace_next_ns = 0;
	rs->pace_held = false;
	rs->refused = false;
	rs->local_tries = 0;
	rs->orphan_shut_ns = 0;
	rs->last_invalid_ack_ns = 0;
	rill_recovery_init(rs);
	memset(&rs->urgent, 0, sizeof(rs->urgent));
	rs->mss = RILL_MSS_DEFAULT_V4;
	rs->peer_mss = rs->af->mss_default;
	rs->pmtu = 0;
	rs->search_low = 0;
	rs->probe_mtu = 0;
	rs->peer_ack_delay_us = RILL_TCP_ACK_DELAY_US;
	rs->rcv_mss = RILL_MSS_DEFAULT_V4;
	rs->rcv_ratio = RILL_RATIO_FIRST;
	rs->ts_unit = RILL_TS_US;
	memset_startat(rs, 0, bytes_acked);
	rill_open_settings(sk);
}

/* What we offer; the peer's answer takes away what it does not want. */
static void rill_open_offer(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_net *rnet = rill_sk_net(sk);
	const struct dst_entry *dst = __sk_dst_get(sk);

	rs->wscale_ok = rill_tunable(rnet, window_scaling);
	rs->sack_ok = rill_tunable(rnet, sack);
	rs->ts_ok = rill_tunable(rnet, timestamps);
	rs->ts_unit = RILL_TS_US;
	/* After TIME_WAIT the old incarnation's clock goes on. */
	if (!rs->old)
		rs->ts_offset = rill_secure_ts_offset(rnet, &rs->entry.key);
	rill_open_settings(sk);
	rs->advmss = rill_mss_advertise(sk, dst);
	rs->peer_mss = rs->af->mss_default;
	rill_mss_sync(sk);

	rs->rcv_wnd = rill_window_initial(sk, rill_window_space(sk),
					  rs->advmss, rs->wscale_ok,
					  &rs->rcv_wscale);
	rs->window_clamp = rs->window_clamp ?: U32_MAX;
}

/**
 * rill_open_active - send the SYN of a socket that has its addresses and port
 * @sk: the socket, in the table
 *
 * Context: process, socket lock held.
 * Return: 0, or -ENOBUFS.
 */
int rill_open_active(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_net *rnet = rill_sk_net(sk);
	int err;

	rill_clock_read(rs);
	if (rs->old)
		rill_timewait_pause(rs->old);
	rill_open_offer(sk);
	rs->iss = rs->old ? rill_reuse_isn(rs->old, rs->clock_ns) :
			    rill_secure_isn(rnet, &rs->entry.key, rs->clock_ns);
	rs->snd_una = rs->iss;
	rs->snd_nxt = rs->iss;
	rs->write_seq = rs->iss;
	rs->pushed_seq = rs->iss;
	rs->snd_sml = rs->iss;
	rs->rcv_nxt = 0;
	rs->rcv_wup = 0;
	rs->copied_seq = 0;
	rs->retransmits = 0;
	rs->backoff = 0;
	rs->refused = false;
	rs->local_tries = 0;
	rs->last_rcv_ns = rs->clock_ns;
	WRITE_ONCE(sk->sk_err, 0);
	WRITE_ONCE(sk->sk_err_soft, 0);
	sock_reset_flag(sk, SOCK_DONE);

	err = rill_send_syn(sk);
	if (err)
		return err;
	rill_count(rnet, active_opens);
	rill_state_event(sk, RILL_EV_ACTIVE_OPEN);
	return 0;
}

/**
 * rill_open_undo - take back what a connect() that failed has done
 * @sk: the socket
 *
 * Context: process, socket lock held.
 */
void rill_open_undo(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	rill_timer_stop_all(sk);
	rill_queue_purge(sk);
	if (sk->sk_state != TCP_CLOSE)
		rill_state_event(sk, RILL_EV_ABORT);
	rill_sock_unhash(sk);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
		rill_port_put(rill_sk_net(sk), &rs->bind);
		inet_sk(sk)->inet_num = 0;
		inet_sk(sk)->inet_sport = 0;
	}
}

/**
 * rill_open_options - options of a SYN or a SYN-ACK of a full socket
 * @sk: the socket
 * @opts: result
 *
 * Context: socket lock held.
 */
void rill_open_options(const struct sock *sk, struct rill_options *opts)
{
	const struct rill_sock *rs = rill_sk(sk);

	opts->has_mss = 1;
	opts->mss = rs->advmss;
	opts->has_wscale = rs->wscale_ok;
	opts->wscale = rs->rcv_wscale;
	opts->sack_ok = rs->sack_ok;
	opts->has_ts = rs->ts_ok;
	opts->tsval = rill_ts_clock(rs->clock_ns, rs->ts_unit, rs->ts_offset);
	opts->tsecr = rs->recent.tsval;
	opts->has_rill = 1;
	opts->ts_unit = rs->ts_unit;
	opts->ack_delay_us = rs->delack_us;
}

/**
 * rill_open_peer_options - settle what both sides want, from the peer's SYN
 * @sk: the socket, in SYN_SENT
 * @seg: a SYN or SYN-ACK
 *
 * Context: socket lock held.
 */
void rill_open_peer_options(struct sock *sk, const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);
	const struct rill_options *opts = &seg->opts;
	u64 now = rs->clock_ns;
	u32 tsval;

	rs->wscale_ok &= opts->has_wscale;
	rs->sack_ok &= opts->sack_ok;
	rs->ts_ok &= opts->has_ts;
	rs->peer_rill = opts->has_rill;
	rs->snd_wscale = rs->wscale_ok ? opts->wscale : 0;
	if (!rs->wscale_ok) {
		rs->rcv_wscale = 0;
		rs->rcv_wnd = min_t(u32, rs->rcv_wnd, U16_MAX);
	}
	if (opts->has_mss)
		rs->peer_mss = rill_mss_agree(opts->mss, rs->user_mss);
	if (opts->has_rill)
		rs->peer_ack_delay_us = opts->ack_delay_us;
	/*
	 * A peer that is not rill expects at most a thousand ticks a second
	 * (RFC 7323, 5.4); the slower clock goes on where the SYN's stood.
	 */
	if (!opts->has_rill || opts->ts_unit != RILL_TS_US) {
		tsval = rill_ts_clock(now, rs->ts_unit, rs->ts_offset);
		rs->ts_unit = RILL_TS_MS;
		rs->ts_offset = 0;
		rs->ts_offset = tsval - rill_ts_clock(now, RILL_TS_MS, 0);
	}
	if (rs->ts_ok)
		rill_recent_hear(&rs->recent, opts->tsval);
	rill_ecn_answered(sk, seg->flags);
	rill_mss_sync(sk);
}
