// SPDX-License-Identifier: GPL-2.0
/*
 * Packetization layer path MTU discovery (RFC 4821, RFC 8899): what the path
 * takes is found by sending it, where no ICMP tells. A search is on while
 * plpmtud.low is not 0. Its sizes are those of packets; a probe is a segment
 * of new data that is longer than the MSS. The longest packet known to pass is
 * plpmtud.low, and the MSS follows from it.
 *
 * The first probe of a search is as long as can be: most paths take that, and
 * where they do not it costs one retransmission. Halving follows.
 */
#include "../network/network.h"
#include "inside.h"

#define RILL_PLPMTUD_BASE	1024	/* bytes of data: RFC 4821, 7.2 */
#define RILL_PLPMTUD_FLOOR	512	/* less is no black hole any more */
#define RILL_PLPMTUD_BASE_V6	1280	/* every path: RFC 8200, 5 */
#define RILL_PLPMTUD_STEP	8	/* bytes not searched for */
#define RILL_PLPMTUD_TRIES	3	/* without a result: RFC 8899, 5.1.2 */
#define RILL_PLPMTUD_BEHIND	3	/* segments that show its loss */
#define RILL_PLPMTUD_SILENCE_NS	(200 * NSEC_PER_MSEC) /* no black hole yet */
#define RILL_PLPMTUD_RAISE_NS	(600 * NSEC_PER_SEC) /* RFC 8899, 5.1.1 */

/* The longest packet that both the route and the peer take, bytes. */
static u32 rill_plpmtud_most(const struct sock *sk)
{
	u32 most = rill_mss_to_mtu(sk, rill_mss_of_mtu(sk, U32_MAX));
	u32 pmtu = rill_sk(sk)->path.pmtu;

	return pmtu ? min(most, pmtu) : most;
}

/* The packet to begin with, and the smallest to fall back to, bytes. */
static u32 rill_plpmtud_least(const struct sock *sk, u32 mss)
{
	if (rill_sk(sk)->af->family == AF_INET6)
		return RILL_PLPMTUD_BASE_V6;
	return rill_mss_to_mtu(sk, mss);
}

/* Search between @low, which passes, and as much as may be. */
static void rill_plpmtud_search(struct sock *sk, u32 low)
{
	struct rill_sock *rs = rill_sk(sk);

	rs->plpmtud.low = low;
	rs->plpmtud.high = rill_plpmtud_most(sk);
	rs->plpmtud.failed = false;
	rs->plpmtud.end_ns = 0;
	rs->plpmtud.tries = 0;
	rs->plpmtud.mtu = 0;
}

/**
 * rill_plpmtud_path - the MTU of the route has changed
 * @sk: the socket
 * @before: what it was, bytes; 0: not known
 *
 * Where it has grown, what did not pass before may pass now.
 *
 * Context: socket lock held.
 */
void rill_plpmtud_path(struct sock *sk, u32 before)
{
	struct rill_sock *rs = rill_sk(sk);

	if (!rs->plpmtud.low)
		return;
	if (rs->path.pmtu > before)
		rill_plpmtud_search(sk, rs->plpmtud.low);
	else
		rs->plpmtud.high = min(rs->plpmtud.high, rs->path.pmtu);
}

/*
 * A peer whose window never held two full segments gets smaller ones: a segment
 * that fills the window would wait for a delayed ACK each time.
 */
static u32 rill_mss_bound(const struct rill_sock *rs, u32 mss)
{
	u32 most = rs->snd.max_wnd;

	if (!most)
		return mss;
	if (most > RILL_MSS_DEFAULT_V4)
		most /= 2;
	return min_t(u32, mss, max(most, RILL_MSS_MIN - RILL_TS_OPTION_LEN));
}

/**
 * rill_mss_sync - compute the payload of a segment from path, peer and program
 * @sk: the socket
 *
 * agreed.peer_mss includes the program's since the handshake, as in TCP.
 */
