"""Fixtures that several test modules share."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from filelock import FileLock
from typer.testing import CliRunner

from diorama.cli import app
from worlds import Worlds, worlds  # noqa: F401 (a fixture)

# each process has a core to itself, on which threads of NumPy and scikit-learn only wait; those of
# their libraries are counted when they are imported, by test modules
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

Diorama = Callable[..., Result]
UV = Path(sys.executable).with_name("uv")

# Start first, so that no process is left alone with one at the end: a file is one process's.
LONGEST_FIRST = (
    *("test_cli_build", "test_own_world", "test_docs", "test_feed_settings"),
    *("test_fit", "test_report", "test_conventions", "test_data_tests"),
    *("test_experiments_results", "test_installation", "test_learning_marts"),
    *("test_shop_statistics", "test_learning_statistics", "test_shop_training"),
    *("test_experiments_inputs_feed_learning", "test_cli_shards", "test_analyse"),
    *("test_experiments_inputs_shop_search", "test_engines", "test_feed_invariance"),
    *("test_experiments_claims", "test_experiments_invariance", "test_raw_files"),
    *("test_bench", "test_shop_settings", "test_search_invariance"),
    *("test_cli_export", "test_cli_bad_input", "test_learning_settings"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


def digest(path: Path) -> str | None:
    """The content of a file as one number; None where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def with_duckdb(version: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs Python with another version of DuckDB, from PyPI, and nothing else."""
    python = [UV, "run", "--quiet", "--no-project", "--isolated"]
    python += ["--python", sys.executable, "--with", f"duckdb=={version}", "python"]

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [str(part) for part in (*python, *arguments)]
        return subprocess.run(command, capture_output=True, text=True)

    try:
        installed = run("-c", "import duckdb")
    except FileNotFoundError:
        pytest.skip(f"There is no {UV}.")
    if installed.returncode != 0:
        pytest.skip(f"DuckDB {version} cannot be installed: {installed.stderr[-300:]}")
    return run(*arguments)


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory for databases, with dbt's target and logs away from the work tree."""
    directory = tmp_path_factory.mktemp("diorama")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_TARGET_PATH", str(directory / "target"))
        patch.setenv("DBT_LOG_PATH", str(directory / "logs"))
        patch.setenv("DIORAMA_DATABASE", str(directory / "default.duckdb"))
        patch.setenv("DIORAMA_THREADS", "2")
        yield directory


@pytest.fixture(scope="session")
def diorama(workspace: Path) -> Diorama:
    """Runs `diorama` in this process and returns exit_code, stdout and stderr."""
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="session")
def first_build(
    worlds: Worlds,  # noqa: F811 (the fixture)
    diorama: Diorama,
) -> tuple[Path, dict[str, str]]:
    """The file of a feed world of 200 users, and what its build printed, by stream."""
    path = worlds.shared / "first_build" / "world.duckdb"
    printed = worlds.shared / "first_build.json"
    with FileLock(worlds.shared / "first_build.lock"):
        if not printed.exists():
            path.parent.mkdir()
            options = ("--world", "feed", "--users", 200, "--database", path)
            result = diorama("build", *options)
            assert result.exit_code == 0, result.stderr
            said = {"stdout": result.stdout, "stderr": result.stderr}
            printed.write_text(json.dumps(said))
    return path, json.loads(printed.read_text())


@pytest.fixture(scope="session")
def built(first_build: tuple[Path, dict[str, str]]) -> Path:
    """A feed world of 200 users; do not change it."""
    return first_build[0]


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Path:
    """A copy of the built world, to be changed."""
    return Path(shutil.copy(built, tmp_path / "world.duckdb"))
