// SPDX-License-Identifier: GPL-2.0
/*
 * Headers of segments: module/network/segment.c.
 *
 * Each segment lies in memory of exactly its own size, so that KASAN reports
 * the first byte that is read beyond it.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/tcp.h>
#include "../module/network/inside.h"

#define SEGMENT_HDR	20	/* bytes, without options */
#define SEGMENT_RANDOM	20000	/* random option lists */
#define SEGMENT_SEED	0x7269	/* of the generator: each run is the same */

/* Parse @len bytes at @bytes from memory that ends with them. */
static int segment_parse(struct kunit *test, const void *bytes,
			 unsigned int len, struct rill_segment *seg)
{
	u8 *exact = kmalloc(len, GFP_KERNEL);
	struct sk_buff skb = {};
	int err;

	KUNIT_ASSERT_NOT_NULL(test, exact);
	memcpy(exact, bytes, len);
	skb.data = exact;
	skb.len = len;
	memset(seg, 0xff, sizeof(*seg));
	err = rill_segment_parse(&skb, seg);
	kfree(exact);
	return err;
}

/*
 * Parse a header with @flags and @len bytes of options, filled up with bytes
 * that are no valid option.
 */
static void segment_parse_options(struct kunit *test, u8 flags,
				  const u8 *options, unsigned int len,
				  struct rill_options *opts)
{
	unsigned int total = round_up(SEGMENT_HDR + len, 4);
	struct rill_segment seg;
	u8 hdr[RILL_HDR_MAX];

	memset(hdr, TCPOPT_EOL, sizeof(hdr));
	hdr[12] = total / 4 << 4;
	hdr[13] = flags;
	memcpy(hdr + SEGMENT_HDR, options, len);
	KUNIT_ASSERT_EQ(test, segment_parse(test, hdr, total, &seg), 0);
	KUNIT_EXPECT_EQ(test, seg.hdr_len, total);
	*opts = seg.opts;
}

#define segment_syn_options(test, opts, ...)				\
	do {								\
		const u8 options_[] = { __VA_ARGS__ };			\
									\
		segment_parse_options(test, RILL_SYN, options_,		\
				      sizeof(options_), opts);		\
	} while (0)

#define segment_ack_options(test, opts, ...)				\
	do {								\
		const u8 options_[] = { __VA_ARGS__ };			\
									\
		segment_parse_options(test, RILL_ACK, options_,		\
				      sizeof(options_), opts);		\
	} while (0)

/* Build @seg with @payload bytes behind it. */
static struct sk_buff *segment_build(struct kunit *test,
				     const struct rill_segment *seg,
				     unsigned int payload)
{
	struct sk_buff *skb = alloc_skb(RILL_HDR_MAX + payload, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, RILL_HDR_MAX);
	skb_put_zero(skb, payload);
	/* Memory that held something else before. */
	memset(skb->head, 0xee, RILL_HDR_MAX);
	rill_segment_build(skb, seg, htons(0x1234), htons(0x5678));
	return skb;
}

static void segment_fill_options(struct rill_options *opts, unsigned int which,
				 unsigned int sacks)
{
	unsigned int i;

	memset(opts, 0, sizeof(*opts));
	if (which & 1) {
		opts->has_mss = 1;
		opts->mss = 0xfedc;
	}
	if (which & 2) {
		opts->has_wscale = 1;
		opts->wscale = 13;
	}
	opts->sack_ok = !!(which & 4);
	if (which & 8) {
		opts->has_ts = 1;
		opts->tsval = 0xfffefdfc;
		opts->tsecr = 0x80818283;
	}
	if (which & 16) {
		opts->has_rill = 1;
		opts->ts_unit = RILL_TS_US;
		opts->ack_delay_us = 0x012345;
	}
	opts->nsacks = sacks;
	for (i = 0; i < sacks; i++) {
		opts->sacks[i].start = 0xfffffff0 + i * 32;
		opts->sacks[i].end = 0xfffffff0 + i * 32 + 16;
	}
}

