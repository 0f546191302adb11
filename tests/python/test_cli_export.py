"""`diorama export`: the files hold what the tables hold, and the manifest says so."""

import datetime
import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import datafusion
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from diorama.engines.sql import FILE_OPTIONS
from diorama.project.catalogue import open_database
from diorama.ui.terminal import print_json
from worlds import ROOT

USERS = ["user_id", "signup_date", "engagement_score", "segment", "feature_flag"]
EVENTS = [
    "user_id",
    "event_time",
    "event_name",
    "session_id",
    "feature_flag",
    "content_id",
]
NAMES = {
    "feed/users": "raw.raw_feed__users",
    "feed/events": "raw.raw_feed__events",
    "feed/users_clean": "staging.stg_feed__users",
    "feed/events_clean": "staging.stg_feed__events",
    "feed/sessions": "marts.feed__sessions",
    "feed/user_daily": "marts.feed__user_daily",
    "feed/uplift_training_set": "marts.feed__uplift_training_set",
}
# what worlds/shop.md and worlds/search.md ask of files; an id is a uuid in the tables, here text
DOCUMENTED = {
    "shop/item_catalog": {
        "item_id": "VARCHAR",
        "category": "VARCHAR",
        "base_price": "DECIMAL(12,2)",
        "discount_pct": "INTEGER",
        "current_price": "DECIMAL(12,2)",
        "created_at": "TIMESTAMP",
    },
    "shop/users": {
        "user_id": "VARCHAR",
        "persona": "VARCHAR",
        "sessions_per_week": "DOUBLE",
        "registration_date": "TIMESTAMP",
    },
    "shop/clickstream_events": {
        "user_id": "VARCHAR",
        "session_id": "VARCHAR",
        "timestamp": "TIMESTAMP",
        "event_type": "VARCHAR",
        "item_id": "VARCHAR",
        "duration_seconds": "DECIMAL(6,1)",
    },
    "search/click_events": {
        "event_id": "VARCHAR",
        "event_type": "VARCHAR",
        "timestamp": "TIMESTAMP",
        "user_id": "VARCHAR",
        "anonymous_id": "VARCHAR",
        "session_id": "VARCHAR",
        "search_event_id": "VARCHAR",
        "result_id": "VARCHAR",
        "result_position": "INTEGER",
        "result_type": "VARCHAR",
        "result_price": "DECIMAL(12,2)",
        "result_provider": "VARCHAR",
        "result_destination": "VARCHAR",
    },
    "search/conversion_events": {
        "event_id": "VARCHAR",
        "event_type": "VARCHAR",
        "timestamp": "TIMESTAMP",
        "user_id": "VARCHAR",
        "anonymous_id": "VARCHAR",
        "session_id": "VARCHAR",
        "click_event_id": "VARCHAR",
        "booking_value": "DECIMAL(12,2)",
        "commission": "DECIMAL(12,2)",
        "currency": "VARCHAR",
        "product_type": "VARCHAR",
        "provider": "VARCHAR",
    },
}
SHOP_NAMES = {
    *("item_catalog", "users", "clickstream_events", "events_sessionized"),
    *("train", "validation", "test", "user_daily"),
    *("item_catalog_clean", "users_clean", "clickstream_events_clean"),
    *("sessions", "items_daily", "funnel_daily"),
}
# the files of each training set, its label, and what else is known only afterwards
TRAINING_SETS = {
    "feed": (["uplift_training_set"], "is_retained_7d", ["card_views_14d"]),
    "learning": (["training_dataset"], "churn_label", ["future_active_days"]),
    "search": (["ranking_examples"], "is_clicked", ["is_booked"]),
    "shop": (["train", "validation", "test"], "label", []),
}
ISO_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
READERS = {
    "parquet": "read_parquet('{}')",
    "csv": "read_csv('{}', header = true)",
    "jsonl": "read_json('{}', format = 'newline_delimited')",
}


def export(diorama, database: Path, directory: Path, *arguments: object) -> dict:
    result = diorama("export", "--to", directory, "--database", database, *arguments)
    assert result.exit_code == 0, result.stderr
    return json.loads((directory / "manifest.json").read_text())


