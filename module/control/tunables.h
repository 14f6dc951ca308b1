/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tunables of a network namespace and the counters of a network
 * namespace, each as one table: a new entry is one line here.
 */
#ifndef _RILL_TUNABLES_H
#define _RILL_TUNABLES_H

/*
 * X(name, default, least, most, from when a new value holds, meaning)
 *
 * Read a value with rill_tunable(net, name), once for each decision: it may
 * change between two reads.
 */
#define RILL_TUNABLES(X)						\
	X(syn_retries, 6, 1, 127, "next SYN timeout",			\
	  "SYN retransmissions before ETIMEDOUT")			\
	X(synack_retries, 5, 0, 127, "next SYN-ACK timeout",		\
	  "SYN-ACK retransmissions before a half-open connection goes") \
	X(rto_initial_us, 1000000, 1000, 60000000, "next connection",	\
	  "RTO before there is a sample; doubles each time")		\
	X(rto_min_us, 1000, 50, 60000000, "next RTO computed",		\
	  "floor of the RTO")						\
	X(timer_slack_us, 4000, 0, 100000, "next start of a timer",	\
	  "by so much SYN-ACKs again and ends of waiting may be late")	\
	X(rto_max_ms, 120000, 1000, 600000, "next RTO computed",	\
	  "ceiling of the RTO and of its backoff")			\
	X(linear_timeouts, 4, 0, 15, "next timeout",			\
	  "timeouts without a sample, before the RTO doubles")		\
	X(probe_max_ms, 5000, 100, 600000, "next window probe",		\
	  "longest time between two window probes")			\
	X(retries1, 3, 1, 255, "next timeout",				\
	  "so long as TCP takes for so many: the route is doubted")	\
	X(retries2, 15, 1, 255, "next timeout",				\
	  "retransmissions before ETIMEDOUT")				\
	X(orphan_retries, 8, 0, 255, "next timeout",			\
	  "retransmissions once no process owns the connection")	\
	X(max_orphans, 65536, 0, 2147483647, "next close",		\
	  "orphans beyond it are reset")				\
	X(syn_backlog_max, 4096, 1, 1048576, "next SYN",		\
	  "half-open connections of one listener")			\
	X(half_open_max, 262144, 0, 16777216, "next SYN",		\
	  "half-open connections; beyond it as with a full SYN queue")	\
	X(syncookies, 1, 0, 2, "next SYN",				\
	  "SYN cookies: 0 never, 1 when the SYN queue is full, 2 always") \
	X(syn_rate_limit, 0, 0, 10000000, "next SYN",			\
	  "handshakes begun in a second for each listener, 0 unlimited") \
	X(abort_on_overflow, 0, 0, 1, "next overflow",			\
	  "accept queue full: 1 reset, 0 drop and let the peer retry")	\
	X(fin_timeout_ms, 60000, 0, 3600000, "next orphan",		\
	  "orphaned FIN_WAIT2, then straight to CLOSE")		\
	X(msl_ms, 30000, 1, 240000, "next TIME_WAIT",			\
	  "TIME_WAIT lasts twice this")					\
	X(time_wait_max, 262144, 0, 16777216, "next TIME_WAIT",		\
	  "TIME_WAIT entries; beyond it the connection closes at once") \
	X(time_wait_reuse, 1, 0, 1, "next SYN or connect",		\
	  "a new connection may take a TIME_WAIT entry (RFC 6191)")	\
	X(rfc1337, 1, 0, 1, "next reset",				\
	  "a reset does not end TIME_WAIT")				\
	X(keepalive_time_ms, 7200000, 1, 2147483647, "next arming",	\
	  "SO_KEEPALIVE: idle time before the first probe")		\
	X(keepalive_intvl_ms, 75000, 1, 2147483647, "next arming",	\
	  "SO_KEEPALIVE: time between two probes")			\
	X(keepalive_probes, 10, 1, 255, "next probe",			\
	  "SO_KEEPALIVE: probes before ETIMEDOUT")			\
	X(delack_max_us, 1000, 0, 500000, "next connection",		\
	  "longest delay of an ACK; a SYN announces it")		\
	X(quick_acks, 16, 0, 127, "next burst",				\
	  "segments acknowledged at once at the start and after idle")	\
	X(window_scaling, 1, 0, 1, "next connection",			\
	  "negotiate window scaling (RFC 7323)")			\
	X(sack, 1, 0, 1, "next connection",				\
	  "negotiate selective acknowledgements (RFC 2018)")		\
	X(dsack, 1, 0, 1, "next duplicate",				\
	  "report duplicates by D-SACK (RFC 2883); needs sack")	\
	X(tlp, 1, 0, 1, "next segment",					\
	  "tail loss probes (RFC 8985, 7)")				\
	X(tlp_min_us, 200, 0, 1000000, "next segment",			\
	  "floor of the time until a tail loss probe")			\
	X(timestamps, 1, 0, 1, "next connection",			\
	  "negotiate timestamps (RFC 7323)")				\
	X(ecn, 2, 0, 2, "next connection",				\
	  "ECN (RFC 3168): 0 off, 1 ask and accept, 2 accept when asked") \
	X(init_cwnd, 10, 1, 1000, "next connection",			\
	  "initial congestion window, segments (RFC 6928)")		\
	X(slow_start_after_idle, 1, 0, 1, "next idle period",		\
	  "fall back to the initial window after idle (RFC 5681, 4.1)") \
	X(mtu_probing, 1, 0, 2, "next timeout or connection",		\
	  "search for the path MTU: 0 never, 1 after a black hole, 2 always") \
	X(min_snd_mss, 88, 88, 65535, "next MSS computed",		\
	  "least payload and options of a segment, bytes")		\
	X(moderate_rcvbuf, 1, 0, 1, "next round trip",			\
	  "grow the receive buffer with what the program reads")	\
	X(challenge_ack_limit, 1000, 0, 2147483647, "next second",	\
	  "challenge ACKs a second (RFC 5961)")				\
	X(invalid_ratelimit_ms, 500, 0, 60000, "next segment",		\
	  "time between two ACKs that answer what does not fit")

