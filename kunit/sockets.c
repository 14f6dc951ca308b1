// SPDX-License-Identifier: GPL-2.0
/* Sockets of rill and of TCP, new for each case. */
#include "../module/rill.h"
#include "sockets.h"

/**
 * sockets_init() - make the sockets of a case; the init of a suite
 * @test: the case
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int sockets_init(struct kunit *test)
{
	struct sockets *fix;
	int err;

	fix = kunit_kzalloc(test, sizeof(*fix), GFP_KERNEL);
	if (!fix)
		return -ENOMEM;
	test->priv = fix;
	err = sock_create_kern(rill_kunit_net, AF_INET, SOCK_STREAM,
			       rill_protocol, &fix->rill);
	if (!err)
		err = sock_create_kern(rill_kunit_net, AF_INET6, SOCK_STREAM,
				       rill_protocol, &fix->rill6);
	if (!err)
		err = sock_create_kern(rill_kunit_net, AF_INET, SOCK_STREAM,
				       IPPROTO_TCP, &fix->tcp);
	return err;
}

/**
 * sockets_exit() - release them; the exit of a suite
 * @test: the case
 *
 * Context: process.
 */
void sockets_exit(struct kunit *test)
{
	struct sockets *fix = test->priv;

	if (!fix)
		return;
	if (fix->rill)
		sock_release(fix->rill);
	if (fix->rill6)
		sock_release(fix->rill6);
	if (fix->tcp)
		sock_release(fix->tcp);
}
