"""What the experiments of feed and learning read, held against staging, draws and theory."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from claims import linearized_pasts
from worlds import World, Worlds, both_arms, default_settings, seed_rows

METRICS = pd.DataFrame(seed_rows("analysis/metrics.csv"))
EXPERIMENTS = pd.DataFrame(seed_rows("analysis/experiments.csv")).set_index("source")
SETTINGS = default_settings()
DAY = pd.Timedelta(days=1)
# so many standard errors are beyond chance for the few means that are held against theory
BOUND = 4


@dataclass(frozen=True)
class Case:
    """A world by its settings, with the last day that its tables cover."""

    id: str
    world: str
    last_day: str
    settings: dict[str, Any] = field(default_factory=dict)
    is_slow: bool = False

    @property
    def marks(self) -> list[pytest.MarkDecorator]:
        return [pytest.mark.slow] if self.is_slow else []

    def build(self, worlds: Worlds) -> World:
        return worlds(name=self.world, experiments="units", **self.settings)


FEED, LEARNING = {"feed_users": 400}, {"learning_users": 200}
LATE = {"late_rate": 0.3, "late_max_days": 9, "multi_variant_rate": 0.3}
CASES = [
    Case("feed", "feed", "2024-10-10", FEED),
    Case(
        "feed with a pre-period",
        "feed",
        "2024-10-26",
        {**FEED, "feed_pre_days": 16, "feed_return_probability": 0.7, **LATE},
        is_slow=True,
    ),
    # in it, L days before the exposure are known for the short windows only
    Case(
        "feed in the middle",
        "feed",
        "2024-09-24",
        {**FEED, "feed_pre_days": 7, "as_of": "2024-09-24", **LATE},
    ),
    Case(
        "feed before any window is over",
        "feed",
        "2024-09-03",
        {**FEED, "as_of": "2024-09-03"},
        is_slow=True,
    ),
    Case("learning", "learning", "2025-04-30", LEARNING),
    Case(
        "course",
        "learning",
        "2025-06-19",
        {
            **LEARNING,
            "learning_profile": "course",
            "learning_days": 170,
            "learning_signup_during_window": 0.5,
        },
        is_slow=True,
    ),
    Case(
        "learning from an early day on",
        "learning",
        "2025-03-21",
        {
            **LEARNING,
            "learning_days": 130,
            "learning_experiment_day": 20,
            "as_of": "2025-03-21",
            **LATE,
        },
        is_slow=True,
    ),
    Case(
        "learning that is too short",
        "learning",
        "2025-02-19",
        {**LEARNING, "learning_days": 50, "learning_churn_window_days": 14},
        is_slow=True,
    ),
]


@pytest.fixture(
    scope="module",
    params=[pytest.param(case, id=case.id, marks=case.marks) for case in CASES],
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


def activity_of_feed(world: World) -> pd.DataFrame:
    """One row per user and day with a session, from events one by one."""
    events = frame(
        world,
        "select cast(user_id as varchar) as unit_id, * from staging.stg_feed__events",
    )
    sessions = events.groupby("session_id").agg(
        unit_id=("unit_id", "first"),
        date=("event_time", "min"),
        views=("content_id", "count"),
        cards=("content_id", "nunique"),
    )
    sessions["date"] = sessions.date.dt.normalize()
    sessions["bounces"] = (sessions.views == 1).astype(int)
    days = sessions.groupby(["unit_id", "date"], as_index=False).agg(
        sessions=("views", "size"),
        views=("views", "sum"),
        cards=("cards", "sum"),
        bounces=("bounces", "sum"),
    )
    days["active"] = 1
    return days


def activity_of_learning(world: World) -> pd.DataFrame:
    """One row per user and day with an event, from events one by one."""
    events = frame(
        world,
        "select cast(user_id as varchar) as unit_id, * from staging.stg_learning__events",
    )
    failed, paid = "payment_failed", "payment_success"
    events["date"] = events.event_time.dt.normalize()
    events["minutes"] = (events.watch_minutes.astype(float) * 100).round().astype(int)
    scores = events.quiz_score.astype(float).fillna(0)
    events["scores"] = (scores * 100).round().astype(int)
    events["active"] = (events.event_type == "login").astype(int)
    events["quizzes"] = (events.event_type == "quiz_attempt").astype(int)
    events["failures"] = (events.event_type == failed).astype(int)
    events["payments"] = events.event_type.isin([failed, paid]).astype(int)
    return events.groupby(["unit_id", "date"], as_index=False).agg(
        active=("active", "max"),
        minutes=("minutes", "sum"),
        quizzes=("quizzes", "sum"),
        scores=("scores", "sum"),
        payments=("payments", "sum"),
        failures=("failures", "sum"),
    )


ACTIVITY = {"feed": activity_of_feed, "learning": activity_of_learning}
# numerator and denominator as columns of the activity; (column, None) for a mean or proportion
MEASURES = {
    "retained_d3": ("active", None),
    "retained_d7": ("active", None),
    "retained_d14": ("active", None),
    "card_views_7d": ("views", None),
    "card_views_14d": ("views", None),
    "card_views_per_session_14d": ("views", "sessions"),
    "bounce_rate_14d": ("bounces", "sessions"),
    "distinct_content_per_session_14d": ("cards", "sessions"),
    "active_days_28d": ("active", None),
    "watch_minutes_28d": ("minutes", None),
    "quiz_attempts_28d": ("quizzes", None),
    "quiz_score_28d": ("scores", "quizzes"),
    "churned": ("active", None),
    "payment_failed_rate_28d": ("failures", "payments"),
}


def metrics_of(case: Case) -> list[Any]:
    experiment = EXPERIMENTS.experiment_id[case.world]
    return list(METRICS[METRICS.experiment_id == experiment].itertuples())


def units_of(world: World, case: Case) -> pd.DataFrame:
    """One row per unit exposed to one variant: when it was, and since when it is known."""
    exposures = frame(
        world,
        f"""
        select unit_id, min(exposed_at) as exposed_at
        from staging.stg_{case.world}__exposures
        inner join staging.stg_{case.world}__users
            on unit_id = cast(user_id as varchar)
        group by unit_id
        having count(distinct variant) = 1
        """,
    )
    users = frame(
        world,
        f"""
        select cast(user_id as varchar) as unit_id, signup_date
        from staging.stg_{case.world}__users
        """,
    )
    units = exposures.merge(users, on="unit_id")
    units["date"] = units.exposed_at.dt.normalize()
    known = pd.to_datetime(units.signup_date).dt.normalize()
    if case.world == "learning":
        known = known.clip(lower=pd.Timestamp(SETTINGS["learning_start_date"]))
    units["known_days"] = (units.date - known).dt.days
    units["followed_days"] = (pd.Timestamp(case.last_day) - units.date).dt.days
    return units.drop(columns=["exposed_at", "signup_date"])


def located_activity(world: World, case: Case, units: pd.DataFrame) -> pd.DataFrame:
    days = ACTIVITY[case.world](world).merge(
        units[["unit_id", "date"]], on="unit_id", suffixes=("", "_exposed")
    )
    days["day"] = (days.date - days.date_exposed).dt.days
    return days


def within(days: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    return days[(days.day >= first) & (days.day <= last)]


def expected_metrics(world: World, case: Case) -> dict[tuple[str, str], Any]:
    units = units_of(world, case)
    days = located_activity(world, case, units)

    def judged(metric: Any, value: int) -> int:
        if metric.kind != "proportion":
            return value
        return int(value == 0) if metric.metric == "churned" else int(value > 0)

    expected = {}
    for metric in metrics_of(case):
        above, below = MEASURES[metric.metric]
        first, last = metric.window_start_day, metric.window_end_day
        length = last - first + 1
        inside = within(days, first, last).groupby("unit_id").sum(numeric_only=True)
        before = within(days, -length, -1).groupby("unit_id").sum(numeric_only=True)
        pasts = {}
        for unit in units[units.followed_days >= last].itertuples():
            numerator, denominator = (
                0
                if column is None or unit.unit_id not in inside.index
                else int(inside.loc[unit.unit_id, column])
                for column in (above, below)
            )
            earlier = (
                int(before.loc[unit.unit_id, above])
                if unit.unit_id in before.index
                else 0
            )
            is_known = unit.known_days >= length
            if metric.kind == "ratio" and is_known:
                pasts[unit.unit_id] = tuple(
                    int(before.loc[unit.unit_id, column])
                    if unit.unit_id in before.index
                    else 0
                    for column in (above, below)
                )
            has_covariate = metric.kind != "ratio" and is_known
            expected[unit.unit_id, metric.metric] = (
                judged(metric, numerator),
                denominator if metric.kind == "ratio" else None,
                judged(metric, earlier) if has_covariate else None,
            )
        for unit_id, past in linearized_pasts(pasts).items() if pasts else ():
            expected[unit_id, metric.metric] = (
                *expected[unit_id, metric.metric][:2],
                past,
            )
    return expected


def test_unit_metrics_are_those_of_the_events(world: World, case: Case) -> None:
    expected = expected_metrics(world, case)
    found = world.rows(
        """
        select unit_id, metric, numerator, denominator, covariate
        from intermediate.int_experiments__unit_metrics
        """
    )
    assert {row[:2]: row[2:] for row in found} == expected
    assert len(found) == len(expected)


def test_cases_have_what_they_are_there_for(world: World, case: Case) -> None:
    rows = frame(world, "from intermediate.int_experiments__unit_metrics")
    if case.id in ("feed before any window is over", "learning that is too short"):
        assert set(rows.metric) <= {"retained_d3"}
        return
    assert (rows.numerator == 0).any(), "some units have nothing"
    means = rows[rows.denominator.isna()]
    known = means.groupby("metric").covariate.count()
    if case.id in ("feed", "learning from an early day on"):
        assert (known == 0).all()
    elif case.id == "feed in the middle":
        assert known["retained_d7"] > 0
        assert known["card_views_7d"] > 0
        assert known["card_views_14d"] == 0
    elif case.id == "course":
        assert 0 < known["churned"] < len(means[means.metric == "churned"])
    else:
        assert (known > 0).all()


def test_unit_days_are_those_of_the_events(world: World, case: Case) -> None:
    units = units_of(world, case)
    days = located_activity(world, case, units)
    followed = units.set_index("unit_id").followed_days
    expected = {}
    for metric in metrics_of(case):
        if metric.kind == "proportion":
            continue
        above, below = MEASURES[metric.metric]
        for row in within(
            days, metric.window_start_day, metric.window_end_day
        ).itertuples():
            numerator = getattr(row, above)
            denominator = getattr(row, below) if below else None
            if followed[row.unit_id] >= metric.window_end_day and (
                numerator or denominator
            ):
                expected[row.unit_id, metric.metric, row.day] = (
                    numerator,
                    denominator,
                )
    found = world.rows(
        """
        select unit_id, metric, days_since_exposure, days.numerator, days.denominator
        from intermediate.int_experiments__unit_metric_days as days
        inner join intermediate.int_experiments__unit_metrics as units
            using (experiment_id, metric, unit_hash)
        where days_since_exposure >= 0 and kind != 'proportion'
        """
    )
    assert {row[:3]: row[3:] for row in found} == expected
    assert len(found) == len(expected)


def test_unit_survival_is_that_of_the_events(world: World, case: Case) -> None:
    units = units_of(world, case)
    days = located_activity(world, case, units)
    active = days[(days.active == 1) & (days.day >= 0)].groupby("unit_id").day
    active_days = {unit: set(group) for unit, group in active}
    experiment = EXPERIMENTS.loc[case.world]
    expected = {}
    for unit in units.itertuples():
        end = min(unit.followed_days, experiment.horizon_days - 1)
        cutoff = end - experiment.silence_days
        if cutoff < 0:
            continue
        seen = [d for d in active_days.get(unit.unit_id, ()) if d <= end]
        last = max(seen, default=0)
        # a day from which on the unit is silent, and long enough
        left = last < cutoff and end - last > experiment.silence_days
        expected[unit.unit_id] = (last if left else cutoff, left)
    found = world.rows(
        """
        select unit_id, duration_days, is_event
        from intermediate.int_experiments__unit_survival
        """
    )
    assert {row[0]: row[1:] for row in found} == expected
    assert len(found) == len(expected)


def test_what_is_seen_is_the_potential_outcome(world: World, case: Case) -> None:
    """dbt's test of the units, at settings that a default build does not have."""
    name = "assert_unit_metrics_equal_potential_outcomes"
    result = world.dbt(
        *("test", "--select", name), database=world.path, settings=case.settings
    )
    assert result.success, result.log[-3000:]
    assert re.search(rf"PASS {name}\b", result.log)


