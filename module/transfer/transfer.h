/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What transfer offers the other rooms: data out and in, acknowledgments,
 * windows, loss recovery, congestion control.
 *
 * Each function is documented where it is defined.
 */
#ifndef _RILL_TRANSFER_H
#define _RILL_TRANSFER_H

#include "../rill.h"

struct rill_packet;

struct rill_ack_sample;
union tcp_cc_info;

/**
 * struct rill_cc_ops - a congestion control algorithm
 * @name: as TCP_CONGESTION and the tunable know it
 * @marks: it needs ECN: the SYN asks for it, all segments are ECT, and each
 *	mark is echoed (RFC 8257, 3.2)
 * @paced: it wants segments spread over the round trip
 * @restricted: unfair to others outside of networks made for it: needs
 *	CAP_NET_ADMIN
 * @init: a connection is established, or has changed to this algorithm; cc.priv
 *	is zeroed
 * @ssthresh: the new ssthresh, segments, after a loss or a mark; what @undo
 *	needs is kept here
 * @grow: segments were delivered while cwnd was the limit, outside of
 *	recovery
 * @acked: optional: an ACK has come, in whatever state, before @grow
 * @restart: optional: data is about to be sent, and nothing is in flight
 * @undo: optional: the last reduction was spurious; cwnd and ssthresh are
 *	restored
 * @info: optional: fills in the zeroed answer of TCP_CC_INFO; its size, bytes
 */
struct rill_cc_ops {
	const char *name;
	bool	marks;
	bool	paced;
	bool	restricted;
	void	(*init)(struct sock *sk);
	u32	(*ssthresh)(struct sock *sk);
	void	(*grow)(struct sock *sk, const struct rill_ack_sample *as);
	void	(*acked)(struct sock *sk, const struct rill_ack_sample *as);
	void	(*restart)(struct sock *sk);
	void	(*undo)(struct sock *sk);
	size_t	(*info)(struct sock *sk, union tcp_cc_info *info);
};

/* transfer/stored.c: what was stored a while ago */
void rill_recent_hear(struct rill_recent *recent, u32 tsval);
bool rill_recent_older(const struct rill_recent *recent, u32 tsval);
void rill_recent_update(struct rill_recent *recent, bool ts_ok,
			const struct rill_segment *seg);

/*
 * PAWS (RFC 7323, 5.3 R1): is the segment older than the peer's last? @ts_ok:
 * both sides send timestamps.
 */
static inline bool rill_paws(const struct rill_recent *recent, bool ts_ok,
			     const struct rill_segment *seg)
{
	return ts_ok && seg->opts.has_ts &&
	       rill_recent_older(recent, seg->opts.tsval);
}

/* transfer/rtt.c */

/* The handshake is over without a sample: its RTO was too short. */
static inline void rill_rtt_unmeasured(struct rill_sock *rs)
{
	rs->rtt.rto_us = min_t(u64, rs->rtt.rto_us * 3ULL, U32_MAX);
}

void rill_rtt_sample(struct sock *sk, u32 rtt_us);
void rill_rto_update(struct sock *sk);
u8 rill_rto_backoff(const struct sock *sk);
u32 rill_rto_us(const struct sock *sk);
u32 rill_rto_shown_us(const struct sock *sk);
u64 rill_rto_ns(const struct sock *sk);
u64 rill_rto_local_ns(const struct sock *sk);

/* transfer/retry.c: what has no answer */

/* An answer: timeouts count anew. */
static inline void rill_retry_answered(struct rill_sock *rs)
{
	rs->retry.retransmits = 0;
}

/* The RTO is doubled so often from now on. */
static inline void rill_retry_backoff(struct rill_sock *rs, u8 doublings)
{
	rs->retry.backoff = doublings;
}

/* Window probes count anew: one was answered, or none is needed. */
static inline void rill_retry_unprobed(struct rill_sock *rs)
{
	rs->retry.window_probes = 0;
}

/* Keepalives count anew. */
static inline void rill_retry_alive(struct rill_sock *rs)
{
	rs->retry.keepalives = 0;
}

/* Was a queue of this host full for the last segment? */
static inline void rill_retry_refused(struct rill_sock *rs, bool refused)
{
	rs->retry.refused = refused;
}

void rill_retry_timeout(struct rill_sock *rs);
void rill_retry_undo(struct rill_sock *rs, u8 retransmits, u8 backoff);
void rill_retry_double(struct rill_sock *rs);
void rill_retry_local(struct rill_sock *rs);
void rill_retry_probe(struct rill_sock *rs);
void rill_retry_keepalive(struct rill_sock *rs);

/* transfer/mss.c */
bool rill_mss_believes(const struct sock *sk, u32 mtu);
u16 rill_mss_agree(u16 peer, u16 user);
u16 rill_mss_advertise(struct sock *sk, const struct dst_entry *dst);

