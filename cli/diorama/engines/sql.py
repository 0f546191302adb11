"""SQL that the command line sends to DuckDB: identifiers, literals, files, fingerprints."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

INTEGERS = {
    *("bigint", "integer", "smallint", "tinyint"),
    *("uinteger", "usmallint", "utinyint", "boolean"),
}
# of a null, which no value is likely to have, since DuckDB hashes it, too
NULL_NUMBER = 16045690984503098046
MOMENTS = "timestampformat '%Y-%m-%d %H:%M:%S.%f'"
FILE_OPTIONS = {
    "parquet": "format parquet",
    "csv": f"format csv, header, {MOMENTS}",
    "jsonl": f"format json, {MOMENTS}",
}
READERS = {
    "parquet": "read_parquet({}, union_by_name = true)",
    "csv": "read_csv({}, all_varchar = true, header = true, union_by_name = true)",
    "jsonl": "read_json({}, format = 'newline_delimited', union_by_name = true)",
}
# functions that are called without brackets
VALUE_FUNCTIONS = frozenset(
    {
        *("user", "current_user", "session_user", "current_role", "current_catalog"),
        *("current_schema", "current_date", "current_time", "current_timestamp"),
        *("localtime", "localtimestamp", "rowid"),
    }
)


def identifier(name: str) -> str:
    """Quotes an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: object) -> str:
    """Quotes a text literal."""
    return "'" + str(text).replace("'", "''") + "'"


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """The columns of a relation or query: the type of each, in lower case, by name."""
    described = connection.execute(f"describe {relation}").fetchall()
    return {name: kind.lower() for name, kind, *_ in described}


def count_rows(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Mapping[str, str]
) -> tuple[int, str]:
    """The number of rows, and the fingerprint of their content over some columns."""
    row = connection.execute(
        f"select count(*), {content_fingerprint(columns)} from {relation}"
    ).fetchone()
    assert row is not None
    return row


def content_fingerprint(columns: Mapping[str, str]) -> str:
    """The aggregate that is a fingerprint of all rows, as 16 hexadecimal digits.

    It is the sum modulo 2^64 of a number per row, so that order and threads do not matter. A
    row's number chains its columns in order, h <- hash(h xor content_number). DuckDB's hash of
    values of a fixed width is a published mixer that no version from 1.4 to 2.0 has changed; that
    of texts did change, so a text is read as integers first.

    Args:
        columns: The types by name.

    Returns:
        An expression.
    """
    row = f"cast({len(columns)} as ubigint)"
    for name, kind in columns.items():
        row = f"hash(xor({row}, {content_number(identifier(name), kind)}))"
    total = f"cast(coalesce(sum({row}), 0) % 18446744073709551616 as ubigint)"
    return f"lower(lpad(to_hex({total}), 16, '0'))"


def content_number(value: str, kind: str) -> str:
    """A value as a number of 64 bits (UBIGINT).

    What has a fixed width is hashed by its bits, integers as BIGINT and moments in microseconds;
    anything else as text, by `text_number`: up to 16 bytes as one integer, up to 48 characters of
    ASCII as three, and longer ones by their MD5, which takes five times as long.

    Args:
        value: An expression.
        kind: Its type.

    Returns:
        An expression.
    """
    if kind in INTEGERS:
        number = f"hash(cast({value} as bigint))"
    elif kind in ("hugeint", "double", "uuid"):
        number = f"hash({value})"
    elif kind.startswith("decimal"):
        scale = kind.split(",")[1].strip(" )")
        number = f"hash(cast({value} as decimal(38, {scale})))"
    elif kind in ("timestamp", "date"):
        number = f"hash(epoch_us({value}))"
    else:
        text = value if kind == "varchar" else f"cast({value} as varchar)"
        number = f"text_number({text})"
    null = f"cast({NULL_NUMBER} as ubigint)"
    return f"case when {value} is null then {null} else {number} end"


def text_number() -> str:
    """The statement that makes the macro `text_number`, which is parsed once for all columns."""

    def bits(piece: str) -> str:
        return f"hash(cast(cast(encode({piece}) as bit) as uhugeint))"

    first, second, third = (
        bits(f"substr(given, {start}, 16)") for start in (1, 17, 33)
    )
    return f"""
        create or replace temp macro text_number(given) as case
            when strlen(given) between 1 and 16
                then xor(cast(strlen(given) as ubigint), {bits("given")})
            when given = '' then cast(0 as ubigint)
            when strlen(given) <= 48 and strlen(given) = length(given)
                then hash(xor({first}, hash(xor({second},
                    case when strlen(given) > 32 then {third} else 0 end))))
            else cast(md5_number_lower(given) as ubigint)
        end
    """


def copy_statement(query: str, path: Path, file_format: str, compression: str) -> str:
    """The statement that writes the rows of a query to one file, in its order if it has one."""
    options = f"{FILE_OPTIONS[file_format]}, compression {compression}"
    return f"copy ({query}) to {literal(path)} ({options})"


def read_files(paths: Sequence[Path]) -> str:
    """The query that reads Parquet files as one relation."""
    return f"select * from read_parquet({_named(paths)})"


def read_as_text(paths: Sequence[Path], file_format: str) -> str:
    """The query that reads files of one format as one relation, every column as text."""
    reader = READERS[file_format].format(_named(paths))
    return f"select cast(columns(*) as varchar) from {reader}"


def _named(paths: Sequence[Path]) -> str:
    """The names of files, and whether folders (`country=SE`) hold values.

    That is so where the files lie in such a folder, and not because of one above. In a name no
    character stands for others.
    """
    names = [literal(re.sub(r"([*?\[])", r"[\1]", str(path))) for path in paths]
    in_folders = "true" if "=" in paths[0].parent.name else "false"
    return f"[{', '.join(names)}], hive_partitioning = {in_folders}"


@functools.cache
def reserved_words() -> frozenset[str]:
    """The words of SQL that no column can be named by without quotes."""
    import duckdb

    with duckdb.connect() as connection:
        rows = connection.execute(
            "select keyword_name from duckdb_keywords() "
            "where keyword_category in ('reserved', 'type_function')"
        ).fetchall()
    return VALUE_FUNCTIONS.union(name for (name,) in rows)
