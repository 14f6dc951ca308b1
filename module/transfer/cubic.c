// SPDX-License-Identifier: GPL-2.0
/*
 * CUBIC (RFC 9438). In congestion avoidance the window follows
 *
 *	W_cubic(t) = C (t - K)^3 + W_max	C = 0.4, t and K in seconds
 *
 * which is where it was reduced at t = 0, and back at W_max, where congestion
 * showed, at t = K; or Reno's window, W_est, where that is larger.
 *
 * Where the RFC leaves it open, Linux's TCP is followed: the first ACK after a
 * reduction starts the clock, and as long as no loss has shown a W_max, the
 * window grows by 5 % in a round trip at least.
 */
#include "inside.h"

/* W_cubic and what is compared with it: segments times 2^10. */
#define RILL_CUBIC_SHIFT	10

/* 0.4 times this cubed is more than RILL_CWND_MAX. */
#define RILL_CUBIC_FAR_US	(140 * USEC_PER_SEC)

/* beta is 0.7; fast convergence leaves (1 + beta) / 2 (RFC 9438, 4.6, 4.7) */
#define RILL_CUBIC_BETA(w)	((w) * 7ULL / 10)
#define RILL_CUBIC_FAST(w)	((w) * 17ULL / 20)

/* alpha of the friendly region, 3 (1 - beta) / (1 + beta), is 9 / 17 (4.3) */
#define RILL_CUBIC_ALPHA	9
#define RILL_CUBIC_ALPHA_ONE	17

#define RILL_CUBIC_TICK_US	4000	/* of Linux's TCP, HZ being 250 */

/**
 * struct rill_cubic_stage - a stage of congestion avoidance
 * @start_ns: when t was 0, moved by the time in which cwnd was no limit; 0: the
 *	stage has not begun
 * @k_us: K
 * @origin: W_cubic(K), segments
 * @w_max: W_max, segments; 0: no loss has shown it
 * @w_prior: cwnd before the reduction, segments
 * @w_est: Reno's window, segments
 * @est_cnt: what is to make the next segment of it
 */
struct rill_cubic_stage {
	u64	start_ns;
	u32	k_us;
	u32	origin;
	u32	w_max;
	u32	w_prior;
	u32	w_est;
	u32	est_cnt;
};

/**
 * struct rill_cubic - CUBIC's memory of a connection
 * @now: the current stage
 * @before: the one before the last reduction, if that has to be undone
 * @last_ack_ns: until when @now.start_ns takes account of idle times
 * @hystart: the first slow start
 */
struct rill_cubic {
	struct rill_cubic_stage	now;
	struct rill_cubic_stage	before;
	u64			last_ack_ns;
	struct rill_hystart	hystart;
};

static struct rill_cubic *rill_cubic(struct sock *sk)
{
	BUILD_BUG_ON(sizeof(struct rill_cubic) >
		     sizeof_field(struct rill_sock, cc.priv));
	return (struct rill_cubic *)rill_sk(sk)->cc.priv;
}

/**
 * rill_cubic_root - cube root
 * @x: any
 *
 * Context: any.
 * Return: the root, rounded down.
 */
u64 rill_cubic_root(u64 x)
{
	u64 root = 0;
	int bit;

	/* 2^64 has a root of 22 bits; y^3 <= x is asked without y^3. */
	for (bit = 21; bit >= 0; bit--) {
		u64 y = root | BIT_ULL(bit);

		if (y * y <= div64_u64(x, y))
			root = y;
	}
	return root;
}

/**
 * rill_cubic_k_us - K: how long it takes to rise to W_max (RFC 9438, 4.2)
 * @segments: how far it is below, at most RILL_CWND_MAX
 *
 * The cube root of segments / C, C = 0.4. A factor of 10^12 below the root
 * gives units of 100 us.
 *
 * Context: any.
 * Return: microseconds.
 */
u32 rill_cubic_k_us(u32 segments)
{
	return rill_cubic_root(segments * 2500000000000ULL) * 100;
}

/**
 * rill_cubic_rise - C t^3
 * @us: t, microseconds
 *
 * Context: any.
 * Return: segments times 2^10; no more than for RILL_CUBIC_FAR_US.
 */
u64 rill_cubic_rise(u64 us)
{
	us = min_t(u64, us, RILL_CUBIC_FAR_US);
	/* t^2 is divided by 2^18 to fit; 10^18 / (0.4 * 2^10 * 2^18) is left */
	return div64_u64((us * us >> 18) * us, 9313225746ULL);
}

/* W_cubic at @us, segments times 2^10. */
static u64 rill_cubic_at(const struct rill_cubic_stage *s, u64 us)
{
	u64 origin = (u64)s->origin << RILL_CUBIC_SHIFT;

	if (us >= s->k_us)
		return origin + rill_cubic_rise(us - s->k_us);
	return origin - min(origin, rill_cubic_rise(s->k_us - us));
}

/* RFC 9438, 4.2: t = 0 */
static void rill_cubic_begin(struct rill_cubic_stage *s, u32 cwnd, u64 now)
{
	s->start_ns = now;
	s->w_est = cwnd;
	s->est_cnt = 0;
	s->origin = max(s->w_max, cwnd);
	s->k_us = rill_cubic_k_us(s->origin - cwnd);
}

/*
 * RFC 9438, 4.3: Reno's window, with the same average at a beta of 0.7. Linux,
 * which computes its rate once in a tick, grows by a whole segment in each of the
 * round trips that a tick holds; on so short a path a flow beside it would be
 * left behind.
 */
