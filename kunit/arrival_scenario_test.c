// SPDX-License-Identifier: GPL-2.0
/*
 * State x segment (RFC 9293, 3.10.7): arrival_table.h played against real
 * connections. For each cell a script opens a new connection, brings it into
 * the row's state, lets the column's segment arrive, and checks the answer and
 * the state afterwards.
 */
#include "../module/connection/inside.h"
#include "arrival_table.h"
#include "scenario.h"

/* ---- the ways into the states ------------------------------------------ */

/* The windows on the wire: ours, and the largest that the peer advertised. */
#define WND		"14600"
#define WND_AFTER_FIN	"14599"
#define RCV_WND		14600
#define MAX_SND_WND	65535

/* Buffers for WND; and a new second, so that no limit of answers holds. */
#define START						\
	"tunable rmem 4096 29200 6291456\n"		\
	"tunable challenge_ack_limit 1000000\n"		\
	"tunable invalid_ratelimit_ms 0\n"		\
	"quiet 1s\n"

#define LISTEN		"listen 16\n"
#define SYN_SENT	"socket\n"				\
			"connect\n"				\
			"> S 0:0(0) win " WND "\n"
#define HALF_OPEN(opts)	"< S 0:0(0) win 65535 <mss 1000" opts ">\n" \
			"> SA 0:0(0) ack 1 win " WND "\n"
#define CONNECTED(opts)	SYN_SENT				\
			"< SA 0:0(0) ack 1 win 65535 <mss 1000" opts ">\n" \
			"> A 1:1(0) ack 1 win " WND "\n"
#define ACCEPTED	HALF_OPEN("")				\
			"< A 1:1(0) ack 1\n"			\
			"accept\n"

/* The end of our half: by close(), which leaves an orphan, or by shutdown(). */
#define CLOSE(fin)	"close\n> FA " fin "\n"
#define SHUTDOWN(fin)	"shutdown wr\n> FA " fin "\n"
#define OUR_FIN		"1:1(0) ack 1 win " WND
#define OUR_LAST_FIN	"1:1(0) ack 2 win " WND_AFTER_FIN

#define ITS_FIN		"< FA 1:1(0) ack 1\n"			\
			"> A 1:1(0) ack 2 win " WND_AFTER_FIN "\n"
#define ITS_FIN_CROSSED	"< FA 1:1(0) ack 1\n"			\
			"> A 2:2(0) ack 2 win " WND_AFTER_FIN "\n"
#define ITS_LAST_FIN(w)	"< FA 1:1(0) ack 2\n"			\
			"> A 2:2(0) ack 2 win " w "\n"
#define ITS_ACK		"< A 1:1(0) ack 2\n"
#define ITS_LAST_ACK	"< A 2:2(0) ack 2\n"

/* The same with 100 bytes of ours in flight, and the FIN behind them. */
#define SENDING		CONNECTED("")				\
			"send 100\n"				\
			"> PA 1:101(100) ack 1\n"
#define FIN_BEHIND	"101:101(0) ack 1"
#define LAST_FIN_BEHIND	"101:101(0) ack 2"
#define ITS_FIN_EARLY	"< FA 1:1(0) ack 1\n"			\
			"> A 101:101(0) ack 2\n"
#define ITS_FIN_CROSSED_EARLY "< FA 1:1(0) ack 1\n"		\
			"> A 102:102(0) ack 2\n"

/**
 * struct arrival_way - how a connection comes to a state
 * @state: the state, as scripts write it
 * @how: by which way, NULL if there is one alone
 * @once: lines before the first cell of a row
 * @each: lines before each cell
 * @rows: of the table, SEG_END behind the last
 * @una: SND.UNA, relative to ISS
 * @nxt: SND.NXT, the same
 * @rcv: RCV.NXT, relative to IRS
 * @moved: by how much the window's right edge has moved
 */
struct arrival_way {
	const char *state;
	const char *how;
	const char *once;
	const char *each;
	const struct arrival_row *rows;
	s32 una;
	s32 nxt;
	s32 rcv;
	s32 moved;
};

static const struct arrival_way anywhere_ways[] = {
	{ "CLOSE", NULL, "bind\n", "iss 0\n", anywhere_closed, 77, 77, 17 },
	{ "LISTEN", NULL, LISTEN, "", anywhere_listen, 77, 77, 17 },
	{ "SYN_SENT", NULL, "", SYN_SENT, anywhere_syn_sent, 0, 1, 0 },
};

