"""Columns of a query as Arrow's buffers: no Python object per value is made."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import nanoarrow


@dataclass(frozen=True)
class Texts:
    """A column of texts, in UTF-8.

    Attributes:
        bounds: Where each value begins in `content`, and where the last one ends.
        content: All values, one behind the other.
    """

    bounds: memoryview
    content: memoryview

    def __iter__(self) -> Iterator[memoryview]:
        """The values."""
        for at in range(len(self.bounds) - 1):
            yield self.content[self.bounds[at] : self.bounds[at + 1]]

    def __getitem__(self, at: int) -> memoryview:
        """A value."""
        return self.content[self.bounds[at] : self.bounds[at + 1]]

    def part(self, begin: int, end: int) -> "Texts":
        """Some values in a row."""
        return Texts(self.bounds[begin : end + 1], self.content)

    def joined(self) -> memoryview:
        """All values, one behind the other."""
        return self.content[self.bounds[0] : self.bounds[-1]]


Column = memoryview | Texts


def columns(
    connection: duckdb.DuckDBPyConnection, query: str
) -> Iterator[list[Column]]:
    """Runs a query.

    Args:
        connection: The connection.
        query: Returns columns of BIGINT and VARCHAR without nulls.

    Yields:
        The columns of some rows: views of 64-bit integers, and texts.

    Raises:
        duckdb.Error: The query fails.
    """
    relation = connection.sql(query)
    kinds = [str(kind) for kind in relation.types]
    if unknown := set(kinds) - {"BIGINT", "VARCHAR"}:
        raise duckdb.NotImplementedException(f"no columns of {', '.join(unknown)}")
    try:
        for rows in nanoarrow.c_array_stream(relation):
            yield [_column(rows.child(at), kind) for at, kind in enumerate(kinds)]
    except RuntimeError as error:  # NanoarrowException, which has no public name
        raise duckdb.Error(str(error)) from error


def _column(values: Any, kind: str) -> Column:
    # its buffers keep the values alive; those of a view's child do not
    view = values.view()
    if view.null_count or view.offset:
        raise duckdb.InvalidInputException("no nulls are expected")
    if kind == "BIGINT":
        return memoryview(view.buffer(1))
    bounds, content = view.buffer(1), view.buffer(2)
    return Texts(memoryview(bounds), memoryview(content).cast("B"))
