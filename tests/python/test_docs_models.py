"""What documents the models is made of them: entity-relationship diagrams, exposures, the site.

`DIORAMA_UPDATE_DOCS=1 pytest tests/python/test_docs_models.py` writes diagrams and exposures anew.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from diorama.engines.dbt import MEMORY, Dbt
from diorama.project import Project
from diorama.worlds import CUSTOM
from worlds import ROOT, World

MUST_UPDATE = bool(os.environ.get("DIORAMA_UPDATE_DOCS"))
# a declared world has what its file says
WORLDS = sorted(
    {p.name for p in (ROOT / "models" / "generate").iterdir() if p.is_dir()} - {CUSTOM}
)
MOST_COLUMNS = 14
# what the picture in docs/tables.md leaves out, to be readable: parameters, dirt, steps between
LEFT_OUT = re.compile(
    r"_(defects|aliases|quantiles|validated|duplicate_events|rejects|days|session_starts)$"
)
PICTURE = re.compile(r"^```mermaid\nflowchart.*?^```\n", re.M | re.S)


@pytest.fixture(scope="module")
def manifest(workspace: Path) -> dict[str, Any]:
    parsed = Dbt(Project(ROOT), MEMORY).manifest()
    return {
        kind: {name: node.to_dict() for name, node in getattr(parsed, kind).items()}
        for kind in ("nodes", "exposures")
    }


@pytest.fixture(scope="module")
def built(worlds: Any) -> World:
    return worlds(name=None)


def generic_tests(manifest: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The generic tests of a kind."""
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == name
        and node["attached_node"] in manifest["nodes"]
    ]


def keys(manifest: dict[str, Any]) -> dict[str, list[str]]:
    """The columns that name a row of each model: those of its tests for uniqueness."""
    found: dict[str, list[str]] = {}
    for test in generic_tests(manifest, "well_formed"):
        key = test["test_metadata"]["kwargs"]["unique"][0]
        found[test["attached_node"]] = [key] if isinstance(key, str) else key
    for test in generic_tests(manifest, "unique_combination"):
        columns = test["test_metadata"]["kwargs"]["columns"]
        found.setdefault(test["attached_node"], columns)
    return found


def links(manifest: dict[str, Any], world: str) -> list[tuple[str, str, str]]:
    """The relationships that a world's tests hold: child, parent and the child's column."""
    found = []
    for test in generic_tests(manifest, "relationships"):
        child = test["attached_node"]
        (parent,) = set(test["depends_on"]["nodes"]) - {child} or {child}
        if manifest["nodes"][child]["fqn"][2] == world:
            found.append((child, parent, test["column_name"]))
    return sorted(found)


def diagram(manifest: dict[str, Any], built: World, world: str) -> str:
    """A world's entity-relationship diagram, in Mermaid."""
    relations, of_key = links(manifest, world), keys(manifest)
    lines = ["erDiagram"]
    for child, parent, column in relations:
        # a column that names the child's row alone can occur once
        many = "|o" if of_key.get(child) == [column] else "o{"
        names = [manifest["nodes"][node]["name"] for node in (parent, child)]
        lines.append(f'    {names[0]} ||--{many} {names[1]} : "{column}"')
    for node in sorted({node for link in relations for node in link[:2]}):
        model = manifest["nodes"][node]
        linked = {column for child, _, column in relations if child == node}
        columns = built.rows(f"describe {model['schema']}.{model['name']}")
        first = [c for c in columns if c[0] in linked or c[0] in of_key.get(node, [])]
        shown = first + [c for c in columns if c not in first]
        lines.append(f"    {model['name']} {{")
        for name, type_, *_ in shown[:MOST_COLUMNS]:
            marks = ["PK"] * (name in of_key.get(node, [])) + ["FK"] * (name in linked)
            written = re.sub(r"\W+", "_", type_.lower()).strip("_")
            lines.append(f"        {written} {name} {', '.join(marks)}".rstrip())
        if len(shown) > MOST_COLUMNS:
            lines.append(
                f'        more columns "and {len(shown) - MOST_COLUMNS} others"'
            )
        lines.append("    }")
    return "\n".join(lines) + "\n"


def page_of_diagram(manifest: dict[str, Any], built: World, world: str) -> str:
    return (
        f"# Tables of the {world} world\n\n"
        "The tables that an analyst reads, and what their tests hold: a line is a test "
        "`relationships`, PK a column that a row is known by, FK one that leads to another "
        f"table. How the world works is told in [its page](../worlds/{world}.md); this page is "
        "written by `DIORAMA_UPDATE_DOCS=1 pytest tests/python/test_docs_models.py`.\n\n"
        f"```mermaid\n{diagram(manifest, built, world)}```\n"
    )


