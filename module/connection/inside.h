/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of connection offer one another and the tests, and no other
 * room. Each function is documented where it is defined.
 */
#ifndef _RILL_CONNECTION_INSIDE_H
#define _RILL_CONNECTION_INSIDE_H

#include "connection.h"

/* Values of the tunable syncookies. */
enum {
	RILL_COOKIES_NEVER,
	RILL_COOKIES_FULL,	/* when the SYN queue is full */
	RILL_COOKIES_ALWAYS,
};

/* What moves a connection from one state to another (RFC 9293, 3.3.2). */
enum rill_event {
	RILL_EV_PASSIVE_OPEN,	/* listen() */
	RILL_EV_ACTIVE_OPEN,	/* connect(): SYN sent */
	RILL_EV_CHILD,		/* a handshake of a listener made this socket */
	RILL_EV_RCV_SYN,	/* SYN without the ACK of ours */
	RILL_EV_RCV_SYN_ACK,	/* SYN with the ACK of ours */
	RILL_EV_RCV_ACK_OF_SYN,
	RILL_EV_RCV_FIN,	/* in order, all before it received */
	RILL_EV_RCV_ACK_OF_FIN,
	RILL_EV_CLOSE,		/* close() or shutdown(SHUT_WR): FIN queued */
	RILL_EV_RCV_RST,	/* and in sequence */
	RILL_EV_ABORT,		/* ours: reset, error, timeout, end */
	RILL_EV_2MSL,		/* the time of a finished connection is over */
	RILL_EV_MAX
};

/* connection/state.c */
const char *rill_state_name(int state);
const char *rill_event_name(enum rill_event event);
int rill_state_next(int state, enum rill_event event);
void rill_state_trace(const struct rill_entry *entry, int from, int to);
void rill_state_store(struct sock *sk, int state);
int rill_state_event(struct sock *sk, enum rill_event event);

struct rill_icmp_error;
struct rill_packet;

/* connection/arrival.c */
enum rill_verdict rill_sock_rcv(struct sock *sk, struct rill_packet *p);

/* connection/icmp.c */
void rill_sock_icmp(struct sock *sk, const struct rill_icmp_error *e);
void rill_sock_mtu(struct sock *sk, u32 mtu);

/* connection/conn.c */
void rill_conn_offer(struct sock *sk);
void rill_conn_answer(struct sock *sk, const struct rill_segment *seg);
void rill_conn_child(struct rill_sock *rs, const struct rill_request *req);

/* The clock of the incarnation before goes on, by @offset. */
static inline void rill_conn_resume(struct rill_sock *rs, u32 offset)
{
	rs->agreed.ts_offset = offset;
}

void rill_conn_speaks(struct rill_sock *rs, u32 iss, u32 next);
void rill_conn_hears(struct rill_sock *rs, u32 irs, u32 wnd);

/* connection/secure.c */
u32 rill_secure_isn(struct rill_net *rnet, const struct rill_key *key,
		    u64 now);
u32 rill_secure_ts_offset(struct rill_net *rnet, const struct rill_key *key);

/* connection/listen.c */

/* Is there no place left in the accept queue? */
static inline bool rill_listen_full(const struct sock *sk)
{
	return (u32)atomic_read(&rill_sk(sk)->listener->accept_len) >
	       READ_ONCE(sk->sk_max_ack_backlog);
}

/* So many half-open connections a listener may have. */
static inline u32 rill_listen_limit(const struct sock *sk)
{
	return min(rill_tunable(rill_sk_net(sk), syn_backlog_max),
		   READ_ONCE(sk->sk_max_ack_backlog) + 1);
}

void rill_listen_stop(struct sock *sk);
enum rill_verdict rill_listen_segment(struct sock *sk, struct rill_packet *p,
				      struct rill_timewait *old);
enum rill_verdict rill_listen_rcv(struct sock *sk, struct rill_packet *p);

/* connection/cookie.c */
enum rill_verdict rill_cookie_send(struct sock *sk, struct rill_packet *p);
enum rill_verdict rill_cookie_rcv(struct sock *sk, struct rill_packet *p);

