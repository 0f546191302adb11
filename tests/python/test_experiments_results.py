"""The experiment marts against independent packages, on units of small worlds."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from scipy.special import gammaln
from statsmodels.stats.multitest import multipletests

from worlds import World, Worlds

# what EXPERIMENTS.md asks for
CLOSE = {"rel": 1e-9, "abs": 1e-12}
CLOSE_P = {"rel": 0, "abs": 1e-8}
KEYS = ["experiment_id", "metric"]


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    return worlds.small()


def frame(world: World, query: str) -> pd.DataFrame:
    with world.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.execute(query).df()


@pytest.fixture(scope="module")
def units(world: World) -> pd.DataFrame:
    """One row per unit and metric; `value` and `past` in the unit of the metric."""
    found = frame(
        world,
        """
        select units.*, metrics.divisor, metrics.role
        from intermediate.int_experiments__unit_metrics as units
        inner join intermediate.int_experiments__metrics as metrics
            using (experiment_id, metric)
        order by experiment_id, metric, unit_id
        """,
    )
    found["value"] = found.numerator_winsorized / found.divisor
    past = found.covariate.astype(float) / found.divisor
    pooled = past.groupby([found[key] for key in KEYS]).transform("mean")
    found["is_imputed"] = past.isna()
    found["past"] = past.fillna(pooled)
    return found


@pytest.fixture(scope="module")
def results(world: World) -> pd.DataFrame:
    return frame(world, "select * from marts.experiments__results").set_index(
        [*KEYS, "estimator", "estimand"]
    )


def metrics_of(
    units: pd.DataFrame, *kinds: str
) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """The units of each metric of some kinds, with at least two in each arm."""
    found = 0
    for key, rows in units[units.kind.isin(kinds)].groupby(KEYS):
        if rows.is_treated.value_counts().reindex([True, False]).min() >= 2:
            found += 1
            yield key, rows
    assert found


def arms(rows: pd.DataFrame, column: str = "value") -> tuple[np.ndarray, np.ndarray]:
    """Values of the treatment arm and of control."""
    return (
        rows.loc[rows.is_treated, column].to_numpy(float),
        rows.loc[~rows.is_treated, column].to_numpy(float),
    )


def close(found: Any, wanted: Any) -> bool:
    """Whether numbers agree; a number that cannot be computed is null."""
    if wanted is None or not np.isfinite(wanted):
        return pd.isna(found)
    return found == pytest.approx(wanted, **CLOSE)


def is_spread(rows: pd.DataFrame, column: str = "value") -> bool:
    return all(values.std() > 0 for values in arms(rows, column))


def test_naive_is_welch(units: pd.DataFrame, results: pd.DataFrame) -> None:
    for key, rows in metrics_of(units, "mean", "proportion"):
        treatment, control = arms(rows)
        row = results.loc[(*key, "naive", "sate")]
        assert close(row.effect, treatment.mean() - control.mean()), key
        if not (treatment.std() or control.std()):
            assert pd.isna(row.p_value)
            assert pd.isna(row.ci_lower)
            continue
        test = stats.ttest_ind(treatment, control, equal_var=False)
        interval = test.confidence_interval()
        assert close(row.statistic, test.statistic), key
        assert close(row.dof, test.df), key
        assert row.p_value == pytest.approx(test.pvalue, **CLOSE_P), key
        assert close(row.ci_lower, interval.low), key
        assert close(row.ci_upper, interval.high), key
        assert (row.treatment_units, row.control_units) == (
            len(treatment),
            len(control),
        )


def test_a_relative_interval_is_made_on_the_log_scale(
    units: pd.DataFrame, results: pd.DataFrame
) -> None:
    for key, rows in metrics_of(units, "mean", "proportion"):
        treatment, control = arms(rows)
        row = results.loc[(*key, "naive", "sate")]
        if min(treatment.mean(), control.mean()) <= 0:
            assert pd.isna(row.relative_effect)
            continue
        if pd.isna(row.dof):
            continue
        half = stats.t.isf(0.025, row.dof) * np.sqrt(
            sum(v.var(ddof=1) / len(v) / v.mean() ** 2 for v in (treatment, control))
        )
        lift = treatment.mean() / control.mean()
        assert close(row.relative_effect, lift - 1), key
        assert close(row.relative_ci_lower, lift * np.exp(-half) - 1), key
        assert close(row.relative_ci_upper, lift * np.exp(half) - 1), key


def test_a_ratio_has_the_error_of_a_clustered_regression(
    units: pd.DataFrame, results: pd.DataFrame
) -> None:
    """Weighted by the denominator, with units as clusters: robust errors of the quotient."""
    for key, rows in metrics_of(units, "ratio"):
        row = results.loc[(*key, "naive", "sate")]
        means, variances = [], []
        for treated in (True, False):
            arm = rows[rows.is_treated == treated]
            some = arm[arm.denominator > 0]
            if some.empty:
                break
            fit = sm.WLS(
                some.value / some.denominator,
                np.ones(len(some)),
                weights=some.denominator,
            ).fit(cov_type="HC0")
            means.append(fit.params.iloc[0])
            variances.append(fit.bse.iloc[0] ** 2 * len(arm) / (len(arm) - 1))
        if len(means) < 2:
            assert pd.isna(row.effect)
            continue
        assert close(row.effect, means[0] - means[1]), key
        assert close(row.std_error, np.sqrt(sum(variances)) or None), key


def test_cuped_and_ancova_are_regressions_on_the_past(
    units: pd.DataFrame, results: pd.DataFrame
) -> None:
    seen = set()
    for key, rows in metrics_of(units, "mean", "proportion"):
        cuped, ancova = (
            results.loc[(*key, name, "sate")] for name in ("cuped", "ancova")
        )
        if rows.is_imputed.all() or rows.past.std() == 0:
            assert pd.isna(cuped.effect)
            assert pd.isna(ancova.effect)
            continue
        seen.add(bool(rows.is_imputed.any()))
        theta = np.cov(rows.value, rows.past)[0, 1] / rows.past.var()
        expected = stats.ttest_ind(
            *arms(rows.assign(value=rows.value - theta * rows.past)), equal_var=False
        )
        assert close(cuped.statistic, expected.statistic), key
        assert close(cuped.dof, expected.df), key
        naive = results.loc[(*key, "naive", "sate")]
        assert cuped.variance_reduction == pytest.approx(
            1 - cuped.std_error**2 / naive.std_error**2, **CLOSE
        )
        if all(values.std() > 0 for values in arms(rows, "past")):
            design = sm.add_constant(
                np.column_stack([rows.is_treated.astype(float), rows.past])
            )
            fit = sm.OLS(rows.value.to_numpy(), design).fit()
            assert ancova.effect == pytest.approx(fit.params[1], rel=1e-9, abs=1e-10)
            adjusted = rows.assign(value=rows.value - fit.params[2] * rows.past)
            treatment, control = arms(adjusted)
            error = np.sqrt(
                treatment.var(ddof=1) / len(treatment)
                + control.var(ddof=1) / len(control)
            )
            assert ancova.std_error == pytest.approx(error, rel=1e-9), key
    assert seen >= {True}, "no metric with a past, some of it unknown"


def test_differences_in_differences_are_welch_on_the_change(
    units: pd.DataFrame, results: pd.DataFrame
) -> None:
    found = 0
    for key, rows in metrics_of(units, "mean", "proportion"):
        known = rows[~rows.is_imputed]
        treatment, control = arms(known.assign(value=known.value - known.past))
        row = results.loc[(*key, "did", "satt")]
        assert (row.treatment_units, row.control_units) == (
            len(treatment),
            len(control),
        )
        if min(len(treatment), len(control)) < 2:
            assert pd.isna(row.std_error)
            continue
        test = stats.ttest_ind(treatment, control, equal_var=False)
        assert close(row.effect, treatment.mean() - control.mean()), key
        assert close(row.statistic, test.statistic), key
        found += 1
    assert found


def strata_of(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The strata with at least two units in each arm."""
    return {
        stratum: part
        for stratum, part in rows.groupby("stratum")
        if part.is_treated.value_counts().reindex([True, False]).min() >= 2
    }


