"""`diorama build`, `list` and `fingerprint`: what they show, and that a build is all or nothing."""

import functools
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from dbt.adapters.duckdb.credentials import DuckDBCredentials

from conftest import digest, with_duckdb
from diorama import __version__
from diorama.engines.build import raise_failures
from diorama.engines.database import STORAGE_VERSION
from diorama.engines.dbt import Step
from diorama.engines.sql import columns_of, count_rows
from diorama.errors import DioramaError, UsageError
from diorama.project import Project
from diorama.project.catalogue import connected
from diorama.project.settings import Macros
from worlds import ROOT


def fingerprints(diorama, path: Path, *arguments: str) -> dict[str, tuple[int, str]]:
    result = diorama("fingerprint", "--json", "--database", path, *arguments)
    assert result.exit_code == 0, result.stderr
    return {t["name"]: (t["rows"], t["fingerprint"]) for t in json.loads(result.stdout)}


NO_TESTS = ["--exclude", "resource_type:test", "--exclude", "resource_type:unit_test"]


def start(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "diorama", *map(str, arguments)]
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_version(diorama):
    assert diorama("--version").stdout == f"diorama {__version__}\n"


@pytest.mark.parametrize(
    "command", [[], ["build"], ["list"], ["export"], ["fingerprint"]]
)
def test_help_leads_with_an_example(diorama, command):
    lines = [
        line for line in diorama(*command, "--help").stdout.splitlines() if line.strip()
    ]
    assert "Usage:" in lines[0]
    assert lines[1].strip().startswith("Example: diorama ")


def test_a_build_shows_its_tables_on_stdout_and_the_rest_on_stderr(first_build):
    path, printed = first_build
    assert re.search(r"raw_feed__users +20\d ", printed["stdout"])
    assert "raw_feed__users" in printed["stderr"]
    assert re.search(r"\d+ tests passed", printed["stderr"])
    assert "diorama export" in printed["stderr"]
    assert os.listdir(path.parent) == [path.name]


def test_the_printed_next_steps_work(first_build, tmp_path):
    """As a shell runs them, also those of a file whose name a shell would take apart."""
    path, printed = first_build
    steps = printed["stderr"].partition("Next:\n")[2].splitlines()
    assert len(steps) == 4
    awkward = tmp_path / "it's; #1 of $HOME.duckdb"
    shutil.copy(path, awkward)
    show, *others = steps
    commands = [show, show.replace(str(path), shlex.quote(str(awkward))), *others]
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DIORAMA_DATABASE": str(path),
    }
    for command in commands:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        # so few users may not be trustworthy
        codes = (0, 3) if "analyse" in command else (0,)
        assert done.returncode in codes, f"{command}\n{done.stderr}"
        assert done.stdout


READ_ALL = """
import duckdb, json, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
connection.sql("set enable_progress_bar = false")
names = connection.sql('''
    select schema_name || '.' || table_name from duckdb_tables()
    union all select schema_name || '.' || view_name from duckdb_views() where not internal
''').fetchall()
counts = {}
for (name,) in names:
    connection.sql(f"from {name} limit 5").fetchall()
    counts[name] = connection.sql(f"select count(*) from {name}").fetchall()
# drawn where they are read, in another way than DuckDB 2.0's
drawn = "select min(session_id), max(session_id) from generate.gen_feed__events"
counts["session_id"] = [str(value) for value in connection.sql(drawn).fetchall()[0]]
print(json.dumps(counts, sort_keys=True))
"""


@pytest.mark.parametrize(
    "version", ["1.4.3", pytest.param("1.5.6", marks=pytest.mark.slow)]
)
def test_older_clients_read_every_table_and_view(worlds, version):
    path = worlds.small().path
    expected = subprocess.check_output([sys.executable, "-c", READ_ALL, path])
    assert len(json.loads(expected)) > 100
    read = with_duckdb(version, "-c", READ_ALL, path)
    assert (read.returncode, read.stderr) == (0, "")
    assert json.loads(read.stdout) == json.loads(expected)


