"""`diorama init plan`: writes a plan with guessed columns and every other key in comments."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diorama.analysis.plan import CONTROLS, SCHEMA
from diorama.analysis.sources import yes_or_no
from diorama.engines.sql import columns_of, identifier
from diorama.errors import DioramaError, UsageError
from diorama.project.catalogue import connected

if TYPE_CHECKING:
    import duckdb

NAMES = {
    "unit": r"(user|unit|customer|visitor|player|account|device|member|client|session|cookie|who)_?"
    r"(id|key|uuid)?|id|uuid",
    "variant": r"(variant|variation|arm|group|treatment|bucket|version|condition|test_group|ab)"
    r"(_?(id|name))?|.*_(variant|arm|group)",
    "time": r"(.*_)?(time|timestamp|ts|at|date|datetime|day|seen)|time_.*",
    "experiment": r"(experiment|test|campaign)(_?(id|name|key))?",
    "metric": r"metric(_?(id|name))?",
    "probability": r".*(probability|propensity|prob)|p",
    "n": r"n|count|n_units|units|sample_size|nobs",
    "mean": r"mean|avg|average|mean_value",
    "variance": r"variance|var|var_value",
}
# a column known before the exposure: prev_revenue, revenue_before
PAST = r"(?:prev|previous|pre|prior|past|before|history|baseline)_(.+)|(.+)_(?:before|pre|history)"
FEW = 20  # so many values at most are a group, not ids


def write_guess(source: Path, to: Path) -> str:
    """Writes a plan for one file.

    Args:
        source: The file with exposures, units or moments.
        to: The plan to write.

    Returns:
        The kind of file that was recognized.

    Raises:
        DioramaError: The file cannot be read, or the plan exists already.
    """
    from diorama.analysis.plan import Table
    from diorama.analysis.sources import Sources

    if to.exists():
        raise UsageError(
            f"{to} already exists. Give another file with --to, or remove it."
        )
    if not to.parent.is_dir():
        raise DioramaError(f"{to.parent} is not a directory. Make it with mkdir -p.")
    with connected(f"{to}.tmp") as connection:
        table = Table.model_validate({"from": str(source)})
        try:
            found = Sources(connection, Path.cwd()).find("", table, [], [])
        except UsageError as error:
            raise UsageError(f"-{str(error).replace('.from', '-from', 1)}") from error
        types = columns_of(connection, f"select * from {found.relation}")
        text, grain = _plan(connection, found.relation, types, source, to)
    to.write_text(text, encoding="utf-8")
    return grain


def _plan(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    types: dict[str, str],
    source: Path,
    to: Path,
) -> tuple[str, str]:
    def count(column: str) -> tuple[int, int]:
        row = connection.execute(
            f"select count(distinct {identifier(column)}), count(*) from {relation}"
        ).fetchone()
        assert row is not None
        return row

    def is_group(column: str) -> bool:
        distinct, rows = count(column)
        return distinct <= FEW and 2 * distinct <= rows

    guessed: dict[str, str] = {}
    for role, test in _TESTS.items():
        for column, kind in types.items():
            if (
                column not in guessed.values()
                and re.fullmatch(NAMES[role], _words(column))
                and test(kind)
                # a device may be the unit, or one of three kinds
                and not (role == "unit" and is_group(column))
            ):
                guessed[role] = column
                break
    if "unit" not in guessed:
        keys = [c for c, k in types.items() if k in ("varchar", "bigint", "uuid")]
        many = [
            c
            for c in keys
            if c not in guessed.values() and 2 * count(c)[0] > count(c)[1]
        ]
        guessed |= {"unit": many[0]} if many else {}
    if "variant" not in guessed:
        texts = [c for c, kind in types.items() if kind in ("varchar", "bigint")]
        few = [c for c in texts if 2 <= count(c)[0] <= 10 and c not in guessed.values()]
        if few:
            guessed["variant"] = few[0]
    if {"n", "mean", "variance"} <= guessed.keys():
        grain = "moments"
    else:
        unit = guessed.get("unit")
        distinct, rows = count(unit) if unit else (0, 0)
        others = [c for c in types if c not in guessed.values()]
        texts = [c for c in others if types[c] == "varchar"]
        for column in texts:
            if connection.execute(
                f"select count(*) from {relation} where {yes_or_no(column)} is null "
                f"and {identifier(column)} is not null"
            ).fetchone() == (0,):
                types[column] = "boolean"
        measured = [c for c in others if _is_measure(types[c])]
        grain = (
            "units" if measured and (unit is None or distinct == rows) else "exposures"
        )
    groups = [
        column
        for column, kind in types.items()
        if kind == "varchar" and column not in guessed.values() and is_group(column)
    ]
    group = groups[0] if groups else "country"
    path = _scalar(os.path.relpath(source.resolve(), to.resolve().parent))
    lines = [
        f"# yaml-language-server: $schema={SCHEMA}",
        f"# A plan for {source.name}: see that the columns are right, then `diorama analyse "
        f"{to.name}`. Columns: {', '.join(types)}.",
        "",
    ]
    variant = guessed.get("variant")
    variants = (
        [
            str(value)
            for (value,) in connection.execute(
                f"select distinct {identifier(variant)} from {relation} "
                f"where {identifier(variant)} is not null order by 1 limit 20"
            ).fetchall()
        ]
        if variant
        else []
    )
    if len({value.strip().lower() for value in variants}) < len(variants):
        # the same variant in several spellings: the plan reads them as one
        merged = f"lower(trim({identifier(variant or '')}))"
        query = f"select * replace ({merged} as {identifier(variant or '')}) from {relation}"
        path = f">-\n        {query}"
        variants = sorted({value.strip().lower() for value in variants})
    control = next(
        (v for name in CONTROLS for v in variants if v.lower() == name),
        variants[0] if variants else "A",
    )
    name = re.sub(r"\W+", "_", source.stem).strip("_").lower() or "experiment"
    body = _bodies[grain](guessed, types, path)
    if grain == "exposures":
        lines += _FACTS
    lines += ["experiments:", f"  {name}:", *body]
    if grain != "moments" or variants:
        lines += [f"    control: {_scalar(control)}" + _choices(variants)]
    shares = ", ".join(f"{_scalar(v)}: 1" for v in variants[:10])
    lines += [
        f"    # split: {{{shares}}}  # planned split; default: equal shares",
        "    # planned_units: 60000",
    ]
    if grain != "moments":
        lines += [
            "    # design: biased           # needs strata or a probability",
            f"    # strata: [{_scalar(group)}]      # columns to stratify by",
            f"    # segments: [{_scalar(group)}]    # columns to show effects by",
        ]
    if grain == "exposures":
        lines += ["    # covariate_days: 28       # the same metric before, for CUPED"]
    return "\n".join(lines) + "\n", grain


def _exposures(guessed: dict[str, str], types: dict[str, str], path: str) -> list[str]:
    del types
    return [
        "    exposures:",
        f"      from: {path}",
        *(
            f"      {role}: {_scalar(guessed[role])}"
            if role in guessed
            else f"      {role}: COLUMN"
            for role in ("unit", "variant", "time")
        ),
        *_optional(guessed, "probability", "experiment"),
    ]


def _units(guessed: dict[str, str], types: dict[str, str], path: str) -> list[str]:
    free = [c for c in types if c not in guessed.values() and _is_measure(types[c])]
    covariates = _covariates(free)
    free = [column for column in free if column not in covariates.values()]
    metrics = [
        f"      {_scalar(column)}: {'proportion' if types[column] == 'boolean' else 'mean'}"
        for column in free
    ]
    return [
        "    units:",
        f"      from: {path}",
        f"      unit: {_scalar(guessed['unit']) if 'unit' in guessed else 'null'}",
        f"      variant: {_scalar(guessed['variant']) if 'variant' in guessed else 'COLUMN'}",
        *_optional(guessed, "time", "probability", "experiment"),
        "    metrics:                    # the first is primary; more: {kind: mean, cap: p99, "
        "role: guardrail}",
        *(metrics or ["      COLUMN: mean"]),
        *(
            [
                "    covariates:                 # columns known before the exposure, for CUPED"
            ]
            if covariates
            else [
                "    # covariates: {spend: history}  # a column known before, for CUPED"
            ]
        ),
        *(f"      {_scalar(m)}: {_scalar(c)}" for m, c in covariates.items()),
    ]


def _covariates(columns: list[str]) -> dict[str, str]:
    """Metrics with a column of the same quantity before the exposure, by its name."""
    found: dict[str, str] = {}
    for column in columns:
        past = re.fullmatch(PAST, _words(column))
        for metric in columns if past else []:
            if metric != column and _words(metric).startswith(past[1] or past[2]):
                found.setdefault(metric, column)
                break
    return found


def _words(column: str) -> str:
    """A column's name in lower case, with one _ between words: `User ID` is user_id."""
    return re.sub(r"\W+", "_", column.lower()).strip("_")


