/* SPDX-License-Identifier: GPL-2.0 */
/* A fixture for suites that call sockets without a network. */
#ifndef _RILL_SOCKETS_H
#define _RILL_SOCKETS_H

#include <kunit/test.h>
#include <linux/net.h>

/**
 * struct sockets - the sockets of one case, in test->priv
 * @rill: of rill, over IPv4
 * @rill6: of rill, over IPv6
 * @tcp: of TCP, over IPv4, to compare with
 */
struct sockets {
	struct socket *rill;
	struct socket *rill6;
	struct socket *tcp;
};

int sockets_init(struct kunit *test);
void sockets_exit(struct kunit *test);

#endif /* _RILL_SOCKETS_H */