/* The part of @opts that a segment with @flags carries. */
static void segment_expect_options(struct kunit *test, u8 flags,
				   const struct rill_options *opts,
				   const struct rill_options *got)
{
	bool syn = flags & RILL_SYN;
	unsigned int sacks = syn ? 0 : min_t(unsigned int, opts->nsacks,
					     opts->has_ts ? 3 : 4);

	KUNIT_EXPECT_EQ(test, (int)got->has_mss, (int)(syn && opts->has_mss));
	KUNIT_EXPECT_EQ(test, (int)got->has_wscale,
			(int)(syn && opts->has_wscale));
	KUNIT_EXPECT_EQ(test, (int)got->sack_ok, (int)(syn && opts->sack_ok));
	KUNIT_EXPECT_EQ(test, (int)got->has_rill,
			(int)(syn && opts->has_rill));
	KUNIT_EXPECT_EQ(test, (int)got->has_ts, (int)opts->has_ts);
	KUNIT_EXPECT_EQ(test, got->tsval, opts->tsval);
	KUNIT_EXPECT_EQ(test, got->tsecr, opts->tsecr);
	KUNIT_EXPECT_EQ(test, got->mss, syn ? opts->mss : 0);
	KUNIT_EXPECT_EQ(test, got->wscale, syn ? opts->wscale : 0);
	KUNIT_EXPECT_EQ(test, got->ts_unit, syn ? opts->ts_unit : 0);
	KUNIT_EXPECT_EQ(test, got->ack_delay_us,
			syn ? opts->ack_delay_us : 0);
	KUNIT_ASSERT_EQ(test, got->nsacks, sacks);
	KUNIT_EXPECT_EQ(test, memcmp(got->sacks, opts->sacks,
				     sacks * sizeof(got->sacks[0])), 0);
}

static void segment_round_trip(struct kunit *test, u8 flags,
			       unsigned int which, unsigned int sacks)
{
	struct rill_segment seg = {
		.seq = 0xfffffffe,
		.ack = 0x01020304,
		.wnd = 0xabcd,
		.up = 0xbeef,
		.flags = flags,
	};
	unsigned int len, payload = 7;
	struct rill_segment got;
	struct sk_buff *skb;

	segment_fill_options(&seg.opts, which, sacks);
	len = rill_options_len(&seg.opts, flags);
	KUNIT_EXPECT_EQ(test, len % 4, 0);
	KUNIT_EXPECT_LE(test, len, RILL_OPTIONS_MAX);

	skb = segment_build(test, &seg, payload);
	KUNIT_EXPECT_EQ(test, skb->len, SEGMENT_HDR + len + payload);
	KUNIT_EXPECT_EQ(test, segment_parse(test, skb->data, skb->len, &got),
			0);
	KUNIT_EXPECT_EQ(test, got.hdr_len, SEGMENT_HDR + len);
	KUNIT_EXPECT_EQ(test, got.seq, seg.seq);
	KUNIT_EXPECT_EQ(test, got.ack, seg.ack);
	KUNIT_EXPECT_EQ(test, got.wnd, seg.wnd);
	KUNIT_EXPECT_EQ(test, got.up, seg.up);
	KUNIT_EXPECT_EQ(test, got.flags, flags);
	KUNIT_EXPECT_EQ(test, got.len, payload);
	segment_expect_options(test, flags, &seg.opts, &got.opts);
	kfree_skb(skb);
}

static void segment_round_trip_every_combination(struct kunit *test)
{
	static const u8 flags[] = {
		RILL_SYN, RILL_SYN | RILL_ACK, RILL_ACK, RILL_RST, 0xff,
	};
	unsigned int i, which, sacks;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		for (which = 0; which < 32; which++)
			for (sacks = 0; sacks <= RILL_SACKS_MAX; sacks++)
				segment_round_trip(test, flags[i], which,
						   sacks);
}

