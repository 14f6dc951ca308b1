// SPDX-License-Identifier: GPL-2.0
/*
 * A new connection takes the four-tuple of one in TIME_WAIT, by a SYN and by
 * connect() (RFC 6191; RFC 9293, 3.10.7.4, MAY-2), while old segments are still
 * on the wire.
 *
 * There are three kinds of peer: PLAIN has no timestamps, TCP has a clock of
 * milliseconds, RILL one of microseconds. The old connection ends 20 ms after
 * its SYN: RCV.NXT is 2, and the peer's last timestamp is 20 or 20000.
 */
#include <linux/in.h>
#include <linux/sockptr.h>
#include "../module/control/inside.h"
#include "scenario.h"

#define PLAIN	"<mss 1000>"
#define TCP	"<mss 1000,ts 0 0>"
#define RILL	"<mss 1000,ts 0 0,rill 500 6>"

#define CLOSED_PLAIN							\
	"into TIME_WAIT 10ms\n"						\
	"renew\n"

#define CLOSED_AT(clock)						\
	"close\n"							\
	"> FA 1:1(0) ack 1\n"						\
	"+10ms < FA 1:1(0) ack 2 <ts " clock " *>\n"			\
	"> A 2:2(0) ack 2\n"						\
	"state TIME_WAIT\n"						\
	"renew\n"

#define CLOSED_TCP	CLOSED_AT("20")
#define CLOSED_RILL	CLOSED_AT("20000")

/* The old connection is all that there is: an ACK, the SYN is not taken. */
#define REFUSED								\
	"> old A 2:2(0) ack 2\n"					\
	"state TIME_WAIT\n"						\
	"counter time_wait_reused +0\n"

/* The third segment, and data: no segment of the old connection matters. */
#define OPENS								\
	"counter time_wait_reused +1\n"					\
	"state SYN_RECV\n"						\
	"+10ms < A 1:1(0) ack 1\n"					\
	"accept\n"							\
	"state ESTABLISHED\n"						\
	"< PA 1:101(100) ack 1\n"					\
	"+1ms > A 1:1(0) ack 101\n"					\
	"recv 100\n"							\
	"counter time_wait_resumed +0\n"

/* ---- by a SYN: RFC 6191, section 2 -------------------------------------- */

/*
 * With timestamps sequence numbers do not matter: these are below the old ones.
 */
static void syn_with_a_later_timestamp_of_tcp(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 50000\n"
		     "+1ms < S 0:0(0) win 65535 <mss 1000,ts 21 0>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,ts 21 21>\n"
		     "iss-gain 65539\n"
		     OPENS);
}

/*
 * A flood fills the SYN queue; a cookie cannot tell a returning client from it.
 */
static void syn_while_the_queue_is_full(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "tunable syn_backlog_max 1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter cookies_sent +0\n"
		     "flow 2\n"
		     "< S 0:0(0) <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter cookies_sent +1\n"
		     "flow 0\n"
		     "irs 50000\n"
		     "+1ms < S 0:0(0) win 65535 <mss 1000,ts 30 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     OPENS);
}

static void syn_with_a_later_timestamp_of_rill(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " RILL "\n"
		     CLOSED_RILL
		     "irs 50000\n"
		     "+1ms < S 0:0(0) win 65535 <mss 1000,ts 20001 0,rill 500 6>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,ts 21000 20001,rill 1000 6>\n"
		     "iss-gain 65539\n"
		     OPENS);
}

static void syn_with_the_same_timestamp(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " RILL "\n"
		     CLOSED_RILL
		     "irs 50000\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 20000 0,rill 500 6>\n"
		     REFUSED
		     "irs 100002\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 20000 0,rill 500 6>\n"
		     REFUSED
		     "irs 100003\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 20000 0,rill 500 6>\n"
		     "> SA 0:0(0) ack 1\n"
		     OPENS);
}

/* An old duplicate, wherever its sequence number is. */
static void syn_with_an_earlier_timestamp(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 50000\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 19 0>\n"
		     REFUSED
		     "counter drop_paws +1\n"
		     "irs 200000\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 19 0>\n"
		     REFUSED
		     "counter drop_paws +1\n"
		     "+10ms < S 0:0(0) win 65535 <mss 1000,ts 19 0>\n"
		     "counter drop_paws +1\n"
		     "state TIME_WAIT\n");
}

static void syn_without_the_old_ones_timestamp(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 100002\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000>\n"
		     REFUSED
		     "irs 100003\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1 <mss 1460>\n"
		     OPENS);
}

/* A timestamp that was not agreed on proves nothing. */
static void syn_with_a_timestamp_that_we_do_not_take(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "tunable timestamps 0\n"
		     "irs 100002\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 1020 0>\n"
		     REFUSED
		     "irs 100003\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 19 0>\n"
		     "> SA 0:0(0) ack 1 <mss 1460>\n"
		     OPENS);
}

