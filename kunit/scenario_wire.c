// SPDX-License-Identifier: GPL-2.0
/*
 * Segments of scenarios on the wire: built, injected, captured, compared.
 *
 * This code is written from RFC 791, 8200, 9293, 7323, 2018 and 6994 and shares
 * nothing with the module or the kernel's helpers: no test could see an error
 * that both sides share.
 */#include <linux/etherdevice.h>
#include <linux/list.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "scenario.h"

#define IPV4_HEADER	20
#define IPV6_HEADER	40
#define TCP_HEADER	20
#define OPTIONS_MAX	40

static const u8 ours4[4] = { 192, 0, 2, 1 };
static const u8 peer4[4] = { 192, 0, 2, 2 };
static const u8 ours6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
static const u8 peer6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 };

static u16 read16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static u32 read32(const u8 *p)
{
	return (u32)read16(p) << 16 | read16(p + 2);
}

static u8 *write16(u8 *p, u16 value)
{
	p[0] = value >> 8;
	p[1] = value;
	return p + 2;
}

static u8 *write32(u8 *p, u32 value)
{
	return write16(write16(p, value >> 16), value);
}

/* RFC 1071; sums of 64 KiB do not overflow. */
static u32 sum_add(u32 sum, const u8 *p, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += read16(p + i);
	if (len % 2)
		sum += p[len - 1] << 8;
	return sum;
}

