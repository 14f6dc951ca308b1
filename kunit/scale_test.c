// SPDX-License-Identifier: GPL-2.0
/*
 * A listener and a namespace end with a hundred thousand entries. Work is
 * counted in steps (search_steps), not in time. port_test.c does the same for
 * bind(), connect() and listen(), table_test.c for the table alone.
 *
 * Segments make the half-open entries and children, as everywhere. There is no
 * route to their peers, so that no answer goes out.
 */
#include <kunit/test.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/net.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include "../module/compat.h"
#include "../module/connection/inside.h"
#include "../module/control/inside.h"
#include "../module/network/inside.h"

#define SCALE_PORT	7001
#define SCALE_PEER	0x0a000000	/* 10.0.0.0, and those that follow */
#define SCALE_CROWD	100000
#define SCALE_STEPS	8	/* places looked at for each, at most */
#define SCALE_ROUND	1024	/* of them, until what was freed is given back */

/* The connection of peer number @n. */
static void scale_key(struct rill_key *key, u32 n)
{
	memset(key, 0, sizeof(*key));
	ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), &key->laddr);
	ipv6_addr_set_v4mapped(htonl(SCALE_PEER + n), &key->raddr);
	key->lport = htons(SCALE_PORT);
	key->rport = htons(80);
}

static u64 scale_steps(void)
{
	return rill_counter_read(rill_net(rill_kunit_net),
				 RILL_CNT_search_steps);
}

/* Let others run, and RCU, which frees nothing on one busy CPU by itself. */
static void scale_breathe(u32 n)
{
	if (n % SCALE_ROUND)
		cond_resched();
	else
		rcu_barrier();
}

/* Take a socket through connection number @n, to its TIME_WAIT. */
static void scale_timewait(struct kunit *test, struct sock *sk, u32 n)
{
	struct rill_sock *rs = rill_sk(sk);
	struct rill_key key;

	scale_key(&key, n);
	lock_sock(sk);
	rs->entry.key = key;
	rs->entry.kind = RILL_KIND_SOCK;
	rs->entry.family = AF_INET;
	rs->af = rill_af(AF_INET);
	KUNIT_EXPECT_EQ(test, rill_table_insert(rs->rnet, &rs->entry), 0);
	rs->hashed = true;
	sk->sk_state = TCP_FIN_WAIT2;
	rill_sock_wait(sk, TCP_TIME_WAIT);
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
	KUNIT_EXPECT_EQ(test, kernel_bind(sock, (struct rill_sockaddr *)&sin,
					  sizeof(sin)), 0);
	before = scale_steps();
	for (i = 0; i < SCALE_CROWD; i++) {
		scale_timewait(test, sock->sk, i);
		cond_resched();
	}
	sock_release(sock);
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->timewaits), SCALE_CROWD);
	rill_net_close_all(rnet);
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->timewaits), 0);
	KUNIT_EXPECT_LT(test, scale_steps() - before,
			(u64)SCALE_STEPS * SCALE_CROWD);
	KUNIT_EXPECT_TRUE(test, rill_port_idle(rnet));
}

/* ---- connections of a listener ----------------------------------------- */

/**
 * struct scale_fixture - what a case of a listener has
 * @sock: the listener, until it is closed
 * @skb: every segment to it: to make one each would be most of the time
 * @own: the tunables of the namespace, put back by the suite's exit
 * @host: those of the first namespace, which limit all others
 */
struct scale_fixture {
	struct socket *sock;
	struct sk_buff *skb;
	struct rill_tunables own;
	struct rill_tunables host;
};

static void scale_raise(struct rill_tunables *t)
{
	t->syn_backlog_max = SCALE_CROWD;
	t->max_orphans = SCALE_CROWD;
	/*
	 * A connection beyond a limit must fail, and not be opened by a cookie.
	 */
	t->syncookies = RILL_COOKIES_NEVER;
}

static struct sk_buff *scale_skb(void)
{
	struct sk_buff *skb = alloc_skb(sizeof(struct iphdr) +
					sizeof(struct tcphdr), GFP_KERNEL);

	if (!skb)
		return NULL;
	skb_reset_network_header(skb);
	skb_put_zero(skb, sizeof(struct iphdr));
	skb_pull(skb, sizeof(struct iphdr));
	skb_reset_transport_header(skb);
	skb_put_zero(skb, sizeof(struct tcphdr));
	skb->protocol = htons(ETH_P_IP);
	skb->pkt_type = PACKET_HOST;
	skb->skb_iif = LOOPBACK_IFINDEX;
	return skb;
}