/*
 * Only timestamps distinguish the two connections then: old data without one is
 * dropped, though it would fit the window.
 */
static void syn_with_a_timestamp_after_none(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " PLAIN "\n"
		     CLOSED_PLAIN
		     "tsbase -1000\n"
		     "+1ms < S 0:0(0) win 65535 <mss 1000,ts 0 0>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,ts * 0>\n"
		     OPENS
		     "< old PA 101:201(100) ack 1 garbled\n"
		     "< old FA 101:101(0) ack 1\n"
		     "counter drop_no_timestamp +2\n"
		     "recv 1 = EAGAIN\n"
		     "state ESTABLISHED\n");
}

static void syn_without_timestamps(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " PLAIN "\n"
		     CLOSED_PLAIN
		     "irs 50000\n"
		     "+1s < S 0:0(0) win 65535 " PLAIN "\n"
		     REFUSED
		     "counter drop_window +1\n"
		     "irs 100002\n"
		     "+1s < S 0:0(0) win 65535 " PLAIN "\n"
		     REFUSED
		     "irs 100003\n"
		     "+1s < S 0:0(0) win 65535 " PLAIN "\n"
		     "> SA 0:0(0) ack 1 <mss 1460>\n"
		     OPENS);
}

/*
 * The ISN's clock (RFC 6528), once it is beyond the old connection's numbers.
 */
static void our_sequence_numbers_begin_beyond(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " PLAIN "\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 101\n"
		     "into TIME_WAIT 10ms\n"
		     "renew\n"
		     "irs 200000\n"
		     "< S 0:0(0) win 65535 " PLAIN "\n"
		     "> SA 0:0(0) ack 1\n"
		     "iss-gain 65639\n"
		     "< R 1:1(0)\n"
		     "flow 1\n"
		     "accepted 10ms " PLAIN "\n"
		     CLOSED_PLAIN
		     "irs 200000\n"
		     "+980ms < S 0:0(0) win 65535 " PLAIN "\n"
		     "> SA 0:0(0) ack 1\n"
		     "iss-gain 250000 250010\n");
}

static void time_wait_reuse_off(struct kunit *test)
{
	scenario_run(test,
		     "tunable time_wait_reuse 0\n"
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 1020 0>\n"
		     REFUSED
		     "quiet 58999999us\n"
		     "state TIME_WAIT\n"
		     "quiet 2us\n"
		     "state CLOSE\n"
		     "< S 0:0(0) win 65535 <mss 1000,ts 60020 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter time_wait_reused +0\n");
}

/* ... nor does a SYN end a connection that still waits for the peer's FIN. */
static void syn_for_fin_wait_2(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 2 <ts 20 *>\n"
		     "state FIN_WAIT2\n"
		     "renew\n"
		     "irs 200000\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 1020 0>\n"
		     "> old A 2:2(0) ack 1\n"
		     "state FIN_WAIT2\n"
		     "counter time_wait_reused +0\n");
}

static void syn_with_other_flags(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n"
		     "+1s < SF 0:0(0) win 65535 <mss 1000,ts 1020 0>\n"
		     REFUSED
		     "+1s < SA 0:0(0) ack 1 win 65535 <mss 1000,ts 2020 0>\n"
		     REFUSED
		     "+1s < SR 0:0(0) win 65535 <mss 1000,ts 3020 0>\n"
		     "state TIME_WAIT\n"
		     "+1s < A 1:1(0) ack 1 <ts 4020 0>\n"
		     REFUSED);
}

static void syn_without_a_listener(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 1020 0>\n"
		     REFUSED
		     "counter out_rsts +0\n");
}

static void syn_after_the_listener_was_closed(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "use 0\n"
		     "close\n"
		     "irs 200000\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 1020 0>\n"
		     REFUSED
		     "counter out_rsts +0\n");
}

/* With cookies or without: a returning client is no flood, as with TCP. */
static void syn_for_a_full_syn_queue(struct kunit *test)
{
	scenario_run(test,
		     "listen 0\n"
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n"
		     "flow 1\n"
		     "< S 0:0(0) win 65535 " PLAIN "\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 0\n"
		     "+10ms < S 0:0(0) win 65535 <mss 1000,ts 30 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter drop_syn_queue +0\n"
		     OPENS);
}

/*
 * A cookie leaves no entry in the table, so that its ACK would meet the old
 * connection: a SYN that reuses one gets an entry, or is dropped.
 */
