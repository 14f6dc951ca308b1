// SPDX-License-Identifier: GPL-2.0
/*
 * ECN (RFC 3168): the handshake (6.1.1), the sender that reduces for ECE and
 * the receiver that echoes CE (6.1.2, 6.1.3), and DCTCP's version (RFC 8257).
 */
#include "scenario.h"

/* A connection on which both sides have ECN. */
#define ECN_PEER							\
	"tunable ecn 1\n"						\
	"connect\n"							\
	"> SEC 0:0(0)\n"						\
	"+10ms < SEA 0:0(0) ack 1 win 65535 <mss 1000>\n"		\
	"> A 1:1(0) ack 1\n"

#define TEN_SEGMENTS							\
	"send 10000\n"							\
	"> Ap 1:1001(1000) ack 1 ect0\n"				\
	"> Ap 1001:2001(1000) ack 1 ect0\n"				\
	"> Ap 2001:3001(1000) ack 1 ect0\n"				\
	"> Ap 3001:4001(1000) ack 1 ect0\n"				\
	"> Ap 4001:5001(1000) ack 1 ect0\n"				\
	"> Ap 5001:6001(1000) ack 1 ect0\n"				\
	"> Ap 6001:7001(1000) ack 1 ect0\n"				\
	"> Ap 7001:8001(1000) ack 1 ect0\n"				\
	"> Ap 8001:9001(1000) ack 1 ect0\n"				\
	"> PA 9001:10001(1000) ack 1 ect0\n"

/* Data both ways: this side sends ECT, and echoes CE. */
#define WITH_ECN							\
	"send 1000\n"							\
	"> PA 1:1001(1000) ack 1 ect0\n"				\
	"< A 1:1001(1000) ack 1001 ce\n"				\
	"> EA 1001:1001(0) ack 1001\n"

#define WITHOUT_ECN							\
	"send 1000\n"							\
	"> PA 1:1001(1000) ack 1\n"					\
	"< A 1:1001(1000) ack 1001 ce\n"				\
	"+0ms~1ms > A 1001:1001(0) ack 1001\n"				\
	"counter ecn_marked_in +0\n"

/* ---- agreed on by connect() -------------------------------------------- */

static void asked(struct kunit *test)
{
	scenario_run(test,
		     ECN_PEER
		     "counter ecn_agreed +1\n"
		     WITH_ECN
		     "counter ecn_marked_in +1\n");
}

static void asked_and_refused(struct kunit *test)
{
	scenario_run(test,
		     "tunable ecn 1\n"
		     "connect\n"
		     "> SEC 0:0(0)\n"
		     "+10ms < SA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "counter ecn_agreed +0\n"
		     WITHOUT_ECN);
}