@pytest.mark.parametrize("estimand", ["sate", "satt"])
def test_post_stratification_weights_the_strata(
    units: pd.DataFrame, results: pd.DataFrame, estimand: str
) -> None:
    for key, rows in metrics_of(units, "mean", "proportion"):
        strata = strata_of(rows)
        weight, effects, variances = [], [], []
        for part in strata.values():
            treatment, control = arms(part)
            weight.append(len(part) if estimand == "sate" else len(treatment))
            effects.append(treatment.mean() - control.mean())
            variances.append([v.var(ddof=1) / len(v) for v in (treatment, control)])
        if not weight:
            continue
        share = np.array(weight) / sum(weight)
        row = results.loc[(*key, "post_stratified", estimand)]
        assert close(row.effect, share @ effects), key
        error = np.sqrt(share**2 @ np.sum(variances, axis=1))
        assert close(row.std_error, error or None), key


def test_overlap_weights_are_a_regression_with_stratum_dummies(
    units: pd.DataFrame, results: pd.DataFrame
) -> None:
    for key, rows in metrics_of(units, "mean", "proportion"):
        strata = strata_of(rows)
        if not strata:
            continue
        kept = pd.concat(strata.values())
        design = pd.get_dummies(kept.stratum, dtype=float)
        design["treated"] = kept.is_treated.astype(float)
        fit = sm.OLS(kept.value, design).fit()
        row = results.loc[(*key, "post_stratified", "ato")]
        assert row.effect == pytest.approx(fit.params["treated"], rel=1e-9, abs=1e-10)


