// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - the command line of the traffic program.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "traffic.h"

struct options options = {
	.protocol = IPPROTO_TCP,
	.port = 7000,
	.connections = 1,
	.requests = 1,
	.size = 16384,
	.chunk = 65536,
	.check = true,
};

static const char help[] =
"usage: traffic MODE [OPTION...]\n"
"\n"
"  serve    answer requests until the last connection has ended\n"
"  fetch    ask for answers of --size bytes\n"
"  stream   ask each connection for data for --duration\n"
"  echo     send every byte back, for ever\n"
"  ping     a byte there and back for --duration\n"
"\n"
"  --protocol N      6 TCP, 253 rill, 132 SCTP\n"
"  --address A       of the server\n"
"  --port N\n"
"  --connections N\n"
"  --requests N      on each connection, one after the other\n"
"  --size BYTES      of an answer\n"
"  --chunk BYTES     given to the socket at once\n"
"  --duration US\n"
"  --interval US     between two chunks\n"
"  --stagger US      between the starts of two streams\n"
"  --rcvbuf BYTES    SO_RCVBUF\n"
"  --samples FILE    latencies, ns, as 64-bit numbers\n"
"  --fresh           a new connection for each request\n"
"  --barrier         all connections begin each request together\n"
"  --spread          connection i goes to address A + i\n"
"  --no-check        do not compare the data\n";

static uint64_t option_number(const char *text, uint64_t max)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || value > max)
		die("not a number up to %llu: %s", (unsigned long long)max, text);
	return value;
}

enum {
	OPT_PROTOCOL, OPT_ADDRESS, OPT_PORT, OPT_CONNECTIONS, OPT_REQUESTS,
	OPT_SIZE, OPT_CHUNK, OPT_DURATION, OPT_INTERVAL, OPT_STAGGER,
	OPT_RCVBUF, OPT_SAMPLES, OPT_FRESH, OPT_BARRIER, OPT_SPREAD,
	OPT_NO_CHECK, OPT_HELP,
};

static const struct option known[] = {
	{ "protocol",	 required_argument, NULL, OPT_PROTOCOL },
	{ "address",	 required_argument, NULL, OPT_ADDRESS },
	{ "port",	 required_argument, NULL, OPT_PORT },
	{ "connections", required_argument, NULL, OPT_CONNECTIONS },
	{ "requests",	 required_argument, NULL, OPT_REQUESTS },
	{ "size",	 required_argument, NULL, OPT_SIZE },
	{ "chunk",	 required_argument, NULL, OPT_CHUNK },
	{ "duration",	 required_argument, NULL, OPT_DURATION },
	{ "interval",	 required_argument, NULL, OPT_INTERVAL },
	{ "stagger",	 required_argument, NULL, OPT_STAGGER },
	{ "rcvbuf",	 required_argument, NULL, OPT_RCVBUF },
	{ "samples",	 required_argument, NULL, OPT_SAMPLES },
	{ "fresh",	 no_argument, NULL, OPT_FRESH },
	{ "barrier",	 no_argument, NULL, OPT_BARRIER },
	{ "spread",	 no_argument, NULL, OPT_SPREAD },
	{ "no-check",	 no_argument, NULL, OPT_NO_CHECK },
	{ "help",	 no_argument, NULL, OPT_HELP },
	{ }
};

static void option_take(int which)
{
	switch (which) {
	case OPT_PROTOCOL:
		options.protocol = option_number(optarg, 255);
		break;
	case OPT_ADDRESS:
		if (inet_pton(AF_INET, optarg, &options.address) != 1)
			die("not an address: %s", optarg);
		break;
	case OPT_PORT:
		options.port = option_number(optarg, 65535);
		break;
	case OPT_CONNECTIONS:
		options.connections = option_number(optarg, UINT32_MAX);
		break;
	case OPT_REQUESTS:
		options.requests = option_number(optarg, UINT32_MAX);
		break;
	case OPT_SIZE:
		options.size = option_number(optarg, UINT64_MAX);
		break;
	case OPT_CHUNK:
		options.chunk = option_number(optarg, PATTERN_MAX);
		break;
	case OPT_DURATION:
		options.duration_ns = option_number(optarg, UINT32_MAX) * NS_PER_US;
		break;
	case OPT_INTERVAL:
		options.interval_ns = option_number(optarg, UINT32_MAX) * NS_PER_US;
		break;
	case OPT_STAGGER:
		options.stagger_ns = option_number(optarg, UINT32_MAX) * NS_PER_US;
		break;
	case OPT_RCVBUF:
		options.rcvbuf = option_number(optarg, INT32_MAX);
		break;
	case OPT_SAMPLES:
		options.samples = optarg;
		break;
	case OPT_FRESH:
		options.fresh = true;
		break;
	case OPT_BARRIER:
		options.barrier = true;
		break;
	case OPT_SPREAD:
		options.spread = true;
		break;
	case OPT_NO_CHECK:
		options.check = false;
		break;
	case OPT_HELP:
		fputs(help, stdout);
		exit(0);
	default:
		exit(2);
	}
}

static const struct {
	const char	*name;
	int		(*run)(void);
} modes[] = {
	{ "serve", serve },
	{ "fetch", fetch },
	{ "stream", stream },
	{ "echo", echo },
	{ "ping", ping },
	{ }
};

int main(int argc, char **argv)
{
	size_t i;
	int which;

	while ((which = getopt_long(argc, argv, "", known, NULL)) != -1)
		option_take(which);
	if (optind != argc - 1) {
		fputs(help, stderr);
		return 2;
	}
	pattern_init();
	for (i = 0; modes[i].name; i++)
		if (!strcmp(argv[optind], modes[i].name))
			return modes[i].run();
	die("unknown mode %s", argv[optind]);
}