def test_truth_has_all_that_were_exposed_and_logs_those_delivered(
    world: World, case: Case
) -> None:
    """Of logged units all that the log has; of them those of two variants are not analysed."""
    seen = set(
        world.rows(
            "select unit_id, metric from intermediate.int_experiments__unit_metrics"
        )
    )
    several = {
        unit
        for (unit,) in world.rows(
            "select unit_id from intermediate.int_experiments__exposures "
            "where is_multi_variant"
        )
    }
    rows = both_arms(world)[["unit_id", "metric", "is_logged"]]
    outcomes = list(rows.itertuples(index=False, name=None))
    logged = {row[:2] for row in outcomes if row[2]}
    assert {row for row in logged if row[0] not in several} == seen
    assert len({row[:2] for row in outcomes}) == len(outcomes)


# --- no effect ------------------------------------------------------------------------------------


def test_without_an_effect_both_arms_are_the_same(worlds: Worlds) -> None:
    """In every world; a truth that took what happened for what would have happened could not be."""
    assert (~arms_differ(worlds.without_effect())).all()
    assert arms_differ(worlds.small()).groupby("experiment_id").any().all()
    lost = "select count(*) from truth.truth__unit_outcomes where not is_logged"
    assert worlds.without_effect().value(lost) == 0 < worlds.small().value(lost)