static u16 sum_fold(u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* RFC 9293, 3.1, and RFC 8200, 8.1: the pseudo-header. */
static u32 sum_pseudo(bool v6, const u8 *from, const u8 *to, u8 protocol,
		      u32 len)
{
	size_t size = v6 ? 16 : 4;
	u32 sum;

	sum = sum_add(0, from, size);
	sum = sum_add(sum, to, size);
	return sum + protocol + (len >> 16) + (len & 0xffff);
}

/* ---- in ---------------------------------------------------------------- */

static struct scenario_number exactly(u32 value)
{
	return (struct scenario_number){ .value = value,
					 .how = SCENARIO_EXACT };
}

static bool capture_sacks(const u8 *p, u8 len, struct scenario_options *o)
{
	if (o->nsacks || len < 10 || len > 34 || len % 8 != 2)
		return false;
	for (p += 2; len >= 10; len -= 8, p += 8) {
		o->sack_start[o->nsacks] = read32(p);
		o->sack_end[o->nsacks++] = read32(p + 4);
	}
	return true;
}

/* Read one option of @len bytes at @p; false if it is malformed. */
static bool capture_option(const u8 *p, u8 len, struct scenario_options *o)
{
	bool again = false;

	switch (p[0]) {
	case 2:
		swap(again, o->has_mss);
		o->has_mss = true;
		o->mss = exactly(read16(p + 2));
		return !again && len == 4;
	case 3:
		swap(again, o->has_ws);
		o->has_ws = true;
		o->ws = exactly(p[2]);
		return !again && len == 3 && p[2] <= 14;
	case 4:
		swap(again, o->has_sackok);
		o->has_sackok = true;
		return !again && len == 2;
	case 5:
		return capture_sacks(p, len, o);
	case 8:
		swap(again, o->has_ts);
		o->has_ts = true;
		o->tsval = exactly(read32(p + 2));
		o->tsecr = exactly(read32(p + 6));
		return !again && len == 10;
	case 253:
		swap(again, o->has_rill);
		o->has_rill = true;
		o->unit = exactly(p[4]);
		o->delay_us = exactly(read32(p + 4) & 0xffffff);
		return !again && len == 8 && read16(p + 2) == 0x7269;
	}
	return false;
}

/* @p has room for one option more than @len bytes, zeroed. */
static bool capture_options(const u8 *p, size_t len,
			    struct scenario_options *o)
{
	size_t at = 0;

	o->given = true;
	while (at < len) {
		if (p[at] == 0)
			return !memchr_inv(p + at, 0, len - at);
		if (p[at] == 1) {
			at++;
			continue;
		}
		if (at + 1 >= len || p[at + 1] < 2 || at + p[at + 1] > len ||
		    !capture_option(p + at, p[at + 1], o))
			return false;
		at += p[at + 1];
	}
	return true;
}

/* Read the IP header; its length, or 0 if the packet is not a scenario's. */
static size_t capture_ipv4(const struct scenario *s, const u8 *p, size_t len,
			   u32 *pseudo, struct scenario_segment *seg)
{
	size_t size = (p[0] & 0xf) * 4;

	if (len < IPV4_HEADER || size > len || p[9] != s->protocol)
		return 0;
	if (size != IPV4_HEADER)
		seg->fault = "options in the IP header";
	if (read16(p + 2) != len)
		seg->fault = "wrong IP length";
	if (read16(p + 6) & 0x3fff)
		seg->fault = "fragmented";
	if (sum_fold(sum_add(0, p, size)))
		seg->fault = "wrong checksum of the IP header";
	if (memcmp(p + 12, ours4, 4) || memcmp(p + 16, peer4, 4))
		seg->fault = "wrong IP address";
	if (!p[8])
		seg->fault = "wrong TTL";
	seg->ecn = p[1] & 3;
	*pseudo = sum_pseudo(false, p + 12, p + 16, s->protocol, len - size);
	return size;
}

static size_t capture_ipv6(const struct scenario *s, const u8 *p, size_t len,
			   u32 *pseudo, struct scenario_segment *seg)
{
	if (len < IPV6_HEADER || p[6] != s->protocol)
		return 0;
	if (read16(p + 4) != len - IPV6_HEADER)
		seg->fault = "wrong IP length";
	if (memcmp(p + 8, ours6, 16) || memcmp(p + 24, peer6, 16))
		seg->fault = "wrong IP address";
	if (!p[7])
		seg->fault = "wrong hop limit";
	seg->ecn = p[1] >> 4 & 3;
	*pseudo = sum_pseudo(true, p + 8, p + 24, s->protocol,
			     len - IPV6_HEADER);
	return IPV6_HEADER;
}

static void capture_header(const u8 *p, size_t len, u32 pseudo,
			   struct scenario_segment *seg)
{
	u8 options[2 * OPTIONS_MAX] = {};
	size_t size;

	if (len < TCP_HEADER) {
		seg->fault = "shorter than a header";
		return;
	}
	size = (p[12] >> 4) * 4;
	seg->sport = read16(p);
	seg->dport = read16(p + 2);
	seg->seq = exactly(read32(p + 4));
	seg->ack = exactly(read32(p + 8));
	seg->flags = p[13];
	seg->wnd = exactly(read16(p + 14));
	if (size < TCP_HEADER || size > len) {
		seg->fault = "wrong data offset";
		return;
	}
	seg->up = exactly(read16(p + 18));
	if (p[12] & 0xf)
		seg->fault = "reserved bits";
	if (seg->up.value && !(seg->flags & RILL_URG))
		seg->fault = "urgent pointer without U";
	if (sum_fold(sum_add(pseudo, p, len)))
		seg->fault = "wrong checksum";
	memcpy(options, p + TCP_HEADER, size - TCP_HEADER);
	if (!capture_options(options, size - TCP_HEADER, &seg->opts))
		seg->fault = "malformed options";
	seg->len = len - size;
	memcpy(seg->data, p + size, seg->len);
}

/**
 * scenario_capture() - read a packet that came out of the test device
 * @s: fixture
 * @skb: packet, its IP header at skb->data
 *
 * Context: softirq or bottom halves off.
 * Return: the segment, or NULL if it is not one of the fixture's protocol.
 */
struct scenario_segment *scenario_capture(struct scenario *s,
					  const struct sk_buff *skb)
{
	bool v6 = skb->protocol == htons(ETH_P_IPV6);
	struct scenario_segment *seg;
	size_t size;
	u32 pseudo;
	u8 *p;

	scenario_memory_pause(s);
	seg = kzalloc(sizeof(*seg) + skb->len, GFP_ATOMIC);
	p = kmalloc(skb->len + IPV6_HEADER, GFP_ATOMIC);
	scenario_memory_resume(s);
	if (!seg || !p || skb_copy_bits(skb, 0, p, skb->len))
		goto drop;
	seg->at_ns = ktime_get_ns();
	size = v6 ? capture_ipv6(s, p, skb->len, &pseudo, seg) :
		    capture_ipv4(s, p, skb->len, &pseudo, seg);
	if (!size)
		goto drop;

	capture_header(p + size, skb->len - size, pseudo, seg);
	kfree(p);
	return seg;

drop:
	kfree(p);
	kfree(seg);
	return NULL;
}

/* ---- out --------------------------------------------------------------- */

static u32 peer_clock(const struct scenario_flow *flow)
{
	u64 unit = flow->theirs.has_rill ? NSEC_PER_USEC : NSEC_PER_MSEC;

	return flow->ts_base + div64_u64(scenario_now() - flow->start_ns, unit);
}

static u8 *inject_ts(const struct scenario_flow *flow,
		     const struct scenario_segment *seg, u8 *p)
{
	u32 tsval = flow->ts_base + seg->opts.tsval.value;
	u32 tsecr = flow->ts_first + seg->opts.tsecr.value;

	if (seg->opts.tsval.how == SCENARIO_ANY)
		tsval = peer_clock(flow);
	if (!(seg->flags & RILL_ACK))
		tsecr = seg->opts.tsecr.value;
	else if (seg->opts.tsecr.how == SCENARIO_ANY)
		tsecr = flow->ts_seen ? flow->ts_last : 0;
	p = write16(p, 8 << 8 | 10);
	p = write32(p, tsval);
	return write32(p, tsecr);
}

/*
 * Write options at @p, which has room for more than are allowed; their length.
 */
static size_t inject_options(const struct scenario_flow *flow,
			     const struct scenario_segment *seg, u8 *p)
{
	const struct scenario_options *o = &seg->opts;
	u8 *start = p;
	int i;

	if (o->raw_len)
		memcpy(p, o->raw, o->raw_len);
	p += o->raw_len;
	if (o->has_mss)
		p = write16(write16(p, 2 << 8 | 4), o->mss.value);
	if (o->has_sackok)
		p = write16(p, 4 << 8 | 2);
	if (o->has_ts)
		p = inject_ts(flow, seg, p);
	if (o->has_ws) {
		p = write16(p, 3 << 8 | 3);
		*p++ = o->ws.value;
	}
	if (o->has_rill) {
		p = write16(write16(p, 253 << 8 | 8), 0x7269);
		p = write32(p, o->unit.value << 24 | o->delay_us.value);
	}
	if (o->nsacks)
		p = write16(p, 5 << 8 | (2 + 8 * o->nsacks));
	for (i = 0; i < o->nsacks; i++) {
		p = write32(p, flow->iss + o->sack_start[i]);
		p = write32(p, flow->iss + o->sack_end[i]);
	}
	while ((p - start) % 4)
		*p++ = 1;
	return p - start;
}

/*
 * Write the IP header with @ecn for @len bytes behind it at @p; the
 * pseudo-header's sum.
 */
static u32 inject_ip(const struct scenario *s, u8 *p, size_t len, u8 protocol,
		     u8 ecn)
{
	if (s->family->wire == AF_INET6) {
		memset(p, 0, IPV6_HEADER);
		p[0] = 0x60;
		p[1] = ecn << 4;
		write16(p + 4, len);
		p[6] = protocol;
		p[7] = 64;
		memcpy(p + 8, peer6, 16);
		memcpy(p + 24, ours6, 16);
		return sum_pseudo(true, peer6, ours6, protocol, len);
	}

	memset(p, 0, IPV4_HEADER);
	p[0] = 0x45;
	p[1] = ecn;
	write16(p + 2, IPV4_HEADER + len);
	p[6] = 0x40;
	p[8] = 64;
	p[9] = protocol;
	memcpy(p + 12, peer4, 4);
	memcpy(p + 16, ours4, 4);
	write16(p + 10, sum_fold(sum_add(0, p, IPV4_HEADER)));
	return sum_pseudo(false, peer4, ours4, protocol, len);
}

static u16 inject_window(struct scenario_flow *flow,
			 const struct scenario_segment *seg)
{
	u32 wnd;

	if (seg->wnd.how == SCENARIO_EXACT)
		flow->peer_wnd = seg->wnd.value;
	wnd = flow->peer_wnd;
	if (!(seg->flags & RILL_SYN) && flow->ours.has_ws)
		wnd >>= flow->theirs.ws.value;
	return min_t(u32, wnd, 65535);
}

/* Write the segment at @p, which has room for it; its length. */
static size_t inject_build(struct scenario_flow *flow,
			   const struct scenario_segment *seg, u8 *p)
{
	u32 offset = seg->seq.value - !(seg->flags & RILL_SYN);
	size_t size;
	u32 i;

	memset(p, 0, TCP_HEADER);
	write16(p, flow->rport);
	write16(p + 2, flow->lport);
	write32(p + 4, flow->irs + seg->seq.value);
	if (seg->ack.how == SCENARIO_EXACT)
		write32(p + 8, flow->iss + seg->ack.value);
	size = TCP_HEADER + inject_options(flow, seg, p + TCP_HEADER);
	p[12] = size / 4 << 4;
	p[13] = seg->flags;
	write16(p + 14, inject_window(flow, seg));
	write16(p + 18, seg->up.value);
	for (i = 0; i < seg->len; i++)
		p[size + i] = scenario_byte(false, offset + i) ^
			      (seg->garbled ? 0xff : 0);
	return size + seg->len;
}

/**
 * scenario_page() - put a part of a packet where drivers leave it: in a page
 * @skb: the packet, in one piece
 * @keep: its first bytes, which stay where they are
 * @truesize: what the page is said to cost, bytes
 *
 * Context: any.
 */
void scenario_page(struct sk_buff *skb, u32 keep, u32 truesize)
{
	struct page *page;
	u32 len;

	if (skb->len <= keep)
		return;
	page = dev_alloc_page();
	if (!page)
		return;
	len = skb->len - keep;
	memcpy(page_address(page), skb->data + keep, len);
	skb_trim(skb, keep);
	skb_add_rx_frag(skb, 0, page, 0, len, truesize);
}

/* Give @len bytes behind the room of an IP header in @skb to the stack. */
static void inject_packet(struct scenario *s, struct sk_buff *skb)
{
	skb->dev = s->dev;
	skb->protocol = s->family->wire == AF_INET6 ? htons(ETH_P_IPV6) :
						      htons(ETH_P_IP);
	skb->pkt_type = PACKET_HOST;
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);

	/* All that it causes in softirq is done when this returns. */
	local_bh_disable();
	scenario_memory_short(s);
	netif_receive_skb(skb);
	scenario_memory_back(s);
	local_bh_enable();
}