def test_inverse_probability_weights_are_a_weighted_regression(
    units: pd.DataFrame, results: pd.DataFrame
) -> None:
    """Hajek's estimator is a weighted regression on the arm, and its error the robust one."""
    for key, rows in metrics_of(units, "mean", "proportion"):
        weights = np.where(
            rows.is_treated,
            1 / rows.assignment_probability,
            1 / (1 - rows.assignment_probability),
        )
        design = sm.add_constant(rows.is_treated.to_numpy(float))
        fit = sm.WLS(rows.value.to_numpy(), design, weights=weights).fit(cov_type="HC0")
        row = results.loc[(*key, "ipw", "sate")]
        assert row.effect == pytest.approx(fit.params[1], rel=1e-9, abs=1e-10), key
        if is_spread(rows):
            assert row.std_error == pytest.approx(fit.bse[1], rel=1e-9), key
            assert row.p_value == pytest.approx(fit.pvalues[1], **CLOSE_P), key
        size = sum(
            weights[rows.is_treated == treated].sum() ** 2
            / (weights[rows.is_treated == treated] ** 2).sum()
            for treated in (True, False)
        )
        assert close(row.effective_sample_size, size), key


def test_aipw_has_the_error_of_its_influence_function(
    units: pd.DataFrame, results: pd.DataFrame
) -> None:
    for key, rows in metrics_of(units, "mean", "proportion"):
        strata = strata_of(rows)
        if not strata:
            continue
        parts = []
        for part in strata.values():
            treatment, control = arms(part)
            treated, e = part.is_treated, part.assignment_probability
            parts.append(
                treatment.mean()
                - control.mean()
                + treated * (part.value - treatment.mean()) / e
                - ~treated * (part.value - control.mean()) / (1 - e)
            )
        influence = np.concatenate(parts)
        row = results.loc[(*key, "aipw", "sate")]
        assert close(row.effect, influence.mean()), key
        error = np.sqrt(((influence - influence.mean()) ** 2).sum()) / len(influence)
        assert close(row.std_error, error if error > 1e-15 else None), key


def test_p_values_are_adjusted_within_a_family(results: pd.DataFrame) -> None:
    family = ["experiment_id", "role", "estimator", "estimand"]
    sizes = []
    for _, rows in results.reset_index().groupby(family):
        tested = rows.dropna(subset="p_value")
        sizes.append(len(tested))
        for method, column in (("holm", "p_value_holm"), ("fdr_bh", "p_value_bh")):
            assert rows[rows.p_value.isna()][column].isna().all()
            if len(tested):
                adjusted = multipletests(tested.p_value, method=method)[1]
                assert tested[column].to_numpy() == pytest.approx(adjusted, **CLOSE_P)
    assert max(sizes) >= 3


