/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each room offers the others; included by rill.h. Each function is
 * documented where it is defined.
 *
 * A packet comes in at network, is given to connection, moves data through
 * transfer and wakes socket. On the way out socket calls transfer, transfer
 * calls network. control is called through counters and tracepoints only.
 */
#ifndef _NET_RILL_ROOMS_H
#define _NET_RILL_ROOMS_H

/* ---- network ----------------------------------------------------------- */

/**
 * struct rill_reply - how a segment that no full socket sends is addressed
 * @rnet: namespace
 * @key: the connection, as seen from here: laddr is the source
 * @req: of a SYN-ACK, the half-open connection: the packet is the listener's,
 *	with its TTL and its IP options; else NULL
 * @sk: the listener, or the full socket that does not want what came; NULL:
 *	there is none (any more)
 * @skb: of any other answer, the segment that it answers
 * @family: AF_INET or AF_INET6
 * @tclass: TOS or traffic class, with the ECN field
 * @flow_flags: FLOWI_FLAG_*, for the route
 * @owned: the packet belongs to @sk, for those who ask whose it is
 * @oif: interface to leave by, 0 for any
 * @mark: routing mark
 * @priority: SO_PRIORITY
 * @flow_label: of IPv6; 0: made of @txhash, or of the addresses
 * @txhash: of the connection, as sk_txhash; 0: it has none
 *
 * The one place where they are filled in is network/reply.c. What a full
 * socket sends takes the same from the socket.
 */
struct rill_reply {
	struct rill_net			*rnet;
	const struct rill_key		*key;
	const struct rill_request	*req;
	const struct sock		*sk;
	const struct sk_buff		*skb;
	u8				family;
	u8				tclass;
	u8				flow_flags;
	bool				owned;
	int				oif;
	u32				mark;
	u32				priority;
	__be32				flow_label;
	u32				txhash;
};

/**
 * struct rill_icmp_error - an ICMP message that quotes a segment of ours
 * @skb: the message, its data at the IP header that it quotes
 * @key: the connection of that segment, as seen from here; dev 0
 * @seq: the segment's sequence number
 * @th: that segment's header, eight bytes of it at least
 * @err: errno that the message means, 0 if none
 * @info: what else it says, for the error queue
 * @redirect: another router is nearer (RFC 1122, 3.2.2.2; RFC 4861, 8)
 * @mtu: path MTU that it tells, bytes; 0 if none
 * @ttl: what IP_MINTTL is compared with, as TCP does: of IPv4 what the quoted
 *	packet had left, of IPv6 what the message has
 */
struct rill_icmp_error {
	struct sk_buff	*skb;
	struct rill_key	key;
	u32		seq;
	const struct tcphdr *th;
	int		err;
	u32		info;
	bool		redirect;
	u32		mtu;
	u8		ttl;
};

/**
 * struct rill_af_ops - what differs between IPv4 and IPv6
 * @family: AF_INET or AF_INET6
 * @hdr_len: IP header without options, bytes
 * @mss_default: the peer's MSS when it told none
 * @mtu_min: no path's MTU is less, bytes
 * @key: fill a key from a received packet, laddr being ours, dev 0
 * @ingress: the interfaces that a received packet came by, while it has its
 *	route
 * @unicast: are both addresses of a received packet proper for a stream?
 * @csum_bad: is the checksum of a received packet, whose transport header is at
 *	skb->data, wrong?
 * @route: look the connection's route up again if it has gone stale; 0 or
 *	-errno. Socket lock held.
 * @checksum: of the pseudo-header for @len bytes of header and payload, and of
 *	@base, which is the sum of those bytes
 * @xmit: give a segment with its transport header built to IP, with @ecn in the
 *	IP header; consumes @skb. Socket lock held. 0, -errno or NET_XMIT_*
 * @reply: the same without a socket: route, IP header, out; consumes @skb
 * @advmss: the MSS to tell a peer, by the route to it; 0 if there is no route
 */
struct rill_af_ops {
	u16	family;
	u16	hdr_len;
	u16	mss_default;
	u16	mtu_min;
	void	(*key)(const struct sk_buff *skb, struct rill_key *key);
	void	(*ingress)(const struct sk_buff *skb, struct rill_ingress *in);
	bool	(*unicast)(const struct sk_buff *skb);
	bool	(*csum_bad)(struct sk_buff *skb);
	int	(*route)(struct sock *sk);
	void	(*checksum)(const struct rill_key *key, u32 len, __wsum base,
			    __sum16 *check);
	int	(*xmit)(struct sock *sk, struct sk_buff *skb, u8 ecn);
	int	(*reply)(const struct rill_reply *to, struct sk_buff *skb);
	u32	(*advmss)(const struct rill_reply *to);
};

extern const struct rill_af_ops rill_ipv4_ops;
extern const struct rill_af_ops rill_ipv6_ops;

static inline const struct rill_af_ops *rill_af(u8 family)
{
	return family == AF_INET ? &rill_ipv4_ops : &rill_ipv6_ops;
}

/* network/segment.c */
int rill_segment_parse(const struct sk_buff *skb, struct rill_segment *seg);
unsigned int rill_options_len(const struct rill_options *opts, u8 flags);
void rill_segment_build(struct sk_buff *skb, const struct rill_segment *seg,
			__be16 sport, __be16 dport);

/* network/table.c */
int rill_table_init(struct rill_net *rnet);
void rill_table_destroy(struct rill_net *rnet);
struct rill_entry *rill_table_lookup(struct rill_net *rnet,
				     const struct rill_key *key);
