// SPDX-License-Identifier: GPL-2.0
/*
 * What an end must never do in a storm, whatever the wire does: send beyond the
 * window or the MSS, send other bytes than the stream's, acknowledge what has
 * not arrived, reset; or be silent for longer than the timeout that was due
 * when the silence began.
 *
 * Silence of a sender. An end that has data in flight or to send breaks its
 * silence by sending data, a SYN, a FIN or a probe, even one that is lost; an
 * ACK of the other direction does not count. Silence begins anew when it has
 * sent such a segment, when an ACK acknowledges something new (RFC 6298, 5.3),
 * and when it has something to send after it had nothing. The deadline is then
 * rill_rto_ns() away, or where it stood before, if that is later: a timer that
 * runs is not set again, though the RTO may have become less, even by samples
 * of the same instant. Data that a cork may hold back has 200 ms. So a timer
 * that was forgotten is seen at that instant, and not by a script that never
 * ends.
 *
 * Silence of a receiver: it must not keep an ACK for longer than the delay that
 * it advertised, and once its program has read all, it must advertise the
 * window that was closed.
 */
#include "../module/connection/inside.h"
#include "../module/network/network.h"
#include "../module/transfer/transfer.h"
#include "storm.h"

#define STORM_CORK_NS		(200 * NSEC_PER_MSEC)
#define STORM_TOLERANCE_NS	(20 * NSEC_PER_USEC)
#define STORM_PACKETS_MOST	40000	/* a script has some hundreds */

/* ---- segments ---------------------------------------------------------- */

static u16 read16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static u32 read32(const u8 *p)
{
	return (u32)read16(p) << 16 | read16(p + 2);
}

static void read_option(const u8 *p, u8 len, struct storm_segment *seg)
{
	switch (p[0]) {
	case 2:
		seg->mss = len == 4 ? read16(p + 2) : 0;
		break;
	case 3:
		seg->has_wscale = len == 3;
		seg->wscale = p[2];
		break;
	case 5:
		for (p += 2; len >= 10 && seg->nsacks < RILL_SACKS_MAX;
		     p += 8, len -= 8) {
			seg->sacks[seg->nsacks].start = read32(p);
			seg->sacks[seg->nsacks++].end = read32(p + 4);
		}
		break;
	}
}

/**
 * storm_segment_read() - read a segment, from RFC 9293, 3.1 and 3.2
 * @p: its header
 * @len: header and data, bytes
 * @seg: result
 *
 * Context: any.
 * Return: false if it is malformed.
 */
bool storm_segment_read(const u8 *p, u32 len, struct storm_segment *seg)
{
	u32 at = 20;

	memset(seg, 0, sizeof(*seg));
	if (len < 20)
		return false;
	seg->header = (p[12] >> 4) * 4;
	if (seg->header < 20 || seg->header > len)
		return false;
	seg->seq = read32(p + 4);
	seg->ack = read32(p + 8);
	seg->flags = p[13];
	seg->wnd = read16(p + 14);
	seg->len = len - seg->header;
	seg->data = p + seg->header;
	while (at < seg->header && p[at]) {
		if (p[at] == 1) {
			at++;
			continue;
		}
		if (at + 1 >= seg->header || p[at + 1] < 2 ||
		    at + p[at + 1] > seg->header)
			return false;
		read_option(p + at, p[at + 1], seg);
		at += p[at + 1];
	}
	return true;
}

/* The scale of the windows that @side advertises, but for those of SYNs. */
static u8 window_shift(const struct storm *s, enum storm_side side)
{
	const struct storm_link *link = &s->link[side];

	return link->scales && s->link[storm_other(side)].scales ?
	       link->wscale : 0;
}

static u32 segment_window(const struct storm *s, enum storm_side from,
			  const struct storm_segment *seg)
{
	return seg->flags & RILL_SYN ? seg->wnd :
				       seg->wnd << window_shift(s, from);
}

/**
 * storm_segment_print() - a segment in the language of scenarios
 * @s: the storm
 * @from: who sent it
 * @seg: the segment
 * @buf: result
 * @size: of @buf
 *
 * Context: storm.lock held.
 */
