/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What control offers the other rooms: tunables and counters, shown and set.
 *
 * Each function is documented where it is defined.
 */
#ifndef _RILL_CONTROL_H
#define _RILL_CONTROL_H

#include "../rill.h"

/* control/tunables.c */
void rill_tunables_init(struct rill_tunables *t);
int rill_sysfs_init(void);
void rill_sysfs_exit(void);
int rill_sysfs_net_init(struct rill_net *rnet);
void rill_sysfs_net_exit(struct rill_net *rnet);

/* control/counters.c */
const char *rill_counter_name(enum rill_counter c);
int rill_proc_net_init(struct rill_net *rnet);
void rill_proc_net_exit(struct rill_net *rnet);

#endif /* _RILL_CONTROL_H */
