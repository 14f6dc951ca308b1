/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of a connection, one for each concern. All are under the socket
 * lock unless a field says otherwise. Sequence numbers are RFC 9293's
 * variables; times are ns of rill_now_ns() (suffix _ns) or microseconds (suffix
 * _us).
 *
 * A connection begins with all of it 0 (rill_conn_begin()). From then on a part,
 * or a field of it, is written by the file that owns it, and by others through
 * what that file offers: scripts/test/owners compares them.
 */
#ifndef _RILL_CONN_H
#define _RILL_CONN_H

#include <linux/rbtree.h>
#include <linux/types.h>

/* The deadlines of a connection; one hrtimer serves them all. */
enum rill_timer {
	RILL_TIMER_REORDER,	/* late or lost? (RFC 8985, 6.3) */
	/* Before the retransmission timer, which it puts off. */
	RILL_TIMER_TLP,		/* tail loss probe (RFC 8985, 7) */
	RILL_TIMER_RETRANSMIT,	/* SYN, data or FIN unacknowledged (RFC 6298) */
	RILL_TIMER_PERSIST,	/* closed window (RFC 9293, 3.8.6.1) */
	RILL_TIMER_DELACK,	/* delayed ACK */
	RILL_TIMER_KEEPALIVE,	/* RFC 9293, 3.8.4 */
	RILL_TIMER_PACE,	/* the next segment may go */
	RILL_TIMER_MAX
};

/* What rill_ack.pending asks for. */
enum rill_ack_need {
	RILL_ACK_NONE,
	RILL_ACK_ANSWER,	/* now, though it acknowledges nothing new */
	RILL_ACK_DELAYED,	/* by the delayed ACK timer at the latest */
	RILL_ACK_NOW,
};

/* Congestion state of the sender, from mild to grave. */
enum rill_recovery {
	RILL_OPEN,		/* nothing lost */
	RILL_REDUCE,		/* cwnd is reduced, without a retransmission */
	RILL_RECOVERY,		/* fast recovery until rec.point is acked */
	RILL_LOSS,		/* after a retransmission timeout */
};

/**
 * struct rill_agreed - what the handshake agreed
 * @wscale_ok: both sides scale their windows
 * @sack_ok: both sides SACK
 * @ts_ok: both sides send timestamps
 * @peer_rill: the peer sent our private option
 * @snd_wscale: shift of the window that the peer advertises
 * @rcv_wscale: shift of ours
 * @ts_unit: unit of our timestamp clock, RILL_TS_*
 * @ts_offset: added to our timestamp clock, ticks
 * @peer_ack_delay_us: how long the peer may delay an ACK
 * @delack_us: how long we may, as our SYN announced
 * @advmss: the MSS that we advertised, bytes
 * @peer_mss: the lesser of the peer's MSS and TCP_MAXSEG, bytes
 *
 * connection/conn.c writes it. Constant once ESTABLISHED.
 */
struct rill_agreed {
	u8			wscale_ok:1,
				sack_ok:1,
				ts_ok:1,
				peer_rill:1;
	u8			snd_wscale;
	u8			rcv_wscale;
	u8			ts_unit;
	u32			ts_offset;
	u32			peer_ack_delay_us;
	u32			delack_us;
	u16			advmss;
	u16			peer_mss;
};

/**
 * struct rill_snd - the send sequence space (RFC 9293, 3.3.1)
 * @iss: initial sequence number
 * @una: oldest unacknowledged sequence number
 * @nxt: next to send
 * @wnd: the window that the peer advertises, bytes
 * @wl1: sequence number of the last window update
 * @max_wnd: largest @wnd ever, bytes
 * @write_seq: one past the last byte that the program has queued
 * @pushed_seq: one past the last byte that was marked PSH
 * @sml: end of the last small segment (Nagle)
 * @fin_queued: @write_seq counts our FIN
 * @due: the event under way may have changed what can be sent
 * @last_ns: when data was last sent
 *
 * transfer/queue.c writes @write_seq, @pushed_seq and @fin_queued,
 * transfer/output.c @nxt, @sml and @last_ns, transfer/turn.c @due,
 * transfer/ack.c @una, @wnd and @wl1, and transfer/plpmtud.c @max_wnd, by which
 * it limits the MSS.
 */
