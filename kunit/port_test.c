// SPDX-License-Identifier: GPL-2.0
/*
 * Local ports: module/network/port.c.
 *
 * The rules of who may share a port are not repeated here: the same calls are
 * made on TCP's sockets, and each errno must be theirs. The addresses need not
 * exist: IP_FREEBIND lets a socket bind to any.
 */
#include <kunit/test.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <net/ip.h>
#include "../module/compat.h"
#include "../module/connection/inside.h"
#include "../module/control/inside.h"
#include "../module/network/inside.h"

#define PORT_TEST	7001	/* outside the ephemeral range */
#define PORT_LOW	40000	/* a range of four ports within it */
#define PORT_HIGH	40003
#define PORT_RANGE	(PORT_HIGH - PORT_LOW + 1)
#define PORT_OPT_RANGE	51	/* IP_LOCAL_PORT_RANGE of newer headers */

enum port_address {
	PORT_V4_ANY,
	PORT_V4_A,
	PORT_V4_B,
	PORT_V6_ANY,
	PORT_V6_ANY_ONLY,	/* IPV6_V6ONLY */
	PORT_V6_A,
	PORT_V6_B,
	PORT_MAPPED_A,		/* ::ffff:PORT_V4_A */
	PORT_ADDRESSES
};

static const char * const port_addresses[] = {
	"0.0.0.0", "127.0.0.1", "127.0.0.2", "[::]", "[::] v6only",
	"[2001:db8::1]", "[2001:db8::2]", "[::ffff:127.0.0.1]",
};

static const struct in6_addr port_v6_a = { { {
	0x20, 0x01, 0x0d, 0xb8, [15] = 1
} } };

static const struct in6_addr port_v6_b = { { {
	0x20, 0x01, 0x0d, 0xb8, [15] = 2
} } };

/* What one socket asks for. */
struct port_owner {
	enum port_address address;
	bool reuse;
	bool reuseport;
	int dev;
	u32 uid;
	bool listens;
};

#define PORT_SOCKS	16

/**
 * struct port_fixture - what a case has opened
 * @socks: open sockets, closed by the suite's exit
 * @nsocks: how many
 * @rnet: of the namespace
 */
struct port_fixture {
	struct socket *socks[PORT_SOCKS];
	unsigned int nsocks;
	struct rill_net *rnet;
};

static int port_test_init(struct kunit *test)
{
	struct port_fixture *fix;

	fix = kunit_kzalloc(test, sizeof(*fix), GFP_KERNEL);
	if (!fix)
		return -ENOMEM;
	fix->rnet = rill_net(rill_kunit_net);
	test->priv = fix;
	return 0;
}

/* A socket that is only half of a connection leaves the table by hand. */
static void port_disconnect(struct rill_net *rnet, struct sock *sk)
{
	lock_sock(sk);
	if (rill_sk(sk)->hashed) {
		rill_table_remove(rnet, &rill_sk(sk)->entry);
		rill_sk(sk)->hashed = false;
	}
	if (rill_sk(sk)->bind.ephemeral)
		rill_port_put(rnet, &rill_sk(sk)->bind);
	release_sock(sk);
}

static void port_close_all(struct port_fixture *fix)
{
	while (fix->nsocks) {
		struct socket *sock = fix->socks[--fix->nsocks];

		if (sock->sk->sk_protocol == rill_protocol)
			port_disconnect(fix->rnet, sock->sk);
		sock_release(sock);
	}
}

static void port_test_exit(struct kunit *test)
{
	if (test->priv)
		port_close_all(test->priv);
}

/* ---- sockets ----------------------------------------------------------- */

static struct socket *port_socket(struct kunit *test, int family, int protocol)
{
	struct port_fixture *fix = test->priv;
	struct socket *sock;

	KUNIT_ASSERT_LT(test, fix->nsocks, PORT_SOCKS);
	KUNIT_ASSERT_EQ(test, sock_create_kern(rill_kunit_net, family,
					       SOCK_STREAM, protocol, &sock),
			0);
	fix->socks[fix->nsocks++] = sock;
	ip_sock_set_freebind(sock->sk);
	return sock;
}

static int port_family(enum port_address address)
{
	return address < PORT_V6_ANY ? AF_INET : AF_INET6;
}

static int port_sockaddr(enum port_address address, u16 num,
			 struct sockaddr_storage *to)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *sin = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*to));
	if (port_family(address) == AF_INET) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons(num);
		if (address != PORT_V4_ANY)
			sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK + address -
						     PORT_V4_A);
		return sizeof(*sin);
	}

	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(num);
	if (address == PORT_V6_A)
		sin6->sin6_addr = port_v6_a;
	else if (address == PORT_V6_B)
		sin6->sin6_addr = port_v6_b;
	else if (address == PORT_MAPPED_A)
		ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK),
				       &sin6->sin6_addr);
	return sizeof(*sin6);
}

static int port_bind(struct socket *sock, enum port_address address, u16 num)
{
	struct sockaddr_storage addr;
	int len = port_sockaddr(address, num, &addr);

	return kernel_bind(sock, (struct rill_sockaddr *)&addr, len);
}

static struct socket *port_open(struct kunit *test, int protocol,
				const struct port_owner *owner)
{
	struct socket *sock = port_socket(test, port_family(owner->address),
					  protocol);
	struct sock *sk = sock->sk;

	sk->sk_reuse = owner->reuse ? SK_CAN_REUSE : SK_NO_REUSE;
	sk->sk_reuseport = owner->reuseport;
	sk->sk_ipv6only = owner->address == PORT_V6_ANY_ONLY;
	sk->sk_bound_dev_if = owner->dev;
	SOCK_INODE(sock)->i_uid = make_kuid(&init_user_ns, owner->uid);
	/* As fchown() does: later kernels' TCP asks the socket. */
	WRITE_ONCE(sk->sk_uid, SOCK_INODE(sock)->i_uid);
	return sock;
}

/* Narrow the socket's ephemeral range to four ports. */
static void port_narrow(struct kunit *test, struct socket *sock)
{
	u32 range = PORT_HIGH << 16 | PORT_LOW;

	KUNIT_ASSERT_EQ(test, sock->ops->setsockopt(sock, SOL_IP,
						    PORT_OPT_RANGE,
						    KERNEL_SOCKPTR(&range),
						    sizeof(range)), 0);
}

/* ---- bind() and listen() against TCP's --------------------------------- */

struct port_outcome {
	int bind;
	int listen;
};

/* What bind() returns for the second owner of the port, beside the first. */
static void port_second(struct kunit *test, int protocol,
			const struct port_owner *first,
			const struct port_owner *second,
			struct port_outcome *outcome)
{
	struct socket *sock = port_open(test, protocol, first);

	KUNIT_ASSERT_EQ(test, port_bind(sock, first->address, PORT_TEST), 0);
	if (first->listens)
		KUNIT_ASSERT_EQ(test, kernel_listen(sock, 1), 0);

	sock = port_open(test, protocol, second);
	outcome->bind = port_bind(sock, second->address, PORT_TEST);
	outcome->listen = outcome->bind ? 0 : kernel_listen(sock, 1);
	port_close_all(test->priv);
}

