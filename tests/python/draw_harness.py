"""Compiles macro calls with dbt and runs them in DuckDB: what the tests of the draws share."""

import functools
import os
import tempfile
from pathlib import Path
from unittest import mock

import duckdb
import numpy as np
import pandas as pd
from dbt.cli.main import dbtRunner
from scipy import special, stats

from diorama.engines.dbt import DUCKDB
from diorama.project import Project
from diorama.project.manifest_cache import ParsedProject

PROJECT = Path(__file__).parents[2]
ROOT_KEY = 4242424242424242424
KEY_COUNT = 1_000_000


def _invoke(arguments: list[str], manifest=None):
    """Runs dbt in this process, away from the tables and logs of the working tree."""
    paths = ["--project-dir", PROJECT, "--profiles-dir", PROJECT / "profiles"]
    paths += ["--target", DUCKDB]
    with (
        tempfile.TemporaryDirectory() as scratch,
        mock.patch.dict(os.environ, {"DIORAMA_DATABASE": ":memory:"}),
    ):
        paths += ["--target-path", scratch, "--log-path", scratch]
        outcome = dbtRunner(manifest=manifest).invoke(
            ["--quiet", "--no-write-json", *arguments, *map(str, paths)]
        )
    if not outcome.success:
        raise RuntimeError(outcome.exception or outcome.result)
    return outcome.result


@functools.cache
def manifest():
    """The parsed project; parsing takes seconds, a compilation with it a fifth of one."""
    return ParsedProject(Project(PROJECT), DUCKDB).manifest(lambda: _invoke(["parse"]))


@functools.cache
def compile_sql(template: str, settings: str = "{}") -> str:
    """The SQL of a Jinja template that calls the project's macros."""
    arguments = [
        "compile",
        "--no-populate-cache",
        "--vars",
        settings,
        "--inline",
        template,
    ]
    return _invoke(arguments, manifest()).results[0].node.compiled_code


@functools.cache
def connection() -> duckdb.DuckDBPyConnection:
    """A database with the table `keys`: a million keys, folded as the models fold theirs."""
    database = duckdb.connect(config={"threads": 2, "memory_limit": "3GB"})
    database.execute(
        compile_sql(
            f"""
            create table keys as
            with users as (
                select user_number, {{{{ fold_in({ROOT_KEY}, 'user_number') }}}} as user_key
                from {{{{ series(0, 1000, 'user_number') }}}} as users
            ),
            expanded as (
                select users.*, {{{{ unnest_range(0, 1000) }}}} as day from users
            )
            select
                user_number, day, user_number * 1000 + day as row_number,
                {{{{ fold_in('user_key', 'day') }}}} as key
            from expanded
            """
        )
    )
    return database


def draw(template: str, select: str = "x", tail: str = "") -> np.ndarray:
    """The draws of a macro: an expression over `key`, or `relation: call` for a relation macro."""
    if template.startswith("relation:"):
        query = f"with drawn as ({template.removeprefix('relation:')})"
    else:
        query = f"with drawn as (select *, {template} as x from keys)"
    return values(compile_sql(f"{query} select {select} as x from drawn {tail}"))


def values(query: str) -> np.ndarray:
    """The column x of a query; a NULL is an error, because no draw is NULL."""
    column = connection().execute(query).fetchnumpy()["x"]
    assert not np.ma.is_masked(column), "a draw is NULL"
    return np.asarray(column)


def columns(template: str, settings: str = "{}") -> list[np.ndarray]:
    """The columns of a query."""
    found = connection().execute(compile_sql(template, settings)).fetchnumpy()
    return [np.asarray(column) for column in found.values()]


def rows_of(call: str, **tables: pd.DataFrame) -> pd.DataFrame:
    """What a macro that makes a relation makes of tables, in a database of their own."""
    with duckdb.connect(config={"threads": 2}) as database:
        for name, table in tables.items():
            database.register("rows", table)
            database.execute(f"create table {name} as from rows")
        return database.execute(f"from ({compile_sql(call)})").df()


def kolmogorov_smirnov(sample: np.ndarray, cdf) -> float:
    """P-value of the two-sided test of a continuous sample (asymptotic; n is a million)."""
    share = cdf(np.sort(sample))
    steps = np.arange(len(sample) + 1) / len(sample)
    distance = max((steps[1:] - share).max(), (share - steps[:-1]).max())
    return float(special.kolmogorov(distance * np.sqrt(len(sample))))


def chi_square(
    sample: np.ndarray, support: np.ndarray, probability: np.ndarray
) -> float:
    """P-value of the χ² test; neighbours are pooled until 10 are expected."""
    expected = np.asarray(probability, dtype=float) * len(sample)
    drawn, counts = np.unique(sample, return_counts=True)
    unknown = np.isin(drawn, support, invert=True)
    if (counts[unknown] > 0).any() and 1 - np.sum(probability) < 1e-12:
        return 0.0
    observed = np.zeros(len(support))
    position = {value: index for index, value in enumerate(support)}
    for value, count in zip(drawn, counts, strict=True):
        if value in position:
            observed[position[value]] = count
    pooled: list[list[float]] = [[0.0, 0.0]]
    for o, e in zip(observed, expected, strict=True):
        if pooled[-1][1] >= 10:
            pooled.append([0.0, 0.0])
        pooled[-1][0] += o
        pooled[-1][1] += e
    rest = [len(sample) - observed.sum(), len(sample) - expected.sum()]
    pooled[-1] = [pooled[-1][0] + rest[0], pooled[-1][1] + rest[1]]
    if pooled[-1][1] < 10 and len(pooled) > 1:
        last = pooled.pop()
        pooled[-1] = [pooled[-1][0] + last[0], pooled[-1][1] + last[1]]
    o, e = np.array(pooled).T
    if len(o) == 1:
        return 1.0
    return float(stats.chi2.sf(((o - e) ** 2 / e).sum(), len(o) - 1))


# The published mixer, written down once more in Python and independent of the macros.
MASK = (1 << 64) - 1
FOLD_CONSTANT = 2850178316163958421


def mix(x: int) -> int:
    """Xor-shift 32, times 0xd6e8feb86659fd93, twice, xor-shift 32; the highest 63 bits."""
    x &= MASK
    for _ in range(2):
        x ^= x >> 32
        x = x * 0xD6E8FEB86659FD93 & MASK
    return (x ^ x >> 32) >> 1


def fold_in(key: int, data: int) -> int:
    """The child's key, as DESIGN.md defines it."""
    return mix(key ^ mix(data + FOLD_CONSTANT))
