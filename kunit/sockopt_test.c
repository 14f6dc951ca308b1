// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options: module/socket/sockopt.c.
 *
 * The rules of what is refused are not repeated here: the same calls are made
 * on TCP's sockets, and each errno must be theirs.
 */
#include <linux/in6.h>
#include <linux/tcp.h>
#include <net/tcp.h>
#include "../module/socket/inside.h"
#include "../module/transfer/inside.h"
#include "sockets.h"

#define OPTION_UNKNOWN	999

static struct rill_sock *option_sk(struct kunit *test)
{
	struct sockets *fix = test->priv;

	return rill_sk(fix->rill->sk);
}

static int option_set_on(struct socket *sock, int level, int name, int val)
{
	return sock->ops->setsockopt(sock, level, name, KERNEL_SOCKPTR(&val),
				     sizeof(val));
}

static int option_set(struct kunit *test, int name, int val)
{
	struct sockets *fix = test->priv;

	return option_set_on(fix->rill, SOL_TCP, name, val);
}

static const int option_names[] = {
	TCP_NODELAY, TCP_CORK, TCP_MAXSEG, TCP_KEEPIDLE, TCP_KEEPINTVL,
	TCP_KEEPCNT, TCP_SYNCNT, TCP_LINGER2, TCP_DEFER_ACCEPT,
	TCP_WINDOW_CLAMP, TCP_QUICKACK, TCP_USER_TIMEOUT, TCP_NOTSENT_LOWAT,
	TCP_SAVE_SYN, OPTION_UNKNOWN,
};

static void option_values_are_refused_as_by_tcp(struct kunit *test)
{
	static const int values[] = {
		INT_MIN, -100, -1, 0, 1, 2, 87, 88, 120, 127, 128, 255, 256,
		32767, 32768, 65535, 65536, INT_MAX,
	};
	struct sockets *fix = test->priv;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(option_names); i++)
		for (j = 0; j < ARRAY_SIZE(values); j++)
			KUNIT_EXPECT_EQ_MSG(test,
					    option_set(test, option_names[i],
						       values[j]),
					    option_set_on(fix->tcp, SOL_TCP,
							  option_names[i],
							  values[j]),
					    "option %d to %d", option_names[i],
					    values[j]);
}

static void option_length_is_refused_as_by_tcp(struct kunit *test)
{
	struct sockets *fix = test->priv;
	long value = 1;
	int i, len;

	for (i = 0; i < ARRAY_SIZE(option_names); i++) {
		int name = option_names[i];

		for (len = 0; len <= sizeof(value); len++) {
			int tcp, rill;

			tcp = fix->tcp->ops->setsockopt(fix->tcp, SOL_TCP, name,
							KERNEL_SOCKPTR(&value),
							len);
			rill = fix->rill->ops->setsockopt(fix->rill, SOL_TCP,
							  name,
							  KERNEL_SOCKPTR(&value),
							  len);
			KUNIT_EXPECT_EQ_MSG(test, rill, tcp,
					    "option %d, %d bytes", name, len);
		}
	}
}

static void option_level_is_refused_as_by_tcp(struct kunit *test)
{
	static const int levels[] = { SOL_UDP, SOL_RAW, SOL_SCTP, 12345, -1 };
	struct sockets *fix = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(levels); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    option_set_on(fix->rill, levels[i], 1, 1),
				    option_set_on(fix->tcp, levels[i], 1, 1),
				    "level %d", levels[i]);
}

static void option_values_are_kept(struct kunit *test)
{
	struct rill_sock *rs = option_sk(test);

	KUNIT_EXPECT_EQ(test, option_set(test, TCP_NODELAY, 1), 0);
	KUNIT_EXPECT_EQ(test, rs->user.nonagle, TCP_NAGLE_OFF);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_CORK, 5), 0);
	KUNIT_EXPECT_EQ(test, rs->user.nonagle, TCP_NAGLE_OFF | TCP_NAGLE_CORK);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_NODELAY, 0), 0);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_CORK, 0), 0);
	KUNIT_EXPECT_EQ(test, rs->user.nonagle, 0);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_MAXSEG, 1000), 0);
	KUNIT_EXPECT_EQ(test, rs->user.mss, 1000);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_MAXSEG, 0), 0);
	KUNIT_EXPECT_EQ(test, rs->user.mss, 0);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_KEEPIDLE, 32767), 0);
	KUNIT_EXPECT_EQ(test, rs->own.keepalive_time_us, 32767000000ULL);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_KEEPINTVL, 3), 0);
	KUNIT_EXPECT_EQ(test, rs->own.keepalive_intvl_us, 3000000ULL);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_KEEPCNT, 4), 0);
	KUNIT_EXPECT_EQ(test, rs->own.keepalive_probes, 4);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_SYNCNT, 2), 0);
	KUNIT_EXPECT_EQ(test, rs->own.syn_retries, 2);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_USER_TIMEOUT, 250), 0);
	KUNIT_EXPECT_EQ(test, rs->user.timeout_us, 250000ULL);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_NOTSENT_LOWAT, 77), 0);
	KUNIT_EXPECT_EQ(test, rs->user.notsent_lowat, 77);
}

