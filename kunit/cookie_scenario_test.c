// SPDX-License-Identifier: GPL-2.0
/*
 * A SYN flood: SYN cookies (RFC 4987, 3.6), the oldest half-open connection
 * that gives way, syn_rate_limit. And TCP_DEFER_ACCEPT.
 */
#include "scenario.h"

/* The listener keeps no state; the cookie restores all that was agreed. */
static void cookie_for_rill(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1460,sackok,ts 0 0,ws 7,rill 500 6>\n"
		     "> SA 0:0(0) ack 1 win <=65535 <mss 1460,sackok,ts * 0,ws *,rill 1000 6>\n"
		     "counter cookies_sent +1\n"
		     "state LISTEN\n"
		     "quiet 50s\n"
		     "< A 1:1(0) ack 1 win 1280\n"
		     "counter cookies_accepted +1\n"
		     "counter passive_opens +1\n"
		     "state ESTABLISHED\n"
		     "accept\n"
		     /* The window of 1280 is scaled; a segment is half of it. */
		     "send 1448\n"
		     "> Ap 1:641(640) ack 1 <ts * *>\n"
		     "> Ap 641:1281(640) ack 1 <ts * *>\n"
		     "+10ms < A 1:1(0) ack 1281 win 128000\n"
		     "> PA 1281:1449(168) ack 1 <ts * *>\n"
		     "+10ms < A 1:1(0) ack 1449\n"
		     "send 2896\n"
		     "> A 1449:2897(1448) ack 1\n"
		     "> PA 2897:4345(1448) ack 1\n"
		     "+10ms < A 1:1(0) ack 4345\n"
		     "< A 1449:2897(1448) ack 4345\n"
		     "> A 4345:4345(0) ack 1 <ts * *,sack 1449:2897>\n"
		     "< A 1:1449(1448) ack 4345\n"
		     "> A 4345:4345(0) ack 2897 win <=106496\n"
		     "recv 2896\n");
}

/* The RTO contains the peer's ACK delay; the RTT of the data is 10 ms. */
static void cookie_keeps_the_ack_delay(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1460,sackok,ts 0 0,ws 7,rill 10000 6>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "accept\n"
		     "send 100\n"
		     "> PA 1:101(100) ack 1\n"
		     "+10ms < A 1:1(0) ack 101\n"
		     "send 100\n"
		     "> PA 101:201(100) ack 1\n"
		     /* SRTT 10 + 4 * RTTVAR 5 + ACK delay 10 */
		     "+40ms > PA 101:201(100) ack 1\n");
}

/* A clock of milliseconds leaves fewer bits for the cookie, but enough. */
static void cookie_for_tcp(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1400,sackok,ts 0 0,ws 2>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,sackok,ts * 0,ws *>\n"
		     "state LISTEN\n"
		     "+10ms < A 1:1(0) ack 1 win 1000\n"
		     "state ESTABLISHED\n"
		     "accept\n"
		     "send 1000\n"
		     "> Ap 1:501(500) ack 1 <ts * *>\n"
		     "> PA 501:1001(500) ack 1 <ts * *>\n"
		     "+10ms < A 1:1(0) ack 1001 win 200000\n"
		     /*
		      * The cookie stores 1400 as 1360, of which timestamps take
		      * 12.
		      */
		     "send 2000\n"
		     "> A 1001:2349(1348) ack 1\n"
		     "> PA 2349:3001(652) ack 1\n"
		     "+10ms < A 1:1(0) ack 3001\n"
		     "< A 1001:2001(1000) ack 3001\n"
		     "> A 3001:3001(0) ack 1 <ts * *,sack 1001:2001>\n");
}