/*
 * Bytes of options that every segment with data carries. SACK blocks are not
 * counted: a segment with data carries them only where they fit beside it.
 */
static inline unsigned int rill_mss_options(const struct sock *sk)
{
	return rill_sk(sk)->agreed.ts_ok ? RILL_TS_OPTION_LEN : 0;
}

/* transfer/plpmtud.c: search for the path MTU */
void rill_mss_sync(struct sock *sk);
void rill_mss_check(struct sock *sk);
void rill_mss_window(struct sock *sk, u32 wnd);
void rill_plpmtud_init(struct sock *sk);
void rill_plpmtud_timeout(struct sock *sk);
bool rill_plpmtud_icmp(struct sock *sk);

/* transfer/window.c */

/*
 * What is left of the window that was ever advertised, bytes. The peer may not
 * know that the window was closed since, for lack of memory.
 */
static inline u32 rill_window_left(const struct sock *sk)
{
	const struct rill_rcv *rcv = &rill_sk(sk)->rcv;
	u32 edge = rcv->wup + rcv->wnd + rcv->kept;

	return rill_after(edge, rcv->nxt) ? edge - rcv->nxt : 0;
}

u32 rill_window_initial(const struct sock *sk, u32 space, u16 mss,
			bool scaling, u8 *wscale);
u32 rill_window_space(const struct sock *sk);

/* The peer does not scale windows: what our SYN advertised stays in 16 bits. */
static inline void rill_window_unscaled(struct rill_sock *rs)
{
	rs->rcv.wnd = min_t(u32, rs->rcv.wnd, U16_MAX);
}

/* Does the result of giving a segment to IP mean that a queue was full? */
static inline bool rill_no_room(int err)
{
	return err > 0 || err == -ENOMEM || err == -ENOBUFS;
}

/* transfer/queue.c: unsent and unacknowledged segments */

/*
 * Does this host still have what was sent last of a segment in rtx.queue? In a
 * queueing discipline, a driver, or waiting for a neighbour's address.
 */
static inline bool rill_skb_held(const struct sock *sk,
				 const struct sk_buff *skb)
{
	return skb_fclone_busy(sk, skb);
}

struct sk_buff *rill_skb_alloc(struct sock *sk, unsigned int linear,
			       gfp_t gfp);
void rill_skb_queue(struct sock *sk, struct sk_buff *skb);

/*
 * The last segment that was queued grew by @n sequence numbers; poll() looks
 * without the lock.
 */
static inline void rill_snd_append(struct rill_sock *rs, struct sk_buff *skb,
				   u32 n)
{
	rill_cb(skb)->end_seq += n;
	WRITE_ONCE(rs->snd.write_seq, rs->snd.write_seq + n);
}

/* All that was queued so far is marked PSH. */
static inline void rill_snd_pushed(struct rill_sock *rs)
{
	rs->snd.pushed_seq = rs->snd.write_seq;
}

void rill_skb_free(struct sock *sk, struct sk_buff *skb);
struct sk_buff *rill_rtx_head(const struct sock *sk);
int rill_queue_fin(struct sock *sk);
void rill_queue_purge(struct sock *sk);

/* transfer/turn.c: how an event begins and ends */

/* What can be sent may have changed: the end of the event is to look. */
static inline void rill_turn_due(struct rill_sock *rs)
{
	rs->snd.due = true;
}

void rill_turn_begin(struct sock *sk);
void rill_turn_end(struct sock *sk);
void rill_push(struct sock *sk, u8 nonagle);
void rill_rack_timeout(struct sock *sk, u64 now);
void rill_tlp_timeout(struct sock *sk, u64 now);
int rill_recovery_timeout(struct sock *sk);
void rill_recovery_mtu(struct sock *sk);
void rill_delack_timeout(struct sock *sk, u64 now);
void rill_delack_set(struct sock *sk, int val);
void rill_window_read(struct sock *sk, u32 copied);
bool rill_persist_timeout(struct sock *sk);

/* transfer/output.c */
int rill_send_syn(struct sock *sk);
void rill_send_syn_ack(struct sock *sk);
void rill_send_reset(struct sock *sk, gfp_t gfp);
void rill_send_keepalive(struct sock *sk);
int rill_retransmit(struct sock *sk, struct sk_buff *skb);

/* transfer/answer.c: segments that are not acceptable */

/*
 * May one more segment that is not acceptable be answered now? Otherwise two
 * ends that disagree, or that forged segments have made of each other, would
 * answer each other for ever. @gap_ns: no distance longer than this is kept.
 * Under the lock of @a.
 */
