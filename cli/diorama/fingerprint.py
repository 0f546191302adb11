"""`diorama fingerprint`: a number per table that tells whether two hold the same rows."""

import difflib
from pathlib import Path
from typing import Any

from diorama.database import require_database
from diorama.dbt import Dbt, world_of
from diorama.errors import DioramaError, UsageError
from diorama.project import Project
from diorama.terminal import narrate, print_json, print_line


def fingerprint(
    project: Project,
    path: Path,
    worlds: list[str],
    names: list[str],
    as_json: bool,
    quiet: bool,
) -> None:
    """Prints rows and content fingerprint of each built table to stdout, as they come.

    Args:
        project: The project.
        path: The database file.
        worlds: The worlds; none for all.
        names: Models to take alone, views among them; none for all tables. A view holds no rows of
            its own, so that tables are enough to compare two databases.
        as_json: Whether to print one JSON document instead of lines.
        quiet: Whether to leave out the remark on stderr.
    """
    require_database(path, project.log)
    dbt = Dbt(project, path, read_only=True)
    models = {
        model.name: model
        for model in dbt.models()
        if not worlds or world_of(model) in worlds
    }
    for name in names:
        if name not in models:
            near = difflib.get_close_matches(name, models, n=1)
            hint = f" The nearest is {near[0]}." if near else ""
            raise UsageError(f"There is no table '{name}'.{hint} See `diorama list`.")
    chosen = [models[name] for name in names] or list(models.values())
    built = {
        (fact["schema"], fact["name"]): fact["kind"]
        for fact in dbt.operation("describe", {})[0]["relations"]
    }
    kinds = ("table", "view") if names else ("table",)
    relations = [
        {"schema": model.schema, "name": model.alias}
        for model in chosen
        if built.get((model.schema, model.alias)) in kinds
    ]
    if not relations:
        raise DioramaError(
            f"{path} holds none of these tables. Make them with `diorama build`."
        )
    records = dbt.operation("fingerprint", {"relations": relations})
    if as_json:
        print_json([_entry(record) for record in records])
        return
    width = max(len(f"{record['schema']}.{record['name']}") for record in records)
    for record in records:
        print_line(
            f"{record['schema'] + '.' + record['name']:<{width}}"
            f"  {record['rows']:>13,}  {record['fingerprint']}"
        )
    if not quiet:
        narrate("Equal fingerprints mean equal rows, in whatever order.")


def _entry(record: dict[str, Any]) -> dict[str, Any]:
    return {key: record[key] for key in ("schema", "name", "rows", "fingerprint")}