static void segment_build_fields_in_network_order(struct kunit *test)
{
	static const u8 expected[] = {
		0x12, 0x34, 0x56, 0x78, 0x11, 0x22, 0x33, 0x44,
		0x55, 0x66, 0x77, 0x88, 0x50, 0x38, 0x99, 0xaa,
		0, 0, 0xbb, 0xcc,
	};
	const struct rill_segment seg = {
		.seq = 0x11223344,
		.ack = 0x55667788,
		.wnd = 0x99aa,
		.up = 0xbbcc,
		.flags = RILL_URG | RILL_PSH | RILL_ACK,
	};
	struct sk_buff *skb = segment_build(test, &seg, 3);

	KUNIT_EXPECT_EQ(test, skb->len, sizeof(expected) + 3);
	KUNIT_EXPECT_EQ(test, memcmp(skb->data, expected, sizeof(expected)),
			0);
	KUNIT_EXPECT_PTR_EQ(test, skb_transport_header(skb), skb->data);
	kfree_skb(skb);
}

static void segment_expect_bytes(struct kunit *test, u8 flags,
				 unsigned int which, unsigned int sacks,
				 const u8 *expected, unsigned int len)
{
	struct rill_segment seg = { .flags = flags };
	struct sk_buff *skb;

	segment_fill_options(&seg.opts, which, sacks);
	skb = segment_build(test, &seg, 0);
	KUNIT_EXPECT_EQ(test, skb->len, SEGMENT_HDR + len);
	KUNIT_EXPECT_EQ(test, skb->data[12] >> 4, skb->len / 4);
	KUNIT_EXPECT_EQ(test, memcmp(skb->data + SEGMENT_HDR, expected, len),
			0);
	kfree_skb(skb);
}

static void segment_build_syn_layout(struct kunit *test)
{
	static const u8 all[] = {
		2, 4, 0xfe, 0xdc,
		4, 2, 8, 10, 0xff, 0xfe, 0xfd, 0xfc, 0x80, 0x81, 0x82, 0x83,
		1, 3, 3, 13,
		253, 8, 0x72, 0x69, 6, 0x01, 0x23, 0x45,
	};
	static const u8 no_ts[] = {
		2, 4, 0xfe, 0xdc, 1, 1, 4, 2, 1, 3, 3, 13,
	};
	static const u8 ts_only[] = {
		1, 1, 8, 10, 0xff, 0xfe, 0xfd, 0xfc, 0x80, 0x81, 0x82, 0x83,
	};

	segment_expect_bytes(test, RILL_SYN, 31, 0, all, sizeof(all));
	segment_expect_bytes(test, RILL_SYN | RILL_ACK, 31, 4, all,
			     sizeof(all));
	segment_expect_bytes(test, RILL_SYN, 7, 0, no_ts, sizeof(no_ts));
	segment_expect_bytes(test, RILL_SYN, 8, 0, ts_only, sizeof(ts_only));
	segment_expect_bytes(test, RILL_SYN, 0, 0, NULL, 0);
}

static void segment_build_ack_layout(struct kunit *test)
{
	static const u8 ts_sack[] = {
		1, 1, 8, 10, 0xff, 0xfe, 0xfd, 0xfc, 0x80, 0x81, 0x82, 0x83,
		1, 1, 5, 26, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 0,
		0, 0, 0, 0x10, 0, 0, 0, 0x20, 0, 0, 0, 0x30, 0, 0, 0, 0x40,
	};
	static const u8 sack[] = {
		1, 1, 5, 10, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 0,
	};

	segment_expect_bytes(test, RILL_ACK, 31, 3, ts_sack, sizeof(ts_sack));
	/* The fourth block does not fit beside timestamps. */
	segment_expect_bytes(test, RILL_ACK, 31, 4, ts_sack, sizeof(ts_sack));
	segment_expect_bytes(test, RILL_ACK, 31 & ~8, 1, sack, sizeof(sack));
	segment_expect_bytes(test, RILL_ACK, 31, 0, ts_sack, 12);
	segment_expect_bytes(test, RILL_ACK, 31 & ~8, 0, NULL, 0);
}

