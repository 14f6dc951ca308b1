// SPDX-License-Identifier: GPL-2.0
/*
 * The state table, cell by cell: module/connection/state.c.
 *
 * The table below was written from RFC 9293, figure 5 (section 3.3.2) and the
 * text of 3.10, not from the code. It says no where the socket API rules an
 * event out: an active OPEN of a listener is EISCONN, and a FIN after a FIN is
 * never in order.
 */
#include <kunit/test.h>
#include "../module/connection/inside.h"

#define no	(-1)
#define EST	TCP_ESTABLISHED
#define SENT	TCP_SYN_SENT
#define RCVD	TCP_SYN_RECV
#define FW1	TCP_FIN_WAIT1
#define FW2	TCP_FIN_WAIT2
#define TW	TCP_TIME_WAIT
#define SHUT	TCP_CLOSE
#define CW	TCP_CLOSE_WAIT
#define LA	TCP_LAST_ACK
#define LIST	TCP_LISTEN
#define CING	TCP_CLOSING

#define STATES	13	/* 0, TCP_ESTABLISHED ... TCP_NEW_SYN_RECV */

/* In the order of the columns below. */
static const enum rill_event events[] = {
	RILL_EV_PASSIVE_OPEN, RILL_EV_ACTIVE_OPEN, RILL_EV_CHILD,
	RILL_EV_RCV_SYN, RILL_EV_RCV_SYN_ACK, RILL_EV_RCV_ACK_OF_SYN,
	RILL_EV_RCV_FIN, RILL_EV_RCV_ACK_OF_FIN, RILL_EV_CLOSE,
	RILL_EV_RCV_RST, RILL_EV_ABORT, RILL_EV_2MSL,
};

static const s8 expected[STATES][ARRAY_SIZE(events)] = {
/*          open        made   received                         our        time */
/*          pass act    child  syn   syn+ack ack  fin   ack.fin close rst   abort 2msl */
[0]	= { no,  no,    no,    no,   no,   no,   no,   no,     no,   no,   no,   no },
[EST]	= { no,  no,    no,    no,   no,   no,   CW,   no,     FW1,  SHUT, SHUT, no },
[SENT]	= { no,  no,    no,    RCVD, EST,  no,   no,   no,     SHUT, SHUT, SHUT, no },
[RCVD]	= { no,  no,    no,    no,   no,   EST,  CW,   no,     FW1,  SHUT, SHUT, no },
[FW1]	= { no,  no,    no,    no,   no,   no,   CING, FW2,    no,   SHUT, SHUT, no },
[FW2]	= { no,  no,    no,    no,   no,   no,   TW,   no,     no,   SHUT, SHUT, SHUT },
[TW]	= { no,  no,    no,    no,   no,   no,   no,   no,     no,   SHUT, SHUT, SHUT },
[SHUT]	= { LIST, SENT, no,    no,   no,   no,   no,   no,     no,   no,   SHUT, no },
[CW]	= { no,  no,    no,    no,   no,   no,   no,   no,     LA,   SHUT, SHUT, no },
[LA]	= { no,  no,    no,    no,   no,   no,   no,   SHUT,   no,   SHUT, SHUT, no },
[LIST]	= { LIST, no,   RCVD,  no,   no,   no,   no,   no,     SHUT, no,   SHUT, no },
[CING]	= { no,  no,    no,    no,   no,   no,   no,   TW,     no,   SHUT, SHUT, no },
[12]	= { no,  no,    no,    no,   no,   no,   no,   no,     no,   no,   no,   no },
};

static void each_cell(struct kunit *test)
{
	int state, i;

	KUNIT_EXPECT_EQ(test, (int)ARRAY_SIZE(events), (int)RILL_EV_MAX);
	for (state = 0; state < STATES; state++) {
		for (i = 0; i < ARRAY_SIZE(events); i++)
			KUNIT_EXPECT_EQ_MSG(test, expected[state][i],
					    rill_state_next(state, events[i]),
					    "%s in %s",
					    rill_event_name(events[i]),
					    rill_state_name(state));
	}
}

static void no_such_state_or_event(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, rill_state_next(-1, RILL_EV_ABORT), -1);
	KUNIT_EXPECT_EQ(test, rill_state_next(INT_MIN, RILL_EV_ABORT), -1);
	KUNIT_EXPECT_EQ(test, rill_state_next(1000, RILL_EV_ABORT), -1);
	KUNIT_EXPECT_EQ(test, rill_state_next(TCP_ESTABLISHED, RILL_EV_MAX),
			-1);
}

/*
 * No state is a trap: CLOSE can be reached from each that a socket can be in.
 */
static void every_state_can_be_aborted(struct kunit *test)
{
	int state;

	for (state = 1; state < TCP_NEW_SYN_RECV; state++)
		KUNIT_EXPECT_EQ_MSG(test, rill_state_next(state, RILL_EV_ABORT),
				    TCP_CLOSE, "%s", rill_state_name(state));
}

static void names(struct kunit *test)
{
	int state, other;

	for (state = 1; state < TCP_NEW_SYN_RECV; state++) {
		KUNIT_EXPECT_STRNEQ(test, rill_state_name(state), "?");
		for (other = 1; other < state; other++)
			KUNIT_EXPECT_STRNEQ(test, rill_state_name(state),
					    rill_state_name(other));
	}
	for (state = 0; state < RILL_EV_MAX; state++)
		KUNIT_EXPECT_NOT_NULL(test, rill_event_name(state));
	KUNIT_EXPECT_STREQ(test, rill_state_name(TCP_CLOSE_WAIT),
			   "CLOSE_WAIT");
	KUNIT_EXPECT_NOT_NULL(test, rill_state_name(-1));
	KUNIT_EXPECT_NOT_NULL(test, rill_state_name(1000));
	KUNIT_EXPECT_NOT_NULL(test, rill_event_name(RILL_EV_MAX));
}

static struct kunit_case state_cases[] = {
	KUNIT_CASE(each_cell),
	KUNIT_CASE(no_such_state_or_event),
	KUNIT_CASE(every_state_can_be_aborted),
	KUNIT_CASE(names),
	{}
};

static struct kunit_suite state_suite = {
	.name = "rill_state",
	.test_cases = state_cases,
};

kunit_test_suite(state_suite);