/*
 * Tunables that a socket may set for itself by an option of SOL_RILL.
 * X(field, type, option, tunable, scale)
 *
 * The option's unit, which the field keeps, is the tunable's divided by scale.
 * A field of all ones is not set: the tunable applies. rill_setting(sk, field)
 * reads the value in force.
 */
#define RILL_SETTINGS(X)						\
	X(keepalive_time_us, u64, RILL_KEEPIDLE_US, keepalive_time_ms, 1000) \
	X(keepalive_intvl_us, u64, RILL_KEEPINTVL_US, keepalive_intvl_ms, 1000) \
	X(fin_timeout_us, u64, RILL_LINGER2_US, fin_timeout_ms, 1000)	\
	X(msl_us, u32, RILL_MSL_US, msl_ms, 1000)			\
	X(rto_initial_us, u32, RILL_RTO_INITIAL_US, rto_initial_us, 1)	\
	X(rto_min_us, u32, RILL_RTO_MIN_US, rto_min_us, 1)		\
	X(rto_max_us, u32, RILL_RTO_MAX_US, rto_max_ms, 1000)		\
	X(delack_max_us, u32, RILL_DELACK_MAX_US, delack_max_us, 1)	\
	X(keepalive_probes, u16, RILL_KEEPCNT, keepalive_probes, 1)	\
	X(syn_retries, u16, RILL_SYN_RETRIES, syn_retries, 1)		\
	X(synack_retries, u16, RILL_SYNACK_RETRIES, synack_retries, 1)	\
	X(retries2, u16, RILL_RETRIES2, retries2, 1)			\
	X(orphan_retries, u16, RILL_ORPHAN_RETRIES, orphan_retries, 1)	\
	X(init_cwnd, u16, RILL_INIT_CWND, init_cwnd, 1)

/*
 * Tunables of three numbers, as TCP's.
 * X(name, min, default, max, from when a new value holds, meaning)
 */