static void port_compare(struct kunit *test, const struct port_owner *first,
			 const struct port_owner *second)
{
	struct port_outcome tcp, rill;

	port_second(test, IPPROTO_TCP, first, second, &tcp);
	port_second(test, rill_protocol, first, second, &rill);
	if (tcp.bind == rill.bind && tcp.listen == rill.listen)
		return;

	KUNIT_FAIL(test,
		   "%s%s%s%s dev %d uid %u, then %s%s%s dev %d uid %u: TCP bind %d listen %d, rill bind %d listen %d",
		   port_addresses[first->address],
		   first->reuse ? " reuse" : "",
		   first->reuseport ? " reuseport" : "",
		   first->listens ? " listening" : "", first->dev, first->uid,
		   port_addresses[second->address],
		   second->reuse ? " reuse" : "",
		   second->reuseport ? " reuseport" : "", second->dev,
		   second->uid, tcp.bind, tcp.listen, rill.bind, rill.listen);
}

/* Bits 0 to 4 of @which are options of both. */
static void port_compare_options(struct kunit *test, struct port_owner *first,
				 struct port_owner *second)
{
	unsigned int which;

	for (which = 0; which < 32; which++) {
		first->reuse = which & 1;
		second->reuse = which & 2;
		first->reuseport = which & 4;
		second->reuseport = which & 8;
		first->listens = which & 16;
		port_compare(test, first, second);
	}
}

static void port_conflicts_by_address_are_tcps(struct kunit *test)
{
	struct port_owner first = {}, second = {};
	unsigned int a, b;

	for (a = 0; a < PORT_ADDRESSES; a++) {
		for (b = 0; b < PORT_ADDRESSES; b++) {
			first.address = a;
			second.address = b;
			port_compare_options(test, &first, &second);
		}
	}
}

static void port_conflicts_by_device_are_tcps(struct kunit *test)
{
	/*
	 * The second address does not exist, which bind() does not mind here.
	 */
	static const int devs[] = { 0, LOOPBACK_IFINDEX, 100 };
	static const enum port_address addresses[] = {
		PORT_V4_ANY, PORT_V4_A, PORT_V6_ANY,
	};
	unsigned int a, b, i;

	for (a = 0; a < ARRAY_SIZE(devs); a++) {
		for (b = 0; b < ARRAY_SIZE(devs); b++) {
			for (i = 0; i < ARRAY_SIZE(addresses); i++) {
				struct port_owner first = {
					.address = addresses[i],
					.dev = devs[a],
				};
				struct port_owner second = {
					.address = PORT_V4_ANY,
					.dev = devs[b],
				};

				port_compare_options(test, &first, &second);
			}
		}
	}
}

static void port_conflicts_by_user_are_tcps(struct kunit *test)
{
	static const enum port_address addresses[] = {
		PORT_V4_ANY, PORT_V4_A, PORT_V6_ANY,
	};
	unsigned int a, b;

	for (a = 0; a < ARRAY_SIZE(addresses); a++) {
		for (b = 0; b < ARRAY_SIZE(addresses); b++) {
			struct port_owner first = {
				.address = addresses[a],
				.uid = 1000,
			};
			struct port_owner second = {
				.address = addresses[b],
				.uid = 1001,
			};

			port_compare_options(test, &first, &second);
		}
	}
}

static void port_is_free_again_after_close(struct kunit *test)
{
	const struct port_owner owner = { .address = PORT_V4_ANY };
	struct socket *sock;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		sock = port_open(test, rill_protocol, &owner);
		KUNIT_EXPECT_EQ(test, port_bind(sock, PORT_V4_ANY, PORT_TEST),
				0);
		KUNIT_EXPECT_EQ(test, inet_sk(sock->sk)->inet_num, PORT_TEST);
		port_close_all(test->priv);
	}
}

/* As many connections as there are ports; the next must fail as TCP's does. */
static void port_bind_zero_exhausts_the_range(struct kunit *test, int protocol,
					      bool reuse)
{
	const struct port_owner owner = {
		.address = PORT_V4_ANY,
		.reuse = reuse,
	};
	unsigned int seen = 0, i;
	struct socket *sock;

	for (i = 0; i < PORT_RANGE; i++) {
		sock = port_open(test, protocol, &owner);
		port_narrow(test, sock);
		KUNIT_ASSERT_EQ(test, port_bind(sock, PORT_V4_ANY, 0), 0);
		KUNIT_ASSERT_GE(test, inet_sk(sock->sk)->inet_num, PORT_LOW);
		KUNIT_ASSERT_LE(test, inet_sk(sock->sk)->inet_num, PORT_HIGH);
		seen |= 1U << (inet_sk(sock->sk)->inet_num - PORT_LOW);
	}
	KUNIT_EXPECT_EQ(test, seen, (1U << PORT_RANGE) - 1);

	sock = port_open(test, protocol, &owner);
	port_narrow(test, sock);
	KUNIT_EXPECT_EQ(test, port_bind(sock, PORT_V4_ANY, 0), -EADDRINUSE);
	port_close_all(test->priv);
}

static void port_bind_zero_takes_each_port_once(struct kunit *test)
{
	port_bind_zero_exhausts_the_range(test, IPPROTO_TCP, false);
	port_bind_zero_exhausts_the_range(test, rill_protocol, false);
	port_bind_zero_exhausts_the_range(test, IPPROTO_TCP, true);
	port_bind_zero_exhausts_the_range(test, rill_protocol, true);
}

static void port_bind_zero_begins_with_odd_ports(struct kunit *test)
{
	const struct port_owner owner = { .address = PORT_V4_ANY };
	struct socket *sock;
	unsigned int i;

	for (i = 0; i < PORT_RANGE / 2; i++) {
		sock = port_open(test, rill_protocol, &owner);
		port_narrow(test, sock);
		KUNIT_ASSERT_EQ(test, port_bind(sock, PORT_V4_ANY, 0), 0);
		KUNIT_EXPECT_EQ(test, inet_sk(sock->sk)->inet_num % 2, 1);
	}
}

/* ---- connect() --------------------------------------------------------- */

/* A socket that is about to connect to @rport, from the namespace's ports. */
static struct socket *port_connector_of_all(struct kunit *test, u16 rport)
{
	const struct port_owner owner = { .address = PORT_V4_ANY };
	struct socket *sock = port_open(test, rill_protocol, &owner);
	struct rill_entry *entry = &rill_sk(sock->sk)->entry;

	memset(&entry->key, 0, sizeof(entry->key));
	ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), &entry->key.laddr);
	ipv6_addr_set_v4mapped(htonl(0xc0000201), &entry->key.raddr);
	entry->key.rport = htons(rport);
	entry->kind = RILL_KIND_SOCK;
	entry->family = AF_INET;
	return sock;
}

static struct socket *port_connector(struct kunit *test, u16 rport)
{
	struct socket *sock = port_connector_of_all(test, rport);

	port_narrow(test, sock);
	return sock;
}

static int port_connect(struct socket *sock)
{
	int err;

	lock_sock(sock->sk);
	rill_sk(sock->sk)->entry.key.lport = htons(inet_sk(sock->sk)->inet_num);
	err = rill_port_connect(sock->sk, LOOPBACK_IFINDEX,
				rill_reuse_connect);
	release_sock(sock->sk);
	return err;
}

