"""The true effects and the parts of the naive bias, recomputed in pandas and numpy."""

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from worlds import World, Worlds, default_settings, seed_rows

METRICS = pd.DataFrame(seed_rows("analysis/metrics.csv"))
EXPERIMENTS = pd.DataFrame(seed_rows("analysis/experiments.csv"))
TREATMENTS = pd.DataFrame(seed_rows("analysis/variants.csv")).query(
    "variant != 'control'"
)
KEYS = ["experiment_id", "treatment", "metric"]
DAY = pd.Timedelta(days=1)
METRIC_KEYS = ["experiment_id", "metric"]
TRUTH = ("effects", "scorecard", "bias_decomposition", "unit_effects", "day_outcomes")


def frame(world: World, query: str) -> pd.DataFrame:
    with world.connect() as connection:
        return connection.execute(query).df()


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    return worlds.small()


@pytest.fixture(scope="module")
def units(world: World) -> pd.DataFrame:
    """One row per comparison, metric and unit of it that is analysed or whose log was lost."""
    outcomes = frame(
        world,
        """
        select
            outcomes.* exclude (segment), exposures.is_multi_variant,
            coalesce(exposures.segment, outcomes.segment) as segment
        from truth.truth__unit_outcomes as outcomes
        left join intermediate.int_experiments__exposures as exposures using (unit_hash)
        """,
    )
    arm = ["experiment_id", "unit_id", "metric"]
    values = ["numerator", "denominator"]
    control = outcomes[outcomes.is_control].rename(
        columns={name: f"y0_{name}" for name in values}
    )
    treated = outcomes[~outcomes.is_control][[*arm, "variant", *values]].rename(
        columns={name: f"y1_{name}" for name in values} | {"variant": "treatment"}
    )
    found = control.drop(columns="variant").merge(treated, on=arm)
    found["is_treated"] = found.assigned_variant == found.treatment
    # a unit of several variants is not analysed; one whose log was lost cannot be seen to be one
    is_single = found.is_multi_variant.eq(False)
    found["is_analysed"] = found.is_logged & is_single
    is_compared = found.is_treated | (found.assigned_variant == "control")
    return found[is_compared & (found.is_analysed | ~found.is_logged)].copy()


@pytest.fixture(scope="module")
def effects(world: World) -> pd.DataFrame:
    found = frame(world, "select * from truth.truth__effects")
    return found.set_index([*KEYS, "estimand", "scope"]).sort_index()


# --- from what is generated ----------------------------------------------------------------------


def days_of_feed(world: World) -> pd.DataFrame:
    days = frame(world, "from generate.gen_feed__sessions")
    days["sessions"] = 1
    days["bounces"] = (days.card_view_count == 1).astype(int)
    return days.rename(columns={"card_view_count": "card_views"})


def days_of_learning(world: World) -> pd.DataFrame:
    days = frame(world, "from generate.gen_learning__sessions")
    days["payments"] = days.payment_cents.notna().astype(int)
    days["failed_payments"] = days.payments * ~days.is_payment_successful.eq(True)
    start = pd.Timestamp(default_settings()["learning_start_date"])
    days["date"] = start + pd.to_timedelta(days.day_number, unit="D")
    return days.rename(columns={"quiz_count": "quizzes"})


def days_of_shop(world: World) -> pd.DataFrame:
    days = frame(world, "from generate.gen_shop__session_outcomes")
    days["sessions"] = 1
    days["orders"] = (days.purchase_count > 0).astype(int)
    return days.rename(columns={"purchase_count": "purchases"})


def days_of_search(world: World) -> pd.DataFrame:
    searches = frame(world, "from generate.gen_search__search_outcomes")
    searches["searches"] = 1
    searches["clicked_searches"] = (searches.click_count > 0).astype(int)
    searches["click_wait_ms"] = searches.click_gap_1_ms * searches.clicked_searches
    searches = searches.rename(columns={"click_count": "clicks"})
    bookings = frame(world, "from generate.gen_search__clicks where is_converted")
    bookings["bookings"] = 1
    facts = ["searches", "clicked_searches", "clicks", "click_wait_ms"]
    facts += ["bookings", "commission_cents"]
    days = (
        pd.concat([searches, bookings])
        .groupby(["session_id", "variant"])[facts]
        .sum()
        .reset_index()
    )
    sessions = frame(world, "from generate.gen_search__sessions")
    sessions["user_id"] = sessions.user_id.fillna(sessions.anonymous_id.astype(str))
    return days.merge(sessions[["session_id", "user_id", "started_at_ms"]])


