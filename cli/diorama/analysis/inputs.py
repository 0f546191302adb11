"""Reads a plan's files into the input layer of the experiments and accounts for every row."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import jinja2

from diorama.analysis.plan import (
    CONTROLS,
    Experiment,
    Exposures,
    Fact,
    Judged,
    Metric,
    Moments,
    Plan,
    Sides,
    Table,
    Units,
    Value,
)
from diorama.analysis.sources import Source, Sources, has_offset, yes_or_no
from diorama.engines.sql import identifier, literal
from diorama.errors import UsageError

if TYPE_CHECKING:
    import duckdb

SQL = Path(__file__).with_name("sql")
KEYS = ("bigint", "integer", "ubigint", "uinteger", "hugeint", "uuid")
DIGITS = 12  # as many as the largest value keeps
DECIMALS = 18  # at most, since 10^18 is the largest divisor of 64 bits
LARGEST = 1e15  # sums of squares of more have no room in 128 bits
TOO_LARGE = "values are too large for exact sums; give them in a larger unit"
NO_ROWS = "there are no rows, or none that can be used; look at from and where"
MEANINGS = {
    "null_experiment": ("warn", "rows without an experiment are left out"),
    "null_unit": ("warn", "rows without a unit are left out"),
    "null_variant": ("warn", "rows without a variant are left out"),
    "null_time": ("warn", "rows without a time are left out"),
    "null_metric": ("warn", "rows without a metric are left out"),
    "null_value": ("info", "rows without a value are left out"),
    "null_moment": (
        "warn",
        "rows in which n, mean or variance is missing, no number, or below 0 are left out",
    ),
    "value_too_large": ("refuse", TOO_LARGE),
    "fewer_than_two_units": ("info", "rows of fewer than two units are left out"),
    "earlier_look_of_day": ("info", "of several looks on a day, the last is kept"),
    "duplicate_moment": (
        "refuse",
        "a variant has several rows of one metric and date",
    ),
    "no_probability": (
        "refuse",
        "a probability is missing, or not above 0 and up to 1",
    ),
    "after_until": ("info", "rows after `until` are left out"),
    "time_not_a_time": (
        "refuse",
        "values are no times such as 2025-01-31 10:00:00; give others with a query and strptime",
    ),
}


@dataclass(frozen=True)
class Finding:
    """A finding of a data check.

    Attributes:
        code: Its stable name, such as `duplicate_unit`.
        severity: `refuse`, `warn` or `info`.
        input: Key of the plan that names the table, such as `facts.orders`.
        experiment_id: The experiment, or None if it concerns all.
        found: Number of rows, units or variants affected.
        examples: Up to five of them.
        meaning: What it means for the analysis.
    """

    code: str
    severity: str
    input: str
    experiment_id: str | None
    found: int
    examples: list[str]
    meaning: str

    @property
    def line(self) -> str:
        """The finding as one line of text."""
        of = f" of {self.experiment_id}" if self.experiment_id else ""
        shown = f": {', '.join(map(str, self.examples))}" if self.examples else ""
        more = ", …" if self.found > len(self.examples) > 0 else ""
        return f"{self.code} in {self.input}{of}: {self.found:,} ({self.meaning}){shown}{more}"


@dataclass
class _Measured:
    """A metric of units: its columns and the number of decimals kept."""

    name: str
    number: int
    metric: Judged
    columns: dict[str, _Column]
    decimals: int = 0

    def scaled(self, column: str) -> str:
        """SQL of a column as integers in 1/10^decimals; 0 or 1 for a proportion."""
        if getattr(self.metric, "kind", None) == "proportion" and "main" in column:
            sign = "=" if self.metric.complement else "!="
            return f"cast({column} {sign} 0 as bigint)"
        return f"cast(round({column} * {10**self.decimals}) as bigint)"


@dataclass(frozen=True)
class _Column:
    source: str
    sql: str


@dataclass
class Inputs:
    """Fills the input layer of a database.

    Attributes:
        connection: A connection whose default database gets the input layer.
        plan: The plan.
        sources: The files of the plan.
        statements: All SQL that was run, in order.
    """

    connection: duckdb.DuckDBPyConnection
    plan: Plan
    sources: Sources
    statements: list[str] = field(default_factory=list)
    needs_exposures: ClassVar[bool] = True
    _sources: dict[str, Source] = field(default_factory=dict)

    def fill(self, only: Sequence[str]) -> list[Finding]:
        """Reads and checks the data of some experiments.

        Args:
            only: Their names in the plan.

        Returns:
            The findings; if one of them refuses the data, the input layer is incomplete.
        """
        self.find_tables(only)
        self._run("tables")
        # the experiments of which facts are read, and whether from before the exposure on
        self._execute(
            "create or replace temp table followed_experiments "
            "(experiment_id varchar, has_past boolean)"
        )
        chosen = {name: self.plan.experiments[name] for name in only}
        for name, experiment in chosen.items():
            self._experiment(name, experiment)
        with_exposures = [n for n, e in chosen.items() if e.grain == "exposures"]
        if with_exposures and not self._is_refused():
            self._facts(with_exposures)
        return self.findings()

    def find_tables(self, only: Sequence[str]) -> None:
        """Checks that the files and columns of some experiments exist.

        Args:
            only: Their names in the plan.

        Raises:
            UsageError: Names all that are missing.
        """
        chosen = {name: self.plan.experiments[name] for name in only}
        tables: dict[str, tuple[Table, list[str | None], str | None]] = {}
        for name, experiment in chosen.items():
            table = experiment.table
            place = f"experiments.{name}.{experiment.grain}"
            columns = [table.variant, table.experiment]
            columns += [*experiment.strata, *experiment.segments]
            if isinstance(table, Moments):
                columns += [table.metric, table.date]
                for side in (table.n, table.mean, table.variance):
                    columns += (
                        [*vars(side).values()] if isinstance(side, Sides) else [side]
                    )
                tables[place] = table, columns, table.date
                continue
            columns += [table.unit, table.time, table.probability]
            if isinstance(table, Units):
                measured = self._measured(experiment)
                columns += [c.source for m in measured for c in m.columns.values()]
            if self.needs_exposures:
                tables[place] = table, columns, table.time
        with_exposures = [n for n, e in chosen.items() if e.grain == "exposures"]
        for name in self.used_facts(with_exposures):
            fact = self.plan.facts[name]
            tables[f"facts.{name}"] = (
                fact,
                [fact.unit, fact.time, fact.value],
                fact.time,
            )
        problems = []
        for place, (table, columns, time) in tables.items():
            needed = [column for column in columns if column]
            try:
                found = self.sources.find(place, table, needed, [time] if time else [])
                self._sources[place] = found
            except UsageError as error:
                problems.append(str(error))
        if problems:
            raise UsageError("\n".join(problems))

    def _source(self, place: str) -> Source:
        return self._sources[place]

    def look_at_values(self) -> list[Finding]:
        """Checks the values of units, once the marts are built.

        Returns:
            All findings.
        """
        self._run("outliers")
        return self.findings()

    def used_facts(self, experiments: Sequence[str]) -> list[str]:
        """The facts that the metrics of some experiments use."""
        return sorted(
            {
                each
                for name in experiments
                for metric in self.plan.metrics_of(name).values()
                for each in (metric.fact, _fact_of(metric.per))
                if each
            }
        )

    def findings(self) -> list[Finding]:
        """The findings so far, most severe first."""
        rows = self.rows(
            "select code, severity, input, experiment_id, found, examples, meaning "
            "from marts.experiments__input_checks order by "
            "list_position(['refuse', 'warn', 'info'], severity), code, input, "
            "experiment_id"
        )
        return [Finding(*row) for row in rows]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.connection.execute(query).fetchall()

    def _is_refused(self) -> bool:
        return any(finding.severity == "refuse" for finding in self.findings())

    def _run(self, template: str, **values: Any) -> None:
        self._execute(_template(template).render(values))

    def _execute(self, sql: str) -> None:
        """Runs statements and records them for `--sql`."""
        self.statements.append(sql.strip().removesuffix(";") + ";")
        self.connection.execute(sql)

    def _insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            sql = f"insert into {table} values ({', '.join(map(_constant, row))})"
            self._execute(sql)

    def _find(
        self,
        code: str,
        severity: str,
        place: str,
        found: int,
        examples: Sequence[str],
        meaning: str,
    ) -> None:
        row = (code, severity, place, None, found, list(examples), meaning)
        self._insert("marts.experiments__input_checks", [row])

    # Exposures and units

    def _experiment(self, name: str, experiment: Experiment) -> None:
        table = experiment.table
        place = f"experiments.{name}.{experiment.grain}"
        self._execute(
            "create or replace temp table old_experiments as "
            "select distinct experiment_id from inputs.exposures "
            "union select distinct experiment_id from inputs.moments"
        )
        if isinstance(table, Moments):
            metrics = self._moments(name, place, experiment, table)
        else:
            measured = self._read(name, place, experiment, table)
            if self._is_refused():
                return
            grain = "units" if isinstance(table, Units) else "exposures"
            has_time = table.time is not None
            self._run(grain, input=literal(place), values=measured, has_time=has_time)
            metrics = self._metrics(name, experiment, measured)
        self._check_reasons(place)
        self._execute(
            "create or replace temp table new_experiments as "
            "select experiment_id from inputs.exposures union "
            "select experiment_id from inputs.moments except from old_experiments"
        )
        clash = self.rows(
            "select distinct experiment_id from "
            "(select experiment_id from inputs.experiments) natural join "
            + ("rows_read" if not isinstance(table, Moments) else "moment_rows")
        )
        if clash:
            raise UsageError(
                f"{place} has the experiment '{clash[0][0]}', which another part of the plan has, "
                "too. Give them different names."
            )
        if experiment.grain == "exposures":
            has_past = _constant(experiment.covariate_days is not None)
            self._execute(
                "insert into followed_experiments "
                f"select experiment_id, {has_past} from new_experiments"
            )
        self._arms(place, experiment)
        self._insert_metrics(metrics)

    def _read(
        self, name: str, place: str, experiment: Experiment, table: Exposures | Units
    ) -> list[_Measured]:
        measured = []
        if isinstance(table, Units):
            measured = self._measured(experiment)
        source = self._source(place)
        self._check_offsets(place, source, table.time)
        self._check_numbers(place, source, table.probability)
        for metric in measured:
            for key, column in metric.columns.items():
                self._check_numbers(place, source, column.source)
                number = _number(source, column.source)
                metric.columns[key] = _Column(column.source, number)
        if self._is_refused():
            return measured
        self._run(
            "read_exposures",
            source=source,
            input=literal(place),
            experiment=source.text(table.experiment)
            if table.experiment
            else literal(name),
            unit=source.text(table.unit)
            if table.unit
            else "cast(row_number() over () as varchar)",
            variant=source.text(table.variant),
            time=identifier(table.time) if table.time else "",
            moment=source.moment(table.time, table.timezone)
            if table.time
            else "timestamp '2000-01-01'",
            probability=_number(source, table.probability)
            if table.probability
            else "null",
            stratum=_labels(experiment.strata),
            segment=_labels(experiment.segments),
            values=measured,
        )
        for metric in measured:
            kept = [f"{key}_{metric.number}" for key in metric.columns]
            at = f"{place}.{metric.columns['main'].source}"
            metric.decimals = self._decimals(at, "rows_read", kept)
        return measured

    def _measured(self, experiment: Experiment) -> list[_Measured]:
        measured = []
        given = experiment.metrics if isinstance(experiment.metrics, dict) else {}
        for number, (name, said) in enumerate(given.items()):
            value = Value(kind=said) if isinstance(said, str) else said
            past = value.covariate or experiment.covariates.get(name)
            names = {"main": value.column or name, "per": value.per, "past": past}
            columns = {k: _Column(c, "") for k, c in names.items() if c}
            measured.append(_Measured(name, number, value, columns))
        for metric in measured:
            metric.name = literal(metric.name)
        return measured

    def _decimals(
        self,
        place: str,
        relation: str,
        columns: Sequence[str],
        condition: str = "reason is null",
    ) -> int:
        """How many decimals values have, as far as they are kept."""
        steps = " ".join(
            f"when value = round(value, {places}) then {places}"
            for places in range(DECIMALS)
        )
        values = " union all ".join(
            f"select cast({column} as double) as value from {relation} where {condition}"
            for column in columns
        )
        ((most, largest),) = self.rows(
            f"select max(case {steps} else {DECIMALS} end), max(abs(value)) from ({values})"
        )
        if largest is None:
            return 0
        if largest > LARGEST:
            self._find(
                "value_too_large", "refuse", place, 1, [f"{largest:g}"], TOO_LARGE
            )
        room = DIGITS - math.ceil(math.log10(largest)) if largest else 0
        return max(0, min(most, room))

    def _check_offsets(self, place: str, source: Source, time: str | None) -> None:
        if time is None or source.kind(time) != "varchar":
            return
        value = identifier(time)
        ((with_offset, all_times),) = self.rows(
            f"select count(*) filter ({has_offset(value)}), "
            f"count(*) filter (try_cast({value} as timestamptz) is not null) "
            f"from {source.relation}"
        )
        if 0 < with_offset < all_times:
            examples = self.rows(
                f"select any_value({value}) from {source.relation} "
                f"where {value} is not null group by {has_offset(value)}"
            )
            self._find(
                *("mixed_time_zones", "refuse", f"{place}.{time}"),
                *(all_times - with_offset, [text for (text,) in examples]),
                "some times have an offset from UTC, and some do not",
            )

    def _check_numbers(self, place: str, source: Source, column: str | None) -> None:
        if column is None or source.kind(column) == "boolean":
            return
        value = identifier(column)
        number = f"try_cast(cast({value} as varchar) as double)"
        test = (
            f"not isfinite({value})"
            if source.kind(column) in ("double", "float")
            else f"coalesce(not isfinite({number}), true)"
        )
        if source.is_number(column) and source.kind(column) not in ("double", "float"):
            return
        ((found, examples),) = self.rows(
            f"select count(*), list(distinct cast({value} as varchar))[:5] "
            f"from {source.relation} where {value} is not null and {test}"
        )
        if found:
            self._find(
                *("value_not_numeric", "refuse", f"{place}.{column}", found),
                *(sorted(examples), "values are no numbers"),
            )

    def _check_reasons(self, place: str) -> None:
        """Turns the reasons for which rows were left out into findings."""
        for experiment, reason, count, examples in self.rows("from row_reasons"):
            severity, meaning = MEANINGS[reason]
            shown = [] if reason.startswith("null_") else examples
            row = (reason, severity, place, experiment, count, shown, meaning)
            self._insert("marts.experiments__input_checks", [row])

    # Moments

    def _moments(
        self, name: str, place: str, experiment: Experiment, table: Moments
    ) -> list[Sequence[Any]]:
        pairs = [
            s for s in (table.n, table.mean, table.variance) if isinstance(s, Sides)
        ]
        if pairs and len(pairs) < 3:
            raise UsageError(
                f"{place}: n, mean and variance are all one column, or all one for each of control "
                "and treatment."
            )
        source = self._source(place)
        control = experiment.control or ("control" if pairs else None)
        sides = [
            {
                "variant": literal(control)
                if is_control and pairs
                else source.text(table.variant),
                "is_shared": bool(pairs) and is_control,
                **{
                    key: identifier(
                        getattr(column, "control" if is_control else "treatment")
                        if isinstance(column, Sides)
                        else column
                    )
                    for key, column in {
                        "n": table.n,
                        "mean": table.mean,
                        "variance": table.variance,
                    }.items()
                },
            }
            for is_control in ([True, False] if pairs else [False])
        ]
        look, look_date = "0", "date '2000-01-01'"
        if table.date:
            look = identifier(table.date)
            look_date = f"cast({source.moment(table.date, None)} as date)".replace(
                identifier(table.date), "look"
            )
            if source.is_number(table.date):
                # numbers need not be whole days: each is a look, and looks are counted
                look_date = (
                    "date '2000-01-01' + cast(dense_rank() over ("
                    "partition by experiment_id order by round(cast(look as double), 9)"
                    ") - 1 as integer)"
                )
        controls = list(CONTROLS)
        self._run(
            "moments",
            source=source,
            input=literal(place),
            experiment=source.text(table.experiment)
            if table.experiment
            else literal(name),
            metric=source.text(table.metric) if table.metric else literal("metric"),
            look=look,
            look_date=look_date,
            sides=sides,
            control=literal(control)
            if control
            else "(select arg_min(variant, list_position("
            f"{_constant(controls)}, lower(variant))) from summed "
            f"where lower(variant) in {tuple(controls)})",
        )
        said = experiment.metrics if isinstance(experiment.metrics, dict) else {}
        found = self.rows(
            "select experiment_id, metric, divisor from moment_scales order by all"
        )
        metrics = []
        firsts: set[str] = set()
        has_primary = any(
            isinstance(value, Value) and value.role == "primary"
            for value in said.values()
        )
        for experiment_id, metric, divisor in found:
            given = said.get(metric)
            judged = given if isinstance(given, Value) else Value()
            is_first = experiment_id not in firsts
            firsts.add(experiment_id)
            role = judged.role or (
                "primary" if is_first and not has_primary else "secondary"
            )
            kind = given if isinstance(given, str) else "mean"
            metrics.append(
                metric_row(
                    literal(experiment_id),
                    metric,
                    judged,
                    role,
                    *(kind, metric, None, "sum", (0, 0), divisor, 0),
                )
            )
        return metrics

    # Declarations

    def _arms(self, place: str, experiment: Experiment) -> None:
        table = experiment.table
        split = ", ".join(
            f"({literal(variant)}, {share}, {place_})"
            for place_, (variant, share) in enumerate((experiment.split or {}).items())
        )
        probability = getattr(table, "probability", None)
        is_biased = experiment.design == "biased"
        control = experiment.control
        is_wide = isinstance(table, Moments) and isinstance(table.n, Sides)
        if control is None and is_wide:
            control = "control"
        days = self._horizon(experiment)
        self._run(
            "arms",
            input=literal(place),
            split=split,
            control=literal(control) if control else "",
            controls=_constant(list(CONTROLS)),
            severity=literal("warn" if table.experiment else "refuse"),
            design=literal(
                "biased"
                if is_biased or (probability and experiment.strata)
                else "randomized"
            ),
            estimator=literal(_estimator(experiment)),
            horizon_days=days,
            silence_days=experiment.silence_days if days else 1,
            planned_units=_constant(experiment.planned_units),
            is_known=not is_biased,
        )
        if not self._is_refused() and not self.rows("from found_variants limit 1"):
            self._find("no_rows", "refuse", place, 0, [], NO_ROWS)

    def _horizon(self, experiment: Experiment) -> int:
        if experiment.grain != "exposures":
            return 0
        days = [self.plan.days_of(m)[1] for m in self.plan.metrics.values()]
        return experiment.horizon_days or max(days) + 1

    def _metrics(
        self, name: str, experiment: Experiment, measured: Sequence[_Measured]
    ) -> list[Sequence[Any]]:
        """The rows of metrics of an experiment with exposures or units."""
        kept = "(select list(experiment_id) from new_experiments)"
        if experiment.grain == "units":
            roles = roles_of([(m.name, m.metric.role) for m in measured])
            return [
                metric_row(
                    kept,
                    _unquoted(m.name),
                    m.metric,
                    roles[m.name],
                    m.metric.kind or ("ratio" if "per" in m.columns else "mean"),
                    _unquoted(m.name),
                    m.columns["per"].source if "per" in m.columns else None,
                    "sum",
                    (0, 0),
                    1
                    if m.metric.kind == "proportion" or "per" in m.columns
                    else 10**m.decimals,
                    0 if "past" in m.columns else None,
                    is_shown_complement=False,
                )
                for m in measured
            ]
        metrics = self.plan.metrics_of(name)
        roles = roles_of([(key, metric.role) for key, metric in metrics.items()])
        rows = []
        for key, metric in metrics.items():
            rows.append(
                metric_row(
                    kept,
                    key,
                    metric,
                    roles[key],
                    metric.kind or ("ratio" if metric.per else "mean"),
                    _numerator(self.plan, metric),
                    _denominator(self.plan, metric),
                    "days" if metric.aggregation == "days" else "sum",
                    self.plan.days_of(metric),
                    # filled in when the facts are read
                    1,
                    experiment.covariate_days,
                )
            )
        return rows

    def _insert_metrics(self, rows: Sequence[Sequence[Any]]) -> None:
        """Rows of metrics, each for all experiments of its first column, which is SQL."""
        many: dict[bool, list[str]] = {True: [], False: []}
        for experiments, *values in rows:
            row = f"({experiments}, {', '.join(map(_constant, values))})"
            many[experiments.startswith("(")].append(row)
        for is_list, chosen in many.items():
            if chosen:
                first = "unnest(experiments)" if is_list else "experiments"
                names = ", ".join(f"c{n}" for n in range(len(rows[0]) - 1))
                sql = (
                    f"insert into inputs.metrics select {first}, {names} from (values "
                    + ",\n".join(chosen)
                    + f") as given (experiments, {names})"
                )
                self._execute(sql)

    # Facts

    def _facts(self, experiments: Sequence[str]) -> None:
        import duckdb

        used = self.used_facts(experiments)
        for number, name in enumerate(used):
            self._read_fact(number, name, self.plan.facts[name])
        if self._is_refused():
            return
        for number, name in enumerate(used):
            self._run(
                "fact_rows",
                number=number,
                input=literal(f"facts.{name}"),
                key=_same_key(self._source(f"facts.{name}"), self.plan.facts[name]),
                before=max(
                    self.plan.experiments[each].covariate_days or 0
                    for each in experiments
                ),
                behind=max(
                    max(
                        self._horizon(self.plan.experiments[each]) - 1,
                        *(
                            self.plan.days_of(metric)[1]
                            for metric in self.plan.metrics_of(each).values()
                        ),
                    )
                    for each in experiments
                ),
            )
        decimals = {
            name: self._decimals(f"facts.{name}", f"rows_{number}", ["value"], "true")
            if self.plan.facts[name].value
            else 0
            for number, name in enumerate(used)
        }
        if self._is_refused():
            return
        self._share_decimals(experiments, decimals)
        wanted = {
            fact
            for name in experiments
            for metric in self.plan.metrics_of(name).values()
            for fact in (_numerator(self.plan, metric), _denominator(self.plan, metric))
        }
        for number, name in enumerate(used):
            has_value = self.plan.facts[name].value is not None
            scaled = f"cast(sum(round(value * {10 ** decimals[name]})) as bigint)"
            try:
                self._run(
                    "fact_days",
                    number=number,
                    name=literal(name),
                    input=literal(f"facts.{name}"),
                    scaled=scaled if has_value else "count(*)",
                    is_summed=name in wanted,
                    is_counted=f"{name}.count" in wanted,
                )
            except (duckdb.ConversionException, duckdb.OutOfRangeException):
                place = f"facts.{name}"
                self._find("value_too_large", "refuse", place, 1, [], TOO_LARGE)
                return
        # each has a row per unit and date
        everything = " union ".join(
            f"select unit_id, activity_date from days_{n}" for n in range(len(used))
        )
        if "active" not in used:
            self._execute(
                "insert into inputs.unit_facts "
                f"select unit_id, activity_date, 'active', 1 from ({everything})"
            )
        self._follow_up(range(len(used)))

    def _read_fact(self, number: int, name: str, fact: Fact) -> None:
        place = f"facts.{name}"
        source = self._source(place)
        self._check_offsets(place, source, fact.time)
        self._check_numbers(place, source, fact.value)
        if self._is_refused():
            return
        time = "time_text"
        until = f"date '{self.plan.until}'" if self.plan.until else ""
        self._run(
            "read_fact",
            number=number,
            source=source,
            key=_key(source, fact.unit),
            time=identifier(fact.time),
            moment=source.moment(fact.time, fact.timezone),
            value=_number(source, fact.value) if fact.value else "1",
            has_value=fact.value is not None,
            until=until,
        )
        self._execute(
            "create or replace temp table row_reasons as "
            "select cast(null as varchar) as experiment_id, reason, count(*) as row_count, "
            f"list_sort(list(distinct if(reason = 'time_not_a_time', {time}, unit_id))[:5]) "
            f"as examples from fact_{number} where reason is not null group by reason"
        )
        self._execute(
            "insert into marts.experiments__input_rows "
            f"select {literal(place)}, null, reason, row_count from row_reasons"
        )
        self._check_reasons(place)

    def _share_decimals(
        self, experiments: Sequence[str], decimals: dict[str, int]
    ) -> None:
        """Gives numerators at least the decimals of what they are divided by, and tells metrics."""
        metrics = {
            key: metric
            for name in experiments
            for key, metric in self.plan.metrics_of(name).items()
        }
        for _ in metrics:  # what is a numerator here may be a denominator there
            for metric in metrics.values():
                below = _denominator(self.plan, metric)
                above = _numerator(self.plan, metric)
                if below in decimals and above in decimals:
                    decimals[above] = max(decimals[above], decimals[below])
        for key, metric in metrics.items():
            above = decimals.get(_numerator(self.plan, metric), 0)
            below = decimals.get(_denominator(self.plan, metric) or "", 0)
            if metric.aggregation == "days" or metric.kind == "proportion":
                continue
            if above < below:
                raise UsageError(
                    f"metrics.{key} divides counts by a fact with decimals. Turn it round."
                )
            self._execute(
                f"update inputs.metrics set divisor = {10 ** (above - below)} "
                f"where metric = {literal(key)} "
                "and experiment_id in (select experiment_id from followed_experiments)"
            )

    def _follow_up(self, numbers: Sequence[int]) -> None:
        dates = " union all ".join(
            "select min(cast(happened_at as date)) as first, "
            f"max(cast(happened_at as date)) as last from fact_{number} where reason is null"
            for number in numbers
        )
        ((first, last),) = self.rows(f"select min(first), max(last) from ({dates})")
        last = self.plan.until or last
        if first is None or last is None:
            self._find("no_rows", "refuse", "facts", 0, [], NO_ROWS)
            return
        today = datetime.date.today()
        if last > today + datetime.timedelta(days=1) and not self.plan.until:
            self._find(
                *("facts_in_future", "warn", "facts", 1, [str(last)]),
                "the latest date, up to which units count as followed, is in the future; say until",
            )
        self._run("follow_up", first_date=f"date '{first}'", last_date=f"date '{last}'")


@cache
def _template(name: str) -> jinja2.Template:
    text = (SQL / f"{name}.sql.jinja").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=False
    )
    return environment.from_string(text)


def _constant(value: Any) -> str:
    """A value as a literal of SQL."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_constant, value))}]"
    return literal(value)


