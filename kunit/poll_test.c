// SPDX-License-Identifier: GPL-2.0
/*
 * Readiness: module/socket/poll.c, and what calls return on a socket without
 * a connection. A socket of TCP in the same state must return the same.
 */
#include <asm/ioctls.h>
#include <linux/poll.h>
#include <linux/sockios.h>
#include <linux/uio.h>
#include "../module/socket/inside.h"
#include "../module/transfer/transfer.h"
#include "sockets.h"

static __poll_t poll_of(struct socket *sock)
{
	return sock->ops->poll(NULL, sock, NULL);
}

static int poll_send(struct socket *sock, int flags)
{
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL | flags };
	struct kvec vec = { .iov_base = "x", .iov_len = 1 };

	return kernel_sendmsg(sock, &msg, &vec, 1, 1);
}

static int poll_receive(struct socket *sock, int flags)
{
	struct msghdr msg = {};
	struct kvec vec;
	char byte;

	vec.iov_base = &byte;
	vec.iov_len = sizeof(byte);
	return kernel_recvmsg(sock, &msg, &vec, 1, 1, flags);
}

/* Everything that poll() and its kin return, of both sockets in one state. */
static void poll_expect_same(struct kunit *test)
{
	struct sockets *fix = test->priv;

	KUNIT_EXPECT_EQ(test, poll_of(fix->rill), poll_of(fix->tcp));
	KUNIT_EXPECT_EQ(test, poll_send(fix->rill, 0), poll_send(fix->tcp, 0));
	KUNIT_EXPECT_EQ(test, poll_send(fix->rill, MSG_DONTWAIT),
			poll_send(fix->tcp, MSG_DONTWAIT));
	KUNIT_EXPECT_EQ(test, poll_receive(fix->rill, 0),
			poll_receive(fix->tcp, 0));
	KUNIT_EXPECT_EQ(test, poll_receive(fix->rill, MSG_DONTWAIT),
			poll_receive(fix->tcp, MSG_DONTWAIT));
	KUNIT_EXPECT_EQ(test, poll_receive(fix->rill, MSG_PEEK),
			poll_receive(fix->tcp, MSG_PEEK));
	KUNIT_EXPECT_EQ(test, poll_receive(fix->rill, MSG_OOB),
			poll_receive(fix->tcp, MSG_OOB));
	KUNIT_EXPECT_EQ(test, poll_receive(fix->rill, MSG_ERRQUEUE),
			poll_receive(fix->tcp, MSG_ERRQUEUE));
}

static void poll_new_socket_as_tcp(struct kunit *test)
{
	struct sockets *fix = test->priv;

	KUNIT_EXPECT_EQ(test, poll_of(fix->rill),
			EPOLLHUP | EPOLLOUT | EPOLLWRNORM);
	poll_expect_same(test);
}

static void poll_listener_as_tcp(struct kunit *test)
{
	struct sockets *fix = test->priv;

	KUNIT_ASSERT_EQ(test, kernel_listen(fix->rill, 1), 0);
	KUNIT_ASSERT_EQ(test, kernel_listen(fix->tcp, 1), 0);
	KUNIT_EXPECT_EQ(test, poll_of(fix->rill), 0);
	poll_expect_same(test);
}

static void poll_socket_shut_down_as_tcp(struct kunit *test)
{
	struct sockets *fix = test->priv;

	KUNIT_EXPECT_EQ(test, kernel_sock_shutdown(fix->rill, SHUT_RDWR),
			kernel_sock_shutdown(fix->tcp, SHUT_RDWR));
	poll_expect_same(test);
}

