"""Selects the distribution of numbers among those that a file may declare."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from diorama.files.declaration import KeyPath

# probabilities at which quantiles are compared
LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
MOST_SPREAD = 10.0
MOST_POISSON = 50.0
Part = tuple[KeyPath, float, float]  # below a property: a figure and its error


@dataclass(frozen=True)
class Numbers:
    """What is counted of some numbers.

    Attributes:
        count: How many there are.
        mean: Their mean.
        deviation: Their standard deviation.
        low: The smallest, which is not written anywhere.
        high: The largest, likewise.
        log_mean: The mean of their logarithms, where all are above 0.
        log_deviation: Its standard deviation.
        quantiles: Those of LEVELS.
        places: Decimals.
        ends: Of whole numbers, the smallest and largest that enough users have.
        values: How often each value occurs, where there are not too many.
    """

    count: int
    mean: float
    deviation: float
    low: float
    high: float
    log_mean: float
    log_deviation: float
    quantiles: Sequence[float]
    places: int
    ends: tuple[float, float] | None
    values: list[tuple[float, int]] | None

    @property
    def half(self) -> float:
        """Half of the last decimal, by which a number is rounded."""
        return 0.5 * 10.0**-self.places


@dataclass(frozen=True)
class Candidate:
    """A distribution with its parameters.

    Attributes:
        method: Its key in the file.
        value: Its value there.
        figures: The parameters with their errors.
        function: Its distribution function.
        density: The mean of the logarithm of its density over the numbers.
    """

    method: str
    value: Any
    figures: list[Part]
    function: Callable[[float], float]
    density: float

    def loss(self, numbers: Numbers) -> float:
        """Half of Akaike's criterion: a number for each parameter, less the log-likelihood.

        Rounded numbers lie on few values, where a density says nothing; there the likelihood is
        that of the rounded value.
        """
        size = len(self.figures)
        if numbers.values is None:
            return size - numbers.count * self.density
        half = numbers.half
        return size - math.fsum(
            count
            * math.log(max(self.function(v + half) - self.function(v - half), 1e-12))
            for v, count in numbers.values
        )

    def distance(self, numbers: Numbers) -> float:
        """How far its distribution function is from the numbers' at their quantiles."""
        worst, half = 0.0, numbers.half
        for level, quantile in zip(LEVELS, numbers.quantiles, strict=True):
            # where many have the same value, its level lies anywhere in the step
            below, above = (
                self.function(quantile - half),
                self.function(quantile + half),
            )
            worst = max(worst, below - level, level - above)
        return worst


def best(numbers: Numbers) -> Candidate:
    """The distribution of the least loss."""
    return min(_candidates(numbers), key=lambda candidate: candidate.loss(numbers))


def _candidates(numbers: Numbers) -> list[Candidate]:
    found = [_normal(numbers), *_uniform(numbers)]
    if numbers.low > 0:
        found += _lognormal(numbers)
    if numbers.low >= 0:
        found.append(_exponential(numbers))
    if numbers.places == 0 and numbers.values is not None:
        found += _whole(numbers)
    return found


def _phi(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


def _normal(numbers: Numbers) -> Candidate:
    mean, deviation, root = numbers.mean, numbers.deviation, math.sqrt(numbers.count)
    return Candidate(
        "normal",
        {"mean": mean, "sd": max(deviation, 1e-6)},
        [
            (("normal", "mean"), mean, deviation / root),
            (("normal", "sd"), deviation, deviation / root / math.sqrt(2)),
        ],
        lambda v: _phi((v - mean) / deviation),
        -math.log(deviation) - 0.5 * math.log(2 * math.pi * math.e),
    )


def _lognormal(numbers: Numbers) -> list[Candidate]:
    center, width = numbers.log_mean, max(numbers.log_deviation, 1e-6)
    median, spread = math.exp(center), math.exp(width)
    if spread > MOST_SPREAD:
        return []
    root = math.sqrt(numbers.count)
    candidate = Candidate(
        "lognormal",
        {"median": median, "spread": spread},
        [
            (("lognormal", "median"), median, median * width / root),
            (("lognormal", "spread"), spread, spread * width / root / math.sqrt(2)),
        ],
        lambda v: _phi((math.log(v) - center) / width) if v > 0 else 0.0,
        -center - math.log(width) - 0.5 * math.log(2 * math.pi * math.e),
    )
    return [candidate]


def _exponential(numbers: Numbers) -> Candidate:
    mean = numbers.mean
    return Candidate(
        "exponential",
        mean,
        [(("exponential",), mean, mean / math.sqrt(numbers.count))],
        lambda v: 1 - math.exp(-max(v, 0.0) / mean),
        -math.log(mean) - 1,
    )


def _uniform(numbers: Numbers) -> list[Candidate]:
    """Its ends follow from quantiles, between which it is linear: they are no user's value."""
    first, last = numbers.quantiles[0], numbers.quantiles[-1]
    lower, upper = LEVELS[0], LEVELS[-1]
    slope = (last - first) / (upper - lower)
    if slope <= 0:
        return []
    low, high = first - lower * slope, last + (1 - upper) * slope
    # of the quantiles near an end, with a little of the other end's
    error = 1.1 * slope * math.sqrt(lower * (1 - lower) / numbers.count)
    candidate = Candidate(
        "uniform",
        [low, high],
        [(("uniform", "low"), low, error), (("uniform", "high"), high, error)],
        lambda v: min(max((v - low) / (high - low), 0.0), 1.0),
        -math.log(numbers.high - numbers.low),
    )
    return [candidate]


def _whole(numbers: Numbers) -> list[Candidate]:
    found, mean, count = [], numbers.mean, numbers.count
    if numbers.low >= 1 and mean > 1:
        p = 1 / mean
        found.append(
            Candidate(
                "geometric",
                p,
                [(("geometric",), p, p * math.sqrt((1 - p) / count))],
                lambda v: 1 - (1 - p) ** max(math.floor(v), 0),
                0.0,
            )
        )
    if numbers.low >= 0 and 0 < mean <= MOST_POISSON:
        found.append(
            Candidate(
                "poisson",
                mean,
                [(("poisson",), mean, math.sqrt(mean / count))],
                lambda v: _poisson(mean, math.floor(v)),
                0.0,
            )
        )
    if numbers.ends and numbers.ends[0] < numbers.ends[1]:
        low, high = (int(end) for end in numbers.ends)
        found.append(
            Candidate(
                "integers",
                [low, high],
                [(("integers", "low"), low, 0.0), (("integers", "high"), high, 0.0)],
                lambda v: min(
                    max((math.floor(v) - low + 1) / (high - low + 1), 0.0), 1.0
                ),
                0.0,
            )
        )
    return found


def _poisson(mean: float, most: int) -> float:
    """The probability of at most so many."""
    last = min(most, int(mean + 60 * math.sqrt(mean) + 60))
    return min(
        1.0,
        math.fsum(
            math.exp(k * math.log(mean) - mean - math.lgamma(k + 1))
            for k in range(last + 1)
        ),
    )