def _moments(guessed: dict[str, str], types: dict[str, str], path: str) -> list[str]:
    del types
    return [
        "    moments:",
        f"      from: {path}",
        *(
            f"      {role}: {_scalar(guessed[role]) if role in guessed else 'COLUMN'}"
            for role in ("variant", "n", "mean", "variance")
        ),
        *_optional(guessed, "experiment", "metric"),
        *([f"      date: {_scalar(guessed['time'])}"] if "time" in guessed else []),
    ]


def _optional(guessed: dict[str, str], *roles: str) -> list[str]:
    return [
        f"      {role}: {_scalar(guessed[role])}" for role in roles if role in guessed
    ]


def _is_measure(kind: str) -> bool:
    return any(
        word in kind for word in ("int", "decimal", "double", "float", "boolean")
    )


def _choices(variants: list[str]) -> str:
    return f"                # of {', '.join(variants)}" if variants else ""


def _scalar(text: str) -> str:
    """A text as a scalar of YAML."""
    plain = re.fullmatch(r"[A-Za-z_./][\w ./-]*", text) and not text.endswith(" ")
    is_word = text.lower() in ("null", "true", "false")
    return text if plain and not is_word else "'" + text.replace("'", "''") + "'"


def _is_time(kind: str) -> bool:
    return kind.startswith(("timestamp", "date")) or kind == "varchar"


_TESTS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("n", "mean", "variance", "probability"), _is_measure),
    **dict.fromkeys(("unit", "experiment", "metric", "variant"), lambda kind: True),
    "time": _is_time,
}
_bodies = {"exposures": _exposures, "units": _units, "moments": _moments}
_FACTS = [
    "facts:                           # what units did: files with a unit and a time",
    "  orders:",
    "    from: orders.parquet",
    "    unit: user_id",
    "    time: ordered_at",
    "    value: amount                # left out: rows are counted",
    "    # where: status = 'paid'",
    "",
    "metrics:",
    "  revenue_14d: {fact: orders, days: [0, 13], role: primary}",
    "  # converted_14d: {fact: orders, kind: proportion, days: [0, 13]}",
    "  # order_value: {fact: orders, per: orders.count, role: guardrail, margin: -2%}",
    "",
]
