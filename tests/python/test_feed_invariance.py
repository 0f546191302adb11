"""Same seed, same rows: whatever the threads, the memory, the steps and the size of the world."""

import pytest

from feed import DIRTY, USERS
from worlds import World, Worlds, assert_same, surplus

MANY = 6000
# the first day of the world, and one on which users still sign up
EARLY, MIDDLE = "2024-09-01", "2024-09-08"
# what follows from settings and seed files alone; the counts of rejects are few, but random
PARAMETERS = {
    "generate.gen__defect_kinds",
    "generate.gen_feed__card_view_quantiles",
    "generate.gen_feed__content_aliases",
    "generate.gen_feed__hour_aliases",
    "seeds.defect_kinds",
    "seeds.feed_hours",
    "seeds.feed_segments",
    "seeds.feed_variants",
}


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    worlds.prepare(
        {"feed_users": MANY, "threads": 1},
        {"feed_users": MANY, "threads": 8},
        {"feed_users": USERS},
        {"feed_users": USERS, "seed": 43},
        {"feed_users": USERS, "as_of": MIDDLE},
        DIRTY,
        {"feed_users": 500},
    )
    return worlds(feed_users=USERS)


@pytest.fixture(scope="module")
def middle(worlds: Worlds) -> World:
    return worlds(feed_users=USERS, as_of=MIDDLE)


@pytest.mark.parametrize("threads", [pytest.param(2, marks=pytest.mark.slow), 8])
def test_threads_do_not_matter(worlds: Worlds, world: World, threads: int) -> None:
    """Over several row groups (of 122,880 rows) of days, sessions and events."""
    one = worlds(feed_users=MANY, threads=1)
    assert one.value("select count(*) from staging.stg_feed__events") > 3 * 122_880
    assert_same(worlds(feed_users=MANY, threads=threads), one)


def test_a_memory_limit_of_1_gb_does_not_matter(worlds: Worlds) -> None:
    """At the default size, where events would take more."""
    limited = worlds(memory_limit="1GB").fingerprints(views=False)
    roomy = worlds().fingerprints(views=False)
    assert limited == {name: roomy[name] for name in limited}


def test_building_again_changes_nothing(world: World, tmp_path) -> None:
    settings = {"feed_users": USERS}
    again = world.copy(tmp_path / "again.duckdb").build(settings=settings)
    assert_same(again, world)
    assert_same(again.build("--full-refresh", settings=settings), world)


def test_another_seed_gives_other_rows_in_every_table(
    worlds: Worlds, world: World
) -> None:
    other = worlds(feed_users=USERS, seed=43).fingerprints()
    same = {
        name for name, print_ in world.fingerprints().items() if other[name] == print_
    }
    assert same == PARAMETERS


def test_the_first_users_do_not_depend_on_how_many_follow(
    worlds: Worlds, world: World
) -> None:
    small = worlds(feed_users=500)
    ids = "select user_id from generate.gen_feed__users where user_number < 500"
    own_rows = {
        "user_number": "user_number < 500",
        # the user's number is the highest part of an event's
        "event_id": "event_id // (8192 * 64 * cast(4096 as bigint)) < 500",
        "user_id": f"user_id in ({ids})",
        "unit_id": f"unit_id in (select cast(user_id as varchar) from ({ids}))",
    }
    compared = set()
    for relation in small.relations():
        columns = {column for (column, *_) in small.rows(f"describe {relation}")}
        key = next((key for key in own_rows if key in columns), None)
        if key is None:
            assert relation in PARAMETERS | {
                "generate.gen__run",
                "staging.stg_feed__rejects",
            }
            continue
        compared.add(relation)
        assert surplus(small, world, relation) == [], relation
        assert surplus(world, small, relation, where=own_rows[key]) == [], relation
    assert {
        "raw.raw_feed__events",
        "staging.stg_feed__events",
        "marts.feed__user_daily",
    } <= compared


def test_dirt_delivery_and_the_exposure_log_do_not_change_what_happens(
    worlds: Worlds, world: World
) -> None:
    other = worlds(**DIRTY)
    events = """
        select event_id, user_id, event_time, event_name, session_id, feature_flag, content_id
        from generate.gen_feed__events
    """
    with world.connect(other) as connection:
        for query in (
            events,
            "from generate.gen_feed__sessions",
            "from generate.gen_feed__days",
        ):
            elsewhere = query.replace("generate.", "other.generate.")
            assert (
                connection.execute(
                    f"({query}) except all ({elsewhere}) limit 3"
                ).fetchall()
                == []
            )
            assert (
                connection.execute(
                    f"({elsewhere}) except all ({query}) limit 3"
                ).fetchall()
                == []
            )


def test_a_build_in_two_steps_equals_one(world: World, middle: World, tmp_path) -> None:
    stepped = middle.copy(tmp_path / "stepped.duckdb").build(
        settings={"feed_users": USERS}
    )
    assert_same(stepped, world)


@pytest.mark.slow
def test_a_build_in_three_steps_equals_one(
    worlds: Worlds, world: World, middle: World, tmp_path
) -> None:
    early = worlds(feed_users=USERS, as_of=EARLY)
    stepped = early.copy(tmp_path / "stepped.duckdb")
    stepped.build(settings={"feed_users": USERS, "as_of": MIDDLE})
    assert_same(stepped, middle)
    stepped.build(settings={"feed_users": USERS})
    assert_same(stepped, world)


@pytest.mark.slow
def test_going_back_equals_a_new_build(world: World, middle: World, tmp_path) -> None:
    """Here by feed_as_of, which overrides as_of."""
    back = world.copy(tmp_path / "back.duckdb")
    settings = {"feed_users": USERS, "feed_as_of": MIDDLE, "as_of": EARLY}
    assert_same(back.build(settings=settings), middle)


def test_a_later_as_of_only_adds_generated_and_raw_rows(
    world: World, middle: World
) -> None:
    for relation in world.relations():
        if relation.startswith(("generate.", "raw.")):
            assert surplus(middle, world, relation) == [], relation
    count = "select count(*) from raw.raw_feed__events"
    assert 0 < middle.value(count) < world.value(count)


def test_past_sessions_change_only_where_something_late_arrived(
    world: World, middle: World
) -> None:
    with world.connect(middle) as connection:
        changed, unexplained = connection.execute(
            f"""
            with changed as (
                from other.marts.feed__sessions except from world.marts.feed__sessions
            ),
            late_sessions as (
                select session_id from staging.stg_feed__events
                where received_at >= date '{MIDDLE}' + 1
            ),
            late_users as (
                select user_id from staging.stg_feed__users
                where received_at >= date '{MIDDLE}' + 1
                union
                select cast(unit_id as uuid) from staging.stg_feed__exposures
                where received_at >= date '{MIDDLE}' + 1
            )
            select count(*), count_if(
                session_id not in (from late_sessions) and user_id not in (from late_users)
            )
            from changed
            """
        ).fetchall()[0]
    assert changed > 0
    assert unexplained == 0


@pytest.mark.parametrize("as_of", [pytest.param(EARLY, marks=pytest.mark.slow), MIDDLE])
def test_nothing_is_in_the_tables_before_it_is_delivered(
    worlds: Worlds, as_of: str
) -> None:
    world = worlds(feed_users=USERS, as_of=as_of)
    for table in ("users", "exposures", "events"):
        last = world.value(
            f"select cast(max(received_at) as date) from raw.raw_feed__{table}"
        )
        assert str(last) == as_of
    last = world.value("select max(activity_date) from marts.feed__user_daily")
    assert str(last) == as_of
