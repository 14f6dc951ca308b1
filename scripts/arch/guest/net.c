// SPDX-License-Identifier: GPL-2.0
/*
 * Two namespaces and a link between them, by rtnetlink: a guest has neither ip
 * nor tc.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"

#define DEVICE	"link"
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const char * const addresses[ENDS][2] = {
	[NEAR] = { "10.1.2.3", "fd00:1:2:3::4" },
	[FAR] = { "10.1.2.77", "fd00:1:2:3::99" },
};

static int namespaces[ENDS];

/* A request under construction. */
struct request {
	struct nlmsghdr head;
	uint8_t body[1024];
};

static void *request_room(struct request *r, size_t len)
{
	void *at = (uint8_t *)r + NLMSG_ALIGN(r->head.nlmsg_len);

	r->head.nlmsg_len = NLMSG_ALIGN(r->head.nlmsg_len) + len;
	return at;
}

static void *request_start(struct request *r, int type, int flags, size_t len)
{
	memset(r, 0, sizeof(*r));
	r->head.nlmsg_len = NLMSG_HDRLEN;
	r->head.nlmsg_type = type;
	r->head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	return request_room(r, len);
}

static struct rtattr *request_put(struct request *r, int type, const void *data,
				  size_t len)
{
	struct rtattr *a = request_room(r, RTA_LENGTH(len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), data, len);
	return a;
}

/* What was put since @nest is inside of it. */
static void request_close(struct request *r, struct rtattr *nest)
{
	nest->rta_len = (uint8_t *)r + r->head.nlmsg_len - (uint8_t *)nest;
}

static void request_send(struct request *r, const char *what)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		uint8_t rest[1024];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0 || send(fd, r, r->head.nlmsg_len, 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < 0)
		die(what);
	close(fd);
	errno = -answer.error.error;
	if (errno)
		die(what);
}

/* Into the namespace of one end; a socket stays in that of its birth. */
void net_enter(int end)
{
	if (setns(namespaces[end], CLONE_NEWNET))
		die("setns");
}

static void veth_add(void)
{
	struct rtattr *info, *data, *peer;
	struct request r;

	request_start(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
		      sizeof(struct ifinfomsg));
	request_put(&r, IFLA_IFNAME, DEVICE, sizeof(DEVICE));
	info = request_put(&r, IFLA_LINKINFO, NULL, 0);
	request_put(&r, IFLA_INFO_KIND, "veth", 4);
	data = request_put(&r, IFLA_INFO_DATA, NULL, 0);
	peer = request_put(&r, VETH_INFO_PEER, NULL, 0);
	request_room(&r, sizeof(struct ifinfomsg));
	request_put(&r, IFLA_IFNAME, DEVICE, sizeof(DEVICE));
	request_put(&r, IFLA_NET_NS_FD, &namespaces[FAR],
		    sizeof(namespaces[FAR]));
	request_close(&r, peer);
	request_close(&r, data);
	request_close(&r, info);
	request_send(&r, "veth");
}

static void device_up(const char *name)
{
	struct ifinfomsg *info;
	struct request r;

	info = request_start(&r, RTM_NEWLINK, 0, sizeof(*info));
	info->ifi_index = if_nametoindex(name);
	info->ifi_flags = IFF_UP;
	info->ifi_change = IFF_UP;
	request_send(&r, name);
}

static void address_add(int end, int family)
{
	struct ifaddrmsg *message;
	uint8_t address[16];
	struct request r;
	size_t len;

	len = family == AF_INET ? 4 : 16;
	inet_pton(family, addresses[end][family == AF_INET6], address);
	message = request_start(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
				sizeof(*message));
	message->ifa_family = family;
	message->ifa_prefixlen = family == AF_INET ? 24 : 64;
	message->ifa_flags = family == AF_INET ? 0 : IFA_F_NODAD;
	message->ifa_index = if_nametoindex(DEVICE);
	request_put(&r, IFA_LOCAL, address, len);
	request_put(&r, IFA_ADDRESS, address, len);
	request_send(&r, addresses[end][family == AF_INET6]);
}

/* Two new namespaces, joined by a link with addresses at both ends. */
void net_link(void)
{
	int end;

	for (end = FAR; end >= NEAR; end--) {
		if (unshare(CLONE_NEWNET))
			die("unshare");
		namespaces[end] = open("/proc/self/ns/net",
				       O_RDONLY | O_CLOEXEC);
		if (namespaces[end] < 0)
			die("/proc/self/ns/net");
	}
	veth_add();
	for (end = NEAR; end < ENDS; end++) {
		net_enter(end);
		device_up("lo");
		device_up(DEVICE);
		address_add(end, AF_INET);
		address_add(end, AF_INET6);
	}
}

static void netem_add(const struct netem *netem)
{
	int64_t delay = netem->delay_ns;
	struct tc_netem_qopt options = {
		.limit = 10000,
		.loss = (uint64_t)netem->loss_percent * UINT32_MAX / 100,
	};
	struct rtattr *nest;
	struct tcmsg *tc;
	struct request r;

	tc = request_start(&r, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE,
			   sizeof(*tc));
	tc->tcm_ifindex = if_nametoindex(DEVICE);
	tc->tcm_parent = TC_H_ROOT;
	request_put(&r, TCA_KIND, "netem", sizeof("netem"));
	nest = request_put(&r, TCA_OPTIONS, &options, sizeof(options));
	request_put(&r, TCA_NETEM_LATENCY64, &delay, sizeof(delay));
	request_close(&r, nest);
	request_send(&r, "netem");
}

/* What leaves either end is lost and late from now on. */
void net_netem(const struct netem *netem)
{
	int end;

	for (end = NEAR; end < ENDS; end++) {
		net_enter(end);
		netem_add(netem);
	}
}

/* Segments are what goes over a wire: of its size, with their checksums. */
void net_no_offload(void)
{
	static const uint32_t off[] = {
		ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO, ETHTOOL_STXCSUM,
	};
	struct ethtool_value value = { 0 };
	struct ifreq request = { .ifr_name = DEVICE };
	int fd, end;
	size_t i;

	request.ifr_data = (void *)&value;
	for (end = NEAR; end < ENDS; end++) {
		net_enter(end);
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		for (i = 0; i < ARRAY_SIZE(off); i++) {
			value.cmd = off[i];
			if (ioctl(fd, SIOCETHTOOL, &request))
				die("ethtool");
		}
		close(fd);
	}
}

/* The address of an end of the link, with a port; returns its length. */
socklen_t net_address(int end, int family, uint16_t port,
		      struct sockaddr_storage *to)
{
	struct sockaddr_in6 *sin6 = (void *)to;
	struct sockaddr_in *sin = (void *)to;

	memset(to, 0, sizeof(*to));
	to->ss_family = family;
	if (family == AF_INET) {
		inet_pton(family, addresses[end][0], &sin->sin_addr);
		sin->sin_port = htons(port);
		return sizeof(*sin);
	}
	inet_pton(family, addresses[end][1], &sin6->sin6_addr);
	sin6->sin6_port = htons(port);
	return sizeof(*sin6);
}
