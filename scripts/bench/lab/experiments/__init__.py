# SPDX-License-Identifier: GPL-2.0
"""The experiments, in the order in which they are run and shown."""

from ..experiment import Experiment
from .bulk import Bulk
from .cpu import Cpu
from .fairness import Fairness
from .flow import Flow
from .incast import Incast
from .spurious import Spurious

EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (Flow(), Incast(), Spurious(), Bulk(), Fairness(), Cpu())
}
