// SPDX-License-Identifier: GPL-2.0
/*
 * The network of scenarios: a point-to-point device without link addresses,
 * whose other end is the script.
 */
#include <linux/file.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <net/net_namespace.h>
#include <net/netlink.h>

#include "scenario.h"

/* One device serves all cases of a suite. */
static struct net_device *shared;
static bool sharing;

/* The device sends a packet. */
static void scenario_out(struct scenario *s, const struct sk_buff *skb)
{
	struct scenario_segment *seg = scenario_capture(s, skb);

	if (!seg)
		return;
	spin_lock_bh(&s->lock);
	list_add_tail(&seg->node, &s->captured);
	wake_up_process(s->waiter);
	spin_unlock_bh(&s->lock);
}

static netdev_tx_t scenario_start_xmit(struct sk_buff *skb,
				       struct net_device *dev)
{
	struct scenario *s = *(struct scenario **)netdev_priv(dev);
	u8 takes = s ? READ_ONCE(s->takes) : SCENARIO_TAKES;

	switch (takes) {
	case SCENARIO_HOLDS:
		skb_queue_tail(&s->held, skb);
		return NETDEV_TX_OK;
	case SCENARIO_REFUSES:
		dev_kfree_skb_any(skb);
		return NET_XMIT_DROP;
	}
	/* Between two cases there is no script. */
	if (s)
		scenario_out(s, skb);
	dev_consume_skb_any(skb);
	return takes == SCENARIO_SLOWS ? NET_XMIT_CN : NETDEV_TX_OK;
}

static const struct net_device_ops scenario_device_ops = {
	.ndo_start_xmit = scenario_start_xmit,
};

/**
 * scenario_device_setup() - what a device for tests is
 * @dev: the device; whoever needs another MTU or other ops sets them behind
 *
 * Context: process, as a setup of alloc_netdev().
 */
void scenario_device_setup(struct net_device *dev)
{
	/* IPv6 makes no address of its own for a type that it does not know. */
	dev->type = ARPHRD_VOID;
	dev->flags = IFF_NOARP | IFF_POINTOPOINT;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->mtu = ETH_DATA_LEN;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = ETH_MAX_MTU;
	dev->netdev_ops = &scenario_device_ops;
}

/* A request to rtnetlink for one address, as "ip address add" makes it. */
static void scenario_address_request(struct sk_buff *skb, int ifindex, u8 family,
				     u8 prefix, const void *addr, int len)
{
	struct ifaddrmsg *msg;
	struct nlmsghdr *nlh;

	nlh = __nlmsg_put(skb, 0, 1, RTM_NEWADDR, sizeof(*msg),
			  NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE |
			  NLM_F_EXCL);
	msg = nlmsg_data(nlh);
	*msg = (struct ifaddrmsg){
		.ifa_family = family,
		.ifa_prefixlen = prefix,
		.ifa_flags = family == AF_INET6 ? IFA_F_NODAD : 0,
		.ifa_index = ifindex,
	};
	nla_put(skb, IFA_LOCAL, len, addr);
	nla_put(skb, IFA_ADDRESS, len, addr);
	nlmsg_end(skb, nlh);
}

/* Send @skb's request and read the answer. */
static int scenario_netlink(struct socket *sock, struct sk_buff *skb)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct msghdr msg = { .msg_name = &kernel,
			      .msg_namelen = sizeof(kernel) };
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr err;
	} answer;
	struct kvec vec;
	int err;

	vec = (struct kvec){ skb->data, skb->len };
	err = kernel_sendmsg(sock, &msg, &vec, 1, skb->len);
	if (err < 0)
		return err;
	msg = (struct msghdr){};
	vec = (struct kvec){ &answer, sizeof(answer) };
	err = kernel_recvmsg(sock, &msg, &vec, 1, sizeof(answer), 0);
	if (err < 0)
		return err;
	if (err < sizeof(answer) || answer.nlh.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return answer.err.error;
}

/**
 * scenario_device_address() - give a device an address
 * @dev: the device
 * @family: AF_INET or AF_INET6
 * @prefix: bits that are the network's
 * @addr: the address
 * @len: its length, bytes
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int scenario_device_address(struct net_device *dev, u8 family, u8 prefix,
			    const void *addr, int len)
{
	struct socket *sock;
	struct sk_buff *skb;
	struct file *file;
	int err;

	err = sock_create_kern(dev_net(dev), AF_NETLINK, SOCK_RAW,
			       NETLINK_ROUTE, &sock);
	if (err)
		return err;
	/* rtnetlink asks the socket's file who opened it; it owns the socket. */
	file = sock_alloc_file(sock, 0, NULL);
	if (IS_ERR(file))
		return PTR_ERR(file);

	skb = alloc_skb(NLMSG_GOODSIZE, GFP_KERNEL);
	if (skb) {
		scenario_address_request(skb, dev->ifindex, family, prefix,
					 addr, len);
		err = scenario_netlink(sock, skb);
		kfree_skb(skb);
	} else {
		err = -ENOMEM;
	}
	/*
	 * Now: a kernel thread never returns to user space, where it would be
	 * done.
	 */
	__fput_sync(file);
	return err;
}

