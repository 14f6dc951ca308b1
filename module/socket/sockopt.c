// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options: level SOL_TCP by the names, ranges and errors of TCP, so
 * that unmodified programs find what they know. SOL_IP and SOL_IPV6 are the
 * kernel's own, and SOL_RILL has a file for itself, setting.c.
 */
#include <linux/export.h>
#include <linux/in6.h>
#include <linux/inet_diag.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/tcp.h>
#include "../clock/clock.h"
#include "../compat.h"
#include "../connection/connection.h"
#include "../transfer/transfer.h"
#include "inside.h"

#define RILL_KEEPALIVE_MAX_S	32767	/* seconds, as TCP's */
#define RILL_KEEPALIVE_PROBES	127
#define RILL_SYN_RETRIES_MAX	127
#define RILL_LINGER2_MAX_S	120	/* seconds */

/**
 * struct rill_sockopt - a socket option that is an int
 * @name: TCP_*
 * @least: smallest value taken
 * @most: largest; anything outside is -EINVAL
 * @set: socket lock held; 0 or -errno
 * @get: socket lock held
 */
struct rill_sockopt {
	int	name;
	int	least;
	int	most;
	int	(*set)(struct sock *sk, int val);
	int	(*get)(const struct sock *sk);
};

static bool rill_sockopt_connected(const struct sock *sk)
{
	return !((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN));
}

static int rill_nodelay_set(struct sock *sk, int val)
{
	struct rill_sock *rs = rill_sk(sk);

	if (!val) {
		rs->user.nonagle &= ~TCP_NAGLE_OFF;
		return 0;
	}
	rs->user.nonagle |= TCP_NAGLE_OFF;
	/* It pushes the queue of a corked socket too, as in TCP. */
	if (!skb_queue_empty(&sk->sk_write_queue))
		rill_push(sk, TCP_NAGLE_OFF);
	return 0;
}

static int rill_nodelay_get(const struct sock *sk)
{
	return !!(rill_sk(sk)->user.nonagle & TCP_NAGLE_OFF);
}

static int rill_cork_set(struct sock *sk, int val)
{
	struct rill_sock *rs = rill_sk(sk);

	if (val) {
		rs->user.nonagle |= TCP_NAGLE_CORK;
		return 0;
	}
	rs->user.nonagle &= ~TCP_NAGLE_CORK;
	if (!skb_queue_empty(&sk->sk_write_queue))
		rill_push(sk, rs->user.nonagle);
	return 0;
}

static int rill_cork_get(const struct sock *sk)
{
	return !!(rill_sk(sk)->user.nonagle & TCP_NAGLE_CORK);
}

static int rill_maxseg_set(struct sock *sk, int val)
{
	if (val && val < RILL_MSS_MIN)
		return -EINVAL;
	rill_sk(sk)->user.mss = val;
	return 0;
}

static int rill_maxseg_get(const struct sock *sk)
{
	const struct rill_sock *rs = rill_sk(sk);

	if (rs->user.mss && !rill_sockopt_connected(sk))
		return rs->user.mss;
	return rs->path.mss;
}

/*
 * The options in seconds are the same values as those of level SOL_RILL in
 * microseconds: less than a second reads as 1, since 0 could not be set again.
 */
static int rill_keepidle_set(struct sock *sk, int val)
{
	return rill_setting_set(sk, RILL_KEEPIDLE_US, (s64)val * USEC_PER_SEC);
}

static int rill_keepidle_get(const struct sock *sk)
{
	return DIV_ROUND_UP_ULL(rill_setting(sk, keepalive_time_us),
				USEC_PER_SEC);
}

static int rill_keepintvl_set(struct sock *sk, int val)
{
	return rill_setting_set(sk, RILL_KEEPINTVL_US, (s64)val * USEC_PER_SEC);
}

static int rill_keepintvl_get(const struct sock *sk)
{
	return DIV_ROUND_UP_ULL(rill_setting(sk, keepalive_intvl_us),
				USEC_PER_SEC);
}

