"""The JSON Schemas that the program prints: what is shipped is valid, what is misspelt is not."""

import datetime
import json
import os
import subprocess
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

FILES = Path(__file__).parents[2] / "scenarios" / "files"


def as_json(value):
    """A TOML value as editors see it: dates are strings."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


@pytest.fixture(scope="module")
def validators():
    program = os.environ.get("TOLLGATE_PROGRAM")
    if program is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    found = {}
    for kind, option in (("scenario", []), ("sweep", ["--sweep"])):
        printed = subprocess.run(
            [program, "schema", *option], check=True, capture_output=True, text=True
        )
        schema = json.loads(printed.stdout)
        Draft202012Validator.check_schema(schema)
        found[kind] = Draft202012Validator(schema)
    return found


def shipped(kind: str) -> list[Path]:
    folders = {"scenario": ("worlds", "policies"), "sweep": ("sweeps",)}[kind]
    return [path for folder in folders for path in sorted((FILES / folder).glob("*.toml"))]


@pytest.mark.parametrize("kind", ["scenario", "sweep"])
def test_every_shipped_file_is_valid(validators, kind):
    paths = shipped(kind)
    assert paths
    for path in paths:
        read = as_json(tomllib.loads(path.read_text()))
        assert [error.message for error in validators[kind].iter_errors(read)] == [], path


@pytest.mark.parametrize(
    "broken",
    [
        '[sweep]\nreplicsa = 3\n[factor.rate]\nkey = "a"\nvalues = [1]',
        '[sweep]\ndesign = "gird"\n[factor.rate]\nkey = "a"\nvalues = [1]',
        '[sweep]\nlevels = 3\n[factor.rate]\nkey = "a"\nvalues = [1]',
        "[factor.rate]\nvalues = [1]",
        '[factor.rate]\nkey = "a"\nvaleus = [1]',
        'bas = "h200-levy"',
    ],
)
def test_a_mistake_in_a_sweep_is_found(validators, broken):
    read = tomllib.loads("format = 1\n" + broken)
    assert list(validators["sweep"].iter_errors(read))