static void rill_cubic_friendly(struct rill_cubic_stage *s, u32 acked,
				u32 cwnd, u32 srtt_us)
{
	bool caught_up = s->w_est >= s->w_prior ||
			 srtt_us < RILL_CUBIC_TICK_US;
	u64 cnt = s->est_cnt;
	u32 whole = cwnd * RILL_CUBIC_ALPHA_ONE;

	cnt += (u64)acked * (caught_up ? RILL_CUBIC_ALPHA_ONE :
					 RILL_CUBIC_ALPHA);
	s->w_est = min_t(u64, s->w_est + div_u64(cnt, whole), RILL_CWND_MAX);
	s->est_cnt = cnt % whole;
}

static void rill_cubic_avoid(struct sock *sk, u32 acked, u64 now)
{
	struct rill_cubic_stage *s = &rill_cubic(sk)->now;
	struct rill_sock *rs = rill_sk(sk);
	u64 cwnd = (u64)rs->cc.cwnd << RILL_CUBIC_SHIFT;
	u64 us, target;

	if (!s->start_ns)
		rill_cubic_begin(s, rs->cc.cwnd, now);
	us = div_u64(rill_elapsed_ns(now, s->start_ns), NSEC_PER_USEC);
	rill_cubic_friendly(s, acked, rs->cc.cwnd, rs->rtt.srtt_us >> 3);
	if (s->w_est > rs->cc.cwnd &&
	    rill_cubic_at(s, us) < (u64)s->w_est << RILL_CUBIC_SHIFT) {
		rill_cc_raise(rs, s->w_est);
		return;
	}
	/* 4.4, 4.5: to where the curve is a round trip from now. */
	target = rill_cubic_at(s, us + (rs->rtt.srtt_us >> 3));
	if (!s->w_max)
		target = max(target, cwnd + cwnd / 20);
	target = clamp(target, cwnd, cwnd + cwnd / 2);
	rill_cc_add(sk, acked * (target - cwnd), cwnd);
}

static void rill_cubic_init(struct sock *sk)
{
	rill_cubic(sk)->last_ack_ns = rill_sk(sk)->clock.now_ns;
}

/* Whatever holds data back other than cwnd, t does not count it (4.2, 5.8). */
static void rill_cubic_pause(struct rill_cubic *c, u64 now)
{
	if (c->now.start_ns)
		c->now.start_ns += rill_elapsed_ns(now, c->last_ack_ns);
	c->last_ack_ns = now;
}

static void rill_cubic_acked(struct sock *sk, const struct rill_ack_sample *as)
{
	struct rill_cubic *c = rill_cubic(sk);
	struct rill_sock *rs = rill_sk(sk);

	if (!as->cwnd_limited)
		rill_cubic_pause(c, as->now_ns);
	c->last_ack_ns = as->now_ns;
	/* 4.8: after a timeout K is 0, and W_max where slow start ends. */
	if (rs->rec.state == RILL_LOSS && c->now.w_max) {
		c->now.start_ns = 0;
		c->now.w_max = 0;
	}
	if (rs->rec.state == RILL_OPEN && rs->cc.ssthresh == U32_MAX)
		rill_hystart_acked(&c->hystart, sk, as->rtt_us);
}

static void rill_cubic_grow(struct sock *sk, const struct rill_ack_sample *as)
{
	struct rill_sock *rs = rill_sk(sk);
	u32 acked = as->delivered;

	if (rs->cc.ssthresh == U32_MAX)
		acked = rill_hystart_step(&rill_cubic(sk)->hystart, acked,
					  rill_pace_active(sk));
	acked = rill_cc_slow_start(sk, acked);
	if (acked)
		rill_cubic_avoid(sk, acked, as->now_ns);
}

/*
 * RFC 9438, 4.6 and 4.7. Of a window that the program did not fill, what was in
 * use is left, if that is less (RFC 7661, 4.4.1).
 */
static u32 rill_cubic_ssthresh(struct sock *sk)
{
	struct rill_cubic *c = rill_cubic(sk);
	u32 window = rill_cc_window(sk);
	u32 reduced = min_t(u64, RILL_CUBIC_BETA(rill_sk(sk)->cc.cwnd), window);

	c->before = c->now;
	/* A flow that has less than the last time makes room for others. */
	c->now.w_max = window < c->now.w_max ? RILL_CUBIC_FAST(window) : window;
	c->now.w_prior = window;
	c->now.start_ns = 0;
	memset(&c->hystart, 0, sizeof(c->hystart));
	return max_t(u32, reduced, RILL_SSTHRESH_MIN);
}

static void rill_cubic_restart(struct sock *sk)
{
	struct rill_cubic *c = rill_cubic(sk);

	rill_cubic_pause(c, rill_sk(sk)->clock.now_ns);
	memset(&c->hystart, 0, sizeof(c->hystart));
}

static void rill_cubic_undo(struct sock *sk)
{
	struct rill_cubic *c = rill_cubic(sk);

	c->now = c->before;
}

const struct rill_cc_ops rill_cc_cubic = {
	.name		= "cubic",
	.init		= rill_cubic_init,
	.ssthresh	= rill_cubic_ssthresh,
	.grow		= rill_cubic_grow,
	.acked		= rill_cubic_acked,
	.restart	= rill_cubic_restart,
	.undo		= rill_cubic_undo,
};