@pytest.mark.parametrize("how", ["dbt", "diorama"])
def test_files_are_written_in_a_format_that_older_clients_read(
    diorama, worlds, tmp_path, how
):
    """Also the successor of a file that is in DuckDB's newest format."""
    path = tmp_path / "diorama.duckdb"
    if how == "dbt":
        select = ("--select", "gen__run")
        assert worlds.dbt("run", *select, database=path, target="duckdb").success
    else:
        duckdb.connect(path).execute("create schema x; create table x.y as select 1")
        assert storage_version(path) == "v2.0.0+"
        path.chmod(0o640)
        build = ("build", "-q", "--select", "gen__run", "--database", path)
        assert diorama(*build).exit_code == 0
        assert path.stat().st_mode & 0o777 == 0o640
        with duckdb.connect(path, read_only=True) as connection:
            assert connection.sql("from x.y").fetchall() == [(1,)]
    assert storage_version(path) == f"{STORAGE_VERSION}+"


def storage_version(path: Path) -> str:
    with duckdb.connect(path, read_only=True) as connection:
        tags = "select tags from duckdb_databases() where path is not null"
        return connection.sql(tags).fetchall()[0][0]["storage_version"]


def test_a_quiet_build_with_another_seed_says_nothing_and_changes_the_tables(
    diorama, built, copied
):
    options = ["--world", "feed", "--users", 200, "--seed", 43, "--threads", 1]
    options += NO_TESTS
    result = diorama("build", "-q", "--database", copied, *options)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == result.stderr == ""
    assert os.listdir(copied.parent) == [copied.name]
    before, after = fingerprints(diorama, built), fingerprints(diorama, copied)
    assert before.keys() == after.keys()
    for table in ("gen_feed__users", "raw_feed__events", "feed__sessions"):
        assert before[table] != after[table]


def test_only_builds_a_layer_of_a_world_with_what_it_needs(diorama, tmp_path):
    path = tmp_path / "world.duckdb"
    options = ["--world", "feed", "--users", 20, "--no-tests", "--database", path]
    result = diorama("build", *options, "--only", "raw", "--json")
    assert result.exit_code == 0, result.stderr
    built = json.loads(result.stdout)
    assert built["tests"] == 0
    assert {table["layer"] for table in built["tables"]} == {"generate", "raw"}
    raw = [table["table"] for table in built["tables"] if table["layer"] == "raw"]
    assert sorted(raw) == ["raw_feed__events", "raw_feed__exposures", "raw_feed__users"]

    # a world, a layer and a selection: what is in all of them
    parts = ["--only", "staging", "--select", "+stg_feed__users raw_search__clicks"]
    result = diorama("build", *options, *parts, "--json")
    assert result.exit_code == 0, result.stderr
    tables = {table["table"] for table in json.loads(result.stdout)["tables"]}
    assert {"raw_feed__users", "stg_feed__users"} <= tables
    assert not any("events" in table or "search" in table for table in tables)

    nothing = diorama("build", *options, "--select", "raw_search__clicks")
    assert (nothing.exit_code, nothing.stderr) == (
        2,
        "Error: This selection has no model to build. See `diorama list` for the tables.\n",
    )


