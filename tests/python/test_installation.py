"""What a person without a checkout has: the wheel, in an environment and a directory of its own."""

import os
import subprocess
from pathlib import Path

import pytest

from diorama.init import PROJECT_PARTS

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
