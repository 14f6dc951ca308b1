/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The entries of the table of connections beside full sockets: half-open and
 * finished connections; included by rill.h. See LOCKING there.
 */
#ifndef _RILL_ENTRY_H
#define _RILL_ENTRY_H

/* Bits of rill_request.flags and rill_timewait.flags. */
enum {
	RILL_CLAIMED,		/* somebody ends this entry; see LOCKING */
};

struct rill_timewait;

/**
 * struct rill_saved_syn - headers of the SYN that began a connection
 * @len: how much they are, bytes
 * @data: from the link's or the IP header to the end of ours, as they came
 *
 * Written once, before the half-open connection is published. It belongs to
 * that, then to the child.
 */
struct rill_saved_syn {
	u32	len;
	u8	data[];
};

/**
 * struct rill_request - a half-open connection (SYN_RECV without a socket)
 * @entry: in the table
 * @refs: the table holds one
 * @lock: held while it is published, and while the child is made: a CPU that
 *	comes second looks the segment up again; protects @answers and
 *	@acked_ns
 * @flags: RILL_CLAIMED
 * @listener: the listening socket, one reference held
 * @old: the TIME_WAIT entry whose place it took, or NULL; whoever has claimed
 *	the request may take it, the last reference ends it
 * @node: in rill_listener.requests; listener lock
 * @timer: SYN-ACK retransmission
 * @rcu: freed through RCU
 * @irs: peer's initial sequence number
 * @iss: ours
 * @opts: options of the SYN
 * @recent: timestamp of the last SYN; rill_recent_hear() writes it
 * @wnd: window field of the SYN
 * @mss: the MSS that we advertise, bytes
 * @rcv_wnd: the window that we advertise, bytes
 * @rcv_wscale: shift of it; with wscale_ok
 * @wscale_ok: both sides scale
 * @sack_ok: both sides SACK
 * @ts_ok: both sides send timestamps
 * @ecn_ok: both sides want ECN; READ_ONCE, a retransmitted SYN may end it
 * @ts_unit: of our clock towards this peer, RILL_TS_*
 * @ts_offset: of our clock, ticks
 * @delack_us: longest ACK delay that our private option announces
 * @rto_us: of the SYN-ACK, before backoff
 * @retries: SYN-ACKs retransmitted; its timer alone writes it
 * @twice: the SYN-ACK went more than once before an ACK came, whoever's timer
 *	was first; READ_ONCE
 * @iif: interface the SYN came by
 * @dev: interface that the child is bound to, 0 for any
 * @mark: the listener's, or the SYN's if net.ipv4.tcp_fwmark_accept says so
 * @txhash: of the child, so that one flow has one label; READ_ONCE
 * @flow_label: the SYN's, if IPV6_FL_F_REFLECT is set; else 0
 * @secid: the child's, from the security module
 * @sent_ns: when the SYN-ACK was first sent; an RTT sample unless @twice
 * @answers: to segments that are not acceptable
 * @acked_ns: when the handshake was complete while TCP_DEFER_ACCEPT waits for
 *	data; 0: it is not
 * @saved_syn: TCP_SAVE_SYN of the listener; NULL: not wanted, or no memory;
 *	whoever has claimed the request may take it
 */
struct rill_request {
	struct rill_entry	entry;
	refcount_t		refs;
	spinlock_t		lock;	/* see above */
	unsigned long		flags;
	struct sock		*listener;
	struct rill_timewait	*old;
	struct list_head	node;
	struct hrtimer		timer;
	struct rcu_head		rcu;
	u32			irs;
	u32			iss;
	struct rill_options	opts;
	struct rill_recent	recent;
	u16			wnd;
	u16			mss;
	u32			rcv_wnd;
	u8			rcv_wscale;
	u8			wscale_ok:1,
				sack_ok:1,
				ts_ok:1;
	bool			ecn_ok;
	u8			ts_unit;
	u32			ts_offset;
	u32			delack_us;
	u32			rto_us;
	u8			retries;
	bool			twice;
	int			iif;
	int			dev;
	u32			mark;
	u32			txhash;
	__be32			flow_label;
	u32			secid;
	u64			sent_ns;
	struct rill_answers	answers;
	u64			acked_ns;
	struct rill_saved_syn	*saved_syn;
};

/**
 * struct rill_timewait - a finished connection
 * @entry: in the table
 * @refs: the table holds one
 * @flags: RILL_CLAIMED
 * @rnet: its namespace
 * @bind: keeps the local port
 * @timer: 2MSL, or the end of FIN_WAIT2
 * @lock: all fields that follow
 * @rcu: freed through RCU
 * @family: of the socket, constant
 * @state: TCP_TIME_WAIT or TCP_FIN_WAIT2
 * @snd_nxt: one past our FIN
 * @snd_wnd: the largest window that the peer has advertised, bytes
 * @rcv_nxt: next expected
 * @rcv_wnd: the window advertised last, bytes
 * @rcv_wscale: shift of our window
 * @ts_ok: both sides send timestamps
 * @ts_unit: of our clock
 * @ts_offset: of our clock, ticks
 * @ts_sent: our latest timestamp
 * @recent: last timestamp of the peer; read without the lock, too
 * @msl_us: the socket's own, as in struct rill_settings
 * @expires_ns: when @timer is due
 * @answers: to segments that are not acceptable
 * @dev: interface it is bound to, 0 for any
 * @mark: of its answers
 * @tclass: TOS or traffic class of its answers
 * @min_ttl: rill_min_ttl() of the socket
 * @flow_flags: FLOWI_FLAG_* of its answers, for IP_TRANSPARENT
 * @priority: SO_PRIORITY of its answers
 * @flow_label: of its answers over IPv6
 * @txhash: the socket's sk_txhash
 */
struct rill_timewait {
	struct rill_entry	entry;
	refcount_t		refs;
	unsigned long		flags;
	struct rill_net		*rnet;
	struct rill_bind	bind;
	struct hrtimer		timer;
	spinlock_t		lock;	/* see above */
	struct rcu_head		rcu;
	u8			family;
	u8			state;
	u32			snd_nxt;
	u32			snd_wnd;
	u32			rcv_nxt;
	u32			rcv_wnd;
	u8			rcv_wscale;
	u8			ts_ok:1;
	u8			ts_unit;
	u32			ts_offset;
	u32			ts_sent;
	struct rill_recent	recent;
	u32			msl_us;
	u64			expires_ns;
	struct rill_answers	answers;
	int			dev;
	u32			mark;
	u8			tclass;
	u8			min_ttl;
	u8			flow_flags;
	u32			priority;
	__be32			flow_label;
	u32			txhash;
};

#endif /* _RILL_ENTRY_H */
