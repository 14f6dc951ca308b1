/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The states of a connection, RFC 9293, section 3.3.2, by the names that
 * netstat prints, which are also those of the kernel's constants. Whatever says
 * a state takes its name from here: logs, tracepoints, scenarios.
 */
#ifndef _RILL_STATES_H
#define _RILL_STATES_H

/* X(name), of TCP_<name>. */
#define RILL_STATES(X)		\
	X(ESTABLISHED)		\
	X(SYN_SENT)		\
	X(SYN_RECV)		\
	X(FIN_WAIT1)		\
	X(FIN_WAIT2)		\
	X(TIME_WAIT)		\
	X(CLOSE)		\
	X(CLOSE_WAIT)		\
	X(LAST_ACK)		\
	X(LISTEN)		\
	X(CLOSING)

#endif /* _RILL_STATES_H */