static int scale_init(struct kunit *test)
{
	struct scale_fixture *fix;

	fix = kunit_kzalloc(test, sizeof(*fix), GFP_KERNEL);
	if (!fix)
		return -ENOMEM;
	fix->skb = scale_skb();
	if (!fix->skb)
		return -ENOMEM;
	fix->own = rill_net(rill_kunit_net)->tunables;
	fix->host = rill_net(&init_net)->tunables;
	scale_raise(&rill_net(rill_kunit_net)->tunables);
	scale_raise(&rill_net(&init_net)->tunables);
	test->priv = fix;
	return 0;
}

static void scale_close(struct scale_fixture *fix)
{
	if (fix->sock)
		sock_release(fix->sock);
	fix->sock = NULL;
}

static void scale_exit(struct kunit *test)
{
	struct scale_fixture *fix = test->priv;

	if (!fix)
		return;
	scale_close(fix);
	kfree_skb(fix->skb);
	rill_net_close_all(rill_net(rill_kunit_net));
	rill_net(rill_kunit_net)->tunables = fix->own;
	rill_net(&init_net)->tunables = fix->host;
	/* The next case needs the memory. */
	rcu_barrier();
}

static void scale_listen(struct kunit *test)
{
	struct scale_fixture *fix = test->priv;
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(SCALE_PORT),
	};

	KUNIT_ASSERT_EQ(test, sock_create_kern(rill_kunit_net, AF_INET,
					       SOCK_STREAM, rill_protocol,
					       &fix->sock), 0);
	KUNIT_ASSERT_EQ(test, kernel_bind(fix->sock, (struct rill_sockaddr *)&sin,
					  sizeof(sin)), 0);
	KUNIT_ASSERT_EQ(test, kernel_listen(fix->sock, SCALE_CROWD), 0);
}

/* Deliver a segment without data from peer number @n, as the IP layer does. */
static void scale_fill(struct sk_buff *skb, u32 n, u32 seq, u32 ack, u8 flags)
{
	struct tcphdr *th = tcp_hdr(skb);
	struct iphdr *iph = ip_hdr(skb);

	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->ttl = 64;
	iph->protocol = rill_protocol;
	iph->tot_len = htons(sizeof(*iph) + sizeof(*th));
	iph->saddr = htonl(SCALE_PEER + n);
	iph->daddr = htonl(INADDR_LOOPBACK);
	th->source = htons(80);
	th->dest = htons(SCALE_PORT);
	th->seq = htonl(seq);
	th->ack_seq = htonl(ack);
	th->doff = sizeof(*th) / 4;
	th->syn = !!(flags & RILL_SYN);
	th->ack = !!(flags & RILL_ACK);
	th->window = htons(U16_MAX);
}

/* Without data the packet is not kept. */
static void scale_inject(struct sk_buff *skb, u32 n, u32 seq, u32 ack, u8 flags)
{
	scale_fill(skb, n, seq, ack, flags);
	memset(skb->cb, 0, sizeof(skb->cb));
	/* Used up when it is looked at. */
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->dev = rill_kunit_net->loopback_dev;
	local_bh_disable();
	rcu_read_lock();
	rill_rcv(skb_get(skb), rill_af(AF_INET));
	rcu_read_unlock();
	local_bh_enable();
}

/* The sequence number of our SYN-ACK to peer number @n, 0 if there is none. */
static u32 scale_iss(u32 n)
{
	struct rill_entry *entry;
	struct rill_key key;
	u32 iss = 0;

	scale_key(&key, n);
	rcu_read_lock();
	entry = rill_table_lookup(rill_net(rill_kunit_net), &key);
	if (entry && entry->kind == RILL_KIND_REQUEST)
		iss = container_of(entry, struct rill_request, entry)->iss;
	rcu_read_unlock();
	return iss;
}

/* The SYNs of @n peers, and nothing more. */
static void scale_knock(struct kunit *test, u32 n)
{
	struct rill_net *rnet = rill_net(rill_kunit_net);
	struct scale_fixture *fix = test->priv;
	u32 i;

	scale_listen(test);
	for (i = 0; i < n; i++) {
		scale_inject(fix->skb, i, 1000, 0, RILL_SYN);
		scale_breathe(i);
	}
	KUNIT_ASSERT_EQ(test, atomic_read(&rnet->requests), n);
}