/* RFC 3168, 6.1.1: a SYN-ACK with CWR reflects the flags of our own SYN. */
static void asked_and_reflected(struct kunit *test)
{
	scenario_run(test,
		     "tunable ecn 1\n"
		     "connect\n"
		     "> SEC 0:0(0)\n"
		     "+10ms < SECA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     WITHOUT_ECN);
}

#define ANSWERED_UNASKED						\
	"connect\n"							\
	"> S 0:0(0)\n"							\
	"+10ms < SEA 0:0(0) ack 1 win 65535 <mss 1000>\n"		\
	"> A 1:1(0) ack 1\n"						\
	WITHOUT_ECN

static void not_asked_by_default(struct kunit *test)
{
	scenario_run(test, ANSWERED_UNASKED);
}

static void not_asked_when_off(struct kunit *test)
{
	scenario_run(test, "tunable ecn 0\n" ANSWERED_UNASKED);
}

/*
 * RFC 3168, 6.1.1.1: the SYN goes again without ECN, and then this side sends
 * no ECT; but the peer may have seen the first SYN, and CE on its segments
 * counts.
 */
static void asked_in_a_syn_that_was_lost(struct kunit *test)
{
	scenario_run(test,
		     "tunable ecn 1\n"
		     "connect\n"
		     "> SEC 0:0(0)\n"
		     "+1s > S 0:0(0)\n"
		     "+2s > S 0:0(0)\n"
		     "+10ms < SEA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     "counter ecn_agreed +0\n"
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1\n"
		     "< A 1:1001(1000) ack 1001 ce\n"
		     "> EA 1001:1001(0) ack 1001\n"
		     "< CA 1001:2001(1000) ack 1001 ect0\n"
		     "> A 1001:1001(0) ack 2001\n");
}

/* ---- agreed on by a listener ------------------------------------------- */

static void play_listen(struct kunit *test, int ecn, const char *flags,
			bool agreed)
{
	char script[640];

	scnprintf(script, sizeof(script),
		  "forget\n"
		  "tunable ecn %d\n"
		  "listen\n"
		  "< %s 0:0(0) win 65535 <mss 1000>\n"
		  "> %s 0:0(0) ack 1\n"
		  "+1ms < A 1:1(0) ack 1\n"
		  "accept\n"
		  "counter ecn_agreed +%d\n"
		  "send 1000\n"
		  "> PA 1:1001(1000) ack 1%s\n"
		  "set linger 0\n"
		  "close\n"
		  "> RA 1001:1001(0) ack 1\n"
		  "use 0\n"
		  "close\n", ecn, flags, agreed ? "SEA" : "SA", agreed,
		  agreed ? " ect0" : "");
	scenario_run(test, script);
}

static void listener_accepts(struct kunit *test)
{
	play_listen(test, 2, "SEC", true);
}

static void listener_that_asks_accepts(struct kunit *test)
{
	play_listen(test, 1, "SEC", true);
}

static void listener_refuses(struct kunit *test)
{
	play_listen(test, 0, "SEC", false);
}

static void listener_is_not_asked(struct kunit *test)
{
	play_listen(test, 1, "S", false);
}

/* Only one of the two flags that ask for ECN is set. */
static void listener_is_asked_by_half(struct kunit *test)
{
	play_listen(test, 1, "SE", false);
}

static void listener_is_asked_by_the_other_half(struct kunit *test)
{
	play_listen(test, 1, "SC", false);
}

/* The peer retransmits its SYN without ECN (6.1.1.1). */
static void syn_again_without(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< SEC 0:0(0) win 65535 <mss 1000>\n"
		     "> SEA 0:0(0) ack 1\n"
		     "+100ms < S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1ms < A 1:1(0) ack 1\n"
		     "accept\n"
		     WITHOUT_ECN);
}

/* A retransmitted SYN-ACK has the same flags. */
static void syn_ack_again(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "< SEC 0:0(0) win 65535 <mss 1000>\n"
		     "> SEA 0:0(0) ack 1\n"
		     "+1s > SEA 0:0(0) ack 1\n"
		     "+1ms < A 1:1(0) ack 1\n"
		     "accept\n"
		     WITH_ECN);
}

/* ---- simultaneous open ------------------------------------------------- */

static void crossed(struct kunit *test)
{
	scenario_run(test,
		     "tunable ecn 1\n"
		     "connect\n"
		     "> SEC 0:0(0)\n"
		     "+10ms < SEC 0:0(0) win 65535 <mss 1000>\n"
		     "> SEA 0:0(0) ack 1\n"
		     "+1ms < SEA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "state ESTABLISHED\n"
		     "ignore\n"
		     WITH_ECN);
}

static void crossed_with_one_that_does_not(struct kunit *test)
{
	scenario_run(test,
		     "tunable ecn 1\n"
		     "connect\n"
		     "> SEC 0:0(0)\n"
		     "+10ms < S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1ms < SA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "state ESTABLISHED\n"
		     "ignore\n"
		     WITHOUT_ECN);
}

static void crossed_without_asking(struct kunit *test)
{
	scenario_run(test,
		     "connect\n"
		     "> S 0:0(0)\n"
		     "+10ms < SEC 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1ms < SA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "state ESTABLISHED\n"
		     "ignore\n"
		     WITHOUT_ECN);
}

/* ---- SYN cookies ------------------------------------------------------- */

/* The cookie stores ECN with the other options. */
static void cookie(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< SEC 0:0(0) win 65535 <mss 1460,ts>\n"
		     "> SEA 0:0(0) ack 1\n"
		     "+1ms < A 1:1(0) ack 1\n"
		     "accept\n"
		     "counter cookies_accepted +1\n"
		     WITH_ECN);
}