static int rill_keepcnt_set(struct sock *sk, int val)
{
	return rill_setting_set(sk, RILL_KEEPCNT, val);
}

static int rill_keepcnt_get(const struct sock *sk)
{
	return rill_setting(sk, keepalive_probes);
}

static int rill_syncnt_set(struct sock *sk, int val)
{
	return rill_setting_set(sk, RILL_SYN_RETRIES, val);
}

static int rill_syncnt_get(const struct sock *sk)
{
	return rill_setting(sk, syn_retries);
}

static int rill_linger2_set(struct sock *sk, int val)
{
	s64 us = (s64)min(val, RILL_LINGER2_MAX_S) * USEC_PER_SEC;

	if (val < 0)
		us = RILL_LINGER2_NONE;
	return rill_setting_set(sk, RILL_LINGER2_US, val ? us : RILL_DEFAULT);
}

static int rill_linger2_get(const struct sock *sk)
{
	u64 us = rill_setting(sk, fin_timeout_us);

	if (us == (u64)RILL_LINGER2_NONE)
		return -1;
	return DIV_ROUND_UP_ULL(us, USEC_PER_SEC);
}

static int rill_defer_accept_set(struct sock *sk, int val)
{
	rill_sk(sk)->user.defer_accept = clamp(val, 0, U8_MAX);
	return 0;
}

static int rill_defer_accept_get(const struct sock *sk)
{
	return rill_sk(sk)->user.defer_accept;
}

static int rill_window_clamp_set(struct sock *sk, int val)
{
	u32 least = SOCK_MIN_RCVBUF / 2;

	if (!val && sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	rill_conn_clamp(rill_sk(sk), val ? max_t(u32, val, least) : 0);
	return 0;
}

static int rill_window_clamp_get(const struct sock *sk)
{
	return min_t(u32, rill_sk(sk)->user.window_clamp, INT_MAX);
}

static int rill_quickack_set(struct sock *sk, int val)
{
	rill_delack_set(sk, val);
	return 0;
}

static int rill_quickack_get(const struct sock *sk)
{
	return !rill_sk(sk)->ack.interactive;
}

static int rill_user_timeout_set(struct sock *sk, int val)
{
	return rill_setting_set(sk, RILL_USER_TIMEOUT_US,
				(s64)val * USEC_PER_MSEC);
}

static int rill_user_timeout_get(const struct sock *sk)
{
	return DIV_ROUND_UP_ULL(rill_sk(sk)->user.timeout_us, USEC_PER_MSEC);
}

static int rill_notsent_lowat_set(struct sock *sk, int val)
{
	WRITE_ONCE(rill_sk(sk)->user.notsent_lowat, val);
	sk->sk_write_space(sk);
	return 0;
}

static int rill_notsent_lowat_get(const struct sock *sk)
{
	return rill_sk(sk)->user.notsent_lowat;
}

static int rill_inq_set(struct sock *sk, int val)
{
	WRITE_ONCE(rill_sk(sk)->user.recv_inq, val);
	return 0;
}

static int rill_inq_get(const struct sock *sk)
{
	return rill_sk(sk)->user.recv_inq;
}

static int rill_save_syn_set(struct sock *sk, int val)
{
	WRITE_ONCE(rill_sk(sk)->user.save_syn, val);
	return 0;
}

static int rill_save_syn_get(const struct sock *sk)
{
	return rill_sk(sk)->user.save_syn;
}

#define RILL_SOCKOPT(opt, least, most, fn)				\
	{ opt, least, most, rill_##fn##_set, rill_##fn##_get }

static const struct rill_sockopt rill_sockopts[] = {
	RILL_SOCKOPT(TCP_NODELAY, INT_MIN, INT_MAX, nodelay),
	RILL_SOCKOPT(TCP_CORK, INT_MIN, INT_MAX, cork),
	RILL_SOCKOPT(TCP_MAXSEG, 0, MAX_TCP_WINDOW, maxseg),
	RILL_SOCKOPT(TCP_KEEPIDLE, 1, RILL_KEEPALIVE_MAX_S, keepidle),
	RILL_SOCKOPT(TCP_KEEPINTVL, 1, RILL_KEEPALIVE_MAX_S, keepintvl),
	RILL_SOCKOPT(TCP_KEEPCNT, 1, RILL_KEEPALIVE_PROBES, keepcnt),
	RILL_SOCKOPT(TCP_SYNCNT, 1, RILL_SYN_RETRIES_MAX, syncnt),
	RILL_SOCKOPT(TCP_LINGER2, INT_MIN, INT_MAX, linger2),
	RILL_SOCKOPT(TCP_DEFER_ACCEPT, INT_MIN, INT_MAX, defer_accept),
	RILL_SOCKOPT(TCP_WINDOW_CLAMP, INT_MIN, INT_MAX, window_clamp),
	RILL_SOCKOPT(TCP_QUICKACK, INT_MIN, INT_MAX, quickack),
	RILL_SOCKOPT(TCP_USER_TIMEOUT, 0, INT_MAX, user_timeout),
	RILL_SOCKOPT(TCP_INQ, 0, 1, inq),
	RILL_SOCKOPT(TCP_NOTSENT_LOWAT, INT_MIN, INT_MAX, notsent_lowat),
	RILL_SOCKOPT(TCP_SAVE_SYN, 0, 2, save_syn),
};

static const struct rill_sockopt *rill_sockopt_find(int name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rill_sockopts); i++)
		if (rill_sockopts[i].name == name)
			return &rill_sockopts[i];
	return NULL;
}

