/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What network offers the other rooms: segments as they came and as they go,
 * the tables of connections and listeners, local ports, both families of IP.
 *
 * Each function is documented where it is defined.
 */
#ifndef _RILL_NETWORK_H
#define _RILL_NETWORK_H

#include "../rill.h"

/**
 * struct rill_reply - how a segment that no full socket sends is addressed
 * @rnet: namespace
 * @key: the connection, as seen from here: laddr is the source
 * @req: of a SYN-ACK, the half-open connection: the packet is the listener's,
 *	with its TTL and its IP options; else NULL
 * @sk: the listener, or the full socket that refuses the segment; NULL: there
 *	is none (any more)
 * @skb: of any other answer, the segment that it answers
 * @family: AF_INET or AF_INET6
 * @tclass: TOS or traffic class, with the ECN field
 * @flow_flags: FLOWI_FLAG_*, for the route
 * @owned: skb->sk of the packet is @sk, for netfilter and BPF
 * @oif: interface to leave by, 0 for any
 * @mark: routing mark
 * @priority: SO_PRIORITY
 * @flow_label: of IPv6; 0: made of @txhash, or of the addresses
 * @txhash: of the connection, as sk_txhash; 0: it has none
 *
 * network/reply.c alone fills it in; rill_packet_refuse() keeps a copy with its
 * own key. A segment that a full socket sends takes the same from the socket.
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
 * struct rill_packet - a segment that came, on its way through the rooms
 * @skb: the packet; its data is at our header until transfer takes the payload,
 *	which may put another with the same payload in its place
 * @rnet: namespace
 * @af: IPv4 or IPv6
 * @key: the connection, as seen from here; dev is that of the entry that was
 *	found, or of a listener's child. Not set from the backlog, and the
 *	reset's after rill_packet_refuse()
 * @seg: its header, as far as a socket's filter has left the payload; ecn is
 *	set by rill_sock_rcv()
 * @to: of a verdict with RILL_RESET, how the reset is addressed
 *
 * On the stack of whoever gives the segment to its connection.
 */
struct rill_packet {
	struct sk_buff			*skb;
	struct rill_net			*rnet;
	const struct rill_af_ops	*af;
	struct rill_key			key;
	struct rill_segment		seg;
	struct rill_reply		to;
};

/**
 * struct rill_icmp_error - an ICMP message that quotes a segment of ours
 * @skb: the message, its data at the IP header that it quotes
 * @key: the connection of that segment, as seen from here; dev 0
 * @seq: the segment's sequence number
 * @th: that segment's header, eight bytes of it at least
 * @err: errno that the message means, 0 if none
 * @info: ee_info for the error queue
 * @redirect: it is a Redirect (RFC 1122, 3.2.2.2; RFC 4861, 8)
 * @mtu: path MTU that it reports, bytes; 0 if none
 * @ttl: compared with IP_MINTTL, as TCP does: over IPv4 the TTL of the quoted
 *	packet, over IPv6 the hop limit of the message
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
 * struct rill_entry_ops - what is done with one kind of entry in the table
 * @get: take a reference; false: it is ending. Inside rcu_read_lock()
 * @put: give that back; any context
 * @dev: interface that it is bound to now, 0 for any; NULL: its key says it
 * @rcv: a segment for it. Softirq, inside rcu_read_lock(), with a reference
 *	that is given back after the verdict is carried out
 * @icmp: an ICMP error for it; NULL: it takes none. As @rcv
 * @end: its namespace ends. Process, no lock held, with a reference
 */
struct rill_entry_ops {
	bool	(*get)(struct rill_entry *entry);
	void	(*put)(struct rill_entry *entry);
	int	(*dev)(const struct rill_entry *entry);
	enum rill_verdict (*rcv)(struct rill_entry *entry,
				 struct rill_packet *p);
	void	(*icmp)(struct rill_entry *entry,
			const struct rill_icmp_error *e);
	void	(*end)(struct rill_entry *entry);
};

/* A segment for a listener that is neither locked nor referenced. */
typedef enum rill_verdict (*rill_listener_rcv_fn)(struct sock *sk,
						  struct rill_packet *p);

