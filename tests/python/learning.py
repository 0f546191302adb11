"""The formulas of the learning world, as its document has them, to hold rows against."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from worlds import seed_rows

FAMILY_LEVEL = 0.001


def profile(name: str) -> dict[str, float]:
    """The numbers of a profile."""
    return {
        row["parameter"]: row["value"]
        for row in seed_rows("learning/learning_profiles.csv")
        if row["profile"] == name
    }


@dataclass
class Comparison:
    """A family of statistics that are standard normal if the rows follow the formulas."""

    size: int
    names: list[str]
    z: list[float]

    @classmethod
    def of(cls, size: int) -> "Comparison":
        """A family of at most `size` members, for Bonferroni's bound."""
        return cls(size, [], [])

    def total(self, name: str, observed: Any, expected: Any, variance: Any) -> None:
        """Adds a sum of independent outcomes, with its expectation and variance."""
        spread = np.sqrt(np.sum(variance))
        gap = np.sum(observed) - np.sum(expected)
        self.add(name, gap / spread if spread > 0 else np.inf * (gap != 0))

    def rate(self, name: str, outcomes: Any, probabilities: Any) -> None:
        """Adds yes or no outcomes with a probability each."""
        p = np.broadcast_to(probabilities, np.shape(outcomes))
        self.total(name, outcomes, p, p * (1 - p))

    def p_value(self, name: str, p: float) -> None:
        """Adds any test by its p-value."""
        self.add(name, stats.norm.isf(p / 2))

    def uniform_integers(self, name: str, values: Any, low: int, high: int) -> None:
        """Adds a chi-squared test of integers that are uniform from low to high (exclusive)."""
        counts = np.bincount(np.asarray(values) - low, minlength=high - low)
        assert len(counts) == high - low, f"{name}: a value is out of range"
        self.p_value(name, stats.chisquare(counts).pvalue)

    def add(self, name: str, z: float) -> None:
        self.names.append(name)
        self.z.append(float(z))

    def verify(self) -> None:
        """Fails if any member lies beyond Bonferroni's bound."""
        assert 0 < len(self.z) <= self.size
        bound = stats.norm.isf(FAMILY_LEVEL / (2 * self.size))
        wrong = {
            n: round(z, 1)
            for n, z in zip(self.names, self.z, strict=True)
            if not abs(z) < bound
        }
        assert not wrong, f"beyond {bound:.1f} standard errors: {wrong}"


def clipped_normal(mean: Any, sd: float, low: float, high: float) -> tuple[Any, Any]:
    """Mean and variance of a normal draw that is clipped to low … high."""
    a, b = (low - mean) / sd, (high - mean) / sd
    below, above = stats.norm.cdf(a), stats.norm.sf(b)
    inside = 1 - below - above
    first = (
        low * below
        + high * above
        + mean * inside
        - sd * (stats.norm.pdf(b) - stats.norm.pdf(a))
    )
    second = (
        low**2 * below
        + high**2 * above
        + (mean**2 + sd**2) * inside
        - 2 * mean * sd * (stats.norm.pdf(b) - stats.norm.pdf(a))
        - sd**2 * (b * stats.norm.pdf(b) - a * stats.norm.pdf(a))
    )
    return first, second - first**2


def churn_probability(name: str, engagement: Any, is_paid: Any) -> Any:
    """The table of the document, one formula per profile."""
    if name == "standard":
        factor = 0.4 + 1.4 * (1 - engagement) ** 1.6
        return np.minimum(0.95, 0.35 * np.where(is_paid, 0.75, 1) * factor)
    return 0.25 * (1 - engagement) * np.where(is_paid, 0.9, 1)


def activity(name: str, engagement: Any, is_weekday: Any) -> Any:
    """Probability of activity on a day, before any decline."""
    if name == "standard":
        return 0.15 + 0.8 * engagement
    return np.minimum(1, (0.5 + 0.3 * engagement) * np.where(is_weekday, 1.2, 1))


def over_engagement(function: Any, paid_share: float) -> float:
    """The mean of function(engagement, is_paid) over Beta(2, 2.5) and plans."""
    e = stats.beta.ppf((np.arange(200_000) + 0.5) / 200_000, 2, 2.5)
    return float(
        paid_share * np.mean(function(e, True))
        + (1 - paid_share) * np.mean(function(e, False))
    )
