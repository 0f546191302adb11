"""The plan: what a user's files hold and what to measure. These models are its one definition."""

from __future__ import annotations

import contextlib
import datetime
import math
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from diorama.errors import nearest
from diorama.files.declaration import KeyPath, Name, Part, date, load, shown

SCHEMA = Path(__file__).with_name("plan.schema.json")
CONTROLS = ("control", "baseline", "off", "a", "c", "0")
ADVICE = "docs/analyse.md describes every key; `diorama init plan` writes a plan to start from."
ESTIMATORS = {
    "naive": "",
    "cuped": "covariate",
    "ancova": "covariate",
    "lin": "covariate",
    "did": "covariate",
    "ipw": "probability",
    "aipw": "covariate and probability",
    "post_stratified": "strata",
    "post_stratified_cuped": "covariate and strata",
}


def _cap(value: Any) -> Any:
    """Parses a quantile: `p99` is 0.99."""
    if isinstance(value, str) and value[:1] in "pP":
        try:
            return float(value[1:]) / 100
        except ValueError:
            return value
    return value


def _margin(value: Any) -> Any:
    """Parses a margin: `-2%` is a relative margin of 0.02, `3` an absolute one."""
    if isinstance(value, dict):
        return value
    text = str(value).strip()
    is_relative = text.endswith("%")
    try:
        number = abs(float(text.removesuffix("%"))) / (100 if is_relative else 1)
    except ValueError:
        return value
    return {"size": number, "is_relative": is_relative}


def _timezone(value: str) -> str:
    known = zoneinfo.available_timezones()
    # where the system has none, DuckDB says what it does not know
    if known and value.lower() not in {name.lower() for name in known}:
        raise ValueError(f"must be a time zone.{nearest(value, known)}")
    return value


class Margin(Part):
    """Non-inferiority margin: how much worse a metric may be."""

    size: float = Field(ge=0, allow_inf_nan=False)
    is_relative: bool = False


Share = Annotated[float, Field(gt=0, lt=1)]
Cap = Annotated[float, Field(gt=0, lt=1), BeforeValidator(_cap)]
MarginText = Annotated[
    Margin,
    BeforeValidator(_margin, json_schema_input_type=float | str),
]
Sql = Annotated[str, Field(min_length=1)]
Timezone = Annotated[Name, AfterValidator(_timezone)]


class Table(Part):
    """A file, table or query to read."""

    from_: Sql = Field(
        alias="from",
        description="A path, a glob, `file.duckdb:schema.table`, or a query (`select …`). Paths "
        "are taken from the plan's directory.",
    )
    where: Sql | None = Field(
        None, description="SQL condition; rows that do not meet it are not read."
    )


class Fact(Table):
    """A fact, such as orders: rows with a unit, a time and perhaps a value."""

    unit: Name = Field(description="Column with the id of the unit, such as user_id.")
    time: Name = Field(description="Column with the time or date of the row.")
    value: Name | None = Field(
        None, description="Column to sum. Default: rows are counted."
    )
    timezone: Timezone | None = Field(
        None,
        description="Time zone of times without an offset, such as Europe/Berlin. Default: UTC.",
    )


class Judged(Part):
    """Keys that all metrics have."""

    role: Literal["primary", "secondary", "guardrail"] | None = Field(
        None,
        description="`primary` decides, a `guardrail` must not be harmed. Default: secondary, and "
        "the first metric is primary where none is.",
    )
    better: Literal["up", "down"] = Field("up", description="Direction that is better.")
    complement: bool = Field(
        False,
        description="For a proportion: measure the share of units without it, as in churn.",
    )
    cap: Cap | None = Field(
        None, description="Winsorize: cut values at this quantile, such as p99."
    )
    quantiles: list[Share] = Field(
        default=[], description="Quantiles to compare, such as [0.5, 0.9]."
    )
    margin: MarginText | None = Field(
        None,
        description="Non-inferiority margin, a change for the worse that is tolerated: -2% of "
        "control, or a number in the metric's unit.",
    )
    label: Name | None = Field(None, description="What the metric is, in words.")
    unit: Name | None = Field(None, description="Unit of the metric, such as euros.")


