// SPDX-License-Identifier: GPL-2.0
/*
 * Path MTU: ICMP messages and when they are believed (RFC 1191, 8201, 5927),
 * black holes, and packetization layer path MTU discovery (RFC 4821).
 */
#include "../module/transfer/transfer.h"
#include "scenario.h"

/* A script made of numbers. */
static __printf(2, 3) bool play(struct kunit *test, const char *format, ...)
{
	char *script;
	va_list args;
	bool good;

	va_start(args, format);
	script = kvasprintf(GFP_KERNEL, format, args);
	va_end(args);
	KUNIT_ASSERT_NOT_NULL(test, script);
	good = scenario_run(test, script);
	kfree(script);
	return good;
}

static bool is_ipv6(const struct kunit *test)
{
	const struct scenario *s = test->priv;

	return s->family->wire == AF_INET6;
}

/* The MTU of a path on which @mss bytes without options fit. */
static u32 mtu_of(const struct kunit *test, u32 mss)
{
	return mss + (is_ipv6(test) ? 60 : 40);
}

/* The MTU that a search begins with, and that a black hole leads to. */
static u32 base_of(const struct kunit *test)
{
	return is_ipv6(test) ? 1220 : 1024;
}

static struct rill_sock *sock_of(struct kunit *test)
{
	return rill_sk(scenario_sk(test));
}

/* The peer acknowledges all that is in flight, again and again. */
static void drain(struct kunit *test)
{
	struct rill_sock *rs = sock_of(test);
	int i;

	for (i = 0; i < 200 && rs->snd.una != rs->snd.write_seq; i++)
		if (!play(test, "+10ms < A 1:1(0) ack %u\n",
			  rs->snd.nxt - rs->snd.iss))
			return;
	KUNIT_EXPECT_EQ(test, rs->snd.una, rs->snd.write_seq);
}

/* ---- ICMP -------------------------------------------------------------- */

#define FULL_SEGMENT							\
	"established 10ms <mss 1460,rill 1000 6>\n"			\
	"send 1460\n"							\
	"> PA 1:1461(1460) ack 1\n"

/* RFC 5927, 7.2: no packet of this side can have been too large for it. */
static void larger_than_ours(struct kunit *test)
{
	scenario_run(test, FULL_SEGMENT);
	play(test,
	     "< icmp mtu 1 %u\n"
	     "< icmp mtu 1 65535\n"
	     "counter mtu_refused +2\n"
	     /* The MTU of the device itself is no news. */
	     "< icmp mtu 1 %u\n"
	     "counter mtu_refused +0\n"
	     "+10ms < A 1:1(0) ack 1461\n"
	     "send 1460\n"
	     "> PA 1461:2921(1460) ack 1\n",
	     mtu_of(test, 1461), mtu_of(test, 1460));
}

/*
 * A peer with a small MSS: a path MTU between that and the device's is
 * believed.
 */
static void larger_than_the_peers(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1230,rill 1000 6>\n"
		     "send 1230\n"
		     "> PA 1:1231(1230) ack 1\n");
	play(test,
	     "< icmp mtu 1 %u\n"
	     "counter mtu_refused +1\n"
	     "+1ms < A 1:1(0) ack 1231\n",
	     mtu_of(test, 1230));
	KUNIT_EXPECT_EQ(test, sock_of(test)->path.pmtu, mtu_of(test, 1460));
}

/* RFC 8201, 4: 1280 at the least; RFC 791: 68. */
static void smaller_than_ip_allows(struct kunit *test)
{
	scenario_run(test, FULL_SEGMENT);
	play(test,
	     "< icmp mtu 1 %u\n"
	     "counter icmp_errors +1\n"
	     "counter mtu_refused +1\n"
	     "+1ms < A 1:1(0) ack 1461\n"
	     "send 1460\n"
	     "> PA 1461:2921(1460) ack 1\n",
	     is_ipv6(test) ? 1279 : 67);
}

