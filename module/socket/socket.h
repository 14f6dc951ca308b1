/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What socket offers the other rooms: what a program sees of a connection.
 *
 * Each function is documented where it is defined.
 */
#ifndef _RILL_SOCKET_H
#define _RILL_SOCKET_H

#include "../rill.h"

/* socket/proto.c */
int rill_socket_register(void);
void rill_socket_unregister(void);

/* socket/send.c, socket/receive.c, socket/poll.c, socket/option.c */
ssize_t rill_sendpage(struct socket *sock, struct page *page, int offset,
		      size_t size, int flags);
int rill_queue_size(struct sock *sk, int cmd, int *answer);
bool rill_readable(const struct sock *sk, int target);
void rill_write_wake(struct sock *sk);

#endif /* _RILL_SOCKET_H */
