// SPDX-License-Identifier: GPL-2.0
/*
 * Segment arrival at a full socket (RFC 9293, 3.10.7.3 and 3.10.7.4), with
 * RFC 5961 for blind attacks and RFC 7323 for timestamps.
 */
#include <net/busy_poll.h>
#include <net/inet_ecn.h>
#include "../clock/clock.h"
#include "../compat.h"
#include "../network/network.h"
#include "../transfer/transfer.h"
#include "inside.h"

/* The network reorders ACKs within this time. */
#define RILL_REORDER_NS	NSEC_PER_SEC

/* The SYN of a SYN_SENT socket is answered: settle, and be ESTABLISHED. */
static void rill_arrival_established(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	rill_retry_answered(rs);
	rill_retry_backoff(rs, 0);
	/*
	 * RFC 6298, 5.7: the SYN or the SYN-ACK was retransmitted, so there
	 * is no RTT sample.
	 */
	if (!rs->rtt.srtt_us)
		rill_rtt_unmeasured(rs);
	/* A child has no route yet. */
	if (!rs->af->route(sk))
		rill_mss_sync(sk);
	rill_plpmtud_init(sk);
	rill_cc_init(sk);
	rill_sndbuf_grow(sk);
	rill_keepalive_rearm(sk);
	sk->sk_state_change(sk);
	sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
}

/* RFC 9293, 3.10.7.3, third and fourth: an acceptable SYN. */
static void rill_arrival_syn(struct sock *sk, struct sk_buff *skb,
			     const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);

	rill_conn_hears(rs, seg->seq, seg->wnd);
	rill_conn_answer(sk, seg);
	rill_reuse_done(sk);

	if (!(seg->flags & RILL_ACK)) {
		rill_state_event(sk, RILL_EV_RCV_SYN);
		rill_send_syn_ack(sk);
		return;
	}
	rill_ack_in(sk, seg);
	/* Security modules read the peer's label from the packet. */
	security_inet_conn_established(sk, skb);
	rill_state_event(sk, RILL_EV_RCV_SYN_ACK);
	rill_arrival_established(sk);
}

/*
 * PAWS, with an exception for pure ACKs. The entries of half-open and finished
 * connections know none: an ACK that is older tells them nothing.
 */
static bool rill_arrival_paws(const struct rill_sock *rs,
			      const struct rill_segment *seg)
{
	u64 tick = rill_ts_tick_ns(rs);
	u32 older = rs->recent.tsval - seg->opts.tsval;

	if (!rill_paws(&rs->recent, rs->agreed.ts_ok, seg))
		return false;
	/*
	 * Pure ACKs may be reordered, and with a clock in microseconds even
	 * two that were sent together differ: such an ACK is not old.
	 */
	return seg->len || (seg->flags & (RILL_SYN | RILL_FIN)) ||
	       seg->seq != rs->rcv.nxt || older * tick >= RILL_REORDER_NS;
}

static bool rill_arrival_acceptable(const struct sock *sk,
				    const struct rill_segment *seg)
{
	return rill_acceptable(seg, rill_sk(sk)->rcv.nxt, rill_window_left(sk));
}

/*
 * The ACK field counts even just outside of the window (RFC 9293, A.2): in a
 * duplicate, whose ACK of ours may be late or lost, and in a segment behind
 * data that fills the window while a part of that data is missing here.
 */
static bool rill_arrival_fits(const struct sock *sk,
			      const struct rill_segment *seg)
{
	const struct rill_sock *rs = rill_sk(sk);

	if (rill_arrival_acceptable(sk, seg))
		return true;
	if (!(seg->flags & RILL_ACK) || sk->sk_state == TCP_SYN_RECV)
		return false;
	return !rill_before(seg->end_seq, rs->rcv.wup) &&
	       !rill_after(seg->seq, rs->rcv.nxt + rill_window_left(sk));
}

