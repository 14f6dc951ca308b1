/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one place that knows kernel versions. Differences are found by probes
 * of the headers (Kbuild), named after the API that they look for: RILL_HAVE_*
 * is defined when this kernel has it, whatever number it calls itself by.
 */
#ifndef _RILL_COMPAT_H
#define _RILL_COMPAT_H

#include <linux/bpf-cgroup.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/hrtimer.h>
#include <linux/ipv6.h>
#include <linux/net.h>
#include <linux/security.h>
#include <linux/tcp.h>
#include <net/inet_common.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include <net/sock.h>

#ifdef RILL_HAVE_LINUX_UNALIGNED
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#ifdef RILL_HAVE_HEX_H
#include <linux/hex.h>
#endif

#ifdef RILL_HAVE_TSTAMP_ACK_SK
#include <net/tcp.h>
#endif

#ifdef RILL_HAVE_PROTO_MEMORY_H
#include <net/proto_memory.h>
#endif

#include "rill.h"

/*
 * A classic filter sees the headers: sequence numbers that strangers must not
 * guess, and a sandbox need not know. TCP's takes CAP_NET_ADMIN. Kernels that do
 * not ask us beforehand attach it under the socket lock, so whoever lets go of
 * the lock, and calls us by that, has attached it. Until we have looked it is not
 * run; rill_user.filter is the one that we have looked at.
 */
#ifdef RILL_HAVE_CUSTOM_SOCKOPT
static inline void rill_filter_vet(struct sock *sk)
{
}

static inline int rill_filter_run(struct sock *sk, struct sk_buff *skb,
				  unsigned int cap)
{
	return sk_filter_trim_cap(sk, skb, cap);
}
#else
static inline bool rill_filter_sees(const struct sock *sk,
				    const struct sk_filter *filter)
{
	return filter == READ_ONCE(rill_sk(sk)->user.filter) ||
	       !bpf_prog_was_classic(filter->prog);
}

static inline void rill_filter_vet(struct sock *sk)
{
	struct user_namespace *user_ns = sock_net(sk)->user_ns;
	struct sk_filter *filter;

	filter = rcu_dereference_protected(sk->sk_filter,
					   lockdep_sock_is_held(sk));
	if (likely(filter == rill_sk(sk)->user.filter))
		return;
	if (filter && !rill_filter_sees(sk, filter) &&
	    !ns_capable(user_ns, CAP_NET_ADMIN)) {
		sk_detach_filter(sk);
		filter = NULL;
	}
	WRITE_ONCE(rill_sk(sk)->user.filter, filter);
}

/* sk_filter_trim_cap(), but for what has not been looked at. */
static inline int rill_filter_run(struct sock *sk, struct sk_buff *skb,
				  unsigned int cap)
{
	struct sock *owner = skb->sk;
	struct sk_filter *filter;
	unsigned int keep;
	int err;

	if (skb_pfmemalloc(skb) && !sock_flag(sk, SOCK_MEMALLOC))
		return -ENOMEM;
	err = BPF_CGROUP_RUN_PROG_INET_INGRESS(sk, skb);
	if (!err)
		err = security_sock_rcv_skb(sk, skb);
	if (err)
		return err;

	rcu_read_lock();
	filter = rcu_dereference(sk->sk_filter);
	if (filter && rill_filter_sees(sk, filter)) {
		skb->sk = sk;
		keep = bpf_prog_run_save_cb(filter->prog, skb);
		skb->sk = owner;
		err = keep ? pskb_trim(skb, max(cap, keep)) : -EPERM;
	} else if (filter && READ_ONCE(rill_sk(sk)->user.filter)) {
		/* Another has had its place: what that hid stays hidden. */
		err = -EPERM;
	}
	rcu_read_unlock();
	return err;
}
#endif

/* Which pays for a socket; later kernels have no place for it without cgroups. */
static inline struct mem_cgroup *rill_memory_cgroup(const struct sock *sk)
{
#ifdef CONFIG_MEMCG
	return sk->sk_memcg;
#else
	return NULL;
#endif
}

/*
 * Is what a socket holds in the account of the protocol's memory? On later
 * kernels net.core.bypass_prot_mem, or BPF, leaves it to the memory cgroup.
 */
static inline bool rill_memory_counted(const struct sock *sk)
{
#ifdef RILL_HAVE_BYPASS_PROT_MEM
	return !sk->sk_bypass_prot_mem;
#else
	return true;
#endif
}

