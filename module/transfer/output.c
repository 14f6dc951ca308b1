// SPDX-License-Identifier: GPL-2.0
/* What a connection sends, and when (RFC 9293, 3.8 and 3.10.2). */
#include <linux/tcp.h>
#include <net/tcp.h>
#include <trace/events/rill.h>
#include "../clock/clock.h"
#include "../network/network.h"
#include "inside.h"

/* A cork holds a partial segment no longer than this, as in TCP. */
#define RILL_CORK_NS	(200 * NSEC_PER_MSEC)

/* Options of a SYN or a SYN-ACK of a full socket. */
static void rill_send_options(const struct sock *sk, struct rill_options *opts)
{
	const struct rill_sock *rs = rill_sk(sk);

	opts->has_mss = 1;
	opts->mss = rs->agreed.advmss;
	opts->has_wscale = rs->agreed.wscale_ok;
	opts->wscale = rs->agreed.rcv_wscale;
	opts->sack_ok = rs->agreed.sack_ok;
	opts->has_ts = rs->agreed.ts_ok;
	opts->tsval = rill_ts_at(rs, rs->clock.now_ns);
	opts->tsecr = rs->recent.tsval;
	opts->has_rill = 1;
	opts->ts_unit = rs->agreed.ts_unit;
	opts->ack_delay_us = rs->agreed.delack_us;
}

/* Header fields that every segment of an open connection has. */
static void rill_segment_fill(struct sock *sk, struct rill_segment *seg,
			      u32 seq, u8 flags)
{
	struct rill_sock *rs = rill_sk(sk);

	memset(seg, 0, sizeof(*seg));
	seg->seq = seq;
	seg->end_seq = seq;
	seg->flags = flags;
	if (flags & RILL_SYN) {
		rill_send_options(sk, &seg->opts);
		seg->wnd = min_t(u32, rs->rcv.wnd, U16_MAX);
	} else {
		seg->opts.has_ts = rs->agreed.ts_ok;
		seg->opts.tsval = rill_ts_at(rs, rs->clock.now_ns);
		seg->opts.tsecr = rs->recent.tsval;
		/* A reset promises no window. */
		seg->wnd = flags & RILL_RST ? 0 : rill_window_field(sk);
	}
	if (flags & RILL_ACK)
		seg->ack = rs->rcv.nxt;
	if (unlikely(rs->urgent.sending) && !(flags & RILL_RST))
		rill_urgent_header(rs, seg);
}

/* Send a segment without data. */
static int rill_send_control(struct sock *sk, u32 seq, u8 flags, gfp_t gfp)
{
	struct rill_segment seg;
	struct sk_buff *skb;

	skb = rill_control_skb(gfp);
	if (!skb) {
		rill_count(rill_sk_net(sk), drop_nomem);
		return -ENOMEM;
	}
	rill_segment_fill(sk, &seg, seq, flags);
	rill_ecn_header(sk, &seg, false);
	if (!(flags & RILL_RST))
		rill_sacks_out(sk, &seg.opts);
	return rill_xmit(sk, skb, &seg);
}

/**
 * rill_send_ack - send an ACK now
 * @sk: the socket
 *
 * Without memory the delayed ACK timer tries again.
 */
void rill_send_ack(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (sk->sk_state == TCP_CLOSE)
		return;
	if (rill_send_control(sk, rs->snd.nxt, RILL_ACK, GFP_ATOMIC) ==
	    -ENOMEM) {
		rill_ack_later(rs);
		rill_timer_set(sk, RILL_TIMER_DELACK,
			       rs->clock.now_ns + 10 * NSEC_PER_MSEC);
		return;
	}
	rill_ack_sent(sk);
}

/**
 * rill_send_reset - reset the connection at the peer
 * @sk: the socket
 * @gfp: how to allocate
 */
