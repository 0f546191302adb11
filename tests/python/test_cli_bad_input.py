"""Wrong use and failures: one clear line, the right exit code, and the tables as they were."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from dbt.cli.main import dbtRunner
from dbt.cli.option_types import YAML

from conftest import digest
from diorama.engines.dbt import DUCKDB, Dbt
from diorama.errors import DioramaError, UsageError, explain
from diorama.project import find_project
from diorama.project.settings import parse_value

WRONG_SETTINGS = {
    "misspelt name": ({"feed_user": 10}, "Did you mean feed_users?"),
    "too small": (
        {"feed_users": -1},
        "'feed_users' is -1, but must be an integer from 1",
    ),
    "text for a number": ({"seed": "abc"}, "'seed' is \"abc\", but must be an integer"),
    "share above one": (
        {"defect_rate": 2},
        "'defect_rate' is 2, but must be a number from 0",
    ),
    "no such day": (
        {"as_of": "2024-13-01"},
        "'as_of' is \"2024-13-01\", but must be a date",
    ),
    "before the start": (
        {"as_of": "2024-01-01"},
        "before the start of every chosen world",
    ),
    "quote and semicolon": (
        {"feed_start_date": "2024-09-01'; drop table users; --"},
        "'feed_start_date' is",
    ),
    "Jinja": ({"feed_session_start": "{{ 1 / 0 }}"}, "must be one of hourly, midnight"),
    "before 1970": (
        {"feed_start_date": "1969-12-20"},
        "but must be a date from 1970-01-02 to 2261-12-31",
    ),
    "past what pandas holds": (
        {"feed_start_date": "9999-12-25"},
        "but must be a date from 1970-01-02 to 2261-12-31",
    ),
    "an end past it": (
        {"feed_start_date": "2261-12-20"},
        "'feed_start_date' is 2261-12-20, and the last of its 40 days",
    ),
    "a history before 1970": (
        {"shop_start_date": "1971-01-01"},
        "'shop_start_date' is 1971-01-01, and the 730 days",
    ),
    "past the last user": (
        {"feed_users": 200, "user_number": 200},
        "'user_number' is 200, but must be below the 200 users of the feed world",
    ),
    "the name of all": ({"settings": 1}, "There is no setting 'settings'"),
    "infinite": ({"late_rate": "inf"}, "'late_rate' is \"inf\", but must be a number"),
    "beyond a double": ({"late_rate": "1e400"}, "'late_rate' is 1e400, but a number"),
    "near to zero": ({"late_rate": "1e-400"}, "'late_rate' is 1e-400, but a number"),
    "endless": ({"seed": "9" * 5000}, "an integer has at most 100 digits"),
    "Jinja statement": ({"seed": "{% do 1 / 0 %}"}, "'seed' is"),
}


def assert_one_line(stderr: str, expected: str) -> None:
    lines = stderr.strip().splitlines()
    assert len(lines) == 1, stderr
    assert lines[0].startswith("Error: ")
    assert expected in lines[0]
    assert "Traceback" not in stderr


@pytest.mark.parametrize("case", WRONG_SETTINGS)
def test_a_wrong_setting_is_refused_and_the_tables_stay(case, diorama, copied):
    settings, expected = WRONG_SETTINGS[case]
    before = digest(copied)
    assignments = [f"--set={name}={value}" for name, value in settings.items()]
    result = diorama("build", "--quiet", "--database", copied, *assignments)
    assert result.exit_code == 2
    assert_one_line(result.stderr, expected)
    assert digest(copied) == before
    assert os.listdir(copied.parent) == [copied.name]


# The checks are the same macros; one case for each place in which dbt meets a wrong value.
@pytest.mark.parametrize(
    "case", ["misspelt name", "text for a number", "before the start", "Jinja"]
)
def test_plain_dbt_refuses_a_wrong_setting_too(case, workspace, copied, monkeypatch):
    settings, expected = WRONG_SETTINGS[case]
    before = digest(copied)
    root = find_project().root
    monkeypatch.setenv("DIORAMA_DATABASE", str(copied))
    monkeypatch.chdir(root)
    # one parses the project, for 15 seconds, since settings could be read there, too
    manifest, target = None, []
    if case != "Jinja":
        manifest, target = Dbt(find_project(), copied).manifest(), ["--target", DUCKDB]
    result = dbtRunner(manifest=manifest).invoke(
        ["--log-level", "none", "build", *target, "--vars", json.dumps(settings)]
    )
    assert not result.success
    assert "[usage] " in str(result.exception)
    assert expected in str(result.exception)
    assert digest(copied) == before


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--set", "feed_users"], "--set takes name=value"),
        (["--users", "5", "--set", "feed_users=6"], "given twice"),
        (["--world", "fed"], "There is no world 'fed'"),
        (["--world", "custom", "--target", "sail"], "is built on DuckDB only"),
    ],
)
def test_wrong_use_exits_2_before_dbt_starts(diorama, copied, arguments, expected):
    result = diorama("build", "--database", copied, *arguments)
    assert result.exit_code == 2
    assert_one_line(result.stderr, expected)


def test_a_file_where_a_built_world_is_read_is_told_from_a_wrong_name(diorama):
    result = diorama("list", "--world", "coffee.yml")
    assert result.exit_code == 2
    assert_one_line(result.stderr, "its world is --world custom")


@pytest.mark.parametrize(
    "arguments", [["build", "--threads", "0"], ["export"], ["bild"]]
)
def test_wrong_options_exit_2(diorama, arguments):
    assert diorama(*arguments).exit_code == 2


def test_a_world_without_an_option_says_so(diorama, monkeypatch, copied):
    monkeypatch.setattr(
        "diorama.project.Project.settings",
        {"search_start_date": {}, "search_sessions_per_day": {}},
    )
    result = diorama("build", "--world", "search", "--users", 5, "--database", copied)
    assert result.exit_code == 2
    assert_one_line(result.stderr, "has no setting search_users")


@pytest.mark.parametrize("place", ["file/world.duckdb", "missing/world.duckdb"])
def test_a_database_below_no_directory_fails_with_1(diorama, tmp_path, place):
    (tmp_path / "file").write_text("")
    result = diorama("build", "--database", tmp_path / place)
    assert result.exit_code == 1
    assert_one_line(result.stderr, str((tmp_path / place).parent))
    assert os.listdir(tmp_path) == ["file"]


def test_an_export_below_a_file_fails_with_1(diorama, built, tmp_path):
    (tmp_path / "file").write_text("")
    result = diorama("export", "--to", tmp_path / "file" / "x", "--database", built)
    assert result.exit_code == 1
    assert_one_line(result.stderr, "cannot be made")


def test_a_file_that_is_no_database_is_left_alone(diorama, tmp_path):
    path = tmp_path / "notes.duckdb"
    path.write_text("shopping list " * 1000)
    before = digest(path)
    result = diorama("build", "--quiet", "--database", path)
    assert result.exit_code == 1
    assert_one_line(result.stderr, "not a DuckDB database")
    assert digest(path) == before


def test_a_locked_database_fails_with_1_and_stays(diorama, copied):
    before = digest(copied)
    hold = (
        "import duckdb, sys; connection = duckdb.connect(sys.argv[1]); "
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, copied],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout.readline().strip() == b"held"
        commands = [
            ["build", "--quiet"],
            ["fingerprint"],
            ["export", "--to", copied.parent / "out"],
        ]
        results = [diorama(*command, "--database", copied) for command in commands]
        listed = diorama("list", "--database", copied)
        holder.stdin.close()
    for result in results:
        assert result.exit_code == 1
        assert_one_line(result.stderr, "in use by another process")
        assert str(holder.pid) in result.stderr
    assert listed.exit_code == 0
    assert "No row counts" in listed.stderr
    assert digest(copied) == before


@pytest.mark.parametrize("command", [["fingerprint"], ["export", "--to", "x"]])
def test_without_a_database_the_line_says_how_to_make_one(diorama, tmp_path, command):
    result = diorama(*command, "--database", tmp_path / "none.duckdb")
    assert result.exit_code == 1
    assert_one_line(result.stderr, "Build one with `diorama build`")
    assert not (tmp_path / "none.duckdb").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["explain", "--number", "0"],
        ["fingerprint"],
        ["export", "--to", "x"],
        ["diff", "{built}", "{built}"],
        ["report", "--to", "x.html"],
        ["stream", "--mode", "burst", "--sink", "console"],
    ],
    ids=lambda command: command[0],
)
def test_a_world_that_is_not_built_is_named_with_its_command(diorama, built, command):
    arguments = [part.format(built=built) for part in command]
    place = [] if command[0] == "diff" else ["--database", built]
    for world, advice in (
        ("shop", "does not hold the world shop. Build it with `diorama build --world"),
        (
            "custom",
            "does not hold a world of your own. Write its file with `diorama init",
        ),
    ):
        result = diorama(*arguments, *place, "--world", world)
        assert result.exit_code == 1
        assert_one_line(result.stderr, advice)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--table", "event"], "Did you mean events"),
        (["--partition-by", " "], "takes the name of a column, but got none"),
        (["--partition-by", "nonsense"], "No exported table has a column 'nonsense'"),
        (["--sort-by", "nonsense"], "No exported table has a column 'nonsense'"),
        (["--sort-by", "user_id", "--no-sort"], "contradict each other"),
        (["--format", "duckdb", "--partition-by", "event_date"], "are for files"),
        (["--table", "events", "--partition-by", "session_id"], "at most 2000 folders"),
        (["--format", "csv", "--compression", "snappy"], "gzip, zstd or none"),
    ],
)
def test_a_wrong_export_exits_2_and_writes_nothing(
    diorama, built, tmp_path, arguments, expected
):
    result = diorama("export", "--to", tmp_path, "--database", built, *arguments)
    assert result.exit_code == 2
    assert_one_line(result.stderr, expected)
    assert os.listdir(tmp_path) == []


def test_a_selection_without_models_exits_2(diorama, copied):
    before = digest(copied)
    result = diorama("build", "-q", "--select", "nothing_at_all", "--database", copied)
    assert result.exit_code == 2
    assert_one_line(result.stderr, "no model")
    assert digest(copied) == before


def test_a_full_disk_is_named():
    for text in (
        "[Errno 28] No space left on device",
        'IO Error: Could not write file "x": No space left on device',
    ):
        error = explain(text, "dbt.log")
        assert "disk is full" in str(error)
        assert error.exit_code == 1


def test_an_unknown_failure_shows_its_line_and_the_log():
    error = explain(
        "Encountered an error:\nRuntime Error in model x\n  Boom happened", "dbt.log"
    )
    assert isinstance(error, DioramaError)
    assert not isinstance(error, UsageError)
    assert str(error) == "Boom happened. Details are in dbt.log."


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10),
        ("-1", -1),
        ("0.05", 0.05),
        ("1e6", 1e6),
        ("0.00001", 1e-5),
        ("0e-999", 0.0),
        ("nan", "nan"),
        ("true", True),
        ("null", None),
        ("2024-09-01", "2024-09-01"),
        ("042", "042"),
        ("1:30", "1:30"),
        ("no", "no"),
        ("1_000", "1_000"),
        ("{{ 1 }}", "{{ 1 }}"),
        ("[1]", "[1]"),
    ],
)
def test_a_value_is_one_scalar_of_yaml_1_2(text, value):
    assert parse_value(text) == value
    assert type(parse_value(text)) is type(value)


def test_the_working_directory_does_not_matter(diorama, built, monkeypatch):
    monkeypatch.chdir(built.parent)
    assert (
        diorama(
            "fingerprint", "--table", "gen__run", "--database", built.name
        ).exit_code
        == 0
    )
    assert Path.cwd() == built.parent


@pytest.mark.parametrize("value", [1e-5, 1e22, 5e-324, 0.1, 3, True, None, "1e5", "no"])
def test_dbt_reads_every_value_as_it_was_given(value):
    """YAML 1.1, which dbt reads, takes JSON's 1e-05 for a text."""
    arguments = Dbt(find_project(), ":memory:", {"late_rate": value}).variable_options()
    option = SimpleNamespace(opts=["--vars"])
    assert YAML().convert(arguments[1], option, None) == {"late_rate": value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DIORAMA_MEMORY_LIMIT", "abc"),
        ("DIORAMA_MEMORY_LIMIT", "-1GB"),
        ("DIORAMA_MEMORY_LIMIT", "0GB"),
        ("DIORAMA_MEMORY_LIMIT", "5"),
        ("DIORAMA_MEMORY_LIMIT", "nan GB"),
        ("DIORAMA_THREADS", "2000"),
        ("DIORAMA_THREADS", "-1"),
        ("DIORAMA_SPARK_PORT", "99999"),
    ],
)
def test_a_wrong_variable_of_the_environment_is_refused(
    diorama, monkeypatch, name, value
):
    monkeypatch.setenv(name, value)
    result = diorama("list")
    assert result.exit_code == 2
    assert_one_line(result.stderr, f"{name} is '{value}', but must be")


LONG = "x" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ["build", "--database", LONG],
        ["build", "--shards", "2", "--to", LONG],
        ["list", "--database", LONG],
        ["fingerprint", "--database", LONG],
        ["export", "--to", LONG],
        ["explain", "--world", "feed", "--number", "1", "--database", LONG],
        ["report", "--to", LONG],
        ["build", "--world", "learning", "--raw", LONG],
        ["diff", LONG],
        ["stream", "--output-dir", LONG],
    ],
    ids=lambda arguments: " ".join(arguments[:-1]),
)
def test_a_name_of_300_characters_is_one_line(diorama, built, arguments):
    ours = [] if "--database" in arguments else ["--database", built]
    ours = [] if arguments[0] == "diff" or "--shards" in arguments else ours
    ours += ["--world", "feed"] if arguments[0] == "stream" else []
    result = diorama(*arguments, *ours)
    assert result.exit_code in (0, 1), result.output
    if arguments[0] != "list":
        assert_one_line(result.stderr, "File name too long")
    assert not result.exception or isinstance(result.exception, SystemExit)