/* ---- TCP_CONGESTION ---------------------------------------------------- */

static int rill_congestion_set(struct sock *sk, sockptr_t optval,
			       unsigned int optlen)
{
	const struct rill_cc_ops *cc;
	char name[TCP_CA_NAME_MAX];
	long n;

	if (!optlen)
		return -EINVAL;
	n = strncpy_from_sockptr(name, optval,
				 min_t(long, sizeof(name) - 1, optlen));
	if (n < 0)
		return -EFAULT;
	name[n] = '\0';

	cc = rill_cc_find(name);
	if (!cc)
		return -ENOENT;
	if (!rill_cc_allowed(sk, cc))
		return -EPERM;
	lock_sock(sk);
	rill_cc_choose(sk, cc);
	release_sock(sk);
	return 0;
}

/* Give @size bytes at @from to the program, or what it has room for. */
static int rill_sockopt_reply(const void *from, unsigned int size,
			      char __user *optval, int __user *optlen, int len)
{
	len = min_t(unsigned int, len, size);
	if (put_user(len, optlen) || copy_to_user(optval, from, len))
		return -EFAULT;
	return 0;
}

/**
 * rill_congestion_name - TCP_CONGESTION
 * @sk: socket
 *
 * Context: process; no lock.
 * Return: the name of its algorithm, or of the one that it would have.
 */
const char *rill_congestion_name(const struct sock *sk)
{
	const struct rill_cc_ops *cc = NULL;

	if (rill_sockopt_connected(sk))
		cc = READ_ONCE(rill_sk(sk)->cc.ops);
	/* A connection that ends meanwhile has none of its own any more. */
	cc = cc ?: rill_cc_chosen(sk);
	return cc->name;
}
EXPORT_SYMBOL_GPL(rill_congestion_name);

static int rill_congestion_get(struct sock *sk, char __user *optval,
			       int __user *optlen, int len)
{
	char name[TCP_CA_NAME_MAX] = {};

	strscpy(name, rill_congestion_name(sk), sizeof(name));
	return rill_sockopt_reply(name, sizeof(name), optval, optlen, len);
}

