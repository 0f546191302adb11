"""`diorama list`: worlds, tables and settings, and what the database holds of them."""

import json
import re
import sys
from pathlib import Path
from typing import Any

from diorama.errors import DioramaError
from diorama.project import Project
from diorama.project.catalogue import Relation, declared_relations, open_database
from diorama.project.settings import Macros
from diorama.ui.terminal import (
    format_count,
    narrate,
    print_json,
    print_line,
    print_table,
)

# the layers whose tables people open; others are steps to them
OPEN_LAYERS = ("raw", "staging", "marts", "truth")


def list_project(
    project: Project,
    path: Path,
    worlds: list[str],
    has_all: bool,
    has_settings: bool,
    as_json: bool,
) -> None:
    """Prints the tables that people open, or the settings, to stdout.

    Args:
        project: The project.
        path: The database file; where there is none, or it cannot be read, the list has no row
            counts and no current values, and says so.
        worlds: The worlds to list; none for all.
        has_all: Whether to list every table, also those that are not built.
        has_settings: Whether to list settings instead of tables.
        as_json: Whether to print all of it as one JSON document.
    """
    absent: DioramaError | None = None
    rows: dict[str, int] = {}
    try:
        with open_database(path) as catalogue:
            relations = list(catalogue.relations.values())
            rows = catalogue.row_counts()
    except DioramaError as error:
        absent, relations = error, declared_relations(project)
    models = [
        relation
        for relation in relations
        if relation.kind == "model" and (not worlds or relation.world in worlds)
    ]
    if as_json:
        document = {
            "database": None if absent else str(path),
            "worlds": [w for w in project.worlds if not worlds or w in worlds],
            "tables": [
                {
                    "world": model.world,
                    "layer": model.layer,
                    "table": model.name,
                    "grain": model.grain,
                    "kind": model.form,
                    "rows": rows.get(model.name),
                }
                for model in models
            ],
            "settings": _settings(project, relations, worlds),
        }
        print_json(document)
    elif has_settings:
        _print_settings(_settings(project, relations, worlds))
    else:
        _print_tables(models if has_all else _open(models), rows)
    if absent:
        narrate(f"No row counts: {absent}", style="yellow")


def _open(models: list[Relation]) -> list[Relation]:
    """Those that people open: that are built, or that could be, where none is."""
    candidates = [model for model in models if model.layer in OPEN_LAYERS]
    return [model for model in candidates if model.form] or candidates


def _settings(
    project: Project, relations: list[Relation], worlds: list[str]
) -> list[dict[str, Any]]:
    """The settings with the value that the built tables have, one per world where they differ."""
    built: dict[str, dict[str, Any]] = {}
    for relation in relations:
        for name, value in relation.settings.items():
            built.setdefault(name, {})[json.dumps(value)] = value
    allowed_values = Macros(project, {})["allowed_values"]
    settings = []
    for name, said in project.settings.items():
        prefix = name.split("_")[0]
        world = prefix if prefix in project.worlds else None
        if worlds and world is not None and world not in worlds:
            continue
        values = list(built.get(name, {}).values()) or [said["default"]]
        settings.append(
            {
                "world": world,
                "name": name,
                **{key: said[key] for key in ("meaning", "type")},
                "unit": said.get("unit"),
                "allowed": allowed_values(said),
                "default": said["default"],
                "current": values[0] if len(values) == 1 else values,
            }
        )
    return settings


def _print_tables(models: list[Relation], rows: dict[str, int]) -> None:
    if not sys.stdout.isatty():
        for model in models:
            cells = [model.layer, model.name, model.form, rows.get(model.name)]
            _print_cells([*cells, model.grain])
        return
    shown: list[list[str]] = []
    for number, model in enumerate(models):
        if not number or model.layer != models[number - 1].layer:
            shown.append([model.layer])
        counted = "view" if model.form == "view" else format_count(rows.get(model.name))
        grain, *_ = re.sub("^One row per ", "", model.grain).split(": ")
        shown.append([f"  {model.name}", counted, grain])
    print_table("Tables", ["table", "rows", "one row per"], shown, right=["rows"])


def _print_settings(settings: list[dict[str, Any]]) -> None:
    shown: list[list[str]] = []
    world: str | None = ""
    for setting in settings:
        unit = f" ({setting['unit']})" if setting["unit"] else ""
        meaning = f"{setting['meaning']}{unit}: {setting['allowed']}"
        current, default = _show(setting["current"]), _show(setting["default"])
        if not sys.stdout.isatty():
            _print_cells([setting["name"], current, default, meaning])
            continue
        if setting["world"] != world:
            world = setting["world"]
            shown.append([world or "all worlds"])
        meaning += f"; default {default}" if current != default else ""
        shown.append([f"  {setting['name']}", current, meaning])
    if shown:
        header = ["setting", "value", "meaning and range"]
        print_table("Settings (--set name=value)", header, shown)


def _print_cells(cells: list[Any]) -> None:
    """Prints a row for other programs: cells between tabs."""
    print_line("\t".join("" if cell is None else str(cell) for cell in cells))


def _show(value: Any) -> str:
    if isinstance(value, list):
        return " or ".join(_show(each) for each in value)
    return "null" if value is None else str(value)