def files_below(directory: Path) -> set[str]:
    return {str(p.relative_to(directory)) for p in directory.rglob("*") if p.is_file()}


def differing_rows(database: Path, table: str, columns: list[str], reader: str) -> int:
    """Rows that only the table or only the files hold, with every value as the table types it."""
    with duckdb.connect(database, read_only=True) as connection:
        types = dict(
            connection.execute(
                f"select column_name, column_type from (describe {table})"
            ).fetchall()
        )
        typed = ", ".join(
            f"cast({name} as {types[name]}) as {name}" for name in columns
        )
        held, written = (
            f"select {', '.join(columns)} from {table}",
            f"select {typed} from {reader}",
        )
        query = f"({held} except all {written}) union all ({written} except all {held})"
        return len(connection.execute(query).fetchall())


@pytest.mark.parametrize(
    ("format", "compression", "suffix"),
    [
        ("parquet", None, ".parquet"),
        ("csv", "gzip", ".csv.gz"),
        ("jsonl", None, ".jsonl"),
    ],
)
def test_files_hold_the_tables_and_the_manifest_describes_them(
    diorama, built, tmp_path, format, compression, suffix
):
    options = ["--compression", compression] if compression else []
    options += ["--world", "feed"]
    manifest = export(diorama, built, tmp_path, "--format", format, *options)
    assert files_below(tmp_path) == {name + suffix for name in NAMES} | {
        "manifest.json"
    }
    assert {file["path"]: file["table"] for file in manifest["files"]} == {
        name + suffix: table.split(".")[1] for name, table in NAMES.items()
    }
    for file in manifest["files"]:
        path = tmp_path / file["path"]
        name = file["path"].removesuffix(suffix)
        reader = READERS[format].format(path)
        columns = [c[0] for c in duckdb.execute(f"describe from {reader}").fetchall()]
        assert duckdb.execute(f"select count(*) from {reader}").fetchall() == [
            (file["rows"],)
        ]
        assert path.stat().st_size == file["bytes"]
        assert differing_rows(built, NAMES[name], columns, reader) == 0
        if name in ("feed/users", "feed/events"):
            assert columns == {"feed/users": USERS, "feed/events": EVENTS}[name]

    of_feed = manifest["worlds"]["feed"]
    with duckdb.connect(built, read_only=True) as connection:
        run = connection.execute(
            "select seed, root_key from generate.gen__run"
        ).fetchall()
    # as text, since the key has up to 63 bits, and many readers of JSON have 53
    assert [(of_feed["seed"], of_feed["root_key"])] == [(42, str(run[0][1]))]
    assert of_feed["settings"]["feed_users"] == 200
    assert of_feed["settings"]["defect_rate"] == 0.01
    assert set(manifest["versions"]) == {"diorama", "dbt", "duckdb"}
    assert manifest["versions"]["duckdb"] == duckdb.__version__


def test_the_experiments_are_exported_beside_the_worlds(diorama, built, tmp_path):
    export(diorama, built, tmp_path)
    assert {"experiments/results.parquet", "feed/users.parquet"} < files_below(tmp_path)


def test_all_columns_have_the_fingerprint_of_their_table(diorama, built, tmp_path):
    manifest = export(diorama, built, tmp_path, "--all-columns")
    result = diorama("fingerprint", "--json", "--database", built)
    of_tables = {
        t["name"]: (t["rows"], t["fingerprint"]) for t in json.loads(result.stdout)
    }
    for file in manifest["files"]:
        assert (file["rows"], file["fingerprint"]) == of_tables[file["table"]]


def test_text_files_write_moments_and_ids_in_one_form(diorama, built, tmp_path):
    export(diorama, built, tmp_path, "--format", "csv", "--table", "events")
    lines = (tmp_path / "feed/events.csv").read_text().splitlines()
    assert lines[0] == ",".join(EVENTS)
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}"
    identity = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    assert all(re.match(f"({identity})?,({moment})?,", line) for line in lines[1:])
    export(diorama, built, tmp_path, "--format", "jsonl", "--table", "events")
    first = json.loads((tmp_path / "feed/events.jsonl").read_text().splitlines()[0])
    assert list(first) == EVENTS
    assert re.fullmatch(ISO_MOMENT, first["event_time"])


