"""The relation macros of the distributions, against values of forty digits by mpmath."""

import itertools
import math

import duckdb
import mpmath
import numpy as np
import pytest
from scipy import stats

from draw_harness import compile_sql

DOFS = [
    *(0.5, 0.7, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.3, 10.0, 20.0, 47.11, 100.0),
    *(350.0, 999.0, 1000.0, 1001.0, 5e3, 1e5, 1e6, 1e9, 1e12),
]
STATISTICS = sorted(
    {1e-12, 1e-3, 0.5, 1.0, 1.2, 1.96, 2.4, 2.5, 3.0, 5.0, 8.0, 12.0, 20.0, 35.0}
    | {1e2, 1e4, 1e10}
    | set(np.random.default_rng(1).uniform(0, 4, 20))
)
ALPHAS = [1e-12, 1e-8, 1e-4, 0.01, 0.05, 0.1, 0.3, 0.5, 0.9, 0.99]
CHI_SQUARE_DOFS = [1, 2, 3, 4, 7, 50, 51, 300, 1000]
NAN, INFINITY = math.nan, math.inf


def apply(
    macro: str, *columns: list[float | None], threads: int = 2
) -> list[float | None]:
    """A relation macro over a table of rows with the columns a, b, …"""
    names = [chr(ord("a") + i) for i in range(len(columns))]
    with duckdb.connect(config={"threads": threads}) as database:
        lists = ", ".join(f"unnest(?::double[]) as {name}" for name in names)
        database.execute(
            f"create table arguments as select {lists}, unnest(range(?)) as position",
            [*columns, len(columns[0])],
        )
        quoted = ", ".join(f"'{name}'" for name in names)
        sql = compile_sql(f"{{{{ {macro}('arguments', {quoted}, 'x') }}}}")
        found = database.execute(f"select x from ({sql}) order by position").fetchall()
    assert len(found) == len(columns[0])
    return [x for (x,) in found]


def grid(*axes: list[float]) -> list[list[float]]:
    """Every combination of the axes' values, as a list for each axis."""
    return [list(column) for column in zip(*itertools.product(*axes), strict=True)]


def two_sided_tail(t: float, dof: float) -> mpmath.mpf:
    """P(|T| > t), to thirty digits of itself; 0 where a DOUBLE would be."""
    tail = 1.0 if t > 1e100 else 2 * stats.t.sf(t, dof)
    if tail < 1e-310:
        return mpmath.mpf(0)
    # the complement loses as many digits as the tail has zeros
    with mpmath.workdps(40 - int(math.log10(tail))):
        t, dof = mpmath.mpf(t), mpmath.mpf(dof)
        if t * t > dof:
            share = dof / (dof + t * t)
            return mpmath.betainc(dof / 2, 0.5, 0, share, regularized=True)
        density = mpmath.gammaprod([(dof + 1) / 2], [dof / 2]) / mpmath.sqrt(
            mpmath.pi * dof
        )
        centre = mpmath.hyp2f1(0.5, (dof + 1) / 2, 1.5, -t * t / dof)
        return 1 - 2 * t * density * centre


def normal_tail(z: float) -> mpmath.mpf:
    """P(|Z| > |z|)."""
    with mpmath.workdps(40):
        return mpmath.erfc(abs(mpmath.mpf(z)) / mpmath.sqrt(2))


def t_density(t: float, dof: float) -> mpmath.mpf:
    with mpmath.workdps(40):
        t, dof = mpmath.mpf(t), mpmath.mpf(dof)
        scale = mpmath.gammaprod([(dof + 1) / 2], [dof / 2])
        power = mpmath.exp(-(dof + 1) / 2 * mpmath.log1p(t * t / dof))
        return scale / mpmath.sqrt(mpmath.pi * dof) * power


def error(found: float, exact: mpmath.mpf) -> float:
    """The relative error."""
    with mpmath.workdps(40):
        return float(abs(mpmath.mpf(found) / exact - 1))