/**
 * struct rill_af_ops - what differs between IPv4 and IPv6
 * @family: AF_INET or AF_INET6
 * @hdr_len: IP header without options, bytes
 * @mss_default: the peer's MSS if its SYN had no MSS option
 * @mtu_min: least MTU that a path may have, bytes
 * @key: fill a key from a received packet, laddr being ours, dev 0
 * @ingress: the interfaces that a received packet came by, while it has its
 *	route
 * @unicast: are both addresses of a received packet proper for a stream?
 * @csum_bad: is the checksum of a received packet, whose transport header is at
 *	skb->data, wrong?
 * @ported: connect() has its port: the route that goes with it; 0 or -errno
 * @unconnect: take back what the family's connect() wrote into the socket
 * @route: look the connection's route up again if it has gone stale; 0 or
 *	-errno
 * @checksum: of the pseudo-header for @len bytes of header and payload, and of
 *	@base, which is the sum of those bytes
 * @xmit: give a segment with its transport header built to IP, with @ecn in the
 *	IP header; consumes @skb. 0, -errno or NET_XMIT_*
 * @reply: the same without a socket: route, IP header, out; consumes @skb
 * @advmss: the MSS to advertise, by the route to the peer; 0: no route
 *
 * Those that have a socket run under its lock.
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
	int	(*ported)(struct sock *sk);
	void	(*unconnect)(struct sock *sk);
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
enum rill_verdict rill_segment_parse(const struct sk_buff *skb,
				     struct rill_segment *seg);
u8 rill_dsfield(const struct sk_buff *skb, u8 family);

/* network/table.c */
int rill_table_init(struct rill_net *rnet);
void rill_table_destroy(struct rill_net *rnet);
struct rill_entry *rill_table_lookup(struct rill_net *rnet,
				     const struct rill_key *key);
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
int rill_port_connect(struct sock *sk, int oif,
		      bool (*reuse)(struct sock *sk));
void rill_port_put(struct rill_net *rnet, struct rill_bind *bind);
bool rill_port_share(struct rill_net *rnet, const struct rill_bind *from,
		     struct rill_bind *to);
int rill_port_listen(struct sock *sk);
void rill_port_unlisten(struct sock *sk);
void rill_port_renew(struct sock *sk);

/* network/listener.c */
struct sock *rill_listener_lookup(struct rill_net *rnet, struct sk_buff *skb,
				  unsigned int hdr_len,
				  const struct rill_key *key, u8 family,
				  const struct rill_ingress *in);

/**
 * struct rill_walk - a place in the walk over all that a namespace holds
 * @groups: in rill_net.listeners
 * @table: in rill_net.table
 * @group: that it met last; to be compared
 * @member: the listener that it met last; to be compared, unless @sure
 * @sure: @member is valid until rill_walk_stop()
 * @listeners: @groups is not at its end
 *
 * Its owner's alone.
 */
struct rill_walk {
	struct rhashtable_iter	groups;
	struct rhashtable_iter	table;
	const void		*group;
	struct rill_listener	*member;
	bool			sure;
	bool			listeners;
};

/* Where a struct rill_place is. */
enum {
	RILL_PLACE_LISTENERS,
	RILL_PLACE_TABLE,
	RILL_PLACE_END,
};

/**
 * struct rill_place - a place in the same walk that may be given up at any time
 * @seed: of the table that it is in; 0: at the beginning
 * @bucket: in that
 * @skip: what was met of the bucket
 * @anew: how often a table was begun anew, because it was resized
 * @stage: RILL_PLACE_*
 *
 * All 0 at first. Its owner's alone.
 */
struct rill_place {
	u32	seed;
	u32	bucket;
	u32	skip;
	u32	anew;
	u32	stage;
};

/* network/walk.c */
struct rill_entry *rill_place_next(struct rill_net *rnet,
				   struct rill_place *place);
struct rill_entry *rill_entry_lookup(struct rill_net *rnet,
				     const struct rill_key *key);
void rill_walk_begin(struct rill_walk *walk, struct rill_net *rnet);
void rill_walk_end(struct rill_walk *walk);
void rill_walk_start(struct rill_walk *walk);
void rill_walk_stop(struct rill_walk *walk);
struct rill_entry *rill_walk_next(struct rill_walk *walk);
struct rill_entry *rill_walk_again(struct rill_walk *walk);