#define RILL_TUNABLE_TRIPLES(X)						\
	X(rmem, 4096, 131072, 6291456, "next connection",		\
	  "receive buffer, bytes: while memory is short, at first, most")	\
	X(wmem, 4096, 16384, 4194304, "next connection",		\
	  "send buffer, bytes: while memory is short, at first, most")

/*
 * Congestion control: X(algorithm, name, restricted). The algorithm is
 * rill_cc_<algorithm>, and the name is that of TCP_CONGESTION and of the tunable.
 * A restricted one is unfair to others where the network is not made for it: the
 * administrator's choice, not any program's.
 */
#define RILL_CONGESTION_CONTROLS(X)					\
	X(cubic, "cubic", false)					\
	X(newreno, "reno", false)					\
	X(dctcp, "dctcp", true)

/*
 * Tunables that are one of the names of congestion control, kept as its place
 * in that table. X(name, default, from when a new value holds, meaning)
 */
#define RILL_TUNABLE_NAMES(X)						\
	X(congestion_control, cubic, "next connection",			\
	  "algorithm that chooses the congestion window")

/* X(name, meaning), and RILL_DROPS. */
#define RILL_COUNTERS(X)						\
	X(in_segs, "segments received")					\
	X(out_segs, "segments sent")					\
	X(retrans_segs, "segments retransmitted")			\
	X(out_rsts, "resets sent")					\
	X(in_rsts, "resets received and believed")			\
	X(active_opens, "connections opened by connect()")		\
	X(passive_opens, "connections opened by a peer's SYN")		\
	X(attempt_fails, "connections that failed before ESTABLISHED")	\
	X(estab_resets, "established connections that were reset")	\
	X(syn_retrans, "SYNs and SYN-ACKs retransmitted")		\
	X(fast_retrans, "segments sent by fast retransmit")		\
	X(xmit_refused, "segments that this host did not take")		\
	X(retrans_held, "not retransmitted: this host had the last copy")	\
	X(rto_timeouts, "retransmission timeouts")			\
	X(timeout_rehash, "of them and of SYN-ACKs, sent by another path") \
	X(duplicate_rehash, "other paths for ACKs that seem lost")	\
	X(tlp_probes, "tail loss probes")				\
	X(tlp_losses, "losses that a tail loss probe has mended")	\
	X(undone_reductions, "reductions of cwnd that were taken back")	\
	X(dsacks_in, "D-SACKs received")				\
	X(sack_steps, "segments and runs of them looked at for SACK blocks") \
	X(reordered_in, "ACKs that showed segments overtaken on the way") \
	X(zero_window_probes, "window probes (RFC 9293, 3.8.6.1)")	\
	X(keepalive_probes, "keepalive probes")				\
	X(delayed_acks, "ACKs sent by the delayed ACK timer")		\
	X(challenge_acks, "challenge ACKs (RFC 5961)")			\
	X(time_waits, "connections that entered TIME_WAIT")		\
	X(time_wait_overflows, "TIME_WAITs refused by time_wait_max")	\
	X(time_wait_reused, "TIME_WAITs that a new connection took")	\
	X(time_wait_resumed, "of them, came back since it failed")	\
	X(orphan_overflows, "orphans reset by max_orphans")		\
	X(orphans_short, "orphans reset since memory was short")	\
	X(listen_overflows, "handshakes refused by a full accept queue") \
	X(syn_overflows, "SYNs that found the SYN queue full")		\
	X(syn_evictions, "half-open connections given up for a new one") \
	X(cookies_sent, "SYN-ACKs sent with a SYN cookie")		\
	X(cookies_accepted, "connections opened by a SYN cookie")	\
	X(cookies_refused, "ACKs to a listener without a valid cookie")	\
	X(timeouts, "connections that ended by ETIMEDOUT")		\
	X(aborts_on_close, "connections reset by close() or SO_LINGER") \
	X(icmp_errors, "ICMP errors that matched a connection")		\
	X(icmp_refused, "ICMP errors that quote what is not in flight")	\
	X(mtu_refused, "path MTUs from ICMP that are not plausible")	\
	X(mtu_probes, "probes of the path MTU (RFC 4821)")		\
	X(mtu_probe_success, "of them, acknowledged: the MSS grew")	\
	X(mtu_probe_failed, "of them, lost alone: they were too long")	\
	X(mtu_black_holes, "paths that lost long segments without a word") \
	X(ofo_queued, "segments queued out of order")			\
	X(dsacks_sent, "ACKs with a D-SACK block (RFC 2883)")		\
	X(rcv_pruned, "out-of-order segments given up for memory")	\
	X(ecn_agreed, "connections that agreed on ECN (RFC 3168)")	\
	X(ecn_marked_in, "segments with data received marked (CE)")	\
	X(ecn_echoes_in, "ACKs with ECE: they report marks")		\
	X(ecn_reductions, "windows reduced since segments were marked")	\
	X(rcv_packed, "packets copied so that more fit into the buffer") \
	X(timer_deferred, "timers that met a socket in use")		\
	X(search_steps, "places looked at in walks over many")		\
	RILL_DROPS(X)

