"""The queries of an export: columns, their formats and the order of rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from diorama.engines.sql import identifier, literal
from diorama.errors import DioramaError

if TYPE_CHECKING:
    import duckdb

Columns = dict[str, str]


def chosen_columns(
    types: Columns, names: Sequence[str] | None, without: Sequence[str]
) -> Columns:
    """The columns with the given names, in that order, or all, without those left out.

    Raises:
        DioramaError: The table has no column of such a name.
    """
    missing = [name for name in names or () if name not in types]
    if missing:
        raise DioramaError(
            f"There is no column '{missing[0]}', which meta.export.columns names. "
            "Build the table again with `diorama build`."
        )
    chosen = types if names is None else names
    return {name: types[name] for name in chosen if name not in without}


def folder_of(types: Columns, partition_by: str | None) -> str | None:
    """The name in the folders `name=value`: the column's own; of a moment, that of its day.

    Args:
        types: The columns of the table.
        partition_by: The column.

    Returns:
        The name (`event_time` gives `event_date`), or None where there is no such column.
    """
    if partition_by not in types:
        return None
    if types[partition_by] == "timestamp":
        return re.sub("_(time|at)$", "", partition_by) + "_date"
    return partition_by


def partition_key(types: Columns, partition_by: str) -> str:
    """The value of a row's folder, as text: of a column, or the day of a moment."""
    key = identifier(partition_by)
    if types[partition_by] == "timestamp":
        key = f"cast({key} as date)"
    return f"cast({key} as varchar)"


def columns_beyond_double(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Columns
) -> list[str]:
    """The integer columns that JSON readers, which use doubles, would round.

    Args:
        connection: A connection.
        relation: The table.
        columns: Some of its columns.

    Returns:
        Those that hold a number beyond 2^53.
    """
    names = [
        n for n, kind in columns.items() if kind in ("bigint", "hugeint", "ubigint")
    ]
    tests = [f"max(abs({identifier(name)}::hugeint)) > {2**53}" for name in names]
    if not tests:
        return []
    row = connection.execute(f"select {', '.join(tests)} from {relation}").fetchone()
    return [name for name, is_beyond in zip(names, row or (), strict=True) if is_beyond]


def expressions(columns: Columns, shape: Mapping[str, Any]) -> dict[str, str]:
    """The columns of a file by name.

    They are as in the table, but a UUID as text, as readers expect, and a sum of 128 bits as a
    decimal, since Parquet would have a double.

    Args:
        columns: The types by name.
        shape: How files differ. `times` writes moments as text (`iso` in ISO 8601); `nested`
            gathers columns in objects, {object: {key: column}}, at the place of the first of them;
            `nulls` names the text that stands for null in a column; `texts` are columns that are
            written as text; `as_floats` makes decimals doubles.

    Returns:
        An expression for each.
    """
    nested, nulls = shape.get("nested") or {}, shape.get("nulls") or {}
    object_of = {
        column: name for name, fields in nested.items() for column in fields.values()
    }
    found: dict[str, str] = {}
    for column, exact in exact_columns(columns).items():
        name, kind = identifier(column), columns[column]
        if shape.get("as_floats") and kind.startswith(("hugeint", "decimal")):
            name = f"cast({name} as double)"
        if column in object_of:
            fields = nested[object_of[column]]
            found[object_of[column]] = named_struct(
                {key: identifier(held) for key, held in fields.items()}
            )
        elif column in nulls:
            found[column] = (
                f"coalesce(cast({name} as varchar), {literal(nulls[column])})"
            )
        elif kind == "uuid" or column in (shape.get("texts") or ()):
            found[column] = f"cast({name} as varchar)"
        elif kind == "timestamp" and shape.get("times"):
            is_iso = shape["times"] == "iso"
            form = "%Y-%m-%dT%H:%M:%S.%gZ" if is_iso else "%Y-%m-%d %H:%M:%S.%f"
            found[column] = f"strftime({name}, '{form}')"
        else:
            found[column] = name if shape.get("as_floats") else exact
    return found


def select_list(named: Mapping[str, str]) -> str:
    """Expressions, each under its name."""
    return ", ".join(
        f"{expression} as {identifier(name)}" for name, expression in named.items()
    )


def named_struct(named: Mapping[str, str]) -> str:
    """A struct of expressions by name."""
    fields = (f"{identifier(name)} := {of}" for name, of in named.items())
    return f"struct_pack({', '.join(fields)})"


def exact_columns(columns: Columns) -> dict[str, str]:
    """Columns in their own types; a sum of 128 bits as a decimal, every digit kept."""
    return {
        name: f"cast({identifier(name)} as decimal(38, 0))"
        if kind == "hugeint"
        else identifier(name)
        for name, kind in columns.items()
    }
