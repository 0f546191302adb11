"""The one screen of an experiment: the verdict first, then the checks, then the table."""

from __future__ import annotations

import math
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diorama.analysis.inputs import Finding
from diorama.ui.terminal import print_line, print_table

if TYPE_CHECKING:
    import duckdb

SHOWN = 12  # comparisons with a table each; more get a line each
EFFECTS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)
# what the statistic of a check without a p-value means
STATISTICS = {
    "multi_variant_rate": "{:.2%} of the units were logged in several variants",
    "overlap": "{:.1%} of the units are in strata without two units in each arm",
    "small_arm": "only {:,.0f} units",
    "probability_varies": "assignment probabilities differ by {:.3f}",
}
# why a metric has no decisive estimate
WITHHELD_REASONS = {
    "no_units": "no unit of an arm was followed to the end of its window",
    "single_unit": "an arm has a single unit",
    "no_denominator": "its denominator is 0",
    "no_covariate": "no covariate is known",
    "unequal_past": "the covariate is not the metric over an equally long window",
    "no_overlap": "no stratum has two units in each arm",
    "unknown_probability": "assignment probabilities are unknown",
    "too_rare": "nearly all units of an arm have the same value",
    "small_arm": "an arm has fewer than 100 units, too few for a slope",
    "no_variation": "its values do not vary",
}
COMPARISONS = """
    select
        verdicts.*,
        experiments.source,
        experiments.control,
        experiments.design,
        experiments.estimator,
        experiments.horizon_days
    from marts.experiments__verdicts as verdicts
    inner join intermediate.int_experiments__experiments as experiments
        on verdicts.experiment_id = experiments.experiment_id
    order by verdicts.experiment_id, verdicts.treatment
"""
RESULTS = """
    select results.*, {truth} as true_effect, power.relative_minimum_detectable_effect
    from marts.experiments__results as results
    left join marts.experiments__power as power
        on
            results.experiment_id = power.experiment_id
            and results.treatment = power.treatment
            and results.metric = power.metric
    {join}
    where results.is_decisive
    order by
        results.experiment_id,
        results.treatment,
        list_position(['primary', 'guardrail', 'secondary'], results.role),
        results.metric
"""
WITHHELD = """
    select distinct
        withheld.experiment_id,
        withheld.treatment,
        withheld.metric,
        withheld.reason
    from marts.experiments__results_withheld as withheld
    inner join intermediate.int_experiments__experiments as experiments
        on
            withheld.experiment_id = experiments.experiment_id
            and withheld.estimator = experiments.estimator
    anti join (from marts.experiments__results where is_decisive) as results
        on
            withheld.experiment_id = results.experiment_id
            and withheld.treatment = results.treatment
            and withheld.metric = results.metric
    order by all
"""
RATIOS = """
    with latest as (
        select *
        from intermediate.int_experiments__sample_ratios
        qualify exposure_date = max(exposure_date) over (partition by experiment_id)
    ),
    totals as (
        select
            *,
            sum(n_units) over (partition by experiment_id, stratum, treatment_ppb) as total
        from latest
    )
    select
        experiment_id,
        variant,
        cast(sum(n_units) as bigint) as units,
        sum(total * variant_probability) as expected
    from totals
    group by all
    order by experiment_id, expected desc, variant
"""
JOIN = """
    left join truth.truth__scorecard as truth
        on
            results.experiment_id = truth.experiment_id
            and results.treatment = truth.treatment
            and results.metric = truth.metric
            and results.estimator = truth.estimator
            and results.estimand = truth.estimand
"""


@dataclass(frozen=True)
class Comparison:
    """A comparison of a treatment with control, as the marts have it.

    Attributes:
        about: The row of `experiments__verdicts`, with the experiment's declaration.
        results: The decisive estimate of each metric, primary metrics first.
        checks: The health checks that apply to it.
        withheld: The metrics without a decisive estimate, and the reason.
        ratios: Number of units and expected number of each variant.
        units: Units of both arms, in the metric that has most.
    """

    about: dict[str, Any]
    results: list[dict[str, Any]]
    checks: list[dict[str, Any]]
    withheld: list[dict[str, Any]]
    ratios: list[dict[str, Any]]

    @property
    def units(self) -> int:
        """Units of both arms, in the metric that has most."""
        return max(
            (r["control_units"] + r["treatment_units"] for r in self.results), default=0
        )

    @property
    def is_trustworthy(self) -> bool:
        """Whether its results may be used."""
        return self.about["verdict"] != "not_trustworthy"

    def document(self) -> dict[str, Any]:
        """The comparison as a JSON document."""
        return {
            **self.about,
            "results": self.results,
            "checks": self.checks,
            "withheld": self.withheld,
        }


