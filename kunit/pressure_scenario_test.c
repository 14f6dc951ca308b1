// SPDX-License-Identifier: GPL-2.0
/*
 * Limits that all namespaces share. Each byte that a socket holds is in the
 * account, whatever the namespace's own limits are; orphans give way first;
 * and the initial namespace sets what the others may hold.
 */
#include "../module/compat.h"
#include "../module/socket/inside.h"
#include "../module/transfer/inside.h"
#include "scenario.h"

#define RILL_PEER	"established 10ms <mss 1000,sackok,ts,ws 7,rill 1000 6>\n"

/* A count of sockets at which none has a share of the free memory. */
#define CROWD		1000000

/* The account is exact to some pages for each CPU. */
#define SLACK		512

/**
 * struct shortage - what was changed, to be put back
 * @limits: of the memory of all sockets, pages
 * @host: tunables of the first namespace
 * @crowd: sockets that there are not
 */
struct shortage {
	long limits[3];
	struct rill_tunables host;
	int crowd;
};

static void shortage_begin(struct shortage *was)
{
	memcpy(was->limits, rill_prot.sysctl_mem, sizeof(was->limits));
	was->host = rill_net(&init_net)->tunables;
	was->crowd = 0;
}

/* Memory is short from now on, and used up after @left pages more. */
static void shortage_of_memory(struct shortage *was, struct sock *sk, int left)
{
	long now = sk_memory_allocated(sk);

	rill_prot.sysctl_mem[0] = -1;
	rill_prot.sysctl_mem[1] = -1;
	rill_prot.sysctl_mem[2] = now + left;
	percpu_counter_add(rill_prot.sockets_allocated, CROWD);
	was->crowd += CROWD;
}

static void shortage_end(const struct shortage *was)
{
	memcpy(rill_prot.sysctl_mem, was->limits, sizeof(was->limits));
	rill_net(&init_net)->tunables = was->host;
	percpu_counter_add(rill_prot.sockets_allocated, -was->crowd);
	*rill_prot.memory_pressure = 0;
}

/* Segments from @seq on until one is dropped; returns the bytes held then. */
static u32 fill(struct kunit *test, u32 seq, u32 most)
{
	struct sock *sk = scenario_sk(test);
	char line[96];

	for (; seq < most && !rill_sk(sk)->rcv.full; seq += 1000) {
		scnprintf(line, sizeof(line), "< A %u:%u(1000) ack 1\nignore\n",
			  seq, seq + 1000);
		if (!scenario_run(test, line))
			break;
	}
	return atomic_read(&sk->sk_rmem_alloc);
}

/*
 * A namespace allows each socket 2 GiB: what a socket takes is in the account,
 * and leaves it with the socket.
 */
static void what_is_promised_is_accounted(struct kunit *test)
{
	struct shortage was;
	u32 held;

	shortage_begin(&was);
	rill_net(&init_net)->tunables.rmem[0] = INT_MAX;
	scenario_run(test,
		     "tunable rmem 2147483647 8000000 2147483647\n"
		     RILL_PEER
		     "lenient\n");
	shortage_of_memory(&was, scenario_sk(test), SLACK);
	held = fill(test, 1, 4000001);
	KUNIT_EXPECT_GT(test, held, 64 << 10);
	KUNIT_EXPECT_LE(test, held, 2 * SLACK * PAGE_SIZE);
	KUNIT_EXPECT_GE(test, sk_memory_allocated(scenario_sk(test)),
			rill_prot.sysctl_mem[2] - SLACK);
	shortage_end(&was);
}

/* ... and is no more than the initial namespace allows. */
static void guests_promise_what_the_host_does(struct kunit *test)
{
	struct shortage was;
	u32 held;

	shortage_begin(&was);
	scenario_run(test,
		     "tunable rmem 2147483647 8000000 2147483647\n"
		     RILL_PEER
		     "lenient\n");
	shortage_of_memory(&was, scenario_sk(test), 100000);
	held = fill(test, 1, 400001);
	KUNIT_EXPECT_GT(test, held, 0);
	KUNIT_EXPECT_LE(test, held, 2 * 4096 + PAGE_SIZE);
	shortage_end(&was);
}

