"""A world that a file declares: understood or refused in words, built, and held to its numbers."""

from __future__ import annotations

import contextlib
import copy
import json
import math
import re
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st
from scipy import stats
from typer.testing import CliRunner

from diorama.analysis.plan import load_plan
from diorama.analysis.rehearse import _recommend, planned_world, rehearse
from diorama.cli import app
from diorama.engines.build import BuildRequest
from diorama.engines.selection import Layer, selection
from diorama.errors import UsageError
from diorama.project import Project
from diorama.worlds.expectation import Walk, daily_shares, expected
from diorama.worlds.file import SCHEMA, World, load_world, names_in, schema
from diorama.worlds.rows import declared
from worlds import ROOT, Worlds, assert_same, both_arms, surplus
from worlds import World as Built

EXAMPLES = sorted((ROOT / "examples" / "worlds").glob("*.yml"))
COFFEE = ROOT / "examples" / "worlds" / "coffee.yml"
USERS, FEW = 2500, 500
MIDDLE = "2026-01-31"
# what draws, appends and adds up, without the views and tables that only look at it
MECHANISM = (
    *("--select", "+path:models/staging/custom", "+custom__user_daily"),
    "+gen_custom__treated_steps",
)


def settings_of(path: Path, **given: Any) -> dict[str, Any]:
    """dbt's vars for a file."""
    rows = declared(load_world(path), given)
    return rows["settings"] | given | {"declared_world": rows}


def written(tmp_path: Path, world: dict[str, Any]) -> Path:
    path = tmp_path / "world.yml"
    path.write_text(yaml.safe_dump(world, sort_keys=False), encoding="utf-8")
    return path


def broken_claims(world: Built) -> list[tuple[Any, ...]]:
    return world.rows("from truth.truth_custom__claims where not holds")


@pytest.fixture(scope="module")
def coffee(worlds: Worlds) -> Built:
    """On two threads, with the experiments up to what each unit has of each metric."""
    return worlds(
        name="custom", experiments="units", **settings_of(COFFEE, custom_users=USERS)
    )


@pytest.fixture(scope="module")
def few(worlds: Worlds) -> Built:
    """The first of those users, on one thread."""
    return mechanism(worlds, "few", threads=1)


def mechanism(
    worlds: Worlds,
    name: str,
    *selection: str,
    threads: int = 2,
    **given: Any,
) -> Built:
    world = worlds.new(f"own_{name}", "custom")
    settings = settings_of(COFFEE, custom_users=FEW, **given)
    return world.build(*(selection or MECHANISM), settings=settings, threads=threads)


# The file


def test_every_starter_is_a_world_of_under_sixty_lines() -> None:
    assert {path.stem for path in EXAMPLES} >= {
        *("coffee", "marketplace", "game", "saas", "news", "travel")
    }
    for path in EXAMPLES:
        load_world(path)
        assert len(path.read_text().splitlines()) < 60


def test_the_shipped_schema_is_that_of_the_models() -> None:
    assert json.loads(SCHEMA.read_text()) == schema()


MINIMAL: dict[str, Any] = {
    "events": {
        "open": {"next": {"read": 80, "end": 20}},
        "read": {"next": {"read": 50, "end": 50}},
    }
}
ITEM = {"items": {"book": {"count": 3}}}
ODD = ["it's", '"q"', "{{ 1 }}", "100 %", "a;b", "ü→é", "null", "-- no"]
EFFECT: dict[str, Any] = {
    "metrics": {"reads": {"fact": "read"}},
    "experiments": {"e": {"split": {"control": 1, "new": 1}}},
}


def changed(**parts: Any) -> dict[str, Any]:
    return copy.deepcopy(MINIMAL) | parts


