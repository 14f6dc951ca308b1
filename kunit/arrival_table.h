/* SPDX-License-Identifier: GPL-2.0 */
/*
 * State x segment: the answer to each segment in each state, wherever it lies
 * in the window, and the state after it. The table was written from RFC 9293,
 * 3.10.7, with RFC 5961 for RST, SYN and ACK, RFC 1337 for RST in TIME_WAIT,
 * and RFC 7323, 5.3 for timestamps; not from the code. kunit/README.md says how
 * to read it and where rill does more, or less, than the letter.
 */
#ifndef _RILL_ARRIVAL_TABLE_H
#define _RILL_ARRIVAL_TABLE_H

/* ---- words ------------------------------------------------------------- */

/*
 * A cell: the answer, and the state after it where that is another, as in
 * ACK | CW; a state alone comes without an answer.
 */
enum {
	NONE = 0,	/* no answer */
	ACK,		/* <SND.NXT><RCV.NXT><ACK>, RCV.NXT behind the segment */
	LATE,		/* the same, delayed */
	DUP,		/* the same with RCV.NXT as it was */
	CHAL,		/* the same again, as a challenge (RFC 5961) */
	RST,		/* <SEG.ACK><RST>, where the ACK cannot be */
	RST_ACK,	/* <0><SEG.SEQ+SEG.LEN><RST,ACK>, where there is none */
	RESET,		/* <SND.NXT><RCV.NXT><RST,ACK> */
	SYN_ACK,	/* <ISS><SEG.SEQ+1><SYN,ACK> */
	NA,		/* there is no such place */
	ANSWER = 0xff,

	SHUT = TCP_CLOSE << 8,
	LIST = TCP_LISTEN << 8,
	RCVD = TCP_SYN_RECV << 8,
	EST = TCP_ESTABLISHED << 8,
	FW2 = TCP_FIN_WAIT2 << 8,
	CW = TCP_CLOSE_WAIT << 8,
	CING = TCP_CLOSING << 8,
	TW = TCP_TIME_WAIT << 8,

	GONE = RESET | SHUT,	/* for a program that is gone */
};

/* X(name, flags, bytes of data): the segments; TEXT is DATA without ACK. */
#define ARRIVAL_SEGMENTS(X)			\
	X(SYN,		"S",		0)	\
	X(SYN_DATA,	"S",		100)	\
	X(SYN_ACK,	"SA",		0)	\
	X(SYN_ACK_DATA,	"SA",		100)	\
	X(SYN_ACK_FIN,	"SFA",		0)	\
	X(SYN_FIN,	"SF",		0)	\
	X(SYN_FIN_DATA,	"SF",		100)	\
	X(SYN_RST,	"SR",		0)	\
	X(ACK,		"A",		0)	\
	X(DATA,		"PA",		100)	\
	X(FIN_ACK,	"FA",		0)	\
	X(FIN_DATA,	"FPA",		100)	\
	X(FIN,		"F",		0)	\
	X(FIN_TEXT,	"FP",		100)	\
	X(TEXT,		"P",		100)	\
	X(EMPTY,	"-",		0)	\
	X(RST,		"R",		0)	\
	X(RST_TEXT,	"R",		100)	\
	X(RST_ACK,	"RA",		0)	\
	X(RST_DATA,	"RA",		100)	\
	X(ALL,		"SFRPAUEC",	0)

enum arrival_segment {
	SEG_END,	/* of a table */
#define X(name, flags, len) SEG_##name,
	ARRIVAL_SEGMENTS(X)
#undef X
};

#define ARRIVAL_CELLS	6

/* A segment, and a cell for each place that it may have. */
struct arrival_row {
	enum arrival_segment segment;
	u16 cells[ARRIVAL_CELLS];
};

#define R1(seg, a) { SEG_##seg, { a } }
#define R5(seg, a, b, c, d, e) { SEG_##seg, { a, b, c, d, e } }
#define R6(seg, a, b, c, d, e, f) { SEG_##seg, { a, b, c, d, e, f } }

/* ---- where nothing but the flags matters ------------------------------- */

