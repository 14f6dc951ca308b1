// SPDX-License-Identifier: GPL-2.0
/*
 * SYN cookies (RFC 4987, 3.6): when the queue of half-open connections is full,
 * the SYN-ACK carries the state of the connection and the ACK returns it. A
 * flood of SYNs then takes no memory.
 *
 * Our initial sequence number is a code of 28 bits, keyed, of the connection,
 * the peer's initial sequence number and the four bits of data below: the index
 * of the peer's MSS in a table, and whether the peer is rill. Only a host that
 * has seen the SYN-ACK knows it; a guess is right once in 2^27.
 *
 * Whatever else the SYN agreed goes into the low bits of our timestamp, which
 * the peer echoes: it may lie there about nobody but itself. Without timestamps
 * there is no window scaling, no SACK and no ECN.
 *
 * The key is random, and replaced after a minute; the one before it is valid
 * for a minute more. So a cookie opens a connection for one to two minutes, and
 * none is valid unless cookies were sent.
 */
#include <linux/bitfield.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include "../network/network.h"
#include "inside.h"

#define RILL_COOKIE_PERIOD_NS	(60 * NSEC_PER_SEC)

/* The low bits of a cookie: place in rill_cookie_mss, and a flag. */
#define RILL_COOKIE_DATA_BITS	4
#define RILL_COOKIE_DATA_MASK	GENMASK(RILL_COOKIE_DATA_BITS - 1, 0)
#define RILL_COOKIE_MSS_MASK	0x7
#define RILL_COOKIE_PEER_RILL	0x8

/* The low bits of our timestamp in a SYN-ACK that carries a cookie. */
#define RILL_COOKIE_TS_WSCALE	GENMASK(3, 0)	/* the peer's; 15: none */
#define RILL_COOKIE_TS_SACK	BIT(4)
#define RILL_COOKIE_TS_OURS	GENMASK(8, 5)	/* our window scale */
#define RILL_COOKIE_TS_ECN	BIT(9)
#define RILL_COOKIE_TS_DELAY	GENMASK(13, 10)	/* to rill peers only */
#define RILL_COOKIE_NO_WSCALE	15

/* What paths have: the smallest allowed, Ethernet's less tunnels, jumbo. */
static const u16 rill_cookie_mss[] = {
	RILL_MSS_MIN, 536, 1220, 1360, 1420, 1440, 1460, 8960,
};

/* The peer's longest ACK delay, us, is rounded up to one of these. */
static const u32 rill_cookie_delay[] = {
	0, 100, 250, 500, 1000, 2000, 5000, 10000, 20000, 40000, 60000,
	100000, 200000, 300000, 400000, 500000,
};

/**
 * struct rill_cookie_input - input of the hash that is the cookie
 * @key: the connection
 * @irs: the peer's initial sequence number
 * @data: the low bits of the cookie
 *
 * No padding: hashed as bytes.
 */
struct rill_cookie_input {
	struct rill_key	key;
	u32		irs;
	u32		data;
};

static u32 rill_cookie_code(const siphash_key_t *secret,
			    const struct rill_key *key, u32 irs, u32 data)
{
	struct rill_cookie_input in = {
		.key = *key,
		.irs = irs,
		.data = data,
	};

	BUILD_BUG_ON(sizeof(in) != sizeof(struct rill_key) + 2 * sizeof(u32));
	return (u32)siphash(&in, sizeof(in), secret) << RILL_COOKIE_DATA_BITS |
	       data;
}

/*
 * A copy of both secrets. Returns when the current one was made, 0 for never.
 */
static u64 rill_cookie_keys(struct rill_cookies *jar, siphash_key_t key[2])
{
	unsigned int seq;
	u64 since;

	do {
		seq = read_seqbegin(&jar->lock);
		key[0] = jar->key[0];
		key[1] = jar->key[1];
		since = jar->since_ns;
	} while (read_seqretry(&jar->lock, seq));
	return since;
}