void rill_send_reset(struct sock *sk, gfp_t gfp)
{
	sock_owned_by_me(sk);
	rill_clock_read(rill_sk(sk));
	rill_count(rill_sk_net(sk), out_rsts);
	rill_send_control(sk, rill_sk(sk)->snd.nxt, RILL_RST | RILL_ACK, gfp);
}

/**
 * rill_send_keepalive - a segment below the window, which asks for an ACK
 * @sk: the socket
 */
void rill_send_keepalive(struct sock *sk)
{
	sock_owned_by_me(sk);
	rill_send_control(sk, rill_sk(sk)->snd.una - 1, RILL_ACK, GFP_ATOMIC);
}

static bool rill_may_send(const struct sock *sk)
{
	return (1 << sk->sk_state) &
	       (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT | TCPF_FIN_WAIT1 |
		TCPF_CLOSING | TCPF_LAST_ACK);
}

/*
 * The result of giving a segment to IP. If a queue of this host dropped it,
 * that is congestion, though not of the network: cwnd is reduced once, unless
 * other flows have filled the queue. The segment was never in flight and is not
 * marked lost. Returns 0 if it is on its way.
 */
static int rill_sent(struct sock *sk, int err)
{
	struct rill_sock *rs = rill_sk(sk);

	if (err > 0) {
		if (!rs->retry.refused && rs->rtx.packets_out &&
		    rill_may_send(sk))
			rill_recovery_cwr(sk);
		err = net_xmit_eval(err);
	}
	if (!err)
		rill_retry_taken(rs);
	else
		rill_count(rill_sk_net(sk), xmit_refused);
	return err;
}

/* Add the SACK blocks that are due, if the packet has room for them. */
static void rill_transmit_sacks(struct sock *sk, struct rill_segment *seg)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 room = rs->path.mss > seg->len ? rs->path.mss - seg->len : 0;

	if (!(seg->flags & RILL_SYN) && rill_sacks_due(rs) &&
	    room >= RILL_OPTIONS_MAX - rill_mss_options(sk))
		rill_sacks_out(sk, &seg->opts);
}

/* A segment has been sent: counters, timers, the ACK that it carried. */
static void rill_transmit_done(struct sock *sk, const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);

	rill_recovery_sent(rs);
	if (seg->len) {
		rs->tally.data_segs_out++;
		rs->tally.bytes_sent += seg->len;
		rs->snd.last_ns = rs->clock.now_ns;
		rill_pace_sent(sk, rill_mss_options(sk) +
			       sizeof(struct tcphdr) + seg->len);
		rill_delack_answered(rs, rs->clock.now_ns);
	}
	/* SACK blocks that had no room go in an ACK without data. */
	if ((seg->flags & RILL_ACK) &&
	    (seg->opts.nsacks || !rill_sacks_due(rs)))
		rill_ack_sent(sk);
}

/*
 * Give IP a clone of a segment that stays in our queues. The header is written
 * in front of the payload, so if IP still has the last clone, it gets a copy.
 * Returns 0, or why it was not sent: positive, if a queue was full.
 */
static int rill_transmit(struct sock *sk, struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_skb_cb *cb = rill_cb(skb);
	bool new = skb->len && !rill_before(cb->seq, rs->snd.nxt);
	struct rill_segment seg;
	struct sk_buff *out;
	u8 flags = cb->flags;
	int err;

	/*
	 * Simultaneous open; it may have been closed since (RFC 9293, 3.10.4).
	 */
	if ((flags & RILL_SYN) &&
	    !((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_SYN_SENT)))
		flags |= RILL_ACK;
	out = skb_cloned(skb) ? pskb_copy(skb, GFP_ATOMIC) :
				skb_clone(skb, GFP_ATOMIC);
	if (!out)
		return rill_sent(sk, -ENOMEM);
	/* In the tree of sent segments rbnode shares the place of dev. */
	out->dev = NULL;
	if (flags & RILL_SYN)
		flags |= rill_ecn_syn(sk, flags,
				      cb->sacked & RILL_SKB_EVER_RETRANS);
	rill_segment_fill(sk, &seg, cb->seq, flags);
	rill_ecn_header(sk, &seg, new);
	seg.len = skb->len;
	seg.end_seq = cb->end_seq;
	rill_transmit_sacks(sk, &seg);
	err = rill_sent(sk, rill_xmit(sk, out, &seg));
	if (!err)
		rill_transmit_done(sk, &seg);
	else if ((seg.flags & RILL_CWR) && !(flags & RILL_SYN))
		rill_ecn_unsent(rs);
	return err;
}