# the last day that a world's tables cover
GENERATED = {
    "feed": (days_of_feed, "2024-10-10"),
    "learning": (days_of_learning, "2025-04-30"),
    "shop": (days_of_shop, "2024-10-29"),
    "search": (days_of_search, "2026-01-30"),
}
# of which the generator stores the draws of the cards in the unit's own arm alone
NOT_STORED = {"distinct_content"}


def units_of(world: World, name: str) -> pd.DataFrame:
    """Every exposed unit: its variant, its first day, and whether the analysis has it."""
    log = frame(world, f"from generate.gen_{name}__exposures")
    units = log[log.is_assigned].set_index("unit_id")[["variant", "exposed_at"]]
    # nobody's log is late at the defaults
    units["is_analysed"] = log.groupby("unit_id").size() == 1
    if name == "search":
        # an unlogged visitor is in no log: the first session tells
        sessions = frame(world, "from generate.gen_search__sessions")
        sessions["unit_id"] = sessions.user_id.fillna(sessions.anonymous_id.astype(str))
        visitors = sessions.groupby("unit_id").agg(
            first_ms=("started_at_ms", "min"), is_treated=("is_treated", "first")
        )
        visitors["exposed_at"] = pd.to_datetime(visitors.first_ms, unit="ms")
        names = {True: "ranking_v2", False: "control"}
        visitors["variant"] = visitors.is_treated.map(names)
        visitors["is_lost"] = ~visitors.index.isin(units.index)
        visitors["is_analysed"] = units.is_analysed.reindex(visitors.index).eq(True)
        units = visitors[visitors.is_analysed | visitors.is_lost]
    else:
        units = units[units.is_analysed]
    units = units.assign(first_day=units.exposed_at.dt.normalize())
    return units[["variant", "first_day", "is_analysed"]]


