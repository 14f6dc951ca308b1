// SPDX-License-Identifier: GPL-2.0
/*
 * Checksums with the pseudo-headers of IPv4 and IPv6: rill_af_ops.checksum and
 * csum_bad. The vectors were computed by hand-written code outside the kernel
 * for protocol 253, from 192.0.2.1 to .2 and from 2001:db8::1 to ::2.
 */
#include <kunit/test.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/checksum.h>
#include "../module/network/network.h"

#define HEADER	20
#define ROOM	128

struct vector {
	const char *name;
	u16 sum4;
	u16 sum6;
	u8 len;
	u8 payload[64];
};

static const struct vector vectors[] = {
	{ "empty", 0x1560, 0x3def, 0 },
	{ "odd length", 0x1585, 0x3e14, 5, "rill!" },
	{ "64 bytes", 0x311c, 0x59ab, 64, {
		 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15,
		16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
		32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
		48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
	} },
	/* The sum of IPv4 is 0 on the wire, and valid: unlike UDP's. */
	{ "zero in IPv4", 0x0000, 0x288f, 2, { 0x15, 0x5e } },
	{ "zero in IPv6", 0xd770, 0x0000, 2, { 0x3d, 0xed } },
};

static void vector_name(const struct vector *vector, char *desc)
{
	strscpy(desc, vector->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(vector, vectors, vector_name);

/* The vector's segment at @p, its checksum @sum; its length. */
static size_t build(const struct vector *vector, u16 sum, u8 *p)
{
	static const u8 header[HEADER] = {
		0x1f, 0x90, 0x13, 0x88, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc,
		0xde, 0xf0, 0x50, 0x18, 0xff, 0xff,
	};

	memcpy(p, header, HEADER);
	p[16] = sum >> 8;
	p[17] = sum;
	memcpy(p + HEADER, vector->payload, vector->len);
	return HEADER + vector->len;
}

static void key_of(struct rill_key *key, bool v6)
{
	memset(key, 0, sizeof(*key));
	if (v6) {
		key->laddr.s6_addr32[0] = htonl(0x20010db8);
		key->laddr.s6_addr32[3] = htonl(1);
		key->raddr.s6_addr32[0] = htonl(0x20010db8);
		key->raddr.s6_addr32[3] = htonl(2);
		return;
	}
	ipv6_addr_set_v4mapped(htonl(0xc0000201), &key->laddr);
	ipv6_addr_set_v4mapped(htonl(0xc0000202), &key->raddr);
}

static u16 on_the_wire(__sum16 sum)
{
	return ntohs((__force __be16)sum);
}

static void pseudo_header(struct kunit *test)
{
	const struct vector *vector = test->param_value;
	struct rill_key key;
	u8 segment[ROOM];
	__sum16 check;
	size_t len;
	__wsum sum;

	if (rill_protocol != 253)
		kunit_skip(test, "the vectors are for protocol 253");
	len = build(vector, 0, segment);
	sum = csum_partial(segment, len, 0);
	key_of(&key, false);
	rill_ipv4_ops.checksum(&key, len, sum, &check);
	KUNIT_EXPECT_EQ(test, vector->sum4, on_the_wire(check));
	key_of(&key, true);
	rill_ipv6_ops.checksum(&key, len, sum, &check);
	KUNIT_EXPECT_EQ(test, vector->sum6, on_the_wire(check));
}

/* A received packet with the vector's segment and this checksum. */
static struct sk_buff *packet(struct kunit *test, const struct vector *vector,
			      u16 sum, bool v6)
{
	size_t size = v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	struct rill_key key;
	struct sk_buff *skb;
	size_t len;

	skb = alloc_skb(size + ROOM, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	key_of(&key, v6);
	skb_reset_network_header(skb);
	skb_put_zero(skb, size);
	if (v6) {
		ipv6_hdr(skb)->saddr = key.laddr;
		ipv6_hdr(skb)->daddr = key.raddr;
	} else {
		ip_hdr(skb)->saddr = key.laddr.s6_addr32[3];
		ip_hdr(skb)->daddr = key.raddr.s6_addr32[3];
	}
	__skb_pull(skb, size);
	len = build(vector, sum, skb_tail_pointer(skb));
	skb_put(skb, len);
	skb_reset_transport_header(skb);
	return skb;
}

/* True if the checksum is found wrong. */
static bool verdict(struct sk_buff *skb, bool v6)
{
	const struct rill_af_ops *af = v6 ? &rill_ipv6_ops : &rill_ipv4_ops;
	bool bad = af->csum_bad(skb);

	kfree_skb(skb);
	return bad;
}

static void received_by_software(struct kunit *test)
{
	const struct vector *vector = test->param_value;
	int bit;

	if (rill_protocol != 253)
		kunit_skip(test, "the vectors are for protocol 253");
	KUNIT_EXPECT_FALSE(test, verdict(packet(test, vector, vector->sum4,
						false), false));
	KUNIT_EXPECT_FALSE(test, verdict(packet(test, vector, vector->sum6,
						true), true));
	for (bit = 0; bit < 16; bit++) {
		u16 wrong4 = vector->sum4 ^ BIT(bit);
		u16 wrong6 = vector->sum6 ^ BIT(bit);

		KUNIT_EXPECT_TRUE(test, verdict(packet(test, vector, wrong4,
						       false), false));
		KUNIT_EXPECT_TRUE(test, verdict(packet(test, vector, wrong6,
						       true), true));
	}
}

/* The device has summed the segment: CHECKSUM_COMPLETE. */
static struct sk_buff *summed(struct sk_buff *skb)
{
	skb->csum = csum_partial(skb->data, skb->len, 0);
	skb->ip_summed = CHECKSUM_COMPLETE;
	return skb;
}

static void summed_by_device(struct kunit *test)
{
	const struct vector *vector = test->param_value;

	if (rill_protocol != 253)
		kunit_skip(test, "the vectors are for protocol 253");
	KUNIT_EXPECT_FALSE(test,
			   verdict(summed(packet(test, vector, vector->sum4,
						 false)), false));
	KUNIT_EXPECT_FALSE(test,
			   verdict(summed(packet(test, vector, vector->sum6,
						 true)), true));
	KUNIT_EXPECT_TRUE(test,
			  verdict(summed(packet(test, vector,
						vector->sum4 ^ 0x40, false)),
				  false));
	KUNIT_EXPECT_TRUE(test,
			  verdict(summed(packet(test, vector,
						vector->sum6 ^ 0x40, true)),
				  true));
}

/* The checksum of TCP's number in the pseudo-header is not ours. */
static void another_protocol(struct kunit *test)
{
	const struct vector *vector = &vectors[0];
	u32 sum = vector->sum4 + 253 - 6;

	if (rill_protocol != 253)
		kunit_skip(test, "the vectors are for protocol 253");
	KUNIT_EXPECT_TRUE(test, verdict(packet(test, vector, sum, false),
					false));
}

static struct kunit_case checksum_cases[] = {
	KUNIT_CASE_PARAM(pseudo_header, vector_gen_params),
	KUNIT_CASE_PARAM(received_by_software, vector_gen_params),
	KUNIT_CASE_PARAM(summed_by_device, vector_gen_params),
	KUNIT_CASE(another_protocol),
	{}
};

static struct kunit_suite checksum_suite = {
	.name = "rill_checksum",
	.test_cases = checksum_cases,
};

kunit_test_suite(checksum_suite);
