// SPDX-License-Identifier: GPL-2.0
/*
 * The wire of storms: one point-to-point device. It returns each packet that
 * one program sends to the other, late, twice, damaged or not at all.
 *
 * Both programs are in one namespace, where a packet to a local address would
 * take the loopback device. So each end calls the other by an address that no
 * host has, and the wire translates: with locals 1 and 2, the client sends 1 ->
 * n + 1, and the server sees n -> 2. The sums of both pairs are equal, so that
 * the checksums stay right. n differs between scripts, so that no script meets
 * what the kernel learnt of another's path.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include "../module/compat.h"
#include "scenario.h"
#include "storm.h"

#define STORM_SYN_DROPS	3	/* more would end a connection */
#define STORM_QUOTE	64	/* bytes of a packet that ICMP sends back */

/**
 * struct storm_packet - a packet on its way, in its control block
 * @at_ns: when it comes
 * @from: who sent it
 * @intact: it is a segment as it was sent: neither damaged nor ICMP
 */
struct storm_packet {
	u64 at_ns;
	enum storm_side from;
	bool intact;
};

static struct storm_packet *wire_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct storm_packet) >
		     sizeof_field(struct sk_buff, cb));
	return (struct storm_packet *)skb->cb;
}

/* Set the timer for the next packet. */
static void wire_arm(struct storm *s)
{
	struct sk_buff *skb = skb_peek(&s->flying);
	u64 next = storm_watch_next(s);

	if (skb)
		next = min(next, wire_cb(skb)->at_ns);
	if (s->look_ns)
		next = min(next, s->look_ns);
	if (next == U64_MAX)
		return;
	/*
	 * A packet that is late because of a call in progress needs some time
	 * to pass.
	 */
	next = max(next, ktime_get_ns() + 1);
	if (s->timer_ns && s->timer_ns <= next)
		return;
	s->timer_ns = next;
	hrtimer_start(&s->timer, ns_to_ktime(next), HRTIMER_MODE_ABS_SOFT);
}

/**
 * storm_wire_kick() - have the watch look at both ends
 * @s: the storm
 * @at_ns: when
 *
 * Context: storm.lock held.
 */
void storm_wire_kick(struct storm *s, u64 at_ns)
{
	if (!s->look_ns || at_ns < s->look_ns)
		s->look_ns = at_ns;
	wire_arm(s);
}

/* ---- packets ----------------------------------------------------------- */

static void wire_fly(struct storm *s, struct sk_buff *skb, u64 at_ns)
{
	struct sk_buff *before;

	wire_cb(skb)->at_ns = at_ns;
	skb_queue_reverse_walk(&s->flying, before) {
		if (wire_cb(before)->at_ns <= at_ns) {
			__skb_queue_after(&s->flying, before, skb);
			return;
		}
	}
	__skb_queue_head(&s->flying, skb);
}

/* Copy a packet for the other side, or back to where it came from. */
static bool wire_packet(struct storm *s, enum storm_side from,
			struct sk_buff *skb, bool intact)
{
	if (!skb) {
		storm_fail(s, "no memory for a packet");
		return false;
	}
	skb->dev = s->dev;
	skb->pkt_type = PACKET_HOST;
	skb_scrub_packet(skb, true);
	skb_reset_mac_header(skb);
	wire_cb(skb)->from = from;
	wire_cb(skb)->intact = intact;
	return true;
}

/* Addresses as the other side knows them. */
static void wire_translate(struct storm *s, enum storm_side from,
			   struct sk_buff *skb)
{
	struct in6_addr saddr, daddr;

	storm_address(s, storm_other(from), true, &saddr);
	storm_address(s, storm_other(from), false, &daddr);
	if (s->plan.v6) {
		ipv6_hdr(skb)->saddr = saddr;
		ipv6_hdr(skb)->daddr = daddr;
	} else {
		ip_hdr(skb)->saddr = saddr.s6_addr32[3];
		ip_hdr(skb)->daddr = daddr.s6_addr32[3];
	}
}

static u32 wire_header(const struct storm *s)
{
	return s->plan.v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
}

