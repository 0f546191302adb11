"""What STYLE.md and DESIGN.md ask of the project's files, held against dbt's manifest."""

import ast
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from diorama.engines.dbt import MEMORY
from diorama.engines.dbt import Dbt as DbtCommand
from diorama.errors import UsageError
from diorama.project import Project
from diorama.project.settings import Macros
from worlds import ROOT, Dbt, Result, World, Worlds, copy_project

LAYERS = {
    # layer: prefix of its models' names
    "generate": "gen_",
    "raw": "raw_",
    "staging": "stg_",
    "intermediate": "int_",
    "marts": "",
    "truth": "truth_",
}
# what the models of a layer may refer to; `analysis` are the seeds that an analyst may know
ALLOWED = {
    "generate": {"seeds", "generate"},
    "raw": {"seeds", "generate"},
    "staging": {"raw", "staging"},
    "intermediate": {"analysis", "staging", "intermediate"},
    "marts": {"analysis", "staging", "intermediate", "marts"},
    "truth": {
        "seeds",
        "analysis",
        "generate",
        "staging",
        "intermediate",
        "marts",
        "truth",
    },
}
OBSERVED = ("staging", "intermediate", "marts")
LATENT = (
    r"engagement_score|persona|sessions_per_week|affinity_.*|price_level|(latent|true)_.*"
    r"|.*_key|user_number|active_days|is_churner.*"
)
WORLDS = {
    path.name for path in (ROOT / "models" / "generate").iterdir() if path.is_dir()
}

MODELS = sorted((ROOT / "models").rglob("*.sql"))
MACROS = sorted((ROOT / "macros").rglob("*.sql"))
CONFIG = re.compile(r"\A\{\{ config\(.*?\) \}\}\n\n", re.DOTALL)
COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
# what DuckDB alone can say; macros/engine/ says it for the others
ENGINE_ONLY = re.compile(
    r"::|//|<<|>>|->"
    r"|\b(hash|xor|range|unnest|epoch_\w+|make_timestamp\w*|md5_\w+|list_\w+|struct_\w+|read_\w+)\("
    r"|\b(qualify|asof|pivot|unpivot|lambda|positional join|group by all|order by all)\b"
    r"|\*\s*(exclude|except|replace)\b|\[[^\]]*\bfor\b"
    r"|\bas varchar\b"
)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def code_of(path: Path) -> str:
    """A file without its comments."""
    return COMMENT.sub("", path.read_text())


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dbt, Result]:
    dbt = Dbt(tmp_path_factory.mktemp("parsed"))
    return dbt, dbt("parse", "--warn-error", database=dbt.directory / "none.duckdb")


@pytest.fixture(scope="module")
def manifest(parsed: tuple[Dbt, Result]) -> dict[str, Any]:
    return json.loads((parsed[0].target / "manifest.json").read_text())


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    return worlds.small()


def nodes(manifest: dict[str, Any], *kinds: str) -> Iterator[dict[str, Any]]:
    for node in manifest["nodes"].values():
        if node["resource_type"] in kinds:
            yield node


def layer_of(node: dict[str, Any]) -> str:
    """The layer of a model; of a seed, `seeds` or `analysis`."""
    if node["resource_type"] == "seed":
        return "analysis" if node["fqn"][1] == "analysis" else "seeds"
    return node["fqn"][1]


def world_of(node: dict[str, Any]) -> str | None:
    """The world of a model or seed; none for what all share."""
    folder = node["fqn"][1 if node["resource_type"] == "seed" else 2]
    return folder if folder in WORLDS else None


# --- the graph ------------------------------------------------------------------------------------


def test_a_clone_needs_no_symbolic_links() -> None:
    """Where there are none, git writes files that hold the name of their target."""
    tracked = subprocess.check_output(
        ["git", "ls-files", "--stage"], cwd=ROOT, text=True
    )
    assert [line for line in tracked.splitlines() if line.startswith("120000")] == []
    profiles = (ROOT / "profiles.yml", ROOT / "profiles" / "profiles.yml")
    assert profiles[0].read_text() == profiles[1].read_text()


def test_dbt_parses_without_a_warning(parsed: tuple[Dbt, Result]) -> None:
    assert parsed[1].success, parsed[1].log[-3000:]


def test_layers_refer_only_to_what_they_may(manifest: dict[str, Any]) -> None:
    wrong = [
        (node["name"], parent)
        for node in nodes(manifest, "model")
        for parent in node["depends_on"]["nodes"]
        if layer_of(manifest["nodes"][parent]) not in ALLOWED[layer_of(node)]
    ]
    assert wrong == []