/* The peer is alive: keepalive counts anew (RFC 9293, 3.8.4). */
static void rill_arrival_alive(struct rill_sock *rs)
{
	rs->rcv.last_ns = rs->clock.now_ns;
	rill_retry_alive(rs);
}

/*
 * Below the window: a retransmission, or a keepalive of the peer. Its ACK field
 * has to be in the range of RFC 5961, 5.2, which an attacker cannot know.
 */
static bool rill_arrival_again(const struct rill_sock *rs,
			       const struct rill_segment *seg)
{
	return (seg->flags & RILL_ACK) &&
	       rill_before(seg->seq, rs->rcv.nxt) &&
	       rill_between(seg->ack, rs->snd.una - rs->snd.max_wnd,
			    rs->snd.nxt);
}

/*
 * RFC 5961, 3.2: a reset is believed at exactly the next sequence number, and
 * challenged elsewhere in the window.
 */
static enum rill_verdict rill_arrival_reset(struct sock *sk,
					    const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);
	int err = ECONNRESET;

	if (seg->seq != rs->rcv.nxt) {
		if (rill_in_window(seg->seq, rs->rcv.nxt, rill_window_left(sk)))
			rill_answer_challenge(sk);
		return RILL_drop_reset;
	}
	if (sk->sk_state == TCP_SYN_RECV)
		err = ECONNREFUSED;
	else if (sk->sk_state == TCP_CLOSE_WAIT)
		err = EPIPE;
	rill_sock_got_reset(sk, err);
	return RILL_DONE;
}

/* Simultaneous open: the peer's SYN-ACK stands where its SYN stood. */
static bool rill_arrival_crossed(const struct sock *sk,
				 const struct rill_segment *seg)
{
	const struct rill_sock *rs = rill_sk(sk);

	return sk->sk_state == TCP_SYN_RECV &&
	       (seg->flags & (RILL_SYN | RILL_ACK | RILL_RST)) ==
	       (RILL_SYN | RILL_ACK) &&
	       seg->seq == rs->rcv.irs && seg->ack == rs->snd.nxt;
}

/*
 * RFC 9293, 3.10.7.4, first to fourth: sequence, reset, security, SYN.
 * Returns whether to
 * go on; if not, what becomes of the segment is in @verdict.
 */
static bool rill_arrival_check(struct sock *sk, const struct rill_packet *p,
			       enum rill_verdict *verdict)
{
	const struct rill_segment *seg = &p->seg;
	struct rill_sock *rs = rill_sk(sk);

	if (rill_arrival_crossed(sk, seg))
		return true;
	if (seg->flags & RILL_RST) {
		*verdict = rill_arrival_reset(sk, seg);
		return false;
	}
	/* RFC 7323, 3.2; but a peer that was restarted may send a SYN. */
	*verdict = RILL_drop_no_timestamp;
	if (rs->agreed.ts_ok && !seg->opts.has_ts && !(seg->flags & RILL_SYN))
		return false;
	if (rill_arrival_paws(rs, seg)) {
		/* A peer that was restarted: its clock may be behind. */
		if (seg->flags & RILL_SYN)
			rill_answer_challenge(sk);
		else
			rill_answer_unacceptable(sk, seg);
		*verdict = RILL_drop_paws;
		return false;
	}
	/* RFC 5961, 4.2: any SYN here is challenged, wherever it lies. */
	if (seg->flags & RILL_SYN) {
		rill_answer_challenge(sk);
		*verdict = RILL_drop_state;
		return false;
	}
	rill_path_arrived(sk, p->skb, seg);
	if (!rill_arrival_fits(sk, seg)) {
		if (rill_arrival_again(rs, seg))
			rill_arrival_alive(rs);
		rill_answer_unacceptable(sk, seg);
		*verdict = RILL_drop_window;
		return false;
	}
	return true;
}

/* RFC 7323, 4.3: TS.Recent, which the next ACK echoes. */
static void rill_arrival_timestamp(struct rill_sock *rs,
				   const struct rill_segment *seg)
{
	if (!rill_after(seg->seq, rs->rcv.wup))
		rill_recent_update(&rs->recent, rs->agreed.ts_ok, seg);
}