/* Connect @n sockets to @rport; the set of their ports. */
static unsigned int port_connect_many(struct kunit *test, u16 rport,
				      unsigned int n)
{
	unsigned int seen = 0;

	while (n--) {
		struct socket *sock = port_connector(test, rport);
		struct sock *sk = sock->sk;

		KUNIT_ASSERT_EQ(test, port_connect(sock), 0);
		KUNIT_EXPECT_TRUE(test, rill_sk(sk)->hashed);
		KUNIT_EXPECT_EQ(test, ntohs(inet_sk(sk)->inet_sport),
				inet_sk(sk)->inet_num);
		KUNIT_EXPECT_EQ(test, ntohs(rill_sk(sk)->entry.key.lport),
				inet_sk(sk)->inet_num);
		seen |= 1U << (inet_sk(sk)->inet_num - PORT_LOW);
	}
	return seen;
}

static void port_connect_exhausts_the_range(struct kunit *test)
{
	struct socket *sock;

	KUNIT_EXPECT_EQ(test, port_connect_many(test, 80, PORT_RANGE),
			(1U << PORT_RANGE) - 1);
	sock = port_connector(test, 80);
	KUNIT_EXPECT_EQ(test, port_connect(sock), -EADDRNOTAVAIL);
	KUNIT_EXPECT_FALSE(test, rill_sk(sock->sk)->hashed);
	KUNIT_EXPECT_EQ(test, inet_sk(sock->sk)->inet_num, 0);
	KUNIT_EXPECT_EQ(test, (__force u16)inet_sk(sock->sk)->inet_sport, 0);
}

static void port_connect_begins_with_even_ports(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, port_connect_many(test, 80, PORT_RANGE / 2),
			0x5);
}

static void port_connect_shares_ports_by_destination(struct kunit *test)
{
	unsigned int all = (1U << PORT_RANGE) - 1;

	KUNIT_EXPECT_EQ(test, port_connect_many(test, 80, PORT_RANGE), all);
	KUNIT_EXPECT_EQ(test, port_connect_many(test, 81, PORT_RANGE), all);
}

static void port_connect_leaves_bound_ports_alone(struct kunit *test)
{
	const struct port_owner owner = {
		.address = PORT_V4_B,
		.reuse = true,
	};
	struct socket *sock = port_open(test, rill_protocol, &owner);

	KUNIT_ASSERT_EQ(test, port_bind(sock, PORT_V4_B, PORT_LOW + 2), 0);
	KUNIT_EXPECT_EQ(test, port_connect_many(test, 80, PORT_RANGE - 1),
			0xb);
	sock = port_connector(test, 80);
	KUNIT_EXPECT_EQ(test, port_connect(sock), -EADDRNOTAVAIL);
}

static void port_connect_respects_reserved_ports(struct kunit *test)
{
	unsigned long *reserved;

	reserved = rill_kunit_net->ipv4.sysctl_local_reserved_ports;
	if (!reserved)
		return;

	__set_bit(PORT_LOW, reserved);
	__set_bit(PORT_LOW + 1, reserved);
	KUNIT_EXPECT_EQ(test, port_connect_many(test, 80, PORT_RANGE - 2),
			0xc);
	KUNIT_EXPECT_EQ(test, port_connect(port_connector(test, 80)),
			-EADDRNOTAVAIL);
	__clear_bit(PORT_LOW, reserved);
	__clear_bit(PORT_LOW + 1, reserved);
}

#define PORT_DESTINATIONS	64
#define PORT_FEW		8
#define PORT_CLOSE		64

/* Connect to some destinations, one after the other; the local ports. */
static void port_connect_around(struct kunit *test, u16 *nums)
{
	unsigned int i;

	for (i = 0; i < PORT_DESTINATIONS; i++) {
		struct socket *sock = port_connector_of_all(test, 1000 + i);

		KUNIT_ASSERT_EQ(test, port_connect(sock), 0);
		nums[i] = inet_sk(sock->sk)->inet_num;
		port_close_all(test->priv);
	}
}

/* Pairs of the two rows that lie within a few connections of each other. */
static unsigned int port_close_by(const u16 *a, const u16 *b, unsigned int n)
{
	unsigned int count = 0;

	while (n--)
		count += abs(a[n] - b[n]) <= PORT_CLOSE;
	return count;
}

/*
 * RFC 6056, 3.3.4: ports to one destination follow each other; without the key
 * they say nothing about those to another. Of 14,116 even ports two are close
 * by chance once in 220 times.
 */
static void port_connect_is_hard_to_predict(struct kunit *test)
{
	struct port_fixture *fix = test->priv;
	u16 first[PORT_DESTINATIONS], next[PORT_DESTINATIONS];
	siphash_key_t key = fix->rnet->port_key;

	port_connect_around(test, first);
	port_connect_around(test, next);
	KUNIT_EXPECT_GT(test, port_close_by(first, next, PORT_DESTINATIONS),
			PORT_DESTINATIONS - PORT_FEW);
	KUNIT_EXPECT_LT(test, port_close_by(next, next + 1,
					    PORT_DESTINATIONS - 1), PORT_FEW);

	fix->rnet->port_key.key[0] ^= 1;
	port_connect_around(test, next);
	fix->rnet->port_key = key;
	KUNIT_EXPECT_LT(test, port_close_by(first, next, PORT_DESTINATIONS),
			PORT_FEW);
}

/* A port that was just released is not the next to be taken. */
static void port_connect_takes_the_next_port(struct kunit *test)
{
	u16 last = 0, num;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		struct socket *sock = port_connector_of_all(test, 80);

		KUNIT_ASSERT_EQ(test, port_connect(sock), 0);
		num = inet_sk(sock->sk)->inet_num;
		KUNIT_EXPECT_NE(test, num, last);
		last = num;
		port_close_all(test->priv);
	}
}

static void port_connect_of_bound_needs_new_tuple(struct kunit *test)
{
	struct socket *first = port_connector(test, 80);
	struct socket *second = port_connector(test, 80);
	struct socket *third = port_connector(test, 81);

	first->sk->sk_reuse = SK_CAN_REUSE;
	second->sk->sk_reuse = SK_CAN_REUSE;
	third->sk->sk_reuse = SK_CAN_REUSE;
	KUNIT_ASSERT_EQ(test, port_bind(first, PORT_V4_A, PORT_TEST), 0);
	KUNIT_ASSERT_EQ(test, port_bind(second, PORT_V4_A, PORT_TEST), 0);
	KUNIT_ASSERT_EQ(test, port_bind(third, PORT_V4_A, PORT_TEST), 0);
	KUNIT_EXPECT_EQ(test, port_connect(first), 0);
	KUNIT_EXPECT_EQ(test, port_connect(second), -EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, port_connect(third), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(second->sk)->inet_num, PORT_TEST);
}