void rill_mss_sync(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	const struct dst_entry *dst = __sk_dst_get(sk);
	u32 before = rs->path.pmtu;
	u32 mtu;

	sock_owned_by_me(sk);
	if (dst)
		rs->path.pmtu = dst_mtu(dst);
	if (rs->path.pmtu != before)
		rill_plpmtud_path(sk, before);
	mtu = rs->path.pmtu ?: U16_MAX;
	if (rs->plpmtud.low)
		mtu = min(mtu, rs->plpmtud.low);
	rs->path.mss = min_t(u32, rill_mss_bound(rs, rill_mss_of_mtu(sk, mtu)),
			     U16_MAX);
}

/**
 * rill_mss_check - has the path's MTU changed since the MSS was computed?
 * @sk: the socket
 *
 * It grows when the MTU from ICMP has expired, and with another route or
 * device.
 */
void rill_mss_check(struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);

	sock_owned_by_me(sk);
	if (dst && dst_mtu(dst) != rill_sk(sk)->path.pmtu)
		rill_mss_sync(sk);
}

/**
 * rill_mss_window - the peer has advertised a window
 * @sk: the socket
 * @wnd: bytes
 */
void rill_mss_window(struct sock *sk, u32 wnd)
{
	struct rill_sock *rs = rill_sk(sk);
	bool tiny = rs->snd.max_wnd / 2 < rs->agreed.peer_mss;

	sock_owned_by_me(sk);
	if (wnd <= rs->snd.max_wnd)
		return;
	rs->snd.max_wnd = wnd;
	if (tiny)
		rill_mss_sync(sk);
}

/**
 * rill_plpmtud_init - a connection is established: search, if always wanted
 * @sk: the socket, its route and the peer's MSS known
 */
void rill_plpmtud_init(struct sock *sk)
{
	u32 low = rill_plpmtud_least(sk, RILL_PLPMTUD_BASE);

	sock_owned_by_me(sk);
	if (rill_tunable(rill_sk_net(sk), mtu_probing) < 2 ||
	    rill_path_fragments(sk) || low >= rill_plpmtud_most(sk))
		return;
	rill_plpmtud_search(sk, low);
	rill_mss_sync(sk);
}

/**
 * rill_plpmtud_size - the packet to probe with next
 * @sk: the socket, with a search on
 *
 * Context: socket lock held.
 * Return: bytes, or 0 if the search has come to its end.
 */
u32 rill_plpmtud_size(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);

	if (rs->plpmtud.high <= rs->plpmtud.low)
		return 0;
	if (!rs->plpmtud.failed)
		return rs->plpmtud.high;
	if (rs->plpmtud.high - rs->plpmtud.low < RILL_PLPMTUD_STEP)
		return 0;
	return rs->plpmtud.low + (rs->plpmtud.high - rs->plpmtud.low + 1) / 2;
}

/* The same, when it is time: an ended search begins anew after a while. */
static u32 rill_plpmtud_due(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 size = rill_plpmtud_size(sk);

	if (size)
		return size;
	if (!rs->plpmtud.end_ns)
		rs->plpmtud.end_ns = rs->clock.now_ns + RILL_PLPMTUD_RAISE_NS;
	if (rs->clock.now_ns < rs->plpmtud.end_ns)
		return 0;
	rill_plpmtud_search(sk, rs->plpmtud.low);
	return rill_plpmtud_size(sk);
}

/*
 * RFC 4821, 7.4 and 7.5: a probe is sent when a loss would be seen at once,
 * by data behind it, and would be the probe's alone.
 */
static bool rill_plpmtud_ready(const struct sock *sk, u32 len)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 need = len + RILL_PLPMTUD_BEHIND * rs->path.mss;

	if (rs->rec.state != RILL_OPEN || rs->rtx.lost_out ||
	    rs->rtx.sacked_out || rs->sack.num || rs->retry.retransmits)
		return false;
	/* Both windows slide to the probe before it can be missed. */
	if (rs->cc.cwnd < RILL_PLPMTUD_BEHIND + 2 || rs->snd.wnd < need)
		return false;
	if (rs->snd.write_seq - rs->snd.nxt < need)
		return false;
	return !rill_after(rs->snd.nxt + len, rs->snd.una + rs->snd.wnd);
}

