"""Fixtures that several test modules share."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from diorama.cli import app
from worlds import worlds  # noqa: F401 (a fixture)

Diorama = Callable[..., Result]


def digest(path: Path) -> str | None:
    """The content of a file as one number; None where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


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
def first_build(workspace: Path, diorama: Diorama) -> tuple[Path, Result]:
    """The file of a feed world of 200 users, and what its build printed."""
    path = workspace / "built" / "world.duckdb"
    path.parent.mkdir()
    result = diorama("build", "--world", "feed", "--users", 200, "--database", path)
    assert result.exit_code == 0, result.stderr
    return path, result


@pytest.fixture(scope="session")
def built(first_build: tuple[Path, Result]) -> Path:
    """A feed world of 200 users; do not change it."""
    return first_build[0]


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Path:
    """A copy of the built world, to be changed."""
    return Path(shutil.copy(built, tmp_path / "world.duckdb"))
