// SPDX-License-Identifier: GPL-2.0
/*
 * What has no answer: timeouts, window probes, keepalives, and segments that
 * this host itself has refused. By these counts module/connection/timer.c says
 * when a connection gives up, and rtt.c how long a timeout is.
 */
#include "inside.h"

#define RILL_BACKOFF_MAX	31

/* One more; a peer may be silent for longer than a count can tell. */
static void rill_retry_count(u8 *count)
{
	if (*count < U8_MAX)
		(*count)++;
}

/**
 * rill_retry_timeout - the retransmission timer has fired: the peer is silent
 * @rs: the socket
 *
 * Context: socket lock held.
 */
void rill_retry_timeout(struct rill_sock *rs)
{
	if (!rs->retry.retransmits) {
		rs->tally.rto_recoveries++;
		rs->tally.rto_since_ns = rs->clock.now_ns;
	}
	rs->tally.rto_timeouts++;
	rill_retry_count(&rs->retry.retransmits);
	rill_retry_double(rs);
}

/**
 * rill_retry_undo - the last timeout tells nothing: this host sent no segment
 * @rs: the socket
 * @retransmits: retry.retransmits before it
 * @backoff: retry.backoff before it
 *
 * Context: socket lock held.
 */
void rill_retry_undo(struct rill_sock *rs, u8 retransmits, u8 backoff)
{
	rs->retry.retransmits = retransmits;
	rs->retry.backoff = backoff;
}

/**
 * rill_retry_double - the next timeout is twice as long
 * @rs: the socket
 *
 * Context: socket lock held.
 */
void rill_retry_double(struct rill_sock *rs)
{
	rs->retry.backoff = min(rs->retry.backoff + 1, RILL_BACKOFF_MAX);
}

/**
 * rill_retry_local - a timer has fired for what this host did not take
 * @rs: the socket
 *
 * Context: socket lock held.
 */
void rill_retry_local(struct rill_sock *rs)
{
	rill_retry_count(&rs->retry.local_tries);
}

/**
 * rill_retry_probe - a window probe is sent
 * @rs: the socket
 *
 * Context: socket lock held.
 */
void rill_retry_probe(struct rill_sock *rs)
{
	rill_retry_count(&rs->retry.window_probes);
}

/**
 * rill_retry_keepalive - a keepalive is sent
 * @rs: the socket
 *
 * Context: socket lock held.
 */
void rill_retry_keepalive(struct rill_sock *rs)
{
	rill_retry_count(&rs->retry.keepalives);
}