struct rill_snd {
	u32			iss;
	u32			una;
	u32			nxt;
	u32			wnd;
	u32			wl1;
	u32			max_wnd;
	u32			write_seq;
	u32			pushed_seq;
	u32			sml;
	bool			fin_queued;
	bool			due;
	u64			last_ns;
};

/**
 * struct rill_rtx - segments that are sent and not acknowledged
 * @queue: the segments, by rill_cb(skb)->seq
 * @packets_out: their number
 * @sacked_out: of them SACKed
 * @lost_out: of them marked lost
 * @retrans_out: of them retransmitted, and in flight
 *
 * transfer/queue.c writes it.
 */
struct rill_rtx {
	struct rb_root		queue;
	u32			packets_out;
	u32			sacked_out;
	u32			lost_out;
	u32			retrans_out;
};

/**
 * struct rill_path - packet and segment sizes of the path
 * @pmtu: the route's MTU, or less while plpmtud.low says so; bytes, with all
 *	headers
 * @mss: payload of a segment, bytes
 *
 * transfer/plpmtud.c writes it.
 */
struct rill_path {
	u32			pmtu;
	u16			mss;
};

/**
 * struct rill_plpmtud - the search for the path MTU (RFC 4821, 8899)
 * @low: longest packet known to pass (search_low), which limits the MSS; bytes
 *	with all headers. 0: no search
 * @high: longest packet that may pass (search_high), bytes
 * @mtu: packet of the probe in flight, bytes; 0: none
 * @seq: first sequence number of the probe
 * @end: one past its last
 * @tries: probes of this size without a result
 * @failed: a probe was too long
 * @end_ns: when the search ended; 0: it goes on
 *
 * transfer/plpmtud.c writes it.
 */
struct rill_plpmtud {
	u32			low;
	u32			high;
	u32			mtu;
	u32			seq;
	u32			end;
	u8			tries;
	bool			failed;
	u64			end_ns;
};

#define RILL_CC_PRIV		12	/* words for a congestion control */

/**
 * struct rill_congestion - congestion control (RFC 5681); segments
 * @ops: the algorithm; READ_ONCE without the lock
 * @priv: state of the algorithm
 * @cwnd: congestion window
 * @cwnd_cnt: part of a segment by which @cwnd grows, see rill_cc_add()
 * @ssthresh: slow start threshold
 * @used: most segments in flight in the current window of data
 * @used_seq: snd.nxt when that window began
 * @init_cwnd: the initial window
 * @limited: @cwnd has held data back in that window
 *
 * transfer/congestion.c writes it.
 */
struct rill_congestion {
	const struct rill_cc_ops *ops;
	u64			priv[RILL_CC_PRIV];
	u32			cwnd;
	u32			cwnd_cnt;
	u32			ssthresh;
	u32			used;
	u32			used_seq;
	u16			init_cwnd;
	bool			limited;
};

/**
 * struct rill_pace - when the next segment may go
 * @next_ns: that time
 * @held: a segment waits for it
 *
 * transfer/pacing.c writes it.
 */
struct rill_pace {
	u64			next_ns;
	bool			held;
};

/**
 * struct rill_rec - loss recovery
 * @state: enum rill_recovery
 * @dupacks: duplicate ACKs, without SACK
 * @point: snd.nxt when recovery began
 * @lost_seq: nothing below is marked lost
 *
 * transfer/recovery.c writes it.
 */
struct rill_rec {
	u8			state;
	u8			dupacks;
	u32			point;
	u32			lost_seq;
};

/**
 * struct rill_rtt - round trips and the RTO (RFC 6298)
 * @srtt_us: times 8; 0: no sample yet
 * @rttvar_us: times 4
 * @rto_us: the RTO before backoff
 *
 * transfer/rtt.c writes it.
 */
struct rill_rtt {
	u32			srtt_us;
	u32			rttvar_us;
	u32			rto_us;
};

/**
 * struct rill_retry - retransmissions and probes without an answer
 * @backoff: timeouts since an RTT sample: doublings of the RTO
 * @retransmits: timeouts since snd.una advanced
 * @window_probes: unanswered window probes
 * @keepalives: unanswered keepalives
 * @refused: a queue of this host was full for the last segment
 * @local_tries: timers since then
 * @oldest: the oldest segment goes again when the event is over
 * @start_ns: when the segment of the first timeout was sent
 * @orphan_shut_ns: of the first window probe as an orphan
 *
 * transfer/retry.c counts; connection/timer.c writes @start_ns and
 * @orphan_shut_ns, from which its limits run; transfer/turn.c keeps @oldest.
 */
