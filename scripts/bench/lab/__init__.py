# SPDX-License-Identifier: GPL-2.0
"""What scripts/bench/run measures, and how."""
