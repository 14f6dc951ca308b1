// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of scenarios that block: one at a time, in a thread of its own, while
 * the script goes on.
 */
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "scenario.h"

/* The calls that may block; the language's other calls never do. */
static const char *const verbs[] = {
	"accept", "close", "connect", "recv", "send",
};

static int thread_run(void *data)
{
	struct scenario *s = data;
	struct scenario_thread *t = &s->thread;

	allow_signal(SIGINT);
	scenario_call(s, t->verb, t->args);
	t->ended_ns = scenario_now();
	/* Pairs with thread_over(): the result of the call is there. */
	smp_store_release(&t->over, true);
	wake_up_process(s->waiter);
	while (!kthread_should_stop()) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static bool thread_over(const struct scenario_thread *t)
{
	/* Pairs with thread_run(). */
	return smp_load_acquire(&t->over);
}

/* Let the thread run until it waits for something: it has the one CPU then. */
static void thread_let(const struct scenario_thread *t)
{
	while (!thread_over(t) && task_is_running(t->task))
		scenario_sleep_until(scenario_now() + 1);
}

static void thread_stop(struct scenario_thread *t)
{
	kthread_stop(t->task);
	put_task_struct(t->task);
	t->task = NULL;
}

/**
 * scenario_thread_start() - "blocking CALL": begin a call that may block
 * @s: fixture
 * @args: the call; is changed
 *
 * Context: process.
 */
void scenario_thread_start(struct scenario *s, char *args)
{
	struct scenario_thread *t = &s->thread;
	struct task_struct *task;
	size_t i;

	if (t->task) {
		scenario_fail(s, "another call has not returned");
		return;
	}
	*t = (struct scenario_thread){};
	strscpy(t->text, args ?: "", sizeof(t->text));
	t->args = t->text;
	t->verb = scenario_word(&t->args);
	for (i = 0; t->verb && i < ARRAY_SIZE(verbs); i++) {
		if (!strcmp(t->verb, verbs[i]))
			break;
	}
	if (!t->verb || i == ARRAY_SIZE(verbs)) {
		scenario_fail(s, "not a call that may block");
		return;
	}
	task = kthread_create(thread_run, s, "scenario");
	if (IS_ERR(task)) {
		scenario_fail(s, "no thread");
		return;
	}
	get_task_struct(task);
	t->task = task;
	wake_up_process(task);
	thread_let(t);
}

/**
 * scenario_thread_signal() - "signal": interrupt the call
 * @s: fixture
 *
 * Context: process.
 */
void scenario_thread_signal(struct scenario *s)
{
	struct scenario_thread *t = &s->thread;

	if (!t->task || thread_over(t)) {
		scenario_fail(s, "no call that blocks");
		return;
	}
	send_sig(SIGINT, t->task, 1);
	thread_let(t);
}

/**
 * scenario_thread_returned() - "returned": the call is over, and when
 * @s: fixture, whose script fails if it is not, or with another result
 * @args: "= RESULT", or nothing for what the call is expected to return
 * @least_ns: when it may return at the earliest
 * @most_ns: and at the latest
 *
 * Context: process.
 */
void scenario_thread_returned(struct scenario *s, char *args, u64 least_ns,
			      u64 most_ns)
{
	ktime_t until = ns_to_ktime(most_ns);
	struct scenario_thread *t = &s->thread;
	s64 after_ns;

	if (!t->task) {
		scenario_fail(s, "no call was begun");
		return;
	}
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (thread_over(t) || scenario_now() >= most_ns)
			break;
		schedule_hrtimeout_range(&until, 0, HRTIMER_MODE_ABS);
	}
	__set_current_state(TASK_RUNNING);
	thread_let(t);
	if (!thread_over(t)) {
		scenario_fail(s, "it still blocks");
		return;
	}
	after_ns = t->ended_ns - s->base_ns;
	if (t->ended_ns < least_ns || t->ended_ns > most_ns)
		scenario_fail(s, "it did after %lld ns", after_ns);
	s->base_ns = t->ended_ns;
	thread_stop(t);
	scenario_outcome(s, args, t->usual, t->got);
}

/**
 * scenario_thread_end() - nothing of a call is left
 * @s: fixture
 *
 * Context: process.
 */
void scenario_thread_end(struct scenario *s)
{
	struct scenario_thread *t = &s->thread;

	if (!t->task)
		return;
	if (!thread_over(t))
		send_sig(SIGINT, t->task, 1);
	thread_let(t);
	thread_stop(t);
}

/**
 * scenario_in_thread() - is this the thread of a call that may block?
 * @s: fixture
 *
 * Context: process.
 * Return: true if it is.
 */
bool scenario_in_thread(const struct scenario *s)
{
	return s->thread.task == current;
}