static int scenario_addresses(struct scenario *s)
{
	static const u8 ours4[4] = { 192, 0, 2, 1 };
	static const u8 ours6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	int err;

	err = scenario_device_address(s->dev, AF_INET, 24, ours4,
				      sizeof(ours4));
	if (!err)
		err = scenario_device_address(s->dev, AF_INET6, 64, ours6,
					      sizeof(ours6));
	return err;
}

/**
 * scenario_device_mss() - set the device's MTU
 * @s: fixture
 * @mss: payload that a segment without options has
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int scenario_device_mss(struct scenario *s, u32 mss)
{
	int err;

	rtnl_lock();
	err = dev_set_mtu(s->dev,
			  mss + (s->family->wire == AF_INET6 ? 60 : 40));
	rtnl_unlock();
	return err;
}

static int scenario_device_register(struct scenario *s)
{
	int err;

	dev_net_set(s->dev, s->net);
	err = register_netdev(s->dev);
	if (err)
		return err;

	rtnl_lock();
	err = dev_open(s->dev, NULL);
	rtnl_unlock();
	if (!err)
		err = scenario_addresses(s);
	/* IPv6 makes an address usable from a work queue, soon. */
	scenario_sleep_until(scenario_now() + 20 * NSEC_PER_MSEC);
	if (err)
		unregister_netdev(s->dev);
	return err;
}

/**
 * scenario_device_create() - make the test device and give it addresses
 * @s: fixture
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int scenario_device_create(struct scenario *s)
{
	int err;

	s->dev = shared;
	if (!s->dev) {
		s->dev = alloc_netdev(sizeof(s), "scenario%d", NET_NAME_ENUM,
				      scenario_device_setup);
		if (!s->dev)
			return -ENOMEM;
		err = scenario_device_register(s);
		if (err) {
			free_netdev(s->dev);
			s->dev = NULL;
			return err;
		}
		if (sharing)
			shared = s->dev;
	}
	skb_queue_head_init(&s->held);
	*(struct scenario **)netdev_priv(s->dev) = s;
	return scenario_device_mss(s, SCENARIO_MSS);
}

/**
 * scenario_device_takes() - what the device does with packets from now on
 * @s: fixture
 * @takes: SCENARIO_TAKES and its like; with that, what was held goes out
 *
 * Context: process.
 */
void scenario_device_takes(struct scenario *s, u8 takes)
{
	struct sk_buff *skb;

	WRITE_ONCE(s->takes, takes);
	if (takes != SCENARIO_TAKES)
		return;
	while ((skb = skb_dequeue(&s->held))) {
		scenario_out(s, skb);
		consume_skb(skb);
	}
}

/**
 * scenario_device_purge() - forget what came out and was not asked for
 * @s: fixture
 *
 * Context: process.
 */
void scenario_device_purge(struct scenario *s)
{
	struct scenario_segment *seg, *next;
	LIST_HEAD(purged);

	spin_lock_bh(&s->lock);
	list_splice_init(&s->captured, &purged);
	spin_unlock_bh(&s->lock);
	list_for_each_entry_safe(seg, next, &purged, node)
		kfree(seg);
}

/**
 * scenario_device_destroy() - take the test device away
 * @s: fixture
 *
 * Context: process.
 */
void scenario_device_destroy(struct scenario *s)
{
	if (!s->dev)
		return;
	*(struct scenario **)netdev_priv(s->dev) = NULL;
	if (s->dev != shared) {
		unregister_netdev(s->dev);
		free_netdev(s->dev);
	}
	scenario_device_purge(s);
}

/**
 * scenario_suite_init() - suite_init of a suite of very many scenarios
 * @suite: the suite
 *
 * They share one device, which takes most of the time of a short case.
 *
 * Context: process.
 * Return: 0.
 */
int scenario_suite_init(struct kunit_suite *suite)
{
	sharing = true;
	return 0;
}

/**
 * scenario_suite_exit() - suite_exit of the same
 * @suite: the suite
 *
 * Context: process.
 */
void scenario_suite_exit(struct kunit_suite *suite)
{
	sharing = false;
	if (!shared)
		return;
	unregister_netdev(shared);
	free_netdev(shared);
	shared = NULL;
}
