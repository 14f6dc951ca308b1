// SPDX-License-Identifier: GPL-2.0
/*
 * Options of level SOL_RILL: module/socket/setting.c. setting_scenario_test.c
 * shows what they do; the suites of the virtual machine read them through user
 * memory.
 */
#include <linux/tcp.h>
#include "../module/compat.h"
#include "../module/control/control.h"
#include "../module/socket/inside.h"
#include "sockets.h"

#define MS	1000LL
#define S	1000000LL

/* Ranges and defaults, as rill(7) promises them. */
static const struct {
	int name;
	s64 least;
	s64 most;
	s64 usual;
} ranges[] = {
	{ RILL_KEEPIDLE_US, 1 * MS, 2147483647 * MS, 7200 * S },
	{ RILL_KEEPINTVL_US, 1 * MS, 2147483647 * MS, 75 * S },
	{ RILL_KEEPCNT, 1, 255, 10 },
	{ RILL_USER_TIMEOUT_US, 0, 2147483647 * MS, 0 },
	{ RILL_LINGER2_US, 0, 3600 * S, 60 * S },
	{ RILL_MSL_US, 1 * MS, 240 * S, 30 * S },
	{ RILL_RTO_INITIAL_US, 1 * MS, 60 * S, 1 * S },
	{ RILL_RTO_MIN_US, 50, 60 * S, 1 * MS },
	{ RILL_RTO_MAX_US, 1 * S, 600 * S, 120 * S },
	{ RILL_DELACK_MAX_US, 0, 500 * MS, 1 * MS },
	{ RILL_SYN_RETRIES, 1, 127, 6 },
	{ RILL_SYNACK_RETRIES, 0, 127, 5 },
	{ RILL_RETRIES2, 1, 255, 15 },
	{ RILL_ORPHAN_RETRIES, 0, 255, 8 },
	{ RILL_INIT_CWND, 1, 1000, 10 },
};

static int set_sized(struct socket *sock, int name, void *val, int len)
{
	return sock->ops->setsockopt(sock, SOL_RILL, name, KERNEL_SOCKPTR(val),
				     len);
}

static int set_wide(struct kunit *test, int name, s64 val)
{
	struct sockets *fix = test->priv;

	return set_sized(fix->rill, name, &val, sizeof(val));
}

static int set_int(struct kunit *test, int name, int val)
{
	struct sockets *fix = test->priv;

	return set_sized(fix->rill, name, &val, sizeof(val));
}

static int set_tcp(struct kunit *test, int name, int val)
{
	struct sockets *fix = test->priv;

	return fix->rill->ops->setsockopt(fix->rill, SOL_TCP, name,
					  KERNEL_SOCKPTR(&val), sizeof(val));
}

/* The value in force, or -errno. */
static s64 get(struct kunit *test, int name)
{
	struct sockets *fix = test->priv;
	s64 val = 0;
	int err;

	lock_sock(fix->rill->sk);
	err = rill_setting_get(fix->rill->sk, name, &val);
	release_sock(fix->rill->sk);
	return err ?: val;
}

static void ranges_are_those_of_the_tunables(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		int name = ranges[i].name;

		KUNIT_EXPECT_EQ_MSG(test, get(test, name), ranges[i].usual,
				    "option %d", name);
		KUNIT_EXPECT_EQ_MSG(test, set_wide(test, name, ranges[i].least),
				    0, "option %d", name);
		KUNIT_EXPECT_EQ_MSG(test, get(test, name), ranges[i].least,
				    "option %d", name);
		KUNIT_EXPECT_EQ_MSG(test, set_wide(test, name, ranges[i].most),
				    0, "option %d", name);
		KUNIT_EXPECT_EQ_MSG(test, get(test, name), ranges[i].most,
				    "option %d", name);
	}
}