static void syn_with_cookies_for_all(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "tunable syncookies 2\n"
		     "irs 200000\n"
		     "+1ms < S 0:0(0) win 65535 <mss 1000,ts 21 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter cookies_sent +0\n"
		     "iss-gain 65539\n"
		     OPENS);
}

static void syn_for_a_full_accept_queue(struct kunit *test)
{
	scenario_run(test,
		     "listen 0\n"
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n"
		     "flow 1\n"
		     "< S 0:0(0) win 65535 " PLAIN "\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "flow 0\n"
		     "+10ms < S 0:0(0) win 65535 <mss 1000,ts 30 0>\n"
		     "state TIME_WAIT\n"
		     "counter drop_accept_queue +1\n"
		     "counter time_wait_reused +0\n"
		     "accept\n"
		     "+10ms < S 0:0(0) win 65535 <mss 1000,ts 40 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     OPENS);
}

/* Whatever allocation fails, the four-tuple is never without an owner. */
static void syn_without_memory(struct kunit *test)
{
	struct scenario *s = test->priv;
	char line[SCENARIO_LINE];
	int i;

	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n");
	for (i = 1; i < 20; i++) {
		snprintf(line, sizeof(line),
			 "fail %d\n"
			 "lenient\n"
			 "+10ms < S 0:0(0) win 65535 <mss 1000,ts %d 0>\n",
			 i, 20 + 10 * i);
		scenario_run(test, line);
		if (!s->short_of_memory)
			break;
		/* It is half-open if only the SYN-ACK was lost. */
		if (rill_counter_read(rill_net(s->net),
				      RILL_CNT_time_wait_reused) ==
		    s->counters[RILL_CNT_time_wait_reused])
			scenario_run(test, "state TIME_WAIT\n");
	}
	KUNIT_EXPECT_GT(test, i, 1);
	scenario_run(test, "state SYN_RECV\n");
}

/* ---- what becomes of the half-open connection --------------------------- */

static void syn_again_while_half_open(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n"
		     "+1ms < S 0:0(0) win 65535 <mss 1000,ts 21 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+10ms < S 0:0(0) win 65535 <mss 1000,ts 31 0>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,ts * 31>\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "accept\n"
		     "counter time_wait_reused +1\n"
		     "state ESTABLISHED\n");
}

/* The old connection's end does not end the new one. */
static void established_for_longer_than_time_wait(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 1020 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     OPENS
		     "quiet 2m\n"
		     "state ESTABLISHED\n"
		     "< PA 101:201(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 201\n");
}

/* RFC 9293, 3.10.7.4: "returns to TIME-WAIT if it was an old duplicate". */
static void reset_brings_time_wait_back(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n"
		     "+20s < S 0:0(0) win 65535 <mss 1000,ts 20020 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+500ms < R 1:1(0)\n"
		     "state TIME_WAIT\n"
		     "counter time_wait_reused +1\n"
		     "counter time_wait_resumed +1\n"
		     "< old PA 1:101(100) ack 2 <ts 15 *>\n"
		     "> old A 2:2(0) ack 2\n"
		     "quiet 39499999us\n"
		     "state TIME_WAIT\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

static void reset_and_another_syn(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 1020 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+500ms < R 1:1(0)\n"
		     "counter time_wait_reused +1\n"
		     "counter time_wait_resumed +1\n"
		     "irs 300000\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 2520 0>\n"
		     "> SA *(0) ack 1\n"
		     "counter time_wait_reused +1\n"
		     "state SYN_RECV\n");
}

/* Then a retransmitted FIN restarts 2MSL, as always. */
static void fin_after_time_wait_came_back(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n"
		     "+20s < S 0:0(0) win 65535 <mss 1000,ts 20020 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< R 1:1(0)\n"
		     "+10s < old FA 1:1(0) ack 2 <ts 30020 *>\n"
		     "> old A 2:2(0) ack 2\n"
		     "quiet 59999999us\n"
		     "state TIME_WAIT\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

static void silence_brings_time_wait_back(struct kunit *test)
{
	scenario_run(test,
		     "tunable msl_ms 240000\n"
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 1020 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "+2s > SA 0:0(0) ack 1\n"
		     "+4s > SA 0:0(0) ack 1\n"
		     "+8s > SA 0:0(0) ack 1\n"
		     "+16s > SA 0:0(0) ack 1\n"
		     "quiet 31999ms\n"
		     "state SYN_RECV\n"
		     "quiet 2ms\n"
		     "state TIME_WAIT\n"
		     "counter time_wait_resumed +1\n"
		     "quiet 415998ms\n"
		     "state TIME_WAIT\n"
		     "quiet 2ms\n"
		     "state CLOSE\n");
}

/*
 * TIME_WAIT would be over by then: the old entry comes back and ends at once.
 */
static void silence_for_longer_than_time_wait(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n"
		     "+1s < S 0:0(0) win 65535 <mss 1000,ts 1020 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     "ignore\n"
		     "lenient\n"
		     "quiet 62999ms\n"
		     "state SYN_RECV\n"
		     "quiet 2ms\n"
		     "state CLOSE\n"
		     "counter time_wait_resumed +1\n"
		     "strict\n"
		     "use 0\n"
		     "close\n"
		     "< A 1:1(0) ack 1\n"
		     "> R 1:1(0)\n");
}