/* The least MTU that is believed; on IPv4 the route's own floor, min_pmtu. */
static void smallest_of_all(struct kunit *test)
{
	scenario_run(test, FULL_SEGMENT);
	if (is_ipv6(test))
		scenario_run(test,
			     "< icmp mtu 1 1280\n"
			     "> Ap 1:1221(1220) ack 1\n"
			     "> PA 1221:1461(240) ack 1\n");
	else
		scenario_run(test,
			     "< icmp mtu 1 68\n"
			     "> Ap 1:513(512) ack 1\n"
			     "> Ap 513:1025(512) ack 1\n"
			     "> PA 1025:1461(436) ack 1\n");
	scenario_run(test, "+1ms < A 1:1(0) ack 1461\n");
}

/* RFC 1191, 5: an old router's message has no MTU. */
static void without_a_number(struct kunit *test)
{
	if (is_ipv6(test))
		return;
	scenario_run(test, FULL_SEGMENT);
	scenario_run(test,
		     "< icmp mtu 1 0\n"
		     "> Ap 1:537(536) ack 1\n"
		     "> Ap 537:1073(536) ack 1\n"
		     "> PA 1073:1461(388) ack 1\n"
		     "+1ms < A 1:1(0) ack 1461\n");
}

/*
 * A router sends one message for each of several packets: the first is enough.
 */
static void several_messages(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1460,rill 1000 6>\n"
		     "sent 2920 of 1460\n");
	play(test,
	     "+1ms < icmp mtu 1 %u\n"
	     "> Ap 1:1301(1300) ack 1\n"
	     "> Ap 1301:1461(160) ack 1\n"
	     "> Ap 1461:2761(1300) ack 1\n"
	     "> PA 2761:2921(160) ack 1\n"
	     "< icmp mtu 1461 %u\n"
	     "counter mtu_refused +0\n"
	     "+10ms < A 1:1(0) ack 2921\n",
	     mtu_of(test, 1300), mtu_of(test, 1300));
}

/* Two connections share a route: each has to learn that it is narrower. */
static void of_the_other_connection(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1460,rill 1000 6>\n"
		     "flow 1\n"
		     "socket\n"
		     "established 10ms <mss 1460,rill 1000 6>\n"
		     "send 1460\n"
		     "> PA 1:1461(1460) ack 1\n"
		     "flow 0\n"
		     "use 0\n"
		     "send 1460\n"
		     "> PA 1:1461(1460) ack 1\n");
	play(test,
	     "< icmp mtu 1 %u\n"
	     "> A 1:1301(1300) ack 1\n"
	     "> PA 1301:1461(160) ack 1\n"
	     "flow 1\n"
	     "use 1\n"
	     "< icmp mtu 1 %u\n"
	     "> A 1:1301(1300) ack 1\n"
	     "> PA 1301:1461(160) ack 1\n"
	     "counter mtu_refused +0\n",
	     mtu_of(test, 1300), mtu_of(test, 1300));
}

/* ... though it has sent smaller segments since: the larger ones are lost. */
static void of_the_other_connection_at_last(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1460,rill 1000 6>\n"
		     "flow 1\n"
		     "socket\n"
		     "established 10ms <mss 1460,rill 1000 6>\n"
		     "send 1460\n"
		     "> PA 1:1461(1460) ack 1\n"
		     "flow 0\n"
		     "use 0\n"
		     "send 1460\n"
		     "> PA 1:1461(1460) ack 1\n");
	play(test,
	     "< icmp mtu 1 %u\n"
	     "> A 1:1301(1300) ack 1\n"
	     "> PA 1301:1461(160) ack 1\n"
	     "flow 1\n"
	     "use 1\n"
	     "set nodelay\n"
	     "send 100\n"
	     "> PA 1461:1561(100) ack 1\n"
	     "send 100\n"
	     "> PA 1561:1661(100) ack 1\n"
	     "< icmp mtu 1 %u\n"
	     "> A 1:1301(1300) ack 1\n"
	     "> PA 1301:1461(160) ack 1\n",
	     mtu_of(test, 1300), mtu_of(test, 1300));
}

