"""The documentation is true: its queries give what it shows, its commands and links work.

After a change to the data, `DIORAMA_UPDATE_DOCS=1 pytest tests/python/test_docs.py` writes the
tables under the queries anew, and the reference of the keys of a world's file; read the difference
before you commit it.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.main import get_command

from diorama.cli import app
from diorama.worlds.file import SCHEMA, load_world

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")],
    key=lambda page: page.as_posix(),
)
MUST_UPDATE = bool(os.environ.get("DIORAMA_UPDATE_DOCS"))

# ```sql, the query, ```, and the Markdown table below it
QUERY = re.compile(
    r"^```sql\n(?P<query>.*?)^```\n(?P<gap>\n*)(?P<table>(?:^\|[^\n]*\n)*)", re.M | re.S
)
CONSOLE = re.compile(r"^```console\n(?P<lines>.*?)^```$", re.M | re.S)
# ```python, the code, ```, and what it prints in the ```text block below it, if there is one
PYTHON = re.compile(
    r"^```python\n(?P<code>.*?)^```$(?P<gap>\n*)(?:```text\n(?P<output>.*?)^```$)?",
    re.M | re.S,
)
LINK = re.compile(r"\]\((?P<target>[^)#\s]+)")
# a model is a file of its name, also where a page has its reader write that file
MODEL = re.compile(
    r"\b(?:(?:gen|raw|stg|int|truth)(?:_[a-z]+)?|feed|learning|shop|search|experiments)"
    r"__[a-z][a-z0-9_]*"
)
MODEL_FILE = re.compile(r"`models/[\w/]+/(\w+)\.sql`")

# what is made of the schema, in docs/own-world.md
OWN_WORLD = ROOT / "docs" / "own-world.md"
REFERENCE = re.compile(r"(?<=<!-- keys -->\n).*?(?=<!-- end of keys -->)", re.S)

# Not run from here: what changes the shell or the work tree, or would run this test again.
NOT_RUN = re.compile(r"source|pre-commit|bench/\w+\.py|pytest")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def pages_with(pattern: re.Pattern[str]) -> list[Any]:
    return [
        pytest.param(p, id=name_of(p)) for p in PAGES if pattern.search(p.read_text())
    ]


def shown(value: object) -> str:
    """A value as the documentation shows it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "milliseconds")
    return f"{value:,}" if isinstance(value, int) and value > 999 else str(value)


