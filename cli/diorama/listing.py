"""`diorama list`: worlds, tables and settings, and what the database holds of them."""

import json
import re
from pathlib import Path
from typing import Any

from diorama.database import require_database
from diorama.dbt import MEMORY, Dbt, world_of
from diorama.errors import DioramaError
from diorama.project import Project
from diorama.terminal import (
    format_bytes,
    format_count,
    narrate,
    print_json,
    print_line,
    print_table,
)


def list_project(
    project: Project, path: Path, worlds: list[str], as_json: bool
) -> None:
    """Prints worlds, tables and settings to stdout.

    Args:
        project: The project.
        path: The database file; where there is none, or another process holds it, the list has no
            row counts and no current values, and says so.
        worlds: The worlds to list; none for all.
        as_json: Whether to print one JSON document instead of tables.
    """
    absent: DioramaError | None = None
    try:
        require_database(path, project.log)
    except DioramaError as error:
        absent = error
    dbt = Dbt(project, MEMORY if absent else path, read_only=absent is None)
    described = dbt.operation("describe", {})[0]
    tables = _tables(dbt, described, worlds)
    settings = _settings(described, worlds)
    if as_json:
        listed = [
            world for world in described["worlds"] if not worlds or world in worlds
        ]
        document = {
            "database": None if absent else str(path),
            "worlds": listed,
            "tables": tables,
            "settings": settings,
        }
        print_json(document)
    else:
        _print(described["worlds"], worlds, tables, settings)
    if absent:
        narrate(f"No row counts: {absent}", style="yellow")


def _tables(
    dbt: Dbt, described: dict[str, Any], worlds: list[str]
) -> list[dict[str, Any]]:
    facts = {(fact["schema"], fact["name"]): fact for fact in described["relations"]}
    tables = []
    for model in dbt.models():
        world = world_of(model)
        if worlds and world not in worlds:
            continue
        fact = facts.get((model.schema, model.alias), {})
        tables.append(
            {
                "world": world,
                "layer": model.schema,
                "table": model.name,
                "grain": grain_of(model.description, model.raw_code),
                "kind": fact.get("kind"),
                "rows": fact.get("rows"),
                "bytes": fact.get("bytes"),
            }
        )
    return tables


def grain_of(description: str, code: str) -> str:
    """What one row is.

    Args:
        description: The model's description, whose first sentence says it.
        code: Its SQL, whose first comment says it too.

    Returns:
        That sentence, or an empty text.
    """
    if description.strip():
        sentence = re.split(r"(?<=[.])\s|\n\n", description.strip(), maxsplit=1)[0]
        return " ".join(sentence.split()).rstrip(".")
    comment = re.search(
        r"^\s*(?:--|\{#-?) *(one row.*?)(?: *-?#\})?$",
        code,
        re.MULTILINE | re.IGNORECASE,
    )
    return comment[1][0].upper() + comment[1][1:] if comment else ""


def _settings(described: dict[str, Any], worlds: list[str]) -> list[dict[str, Any]]:
    """The settings with the value that the built tables have, one per world where they differ."""
    built: dict[str, dict[str, Any]] = {}
    for fact in described["relations"]:
        for name, value in ((fact["memory"] or {}).get("values") or {}).items():
            built.setdefault(name, {})[json.dumps(value)] = value
    settings = []
    for setting in described["settings"]:
        prefix = setting["name"].split("_")[0]
        world = prefix if prefix in described["worlds"] else None
        if worlds and world is not None and world not in worlds:
            continue
        values = list(built.get(setting["name"], {}).values())
        current = (
            setting["default"]
            if not values
            else values[0]
            if len(values) == 1
            else values
        )
        settings.append({"world": world, **setting, "current": current})
    return settings


def _print(
    known: list[str],
    worlds: list[str],
    tables: list[dict[str, Any]],
    settings: list[dict[str, Any]],
) -> None:
    print_line(
        "Worlds: "
        + ", ".join(world for world in known if not worlds or world in worlds)
    )
    print_line("")
    rows: list[list[str]] = []
    layer = ""
    for table in tables:
        if table["layer"] != layer:
            layer = table["layer"]
            rows.append([layer])
        counted = "view" if table["kind"] == "view" else format_count(table["rows"])
        rows.append(
            [
                f"  {table['table']}",
                counted,
                format_bytes(table["bytes"]),
                table["grain"],
            ]
        )
    print_table(
        "Tables", ["table", "rows", "size", "grain"], rows, right=["rows", "size"]
    )

    print_line("")
    rows = []
    world: str | None = ""
    for setting in settings:
        if setting["world"] != world:
            world = setting["world"]
            rows.append([world or "all worlds"])
        unit = f" ({setting['unit']})" if setting["unit"] else ""
        meaning = f"{setting['meaning']}{unit}: {setting['allowed']}"
        values = [_show(setting["current"]), _show(setting["default"])]
        rows.append([f"  {setting['name']}", *values, meaning])
    header = ["setting", "current", "default", "meaning and range"]
    print_table("Settings (--set name=value)", header, rows)


def _show(value: Any) -> str:
    if isinstance(value, list):
        return " or ".join(_show(each) for each in value)
    return "null" if value is None else str(value)