static inline bool rill_may_answer(const struct rill_net *rnet,
				   struct rill_answers *a, u64 now_ns,
				   u64 gap_ns)
{
	u64 ms = rill_tunable(rnet, invalid_ratelimit_ms);

	gap_ns = min_t(u64, gap_ns, ms * NSEC_PER_MSEC);
	if (a->last_ns && rill_elapsed_ns(now_ns, a->last_ns) < gap_ns)
		return false;
	a->last_ns = now_ns;
	return true;
}

void rill_answer_challenge(struct sock *sk);
void rill_answer_unacceptable(struct sock *sk, const struct rill_segment *seg);

/* transfer/ack.c: incoming ACKs */

/* SND.WND and SND.WL1 are those of a segment; a SYN does not scale its window. */
static inline void rill_ack_window_take(struct rill_sock *rs,
					const struct rill_segment *seg)
{
	u8 scale = seg->flags & RILL_SYN ? 0 : rs->agreed.snd_wscale;

	rs->snd.wl1 = seg->seq;
	rs->snd.wnd = seg->wnd << scale;
}

bool rill_ack_in(struct sock *sk, const struct rill_segment *seg);

/* transfer/rack.c: loss detection by time (RFC 8985) */
void rill_rack_init(struct rill_sock *rs);

/* transfer/receive.c: data that comes in */

/* The program has read up to @seq; poll() and FIONREAD look without the lock. */
static inline void rill_receive_read(struct rill_sock *rs, u32 seq)
{
	WRITE_ONCE(rs->rcv.copied_seq, seq);
}

enum rill_verdict rill_receive(struct sock *sk, struct rill_packet *p);
bool rill_readable(const struct sock *sk, int target);

/* transfer/ooo.c: out-of-order segments */
void rill_ooo_purge(struct sock *sk);

/* transfer/urgent.c: urgent data */

/* Is @seq the mark? READ_ONCE: also without the socket lock, as a hint. */
static inline bool rill_urgent_at(const struct rill_sock *rs, u32 seq)
{
	return unlikely(READ_ONCE(rs->urgent.state)) &&
	       READ_ONCE(rs->urgent.seq) == seq;
}

/* The program has read up to @seq: past the mark? */
static inline void rill_urgent_passed(struct rill_sock *rs, u32 seq)
{
	if (unlikely(rs->urgent.state) && rill_after(seq, rs->urgent.seq))
		WRITE_ONCE(rs->urgent.state, RILL_URGENT_NONE);
}

/* It has read the urgent byte out of band. */
static inline void rill_urgent_taken(struct rill_sock *rs)
{
	WRITE_ONCE(rs->urgent.state, RILL_URGENT_READ);
}

void rill_urgent_in(struct sock *sk, const struct sk_buff *skb,
		    const struct rill_segment *seg);
void rill_urgent_send(struct rill_sock *rs);

/* transfer/rcvbuf.c: the memory of received data */

#define RILL_RATIO_FIRST	128	/* half, until a segment is measured */

u32 rill_rcvbuf_begin(const struct rill_sock *rs);

/* transfer/memory.c: the account that all sockets share */
bool rill_memory_yields(const struct sock *sk);
void *rill_memory_zalloc(struct kmem_cache *cache, const struct sock *sk);
void *rill_memory_alloc(size_t size, const struct sock *sk);
struct sock *rill_memory_clone(const struct sock *listener);

/* transfer/sack.c: SACK blocks to report */
void rill_dsack_old(struct sock *sk, u32 seq, u32 end);

/* transfer/delack.c: delayed ACKs */

/* What has come is acknowledged when the event under way is over. */
static inline void rill_ack_at_once(struct rill_sock *rs)
{
	rs->ack.pending = RILL_ACK_NOW;
}

/* transfer/sndbuf.c: the memory of unsent and unacknowledged data */
void rill_sndbuf_grow(struct sock *sk);
bool rill_sndbuf_charge(struct sock *sk, int size);

/* transfer/algorithm.c: the choice of one */
const struct rill_cc_ops *rill_cc_find(const char *name);
const struct rill_cc_ops *rill_cc_chosen(const struct sock *sk);
bool rill_cc_allowed(const struct sock *sk, const struct rill_cc_ops *cc);

/* transfer/congestion.c: what all algorithms share */
void rill_cc_choose(struct sock *sk, const struct rill_cc_ops *cc);
void rill_cc_init(struct sock *sk);

/* transfer/ecn.c */
bool rill_ecn_accepts(const struct sock *sk, bool marks, u8 flags);
void rill_ecn_answered(struct sock *sk, u8 flags);
void rill_ecn_child(struct sock *sk, bool ok);

/* transfer/rate.c */
void rill_rate_check(struct sock *sk);
u64 rill_rate_bytes(const struct rill_sock *rs);
u64 rill_hold_us(const struct rill_sock *rs, enum rill_hold hold, u64 now);

#endif /* _RILL_TRANSFER_H */