/*
 * The first segment in flight starts the timer (RFC 6298, 5.1). The ACK of more
 * than a full segment is not delayed, so the timer is set sooner then.
 */
static void rill_rto_start(struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	u64 due_ns = rs->clock.now_ns + rill_rto_ns(sk);

	if (!rill_timer_armed(sk, RILL_TIMER_RETRANSMIT) ||
	    due_ns < rs->clock.deadline_ns[RILL_TIMER_RETRANSMIT])
		rill_timer_set(sk, RILL_TIMER_RETRANSMIT, due_ns);
}

/**
 * rill_send_new - send the segment that waits first
 * @sk: the socket
 * @skb: the segment, in sk_write_queue; then in the queue of what was sent
 *
 * A segment that this host refuses stays unsent in the queue; but a refused SYN
 * counts as sent and lost in the network. At -EMSGSIZE the route has been
 * looked up anew, and the MSS follows it.
 *
 * Return: 0, or what kept it from being sent.
 */
int rill_send_new(struct sock *sk, struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_skb_cb *cb = rill_cb(skb);
	bool last = skb_queue_is_last(&sk->sk_write_queue, skb);
	int err;

	sock_owned_by_me(sk);
	rill_cc_idle(sk);
	__skb_unlink(skb, &sk->sk_write_queue);
	err = rill_transmit(sk, skb);
	if (err && !(cb->flags & RILL_SYN)) {
		__skb_queue_head(&sk->sk_write_queue, skb);
		rill_retry_refused(rs, rill_no_room(err));
		if (err == -EMSGSIZE)
			rill_mss_check(sk);
		return err;
	}
	rill_retry_refused(rs, false);
	/* Others behind it: it was full-sized before the MSS grew. */
	if (skb->len && skb->len < rs->path.mss && last)
		rs->snd.sml = cb->end_seq;
	cb->sent_ns = rs->clock.now_ns;
	rill_rate_sent(rs, skb);
	rs->snd.nxt = cb->end_seq;
	rill_rtx_insert(sk, skb);
	rill_rack_sent(rs, skb);
	rill_timer_stop(sk, RILL_TIMER_PERSIST);
	rill_retry_unprobed(rs);
	rill_rto_start(sk);
	rill_tlp_schedule(sk);
	return 0;
}

/*
 * Send the first @len bytes of the first segment; less, if the MTU of the route
 * has shrunk without notice: over IPv6 this host sends no ICMP for a packet
 * that it refuses for its length, and with nothing in flight no timer would
 * find out.
 */
static int rill_send_part(struct sock *sk, struct sk_buff *skb, u32 len)
{
	const struct rill_sock *rs = rill_sk(sk);
	int err;

	do {
		if (skb->len > len) {
			err = rill_skb_split(sk, skb, len, GFP_ATOMIC);
			if (err)
				return err;
		}
		err = rill_send_new(sk, skb);
		len = rs->path.mss;
	} while (err == -EMSGSIZE && skb->len > len);
	return err;
}

/**
 * rill_send_syn - queue and send the SYN
 * @sk: the socket, its clock read
 *
 * Context: process.
 * Return: 0 or -ENOBUFS.
 */