/* A generator for KUNIT_CASE_PARAM(), of @prev; @desc is for the name. */
#ifdef RILL_HAVE_KUNIT_PARAMS_TEST
#define RILL_KUNIT_PARAMS(name)	const void *(name)(struct kunit *test, \
						   const void *prev, char *desc)
#else
#define RILL_KUNIT_PARAMS(name)	const void *(name)(const void *prev, char *desc)
#endif

/* What callbacks of struct kobj_type take. */
#ifdef RILL_HAVE_KOBJ_CONST
#define RILL_KOBJ_CONST const
#else
#define RILL_KOBJ_CONST
#endif

/* What kobj_type.namespace returns. */
#ifdef RILL_HAVE_KOBJ_NS_COMMON
#define RILL_KOBJ_NS	struct ns_common

static inline const RILL_KOBJ_NS *rill_kobj_ns(const struct net *net)
{
	return &net->ns;
}
#else
#define RILL_KOBJ_NS	void

static inline const RILL_KOBJ_NS *rill_kobj_ns(const struct net *net)
{
	return net;
}
#endif

/*
 * A lock that changes hands between functions is told to sparse; but some
 * PREEMPT_RT kernels do not tell it of spin locks at all.
 */
#if defined(CONFIG_PREEMPT_RT) && !defined(RILL_HAVE_RT_LOCK_CONTEXT)
#define RILL_SPARSE_ACQUIRE(lock)	((void)(lock))
#define RILL_SPARSE_RELEASE(lock)	((void)(lock))
#define RILL_SPARSE_RELEASES(...)
#else
#define RILL_SPARSE_ACQUIRE(lock)	__acquire(lock)
#define RILL_SPARSE_RELEASE(lock)	__release(lock)
#define RILL_SPARSE_RELEASES(lock)	__releases(lock)
#endif