/* Answer with a reset that is not the socket's own. */
static enum rill_verdict rill_arrival_refuse(const struct sock *sk,
					     struct rill_packet *p,
					     enum rill_verdict reason)
{
	struct rill_reply to;

	/* The socket may be of IPv6 again since its connection ended. */
	to = rill_reply_sock(sk, &rill_sk(sk)->entry.key, p->af->family,
			     p->skb);
	return rill_packet_refuse(p, &to, reason);
}

/* SYN_RECV: the ACK of our SYN. RILL_DONE: go on. */
static enum rill_verdict rill_arrival_syn_recv(struct sock *sk,
					       struct rill_packet *p)
{
	const struct rill_segment *seg = &p->seg;
	struct rill_sock *rs = rill_sk(sk);

	if (!rill_between(seg->ack, rs->snd.iss + 1, rs->snd.nxt))
		return rill_arrival_refuse(sk, p, RILL_drop_ack);
	rill_state_event(sk, RILL_EV_RCV_ACK_OF_SYN);
	rill_ack_window_take(rs, seg);
	rill_mss_window(sk, rs->snd.wnd);
	rill_arrival_established(sk);
	return RILL_DONE;
}

/* The turn ends before an entry takes over, which has no part in it. */
static void rill_arrival_wait(struct sock *sk)
{
	rill_turn_end(sk);
	rill_sock_wait(sk, TCP_TIME_WAIT);
}

/*
 * Our FIN is acknowledged. Returns true if the socket may be gone.
 */
static bool rill_arrival_fin_acked(struct sock *sk,
				   const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);

	if (!rs->snd.fin_queued || rs->snd.una != rs->snd.write_seq ||
	    rill_state_next(sk->sk_state, RILL_EV_RCV_ACK_OF_FIN) < 0)
		return false;

	if (sk->sk_state == TCP_LAST_ACK) {
		rill_sock_done(sk, RILL_EV_RCV_ACK_OF_FIN);
		return true;
	}
	if (rill_state_event(sk, RILL_EV_RCV_ACK_OF_FIN) == TCP_TIME_WAIT) {
		/* The FIN is retransmitted: our ACK of it was lost. */
		if (seg->flags & RILL_FIN)
			rill_ack_at_once(rs);
		rill_arrival_wait(sk);
		return true;
	}
	/* FIN_WAIT2 */
	sk_dst_confirm(sk);
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_state_change(sk);
	return false;
}

/* The peer's FIN is in order. The socket may be gone afterwards, and CLOSE. */
static void rill_arrival_fin(struct sock *sk)
{
	int next = rill_state_event(sk, RILL_EV_RCV_FIN);

	rill_ack_at_once(rill_sk(sk));
	if (next == TCP_TIME_WAIT) {
		if (!sock_flag(sk, SOCK_DEAD))
			sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
		rill_arrival_wait(sk);
		return;
	}
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);
		if (sk->sk_shutdown == SHUTDOWN_MASK)
			sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
		else
			sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
	}
}

/*
 * New data for a program that will never read it (RFC 2525, 2.16). The data of
 * a window probe counts too, or the peer would probe for ever.
 */
static bool rill_arrival_unwanted(const struct sock *sk,
				  const struct rill_segment *seg)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 edge = rs->rcv.nxt + max_t(u32, rill_window_left(sk), 1);

	return (sk->sk_shutdown & RCV_SHUTDOWN) && seg->len &&
	       (1 << sk->sk_state) & (TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2) &&
	       rill_after(seg->seq + seg->len, rs->rcv.nxt) &&
	       rill_before(seg->seq, edge);
}

/*
 * RFC 9293, 3.10.7.4, seventh and eighth, after the peer's FIN: segment text is
 * ignored, and a retransmitted FIN is acknowledged. CLOSING takes nothing but
 * the ACK of our FIN.
 */
