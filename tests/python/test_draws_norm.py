"""norm_cdf and norm_ppf against values of forty digits, computed here from the definition."""

import itertools
import math
from decimal import Decimal, localcontext

import numpy as np
import pytest

from draw_harness import compile_sql, connection

POINTS = sorted(
    {
        0.0,
        -0.0,
        0.67448975,
        -0.67448975,
        5.656854249492381,
        -5.656854249492381,
        1e-300,
        -1e-9,
    }
    | {x / 8 for x in range(-80, 81)}
    | set(np.random.default_rng(1).uniform(-9, 9, 300))
)
PROBABILITIES = sorted(
    {
        0.075,
        0.925,
        0.5,
        1.3887943864964021e-11,
        1e-300,
        1e-100,
        1e-20,
        1 - 2**-53,
        0.025,
        0.975,
    }
    | {2.0**-k for k in range(1, 60)}
    | set(np.random.default_rng(2).uniform(0, 1, 300))
)
PI = Decimal(
    "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803"
)


def normal_distribution(x: Decimal) -> tuple[Decimal, Decimal]:
    """Distribution function and density: 1/2 + density * sum of x^(2k+1) / (1 * 3 * … * (2k+1))."""
    density = (-x * x / 2).exp() / (2 * PI).sqrt()
    term, total, odd = x, x, 1
    while abs(term) > Decimal(10) ** -80:
        odd += 2
        term = term * x * x / odd
        total += term
    return Decimal("0.5") + density * total, density


def apply(macro: str, arguments: list[float | None]) -> list[float]:
    """The macro at each argument, through a stored column."""
    database = connection()
    database.execute(
        "create or replace temp table arguments as "
        "select unnest(?::double[]) as a, unnest(range(?)) as position",
        [arguments, len(arguments)],
    )
    sql = compile_sql(f"select {{{{ {macro}('a') }}}} from arguments order by position")
    return [row[0] for row in database.execute(sql).fetchall()]


def test_norm_cdf_is_right_to_2e_16():
    with localcontext(prec=90):
        for x, found in zip(POINTS, apply("norm_cdf", POINTS), strict=True):
            exact, _ = normal_distribution(Decimal(x))
            assert abs(Decimal(found) - exact) < Decimal("2e-16"), x
            if x < 0:
                assert abs(Decimal(found) / exact - 1) < Decimal("2e-15"), x


def test_norm_ppf_is_right_to_1e_15():
    """The distance to the root in units of the quantile: one Newton step in forty digits."""
    checked = [p for p in PROBABILITIES if p >= 1e-20 and p != 0.5]
    with localcontext(prec=90):
        for p, found in zip(checked, apply("norm_ppf", checked), strict=True):
            exact, density = normal_distribution(Decimal(found))
            error = (exact - Decimal(p)) / density / Decimal(found)
            assert abs(error) < Decimal("1e-15"), p


def test_norm_ppf_and_norm_cdf_invert_each_other_in_the_far_tail():
    quantiles = apply("norm_ppf", [1e-300, 1e-100, 1e-30])
    for p, found in zip(
        [1e-300, 1e-100, 1e-30], apply("norm_cdf", quantiles), strict=True
    ):
        assert found == pytest.approx(p, rel=1e-12)


def test_norm_cdf_at_its_ends():
    ends = apply(
        "norm_cdf", [-math.inf, math.inf, -39.0, 40.0, -1e300, 1e300, None, 0.0]
    )
    assert ends == [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, None, 0.5]
    assert math.isnan(apply("norm_cdf", [math.nan])[0])


def test_norm_cdf_rises():
    found = apply("norm_cdf", POINTS)
    assert all(b >= a for a, b in itertools.pairwise(found))


def test_norm_ppf_at_its_ends():
    assert apply("norm_ppf", [0.0, 1.0, None, 0.5]) == [-math.inf, math.inf, None, 0.0]
    outside = apply("norm_ppf", [-0.1, 1.1, math.nan, math.inf, -math.inf])
    assert all(math.isnan(x) for x in outside)