static void poll_listen_twice_and_wrongly(struct kunit *test)
{
	struct sockets *fix = test->priv;

	KUNIT_EXPECT_EQ(test, kernel_listen(fix->rill, 1), 0);
	KUNIT_EXPECT_EQ(test, kernel_listen(fix->rill, 9), 0);
	KUNIT_EXPECT_EQ(test, fix->rill->sk->sk_max_ack_backlog, 9);
	fix->rill->state = SS_CONNECTED;
	KUNIT_EXPECT_EQ(test, kernel_listen(fix->rill, 1), -EINVAL);
	fix->rill->state = SS_UNCONNECTED;
	KUNIT_EXPECT_EQ(test, fix->rill->sk->sk_max_ack_backlog, 9);
}

static void poll_queue_sizes(struct kunit *test)
{
	static const int cmds[] = { SIOCINQ, SIOCOUTQ, SIOCOUTQNSD };
	struct sockets *fix = test->priv;
	struct sock *sk = fix->rill->sk;
	struct rill_sock *rs = rill_sk(sk);
	int i, answer;

	/* Round the wrap; the peer's FIN is not a byte. */
	rs->rcv.copied_seq = U32_MAX - 1;
	rs->rcv.nxt = 4;
	rs->snd.una = U32_MAX - 9;
	rs->snd.nxt = U32_MAX;
	rs->snd.write_seq = 10;
	KUNIT_EXPECT_EQ(test, rill_queue_size(sk, SIOCINQ, &answer), 0);
	KUNIT_EXPECT_EQ(test, answer, 6);
	rs->rcv.fin_received = true;
	KUNIT_EXPECT_EQ(test, rill_queue_size(sk, SIOCINQ, &answer), 0);
	KUNIT_EXPECT_EQ(test, answer, 5);
	rs->rcv.copied_seq = rs->rcv.nxt;
	KUNIT_EXPECT_EQ(test, rill_queue_size(sk, SIOCINQ, &answer), 0);
	KUNIT_EXPECT_EQ(test, answer, 0);
	KUNIT_EXPECT_EQ(test, rill_queue_size(sk, SIOCOUTQ, &answer), 0);
	KUNIT_EXPECT_EQ(test, answer, 20);
	KUNIT_EXPECT_EQ(test, rill_queue_size(sk, SIOCOUTQNSD, &answer), 0);
	KUNIT_EXPECT_EQ(test, answer, 11);
	KUNIT_EXPECT_EQ(test, rill_queue_size(sk, SIOCATMARK, &answer), 0);
	KUNIT_EXPECT_EQ(test, answer, 0);
	KUNIT_EXPECT_EQ(test, rill_queue_size(sk, SIOCGIFNAME, &answer),
			-ENOIOCTLCMD);

	rs->snd.una = 0;
	rs->snd.nxt = 0;
	rs->snd.write_seq = 0;
	KUNIT_ASSERT_EQ(test, kernel_listen(fix->rill, 1), 0);
	for (i = 0; i < ARRAY_SIZE(cmds); i++)
		KUNIT_EXPECT_EQ(test, rill_queue_size(sk, cmds[i], &answer),
				-EINVAL);
}

static void poll_readable_by_low_water(struct kunit *test)
{
	struct sockets *fix = test->priv;
	struct sock *sk = fix->rill->sk;
	struct rill_sock *rs = rill_sk(sk);

	rs->rcv.copied_seq = U32_MAX;
	rs->rcv.nxt = rs->rcv.copied_seq;
	rs->rcv.wup = rs->rcv.copied_seq;
	rs->rcv.wnd = 100000;
	rs->ack.mss = 1000;
	KUNIT_EXPECT_FALSE(test, rill_readable(sk, 1));
	rs->rcv.nxt += 5000;
	KUNIT_EXPECT_TRUE(test, rill_readable(sk, 1));
	KUNIT_EXPECT_TRUE(test, rill_readable(sk, 5000));
	KUNIT_EXPECT_FALSE(test, rill_readable(sk, 5001));
	/*
	 * The window has no room for a segment more: the reader must not wait
	 * for it.
	 */
	rs->rcv.wnd = 6000;
	KUNIT_EXPECT_TRUE(test, rill_readable(sk, 5001));
	rs->rcv.wnd = 6001;
	KUNIT_EXPECT_FALSE(test, rill_readable(sk, 5001));
	/* Nor when the buffer is full. */
	rs->rcv.wnd = 100000;
	atomic_set(&sk->sk_rmem_alloc, sk->sk_rcvbuf);
	KUNIT_EXPECT_TRUE(test, rill_readable(sk, 5001));
	atomic_set(&sk->sk_rmem_alloc, 0);
}