/* The same for the send buffer. */
static void promised_to_a_writer(struct kunit *test)
{
	struct shortage was;
	struct sock *sk;
	u32 held;

	shortage_begin(&was);
	rill_net(&init_net)->tunables.wmem[0] = INT_MAX;
	scenario_run(test,
		     "tunable wmem 2147483647 2147483647 2147483647\n"
		     RILL_PEER
		     "lenient\n");
	sk = scenario_sk(test);
	sk->sk_userlocks |= SOCK_SNDBUF_LOCK;
	shortage_of_memory(&was, sk, SLACK);
	scenario_run(test, "send 8000000 = *\n");
	held = sk->sk_wmem_queued;
	KUNIT_EXPECT_GT(test, held, 64 << 10);
	KUNIT_EXPECT_LE(test, held, 2 * SLACK * PAGE_SIZE);
	shortage_end(&was);
}

/*
 * The path's MTU shrinks: each half of a split segment is in the account, as
 * each FIN is.
 */
static void halves_are_accounted(struct kunit *test)
{
	struct shortage was;

	shortage_begin(&was);
	scenario_run(test,
		     RILL_PEER
		     "lenient\n"
		     "send 10000\n");
	shortage_of_memory(&was, scenario_sk(test), -1);
	scenario_run(test, "quiet 1s\n");
	rill_sk(scenario_sk(test))->path.mss = 100;
	lock_sock(scenario_sk(test));
	local_bh_disable();
	rill_recovery_mtu(scenario_sk(test));
	local_bh_enable();
	release_sock(scenario_sk(test));
	/* Each line looks at the account. */
	scenario_run(test,
		     "ignore\n"
		     "shutdown wr\n"
		     "ignore\n");
	KUNIT_EXPECT_GT(test, rill_sk(scenario_sk(test))->rtx.packets_out, 20);
	shortage_end(&was);
}

