"""Every engine makes the same rows: a small feed world on each, compared with DuckDB's."""

import os
import subprocess
import sys
from glob import glob
from pathlib import Path

import duckdb
import pytest

from diorama.engines import spark
from diorama.errors import DioramaError

# a catalogue of the default size has half a million weights, whatever the users
SMALL = (
    *("--users", 300, "--set", "shop_items=60", "--set", "shop_futures=2"),
    # the search world has sessions instead of users
    *("--set", "search_sessions_per_day=40", "--set", "search_days=4"),
    *("--set", "search_user_pool_size=60"),
)
# whose marts other engines plan for minutes
WITHOUT_EXPERIMENTS = ("--exclude", "tag:experiments,resource_type:model")
# what Sail's planner fails on (docs/engines.md), and what takes it longest
UNPLANNED = (
    *("--exclude", "experiments__sequential"),
    *("--exclude", "int_experiments__bootstrap_replicates+"),
    *("--exclude", "truth__sequential_units+"),
)
WITHOUT_TESTS = (
    *("--exclude", "resource_type:test"),
    *("--exclude", "resource_type:unit_test"),
)
LAYERS = ("seeds", "generate", "raw", "staging", "intermediate", "marts", "truth")
EVENTS = ("--world", "feed", "--only", "staging", "--no-tests")
STAGED = LAYERS[:4]
COMPARED = """
    select schema_name, table_name from duckdb_tables()
    where database_name = 'world' and schema_name in {layers}
    order by all
"""


def installed(target: str) -> bool:
    try:
        spark.check_installed(target)
    except DioramaError:
        return False
    return True