def arms_differ(world: World) -> pd.Series:
    """Whether a unit has something else of a metric under any two variants, by experiment."""
    outcomes = frame(
        world,
        """
        select experiment_id, unit_id, metric, count(distinct variant) as variants,
            count(distinct (numerator, denominator)) > 1 as differ
        from truth.truth__unit_outcomes group by all
        """,
    )
    assert outcomes.experiment_id.nunique() == 4
    assert set(outcomes.variants) == {2, 3}
    return outcomes.set_index("experiment_id").differ


# --- theory ---------------------------------------------------------------------------------------


def standard_errors_off(effects: np.ndarray, mean: Any, variance: Any) -> float:
    """How far a sum of independent effects is from what theory expects, in its standard errors."""
    n = len(effects)
    expected = np.broadcast_to(mean, n).sum()
    spread = np.sqrt(np.broadcast_to(variance, n).sum())
    return abs(effects.sum() - expected) / spread


def effects_of(world: World, metric: str, where: str = "true") -> np.ndarray:
    rows = both_arms(world, f"metric = '{metric}' and {where}")
    return (rows.y1_numerator - rows.y0_numerator).to_numpy()


@pytest.fixture(scope="module")
def default_feed(worlds: Worlds) -> World:
    return worlds(experiments="units")


def test_exposure_takes_new_users_away(default_feed: World) -> None:
    """A churner is missing on days 6 to 8 if the active days, 3 to 29 of them, reach day 6."""
    lowest, highest = SETTINGS["feed_min_active_days"], SETTINGS["feed_days"]
    reaching = (highest - 7) / (highest - lowest)
    p = SETTINGS["feed_churn_probability"] * reaching
    effects = effects_of(default_feed, "retained_d7", "stratum = 'new'")
    assert set(effects) == {-1, 0}
    assert standard_errors_off(effects, -p, p * (1 - p)) < BOUND
    for stratum in ("returning", "power"):
        others = effects_of(default_feed, "retained_d7", f"stratum = '{stratum}'")
        assert len(others)
        assert not others.any()