def comparisons(
    connection: duckdb.DuckDBPyConnection, experiment: str | None = None
) -> list[Comparison]:
    """All comparisons of a database, or those of one experiment.

    Args:
        connection: A connection to it.
        experiment: An experiment, or None.

    Returns:
        One for each treatment.
    """
    has_truth = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'truth' "
        "and table_name = 'truth__scorecard'"
    ).fetchone()
    found = _records(connection, COMPARISONS)
    results = _records(
        connection,
        RESULTS.format(
            truth="truth.true_effect" if has_truth else "null",
            join=JOIN if has_truth else "",
        ),
    )
    withheld = _records(connection, WITHHELD)
    checks = _records(
        connection,
        "from marts.experiments__health_checks order by all",
    )
    ratios = _records(connection, RATIOS)
    by_comparison: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in results:
        key = row["experiment_id"], row["treatment"]
        by_comparison.setdefault(key, []).append(row)
    by_experiment: dict[str, list[dict[str, Any]]] = {}
    for row in checks:
        by_experiment.setdefault(row["experiment_id"], []).append(row)
    return [
        Comparison(
            about,
            by_comparison.get((about["experiment_id"], about["treatment"]), []),
            [
                check
                for check in by_experiment.get(about["experiment_id"], [])
                if check["treatment"] in (None, about["treatment"])
            ],
            [
                {"metric": row["metric"], "reason": row["reason"]}
                for row in withheld
                if row["experiment_id"] == about["experiment_id"]
                and row["treatment"] == about["treatment"]
            ],
            [row for row in ratios if row["experiment_id"] == about["experiment_id"]],
        )
        for about in found
        if experiment in (None, about["experiment_id"])
    ]