static void wire_icmp4(struct storm *s, enum storm_side to, u8 *p, u32 len,
		       u32 mtu)
{
	struct iphdr *iph = (struct iphdr *)p;
	struct icmphdr *icmph = (struct icmphdr *)(iph + 1);
	struct in6_addr saddr, daddr;

	storm_address(s, to, true, &saddr);
	storm_address(s, to, false, &daddr);
	*iph = (struct iphdr){
		.version = 4,
		.ihl = 5,
		.tot_len = htons(sizeof(*iph) + len),
		.ttl = 64,
		.protocol = IPPROTO_ICMP,
		.saddr = saddr.s6_addr32[3],
		.daddr = daddr.s6_addr32[3],
	};
	iph->check = ip_fast_csum(iph, iph->ihl);
	icmph->type = ICMP_DEST_UNREACH;
	icmph->code = ICMP_FRAG_NEEDED;
	icmph->un.frag.mtu = htons(mtu);
	icmph->checksum = ip_compute_csum(icmph, len);
}

static void wire_icmp6(struct storm *s, enum storm_side to, u8 *p, u32 len,
		       u32 mtu)
{
	struct ipv6hdr *iph = (struct ipv6hdr *)p;
	struct icmp6hdr *icmph = (struct icmp6hdr *)(iph + 1);

	*iph = (struct ipv6hdr){
		.version = 6,
		.payload_len = htons(len),
		.nexthdr = IPPROTO_ICMPV6,
		.hop_limit = 64,
	};
	storm_address(s, to, true, &iph->saddr);
	storm_address(s, to, false, &iph->daddr);
	icmph->icmp6_type = ICMPV6_PKT_TOOBIG;
	icmph->icmp6_mtu = htonl(mtu);
	icmph->icmp6_cksum = csum_ipv6_magic(&iph->saddr, &iph->daddr, len,
					     IPPROTO_ICMPV6,
					     csum_partial(icmph, len, 0));
}

/* RFC 1191 and RFC 8201: quote the beginning of a packet that is too big. */
static void wire_too_long(struct storm *s, enum storm_side from,
			  const struct sk_buff *skb)
{
	const struct storm_weather *w = &s->link[from].weather;
	u32 header = wire_header(s), quote = min_t(u32, skb->len, STORM_QUOTE);
	struct sk_buff *icmp;

	icmp = alloc_skb(LL_MAX_HEADER + header + 8 + quote, GFP_ATOMIC);
	if (icmp) {
		skb_reserve(icmp, LL_MAX_HEADER);
		skb_reset_network_header(icmp);
		skb_put_zero(icmp, header + 8);
		skb_put_data(icmp, skb->data, quote);
		icmp->protocol = skb->protocol;
		if (s->plan.v6)
			wire_icmp6(s, from, icmp->data, 8 + quote, w->mtu);
		else
			wire_icmp4(s, from, icmp->data, 8 + quote, w->mtu);
	}
	if (wire_packet(s, from, icmp, false))
		wire_fly(s, icmp, ktime_get_ns() + 2 * w->delay_ns);
}

/* ---- fates ------------------------------------------------------------- */

/* Is this packet lost? */
static bool fate_lost(struct storm_link *link, const struct storm_segment *seg)
{
	const struct storm_weather *w = &link->weather;

	if (w->dark)
		return true;
	if (link->drops) {
		link->drops--;
		return true;
	}
	if (storm_chance(&link->random, w->loss)) {
		link->drops = w->burst ? storm_below(&link->random, w->burst) :
					 0;
		return true;
	}
	return !seg->len && !(seg->flags & (RILL_SYN | RILL_FIN)) &&
	       storm_chance(&link->random, w->ack_loss);
}

/* The time when the rate lets it go; false if the queue is full. */
static bool fate_depart(struct storm_link *link, u32 len, u64 *at_ns)
{
	const struct storm_weather *w = &link->weather;
	u64 now = ktime_get_ns();

	*at_ns = now;
	if (!w->rate)
		return true;
	*at_ns = max(now, link->free_ns);
	if (*at_ns - now > div64_u64(w->queue * STORM_MTU * NSEC_PER_SEC,
				     w->rate))
		return false;
	*at_ns += div64_u64(len * NSEC_PER_SEC, w->rate);
	link->free_ns = *at_ns;
	return true;
}