/* The probe is over without a result (RFC 4821, 7.6.4). */
static void rill_plpmtud_unknown(struct rill_sock *rs)
{
	if (!rs->plpmtud.mtu)
		return;
	/* A length that gives no result again and again does not pass. */
	if (++rs->plpmtud.tries >= RILL_PLPMTUD_TRIES) {
		rs->plpmtud.high = min(rs->plpmtud.high, rs->plpmtud.mtu - 1);
		rs->plpmtud.failed = true;
		rs->plpmtud.tries = 0;
	}
	rs->plpmtud.mtu = 0;
}

/**
 * rill_plpmtud_next - is the next segment to be a probe?
 * @sk: the socket, which may send a segment
 *
 * Context: rill_plpmtud_sent() follows.
 * Return: true if so; the segment that waits first is the probe.
 */
bool rill_plpmtud_next(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	struct sk_buff *skb;
	u32 size, len;

	sock_owned_by_me(sk);
	if (!rs->plpmtud.low)
		return false;
	if (rs->plpmtud.mtu) {
		if (rill_before(rs->snd.una, rs->plpmtud.end))
			return false;
		/* Acknowledged, but not as it was sent. */
		rill_plpmtud_unknown(rs);
	}
	size = rill_plpmtud_due(sk);
	if (!size)
		return false;
	len = rill_mss_of_mtu(sk, size);
	if (len <= rs->path.mss || !rill_plpmtud_ready(sk, len) ||
	    rill_path_fragments(sk) || !rill_pace_allows(sk))
		return false;
	skb = skb_peek(&sk->sk_write_queue);
	if (!skb || !rill_skb_join(sk, skb, len))
		return false;
	rs->plpmtud.mtu = size;
	rs->plpmtud.seq = rill_cb(skb)->seq;
	rs->plpmtud.end = rill_cb(skb)->end_seq;
	return true;
}

/**
 * rill_plpmtud_sent - the probe has been sent, or this host did not take it
 * @sk: the socket
 * @sent: it was sent
 */
void rill_plpmtud_sent(struct sock *sk, bool sent)
{
	sock_owned_by_me(sk);
	if (sent)
		rill_count(rill_sk_net(sk), mtu_probes);
	else
		rill_sk(sk)->plpmtud.mtu = 0;
}

/* Is @skb the probe that is in flight, as it was sent? */
static bool rill_plpmtud_is(const struct rill_sock *rs,
			    const struct sk_buff *skb)
{
	return rs->plpmtud.mtu && rill_cb(skb)->seq == rs->plpmtud.seq &&
	       rill_cb(skb)->end_seq == rs->plpmtud.end;
}

/**
 * rill_plpmtud_lost - a segment is marked lost
 * @sk: the socket; @skb is in rtx.lost_out, and so is what is lost with it
 * @skb: the segment
 *
 * RFC 4821, 7.6.2: a probe that is lost alone was too long. RFC 4821, 7.6.4: if
 * others are lost with it, it may have been congestion.
 *
 * Context: before the congestion control hears of it.
 * Return: true if it was a probe and this is no sign of congestion.
 */
bool rill_plpmtud_lost(struct sock *sk, const struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!rill_plpmtud_is(rs, skb))
		return false;
	if (rs->rec.state >= RILL_RECOVERY || rs->rtx.lost_out > 1) {
		rill_plpmtud_unknown(rs);
		return false;
	}
	rs->plpmtud.high = min(rs->plpmtud.high, rs->plpmtud.mtu - 1);
	rs->plpmtud.failed = true;
	rs->plpmtud.tries = 0;
	rs->plpmtud.mtu = 0;
	rill_count(rill_sk_net(sk), mtu_probe_failed);
	return true;
}