/* The whole handshakes of @n peers, from number @from on. */
static void scale_connect(struct sk_buff *skb, u32 from, u32 n)
{
	u32 i;

	for (i = from; i < from + n; i++) {
		scale_inject(skb, i, 1000, 0, RILL_SYN);
		scale_inject(skb, i, 1001, scale_iss(i) + 1, RILL_ACK);
		scale_breathe(i);
	}
}

static void scale_all_gone(struct kunit *test)
{
	struct rill_net *rnet = rill_net(rill_kunit_net);

	KUNIT_EXPECT_TRUE(test, rill_table_empty(rnet));
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->requests), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->orphans), 0);
	KUNIT_EXPECT_TRUE(test, rill_port_idle(rnet));
}

static void scale_half_open_end_of_listener(struct kunit *test)
{
	u64 before;

	scale_knock(test, SCALE_CROWD);
	before = scale_steps();
	scale_close(test->priv);
	KUNIT_EXPECT_GE(test, scale_steps() - before, (u64)SCALE_CROWD);
	KUNIT_EXPECT_LT(test, scale_steps() - before,
			(u64)SCALE_STEPS * SCALE_CROWD);
	scale_all_gone(test);
}

static void scale_half_open_end_of_namespace(struct kunit *test)
{
	struct scale_fixture *fix = test->priv;
	struct rill_listener *l;
	u64 before;

	scale_knock(test, SCALE_CROWD);
	l = rill_sk(fix->sock->sk)->listener;
	before = scale_steps();
	rill_net_close_all(rill_net(rill_kunit_net));
	KUNIT_EXPECT_LT(test, scale_steps() - before,
			(u64)SCALE_STEPS * SCALE_CROWD);
	KUNIT_EXPECT_EQ(test, atomic_read(&l->request_len), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&l->requests));
	scale_close(fix);
	scale_all_gone(test);
}

static void scale_children_end_of_listener(struct kunit *test)
{
	struct scale_fixture *fix = test->priv;
	struct rill_listener *l;
	u64 before;

	scale_listen(test);
	before = scale_steps();
	scale_connect(fix->skb, 0, SCALE_CROWD);
	KUNIT_EXPECT_LT(test, scale_steps() - before,
			(u64)SCALE_STEPS * SCALE_CROWD);
	l = rill_sk(fix->sock->sk)->listener;
	KUNIT_EXPECT_EQ(test, atomic_read(&l->accept_len), SCALE_CROWD);
	before = scale_steps();
	scale_close(fix);
	KUNIT_EXPECT_GE(test, scale_steps() - before, (u64)SCALE_CROWD);
	KUNIT_EXPECT_LT(test, scale_steps() - before,
			(u64)SCALE_STEPS * SCALE_CROWD);
	scale_all_gone(test);
}

/* accept() and close() of the oldest child; its FIN reaches nobody. */
static bool scale_orphan(struct socket *listener)
{
	struct socket *sock;

	if (kernel_accept(listener, &sock, O_NONBLOCK))
		return false;
	sock_release(sock);
	return true;
}

static void scale_orphans_end_of_namespace(struct kunit *test)
{
	struct rill_net *rnet = rill_net(rill_kunit_net);
	struct scale_fixture *fix = test->priv;
	u64 before;
	u32 i;

	scale_listen(test);
	for (i = 0; i < SCALE_CROWD; i++) {
		scale_connect(fix->skb, i, 1);
		if (!scale_orphan(fix->sock))
			break;
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&rnet->orphans), SCALE_CROWD);
	scale_close(fix);
	before = scale_steps();
	rill_net_close_all(rnet);
	KUNIT_EXPECT_LT(test, scale_steps() - before,
			(u64)SCALE_STEPS * SCALE_CROWD);
	scale_all_gone(test);
}

static struct kunit_case rill_scale_cases[] = {
	KUNIT_CASE(scale_end_of_timewaits),
	KUNIT_CASE(scale_half_open_end_of_listener),
	KUNIT_CASE(scale_half_open_end_of_namespace),
	KUNIT_CASE(scale_children_end_of_listener),
	KUNIT_CASE(scale_orphans_end_of_namespace),
	{}
};

static struct kunit_suite rill_scale_suite = {
	.name = "rill_scale",
	.init = scale_init,
	.exit = scale_exit,
	.test_cases = rill_scale_cases,
};

kunit_test_suite(rill_scale_suite);