static void fate_damage(struct storm_link *link, struct sk_buff *skb,
			u32 header)
{
	u32 at = header + storm_below(&link->random, skb->len - header);

	skb->data[at] ^= 1 + storm_below(&link->random, 255);
	wire_cb(skb)->intact = false;
}

/* Draw the fate of @skb, which is in flight then or freed; returns its name. */
static const char *fate_draw(struct storm *s, enum storm_side from,
			     struct sk_buff *skb,
			     const struct storm_segment *seg)
{
	struct storm_link *link = &s->link[from];
	const struct storm_weather *w = &link->weather;
	bool syn = seg->flags & RILL_SYN;
	bool spared = syn && link->syn_drops >= STORM_SYN_DROPS;
	struct storm_random *r = &link->random;
	const char *fate = "";
	u64 at_ns;

	if (!fate_depart(link, skb->len, &at_ns) && !spared)
		fate = "no room in the queue";
	else if (fate_lost(link, seg) && !spared)
		fate = "lost";
	if (*fate) {
		link->syn_drops += syn;
		kfree_skb(skb);
		return fate;
	}
	at_ns += w->delay_ns;
	if (w->jitter_ns)
		at_ns += storm_random(r) % w->jitter_ns;
	if (storm_chance(r, w->late)) {
		at_ns += storm_random(r) % w->late_ns;
		fate = "late";
	}
	if (storm_chance(r, w->mark) && INET_ECN_set_ce(skb))
		fate = "marked";
	if (storm_chance(r, w->corrupt) && !spared) {
		link->syn_drops += syn;
		fate_damage(link, skb, wire_header(s));
		fate = "damaged";
	}
	wire_fly(s, skb, at_ns);
	return fate;
}

/* Duplicate it, with a fate of its own. */
static const char *fate_double(struct storm *s, enum storm_side from,
			       const struct sk_buff *skb)
{
	struct storm_link *link = &s->link[from];
	struct sk_buff *twin;

	if (!storm_chance(&link->random, link->weather.dup))
		return "";
	twin = skb_copy(skb, GFP_ATOMIC);
	if (wire_packet(s, from, twin, true))
		wire_fly(s, twin, ktime_get_ns() + link->weather.delay_ns +
			 storm_spread(&link->random, 1000,
				      20 * NSEC_PER_MSEC));
	return " and again";
}

/* Set lengths, sequence number and checksum of a part: @skb begins at @skip. */
static void cut_header(struct storm *s, struct sk_buff *skb, u32 skip)
{
	struct tcphdr *th = (struct tcphdr *)(skb->data + wire_header(s));
	u32 len = skb->len - wire_header(s);
	__wsum sum;

	th->seq = htonl(ntohl(th->seq) + skip);
	th->check = 0;
	sum = csum_partial(th, len, 0);
	if (s->plan.v6) {
		ipv6_hdr(skb)->payload_len = htons(len);
		th->check = csum_ipv6_magic(&ipv6_hdr(skb)->saddr,
					    &ipv6_hdr(skb)->daddr, len,
					    rill_protocol, sum);
		return;
	}
	ip_hdr(skb)->tot_len = htons(skb->len);
	ip_send_check(ip_hdr(skb));
	th->check = csum_tcpudp_magic(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr,
				      len, rill_protocol, sum);
}

/* The first part of @skb gets a fate of its own, and @skb is the second. */
static const char *fate_cut(struct storm *s, enum storm_side from,
			    struct sk_buff *skb, struct storm_segment *seg)
{
	struct storm_link *link = &s->link[from];
	u32 header = wire_header(s) + seg->header, skip;
	struct storm_segment first = *seg;
	struct sk_buff *part;

	if (seg->len < 2 || !storm_chance(&link->random, link->weather.cut))
		return "";
	skip = 1 + storm_below(&link->random, seg->len - 1);
	part = skb_copy(skb, GFP_ATOMIC);
	if (!wire_packet(s, from, part, true))
		return "";
	skb_trim(part, header + skip);
	part->data[wire_header(s) + 13] &= ~(RILL_FIN | RILL_PSH);
	cut_header(s, part, 0);
	first.len = skip;
	first.flags &= ~(RILL_FIN | RILL_PSH);
	fate_draw(s, from, part, &first);

