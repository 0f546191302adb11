"""The bench measures what it says, on a world small enough for every run of the tests."""

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_bench_times_each_layer_and_the_copy(tmp_path: Path) -> None:
    results = tmp_path / "results"
    command = [sys.executable, str(ROOT / "bench" / "feed.py"), "--users", "100"]
    command += ["--directory", str(tmp_path / "work"), "--results", str(results)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

    (file,) = results.glob("*.json")
    (run,) = json.loads(file.read_text())["runs"]
    assert run["users"] == 100
    assert 5_000 < run["events"] < 12_000
    layers = run["layer_seconds"]
    assert {"generation", "staging", "intermediate", "marts", "tests"} <= set(layers)
    assert 0 < sum(layers.values()) < run["wall_seconds"]
    assert len(run["copy_seconds"]) == 3
    # an interpreter with dbt and DuckDB in it, and no more than a small world
    assert 50_000_000 < run["peak_bytes"] < 2_000_000_000
    assert not list((tmp_path / "work").glob("*"))


def test_a_second_record_of_a_day_does_not_replace_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "bench")
    records = importlib.import_module("records")
    for number in range(3):
        records.write_record(records.new_record(tmp_path, "fit"), {"run": number})
    kept = [json.loads(file.read_text())["run"] for file in tmp_path.iterdir()]
    assert sorted(kept) == [0, 1, 2]


@pytest.mark.slow
def test_the_bench_of_analyses_holds_facts_against_a_join(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "bench" / "analyse.py"), "--scale", "0.01"]
    done = subprocess.run(
        [*command, "--results", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = tmp_path.glob("*.json")
    runs = {run["what"]: run for run in json.loads(file.read_text())["runs"]}
    assert set(runs) == {"units", "moments", "facts", "plain join of facts"}
    assert all(run["cpu_seconds"] > 0 for run in runs.values())


@pytest.mark.slow
def test_the_bench_of_a_declared_world_runs_each_table_without_dbt(
    tmp_path: Path,
) -> None:
    command = [sys.executable, str(ROOT / "bench" / "own_world.py")]
    command += ["--events", "20000", "--events", "40000", "--results", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = tmp_path.glob("*.json")
    result = json.loads(file.read_text())
    assert result["targets"] == []
    assert 1.5 < result["growth"][0]["events"] < 2.5
    for run in result["runs"]:
        assert 0.7 < run["events"] / run["asked"] < 1.3
        assert {"raw_custom__events", "raw_custom__users"} <= set(run["models"])
        assert {"gen_custom__baseline_steps", "gen_custom__treated_steps"} <= set(
            run["models"]
        )
        assert 0 < run["cpu_seconds"] < run["build"]["cpu_seconds"]
        assert len(run["copies"]) == 3


@pytest.mark.slow
def test_the_bench_of_generation_holds_raw_tables_against_the_copy(
    tmp_path: Path,
) -> None:
    command = [sys.executable, str(ROOT / "bench" / "generation.py")]
    command += ["--share", "0.002", "--results", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = tmp_path.glob("*.json")
    worlds = json.loads(file.read_text())["worlds"]
    assert set(worlds) == {"feed", "learning", "shop", "search"}
    for name, run in worlds.items():
        assert any(model.startswith(f"raw_{name}__") for model in run["models"])
        assert run["times_copy"] > 1


@pytest.mark.slow
def test_the_bench_of_fits_holds_them_against_plain_passes(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "bench" / "fit.py"), "--scale", "0.01"]
    done = subprocess.run(
        [*command, "--results", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = tmp_path.glob("*.json")
    runs = {run["what"]: run for run in json.loads(file.read_text())["runs"]}
    assert set(runs) == {"group by", "fit", "fit without sessions"}
    assert all(run["times_group_by"] >= 1 for run in runs.values())


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="redis-server is not installed"
)
def test_a_short_soak_loses_doubles_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "bench" / "soak.py"), "--results"]
    command += [str(tmp_path), "--directory", str(tmp_path), "--seconds", "8"]
    command += ["--rate", "2000", "--nights", "3", "--users", "20"]
    command += ["--kill-share", "1"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = tmp_path.glob("*.json")
    result = json.loads(file.read_text())
    stream, nights = result["stream"], result["nights"]
    assert stream["lost"] == 0
    assert stream["kills_of_the_consumer"] > 0
    assert stream["received_distinct"] == stream["sent"] > 15_000
    # each command was begun and killed before it was run, but for those that had ended by then
    assert sum(nights["kills"].values()) >= 3
    assert len(nights["per_night"]) == 3
    assert not stream["faults"] + nights["faults"]