static void rill_arrival_after_fin(struct sock *sk,
				   const struct rill_segment *seg)
{
	if (seg->seq == seg->end_seq)
		return;
	if (!rill_arrival_acceptable(sk, seg) ||
	    ((seg->flags & RILL_FIN) && sk->sk_state != TCP_CLOSING)) {
		rill_dsack_old(sk, seg->seq, seg->end_seq);
		rill_ack_at_once(rill_sk(sk));
	}
}

/*
 * RFC 9293, 3.10.7.4, seventh and eighth: data and FIN. The socket is CLOSE
 * afterwards if it may be gone.
 */
static enum rill_verdict rill_arrival_text(struct sock *sk,
					   struct rill_packet *p)
{
	const struct rill_segment *seg = &p->seg;
	struct rill_sock *rs = rill_sk(sk);
	enum rill_verdict verdict;

	if (rs->rcv.fin_received || !((1 << sk->sk_state) &
				      (TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |
				       TCPF_FIN_WAIT2))) {
		rill_arrival_after_fin(sk, seg);
		return RILL_DONE;
	}
	if (rill_arrival_unwanted(sk, seg)) {
		rill_sock_reset(sk, ECONNRESET);
		return RILL_drop_closed;
	}
	/* The sixth step; after the FIN there is none (RFC 9293, 3.10.7.4). */
	if (unlikely((seg->flags & RILL_URG) ||
		     rs->urgent.state == RILL_URGENT_AWAITED))
		rill_urgent_in(sk, p->skb, seg);
	verdict = rill_receive(sk, p);
	if (rs->rcv.fin_received)
		rill_arrival_fin(sk);
	return verdict;
}

/* SYN_SENT (RFC 9293, 3.10.7.3). */
static enum rill_verdict rill_arrival_syn_sent(struct sock *sk,
					       struct rill_packet *p)
{
	const struct rill_segment *seg = &p->seg;
	enum rill_verdict verdict;
	struct rill_sock *rs = rill_sk(sk);
	bool ack = seg->flags & RILL_ACK;

	if (ack && (!rill_after(seg->ack, rs->snd.iss) ||
		    rill_after(seg->ack, rs->snd.nxt)))
		return rill_arrival_refuse(sk, p, RILL_drop_ack);
	if (seg->flags & RILL_RST) {
		if (!ack)
			return RILL_drop_reset;
		rill_sock_got_reset(sk, ECONNREFUSED);
		return RILL_DONE;
	}
	if (!(seg->flags & RILL_SYN))
		return RILL_drop_flags;
	if (!rill_reuse_answered(sk, seg))
		return RILL_drop_paws;
	rill_arrival_syn(sk, p->skb, seg);
	/* Data in a SYN without ACK is ignored; the peer retransmits it. */
	if (!ack)
		return RILL_DONE;
	verdict = rill_arrival_text(sk, p);
	/* The third segment carries data, if there is any to send. */
	rill_ack_at_once(rs);
	rill_turn_due(rs);
	return verdict;
}

/* States that are synchronized: SYN_RECV and what follows it. */
static enum rill_verdict rill_arrival_synchronized(struct sock *sk,
						   struct rill_packet *p)
{
	const struct rill_segment *seg = &p->seg;
	struct rill_sock *rs = rill_sk(sk);
	enum rill_verdict verdict;

	if (!rill_arrival_check(sk, p, &verdict))
		return verdict;
	if (!(seg->flags & RILL_ACK))
		return RILL_drop_no_ack;
	if (sk->sk_state == TCP_SYN_RECV) {
		verdict = rill_arrival_syn_recv(sk, p);
		if (verdict)
			return verdict;
	}
	if (!rill_ack_in(sk, seg)) {
		rill_answer_challenge(sk);
		return RILL_drop_ack;
	}
	rill_turn_due(rs);
	rill_arrival_alive(rs);
	rill_arrival_timestamp(rs, seg);
	if (rill_arrival_fin_acked(sk, seg) || sk->sk_state == TCP_CLOSE)
		return RILL_DONE;