/* connection/establish.c */
struct sock *rill_establish_child(struct rill_request *req,
				  const struct sk_buff *skb,
				  enum rill_verdict *why);
void rill_establish_discard(struct rill_request *req, struct sock *child);
void rill_establish_deliver(struct rill_request *req, struct sock *child,
			    struct rill_packet *p);
enum rill_verdict rill_establish_overflow(struct rill_request *req,
					  struct rill_packet *p);

/* connection/request.c */
int rill_request_dev(const struct sock *sk, struct sk_buff *skb,
		     const struct rill_key *key, u8 family);
enum rill_verdict rill_request_rcv(struct rill_request *req,
				   struct rill_packet *p);
void rill_request_icmp(struct rill_request *req,
		       const struct rill_icmp_error *e);
void rill_request_put(struct rill_request *req);
enum rill_verdict rill_request_init(struct rill_request *req, struct sock *sk,
				    struct rill_packet *p,
				    const struct rill_segment *seg);
void rill_request_synack(const struct rill_request *req, u32 tsval);
void rill_request_kill(struct rill_request *req);
enum rill_verdict rill_request_new(struct sock *sk, struct rill_packet *p,
				   struct rill_timewait *old);

/* connection/saved.c: the headers of a SYN, for TCP_SAVED_SYN */
void rill_saved_syn_make(struct rill_request *req, const struct sk_buff *skb,
			 const struct rill_segment *seg);
void rill_saved_syn_inherit(struct sock *child, struct rill_request *req);

/* connection/child.c */
struct sock *rill_child_create(struct sock *listener,
			       struct rill_request *req,
			       const struct sk_buff *skb);
void rill_child_abort(struct sock *sk);

/* connection/end.c */
void rill_sock_unbind(struct sock *sk);
void rill_sock_done(struct sock *sk, enum rill_event why);
void rill_sock_fail(struct sock *sk, int err);
void rill_sock_reset(struct sock *sk, int err);
void rill_sock_got_reset(struct sock *sk, int err);
void rill_sock_orphan(struct sock *sk);
bool rill_orphan_yields(struct sock *sk, u8 shift);
void rill_sock_destroy(struct sock *sk);
void rill_sock_handed_over(struct sock *sk);
void rill_sock_wait(struct sock *sk, int state);
void rill_sock_fin_wait2(struct sock *sk);

/*
 * RFC 9293, 3.10.7.4, first: does a segment begin or end in the window? Its
 * four cases: a closed window takes only a segment without data, at its edge.
 */
static inline bool rill_acceptable(const struct rill_segment *seg, u32 nxt,
				   u32 wnd)
{
	if (seg->seq == seg->end_seq)
		return seg->seq == nxt || rill_in_window(seg->seq, nxt, wnd);
	return rill_in_window(seg->seq, nxt, wnd) ||
	       rill_in_window(seg->end_seq - 1, nxt, wnd);
}

/* connection/timewait.c */
bool rill_timewait_over(struct rill_timewait *tw);
void rill_timewait_put(struct rill_timewait *tw);
bool rill_timewait_enter(struct sock *sk, int state);
struct rill_timewait *rill_timewait_find(struct rill_net *rnet,
					 const struct rill_key *key);
enum rill_verdict rill_timewait_segment(struct rill_timewait *tw,
					struct rill_packet *p);
void rill_timewait_kill(struct rill_timewait *tw);
bool rill_timewait_yield(struct rill_timewait *tw, struct rill_entry *to);
void rill_timewait_pause(struct rill_timewait *tw);
void rill_timewait_resume(struct rill_timewait *tw, struct rill_entry *from);
void rill_timewait_end(struct rill_timewait *tw);

/* connection/reuse.c */
bool rill_reuse_opens(const struct rill_timewait *tw,
		      const struct rill_segment *seg);
u32 rill_reuse_isn(const struct rill_timewait *tw, u64 now);
bool rill_reuse_connect(struct sock *sk);
bool rill_reuse_answered(const struct sock *sk,
			 const struct rill_segment *seg);
void rill_reuse_done(struct sock *sk);
void rill_reuse_failed(struct sock *sk);

#endif /* _RILL_CONNECTION_INSIDE_H */