def test_segments_have_their_own_effects_and_one_test(
    world: World, units: pd.DataFrame
) -> None:
    found = frame(world, "select * from marts.experiments__heterogeneity").set_index(
        [*KEYS, "segment"]
    )
    for key, rows in metrics_of(units, "mean", "proportion"):
        estimates = []
        for segment, part in rows.groupby("segment"):
            treatment, control = arms(part)
            row = found.loc[(*key, segment)]
            if min(len(treatment), len(control)) < 2:
                assert pd.isna(row.std_error)
                continue
            effect = treatment.mean() - control.mean()
            assert close(row.effect, effect), (key, segment)
            variance = sum(v.var(ddof=1) / len(v) for v in (treatment, control))
            assert close(row.std_error, np.sqrt(variance) or None), (key, segment)
            if variance:
                estimates.append((effect, 1 / variance, row))
        if len(estimates) < 2:
            continue
        effects, weights, marts = zip(*estimates, strict=True)
        q = np.dot(
            weights, (np.array(effects) - np.average(effects, weights=weights)) ** 2
        )
        assert all(close(row.q_statistic, q) for row in marts), key
        expected = stats.chi2.sf(q, len(effects) - 1)
        assert marts[0].interaction_p_value == pytest.approx(expected, **CLOSE_P)
        adjusted = multipletests([row.p_value for row in marts], method="holm")[1]
        assert [row.p_value_holm for row in marts] == pytest.approx(adjusted, **CLOSE_P)


def test_power_and_guardrails_follow_from_the_results(
    world: World, results: pd.DataFrame
) -> None:
    multiple = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    for row in frame(world, "select * from marts.experiments__power").itertuples():
        naive = results.loc[(row.experiment_id, row.metric, "naive", "sate")]
        assert close(row.minimum_detectable_effect, multiple * naive.std_error)
        if (row.experiment_id, row.metric, "cuped", "sate") in results.index:
            cuped = results.loc[(row.experiment_id, row.metric, "cuped", "sate")]
            assert close(
                row.cuped_minimum_detectable_effect, multiple * cuped.std_error
            )
    guardrails = frame(world, "select * from marts.experiments__guardrails")
    assert len(guardrails) == 5
    for row in guardrails.itertuples():
        naive = results.loc[(row.experiment_id, row.metric, row.estimator, "sate")]
        if pd.isna(naive.std_error):
            assert row.decision == "unknown"
            continue
        sign = 1 if row.direction == "increase" else -1
        statistic = (sign * naive.effect + row.non_inferiority_margin) / naive.std_error
        expected = stats.t.sf(statistic, naive.dof)
        assert row.p_value == pytest.approx(expected, **CLOSE_P)
        assert (row.decision == "not_inferior") == (expected < 0.05)


def test_sample_ratios_are_chi_square(world: World) -> None:
    units = frame(
        world,
        "select * from intermediate.int_experiments__exposures where not is_multi_variant",
    )
    checks = frame(world, "select * from marts.experiments__health_checks").set_index(
        ["experiment_id", "check_name", "scope"]
    )
    for experiment, rows in units.groupby("experiment_id"):
        p = rows.assignment_probability
        row = checks.loc[(experiment, "srm", "all")]
        if p.nunique() == 1:
            counts = [rows.is_treated.sum(), (~rows.is_treated).sum()]
            test = stats.chisquare(counts, [p.sum(), (1 - p).sum()])
            assert close(row.statistic, test.statistic)
            assert row.p_value == pytest.approx(test.pvalue, **CLOSE_P)
        z = (rows.is_treated.sum() - p.sum()) / np.sqrt((p * (1 - p)).sum())
        assert close(row.statistic, z**2)
        assert row.p_value == pytest.approx(2 * stats.norm.sf(abs(z)), **CLOSE_P)
        assert row.status == ("alert" if row.p_value < 0.0005 else "ok")
        evidence = []
        for date in sorted(rows.exposure_date.unique()):
            total = 0.0
            for _, part in rows[rows.exposure_date <= date].groupby("stratum"):
                n, x = len(part), part.is_treated.sum()
                e = part.assignment_probability.iloc[0]
                total += (
                    gammaln(x + 1) + gammaln(n - x + 1) - gammaln(n + 2)
                    - x * np.log(e) - (n - x) * np.log(1 - e)
                )  # fmt: skip
            evidence.append(total)
        row = checks.loc[(experiment, "srm_sequential", "all")]
        assert row.statistic == pytest.approx(max(evidence), rel=1e-9)
        assert row.p_value == pytest.approx(min(1, np.exp(-max(evidence))), **CLOSE_P)


