// SPDX-License-Identifier: GPL-2.0
/* What a storm draws from its seed: programs, tunables, and the weather. */
#include "storm.h"

/* Hazards beyond these would end connections that are to end well. */
#define STORM_DELAY_MOST_NS	(100 * NSEC_PER_MSEC)
#define STORM_DARK_MOST_NS	(2 * NSEC_PER_SEC)
#define STORM_PHASE_MOST_NS	(2 * NSEC_PER_SEC)
#define STORM_PHASES		8
#define STORM_BYTES		20000	/* ten times as much, now and then */
/* Half of the space of a clock of microseconds to all of it. */
#define STORM_SILENCE_LEAST_NS	(36 * 60 * NSEC_PER_SEC)
#define STORM_SILENCE_MOST_NS	(71 * 60 * NSEC_PER_SEC)

/* Tunables that are drawn; names that the module does not know are skipped. */
static const struct {
	const char *name;
	u16 chance;	/* of another value than the default, thousandths */
	u32 least;
	u32 most;	/* above 2 the magnitude is what is random */
} tunables[] = {
	{ "sack", 250, 0, 0 },
	{ "timestamps", 250, 0, 0 },
	{ "window_scaling", 250, 0, 0 },
	{ "dsack", 250, 0, 0 },
	{ "tlp", 250, 0, 0 },
	{ "ecn", 500, 0, 2 },
	{ "mtu_probing", 500, 0, 2 },
	{ "slow_start_after_idle", 300, 0, 0 },
	{ "moderate_rcvbuf", 300, 0, 0 },
	{ "delack_max_us", 300, 1, 200000 },
	{ "delack_max_us", 150, 0, 0 },
	{ "rto_min_us", 500, 50, 200000 },
	{ "rto_initial_us", 500, 10000, 1000000 },
	{ "init_cwnd", 500, 1, 100 },
};

static void plan_tunable(struct storm_plan *plan, enum storm_side side,
			 const char *name, const char *fmt, u32 value)
{
	struct storm_tunable *t;

	t = &plan->tunables[side][plan->ntunables[side]++];
	t->name = name;
	scnprintf(t->value, sizeof(t->value), fmt, value);
}

static void plan_tunables(struct storm_plan *plan, enum storm_side side,
			  struct storm_random *r)
{
	size_t i;
	u32 value;

	/* A short first RTO must not be the end of a connection. */
	plan_tunable(plan, side, "syn_retries", "%u", 12);
	plan_tunable(plan, side, "synack_retries", "%u", 12);
	/* Silence is measured to the microsecond. */
	plan_tunable(plan, side, "timer_slack_us", "%u", 0);
	for (i = 0; i < ARRAY_SIZE(tunables); i++) {
		u32 least = tunables[i].least, most = tunables[i].most;

		value = most > 2 ? storm_spread(r, least, most) :
				   storm_below(r, most + 1);
		if (storm_chance(r, tunables[i].chance))
			plan_tunable(plan, side, tunables[i].name, "%u", value);
	}
	value = storm_spread(r, 4096, 131072);
	if (storm_chance(r, 300))
		plan_tunable(plan, side, "rmem", "4096 %u 6291456", value);
	value = storm_spread(r, 16384, 4194304);
	if (storm_chance(r, 300))
		plan_tunable(plan, side, "wmem", "4096 16384 %u", value);
}

/* A magnitude now and then, else nothing. */
static u64 sometimes(struct storm_random *r, u32 thousandths, u64 least,
		     u64 most)
{
	u64 value = storm_spread(r, least, most);

	return storm_chance(r, thousandths) ? value : 0;
}

