// SPDX-License-Identifier: GPL-2.0
/*
 * Counters and gauges of a namespace, and /proc/net/rill_stat that shows them.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include "inside.h"

static const char * const rill_counter_names[RILL_CNT_MAX] = {
#define X(name, ...)							\
	[RILL_CNT_##name] = #name,
	RILL_COUNTERS(X)
#undef X
};

static const struct {
	const char *name;
	size_t at;
} rill_gauges[] = {
#define X(name, field, ...)						\
	{ #name, offsetof(struct rill_net, field) },
	RILL_GAUGES(X)
#undef X
};

/**
 * rill_counter_name - a counter as /proc/net/rill_stat calls it
 * @c: which
 *
 * Context: any.
 * Return: the name, "unknown" if there is no such counter.
 */
const char *rill_counter_name(enum rill_counter c)
{
	if (c >= RILL_CNT_MAX)
		return "unknown";
	return rill_counter_names[c];
}

/**
 * rill_counter_read - a counter of a namespace, over all CPUs
 * @rnet: namespace
 * @c: which, below RILL_CNT_MAX
 *
 * Other CPUs go on counting: the sum may be of no single moment.
 *
 * Context: any.
 * Return: the count.
 */
u64 rill_counter_read(const struct rill_net *rnet, enum rill_counter c)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(rnet->counters, cpu)->value[c]);
	return sum;
}

static int rill_stat_show(struct seq_file *seq, void *v)
{
	const struct rill_net *rnet = rill_net(seq_file_single_net(seq));
	unsigned int c;

	for (c = 0; c < RILL_CNT_MAX; c++)
		seq_printf(seq, "%s %llu\n", rill_counter_name(c),
			   rill_counter_read(rnet, c));
	for (c = 0; c < ARRAY_SIZE(rill_gauges); c++)
		seq_printf(seq, "%s %d\n", rill_gauges[c].name,
			   atomic_read((void *)rnet + rill_gauges[c].at));
	return 0;
}

/**
 * rill_proc_net_init - make the files of a namespace in /proc/net
 * @rnet: namespace
 *
 * Context: process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int rill_proc_net_init(struct rill_net *rnet)
{
	if (!proc_create_net_single("rill_stat", 0444, rnet->net->proc_net,
				    rill_stat_show, NULL))
		return -ENOMEM;
	if (!rill_list_init(rnet))
		return 0;
	remove_proc_entry("rill_stat", rnet->net->proc_net);
	return -ENOMEM;
}

/**
 * rill_proc_net_exit - remove what rill_proc_net_init() made
 * @rnet: namespace
 *
 * Context: process; may sleep. Waits for readers.
 */
void rill_proc_net_exit(struct rill_net *rnet)
{
	rill_list_exit(rnet);
	remove_proc_entry("rill_stat", rnet->net->proc_net);
}
