// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of received data that was not read: how much there has to be, by
 * what the program reads in a round trip, and what fits. The window is in bytes
 * of payload, memory is counted in bytes of packets: the cost of a full segment
 * converts one to the other, and smaller segments are copied into fewer
 * packets.
 */
#include "../network/network.h"
#include "inside.h"

/* Payload of a byte of buffer, in 256ths. */
#define RILL_RATIO_LEAST	64

/*
 * The window never advertises more than 13/16 of the buffer. Small segments may
 * fill the whole buffer with headers; the payload is then copied into pages,
 * which takes 15 % more than the payload, while the segments are still there.
 * 13/16 * 1.15 is less than 1: the copy needs less than a second buffer.
 */
#define RILL_RATIO_MOST		208

#define RILL_IW_SEGS		10	/* what most senders begin with */

/* Segments that share one head once they are joined in the queue. */
#define RILL_JOINED		8

/**
 * rill_rcvbuf_space - buffer that some payload needs
 * @rs: the socket
 * @payload: bytes
 *
 * Context: socket lock held.
 * Return: bytes.
 */
u64 rill_rcvbuf_space(const struct rill_sock *rs, u64 payload)
{
	return div_u64(payload << RILL_RATIO_SHIFT, rs->space.ratio);
}

/**
 * rill_rcvbuf_measure - measure what a full segment costs
 * @rs: the socket
 * @skb: a full segment, its payload alone
 *
 * Where all payload is in page fragments, neighbours are joined in the queue
 * and share one head.
 *
 * Context: socket lock held.
 */
void rill_rcvbuf_measure(struct rill_sock *rs, const struct sk_buff *skb)
{
	u32 cost = skb->truesize;
	u32 head = SKB_TRUESIZE(skb_end_offset(skb));
	u32 ratio;

	rs->space.truesize = cost;
	rs->space.measured = skb->len;
	if (!skb_headlen(skb) && cost > head)
		cost -= head - head / RILL_JOINED;
	ratio = div_u64((u64)skb->len << RILL_RATIO_SHIFT, cost);
	rs->space.ratio = clamp_t(u32, ratio, RILL_RATIO_LEAST,
				  RILL_RATIO_MOST);
}

/* RTT as measured by the receiver, for the size of its buffer. */
static void rill_rcvbuf_rtt(struct sock *sk, const struct rill_segment *seg)
{
	struct rill_sock *rs = rill_sk(sk);
	u64 now = rs->clock.now_ns;
	u32 sample, left;

	if (rs->agreed.ts_ok && rs->agreed.ts_unit == RILL_TS_US &&
	    seg->opts.has_ts && seg->opts.tsecr) {
		/*
		 * Later segments with the same echo have waited in the sender.
		 */
		if (seg->opts.tsecr == rs->space.rtt_echo && rs->space.rtt_ns)
			return;
		rs->space.rtt_echo = seg->opts.tsecr;
		rs->space.rtt_ns = now;
		sample = rill_ts_at(rs, now) - seg->opts.tsecr;
	} else {
		/*
		 * Without timestamps: the time that one window takes to arrive.
		 */
		if (rs->space.rtt_ns &&
		    rill_between(rs->space.rtt_seq, rs->rcv.nxt + 1,
				 rs->rcv.nxt + RILL_WINDOW_MAX))
			return;
		sample = rs->space.rtt_ns ?
			 div_u64(rill_elapsed_ns(now, rs->space.rtt_ns),
				 NSEC_PER_USEC) : 0;
		left = rill_window_left(sk);
		rs->space.rtt_seq = rs->rcv.nxt + left;
		rs->space.rtt_ns = left ? now : 0;
	}
	if (!sample || sample > 10 * USEC_PER_SEC)
		return;
	if (!rs->space.rtt_us || sample < rs->space.rtt_us >> 3)
		rs->space.rtt_us = sample << 3;
	else
		rs->space.rtt_us += sample - (rs->space.rtt_us >> 3);
}

/**
 * rill_rcvbuf_learn - a full segment has come
 * @sk: the socket
 * @p: the packet, its payload alone
 */
