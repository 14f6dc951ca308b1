// SPDX-License-Identifier: GPL-2.0
/*
 * The socket as the kernel's socket layer knows it: protocol, operations,
 * memory accounting, registration.
 *
 * rill embeds struct inet_sock and nothing larger. Operations that cast to
 * inet_connection_sock or tcp_sock (inet_listen() is one of them) are never
 * used here; those that work on any inet_sock are taken from the kernel.
 */
#include <linux/bpf-cgroup.h>
#include <linux/module.h>
#include <linux/percpu_counter.h>
#include <linux/swap.h>
#include <net/inet_common.h>
#include <net/protocol.h>
#include <net/tcp.h>
#include <net/transp_v6.h>
#include "../clock/clock.h"
#include "../compat.h"
#include "../connection/connection.h"
#include "../network/network.h"
#include "../transfer/transfer.h"
#include "inside.h"

/* Memory of all sockets of both families, as TCP accounts its own. */
static atomic_long_t rill_memory_allocated ____cacheline_aligned_in_smp;
static DEFINE_PER_CPU(int, rill_memory_per_cpu_fw_alloc);
static struct percpu_counter rill_sockets_allocated;
static unsigned long rill_memory_pressure;
static long rill_memory_limits[3];

/*
 * What the core grants a socket even under memory pressure. One value for all
 * namespaces: struct proto can name an offset in struct net only for TCP's own
 * numbers.
 */
static int rill_wmem_least[] = { 4096 };
static int rill_rmem_least[] = { 4096 };

static void rill_memory_pressure_enter(struct sock *sk)
{
	if (!READ_ONCE(rill_memory_pressure))
		WRITE_ONCE(rill_memory_pressure, 1);
}

static void rill_memory_pressure_leave(struct sock *sk)
{
	if (READ_ONCE(rill_memory_pressure))
		WRITE_ONCE(rill_memory_pressure, 0);
}

/* The shares of low memory that TCP takes: 4.7, 6.2 and 9.4 per cent. */
static void rill_memory_init(void)
{
	long limit = max(nr_free_buffer_pages() / 16, 128UL);

	rill_memory_limits[0] = limit / 4 * 3;
	rill_memory_limits[1] = limit;
	rill_memory_limits[2] = rill_memory_limits[0] * 2;
}

/*
 * Runs after an RCU grace period and without any lock, so that it may wait for
 * the timer's handler; see LOCKING in rill.h.
 */
static void rill_prot_destruct(struct sock *sk)
{
	rill_timer_destroy(sk);
	kfree(rill_sk(sk)->listener);
	if (sk->sk_family == AF_INET6)
		inet6_sock_destruct(sk);
	else
		inet_sock_destruct(sk);
}

/* Called by socket(); a child of a listener inherits all of it instead. */
static int rill_prot_init(struct sock *sk)
{
	struct rill_net *rnet = rill_net(sock_net(sk));

	rill_sk(sk)->rnet = rnet;
	rill_timer_init(sk);
	rill_setting_init(sk);
	rill_conn_begin(sk);
	INIT_LIST_HEAD(&rill_sk(sk)->accept_node);

	sk->sk_destruct = rill_prot_destruct;
	sk->sk_write_space = rill_write_space;
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	sock_set_flag(sk, SOCK_RCU_FREE);
	/* io_uring may send without a copy; accept() inherits the flag. */
	set_bit(SOCK_SUPPORT_ZC, &sk->sk_socket->flags);
	rill_custom_sockopt(sk->sk_socket);
	WRITE_ONCE(sk->sk_sndbuf, max_t(u32, rill_tunable(rnet, wmem[1]),
					SOCK_MIN_SNDBUF));
	WRITE_ONCE(sk->sk_rcvbuf, max_t(u32, rill_tunable(rnet, rmem[1]),
					SOCK_MIN_RCVBUF));
	sk_sockets_allocated_inc(sk);
	return 0;
}

static void rill_prot_destroy(struct sock *sk)
{
	rill_queue_purge(sk);
	rill_ooo_purge(sk);
	rill_saved_syn_forget(sk);
	rill_ipv6_forget(sk);
	sk_sockets_allocated_dec(sk);
}

static void rill_prot_put_port(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);

	rill_port_put(rill_sk_net(sk), &rill_sk(sk)->bind);
	inet->inet_num = 0;
	inet->inet_sport = 0;
}

/*
 * The length is checked before a BPF program may look at the address; connect()
 * itself checks it once more.
 */
static int rill_ipv4_pre_connect(struct sock *sk, struct rill_sockaddr *uaddr,
				 int len)
{
	if (len < (int)sizeof(struct sockaddr_in))
		return -EINVAL;
	sock_owned_by_me(sk);
	return rill_cgroup_connect4(sk, uaddr, len);
}

