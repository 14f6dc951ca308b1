// SPDX-License-Identifier: GPL-2.0
/*
 * DCTCP (RFC 8257), for networks whose switches mark early: the window is
 * reduced in proportion to the marks, and not by half for any mark. cwnd grows
 * as in NewReno, and a loss reduces it as in NewReno (3.5).
 */
#include <linux/inet_diag.h>
#include "inside.h"

#define RILL_DCTCP_ONE		BIT(20)	/* alpha: all was marked */
#define RILL_DCTCP_GAIN		4	/* g is 1 / 2^4 (RFC 8257, 4.2) */

/**
 * struct rill_dctcp - DCTCP's memory of a connection
 * @alpha: the part of segments that is marked, of RILL_DCTCP_ONE
 * @window_end: snd.nxt when the current window of observation began
 * @acked: segments acknowledged in it
 * @marked: of them marked
 */
struct rill_dctcp {
	u32	alpha;
	u32	window_end;
	u32	acked;
	u32	marked;
};

static struct rill_dctcp *rill_dctcp(struct sock *sk)
{
	BUILD_BUG_ON(sizeof(struct rill_dctcp) >
		     sizeof_field(struct rill_sock, cc.priv));
	return (struct rill_dctcp *)rill_sk(sk)->cc.priv;
}

static void rill_dctcp_init(struct sock *sk)
{
	struct rill_dctcp *d = rill_dctcp(sk);

	/* As careful as NewReno, as long as nothing is known. */
	d->alpha = RILL_DCTCP_ONE;
	d->window_end = rill_sk(sk)->snd.nxt;
}

/**
 * rill_dctcp_average - alpha after a window (RFC 8257, 3.3, equation 2)
 * @alpha: before, of 2^20
 * @acked: segments acknowledged, not 0
 * @marked: of them marked
 *
 * Context: any.
 * Return: alpha.
 */
u32 rill_dctcp_average(u32 alpha, u32 acked, u32 marked)
{
	u64 part = div_u64((u64)min(marked, acked) * RILL_DCTCP_ONE, acked);

	return alpha - (alpha >> RILL_DCTCP_GAIN) + (part >> RILL_DCTCP_GAIN);
}

static void rill_dctcp_acked(struct sock *sk, const struct rill_ack_sample *as)
{
	struct rill_dctcp *d = rill_dctcp(sk);
	struct rill_sock *rs = rill_sk(sk);

	d->acked += as->delivered;
	if (as->ece)
		d->marked += as->delivered;
	if (rill_before(rs->snd.una, d->window_end) || !d->acked)
		return;
	d->alpha = rill_dctcp_average(d->alpha, d->acked, d->marked);
	d->acked = 0;
	d->marked = 0;
	d->window_end = rs->snd.nxt;
}

/* RFC 8257, 3.3, equation 3 and 3.5. */
static u32 rill_dctcp_ssthresh(struct sock *sk)
{
	u32 window = rill_cc_window(sk);
	u64 cut;

	if (!rill_sk(sk)->ecn.reducing)
		return rill_newreno_ssthresh(sk);
	cut = (u64)window * rill_dctcp(sk)->alpha / (2 * RILL_DCTCP_ONE);
	return max_t(u32, window - cut, RILL_SSTHRESH_MIN);
}

/* As TCP's: alpha of 2^10, bytes of the window that is observed. */
static size_t rill_dctcp_info(struct sock *sk, union tcp_cc_info *info)
{
	const struct rill_dctcp *d = rill_dctcp(sk);
	const struct rill_sock *rs = rill_sk(sk);

	if (!rs->ecn.ok)
		return sizeof(info->dctcp);
	info->dctcp.dctcp_enabled = 1;
	info->dctcp.dctcp_ce_state = rs->ecn.ece;
	info->dctcp.dctcp_alpha = d->alpha / (RILL_DCTCP_ONE / 1024);
	info->dctcp.dctcp_ab_ecn = rs->path.mss * d->marked;
	info->dctcp.dctcp_ab_tot = rs->path.mss * d->acked;
	return sizeof(info->dctcp);
}

const struct rill_cc_ops rill_cc_dctcp = {
	.name		= "dctcp",
	.marks		= true,
	.restricted	= true,
	.init		= rill_dctcp_init,
	.ssthresh	= rill_dctcp_ssthresh,
	.grow		= rill_newreno_grow,
	.acked		= rill_dctcp_acked,
	.info		= rill_dctcp_info,
};