struct rill_retry {
	u8			backoff;
	u8			retransmits;
	u8			window_probes;
	u8			keepalives;
	bool			refused;
	u8			local_tries;
	bool			oldest;
	u64			start_ns;
	u64			orphan_shut_ns;
};

/**
 * struct rill_rcv - the receive sequence space (RFC 9293, 3.3.1)
 * @irs: initial sequence number of the peer
 * @nxt: next expected
 * @wup: @nxt when the window was last advertised
 * @wnd: the window advertised last, bytes
 * @kept: bytes behind @wnd that were advertised before, and are acceptable
 * @copied_seq: next for the program
 * @ooo_queue: out-of-order segments, by sequence number
 * @last_ns: when any valid segment came
 * @fin_received: @nxt counts the peer's FIN
 * @ready: the program is woken for data when the event is over
 * @full: there was no memory for data in order: the window is closed
 *
 * transfer/window.c writes @wup, @wnd, @kept and @full, transfer/receive.c @nxt,
 * @copied_seq and @fin_received, transfer/ooo.c its queue, transfer/turn.c
 * @ready, and connection/arrival.c @last_ns.
 */
struct rill_rcv {
	u32			irs;
	u32			nxt;
	u32			wup;
	u32			wnd;
	u32			kept;
	u32			copied_seq;
	struct rb_root		ooo_queue;
	u64			last_ns;
	bool			fin_received;
	bool			ready;
	bool			full;
};

/**
 * struct rill_ack - when an ACK is due (RFC 9293, 3.8.6.3)
 * @pending: enum rill_ack_need
 * @quick: segments that are still acknowledged at once
 * @burst: segments since the peer was last idle
 * @interactive: the program's answers carry the ACKs
 * @pushed: data with PSH is not acknowledged
 * @midway: the last data had no PSH
 * @mss: estimate of the peer's full segments, bytes
 * @last_len: payload of the last segment if without PSH, bytes
 * @last_data_ns: when data last came
 * @answers: to segments that are not acceptable
 *
 * transfer/delack.c writes it, but for @answers: transfer/answer.c.
 */
struct rill_ack {
	u8			pending;
	u8			quick;
	u8			burst;
	u8			interactive:1,
				pushed:1,
				midway:1;
	u16			mss;
	u16			last_len;
	u64			last_data_ns;
	struct rill_answers	answers;
};

/**
 * struct rill_sacks - what the next ACK reports (RFC 2018, RFC 2883)
 * @recent: blocks, the newest first
 * @num: how many
 * @dsack_due: @dsack is to be reported
 * @dsack: a duplicate
 *
 * transfer/sack.c writes it.
 */
struct rill_sacks {
	struct rill_sack	recent[RILL_SACKS_MAX];
	struct rill_sack	dsack;
	u8			num;
	bool			dsack_due;
};

/**
 * struct rill_space - how large the receive buffer has to be
 * @seq: rcv.copied_seq when a round trip of the receiver began
 * @bytes: read in the last round trip
 * @start_ns: when this one began
 * @rtt_us: RTT measured by the receiver, times 8
 * @rtt_echo: last TSecr
 * @rtt_seq: without timestamps: the end of a window
 * @rtt_ns: when that echo came, or that window began
 * @truesize: memory of a full segment, bytes
 * @measured: its payload, bytes
 * @ratio: payload by memory, 256ths
 *
 * transfer/rcvbuf.c writes it.
 */
struct rill_space {
	u32			seq;
	u32			bytes;
	u64			start_ns;
	u32			rtt_us;
	u32			rtt_echo;
	u64			rtt_ns;
	u32			rtt_seq;
	u32			truesize;
	u32			measured;
	u8			ratio;
};