/* A listener bound to the device of the answers would get them. */
static void port_connect_beside_a_device(struct kunit *test)
{
	struct socket *first = port_connector(test, 80);
	struct socket *second = port_connector(test, 80);
	struct socket *third = port_connector(test, 80);

	first->sk->sk_reuse = SK_CAN_REUSE;
	second->sk->sk_reuse = SK_CAN_REUSE;
	KUNIT_ASSERT_EQ(test, port_bind(first, PORT_V4_A, PORT_TEST), 0);
	KUNIT_ASSERT_EQ(test, port_bind(second, PORT_V4_A, PORT_TEST), 0);
	rill_sk(first->sk)->entry.key.dev = LOOPBACK_IFINDEX;
	KUNIT_EXPECT_EQ(test, port_connect(first), 0);
	KUNIT_EXPECT_EQ(test, port_connect(second), -EADDRNOTAVAIL);
	/* A socket without a port of its own takes another. */
	KUNIT_EXPECT_EQ(test, port_connect(third), 0);
}

static void port_of_connect_conflicts_with_bind(struct kunit *test)
{
	const struct port_owner owner = { .address = PORT_V4_ANY };
	struct socket *connected = port_connector(test, 80);
	struct socket *sock = port_open(test, rill_protocol, &owner);

	KUNIT_ASSERT_EQ(test, port_connect(connected), 0);
	KUNIT_EXPECT_EQ(test, port_bind(sock, PORT_V4_ANY,
					inet_sk(connected->sk)->inet_num),
			-EADDRINUSE);
}

/* ---- children and TIME_WAIT -------------------------------------------- */

static void port_share_keeps_port_in_use(struct kunit *test)
{
	struct port_fixture *fix = test->priv;
	const struct port_owner owner = { .address = PORT_V4_ANY };
	struct socket *sock = port_open(test, rill_protocol, &owner);
	struct rill_bind tw = {};

	KUNIT_ASSERT_EQ(test, port_bind(sock, PORT_V4_ANY, PORT_TEST), 0);
	KUNIT_EXPECT_TRUE(test, rill_port_share(fix->rnet,
						&rill_sk(sock->sk)->bind,
						&tw));
	port_close_all(fix);

	sock = port_open(test, rill_protocol, &owner);
	KUNIT_EXPECT_EQ(test, port_bind(sock, PORT_V4_ANY, PORT_TEST),
			-EADDRINUSE);
	KUNIT_EXPECT_EQ(test, port_bind(sock, PORT_V4_ANY, PORT_TEST + 1), 0);
	port_close_all(fix);

	rill_port_put(fix->rnet, &tw);
	KUNIT_EXPECT_NULL(test, tw.port);
	sock = port_open(test, rill_protocol, &owner);
	KUNIT_EXPECT_EQ(test, port_bind(sock, PORT_V4_ANY, PORT_TEST), 0);
}

/* A child keeps the port for its own address only, its listener for any. */
static void port_share_with_child_is_of_its_address(struct kunit *test)
{
	struct port_fixture *fix = test->priv;
	const struct port_owner owner = { .address = PORT_V4_ANY };
	struct socket *child = port_open(test, rill_protocol, &owner);
	struct socket *sock = port_open(test, rill_protocol, &owner);
	struct rill_bind *bind = &rill_sk(child->sk)->bind;

	KUNIT_ASSERT_EQ(test, port_bind(sock, PORT_V4_ANY, PORT_TEST), 0);
	inet_sk(child->sk)->inet_rcv_saddr = htonl(INADDR_LOOPBACK);
	bind->sk = child->sk;
	KUNIT_EXPECT_TRUE(test, rill_port_share(fix->rnet,
						&rill_sk(sock->sk)->bind,
						bind));
	KUNIT_EXPECT_EQ(test, inet_sk(child->sk)->inet_num, PORT_TEST);
	sock_release(sock);
	fix->nsocks--;

	sock = port_open(test, rill_protocol, &owner);
	KUNIT_EXPECT_EQ(test, port_bind(sock, PORT_V4_A, PORT_TEST),
			-EADDRINUSE);
	KUNIT_EXPECT_EQ(test, port_bind(sock, PORT_V4_B, PORT_TEST), 0);
}

static void port_share_needs_a_port(struct kunit *test)
{
	struct port_fixture *fix = test->priv;
	struct rill_bind from = {}, to = {};

	KUNIT_EXPECT_FALSE(test, rill_port_share(fix->rnet, &from, &to));
	KUNIT_EXPECT_NULL(test, to.port);
	rill_port_put(fix->rnet, &to);
}

/* Bind over a TIME_WAIT entry that is left of @first; 0 or -EADDRINUSE. */
static int port_bind_over_timewait(struct kunit *test,
				   const struct port_owner *first,
				   const struct port_owner *second)
{
	struct port_fixture *fix = test->priv;
	struct socket *sock = port_open(test, rill_protocol, first);
	struct rill_bind tw = {};
	int err;

	KUNIT_ASSERT_EQ(test, port_bind(sock, first->address, PORT_TEST), 0);
	KUNIT_ASSERT_TRUE(test, rill_port_share(fix->rnet,
						&rill_sk(sock->sk)->bind,
						&tw));
	port_close_all(fix);

	sock = port_open(test, rill_protocol, second);
	err = port_bind(sock, second->address, PORT_TEST);
	if (!err)
		err = kernel_listen(sock, 1);
	port_close_all(fix);
	rill_port_put(fix->rnet, &tw);
	return err;
}

static void port_over_timewait_needs_reuse_on_both_sides(struct kunit *test)
{
	struct port_owner first = { .address = PORT_V4_A };
	struct port_owner second = { .address = PORT_V4_ANY };
	unsigned int which;

	for (which = 0; which < 4; which++) {
		first.reuse = which & 1;
		second.reuse = which & 2;
		KUNIT_EXPECT_EQ(test, port_bind_over_timewait(test, &first,
							      &second),
				which == 3 ? 0 : -EADDRINUSE);
	}
}

static void port_over_timewait_forgets_the_user(struct kunit *test)
{
	struct port_owner first = {
		.address = PORT_V4_ANY,
		.reuseport = true,
		.uid = 1000,
	};
	struct port_owner second = {
		.address = PORT_V6_ANY,
		.reuseport = true,
		.uid = 1001,
	};

	KUNIT_EXPECT_EQ(test, port_bind_over_timewait(test, &first, &second),
			0);
	second.reuseport = false;
	KUNIT_EXPECT_EQ(test, port_bind_over_timewait(test, &first, &second),
			-EADDRINUSE);
}

static void port_over_timewait_of_other_address(struct kunit *test)
{
	struct port_owner first = { .address = PORT_V4_A };
	struct port_owner second = { .address = PORT_V4_B };

	KUNIT_EXPECT_EQ(test, port_bind_over_timewait(test, &first, &second),
			0);
	second.address = PORT_V6_ANY_ONLY;
	KUNIT_EXPECT_EQ(test, port_bind_over_timewait(test, &first, &second),
			0);
	second.address = PORT_V6_ANY;
	KUNIT_EXPECT_EQ(test, port_bind_over_timewait(test, &first, &second),
			-EADDRINUSE);
}