class Metric(Judged):
    """A metric of facts, over a window of days since the exposure."""

    fact: Name = Field(description="A fact of this plan.")
    kind: Literal["mean", "proportion", "ratio"] | None = Field(
        None, description="Default: ratio where there is `per`, else mean."
    )
    aggregation: Literal["sum", "count", "days"] | None = Field(
        None,
        description="`sum` of the fact's values, `count` of its rows, or number of `days` with it. "
        "Default: sum where the fact has a value.",
    )
    per: Name | None = Field(
        None,
        description="For a ratio: the fact in the denominator; `orders.count` counts its rows.",
    )
    days: tuple[int, int] | None = Field(
        None,
        description="First and last day since the exposure, whose date is day 0. Default: from 0 "
        "to the last day of any other metric.",
    )


class Value(Judged):
    """A metric that is a column of the units."""

    kind: Literal["mean", "proportion", "ratio"] | None = Field(
        None, description="Default: ratio where there is `per`, else mean."
    )
    column: Name | None = Field(None, description="Default: the metric's name.")
    per: Name | None = Field(
        None, description="For a ratio: the column in the denominator."
    )
    covariate: Name | None = Field(
        None, description="Column known before the exposure, for CUPED."
    )


class Assigned(Table):
    """A table of units with their variant."""

    variant: Name = Field(description="Column with the variant.")
    probability: Name | None = Field(
        None,
        description="Column with the assignment probability of the variant that the unit got.",
    )
    experiment: Name | None = Field(
        None,
        description="Column with the experiment's name; each is analysed separately.",
    )
    timezone: Timezone | None = Field(
        None,
        description="Time zone of times without an offset, such as Europe/Berlin. Default: UTC.",
    )


class Exposures(Assigned):
    """An exposure log: one or more rows per unit."""

    unit: Name = Field(description="Column with the id of the unit, such as user_id.")
    time: Name = Field(description="Column with the time of the exposure.")


class Units(Assigned):
    """One row per unit, with its variant and metrics."""

    unit: Name | None = Field(
        None,
        description="Column with the id of the unit. Default: every row is a unit.",
    )
    time: Name | None = Field(
        None, description="Column with the time of the exposure, for sequential looks."
    )


class Sides(Part):
    """The two columns of a table with control and treatment side by side."""

    control: Name
    treatment: Name


class Moments(Table):
    """Summary statistics: number of units, mean and variance per variant and metric."""

    variant: Name = Field(description="Column with the variant.")
    n: Name | Sides = Field(
        description="Column with the number of units; or one each for control and treatment, "
        "where a row compares both."
    )
    mean: Name | Sides = Field(description="Column with the mean, or two.")
    variance: Name | Sides = Field(
        description="Column with the sample variance (n - 1), or two."
    )
    experiment: Name | None = Field(
        None,
        description="Column with the experiment's name; each is analysed separately.",
    )
    metric: Name | None = Field(None, description="Column with the metric's name.")
    date: Name | None = Field(
        None,
        description="Column with the date up to which the row counts units, or with days since the "
        "start; the last one decides.",
    )


class Experiment(Part):
    """One experiment, or all experiments of a file."""

    exposures: Exposures | None = None
    units: Units | None = None
    moments: Moments | None = None
    control: Name | None = Field(
        None,
        description=f"Control variant. Default: {', '.join(CONTROLS)}.",
    )
    split: dict[Name, Annotated[float, Field(gt=0, allow_inf_nan=False)]] | None = (
        Field(
            None,
            description="Planned split: a weight per variant. Default: equal shares.",
        )
    )
    design: Literal["randomized", "biased"] = Field(
        "randomized",
        description="`biased` if the assignment probability differs between strata.",
    )
    strata: list[Name] = Field(
        default=[],
        description="Columns to stratify by: variants are compared within their values.",
    )
    segments: list[Name] = Field(
        default=[],
        description="Columns to segment by: effects are also shown for each of their values.",
    )
    covariate_days: int | None = Field(
        None,
        ge=1,
        le=3650,
        description="Length in days of the pre-period, over which the metric is the covariate.",
    )
    covariates: dict[Name, Name] = Field(
        default={},
        description="For units: the pre-exposure column of each metric, for CUPED.",
    )
    metrics: list[Name] | dict[Name, Literal["mean", "proportion"] | Value] | None = (
        Field(
            None,
            description="With exposures: names of metrics of the plan (default: all). With units: "
            "kind, or more keys, by metric. With moments: role and direction, by metric.",
        )
    )
    planned_units: int | None = Field(
        None, ge=2, description="Planned number of units over all variants."
    )
    horizon_days: int | None = Field(
        None,
        ge=1,
        le=3650,
        description="Days over which retention is followed. Default: up to the last metric's.",
    )
    silence_days: int = Field(
        7,
        ge=1,
        le=3650,
        description="Days without any fact after which a unit counts as having left.",
    )
    estimator: str | None = Field(
        None,
        json_schema_extra={"enum": [*ESTIMATORS, None]},
        description="Decisive estimator. Default: chosen by design, strata and covariates.",
    )

    @property
    def grain(self) -> str:
        """Which kind of table it reads: exposures, units or moments."""
        return next(name for name in GRAINS if getattr(self, name) is not None)

    @property
    def table(self) -> Exposures | Units | Moments:
        """The table it reads."""
        return getattr(self, self.grain)


