"""The draw of defects by parents strikes rows as independently as a draw for each row would."""

import itertools

import numpy as np
import pytest
from scipy import stats

from draw_harness import columns

RATES = (0.01, 0.2, 0.5)
ROWS = 8  # below each parent
LEVEL = 0.001 / (4 * len(RATES))


def drawn(rate: float) -> tuple[np.ndarray, np.ndarray]:
    """The defect draws, a row for each parent, and whether the parent is said to have defects."""
    template = f"""
        with parents as (
            select
                row_number,
                key as parent_key,
                {{{{ first_defect('key', 'tests.defects.first') }}}} as first_defect
            from keys where row_number < 200000
        ),
        expanded as (
            select *, {{{{ unnest_range(0, {ROWS}) }}}} as number from parents
        ),
        keyed as (
            select *, {{{{ fold_in('parent_key', 'number') }}}} as key from expanded
        )
        select
            {{{{ defect_draw('key', 'tests.defects.defect', 'number', 'first_defect') }}}}
                as defect_draw,
            first_defect < {ROWS} as has_defects
        from keyed order by row_number, number
    """
    found = columns(template, f'{{"defect_rate": {rate}}}')
    return tuple(np.asarray(column).reshape(-1, ROWS) for column in found)


@pytest.mark.parametrize("rate", RATES)
def test_rows_are_struck_independently_at_the_rate(rate: float) -> None:
    draws, has_defects = drawn(rate)
    struck = draws < rate
    parents = len(struck)

    by_number = struck.sum(axis=0)
    expected = parents * rate
    statistic = ((by_number - expected) ** 2 / (expected * (1 - rate))).sum()
    assert stats.chi2.sf(statistic, ROWS) > LEVEL

    per_parent = np.bincount(struck.sum(axis=1), minlength=ROWS + 1)
    probability = stats.binom.pmf(np.arange(ROWS + 1), ROWS, rate)
    usual = probability * parents >= 10
    observed = np.append(per_parent[usual], per_parent[~usual].sum())
    theory = parents * np.append(probability[usual], probability[~usual].sum())
    kept = theory > 0
    assert stats.chisquare(observed[kept], theory[kept]).pvalue > LEVEL

    pairs = [
        np.corrcoef(struck[:, one], struck[:, other])[0, 1]
        for one, other in itertools.combinations(range(ROWS), 2)
    ]
    assert stats.chi2.sf(parents * np.square(pairs).sum(), len(pairs)) > LEVEL

    # which kind of defect: the draw is uniform below the rate
    assert stats.kstest(draws[struck] / rate, "uniform").pvalue > LEVEL

    assert (struck.any(axis=1) == has_defects[:, 0]).all()


def test_nothing_is_struck_at_rate_0() -> None:
    draws, has_defects = drawn(0)
    assert (draws == 1).all()
    assert not has_defects.any()