def with_effect(*effects: dict[str, Any], **parts: Any) -> dict[str, Any]:
    experiment = EFFECT["experiments"]["e"] | {"effects": {"new": list(effects)}}
    return changed(**EFFECT | {"experiments": {"e": experiment}} | parts)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no event": ({"events": {}}, "must have something"),
    "unknown key": (changed(evnts={}), "has no key 'evnts'. Did you mean events?"),
    "unknown event": (
        changed(events={"open": {"next": {"raed": 1, "end": 1}}}),
        "events.open.next has 'raed', but no event has that name",
    ),
    "kind that is an event": (
        changed(items={"event": {"count": 3}}),
        "items.event: events have a column event_id already",
    ),
    "unreachable": (
        changed(events=MINIMAL["events"] | {"buy": {"next": {"end": 1}}}),
        "events.buy can never be reached from open. No event that can be reached has it",
    ),
    "endless": (
        changed(events={"open": {"next": {"open": 1}}}),
        "a session that has come to open never ends",
    ),
    "too long": (
        changed(events={"open": {"next": {"open": 999_999, "end": 1}}}),
        "has more than 2000 events with probability 1. Give end",
    ),
    "too slow": (
        changed(
            events={
                "open": {"next": {"read": 1}},
                "read": {
                    "next": {"read": 9, "end": 1},
                    "after": {"median": "40 min", "spread": 2},
                },
            }
        ),
        "hours on average, but at most 4",
    ),
    "rising retention": (
        changed(retention={1: 10, 7: 20}),
        "retention rises from 10% on day 1 to 20% on day 7",
    ),
    "retention above weekdays": (
        changed(retention={1: 60}, weekdays=[1, 1, 1, 1, 1, 1, 8]),
        "240% on the strongest weekday (4.000 times the mean), but at most 100 %",
    ),
    "no retention": (changed(retention={1: 0}), "retention.1 is 0"),
    "effect past 1": (
        with_effect({"on": "open -> read", "times": 1.5}),
        "from 80% to 120% in segment all, but at most 100 %",
    ),
    "novelty past 1": (
        with_effect(
            {
                **{"on": "open -> read", "times": 1.2},
                "novelty": {"extra": 1.1, "half_life_days": 3},
            }
        ),
        "from 80% to 105.6%",
    ),
    "nothing to take from": (
        with_effect(
            {"on": "open -> read", "times": 0.5},
            events=MINIMAL["events"] | {"open": {"next": {"read": 1}}},
        ),
        "nothing else follows that could take the rest",
    ),
    "effect on nothing": (
        with_effect({"on": "open -> buy", "times": 1.1}),
        "no event open is followed by buy",
    ),
    "effect on what": (
        with_effect({"on": "retentoin", "times": 1.1}),
        "Did you mean retention?",
    ),
    "retention past 1": (
        with_effect({"on": "retention", "times": 3}, retention={1: 50}),
        "lifts retention in all from 50% to 150%",
    ),
    "sessions below 1": (
        with_effect({"on": "sessions", "times": 0.5}),
        "sessions per active day in segment all from 1.2 to 0.6, but an active day has one",
    ),
    "shares of 0": (
        changed(segments={"a": {"share": 0}, "b": {"share": 0}}),
        "segments: all shares are 0",
    ),
    "weights of 0": (
        changed(users_have={"plan": {"free": 0}}),
        "users_have.plan has no weight above 0",
    ),
    "kept without a pick": (
        changed(
            **ITEM,
            events={
                "open": {"next": {"read": 1, "buy": 1}},
                "read": {"next": {"buy": 1, "end": 1}, "picks": "book"},
                "buy": {"next": {"end": 1}, "keeps": "book"},
            },
        ),
        "a session can come there without having picked one: open -> buy",
    ),
    "unknown kind of item": (
        changed(events={"open": {"next": {"end": 1}, "picks": "bok"}}, **ITEM),
        "events.open.picks is 'bok', but no kind of item has that name. Did you mean book?",
    ),
    "unknown segment": (
        changed(segments={"a": {"share": 1}}, sessions_per_active_day={"b": 2}),
        "sessions_per_active_day has 'b', but no segment has that name",
    ),
    "expression of nothing": (
        changed(
            events={"open": {"next": {"end": 1}, "has": {"total": "price * 2"}}},
        ),
        "has 'price', which is no number of the event or its item",
    ),
    "expression that is code": (
        changed(
            events={"open": {"next": {"end": 1}, "has": {"t": "__import__('os')"}}},
        ),
        "may have numbers, names, + - * / and brackets",
    ),
    "column taken": (
        changed(users_have={"user_id": {"a": 1}}),
        "users have such a column already",
    ),
    "word of SQL": (
        changed(
            users_have={"order": {"a": 1}},
            items={"x": {"count": 1, "has": {"end": {"a": 1}}}},
        ),
        "items.x.has.end: end is a word of SQL. Give it another name.",
    ),
    "column of the generator": (
        changed(sessions_have={"segment_number": {"poisson": 3}}),
        "sessions_have.segment_number: events have such a column already.",
    ),
    "count that is a count": (
        changed(events={"event": {"next": {"end": 1}}}),
        "events.event would share the column event_count with the number of events.",
    ),
    "property that is a count": (
        changed(sessions_have={"open_count": {"poisson": 3}}),
        "events.open would share the column open_count with sessions_have.open_count.",
    ),
    "fact that is a fact": (
        changed(events={"active": {"next": {"end": 1}}}),
        "events.active: metrics call active who has a session on a day.",
    ),
    "no metric": (
        changed(experiments=EFFECT["experiments"]),
        "experiments need metrics",
    ),
    "unknown fact": (
        with_effect(metrics={"m": {"fact": "raed"}}),
        "must be active, an event, or a number of an event. Did you mean read?",
    ),
    "exposed by nothing": (
        changed(
            **EFFECT
            | {
                "experiments": {
                    "e": {"split": {"a": 1, "b": 1}, "exposed": {"first": "buy"}}
                }
            }
        ),
        "exposed.first is 'buy', but no event has that name",
    ),
    "one variant": (
        changed(**EFFECT | {"experiments": {"e": {"split": {"control": 1}}}}),
        "must name two variants or more",
    ),
    "too many users in experiments": (
        changed(
            **EFFECT
            | {
                "experiments": {
                    "e": {"split": {"a": 1, "b": 1}, "users": 70},
                    "f": {"split": {"a": 1, "b": 1}, "users": 50},
                }
            }
        ),
        "experiments take 120% of the users",
    ),
    "two that are one": (
        changed(users_have={"plan": {"Free": 1, "free": 1}}),
        "differ in case alone",
    ),
    "no time": (
        changed(events={"open": {"next": {"end": 1}, "after": {"median": "20"}}}),
        "must be a time with its unit: ms, s, min or h, such as 20 s",
    ),
    "no per cent": (
        changed(signups={"before": "many"}),
        "must be per cent, such as 30 or 2.5%",
    ),
    "too late": (
        changed(
            days=30,
            **EFFECT
            | {
                "experiments": {
                    "e": {"split": {"a": 1, "b": 1}, "exposed": {"from_day": 30}}
                }
            },
        ),
        "exposed.from_day is 30, but the world has the days 0 to 29",
    ),
    "hours": (changed(hours=[1, 2]), "hours has 2 weights, but must have 24"),
    "two distributions": (
        changed(users_have={"age": {"poisson": 3, "geometric": 0.5}}),
        "must have one distribution, but has geometric and poisson",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_with_its_arithmetic(
    tmp_path: Path, name: str
) -> None:
    world, said = REFUSED[name]
    with pytest.raises(UsageError) as refused:
        load_world(written(tmp_path, world))
    text = str(refused.value)
    assert said in text, text
    lines = text.splitlines()[1:-1]
    assert all(re.match(r"world.yml:\d+:\d+: \S", line) for line in lines), text


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "world.yml"
    path.write_text(
        "days: many\n"
        "retention: {1: 130}\n"
        "users_have: {user_id: {a: 1}}\n"
        "events:\n"
        "  open: {next: {raed: 1, end: 1}}\n"
        "  read: {next: {end: 0}}\n"
        "metrics: {m: {fact: buy}}\n"
    )
    with pytest.raises(UsageError) as refused:
        load_world(path)
    lines = [line.split(":")[1] for line in str(refused.value).splitlines()[1:-1]]
    assert lines == ["1", "2", "3", "5", "6", "7"], refused.value


@pytest.mark.parametrize(
    "text", ["a ** b", "a if b else c", "f(a)", "a.b", "'x'", "a[0]", "1e9", "a //", ""]
)
def test_an_expression_is_arithmetic_and_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match=r"arithmetic|numbers, names"):
        names_in(text)