static size_t ip_header(const struct scenario *s)
{
	return s->family->wire == AF_INET6 ? IPV6_HEADER : IPV4_HEADER;
}

static bool inject_allowed(struct scenario *s,
			   const struct scenario_segment *seg)
{
	if (seg->seq.how != SCENARIO_EXACT) {
		scenario_fail(s, "what is sent needs a sequence number");
		return false;
	}
	if (seg->flags & RILL_ACK && seg->ack.how != SCENARIO_EXACT) {
		scenario_fail(s, "what is sent with A needs ack N");
		return false;
	}
	return true;
}

/**
 * scenario_inject() - send a segment from the peer
 * @s: fixture
 * @seg: segment as the script has it
 *
 * Context: process. All that the segment causes at once has happened when
 * this returns.
 */
void scenario_inject(struct scenario *s, struct scenario_segment *seg)
{
	struct scenario_flow *flow = s->flow;
	struct sk_buff *skb;
	size_t size, len;
	u8 *p, *tcp;
	u16 sum;

	if (!inject_allowed(s, seg))
		return;
	if (!flow->lport)
		flow->lport = SCENARIO_PORT;
	if (seg->flags & RILL_SYN) {
		flow->theirs = seg->opts;
		if (!flow->renewed)
			flow->start_ns = scenario_now();
	} else if (!seg->opts.given && flow->ours.has_ts &&
		   flow->theirs.has_ts && !(seg->flags & RILL_RST)) {
		seg->opts.has_ts = true;
	}

	size = ip_header(s);
	skb = alloc_skb(size + TCP_HEADER + 4 * OPTIONS_MAX + seg->len,
			GFP_KERNEL);
	if (!skb) {
		scenario_fail(s, "no memory for a packet");
		return;
	}
	p = skb->data;
	tcp = p + size;
	len = inject_build(flow, seg, tcp);
	sum = sum_fold(sum_add(inject_ip(s, p, len, s->protocol, seg->ecn),
			       tcp, len));
	write16(tcp + 16, seg->bad_checksum ? sum + 1 : sum);
	skb_put(skb, size + len);
	if (s->heavy)
		scenario_page(skb, size, PAGE_SIZE);
	else if (s->family->paged && !s->linear)
		scenario_page(skb, size, len);
	inject_packet(s, skb);
}