def test_the_two_sided_t_tail_is_right_to_2e_13():
    columns = grid(STATISTICS, DOFS)
    compared = 0
    for t, dof, found in zip(*columns, apply("student_t_sf2", *columns), strict=True):
        exact = two_sided_tail(t, dof)
        assert abs(found - exact) < 4e-15, (t, dof)
        if exact > 1e-300:
            assert error(found, exact) < 2e-13, (t, dof)
            compared += 1
    assert compared > 600


def test_the_two_sided_t_tail_is_that_of_scipy():
    columns = grid(STATISTICS, DOFS)
    expected = 2 * stats.t.sf(*map(np.array, columns))
    found = apply("student_t_sf2", *columns)
    assert found == pytest.approx(expected, rel=1e-11, abs=1e-14)


def test_an_infinite_dof_is_the_normal():
    z = [0.0, 0.1, 1.0, 1.96, 2.45, 5.0, 10.0, 37.0]
    found = apply("student_t_sf2", z, [INFINITY] * len(z))
    for x, tail, normal in zip(z, found, apply("norm_sf2", z), strict=True):
        exact = normal_tail(x)
        assert error(tail, exact) < 2e-13, x
        assert error(normal, exact) < 2e-15, x


def test_the_t_tail_at_its_ends():
    statistics = [0.0, -0.0, INFINITY, -INFINITY, 1e200, 1e-200, -2.0, None, NAN, 2.0]
    dofs = [3.0, INFINITY, 0.5, 1e12, 5.0, 0.5, 2.0, 3.0, 3.0, None]
    assert apply("student_t_sf2", statistics, dofs) == [
        *(1.0, 1.0, 0.0, 0.0, 0.0, 1.0),
        *(pytest.approx(0.18350341907227397, rel=1e-14), None, None, None),
    ]
    wrong = [0.0, -1.0, NAN, -INFINITY]
    assert apply("student_t_sf2", [2.0] * 4, wrong) == [None] * 4
    assert apply("student_t_one_sided", [2.0] * 4, wrong) == [None] * 4


def test_a_huge_statistic_has_a_tail_while_a_double_can_hold_it():
    """With half a degree of freedom the tail falls as t^-1/2, so that t^2 overflows long before."""
    (found,) = apply("student_t_sf2", [1e200], [0.5])
    assert error(found, two_sided_tail(1e200, 0.5)) < 2e-13


def test_the_one_sided_t_tail_adds_up():
    statistics = [-INFINITY, -3.0, -0.2, 0.0, 0.2, 3.0, INFINITY, None, NAN]
    dofs = [4.5] * len(statistics)
    found = apply("student_t_one_sided", statistics, dofs)
    expected = stats.t.sf(statistics[:7], 4.5)
    assert found[:7] == pytest.approx(expected, rel=1e-13)
    assert found[7:] == [None, None]
    assert found[0] == 1
    assert found[6] == 0


def test_the_critical_t_is_right_to_2e_13():
    """The distance to the root in units of it: one Newton step in forty digits."""
    columns = grid(ALPHAS, DOFS)
    for alpha, dof, found in zip(
        *columns, apply("student_t_critical", *columns), strict=True
    ):
        slope = 2 * t_density(found, dof) * found
        step = (two_sided_tail(found, dof) - mpmath.mpf(alpha)) / slope
        assert abs(step) < 2e-13, (alpha, dof, float(step))


def test_the_critical_t_takes_a_number_for_alpha():
    with duckdb.connect() as database:
        sql = compile_sql("{{ student_t_critical('arguments', 0.05, 'dof', 'x') }}")
        database.execute("create table arguments as select 7 as dof")
        ((found,),) = database.execute(f"select x from ({sql})").fetchall()
    assert found == pytest.approx(2.364624251592785, rel=1e-14)


