"""Results of tollgate, a simulator of trade policy for AI chips, in Python.

>>> import tollgate
>>> ds = tollgate.open("h200-levy.h5")
>>> tollgate.fan_chart(ds.levy_receipts.sum("vendor"))
"""

from tollgate._break_even import BreakEven, break_even, break_even_table, fieller_interval
from tollgate._charts import fan_chart
from tollgate._dataset import TollgateFileError, draws
from tollgate._dataset import open_dataset as open
from tollgate._decisions import choice_stability, chosen, policy_values, regret, robust_choice
from tollgate._discovery import Box, classification_rules, find_boxes
from tollgate._outcomes import headline, outcomes, scenario
from tollgate._sensitivity import morris_indices, sobol_indices
from tollgate._tornado import tornado
from tollgate._variance import frozen_variance_shares, variance_shares
from tollgate._welfare import outcome_values, welfare, welfare_parts

__all__ = [
    "Box",
    "BreakEven",
    "TollgateFileError",
    "break_even",
    "break_even_table",
    "choice_stability",
    "chosen",
    "classification_rules",
    "draws",
    "fan_chart",
    "fieller_interval",
    "find_boxes",
    "frozen_variance_shares",
    "headline",
    "morris_indices",
    "open",
    "outcome_values",
    "outcomes",
    "policy_values",
    "regret",
    "robust_choice",
    "scenario",
    "sobol_indices",
    "tornado",
    "variance_shares",
    "welfare",
    "welfare_parts",
]
__version__ = "0.1.0"