static void segment_end_seq_counts_syn_and_fin(struct kunit *test)
{
	u8 hdr[SEGMENT_HDR + 5] = { [12] = 0x50 };
	struct rill_segment seg;

	memset(hdr + 4, 0xff, 4);
	KUNIT_EXPECT_EQ(test, segment_parse(test, hdr, SEGMENT_HDR, &seg), 0);
	KUNIT_EXPECT_EQ(test, seg.end_seq, 0xffffffff);
	hdr[13] = RILL_SYN;
	KUNIT_EXPECT_EQ(test, segment_parse(test, hdr, SEGMENT_HDR, &seg), 0);
	KUNIT_EXPECT_EQ(test, seg.end_seq, 0);
	hdr[13] = RILL_FIN;
	KUNIT_EXPECT_EQ(test, segment_parse(test, hdr, sizeof(hdr), &seg), 0);
	KUNIT_EXPECT_EQ(test, seg.end_seq, 5);
	hdr[13] = RILL_SYN | RILL_FIN;
	KUNIT_EXPECT_EQ(test, segment_parse(test, hdr, sizeof(hdr), &seg), 0);
	KUNIT_EXPECT_EQ(test, seg.end_seq, 6);
	KUNIT_EXPECT_EQ(test, seg.len, 5);
}

static void segment_truncated_at_every_length_is_dropped(struct kunit *test)
{
	u8 hdr[RILL_HDR_MAX] = { [12] = 0xf0 };
	struct rill_segment seg;
	unsigned int len;

	for (len = 0; len < sizeof(hdr); len++)
		KUNIT_EXPECT_EQ_MSG(test, segment_parse(test, hdr, len, &seg),
				    RILL_CNT_drop_header, "%u bytes", len);
	KUNIT_EXPECT_EQ(test, segment_parse(test, hdr, len, &seg), 0);
}

static void segment_every_data_offset(struct kunit *test)
{
	u8 hdr[RILL_HDR_MAX] = {};
	struct rill_segment seg;
	unsigned int doff, len;

	for (doff = 0; doff < 16; doff++) {
		hdr[12] = doff << 4 | 0xf;
		for (len = SEGMENT_HDR; len <= sizeof(hdr); len++) {
			bool good = doff >= 5 && doff * 4 <= len;

			KUNIT_EXPECT_EQ(test,
					segment_parse(test, hdr, len, &seg),
					good ? 0 : RILL_CNT_drop_header);
			if (!good)
				continue;
			KUNIT_EXPECT_EQ(test, seg.hdr_len, doff * 4);
			KUNIT_EXPECT_EQ(test, seg.len, len - doff * 4);
		}
	}
}

static void segment_paged_payload_counts(struct kunit *test)
{
	u8 hdr[SEGMENT_HDR] = { [12] = 0x50 };
	struct sk_buff skb = {};
	struct rill_segment seg;

	skb.data = hdr;
	skb.data_len = 1000;
	skb.len = sizeof(hdr) + skb.data_len;
	KUNIT_EXPECT_EQ(test, rill_segment_parse(&skb, &seg), 0);
	KUNIT_EXPECT_EQ(test, seg.len, 1000);

	/* Options that the caller did not pull are not looked for. */
	hdr[12] = 0x60;
	KUNIT_EXPECT_EQ(test, rill_segment_parse(&skb, &seg),
			RILL_CNT_drop_header);
}