/* Without timestamps the cookie stores the MSS only. */
static void cookie_without_timestamps(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1220,sackok,ws 7>\n"
		     "> SA 0:0(0) ack 1 <mss 1460>\n"
		     "< A 1:1(0) ack 1 win 1000\n"
		     "accept\n"
		     "send 2000\n"
		     "> Ap 1:501(500) ack 1 <>\n"
		     "> Ap 501:1001(500) ack 1 <>\n"
		     "+10ms < A 1:1(0) ack 1001 win 60000\n"
		     "> Ap 1001:1501(500) ack 1 <>\n"
		     "> PA 1501:2001(500) ack 1 <>\n"
		     "+10ms < A 1:1(0) ack 2001\n"
		     "send 2000\n"
		     "> A 2001:3221(1220) ack 1 <>\n"
		     "> PA 3221:4001(780) ack 1 <>\n"
		     "flow 1\n"
		     "< S 0:0(0) win 5000\n"
		     "> SA 0:0(0) ack 1 <mss 1460>\n"
		     "< A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n");
}

/* Each option that the peer did not offer, or that is off here. */
static void cookie_with_less(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1460,ts 0 0,ws 7,rill 500 6>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,ts * 0,ws *,rill 1000 6>\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "< A 101:201(100) ack 1\n"
		     "> A 1:1(0) ack 1 <ts * *>\n"
		     "flow 1\n"
		     "< S 0:0(0) win 65535 <mss 1460,sackok,ts 0 0,rill 500 6>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,sackok,ts * 0,rill 1000 6>\n"
		     "< A 1:1(0) ack 1 win 1000\n"
		     "accept\n"
		     "send 1448\n"
		     "> Ap 1:501(500) ack 1 win <=65535\n"
		     "> Ap 501:1001(500) ack 1 win <=65535\n"
		     "flow 2\n"
		     "tunable timestamps 0\n"
		     "< S 0:0(0) <mss 1460,sackok,ts 0 0,ws 7,rill 500 6>\n"
		     "> SA 0:0(0) ack 1 <mss 1460,rill 1000 6>\n"
		     "< A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n");
}

/* This side never sends more than the smallest MSS that the peer advertised. */
static void cookie_with_a_small_mss(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< S 0:0(0) <mss 200>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "send 176\n"
		     "> A 1:89(88) ack 1\n"
		     "> PA 89:177(88) ack 1\n");
}

/* The handshake's last segment with data, and with the peer's FIN. */
static void cookie_with_data(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< PA 1:101(100) ack 1\n"
		     "accept\n"
		     "recv 200 = 100\n"
		     "> A 1:1(0) ack 101\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< FPA 1:101(100) ack 1\n"
		     "> A 1:1(0) ack 102\n"
		     "state CLOSE_WAIT\n");
}

/* The ACK and the first data are lost: the data behind them does not reset. */
static void cookie_with_the_first_data_lost(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1460,ts 0 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+10ms < A 1001:2001(1000) ack 1\n"
		     "state LISTEN\n"
		     "+100ms < A 1:1001(1000) ack 1\n"
		     "state ESTABLISHED\n"
		     "accept\n"
		     "< A 1001:2001(1000) ack 1\n"
		     "> A 1:1(0) ack 2001\n"
		     "recv 2000\n");
}

/* This side has forgotten the connection: a reset tells its peer. */
static void cookies_and_a_stale_connection(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1460,ts 0 0>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+2m < PA 1001:2001(1000) ack 1\n"
		     "> R 1:1(0)\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< PA 1001:2001(1000) ack 1\n"
		     "> R 1:1(0)\n");
}

/* A retransmitted or duplicate SYN gets one more cookie, and no entry. */
static void cookie_for_a_syn_again(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1s < S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter cookies_sent +2\n"
		     "< A 1:1(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "counter cookies_accepted +1\n"
		     "accept\n"
		     "accept = EAGAIN\n");
}

