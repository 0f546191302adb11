"""The results of all four experiments against tea-tasting, which needs Python 3.12."""

from typing import Any

import pandas as pd
import pytest

from worlds import World, Worlds, seed_rows

tea_tasting = pytest.importorskip(
    "tea_tasting",
    reason="tea-tasting is not installed: uv pip install tea-tasting, on Python 3.12",
)

METRICS = seed_rows("analysis/metrics.csv")
# what EXPERIMENTS.md asks for; where nothing varies, both have nothing to say
CLOSE = {"rel": 1e-9, "abs": 1e-12, "nan_ok": True}
CLOSE_P = {"rel": 0, "abs": 1e-8, "nan_ok": True}


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    return worlds(name=None)


def frame(world: World, query: str) -> pd.DataFrame:
    with world.connect() as connection:
        return connection.execute(query).df()


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric["metric"])
def test_naive_and_cuped_are_those_of_tea_tasting(
    world: World, metric: dict[str, Any]
) -> None:
    experiment = metric["experiment_id"]
    chosen = f"experiment_id = '{experiment}' and metric = '{metric['metric']}'"
    results = frame(
        world, f"from marts.experiments__results where {chosen} and estimand = 'sate'"
    )
    for treatment, ours in results.groupby("treatment"):
        check(world, metric, chosen, treatment, ours.set_index("estimator"))


def check(
    world: World,
    metric: dict[str, Any],
    chosen: str,
    treatment: str,
    results: pd.DataFrame,
) -> None:
    """The estimates of a comparison; what is withheld is not there to compare."""
    units = frame(
        world,
        f"""
        select
            cast(is_treated as integer) as variant,
            numerator_winsorized / {metric["divisor"]}.0 as y,
            cast(denominator as double) as d,
            -- a unit without a past has the mean one
            coalesce(cast(covariate as double), avg(covariate) over ()) as x
        from intermediate.int_experiments__unit_metrics
        where {chosen} and (variant = '{treatment}' or not is_treated)
        """,
    )
    options = {"use_t": True, "equal_var": False}
    if metric["kind"] == "ratio":
        estimators = {"naive": tea_tasting.RatioOfMeans("y", "d", **options)}
    else:
        estimators = {"naive": tea_tasting.Mean("y", **options)}
        estimators["cuped"] = tea_tasting.Mean("y", "x", **options)
    estimators = {name: of for name, of in estimators.items() if name in results.index}
    if not estimators:
        return
    analysis = tea_tasting.Experiment(estimators, variant="variant").analyze(units)
    for estimator in estimators:
        ours, theirs = results.loc[estimator], analysis[estimator]
        assert ours.effect == pytest.approx(theirs.effect_size, **CLOSE)
        assert ours.ci_lower == pytest.approx(theirs.effect_size_ci_lower, **CLOSE)
        assert ours.ci_upper == pytest.approx(theirs.effect_size_ci_upper, **CLOSE)
        assert ours.p_value == pytest.approx(theirs.pvalue, **CLOSE_P)
