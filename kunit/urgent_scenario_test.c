// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent data (RFC 9293, 3.8.5; RFC 6093). rill behaves as TCP does: the suite
 * rill_urgent_tcp plays the same scripts on the kernel's TCP.
 */
#include "scenario.h"

/* Only the segments that a script asks for matter: ACKs are not the point. */
#define LENIENT		"lenient\nestablished 10ms <mss 1000>\n"

/* ---- received ---------------------------------------------------------- */

/*
 * The urgent byte is in the middle: it is read out of band, and is not in the
 * stream.
 */
static void out_of_band(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "oob 1 = EINVAL\n"
		     "poll out\n"
		     "< PUA 1:11(10) ack 1 urg 6\n"
		     "poll in,out,pri\n"
		     "oob 6 peek\n"
		     "recv 100 = 5\n"
		     "poll in,out,pri\n"
		     "oob 6\n"
		     "oob 6 = EINVAL\n"
		     "poll in,out\n"
		     "skip 1\n"
		     "recv 100 = 4\n"
		     "poll out\n"
		     "oob 6 = EINVAL\n"
		     "< PA 11:21(10) ack 1\n"
		     "recv 10\n");
}

/* A read passes over an urgent byte that nobody has read: it is gone. */
static void out_of_band_not_read(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< PUA 1:11(10) ack 1 urg 6\n"
		     "recv 3\n"
		     "recv 100 = 2\n"
		     "skip 1\n"
		     "recv 2\n"
		     "oob 6 = EINVAL\n"
		     "poll in,out\n"
		     "recv 100 = 2\n");
}

/* The urgent byte is the last one: nothing else is to be read. */
static void out_of_band_alone(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< PUA 1:2(1) ack 1 urg 1\n"
		     "poll out,pri\n"
		     "oob 1\n"
		     "poll out\n"
		     "< PUA 2:3(1) ack 1 urg 1\n"
		     "poll out,pri\n"
		     "recv 1 = EAGAIN\n"
		     "poll out\n"
		     "oob 2 = EINVAL\n"
		     "skip 2\n"
		     "< PA 3:8(5) ack 1\n"
		     "recv 5\n");
}

/* A peek ends before the mark, and a peek at the mark begins behind it. */
static void peeked(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< PUA 1:11(10) ack 1 urg 6\n"
		     "recv 100 peek = 5\n"
		     "recv 5\n"
		     "skip 1\n"
		     "recv 100 peek = 4\n"
		     "poll in,out,pri\n"
		     "oob 6\n"
		     "recv 100 peek = 4\n"
		     "recv 4\n");
}

/* SO_OOBINLINE: a mark, and a byte as any other (RFC 6093, 6). */
static void in_line(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "set oobinline 1\n"
		     "< PUA 1:11(10) ack 1 urg 6\n"
		     "poll in,out,pri\n"
		     "oob 6 = EINVAL\n"
		     "recv 100 = 5\n"
		     "poll in,out,pri\n"
		     "recv 1\n"
		     "poll in,out\n"
		     "recv 100 = 4\n"
		     "< PUA 11:12(1) ack 1 urg 1\n"
		     "poll in,out,pri\n"
		     "recv 100 peek = 1\n"
		     "recv 100 = 1\n"
		     "poll out\n");
}

/* SO_OOBINLINE counts when the byte is read, not when it arrives. */
static void in_line_afterwards(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< PUA 1:11(10) ack 1 urg 6\n"
		     "set oobinline 1\n"
		     "recv 100 = 5\n"
		     "recv 100 = 5\n"
		     "set oobinline 0\n"
		     "set oobinline 1\n"
		     "< PUA 11:21(10) ack 1 urg 6\n"
		     "set oobinline 0\n"
		     "recv 100 = 5\n"
		     "oob 16\n"
		     "skip 1\n"
		     "recv 100 = 4\n");
}