def test_the_critical_t_at_its_ends():
    alphas = [0.0, 1.0, None, NAN, -0.1, 1.1, 0.05, 0.05, 0.05, 1e-300]
    dofs = [3.0, 3.0, 3.0, 3.0, 3.0, 3.0, None, 0.0, NAN, 0.5]
    assert apply("student_t_critical", alphas, dofs) == [
        *(INFINITY, 0.0, None, None, None, None, None, None, None),
        # 1e600 is more than a DOUBLE holds
        INFINITY,
    ]
    (normal,) = apply("student_t_critical", [0.05], [INFINITY])
    assert normal == pytest.approx(1.959963984540054, rel=1e-15)


def chi_square_tail(x: float, dof: int) -> mpmath.mpf:
    with mpmath.workdps(60):
        half = mpmath.mpf(x) / 2
        return mpmath.gammainc(mpmath.mpf(dof) / 2, half, regularized=True)


@pytest.mark.parametrize("dof", CHI_SQUARE_DOFS)
def test_the_chi_square_tail_is_right(dof: int):
    rng = np.random.default_rng(dof)
    quantiles = stats.chi2.ppf([1e-9, 0.01, 0.3, 0.5, 0.9, 0.999], dof)
    points = [*quantiles, 1e-12, 1.0, 10.0, 100.0, 1400.0, 2500.0, dof * 1.0]
    points += list(rng.uniform(0, 3 * dof + 30, 40))
    for x, found in zip(
        points, apply("chi_square_sf", points, [dof] * len(points)), strict=True
    ):
        exact = chi_square_tail(x, dof)
        assert found <= 1, x
        if exact > 1e-290:
            assert error(found, exact) < (4e-15 if dof <= 51 else 2e-14), x
        else:
            assert found < 1e-289, x


def test_a_chi_square_sum_that_overflows_is_taken_in_parts():
    """The sum itself is exp(x / 2), which a DOUBLE holds up to x = 1419 only."""
    points, dofs = [5000.0, 9000.0, 12000.0, 3000.0], [5001, 9000, 10000, 1000]
    found = apply("chi_square_sf", points, dofs)
    for x, dof, tail in zip(points, dofs, found, strict=True):
        assert error(tail, chi_square_tail(x, dof)) < 1e-13, (x, dof)


def test_the_chi_square_tail_at_its_ends():
    statistics = [0.0, -3.0, -INFINITY, INFINITY, INFINITY, 1e300, 1e300, None, NAN]
    dofs = [1.0, 2.0, 3.0, 1.0, 50.0, 1.0, 50.0, 2.0, 2.0]
    assert apply("chi_square_sf", statistics, dofs) == [
        *(1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0),
        *(None, None),
    ]
    wrong = [None, NAN, 0.0, -1.0, 1.5, INFINITY, 100001.0]
    assert apply("chi_square_sf", [1.0] * 7, wrong) == [None] * 7
    assert apply("chi_square_sf", [INFINITY] * 7, wrong) == [None] * 7


def test_the_normal_tail_keeps_its_digits():
    z = [0.0, 0.3, 0.68, 1.0, -1.96, 5.0, 5.7, -8.0, 20.0, 37.0]
    for x, found in zip(z, apply("norm_sf2", z), strict=True):
        assert error(found, normal_tail(x)) < 2e-15, x
    ends = apply("norm_sf2", [INFINITY, -INFINITY, None, NAN])
    assert ends == [0.0, 0.0, None, None]


@pytest.mark.parametrize("macro", ["student_t_critical", "chi_square_sf"])
def test_no_thread_count_changes_a_bit(macro: str):
    rng = np.random.default_rng(7)
    columns = rng.uniform(0, 1, 300_000).tolist(), rng.integers(1, 9, 300_000).tolist()
    one, two, eight = (apply(macro, *columns, threads=n) for n in (1, 2, 8))
    assert one == two == eight