/* IP_MTU_DISCOVER, IPV6_MTU_DISCOVER. */
static void discover(struct kunit *test, u8 how)
{
	struct sock *sk;

	scenario_run(test, "established 10ms <mss 1460,rill 1000 6>\n");
	sk = scenario_sk(test);
	lock_sock(sk);
	WRITE_ONCE(inet_sk(sk)->pmtudisc, how);
	if (sk->sk_family == AF_INET6)
		inet6_sk(sk)->pmtudisc = how;
	release_sock(sk);
	scenario_run(test, "send 1460\n> PA 1:1461(1460) ack 1\n");
}

/* ICMP does not change this socket's MTU. */
static void of_the_interface(struct kunit *test)
{
	discover(test, IP_PMTUDISC_INTERFACE);
	play(test,
	     "< icmp mtu 1 %u\n"
	     "counter mtu_refused +1\n"
	     "+1ms < A 1:1(0) ack 1461\n"
	     "send 1460\n"
	     "> PA 1461:2921(1460) ack 1\n"
	     "+1ms < A 1:1(0) ack 2921\n",
	     mtu_of(test, 1300));
}

static void omitted(struct kunit *test)
{
	discover(test, IP_PMTUDISC_OMIT);
	play(test,
	     "< icmp mtu 1 %u\n"
	     "counter mtu_refused +1\n"
	     "+1ms < A 1:1(0) ack 1461\n",
	     mtu_of(test, 1300));
}

/*
 * Without DF a router fragments packets and loses none: nothing is
 * retransmitted.
 */
static void without_df(struct kunit *test)
{
	if (is_ipv6(test))
		return;
	discover(test, IP_PMTUDISC_DONT);
	play(test,
	     "< icmp mtu 1 %u\n"
	     "+1ms < A 1:1(0) ack 1461\n"
	     "sent 1460 of 1300\n"
	     "+1ms < A 1:1(0) ack 2921\n",
	     mtu_of(test, 1300));
}

/* RFC 1191, 6.3: a path MTU expires after ten minutes. */
static void grows_again(struct kunit *test)
{
	scenario_run(test, FULL_SEGMENT);
	play(test,
	     "+1ms < icmp mtu 1 %u\n"
	     "> Ap 1:1301(1300) ack 1\n"
	     "> PA 1301:1461(160) ack 1\n"
	     "+10ms < A 1:1(0) ack 1461\n"
	     "quiet 590s\n"
	     "sent 1460 of 1300\n"
	     "+10ms < A 1:1(0) ack 2921\n"
	     "quiet 20s\n"
	     /*
	      * The segment for which the route proved obsolete may be split as
	      * before.
	      */
	     "send 100\n"
	     "> PA 2921:3021(100) ack 1\n"
	     "+10ms < A 1:1(0) ack 3021\n"
	     "send 1460\n"
	     "> PA 3021:4481(1460) ack 1\n"
	     "+10ms < A 1:1(0) ack 4481\n",
	     mtu_of(test, 1300));
}

/*
 * A whole window was too large: cwnd rules when its pieces go, and those that
 * wait are no sign of congestion (RFC 1191, 6.5).
 */
static void keeps_the_window(struct kunit *test)
{
	struct rill_sock *rs;

	scenario_run(test,
		     "established 10ms <mss 1460,sackok,rill 1000 6>\n"
		     "set sndbuf 200000\n"
		     "lenient\n"
		     "send 30000\n");
	rs = sock_of(test);
	KUNIT_EXPECT_EQ(test, rs->cc.cwnd, 10);
	play(test,
	     "+1ms < icmp mtu 1 %u\n"
	     "> Ap 1:1301(1300) ack 1\n",
	     mtu_of(test, 1300));
	KUNIT_EXPECT_GT(test, rs->rtx.lost_out, 0);
	play(test, "+10ms < A 1:1(0) ack 1461\n");
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, 10);
	play(test, "+1ms < A 1:1(0) ack 2921\n");
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, 10);
	KUNIT_EXPECT_EQ(test, rs->cc.ssthresh, U32_MAX);
	drain(test);
	scenario_run(test, "counter rto_timeouts +0\n");
}

/* ---- a route that nobody has told of ----------------------------------- */

