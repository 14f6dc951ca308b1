// SPDX-License-Identifier: GPL-2.0
/*
 * The named state table of RFC 9293, section 3.3.2 (figure 5) with the
 * transitions of section 3.10: what each event does to each state.
 */
#include <trace/events/rill.h>
#include "../states.h"
#include "inside.h"

static const char *const rill_state_names[TCP_MAX_STATES] = {
#define X(name)				\
	[TCP_##name] = #name,
	RILL_STATES(X)
#undef X
};

static const char *const rill_event_names[RILL_EV_MAX] = {
	[RILL_EV_PASSIVE_OPEN]	= "passive open",
	[RILL_EV_ACTIVE_OPEN]	= "active open",
	[RILL_EV_CHILD]		= "child of a listener",
	[RILL_EV_RCV_SYN]	= "SYN received",
	[RILL_EV_RCV_SYN_ACK]	= "SYN with ACK of SYN received",
	[RILL_EV_RCV_ACK_OF_SYN] = "ACK of SYN received",
	[RILL_EV_RCV_FIN]	= "FIN received",
	[RILL_EV_RCV_ACK_OF_FIN] = "ACK of FIN received",
	[RILL_EV_CLOSE]		= "close",
	[RILL_EV_RCV_RST]	= "reset received",
	[RILL_EV_ABORT]		= "abort",
	[RILL_EV_2MSL]		= "time over",
};

/* 0, which is no state, stands for "this cannot happen here". */
static const u8 rill_transitions[TCP_MAX_STATES][RILL_EV_MAX] = {
	[TCP_CLOSE] = {						/* 3.10.1 */
		[RILL_EV_PASSIVE_OPEN]	= TCP_LISTEN,
		[RILL_EV_ACTIVE_OPEN]	= TCP_SYN_SENT,
		[RILL_EV_ABORT]		= TCP_CLOSE,
	},
	[TCP_LISTEN] = {					/* 3.10.7.2 */
		[RILL_EV_PASSIVE_OPEN]	= TCP_LISTEN,
		[RILL_EV_CHILD]		= TCP_SYN_RECV,
		[RILL_EV_CLOSE]		= TCP_CLOSE,
		[RILL_EV_ABORT]		= TCP_CLOSE,
	},
	[TCP_SYN_SENT] = {					/* 3.10.7.3 */
		[RILL_EV_RCV_SYN]	= TCP_SYN_RECV,
		[RILL_EV_RCV_SYN_ACK]	= TCP_ESTABLISHED,
		[RILL_EV_CLOSE]		= TCP_CLOSE,
		[RILL_EV_RCV_RST]	= TCP_CLOSE,
		[RILL_EV_ABORT]		= TCP_CLOSE,
	},
	[TCP_SYN_RECV] = {					/* 3.10.7.4 */
		[RILL_EV_RCV_ACK_OF_SYN] = TCP_ESTABLISHED,
		[RILL_EV_RCV_FIN]	= TCP_CLOSE_WAIT,
		[RILL_EV_CLOSE]		= TCP_FIN_WAIT1,
		[RILL_EV_RCV_RST]	= TCP_CLOSE,
		[RILL_EV_ABORT]		= TCP_CLOSE,
	},
	[TCP_ESTABLISHED] = {
		[RILL_EV_RCV_FIN]	= TCP_CLOSE_WAIT,
		[RILL_EV_CLOSE]		= TCP_FIN_WAIT1,
		[RILL_EV_RCV_RST]	= TCP_CLOSE,
		[RILL_EV_ABORT]		= TCP_CLOSE,
	},
	[TCP_FIN_WAIT1] = {
		[RILL_EV_RCV_FIN]	= TCP_CLOSING,
		[RILL_EV_RCV_ACK_OF_FIN] = TCP_FIN_WAIT2,
		[RILL_EV_RCV_RST]	= TCP_CLOSE,
		[RILL_EV_ABORT]		= TCP_CLOSE,
	},
	[TCP_FIN_WAIT2] = {
		[RILL_EV_RCV_FIN]	= TCP_TIME_WAIT,
		[RILL_EV_RCV_RST]	= TCP_CLOSE,
		[RILL_EV_ABORT]		= TCP_CLOSE,
		[RILL_EV_2MSL]		= TCP_CLOSE,
	},
	[TCP_CLOSE_WAIT] = {
		[RILL_EV_CLOSE]		= TCP_LAST_ACK,
		[RILL_EV_RCV_RST]	= TCP_CLOSE,
		[RILL_EV_ABORT]		= TCP_CLOSE,
	},
	[TCP_CLOSING] = {
		[RILL_EV_RCV_ACK_OF_FIN] = TCP_TIME_WAIT,
		[RILL_EV_RCV_RST]	= TCP_CLOSE,
		[RILL_EV_ABORT]		= TCP_CLOSE,
	},
	[TCP_LAST_ACK] = {
		[RILL_EV_RCV_ACK_OF_FIN] = TCP_CLOSE,
		[RILL_EV_RCV_RST]	= TCP_CLOSE,
		[RILL_EV_ABORT]		= TCP_CLOSE,
	},
	[TCP_TIME_WAIT] = {
		[RILL_EV_RCV_RST]	= TCP_CLOSE,
		[RILL_EV_ABORT]		= TCP_CLOSE,
		[RILL_EV_2MSL]		= TCP_CLOSE,
	},
};

/**
 * rill_state_name - name of a state, as netstat writes it
 * @state: TCP_*
 *
 * Context: any.
 * Return: the name, "?" if there is none.
 */
const char *rill_state_name(int state)
{
	if (state <= 0 || state >= TCP_MAX_STATES || !rill_state_names[state])
		return "?";
	return rill_state_names[state];
}

/**
 * rill_event_name - what an event is called in logs and tests
 * @event: RILL_EV_*
 *
 * Context: any.
 * Return: the name.
 */
const char *rill_event_name(enum rill_event event)
{
	return event < RILL_EV_MAX ? rill_event_names[event] : "?";
}

/**
 * rill_state_next - look a transition up
 * @state: TCP_*
 * @event: RILL_EV_*
 *
 * Context: any.
 * Return: the state after @event, or -1 if it cannot happen in @state.
 */
int rill_state_next(int state, enum rill_event event)
{
	if (state <= 0 || state >= TCP_MAX_STATES || event >= RILL_EV_MAX)
		return -1;
	return rill_transitions[state][event] ?: -1;
}

/**
 * rill_state_trace - report a connection's way from one state to another
 * @entry: the connection, whatever stands for it in the table
 * @from: TCP_*, the state that it leaves
 * @to: TCP_*, another
 *
 * Context: any.
 */
void rill_state_trace(const struct rill_entry *entry, int from, int to)
{
	trace_rill_state(&entry->key, entry->family, from, to);
}

/**
 * rill_state_store - give a socket its state, and trace sock:inet_sock_set_state
 * @sk: the socket
 * @state: TCP_*, another than it has
 *
 * inet_sk_state_store(), which is not for modules.
 *
 * Context: any, the socket lock held or the socket in nobody else's hands.
 */
void rill_state_store(struct sock *sk, int state)
{
	/* Pairs with lockless readers: poll, lookup, proc. */
	smp_mb();
	inet_sk_set_state(sk, state);
}

/**
 * rill_state_event - let something happen to a socket's state
 * @sk: the socket
 * @event: RILL_EV_*
 *
 * The only place where a socket that is in use changes its state. To core code
 * a struct sock in TIME_WAIT is another, smaller structure, so a socket never
 * has that state: when it is the answer, the caller calls rill_sock_wait()
 * and the state goes on in the entry that takes over.
 *
 * Return: the state after the event, TCP_*, or -1 if it cannot happen now.
 */
int rill_state_event(struct sock *sk, enum rill_event event)
{
	int old = sk->sk_state;
	int next = rill_state_next(old, event);

	sock_owned_by_me(sk);
	if (WARN_ONCE(next < 0, "rill: %s in %s\n", rill_event_name(event),
		      rill_state_name(old)))
		return -1;
	if (old == next)
		return next;
	rill_state_trace(&rill_sk(sk)->entry, old, next);
	if (next != TCP_TIME_WAIT)
		rill_state_store(sk, next);
	return next;
}