def test_worlds_do_not_refer_to_each_other(manifest: dict[str, Any]) -> None:
    """Until experiments, which read one interface of all worlds; and no world reads experiments."""
    wrong = [
        (node["name"], parent)
        for node in nodes(manifest, "model")
        if world_of(node)
        for parent in node["depends_on"]["nodes"]
        if world_of(manifest["nodes"][parent]) not in (world_of(node), None)
        or "experiments" in manifest["nodes"][parent]["fqn"][2:-1]
    ]
    assert wrong == []


def test_tests_on_the_observed_side_see_no_truth(manifest: dict[str, Any]) -> None:
    """A singular test that compares with the truth says so: it joins the generator group."""
    wrong = [
        test["name"]
        for test in nodes(manifest, "test")
        # a generic test belongs to the group of the model that it tests
        if "generator" not in (test["group"], test["config"].get("group"))
        and any(
            layer_of(manifest["nodes"][n]) in ("generate", "truth")
            for n in test["depends_on"]["nodes"]
        )
    ]
    assert wrong == []


def test_unit_tests_do_not_hang_on_a_setting(manifest: dict[str, Any]) -> None:
    """They run in every build, whatever its settings: macros that read one are overridden."""
    models = {node["name"]: node for node in nodes(manifest, "model")}
    wrong = []
    for test in manifest["unit_tests"].values():
        model = models[test["model"]]
        overridden = (test["overrides"] or {}).get("macros", {})
        called = {
            macro
            for macro in model["depends_on"]["macros"]
            if f"{manifest['macros'][macro]['name']}(" in model["raw_code"]
        }
        if "setting" in names_reached(manifest, called, set(overridden)):
            wrong.append(test["name"])
    assert wrong == []


def names_reached(
    manifest: dict[str, Any], macros: set[str], without: set[str]
) -> set[str]:
    """The names of macros and all that they call, but for what only those left out call."""
    reached: dict[str, str] = {}
    waiting = list(macros)
    while waiting:
        macro = waiting.pop()
        name = manifest["macros"][macro]["name"]
        if macro not in reached and name not in without:
            reached[macro] = name
            waiting += manifest["macros"][macro]["depends_on"]["macros"]
    return set(reached.values())


def test_names_follow_layer_and_world(manifest: dict[str, Any]) -> None:
    for node in nodes(manifest, "model"):
        layer = layer_of(node)
        path = Path(node["original_file_path"])
        assert node["name"] == node["alias"] == path.stem
        assert node["schema"] == layer
        assert path.parts[:2] == ("models", layer)
        assert node["name"].startswith(LAYERS[layer] + (world_of(node) or "")), node[
            "name"
        ]
        if world_of(node):
            assert path.parts[2:-1] == (world_of(node),)
            assert node["name"].startswith(f"{LAYERS[layer]}{world_of(node)}__")
            assert world_of(node) in node["tags"]
    for node in nodes(manifest, "seed"):
        assert node["schema"] == "seeds"
        assert node["name"] == node["alias"] == Path(node["original_file_path"]).stem


def test_access_is_that_of_the_layer(manifest: dict[str, Any]) -> None:
    for node in nodes(manifest, "model"):
        layer, config = layer_of(node), node["config"]
        assert (config["group"] == "generator") == (
            layer in ("generate", "raw", "truth")
        ), node["name"]
        assert (config["access"] == "private") == (layer == "generate"), node["name"]
        assert (config["access"] == "public") == (layer == "marts"), node["name"]
        assert config["contract"]["enforced"] == (layer == "marts"), node["name"]


@pytest.mark.parametrize("layer", ["staging", "intermediate"])
def test_dbt_refuses_a_look_behind_the_wall(tmp_path: Path, layer: str) -> None:
    project = copy_project(tmp_path / "project")
    # the generator alone, since dbt reads a whole project first
    for folder in (
        "models/staging",
        "models/intermediate",
        "models/marts",
        "models/truth",
    ):
        shutil.rmtree(project / folder)
    shutil.rmtree(project / "tests" / "singular")
    for path in (project / "models" / "raw").iterdir():
        shutil.rmtree(path)
    model = project / "models" / layer / "feed" / f"{LAYERS[layer]}feed__peeks.sql"
    model.parent.mkdir(parents=True)
    model.write_text(
        "-- one row per user\nselect user_id from {{ ref('gen_feed__users') }}\n"
    )
    result = Dbt(tmp_path, project)("parse", database=tmp_path / "none.duckdb")
    assert not result.success
    assert re.search(
        rf"{model.stem}.*gen_feed__users.*private", result.log, re.DOTALL
    ), result.log