static void listener_closed_while_half_open(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n"
		     "+20s < S 0:0(0) win 65535 <mss 1000,ts 20020 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     "use 0\n"
		     "close\n"
		     "state TIME_WAIT\n"
		     "counter time_wait_resumed +1\n"
		     "quiet 39999ms\n"
		     "state TIME_WAIT\n"
		     "quiet 2ms\n"
		     "state CLOSE\n");
}

static void accept_queue_full_when_acknowledged(struct kunit *test)
{
	scenario_run(test,
		     "tunable abort_on_overflow 1\n"
		     "listen 1\n"
		     "accepted 10ms " TCP "\n"
		     CLOSED_TCP
		     "irs 200000\n"
		     "+10ms < S 0:0(0) win 65535 <mss 1000,ts 30 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 1\n"
		     "< S 0:0(0) win 65535 " PLAIN "\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "flow 2\n"
		     "< S 0:0(0) win 65535 " PLAIN "\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "flow 0\n"
		     "< A 1:1(0) ack 1 <ts 31 *>\n"
		     "> R 1:1(0)\n"
		     "state TIME_WAIT\n"
		     "counter time_wait_resumed +1\n");
}

/* ---- old duplicates, for a connection that a SYN opened ----------------- */

/*
 * The old segments fit the window, but their timestamps are older (RFC 7323,
 * 5.3).
 */
static void old_segments_with_timestamps(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " RILL "\n"
		     "< PA 1:101(100) ack 1 <ts 10000 *>\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n"
		     "close\n"
		     "> FA 1:1(0) ack 101\n"
		     "+10ms < FA 101:101(0) ack 2 <ts 21000 *>\n"
		     "> A 2:2(0) ack 102\n"
		     "renew\n"
		     "+1ms < S 0:0(0) win 65535 <mss 1000,ts 22000 0,rill 500 6>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< old PA 1:101(100) ack 1 <ts 10000 *> garbled\n"
		     "> A 1:1(0) ack 1\n"
		     "state SYN_RECV\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "accept\n"
		     "< old PA 1:101(100) ack 1 <ts 10000 *> garbled\n"
		     "> A 1:1(0) ack 1\n"
		     "< old FA 101:101(0) ack 2 <ts 21000 *>\n"
		     "> A 1:1(0) ack 1\n"
		     "+1s < old S 0:0(0) win 65535 <mss 1000,ts 0 0>\n"
		     "> A 1:1(0) ack 1\n"
		     "+1s < old R 102:102(0)\n"
		     "> A 1:1(0) ack 1\n"
		     "counter drop_reset +1\n"
		     "recv 1 = EAGAIN\n"
		     "state ESTABLISHED\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n");
}

/* The old sequence numbers are below all of the new ones. */
static void old_segments_without_timestamps(struct kunit *test)
{
	scenario_run(test,
		     "accepted 10ms " PLAIN "\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n"
		     "into TIME_WAIT 10ms\n"
		     "renew\n"
		     "irs 100103\n"
		     "+1ms < S 0:0(0) win 65535 " PLAIN "\n"
		     "> SA 0:0(0) ack 1\n"
		     "< old FPA 1:101(100) ack 2\n"
		     "> A 1:1(0) ack 1\n"
		     "state SYN_RECV\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "accept\n"
		     "< old FPA 1:101(100) ack 2\n"
		     "> A 1:1(0) ack 1\n"
		     "< old R 102:102(0)\n"
		     "+1s < old S 0:0(0) win 65535 " PLAIN "\n"
		     "> A 1:1(0) ack 1\n"
		     "recv 1 = EAGAIN\n"
		     "state ESTABLISHED\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n");
}

/* ---- by connect() -------------------------------------------------------- */

/* A connection from port 4000, which another socket may bind. */
#define BOUND								\
	"socket\n"							\
	"set reuseaddr\n"						\
	"bind 4000\n"

/* In the middle of a millisecond, so that waits end in one or the other. */
static void amid_a_millisecond(void)
{
	u64 now = scenario_now();

	scenario_sleep_until(now - now % NSEC_PER_MSEC + NSEC_PER_MSEC +
			     300 * NSEC_PER_USEC);
}

