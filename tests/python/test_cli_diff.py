"""`diorama diff` and versions: equal rows are equal wherever they lie, and a change is named."""

import json
import os
from pathlib import Path

import duckdb
import pytest

CHANGES = {
    "a value": (
        "update marts.feed__sessions set card_view_count = 999 where session_id = '{}'",
        {"left": 1, "right": 1},
    ),
    "a lost row": (
        "delete from marts.feed__sessions where session_id = '{}'",
        {"left": 1, "right": 0},
    ),
    "a new row": (
        "insert into marts.feed__sessions by name (select * replace "
        "('00000000-0000-4000-8000-000000000000' as session_id) "
        "from marts.feed__sessions where session_id = '{}')",
        {"left": 0, "right": 1},
    ),
}


def diff(diorama, left: Path, right: Path, *arguments: object) -> tuple[int, dict]:
    result = diorama("diff", left, right, "--json", *arguments)
    document = json.loads(result.stdout)
    return result.exit_code, {table["table"]: table for table in document["tables"]}


def changed(path: Path, *statements: str) -> None:
    with duckdb.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture(scope="module")
def exported(diorama, built, tmp_path_factory) -> dict[str, Path]:
    """Two exports of the built world, one of them versioned."""
    directory = tmp_path_factory.mktemp("exports")
    arguments = ["export", "--quiet", "--database", built, "--to"]
    options = ["--format", "csv", "--table", "users", "--table", "feed__user_daily"]
    assert diorama(*arguments, directory / "csv", *options).exit_code == 0
    assert diorama(*arguments, directory, "--version-dir").exit_code == 0
    version = next(p for p in directory.iterdir() if p.name != "csv")
    return {"csv": directory / "csv", "version": version}


def test_a_version_is_named_by_its_content(diorama, copied, exported, tmp_path):
    version = exported["version"].name
    changed(
        copied,
        "create table t as select * from marts.feed__sessions order by random()",
        "truncate marts.feed__sessions",
        "insert into marts.feed__sessions from t",
    )
    arguments = ["export", "--to", tmp_path, "--version-dir", "--database", copied]
    for _ in range(2):  # the second finds the first in its place
        result = diorama(*arguments, "--json")
        document = json.loads(result.stdout)
        assert document["directory"] == str(tmp_path / version)
        exported_worlds = {file["world"] for file in document["files"]}
        assert exported_worlds == {"feed", "experiments"}
        assert set(os.listdir(tmp_path)) == {copied.name, version}
    # a directory of one version stands for it
    assert diorama("diff", exported["version"], tmp_path, "-q").exit_code == 0
    changed(copied, "delete from marts.feed__sessions where card_view_count > 9")
    assert diorama(*arguments, "-q").exit_code == 0
    names = set(os.listdir(tmp_path)) - {copied.name, version}
    assert len(names) == 1
    code, tables = diff(diorama, tmp_path / version, tmp_path / names.pop())
    assert code == 1
    statuses = {name: table["status"] for name, table in tables.items()}
    assert statuses.pop("feed__sessions") == "different"
    assert set(statuses.values()) == {"equal"}
    assert len(statuses) == len(document["files"]) - 1
    result = diorama("diff", tmp_path, exported["version"])
    assert result.exit_code == 2
    assert "holds 2 versions. Give one of them" in result.stderr


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_counted_and_its_key_named(diorama, built, copied, change):
    statement, only = CHANGES[change]
    with duckdb.connect(copied, read_only=True) as connection:
        (session,) = connection.execute(
            "select cast(min(session_id) as varchar) from marts.feed__sessions"
        ).fetchone()
    changed(copied, statement.format(session))
    code, tables = diff(diorama, built, copied, "--table", "feed__sessions")
    assert code == 1
    (table,) = tables.values()
    assert (table["only_left"], table["only_right"]) == (only["left"], only["right"])
    assert table["key"] == ["session_id"]
    first = table["first"]
    assert {side: int(row is not None) for side, row in first.items()} == only
    expected = "0" * 8 + "-0000-4000-8000-" + "0" * 12 if not only["left"] else session
    assert (first["left"] or first["right"])["session_id"] == expected
    if only == {"left": 1, "right": 1}:
        unlike = [
            name
            for name in first["left"]
            if first["left"][name] != first["right"][name]
        ]
        assert unlike == ["card_view_count"]
        said = diorama("diff", built, copied, "--table", "feed__sessions")
        assert f"first: session_id={session}" in said.stdout
        assert "card_view_count: " in said.stdout
        assert said.stderr == "Error: 1 of 1 tables differ.\n"


def test_a_database_equals_itself_and_its_exports(
    diorama, built, copied, exported, monkeypatch
):
    code, tables = diff(diorama, built, copied, "--world", "feed")
    assert code == 0
    assert {"gen_feed__users", "raw_feed__events", "feed__sessions"} <= tables.keys()
    result = diorama("fingerprint", "--world", "feed", "--json", "--database", built)
    assert {t["name"]: t["fingerprint"] for t in json.loads(result.stdout)} == {
        name: table["left"]["fingerprint"] for name, table in tables.items()
    }
    monkeypatch.setenv("DIORAMA_DATABASE", str(built))  # which stands for a missing B
    assert diorama("diff", exported["version"], "--quiet").exit_code == 0
    code, tables = diff(
        diorama, exported["csv"], exported["version"], "--world", "feed"
    )
    assert code == 1
    only_in_version = (
        "raw_feed__events",
        "stg_feed__users",
        "stg_feed__events",
        "feed__sessions",
        "feed__uplift_training_set",
    )
    assert {name: table["status"] for name, table in tables.items()} == {
        "raw_feed__users": "equal",
        "feed__user_daily": "equal",
        **dict.fromkeys(only_in_version, "only in B"),
    }


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["none.duckdb", "."], 1, "There is no database at"),
        ([".", "."], 2, "is not an export: it has no manifest.json"),
    ],
)
def test_what_cannot_be_compared_says_so(
    diorama, tmp_path, monkeypatch, arguments, code, expected
):
    monkeypatch.chdir(tmp_path)
    result = diorama("diff", *arguments)
    assert result.exit_code == code
    assert expected in result.stderr
    assert len(result.stderr.splitlines()) == 1
