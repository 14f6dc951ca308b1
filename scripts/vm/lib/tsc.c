// SPDX-License-Identifier: GPL-2.0
/*
 * tsc - print how many thousand times a second this machine's time stamp
 * counter ticks.
 *
 * The counter and the clock are each read as close to the other as it goes, and
 * again a tenth of a second later: where the machine is busy some of the reads
 * are torn apart, and the closest of many is not.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

struct moment {
	uint64_t ticks;
	double ns;
};

static double clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static struct moment moment_take(void)
{
	uint64_t closest = UINT64_MAX;
	struct moment taken = { 0 };
	int i;

	for (i = 0; i < 1000; i++) {
		uint64_t before = __rdtsc();
		double ns = clock_ns();
		uint64_t after = __rdtsc();

		if (after - before >= closest)
			continue;
		closest = after - before;
		taken.ticks = before + closest / 2;
		taken.ns = ns;
	}
	return taken;
}

int main(void)
{
	const struct timespec tenth = { .tv_nsec = 100000000 };
	struct moment first, last;

	first = moment_take();
	nanosleep(&tenth, NULL);
	last = moment_take();
	printf("%.0f\n", (last.ticks - first.ticks) * 1e6 / (last.ns - first.ns));
	return 0;
}