/* Options before a malformed one count, those behind it do not. */
static void segment_length_below_two_ends_options(struct kunit *test)
{
	struct rill_options opts;

	segment_syn_options(test, &opts, 2, 4, 5, 0xb4, 99, 0, 3, 3, 7, 0);
	KUNIT_EXPECT_TRUE(test, opts.has_mss);
	KUNIT_EXPECT_EQ(test, opts.mss, 1460);
	KUNIT_EXPECT_FALSE(test, opts.has_wscale);
	segment_syn_options(test, &opts, 2, 4, 5, 0xb4, 99, 1, 3, 3, 7, 0);
	KUNIT_EXPECT_TRUE(test, opts.has_mss);
	KUNIT_EXPECT_FALSE(test, opts.has_wscale);
}

static void segment_length_beyond_header_ends_options(struct kunit *test)
{
	struct rill_options opts;

	segment_syn_options(test, &opts, 3, 3, 7, 2, 4, 5, 4, 99);
	KUNIT_EXPECT_TRUE(test, opts.has_wscale);
	KUNIT_EXPECT_TRUE(test, opts.has_mss);
	segment_syn_options(test, &opts, 3, 3, 7, 1, 2, 4, 5, 0xb4,
			    1, 1, 2, 4);
	KUNIT_EXPECT_TRUE(test, opts.has_mss);
	KUNIT_EXPECT_EQ(test, opts.mss, 1460);
	segment_syn_options(test, &opts, 3, 3, 7, 1, 8, 10, 1, 2);
	KUNIT_EXPECT_TRUE(test, opts.has_wscale);
	KUNIT_EXPECT_FALSE(test, opts.has_ts);
	segment_syn_options(test, &opts, 1, 1, 1, 3, 255, 7, 1, 1);
	KUNIT_EXPECT_FALSE(test, opts.has_wscale);
}

static void segment_kind_without_length_ends_options(struct kunit *test)
{
	struct rill_options opts;

	segment_syn_options(test, &opts, 3, 3, 7, 2);
	KUNIT_EXPECT_TRUE(test, opts.has_wscale);
	KUNIT_EXPECT_FALSE(test, opts.has_mss);
}

static void segment_end_of_list_ends_options(struct kunit *test)
{
	struct rill_options opts;

	segment_syn_options(test, &opts, 2, 4, 5, 0xb4, 0, 3, 3, 7);
	KUNIT_EXPECT_TRUE(test, opts.has_mss);
	KUNIT_EXPECT_FALSE(test, opts.has_wscale);
}

/* Each has a malformed length, and a valid option behind it. */
static void segment_wrong_length_skips_that_option(struct kunit *test)
{
	static const struct {
		u8 kind;
		u8 len;
	} wrong[] = {
		{ 2, 2 }, { 2, 3 }, { 2, 5 }, { 3, 2 }, { 3, 4 }, { 4, 3 },
		{ 8, 2 }, { 8, 9 }, { 8, 11 }, { 5, 2 }, { 5, 3 }, { 5, 9 },
		{ 5, 11 }, { 5, 17 }, { 5, 35 }, { 253, 2 }, { 253, 4 },
		{ 253, 7 }, { 253, 9 },
	};
	struct rill_options opts;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		u8 options[RILL_OPTIONS_MAX];
		u8 *after = options + wrong[i].len;

		memset(options, 6, sizeof(options));
		options[0] = wrong[i].kind;
		options[1] = wrong[i].len;
		if (wrong[i].kind == RILL_OPT_KIND && wrong[i].len > 3) {
			options[2] = RILL_OPT_EXID >> 8;
			options[3] = RILL_OPT_EXID & 0xff;
		}
		if (wrong[i].kind != TCPOPT_WINDOW) {
			memcpy(after, "\x03\x03\x07", 3);
		} else {
			memcpy(after, "\x02\x04\x05", 3);
			after[3] = 0xb4;
		}
		segment_parse_options(test, RILL_SYN, options,
				      wrong[i].len + 4, &opts);
		KUNIT_EXPECT_EQ_MSG(test, opts.has_mss + opts.has_wscale +
				    opts.sack_ok + opts.has_ts +
				    opts.has_rill + opts.nsacks, 1,
				    "kind %u, length %u", wrong[i].kind,
				    wrong[i].len);
	}
}