static void cookie_of_a_plain_syn(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "accepted 1ms <mss 1460,ts>\n"
		     "counter cookies_accepted +1\n"
		     WITHOUT_ECN);
}

static void cookie_without_timestamps(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< SEC 0:0(0) win 65535 <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1ms < A 1:1(0) ack 1\n"
		     "accept\n"
		     "counter cookies_accepted +1\n"
		     WITHOUT_ECN);
}

/* ---- marks that come in ------------------------------------------------ */

/* 6.1.3: every ACK carries ECE, at once, until the sender sets CWR. */
static void echoed_until_cwr(struct kunit *test)
{
	scenario_run(test,
		     ECN_PEER
		     "< A 1:1001(1000) ack 1 ce\n"
		     "> EA 1:1(0) ack 1001\n"
		     "+5ms < A 1001:2001(1000) ack 1 ect0\n"
		     "+0ms~1ms > EA 1:1(0) ack 2001\n"
		     "+5ms < A 2001:3001(1000) ack 1 ect1\n"
		     "+0ms~1ms > EA 1:1(0) ack 3001\n"
		     "send 1000\n"
		     "> PEA 1:1001(1000) ack 3001 ect0\n"
		     "+5ms < CA 3001:4001(1000) ack 1001 ect0\n"
		     "> A 1001:1001(0) ack 4001\n"
		     "+5ms < A 4001:5001(1000) ack 1001 ect0\n"
		     "+0ms~1ms > A 1001:1001(0) ack 5001\n"
		     /* CWR on a segment that is marked itself */
		     "+5ms < CA 5001:6001(1000) ack 1001 ce\n"
		     "> EA 1001:1001(0) ack 6001\n"
		     "counter ecn_marked_in +2\n");
}

/* A segment out of order is echoed as well. */
static void echoed_out_of_order(struct kunit *test)
{
	scenario_run(test,
		     ECN_PEER
		     "< A 1001:2001(1000) ack 1 ce\n"
		     "> EA 1:1(0) ack 1\n"
		     "< A 1:1001(1000) ack 1 ect0\n"
		     "> EA 1:1(0) ack 2001\n");
}

/* 6.1.4, 6.1.5: CE on an ACK, on old data or beyond the window is ignored. */
static void marks_that_do_not_count(struct kunit *test)
{
	scenario_run(test,
		     ECN_PEER
		     "< A 1:1001(1000) ack 1 ect0\n"
		     "+0ms~1ms > A 1:1(0) ack 1001\n"
		     "+5ms < A 1001:1001(0) ack 1 ce\n"
		     "+5ms < A 1:1001(1000) ack 1 ce\n"
		     "> A 1:1(0) ack 1001\n"
		     "+5ms < A 900001:901001(1000) ack 1 ce\n"
		     "> A 1:1(0) ack 1001\n"
		     "+5ms < A 1001:2001(1000) ack 1 ect0\n"
		     "+0ms~1ms > A 1:1(0) ack 2001\n"
		     "counter ecn_marked_in +0\n");
}

/* ---- marks that we are told of ----------------------------------------- */

/* 6.1.2: one reduction in a window of data, and CWR on the next new data. */
static void reduced_once_in_a_window(struct kunit *test)
{
	scenario_run(test,
		     ECN_PEER
		     TEN_SEGMENTS
		     "+10ms < EA 1:1(0) ack 2001\n"
		     "ssthresh = 7\n"
		     "counter ecn_reductions +1\n"
		     "< EA 1:1(0) ack 4001\n"
		     "< EA 1:1(0) ack 6001\n"
		     "< EA 1:1(0) ack 8001\n"
		     "< EA 1:1(0) ack 10001\n"
		     "ssthresh = 7\n"
		     "cwnd = 7\n"
		     "counter ecn_reductions +0\n"
		     "counter ecn_echoes_in +5\n"
		     "send 1000\n"
		     "> PCA 10001:11001(1000) ack 1 ect0\n"
		     "send 1000\n"
		     "> PA 11001:12001(1000) ack 1 ect0\n"
		     "+10ms < A 1:1(0) ack 12001\n"
		     "counter ecn_reductions +0\n"
		     "counter retrans_segs +0\n"
		     "ssthresh = 7\n");
}

