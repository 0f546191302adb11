"""`diorama diff`: what two databases or exports do not have in common, table by table."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diorama.check import ENDINGS, FORMATS
from diorama.database import require_database
from diorama.dbt import MEMORY, Dbt, world_of
from diorama.errors import DioramaError, UsageError
from diorama.manifest import MANIFEST_NAME, read_manifest
from diorama.project import Project
from diorama.terminal import format_count, narrate, print_json, print_line, print_table


@dataclass(frozen=True)
class Side:
    """One of the two places.

    Attributes:
        path: A database file, or the directory of an export.
        files: Of an export, the files of each table by model name; None for a database.
    """

    path: Path
    files: dict[str, list[Path]] | None = field(default=None)

    def holds(self, model: Any) -> dict[str, Any] | None:
        """Where a model's rows are, as the run-operation `diff` takes it; None where nowhere."""
        if self.files is None:
            return {"schema": model.schema, "name": model.alias}
        files = self.files.get(model.name)
        if not files:
            return None
        return {"files": [str(file) for file in files], "format": _format(files[0])}


def diff(
    project: Project,
    left: Path,
    right: Path,
    worlds: list[str],
    names: list[str],
    as_json: bool,
    quiet: bool,
) -> None:
    """Compares two databases or exports, and prints to stdout what differs.

    Args:
        project: The project.
        left: A database file, or the directory of an export.
        right: Another.
        worlds: The worlds; none for all.
        names: Models to compare alone; none for all.
        as_json: Whether to print one JSON document instead of lines.
        quiet: Whether nothing but errors is shown.

    Raises:
        DioramaError: They differ.
    """
    sides = [_side(path, project) for path in (left, right)]
    dbt = Dbt(project, MEMORY)
    known = {model.name for model in dbt.models()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"There is no table '{unknown[0]}'. See `diorama list`.")
    keys = keys_of_models(dbt)
    tables = []
    for model in dbt.models():
        if (worlds and world_of(model) not in worlds) or (
            names and model.name not in names
        ):
            continue
        held = [side.holds(model) for side in sides]
        # a database has many tables that no export has
        if all(held) or (any(held) and None not in [s.files for s in sides]):
            tables.append(
                {
                    "name": model.name,
                    "left": held[0],
                    "right": held[1],
                    "key": keys.get(model.unique_id, []),
                }
            )
    records = dbt.operation(
        "diff",
        {
            "left_database": _database(sides[0]),
            "right_database": _database(sides[1]),
            "tables": tables,
        },
    )
    if not records:
        raise DioramaError(f"{left} and {right} have no table in common to compare.")
    is_mixed = (sides[0].files is None) != (sides[1].files is None)
    for record in records:
        record["status"] = _status(record, is_mixed)
    _print(records, sides, as_json, quiet)
    differing = [record for record in records if record["status"] != "equal"]
    if differing:
        raise DioramaError(f"{len(differing)} of {len(records)} tables differ.")
    if not quiet:
        narrate("All rows are equal.")


def keys_of_models(dbt: Dbt) -> dict[str, list[str]]:
    """The columns that name a row of each model, by its id: those of its tests for uniqueness."""
    keys: dict[str, list[str]] = {}
    for node in dbt.manifest().nodes.values():
        test = getattr(node, "test_metadata", None)
        if test is None or node.attached_node is None:
            continue
        if test.name == "well_formed":
            key = test.kwargs["unique"][0]
            keys[node.attached_node] = [key] if isinstance(key, str) else key
        elif test.name == "unique_combination":
            keys.setdefault(node.attached_node, test.kwargs["columns"])
    return keys


def _side(path: Path, project: Project) -> Side:
    if path.is_dir():
        return Side(path, _files(path))
    require_database(path, project.log)
    return Side(path)


def _database(side: Side) -> str | None:
    return str(side.path) if side.files is None else None


