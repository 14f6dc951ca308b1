// SPDX-License-Identifier: GPL-2.0
/*
 * How a connection begins: one beginning for connect(), for a child and for a
 * socket that is used again.
 */
#include "../network/network.h"
#include "../transfer/transfer.h"
#include "inside.h"

/*
 * Take the tunables that hold "from the next connection": once for each
 * connection; later changes are for the one after it.
 */
static void rill_conn_settings(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	rs->rtt.rto_us = rill_setting(sk, rto_initial_us);
	rs->agreed.delack_us = rill_setting(sk, delack_max_us);
	rs->cc.init_cwnd = rill_setting(sk, init_cwnd);
	rs->cc.cwnd = rs->cc.init_cwnd;
	WRITE_ONCE(rs->cc.ops, rill_cc_chosen(sk));
}

/**
 * rill_conn_begin - reset all that belongs to one connection
 * @sk: the socket, new or CLOSE, with nothing in its queues and no deadline set
 *
 * What is not 0 at the beginning is set here, and nowhere else.
 *
 * Context: the socket is new, or its lock is held.
 */
void rill_conn_begin(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	rs->af = rill_af(sk->sk_family);
	rs->entry.kind = RILL_KIND_SOCK;
	rs->entry.family = sk->sk_family;
	memset_startat(rs, 0, agreed);
	rs->agreed.ts_unit = RILL_TS_US;
	rs->agreed.peer_mss = rs->af->mss_default;
	rs->agreed.peer_ack_delay_us = RILL_TCP_ACK_DELAY_US;
	rs->path.mss = RILL_MSS_DEFAULT_V4;
	rs->cc.ssthresh = U32_MAX;
	rs->ack.mss = RILL_MSS_DEFAULT_V4;
	rs->space.ratio = RILL_RATIO_FIRST;
	rill_rack_init(rs);
	rill_conn_settings(sk);
}

/**
 * rill_conn_speaks - begin the send sequence space
 * @rs: the socket
 * @iss: the initial sequence number
 * @next: the first that the peer has not acknowledged
 *
 * Context: socket lock held.
 */
void rill_conn_speaks(struct rill_sock *rs, u32 iss, u32 next)
{
	rs->snd.iss = iss;
	rs->snd.una = next;
	rs->snd.nxt = next;
	rs->snd.write_seq = next;
	rs->snd.pushed_seq = next;
	rs->snd.sml = next;
}

/**
 * rill_conn_hears - begin the receive sequence space
 * @rs: the socket
 * @irs: its initial sequence number
 * @wnd: window of its SYN, which is not scaled; bytes
 *
 * Context: socket lock held; the clock was read.
 */
void rill_conn_hears(struct rill_sock *rs, u32 irs, u32 wnd)
{
	rs->rcv.irs = irs;
	rs->rcv.nxt = irs + 1;
	rs->rcv.wup = rs->rcv.nxt;
	rs->rcv.copied_seq = rs->rcv.nxt;
	rs->rcv.last_ns = rs->clock.now_ns;
	rs->space.seq = rs->rcv.nxt;
	rs->snd.wl1 = irs;
	rs->snd.wnd = wnd;
	rs->snd.max_wnd = wnd;
}

/* Take over the options of the peer's SYN; those that only one wants are off. */
static void rill_conn_agree(struct rill_sock *rs,
			    const struct rill_options *opts)
{
	struct rill_agreed *agreed = &rs->agreed;

	agreed->peer_rill = opts->has_rill;
	agreed->snd_wscale = agreed->wscale_ok ? opts->wscale : 0;
	if (!agreed->wscale_ok)
		agreed->rcv_wscale = 0;
	if (opts->has_mss)
		agreed->peer_mss = rill_mss_agree(opts->mss, rs->user.mss);
	if (opts->has_rill)
		agreed->peer_ack_delay_us = opts->ack_delay_us;
}

