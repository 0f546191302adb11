"""What other people have: the wheel without a checkout, a package of dbt, and dbt 2."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import _duckdb
import duckdb
import numpy as np
import pytest

from diorama.project.copy import PROJECT_PARTS

ROOT = Path(__file__).parents[2]
UV = ROOT / ".venv" / "bin" / "uv"


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command as on a machine that knows nothing of the checkout."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DIORAMA_", "DBT_", "VIRTUAL_ENV", "UV_PROJECT"))
    }
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment | {"HOME": str(cwd.parent / "home"), "XDG_CACHE_HOME": ""},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def contents(directory: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(directory)): file.read_bytes()
        for file in directory.rglob("*")
        if file.is_file()
    }


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has the wheel."""
    directory = tmp_path_factory.mktemp("installed")
    uv = UV if UV.exists() else "uv"
    for command in (
        (uv, "build", "--quiet", "--wheel", "--out-dir", directory / "dist"),
        (uv, "venv", "--quiet", directory / "environment"),
    ):
        subprocess.run(command, cwd=ROOT, check=True)
    python = directory / "environment" / "bin" / "python"
    wheel = next((directory / "dist").glob("*.whl"))
    subprocess.run(
        (uv, "pip", "install", "--quiet", "--python", python, wheel), check=True
    )
    return python


def test_the_wheel_builds_a_world_into_the_current_directory(
    python: Path, tmp_path: Path
):
    here = tmp_path / "here"
    here.mkdir()
    package = next(python.parents[1].rglob("diorama/_project"))
    before = contents(package)

    options = ("--world", "feed", "--users", "50", "--only", "staging")
    built = run(python.with_name("diorama"), "build", *options, cwd=here)

    assert built.returncode == 0, built.stderr
    assert [file.name for file in here.iterdir()] == ["diorama.duckdb"]
    assert contents(package) == before
    # and from Python, without parsing the project again
    code = (
        "import diorama; connection = diorama.build('feed', users=20, only='staging', test=False); "
        "print(connection.execute('select count(*) from staging.stg_feed__users').fetchone())"
    )
    assert run(python, "-c", code, cwd=here).stdout == "(20,)\n"


def test_init_copies_the_project_out_and_works_on_the_copy(
    python: Path, tmp_path: Path
):
    copy = tmp_path / "mine"
    made = run(python.with_name("diorama"), "init", "project", copy, cwd=tmp_path)

    assert made.returncode == 0, made.stderr
    for part in PROJECT_PARTS:
        if (ROOT / part).is_dir():
            assert contents(copy / part) == contents(ROOT / part)
        else:
            assert (copy / part).read_bytes() == (ROOT / part).read_bytes()
    code = "from diorama.project import find_project; print(find_project().root)"
    assert run(python, "-c", code, cwd=copy / "models").stdout == f"{copy}\n"

    again = run(python.with_name("diorama"), "init", "project", copy, cwd=tmp_path)
    assert (again.returncode, again.stderr) == (
        1,
        f"Error: {copy} is not empty. Give a directory that is empty or not there yet.\n",
    )