/* An hrtimer on CLOCK_MONOTONIC that fires in softirq at an absolute time. */
static inline void rill_hrtimer_init(struct hrtimer *timer,
				     enum hrtimer_restart (*fn)(struct hrtimer *))
{
#ifdef RILL_HAVE_HRTIMER_SETUP
	hrtimer_setup(timer, fn, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	timer->function = fn;
#endif
}

/* Did the program ask to send flow labels (IPV6_FLOWINFO_SEND)? */
static inline bool rill_ipv6_sends_flow(const struct sock *sk)
{
#ifdef RILL_HAVE_INET6_TEST_BIT
	return inet6_test_bit(SNDFLOW, sk);
#else
	return inet6_sk(sk)->sndflow;
#endif
}

/* Does the program want flow labels of the peer's to be sent back? */
static inline bool rill_ipv6_reflects_flow(const struct sock *sk)
{
#ifdef RILL_HAVE_INET6_TEST_BIT
	return inet6_test_bit(REPFLOW, sk);
#else
	return inet6_sk(sk)->repflow;
#endif
}

/* What of a TOS chooses the route: on earlier kernels not the precedence. */
static inline u8 rill_route_tos(u8 tos)
{
#ifdef RILL_HAVE_ROUTE_DSCP
	return tos & INET_DSCP_MASK;
#else
	return RT_TOS(tos);
#endif
}

/*
 * What a socket's TOS, and SO_DONTROUTE, say of a route by
 * ip_route_output_ports(), which on earlier kernels does not ask the socket for
 * the scope.
 */
static inline u8 rill_route_ports_tos(const struct sock *sk)
{
#ifdef RILL_HAVE_ROUTE_PORTS_SCOPE
	return ip_sock_rt_tos(sk);
#else
	return RT_CONN_FLAGS(sk);
#endif
}

/*
 * Of equal paths of IPv6 (ECMP) later kernels take the one that the hash of the
 * connection says, which its flow label is made of as well: each lookup of a
 * route is told of it, and another hash means another lookup.
 */
static inline void rill_ipv6_ecmp(const struct net *net, struct flowi6 *fl6,
				  u32 txhash)
{
#ifdef RILL_HAVE_IP6_ECMP_SET_MP_HASH
	ip6_ecmp_set_mp_hash(net, fl6, txhash);
#endif
}

static inline bool rill_txhash_rethink(struct sock *sk)
{
#ifdef RILL_HAVE_IP6_ECMP_SET_MP_HASH
	return __sk_rethink_txhash_reset_dst(sk);
#else
	return sk_rethink_txhash(sk);
#endif
}

#ifndef FLOWI_FLAG_ANY_SPORT
#define FLOWI_FLAG_ANY_SPORT	0	/* later kernels: the port is to come */
#endif

/* A copy of a socket does not have its flow labels. */
static inline void rill_ipv6_fl_list_clear(struct sock *sk)
{
#ifdef RILL_HAVE_INET_FL_LIST
	RCU_INIT_POINTER(inet_sk(sk)->ipv6_fl_list, NULL);
#else
	RCU_INIT_POINTER(inet6_sk(sk)->ipv6_fl_list, NULL);
#endif
}

/*
 * Did the program ask for the ICMP errors of a family as they come (IP_RECVERR,
 * IPV6_RECVERR)? An IPv6 socket that speaks to a mapped address has both.
 */
static inline bool rill_recverr(const struct sock *sk, u8 family)
{
#ifdef RILL_HAVE_INET6_TEST_BIT
	return family == AF_INET6 ? inet6_test_bit(RECVERR6, sk) :
				    inet_test_bit(RECVERR, sk);
#else
	return family == AF_INET6 ? inet6_sk(sk)->recverr :
				    inet_sk(sk)->recverr;
#endif
}

/* ... and for what they say beyond RFC 792 (IP_RECVERR_RFC4884)? */
static inline bool rill_recverr_rfc4884(const struct sock *sk, u8 family)
{
#ifdef RILL_HAVE_INET6_TEST_BIT
	return family == AF_INET6 ? inet6_test_bit(RECVERR6_RFC4884, sk) :
				    inet_test_bit(RECVERR_RFC4884, sk);
#else
	return family == AF_INET6 ? inet6_sk(sk)->recverr_rfc4884 :
				    inet_sk(sk)->recverr_rfc4884;
#endif
}

static inline void rill_ip6_dst_store(struct sock *sk, struct dst_entry *dst)
{
#ifdef RILL_HAVE_IP6_DST_STORE_BOOL
	ip6_dst_store(sk, dst, NULL, false);
#else
	ip6_dst_store(sk, dst, NULL, NULL);
#endif
}

/*
 * Let a socket give its reference to the namespace back, as if the kernel had
 * created it; the namespace's end then does not wait for the socket.
 */
static inline void rill_sock_release_net(struct sock *sk)
{
	struct net *net = sock_net(sk);

	if (!sk->sk_net_refcnt)
		return;
	sk->sk_net_refcnt = 0;
	sock_inuse_add(net, -1);
#ifdef RILL_HAVE_NET_PASSIVE_INC
	__netns_tracker_free(net, &sk->ns_tracker, true);
	net_passive_inc(net);
	__netns_tracker_alloc(net, &sk->ns_tracker, false, GFP_ATOMIC);
	put_net(net);
#else
	put_net_track(net, &sk->ns_tracker);
#endif
}

/* What proto.accept takes after the socket, and what of it is meant. */
#ifdef RILL_HAVE_PROTO_ACCEPT_ARG
#define RILL_ACCEPT(name)	name(struct sock *sk, struct proto_accept_arg *arg)
#define RILL_ACCEPT_FLAGS	(arg->flags)
#define RILL_ACCEPT_ERR		(&arg->err)
#define RILL_ACCEPT_EMPTY	(&arg->is_empty)
#else
#define RILL_ACCEPT(name)	name(struct sock *sk, int flags, int *err, \
				     bool kern)
#define RILL_ACCEPT_FLAGS	(flags)
#define RILL_ACCEPT_ERR		(err)
#define RILL_ACCEPT_EMPTY	(NULL)
#endif

/*
 * Options of level SOL_SOCKET come to proto_ops.setsockopt if a socket asks for
 * it, which accept() does not hand on. Earlier kernels know no such sockets.
 */
static inline void rill_custom_sockopt(struct socket *sock)
{
#ifdef RILL_HAVE_CUSTOM_SOCKOPT
	set_bit(SOCK_CUSTOM_SOCKOPT, &sock->flags);
#endif
}

#ifdef RILL_HAVE_PROTO_ACCEPT_ARG
static inline int rill_ops_accept(struct socket *sock, struct socket *newsock,
				  struct proto_accept_arg *arg)
{
	int err = inet_accept(sock, newsock, arg);

	if (!err)
		rill_custom_sockopt(newsock);
	return err;
}
#else
static inline int rill_ops_accept(struct socket *sock, struct socket *newsock,
				  int flags, bool kern)
{
	int err = inet_accept(sock, newsock, flags, kern);

	if (!err)
		rill_custom_sockopt(newsock);
	return err;
}
#endif

