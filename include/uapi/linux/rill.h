/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * rill: a reliable byte-stream transport on an IP protocol number of its own.
 *
 * What a program needs to open a socket:
 *
 *	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_RILL);
 *
 * Addresses are struct sockaddr_in and sockaddr_in6, socket calls and their
 * errors are those of TCP, and socket options of level SOL_TCP keep their
 * TCP_* names.
 */
#ifndef _UAPI_LINUX_RILL_H
#define _UAPI_LINUX_RILL_H

/* RFC 3692: the first of the two experimental protocol numbers. */
#define IPPROTO_RILL		253

/*
 * Level of the options that TCP has no name for, or too coarse a unit.
 *
 * A value is an int, or a __s64 for what an int cannot hold; the size that the
 * program passes tells which. Times (_US) are in microseconds. rill(7) has
 * the ranges, which are those of the tunables; outside them is EINVAL.
 */
#define SOL_RILL		253

#define RILL_KEEPIDLE_US	1	/* SO_KEEPALIVE: idle before a probe */
#define RILL_KEEPINTVL_US	2	/* and between two probes */
#define RILL_KEEPCNT		3	/* and unanswered ones before the end */
#define RILL_USER_TIMEOUT_US	4	/* unacknowledged data; 0 is no limit */
#define RILL_LINGER2_US		5	/* FIN_WAIT2 after close() */
#define RILL_MSL_US		6	/* TIME_WAIT lasts twice this */
#define RILL_RTO_INITIAL_US	7	/* RTO before there is a sample */
#define RILL_RTO_MIN_US		8	/* floor of the RTO */
#define RILL_RTO_MAX_US		9	/* ceiling of the RTO and its backoff */
#define RILL_DELACK_MAX_US	10	/* longest delay of an ACK */
#define RILL_SYN_RETRIES	11	/* SYNs sent again */
#define RILL_SYNACK_RETRIES	12	/* SYN-ACKs sent again, of a listener */
#define RILL_RETRIES2		13	/* retransmissions before the end */
#define RILL_ORPHAN_RETRIES	14	/* the same after close() */
#define RILL_INIT_CWND		15	/* initial window, segments */
#define RILL_ZEROCOPY		16	/* what SO_ZEROCOPY is for TCP */

/* For each option: not this socket's own value any more, but the tunable's. */
#define RILL_DEFAULT		(-1)
/* For RILL_LINGER2_US: no FIN_WAIT2 after close(), but a reset. */
#define RILL_LINGER2_NONE	(-2)

/* RFC 6994: the experiment identifier behind option kind 253. */
#define RILL_OPT_KIND		253
#define RILL_OPT_EXID		0x7269	/* "ri" */
#define RILL_OPT_LEN		8

#endif /* _UAPI_LINUX_RILL_H */