@pytest.mark.parametrize(
    "table", ["users", "events_clean", "sessions", "uplift_training_set"]
)
def test_every_moment_of_feed_is_iso_8601_in_json_lines(
    diorama, built, tmp_path, table
):
    export(diorama, built, tmp_path, "--format", "jsonl", "--table", f"feed/{table}")
    rows = (tmp_path / f"feed/{table}.jsonl").read_text().splitlines()
    moments = [
        value
        for name, value in json.loads(rows[0]).items()
        if re.search("_(at|time)$|^signup_date$", name)
    ]
    assert moments
    assert all(re.fullmatch(ISO_MOMENT, moment) for moment in moments)


def test_numbers_that_json_readers_would_round_are_text(diorama, built, tmp_path):
    export(
        *(diorama, built, tmp_path, "--format", "jsonl"),
        *("--table", "truth_feed__session_outcomes"),
    )
    (file,) = (tmp_path / "feed").iterdir()
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    with duckdb.connect(built, read_only=True) as connection:
        keys = connection.execute(
            "select session_key from truth.truth_feed__session_outcomes"
        ).fetchall()
    assert max(keys) > (2**53,)
    assert sorted(row["session_key"] for row in rows) == sorted(str(k) for (k,) in keys)


def test_large_numbers_are_text_in_what_json_prints(capsys):
    print_json({"a": [2**53, 2**53 + 1, -(2**60)], "b": {"c": 1.5, "d": True}})
    assert json.loads(capsys.readouterr().out) == {
        "a": [2**53, "9007199254740993", "-1152921504606846976"],
        "b": {"c": 1.5, "d": True},
    }


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("feed/users_clean", "user_id"),
        ("feed/user_daily", "user_id, activity_date"),
        ("feed/events", ""),
    ],
)
@pytest.mark.parametrize("format", READERS)
def test_rows_are_in_the_order_of_the_key(diorama, built, tmp_path, table, key, format):
    """And without a key in the order of all columns, so that a second export is the same file."""
    options = ("--table", table, "--format", format)
    for directory in (tmp_path / "a", tmp_path / "b"):
        export(diorama, built, directory, *options)
    first, second = (d / f"{table}.{format}" for d in (tmp_path / "a", tmp_path / "b"))
    assert first.read_bytes() == second.read_bytes()
    if key:
        with duckdb.connect() as connection:
            reader = READERS[format].format(first)
            rows = connection.execute(f"select {key} from {reader}").fetchall()
        assert rows == sorted(rows)
    manifest = export(diorama, built, tmp_path / "c", *options, "--no-sort")
    reader = READERS[format].format(tmp_path / "c" / f"{table}.{format}")
    assert duckdb.execute(f"select count(*) from {reader}").fetchall() == [
        (manifest["files"][0]["rows"],)
    ]


def test_a_table_exported_three_ways_is_listed_once(diorama, built, tmp_path):
    """As it was exported last, which is what diff and check read."""
    table = ("--table", "feed/events_clean")
    export(diorama, built, tmp_path, *table, "--format", "csv")
    export(diorama, built, tmp_path, *table, "--partition-by", "event_date")
    manifest = export(diorama, built, tmp_path, *table, "--layout", "lake")
    assert [f["path"] for f in manifest["files"]] == [
        "feed/processed/events_clean.parquet"
    ]
    result = diorama("diff", built, tmp_path)
    assert result.exit_code == 0, result.stdout + result.stderr