names = st.sampled_from(["open", "read", "buy", "end", "a", "b_2", "Xy", "é", ""])
numbers = st.one_of(
    st.integers(-2, 300), st.floats(-1, 300), st.sampled_from(["3%", "p99", "20 s"])
)
scalars = st.one_of(numbers, names, st.none(), st.booleans())
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)
    ),
    max_leaves=6,
)
keys = st.sampled_from(sorted(World.model_fields))
weights = st.dictionaries(names, st.integers(0, 100), min_size=1, max_size=3)
walks = st.dictionaries(
    names, st.fixed_dictionaries({"next": weights}), min_size=1, max_size=4
)


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    events=walks,
    parts=st.dictionaries(keys, trees, max_size=4),
    retention=st.dictionaries(st.integers(0, 40), st.integers(-5, 120), max_size=4),
)
@example(events={"open": {"next": {"end": 1}}}, parts={}, retention={1: 40})
def test_any_file_is_a_world_or_is_refused_in_words(
    tmp_path: Path, events: Any, parts: Any, retention: Any
) -> None:
    world = {"events": events} | ({"retention": retention} if retention else {}) | parts
    try:
        told = load_world(written(tmp_path, world))
    except UsageError as error:
        said = str(error)
        told = None
    if told is None:
        lines = said.splitlines()[1:-1]
        assert lines
        assert all(re.match(r"world.yml:\d+:\d+: \S", line) for line in lines), said
        assert not re.search(r"valid (dict|str|int)|pydantic|Traceback", said)
        return
    rows = declared(told, {})
    json.dumps(rows)
    assert rows["settings"]["custom_users"] >= 1
    assert math.isfinite(expected(told).total)


# What it implies


def test_the_expected_walk_is_that_of_simulated_ones() -> None:
    world = load_world(ROOT / "examples" / "worlds" / "game.yml")
    walk = Walk(world, "whale", [])
    names = list(walk.matrix)
    random = np.random.default_rng(7)
    # all sessions go on together; where all have ended, the last state is theirs
    states = [*names, "end"]
    below = np.cumsum(
        [[walk.matrix[here].get(there, 0.0) for there in states] for here in names], 1
    )
    here, walked = np.zeros(20_000, dtype=int), []
    while (here < len(names)).any():
        walked.append(here)
        going = here < len(names)
        draws = random.random((going.sum(), 1)) * below[here[going], -1:]
        here = here.copy()
        here[going] = (draws >= below[here[going]]).sum(1)
    counts = {name: sum(at == n for at in walked) for n, name in enumerate(names)}
    bound = stats.norm.ppf(1 - 0.0005 / (2 * len(names)))
    for name, seen in counts.items():
        found = np.asarray(seen, dtype=float)
        error = np.std(found) / math.sqrt(len(found)) or 1e-12
        assert abs(np.mean(found) - walk.visits[name]) <= bound * error, name
        met = np.mean(found > 0)
        chance = walk.chance_of(name)
        spread = math.sqrt(chance * (1 - chance) / len(found)) + 1e-12
        assert abs(met - chance) <= bound * spread, name


def test_what_is_built_agrees_with_what_is_expected(coffee: Built) -> None:
    """Without effects; the error between users, of whom sessions and events come in bundles."""
    world = load_world(COFFEE)
    means = expected(world, USERS)
    kinds = ", ".join(
        f"count(*) filter (state = {n}) as {name}"
        for n, name in enumerate(world.events, 1)
    )
    found = coffee.arrays(
        f"""
        select
            users.user_number,
            count(distinct steps.day_number) as active_days,
            count(*) filter (event_number = 0) as sessions,
            {kinds}
        from generate.gen_custom__users as users
        left join generate.gen_custom__baseline_steps as steps using (user_number)
        group by users.user_number
        """
    )
    wanted = {
        "active_days": means.active_days,
        "sessions": means.sessions,
        **means.events,
    }
    bound = stats.norm.ppf(1 - 0.001 / (2 * len(wanted)))
    for name, mean in wanted.items():
        per_user = np.asarray(found[name], dtype=float)
        error = per_user.std(ddof=1) * math.sqrt(USERS)
        assert abs(per_user.sum() - mean) <= bound * error, name
    assert len(found["user_number"]) == USERS


def test_target_events_scale_the_users(tmp_path: Path) -> None:
    path = tmp_path / "world.yml"
    path.write_text(
        COFFEE.read_text().replace("users: 10_000 ", "target_events: 3_000_000 ")
    )
    told = load_world(path)
    assert expected(told).total == pytest.approx(3_000_000, rel=1e-3)
    assert expected(told, 10_000).total == pytest.approx(
        expected(told).total / expected(told).users * 10_000
    )


def lost_and_made_up_days(world: Built) -> list[tuple[Any, ...]]:
    """Active days without a step or the other way, of days drawn whether or not a user has left.

    Without effects (treatment 0), and of each treatment after the exposure.
    """
    return world.rows(
        """
        with weekdays as (
            select greatest(1, max(weekday_factor)) as strongest
            from generate.gen_custom__day_draws
        ),
        shares as (
            select days.*, 0 as variant_number, 1 as factor
            from generate.gen_custom__day_draws as days
            union all
            select
                days.*,
                treatments.variant_number,
                coalesce(effects.factor, 1) as factor
            from generate.gen_custom__day_draws as days
            inner join generate.gen_custom__treatments as treatments
                on
                    days.user_number = treatments.user_number
                    and days.day_number > treatments.exposure_day
            left join generate.gen_custom__effects as effects
                on
                    effects.regime = treatments.first_regime
                        + least(days.day_number - exposure_day, treatments.last_day)
                    and effects.segment_number = days.segment_number
                    and effects.target = 'retention'
        ),
        stays as (
            select
                *,
                active_share * factor as share,
                least(1, greatest(sqrt(share), share * strongest)) as stay_probability
            from shares cross join weekdays
        ),
        active as (
            select user_number, variant_number, day_number from stays
            where days_since_signup = 0 or (
                stay_draw < stay_probability
                and activity_draw * stay_probability < share * weekday_factor
            )
        ),
        walked as (
            select distinct user_number, variant_number, day_number
            from generate.gen_custom__baseline_steps
            union all
            select distinct steps.user_number, steps.variant_number, day_number
            from generate.gen_custom__treated_steps as steps
            inner join generate.gen_custom__treatments as treatments
                on
                    steps.user_number = treatments.user_number
                    and steps.variant_number = treatments.variant_number
                    and day_number > exposure_day
        )
        (from active except from walked) union all (from walked except from active)
        """
    )