static const struct arrival_way sequence_ways[] = {
	{ "SYN_RECV", "by listener", LISTEN, HALF_OPEN(""),
	  sequence_syn_received_by_listener, 0, 1, 1 },
	{ "SYN_RECV", "by crossing", "", SYN_SENT HALF_OPEN(""),
	  sequence_syn_received_by_crossing, 0, 1, 1 },
	{ "ESTABLISHED", "by connect", "", CONNECTED(""),
	  sequence_established, 1, 1, 1 },
	{ "ESTABLISHED", "by accept", LISTEN, ACCEPTED,
	  sequence_established, 1, 1, 1 },
	{ "FIN_WAIT1", "by close", "", CONNECTED("") CLOSE(OUR_FIN),
	  sequence_fin_wait_1_orphan, 1, 2, 1 },
	{ "FIN_WAIT1", "by shutdown", "", CONNECTED("") SHUTDOWN(OUR_FIN),
	  sequence_fin_wait_1, 1, 2, 1 },
	{ "FIN_WAIT2", "by close", "", CONNECTED("") CLOSE(OUR_FIN) ITS_ACK,
	  sequence_fin_wait_2_orphan, 2, 2, 1 },
	{ "FIN_WAIT2", "by shutdown", "",
	  CONNECTED("") SHUTDOWN(OUR_FIN) ITS_ACK,
	  sequence_fin_wait_2, 2, 2, 1 },
	{ "CLOSE_WAIT", NULL, "", CONNECTED("") ITS_FIN,
	  sequence_close_wait, 1, 1, 2 },
	{ "CLOSING", "by close", "",
	  CONNECTED("") CLOSE(OUR_FIN) ITS_FIN_CROSSED,
	  sequence_closing, 1, 2, 2 },
	{ "CLOSING", "by shutdown", "",
	  CONNECTED("") SHUTDOWN(OUR_FIN) ITS_FIN_CROSSED,
	  sequence_closing, 1, 2, 2 },
	{ "LAST_ACK", "by close", "", CONNECTED("") ITS_FIN CLOSE(OUR_LAST_FIN),
	  sequence_close_wait, 1, 2, 2 },
	{ "LAST_ACK", "by shutdown", "",
	  CONNECTED("") ITS_FIN SHUTDOWN(OUR_LAST_FIN),
	  sequence_close_wait, 1, 2, 2 },
	{ "TIME_WAIT", "by close", "",
	  CONNECTED("") CLOSE(OUR_FIN) ITS_ACK ITS_LAST_FIN(WND),
	  sequence_time_wait, 2, 2, 2, .moved = 1 },
	{ "TIME_WAIT", "by shutdown", "",
	  CONNECTED("") SHUTDOWN(OUR_FIN) ITS_ACK ITS_LAST_FIN(WND_AFTER_FIN),
	  sequence_time_wait, 2, 2, 2 },
	{ "TIME_WAIT", "past FIN_WAIT2", "",
	  CONNECTED("") SHUTDOWN(OUR_FIN) ITS_LAST_FIN(WND_AFTER_FIN),
	  sequence_time_wait, 2, 2, 2 },
	{ "TIME_WAIT", "by CLOSING", "",
	  CONNECTED("") CLOSE(OUR_FIN) ITS_FIN_CROSSED ITS_LAST_ACK,
	  sequence_time_wait, 2, 2, 2 },
};

