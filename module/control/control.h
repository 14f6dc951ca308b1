/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What control offers the other rooms: tunables and counters, shown and set, and
 * what lists say.
 *
 * Each function is documented where it is defined.
 */
#ifndef _RILL_CONTROL_H
#define _RILL_CONTROL_H

#include "../rill.h"

/* control/tunables.c */
void rill_tunables_init(struct rill_tunables *t);
int rill_sysfs_init(void);
void rill_sysfs_exit(void);
int rill_sysfs_net_init(struct rill_net *rnet);
void rill_sysfs_net_exit(struct rill_net *rnet);

/* Which timer runs, in the numbers of the column "tr" and of sock_diag. */
enum {
	RILL_ROW_NONE,
	RILL_ROW_RETRANSMIT,
	RILL_ROW_KEEPALIVE,
	RILL_ROW_TIMEWAIT,
	RILL_ROW_PROBE,
};

/**
 * struct rill_row - what a list says of a socket or an entry
 * @family: of the socket, AF_INET or AF_INET6; before, whose are wanted, AF_UNSPEC
 *	for both
 * @state: TCP_ESTABLISHED and its like
 * @laddr: local address; IPv4 as ::ffff:a.b.c.d
 * @raddr: remote address
 * @lport: local port
 * @rport: remote port
 * @dev: interface that it is bound to, 0 for any
 * @mark: routing mark
 * @tx: bytes that are sent or queued, and not acknowledged
 * @rx: bytes to be read; of a listener, connections to be accepted
 * @timer: RILL_LIST_*
 * @due_ns: of it
 * @retransmits: in a row, without an answer
 * @uid: the user
 * @nobody: there is none: 0, also where that user is another
 * @probes: in a row, without an answer
 * @ino: of the socket's file, 0: it has none
 * @cookie: of an entry, another than that of each entry with the same ends, before
 *	or after
 * @refs: references
 * @at: address of the object
 * @sk: the socket, valid as long as the entry is; NULL: it is none
 */
struct rill_row {
	u8			family;
	u8			state;
	struct in6_addr		laddr;
	struct in6_addr		raddr;
	u16			lport;
	u16			rport;
	int			dev;
	u32			mark;
	u32			tx;
	u32			rx;
	u8			timer;
	u64			due_ns;
	u32			retransmits;
	kuid_t			uid;
	bool			nobody;
	u32			probes;
	u64			ino;
	u64			cookie;
	int			refs;
	const void		*at;
	struct sock		*sk;
};

/* control/row.c */
bool rill_row_fill(struct rill_row *row, struct rill_entry *entry);

/* control/counters.c */
const char *rill_counter_name(enum rill_counter c);
int rill_proc_net_init(struct rill_net *rnet);
void rill_proc_net_exit(struct rill_net *rnet);

#endif /* _RILL_CONTROL_H */
