"""The dates of the rules of a scenario, read from the file that the run wrote."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from tollgate._scenario import scenario

_DATES = ("announced", "effective", "until")
_EPOCH = datetime.date(1970, 1, 1)
_COLUMNS = ["date", "event", "policy", "instrument", "source"]


def policy_dates(ds: xr.Dataset) -> pd.DataFrame:
    """List when the rules of the scenario are announced, take effect and end.

    Parameters
    ----------
    ds
        From `tollgate.open`.

    Returns
    -------
    pandas.DataFrame
        A row for each date, in order: date (datetime64), event (announced, effective or until),
        policy, instrument, source. Rules that are not enabled are left out, as are dates that the
        scenario leaves open. Of a date that is drawn anew in each replica the median.

    """
    rows = []
    for name, keys in scenario(ds).get("policy", {}).items():
        if keys.get("enabled") is False:
            continue
        for event in _DATES:
            date = _date(ds, f"policy.{name}.{event}", keys.get(event))
            if date is not None:
                rows.append((date, event, name, keys["instrument"], keys.get("source", "")))
    table = pd.DataFrame(rows, columns=_COLUMNS)
    table["date"] = pd.to_datetime(table["date"])
    return table.sort_values(["date", "policy"], kind="stable", ignore_index=True)


def policy_events(ds: xr.Dataset, without: xr.Dataset | None = None) -> dict[str, str]:
    """Name the days on which the law changes during the run, for `fan_chart(..., events=...)`.

    Parameters
    ----------
    ds
        From `tollgate.open`.
    without
        Another run: rules that stand there with the same dates are left out.

    Returns
    -------
    dict
        From ISO date to the rules that take effect or end ("levy", "end of levy_h20"), levies
        first; where a day has more than two, the first two and how many more.

    """
    table = policy_dates(ds)
    table = table[table.event != "announced"]
    if without is not None:
        key = ["date", "event", "policy"]
        known = set(policy_dates(without)[key].itertuples(index=False, name=None))
        new = [row not in known for row in table[key].itertuples(index=False, name=None)]
        table = table[new]
    start, until = run_dates(ds)
    table = table[(table.date > start) & (table.date < until)]
    table = table.assign(is_levy=table.instrument == "levy")
    events = {}
    for date, rows in table.groupby("date"):
        names = [
            row.policy if row.event == "effective" else f"end of {row.policy}"
            for row in rows.sort_values(["is_levy", "event"], ascending=[False, True]).itertuples()
        ]
        more = len(names) - 2
        text = ", ".join(names[:2]) + (f" and {more} more" if more > 0 else "")
        events[date.date().isoformat()] = text
    return events


def run_dates(ds: xr.Dataset) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First day of the run and first day after it."""
    run = scenario(ds)["run"]
    return pd.Timestamp(run["start"]), pd.Timestamp(run["until"])


def _date(ds: xr.Dataset, key: str, value: Any) -> datetime.date | None:
    if isinstance(value, dict):
        if "value" in value:
            return _date(ds, key, value["value"])
        if "draw" in ds and key in ds.parameter.values:
            days = float(np.median(ds.draw.sel(parameter=key)))
            return _EPOCH + datetime.timedelta(days=round(days))
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    return value if isinstance(value, datetime.date) else None
