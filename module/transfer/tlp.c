// SPDX-License-Identifier: GPL-2.0
/*
 * Tail loss probes (RFC 8985, 7): two round trips after the last segment, if
 * its ACK is overdue by then, the last segment is retransmitted or a new one
 * sent: the ACK lets RACK detect a loss that otherwise only an RTO would.
 */
#include "../clock/clock.h"
#include "inside.h"

/*
 * RFC 8985, 7.2: the probe timeout (PTO). The ACK of a single segment may be
 * delayed; the second round trip has room for that, if it is not longer. The
 * SYN of a rill peer announced the longest delay; while its ACKs come sooner,
 * with data, RTTVAR is the better bound. There is a floor, or on a path of a
 * few microseconds the timer would fire for every segment.
 */
static u64 rill_tlp_wait_ns(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 delay = rs->agreed.peer_ack_delay_us;
	u64 srtt = rs->rtt.srtt_us >> 3;
	u64 us = 2 * srtt;

	if (rs->agreed.peer_rill)
		delay = min(delay, rs->rtt.rttvar_us);
	if (rs->rtx.packets_out == 1)
		us = max(us, srtt + srtt / 4 + delay);
	us = max_t(u64, us, rill_tunable(rill_sk_net(sk), tlp_min_us));
	return us * NSEC_PER_USEC;
}

/*
 * RFC 8985, 7.2, counts the time from the last segment sent or the last ACK;
 * here it is the last segment. Where a queue builds up, each ACK takes longer
 * than the one before it, by growth_us; the next ACK may take that much longer
 * again, so the probe waits for it, and for an eighth of its time besides.
 */
static u64 rill_tlp_due_ns(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	u64 wait_ns = rill_tlp_wait_ns(sk);
	struct sk_buff *last;

	last = list_last_entry(&rs->rack.sent, struct sk_buff,
			       tcp_tsorted_anchor);
	return max(rill_cb(last)->sent_ns + wait_ns, rs->clock.now_ns +
		   (u64)rs->tlp.growth_us * NSEC_PER_USEC + wait_ns / 8);
}

/**
 * rill_tlp_measure - does the round trip grow from ACK to ACK?
 * @rs: the socket
 * @before_us: that of the ACK before it, 0 if there was none
 *
 * ACKs that come together count as one for a while.
 *
 * Context: socket lock held.
 */
void rill_tlp_measure(struct rill_sock *rs, u32 before_us)
{
	u32 rtt_us = rs->rack.rtt_us, growth_us = 0;

	if (!before_us)
		before_us = rs->rtt.srtt_us >> 3;
	if (rtt_us > before_us)
		growth_us = rtt_us - before_us;
	rs->tlp.growth_us = max(growth_us, rs->tlp.growth_us / 2);
}

static bool rill_tlp_wanted(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);

	return !list_empty(&rs->rack.sent) && rs->agreed.sack_ok &&
	       rs->rtt.srtt_us && rs->rec.state == RILL_OPEN &&
	       !rs->rtx.sacked_out && !rs->rtx.lost_out &&
	       !rs->tlp.active && !rs->tlp.unmeasured && !rs->retry.backoff &&
	       !((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) &&
	       rill_tunable(rill_sk_net(sk), tlp);
}

/**
 * rill_tlp_schedule - set the probe timer, where a probe may help
 * @sk: the socket; the retransmission timer is set
 *
 * The probe is never later than the retransmission timer, which it replaces
 * then.
 */
void rill_tlp_schedule(struct sock *sk)
{
	u64 rto_ns = rill_sk(sk)->clock.deadline_ns[RILL_TIMER_RETRANSMIT];
	u64 at_ns;

	sock_owned_by_me(sk);
	if (!rill_tlp_wanted(sk)) {
		rill_timer_stop(sk, RILL_TIMER_TLP);
		return;
	}
	at_ns = rill_tlp_due_ns(sk);
	rill_timer_set(sk, RILL_TIMER_TLP, rto_ns ? min(at_ns, rto_ns) :
						      at_ns);
}

