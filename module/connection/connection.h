/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What connection offers the other rooms: how a connection begins and ends, what
 * waited in a backlog, and the end of a namespace. What network gives to an entry
 * of the table or to a listener it has by rill_input_start().
 *
 * Each function is documented where it is defined.
 */
#ifndef _RILL_CONNECTION_H
#define _RILL_CONNECTION_H

#include "../clock/clock.h"

/* connection/arrival.c */
int rill_sock_backlog(struct sock *sk, struct sk_buff *skb);

/* connection/conn.c */

/* TCP_WINDOW_CLAMP: most to advertise, bytes; 0: the next one has no limit. */
static inline void rill_conn_clamp(struct rill_sock *rs, u32 most)
{
	rs->user.window_clamp = most;
}

void rill_conn_begin(struct sock *sk);

/* connection/open.c */
int rill_open_ipv4(struct sock *sk, struct sockaddr_in *usin, int len);
int rill_open_ipv6(struct sock *sk, struct sockaddr_in6 *usin, int len);

/* connection/listen.c */
int rill_listen_start(struct sock *sk);
struct sock *rill_listen_accept(struct sock *sk, int flags, int *err,
				int *empty);

/* connection/request.c */
int rill_request_cache_init(void);
void rill_request_cache_exit(void);

/* connection/saved.c: the headers of a SYN, for TCP_SAVED_SYN */
void rill_saved_syn_forget(struct sock *sk);

/* connection/close.c */
void rill_close(struct sock *sk, long timeout);
void rill_shutdown(struct sock *sk, int how);
int rill_disconnect(struct sock *sk, int flags);
int rill_abort(struct sock *sk, int err);

/* connection/end.c */
void rill_sock_unhash(struct sock *sk);
void rill_sock_rehash(struct sock *sk);

/* connection/entry.c */
bool rill_entry_get(struct rill_entry *entry);
void rill_entry_put(struct rill_entry *entry);
void rill_entry_end(struct rill_entry *entry);
void rill_connection_start(void);
void rill_net_close_all(struct rill_net *rnet);

/* connection/timewait.c */
int rill_timewait_cache_init(void);
void rill_timewait_cache_exit(void);

/* connection/timer.c */
extern const struct rill_deadline rill_deadlines[RILL_TIMER_MAX];
void rill_keepalive_rearm(struct sock *sk);
void rill_release_cb(struct sock *sk);

#endif /* _RILL_CONNECTION_H */
