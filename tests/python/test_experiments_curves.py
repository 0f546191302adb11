"""Survival, retention, quantiles and the bootstrap, on drawn units, against independent packages.

The models themselves run, compiled by dbt, on tables of this module: no world is built, and units
may be worse than those of any world.
"""

import functools
import hashlib
import itertools
import re
from collections.abc import Iterator

import duckdb
import lifelines
import numpy as np
import pandas as pd
import pytest
from lifelines.utils import restricted_mean_survival_time
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight, survdiff
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from claims import LEVEL
from draw_harness import compile_sql, fold_in, mix
from worlds import ROOT, World, Worlds

CLOSE = {"rel": 1e-9, "abs": 1e-12}
CLOSE_P = {"rel": 0, "abs": 1e-8}
Z_95 = stats.norm.ppf(0.975)
REPLICATES = 1000
UNITS = 4000
KEYS = ["experiment_id", "unit_id", "unit_hash"]
SURVIVAL_MODELS = ["survival_counts", "survival_comparisons", "survival"]


def text_key(text: str) -> int:
    return int.from_bytes(hashlib.md5(text.encode()).digest()[8:], "little") >> 1


def drawn_exposures(rng: np.random.Generator) -> pd.DataFrame:
    """Units of two experiments; arms of unequal size, a few units in both."""
    shares = rng.choice([0.2, 0.5, 0.9], UNITS)
    is_treated = rng.random(UNITS) < shares
    dates = pd.Timestamp("2024-09-01") + pd.to_timedelta(
        rng.integers(0, 20, UNITS), "D"
    )
    experiments = rng.choice(["first", "second"], UNITS, p=[0.9, 0.1])
    return pd.DataFrame(
        {
            "experiment_id": experiments,
            "unit_id": [f"unit_{i}" for i in range(UNITS)],
            "unit_hash": [text_key(f"{e}/unit_{i}") for i, e in enumerate(experiments)],
            "followed_days": rng.integers(10, 30, UNITS),
            "variant": np.where(is_treated, "new", "old"),
            "segment": rng.choice(["few", "many", "some"], UNITS, p=[0.02, 0.7, 0.28]),
            "stratum": [f"share_{share}" for share in shares],
            "is_treated": is_treated,
            "is_multi_variant": rng.random(UNITS) < 0.02,
            "exposure_date": dates,
            "cohort_week": dates - pd.to_timedelta(dates.dayofweek, "D"),
        }
    )


def drawn_survival(rng: np.random.Generator, exposures: pd.DataFrame) -> pd.DataFrame:
    """Many ties, much censoring, and events on day 0; the strata of the treated live longest."""
    rate = np.where(exposures.is_treated, 0.07, 0.08)
    lifetime = rng.geometric(np.where(exposures.stratum == "share_0.9", rate / 3, rate))
    lifetime = lifetime - 1
    cutoff = rng.integers(0, 25, len(exposures))
    return pd.DataFrame(
        {
            "experiment_id": exposures.experiment_id,
            "unit_id": exposures.unit_id,
            "duration_days": np.minimum(lifetime, cutoff),
            "is_event": lifetime < cutoff,
        }
    )


def drawn_metrics(rng: np.random.Generator, exposures: pd.DataFrame) -> pd.DataFrame:
    """A heavy tail of up to 1e12, some losses and many zeros; a share; a ratio of parts that go
    together."""
    shown = exposures[~exposures.is_multi_variant]
    level = rng.lognormal(6, 1, len(shown)) * (1 + 0.2 * shown.is_treated)
    visits = rng.poisson(level / 400)
    values = {
        "spend": (
            np.select(
                [(drawn := rng.random(len(shown))) < 0.3, drawn < 0.32], [0, -1], 1
            )
            * level
            * 1e8,
            None,
        ),
        "came": ((visits > 0), None),
        "spend_per_visit": (rng.poisson(3 * visits), visits),
    }
    rows = [
        shown[[*KEYS, "variant", "segment", "is_treated"]].assign(
            metric=metric,
            numerator=numerator.astype(int),
            denominator=denominator,
            covariate=pd.array([None] * len(shown), dtype="Int64"),
            stratum=shown.segment,
            assignment_probability=0.5,
        )
        for metric, (numerator, denominator) in values.items()
    ]
    found = pd.concat(rows)
    found["denominator"] = found.denominator.astype("Int64")
    return found.assign(numerator_winsorized=found.numerator.clip(upper=3000 * 10**8))