static void segment_unknown_option_is_skipped(struct kunit *test)
{
	struct rill_options opts;

	segment_syn_options(test, &opts, 30, 4, 2, 4, 254, 2, 1, 34, 2,
			    2, 4, 5, 0xb4);
	KUNIT_EXPECT_TRUE(test, opts.has_mss);
	KUNIT_EXPECT_EQ(test, opts.mss, 1460);
}

static void segment_handshake_options_need_syn(struct kunit *test)
{
	struct rill_options opts;

	segment_ack_options(test, &opts, 2, 4, 5, 0xb4, 3, 3, 7, 4, 2,
			    253, 8, 0x72, 0x69, 6, 0, 3, 0xe8, 1,
			    8, 10, 1, 2, 3, 4, 5, 6, 7, 8);
	KUNIT_EXPECT_FALSE(test, opts.has_mss);
	KUNIT_EXPECT_FALSE(test, opts.has_wscale);
	KUNIT_EXPECT_FALSE(test, opts.sack_ok);
	KUNIT_EXPECT_FALSE(test, opts.has_rill);
	KUNIT_EXPECT_TRUE(test, opts.has_ts);
	KUNIT_EXPECT_EQ(test, opts.tsval, 0x01020304);
	KUNIT_EXPECT_EQ(test, opts.tsecr, 0x05060708);
}

static void segment_window_scale_is_at_most_14(struct kunit *test)
{
	struct rill_options opts;
	unsigned int shift;

	for (shift = 0; shift < 256; shift++) {
		segment_syn_options(test, &opts, 1, 3, 3, shift);
		KUNIT_EXPECT_TRUE(test, opts.has_wscale);
		KUNIT_EXPECT_EQ(test, opts.wscale, min(shift, 14U));
	}
}

static void segment_mss_boundaries(struct kunit *test)
{
	struct rill_options opts;

	segment_syn_options(test, &opts, 2, 4, 0, 0);
	KUNIT_EXPECT_FALSE(test, opts.has_mss);
	segment_syn_options(test, &opts, 2, 4, 0, 1);
	KUNIT_EXPECT_TRUE(test, opts.has_mss);
	KUNIT_EXPECT_EQ(test, opts.mss, 1);
	segment_syn_options(test, &opts, 2, 4, 0xff, 0xff);
	KUNIT_EXPECT_EQ(test, opts.mss, 65535);
}

static void segment_repeated_option_counts_last(struct kunit *test)
{
	struct rill_options opts;

	segment_syn_options(test, &opts, 2, 4, 1, 0, 3, 3, 2, 3, 3, 9,
			    2, 4, 2, 0);
	KUNIT_EXPECT_EQ(test, opts.mss, 512);
	KUNIT_EXPECT_EQ(test, opts.wscale, 9);
	segment_ack_options(test, &opts, 5, 18, 0, 0, 0, 1, 0, 0, 0, 2,
			    0, 0, 0, 3, 0, 0, 0, 4,
			    5, 10, 0, 0, 0, 5, 0, 0, 0, 6);
	KUNIT_EXPECT_EQ(test, opts.nsacks, 1);
	KUNIT_EXPECT_EQ(test, opts.sacks[0].start, 5);
	KUNIT_EXPECT_EQ(test, opts.sacks[0].end, 6);
}