def test_no_day_is_lost_to_those_who_have_left(coffee: Built) -> None:
    assert lost_and_made_up_days(coffee) == []


def test_sql_has_the_shares_of_retention_that_are_expected(coffee: Built) -> None:
    world = load_world(COFFEE)
    for number, segment in enumerate(world.segment_names):
        found = coffee.rows(
            "select days_since_signup, active_share from generate.gen_custom__retention "
            f"where segment_number = {number} order by 1"
        )
        wanted = daily_shares(world, segment, len(found))
        assert [day for day, _ in found] == list(range(len(found)))
        assert [share for _, share in found] == pytest.approx(wanted, rel=1e-12)


# What is built


def test_every_claim_holds(coffee: Built) -> None:
    count, counted = coffee.rows(
        "select count(*), count(*) filter (trial_count > 0) from truth.truth_custom__claims"
    )[0]
    assert count == counted > 90
    assert broken_claims(coffee) == []


@pytest.mark.parametrize(
    ("part", "row", "place", "value"),
    [
        ("transitions", 5, 3, 0.3),
        ("retention", 1, 2, 0.2),
        ("events", 1, 2, 9.5),
        ("segments", 0, 4, 1.4),
        ("effects", 4, 6, 1.3),
    ],
)
@pytest.mark.slow
def test_a_claim_fails_where_another_world_is_built(
    worlds: Worlds, part: str, row: int, place: int, value: float
) -> None:
    """The rows of the mechanism are changed, the claims are not."""
    given = settings_of(COFFEE, custom_users=USERS)
    given["declared_world"][part][row][place] = value
    assert broken_claims(worlds(name="custom", **given))


# effects on what follows, gaps, retention and sessions, and a metric of each
TREATED: dict[str, Any] = {
    "users": 4000,
    "days": 40,
    "retention": {1: 50, 7: 35, 30: 20},
    "sessions_per_active_day": 1.5,
    "events": {
        "open": {"next": {"view": 70, "end": 30}},
        "view": {
            "next": {"view": 40, "buy": 20, "end": 40},
            "after": {"median": "3 min", "spread": 2},
        },
        "buy": {"next": {"end": 1}, "has": {"amount": {"geometric": 0.2}}},
    },
    "experiments": {
        "e": {
            "split": {"control": 1, "funnel": 1, "habit": 1},
            "exposed": {"from_day": 5},
            "effects": {
                "funnel": [
                    {"on": "view -> buy", "times": 1.4},
                    {"on": "view.after", "times": 0.5},
                ],
                "habit": [
                    {"on": "retention", "times": 1.2},
                    {"on": "sessions", "times": 1.3},
                ],
            },
        }
    },
    "metrics": {
        "bought": {"fact": "buy", "kind": "proportion", "days": [0, 6]},
        "spent": {"fact": "buy.amount", "days": [0, 13]},
        "days": {"fact": "active", "aggregation": "days", "days": [1, 13]},
        "sessions": {"fact": "open", "days": [0, 13]},
    },
}


@pytest.mark.slow
def test_effects_that_are_planned_are_those_of_the_build(
    worlds: Worlds, diorama: Any, workspace: Path, tmp_path: Path
) -> None:
    """Of other users, by another seed: both means have errors, and z is of their difference."""
    path = written(tmp_path, TREATED)
    result = diorama("build", "--world", path, "--seed", 5, "--plan", "--json")
    assert result.exit_code == 0, result.stderr
    planned = {
        (each["treatment"], each["metric"]): each
        for each in json.loads(result.stdout)["effects"]
    }
    world = worlds.new("treated", "custom")
    select = selection(["custom"], ["+truth__effects", "gen_custom__day_draws"])
    world.build("--select", *select, settings=settings_of(path))
    assert lost_and_made_up_days(world) == []
    built = world.rows(
        """
        with units as (
            select treatment, metric, count(*) as units, var_samp(effect) as variance
            from truth.truth__unit_effects where is_analysed group by all
        )
        select treatment, metric, control_mean, true_effect, units, sqrt(variance / units)
        from truth.truth__effects inner join units using (treatment, metric)
        where scope = 'all' and estimand = 'sate'
        """
    )
    assert planned.keys() == {(treatment, metric) for treatment, metric, *_ in built}
    assert len(built) == 2 * len(TREATED["metrics"])
    bound = stats.norm.ppf(1 - 0.001 / (2 * len(built)))
    found = set()
    for treatment, metric, control, effect, units, error in built:
        told = planned[treatment, metric]
        apart = math.hypot(error, told["std_error"])
        assert abs(told["effect"] - effect) <= bound * apart, (treatment, metric)
        assert told["effect"] == pytest.approx(told["treated"] - told["control"])
        assert told["std_error"] == pytest.approx(
            error * math.sqrt(units / told["units"]), rel=0.25
        )
        assert control > 0
        if abs(told["effect"]) > bound * told["std_error"]:
            found.add((treatment, metric))
    habit = {("habit", metric) for metric in TREATED["metrics"]}
    assert found == habit | {("funnel", "bought"), ("funnel", "spent")}


def test_the_report_is_of_the_product_and_asks_for_no_other_world(
    coffee: Built, diorama: Any, tmp_path: Path
) -> None:
    assert_report_is_whole(diorama, coffee, tmp_path)