/* Windows count segments, but it is bytes that the path was seen to take. */
static u32 rill_plpmtud_scale(u32 segments, u32 from, u32 to)
{
	if (segments == U32_MAX)
		return segments;
	return max_t(u32, div_u64((u64)segments * from, to), 2);
}

/**
 * rill_plpmtud_acked - a segment is acknowledged or SACKed
 * @sk: the socket
 * @skb: the segment
 *
 * RFC 4821, 7.6.1: if it is the probe, the MSS grows.
 */
void rill_plpmtud_acked(struct sock *sk, const struct sk_buff *skb)
{
	struct rill_sock *rs = rill_sk(sk);
	u16 before = rs->path.mss;

	sock_owned_by_me(sk);
	if (!rill_plpmtud_is(rs, skb))
		return;
	if (rill_cb(skb)->sacked & RILL_SKB_EVER_RETRANS) {
		rill_plpmtud_unknown(rs);
		return;
	}
	rs->plpmtud.low = max(rs->plpmtud.low, rs->plpmtud.mtu);
	rs->plpmtud.high = max(rs->plpmtud.high, rs->plpmtud.low);
	rs->plpmtud.mtu = 0;
	rs->plpmtud.tries = 0;
	rill_count(rill_sk_net(sk), mtu_probe_success);
	rill_mss_sync(sk);
	if (rs->path.mss <= before)
		return;
	rill_cc_rescale(rs,
			rill_plpmtud_scale(rs->cc.cwnd, before, rs->path.mss),
			rill_plpmtud_scale(rs->cc.ssthresh, before,
					   rs->path.mss));
}

/*
 * RFC 4821, 7.7: nothing comes through, and what is sent is long. Nearly every
 * path takes the base, so a segment of that is doubted much later. Timeouts may
 * be so short that several are over before a link that flaps is back.
 */
static void rill_plpmtud_black_hole(struct sock *sk, const struct sk_buff *head)
{
	u32 base = rill_plpmtud_least(sk, RILL_PLPMTUD_BASE);
	u32 floor = rill_plpmtud_least(sk, RILL_PLPMTUD_FLOOR);
	u32 retries = rill_tunable(rill_sk_net(sk), retries1);
	u64 silence = RILL_PLPMTUD_SILENCE_NS;
	u32 mtu = base;

	if (rill_mss_to_mtu(sk, head->len) <= base) {
		retries *= 2;
		silence *= 5;
		mtu = max(rill_plpmtud_least(sk, head->len / 2), floor);
	}
	if (rill_sk(sk)->retry.retransmits < retries ||
	    rill_elapsed_ns(rill_now_ns(), rill_sk(sk)->retry.start_ns) <
	    silence ||
	    rill_mss_to_mtu(sk, head->len) <= mtu)
		return;
	rill_count(rill_sk_net(sk), mtu_black_holes);
	rill_plpmtud_search(sk, mtu);
	rill_mss_sync(sk);
}

/**
 * rill_plpmtud_timeout - the retransmission timer has fired
 * @sk: the socket, retransmits counted
 *
 * After retries1 timeouts and some time its length is thought to be the reason.
 *
 * Context: before any retransmission.
 */
void rill_plpmtud_timeout(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	const struct sk_buff *head = rill_rtx_head(sk);

	sock_owned_by_me(sk);
	rill_plpmtud_unknown(rs);
	if (!head || !head->len || rill_path_fragments(sk) ||
	    !rill_tunable(rill_sk_net(sk), mtu_probing))
		return;
	rill_plpmtud_black_hole(sk, head);
}

/**
 * rill_plpmtud_icmp - the path MTU is known to be less: is the probe too long?
 * @sk: the socket, its MSS up to date
 *
 * Return: true if there was a probe in flight that is.
 */
bool rill_plpmtud_icmp(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);

	sock_owned_by_me(sk);
	if (!rs->plpmtud.mtu || rs->plpmtud.mtu <= rs->path.pmtu)
		return false;
	rs->plpmtud.mtu = 0;
	rs->plpmtud.tries = 0;
	rill_count(rill_sk_net(sk), mtu_probe_failed);
	return true;
}