/* The urgent pointer arrives before the byte, without data. */
static void told_ahead(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< UA 1:1(0) ack 1 urg 30\n"
		     "poll out\n"
		     "oob 30 = EAGAIN\n"
		     "< A 1:11(10) ack 1\n"
		     "oob 30 = EAGAIN\n"
		     "poll in,out\n"
		     "recv 100 = 10\n"
		     "< PUA 11:41(30) ack 1 urg 20\n"
		     "poll in,out,pri\n"
		     "oob 30\n"
		     "recv 100 = 19\n"
		     "skip 1\n"
		     "recv 100 = 10\n");
}

/* ... and in a segment without the flag, which the peer need not set again. */
static void told_once(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< UA 1:1(0) ack 1 urg 5\n"
		     "< PA 1:11(10) ack 1\n"
		     "poll in,out,pri\n"
		     "oob 5\n"
		     "recv 100 = 4\n"
		     "skip 1\n"
		     "recv 100 = 5\n");
}

/* A later mark counts: the earlier urgent byte is a byte of the stream. */
static void later_mark(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< PUA 1:11(10) ack 1 urg 6\n"
		     "< PUA 11:21(10) ack 1 urg 10\n"
		     "oob 20\n"
		     "recv 100 = 19\n"
		     "poll out\n"
		     "skip 1\n"
		     "< PA 21:31(10) ack 1\n"
		     "recv 10\n");
}

/* ... but not if the program stands before it: then it stays out of band. */
static void later_mark_at_the_mark(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< PUA 1:7(6) ack 1 urg 6\n"
		     "recv 100 = 5\n"
		     "oob 6\n"
		     "< PUA 7:21(14) ack 1 urg 14\n"
		     "oob 20\n"
		     "skip 1\n"
		     "recv 100 = 13\n");
}

/* Urgent pointers that go back, come again, or lie in data already read. */
static void marks_that_are_none(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< PUA 1:21(20) ack 1 urg 10\n"
		     "oob 10\n"
		     "< UA 21:21(0) ack 1 urg 0\n"
		     "oob 21 = EAGAIN\n"
		     "< UA 21:21(0) ack 1 urg 5\n"
		     "oob 25 = EAGAIN\n"
		     "< UA 21:21(0) ack 1 urg 3\n"
		     "< UA 11:31(20) ack 1 urg 15\n"
		     "oob 25\n"
		     "< UA 21:41(20) ack 1 urg 5\n"
		     "oob 25 = EINVAL\n"
		     "recv 100 = 24\n"
		     "skip 1\n"
		     "recv 100 = 15\n"
		     "< UA 31:51(20) ack 1 urg 5\n"
		     "poll in,out\n"
		     "oob 35 = EINVAL\n"
		     "recv 100 = 10\n");
}

/* SIGURG comes at once, though the data before the byte is missing. */
static void out_of_order(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< PUA 11:21(10) ack 1 urg 5\n"
		     "poll out,pri\n"
		     "oob 15\n"
		     "poll out\n"
		     "< PA 1:11(10) ack 1\n"
		     "recv 100 = 14\n"
		     "skip 1\n"
		     "recv 100 = 5\n");
}

/* The byte is in a segment of which a part is a duplicate. */
static void overlapping(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< PA 1:11(10) ack 1\n"
		     "< PUA 6:21(15) ack 1 urg 10\n"
		     "oob 15\n"
		     "recv 100 = 14\n"
		     "skip 1\n"
		     "recv 100 = 5\n");
}

/* Sequence numbers wrap between the segment and the byte. */
static void across_the_wrap(struct kunit *test)
{
	scenario_run(test,
		     "lenient\n"
		     "irs 4294967285\n"
		     "established 10ms <mss 1000>\n"
		     "< PUA 1:31(30) ack 1 urg 20\n"
		     "poll in,out,pri\n"
		     "recv 5\n"
		     "recv 100 = 14\n"
		     "oob 20\n"
		     "skip 1\n"
		     "recv 100 = 10\n"
		     "< PUA 31:32(1) ack 1 urg 1\n"
		     "oob 31\n");
}