static void segment_sack_blocks_are_kept_as_they_came(struct kunit *test)
{
	struct rill_options opts;
	u8 options[34];
	unsigned int n, i;

	for (n = 1; n <= RILL_SACKS_MAX; n++) {
		options[0] = TCPOPT_SACK;
		options[1] = 2 + 8 * n;
		for (i = 0; i < 8 * n; i++)
			options[2 + i] = 0xf0 - i;
		segment_parse_options(test, RILL_ACK, options, options[1],
				      &opts);
		KUNIT_ASSERT_EQ(test, opts.nsacks, n);
		/* An end before its start is for the user to judge. */
		KUNIT_EXPECT_EQ(test, opts.sacks[0].start, 0xf0efeeed);
		KUNIT_EXPECT_EQ(test, opts.sacks[0].end, 0xecebeae9);
		KUNIT_EXPECT_EQ(test, opts.sacks[n - 1].end & 0xff,
				0xf0 - (8 * n - 1));
	}
}

static void segment_private_option_units(struct kunit *test)
{
	struct rill_options opts;
	unsigned int unit;

	for (unit = 0; unit < 256; unit++) {
		bool known = unit == RILL_TS_MS || unit == RILL_TS_US;

		segment_syn_options(test, &opts, 253, 8, 0x72, 0x69, unit,
				    0, 0x03, 0xe8);
		KUNIT_EXPECT_EQ(test, (int)opts.has_rill, (int)known);
		KUNIT_EXPECT_EQ(test, opts.ts_unit, known ? unit : 0);
		KUNIT_EXPECT_EQ(test, opts.ack_delay_us, known ? 1000 : 0);
	}
}

static void segment_private_option_delay_is_clamped(struct kunit *test)
{
	static const u32 delays[] = {
		0, 1, 499999, 500000, 500001, 0x7fffff, 0x800000, 0xffffff,
	};
	struct rill_options opts;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(delays); i++) {
		u32 d = delays[i];

		segment_syn_options(test, &opts, 253, 8, 0x72, 0x69, 6,
				    d >> 16, d >> 8 & 0xff, d & 0xff);
		KUNIT_EXPECT_TRUE(test, opts.has_rill);
		KUNIT_EXPECT_EQ(test, opts.ack_delay_us, min(d, 500000U));
	}
}

static void segment_private_option_of_others_is_ignored(struct kunit *test)
{
	struct rill_options opts;

	segment_syn_options(test, &opts, 253, 8, 0x72, 0x68, 6, 0, 3, 0xe8,
			    2, 4, 5, 0xb4);
	KUNIT_EXPECT_FALSE(test, opts.has_rill);
	KUNIT_EXPECT_TRUE(test, opts.has_mss);
	segment_syn_options(test, &opts, 254, 8, 0x72, 0x69, 6, 0, 3, 0xe8);
	KUNIT_EXPECT_FALSE(test, opts.has_rill);
}

/* The layout that the parser has a fast path for, and its neighbours. */
static void segment_timestamps_in_every_layout(struct kunit *test)
{
	struct rill_options opts;

	segment_ack_options(test, &opts, 1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8);
	KUNIT_EXPECT_TRUE(test, opts.has_ts);
	KUNIT_EXPECT_EQ(test, opts.tsval, 0x01020304);
	KUNIT_EXPECT_EQ(test, opts.tsecr, 0x05060708);
	segment_ack_options(test, &opts, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1);
	KUNIT_EXPECT_TRUE(test, opts.has_ts);
	KUNIT_EXPECT_EQ(test, opts.tsval, 0x01020304);
	segment_ack_options(test, &opts, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 0);
	KUNIT_EXPECT_TRUE(test, opts.has_ts);
	KUNIT_EXPECT_EQ(test, opts.tsecr, 0x05060708);
	segment_ack_options(test, &opts, 1, 1, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8);
	KUNIT_EXPECT_FALSE(test, opts.has_ts);
	segment_ack_options(test, &opts, 1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8,
			    1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2);
	KUNIT_EXPECT_TRUE(test, opts.has_ts);
	KUNIT_EXPECT_EQ(test, opts.nsacks, 1);
}