/* A new secret each minute in which cookies are made. */
static void rill_cookie_rotate(struct rill_cookies *jar)
{
	u64 now, age;

	write_seqlock_bh(&jar->lock);
	/* Under the lock: not before what another CPU has just written. */
	now = rill_now_ns();
	age = rill_elapsed_ns(now, jar->since_ns);
	if (!jar->since_ns || age >= RILL_COOKIE_PERIOD_NS) {
		/* A key that is older than two periods is not valid. */
		if (jar->since_ns && age < 2 * RILL_COOKIE_PERIOD_NS)
			jar->key[1] = jar->key[0];
		else
			get_random_bytes(&jar->key[1], sizeof(jar->key[1]));
		get_random_bytes(&jar->key[0], sizeof(jar->key[0]));
		jar->since_ns = now;
	}
	write_sequnlock_bh(&jar->lock);
}

static u32 rill_cookie_make(struct rill_net *rnet, const struct rill_key *key,
			    u32 irs, u32 data)
{
	struct rill_cookies *jar = &rnet->cookies;
	siphash_key_t secret[2];
	u64 since;

	since = rill_cookie_keys(jar, secret);
	if (!since ||
	    rill_elapsed_ns(rill_now_ns(), since) >= RILL_COOKIE_PERIOD_NS) {
		rill_cookie_rotate(jar);
		rill_cookie_keys(jar, secret);
	}
	return rill_cookie_code(&secret[0], key, irs, data);
}

/* Did we make this cookie, one or two minutes ago at the most? */
static bool rill_cookie_valid(struct rill_net *rnet,
			      const struct rill_key *key, u32 irs, u32 cookie)
{
	u32 data = cookie & RILL_COOKIE_DATA_MASK;
	siphash_key_t secret[2];
	u64 since, age;

	since = rill_cookie_keys(&rnet->cookies, secret);
	if (!since)
		return false;
	age = rill_elapsed_ns(rill_now_ns(), since);
	if (age < 2 * RILL_COOKIE_PERIOD_NS &&
	    rill_cookie_code(&secret[0], key, irs, data) == cookie)
		return true;
	return age < RILL_COOKIE_PERIOD_NS &&
	       rill_cookie_code(&secret[1], key, irs, data) == cookie;
}

/*
 * Does the segment echo a timestamp so recent that a cookie sent with it is
 * still valid? The peer of a connection that is gone soon echoes an older one.
 */
static bool rill_cookie_echoed(struct rill_net *rnet,
			       const struct rill_segment *seg,
			       const struct rill_key *key)
{
	u64 since = READ_ONCE(rnet->cookies.since_ns);
	u32 offset = rill_secure_ts_offset(rnet, key);
	u64 now = rill_now_ns();
	u32 age_us, age_ms;

	if (!since ||
	    rill_elapsed_ns(now, since) >= 2 * RILL_COOKIE_PERIOD_NS ||
	    !seg->opts.has_ts)
		return false;
	age_us = rill_ts_clock(now, RILL_TS_US, offset) - seg->opts.tsecr;
	age_ms = rill_ts_clock(now, RILL_TS_MS, offset) - seg->opts.tsecr;
	return age_us < 2 * RILL_COOKIE_PERIOD_NS / NSEC_PER_USEC ||
	       age_ms < 2 * RILL_COOKIE_PERIOD_NS / NSEC_PER_MSEC;
}

/* ---- the data in a cookie ---------------------------------------------- */

/* The largest MSS of the table that does not exceed the peer's. */
static u32 rill_cookie_data(const struct rill_options *opts, u16 mss_default)
{
	u16 mss = opts->has_mss ? opts->mss : mss_default;
	u32 i = ARRAY_SIZE(rill_cookie_mss) - 1;

	BUILD_BUG_ON(ARRAY_SIZE(rill_cookie_mss) != RILL_COOKIE_MSS_MASK + 1);
	while (i && rill_cookie_mss[i] > mss)
		i--;
	if (opts->has_rill && opts->ts_unit == RILL_TS_US)
		i |= RILL_COOKIE_PEER_RILL;
	return i;
}

/* Rounded up: an RTO may be too long, not too short. */
static u32 rill_cookie_delay_code(u32 delay_us)
{
	u32 i = 0;

	while (i < ARRAY_SIZE(rill_cookie_delay) - 1 &&
	       rill_cookie_delay[i] < delay_us)
		i++;
	return i;
}