void storm_segment_print(const struct storm *s, enum storm_side from,
			 const struct storm_segment *seg, char *buf,
			 size_t size)
{
	static const char letters[] = "FSRPAUEC";
	bool syn = seg->flags & RILL_SYN;
	u32 iss = syn ? seg->seq : s->link[from].iss;
	u32 irs = s->link[storm_other(from)].iss;
	int n, i;

	n = scnprintf(buf, size, "%c ", from == STORM_CLIENT ? '>' : '<');
	for (i = 0; i < 8; i++) {
		if (seg->flags & BIT(i))
			n += scnprintf(buf + n, size - n, "%c", letters[i]);
	}
	n += scnprintf(buf + n, size - n, " %u:%u(%u)", seg->seq - iss,
		       seg->seq - iss + seg->len, seg->len);
	if (seg->flags & RILL_ACK)
		n += scnprintf(buf + n, size - n, " ack %u", seg->ack - irs);
	n += scnprintf(buf + n, size - n, " win %u",
		       segment_window(s, from, seg));
	if (seg->mss)
		n += scnprintf(buf + n, size - n, " mss %u", seg->mss);
	if (seg->has_wscale)
		n += scnprintf(buf + n, size - n, " ws %u", seg->wscale);
	for (i = 0; i < seg->nsacks; i++)
		n += scnprintf(buf + n, size - n, " sack %u:%u",
			       seg->sacks[i].start - irs,
			       seg->sacks[i].end - irs);
}

/* ---- what is sent ------------------------------------------------------ */

/* RFC 9293, 3.7.1 and RFC 6691: options count against the MSS. */
static void sent_size(struct storm *s, enum storm_side from,
		      const struct storm_segment *seg, u32 packet_len)
{
	const struct storm_link *link = &s->link[storm_other(from)];
	u32 mss = link->mss ?: s->plan.v6 ? RILL_MSS_DEFAULT_V6 :
					    RILL_MSS_DEFAULT_V4;

	if (packet_len > STORM_MTU)
		storm_fail(s, "the %s sent a packet of %u bytes",
			   storm_side_name(from), packet_len);
	if (seg->len && seg->len + seg->header - 20 > mss)
		storm_fail(s, "the %s sent %u bytes and options of %u, the MSS is %u",
			   storm_side_name(from), seg->len, seg->header - 20,
			   mss);
}

static void sent_data(struct storm *s, enum storm_side from,
		      const struct storm_segment *seg)
{
	const struct storm_link *link = &s->link[from];
	u32 at = seg->seq - link->iss - 1, left = seg->len, len;
	const u8 *p = seg->data;

	if (!seg->len)
		return;
	if (!link->has_edge || rill_after(seg->seq + seg->len, link->edge)) {
		storm_fail(s, "the %s sent %u bytes beyond the window",
			   storm_side_name(from),
			   seg->seq + seg->len - link->edge);
		return;
	}
	if (at > s->plan.habit[from].bytes ||
	    left > s->plan.habit[from].bytes - at) {
		storm_fail(s, "the %s sent what its program did not write",
			   storm_side_name(from));
		return;
	}
	for (; left; left -= len, at += len, p += len) {
		const u8 *want = storm_stream(from, at, &len);

		len = min(len, left);
		if (memcmp(p, want, len)) {
			storm_fail(s, "the %s sent other bytes than its program wrote",
				   storm_side_name(from));
			return;
		}
	}
}

static void sent_ack(struct storm *s, enum storm_side from,
		     const struct storm_segment *seg)
{
	const struct storm_link *link = &s->link[storm_other(from)];
	int i;

	if (!(seg->flags & RILL_ACK))
		return;
	s->link[from].said_ack = seg->ack;
	s->link[from].said_edge = seg->ack + segment_window(s, from, seg);
	if (!link->has_come || rill_after(seg->ack, link->came_end))
		storm_fail(s, "the %s acknowledged what has not come",
			   storm_side_name(from));
	for (i = 0; i < seg->nsacks; i++) {
		if (!rill_before(seg->sacks[i].start, seg->sacks[i].end) ||
		    rill_after(seg->sacks[i].end, link->came_end))
			storm_fail(s, "the %s SACKed what has not come",
				   storm_side_name(from));
	}
}

/*
 * Has the connection ended at the sender's end, and in order? A late SYN may
 * have made a half-open one since.
 */
static bool sent_when_gone(const struct storm *s, enum storm_side from)
{
	const struct storm_program *p = &s->program[from];
	const struct rill_entry *entry;
	bool gone;

	rcu_read_lock();
	entry = rill_table_lookup(rill_net(s->net), &s->silence[from].key);
	gone = !entry || entry->kind == RILL_KIND_REQUEST;
	rcu_read_unlock();
	if (!gone || p->closed)
		return gone;
	/* LAST_ACK is over, and the program has not closed yet. */
	return p->shut && p->sock->sk->sk_state == TCP_CLOSE &&
	       !p->sock->sk->sk_err;
}

