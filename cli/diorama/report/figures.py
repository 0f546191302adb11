"""Figures of a report: each is a query, a sentence and a chart or table."""

import math
import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from diorama.errors import DioramaError

if TYPE_CHECKING:
    import altair as alt
    import duckdb

SQL = Path(__file__).parent / "sql"
RELATION = re.compile(r"\b(?:from|join) ([a-z]+)\.(\w+)")
# the kinds of sentences that say that something was found
FINDINGS = {"found", "win", "loss", "block", "warn"}
ESTIMATORS = {
    "cuped": "CUPED",
    "ancova": "ANCOVA",
    "lin": "Lin",
    "post_stratified": "post-stratified",
    "post_stratified_cuped": "post-stratified CUPED",
    "ipw": "IPW",
    "aipw": "AIPW",
    "did": "difference in differences",
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Panel:
    """One chart of a figure.

    Attributes:
        chart: The chart; its width is that of the page.
        title: Title that distinguishes it from the figure's other panels.
        is_wide: Whether it takes the full width of the page instead of a half or third.
    """

    chart: "alt.Chart | alt.LayerChart"
    title: str = ""
    is_wide: bool = False


@dataclass(frozen=True)
class Table:
    """A figure that is a table.

    Attributes:
        header: The column names.
        rows: The cells, as text.
        right: The right-aligned columns.
        badges: The columns whose cells are a state, such as `ok` or `alert`.
        is_facts: Whether it has one row, shown as tiles.
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
    with a query whose rows, one for most figures, are the numbers of a sentence each. Where the
    truth is known, a second file adds it to `figure`, and says how the estimates compare with it.

    Attributes:
        name: The file of SQL below `sql`, without its ending: `feed/volume`.
        title: What it shows.
        reading: What it says, a sentence as a format string over the columns of that query; or
            several, of which each row takes the one that its column `says` names.
        draw: Makes charts or a table of the rows of `figure`.
        shared: The file below `sql/shared` that goes on where its own ends, if figures of several
            worlds end alike.
        truth: What the second file says, `<name>_truth`; empty without such a file.
        key: What the marks are, where no legend says it.
        truth_key: What else they are where the truth is known.
        caution: What it does not say, where people might think that it does.
        summary: The cells that it gives to the first screen, as format strings over the numbers.
    """

    name: str
    title: str
    reading: str | dict[str, str]
    draw: "Callable[[list[Row]], list[Panel] | Table]"
    shared: str = ""
    truth: str | dict[str, str] = ""
    key: str = ""
    truth_key: str = ""
    caution: str = ""
    summary: tuple[str, ...] = ()

    @cached_property
    def sql(self) -> str:
        """Its SQL, as it is run and shown."""
        return "\n".join(
            _sql(name)
            for name in [self.name, self.shared and f"shared/{self.shared}"]
            if name
        )

    @cached_property
    def truth_sql(self) -> str:
        """The SQL that adds the truth; empty where there is none to add."""
        return _sql(f"{self.name}_truth") if self.truth else ""

    @property
    def relations(self) -> set[tuple[str, str]]:
        """The relations that its SQL reads, as (schema, name)."""
        return set(RELATION.findall(self.sql))

    @property
    def truth_relations(self) -> set[tuple[str, str]]:
        """Those that its second file reads."""
        return set(RELATION.findall(self.truth_sql))


@dataclass(frozen=True)
class Drawn:
    """A figure of one database.

    Attributes:
        id: The anchor in the page.
        figure: The figure.
        sql: The SQL that was run.
        reading: The sentences, with the numbers of this build.
        key: What the marks are.
        drawing: Charts or a table; None where there is nothing to draw.
        rows: What is drawn.
        numbers: The first row of its sentences.
    """

    id: str
    figure: Figure
    sql: str
    reading: str
    key: str
    drawing: list[Panel] | Table | None
    rows: list[Row]
    numbers: Row


class Sentence(string.Formatter):
    """Formats a sentence, with a word for null values."""

    def __init__(self, nothing: str = "none") -> None:
        """Takes the word for null values.

        Args:
            nothing: The word.
        """
        self.nothing = nothing

    def format_field(self, value: Any, format_spec: str) -> str:
        """Formats a value; a list as "a, b and c".

        Args:
            value: The value, or null.
            format_spec: A Python format, or `sig` for three significant digits, `+sig` with sign,
                `p` for a p-value with = or <, or `name` for an estimator.

        Returns:
            The text.
        """
        if isinstance(value, list):
            *others, last = [self.format_field(each, format_spec) for each in value]
            return f"{', '.join(others)} and {last}" if others else last
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return self.nothing
        if format_spec == "p":
            return f"= {significant(value)}" if value >= 1e-4 else "< 0.0001"
        if format_spec == "name":
            return ESTIMATORS.get(value, value)
        if format_spec in ("sig", "+sig"):
            return significant(float(value), format_spec.removesuffix("sig") or "-")
        return super().format_field(value, format_spec)


def significant(number: float, sign: str = "-", digits: int = 3) -> str:
    """Formats a number with some significant digits: 12,300 and 0.0123.

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
    has_truth: bool = False,
    blocked_by: str = "",
) -> Drawn:
    """Runs a figure's SQL and draws the result.

    Args:
        connection: A connection to the database.
        figure: The figure.
        variables: Variables that the SQL reads by `getvariable`.
        has_truth: Whether the database holds the truth that the figure may add.
        blocked_by: The checks for which nothing may be concluded from its numbers, if any.

    Returns:
        The figure with its sentences and drawing.

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
        numbers = asked(connection, sql)
        told = spoken(numbers, figure.reading)
        if has_truth and figure.truth_sql:
            sql += f";\n\n{figure.truth_sql}"
            told += sentences(connection, figure.truth_sql, figure.truth)
        rows = _rows(connection, "select * from figure")
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        said = str(error).splitlines()[0]
        raise DioramaError(
            f"The figure {figure.name} does not fit this database ({said}), which another "
            "version of diorama built. Build it again with `diorama build`."
        ) from error
    place, _, name = figure.name.partition("/")
    parts = [quote(value, safe="") for value in variables.values()] or [place]
    if blocked_by and any(kind in FINDINGS for kind, _ in told):
        told = [(kind, text) for kind, text in told if kind not in FINDINGS]
        told.insert(0, ("", f"Nothing is concluded: blocked by {blocked_by}."))
    reading = " ".join(text for _, text in told)
    if not rows and (isinstance(figure.reading, str) or not reading):
        reading = "This build has no rows for it."
    return Drawn(
        "-".join([*parts, name]),
        figure,
        sql,
        reading or "This build has too few rows to say more.",
        figure.key + (figure.truth_key if knows_truth(rows) else ""),
        figure.draw(rows) if rows else None,
        rows,
        numbers[0] if numbers else {},
    )


def knows_truth(rows: list[Row]) -> bool:
    """Whether any of the rows has a true effect."""
    return any(row.get("true_effect") is not None for row in rows)


def sentences(
    connection: "duckdb.DuckDBPyConnection", sql: str, reading: str | dict[str, str]
) -> list[tuple[str, str]]:
    """Runs SQL up to its query, and says the rows of that.

    Args:
        connection: A connection to the database.
        sql: Statements, of which the last is a query.
        reading: The sentence, or the sentences by kind.

    Returns:
        The kind and the text of each row's sentence.
    """
    return spoken(asked(connection, sql), reading)


def asked(connection: "duckdb.DuckDBPyConnection", sql: str) -> list[Row]:
    """Runs statements, of which the last is a query, and returns its rows."""
    *making, asking = connection.extract_statements(sql)
    for statement in making:
        connection.execute(statement)
    return _rows(connection, asking)


def spoken(rows: list[Row], reading: str | dict[str, str]) -> list[tuple[str, str]]:
    """The kind and the text of each row's sentence."""
    kinds = {"": reading} if isinstance(reading, str) else reading
    return [
        (kind, Sentence().vformat(kinds[kind], (), row))
        for row in rows
        for kind in [row.get("says", "")]
    ]


def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def _rows(
    connection: "duckdb.DuckDBPyConnection", query: "str | duckdb.Statement"
) -> list[Row]:
    result = connection.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
