"""Statistical claims: p-values for families of checks that share one level (Bonferroni)."""

from typing import Any

import numpy as np
from scipy import stats

from worlds import World

LEVEL = 0.001
Claims = dict[str, float]


def chi_square(counts: Any, probabilities: Any) -> float:
    """p-value of counts against probabilities; cells that expect below 10 are taken together."""
    counts, probabilities = np.asarray(counts, float), np.asarray(probabilities, float)
    assert abs(probabilities.sum() - 1) < 1e-6
    expected = counts.sum() * probabilities / probabilities.sum()
    rare = expected < 10
    if rare.any():
        counts = np.append(counts[~rare], counts[rare].sum())
        expected = np.append(expected[~rare], expected[rare].sum())
    if expected[-1] < 1:
        counts = np.append(counts[:-2], counts[-2:].sum())
        expected = np.append(expected[:-2], expected[-2:].sum())
    return float(stats.chisquare(counts, expected).pvalue)


def proportion(successes: int, trials: int, probability: float) -> float:
    return float(stats.binomtest(int(successes), int(trials), probability).pvalue)


def mean_is_zero(values: np.ndarray) -> float:
    """p-value of independent values (sums by user) with mean 0."""
    return float(
        2
        * stats.norm.sf(
            abs(values.mean()) / (values.std(ddof=1) / np.sqrt(len(values)))
        )
    )


def kolmogorov(values: np.ndarray, distribution: Any) -> float:
    return float(stats.kstest(values, distribution.cdf).pvalue)


def counts_up_to(world: World, query: str, length: int) -> np.ndarray:
    """Counts by an integer from 0; the query returns pairs of integer and count."""
    counts = np.zeros(length)
    for value, count in world.rows(query):
        counts[min(value, length - 1)] += count
    return counts


def linearized_pasts(pasts: dict[Any, tuple[int, int]]) -> dict[Any, int | None]:
    """The covariates of a ratio, from the numerators y and denominators d of units' pasts.

    y - R d with R = Σy / Σd, cut to a whole number; in thousandths where y is small. Nothing is
    known where nobody has a denominator.
    """
    total, below = (sum(column) for column in zip(*pasts.values(), strict=True))
    if not below:
        return dict.fromkeys(pasts)
    scale = 1000 if abs(total) < 1000 * len(pasts) else 1

    def cut(y: int, d: int) -> int:
        quotient, sign = scale * (y * below - d * total), 1
        if quotient < 0:
            quotient, sign = -quotient, -1
        return sign * (quotient // below)

    return {unit: cut(*past) for unit, past in pasts.items()}