def drawn_days(rng: np.random.Generator, exposures: pd.DataFrame) -> pd.DataFrame:
    """Activity that fades; a few other rows that retention must not count."""
    rows = []
    for day in range(30):
        active = rng.random(len(exposures)) < np.exp(-day / 10)
        rows.append(exposures[active][["experiment_id", "unit_hash"]].assign(day=day))
    found = pd.concat(rows).rename(columns={"day": "days_since_exposure"})
    return found.assign(
        fact=np.where(rng.random(len(found)) < 0.9, "active", "spend"), value=1
    )


EXPERIMENTS = pd.DataFrame(
    {
        "experiment_id": ["first", "second"],
        "source": ["feed", "learning"],
        "horizon_days": [21, 14],
        "estimator": "naive",
    }
)
VARIANTS = pd.DataFrame(
    [
        (experiment, variant, variant == "old")
        for experiment in ("first", "second")
        for variant in ("old", "new")
    ],
    columns=["experiment_id", "variant", "is_control"],
)
METRICS = pd.DataFrame(
    [
        (experiment, metric, role, quantiles, divisor)
        for experiment in ("first", "second")
        for metric, role, quantiles, divisor in (
            ("spend", "primary", "0.07|0.5|0.9|0.95|0.99", 100),
            ("came", "secondary", None, 1),
            ("spend_per_visit", "guardrail", None, 100),
        )
    ],
    columns=["experiment_id", "metric", "role", "quantiles", "divisor"],
)


@functools.cache
def compiled(model: str) -> tuple[str, str]:
    """The table of a model of the experiments, a step or a mart, and its SQL."""
    (path,) = (ROOT / "models").glob(f"*/experiments/*experiments__{model}.sql")
    template = re.sub(r"\{\{ config\(.*?\) \}\}", "", path.read_text())
    sql = compile_sql(template, f"{{experiments_bootstrap_replicates: {REPLICATES}}}")
    return f"{path.parent.parent.name}.{path.stem}", sql


def drawn_tables(seed: int) -> dict[str, pd.DataFrame]:
    """What the marts read, by name of table."""
    rng = np.random.default_rng(seed)
    exposures = drawn_exposures(rng)
    survival = drawn_survival(rng, exposures)
    days = drawn_days(rng, exposures)
    return {
        "intermediate.int_experiments__experiments": EXPERIMENTS,
        "intermediate.int_experiments__variants": VARIANTS,
        "intermediate.int_experiments__metrics": METRICS,
        "intermediate.int_experiments__exposures": exposures,
        "intermediate.int_experiments__unit_metrics": drawn_metrics(rng, exposures),
        "intermediate.int_experiments__unit_survival": survival,
        "intermediate.int_experiments__unit_facts": days,
    }


def built(
    tables: dict[str, pd.DataFrame], models: list[str], threads: int = 2
) -> dict[str, pd.DataFrame]:
    """The models, built in this order on the tables."""
    with duckdb.connect(config={"threads": threads}) as database:
        for schema in ("marts", "intermediate"):
            database.execute(f"create schema {schema}")
        for name, rows in tables.items():
            database.register("rows", rows)
            database.execute(f"create table {name} as select * from rows")
        for column in ("exposure_date", "cohort_week"):
            database.execute(
                f"alter table intermediate.int_experiments__exposures alter {column} type date"
            )
        for model in models:
            table, sql = compiled(model)
            database.execute(f"create table {table} as {sql}")
        return {
            model: database.execute(f"from {compiled(model)[0]} order by all").df()
            for model in models
        }


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return drawn_tables(seed=1)


# --- survival -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def survival(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return built(tables, SURVIVAL_MODELS)["survival"]


