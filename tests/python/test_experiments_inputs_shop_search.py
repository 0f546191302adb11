"""What the experiments of shop and search read, held against staging, draws and theory."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

from claims import linearized_pasts
from shop import BASE, CROWDED
from worlds import UNIT_MODELS, World, Worlds, both_arms, default_settings

SETTINGS = default_settings()
# so many standard errors are beyond chance for the few means that are held against theory
BOUND = 4
DAY = pd.Timedelta(days=1)

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Measures:
    """How a world's metrics come from a day's activity.

    Attributes:
        world: The world.
        experiment: Its experiment.
        days: Length of every window; it begins on the date of exposure.
        horizon: Days over which activity is followed.
        silence: Days without activity after which a unit has left.
        columns: Kind, numerator and denominator of each metric.
    """

    world: str
    experiment: str
    days: int
    horizon: int
    silence: int
    columns: dict[str, tuple[str, str, str | None]]


SHOP = Measures(
    "shop",
    "free_shipping_banner",
    days=28,
    horizon=42,
    silence=14,
    columns={
        "purchases_per_session_28d": ("ratio", "purchases", "sessions"),
        "revenue_cents_28d": ("mean", "cents", None),
        "converted_28d": ("proportion", "purchases", None),
        "average_order_cents_28d": ("ratio", "cents", "orders"),
    },
)
SEARCH = Measures(
    "search",
    "ranking_v2",
    days=7,
    horizon=28,
    silence=7,
    columns={
        "search_click_rate_7d": ("ratio", "clicked", "searches"),
        "clicks_per_search_7d": ("ratio", "clicks", "searches"),
        "bookings_7d": ("mean", "bookings", None),
        "commission_cents_7d": ("mean", "cents", None),
        "converted_7d": ("proportion", "bookings", None),
        "time_to_click_ms_7d": ("ratio", "waits", "clicked"),
    },
)
LATE = {
    "late_rate": 0.3,
    "late_max_days": 5,
    "defect_rate": 0.1,
    "multi_variant_rate": 0.2,
}


@dataclass(frozen=True)
class Case:
    """A world by its settings, with the last day that its tables cover."""

    id: str
    measures: Measures
    last_day: str
    settings: dict[str, Any] = field(default_factory=dict)
    is_slow: bool = False

    def build(self, worlds: Worlds) -> World:
        return worlds(
            **{"name": self.measures.world, "experiments": "units", **self.settings}
        )


PLAIN_SEARCH = {"search_sessions_per_day": 250, "search_user_pool_size": 400}
CASES = [
    Case("shop", SHOP, "2024-10-29", BASE),
    Case("dense shop", SHOP, "2024-10-29", CROWDED, is_slow=True),
    # some users register less than 28 days before their exposure, some windows are not over
    Case(
        "shop in the middle",
        SHOP,
        "2024-10-10",
        {
            "shop_users": 200,
            "shop_items": 60,
            "shop_experiment_day": 35,
            "as_of": "2024-10-10",
            **LATE,
        },
    ),
    Case("search", SEARCH, "2026-01-30", PLAIN_SEARCH),
    Case(
        "search in the middle",
        SEARCH,
        "2026-01-13",
        {
            "search_sessions_per_day": 100,
            "search_user_pool_size": 150,
            "as_of": "2026-01-13",
            **LATE,
        },
    ),
]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(case, id=case.id, marks=[pytest.mark.slow] * case.is_slow)
        for case in CASES
    ],
)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.fixture(scope="module")
def world(worlds: Worlds, case: Case) -> World:
    return case.build(worlds)


def frame(world: World, query: str) -> pd.DataFrame:
    with world.connect() as connection:
        return connection.execute(query).df()


# --- from staging, in pandas ----------------------------------------------------------------------


def activity_of_shop(world: World) -> pd.DataFrame:
    """One row per user and day with a session, from the events one by one."""
    events = frame(world, "from staging.stg_shop__events")
    items = frame(world, "from staging.stg_shop__items")
    prices = (items.set_index("item_id").current_price.astype(float) * 100).round()
    events["purchases"] = (events.event_type == "purchase").astype(int)
    events["cents"] = events.item_id.map(prices).astype(int) * events.purchases
    sessions = events.groupby("session_id").agg(
        unit_id=("user_id", "first"),
        date=("timestamp", "min"),
        purchases=("purchases", "sum"),
        cents=("cents", "sum"),
    )
    sessions["date"] = sessions.date.dt.normalize()
    sessions["sessions"] = 1
    sessions["orders"] = (sessions.purchases > 0).astype(int)
    return sessions.groupby(["unit_id", "date"], as_index=False).sum()


def activity_of_search(world: World) -> pd.DataFrame:
    """One row per visitor and day with a session, from searches, clicks and conversions."""
    searches = frame(
        world,
        """
        select event_id, session_id, timestamp,
            coalesce(user_id, cast(anonymous_id as varchar)) as unit_id
        from staging.stg_search__searches
        """,
    )
    clicks = frame(
        world,
        "select search_event_id as event_id, timestamp from staging.stg_search__clicks",
    )
    conversions = frame(
        world, "select session_id, commission from staging.stg_search__conversions"
    )
    by_search = clicks.groupby("event_id").timestamp.agg(["min", "size"])
    searches = searches.join(by_search, on="event_id")
    searches["clicked"] = searches["size"].notna().astype(int)
    searches["clicks"] = searches["size"].fillna(0).astype(int)
    waits = (searches["min"] - searches.timestamp) / pd.Timedelta(milliseconds=1)
    searches["waits"] = waits.fillna(0).round().astype(int)
    sessions = searches.groupby("session_id").agg(
        unit_id=("unit_id", "first"),
        date=("timestamp", "min"),
        searches=("timestamp", "size"),
        clicked=("clicked", "sum"),
        clicks=("clicks", "sum"),
        waits=("waits", "sum"),
    )
    conversions["cents"] = (conversions.commission.astype(float) * 100).round()
    booked = conversions.groupby("session_id").cents.agg(["size", "sum"])
    sessions["bookings"] = booked["size"].reindex(sessions.index).fillna(0).astype(int)
    sessions["cents"] = booked["sum"].reindex(sessions.index).fillna(0).astype(int)
    sessions["date"] = sessions.date.dt.normalize()
    return sessions.groupby(["unit_id", "date"], as_index=False).sum()


ACTIVITY = {"shop": activity_of_shop, "search": activity_of_search}


def units_of(world: World, case: Case) -> pd.DataFrame:
    """Each unit exposed to one variant: its date, and the days known before and after."""
    name = case.measures.world
    exposures = frame(world, f"from staging.stg_{name}__exposures")
    by_unit = exposures.groupby("unit_id")
    units = by_unit.exposed_at.min().dt.normalize().to_frame("date")
    units = units[by_unit.variant.nunique() == 1]
    units["followed"] = (pd.Timestamp(case.last_day) - units.date).dt.days
    units["known"] = -1
    if name == "shop":
        users = frame(world, "from staging.stg_shop__users").set_index("user_id")
        start = pd.Timestamp(SETTINGS["shop_start_date"])
        registered = users.registration_date.dt.normalize().clip(lower=start)
        known = (units.date - registered.reindex(units.index)).dt.days
        units["known"] = known.fillna(-1).astype(int)
    return units


@dataclass(frozen=True)
class Recomputed:
    """The rows that the three tables should have."""

    metrics: set[Row]
    days: set[Row]
    survival: set[Row]


@pytest.fixture(scope="module")
def recomputed(world: World, case: Case) -> Recomputed:
    """Unit by unit, with nothing of the project's SQL behind staging."""
    measures, metrics, days, survival = case.measures, set(), set(), set()
    activity = ACTIVITY[measures.world](world)
    by_unit = dict(iter(activity.groupby("unit_id")))
    ratios: dict[str, dict[Row, tuple[int, int]]] = {}
    for unit, date, followed, known in units_of(world, case).itertuples():
        rows = by_unit.get(unit, activity[:0])
        since = ((rows.date - date) / DAY).astype(int)
        key = (measures.experiment, unit)
        after = rows[(since >= 0) & (since < measures.days)]
        before = rows[(since < 0) & (since >= -measures.days)]
        for metric, (kind, numerator, denominator) in measures.columns.items():
            if followed < measures.days - 1:
                continue
            total, earlier = int(after[numerator].sum()), int(before[numerator].sum())
            if kind == "proportion":
                total, earlier = min(total, 1), min(earlier, 1)
            divisor = int(after[denominator].sum()) if denominator else None
            row = (*key, metric, total, divisor)
            if kind == "ratio" and known >= measures.days:
                past = earlier, int(before[denominator].sum())
                ratios.setdefault(metric, {})[row] = past
            else:
                metrics.add((*row, earlier if known >= measures.days else None))
            if kind == "proportion":
                continue
            for index, row in after.iterrows():
                values = int(row[numerator]), row[denominator] if denominator else None
                if any(values):
                    days.add((*key, metric, int(since[index]), *values))
        cutoff = min(followed, measures.horizon - 1) - measures.silence
        if cutoff >= 0:
            seen = since[(since >= 0) & (since <= cutoff + measures.silence)]
            last = int(seen.max()) if len(seen) else 0
            survival.add((*key, min(last, cutoff), last < cutoff))
    for pasts in ratios.values():
        metrics |= {(*row, past) for row, past in linearized_pasts(pasts).items()}
    return Recomputed(metrics, days, survival)


