"""Results of tollgate, a simulator of trade policy for AI chips, in Python.

>>> import tollgate
>>> ds = tollgate.open("h200-levy.h5")
>>> tollgate.fan_chart(ds.levy_receipts.sum("vendor"))
"""

from tollgate._charts import fan_chart
from tollgate._dataset import TollgateFileError, draws
from tollgate._dataset import open_dataset as open
from tollgate._discovery import Box, classification_rules, find_boxes
from tollgate._outcomes import headline, outcomes, scenario
from tollgate._sensitivity import morris_indices, sobol_indices
from tollgate._tornado import tornado
from tollgate._variance import frozen_variance_shares, variance_shares
from tollgate._welfare import outcome_values, welfare, welfare_parts

__all__ = [
    "Box",
    "TollgateFileError",
    "classification_rules",
    "draws",
    "fan_chart",
    "find_boxes",
    "frozen_variance_shares",
    "headline",
    "morris_indices",
    "open",
    "outcome_values",
    "outcomes",
    "scenario",
    "sobol_indices",
    "tornado",
    "variance_shares",
    "welfare",
    "welfare_parts",
]
__version__ = "0.1.0"