static void out_of_range_is_refused(struct kunit *test)
{
	static const s64 never[] = {
		-2, -3, INT_MIN, S64_MIN, S64_MAX, U32_MAX, BIT_ULL(32),
	};
	int i, j;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		int name = ranges[i].name;

		if (ranges[i].least)
			KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
					    set_wide(test, name,
						     ranges[i].least - 1),
					    "option %d", name);
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    set_wide(test, name, ranges[i].most + 1),
				    "option %d", name);
		for (j = 0; j < ARRAY_SIZE(never); j++) {
			if (never[j] == RILL_LINGER2_NONE &&
			    name == RILL_LINGER2_US)
				continue;
			if (never[j] > 0 && never[j] <= ranges[i].most)
				continue;
			KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
					    set_wide(test, name, never[j]),
					    "option %d to %lld", name,
					    never[j]);
		}
		KUNIT_EXPECT_EQ_MSG(test, get(test, name), ranges[i].usual,
				    "option %d", name);
	}
}

/* Each option can return to the tunable, and follows it from then on. */
static void default_is_the_tunable(struct kunit *test)
{
	struct rill_tunables *t = &rill_net(rill_kunit_net)->tunables;
	int i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		int name = ranges[i].name;

		KUNIT_EXPECT_EQ(test, set_wide(test, name, ranges[i].most), 0);
		KUNIT_EXPECT_EQ(test, set_wide(test, name, RILL_DEFAULT), 0);
		KUNIT_EXPECT_EQ_MSG(test, get(test, name), ranges[i].usual,
				    "option %d", name);
		KUNIT_EXPECT_EQ(test, set_int(test, name, ranges[i].least), 0);
		KUNIT_EXPECT_EQ_MSG(test, get(test, name), ranges[i].least,
				    "option %d", name);
		KUNIT_EXPECT_EQ(test, set_int(test, name, RILL_DEFAULT), 0);
		KUNIT_EXPECT_EQ_MSG(test, get(test, name), ranges[i].usual,
				    "option %d", name);
	}
	WRITE_ONCE(t->msl_ms, 17);
	WRITE_ONCE(t->synack_retries, 3);
	KUNIT_EXPECT_EQ(test, get(test, RILL_MSL_US), 17 * MS);
	KUNIT_EXPECT_EQ(test, get(test, RILL_SYNACK_RETRIES), 3);
	/* A value of the socket's own does not follow it. */
	KUNIT_EXPECT_EQ(test, set_int(test, RILL_SYNACK_RETRIES, 0), 0);
	KUNIT_EXPECT_EQ(test, get(test, RILL_SYNACK_RETRIES), 0);
	rill_tunables_init(t);
	KUNIT_EXPECT_EQ(test, get(test, RILL_MSL_US), 30 * S);
}

static void sizes(struct kunit *test)
{
	struct sockets *fix = test->priv;
	s64 wide[2] = { 1500, 0 };
	int len, want;

	for (len = 0; len <= sizeof(wide); len++) {
		want = len == sizeof(int) || len == sizeof(s64) ? 0 : -EINVAL;
		KUNIT_EXPECT_EQ_MSG(test, want,
				    set_sized(fix->rill, RILL_KEEPIDLE_US,
					      wide, len), "%d bytes", len);
	}
	KUNIT_EXPECT_EQ(test, get(test, RILL_KEEPIDLE_US), 1500);
	/* 2^32 + 1500: as an int it would be taken for 1500. */
	wide[0] += BIT_ULL(32);
	KUNIT_EXPECT_EQ(test, set_sized(fix->rill, RILL_KEEPIDLE_US, wide,
					sizeof(s64)), 0);
	KUNIT_EXPECT_EQ(test, get(test, RILL_KEEPIDLE_US), wide[0]);
	KUNIT_EXPECT_EQ(test, set_int(test, RILL_LINGER2_US, RILL_LINGER2_NONE),
			0);
	KUNIT_EXPECT_EQ(test, get(test, RILL_LINGER2_US), RILL_LINGER2_NONE);
}

static void names_that_are_none(struct kunit *test)
{
	static const int names[] = { 0, -1, 17, 999, INT_MIN, INT_MAX };
	int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		KUNIT_EXPECT_EQ(test, set_int(test, names[i], 1), -ENOPROTOOPT);
		KUNIT_EXPECT_EQ(test, get(test, names[i]), -ENOPROTOOPT);
	}
}