/* May @owner bind where a child of @first's listener is? */
static int port_beside_child(struct kunit *test, int protocol,
			     const struct port_owner *first, bool orphaned)
{
	struct port_fixture *fix = test->priv;
	struct socket *sock = port_open(test, protocol, first);
	struct socket *child = port_open(test, protocol, first);
	struct rill_bind *bind = &rill_sk(child->sk)->bind;
	struct socket *socket = child->sk->sk_socket;
	int err;

	KUNIT_ASSERT_EQ(test, port_bind(sock, first->address, PORT_TEST), 0);
	KUNIT_ASSERT_EQ(test, kernel_listen(sock, 1), 0);
	bind->sk = child->sk;
	if (!orphaned)
		sk_set_socket(child->sk, NULL);
	KUNIT_EXPECT_TRUE(test, rill_port_share(fix->rnet,
						&rill_sk(sock->sk)->bind,
						bind));
	sk_set_socket(child->sk, NULL);
	sock = port_open(test, protocol, first);
	err = port_bind(sock, first->address, PORT_TEST);
	sk_set_socket(child->sk, socket);
	port_close_all(fix);
	return err;
}

/* A child that no program has accepted counts for the user of its listener */
static void port_child_without_a_program_keeps_its_user(struct kunit *test)
{
	const struct port_owner owner = {
		.address = PORT_V4_ANY,
		.reuseport = true,
		.uid = 1000,
	};

	KUNIT_EXPECT_EQ(test, port_beside_child(test, rill_protocol, &owner,
						false), 0);
	KUNIT_EXPECT_EQ(test, port_beside_child(test, rill_protocol, &owner,
						true), 0);
}

/* The options that an owner had at bind() hold until it changes them. */
static void port_owner_is_asked_again(struct kunit *test)
{
	const struct port_owner owner = { .address = PORT_V4_ANY };
	const struct port_owner other = {
		.address = PORT_V4_A,
		.reuse = true,
	};
	struct socket *first = port_open(test, rill_protocol, &owner);
	struct socket *second = port_open(test, rill_protocol, &other);

	KUNIT_ASSERT_EQ(test, port_bind(first, PORT_V4_ANY, PORT_TEST), 0);
	KUNIT_EXPECT_EQ(test, port_bind(second, PORT_V4_A, PORT_TEST),
			-EADDRINUSE);
	first->sk->sk_reuse = SK_CAN_REUSE;
	KUNIT_EXPECT_EQ(test, port_bind(second, PORT_V4_A, PORT_TEST), 0);
	/* The first of them to listen has the port alone. */
	KUNIT_EXPECT_EQ(test, kernel_listen(first, 1), 0);
	KUNIT_EXPECT_EQ(test, kernel_listen(second, 1), -EADDRINUSE);
}

/* ---- how much work that is --------------------------------------------- */

#define PORT_CROWD	100000
#define PORT_STEPS	200	/* places looked at by one bind(), at most */

/* More owners of PORT_TEST than the fixture's sockets. */
struct port_crowd {
	struct rill_bind *binds;
	unsigned int n;
};

static u64 port_steps(struct kunit *test)
{
	struct port_fixture *fix = test->priv;

	return rill_counter_read(fix->rnet, RILL_CNT_search_steps);
}

/*
 * As many owners as a busy server has; with @apart each at an address of its
 * own.
 */
static void port_crowd_join(struct kunit *test, struct port_crowd *crowd,
			    struct socket *listener, bool apart)
{
	struct port_fixture *fix = test->priv;
	struct sock *sk = listener->sk;

	crowd->binds = vcalloc(PORT_CROWD, sizeof(*crowd->binds));
	KUNIT_ASSERT_NOT_NULL(test, crowd->binds);
	for (crowd->n = 0; crowd->n < PORT_CROWD; crowd->n++) {
		struct rill_bind *bind = &crowd->binds[crowd->n];

		if (apart)
			inet_sk(sk)->inet_rcv_saddr = htonl(0x0a000000 +
							    crowd->n);
		if (!rill_port_share(fix->rnet, &rill_sk(sk)->bind, bind))
			break;
		cond_resched();
	}
	inet_sk(sk)->inet_rcv_saddr = 0;
	KUNIT_EXPECT_EQ(test, crowd->n, PORT_CROWD);
}

static void port_crowd_leave(struct kunit *test, struct port_crowd *crowd)
{
	struct port_fixture *fix = test->priv;

	while (crowd->n)
		rill_port_put(fix->rnet, &crowd->binds[--crowd->n]);
	vfree(crowd->binds);
}

/* bind() beside a crowd looks at few owners, whether it succeeds or not. */
static void port_bind_beside_crowd(struct kunit *test, bool apart)
{
	struct port_owner owner = { .address = PORT_V4_ANY, .reuse = true };
	struct socket *sock = port_open(test, rill_protocol, &owner);
	static const enum port_address addresses[] = {
		PORT_V4_ANY, PORT_V4_A, PORT_V6_ANY, PORT_MAPPED_A,
	};
	struct port_crowd crowd;
	unsigned int i;
	u64 before;

	KUNIT_ASSERT_EQ(test, port_bind(sock, PORT_V4_ANY, PORT_TEST), 0);
	port_crowd_join(test, &crowd, sock, apart);
	for (i = 0; i < 2 * ARRAY_SIZE(addresses); i++) {
		owner.address = addresses[i / 2];
		owner.reuse = i % 2;
		sock = port_open(test, rill_protocol, &owner);
		before = port_steps(test);
		KUNIT_EXPECT_EQ(test, port_bind(sock, owner.address, PORT_TEST),
				owner.reuse ? 0 : -EADDRINUSE);
		KUNIT_EXPECT_LT(test, port_steps(test) - before,
				(u64)PORT_STEPS);
	}
	port_crowd_leave(test, &crowd);
}

static void port_bind_beside_many_of_one_address(struct kunit *test)
{
	port_bind_beside_crowd(test, false);
}

static void port_bind_beside_many_addresses(struct kunit *test)
{
	port_bind_beside_crowd(test, true);
}

#define PORT_KINDS	2000	/* of owners, which differ by their device */
#define PORT_STALE	300	/* owners whose options have changed since */

/* More owners, of @sk; each on another device if @apart. */
static void port_crowd_grow(struct kunit *test, struct port_crowd *crowd,
			    const struct rill_bind *from, struct sock *sk,
			    unsigned int n, bool apart)
{
	struct port_fixture *fix = test->priv;

	for (; n; n--) {
		struct rill_bind *bind = &crowd->binds[crowd->n];

		if (apart)
			sk->sk_bound_dev_if = n;
		bind->sk = sk;
		KUNIT_ASSERT_TRUE(test, rill_port_share(fix->rnet, from, bind));
		crowd->n++;
	}
	sk->sk_bound_dev_if = 0;
}

/*
 * Many kinds of owners without an objection, and many owners that object and
 * have changed: bind() looks at each once, not at all kinds again for each
 * owner.
 */
