"""Results of tollgate, a simulator of trade policy for AI chips, in Python.

>>> import tollgate
>>> ds = tollgate.open("h200-levy.h5")
>>> tollgate.fan_chart(ds.levy_receipts.sum("vendor"))
"""

from tollgate._dataset import TollgateFileError, draws
from tollgate._dataset import open_dataset as open
from tollgate._outcomes import headline, outcomes, scenario
from tollgate._policy_dates import policy_dates, policy_events
from tollgate.charts import fan_chart

__all__ = [
    "TollgateFileError",
    "draws",
    "fan_chart",
    "headline",
    "open",
    "outcomes",
    "policy_dates",
    "policy_events",
    "scenario",
]
__version__ = "0.1.0"
