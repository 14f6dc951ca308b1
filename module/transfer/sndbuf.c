// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of unsent and unacknowledged data, and the writer that waits for
 * it.
 */
#include <linux/log2.h>
#include "inside.h"

/* Beyond this a window of 1 GiB would be full. */
#define RILL_SNDBUF_MAX		(INT_MAX / 2)

/*
 * A peer with a smaller MSS gets no more segments than this: each costs as much
 * besides its payload as a large one, and the peer chooses the MSS.
 */
#define RILL_SNDBUF_MSS		RILL_MSS_DEFAULT_V4

/* What a packet costs beside its payload. */
static u32 rill_sndbuf_head(const struct sock *sk)
{
	return roundup_pow_of_two(sk->sk_prot->max_header +
				  SKB_DATA_ALIGN(sizeof(struct skb_shared_info))) +
	       SKB_DATA_ALIGN(sizeof(struct sk_buff));
}

/**
 * rill_sndbuf_grow - let the program queue what two windows need
 * @sk: the socket
 *
 * A packet holds one segment and costs nearly as much besides. The maximum of
 * wmem is taken for payload, or rill would have half of TCP's data in flight.
 *
 * Context: socket lock held.
 */
void rill_sndbuf_grow(struct sock *sk)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 most = READ_ONCE(rill_sk_net(sk)->tunables.wmem[2]);
	u64 payload, want;
	u32 packets;

	if ((sk->sk_userlocks & SOCK_SNDBUF_LOCK) || rill_memory_tight(sk))
		return;
	payload = max_t(u64, rs->cc.cwnd, rs->cc.init_cwnd) * 2 * rs->path.mss;
	payload = min_t(u64, payload, most);
	packets = div_u64(payload, max_t(u32, rs->path.mss, RILL_SNDBUF_MSS));
	want = payload + (u64)packets * rill_sndbuf_head(sk);
	want = min_t(u64, want, RILL_SNDBUF_MAX);
	if (want > sk->sk_sndbuf)
		WRITE_ONCE(sk->sk_sndbuf, want);
}

/**
 * rill_sndbuf_charge - memory for more that is to be sent
 * @sk: the socket
 * @size: bytes
 *
 * Context: process.
 * Return: false if there is none.
 */
bool rill_sndbuf_charge(struct sock *sk, int size)
{
	sock_owned_by_me(sk);
	if (sk_wmem_schedule(sk, size))
		return true;
	return rill_memory_promised(sk, size, (u64)sk->sk_wmem_queued + size,
				    rill_wmem_promise(rill_sk_net(sk)));
}

/**
 * rill_write_wake - room was made: is there a writer that waits for it?
 * @sk: socket
 *
 * Called after acknowledged data has left the queues, and after data was sent
 * that a writer with TCP_NOTSENT_LOWAT waits for.
 *
 * Context: any.
 */
void rill_write_wake(struct sock *sk)
{
	sock_owned_by_me(sk);
	/* Room first, then the look at SOCK_NOSPACE; pairs with poll, send. */
	smp_mb();
	if (!sk->sk_socket || !test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		return;
	sk->sk_write_space(sk);
	/* With room for more, the program is what limits the sender. */
	rill_hold_update(sk);
}
