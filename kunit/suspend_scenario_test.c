// SPDX-License-Identifier: GPL-2.0
/*
 * This host was suspended: for 36 minutes, in which a timestamp clock of
 * microseconds passes half of its space, for 71, in which it nearly wraps, and
 * for 25 days, in which one of milliseconds passes half. The peer's clock went
 * on meanwhile, so that TS.Recent from before proves nothing (RFC 7323, 5.5).
 * All deadlines here stood still, as TCP's do: no connection ends for a time in
 * which its peer could not be heard.
 */
#include "scenario.h"

#define RILL	"<mss 1000,sackok,ts 0 0,rill 1000 6>"
#define TCP	"<mss 1000,sackok,ts 0 0>"

static const char *const suspend_times[] = { "36m", "71m", "600h" };

/* For the fixture the family is what a parameter begins with. */
struct suspend_param {
	struct scenario_family family;
	unsigned int time;
};

/* The next time, then the next family. */
static RILL_KUNIT_PARAMS(suspend_each)
{
	static const struct scenario_family *family;
	static struct suspend_param param;
	char name[KUNIT_PARAM_DESC_SIZE];

	if (!prev || ++param.time == ARRAY_SIZE(suspend_times)) {
		family = scenario_family_next(prev ? family : NULL, name);
		if (!family)
			return NULL;
		param.family = *family;
		param.time = 0;
	}
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s, %s", family->name,
		  suspend_times[param.time]);
	return &param;
}

static void awakening(struct kunit *test, const char *before,
		      const char *after)
{
	const struct suspend_param *param = test->param_value;
	char line[32];

	scnprintf(line, sizeof(line), "suspended %s\n",
		  suspend_times[param->time]);
	if (scenario_run(test, before) && scenario_run(test, line))
		scenario_run(test, after);
}

/*
 * Data waits for the window, which opens at once, or by the answer to a probe.
 */
static void with_data_unsent(struct kunit *test)
{
	awakening(test,
		  "established 10ms " RILL "\n"
		  "< A 1:1(0) ack 1 win 0\n"
		  "send 500\n",
		  "+1ms < A 1:1(0) ack 1 win 65535\n"
		  "> PA 1:501(500) ack 1\n"
		  "+10ms < A 1:1(0) ack 501\n");
}

static void with_data_unsent_to_a_tcp_peer(struct kunit *test)
{
	awakening(test,
		  "established 10ms " TCP "\n"
		  "< A 1:1(0) ack 1 win 0\n"
		  "send 500\n",
		  "+1ms < A 1:1(0) ack 1 win 65535\n"
		  "> PA 1:501(500) ack 1\n"
		  "+10ms < A 1:1(0) ack 501\n");
}

static void with_a_probe_due(struct kunit *test)
{
	awakening(test,
		  "established 10ms " RILL "\n"
		  "< A 1:1(0) ack 1 win 0\n"
		  "send 500\n"
		  "quiet 20ms\n",
		  "+11ms > A 0:0(0) ack 1\n"
		  "+10ms < A 1:1(0) ack 1 win 65535\n"
		  "> PA 1:501(500) ack 1\n"
		  "+10ms < A 1:1(0) ack 501\n");
}

/* The ACK arrived while this host could not receive it. */
static void with_data_unacknowledged(struct kunit *test)
{
	awakening(test,
		  "tunable tlp 0\n"
		  "established 10ms " RILL "\n"
		  "send 500\n"
		  "> PA 1:501(500) ack 1\n"
		  "quiet 20ms\n",
		  "+11ms > PA 1:501(500) ack 1\n"
		  "+10ms < A 1:1(0) ack 501\n"
		  "quiet 1s\n");
}

/* The next segment is accepted, echoed, and delivered. */
static void data_comes(struct kunit *test)
{
	awakening(test,
		  "established 10ms " RILL "\n",
		  "+10ms < PA 1:101(100) ack 1\n"
		  "+1ms > A 1:1(0) ack 101\n"
		  "recv 100\n"
		  "+2s < PA 101:201(100) ack 1\n"
		  "+* > A 1:1(0) ack 201\n"
		  "counter drop_paws +0\n");
}

/* After a minute TS.Recent from before still counts. */
static void for_a_minute(struct kunit *test)
{
	scenario_run(test,
		     "established 10ms " RILL "\n"
		     "+10ms < PA 1:101(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 101\n"
		     "recv 100\n"
		     "suspended 1m\n"
		     "< PA 101:201(100) ack 1 <ts 0 *>\n"
		     "> A 1:1(0) ack 101\n"
		     "counter drop_paws +1\n"
		     "< PA 101:201(100) ack 1\n"
		     "+1ms > A 1:1(0) ack 201\n");
}