/* The mark is in the last data, and behind the FIN. */
static void with_fin(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< PUFA 1:11(10) ack 1 urg 10\n"
		     "poll in,out,pri,rdhup\n"
		     "recv 100 = 9\n"
		     "oob 10\n"
		     "recv 100 = 0\n"
		     "oob 10 = EINVAL\n"
		     "recv 100 = 0\n");
}

static void behind_the_fin(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< PUFA 1:11(10) ack 1 urg 11\n"
		     "poll in,out,rdhup\n"
		     "oob 11 = 0\n"
		     "recv 100 = 10\n"
		     "recv 100 = 0\n"
		     "recv 100 peek = 0\n"
		     "oob 11 = 0\n"
		     "poll in,out,rdhup\n");
}

/* URG on a SYN is ignored; on a SYN-ACK it counts for the data that follows. */
static void of_a_syn(struct kunit *test)
{
	scenario_run(test,
		     "lenient\n"
		     "listen\n"
		     "< SU 0:0(0) win 65535 urg 5 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "oob 4 = EINVAL\n"
		     "< PA 1:11(10) ack 1\n"
		     "poll in,out\n"
		     "recv 10\n");
}

static void of_a_syn_ack(struct kunit *test)
{
	scenario_run(test,
		     "lenient\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< SUA 0:0(0) ack 1 win 65535 urg 5 <mss 1000>\n"
		     "oob 4 = EAGAIN\n"
		     "< PA 1:11(10) ack 1\n"
		     "oob 4\n"
		     "recv 100 = 3\n");
}

/*
 * Urgent data in the third segment is urgent for the child, by its listener's
 * options.
 */
static void of_a_child(struct kunit *test)
{
	scenario_run(test,
		     "lenient\n"
		     "bind\n"
		     "set oobinline 1\n"
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< PUA 1:11(10) ack 1 urg 6\n"
		     "accept\n"
		     "poll in,out,pri\n"
		     "oob 6 = EINVAL\n"
		     "recv 100 = 5\n"
		     "recv 100 = 5\n");
}

/* The socket's next connection has no mark. */
static void disconnected(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< PUA 1:11(10) ack 1 urg 6\n"
		     "send 10 oob\n"
		     "> PUA 1:11(10) ack 11 urg 10\n"
		     "disconnect\n"
		     "oob 6 = EINVAL\n"
		     "poll out,err,hup\n"
		     "forget\n"
		     "port 0\n"
		     "connect\n"
		     "> S 0:0(0)\n"
		     "< SA 0:0(0) ack 1 win 65535 <mss 1000>\n"
		     "oob 1 = EINVAL\n"
		     "poll out\n");
}

/* Data for a program that will not read sets no mark. */
static void shut_for_reading(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "shutdown rd\n"
		     "oob 5 = EINVAL\n"
		     "< UA 1:1(0) ack 1 urg 5\n"
		     "oob 5 = 0\n"
		     "< PA 1:11(10) ack 1\n"
		     "oob 5\n");
}

/* ---- ours alone -------------------------------------------------------- */

/* SIOCATMARK, and SIOCINQ, which counts the bytes before the mark. */
static void at_the_mark(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "atmark = 0\n"
		     "< PUA 1:11(10) ack 1 urg 6\n"
		     "atmark = 0\n"
		     "inq = 5\n"
		     "recv 5\n"
		     "atmark = 1\n"
		     "inq = 0\n"
		     "oob 6\n"
		     "atmark = 1\n"
		     "skip 1\n"
		     "recv 1\n"
		     "atmark = 0\n"
		     "inq = 3\n"
		     "set oobinline 1\n"
		     "< PUA 11:21(10) ack 1 urg 5\n"
		     "inq = 13\n"
		     "recv 100 = 7\n"
		     "atmark = 1\n"
		     "inq = 6\n"
		     "recv 1\n"
		     "atmark = 0\n"
		     "inq = 5\n"
		     "< UA 21:21(0) ack 1 urg 1\n"
		     "set oobinline 0\n"
		     "inq = 5\n"
		     "recv 5\n"
		     "atmark = 1\n");
}