static void poll_low_water_fits_the_buffer(struct kunit *test)
{
	struct sockets *fix = test->priv;
	struct sock *sk = fix->rill->sk;
	int most = READ_ONCE(rill_sk_net(sk)->tunables.rmem[2]);

	lock_sock(sk);
	KUNIT_EXPECT_EQ(test, rill_rcvlowat_set(sk, 0), 0);
	KUNIT_EXPECT_EQ(test, sk->sk_rcvlowat, 1);
	KUNIT_EXPECT_EQ(test, rill_rcvlowat_set(sk, 200000), 0);
	KUNIT_EXPECT_EQ(test, sk->sk_rcvlowat, 200000);
	KUNIT_EXPECT_EQ(test, sk->sk_rcvbuf, 400000);
	KUNIT_EXPECT_EQ(test, rill_rcvlowat_set(sk, INT_MAX), 0);
	KUNIT_EXPECT_EQ(test, sk->sk_rcvlowat, most / 2);
	KUNIT_EXPECT_LE(test, sk->sk_rcvbuf, most);

	sk->sk_rcvbuf = 10000;
	sk->sk_userlocks |= SOCK_RCVBUF_LOCK;
	KUNIT_EXPECT_EQ(test, rill_rcvlowat_set(sk, 200000), 0);
	release_sock(sk);
	KUNIT_EXPECT_EQ(test, sk->sk_rcvlowat, 5000);
	KUNIT_EXPECT_EQ(test, sk->sk_rcvbuf, 10000);
}

static void poll_notsent_low_water(struct kunit *test)
{
	struct sockets *fix = test->priv;
	struct sock *sk = fix->rill->sk;
	struct rill_sock *rs = rill_sk(sk);

	rs->snd.nxt = U32_MAX - 10;
	rs->snd.write_seq = rs->snd.nxt + 1000;
	KUNIT_EXPECT_TRUE(test, rill_memory_free(sk, 0));
	rs->user.notsent_lowat = 1001;
	KUNIT_EXPECT_TRUE(test, rill_memory_free(sk, 0));
	/* A writer is woken only when half of the buffer is free. */
	KUNIT_EXPECT_FALSE(test, rill_memory_free(sk, 1));
	rs->user.notsent_lowat = 2001;
	KUNIT_EXPECT_TRUE(test, rill_memory_free(sk, 1));
	rs->user.notsent_lowat = 1000;
	KUNIT_EXPECT_FALSE(test, rill_memory_free(sk, 0));
	rs->snd.write_seq = rs->snd.nxt;
}

static struct kunit_case rill_poll_cases[] = {
	KUNIT_CASE(poll_new_socket_as_tcp),
	KUNIT_CASE(poll_listener_as_tcp),
	KUNIT_CASE(poll_socket_shut_down_as_tcp),
	KUNIT_CASE(poll_listen_twice_and_wrongly),
	KUNIT_CASE(poll_queue_sizes),
	KUNIT_CASE(poll_readable_by_low_water),
	KUNIT_CASE(poll_low_water_fits_the_buffer),
	KUNIT_CASE(poll_notsent_low_water),
	{}
};

static struct kunit_suite rill_poll_suite = {
	.name = "rill_poll",
	.init = sockets_init,
	.exit = sockets_exit,
	.test_cases = rill_poll_cases,
};

kunit_test_suite(rill_poll_suite);