static u32 rill_cookie_ts_mask(u8 unit)
{
	u32 mask = RILL_COOKIE_TS_WSCALE | RILL_COOKIE_TS_SACK |
		   RILL_COOKIE_TS_OURS | RILL_COOKIE_TS_ECN;

	return unit == RILL_TS_US ? mask | RILL_COOKIE_TS_DELAY : mask;
}

/*
 * Our timestamp with what was agreed in its low bits: never ahead of the clock,
 * so that it grows from the SYN-ACK to what follows (RFC 7323, 5.4).
 */
static u32 rill_cookie_tsval(const struct rill_request *req)
{
	u32 clock = rill_ts_clock(rill_now_ns(), req->ts_unit, 0);
	u32 mask = rill_cookie_ts_mask(req->ts_unit);
	u32 bits, ts;

	bits = FIELD_PREP(RILL_COOKIE_TS_WSCALE,
			  req->wscale_ok ? req->opts.wscale :
					   RILL_COOKIE_NO_WSCALE);
	if (req->sack_ok)
		bits |= RILL_COOKIE_TS_SACK;
	if (req->ecn_ok)
		bits |= RILL_COOKIE_TS_ECN;
	if (req->wscale_ok)
		bits |= FIELD_PREP(RILL_COOKIE_TS_OURS, req->rcv_wscale);
	if (req->ts_unit == RILL_TS_US)
		bits |= FIELD_PREP(RILL_COOKIE_TS_DELAY,
			rill_cookie_delay_code(req->opts.ack_delay_us));
	ts = (clock & ~mask) | bits;
	if (rill_after(ts, clock))
		ts -= mask + 1;
	return ts + req->ts_offset;
}

/* The options of the SYN, from the ACK @seg that answers a cookie. */
static void rill_cookie_options(const struct rill_segment *seg, u32 cookie,
				u8 unit, u32 ts_offset,
				struct rill_options *opts)
{
	u32 bits = seg->opts.tsecr - ts_offset;

	memset(opts, 0, sizeof(*opts));
	opts->has_mss = 1;
	opts->mss = rill_cookie_mss[cookie & RILL_COOKIE_MSS_MASK];
	opts->has_rill = !!(cookie & RILL_COOKIE_PEER_RILL);
	opts->ts_unit = unit;
	opts->ack_delay_us = RILL_TCP_ACK_DELAY_US;
	if (!seg->opts.has_ts)
		return;
	opts->has_ts = 1;
	opts->tsval = seg->opts.tsval;
	opts->tsecr = seg->opts.tsecr;
	opts->sack_ok = !!(bits & RILL_COOKIE_TS_SACK);
	opts->wscale = FIELD_GET(RILL_COOKIE_TS_WSCALE, bits);
	opts->has_wscale = opts->wscale <= RILL_WSCALE_MAX;
	if (unit == RILL_TS_US)
		opts->ack_delay_us =
			rill_cookie_delay[FIELD_GET(RILL_COOKIE_TS_DELAY,
						    bits)];
}

/* ---- the handshake ----------------------------------------------------- */

/**
 * rill_cookie_send - answer a SYN with a cookie, and keep nothing
 * @sk: the listener
 * @p: the SYN
 *
 * Context: softirq, inside rcu_read_lock().
 * Return: what becomes of the packet.
 */
enum rill_verdict rill_cookie_send(struct sock *sk, struct rill_packet *p)
{
	struct rill_request req = {};
	enum rill_verdict verdict;
	u32 data;

	verdict = rill_request_init(&req, sk, p, &p->seg);
	if (verdict)
		return verdict;
	/* Without timestamps there is no room for them. */
	if (!req.ts_ok) {
		req.wscale_ok = 0;
		req.sack_ok = 0;
		req.ecn_ok = false;
	}
	data = rill_cookie_data(&req.opts, p->af->mss_default);
	req.iss = rill_cookie_make(p->rnet, &p->key, req.irs, data);
	rill_count(p->rnet, cookies_sent);
	rill_request_synack(&req, rill_cookie_tsval(&req));
	return RILL_DONE;
}