def test_a_project_has_diorama_as_a_package(tmp_path: Path):
    """Settings in its `vars:` count for diorama, below those of the command line."""
    project = Path(shutil.copytree(ROOT / "integration_tests", tmp_path / "project"))
    packages = project / "packages.yml"
    packages.write_text(packages.read_text().replace("../", str(ROOT)))

    dbt = Path(sys.executable).with_name("dbt")
    run(dbt, "deps", cwd=project)
    options = ("--select", "+weekly_revenue", "+experiments__verdicts")
    options += ("--exclude-resource-type", "unit_test")
    built = run(dbt, "build", *options, "--vars", "{shop_users: 200}", cwd=project)
    assert built.returncode == 0, built.stdout[-3000:]
    with duckdb.connect(project / "integration_tests.duckdb") as connection:
        found = connection.execute(
            """
            select
                (select count(*) from generate.gen_shop__users) as users,
                min(session_date)::text as first_day,
                count(*) as days,
                sum(revenue_cents) - (select sum(revenue_cents) from main.weekly_revenue) as lost
            from marts.shop__funnel_daily
            """
        ).fetchall()
        # its own experiment is analysed beside the world's, by the same models
        analysed = connection.execute(
            """
            select experiment_id, metric, control_units, treatment_units, effect
            from marts.experiments__results
            where is_decisive and role = 'primary'
            order by all
            """
        ).fetchall()
        # the world's window is too short for its metrics, but not for its checks
        sources = [
            source
            for (source,) in connection.execute(
                """
                select distinct experiments.source
                from intermediate.int_experiments__experiments as experiments
                natural join marts.experiments__verdicts
                order by all
                """
            ).fetchall()
        ]
        values = connection.execute(
            """
            select
                exposures.variant,
                coalesce(sum(facts.value) filter (date_diff('day', exposures.cohort_week,
                    facts.activity_date) between 0 and 6), 0)::double,
                coalesce(sum(facts.value) filter (date_diff('day', exposures.cohort_week,
                    facts.activity_date) between -7 and -1), 0)::double
            from main.int_our__exposures as exposures
            left join main.int_our__unit_facts as facts
                on exposures.unit_id = facts.unit_id and facts.fact = 'orders'
            group by exposures.unit_id, exposures.variant
            """
        ).fetchall()
    assert found == [(200, "2024-10-01", 30, 0)]
    assert sources == ["shop", "yours"]
    arm, y, x = (np.array(column) for column in zip(*values, strict=True))
    adjusted = y - np.cov(y, x)[0, 1] / np.var(x, ddof=1) * x
    effect = adjusted[arm == "weekly"].mean() - adjusted[arm == "none"].mean()
    ((*declared, measured),) = analysed
    assert declared == ["newsletter", "orders_7d", 200, 200]
    assert measured == pytest.approx(effect, rel=1e-9)

    # and alone, with nothing else of the package
    told = (project / "dbt_project.yml").read_text()
    (project / "dbt_project.yml").write_text(told.replace("[shop]", "[]"))
    (project / "models" / "weekly_revenue.sql").unlink()
    listed = run(
        *(dbt, "--quiet", "ls", "--select", "package:diorama", "--resource-types"),
        *("model", "seed", "--output", "name"),
        cwd=project,
    )
    assert listed.returncode == 0, listed.stdout[-3000:]
    names = listed.stdout.split()
    assert "experiments__results" in names
    assert [name for name in names if "experiments__" not in name] == []


DBT_2 = "dbt-core-experimental-parser==2.0.0a4"