/**
 * struct rill_tally - counts of one connection, for TCP_INFO
 * @bytes_acked: acknowledged by the peer
 * @bytes_received: received in order
 * @bytes_sent: sent, with retransmissions
 * @bytes_retrans: retransmitted
 * @delivered: segments acknowledged or SACKed
 * @delivered_ce: of them acknowledged with ECE
 * @segs_in: segments that came
 * @segs_out: segments sent
 * @data_segs_in: of them with data
 * @data_segs_out: of them with data
 * @total_retrans: segments retransmitted
 * @dsack_dups: D-SACKs received
 * @reord_seen: ACKs that showed reordering
 * @rcv_ooopack: out-of-order segments received
 * @rto_timeouts: timeouts, of SYN and FIN too
 * @rto_recoveries: of them the first of a series
 * @rehashes: changes of the path after them
 * @rcv_label: flow label of the last data
 * @rto_ns: time spent in series of timeouts
 * @rto_since_ns: when the current series began; 0: there is none
 * @open_ns: when the connection was established
 *
 * Each is written by the file in which it happens.
 */
struct rill_tally {
	u64			bytes_acked;
	u64			bytes_received;
	u64			bytes_sent;
	u64			bytes_retrans;
	u32			delivered;
	u32			delivered_ce;
	u32			segs_in;
	u32			segs_out;
	u32			data_segs_in;
	u32			data_segs_out;
	u32			total_retrans;
	u32			dsack_dups;
	u32			reord_seen;
	u32			rcv_ooopack;
	u32			rto_timeouts;
	u32			rto_recoveries;
	u32			rehashes;
	__be32			rcv_label;
	u64			rto_ns;
	u64			rto_since_ns;
	u64			open_ns;
};

/**
 * struct rill_rack - loss detection by time (RFC 8985)
 * @sent: segments in flight by the time of their last transmission, oldest
 *	first, but for those SACKed or marked lost. By skb->tcp_tsorted_anchor
 * @xmit_ns: when the segment delivered last was sent (RACK.xmit_ts)
 * @min_rtt_ns: when @min_rtt_us was measured
 * @end_seq: the end of that segment (RACK.end_seq)
 * @rtt_us: its RTT (RACK.rtt)
 * @min_rtt_us: least RTT of the last minutes; 0: none yet
 * @fack: highest sequence number acknowledged or SACKed, plus one (RACK.fack)
 * @late_us: how much later than @rtt_us a reordered segment came
 * @dsack_round: snd.nxt when a D-SACK last widened the window; with @in_round
 * @timeout_seq: snd.una at the last timeout
 * @timeout_end: snd.nxt at the last timeout
 * @reo_mult: the reordering window in quarters of @min_rtt_us
 * @reo_persist: recoveries until @reo_mult is reset
 * @reordered: reordering has been seen on this path
 * @in_round: D-SACKs up to @dsack_round do not widen the window again
 *
 * transfer/rack.c writes it.
 */
struct rill_rack {
	struct list_head sent;
	u64	xmit_ns;
	u64	min_rtt_ns;
	u32	end_seq;
	u32	rtt_us;
	u32	min_rtt_us;
	u32	fack;
	u32	late_us;
	u32	dsack_round;
	u32	timeout_seq;
	u32	timeout_end;
	u8	reo_mult;
	u8	reo_persist;
	bool	reordered;
	bool	in_round;
};

/**
 * struct rill_undo - undo of a reduction of cwnd (RFC 3522, RFC 3708)
 * @cwnd: before the reduction, segments
 * @ssthresh: before the reduction, segments
 * @start_seq: snd.una at the reduction
 * @sent_ns: when the first retransmission since was sent; with @stamped
 * @copies: retransmissions since that are not reported as duplicates
 * @end_seq: snd.nxt at the last undo; with @applied
 * @active: there is a reduction to undo
 * @stamped: a segment was retransmitted since
 * @timeout: a timeout was the reason
 * @applied: undos until @end_seq is acknowledged
 * @cwr: rill_ecn.cwr before the reduction
 * @ecn_point: rill_ecn.point before the reduction
 *
 * transfer/undo.c writes it.
 */
struct rill_undo {
	u64	sent_ns;
	u32	cwnd;
	u32	ssthresh;
	u32	start_seq;
	u32	copies;
	u32	end_seq;
	bool	active;
	bool	stamped;
	bool	timeout;
	u8	applied;
	bool	cwr;
	u32	ecn_point;
};

/**
 * struct rill_prr - proportional rate reduction (RFC 6937); segments
 * @flight: in flight at the reduction (RecoverFS)
 * @delivered: delivered since (prr_delivered)
 * @out: sent since (prr_out)
 *
 * transfer/recovery.c writes it.
 */
struct rill_prr {
	u32	flight;
	u32	delivered;
	u32	out;
};