def assert_report_is_whole(diorama: Any, world: Built, tmp_path: Path) -> None:
    to = tmp_path / "report.html"
    result = diorama("report", "--to", to, "--database", world.path)
    assert result.exit_code == 0, result.stderr
    assert "one_click_pay" in to.read_text()
    assert "Not built" not in result.stderr


def test_each_metric_of_the_log_is_the_outcome_of_the_arm(coffee: Built) -> None:
    """Exposed units whose log is whole: what was observed is what the assigned arm has."""
    differing, compared = coffee.rows(
        """
        with observed as (
            select experiment_id, unit_id, metric, numerator
            from intermediate.int_experiments__unit_metrics
        ),
        simulated as (
            select experiment_id, unit_id, metric, numerator
            from truth.truth__unit_outcomes
            where variant = assigned_variant and is_logged
        )
        select
            count(*) filter (observed.numerator is distinct from simulated.numerator),
            count(*)
        from observed inner join simulated using (experiment_id, unit_id, metric)
        """
    )[0]
    assert compared > 500
    assert differing == 0


def test_every_declared_effect_has_a_true_effect_on_every_metric(coffee: Built) -> None:
    effects = coffee.rows(
        """
        select metric, avg(treated.numerator - control.numerator)
        from truth.truth__unit_outcomes as treated
        inner join truth.truth__unit_outcomes as control using (unit_id, metric)
        where not treated.is_control and control.is_control
        group by metric
        """
    )
    assert {metric for metric, _ in effects} == {"bought_14d", "revenue_14d"}
    assert all(effect > 0 for _, effect in effects)


@pytest.mark.parametrize(
    ("tables", "places"),
    [
        (("gen_custom__users", "stg_custom__users_validated"), [("users_have",)]),
        (("gen_custom__items", "custom__items"), [("items", "x", "has")]),
        (
            (
                *(
                    "gen_custom__steps",
                    "gen_custom__events",
                    "gen_custom__event_defects",
                ),
                *("stg_custom__events_validated", "stg_custom__duplicate_events"),
            ),
            [("sessions_have",), ("events", "open", "has")],
        ),
        (("custom__sessions", "custom__sessions"), [("sessions_have",)]),
    ],
)
def test_no_property_has_the_name_of_a_column_beside_it(
    coffee: Built, tmp_path: Path, tables: tuple[str, ...], places: list[Any]
) -> None:
    own = {"country", "plan", "channel", "category", "price", "quantity", "amount"}
    columns = coffee.rows(
        f"select distinct column_name from duckdb_columns() where table_name in {tables}"
    )
    events = load_world(COFFEE).events
    for (name,) in columns:
        of_file = [f"{event}_{of}" for event in events for of in ("count", *own)]
        if name in own or name in of_file or name.startswith(("drink_", "picked_")):
            continue
        for place in places:
            world = changed(items={"x": {"count": 1}})
            inner = world
            for key in place:
                inner = inner.setdefault(key, {})
            inner[name] = {"poisson": 3}
            with pytest.raises(UsageError, match=name):
                load_world(written(tmp_path, world))


def test_arms_are_one_up_to_the_exposure(coffee: Built) -> None:
    (later,) = coffee.rows(
        """
        select count(*) filter (
            treated.started_at_ms < exposures.exposed_at_ms
            and (treated.day_number, treated.session_number)
            != (exposures.session_day, exposures.session_number)
        )
        from generate.gen_custom__treated_steps as treated
        inner join generate.gen_custom__first_exposures as exposures using (user_number)
        """
    )[0]
    assert later == 0


def test_a_number_is_computed_of_its_item_and_event(coffee: Built) -> None:
    wrong, bought = coffee.rows(
        """
        select count(*) filter (amount != round(price * quantity, 2)), count(*)
        from staging.stg_custom__events
        inner join staging.stg_custom__items on drink_id = item_id
        where event_name = 'buy'
        """
    )[0]
    assert bought > 300
    assert wrong == 0


def test_threads_and_steps_change_nothing(
    worlds: Worlds, few: Built, tmp_path: Path
) -> None:
    """Eight threads and two steps make what one of both does; for two, see the next test."""
    middle = mechanism(worlds, "middle", threads=8, as_of=MIDDLE)
    stepped = middle.copy(tmp_path / "stepped.duckdb")
    given = settings_of(COFFEE, custom_users=FEW)
    stepped.build(*MECHANISM, settings=given, threads=8)
    assert_same(stepped, few)
    for relation in ("generate.gen_custom__treated_steps", "raw.raw_custom__events"):
        assert middle.value(f"select count(*) from {relation}") > 0
        assert surplus(middle, few, relation) == []


def test_the_first_users_do_not_depend_on_how_many_follow(
    few: Built, coffee: Built
) -> None:
    """Nor on threads, one here and two there."""
    ids = f"select user_id from generate.gen_custom__users where user_number < {FEW}"
    for relation, own in {
        "generate.gen_custom__users": f"user_number < {FEW}",
        "generate.gen_custom__baseline_steps": f"user_number < {FEW}",
        "generate.gen_custom__treated_steps": f"user_number < {FEW}",
        "raw.raw_custom__events": f"user_id in ({ids})",
        "staging.stg_custom__events": f"user_id in ({ids})",
        "marts.custom__user_daily": f"user_id in ({ids})",
    }.items():
        if relation.startswith("raw"):  # events of unknown users have ids of their own
            own += f" or event_id // (2048 * 2048 * cast(4096 as bigint)) < {FEW}"
        assert surplus(few, coffee, relation) == [], relation
        assert surplus(coffee, few, relation, where=own) == [], relation


def test_dirt_is_cleaned_exactly(worlds: Worlds, few: Built) -> None:
    """Also with a fifth of the rows defective, staging has what was generated."""
    dirty = mechanism(worlds, "dirty", *MECHANISM[:2], defect_rate=0.2)
    for table in ("events", "users", "items"):
        relation = f"staging.stg_custom__{table}"
        assert surplus(dirty, few, relation) == []
        assert surplus(few, dirty, relation) == []
    assert dirty.value("select sum(reject_count) from staging.stg_custom__rejects") > (
        0.05 * dirty.value("select count(*) from staging.stg_custom__events")
    )
    kinds = dirty.rows(
        "select distinct reject_reason from staging.stg_custom__rejects "
        "where raw_table = 'raw_custom__events'"
    )
    assert len(kinds) == 6


