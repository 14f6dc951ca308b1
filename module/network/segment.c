// SPDX-License-Identifier: GPL-2.0
/*
 * The header of a segment: read from the wire with its options, and written.
 *
 * Everything that is read here was written by somebody else. The options are
 * walked by their own lengths, each of which is checked against what is left
 * of the header before a byte of it is looked at.
 */
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/tcp.h>
#include "../compat.h"
#include "inside.h"

/* The private option carries its delay in 24 bits, below the clock's unit. */
#define RILL_OPT_UNIT_SHIFT	24
#define RILL_OPT_DELAY_MASK	0xffffff

/* Longest ACK delay that a peer may announce, us: RFC 9293, 3.8.6.3. */
#define RILL_ACK_DELAY_MAX_US	500000

/* NOP, NOP, timestamps: how almost every segment with data begins. */
#define RILL_OPT_TS_ALIGNED	((TCPOPT_NOP << 24) | (TCPOPT_NOP << 16) | \
				 (TCPOPT_TIMESTAMP << 8) | TCPOLEN_TIMESTAMP)

static void rill_option_ts(const u8 *p, struct rill_options *opts)
{
	opts->has_ts = 1;
	opts->tsval = get_unaligned_be32(p);
	opts->tsecr = get_unaligned_be32(p + 4);
}

/* RFC 2018, 3. The blocks are kept as they came; scoreboard.c checks them. */
static void rill_option_sack(const u8 *p, unsigned int len,
			     struct rill_options *opts)
{
	unsigned int i;

	if (!len || len % TCPOLEN_SACK_PERBLOCK ||
	    len / TCPOLEN_SACK_PERBLOCK > RILL_SACKS_MAX)
		return;

	opts->nsacks = len / TCPOLEN_SACK_PERBLOCK;
	for (i = 0; i < opts->nsacks; i++, p += TCPOLEN_SACK_PERBLOCK) {
		opts->sacks[i].start = get_unaligned_be32(p);
		opts->sacks[i].end = get_unaligned_be32(p + 4);
	}
}

/* Our own option: experiment id (RFC 6994), clock unit, longest ACK delay. */
static void rill_option_private(const u8 *p, struct rill_options *opts)
{
	u32 word = get_unaligned_be32(p + 2);
	u8 unit = word >> RILL_OPT_UNIT_SHIFT;

	if (get_unaligned_be16(p) != RILL_OPT_EXID)
		return;
	if (unit != RILL_TS_MS && unit != RILL_TS_US)
		return;

	opts->has_rill = 1;
	opts->ts_unit = unit;
	opts->ack_delay_us = min_t(u32, word & RILL_OPT_DELAY_MASK,
				   RILL_ACK_DELAY_MAX_US);
}

/* One option of a SYN or SYN-ACK; @len is that of the value at @p. */
static void rill_option_syn(u8 kind, const u8 *p, unsigned int len,
			    struct rill_options *opts)
{
	switch (kind) {
	case TCPOPT_MSS:
		/* An MSS of 0 would stop the stream. */
		if (len != TCPOLEN_MSS - 2 || !get_unaligned_be16(p))
			break;
		opts->has_mss = 1;
		opts->mss = get_unaligned_be16(p);
		break;
	case TCPOPT_WINDOW:
		if (len != TCPOLEN_WINDOW - 2)
			break;
		opts->has_wscale = 1;
		opts->wscale = min_t(u8, *p, RILL_WSCALE_MAX);
		break;
	case TCPOPT_SACK_PERM:
		if (len == TCPOLEN_SACK_PERM - 2)
			opts->sack_ok = 1;
		break;
	case RILL_OPT_KIND:
		if (len == RILL_OPT_LEN - 2)
			rill_option_private(p, opts);
		break;
	}
}

/* RFC 9293, 3.1: every option but NOP and the end of the list has a length. */
static void rill_options_parse(const u8 *p, unsigned int left, bool syn,
			       struct rill_options *opts)
{
	while (left > 0) {
		u8 kind = *p;
		u8 len;

		if (kind == TCPOPT_EOL)
			return;
		if (kind == TCPOPT_NOP) {
			p++;
			left--;
			continue;
		}

		if (left < 2)
			return;
		len = p[1];
		if (len < 2 || len > left)
			return;

		if (kind == TCPOPT_TIMESTAMP && len == TCPOLEN_TIMESTAMP)
			rill_option_ts(p + 2, opts);
		else if (kind == TCPOPT_SACK)
			rill_option_sack(p + 2, len - 2, opts);
		else if (syn)
			rill_option_syn(kind, p + 2, len - 2, opts);

		p += len;
		left -= len;
	}
}

