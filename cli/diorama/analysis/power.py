"""`diorama analyse --power`: units and days that a plan needs, estimated from past facts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from diorama.analysis.inputs import Inputs
from diorama.analysis.plan import Experiment, Exposures, Plan, Units
from diorama.analysis.run import AnalysisRequest, analyse
from diorama.analysis.screen import number
from diorama.engines.sql import literal
from diorama.errors import UsageError, nearest
from diorama.files.scratch import scratch_directory
from diorama.project import Project
from diorama.project.catalogue import open_database
from diorama.ui.terminal import print_line, print_table

EFFECTS = (0.01, 0.02, 0.05, 0.1)
NEEDS = """
    select
        power.experiment_id,
        power.treatment,
        power.metric,
        power.role,
        power.unit,
        power.estimator,
        power.n_units,
        power.control_mean,
        power.relative_minimum_detectable_effect,
        power.variance_reduction,
        metrics.window_end_day + 1 as follow_up_days
    from marts.experiments__power as power
    inner join intermediate.int_experiments__metrics as metrics
        on power.experiment_id = metrics.experiment_id and power.metric = metrics.metric
    order by
        power.experiment_id,
        power.treatment,
        list_position(['primary', 'guardrail', 'secondary'], power.role),
        power.metric
"""
ARRIVALS = """
    select cast(first_exposed_at as date) as date, count(*)
    from intermediate.int_experiments__exposures
    where experiment_id = ?
    group by date
    order by date
"""


class History(Inputs):
    """An input layer of past facts, in which units get a variant that changes nothing.

    The experiment starts on the first day with a full covariate window before it, and takes in
    units up to the last day with the longest metric window after it.
    """

    needs_exposures: ClassVar[bool] = False

    def _read(
        self, name: str, place: str, experiment: Experiment, table: Exposures | Units
    ) -> list[Any]:
        used = self.used_facts([name])
        for fact_number, fact in enumerate(used):
            self._read_fact(fact_number, fact, self.plan.facts[fact])
        if self._is_refused():
            return []
        behind = max(
            self.plan.days_of(metric)[1]
            for metric in self.plan.metrics_of(name).values()
        )
        before = experiment.covariate_days or 0
        seen = " union all ".join(
            f"select unit_id, cast(happened_at as date) as date from fact_{n} where reason is null"
            for n in range(len(used))
        )
        ((first, last, days),) = self.rows(
            f"select min(date), max(date), date_diff('day', min(date), max(date)) + 1 from ({seen})"
        )
        if first is None or days <= before + behind:
            raise UsageError(
                f"facts of {name} span {days or 0} days, but {before} before an exposure and "
                f"{behind + 1} from it on are needed. Give more of the past, or shorter windows."
            )
        split = experiment.split or {
            experiment.control or "control": 1.0,
            "treatment": 1.0,
        }
        total, below, cases = sum(split.values()), 0.0, []
        for variant, share in split.items():
            below += share / total
            cases.append(f"when place < {below!r} then {literal(variant)}")
        self._run(
            "history",
            name=literal(name),
            seen=seen,
            first=f"date '{first}' + {before}",
            last=f"date '{last}' - {behind}",
            cases=" ".join(cases[:-1]),
            otherwise=literal(list(split)[-1]),
        )
        return []


def plan_power(
    project: Project, plan: Plan, directory: Path, only: Sequence[str], quiet: bool
) -> dict[str, Any]:
    """Computes the units and days that a plan's experiments need.

    Args:
        project: The project that has the marts.
        plan: The plan; its facts are the past, and its exposures need not exist yet.
        directory: Where its paths are taken from.
        only: Names of experiments; none for all with exposures.
        quiet: Whether no progress is shown.

    Returns:
        A record for each experiment, treatment and metric, with units and days per effect.

    Raises:
        UsageError: There is no such experiment, no facts, or too short a past.
    """
    for name in only:
        if name not in plan.experiments:
            raise UsageError(
                f"The plan has no experiment '{name}'.{nearest(name, plan.experiments)}"
            )
    names = [
        name
        for name in (only or plan.experiments)
        if plan.experiments[name].grain == "exposures"
    ]
    if not names:
        raise UsageError(
            "--power needs facts, and an experiment with exposures (whose file need not exist yet)."
        )
    with scratch_directory(Path.cwd(), "power", "Interrupted.") as scratch:
        request = AnalysisRequest(
            directory, names, scratch / "power.duckdb", quiet=quiet, layer=History
        )
        analyse(project, plan, request)
        with open_database(scratch / "power.duckdb") as catalogue:
            rows = catalogue.rows(NEEDS)
            columns = [c[0] for c in catalogue.connection.execute(NEEDS).description]
            arrivals = {
                name: catalogue.connection.execute(ARRIVALS, [name]).fetchall()
                for name in names
            }
    needs = []
    for row in rows:
        record = dict(zip(columns, row, strict=True))
        least = record["relative_minimum_detectable_effect"]
        days = [count for _, count in arrivals[record["experiment_id"]]]
        for effect in EFFECTS:
            units = least and round(record["n_units"] * (least / effect) ** 2 + 0.5)
            key = f"{effect * 100:g}_percent"
            record[f"units_for_{key}"] = units
            record[f"days_for_{key}"] = (
                days_until(days, units) + record["follow_up_days"] if units else None
            )
        needs.append(record)
    return {"needs": needs}


def days_until(arrivals: Sequence[int], units: int) -> int:
    """Days of enrolment until enough units have come.

    Args:
        arrivals: New units per day of the past. The first days have most, since every existing
            unit is new then; beyond the last day the pace of the second half continues.
        units: Number of units needed.

    Returns:
        Days of enrolment.
    """
    come = 0
    for day, count in enumerate(arrivals, start=1):
        come += count
        if come >= units:
            return day
    late = arrivals[len(arrivals) // 2 :]
    rate = max(sum(late) / len(late), 1e-9)
    return min(len(arrivals) + int((units - come) / rate + 1), 36500)


def print_power(found: dict[str, Any]) -> None:
    """Prints the units and days that effects of some sizes need."""
    last = None
    rows: list[list[str]] = []
    sizes = [f"{effect * 100:g}_percent" for effect in EFFECTS]
    header = ["  metric", "now", *(f"±{size.split('_')[0]} %" for size in sizes)]

    def flush() -> None:
        if rows:
            print_table("", header, rows, right=header[1:])
            rows.clear()

    for need in found["needs"]:
        title = f"{need['experiment_id']} · {need['treatment']}"
        if title != last:
            flush()
            last = title
            print_line(f"{title} · units over both arms (days, follow-up included)")
        cells = [f"  {need['metric']}", number(need["control_mean"])]
        for size in sizes:
            units, days = need[f"units_for_{size}"], need[f"days_for_{size}"]
            cells.append(f"{units:,} ({days:,})" if units else "")
        rows.append(cells)
    flush()
    print_line("")
    print_line(
        "  Effects relative to now, found with 80 % power at 5 %, by the estimator of the plan."
    )