PEEKS = {
    # layer, parents, SQL or exposure: what the message says
    "ref to raw": (
        (
            "intermediate",
            ["raw_feed__users"],
            "select * from {{ ref('raw_feed__users') }}",
        ),
        "reads raw_feed__users of the layer raw",
    ),
    "ref to truth": (
        ("intermediate", ["truth_feed__session_outcomes"], ""),
        "reads truth_feed__session_outcomes of the layer truth",
    ),
    "ref to a seed": (
        ("marts", ["feed_segments"], ""),
        "reads feed_segments of the layer seeds",
    ),
    "hard-coded": (
        ("intermediate", [], "select * from generate.gen_feed__users"),
        "reads gen_feed__users of the layer generate",
    ),
    "quoted": (
        ("marts", [], 'select * from "diorama" . "raw" . "raw_feed__events"'),
        "reads raw_feed__events of the layer raw",
    ),
    "built from parts": (
        ("staging", [], "select * from truth.{{ 'truth' ~ '__effects' }}"),
        "reads the schema truth",
    ),
    "relation of dbt": (
        ("intermediate", [], "{{ api.Relation.create(identifier='gen_feed__users') }}"),
        "reads gen_feed__users of the layer generate",
    ),
    "latent column": (
        (
            "staging",
            ["raw_feed__users"],
            "select engagement_score as activity from users",
        ),
        "reads the latent column engagement_score",
    ),
    "latent column in raw": (
        ("raw", ["gen_feed__users"], "select user_key from users"),
        "reads the latent column user_key",
    ),
    "singular test": (
        ("test", ["gen_feed__users"], "select 1"),
        "reads gen_feed__users of the layer generate",
    ),
    "exposure": (
        ("exposure", ["truth__effects"], ""),
        "reads truth__effects of the layer truth",
    ),
}


@pytest.fixture(scope="module")
def graph() -> dict[str, Any]:
    return DbtCommand(Project(ROOT), MEMORY).manifest().flat_graph


@pytest.mark.parametrize("case", PEEKS)
def test_a_build_refuses_a_look_behind_the_wall(
    graph: dict[str, Any], case: str
) -> None:
    """Before anything runs, in one message that names the node and what to do."""
    (layer, parents, sql), message = PEEKS[case]
    by_name = {node["name"]: id_ for id_, node in graph["nodes"].items()}
    kind = layer if layer in ("test", "exposure") else "model"
    peek = {
        "name": "peek",
        "resource_type": kind,
        "package_name": "diorama",
        "original_file_path": "models/peek.sql",
        "fqn": ["diorama", layer, "feed", "peek"],
        "depends_on": {"nodes": [by_name[parent] for parent in parents]},
        "config": {},
        "raw_code": sql,
    }
    peeking = {name: dict(graph[name]) for name in ("nodes", "exposures")}
    peeking["exposures" if kind == "exposure" else "nodes"]["peek"] = peek
    with pytest.raises(UsageError) as refusal:
        check_wall(peeking)
    said = str(refusal.value)
    assert f"{kind.capitalize()} peek (models/peek.sql) {message}" in said
    assert "Read a staging model instead" in said


def test_a_build_lets_the_project_itself_through(graph: dict[str, Any]) -> None:
    check_wall(graph)
    comments = [
        dict(node, raw_code=node["raw_code"] + "-- from generate.gen_feed__users")
        for node in graph["nodes"].values()
    ]
    check_wall(graph | {"nodes": {node["unique_id"]: node for node in comments}})


def check_wall(graph: dict[str, Any]) -> None:
    macros = Macros(Project(ROOT), {})
    macros.update(execute=True, graph=graph)
    macros["check_truth_wall"]()