/* A new SO_MARK chooses another route, on which 1250 bytes fit. */
static void narrow(struct kunit *test)
{
	struct socket *sock = scenario_sk(test)->sk_socket;
	u32 mark = 1;

	scenario_run(test, "mss 1250\n");
	KUNIT_EXPECT_EQ(test, sock_setsockopt(sock, SOL_SOCKET, SO_MARK,
					      KERNEL_SOCKPTR(&mark),
					      sizeof(mark)), 0);
	KUNIT_EXPECT_NULL(test,
			  rcu_access_pointer(sock->sk->sk_dst_cache));
}

/* Nothing is in flight: no ACK and no timeout looks at the route. */
static void narrow_when_idle(struct kunit *test)
{
	scenario_run(test,
		     FULL_SEGMENT
		     "+10ms < A 1:1(0) ack 1461\n");
	narrow(test);
	scenario_run(test,
		     "sent 1440 of 1250\n"
		     "+10ms < A 1:1(0) ack 2901\n"
		     "quiet 1s\n");
}

/* Nor does the program: it has closed. */
static void narrow_and_closed(struct kunit *test)
{
	scenario_run(test,
		     FULL_SEGMENT
		     "+10ms < A 1:1(0) ack 1461\n"
		     "send 1440 more\n");
	narrow(test);
	scenario_run(test,
		     "close\n"
		     "> Ap 1461:2711(1250) ack 1\n"
		     "> FPA 2711:2901(190) ack 1\n"
		     "+10ms < FA 1:1(0) ack 2902\n"
		     "> A 2902:2902(0) ack 2\n");
}

/* Data that a cork held for too long. */
static void narrow_and_corked(struct kunit *test)
{
	scenario_run(test,
		     FULL_SEGMENT
		     "+10ms < A 1:1(0) ack 1461\n"
		     "send 1440 more\n");
	narrow(test);
	scenario_run(test,
		     "+200ms > Ap 1461:2711(1250) ack 1\n"
		     "+10ms < A 1:1(0) ack 2711\n"
		     "> PA 2711:2901(190) ack 1\n"
		     "+10ms < A 1:1(0) ack 2901\n");
}

/* Data that the window held back. */
static void narrow_behind_a_window(struct kunit *test)
{
	scenario_run(test,
		     FULL_SEGMENT
		     "+10ms < A 1:1(0) ack 1461 win 0\n"
		     "send 1440\n");
	narrow(test);
	scenario_run(test,
		     "+1ms < A 1:1(0) ack 1461 win 65535\n"
		     "> Ap 1461:2711(1250) ack 1\n"
		     "> PA 2711:2901(190) ack 1\n"
		     "+10ms < A 1:1(0) ack 2901\n");
}

/* A tail loss probe of new data, which Nagle held back. */
static void narrow_and_a_tail_probe(struct kunit *test)
{
	scenario_run(test,
		     "tunable tlp 1\n"
		     "established 10ms <mss 1460,sackok,rill 1000 6>\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "send 1440\n");
	narrow(test);
	scenario_run(test,
		     "+1ms~30ms > Ap 101:1351(1250) ack 1\n"
		     "counter tlp_probes +1\n"
		     "+1ms < A 1:1(0) ack 1351\n"
		     "> PA 1351:1541(190) ack 1\n"
		     "+10ms < A 1:1(0) ack 1541\n");
}

/* ICMP told another connection to the same host. */
static void narrow_by_the_other(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1460,rill 1000 6>\n"
		     "flow 1\n"
		     "socket\n"
		     "established 10ms <mss 1460,rill 1000 6>\n"
		     "send 1460\n"
		     "> PA 1:1461(1460) ack 1\n");
	play(test,
	     "< icmp mtu 1 %u\n"
	     "> Ap 1:1301(1300) ack 1\n"
	     "> PA 1301:1461(160) ack 1\n"
	     "+10ms < A 1:1(0) ack 1461\n"
	     "flow 0\n"
	     "use 0\n"
	     "sent 1440 of 1300\n"
	     "+10ms < A 1:1(0) ack 1441\n",
	     mtu_of(test, 1300));
}

/* ---- MSS --------------------------------------------------------------- */

/* The MSS of the path, on both sides of a passive open. */
static void mss_of_a_child(struct kunit *test)
{
	scenario_run(test,
		     "mss 1300\n"
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1460>\n"
		     "> SA 0:0(0) ack 1 <mss 1300>\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "sent 2000 of 1300\n"
		     "+1ms < A 1:1(0) ack 2001\n");
}