static void cookie_forged(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter cookies_refused +0\n"
		     /* wrong MSS, wrong code, wrong sequence number */
		     "< A 1:1(0) ack 2\n"
		     "> R 2:2(0)\n"
		     "< A 1:1(0) ack 0\n"
		     "> R 0:0(0)\n"
		     "< A 1:1(0) ack 17\n"
		     "> R 17:17(0)\n"
		     "< A 2:2(0) ack 1\n"
		     "> R 1:1(0)\n"
		     "< A 0:0(0) ack 1\n"
		     "> R 1:1(0)\n"
		     "counter cookies_refused +5\n"
		     "< SA 1:1(0) ack 1\n"
		     "> R 1:1(0)\n"
		     "< RA 1:1(0) ack 1\n"
		     "state LISTEN\n"
		     "accept = EAGAIN\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n");
}

/* A cookie lives for a minute at least and two at the most. */
static void cookie_stale(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     /* A secret of an earlier case is too old now. */
		     "quiet 2m\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 2\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 0\n"
		     "+119.9s < A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "flow 1\n"
		     "+100ms < A 1:1(0) ack 1\n"
		     "> R 1:1(0)\n"
		     /* A new secret does not make it good again. */
		     "flow 3\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 2\n"
		     "< A 1:1(0) ack 1\n"
		     "> R 1:1(0)\n");
}

/* The secret is replaced after a minute, and valid for one more. */
static void cookie_secret_rotates(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     /* A secret of an earlier case is too old now. */
		     "quiet 2m\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 2\n"
		     "+61s < S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 0\n"
		     "+58s < A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "flow 1\n"
		     "+2s < A 1:1(0) ack 1\n"
		     "> R 1:1(0)\n"
		     "flow 2\n"
		     "< A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n");
}

/* No cookie is believed where none was sent; nor where cookies are off. */
static void cookie_not_wanted(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "tunable syncookies 0\n"
		     "< A 1:1(0) ack 1\n"
		     "> R 1:1(0)\n"
		     "tunable syncookies 1\n"
		     "< A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n");
}

static void cookies_when_the_queue_is_full(struct kunit *test)
{
	scenario_run(test,
		     "tunable syn_backlog_max 1\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1460,sackok,ts 0 0,ws 7>\n"
		     "> SA 0:0(0) ack 1\n"
		     "state SYN_RECV\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1460,sackok,ts 0 0,ws 7>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter syn_overflows +1\n"
		     "counter cookies_sent +1\n"
		     "counter drop_syn_queue +0\n"
		     "state LISTEN\n"
		     "< A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "flow 0\n"
		     "< A 1:1(0) ack 1\n"
		     "accept\n"
		     "accept\n"
		     /* Once the queue has room, a SYN gets an entry again. */
		     "flow 2\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "state SYN_RECV\n"
		     "counter cookies_sent +0\n");
}

/* A cookie opens no connection while the accept queue is full. */
static void cookie_and_a_full_accept_queue(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen 0\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 2\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 0\n"
		     "< A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "flow 1\n"
		     "< A 1:1(0) ack 1\n"
		     "counter listen_overflows +1\n"
		     "state LISTEN\n"
		     "flow 3\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "counter listen_overflows +1\n"
		     "counter drop_accept_queue +2\n"
		     "flow 2\n"
		     "tunable abort_on_overflow 1\n"
		     "< A 1:1(0) ack 1\n"
		     "> R 1:1(0)\n"
		     "flow 1\n"
		     "accept\n"
		     "< A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "accept\n");
}

/*
 * Without cookies a half-open connection older than a second gives way (RFC
 * 4987, 3.5).
 */
static void oldest_gives_way(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 0\n"
		     "tunable syn_backlog_max 2\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 1\n"
		     "+500ms < S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 2\n"
		     "+400ms < S 0:0(0) <mss 1460>\n"
		     "counter drop_syn_queue +1\n"
		     "counter syn_evictions +0\n"
		     "flow 0\n"
		     "+100ms > SA 0:0(0) ack 1\n"
		     "flow 2\n"
		     "+100ms < S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter syn_evictions +1\n"
		     "< A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "flow 0\n"
		     "< A 1:1(0) ack 1\n"
		     "> R 1:1(0)\n"
		     "flow 1\n"
		     "< A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n");
}