	memmove(skb->data + header, skb->data + header + skip,
		seg->len - skip);
	skb_trim(skb, skb->len - skip);
	cut_header(s, skb, skip);
	seg->len -= skip;
	return " cut in two";
}

static void wire_send(struct storm *s, enum storm_side from,
		      struct sk_buff *skb, const struct storm_segment *seg)
{
	const struct storm_weather *w = &s->link[from].weather;
	const char *fate = "too long", *again = "", *cut = "";
	struct storm_segment rest = *seg;
	char text[STORM_TEXT];
	struct sk_buff *copy;

	storm_segment_print(s, from, seg, text, sizeof(text));
	if (s->failed) {
		fate = "not any more";
	} else if (skb->len > w->mtu) {
		if (!w->hole)
			wire_too_long(s, from, skb);
	} else {
		/* The sender keeps the data for a retransmission. */
		copy = skb_copy(skb, GFP_ATOMIC);
		if (!wire_packet(s, from, copy, true))
			return;
		wire_translate(s, from, copy);
		again = fate_double(s, from, copy);
		cut = fate_cut(s, from, copy, &rest);
		fate = fate_draw(s, from, copy, &rest);
	}
	storm_event(s, "%s %s%s%s", text, fate, again, cut);
}

/* Whose packet is it? False if it is none of a program. */
static bool wire_whose(const struct storm *s, const struct sk_buff *skb,
		       enum storm_side *from)
{
	bool v6 = skb->protocol == htons(ETH_P_IPV6);
	struct in6_addr addr, saddr;

	if (v6 != s->plan.v6 || skb->len < wire_header(s) ||
	    (v6 ? ipv6_hdr(skb)->nexthdr : ip_hdr(skb)->protocol) !=
	    rill_protocol)
		return false;
	if (v6)
		saddr = ipv6_hdr(skb)->saddr;
	else
		ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, &saddr);
	for (*from = 0; *from < STORM_SIDES; (*from)++) {
		storm_address(s, *from, false, &addr);
		if (!ipv6_addr_equal(&addr, &saddr))
			continue;
		/* Not a packet of an earlier script. */
		storm_address(s, *from, true, &addr);
		if (v6)
			saddr = ipv6_hdr(skb)->daddr;
		else
			ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, &saddr);
		return ipv6_addr_equal(&addr, &saddr);
	}
	return false;
}

static void wire_take(struct storm *s, struct sk_buff *skb)
{
	struct storm_segment seg;
	enum storm_side from;
	u32 header;

	/* The device asks for packets in one piece. */
	skb_reset_network_header(skb);
	if (!wire_whose(s, skb, &from))
		return;
	header = wire_header(s);
	spin_lock(&s->lock);
	if (!storm_segment_read(skb->data + header, skb->len - header, &seg)) {
		storm_fail(s, "a malformed segment");
	} else {
		s->packets++;
		if (s->packets >= s->phase_packets ||
		    ktime_get_ns() >= s->phase_ns)
			storm_weather_change(s);
		wire_send(s, from, skb, &seg);
		storm_watch_sent(s, from, &seg, skb->len);
		storm_wire_kick(s, ktime_get_ns() + 1);
	}
	spin_unlock(&s->lock);
}

static netdev_tx_t storm_start_xmit(struct sk_buff *skb,
				    struct net_device *dev)
{
	struct storm *s = *(struct storm **)netdev_priv(dev);

	/* Between two scripts there is none. */
	if (s)
		wire_take(s, skb);
	dev_consume_skb_any(skb);
	return NETDEV_TX_OK;
}

static void wire_came(struct storm *s, const struct sk_buff *skb)
{
	u32 header = wire_header(s);
	struct storm_segment seg;

	if (storm_segment_read(skb->data + header, skb->len - header, &seg))
		storm_watch_came(s, wire_cb(skb)->from, &seg);
}

/* One of four has all in pages but the IP header, one all but the headers. */
static void wire_receive(struct storm *s, struct sk_buff *skb)
{
	u32 header = wire_header(s);

	memset(skb->cb, 0, sizeof(skb->cb));
	switch (s->received++ % 4) {
	case 1:
		scenario_page(skb, header, PAGE_SIZE);
		break;
	case 3:
		scenario_page(skb, header + sizeof(struct tcphdr), PAGE_SIZE);
		break;
	}
	netif_rx(skb);
}