def run_diorama(
    *arguments: object, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs `diorama` in a process of its own, because an engine's session lasts as long as that."""
    return subprocess.run(
        [sys.executable, "-m", "diorama", *map(str, arguments)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def differences(world: Path, files: str, layers: tuple[str, ...] = LAYERS) -> list[str]:
    """The tables whose rows are not those of DuckDB, counted; doubles to 1e-12, relatively.

    Args:
        world: The DuckDB file.
        files: The pattern of a table's Parquet files, with {schema} and {name}.
        layers: The layers that were built.
    """
    found = []
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{world}' as world (read_only)")
        tables = connection.execute(COMPARED.format(layers=layers)).fetchall()
        assert {schema for schema, _ in tables} == set(layers)
        for schema, name in tables:
            columns = connection.execute(f"describe world.{schema}.{name}").fetchall()
            ours = ", ".join(rounded(f'"{column[0]}"', column[1]) for column in columns)
            theirs = ", ".join(
                rounded(f'cast("{column[0]}" as {column[1]})', column[1])
                for column in columns
            )
            left = f"select {ours} from world.{schema}.{name}"
            pattern = files.format(schema=schema, name=name)
            right = f"select {theirs} from '{pattern}'"
            if not glob(pattern):
                # an engine may write no file for a table without rows
                right = f"{left} where false"
            missing, extra = (
                connection.execute(
                    f"select count(*) from ({a} except all {b})"
                ).fetchall()[0][0]
                for a, b in ((left, right), (right, left))
            )
            if missing or extra:
                found.append(f"{schema}.{name}: {missing} rows missing, {extra} extra")
    return found


def rounded(expression: str, dtype: str) -> str:
    """A column as it is compared: a DOUBLE as text of thirteen digits."""
    return f"format('{{:.12e}}', {expression})" if dtype == "DOUBLE" else expression


@pytest.fixture(scope="module")
def events(workspace: Path) -> Path:
    """One world, up to what is staged."""
    path = workspace / "events.duckdb"
    result = run_diorama("build", *SMALL, *EVENTS, "--database", path)
    assert result.returncode == 0, result.stderr
    return path


@pytest.fixture(scope="module")
def world(workspace: Path) -> Path:
    path = workspace / "engines" / "world.duckdb"
    path.parent.mkdir()
    options = [*WITHOUT_EXPERIMENTS, *WITHOUT_TESTS, "--database", path]
    result = run_diorama("build", *SMALL, *options)
    assert result.returncode == 0, result.stderr
    return path


@pytest.mark.skipif(not installed("sail"), reason="the extra sail is not installed")
def test_sail_builds_the_same_events(events: Path, tmp_path: Path) -> None:
    """The build begins with check_engine's known values of mix()."""
    options = ("--target", "sail", "--to", tmp_path / "sail")
    result = run_diorama("build", *SMALL, *EVENTS, *options)
    assert result.returncode == 0, result.stderr
    pattern = f"{tmp_path}/sail/{{schema}}/{{name}}/*.parquet"
    assert differences(events, pattern, STAGED) == []


@pytest.mark.slow
@pytest.mark.skipif(not installed("sail"), reason="the extra sail is not installed")
def test_sail_builds_the_same_rows(world: Path, tmp_path: Path) -> None:
    """Of all worlds and layers."""
    options = [*WITHOUT_EXPERIMENTS, *WITHOUT_TESTS, "--to", tmp_path / "sail"]
    result = run_diorama("build", "--target", "sail", *SMALL, *options)
    assert result.returncode == 0, result.stderr
    assert differences(world, f"{tmp_path}/sail/{{schema}}/{{name}}/*.parquet") == []


@pytest.mark.slow
@pytest.mark.skipif(not installed("sail"), reason="the extra sail is not installed")
def test_sail_makes_the_same_experiments(tmp_path: Path) -> None:
    """Of the feed, as far as Sail can plan them; thirteen digits are compared."""
    world = tmp_path / "world.duckdb"
    few = ("--world", "feed", "--users", 60, "--set", "experiments_replicates=5")
    for options in (
        ("--database", world),
        ("--target", "sail", "--to", tmp_path / "sail"),
    ):
        result = run_diorama("build", *few, *WITHOUT_TESTS, *UNPLANNED, *options)
        assert result.returncode == 0, result.stderr
    assert differences(world, f"{tmp_path}/sail/{{schema}}/{{name}}/*.parquet") == []


@pytest.mark.spark
@pytest.mark.skipif(
    not installed("spark"), reason="Java or the extra spark is not installed"
)
@pytest.mark.parametrize("master", ["local[2]", "local-cluster[2,1,1024]"])
def test_spark_builds_the_same_rows(world: Path, tmp_path: Path, master: str) -> None:
    """The data tests run once, on threads; two executor processes only build."""
    result = run_diorama(
        *("build", "--target", "spark", *SMALL, *WITHOUT_EXPERIMENTS),
        *("--to", tmp_path / "spark"),
        *(WITHOUT_TESTS if master != "local[2]" else []),
        DIORAMA_SPARK_MASTER=master,
    )
    assert result.returncode == 0, result.stderr
    assert (
        differences(world, f"{tmp_path}/spark/{{schema}}.db/{{name}}/*.parquet") == []
    )


def test_a_difference_is_found(events: Path, tmp_path: Path) -> None:
    with duckdb.connect(events, read_only=True) as connection:
        tables = connection.execute(
            f"select schema_name, table_name from duckdb_tables() where schema_name in {LAYERS}"
        ).fetchall()
        for schema, name in tables:
            directory = tmp_path / schema / name
            directory.mkdir(parents=True)
            changed = ", -event_id as event_id" if name == "stg_feed__events" else ""
            replaced = "* exclude (event_id)" if changed else "*"
            connection.execute(
                f"copy (select {replaced}{changed} from {schema}.{name}) "
                f"to '{directory}/part.parquet'"
            )
    found = differences(events, f"{tmp_path}/{{schema}}/{{name}}/*.parquet", STAGED)
    assert [line.split(":")[0] for line in found] == ["staging.stg_feed__events"]


@pytest.mark.parametrize(
    ("target", "package", "install"),
    [
        ("sail", "pysail", "uv sync --extra sail"),
        ("spark_connect", "pyspark", "uv sync --extra sail"),
        (
            "spark",
            "pyspark",
            "UV_PROJECT_ENVIRONMENT=.venv-spark uv sync --extra spark",
        ),
    ],
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, target: str, package: str, install: str
) -> None:
    find_spec = spark.importlib.util.find_spec
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    monkeypatch.setattr(
        spark.importlib.util,
        "find_spec",
        lambda name: None if name == package else find_spec(name),
    )
    with pytest.raises(DioramaError, match=f"needs the package {package}.*{install}"):
        spark.check_installed(target)


def test_missing_java_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(
        DioramaError, match=r"needs Java, and there is none. Install Java 17"
    ):
        spark._check_java()


def test_old_java_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(DioramaError, match=r"needs Java 17, and .* is older"):
        spark._check_java()


@pytest.mark.skipif(not installed("sail"), reason="the extra sail is not installed")
def test_an_unreachable_connect_server_is_one_line() -> None:
    result = run_diorama(
        *("build", "--target", "spark_connect"), SPARK_REMOTE="sc://127.0.0.1:9"
    )
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "There is no server at sc://127.0.0.1:9" in result.stderr


@pytest.mark.skipif(not installed("sail"), reason="the extra sail is not installed")
def test_sail_does_not_build_over_a_directory(tmp_path: Path) -> None:
    result = run_diorama("build", "--target", "sail", "--to", tmp_path)
    assert result.returncode == 2
    assert f"{tmp_path} exists" in result.stderr


@pytest.mark.skipif(not installed("sail"), reason="the extra sail is not installed")
def test_plain_dbt_refuses_what_an_engine_cannot_build(
    workspace: Path, tmp_path: Path
) -> None:
    """Without the root key, which the command line passes on, and a declared world."""
    # a file, because the client does not find itself in a program given by -c
    program = tmp_path / "build.py"
    program.write_text(
        "import dataclasses, sys\n"
        "from diorama import errors, project\n"
        "from diorama.engines import dbt, spark\n"
        "remote = {'SPARK_REMOTE': spark._sail_server()}\n"
        "sail = dbt.Dbt(project.find_project(), ':memory:', target='sail', environment=remote)\n"
        "sail.manifest()\n"
        "for variables in {}, {'declared_world': {'name': 'coffee'}}:\n"
        "    try:\n"
        "        given = dataclasses.replace(sail, variables=variables)\n"
        "        given.build(['gen__run'], [], False, dbt.Watcher())\n"
        "    except errors.UsageError as error:\n"
        "        print(error, file=sys.stderr)\n"
    )
    result = subprocess.run([sys.executable, program], capture_output=True, text=True)
    root_key, declared = result.stderr.splitlines()
    assert "needs the setting root_key" in root_key
    assert declared == (
        "A world of your own is built on DuckDB only, but the target is sail. "
        "Leave --target out, or the world."
    )


def test_options_of_duckdb_are_refused_elsewhere(workspace: Path) -> None:
    for option in (["--threads", "2"], ["--database", workspace / "x.duckdb"]):
        result = run_diorama("build", "--target", "sail", *option)
        assert result.returncode == 2
        assert "are for DuckDB, but" in result.stderr
    assert not (workspace / "x.duckdb").exists()