static void plan_habit(struct storm_habit *h, struct storm_random *r, bool v6)
{
	static const char *const algorithms[] = {
		"cubic", "newreno", "reno", "dctcp",
	};

	*h = (struct storm_habit){
		.bytes = sometimes(r, 850, storm_chance(r, 300) ? 1 : 200,
				   STORM_BYTES),
		.write_most = storm_spread(r, 1, STORM_PERIOD),
		.read_most = storm_spread(r, 1, STORM_PERIOD),
		.write_gap_ns = storm_spread(r, 10000, 50 * NSEC_PER_MSEC),
		.write_gap = sometimes(r, 500, 1, 1000),
		.pause_ns = storm_spread(r, 100000, 3 * NSEC_PER_SEC),
		.pause = sometimes(r, 600, 20, 1000),
		.pauses = storm_spread(r, 1, 20),
		.linger_ns = sometimes(r, 500, 1000, 500 * NSEC_PER_MSEC),
		.more = sometimes(r, 250, 10, 1000),
		.cork = sometimes(r, 250, 10, 300),
		.peek = sometimes(r, 200, 10, 1000),
		.nodelay = storm_chance(r, 500),
		.rcvbuf = sometimes(r, 500, 1024, 40000),
		.sndbuf = sometimes(r, 400, 1024, 65536),
		.maxseg = sometimes(r, 250, 88, 1460),
		.lowat = sometimes(r, 150, 1, 2000),
		.v6 = v6 || storm_chance(r, 250),
	};
	if (storm_chance(r, 500))
		h->congestion = algorithms[storm_below(r, 4)];
	if (storm_chance(r, 40))
		h->bytes *= 10;
	/* A long stream goes in large pieces, or a script takes seconds. */
	if (h->maxseg)
		h->maxseg = clamp_t(u32, h->bytes / 50, h->maxseg, 1460);
	h->write_most = max(h->write_most, h->bytes / 50 + 1);
	/* The other end must not wait in vain in FIN_WAIT2. */
	h->pauses = min_t(u64, h->pauses,
			  div_u64(10 * NSEC_PER_SEC, h->pause_ns) + 1);
}

/*
 * A pause so long that TS.Recent is stale. The other program reads slowly then,
 * so that its window closes afterwards, and opens.
 */
static void plan_silence(struct storm_habit *h, struct storm_habit *other,
			 struct storm_random *r)
{
	u64 span_ns = STORM_SILENCE_MOST_NS - STORM_SILENCE_LEAST_NS;

	if (!storm_chance(r, 400))
		return;
	h->silence_ns = STORM_SILENCE_LEAST_NS + storm_random(r) % span_ns;
	other->rcvbuf = other->rcvbuf ?: 4096;
	other->pause = max_t(u16, other->pause, 300);
}

static void plan_endings(struct storm_plan *plan, struct storm_random *r)
{
	struct storm_habit *a = &plan->habit[storm_below(r, STORM_SIDES)];
	struct storm_habit *b = a == plan->habit ? a + 1 : plan->habit;

	/* One of the two begins; the other may do anything. */
	a->ending = b->bytes || storm_chance(r, 500) ? STORM_HALF : STORM_FIRST;
	b->ending = storm_below(r, 2) ? STORM_LAST : STORM_HALF;
	if (!a->bytes && storm_chance(r, 300))
		b->ending = STORM_FIRST;
}

/**
 * storm_plan_draw() - draw what is known before the script begins
 * @plan: filled in
 * @seed: of all
 *
 * Context: process.
 */
void storm_plan_draw(struct storm_plan *plan, u64 seed)
{
	struct storm_random r = { .state = seed };
	struct storm_habit *client, *servant;

	memset(plan, 0, sizeof(*plan));
	plan->seed = seed;
	plan->v6 = storm_chance(&r, 400);
	plan->phases = 1 + storm_below(&r, STORM_PHASES);
	plan->holes = storm_chance(&r, 300);
	client = &plan->habit[STORM_CLIENT];
	servant = &plan->habit[STORM_SERVANT];
	plan_habit(client, &r, plan->v6);
	plan_habit(servant, &r, plan->v6);
	servant->read_most = max(servant->read_most, client->bytes / 50 + 1);
	client->read_most = max(client->read_most, servant->bytes / 50 + 1);
	plan_endings(plan, &r);
	/*
	 * A program that waits for more than the other writes would wait in
	 * vain.
	 */
	plan->turns = sometimes(&r, 300, 2, 20);
	if (plan->turns && client->bytes && servant->bytes) {
		client->lowat = 0;
		servant->lowat = 0;
	} else {
		plan->turns = 0;
	}
	plan_tunables(plan, STORM_CLIENT, &r);
	plan_tunables(plan, STORM_SERVANT, &r);
	/* Drawn last, so that seeds without it stay what they were. */
	if (storm_chance(&r, 250))
		client->urgent = storm_below(&r, 500);
	if (storm_chance(&r, 250))
		servant->urgent = storm_below(&r, 500);
	if (storm_below(&r, STORM_SIDES))
		plan_silence(client, servant, &r);
	else
		plan_silence(servant, client, &r);
}

