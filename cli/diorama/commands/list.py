"""`diorama list`: lists the tables to query, or the settings."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from diorama.commands import AsJson, Database, Worlds, app
from diorama.errors import DioramaError
from diorama.ui.terminal import (
    format_count,
    narrate,
    print_json,
    print_line,
    print_table,
)

if TYPE_CHECKING:
    from diorama.project.catalogue import Relation

# the layers whose tables people query; others are steps to them
OPEN_LAYERS = ("raw", "staging", "marts", "truth")


@app.command(
    "list",
    short_help="List tables and settings.",
    help=(
        "Example: [bold]diorama list --world feed[/bold]\n\n"
        "Lists the tables to query (raw, staging, marts and truth), with number of rows and "
        "grain; with --settings the settings, with current value and range. In a pipe the "
        "output is tab-separated."
    ),
)
def list_command(
    world: Worlds = None,
    has_all: Annotated[
        bool,
        typer.Option(
            "--all",
            help="List every model, also intermediate ones and those not built.",
        ),
    ] = False,
    has_settings: Annotated[
        bool, typer.Option("--settings", help="List settings instead of tables.")
    ] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Lists tables or settings."""
    from diorama.project import find_project
    from diorama.project.catalogue import declared_relations, open_database
    from diorama.project.settings import described_settings

    project, worlds = find_project(), world or []
    project.check_worlds(worlds)
    path = project.database(database)
    absent: DioramaError | None = None
    missing: DioramaError | None = None
    rows: dict[str, int] = {}
    try:
        with open_database(path) as catalogue:
            relations = list(catalogue.relations.values())
            rows = catalogue.row_counts()
            try:
                catalogue.check_holds(worlds)
            except DioramaError as error:
                missing = error
    except DioramaError as error:
        absent, relations = error, declared_relations(project)

    def settings() -> list[dict[str, Any]]:
        built = [relation.settings for relation in relations]
        return described_settings(project, worlds, built)

    models = [
        relation
        for relation in relations
        if relation.kind == "model" and (not worlds or relation.world in worlds)
    ]
    if missing and not models:
        raise missing
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
            "settings": settings(),
        }
        print_json(document)
    elif has_settings:
        _print_settings(settings())
    else:
        _print_tables(models if has_all else _open(models), rows)
    if absent:
        narrate(f"No row counts: {absent}", style="yellow")
    elif missing:
        narrate(str(missing), style="yellow")


def _open(models: list[Relation]) -> list[Relation]:
    """The models to query that are built or, if none is, those that could be.

    Models that only staging reads (validated and duplicate records) are left out.
    """
    readers: dict[str, set[str]] = {}
    for model in models:
        for parent in model.parents:
            readers.setdefault(parent, set()).add(model.layer)
    candidates = [
        model
        for model in models
        if model.layer in OPEN_LAYERS
        and not (model.layer == "staging" and readers.get(model.name) == {"staging"})
    ]
    return [model for model in candidates if model.form] or candidates


def _print_tables(models: list[Relation], rows: dict[str, int]) -> None:
    from diorama.project.catalogue import LAYERS

    # the worlds one after another, and then what they share
    models = sorted(
        models,
        key=lambda m: (LAYERS.index(m.layer), m.world == "experiments", m.world or "~"),
    )
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
    header = ["table", "rows", "one row per"]
    print_table("Tables", header, shown, right=["rows"], must_cut=True)


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
    """Prints a row for other programs, tab-separated."""
    print_line("\t".join("" if cell is None else str(cell) for cell in cells))


def _show(value: Any) -> str:
    if isinstance(value, list):
        return " or ".join(_show(each) for each in value)
    return "null" if value is None else str(value)
