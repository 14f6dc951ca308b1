// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options of level SOL_RILL: tunables that a socket sets for itself, in
 * microseconds where they are times. RILL_SETTINGS in control/tunables.h is
 * the table of them.
 */
#include <linux/uaccess.h>
#include "../connection/connection.h"
#include "../transfer/transfer.h"
#include "inside.h"

#define RILL_USER_TIMEOUT_MAX_US	((s64)INT_MAX * USEC_PER_MSEC)

/* Ranges are those of the tunables. */
enum {
#define X(name, def, least, most, when, meaning)			\
	RILL_LEAST_##name = least, RILL_MOST_##name = most,
	RILL_TUNABLES(X)
#undef X
};

/**
 * struct rill_setting_desc - one option
 * @name: RILL_*
 * @least: smallest value taken
 * @most: largest; anything outside is -EINVAL
 * @set: keep a value that is in range, or RILL_DEFAULT
 * @get: the value in force
 */
struct rill_setting_desc {
	int	name;
	s64	least;
	s64	most;
	void	(*set)(struct rill_sock *rs, s64 val);
	s64	(*get)(const struct sock *sk);
};

#define X(field, type, option, tunable, scale)				\
static_assert(RILL_MOST_##tunable * (u64)(scale) < (type)RILL_DEFAULT);	\
									\
static void rill_##field##_set(struct rill_sock *rs, s64 val)		\
{									\
	WRITE_ONCE(rs->own.field, (type)val);				\
}									\
									\
static s64 rill_##field##_get(const struct sock *sk)			\
{									\
	return rill_setting(sk, field);					\
}

RILL_SETTINGS(X)
#undef X

/* Options that override no tunable. */
static void rill_user_timeout_us_set(struct rill_sock *rs, s64 val)
{
	rs->user.timeout_us = val == RILL_DEFAULT ? 0 : val;
}

static s64 rill_user_timeout_us_get(const struct sock *sk)
{
	return rill_sk(sk)->user.timeout_us;
}

/* The core refuses SO_ZEROCOPY to sockets that are not TCP's. */
static void rill_zerocopy_set(struct rill_sock *rs, s64 val)
{
	sock_valbool_flag(&rs->inet.sk, SOCK_ZEROCOPY, val > 0);
}

static s64 rill_zerocopy_get(const struct sock *sk)
{
	return sock_flag(sk, SOCK_ZEROCOPY);
}

static const struct rill_setting_desc rill_setting_table[] = {
#define X(field, type, option, tunable, scale)				\
	{ option, RILL_LEAST_##tunable * (s64)(scale),			\
	  RILL_MOST_##tunable * (s64)(scale),				\
	  rill_##field##_set, rill_##field##_get },
	RILL_SETTINGS(X)
#undef X
	{ RILL_USER_TIMEOUT_US, 0, RILL_USER_TIMEOUT_MAX_US,
	  rill_user_timeout_us_set, rill_user_timeout_us_get },
	{ RILL_ZEROCOPY, 0, 1, rill_zerocopy_set, rill_zerocopy_get },
};

static const struct rill_setting_desc *rill_setting_find(int name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rill_setting_table); i++)
		if (rill_setting_table[i].name == name)
			return &rill_setting_table[i];
	return NULL;
}

static bool rill_setting_takes(const struct rill_setting_desc *desc, s64 val)
{
	if (val == RILL_DEFAULT)
		return true;
	if (val == RILL_LINGER2_NONE && desc->name == RILL_LINGER2_US)
		return true;
	return val >= desc->least && val <= desc->most;
}

/*
 * Is the value fixed for this connection? Our SYN announced the ACK delay, and
 * the RTO of the peer contains it.
 */
static bool rill_setting_fixed(const struct sock *sk, int name)
{
	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return false;
	return name == RILL_RTO_INITIAL_US || name == RILL_DELACK_MAX_US ||
	       name == RILL_INIT_CWND;
}

/**
 * rill_setting_init - a new socket has set nothing for itself
 * @sk: the socket
 *
 * Context: the socket is new.
 */
void rill_setting_init(struct sock *sk)
{
	memset(&rill_sk(sk)->own, 0xff, sizeof(rill_sk(sk)->own));
}