/* The device's MTU grows, and then shrinks. */
static void mss_follows_the_device(struct kunit *test)
{
	scenario_run(test,
		     "mss 1300\n"
		     "established 10ms <mss 1460,rill 1000 6>\n"
		     "send 1300\n"
		     "> PA 1:1301(1300) ack 1\n"
		     "+10ms < A 1:1(0) ack 1301\n"
		     "mss 1400\n"
		     "send 1400\n"
		     "> PA 1301:2701(1400) ack 1\n"
		     "+10ms < A 1:1(0) ack 2701\n"
		     "mss 1250\n"
		     "sent 1400 of 1250\n"
		     "+10ms < A 1:1(0) ack 4101\n");
}

/* TCP_MAXSEG: advertised to the peer, kept to, and fixed by the handshake. */
static void maxseg_of_a_caller(struct kunit *test)
{
	scenario_run(test,
		     "socket\n"
		     "set maxseg 1000\n"
		     "connect\n"
		     "> S 0:0(0) <mss 1000,sackok,ts * *,ws *,rill * *>\n"
		     "+10ms < SA 0:0(0) ack 1 win 65535 <mss 1460>\n"
		     "> A 1:1(0) ack 1\n"
		     "set maxseg 500\n"
		     "sent 1500 of 1000\n"
		     "+1ms < A 1:1(0) ack 1501\n");
}

static void maxseg_of_a_listener(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "set maxseg 1000\n"
		     "< S 0:0(0) win 65535 <mss 1460>\n"
		     "> SA 0:0(0) ack 1 <mss 1000>\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "sent 1500 of 1000\n"
		     "+1ms < A 1:1(0) ack 1501\n");
}

/*
 * A segment is half of the largest window at the most, or all of a very small
 * one.
 */
static void mss_of_a_tiny_window(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< SA 0:0(0) ack 1 win 400 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "send 1000\n"
		     "> Ap 1:401(400) ack 1\n"
		     "+1ms < A 1:1(0) ack 401 win 800\n"
		     "> Ap 401:801(400) ack 1\n"
		     "> PA 801:1001(200) ack 1\n"
		     "+1ms < A 1:1(0) ack 1001 win 60000\n"
		     "send 1000\n"
		     "> PA 1001:2001(1000) ack 1\n"
		     "+1ms < A 1:1(0) ack 2001\n");
}

/* ---- black holes ------------------------------------------------------- */

#define LOST_THREE_TIMES						\
	FULL_SEGMENT							\
	"+* > PA 1:1461(1460) ack 1\n"					\
	"+* > PA 1:1461(1460) ack 1\n"

/*
 * After retries1 timeouts a black hole is assumed; the search then finds what
 * passes.
 */
static void black_hole(struct kunit *test)
{
	u32 base = base_of(test);

	scenario_run(test, LOST_THREE_TIMES);
	play(test,
	     "counter mtu_black_holes +0\n"
	     "+* > Ap 1:%u(%u) ack 1\n"
	     "counter mtu_black_holes +1\n"
	     "+10ms < A 1:1(0) ack %u\n"
	     "> PA %u:1461(%u) ack 1\n"
	     "+10ms < A 1:1(0) ack 1461\n"
	     "send %u\n"
	     "> PA 1461:%u(%u) ack 1\n"
	     "+10ms < A 1:1(0) ack %u\n",
	     1 + base, base, 1 + base, 1 + base, 1460 - base,
	     base, 1461 + base, base, 1461 + base);
}

/* The MSS is halved, down to a floor; every IPv6 path takes 1280. */
static void black_hole_is_deeper(struct kunit *test)
{
	scenario_run(test, LOST_THREE_TIMES);
	if (is_ipv6(test))
		scenario_run(test,
			     "+* > Ap 1:1221(1220) ack 1\n"
			     "+* > Ap 1:1221(1220) ack 1\n"
			     "+* > Ap 1:1221(1220) ack 1\n"
			     "+* > Ap 1:1221(1220) ack 1\n"
			     "+* > Ap 1:1221(1220) ack 1\n"
			     "counter mtu_black_holes +1\n");
	else
		scenario_run(test,
			     "+* > Ap 1:1025(1024) ack 1\n"
			     "+* > Ap 1:1025(1024) ack 1\n"
			     "+* > Ap 1:1025(1024) ack 1\n"
			     "+* > Ap 1:513(512) ack 1\n"
			     "+* > Ap 1:513(512) ack 1\n"
			     "counter mtu_black_holes +2\n");
}