static void connect_to_rill(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms " RILL "\n"
		     CLOSED_AT("10000")
		     BOUND
		     "+1ms connect\n"
		     "> S 0:0(0) <mss 1460,sackok,ts 21000 0,ws *,rill 1000 6>\n"
		     "iss-gain 65539\n"
		     "state SYN_SENT\n"
		     "counter time_wait_reused +1\n"
		     "irs 50000\n"
		     "+10ms < SA 0:0(0) ack 1 win 65535 <mss 1000,ts 21000 *,rill 500 6>\n"
		     "> A 1:1(0) ack 1 <ts 31000 21000>\n"
		     "state ESTABLISHED\n"
		     "< PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n"
		     "quiet 2m\n"
		     "state ESTABLISHED\n"
		     "counter time_wait_resumed +0\n");
}

/*
 * A clock of milliseconds has to tick first, and goes on where it stood: 10000
 * from the microseconds before the peer was known, and 990.
 */
static void connect_to_tcp(struct kunit *test)
{
	amid_a_millisecond();
	scenario_run(test,
		     BOUND
		     "established 10ms " TCP "\n"
		     "+980ms close\n"
		     "> FA 1:1(0) ack 1 <ts 10980 0>\n"
		     "+10ms < FA 1:1(0) ack 2 <ts 990 *>\n"
		     "> A 2:2(0) ack 2 <ts 10990 990>\n"
		     "renew\n"
		     BOUND
		     "connect = EADDRNOTAVAIL\n"
		     "+1ms connect\n"
		     "> S 0:0(0) <mss 1460,sackok,ts 10991 0,ws *,rill 1000 6>\n"
		     "counter time_wait_reused +1\n"
		     "irs 50000\n"
		     "+10ms < SA 0:0(0) ack 1 win 65535 <mss 1000,ts 1001 *>\n"
		     "> A 1:1(0) ack 1 <ts * 1001>\n"
		     "state ESTABLISHED\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 101\n");
}

/*
 * The peer is in TIME_WAIT too: it accepts our SYN as this file's other half
 * shows.
 */
static void connect_after_a_simultaneous_close(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms " RILL "\n"
		     "close\n"
		     "> FA 1:1(0) ack 1\n"
		     "+5ms < FA 1:1(0) ack 1 <ts 15000 *>\n"
		     "> A 2:2(0) ack 2\n"
		     "+5ms < A 2:2(0) ack 2 <ts 20000 *>\n"
		     "state TIME_WAIT\n"
		     "renew\n"
		     BOUND
		     "+1ms connect\n"
		     "> S 0:0(0) <mss 1460,sackok,ts 21000 0,ws *,rill 1000 6>\n"
		     "iss-gain 65539\n");
}

static void connect_with_reuse_off(struct kunit *test)
{
	scenario_run(test,
		     "tunable time_wait_reuse 0\n"
		     BOUND
		     "established 10ms " RILL "\n"
		     CLOSED_RILL
		     BOUND
		     "+1s connect = EADDRNOTAVAIL\n"
		     "state TIME_WAIT\n"
		     "quiet 58999ms\n"
		     "connect = EADDRNOTAVAIL\n"
		     "+2ms connect\n"
		     "> S 0:0(0)\n"
		     "counter time_wait_reused +0\n");
}

/* The peer has nothing to distinguish the SYN from old segments by. */
static void connect_without_timestamps(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms " PLAIN "\n"
		     CLOSED_PLAIN
		     BOUND
		     "+10s connect = EADDRNOTAVAIL\n"
		     "state TIME_WAIT\n"
		     "counter time_wait_reused +0\n");
}

static void connect_with_timestamps_off(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms " RILL "\n"
		     CLOSED_RILL
		     "tunable timestamps 0\n"
		     BOUND
		     "+10s connect = EADDRNOTAVAIL\n"
		     "state TIME_WAIT\n"
		     "tunable timestamps 1\n"
		     "connect\n"
		     "> S 0:0(0)\n");
}

static void connect_over_fin_wait_2(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms " RILL "\n"
		     "into FIN_WAIT2 10ms\n"
		     "renew\n"
		     BOUND
		     "+1s connect = EADDRNOTAVAIL\n"
		     "state FIN_WAIT2\n");
}

/* Segments of the old connection do not answer the new SYN. */
static void old_segments_while_connecting(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms " RILL "\n"
		     CLOSED_RILL
		     BOUND
		     "+1ms connect\n"
		     "> S 0:0(0)\n"
		     "< old SA 0:0(0) ack 1 win 65535 <mss 1000,ts 10000 *>\n"
		     "> old R 1:1(0)\n"
		     "< old FA 1:1(0) ack 2 <ts 20000 *>\n"
		     "> old R 2:2(0)\n"
		     "< old R 2:2(0)\n"
		     "< old RA 2:2(0) ack 2\n"
		     "state SYN_SENT\n"
		     "irs 200000\n"
		     "+9ms < SA 0:0(0) ack 1 win 65535 <mss 1000,ts 30000 *,rill 500 6>\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n");
}