/**
 * rill_tlp_begin - is there to be a probe now?
 * @sk: the socket
 *
 * Return: the last segment, which goes if there is no new data; NULL: no probe.
 */
struct sk_buff *rill_tlp_begin(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *last;

	sock_owned_by_me(sk);
	if (!rill_tlp_wanted(sk))
		return NULL;
	/* A segment that this host still holds cannot be acknowledged. */
	last = rb_to_skb(rb_last(&rs->rtx.queue));
	if (rill_skb_held(sk, last)) {
		rill_count(rill_sk_net(sk), retrans_held);
		return NULL;
	}
	/* Set first, or the new data would schedule another probe. */
	rs->tlp.active = true;
	rs->tlp.unmeasured = true;
	rs->tlp.copy = false;
	return last;
}

/**
 * rill_tlp_copy - the probe is to be a copy of the last segment
 * @sk: the socket
 * @last: that segment
 * @now: ns
 */
void rill_tlp_copy(struct sock *sk, const struct sk_buff *last, u64 now)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	rs->tlp.start_ns = rill_cb(rill_rtx_head(sk))->sent_ns;
	rs->tlp.copy = true;
	rs->tlp.seq = rill_cb(last)->seq;
	rs->tlp.sent_ns = now;
	/* The round trip after a reduction is over: no undo any more. */
	rill_undo_forget(rs);
}

/**
 * rill_tlp_sent - the probe has been sent, or this host did not take it
 * @sk: the socket
 * @sent: it was sent
 *
 * The retransmission timer starts anew.
 */
void rill_tlp_sent(struct sock *sk, bool sent)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!sent) {
		memset(&rs->tlp, 0, sizeof(rs->tlp));
		return;
	}
	rs->tlp.end_seq = rs->snd.nxt;
	rill_count(rill_sk_net(sk), tlp_probes);
	rill_timer_set(sk, RILL_TIMER_RETRANSMIT,
		       rs->clock.now_ns + rill_rto_ns(sk));
}

/*
 * RFC 8985, 7.4.2: was the copy needed? 1: yes, -1: no, 0: not known yet. The
 * echoed timestamp shows it at once, unless the ACK of an earlier segment was
 * delayed: the echo is of that segment then (RFC 7323, 4.3).
 */
static int rill_tlp_verdict(const struct rill_sock *rs,
			    const struct rill_segment *seg,
			    const struct rill_ack_sample *as)
{
	bool older = rill_echo_before(rs, seg, rs->tlp.sent_ns);

	if (as->dsack || (older && !rill_before(as->prior_una, rs->tlp.seq)))
		return -1;
	if (rill_after(seg->ack, rs->tlp.end_seq))
		return 1;
	/* A duplicate ACK: both copies have arrived. */
	if (as->prior_una == seg->ack)
		return as->sacked ? 0 : -1;
	return !older && rs->agreed.ts_ok &&
	       rs->agreed.ts_unit == RILL_TS_US ? 1 : 0;
}

/**
 * rill_tlp_ack - an ACK has come while a probe is in flight
 * @sk: the socket
 * @seg: its header
 * @as: what it reports
 *
 * A loss that the probe has repaired is still a loss: cwnd is reduced.
 *
 * Return: true if cwnd is to be reduced.
 */
bool rill_tlp_ack(struct sock *sk, const struct rill_segment *seg,
		  const struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);
	int verdict = -1;

	sock_owned_by_me(sk);
	if (!rs->tlp.active || rill_before(seg->ack, rs->tlp.end_seq))
		return false;
	if (rs->tlp.copy)
		verdict = rill_tlp_verdict(rs, seg, as);
	if (!verdict)
		return false;
	rs->tlp.active = false;
	if (verdict < 0)
		return false;
	rill_count(rill_sk_net(sk), tlp_losses);
	return true;
}