/* 3.10.7.1 */
static const struct arrival_row anywhere_closed[] = {
R1(SYN,           RST_ACK),
R1(SYN_DATA,      RST_ACK),
R1(SYN_ACK,       RST),
R1(SYN_ACK_DATA,  RST),
R1(SYN_ACK_FIN,   RST),
R1(SYN_FIN,       RST_ACK),
R1(SYN_FIN_DATA,  RST_ACK),
R1(SYN_RST,       NONE),
R1(ACK,           RST),
R1(DATA,          RST),
R1(FIN_ACK,       RST),
R1(FIN_DATA,      RST),
R1(FIN,           RST_ACK),
R1(FIN_TEXT,      RST_ACK),
R1(TEXT,          RST_ACK),
R1(EMPTY,         RST_ACK),
R1(RST,           NONE),
R1(RST_TEXT,      NONE),
R1(RST_ACK,       NONE),
R1(RST_DATA,      NONE),
R1(ALL,           NONE),
{}
};

/* 3.10.7.2; but a SYN with a FIN is dropped, as Linux does. */
static const struct arrival_row anywhere_listen[] = {
R1(SYN,           SYN_ACK | RCVD),
R1(SYN_DATA,      SYN_ACK | RCVD),
R1(SYN_ACK,       RST),
R1(SYN_ACK_DATA,  RST),
R1(SYN_ACK_FIN,   RST),
R1(SYN_FIN,       NONE),
R1(SYN_FIN_DATA,  NONE),
R1(SYN_RST,       NONE),
R1(ACK,           RST),
R1(DATA,          RST),
R1(FIN_ACK,       RST),
R1(FIN_DATA,      RST),
R1(FIN,           NONE),
R1(FIN_TEXT,      NONE),
R1(TEXT,          NONE),
R1(EMPTY,         NONE),
R1(RST,           NONE),
R1(RST_TEXT,      NONE),
R1(RST_ACK,       NONE),
R1(RST_DATA,      NONE),
R1(ALL,           NONE),
{}
};

/* 3.10.7.3, without ACK */
static const struct arrival_row anywhere_syn_sent[] = {
R1(SYN,           SYN_ACK | RCVD),
R1(SYN_DATA,      SYN_ACK | RCVD),
R1(SYN_FIN,       SYN_ACK | RCVD),
R1(SYN_FIN_DATA,  SYN_ACK | RCVD),
R1(SYN_RST,       NONE),
R1(FIN,           NONE),
R1(FIN_TEXT,      NONE),
R1(TEXT,          NONE),
R1(EMPTY,         NONE),
R1(RST,           NONE),
R1(RST_TEXT,      NONE),
{}
};

/* ---- by sequence number ------------------------------------------------ */

/*
 * The columns are SEG.SEQ, with an ACK of nothing new, in SYN_RECV of our
 * SYN:
 *
 *  1 outside left: RCV.NXT - SEG.LEN, RCV.NXT - 1 if it is empty
 *  2 left edge: RCV.NXT
 *  3 inside: RCV.NXT + 1000
 *  4 right edge: RCV.NXT + RCV.WND - 1
 *  5 outside right: RCV.NXT + RCV.WND
 */