/* The socket of an end whose handshake is over; NULL if there is none. */
static const struct rill_sock *silence_sock(const struct storm *s,
					    const struct storm_silence *w)
{
	const struct rill_entry *entry;
	const struct rill_sock *rs;

	entry = rill_table_lookup(rill_net(s->net), &w->key);
	if (!entry || entry->kind != RILL_KIND_SOCK)
		return NULL;
	rs = container_of(entry, struct rill_sock, entry);
	return (1 << rs->inet.sk.sk_state) &
	       (TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_CLOSE) ? NULL : rs;
}

/* A timer set now uses the RTO of now, whatever is sampled next. */
static void silence_spoke(const struct storm *s, struct storm_silence *w)
{
	const struct rill_sock *rs;

	rcu_read_lock();
	rs = silence_sock(s, w);
	if (rs)
		w->rto_us = max(w->rto_us, rs->rtt.rto_us);
	rcu_read_unlock();
	w->spoke = true;
}

/**
 * storm_watch_sent() - a segment has been given to the wire
 * @s: the storm
 * @from: by whom
 * @seg: the segment
 * @packet_len: bytes with the IP header
 *
 * Context: storm.lock held.
 */
void storm_watch_sent(struct storm *s, enum storm_side from,
		      const struct storm_segment *seg, u32 packet_len)
{
	struct storm_link *link = &s->link[from];

	if (seg->flags & RILL_SYN) {
		link->iss = seg->seq;
		link->has_iss = true;
		link->mss = seg->mss;
		link->scales = seg->has_wscale;
		link->wscale = seg->wscale;
	}
	/* A late segment is reset once nothing is left (RFC 9293, 3.10.7.1). */
	if ((seg->flags & RILL_RST) && !sent_when_gone(s, from))
		storm_fail(s, "the %s sent a reset", storm_side_name(from));
	if (s->packets > STORM_PACKETS_MOST)
		storm_fail(s, "packets without end");
	sent_size(s, from, seg, packet_len);
	sent_data(s, from, seg);
	sent_ack(s, from, seg);

	/* A probe is a segment below the window (RFC 9293, 3.8.6.1). */
	if (seg->len || (seg->flags & (RILL_SYN | RILL_FIN)) ||
	    rill_before(seg->seq, s->silence[from].una))
		silence_spoke(s, &s->silence[from]);
}

/**
 * storm_watch_came() - a segment is about to be received, undamaged
 * @s: the storm
 * @from: who sent it
 * @seg: the segment, but for the data
 *
 * Context: storm.lock held.
 */
void storm_watch_came(struct storm *s, enum storm_side from,
		      const struct storm_segment *seg)
{
	u32 end = seg->seq + seg->len +
		  !!(seg->flags & RILL_SYN) + !!(seg->flags & RILL_FIN);
	struct storm_link *back = &s->link[storm_other(from)];
	struct storm_link *link = &s->link[from];
	u32 edge = seg->ack + segment_window(s, from, seg);

	if (!link->has_come || rill_after(end, link->came_end))
		link->came_end = end;
	link->has_come = true;
	if (!(seg->flags & RILL_ACK))
		return;
	if (!back->has_edge || rill_after(edge, back->edge))
		back->edge = edge;
	back->has_edge = true;
}

/* ---- silence ----------------------------------------------------------- */

/*
 * The deadline of an end that has something in flight or to send, whose RTO was
 * @spoke_us when it sent last.
 */
static u64 silence_due(const struct sock *sk, u32 spoke_us)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 waits = rs->snd.write_seq - rs->snd.nxt;
	u32 room = rs->snd.una + rs->snd.wnd - rs->snd.nxt;
	u64 more_us = spoke_us > rs->rtt.rto_us ? spoke_us - rs->rtt.rto_us : 0;

	if (rs->snd.una == rs->snd.nxt && (s32)room >= 0 &&
	    min_t(u32, waits, rs->path.mss) <= room)
		return STORM_CORK_NS;
	return rill_rto_ns(sk) + (more_us << rs->retry.backoff) * NSEC_PER_USEC;
}

/*
 * Several ACKs arrived in the same instant: each gave a sample, and the timer
 * has the RTO of one of the first. Up to twice the present RTO.
 */
