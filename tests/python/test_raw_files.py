"""`diorama build --raw`: staging cleans raw files that it did not make, and counts rejects."""

import itertools
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


# in turn the formats of a world's files; of two, for a smoke, not slowly
ROUND_TRIPS = [
    pytest.param(name, formats, marks=[] if formats in smoke else pytest.mark.slow)
    for name in WORLDS
    for smoke in ([["csv"], ["jsonl", "parquet"]] if name == "learning" else [],)
    for formats in (["csv"], ["jsonl"], ["parquet"], ["jsonl", "parquet"])
    if len(formats) == 1 or smoke
]


@pytest.mark.parametrize(("name", "formats"), ROUND_TRIPS)
def test_a_world_read_from_its_own_raw_files_is_that_world(
    worlds: Worlds,
    diorama: Diorama,
    build: Build,
    tmp_path: Path,
    name: str,
    formats: list[str],
) -> None:
    """Of another seed; nothing is generated, and what compares with it is not tested."""
    settings, marts = WORLDS[name]
    made = worlds(name=name, **settings, **OTHER)
    raw = [table for table in made.relations() if table.startswith("raw.")]
    for table, form in zip(raw, itertools.cycle(formats)):
        options = ("--all-columns", "--format", form, "--database", made.path)
        chosen = ("--table", table.removeprefix("raw."), "--to", tmp_path / "files")
        result = diorama("export", *options, *chosen)
        assert result.exit_code == 0, result.stderr
    result = build(name, tmp_path / "files", "--quiet")
    assert result.exit_code == 0, result.stderr

    read = World(tmp_path / "read.duckdb", made.dbt, name)
    found, expected = read.fingerprints(views=False), made.fingerprints(views=False)
    compared = {table for table in found if not table.startswith("raw.")}
    assert {f"marts.{mart}" for mart in marts} <= compared
    assert f"staging.stg_{name}__rejects" in compared
    assert any("__duplicate_" in table for table in compared)
    assert not [table for table in found if table.startswith(("generate", "truth"))]
    different = [table for table in compared if found[table] != expected[table]]
    if formats == ["jsonl"] and name == "search":
        # an object in a line of JSON has no blanks
        assert sorted(different) == [
            "staging.stg_search__duplicate_searches",
            "staging.stg_search__searches",
        ]
        for table in different:
            rows = f"from (select * replace (json(filters) as filters) from {table})"
            assert read.rows(f"{rows} order by all") == made.rows(
                f"{rows} order by all"
            )
        return
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
    users.rename(careless / "users.txt")
    assert f"{careless} has no file of events, users: it needs each as" in said()
    renamed = LEARNING_EVENTS.replace("quiz_score", "score").replace("amount", "sum")
    events.write_text(renamed)
    users.write_text(LEARNING_USERS.replace("country", "land"))
    line = said()
    assert f"{events} has no column quiz_score, amount (it needs event_id, us" in line
    assert f"; {users} has no column country (it needs user_id, signup_date," in line
    users.write_text(LEARNING_USERS)
    events.write_text(LEARNING_EVENTS + "14,1\n")
    assert "sniffing file" in said("--no-tests")
    events.write_text(LEARNING_EVENTS)
    (careless / "users.jsonl").write_text("{}")
    assert "has users more than once" in said()
    users.unlink()
    assert "users.jsonl has no column user_id" in said()
    assert "needs --world" in diorama("build", "--raw", careless).stderr
    assert "no directory" in diorama("build", "--raw", careless / "none").stderr
    result = diorama("build", "--world=learning", f"--set=learning_raw={careless}")
    assert result.exit_code == 2
    assert "Give raw files with --raw DIR" in result.stderr


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
                "u1,s1,2024-08-02 10:00:00,view,item_9,5\n"
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
            ("events", "unknown_item"): 1,
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
    # with UUIDs in place of <1>, <2> …
    "search": (
        {
            "search_events": (
                "event_id,event_type,timestamp,user_id,anonymous_id,session_id,query,"
                "results_count,page,platform,device_type,geo_country,geo_city,utm_source,"
                "utm_medium,utm_campaign,filters\n"
                "<1>, SEARCH ,2026-01-02 10:00:00,user_1,,<5>, beach ,10,1,Web ,mobile,CA,"
                "Toronto,,direct,,{}\n"
                "<1>, SEARCH ,2026-01-02 10:00:00,user_1,,<5>, beach ,10,1,Web ,mobile,CA,"
                "Toronto,,direct,,{}\n"
                "<2>,search,2026-02-30 10:00:00,user_1,,<5>,,10,1,web,,,,,,,\n"
                "<3>,search,2026-01-02 10:00:00,user_1,,<5>,,-3,1,web,,,,,,,\n"
                "<4>,search,2026-01-02 10:00:00,user_1,,<5>,,many,1,web,,,,,,,\n"
                ",search,2026-01-02 10:00:00,user_1,,<5>,,10,1,web,,,,,,,\n"
                "<6>,search,2025-12-02 10:00:00,user_1,,<5>,,10,1,web,,,,,,,\n"
                "<7>,search,2026-01-02 10:00:00,user_1,,<5>,,10,1,fax,,,,,,,\n"
                "<8>,search,2026-01-02 10:00:00,user_1,,<5>,,10,1,web,,,,,,,[1\n"
                "event_id,event_type,timestamp,user_id,anonymous_id,session_id,query,"
                "results_count,page,platform,device_type,geo_country,geo_city,utm_source,"
                "utm_medium,utm_campaign,filters\n"
            ),
            "impressions": (
                "search_event_id,result_id,result_position,result_type,result_price,"
                "result_provider,result_destination\n"
                "<1>,<9>,2, Hotel ,90,Expedia,Cancun\n<1>,<9>,2, Hotel ,90,Expedia,Cancun\n"
                "<1>,<9>,9,hotel,100,Expedia,Cancun\n<1>,<9>,0,hotel,100,Expedia,Cancun\n"
                "<1>,<9>,3,hotel,-1,Expedia,Cancun\n<1>,<9>,4,tent,1,Expedia,Cancun\n"
                "<3>,<9>,1,hotel,1,Expedia,Cancun\n"
                "<2>,<9>,first,hotel,1,Expedia,Cancun\n,<9>,5,hotel,1,Expedia,Cancun\n"
                "12,<9>,6,hotel,1,Expedia,Cancun\n"
            ),
            "click_events": (
                "event_id,event_type,timestamp,user_id,anonymous_id,session_id,"
                "search_event_id,result_id,result_position,result_type,result_price,"
                "result_provider,result_destination\n"
                "<a>,Click,2026-01-02T10:00:30Z,user_1,,<5>,<1>,<9>,2,hotel,100.50,"
                "Expedia,Cancun\n"
                "<a>,Click,2026-01-02T10:00:30Z,user_1,,<5>,<1>,<9>,2,hotel,90,Expedia,Cancun\n"
                "<b>,click,2026-01-02 10:00:30,user_1,,<5>,<2>,<9>,2,hotel,1,Expedia,\n"
                "<c>,click,2026-01-02 10:00:30,user_1,,<5>,<1>,<9>,-2,hotel,1,Expedia,\n"
                "<d>,click,2026-03-02 10:00:30,user_1,,<5>,<1>,<9>,2,hotel,1,Expedia,\n"
            ),
            "conversion_events": (
                "event_id,event_type,timestamp,user_id,anonymous_id,session_id,"
                "click_event_id,booking_value,commission,currency,product_type,provider\n"
                "<e>,conversion,2026-01-02 10:02:00,user_1,,<5>,<a>,100,10,CAD,HOTEL,\n"
                "<f>,conversion,2026-01-02 10:02:00,user_1,,<5>,<b>,100,10,CAD,hotel,\n"
                "<0>,conversion,2026-01-02 10:02:00,user_1,,<5>,<a>,100,-1,CAD,hotel,\n"
                "<5>,conversion,2026-01-02 10:02:00,user_1,,<5>,<a>,$100,1,CAD,hotel,\n"
            ),
        },
        {
            ("searches", "exact_duplicate"): 1,
            ("searches", "before_start"): 1,
            ("searches", "impossible_value"): 2,
            ("searches", "missing_value"): 1,
            ("searches", "repeated_header"): 1,
            ("searches", "unreadable_filters"): 1,
            ("searches", "unreadable_results_count"): 1,
            ("searches", "unreadable_timestamp"): 1,
            ("impressions", "exact_duplicate"): 1,
            ("impressions", "impossible_value"): 3,
            ("impressions", "missing_value"): 1,
            ("impressions", "unknown_parent"): 1,
            ("impressions", "unreadable_result_position"): 1,
            ("impressions", "unreadable_search_event_id"): 1,
            ("clicks", "after_end"): 1,
            ("clicks", "conflicting_payload"): 1,
            ("clicks", "impossible_value"): 1,
            ("clicks", "unknown_parent"): 1,
            ("conversions", "impossible_value"): 1,
            ("conversions", "unknown_parent"): 1,
            ("conversions", "unreadable_booking_value"): 1,
        },
    ),
}
# what staging keeps of them, by some columns
KEPT: dict[str, dict[str, list[Any]]] = {
    "search": {
        "stg_search__searches": [
            "platform, query, timestamp::varchar, filters",
            ("web", "beach", "2026-01-02 10:00:00", "{}"),
        ],
        "stg_search__impressions": [
            "result_position, result_type",
            (2, "hotel"),
            (9, "hotel"),
        ],
        "stg_search__clicks": [
            "event_type, result_price::varchar, timestamp::varchar",
            ("click", "90.00", "2026-01-02 10:00:30"),
        ],
        "stg_search__conversions": [
            "product_type, booking_value::varchar",
            ("hotel", "100.00"),
        ],
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CARELESS)
def test_other_worlds_clean_or_count_what_applies_to_them(
    worlds: Worlds, build: Build, tmp_path: Path, name: str
) -> None:
    """Without the columns that generation alone has: ids of events, latent ones, deliveries."""
    files, expected = CARELESS[name]
    ids = {f"{key:x}": f"00000000-0000-4000-8000-{key:012}" for key in range(16)}
    (tmp_path / "raw").mkdir()
    for file, text in files.items():
        for key, uuid in ids.items():
            text = text.replace(f"<{key}>", uuid)
        (tmp_path / "raw" / f"{file}.csv").write_text(text)
    result = build(name, tmp_path / "raw", "--only", "staging", "--json")
    assert result.exit_code == 1, result.stderr
    assert rejects(result) == expected
    read = World(tmp_path / "read.duckdb", worlds.dbt, name)
    for table, rows in KEPT.get(name, {}).items():
        assert (
            read.rows(f"select {rows[0]} from staging.{table} order by all") == rows[1:]
        )