def broken_claims_beside_effects(world: Built) -> list[tuple[Any, ...]]:
    return [row for row in broken_claims(world) if ".effects." not in row[0]]


@pytest.mark.slow
def test_ten_lines_are_a_world(
    diorama: Any, workspace: Path, worlds: Worlds, tmp_path: Path
) -> None:
    """Nothing is built of the experiments that it has not, and nothing asks for them."""
    path, database = written(tmp_path, changed(users=800, days=20)), tmp_path / "x.db"
    for arguments in (
        ("build", "--world", path, "--no-tests"),
        ("list", "--world", "custom"),
        ("explain", "--world", "custom", "--number", 3),
        ("report", "--to", tmp_path / "report.html"),
    ):
        result = diorama(*arguments, "--database", database)
        assert result.exit_code == 0, result.stderr
        assert "experiments__" not in result.stdout
        assert "Not built" not in result.stderr
    world = Built(database, worlds.dbt, "custom")
    assert world.value("select count(*) from marts.custom__user_daily") > 0
    assert broken_claims(world) == []


@pytest.mark.parametrize(
    ("changes", "has_experiments"),
    [
        ({}, False),
        ({"worlds": ["custom", "feed"]}, True),
        ({"worlds": []}, True),
        ({"only": [Layer.experiments]}, True),
        ({"select": ["experiments__results"]}, True),
        ({"inputs": {}}, True),
        ({"experiments": EFFECT["experiments"]}, True),
    ],
)
def test_experiments_are_left_out_where_no_world_has_any(
    tmp_path: Path, changes: dict[str, Any], has_experiments: bool
) -> None:
    own = EFFECT if "experiments" in changes else {}
    variables = settings_of(written(tmp_path, changed(**own)))
    variables |= {name: changes[name] for name in ("inputs",) if name in changes}
    given = {"worlds": ["custom"], "select": [], "only": []}
    given |= {name: changes[name] for name in given if name in changes}
    request = BuildRequest(
        **given,
        exclude=[],
        variables=variables,
        threads=None,
        full_refresh=False,
        quiet=True,
    )
    assert request.has_experiments is has_experiments


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_starter_is_built_and_its_claims_hold(
    worlds: Worlds, diorama: Any, tmp_path: Path, path: Path
) -> None:
    world = worlds(name="custom", experiments=True, **settings_of(path))
    assert broken_claims(world) == []
    assert world.rows("from truth.truth_custom__claims where trial_count = 0") == []
    found = {
        experiment
        for (experiment,) in world.rows(
            "select distinct experiment_id from marts.experiments__results"
        )
    }
    assert found == set(load_world(path).experiments)
    kinds = world.rows("select distinct item_kind from staging.stg_custom__items")
    assert {kind for (kind,) in kinds} == set(load_world(path).items)
    if path == COFFEE:
        assert_report_is_whole(diorama, world, tmp_path)