def _key(source: Source, column: str) -> str:
    """SQL of the join key of an id column: the column itself if that is shorter than text."""
    if source.kind(column) in KEYS:
        return identifier(column)
    return source.text(column)


def _same_key(source: Source, fact: Fact) -> str:
    """The ids of exposed units, cast as the fact's ids are."""
    kind = source.kind(fact.unit)
    return f"try_cast(unit_id as {kind})" if kind in KEYS else "unit_id"


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _number(source: Source, column: str) -> str:
    """A column as a number."""
    kind, name = source.kind(column), identifier(column)
    if kind.startswith("decimal") or kind in ("double", "float"):
        return name
    if source.is_number(column):
        return f"cast({name} as bigint)" if kind != "hugeint" else name
    return f"coalesce(try_cast(cast({name} as varchar) as double), {yes_or_no(column)})"


def _labels(columns: Sequence[str]) -> str:
    """SQL that combines the values of columns into one text; `all` without columns."""
    if not columns:
        return "'all'"
    texts = (f"coalesce(cast({identifier(c)} as varchar), 'unknown')" for c in columns)
    return f"concat_ws(' / ', {', '.join(texts)})"


def roles_of(metrics: Sequence[tuple[str, str | None]]) -> dict[str, str]:
    """The role of each metric: the first is primary if none is declared so."""
    has_primary = any(role == "primary" for _, role in metrics)
    roles = {}
    for name, role in metrics:
        is_first = not has_primary and role is None
        roles[name] = role or ("primary" if is_first else "secondary")
        has_primary = has_primary or is_first
    return roles