void rill_rcvbuf_learn(struct sock *sk, const struct rill_packet *p)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	rill_rcvbuf_rtt(sk, &p->seg);
	/* Mostly they are all alike. */
	if (p->skb->truesize != rs->space.truesize ||
	    p->skb->len != rs->space.measured)
		rill_rcvbuf_measure(rs, p->skb);
}

/*
 * The program has read @copied bytes in a round trip, more than ever. The ACK
 * that is sent now is for data of the round trip after the next: so room for
 * twice as much, and for the growth to go on as it did (dynamic right-sizing).
 */
static void rill_rcvbuf_grow(struct sock *sk, u32 copied)
{
	struct rill_net *rnet = rill_sk_net(sk);
	struct rill_sock *rs = rill_sk(sk);
	u32 most = READ_ONCE(rnet->tunables.rmem[2]);
	u64 want = 2ULL * copied + 16 * rs->agreed.advmss;

	if (!rill_tunable(rnet, moderate_rcvbuf) || rill_memory_tight(sk) ||
	    (sk->sk_userlocks & SOCK_RCVBUF_LOCK))
		return;
	want += 2 * div_u64(want * (copied - rs->space.bytes), rs->space.bytes);
	want = min_t(u64, want, RILL_WINDOW_MAX);
	want = min_t(u64, rill_rcvbuf_space(rs, want), most);
	if (want > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, want);
}

/* From here on bytes are counted for a round trip. */
static void rill_rcvbuf_count(struct rill_sock *rs, u64 now)
{
	rs->space.seq = rs->rcv.copied_seq;
	rs->space.start_ns = now;
}

/**
 * rill_rcvbuf_begin - bytes that a program is assumed to read in a round trip
 * @rs: the socket
 *
 * The initial window of most senders, and no more than the buffer can hold when
 * it is empty.
 *
 * Context: socket lock held.
 * Return: bytes.
 */
u32 rill_rcvbuf_begin(const struct rill_sock *rs)
{
	u32 room = rill_rcvbuf_payload(rs, READ_ONCE(rs->inet.sk.sk_rcvbuf));

	return clamp_t(u32, RILL_IW_SEGS * rs->agreed.advmss, 1,
		       max_t(u32, room, 1));
}

/**
 * rill_rcvbuf_round - look at what the program has read in a round trip
 * @sk: the socket; rill_rcvbuf_due(): one is over, or the first begins
 *
 * Context: process.
 */
void rill_rcvbuf_round(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	u64 now = rs->clock.now_ns;
	u32 copied, inq;

	sock_owned_by_me(sk);
	if (!rs->space.start_ns) {
		rs->space.bytes = rill_rcvbuf_begin(rs);
		rill_rcvbuf_count(rs, now);
		return;
	}
	/*
	 * In the middle of a burst, wait until most of it is read. A program
	 * that always leaves data in the queue is not held back by the window:
	 * what it reads in one round trip is scaled down to its rate.
	 */
	copied = rs->rcv.copied_seq - rs->space.seq;
	inq = rs->rcv.nxt - rs->rcv.copied_seq;
	if (copied <= inq)
		return;
	if (inq)
		copied = div64_u64(copied * rill_rcvbuf_rtt_ns(rs),
				   rill_elapsed_ns(now, rs->space.start_ns));
	if (copied > rs->space.bytes) {
		rill_rcvbuf_grow(sk, copied);
		rs->space.bytes = copied;
	}
	rill_rcvbuf_count(rs, now);
}

static u64 rill_rcvbuf_used(const struct sock *sk, const struct sk_buff *skb)
{
	return (u64)atomic_read(&sk->sk_rmem_alloc) + skb->truesize;
}

static bool rill_rcvbuf_charge(struct sock *sk, struct sk_buff *skb)
{
	if (sk_rmem_schedule(sk, skb, skb->truesize))
		return true;
	return rill_memory_promised(sk, skb->truesize,
				    rill_rcvbuf_used(sk, skb),
				    rill_rmem_promise(rill_sk_net(sk)));
}