def test_floats_are_doubles_and_equal_the_decimals(diorama, worlds, tmp_path):
    world = worlds.small()
    tables = (
        "shop/item_catalog",
        "search/journeys",
        "experiments/sufficient_statistics",
    )
    chosen = [option for table in tables for option in ("--table", table)]
    export(diorama, world.path, tmp_path, *chosen, "--floats")
    for table in tables:
        file = tmp_path / f"{table}.parquet"
        kinds = {k for _, k, *_ in duckdb.execute(f"describe from '{file}'").fetchall()}
        assert "DOUBLE" in kinds
        assert not {kind for kind in kinds if kind.startswith("DECIMAL")}
    result = diorama("diff", world.path, tmp_path)
    assert result.exit_code == 0, result.stdout + result.stderr


def test_latent_columns_can_be_left_out(diorama, worlds, tmp_path):
    """Those that the models' descriptions call latent; the others stay."""
    world, latent = worlds.small(), {}
    with open_database(world.path) as catalogue:
        models = catalogue.models()
    for model in models:
        if said := model.meta.get("export"):
            shown = said.get("columns") or list(model.columns)
            described = {n for n in shown if "Latent" in model.columns[n]}
            assert described == set(said.get("latent", [])), model.name
            if described:
                latent[said["name"]] = (set(shown), described)
    assert set(latent) == {"feed/users", "learning/users", "shop/users"}
    chosen = [option for table in latent for option in ("--table", table)]
    for more in ((), ("--all-columns",)):
        export(diorama, world.path, tmp_path, *chosen, *more, "--no-latent")
        for table, (shown, described) in latent.items():
            file = f"{tmp_path / table}.parquet"
            held = {c for c, *_ in duckdb.execute(f"describe from '{file}'").fetchall()}
            assert shown - described <= held
            assert not described & held
    for table in latent:
        page = ROOT / "docs" / "worlds" / f"{table.split('/')[0]}.md"
        said = next(p for p in page.read_text().splitlines() if "--no-latent" in p)
        assert all(f"`{column}`" in said for column in latent[table][1])
    result = diorama(
        *("export", "--to", tmp_path, "--database", world.path, "--no-latent"),
        *("--table", "truth_feed__unit_facts"),
    )
    assert result.exit_code == 2
    assert "All of truth_feed__unit_facts is latent" in result.stderr


@pytest.fixture(scope="module")
def training_files(diorama, worlds, tmp_path_factory) -> Path:
    """The training sets of the default worlds."""
    directory = tmp_path_factory.mktemp("training")
    tables = [
        option
        for world, (names, *_) in TRAINING_SETS.items()
        for name in names
        for option in ("--table", f"{world}/{name}")
    ]
    export(diorama, worlds(name=None).path, directory, *tables)
    return directory


@pytest.mark.parametrize("world", TRAINING_SETS)
def test_a_classifier_learns_from_every_training_set(training_files, world):
    """At the defaults, from the files as pandas reads them, which has no numbers for decimals."""
    names, label, outcomes = TRAINING_SETS[world]
    files = {name: training_files / world / f"{name}.parquet" for name in names}
    frames = {name: pd.read_parquet(file) for name, file in files.items()}
    data = pd.concat([f.assign(split=f.get("split", n)) for n, f in frames.items()])
    features = [
        column
        for column in data.columns.drop([label, *outcomes])
        if pd.api.types.is_numeric_dtype(data[column]) and not column.endswith("_id")
    ]
    for column in data.columns.difference([*features, label, *outcomes]):
        kinds = {type(value) for value in data[column].dropna().head(100)}
        assert kinds <= {int, str, pd.Timestamp, datetime.date}, column
    splits = dict(iter(data.groupby("split")))
    assert set(splits) == {"train", "validation", "test"}
    for column in (label, *(o for o in outcomes if data[o].dtype == bool)):
        assert (data.groupby("split")[column].nunique() == 2).all(), column
    train = splits["train"]
    if world == "learning":
        # as docs/worlds/learning.md says: before, windows are cut short by the world's start
        train = train[train["as_of_date"] >= datetime.date(2025, 1, 30)]
    model = HistGradientBoostingClassifier(max_iter=30, random_state=0)
    model.fit(train[features], train[label])
    for split in ("validation", "test"):
        rows = splits[split]
        auc = roc_auc_score(rows[label], model.predict_proba(rows[features])[:, 1])
        # of a score that knows nothing, with one positive for each user, session or search
        positives = rows[rows[label] == 1].iloc[:, 0].nunique()
        assert auc > 0.5 + 4 * np.sqrt(1 / (12 * positives)), (split, auc)