def _records(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def print_screen(found: Sequence[Comparison], findings: Sequence[Finding]) -> None:
    """Prints comparisons: verdict, checks and table of each, or one line each for many.

    Args:
        found: The comparisons.
        findings: Findings of the data checks.
    """
    if len(found) > SHOWN:
        _print_many(found)
    else:
        for number, each in enumerate(found):
            if number:
                _print_line("")
            _print_one(each)
    lines = finding_lines(findings)
    if lines:
        _print_line("")
        for line in lines:
            _print_line(line)


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """One line per finding; findings of many experiments share a line."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for each in findings:
        groups.setdefault((each.code, each.severity, each.input), []).append(each)
    lines = []
    for (code, severity, place), members in groups.items():
        experiments = len({member.experiment_id for member in members})
        if experiments == 1:
            lines += [f"{severity:<6}  {member.line}" for member in members]
            continue
        total = sum(member.found for member in members)
        said = {member.meaning for member in members}
        meaning = members[0].meaning if len(said) == 1 else f"{len(said)} of them"
        lines.append(
            f"{severity:<6}  {code} in {place}, {experiments:,} experiments: {total:,} ({meaning})"
        )
    return lines


def _print_one(comparison: Comparison) -> None:
    about = comparison.about
    days = about["horizon_days"]
    parts = [
        f"{about['experiment_id']} · {about['treatment']} against {about['control']}",
        f"{comparison.units:,} units",
        *([f"{days} days"] if days else []),
    ]
    _print_line(" · ".join(parts))
    _print_line(f"  {about['verdict'].replace('_', ' '):<16}{headline(comparison)}")
    for line in check_lines(comparison):
        _print_line(line)
    if not comparison.is_trustworthy:
        _print_line("")
        _print_line(
            "  Do not use these effects: a blocking check has an alert. They are only what was "
            "logged."
        )
    for row in comparison.withheld:
        _print_line(
            f"  {'no estimate':<16}{row['metric']}: {WITHHELD_REASONS[row['reason']]}"
        )
    if not comparison.results:
        return
    has_truth = any(row["true_effect"] is not None for row in comparison.results)
    header = ["  metric", about["control"], about["treatment"], "effect"]
    header += ["relative", "p", "p (Holm)", *(["truth"] if has_truth else [])]
    rows = []
    for row in comparison.results:
        half = (row["ci_upper"] - row["ci_lower"]) / 2
        role = {"primary": " *", "guardrail": " g"}.get(row["role"], "")
        cells = [
            f"  {row['metric']}{role}",
            number(row["control_mean"]),
            number(row["treatment_mean"]),
            f"{number(row['effect'], signed=True)} ± {number(half)}",
            percent(row["relative_effect"]),
            p_text(row["p_value"]),
            p_text(row["p_value_holm"]),
        ]
        rows.append(
            cells + ([number(row["true_effect"], signed=True)] if has_truth else [])
        )
    header, rows = fitting(header, rows, _width())
    print_table("", header, rows, right=header[1:])
    _print_line(
        f"  * primary, g guardrail; ± half of the 95 % interval; estimator {about['estimator']}"
    )


def _width() -> int | None:
    """Width of the terminal in columns; None if stdout is a file or pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _print_line(line: str) -> None:
    """Prints a line; on a terminal it wraps between words, indented to the label's width."""
    width = _width()
    if width is None or len(line) <= width:
        print_line(line)
        return
    indent = 18 if line.startswith("  ") and line[2:18].endswith(" ") else 4
    for part in textwrap.wrap(
        line,
        width,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    ):
        print_line(part)


def fitting(
    header: Sequence[str], rows: Sequence[Sequence[str]], width: int | None
) -> tuple[list[str], list[list[str]]]:
    """Fits the table of a comparison to a terminal; names may be cut, numbers never are.

    Args:
        header: The column names, those of the metric and both arms first.
        rows: The cells.
        width: Width of the terminal in columns, or None.

    Returns:
        Header and rows. If there is no room, p (which p (Holm) replaces), half-widths and
        relative effects are dropped in turn, and names of metrics and arms shortened.
    """
    table = [list(header), *map(list, rows)]

    def room() -> int:
        columns = zip(*table, strict=True)
        taken = sum(max(map(len, column)) + 2 for column in columns)
        return (width or taken) - taken + 2

    def cut(column: int, least: int) -> None:
        longest = max(len(row[column]) for row in table)
        most = max(least, longest + min(room(), 0))
        for row in table:
            text = row[column]
            mark = text[-2:] if text.endswith((" *", " g")) else ""
            if len(text) > most:
                row[column] = text[: most - 1 - len(mark)] + "…" + mark

    for arm in (1, 2):
        if room() < 0 and len(table[0][arm]) > 12:
            table[0][arm] = table[0][arm][:11] + "…"
    if room() < 0 and "p" in table[0]:
        place = table[0].index("p")
        for row in table:
            del row[place]
    names = [row[0] for row in table]
    cut(0, 20)
    if room() < 0:
        for row, name in zip(table, names, strict=True):
            row[0], row[3] = name, row[3].split(" ± ")[0]
        cut(0, 12)
    if room() < 0:
        for row in table:
            del row[4]
    return table[0], table[1:]


def headline(comparison: Comparison) -> str:
    """The result of the first primary metric, or the reason why there is none."""
    about = comparison.about
    primaries = [row for row in comparison.results if row["role"] == "primary"]
    if about["verdict"] == "not_trustworthy" or not primaries:
        return f"{_in_words(about['reason'])}."
    row = primaries[0]
    many = len(primaries) > 1
    said = f"{row['metric']} {effect_text(row)}, {p_equation(row['p_value_holm'])}"
    said += " (Holm)." if many else "."
    if about["verdict"] == "loss" and about["reason"].startswith("harmed"):
        said += f" {about['reason'].capitalize()}."
    if about["verdict"] == "inconclusive":
        said += units_needed(row)
    return said


def effect_text(row: dict[str, Any]) -> str:
    """An effect with its interval, relative if it is defined."""
    if row["relative_effect"] is not None and row["relative_ci_lower"] is not None:
        low, high = percent(row["relative_ci_lower"]), percent(row["relative_ci_upper"])
        return f"{percent(row['relative_effect'])} ({low} to {high})"
    low, high = (
        number(row["ci_lower"], signed=True),
        number(row["ci_upper"], signed=True),
    )
    return f"{number(row['effect'], signed=True)} ({low} to {high})"


def units_needed(row: dict[str, Any]) -> str:
    """The number of units needed to detect an effect of about the observed size."""
    seen, least = row["relative_effect"], row["relative_minimum_detectable_effect"]
    if seen is None or not least or not math.isfinite(least):
        return ""
    wanted = next((size for size in EFFECTS if size >= abs(seen)), None)
    if wanted is None:
        return ""
    units = (row["control_units"] + row["treatment_units"]) * (least / wanted) ** 2
    rounded = round(units, 1 - len(str(int(units)))) if units >= 10 else 10
    if rounded <= row["control_units"] + row["treatment_units"]:
        return f" {percent(wanted)[1:]} would have been seen with these units."
    return f" Seeing {percent(wanted)} needs {int(rounded):,} units."


def check_lines(comparison: Comparison) -> list[str]:
    """The lines on health checks: alerts, sample ratio and pre-period."""
    alerts = [check for check in comparison.checks if check["status"] == "alert"]
    lines = []
    for severity, word in (("block", "blocked"), ("warn", "warning")):
        for check in alerts:
            if check["severity"] == severity:
                lines.append(f"  {word:<16}{_check_text(check)}")
                if check["check_name"] == "srm" and (said := _ratio_text(comparison)):
                    lines.append(f"  {'':<16}{said}")
    ratio = next((c for c in comparison.checks if c["check_name"] == "srm"), None)
    said = []
    if ratio and ratio["status"] == "ok":
        said.append(f"sample ratio {p_equation(ratio['p_value'])}")
    past = [c for c in comparison.checks if c["check_name"] == "pre_period_effect"]
    if past and all(check["status"] == "ok" for check in past):
        said.append("pre-period ok")
    if not alerts:
        lines.insert(0, f"  {'checks ok':<16}{' · '.join(said)}".rstrip())
    elif said:
        lines.append(f"  {'ok':<16}{' · '.join(said)}")
    return lines


def _check_text(check: dict[str, Any]) -> str:
    name = _in_words(check["check_name"])
    _, _, group = check["scope"].partition(":")
    scope = "" if check["scope"] == "all" else f" ({group or check['scope']})"
    if check["p_value"] is not None:
        return f"{name}{scope}: {p_equation(check['p_value'])}"
    found = STATISTICS[check["check_name"]].format(check["statistic"])
    return f"{name}{scope}: {found}"


def _ratio_text(comparison: Comparison) -> str:
    """The units of each variant beside the expected number, and what may be wrong with it."""
    if any(row["expected"] is None for row in comparison.ratios):
        return ""
    said = ", ".join(
        f"{row['variant']} {row['units']:,} (expected {row['expected']:,.0f})"
        for row in comparison.ratios
    )
    is_own = comparison.about["source"] == "yours"
    return f"{said}.{' If the plan was another, declare `split`.' if is_own else ''}"


def _in_words(names: str) -> str:
    """Names of checks in words, such as `sample ratio by stratum`."""
    return names.replace("_", " ").replace("srm", "sample ratio")


def _print_many(found: Sequence[Comparison]) -> None:
    counts: dict[str, int] = {}
    for each in found:
        verdict = each.about["verdict"].replace("_", " ")
        counts[verdict] = counts.get(verdict, 0) + 1
    _print_line(
        f"{len(found):,} comparisons: "
        + ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(counts.items()))
    )
    order = ("not_trustworthy", "loss", "win", "flat", "inconclusive")
    ranked = sorted(found, key=lambda each: order.index(each.about["verdict"]))
    rows = []
    for each in ranked[: 3 * SHOWN]:
        primary = next((r for r in each.results if r["role"] == "primary"), None)
        rows.append(
            [
                f"  {each.about['experiment_id']}",
                each.about["treatment"],
                each.about["verdict"].replace("_", " "),
                primary["metric"] if primary else "",
                effect_text(primary) if primary else each.about["reason"],
                p_text(primary["p_value_holm"]) if primary else "",
            ]
        )
    header = ["  experiment", "treatment", "verdict", "metric", "effect", "p (Holm)"]
    print_table("", header, rows, right=["effect", "p (Holm)"])
    if len(ranked) > len(rows):
        _print_line(
            f"  and {len(ranked) - len(rows):,} more in marts.experiments__verdicts"
        )


