// SPDX-License-Identifier: GPL-2.0
/*
 * How a connection begins: one beginning for connect(), for a child and for a
 * socket that is used again.
 */
#include "../network/network.h"
#include "../transfer/transfer.h"
#include "inside.h"

/**
 * rill_conn_settings - take the tunables that hold "from the next connection"
 * @sk: the socket
 *
 * Once for each connection; later changes are for the one after it.
 *
 * Context: the socket is new, or its lock is held.
 */
void rill_conn_settings(struct sock *sk)
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

/**
 * rill_conn_agree - take over the options of the peer's SYN
 * @rs: the socket; options that only one side wants are off
 * @opts: the SYN's options
 *
 * Context: socket lock held.
 */
void rill_conn_agree(struct rill_sock *rs, const struct rill_options *opts)
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
