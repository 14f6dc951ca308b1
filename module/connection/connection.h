/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What connection offers the other rooms: what arrives for a socket, a
 * listener, a half-open or a finished connection; how one begins and ends.
 *
 * Each function is documented where it is defined.
 */
#ifndef _RILL_CONNECTION_H
#define _RILL_CONNECTION_H

#include "../rill.h"

struct rill_icmp_error;

/* connection/arrival.c */
int rill_sock_rcv(struct sock *sk, struct sk_buff *skb);
void rill_sock_icmp(struct sock *sk, const struct rill_icmp_error *e);

/* connection/conn.c */
void rill_conn_begin(struct sock *sk);

/* connection/open.c */
int rill_open_ipv4(struct sock *sk, struct sockaddr *uaddr, int len);
int rill_open_ipv6(struct sock *sk, struct sockaddr *uaddr, int len);

/* connection/listen.c */
int rill_listen_start(struct sock *sk);
void rill_listen_rcv(struct sock *sk, struct sk_buff *skb,
		     const struct rill_segment *seg,
		     const struct rill_key *key, u8 family,
		     struct rill_timewait *old);
struct sock *rill_listen_accept(struct sock *sk, int flags, int *err);

/* connection/request.c */
int rill_request_dev(const struct sock *sk, struct sk_buff *skb,
		     const struct rill_key *key, u8 family);
bool rill_request_rcv(struct rill_request *req, struct sk_buff *skb,
		      const struct rill_segment *seg);
void rill_request_icmp(struct rill_request *req,
		       const struct rill_icmp_error *e);
void rill_request_put(struct rill_request *req);
int rill_request_cache_init(void);
void rill_request_cache_exit(void);

/* connection/saved.c: the headers of a SYN, for TCP_SAVED_SYN */
void rill_saved_syn_forget(struct sock *sk);

/* connection/close.c */
void rill_close(struct sock *sk, long timeout);
void rill_shutdown(struct sock *sk, int how);
int rill_disconnect(struct sock *sk, int flags);
void rill_sock_reset(struct sock *sk, int err);
void rill_sock_unhash(struct sock *sk);
void rill_sock_rehash(struct sock *sk);
void rill_net_close_all(struct rill_net *rnet);

/* connection/timewait.c */
bool rill_timewait_rcv(struct rill_timewait *tw, struct sk_buff *skb,
		       const struct rill_segment *seg);
void rill_timewait_put(struct rill_timewait *tw);
int rill_timewait_cache_init(void);
void rill_timewait_cache_exit(void);

/* connection/timer.c */
void rill_timer_init(struct sock *sk);
void rill_timer_set(struct sock *sk, enum rill_timer which, u64 at_ns);
void rill_timer_wind(struct sock *sk);
void rill_timer_arm(struct sock *sk, enum rill_timer which, u64 at_ns);
void rill_timer_stop(struct sock *sk, enum rill_timer which);
void rill_timer_destroy(struct sock *sk);
void rill_keepalive_rearm(struct sock *sk);
void rill_release_cb(struct sock *sk);

static inline bool rill_timer_armed(const struct sock *sk, enum rill_timer t)
{
	return rill_sk(sk)->clock.deadline_ns[t] != 0;
}

#endif /* _RILL_CONNECTION_H */
