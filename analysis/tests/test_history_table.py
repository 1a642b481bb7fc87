"""The table of events and the rules of history agree, both ways."""

import importlib.util
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def load_tool():
    path = REPOSITORY / "scenarios/tools/history_table.py"
    spec = importlib.util.spec_from_file_location("history_table", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


tool = load_tool()


def test_every_event_is_expressed_or_has_a_reason():
    for event in tool.read_events():
        assert event["expressed_by"] or event["remark"], event["event"]


def test_every_key_named_is_there():
    tables = tool.scenario_tables()
    for event in tool.read_events():
        for key in event["expressed_by"].split():
            assert tool.has_key(tables, key), f"{event['date']}: {key}"


def test_every_rule_of_history_is_an_event():
    import tomllib

    with tool.HISTORY.open("rb") as file:
        rules = tomllib.load(file)["policy"]
    named = {key for event in tool.read_events() for key in event["expressed_by"].split()}
    assert {f"policy.{rule}" for rule in rules} <= named


def test_the_page_is_the_one_that_the_tool_makes():
    page = (REPOSITORY / "docs/history.md").read_text(encoding="utf-8")
    assert page == tool.page(), "renew it: scenarios/tools/history_table.py > docs/history.md"
