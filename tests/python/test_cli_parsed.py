"""The parsed project: kept while the files are the same, made anew otherwise."""

import pytest

from diorama.project import Project
from diorama.project.manifest_cache import ParsedProject
from worlds import copy_project


class Parser:
    """Stands for `dbt parse`: counts how often it is asked."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> object:
        from dbt.contracts.graph.manifest import Manifest

        self.count += 1
        return Manifest()


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(copy_project(tmp_path / "project"))


def test_a_project_is_parsed_once(project: Project) -> None:
    parse = Parser()
    for _ in range(2):
        assert ParsedProject(project, "duckdb").manifest(parse) is not None
    assert parse.count == 1


@pytest.mark.parametrize(
    "changed",
    [
        "dbt_project.yml",
        "models/generate/gen__run.sql",
        "seeds/defects/defect_kinds.csv",
        "macros/draws/mix.sql",
        "profiles/profiles.yml",
    ],
)
def test_a_changed_file_is_parsed(project: Project, changed: str) -> None:
    parse = Parser()
    ParsedProject(project, "duckdb").manifest(parse)
    with (project.root / changed).open("a") as file:
        file.write(" ")
    ParsedProject(project, "duckdb").manifest(parse)
    assert parse.count == 2
    assert len(list((project.root / "target" / "parsed").iterdir())) == 1


def test_statements_are_compiled_once_per_state_of_the_project(
    project: Project,
) -> None:
    compiled = []

    def statements() -> dict[str, str]:
        compiled.append(1)
        return {"first": "select 1", "a": "select 2"}

    for count, damage in [(1, None), (1, b""), (2, b"torn"), (2, None)]:
        if damage:
            (kept,) = (project.root / "target" / "parsed").iterdir()
            kept.write_bytes(damage)
        found = ParsedProject(project, "attached").statements(statements)
        assert list(found) == ["first", "a"]
        assert len(compiled) == count
    (project.root / "macros" / "draws" / "mix.sql").open("a").write(" ")
    ParsedProject(project, "attached").statements(statements)
    assert len(compiled) == 3


def test_targets_are_parsed_apart(project: Project) -> None:
    parse = Parser()
    for target in ("attached", "sail") * 2:
        ParsedProject(project, target).manifest(parse)
    assert parse.count == 2


def test_a_broken_file_is_replaced(project: Project) -> None:
    parse = Parser()
    ParsedProject(project, "duckdb").manifest(parse)
    (kept,) = (project.root / "target" / "parsed").iterdir()
    kept.write_bytes(b"\x00 torn")
    for _ in range(2):
        ParsedProject(project, "duckdb").manifest(parse)
    assert parse.count == 2