/* TCP_CC_INFO: empty for most algorithms. */
static int rill_cc_info_get(struct sock *sk, char __user *optval,
			    int __user *optlen, int len)
{
	const struct rill_cc_ops *cc;
	union tcp_cc_info info = {};
	size_t size = 0;

	lock_sock(sk);
	cc = rill_sk(sk)->cc.ops;
	if (cc && cc->info && rill_sockopt_connected(sk))
		size = cc->info(sk, &info);
	release_sock(sk);
	return rill_sockopt_reply(&info, size, optval, optlen, len);
}

/* ---- TCP_SAVED_SYN ----------------------------------------------------- */

/*
 * The headers of the SYN, once. If there is no room for them, optlen returns
 * their length, and they can be read again.
 */
static int rill_saved_syn_get(struct sock *sk, char __user *optval,
			      int __user *optlen, int len)
{
	const struct rill_saved_syn *saved;
	int err = 0;

	lock_sock(sk);
	saved = rill_sk(sk)->saved_syn;
	if (put_user(saved ? saved->len : 0, optlen))
		err = -EFAULT;
	else if (saved && len < saved->len)
		err = -EINVAL;
	else if (saved && copy_to_user(optval, saved->data, saved->len))
		err = -EFAULT;
	if (!err)
		rill_saved_syn_forget(sk);
	release_sock(sk);
	return err;
}

/* ---- TCP_INFO ---------------------------------------------------------- */

/* An event that never was counts from the beginning of the connection. */
static u32 rill_info_since_ms(const struct rill_sock *rs, u64 now, u64 then)
{
	then = then ?: rs->tally.open_ns;
	return then ? div_u64(rill_elapsed_ns(now, then), NSEC_PER_MSEC) : 0;
}

/* No limit is all ones, in the 64 bits of tcp_info too. */
static u64 rill_info_rate(unsigned long rate)
{
	return rate == ~0UL ? ~0ULL : rate;
}

static void rill_info_options(const struct rill_sock *rs, struct tcp_info *info)
{
	if (rs->agreed.ts_ok)
		info->tcpi_options |= TCPI_OPT_TIMESTAMPS;
	if (rs->agreed.ts_ok && rs->agreed.ts_unit == RILL_TS_US)
		info->tcpi_options |= TCPI_OPT_USEC_TS;
	if (rs->agreed.sack_ok)
		info->tcpi_options |= TCPI_OPT_SACK;
	if (rs->ecn.ok)
		info->tcpi_options |= TCPI_OPT_ECN;
	if (rs->ecn.seen)
		info->tcpi_options |= TCPI_OPT_ECN_SEEN;
	if (rs->agreed.wscale_ok) {
		info->tcpi_options |= TCPI_OPT_WSCALE;
		info->tcpi_snd_wscale = rs->agreed.snd_wscale;
		info->tcpi_rcv_wscale = rs->agreed.rcv_wscale;
	}
}

static u8 rill_info_ca_state(const struct rill_sock *rs)
{
	static const u8 ca_states[] = {
		[RILL_OPEN] = TCP_CA_Open,
		[RILL_REDUCE] = TCP_CA_CWR,
		[RILL_RECOVERY] = TCP_CA_Recovery,
		[RILL_LOSS] = TCP_CA_Loss,
	};

	/* A hole, which may be reordering. */
	if (rs->rec.state == RILL_OPEN &&
	    (rs->rtx.sacked_out || rs->rtx.lost_out || rs->rtx.retrans_out))
		return TCP_CA_Disorder;
	return ca_states[rs->rec.state];
}

/* As TCP: a retransmitted segment counts as lost until it is delivered. */
static u32 rill_info_lost(const struct rill_sock *rs)
{
	return rs->rtx.lost_out +
	       (rs->rec.state >= RILL_RECOVERY ? rs->rtx.retrans_out : 0);
}