bool rill_table_overlaps(struct rill_net *rnet, const struct rill_key *key,
			 int oif);
int rill_table_insert(struct rill_net *rnet, struct rill_entry *entry);
int rill_table_replace(struct rill_net *rnet, struct rill_entry *old,
		       struct rill_entry *new);
bool rill_table_rekey(struct rill_net *rnet, struct rill_entry *entry,
		      u32 dev);
void rill_table_remove(struct rill_net *rnet, struct rill_entry *entry);
struct rill_entry *rill_table_next(struct rill_net *rnet, unsigned long *place);
bool rill_table_empty(struct rill_net *rnet);

/* network/port.c */
int rill_port_init(struct rill_net *rnet);
void rill_port_destroy(struct rill_net *rnet);
int rill_port_get(struct sock *sk, unsigned short snum);
void rill_port_put(struct rill_net *rnet, struct rill_bind *bind);
bool rill_port_idle(const struct rill_net *rnet);
bool rill_port_share(struct rill_net *rnet, const struct rill_bind *from,
		     struct rill_bind *to);
int rill_port_connect(struct sock *sk, int oif);
int rill_port_listen(struct sock *sk);
void rill_port_unlisten(struct sock *sk);
void rill_port_renew(struct sock *sk);

/* network/share.c */
/* How far a bind() goes in sharing a port. */
enum rill_port_sharing {
	RILL_PORT_ALONE,	/* chosen by us: no overlap at all */
	RILL_PORT_REUSE,	/* chosen by us, net.ipv4.ip_autobind_reuse */
	RILL_PORT_SHARE,	/* chosen by the program */
};

void rill_bind_view(const struct sock *sk, kuid_t uid,
		    struct rill_bind_key *view);
void rill_bind_view_heir(const struct rill_bind *from,
			 const struct rill_bind *to,
			 struct rill_bind_key *view);
struct rill_share *rill_share_get(struct rill_net *rnet,
				  struct rill_port *port,
				  const struct rill_bind_key *key,
				  struct rill_share **spare);
void rill_share_enter(struct rill_share *share, struct rill_bind *bind);
void rill_share_leave(struct rill_bind *bind);
int rill_share_renew(struct rill_net *rnet, struct rill_bind *bind,
		     struct rill_share **spare);
bool rill_share_chosen(struct rill_net *rnet, const struct rill_port *port,
		       int dev);

/**
 * struct rill_share_walk - one bind() on its way through the owners of a port
 * @self: what it wants
 * @at: where the next portion goes on
 * @second: owners that may still be asked whether they are what they were
 * @restarts: how often it may still begin again
 * @changes: rill_port.changes at its beginning
 */
struct rill_share_walk {
	struct rill_bind_key	self;
	struct rill_bind_key	at;
	u32			second;
	u32			restarts;
	u32			changes;
};

void rill_share_walk_begin(struct rill_share_walk *walk, const struct sock *sk);
int rill_share_conflict(struct rill_net *rnet, const struct rill_port *port,
			const struct sock *sk, enum rill_port_sharing sharing,
			struct rill_share_walk *walk);

/* network/listener.c */
struct in6_addr rill_listener_addr(const struct sock *sk);
bool rill_listener_any(const struct in6_addr *addr);
int rill_listener_init(struct rill_net *rnet);
void rill_listener_destroy(struct rill_net *rnet);
int rill_listener_add(struct sock *sk);
void rill_listener_remove(struct sock *sk);
struct sock *rill_listener_lookup(struct rill_net *rnet, struct sk_buff *skb,
				  unsigned int hdr_len,
				  const struct rill_key *key, u8 family,
				  const struct rill_ingress *in);

/* network/input.c */

/* AF_INET or AF_INET6, of a packet that IP gave us. */
static inline u8 rill_skb_family(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6) ? AF_INET6 : AF_INET;
}

int rill_rcv(struct sk_buff *skb, const struct rill_af_ops *af);
void rill_drop(struct rill_net *rnet, struct sk_buff *skb, int reason);
u8 rill_min_ttl(const struct sock *sk, u8 family);
bool rill_ttl_low(const struct sk_buff *skb, u8 family, u8 least);
u8 rill_dsfield(const struct sk_buff *skb, u8 family);
const struct rill_segment *rill_filter(struct sock *sk, struct sk_buff *skb,
				       const struct rill_segment *seg,
				       struct rill_segment *cut);
void rill_icmp(const struct rill_af_ops *af, struct rill_icmp_error *e);

/* network/output.c */
struct sk_buff *rill_control_skb(gfp_t gfp);
int rill_xmit(struct sock *sk, struct sk_buff *skb,
	      const struct rill_segment *seg);
bool rill_path_mtu(struct sock *sk, u32 mtu);
void rill_path_redirect(struct sock *sk, struct sk_buff *skb);
void rill_path_again(struct sock *sk);
void rill_path_arrived(struct sock *sk, const struct sk_buff *skb,
		       const struct rill_segment *seg);
bool rill_path_fragments(struct sock *sk);
void rill_checksum(struct sk_buff *skb, const struct rill_af_ops *af,
		   const struct rill_key *key, const struct net_device *dev);

/* network/reply.c */
u8 rill_reply_tclass(const struct sock *sk, u8 family);
struct rill_reply rill_reply_synack(const struct rill_request *req);
struct rill_reply rill_reply_request(const struct rill_request *req,
				     const struct sk_buff *skb);
