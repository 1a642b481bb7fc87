import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import tollgate


@pytest.fixture
def series():
    rng = np.random.default_rng(1)
    data = rng.lognormal(0, 0.3, (40, 6, 2)) * 1e11
    return xr.DataArray(
        data,
        dims=("replica", "time", "vendor"),
        coords={
            "time": pd.date_range("2026-01-01", periods=6, freq="QS"),
            "vendor": ["nvidia", "huawei"],
        },
        name="revenue",
        attrs={"units": "cents", "long_name": "Revenue", "cell_methods": "time: sum"},
    )


def test_the_line_is_the_median_in_scaled_dollars(series):
    ax = tollgate.fan_chart(series.sel(vendor="nvidia"))
    expected = np.median(series.sel(vendor="nvidia").values, axis=0) / 100 / 1e9
    np.testing.assert_allclose(ax.lines[0].get_ydata(), expected)
    assert ax.get_ylabel() == "billion USD per quarter"
    assert ax.get_title(loc="left") == "Revenue"
    plt.close(ax.figure)


def test_each_label_gets_a_line_of_its_own_style_and_a_name_at_its_end(series):
    ax = tollgate.fan_chart(series, events={"2026-07-01": "levy"})
    lines = [line for line in ax.lines if len(line.get_xdata()) == 6]
    assert len({(line.get_color(), str(line.get_linestyle())) for line in lines}) == 2
    texts = {text.get_text() for text in ax.texts}
    assert {"nvidia", "huawei", "levy"} <= texts
    plt.close(ax.figure)


def test_data_without_units_are_refused(series):
    with pytest.raises(ValueError, match="revenue has lost its units"):
        tollgate.fan_chart(series.drop_attrs())


def test_labels_of_near_ends_stay_apart_and_inside(series):
    same = xr.concat([series.sel(vendor="nvidia")] * 5, dim="vendor")
    same = same.assign_coords(vendor=list("abcde"))
    same.loc[{"vendor": "e"}] = np.nan
    ax = tollgate.fan_chart(same)
    bottom, top = ax.get_ylim()
    heights = sorted(text.get_position()[1] for text in ax.texts if text.get_text() in set("abcde"))
    assert len(heights) == 4  # a line that ends in nothing has no label
    assert min(np.diff(heights)) >= 0.049 * (top - bottom)
    assert heights[-1] <= top
    plt.close(ax.figure)


def test_wrong_dimensions_are_refused(series):
    with pytest.raises(ValueError, match="replica and time"):
        tollgate.fan_chart(series.mean("replica"))