/* Marks of the next window reduce cwnd again. */
static void reduced_in_each_window(struct kunit *test)
{
	scenario_run(test,
		     ECN_PEER
		     TEN_SEGMENTS
		     "+10ms < EA 1:1(0) ack 10001\n"
		     "counter ecn_reductions +1\n"
		     "send 2000\n"
		     "> CAp 10001:11001(1000) ack 1 ect0\n"
		     "> PA 11001:12001(1000) ack 1 ect0\n"
		     "+10ms < EA 1:1(0) ack 11001\n"
		     "counter ecn_reductions +1\n"
		     "< EA 1:1(0) ack 12001\n"
		     "counter ecn_reductions +0\n");
}

/* An ACK with ECE lets cwnd not grow, in slow start or later. */
static void no_growth_meanwhile(struct kunit *test)
{
	scenario_run(test,
		     ECN_PEER
		     TEN_SEGMENTS
		     "+10ms < A 1:1(0) ack 2001\n"
		     "cwnd = 12\n"
		     "< EA 1:1(0) ack 4001\n"
		     "ssthresh = 8\n"
		     "< A 1:1(0) ack 10001\n"
		     "cwnd = 8\n");
}

/*
 * A reduction for a loss sets CWR as well; a retransmission is not ECT, and ECE
 * in the same window reports the same congestion.
 */
static void loss_is_told_by_cwr(struct kunit *test)
{
	scenario_run(test,
		     ECN_PEER
		     TEN_SEGMENTS
		     "+10ms < A 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "> Ap 1:1001(1000) ack 1\n"
		     "ssthresh = 7\n"
		     "< EA 1:1(0) ack 1\n"
		     "+10ms < EA 1:1(0) ack 10001\n"
		     "counter ecn_reductions +0\n"
		     "ssthresh = 7\n"
		     "send 1000\n"
		     "> PCA 10001:11001(1000) ack 1 ect0\n"
		     "+10ms < A 1:1(0) ack 11001\n");
}

/* ECE of a peer without ECN is ignored. */
static void echo_without_ecn(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms\n"
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1\n"
		     "+10ms < EA 1:1(0) ack 1001\n"
		     "ssthresh = 2147483647\n"
		     "counter ecn_echoes_in +0\n");
}

/* ---- DCTCP ------------------------------------------------------------- */

#define DCTCP_PEER							\
	"tunable congestion_control dctcp\n"				\
	"connect\n"							\
	"> SEC 0:0(0) ect0\n"						\
	"+10ms < SEA 0:0(0) ack 1 win 65535 <mss 1000>\n"		\
	"> A 1:1(0) ack 1 ect0\n"

/*
 * RFC 8257, 3.2: when CE changes, an ACK for all before the change, and one at
 * once.
 */
static void dctcp_echoes_each(struct kunit *test)
{
	scenario_run(test,
		     "tunable quick_acks 0\n"
		     DCTCP_PEER
		     "< A 1:1001(1000) ack 1 ect0\n"
		     "+0ms~1ms > A 1:1(0) ack 1001 ect0\n"
		     "+5ms < A 1001:2001(1000) ack 1 ce\n"
		     "> EA 1:1(0) ack 2001 ect0\n"
		     "+5ms < A 2001:2501(500) ack 1 ce\n"
		     "< A 2501:3001(500) ack 1 ect0\n"
		     "> EA 1:1(0) ack 2501 ect0\n"
		     "> A 1:1(0) ack 3001 ect0\n"
		     "+5ms < A 3001:3501(500) ack 1 ect0\n"
		     "< A 3501:4001(500) ack 1 ce\n"
		     "> A 1:1(0) ack 3501 ect0\n"
		     "> EA 1:1(0) ack 4001 ect0\n"
		     /* DCTCP's receiver ignores CWR */
		     "+5ms < CA 4001:5001(1000) ack 1 ce\n"
		     "+0ms~1ms > EA 1:1(0) ack 5001 ect0\n"
		     "counter ecn_marked_in +4\n");
}