static const char *const endings[] = {
	[STORM_HALF] = "shutdown() and close() at the end of the other's data",
	[STORM_LAST] = "close() at the end of the other's data",
	[STORM_FIRST] = "close()",
};

static void plan_print_habit(struct kunit *test, const char *who,
			     const struct storm_habit *h)
{
	kunit_info(test,
		   "%s: %u bytes by %u at most%s%s, then %s; reads %u at most\n",
		   who, h->bytes, h->write_most, h->v6 ? ", AF_INET6" : "",
		   h->nodelay ? ", nodelay" : "", endings[h->ending],
		   h->read_most);
	kunit_info(test,
		   "%s: write gap %u/1000 %llu us, pause %u/1000 %llu us %u times, first after %llu us, more %u, urgent %u, cork %u, peek %u\n",
		   who, h->write_gap, h->write_gap_ns / 1000, h->pause,
		   h->pause_ns / 1000, h->pauses, h->linger_ns / 1000, h->more,
		   h->urgent, h->cork, h->peek);
	if (h->silence_ns)
		kunit_info(test, "%s: silent for %llu s in the middle\n", who,
			   div_u64(h->silence_ns, NSEC_PER_SEC));
	kunit_info(test,
		   "%s: rcvbuf %d, sndbuf %d, maxseg %d, lowat %d (0: not set), %s\n",
		   who, h->rcvbuf, h->sndbuf, h->maxseg, h->lowat,
		   h->congestion ?: "usual congestion control");
}

/**
 * storm_plan_print() - tell what was drawn
 * @test: the case
 * @plan: drawn
 *
 * Context: process.
 */
void storm_plan_print(struct kunit *test, const struct storm_plan *plan)
{
	static const char *const who[] = { "client", "server" };
	int side, i;

	kunit_info(test, "over IPv%d, %u phases of weather, %u turns\n",
		   plan->v6 ? 6 : 4, plan->phases, plan->turns);
	for (side = 0; side < STORM_SIDES; side++) {
		char text[400];
		int len = 0;

		plan_print_habit(test, who[side], &plan->habit[side]);
		for (i = 0; i < plan->ntunables[side]; i++)
			len += scnprintf(text + len, sizeof(text) - len,
					 "; %s %s",
					 plan->tunables[side][i].name,
					 plan->tunables[side][i].value);
		kunit_info(test, "%s: tunables%s\n", who[side], text);
	}
}

/* ---- weather ----------------------------------------------------------- */

/* Another path: both directions, mostly alike. */
static void weather_path(struct storm *s)
{
	struct storm_random *r = &s->random;
	struct storm_weather path = {
		.delay_ns = storm_spread(r, 10000, STORM_DELAY_MOST_NS),
		.rate = sometimes(r, 500, 20000, 125000000),
		.queue = storm_spread(r, 4, 100),
	};
	int side;

	for (side = 0; side < STORM_SIDES; side++) {
		struct storm_weather *w = &s->link[side].weather;

		w->delay_ns = path.delay_ns;
		w->rate = path.rate;
		w->queue = path.queue;
		if (storm_chance(r, 200)) {
			w->delay_ns = storm_spread(r, 10000,
						   STORM_DELAY_MOST_NS);
			w->rate = sometimes(r, 500, 20000, 125000000);
		}
	}
}

/* Not below the MTU that a search begins with, if there is one. */
static void weather_mtu(struct storm *s)
{
	bool hole = s->holes && storm_chance(&s->random, 500);
	u32 least = s->plan.v6 || hole ? IPV6_MIN_MTU : 576;
	u32 mtu = least + storm_below(&s->random, STORM_MTU - least + 1);
	int side;

	for (side = 0; side < STORM_SIDES; side++) {
		s->link[side].weather.mtu = mtu;
		s->link[side].weather.hole = hole;
	}
}

