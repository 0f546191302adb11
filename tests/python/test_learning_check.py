"""`diorama check` accepts a clean export, and says of each corruption what is wrong."""

import json
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import pytest

from conftest import Diorama
from diorama.engines.dbt import MEMORY, Dbt
from diorama.files.check import find_faults, find_tables
from diorama.project import Project
from worlds import ROOT, World, Worlds

SETTINGS = {"learning_users": 40, "learning_days": 33, "learning_churn_window_days": 10}
# a row of the grid before the test split
DAY = "user_id = (select min(user_id) from t) and as_of_date = '2025-01-01'"


def nth(kind: str, place: int) -> str:
    """One event of a kind, of those that still have an id and are of it."""
    return (
        f"(select event_id from t where event_type = '{kind}' and event_id is not null "
        f"order by event_id limit 1 offset {place})"
    )


def user(number: int, change: str) -> str:
    """The statement that corrupts one user."""
    return f"update t set {change} where user_id = '{number}'"


def event(kind: str, change: str, place: int = 0) -> str:
    """The statement that corrupts one event."""
    return f"update t set {change} where event_id = {nth(kind, place)}"


def day(change: str, date: str = "2025-01-01") -> str:
    """The statement that corrupts one row of the grid."""
    return f"update t set {change} where {DAY.replace('2025-01-01', date)}"


AMOUNTS = "update t set amount = '5' where event_type = 'login'"
LOST_EVENT = f"delete from t where event_id = {nth('login', 0)}"
LEAK = "alter table t add column engagement_score varchar"

