// SPDX-License-Identifier: GPL-2.0
/* The memory of what has come and was not read yet. */
#include <net/rill.h>
#include "../compat.h"

/**
 * rill_rcvbuf_room - memory for a packet that has come
 * @sk: the socket
 * @skb: the packet
 * @in_order: it is next, and has been promised a place
 *
 * Context: socket lock held.
 * Return: true if it may be kept.
 */
bool rill_rcvbuf_room(struct sock *sk, struct sk_buff *skb, bool in_order)
{
	u32 used = atomic_read(&sk->sk_rmem_alloc) + skb->truesize;
	u32 limit = READ_ONCE(sk->sk_rcvbuf);

	if (in_order && used > limit && skb_rb_first(&rill_sk(sk)->ooo_queue)) {
		rill_ooo_purge(sk);
		rill_count(rill_sk_net(sk), rcv_pruned);
		used = atomic_read(&sk->sk_rmem_alloc) + skb->truesize;
	}
	/* Into an empty queue goes any packet, however little it holds. */
	if (used > (in_order ? 2 * limit : limit) &&
	    !(in_order && skb_queue_empty(&sk->sk_receive_queue)))
		return false;
	if (sk_rmem_schedule(sk, skb, skb->truesize))
		return true;
	/* Out of memory for all sockets: one packet, so that it goes on. */
	return in_order && skb_queue_empty(&sk->sk_receive_queue);
}
