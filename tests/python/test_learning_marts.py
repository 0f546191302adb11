"""user_daily, features, labels and training set recomputed with pandas from the exported CSV."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from click.testing import Result
from scipy import stats

from conftest import Diorama
from worlds import World, Worlds

USERS, DAYS, WINDOW = 60, 60, 15
SETTINGS = {
    "learning_users": USERS,
    "learning_days": DAYS,
    "learning_churn_window_days": WINDOW,
    "learning_signup_during_window": 0.3,
    # so low an engagement that some users never act
    "learning_engagement_a": 0.1,
    "defect_rate": 0.2,
}
COUNTS = {
    "logins_count": "login",
    "enroll_count": "course_enroll",
    "quiz_attempts_count": "quiz_attempt",
    "payment_success_count": "payment_success",
    "payment_failed_count": "payment_failed",
    "support_ticket_count": "support_ticket",
}
SUMMED = {
    "active_days": "is_active_day",
    "events": "total_events",
    "logins": "logins_count",
    "enroll": "enroll_count",
    "watch_minutes": "watch_minutes_sum",
    "quiz_attempts": "quiz_attempts_count",
    "payment_success": "payment_success_count",
    "payment_failed": "payment_failed_count",
    "support_ticket": "support_ticket_count",
}
KEY = ["user_id", "as_of_date"]


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    """Twenty users in a hundred never act, others on few days: low engagement, and late signups."""
    path = worlds.new("learning_marts", "learning")
    path.build(settings=SETTINGS)
    return path


@pytest.fixture(scope="module")
def files(
    world: World, diorama: Diorama, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The plain CSV export."""
    to = tmp_path_factory.mktemp("learning_csv")
    result = export(diorama, world, to)
    assert result.exit_code == 0, result.stderr
    return to / "learning"


def export(diorama: Diorama, world: World, to: Path, *more: str) -> Result:
    return diorama(
        *("export", "--world", "learning", "--format", "csv", "--to", to),
        *("--database", world.path, *more),
    )


def read(files: Path, name: str) -> pd.DataFrame:
    """A file with decimals as they are written."""
    as_text = [
        "watch_minutes",
        "quiz_score",
        "amount",
        *(f"quiz_avg_score{w}" for w in ("", "_7d", "_14d", "_30d")),
        "watch_minutes_sum",
        *(f"watch_minutes_{w}d" for w in (7, 14, 30)),
    ]
    return pd.read_csv(
        files / f"{name}.csv",
        dtype=dict.fromkeys(as_text, str),
        keep_default_na=False,
        na_values={"churn_label": [""]},
    )


def rounded(total: Decimal, count: int) -> Decimal:
    return (total / count).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def mean(values: list[Decimal]) -> str:
    return str(rounded(sum(values, Decimal()), len(values))) if values else ""


@pytest.fixture(scope="module")
def user_daily(files: Path) -> pd.DataFrame:
    """From the cleaned users and events alone."""
    users, events = read(files, "users_clean"), read(files, "events_clean")
    dates = pd.date_range("2025-01-01", periods=DAYS).strftime("%Y-%m-%d")
    grid = users.merge(pd.DataFrame({"as_of_date": dates}), how="cross")
    since = pd.to_datetime(grid["as_of_date"]) - pd.to_datetime(grid["signup_date"])
    grid["days_since_signup"] = since.dt.days.clip(lower=0)
    events["as_of_date"] = events["event_time"].str[:10]
    by_day = events.groupby(KEY)
    found = pd.DataFrame({"total_events": by_day.size()})
    for column, kind in COUNTS.items():
        found[column] = by_day["event_type"].agg(
            lambda of, kind=kind: (of == kind).sum()
        )
    found["watch_minutes_sum"] = by_day["watch_minutes"].agg(
        lambda of: sum(map(Decimal, of), Decimal())
    )
    found["quiz_avg_score"] = by_day["quiz_score"].agg(
        lambda of: mean([Decimal(score) for score in of if score])
    )
    grid = grid.merge(found.reset_index(), how="left", on=KEY)
    for column in ("total_events", *COUNTS):
        grid[column] = grid[column].fillna(0).astype(int)
    grid["watch_minutes_sum"] = grid["watch_minutes_sum"].where(
        grid["watch_minutes_sum"].notna(), Decimal()
    )
    grid["quiz_avg_score"] = grid["quiz_avg_score"].fillna("")
    grid["is_active_day"] = (grid["logins_count"] > 0).astype(int)
    return grid.sort_values(KEY).reset_index(drop=True)