def _files(directory: Path) -> dict[str, list[Path]]:
    """The files of each table, by model name, as the manifest of an export or of shards says."""
    manifest = read_manifest(directory) or _read_shards(directory)
    versions = [file.parent.name for file in directory.glob(f"*/{MANIFEST_NAME}")]
    if not manifest and len(versions) == 1:
        return _files(directory / versions[0])
    if not manifest and versions:
        raise UsageError(
            f"{directory} holds {len(versions)} versions. "
            f"Give one of them, such as {directory / sorted(versions)[0]}."
        )
    if not manifest:
        raise UsageError(
            f"{directory} is no export: it has no {MANIFEST_NAME}. "
            "Give a database file, or a directory that `diorama export` wrote."
        )
    files: dict[str, list[Path]] = {}
    for entry in manifest["files"]:
        files.setdefault(entry["table"], []).append(directory / entry["path"])
    lost = [file for of in files.values() for file in of if not file.is_file()]
    if lost:
        raise DioramaError(f"{lost[0]} is missing, but {MANIFEST_NAME} lists it.")
    return files


def _read_shards(directory: Path) -> dict[str, Any]:
    """The manifest of worlds in shards, in the form of that of an export; else an empty one."""
    try:
        tables = json.loads((directory / MANIFEST_NAME).read_text(encoding="utf-8"))[
            "tables"
        ]
    except (OSError, ValueError, KeyError):
        return {}
    files = [
        {"table": name, "path": path}
        for name, table in tables.items()
        for path in table["files"]
    ]
    return {"files": files}


def _format(file: Path) -> str:
    for format_ in FORMATS:
        if any(file.name.endswith(f".{format_}{ending}") for ending in ENDINGS):
            return format_
    raise DioramaError(f"{file} is neither Parquet nor CSV nor JSONL.")


def _status(record: dict[str, Any], is_mixed: bool) -> str:
    """How a table compares. An export may have fewer columns than the table that it is of."""
    if record["left"] is None:
        return "only in B"
    if record["right"] is None:
        return "only in A"
    if record["left"] != record["right"]:
        return "different"
    if not is_mixed and (record["left_columns"] or record["right_columns"]):
        return "other columns"
    return "equal"


def _print(
    records: list[dict[str, Any]], sides: list[Side], as_json: bool, quiet: bool
) -> None:
    if as_json:
        document = {
            "left": str(sides[0].path),
            "right": str(sides[1].path),
            "equal": all(record["status"] == "equal" for record in records),
            "tables": records,
        }
        print_json(document)
        return
    if quiet:
        return
    rows = []
    for record in records:
        counts = [record[side] or {} for side in ("left", "right")]
        rows.append(
            [
                record["table"],
                *(format_count(count.get("rows")) for count in counts),
                *(count.get("fingerprint", "") for count in counts),
                record["status"],
            ]
        )
    header = ["table", "rows in A", "rows in B", "fingerprint A", "fingerprint B", ""]
    print_table(
        f"A is {sides[0].path}, B is {sides[1].path}",
        header,
        rows,
        right=["rows in A", "rows in B"],
    )
    for record in records:
        for line in _told(record):
            print_line(line)


def _told(record: dict[str, Any]) -> list[str]:
    """What is different about a table, in lines."""
    if record["status"] == "other columns":
        lines = []
        for side, name in (("left_columns", "A"), ("right_columns", "B")):
            if record[side]:
                lines.append(f"Only {name} has columns: {', '.join(record[side])}")
        return ["", f"{record['table']}", *[f"  {line}" for line in lines]]
    if record["status"] != "different":
        return []
    left, right = record["first"]["left"], record["first"]["right"]
    key = record["key"] or list(left or right)
    named = ", ".join(f"{name}={_shown((left or right)[name])}" for name in key)
    lines = [
        "",
        record["table"],
        f"  rows only in A: {record['only_left']:,}; only in B: {record['only_right']:,}",
        f"  first: {named}",
    ]
    if left and right:
        for name in left:
            if left[name] != right[name]:
                lines.append(
                    f"    {name}: {_shown(left[name])} | {_shown(right[name])}"
                )
    else:
        lines.append(f"    only in {'A' if left else 'B'}")
    return lines


def _shown(value: str | None) -> str:
    return "null" if value is None else value