# Batches of corruptions, each {file: {what check says of it: the statement that corrupts the file's
# table t}}. One run finds all of a batch; no corruption of it brings about another one's message.
BATCHES: dict[str, dict[str, dict[str, str]]] = {
    "single rows": {
        "users_clean": {
            "user_id is missing or not a positive integer": user(1, "user_id = null"),
            "signup_date is missing or not a date": user(
                3, "signup_date = '2025-02-30'"
            ),
            "plan is not free or paid": user(4, "plan = 'gold'"),
            "is_paid does not fit the plan": user(5, "is_paid = 1 - is_paid::int"),
            "country is missing": user(6, "country = null"),
            "marketing_source is missing": user(7, "marketing_source = null"),
        },
        "events_clean": {
            "event_id is missing or not an integer": event("login", "event_id = null"),
            "user_id is missing or not an integer": event("login", "user_id = 'x'"),
            "event_time is missing or not a time": event(
                "login", "event_time = 'yesterday'"
            ),
            "event_type is missing": event("login", "event_type = null"),
            "event_type is none of the documented types": event(
                "login", "event_type = 'logout'"
            ),
            "course_id is missing where the event belongs to a course": event(
                "video_watch", "course_id = null"
            ),
            "watch_minutes is negative": event("video_watch", "watch_minutes = '-1'"),
            "watch_minutes is above 0 where no video is watched": event(
                "login", "watch_minutes = '3'"
            ),
            "quiz_score is not in 0-100": event("quiz_attempt", "quiz_score = '100.5'"),
            "quiz_score of a quiz is missing": event(
                "quiz_attempt", "quiz_score = null", 1
            ),
            "quiz_score is not a number": event(
                "quiz_attempt", "quiz_score = 'good'", 2
            ),
            "amount of a payment is missing or not above 0": event(
                "payment_success", "amount = '0'"
            ),
            "amount is not a number": event("login", "amount = 'much'"),
        },
        "user_daily": {
            "enroll_count is missing, negative or no number": day(
                "enroll_count = '-1'"
            ),
            "is_active_day does not fit logins_count": day(
                "is_active_day = 1 - is_active_day::int"
            ),
            "quiz_avg_score is not in 0-100": day("quiz_avg_score = '101'"),
        },
        "user_features_daily": {
            "events of a shorter window is missing or above that of a longer one": day(
                "events_7d = '9999'"
            ),
            "payment_fail_rate_30d is not in 0-1": day("payment_fail_rate_30d = '2'"),
            "days_since_last_activity is missing or negative": day(
                "days_since_last_activity = null"
            ),
        },
        "labels_daily": {
            "churn_label is not 0 or 1": day("churn_label = '2'"),
            "churn_label does not fit future_active_days": day(
                "churn_label = 1 - churn_label::int", "2025-01-02"
            ),
        },
        "training_dataset": {
            "split is not train, validation or test": day("split = 'holdout'"),
        },
    },
    "repetition, amounts and leaks": {
        "users_clean": {
            "user_id is not unique": "insert into t select * from t where user_id = '2'",
        },
        "events_clean": {
            "more than 2 % of the events that are no payments carry an amount": AMOUNTS,
        },
        "user_features_daily": {
            "engagement_score is there: the hidden cause leaks": LEAK,
        },
        "labels_daily": {
            "future_active_days is not the number of active days that follow": day(
                "future_active_days = '40'"
            ),
        },
        "training_dataset": {
            "a label of one split looks into the next": day("split = 'test'"),
        },
    },
    "early events and repetition": {
        "users_clean": {
            "event_time lies before the signup": "update t set signup_date = '2025-01-31'",
        },
        "events_clean": {
            "event_id is not unique": "insert into t select * from t limit 1",
        },
        "user_daily": {
            "a user and date is not unique": f"insert into t select * from t where {DAY}",
        },
        "training_dataset": {
            "features are not those of user_features_daily": day(
                "active_days_30d = '30'"
            ),
        },
    },
    "lost users and events": {
        "users_clean": {
            "user_id is that of no user": "delete from t where user_id in ('4', '5', '6')",
        },
        "events_clean": {
            "total_events or watch_minutes_sum is not that of the events": LOST_EVENT,
        },
        "user_features_daily": {
            "active_days_7d is not the sum of its seven rows": day(
                "active_days_7d = '7', active_days_14d = '7', active_days_30d = '7'"
            ),
        },
    },
    "lost columns and tables": {
        "users_clean": {
            "column plan is missing": "alter table t drop plan",
        },
        "user_features_daily": {
            "a row is not that of user_daily": day("total_events = '77'"),
        },
        "labels_daily": {
            "the file has no rows": "delete from t",
        },
        "training_dataset": {
            "a user is in both train and validation": day(
                "split = case split when 'train' then 'validation' else 'train' end"
            ),
        },
    },
    "lost days": {
        "user_daily": {
            "the grid of users and dates has gaps, or rows too many": f"delete from t where {DAY}",
        },
        "training_dataset": {
            "a label is not that of labels_daily": day(
                "churn_label = 1 - churn_label::int"
            ),
        },
    },
}

Corrupt = Callable[[dict[str, Iterable[str]]], Path]


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    return worlds.new("learning_checked", "learning").build(settings=SETTINGS)