/*
 * X(name, meaning, reason): why a segment is dropped, and the kernel's nearest
 * SKB_DROP_REASON_*, which dropwatch and the event skb:kfree_skb show: the kernel
 * has no numbers for the reasons of a module of its own.
 */
#define RILL_DROPS(X)							\
	X(drop_header, "header short or data offset wrong", PKT_TOO_SMALL) \
	X(drop_checksum, "wrong checksum", TCP_CSUM)			\
	X(drop_no_socket, "no socket for it; answered by a reset",	\
	  NO_SOCKET)							\
	X(drop_pkt_type, "not addressed to this host", OTHERHOST)	\
	X(drop_address, "multicast, broadcast or unspecified address",	\
	  IP_INADDRERRORS)						\
	X(drop_flags, "flags that are never valid together", TCP_FLAGS)	\
	X(drop_backlog, "the socket's backlog was full", SOCKET_BACKLOG) \
	X(drop_min_ttl, "fewer hops left than IP_MINTTL asks (RFC 5082)", \
	  NOT_SPECIFIED)						\
	X(drop_filter, "refused by a socket filter or policy",		\
	  SOCKET_FILTER)						\
	X(drop_window, "outside the receive window", TCP_INVALID_SEQUENCE) \
	X(drop_paws, "older than the last timestamp (RFC 7323)",	\
	  TCP_RFC7323_PAWS)						\
	X(drop_no_timestamp, "without the timestamp agreed on (RFC 7323)", \
	  TCP_RFC7323_PAWS)						\
	X(drop_ack, "acknowledges what was not sent, or too old",	\
	  TCP_ACK_UNSENT_DATA)						\
	X(drop_no_ack, "no ACK flag where one is due", TCP_FLAGS)	\
	X(drop_old, "wholly received before", TCP_OLD_DATA)		\
	X(drop_closed, "data after the program has closed", TCP_CLOSE)	\
	X(drop_reset, "reset outside the window or on TIME_WAIT", TCP_RESET) \
	X(drop_state, "a segment that this state does not take",	\
	  TCP_INVALID_SYN)						\
	X(drop_nomem, "no memory", NOMEM)				\
	X(drop_rcvbuf, "the receive buffer was full", SOCKET_RCVBUFF)	\
	X(drop_syn_queue, "SYN queue full", NOT_SPECIFIED)		\
	X(drop_syn_rate, "more SYNs than syn_rate_limit", NOT_SPECIFIED) \
	X(drop_accept_queue, "accept queue full", NOT_SPECIFIED)	\
	X(drop_deferred, "ACK without data, TCP_DEFER_ACCEPT waits for it", \
	  NOT_SPECIFIED)						\
	X(drop_route, "no route for the answer", IP_OUTNOROUTES)

/* X(name, field of struct rill_net, meaning): how many there are now. */
#define RILL_GAUGES(X)							\
	X(now_half_open, requests, "half-open connections")		\
	X(now_time_wait, timewaits, "TIME_WAIT and compact FIN_WAIT2 entries") \
	X(now_orphans, orphans, "sockets that no program owns")

#endif /* _RILL_TUNABLES_H */