@pytest.mark.parametrize(("stratum", "rate"), [("returning", 4), ("power", 8)])
def test_novelty_adds_card_views(
    default_feed: World, stratum: str, rate: float
) -> None:
    """Each session of the first week has two Poisson numbers of the same uniform draw."""
    grid = (np.arange(1_000_000) + 0.5) / 1_000_000
    more = np.maximum(
        1, stats.poisson.ppf(grid, rate * SETTINGS["feed_novelty_factor"])
    )
    gain = more - np.maximum(1, stats.poisson.ppf(grid, rate))
    spans = np.arange(SETTINGS["feed_min_active_days"], SETTINGS["feed_days"])
    sessions = np.minimum(spans, SETTINGS["feed_novelty_days"])
    mean = sessions.mean() * gain.mean()
    variance = sessions.mean() * gain.var() + sessions.var() * gain.mean() ** 2
    for metric in ("card_views_7d", "card_views_14d"):
        effects = effects_of(default_feed, metric, f"stratum = '{stratum}'")
        assert standard_errors_off(effects, mean, variance) < BOUND


def test_the_naive_comparison_overstates_card_views(default_feed: World) -> None:
    """Because the engaged are exposed more often: what the experiment is there to teach."""
    naive = default_feed.value(
        """
        select
            avg(numerator) filter (is_treated) - avg(numerator) filter (not is_treated)
        from intermediate.int_experiments__unit_metrics
        where metric = 'card_views_14d'
        """
    )
    assert naive > 1.3 * effects_of(default_feed, "card_views_14d").mean() > 0


