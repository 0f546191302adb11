"""docs/adding-a-world.md, followed literally in a copy of the project."""

import re
from pathlib import Path

import pytest

from worlds import ROOT, Dbt, World, copy_project, surplus

PAGE = (ROOT / "docs" / "adding-a-world.md").read_text()
# `path`: and the block that is the file; or, with words before it, a part of the file
BLOCK = re.compile(
    r"^(?P<part>In )?`(?P<path>[\w/.]+)`(?P<where>, below `settings:`)?:\n\n"
    r"```\w+\n(?P<content>.*?)^```$",
    re.M | re.S,
)


def replaced(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text, f"{file.name} has no {old!r}"
    file.write_text(text.replace(old, new))


def follow(project: Path) -> list[str]:
    """Does what the page says; returns the files that it wrote."""
    written = []
    for block in BLOCK.finditer(PAGE):
        file = project / block["path"]
        if block["part"]:
            head = "  settings:\n"
            replaced(file, head, f"{head}\n{block['content']}")
        else:
            assert not file.exists()
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block["content"])
            written.append(block["path"])
    assert "add `'park'` to the list in `macros/project/worlds.sql`" in PAGE
    replaced(project / "macros/project/worlds.sql", "['feed'", "['park', 'feed'")
    settings = project / "dbt_project.yml"
    text = re.sub(
        r"^( +)feed: \{\+tags: \[feed\]\}\n",
        r"\g<0>\1park: {+tags: [park]}\n",
        settings.read_text(),
        flags=re.M,
    )
    assert text.count("park: {+tags: [park]}") >= 6
    settings.write_text(text)
    return written


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = copy_project(tmp_path_factory.mktemp("park") / "project")
    written = follow(path)
    layers = {file.split("/")[1] for file in written if file.endswith(".sql")}
    assert layers == {"generate", "raw", "staging", "marts", "singular"}
    return path


@pytest.fixture(scope="module")
def park(project: Path) -> World:
    """The world of the page at its defaults, with all of its tests passed."""
    directory = project.parent
    world = World(directory / "world.duckdb", Dbt(directory, project), "park")
    result = world.dbt("build", "--select", "+tag:park", database=world.path)
    assert result.success, result.log[-4000:]
    assert "assert_park_visits_equal_potential_outcomes" in result.log
    return world


@pytest.mark.slow
def test_the_page_makes_the_world_that_it_foretells(park: World) -> None:
    """0.25 and 0.30 visits a day, by the binomial and the spread of love between users."""
    days, users = 28, park.value("select count(*) from generate.gen_park__users")
    assert users == 2000
    per_arm = dict(
        park.rows(
            "select variant, count(*) from generate.gen_park__visits group by variant"
        )
    )
    for variant, factor in (("control", 0.5), ("kiosk", 0.6)):
        rate = per_arm[variant] / (users * days)
        # variance of a user's mean: that of factor times love (1/20), and of days given love
        mean = factor / 2
        variance = factor**2 / 20 + (mean - factor**2 * 3 / 10) / days
        assert abs(rate - mean) < 4 * (variance / users) ** 0.5
    assert park.value("select count(*) from marts.park__users") > 1900


@pytest.mark.slow
def test_more_users_and_days_leave_its_first_rows(park: World, project: Path) -> None:
    directory = project.parent / "longer"
    directory.mkdir()
    longer = World(directory / "world.duckdb", Dbt(directory, project), "park")
    longer.build(settings={"park_users": 2100, "park_days": 30, "park_kiosk_factor": 1})
    early = "visited_at < timestamp '2025-03-20'"
    control = f"{early} and variant = 'control'"
    assert surplus(park, longer, "generate.gen_park__visits", control) == []
    assert surplus(park, longer, "raw.raw_park__visits", control) == []
    # without an effect both arms are the same
    assert longer.rows(
        "select count(*) from generate.gen_park__visits group by variant"
    ) == 2 * [
        longer.rows(
            "select count(*) from generate.gen_park__visits where variant = 'kiosk'"
        )[0]
    ]