static u64 silence_acked(const struct rill_sock *rs, u64 due_ns)
{
	u64 at_ns = rs->clock.deadline_ns[RILL_TIMER_RETRANSMIT];
	u64 now_ns = ktime_get_ns();

	if (at_ns < now_ns + due_ns)
		return due_ns;
	return min(at_ns - now_ns, 2 * due_ns);
}

/* The same for now; the watch compares. Returns the deadline. */
static u64 silence_state(const struct storm *s, struct storm_silence *now)
{
	const struct rill_request *req;
	const struct rill_entry *entry;
	const struct rill_sock *rs;
	u32 una = now->una, segs = now->segs;
	u64 due_ns = 0;

	now->kind = -1;
	rcu_read_lock();
	entry = rill_table_lookup(rill_net(s->net), &now->key);
	if (entry && entry->kind == RILL_KIND_SOCK) {
		rs = container_of(entry, struct rill_sock, entry);
		now->kind = RILL_KIND_SOCK;
		now->una = rs->snd.una;
		now->nxt = rs->snd.nxt;
		now->write = rs->snd.write_seq;
		now->edge = rs->snd.una + rs->snd.wnd;
		now->segs = rs->tally.segs_in;
		if (now->una != now->nxt || now->nxt != now->write)
			due_ns = silence_due(&rs->inet.sk, now->rto_us);
		if (due_ns && now->una != una && now->segs - segs > 1)
			due_ns = silence_acked(rs, due_ns);
	} else if (entry && entry->kind == RILL_KIND_REQUEST) {
		req = container_of(entry, struct rill_request, entry);
		now->kind = RILL_KIND_REQUEST;
		now->una = req->iss;
		due_ns = (u64)req->rto_us * NSEC_PER_USEC << req->retries;
	} else if (entry) {
		now->kind = entry->kind;
	}
	rcu_read_unlock();
	return due_ns;
}

static bool silence_owned(const struct storm *s, enum storm_side side)
{
	const struct rill_sock *rs;
	bool owned;

	rcu_read_lock();
	rs = silence_sock(s, &s->silence[side]);
	owned = rs && sock_owned_by_user_nocheck(&rs->inet.sk);
	rcu_read_unlock();
	return owned;
}

static void silence_look(struct storm *s, enum storm_side side)
{
	struct storm_silence *w = &s->silence[side], now = *w;
	u64 at_ns = ktime_get_ns(), due_ns = silence_state(s, &now);
	bool fresh;

	/* A window that changes counts where nothing is in flight. */
	fresh = w->spoke || now.kind != w->kind || now.una != w->una ||
		!w->due_ns || !due_ns ||
		(now.una == now.nxt && now.edge != w->edge);
	if (!fresh) {
		if (at_ns > w->since_ns + w->due_ns + STORM_TOLERANCE_NS)
			storm_fail(s, "the %s is silent for %llu us, and %llu were due",
				   storm_side_name(side),
				   (at_ns - w->since_ns) / 1000,
				   w->due_ns / 1000);
		return;
	}
	/* A retransmission does not set a timer that runs (RFC 6298, 5.1). */
	if (now.kind == w->kind && now.una == w->una && due_ns && w->due_ns)
		due_ns = max_t(s64, due_ns, w->since_ns + w->due_ns - at_ns);
	now.spoke = false;
	now.rto_us = 0;
	now.since_ns = at_ns;
	now.due_ns = due_ns;
	*w = now;
}

/* Does the end acknowledge in time, and advertise that its window is open? */
static void receiver_look(struct storm *s, enum storm_side side)
{
	const struct storm_link *link = &s->link[side];
	struct storm_silence *w = &s->silence[side];
	u64 now = ktime_get_ns();
	const struct rill_sock *rs;

	rcu_read_lock();
	rs = silence_sock(s, w);
	if (!rs || rs->rcv.nxt == link->said_ack) {
		w->owed_ns = 0;
	} else if (!w->owed_ns || w->said_ack != link->said_ack) {
		w->owed_ns = now;
		w->delack_ns = rs->agreed.delack_us * NSEC_PER_USEC;
	} else if (now > w->owed_ns + w->delack_ns + STORM_TOLERANCE_NS) {
		storm_fail(s, "the %s has kept an ACK for %llu us, and promised it in %llu us",
			   storm_side_name(side), (now - w->owed_ns) / 1000,
			   w->delack_ns / 1000);
	}
	if (rs && rs->rcv.copied_seq == rs->rcv.nxt &&
	    rs->rcv.nxt == link->said_edge && !s->program[side].eof &&
	    !rs->rcv.fin_received)
		storm_fail(s, "the %s has read all and does not say that its window is open",
			   storm_side_name(side));
	rcu_read_unlock();
	w->said_ack = link->said_ack;
}

