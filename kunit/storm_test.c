// SPDX-License-Identifier: GPL-2.0
/*
 * Random scripts by seed: programs that write, read and pause at random, and a
 * wire that loses, duplicates, reorders and damages packets, changes its path
 * and goes dark. Each script must end with the data intact, and no end may be
 * silent for longer than its timeout.
 */
#include <linux/module.h>
#include "../module/connection/inside.h"
#include "../module/control/control.h"
#include "scenario.h"
#include "storm.h"

static unsigned long storm_seed = 1;
module_param(storm_seed, ulong, 0444);
MODULE_PARM_DESC(storm_seed, "first seed of the suite rill_storm (1)");

static unsigned int storm_count = 200;
module_param(storm_count, uint, 0444);
MODULE_PARM_DESC(storm_count, "how many seeds it plays (200)");

static bool storm_trace;
module_param(storm_trace, bool, 0444);
MODULE_PARM_DESC(storm_trace, "tell each packet of each seed (N)");

/* Only this script may use what it has taught its routes. */
static struct net_device *storm_device;

/* The parameter of a case: one after the other. */
static RILL_KUNIT_PARAMS(storm_seeds)
{
	static u64 seed;

	seed = prev ? seed + 1 : storm_seed;
	if (seed - storm_seed >= storm_count)
		return NULL;
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "seed %llu", seed);
	return &seed;
}

/*
 * The seed decides all that the module draws at random too, and a script begins
 * at the start of a second: it is the same whatever was played before it.
 */
static void storm_settle(struct storm *s)
{
	struct rill_net *rnet = rill_net(s->net);
	u64 now = scenario_now();
	u64 *key = (u64 *)&rnet->isn_key;

	key[0] = storm_random(&s->random);
	key[1] = storm_random(&s->random);
	scenario_sleep_until(DIV_ROUND_UP_ULL(now + 1, NSEC_PER_SEC) *
			     NSEC_PER_SEC);
}

/* Let one of the streams reach 2^32 in its middle; the ISN's clock is slow. */
static void storm_wrap(struct storm *s)
{
	enum storm_side side = storm_below(&s->random, STORM_SIDES);
	struct rill_net *rnet = rill_net(s->net);
	u64 *key = (u64 *)&rnet->isn_key;
	u32 want, after;
	int tries;

	want = -(s->plan.habit[side].bytes / 2 + 1);
	for (tries = 0; tries < 20000; tries++) {
		key[0] = storm_random(&s->random);
		after = want - rill_secure_isn(rnet, &s->silence[side].key,
					       rill_now_ns());
		if (after < 1 << 20)
			break;
	}
	/* 4 us a number (RFC 6528, 3). */
	if (after < 1 << 20)
		scenario_sleep_until(scenario_now() + after * 4000ULL);
}

static void never_stalls(struct kunit *test)
{
	u64 seed = *(const u64 *)test->param_value;
	struct rill_net *rnet = rill_net(rill_kunit_net);
	struct storm *s;
	int side;

	s = kzalloc(sizeof(*s), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s);
	s->test = test;
	s->net = rill_kunit_net;
	s->dev = storm_device;
	s->trace = storm_trace;
	spin_lock_init(&s->lock);
	storm_plan_draw(&s->plan, seed);
	s->holes = s->plan.holes && storm_probes_mtu(&s->plan);
	s->random.state = ~seed;
	for (side = 0; side < STORM_SIDES; side++) {
		s->program[side].random.state = storm_random(&s->random);
		s->link[side].random.state = storm_random(&s->random);
	}
	storm_settle(s);
	storm_watch_start(s);
	if (storm_chance(&s->random, 125))
		storm_wrap(s);
	storm_wire_open(s);
	storm_play(s);
	if (s->failed)
		KUNIT_FAIL(test, "seed %llu: %s\n", seed, s->why);
	if (s->failed)
		rill_net_close_all(rnet);
	storm_wire_close(s);
	rill_tunables_init(&rnet->tunables);
	scenario_check_nothing_left(test, rnet);
	kfree(s);
}

static int storm_init(struct kunit *test)
{
	return storm_wire_create(rill_kunit_net, &storm_device);
}

static void storm_exit(struct kunit *test)
{
	if (storm_device)
		storm_wire_destroy(storm_device);
	storm_device = NULL;
}

static int storm_suite_init(struct kunit_suite *suite)
{
	return storm_program_init();
}

static void storm_suite_exit(struct kunit_suite *suite)
{
	storm_program_exit();
}

static struct kunit_case storm_cases[] = {
	KUNIT_CASE_PARAM(never_stalls, storm_seeds),
	{}
};

static struct kunit_suite storm_suite = {
	.name = "rill_storm",
	.suite_init = storm_suite_init,
	.suite_exit = storm_suite_exit,
	.init = storm_init,
	.exit = storm_exit,
	.test_cases = storm_cases,
};

kunit_test_suite(storm_suite);