/* And later: older by timestamp or by sequence number. */
static void old_segments_after_connect(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms " RILL "\n"
		     CLOSED_RILL
		     BOUND
		     "+1ms connect\n"
		     "> S 0:0(0)\n"
		     "+9ms < SA 0:0(0) ack 1 win 65535 <mss 1000,ts 30000 *,rill 500 6>\n"
		     "> A 1:1(0) ack 1\n"
		     "< old PA 1:101(100) ack 1 <ts 15000 *> garbled\n"
		     "> A 1:1(0) ack 1\n"
		     "< old FA 1:1(0) ack 2 <ts 20000 *>\n"
		     "> A 1:1(0) ack 1\n"
		     "+1s < old SA 0:0(0) ack 1 win 65535 <mss 1000,ts 10000 *>\n"
		     "> A 1:1(0) ack 1\n"
		     "+1s < old R 2:2(0)\n"
		     "> A 1:1(0) ack 1\n"
		     "recv 1 = EAGAIN\n"
		     "state ESTABLISHED\n");
}

/*
 * A restarted peer shows neither by timestamp nor by sequence number that its
 * segments are new: its answer has to wait until the old connection is over.
 */
static void answer_that_is_not_newer(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms " RILL "\n"
		     CLOSED_RILL
		     BOUND
		     "+1ms connect\n"
		     "> S 0:0(0)\n"
		     "irs 50000\n"
		     "< SA 0:0(0) ack 1 win 65535 <mss 1000,ts 20000 *,rill 500 6>\n"
		     "< SA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "counter drop_paws +2\n"
		     "state SYN_SENT\n"
		     "+1s > S 0:0(0)\n"
		     "+2s > S 0:0(0)\n"
		     "+4s > S 0:0(0)\n"
		     "+8s > S 0:0(0)\n"
		     "+16s > S 0:0(0)\n"
		     "+28s < SA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "state SYN_SENT\n"
		     "+4s > S 0:0(0)\n"
		     "< SA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n");
}

static void answer_with_later_sequence_numbers(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms " RILL "\n"
		     CLOSED_RILL
		     BOUND
		     "+1ms connect\n"
		     "> S 0:0(0)\n"
		     "irs 100003\n"
		     "< SA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n");
}

/* Simultaneous open, and a SYN that is an old duplicate. */
static void syn_while_connecting(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms " RILL "\n"
		     CLOSED_RILL
		     BOUND
		     "+1ms connect\n"
		     "> S 0:0(0)\n"
		     "irs 50000\n"
		     "< S 0:0(0) win 65535 <mss 1000,ts 19000 0,rill 500 6>\n"
		     "state SYN_SENT\n"
		     "< S 0:0(0) win 65535 <mss 1000,ts 21000 0,rill 500 6>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1 <ts 21001 *>\n"
		     "state ESTABLISHED\n"
		     "counter time_wait_resumed +0\n");
}

/* Refused: TIME_WAIT goes on to its end, and can be taken again. */
static void refused_brings_time_wait_back(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms " RILL "\n"
		     CLOSED_RILL
		     BOUND
		     "+20s connect\n"
		     "> S 0:0(0)\n"
		     "< RA 0:0(0) ack 1\n"
		     "error ECONNREFUSED\n"
		     "state TIME_WAIT\n"
		     "counter time_wait_resumed +1\n"
		     "+10s connect = ECONNABORTED\n"
		     "connect\n"
		     "> S *(0) <mss 1460,sackok,ts 30020000 0,ws *,rill 1000 6>\n"
		     "counter time_wait_reused +2\n"
		     "+500ms close\n"
		     "state TIME_WAIT\n"
		     "counter time_wait_resumed +1\n"
		     "< old FA 1:1(0) ack 2 <ts 20000 *>\n"
		     "> old A 2:2(0) ack 2\n"
		     "quiet 59999999us\n"
		     "state TIME_WAIT\n"
		     "quiet 2us\n"
		     "state CLOSE\n");
}

/*
 * The clock ran in microseconds meanwhile: it must not go back to where the old
 * connection's would stand. (The harness checks that.)
 */
static void refused_after_a_retransmission(struct kunit *test)
{
	scenario_run(test,
		     BOUND
		     "established 10ms " TCP "\n"
		     CLOSED_AT("10")
		     BOUND
		     "+1s connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "< RA 0:0(0) ack 1\n"
		     "state TIME_WAIT\n"
		     "+1s connect = ECONNREFUSED\n"
		     "connect\n"
		     "> S *(0)\n"
		     "counter time_wait_reused +2\n");
}