/* An orphan that holds much memory is reset at once when all is used up ... */
static void orphan_yields_at_close(struct kunit *test)
{
	struct shortage was;

	shortage_begin(&was);
	scenario_run(test,
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 9000\n");
	shortage_of_memory(&was, scenario_sk(test), -1);
	scenario_run(test,
		     "close\n"
		     "> RA 1:1(0) ack 1\n"
		     "state CLOSE\n"
		     "counter orphans_short +1\n");
	shortage_end(&was);
}

/* ... one that holds little is not. */
static void small_orphan_stays(struct kunit *test)
{
	struct shortage was;

	shortage_begin(&was);
	scenario_run(test,
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100\n");
	shortage_of_memory(&was, scenario_sk(test), -1);
	scenario_run(test,
		     "close\n"
		     "state FIN_WAIT1\n"
		     "counter orphans_short +0\n");
	shortage_end(&was);
}

/* Memory runs out later: the orphan ends at the next window probe ... */
static void orphan_yields_at_a_probe(struct kunit *test)
{
	struct shortage was;
	struct sock *sk;

	shortage_begin(&was);
	scenario_run(test,
		     RILL_PEER
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 9000\n");
	sk = scenario_sk(test);
	sock_hold(sk);
	scenario_run(test,
		     "close\n"
		     "+31ms > A 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "state FIN_WAIT1\n");
	shortage_of_memory(&was, sk, -1);
	scenario_run(test,
		     "+62ms > RA 1:1(0) ack 1\n"
		     "state CLOSE\n"
		     "counter orphans_short +1\n");
	sock_put(sk);
	shortage_end(&was);
}

/* ... or at the next timeout. */
static void orphan_yields_at_a_timeout(struct kunit *test)
{
	struct shortage was;
	struct sock *sk;

	shortage_begin(&was);
	scenario_run(test,
		     RILL_PEER
		     "lenient\n"
		     "send 9000\n");
	sk = scenario_sk(test);
	sock_hold(sk);
	scenario_run(test,
		     "close\n"
		     "quiet 5ms\n"
		     "state FIN_WAIT1\n");
	shortage_of_memory(&was, sk, -1);
	scenario_run(test,
		     "quiet 30ms\n"
		     "state CLOSE\n"
		     "counter orphans_short +1\n"
		     "counter rto_timeouts +0\n");
	sock_put(sk);
	shortage_end(&was);
}

/*
 * Each timer that keeps an orphan has an end: RETRANSMIT and PERSIST, with what
 * else may be set beside them, and PACE.
 */
static void orphan_yields_by_each_timer(struct kunit *test)
{
	static const char * const kept[] = {
		/* RETRANSMIT */
		"send 1000\nclose\n",
		/* PROBE */
		"tunable tlp 1\nsend 1000\n+10ms < A 1:1(0) ack 1001\nclose\n",
		/* REORDER */
		"send 2000\nclose\n+10ms < A 1:1(0) ack 1 <sack 1001:2001>\n",
		/*
		 * PERSIST: for a closed window, and for a segment that this
		 * host refused
		 */
		"< A 1:1(0) ack 1 win 0\nsend 1000\nclose\n",
		"device refuses\nsend 1000\nclose\n",
		/* PACE: a quarter of an hour */
		"set max-pacing-rate 1\nsend 2000\nclose\n"
		"+10ms < A 1:1(0) ack 1001\n",
	};
	char script[96];
	int i;

	scenario_run(test, "lenient\n");
	for (i = 0; i < ARRAY_SIZE(kept); i++) {
		scnprintf(script, sizeof(script),
			  "tunable max_orphans 65536\n"
			  "flow %d\n"
			  "socket\n"
			  "established 10ms <mss 1000,sackok,rill 1000 6>\n",
			  i);
		scenario_run(test, script);
		scenario_run(test, kept[i]);
		if (!scenario_run(test,
				  "state FIN_WAIT1\n"
				  "tunable max_orphans 0\n"
				  "quiet 130s\n"
				  "state CLOSE\n"
				  "counter orphan_overflows +1\n"
				  "device takes\n"
				  "tunable tlp 0\n"))
			break;
	}
}

/* It sends once a second by itself, though the peer answers. */
static void orphan_yields_at_its_pace(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set max-pacing-rate 1020\n"
		     "tolerance 5us\n"
		     "send 3000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "close\n"
		     "+10ms < A 1:1(0) ack 1001\n"
		     "state FIN_WAIT1\n"
		     "tunable max_orphans 0\n"
		     "+990ms > RA 1001:1001(0) ack 1\n"
		     "state CLOSE\n"
		     "counter orphan_overflows +1\n");
}

/* An orphan faster than TCP's least RTO, whose peer answers, goes on. */
static void orphan_at_its_pace_stays(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "set max-pacing-rate 10200\n"
		     "tolerance 5us\n"
		     "send 3000\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "close\n"
		     "tunable max_orphans 0\n"
		     "+10ms < A 1:1(0) ack 1001\n"
		     "+90ms > Ap 1001:2001(1000) ack 1\n"
		     "+10ms < A 1:1(0) ack 2001\n"
		     "+90ms > PFA 2001:3001(1000) ack 1\n"
		     "+10ms < FA 1:1(0) ack 3002\n"
		     "> A 3002:3002(0) ack 2\n"
		     "counter orphan_overflows +0\n");
}

/* A window that closed for want of memory opens once there is some. */
static void opens_to_what_there_is(struct kunit *test)
{
	struct shortage was;
	struct rill_sock *rs;
	char line[96];
	struct sock *sk;
	u32 edge;

	shortage_begin(&was);
	scenario_run(test,
		     "tunable rmem 4096 8000000 8000000\n"
		     RILL_PEER
		     "lenient\n");
	sk = scenario_sk(test);
	rs = rill_sk(sk);
	shortage_of_memory(&was, sk, SLACK);
	fill(test, 1, 60001);
	KUNIT_EXPECT_TRUE(test, rs->rcv.full);
	edge = rs->rcv.nxt + rill_window_left(sk);
	KUNIT_EXPECT_GT(test, edge - rs->rcv.nxt, 40000);
	scnprintf(line, sizeof(line), "ignore\nrecv %u\n> A 1:1(0) ack * win <=8000\n",
		  rs->rcv.nxt - rs->rcv.copied_seq);
	scenario_run(test, line);
	KUNIT_EXPECT_FALSE(test, rs->rcv.full);
	KUNIT_EXPECT_LE(test, rs->rcv.wnd, 8000);
	KUNIT_EXPECT_GE(test, rs->rcv.wnd, 1000);
	/* Segments that the peer sent before that are still accepted. */
	shortage_end(&was);
	scnprintf(line, sizeof(line),
		  "< A %u:%u(1000) ack 1\n"
		  "counter drop_window +0\n"
		  "counter ofo_queued +1\n",
		  edge - rs->rcv.irs - 1000, edge - rs->rcv.irs);
	scenario_run(test, line);
}

/*
 * While memory is short, but not used up, an orphan with more than its share
 * gives way, however many there are.
 */
static void largest_orphan_yields_first(struct kunit *test)
{
	struct shortage was;
	struct sock *sk;

	shortage_begin(&was);
	scenario_run(test, RILL_PEER "< A 1:1(0) ack 1 win 0\nsend 9000\n");
	sk = scenario_sk(test);
	rill_prot.sysctl_mem[0] = 1;
	rill_prot.sysctl_mem[1] = sk_mem_pages(sk->sk_wmem_queued) - 1;
	atomic_long_add(SLACK, rill_prot.memory_allocated);
	KUNIT_EXPECT_TRUE(test, rill_memory_yields(sk));
	/* The account is no larger than when all is well. */
	rill_prot.sysctl_mem[1] = 2 * SLACK;
	KUNIT_EXPECT_FALSE(test, rill_memory_yields(sk));
	/* Short, but this one has less than its share. */
	rill_prot.sysctl_mem[1] = SLACK / 2;
	KUNIT_EXPECT_FALSE(test, rill_memory_yields(sk));
	atomic_long_sub(SLACK, rill_prot.memory_allocated);
	shortage_end(&was);
}

/* There is room for it; but after a soft error it counts twice. */
static void orphan_with_an_error_yields_first(struct kunit *test)
{
	scenario_run(test,
		     "tunable max_orphans 1\n"
		     RILL_PEER
		     "lenient\n"
		     "send 9000\n"
		     "close\n"
		     "quiet 1s\n"
		     "state FIN_WAIT1\n"
		     "counter orphan_overflows +0\n"
		     "< icmp net 1\n"
		     "quiet 5s\n"
		     "state CLOSE\n"
		     "counter orphan_overflows +1\n");
}

/* ... and so does an orphan that has sent nothing for twice the longest RTO. */
static void silent_orphan_yields_first(struct kunit *test)
{
	scenario_run(test,
		     "tunable max_orphans 1\n"
		     RILL_PEER
		     "set rill-rto-max 1s\n"
		     "lenient\n"
		     "send 1000\n"
		     "+10ms < A 1:1(0) ack 1001 win 0\n"
		     "send 9000\n"
		     "close\n"
		     "quiet 1900ms\n"
		     "state FIN_WAIT1\n"
		     "counter orphan_overflows +0\n"
		     "quiet 2s\n"
		     "state CLOSE\n"
		     "counter orphan_overflows +1\n");
}

/*
 * A namespace raises its own limit; the initial one's holds for all others
 * together.
 */
static void guests_share_max_orphans(struct kunit *test)
{
	struct shortage was;

	shortage_begin(&was);
	rill_net(&init_net)->tunables.max_orphans = 0;
	scenario_run(test,
		     "tunable max_orphans 2147483647\n"
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "> RA 2:2(0) ack 1\n"
		     "state CLOSE\n"
		     "counter orphan_overflows +1\n");
	shortage_end(&was);
}

static void guests_share_time_wait_max(struct kunit *test)
{
	struct shortage was;

	shortage_begin(&was);
	rill_net(&init_net)->tunables.time_wait_max = 0;
	scenario_run(test,
		     "tunable time_wait_max 16777216\n"
		     "established 10ms\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < FA 1:1(0) ack 2\n"
		     "> A 2:2(0) ack 2\n"
		     "state CLOSE\n"
		     "counter time_wait_overflows +1\n");
	shortage_end(&was);
}

/* Beyond half_open_max a SYN gets a cookie, as with a full SYN queue. */
static void half_open_max_tunable(struct kunit *test)
{
	scenario_run(test,
		     "tunable half_open_max 0\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter cookies_sent +1\n"
		     "counter syn_overflows +1\n");
}

static void guests_share_half_open_max(struct kunit *test)
{
	struct shortage was;

	shortage_begin(&was);
	rill_net(&init_net)->tunables.half_open_max = 0;
	scenario_run(test,
		     "tunable half_open_max 16777216\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter cookies_sent +1\n");
	shortage_end(&was);
}

/*
 * ... but not in the initial namespace: other namespaces do not limit the host.
 */
static void guests_do_not_bound_the_host(struct kunit *test)
{
	struct rill_net *host = rill_net(&init_net);
	u32 most = rill_tunable(host, max_orphans);

	atomic_add(most + 1, &rill_guests.orphans);
	KUNIT_EXPECT_FALSE(test, rill_orphans_over(host, 0));
	KUNIT_EXPECT_TRUE(test, rill_orphans_over(rill_net(rill_kunit_net), 0));
	atomic_sub(most + 1, &rill_guests.orphans);
	KUNIT_EXPECT_FALSE(test, rill_orphans_over(rill_net(rill_kunit_net), 0));
}

/* A peer with a tiny MSS does not make a send buffer of many MiB. */
static void tiny_segments_few_of_them(struct kunit *test)
{
	struct rill_sock *rs;
	struct sock *sk;
	int usual;

	scenario_run(test,
		     "established 10ms <mss 88,sackok,ts,ws 14,rill 1000 6>\n");
	sk = scenario_sk(test);
	rs = rill_sk(sk);
	KUNIT_EXPECT_EQ(test, rs->path.mss, 88 - RILL_TS_OPTION_LEN);
	rs->cc.cwnd = RILL_CWND_MAX;
	rs->path.mss = 536;
	rill_sndbuf_grow(sk);
	usual = sk->sk_sndbuf;
	rs->path.mss = 88 - RILL_TS_OPTION_LEN;
	rill_sndbuf_grow(sk);
	KUNIT_EXPECT_GT(test, usual, 4 << 20);
	KUNIT_EXPECT_EQ(test, sk->sk_sndbuf, usual);
}

/* The namespace may refuse to send such small segments. */
static void min_snd_mss_tunable(struct kunit *test)
{
	scenario_run(test,
		     "tunable min_snd_mss 536\n"
		     "established 10ms <mss 88>\n"
		     "sent 1000 of 536\n"
		     "+10ms < A 1:1(0) ack 1001\n");
}

/*
 * Splitting ends once the queue holds twice what the program may queue; but the
 * head and the tail of the data in flight, which recovery needs, are always
 * split.
 */
static void splits_are_bounded(struct kunit *test)
{
	struct sk_buff *head, *inner;
	struct sock *sk;

	scenario_run(test, RILL_PEER "lenient\nsend 9000\nignore\n");
	sk = scenario_sk(test);
	head = rill_rtx_head(sk);
	inner = rill_rtx_next(head);
	KUNIT_ASSERT_NOT_NULL(test, inner);
	KUNIT_ASSERT_NOT_NULL(test, rill_rtx_next(inner));
	lock_sock(sk);
	KUNIT_EXPECT_EQ(test, rill_skb_split(sk, inner, 500, GFP_KERNEL), 0);
	sk->sk_wmem_queued += 1 << 30;
	KUNIT_EXPECT_EQ(test, rill_skb_split(sk, inner, 250, GFP_KERNEL),
			-ENOMEM);
	KUNIT_EXPECT_EQ(test, rill_skb_split(sk, head, 500, GFP_KERNEL), 0);
	sk->sk_wmem_queued -= 1 << 30;
	KUNIT_EXPECT_EQ(test, rill_skb_split(sk, inner, 250, GFP_KERNEL), 0);
	release_sock(sk);
}

/*
 * io_uring lends the pages that it sends (SKBFL_MANAGED_FRAG_REFS): trimming
 * the acknowledged part of a segment must not put a lent page.
 */
static void lent_pages_are_not_put(struct kunit *test)
{
	struct skb_shared_info *info;
	struct page *page;
	struct sk_buff *head;
	struct sock *sk;
	int count;

	scenario_run(test, RILL_PEER "lenient\nsend 1000\nignore\n");
	sk = scenario_sk(test);
	head = rill_rtx_head(sk);
	KUNIT_ASSERT_NOT_NULL(test, head);
	KUNIT_ASSERT_FALSE(test, skb_cloned(head));
	info = skb_shinfo(head);
	KUNIT_ASSERT_EQ(test, info->nr_frags, 1);
	page = compound_head(skb_frag_page(&info->frags[0]));
	count = page_count(page);
	/* From here on the segment's reference is the lender's. */
	info->flags |= SKBFL_MANAGED_FRAG_REFS;
	lock_sock(sk);
	KUNIT_EXPECT_EQ(test, rill_skb_trim(sk, head, head->len, GFP_KERNEL),
			0);
	release_sock(sk);
	KUNIT_EXPECT_FALSE(test, skb_zcopy_managed(head));
	KUNIT_ASSERT_EQ(test, page_count(page), count);
	put_page(page);
}

static struct kunit_case pressure_cases[] = {
	KUNIT_CASE_PARAM(what_is_promised_is_accounted, scenario_families),
	KUNIT_CASE_PARAM(guests_promise_what_the_host_does, scenario_families),
	KUNIT_CASE_PARAM(promised_to_a_writer, scenario_families),
	KUNIT_CASE_PARAM(halves_are_accounted, scenario_families),
	KUNIT_CASE_PARAM(orphan_yields_at_close, scenario_families),
	KUNIT_CASE_PARAM(small_orphan_stays, scenario_families),
	KUNIT_CASE_PARAM(orphan_yields_at_a_probe, scenario_families),
	KUNIT_CASE_PARAM(orphan_yields_at_a_timeout, scenario_families),
	KUNIT_CASE_PARAM(orphan_yields_by_each_timer, scenario_families),
	KUNIT_CASE_PARAM(orphan_yields_at_its_pace, scenario_families),
	KUNIT_CASE_PARAM(orphan_at_its_pace_stays, scenario_families),
	KUNIT_CASE_PARAM(opens_to_what_there_is, scenario_families),
	KUNIT_CASE_PARAM(largest_orphan_yields_first, scenario_families),
	KUNIT_CASE_PARAM(orphan_with_an_error_yields_first, scenario_families),
	KUNIT_CASE_PARAM(silent_orphan_yields_first, scenario_families),
	KUNIT_CASE_PARAM(guests_share_max_orphans, scenario_families),
	KUNIT_CASE_PARAM(guests_share_time_wait_max, scenario_families),
	KUNIT_CASE_PARAM(half_open_max_tunable, scenario_families),
	KUNIT_CASE_PARAM(guests_share_half_open_max, scenario_families),
	KUNIT_CASE_PARAM(guests_do_not_bound_the_host, scenario_families),
	KUNIT_CASE_PARAM(tiny_segments_few_of_them, scenario_families),
	KUNIT_CASE_PARAM(min_snd_mss_tunable, scenario_families),
	KUNIT_CASE_PARAM(splits_are_bounded, scenario_families),
	KUNIT_CASE_PARAM(lent_pages_are_not_put, scenario_families),
	{}
};

static struct kunit_suite pressure_suite = {
	.name = "rill_pressure",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = pressure_cases,
};

kunit_test_suite(pressure_suite);
