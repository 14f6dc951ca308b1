/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be traced of a connection.
 *
 * Every event begins with the two ends of the connection, local first, and
 * takes them from a struct rill_key, so that a half-open or a finished
 * connection is traced as a socket is. Where filling the key costs something,
 * ask trace_rill_<event>_enabled() first.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rill

#if !defined(_TRACE_RILL_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_RILL_H

#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/tracepoint.h>
#include "../../../module/control/control.h"
#include "../../../module/states.h"

#ifndef _TRACE_RILL_ADDRESS
#define _TRACE_RILL_ADDRESS
/* An end of a connection as %pISpc prints it. */
static inline void rill_trace_address(void *to, const struct in6_addr *addr,
				      __be16 port, u8 family)
{
	struct sockaddr_in6 *sin6 = to;
	struct sockaddr_in *sin = to;

	memset(to, 0, sizeof(*sin6));
	if (family == AF_INET) {
		sin->sin_family = AF_INET;
		sin->sin_port = port;
		sin->sin_addr.s_addr = addr->s6_addr32[3];
	} else {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = port;
		sin6->sin6_addr = *addr;
	}
}
#endif /* _TRACE_RILL_ADDRESS */

#define X(name) TRACE_DEFINE_ENUM(TCP_##name);
RILL_STATES(X)
#undef X
TRACE_DEFINE_ENUM(TCP_NEW_SYN_RECV);

/* With X(name) for an entry; the last is half-open, as the kernel has it. */
#define rill_trace_state(state)						\
	__print_symbolic(state, RILL_STATES(X)				\
			 { TCP_NEW_SYN_RECV, "SYN_RECV" })

#define rill_trace_flags(flags)						\
	__print_flags(flags, "|",					\
		      { RILL_FIN, "FIN" },				\
		      { RILL_SYN, "SYN" },				\
		      { RILL_RST, "RST" },				\
		      { RILL_PSH, "PSH" },				\
		      { RILL_ACK, "ACK" },				\
		      { RILL_URG, "URG" },				\
		      { RILL_ECE, "ECE" },				\
		      { RILL_CWR, "CWR" })

/* What every event begins with: the two ends of the connection, local first. */
#define RILL_TP_ENDS							\
	__field(__u16, family)						\
	__field(__u16, sport)						\
	__field(__u16, dport)						\
	__array(__u8, saddr, sizeof(struct sockaddr_in6))		\
	__array(__u8, daddr, sizeof(struct sockaddr_in6))

#define RILL_TP_STORE_ENDS(key, af)					\
	do {								\
		__entry->family = (af);					\
		__entry->sport = ntohs((key)->lport);			\
		__entry->dport = ntohs((key)->rport);			\
		rill_trace_address(__entry->saddr, &(key)->laddr,	\
				   (key)->lport, af);			\
		rill_trace_address(__entry->daddr, &(key)->raddr,	\
				   (key)->rport, af);			\
	} while (0)

#define RILL_TP_PRINTK(fmt, args...)					\
	TP_printk("%pISpc -> %pISpc " fmt, __entry->saddr,		\
		  __entry->daddr, args)

/* A connection went from one state to another (TCP_* values). */
#define X(name) { TCP_##name, #name },
TRACE_EVENT(rill_state,
	    TP_PROTO(const struct rill_key *key, u8 family, int oldstate,
		     int newstate),
	    TP_ARGS(key, family, oldstate, newstate),
	    TP_STRUCT__entry(RILL_TP_ENDS
			     __field(int, oldstate)
			     __field(int, newstate)),
	    TP_fast_assign(RILL_TP_STORE_ENDS(key, family);
			   __entry->oldstate = oldstate;
			   __entry->newstate = newstate;),
	    RILL_TP_PRINTK("oldstate=%s newstate=%s",
			   rill_trace_state(__entry->oldstate),
			   rill_trace_state(__entry->newstate))
);
#undef X

