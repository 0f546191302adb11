"""Every knob of the shop world does what it says, and the past does not depend on the future."""

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from scipy import stats

from worlds import World, Worlds, assert_same, surplus

USERS = 300
USUAL: dict[str, Any] = {"name": "shop", "shop_users": USERS, "shop_futures": 2}
MIDDLE = "2024-09-20"
STEPPED = USUAL | {"as_of": MIDDLE}
FEWER = USUAL | {"shop_users": 100, "threads": 1}
# few items, all of which a session may take; only popularity decides
TINY = {
    "shop_users": 500,
    "shop_items": 6,
    "shop_items_per_session": 30,
    "shop_history_mean_days": 10000,
    "shop_history_max_days": 10000,
    "shop_zipf_exponent": 1,
    "shop_affinity_strength": 0,
    "shop_price_sensitivity": 0,
    "shop_popularity_half_life_days": 100000,
}
# many sessions a week in a day that is short of room, and every purchase comes later
CROWDED = {
    "name": "shop",
    "shop_users": 150,
    "shop_profile": "dense",
    "shop_session_gap_minutes": 240,
    "shop_return_purchase_probability": 1,
    "shop_remove_probability": 0,
    "shop_seasonal_amplitude": 1,
    "shop_futures": 1,
    "defect_rate": 0.2,
    "late_rate": 0.3,
}


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    worlds.prepare(USUAL, STEPPED, FEWER, CROWDED)
    return worlds(**USUAL)


def built_with(settings: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in settings.items() if k not in ("name", "threads")}


# --- same seed, same rows -------------------------------------------------------------------------


def test_the_first_users_do_not_depend_on_how_many_follow_or_on_threads(
    worlds: Worlds, world: World
) -> None:
    """But for what is aggregated over users: items, days and the training set."""
    small = worlds(**FEWER)
    compared = set()
    for relation in small.relations():
        name = relation.split(".")[1]
        columns = {column for (column, *_) in small.rows(f"describe {relation}")}
        if "training_set" in name or name.startswith(
            ("shop__train", "shop__validation", "shop__test")
        ):
            continue
        if "user_number" in columns:
            own = "user_number < 100"
        elif {"user_id", "session_id"} & columns:
            column = "user_id" if "user_id" in columns else "session_id"
            own = f"substr({column}, 6, 6) < '000100'"
        elif {"event_id", "first_event_id"} & columns:
            column = "event_id" if "event_id" in columns else "first_event_id"
            own = f"{column} // (8192 * 64 * cast(4096 as bigint)) < 100"
        elif "unit_id" in columns:
            own = "substr(unit_id, 6, 6) < '000100'"
        else:
            continue
        compared.add(name)
        assert surplus(small, world, relation) == [], relation
        assert surplus(world, small, relation, where=own) == [], relation
    assert {
        "gen_shop__views",
        "raw_shop__events",
        "shop__user_daily",
        "truth_shop__views_again",
    } <= compared


def test_a_later_as_of_only_adds_generated_and_raw_rows(
    worlds: Worlds, world: World
) -> None:
    middle = worlds(**STEPPED)
    for relation in world.relations():
        if relation.startswith(("generate.", "raw.")):
            assert surplus(middle, world, relation) == [], relation
    count = "select count(*) from raw.raw_shop__events"
    assert 0 < middle.value(count) < world.value(count)


def test_a_build_in_two_steps_equals_one(
    worlds: Worlds, world: World, tmp_path: Any
) -> None:
    stepped = worlds(**STEPPED).copy(tmp_path / "stepped.duckdb")
    assert_same(stepped.build(settings=built_with(USUAL)), world)


def test_tests_pass_on_a_crowded_and_dirty_world(worlds: Worlds, world: World) -> None:
    """The invariants hold where sessions are moved and dropped, and most purchases come later."""
    crowded = worlds(**CROWDED)
    moved, dropped = crowded.rows(
        """
        select
            count_if(sessions.started_at_ms > arrivals.arrived_at_ms),
            count_if(sessions.session_key is null)
        from generate.gen_shop__arrivals as arrivals
        left join generate.gen_shop__sessions as sessions using (session_key)
        """
    )[0]
    assert moved > 100
    assert dropped > 50
    result = crowded.dbt(
        "test",
        "--warn-error",
        "--select",
        "tag:shop",
        "--exclude-resource-types",
        "unit_test",
        database=crowded.path,
        settings=built_with(CROWDED),
    )
    assert result.success, result.log[-4000:]


def test_some_sessions_are_rebuilt_as_one_and_the_test_knows_why(
    worlds: Worlds, world: World
) -> None:
    """Later purchases use up the pause that is kept after each session."""
    merged, close = worlds(**CROWDED).rows(
        """
        with boundaries as (
            select
                session_id != lag(session_id) over user_events as is_true,
                rebuilt_session_id != lag(rebuilt_session_id) over user_events as is_rebuilt,
                epoch_ms(timestamp) - lag(epoch_ms(timestamp)) over user_events as pause_ms
            from intermediate.int_shop__events_sessionized
            window user_events as (partition by user_id order by timestamp, event_id)
        )
        select count_if(is_true and not is_rebuilt),
            count_if(is_true and pause_ms < 240 * 60000)
        from boundaries
        """
    )[0]
    assert merged == close > 0


def test_intent_sessions_end_at_carts_and_purchases(world: World) -> None:
    wrong, cuts = world.rows(
        """
        with events as (
            select *,
                lag(event_type) over user_events as previous,
                lag(intent_session_id) over user_events as previous_intent,
                lag(rebuilt_session_id) over user_events as previous_rebuilt
            from intermediate.int_shop__events_sessionized
            window user_events as (partition by user_id order by timestamp, event_id)
        )
        select
            count_if((intent_session_id != previous_intent) != (
                rebuilt_session_id != previous_rebuilt
                or previous in ('add_to_cart', 'purchase')
            )),
            count_if(intent_session_id != previous_intent and rebuilt_session_id = previous_rebuilt)
        from events where previous is not null
        """
    )[0]
    assert wrong == 0
    assert cuts > 100