/* RFC 9293, 3.10.7.4: URG is ignored after the peer's FIN. */
static void after_the_fin(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "< FA 1:1(0) ack 1\n"
		     "< UA 2:2(0) ack 1 urg 5\n"
		     "oob 6 = EINVAL\n"
		     "atmark = 0\n"
		     "poll in,out,rdhup\n");
}

/* A closed window takes no data, but the mark and the byte (3.10.7.4). */
static void behind_our_window(struct kunit *test)
{
	scenario_run(test,
		     "lenient\n"
		     "socket\n"
		     "set rcvbuf 2304\n"
		     "established\n"
		     "< A 1:1001(1000) ack 1\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "< A 2001:2305(304) ack 1\n"
		     "quiet 1s\n"
		     "inq = 2304\n"
		     "< UA 2306:2306(0) ack 1 urg 1\n"
		     "oob 2306 = EINVAL\n"
		     "< UA 2305:2305(0) ack 1 urg 3\n"
		     "poll in,out\n"
		     "oob 2307 = EAGAIN\n"
		     "< UA 2305:2315(10) ack 1 urg 3\n"
		     "inq = 2304\n"
		     "poll in,out,pri\n"
		     "oob 2307\n"
		     "recv 3000 = 2304\n"
		     "oob 2307 = EINVAL\n"
		     "< UA 2305:2315(10) ack 1 urg 3\n"
		     "oob 2307 = EINVAL\n"
		     "recv 100 = 2\n"
		     "skip 1\n"
		     "recv 100 = 7\n");
}

/* A segment that arrives during a call waits in the backlog. */
static void while_owned(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "own\n"
		     "< PUA 1:11(10) ack 1 urg 6\n"
		     "< PUA 11:21(10) ack 1 urg 6\n"
		     "disown\n"
		     "oob 16\n"
		     "recv 100 = 15\n"
		     "skip 1\n"
		     "recv 100 = 4\n");
}

/* A reader that waits does not get the byte, and wakes for the next one. */
static void reader_blocked(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "blocking recv 5\n"
		     "< PUA 1:2(1) ack 1 urg 1\n"
		     "+10ms oob 1 = EINVAL\n"
		     "skip 1\n"
		     "< PA 2:7(5) ack 1\n"
		     "returned\n");
}

/* ---- sent -------------------------------------------------------------- */

/*
 * The urgent pointer is one past the byte until that is acknowledged, in
 * retransmissions too.
 */
static void sent(struct kunit *test)
{
	scenario_run(test,
		     "tolerance 100ms\n"
		     "established 10ms <mss 1000>\n"
		     "send 10 oob\n"
		     "> PUA 1:11(10) ack 1 urg 10\n"
		     "+* > PUA 1:11(10) ack 1 urg 10\n"
		     "< A 1:1(0) ack 11\n"
		     "send 10\n"
		     "> PA 11:21(10) ack 1\n"
		     "+10ms < A 1:1(0) ack 21\n"
		     "send 0 oob\n"
		     "send 5\n"
		     "> PA 21:26(5) ack 1\n");
}

/* Nagle and the cork do not hold back urgent data, nor the data before it. */
static void sent_at_once(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000>\n"
		     "send 10\n"
		     "> PA 1:11(10) ack 1\n"
		     "send 20\n"
		     "send 5 oob\n"
		     "> PUA 11:36(25) ack 1 urg 25\n"
		     "set cork 1\n"
		     "send 1 oob more\n"
		     "> pUA 36:37(1) ack 1 urg 1\n"
		     "< A 1:1(0) ack 37\n"
		     "set cork 1\n"
		     "send 1\n"
		     "quiet 50ms\n"
		     "set cork 0\n"
		     "> PA 37:38(1) ack 1\n");
}

/* Each segment before the byte has an urgent pointer, later ones do not. */
static void sent_in_segments(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms <mss 1000>\n"
		     "send 3000 oob\n"
		     "> pUA 1:1001(1000) ack 1 urg 3000\n"
		     "> pUA 1001:2001(1000) ack 1 urg 2000\n"
		     "> PUA 2001:3001(1000) ack 1 urg 1000\n"
		     "send 1000\n"
		     "> PA 3001:4001(1000) ack 1\n"
		     "< A 1:1(0) ack 2001\n"
		     "send 1000 oob\n"
		     "> PUA 4001:5001(1000) ack 1 urg 1000\n"
		     "< A 1:1(0) ack 5001\n"
		     "send 1000\n"
		     "> PA 5001:6001(1000) ack 1\n");
}