GRAINS = ("exposures", "units", "moments")


class Plan(Part):
    """A plan: experiments and, for those with exposures, facts and metrics."""

    facts: dict[Name, Fact] = Field(
        default={}, description="Facts by name: what units did."
    )
    metrics: dict[Name, Metric] = Field(
        default={}, description="Metrics of the facts, by name."
    )
    experiments: dict[Name, Experiment] = Field(min_length=1)
    until: Annotated[datetime.date | None, BeforeValidator(date)] = Field(
        None,
        description="Last day that the facts cover. Default: the latest date of any fact.",
    )

    def metrics_of(self, name: str) -> dict[str, Metric]:
        """The metrics of an experiment with exposures."""
        chosen = self.experiments[name].metrics
        return {
            metric: self.metrics[metric]
            for metric in (self.metrics if chosen is None else chosen)
        }

    def days_of(self, metric: Metric) -> tuple[int, int]:
        """The first and last day of a metric."""
        if metric.days is not None:
            return metric.days
        return 0, max([m.days[1] for m in self.metrics.values() if m.days], default=13)


def load_plan(path: Path) -> Plan:
    """Reads and checks a plan; no data is read.

    Args:
        path: A file of YAML.

    Returns:
        The plan.

    Raises:
        UsageError: Names every mistake, with line, column, and what is allowed.
    """
    return load(path, Plan, "plan", _keys, _contradictions, ADVICE)


def _keys(path: KeyPath, data: Any) -> list[str]:
    """The keys that a mapping of the plan may have."""
    model: type[BaseModel] = Plan
    if len(path) >= 2 and path[0] in ("facts", "metrics", "experiments"):
        model = {"facts": Fact, "metrics": Metric, "experiments": Experiment}[path[0]]
    if path[:1] == ("experiments",) and len(path) >= 3:
        parts = {"exposures": Exposures, "units": Units, "moments": Moments}
        model = parts.get(path[2], Value if path[2] == "metrics" else Experiment)
        if path[2] == "moments" and len(path) > 3:
            model = Sides
    if path[-1:] == ("margin",):
        model = Margin
    return [field.alias or name for name, field in model.model_fields.items()]