@pytest.fixture(
    scope="module",
    params=[
        pytest.param({"learning_users": 2000}, id="standard"),
        pytest.param(
            {"learning_users": 1000, "learning_profile": "course"},
            id="course",
            marks=pytest.mark.slow,
        ),
    ],
)
def learning(worlds: Worlds, request: pytest.FixtureRequest) -> World:
    return worlds(name="learning", experiments="units", **request.param)


def test_reminders_add_activity_and_never_make_anybody_leave(learning: World) -> None:
    for metric in ("active_days_28d", "watch_minutes_28d", "quiz_attempts_28d"):
        effects = effects_of(learning, metric)
        assert effects.min() >= 0
        assert effects.max() > 0
    churned = effects_of(learning, "churned")
    assert churned.max() <= 0
    assert churned.min() == -1


def test_reminders_add_as_many_active_days_as_engagement_does(worlds: Worlds) -> None:
    """Of who stays in both arms, a day is active under reminders alone if its draw lies between the
    two probabilities."""
    world = worlds(name="learning", experiments="units", learning_users=2000)
    users = frame(
        world,
        """
        select cast(user_id as varchar) as unit_id, engagement_ppb / 1e9 as engagement
        from generate.gen_learning__users where churn_day is null
        """,
    )
    rows = both_arms(world, "metric = 'active_days_28d'").merge(users)
    e = rows.engagement.to_numpy()
    effects = (rows.y1_numerator - rows.y0_numerator).to_numpy()
    treated = np.minimum(1, SETTINGS["learning_engagement_factor"] * e)
    p = 0.8 * (treated - e)
    assert standard_errors_off(effects, 28 * p, 28 * p * (1 - p)) < BOUND