def test_a_file_may_have_any_name_but_that_of_a_schema(diorama, tmp_path):
    """Names that are a catalogue's, or hold what SQL, a URL or a pattern reads as syntax."""
    directory = tmp_path / "run=1#;ü b's [x]"
    directory.mkdir()
    for name in ("main", "it's", 'qu"o', "a-b", "a*b"):
        path = directory / f"{name}.duckdb"
        built = diorama("build", "-q", "--select", "gen__run", "--database", path)
        assert built.exit_code == 0, (name, built.stderr)
        assert fingerprints(diorama, path)["gen__run"][0] == 1
        exported = diorama(
            *("export", "-q", "--to", directory / f"{name}.out", "--database", path),
            *("--table", "gen__run"),
        )
        assert exported.exit_code == 0, (name, exported.stderr)
        (file,) = (directory / f"{name}.out").rglob("*.parquet")
        assert file.stat().st_size > 0
    # the export of a-b is none of a*b, and the folder above holds no values
    compared = diorama("diff", directory / f"{name}.out", path)
    assert compared.exit_code == 0, compared.stdout
    for name in ("raw", "Marts"):
        path = directory / f"{name}.duckdb"
        refused = diorama("build", "-q", "--select", "gen__run", "--database", path)
        assert refused.exit_code == 2
        assert refused.stderr == (
            f"Error: A database file cannot be named '{name}.duckdb', because '{name}' is the "
            f"name of a schema in it. Choose another name, such as my_{name}.duckdb.\n"
        )
        assert not path.exists()
    # at which DuckDB would look for another file
    for options in (
        ("--database", directory / "a?b.duckdb"),
        ("--shards", 2, "--to", directory / "a?b"),
    ):
        refused = diorama("build", "-q", "--world", "feed", *options)
        assert refused.exit_code == 2
        assert "reads what follows a ? in a path as parameters" in refused.stderr


@pytest.mark.parametrize(
    ("path", "is_refused"),
    [
        *((f"{name}.duckdb", True) for name in ("main", "temp", "System", "it's")),
        *((path, True) for path in ('qu"o.db', "a#b.db", "pr#1/x.duckdb", "a?b.db")),
        *(
            (path, False)
            for path in ("my main.duckdb", "a.b.duckdb", "ü-1", "it's/x.db")
        ),
    ],
)
def test_dbt_alone_refuses_a_file_whose_name_it_misreads(path, is_refused, tmp_path):
    """Before it connects. What it takes for the name is left to the adapter."""
    macros = Macros(Project(ROOT), {})
    credentials = DuckDBCredentials(
        database=DuckDBCredentials.path_derived_database_name(f"{tmp_path}/{path}"),
        path=f"{tmp_path}/{path}",
        schema="main",
    )
    for target in (credentials, DuckDBCredentials("memory", "main")):
        macros["target"] = target
        macros["dbt"] = SimpleNamespace(
            generate_database_name=lambda *_, name=target.database: name
        )
        if is_refused and target is credentials:
            with pytest.raises(UsageError, match="--target attached"):
                macros["generate_database_name"]()
        else:
            assert macros["generate_database_name"]() == target.database


def test_a_fingerprint_ignores_order_and_sees_a_value_a_null_and_a_copy(
    diorama, built, copied
):
    table = "staging.stg_feed__events"

    def after(*statements: str) -> tuple[int, str]:
        with duckdb.connect(copied) as connection:
            for statement in statements:
                connection.execute(statement)
        return fingerprints(diorama, copied, "--table", "stg_feed__events")[
            "stg_feed__events"
        ]

    rows, original = fingerprints(diorama, built)["stg_feed__events"]
    assert after(
        f"create table shuffled as select * from {table} order by hash(event_id)",
        f"truncate {table}",
        f"insert into {table} from shuffled",
    ) == (rows, original)
    cards = f"from {table} where starts_with(content_id, 'card_')"
    starts = f"from {table} where event_name = 'session_start'"
    seen = {original}
    for value, event in (
        ("'card_x'", f"select min(event_id) {cards}"),
        ("null", f"select max(event_id) {cards}"),
        ("''", f"select min(event_id) {starts}"),
    ):
        change = f"update {table} set content_id = {value} where event_id = ({event})"
        seen.add(after(change)[1])
    seen.add(after(f"insert into {table} from {table} limit 1")[1])
    assert len(seen) == 5


LITTLE = 2**64 - 1


def hash_64(number: int) -> int:
    """DuckDB's hash of a BIGINT, a published mixer."""
    number &= LITTLE
    for _ in range(2):
        number = (number ^ number >> 32) * 0xD6E8FEB86659FD93 & LITTLE
    return number ^ number >> 32