/*
 * What proto.recvmsg takes, and what reads the error queue, which alone has
 * addresses: on later kernels their length goes into the message.
 */
#ifdef RILL_HAVE_RECVMSG_ADDR_LEN
#define RILL_RECVMSG(name)	name(struct sock *sk, struct msghdr *msg, \
				     size_t len, int flags, int *addr_len)
#define RILL_RECV_ERROR		inet_recv_error(sk, msg, len, addr_len)
#else
#define RILL_RECVMSG(name)	name(struct sock *sk, struct msghdr *msg, \
				     size_t len, int flags)
#define RILL_RECV_ERROR		inet_recv_error(sk, msg, len)
#endif

/* What proto.ioctl takes, and where its answer goes. */
#ifdef RILL_HAVE_PROTO_IOCTL_KARG
#define RILL_IOCTL(name)	name(struct sock *sk, int cmd, int *arg)

static inline int rill_ioctl_answer(int answer, int *arg)
{
	*arg = answer;
	return 0;
}
#else
#define RILL_IOCTL(name)	name(struct sock *sk, int cmd, unsigned long arg)

static inline int rill_ioctl_answer(int answer, unsigned long arg)
{
	return put_user(answer, (int __user *)arg);
}
#endif

/* Initialisers of struct proto and struct proto_ops that not all have. */
#ifdef RILL_HAVE_IPV6_PINFO_OFFSET
#define RILL_IPV6_PINFO							\
	.ipv6_pinfo_offset	= offsetof(struct rill6_sock, inet6),
#else
#define RILL_IPV6_PINFO
#endif
/*
 * Pages of a splice come by sendpage(), or by sendmsg() with a flag: there
 * RILL_SENDPAGE is not defined.
 */
#ifdef RILL_HAVE_SENDPAGE
#define RILL_SENDPAGE(fn)	.sendpage = (fn)

#define RILL_MSG_SPLICE		0x8000000 /* no flag of these kernels */

static inline bool rill_msg_splices(const struct msghdr *msg)
{
	/* A program may set the bit, but its iovec is not of this kind. */
	return (msg->msg_flags & RILL_MSG_SPLICE) &&
	       iov_iter_is_bvec(&msg->msg_iter);
}

static inline ssize_t rill_splice_from_iter(struct sock *sk,
					    struct sk_buff *skb,
					    struct iov_iter *iter, ssize_t most)
{
	const struct bio_vec *bv = iter->bvec;
	int offset = bv->bv_offset + iter->iov_offset;
	int n = min_t(ssize_t, most, bv->bv_len - iter->iov_offset);
	int i = skb_shinfo(skb)->nr_frags;

	if (skb_can_coalesce(skb, i, bv->bv_page, offset)) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], n);
	} else {
		if (i >= MAX_SKB_FRAGS)
			return -EMSGSIZE;
		get_page(bv->bv_page);
		/* Whether the page is of the reserve is not our affair. */
		skb_fill_page_desc_noacc(skb, i, bv->bv_page, offset, n);
	}
	skb->len += n;
	skb->data_len += n;
	skb->truesize += n;
	iov_iter_advance(iter, n);
	return n;
}
#else
static inline bool rill_msg_splices(const struct msghdr *msg)
{
	return msg->msg_flags & MSG_SPLICE_PAGES;
}

static inline ssize_t rill_splice_from_iter(struct sock *sk,
					    struct sk_buff *skb,
					    struct iov_iter *iter, ssize_t most)
{
#ifdef RILL_HAVE_SPLICE_GFP
	return skb_splice_from_iter(skb, iter, most, sk->sk_allocation);
#else
	return skb_splice_from_iter(skb, iter, most);
#endif
}
#endif

/*
 * The notification of a write of @size bytes whose pages are lent, joined with
 * @last if it can be. Later kernels ask whether the pages are a device's: they
 * count against no limit of locked memory. A program's are never that here.
 */
static inline struct ubuf_info *rill_zerocopy_begin(struct sock *sk,
						    size_t size,
						    struct ubuf_info *last)
{
#ifdef RILL_HAVE_ZEROCOPY_DEVMEM
	return msg_zerocopy_realloc(sk, size, last, false);
#else
	return msg_zerocopy_realloc(sk, size, last);
#endif
}

/*
 * SO_TIMESTAMPING: the bytes of @skb that the program asked about are
 * acknowledged. Later kernels look for the request where TCP has it, in its part
 * of skb->cb, in which we have other things.
 */