struct rill_reply rill_reply_sock(const struct sock *sk,
				  const struct rill_key *key, u8 family,
				  const struct sk_buff *skb);
struct rill_reply rill_reply_timewait(const struct rill_timewait *tw,
				      const struct sk_buff *skb);
struct rill_reply rill_reply_stray(struct rill_net *rnet,
				   const struct rill_key *key, u8 family,
				   const struct sk_buff *skb);
int rill_reply_send(const struct rill_reply *to,
		    const struct rill_segment *seg);
void rill_reply_reset(const struct rill_reply *to,
		      const struct rill_segment *seg);

/**
 * struct rill_heard - what IPV6_2292PKTOPTIONS tells of a segment
 * @skb: a clone of it, charged to the socket, for its extension headers; NULL:
 *	the program does not want them, or there are none
 * @flow: its traffic class and flow label
 * @iif: the interface that it came by
 * @hops: its hop limit
 * @wanted: does the program want to know anything? Else all else is unset
 */
struct rill_heard {
	struct sk_buff	*skb;
	__be32		flow;
	int		iif;
	u8		hops;
	bool		wanted;
};

/* network/ipv4.c, network/ipv6.c */
int rill_ipv4_connect(struct sock *sk, struct sockaddr *uaddr, int len);
int rill_ipv6_connect(struct sock *sk, struct sockaddr *uaddr, int len);
int rill_ipv4_add_protocol(void);
void rill_ipv4_del_protocol(void);
void rill_ipv6_hear(struct sock *sk, struct sk_buff *skb,
		    struct rill_heard *heard);
void rill_ipv6_heard(struct sock *sk, struct rill_heard *heard, u32 end_seq);
void rill_ipv6_forget(struct sock *sk);
int rill_ipv6_add_protocol(void);
void rill_ipv6_del_protocol(void);

/* Fill the key of a socket from its addresses and ports. */
void rill_sock_key(const struct sock *sk, struct rill_key *key);

/* ---- connection -------------------------------------------------------- */

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
	RILL_EV_RCV_RST,	/* and believed */
	RILL_EV_ABORT,		/* ours: reset, error, timeout, end */
	RILL_EV_2MSL,		/* the time of a finished connection is over */
	RILL_EV_MAX
};

/* connection/state.c */
const char *rill_state_name(int state);
const char *rill_event_name(enum rill_event event);
int rill_state_next(int state, enum rill_event event);
int rill_state_event(struct sock *sk, enum rill_event event);

/* connection/arrival.c */
int rill_sock_rcv(struct sock *sk, struct sk_buff *skb);
void rill_sock_segment(struct sock *sk, struct sk_buff *skb,
		       const struct rill_segment *seg);
void rill_sock_mtu(struct sock *sk, u32 mtu);
void rill_sock_icmp(struct sock *sk, const struct rill_icmp_error *e);

/* connection/conn.c */
void rill_conn_settings(struct sock *sk);
void rill_conn_begin(struct sock *sk);
void rill_conn_speaks(struct rill_sock *rs, u32 iss, u32 next);
void rill_conn_hears(struct rill_sock *rs, u32 irs, u32 wnd);
void rill_conn_agree(struct rill_sock *rs, const struct rill_options *opts);

/* connection/open.c */
int rill_open_active(struct sock *sk);
void rill_open_undo(struct sock *sk);
void rill_open_options(const struct sock *sk, struct rill_options *opts);
void rill_open_peer_options(struct sock *sk, const struct rill_segment *seg);

/* connection/secure.c */
u32 rill_secure_isn(struct rill_net *rnet, const struct rill_key *key,
		    u64 now);
u32 rill_secure_ts_offset(struct rill_net *rnet, const struct rill_key *key);

/* connection/listen.c */
int rill_listen_start(struct sock *sk);
u32 rill_listen_limit(const struct sock *sk);
bool rill_listen_full(const struct sock *sk);
void rill_listen_stop(struct sock *sk);
void rill_listen_rcv(struct sock *sk, struct sk_buff *skb,
		     const struct rill_segment *seg,
		     const struct rill_key *key, u8 family,
		     struct rill_timewait *old);
struct sock *rill_listen_accept(struct sock *sk, int flags, int *err);

/* connection/cookie.c */
int rill_cookie_send(struct sock *sk, struct sk_buff *skb,
		     const struct rill_segment *seg,
		     const struct rill_key *key, u8 family);
bool rill_cookie_rcv(struct sock *sk, struct sk_buff *skb,
		     const struct rill_segment *seg,
		     const struct rill_key *key, u8 family);

/* connection/establish.c */
struct sock *rill_establish_child(struct rill_request *req,
				  const struct sk_buff *skb, int *reason);
void rill_establish_discard(struct rill_request *req, struct sock *child);
void rill_establish_deliver(struct rill_request *req, struct sock *child,
			    struct sk_buff *skb);
void rill_establish_overflow(struct rill_request *req, struct sk_buff *skb,
			     const struct rill_segment *seg);

/* connection/request.c */
int rill_request_dev(const struct sock *sk, struct sk_buff *skb,
		     const struct rill_key *key, u8 family);
int rill_request_init(struct rill_request *req, struct sock *sk,
		      struct sk_buff *skb, const struct rill_segment *seg,
		      const struct rill_key *key, u8 family);
void rill_request_synack(const struct rill_request *req, u32 tsval);
bool rill_request_rcv(struct rill_request *req, struct sk_buff *skb,
		      const struct rill_segment *seg);
