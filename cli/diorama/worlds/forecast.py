"""`diorama build --world FILE --plan`: what to expect of a world, before it is built."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diorama.engines.dbt import Dbt, Watcher
from diorama.engines.selection import selection
from diorama.errors import DioramaError, headline
from diorama.files.scratch import scratch_directory
from diorama.project import Project
from diorama.project.catalogue import open_database
from diorama.ui.terminal import (
    format_bytes,
    format_count,
    narrate,
    print_line,
    print_table,
)
from diorama.worlds import CUSTOM
from diorama.worlds.expectation import Walk, expected
from diorama.worlds.file import World
from diorama.worlds.rows import with_settings

PILOT_EVENTS = 200_000
FEWEST_USERS, MOST_USERS = 300, 50_000
# what a build was measured to take beside its first seconds, on two cores
SECONDS_PER_MILLION_EVENTS = 7.0
FIRST_SECONDS = 20.0
EFFECT_KEYS = (
    *("experiment", "treatment", "metric", "control", "treated"),
    *("effect", "std_error", "units"),
)
SPREAD = """
    with users as (
        select
            users.user_number,
            count(steps.state) as events,
            count(steps.state) filter (steps.event_number = 0) as sessions
            {kinds}
        from generate.gen_custom__users as users
        left join generate.gen_custom__baseline_steps as steps using (user_number)
        group by users.user_number
    )
    select count(*), {variances} from users
"""
EFFECTS = """
    with units as (
        select
            experiment_id,
            treatment,
            metric,
            stddev_samp(effect) / sqrt(count(*)) as std_error
        from truth.truth__unit_effects
        where kind != 'ratio' and is_analysed
        group by all
    )
    select
        effects.experiment_id,
        effects.treatment,
        effects.metric,
        effects.control_mean,
        effects.treatment_mean,
        effects.true_effect,
        units.std_error,
        effects.n_units
    from truth.truth__effects as effects
    left join units using (experiment_id, treatment, metric)
    where effects.scope = 'all' and effects.estimand = 'sate'
    order by all
"""


@dataclass(frozen=True)
class Forecast:
    """Forecast of a world, as in `--plan --json`.

    Attributes:
        counts: Expected number and standard error of users, sessions and events: exact means
            without the experiments' effects, with standard errors from the pilot.
        shares: Share of sessions with an event of each kind, exact.
        effects: Effects on each metric, from the pilot, with its number of units.
        pilot_users: Number of users in the pilot, a small simulation.
        bytes: Expected size of the database.
        seconds: Expected duration of the build on two cores.
    """

    counts: dict[str, tuple[float, float]]
    shares: dict[str, float]
    effects: list[dict[str, Any]]
    pilot_users: int
    bytes: float
    seconds: float


def forecast(project: Project, world: World, variables: dict[str, Any]) -> Forecast:
    """Forecasts a world: exact means, and the rest from a pilot simulation that is discarded.

    Args:
        project: The project.
        world: The world.
        variables: dbt's vars of the planned build.

    Returns:
        The forecast.
    """
    asked = with_settings(world, variables)
    scale = float(variables.get("scale") or 1)
    means = expected(asked)
    users = max(1, round(means.users * scale))
    means = expected(asked, users)
    per_user = max(means.total / users, 0.01)
    pilot = round(PILOT_EVENTS / per_user)
    pilot = min(max(pilot, FEWEST_USERS), MOST_USERS)
    smaller = variables | {"custom_users": pilot, "scale": 1}
    with scratch_directory(
        Path(tempfile.gettempdir()), "plan", "Interrupted. Nothing was made."
    ) as scratch:
        variances, effects, size = _simulated(
            project, scratch / "pilot.duckdb", smaller, list(world.events)
        )
    counts = {"users": (float(users), 0.0)}
    sums = {"sessions": means.sessions, "events": means.total, **means.events}
    for (name, mean), variance in zip(sums.items(), variances, strict=True):
        counts[name] = (mean, math.sqrt(users * variance))
    return Forecast(
        counts,
        _session_shares(asked),
        effects,
        pilot,
        size / pilot * users,
        FIRST_SECONDS + SECONDS_PER_MILLION_EVENTS * means.total / 1e6,
    )


def _session_shares(world: World) -> dict[str, float]:
    """The share of sessions in which each kind of event comes up."""
    weights = {
        segment: share * expected(_only(world, segment), 1).sessions
        for segment, share in world.shares.items()
    }
    total = math.fsum(weights.values()) or 1.0
    found = {}
    for name in world.events:
        met = 0.0
        for segment, weight in weights.items():
            met += weight * Walk(world, segment, []).chance_of(name)
        found[name] = met / total
    return found


def _only(world: World, segment: str) -> World:
    """A world of one segment's users."""
    if not world.segments:
        return world
    segments = {
        name: of.model_copy(update={"share": 1.0 if name == segment else 0.0})
        for name, of in world.segments.items()
    }
    return world.model_copy(update={"segments": segments})