#define IN_TIME_WAIT							\
	"accepted 10ms <mss 1000,ts 0 0,rill 500 6>\n"			\
	"into TIME_WAIT 10ms\n"

static void time_wait_gives_way(struct kunit *test)
{
	awakening(test, IN_TIME_WAIT,
		  "renew\n"
		  "irs 50000\n"
		  "+1s < S 0:0(0) win 65535 <mss 1000,ts,rill 500 6>\n"
		  "> SA 0:0(0) ack 1\n");
}

/* No segment in this host's queues has aged, and no wait is shorter. */
static void time_wait_goes_on(struct kunit *test)
{
	awakening(test, IN_TIME_WAIT,
		  "quiet 59s\n"
		  "state TIME_WAIT\n"
		  "quiet 61s\n"
		  "state CLOSE\n");
}

static void fin_wait_2_of_an_orphan(struct kunit *test)
{
	awakening(test,
		  "established 10ms " RILL "\n"
		  "into FIN_WAIT2 10ms\n",
		  "< FA 1:1(0) ack 2\n"
		  "> A 2:2(0) ack 2\n"
		  "state TIME_WAIT\n");
}

static void half_open(struct kunit *test)
{
	awakening(test,
		  "listen\n"
		  "< S 0:0(0) win 65535 " RILL "\n"
		  "> SA 0:0(0) ack 1\n"
		  "quiet 400ms\n",
		  "+600ms > SA 0:0(0) ack 1\n"
		  "< A 1:1(0) ack 1\n"
		  "counter drop_paws +0\n"
		  "accept\n");
}

static void connecting(struct kunit *test)
{
	awakening(test,
		  "connect\n"
		  "> S 0:0(0)\n"
		  "quiet 400ms\n",
		  "+600ms > S 0:0(0)\n"
		  "+10ms < SA 0:0(0) ack 1 win 65535 " RILL "\n"
		  "> A 1:1(0) ack 1\n"
		  "state ESTABLISHED\n");
}

/* Only time in which the peer could have been heard is idle time. */
static void keepalive_goes_on(struct kunit *test)
{
	awakening(test,
		  "established 10ms " RILL "\n"
		  "set keepalive 1\n"
		  "set keepidle 10\n"
		  "set keepintvl 10\n"
		  "tolerance 20ms\n"
		  "quiet 4s\n",
		  "+6s > A 0:0(0) ack 1\n"
		  "+1ms < A 1:1(0) ack 1\n"
		  "+10s > A 0:0(0) ack 1\n"
		  "+1ms < A 1:1(0) ack 1\n"
		  "state ESTABLISHED\n");
}

/* And so is the time after which the connection ends. */
static void user_timeout(struct kunit *test)
{
	awakening(test,
		  "tunable tlp 0\n"
		  "established 10ms " RILL "\n"
		  "set user-timeout 5000\n"
		  "lenient\n"
		  "send 500\n"
		  "quiet 1s\n",
		  "quiet 3900ms\n"
		  "state ESTABLISHED\n"
		  "quiet 200ms\n"
		  "state CLOSE\n"
		  "error ETIMEDOUT\n");
}

static struct kunit_case suspend_cases[] = {
	KUNIT_CASE_PARAM(with_data_unsent, suspend_each),
	KUNIT_CASE_PARAM(with_data_unsent_to_a_tcp_peer, suspend_each),
	KUNIT_CASE_PARAM(with_a_probe_due, suspend_each),
	KUNIT_CASE_PARAM(with_data_unacknowledged, suspend_each),
	KUNIT_CASE_PARAM(data_comes, suspend_each),
	KUNIT_CASE_PARAM(for_a_minute, scenario_families),
	KUNIT_CASE_PARAM(time_wait_gives_way, suspend_each),
	KUNIT_CASE_PARAM(time_wait_goes_on, suspend_each),
	KUNIT_CASE_PARAM(fin_wait_2_of_an_orphan, suspend_each),
	KUNIT_CASE_PARAM(half_open, suspend_each),
	KUNIT_CASE_PARAM(connecting, suspend_each),
	KUNIT_CASE_PARAM(keepalive_goes_on, suspend_each),
	KUNIT_CASE_PARAM(user_timeout, suspend_each),
	{}
};

static struct kunit_suite suspend_suite = {
	.name = "rill_suspend",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = suspend_cases,
};

kunit_test_suite(suspend_suite);
