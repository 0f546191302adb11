"""`diorama diff`: compares two databases or exports, table by table."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diorama.engines.sql import (
    columns_of,
    count_rows,
    identifier,
    read_as_text,
    read_files,
)
from diorama.errors import DioramaError, UsageError, nearest
from diorama.files.export_manifest import MANIFEST_NAME, read_manifest
from diorama.files.formats import ENDINGS, Format
from diorama.project.catalogue import Catalogue, connected

if TYPE_CHECKING:
    import duckdb

SIDES = ("left", "right")
ALIASES = ("left_side", "right_side")


@dataclass(frozen=True)
class Held:
    """A table on one of the two sides.

    Attributes:
        world: Its world, or None.
        key: The columns of its unique key; empty if none is declared.
        query: SQL of its rows.
        is_view: Whether it is a view of a database.
    """

    world: str | None
    key: list[str]
    query: str
    is_view: bool = False


def compare(
    left: Path, right: Path, worlds: list[str], names: list[str]
) -> list[dict[str, Any]]:
    """Compares two databases or exports.

    Args:
        left: A database file, or the directory of an export.
        right: Another.
        worlds: The worlds; empty for all.
        names: The models to compare; empty for all.

    Returns:
        A record for each table: number of rows and fingerprint of each side over the common
        columns (None if a side lacks the table), whether they are equal and, if not, the number of
        rows that only one side has and the first of them.

    Raises:
        DioramaError: They have no table in common.
    """
    is_export = [path.is_dir() for path in (left, right)]
    is_mixed = len(set(is_export)) == 2
    with connected(str(Path(tempfile.gettempdir(), "diorama.tmp"))) as connection:
        sides: list[dict[str, Held]] = []
        order: list[str] = []
        for path, alias in zip((left, right), ALIASES, strict=True):
            if path.is_dir():
                sides.append(_files(path))
                order += sides[-1]
                continue
            catalogue = Catalogue(path, connection, alias)
            catalogue.check_holds(worlds)
            models = catalogue.models()
            sides.append(
                {
                    model.name: Held(
                        model.world,
                        model.key,
                        f"select * from {alias}.{model.sql}",
                        model.form == "view",
                    )
                    for model in models
                    if model.form
                }
            )
            order = [model.name for model in models] + order
        unknown = [name for name in names if name not in order]
        if unknown:
            raise UsageError(
                f"There is no table '{unknown[0]}'.{nearest(unknown[0], order)} See `diorama list`."
            )
        records = []
        for name in dict.fromkeys(order):
            held = [side.get(name) for side in sides]
            there = [each for each in held if each]
            # of what an export has not, a database has much
            lacks = is_mixed and held[is_export.index(True)] is None
            if lacks or not there or all(each.is_view for each in there):
                continue
            if (names and name not in names) or (
                worlds and there[0].world not in worlds
            ):
                continue
            record = _compared(connection, name, held)
            records.append({**record, "status": _status(record, is_mixed)})
    if not records:
        raise DioramaError(f"{left} and {right} have no table in common to compare.")
    return records


def _compared(
    connection: duckdb.DuckDBPyConnection, name: str, held: list[Held | None]
) -> dict[str, Any]:
    """Rows and fingerprint of each side over the common columns, and the first difference."""
    types = [columns_of(connection, each.query) if each else {} for each in held]
    columns = common_columns(*types) if all(held) else types[0] or types[1]
    if not columns:
        raise UsageError(
            f"The two tables '{name}' have no column in common. Compare others."
        )
    record: dict[str, Any] = {"table": name}
    if all(held):
        record["left_columns"], record["right_columns"] = (
            [column for column in side if column not in columns] for side in types
        )
    for side, of in zip(SIDES, held, strict=True):
        record[side] = None
        if of:
            selected = ", ".join(
                f"try_cast({identifier(column)} as {kind}) as {identifier(column)}"
                for column, kind in columns.items()
            )
            connection.execute(
                f"create or replace temp view compared_{side} as "
                f"select {selected} from ({of.query}) as given"
            )
            rows, content = count_rows(connection, f"compared_{side}", columns)
            record[side] = {"rows": rows, "fingerprint": content}
    if all(held) and record["left"] != record["right"]:
        key = next((each.key for each in held if each and each.key), [])
        record["key"] = key if columns.keys() >= set(key) else []
        record |= first_difference(connection, list(columns), record["key"])
    return record


def common_columns(left: dict[str, str], right: dict[str, str]) -> dict[str, str]:
    """The common columns, each with the type in which it is compared.

    Args:
        left: Column types of one side.
        right: Column types of the other side.

    Returns:
        The type if both agree; the other side's type if one is text, as in CSV; double if one is
        double and the other a decimal or 128-bit integer, as with `export --floats`; else text.
    """
    columns = {}
    for name, own in left.items():
        if name not in right:
            continue
        other = right[name]
        columns[name] = "varchar"
        if own == other:
            columns[name] = own
        elif "varchar" in (own, other) and "uuid" not in (own, other):
            columns[name] = other if own == "varchar" else own
        elif "double" in (own, other):
            exact = other if own == "double" else own
            if exact.startswith(("decimal", "hugeint")):
                columns[name] = "double"
    return columns


def first_difference(
    connection: duckdb.DuckDBPyConnection, names: list[str], key: list[str]
) -> dict[str, Any]:
    """The first difference between the views compared_left and compared_right.

    Args:
        connection: A connection that has them.
        names: Their columns.
        key: The columns of the unique key; empty if there is none.

    Returns:
        The number of rows that only one side has, and the first of them in key order (without a
        key, in the order of all columns): the row as text by column, or None on the side without
        a row of that key.
    """
    columns = ", ".join(map(identifier, names))
    texts = ", ".join(f"cast({identifier(name)} as varchar)" for name in names)
    order = ", ".join(map(identifier, key or names))
    only = "(select '{0}', * from (from compared_{0} except all from compared_{1}))"
    rows = connection.execute(
        f"""
        select
            compared_side,
            count_if(compared_side = 'left') over (),
            count_if(compared_side = 'right') over (),
            {texts}
        from ({only.format(*SIDES)} union all {only.format(*reversed(SIDES))}) as differing (
            compared_side, {columns}
        )
        order by {order}, compared_side
        limit 2
        """
    ).fetchall()
    found: dict[str, Any] = {"only_left": 0, "only_right": 0}
    first: dict[str, dict[str, str] | None] = dict.fromkeys(SIDES)
    for side, only_left, only_right, *values in rows:
        row = dict(zip(names, values, strict=True))
        found |= {"only_left": only_left, "only_right": only_right}
        before = first["left"]
        is_next = side == "right" and before and key
        if not any(first.values()) or (
            is_next and all(row[name] == before[name] for name in key)
        ):
            first[side] = row
    return {**found, "first": first}


def _files(directory: Path) -> dict[str, Held]:
    """The tables listed in the manifest of an export or of shards."""
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
            f"{directory} is not an export: it has no {MANIFEST_NAME}. "
            "Give a database file, or a directory that `diorama export` wrote."
        )
    entries: dict[str, list[dict[str, Any]]] = {}
    for entry in manifest["files"]:
        entries.setdefault(entry["table"], []).append(entry)
        if not (directory / entry["path"]).is_file():
            lost = directory / entry["path"]
            raise DioramaError(f"{lost} is missing, but {MANIFEST_NAME} lists it.")
    tables = {}
    for name, (first, *others) in entries.items():
        files = [directory / entry["path"] for entry in (first, *others)]
        form = _format(files[0])
        query = read_files(files) if form == "parquet" else read_as_text(files, form)
        # an earlier version wrote no key
        tables[name] = Held(first["world"], first.get("key", []), query)
    return tables


def _read_shards(directory: Path) -> dict[str, Any]:
    """The manifest of worlds in shards, in the form of that of an export; else an empty one."""
    try:
        text = (directory / MANIFEST_NAME).read_text(encoding="utf-8")
        tables = json.loads(text)["tables"]
    except (OSError, ValueError, KeyError):
        return {}
    return {
        "files": [
            {"world": None, **table, "table": name, "path": path}
            for name, table in tables.items()
            for path in table["files"]
        ]
    }


def _format(file: Path) -> str:
    for format_ in Format:
        if any(
            file.name.endswith(f".{format_}{ending}") for ending in ENDINGS.values()
        ):
            return format_
    raise DioramaError(f"{file} is neither Parquet nor CSV nor JSONL.")


def _status(record: dict[str, Any], is_mixed: bool) -> str:
    """The result of a comparison. An export may have fewer columns than its table."""
    if record["left"] is None:
        return "only in B"
    if record["right"] is None:
        return "only in A"
    if record["left"] != record["right"]:
        return "different"
    if not is_mixed and (record["left_columns"] or record["right_columns"]):
        return "other columns"
    return "equal"