/* The loss of a small segment says nothing of the path MTU. */
static void black_hole_takes_small_ones_too(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1460,rill 1000 6>\n"
		     "send 500\n"
		     "> PA 1:501(500) ack 1\n"
		     "+* > PA 1:501(500) ack 1\n"
		     "+* > PA 1:501(500) ack 1\n"
		     "+* > PA 1:501(500) ack 1\n"
		     "+* > PA 1:501(500) ack 1\n"
		     "counter mtu_black_holes +0\n"
		     "+1ms < A 1:1(0) ack 501\n"
		     "send 1460\n"
		     "> PA 501:1961(1460) ack 1\n"
		     "+1ms < A 1:1(0) ack 1961\n");
}

static void black_hole_not_looked_for(struct kunit *test)
{
	scenario_run(test,
		     "tunable mtu_probing 0\n"
		     LOST_THREE_TIMES
		     "+* > PA 1:1461(1460) ack 1\n"
		     "+* > PA 1:1461(1460) ack 1\n"
		     "counter mtu_black_holes +0\n");
}

/* ---- the search -------------------------------------------------------- */

/*
 * A window of ten full segments is acknowledged, and the next segment is an MTU
 * probe; @base returns their MSS; returns where the probe begins.
 */
static u32 probe(struct kunit *test, u32 *base)
{
	u32 at;
	int i;

	*base = base_of(test);
	at = 1 + 10 * *base;
	scenario_run(test,
		     "tunable mtu_probing 2\n"
		     "established 10ms <mss 1460,sackok,rill 1000 6>\n"
		     "set sndbuf 200000\n"
		     "lenient\n");
	/* A probe needs data behind it. */
	for (i = 0; i < 10; i++)
		play(test, "send %u\n", *base);
	scenario_run(test, "send 50000\n");
	play(test,
	     "+10ms < A 1:1(0) ack %u\n"
	     "> Ap %u:%u(1460) ack 1\n"
	     "counter mtu_probes +1\n",
	     at, at, at + 1460);
	return at;
}

/* Pacing holds an MTU probe back as any other segment. */
static void probe_is_paced(struct kunit *test)
{
	u32 base = base_of(test);
	int i;

	scenario_run(test,
		     "tunable mtu_probing 2\n"
		     "established 10ms <mss 1460,sackok,rill 1000 6>\n"
		     "set sndbuf 200000\n"
		     "lenient\n");
	for (i = 0; i < 10; i++) {
		if (i == 9)
			scenario_run(test, "set max-pacing-rate 10000\n");
		play(test, "send %u\n", base);
	}
	scenario_run(test, "send 50000\n");
	play(test,
	     "+10ms < A 1:1(0) ack %u\n"
	     "quiet 85ms\n"
	     "counter mtu_probes +0\n"
	     "quiet 40ms\n"
	     "counter mtu_probes +1\n",
	     1 + 10 * base);
}

/* RFC 4821, 7.6.1. */
static void probe_passes(struct kunit *test)
{
	u32 base, cwnd, at = probe(test, &base);
	struct rill_sock *rs = sock_of(test);

	KUNIT_EXPECT_EQ(test, rs->path.mss, base);
	cwnd = rs->cc.cwnd;
	play(test,
	     "+10ms < A 1:1(0) ack %u\n"
	     "counter mtu_probe_success +1\n"
	     "counter mtu_probe_failed +0\n"
	     "counter rto_timeouts +0\n",
	     at + 1460);
	KUNIT_EXPECT_EQ(test, rs->path.mss, 1460);
	/* cwnd has as many bytes as before, and what slow start has added. */
	KUNIT_EXPECT_LE(test, rs->cc.cwnd * 1460, (cwnd + 2) * base);
	/* The search is over. */
	drain(test);
	scenario_run(test, "send 60000\ncounter mtu_probes +0\n");
	drain(test);
	scenario_run(test, "counter mtu_probes +0\n");
}

