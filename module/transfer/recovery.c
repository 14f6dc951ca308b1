// SPDX-License-Identifier: GPL-2.0
/*
 * Loss recovery and retransmissions: fast recovery with SACK (RFC 6675, with
 * the losses that RACK finds) and without (RFC 5681, RFC 6582), proportional
 * rate reduction (RFC 6937), and the retransmission timeout (RFC 6298).
 */
#include "../clock/clock.h"
#include "inside.h"

/* RFC 5681, 3.2, step 2: once for all losses of one window. */
static void rill_recovery_reduce(struct sock *sk, enum rill_recovery state)
{
	struct rill_sock *rs = rill_sk(sk);

	if (rs->rec.state == RILL_OPEN) {
		rill_undo_begin(sk, false);
		rill_cc_reduce(sk);
		rill_cc_anew(rs);
		rs->prr = (struct rill_prr) {
			.flight = max_t(u32, rs->rtx.packets_out, 1),
		};
	}
	rs->rec.state = state;
	rs->rec.point = rs->snd.nxt;
	rill_timer_stop(sk, RILL_TIMER_TLP);
}

/*
 * RFC 4821, 7.6.2: the loss of a path MTU probe is no congestion. cwnd stays,
 * and the data is retransmitted in shorter segments.
 */
static bool rill_recovery_plpmtud(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb;

	if (!rs->plpmtud.mtu)
		return false;
	skb = rill_rtx_from(sk, rs->plpmtud.seq);
	return skb && (rill_cb(skb)->sacked & RILL_SKB_LOST) &&
	       rill_plpmtud_lost(sk, skb);
}

/**
 * rill_recovery_enter - a segment is lost: fast recovery
 * @sk: the socket
 *
 * The first retransmission goes at once, whatever cwnd.
 */
void rill_recovery_enter(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (rill_recovery_plpmtud(sk) || rs->rec.state >= RILL_RECOVERY)
		return;
	rill_recovery_reduce(sk, RILL_RECOVERY);
	rill_cc_allow(rs, rill_in_flight(sk) + 1);
}

/* Everything of the window that was reduced for has been acknowledged. */
static void rill_recovery_leave(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	if (rs->rec.state == RILL_OPEN) {
		/* A D-SACK comes in the round after, or never. */
		rill_undo_forget(rs);
		return;
	}
	if (rs->rec.state < RILL_LOSS)
		rill_cc_allow(rs, rs->cc.ssthresh);
	if (rs->rec.state >= RILL_RECOVERY)
		rill_rack_recovered(rs);
	rs->rec.state = RILL_OPEN;
	rs->rec.point = rs->snd.nxt;
	if (!rs->agreed.sack_ok)
		rill_rtx_none_sacked(rs);
}

/**
 * rill_recovery_cwr - reduce cwnd without a retransmission
 * @sk: the socket
 *
 * For a loss that a tail loss probe has repaired, or a mark (RFC 3168, 6.1.2);
 * once in a window, and not in loss recovery.
 */
void rill_recovery_cwr(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (rs->rec.state != RILL_OPEN)
		return;
	rill_recovery_reduce(sk, RILL_REDUCE);
	rill_undo_forget(rs);
	/* With nothing in flight no ACK would bring cwnd down to ssthresh. */
	if (!rs->rtx.packets_out)
		rill_recovery_leave(sk);
}

/* RFC 6937, 3: sndcnt, for what was delivered. */
static void rill_recovery_prr(struct sock *sk, const struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 flight = rill_in_flight(sk);
	struct rill_prr *prr = &rs->prr;
	u64 most;
	s64 send;

	prr->delivered += as->delivered;
	if (flight > rs->cc.ssthresh) {
		most = (u64)prr->delivered * rs->cc.ssthresh + prr->flight - 1;
		send = (s64)div_u64(most, prr->flight) - prr->out;
	} else {
		send = max_t(s64, (s64)prr->delivered - prr->out,
			     as->delivered);
		/*
		 * PRR-SSRB: slow start only while snd.una advances without a
		 * loss.
		 */
		if (rs->snd.una != as->prior_una && !as->lost)
			send++;
		send = min_t(s64, send, rs->cc.ssthresh - flight);
	}
	send = max_t(s64, send, prr->out ? 0 : 1);
	rill_cc_allow(rs, flight + send);
}

/* Without SACK each duplicate ACK stands for a segment that has left. */
static void rill_recovery_dupack(struct rill_sock *rs,
				 struct rill_ack_sample *as)
{
	if (rs->rec.dupacks < U8_MAX)
		rs->rec.dupacks++;
	if (!rs->agreed.sack_ok && rill_rtx_dupack(rs))
		as->delivered++;
}

/* Without SACK: an ACK that advances snd.una ends what dupacks stood for. */
static void rill_recovery_reno_acked(struct rill_sock *rs,
				     struct rill_ack_sample *as)
{
	u32 known;

	if (rs->agreed.sack_ok)
		return;
	/* One of them filled the hole; the others had been counted. */
	known = min(rs->rtx.sacked_out, as->acked ? as->acked - 1 : 0);
	as->delivered -= min(as->delivered, known);
	rill_rtx_dupacks_known(rs, known);
	if (rs->rec.state == RILL_OPEN)
		rill_rtx_none_sacked(rs);
}