def test_every_table_with_a_split_is_a_training_set(diorama, worlds):
    """So that none is forgotten above."""
    names = {
        name
        for (name,) in worlds(name=None).rows(
            "select table_name from information_schema.columns "
            "where table_schema = 'marts' and column_name = 'split'"
        )
    }
    assert names == {
        "feed__uplift_training_set",
        "learning__training_set",
        "search__ranking_examples",
        "shop__training_set",
    }


def test_the_lake_layout_has_raw_and_processed_folders(diorama, built, tmp_path):
    export(diorama, built, tmp_path, "--layout", "lake", "--world", "feed")
    raw = {"users", "events"}
    expected = {
        f"feed/{'raw' if name.split('/')[1] in raw else 'processed'}/{name.split('/')[1]}.parquet"
        for name in NAMES
    }
    assert files_below(tmp_path) == expected | {"manifest.json"}


def test_partitions_are_hive_folders_and_are_replaced_whole(diorama, built, tmp_path):
    options = ["--table", "feed/events_clean", "--partition-by", "event_date"]
    export(diorama, built, tmp_path, *options)
    stale = tmp_path / "feed/events_clean/event_date=1999-01-01"
    stale.mkdir()
    (stale / "data.parquet").write_text("")
    manifest = export(diorama, built, tmp_path, *options)
    assert files_below(tmp_path) == {file["path"] for file in manifest["files"]} | {
        "manifest.json"
    }
    reader = f"read_parquet('{tmp_path}/feed/events_clean/*/*.parquet', hive_partitioning = true)"
    columns = [c[0] for c in duckdb.execute(f"describe from {reader}").fetchall()]
    assert "event_date" in columns
    assert differing_rows(built, "staging.stg_feed__events", columns, reader) == 0
    for file in manifest["files"]:
        found = duckdb.execute(
            f"select count(*) from '{tmp_path / file['path']}'"
        ).fetchall()
        assert found == [(file["rows"],)]


def test_a_moment_partitions_by_day_and_stays_in_the_file(diorama, built, tmp_path):
    manifest = export(
        diorama, built, tmp_path, "--table", "events", "--partition-by", "event_time"
    )
    assert all(
        re.match(r"feed/events/event_date=[-0-9]{10}/", f["path"])
        for f in manifest["files"]
    )
    reader = (
        f"read_parquet('{tmp_path}/feed/events/*/*.parquet', hive_partitioning = false)"
    )
    assert differing_rows(built, "raw.raw_feed__events", EVENTS, reader) == 0


@pytest.fixture
def small_row_groups(monkeypatch):
    """Row groups of one vector of DuckDB's, so that small files have several."""
    monkeypatch.setitem(FILE_OPTIONS, "parquet", "format parquet, row_group_size 2048")


DAY = (datetime.datetime(2024, 9, 12), datetime.datetime(2024, 9, 13))


def read_by_pyarrow(place: Path) -> tuple[int, int, int]:
    """Rows of the day, and the row groups in which they may be, of how many."""
    wanted = (ds.field("event_time") >= DAY[0]) & (ds.field("event_time") < DAY[1])
    events = ds.dataset(place, partitioning="hive")
    kept = [
        group
        for fragment in events.get_fragments(wanted)
        for group in fragment.split_by_row_group(wanted)
    ]
    groups = sum(
        fragment.metadata.num_row_groups for fragment in events.get_fragments()
    )
    return events.count_rows(filter=wanted), len(kept), groups