@pytest.mark.slow
def test_dbt_2_makes_the_same_rows(diorama, tmp_path: Path):
    """All worlds, up to the experiments and the truth, by its parser and DuckDB's ADBC driver."""
    uv = UV if UV.exists() else "uv"
    subprocess.run((uv, "venv", "--quiet", tmp_path / "dbt2"), check=True)
    python = tmp_path / "dbt2" / "bin" / "python"
    installing = (uv, "pip", "install", "--quiet", "--python", python, DBT_2)
    if subprocess.run(installing, check=False).returncode:
        pytest.skip(f"{DBT_2} cannot be installed")
    (tmp_path / "duckdb.toml").write_text(
        "manifest_version = 1\n[Driver]\nentrypoint = 'duckdb_adbc_init'\n"
        f"[Driver.shared]\nlinux_amd64 = '{_duckdb.__file__}'\n"
    )
    # the driver is a module of Python, which dbt 2 is not
    library = Path(
        sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
    )
    if not library.is_file():
        pytest.skip("This Python has no shared library, which DuckDB's driver needs")
    settings = {
        **{"feed_users": 50, "learning_users": 30, "shop_users": 60},
        **{"search_sessions_per_day": 20, "experiments_replicates": 2},
        "experiments_bootstrap_replicates": 40,
    }
    built = subprocess.run(
        (
            *(python.with_name("dbt-core-experimental-parser"), "build"),
            *("--project-dir", ROOT, "--profiles-dir", ROOT),
            *("--vars", json.dumps(settings)),
            *("--exclude", "resource_type:test", "resource_type:unit_test"),
        ),
        env=os.environ
        | {
            "ADBC_DRIVER_PATH": str(tmp_path),
            "DBT_LOG_PATH": str(tmp_path / "logs"),
            "DBT_TARGET_PATH": str(tmp_path / "target"),
            "DIORAMA_DATABASE": str(tmp_path / "two.duckdb"),
            "LD_PRELOAD": str(library),
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert built.returncode == 0, built.stdout[-3000:]
    options = [f"--set={name}={value}" for name, value in settings.items()]
    one = tmp_path / "one.duckdb"
    result = diorama("build", "-q", "--no-tests", "--database", one, *options)
    assert result.exit_code == 0, result.stderr
    compared = diorama("diff", one, tmp_path / "two.duckdb")
    assert compared.exit_code == 0, compared.stdout


# the newest DuckDB of which PyPI has the extension
DUCKDB = "duckdb==1.5.5"
READ = """
import json, sys
import duckdb

lake, tables = sys.argv[1:]
with duckdb.connect() as connection:
    connection.execute("load ducklake")
    connection.execute(f"attach '{tables}' as b (read_only)")
    connection.execute(f"attach 'ducklake:{lake}' as a (read_only)")
    names = connection.execute(
        "select table_catalog, table_schema || '.' || table_name from information_schema.tables "
        "where table_catalog in ('a', 'b')"
    ).fetchall()
    of = {each: sorted(n for c, n in names if c == each) for each in "ab"}
    different = [
        name
        for name in of["b"]
        for one, other in ("ab", "ba")
        if connection.execute(
            f"select 1 from (from {one}.{name} except all from {other}.{name}) limit 1"
        ).fetchall()
    ]
    looks = connection.execute("select count(*) from a.snapshots()").fetchall()
print(json.dumps([of["a"], of["b"], different, looks[0][0]]))
"""


@pytest.mark.slow
def test_a_lake_has_the_tables_and_keeps_its_snapshots(
    diorama, built: Path, tmp_path: Path
):
    """By DuckDB 1.5, since PyPI has no DuckLake of 2.0 yet: the same statements in both."""
    uv = UV if UV.exists() else "uv"
    python = tmp_path / "older" / "bin" / "python"
    (tmp_path / "older.txt").write_text(DUCKDB, encoding="utf-8")
    subprocess.run((uv, "venv", "--quiet", tmp_path / "older"), check=True)
    extension = ("duckdb-extensions", "duckdb-extension-ducklake")
    installing = (uv, "pip", "install", "--quiet", "--python", python, ROOT, *extension)
    overriding = ("--override", tmp_path / "older.txt")
    if subprocess.run((*installing, *overriding), check=False).returncode:
        pytest.skip("DuckDB's extension ducklake cannot be installed")
    here = tmp_path / "here"
    for directory in (here, tmp_path / "home"):
        directory.mkdir()
    load = "from duckdb_extensions import import_extension as load; load('ducklake')"
    assert run(python, "-c", load, cwd=here).returncode == 0

    for _ in range(2):
        options = ("--format", "ducklake", "--to", here, "--database", built)
        done = run(python.with_name("diorama"), "export", *options, cwd=here)
        assert done.returncode == 0, done.stderr
    tables = tmp_path / "tables"
    options = ("--format", "duckdb", "--to", tables, "--database", built)
    assert diorama("export", *options).exit_code == 0
    files = (here / "diorama.ducklake", tables / "diorama.duckdb")
    read = run(python, "-c", READ, *files, cwd=here)

    assert read.returncode == 0, read.stderr
    lake, plain, different, looks = json.loads(read.stdout)
    assert lake == plain
    assert "feed.events" in lake
    assert different == []
    assert looks == 3, "the empty lake, and two exports"