static void port_bind_beside_many_kinds(struct kunit *test)
{
	const struct port_owner plain = { .address = PORT_V4_A };
	struct port_owner owner = { .address = PORT_V4_B, .reuseport = true };
	struct socket *first = port_open(test, rill_protocol, &plain);
	struct socket *kinds = port_open(test, rill_protocol, &plain);
	struct socket *stale = port_open(test, rill_protocol, &owner);
	struct socket *sock;
	struct port_crowd crowd = {};
	u64 before;

	crowd.binds = vcalloc(PORT_KINDS + PORT_STALE, sizeof(*crowd.binds));
	KUNIT_ASSERT_NOT_NULL(test, crowd.binds);
	KUNIT_ASSERT_EQ(test, port_bind(first, PORT_V4_A, PORT_TEST), 0);
	inet_sk(kinds->sk)->inet_rcv_saddr = htonl(0x7f000001);
	inet_sk(stale->sk)->inet_rcv_saddr = htonl(0x7f000002);
	port_crowd_grow(test, &crowd, &rill_sk(first->sk)->bind, kinds->sk,
			PORT_KINDS, true);
	port_crowd_grow(test, &crowd, &rill_sk(first->sk)->bind, stale->sk,
			PORT_STALE, false);

	stale->sk->sk_reuse = SK_CAN_REUSE;
	owner.reuseport = false;
	owner.reuse = true;
	sock = port_open(test, rill_protocol, &owner);
	before = port_steps(test);
	KUNIT_EXPECT_EQ(test, port_bind(sock, PORT_V4_B, PORT_TEST), 0);
	KUNIT_EXPECT_LT(test, port_steps(test) - before,
			(u64)PORT_STEPS * (PORT_KINDS + PORT_STALE));
	while (crowd.n) {
		crowd.binds[--crowd.n].sk = NULL;
		rill_port_put(rill_net(rill_kunit_net), &crowd.binds[crowd.n]);
	}
	vfree(crowd.binds);
	inet_sk(kinds->sk)->inet_num = 0;
	inet_sk(stale->sk)->inet_num = 0;
}

/* One portion of a walk; how far it may go with the lock held. */
static int port_portion(struct kunit *test, struct rill_port *port,
			struct sock *sk, struct rill_share_walk *walk)
{
	struct port_fixture *fix = test->priv;
	spinlock_t *lock = &fix->rnet->ports[PORT_TEST % RILL_PORT_BUCKETS].lock;
	u64 before = port_steps(test);
	int err;

	spin_lock_bh(lock);
	err = rill_share_conflict(fix->rnet, port, sk, RILL_PORT_SHARE, walk);
	spin_unlock_bh(lock);
	KUNIT_EXPECT_LT(test, port_steps(test) - before, 10000ULL);
	return err;
}

/* All of them are connections, on ports that nobody has chosen. */
static void port_mark_ephemeral(struct rill_port *port, bool on)
{
	struct rb_node *node;

	for (node = rb_first(&port->shares); node; node = rb_next(node)) {
		u32 *flags = &rb_entry(node, struct rill_share, node)->key.flags;

		*flags &= ~RILL_BIND_EPHEMERAL;
		*flags |= on ? RILL_BIND_EPHEMERAL : 0;
	}
}

/* connect() passes by, and leaves a port whose owners would take it long. */
static void port_connect_beside(struct kunit *test, struct rill_port *port)
{
	struct port_fixture *fix = test->priv;
	u64 before = port_steps(test);

	port_mark_ephemeral(port, true);
	KUNIT_EXPECT_TRUE(test, rill_share_chosen(fix->rnet, port, 0));
	KUNIT_EXPECT_LT(test, port_steps(test) - before, 10000ULL);
	port_mark_ephemeral(port, false);
}

/*
 * With thousands of kinds bind() drops the lock now and then. It notices what
 * others do with the port meanwhile, and does not wait for them without end.
 */
static void port_bind_beside_many_kinds_in_portions(struct kunit *test)
{
	const struct port_owner plain = { .address = PORT_V4_A };
	const struct port_owner other = { .address = PORT_V4_B };
	struct socket *first = port_open(test, rill_protocol, &plain);
	struct socket *kinds = port_open(test, rill_protocol, &plain);
	struct socket *sock = port_open(test, rill_protocol, &other);
	struct socket *late = port_open(test, rill_protocol, &other);
	struct rill_share_walk walk;
	struct port_crowd crowd = {};
	struct rill_port *port;
	unsigned int portions;
	int err;

	crowd.binds = vcalloc(PORT_KINDS, sizeof(*crowd.binds));
	KUNIT_ASSERT_NOT_NULL(test, crowd.binds);
	KUNIT_ASSERT_EQ(test, port_bind(first, PORT_V4_A, PORT_TEST), 0);
	port = rill_sk(first->sk)->bind.port;
	inet_sk(kinds->sk)->inet_rcv_saddr = htonl(0x7f000001);
	inet_sk(sock->sk)->inet_rcv_saddr = htonl(0x7f000002);
	port_crowd_grow(test, &crowd, &rill_sk(first->sk)->bind, kinds->sk,
			PORT_KINDS, true);
	port_connect_beside(test, port);

	rill_share_walk_begin(&walk, sock->sk);
	for (portions = 1; ; portions++) {
		err = port_portion(test, port, sock->sk, &walk);
		if (err != -EAGAIN)
			break;
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_GE(test, portions, 7);

	/* Changed all the time. */
	rill_share_walk_begin(&walk, sock->sk);
	for (portions = 1; portions < 1000; portions++) {
		err = port_portion(test, port, sock->sk, &walk);
		if (err != -EAGAIN)
			break;
		port->changes++;
	}
	KUNIT_EXPECT_EQ(test, err, -EADDRINUSE);

	/* Another socket takes the address when most kinds have been asked. */
	rill_share_walk_begin(&walk, sock->sk);
	for (portions = 1; portions < 6; portions++)
		KUNIT_EXPECT_EQ(test, port_portion(test, port, sock->sk, &walk),
				-EAGAIN);
	KUNIT_EXPECT_EQ(test, port_bind(late, PORT_V4_B, PORT_TEST), 0);
	do
		err = port_portion(test, port, sock->sk, &walk);
	while (err == -EAGAIN);
	KUNIT_EXPECT_EQ(test, err, -EADDRINUSE);

	while (crowd.n) {
		crowd.binds[--crowd.n].sk = NULL;
		rill_port_put(rill_net(rill_kunit_net), &crowd.binds[crowd.n]);
	}
	vfree(crowd.binds);
	inet_sk(kinds->sk)->inet_num = 0;
}

/* ---- listeners --------------------------------------------------------- */

/* SO_BINDTODEVICE of a socket that is bound, as the kernel does it. */
static void port_rebind(struct sock *sk, int dev)
{
	lock_sock(sk);
	sk->sk_bound_dev_if = dev;
	sk->sk_prot->rehash(sk);
	release_sock(sk);
}

static struct sock *port_listener(struct kunit *test,
				  const struct port_owner *owner)
{
	struct socket *sock = port_open(test, rill_protocol, owner);

	KUNIT_ASSERT_EQ(test, port_bind(sock, owner->address, PORT_TEST), 0);
	KUNIT_ASSERT_EQ(test, kernel_listen(sock, 1), 0);
	return sock->sk;
}

/*
 * The socket that gets a segment for @address that came by @in from port
 * @rport.
 */
static struct sock *port_lookup_in(struct kunit *test,
				   enum port_address address,
				   const struct rill_ingress *in, u16 rport)
{
	struct port_fixture *fix = test->priv;
	struct rill_key key = {
		.lport = htons(PORT_TEST),
		.rport = htons(rport),
	};
	struct sockaddr_storage addr;
	u8 family = port_family(address);
	struct sock *sk;

	port_sockaddr(address, 0, &addr);
	if (family == AF_INET6)
		key.laddr = ((struct sockaddr_in6 *)&addr)->sin6_addr;
	else
		ipv6_addr_set_v4mapped(((struct sockaddr_in *)&addr)->sin_addr.s_addr,
				       &key.laddr);
	rcu_read_lock();
	sk = rill_listener_lookup(fix->rnet, NULL, 0, &key, family, in);
	rcu_read_unlock();
	return sk;
}

static struct sock *port_lookup(struct kunit *test, enum port_address address,
				int dif, u16 rport)
{
	const struct rill_ingress in = { .dif = dif };

	return port_lookup_in(test, address, &in, rport);
}

static void port_listener_none(struct kunit *test)
{
	const struct port_owner owner = { .address = PORT_V4_ANY };
	struct socket *sock = port_open(test, rill_protocol, &owner);

	KUNIT_EXPECT_NULL(test, port_lookup(test, PORT_V4_A, 1, 1));
	KUNIT_ASSERT_EQ(test, port_bind(sock, PORT_V4_ANY, PORT_TEST), 0);
	KUNIT_EXPECT_NULL(test, port_lookup(test, PORT_V4_A, 1, 1));
}

static void port_listener_until_closed(struct kunit *test)
{
	const struct port_owner owner = { .address = PORT_V4_ANY };
	struct sock *sk = port_listener(test, &owner);

	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V4_A, 1, 1), sk);
	KUNIT_EXPECT_NULL(test, port_lookup(test, PORT_V6_A, 1, 1));
	port_close_all(test->priv);
	KUNIT_EXPECT_NULL(test, port_lookup(test, PORT_V4_A, 1, 1));
}