def test_a_build_refuses_what_a_macro_hides_and_what_breaks_a_contract(
    worlds: Worlds, tmp_path: Path
) -> None:
    """It is seen when it is compiled, and nothing is left of it; wherever the checkout lies."""
    project = copy_project(tmp_path / "run=1#;ü b's [x*]")
    model = project / "models" / "intermediate" / "feed" / "int_feed__peeks.sql"
    model.write_text(
        "-- one row per user\nselect 1 as one from {{ hidden('gener', 'ate') }}"
    )
    (project / "macros" / "hidden.sql").write_text(
        "{% macro hidden(a, b) %}{{ a ~ b }}.gen__run{% endmacro %}"
    )
    mart = project / "models" / "marts" / "feed" / "feed__mistyped"
    mart.with_suffix(".sql").write_text("-- one row\nselect 1 as one, 'a' as two")
    mart.with_suffix(".yml").write_text(
        "models:\n  - name: feed__mistyped\n    columns:\n"
        "      - {name: one, data_type: integer}\n      - {name: two, data_type: integer}\n"
    )
    peeking = World(tmp_path / "world.duckdb", Dbt(tmp_path, project))
    result = peeking.try_build(
        "--select", "gen__run", "int_feed__peeks", "feed_hours", "feed__mistyped"
    )
    assert not result.success
    assert "int_feed__peeks.sql) reads the schema generate" in result.log
    assert "This model has an enforced contract that failed" in result.log
    assert peeking.relations() == ["generate.gen__run", "seeds.feed_hours"]


def test_nothing_latent_is_observed(world: World) -> None:
    latent = world.rows(
        f"""
        select table_schema, table_name, column_name
        from information_schema.columns
        where table_schema in {OBSERVED} and regexp_full_match(column_name, '{LATENT}')
        """
    )
    assert latent == []
    assert world.rows("select engagement_score from generate.gen_feed__users limit 1")


# --- descriptions ---------------------------------------------------------------------------------


def test_every_relation_and_column_is_described(
    manifest: dict[str, Any], world: World
) -> None:
    """And a contract has the columns in the order of the table."""
    columns: dict[str, list[str]] = {}
    for relation, column in world.rows(
        "select table_schema || '.' || table_name, column_name from information_schema.columns "
        "where table_catalog = 'world' order by ordinal_position"
    ):
        columns.setdefault(relation, []).append(column)
    missing = []
    for node in nodes(manifest, "model", "seed"):
        if not node["description"].strip():
            missing.append(node["name"])
        documented = {
            name
            for name, column in node["columns"].items()
            if column["description"].strip()
        }
        in_order = columns[f"{node['schema']}.{node['name']}"]
        if layer_of(node) == "marts" and list(node["columns"]) != in_order:
            missing.append(f"{node['name']} (order)")
        built = set(in_order)
        missing += [f"{node['name']}.{column}" for column in sorted(built - documented)]
        missing += [
            f"{node['name']}.{column} (not built)"
            for column in sorted(set(node["columns"]) - built)
        ]
    assert missing == []


def test_every_model_says_its_grain_in_the_description(
    manifest: dict[str, Any],
) -> None:
    wrong = [
        node["name"]
        for node in nodes(manifest, "model")
        if not node["description"].strip().lower().startswith("one row")
    ]
    assert wrong == []


def test_every_macro_and_argument_is_described(manifest: dict[str, Any]) -> None:
    missing = []
    for macro in manifest["macros"].values():
        name = macro["name"]
        if (
            macro["package_name"] != "diorama"
            or "__" in name
            or name.startswith(("test_", "materialization_"))
        ):
            continue
        if not macro["description"].strip():
            missing.append(name)
        missing += [
            f"{name}({argument['name']})"
            for argument in macro["arguments"]
            if not (argument["description"] or "").strip() or not argument["type"]
        ]
    assert missing == []


# --- files ----------------------------------------------------------------------------------------


def breaking(paths: list[Path], *rules: Callable[[Path], bool]) -> list[str]:
    """The files that break a rule, with the rule's name."""
    return [
        f"{relative(path)}: {rule.__name__}"
        for path in paths
        for rule in rules
        if not rule(path)
    ]


def test_models_open_with_their_grain_and_are_plain_shared_sql() -> None:
    def opens_with_its_grain(path: Path) -> bool:
        text = path.read_text(encoding="utf-8")
        return CONFIG.sub("", text).startswith("-- one row")

    def names_no_target(path: Path) -> bool:
        return "target." not in code_of(path)

    def is_a_function_of_the_seed(path: Path) -> bool:
        return not re.search(
            r"\b(now|random|setseed|uuid|gen_random_uuid)\(\)"
            r"|\b(current_date|current_timestamp|today)\b",
            code_of(path),
        )

    def has_no_jinja_but_calls_and_one_loop(path: Path) -> bool:
        code = code_of(path)
        return (
            not re.search(r"\{%-?\s*(if|set|macro|call)\b", code)
            and len(re.findall(r"\{%-?\s*for\b", code)) <= 1
        )

    def speaks_the_shared_dialect(path: Path) -> bool:
        return not ENGINE_ONLY.findall(JINJA.sub(" ", code_of(path)))

    assert (
        breaking(
            MODELS,
            opens_with_its_grain,
            names_no_target,
            is_a_function_of_the_seed,
            has_no_jinja_but_calls_and_one_loop,
            speaks_the_shared_dialect,
        )
        == []
    )


