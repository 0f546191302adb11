"""`diorama explain`: one user's life under every arm, as the tables have it or generated alone."""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from diorama.database import require_database
from diorama.dbt import MEMORY, Dbt, Watcher, world_of
from diorama.errors import DioramaError, UsageError, headline
from diorama.project import Project
from diorama.scratch import scratch_directory
from diorama.terminal import narrate, print_json, print_line, print_table

EVERYWHERE = "user_number"


@dataclass(frozen=True)
class ExplainRequest:
    """Whom to explain, and from what.

    Attributes:
        user_id: The user's id; None where the number is given.
        user_number: The user's number in the world, from 0 (in search from 1), or None.
        worlds: The worlds to look in; none for all.
        generate: Whether to generate the user alone instead of reading tables.
        variables: With generate: settings that differ from those of the built world.
        as_json: Whether to print one JSON document.
        quiet: Whether to leave out the remark on stderr.
    """

    user_id: str | None
    user_number: int | None
    worlds: list[str]
    generate: bool
    variables: dict[str, Any]
    as_json: bool
    quiet: bool


@dataclass(frozen=True)
class Declared:
    """What the YAML of a world's models says of how its users are explained (`meta.explain`).

    Attributes:
        world: The world.
        user: The relation that knows the user, and expressions of it.
        sections: What is told: of that relation first, then in the order of the models.
        models: The models of the sections.
    """

    world: str
    user: dict[str, Any]
    sections: list[dict[str, Any]]
    models: list[Any]


def explain(project: Project, path: Path, request: ExplainRequest) -> None:
    """Prints one user's life to stdout.

    Args:
        project: The project.
        path: The database file; with `generate` there need be none.
        request: Whom to explain.

    Raises:
        DioramaError: There is no such user.
    """
    if (request.user_id is None) == (request.user_number is None):
        raise UsageError("Give a user's id, or --number and --world.")
    if request.user_number is not None and len(request.worlds) != 1:
        raise UsageError(
            "--number counts the users of one world. Give it with --world."
        )
    if request.variables and not request.generate:
        raise UsageError("Settings are for a user who is generated. Give --generate.")
    if not request.generate:
        require_database(path, project.log)
    has_tables = path.is_file()
    dbt = Dbt(project, path if has_tables else MEMORY, read_only=has_tables)
    worlds = request.worlds or project.worlds
    candidates = [d for world in worlds if (d := declared(dbt, world))]
    if request.generate:
        found = _generated(project, dbt, candidates, request)
    else:
        found = _read(dbt, candidates, request)
    if found is None:
        asked = request.user_id or f"number {request.user_number}"
        where = f"world {worlds[0]}" if len(worlds) == 1 else "any world"
        raise DioramaError(
            f"There is no user {asked} in {where}"
            + (". Check the id." if request.generate else f" of {path}. Check the id.")
        )
    if request.as_json:
        print_json(found)
    else:
        _print(found, request.quiet)


def declared(dbt: Dbt, world: str) -> Declared | None:
    """How the users of a world are explained.

    Args:
        dbt: dbt on the project.
        world: The world.

    Returns:
        The declarations of its models, or None where there are none.
    """
    by_name = {
        node.name: {"schema": node.schema, "name": node.alias}
        for node in dbt.manifest().nodes.values()
        if node.resource_type in ("model", "seed")
    }
    user, sections, models = None, [], []
    for model in dbt.models():
        said = model.config.meta.get("explain")
        if world_of(model) != world or not said:
            continue
        if "user" in said:
            user = {"is_in_experiment": "true", **by_name[model.name], **said["user"]}
        for section in said.get("sections", []):
            of = section.get("of", EVERYWHERE)
            sections.append(
                {
                    **section,
                    **by_name[model.name],
                    "of": of,
                    "is_number": of == EVERYWHERE,
                }
            )
            if "variants" in section:
                sections[-1]["variants"] = by_name[section["variants"]]
            models.append(model)
    if user is None:
        return None
    order = sorted(range(len(models)), key=lambda n: models[n].alias != user["name"])
    return Declared(
        world, user, [sections[n] for n in order], [models[n] for n in order]
    )