static const struct arrival_way acknowledgment_ways[] = {
	{ "SYN_SENT", NULL, "", SYN_SENT,
	  acknowledgment_syn_sent, 0, 1, 0 },
	{ "SYN_RECV", "by listener", LISTEN, HALF_OPEN(""),
	  acknowledgment_syn_received_by_listener, 0, 1, 1 },
	{ "SYN_RECV", "by crossing", "", SYN_SENT HALF_OPEN(""),
	  acknowledgment_syn_received_by_crossing, 0, 1, 1 },
	{ "ESTABLISHED", NULL, "", SENDING,
	  acknowledgment_established, 1, 101, 1 },
	{ "FIN_WAIT1", "by close", "", SENDING CLOSE(FIN_BEHIND),
	  acknowledgment_fin_wait_1_orphan, 1, 102, 1 },
	{ "FIN_WAIT1", "by shutdown", "", SENDING SHUTDOWN(FIN_BEHIND),
	  acknowledgment_fin_wait_1, 1, 102, 1 },
	{ "FIN_WAIT2", "by close", "", CONNECTED("") CLOSE(OUR_FIN) ITS_ACK,
	  acknowledgment_fin_wait_2_orphan, 2, 2, 1 },
	{ "FIN_WAIT2", "by shutdown", "",
	  CONNECTED("") SHUTDOWN(OUR_FIN) ITS_ACK,
	  acknowledgment_fin_wait_2, 2, 2, 1 },
	{ "CLOSE_WAIT", NULL, "", SENDING ITS_FIN_EARLY,
	  acknowledgment_close_wait, 1, 101, 2 },
	{ "CLOSING", "by close", "",
	  SENDING CLOSE(FIN_BEHIND) ITS_FIN_CROSSED_EARLY,
	  acknowledgment_closing, 1, 102, 2 },
	{ "CLOSING", "by shutdown", "",
	  SENDING SHUTDOWN(FIN_BEHIND) ITS_FIN_CROSSED_EARLY,
	  acknowledgment_closing, 1, 102, 2 },
	{ "LAST_ACK", "by close", "",
	  SENDING ITS_FIN_EARLY CLOSE(LAST_FIN_BEHIND),
	  acknowledgment_last_ack, 1, 102, 2 },
	{ "LAST_ACK", "by shutdown", "",
	  SENDING ITS_FIN_EARLY SHUTDOWN(LAST_FIN_BEHIND),
	  acknowledgment_last_ack, 1, 102, 2 },
	{ "TIME_WAIT", "by close", "",
	  CONNECTED("") CLOSE(OUR_FIN) ITS_ACK ITS_LAST_FIN(WND),
	  acknowledgment_time_wait, 2, 2, 2 },
	{ "TIME_WAIT", "by CLOSING", "",
	  CONNECTED("") CLOSE(OUR_FIN) ITS_FIN_CROSSED ITS_LAST_ACK,
	  acknowledgment_time_wait, 2, 2, 2 },
};

static const struct arrival_way timestamp_ways[] = {
	{ "SYN_RECV", "by listener", LISTEN, HALF_OPEN(",ts"),
	  timestamp_syn_received_by_listener, 0, 1, 1 },
	{ "SYN_RECV", "by crossing", "", SYN_SENT HALF_OPEN(",ts"),
	  timestamp_synchronized, 0, 1, 1 },
	{ "ESTABLISHED", NULL, "", CONNECTED(",ts"),
	  timestamp_synchronized, 1, 1, 1 },
	{ "FIN_WAIT1", NULL, "", CONNECTED(",ts") SHUTDOWN(OUR_FIN),
	  timestamp_synchronized, 1, 2, 1 },
	{ "FIN_WAIT2", "by close", "", CONNECTED(",ts") CLOSE(OUR_FIN) ITS_ACK,
	  timestamp_synchronized, 2, 2, 1 },
	{ "FIN_WAIT2", "by shutdown", "",
	  CONNECTED(",ts") SHUTDOWN(OUR_FIN) ITS_ACK,
	  timestamp_synchronized, 2, 2, 1 },
	{ "CLOSE_WAIT", NULL, "", CONNECTED(",ts") ITS_FIN,
	  timestamp_synchronized, 1, 1, 2 },
	{ "CLOSING", NULL, "", CONNECTED(",ts") CLOSE(OUR_FIN) ITS_FIN_CROSSED,
	  timestamp_synchronized, 1, 2, 2 },
	{ "LAST_ACK", NULL, "", CONNECTED(",ts") ITS_FIN CLOSE(OUR_LAST_FIN),
	  timestamp_synchronized, 1, 2, 2 },
	{ "TIME_WAIT", NULL, "",
	  CONNECTED(",ts") CLOSE(OUR_FIN) ITS_ACK ITS_LAST_FIN(WND),
	  timestamp_time_wait, 2, 2, 2 },
};

/* ---- a cell as a script ------------------------------------------------ */