/* Has the last packet of the queue room for a copy of @skb? */
static bool rill_rcvbuf_appends(const struct sock *sk,
				const struct sk_buff *skb)
{
	const struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);

	return tail && rill_skb_appends(tail, skb);
}

/* A copy of @skb, in one piece with some @room, in its place. */
static struct sk_buff *rill_rcvbuf_copy(struct sock *sk, struct sk_buff *skb,
					u32 room)
{
	struct sk_buff *to = alloc_skb(room, GFP_ATOMIC);

	if (!to)
		return skb;
	if (skb_copy_bits(skb, 0, skb_put(to, skb->len), skb->len)) {
		kfree_skb(to);
		return skb;
	}
	memcpy(to->cb, skb->cb, sizeof(to->cb));
	to->protocol = skb->protocol;
	to->tstamp = skb->tstamp;
	*skb_hwtstamps(to) = *skb_hwtstamps(skb);
	rill_count(rill_sk_net(sk), rcv_packed);
	consume_skb(skb);
	return to;
}

/*
 * Beyond the limit, a packet that costs much for its payload is replaced by one
 * with room for those that follow, as much as the window has left.
 */
static struct sk_buff *rill_rcvbuf_pack(struct sock *sk, struct sk_buff *skb)
{
	u32 room = clamp_t(u32, rill_window_left(sk), skb->len,
			   SKB_MAX_ORDER(0, 0));

	if (skb->truesize <= skb->len + skb->len / 4 || skb->len > room)
		return skb;
	return rill_rcvbuf_copy(sk, skb, room);
}

/*
 * Out of order, a small packet that lies in a page costs several times what a
 * copy does: from half of the limit on it is copied.
 */
static struct sk_buff *rill_rcvbuf_shrink(struct sock *sk, struct sk_buff *skb,
					  u64 limit)
{
	if (rill_rcvbuf_used(sk, skb) <= limit / 2 ||
	    skb->len > SKB_MAX_ORDER(0, 0) ||
	    skb->truesize < 2 * SKB_TRUESIZE(skb->len))
		return skb;
	return rill_rcvbuf_copy(sk, skb, skb->len);
}

/**
 * rill_rcvbuf_room - memory for a packet that has come
 * @sk: the socket
 * @skb: the packet; may be replaced by another with the same payload
 * @in_order: it is in order, and within the window that was advertised
 *
 * Out-of-order segments are dropped for it, those farthest from rcv.nxt first,
 * and none that comes before @skb.
 *
 * Return: true if it may be kept.
 */
bool rill_rcvbuf_room(struct sock *sk, struct sk_buff **skb, bool in_order)
{
	bool first = in_order && skb_queue_empty(&sk->sk_receive_queue);
	u64 limit = READ_ONCE(sk->sk_rcvbuf);
	u64 most = limit;

	sock_owned_by_me(sk);
	if (in_order)
		most = min_t(u64, 2 * limit, INT_MAX);
	if (in_order && rill_rcvbuf_appends(sk, *skb))
		return true;
	if (!in_order)
		*skb = rill_rcvbuf_shrink(sk, *skb, limit);
	while (rill_rcvbuf_used(sk, *skb) > limit && rill_ooo_prune(sk, *skb))
		;
	/* Not if the larger packet would be too much. */
	if (in_order && rill_rcvbuf_used(sk, *skb) > limit &&
	    (u64)atomic_read(&sk->sk_rmem_alloc) + 2 * PAGE_SIZE <= most)
		*skb = rill_rcvbuf_pack(sk, *skb);
	/* An empty queue takes any packet, however little it holds. */
	if (rill_rcvbuf_used(sk, *skb) > most && !first)
		return false;
	while (!rill_rcvbuf_charge(sk, *skb)) {
		if (rill_ooo_prune(sk, *skb))
			continue;
		/*
		 * The protocol is out of memory: take one packet, so that the
		 * connection goes on. A memory cgroup is charged for it.
		 */
		if (first)
			rill_memory_force(sk, (*skb)->truesize);
		return first;
	}
	return true;
}
