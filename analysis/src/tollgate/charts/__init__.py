"""Pictures, in one house style: direct labels, units, readable in grey and by the colour-blind.

Each function draws one kind of picture from a table or a dataset, on axes or a figure of the
caller's or on new ones. They fit a page (8 inches wide) and a phone (4.4 inches): panels that do
not fit side by side go below each other.
"""

from tollgate.charts._boxes import box_chart
from tollgate.charts._compute import compute_by_origin
from tollgate.charts._convergence import convergence_chart
from tollgate.charts._differences import difference_chart
from tollgate.charts._effect import effect_by_quarter
from tollgate.charts._fan import fan_chart
from tollgate.charts._flows import supply_flows, supply_sankey
from tollgate.charts._laffer import laffer_curve, laffer_table
from tollgate.charts._licences import licence_office
from tollgate.charts._map import price_effect, ratio_map
from tollgate.charts._regret import regret_map
from tollgate.charts._shares import share_race, vendor_shares
from tollgate.charts._tornado import tornado_chart
from tollgate.charts._who_pays import who_pays

__all__ = [
    "box_chart",
    "compute_by_origin",
    "convergence_chart",
    "difference_chart",
    "effect_by_quarter",
    "fan_chart",
    "laffer_curve",
    "laffer_table",
    "licence_office",
    "price_effect",
    "ratio_map",
    "regret_map",
    "share_race",
    "supply_flows",
    "supply_sankey",
    "tornado_chart",
    "vendor_shares",
    "who_pays",
]