/*
 * The byte is farther than the field reaches: new segments point as far as it
 * does.
 */
static void sent_far_ahead(struct kunit *test)
{
	scenario_run(test,
		     "mss 10000\n"
		     "socket\n"
		     "set sndbuf 600000\n"
		     "established <mss 10000,sackok,ws 7>\n"
		     "< A 1:1(0) ack 1 win 500000\n"
		     "send 120000 oob\n"
		     "> pUA 1:10001(10000) ack 1 urg 65535\n"
		     "> pUA 10001:20001(10000) ack 1 urg 65535\n"
		     "> pUA 20001:30001(10000) ack 1 urg 65535\n"
		     "> pUA 30001:40001(10000) ack 1 urg 65535\n"
		     "> pUA 40001:50001(10000) ack 1 urg 65535\n"
		     "> pUA 50001:60001(10000) ack 1 urg 65535\n"
		     "> pUA 60001:70001(10000) ack 1 urg 60000\n"
		     "> pUA 70001:80001(10000) ack 1 urg 50000\n"
		     "> pUA 80001:90001(10000) ack 1 urg 40000\n"
		     "> pUA 90001:100001(10000) ack 1 urg 30000\n"
		     "< A 1:1(0) ack 1 win 65535 <sack 10001:60001>\n"
		     "+* > pA 1:10001(10000) ack 1\n"
		     "lenient\n");
}

/* Behind a closed window a segment within the window carries the pointer. */
static void sent_behind_a_closed_window(struct kunit *test)
{
	scenario_run(test,
		     "tolerance 100ms\n"
		     "established 10ms <mss 1000>\n"
		     "< A 1:1(0) ack 1 win 0\n"
		     "send 100 oob\n"
		     "+* > UA 1:1(0) ack 1 urg 100\n"
		     "> UA 0:0(0) ack 1 urg 101\n"
		     "+* > UA 1:1(0) ack 1 urg 100\n"
		     "> UA 0:0(0) ack 1 urg 101\n"
		     "< A 1:1(0) ack 1 win 65535\n"
		     "> PUA 1:101(100) ack 1 urg 100\n"
		     "< A 1:1(0) ack 101\n");
}

/* Each urgent byte has the mark of its own segment; a FIN has none. */
static void sent_and_shut(struct kunit *test)
{
	scenario_run(test,
		     LENIENT
		     "send 1 oob\n"
		     "> PUA 1:2(1) ack 1 urg 1\n"
		     "< PA 1:11(10) ack 1\n"
		     "send 1 oob\n"
		     "> PUA 2:3(1) ack 11 urg 1\n"
		     "shutdown wr\n"
		     "> FA 3:3(0) ack 11\n"
		     "send 1 oob = EPIPE\n");
}

