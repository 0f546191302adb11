"""Shards: their union is the world, and an interrupted run goes on where it stopped."""

import glob
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

from diorama.engines import shards as engine

USERS, SHARDS = 400, 2


def run(*arguments: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Runs the command line with a dbt target of its own."""
    return subprocess.run(
        [sys.executable, "-m", "diorama", *arguments],
        capture_output=True,
        text=True,
        env=environment(directory),
    )


def wait_for(condition: Callable[[], Any], process: subprocess.Popen[str]) -> None:
    """Waits for what comes true as long as a process runs, however slow the machine is."""
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


def environment(directory: Path) -> dict[str, str]:
    """The environment with dbt's files below a directory."""
    return {
        **os.environ,
        "DBT_TARGET_PATH": str(directory / "target"),
        "DBT_LOG_PATH": str(directory / "logs"),
    }


def shards_command(to: Path, *more: str) -> list[str]:
    """The command that builds the test's world in shards."""
    return [
        *(
            "build",
            "--world",
            "feed",
            "--users",
            str(USERS),
            "--set",
            "defect_rate=0.1",
        ),
        *("--shards", str(SHARDS), "--jobs", "1", "--to", str(to), *more),
    ]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((), id="in one run"),
        pytest.param(
            (signal.SIGTERM, signal.SIGKILL),
            id="killed and continued",
            marks=pytest.mark.slow,
        ),
    ],
)
def shards(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A directory of shards; the signals stop a run each in its second shard."""
    base = tmp_path_factory.mktemp("shards")
    to = base / "run=1;ü [o*t]'s"
    finished: dict[Path, int] = {}
    for number in request.param:
        process = subprocess.Popen(
            [sys.executable, "-m", "diorama", *shards_command(to)],
            env=environment(base),
            stderr=subprocess.PIPE,
            text=True,
        )
        # a shard's scratch directory is there for as long as it is being built
        wait_for(lambda: list(to.glob(".shard-0001-*.building")), process)
        (worker,) = (
            child
            for child in psutil.Process(process.pid).children()
            if "--multiprocessing-fork" in child.cmdline()
        )
        process.send_signal(number)
        _, said = process.communicate()
        # without anybody to end it, it would build the shard beside the next run
        worker.wait(timeout=600)
        assert list(to.glob(".shard-*")) == []
        assert not (to / "manifest.json").exists()
        receipts = {p: p.stat().st_mtime_ns for p in (to / "shards").glob("*.json")}
        assert [receipt.stem for receipt in receipts] == [f"shard-0000-of-{SHARDS:04d}"]
        assert not finished or receipts == finished
        finished = receipts
        if number == signal.SIGTERM:
            assert process.returncode == 1
            assert "run the same command again to continue" in said

    last = run(*shards_command(to), directory=base)
    assert last.returncode == 0, last.stderr
    for path, written in finished.items():
        assert path.stat().st_mtime_ns == written, "a finished shard was built again"
    return to


def test_the_union_of_the_shards_is_the_world(shards: Path, tmp_path: Path) -> None:
    database = tmp_path / "whole.duckdb"
    built = run(
        *(
            "build",
            "--world",
            "feed",
            "--users",
            str(USERS),
            "--set",
            "defect_rate=0.1",
        ),
        *("--database", str(database), "--no-tests"),
        directory=tmp_path,
    )
    assert built.returncode == 0, built.stderr
    said = run("fingerprint", "--json", "--database", str(database), directory=tmp_path)
    whole = {
        table["name"]: (table["rows"], table["fingerprint"])
        for table in json.loads(said.stdout)
        if table["schema"] != "seeds"
    }
    manifest = json.loads((shards / "manifest.json").read_text())
    merged = {
        name: (table["rows"], table["fingerprint"])
        for name, table in manifest["tables"].items()
    }
    assert merged == {name: whole[name] for name in merged}
    assert {
        "raw_feed__events",
        "feed__user_daily",
        "stg_feed__rejects",
    } <= merged.keys()
    # the files as well, and not only what was counted before they were written
    compared = run(
        *("diff", str(shards), str(database), "--world", "feed"),
        directory=tmp_path,
    )
    assert compared.returncode == 0, compared.stdout
    sums = ("--table", "int_experiments__sufficient_statistics")
    exact = run("diff", str(shards), str(database), *sums, directory=tmp_path)
    assert exact.returncode == 0, exact.stdout


def test_shards_of_one_layer_hold_the_same_rows(shards: Path, tmp_path: Path) -> None:
    only = run(
        *shards_command(
            tmp_path / "raw", "--only", "raw", "--no-tests", "--shards", "2"
        ),
        directory=tmp_path,
    )
    assert only.returncode == 0, only.stderr
    whole, raw = (
        json.loads((directory / "manifest.json").read_text())["tables"]
        for directory in (shards, tmp_path / "raw")
    )
    assert {table["schema"] for table in raw.values()} == {"generate", "raw"}
    for name, table in raw.items():
        assert table["fingerprint"] == whole[name]["fingerprint"], name


def test_the_files_hold_what_the_manifest_says(shards: Path) -> None:
    manifest = json.loads((shards / "manifest.json").read_text())
    listed = {path for table in manifest["tables"].values() for path in table["files"]}
    there = {str(path.relative_to(shards)) for path in shards.rglob("*.parquet")}
    assert {path for path in there if "gen__run" not in path} >= {
        path for path in listed if "gen__run" not in path
    }
    for table in manifest["tables"].values():
        # a name with a * is a pattern to DuckDB
        files = [glob.escape(f"{shards}/{path}") for path in table["files"]]
        counted = duckdb.execute("select count(*) from read_parquet(?)", [files])
        assert counted.fetchall() == [(table["rows"],)]


@pytest.mark.slow
def test_one_shard_rebuilt_alone_equals_itself(shards: Path) -> None:
    to = shards
    receipt = to / "shards" / f"shard-0001-of-{SHARDS:04d}.json"
    before = json.loads(receipt.read_text())["tables"]
    receipt.unlink()
    # another one is missing, so that this one does not merge them all again
    receipt.with_name(f"shard-0000-of-{SHARDS:04d}.json").unlink()
    again = run(*shards_command(to, "--shard", "1"), directory=to.parent)
    assert again.returncode == 0, again.stderr
    assert f"1 of {SHARDS} shards are still to be built, such as 0" in again.stderr
    after = json.loads(receipt.read_text())["tables"]
    assert {name: table["fingerprint"] for name, table in after.items()} == {
        name: table["fingerprint"] for name, table in before.items()
    }


def test_shards_of_another_world_are_refused(shards: Path) -> None:
    to = shards
    other = run(*shards_command(to, "--seed", "7"), directory=to.parent)
    assert other.returncode == 2
    assert "--to" in other.stderr
    assert len(other.stderr.strip().splitlines()) == 1


def test_a_shard_that_fails_leaves_its_log(shards: Path, tmp_path: Path) -> None:
    """A shard whose place cannot be written: a file lies where its folder would be."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "generate").write_text("")
    failed = run(*shards_command(tmp_path / "out"), directory=tmp_path)
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    last = failed.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: Shard 0 failed: ")
    assert (tmp_path / "out" / "shards" / f"shard-0000-of-{SHARDS:04d}").is_dir()
    # and none of those that were finished
    assert list((shards / "shards").glob("*/")) == []


@pytest.mark.parametrize("given", [None, "2GB"])
def test_shards_have_a_gigabyte_each_and_the_merge_has_what_builds_have(
    diorama, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    monkeypatch.delenv("DIORAMA_MEMORY_LIMIT", raising=False)
    if given:
        monkeypatch.setenv("DIORAMA_MEMORY_LIMIT", given)
    seen = {}

    def note(step: str) -> Callable[..., None]:
        return lambda *_: seen.update({step: os.environ.get("DIORAMA_MEMORY_LIMIT")})

    for step in ("_run_processes", "_merge", "_report"):
        monkeypatch.setattr(engine, step, note(step))
    monkeypatch.setattr(engine.ShardsRequest, "receipt", lambda *_: tmp_path)
    monkeypatch.setattr(engine, "_is_finished", lambda *_: False)
    options = ("--world", "feed", "--shards", "2", "--to", tmp_path / "to")
    assert diorama("build", *options).exit_code == 0
    assert seen == {
        "_run_processes": given or "1GB",
        "_merge": given,
        "_report": given,
    }