def read_by_datafusion(place: Path) -> tuple[int, int, int]:
    context = datafusion.SessionContext()
    # in one piece, in which each row group is counted once
    context.sql("set datafusion.execution.target_partitions = 1").collect()
    context.register_parquet("events", str(place))
    query = f"select user_id from events where event_time >= '{DAY[0]}' and event_time < '{DAY[1]}'"
    plan = context.sql(f"explain analyze {query}").to_pydict()["plan"][0]
    total, matched = re.search(
        r"row_groups_pruned_statistics=(\d+) total → (\d+) matched", plan
    ).groups()
    return context.sql(query).count(), int(matched), int(total)


def read_by_polars(place: Path) -> int:
    moment = pl.col("event_time")
    events = pl.scan_parquet(place).filter(moment >= DAY[0], moment < DAY[1])
    return events.select(pl.len()).collect().item()


def test_other_engines_skip_row_groups_of_files_that_are_sorted_by_time(
    diorama, built, tmp_path, small_row_groups
):
    options = ("--table", "feed/events_clean", "--sort-by", "event_time")
    export(diorama, built, tmp_path, *options)
    place = tmp_path / "feed/events_clean.parquet"
    with duckdb.connect(built, read_only=True) as connection:
        ((rows, before),) = connection.execute(
            "select count_if(event_time >= $1 and event_time < $2), "
            "count_if(event_time < $1) from staging.stg_feed__events",
            DAY,
        ).fetchall()
    # a row group is written of one vector or more; the day lies in those that it begins and ends
    groups = pq.ParquetFile(place).metadata
    ends = np.cumsum(
        [groups.row_group(n).num_rows for n in range(groups.num_row_groups)]
    )
    first, last = np.searchsorted(ends, [before, before + rows - 1], side="right")
    wanted = (rows, int(last - first + 1), groups.num_row_groups)
    assert wanted[1] < wanted[2] / 2
    assert read_by_pyarrow(place) == wanted
    assert read_by_datafusion(place) == wanted
    assert read_by_polars(place) == rows


def test_other_engines_read_the_folder_of_a_day_alone(diorama, built, tmp_path):
    options = ("--table", "feed/events_clean", "--partition-by", "event_date")
    manifest = export(diorama, built, tmp_path, *options, "--layout", "lake")
    place = tmp_path / "feed/processed/events_clean"
    day = str(DAY[0].date())
    (rows,) = (f["rows"] for f in manifest["files"] if f"={day}/" in f["path"])
    partitions = ds.partitioning(
        pa.schema([("event_date", pa.string())]), flavor="hive"
    )
    events = ds.dataset(place, partitioning=partitions)
    wanted = ds.field("event_date") == day
    (fragment,) = events.get_fragments(wanted)
    assert f"event_date={day}" in fragment.path
    assert events.count_rows(filter=wanted) == rows
    of_day = pl.col("event_date") == DAY[0].date()
    lazy = pl.scan_parquet(place, hive_partitioning=True).filter(of_day)
    assert lazy.select(pl.len()).collect().item() == rows
    context = datafusion.SessionContext()
    context.register_parquet(
        "events", str(place), table_partition_cols=[("event_date", pa.string())]
    )
    query = f"select user_id from events where event_date = '{day}'"
    plan = context.sql(f"explain {query}").to_pydict()["plan"][-1]
    assert set(re.findall(r"event_date=[-\d]+", plan)) == {f"event_date={day}"}
    assert context.sql(query).count() == rows


def test_a_database_of_the_tables_is_replaced_and_holds_no_others(
    diorama, built, tmp_path
):
    options = ("--format", "duckdb", "--world", "feed", "--database", built)
    for _ in range(2):
        done = diorama("export", "--to", tmp_path, *options)
        assert done.exit_code == 0, done.stderr
        assert f"{len(NAMES)} tables" in done.stderr
    assert files_below(tmp_path) == {"diorama.duckdb"}
    with duckdb.connect(tmp_path / "diorama.duckdb", read_only=True) as connection:
        connection.execute(f"attach '{built}' as built (read_only)")
        tables = connection.execute(
            "select table_schema || '/' || table_name from information_schema.tables "
            "where table_catalog = 'diorama'"
        ).fetchall()
        assert {name for (name,) in tables} == set(NAMES)
        for name, table in NAMES.items():
            found = f"select * from diorama.{name.replace('/', '.')}"
            columns = ", ".join(
                c for c, *_ in connection.execute(f"describe {found}").fetchall()
            )
            wanted = f"select {columns} from built.{table}"
            for one, other in ((found, wanted), (wanted, found)):
                query = f"select count(*) from ({one} except all {other})"
                assert connection.execute(query).fetchall() == [(0,)], name