/* ... nor if it was that old before the flood. */
static void oldest_behind_one_deferred_before(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 0\n"
		     "tunable syn_backlog_max 2\n"
		     "listen\n"
		     "set defer-accept 60\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "counter drop_deferred +1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "flow 2\n"
		     "+100ms < S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter syn_evictions +1\n");
}

/*
 * A deferred connection, which has completed its handshake, shields no
 * half-open one.
 */
static void oldest_behind_a_deferred_one_gives_way(struct kunit *test)
{
	scenario_run(test,
		     "tunable syncookies 0\n"
		     "tunable syn_backlog_max 2\n"
		     "listen\n"
		     "set defer-accept 60\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 1\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 0\n"
		     "< A 1:1(0) ack 1\n"
		     "counter drop_deferred +1\n"
		     "flow 1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "flow 2\n"
		     "+100ms < S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "counter syn_evictions +1\n"
		     "flow 0\n"
		     "< PA 1:101(100) ack 1\n"
		     "state ESTABLISHED\n");
}

static void rate_limit(struct kunit *test)
{
	scenario_run(test,
		     "tunable syn_rate_limit 2\n"
		     "listen\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 1\n"
		     "+500ms < S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 2\n"
		     "+499ms < S 0:0(0) <mss 1460>\n"
		     "counter drop_syn_rate +1\n"
		     /* A retransmitted SYN does not count again. */
		     "flow 1\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 0\n"
		     "< A 1:1(0) ack 1\n"
		     "flow 1\n"
		     "< A 1:1(0) ack 1\n"
		     "flow 2\n"
		     "+1ms < S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "tunable syn_rate_limit 1\n"
		     "flow 3\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "counter drop_syn_rate +1\n"
		     "tunable syn_rate_limit 0\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "< A 1:1(0) ack 1\n"
		     "flow 2\n"
		     "< A 1:1(0) ack 1\n"
		     /* syn_rate_limit limits cookies too. */
		     "tunable syncookies 2\n"
		     "tunable syn_rate_limit 1\n"
		     "flow 4\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "counter drop_syn_rate +1\n"
		     "+1s < S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n");
}

static void defer_accept_until_data(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "set defer-accept 5\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "counter drop_deferred +1\n"
		     "accept = EAGAIN\n"
		     "state SYN_RECV\n"
		     /* The peer has the SYN-ACK: it is not retransmitted. */
		     "quiet 2s\n"
		     "< PA 1:101(100) ack 1\n"
		     "state ESTABLISHED\n"
		     "accept\n"
		     "recv 100\n"
		     "> A 1:1(0) ack 101\n");
}

/*
 * No data in time: the SYN-ACK goes once more, and its ACK opens the
 * connection.
 */
static void defer_accept_for_too_long(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "set defer-accept 5\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "+4.99s > SA 0:0(0) ack 1\n"
		     "accept = EAGAIN\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "state ESTABLISHED\n"
		     "accept\n");
}

/* The peer is gone: the usual retransmissions, and then the end. */
static void defer_accept_of_a_dead_peer(struct kunit *test)
{
	scenario_run(test,
		     "tunable synack_retries 2\n"
		     "listen\n"
		     "set defer-accept 5\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "+4.99s > SA 0:0(0) ack 1\n"
		     "+2s > SA 0:0(0) ack 1\n"
		     "+3.999s state SYN_RECV\n"
		     "+2ms state LISTEN\n"
		     "counter attempt_fails +1\n");
}

