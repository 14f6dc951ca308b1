// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_SAVE_SYN: the headers of the SYN are the half-open connection's, then the
 * child's, then nobody's. What is forgotten is found by kmemleak.
 */
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
	/* Another connection of the same socket did not begin by a SYN. */
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

/* A cookie has no headers to give back. */
static void of_a_cookie(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     LISTENS SYN
		     "< A 1:1(0) ack 1\n"
		     "accept\n");
	KUNIT_EXPECT_NULL(test, saved(test));
}

/* Without memory for them the connection is made all the same. */
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

/* Given back by each end that a half-open or unread connection has. */
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