def test_a_lake_without_its_extension_is_one_line_with_the_command_that_installs_it(
    diorama, built, tmp_path, monkeypatch
):
    """The command is run here as well, where it may fail for want of a network."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    to = tmp_path / "lake"
    done = diorama("export", "--format", "ducklake", "--to", to, "--database", built)
    assert done.exit_code == 1
    (line,) = done.stderr.strip().splitlines()
    assert "extension ducklake is not installed" in line
    assert not to.exists()
    (install,) = re.findall(r"Install it with (.*), or export Parquet", line)
    tried = subprocess.run(shlex.split(install), capture_output=True, text=True)
    assert tried.returncode == 0 or "Failed to download extension" in tried.stderr


def test_a_second_export_keeps_the_files_of_the_first_in_the_manifest(
    diorama, built, tmp_path
):
    export(diorama, built, tmp_path, "--table", "users")
    manifest = export(diorama, built, tmp_path, "--table", "sessions")
    assert [f["path"] for f in manifest["files"]] == [
        "feed/sessions.parquet",
        "feed/users.parquet",
    ]


def test_a_failed_export_leaves_the_old_one(diorama, copied, tmp_path):
    directory = tmp_path / "out"
    export(diorama, copied, directory)
    before = {name: (directory / name).read_bytes() for name in files_below(directory)}
    with duckdb.connect(copied) as connection:
        connection.execute("alter table marts.feed__uplift_training_set rename to gone")
        connection.execute(
            "create view marts.feed__uplift_training_set as select error('broken') as user_id"
        )
    result = diorama("export", "--to", directory, "--database", copied)
    assert result.exit_code == 1
    assert result.stderr.strip().splitlines()[-1].startswith("Error: ")
    assert {
        name: (directory / name).read_bytes() for name in files_below(directory)
    } == before
    assert sorted(os.listdir(directory)) == ["experiments", "feed", "manifest.json"]


@pytest.fixture(scope="module")
def exported(diorama, worlds, tmp_path_factory) -> Path:
    """The files of small worlds of shop and search."""
    directory = tmp_path_factory.mktemp("exported")
    chosen = ["--world", "shop", "--world", "search"]
    export(diorama, worlds.small().path, directory, *chosen)
    return directory


@pytest.mark.parametrize("name", DOCUMENTED)
def test_files_of_events_have_the_documented_columns(exported, name):
    described = duckdb.execute(f"describe from '{exported / name}.parquet'").fetchall()
    assert {column: kind for column, kind, *_ in described} == DOCUMENTED[name]
    assert [column for column, *_ in described] == list(DOCUMENTED[name])


def test_the_files_of_the_shop_have_their_names(exported):
    assert {path.stem for path in (exported / "shop").iterdir()} == SHOP_NAMES


@pytest.mark.parametrize("name", sorted(SHOP_NAMES))
def test_the_files_of_the_shop_have_no_nulls(exported, name):
    """But for the days since an exposure that never was."""
    nulls = duckdb.execute(
        f"select column_name from (summarize from '{exported}/shop/{name}.parquet') "
        "where null_percentage > 0"
    ).fetchall()
    assert {column for (column,) in nulls} <= {"days_since_exposure"}


def test_every_item_of_the_clean_events_is_in_the_catalogue(exported):
    files = {
        name: f"'{exported}/shop/{name}_clean.parquet'"
        for name in ("clickstream_events", "item_catalog")
    }
    events, strangers = duckdb.execute(
        f"select count(*), count_if(item_id not in (select item_id from {files['item_catalog']})) "
        f"from {files['clickstream_events']}"
    ).fetchall()[0]
    assert events > 0
    assert strangers == 0