def hash_128(number: int) -> int:
    return hash_64(number) ^ hash_64(number >> 64 & LITTLE)


def content_number(value: object) -> int:
    """What `diorama.sql.content_number` documents."""
    match value:
        case None:
            return 16045690984503098046
        case bool() | int():
            return hash_64(value)
        case float():
            return hash_64(int.from_bytes(struct.pack(">d", value)))
        case Decimal():
            return hash_128(int(value * 100))
        case uuid.UUID():
            return hash_128(value.int ^ 1 << 127)
        case datetime():
            return hash_64((value - datetime(1970, 1, 1)) // timedelta(microseconds=1))
        case str():
            text = value.encode()
            if not text:
                return 0
            if len(text) <= 16:
                return len(text) ^ hash_128(int.from_bytes(text))
            if len(text) == len(value) <= 48:
                first, second, third = (
                    hash_128(int.from_bytes(text[start : start + 16]))
                    if text[start:]
                    else 0
                    for start in (0, 16, 32)
                )
                return hash_64(first ^ hash_64(second ^ third))
            return int.from_bytes(hashlib.md5(text).digest()[8:], "little")
    raise NotImplementedError(type(value))


def test_a_fingerprint_is_the_same_for_ever(tmp_path):
    """Against Python, so that no version of DuckDB or of dbt changes it."""
    rows = [
        (1, 0.1, "a", None, datetime(2024, 9, 1, 12, 0, 0, 500000), True, "x" * 48),
        (-2, 1e-9, "", "b" * 16, None, False, "y" * 49),
        (2**62, -1.5, "umläut", "c" * 17, datetime(1969, 1, 1), None, "z" * 33),
        (0, 0.0, "ä" * 9, "d" * 32, datetime(2024, 1, 1), True, None),
    ]
    ids = [uuid.UUID(int=7), None, uuid.UUID(int=2**127 + 5), uuid.UUID(int=2**128 - 1)]
    prices = [Decimal("1.50"), Decimal("-3.25"), None, Decimal("9999999999.99")]
    with connected(str(tmp_path)) as connection:
        connection.execute(
            "create table golden (a bigint, b double, c varchar, d varchar, "
            "e timestamp, f boolean, g varchar, h uuid, i decimal(12, 2))"
        )
        expected = 0
        for row in [
            (*row, *more) for row, *more in zip(rows, ids, prices, strict=True)
        ]:
            connection.execute(
                f"insert into golden values ({', '.join('?' * len(row))})",
                row,
            )
            expected += functools.reduce(
                lambda chained, value: hash_64(chained ^ content_number(value)),
                row,
                len(row),
            )
        counted = count_rows(connection, "golden", columns_of(connection, "golden"))
    assert counted == (4, f"{expected & LITTLE:016x}")


def test_the_list_has_grain_rows_and_current_values(diorama, built):
    result = diorama("list", "--json", "--database", built)
    assert result.exit_code == 0, result.stderr
    listed = json.loads(result.stdout)
    assert "feed" in listed["worlds"]
    tables = {table["table"]: table for table in listed["tables"]}
    assert tables["gen_feed__users"]["rows"] == 200
    assert all(re.match("One row", table["grain"]) for table in tables.values())
    settings = {setting["name"]: setting for setting in listed["settings"]}
    assert settings["feed_users"]["current"] == 200
    assert settings["feed_users"]["default"] == 50000
    assert settings["feed_users"]["unit"] == "users"
    assert "from 1 to" in settings["feed_users"]["allowed"]
    assert all(setting["meaning"] for setting in settings.values())

    shown = diorama("list", "--world", "feed", "--database", built).stdout
    assert (
        "raw\traw_feed__users\ttable\t200\tOne row per delivered user record" in shown
    )
    assert "gen_feed__users" not in shown
    assert "\tstg_feed__events\t" in shown
    assert "stg_feed__events_validated" not in shown
    everything = diorama("list", "--all", "--database", built).stdout
    assert "\ngenerate\tgen_feed__users\ttable\t200\t" in everything
    assert "\nraw\traw_shop__users\t\t\t" in everything
    shown = diorama("list", "--settings", "--database", built).stdout
    assert "\nfeed_users\t200\t50000\t" in shown


def test_a_file_without_a_catalogue_is_one_line(diorama, tmp_path):
    """As versions left it that kept none, or somebody else's."""
    path = tmp_path / "old.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw.raw_feed__users as select 1 as user_id")
    result = diorama("fingerprint", "--database", path)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "was not built by this version of diorama" in result.stderr
    assert "raw_feed__users" in diorama("list", "--database", path).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        *(["list"], ["fingerprint"], ["explain", "--world", "feed", "--number", "1"]),
        *(["report"], ["build", "--users", "0"], ["export", "--table", "sessions"]),
        ["stream", "--world", "feed", "--sink", "console", "--mode", "burst"],
    ],
)
def test_reading_and_refusing_start_without_dbt(built, tmp_path, arguments):
    """Which alone would take two seconds."""
    if arguments[0] in ("export", "report"):
        arguments = [*arguments, "--to", str(tmp_path / arguments[0])]
    code = (
        "import atexit, sys; "
        "atexit.register(lambda: sys.stderr.write(str('dbt' in sys.modules))); "
        f"from diorama.cli import app; app({[*arguments, '--database', str(built)]})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.endswith("False"), done.stderr


def test_the_list_works_before_the_first_build(diorama, tmp_path):
    result = diorama("list", "--database", tmp_path / "none.duckdb")
    assert result.exit_code == 0
    assert "raw_feed__events" in result.stdout
    assert "diorama build" in result.stderr
    assert os.listdir(tmp_path) == []


def test_a_build_without_memory_says_so_and_leaves_the_tables(
    diorama, copied, monkeypatch
):
    monkeypatch.setenv("DIORAMA_MEMORY_LIMIT", "1MB")
    before = digest(copied)
    options = ["--world", "feed", "--seed", 9, "--users", 2000, "--database", copied]
    result = diorama("build", "-q", *options)
    assert result.exit_code == 1
    *_, last = result.stderr.strip().splitlines()
    assert last.startswith("Error: ")
    assert "ran out of memory" in last
    assert os.listdir(copied.parent) == [copied.name]
    assert digest(copied) == before


def test_failed_steps_are_named_with_what_was_found(capsys, tmp_path):
    steps = [
        Step("stg_feed__users", "model", "success", 1.0, "OK"),
        Step("unique_users", "test", "fail", 0.1, "user_id: 7; n_records: 2"),
        Step(
            "feed__sessions",
            "model",
            "error",
            0.1,
            "Runtime Error in model x\n  Boom",
        ),
    ]
    with pytest.raises(DioramaError, match=r"2 of 3 steps failed; .* was not made"):
        raise_failures(steps, tmp_path / "none.duckdb", "dbt.log")
    assert capsys.readouterr().err.splitlines() == [
        "test unique_users failed: user_id: 7; n_records: 2",
        "model feed__sessions failed: Boom",
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_mid_build_leaves_the_tables_and_no_file(
    diorama, built, copied, number
):
    before = digest(copied)
    process = start("build", "--world", "feed", "--users", 5000, "--database", copied)
    for line in process.stderr:
        if "gen_feed__" in line:
            break
    unfinished = [p for p in copied.parent.iterdir() if p.name.endswith(".building")]
    assert unfinished
    process.send_signal(number)
    _, said = process.communicate(timeout=600)
    # at once, and not when the build was over
    assert "feed__user_daily" not in said
    assert process.returncode == 128 + number
    assert said.strip().splitlines()[-1] == f"Interrupted. {copied} is unchanged."
    assert os.listdir(copied.parent) == [copied.name]
    assert digest(copied) == before


def test_a_selection_is_built_with_the_tests_that_need_nothing_else(diorama, tmp_path):
    """Not those that compare it with a table that is not there; and dbt's log tells of it."""
    path = tmp_path / "world.duckdb"
    options = ["--users", 200, "--select", "+stg_feed__users", "--database", path]
    result = diorama("build", "--json", *options)
    assert result.exit_code == 0, result.stderr
    built = json.loads(result.stdout)
    assert built["tests"] > 0
    assert "feed__user_daily" not in {table["table"] for table in built["tables"]}
    log = Path(os.environ["DBT_LOG_PATH"]) / "dbt.log"
    assert "OK created sql view model staging.stg_feed__users_validated" in (
        log.read_text()
    )


def test_of_two_builds_at_once_one_wins_and_the_other_says_so(tmp_path):
    path = tmp_path / "world.duckdb"
    options = ["-q", "--select", "gen__run", "--database", path]
    processes = [start("build", "--seed", seed, *options) for seed in (1, 2)]
    said = [process.communicate(timeout=600)[1] for process in processes]
    codes = [process.returncode for process in processes]
    assert 0 in codes
    for code, stderr in zip(codes, said, strict=True):
        assert code == 0 or (code == 1 and "another process" in stderr)
    assert os.listdir(tmp_path) == [path.name]
    with duckdb.connect(path, read_only=True) as connection:
        seeds = connection.execute("select seed from generate.gen__run").fetchall()
    assert seeds[0][0] - 1 in [number for number, code in enumerate(codes) if code == 0]


def test_what_a_killed_build_left_is_removed_by_the_next(diorama, copied):
    """Also where nobody has waited for its end, or its number is that of the next one."""
    import socket

    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE
    ) as one:
        one.kill()
        os.waitid(os.P_PID, one.pid, os.WEXITED | os.WNOWAIT)
        leftovers = [
            copied.parent / f".{copied.name}.{socket.gethostname()}.{number}.x.building"
            for number in (999999999, one.pid, os.getpid(), os.getppid())
        ]
        for leftover in leftovers:
            leftover.mkdir()
        result = diorama("build", "-q", "--select", "nothing", "--database", copied)
    assert result.exit_code == 2
    # that of a process which goes on may be in use
    assert [leftover.exists() for leftover in leftovers] == [False] * 3 + [True]
    leftovers[3].rmdir()


@pytest.mark.parametrize("has_database", [True, False])
def test_a_stale_write_ahead_log_does_not_fail_a_build(diorama, tmp_path, has_database):
    """One that holds nothing that DuckDB can read, which opening the file leaves there."""
    path = tmp_path / "world.duckdb"
    if has_database:
        duckdb.connect(path).close()
    stale = tmp_path / "world.duckdb.wal"
    stale.write_bytes(b"stale" * 100)
    result = diorama("build", "-q", "--select", "gen__run", "--database", path)
    assert result.exit_code == 0, result.stderr
    assert os.listdir(tmp_path) == [path.name]
    with duckdb.connect(path, read_only=True) as connection:
        assert connection.sql("from generate.gen__run").fetchall()


def test_a_write_ahead_log_of_another_database_is_named(diorama, tmp_path):
    code = (
        "import duckdb, os, sys; connection = duckdb.connect(sys.argv[1]); "
        "connection.execute('create table numbers as select 1 as number'); os._exit(0)"
    )
    path, other = tmp_path / "world.duckdb", tmp_path / "other.duckdb"
    subprocess.run([sys.executable, "-c", code, other], check=True)
    duckdb.connect(path).execute("create table kept as select 2 as number").close()
    (tmp_path / "other.duckdb.wal").rename(tmp_path / "world.duckdb.wal")
    before = digest(path)
    result = diorama("build", "-q", "--select", "gen__run", "--database", path)
    assert result.exit_code == 1
    assert "The .wal file beside the database is not of this database" in result.stderr
    assert digest(path) == before