def _contradictions(data: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """What is wrong between parts of a plan, as far as they can be read."""
    facts = _mapping(data.get("facts"))
    metrics = _mapping(data.get("metrics"))
    for name in facts:
        if name.endswith(".count"):
            yield (
                ("facts", name),
                f"facts.{name} must not end with .count, which is the rows of a fact.",
            )
    for name, metric in metrics.items():
        if isinstance(metric, dict):
            yield from _of_metric(("metrics", name), metric, facts)
    for name, experiment in _mapping(data.get("experiments")).items():
        if isinstance(experiment, dict):
            path = ("experiments", name)
            yield from _of_experiment(path, experiment, metrics)
            yield from _of_split(path, experiment)
            yield from _of_values(path, experiment)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_set(value: Any) -> bool:
    return str(value).lower() in ("true", "yes", "on", "y", "t", "1")


def _of_metric(
    path: KeyPath, metric: dict[str, Any], facts: dict[str, Any]
) -> Iterator[tuple[KeyPath, str]]:
    name = ".".join(path)
    fact = metric.get("fact")
    if isinstance(fact, str) and fact not in facts:
        yield (
            (*path, "fact"),
            (
                f"{name}.fact is '{fact}', but no fact has that name.{nearest(fact, facts)} "
                f"The facts are {', '.join(facts) or 'none'}."
            ),
        )
    per = metric.get("per")
    counts = [f"{each}.count" for each in facts]
    if isinstance(per, str) and per not in facts and per not in counts:
        known = [*facts, *counts]
        yield (
            (*path, "per"),
            (
                f"{name}.per is '{per}', but must be a fact, or its count.{nearest(per, known)} "
                f"There are {', '.join(known) or 'none'}."
            ),
        )
    yield from _of_kind(path, metric)
    days = metric.get("days")
    pair = (
        [int(day) for day in days if str(day).lstrip("+-").isdecimal()]
        if (isinstance(days, list))
        else []
    )
    if len(pair) == 2 and not 0 <= pair[0] <= pair[1] <= 3650:
        yield (
            (*path, "days"),
            f"{name}.days is {pair}, but must be [first, last] with 0 <= first <= last <= 3650.",
        )
    is_known = isinstance(fact, str) and metric.get("aggregation") == "sum"
    count = is_known and _mapping(facts.get(fact))
    if count and "value" not in count:
        yield (
            (*path, "aggregation"),
            (
                f"{name}.aggregation is sum, but facts.{fact} has no value. Give it one, or count."
            ),
        )


def _of_kind(path: KeyPath, metric: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """What a metric's kind rules out, whatever it is measured of."""
    name, kind = ".".join(path), metric.get("kind")
    has_per = metric.get("per") is not None
    if kind == "ratio" and not has_per:
        yield (*path, "kind"), f"{name} is a ratio, but lacks per: what to divide by."
    if kind in ("mean", "proportion") and has_per:
        yield (*path, "per"), f"{name} is a {kind}, but has per. Leave one of them out."
    if _is_set(metric.get("complement")) and kind != "proportion":
        yield (
            (*path, "complement"),
            f"{name}.complement is of proportions: add kind: proportion.",
        )
    for key in ("cap", "quantiles"):
        if metric.get(key) and (kind == "proportion" or (key != "cap" and has_per)):
            yield (*path, key), f"{name}.{key} is of means. Leave it out."


def _of_experiment(
    path: KeyPath, experiment: dict[str, Any], metrics: dict[str, Any]
) -> Iterator[tuple[KeyPath, str]]:
    name = ".".join(path)
    grains = [grain for grain in GRAINS if experiment.get(grain) is not None]
    if len(grains) != 1:
        found = " and ".join(grains) or "none"
        yield (
            path,
            f"{name} has {found}, but must have one of exposures, units and moments.",
        )
        return
    (grain,) = grains
    chosen = experiment.get("metrics")
    if grain == "exposures":
        if not metrics:
            yield path, f"{name} has exposures, but the plan has no metrics of facts."
        if isinstance(chosen, dict):
            yield (
                (*path, "metrics"),
                f"{name}.metrics must be a list of names; metrics of facts stand under metrics.",
            )
        if chosen == []:
            yield (
                (*path, "metrics"),
                f"{name}.metrics is empty. Name some, or leave it out for all.",
            )
        for number, metric in enumerate(chosen if isinstance(chosen, list) else []):
            if isinstance(metric, str) and metric not in metrics:
                yield (
                    (*path, "metrics", str(number)),
                    (
                        f"{name}.metrics has '{metric}', but no metric has that name."
                        f"{nearest(metric, metrics)} The metrics are {', '.join(metrics)}."
                    ),
                )
    elif isinstance(chosen, list):
        yield (
            (*path, "metrics"),
            f"{name}.metrics must be a mapping, such as {{spend: mean}}.",
        )
    elif grain == "units" and not chosen:
        yield path, f"{name} lacks metrics, such as {{spend: mean, visit: proportion}}."
    if grain == "moments":
        needless = ("strata", "segments", "covariates", "covariate_days", "design")
        yield from _of_moments(path, experiment)
    else:
        needless = ("covariates",) if grain == "exposures" else ("covariate_days",)
    for key in needless:
        if experiment.get(key):
            yield (*path, key), f"{name}.{key} is not of {grain}. Leave it out."
    yield from _of_design(path, experiment, grain)


def _of_moments(
    path: KeyPath, experiment: dict[str, Any]
) -> Iterator[tuple[KeyPath, str]]:
    name, table = ".".join(path), _mapping(experiment.get("moments"))
    parts = [part for part in ("n", "mean", "variance") if table.get(part) is not None]
    pairs = [part for part in parts if isinstance(table[part], dict)]
    if 0 < len(pairs) < len(parts):
        yield (
            (*path, "moments"),
            f"{name}.moments: n, mean and variance are all one column, or all one for each of "
            "control and treatment.",
        )
    for metric, said in _mapping(experiment.get("metrics")).items():
        for key in ("column", "per", "covariate", "cap", "quantiles", "complement"):
            if _mapping(said).get(key):
                yield (
                    (*path, "metrics", metric, key),
                    f"{name}.metrics.{metric}.{key} is not of moments. Leave it out.",
                )


def _of_design(
    path: KeyPath, experiment: dict[str, Any], grain: str
) -> Iterator[tuple[KeyPath, str]]:
    name = ".".join(path)
    has = {
        "covariate": bool(experiment.get("covariate_days"))
        or bool(experiment.get("covariates"))
        or any(
            "covariate" in _mapping(metric)
            for metric in _mapping(experiment.get("metrics")).values()
        ),
        "probability": "probability" in _mapping(experiment.get(grain)),
        "strata": bool(experiment.get("strata")),
    }
    if (
        experiment.get("design") == "biased"
        and not has["strata"]
        and not has["probability"]
    ):
        yield (
            (*path, "design"),
            f"{name} is biased, but has neither strata nor a probability, by which to adjust.",
        )
    estimator = experiment.get("estimator")
    if estimator is None:
        return
    if not isinstance(estimator, str) or estimator not in ESTIMATORS:
        yield (
            (*path, "estimator"),
            (
                f"{name}.estimator is {shown(estimator)}, but must be one of "
                f"{', '.join(ESTIMATORS)}."
                f"{nearest(str(estimator), ESTIMATORS)}"
            ),
        )
        return
    for need in filter(None, ESTIMATORS[estimator].split(" and ")):
        if not has[need]:
            yield (
                (*path, "estimator"),
                f"{name}.estimator {estimator} needs {need}, which the plan does not have.",
            )


def _of_split(
    path: KeyPath, experiment: dict[str, Any]
) -> Iterator[tuple[KeyPath, str]]:
    name, split = ".".join(path), experiment.get("split")
    if not isinstance(split, dict):
        return
    shares = []
    for share in split.values():
        with contextlib.suppress(TypeError, ValueError):
            shares.append(float(share))
    total = math.fsum(shares)
    if len(split) < 2:
        yield (*path, "split"), f"{name}.split names fewer than two variants."
    are_whole = all(float(share).is_integer() for share in shares)
    is_all = any(math.isclose(total, whole, rel_tol=1e-3) for whole in (1, 100))
    # parts such as 1:1 or 2:1:1 are a split, too
    if len(shares) == len(split) > 1 and not is_all and (total > 20 or not are_whole):
        yield (
            (*path, "split"),
            f"split_does_not_add_up: {name}.split adds up to {total:g}, but must to 100, to 1, or "
            "be whole parts such as 2 : 1.",
        )
    control = experiment.get("control")
    if isinstance(control, str) and control not in split:
        yield (
            (*path, "control"),
            (
                f"{name}.control is '{control}', but the split has no such variant."
                f"{nearest(control, split)} It has {', '.join(split)}."
            ),
        )


def _of_values(
    path: KeyPath, experiment: dict[str, Any]
) -> Iterator[tuple[KeyPath, str]]:
    metrics = _mapping(experiment.get("metrics"))
    for name, metric in metrics.items():
        if isinstance(metric, dict):
            yield from _of_kind((*path, "metrics", name), metric)
            if metric.get("per") is not None and metric.get("covariate") is not None:
                yield (
                    (*path, "metrics", name, "covariate"),
                    f"{'.'.join((*path, 'metrics', name))} is a ratio: its covariate would be two "
                    "columns. Use exposures and facts, or leave it out.",
                )
    for metric in _mapping(experiment.get("covariates")):
        if metric not in metrics:
            yield (
                (*path, "covariates", metric),
                (
                    f"{'.'.join(path)}.covariates has '{metric}', which is no metric of it."
                    f"{nearest(metric, metrics)}"
                ),
            )


def schema() -> dict[str, Any]:
    """The JSON Schema of plans."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A plan of diorama analyse",
        **Plan.model_json_schema(by_alias=True, mode="validation"),
    }
