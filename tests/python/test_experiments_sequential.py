"""What looking every day shows, against scipy, the formula in numpy, and what it promises."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from claims import LEVEL, proportion
from draw_harness import rows_of
from worlds import World, Worlds, default_settings, seed_rows

# what EXPERIMENTS.md asks for
CLOSE = {"rel": 1e-9, "abs": 1e-12}
CLOSE_P = {"rel": 0, "abs": 1e-8}
ALPHA = 0.05
KEYS = ["experiment_id", "treatment", "metric"]
METRICS = pd.DataFrame(seed_rows("analysis/metrics.csv"))
REPLICATES = default_settings()["experiments_replicates"]


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    return worlds.small()


def frame(world: World, query: str) -> pd.DataFrame:
    with world.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.execute(query).df()


@pytest.fixture(scope="module")
def looks(world: World) -> pd.DataFrame:
    return frame(
        world,
        """
        from marts.experiments__sequential
        order by experiment_id, treatment, metric, as_of_date
        """,
    )


def sequence(
    effect: Any, error: Any, n: Any, planned: Any, alpha: Any = ALPHA
) -> tuple[Any, Any]:
    """Half-width of the confidence sequence and its p-value, as EXPERIMENTS.md writes them."""
    rho2 = (-2 * np.log(ALPHA) + np.log(1 - 2 * np.log(ALPHA))) / planned
    margin = np.sqrt(error**2 * n) * np.sqrt(
        2 * (n * rho2 + 1) / (n**2 * rho2) * np.log(np.sqrt(n * rho2 + 1) / alpha)
    )
    exponent = effect**2 * n**2 * rho2 / (2 * error**2 * n * (n * rho2 + 1))
    p_value = np.minimum(1, np.sqrt(n * rho2 + 1) * np.exp(-exponent))
    return margin, p_value


def test_the_sequence_is_that_of_the_formula(looks: pd.DataFrame) -> None:
    margin, p_value = sequence(
        looks.effect, looks.std_error, looks.n_units, looks.planned_units
    )
    known = looks.std_error.notna()
    assert known.sum() > 100
    for column, wanted in (
        ("cs_lower", looks.effect - margin),
        ("cs_upper", looks.effect + margin),
    ):
        assert looks[column].isna().equals(~known)
        # effect and margin nearly cancel where a limit is near 0
        assert np.allclose(
            looks[column][known],
            wanted[known],
            rtol=1e-9,
            atol=1e-12 * margin[known].max(),
        )
    running = p_value.groupby([looks[key] for key in KEYS]).cummin()
    # the minimum stays what it was on a look that says nothing
    running = running.groupby([looks[key] for key in KEYS]).ffill()
    assert looks.p_value_always_valid.isna().equals(running.isna())
    assert looks.p_value_always_valid.dropna().to_numpy() == pytest.approx(
        running.dropna().to_numpy(), **CLOSE_P
    )


def test_the_always_valid_p_value_is_the_level_at_which_0_is_on_the_limit(
    looks: pd.DataFrame,
) -> None:
    """Where a look has the smallest one so far, and numbers are large enough to tell."""
    earlier = looks.groupby(KEYS).p_value_always_valid.shift(fill_value=1)
    p_value = looks.p_value_always_valid
    new = looks[(p_value < earlier) & (p_value > 1e-100)]
    assert len(new) > 20
    margin = sequence(
        new.effect,
        new.std_error,
        new.n_units,
        new.planned_units,
        new.p_value_always_valid,
    )[0]
    assert margin.to_numpy() == pytest.approx(new.effect.abs().to_numpy(), rel=1e-9)


def test_a_sequence_never_takes_back_what_it_said(looks: pd.DataFrame) -> None:
    steps = looks.groupby(KEYS).p_value_always_valid.diff()
    assert (steps.dropna() <= 0).all()
    excluded = (looks.cs_lower > 0) | (looks.cs_upper < 0)
    assert excluded.any()
    assert (looks.p_value_always_valid[excluded] < ALPHA).all()
    first = looks.groupby(KEYS).head(1)
    narrow = first.cs_upper - first.cs_lower
    last = looks.groupby(KEYS).tail(1)
    assert (
        narrow.mul(1 / first.std_error).median()
        > (last.cs_upper - last.cs_lower).mul(1 / last.std_error).median()
    )


def test_the_plan_is_that_of_the_settings(looks: pd.DataFrame, world: World) -> None:
    """Nothing that comes later changes it: neither the sequence nor the bounds of past dates."""
    variants = frame(world, "from intermediate.int_experiments__variants")
    plans = variants.groupby("experiment_id").compared_units.max()
    plan = looks.experiment_id.map(plans)
    assert (looks.planned_units == plan).all()
    fraction = (looks.n_units / plan).clip(upper=1)
    assert looks.information_fraction.to_numpy() == pytest.approx(fraction, **CLOSE)


def test_a_test_rejects_where_the_p_value_is_within_its_bound(
    looks: pd.DataFrame,
) -> None:
    for spending in ("obrien_fleming", "pocock"):
        bound = looks[f"{spending}_bound"]
        known = bound.notna() & looks.p_value_peeking.notna()
        assert known.sum() > 100
        expected = looks.p_value_peeking <= 2 * stats.norm.sf(bound)
        assert (looks[f"is_past_{spending}"][known] == expected[known]).all()
        assert looks[f"is_past_{spending}"][~known].isna().all()
    path = looks[looks.metric == "card_views_14d"]
    found = bounds_of(cards=list(path.information_fraction))["cards"]
    for spending in found:
        assert path[f"{spending}_bound"].to_numpy() == pytest.approx(
            found[spending].to_numpy(), rel=1e-12, nan_ok=True
        )


# --- group-sequential bounds -------------------------------------------------------------------


def bounds_of(**fractions: list[float]) -> dict[str, pd.DataFrame]:
    """The bounds of tests that look at these shares of the information."""
    looks = pd.DataFrame(
        [
            (test, number, fraction)
            for test, path in fractions.items()
            for number, fraction in enumerate(path)
        ],
        columns=["test", "look", "information_fraction"],
    )
    call = f"{{{{ group_sequential_bounds('looks', ['test'], 'look', {ALPHA}) }}}}"
    found = rows_of(call, looks=looks).sort_values("look")
    return {
        test: rows[["obrien_fleming_bound", "pocock_bound"]].set_axis(
            ["obrien_fleming", "pocock"], axis=1
        )
        for test, rows in found.groupby("test")
    }


def spent(spending: str, fraction: np.ndarray) -> np.ndarray:
    """The level spent up to a share of the information, by both sides together."""
    if spending == "pocock":
        return ALPHA * np.log(1 + (np.e - 1) * fraction)
    return 4 * stats.norm.sf(stats.norm.isf(ALPHA / 4) / np.sqrt(fraction))


def rejections(fractions: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """P(a first rejection at each look), by the density of a Brownian motion on a fine grid."""
    grid = np.linspace(-1, 1, 1201)
    found, density, points, last = [], np.ones(1), np.zeros(1), 0.0
    for fraction, bound in zip(fractions, bounds, strict=True):
        step, limit = np.sqrt(fraction - last), bound * np.sqrt(fraction)
        outside = stats.norm.sf((limit - points) / step)
        outside += stats.norm.cdf((-limit - points) / step)
        found.append(density @ outside)
        inside = grid * limit
        # Simpson's rule
        weights = np.where(np.arange(1201) % 2, 4.0, 2.0) * limit / 600 / 3
        weights[[0, -1]] /= 2
        kernel = stats.norm.pdf((inside[:, None] - points) / step) / step
        density, points, last = weights * (kernel @ density), inside, fraction
    return np.array(found)


def test_the_bounds_are_those_of_published_tables() -> None:
    """Five and two equal looks at 0.05, two-sided: Reboussin, DeMets, Kim and Lan (2000), and
    the designs sfLDOF and sfLDPocock of gsDesign."""
    found = bounds_of(five=[0.2, 0.4, 0.6, 0.8, 1], two=[0.5, 1], one=[1])
    for test, spending, bounds in (
        ("five", "obrien_fleming", [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        ("five", "pocock", [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
        ("two", "obrien_fleming", [2.9626, 1.9686]),
        ("two", "pocock", [2.1570, 2.2010]),
        ("one", "obrien_fleming", [1.9600]),
        ("one", "pocock", [1.9600]),
    ):
        # 3.3569 is their grid's error: the exact value is 3.35701
        assert found[test][spending].to_numpy() == pytest.approx(bounds, abs=1.5e-4)


@pytest.mark.parametrize("spending", ["obrien_fleming", "pocock"])
def test_a_test_within_its_bounds_spends_its_level(spending: str) -> None:
    """At looks that come as they like, by another quadrature."""
    rng = np.random.default_rng(1)
    paths = {
        "daily": np.arange(1, 31) / 30,
        "close": np.array([0.3, 0.312, 0.6, 0.9, 0.91, 1.0]),
        "uneven": np.sort(rng.uniform(0.05, 1, 8)),
        "unfinished": np.array([0.1, 0.5]),
    }
    paths["uneven"] = paths["uneven"][np.diff(paths["uneven"], prepend=0) > 0.01]
    found = bounds_of(**{name: list(path) for name, path in paths.items()})
    for name, path in paths.items():
        bounds = found[name][spending].to_numpy()
        level = spent(spending, path)
        assert rejections(path, bounds) == pytest.approx(
            np.diff(level, prepend=0), rel=1e-5, abs=1e-12
        ), name


def test_a_look_without_news_has_no_bound_and_costs_nothing() -> None:
    found = bounds_of(
        few=[0.5, 1], many=[0.004, 0.5, 0.501, 0.5099, 1], late=[0.5, 0.995, 1]
    )
    many = found["many"]
    assert list(many.pocock.isna()) == [True, False, True, True, False]
    assert many.dropna().to_numpy() == pytest.approx(found["few"].to_numpy(), rel=1e-12)
    assert list(found["late"].obrien_fleming.isna()) == [False, False, True]


# --- calibration ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def default(worlds: Worlds) -> World:
    """The default worlds, which have units enough and all replicates."""
    return worlds(name=None)


@pytest.fixture(scope="module")
def redrawn(default: World) -> pd.DataFrame:
    return frame(
        default,
        """
        from truth.truth__sequential_looks
        order by replicate, experiment_id, metric, as_of_date
        """,
    )


@pytest.fixture(scope="module")
def calibration(default: World) -> pd.DataFrame:
    return frame(default, "from truth.truth__sequential_calibration").set_index(KEYS)


def test_every_primary_metric_is_calibrated(
    default: World, calibration: pd.DataFrame
) -> None:
    looks = frame(default, "from marts.experiments__sequential").set_index(KEYS)
    primary = METRICS[METRICS.role == "primary"].metric
    wanted = looks[looks.index.get_level_values("metric").isin(primary)].index.unique()
    assert set(calibration.index) == set(wanted)
    assert (calibration.replicate_count == REPLICATES).all()


def test_rates_count_replicates_with_a_rejection_on_any_look(
    default: World, redrawn: pd.DataFrame, calibration: pd.DataFrame
) -> None:
    variants = frame(default, "from intermediate.int_experiments__variants")
    plans = variants.groupby("experiment_id").compared_units.max()
    redrawn["valid"] = sequence(
        redrawn.effect,
        redrawn.std_error,
        redrawn.n_units,
        redrawn.experiment_id.map(plans),
    )[1]
    assert redrawn.p_value_sequence.dropna().to_numpy() == pytest.approx(
        redrawn.valid.dropna().to_numpy(), **CLOSE_P
    )
    redrawn["peeking"] = redrawn.p_value_peeking < ALPHA
    redrawn["always_valid"] = redrawn.valid < ALPHA
    rules = {
        "peeking": "peeking",
        "always_valid": "always_valid",
        "obrien_fleming": "is_past_obrien_fleming",
        "pocock": "is_past_pocock",
    }
    rejected = redrawn.groupby([*KEYS, "replicate"])[list(rules.values())].max()
    rates = rejected.groupby(KEYS).mean()
    dates = redrawn.groupby(KEYS).as_of_date.nunique()
    for key, row in calibration.iterrows():
        assert row.n_looks == dates[key]
        for name, column in rules.items():
            rate = rates.loc[key, column]
            assert row[f"{name}_rejection_rate"] == pytest.approx(rate)
            assert row[f"{name}_rejection_mcse"] == pytest.approx(
                np.sqrt(rate * (1 - rate) / REPLICATES)
            )


def test_an_assignment_is_drawn_again_for_the_same_units(
    default: World, redrawn: pd.DataFrame
) -> None:
    """Looks have the units that the analyst had, and a unit is treated as often as logged."""
    looks = frame(default, "from marts.experiments__sequential")
    counts = redrawn.groupby([*KEYS, "as_of_date"]).n_units.agg(["min", "max"])
    observed = looks.set_index([*KEYS, "as_of_date"]).n_units
    observed = observed.loc[counts.index]
    assert (counts["min"] == observed).all()
    assert (counts["max"] == observed).all()
    # a metric's units are drawn independently of each other
    cells = default.rows(
        f"""
        with last_looks as (
            select cell_number, max(look_number) as look_number
            from truth.truth__sequential_cells group by all
        ),
        drawn as (
            select cell_number, sum(n_units) as treated
            from truth.truth__sequential_cells
            inner join last_looks using (cell_number, look_number)
            where is_treated group by all
        )
        select
            any_value(treated),
            sum(treatment_probability) * {REPLICATES},
            sum(treatment_probability * (1 - treatment_probability)) * {REPLICATES}
        from truth.truth__sequential_units inner join drawn using (cell_number)
        group by cell_number
        """
    )
    assert len(cells) >= 10
    for treated, expected, variance in cells:
        z = (treated - expected) / np.sqrt(variance)
        assert 2 * stats.norm.sf(abs(z)) > LEVEL / len(cells)


def test_looking_once_rejects_as_often_as_it_says(redrawn: pd.DataFrame) -> None:
    """On the last look alone, by the estimator of each experiment."""
    comparisons = redrawn.groupby(KEYS)
    assert comparisons.ngroups >= 4
    for key, rows in comparisons:
        last = rows[rows.as_of_date == rows.as_of_date.max()]
        rejections = (last.p_value_peeking < ALPHA).sum()
        p_value = proportion(rejections, REPLICATES, ALPHA)
        assert p_value > LEVEL / comparisons.ngroups, (key, rejections)


def test_peeking_rejects_too_often_and_the_other_rules_do_not(
    calibration: pd.DataFrame,
) -> None:
    bound = stats.binom.isf(LEVEL / 3 / len(calibration), REPLICATES, ALPHA)
    daily = calibration[calibration.n_looks > 8]
    assert len(daily) >= 3
    assert (daily.peeking_rejection_rate * REPLICATES > bound).all()
    for rule in ("always_valid", "obrien_fleming", "pocock"):
        rate = calibration[f"{rule}_rejection_rate"]
        assert (rate * REPLICATES <= bound).all(), rule