UNIT_ROWS = {
    "metrics": """
        select experiment_id, unit_id, metric, numerator, denominator, covariate
        from intermediate.int_experiments__unit_metrics
    """,
    "days": """
        select
            experiment_id, unit_id, metric, days_since_exposure, days.numerator,
            days.denominator
        from intermediate.int_experiments__unit_metric_days as days
        inner join intermediate.int_experiments__unit_metrics as units
            using (experiment_id, metric, unit_hash)
        where days_since_exposure >= 0 and kind != 'proportion'
    """,
    "survival": """
        select experiment_id, unit_id, duration_days, is_event
        from intermediate.int_experiments__unit_survival
    """,
}


@pytest.mark.parametrize("table", list(UNIT_ROWS))
def test_units_are_as_recomputed_from_staging(
    world: World, case: Case, recomputed: Recomputed, table: str
) -> None:
    expected = getattr(recomputed, table)
    rows = world.rows(UNIT_ROWS[table])
    if table == "metrics":
        # a covariate is cut where its metric is
        cap = world.value(
            "select max(numerator_winsorized) "
            "from intermediate.int_experiments__unit_metrics "
            "where metric = 'revenue_cents_28d'"
        )
        expected = {
            (*row[:5], min(row[5], cap))
            if row[2] == "revenue_cents_28d" and row[5] is not None
            else row
            for row in expected
        }
    assert len(rows) == len(set(rows)) > 100
    assert set(rows) == expected, (
        sorted(set(rows) - expected, key=str)[:3],
        sorted(expected - set(rows), key=str)[:3],
    )