static struct kunit_case urgent_cases[] = {
	KUNIT_CASE_PARAM(out_of_band, scenario_families),
	KUNIT_CASE_PARAM(out_of_band_not_read, scenario_families),
	KUNIT_CASE_PARAM(out_of_band_alone, scenario_families),
	KUNIT_CASE_PARAM(peeked, scenario_families),
	KUNIT_CASE_PARAM(in_line, scenario_families),
	KUNIT_CASE_PARAM(in_line_afterwards, scenario_families),
	KUNIT_CASE_PARAM(told_ahead, scenario_families),
	KUNIT_CASE_PARAM(told_once, scenario_families),
	KUNIT_CASE_PARAM(later_mark, scenario_families),
	KUNIT_CASE_PARAM(later_mark_at_the_mark, scenario_families),
	KUNIT_CASE_PARAM(marks_that_are_none, scenario_families),
	KUNIT_CASE_PARAM(out_of_order, scenario_families),
	KUNIT_CASE_PARAM(overlapping, scenario_families),
	KUNIT_CASE_PARAM(across_the_wrap, scenario_families),
	KUNIT_CASE_PARAM(with_fin, scenario_families),
	KUNIT_CASE_PARAM(behind_the_fin, scenario_families),
	KUNIT_CASE_PARAM(of_a_syn, scenario_families),
	KUNIT_CASE_PARAM(of_a_syn_ack, scenario_families),
	KUNIT_CASE_PARAM(of_a_child, scenario_families),
	KUNIT_CASE_PARAM(disconnected, scenario_families),
	KUNIT_CASE_PARAM(shut_for_reading, scenario_families),
	KUNIT_CASE_PARAM(sent, scenario_families),
	KUNIT_CASE_PARAM(sent_at_once, scenario_families),
	KUNIT_CASE_PARAM(sent_in_segments, scenario_families),
	KUNIT_CASE_PARAM(sent_far_ahead, scenario_families),
	KUNIT_CASE_PARAM(sent_behind_a_closed_window, scenario_families),
	KUNIT_CASE_PARAM(sent_and_shut, scenario_families),
	KUNIT_CASE_PARAM(at_the_mark, scenario_families),
	KUNIT_CASE_PARAM(after_the_fin, scenario_families),
	KUNIT_CASE_PARAM(behind_our_window, scenario_families),
	KUNIT_CASE_PARAM(while_owned, scenario_families),
	KUNIT_CASE_PARAM(reader_blocked, scenario_families),
	{}
};

static struct kunit_suite urgent_suite = {
	.name = "rill_urgent",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = urgent_cases,
};

static struct kunit_case urgent_tcp_cases[] = {
	KUNIT_CASE_PARAM(out_of_band, scenario_families),
	KUNIT_CASE_PARAM(out_of_band_not_read, scenario_families),
	KUNIT_CASE_PARAM(out_of_band_alone, scenario_families),
	KUNIT_CASE_PARAM(peeked, scenario_families),
	KUNIT_CASE_PARAM(in_line, scenario_families),
	KUNIT_CASE_PARAM(in_line_afterwards, scenario_families),
	KUNIT_CASE_PARAM(told_ahead, scenario_families),
	KUNIT_CASE_PARAM(told_once, scenario_families),
	KUNIT_CASE_PARAM(later_mark, scenario_families),
	KUNIT_CASE_PARAM(later_mark_at_the_mark, scenario_families),
	KUNIT_CASE_PARAM(marks_that_are_none, scenario_families),
	KUNIT_CASE_PARAM(out_of_order, scenario_families),
	KUNIT_CASE_PARAM(overlapping, scenario_families),
	KUNIT_CASE_PARAM(across_the_wrap, scenario_families),
	KUNIT_CASE_PARAM(with_fin, scenario_families),
	KUNIT_CASE_PARAM(behind_the_fin, scenario_families),
	KUNIT_CASE_PARAM(of_a_syn, scenario_families),
	KUNIT_CASE_PARAM(of_a_syn_ack, scenario_families),
	KUNIT_CASE_PARAM(of_a_child, scenario_families),
	KUNIT_CASE_PARAM(disconnected, scenario_families),
	KUNIT_CASE_PARAM(shut_for_reading, scenario_families),
	KUNIT_CASE_PARAM(sent, scenario_families),
	KUNIT_CASE_PARAM(sent_at_once, scenario_families),
	KUNIT_CASE_PARAM(sent_in_segments, scenario_families),
	KUNIT_CASE_PARAM(sent_far_ahead, scenario_families),
	KUNIT_CASE_PARAM(sent_behind_a_closed_window, scenario_families),
	KUNIT_CASE_PARAM(sent_and_shut, scenario_families),
	{}
};

static struct kunit_suite urgent_tcp_suite = {
	.name = "rill_urgent_tcp",
	.init = scenario_init_tcp,
	.exit = scenario_exit,
	.test_cases = urgent_tcp_cases,
};

kunit_test_suites(&urgent_suite, &urgent_tcp_suite);