static const struct {
	const char *name;
	const char *flags;
	u32 len;
} segments[] = {
	{ "end", "", 0 },
#define X(name, flags, len) { #name, flags, len },
	ARRIVAL_SEGMENTS(X)
#undef X
};

/**
 * struct arrival_param - one state, by one way, and one segment
 * @family: what it is played over; first, for the fixture looks for it here
 * @way: into the state
 * @row: of the segment, in the table of @way
 */
struct arrival_param {
	struct scenario_family family;
	const struct arrival_way *way;
	const struct arrival_row *row;
};

/* A segment as it arrives, numbers relative. */
struct arrival {
	const char *flags;
	s32 seq;
	s32 ack;
	u32 len;		/* of data */
	u32 seg_len;		/* RFC 9293: with SYN and FIN */
};

static struct arrival arrival_make(const struct arrival_way *way,
				   const struct arrival_row *row)
{
	struct arrival a = {
		.flags = segments[row->segment].flags,
		.seq = way->rcv,
		/*
		 * Acknowledges nothing new, but our SYN where it is not
		 * acknowledged yet.
		 */
		.ack = way->una ?: way->nxt,
		.len = segments[row->segment].len,
	};

	a.seg_len = a.len + !!strchr(a.flags, 'S') + !!strchr(a.flags, 'F');
	return a;
}

static void arrival_anywhere(const struct arrival_way *way, int column,
			     struct arrival *a)
{
}

static void arrival_by_sequence(const struct arrival_way *way, int column,
				struct arrival *a)
{
	s32 edge = 1 + RCV_WND + way->moved;
	const s32 places[] = {
		way->rcv - max_t(s32, a->seg_len, 1),
		way->rcv,
		way->rcv + 1000,
		edge - 1,
		edge,
	};

	a->seq = places[column];
}

static void arrival_by_acknowledgment(const struct arrival_way *way,
				      int column, struct arrival *a)
{
	const s32 places[] = {
		way->una - MAX_SND_WND - 1,
		way->una - MAX_SND_WND,
		way->una,
		way->una + 50,
		way->nxt,
		way->nxt + 1,
	};

	a->ack = places[column];
}

/* What must come out, as a line of the script. */
static void arrival_answer(const struct arrival_way *way,
			   const struct arrival *a, u8 answer, char *text,
			   size_t size)
{
	s32 nxt = way->nxt, next = way->rcv + a->seg_len;

	*text = 0;
	switch (answer) {
	case ACK:
		snprintf(text, size, "> A %d:%d(0) ack %d\n", nxt, nxt, next);
		break;
	case LATE:
		snprintf(text, size, "+1ms > A %d:%d(0) ack %d\n", nxt, nxt,
			 next);
		break;
	case DUP:
	case CHAL:
		snprintf(text, size, "> A %d:%d(0) ack %d\n", nxt, nxt,
			 way->rcv);
		break;
	case RST:
		snprintf(text, size, "> R %d:%d(0) win 0 <>\n", a->ack, a->ack);
		break;
	case RST_ACK:
		snprintf(text, size, "> RA 0:0(0) ack %d win 0 <>\n",
			 a->seq + a->seg_len);
		break;
	case RESET:
		snprintf(text, size, "> RA %d:%d(0) ack %d win 0\n", nxt, nxt,
			 way->rcv);
		break;
	case SYN_ACK:
		snprintf(text, size, "> SA 0:0(0) ack %d\n", a->seq + 1);
		break;
	}
}

/* Did the cell change nothing, so that the next can use the connection? */
static bool arrival_harmless(const struct arrival_row *row, int column)
{
	switch (row->segment) {
	case SEG_ACK:
	case SEG_DATA:
	case SEG_FIN_ACK:
	case SEG_FIN_DATA:
		/*
		 * Segments that may be queued out of order, or that are
		 * counted.
		 */
		return false;
	default:
		return row->cells[column] == NONE ||
		       row->cells[column] == DUP || row->cells[column] == CHAL;
	}
}