void rill_request_icmp(struct rill_request *req,
		       const struct rill_icmp_error *e);
void rill_request_kill(struct rill_request *req);
int rill_request_new(struct sock *sk, struct sk_buff *skb,
		     const struct rill_segment *seg,
		     const struct rill_key *key, u8 family,
		     struct rill_timewait *old);
void rill_request_put(struct rill_request *req);
int rill_request_cache_init(void);
void rill_request_cache_exit(void);

/* connection/saved.c: the headers of a SYN, for TCP_SAVED_SYN */
void rill_saved_syn_make(struct rill_request *req, const struct sk_buff *skb,
			 const struct rill_segment *seg);
void rill_saved_syn_inherit(struct sock *child, struct rill_request *req);
void rill_saved_syn_forget(struct sock *sk);

/* connection/child.c */
struct sock *rill_child_create(struct sock *listener,
			       struct rill_request *req,
			       const struct sk_buff *skb);
void rill_child_abort(struct sock *sk);

/* connection/label.c */
int rill_label_request(struct rill_request *req, struct sk_buff *skb);
void rill_label_flow(const struct rill_request *req,
		     struct flowi_common *flow);

/* connection/close.c */
void rill_close(struct sock *sk, long timeout);
void rill_shutdown(struct sock *sk, int how);
int rill_disconnect(struct sock *sk, int flags);
void rill_sock_done(struct sock *sk, enum rill_event why);
void rill_sock_fail(struct sock *sk, int err);
void rill_sock_got_reset(struct sock *sk, int err);
void rill_sock_reset(struct sock *sk, int err);
void rill_sock_orphan(struct sock *sk);
bool rill_orphan_yields(struct sock *sk, u8 shift);
void rill_sock_destroy(struct sock *sk);
void rill_sock_unhash(struct sock *sk);
void rill_sock_rehash(struct sock *sk);
void rill_sock_handed_over(struct sock *sk);
void rill_sock_fin_wait2(struct sock *sk);
void rill_net_close_all(struct rill_net *rnet);

/* connection/timewait.c */
void rill_timewait_enter(struct sock *sk, int state);
bool rill_timewait_rcv(struct rill_timewait *tw, struct sk_buff *skb,
		       const struct rill_segment *seg);
struct rill_timewait *rill_timewait_find(struct rill_net *rnet,
					 const struct rill_key *key);
int rill_timewait_segment(struct rill_timewait *tw, struct sk_buff *skb,
			  const struct rill_segment *seg);
void rill_timewait_kill(struct rill_timewait *tw);
bool rill_timewait_yield(struct rill_timewait *tw, struct rill_entry *to);
void rill_timewait_pause(struct rill_timewait *tw);
void rill_timewait_resume(struct rill_timewait *tw, struct rill_entry *from);
void rill_timewait_end(struct rill_timewait *tw);
void rill_timewait_put(struct rill_timewait *tw);
int rill_timewait_cache_init(void);
void rill_timewait_cache_exit(void);

/* connection/reuse.c */
bool rill_reuse_syn(struct rill_timewait *tw, struct sk_buff *skb,
		    const struct rill_segment *seg);
u32 rill_reuse_isn(const struct rill_timewait *tw, u64 now);
bool rill_reuse_connect(struct sock *sk);
bool rill_reuse_answered(const struct sock *sk,
			 const struct rill_segment *seg);
void rill_reuse_done(struct sock *sk);
void rill_reuse_failed(struct sock *sk);

/* connection/timer.c */
void rill_timer_init(struct sock *sk);
void rill_timer_set(struct sock *sk, enum rill_timer which, u64 at_ns);
void rill_timer_wind(struct sock *sk);
void rill_timer_arm(struct sock *sk, enum rill_timer which, u64 at_ns);
void rill_timer_stop(struct sock *sk, enum rill_timer which);
void rill_timer_stop_all(struct sock *sk);
void rill_timer_run(struct sock *sk);
void rill_timer_destroy(struct sock *sk);
void rill_keepalive_rearm(struct sock *sk);
void rill_release_cb(struct sock *sk);

static inline bool rill_timer_armed(const struct sock *sk, enum rill_timer t)
{
	return rill_sk(sk)->clock.deadline_ns[t] != 0;
}

/* ---- transfer ---------------------------------------------------------- */

/**
 * struct rill_ack_sample - what one acknowledgment has told
 * @now_ns: when it came
 * @acked: segments that it acknowledged as a whole
 * @delivered: segments that have arrived and of which we did not know
 * @lost: segments that it made us think lost
 * @sent_ns: when the newest segment was sent that arrived as sent once, and
 *	of which we did not know; 0: none
 * @in_flight: segments in flight before it
 * @prior_una: snd.una before it
 * @prior_fack: the highest sequence number known to have arrived before it
 * @prior_rtt_us: the round trip of the latest known to have arrived before it
 * @rtt_us: a round trip, 0 if it gives no sample
 * @rate_from_ns: since when the rate of delivery can be reckoned, 0: it cannot
 * @rate_delivered: what had been delivered then, segments
 * @rate_send_us: so long did it take to send what has been delivered since
 * @rate_limited: the program had no more to send meanwhile
 * @ece: and that segments were marked
 * @cwnd_limited: cwnd, and not the program or the peer, held data back
 * @dupack: it acknowledged nothing new, and nothing else explains it
 * @again: it acknowledged segments that were sent more than once
 * @sacked: it SACKed something new
 * @dsack: it told of a segment that came twice (RFC 2883)
 * @timed: and that a timer had sent it again, so its ACK was late
 * @reordered: it showed that segments have changed places
 */