static void option_values_are_clamped(struct kunit *test)
{
	struct rill_sock *rs = option_sk(test);

	KUNIT_EXPECT_EQ(test, option_set(test, TCP_LINGER2, -7), 0);
	KUNIT_EXPECT_EQ(test, rs->own.fin_timeout_us,
			(u64)RILL_LINGER2_NONE);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_LINGER2, 1000), 0);
	KUNIT_EXPECT_EQ(test, rs->own.fin_timeout_us, 120000000ULL);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_LINGER2, 0), 0);
	KUNIT_EXPECT_EQ(test, rs->own.fin_timeout_us, (u64)RILL_DEFAULT);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_DEFER_ACCEPT, -1), 0);
	KUNIT_EXPECT_EQ(test, rs->user.defer_accept, 0);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_DEFER_ACCEPT, 1000), 0);
	KUNIT_EXPECT_EQ(test, rs->user.defer_accept, U8_MAX);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_WINDOW_CLAMP, 1), 0);
	KUNIT_EXPECT_EQ(test, rs->user.window_clamp, (u32)SOCK_MIN_RCVBUF / 2);
	KUNIT_EXPECT_EQ(test, option_set(test, TCP_WINDOW_CLAMP, 0), 0);
	KUNIT_EXPECT_EQ(test, rs->user.window_clamp, 0);
}

static int option_congestion(struct kunit *test, char *name, int len)
{
	struct sockets *fix = test->priv;

	return fix->rill->ops->setsockopt(fix->rill, SOL_TCP, TCP_CONGESTION,
					  KERNEL_SOCKPTR(name), len);
}

static void option_congestion_by_name(struct kunit *test)
{
	char known[TCP_CA_NAME_MAX] = {};
	char unknown[] = "no such algorithm, and a long name";

	strscpy(known, rill_cc_newreno.name, sizeof(known));
	KUNIT_EXPECT_EQ(test, option_congestion(test, known, strlen(known)), 0);
	KUNIT_EXPECT_PTR_EQ(test, option_sk(test)->cc.ops, &rill_cc_newreno);
	KUNIT_EXPECT_EQ(test, option_congestion(test, known, sizeof(known)), 0);
	KUNIT_EXPECT_EQ(test, option_congestion(test, known, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, option_congestion(test, known, 2), -ENOENT);
	KUNIT_EXPECT_EQ(test,
			option_congestion(test, unknown, sizeof(unknown)),
			-ENOENT);
	KUNIT_EXPECT_PTR_EQ(test, option_sk(test)->cc.ops, &rill_cc_newreno);
}

static void option_addrform_is_refused(struct kunit *test)
{
	struct sockets *fix = test->priv;
	struct sock *sk = fix->rill6->sk;
	int v6only = 1;

	KUNIT_EXPECT_EQ(test, option_set_on(fix->rill6, SOL_IPV6, IPV6_ADDRFORM,
					    PF_INET), -ENOPROTOOPT);
	KUNIT_EXPECT_PTR_EQ(test, sk->sk_prot, &rill6_prot);
	KUNIT_EXPECT_EQ(test, sk->sk_family, AF_INET6);
	/* The options beside it reach IPv6. */
	KUNIT_EXPECT_EQ(test, option_set_on(fix->rill6, SOL_IPV6, IPV6_V6ONLY,
					    v6only), 0);
	KUNIT_EXPECT_TRUE(test, ipv6_only_sock(sk));
}

static void option_ip_reaches_ip(struct kunit *test)
{
	struct sockets *fix = test->priv;

	KUNIT_EXPECT_EQ(test, option_set_on(fix->rill, SOL_IP, IP_TTL, 9), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(fix->rill->sk)->uc_ttl, 9);
	KUNIT_EXPECT_EQ(test, option_set_on(fix->rill, SOL_IP, IP_TTL, 999),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, option_set_on(fix->rill6, SOL_IP, IP_TTL, 8), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(fix->rill6->sk)->uc_ttl, 8);
}

static void option_info_of_new_socket(struct kunit *test)
{
	struct rill_sock *rs = option_sk(test);
	struct tcp_info info;

	memset(&info, 0xff, sizeof(info));
	rill_info(&rs->inet.sk, &info);
	KUNIT_EXPECT_EQ(test, info.tcpi_state, TCP_CLOSE);
	KUNIT_EXPECT_EQ(test, info.tcpi_rto, rs->rtt.rto_us);
	KUNIT_EXPECT_EQ(test, info.tcpi_snd_mss, rs->path.mss);
	KUNIT_EXPECT_EQ(test, info.tcpi_options, 0);
	KUNIT_EXPECT_EQ(test, info.tcpi_unacked, 0);
	KUNIT_EXPECT_EQ(test, info.tcpi_last_data_recv, 0);
	KUNIT_EXPECT_EQ(test, info.tcpi_max_pacing_rate, ~0ULL);
}

static void option_info_of_listener(struct kunit *test)
{
	struct sockets *fix = test->priv;
	struct tcp_info info;

	KUNIT_ASSERT_EQ(test, kernel_listen(fix->rill, 7), 0);
	rill_info(fix->rill->sk, &info);
	KUNIT_EXPECT_EQ(test, info.tcpi_state, TCP_LISTEN);
	KUNIT_EXPECT_EQ(test, info.tcpi_unacked, 0);
	KUNIT_EXPECT_EQ(test, info.tcpi_sacked, 7);
}

static struct kunit_case rill_sockopt_cases[] = {
	KUNIT_CASE(option_values_are_refused_as_by_tcp),
	KUNIT_CASE(option_length_is_refused_as_by_tcp),
	KUNIT_CASE(option_level_is_refused_as_by_tcp),
	KUNIT_CASE(option_values_are_kept),
	KUNIT_CASE(option_values_are_clamped),
	KUNIT_CASE(option_congestion_by_name),
	KUNIT_CASE(option_addrform_is_refused),
	KUNIT_CASE(option_ip_reaches_ip),
	KUNIT_CASE(option_info_of_new_socket),
	KUNIT_CASE(option_info_of_listener),
	{}
};

static struct kunit_suite rill_sockopt_suite = {
	.name = "rill_sockopt",
	.init = sockets_init,
	.exit = sockets_exit,
	.test_cases = rill_sockopt_cases,
};

kunit_test_suite(rill_sockopt_suite);
