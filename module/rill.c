// SPDX-License-Identifier: GPL-2.0
/* The objects that all rooms share; it knows no room. */
#include <linux/export.h>
#include "rill.h"

unsigned int rill_net_id __read_mostly;
EXPORT_SYMBOL_GPL(rill_net_id);
u8 rill_protocol __read_mostly = IPPROTO_RILL;
EXPORT_SYMBOL_GPL(rill_protocol);
struct rill_guests rill_guests;

#ifdef CONFIG_RILL_KUNIT
struct net *rill_kunit_net;
#endif