struct rill_ack_sample {
	u64	now_ns;
	u32	acked;
	u32	delivered;
	u32	lost;
	u64	sent_ns;
	u32	in_flight;
	u32	prior_una;
	u32	prior_fack;
	u32	prior_rtt_us;
	u32	rtt_us;
	u64	rate_from_ns;
	u32	rate_delivered;
	u32	rate_send_us;
	bool	rate_limited;
	bool	ece;
	bool	cwnd_limited;
	bool	dupack;
	bool	again;
	bool	sacked;
	bool	dsack;
	bool	timed;
	bool	reordered;
};

union tcp_cc_info;

/**
 * struct rill_cc_ops - a congestion control algorithm
 * @name: as TCP_CONGESTION and the tunable know it
 * @marks: it lives by ECN: asks for it, lets all that it sends be marked, and
 *	has marks echoed one by one
 * @paced: it wants segments spread over the round trip
 * @restricted: unfair to others where the network is not made for it: the
 *	administrator's choice, not any program's
 * @init: a connection is established, or has changed to this algorithm; cc.priv
 *	is zeroed
 * @ssthresh: the new ssthresh, segments, after a loss or a mark; what @undo
 *	needs is kept here
 * @grow: segments were delivered while cwnd was the limit, outside of
 *	recovery
 * @acked: optional: an ACK has come, in whatever state, before @grow
 * @restart: optional: data is about to be sent, and nothing is in flight
 * @undo: optional: the last reduction was for nothing; cwnd and ssthresh have
 *	been taken back
 * @info: optional: what TCP_CC_INFO tells, into a zeroed answer; its size, bytes
 */
struct rill_cc_ops {
	const char *name;
	bool	marks;
	bool	paced;
	bool	restricted;
	void	(*init)(struct sock *sk);
	u32	(*ssthresh)(struct sock *sk);
	void	(*grow)(struct sock *sk, const struct rill_ack_sample *as);
	void	(*acked)(struct sock *sk, const struct rill_ack_sample *as);
	void	(*restart)(struct sock *sk);
	void	(*undo)(struct sock *sk);
	size_t	(*info)(struct sock *sk, union tcp_cc_info *info);
};

#define X(algorithm, name) extern const struct rill_cc_ops rill_cc_##algorithm;
RILL_CONGESTION_CONTROLS(X)
#undef X

#define RILL_SSTHRESH_MIN	2	/* segments: RFC 5681, equation 4 */
#define RILL_CWND_MAX		BIT(20)	/* segments */

/**
 * struct rill_hystart - where a slow start stands (RFC 9406)
 * @round_end: snd.nxt when the current round began
 * @round_min_us: least RTT of the current round, U32_MAX if none
 * @last_min_us: of the one before it
 * @base_us: of the round in which the RTT had grown
 * @samples: of the current round
 * @rounds: left of conservative slow start; 0: it has not begun
 * @part: segments that conservative slow start has yet to make up to one
 * @started: the first round has begun
 */
struct rill_hystart {
	u32	round_end;
	u32	round_min_us;
	u32	last_min_us;
	u32	base_us;
	u16	samples;
	u8	rounds;
	u8	part;
	bool	started;
};

/* transfer/clock.c: what was stored a while ago */
void rill_recent_hear(struct rill_recent *recent, u32 tsval);
bool rill_recent_older(const struct rill_recent *recent, u32 tsval);
bool rill_echo_before(const struct rill_sock *rs,
		      const struct rill_segment *seg, u64 sent_ns);

/* transfer/rtt.c */
void rill_rtt_sample(struct sock *sk, u32 rtt_us);
void rill_rto_update(struct sock *sk);
u64 rill_rto_idle_ns(const struct rill_sock *rs);
u8 rill_rto_backoff(const struct sock *sk);
u32 rill_rto_us(const struct sock *sk);
u64 rill_rto_ns(const struct sock *sk);
u64 rill_rto_local_ns(const struct sock *sk);
u32 rill_rtt_variance(u32 rttvar4, u32 srtt8, u32 rtt_us);

/* transfer/mss.c */
u32 rill_mss_of_mtu(const struct sock *sk, u32 mtu);
u32 rill_mss_to_mtu(const struct sock *sk, u32 mss);
void rill_mss_sync(struct sock *sk);
void rill_mss_check(struct sock *sk);
void rill_mss_window(struct sock *sk, u32 wnd);
u16 rill_mss_agree(u16 peer, u16 user);
u16 rill_mss_advertise(struct sock *sk, const struct dst_entry *dst);
unsigned int rill_mss_options(const struct sock *sk);

/* transfer/probe.c: search for the path MTU */
void rill_probe_init(struct sock *sk);
void rill_probe_path(struct sock *sk, u32 before);
u32 rill_probe_size(const struct sock *sk);
bool rill_probe_send(struct sock *sk);
bool rill_probe_lost(struct sock *sk, const struct sk_buff *skb);
void rill_probe_acked(struct sock *sk, const struct sk_buff *skb);
void rill_probe_timeout(struct sock *sk);
bool rill_probe_icmp(struct sock *sk);

/* transfer/window.c */
u32 rill_window_select(struct sock *sk);
u16 rill_window_field(struct sock *sk);
u32 rill_window_left(const struct sock *sk);
u32 rill_window_initial(const struct sock *sk, u32 space, u16 mss,
			bool scaling, u8 *wscale);