static int rill_ipv6_pre_connect(struct sock *sk, struct rill_sockaddr *uaddr,
				 int len)
{
	if (len < SIN6_LEN_RFC2133)
		return -EINVAL;
	sock_owned_by_me(sk);
	return rill_cgroup_connect6(sk, uaddr, len);
}

static int rill_ipv4_proto_connect(struct sock *sk, struct rill_sockaddr *uaddr,
				   int len)
{
	return rill_open_ipv4(sk, (struct sockaddr_in *)uaddr, len);
}

static int rill_ipv6_proto_connect(struct sock *sk, struct rill_sockaddr *uaddr,
				   int len)
{
	return rill_open_ipv6(sk, (struct sockaddr_in6 *)uaddr, len);
}

static struct sock *RILL_ACCEPT(rill_proto_accept)
{
	return rill_listen_accept(sk, RILL_ACCEPT_FLAGS, RILL_ACCEPT_ERR,
				  RILL_ACCEPT_EMPTY);
}

static int RILL_IOCTL(rill_proto_ioctl)
{
	int answer, err;

	err = rill_queue_size(sk, cmd, &answer);
	return err ?: rill_ioctl_answer(answer, arg);
}

static int RILL_RECVMSG(rill_proto_recvmsg)
{
	if (unlikely(flags & MSG_ERRQUEUE))
		return RILL_RECV_ERROR;
	return rill_recvmsg(sk, msg, len, flags);
}

/* The part that both families share. */
#define RILL_PROTO_COMMON						\
	.owner			= THIS_MODULE,				\
	.close			= rill_close,				\
	.disconnect		= rill_disconnect,			\
	.accept			= rill_proto_accept,			\
	.ioctl			= rill_proto_ioctl,			\
	.init			= rill_prot_init,			\
	.destroy		= rill_prot_destroy,			\
	.shutdown		= rill_shutdown,			\
	.diag_destroy		= rill_abort,				\
	.setsockopt		= rill_setsockopt,			\
	.getsockopt		= rill_getsockopt,			\
	.keepalive		= rill_keepalive,			\
	.sendmsg		= rill_sendmsg,				\
	.recvmsg		= rill_proto_recvmsg,			\
	.backlog_rcv		= rill_sock_backlog,			\
	.release_cb		= rill_release_cb,			\
	.unhash			= rill_sock_unhash,			\
	.rehash			= rill_sock_rehash,			\
	.get_port		= rill_port_get,			\
	.put_port		= rill_prot_put_port,			\
	.stream_memory_free	= rill_memory_free,			\
	.enter_memory_pressure	= rill_memory_pressure_enter,		\
	.leave_memory_pressure	= rill_memory_pressure_leave,		\
	.memory_pressure	= &rill_memory_pressure,		\
	.memory_allocated	= &rill_memory_allocated,		\
	.per_cpu_fw_alloc	= &rill_memory_per_cpu_fw_alloc,	\
	.sockets_allocated	= &rill_sockets_allocated,		\
	.sysctl_mem		= rill_memory_limits,			\
	.sysctl_wmem		= rill_wmem_least,			\
	.sysctl_rmem		= rill_rmem_least,			\
	.max_header		= MAX_TCP_HEADER,			\
	.no_autobind		= true

struct proto rill_prot = {
	.name			= "RILL",
	.pre_connect		= rill_ipv4_pre_connect,
	.connect		= rill_ipv4_proto_connect,
	.obj_size		= sizeof(struct rill_sock),
	RILL_PROTO_COMMON,
};

struct proto rill6_prot = {
	.name			= "RILLv6",
	.pre_connect		= rill_ipv6_pre_connect,
	.connect		= rill_ipv6_proto_connect,
	.obj_size		= sizeof(struct rill6_sock),
	RILL_IPV6_PINFO
	RILL_PROTO_COMMON,
};

/*
 * listen(): inet_listen() without its TCP Fast Open. On a socket that listens
 * already only the backlog changes.
 */
static int rill_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	int err = -EINVAL;

	lock_sock(sk);
	if (sock->state != SS_UNCONNECTED || sock->type != SOCK_STREAM)
		goto out;
	if (sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN)
		goto out;

	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	err = 0;
	if (sk->sk_state != TCP_LISTEN)
		err = rill_listen_start(sk);
out:
	release_sock(sk);
	return err;
}

#ifdef CONFIG_COMPAT
/*
 * Ioctls of 32-bit programs for IPv4 routes. The kernel exports its function
 * for IPv6 only; for IPv4 it is reached by the operations of TCP's sockets.
 */
