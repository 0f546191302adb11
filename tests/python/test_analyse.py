"""`diorama analyse` against independent packages, refusals, null data and broken splits."""

import json
import math
import os
import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import yaml
from scipy import stats

from diorama.analysis.inputs import Inputs
from diorama.analysis.plan import SCHEMA, load_plan, schema
from diorama.analysis.power import days_until
from diorama.analysis.screen import fitting
from diorama.analysis.sources import Sources
from diorama.engines.dbt import Dbt
from diorama.errors import UsageError
from diorama.ui.terminal import json_text

ARMS = ["A", "B", "C"]
N = 900


def write_plan(directory: Path, plan: dict[str, Any], name: str = "plan.yml") -> Path:
    path = directory / name
    path.write_text(yaml.safe_dump(plan, sort_keys=False))
    return path


def units_frame() -> pd.DataFrame:
    """One row per unit: three arms, a biased one among strata, values of every kind."""
    random = np.random.default_rng(7)
    tier = random.choice(["new", "old"], N, p=[0.4, 0.6])
    history = np.round(random.gamma(2, 20, N), 2)
    arm = random.permutation(np.repeat(ARMS, N // 3))
    lift = pd.Series(arm).map({"A": 0, "B": 2, "C": -4}).to_numpy()
    probability = np.where(tier == "new", 0.3, 0.6)
    is_treated = random.random(N) < probability
    return pd.DataFrame(
        {
            "who": [f"u{i}" for i in range(N)],
            "arm": arm,
            "tier": tier,
            "history": history,
            # negative values, more decimals than cents
            "profit": np.round(0.5 * history + random.normal(-20, 25, N) + lift, 4),
            "visits": random.poisson(3, N) + 1,
            "clicks": random.poisson(2, N),
            "bought": random.random(N) < 0.3,
            "rollout": np.where(is_treated, "on", "off"),
            "p": np.where(is_treated, probability, 1 - probability),
        }
    )


@pytest.fixture(scope="module")
def analysed(
    diorama, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, pd.DataFrame, str]:
    """One analysis of many experiments of one file, and of the same as moments."""
    directory = tmp_path_factory.mktemp("analysed")
    frame = units_frame()
    frame.to_csv(directory / "units.csv", index=False)
    sums = frame.groupby("arm")["profit"].agg(["size", "mean", "var"]).reset_index()
    sums.to_parquet(directory / "moments.parquet")
    units = {"from": "units.csv", "unit": "who", "variant": "arm"}
    rollout = units | {"variant": "rollout"}
    metrics = {
        "profit": "mean",
        "bought": "proportion",
        "not_bought": {"kind": "proportion", "column": "bought", "complement": True},
        "clicks_per_visit": {"column": "clicks", "per": "visits"},
        "capped": {"column": "profit", "cap": "p95"},
    }
    plan = {
        "experiments": {
            "plain": {"units": units, "control": "A", "metrics": metrics},
            "past": {
                "units": units,
                "split": {"A": 1, "B": 1, "C": 1},
                "metrics": {"profit": "mean"},
                "covariates": {"profit": "history"},
            },
            "strata": {
                "units": rollout,
                "control": "off",
                "design": "biased",
                "strata": ["tier"],
                "metrics": {"profit": "mean"},
            },
            "weights": {
                "units": rollout | {"probability": "p"},
                "design": "biased",
                "metrics": {"profit": "mean"},
            },
            "uneven": {
                "units": units
                | {
                    "from": "select * from 'units.csv' where arm = 'A' union all "
                    "(select * from 'units.csv' where arm = 'B' order by who limit 238)"
                },
                "metrics": {"profit": "mean"},
            },
            "sums": {
                "moments": {
                    **{"from": "moments.parquet", "variant": "arm"},
                    **{"n": "size", "mean": "mean", "variance": "var"},
                },
                "control": "A",
            },
        }
    }
    path = write_plan(directory, plan)
    database = directory / "analysis.duckdb"
    result = diorama(
        *("analyse", path, "--database", database, "--quiet"),
        *("--sql", directory / "sql", "--report", directory / "report.html"),
    )
    assert result.exit_code == 0, result.stderr + result.stdout
    return database, frame, result.stdout


def estimate(
    database: Path, experiment: str, metric: str, treatment: str, estimator: str
) -> dict[str, Any]:
    with duckdb.connect(database, read_only=True) as connection:
        cursor = connection.execute(
            "select * from marts.experiments__results where experiment_id = ? and metric = ? "
            "and treatment = ? and estimator = ? and estimand = 'sate'",
            [experiment, metric, treatment, estimator],
        )
        names = [column[0] for column in cursor.description]
        (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def close(found: float, expected: float, tolerance: float = 1e-9) -> bool:
    return math.isclose(found, expected, rel_tol=tolerance, abs_tol=1e-12)


@pytest.mark.parametrize("treatment", ["B", "C"])
@pytest.mark.parametrize("metric", ["profit", "bought", "not_bought", "capped"])
def test_means_of_three_arms_equal_welch(analysed, metric: str, treatment: str) -> None:
    database, frame, _ = analysed
    column = {
        "not_bought": 1 - frame["bought"],
        "capped": np.minimum(
            frame["profit"],
            np.sort(frame["profit"])[math.ceil(0.95 * N) - 1],
        ),
    }.get(metric, frame.get(metric))
    control, treated = (
        column[frame["arm"] == arm].astype(float) for arm in ("A", treatment)
    )
    expected = stats.ttest_ind(treated, control, equal_var=False)
    interval = expected.confidence_interval()
    row = estimate(database, "plain", metric, treatment, "naive")
    assert close(row["effect"], treated.mean() - control.mean())
    assert close(row["p_value"], expected.pvalue, 1e-8)
    assert close(row["ci_lower"], interval.low)
    assert close(row["ci_upper"], interval.high)


def test_a_ratio_equals_the_delta_method(analysed) -> None:
    database, frame, _ = analysed
    effect, variance = 0.0, 0.0
    for arm, sign in (("A", -1), ("B", 1)):
        of_arm = frame[frame["arm"] == arm]
        y, d = of_arm["clicks"].to_numpy(float), of_arm["visits"].to_numpy(float)
        quotient = y.sum() / d.sum()
        effect += sign * quotient
        variance += np.var(y - quotient * d, ddof=1) / d.mean() ** 2 / len(y)
    row = estimate(database, "plain", "clicks_per_visit", "B", "naive")
    assert close(row["effect"], effect)
    assert close(row["std_error"], math.sqrt(variance))


def test_a_covariate_equals_cuped_and_ancova(analysed) -> None:
    database, frame, _ = analysed
    pair = frame[frame["arm"].isin(["A", "B"])]
    y, x = pair["profit"].to_numpy(), pair["history"].to_numpy()
    theta = np.cov(y, x)[0, 1] / np.var(x, ddof=1)
    adjusted = pd.Series(y - theta * (x - x.mean()), index=pair.index)
    control, treated = (adjusted[pair["arm"] == arm] for arm in ("A", "B"))
    row = estimate(database, "past", "profit", "B", "cuped")
    assert close(row["effect"], treated.mean() - control.mean())
    assert close(
        row["p_value"], stats.ttest_ind(treated, control, equal_var=False).pvalue, 1e-8
    )
    with duckdb.connect(database, read_only=True) as connection:
        withheld = connection.execute(
            "select distinct reason from marts.experiments__results_withheld "
            "where experiment_id = 'past' and estimator = 'did'"
        ).fetchall()
    # what somebody spent long ago is no earlier profit
    assert withheld == [("unequal_past",)]


def test_strata_and_weights_repair_a_biased_assignment(analysed) -> None:
    database, frame, _ = analysed
    effect, variance = 0.0, 0.0
    for _, stratum in frame.groupby("tier"):
        share = len(stratum) / N
        arms = [stratum[stratum["rollout"] == arm]["profit"] for arm in ("off", "on")]
        effect += share * (arms[1].mean() - arms[0].mean())
        variance += share**2 * sum(arm.var() / len(arm) for arm in arms)
    row = estimate(database, "strata", "profit", "on", "post_stratified")
    assert row["is_decisive"]
    assert close(row["effect"], effect)
    assert close(row["std_error"], math.sqrt(variance))
    # Hajek's estimate is a weighted regression on the arm
    design = sm.add_constant((frame["rollout"] == "on").astype(float))
    fitted = sm.WLS(frame["profit"], design, weights=1 / frame["p"]).fit()
    row = estimate(database, "weights", "profit", "on", "ipw")
    assert row["is_decisive"]
    assert close(row["effect"], fitted.params.iloc[1])


def test_moments_say_what_their_units_say(analysed) -> None:
    database, _, _ = analysed
    for treatment in ("B", "C"):
        of_units = estimate(database, "plain", "profit", treatment, "naive")
        of_sums = estimate(database, "sums", "metric", treatment, "naive")
        for column in ("effect", "std_error", "dof", "ci_lower", "ci_upper"):
            assert close(of_sums[column], of_units[column]), column
        assert close(of_sums["p_value"], of_units["p_value"], 1e-8)


def test_an_unlikely_sample_ratio_warns_before_it_blocks(analysed) -> None:
    database, _, printed = analysed
    with duckdb.connect(database, read_only=True) as connection:
        row = connection.execute(
            "select p_value, status, severity, threshold from marts.experiments__health_checks "
            "where experiment_id = 'uneven' and check_name = 'srm'"
        ).fetchone()
    assert row[0] == pytest.approx(stats.chisquare([300, 238]).pvalue, rel=1e-9)
    assert row[1:] == ("alert", "warn", 0.01)
    assert "sample ratio: p = 0.0075" in printed


def test_rows_read_are_used_or_left_out_and_the_sql_is_written(analysed) -> None:
    database, _, printed = analysed
    with duckdb.connect(database, read_only=True) as connection:
        rows = connection.execute(
            "select input, sum(row_count) from marts.experiments__input_rows group by 1"
        ).fetchall()
    assert dict(rows) == {
        **{f"experiments.{name}.units": N for name in ("plain", "past", "strata")},
        **{"experiments.weights.units": N, "experiments.sums.moments": 3},
        "experiments.uneven.units": 538,
    }
    assert "plain · B against A · 600 units" in printed
    model = (database.parent / "sql" / "experiments__results.sql").read_text()
    assert "create table marts.experiments__results as" in model
    report = (database.parent / "report.html").read_text()
    assert "Experiment plain" in report
    assert "January 2000" not in report
    sections = report[report.index("<main") :]
    assert "truth" not in re.sub("<script.*?</script>", "", sections, flags=re.DOTALL)


@pytest.mark.parametrize("name", ["analysed", "journal"])
def test_the_sql_that_was_run_makes_the_same_tables_again(
    request, tmp_path: Path, name: str
) -> None:
    """By DuckDB alone, in an empty database."""
    given = request.getfixturevalue(name)[0]
    database = given if name == "analysed" else given / "analysis.duckdb"
    with duckdb.connect(tmp_path / "again.duckdb") as connection:
        connection.execute((database.parent / "sql" / "analysis.sql").read_text())
        connection.execute(f"attach '{database}' as before (read_only)")
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_catalog = 'before' and table_schema not in ('catalogue', 'main')"
        ).fetchall()
        assert ("marts.experiments__verdicts",) in tables
        for (table,) in tables:
            rows = [
                connection.execute(f"from {place}{table} order by all").fetchall()
                for place in ("", "before.")
            ]
            assert rows[0] == rows[1], table


def test_units_without_a_time_have_no_week_of_exposure(analysed) -> None:
    with duckdb.connect(analysed[0], read_only=True) as connection:
        found = connection.execute(
            "select distinct dimension from marts.experiments__heterogeneity"
        ).fetchall()
    assert found == [("segment",)]


# Facts and exposures

START = datetime(2025, 3, 1)


@pytest.fixture(scope="module")
def journal(diorama, tmp_path_factory: pytest.TempPathFactory):
    """Exposures and facts, in files of three formats, with what may be wrong in them."""
    directory = tmp_path_factory.mktemp("journal")
    random = np.random.default_rng(11)
    users = [f"u{i}" for i in range(400)]
    exposures = pd.DataFrame(
        {
            "user_id": users,
            "arm": random.choice(["A", "B"], 400),
            "exposed_at": [
                START + timedelta(days=20 + int(d), hours=1)
                for d in random.integers(0, 5, 400)
            ],
        }
    )
    again = exposures.head(3).assign(arm=lambda f: f["arm"].map({"A": "B", "B": "A"}))
    lost = pd.DataFrame({"user_id": [None], "arm": ["A"], "exposed_at": [START]})
    pd.concat([exposures, again, lost]).to_parquet(directory / "exposures.parquet")
    rows = 12_000
    orders = pd.DataFrame(
        {
            "user_id": random.choice([*users, "stranger"], rows),
            "ordered_at": [
                START + timedelta(minutes=int(m))
                for m in random.integers(0, 60 * 24 * 40, rows)
            ],
            "amount": np.round(random.normal(10, 30, rows), 2),
            "status": random.choice(["paid", "open"], rows),
        }
    )
    local = orders.assign(
        ordered_at=orders["ordered_at"].dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    )
    local.to_csv(directory / "orders.csv", index=False)
    plan = {
        "facts": {
            "orders": {
                **{"from": "orders.csv", "unit": "user_id", "time": "ordered_at"},
                **{"value": "amount", "where": "status = 'paid'"},
            }
        },
        "metrics": {
            "revenue": {"fact": "orders", "days": [0, 6], "role": "primary"},
            "ordering_days": {"fact": "orders", "aggregation": "days", "days": [0, 6]},
            "order_value": {"fact": "orders", "per": "orders.count", "days": [0, 6]},
            "quiet": {
                **{"fact": "orders", "kind": "proportion", "complement": True},
                **{"days": [0, 3], "better": "down"},
            },
            "late": {"fact": "orders", "days": [0, 18]},
        },
        "experiments": {
            "shop": {
                "exposures": {
                    **{"from": "exposures.parquet", "unit": "user_id"},
                    **{"variant": "arm", "time": "exposed_at"},
                },
                "covariate_days": 14,
            }
        },
    }
    path = write_plan(directory, plan)
    database = directory / "analysis.duckdb"
    options = ("--database", database, "--sql", directory / "sql")
    result = diorama("analyse", path, *options, "--json", "--quiet")
    assert result.exit_code == 0, result.stderr
    return directory, exposures.iloc[3:], orders, json.loads(result.stdout)


def windows(
    exposures: pd.DataFrame, orders: pd.DataFrame, first: int, last: int
) -> pd.DataFrame:
    """What each unit did on some days since its exposure, by pandas."""
    paid = orders[orders["status"] == "paid"].merge(exposures, on="user_id")
    day = (
        paid["ordered_at"].dt.normalize() - paid["exposed_at"].dt.normalize()
    ).dt.days
    found = paid[(day >= first) & (day <= last)].assign(day=day)
    grouped = found.groupby("user_id").agg(
        revenue=("amount", "sum"), orders=("amount", "size"), days=("day", "nunique")
    )
    return exposures.set_index("user_id")[["arm"]].join(grouped).fillna(0)


def test_facts_equal_pandas_and_scipy(journal) -> None:
    directory, exposures, orders, printed = journal
    database = directory / "analysis.duckdb"
    week = windows(exposures, orders, 0, 6)
    start = windows(exposures, orders, 0, 3)
    values = {
        "revenue": week["revenue"],
        "ordering_days": week["days"],
        "quiet": (start["orders"] == 0).astype(float),
    }
    for metric, column in values.items():
        treated, control = (column[week["arm"] == arm] for arm in ("B", "A"))
        expected = stats.ttest_ind(treated, control, equal_var=False)
        row = estimate(database, "shop", metric, "B", "naive")
        assert row["treatment_units"] == len(treated)
        assert close(row["effect"], treated.mean() - control.mean()), metric
        assert close(row["p_value"], expected.pvalue, 1e-8)
    quotients = week.groupby("arm")[["revenue", "orders"]].sum()
    quotients = quotients["revenue"] / quotients["orders"]
    row = estimate(database, "shop", "order_value", "B", "naive")
    assert close(row["effect"], quotients["B"] - quotients["A"])
    # the fortnight before the exposure, although the window is a week
    past = windows(exposures, orders, -14, -1)["revenue"]
    theta = np.cov(week["revenue"], past)[0, 1] / np.var(past, ddof=1)
    adjusted = week["revenue"] - theta * (past - past.mean())
    row = estimate(database, "shop", "revenue", "B", "cuped")
    means = adjusted.groupby(week["arm"]).mean()
    assert row["is_decisive"]
    assert close(row["effect"], means["B"] - means["A"])
    findings = {finding["code"]: finding for finding in printed["findings"]}
    assert findings["several_variants"]["found"] == 3
    assert findings["null_unit"]["found"] == 1
    late = (exposures["exposed_at"].dt.normalize() + timedelta(days=18)) > pd.Timestamp(
        "2025-04-09"
    )
    assert findings["facts_end_before_window"]["found"] == late.sum()
    strangers = (orders["user_id"] == "stranger") & (orders["status"] == "paid")
    twice = orders["user_id"].isin(["u0", "u1", "u2"]) & (orders["status"] == "paid")
    assert findings["facts_without_exposure"]["found"] == (strangers | twice).sum()
    read = {
        name: sum(r["rows"] for r in printed["input_rows"] if r["input"] == name)
        for name in ("facts.orders", "experiments.shop.exposures")
    }
    assert read == {
        "facts.orders": (orders["status"] == "paid").sum(),
        "experiments.shop.exposures": 404,
    }


@pytest.mark.parametrize("is_there", [False, True])
def test_a_model_that_fails_is_named_and_changes_nothing(
    journal, diorama, tmp_path: Path, monkeypatch, is_there: bool
) -> None:
    database, plan = tmp_path / "analysis.duckdb", journal[0] / "plan.yml"
    if is_there:
        shutil.copy(journal[0] / "analysis.duckdb", database)
    before = database.read_bytes() if is_there else None
    monkeypatch.setattr(
        Dbt, "statements", lambda *_: {"broken_model": "select cast('x' as integer)"}
    )
    done = diorama("analyse", plan, "--database", database)
    assert done.exit_code == 1
    (line,) = done.stderr.strip().splitlines()
    assert "broken_model: " in line
    assert line.endswith("is unchanged." if is_there else "was not made.")
    assert (database.read_bytes() if database.exists() else None) == before
    assert {path.name for path in tmp_path.iterdir()} <= {"analysis.duckdb"}


def test_power_is_what_the_past_says(journal, diorama, monkeypatch) -> None:
    """Twice the effect takes a quarter of the units; the exposures need not exist."""
    directory, *_ = journal
    monkeypatch.chdir(directory)
    plan = yaml.safe_load((directory / "plan.yml").read_text())
    plan["experiments"]["shop"]["exposures"]["from"] = "not there yet.parquet"
    plan["experiments"] = {"it's": plan["experiments"]["shop"] | {"control": "today's"}}
    path = write_plan(directory, plan, "before.yml")
    result = diorama("analyse", path, "--power", "--json", "--quiet")
    assert result.exit_code == 0, result.stderr
    needs = {need["metric"]: need for need in json.loads(result.stdout)["needs"]}
    revenue = needs["revenue"]
    assert revenue["estimator"] == "cuped"
    assert revenue["units_for_5_percent"] == pytest.approx(
        revenue["units_for_10_percent"] * 4, rel=0.01
    )
    # z of 97.5 % and 80 %, of the difference of two arms that are a half of the units each
    z = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    error = z / revenue["relative_minimum_detectable_effect"]
    assert revenue["n_units"] * (z / error / 0.1) ** 2 == pytest.approx(
        revenue["units_for_10_percent"], abs=1
    )
    assert revenue["days_for_1_percent"] > revenue["days_for_10_percent"] >= 7
    assert days_until([10, 5, 1, 1], 16) == 3
    assert days_until([10, 5, 1, 1], 20) == 4 + 4


# Null data and broken splits


def test_null_data_win_or_lose_at_the_nominal_rate(diorama, tmp_path: Path) -> None:
    """500 permutations of a variant column, as the experiments of one file."""
    with duckdb.connect() as connection:
        connection.execute("select setseed(0.42)")
        connection.execute(
            f"""
            copy (
                with units as (
                    select experiment, unit, random() as place,
                        -- the same people each time, with a heavy tail
                        exp(2 * (hash(unit, 1) / 18446744073709551616)) as spend
                    from range(500) as e(experiment), range(200) as u(unit)
                )
                select experiment, unit, spend,
                    if(row_number() over (partition by experiment order by place) <= 100,
                        'A', 'B') as arm
                from units
            ) to '{tmp_path}/null.parquet'
            """
        )
    plan = {
        "experiments": {
            "null": {
                "units": {
                    **{"from": "null.parquet", "unit": "unit", "variant": "arm"},
                    "experiment": "experiment",
                },
                "metrics": {"spend": "mean"},
            }
        }
    }
    path, database = write_plan(tmp_path, plan), tmp_path / "null.duckdb"
    result = diorama("analyse", path, "--database", database, "--quiet")
    assert result.exit_code == 0, result.stderr
    assert "500 comparisons" in result.stdout
    with duckdb.connect(database, read_only=True) as connection:
        counts = dict(
            connection.execute(
                "select verdict, count(*) from marts.experiments__verdicts group by 1"
            ).fetchall()
        )
    claims = counts.get("win", 0) + counts.get("loss", 0)
    assert claims <= stats.binom.ppf(0.9995, 500, 0.05), counts
    assert claims >= stats.binom.ppf(0.0005, 500, 0.05), counts


def test_a_broken_split_is_never_trusted(diorama, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "trial": np.repeat(np.arange(20), 2000),
            "arm": np.where(random.random(40_000) < 0.6, "control", "new"),
            "value": random.normal(0, 1, 40_000),
        }
    )
    frame.to_parquet(tmp_path / "broken.parquet")
    units = {"from": "broken.parquet", "variant": "arm", "experiment": "trial"}
    plan = {"experiments": {"broken": {"units": units, "metrics": {"value": "mean"}}}}
    path, database = write_plan(tmp_path, plan), tmp_path / "broken.duckdb"
    result = diorama("analyse", path, "--database", database, "--quiet")
    assert result.exit_code == 3, result.stderr
    assert "20 comparisons: 20 not trustworthy" in result.stdout


# Refusals

UNITS = {"from": "data.csv", "unit": "id", "variant": "arm"}
FACT = {"from": "facts.csv", "unit": "id", "time": "at", "value": "amount"}
EXPOSURES = {"from": "data.csv", "unit": "id", "variant": "arm", "time": "at"}
GOOD = "id,arm,at,spend\n" + "".join(
    f"{i},{'AB'[i % 2]},2025-01-01 10:00:00,{i}\n" for i in range(100)
)
FACTS = "id,at,amount\n1,2025-01-02 10:00:00,5\n2,2025-01-20 10:00:00,7.25\n"

REFUSED = {
    "duplicate_unit": (GOOD + "5,B,2025-01-01,9\n", {}, "5"),
    "value_not_numeric": (GOOD + "200,B,2025-01-01,a lot\n", {}, "a lot"),
    "control_missing": (GOOD, {"control": "Z"}, "control Z is none of these"),
    "one_arm_only": (GOOD.replace(",B,", ",A,"), {}, "nobody got another variant"),
    "no_rows": (GOOD[: GOOD.index("\n") + 1], {}, "none that can be used"),
    "value_too_large": (GOOD + "200,B,2025-01-01,1e19\n", {}, "1e+19"),
    "unknown_variant": (
        GOOD + "200,C,2025-01-01,9\n",
        {"split": {"A": 1, "B": 1}},
        "C",
    ),
}


@pytest.mark.parametrize("code", REFUSED)
def test_data_that_the_plan_does_not_fit_are_refused(
    diorama, tmp_path: Path, code: str
) -> None:
    data, more, said = REFUSED[code]
    (tmp_path / "data.csv").write_text(data)
    experiment = {"units": UNITS, "metrics": {"spend": "mean"}} | more
    path = write_plan(tmp_path, {"experiments": {"e": experiment}})
    database = tmp_path / "a.duckdb"
    result = diorama("analyse", path, "--database", database, "--check")
    assert result.exit_code == 1
    assert code in result.stderr
    assert said in result.stderr
    assert not database.exists()


@pytest.mark.parametrize(
    ("code", "times"),
    [
        ("time_not_a_time", ["2025-01-02 10:00:00", "yesterday"]),
        ("mixed_time_zones", ["2025-01-02 10:00:00", "2025-01-02T10:00:00+02:00"]),
    ],
)
def test_times_that_are_none_or_of_two_kinds_are_refused(
    diorama, tmp_path: Path, code: str, times: list[str]
) -> None:
    (tmp_path / "data.csv").write_text(GOOD)
    (tmp_path / "facts.csv").write_text(
        "id,at,amount\n" + "".join(f"1,{time},1\n" for time in times)
    )
    plan = {
        "facts": {"orders": FACT},
        "metrics": {"spend": {"fact": "orders", "days": [0, 3]}},
        "experiments": {"e": {"exposures": EXPOSURES}},
    }
    path = write_plan(tmp_path, plan)
    result = diorama("analyse", path, "--check")
    assert result.exit_code == 1
    assert code in result.stderr
    assert times[1] in result.stderr


LEFT_OUT = {
    "null_unit": GOOD + ",B,2025-01-01 10:00:00,1\n",
    "null_variant": GOOD + "200,,2025-01-01 10:00:00,1\n",
    "null_time": GOOD + "200,A,,1\n",
    "several_variants": GOOD + "0,B,2025-01-03 10:00:00,1\n",
    "too_few_units": GOOD + "200,C,2025-01-01 10:00:00,1\n",
    "similar_variants": GOOD.replace("0,A,", "0,a ,"),
    "facts_without_exposure": GOOD.replace("\n1,B", "\n500,B"),
    "facts_end_before_window": GOOD.replace("50,A,2025-01-01", "50,A,2025-01-19"),
}


@pytest.mark.parametrize("code", LEFT_OUT)
def test_rows_that_are_left_out_are_counted(diorama, tmp_path: Path, code: str) -> None:
    (tmp_path / "data.csv").write_text(LEFT_OUT[code])
    (tmp_path / "facts.csv").write_text(FACTS)
    plan = {
        "facts": {"orders": FACT},
        "metrics": {"spend": {"fact": "orders", "days": [0, 3]}},
        "experiments": {"e": {"exposures": EXPOSURES, "control": "A"}},
    }
    path = write_plan(tmp_path, plan)
    result = diorama("analyse", path, "--check", "--json")
    assert result.exit_code == 0, result.stderr
    findings = {each["code"]: each for each in json.loads(result.stdout)["findings"]}
    # variants come in twos
    assert findings[code]["found"] == 1 + (code == "similar_variants"), findings


FACTS_FINDINGS = {
    # an index that pandas made of floating-point numbers, and texts with zeros in front
    "ids_do_not_match": "id,at,amount\n001,2025-01-02 10:00:00,5\n",
    "facts_in_future": FACTS + "3,2995-01-01,4\n",
    "null_value": FACTS + "3,2025-01-03,\n",
    "": FACTS.replace("\n1,", "\n1.0,").replace("\n2,", "\n2.0,"),
}


@pytest.mark.parametrize("code", FACTS_FINDINGS)
def test_facts_that_say_little_of_the_units_are_told(
    diorama, tmp_path: Path, code: str
) -> None:
    (tmp_path / "data.csv").write_text(GOOD)
    (tmp_path / "facts.csv").write_text(FACTS_FINDINGS[code])
    plan = {
        "facts": {"orders": FACT},
        "metrics": {"spend": {"fact": "orders", "days": [0, 0]}},
        "experiments": {"e": {"exposures": EXPOSURES, "control": "A"}},
    }
    result = diorama("analyse", write_plan(tmp_path, plan), "--check", "--json")
    assert result.exit_code == 0, result.stderr
    codes = {each["code"] for each in json.loads(result.stdout)["findings"]}
    assert codes - {"facts_without_exposure"} == ({code} if code else set())


def test_columns_may_have_names_that_diorama_uses(diorama, tmp_path: Path) -> None:
    """Of a file with other columns named so, nothing is read from them."""
    names = (
        "experiment_id",
        "variant",
        "exposed_at",
        "reason",
        "assignment_probability",
    )
    (tmp_path / "data [1].csv").write_text(
        "\n".join(
            line + "".join(f",{name}" if not number else ",7" for name in names)
            for number, line in enumerate(GOOD.splitlines())
        )
    )
    blank = ("value", "unit_key", "happened_at", "has_no_time", "order")
    (tmp_path / "facts.csv").write_text(
        "\n".join(
            line + "".join(f",{name}" if not number else "," for name in blank)
            for number, line in enumerate(FACTS.splitlines())
        )
    )
    plan = {
        "facts": {"orders": FACT},
        "metrics": {"spend": {"fact": "orders", "days": [0, 3]}},
        "experiments": {
            "facts": {
                "exposures": EXPOSURES | {"from": "select * from 'data*.csv'; "},
                "control": "A",
            },
            "it's": {
                "units": UNITS | {"from": "data [1].csv", "where": "id < 200 -- all"},
                **{"metrics": {"spend": "mean"}, "strata": ["exposed_at"]},
            },
        },
    }
    result = diorama("analyse", write_plan(tmp_path, plan), "--check", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["findings"] == []


def test_looks_may_be_numbers_in_any_file(diorama, tmp_path: Path) -> None:
    (tmp_path / "sums.csv").write_text(
        "day,arm,n,mean,variance\n0.5,A,50,1,2\n0.5,B,50,1,2\n1,A,90,1,2\n1,B,90,1,2\n"
    )
    moments = {
        **{"from": "sums.csv", "variant": "arm", "date": "day"},
        **{name: name for name in ("n", "mean", "variance")},
    }
    plan = {"experiments": {"e": {"moments": moments}}}
    result = diorama("analyse", write_plan(tmp_path, plan), "--check")
    assert result.exit_code == 0, result.stderr


METRIC = "facts: {o: {from: o, unit: u, time: t}}\nmetrics: {r: {fact: o, %s}}\n"
METRIC += "experiments: {e: {exposures: {from: e, unit: u, variant: v, time: t}}}\n"
TABLE = "experiments: {e: {units: {from: a, variant: v}, metrics: {x: mean}, %s}}"
MISTAKES = {
    "experiments: &a {e: *a}": "1:14: not valid YAML: an alias holds itself",
    "- a": "1:1: A plan is a mapping",
    "? [a, b]\n: 1\n": "1:3: A key must be a text.",
    "experiments: {e: {planned_units: !!int abc}}": "'abc' is not of the type of its tag",
    'experiments: {"a\\nb": {}}': "no line breaks",
    "until: 2025-02-30\n" + TABLE: "until is '2025-02-30', but must be a date",
    TABLE % "estimator: [a]": "1:69: e.estimator is a list, but must be one of naive",
    TABLE % "control: a, split: {A: 1, B: 1}": "Did you mean A?",
    TABLE % "split: {A: true, B: 1}": "split.A is 'true', but must be a number.",
    TABLE.replace("{x: mean}", "5")
    % "": "metrics is '5', but must be a list or a mapping.",
    TABLE.replace("mean", "[5]") % "": "but must be mean, proportion or a mapping.",
    METRIC % "days: ['5', '1']": "with 0 <= first <= last",
    METRIC % "days: 14": "'14', but must be a list of two, [first, last].",
    METRIC % "complement: yes": "add kind: proportion",
    METRIC % "margin: few": "must be a number or a share such as -2%.",
    METRIC % "margin: {sise: 1}": "Did you mean size?",
    METRIC.replace("time: t}}\nm", "time: t, timezone: Berlin}}\nm")
    % "": "Europe/Berlin",
    METRIC.replace("o: {from", "o.count: {from") % "": "must not end with .count",
    METRIC.replace("time: t}}}", "time: t}, metrics: []}}") % "": "metrics is empty",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_of_every_kind_are_told_in_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.yml"
    path.write_text(text.replace("%s", ""))
    with pytest.raises(UsageError) as refused:
        load_plan(path)
    said = str(refused.value).replace("experiments.e", "e")
    assert MISTAKES[text] in said, said


def test_any_text_is_a_plan_or_a_usage_error(tmp_path: Path) -> None:
    """Pieces of plans in any order, with values of any type."""
    random = np.random.default_rng(5)
    values = [None, True, 7, -1.5, "x", "p99", "-2%", [], [[1]], {"a": {}}, math.inf]
    names = [*re.findall(r'"(\w+)": \{', SCHEMA.read_text()), "from", "unit", "time"]
    path = tmp_path / "plan.yml"

    def some(depth: int) -> Any:
        if depth == 0 or random.random() < 0.2:
            return values[random.integers(len(values))]
        keys = random.choice(names, 4)
        return {str(key): some(depth - 1) for key in keys}

    table = {"from": "a", "unit": "u", "variant": "v", "time": "t"}
    for _ in range(150):
        experiment = some(3)
        if isinstance(experiment, dict) and random.random() < 0.7:
            experiment = {"exposures": table, "metrics": some(1)} | experiment
        plan = {"experiments": {"e": experiment}, "metrics": {"r": some(2)}}
        path.write_text(yaml.safe_dump(plan | {"facts": some(3)}))
        with pytest.raises(UsageError) as refused:
            load_plan(path)
        lines = str(refused.value).splitlines()[1:-1]
        assert all(re.match(r"plan.yml:\d+:\d+: \S", line) for line in lines), lines
        assert not re.search(r"\w\[|constrained|valid |instance", "".join(lines)), lines


def test_a_plan_keeps_names_as_they_are_written_and_what_aliases_share(
    tmp_path: Path,
) -> None:
    path = tmp_path / "plan.yml"
    path.write_text(
        """\
facts:
  orders: &file {from: a.csv, unit: 007, time: no}
  visits: {<<: *file, from: b.csv}
metrics: {2025: {fact: visits, days: [0, 13], margin: -2%}}
experiments:
  1.0:
    exposures: {<<: *file, variant: on}
    control: False
"""
    )
    plan = load_plan(path)
    assert plan.facts["visits"].unit == "007"
    assert plan.facts["visits"].from_ == "b.csv"
    assert plan.metrics["2025"].days == (0, 13)
    assert plan.experiments["1.0"].control == "False"


def test_a_value_far_down_a_text_file_is_named(diorama, tmp_path: Path) -> None:
    """Types are guessed from the first 20,480 rows."""
    rows = [f"{i},{'AB'[i % 2]},2025-01-01,{i % 7}" for i in range(30_000)]
    rows[25_000] = "25000,A,2025-01-01,a lot"
    (tmp_path / "data.csv").write_text("id,arm,at,spend\n" + "\n".join(rows) + "\n")
    experiment = {"units": UNITS, "metrics": {"spend": "mean"}}
    path = write_plan(tmp_path, {"experiments": {"e": experiment}})
    result = diorama("analyse", path, "--check")
    assert result.exit_code == 1
    assert "value_not_numeric" in result.stderr
    assert "a lot" in result.stderr


def test_each_experiment_has_the_past_and_follow_up_of_its_own(tmp_path: Path) -> None:
    """Also where one is of many in a file, and another of units without facts."""
    (tmp_path / "data.csv").write_text(GOOD)
    (tmp_path / "facts.csv").write_text(FACTS)
    many = "select *, if(id % 4 < 2, 'x', 'y') as trial from 'data.csv'"
    plan = {
        "facts": {"orders": FACT},
        "metrics": {"spend": {"fact": "orders", "days": [0, 19]}},
        "experiments": {
            "many": {"exposures": EXPOSURES | {"from": many, "experiment": "trial"}},
            "past": {"exposures": EXPOSURES, "covariate_days": 3},
            "units": {"units": UNITS, "metrics": {"spend": "mean"}},
        },
    }
    told = load_plan(write_plan(tmp_path, plan))
    with duckdb.connect() as connection:
        connection.execute(f"set file_search_path = '{tmp_path}'")
        Inputs(connection, told, Sources(connection, tmp_path)).fill(
            [*plan["experiments"]]
        )
        found = connection.execute(
            "select distinct experiment_id, prior_days, followed_days "
            "from inputs.exposures order by all"
        ).fetchall()
        divisors = dict(
            connection.execute(
                "select experiment_id, divisor from inputs.metrics"
            ).fetchall()
        )
    assert found == [
        *(("past", -1, 19), ("units", 100_000, 0), ("x", None, 19), ("y", None, 19)),
    ]
    assert divisors == {"past": 100, "units": 1, "x": 100, "y": 100}


def test_a_plan_with_seven_mistakes_lists_seven_with_lines(tmp_path: Path) -> None:
    path = tmp_path / "plan.yml"
    path.write_text(
        """\
facts:
  orders: {from: orders.csv, unti: user_id, time: at}
metrics:
  revenue: {fact: order, days: [3, 1]}
  rate: {fact: orders, kind: ratio, days: [0, 6]}
experiments:
  checkout:
    exposures: {from: e.csv, unit: u, variant: v, time: t}
    split: {A: 50, B: 30}
    design: bised
"""
    )
    with pytest.raises(UsageError) as refused:
        load_plan(path)
    lines = str(refused.value).splitlines()[1:-1]
    assert [line.split(": ")[0] for line in lines] == [
        *("plan.yml:2:3", "plan.yml:2:30", "plan.yml:4:13", "plan.yml:4:26"),
        *("plan.yml:5:24", "plan.yml:9:5", "plan.yml:10:5"),
    ], lines
    assert "Did you mean unit?" in lines[1]
    assert "Did you mean orders?" in lines[2]
    assert "Did you mean biased?" in lines[6]
    assert "split_does_not_add_up" in lines[5]


def test_files_and_columns_that_are_not_there_are_named_at_once(
    diorama, tmp_path: Path
) -> None:
    (tmp_path / "data.csv").write_text(GOOD)
    plan = {
        "facts": {"orders": FACT | {"from": "fact.csv"}},
        "metrics": {"spend": {"fact": "orders", "days": [0, 3]}},
        "experiments": {"e": {"exposures": EXPOSURES | {"variant": "amr"}}},
    }
    (tmp_path / "facts.csv").write_text(FACTS)
    result = diorama("analyse", write_plan(tmp_path, plan))
    assert result.exit_code == 2
    assert "no column 'amr'. Did you mean arm?" in result.stderr
    assert "no such file in" in result.stderr
    assert "Did you mean facts.csv" in result.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [("data.csv", ""), ("data.csv", "\n\n"), ("data.jsonl", ""), ("data.json", "[]")],
)
def test_an_empty_file_is_said_to_be_empty(
    diorama, tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    experiment = {"units": UNITS | {"from": name}, "metrics": {"spend": "mean"}}
    plan = write_plan(tmp_path, {"experiments": {"e": experiment}})
    result = diorama("analyse", plan)
    assert result.exit_code == 2
    assert f"experiments.e.units.from is '{name}', which is empty." in result.stderr
    place = ("--from", tmp_path / name, "--to", tmp_path / "guess.yml")
    result = diorama("init", "plan", *place)
    assert result.exit_code == 2
    assert f"--from is '{tmp_path / name}', which is empty." in result.stderr


@pytest.mark.parametrize("width", [60, 80, 100, None])
def test_a_narrow_terminal_shortens_names_and_no_number(width: int | None) -> None:
    header = [
        "  metric",
        "control",
        "checklist_short",
        "effect",
        "relative",
        "p",
        "p (Holm)",
    ]
    rows = [
        [
            "  revenue_per_customer_28d g",
            "149.4",
            "148.8",
            "-0.28 ± 1.05",
            "-0.19 %",
            "0.62",
        ],
        [
            "  retained *",
            "1,000,000",
            "1,200,000",
            "+200,000 ± 300,000",
            "+20 %",
            "0.62",
        ],
    ]
    rows = [[*row, "1.00"] for row in rows]
    found = fitting(header, rows, width)
    if width is None:
        assert found == (header, rows)
        return
    table = [found[0], *found[1]]
    columns = [max(map(len, column)) for column in zip(*table, strict=True)]
    assert sum(columns) + 2 * (len(columns) - 1) <= width
    assert "p (Holm)" in found[0]
    assert found[1][0][0].startswith("  re")
    assert found[1][0][0].endswith(" g")
    numbers = {cell for row in rows for cell in row[1:]}
    numbers |= {cell.split(" ± ")[0] for cell in numbers}
    assert {cell for row in found[1] for cell in row[1:]} <= numbers


def test_a_document_has_no_number_that_json_has_not() -> None:
    values = [math.nan, -math.inf, 2**60, datetime(2025, 3, 1).date()]
    assert json.loads(json_text(values)) == [None, None, str(2**60), "2025-03-01"]


def test_the_schema_that_editors_read_is_that_of_the_plan() -> None:
    assert json.loads(SCHEMA.read_text()) == schema()


def test_a_plan_is_guessed_from_a_file(diorama, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trial.csv").write_text(GOOD.replace("id,arm,at", "user_id,group,time"))
    result = diorama("init", "plan", "--from", "trial.csv", "--to", "plan.yml")
    assert result.exit_code == 0, result.stderr
    assert "looks like a table with one row per unit" in result.stderr
    result = diorama("analyse", "plan.yml", "--check")
    assert result.exit_code == 0, result.stderr
    refused = diorama("init", "plan", "--from", "trial.csv", "--to", "plan.yml")
    assert refused.exit_code == 2


def test_a_plan_is_guessed_from_messy_names(diorama, tmp_path: Path) -> None:
    """Blanks, signs and spellings; a small group is no unit, an earlier column a covariate."""
    arms = ("Control", "control ", "Variant A", "variant a", "B")
    rows = [
        f"u-{n},{('ios', 'web')[n % 2]},{arms[n % 5]},{('yes', 'No')[n % 3 == 0]},{n}.5,{n + 1}"
        for n in range(60)
    ]
    header = "User ID,Device,Group ,Converted?,Revenue (EUR),prev. revenue"
    (tmp_path / "my test (final).csv").write_text("\n".join([header, *rows]))
    place = ("--from", tmp_path / "my test (final).csv", "--to", tmp_path / "plan.yml")
    result = diorama("init", "plan", *place)
    assert result.exit_code == 0, result.stderr
    experiment = load_plan(tmp_path / "plan.yml").experiments["my_test_final"]
    assert experiment.units.unit == "User ID"
    assert experiment.units.variant == "Group"
    assert experiment.control == "control"
    assert experiment.metrics == {"Converted?": "proportion", "Revenue (EUR)": "mean"}
    assert experiment.covariates == {"Revenue (EUR)": "prev. revenue"}
    assert "# segments: [Device]" in (tmp_path / "plan.yml").read_text()
    result = diorama("analyse", tmp_path / "plan.yml", "--check")
    assert result.exit_code == 0, result.stderr
    assert "similar_variants" not in result.stdout


def test_a_database_that_is_no_analysis_is_not_replaced(
    diorama, tmp_path: Path
) -> None:
    (tmp_path / "data.csv").write_text(GOOD)
    experiment = {"units": UNITS, "metrics": {"spend": "mean"}}
    path = write_plan(tmp_path, {"experiments": {"e": experiment}})
    other = tmp_path / "other.duckdb"
    with duckdb.connect(other) as connection:
        connection.execute("create table mine (x int)")
    result = diorama("analyse", path, "--database", other)
    assert result.exit_code == 2
    assert "is no analysis" in result.stderr


@pytest.mark.parametrize("option", ["--database", "--report", "--sql"])
def test_a_place_that_is_read_only_is_one_line_before_any_work(
    diorama, tmp_path: Path, monkeypatch, option: str
) -> None:
    """Root may write anywhere, which is why the answer of the system is made up."""
    (tmp_path / "data.csv").write_text(GOOD)
    experiment = {"units": UNITS, "metrics": {"spend": "mean"}}
    path = write_plan(tmp_path, {"experiments": {"e": experiment}})
    place = tmp_path / "there"
    place.mkdir() if option == "--sql" else place.touch()
    refused = tmp_path if option == "--report" else place
    monkeypatch.setattr(os, "access", lambda *asked: asked != (refused, os.W_OK))
    monkeypatch.setattr("diorama.analysis.run._fill", None)
    monkeypatch.chdir(tmp_path)
    result = diorama("analyse", path, option, place)
    assert result.exit_code == 1, result.stderr
    assert result.stderr.splitlines() == [
        f"Error: {refused} cannot be written. Give another place with {option}."
    ]


def test_an_experiment_of_a_built_world_is_shown_beside_its_truth(
    diorama, built: Path
) -> None:
    result = diorama("analyse", "smartfeed_v2", "--database", built)
    assert result.exit_code == 0, result.stderr
    assert "smartfeed_v2 · SmartFeed_v2 against control" in result.stdout
    assert "truth" in result.stdout


def test_a_world_exported_and_analysed_as_a_user_would_has_its_results(
    diorama, built: Path, tmp_path: Path
) -> None:
    """Plain files, no column named as diorama's; every estimate, to the last digit."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{built}' as world (read_only)")
        for name, query in {
            "people": "select user_id as who, segment as tier from stg_feed__users",
            "seen": """
                select unit_id as who, variant as arm, exposed_at as seen_on,
                    if(variant = 'control', round(1 - assignment_probability, 9),
                        assignment_probability) as chance
                from stg_feed__exposures
            """,
            "visits": """
                select user_id as who, min(event_time) as began,
                    count(*) filter (event_name = 'card_view') as cards
                from stg_feed__events group by user_id, session_id
            """,
        }.items():
            connection.execute("use world.staging")
            connection.execute(f"copy ({query}) to '{tmp_path}/{name}.parquet'")
        last = connection.execute(
            "select max(cast(first_exposed_at as date) + cast(followed_days as integer))::text "
            "from world.intermediate.int_feed__exposures"
        ).fetchone()[0]
    visits = {"from": "visits.parquet", "unit": "who", "time": "began"}
    plan = {
        "facts": {
            "visits": visits,
            "cards": visits | {"value": "cards"},
            "bounces": visits | {"where": "cards = 1"},
        },
        "metrics": {
            **{
                f"retained_d{day}": {
                    **{"fact": "visits", "kind": "proportion"},
                    "days": [day - 1, day + 1],
                }
                for day in (7, 3, 14)
            },
            "card_views_7d": {"fact": "cards", "days": [0, 6]},
            "card_views_14d": {"fact": "cards", "days": [0, 13]},
            "card_views_per_session_14d": {
                **{"fact": "cards", "per": "visits", "days": [0, 13]},
            },
            "bounce_rate_14d": {
                **{"fact": "bounces", "per": "visits", "days": [0, 13]},
                **{"role": "guardrail", "margin": 0.02, "better": "down"},
            },
        },
        "until": last,
        "experiments": {
            "rollout": {
                "exposures": {
                    "from": "select * from 'seen.parquet' join 'people.parquet' using (who)",
                    **{"unit": "who", "variant": "arm", "time": "seen_on"},
                    "probability": "chance",
                },
                **{"design": "biased", "strata": ["tier"], "segments": ["tier"]},
            }
        },
    }
    plan["metrics"]["retained_d7"]["role"] = "primary"
    database = tmp_path / "analysis.duckdb"
    path = write_plan(tmp_path, plan)
    result = diorama("analyse", path, "--database", database, "--quiet")
    assert result.exit_code == 0, result.stderr
    query = """
        select metric, estimator, estimand, effect, std_error, p_value, ci_lower
        from marts.experiments__results
        where metric not like 'distinct%'
        order by all
    """
    with (
        duckdb.connect(database, read_only=True) as ours,
        duckdb.connect(built, read_only=True) as worlds,
    ):
        found = ours.execute(query).fetchall()
        assert len(found) > 20
        assert found == worlds.execute(query).fetchall()