@pytest.fixture(scope="module")
def exported(
    world: World, diorama: Diorama, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    to = tmp_path_factory.mktemp("learning_export")
    result = diorama(
        *("export", "--world", "learning", "--format", "csv", "--to", to),
        *("--database", world.path),
    )
    assert result.exit_code == 0, result.stderr
    return to


@pytest.fixture
def corrupt(exported: Path, tmp_path: Path) -> Corrupt:
    """A copy of the export in which statements have changed the table t of files."""

    def change(statements: dict[str, Iterable[str]]) -> Path:
        to = shutil.copytree(exported, tmp_path / "corrupted")
        for name, of_file in statements.items():
            file = to / "learning" / f"{name}.csv"
            with duckdb.connect() as connection:
                connection.execute(
                    f"create table t as from read_csv('{file}', all_varchar = true)"
                )
                for statement in of_file:
                    before = connection.execute("from t").fetchall()
                    connection.execute(statement)
                    after = connection.execute("from t").fetchall()
                    assert sorted(map(str, before)) != sorted(map(str, after))
                connection.execute(f"copy t to '{file}' (header)")
        return to

    return change


@pytest.fixture(scope="module")
def dbt(diorama: Diorama) -> Dbt:
    return Dbt(Project(ROOT), MEMORY)


def messages(dbt: Dbt, directory: Path) -> list[str]:
    return [
        record["message"]
        for record in find_faults(dbt, find_tables(directory))
        if not record.get("is_raw")
    ]


@pytest.mark.parametrize("batch", BATCHES)
def test_each_corruption_is_named(dbt: Dbt, corrupt: Corrupt, batch: str) -> None:
    files = BATCHES[batch]
    found = messages(dbt, corrupt({name: of.values() for name, of in files.items()}))
    assert {message for of in files.values() for message in of} <= set(found)


def test_each_corruption_has_its_own_message() -> None:
    said = [
        (name, message)
        for files in BATCHES.values()
        for name, of in files.items()
        for message in of
    ]
    assert len(set(said)) == len(said) >= 20


def test_a_clean_export_is_accepted_and_raw_defects_are_counted(
    diorama: Diorama, exported: Path
) -> None:
    result = diorama("check", exported)
    assert result.exit_code == 0, result.stderr + result.stdout
    assert result.stdout == ""
    assert "8 tables keep all gates" in result.stderr
    assert "(raw: cleaning takes it away)" in result.stderr


def test_a_broken_gate_is_one_line_and_exit_code_1(
    diorama: Diorama, corrupt: Corrupt
) -> None:
    gold = "update t set plan = 'gold' where user_id in ('3', '4')"
    directory = corrupt({"users_clean": [gold]})
    result = diorama("check", directory)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "users_clean: plan is not free or paid (2 found)"
    ]
    assert "1 gates are broken" in result.stderr
    document = json.loads(diorama("check", directory, "--json").stdout)
    assert document["faults"] == result.stdout.splitlines()
    assert len(document["tables"]) == 8
    assert document["raw_defects"]


def test_foreign_raw_files_are_held_to_the_gates(
    diorama: Diorama, exported: Path, tmp_path: Path
) -> None:
    """Without cleaned files beside them, defects are faults, also case and blanks."""
    for name in ("users", "events"):
        shutil.copy(exported / "learning" / f"{name}.csv", tmp_path)
    result = diorama("check", tmp_path)
    assert result.exit_code == 1
    assert "events: watch_minutes is negative" in result.stdout
    assert "events: event_type is none of the documented types" in result.stdout
    assert "plan is not" not in result.stdout
    users = tmp_path / "users.csv"
    users.write_text(re.sub(",free,", ", FREE ,", users.read_text(), count=1))
    result = diorama("check", tmp_path)
    assert "users: plan is not free or paid (1 found)" in result.stdout
    assert "is_paid" not in result.stdout


def test_lost_files_are_named(diorama: Diorama, exported: Path, tmp_path: Path) -> None:
    directory = shutil.copytree(exported, tmp_path / "lost")
    lost = ("labels_daily.csv", "users_clean.csv")
    for name in lost:
        (directory / "learning" / name).unlink()
    result = diorama("check", directory)
    assert result.exit_code == 1
    for name in lost:
        assert f"learning/{name}: the file is missing" in result.stdout


def test_a_file_that_cannot_be_read_is_named(
    diorama: Diorama, exported: Path, tmp_path: Path
) -> None:
    directory = shutil.copytree(exported, tmp_path / "broken")
    (directory / "learning" / "events_clean.csv").unlink()
    (directory / "learning" / "events_clean.parquet").write_text("no Parquet")
    result = diorama("check", directory)
    assert result.exit_code == 1
    assert "events_clean.parquet" in result.stderr


def test_a_directory_without_files_is_refused(diorama: Diorama, tmp_path: Path) -> None:
    result = diorama("check", tmp_path)
    assert result.exit_code == 1
    assert "no file of users and none of events" in result.stderr
    assert diorama("check", tmp_path / "nowhere").exit_code == 2
