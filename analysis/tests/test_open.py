"""Opening sweeps, shards and several files: what comes, and what is refused with a way out."""

import subprocess
import warnings
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr
from conftest import program

import tollgate

SWEEP = """
format = 1
title = "Two policies, two tastes"
[sweep]
replicas = 3
[factor.policy]
scenarios = ["ban", "h200-levy"]
[factor.taste]
key = "demand.wait_value"
values = [-0.5, 0.5]
[set]
run.until = 2026-04-01
"""


def tollgate_run(*arguments: object) -> None:
    subprocess.run([program(), *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Three policies, one sweep whole, in shards, merged both ways."""
    if program() is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    here = tmp_path_factory.mktemp("open")
    few = ["--replicas", 4, "--until", "2026-04-01", "--threads", 1, "-q"]
    for name in ("ban", "h200-levy", "volume-cap"):
        tollgate_run("run", name, *few, "-o", here / f"{name}.h5")
    (here / "sweep.toml").write_text(SWEEP)
    (here / "s").mkdir()
    tollgate_run("sweep", here / "sweep.toml", "-q", "--threads", 1, "-o", here / "s" / "sweep.h5")
    for i in range(2):
        tollgate_run(
            "sweep",
            here / "sweep.toml",
            "-q",
            "--threads",
            1,
            "--shard",
            f"{i}/2",
            "-o",
            here / "shards",
        )
    tollgate_run("merge", here / "shards", "-o", here / "s" / "mapped.h5")
    return here


def changed(path: Path, to: Path, change) -> Path:
    to.write_bytes(path.read_bytes())
    with h5py.File(to, "r+") as file:
        change(file)
    return to


def test_several_runs_become_one_dataset_with_policies(folder):
    ds = tollgate.open(folder / "*.h5")
    assert list(ds.policy.values) == ["ban", "h200-levy", "volume-cap"]
    assert ds.revenue.dims[:2] == ("policy", "replica")
    assert ds.revenue.chunks is not None
    for name in ds.policy.values:
        alone, joined = tollgate.open(folder / f"{name}.h5"), ds.sel(policy=name)
        assert tollgate.scenario(joined) == tollgate.scenario(alone)
        for series in ("revenue", "units_cleared", "price", "charged_by_instrument", "draw"):
            part = joined[series].sel({d: alone[d] for d in alone[series].dims})
            assert part.dtype == alone[series].dtype, series
            np.testing.assert_array_equal(part, alone[series].transpose(*part.dims), series)
        xr.testing.assert_identical(
            tollgate.outcomes(joined).compute().drop_vars("policy"), tollgate.outcomes(alone)
        )
    # Instruments of all; where a policy has none of the name, it charges nothing.
    assert set(ds.instrument.values) > set(tollgate.open(folder / "ban.h5").instrument.values)
    assert int(ds.charged_by_instrument.sel(policy="ban", instrument="levy").sum()) == 0
    assert ds.revenue.attrs["units"] == "cents"
    assert (ds.parameter_unit != "").all()


def test_lists_and_mappings_name_the_policies(folder):
    paths = [folder / "h200-levy.h5", folder / "ban.h5"]
    assert list(tollgate.open(paths).policy.values) == ["h200-levy", "ban"]
    named = tollgate.open({"toll": paths[0], "gate": paths[1]}, money="usd")
    assert list(named.policy.values) == ["toll", "gate"]
    assert named.revenue.attrs["units"] == "USD"
    assert list(tollgate.by_policy(named)) == ["toll", "gate"]
    table = tollgate.compare(named, names=["domestic_share"])
    alone = tollgate.compare({p.stem: tollgate.open(p) for p in paths}, names=["domestic_share"])
    assert table.difference.iloc[0] == alone.difference.iloc[0]


def test_replicas_are_those_that_all_files_have(folder, tmp_path):
    def fail(file):
        file["replica_status"][1] = 2

    broken = changed(folder / "ban.h5", tmp_path / "ban.h5", fail)
    with pytest.warns(UserWarning, match="1 of 4 replicas"):
        ds = tollgate.open([broken, folder / "h200-levy.h5"])
    assert list(ds.replica.values) == [0, 2, 3]


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        ("seed", 2, "differ in seed: .*ban.h5 has 1, .*other.h5 has 2"),
        ("sampling", "sobol", "differ in sampling design"),
        ("frozen", "noise", "differ in what is frozen"),
        ("focus_region", "us", "differ in focus region"),
    ],
)
def test_mixed_scenarios_are_refused_and_told_apart(folder, tmp_path, attribute, value, message):
    def change(file):
        file.attrs[attribute] = value

    other = changed(folder / "h200-levy.h5", tmp_path / "other.h5", change)
    with pytest.raises(tollgate.TollgateFileError, match=message) as refusal:
        tollgate.open([folder / "ban.h5", other])
    assert "open them one by one" in str(refusal.value)


def test_other_mixtures_are_refused(folder, tmp_path):
    longer = tmp_path / "longer.h5"
    tollgate_run(
        "run", "ban", "--replicas", 1, "--until", "2026-07-01", "-q", "--threads", 1, "-o", longer
    )
    with pytest.raises(tollgate.TollgateFileError, match=r"period: .*2026Q1, .*2026Q2"):
        tollgate.open([folder / "h200-levy.h5", longer])
    with pytest.raises(tollgate.TollgateFileError, match="the same scenario with the same seed"):
        tollgate.open([folder / "ban.h5", folder / "ban.h5"])
    with pytest.raises(tollgate.TollgateFileError, match="a sweep cannot be joined"):
        tollgate.open([folder / "ban.h5", folder / "s" / "sweep.h5"])
    with pytest.raises(tollgate.TollgateFileError, match="no file matches"):
        tollgate.open(folder / "nothing-*.h5")
    with pytest.raises(tollgate.TollgateFileError, match="no file is named"):
        tollgate.open([])


def test_a_sweep_has_points_with_their_factors(folder):
    ds = tollgate.open(folder / "s" / "sweep.h5")
    assert ds.revenue.dims[:2] == ("point", "replica")
    assert list(ds.policy.values) == ["ban", "ban", "h200-levy", "h200-levy"]
    assert list(ds.taste.values) == [-0.5, 0.5, -0.5, 0.5]
    at = tollgate.scenario(ds.sel(point=3))
    assert at["demand"]["wait_value"] == 0.5
    assert at["policy"]["levy"]["rate"] == 0.25
    with pytest.raises(ValueError, match="ban, h200-levy; select a point"):
        tollgate.scenario(ds)


def test_outcomes_of_a_sweep_are_those_of_the_runs(folder, tmp_path):
    ds = tollgate.open(folder / "s" / "sweep.h5")
    found = tollgate.outcomes(ds)
    for point, name, taste in ((1, "ban", 0.5), (2, "h200-levy", -0.5)):
        run = tollgate.run(
            name, replicas=3, until="2026-04-01", threads=1, set={"demand.wait_value": taste}
        )
        alone = tollgate.outcomes(run)
        assert "domestic_share" in alone
        for outcome, values in alone.items():
            np.testing.assert_array_equal(found[outcome].sel(point=point), values, str(outcome))


def test_policies_of_a_sweep_can_be_compared(folder):
    ds = tollgate.open(folder / "s" / "sweep.h5")
    with pytest.raises(ValueError, match=r"more than one point.*taste"):
        tollgate.by_policy(ds)
    one_taste = ds.isel(point=ds.taste.values == 0.5)
    assert list(tollgate.by_policy(one_taste)) == ["ban", "h200-levy"]
    assert tollgate.compare(one_taste, names=["domestic_share"]).pairs.iloc[0] == 3
    ban = ds.isel(point=ds.policy.values == "ban")
    assert list(tollgate.by_policy(ban, "taste")) == ["taste=-0.5", "taste=0.5"]
    with pytest.raises(ValueError, match="no factor 'tast'; there are policy, taste"):
        tollgate.by_policy(ban, "tast")


def test_headquarters_may_be_a_factor(folder, tmp_path):
    file = tmp_path / "home.toml"
    file.write_text(
        'format = 1\ntitle = "Home"\nbase = "ban"\n[sweep]\nreplicas = 1\n[factor.home]\n'
        'key = "vendor.amd.headquarters"\nvalues = ["us", "china"]\n[set]\n'
        "run.until = 2026-01-01\n"
    )
    tollgate_run("sweep", file, "-q", "--threads", 1, "-o", tmp_path / "home.h5")
    ds = tollgate.open(tmp_path / "home.h5")
    share = tollgate.outcomes(ds, ["domestic_share"]).domestic_share
    cleared = ds.units_cleared.sel(region="china").sum("time").isel(replica=0)
    vendor = {c: k["vendor"] for c, k in tollgate.scenario(ds.sel(point=0))["chip"].items()}
    assert tollgate.scenario(ds.sel(point=1))["vendor"]["amd"]["headquarters"] == "china"
    home = {v: k["headquarters"] for v, k in tollgate.scenario(ds)["vendor"].items()}
    for point, homes in ((0, home), (1, {**home, "amd": "china"})):
        mine = [homes[vendor[str(chip)]] == "china" for chip in ds.chip.values]
        units = cleared.sel(point=point)
        expected = float(units[mine].sum() / units.sum())
        assert share.sel(point=point).item() == pytest.approx(expected)


@pytest.mark.parametrize("chunks", [None, "auto"])
def test_a_mapped_master_reads_like_the_whole(folder, chunks):
    whole = tollgate.open(folder / "s" / "sweep.h5")
    mapped = tollgate.open(folder / "s" / "mapped.h5", chunks=chunks)
    assert (mapped.revenue.chunks is not None) == (chunks == "auto")
    xr.testing.assert_identical(
        tollgate.outcomes(mapped).compute(), tollgate.outcomes(whole).compute()
    )


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_master_without_its_shards_is_refused(folder, tmp_path, damage):
    master, shards = tmp_path / "s" / "mapped.h5", tmp_path / "shards"
    master.parent.mkdir()
    shards.mkdir()
    for shard in (folder / "shards").iterdir():
        (shards / shard.name).write_bytes(shard.read_bytes())
    master.write_bytes((folder / "s" / "mapped.h5").read_bytes())
    tollgate.open(master)
    victim = shards / "shard-00001-of-00002.h5"
    if damage == "gone":
        victim.unlink()
    else:
        victim.write_bytes(victim.read_bytes()[:-1])
    says = "is not there" if damage == "gone" else r"has \d+ bytes, had \d+"
    with pytest.raises(tollgate.TollgateFileError, match=says) as refusal:
        tollgate.open(master)
    assert "merge again" in str(refusal.value)


def test_a_partial_merge_leaves_out_the_points_that_are_not_there(tmp_path):
    if program() is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    # 40 replicas of a point are more than a chunk, so that two shards have something each.
    file = tmp_path / "sweep.toml"
    file.write_text(SWEEP.replace("replicas = 3", "replicas = 40").replace("04-01", "01-01"))
    tollgate_run("sweep", file, "-q", "--threads", 1, "--shard", "0/2", "-o", tmp_path / "shards")
    tollgate_run("merge", tmp_path / "shards", "--partial", "-o", tmp_path / "part.h5")
    with pytest.warns(UserWarning, match="points, at which replicas were not run"):
        ds = tollgate.open(tmp_path / "part.h5")
    assert 0 < ds.sizes["point"] < 4
    assert ds.sizes["replica"] == 40
    assert (ds.replica_status == 1).all()
    assert (ds.events > 0).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        everything = tollgate.open(tmp_path / "part.h5", keep_failed=True)
    assert everything.sizes["point"] == 4
    assert (everything.replica_status == 0).any()


def test_failed_items_are_left_out_so_that_points_stay_paired(folder, tmp_path):
    def fail(file):
        file["replica_status"][1, 2] = 2
        file["replica_status"][3, :] = 2

    failed = changed(folder / "s" / "sweep.h5", tmp_path / "failed.h5", fail)
    with pytest.warns(UserWarning, match=r"1 of 4 points.*and 1 of 3 replicas"):
        ds = tollgate.open(failed)
    assert list(ds.point.values) == [0, 1, 2]
    assert list(ds.replica.values) == [0, 1]
    assert ds.revenue.dtype == np.int64

    def fail_all(file):
        file["replica_status"][...] = 2

    with pytest.raises(tollgate.TollgateFileError, match="keep_failed"):
        tollgate.open(changed(folder / "s" / "sweep.h5", tmp_path / "none.h5", fail_all))


def test_shards_and_folders_say_how_to_go_on(folder):
    with pytest.raises(tollgate.TollgateFileError, match=r"folder with shards.*tollgate merge"):
        tollgate.open(folder / "shards")
    with pytest.raises(tollgate.TollgateFileError, match=r"is a folder; .*\*\.h5"):
        tollgate.open(folder)
    with pytest.raises(tollgate.TollgateFileError, match=r"is shard 0/2.*tollgate merge"):
        tollgate.open(folder / "shards" / "shard-00000-of-00002.h5")


def test_files_of_other_types_and_of_older_formats(folder, tmp_path):
    def other(file):
        file.attrs["tollgate_file_type"] = "trace"

    with pytest.raises(tollgate.TollgateFileError, match="of the type 'trace'"):
        tollgate.open(changed(folder / "ban.h5", tmp_path / "trace.h5", other))

    def first(file):
        """Format 1: reals in float64, and no word of sampling."""
        file.attrs["tollgate_format_version"] = 1
        for name in ("sampling", "frozen"):
            del file.attrs[name]
        dataset = file["compute_h100e"]
        scales = [dataset.dims[i][0] for i in range(dataset.ndim)]
        attrs, values = dict(dataset.attrs), dataset[...].astype("float64")
        del file["compute_h100e"]
        new = file.create_dataset("compute_h100e", data=values)
        for i, scale in enumerate(scales):
            new.dims[i].attach_scale(scale)
        for name in ("units", "long_name", "description", "cell_methods"):
            new.attrs[name] = attrs[name]

    old = tollgate.open(changed(folder / "ban.h5", tmp_path / "old.h5", first))
    new = tollgate.open(folder / "ban.h5")
    assert old.compute_h100e.dtype == np.float64
    xr.testing.assert_identical(tollgate.outcomes(old), tollgate.outcomes(new))
    joined = tollgate.open([tmp_path / "old.h5", folder / "h200-levy.h5"])
    assert joined.sizes["policy"] == 2


def test_chunks_fit_those_of_the_file(folder):
    ds = tollgate.open(folder / "ban.h5", chunks="auto")
    with h5py.File(folder / "ban.h5") as file:
        stored = file["units_cleared"].chunks[0]
    assert all(n % stored == 0 for n in ds.units_cleared.chunks[0][:-1])
    assert all(len(c) == 1 for c in ds.units_cleared.chunks[1:])
    assert ds.quarter.chunks is None


def test_quarterly_sweeps_have_the_outcomes_that_need_no_chips(folder, tmp_path):
    file = tmp_path / "quarterly.toml"
    file.write_text(SWEEP.replace("replicas = 3", 'replicas = 2\nkeep = "quarterly"'))
    tollgate_run("sweep", file, "-q", "--threads", 1, "-o", tmp_path / "quarterly.h5")
    ds = tollgate.open(tmp_path / "quarterly.h5")
    found = tollgate.outcomes(ds)
    assert "domestic_share" not in found
    assert not any(str(name).startswith("price_ratio") for name in found)
    whole = tollgate.outcomes(tollgate.open(folder / "s" / "sweep.h5")).isel(replica=[0, 1])
    for name, values in found.items():
        np.testing.assert_array_equal(values, whole[name], str(name))
    ban, levy = tollgate.by_policy(ds.isel(point=[0, 2])).values()
    with pytest.raises(ValueError, match='keep = "all"'):
        tollgate.incidence(levy, ban)


def test_sweeps_of_summaries_have_the_moments_of_outcomes_and_no_replicas(folder, tmp_path):
    file = tmp_path / "summary.toml"
    file.write_text(SWEEP.replace("replicas = 3", 'replicas = 3\nkeep = "summary"'))
    tollgate_run("sweep", file, "-q", "--threads", 1, "-o", tmp_path / "summary.h5")
    ds = tollgate.open(tmp_path / "summary.h5")
    with pytest.raises(ValueError, match=r"ds\.outcome_mean"):
        tollgate.outcomes(ds)
    whole = tollgate.outcomes(tollgate.open(folder / "s" / "sweep.h5"))
    for name in ("levy_receipts", "revenue.nvidia", "domestic_share"):
        mean = ds.outcome_mean.sel(outcome=name)
        np.testing.assert_allclose(mean, whole[name].mean("replica"), rtol=1e-12)
        np.testing.assert_allclose(  # float32 in the file
            ds.outcome_sd.sel(outcome=name), whole[name].std("replica", ddof=1), rtol=2e-5
        )


def test_joined_runs_give_the_account_of_a_levy(folder):
    ds = tollgate.open([folder / "h200-levy.h5", folder / "volume-cap.h5"])
    joined = tollgate.incidence(ds.sel(policy="h200-levy"), ds.sel(policy="volume-cap"))
    names = ("h200-levy", "volume-cap")
    alone = tollgate.incidence(*(tollgate.open(folder / f"{name}.h5") for name in names))
    xr.testing.assert_allclose(joined, alone)