/* ---- ICMP -------------------------------------------------------------- */

static const struct {
	const char *name;
	u8 type4;
	u8 code4;
	u8 type6;
	u8 code6;
} icmp_errors[] = {
	{ "net", 3, 0, 1, 0 },
	{ "host", 3, 1, 1, 3 },
	{ "protocol", 3, 2, 4, 1 },
	{ "port", 3, 3, 1, 4 },
	{ "mtu", 3, 4, 2, 0 },
	{ "admin", 3, 13, 1, 1 },
	{ "time", 11, 0, 3, 0 },
};

/* Write the beginning of a segment of ours, as a router quotes it, at @p. */
static size_t icmp_quote(struct scenario *s, u32 seq, u8 *p)
{
	size_t size = ip_header(s);
	u8 *tcp = p + size;

	inject_ip(s, p, TCP_HEADER, s->protocol, 0);
	if (s->family->wire == AF_INET6) {
		memcpy(p + 8, ours6, 16);
		memcpy(p + 24, peer6, 16);
	} else {
		/* The sum of the header is the same both ways. */
		memcpy(p + 12, ours4, 4);
		memcpy(p + 16, peer4, 4);
	}
	memset(tcp, 0, TCP_HEADER);
	write16(tcp, s->flow->lport);
	write16(tcp + 2, s->flow->rport);
	write32(tcp + 4, s->flow->iss + seq);
	tcp[12] = TCP_HEADER / 4 << 4;
	return size + TCP_HEADER;
}

