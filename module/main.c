// SPDX-License-Identifier: GPL-2.0
/* Load and unload: what each room has to begin and to end, in order. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <net/inet_common.h>
#include <net/net_namespace.h>
#include "clock/clock.h"
#include "connection/connection.h"
#include "control/control.h"
#include "network/network.h"
#include "socket/socket.h"

static ushort protocol = IPPROTO_RILL;
module_param(protocol, ushort, 0444);
MODULE_PARM_DESC(protocol, "IP protocol number: 253 or 254 (RFC 3692)");

/* Sockets of another protocol, which hold no reference to this module. */
static int rill_net_ctl_init(struct rill_net *rnet)
{
	struct net *net = rnet->net;
	int err;

	err = inet_ctl_sock_create(&rnet->ctl4, PF_INET, SOCK_RAW,
				   rill_protocol, net);
	if (err || !ipv6_mod_enabled())
		return err;
	err = inet_ctl_sock_create(&rnet->ctl6, PF_INET6, SOCK_RAW,
				   rill_protocol, net);
	if (err)
		inet_ctl_sock_destroy(rnet->ctl4);
	return err;
}

static void rill_net_ctl_exit(struct rill_net *rnet)
{
	inet_ctl_sock_destroy(rnet->ctl4);
	if (rnet->ctl6)
		inet_ctl_sock_destroy(rnet->ctl6);
}

static int __net_init rill_net_init(struct net *net)
{
	struct rill_net *rnet = rill_net(net);
	int err;

	rnet->net = net;
	rill_tunables_init(&rnet->tunables);
	get_random_bytes(&rnet->isn_key, sizeof(rnet->isn_key));
	get_random_bytes(&rnet->port_key, sizeof(rnet->port_key));
	seqlock_init(&rnet->cookies.lock);
	spin_lock_init(&rnet->challenge_lock);
	rnet->counters = alloc_percpu_gfp(struct rill_counters,
					  GFP_KERNEL_ACCOUNT);
	if (!rnet->counters)
		return -ENOMEM;
	err = rill_table_init(rnet);
	if (err)
		goto free_counters;
	err = rill_port_init(rnet);
	if (err)
		goto destroy_table;
	err = rill_net_ctl_init(rnet);
	if (err)
		goto destroy_ports;
	err = rill_sysfs_net_init(rnet);
	if (err)
		goto exit_ctl;
	err = rill_proc_net_init(rnet);
	if (err)
		goto exit_sysfs;
	return 0;

exit_sysfs:
	rill_sysfs_net_exit(rnet);
exit_ctl:
	rill_net_ctl_exit(rnet);
destroy_ports:
	rill_port_destroy(rnet);
destroy_table:
	rill_table_destroy(rnet);
free_counters:
	free_percpu(rnet->counters);
	return err;
}

/* A grace period separates this from the exit: no lookup goes on then. */
static void __net_exit rill_net_pre_exit(struct net *net)
{
	WRITE_ONCE(rill_net(net)->dead, true);
}

static void __net_exit rill_net_free(struct rill_net *rnet)
{
	rill_net_ctl_exit(rnet);
	rill_port_destroy(rnet);
	rill_table_destroy(rnet);
	free_percpu(rnet->counters);
}

/*
 * A timer's handler that ended its entry may have left the table and still give
 * back the entry's port: one grace period for all waits for such handlers.
 */
static void __net_exit rill_net_exit_batch(struct list_head *nets)
{
	struct net *net;

	list_for_each_entry(net, nets, exit_list) {
		rill_proc_net_exit(rill_net(net));
		rill_sysfs_net_exit(rill_net(net));
		rill_net_close_all(rill_net(net));
	}
	synchronize_rcu();
	list_for_each_entry(net, nets, exit_list)
		rill_net_free(rill_net(net));
}

static struct pernet_operations rill_net_ops = {
	.init		= rill_net_init,
	.pre_exit	= rill_net_pre_exit,
	.exit_batch	= rill_net_exit_batch,
	.id		= &rill_net_id,
	.size		= sizeof(struct rill_net),
};

static int __init rill_caches_init(void)
{
	int err = rill_request_cache_init();

	if (err)
		return err;
	err = rill_timewait_cache_init();
	if (err)
		rill_request_cache_exit();
	return err;
}

static void rill_caches_exit(void)
{
	/* Entries and sockets are freed through RCU. */
	rcu_barrier();
	rill_timewait_cache_exit();
	rill_request_cache_exit();
}

static int __init rill_protocols_add(void)
{
	int err = rill_ipv4_add_protocol();

	if (err)
		goto busy;
	err = rill_ipv6_add_protocol();
	if (!err)
		return 0;
	rill_ipv4_del_protocol();
busy:
	pr_err("IP protocol %u is taken\n", rill_protocol);
	return err;
}

static int __init rill_init(void)
{
	int err;

	if (protocol != IPPROTO_RILL && protocol != IPPROTO_RILL + 1) {
		pr_err("protocol=%u: not one of 253, 254 (RFC 3692)\n",
		       protocol);
		return -EINVAL;
	}
	rill_protocol = protocol;
	rill_clock_init(rill_deadlines);
#ifdef CONFIG_RILL_KUNIT
	rill_kunit_net = current->nsproxy->net_ns;
#endif
	err = rill_caches_init();
	if (err)
		return err;
	err = rill_sysfs_init();
	if (err)
		goto exit_caches;
	err = register_pernet_subsys(&rill_net_ops);
	if (err)
		goto exit_sysfs;
	rill_connection_start();
	err = rill_protocols_add();
	if (err)
		goto unregister_net;
	err = rill_socket_register();
	if (err)
		goto del_protocols;
	return 0;

del_protocols:
	rill_ipv6_del_protocol();
	rill_ipv4_del_protocol();
unregister_net:
	unregister_pernet_subsys(&rill_net_ops);
exit_sysfs:
	rill_sysfs_exit();
exit_caches:
	rill_caches_exit();
	return err;
}

/* The reverse order; LOCKING in rill.h says why nothing is left. */
static void __exit rill_exit(void)
{
	rill_ipv6_del_protocol();
	rill_ipv4_del_protocol();
	unregister_pernet_subsys(&rill_net_ops);
	rcu_barrier();
	rill_socket_unregister();
	rill_sysfs_exit();
	rill_caches_exit();
}

module_init(rill_init);
module_exit(rill_exit);

MODULE_DESCRIPTION("Reliable byte-stream transport, TCP's segments on an IP protocol of its own");
MODULE_LICENSE("GPL");
MODULE_VERSION(RILL_VERSION);
MODULE_ALIAS("net-pf-2-proto-253-type-1");
MODULE_ALIAS("net-pf-10-proto-253-type-1");
/* With the parameter protocol=254, which /etc/modprobe.d may have. */
MODULE_ALIAS("net-pf-2-proto-254-type-1");
MODULE_ALIAS("net-pf-10-proto-254-type-1");