/**
 * struct rill_tlp - a tail loss probe in flight (RFC 8985, 7)
 * @end_seq: snd.nxt when the probe was sent (TLP.end_seq); with @active
 * @seq: first sequence number of the copy; with @copy
 * @sent_ns: when the copy was sent
 * @growth_us: increase of the round trip from one ACK to the next
 * @start_ns: when the oldest segment in flight was sent, for retry.start_ns if
 *	the peer never answers; 0: something was acknowledged after the probe
 * @active: the probe is not acknowledged
 * @copy: the probe was a retransmission and no new data (TLP.is_retrans), and
 *	no D-SACK has reported it
 * @unmeasured: no RTT sample since a probe was sent
 *
 * transfer/tlp.c writes it.
 */
struct rill_tlp {
	u64	sent_ns;
	u64	start_ns;
	u32	end_seq;
	u32	seq;
	u32	growth_us;
	bool	active;
	bool	copy;
	bool	unmeasured;
};

/**
 * struct rill_rate - the delivery rate (draft-cheng-iccrg-delivery-rate-
 *	estimation)
 * @first_sent_ns: when the segment delivered last was sent, or the first after
 *	an idle time
 * @delivered_ns: when rill_tally.delivered last grew, or the same
 * @app_limited: samples up to this rill_tally.delivered are limited by the
 *	program; 0: none are
 * @segments: of the last sample
 * @over_us: their time; 0: no sample
 * @limited: that sample was limited by the program
 *
 * transfer/rate.c writes it.
 */
struct rill_rate {
	u64	first_sent_ns;
	u64	delivered_ns;
	u32	app_limited;
	u32	segments;
	u32	over_us;
	bool	limited;
};

/* What limits a sender, for TCP_INFO. */
enum rill_hold {
	RILL_HOLD_IDLE,		/* there is nothing to send */
	RILL_HOLD_NETWORK,	/* to send, or wait for cwnd, ACKs and pacing */
	RILL_HOLD_WINDOW,	/* to wait for the peer's window */
	RILL_HOLD_SNDBUF,	/* SO_SNDBUF holds no more for cwnd */
	RILL_HOLD_MAX
};

/**
 * struct rill_held - what limits the sender, and for how long it did
 * @since_ns: when @by began
 * @ns: time limited by each before that
 * @by: the current limit
 *
 * transfer/rate.c writes it.
 */
struct rill_held {
	u64			since_ns;
	u64			ns[RILL_HOLD_MAX];
	enum rill_hold		by;
};

/**
 * struct rill_ecn - explicit congestion notification (RFC 3168)
 * @ok: both sides want it, and our data is ECT
 * @echo: the peer's data may be marked
 * @asked: a SYN of ours had ECE and CWR
 * @plain: a SYN of ours had neither
 * @ece: our ACKs carry ECE
 * @cwr: the next new data carries CWR
 * @seen: data with ECT came
 * @reducing: the reduction under way is for a mark
 * @point: no ACK up to this reduces cwnd again
 *
 * transfer/ecn.c writes it.
 */
struct rill_ecn {
	u8	ok:1,
		echo:1,
		asked:1,
		plain:1,
		ece:1,
		cwr:1,
		seen:1,
		reducing:1;
	u32	point;
};

/* The last urgent byte that the peer has announced. */
enum rill_urgent_state {
	RILL_URGENT_NONE,	/* none, or the program has read past it */
	RILL_URGENT_AWAITED,	/* it has not come */
	RILL_URGENT_HERE,	/* it can be read out of band */
	RILL_URGENT_READ,	/* it was; the mark is still ahead */
};

/**
 * struct rill_urgent - urgent data (RFC 9293, 3.8.5; RFC 6093)
 * @snd_up: one past the last urgent byte that was queued; with @sending
 * @seq: the mark: sequence number of the peer's last urgent byte; with @state.
 *	It is not before rcv.copied_seq
 * @sending: @snd_up is not acknowledged yet: urgent mode
 * @state: of the byte at the mark, enum rill_urgent_state
 * @byte: that byte; with RILL_URGENT_HERE
 *
 * transfer/urgent.c writes it, under the socket lock; poll() and SIOCATMARK read
 * @seq and @state without.
 */
struct rill_urgent {
	u32	snd_up;
	u32	seq;
	bool	sending;
	u8	state;
	u8	byte;
};

#endif /* _RILL_CONN_H */