/* "NAME", or "TYPE/CODE" as they stand on the wire. */
static bool icmp_read(const struct scenario *s, char *word, u8 *type, u8 *code)
{
	bool v6 = s->family->wire == AF_INET6;
	char *second = word ? strchr(word, '/') : NULL;
	u32 numbers[2];
	size_t i;

	for (i = 0; word && i < ARRAY_SIZE(icmp_errors); i++) {
		if (strcmp(word, icmp_errors[i].name))
			continue;
		*type = v6 ? icmp_errors[i].type6 : icmp_errors[i].type4;
		*code = v6 ? icmp_errors[i].code6 : icmp_errors[i].code4;
		return true;
	}
	if (!second)
		return false;
	*second++ = 0;
	if (!scenario_value(word, &numbers[0]) ||
	    !scenario_value(second, &numbers[1]))
		return false;
	*type = numbers[0];
	*code = numbers[1];
	return true;
}

/**
 * scenario_inject_icmp() - send an ICMP error about a segment of ours
 * @s: fixture
 * @text: what the script has behind "icmp": NAME or TYPE/CODE, SEQUENCE [MTU]
 *
 * Context: process.
 */
void scenario_inject_icmp(struct scenario *s, char *text)
{
	bool v6 = s->family->wire == AF_INET6;
	u32 seq, mtu = 0, sum = 0;
	struct sk_buff *skb;
	size_t size, len;
	u8 *p, type, code;

	if (!icmp_read(s, scenario_word(&text), &type, &code) ||
	    !scenario_value(scenario_word(&text), &seq)) {
		scenario_fail(s, "not icmp NAME SEQUENCE [MTU]");
		return;
	}
	scenario_value(scenario_word(&text), &mtu);
	size = ip_header(s);
	skb = alloc_skb(2 * size + 8 + TCP_HEADER, GFP_KERNEL);
	if (!skb) {
		scenario_fail(s, "no memory for a packet");
		return;
	}
	p = skb_put_zero(skb, 2 * size + 8 + TCP_HEADER);
	len = 8 + icmp_quote(s, seq, p + size + 8);
	p[size] = type;
	p[size + 1] = code;
	write32(p + size + 4, mtu);
	if (v6)
		sum = inject_ip(s, p, len, IPPROTO_ICMPV6, 0);
	else
		inject_ip(s, p, len, IPPROTO_ICMP, 0);
	write16(p + size + 2, sum_fold(sum_add(sum, p + size, len)));
	inject_packet(s, skb);
}

/* ---- compared ---------------------------------------------------------- */

