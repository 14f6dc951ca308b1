/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What socket offers the other rooms: what a program sees of a connection.
 *
 * Each function is documented where it is defined.
 */
#ifndef _RILL_SOCKET_H
#define _RILL_SOCKET_H

#include "../rill.h"

/* socket/sockopt.c */
void rill_info(struct sock *sk, struct tcp_info *info);
const char *rill_congestion_name(const struct sock *sk);

/* socket/proto.c */
int rill_socket_register(void);
void rill_socket_unregister(void);

#endif /* _RILL_SOCKET_H */