# --- choice without replacement -------------------------------------------------------------------


def test_choice_is_that_of_successive_sampling(worlds: Worlds, world: World) -> None:
    """Sessions that take every item: the order in which they do, against its probability.

    Attempts alone rarely bring all items, so that this is the test of the race as well.
    """
    tiny = worlds.new("tiny", "shop")
    tiny.build("--select", "+gen_shop__views", settings=TINY)
    rows = tiny.rows(
        """
        with days as (
            select day, list(item_number order by item_number) as offered
            from generate.gen_shop__item_weights
            where price_level = 0 and weight > 0 group by all
        ),
        best as (
            select offered from days where len(offered) >= 4
            group by all order by count(*) desc limit 1
        ),
        sessions as (
            select first_event_id, list(item_number order by position) as items
            from generate.gen_shop__views group by all
        )
        select offered, items[:2], count(*)
        from sessions
        join generate.gen_shop__sessions using (first_event_id)
        join days using (day) join best using (offered)
        where len(items) = len(offered)
        group by all
        """
    )
    offered = rows[0][0]
    ranks = dict(
        tiny.rows("select item_number, popularity_rank from generate.gen_shop__items")
    )
    weights = {item: 1 / ranks[item] for item in offered}
    total = sum(weights.values())
    counts = {tuple(items): number for _, items, number in rows}
    assert all(len(set(items)) == 2 for items in counts)
    pairs = list(permutations(offered, 2))
    observed = np.array([counts.get(pair, 0) for pair in pairs])
    p = np.array(
        [weights[a] / total * weights[b] / (total - weights[a]) for a, b in pairs]
    )
    assert observed.sum() > 500
    assert stats.chisquare(observed, p * observed.sum()).pvalue > 0.0005
    # and the last of all, which attempts reach least often
    last = dict(
        tiny.rows(
            f"""
            with sessions as (
                select first_event_id, list(item_number order by position) as items
                from generate.gen_shop__views group by all
            )
            select items[{len(offered)}], count(*) from sessions
            where list_sort(items) = {list(offered)} group by all
            """
        )
    )
    expected = dict.fromkeys(offered, 0.0)
    for order in permutations(offered):
        rest, probability = total, 1.0
        for item in order:
            probability *= weights[item] / rest
            rest -= weights[item]
        expected[order[-1]] += probability
    seen = np.array([last.get(item, 0) for item in offered])
    shares = np.array([expected[item] for item in offered])
    assert stats.chisquare(seen, shares * seen.sum()).pvalue > 0.0005


# --- knobs ----------------------------------------------------------------------------------------


def test_everything_left_in_the_cart_is_bought_in_the_next_session(
    worlds: Worlds, world: World
) -> None:
    left, bought = worlds(**CROWDED).rows(
        """
        with left_behind as (
            select outcomes.*, lead(session_number) over (
                partition by user_number, item_number order by session_number
            ) as again
            from generate.gen_shop__cart_outcomes as outcomes where is_assigned
        )
        select count(*), count(returns.return_lag)
        from left_behind
        left join generate.gen_shop__returns as returns
            on left_behind.first_event_id = returns.cart_first_event_id
            and left_behind.position = returns.position and returns.is_assigned
        join generate.gen_shop__sessions as next_sessions
            on left_behind.user_number = next_sessions.user_number
            and left_behind.session_number + 1 = next_sessions.session_number
        where outcome = 'left' and coalesce(again > left_behind.session_number + 1, true)
        """
    )[0]
    assert left == bought > 100


def test_the_season_has_its_wave(worlds: Worlds, world: World) -> None:
    """With an amplitude of 1 the factor is 1 + cos of the days from 15 December."""
    rows = worlds(**CROWDED).rows(
        """
        select dayofyear(date_of_day), isodow(date_of_day), rate_factor
        from generate.gen_shop__calendar
        """
    )
    weights = [10, 10, 11, 11, 13, 15, 14]
    for day, weekday, factor in rows:
        wave = 1 + np.cos(2 * np.pi * (day - 349) / 365.25)
        assert factor == pytest.approx(weights[weekday - 1] / 12 * wave, abs=2e-9)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shop_profil": "dense"}, "the nearest is 'shop_profile'"),
        ({"shop_profile": "original"}, "must be one of documented, dense"),
        (
            {"shop_return_purchase_probability": 1.5},
            "'shop_return_purchase_probability' is 1.5, but must be a number from 0 to 1",
        ),
        (
            {"shop_train_days": 70},
            "'shop_validation_days' is 61, but must be above shop_train_days, which is 70",
        ),
        (
            {"shop_validation_days": 90},
            "'shop_validation_days' is 90, but must be below shop_days, which is 90",
        ),
        (
            {"shop_experiment_day": 90},
            "'shop_experiment_day' is 90, but must be below shop_days, which is 90",
        ),
    ],
    ids=str,
)
def test_bad_settings_are_refused_in_one_clear_line(
    world: World, tmp_path: Any, settings: dict[str, Any], message: str
) -> None:
    last_good = world.copy(tmp_path / "last_good.duckdb")
    before = last_good.path.read_bytes()
    result = last_good.try_build(settings=settings)
    assert not result.success
    lines = [line for line in result.log.splitlines() if "[usage]" in line]
    assert lines, result.log[-2000:]
    assert message in lines[-1]
    assert last_good.path.read_bytes() == before