def _simulated(
    project: Project, path: Path, variables: dict[str, Any], events: list[str]
) -> tuple[list[float], list[dict[str, Any]], float]:
    """Variances between users, effects and bytes of a small world."""
    dbt = Dbt(project, path, variables)
    has_effects = bool(variables["declared_world"]["analysed_experiments"])
    select = ["+gen_custom__baseline_steps", "+custom__user_daily"]
    select += ["+truth__effects"] if has_effects else []
    kinds = ["resource_type:test", "resource_type:unit_test"]
    for step in dbt.build(selection([CUSTOM], select), kinds, True, Watcher()):
        if step.failed:
            raise DioramaError(
                f"{step.kind} {step.name} failed: {headline(step.message)}"
            )
    names = ["sessions", "events", *(f"kind_{n}" for n, _ in enumerate(events, 1))]
    kinds_sql = "".join(
        f", count(*) filter (steps.state = {n}) as kind_{n}"
        for n, _ in enumerate(events, 1)
    )
    with open_database(path) as catalogue:
        variances = ", ".join(f"var_samp({name})" for name in names)
        query = SPREAD.format(kinds=kinds_sql, variances=variances)
        ((_, *found),) = catalogue.rows(query)
        effects = []
        if has_effects:
            for row in catalogue.rows(EFFECTS):
                effects.append(dict(zip(EFFECT_KEYS, row, strict=True)))
        return [float(v or 0) for v in found], effects, path.stat().st_size


def print_forecast(world: World, told: Forecast) -> None:
    """Prints a forecast."""
    rows = [["expected, exact, without the experiments' effects"]]
    for name, (mean, error) in told.counts.items():
        share = told.shares.get(name)
        rows.append(
            [
                f"  {name}",
                format_count(round(mean)),
                f"± {format_count(round(error))}" if error else "",
                "" if share is None else f"{share:.2%}",
            ]
        )
    print_table(
        f"{world.world} from {world.start}, {world.days} days",
        ["", "number", "standard error", "of sessions"],
        rows,
        right=["number", "standard error", "of sessions"],
    )
    if told.effects:
        print_line("")
        print_table(
            f"Effects, of a simulation of {format_count(told.pilot_users)} users",
            ["experiment", "metric", "control", "treatment", "effect", "relative"],
            [
                [
                    f"{each['experiment']} · {each['treatment']}",
                    each["metric"],
                    f"{each['control']:.4g}",
                    f"{each['treated']:.4g}",
                    f"{each['effect']:+.4g}"
                    + (f" ± {each['std_error']:.2g}" if each["std_error"] else ""),
                    f"{each['effect'] / each['control']:+.1%}"
                    if each["control"]
                    else "",
                ]
                for each in told.effects
            ],
            right=["control", "treatment", "effect", "relative"],
        )
    narrate("")
    narrate(
        f"About {format_bytes(round(told.bytes))}, and {told.seconds:.0f} s on two cores."
    )
