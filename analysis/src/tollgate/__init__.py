"""Results of tollgate, a simulator of trade policy for AI chips, in Python.

>>> import tollgate
>>> ds = tollgate.open("h200-levy.h5")
>>> tollgate.fan_chart(ds.levy_receipts.sum("vendor"))
"""

from tollgate._comparison import compare, compare_by_quarter
from tollgate._dataset import draws
from tollgate._dataset import open_dataset as open
from tollgate._errors import (
    TollgateError,
    TollgateFileError,
    TollgatePairingError,
    TollgateRunError,
)
from tollgate._incidence import incidence, incidence_by_replica
from tollgate._outcomes import headline, outcomes
from tollgate._pairing import by_policy
from tollgate._policy_dates import policy_dates, policy_events
from tollgate._program import run, sweep
from tollgate._report import report
from tollgate._scenario import scenario
from tollgate.charts import fan_chart

__all__ = [
    "TollgateError",
    "TollgateFileError",
    "TollgatePairingError",
    "TollgateRunError",
    "by_policy",
    "compare",
    "compare_by_quarter",
    "draws",
    "fan_chart",
    "headline",
    "incidence",
    "incidence_by_replica",
    "open",
    "outcomes",
    "policy_dates",
    "policy_events",
    "report",
    "run",
    "scenario",
    "sweep",
]
__version__ = "0.1.0"