	/* Outside of the window its ACK field alone counted. */
	if (seg->seq == seg->end_seq && !rill_arrival_acceptable(sk, seg))
		rill_answer_unacceptable(sk, seg);
	return rill_arrival_text(sk, p);
}

/*
 * CLOSE: the socket ended while the segment was in its backlog. If a time-wait
 * entry has taken over, the segment is for that.
 */
static enum rill_verdict rill_arrival_closed(struct sock *sk,
					     struct rill_packet *p)
{
	struct rill_timewait *tw;
	enum rill_verdict verdict;

	tw = rill_timewait_find(p->rnet, &rill_sk(sk)->entry.key);
	if (!tw)
		return rill_arrival_refuse(sk, p, RILL_drop_no_socket);
	verdict = rill_timewait_segment(tw, p);
	rill_timewait_put(tw);
	return verdict;
}

/* One handler a state. */
static enum rill_verdict (*const rill_arrivals[TCP_MAX_STATES])
			 (struct sock *sk, struct rill_packet *p) = {
	[TCP_CLOSE]		= rill_arrival_closed,		/* 3.10.7.1 */
	[TCP_SYN_SENT]		= rill_arrival_syn_sent,	/* 3.10.7.3 */
	[TCP_SYN_RECV]		= rill_arrival_synchronized,	/* 3.10.7.4 */
	[TCP_ESTABLISHED]	= rill_arrival_synchronized,
	[TCP_FIN_WAIT1]		= rill_arrival_synchronized,
	[TCP_FIN_WAIT2]		= rill_arrival_synchronized,
	[TCP_CLOSE_WAIT]	= rill_arrival_synchronized,
	[TCP_CLOSING]		= rill_arrival_synchronized,
	[TCP_LAST_ACK]		= rill_arrival_synchronized,
};

/**
 * rill_sock_rcv - a segment for a full socket
 * @sk: the socket
 * @p: the packet, its data at our header
 *
 * Context: the caller has a reference of its own.
 * Return: what becomes of the packet.
 */
enum rill_verdict rill_sock_rcv(struct sock *sk, struct rill_packet *p)
{
	enum rill_verdict verdict = RILL_drop_state;
	struct rill_heard heard;
	bool due;

	sock_owned_by_me(sk);
	/* Which queue to look at for more (SO_BUSY_POLL). */
	sk_mark_napi_id(sk, p->skb);
	/* The IP header is still in front of ours. */
	p->seg.ecn = rill_dsfield(p->skb, p->af->family) & INET_ECN_MASK;
	rill_ipv6_hear(sk, p->skb, &heard);
	rill_turn_begin(sk);
	rill_sk(sk)->tally.segs_in++;
	if (rill_arrivals[sk->sk_state])
		verdict = rill_arrivals[sk->sk_state](sk, p);
	due = rill_sk(sk)->snd.due;
	rill_turn_end(sk);
	/*
	 * Last, since it ends the socket: the owner is gone, and half closed.
	 */
	if (due && sk->sk_state == TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD))
		rill_sock_fin_wait2(sk);
	rill_ipv6_heard(sk, &heard, p->seg.end_seq);
	return verdict;
}

/**
 * rill_sock_backlog - a segment that waited while a process owned the socket
 * @sk: the socket
 * @skb: the segment, which has passed its filter; consumed
 *
 * Context: the caller has a reference of its own.
 * Return: 0.
 */
int rill_sock_backlog(struct sock *sk, struct sk_buff *skb)
{
	enum rill_verdict verdict;
	struct rill_packet p;

	sock_owned_by_me(sk);
	p.skb = skb;
	p.rnet = rill_sk_net(sk);
	p.af = rill_af(rill_skb_family(skb));
	verdict = rill_segment_parse(skb, &p.seg);
	if (!verdict)
		verdict = rill_sock_rcv(sk, &p);
	rill_packet_finish(&p, verdict);
	return 0;
}