static void port_listener_exact_address_before_any(struct kunit *test)
{
	struct port_owner owner = { .reuseport = true };
	struct sock *v4_any, *v4_a, *v6_any, *v6_a;

	owner.address = PORT_V4_A;
	v4_a = port_listener(test, &owner);
	owner.address = PORT_V4_ANY;
	v4_any = port_listener(test, &owner);
	owner.address = PORT_V6_A;
	v6_a = port_listener(test, &owner);
	owner.address = PORT_V6_ANY;
	v6_any = port_listener(test, &owner);

	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V4_A, 1, 1), v4_a);
	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V4_B, 1, 1), v4_any);
	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V6_A, 1, 1), v6_a);
	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V6_B, 1, 1), v6_any);
}

/* An exact address counts more than the device. */
static void port_listener_device_before_none(struct kunit *test)
{
	struct port_owner owner = {
		.address = PORT_V4_ANY,
		.reuseport = true,
	};
	struct sock *any, *bound, *exact;

	any = port_listener(test, &owner);
	owner.dev = 7;
	bound = port_listener(test, &owner);
	owner.dev = 0;
	owner.address = PORT_V4_A;
	exact = port_listener(test, &owner);

	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V4_B, 7, 1), bound);
	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V4_B, 8, 1), any);
	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V4_A, 7, 1), exact);
}

/* A listener that leaves its device has the port on all of them. */
static void port_listener_widens_its_device(struct kunit *test)
{
	struct port_owner owner = { .address = PORT_V4_ANY, .dev = 7 };
	struct sock *sk = port_listener(test, &owner);
	struct socket *other;

	port_rebind(sk, 0);
	owner.dev = 8;
	other = port_open(test, rill_protocol, &owner);
	KUNIT_EXPECT_EQ(test, port_bind(other, PORT_V4_ANY, PORT_TEST),
			-EADDRINUSE);
	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V4_A, 8, 1), sk);
}

/* One of a group is bound to a device: the others are still on all of them. */
static void port_listener_of_a_mixed_group(struct kunit *test)
{
	const struct port_owner owner = {
		.address = PORT_V4_ANY,
		.reuseport = true,
	};
	struct sock *first = port_listener(test, &owner);
	struct sock *last = port_listener(test, &owner);

	port_rebind(last, 7);
	KUNIT_EXPECT_NOT_NULL(test, port_lookup(test, PORT_V4_A, 8, 1));
	port_rebind(first, 7);
	KUNIT_EXPECT_NULL(test, port_lookup(test, PORT_V4_A, 8, 1));
}

/* A socket like one of them joins their group, whichever came last. */
static void port_listener_joins_a_mixed_group(struct kunit *test)
{
	const struct port_owner owner = {
		.address = PORT_V4_ANY,
		.reuseport = true,
	};
	struct sock *first = port_listener(test, &owner);
	struct sock *last = port_listener(test, &owner);

	port_rebind(last, 7);
	KUNIT_EXPECT_PTR_EQ(test,
			    rill_listener_group(port_listener(test, &owner)),
			    rill_listener_group(first));
}

/* A BPF program of a cgroup binds inside rcu_read_lock(): nothing may sleep. */
static void port_bound_by_a_bpf_program(struct kunit *test)
{
	const struct port_owner owner = { .address = PORT_V4_ANY };
	struct socket *sock = port_open(test, rill_protocol, &owner);
	struct sock *sk = sock->sk;

	lock_sock(sk);
	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, sk->sk_prot->get_port(sk, PORT_TEST), 0);
	sk->sk_bound_dev_if = 7;
	sk->sk_prot->rehash(sk);
	rcu_read_unlock();
	release_sock(sk);
	KUNIT_EXPECT_EQ(test, rill_sk(sk)->bind.share->key.dev, 7);
}

/* A segment of a VRF has two devices; the order of binding must not matter. */
static void port_listener_by_vrf_or_slave(struct kunit *test)
{
	const struct rill_ingress in = { .dif = 7, .sdif = 8 };
	const struct rill_ingress swapped = { .dif = 8, .sdif = 7 };
	struct port_owner owner = { .address = PORT_V4_ANY };
	struct sock *vrf, *slave;

	owner.dev = 7;
	vrf = port_listener(test, &owner);
	KUNIT_EXPECT_PTR_EQ(test, port_lookup_in(test, PORT_V4_A, &in, 1), vrf);
	KUNIT_EXPECT_PTR_EQ(test, port_lookup_in(test, PORT_V4_A, &swapped, 1),
			    vrf);
	port_close_all(test->priv);

	owner.dev = 8;
	slave = port_listener(test, &owner);
	KUNIT_EXPECT_PTR_EQ(test, port_lookup_in(test, PORT_V4_A, &in, 1),
			    slave);
	KUNIT_EXPECT_PTR_EQ(test, port_lookup_in(test, PORT_V4_A, &swapped, 1),
			    slave);
	KUNIT_EXPECT_NULL(test, port_lookup(test, PORT_V4_A, 7, 1));
}

static void port_listener_v6_takes_v4_unless_v6only(struct kunit *test)
{
	struct port_owner owner = { .address = PORT_V6_ANY };
	struct sock *sk = port_listener(test, &owner);

	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V4_A, 1, 1), sk);
	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V6_A, 1, 1), sk);
	port_close_all(test->priv);

	owner.address = PORT_V6_ANY_ONLY;
	sk = port_listener(test, &owner);
	KUNIT_EXPECT_NULL(test, port_lookup(test, PORT_V4_A, 1, 1));
	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V6_A, 1, 1), sk);
	port_close_all(test->priv);

	owner.address = PORT_MAPPED_A;
	sk = port_listener(test, &owner);
	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V4_A, 1, 1), sk);
	KUNIT_EXPECT_NULL(test, port_lookup(test, PORT_V4_B, 1, 1));
	KUNIT_EXPECT_NULL(test, port_lookup(test, PORT_V6_A, 1, 1));
}