static bool matches(const struct scenario_number *want, u32 got)
{
	switch (want->how) {
	case SCENARIO_EXACT:
		return got == want->value;
	case SCENARIO_LEAST:
		return (s32)(got - want->value) >= 0;
	case SCENARIO_MOST:
		return (s32)(got - want->value) <= 0;
	}
	return true;
}

/*
 * Each wait of a script ends up to a microsecond late, which adds up in a clock
 * of microseconds, and may take one of milliseconds to its next tick.
 */
static bool matches_clock(const struct scenario_number *want, u32 got,
			  u32 most)
{
	u32 late;

	for (late = 0; late <= most; late++) {
		if (matches(want, got - late))
			return true;
	}
	return false;
}

static const char *differ_sacks(const struct scenario_flow *flow,
				const struct scenario_options *want,
				const struct scenario_options *got)
{
	int i;

	if (want->nsacks != got->nsacks)
		return "number of SACK blocks";
	for (i = 0; i < want->nsacks; i++) {
		if (got->sack_start[i] - flow->irs != want->sack_start[i] ||
		    got->sack_end[i] - flow->irs != want->sack_end[i])
			return "SACK block";
	}
	return NULL;
}

static const char *differ_options(const struct scenario_flow *flow,
				  const struct scenario_options *want,
				  const struct scenario_segment *segment)
{
	/* RFC 7323, 3.2: without ACK there is nothing to echo, and it is 0. */
	u32 ts_base = segment->flags & RILL_ACK ? flow->ts_base : 0;
	const struct scenario_options *got = &segment->opts;
	u32 first = flow->ts_seen ? flow->ts_first : got->tsval.value;
	u32 late = flow->theirs.has_rill ? 5 : 1;

	if (want->has_mss != got->has_mss ||
	    (want->has_mss && !matches(&want->mss, got->mss.value)))
		return "MSS option";
	if (want->has_ws != got->has_ws ||
	    (want->has_ws && !matches(&want->ws, got->ws.value)))
		return "window scale option";
	if (want->has_sackok != got->has_sackok)
		return "SACK-permitted option";
	if (want->has_ts != got->has_ts)
		return "timestamps option";
	/* Our SYN ticks in microseconds, whoever the peer is. */
	if (want->has_ts &&
	    !matches_clock(&want->tsval, got->tsval.value - first,
			   segment->flags & RILL_ACK ? late : 5))
		return "timestamp";
	if (want->has_ts &&
	    !matches_clock(&want->tsecr, got->tsecr.value - ts_base, late))
		return "echoed timestamp";
	if (want->has_rill != got->has_rill ||
	    (want->has_rill && (!matches(&want->delay_us, got->delay_us.value) ||
				!matches(&want->unit, got->unit.value))))
		return "private option";
	return differ_sacks(flow, want, got);
}

/* Check what holds for the options of any segment, whatever the script says. */
static const char *differ_rules(const struct scenario_flow *flow,
				const struct scenario_segment *got)
{
	bool agreed = flow->ours.has_ts && flow->theirs.has_ts;
	const struct scenario_options *o = &got->opts;

	/* RFC 7323, 5.4; 2^31 us may pass between two. */
	if (o->has_ts && flow->ts_seen &&
	    (s32)(o->tsval.value - flow->ts_last) < 0 &&
	    got->at_ns - flow->ts_last_ns < NSEC_PER_USEC << 31)
		return "timestamp that goes back";
	if (got->flags & RILL_SYN)
		return NULL;
	if (o->has_mss || o->has_ws || o->has_sackok || o->has_rill)
		return "option of a SYN";
	if (o->has_ts && !agreed)
		return "timestamps that were not agreed";
	if (agreed && !o->has_ts && !(got->flags & RILL_RST))
		return "timestamps that were agreed";
	if (o->nsacks && !(flow->ours.has_sackok && flow->theirs.has_sackok))
		return "SACK that was not agreed";
	return NULL;
}

static const char *differ_data(const struct scenario_flow *flow,
			       const struct scenario_segment *got)
{
	u32 offset = got->seq.value - flow->iss - 1;
	u32 i;

	for (i = 0; i < got->len; i++) {
		if (got->data[i] != scenario_byte(true, offset + i))
			return "payload";
	}
	return NULL;
}

static u32 window_of(const struct scenario_flow *flow,
		     const struct scenario_segment *got)
{
	if (got->flags & RILL_SYN || !flow->theirs.has_ws)
		return got->wnd.value;
	return got->wnd.value << flow->ours.ws.value;
}