static int rill_compat_ioctl(struct socket *sock, unsigned int cmd,
			     unsigned long arg)
{
	return inet_stream_ops.compat_ioctl(sock, cmd, arg);
}
#endif

/* setsockopt() of all levels; of SOL_SOCKET on kernels that ask us. */
static int rill_ops_setsockopt(struct socket *sock, int level, int optname,
			       sockptr_t optval, unsigned int optlen)
{
	struct user_namespace *user_ns = sock_net(sock->sk)->user_ns;

	if (level != SOL_SOCKET)
		return sock_common_setsockopt(sock, level, optname, optval,
					      optlen);
	/* See rill_filter_vet(). */
	if (optname == SO_ATTACH_FILTER && optlen >= sizeof(int) &&
	    !sockopt_ns_capable(user_ns, CAP_NET_ADMIN))
		return -EPERM;
	return sock_setsockopt(sock, level, optname, optval, optlen);
}

#define RILL_OPS_COMMON							\
	.owner			= THIS_MODULE,				\
	.connect		= inet_stream_connect,			\
	.socketpair		= sock_no_socketpair,			\
	.accept			= rill_ops_accept,			\
	.poll			= rill_poll,				\
	.gettstamp		= sock_gettstamp,			\
	.listen			= rill_listen,				\
	.shutdown		= inet_shutdown,			\
	.setsockopt		= rill_ops_setsockopt,			\
	.getsockopt		= sock_common_getsockopt,		\
	.sendmsg		= inet_sendmsg,				\
	.recvmsg		= inet_recvmsg,				\
	.mmap			= sock_no_mmap,				\
	.splice_read		= rill_splice_read,			\
	.splice_eof		= rill_splice_eof,			\
	.set_peek_off		= sk_set_peek_off,			\
	.set_rcvlowat		= rill_rcvlowat_set

static const struct proto_ops rill_stream_ops = {
	.family			= PF_INET,
	.release		= inet_release,
	.bind			= inet_bind,
	.getname		= inet_getname,
	.ioctl			= inet_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl		= rill_compat_ioctl,
#endif
#ifdef RILL_SENDPAGE
	RILL_SENDPAGE(rill_sendpage),
#endif
	RILL_OPS_COMMON,
};

static const struct proto_ops rill6_stream_ops = {
	.family			= PF_INET6,
	.release		= inet6_release,
	.bind			= inet6_bind,
	.getname		= inet6_getname,
	.ioctl			= inet6_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl		= inet6_compat_ioctl,
#endif
#ifdef RILL_SENDPAGE
	RILL_SENDPAGE(rill_sendpage),
#endif
	RILL_OPS_COMMON,
};

static struct inet_protosw rill_protosw = {
	.type		= SOCK_STREAM,
	.prot		= &rill_prot,
	.ops		= &rill_stream_ops,
};

static struct inet_protosw rill6_protosw = {
	.type		= SOCK_STREAM,
	.prot		= &rill6_prot,
	.ops		= &rill6_stream_ops,
};

/**
 * rill_socket_register - let programs open sockets
 *
 * The last step of loading: from here on socket() may come at any time.
 *
 * Context: process, may sleep.
 * Return: 0 or -errno, with nothing left registered.
 */
int rill_socket_register(void)
{
	int err;

	rill_memory_init();
	err = percpu_counter_init(&rill_sockets_allocated, 0, GFP_KERNEL);
	if (err)
		return err;
	err = proto_register(&rill_prot, 1);
	if (err)
		goto free_counter;
	err = proto_register(&rill6_prot, 1);
	if (err)
		goto unregister_prot;

	rill_protosw.protocol = rill_protocol;
	rill6_protosw.protocol = rill_protocol;
	if (ipv6_mod_enabled()) {
		err = inet6_register_protosw(&rill6_protosw);
		if (err)
			goto unregister_prot6;
	}
	inet_register_protosw(&rill_protosw);
	return 0;

unregister_prot6:
	proto_unregister(&rill6_prot);
unregister_prot:
	proto_unregister(&rill_prot);
free_counter:
	percpu_counter_destroy(&rill_sockets_allocated);
	return err;
}

/**
 * rill_socket_unregister - undo rill_socket_register()
 *
 * Context: process, may sleep. No socket is left: each holds the module.
 */
void rill_socket_unregister(void)
{
	inet_unregister_protosw(&rill_protosw);
	if (ipv6_mod_enabled())
		inet6_unregister_protosw(&rill6_protosw);
	proto_unregister(&rill6_prot);
	proto_unregister(&rill_prot);
	percpu_counter_destroy(&rill_sockets_allocated);
}