def test_macro_files_hold_the_macro_of_their_name_and_open_with_what_it_returns() -> (
    None
):
    def holds_the_macro_of_its_name(path: Path) -> bool:
        """And, in macros/engine/, what it dispatches to, or an engine's answer to one of dbt."""
        named = re.sub(
            r"\bmaterialization ", "macro materialization_", path.read_text("utf-8")
        )
        names = re.findall(r"\{%-?\s*macro\s+(\w+)", named)
        if path.parent.name == "engine":
            names = [re.sub(r"^(duckdb|spark|default)__", "", name) for name in names]
            return set(names) == {path.stem}
        return names == [path.stem]

    def opens_with_what_it_returns(path: Path) -> bool:
        return path.read_text(encoding="utf-8").startswith("{#")

    assert (
        breaking(MACROS, holds_the_macro_of_its_name, opens_with_what_it_returns) == []
    )


def test_engines_are_named_in_engine_macros_only() -> None:
    def names_no_engine(path: Path) -> bool:
        return not re.search(
            r"\btarget\.type\b|adapter\.(dispatch|type)\b|\b(duckdb|spark)\b",
            code_of(path),
        )

    def speaks_the_shared_dialect(path: Path) -> bool:
        return path.parent.name not in ("draws", "time", "defects", "stats") or not (
            ENGINE_ONLY.findall(JINJA.sub(" ", code_of(path)))
        )

    def answers_on_every_engine(path: Path) -> bool:
        """dbt refuses to parse a project of which an engine lacks an answer."""
        text = path.read_text(encoding="utf-8")
        return all(
            f"macro {engine}__{name}(" in text or f"macro default__{name}(" in text
            for name in re.findall(r"adapter\.dispatch\('(\w+)'", text)
            for engine in ("duckdb", "spark")
        )

    others = [path for path in MACROS if path.parent.name != "engine"]
    assert breaking(others, names_no_engine, speaks_the_shared_dialect) == []
    assert breaking(MACROS, answers_on_every_engine) == []


def test_random_is_called_in_one_place_only() -> None:
    """For the root key; everything else is derived from it."""
    files = [*MODELS, *MACROS, *(ROOT / "tests").rglob("*.sql")]
    calls = {
        relative(path)
        for path in files
        if re.search(
            r"\b(random|rand|setseed|uuid|gen_random_uuid)\(",
            JINJA.sub(" ", code_of(path)),
        )
    }
    assert calls == {"macros/engine/seeded_bits.sql"}
    users = {relative(path) for path in files if "seeded_bits(" in code_of(path)}
    assert users == {"macros/draws/root_key.sql", "macros/engine/seeded_bits.sql"}


def read_otherwise_by_dbt_2(code: str) -> list[str]:
    """Jinja that dbt 2 refuses or, worse, takes for something else than dbt 1."""
    made = r"(?:timedelta|\w+_date|delivered_until|\.date)\([^()]*\)"
    kept = re.findall(rf"set (\w+) = (?:(?!%\}}|\.days).)*?{made} -?%\}}", code)
    date = "|".join([made, *(rf"\b{name}\b" for name in kept)])
    prefixed = r"\('1' ~ [^|]*\) \| int\(base=16\)"
    forms = (
        r"\bsum\(attribute\b[^)]*\)",
        rf"(?:{date}) *\*[^%}}]*|\* *(?:modules\.datetime\.)?(?:{date})",
        rf"\[[^\[\]]*(?:{date})(?= *[,\]])[^\[\]]*\] *\| *(?:min|max|sort)\b",
        r"\bint\([^()]*\bbase\b[^()]*\)",
    )
    code = re.sub(prefixed, "", code)
    return [found.group() for form in forms for found in re.finditer(form, code)]