static void rill_info_send(const struct rill_sock *rs, struct tcp_info *info)
{
	info->tcpi_ca_state = rill_info_ca_state(rs);
	info->tcpi_retransmits = rs->retry.retransmits;
	info->tcpi_probes = rs->retry.window_probes;
	info->tcpi_backoff = rill_rto_backoff(&rs->inet.sk);
	info->tcpi_rto = rill_rto_us(&rs->inet.sk);
	info->tcpi_snd_mss = rs->path.mss;
	info->tcpi_pmtu = rs->path.pmtu;
	info->tcpi_unacked = rs->rtx.packets_out;
	info->tcpi_sacked = rs->rtx.sacked_out;
	info->tcpi_lost = rill_info_lost(rs);
	info->tcpi_retrans = rs->rtx.retrans_out;
	info->tcpi_rtt = rs->rtt.srtt_us >> 3;
	info->tcpi_rttvar = rs->rtt.rttvar_us >> 2;
	info->tcpi_snd_cwnd = rs->cc.cwnd;
	info->tcpi_snd_ssthresh = min(rs->cc.ssthresh, TCP_INFINITE_SSTHRESH);
	info->tcpi_snd_wnd = rs->snd.wnd;
	info->tcpi_notsent_bytes = rs->snd.write_seq - rs->snd.nxt;
	info->tcpi_total_retrans = rs->tally.total_retrans;
	info->tcpi_bytes_acked = rs->tally.bytes_acked;
	info->tcpi_bytes_sent = rs->tally.bytes_sent;
	info->tcpi_bytes_retrans = rs->tally.bytes_retrans;
	info->tcpi_delivered = rs->tally.delivered;
	info->tcpi_delivered_ce = rs->tally.delivered_ce;
	info->tcpi_segs_out = rs->tally.segs_out;
	info->tcpi_data_segs_out = rs->tally.data_segs_out;
	/* As TCP: none yet is all ones. */
	info->tcpi_min_rtt = rs->rack.min_rtt_us ?: ~0U;
	info->tcpi_delivery_rate = rill_rate_bytes(rs);
	info->tcpi_delivery_rate_app_limited = rs->rate.limited;
	info->tcpi_dsack_dups = rs->tally.dsack_dups;
	info->tcpi_reord_seen = rs->tally.reord_seen;
	rill_info_rehash(info, rs->tally.rehashes);
}

/* The times that something limited the sender. */
static void rill_info_times(const struct rill_sock *rs, u64 now,
			    struct tcp_info *info)
{
	u64 rwnd = rill_hold_us(rs, RILL_HOLD_WINDOW, now);
	u64 sndbuf = rill_hold_us(rs, RILL_HOLD_SNDBUF, now);

	info->tcpi_rwnd_limited = rwnd;
	info->tcpi_sndbuf_limited = sndbuf;
	info->tcpi_busy_time = rwnd + sndbuf +
			       rill_hold_us(rs, RILL_HOLD_NETWORK, now);
	info->tcpi_last_data_sent = rill_info_since_ms(rs, now,
						       rs->snd.last_ns);
	info->tcpi_last_data_recv = rill_info_since_ms(rs, now,
						       rs->ack.last_data_ns);
	info->tcpi_last_ack_recv = rill_info_since_ms(rs, now,
						      rs->rcv.last_ns);
	rill_info_rto(rs, now, info);
}

static void rill_info_receive(const struct rill_sock *rs, struct tcp_info *info)
{
	/* As in TCP, without the options that every segment carries. */
	u32 options = rill_mss_options((const struct sock *)rs);

	info->tcpi_ato = rs->agreed.delack_us;
	info->tcpi_rcv_mss = rs->ack.mss;
	info->tcpi_advmss = rs->agreed.advmss - options;
	info->tcpi_rcv_ssthresh = rs->rcv.wnd;
	info->tcpi_rcv_rtt = rs->space.rtt_us >> 3;
	info->tcpi_rcv_space = rs->space.bytes;
	if (!rs->space.bytes && rill_sockopt_connected(&rs->inet.sk))
		info->tcpi_rcv_space = rill_rcvbuf_begin(rs);
	info->tcpi_bytes_received = rs->tally.bytes_received;
	info->tcpi_segs_in = rs->tally.segs_in;
	info->tcpi_data_segs_in = rs->tally.data_segs_in;
	info->tcpi_rcv_ooopack = rs->tally.rcv_ooopack;
	rill_info_rcv_wnd(info, rs->rcv.wnd);
}

