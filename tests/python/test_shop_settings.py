"""Every knob of the shop world does what it says, and the past does not depend on the future."""

import json
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from claims import LEVEL, chi_square
from conftest import Diorama
from diorama.engines.dbt import MEMORY, Dbt
from diorama.errors import UsageError
from diorama.project import Project
from shop import BASE, CROWDED, EARLIER, built_with
from worlds import ROOT, World, Worlds, assert_same, surplus, with_experiments

FEWER = BASE | {"shop_users": 50, "threads": 1}
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


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    worlds.prepare(BASE, EARLIER, FEWER, CROWDED)
    return worlds(**BASE)


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
            own = "user_number < 50"
        elif {"user_id", "session_id"} & columns:
            column = "user_id" if "user_id" in columns else "session_id"
            own = f"substr({column}, 6, 6) < '000050'"
        elif {"event_id", "first_event_id"} & columns:
            column = "event_id" if "event_id" in columns else "first_event_id"
            own = f"{column} // (8192 * 64 * cast(4096 as bigint)) < 50"
        elif "unit_id" in columns:
            own = "substr(unit_id, 6, 6) < '000050'"
        else:
            continue
        compared.add(name)
        assert surplus(small, world, relation) == [], relation
        assert surplus(world, small, relation, where=own) == [], relation
    assert {
        "gen_shop__views",
        "raw_shop__events",
        "shop__user_daily",
        "truth_shop__repeat_view_probabilities",
    } <= compared


def test_a_later_as_of_only_adds_generated_and_raw_rows(
    worlds: Worlds, world: World
) -> None:
    middle = worlds(**EARLIER)
    for relation in world.relations():
        if relation.startswith(("generate.", "raw.")):
            assert surplus(middle, world, relation) == [], relation
    count = "select count(*) from raw.raw_shop__events"
    assert 0 < middle.value(count) < world.value(count)


@pytest.mark.slow
def test_a_build_in_two_steps_equals_one(
    worlds: Worlds, world: World, tmp_path: Path
) -> None:
    stepped = worlds(**EARLIER).copy(tmp_path / "stepped.duckdb")
    assert_same(stepped.build(settings=built_with(BASE)), world)


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


def test_popularity_follows_the_chosen_zipf_exponent(
    worlds: Worlds, world: World
) -> None:
    """The first items of sessions, where only rank decides: a power of the rank."""
    rows = worlds(**CROWDED).arrays(
        """
        with offered as (
            select day, popularity_rank as rank, sum(1.0 / popularity_rank ** 1.2)
                over (partition by day) as total
            from generate.gen_shop__item_weights join generate.gen_shop__items using (item_number)
            where price_level = 0 and weight > 0
        ),
        chosen as (
            select day, popularity_rank as rank
            from generate.gen_shop__views
            join generate.gen_shop__sessions using (first_event_id)
            join generate.gen_shop__items using (item_number)
            where position = 0
        ),
        sessions as (select day, count(*) as n from chosen group by all),
        expected as (
            select rank, sum(n / (rank ** 1.2 * total)) as expected
            from offered join sessions using (day) group by all
        )
        select
            rank, expected,
            (select count(*) from chosen where chosen.rank = expected.rank) as seen
        from expected order by rank
        """
    )
    total = rows["expected"].sum()
    assert chi_square(rows["seen"], rows["expected"] / total) > LEVEL / 2
    # the slope on logarithms, by the likelihood's maximum over the exponent
    first = rows["rank"] <= 30
    ranks, seen, expected = (
        rows["rank"][first],
        rows["seen"][first],
        rows["expected"][first],
    )
    # score of the exponent at 1.2: the mean of ln rank is that of the theory
    p = expected / expected.sum()
    mean = p @ np.log(ranks)
    spread = np.sqrt(p @ (np.log(ranks) - mean) ** 2 / seen.sum())
    z = (seen @ np.log(ranks) / seen.sum() - mean) / spread
    assert 2 * stats.norm.sf(abs(z)) > LEVEL / 2


# --- bad input ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def parsed(diorama: Diorama) -> Dbt:
    dbt = Dbt(Project(ROOT), MEMORY)
    dbt.manifest()
    return dbt


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shop_profil": "dense"}, "Did you mean shop_profile?"),
        ({"shop_profile": "original"}, "must be one of documented, dense"),
        ({"shop_items": 4}, "'shop_items' is 4, but must be an integer from 5 to 5000"),
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
def test_bad_settings_are_refused_by_name(
    parsed: Dbt, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        replace(parsed, variables=settings).operation("check_settings", {})


def test_a_refused_build_is_one_line_and_leaves_the_last_good_tables(
    diorama: Diorama, world: World, tmp_path: Path
) -> None:
    last_good = world.copy(tmp_path / "last_good.duckdb").path
    before = last_good.read_bytes()
    result = diorama(
        *("build", "--world", "shop", "--set", "shop_experiment_day=90"),
        *("--database", last_good),
    )
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 1
    assert "'shop_experiment_day' is 90, but must be below shop_days" in result.stderr
    assert last_good.read_bytes() == before


# --- shards ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_union_of_the_shards_is_the_world(
    diorama: Diorama, world: World, tmp_path: Path
) -> None:
    """Also what goes over all users: items, days, the training set and its truth."""
    whole = with_experiments(world, tmp_path, built_with(BASE))
    said = json.loads(diorama("fingerprint", "--json", "--database", whole.path).stdout)
    expected = {
        table["name"]: (table["rows"], table["fingerprint"])
        for table in said
        if table["schema"] != "seeds"
    }
    settings = [f"--set={name}={value}" for name, value in built_with(BASE).items()]
    to = tmp_path / "shards"
    sharded = diorama(
        *("build", "--world", "shop", *settings),
        *("--shards", 2, "--jobs", 2, "--to", to),
    )
    assert sharded.exit_code == 0, sharded.stderr
    tables = json.loads((to / "manifest.json").read_text())["tables"]
    merged = {name: (of["rows"], of["fingerprint"]) for name, of in tables.items()}
    assert merged == {name: expected[name] for name in merged}
    assert {
        "raw_shop__items",
        "raw_shop__events",
        "stg_shop__rejects",
        "shop__funnel_daily",
        "shop__training_set",
        "truth_shop__training_probabilities",
    } <= merged.keys()
    assert expected["shop__training_set"][0] > 1000