def _read(
    dbt: Dbt, candidates: list[Declared], request: ExplainRequest
) -> dict[str, Any] | None:
    """The user as the tables of the first world that knows the id have it."""
    for candidate in candidates:
        built = _built(dbt, candidate)
        if not built:
            continue
        missing = [m.name for m in candidate.models if (m.schema, m.alias) not in built]
        if missing:
            raise DioramaError(
                f"The database does not hold {missing[0]}. "
                f"Make it with `diorama build --world {candidate.world}`."
            )
        told = _told(dbt, candidate, request.user_id, request.user_number)
        if told:
            return told
    return None


def _built(dbt: Dbt, candidate: Declared) -> dict[tuple[str, str], Any]:
    """What the relations of the database were built from; empty where the world is not in it."""
    facts = {
        (fact["schema"], fact["name"]): fact["memory"] or {}
        for fact in dbt.operation("describe", {})[0]["relations"]
    }
    place = (candidate.user["schema"], candidate.user["name"])
    return facts if place in facts else {}


def _generated(
    project: Project, dbt: Dbt, candidates: list[Declared], request: ExplainRequest
) -> dict[str, Any] | None:
    """The user generated alone, from the settings of the built world where there is one."""
    interrupted = "Interrupted. Nothing was made."
    for candidate in candidates:
        variables = dict(request.variables)
        number = request.user_number
        memory = _built(dbt, candidate).get(
            (candidate.user["schema"], candidate.user["name"]), {}
        )
        for name, value in (memory.get("values") or {}).items():
            if value != project.settings.get(name, {}).get("default"):
                variables.setdefault(name, value)
        if number is None and memory:
            known = _told(dbt, candidate, request.user_id, None, with_sections=False)
            number = known["user_number"] if known else None
        place = Path(tempfile.gettempdir())
        with scratch_directory(place, "explain", interrupted) as scratch:
            made = Dbt(project, scratch / "diorama.duckdb", variables)
            if number is None:
                # an id says nothing of the number: all users are drawn to find it
                _build(made, [candidate.user["name"]])
                known = _told(
                    made, candidate, request.user_id, None, with_sections=False
                )
                if not known:
                    continue
                number = known["user_number"]
            made = Dbt(
                project,
                scratch / "diorama.duckdb",
                {**variables, "user_number": number},
            )
            _build(made, [m.name for m in candidate.models] + [candidate.user["name"]])
            told = _told(made, candidate, None, number)
        if told:
            return told
    return None


def _build(dbt: Dbt, names: list[str]) -> None:
    select = [f"+{name}" for name in dict.fromkeys(names)]
    kinds = ["resource_type:test", "resource_type:unit_test"]
    for step in dbt.build(select, kinds, True, Watcher()):
        if step.failed:
            raise DioramaError(
                f"{step.kind} {step.name} failed: {headline(step.message)}"
            )


def _told(
    dbt: Dbt,
    candidate: Declared,
    user_id: str | None,
    number: int | None,
    with_sections: bool = True,
) -> dict[str, Any] | None:
    """What the tables say of a user; None where they do not know the user."""
    records = dbt.operation(
        "explain",
        {
            "user": candidate.user,
            "user_id": user_id,
            "user_number": number,
            "sections": candidate.sections if with_sections else [],
        },
    )
    if not records:
        return None
    user, *parts = records
    told = {"world": candidate.world, **user, "effect": {}, "sections": []}
    for part in parts:
        section = candidate.sections[part["section"]]
        model = candidate.models[part["section"]]
        columns = [column["name"] for column in part["rows"]["columns"]]
        told["sections"].append(
            {
                "title": section["title"],
                "table": model.name,
                "meanings": {
                    name: " ".join(model.columns[name].description.split())
                    for name in columns
                    if name in model.columns
                },
                "rows": _typed(part["rows"]),
            }
        )
        if "totals" in part:
            told["sections"][-1] |= {
                "by": section["by"],
                "measures": list(section["measures"]),
            }
            for total in _typed(part["totals"]):
                effects = told["effect"].setdefault(total["treatment"], {})
                for measure in section["measures"]:
                    effects[measure] = {
                        arm: total[f"{arm}_{measure}"]
                        for arm in ("control", "treated", "effect")
                    }
    return told