static void weather_clear(struct storm_weather *w)
{
	w->jitter_ns = 0;
	w->late_ns = 0;
	w->dark = false;
	w->loss = 0;
	w->burst = 0;
	w->ack_loss = 0;
	w->dup = 0;
	w->late = 0;
	w->corrupt = 0;
	w->mark = 0;
	w->cut = 0;
}

static void weather_hazards(struct storm_weather *w, struct storm_random *r)
{
	weather_clear(w);
	w->loss = sometimes(r, 500, 1, 400);
	w->burst = sometimes(r, 300, 1, 15);
	w->ack_loss = sometimes(r, 250, 50, 1000);
	w->dup = sometimes(r, 250, 1, 400);
	w->late = sometimes(r, 250, 1, 400);
	w->late_ns = storm_spread(r, 10000, 50 * NSEC_PER_MSEC);
	w->corrupt = sometimes(r, 200, 1, 300);
	w->mark = sometimes(r, 250, 1, 500);
	w->cut = sometimes(r, 250, 1, 500);
	w->jitter_ns = sometimes(r, 200, 1000, w->delay_ns);
}

static void weather_tell(struct storm *s)
{
	int side;

	for (side = 0; side < STORM_SIDES; side++) {
		const struct storm_weather *w = &s->link[side].weather;

		storm_event(s,
			    "%c weather: delay %llu us, rate %llu B/s, queue %u, mtu %u, lost %u (%u), ACKs %u, twice %u, late %u by %llu us, damaged %u, cut %u, jitter %llu us%s%s",
			    side == STORM_CLIENT ? '>' : '<',
			    w->delay_ns / 1000, w->rate, w->queue, w->mtu,
			    w->loss, w->burst, w->ack_loss, w->dup, w->late,
			    w->late_ns / 1000, w->corrupt, w->cut,
			    w->jitter_ns / 1000, w->hole ? ", hole" : "",
			    w->dark ? ", dark" : "");
	}
}

/**
 * storm_weather_change() - the next phase, or good weather for ever
 * @s: the storm
 *
 * Context: storm.lock held.
 */
void storm_weather_change(struct storm *s)
{
	struct storm_random *r = &s->random;
	u64 now = ktime_get_ns();
	int side, dark;

	s->phase++;
	for (side = 0; side < STORM_SIDES; side++)
		s->link[side].drops = 0;
	if (s->phase > s->plan.phases) {
		for (side = 0; side < STORM_SIDES; side++)
			weather_clear(&s->link[side].weather);
		s->phase_ns = U64_MAX;
		s->phase_packets = U32_MAX;
		weather_tell(s);
		return;
	}
	if (storm_chance(r, 400))
		weather_path(s);
	if (storm_chance(r, 250))
		weather_mtu(s);
	for (side = 0; side < STORM_SIDES; side++)
		weather_hazards(&s->link[side].weather, r);
	s->phase_ns = now + storm_spread(r, NSEC_PER_MSEC, STORM_PHASE_MOST_NS);
	s->phase_packets = s->packets + storm_spread(r, 4, 200);
	/*
	 * One direction or both go dark; a time ends it, not a number of
	 * packets.
	 */
	dark = storm_below(r, 3);
	if (storm_chance(r, 150)) {
		s->link[STORM_CLIENT].weather.dark = dark != STORM_SERVANT;
		s->link[STORM_SERVANT].weather.dark = dark != STORM_CLIENT;
		s->phase_ns = now + storm_spread(r, NSEC_PER_MSEC,
						 STORM_DARK_MOST_NS);
		s->phase_packets = U32_MAX;
	}
	weather_tell(s);
}

/**
 * storm_weather_start() - the first phase
 * @s: the storm
 *
 * Context: storm.lock held.
 */
void storm_weather_start(struct storm *s)
{
	int side;

	weather_path(s);
	for (side = 0; side < STORM_SIDES; side++)
		s->link[side].weather.mtu = STORM_MTU;
	storm_weather_change(s);
}