/**
 * storm_watch_look() - look at both ends: has anything begun or ended?
 * @s: the storm
 *
 * Context: storm.lock held.
 */
void storm_watch_look(struct storm *s)
{
	int side;

	for (side = 0; side < STORM_SIDES && !s->failed; side++) {
		/* In the middle of a call: the player checks at its end. */
		if (silence_owned(s, side))
			continue;
		silence_look(s, side);
		receiver_look(s, side);
	}
}

/**
 * storm_watch_next() - when to look if nothing happens
 * @s: the storm
 *
 * Context: storm.lock held.
 * Return: ns of CLOCK_MONOTONIC; U64_MAX if nothing is due.
 */
u64 storm_watch_next(const struct storm *s)
{
	u64 next = U64_MAX;
	int side;

	for (side = 0; side < STORM_SIDES && !s->failed; side++) {
		const struct storm_silence *w = &s->silence[side];

		if (w->due_ns)
			next = min(next, w->since_ns + w->due_ns +
				   STORM_TOLERANCE_NS + 1);
		if (w->owed_ns)
			next = min(next, w->owed_ns + w->delack_ns +
				   STORM_TOLERANCE_NS + 1);
	}
	return next;
}

/**
 * storm_watch_start() - before the programs begin
 * @s: the storm
 *
 * Context: process.
 */
void storm_watch_start(struct storm *s)
{
	u16 ports[STORM_SIDES];
	int side;

	ports[STORM_CLIENT] = storm_client_port(s);
	ports[STORM_SERVANT] = STORM_SERVER;
	for (side = 0; side < STORM_SIDES; side++) {
		struct rill_key *key = &s->silence[side].key;

		storm_address(s, side, false, &key->laddr);
		storm_address(s, side, true, &key->raddr);
		key->lport = htons(ports[side]);
		key->rport = htons(ports[storm_other(side)]);
		s->silence[side].kind = -1;
	}
}

/* ---- after a failure --------------------------------------------------- */

static void report_sock(const struct rill_sock *rs, char *text, size_t size)
{
	u64 now = ktime_get_ns();
	int i, n;

	n = scnprintf(text, size,
		      "%s una %u nxt %u write %u wnd %u, next %u wnd %u, rto %llu us, timers",
		      rill_state_name(rs->inet.sk.sk_state),
		      rs->snd.una - rs->snd.iss, rs->snd.nxt - rs->snd.iss,
		      rs->snd.write_seq - rs->snd.iss, rs->snd.wnd,
		      rs->rcv.nxt - rs->rcv.irs, rs->rcv.wnd,
		      rill_rto_ns(&rs->inet.sk) / 1000);
	for (i = 0; i < RILL_TIMER_MAX; i++) {
		if (rs->clock.deadline_ns[i])
			n += scnprintf(text + n, size - n, " %d:%lld", i,
				       (s64)(rs->clock.deadline_ns[i] - now) /
				       1000);
	}
}

static void report_end(struct storm *s, enum storm_side side)
{
	struct rill_entry *entry;
	char text[STORM_TEXT];

	rcu_read_lock();
	entry = rill_table_lookup(rill_net(s->net), &s->silence[side].key);
	if (!entry)
		strscpy(text, "not in the table", sizeof(text));
	else if (entry->kind == RILL_KIND_SOCK)
		report_sock(container_of(entry, struct rill_sock, entry), text,
			    sizeof(text));
	else
		strscpy(text, entry->kind == RILL_KIND_REQUEST ? "half-open" :
			"finished", sizeof(text));
	rcu_read_unlock();
	kunit_info(s->test, "%s: %s\n", storm_side_name(side), text);
}

/**
 * storm_watch_report() - tell what happened last, and how the ends stand
 * @s: the storm, failed
 *
 * Context: process.
 */
void storm_watch_report(struct storm *s)
{
	u32 first = s->nevents > STORM_EVENTS ? s->nevents - STORM_EVENTS : 0;
	u32 i;

	storm_plan_print(s->test, &s->plan);
	report_end(s, STORM_CLIENT);
	report_end(s, STORM_SERVANT);
	for (i = first; i < s->nevents; i++) {
		const struct storm_event *e = &s->events[i % STORM_EVENTS];

		kunit_info(s->test, "%12llu %s\n",
			   (e->at_ns - s->start_ns) / 1000, e->text);
	}
}