/*
 * RFC 4821, 7.6.2: a probe lost alone is retransmitted in pieces, and cwnd
 * stays.
 */
static void probe_does_not_pass(struct kunit *test)
{
	u32 base, cwnd, at = probe(test, &base);
	struct rill_sock *rs = sock_of(test);
	u32 end = at + 1460, rest = 2 * base - 1460;

	cwnd = rs->cc.cwnd;
	play(test,
	     "+10ms < A 1:1(0) ack %u <sack %u:%u>\n"
	     "> Ap %u:%u(%u) ack 1\n"
	     "> Ap %u:%u(%u) ack 1\n"
	     "counter mtu_probe_failed +1\n"
	     "counter mtu_probe_success +0\n",
	     at, end, end + rest + 2 * base,
	     at, at + base, base,
	     at + base, end, 1460 - base);
	KUNIT_EXPECT_GE(test, rs->cc.cwnd, cwnd);
	KUNIT_EXPECT_EQ(test, rs->cc.ssthresh, U32_MAX);
	KUNIT_EXPECT_EQ(test, rs->path.mss, base);
	/* The next probe is in the middle. */
	play(test, "+10ms < A 1:1(0) ack %u\n", rs->snd.nxt - rs->snd.iss);
	scenario_run(test, "counter mtu_probes +1\n");
	KUNIT_EXPECT_EQ(test, rs->plpmtud.mtu,
			(mtu_of(test, base) + mtu_of(test, 1459) + 1) / 2);
}

/* RFC 4821, 7.6.4: a probe lost with others may be lost to congestion. */
static void probe_lost_with_others(struct kunit *test)
{
	u32 base, at = probe(test, &base);
	struct rill_sock *rs = sock_of(test);
	u32 end = at + 1460, rest = 2 * base - 1460;

	play(test,
	     "+10ms < A 1:1(0) ack %u <sack %u:%u>\n"
	     "counter mtu_probe_failed +0\n",
	     at, end + rest, end + rest + 3 * base);
	KUNIT_EXPECT_NE(test, rs->cc.ssthresh, U32_MAX);
	KUNIT_EXPECT_EQ(test, rs->plpmtud.high, mtu_of(test, 1460));
	KUNIT_EXPECT_EQ(test, rs->plpmtud.mtu, 0);
}

/* ICMP answers the probe: its MTU ends the search. */
static void probe_answered_by_icmp(struct kunit *test)
{
	u32 base, at = probe(test, &base);
	struct rill_sock *rs = sock_of(test);
	u32 cwnd = rs->cc.cwnd;

	play(test,
	     "+1ms < icmp mtu %u %u\n"
	     "> Ap %u:%u(%u) ack 1\n"
	     "counter mtu_probe_failed +1\n",
	     at, mtu_of(test, 1300), at, at + base, base);
	KUNIT_EXPECT_EQ(test, rs->cc.cwnd, cwnd);
	KUNIT_EXPECT_EQ(test, rs->path.mss, base);
	KUNIT_EXPECT_EQ(test, rs->plpmtud.high, mtu_of(test, 1300));
}

/* A timeout while a probe is in flight says nothing of the MTU. */
static void probe_and_a_timeout(struct kunit *test)
{
	u32 base, at = probe(test, &base);
	struct rill_sock *rs = sock_of(test);

	play(test, "ignore\n+* > Ap %u:%u(%u) ack 1\n", at, at + base, base);
	scenario_run(test, "counter mtu_probe_failed +0\n");
	KUNIT_EXPECT_EQ(test, rs->plpmtud.mtu, 0);
	KUNIT_EXPECT_EQ(test, rs->plpmtud.high, mtu_of(test, 1460));
}

