"""Where the time of a whole run goes: samples of `perf`, gathered by place.

A place is what a reader of the model would name, found by the symbols of its code. Functions that
the compiler put into their callers count with these.
"""

import re
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

# (place, symbols, what bounds it); the first that matches.
PLACES = [
    (
        "min-cost flow of the suppliers' month",
        r"SupplyNetwork|MinCostMaxFlow|boost::.*(graph|visit|heap)",
        "chasing edges: a shortest path for each segment of a claim that is short",
    ),
    (
        "suppliers, other",
        r"Suppliers::",
        "building a network for each stage and turn",
    ),
    (
        "vendors' backlogs, orders and shipments",
        r"Vendors::|[Nn]ewsvendor|OrderForecast|SupplyOrders|Stranded|Ledger|_supply|_orders$",
        "index look-ups in orders that lie apart, larger than L1",
    ),
    (
        "vendors' prices",
        r"Pricing|DemandSystem|AndersonMixing|Lanes|DemandBoard|Eigen::internal",
        "exponentials, 1.06 ns each with AVX-512",
    ),
    (
        "buyers: options and choice",
        r"Buyers::(list|add_option|weigh|buy|take|affordable|count_surplus|grant|utility|plan|price)"
        r"|ChoiceSet|allocate_lots|draw_index|box_cox",
        "exponentials and a pass over 40 options for each plan",
    ),
    (
        "buyers, other (needs, installed base, stacks)",
        r"Buyers::|h100e|Expectations|throughput|running_share",
        "walks over cohorts and chips",
    ),
    (
        "law, licences, customs, politics",
        r"Law::|Licen|Customs|RuleBook|Caps|with_odds|Context::|Regulat|Conditions|RollingCount"
        r"|Politics|Levy|Antitrust|Government|Response|Strictness|Retaliation|touches|grant_",
        "table look-ups for each order and shipment",
    ),
    (
        "future event list and dispatch",
        r"FutureEventList|World::(step|run|dispatch)",
        "cache misses on the way down the heap; branches that cannot be foreseen",
    ),
    (
        "traders and landlords",
        r"Trader|Landlord|TradeRoutes",
        "shortest paths when prices change",
    ),
    (
        "writing",
        r"EnsembleWriter|H5|^lib(z|hdf5|sz|aec|crypto)",
        "deflate, one level",
    ),
    (
        "parameters, streams and distributions",
        r"draw_|fill_(uniform|normal|exponential)|make_blocks|to_uniform|[Pp]hilox|Stream::"
        r"|quantile|beta_inv|ParameterSampler|normal_distribution|erf",
        "ten rounds of Philox, logarithms and exponentials",
    ),
    (
        "elementary functions of libm",
        r"__(ieee754_)?(exp|log|pow|expm1|log1p|llround|round|sincos)|exp@|log@|pow@|_fma$",
        "what calls them: prices, choice, draws",
    ),
    (
        "memory: allocation and copies",
        r"malloc|free|operator (new|delete)|_int_|mem(set|move|cpy|cmp)|World::World|Context::",
        "replicas that are built anew",
    ),
    (
        "kernel of the operating system",
        r"^\[k\]",
        "page faults",
    ),
]
OTHER = "other"


def place_of(symbol: str) -> str:
    """The name of the place that a symbol belongs to."""
    for name, pattern, _ in PLACES:
        if re.search(pattern, symbol):
            return name
    return OTHER


def sample(program: Path, scenario: str, replicas: int) -> Counter[str] | None:
    """Share of the samples by symbol, one thread; nothing where perf is missing or not allowed."""
    if shutil.which("perf") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "perf.data"
        command = [program, "run", scenario, "--replicas", str(replicas), "--threads", "1", "-q"]
        recorded = subprocess.run(
            ["perf", "record", "-q", "-F", "999", "-o", data, *command, "-o", f"{folder}/out.h5"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if recorded.returncode != 0 or not data.exists():
            return None
        printed = subprocess.run(
            ["perf", "report", "-i", data, "--stdio", "--no-children", "-F", "overhead,dso,symbol"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    shares: Counter[str] = Counter()
    for line in printed.splitlines():
        found = re.match(r"\s+([\d.]+)%\s+(\S+)\s+(\[.\] .*\S)", line)
        if found:
            library = f"{found[2]} " if found[2].startswith("lib") else ""
            shares[library + found[3].removeprefix("[.] ")] += float(found[1])
    return shares


def short(symbol: str) -> str:
    """A symbol without name spaces and template arguments."""
    while (shorter := re.sub(r"<[^<>]*>", "", symbol)) != symbol:
        symbol = shorter
    symbol = symbol.replace("(anonymous namespace)::", "").replace("tollgate::", "")
    return symbol.split("(")[0].split(" ")[-1].removeprefix("boost::")


def table(shares: Counter[str], places: int) -> str:
    """The costliest places with their costliest functions and what bounds them."""
    by_place: Counter[str] = Counter()
    functions: dict[str, Counter[str]] = {}
    for symbol, share in shares.items():
        place = place_of(symbol)
        by_place[place] += share
        functions.setdefault(place, Counter())[short(symbol)] += share
    total = sum(shares.values())
    bounds = {name: bound for name, _, bound in PLACES}
    lines = ["| place | share | costliest functions | what bounds it |", "|---|---|---|---|"]
    named = [(name, share) for name, share in by_place.most_common() if name != OTHER]
    for name, share in named[:places]:
        costliest = ", ".join(
            f"`{f}` {100 * s / total:.0f}%" for f, s in functions[name].most_common(3)
        )
        lines.append(f"| {name} | {100 * share / total:.0f}% | {costliest} | {bounds[name]} |")
    told = {name for name, _ in named[:places]}
    rest = Counter()
    for name, inside in functions.items():
        if name not in told:
            rest.update(inside)
    costliest = ", ".join(f"`{f}` {100 * s / total:.0f}%" for f, s in rest.most_common(3))
    lines.append(f"| all else | {100 * sum(rest.values()) / total:.0f}% | {costliest} | |")
    return "\n".join(lines)
