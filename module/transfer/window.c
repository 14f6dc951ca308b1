// SPDX-License-Identifier: GPL-2.0
/* The receive window (RFC 9293, 3.8.6). */
#include <linux/log2.h>
#include "../clock/clock.h"
#include "inside.h"

#define RILL_TIGHT_SEGS		4	/* as TCP, while memory is short */

/**
 * rill_window_space - payload that the receive buffer has room for
 * @sk: the socket
 *
 * Segments in the backlog take nothing off: they lie within the window that was
 * advertised, from rcv.nxt on. A window closed because of the backlog would
 * stay closed, since the backlog is empty whenever the window is opened again.
 *
 * Context: socket lock held.
 * Return: bytes.
 */
u32 rill_window_space(const struct sock *sk)
{
	return rill_rcvbuf_payload(rill_sk(sk),
				   (s64)READ_ONCE(sk->sk_rcvbuf) -
				   atomic_read(&sk->sk_rmem_alloc));
}

/* What is left of the window advertised last, bytes. */
static u32 rill_window_said(const struct rill_sock *rs)
{
	u32 edge = rs->rcv.wup + rs->rcv.wnd;

	return rill_after(edge, rs->rcv.nxt) ? edge - rs->rcv.nxt : 0;
}

/**
 * rill_window_initial - window and scale for a SYN or SYN-ACK
 * @sk: the socket or the listener
 * @space: payload that the buffer has room for, bytes
 * @mss: as advertised, bytes
 * @scaling: is window scaling offered?
 * @wscale: result, the shift that reaches the largest window (RFC 7323, 2.3)
 *
 * Context: any.
 * Return: the window, bytes; a SYN advertises at most 65,535.
 */
u32 rill_window_initial(const struct sock *sk, u32 space, u16 mss,
			bool scaling, u8 *wscale)
{
	u32 clamp = READ_ONCE(rill_sk(sk)->user.window_clamp) ?: U32_MAX;
	u32 most = READ_ONCE(sk->sk_rcvbuf);

	/* A buffer that the program has set does not grow. */
	if (!(sk->sk_userlocks & SOCK_RCVBUF_LOCK))
		most = max_t(u32, most,
			     READ_ONCE(rill_sk_net(sk)->tunables.rmem[2]));
	most = min(most, clamp);
	*wscale = 0;
	if (scaling && most > U16_MAX)
		*wscale = min_t(u8, ilog2(most) - 15, RILL_WSCALE_MAX);
	/* Whole segments: RFC 9293, 3.8.6.2.2. */
	if (space > mss)
		space = rounddown(space, mss);
	return min_t(u32, space, U16_MAX);
}

/* The least by which a window opens (RFC 9293, 3.8.6.2.2). */
static u32 rill_window_step(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 full = rill_rcvbuf_payload(rs, READ_ONCE(sk->sk_rcvbuf));

	/* A window that is clamped to less than a segment opens as well. */
	full = min(full, rs->user.window_clamp);
	return min_t(u32, rs->ack.mss, full / 2);
}

/* The room to advertise: little while memory is short for all sockets. */
static u32 rill_window_offer(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 space = min(rill_window_space(sk), rs->user.window_clamp);
	u32 least;

	if (!rill_memory_tight(sk))
		return space;
	least = rill_rcvbuf_payload(rs, rill_rmem_promise(rill_sk_net(sk)));
	return min_t(u32, space,
		     max_t(u32, least, RILL_TIGHT_SEGS * rs->ack.mss));
}

/**
 * rill_window_select - the window to advertise now
 * @sk: the socket
 *
 * Never shrinks the window that was advertised, does not open it by less than a
 * segment or half of the buffer (RFC 9293, 3.8.6.2.2), and fits the header
 * field.
 *
 * Context: socket lock held.
 * Return: bytes.
 */
u32 rill_window_select(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 most = (u32)U16_MAX << rs->agreed.rcv_wscale;
	u32 space = min(rill_window_offer(sk), most);
	u32 left = rill_window_said(rs);
	u32 unit = 1U << rs->agreed.rcv_wscale;
	u32 step = rill_window_step(sk);

	if (space <= left || space - left < step)
		return ALIGN(left, unit);
	/*
	 * Rounding down must not shrink the window, nor make 0 of a little
	 * room: a window of 0 would never open.
	 */
	return max3(round_down(space, unit), ALIGN(left, unit), unit);
}

/*
 * In-order data was dropped, and there is still no memory for more: of the
 * socket's own, or, until its queue is empty, of all sockets'.
 */
static bool rill_window_shut(const struct sock *sk)
{
	if (!rill_sk(sk)->rcv.full)
		return false;
	return rill_window_space(sk) < rill_window_step(sk) ||
	       (rill_memory_tight(sk) &&
		!skb_queue_empty(&sk->sk_receive_queue));
}

/**
 * rill_window_field - choose the window and note it as advertised
 * @sk: the socket
 *
 * Context: a segment with the field goes out now.
 * Return: the window field.
 */
u16 rill_window_field(struct sock *sk)
{
	u32 left = rill_window_left(sk);
	struct rill_sock *rs = rill_sk(sk);
	u32 wnd = 0;

	sock_owned_by_me(sk);
	rs->rcv.full = rill_window_shut(sk);
	if (!rs->rcv.full)
		wnd = rill_window_select(sk);
	/*
	 * A window that closes shrinks. rcv.kept has the rest of what was
	 * advertised, since the peer may have sent it already; it is not
	 * advertised again.
	 */
	rs->rcv.wnd = wnd;
	rs->rcv.kept = left > wnd ? left - wnd : 0;
	rs->rcv.wup = rs->rcv.nxt;
	return wnd >> rs->agreed.rcv_wscale;
}

/* Is what the program has read worth an ACK of its own? */
static bool rill_window_opens(struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 left, wnd;

	if (rs->rcv.full)
		return !rill_window_shut(sk);
	if (rill_delack_read(sk))
		return true;
	left = rill_window_said(rs);
	wnd = rill_window_select(sk);
	/* Twice the advertised window, or the first after a closed one. */
	if (wnd >= 2 * left && wnd > left &&
	    wnd - left >= rill_window_step(sk))
		return true;
	return !left && wnd;
}

/**
 * rill_window_taken - the program has read: does the window open much?
 * @sk: the socket
 * @copied: bytes read
 *
 * Context: process.
 * Return: true if that is to be advertised now.
 */
bool rill_window_taken(struct sock *sk, u32 copied)
{
	sock_owned_by_me(sk);
	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN | TCPF_SYN_SENT))
		return false;
	if (rill_rcvbuf_due(rill_sk(sk)))
		rill_rcvbuf_round(sk);
	return copied && !(sk->sk_shutdown & RCV_SHUTDOWN) &&
	       rill_window_opens(sk);
}