def cut_at_a_comma(text: str) -> list[str]:
    """Texts of a YAML file that end at a comma, since they are not quoted: `{a: one, two}`."""

    def cut(node: yaml.Node) -> Iterator[str]:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                is_rest = key.end_mark.index == value.start_mark.index
                if node.flow_style and is_rest and value.value == "":
                    yield key.value
                yield from cut(value)
        elif isinstance(node, yaml.SequenceNode):
            for each in node.value:
                is_plain = isinstance(each, yaml.ScalarNode) and each.style is None
                if node.flow_style and is_plain and " " in each.value:
                    yield each.value
                yield from cut(each)

    return list(cut(yaml.compose(text)))


def test_both_parsers_of_dbt_read_the_same() -> None:
    """Cheap beside test_installation.py, which builds the worlds with both."""
    code = [*MODELS, *MACROS, *(ROOT / "tests").rglob("*.sql")]
    texts = [
        path
        for folder in ("models", "macros", "seeds", "tests")
        for path in (ROOT / folder).rglob("*.yml")
    ]
    texts += [ROOT / "dbt_project.yml", ROOT / "selectors.yml", ROOT / "profiles.yml"]
    assert len(texts) > 40
    found = {relative(path): read_otherwise_by_dbt_2(code_of(path)) for path in code}
    found |= {relative(path): cut_at_a_comma(path.read_text()) for path in texts}
    assert {path: forms for path, forms in found.items() if forms} == {}


def test_the_rules_can_be_broken() -> None:
    """The patterns above find what they are meant to find."""
    for bad in (
        "a::int",
        "7 // 2",
        "hash(a, b)",
        "select * exclude (a)",
        "qualify x = 1",
        "x -> x + 1",
    ):
        assert ENGINE_ONLY.search(bad), bad
    for good in (
        "a / 2",
        "select *",
        "text_hash(a)",
        "max(x) - min(x)",
        "replace(a, b, c)",
    ):
        assert not ENGINE_ONLY.search(good), good
    for bad in (
        "{%- set total = pairs | sum(attribute=1) -%}",
        "{{ modules.datetime.timedelta(days=1) * 3 }}",
        "{%- set day = modules.datetime.timedelta(days=1) -%}{{ 3 * day }}",
        "{{ [delivered_until(world), world_end_date(world)] | min }}",
        "{%- set day = strptime(as_of).date() -%}{{ return([day, other] | max) }}",
        "{{ local_md5(stream)[:15] | int(base=16) }}",
    ):
        assert read_otherwise_by_dbt_2(bad), bad
    for good in (
        "{%- set days = (delivered_until(w) - world_start_date(w)).days -%}{{ 3 * days }}",
        "{{ [(last_delivered_date(w) - world_start_date(w)).days + 1, 0] | max }}",
        "{{ ('1' ~ local_md5(stream)[:15]) | int(base=16) }} {{ columns | sort(attribute=1) }}",
    ):
        assert not read_otherwise_by_dbt_2(good), good
    assert cut_at_a_comma("{a: one, two}") == ["two"]
    assert cut_at_a_comma("b: [one two, three]") == ["one two"]
    assert not cut_at_a_comma("{a: 'one, two', b: [x, y], c: null, d: ''}")
    for latent in (
        "engagement_score",
        "persona",
        "latent_intent",
        "true_effect",
        "user_key",
    ):
        assert re.fullmatch(LATENT, latent)


def calls_without_encoding(code: str) -> list[str]:
    """Calls that read or write text in the encoding of the platform."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        said = {keyword.arg for keyword in node.keywords}
        texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
        is_binary = any("b" in text for text in texts if isinstance(text, str))
        of_os = ast.unparse(node.func) in ("os.open", "webbrowser.open")
        reads = name in (
            "read_text",
            "write_text",
            "NamedTemporaryFile",
            "TextIOWrapper",
        )
        opens = name in ("open", "fdopen") and not is_binary and not of_os
        pipes = name in ("run", "Popen", "check_output") and "text" in said
        if (reads or opens or pipes) and "encoding" not in said:
            found.append(ast.unparse(node))
    return found


def test_text_is_read_and_written_in_utf_8_whatever_the_platform() -> None:
    programs = [
        path
        for folder in ("cli", "bench", "container")
        for path in (ROOT / folder).rglob("*.py")
    ]
    assert len(programs) > 30
    found = {
        str(path.relative_to(ROOT)): calls
        for path in programs
        if (calls := calls_without_encoding(path.read_text(encoding="utf-8")))
    }
    assert found == {}