u32 rill_window_space(const struct sock *sk);
u32 rill_window_begin(const struct rill_sock *rs);
void rill_window_read(struct sock *sk, u32 copied);

/* Of what became of a segment: had this host no room for it? */
static inline bool rill_no_room(int err)
{
	return err > 0 || err == -ENOMEM || err == -ENOBUFS;
}

/* transfer/queue.c: what waits to be sent and to be acknowledged */
struct sk_buff *rill_skb_alloc(struct sock *sk, unsigned int linear,
			       gfp_t gfp);
void rill_skb_queue(struct sock *sk, struct sk_buff *skb);
void rill_skb_free(struct sock *sk, struct sk_buff *skb);
int rill_skb_split(struct sock *sk, struct sk_buff *skb, u32 len, gfp_t gfp);
int rill_skb_trim(struct sock *sk, struct sk_buff *skb, u32 len, gfp_t gfp);
bool rill_skb_join(struct sock *sk, struct sk_buff *skb, u32 len);
bool rill_skb_held(const struct sock *sk, const struct sk_buff *skb);
void rill_rtx_insert(struct sock *sk, struct sk_buff *skb);
void rill_rtx_remove(struct sock *sk, struct sk_buff *skb);
struct sk_buff *rill_rtx_head(const struct sock *sk);
struct sk_buff *rill_rtx_next(struct sk_buff *skb);
struct sk_buff *rill_rtx_from(const struct sock *sk, u32 seq);
struct sk_buff *rill_rtx_beyond(const struct sock *sk, u32 seq);
void rill_queue_purge(struct sock *sk);

/* transfer/output.c */
void rill_push(struct sock *sk);
void rill_push_all(struct sock *sk);
int rill_send_syn(struct sock *sk);
int rill_send_fin(struct sock *sk);
int rill_send_new(struct sock *sk, struct sk_buff *skb);
void rill_send_ack(struct sock *sk);
void rill_send_challenge_ack(struct sock *sk);
void rill_send_dup_ack(struct sock *sk, const struct rill_segment *seg);
void rill_send_reset(struct sock *sk, gfp_t gfp);
bool rill_send_probe(struct sock *sk);
bool rill_send_one(struct sock *sk);
void rill_send_keepalive(struct sock *sk);
int rill_retransmit(struct sock *sk, struct sk_buff *skb);
bool rill_nagle_holds(const struct sock *sk, const struct sk_buff *skb);

/* transfer/ack.c: acknowledgements that come in */
bool rill_ack_in(struct sock *sk, const struct rill_segment *seg);
u32 rill_in_flight(const struct sock *sk);

/* transfer/scoreboard.c: what the peer has SACKed */
struct sk_buff *rill_sack_next(const struct sock *sk, struct sk_buff *skb);
void rill_sacks_in(struct sock *sk, const struct rill_segment *seg,
		   struct rill_ack_sample *as);

/* transfer/rack.c: what is lost, told by time (RFC 8985) */
void rill_rack_init(struct rill_sock *rs);
struct list_head *rill_rack_take(struct sk_buff *skb);
void rill_rack_put(struct sk_buff *skb, struct list_head *place);
void rill_rack_sent(struct rill_sock *rs, struct sk_buff *skb);
void rill_rack_split(struct sk_buff *skb, struct sk_buff *tail);
void rill_rack_restore(struct sock *sk);
void rill_rack_forget(struct sk_buff *skb);
void rill_rack_delivered(struct sock *sk, const struct sk_buff *skb,
			 const struct rill_segment *seg,
			 struct rill_ack_sample *as);
bool rill_rack_due(const struct sock *sk, const struct sk_buff *skb, u64 now);
void rill_rack_ack(struct sock *sk, struct rill_ack_sample *as);
void rill_rack_timeout(struct sock *sk, u64 now);
void rill_rack_recovered(struct rill_rack *rack);

/* transfer/tlp.c: tail loss probes (RFC 8985, 7) */
void rill_tlp_measure(struct rill_sock *rs, u32 before_us);
void rill_tlp_schedule(struct sock *sk);
void rill_tlp_timeout(struct sock *sk, u64 now);
void rill_tlp_ack(struct sock *sk, const struct rill_segment *seg,
		  const struct rill_ack_sample *as);

/* transfer/undo.c: reductions that were for nothing */
void rill_undo_begin(struct sock *sk);
void rill_undo_acked(struct rill_sock *rs);
void rill_undo_sent(struct sock *sk, const struct sk_buff *skb);
bool rill_undo_echo(struct sock *sk, const struct rill_segment *seg,
		    const struct rill_ack_sample *as);
bool rill_undo_dsack(struct sock *sk, u32 start, u32 end);

/* transfer/recovery.c: what is lost, and what is sent again */
#define RILL_DUPTHRESH	3	/* RFC 5681, 3.2; RFC 8985, 6.2, step 4 */

/* Is cwnd on its way down, by PRR? */
static inline bool rill_recovery_reducing(const struct rill_sock *rs)
{
	return rs->rec.state == RILL_REDUCE || rs->rec.state == RILL_RECOVERY;
}

void rill_mark_lost(struct sock *sk, struct sk_buff *skb);
void rill_recovery_ack(struct sock *sk, const struct rill_segment *seg,
		       struct rill_ack_sample *as);
void rill_recovery_enter(struct sock *sk);
void rill_recovery_cwr(struct sock *sk);
int rill_recovery_timeout(struct sock *sk);
void rill_recovery_send(struct sock *sk);
void rill_recovery_mtu(struct sock *sk);

