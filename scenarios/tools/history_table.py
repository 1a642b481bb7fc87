"""Writes docs/history.md: every dated event, the rule of `history` that says it, or why none does.

    scenarios/tools/history_table.py > docs/history.md

The events are in scenarios/files/reference/policy_events.csv, with their sources.
"""

import csv
import sys
import tomllib
from pathlib import Path

FILES = Path(__file__).parents[1] / "files"
EVENTS = FILES / "reference/policy_events.csv"
HISTORY = FILES / "policies/history.toml"
WORLD = FILES / "worlds/world-2022.toml"

INTRODUCTION = """\
# History: which event is which rule

<!-- Made by scenarios/tools/history_table.py from scenarios/files/reference/policy_events.csv. -->

Each dated event of US and Chinese policy on AI chips that was found, with the keys of `history`
(and of `world-2022`, which it extends) that express it, or the reason why none does. An *outcome*
is something that the model has to bring about by itself. Sources, basis and confidence of each
event are in the CSV file.

"""


def read_events() -> list[dict[str, str]]:
    """Read the events, in order of their dates."""
    with EVENTS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def scenario_tables() -> dict:
    """Lay the tables of history over those of its world; only which keys there are matters."""
    with WORLD.open("rb") as world, HISTORY.open("rb") as history:
        below, above = tomllib.load(world), tomllib.load(history)
    tables = dict(below)
    for name, table in above.items():
        tables[name] = {**below.get(name, {}), **table} if isinstance(table, dict) else table
    return tables


def has_key(tables: dict, path: str) -> bool:
    """Tell whether a dotted path leads to a key."""
    node = tables
    for part in path.split("."):
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return True


def table(events: list[dict[str, str]]) -> str:
    """Format events as a table in Markdown."""
    lines = ["| date | who | event | expressed by | remark |", "|---|---|---|---|---|"]
    for event in events:
        keys = ", ".join(
            f"`{key.removeprefix('policy.')}`" for key in event["expressed_by"].split()
        )
        who = f"{event['actor']} ({event['jurisdiction']})"
        cells = [event["date"], who, event["event"], keys or "-", event["remark"]]
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """Write the whole page."""
    events = read_events()
    expressed = sum(bool(event["expressed_by"]) for event in events)
    count = f"{expressed} of {len(events)} events are expressed.\n\n"
    return INTRODUCTION + count + table(events)


if __name__ == "__main__":
    sys.stdout.write(page())