/* The order in which they came must not matter. */
static void port_listener_v4_socket_before_v6(struct kunit *test)
{
	struct port_owner v4 = { .address = PORT_V4_ANY, .reuseport = true };
	struct port_owner v6 = { .address = PORT_V6_ANY, .reuseport = true };
	struct sock *sk;

	port_listener(test, &v6);
	sk = port_listener(test, &v4);
	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V4_A, 1, 1), sk);
	port_close_all(test->priv);

	sk = port_listener(test, &v4);
	port_listener(test, &v6);
	KUNIT_EXPECT_PTR_EQ(test, port_lookup(test, PORT_V4_A, 1, 1), sk);
}

#define PORT_SPREAD	4	/* listeners */
#define PORT_PEERS	400

static void port_listener_reuseport_spreads(struct kunit *test)
{
	const struct port_owner owner = {
		.address = PORT_V4_ANY,
		.reuseport = true,
	};
	unsigned int hits[PORT_SPREAD] = {}, i, j;
	struct sock *sks[PORT_SPREAD], *sk;

	for (i = 0; i < PORT_SPREAD; i++)
		sks[i] = port_listener(test, &owner);

	for (i = 0; i < PORT_PEERS; i++) {
		sk = port_lookup(test, PORT_V4_A, 1, 1000 + i);
		KUNIT_EXPECT_PTR_EQ(test, sk, port_lookup(test, PORT_V4_A, 1,
							  1000 + i));
		for (j = 0; j < PORT_SPREAD; j++)
			hits[j] += sk == sks[j];
	}
	/* 100 each on average: less than 50 has odds of one in 10^8. */
	for (j = 0; j < PORT_SPREAD; j++)
		KUNIT_EXPECT_GT(test, hits[j], PORT_PEERS / PORT_SPREAD / 2);
	KUNIT_EXPECT_EQ(test, hits[0] + hits[1] + hits[2] + hits[3],
			PORT_PEERS);
}

#define PORT_LISTENERS	1000
#define PORT_LOOKUP	32	/* places looked at by one segment, at most */

/* Listeners that belong to no fixture: there are too many. */
static struct socket **port_listeners(struct kunit *test, bool apart)
{
	struct port_owner owner = {
		.address = PORT_V4_ANY,
		.reuseport = !apart,
	};
	struct port_fixture *fix = test->priv;
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT_TEST),
	};
	struct socket **socks;
	unsigned int i;

	socks = kunit_kcalloc(test, PORT_LISTENERS, sizeof(*socks), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, socks);
	for (i = 0; i < PORT_LISTENERS; i++) {
		socks[i] = port_open(test, rill_protocol, &owner);
		fix->nsocks--;
		if (apart)
			sin.sin_addr.s_addr = htonl(0x7f000000 + i + 2);
		KUNIT_EXPECT_EQ(test, kernel_bind(socks[i],
						  (struct rill_sockaddr *)&sin,
						  sizeof(sin)), 0);
		KUNIT_EXPECT_EQ(test, kernel_listen(socks[i], 1), 0);
	}
	return socks;
}

static void port_lookup_among_many(struct kunit *test, bool apart)
{
	struct socket **socks = port_listeners(test, apart);
	u64 before = port_steps(test);
	unsigned int i;

	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_NOT_NULL(test, port_lookup(test, PORT_V4_B, 1, i));
	KUNIT_EXPECT_LT(test, port_steps(test) - before,
			(u64)100 * PORT_LOOKUP);
	for (i = 0; i < PORT_LISTENERS; i++)
		sock_release(socks[i]);
	KUNIT_EXPECT_NULL(test, port_lookup(test, PORT_V4_B, 1, 1));
}

static void port_listener_among_many_addresses(struct kunit *test)
{
	port_lookup_among_many(test, true);
}

static void port_listener_among_many_of_reuseport(struct kunit *test)
{
	port_lookup_among_many(test, false);
}

static struct kunit_case rill_port_cases[] = {
	KUNIT_CASE(port_conflicts_by_address_are_tcps),
	KUNIT_CASE(port_conflicts_by_device_are_tcps),
	KUNIT_CASE(port_conflicts_by_user_are_tcps),
	KUNIT_CASE(port_is_free_again_after_close),
	KUNIT_CASE(port_bind_zero_takes_each_port_once),
	KUNIT_CASE(port_bind_zero_begins_with_odd_ports),
	KUNIT_CASE(port_connect_exhausts_the_range),
	KUNIT_CASE(port_connect_begins_with_even_ports),
	KUNIT_CASE(port_connect_shares_ports_by_destination),
	KUNIT_CASE(port_connect_leaves_bound_ports_alone),
	KUNIT_CASE(port_connect_respects_reserved_ports),
	KUNIT_CASE(port_connect_is_hard_to_predict),
	KUNIT_CASE(port_connect_takes_the_next_port),
	KUNIT_CASE(port_connect_of_bound_needs_new_tuple),
	KUNIT_CASE(port_connect_beside_a_device),
	KUNIT_CASE(port_of_connect_conflicts_with_bind),
	KUNIT_CASE(port_share_keeps_port_in_use),
	KUNIT_CASE(port_share_with_child_is_of_its_address),
	KUNIT_CASE(port_share_needs_a_port),
	KUNIT_CASE(port_over_timewait_needs_reuse_on_both_sides),
	KUNIT_CASE(port_over_timewait_forgets_the_user),
	KUNIT_CASE(port_over_timewait_of_other_address),
	KUNIT_CASE(port_child_without_a_program_keeps_its_user),
	KUNIT_CASE(port_owner_is_asked_again),
	KUNIT_CASE(port_bind_beside_many_of_one_address),
	KUNIT_CASE(port_bind_beside_many_addresses),
	KUNIT_CASE(port_bind_beside_many_kinds),
	KUNIT_CASE(port_bind_beside_many_kinds_in_portions),
	KUNIT_CASE(port_listener_none),
	KUNIT_CASE(port_listener_until_closed),
	KUNIT_CASE(port_listener_exact_address_before_any),
	KUNIT_CASE(port_listener_device_before_none),
	KUNIT_CASE(port_listener_widens_its_device),
	KUNIT_CASE(port_listener_of_a_mixed_group),
	KUNIT_CASE(port_listener_joins_a_mixed_group),
	KUNIT_CASE(port_bound_by_a_bpf_program),
	KUNIT_CASE(port_listener_by_vrf_or_slave),
	KUNIT_CASE(port_listener_v6_takes_v4_unless_v6only),
	KUNIT_CASE(port_listener_v4_socket_before_v6),
	KUNIT_CASE(port_listener_reuseport_spreads),
	KUNIT_CASE(port_listener_among_many_addresses),
	KUNIT_CASE(port_listener_among_many_of_reuseport),
	{}
};

static struct kunit_suite rill_port_suite = {
	.name = "rill_port",
	.init = port_test_init,
	.exit = port_test_exit,
	.test_cases = rill_port_cases,
};

kunit_test_suite(rill_port_suite);