def test_the_cases_are_of_every_sort(
    world: World, case: Case, recomputed: Recomputed
) -> None:
    """Zeros, nothing divided by nothing, and in shop covariates that are known and that are not."""
    of_ratios = [row for row in recomputed.metrics if row[4] is not None]
    assert any(row[3] == 0 for row in recomputed.metrics)
    assert any(row[3:5] == (0, 0) for row in of_ratios)
    assert any(row[3] and row[4] for row in of_ratios)
    assert {row[3] for row in recomputed.survival} == {True, False}
    covariates = {row[5] for row in recomputed.metrics if row[4] is None}
    if case.measures is SHOP:
        assert None in covariates
        assert len(covariates) > 2
    else:
        assert covariates == {None}


# --- the truth ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def outcomes(world: World, case: Case) -> pd.DataFrame:
    return both_arms(world)


def test_every_followed_unit_has_the_outcomes_of_both_arms(
    world: World, case: Case, outcomes: pd.DataFrame
) -> None:
    """Of logged units, as many as the tables have; of the others, the ones the fault lost."""
    logged = {
        tuple(row) for row in outcomes[outcomes.is_logged][["unit_id", "metric"]].values
    }
    several = {
        unit
        for (unit,) in world.rows(
            "select unit_id from intermediate.int_experiments__exposures "
            "where is_multi_variant"
        )
    }
    assert {row for row in logged if row[0] not in several} == set(
        world.rows(
            "select unit_id, metric from intermediate.int_experiments__unit_metrics"
        )
    )
    lost = outcomes[~outcomes.is_logged]
    if case.measures is SHOP:
        assert lost.empty
        assert set(outcomes.stratum) <= {"none", "low", "high"}
    else:
        assert len(lost) > 0
        assert set(lost.stratum) == {"anonymous"}
        assert set(lost.variant) == {"ranking_v2"}
        generated = world.rows(
            "select count(*) from generate.gen_search__sessions where not is_logged "
            f"and make_timestamp(started_at_ms * 1000) < '{case.last_day}'::date - 5"
        )
        assert lost.unit_id.nunique() == generated[0][0]