/* RFC 8899, 5.1.1: after ten minutes a larger probe may pass. */
static void search_again(struct kunit *test)
{
	u32 base, at = probe(test, &base);
	struct rill_sock *rs = sock_of(test);

	play(test, "+10ms < A 1:1(0) ack %u\n", at + 1460);
	/* It is as if the search had ended below. */
	lock_sock(scenario_sk(test));
	rs->plpmtud.low = mtu_of(test, 1400);
	rs->plpmtud.high = mtu_of(test, 1400);
	rs->plpmtud.failed = true;
	rill_mss_sync(scenario_sk(test));
	release_sock(scenario_sk(test));
	KUNIT_EXPECT_EQ(test, rs->path.mss, 1400);
	drain(test);
	scenario_run(test, "counter mtu_probes +0\n");
	KUNIT_EXPECT_NE(test, rs->plpmtud.end_ns, 0);
	scenario_run(test,
		     "tunable slow_start_after_idle 0\n"
		     "quiet 601s\n");
	/* So that data waits. */
	rs->cc.cwnd = 10;
	scenario_run(test, "send 60000\n");
	drain(test);
	scenario_run(test,
		     "counter mtu_probes +1\n"
		     "counter mtu_probe_success +2\n");
	KUNIT_EXPECT_EQ(test, rs->path.mss, 1460);
}

static struct kunit_case mtu_cases[] = {
	KUNIT_CASE_PARAM(larger_than_ours, scenario_families),
	KUNIT_CASE_PARAM(larger_than_the_peers, scenario_families),
	KUNIT_CASE_PARAM(smaller_than_ip_allows, scenario_families),
	KUNIT_CASE_PARAM(smallest_of_all, scenario_families),
	KUNIT_CASE_PARAM(without_a_number, scenario_families),
	KUNIT_CASE_PARAM(several_messages, scenario_families),
	KUNIT_CASE_PARAM(of_the_other_connection, scenario_families),
	KUNIT_CASE_PARAM(of_the_other_connection_at_last, scenario_families),
	KUNIT_CASE_PARAM(of_the_interface, scenario_families),
	KUNIT_CASE_PARAM(omitted, scenario_families),
	KUNIT_CASE_PARAM(without_df, scenario_families),
	KUNIT_CASE_PARAM(grows_again, scenario_families),
	KUNIT_CASE_PARAM(keeps_the_window, scenario_families),
	KUNIT_CASE_PARAM(narrow_when_idle, scenario_families),
	KUNIT_CASE_PARAM(narrow_and_closed, scenario_families),
	KUNIT_CASE_PARAM(narrow_and_corked, scenario_families),
	KUNIT_CASE_PARAM(narrow_behind_a_window, scenario_families),
	KUNIT_CASE_PARAM(narrow_and_a_tail_probe, scenario_families),
	KUNIT_CASE_PARAM(narrow_by_the_other, scenario_families),
	KUNIT_CASE_PARAM(mss_of_a_child, scenario_families),
	KUNIT_CASE_PARAM(mss_follows_the_device, scenario_families),
	KUNIT_CASE_PARAM(maxseg_of_a_caller, scenario_families),
	KUNIT_CASE_PARAM(maxseg_of_a_listener, scenario_families),
	KUNIT_CASE_PARAM(mss_of_a_tiny_window, scenario_families),
	KUNIT_CASE_PARAM(black_hole, scenario_families),
	KUNIT_CASE_PARAM(black_hole_is_deeper, scenario_families),
	KUNIT_CASE_PARAM(black_hole_takes_small_ones_too, scenario_families),
	KUNIT_CASE_PARAM(black_hole_not_looked_for, scenario_families),
	KUNIT_CASE_PARAM(probe_is_paced, scenario_families),
	KUNIT_CASE_PARAM(probe_passes, scenario_families),
	KUNIT_CASE_PARAM(probe_does_not_pass, scenario_families),
	KUNIT_CASE_PARAM(probe_lost_with_others, scenario_families),
	KUNIT_CASE_PARAM(probe_answered_by_icmp, scenario_families),
	KUNIT_CASE_PARAM(probe_and_a_timeout, scenario_families),
	KUNIT_CASE_PARAM(search_again, scenario_families),
	{}
};

static struct kunit_suite mtu_suite = {
	.name = "rill_mtu",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = mtu_cases,
};

kunit_test_suite(mtu_suite);
