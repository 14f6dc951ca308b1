// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoints rill:* are made here, once; trace/events/rill.h says what
 * they record.
 */

#define CREATE_TRACE_POINTS
#include <trace/events/rill.h>
#include "../rill.h"