def number(value: float | None, signed: bool = False) -> str:
    """Formats a number with three or four significant digits."""
    if value is None or not math.isfinite(value):
        return "" if value is None else "∞"
    size = abs(value)
    if size >= 1e9:
        text = f"{size:.3e}"
    elif size >= 1000:
        text = f"{size:,.0f}"
    elif size == 0:
        text = "0"
    elif size < 1e-5:
        text = f"{size:.3e}"
    else:
        digits = max(0, min(8, 3 - math.floor(math.log10(size))))
        text = f"{size:.{digits}f}"
    sign = "−" if value < 0 else "+" if signed and value > 0 else ""  # noqa: RUF001
    return sign + text


def percent(value: float | None) -> str:
    """Formats a share as a signed percentage."""
    if value is None or not math.isfinite(value):
        return "" if value is None else "∞"
    size = abs(value) * 100
    if size >= 1e6:
        return f"{'−' if value < 0 else '+'}{size:.1e} %"  # noqa: RUF001
    digits = 0 if size >= 100 else 1 if size >= 0.95 else 2
    text = f"{size:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{size:,.0f}"
    sign = "−" if value < 0 else "+"  # noqa: RUF001
    return f"{sign}{text or '0'} %"


def p_text(value: float | None) -> str:
    """Formats a p-value; below 0.0001 as `<0.0001`."""
    if value is None:
        return ""
    if value < 0.0001:
        return "<0.0001"
    return f"{value:.4f}" if value < 0.01 else f"{value:.2f}"


def p_equation(value: float | None) -> str:
    """A p-value with its sign of relation: `p = 0.03`, `p < 0.0001`."""
    text = p_text(value)
    return f"p {text.replace('<', '< ') if '<' in text else f'= {text}'}"
