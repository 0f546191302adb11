"""Figures that are tables."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from diorama.report.figures import Row, Sentence, Table, significant


def facts(rows: list[Row]) -> Table:
    """The one row as pairs of name and value."""
    pairs = [(name.replace("_", " "), shown(value)) for name, value in rows[0].items()]
    return Table(
        header=[name for name, _ in pairs],
        rows=[[value for _, value in pairs]],
        is_facts=True,
    )


def table(
    header: dict[str, str], right: tuple[str, ...] = (), badges: tuple[str, ...] = ()
) -> Callable[[list[Row]], Table]:
    """A table of some columns; one whose fields no row has is left out.

    Args:
        header: What each column is called, and its cells as a format string over the fields.
        right: The columns that stand to the right.
        badges: The columns that are a state.

    Returns:
        The drawing of rows.
    """
    cells = Sentence(nothing="–")  # noqa: RUF001
    fields = {
        name: [field for _, field, _, _ in cells.parse(text) if field]
        for name, text in header.items()
    }

    def cell(row: Row, name: str) -> str:
        if all(row[field] is None for field in fields[name]):
            return cells.nothing
        return cells.vformat(header[name], (), row).removeprefix("= ")

    def drawn(rows: list[Row]) -> Table:
        names = [name for name in header if rows[0].keys() >= set(fields[name])]
        return Table(
            header=names,
            rows=[[cell(row, name) for name in names] for row in rows],
            right=right,
            badges=badges,
        )

    return drawn


def shown(value: Any) -> str:
    """Formats a value."""
    if value is None:
        return "–"  # noqa: RUF001
    if isinstance(value, date):
        return f"{value:%-d %b %Y}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        text = significant(float(value))
        return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
    return str(value)