def _estimator(experiment: Experiment) -> str:
    """The estimator that the design calls for."""
    if experiment.estimator:
        return experiment.estimator
    metrics = experiment.metrics if isinstance(experiment.metrics, dict) else {}
    has_past = bool(
        experiment.covariate_days
        or experiment.covariates
        or any(isinstance(m, Value) and m.covariate for m in metrics.values())
    )
    if experiment.strata:
        return "post_stratified_cuped" if has_past else "post_stratified"
    if experiment.design == "biased":
        return "ipw"
    return "cuped" if has_past else "naive"


def _fact_of(name: str | None) -> str | None:
    return name.removesuffix(".count") if name else None


def _numerator(plan: Plan, metric: Metric) -> str:
    """The fact in the input layer that a metric aggregates: values or rows."""
    has_value = plan.facts[metric.fact].value is not None
    counts = metric.kind == "proportion" or metric.aggregation in ("count", "days")
    return f"{metric.fact}.count" if counts and has_value else metric.fact


def _denominator(plan: Plan, metric: Metric) -> str | None:
    if metric.per is None:
        return None
    fact = _fact_of(metric.per)
    assert fact is not None
    has_value = plan.facts[fact].value is not None
    return metric.per if has_value else fact


def metric_row(
    experiments: str,
    name: str,
    metric: Judged,
    role: str,
    kind: str,
    numerator: str,
    denominator: str | None,
    aggregation: str,
    days: tuple[int, int],
    divisor: int,
    covariate_days: int | None,
    is_shown_complement: bool = True,
) -> Sequence[Any]:
    """A row of the input layer's metrics, in the order of its columns."""
    margin = metric.margin
    return (
        experiments,
        *(name, kind, numerator, denominator, aggregation, role),
        *("increase" if metric.better == "up" else "decrease", *days),
        *(margin.size if margin else None, metric.cap),
        "|".join(map(repr, metric.quantiles)) or None,
        divisor,
        metric.unit or ("share of units" if kind == "proportion" else name),
        metric.label or name,
        metric.complement and is_shown_complement,
        bool(margin and margin.is_relative),
        covariate_days,
    )