static void unanswered_brings_time_wait_back(struct kunit *test)
{
	scenario_run(test,
		     "tunable msl_ms 240000\n"
		     BOUND
		     "established 10ms " RILL "\n"
		     CLOSED_RILL
		     BOUND
		     "set syncnt 1\n"
		     "+1s connect\n"
		     "> S 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "quiet 2001ms\n"
		     "error ETIMEDOUT\n"
		     "state TIME_WAIT\n"
		     "quiet 475998ms\n"
		     "state TIME_WAIT\n"
		     "quiet 2ms\n"
		     "state CLOSE\n");
}

/* The peer must not end it: a reset that fits the old connection. */
static void rfc1337_while_connecting(struct kunit *test)
{
	scenario_run(test,
		     "tunable rfc1337 0\n"
		     BOUND
		     "established 10ms " RILL "\n"
		     CLOSED_RILL
		     BOUND
		     "+1s connect\n"
		     "> S 0:0(0)\n"
		     "< old R 2:2(0)\n"
		     "state SYN_SENT\n"
		     "< RA 0:0(0) ack 1\n"
		     "state TIME_WAIT\n"
		     "< old R 2:2(0)\n"
		     "state CLOSE\n");
}

static void connect_again_without_memory(struct kunit *test)
{
	struct scenario *s = test->priv;
	char line[SCENARIO_LINE];
	int i;

	scenario_run(test,
		     BOUND
		     "established 10ms " RILL "\n"
		     CLOSED_RILL
		     BOUND
		     "lenient\n");
	for (i = 1; i < 40; i++) {
		snprintf(line, sizeof(line), "fail %d\n+10ms connect = *\n", i);
		scenario_run(test, line);
		if (!s->short_of_memory || scenario_sk(test)->sk_state != TCP_CLOSE)
			break;
		scenario_run(test, "state TIME_WAIT\n");
	}
	KUNIT_EXPECT_GT(test, i, 1);
	scenario_run(test, "state SYN_SENT\n");
}

/* ---- by connect(), from a port of our choice ----------------------------- */

#define RANGE_LOW	40000
#define RANGE_HIGH	40001
#define OPT_RANGE	51	/* IP_LOCAL_PORT_RANGE of newer headers */

/* A socket that has two ports to choose from. */
static void socket_of_two_ports(struct kunit *test)
{
	u32 range = RANGE_HIGH << 16 | RANGE_LOW;
	struct socket *sock;

	scenario_run(test, "socket\n");
	sock = scenario_sk(test)->sk_socket;
	KUNIT_ASSERT_EQ(test,
			sock->ops->setsockopt(sock, SOL_IP, OPT_RANGE,
					      KERNEL_SOCKPTR(&range),
					      sizeof(range)), 0);
}

static u16 closed_from_two_ports(struct kunit *test)
{
	struct scenario *s = test->priv;

	socket_of_two_ports(test);
	scenario_run(test,
		     "established 10ms " RILL "\n"
		     CLOSED_RILL
		     "forget\n");
	return s->flow->lport;
}

static void connect_takes_time_wait_last(struct kunit *test)
{
	struct scenario *s = test->priv;
	u16 first, second;

	first = closed_from_two_ports(test);
	scenario_run(test, "quiet 1ms\nport 0\n");
	second = closed_from_two_ports(test);
	KUNIT_EXPECT_EQ(test, first + second, RANGE_LOW + RANGE_HIGH);
	scenario_run(test, "counter time_wait_reused +0\nport 0\n");

	socket_of_two_ports(test);
	scenario_run(test,
		     "+1ms connect\n"
		     "> S 0:0(0)\n"
		     "counter time_wait_reused +1\n");
	if (s->flow->lport == second)
		swap(first, second);
	KUNIT_EXPECT_EQ(test, s->flow->lport, first);
	scenario_run(test, "forget\nport 0\n");

	socket_of_two_ports(test);
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "counter time_wait_reused +1\n");
	KUNIT_EXPECT_EQ(test, s->flow->lport, second);

	socket_of_two_ports(test);
	scenario_run(test, "connect = EADDRNOTAVAIL\n");
}

static void connect_with_reuse_off_takes_none(struct kunit *test)
{
	scenario_run(test, "tunable time_wait_reuse 0\n");
	closed_from_two_ports(test);
	scenario_run(test, "port 0\n");
	closed_from_two_ports(test);
	scenario_run(test, "port 0\n");
	socket_of_two_ports(test);
	scenario_run(test,
		     "+1s connect = EADDRNOTAVAIL\n"
		     "counter time_wait_reused +0\n");
}

