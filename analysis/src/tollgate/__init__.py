"""Results of tollgate, a simulator of trade policy for AI chips, in Python.

>>> import tollgate
>>> ds = tollgate.open("h200-levy.h5")
>>> tollgate.fan_chart(ds.levy_receipts.sum("vendor"))
"""

from tollgate._break_even import BreakEven, break_even, break_even_table, fieller_interval
from tollgate._comparison import compare, compare_by_quarter
from tollgate._dataset import draws
from tollgate._dataset import open_dataset as open
from tollgate._decisions import choice_stability, chosen, policy_values, regret, robust_choice
from tollgate._discovery import Box, classification_rules, find_boxes
from tollgate._errors import (
    TollgateError,
    TollgateFileError,
    TollgatePairingError,
    TollgateRunError,
)
from tollgate._incidence import incidence, incidence_by_replica
from tollgate._outcomes import headline, outcomes
from tollgate._pairing import by_policy
from tollgate._pass_through import pass_through
from tollgate._policy_dates import policy_dates, policy_events
from tollgate._program import run, sweep
from tollgate._report import report
from tollgate._scenario import scenario
from tollgate._sensitivity import morris_indices, sobol_indices
from tollgate._tornado import tornado
from tollgate._variance import frozen_variance_shares, variance_shares
from tollgate._welfare import outcome_values, welfare, welfare_parts
from tollgate.charts import fan_chart

__all__ = [
    "Box",
    "BreakEven",
    "TollgateError",
    "TollgateFileError",
    "TollgatePairingError",
    "TollgateRunError",
    "break_even",
    "break_even_table",
    "by_policy",
    "choice_stability",
    "chosen",
    "classification_rules",
    "compare",
    "compare_by_quarter",
    "draws",
    "fan_chart",
    "fieller_interval",
    "find_boxes",
    "frozen_variance_shares",
    "headline",
    "incidence",
    "incidence_by_replica",
    "morris_indices",
    "open",
    "outcome_values",
    "outcomes",
    "pass_through",
    "policy_dates",
    "policy_events",
    "policy_values",
    "regret",
    "report",
    "robust_choice",
    "run",
    "scenario",
    "sobol_indices",
    "sweep",
    "tornado",
    "variance_shares",
    "welfare",
    "welfare_parts",
]
__version__ = "0.1.0"