/* Half-open: its own SYN again is answered again, another is challenged. */
static const struct arrival_row sequence_syn_received_by_listener[] = {
R5(SYN,       SYN_ACK,    CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_ACK,   DUP,        CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_FIN,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_RST,   NONE,       LIST,       CHAL,       CHAL,       NONE),
R5(ACK,       DUP,        EST,        EST,        EST,        DUP),
R5(DATA,      DUP,        LATE | EST, DUP | EST,  DUP | EST,  DUP),
R5(FIN_ACK,   DUP,        ACK | CW,   DUP | EST,  DUP | EST,  DUP),
R5(FIN_DATA,  DUP,        ACK | CW,   DUP | EST,  DUP | EST,  DUP),
R5(FIN,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(TEXT,      DUP,        NONE,       NONE,       NONE,       DUP),
R5(EMPTY,     DUP,        NONE,       NONE,       NONE,       DUP),
R5(RST,       NONE,       LIST,       CHAL,       CHAL,       NONE),
R5(RST_ACK,   NONE,       LIST,       CHAL,       CHAL,       NONE),
R5(ALL,       NONE,       LIST,       CHAL,       CHAL,       NONE),
{}
};

/* Simultaneous open: the peer's SYN-ACK stands where its SYN stood (3.5). */
static const struct arrival_row sequence_syn_received_by_crossing[] = {
R5(SYN,       CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_ACK,   EST,        CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_FIN,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_RST,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ACK,       DUP,        EST,        EST,        EST,        DUP),
R5(DATA,      DUP,        LATE | EST, DUP | EST,  DUP | EST,  DUP),
R5(FIN_ACK,   DUP,        ACK | CW,   DUP | EST,  DUP | EST,  DUP),
R5(FIN_DATA,  DUP,        ACK | CW,   DUP | EST,  DUP | EST,  DUP),
R5(FIN,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(TEXT,      DUP,        NONE,       NONE,       NONE,       DUP),
R5(EMPTY,     DUP,        NONE,       NONE,       NONE,       DUP),
R5(RST,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(RST_ACK,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ALL,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
{}
};

static const struct arrival_row sequence_established[] = {
R5(SYN,       CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_ACK,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_FIN,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_RST,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ACK,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(DATA,      DUP,        LATE,       DUP,        DUP,        DUP),
R5(FIN_ACK,   DUP,        ACK | CW,   DUP,        DUP,        DUP),
R5(FIN_DATA,  DUP,        ACK | CW,   DUP,        DUP,        DUP),
R5(FIN,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(TEXT,      DUP,        NONE,       NONE,       NONE,       DUP),
R5(EMPTY,     DUP,        NONE,       NONE,       NONE,       DUP),
R5(RST,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(RST_ACK,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ALL,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
{}
};

/* Held by a program, which may still read. */
static const struct arrival_row sequence_fin_wait_1[] = {
R5(SYN,       CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_ACK,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_FIN,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_RST,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ACK,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(DATA,      DUP,        LATE,       DUP,        DUP,        DUP),
R5(FIN_ACK,   DUP,        ACK | CING, DUP,        DUP,        DUP),
R5(FIN_DATA,  DUP,        ACK | CING, DUP,        DUP,        DUP),
R5(FIN,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(TEXT,      DUP,        NONE,       NONE,       NONE,       DUP),
R5(EMPTY,     DUP,        NONE,       NONE,       NONE,       DUP),
R5(RST,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(RST_ACK,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ALL,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
{}
};

/* No program will read the data: 3.6.1, SHLD-3; RFC 2525, 2.16. */
static const struct arrival_row sequence_fin_wait_1_orphan[] = {
R5(SYN,       CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_ACK,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_FIN,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_RST,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ACK,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(DATA,      DUP,        GONE,       GONE,       GONE,       DUP),
R5(FIN_ACK,   DUP,        ACK | CING, DUP,        DUP,        DUP),
R5(FIN_DATA,  DUP,        GONE,       GONE,       GONE,       DUP),
R5(FIN,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(TEXT,      DUP,        NONE,       NONE,       NONE,       DUP),
R5(EMPTY,     DUP,        NONE,       NONE,       NONE,       DUP),
R5(RST,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(RST_ACK,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ALL,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
{}
};

static const struct arrival_row sequence_fin_wait_2[] = {
R5(SYN,       CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_ACK,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_FIN,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_RST,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ACK,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(DATA,      DUP,        LATE,       DUP,        DUP,        DUP),
R5(FIN_ACK,   DUP,        ACK | TW,   DUP,        DUP,        DUP),
R5(FIN_DATA,  DUP,        ACK | TW,   DUP,        DUP,        DUP),
R5(FIN,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(TEXT,      DUP,        NONE,       NONE,       NONE,       DUP),
R5(EMPTY,     DUP,        NONE,       NONE,       NONE,       DUP),
R5(RST,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(RST_ACK,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ALL,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
{}
};

/* A compact entry, whose reset answers the segment. */
static const struct arrival_row sequence_fin_wait_2_orphan[] = {
R5(SYN,       CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_ACK,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_FIN,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_RST,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ACK,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(DATA,      DUP,        RST | SHUT, RST | SHUT, RST | SHUT, DUP),
R5(FIN_ACK,   DUP,        ACK | TW,   DUP,        DUP,        DUP),
R5(FIN_DATA,  DUP,        RST | SHUT, RST | SHUT, RST | SHUT, DUP),
R5(FIN,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(TEXT,      DUP,        NONE,       NONE,       NONE,       DUP),
R5(EMPTY,     DUP,        NONE,       NONE,       NONE,       DUP),
R5(RST,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(RST_ACK,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ALL,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
{}
};

/* And LAST_ACK: text is ignored, a FIN acknowledged again. */
static const struct arrival_row sequence_close_wait[] = {
R5(SYN,       CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_ACK,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_FIN,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_RST,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ACK,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(DATA,      DUP,        NONE,       NONE,       NONE,       DUP),
R5(FIN_ACK,   DUP,        DUP,        DUP,        DUP,        DUP),
R5(FIN_DATA,  DUP,        DUP,        DUP,        DUP,        DUP),
R5(FIN,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(TEXT,      DUP,        NONE,       NONE,       NONE,       DUP),
R5(EMPTY,     DUP,        NONE,       NONE,       NONE,       DUP),
R5(RST,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(RST_ACK,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ALL,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
{}
};

/* A segment that does not acknowledge our FIN is ignored. */
static const struct arrival_row sequence_closing[] = {
R5(SYN,       CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_ACK,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_FIN,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_RST,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ACK,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(DATA,      DUP,        NONE,       NONE,       NONE,       DUP),
R5(FIN_ACK,   DUP,        NONE,       NONE,       NONE,       DUP),
R5(FIN_DATA,  DUP,        NONE,       NONE,       NONE,       DUP),
R5(FIN,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(TEXT,      DUP,        NONE,       NONE,       NONE,       DUP),
R5(EMPTY,     DUP,        NONE,       NONE,       NONE,       DUP),
R5(RST,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(RST_ACK,   NONE,       SHUT,       CHAL,       CHAL,       NONE),
R5(ALL,       NONE,       SHUT,       CHAL,       CHAL,       NONE),
{}
};

/*
 * Each segment counts as "a retransmission of the remote FIN" and is
 * acknowledged, but for the very next ACK; no reset is believed (RFC 1337, fix
 * F1).
 */
static const struct arrival_row sequence_time_wait[] = {
R5(SYN,       CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_ACK,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_FIN,   CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R5(SYN_RST,   NONE,       NONE,       NONE,       NONE,       NONE),
R5(ACK,       DUP,        NONE,       DUP,        DUP,        DUP),
R5(DATA,      DUP,        DUP,        DUP,        DUP,        DUP),
R5(FIN_ACK,   DUP,        DUP,        DUP,        DUP,        DUP),
R5(FIN_DATA,  DUP,        DUP,        DUP,        DUP,        DUP),
R5(FIN,       DUP,        NONE,       NONE,       NONE,       DUP),
R5(TEXT,      DUP,        NONE,       NONE,       NONE,       DUP),
R5(EMPTY,     DUP,        NONE,       NONE,       NONE,       DUP),
R5(RST,       NONE,       NONE,       NONE,       NONE,       NONE),
R5(RST_ACK,   NONE,       NONE,       NONE,       NONE,       NONE),
R5(ALL,       NONE,       NONE,       NONE,       NONE,       NONE),
{}
};

/* ---- by acknowledgment number ------------------------------------------ */

/*
 * The columns are SEG.ACK, with SEG.SEQ = RCV.NXT, and 100 bytes of ours in
 * flight in ESTABLISHED, FIN_WAIT1, CLOSE_WAIT, CLOSING and LAST_ACK:
 *
 *  1 too old: SND.UNA - MAX.SND.WND - 1
 *  2 the oldest that is taken: SND.UNA - MAX.SND.WND
 *  3 nothing new: SND.UNA
 *  4 a part: SND.UNA + 50
 *  5 all: SND.NXT
 *  6 not sent: SND.NXT + 1
 */

/* 3.10.7.3 */
static const struct arrival_row acknowledgment_syn_sent[] = {
R6(SYN_ACK,      RST,  RST,        RST,        NA,         ACK | EST,  RST),
R6(SYN_ACK_DATA, RST,  RST,        RST,        NA,         ACK | EST,  RST),
R6(SYN_ACK_FIN,  RST,  RST,        RST,        NA,         ACK | CW,   RST),
R6(ACK,          RST,  RST,        RST,        NA,         NONE,       RST),
R6(DATA,         RST,  RST,        RST,        NA,         NONE,       RST),
R6(FIN_ACK,      RST,  RST,        RST,        NA,         NONE,       RST),
R6(FIN_DATA,     RST,  RST,        RST,        NA,         NONE,       RST),
R6(RST_ACK,      NONE, NONE,       NONE,       NA,         SHUT,       NONE),
R6(RST_DATA,     NONE, NONE,       NONE,       NA,         SHUT,       NONE),
R6(ALL,          NONE, NONE,       NONE,       NA,         SHUT,       NONE),
{}
};

static const struct arrival_row acknowledgment_syn_received_by_listener[] = {
R6(SYN_ACK,      CHAL, CHAL,       CHAL,       NA,         CHAL,       CHAL),
R6(ACK,          RST,  RST,        RST,        NA,         EST,        RST),
R6(DATA,         RST,  RST,        RST,        NA,         LATE | EST, RST),
R6(FIN_ACK,      RST,  RST,        RST,        NA,         ACK | CW,   RST),
R6(RST_ACK,      LIST, LIST,       LIST,       NA,         LIST,       LIST),
{}
};

static const struct arrival_row acknowledgment_syn_received_by_crossing[] = {
R6(SYN_ACK,      CHAL, CHAL,       CHAL,       NA,         CHAL,       CHAL),
R6(ACK,          RST,  RST,        RST,        NA,         EST,        RST),
R6(DATA,         RST,  RST,        RST,        NA,         LATE | EST, RST),
R6(FIN_ACK,      RST,  RST,        RST,        NA,         ACK | CW,   RST),
R6(RST_ACK,      SHUT, SHUT,       SHUT,       NA,         SHUT,       SHUT),
{}
};

static const struct arrival_row acknowledgment_established[] = {
R6(SYN_ACK,      CHAL, CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R6(ACK,          CHAL, NONE,       NONE,       NONE,       NONE,       CHAL),
R6(DATA,         CHAL, LATE,       LATE,       LATE,       LATE,       CHAL),
R6(FIN_ACK,      CHAL, ACK | CW,   ACK | CW,   ACK | CW,   ACK | CW,   CHAL),
R6(RST_ACK,      SHUT, SHUT,       SHUT,       SHUT,       SHUT,       SHUT),
{}
};

static const struct arrival_row acknowledgment_fin_wait_1[] = {
R6(SYN_ACK,      CHAL, CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R6(ACK,          CHAL, NONE,       NONE,       NONE,       FW2,        CHAL),
R6(DATA,         CHAL, LATE,       LATE,       LATE,       LATE | FW2, CHAL),
R6(FIN_ACK,      CHAL, ACK | CING, ACK | CING, ACK | CING, ACK | TW,   CHAL),
R6(RST_ACK,      SHUT, SHUT,       SHUT,       SHUT,       SHUT,       SHUT),
{}
};

static const struct arrival_row acknowledgment_fin_wait_1_orphan[] = {
R6(SYN_ACK,      CHAL, CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R6(ACK,          CHAL, NONE,       NONE,       NONE,       FW2,        CHAL),
R6(DATA,         CHAL, GONE,       GONE,       GONE,       GONE,       CHAL),
R6(FIN_ACK,      CHAL, ACK | CING, ACK | CING, ACK | CING, ACK | TW,   CHAL),
R6(RST_ACK,      SHUT, SHUT,       SHUT,       SHUT,       SHUT,       SHUT),
{}
};

static const struct arrival_row acknowledgment_fin_wait_2[] = {
R6(SYN_ACK,      CHAL, CHAL,       CHAL,       NA,         NA,         CHAL),
R6(ACK,          CHAL, NONE,       NONE,       NA,         NA,         CHAL),
R6(DATA,         CHAL, LATE,       LATE,       NA,         NA,         CHAL),
R6(FIN_ACK,      CHAL, ACK | TW,   ACK | TW,   NA,         NA,         CHAL),
R6(RST_ACK,      SHUT, SHUT,       SHUT,       NA,         NA,         SHUT),
{}
};

static const struct arrival_row acknowledgment_fin_wait_2_orphan[] = {
R6(SYN_ACK,      CHAL, CHAL,       CHAL,       NA,         NA,         CHAL),
R6(ACK,          CHAL, NONE,       NONE,       NA,         NA,         CHAL),
R6(DATA,         CHAL, RST | SHUT, RST | SHUT, NA,         NA,         CHAL),
R6(FIN_ACK,      CHAL, ACK | TW,   ACK | TW,   NA,         NA,         CHAL),
R6(RST_ACK,      SHUT, SHUT,       SHUT,       NA,         NA,         SHUT),
{}
};

static const struct arrival_row acknowledgment_close_wait[] = {
R6(SYN_ACK,      CHAL, CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R6(ACK,          CHAL, NONE,       NONE,       NONE,       NONE,       CHAL),
R6(DATA,         CHAL, NONE,       NONE,       NONE,       NONE,       CHAL),
R6(FIN_ACK,      CHAL, DUP,        DUP,        DUP,        DUP,        CHAL),
R6(RST_ACK,      SHUT, SHUT,       SHUT,       SHUT,       SHUT,       SHUT),
{}
};

static const struct arrival_row acknowledgment_closing[] = {
R6(SYN_ACK,      CHAL, CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R6(ACK,          CHAL, NONE,       NONE,       NONE,       TW,         CHAL),
R6(DATA,         CHAL, NONE,       NONE,       NONE,       TW,         CHAL),
R6(FIN_ACK,      CHAL, NONE,       NONE,       NONE,       DUP | TW,   CHAL),
R6(RST_ACK,      SHUT, SHUT,       SHUT,       SHUT,       SHUT,       SHUT),
{}
};

static const struct arrival_row acknowledgment_last_ack[] = {
R6(SYN_ACK,      CHAL, CHAL,       CHAL,       CHAL,       CHAL,       CHAL),
R6(ACK,          CHAL, NONE,       NONE,       NONE,       SHUT,       CHAL),
R6(DATA,         CHAL, NONE,       NONE,       NONE,       SHUT,       CHAL),
R6(FIN_ACK,      CHAL, DUP,        DUP,        DUP,        SHUT,       CHAL),
R6(RST_ACK,      SHUT, SHUT,       SHUT,       SHUT,       SHUT,       SHUT),
{}
};

static const struct arrival_row acknowledgment_time_wait[] = {
R6(SYN_ACK,      CHAL, CHAL,       CHAL,       NA,         NA,         CHAL),
R6(ACK,          CHAL, NONE,       NONE,       NA,         NA,         CHAL),
R6(DATA,         CHAL, DUP,        DUP,        NA,         NA,         CHAL),
R6(FIN_ACK,      CHAL, DUP,        DUP,        NA,         NA,         CHAL),
R6(RST_ACK,      NONE, NONE,       NONE,       NA,         NA,         NONE),
{}
};

/* ---- by timestamp ------------------------------------------------------- */

/* RFC 7323, 5.3, R1: old at the left edge, so not acceptable unless it is RST. */
static const struct arrival_row timestamp_syn_received_by_listener[] = {
R1(SYN,           DUP),
R1(SYN_ACK,       DUP),
R1(ACK,           DUP),
R1(DATA,          DUP),
R1(FIN_ACK,       DUP),
R1(FIN,           DUP),
R1(EMPTY,         DUP),
R1(RST,           LIST),
R1(RST_ACK,       LIST),
{}
};

static const struct arrival_row timestamp_synchronized[] = {
R1(SYN,           DUP),
R1(SYN_ACK,       DUP),
R1(ACK,           DUP),
R1(DATA,          DUP),
R1(FIN_ACK,       DUP),
R1(FIN,           DUP),
R1(EMPTY,         DUP),
R1(RST,           SHUT),
R1(RST_ACK,       SHUT),
{}
};

static const struct arrival_row timestamp_time_wait[] = {
R1(SYN,           DUP),
R1(SYN_ACK,       DUP),
R1(ACK,           DUP),
R1(DATA,          DUP),
R1(FIN_ACK,       DUP),
R1(FIN,           DUP),
R1(EMPTY,         DUP),
R1(RST,           NONE),
R1(RST_ACK,       NONE),
{}
};
#endif /* _RILL_ARRIVAL_TABLE_H */
