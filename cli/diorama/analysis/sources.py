"""Finds the files and tables that a plan names and reads them as DuckDB relations."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from diorama.engines.sql import columns_of, identifier, literal
from diorama.errors import UsageError, nearest

if TYPE_CHECKING:
    import duckdb

    from diorama.analysis.plan import Table

TEXTS = {".csv", ".tsv", ".txt"}
DOCUMENTS = {".json", ".jsonl", ".ndjson"}
PACKED = {".gz", ".zst"}
DATABASES = (".duckdb", ".db", ".ddb")
NUMBERS = {
    *("tinyint", "smallint", "integer", "bigint", "hugeint", "decimal"),
    *("utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"),
    *("double", "float", "boolean"),
}


def yes_or_no(column: str) -> str:
    """SQL of a text column of yes and no as 1 and 0; null for other texts."""
    text = f"lower(trim(cast({identifier(column)} as varchar)))"
    return (
        f"case when {text} in ('yes', 'y', 'true', 't') then 1.0 "
        f"when {text} in ('no', 'n', 'false', 'f') then 0.0 end"
    )


@dataclass(frozen=True)
class Source:
    """A relation that the plan names.

    Attributes:
        name: Key of the plan that names it, such as `facts.orders`.
        relation: SQL of the relation.
        types: Column types by column name, both in lower case.
        is_text: Whether it is a text file, whose types were guessed from its first rows.
    """

    name: str
    relation: str
    types: dict[str, str]
    is_text: bool

    def kind(self, column: str) -> str:
        """The type of a column."""
        return self.types[column.lower()]

    def is_number(self, column: str) -> bool:
        """Whether a column holds numbers or truth values."""
        kind = self.kind(column)
        return kind.split("(")[0] in NUMBERS and not kind.endswith("]")

    def text(self, column: str) -> str:
        """SQL of a column of ids or names as text, with empty text as null.

        Integers look the same whatever the type, since an id column with nulls is often read as
        floating point.
        """
        value, kind = identifier(column), self.kind(column)
        text = f"cast({value} as varchar)"
        if kind.split("(")[0] in ("double", "float", "decimal"):
            whole = f"try_cast({value} as bigint)"
            text = f"if({whole} = {value}, cast({whole} as varchar), {text})"
        return f"nullif({text}, '')"

    def moment(self, column: str, timezone: str | None) -> str:
        """SQL of a column as a timestamp in UTC; null where it is not a time.

        Args:
            column: The column.
            timezone: Time zone of times without an offset; None for UTC.

        Returns:
            An SQL expression.
        """
        value, kind = identifier(column), self.kind(column)
        if "with time zone" in kind:
            return f"timezone('UTC', {value})"
        if kind == "varchar":
            local = f"try_cast({value} as timestamp)"
            offset = f"timezone('UTC', try_cast({value} as timestamptz))"
            if timezone:
                local = f"timezone('UTC', timezone({literal(timezone)}, {local}))"
            return f"case when {has_offset(value)} then {offset} else {local} end"
        if kind.startswith("timestamp"):
            local = f"cast({value} as timestamp)"
            if timezone:
                return f"timezone('UTC', timezone({literal(timezone)}, {local}))"
            return local
        if kind == "date":
            return f"cast({value} as timestamp)"
        return "cast(null as timestamp)"


def has_offset(value: str) -> str:
    """Whether a text with a time ends with an offset from UTC."""
    signs = " or ".join(f"{value}[-{place}] in ('+', '-')" for place in (3, 5, 6))
    return f"strlen({value}) >= 16 and ({value}[-1] in ('Z', 'z') or {signs})"


class Sources:
    """Finds what the plan names."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, directory: Path) -> None:
        """Takes a connection and the directory to which paths are relative."""
        self.connection = connection
        self.directory = directory
        self._attached: dict[Path, str] = {}
        self.statements: list[str] = []  # by which databases were attached
        self.reads_all = (
            False  # guess types from all rows of a text file, and not the first
        )

    def find(
        self, name: str, table: Table, columns: Sequence[str], moments: Sequence[str]
    ) -> Source:
        """Finds a relation and checks that it has the columns that the plan names.

        Args:
            name: Key of the plan that names it.
            table: Its declaration in the plan.
            columns: The columns needed.
            moments: Those of them that hold times, which are read as text from text files.

        Returns:
            The relation.

        Raises:
            UsageError: There is no such relation or column, or the condition cannot be read.
        """
        import duckdb

        relation, is_text = self._relation(name, table.from_, ())
        try:
            types = columns_of(self.connection, f"select * from {relation}")
        except duckdb.Error as error:
            raise UsageError(
                f"{name}.from is '{table.from_}', but cannot be read: {_line(error)}"
            ) from error
        # what DuckDB calls the column of a file that has none
        if list(types) in (["column0"], ["json"]) and self._is_empty(relation):
            raise UsageError(f"{name}.from is '{table.from_}', which is empty.")
        known = {column.lower() for column in types}
        lacking = [column for column in columns if column.lower() not in known]
        if lacking:
            said = [f"'{column}'.{nearest(column, types)}" for column in lacking]
            raise UsageError(
                f"{name}: {table.from_} has no column {' Nor '.join(said)} "
                f"It has {', '.join(types)}."
            )
        if is_text and moments:
            wanted = {column.lower() for column in moments}
            # numbers may be looks; no time is one
            texts = [
                column
                for column, kind in types.items()
                if column.lower() in wanted and kind.split("(")[0] not in NUMBERS
            ]
            relation, _ = self._relation(name, table.from_, texts)
            types |= dict.fromkeys(texts, "varchar")
        if table.where:
            relation = f"(select * from {relation} where {table.where}\n)"
            try:
                columns_of(self.connection, f"select * from {relation}")
            except duckdb.Error as error:
                raise UsageError(
                    f"{name}.where is no condition on {table.from_}: {_line(error)}"
                ) from error
        lower = {column.lower(): kind for column, kind in types.items()}
        return Source(name, relation, lower, is_text)

    def _is_empty(self, relation: str) -> bool:
        first = f"from {relation} where columns(*) is not null limit 1"
        return not self.connection.execute(first).fetchall()

    def _relation(self, name: str, text: str, texts: Sequence[str]) -> tuple[str, bool]:
        if re.match(r"\s*(select|from|with|values)\b|\s*\(", text, re.IGNORECASE):
            return "({}\n)".format(text.rstrip().removesuffix(";")), False
        database = re.fullmatch(r"(.+?\.(?:duckdb|ddb|db)):([^:]+)", text)
        if database:
            return self._table(name, Path(database[1]), database[2]), False
        is_remote = "://" in text
        pattern = text if is_remote else str(self.directory / Path(text).expanduser())
        if Path(pattern).is_file():
            pattern = glob.escape(pattern)  # [ and ] are of its name
        files = [text] if is_remote else sorted(glob.glob(pattern, recursive=True))
        if not files:
            raise UsageError(self._no_file(name, text, pattern))
        suffixes = [s for s in Path(files[0]).suffixes if s.lower() not in PACKED]
        suffix = suffixes[-1].lower() if suffixes else ""
        path = literal(pattern)
        if suffix in (".parquet", ".pq"):
            return f"read_parquet({path}, union_by_name = true)", False
        sample = ", sample_size = -1" if self.reads_all else ""
        if suffix in TEXTS:
            types = ", ".join(f"{literal(each)}: 'varchar'" for each in texts)
            more = f", types = {{{types}}}" if types else ""
            return (
                f"read_csv({path}, header = true, union_by_name = true{more}{sample})",
                True,
            )
        if suffix in DOCUMENTS:
            return (
                f"read_json({path}, union_by_name = true, convert_strings_to_integers = false"
                f"{sample})",
                True,
            )
        raise UsageError(
            f"{name}.from is '{text}', but must be a file of Parquet, CSV or JSON, a table "
            "(file.duckdb:schema.table), or a query."
        )

    def _no_file(self, name: str, text: str, pattern: str) -> str:
        folder = Path(pattern).parent
        beside = [each.name for each in folder.iterdir()] if folder.is_dir() else []
        hint = nearest(Path(text).name, beside)
        return f"{name}.from is '{text}', but there is no such file in {folder}.{hint}"

    def _table(self, name: str, file: Path, table: str) -> str:
        import duckdb

        path = self.directory / file.expanduser()
        if path not in self._attached:
            if not path.is_file():
                raise UsageError(self._no_file(name, str(file), str(path)))
            alias = f"source_{len(self._attached)}"
            attach = f"attach {literal(path)} as {alias} (read_only)"
            try:
                self.connection.execute(attach)
            except duckdb.Error as error:
                raise UsageError(
                    f"{name}.from is '{file}', but cannot be opened: {_line(error)}"
                ) from error
            self._attached[path] = alias
            self.statements.append(attach + ";")
        parts = table.split(".")
        names = [self._attached[path], *(["main"] if len(parts) == 1 else []), *parts]
        return ".".join(map(identifier, names))


def _line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).split("\n") if line.strip()]
    # of CSV, the first lines are the place and what stands there
    return " ".join(lines[: 3 if "CSV Error" in lines[0] else 1])