def test_balance_compares_what_was_known_before(
    world: World, units: pd.DataFrame
) -> None:
    found = frame(
        world, "select * from intermediate.int_experiments__balance"
    ).set_index(["experiment_id", "characteristic"])
    exposures = frame(
        world,
        "select * from intermediate.int_experiments__exposures where not is_multi_variant",
    )
    cases = [
        ((experiment, f"stratum:{stratum}"), rows.assign(past=rows.stratum == stratum))
        for experiment, rows in exposures.groupby("experiment_id")
        for stratum in rows.stratum.unique()
    ] + [
        ((experiment, f"covariate:{metric}"), rows[~rows.is_imputed])
        for (experiment, metric), rows in metrics_of(units, "mean", "proportion")
        if not rows.is_imputed.all()
    ]
    assert len(found) >= len(cases) > 10
    for key, rows in cases:
        rows = rows.assign(past=rows.past.astype(float))
        treatment, control = arms(rows, "past")
        deviation = np.sqrt((treatment.var(ddof=1) + control.var(ddof=1)) / 2)
        row = found.loc[key]
        if not deviation:
            assert pd.isna(row.standardized_difference)
            continue
        assert row.standardized_difference == pytest.approx(
            (treatment.mean() - control.mean()) / deviation, rel=1e-9, abs=1e-12
        )
        e = rows.assignment_probability
        weighted = [
            np.average(part.past, weights=weight)
            for part, weight in (
                (rows[rows.is_treated], 1 / e[rows.is_treated]),
                (rows[~rows.is_treated], 1 / (1 - e[~rows.is_treated])),
            )
        ]
        assert row.weighted_standardized_difference == pytest.approx(
            (weighted[0] - weighted[1]) / deviation, rel=1e-9, abs=1e-12
        )


def test_the_past_shows_no_effect_but_by_chance(
    world: World, units: pd.DataFrame
) -> None:
    found = frame(
        world, "select * from intermediate.int_experiments__pre_period_effects"
    )
    assert len(found)
    found = found.set_index(KEYS)
    for key, rows in metrics_of(units, "mean", "proportion"):
        known = rows[~rows.is_imputed]
        if known.empty:
            assert key not in found.index
            continue
        treatment, control = arms(known, "past")
        if min(len(treatment), len(control)) < 2 or not is_spread(known, "past"):
            continue
        test = stats.ttest_ind(treatment, control, equal_var=False)
        assert close(found.loc[key].statistic, test.statistic), key
        assert found.loc[key].p_value == pytest.approx(test.pvalue, **CLOSE_P)


def test_days_compare_a_fixed_cohort(world: World, units: pd.DataFrame) -> None:
    """Every unit of the cohort counts on every day, with zero where it did nothing."""
    by_day = frame(world, "select * from marts.experiments__effect_by_day").set_index(
        [*KEYS, "days_since_exposure"]
    )
    novelty = frame(world, "select * from marts.experiments__novelty").set_index(KEYS)
    days = pd.concat(
        frame(world, f"select * from intermediate.int_{name}__unit_days")
        for name in ("feed", "learning", "shop", "search")
    )
    for key, rows in metrics_of(units, "mean"):
        mine = days[(days.experiment_id == key[0]) & (days.metric == key[1])]
        grid = (
            mine.pivot_table(
                index="unit_id", columns="days_since_exposure", values="numerator"
            )
            .reindex(rows.unit_id)
            .fillna(0)
            / rows.divisor.iloc[0]
        )
        for day in grid.columns[:: max(1, len(grid.columns) // 4)]:
            strata = strata_of(rows.assign(value=grid[day].to_numpy()))
            row = by_day.loc[(*key, day)]
            weight = np.array([len(part) for part in strata.values()])
            effects = [
                np.subtract(*(v.mean() for v in arms(p))) for p in strata.values()
            ]
            assert row.n_units == weight.sum()
            assert row.effect == pytest.approx(
                weight @ effects / weight.sum(), rel=1e-9, abs=1e-12
            )
        if key not in novelty.index:
            continue
        weeks = grid.reindex(columns=range(14), fill_value=0).to_numpy()
        change = weeks[:, :7].mean(axis=1) - weeks[:, 7:].mean(axis=1)
        treatment, control = arms(rows.assign(value=change))
        test = stats.ttest_ind(treatment, control, equal_var=False)
        assert close(novelty.loc[key].statistic, test.statistic), key
        assert novelty.loc[key].novelty_difference == pytest.approx(
            treatment.mean() - control.mean(), rel=1e-9, abs=1e-12
        )
    assert len(novelty) >= 4