static void arrival_play(struct kunit *test, int column,
			 const struct arrival *a, const char *options)
{
	const struct arrival_param *param = test->param_value;
	const struct arrival_way *way = param->way;
	u16 cell = param->row->cells[column];
	char answer[64], ack[16] = "";
	char *script;
	int at = 0;

	if ((cell & ANSWER) == NA)
		return;
	arrival_answer(way, a, cell & ANSWER, answer, sizeof(answer));
	if (strchr(a->flags, 'A'))
		snprintf(ack, sizeof(ack), " ack %d", a->ack);
	script = kunit_kzalloc(test, SZ_2K, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, script);
	if (!column || !arrival_harmless(param->row, column - 1))
		at = snprintf(script, SZ_2K, "flow %d\n%s%s%s", column,
			      column ? "" : START, column ? "" : way->once,
			      way->each);
	snprintf(script + at, SZ_2K - at,
		 "state %s\n"
		 "< %s %d:%d(%u)%s%s\n"
		 "%sstate %s\n"
		 /* long enough for a delayed ACK that must not come */
		 "quiet 2ms\n",
		 way->state, a->flags, a->seq, a->seq + a->len,
		 a->len, ack, options, answer,
		 cell > ANSWER ? rill_state_name(cell >> 8) : way->state);
	if (!scenario_run(test, script))
		kunit_info(test, "in column %d of\n%s", column + 1, script);
}

static void arrival_row_play(struct kunit *test, int columns,
			     void (*place)(const struct arrival_way *way,
					   int column, struct arrival *a),
			     const char *options)
{
	const struct arrival_param *param = test->param_value;
	struct arrival a;
	int i;

	for (i = 0; i < columns; i++) {
		a = arrival_make(param->way, param->row);
		place(param->way, i, &a);
		arrival_play(test, i, &a, options);
	}
}

/* ---- the cases --------------------------------------------------------- */

/* The next row, then the next way, then the next family. */
static const void *arrival_next(struct arrival_param *param,
				const struct arrival_way *ways, size_t count,
				const void *prev, char *desc)
{
	static const struct scenario_family *family;

	if (!prev || (++param->row)->segment == SEG_END) {
		if (!prev || ++param->way == ways + count) {
			family = scenario_family_next(prev ? family : NULL, desc);
			if (!family)
				return NULL;
			param->family = *family;
			param->way = ways;
		}
		param->row = param->way->rows;
	}
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s, %s%s%s, %s", family->name,
		 param->way->state, param->way->how ? " " : "",
		 param->way->how ?: "", segments[param->row->segment].name);
	return param;
}

static RILL_KUNIT_PARAMS(anywhere_params)
{
	static struct arrival_param param;

	return arrival_next(&param, anywhere_ways, ARRAY_SIZE(anywhere_ways),
			    prev, desc);
}

static RILL_KUNIT_PARAMS(sequence_params)
{
	static struct arrival_param param;

	return arrival_next(&param, sequence_ways, ARRAY_SIZE(sequence_ways),
			    prev, desc);
}

static RILL_KUNIT_PARAMS(acknowledgment_params)
{
	static struct arrival_param param;

	return arrival_next(&param, acknowledgment_ways,
			    ARRAY_SIZE(acknowledgment_ways), prev, desc);
}

static RILL_KUNIT_PARAMS(timestamp_params)
{
	static struct arrival_param param;

	return arrival_next(&param, timestamp_ways, ARRAY_SIZE(timestamp_ways),
			    prev, desc);
}

static void anywhere(struct kunit *test)
{
	arrival_row_play(test, 1, arrival_anywhere, "");
}

static void by_sequence_number(struct kunit *test)
{
	arrival_row_play(test, 5, arrival_by_sequence, "");
}

static void by_acknowledgment_number(struct kunit *test)
{
	arrival_row_play(test, 6, arrival_by_acknowledgment, "");
}

static void by_timestamp(struct kunit *test)
{
	arrival_row_play(test, 1, arrival_anywhere, " <ts -10000 *>");
}

static struct kunit_case arrival_cases[] = {
	KUNIT_CASE_PARAM(anywhere, anywhere_params),
	KUNIT_CASE_PARAM(by_sequence_number, sequence_params),
	KUNIT_CASE_PARAM(by_acknowledgment_number, acknowledgment_params),
	KUNIT_CASE_PARAM(by_timestamp, timestamp_params),
	{}
};

static struct kunit_suite arrival_suite = {
	.name = "rill_arrival",
	.suite_init = scenario_suite_init,
	.suite_exit = scenario_suite_exit,
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = arrival_cases,
};

kunit_test_suite(arrival_suite);