/**
 * rill_setting_set - set an option of level SOL_RILL
 * @sk: the socket
 * @name: RILL_*
 * @val: its value; RILL_DEFAULT for the tunable's
 *
 * Context: process.
 * Return: 0, -ENOPROTOOPT for an unknown name, -EINVAL for a value that is out
 * of range or comes too late for this connection.
 */
int rill_setting_set(struct sock *sk, int name, s64 val)
{
	const struct rill_setting_desc *desc = rill_setting_find(name);

	sock_owned_by_me(sk);
	if (!desc)
		return -ENOPROTOOPT;
	if (!rill_setting_takes(desc, val) || rill_setting_fixed(sk, name))
		return -EINVAL;

	desc->set(rill_sk(sk), val);
	if (name == RILL_KEEPIDLE_US)
		rill_keepalive_rearm(sk);
	if (name == RILL_RTO_MIN_US || name == RILL_RTO_MAX_US)
		rill_rto_update(sk);
	return 0;
}

/**
 * rill_setting_get - the value in force of an option of level SOL_RILL
 * @sk: the socket
 * @name: RILL_*
 * @val: result: this connection's value, the socket's own, or the tunable's
 *
 * Context: process.
 * Return: 0, or -ENOPROTOOPT for an unknown name.
 */
int rill_setting_get(const struct sock *sk, int name, s64 *val)
{
	const struct rill_setting_desc *desc = rill_setting_find(name);

	sock_owned_by_me(sk);
	if (!desc)
		return -ENOPROTOOPT;
	if (name == RILL_DELACK_MAX_US && rill_setting_fixed(sk, name))
		*val = rill_sk(sk)->agreed.delack_us;
	else if (name == RILL_INIT_CWND && rill_setting_fixed(sk, name))
		*val = rill_sk(sk)->cc.init_cwnd;
	else
		*val = desc->get(sk);
	return 0;
}

/**
 * rill_setting_setsockopt - setsockopt() of level SOL_RILL
 * @sk: the socket
 * @name: RILL_*
 * @optval: an int or an s64
 * @optlen: which of them: its size, bytes
 *
 * Context: process, may sleep; takes the socket lock.
 * Return: 0 or -errno.
 */
int rill_setting_setsockopt(struct sock *sk, int name, sockptr_t optval,
			    unsigned int optlen)
{
	int narrow;
	s64 val;
	int err;

	if (optlen != sizeof(narrow) && optlen != sizeof(val))
		return -EINVAL;
	if (optlen == sizeof(val)) {
		if (copy_from_sockptr(&val, optval, sizeof(val)))
			return -EFAULT;
	} else {
		if (copy_from_sockptr(&narrow, optval, sizeof(narrow)))
			return -EFAULT;
		val = narrow;
	}

	lock_sock(sk);
	err = rill_setting_set(sk, name, val);
	release_sock(sk);
	return err;
}

/**
 * rill_setting_getsockopt - getsockopt() of level SOL_RILL
 * @sk: the socket
 * @name: RILL_*
 * @optval: where to put the value
 * @optlen: room for it, of an int or an s64; then its size, bytes
 *
 * Context: process, may sleep; takes the socket lock.
 * Return: 0 or -errno: -EOVERFLOW if the program has room for an int, and the
 * value does not fit in it.
 */
int rill_setting_getsockopt(struct sock *sk, int name, char __user *optval,
			    int __user *optlen)
{
	int len, narrow, err;
	s64 val;

	if (get_user(len, optlen))
		return -EFAULT;
	if (len < (int)sizeof(narrow))
		return -EINVAL;

	lock_sock(sk);
	err = rill_setting_get(sk, name, &val);
	release_sock(sk);
	if (err)
		return err;

	if (len >= (int)sizeof(val)) {
		if (put_user((int)sizeof(val), optlen) ||
		    copy_to_user(optval, &val, sizeof(val)))
			return -EFAULT;
		return 0;
	}
	if (val > INT_MAX)
		return -EOVERFLOW;
	narrow = val;
	if (put_user((int)sizeof(narrow), optlen) ||
	    copy_to_user(optval, &narrow, sizeof(narrow)))
		return -EFAULT;
	return 0;
}