/*
 * A listener with DCTCP agrees to ECN whatever the tunable, and sends its
 * SYN-ACK with ECT.
 */
static void dctcp_listener(struct kunit *test)
{
	scenario_run(test,
		     "tunable ecn 0\n"
		     "tunable congestion_control dctcp\n"
		     "listen\n"
		     "< SEC 0:0(0) win 65535 <mss 1000>\n"
		     "> SEA 0:0(0) ack 1 ect0\n"
		     "+1ms < A 1:1(0) ack 1\n"
		     "accept\n"
		     "congestion dctcp\n"
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1 ect0\n");
}

/* Without ECN at the peer DCTCP is NewReno. */
static void dctcp_without_ecn(struct kunit *test)
{
	scenario_run(test,
		     "tunable congestion_control dctcp\n"
		     "connect\n"
		     "> SEC 0:0(0) ect0\n"
		     "+10ms < SA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "> A 1:1(0) ack 1\n"
		     WITHOUT_ECN);
}

/* The first window is all marked: cwnd is halved, as for a loss. */
static void dctcp_first_mark(struct kunit *test)
{
	scenario_run(test,
		     DCTCP_PEER
		     TEN_SEGMENTS
		     "+10ms < EA 1:1(0) ack 2001\n"
		     "ssthresh = 5\n"
		     "counter ecn_reductions +1\n"
		     "< EA 1:1(0) ack 10001\n"
		     "counter ecn_reductions +0\n"
		     "cwnd = 5\n");
}

/* The undo of a reduction takes back its CWR; a mark behind it counts. */
static void undone_is_not_told(struct kunit *test)
{
	scenario_run(test,
		     "tunable ecn 1\n"
		     "tunable tlp 0\n"
		     "connect\n"
		     "> SEC 0:0(0)\n"
		     "+10ms < SEA 0:0(0) ack 1 <mss 1012,sackok,ts 0 0,rill 1000 6>\n"
		     "> A 1:1(0) ack 1\n"
		     "send 2000\n"
		     "> Ap 1:1001(1000) ack 1 ect0\n"
		     "> PA 1001:2001(1000) ack 1 ect0\n"
		     "tolerance 5us\n"
		     "+30ms > Ap 1:1001(1000) ack 1\n"
		     "+1ms < A 1:1(0) ack 1001 <ts * 10002>\n"
		     "counter undone_reductions +1\n"
		     "< EA 1:1(0) ack 2001 <ts * 10002>\n"
		     "counter ecn_reductions +1\n"
		     "send 1000\n"
		     "> PCA 2001:3001(1000) ack 1 ect0\n"
		     "+10ms < A 1:1(0) ack 3001\n"
		     "send 1000\n"
		     "> PA 3001:4001(1000) ack 1 ect0\n"
		     "+10ms < A 1:1(0) ack 4001\n");
}

/* ... and without a mark the next data carries no CWR. */
static void undone_without_a_mark(struct kunit *test)
{
	scenario_run(test,
		     "tunable ecn 1\n"
		     "tunable tlp 0\n"
		     "connect\n"
		     "> SEC 0:0(0)\n"
		     "+10ms < SEA 0:0(0) ack 1 <mss 1012,sackok,ts 0 0,rill 1000 6>\n"
		     "> A 1:1(0) ack 1\n"
		     "send 1000\n"
		     "> PA 1:1001(1000) ack 1 ect0\n"
		     "tolerance 5us\n"
		     "+* > PA 1:1001(1000) ack 1\n"
		     "+1ms < A 1:1(0) ack 1001 <ts * 10002>\n"
		     "counter undone_reductions +1\n"
		     "send 1000\n"
		     "> PA 1001:2001(1000) ack 1 ect0\n"
		     "+10ms < A 1:1(0) ack 2001\n");
}

/* CWR that an earlier mark asked for is sent all the same. */
static void undone_behind_a_mark(struct kunit *test)
{
	scenario_run(test,
		     "tunable ecn 1\n"
		     "tunable tlp 0\n"
		     "connect\n"
		     "> SEC 0:0(0)\n"
		     "+10ms < SEA 0:0(0) ack 1 <mss 1012,sackok,ts 0 0,rill 1000 6>\n"
		     "> A 1:1(0) ack 1\n"
		     "send 3000\n"
		     "> Ap 1:1001(1000) ack 1 ect0\n"
		     "> Ap 1001:2001(1000) ack 1 ect0\n"
		     "> PA 2001:3001(1000) ack 1 ect0\n"
		     "+10ms < EA 1:1(0) ack 1001 <ts * 10002>\n"
		     "counter ecn_reductions +1\n"
		     "+* > Ap 1001:2001(1000) ack 1\n"
		     "+1ms < A 1:1(0) ack 2001 <ts * 10002>\n"
		     "counter undone_reductions +1\n"
		     "< A 1:1(0) ack 3001 <ts * 10002>\n"
		     "send 1000\n"
		     "> PCA 3001:4001(1000) ack 1 ect0\n"
		     "+10ms < A 1:1(0) ack 4001\n");
}

static struct kunit_case ecn_cases[] = {
	KUNIT_CASE_PARAM(asked, scenario_families),
	KUNIT_CASE_PARAM(asked_and_refused, scenario_families),
	KUNIT_CASE_PARAM(asked_and_reflected, scenario_families),
	KUNIT_CASE_PARAM(not_asked_by_default, scenario_families),
	KUNIT_CASE_PARAM(not_asked_when_off, scenario_families),
	KUNIT_CASE_PARAM(asked_in_a_syn_that_was_lost, scenario_families),
	KUNIT_CASE_PARAM(listener_accepts, scenario_families),
	KUNIT_CASE_PARAM(listener_that_asks_accepts, scenario_families),
	KUNIT_CASE_PARAM(listener_refuses, scenario_families),
	KUNIT_CASE_PARAM(listener_is_not_asked, scenario_families),
	KUNIT_CASE_PARAM(listener_is_asked_by_half, scenario_families),
	KUNIT_CASE_PARAM(listener_is_asked_by_the_other_half,
			 scenario_families),
	KUNIT_CASE_PARAM(syn_again_without, scenario_families),
	KUNIT_CASE_PARAM(syn_ack_again, scenario_families),
	KUNIT_CASE_PARAM(crossed, scenario_families),
	KUNIT_CASE_PARAM(crossed_with_one_that_does_not, scenario_families),
	KUNIT_CASE_PARAM(crossed_without_asking, scenario_families),
	KUNIT_CASE_PARAM(cookie, scenario_families),
	KUNIT_CASE_PARAM(cookie_of_a_plain_syn, scenario_families),
	KUNIT_CASE_PARAM(cookie_without_timestamps, scenario_families),
	KUNIT_CASE_PARAM(echoed_until_cwr, scenario_families),
	KUNIT_CASE_PARAM(echoed_out_of_order, scenario_families),
	KUNIT_CASE_PARAM(marks_that_do_not_count, scenario_families),
	KUNIT_CASE_PARAM(reduced_once_in_a_window, scenario_families),
	KUNIT_CASE_PARAM(reduced_in_each_window, scenario_families),
	KUNIT_CASE_PARAM(no_growth_meanwhile, scenario_families),
	KUNIT_CASE_PARAM(loss_is_told_by_cwr, scenario_families),
	KUNIT_CASE_PARAM(echo_without_ecn, scenario_families),
	KUNIT_CASE_PARAM(dctcp_echoes_each, scenario_families),
	KUNIT_CASE_PARAM(dctcp_listener, scenario_families),
	KUNIT_CASE_PARAM(dctcp_without_ecn, scenario_families),
	KUNIT_CASE_PARAM(dctcp_first_mark, scenario_families),
	KUNIT_CASE_PARAM(undone_is_not_told, scenario_families),
	KUNIT_CASE_PARAM(undone_without_a_mark, scenario_families),
	KUNIT_CASE_PARAM(undone_behind_a_mark, scenario_families),
	{}
};

static struct kunit_suite ecn_suite = {
	.name = "rill_ecn",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = ecn_cases,
};

kunit_test_suite(ecn_suite);