@pytest.fixture(scope="module")
def odd(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Odd labels, and an experiment of which the setting takes all effects."""
    effects = [
        {"on": "open -> read", "times": 0.8},
        {"on": "read.after", "times": 0.5},
        {"on": "retention", "times": 1.5, "segments": ODD[:4]},
        {"on": "sessions", "times": 2},
    ]
    experiment = {"split": {ODD[1]: 1, ODD[2]: 1}, "effects": {ODD[2]: effects}}
    path = written(
        tmp_path_factory.mktemp("odd"),
        changed(
            **{"world": "Bob's shop; drop", "users": 600, "days": 24},
            segments={label: {"share": 1} for label in ODD},
            visible_segments=True,
            users_have={"mood": dict.fromkeys(ODD, 1)},
            experiments={ODD[0]: experiment},
            metrics={ODD[3]: {"fact": "read"}},
        ),
    )
    return worlds(name="custom", effect_scale=0, **settings_of(path))


def test_labels_of_any_kind_are_data(odd: Built) -> None:
    """Quotes, braces and signs in labels reach the tables as they are."""
    for column in ("segment", "mood"):
        values = odd.rows(f"select distinct {column} from staging.stg_custom__users")
        assert {value for (value,) in values} == set(ODD)
    variants = odd.rows(
        "select variant from truth.truth_custom__unit_facts group by all order by all"
    )
    assert variants == sorted((label,) for label in ODD[1:3])
    assert broken_claims_beside_effects(odd) == []


def test_without_effect_both_arms_are_one(odd: Built) -> None:
    facts = (
        "select unit_id, activity_date, fact, value from truth.truth_custom__unit_facts "
        f"where variant {{}} '{ODD[1]}'"
    )
    arms = facts.format("="), facts.format("!=")
    assert odd.value(f"select count(distinct unit_id) from ({arms[0]})") > 300
    for left, right in (arms, arms[::-1]):
        assert odd.rows(f"{left} except all {right}") == []


# names that SQL, the models or other columns have as well
WORDS = (
    *("open", "view", "buy", "select", "order", "user", "session", "event", "active"),
    *("day", "count", "state", "value", "items", "x", "buy_count", "segment_number"),
)
COLUMNS = [
    name for name in WORDS if name not in ("select", "order", "session", "event")
]


@st.composite
def products(draw: st.DrawFn) -> dict[str, Any]:
    """A file with some of everything, of numbers that may be."""

    def number(low: float, high: float) -> float:
        return round(draw(st.floats(low, high)), 3)

    def some(most: int, of: Sequence[str], least: int = 0) -> list[str]:
        if not of:
            return []
        each = st.sampled_from(of)
        return draw(st.lists(each, min_size=least, max_size=most, unique=True))

    def maybe(value: Any) -> dict[str, Any]:
        """The keys of a mapping, some left out."""
        return {key: of for key, of in value.items() if draw(st.booleans())}

    def weights(of: Sequence[str]) -> dict[str, Any]:
        return {name: number(0.5, 50) for name in of}

    def categories() -> dict[str, Any]:
        found: dict[str, Any] = weights(some(3, ODD, 1))
        by_segment = {name: weights(found) for name in some(2, segments)}
        return found | ({"by_segment": by_segment} if by_segment else {})

    def values() -> dict[str, Any]:
        kind = draw(st.integers(0, 7))
        return (
            categories()
            if not kind
            else [
                {"lognormal": {"median": number(0.01, 1e5), "spread": number(1, 4)}},
                {"normal": {"mean": number(-1e4, 1e4), "sd": number(0.1, 1e3)}},
                {"uniform": [number(-100, 0), number(1, 100)], "decimals": 3},
                {"integers": [-3, draw(st.integers(0, 9))]},
                {"exponential": number(0.1, 1e4), "decimals": 0},
                {"geometric": number(0.05, 1)},
                {"poisson": number(0.1, 50)},
            ][kind - 1]
        )

    def has() -> dict[str, Any]:
        return {name: values() for name in some(2, COLUMNS)}

    def effect() -> dict[str, Any]:
        edges = [f"{a} -> {b}" for a in events for b in events[a]["next"]]
        gaps = [f"{event}.after" for event in events]
        on = st.sampled_from([*edges, *gaps, "retention", "sessions"])
        novelty = {"extra": number(0.5, 1.2), "half_life_days": number(0.5, 30)}
        return {"on": draw(on), "times": number(0.8, 1.2)} | maybe(
            {"novelty": novelty, "segments": some(2, segments or ["all"])}
        )

    def experiment() -> dict[str, Any]:
        variants = some(3, ["control", *ODD], 2)
        split: dict[str, Any] = weights(variants)
        if segments and draw(st.booleans()):
            split = {segment: weights(variants) for segment in segments}
        effects = {v: [effect() for _ in range(2)] for v in variants[1:]}
        exposed = {"first": draw(st.sampled_from(names)), "from_day": 1}
        return {"split": split, "control": variants[0], "effects": effects} | maybe(
            {"exposed": exposed, "covariate_days": 3}
        )

    segments = some(3, ODD)
    kinds = some(2, WORDS)
    names = some(4, WORDS, 1)
    events: dict[str, Any] = {}
    for place, name in enumerate(names):
        following = [*names[place + 1 : place + 2], *some(2, names), "end"]
        after = {
            "median": f"{number(0.1, 900)} s",
            "spread": number(1, 4),
        }
        item = {"picks": draw(st.sampled_from(kinds))} if kinds else {}
        events[name] = {"next": weights(following)} | maybe(
            {"after": after, "has": has(), **item}
        )
    shares = sorted((number(1, 60) for _ in range(3)), reverse=True)
    points = dict(zip((1, 5, 20), shares, strict=True))
    parts = {
        "world": draw(st.sampled_from(ODD)),
        "start": draw(st.dates(date(1980, 1, 1), date(2060, 1, 1))).isoformat(),
        "signups": {
            "before": number(0, 100),
            "weekly_growth": number(-50, 80),
            "before_days": draw(st.integers(1, 365)),
        },
        "retention": dict.fromkeys(segments, points) if segments else points,
        "sessions_per_active_day": number(1, 3),
        "activity_spread": number(0, 1.5),
        "hours": [number(0, 9) for _ in range(23)] + [1],
        "weekdays": [number(0.8, 1.2) for _ in range(7)],
        "users_have": has(),
        "sessions_have": has(),
        "visible_segments": True,
    }
    items = {
        kind: {"count": draw(st.integers(1, 300))}
        | maybe({"popularity": {"zipf": number(0, 3)}, "has": has()})
        for kind in kinds
    }
    shared = {s: {"share": number(0.5, 9)} for s in segments}
    facts = st.sampled_from(["active", *names])
    metrics = {
        "a": {"fact": draw(facts), "kind": "proportion", "days": [0, 3]},
        "b": {"fact": draw(facts), "per": draw(facts), "days": [0, 6]},
        "c": {"fact": draw(facts), "cap": 0.9, "quantiles": [0.5]},
    }
    experiments = {label: experiment() for label in some(2, ODD)}
    return (
        {"days": draw(st.integers(2, 40)), "events": events, "items": items}
        | maybe(parts)
        | ({"segments": shared} if segments else {})
        | ({"experiments": experiments, "metrics": metrics} if experiments else {})
    )


def outcome(worlds: Worlds, directory: Path, world: dict[str, Any]) -> str:
    """What becomes of a file: the words of its refusal, or a built world that is right."""
    try:
        rows = settings_of(written(directory, world), custom_users=200)
    except UsageError as error:
        return str(error)
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        experiments: Any = "units" if world.get("experiments") else False
        built = Built(
            Path(folder, "world.duckdb"), worlds.dbt, "custom", experiments
        ).build(settings=rows)
        assert broken_claims(built) == []
        return ""


@pytest.mark.slow
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(world=products())
def test_a_file_that_is_not_refused_is_built(
    worlds: Worlds, tmp_path: Path, world: dict[str, Any]
) -> None:
    said = outcome(worlds, tmp_path, world)
    assume(not said)


# Verification by plain DuckDB


def verified(folder: Path) -> dict[str, bool]:
    """What verify.sql says in a folder of files, by a DuckDB that knows nothing else."""
    with contextlib.chdir(folder), duckdb.connect() as connection:
        script = Path("verify.sql").read_text(encoding="utf-8")
        said = connection.execute(script).fetchall()
        found = dict(connection.execute("select claim, holds from verified").fetchall())
    wrong = [claim for claim, holds in found.items() if not holds]
    verdict = f"{len(found) - len(wrong)} of {len(found)} hold"
    assert said == [(verdict, "; ".join(wrong))]
    return found


@pytest.fixture(scope="module")
def files(coffee: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    export(coffee, folder)
    return folder / "coffee"


def export(world: Built, folder: Path, *options: str) -> None:
    place = ["--database", str(world.path), "--world", "custom", "--to", str(folder)]
    done = CliRunner().invoke(app, ["export", *place, "--quiet", *options])
    assert done.exit_code == 0, done.output


def test_exported_files_verify_themselves(files: Path) -> None:
    found = verified(files)
    assert len(found) > 60
    assert [claim for claim, holds in found.items() if not holds] == []


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_files_of_other_formats_verify_themselves(
    coffee: Built, tmp_path: Path, form: str
) -> None:
    export(coffee, tmp_path, "--format", form)
    assert all(verified(tmp_path / "coffee").values())


WRONG = {
    "users_clean": "select * replace (gen_random_uuid() as user_id)",
    "users": "select * replace (gen_random_uuid() as user_id)",
    "events": "select * replace (event_id + 1 as event_id)",
    "events_clean": "select * replace (replace(event_name, 'buy', 'pay') as event_name)",
    "items": "select * replace (price * 1.5 as price)",
    "sessions": "select * replace (event_count + 1 as event_count)",
    "user_daily": "select * replace (session_count + 1 as session_count)",
    "funnel_daily": "select * replace (session_count + 1 as session_count)",
    "retention": "select * replace (active_user_count + 1 as active_user_count)",
    "items_ranked": "select * replace (event_count + 1 as event_count)",
}


@pytest.mark.parametrize("table", WRONG)
def test_a_wrong_table_does_not_verify(files: Path, tmp_path: Path, table: str) -> None:
    folder = tmp_path / "coffee"
    folder.mkdir()
    for path in files.iterdir():
        (folder / path.name).symlink_to(path)
    right, wrong = files / f"{table}.parquet", folder / f"{table}.parquet"
    wrong.unlink()
    duckdb.execute(f"copy ({WRONG[table]} from '{right}') to '{wrong}'")
    assert not all(verified(folder).values())


# Rehearsal

PLAN = """
facts:
  buy: {from: e.parquet, unit: user_id, time: at, value: amount}
  visits: {from: e.parquet, where: "name = 'open'", unit: user_id, time: at}
metrics:
  bought_14d: {fact: buy, kind: proportion, days: [0, 13], role: primary}
  revenue_14d: {fact: buy, days: [0, 13]}
  visits_14d: {fact: visits, days: [0, 13]}
experiments:
  one_click_pay:
    exposures: {from: x.parquet, unit: unit_id, variant: variant, time: at}
    split: {control: 50, one_click: 50}
    covariate_days: 14
"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("buy: {from", "orders: {from", "the world has no such event"),
        ("value: amount", "value: price", "has no such number in the world"),
        ("one_click: 50", "other: 50", "the world has effects of one_click"),
    ],
)
def test_a_rehearsal_is_of_what_the_world_has(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    path = tmp_path / "plan.yml"
    text = PLAN.replace(before, after)
    if "orders" in after:
        text = text.replace("fact: buy", "fact: orders")
    path.write_text(text)
    with pytest.raises(UsageError, match=said):
        planned_world(load_plan(path), load_world(COFFEE), [])


def test_a_rehearsal_takes_the_plainest_of_equally_precise_estimators() -> None:
    found = {"experiment_id": "e", "treatment": "t", "metric": "m", "true_effect": 0}
    found |= {"bias": 0.0, "bias_mcse": 0.1, "n_units": 100}
    found |= {"null_rejection_rate": 0.05, "null_rejection_mcse": 0.01}
    told = [("lin", 0.9, 0.5), ("ipw", 1, 0.05), ("naive", 1 + 1e-12, 0.05)]
    told += [("cuped", 1.1, 0.05)]
    rows = [
        found
        | {"estimator": name, "empirical_std_error": error, "null_rejection_rate": rate}
        for name, error, rate in told
    ]
    _recommend(rows, {})
    taken = [row["estimator"] for row in rows if row["is_recommended"]]
    assert taken == ["naive"]


def test_a_plan_is_rehearsed_with_its_own_metrics(tmp_path: Path) -> None:
    path = tmp_path / "plan.yml"
    path.write_text(PLAN)
    world = planned_world(load_plan(path), load_world(COFFEE), [])
    facts = {name: metric.fact for name, metric in world.metrics.items()}
    assert facts == {
        "bought_14d": "buy",
        "revenue_14d": "buy.amount",
        "visits_14d": "open",
    }
    rows = declared(world, {})
    assert {row[-1] for row in rows["analysed_metrics"]} == {14}
    assert rows["analysed_experiments"][0][3] == "cuped"


@pytest.mark.slow
def test_power_and_false_alarms_are_those_of_a_direct_simulation(
    worlds: Worlds, tmp_path: Path
) -> None:
    """Welch tests of variants drawn again, over the potential outcomes, by numpy and scipy."""
    path, database = tmp_path / "plan.yml", tmp_path / "rehearsal.duckdb"
    path.write_text(PLAN)
    replicates = 400
    told = rehearse(
        *(Project(ROOT), load_plan(path), load_world(COFFEE), [], replicates, database)
    )
    world = Built(database, worlds.dbt, "custom")
    units = both_arms(world, "is_logged")
    random = np.random.default_rng(11)
    naive = {row["metric"]: row for row in told.rows if row["estimator"] == "naive"}
    assert set(naive) == {"bought_14d", "revenue_14d", "visits_14d"}
    level = 0.001 / (2 * len(naive))
    for metric, row in naive.items():
        of = units[units.metric == metric]
        y0, y1 = (of[f"{arm}_numerator"].to_numpy(float) for arm in ("y0", "y1"))
        rejected = {"power": 0, "null_rejection_rate": 0}
        for _ in range(1000):
            treated = random.random(len(y0)) < 0.5
            for key, after in (("power", y1), ("null_rejection_rate", y0)):
                p = stats.ttest_ind(
                    after[treated], y0[~treated], equal_var=False
                ).pvalue
                rejected[key] += p < 0.05
        for key, count in rejected.items():
            share = count / 1000
            pooled = (count + row[key] * replicates) / (1000 + replicates)
            error = math.sqrt(pooled * (1 - pooled) * (1 / 1000 + 1 / replicates))
            bound = stats.norm.ppf(1 - level) * error + 1e-9
            assert abs(share - row[key]) <= bound, (metric, key, share, row[key])