/* The options of TCP and those of rill are one value in two units. */
static void seen_from_tcp(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, set_tcp(test, TCP_KEEPIDLE, 32767), 0);
	KUNIT_EXPECT_EQ(test, get(test, RILL_KEEPIDLE_US), 32767 * S);
	KUNIT_EXPECT_EQ(test, set_tcp(test, TCP_KEEPINTVL, 3), 0);
	KUNIT_EXPECT_EQ(test, get(test, RILL_KEEPINTVL_US), 3 * S);
	KUNIT_EXPECT_EQ(test, set_tcp(test, TCP_KEEPCNT, 127), 0);
	KUNIT_EXPECT_EQ(test, get(test, RILL_KEEPCNT), 127);
	KUNIT_EXPECT_EQ(test, set_tcp(test, TCP_SYNCNT, 9), 0);
	KUNIT_EXPECT_EQ(test, get(test, RILL_SYN_RETRIES), 9);
	KUNIT_EXPECT_EQ(test, set_tcp(test, TCP_USER_TIMEOUT, INT_MAX), 0);
	KUNIT_EXPECT_EQ(test, get(test, RILL_USER_TIMEOUT_US),
			2147483647 * MS);
	KUNIT_EXPECT_EQ(test, set_tcp(test, TCP_USER_TIMEOUT, 0), 0);
	KUNIT_EXPECT_EQ(test, get(test, RILL_USER_TIMEOUT_US), 0);
	KUNIT_EXPECT_EQ(test, set_tcp(test, TCP_LINGER2, 7), 0);
	KUNIT_EXPECT_EQ(test, get(test, RILL_LINGER2_US), 7 * S);
	KUNIT_EXPECT_EQ(test, set_tcp(test, TCP_LINGER2, -1), 0);
	KUNIT_EXPECT_EQ(test, get(test, RILL_LINGER2_US), RILL_LINGER2_NONE);
	KUNIT_EXPECT_EQ(test, set_tcp(test, TCP_LINGER2, 0), 0);
	KUNIT_EXPECT_EQ(test, get(test, RILL_LINGER2_US), 60 * S);
}

/* connect() to AF_UNSPEC ends the connection, and keeps the options. */
static void disconnect_keeps_them(struct kunit *test)
{
	struct sockaddr_in nobody = { .sin_family = AF_UNSPEC };
	struct sockets *fix = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		KUNIT_EXPECT_EQ(test, set_wide(test, ranges[i].name,
					       ranges[i].most), 0);
	KUNIT_EXPECT_EQ(test, kernel_connect(fix->rill,
					     (struct rill_sockaddr *)&nobody,
					     sizeof(nobody), 0), 0);
	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		KUNIT_EXPECT_EQ_MSG(test, get(test, ranges[i].name),
				    ranges[i].most, "option %d",
				    ranges[i].name);
	/* The next connection takes its window from them. */
	KUNIT_EXPECT_EQ(test, rill_sk(fix->rill->sk)->cc.init_cwnd, 1000);
	KUNIT_EXPECT_EQ(test, rill_sk(fix->rill->sk)->rtt.rto_us, 60 * S);
	KUNIT_EXPECT_EQ(test, rill_sk(fix->rill->sk)->agreed.delack_us,
			500 * MS);
}

static void sockets_do_not_share_them(struct kunit *test)
{
	struct sockets *fix = test->priv;
	s64 val;

	KUNIT_EXPECT_EQ(test, set_int(test, RILL_MSL_US, 1234), 0);
	lock_sock(fix->rill6->sk);
	KUNIT_EXPECT_EQ(test, rill_setting_get(fix->rill6->sk, RILL_MSL_US,
					       &val), 0);
	release_sock(fix->rill6->sk);
	KUNIT_EXPECT_EQ(test, val, 30 * S);
}

static struct kunit_case setting_cases[] = {
	KUNIT_CASE(ranges_are_those_of_the_tunables),
	KUNIT_CASE(out_of_range_is_refused),
	KUNIT_CASE(default_is_the_tunable),
	KUNIT_CASE(sizes),
	KUNIT_CASE(names_that_are_none),
	KUNIT_CASE(seen_from_tcp),
	KUNIT_CASE(disconnect_keeps_them),
	KUNIT_CASE(sockets_do_not_share_them),
	{}
};

static struct kunit_suite setting_suite = {
	.name = "rill_setting",
	.init = sockets_init,
	.exit = sockets_exit,
	.test_cases = setting_cases,
};

kunit_test_suite(setting_suite);
