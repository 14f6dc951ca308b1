/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of socket offer one another and the tests, and no other
 * room. Each function is documented where it is defined.
 */
#ifndef _RILL_SOCKET_INSIDE_H
#define _RILL_SOCKET_INSIDE_H

#include "socket.h"

struct pipe_inode_info;

/* socket/proto.c */
extern struct proto rill_prot;
extern struct proto rill6_prot;

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

/* socket/send.c, socket/receive.c, socket/poll.c, socket/sockopt.c */
int rill_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
ssize_t rill_sendpage(struct socket *sock, struct page *page, int offset,
		      size_t size, int flags);
void rill_splice_eof(struct socket *sock);
int rill_queue_size(struct sock *sk, int cmd, int *answer);
int rill_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags);
void rill_recv_inq(struct sock *sk, struct msghdr *msg);
ssize_t rill_splice_read(struct socket *sock, loff_t *ppos,
			 struct pipe_inode_info *pipe, size_t len,
			 unsigned int flags);
__poll_t rill_poll(struct file *file, struct socket *sock, poll_table *wait);
int rill_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		    unsigned int optlen);
int rill_getsockopt(struct sock *sk, int level, int optname,
		    char __user *optval, int __user *optlen);
void rill_keepalive(struct sock *sk, int on);
bool rill_memory_free(const struct sock *sk, int wake);
void rill_write_space(struct sock *sk);
int rill_rcvlowat_set(struct sock *sk, int val);

#endif /* _RILL_SOCKET_INSIDE_H */