/* Name each difference; the flow has learnt from the segment before. */
static const char *differ(const struct scenario_flow *flow,
			  const struct scenario_segment *want,
			  const struct scenario_segment *got)
{
	u8 flags = got->flags;

	if (want->any_push)
		flags &= ~RILL_PSH;
	if (got->fault)
		return got->fault;
	if (got->dport != flow->rport || got->sport != flow->lport)
		return "port";
	if (flags != want->flags)
		return "flags";
	if (got->ecn != want->ecn)
		return "ECN field of the IP header";
	if (!matches(&want->seq, got->seq.value - flow->iss))
		return "sequence number";
	if (got->len != want->len)
		return "length";
	if (flags & RILL_ACK && !matches(&want->ack, got->ack.value - flow->irs))
		return "acknowledgment number";
	if (!(flags & RILL_ACK) && got->ack.value)
		return "acknowledgment number without A";
	if (!matches(&want->wnd, window_of(flow, got)))
		return "window";
	if (!matches(&want->up, got->up.value))
		return "urgent pointer";
	if (want->opts.given && differ_options(flow, &want->opts, got))
		return differ_options(flow, &want->opts, got);
	if (differ_rules(flow, got))
		return differ_rules(flow, got);
	return differ_data(flow, got);
}

/* Let the flow learn from a segment that came out. */
static void learn(struct scenario_flow *flow,
		  const struct scenario_segment *got)
{
	if (got->fault || got->dport != flow->rport)
		return;
	if (!flow->lport)
		flow->lport = got->sport;
	if (got->flags & RILL_SYN) {
		if (!flow->iss_known)
			flow->iss = got->seq.value;
		flow->iss_known = true;
		flow->ours = got->opts;
	}
}

static void learn_clock(struct scenario_flow *flow,
			const struct scenario_segment *got)
{
	if (!got->opts.has_ts || got->dport != flow->rport)
		return;
	if (!flow->ts_seen)
		flow->ts_first = got->opts.tsval.value;
	flow->ts_seen = true;
	flow->ts_last = got->opts.tsval.value;
	flow->ts_last_ns = got->at_ns;
}

/* Wait until @until_ns for a segment to come out; NULL if none did. */
static struct scenario_segment *next_captured(struct scenario *s, u64 until_ns)
{
	ktime_t until = ns_to_ktime(until_ns);
	struct scenario_segment *seg;

	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		spin_lock_bh(&s->lock);
		seg = list_first_entry_or_null(&s->captured,
					       struct scenario_segment, node);
		if (seg)
			list_del(&seg->node);
		spin_unlock_bh(&s->lock);
		if (seg || scenario_now() >= until_ns)
			break;
		schedule_hrtimeout_range(&until, 0, HRTIMER_MODE_ABS);
	}
	__set_current_state(TASK_RUNNING);
	return seg;
}

/**
 * scenario_expect() - wait for the next segment and compare it
 * @s: fixture, whose script fails if it is not @want
 * @want: segment as the script has it
 * @least_ns: when it may come at the earliest
 * @most_ns: and at the latest
 *
 * Context: process.
 */
void scenario_expect(struct scenario *s, struct scenario_segment *want,
		     u64 least_ns, u64 most_ns)
{
	struct scenario_segment *got;
	const char *what = NULL;
	char text[SCENARIO_LINE];
	s64 after_ns;

	got = next_captured(s, most_ns);
	if (!got) {
		scenario_fail(s, "nothing came");
		return;
	}
	after_ns = got->at_ns - s->base_ns;
	learn(s->flow, got);
	if (got->at_ns < least_ns || got->at_ns > most_ns)
		what = "time";
	if (!what || differ(s->flow, want, got))
		what = differ(s->flow, want, got);
	if (what) {
		scenario_segment_print(s, got, text, sizeof(text));
		scenario_fail(s, "%s; got %s%lld.%09lld s %s", what,
			      after_ns < 0 ? "-" : "+",
			      abs(after_ns) / NSEC_PER_SEC,
			      abs(after_ns) % NSEC_PER_SEC, text);
	}
	learn_clock(s->flow, got);
	s->base_ns = got->at_ns;
	kfree(got);
}