def outcomes_of(metric: Any, units: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Numerator and denominator that each unit would have under a variant whose days these are."""
    since = days.date - days.unit_id.map(units.first_day)
    inside = days[
        (since >= metric.window_start_day * DAY)
        & (since <= metric.window_end_day * DAY)
    ]
    by_unit = inside.groupby("unit_id")
    numerator = by_unit[metric.numerator_fact].sum()
    if metric.aggregation == "days":
        active = inside[inside[metric.numerator_fact] > 0]
        numerator = active.groupby("unit_id").date.nunique()
    found = pd.DataFrame(index=units.index)
    found["numerator"] = numerator.reindex(units.index).fillna(0).astype("int64")
    if metric.kind == "proportion":
        found["numerator"] = ((found.numerator > 0) != metric.is_complement).astype(
            "int64"
        )
    found["denominator"] = 1
    if metric.kind == "ratio":
        below = by_unit[metric.denominator_fact].sum()
        found["denominator"] = below.reindex(units.index).fillna(0).astype("int64")
    return found


@pytest.mark.parametrize("name", list(GENERATED))
def test_effects_are_those_of_what_is_generated(
    world: World, effects: pd.DataFrame, name: str
) -> None:
    """Every metric, unit by unit in pandas, by none of the SQL that gives exposures and facts."""
    days_of, last_day = GENERATED[name]
    days = days_of(world)
    days["unit_id"] = days.user_id.astype(str)
    if "date" not in days:
        days["date"] = pd.to_datetime(days.started_at_ms, unit="ms").dt.normalize()
    days["active"] = days.get("active", 1)
    by_variant = dict(iter(days.groupby("variant")))
    exposed = units_of(world, name)
    followed = (pd.Timestamp(last_day) - exposed.first_day) / DAY
    experiment = EXPERIMENTS.set_index("source").experiment_id[name]
    metrics = METRICS[
        (METRICS.experiment_id == experiment) & ~METRICS.numerator_fact.isin(NOT_STORED)
    ]
    assert set(metrics.kind) == {"mean", "proportion", "ratio"}
    for metric in metrics.itertuples():
        units = exposed[followed >= metric.window_end_day]
        outcomes = {
            variant: outcomes_of(metric, units, of_variant)
            for variant, of_variant in by_variant.items()
        }
        cap = np.inf
        if pd.notna(metric.cap_quantile):
            observed = pd.concat(
                rows[units.is_analysed & (units.variant == variant)].numerator
                for variant, rows in outcomes.items()
            )
            position = np.ceil(Fraction(str(metric.cap_quantile)) * len(observed))
            cap = np.sort(observed)[int(position) - 1]
            assert observed.max() > cap
        for treatment in set(outcomes) - {"control"}:
            arms = (outcomes["control"], outcomes[treatment])
            compared = units.variant.isin(["control", treatment])
            analysed = compared & units.is_analysed
            treated = units.variant == treatment
            for estimand, scope, chosen in (
                ("sate", "all", analysed),
                ("satt", "all", analysed & treated),
                ("sate", "all_with_unlogged", compared),
            ):
                means = [
                    rows.numerator[chosen].clip(upper=cap).sum()
                    / rows.denominator[chosen].sum()
                    / metric.divisor
                    for rows in arms
                ]
                key = (experiment, treatment, metric.metric, estimand, scope)
                row = effects.loc[key]
                assert row.n_units == chosen.sum()
                assert row.control_mean == pytest.approx(means[0], rel=1e-9)
                assert row.true_effect == pytest.approx(
                    means[1] - means[0], rel=1e-9, abs=1e-12 * max(means)
                )
            quantiles = metric.quantiles.split("|") if metric.quantiles else []
            for quantile in map(float, quantiles):
                below, above = (
                    np.quantile(
                        rows.numerator[analysed], quantile, method="inverted_cdf"
                    )
                    for rows in arms
                )
                row = effects.loc[(*key[:3], f"quantile:{quantile}", "all")]
                assert row.true_effect * metric.divisor == above - below


# --- from the potential outcomes ------------------------------------------------------------------


def arm_means(rows: pd.DataFrame) -> tuple[float, float]:
    """Means, or ratios of sums, if all these units were in control, and if all were treated."""
    divisor = rows.divisor.iloc[0]
    if rows.kind.iloc[0] != "ratio":
        return (
            rows.y0_numerator.sum() / len(rows) / divisor,
            rows.y1_numerator.sum() / len(rows) / divisor,
        )
    means = []
    for arm in (0, 1):
        below = rows[f"y{arm}_denominator"].sum()
        above = rows[f"y{arm}_numerator"].sum()
        means.append(above / below / divisor if below else np.nan)
    return means[0], means[1]


def assert_effect(row: pd.Series, means: tuple[float, float], n_units: int) -> None:
    size = abs(np.nan_to_num(means[0])) + abs(np.nan_to_num(means[1]))
    close = {"rel": 1e-12, "abs": 1e-12 * size, "nan_ok": True}
    assert row.n_units == n_units
    assert row.control_mean == pytest.approx(means[0], **close)
    assert row.treatment_mean == pytest.approx(means[1], **close)
    assert row.true_effect == pytest.approx(means[1] - means[0], **close)


def test_effects_on_all_the_treated_and_segments(
    units: pd.DataFrame, effects: pd.DataFrame
) -> None:
    seen = units[units.is_analysed]
    checked = 0
    for key, rows in seen.groupby(KEYS):
        assert_effect(effects.loc[(*key, "sate", "all")], arm_means(rows), len(rows))
        treated = rows[rows.is_treated]
        assert_effect(
            effects.loc[(*key, "satt", "all")], arm_means(treated), len(treated)
        )
        for segment, part in rows.groupby("segment"):
            assert_effect(
                effects.loc[(*key, "sate", f"segment:{segment}")],
                arm_means(part),
                len(part),
            )
            checked += 1
    assert checked > len(METRICS)
    for key, rows in units.groupby(KEYS):
        row = effects.loc[(*key, "sate", "all_with_unlogged")]
        assert_effect(row, arm_means(rows), len(rows))
    lost = units[~units.is_logged]
    assert set(lost.experiment_id) == {"ranking_v2"}


def test_effects_by_overlap(units: pd.DataFrame, effects: pd.DataFrame) -> None:
    """As least squares with a dummy variable per stratum has it: n1 n0 / n."""
    seen = units[units.is_analysed & (units.kind != "ratio")]
    for key, rows in seen.groupby(KEYS):
        strata = rows.groupby("stratum").agg(
            n=("is_treated", "size"),
            treated=("is_treated", "sum"),
            y0=("y0_numerator", "mean"),
            y1=("y1_numerator", "mean"),
        )
        weights = strata.treated * (strata.n - strata.treated) / strata.n
        divisor = rows.divisor.iloc[0]
        means = tuple(
            float((weights * strata[arm]).sum() / weights.sum() / divisor)
            for arm in ("y0", "y1")
        )
        assert_effect(effects.loc[(*key, "ato", "all")], means, len(rows))
    ratios = METRICS[METRICS.kind == "ratio"].metric
    assert not set(ratios) & set(
        effects.xs("ato", level="estimand").index.get_level_values("metric")
    )


def test_effects_by_day(
    world: World, units: pd.DataFrame, effects: pd.DataFrame
) -> None:
    """Over a fixed cohort, in which a day without anything is a zero."""
    days = frame(world, "from truth.truth__unit_metric_parts")
    cohort = units[units.is_analysed & (units.kind != "proportion")]
    days = days.merge(
        cohort[[*KEYS, "unit_hash"]], on=["experiment_id", "metric", "unit_hash"]
    )
    sizes = cohort.groupby(KEYS).size()
    scopes = effects[
        effects.index.get_level_values("scope").str.startswith("day:")
    ].reset_index()
    windows = METRICS[METRICS.kind != "proportion"]
    windows = windows.merge(TREATMENTS[["experiment_id", "variant"]])
    assert len(scopes) == sum(windows.window_end_day - windows.window_start_day + 1)
    by_day = dict(iter(days.groupby([*KEYS, "days_since_exposure"])))
    kinds = METRICS.set_index(METRIC_KEYS)
    for row in scopes.itertuples():
        key = (row.experiment_id, row.treatment, row.metric)
        metric = kinds.loc[key[::2]]
        rows = by_day.get((*key, int(row.scope.removeprefix("day:"))))
        means = []
        for variant in ("control", row.treatment):
            part = None if rows is None else rows[rows.variant == variant]
            above = 0 if part is None else part.numerator.sum()
            below = sizes[key]
            if metric.kind == "ratio":
                below = 0 if part is None else part.denominator.sum()
            means.append(above / below / metric.divisor if below else np.nan)
        assert_effect(row, (means[0], means[1]), sizes[key])


def test_days_of_a_mean_add_up_to_its_effect(effects: pd.DataFrame) -> None:
    """But for revenue, which is cut down over the window and not by day."""
    means = METRICS[(METRICS.kind == "mean") & METRICS.cap_quantile.isna()]
    for metric in means.merge(TREATMENTS).itertuples():
        key = (metric.experiment_id, metric.variant, metric.metric)
        rows = effects.loc[key].reset_index()
        days = rows[rows.scope.str.startswith("day:")]
        whole = rows[(rows.scope == "all") & (rows.estimand == "sate")].iloc[0]
        assert days.true_effect.sum() == pytest.approx(
            whole.true_effect, rel=1e-9, abs=1e-9 * abs(whole.control_mean)
        )


def test_the_bias_falls_into_its_parts(world: World, units: pd.DataFrame) -> None:
    """Each part by its own definition in exact fractions; they add up by themselves."""
    found = frame(world, "select * from truth.truth__bias_decomposition").set_index(
        KEYS
    )
    seen = units[units.is_analysed & (units.kind != "ratio")]
    for key, rows in seen.groupby(KEYS):
        divisor = int(rows.divisor.iloc[0])

        def mean(part: pd.DataFrame, column: str, divisor: int = divisor) -> Fraction:
            return Fraction(int(part[column].sum()), len(part) * divisor)

        arms = {arm: rows[rows.is_treated == arm] for arm in (True, False)}
        y0, y1 = "y0_numerator", "y1_numerator"
        naive = mean(arms[True], y1) - mean(arms[False], y0)
        sate = mean(rows, y1) - mean(rows, y0)
        satt = mean(arms[True], y1) - mean(arms[True], y0)
        selection = within = Fraction(0)
        for _, stratum in rows.groupby("stratum"):
            for arm, sign in ((True, 1), (False, -1)):
                part = stratum[stratum.is_treated == arm]
                share = Fraction(len(part), len(arms[arm]))
                selection += sign * share * mean(stratum, y0)
                if len(part):
                    within += sign * share * (mean(part, y0) - mean(stratum, y0))
        assert naive - sate == selection + within + (satt - sate)
        row = found.loc[key]
        size = abs(row.naive_effect) + abs(row.true_effect)
        for column, expected in (
            ("naive_effect", naive),
            ("true_effect", sate),
            ("bias", naive - sate),
            ("selection", selection),
            ("within_strata", within),
            ("treated_differ", satt - sate),
        ):
            assert row[column] == pytest.approx(float(expected), abs=1e-12 * size)
        added = row.selection + row.within_strata + row.treated_differ
        assert row.naive_effect - row.true_effect == pytest.approx(
            added, abs=1e-12 * size
        )
    assert len(found) == len(seen.groupby(KEYS))


def test_the_naive_effect_of_whole_logs_is_that_of_the_analysis(world: World) -> None:
    rows = frame(
        world,
        """
        select parts.naive_effect, results.effect, results.control_mean
        from truth.truth__bias_decomposition as parts
        inner join marts.experiments__results as results
            using (experiment_id, treatment, metric)
        where results.estimator = 'naive'
        """,
    )
    withheld = frame(
        world,
        """
        from marts.experiments__results_withheld
        semi join truth.truth__bias_decomposition using (experiment_id, treatment, metric)
        where estimator = 'naive'
        """,
    )
    metrics = METRICS[METRICS.kind != "ratio"].merge(TREATMENTS)
    assert len(rows) + len(withheld) == len(metrics)
    assert len(rows) > len(withheld)
    gaps = (rows.naive_effect - rows.effect).abs()
    assert (gaps <= 1e-12 * (rows.effect.abs() + rows.control_mean.abs())).all()


def test_the_scorecard_has_every_estimate_beside_the_truth_of_its_estimand(
    world: World, effects: pd.DataFrame
) -> None:
    found = frame(world, "select * from truth.truth__scorecard")
    keys = [*KEYS, "estimator", "estimand"]
    results = frame(world, "select * from marts.experiments__results")
    quantiles = frame(world, "select * from marts.experiments__quantile_effects")
    quantiles["estimator"] = "quantile"
    quantiles["estimand"] = "quantile:" + quantiles["quantile"].astype(str)
    estimates = [*results[keys].itertuples(index=False, name=None)]
    estimates += quantiles[keys].itertuples(index=False, name=None)
    assert sorted(found[keys].itertuples(index=False, name=None)) == sorted(estimates)
    for row in found.itertuples():
        key = (row.experiment_id, row.treatment, row.metric, row.estimand, "all")
        truth = effects.true_effect.get(key, np.nan)
        on_all = effects.true_effect.get((*key[:-1], "all_with_unlogged"), np.nan)
        assert row.true_effect_on_all == pytest.approx(on_all, nan_ok=True)
        assert row.true_effect == pytest.approx(truth, nan_ok=True)
        if pd.notna(row.effect):
            assert row.bias == pytest.approx(row.effect - truth)
        if pd.notna(row.ci_lower):
            assert row.covers_truth == (row.ci_lower <= truth <= row.ci_upper)
            assert row.bias_in_std_errors == pytest.approx(row.bias / row.std_error)
        else:
            assert pd.isna(row.covers_truth)


def test_unit_effects_are_those_of_the_worlds(
    world: World, units: pd.DataFrame
) -> None:
    found = frame(world, "select * from truth.truth__unit_effects")
    keys = [*KEYS, "unit_id"]
    both = found.merge(units, on=keys, suffixes=("", "_expected"), how="outer")
    assert len(both) == len(found) == len(units)
    for column in ("y0_numerator", "y1_numerator", "is_analysed", "is_treated"):
        assert (both[column] == both[f"{column}_expected"]).all(), column
    for arm in (0, 1):
        below = np.where(both.kind == "ratio", both[f"y{arm}_denominator"], 1)
        expected = both[f"y{arm}_numerator"] / np.where(below == 0, np.nan, below)
        assert np.allclose(
            both[f"y{arm}"].astype(float),
            (expected / both.divisor).astype(float),
            rtol=1e-12,
            atol=0,
            equal_nan=True,
        )


def test_without_an_effect_the_truth_is_none(worlds: Worlds) -> None:
    effects = frame(worlds.without_effect(), "select * from truth.truth__effects")
    assert effects.experiment_id.nunique() == 4
    assert (effects.true_effect.dropna() == 0).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("feed", {"feed_users": 100, "as_of": "2024-09-03"}),
        (
            "learning",
            {
                "learning_users": 50,
                "learning_days": 50,
                "learning_churn_window_days": 14,
            },
        ),
    ],
)
def test_an_experiment_that_nobody_has_been_through_has_no_effects(
    worlds: Worlds, name: str, settings: dict[str, object]
) -> None:
    world = worlds(name=name, experiments=True, **settings)
    for table in TRUTH:
        assert world.value(f"select count(*) from truth.truth__{table}") == 0, table