static struct kunit_case reuse_cases[] = {
	KUNIT_CASE_PARAM(syn_with_a_later_timestamp_of_tcp, scenario_families),
	KUNIT_CASE_PARAM(syn_while_the_queue_is_full, scenario_families),
	KUNIT_CASE_PARAM(syn_with_a_later_timestamp_of_rill, scenario_families),
	KUNIT_CASE_PARAM(syn_with_the_same_timestamp, scenario_families),
	KUNIT_CASE_PARAM(syn_with_an_earlier_timestamp, scenario_families),
	KUNIT_CASE_PARAM(syn_without_the_old_ones_timestamp, scenario_families),
	KUNIT_CASE_PARAM(syn_with_a_timestamp_that_we_do_not_take, scenario_families),
	KUNIT_CASE_PARAM(syn_with_a_timestamp_after_none, scenario_families),
	KUNIT_CASE_PARAM(syn_without_timestamps, scenario_families),
	KUNIT_CASE_PARAM(our_sequence_numbers_begin_beyond, scenario_families),
	KUNIT_CASE_PARAM(time_wait_reuse_off, scenario_families),
	KUNIT_CASE_PARAM(syn_for_fin_wait_2, scenario_families),
	KUNIT_CASE_PARAM(syn_with_other_flags, scenario_families),
	KUNIT_CASE_PARAM(syn_without_a_listener, scenario_families),
	KUNIT_CASE_PARAM(syn_after_the_listener_was_closed, scenario_families),
	KUNIT_CASE_PARAM(syn_for_a_full_syn_queue, scenario_families),
	KUNIT_CASE_PARAM(syn_with_cookies_for_all, scenario_families),
	KUNIT_CASE_PARAM(syn_for_a_full_accept_queue, scenario_families),
	KUNIT_CASE_PARAM(syn_without_memory, scenario_families),
	KUNIT_CASE_PARAM(syn_again_while_half_open, scenario_families),
	KUNIT_CASE_PARAM(established_for_longer_than_time_wait, scenario_families),
	KUNIT_CASE_PARAM(reset_brings_time_wait_back, scenario_families),
	KUNIT_CASE_PARAM(reset_and_another_syn, scenario_families),
	KUNIT_CASE_PARAM(fin_after_time_wait_came_back, scenario_families),
	KUNIT_CASE_PARAM(silence_brings_time_wait_back, scenario_families),
	KUNIT_CASE_PARAM(silence_for_longer_than_time_wait, scenario_families),
	KUNIT_CASE_PARAM(listener_closed_while_half_open, scenario_families),
	KUNIT_CASE_PARAM(accept_queue_full_when_acknowledged, scenario_families),
	KUNIT_CASE_PARAM(old_segments_with_timestamps, scenario_families),
	KUNIT_CASE_PARAM(old_segments_without_timestamps, scenario_families),
	KUNIT_CASE_PARAM(connect_to_rill, scenario_families),
	KUNIT_CASE_PARAM(connect_to_tcp, scenario_families),
	KUNIT_CASE_PARAM(connect_after_a_simultaneous_close, scenario_families),
	KUNIT_CASE_PARAM(connect_with_reuse_off, scenario_families),
	KUNIT_CASE_PARAM(connect_without_timestamps, scenario_families),
	KUNIT_CASE_PARAM(connect_with_timestamps_off, scenario_families),
	KUNIT_CASE_PARAM(connect_over_fin_wait_2, scenario_families),
	KUNIT_CASE_PARAM(old_segments_while_connecting, scenario_families),
	KUNIT_CASE_PARAM(old_segments_after_connect, scenario_families),
	KUNIT_CASE_PARAM(answer_that_is_not_newer, scenario_families),
	KUNIT_CASE_PARAM(answer_with_later_sequence_numbers, scenario_families),
	KUNIT_CASE_PARAM(syn_while_connecting, scenario_families),
	KUNIT_CASE_PARAM(refused_brings_time_wait_back, scenario_families),
	KUNIT_CASE_PARAM(refused_after_a_retransmission, scenario_families),
	KUNIT_CASE_PARAM(unanswered_brings_time_wait_back, scenario_families),
	KUNIT_CASE_PARAM(rfc1337_while_connecting, scenario_families),
	KUNIT_CASE_PARAM(connect_again_without_memory, scenario_families),
	KUNIT_CASE_PARAM(connect_takes_time_wait_last, scenario_families),
	KUNIT_CASE_PARAM(connect_with_reuse_off_takes_none, scenario_families),
	{}
};

static struct kunit_suite reuse_suite = {
	.name = "rill_reuse",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = reuse_cases,
};

kunit_test_suite(reuse_suite);