/* Mostly plausible kinds and lengths reach deeper than noise. */
static void segment_random_options(struct rnd_state *rnd, u8 *p,
				   unsigned int len)
{
	static const u8 kinds[] = { 0, 1, 2, 3, 4, 5, 8, 253, 254, 30 };
	static const u8 lens[] = { 0, 1, 2, 3, 4, 8, 10, 18, 26, 34, 42, 255 };
	unsigned int i;

	prandom_bytes_state(rnd, p, len);
	for (i = 0; i + 1 < len; i += 1 + prandom_u32_state(rnd) % 12) {
		p[i] = kinds[prandom_u32_state(rnd) % ARRAY_SIZE(kinds)];
		p[i + 1] = lens[prandom_u32_state(rnd) % ARRAY_SIZE(lens)];
	}
}

static void segment_random_options_do_no_harm(struct kunit *test)
{
	u8 hdr[RILL_HDR_MAX] = {};
	struct rill_segment seg;
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, SEGMENT_SEED);
	for (i = 0; i < SEGMENT_RANDOM; i++) {
		unsigned int words = prandom_u32_state(&rnd) % 11;
		unsigned int len = SEGMENT_HDR + words * 4;

		hdr[12] = len / 4 << 4;
		hdr[13] = prandom_u32_state(&rnd);
		segment_random_options(&rnd, hdr + SEGMENT_HDR, words * 4);
		if (i % 16 == 0)
			prandom_bytes_state(&rnd, hdr, sizeof(hdr));
		if (segment_parse(test, hdr, len, &seg))
			continue;
		KUNIT_EXPECT_LE(test, seg.hdr_len, len);
		KUNIT_EXPECT_EQ(test, seg.hdr_len + seg.len, len);
		KUNIT_EXPECT_LE(test, seg.opts.nsacks, RILL_SACKS_MAX);
		KUNIT_EXPECT_LE(test, seg.opts.wscale, RILL_WSCALE_MAX);
		KUNIT_EXPECT_LE(test, seg.opts.ack_delay_us, 500000);
		KUNIT_EXPECT_LE(test, rill_options_len(&seg.opts, seg.flags),
				RILL_OPTIONS_MAX);
	}
}

static struct kunit_case rill_segment_cases[] = {
	KUNIT_CASE(segment_round_trip_every_combination),
	KUNIT_CASE(segment_build_fields_in_network_order),
	KUNIT_CASE(segment_build_syn_layout),
	KUNIT_CASE(segment_build_ack_layout),
	KUNIT_CASE(segment_end_seq_counts_syn_and_fin),
	KUNIT_CASE(segment_truncated_at_every_length_is_dropped),
	KUNIT_CASE(segment_every_data_offset),
	KUNIT_CASE(segment_paged_payload_counts),
	KUNIT_CASE(segment_length_below_two_ends_options),
	KUNIT_CASE(segment_length_beyond_header_ends_options),
	KUNIT_CASE(segment_kind_without_length_ends_options),
	KUNIT_CASE(segment_end_of_list_ends_options),
	KUNIT_CASE(segment_wrong_length_skips_that_option),
	KUNIT_CASE(segment_unknown_option_is_skipped),
	KUNIT_CASE(segment_handshake_options_need_syn),
	KUNIT_CASE(segment_window_scale_is_at_most_14),
	KUNIT_CASE(segment_mss_boundaries),
	KUNIT_CASE(segment_repeated_option_counts_last),
	KUNIT_CASE(segment_sack_blocks_are_kept_as_they_came),
	KUNIT_CASE(segment_private_option_units),
	KUNIT_CASE(segment_private_option_delay_is_clamped),
	KUNIT_CASE(segment_private_option_of_others_is_ignored),
	KUNIT_CASE(segment_timestamps_in_every_layout),
	KUNIT_CASE(segment_random_options_do_no_harm),
	{}
};

static struct kunit_suite rill_segment_suite = {
	.name = "rill_segment",
	.test_cases = rill_segment_cases,
};

kunit_test_suite(rill_segment_suite);