/* The half-open entry, as it would have been. */
static enum rill_verdict rill_cookie_request(struct rill_request *req,
					     struct sock *sk,
					     struct rill_packet *p)
{
	const struct rill_segment *seg = &p->seg;
	u32 offset = rill_secure_ts_offset(p->rnet, &p->key);
	u32 cookie = seg->ack - 1;
	struct rill_segment syn = {
		.seq = seg->seq - 1,
		.wnd = seg->wnd,
	};
	u8 unit = cookie & RILL_COOKIE_PEER_RILL ? RILL_TS_US : RILL_TS_MS;
	enum rill_verdict verdict;

	rill_cookie_options(seg, cookie, unit, offset, &syn.opts);
	if (syn.opts.has_ts &&
	    ((seg->opts.tsecr - offset) & RILL_COOKIE_TS_ECN))
		syn.flags = RILL_ECE | RILL_CWR;
	verdict = rill_request_init(req, sk, p, &syn);
	if (verdict)
		return verdict;
	req->iss = cookie;
	req->ts_ok = syn.opts.has_ts;
	req->sack_ok = syn.opts.sack_ok;
	/* The scale that the SYN-ACK had, whatever the buffers are now. */
	req->wscale_ok = syn.opts.has_wscale;
	req->rcv_wscale = 0;
	if (req->wscale_ok)
		req->rcv_wscale = min_t(u8, RILL_WSCALE_MAX,
					FIELD_GET(RILL_COOKIE_TS_OURS,
						  seg->opts.tsecr - offset));
	/* When the SYN-ACK was sent is not known: no RTT sample. */
	req->twice = true;
	return RILL_DONE;
}

/* Publish the child; RILL_drop_old if another CPU has made it. */
static enum rill_verdict rill_cookie_publish(struct sock *child)
{
	struct rill_sock *rs = rill_sk(child);
	int err = rill_table_insert(rill_sk_net(child), &rs->entry);

	rs->hashed = !err;
	if (!err)
		return RILL_DONE;
	return err == -ENOMEM ? RILL_drop_nomem : RILL_drop_old;
}

/* The ACK answers a cookie of ours: the child, at once. */
static enum rill_verdict rill_cookie_accept(struct sock *sk,
					    struct rill_packet *p)
{
	struct rill_request req = {};
	enum rill_verdict verdict;
	struct sock *child;

	verdict = rill_cookie_request(&req, sk, p);
	if (verdict)
		return verdict;
	child = rill_establish_child(&req, p->skb, &verdict);
	if (!child && verdict == RILL_drop_accept_queue)
		return rill_establish_overflow(&req, p);
	if (!child)
		return verdict;
	verdict = rill_cookie_publish(child);
	if (verdict) {
		rill_establish_discard(&req, child);
		return verdict;
	}
	rill_count(p->rnet, cookies_accepted);
	rill_state_trace(&req.entry, TCP_LISTEN, TCP_SYN_RECV);
	rill_establish_deliver(&req, child, p);
	return RILL_KEPT;
}

/**
 * rill_cookie_rcv - an ACK for a listener: does it answer a cookie of ours?
 * @sk: the listener, not locked and not referenced
 * @p: a segment with ACK and without RST, which the listener's filter has seen
 *
 * Context: softirq, inside rcu_read_lock().
 * Return: what becomes of the packet: a reset, if it answers nothing that is
 * open.
 */
enum rill_verdict rill_cookie_rcv(struct sock *sk, struct rill_packet *p)
{
	const struct rill_segment *seg = &p->seg;
	struct rill_net *rnet = p->rnet;
	struct rill_reply to;

	if (!(seg->flags & RILL_SYN) &&
	    rill_tunable(rnet, syncookies) != RILL_COOKIES_NEVER) {
		if (rill_cookie_valid(rnet, &p->key, seg->seq - 1,
				      seg->ack - 1))
			return rill_cookie_accept(sk, p);
		rill_count(rnet, cookies_refused);
		/* What the peer sent first may be lost; it comes again. */
		if (seg->len && rill_cookie_echoed(rnet, seg, &p->key))
			return RILL_drop_no_socket;
	}
	to = rill_reply_sock(sk, &p->key, p->af->family, p->skb);
	return rill_packet_refuse(p, &to, RILL_drop_no_socket);
}
