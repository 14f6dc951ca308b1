// SPDX-License-Identifier: GPL-2.0
/* The algorithms for the congestion window, and the choice of one. */
#include "inside.h"

static const struct rill_cc_ops *const rill_cc_table[RILL_CC_MAX] = {
#define X(algorithm, name, restricted)					\
	[RILL_CC_##algorithm] = &rill_cc_##algorithm,
	RILL_CONGESTION_CONTROLS(X)
#undef X
};

/**
 * rill_cc_find - look an algorithm up
 * @name: as TCP_CONGESTION takes it
 *
 * Context: any.
 * Return: the algorithm, or NULL.
 */
const struct rill_cc_ops *rill_cc_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < RILL_CC_MAX; i++)
		if (!strcmp(name, rill_cc_table[i]->name))
			return rill_cc_table[i];
	return NULL;
}

/**
 * rill_cc_chosen - the algorithm of a socket's next connection
 * @sk: the socket
 *
 * Context: any.
 * Return: what TCP_CONGESTION has set, or else the tunable.
 */
const struct rill_cc_ops *rill_cc_chosen(const struct sock *sk)
{
	return READ_ONCE(rill_sk(sk)->user.cc) ?:
	       rill_cc_table[rill_tunable(rill_sk_net(sk), congestion_control)];
}

/**
 * rill_cc_allowed - may the program choose this algorithm?
 * @sk: the socket
 * @cc: the algorithm
 *
 * As in TCP, the algorithm of the namespace, or that of the socket, needs no
 * privilege.
 *
 * Context: process.
 * Return: false if CAP_NET_ADMIN is lacking.
 */
bool rill_cc_allowed(const struct sock *sk, const struct rill_cc_ops *cc)
{
	struct rill_net *rnet = rill_sk_net(sk);

	return !cc->restricted || cc == rill_cc_chosen(sk) ||
	       cc == rill_cc_table[rill_tunable(rnet, congestion_control)] ||
	       ns_capable(rnet->net->user_ns, CAP_NET_ADMIN);
}
