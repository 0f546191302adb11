"""`diorama analyse --rehearse`: simulates a plan on the user's own world, before the launch."""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

from diorama.analysis.plan import ESTIMATORS, Fact, Metric, Plan
from diorama.engines.dbt import Dbt, Watcher
from diorama.engines.selection import selection
from diorama.errors import DioramaError, UsageError, headline, nearest
from diorama.files.scratch import scratch_directory
from diorama.project import Project
from diorama.project.catalogue import open_database
from diorama.ui.terminal import format_count, print_line, print_table
from diorama.worlds import CUSTOM, variables_of
from diorama.worlds.file import Exposed, World, WorldExperiment

POWER = 0.8
READ = ("truth__calibration", "truth__sequential_calibration", "truth__effects")
CALIBRATION = """
    select
        calibration.*,
        effects.n_units,
        effects.control_mean,
        metrics.role
    from truth.truth__calibration as calibration
    inner join intermediate.int_experiments__metrics as metrics using (experiment_id, metric)
    left join (
        select * from truth.truth__effects where scope = 'all' and estimand = 'sate'
    ) as effects using (experiment_id, treatment, metric)
    order by
        experiment_id,
        treatment,
        list_position(['primary', 'guardrail', 'secondary'], metrics.role),
        metric,
        empirical_std_error,
        estimator
"""
PEEKING = """
    select
        experiment_id, treatment, metric, n_looks, peeking_rejection_rate,
        always_valid_rejection_rate, obrien_fleming_rejection_rate
    from truth.truth__sequential_calibration
    order by all
"""
ARRIVALS = """
    select experiment_id, count(*), count(distinct cast(first_exposed_at as date))
    from intermediate.int_experiments__exposures
    group by experiment_id
"""


@dataclass(frozen=True)
class Rehearsal:
    """Operating characteristics of a plan on a product with known truth.

    Attributes:
        replicates: Number of re-randomizations.
        rows: One for each experiment, treatment, metric and estimator.
        peeking: One for each experiment, treatment and metric with looks.
    """

    replicates: int
    rows: list[dict[str, Any]]
    peeking: list[dict[str, Any]]


def rehearse(
    project: Project,
    plan: Plan,
    world: World,
    only: Sequence[str],
    replicates: int,
    database: Path | None,
) -> Rehearsal:
    """Builds the world with the plan's experiments and metrics, and re-randomizes it.

    Args:
        project: The project.
        plan: The plan.
        world: The product.
        only: Names of experiments of the plan; none for all.
        replicates: Number of re-randomizations.
        database: Database file to keep the tables in, or None.

    Returns:
        Power, error rates, bias, and the effect of peeking.

    Raises:
        UsageError: The plan uses something that the world does not have.
    """
    planned = planned_world(plan, world, only)
    given = {"experiments_replicates": replicates}
    variables = variables_of(planned, given, [CUSTOM], Path())
    interrupted = "Interrupted. Nothing was made."
    place = database.parent if database else Path(tempfile.gettempdir())
    with scratch_directory(place, "rehearsal", interrupted) as scratch:
        unfinished = scratch / "rehearsal.duckdb"
        select = selection([CUSTOM], [f"+{name}" for name in READ])
        dbt = Dbt(project, unfinished, variables)
        kinds = ["resource_type:test", "resource_type:unit_test"]
        for step in dbt.build(select, kinds, True, Watcher()):
            if step.failed:
                said = f"{step.kind} {step.name} failed: {headline(step.message)}"
                raise DioramaError(said)
        with open_database(unfinished) as catalogue:
            calibration = _records(catalogue.connection, CALIBRATION)
            peeking = _records(catalogue.connection, PEEKING)
            arrivals = {
                name: units / days
                for name, units, days in catalogue.rows(ARRIVALS)
                if days
            }
        if database:
            unfinished.replace(database)
    _recommend(calibration, arrivals)
    return Rehearsal(replicates, calibration, peeking)