/* Deliver the packets that are due; the watch looks after that. */
static enum hrtimer_restart wire_timer(struct hrtimer *timer)
{
	struct storm *s = container_of(timer, struct storm, timer);
	u64 now = ktime_get_ns();
	struct sk_buff_head due;
	struct sk_buff *skb;

	__skb_queue_head_init(&due);
	spin_lock(&s->lock);
	s->timer_ns = 0;
	while ((skb = skb_peek(&s->flying)) && wire_cb(skb)->at_ns <= now) {
		__skb_unlink(skb, &s->flying);
		__skb_queue_tail(&due, skb);
		if (wire_cb(skb)->intact)
			wire_came(s, skb);
	}
	if (!skb_queue_empty(&due)) {
		s->look_ns = now + 1;
	} else if ((s->look_ns && s->look_ns <= now) ||
		   storm_watch_next(s) <= now) {
		s->look_ns = 0;
		storm_watch_look(s);
	}
	wire_arm(s);
	spin_unlock(&s->lock);

	while ((skb = __skb_dequeue(&due)))
		wire_receive(s, skb);
	return HRTIMER_NORESTART;
}

/* ---- the device -------------------------------------------------------- */

static const struct net_device_ops storm_device_ops = {
	.ndo_start_xmit = storm_start_xmit,
};

static void storm_device_setup(struct net_device *dev)
{
	scenario_device_setup(dev);
	dev->mtu = STORM_MTU;
	dev->netdev_ops = &storm_device_ops;
}

static int storm_addresses(struct net_device *dev)
{
	u8 four[4] = { 10 }, six[16] = { 0xfd };
	int err = 0;
	u8 host;

	for (host = 1; !err && host <= 2; host++) {
		four[3] = host;
		six[15] = host;
		err = scenario_device_address(dev, AF_INET, 8, four,
					      sizeof(four));
		if (!err)
			err = scenario_device_address(dev, AF_INET6, 64, six,
						      sizeof(six));
	}
	/* IPv6 makes an address usable from a work queue, soon. */
	scenario_sleep_until(scenario_now() + 20 * NSEC_PER_MSEC);
	return err;
}

/**
 * storm_wire_create() - make the device
 * @net: the namespace
 * @dev: result, if there is no error
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int storm_wire_create(struct net *net, struct net_device **dev)
{
	struct net_device *made;
	int err;

	made = alloc_netdev(sizeof(struct storm *), "storm%d", NET_NAME_ENUM,
			    storm_device_setup);
	if (!made)
		return -ENOMEM;
	dev_net_set(made, net);
	err = register_netdev(made);
	if (err) {
		free_netdev(made);
		return err;
	}
	rtnl_lock();
	err = dev_open(made, NULL);
	rtnl_unlock();
	if (!err)
		err = storm_addresses(made);
	if (err) {
		storm_wire_destroy(made);
		return err;
	}
	*dev = made;
	return 0;
}

/**
 * storm_wire_destroy() - take the device away
 * @dev: the device
 *
 * Context: process.
 */
void storm_wire_destroy(struct net_device *dev)
{
	unregister_netdev(dev);
	free_netdev(dev);
}

/**
 * storm_wire_open() - from now on the wire is a storm's
 * @s: the storm
 *
 * Context: process.
 */
void storm_wire_open(struct storm *s)
{
	__skb_queue_head_init(&s->flying);
	rill_hrtimer_init(&s->timer, wire_timer);
	spin_lock_bh(&s->lock);
	storm_weather_start(s);
	spin_unlock_bh(&s->lock);
	*(struct storm **)netdev_priv(s->dev) = s;
}

/**
 * storm_wire_close() - the storm is over, and so is what was on its way
 * @s: the storm
 *
 * Context: process; nobody sends any more.
 */
void storm_wire_close(struct storm *s)
{
	*(struct storm **)netdev_priv(s->dev) = NULL;
	synchronize_net();
	hrtimer_cancel(&s->timer);
	__skb_queue_purge(&s->flying);
}