int rill_send_syn(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb;

	sock_owned_by_me(sk);
	skb = rill_skb_alloc(sk, 0, sk->sk_allocation);
	if (!skb)
		return -ENOBUFS;
	rill_skb_queue(sk, skb);
	rill_cb(skb)->flags = RILL_SYN;
	rill_snd_append(rs, skb, 1);
	rill_snd_pushed(rs);
	rs->snd.sml = rs->snd.write_seq;
	rill_send_new(sk, skb);
	return 0;
}

/*
 * Is a small segment to wait (RFC 9293, 3.7.4; RFC 896)? With Minshall's
 * variation: only while another small one is in flight.
 */
static bool rill_nagle_holds(const struct sock *sk, const struct sk_buff *skb,
			     u8 nonagle)
{
	const struct rill_sock *rs = rill_sk(sk);

	if (skb->len >= rs->path.mss || (rill_cb(skb)->flags & RILL_FIN) ||
	    rs->urgent.sending)
		return false;
	if (nonagle & TCP_NAGLE_CORK)
		return true;
	if (nonagle & (TCP_NAGLE_OFF | TCP_NAGLE_PUSH))
		return false;
	return rs->rtx.packets_out && rill_after(rs->snd.sml, rs->snd.una) &&
	       !rill_after(rs->snd.sml, rs->snd.nxt);
}

/* How many bytes of @skb may go now; 0 if none (RFC 9293, 3.8.6.2.1). */
static u32 rill_send_allowed(const struct sock *sk, const struct sk_buff *skb)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 edge = rs->snd.una + rs->snd.wnd;
	u32 len = min_t(u32, skb->len, rs->path.mss);
	u32 room;

	if (!rill_after(rill_cb(skb)->end_seq, edge))
		return max_t(u32, len, 1);
	if (!rill_before(rill_cb(skb)->seq, edge))
		return 0;
	room = edge - rill_cb(skb)->seq;
	if (room >= len)
		return len;
	/*
	 * Silly window avoidance: a part, if it is half of the largest window.
	 */
	return room >= rs->snd.max_wnd / 2 ? room : 0;
}

/* A FIN without data, which cwnd does not count. */
static bool rill_send_is_fin(const struct sk_buff *skb)
{
	return !skb->len && (rill_cb(skb)->flags & RILL_FIN);
}

/* Send a probe of the path MTU, if it is time for one. */
static bool rill_send_plpmtud(struct sock *sk)
{
	bool sent;

	if (!rill_sk(sk)->plpmtud.low || !rill_plpmtud_next(sk))
		return false;
	sent = !rill_send_new(sk, skb_peek(&sk->sk_write_queue));
	rill_plpmtud_sent(sk, sent);
	return sent;
}

/* Send new data, as far as windows, cwnd, pacing and Nagle allow. */
static bool rill_send_queue(struct sock *sk, u8 nonagle)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb;
	bool sent = false;
	bool limited;
	u32 allowed;

	while ((skb = skb_peek(&sk->sk_write_queue))) {
		if (rill_in_flight(sk) >= rs->cc.cwnd && !rill_send_is_fin(skb))
			break;
		if (rill_send_plpmtud(sk)) {
			sent = true;
			continue;
		}
		allowed = rill_send_allowed(sk, skb);
		if (!allowed)
			break;
		if (skb_queue_is_last(&sk->sk_write_queue, skb) &&
		    rill_nagle_holds(sk, skb, nonagle))
			break;
		if (!rill_pace_allows(sk))
			break;
		if (rill_send_part(sk, skb, allowed))
			break;
		sent = true;
	}
	limited = rill_in_flight(sk) >= rs->cc.cwnd;
	if (sent || limited)
		rill_cc_sent(sk, limited);
	rill_hold_update(sk);
	return sent;
}

/**
 * rill_send_one - send one segment of new data, whatever cwnd
 * @sk: the socket
 *
 * Return: true if there was one, and the peer's window and this host took it.
 */