def _records(connection: Any, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _recommend(rows: list[dict[str, Any]], arrivals: dict[str, float]) -> None:
    """Marks the most precise estimator with nominal coverage, and the units it needs.

    Among equally precise ones it is the simplest, the first of ESTIMATORS.
    """
    plainness = {name: place for place, name in enumerate(ESTIMATORS)}
    best: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        key = (row["experiment_id"], row["treatment"], row["metric"])
        error = row["bias_mcse"] or 0.0
        is_right = abs(row["bias"] or 0.0) <= 3.3 * error + 1e-12
        wrong, spread = row["null_rejection_rate"], row["null_rejection_mcse"] or 0.0
        is_valid = wrong is None or wrong - 0.05 <= 3.3 * spread + 1e-12
        row["keeps_its_word"] = is_right and is_valid
        row["is_recommended"] = False
        known = best.get(key, row)  # rows are in order of precision
        is_equal = math.isclose(
            row["empirical_std_error"] or 0.0,
            known["empirical_std_error"] or 0.0,
            rel_tol=1e-6,
        )
        is_plainer = plainness[row["estimator"]] <= plainness[known["estimator"]]
        if row["keeps_its_word"] and is_equal and is_plainer:
            best[key] = row
    for row in best.values():
        row["is_recommended"] = True
    quantiles = NormalDist()
    z = quantiles.inv_cdf(0.975) + quantiles.inv_cdf(POWER)
    for row in rows:
        effect, error = row["true_effect"], row["empirical_std_error"]
        per_day = arrivals.get(row["experiment_id"])
        row["units_needed"] = row["days_needed"] = None
        if effect and error and row["n_units"]:
            units = math.ceil(row["n_units"] * (z * error / effect) ** 2)
            row["units_needed"] = units
            row["days_needed"] = math.ceil(units / per_day) if per_day else None


def planned_world(plan: Plan, world: World, only: Sequence[str]) -> World:
    """The world with the experiments and metrics of a plan.

    An experiment that the world's file also declares keeps its exposing event and effects.
    """
    names = only or list(plan.experiments)
    for name in names:
        if name not in plan.experiments:
            raise UsageError(
                f"The plan has no experiment '{name}'.{nearest(name, plan.experiments)} "
                f"It has {', '.join(plan.experiments)}."
            )
    experiments, metrics = {}, {}
    for name in names:
        experiment = plan.experiments[name]
        if experiment.exposures is None:
            raise UsageError(
                f"experiments.{name} has {experiment.grain}. A rehearsal is of experiments with "
                "exposures, whose metrics are of facts."
            )
        known = world.experiments.get(name)
        split = experiment.split or (known.split if known else None)
        split = split or {"control": 1.0, "treatment": 1.0}
        effects = known.effects if known else {}
        lost = [variant for variant in effects if variant not in split]
        if known and experiment.split and lost:
            raise UsageError(
                f"experiments.{name}: the world has effects of {', '.join(lost)}, but the plan's "
                f"variants are {', '.join(split)}."
            )
        exposed = (
            known.exposed if known else Exposed(from_day=experiment.covariate_days or 0)
        )
        experiments[name] = WorldExperiment(
            split=split,
            control=experiment.control,
            exposed=exposed,
            effects=effects,
            users=known.users if known and len(names) > 1 else None,
            estimator=experiment.estimator,
            covariate_days=experiment.covariate_days,
        )
        metrics |= {
            key: _of_world(plan, key, metric, world)
            for key, metric in plan.metrics_of(name).items()
        }
    return world.model_copy(update={"experiments": experiments, "metrics": metrics})


def _of_world(plan: Plan, name: str, metric: Metric, world: World) -> Metric:
    """Translates a metric of the plan's facts into one of the world's events."""
    counts = metric.kind == "proportion" or metric.aggregation in ("count", "days")
    fact = _event(plan, name, metric.fact, world, must_count=counts)
    per = (
        _event(plan, name, metric.per, world, must_count=False) if metric.per else None
    )
    return metric.model_copy(update={"fact": fact, "per": per})


def _event(plan: Plan, metric: str, told: str, world: World, must_count: bool) -> str:
    name = told.removesuffix(".count")
    fact = plan.facts[name]
    event = name if name in world.events or name == "active" else _event_of(fact, world)
    if event is None:
        raise UsageError(
            f"metrics.{metric} is of the fact {name}, but the world has no such event."
            f"{nearest(name, world.events)} Name the fact as the event, or give it "
            f"where: event_name = '…'. The events are {', '.join(world.events)}."
        )
    if fact.value is None or must_count or told.endswith(".count"):
        return event
    number = f"{event}.{fact.value}"
    if number not in world.facts:
        known = [each for each in world.facts if each.startswith(f"{event}.")]
        raise UsageError(
            f"metrics.{metric} adds up {fact.value} of {event}, which has no such number in the "
            f"world. It has {', '.join(known) or 'none'}."
        )
    return number


def _event_of(fact: Fact, world: World) -> str | None:
    """The event that a fact's condition names."""
    found = re.findall(r"=\s*'([^']+)'", fact.where or "")
    return next((name for name in found if name in world.events), None)


def print_rehearsal(told: Rehearsal) -> None:
    """Prints the results, beginning with the recommended estimator and duration."""
    seen: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in told.rows:
        seen.setdefault((row["experiment_id"], row["treatment"]), []).append(row)
    for (experiment, treatment), rows in seen.items():
        units = format_count(rows[0]["n_units"] or 0)
        print_line(
            f"{experiment} · {treatment} · {units} units · {told.replicates} replicates"
        )
        for row in rows:
            if row["is_recommended"]:
                print_line(f"  {_advice(row)}")
        for look in told.peeking:
            if (look["experiment_id"], look["treatment"]) == (experiment, treatment):
                print_line(
                    f"  Without any effect, looking {look['n_looks']} times at {look['metric']} "
                    f"would claim one in {look['peeking_rejection_rate']:.0%} of cases, always "
                    f"valid intervals in {look['always_valid_rejection_rate']:.1%}."
                )
        print_line("")
        print_table(
            "",
            [
                "metric",
                "estimator",
                "true effect",
                "std error",
                "power",
                "false alarms",
                "bias",
            ],
            [
                [
                    row["metric"],
                    row["estimator"] + (" *" if row["is_recommended"] else ""),
                    _number(row["true_effect"], "+.4g"),
                    _number(row["empirical_std_error"], ".3g"),
                    _number(row["power"], ".0%") if row["true_effect"] else "–",  # noqa: RUF001
                    _number(row["null_rejection_rate"], ".1%"),
                    _number(row["bias"], "+.2g")
                    + ("" if row["keeps_its_word"] else " !"),
                ]
                for row in rows
            ],
            right=["true effect", "std error", "power", "false alarms", "bias"],
        )
        print_line("  * the most precise that keeps its word; ! does not")
        print_line("")


def _advice(row: dict[str, Any]) -> str:
    text = f"{row['metric']}: take {row['estimator']}"
    if not row["true_effect"]:
        return f"{text}. The world's file has no effect on it."
    relative = ""
    if row["control_mean"]:
        relative = f" of {row['true_effect'] / row['control_mean']:+.1%}"
    text += f", which finds the effect{relative} with probability {row['power']:.0%}"
    if row["units_needed"]:
        text += f"; {POWER:.0%} need {format_count(row['units_needed'])} units"
        if row["days_needed"]:
            text += f", {format_count(row['days_needed'])} days of arrivals"
    return text + "."


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)  # noqa: RUF001