/* network/label.c */
int rill_label_request(struct rill_request *req, struct sk_buff *skb);

/* network/input.c */

/* AF_INET or AF_INET6, of a packet that IP gave us. */
static inline u8 rill_skb_family(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6) ? AF_INET6 : AF_INET;
}

void rill_input_start(const struct rill_entry_ops *entries,
		      rill_listener_rcv_fn listener);
bool rill_icmp_far(const struct sock *sk, u8 family,
		   const struct rill_icmp_error *e);
enum rill_verdict rill_packet_refuse(struct rill_packet *p,
				     const struct rill_reply *to,
				     enum rill_verdict reason);
void rill_packet_finish(struct rill_packet *p, enum rill_verdict verdict);

/*
 * How many hops a packet of @family must have left (RFC 5082) for @sk, the
 * socket or its listener: IP_MINTTL or IPV6_MINHOPCOUNT, 0 if not set.
 */
static inline u8 rill_min_ttl(const struct sock *sk, u8 family)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (family == AF_INET6)
		return READ_ONCE(inet6_sk(sk)->min_hopcount);
#endif
	return READ_ONCE(inet_sk(sk)->min_ttl);
}

/* Has the packet passed more routers than @least hops left allow? */
static inline bool rill_ttl_low(const struct sk_buff *skb, u8 family, u8 least)
{
	u8 ttl = family == AF_INET ? ip_hdr(skb)->ttl :
				     ipv6_hdr(skb)->hop_limit;

	return ttl < least;
}

bool rill_filter(struct sock *sk, struct rill_packet *p);

/* network/output.c */
struct sk_buff *rill_control_skb(gfp_t gfp);
int rill_xmit(struct sock *sk, struct sk_buff *skb,
	      const struct rill_segment *seg);
bool rill_path_mtu(struct sock *sk, u32 mtu, bool believed);
void rill_path_redirect(struct sock *sk, struct sk_buff *skb);
void rill_path_again(struct sock *sk);
void rill_path_arrived(struct sock *sk, const struct sk_buff *skb,
		       const struct rill_segment *seg);
bool rill_path_fragments(struct sock *sk);

/* network/reply.c */
u8 rill_reply_tclass(const struct sock *sk, u8 family);
struct rill_reply rill_reply_synack(const struct rill_request *req, u8 ecn);
struct rill_reply rill_reply_request(const struct rill_request *req,
				     const struct sk_buff *skb);
struct rill_reply rill_reply_sock(const struct sock *sk,
				  const struct rill_key *key, u8 family,
				  const struct sk_buff *skb);
struct rill_reply rill_reply_timewait(const struct rill_timewait *tw,
				      const struct sk_buff *skb);
int rill_reply_send(const struct rill_reply *to,
		    const struct rill_segment *seg);

/**
 * struct rill_heard - what IPV6_2292PKTOPTIONS reports of a segment
 * @skb: a clone of it, charged to the socket, for its extension headers; NULL:
 *	the program does not want them, or there are none
 * @flow: its traffic class and flow label
 * @iif: the interface that it came by
 * @hops: its hop limit
 * @wanted: the program asked for any of it; else the other fields are unset
 */
struct rill_heard {
	struct sk_buff	*skb;
	__be32		flow;
	int		iif;
	u8		hops;
	bool		wanted;
};

/* network/ipv4.c, network/ipv6.c */
int rill_ipv4_connect(struct sock *sk, struct sockaddr_in *usin, int len);
int rill_ipv6_connect(struct sock *sk, struct sockaddr_in6 *usin, int len);
void rill_ipv6_hear(struct sock *sk, struct sk_buff *skb,
		    struct rill_heard *heard);
void rill_ipv6_heard(struct sock *sk, struct rill_heard *heard, u32 end_seq);
void rill_ipv6_forget(struct sock *sk);

/* network/protocol.c */
int rill_ipv4_add_protocol(void);
void rill_ipv4_del_protocol(void);
int rill_ipv6_add_protocol(void);
void rill_ipv6_del_protocol(void);

/* Fill the key of a socket from its addresses and ports. */
void rill_sock_key(const struct sock *sk, struct rill_key *key);

#endif /* _RILL_NETWORK_H */