bool rill_send_one(struct sock *sk)
{
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);
	u32 allowed;

	sock_owned_by_me(sk);
	if (!skb)
		return false;
	rill_mss_check(sk);
	allowed = rill_send_allowed(sk, skb);
	return allowed && !rill_send_part(sk, skb, allowed);
}

/* Data is unsent and nothing in flight: only the persist timer can resume. */
static void rill_persist_check(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);
	u64 armed_ns = rs->clock.deadline_ns[RILL_TIMER_PERSIST];
	u64 at_ns;

	if (!skb || rs->rtx.packets_out ||
	    rill_timer_armed(sk, RILL_TIMER_PACE))
		return;
	/* Window probes begin without the backoff of earlier timeouts. */
	if (!armed_ns)
		rill_retry_backoff(rs, 0);
	at_ns = rs->clock.now_ns;
	if (rs->retry.refused)
		at_ns += rill_rto_local_ns(sk);
	else
		at_ns += rill_send_allowed(sk, skb) ? RILL_CORK_NS :
						      rill_rto_ns(sk);
	/* A corked segment may have grown beyond the window. */
	if (!armed_ns || at_ns < armed_ns)
		rill_timer_set(sk, RILL_TIMER_PERSIST, at_ns);
}

/* Prepare a retransmission: trim what is acknowledged, split by the MSS. */
static int rill_retransmit_ready(struct sock *sk, struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 acked = rs->snd.una - rill_cb(skb)->seq;
	int err;

	/* It has not left yet: a copy would queue up behind it. */
	if (rill_skb_held(sk, skb)) {
		rill_count(rill_sk_net(sk), retrans_held);
		return -EBUSY;
	}
	/* Looks up the route anew if it is obsolete. */
	if (rs->af->route(sk))
		return -EHOSTUNREACH;
	/* Its first part may be acknowledged. */
	if (rill_before(rill_cb(skb)->seq, rs->snd.una)) {
		err = rill_skb_trim(sk, skb, acked, GFP_ATOMIC);
		if (err)
			return err;
	}
	rill_mss_check(sk);
	/* The MSS may have shrunk since it was first sent. */
	if (skb->len > rs->path.mss)
		return rill_skb_split(sk, skb, rs->path.mss, GFP_ATOMIC);
	return 0;
}

/**
 * rill_send_syn_ack - simultaneous open: our SYN goes again, as a SYN-ACK
 * @sk: the socket, in SYN_RECV
 *
 * The SYN was not lost, and takes nothing from the initial window.
 */
void rill_send_syn_ack(struct sock *sk)
{
	u32 *again = &rill_sk(sk)->tally.total_retrans;
	u32 before = *again;

	sock_owned_by_me(sk);
	rill_retransmit(sk, rill_rtx_head(sk));
	*again = before;
}

/**
 * rill_retransmit - retransmit a segment
 * @sk: the socket
 * @skb: the segment, in the queue of what was sent
 *
 * Return: 0, or why it was not sent: positive, if a queue of this host was
 * full; -EBUSY, if this host still has the last copy.
 */
int rill_retransmit(struct sock *sk, struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_skb_cb *cb = rill_cb(skb);
	struct list_head *place;
	int err;

	sock_owned_by_me(sk);
	err = rill_retransmit_ready(sk, skb);
	if (err)
		return err;
	cb->sacked |= RILL_SKB_EVER_RETRANS;
	/* Off the list while it is copied. */
	place = rill_rack_take(skb);
	err = rill_transmit(sk, skb);
	if (err) {
		rill_rack_put(skb, place);
		return err;
	}
	cb->sent_ns = rs->clock.now_ns;
	rill_rate_sent(rs, skb);
	rill_rtx_again(rs, skb);
	rill_rack_sent(rs, skb);
	rill_undo_sent(sk, skb);
	rs->tally.total_retrans++;
	rs->tally.bytes_retrans += skb->len;
	rill_count(rill_sk_net(sk), retrans_segs);
	trace_rill_retransmit(&rs->entry.key, rs->entry.family, cb->seq,
			      skb->len);
	return 0;
}