def markdown(relation: duckdb.DuckDBPyRelation) -> str:
    rows = [list(relation.columns), ["---"] * len(relation.columns)]
    rows += [[shown(value) for value in row] for row in relation.fetchall()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


@pytest.fixture(scope="session")
def default_world(worlds: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the default worlds, of which some pages print numbers."""
    directory = tmp_path_factory.mktemp("docs_default")
    return Path(shutil.copy(worlds(name=None).path, directory / "diorama.duckdb"))


@pytest.fixture(scope="session")
def small_world(worlds: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of small worlds, which the documented commands may change."""
    directory = tmp_path_factory.mktemp("docs")
    return Path(shutil.copy(worlds.small().path, directory / "diorama.duckdb"))


@pytest.mark.parametrize("page", pages_with(QUERY))
def test_every_query_gives_the_table_below_it(page: Path, worlds: Any) -> None:
    def answered(match: re.Match[str]) -> str:
        table = markdown(connection.sql(match["query"]))
        if not MUST_UPDATE:
            assert match["table"] == table, match["query"]
        gap = "" if match["table"] else match["gap"]
        return f"```sql\n{match['query']}```\n\n{table}{gap}"

    text = page.read_text()
    with duckdb.connect(str(worlds(name=None).path), read_only=True) as connection:
        updated = QUERY.sub(answered, text)
    if MUST_UPDATE and updated != text:
        page.write_text(updated)


@pytest.mark.parametrize("page", pages_with(CONSOLE))
def test_every_command_is_one(page: Path) -> None:
    """The command line knows it, with its options; what it does is left to the slow test."""
    lines = [
        line.removeprefix("$ ")
        for block in CONSOLE.finditer(page.read_text())
        for line in block["lines"].splitlines()
        if line.startswith("$ ")
    ]
    for line in lines:
        if line.startswith("make "):  # what it would run
            dry = ["make", "--dry-run", "--directory", str(ROOT), *line.split()[1:]]
            done = subprocess.run(dry, capture_output=True, text=True, check=True)
            lines += re.findall(r"^\S+ run --no-sync (diorama .*)$", done.stdout, re.M)
            continue
        name, *words = shlex.split(line, comments=True) or [""]
        if name == "diorama" and "|" not in words:
            group = get_command(app)
            context = group.make_context(name, list(words))
            called, command, rest = group.resolve_command(context, words)
            command.make_context(called, rest, parent=context)


@pytest.mark.slow
@pytest.mark.parametrize("page", pages_with(CONSOLE))
def test_every_command_works(
    page: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """And then every example in Python, which finds what the commands wrote."""
    text = page.read_text()
    if "$ diorama init world" in text:  # begins with nothing, as its readers do
        database = tmp_path / "diorama.duckdb"
    else:
        database = request.getfixturevalue(
            "default_world" if "```python" in text else "small_world"
        )
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DIORAMA_DATABASE": str(database),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
        "DBT_PROJECT_DIR": str(ROOT),
        "DBT_PROFILES_DIR": str(ROOT),
    }
    if page.name == "README.md":
        (tmp_path / "diorama.duckdb").symlink_to(database)

    def run(command: list[str], shown: str) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{shown}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    for block in CONSOLE.finditer(text):
        for line in block["lines"].splitlines():
            if not line.startswith("$ ") or NOT_RUN.search(line):
                continue
            command = shlex.split(line[2:], comments=True)
            if command[0] == "make":
                command = ["make", "--dry-run", "--directory", str(ROOT), *command[1:]]
            run(command, line)

    def printed(match: re.Match[str]) -> str:
        if "import redis" in match["code"]:
            return match[0]  # tests/python/test_stream.py runs it beside a server
        output = run([sys.executable, "-c", match["code"]], match["code"])
        if match["output"] is None:
            return match[0]
        if not MUST_UPDATE:
            assert output == match["output"], match["code"]
        return f"```python\n{match['code']}```{match['gap']}```text\n{output}```"

    updated = PYTHON.sub(printed, text)
    if MUST_UPDATE and updated != text:
        page.write_text(updated)


@pytest.mark.parametrize("page", pages_with(LINK))
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    targets = {match["target"] for match in LINK.finditer(page.read_text())}
    inside = {target for target in targets if "://" not in target}
    missing = [target for target in inside if not (page.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize(
    "page", [page for page in pages_with(MODEL) if page.id != "CHANGELOG.md"]
)
def test_every_model_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    folders = (ROOT / "models", ROOT / "integration_tests" / "models")
    files = {path.stem for folder in folders for path in folder.rglob("*.sql")}
    made = (ROOT / "cli/diorama/analysis/sql/tables.sql.jinja").read_text()
    files |= set(re.findall(r"create table marts\.(\w+)", made))
    missing = set(MODEL.findall(text)) - files - set(MODEL_FILE.findall(text))
    assert not missing


def test_the_site_and_its_first_page_lead_to_every_page() -> None:
    docs = ROOT / "docs"
    pages = {page.relative_to(docs).as_posix() for page in docs.rglob("*.md")}
    nav = (ROOT / "mkdocs.yml").read_text().partition("\nnav:\n")[2]
    assert set(re.findall(r"[\w/-]+\.md", nav)) == pages
    first = {
        match["target"] for match in LINK.finditer((docs / "README.md").read_text())
    }
    assert pages - {"README.md"} <= first


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip(
        "mkdocs", reason="there is no mkdocs here (uv sync --group docs)"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mkdocs",
            "build",
            "--strict",
            "--site-dir",
            str(tmp_path),
        ],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    linked = re.findall(r'href="([^":#?]+)["#?]', (tmp_path / "index.html").read_text())
    assert "tables.html" in linked
    assert [link for link in linked if not (tmp_path / link).exists()] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "notebook",
    sorted((ROOT / "docs" / "notebooks").glob("*.ipynb")),
    ids=lambda p: p.stem,
)
def test_every_notebook_runs(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its first cell to its last, claims and all; it is kept without output."""
    import nbformat
    from nbclient import NotebookClient

    read = nbformat.read(notebook, as_version=4)
    code = [cell for cell in read.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    NotebookClient(
        read, timeout=600, resources={"metadata": {"path": tmp_path}}
    ).execute()
    assert any(cell.outputs for cell in code)


def test_the_guide_is_the_page_for_agents(diorama: Any) -> None:
    printed = diorama("guide")
    assert printed.stdout == (ROOT / "docs" / "agents.md").read_text()
    # every command that it names, with its options, is one
    for line in re.findall(r"`diorama ([a-z][^`…]*)`", printed.stdout):
        words = shlex.split(line)
        assert words[0] in get_command(app).commands, line
        options = [word for word in words if word.startswith("--")]
        help_ = diorama(*words[: 2 if words[0] == "init" else 1], "--help").stdout
        assert [option for option in options if option not in help_] == [], line


def test_the_readme_names_every_target_of_the_makefile() -> None:
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.M)
    pages = "".join(
        (ROOT / name).read_text() for name in ("README.md", "CONTRIBUTING.md")
    )
    assert [target for target in targets if f"make {target}" not in pages] == []


def bounds(node: dict[str, Any]) -> str:
    """A number with its range, in words; bounds of a billion and more are none."""
    words = "whole number" if node["type"] == "integer" else "number"
    for key, said in {
        "minimum": "from",
        "exclusiveMinimum": "above",
        "maximum": "to",
        "exclusiveMaximum": "below",
    }.items():
        if key in node and abs(node[key]) < 1e9:
            words += f" {said} {node[key]:,.10g}"
    return words


def may_be(node: dict[str, Any], paths: dict[str, str]) -> str:
    """What a value may be by its JSON schema, in words."""
    if "$ref" in node:
        path = paths[node["$ref"].rsplit("/", 1)[1]]
        return f"[`{path}`](#{re.sub(r'[^a-z_]', '', path.lower())})"
    if "enum" in node:
        return ", ".join(f"`{each}`" for each in node["enum"] if each is not None)
    if "anyOf" in node:
        options = [each for each in node["anyOf"] if each.get("type") != "null"]
        texts = [each.get("description") or may_be(each, paths) for each in options]
        return "; or ".join(texts)
    if "examples" in node:
        return f"such as `{node['examples'][0]}`"
    if node["type"] == "object":
        inner = may_be(node["additionalProperties"], paths)
        return f"by name: ({inner})" if "; or " in inner else f"by name: {inner}"
    if "prefixItems" in node:
        return f"[{', '.join(bounds(each) for each in node['prefixItems'])}]"
    if node["type"] == "array":
        return f"list of: {may_be(node['items'], paths)}"
    if node["type"] in ("integer", "number"):
        return bounds(node)
    return {"boolean": "`true`, `false`"}.get(node["type"], node.get("format", "text"))


def parts_of(node: Any, path: str) -> Iterator[tuple[str, str]]:
    """The parts of the schema that a value refers to, each with its path in the file."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rsplit("/", 1)[1], path
        for key, inner in node.items():
            below = f"{path}.NAME" if key == "additionalProperties" else path
            yield from parts_of(inner, below)
    elif isinstance(node, list):
        for inner in node:
            yield from parts_of(inner, path)


def reference(schema: dict[str, Any]) -> str:
    """Every key of a file by its JSON schema, in Markdown."""
    paths = {"": ""}
    waiting = [""]
    lines = []
    while waiting:
        name = waiting.pop(0)
        part = schema["$defs"][name] if name else schema
        found = []
        for key, node in part["properties"].items():
            for inner, path in parts_of(node, f"{paths[name]}.{key}".lstrip(".")):
                if inner not in paths:
                    paths[inner] = path
                    found.append(inner)
        waiting = found + waiting
        if name:
            lines += [f"### `{paths[name]}`", "", part["description"], ""]
        lines += ["| key | may be | default | |", "|---|---|---|---|"]
        for key, node in part["properties"].items():
            lines.append(f"| {' | '.join(row(schema, part, key, node, paths))} |")
        lines.append("")
    return "\n".join(lines)


def row(
    schema: dict[str, Any],
    part: dict[str, Any],
    key: str,
    node: dict[str, Any],
    paths: dict[str, str],
) -> list[str]:
    """The row of a key: what it may be, its default, what it means."""
    default = node.get("default")
    shown = default if isinstance(default, str) else json.dumps(default)
    shown = "" if default in (None, {}, []) else f"`{shown}`"
    if key in part.get("required", []):
        shown = "**required**"
    described = [node, *node.get("anyOf", [])]
    refs = [each["$ref"].rsplit("/", 1)[1] for each in described if "$ref" in each]
    meaning = schema["$defs"][refs[0]]["description"] if refs else ""
    return [f"`{key}`", may_be(node, paths), shown, node.get("description", meaning)]


def test_the_worlds_on_the_page_are_worlds(tmp_path: Path) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", OWN_WORLD.read_text(), re.M | re.S)
    worlds = [block for block in blocks if re.search("^events:", block, re.M)]
    assert worlds
    for number, world in enumerate(worlds):
        path = tmp_path / f"{number}.yml"
        path.write_text(world)
        load_world(path)


def test_the_reference_of_a_world_is_its_schema() -> None:
    text = OWN_WORLD.read_text()
    made = f"\n{reference(json.loads(SCHEMA.read_text()))}\n"
    updated, found = REFERENCE.subn(lambda _: made, text)
    assert found == 1
    if MUST_UPDATE:
        OWN_WORLD.write_text(updated)
    else:
        assert text == updated