def assert_equal(table: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Value by value, whatever the order of the rows."""
    assert len(table) == len(expected)
    table = table.sort_values(KEY).reset_index(drop=True)
    expected = expected.sort_values(KEY).reset_index(drop=True)
    for column in table.columns:
        if table[column].dtype == object or pd.api.types.is_string_dtype(table[column]):
            ours = table[column].astype(str).map(as_number)
            theirs = expected[column].astype(str).map(as_number)
        else:
            ours, theirs = table[column], expected[column]
        wrong = ours.to_numpy() != theirs.to_numpy()
        assert not wrong.any(), (
            column,
            table.loc[wrong, [*KEY, column]].head(3),
            expected.loc[wrong, column].head(3),
        )


def as_number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


def test_user_daily_is_what_the_events_add_up_to(
    files: Path, user_daily: pd.DataFrame
) -> None:
    assert_equal(read(files, "user_daily"), user_daily)
    by_user = user_daily.groupby("user_id")["total_events"].sum()
    assert (by_user == 0).any(), "a user who never acts"
    acted = user_daily[user_daily["is_active_day"] == 1]
    assert (acted["quiz_avg_score"] == "").any(), "an active day without a quiz"


@pytest.fixture(scope="module")
def features(user_daily: pd.DataFrame) -> pd.DataFrame:
    """Window by window, in a plain loop over the rows of each user."""
    rows = []
    for _, days in user_daily.groupby("user_id"):
        days = days.to_dict("records")
        last_active = None
        for place, day in enumerate(days):
            row = dict(day)
            if day["is_active_day"]:
                last_active = place
            for width in (7, 14, 30):
                seen = days[max(0, place - width + 1) : place + 1]
                for name, column in SUMMED.items():
                    row[f"{name}_{width}d"] = sum(one[column] for one in seen)
                row[f"quiz_avg_score_{width}d"] = mean(
                    [
                        Decimal(one["quiz_avg_score"])
                        for one in seen
                        if one["quiz_avg_score"]
                    ]
                )
            failed, paid = row["payment_failed_30d"], row["payment_success_30d"]
            row["payment_fail_rate_30d"] = (
                failed / (failed + paid) if failed + paid else 0.0
            )
            row["days_since_last_activity"] = (
                day["days_since_signup"] if last_active is None else place - last_active
            )
            rows.append(row)
    return pd.DataFrame(rows)


def test_features_are_what_the_days_up_to_the_date_add_up_to(
    files: Path, features: pd.DataFrame
) -> None:
    assert_equal(read(files, "user_features_daily"), features)


@pytest.fixture(scope="module")
def labels(user_daily: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for user, days in user_daily.groupby("user_id"):
        active = days["is_active_day"].to_numpy()
        for place in range(DAYS - WINDOW):
            future = int(active[place + 1 : place + 1 + WINDOW].sum())
            rows.append(
                (user, days["as_of_date"].iloc[place], future, int(future == 0))
            )
    return pd.DataFrame(rows, columns=[*KEY, "future_active_days", "churn_label"])


def test_labels_are_what_the_days_after_the_date_add_up_to(
    files: Path, labels: pd.DataFrame
) -> None:
    assert_equal(read(files, "labels_daily"), labels)
    assert set(labels["churn_label"]) == {0, 1}


def test_the_training_set_joins_both_and_no_label_looks_into_the_next_split(
    files: Path, features: pd.DataFrame, labels: pd.DataFrame
) -> None:
    table = read(files, "training_dataset")
    expected = features.merge(labels, on=KEY).merge(table[[*KEY, "split"]], on=KEY)
    assert_equal(table, expected)
    is_test = table["split"] == "test"
    dates = pd.to_datetime(table["as_of_date"])
    # labels look at the dates up to `gap` - 1 days ahead at most
    gap = (dates[is_test].min() - dates[~is_test].max()).days
    assert gap == WINDOW + 1
    assert dates.nunique() == DAYS - 2 * WINDOW
    assert dates[is_test].nunique() == (DAYS - 2 * WINDOW) // 5
    assert len(table) == USERS * dates.nunique()
    # the others are cut by user, four of five for training
    earlier = table[~is_test].groupby("user_id")["split"]
    assert (earlier.nunique() == 1).all()
    counts = earlier.first().value_counts()
    assert set(counts.index) == {"train", "validation"}
    assert stats.binomtest(int(counts["train"]), USERS, 0.8).pvalue > 0.001


def test_raw_files_have_the_documented_columns_and_zero_minutes_for_none(
    files: Path,
) -> None:
    assert {path.stem for path in files.glob("*.csv")} == {
        *("users", "events", "users_clean", "events_clean", "user_daily"),
        *("user_features_daily", "labels_daily", "training_dataset"),
    }
    header = (files / "events.csv").open().readline().strip()
    assert header == (
        "event_id,user_id,event_time,event_type,course_id,watch_minutes,quiz_score,amount"
    )
    events = read(files, "events")
    logins = events[events["event_type"] == "login"]
    assert set(logins["watch_minutes"]) == {"0.0"}
    assert np.isfinite(events["watch_minutes"].astype(float)).all()
    header = (files / "users.csv").open().readline().strip()
    assert header == (
        "user_id,signup_date,plan,is_paid,country,marketing_source,engagement_score"
    )


def test_the_lake_has_raw_and_processed_folders_in_gzip(
    world: World, diorama: Diorama, tmp_path: Path, files: Path
) -> None:
    more = ("--layout", "lake", "--compression", "gzip")
    assert export(diorama, world, tmp_path, *more).exit_code == 0
    made = {
        str(path.relative_to(tmp_path / "learning"))
        for path in tmp_path.rglob("*.csv.gz")
    }
    raw, names = {"users", "events"}, {path.stem for path in files.glob("*.csv")}
    assert made == {
        f"{'raw' if name in raw else 'processed'}/{name}.csv.gz" for name in names
    }
    plain = sorted((files / "events.csv").read_text().splitlines())
    zipped = duckdb.read_csv(
        str(tmp_path / "learning/raw/events.csv.gz"), all_varchar=True
    )
    assert len(plain) == len(zipped) + 1


def test_the_course_profile_exports_event_date_and_course_name(
    worlds: Worlds, diorama: Diorama, tmp_path: Path
) -> None:
    world = worlds.new("learning_course_small", "learning").build(
        settings={"learning_profile": "course", "learning_users": 20}
    )
    assert export(diorama, world, tmp_path).exit_code == 0
    for name in ("events", "events_clean"):
        events = read(tmp_path / "learning", name)
        known = events[events["event_time"] != ""]
        assert (known["event_date"] == known["event_time"].str[:10]).all()
        assert (events["course_name"] == events["course_id"]).all()


def test_features_at_a_date_do_not_change_when_later_events_are_deleted(
    world: World, tmp_path: Path
) -> None:
    cut = "2025-01-31"
    changed = world.copy(tmp_path / "cut.duckdb")
    with duckdb.connect(changed.path) as connection:
        connection.execute(
            f"delete from staging.stg_learning__events where event_date > '{cut}'"
        )
    changed.build("--select", "learning__user_daily+", settings=SETTINGS)
    for table in ("learning__user_daily", "learning__user_features_daily"):
        with world.connect(changed) as connection:
            for left, right in (("world", "other"), ("other", "world")):
                assert not connection.execute(
                    f"""
                    select * from {left}.marts.{table} where as_of_date <= '{cut}' except
                    select * from {right}.marts.{table}
                    """
                ).fetchall()
            later = f"select sum(total_events) from other.marts.{table} where as_of_date > '{cut}'"
            assert connection.execute(later).fetchone() == (0,)


def test_no_mart_has_a_latent_column(world: World) -> None:
    assert (
        world.rows(
            """
        select table_name, column_name from information_schema.columns
        where table_schema in ('staging', 'intermediate', 'marts')
        and regexp_matches(column_name, 'engagement|latent|true_|churn_ppb|churn_day|_key$')
        """
        )
        == []
    )
    assert "engagement_score" in [
        column
        for (column, *_) in world.rows(
            "describe truth.truth_learning__leaky_training_set"
        )
    ]


def test_nothing_but_the_rejects_is_lost(world: World) -> None:
    """Raw rows are the accepted ones and those that a reason is counted for."""
    for table in ("users", "events", "exposures"):
        raw, staged, rejected = world.rows(
            f"""
            select (select count(*) from raw.raw_learning__{table}),
                (select count(*) from staging.stg_learning__{table}),
                (select sum(reject_count) from staging.stg_learning__rejects
                    where raw_table = 'raw_learning__{table}')
            """
        )[0]
        assert rejected > 0
        assert raw == staged + rejected


def test_cleaned_dirt_equals_what_was_generated(world: World) -> None:
    """At a defect rate of 0.2, by the data tests of the build."""
    result = world.dbt(
        *("test", "--select", "tag:learning", "--exclude", "test_type:unit"),
        database=world.path,
        settings=SETTINGS,
    )
    assert result.success, result.log[-3000:]
    assert "equals_staged_gen_learning__events" in result.log
    assert "equals_rejects_gen_learning__event_defects" in result.log