@pytest.fixture(scope="module")
def lifetimes(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per unit with one variant, once in its segment and once in `all`."""
    exposures = tables["intermediate.int_experiments__exposures"]
    units = exposures[~exposures.is_multi_variant].merge(
        tables["intermediate.int_experiments__unit_survival"]
    )
    return pd.concat([units, units.assign(segment="all")])


def curves_of(
    survival: pd.DataFrame, lifetimes: pd.DataFrame
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Of each arm of each segment: the mart's rows by day, and its units."""
    keys = ["experiment_id", "variant", "segment"]
    groups = dict(iter(lifetimes.groupby(keys)))
    assert len(groups) == 2 * 2 * 4
    for key, rows in survival.groupby(keys):
        yield rows.set_index("days_since_exposure").sort_index(), groups.pop(key)
    assert not groups


def test_survival_is_kaplan_meier(
    survival: pd.DataFrame, lifetimes: pd.DataFrame
) -> None:
    for rows, units in curves_of(survival, lifetimes):
        fit = lifelines.KaplanMeierFitter().fit(units.duration_days, units.is_event)
        table = fit.event_table
        assert list(rows.index) == list(range(int(units.duration_days.max()) + 1))
        table = table.reindex(rows.index)
        for ours, theirs in (("n_events", "observed"), ("n_censored", "censored")):
            assert (rows[ours] == table[theirs].fillna(0)).all()
        at_risk = [(units.duration_days >= day).sum() for day in rows.index]
        assert list(rows.n_at_risk) == at_risk
        curve = fit.survival_function_.KM_estimate.reindex(rows.index).ffill()
        assert rows.survival_rate.to_numpy() == pytest.approx(curve, **CLOSE)


def test_the_interval_of_survival_is_greenwoods_log_log(
    survival: pd.DataFrame, lifetimes: pd.DataFrame
) -> None:
    compared = 0
    for rows, units in curves_of(survival, lifetimes):
        fit = lifelines.KaplanMeierFitter().fit(units.duration_days, units.is_event)
        bounds = fit.confidence_interval_.reindex(rows.index).ffill()
        inside = rows.survival_rate.between(0, 1, inclusive="neither")
        for column, theirs in zip(["ci_lower", "ci_upper"], bounds, strict=True):
            assert rows[column].isna().equals(~inside)
            assert rows[column][inside].to_numpy() == pytest.approx(
                bounds[theirs][inside], **CLOSE
            )
        compared += inside.sum()
        # without day 0, which statsmodels has not: a day later
        other = SurvfuncRight(units.duration_days + 1, units.is_event)
        errors = pd.Series(other.surv_prob_se, other.surv_times - 1)
        errors = errors.reindex(rows.index).ffill().fillna(0)
        left = rows.survival_rate > 0
        assert rows.std_error.isna().equals(~left)
        assert rows.std_error[left].to_numpy() == pytest.approx(errors[left], **CLOSE)
    assert compared > 200


def comparisons(survival: pd.DataFrame) -> pd.DataFrame:
    """The comparison of the treatment with control by segment, the same on every day."""
    keys = ["experiment_id", "segment"]
    columns = [c for c in survival if c.startswith(("log_rank", "rmst"))]
    columns += ["restricted_days", "control_rmst", "treatment_rmst"]
    control = survival[survival.variant == "old"]
    assert control[columns].isna().all(axis=None)
    rows = survival[survival.variant == "new"].set_index(keys)[columns]
    assert (rows.groupby(keys).nunique() <= 1).all(axis=None)
    return rows.groupby(keys).first()


def strata_of(units: pd.DataFrame) -> Iterator[tuple[int, pd.DataFrame, pd.DataFrame]]:
    """Days to which both arms of a stratum are followed, its treated, and its others."""
    for _, part in units.groupby("stratum"):
        new, old = part[part.is_treated], part[~part.is_treated]
        if min(len(new), len(old)) < 2:
            continue
        ends = []
        for arm in (new, old):
            last = arm[arm.duration_days == arm.duration_days.max()]
            ends.append(np.inf if last.is_event.all() else last.duration_days.max())
        days = min(ends) if min(ends) < np.inf else part.duration_days.max()
        yield int(days), new, old


def test_the_log_rank_test_is_stratified(
    survival: pd.DataFrame, lifetimes: pd.DataFrame
) -> None:
    found = comparisons(survival)
    for key, units in lifetimes.groupby(["experiment_id", "segment"]):
        arguments = (units.duration_days + 1, units.is_event, units.is_treated)
        statistic, p_value = survdiff(*arguments, strata=units.stratum)
        row = found.loc[key]
        assert row.log_rank_statistic == pytest.approx(statistic, **CLOSE)
        assert row.log_rank_p_value == pytest.approx(p_value, **CLOSE_P)
        if key == ("first", "all"):
            # it is strata that make the difference here
            assert survdiff(*arguments)[1] < 1e-10 < 0.01 < p_value


def test_the_difference_of_restricted_means_is_that_of_strata(
    survival: pd.DataFrame, lifetimes: pd.DataFrame
) -> None:
    found = comparisons(survival)
    compared = 0
    for key, units in lifetimes.groupby(["experiment_id", "segment"]):
        weights, means, limits = [], [], []
        for days, *arms in strata_of(units):
            weights.append(sum(map(len, arms)))
            limits.append(days)
            fits = [
                lifelines.KaplanMeierFitter().fit(arm.duration_days, arm.is_event)
                for arm in arms
            ]
            means.append([restricted_mean_survival_time(fit, t=days) for fit in fits])
        row = found.loc[key]
        if not weights:
            assert pd.isna(row.rmst_difference)
            continue
        new, old = np.average(means, axis=0, weights=weights)
        assert row.restricted_days == max(limits)
        assert row.treatment_rmst == pytest.approx(new, **CLOSE)
        assert row.control_rmst == pytest.approx(old, **CLOSE)
        assert row.rmst_difference == pytest.approx(new - old, **CLOSE)
        z = row.rmst_difference / row.rmst_std_error
        assert row.rmst_p_value == pytest.approx(2 * stats.norm.sf(abs(z)), **CLOSE_P)
        half = stats.norm.isf(0.025) * row.rmst_std_error
        assert row.rmst_ci_upper - row.rmst_ci_lower == pytest.approx(2 * half)
        compared += len(weights)
    assert compared > 15


def test_without_censoring_the_restricted_mean_is_a_mean(
    tables: dict[str, pd.DataFrame], lifetimes: pd.DataFrame
) -> None:
    """Then Greenwood's error of the area is the standard error of a mean, with n for n - 1."""
    uncensored = {
        name: rows.assign(is_event=True) if name.endswith("unit_survival") else rows
        for name, rows in tables.items()
    }
    found = comparisons(built(uncensored, SURVIVAL_MODELS)["survival"])
    units = lifetimes.assign(is_event=True)
    for key, rows in units.groupby(["experiment_id", "segment"]):
        weights, variances = [], []
        for _, *arms in strata_of(rows):
            weights.append(sum(map(len, arms)))
            variances.append(
                sum(arm.duration_days.var(ddof=0) / len(arm) for arm in arms)
            )
        if not weights:
            continue
        error = np.sqrt(np.square(weights) @ variances) / sum(weights)
        assert found.rmst_std_error[key] == pytest.approx(error, **CLOSE)


def test_the_error_of_the_restricted_mean_is_that_of_its_jackknife(
    survival: pd.DataFrame, lifetimes: pd.DataFrame
) -> None:
    """Under censoring, too; they differ by the order of 1 / n, of arms above 90."""
    row = comparisons(survival).loc[("first", "all")]
    units = lifetimes[
        (lifetimes.experiment_id == "first") & (lifetimes.segment == "all")
    ]
    total = 0.0
    for days, *arms in strata_of(units):
        for arm in arms:
            assert len(arm) > 90
            counts = arm.groupby(["duration_days", "is_event"]).size()
            replicates, weights = [], []
            for (day, is_event), count in counts.items():
                rest = counts.copy()
                rest[(day, is_event)] -= 1
                replicates.append(restricted_mean(rest, days))
                weights.append(count)
            spread = np.cov(replicates, fweights=weights, ddof=0)
            share = sum(map(len, arms)) / len(units)
            total += share**2 * (len(arm) - 1) * spread
    assert row.rmst_std_error == pytest.approx(np.sqrt(total), rel=3 / 90)


def restricted_mean(counts: pd.Series, days: int) -> float:
    """Area under Kaplan and Meier's curve, from counts by duration and event."""
    by_day = counts.unstack(fill_value=0).reindex(range(400), fill_value=0)
    at_risk = by_day.sum(axis=1)[::-1].cumsum()[::-1]
    rates = (1 - by_day[True] / at_risk.where(at_risk > 0)).fillna(1)
    return float(rates.cumprod().iloc[: int(days)].sum())


# --- retention ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def retention(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return built(tables, ["cohort_days", "retention"])["retention"]


def test_retention_is_the_share_of_the_cohort_that_is_active(
    tables: dict[str, pd.DataFrame], retention: pd.DataFrame
) -> None:
    exposures = tables["intermediate.int_experiments__exposures"]
    units = exposures[~exposures.is_multi_variant].merge(EXPERIMENTS)
    keys = ["experiment_id", "variant", "segment", "cohort_week"]
    days = tables["intermediate.int_experiments__unit_facts"]
    active = units.merge(days[days.fact == "active"])
    counted = active.groupby([*keys, "days_since_exposure"]).size()
    rows = retention.set_index([*keys, "days_since_exposure"])
    expected = 0
    for key, cohort in units.groupby(keys):
        followed = cohort.followed_days.min()
        for day in range(min(cohort.horizon_days.iloc[0], followed + 1)):
            row = rows.loc[(*key, day)]
            retained = counted.get((*key, day), 0)
            assert (row.n_at_risk, row.n_retained) == (len(cohort), retained)
            assert row.retention_rate == pytest.approx(retained / len(cohort), **CLOSE)
            low, high = proportion_confint(retained, len(cohort), method="wilson")
            assert row.ci_lower == pytest.approx(low, **CLOSE)
            assert row.ci_upper == pytest.approx(high, **CLOSE)
            expected += 1
    assert expected == len(rows) > 500


# --- quantiles ------------------------------------------------------------------------------------


def test_quantile_effects_are_differences_of_order_statistics(
    tables: dict[str, pd.DataFrame],
) -> None:
    found = built(tables, ["quantile_effects"])["quantile_effects"]
    units = tables["intermediate.int_experiments__unit_metrics"]
    assert len(found) == 2 * 5
    without_error = 0
    for row in found.itertuples():
        of_metric = (units.experiment_id == row.experiment_id) & (
            units.metric == row.metric
        )
        quantiles, errors, counts = [], [], []
        for is_treated in (False, True):
            rows = units[of_metric & (units.is_treated == is_treated)]
            values = rows.numerator.to_numpy() / 100
            margin = Z_95 * np.sqrt(row.quantile * (1 - row.quantile) / len(values))
            low, high = row.quantile - margin, row.quantile + margin
            quantiles.append(np.quantile(values, row.quantile, method="inverted_cdf"))
            counts.append(len(values))
            if low <= 0 or high > 1:
                errors.append(np.nan)
            else:
                low, high = np.quantile(values, [low, high], method="inverted_cdf")
                errors.append((high - low) / (2 * Z_95))
        assert (row.control_units, row.treatment_units) == tuple(counts)
        assert (row.control_quantile, row.treatment_quantile) == tuple(quantiles)
        assert row.effect == pytest.approx(quantiles[1] - quantiles[0], **CLOSE)
        error = np.hypot(*errors)
        if not error > 0:
            without_error += 1
            assert np.isnan([row.std_error, row.p_value, row.ci_lower]).all()
            continue
        assert row.std_error == pytest.approx(error, **CLOSE)
        p_value = 2 * stats.norm.sf(abs(row.effect / error))
        assert row.p_value == pytest.approx(p_value, **CLOSE_P)
        for bound, sign in ((row.ci_lower, -1), (row.ci_upper, 1)):
            assert bound == pytest.approx(row.effect + sign * Z_95 * error, **CLOSE)
    assert 0 < without_error < len(found)
    for _, rows in found.dropna(subset="p_value").groupby(["experiment_id", "role"]):
        for method, column in (("holm", "p_value_holm"), ("fdr_bh", "p_value_bh")):
            adjusted = multipletests(rows.p_value, method=method)[1]
            assert rows[column].to_numpy() == pytest.approx(adjusted, **CLOSE_P)


# --- bootstrap ------------------------------------------------------------------------------------


def estimates(units: pd.DataFrame, weights: np.ndarray) -> tuple[float, float]:
    """The naive effect with each unit counted so many times, and its error by the delta method."""
    means, variance = [], 0.0
    for is_treated in (True, False):
        chosen = (units.is_treated == is_treated).to_numpy()
        below = np.repeat(
            units.denominator.fillna(1).to_numpy(float)[chosen], weights[chosen]
        )
        above = np.repeat(
            units.numerator_winsorized.to_numpy(float)[chosen], weights[chosen]
        )
        means.append(above.sum() / below.sum())
        residual = above - means[-1] * below
        variance += residual.var(ddof=1) / len(above) / below.mean() ** 2
    divisor = 1 if units.metric.iloc[0] == "came" else 100
    return (means[0] - means[1]) / divisor, np.sqrt(variance) / divisor


@pytest.fixture(scope="module")
def bootstrap(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The models, with naive results as far as the bootstrap reads them."""
    units = tables["intermediate.int_experiments__unit_metrics"]
    results = [
        (
            experiment,
            "new",
            metric,
            "naive",
            True,
            *estimates(rows, np.ones(len(rows), int)),
        )
        for (experiment, metric), rows in units.groupby(["experiment_id", "metric"])
    ]
    columns = ["experiment_id", "treatment", "metric", "estimator", "is_decisive"]
    tables = tables | {
        "marts.experiments__results": pd.DataFrame(
            results, columns=[*columns, "effect", "std_error"]
        )
    }
    return built(tables, ["bootstrap_replicates", "bootstrap"])


def weight(experiment: str, unit: object, replicate: int) -> int:
    """Poisson(1) by inversion, from the published mixer and the name of the stream."""
    key = fold_in(text_key(f"{experiment}/{unit}"), replicate)
    stream = hashlib.md5(b"experiments.bootstrap.weight").hexdigest()
    uniform = (mix(key ^ int(stream[:15], 16)) >> 10) * 2.0**-53
    return int(stats.poisson.ppf(uniform, 1)) if uniform > 0 else 0


def test_a_replicate_counts_units_as_drawn(
    tables: dict[str, pd.DataFrame], bootstrap: dict[str, pd.DataFrame]
) -> None:
    """The same weights for all metrics of a unit, or of its thousandth where there are many."""
    units = tables["intermediate.int_experiments__unit_metrics"]
    effects = bootstrap["bootstrap_replicates"].set_index(
        ["experiment_id", "metric", "replicate"]
    )
    for experiment, replicate in itertools.product(("first", "second"), (0, 7)):
        for metric, rows in units[units.experiment_id == experiment].groupby("metric"):
            drawn = rows.unit_hash % 1000 if experiment == "first" else rows.unit_id
            weights = np.array([weight(experiment, u, replicate) for u in drawn])
            row = effects.loc[(experiment, metric, replicate)]
            assert (row.effect, row.std_error) == pytest.approx(
                estimates(rows, weights), **CLOSE
            )


def test_the_bootstrap_summarizes_its_replicates(
    tables: dict[str, pd.DataFrame], bootstrap: dict[str, pd.DataFrame]
) -> None:
    """Its interval is the studentized one."""
    replicates = bootstrap["bootstrap_replicates"].groupby(["experiment_id", "metric"])
    rows = bootstrap["bootstrap"].set_index(["experiment_id", "metric"])
    assert len(rows) == 2 * 3
    results = {
        key: estimates(found, np.ones(len(found), int))
        for key, found in tables["intermediate.int_experiments__unit_metrics"].groupby(
            ["experiment_id", "metric"]
        )
    }
    for key, group in replicates:
        effect, error = results[key]
        assert rows.effect[key] == pytest.approx(effect, **CLOSE)
        assert rows.replicate_count[key] == len(group) == REPLICATES
        assert rows.std_error[key] == pytest.approx(group.effect.std(ddof=1), **CLOSE)
        statistics = np.sort((group.effect - effect) / group.std_error)
        # 1001 * 0.025 = 25.025
        ends = effect - statistics[[-25, 24]] * error
        assert (rows.ci_lower[key], rows.ci_upper[key]) == pytest.approx(ends, **CLOSE)


def test_the_error_of_the_bootstrap_is_that_of_the_delta_method(
    tables: dict[str, pd.DataFrame], bootstrap: dict[str, pd.DataFrame]
) -> None:
    """A standard deviation of R replicates has a relative error of 1 / √(2(R - 1)).

    That of C thousandths in place of units has one of 1 / √(2C) beside it.
    """
    units = tables["intermediate.int_experiments__unit_metrics"]
    rows = bootstrap["bootstrap"].set_index(["experiment_id", "metric"])
    family = stats.norm.isf(LEVEL / 2 / len(rows))
    errors = {"first": np.sqrt(1 / (2 * (REPLICATES - 1)) + 1 / (2 * 1000))}
    errors["second"] = 1 / np.sqrt(2 * (REPLICATES - 1))
    for (experiment, metric), found in units.groupby(["experiment_id", "metric"]):
        variance = 0.0
        for _, arm in found.groupby("is_treated"):
            below = arm.denominator.fillna(1).to_numpy(float)
            above = arm.numerator_winsorized.to_numpy(float)
            residual = above - above.sum() / below.sum() * below
            variance += residual.var() / len(arm) / below.mean() ** 2
        error = np.sqrt(variance) / (1 if metric == "came" else 100)
        # the delta method is right to the order of 1 / n
        smallest = found.is_treated.value_counts().min()
        assert rows.std_error[(experiment, metric)] == pytest.approx(
            error, rel=family * errors[experiment] + 3 / smallest
        )


# --- all ------------------------------------------------------------------------------------------


def test_no_thread_count_changes_a_bit(tables: dict[str, pd.DataFrame]) -> None:
    models = [
        *SURVIVAL_MODELS,
        *("cohort_days", "retention", "quantile_effects"),
    ]
    one, two, eight = (built(tables, models, threads) for threads in (1, 2, 8))
    for model in models:
        pd.testing.assert_frame_equal(one[model], two[model], check_exact=True)
        pd.testing.assert_frame_equal(one[model], eight[model], check_exact=True)


def test_the_curves_of_a_world_are_those_of_its_units(worlds: Worlds) -> None:
    """On the tables that dbt built, all worlds."""
    world: World = worlds.small()
    with world.connect() as connection:
        survival = connection.execute("from marts.experiments__survival").df()
        units = connection.execute(
            """
            select exposures.variant, survival.*
            from intermediate.int_experiments__unit_survival as survival
            inner join intermediate.int_experiments__exposures as exposures
                using (experiment_id, unit_id)
            where not exposures.is_multi_variant
            """
        ).df()
    overall = survival[survival.segment == "all"].set_index(
        ["experiment_id", "variant"]
    )
    compared = 0
    for key, arm in units.groupby(["experiment_id", "variant"]):
        rows = overall.loc[[key]].set_index("days_since_exposure").sort_index()
        fit = lifelines.KaplanMeierFitter().fit(arm.duration_days, arm.is_event)
        curve = fit.survival_function_.KM_estimate.reindex(rows.index).ffill()
        assert rows.survival_rate.to_numpy() == pytest.approx(curve, **CLOSE)
        compared += 1
    # two arms in three worlds, and three in shop
    assert compared == 9