/* transfer/receive.c: data that comes in */
void rill_receive(struct sock *sk, struct sk_buff *skb,
		  const struct rill_segment *seg);

/* transfer/reassembly.c: what came out of order */
bool rill_ooo_insert(struct sock *sk, struct sk_buff *skb,
		     struct rill_sack *twice);
struct sk_buff *rill_ooo_take(struct sock *sk);
bool rill_ooo_prune(struct sock *sk, const struct sk_buff *skb);
void rill_ooo_purge(struct sock *sk);
bool rill_skb_appends(const struct sk_buff *to, const struct sk_buff *skb);
bool rill_skb_coalesce(struct sock *sk, struct sk_buff *to,
		       struct sk_buff *skb);

/* transfer/urgent.c: one byte that the peer hears of ahead of the stream */

/* Is @seq the mark? READ_ONCE: also without the socket lock, as a hint. */
static inline bool rill_urgent_at(const struct rill_sock *rs, u32 seq)
{
	return unlikely(READ_ONCE(rs->urgent.state)) &&
	       READ_ONCE(rs->urgent.seq) == seq;
}

void rill_urgent_in(struct sock *sk, const struct sk_buff *skb,
		    const struct rill_segment *seg);
void rill_urgent_send(struct rill_sock *rs);
void rill_urgent_acked(struct rill_sock *rs);
void rill_urgent_header(const struct rill_sock *rs, struct rill_segment *seg);
bool rill_urgent_probe(const struct rill_sock *rs);

/* transfer/rcvbuf.c: the memory of what has come */
#define RILL_RATIO_FIRST	128	/* half, until a segment tells */
u32 rill_rcvbuf_payload(const struct rill_sock *rs, s64 space);
u64 rill_rcvbuf_space(const struct rill_sock *rs, u64 payload);
void rill_rcvbuf_measure(struct rill_sock *rs, const struct sk_buff *skb);
bool rill_rcvbuf_room(struct sock *sk, struct sk_buff **skb, bool in_order);

/* transfer/memory.c: the account that all sockets share */
bool rill_memory_tight(const struct sock *sk);
bool rill_memory_force(struct sock *sk, int size);
void rill_memory_take(struct sock *sk, int size);
bool rill_memory_promised(struct sock *sk, int size, u64 held, u32 least);
bool rill_memory_yields(const struct sock *sk);
void *rill_memory_zalloc(struct kmem_cache *cache, const struct sock *sk);
void *rill_memory_alloc(size_t size, const struct sock *sk);
struct sock *rill_memory_clone(const struct sock *listener);

/* transfer/sack.c: what is told of what came out of order */
void rill_sacks_add(struct rill_sock *rs, u32 start, u32 end);
void rill_sacks_clean(struct rill_sock *rs);
void rill_sacks_cut(struct rill_sock *rs, u32 edge);
bool rill_sacks_due(const struct rill_sock *rs);
void rill_sacks_out(struct sock *sk, struct rill_options *opts);
void rill_dsack_add(struct sock *sk, u32 start, u32 end);
void rill_dsack_old(struct sock *sk, u32 seq, u32 end);

/* transfer/delack.c: when what has come is acknowledged */
void rill_delack_again(struct sock *sk);
void rill_delack_arrived(struct sock *sk, const struct rill_segment *seg);
void rill_delack_answered(struct rill_sock *rs, u64 now);
void rill_delack_in_order(struct rill_sock *rs, bool filled);
bool rill_delack_read(const struct sock *sk);
void rill_delack_timeout(struct sock *sk);
void rill_delack_set(struct sock *sk, int val);
void rill_ack_check(struct sock *sk);
void rill_ack_sent(struct sock *sk);

/* transfer/sndbuf.c: the memory of what is to be sent */
void rill_sndbuf_grow(struct sock *sk);
bool rill_sndbuf_charge(struct sock *sk, int size);

/* transfer/congestion.c: what all algorithms share */
const struct rill_cc_ops *rill_cc_find(const char *name);
const struct rill_cc_ops *rill_cc_chosen(const struct sock *sk);
bool rill_cc_allowed(const struct sock *sk, const struct rill_cc_ops *cc);
void rill_cc_choose(struct sock *sk, const struct rill_cc_ops *cc);
void rill_cc_init(struct sock *sk);
u32 rill_cc_reduce(struct sock *sk);
u32 rill_cc_window(const struct sock *sk);
u32 rill_cc_slow_start(struct sock *sk, u32 acked);
void rill_cc_add(struct sock *sk, u64 part, u64 whole);
void rill_cc_acked(struct sock *sk, const struct rill_ack_sample *as);
void rill_cc_sent(struct sock *sk, bool limited);
bool rill_cc_limited(const struct sock *sk);
void rill_cc_idle(struct sock *sk);

/* transfer/newreno.c */
u32 rill_newreno_ssthresh(struct sock *sk);
void rill_newreno_grow(struct sock *sk, const struct rill_ack_sample *as);

/* transfer/hystart.c */
u32 rill_hystart_threshold(u32 rtt_us);
void rill_hystart_acked(struct rill_hystart *hs, struct sock *sk, u32 rtt_us);
u32 rill_hystart_step(struct rill_hystart *hs, u32 acked, bool paced);

/* transfer/cubic.c */
u64 rill_cubic_root(u64 x);
u32 rill_cubic_k_us(u32 segments);
u64 rill_cubic_rise(u64 us);

