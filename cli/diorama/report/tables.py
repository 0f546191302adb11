"""Figures that are tables of texts."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from diorama.report.figures import Row, Table, significant


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
    """A table of some columns.

    Args:
        header: Its columns: the field, and what it is called.
        right: The fields that stand to the right.
        badges: The fields that are a state.

    Returns:
        The drawing of rows.
    """

    def drawn(rows: list[Row]) -> Table:
        return Table(
            header=list(header.values()),
            rows=[[shown(row[field]) for field in header] for row in rows],
            right=[header[field] for field in right],
            badges=[header[field] for field in badges],
        )

    return drawn


def shown(value: Any) -> str:
    """A value as people read it."""
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
