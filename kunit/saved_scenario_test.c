// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_SAVE_SYN: the half-open connection owns the headers of the SYN, then the
 * child does, until the program has read them. kmemleak finds a leak.
 */
#include "../module/connection/inside.h"
#include "scenario.h"

#define LISTENS		"bind\nset save-syn 1\nlisten\n"
#define SYN		"< S 0:0(0) win 65535 <mss 1000>\n> SA 0:0(0) ack 1\n"

static const struct rill_saved_syn *saved(struct kunit *test)
{
	struct sock *sk = scenario_sk(test);

	return sk ? rill_sk(sk)->saved_syn : NULL;
}

/* From the IP header to the last option, as they came. */
static void kept_for_the_child(struct kunit *test)
{
	const struct scenario_family *family = test->param_value;
	u32 ip = family->wire == AF_INET6 ? 40 : 20;
	const struct rill_saved_syn *it;
	const u8 *p;

	if (!scenario_run(test, LISTENS SYN
			  "< A 1:1(0) ack 1\n"
			  "accept\n"))
		return;
	it = saved(test);
	KUNIT_ASSERT_NOT_NULL(test, it);
	KUNIT_ASSERT_EQ(test, it->len, ip + 24);
	KUNIT_EXPECT_EQ(test, it->data[0] >> 4, ip == 40 ? 6 : 4);
	p = it->data + ip;
	KUNIT_EXPECT_EQ(test, p[0] << 8 | p[1], SCENARIO_PEER_PORT);
	KUNIT_EXPECT_EQ(test, p[2] << 8 | p[3], SCENARIO_PORT);
	KUNIT_EXPECT_EQ(test, p[12] >> 4, 6);
	KUNIT_EXPECT_EQ(test, p[13], RILL_SYN);
	KUNIT_EXPECT_EQ(test, p[20], 2);
	/* The socket's next connection did not begin with a SYN of the peer. */
	scenario_run(test, "disconnect\n> RA 1:1(0) ack 1\n");
	KUNIT_EXPECT_NULL(test, saved(test));
}

static void not_wanted(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     SYN
		     "< A 1:1(0) ack 1\n"
		     "set save-syn 1\n"
		     "accept\n");
	KUNIT_EXPECT_NULL(test, saved(test));
}

/* A cookie saves no headers. */
static void of_a_cookie(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     LISTENS SYN
		     "< A 1:1(0) ack 1\n"
		     "accept\n");
	KUNIT_EXPECT_NULL(test, saved(test));
}

/*
 * How much is saved of a SYN with headers of @len bytes, behind a link header
 * of @link bytes.
 */
static struct rill_saved_syn *saved_of(struct kunit *test, u32 len, u32 link)
{
	struct rill_segment seg = { .hdr_len = 24 };
	struct rill_request req = { .listener = scenario_sk(test) };
	struct sk_buff *skb = alloc_skb(1024, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 64);
	if (link) {
		skb_reset_mac_header(skb);
		skb_reserve(skb, link);
	}
	skb_reset_network_header(skb);
	for (i = 0; i < len; i++)
		skb_put_u8(skb, i);
	skb_pull(skb, len - seg.hdr_len);
	rill_saved_syn_make(&req, skb, &seg);
	kfree_skb(skb);
	return req.saved_syn;
}

/* Extension headers may be as long as the sender likes: 512 bytes are saved. */
static void no_longer_than(struct kunit *test)
{
	static const struct {
		const char *wanted;
		u32 len, link, kept;
	} syns[] = {
		{ "set save-syn 1\n", 511, 0, 511 },
		{ "set save-syn 1\n", 512, 0, 512 },
		{ "set save-syn 1\n", 513, 0, 0 },
		{ "set save-syn 1\n", 512, 14, 512 },
		{ "set save-syn 2\n", 498, 14, 512 },
		{ "set save-syn 2\n", 499, 14, 0 },
	};
	struct rill_saved_syn *it;
	u32 i;

	if (!scenario_run(test, LISTENS))
		return;
	for (i = 0; i < ARRAY_SIZE(syns); i++) {
		if (!scenario_run(test, syns[i].wanted))
			return;
		it = saved_of(test, syns[i].len, syns[i].link);
		KUNIT_EXPECT_EQ_MSG(test, it ? it->len : 0, syns[i].kept,
				    "SYN %u", i);
		if (it)
			KUNIT_EXPECT_EQ(test, it->data[it->len - 1],
					(syns[i].len - 1) & 0xff);
		kfree(it);
	}
}

/* Without memory for the headers the connection opens all the same. */
static void no_memory(struct kunit *test)
{
	int i;

	for (i = 1; i < 5; i++) {
		char text[200];

		snprintf(text, sizeof(text),
			 "lenient\n%sfail %d\n"
			 "< S 0:0(0) win 65535 <mss 1000>\n"
			 "+2s < S 0:0(0) win 65535 <mss 1000>\n"
			 "ignore\nforget\nflow %d\n", i == 1 ? LISTENS : "", i, i);
		if (!scenario_run(test, text))
			return;
	}
}

/* Each end of a half-open or unread connection frees them. */
static void forgotten(struct kunit *test)
{
	scenario_run(test,
		     LISTENS SYN
		     "< R 1:1(0)\n"
		     "flow 1\n"
		     SYN
		     "flow 2\n"
		     SYN
		     "< A 1:1(0) ack 1\n"
		     "flow 3\n"
		     SYN
		     "< A 1:1(0) ack 1\n"
		     "< R 1:1(0)\n"
		     "flow 4\n"
		     SYN
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "close\n"
		     "lenient\n"
		     "use 0\n"
		     "close\n"
		     "quiet 10m\n");
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(kept_for_the_child, scenario_families),
	KUNIT_CASE_PARAM(not_wanted, scenario_families),
	KUNIT_CASE_PARAM(of_a_cookie, scenario_families),
	KUNIT_CASE_PARAM(no_longer_than, scenario_families),
	KUNIT_CASE_PARAM(no_memory, scenario_families),
	KUNIT_CASE_PARAM(forgotten, scenario_families),
	{}
};

static struct kunit_suite suite = {
	.name = "rill_saved",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