/* transfer/dctcp.c */
u32 rill_dctcp_average(u32 alpha, u32 acked, u32 marked);

/* transfer/ecn.c */
bool rill_ecn_accepts(const struct sock *sk, u8 flags);
u8 rill_ecn_syn(struct sock *sk, u8 flags, bool again);
void rill_ecn_answered(struct sock *sk, u8 flags);
void rill_ecn_child(struct sock *sk, bool ok);
void rill_ecn_header(struct sock *sk, struct rill_segment *seg, bool new);
void rill_ecn_data(struct sock *sk, const struct rill_segment *seg);
bool rill_ecn_told(const struct sock *sk, const struct rill_segment *seg);
void rill_ecn_acked(struct sock *sk, const struct rill_ack_sample *as);
void rill_ecn_reduced(struct rill_sock *rs);
void rill_ecn_withdraw(struct rill_sock *rs);

/* transfer/rate.c */
void rill_rate_sent(struct rill_sock *rs, struct sk_buff *skb);
void rill_rate_arrived(struct rill_sock *rs, const struct sk_buff *skb,
		       struct rill_ack_sample *as);
void rill_rate_acked(struct rill_sock *rs, const struct rill_ack_sample *as);
void rill_rate_check(struct sock *sk);
u64 rill_rate_bytes(const struct rill_sock *rs);
void rill_hold_update(struct sock *sk);
u64 rill_hold_us(const struct rill_sock *rs, enum rill_hold hold, u64 now);

/* transfer/pacing.c */
bool rill_pace_active(const struct sock *sk);
void rill_pace_init(struct sock *sk);
u64 rill_pace_rate(u64 bytes, u32 srtt8_us, u32 percent);
void rill_pace_update(struct sock *sk);
bool rill_pace_allows(struct sock *sk);
void rill_pace_sent(struct sock *sk, u32 bytes);

/* ---- socket ------------------------------------------------------------ */

/* socket/proto.c */
extern struct proto rill_prot;
extern struct proto rill6_prot;
int rill_socket_register(void);
void rill_socket_unregister(void);

/* socket/payload.c */
bool rill_payload_partial(const struct sock *sk);
int rill_payload_copy(struct sock *sk, struct msghdr *msg);
int rill_payload_lend(struct sock *sk, struct msghdr *msg,
		      struct ubuf_info *uarg);
int rill_payload_take(struct sock *sk, struct msghdr *msg);

/* socket/setting.c: options of level SOL_RILL */
void rill_setting_init(struct sock *sk);
int rill_setting_set(struct sock *sk, int name, s64 val);
int rill_setting_get(const struct sock *sk, int name, s64 *val);
int rill_setting_setsockopt(struct sock *sk, int name, sockptr_t optval,
			    unsigned int optlen);
int rill_setting_getsockopt(struct sock *sk, int name, char __user *optval,
			    int __user *optlen);

/* socket/send.c, socket/receive.c, socket/poll.c, socket/option.c */
int rill_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
void rill_splice_eof(struct socket *sock);
ssize_t rill_sendpage(struct socket *sock, struct page *page, int offset,
		      size_t size, int flags);
int rill_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		 int *addr_len);
ssize_t rill_splice_read(struct socket *sock, loff_t *ppos,
			 struct pipe_inode_info *pipe, size_t len,
			 unsigned int flags);
__poll_t rill_poll(struct file *file, struct socket *sock, poll_table *wait);
int rill_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		    unsigned int optlen);
int rill_getsockopt(struct sock *sk, int level, int optname,
		    char __user *optval, int __user *optlen);
void rill_keepalive(struct sock *sk, int on);
int rill_queue_size(struct sock *sk, int cmd, int *answer);
bool rill_memory_free(const struct sock *sk, int wake);
bool rill_readable(const struct sock *sk, int target);
void rill_write_space(struct sock *sk);
void rill_write_wake(struct sock *sk);
int rill_rcvlowat_set(struct sock *sk, int val);
void rill_info(struct sock *sk, struct tcp_info *info);

/* ---- control ----------------------------------------------------------- */

/* control/tunables.c */
enum rill_tunable_id {
#define X(name, ...) RILL_TUNE_##name,
	RILL_TUNABLES(X)
	RILL_TUNABLE_TRIPLES(X)
	RILL_TUNABLE_NAMES(X)
#undef X
	RILL_TUNE_MAX
};

void rill_tunables_init(struct rill_tunables *t);
int rill_tunable_store(struct rill_tunables *t, enum rill_tunable_id id,
		       const char *text);
ssize_t rill_tunable_show(struct rill_tunables *t, enum rill_tunable_id id,
			  char *buf);
ssize_t rill_tunable_available(char *buf);
int rill_sysfs_init(void);
void rill_sysfs_exit(void);
int rill_sysfs_net_init(struct rill_net *rnet);
void rill_sysfs_net_exit(struct rill_net *rnet);

/* control/counters.c */
const char *rill_counter_name(enum rill_counter c);
u64 rill_counter_read(const struct rill_net *rnet, enum rill_counter c);
int rill_proc_net_init(struct rill_net *rnet);
void rill_proc_net_exit(struct rill_net *rnet);

#ifdef CONFIG_RILL_KUNIT
/* The namespace that inserted the module; the scenarios run in it. */
extern struct net *rill_kunit_net;
/* So long a scenario lets this host be suspended, which it never is. */
extern u64 rill_kunit_suspended_ns;
#endif

#endif /* _NET_RILL_ROOMS_H */