def _typed(table: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a table, with whole numbers, fractions and booleans as such."""
    readers = {"boolean": lambda text: text == "true", "double": float}
    readers |= dict.fromkeys(("bigint", "integer", "hugeint", "smallint"), int)
    return [
        {
            column["name"]: None
            if text is None
            else readers.get(column["type"], str)(text)
            for column, text in zip(table["columns"], row, strict=True)
        }
        for row in table["rows"]
    ]


def _print(told: dict[str, Any], quiet: bool) -> None:
    arm = f"in {told['variant']}" if told["is_in_experiment"] else "in no experiment"
    print_line(
        f"User {told['user_id']} of {told['world']} (number {told['user_number']}), {arm}"
    )
    records = [s for s in told["sections"] if len(s["rows"]) == 1 and "by" not in s]
    for section in records:
        print_line("")
        rows = [
            [name, _shown(value, name), section["meanings"].get(name, "")]
            for name, value in section["rows"][0].items()
        ]
        title = f"{section['title']} ({section['table']})"
        print_table(title, ["trait", "value", "meaning"], rows, right=["value"])
    for treatment, effects in told["effect"].items():
        print_line("")
        rows = [
            [name, *(_shown(value) for value in arms.values())]
            for name, arms in effects.items()
        ]
        header = ["all days", "control", treatment, "effect"]
        title = f"{treatment} against control, by the same draws"
        print_table(title, header, rows, right=header[1:])
    for section in told["sections"]:
        if "by" in section and section["rows"]:
            _print_arms(section)
    for section in told["sections"]:
        if section in records or "by" in section or not section["rows"]:
            continue
        print_line("")
        rows = [
            [_shown(value, name) for name, value in row.items()]
            for row in section["rows"]
        ]
        header = list(section["rows"][0])
        title = f"{section['title']} ({section['table']})"
        print_table(title, header, rows, right=header)
    if quiet:
        return
    narrate("")
    narrate(
        "The effect on one person depends on how the arms share their draws, which no data "
        "could tell; averages do not."
    )


def _print_arms(section: dict[str, Any]) -> None:
    """Prints a number where the arms agree, and `control → treatment …` where they do not."""
    lives: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in section["rows"]:
        lives.setdefault(tuple(row[name] for name in section["by"]), []).append(row)
    rows = []
    for key, treated in lives.items():
        cells = [_shown(value) for value in key]
        for measure in section["measures"]:
            arms = [_shown(treated[0][f"control_{measure}"])]
            arms += [_shown(row[f"treated_{measure}"]) for row in treated]
            is_same = len(set(filter(None, arms))) == 1
            cells.append(arms[0] if is_same else " → ".join(arms))
        rows.append(cells)
    header = [*section["by"], *section["measures"]]
    arms = dict.fromkeys(["control", *(row["treatment"] for row in section["rows"])])
    print_line("")
    title = f"{section['title']}, {' → '.join(arms)} ({section['table']})"
    print_table(title, header, rows, right=header)


def _shown(value: Any, name: str = "") -> str:
    if value is None:
        return ""
    if name.endswith("_at_ms"):
        moment = datetime.fromtimestamp(value / 1000, UTC).replace(tzinfo=None)
        return moment.isoformat(" ", "milliseconds")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