/**
 * rill_info - fill in TCP_INFO
 * @sk: socket
 * @info: filled in; unknown fields are 0
 *
 * On a listener, as TCP: children waiting in tcpi_unacked, the backlog in
 * tcpi_sacked.
 *
 * Context: process, may sleep; takes the socket lock.
 */
void rill_info(struct sock *sk, struct tcp_info *info)
{
	const struct rill_sock *rs = rill_sk(sk);
	u64 now;

	memset(info, 0, sizeof(*info));
	info->tcpi_state = inet_sk_state_load(sk);
	info->tcpi_reordering = TCP_FASTRETRANS_THRESH;
	info->tcpi_pacing_rate = rill_info_rate(sk->sk_pacing_rate);
	info->tcpi_max_pacing_rate = rill_info_rate(sk->sk_max_pacing_rate);
	if (info->tcpi_state == TCP_LISTEN) {
		info->tcpi_unacked = atomic_read(&rs->listener->accept_len);
		info->tcpi_sacked = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}

	lock_sock(sk);
	now = rill_now_ns();
	rill_info_options(rs, info);
	rill_info_send(rs, info);
	rill_info_receive(rs, info);
	rill_info_times(rs, now, info);
	release_sock(sk);
}
EXPORT_SYMBOL_GPL(rill_info);

/* ---- the calls --------------------------------------------------------- */

static int rill_stream_setsockopt(struct sock *sk, int optname,
				  sockptr_t optval, unsigned int optlen)
{
	const struct rill_sockopt *opt;
	int val, err;

	if (optname == TCP_CONGESTION)
		return rill_congestion_set(sk, optval, optlen);

	if (optlen < sizeof(val))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	opt = rill_sockopt_find(optname);
	if (!opt)
		return -ENOPROTOOPT;
	if (val < opt->least || val > opt->most)
		return -EINVAL;

	lock_sock(sk);
	err = opt->set(sk, val);
	release_sock(sk);
	return err;
}

static int rill_stream_getsockopt(struct sock *sk, int optname,
				  char __user *optval, int __user *optlen)
{
	const struct rill_sockopt *opt;
	struct tcp_info info;
	int val, len;

	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;

	if (optname == TCP_INFO) {
		rill_info(sk, &info);
		return rill_sockopt_reply(&info, sizeof(info), optval, optlen,
					 len);
	}
	if (optname == TCP_CONGESTION)
		return rill_congestion_get(sk, optval, optlen, len);
	if (optname == TCP_CC_INFO)
		return rill_cc_info_get(sk, optval, optlen, len);
	if (optname == TCP_SAVED_SYN)
		return rill_saved_syn_get(sk, optval, optlen, len);

	opt = rill_sockopt_find(optname);
	if (!opt)
		return -ENOPROTOOPT;
	lock_sock(sk);
	val = opt->get(sk);
	release_sock(sk);
	return rill_sockopt_reply(&val, sizeof(val), optval, optlen, len);
}

/*
 * Options of IP that TCP refuses, and that the kernel would take for rill since
 * it is not TCP: TCP's errors, and the least length of the value that comes
 * before them. IPV6_ADDRFORM would turn the socket into one of TCP's.
 */
static const struct {
	int		level;
	int		name;
	unsigned int	least;	/* bytes; less is -EINVAL */
	int		err;
} rill_ip_refused[] = {
	{ SOL_IP, IP_ADD_MEMBERSHIP, 0, -EPROTO },
	{ SOL_IP, IP_DROP_MEMBERSHIP, 0, -EPROTO },
	{ SOL_IPV6, IPV6_ADD_MEMBERSHIP, sizeof(struct ipv6_mreq), -EPROTO },
	{ SOL_IPV6, IPV6_DROP_MEMBERSHIP, sizeof(struct ipv6_mreq), -EPROTO },
	{ SOL_IPV6, IPV6_ADDRFORM, 0, -ENOPROTOOPT },
};

