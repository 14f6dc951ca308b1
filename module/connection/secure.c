// SPDX-License-Identifier: GPL-2.0
/* Numbers that a stranger must not guess. */
#include <linux/siphash.h>
#include "inside.h"

/* RFC 6528, 3: the clock M of ISN = M + F(four-tuple, secret): 4 us a tick. */
#define RILL_ISN_TICK_NS	4000

/**
 * rill_secure_isn - initial sequence number (RFC 6528)
 * @rnet: namespace, whose secret it is
 * @key: the connection
 * @now: ns
 *
 * Context: any.
 * Return: the number.
 */
u32 rill_secure_isn(struct rill_net *rnet, const struct rill_key *key, u64 now)
{
	u32 hash = siphash(key, sizeof(*key), &rnet->isn_key);

	return hash + (u32)div_u64(now, RILL_ISN_TICK_NS);
}

/**
 * rill_secure_ts_offset - where the timestamp clock starts (RFC 7323, 5.4)
 * @rnet: namespace, whose secret it is
 * @key: the connection
 *
 * The same for all connections between two hosts, so that their timestamps
 * grow from one connection to the next, as RFC 6191 needs.
 *
 * Context: any.
 * Return: ticks to add to the clock.
 */
u32 rill_secure_ts_offset(struct rill_net *rnet, const struct rill_key *key)
{
	return siphash(&key->laddr, sizeof(key->laddr) + sizeof(key->raddr),
		       &rnet->isn_key);
}