static inline void rill_tstamp_ack(struct sock *sk, struct sk_buff *skb)
{
#ifdef RILL_HAVE_TSTAMP_ACK_SK
	struct tcp_skb_cb kept = *TCP_SKB_CB(skb);

	TCP_SKB_CB(skb)->txstamp_ack = TSTAMP_ACK_SK;
	__skb_tstamp_tx(skb, NULL, NULL, sk, SCM_TSTAMP_ACK);
	*TCP_SKB_CB(skb) = kept;
#else
	__skb_tstamp_tx(skb, NULL, NULL, sk, SCM_TSTAMP_ACK);
#endif
}

/* Lend the next @len bytes of @msg; skb_zerocopy_iter_stream() as TCP has it. */
static inline int rill_zerocopy_from_iter(struct sock *sk, struct sk_buff *skb,
					  struct msghdr *msg, int len,
					  struct ubuf_info *uarg)
{
#ifdef RILL_HAVE_ZEROCOPY_DEVMEM
	return skb_zerocopy_iter_stream(sk, skb, msg, len, uarg, NULL);
#else
	return skb_zerocopy_iter_stream(sk, skb, msg, len, uarg);
#endif
}

/*
 * Does the kernel's TCP have its answers belong to the socket that they are
 * sent for, so that filters, and over IPv4 the cgroup's BPF programs, see them
 * as its packets?
 */
static inline bool rill_answer_is_owned(void)
{
#ifdef RILL_HAVE_UNICAST_REPLY_SK
	return true;
#else
	return false;
#endif
}

/*
 * Read the control messages of a write. What datagrams and devices alone have is
 * refused, as by TCP: a number for a timestamp (bytes have one), and memory of a
 * device. Earlier kernels know of neither, and TCP has one error for all there.
 */
static inline int rill_cmsg_read(struct sock *sk, struct msghdr *msg,
				 struct sockcm_cookie *sockc)
{
	int err = msg->msg_controllen ? sock_cmsg_send(sk, msg, sockc) : 0;

#ifdef RILL_HAVE_CMSG_DMABUF
	if (!err && (sockc->dmabuf_id || sockc->tsflags & SOCKCM_FLAG_TS_OPT_ID))
		err = -EINVAL;
	return err;
#else
	return err ? -EINVAL : 0;
#endif
}

/*
 * How bind() and connect() are given an address: as a type that promises no
 * length, or as one that promises 14 bytes of it and does not keep the promise.
 */
#ifdef RILL_HAVE_SOCKADDR_UNSIZED
#define rill_sockaddr	sockaddr_unsized
#else
#define rill_sockaddr	sockaddr
#endif

/* The BPF programs of the cgroup that may refuse or redirect connect(). */
static inline int rill_cgroup_connect4(struct sock *sk,
				       struct rill_sockaddr *addr, int len)
{
#ifdef RILL_HAVE_CGROUP_CONNECT_LEN
	return BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, addr, &len);
#else
	return BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, addr);
#endif
}

static inline int rill_cgroup_connect6(struct sock *sk,
				       struct rill_sockaddr *addr, int len)
{
#ifdef RILL_HAVE_CGROUP_CONNECT_LEN
	return BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, addr, &len);
#else
	return BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, addr);
#endif
}

#ifndef TCPI_OPT_USEC_TS
#define TCPI_OPT_USEC_TS	64	/* later kernels' bit of tcpi_options */
#endif

static inline void rill_info_rcv_wnd(struct tcp_info *info, u32 rcv_wnd)
{
#ifdef RILL_HAVE_TCPI_RCV_WND
	info->tcpi_rcv_wnd = rcv_wnd;
#endif
}

static inline void rill_info_rehash(struct tcp_info *info, u32 rehashes)
{
#ifdef RILL_HAVE_TCPI_REHASH
	info->tcpi_rehash = rehashes;
#endif
}

static inline void rill_info_rto(const struct rill_sock *rs, u64 now,
				 struct tcp_info *info)
{
#ifdef RILL_HAVE_TCPI_TOTAL_RTO
	u64 ns = rs->tally.rto_ns;

	if (rs->tally.rto_since_ns)
		ns += rill_elapsed_ns(now, rs->tally.rto_since_ns);
	info->tcpi_total_rto = rs->tally.rto_timeouts;
	info->tcpi_total_rto_recoveries = rs->tally.rto_recoveries;
	info->tcpi_total_rto_time = div_u64(ns, NSEC_PER_MSEC);
#endif
}

#endif /* _RILL_COMPAT_H */