/**
 * rill_conn_offer - decide on the options of our SYN
 * @sk: the socket, its clock read
 *
 * The SYN-ACK turns off those that the peer lacks.
 */
void rill_conn_offer(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_net *rnet = rill_sk_net(sk);
	const struct dst_entry *dst = __sk_dst_get(sk);

	sock_owned_by_me(sk);
	rs->agreed.wscale_ok = rill_tunable(rnet, window_scaling);
	rs->agreed.sack_ok = rill_tunable(rnet, sack);
	rs->agreed.ts_ok = rill_tunable(rnet, timestamps);
	/* After TIME_WAIT the old incarnation's clock goes on. */
	if (!rs->old)
		rs->agreed.ts_offset =
			rill_secure_ts_offset(rnet, &rs->entry.key);
	rill_conn_settings(sk);
	rs->agreed.advmss = rill_mss_advertise(sk, dst);
	rs->agreed.peer_mss = rs->af->mss_default;
	rill_mss_sync(sk);

	rs->rcv.wnd = rill_window_initial(sk, rill_window_space(sk),
					  rs->agreed.advmss,
					  rs->agreed.wscale_ok,
					  &rs->agreed.rcv_wscale);
	rs->rcv.last_ns = rs->clock.now_ns;
	rs->user.window_clamp = rs->user.window_clamp ?: U32_MAX;
}

/**
 * rill_conn_answer - settle what both sides want, from the peer's SYN
 * @sk: the socket, in SYN_SENT
 * @seg: a SYN or SYN-ACK
 */
void rill_conn_answer(struct sock *sk, const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);
	const struct rill_options *opts = &seg->opts;
	u64 now = rs->clock.now_ns;
	u32 tsval;

	sock_owned_by_me(sk);
	rs->agreed.wscale_ok &= opts->has_wscale;
	rs->agreed.sack_ok &= opts->sack_ok;
	rs->agreed.ts_ok &= opts->has_ts;
	rill_conn_agree(rs, opts);
	if (!rs->agreed.wscale_ok)
		rill_window_unscaled(rs);
	/*
	 * A peer that is not rill expects at most a thousand ticks a second
	 * (RFC 7323, 5.4); the slower clock begins at the SYN's timestamp.
	 */
	if (!opts->has_rill || opts->ts_unit != RILL_TS_US) {
		tsval = rill_ts_at(rs, now);
		rs->agreed.ts_unit = RILL_TS_MS;
		rs->agreed.ts_offset = 0;
		rs->agreed.ts_offset = tsval -
				       rill_ts_clock(now, RILL_TS_MS, 0);
	}
	if (rs->agreed.ts_ok)
		rill_recent_hear(&rs->recent, opts->tsval);
	rill_ecn_answered(sk, seg->flags);
	rill_mss_sync(sk);
}

/**
 * rill_conn_child - a child takes over what a half-open connection has agreed
 * @rs: the child, its address family and key set
 * @req: the half-open connection
 *
 * Context: the lock of the child held.
 */
void rill_conn_child(struct rill_sock *rs, const struct rill_request *req)
{
	rs->agreed.peer_mss = rs->af->mss_default;
	rill_clock_read(rs);
	rill_conn_speaks(rs, req->iss, req->iss + 1);
	rill_conn_hears(rs, req->irs, req->wnd);
	rs->rcv.wnd = req->rcv_wnd;
	rs->user.window_clamp = rs->user.window_clamp ?: U32_MAX;
	rs->recent = req->recent;

	rs->agreed.wscale_ok = req->wscale_ok;
	rs->agreed.rcv_wscale = req->rcv_wscale;
	rs->agreed.sack_ok = req->sack_ok;
	rs->agreed.ts_ok = req->ts_ok;
	rs->agreed.ts_unit = req->ts_unit;
	rs->agreed.ts_offset = req->ts_offset;
	rs->agreed.delack_us = req->delack_us;
	rs->agreed.advmss = req->mss;
	rill_conn_agree(rs, &req->opts);
}