@pytest.mark.parametrize(
    "late",
    [case for case in CASES if "as_of" in case.settings],
    ids=lambda case: case.id,
)
def test_tests_pass_while_some_events_are_late(worlds: Worlds, late: Case) -> None:
    """Above all, what is observed is the outcome under the unit's own variant."""
    world = late.build(worlds)
    result = world.dbt(
        *("test", "--warn-error", "--exclude-resource-types", "unit_test", "--select"),
        *UNIT_MODELS,
        database=world.path,
        settings=late.settings,
    )
    assert result.success, result.log[-4000:]
    assert "PASS assert_unit_metrics_equal_potential_outcomes" in result.log


def test_the_treatment_only_adds(case: Case, outcomes: pd.DataFrame) -> None:
    """A draw below the control's probability is below the treatment's.

    In shop, a purchase by the treatment is earlier than one from the cart, never instead of it.
    """
    added = {
        "shop": ("purchases_per_session_28d", "revenue_cents_28d", "converted_28d"),
        "search": ("search_click_rate_7d", "clicks_per_search_7d", "bookings_7d"),
    }[case.measures.world]
    more = 0
    for metric in added:
        rows = outcomes[outcomes.metric == metric]
        assert (rows.y1_numerator >= rows.y0_numerator).all(), metric
        assert (rows.y1_denominator.fillna(0) == rows.y0_denominator.fillna(0)).all()
        more += (rows.y1_numerator > rows.y0_numerator).sum()
    assert more > 0


def test_the_effects_in_search_are_those_of_its_mechanism(worlds: Worlds) -> None:
    """The treatment clicks 0.03 of the searches in addition, each 1, 2 or 3 times; a tenth books.

    All searches are independent draws, so the standard errors are binomial, and those of sums of
    uniform numbers.
    """
    world = Case("search", SEARCH, "2026-01-30", PLAIN_SEARCH).build(worlds)
    outcomes = both_arms(world)
    added = SETTINGS["search_click_through_rate"] * (SETTINGS["search_click_lift"] - 1)
    rate = SETTINGS["search_conversion_rate"]
    squares = (1 + 4 + 9) / 3
    searches = outcomes[outcomes.metric == "search_click_rate_7d"].y0_denominator.sum()
    expected = {
        "search_click_rate_7d": (added, added),
        "clicks_per_search_7d": (2 * added, squares * added),
        # of n clicks, a binomial number books: its mean square is n r (1 - r) + n² r²
        "bookings_7d": (
            2 * added * rate,
            added * (2 * rate * (1 - rate) + squares * rate**2),
        ),
    }
    for metric, (mean, mean_square) in expected.items():
        rows = outcomes[outcomes.metric == metric]
        effect = (rows.y1_numerator - rows.y0_numerator).sum() / searches
        error = np.sqrt((mean_square - mean**2) / searches)
        assert abs(effect - mean) < BOUND * error, (metric, effect, mean, error)
    first_clicks = outcomes[outcomes.metric == "time_to_click_ms_7d"]
    for arm in ("y0", "y1"):
        # uniform from 5,000 to 60,000 milliseconds
        waits = first_clicks[f"{arm}_numerator"].sum()
        clicked = first_clicks[f"{arm}_denominator"].sum()
        error = 55_001 / np.sqrt(12 * clicked)
        assert abs(waits / clicked - 32_500) < BOUND * error


@pytest.mark.slow
def test_an_experiment_that_nobody_was_followed_through_is_empty(
    worlds: Worlds,
) -> None:
    world = worlds.new("inputs_too_short", None).build(
        "--select",
        *(
            "+tag:shop",
            "+tag:search",
            "tag:experiments,resource_type:seed",
            *UNIT_MODELS,
        ),
        settings={
            "shop_as_of": "2024-09-20",
            "shop_users": 100,
            "shop_items": 60,
            "search_as_of": "2026-01-05",
            "search_sessions_per_day": 50,
        },
    )
    for name in ("shop", "search"):
        assert (
            world.value(f"select count(*) from intermediate.int_{name}__exposures") > 0
        )
    for relation in (
        "intermediate.int_experiments__unit_metrics",
        "intermediate.int_experiments__unit_metric_days",
        "intermediate.int_experiments__unit_survival",
        "truth.truth__unit_outcomes",
        "truth.truth__unit_metric_parts",
    ):
        assert world.value(f"select count(*) from {relation}") == 0, relation
    facts = "select distinct fact from intermediate.int_experiments__unit_facts"
    assert ("active",) in world.rows(facts)
