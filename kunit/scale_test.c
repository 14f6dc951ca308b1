// SPDX-License-Identifier: GPL-2.0
/*
 * A hundred thousand of each: the end of a namespace. Work is counted in steps
 * (search_steps), not in time. bind(), connect() and listeners are in
 * port_test.c, the table alone in table_test.c.
 */
#include <kunit/test.h>
#include <linux/in.h>
#include <linux/net.h>
#include <net/rill.h>

#define SCALE_PORT	7001
#define SCALE_CROWD	100000
#define SCALE_STEPS	8	/* places looked at for each, at most */

/* Let a socket go through connection number @n, to its TIME_WAIT. */
static void scale_timewait(struct kunit *test, struct sock *sk, u32 n)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_key key = {};

	ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), &key.laddr);
	ipv6_addr_set_v4mapped(htonl(0x0a000000 + n), &key.raddr);
	key.lport = htons(SCALE_PORT);
	key.rport = htons(80);
	lock_sock(sk);
	rs->entry.key = key;
	rs->entry.kind = RILL_KIND_SOCK;
	rs->entry.family = AF_INET;
	rs->af = rill_af(AF_INET);
	KUNIT_EXPECT_EQ(test, rill_table_insert(rs->rnet, &rs->entry), 0);
	rs->hashed = true;
	sk->sk_state = TCP_FIN_WAIT2;
	rill_timewait_enter(sk, TCP_TIME_WAIT);
	release_sock(sk);
}

static void scale_end_of_timewaits(struct kunit *test)
{
	struct rill_net *rnet = rill_net(rill_kunit_net);
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(SCALE_PORT),
	};
	struct socket *sock;
	u64 before;
	u32 i;

	KUNIT_ASSERT_EQ(test, sock_create_kern(rill_kunit_net, AF_INET,
					       SOCK_STREAM, rill_protocol,
					       &sock), 0);
	KUNIT_EXPECT_EQ(test, kernel_bind(sock, (struct sockaddr *)&sin,
					  sizeof(sin)), 0);
	before = rill_counter_read(rnet, RILL_CNT_search_steps);
	for (i = 0; i < SCALE_CROWD; i++) {
		scale_timewait(test, sock->sk, i);
		cond_resched();
	}
	sock_release(sock);
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->timewaits), SCALE_CROWD);
	rill_net_close_all(rnet);
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->timewaits), 0);
	KUNIT_EXPECT_LT(test,
			rill_counter_read(rnet, RILL_CNT_search_steps) - before,
			(u64)SCALE_STEPS * SCALE_CROWD);
	KUNIT_EXPECT_TRUE(test, rill_port_idle(rnet));
}

static struct kunit_case rill_scale_cases[] = {
	KUNIT_CASE(scale_end_of_timewaits),
	{}
};

static struct kunit_suite rill_scale_suite = {
	.name = "rill_scale",
	.test_cases = rill_scale_cases,
};

kunit_test_suite(rill_scale_suite);