/* Without SACK: what duplicate and partial ACKs show. */
static void rill_recovery_reno_detect(struct sock *sk, bool advanced,
				      struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *head = rill_rtx_head(sk);
	u32 before = rs->rtx.lost_out;

	/* RFC 6582, 3.2: a partial ACK shows the next hole. */
	if (rs->rec.state == RILL_RECOVERY && advanced)
		rill_mark_lost(sk, head);
	/* RFC 6582, 3.2, step 1: not for retransmissions by an RTO. */
	if (rs->rec.dupacks == RILL_DUPTHRESH &&
	    rs->rec.state < RILL_RECOVERY &&
	    !(rill_cb(head)->sacked & RILL_SKB_RETRANS))
		rill_mark_lost(sk, head);
	as->lost += rs->rtx.lost_out - before;
}

/**
 * rill_recovery_ack - loss detection and recovery for an ACK
 * @sk: the socket, with what is acknowledged and SACKed settled
 * @seg: header of the acknowledgment
 * @as: what it reports; @as->lost and, without SACK, @as->delivered are settled
 *
 * Context: what is lost goes as the event ends.
 */
void rill_recovery_ack(struct sock *sk, const struct rill_segment *seg,
		       struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);
	bool advanced = rs->snd.una != as->prior_una;

	sock_owned_by_me(sk);
	if (as->reordered) {
		rs->tally.reord_seen++;
		rill_count(rill_sk_net(sk), reordered_in);
	}
	if (as->dupack)
		rill_recovery_dupack(rs, as);
	if (advanced) {
		rs->rec.dupacks = 0;
		rill_recovery_reno_acked(rs, as);
		rill_undo_acked(rs);
	}
	/* A spurious retransmission shows how late segments may be. */
	if (rill_undo_echo(sk, seg, as)) {
		as->dsack = true;
		as->timed |= rs->undo.timeout;
	}
	if (advanced && !rill_unacked(rs, rs->rec.point))
		rill_recovery_leave(sk);
	if (rill_tlp_ack(sk, seg, as))
		rill_recovery_cwr(sk);
	if (rs->agreed.sack_ok)
		rill_rack_ack(sk, as);
	else if (rs->rtx.packets_out)
		rill_recovery_reno_detect(sk, advanced, as);
	if (as->lost)
		rill_recovery_enter(sk);
	if (rill_recovery_reducing(rs))
		rill_recovery_prr(sk, as);
}

/* RFC 2018, 8: a receiver that SACKed the oldest has dropped it. */
static bool rill_recovery_reneged(const struct sock *sk)
{
	return !rill_sk(sk)->agreed.sack_ok ||
	       (rill_cb(rill_rtx_head(sk))->sacked & RILL_SKB_SACKED);
}

/* Mark lost at a timeout: the oldest, and all that RACK finds. */
static void rill_recovery_mark(struct sock *sk)
{
	struct sk_buff *head = rill_rtx_head(sk), *skb;
	bool reneged = rill_recovery_reneged(sk);
	struct rill_sock *rs = rill_sk(sk);
	u64 now = rs->clock.now_ns;

	for (skb = head; skb; skb = rill_rtx_next(skb)) {
		rill_count(rill_sk_net(sk), search_steps);
		if (reneged)
			rill_cb(skb)->sacked &= ~RILL_SKB_SACKED;
		if (reneged || skb == head || rill_rack_due(sk, skb, now))
			rill_mark_lost(sk, skb);
	}
	if (reneged)
		rill_rtx_none_sacked(rs);
}

/**
 * rill_recovery_collapse - the retransmission timer has fired
 * @sk: the socket, with something in flight
 *
 * RFC 5681, equation 4, and RFC 6298, 5.4: lost segments are retransmitted in
 * slow start.
 */
void rill_recovery_collapse(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	/* RFC 5681, 3.1: ssthresh is halved once, not for each backoff. */
	if (rs->rec.state < RILL_RECOVERY ||
	    !rill_unacked(rs, rs->rec.point)) {
		rill_undo_begin(sk, true);
		rill_cc_reduce(sk);
	}
	rill_recovery_mark(sk);
	rill_cc_anew(rs);
	rs->rec.dupacks = 0;
	rill_tlp_cancel(rs);
	rs->rec.state = RILL_LOSS;
	rs->rec.point = rs->snd.nxt;
	rill_timer_stop(sk, RILL_TIMER_TLP);
	rill_timer_stop(sk, RILL_TIMER_REORDER);
	rill_rack_timed_out(rs);
}

/**
 * rill_recovery_shorten - segments in flight are longer than the path MTU
 * @sk: the socket, its MSS up to date
 *
 * They are lost, but not by congestion (RFC 1191, 6.5): all are to be
 * retransmitted in shorter segments, and cwnd stays.
 */
void rill_recovery_shorten(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb, *next;

	sock_owned_by_me(sk);
	for (skb = rill_rtx_head(sk); skb; skb = next) {
		rill_count(rill_sk_net(sk), search_steps);
		if (skb->len > rs->path.mss &&
		    !(rill_cb(skb)->sacked & RILL_SKB_SACKED)) {
			rill_mark_lost(sk, skb);
			rill_skb_split(sk, skb, rs->path.mss, GFP_ATOMIC);
		}
		/* The second half of a split segment comes next. */
		next = rill_rtx_next(skb);
	}
}