/**
 * rill_segment_parse - read the header of a segment
 * @skb: packet whose data begins at the transport header, which is linear
 * @seg: filled in, all of it but ecn; undefined on failure
 *
 * A malformed option ends the list and leaves the options before it valid:
 * RFC 9293, 3.1 (MUST-7) wants no more than that it does no harm.
 *
 * Context: any.
 * Return: RILL_DONE, or RILL_drop_header.
 */
enum rill_verdict rill_segment_parse(const struct sk_buff *skb,
				     struct rill_segment *seg)
{
	const u8 *p = skb->data;
	unsigned int options;

	if (skb_headlen(skb) < sizeof(struct tcphdr))
		return RILL_drop_header;

	seg->hdr_len = (p[12] >> 4) * 4;
	if (seg->hdr_len < sizeof(struct tcphdr) ||
	    skb_headlen(skb) < seg->hdr_len)
		return RILL_drop_header;

	seg->seq = get_unaligned_be32(p + 4);
	seg->ack = get_unaligned_be32(p + 8);
	seg->flags = p[13];
	seg->wnd = get_unaligned_be16(p + 14);
	seg->up = get_unaligned_be16(p + 18);
	seg->len = skb->len - seg->hdr_len;
	seg->end_seq = seg->seq + seg->len + !!(seg->flags & RILL_SYN) +
		       !!(seg->flags & RILL_FIN);

	memset(&seg->opts, 0, sizeof(seg->opts));
	options = seg->hdr_len - sizeof(struct tcphdr);
	p += sizeof(struct tcphdr);

	if (options == TCPOLEN_TSTAMP_ALIGNED &&
	    get_unaligned_be32(p) == RILL_OPT_TS_ALIGNED)
		rill_option_ts(p + 4, &seg->opts);
	else if (options)
		rill_options_parse(p, options, seg->flags & RILL_SYN,
				   &seg->opts);
	return RILL_DONE;
}

/* SACK blocks that fit beside the other options of a segment. */
static unsigned int rill_options_sacks(const struct rill_options *opts,
				       u8 flags)
{
	unsigned int room = RILL_OPTIONS_MAX - TCPOLEN_SACK_BASE_ALIGNED;

	if (flags & RILL_SYN)
		return 0;
	if (opts->has_ts)
		room -= TCPOLEN_TSTAMP_ALIGNED;
	return min3((unsigned int)opts->nsacks, room / TCPOLEN_SACK_PERBLOCK,
		    (unsigned int)RILL_SACKS_MAX);
}

/**
 * rill_options_len - room that the options of a segment take in its header
 * @opts: options
 * @flags: control bits; options of the handshake count only with SYN
 *
 * Context: any.
 * Return: bytes, a multiple of four, at most RILL_OPTIONS_MAX.
 */
unsigned int rill_options_len(const struct rill_options *opts, u8 flags)
{
	unsigned int sacks = rill_options_sacks(opts, flags);
	unsigned int len = 0;

	if (opts->has_ts)
		len += TCPOLEN_TSTAMP_ALIGNED;
	if (sacks)
		len += TCPOLEN_SACK_BASE_ALIGNED +
		       sacks * TCPOLEN_SACK_PERBLOCK;
	if (!(flags & RILL_SYN))
		return len;

	if (opts->has_mss)
		len += TCPOLEN_MSS;
	/* SACK-permitted takes the place of the NOPs before timestamps. */
	if (opts->sack_ok && !opts->has_ts)
		len += TCPOLEN_SACKPERM_ALIGNED;
	if (opts->has_wscale)
		len += TCPOLEN_WSCALE_ALIGNED;
	if (opts->has_rill)
		len += RILL_OPT_LEN;
	return len;
}