/* A segment is given to IP, or came from it; wnd as on the wire. */
DECLARE_EVENT_CLASS(rill_segment,
		    TP_PROTO(const struct rill_key *key, u8 family, u8 flags,
			     u32 seq, u32 ack, u32 len, u32 wnd),
		    TP_ARGS(key, family, flags, seq, ack, len, wnd),
		    TP_STRUCT__entry(RILL_TP_ENDS
				     __field(__u8, flags)
				     __field(__u32, seq)
				     __field(__u32, ack)
				     __field(__u32, len)
				     __field(__u32, wnd)),
		    TP_fast_assign(RILL_TP_STORE_ENDS(key, family);
				   __entry->flags = flags;
				   __entry->seq = seq;
				   __entry->ack = ack;
				   __entry->len = len;
				   __entry->wnd = wnd;),
		    RILL_TP_PRINTK("flags=%s seq=%u ack=%u len=%u wnd=%u",
				   rill_trace_flags(__entry->flags),
				   __entry->seq, __entry->ack, __entry->len,
				   __entry->wnd)
);

DEFINE_EVENT(rill_segment, rill_segment_out,
	     TP_PROTO(const struct rill_key *key, u8 family, u8 flags,
		      u32 seq, u32 ack, u32 len, u32 wnd),
	     TP_ARGS(key, family, flags, seq, ack, len, wnd)
);

DEFINE_EVENT(rill_segment, rill_segment_in,
	     TP_PROTO(const struct rill_key *key, u8 family, u8 flags,
		      u32 seq, u32 ack, u32 len, u32 wnd),
	     TP_ARGS(key, family, flags, seq, ack, len, wnd)
);

/* A segment is sent again. */
TRACE_EVENT(rill_retransmit,
	    TP_PROTO(const struct rill_key *key, u8 family, u32 seq,
		     u32 len),
	    TP_ARGS(key, family, seq, len),
	    TP_STRUCT__entry(RILL_TP_ENDS
			     __field(__u32, seq)
			     __field(__u32, len)),
	    TP_fast_assign(RILL_TP_STORE_ENDS(key, family);
			   __entry->seq = seq;
			   __entry->len = len;),
	    RILL_TP_PRINTK("seq=%u len=%u", __entry->seq, __entry->len)
);

/* A segment is dropped; reason is RILL_CNT_drop_*, recorded by its name. */
TRACE_EVENT(rill_drop,
	    TP_PROTO(const struct rill_key *key, u8 family, int reason),
	    TP_ARGS(key, family, reason),
	    TP_STRUCT__entry(RILL_TP_ENDS
			     __array(char, reason, 24)),
	    TP_fast_assign(RILL_TP_STORE_ENDS(key, family);
			   strscpy(__entry->reason, rill_counter_name(reason),
				   sizeof(__entry->reason));),
	    RILL_TP_PRINTK("reason=%s", __entry->reason)
);

/* A deadline is armed, or has come; due_ns is of CLOCK_MONOTONIC. */
TRACE_EVENT(rill_timer,
	    TP_PROTO(const struct rill_key *key, u8 family, const char *timer,
		     bool fired, u64 due_ns),
	    TP_ARGS(key, family, timer, fired, due_ns),
	    TP_STRUCT__entry(RILL_TP_ENDS
			     __array(char, timer, 12)
			     __field(bool, fired)
			     __field(__u64, due_ns)),
	    TP_fast_assign(RILL_TP_STORE_ENDS(key, family);
			   strscpy(__entry->timer, timer,
				   sizeof(__entry->timer));
			   __entry->fired = fired;
			   __entry->due_ns = due_ns;),
	    RILL_TP_PRINTK("timer=%s %s due=%llu", __entry->timer,
			   __entry->fired ? "fired" : "armed",
			   __entry->due_ns)
);

/* cwnd has grown; reductions are not traced here. All in segments. */
TRACE_EVENT(rill_cwnd,
	    TP_PROTO(const struct rill_key *key, u8 family, u32 cwnd,
		     u32 ssthresh, u32 in_flight),
	    TP_ARGS(key, family, cwnd, ssthresh, in_flight),
	    TP_STRUCT__entry(RILL_TP_ENDS
			     __field(__u32, cwnd)
			     __field(__u32, ssthresh)
			     __field(__u32, in_flight)),
	    TP_fast_assign(RILL_TP_STORE_ENDS(key, family);
			   __entry->cwnd = cwnd;
			   __entry->ssthresh = ssthresh;
			   __entry->in_flight = in_flight;),
	    RILL_TP_PRINTK("cwnd=%u ssthresh=%u in_flight=%u",
			   __entry->cwnd, __entry->ssthresh,
			   __entry->in_flight)
);

#endif /* _TRACE_RILL_H */

/* Outside the tree this is found by -I, as <trace/events/rill.h>. */
#include <trace/define_trace.h>
