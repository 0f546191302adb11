"""What a report is made of: figures, each a query, a sentence and a drawing."""

import math
import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diorama.errors import DioramaError

if TYPE_CHECKING:
    import altair as alt
    import duckdb

SQL = Path(__file__).parent / "sql"
RELATION = re.compile(r"\b(?:from|join) ([a-z]+)\.(\w+)")

Row = dict[str, Any]


@dataclass(frozen=True)
class Panel:
    """One chart of a figure.

    Attributes:
        chart: The chart; its width is that of the page.
        title: What tells it from the figure's other panels.
        is_wide: Whether it takes the whole width of the page, not a half or third.
    """

    chart: "alt.Chart | alt.LayerChart"
    title: str = ""
    is_wide: bool = False


@dataclass(frozen=True)
class Table:
    """A figure that is a table of texts.

    Attributes:
        header: The names of the columns.
        rows: The cells.
        right: The columns that stand to the right.
        badges: The columns whose cells are a state, such as `ok` or `alert`.
        is_facts: Whether it is one row, which is shown as tiles.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Sequence[str] = ()
    badges: Sequence[str] = ()
    is_facts: bool = False


@dataclass(frozen=True)
class Figure:
    """One figure, which appears when its tables are in the database.

    Its file of SQL makes a temporary table named `figure`, from which the chart is drawn, and ends
    with a query of one row, whose columns the sentence names.

    Attributes:
        name: The file of SQL below `sql`, without its ending: `feed/volume`.
        title: What it shows.
        reading: What it says, in one sentence, as a format string over the columns of that row.
        draw: Makes charts or a table of the rows of `figure`.
        numbers: The shared file below `sql/shared` whose query gives the sentence's row, if it is
            not the figure's own.
        key: What the marks are, where no legend says it.
        caution: What it does not say, where people might think that it does.
    """

    name: str
    title: str
    reading: str
    draw: "Callable[[list[Row]], list[Panel] | Table]"
    numbers: str = ""
    key: str = ""
    caution: str = ""

    @cached_property
    def sql(self) -> str:
        """Its SQL, as it is run and shown."""
        sql = (SQL / f"{self.name}.sql").read_text(encoding="utf-8")
        if self.numbers:
            sql += "\n" + (SQL / "shared" / f"{self.numbers}.sql").read_text(
                encoding="utf-8"
            )
        return sql

    @property
    def relations(self) -> set[tuple[str, str]]:
        """The relations that its SQL reads, as (schema, name)."""
        return set(RELATION.findall(self.sql))


@dataclass(frozen=True)
class Drawn:
    """A figure of one database.

    Attributes:
        id: The anchor in the page.
        figure: The figure.
        sql: The SQL that was run.
        reading: The sentence, with the numbers of this build.
        drawing: Charts or a table; None where there is nothing to draw.
    """

    id: str
    figure: Figure
    sql: str
    reading: str
    drawing: list[Panel] | Table | None


class Sentence(string.Formatter):
    """Formats a sentence; what is null is said in words."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """A value as the sentence wants it.

        Args:
            value: The value; null is said in words.
            format_spec: Python's, or `sig` for three significant digits, `+sig` with sign, or `p`
                for a p-value with its sign of relation.

        Returns:
            The text.
        """
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return "none"
        if format_spec == "p":
            return f"= {significant(value)}" if value >= 1e-4 else "< 0.0001"
        if format_spec in ("sig", "+sig"):
            return significant(float(value), format_spec.removesuffix("sig") or "-")
        return super().format_field(value, format_spec)


def significant(number: float, sign: str = "-", digits: int = 3) -> str:
    """A number with some significant digits, as people write it: 12,300 and 0.0123.

    Args:
        number: The number.
        sign: `+` to show the sign of positive numbers, too.
        digits: How many digits.

    Returns:
        The text; below a ten-thousandth with an exponent.
    """
    if number == 0 or not math.isfinite(number):
        return f"{number:g}"
    rounded = float(f"{number:.{digits - 1}e}")
    exponent = math.floor(math.log10(abs(rounded)))
    if exponent < -4:
        return f"{rounded:{sign}.{digits - 1}e}"
    return f"{rounded:{sign},.{max(0, digits - 1 - exponent)}f}"


def draw(
    connection: "duckdb.DuckDBPyConnection",
    figure: Figure,
    variables: dict[str, str] | None = None,
) -> Drawn:
    """Runs a figure's SQL and draws what it gives.

    Args:
        connection: A connection to the database.
        figure: The figure.
        variables: Variables that the SQL reads by `getvariable`.

    Returns:
        The figure with its sentence and drawing.

    Raises:
        DioramaError: The database's tables are not those that this version of diorama makes.
    """
    import duckdb

    variables = variables or {}
    settings = [
        f"set variable {name} = {_literal(value)};\n"
        for name, value in variables.items()
    ]
    sql = "".join(settings) + figure.sql
    try:
        *making, asking = connection.extract_statements(sql)
        for statement in making:
            connection.execute(statement)
        rows = _rows(connection, "select * from figure")
        numbers = _rows(connection, asking) if rows else []
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        told = str(error).splitlines()[0]
        raise DioramaError(
            f"The figure {figure.name} does not fit this database ({told}), which another "
            "version of diorama built. Build it anew with `diorama build`."
        ) from error
    place, _, name = figure.name.partition("/")
    anchor = "-".join([*(variables.values() or [place]), name])
    if not rows:
        return Drawn(anchor, figure, sql, "This build has no rows for it.", None)
    if numbers:
        reading = Sentence().vformat(figure.reading, (), numbers[0])
    else:
        reading = "This build has too few rows to say more."
    return Drawn(anchor, figure, sql, reading, figure.draw(rows))


def _rows(
    connection: "duckdb.DuckDBPyConnection", query: "str | duckdb.Statement"
) -> list[Row]:
    result = connection.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
