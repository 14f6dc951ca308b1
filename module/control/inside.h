/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of control offer one another and the tests, and no other
 * room. Each function is documented where it is defined.
 */
#ifndef _RILL_CONTROL_INSIDE_H
#define _RILL_CONTROL_INSIDE_H

#include "control.h"

/* control/tunables.c */

enum rill_tunable_id {
#define X(name, ...) RILL_TUNE_##name,
	RILL_TUNABLES(X)
	RILL_TUNABLE_TRIPLES(X)
	RILL_TUNABLE_NAMES(X)
#undef X
	RILL_TUNE_MAX
};

int rill_tunable_store(struct rill_tunables *t, enum rill_tunable_id id,
		       const char *text);
ssize_t rill_tunable_show(struct rill_tunables *t, enum rill_tunable_id id,
			  char *buf);
ssize_t rill_tunable_available(char *buf);

/* control/counters.c */
u64 rill_counter_read(const struct rill_net *rnet, enum rill_counter c);

/* control/list.c */
int rill_list_init(struct rill_net *rnet);
void rill_list_exit(struct rill_net *rnet);

#endif /* _RILL_CONTROL_INSIDE_H */