/* The SYN-ACK is lost: deferring begins with the ACK. */
static void defer_accept_with_a_lost_syn_ack(struct kunit *test)
{
	scenario_run(test,
		     "listen\n"
		     "set defer-accept 5\n"
		     "< S 0:0(0) <mss 1460>\n"
		     "> SA 0:0(0) ack 1\n"
		     "+1s > SA 0:0(0) ack 1\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "+3.99s > SA 0:0(0) ack 1\n"
		     "+10ms < FA 1:1(0) ack 1\n"
		     "> A 1:1(0) ack 2\n"
		     "state CLOSE_WAIT\n"
		     "accept\n");
}

/*
 * Another CPU, whose clock was a moment ahead, has just replaced the secret.
 * This CPU must not replace it again, and the cookie sent before stays valid.
 */
static void cookie_secret_replaced_by_another_cpu(struct kunit *test)
{
	struct rill_cookies *jar = &rill_net(rill_kunit_net)->cookies;

	scenario_run(test,
		     "tunable syncookies 2\n"
		     "listen\n"
		     "< S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n");
	jar->key[1] = jar->key[0];
	get_random_bytes(&jar->key[0], sizeof(jar->key[0]));
	jar->since_ns = rill_now_ns() + 50;
	scenario_run(test,
		     "flow 1\n"
		     "< S 0:0(0) win 65535 <mss 1000>\n"
		     "> SA 0:0(0) ack 1\n"
		     "flow 0\n"
		     "+10ms < A 1:1(0) ack 1\n"
		     "counter cookies_accepted +1\n"
		     "counter cookies_refused +0\n"
		     "flow 1\n"
		     "< A 1:1(0) ack 1\n"
		     "counter cookies_accepted +1\n");
}

static struct kunit_case cookie_cases[] = {
	KUNIT_CASE_PARAM(cookie_for_rill, scenario_families),
	KUNIT_CASE_PARAM(cookie_keeps_the_ack_delay, scenario_families),
	KUNIT_CASE_PARAM(cookie_for_tcp, scenario_families),
	KUNIT_CASE_PARAM(cookie_without_timestamps, scenario_families),
	KUNIT_CASE_PARAM(cookie_with_less, scenario_families),
	KUNIT_CASE_PARAM(cookie_with_a_small_mss, scenario_families),
	KUNIT_CASE_PARAM(cookie_with_data, scenario_families),
	KUNIT_CASE_PARAM(cookie_with_the_first_data_lost, scenario_families),
	KUNIT_CASE_PARAM(cookies_and_a_stale_connection, scenario_families),
	KUNIT_CASE_PARAM(cookie_for_a_syn_again, scenario_families),
	KUNIT_CASE_PARAM(cookie_forged, scenario_families),
	KUNIT_CASE_PARAM(cookie_stale, scenario_families),
	KUNIT_CASE_PARAM(cookie_secret_rotates, scenario_families),
	KUNIT_CASE_PARAM(cookie_secret_replaced_by_another_cpu,
			 scenario_families),
	KUNIT_CASE_PARAM(cookie_not_wanted, scenario_families),
	KUNIT_CASE_PARAM(cookies_when_the_queue_is_full, scenario_families),
	KUNIT_CASE_PARAM(cookie_and_a_full_accept_queue, scenario_families),
	KUNIT_CASE_PARAM(oldest_gives_way, scenario_families),
	KUNIT_CASE_PARAM(oldest_behind_one_deferred_before, scenario_families),
	KUNIT_CASE_PARAM(oldest_behind_a_deferred_one_gives_way,
			 scenario_families),
	KUNIT_CASE_PARAM(rate_limit, scenario_families),
	KUNIT_CASE_PARAM(defer_accept_until_data, scenario_families),
	KUNIT_CASE_PARAM(defer_accept_for_too_long, scenario_families),
	KUNIT_CASE_PARAM(defer_accept_of_a_dead_peer, scenario_families),
	KUNIT_CASE_PARAM(defer_accept_with_a_lost_syn_ack, scenario_families),
	{}
};

static struct kunit_suite cookie_suite = {
	.name = "rill_cookie",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = cookie_cases,
};

kunit_test_suite(cookie_suite);
