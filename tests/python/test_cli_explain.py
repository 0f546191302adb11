"""`diorama explain`: a user generated alone is the user of the tables, in every world."""

import json
from pathlib import Path

import duckdb
import pytest
import yaml

from diorama.worlds import CUSTOM
from worlds import ROOT


def explained_worlds() -> list[str]:
    """The default worlds that say how their users are explained."""
    found = []
    for file in sorted((ROOT / "models" / "generate").glob("*/_generate_*.yml")):
        models = yaml.safe_load(file.read_text())["models"]
        said = [m.get("config", {}).get("meta", {}).get("explain", {}) for m in models]
        found += [file.parent.name] if any("user" in each for each in said) else []
    return sorted({*found} - {CUSTOM})


def explained(diorama, database: Path, *arguments: object) -> dict:
    result = diorama("explain", "--json", "--database", database, *arguments)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def default(worlds) -> Path:
    """The database of all worlds at their defaults, which the tests of the documents read too."""
    return worlds(name=None).path


@pytest.mark.parametrize("world", explained_worlds())
@pytest.mark.slow
def test_a_user_generated_alone_is_the_user_of_the_tables(diorama, default, world):
    read = explained(diorama, default, "--world", world, "--number", 7)
    assert (read["world"], read["user_number"]) == (world, 7)
    assert any(section["rows"] for section in read["sections"])
    for section in read["sections"]:
        for name in section["rows"][0] if section["rows"] else []:
            assert section.get("by") or section["meanings"][name]
    options = ["--generate", "--world", world]
    assert explained(diorama, default, read["user_id"], *options) == read


@pytest.mark.parametrize("world", explained_worlds())
def test_users_are_numbered_from_0(diorama, default, world):
    told = explained(diorama, default, "--world", world, "--number", 0)
    assert told["user_number"] == 0
    assert told["user_id"] == explained(diorama, default, told["user_id"])["user_id"]


def test_the_arm_that_a_user_was_in_is_what_the_marts_hold(diorama, built, default):
    """In both arms of feed, and in each of the three of shop."""
    for database, world, variants, measures in (
        (
            built,
            "feed",
            2,
            {"sessions": "session_count", "card_views": "card_view_count"},
        ),
        (
            default,
            "shop",
            3,
            {"sessions": "session_count", "purchases": "purchase_count"},
        ),
    ):
        totals = ", ".join(f"sum({column})" for column in measures.values())
        with duckdb.connect(database, read_only=True) as connection:
            users = connection.execute(
                f"""
                select distinct on (variant) variant, unit_id, {totals}
                from marts.{world}__user_daily
                inner join intermediate.int_experiments__exposures
                    on cast(user_id as varchar) = unit_id and not is_multi_variant
                group by variant, unit_id
                order by variant, 4 desc, unit_id
                """
            ).fetchall()
        assert len(users) == variants
        treatments = {variant for variant, *_ in users} - {"control"}
        for variant, user_id, *expected in users:
            told = explained(diorama, database, user_id)
            assert told["variant"] == variant
            assert told["effect"].keys() == treatments
            for treatment, effects in told["effect"].items():
                if variant in ("control", treatment):
                    arm = "control" if variant == "control" else "treated"
                    assert [effects[name][arm] for name in measures] == expected
                for arms in effects.values():
                    assert arms["effect"] == arms["treated"] - arms["control"]


def test_a_user_needs_no_database_and_takes_settings(diorama, tmp_path):
    options = [
        "--world",
        "feed",
        "--number",
        3,
        "--generate",
        "--set",
        "effect_scale=0",
    ]
    told = explained(diorama, tmp_path / "none.duckdb", *options)
    (effects,) = told["effect"].values()
    assert effects["card_views"]["control"] > 0
    assert {arms["effect"] for arms in effects.values()} == {0}


def test_a_life_is_told_in_words_on_stdout(diorama, built):
    result = diorama("explain", "--number", 3, "--world", "feed", "--database", built)
    assert result.exit_code == 0
    first, *rest = result.stdout.splitlines()
    assert first.startswith("User ")
    assert (
        first.endswith(" of feed (number 3), variant control") or "SmartFeed" in first
    )
    shown = "\n".join(rest)
    assert "Latent engagement" in shown
    assert "SmartFeed_v2 against control, by the same draws" in shown
    assert "depends on how the arms share random draws" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        ([], 2, "Give either a user's id, or --number and --world."),
        (["--number", 3], 2, "Add --world"),
        (["x", "--set", "seed=1"], 2, "--seed and --set need --generate"),
        (["o'neill"], 1, "There is no user o'neill in any world of "),
        (["--number", 200, "--world", "feed"], 1, "no user number 200 in world feed"),
        (["x", "--world", "custom", "--generate"], 2, "holds no world of your own"),
    ],
)
def test_whom_nobody_knows_is_one_line(diorama, built, arguments, code, expected):
    result = diorama("explain", "--database", built, *arguments)
    assert result.exit_code == code
    assert expected in result.stderr
    assert len(result.stderr.splitlines()) == 1
