"""Who comes when: sign-ups, retention, weekdays and sessions a day, estimated from counts.

The law is that of the file (`is_active_day`, `sessions_begun`): everyone is active on the day of
signing up; later, a user stays so long with probability S = max(sqrt(r), r * largest weekday), and
then comes on a day with r * weekday / S, where r is the retention. A user who signed up before the
first day of the data is seen first on some later visit, or never; how many there are follows from
the decline of the number of users who are seen for the first time.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import mul
from typing import Any

from diorama.worlds.expectation import daily_shares
from diorama.worlds.file import World
from diorama.worlds.fit.counts import Counts

ROUNDS = 12
INNER_ROUNDS = 4
MOST_STEPS = 12
MOST_TABLES = 200
# standard deviations of growth and of the logarithm of the days before, before any data: so wide
# that they count only where there are next to no new users, or next to no earlier ones
PRIOR_GROWTH = 0.3
PRIOR_LOG_DAYS = 1.5
MOST_WEEKDAY_ERROR = 0.2  # relative; with fewer visits, weekdays are not told apart
UNKNOWN = 0.7  # relative error of a share that is not stated
MOST_BEFORE_DAYS = 365
LEAST_SHARE = 1e-5  # of a retention that the file can hold
# ages in strata, of which the one in the middle stands for all
STRATA = (
    *range(21),
    *(23, 26, 29, 32, 36, 40, 44, 49, 54, 60, 66, 73, 81, 90, 99, 109, 120, 132, 146),
    *(161, 178, 196, 216, 238, 262, 289, 318, 340, MOST_BEFORE_DAYS),
)
NEAR = 1e-4  # change of a round that is none
Estimate = tuple[float, float]  # a figure and its standard error
Vector = list[float]
Means = Callable[[Vector], Vector]


@dataclass
class Activity:
    """Estimates of when users sign up and are active.

    Attributes:
        segments: Users by segment, those included who are never seen.
        before: The share of users who are there at the start.
        before_days: Days before the start on which they signed up.
        weekly_growth: Growth of the sign-ups of the others.
        retention: By segment and days since signing up.
        weekdays: Factors from Monday on.
        dispersion: The variance of daily sign-ups, in those of independent users.
    """

    segments: dict[str, Estimate]
    before: Estimate
    before_days: Estimate
    weekly_growth: Estimate
    retention: dict[str, dict[int, Estimate]]
    weekdays: list[Estimate]
    dispersion: float

    @property
    def users(self) -> float:
        """All users."""
        return math.fsum(users for users, _ in self.segments.values())


def shares_by_day(points: dict[int, float], days: int) -> Vector:
    """The share of users who are active on each day, as the file has it between its points."""
    retention = {str(day): max(share, LEAST_SHARE) for day, share in points.items()}
    return daily_shares(World.model_construct(retention=retention), "all", days)


class _Earlier:
    """How users of a segment are seen who signed up before the first day, by their age then."""

    def __init__(self, shares: Vector, factors: Vector) -> None:
        """Takes retention by days since signing up, and the weekday's factor of each day.

        `first` and `active` hold, at the end of each stratum of ages, the sums over all ages up to
        there of the probability to be seen first on a day, and to be active.
        """
        self.shares, self.factors = shares, factors
        self.days = len(factors)
        self._known: dict[int, tuple[Vector, Vector]] = {}
        self._again: dict[int, list[Vector]] = {}
        largest = max(factors)
        self.stays = [min(1.0, max(math.sqrt(r), r * largest)) for r in shares]
        self.first, self.active = [[0.0] * self.days], [[0.0] * self.days]
        for start, end in pairwise(STRATA):
            firsts, actives = self._of_age((start + 1 + end) // 2)
            size = end - start
            self.first.append(_sum(self.first[-1], [size * each for each in firsts]))
            self.active.append(_sum(self.active[-1], [size * each for each in actives]))

    def _of_age(self, age: int) -> tuple[Vector, Vector]:
        if age in self._known:
            return self._known[age]
        unseen, first, active = 1.0, [], []
        for day, factor in enumerate(self.factors):
            chance = min(self.shares[age + day] * factor, 1.0)
            first.append(unseen * chance)
            active.append(chance)
            # who has stayed until a day had stayed until the days before it
            unseen *= max(0.0, 1 - chance / self.stays[age + day])
        self._known[age] = first, active
        return first, active

    def mean(self, table: list[Vector], days: float) -> Vector:
        """The mean over ages of 1 to so many days, which need not be whole."""
        place = min(bisect(STRATA, days), len(STRATA) - 1)
        start, end = STRATA[place - 1], STRATA[place]
        part = (days - start) / (end - start)
        pairs = zip(table[place - 1], table[place], strict=True)
        return [(a + part * (b - a)) / days for a, b in pairs]

    def again_sums(self, point: int) -> list[Vector]:
        """As `first`: to be seen first on a day, and to be active so many days later, too."""
        if point not in self._again:
            found = [[0.0] * (self.days - point)]
            for start, end in pairwise(STRATA):
                age = (start + 1 + end) // 2
                first, _ = self._of_age(age)
                sums = []
                for day, before in enumerate(found[-1]):
                    back = self.shares[age + day + point] * self.factors[day + point]
                    chance = min(back / self.stays[age + day], 1.0)
                    sums.append(before + (end - start) * first[day] * chance)
                found.append(sums)
            self._again[point] = found
        return self._again[point]

    def again(self, days: float, point: int) -> list[list[tuple[int, float]]]:
        """For each day: the ages that users who are seen first on it have a while later.

        With each age stands the probability that such a user is active then, of which the share of
        that age is a factor.
        """
        ages = _ages(days)
        firsts = [self._of_age(age)[0] for age, _ in ages]
        found: list[list[tuple[int, float]]] = []
        for day in range(self.days - point):
            factor = self.factors[day + point]
            weights = [
                weight * first[day]
                for (_, weight), first in zip(ages, firsts, strict=True)
            ]
            total = math.fsum(weights) or 1.0
            found.append(
                [
                    (
                        age + day + point,
                        weight
                        / total
                        * min(
                            self.shares[age + day + point]
                            * factor
                            / self.stays[age + day],
                            1.0,
                        ),
                    )
                    for (age, _), weight in zip(ages, weights, strict=True)
                ]
            )
        return found


class Estimator:
    """The estimation, in rounds of retention, sign-ups and weekdays, each by the others."""

    def __init__(self, counts: Counts) -> None:
        """Takes what is counted."""
        self.counts = counts
        self.days = counts.days
        self.names = counts.segments
        self.seen = counts.first_seen()
        self.returns = counts.returns()
        self.active = counts.active()
        start = counts.first.weekday()
        self.weekday = [(start + day) % 7 for day in range(self.days)]
        # where segments go by activity, who comes late belongs to none yet
        self.late = self.seen.pop(None, [0] * self.days)
        self.classified = next((d for d, n in enumerate(self.late) if n), self.days)
        total = math.fsum(math.fsum(row) for row in self.seen.values())
        shares = {name: math.fsum(self.seen[name]) / total for name in self.names}
        everyone = total + sum(self.late)
        self.users = {name: everyone * share for name, share in shares.items()}
        self.before, self.growth, self.before_days = 0.3, 0.0, 28.0
        self.factors = [1.0] * 7
        self.points: dict[str, dict[int, Estimate]] = {}
        self.has_begun = False
        self.dispersion = 1.0

    def estimate(self) -> Activity:
        """Estimates until a round changes nothing any more."""
        weekdays = [(1.0, 0.0)] * 7
        state: Vector = []
        for _ in range(ROUNDS):
            self._prepare()
            self.points = {name: self._retention(name) for name in self.names}
            self._estimate_signups()
            weekdays = self._weekdays()
            self.factors = [factor for factor, _ in weekdays]
            last, state = (
                state,
                [
                    *(self.before, self.growth, math.log(self.before_days)),
                    *self.factors,
                    *(share for of in self.points.values() for share, _ in of.values()),
                ],
            )
            if len(last) == len(state) and all(
                abs(a - b) < NEAR for a, b in zip(last, state, strict=True)
            ):
                break
        # each by the others settles in a valley; now all of them together
        errors = self._refine()
        self._prepare()
        weekdays = self._weekdays()
        size = len(self.names)
        users = {
            name: (self.users[name], self.users[name] * error)
            for name, error in zip(self.names, errors, strict=False)
        }
        before, growth, log_days = errors[size : size + 3]
        return Activity(
            users,
            (self.before, before),
            (self.before_days, self.before_days * log_days),
            (self.growth, growth),
            {name: _known(points) for name, points in self.points.items()},
            weekdays,
            self.dispersion,
        )

    def _refine(self) -> Vector:
        """Maximum likelihood of all parameters but the weekdays, and their errors.

        The numbers are those of users who are seen first on each day, as Poisson numbers, and how
        many of them come again after so many days, as binomial ones.
        """
        size = len(self.names)
        keys = [(name, point) for name in self.names for point in self.points[name]]
        shares = [self.points[name][point][0] for name, point in keys]
        theta = [
            *(math.log(self.users[name]) for name in self.names),
            *(self.before, self.growth, math.log(self.before_days)),
            *(math.log(share) for share in shares),
        ]
        factors = [self.factors[weekday] for weekday in self.weekday]
        tables: dict[Any, _Earlier] = {}
        returns = [
            (name, point, day)
            for name, point in keys
            for day in range(min(self.classified, self.days - point))
            if self.seen[name][day]
        ]
        cells, trials = self._first_cells()
        cells += [float(self.returns[name, point][day]) for name, point, day in returns]
        trials += [float(self.seen[name][day]) for name, _, day in returns]

        def means(theta: Vector) -> Vector:
            before, growth, log_days = theta[size : size + 3]
            days = math.exp(log_days)
            rising = _rising(growth, self.days)
            rows, found = {}, {}
            for name, log_users in zip(self.names, theta, strict=False):
                logs = [
                    (point, log)
                    for (owner, point), log in zip(keys, theta[size + 3 :], strict=True)
                    if owner == name
                ]
                key = (name, *logs)
                if key not in tables:
                    if len(tables) > MOST_TABLES:
                        tables.clear()
                    points = {point: math.exp(log) for point, log in logs}
                    tables[key] = _Earlier(self._curve(points), factors)
                of = tables[key]
                first = of.mean(of.first, days)
                new = [(1 - before) * each for each in rising]
                seen = [n + before * f for n, f in zip(new, first, strict=True)]
                users = math.exp(log_users)
                rows[name] = [users * each for each in seen]
                for point, log in logs:
                    again = of.mean(of.again_sums(point), days)
                    share = math.exp(log)
                    found[name, point] = [
                        (n * min(share * factor, 1.0) + before * a) / max(s, 1e-12)
                        for n, factor, a, s in zip(
                            new, factors[point:], again, seen, strict=False
                        )
                    ]
            return [
                *self._first_means(rows),
                *(
                    self.seen[name][day] * min(found[name, point][day], 1 - 1e-6)
                    for name, point, day in returns
                ),
            ]

        limits, priors = self._limits()
        limits += [(math.log(LEAST_SHARE), 0.0)] * len(keys)
        priors += [(0.0, 0.0)] * len(keys)
        steps = MOST_STEPS if self.days <= 200 else 2
        found = _most_likely(Cells(cells, trials), means, theta, limits, priors, steps)
        theta = found.theta
        self._take(theta)
        for (name, point), log in zip(keys, theta[size + 3 :], strict=True):
            self.points[name][point] = (math.exp(log), 0.0)
        errors = _errors(found, limits, self._covariances(found, returns))
        for (name, point), error in zip(keys, errors[size + 3 :], strict=True):
            share, _ = self.points[name][point]
            self.points[name][point] = (share, share * error)
        return errors

    def _covariances(
        self, found: Maximum, returns: list[tuple[str, int, int]]
    ) -> list[tuple[int, int, float]]:
        """The covariances of the numbers, also of those who come again on several days.

        Who is active after k days and stays so long comes on k with chance / S, by the law.
        """
        size = len(found.means) - len(returns)
        entries = [(i, i, found.means[i] * self.dispersion) for i in range(size)]
        groups: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for place, (name, point, day) in enumerate(returns, size):
            groups.setdefault((name, day), []).append((point, place))
        largest = max(self.factors)
        for (name, day), members in groups.items():
            users = self.seen[name][day]
            chances = [
                (point, place, found.means[place] / users) for point, place in members
            ]
            for n, (point, i, chance) in enumerate(chances):
                entries.append((i, i, users * chance * (1 - chance)))
                share = self.points[name][point][0]
                stays = min(1.0, max(math.sqrt(share), share * largest))
                comes = min(chance / stays, 1.0)
                for _, j, later in chances[n + 1 :]:
                    covariance = users * later * (comes - chance)
                    entries += [(i, j, covariance), (j, i, covariance)]
        return entries

    def _curve(self, points: dict[int, float]) -> Vector:
        return shares_by_day(
            points or {1: 0.3, 7: 0.15, 30: 0.08}, self.days + MOST_BEFORE_DAYS + 1
        )

    def _first_cells(self) -> tuple[Vector, Vector]:
        """The users who are seen first: by segment and day, and those of no segment."""
        cells = [
            float(n) for name in self.names for n in self.seen[name][: self.classified]
        ]
        cells += [float(n) for n in self.late[self.classified :]]
        return cells, [math.inf] * len(cells)

    def _first_means(self, rows: dict[str, Vector]) -> Vector:
        """What is expected of these cells."""
        found = [value for row in rows.values() for value in row[: self.classified]]
        days = range(self.classified, self.days)
        found += [math.fsum(row[day] for row in rows.values()) for day in days]
        return [max(value, 1e-9) for value in found]

    def _limits(self) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
        """Limits and priors of users, the share of earlier ones, growth, and days before."""
        size = len(self.names)
        limits = [(-20.0, 30.0)] * size
        limits += [(0.0, 0.999), (-0.85, 2.0), (0.0, math.log(MOST_BEFORE_DAYS))]
        if self.days < 7:
            # too short to tell growth from a decline of earlier users
            limits[size + 1 :] = [(0.0, 0.0), (math.log(28), math.log(28))]
        priors = [(0.0, 0.0)] * (size + 1)
        priors += [(0.0, PRIOR_GROWTH**-2), (math.log(28), PRIOR_LOG_DAYS**-2)]
        return limits, priors

    def _take(self, theta: Vector) -> None:
        size = len(self.names)
        self.users = {
            name: math.exp(each) for name, each in zip(self.names, theta, strict=False)
        }
        self.before, self.growth = theta[size], theta[size + 1]
        self.before_days = math.exp(theta[size + 2])

    def _prepare(self) -> None:
        factors = [self.factors[weekday] for weekday in self.weekday]
        self.earlier = {}
        for name in self.names:
            kept = falling(self.points.get(name, {}))
            points = {day: share for day, (share, _) in kept.items()}
            self.earlier[name] = _Earlier(self._curve(points), factors)
        self.rising = _rising(self.growth, self.days)

    def _first(self, name: str) -> Vector:
        """Earlier users who are expected to be seen first on each day."""
        of = self.earlier[name]
        users = self.users[name] * self.before
        return [users * each for each in of.mean(of.first, self.before_days)]

    def _retention(self, name: str) -> dict[int, Estimate]:
        """Shares of users who come again, of new and of earlier users.

        Each day's users who are seen first are new or earlier ones as the estimate of the sign-ups
        has it. Who of them comes again adds to the shares at the ages that they have then:
        expectation-maximization of Poisson numbers.
        """
        seen, of = self.seen[name], self.earlier[name]
        seeming = self._first(name)
        users = self.users[name]
        new = [users * (1 - self.before) * each for each in self.rising]
        points = []
        for point in self.counts.points:
            if sum(self.returns[name, point]) < self.counts.min_users:
                break
            points.append(point)
        if not points:
            return {}
        position = _positions(points, self.days + MOST_BEFORE_DAYS + 1)
        # of each cell: how many came again, and what is expected by point
        cells: list[tuple[int, Vector]] = []
        shares = of.shares
        for place, point in enumerate(points):
            again = of.again(self.before_days, point)
            for day in range(min(self.classified, self.days - point)):
                if not seen[day]:
                    continue
                total = new[day] + seeming[day]
                purity = new[day] / total if total > 0 else 1.0
                by_point = [0.0] * len(points)
                by_point[place] = purity * min(
                    shares[point] * of.factors[day + point], 1.0
                )
                if purity < 1:
                    for age, chance in again[day]:
                        for where, part in position[age]:
                            by_point[where] += (1 - purity) * chance * part
                by_point = [seen[day] * each for each in by_point]
                cells.append((self.returns[name, point][day], by_point))
        factors = [1.0] * len(points)
        for _ in range(INNER_ROUNDS):
            above, below = [0.0] * len(points), [0.0] * len(points)
            for count, by_point in cells:
                expected = _product(by_point, factors)
                if expected <= 0:
                    continue
                for where, part in enumerate(by_point):
                    if part:
                        above[where] += count / expected * part
                        below[where] += part
            factors = [
                f * a / b if b > 0 else f
                for f, a, b in zip(factors, above, below, strict=True)
            ]
        return {
            point: (min(max(shares[point] * factor, LEAST_SHARE), 1.0), 0.01)
            for point, factor in zip(points, factors, strict=True)
        }

    def _estimate_signups(self) -> None:
        """Users by segment, the share of earlier ones and their days, and growth.

        Maximum likelihood of the users who are seen for the first time on each day, as Poisson
        numbers.
        """
        size = len(self.names)
        cells = Cells(*self._first_cells())

        def means(theta: Vector) -> Vector:
            before, growth, log_days = theta[size:]
            rising = _rising(growth, self.days)
            rows = {}
            for name, log_users in zip(self.names, theta, strict=False):
                of = self.earlier[name]
                first = of.mean(of.first, math.exp(log_days))
                users = math.exp(log_users)
                rows[name] = [
                    users * (before * f + (1 - before) * g)
                    for f, g in zip(first, rising, strict=True)
                ]
            return self._first_means(rows)

        limits, priors = self._limits()
        starts = [self.before_days] if self.has_begun else [4.0, 28.0, 150.0]
        self.has_begun = True
        found = []
        for days in starts:
            users = [math.log(max(self.users[name], 1.0)) for name in self.names]
            theta = [*users, self.before or 0.05, self.growth, math.log(days)]
            found.append(_most_likely(cells, means, theta, limits, priors, 60))
        theta = min(found, key=lambda each: each.loss).theta
        self._take(theta)
        squares = math.fsum(
            (x - m) ** 2 / max(m, 1.0)
            for x, m in zip(cells.counts, means(theta), strict=True)
        )
        degrees = max(len(cells.counts) - len(theta), 1)
        self.dispersion = max(1.0, squares / degrees)

    def _weekdays(self) -> list[Estimate]:
        """Active users who have not just signed up, over those of an average weekday."""
        if self.days < 14:
            return [(1.0, 0.0)] * 7
        above, below = [0.0] * 7, [0.0] * 7
        share = self.users
        total = math.fsum(share.values())
        expected, coming = [0.0] * self.days, [0.0] * self.days
        for name in self.names:
            of = self.earlier[name]
            active = of.mean(of.active, self.before_days)
            late = [n * share[name] / total for n in self.late]
            first = self._first(name)
            new = [
                max(self.seen[name][day] + late[day] - first[day], 0.0)
                for day in range(self.days)
            ]
            for day in range(self.days):
                coming[day] += new[day]
                earlier = self.users[name] * self.before * active[day] / of.factors[day]
                since = of.shares[day:0:-1]
                expected[day] += (
                    earlier + _product(new[:day], since) if day else earlier
                )
        for day, weekday in enumerate(self.weekday):
            above[weekday] += self.active[day] - coming[day]
            below[weekday] += expected[day]
        if any(value <= 0 for value in (*above, *below)):
            return [(1.0, 0.0)] * 7
        factors = [a / b for a, b in zip(above, below, strict=True)]
        mean = math.fsum(factors) / 7
        if min(above) < MOST_WEEKDAY_ERROR**-2:
            return [(1.0, 0.0)] * 7
        return [
            (factor / mean, math.sqrt(max(a, 1.0)) / b / mean)
            for factor, a, b in zip(factors, above, below, strict=True)
        ]


def _rising(growth: float, days: int) -> Vector:
    """The share of the new users who sign up on each day."""
    found = [(1 + growth) ** (day / 7) for day in range(days)]
    total = math.fsum(found)
    return [each / total for each in found]


def _known(points: dict[int, Estimate]) -> dict[int, Estimate]:
    """Without shares of which nothing is known but that they lie somewhere; but for the best."""
    found = {
        point: each for point, each in points.items() if each[1] < UNKNOWN * each[0]
    }
    if found or not points:
        return found
    best = min(points, key=lambda point: points[point][1] / max(points[point][0], 1e-9))
    return {best: points[best]}


def _product(first: Sequence[float], second: Sequence[float]) -> float:
    return math.fsum(map(mul, first, second))


def _sum(first: Vector, second: Vector) -> Vector:
    return [a + b for a, b in zip(first, second, strict=True)]


def _ages(days: float) -> list[tuple[int, float]]:
    """Ages of 1 to so many days with their weights; many of them in thirty strata."""
    whole = max(1, round(days))
    if whole <= 30:
        return [(age, 1 / whole) for age in range(1, whole + 1)]
    return [(1 + int((n + 0.5) * whole / 30), 1 / 30) for n in range(30)]


def _positions(points: list[int], days: int) -> list[list[tuple[int, float]]]:
    """For each day since signing up: the points between which it lies, and its part of each."""
    found: list[list[tuple[int, float]]] = []
    for day in range(days):
        behind = next((n for n, point in enumerate(points) if point > day), len(points))
        if behind == 0:
            found.append([(0, 1.0)])
        elif behind == len(points):
            found.append([(behind - 1, 1.0)])
        else:
            low, high = points[behind - 1], points[behind]
            part = math.log(day / low) / math.log(high / low)
            found.append([(behind - 1, 1 - part), (behind, part)])
    return found


def falling(points: dict[int, Estimate], most: float = 1.0) -> dict[int, Estimate]:
    """Estimates that do not rise, and lie below a largest one.

    Adjacent days that rise become one, each with the weight of its precision (isotonic regression).

    Args:
        points: By day.
        most: The largest share that there may be.

    Returns:
        The same days with their errors.
    """
    pools: list[tuple[float, float, list[int]]] = []
    for day, (share, error) in sorted(points.items()):
        pool = (share, max(error, 1e-6) ** -2, [day])
        while pools and pools[-1][0] < pool[0]:
            above, weight, days = pools.pop()
            total = weight + pool[1]
            mean = (above * weight + pool[0] * pool[1]) / total
            pool = (mean, total, [*days, *pool[2]])
        pools.append(pool)
    return {
        day: (min(max(share, LEAST_SHARE), most), points[day][1])
        for share, _, days in pools
        for day in days
    }


@dataclass
class Cells:
    """Numbers whose means are estimated.

    Attributes:
        counts: The numbers.
        trials: Of how many, for binomial ones; infinite for Poisson numbers.
    """

    counts: Vector
    trials: Vector

    def loss(self, means: Vector) -> float:
        """The negative log-likelihood."""
        total = 0.0
        for x, n, m in zip(self.counts, self.trials, means, strict=True):
            total += m - x * math.log(m) if n == math.inf else _binomial_loss(x, n, m)
        return total

    def variances(self, means: Vector) -> Vector:
        """The variance of each number."""
        return [m * (1 - m / n) for m, n in zip(means, self.trials, strict=True)]


def _binomial_loss(x: float, n: float, mean: float) -> float:
    return -x * math.log(mean / n) - (n - x) * math.log1p(-mean / n)


@dataclass
class Maximum:
    """Where a likelihood is largest.

    Attributes:
        loss: The negative log-likelihood there.
        theta: The parameters.
        means: The means of the numbers.
        information: The information on the parameters.
        scaled: By parameter, the slope of each mean over its variance.
    """

    loss: float
    theta: Vector
    means: Vector
    information: list[Vector]
    scaled: list[Vector]


def _most_likely(
    cells: Cells,
    means: Means,
    theta: Vector,
    limits: list[tuple[float, float]],
    priors: list[tuple[float, float]],
    steps: int,
) -> Maximum:
    """Fisher scoring within limits.

    A prior is a mean with the inverse of its variance.
    """

    def clipped(values: Vector) -> Vector:
        return [
            min(max(v, low), high)
            for v, (low, high) in zip(values, limits, strict=True)
        ]

    def loss_of(mu: Vector, theta: Vector) -> float:
        pairs = zip(theta, priors, strict=True)
        return cells.loss(mu) + math.fsum(w * (t - m) ** 2 / 2 for t, (m, w) in pairs)

    theta = clipped(theta)
    mu = means(theta)
    loss = loss_of(mu, theta)
    information: list[Vector] = []
    scaled: list[Vector] = []
    for step in range(steps + 1):
        slopes = []
        for i, (low, high) in enumerate(limits):
            if low == high:
                slopes.append([0.0] * len(mu))
                continue
            width = 1e-5 if theta[i] + 1e-5 <= high else -1e-5
            moved = means([*theta[:i], theta[i] + width, *theta[i + 1 :]])
            slopes.append([(a - b) / width for a, b in zip(moved, mu, strict=True)])
        variances = cells.variances(mu)
        scaled = [
            [s / v for s, v in zip(row, variances, strict=True)] for row in slopes
        ]
        information = [[_product(a, b) for b in slopes] for a in scaled]
        rest = [x - m for x, m in zip(cells.counts, mu, strict=True)]
        score = [_product(row, rest) for row in scaled]
        for i, (mean, weight) in enumerate(priors):
            information[i][i] += weight
            score[i] -= weight * (theta[i] - mean)
        if step == steps:
            break
        free = [
            i
            for i, (low, high) in enumerate(limits)
            if low < high
            and not (theta[i] <= low and score[i] < 0)
            and not (theta[i] >= high and score[i] > 0)
        ]
        matrix = [
            [information[i][j] * (1 + 1e-9 * (i == j)) for j in free] for i in free
        ]
        move = _solved(matrix, [score[i] for i in free])
        part, gain = 1.0, 0.0
        for _ in range(12):
            new = list(theta)
            for place, i in enumerate(free):
                new[i] += part * move[place]
            new = clipped(new)
            new_mu = means(new)
            new_loss = loss_of(new_mu, new)
            if new_loss < loss:
                gain = loss - new_loss
                theta, mu, loss = new, new_mu, new_loss
                break
            part /= 2
        # a unit of the log-likelihood is an error wide
        if gain < 1e-5:
            break
    return Maximum(loss, theta, mu, information, scaled)


def _errors(
    found: Maximum,
    limits: list[tuple[float, float]],
    covariances: list[tuple[int, int, float]],
) -> Vector:
    """Standard errors by the covariances of the numbers (sandwich); none on a limit."""
    pairs = enumerate(zip(found.theta, limits, strict=True))
    free = [i for i, (value, (low, high)) in pairs if low < value < high]
    matrix = [[found.information[i][j] for j in free] for i in free]
    errors = [0.0] * len(found.theta)
    for place, i in enumerate(free):
        unit = [1.0 if n == place else 0.0 for n in range(len(free))]
        row = _solved(matrix, unit)
        # the influence of each number on the estimate
        influence = [0.0] * len(found.means)
        for weight, j in zip(row, free, strict=True):
            for n, slope in enumerate(found.scaled[j]):
                influence[n] += weight * slope
        variance = math.fsum(influence[a] * influence[b] * c for a, b, c in covariances)
        errors[i] = math.sqrt(max(variance, 0.0))
    return errors


def _solved(matrix: list[Vector], right: Vector) -> Vector:
    """The solution of a symmetric system; 0 where it has none."""
    size = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    scale = [math.sqrt(abs(matrix[i][i])) or 1.0 for i in range(size)]
    rows = [
        [rows[i][j] / scale[i] / (scale[j] if j < size else 1) for j in range(size + 1)]
        for i in range(size)
    ]
    for i in range(size):
        pivot = max(range(i, size), key=lambda row: abs(rows[row][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        if abs(rows[i][i]) < 1e-12:
            rows[i] = [0.0] * (size + 1)
            rows[i][i] = 1.0
        for j in range(size):
            if j != i and rows[j][i]:
                factor = rows[j][i] / rows[i][i]
                rows[j] = [
                    a - factor * b for a, b in zip(rows[j], rows[i], strict=True)
                ]
    return [rows[i][size] / rows[i][i] / scale[i] for i in range(size)]


# sessions of an active day


@dataclass
class Sessions:
    """Sessions per active day by segment, and the spread between users."""

    means: dict[str, Estimate]
    spread: Estimate


# nodes and weights of Gauss and Hermite for a normal with mean 0 and variance 1
def _nodes(count: int) -> list[tuple[float, float]]:
    """An even grid of a normal, which is as exact for a smooth function."""
    step = 12 / count
    points = [-6 + step * (n + 0.5) for n in range(count)]
    weights = [math.exp(-(x**2) / 2) for x in points]
    total = math.fsum(weights)
    return [(x, w / total) for x, w in zip(points, weights, strict=True)]


def estimate_sessions(
    histogram: dict[str, dict[tuple[int, int], int]],
) -> Sessions:
    """Sessions beyond the first one of a day: geometric, with a log-normal factor of the user.

    The sum over a user's n active days is negative binomial with n and the user's mean. The mean is
    that of all days; the spread has the largest likelihood of the users' sums.

    Args:
        histogram: By segment: users by active days and further sessions.

    Returns:
        Means, at least 1, and the spread.
    """
    means: dict[str, Estimate] = {}
    for name, cells in histogram.items():
        days = math.fsum(n * count for (n, _), count in cells.items())
        further = math.fsum(y * count for (_, y), count in cells.items())
        mean = further / days if days else 0.0
        squares = math.fsum(
            count * (y - mean * n) ** 2 for (n, y), count in cells.items()
        )
        means[name] = (1 + mean, math.sqrt(max(squares, 1.0)) / days if days else 0.0)
    nodes = _nodes(32)
    tables = {
        name: list(cells.items())
        for name, cells in histogram.items()
        if means[name][0] > 1
    }

    def loss(spread: float) -> float:
        total = 0.0
        for name, cells in tables.items():
            mean = means[name][0] - 1
            logs = []
            for x, weight in nodes:
                rate = mean * math.exp(spread * x - spread**2 / 2)
                logs.append(
                    (math.log(weight), math.log(rate / (1 + rate)), -math.log1p(rate))
                )
            for (days, further), count in cells:
                terms = [w + further * p + days * q for w, p, q in logs]
                top = max(terms)
                total -= count * (
                    top + math.log(math.fsum(math.exp(term - top) for term in terms))
                )
        return total

    if not tables:
        return Sessions(means, (0.0, 0.0))
    low, high = 0.0, 1.5
    ratio = (math.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = loss(left), loss(right)
    while high - low > 1e-3:
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = loss(right)
    spread = (low + high) / 2
    if spread < 2e-3:
        spread = 0.0
    step = 0.02
    # the law has the spread squared, so that a spread of 0 has no slope
    middle = max(spread, step)
    curvature = (loss(middle + step) - 2 * loss(middle) + loss(middle - step)) / step**2
    error = 1 / math.sqrt(curvature) if curvature > 0 else 0.0
    return Sessions(means, (spread, error))


def pooled(values: Sequence[tuple[float, int]], least: int) -> list[float]:
    """Weights of adjacent cells, those of too few users made one with their neighbours.

    Args:
        values: The weight and the users of each cell, around a circle.
        least: Users that a cell must have.

    Returns:
        The weights.
    """
    groups = [([n], weight, users) for n, (weight, users) in enumerate(values)]
    while len(groups) > 1:
        small = min(range(len(groups)), key=lambda n: groups[n][2])
        if groups[small][2] >= least:
            break
        other = (small + 1) % len(groups)
        if groups[small - 1][2] < groups[other][2]:
            other = (small - 1) % len(groups)
        a, b = groups[small], groups[other]
        # a user may be in both, so that the larger one is all that is certain
        joined = ([*a[0], *b[0]], a[1] + b[1], max(a[2], b[2]))
        groups = [g for n, g in enumerate(groups) if n not in (small, other)]
        groups.append(joined)
        groups.sort(key=lambda group: min(group[0]))
    found = [0.0] * len(values)
    for cells, weight, _ in groups:
        for cell in cells:
            found[cell] = weight / len(cells)
    return found