def picture(manifest: dict[str, Any], world: str) -> str:
    """A world's graph from its users to its marts, in Mermaid, without what is left out."""
    models = {
        unique_id: node
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["fqn"][2] == world
    }

    def shown(unique_id: str) -> bool:
        return not LEFT_OUT.search(models[unique_id]["name"])

    def parents(unique_id: str) -> set[str]:
        found: set[str] = set()
        for parent in models[unique_id]["depends_on"]["nodes"]:
            if parent in models:
                found |= {parent} if shown(parent) else parents(parent)
        return found

    direct = {unique_id: parents(unique_id) for unique_id in models if shown(unique_id)}

    def ancestors(unique_id: str) -> set[str]:
        above = [ancestors(parent) | {parent} for parent in direct[unique_id]]
        return set().union(*above)

    lines = ["flowchart LR"]
    for layer in ("generate", "raw", "staging", "intermediate", "marts"):
        lines.append(f"    subgraph {layer}")
        names = [models[n]["name"] for n in direct if models[n]["fqn"][1] == layer]
        lines += [f"        {name}" for name in sorted(names)]
        lines.append("    end")
    edges = []
    for child, above in direct.items():
        # an arrow that a longer way stands for is left out
        further = set().union(*(ancestors(parent) for parent in above))
        edges += [(models[p]["name"], models[child]["name"]) for p in above - further]
    lines += [f"    {parent} --> {child}" for parent, child in sorted(edges)]
    return "\n".join(["```mermaid", *lines, "```"]) + "\n"


def exposures(manifest: dict[str, Any], world: str) -> str:
    """The exposure of a world's exports, in YAML."""
    models = [
        (node["config"]["meta"]["export"]["name"], node["name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["fqn"][2] == world
        and node["config"]["meta"].get("export", {}).get("name")
    ]
    lines = [
        "exposures:",
        f"  - name: {world}_export",
        f"    config: {{enabled: \"{{{{ '{world}' in var('worlds', ['{world}']) }}}}\"}}",
        f"    label: Export of the {world} world",
        "    type: application",
        "    maturity: high",
        "    owner: {name: diorama}",
        "    description: >",
        f"      The files that `diorama export --world {world}` writes:",
        f"      {', '.join(f'`{name}`' for name, _ in sorted(models))}.",
        "    depends_on:",
        *(f"      - ref('{model}')" for _, model in sorted(models)),
    ]
    return "\n".join(lines) + "\n"


def assert_written(path: Path, text: str) -> None:
    if MUST_UPDATE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    elif not path.exists():
        pytest.skip(f"{path.relative_to(ROOT)} is still to be written (see above)")
    assert path.read_text() == text


@pytest.mark.parametrize("world", WORLDS)
def test_a_diagram_shows_what_the_tests_hold(
    manifest: dict[str, Any], built: World, world: str
) -> None:
    text = page_of_diagram(manifest, built, world)
    assert_written(ROOT / "docs" / "erd" / f"{world}.md", text)


@pytest.mark.parametrize("world", WORLDS)
def test_an_exposure_names_every_exported_model(
    manifest: dict[str, Any], world: str
) -> None:
    folder = ROOT / "models" / "marts" / world
    assert_written(
        folder / f"_marts_{world}__exposures.yml", exposures(manifest, world)
    )


def test_the_picture_of_the_tables_is_the_graph(manifest: dict[str, Any]) -> None:
    page = ROOT / "docs" / "tables.md"
    text = page.read_text()
    updated = PICTURE.sub(lambda _: picture(manifest, "feed"), text)
    assert PICTURE.search(text)
    assert_written(page, updated)


def test_every_mart_of_users_leads_to_the_users(manifest: dict[str, Any]) -> None:
    """A mart with a user's id has a test that the user is known."""
    worlds = ("feed", "learning")
    linked = {
        (child, column)
        for world in worlds
        for child, _, column in links(manifest, world)
    }
    lacking = [
        node["name"]
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
        and node["fqn"][1] == "marts"
        and node["fqn"][2] in worlds
        and "user_id" in node["columns"]
        and (unique_id, "user_id") not in linked
    ]
    assert lacking == []


def test_the_report_and_the_exports_are_exposed(manifest: dict[str, Any]) -> None:
    exposed = {
        exposure["name"]: exposure for exposure in manifest["exposures"].values()
    }
    assert {"report", "feed_export", "learning_export"} <= exposed.keys()
    assert all(exposure["description"] for exposure in exposed.values())
    private = [
        node
        for exposure in exposed.values()
        for node in exposure["depends_on"]["nodes"]
        if manifest["nodes"][node]["config"]["access"] == "private"
    ]
    assert private == []
