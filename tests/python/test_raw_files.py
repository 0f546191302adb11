"""`diorama build --raw`: staging cleans raw files that it did not make, and counts rejects."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from conftest import Diorama
from worlds import World, Worlds, surplus

# of each world: the options of a small one, and what a user trains on
WORLDS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "learning": (
        {
            "learning_users": 60,
            "learning_days": 33,
            "learning_churn_window_days": 10,
        },
        ["learning__user_daily", "learning__training_set"],
    ),
    "shop": (
        {"shop_users": 120, "shop_days": 40},
        ["shop__user_daily", "shop__sessions", "shop__training_set"],
    ),
    "feed": (
        {"feed_users": 150},
        ["feed__user_daily", "feed__sessions", "feed__uplift_training_set"],
    ),
    "search": (
        {"search_sessions_per_day": 40, "search_days": 12},
        ["search__user_daily", "search__sessions", "search__ranking_examples"],
    ),
}
OTHER = {"seed": 7, "defect_rate": 0.1}

Build = Callable[..., Result]


@pytest.fixture
def build(diorama: Diorama, tmp_path: Path) -> Build:
    """Builds a world from raw files into read.duckdb."""

    def run(world: str, raw: Path, *arguments: str) -> Result:
        settings = [f"--set={k}={v}" for k, v in WORLDS[world][0].items()]
        database = ("--database", tmp_path / "read.duckdb")
        options = ("--world", world, "--raw", raw, *settings, *database)
        return diorama("build", *options, *arguments)

    return run


# with one of them for a smoke
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name != "learning" else [])
        for name in WORLDS
    ],
)
def test_a_world_read_from_its_own_raw_files_is_that_world(
    worlds: Worlds, diorama: Diorama, build: Build, tmp_path: Path, name: str
) -> None:
    """Of another seed; nothing is generated, and what compares with it is not tested."""
    settings, marts = WORLDS[name]
    made = worlds.new(f"raw_{name}", name).build(settings=settings | OTHER)
    raw = [table for table in made.relations() if table.startswith("raw.")]
    tables = [f"--table={table.removeprefix('raw.')}" for table in raw]
    options = (*tables, "--all-columns", "--format", "csv", "--database", made.path)
    result = diorama("export", *options, "--to", tmp_path / "files")
    assert result.exit_code == 0, result.stderr
    result = build(name, tmp_path / "files", "--quiet")
    assert result.exit_code == 0, result.stderr

    read = World(tmp_path / "read.duckdb", made.dbt, name)
    found, expected = read.fingerprints(views=False), made.fingerprints(views=False)
    # a repeated delivery is kept as it was delivered, with the blanks that reading takes off
    compared = {
        table
        for table in found
        if not table.startswith("raw.") and "__duplicate_" not in table
    }
    assert {f"marts.{mart}" for mart in marts} <= compared
    assert f"staging.stg_{name}__rejects" in compared
    assert not [table for table in found if table.startswith(("generate", "truth"))]
    different = [table for table in compared if found[table] != expected[table]]
    assert not different, {table: surplus(made, read, table) for table in different}


def rejects(result: Result) -> dict[tuple[str, str], int]:
    return {
        (record["table"].split("__")[1], record["reason"]): record["rows"]
        for record in json.loads(result.stdout)["rejects"]
    }


LEARNING_USERS = """\
user_id,signup_date,plan,is_paid,country,marketing_source
1,2024-12-20, FREE ,0,IN,ads
2,2025-01-05,paid,1,US,organic
2,2025-01-05,paid,1,US,organic
3,2025-02-30,paid,1,US,ads
user_id,signup_date,plan,is_paid,country,marketing_source
,2025-01-01,free,0,US,ads
4,2025-01-01,gold,0,US,ads
"""
LEARNING_EVENTS = """\
event_id,user_id,event_time,event_type,course_id,watch_minutes,quiz_score,amount
1,1,2025-01-02 10:00:00, Login ,,,,
2,1.0,2025-01-02 10:01:00,VIDEO_WATCH, linux-pro,12.5,,
2,1,2025-01-02 10:01:00,VIDEO_WATCH,linux-pro,12.50,,
3,1,2025-13-02 10:01:00,login,,,,
4,9,2025-01-02 10:01:00,login,,,,
5,1,2025-01-02 10:01:00,video_watch,linux-pro,-5,,
6,1,2025-01-02 10:02:00,quiz_attempt,linux-pro,,101,
7,1,2025-01-02 10:02:00,quiz_attempt,linux-pro,,high,
,1,2025-01-02 10:02:00,login,,,,
9,2,2025-01-04 10:02:00,login,,,,
event_id,user_id,event_time,event_type,course_id,watch_minutes,quiz_score,amount
10,2,2025-01-06T12:00:00+02:00,login,,,,
11,2,2025-01-06 12:00:00,payment_success,,,,
12.5,2,2025-01-06 12:00:00,login,,,,
13,1,2024-12-24 12:00:00,login,,,,
"""


@pytest.fixture
def careless(tmp_path: Path) -> Path:
    """Small raw files of the learning world, with every kind of defect."""
    directory = tmp_path / "it's [raw]"
    directory.mkdir()
    (directory / "users.csv").write_text(LEARNING_USERS)
    (directory / "events.csv").write_text(LEARNING_EVENTS)
    return directory


def test_defects_of_careless_files_are_cleaned_or_counted(
    worlds: Worlds, build: Build, careless: Path, tmp_path: Path
) -> None:
    result = build("learning", careless, "--only", "staging", "--json")
    assert result.exit_code == 1
    assert "17 rows of the raw files are rejected" in result.stderr
    assert rejects(result) == {
        ("users", "exact_duplicate"): 1,
        ("users", "impossible_value"): 1,
        ("users", "missing_value"): 1,
        ("users", "repeated_header"): 1,
        ("users", "unreadable_signup_date"): 1,
        ("events", "before_signup"): 1,
        ("events", "before_start"): 1,
        ("events", "exact_duplicate"): 1,
        ("events", "impossible_value"): 2,
        ("events", "missing_value"): 2,
        ("events", "repeated_header"): 1,
        ("events", "unknown_user"): 1,
        ("events", "unreadable_event_id"): 1,
        ("events", "unreadable_event_time"): 1,
        ("events", "unreadable_quiz_score"): 1,
    }
    read = World(tmp_path / "read.duckdb", worlds.dbt, "learning")
    assert read.rows(
        "select user_id, plan, is_paid, received_at::varchar "
        "from staging.stg_learning__users order by all"
    ) == [(1, "free", 0, "2024-12-20 00:00:00"), (2, "paid", 1, "2025-01-05 00:00:00")]
    assert read.rows(
        "select event_id, event_type, course_id, watch_minutes::varchar, event_time::varchar "
        "from staging.stg_learning__events order by all"
    ) == [
        (1, "login", None, "0.00", "2025-01-02 10:00:00"),
        (2, "video_watch", "linux-pro", "12.50", "2025-01-02 10:01:00"),
        (10, "login", None, "0.00", "2025-01-06 10:00:00"),
    ]
    # a changed file is another world, and sound files are no failure
    header = LEARNING_EVENTS.splitlines()[0]
    (careless / "users.csv").write_text("\n".join(LEARNING_USERS.splitlines()[:3]))
    (careless / "events.csv").write_text(f"{header}\n20,1,2025-01-02,login,,,,\n")
    result = build("learning", careless, "--only", "staging", "--json")
    assert result.exit_code == 0, result.stderr
    assert rejects(result) == {}
    assert read.rows("select event_id from staging.stg_learning__events") == [(20,)]


def test_files_that_cannot_be_read_are_one_line(
    build: Build, diorama: Diorama, careless: Path, built: Path
) -> None:
    def said(*arguments: object, exit_code: int = 1) -> str:
        result = build("learning", careless, *arguments)
        assert (result.exit_code, result.stdout) == (exit_code, ""), result.stderr
        return result.stderr.splitlines()[-1]

    events, users = careless / "events.csv", careless / "users.csv"
    events.rename(careless / "events.txt")
    assert f"{careless} has no file of events: events.csv" in said()
    events.write_text(LEARNING_EVENTS.replace("quiz_score", "score"))
    assert f"{events} has no column quiz_score. It needs event_id, user_id" in said()
    events.write_text(LEARNING_EVENTS + "14,1\n")
    assert "sniffing file" in said("--no-tests")
    events.write_text(LEARNING_EVENTS)
    (careless / "users.jsonl").write_text("{}")
    assert "has users more than once" in said()
    users.unlink()
    assert "users.jsonl has no column user_id" in said()
    assert "goes with --world" in diorama("build", "--raw", careless).stderr
    assert "no directory" in diorama("build", "--raw", careless / "none").stderr
    result = diorama("build", "--world=learning", f"--set=learning_raw={careless}")
    assert result.exit_code == 2
    assert "Raw files are given by --raw DIR" in result.stderr


CARELESS = {
    "shop": (
        {
            "item_catalog": (
                "item_id,category,base_price,discount_pct,current_price,created_at\n"
                "item_1, books ,10,0,10,2024-06-01\nitem_1, books ,10,0,10,2024-06-01\n"
                "item_2,Toys,10,0,10,2024-06-01\nitem_3,Books,cheap,0,10,2024-06-01\n"
            ),
            "users": (
                "user_id,registration_date\nu1,2024-07-01\nu2,2024-02-30\n,2024-07-01\n"
                "user_id,registration_date\n"
            ),
            "clickstream_events": (
                "user_id,session_id,timestamp,event_type,item_id,duration_seconds\n"
                "u1,s1,2024-08-02 10:00:00,VIEW,item_1,5\n"
                "u1,s1,2024-08-02 10:00:00,VIEW,item_1,5\n"
                "u9,s1,2024-08-02 10:00:00,view,item_1,5\n"
                "u1,s1,2024-06-02 10:00:00,view,item_1,5\n"
                "u1,s1,2024-08-02 10:00:00,view,item_1,-5\n"
            ),
        },
        {
            ("items", "exact_duplicate"): 1,
            ("items", "impossible_value"): 1,
            ("items", "unreadable_base_price"): 1,
            ("users", "missing_value"): 1,
            ("users", "repeated_header"): 1,
            ("users", "unreadable_registration_date"): 1,
            ("events", "before_signup"): 1,
            ("events", "exact_duplicate"): 1,
            ("events", "impossible_value"): 1,
            ("events", "unknown_user"): 1,
        },
    ),
    "feed": (
        {
            "users": (
                "user_id,signup_date,segment,feature_flag\n"
                "0000035c-0000-4000-8000-000000000001,2024-09-01, New ,CONTROL\n"
                "17,2024-09-01,new,control\n"
                "0000035c-0000-4000-8000-000000000002,2024-08-01,new,control\n"
            ),
            "events": (
                "user_id,event_time,event_name,session_id,feature_flag,content_id\n"
                "0000035c-0000-4000-8000-000000000001,2024-09-02 10:00:00,Session_Start,"
                "0000035c-0000-4000-8000-00000000000a,control,\n"
                "0000035c-0000-4000-8000-000000000001,soon,card_view,"
                "0000035c-0000-4000-8000-00000000000a,control,card_1\n"
                "0000035c-0000-4000-8000-000000000001,2024-09-02 10:00:00,card_view,"
                "0000035c-0000-4000-8000-00000000000a,control,\n"
                "0000035c-0000-4000-8000-000000000001,,card_view,"
                "0000035c-0000-4000-8000-00000000000a,control,card_1\n"
            ),
        },
        {
            ("users", "impossible_value"): 1,
            ("users", "unreadable_user_id"): 1,
            ("events", "impossible_value"): 1,
            ("events", "missing_value"): 1,
            ("events", "unreadable_event_time"): 1,
        },
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CARELESS)
def test_other_worlds_clean_or_count_what_applies_to_them(
    build: Build, tmp_path: Path, name: str
) -> None:
    """Without the columns that generation alone has: ids of events, latent ones, deliveries."""
    files, expected = CARELESS[name]
    (tmp_path / "raw").mkdir()
    for file, text in files.items():
        (tmp_path / "raw" / f"{file}.csv").write_text(text)
    result = build(name, tmp_path / "raw", "--only", "staging", "--json")
    assert result.exit_code == 1, result.stderr
    assert rejects(result) == expected
