"""The first screen of the report: results of experiments beside the truth, and training sets."""

from dataclasses import dataclass, field
from urllib.parse import quote

from diorama.report.figures import Drawn, Row, Sentence
from diorama.report.page import Part, Section

CELL = Sentence(nothing="–")  # noqa: RUF001


@dataclass
class Answers:
    """A table of the first screen, whose rows link to their sections.

    Attributes:
        title: Its title.
        header: The names of the columns.
        rows: The anchor and the cells of each row.
    """

    title: str
    header: list[str]
    rows: list[tuple[str, list[str]]] = field(default_factory=list)


def summary(sections: list[Section]) -> list[Answers]:
    """The tables of the first screen.

    Args:
        sections: The worlds, drawn.

    Returns:
        Those that have rows.
    """
    names = ["experiment", "verdict", "primary metric", "effect", "truth", "alerts"]
    experiments = Answers("Experiments", names)
    names = ["training set", "rows", "classes", "ceiling"]
    training = Answers("Training sets", names)
    for section in sections:
        drawn = {each.id: each for part in section.parts for each in part.figures}
        for part in section.parts:
            experiments.rows += _experiment(part, drawn)
            training.rows += _training(section, part)
    tables = [table for table in (experiments, training) if table.rows]
    for table in tables:
        _drop_empty(table)
    return tables


def _experiment(part: Part, drawn: dict[str, Drawn]) -> list[tuple[str, list[str]]]:
    """A row for each treatment and primary metric of an experiment."""
    verdict = drawn.get(f"{part.id}-verdict")
    if verdict is None:
        return []
    checks = drawn.get(f"{part.id}-checks")
    alerts = (
        [
            row["check"].replace("srm", "sample ratio")
            for row in checks.rows
            if row["status"] == "alert"
        ]
        if checks
        else []
    )
    rows = []
    for row in verdict.rows:
        anchor = f"{part.id}-{quote(row['treatment'], safe='')}"
        metrics = drawn.get(f"{anchor}-metrics")
        true = _true_row(row, metrics.rows if metrics else [])
        effect = "{effect:+sig} ({ci_lower:+sig} to {ci_upper:+sig})"
        rows.append(
            (
                anchor if metrics else part.id,
                [
                    f"{part.title.removeprefix('Experiment ')}: {row['treatment']}",
                    row["verdict"],
                    true.get("metric") or row["metric"] or CELL.nothing,
                    CELL.nothing
                    if row["effect"] is None
                    else CELL.vformat(effect, (), row),
                    CELL.format_field(true.get("true_effect"), "+sig"),
                    ", ".join(dict.fromkeys(alerts)) or "none",
                ],
            )
        )
    return rows


def _true_row(verdict: Row, metrics: list[Row]) -> Row:
    """The scorecard's row of a verdict's metric; where that is blocked, of the first primary."""
    of_metric = [row for row in metrics if row["metric"] == verdict["metric"]]
    primary = [row for row in metrics if row["role"] == "primary"]
    return next(iter(of_metric or primary), {})


def _training(section: Section, part: Part) -> list[tuple[str, list[str]]]:
    """A row for a world's training set: what its figures say in short, one after another."""
    told = [each for each in part.figures if each.figure.summary]
    if not told:
        return []
    name = told[0].figure.title.partition(":")[0]
    cells = [f"{section.title}: {name.lower()}"]
    for each in told:
        cells += [CELL.vformat(text, (), each.numbers) for text in each.figure.summary]
    return [(part.id, [*cells, CELL.nothing][:4])]


def _drop_empty(table: Answers) -> None:
    """Leaves out columns that no row fills, such as the truth where none is known."""
    filled = [
        number
        for number in range(len(table.header))
        if any(cells[number] != CELL.nothing for _, cells in table.rows)
    ]
    table.header = [table.header[number] for number in filled]
    table.rows = [
        (anchor, [cells[number] for number in filled]) for anchor, cells in table.rows
    ]