static u8 *rill_put_word(u8 *p, u8 a, u8 b, u8 c, u8 d)
{
	p[0] = a;
	p[1] = b;
	p[2] = c;
	p[3] = d;
	return p + 4;
}

static u8 *rill_put_be32(u8 *p, u32 value)
{
	put_unaligned_be32(value, p);
	return p + 4;
}

/*
 * NOPs come first, so that the 32-bit fields of an option are aligned
 * (RFC 7323, appendix A).
 */
static void rill_options_build(u8 *p, const struct rill_options *opts,
			       u8 flags)
{
	bool syn = flags & RILL_SYN;
	unsigned int sacks = rill_options_sacks(opts, flags);
	bool sack_ok = syn && opts->sack_ok;
	unsigned int i;

	if (syn && opts->has_mss)
		p = rill_put_word(p, TCPOPT_MSS, TCPOLEN_MSS,
				  opts->mss >> 8, opts->mss & 0xff);
	if (opts->has_ts) {
		p = rill_put_word(p, sack_ok ? TCPOPT_SACK_PERM : TCPOPT_NOP,
				  sack_ok ? TCPOLEN_SACK_PERM : TCPOPT_NOP,
				  TCPOPT_TIMESTAMP, TCPOLEN_TIMESTAMP);
		p = rill_put_be32(p, opts->tsval);
		p = rill_put_be32(p, opts->tsecr);
	} else if (sack_ok) {
		p = rill_put_word(p, TCPOPT_NOP, TCPOPT_NOP,
				  TCPOPT_SACK_PERM, TCPOLEN_SACK_PERM);
	}
	if (syn && opts->has_wscale)
		p = rill_put_word(p, TCPOPT_NOP, TCPOPT_WINDOW,
				  TCPOLEN_WINDOW, opts->wscale);
	if (syn && opts->has_rill) {
		p = rill_put_word(p, RILL_OPT_KIND, RILL_OPT_LEN,
				  RILL_OPT_EXID >> 8, RILL_OPT_EXID & 0xff);
		p = rill_put_be32(p, opts->ts_unit << RILL_OPT_UNIT_SHIFT |
				     (opts->ack_delay_us &
				      RILL_OPT_DELAY_MASK));
	}
	if (!sacks)
		return;

	p = rill_put_word(p, TCPOPT_NOP, TCPOPT_NOP, TCPOPT_SACK,
			  TCPOLEN_SACK_BASE + sacks * TCPOLEN_SACK_PERBLOCK);
	for (i = 0; i < sacks; i++) {
		p = rill_put_be32(p, opts->sacks[i].start);
		p = rill_put_be32(p, opts->sacks[i].end);
	}
}

/**
 * rill_segment_build - write the header of a segment before its payload
 * @skb: packet whose data begins at the payload, with room before it
 * @seg: what to write; @seg->len, end_seq and hdr_len are not looked at
 * @sport: source port
 * @dport: destination port
 *
 * The transport header is set and the checksum left 0.
 *
 * Context: any.
 */
void rill_segment_build(struct sk_buff *skb, const struct rill_segment *seg,
			__be16 sport, __be16 dport)
{
	unsigned int len = sizeof(struct tcphdr) +
			   rill_options_len(&seg->opts, seg->flags);
	struct tcphdr *th = skb_push(skb, len);
	u8 *p = (u8 *)th;

	skb_reset_transport_header(skb);
	th->source = sport;
	th->dest = dport;
	put_unaligned_be32(seg->seq, p + 4);
	put_unaligned_be32(seg->ack, p + 8);
	p[12] = len / 4 << 4;
	p[13] = seg->flags;
	th->window = htons(seg->wnd);
	th->check = 0;
	th->urg_ptr = htons(seg->up);
	rill_options_build(p + sizeof(*th), &seg->opts, seg->flags);
}

/**
 * rill_dsfield - the DS field of a packet, with the ECN field in it
 * @skb: the packet, which has its IP header
 * @family: of it, AF_INET or AF_INET6
 *
 * Context: any.
 * Return: TOS or traffic class.
 */
u8 rill_dsfield(const struct sk_buff *skb, u8 family)
{
	return family == AF_INET ? ipv4_get_dsfield(ip_hdr(skb)) :
				   ipv6_get_dsfield(ipv6_hdr(skb));
}