/**
 * rill_send_lost - retransmit what is marked lost, as far as cwnd allows
 * @sk: the socket
 *
 * Context: the deadline it sets is still to be wound.
 */
void rill_send_lost(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_net *rnet = rill_sk_net(sk);
	struct sk_buff *skb;
	bool oldest = false;

	sock_owned_by_me(sk);
	if (!rs->rtx.lost_out)
		return;
	for (skb = rill_rtx_from(sk, rs->rec.lost_seq); skb && rs->rtx.lost_out;
	     skb = rill_sack_next(sk, skb)) {
		rill_count(rnet, search_steps);
		rill_recovery_passed(rs, rill_cb(skb)->seq);
		if (!(rill_cb(skb)->sacked & RILL_SKB_LOST))
			continue;
		if (rill_in_flight(sk) >= rs->cc.cwnd ||
		    !rill_pace_allows(sk) || rill_retransmit(sk, skb))
			break;
		if (rs->rec.state == RILL_RECOVERY)
			rill_count(rnet, fast_retrans);
		oldest |= skb == rill_rtx_head(sk);
	}
	/* The RTO runs from the last copy of the oldest (RFC 6675, 5.1). */
	if (oldest || !rill_timer_armed(sk, RILL_TIMER_RETRANSMIT))
		rill_timer_set(sk, RILL_TIMER_RETRANSMIT,
			       rs->clock.now_ns + rill_rto_ns(sk));
}

/**
 * rill_send_waiting - send all that may be sent: what is lost, then new data
 * @sk: the socket
 * @nonagle: TCP_NAGLE_*, what holds a small segment back
 *
 * Context: socket lock held; the deadlines it sets are still to be wound.
 * Return: true if new data was sent.
 */
bool rill_send_waiting(struct sock *sk, u8 nonagle)
{
	bool sent;

	if (!rill_may_send(sk))
		return false;
	rill_mss_check(sk);
	rill_send_lost(sk);
	sent = rill_send_queue(sk, nonagle);
	rill_persist_check(sk);
	return sent;
}

/* Send unsent data whatever its size; the retransmission timer takes over. */
static bool rill_send_override(struct sock *sk, struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);
	u8 backoff = rs->retry.backoff;

	rill_cb(skb)->flags |= RILL_PSH;
	rill_retry_backoff(rs, 0);
	if (rill_send_part(sk, skb, skb->len)) {
		rill_retry_backoff(rs, backoff);
		return false;
	}
	return true;
}

/**
 * rill_send_window_probe - the persist timer has fired
 * @sk: the socket, with data that waits and none in flight
 *
 * Sends what the window allows, also a small or corked segment; otherwise a
 * window probe, a segment without data below the window (RFC 9293, 3.8.6.1).
 *
 * Return: true if data was sent.
 */
bool rill_send_window_probe(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);
	u32 edge = rs->snd.una + rs->snd.wnd;
	u32 room;
	int err;

	sock_owned_by_me(sk);
	rill_mss_check(sk);
	if (skb && rill_before(rill_cb(skb)->seq, edge)) {
		/* The override timeout of RFC 9293, 3.8.6.2.1. */
		room = min_t(u32, edge - rill_cb(skb)->seq, rs->path.mss);
		if (skb->len > room)
			rill_skb_split(sk, skb, room, GFP_ATOMIC);
		if (skb->len <= room)
			return rill_send_override(sk, skb);
	}
	rill_count(rill_sk_net(sk), zero_window_probes);
	if (rill_urgent_window_probe(rs))
		rill_send_control(sk, rs->snd.una, RILL_ACK, GFP_ATOMIC);
	err = rill_sent(sk, rill_send_control(sk, rs->snd.una - 1, RILL_ACK,
					      GFP_ATOMIC));
	rill_retry_refused(rs, rill_no_room(err));
	return false;
}