/* 0, or the error of an option that the kernel's functions must not get. */
static int rill_ip_refuses(int level, int optname, unsigned int optlen)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rill_ip_refused); i++)
		if (rill_ip_refused[i].level == level &&
		    rill_ip_refused[i].name == optname)
			return optlen < rill_ip_refused[i].least ?
			       -EINVAL : rill_ip_refused[i].err;
	return 0;
}

/* Options of IP; IP options and extension headers change the MSS. */
static int rill_ip_setsockopt(struct sock *sk, int level, int optname,
			      sockptr_t optval, unsigned int optlen)
{
	int err;

	/* An IPv4 socket has none of IPv6's options, whatever their value. */
	if (level == SOL_IPV6 && sk->sk_family == AF_INET)
		return -ENOPROTOOPT;
	err = rill_ip_refuses(level, optname, optlen);
	if (err)
		return err;
	if (sk->sk_family == AF_INET6)
		err = ipv6_setsockopt(sk, level, optname, optval, optlen);
	else
		err = ip_setsockopt(sk, level, optname, optval, optlen);
	if (err)
		return err;

	lock_sock(sk);
	if ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT))
		rill_mss_sync(sk);
	release_sock(sk);
	return 0;
}

/**
 * rill_setsockopt - set an option of a level other than SOL_SOCKET
 * @sk: socket
 * @level: SOL_TCP, SOL_RILL, SOL_IP or SOL_IPV6
 * @optname: name
 * @optval: value
 * @optlen: its size, bytes
 *
 * Context: process, may sleep; takes the socket lock.
 * Return: 0, -ENOPROTOOPT for what is not known, or another -errno of TCP's.
 */
int rill_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		    unsigned int optlen)
{
	if (level == SOL_TCP)
		return rill_stream_setsockopt(sk, optname, optval, optlen);
	if (level == SOL_RILL)
		return rill_setting_setsockopt(sk, optname, optval, optlen);
	return rill_ip_setsockopt(sk, level, optname, optval, optlen);
}

/**
 * rill_getsockopt - read an option of a level other than SOL_SOCKET
 * @sk: socket
 * @level: SOL_TCP, SOL_RILL, SOL_IP or SOL_IPV6
 * @optname: name
 * @optval: where to put the value
 * @optlen: room for it; then its size, bytes
 *
 * Context: process, may sleep; takes the socket lock.
 * Return: 0, -ENOPROTOOPT for what is not known, or another -errno of TCP's.
 */
int rill_getsockopt(struct sock *sk, int level, int optname,
		    char __user *optval, int __user *optlen)
{
	if (level == SOL_TCP)
		return rill_stream_getsockopt(sk, optname, optval, optlen);
	if (level == SOL_RILL)
		return rill_setting_getsockopt(sk, optname, optval, optlen);
	if (sk->sk_family == AF_INET6)
		return ipv6_getsockopt(sk, level, optname, optval, optlen);
	return ip_getsockopt(sk, level, optname, optval, optlen);
}

/**
 * rill_keepalive - SO_KEEPALIVE was set
 * @sk: socket
 * @on: its new value
 *
 * Context: process.
 */
void rill_keepalive(struct sock *sk, int on)
{
	sock_owned_by_me(sk);
	/* The core sets the flag after this call, and re-arming tests it. */
	sock_valbool_flag(sk, SOCK_KEEPOPEN, on);
	if (!rill_sockopt_connected(sk))
		return;
	if (on)
		rill_keepalive_rearm(sk);
	else
		rill_timer_stop(sk, RILL_TIMER_KEEPALIVE);
}
