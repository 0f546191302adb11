"""What a declared world implies before it is built: expected counts, and contradictions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from diorama.files.declaration import KeyPath
from diorama.worlds.file import END, MOST_EVENTS, Effect, World

LONGEST_SESSION = 4 * 3_600_000  # mean, in milliseconds; no session goes on after a day
TAIL = 1e-9

Matrix = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Expectation:
    """Expected numbers of a world.

    Attributes:
        users: Number of users, including those who signed up before the start.
        active_days: Number of user-days with activity.
        sessions: Number of sessions.
        events: Number of events by kind.
        session_ms: Mean length of a session in milliseconds.
    """

    users: int
    active_days: float
    sessions: float
    events: dict[str, float]
    session_ms: float

    @property
    def total(self) -> float:
        """Number of all events."""
        return math.fsum(self.events.values())


def _solved(rows: list[list[float]]) -> list[float]:
    """Solves linear equations, each a row of coefficients and its right-hand side."""
    rows, size = [list(row) for row in rows], len(rows)
    for i in range(size):
        pivot = max(range(i, size), key=lambda row: abs(rows[row][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for j in range(size):
            if j != i and rows[j][i]:
                factor = rows[j][i] / rows[i][i]
                rows[j] = [
                    a - factor * b for a, b in zip(rows[j], rows[i], strict=True)
                ]
    return [rows[i][size] / rows[i][i] for i in range(size)]


class Walk:
    """The walk of a session in a segment, without effects or with those of a variant."""

    def __init__(self, world: World, segment: str, effects: list[Effect]) -> None:
        """Takes the effects at their largest."""
        self.world = world
        self.effects = [e for e in effects if not e.segments or segment in e.segments]
        self.matrix: Matrix = {}
        for name, event in world.events.items():
            weights = event.next.of(segment)
            total = math.fsum(weights.values())
            shares = {to: w / total for to, w in weights.items() if w} if total else {}
            self.matrix[name] = self._changed(name, shares)

    def _changed(self, name: str, shares: dict[str, float]) -> dict[str, float]:
        factors: dict[str, float] = {}
        for effect in self.effects:
            if effect.edge and effect.edge[0] == name and effect.edge[1] in shares:
                target = effect.edge[1]
                factors[target] = factors.get(target, 1.0) * effect.most
        raised = {to: shares[to] * factor for to, factor in factors.items()}
        rest = 1 - math.fsum(shares[to] for to in raised)
        left = 1 - math.fsum(raised.values())
        if not raised:
            return shares
        return {
            to: raised.get(to, share * left / rest if rest > 0 else 0.0)
            for to, share in shares.items()
        }

    @cached_property
    def visits(self) -> dict[str, float]:
        """Events of each kind that a session is expected to have: n = start + n P."""
        names = list(self.matrix)
        rows = [
            [
                *(
                    (i == j) - self.matrix[other].get(name, 0.0)
                    for j, other in enumerate(names)
                ),
                1.0 if i == 0 else 0.0,
            ]
            for i, name in enumerate(names)
        ]
        return dict(zip(names, _solved(rows), strict=True))

    def chance_of(self, event: str) -> float:
        """The probability that a session has an event of a kind: h = 1 there, else h = P h."""
        names = list(self.matrix)
        rows = [
            [
                *(
                    (i == j) - (name != event) * self.matrix[name].get(other, 0.0)
                    for j, other in enumerate(names)
                ),
                1.0 if name == event else 0.0,
            ]
            for i, name in enumerate(names)
        ]
        return _solved(rows)[0]

    def reachable(self) -> set[str]:
        """The events that a session can reach, and `end`."""
        found, new = {self.world.first_event}, [self.world.first_event]
        while new:
            for target, share in self.matrix.get(new.pop(), {}).items():
                if share > 0 and target not in found:
                    found.add(target)
                    if target != END:
                        new.append(target)
        return found

    def endless(self) -> list[str]:
        """The events from which a session cannot end."""
        ends = {END}
        while True:
            more = {
                name
                for name, shares in self.matrix.items()
                if any(share > 0 and to in ends for to, share in shares.items())
            } - ends
            if not more:
                break
            ends |= more
        return [name for name in self.matrix if name in self.reachable() - ends]

    def tail(self) -> float:
        """The probability that a session has more events than there may be."""
        state = {self.world.first_event: 1.0}
        for _ in range(MOST_EVENTS):
            following: dict[str, float] = {}
            for name, mass in state.items():
                for target, share in self.matrix[name].items():
                    if target != END:
                        following[target] = following.get(target, 0.0) + mass * share
            state = following
            if math.fsum(state.values()) < TAIL:
                return 0.0
        return math.fsum(state.values())

    def mean_ms(self) -> float:
        """Expected length of a session in milliseconds."""
        total = 0.0
        for name, count in self.visits.items():
            after = self.world.events[name].after
            sigma = math.log(after.spread)
            mean = min(after.median * math.exp(sigma**2 / 2), 6 * 3_600_000)
            for effect in self.effects:
                if effect.gap == name:
                    mean *= effect.most
            first = 1.0 if name == self.world.first_event else 0.0
            total += max(count - first, 0.0) * mean
        return total


def daily_shares(world: World, segment: str, days: int) -> list[float]:
    """The share of a segment that is active on each day since signing up.

    Between two declared days the logarithm is linear in that of the day; day 0 is the sign-up.
    """
    points = [(day, share) for day, share in world.retention_of(segment).items()]
    shares = [1.0]
    for day in range(1, days):
        before = [point for point in points if point[0] <= day]
        behind = [point for point in points if point[0] > day]
        if not before:
            # from day 0, where all are, linear in the day
            (later, share) = behind[0]
            shares.append(share ** (day / later))
        elif not behind:
            shares.append(before[-1][1])
        else:
            (from_day, low), (to_day, high) = before[-1], behind[0]
            part = math.log(day / from_day) / math.log(to_day / from_day)
            shares.append(low * (high / low) ** part if low > 0 and high > 0 else 0.0)
    return shares


def signup_weights(world: World) -> dict[int, float]:
    """The share of users who sign up on each day of the world, those before it negative."""
    signups = world.signups
    growth = [(1 + signups.weekly_growth) ** (day / 7) for day in range(world.days)]
    total = math.fsum(growth)
    before = dict.fromkeys(
        range(-signups.before_days, 0), signups.before / signups.before_days
    )
    arriving = {
        day: (1 - signups.before) * weight / total for day, weight in enumerate(growth)
    }
    return before | arriving


def expected(world: World, users: int | None = None) -> Expectation:
    """Computes expected numbers of a world, without the effects of its experiments.

    Args:
        world: The world.
        users: Number of users, instead of the file's.

    Returns:
        Exact means of the mechanism.
    """
    days_per_user = {
        segment: _active_days(world, segment) for segment in world.segment_names
    }
    shares = world.shares
    of_one: dict[str, float] = dict.fromkeys(world.events, 0.0)
    sessions = active = length = 0.0
    for segment, share in shares.items():
        walk = Walk(world, segment, [])
        active += share * days_per_user[segment]
        here = share * days_per_user[segment] * world.sessions_of(segment)
        sessions += here
        length += here * walk.mean_ms()
        for name, count in walk.visits.items():
            of_one[name] += here * count
    if users is None:
        users = world.users or 10_000
        if world.target_events:
            each = math.fsum(of_one.values())
            users = max(1, round(world.target_events / each)) if each > 0 else 1
    return Expectation(
        users,
        users * active,
        users * sessions,
        {name: users * count for name, count in of_one.items()},
        length / sessions if sessions else 0.0,
    )


def _active_days(world: World, segment: str) -> float:
    """Days on which a user of a segment is expected to be active."""
    factors = world.weekday_factors
    first = world.start.weekday()
    shares = daily_shares(world, segment, world.days + world.signups.before_days)
    # summed up by weekday, so that a sign-up looks up its days in one step
    total = 0.0
    for day, weight in signup_weights(world).items():
        if weight == 0:
            continue
        start = max(0, -day)
        total += weight * math.fsum(
            1.0
            if since == 0
            else min(1.0, shares[since] * factors[(first + day + since) % 7])
            for since in range(start, world.days - day)
        )
    return total


def impossibilities(world: World) -> Iterator[tuple[KeyPath, str]]:
    """Contradictions in a world's file, each with its arithmetic."""
    if (
        math.fsum(each.share for each in world.segments.values()) == 0
        and world.segments
    ):
        yield ("segments",), "segments: all shares are 0."
        return
    if math.fsum(world.hour_weights) == 0:
        yield ("hours",), "hours: all weights are 0."
    if math.fsum(world.weekdays) == 0:
        yield ("weekdays",), "weekdays: all weights are 0."
        return
    yield from _of_retention(world)
    yield from _of_walks(world)
    yield from _of_items(world)
    yield from _of_experiments(world)


def _of_retention(world: World) -> Iterator[tuple[KeyPath, str]]:
    highest = max(world.weekday_factors)
    is_by_segment = any(isinstance(value, dict) for value in world.retention.values())
    for segment in world.segment_names if is_by_segment else world.segment_names[:1]:
        path: KeyPath = ("retention", segment) if is_by_segment else ("retention",)
        name = ".".join(path)
        points = world.retention_of(segment)
        before: tuple[int, float] | None = None
        for day, share in points.items():
            where = (*path, str(day))
            if not 1 <= day <= 3650:
                yield where, f"{name}.{day}: days since signing up go from 1 to 3650."
            if share == 0:
                yield where, f"{name}.{day} is 0. The least is 0.001%."
            elif before and share > before[1]:
                yield (
                    where,
                    f"{name} rises from {_percent(before[1])} on day {before[0]} to "
                    f"{_percent(share)} on day {day}, but users who have left do not return.",
                )
            elif share * highest > 1:
                yield (
                    where,
                    f"{name}.{day} is {_percent(share)}, and {_percent(share * highest)} on the "
                    f"strongest weekday ({highest:.3f} times the mean), but at most 100 %.",
                )
            before = (day, share)


def _variants(world: World) -> Iterator[tuple[KeyPath, list[Effect]]]:
    yield ("events",), []
    for name, experiment in world.experiments.items():
        for variant, effects in experiment.effects.items():
            yield ("experiments", name, "effects", variant), effects


def _of_walks(world: World) -> Iterator[tuple[KeyPath, str]]:
    said: set[str] = set()
    reached: set[str] = set()
    for path, effects in _variants(world):
        for segment in world.segment_names:
            walk = Walk(world, segment, effects)
            where = f" of segment {segment}" if len(world.segment_names) > 1 else ""
            problems = list(_of_chances(world, walk, segment, path))
            yield from problems
            if problems:
                continue
            reached |= walk.reachable()
            endless = walk.endless()
            text = ""
            if endless:
                text = (
                    f"a session{where} that has come to {endless[0]} never ends: no way leads from "
                    f"there to end."
                )
            elif (tail := walk.tail()) > 0:
                text = (
                    f"a session{where} has more than {MOST_EVENTS} events with probability "
                    f"{tail:.2g}. Give end a larger weight."
                )
            elif walk.mean_ms() > LONGEST_SESSION:
                text = (
                    f"a session{where} lasts {walk.mean_ms() / 3_600_000:.1f} hours on average, "
                    "but at most 4. Give shorter times, or end a larger weight."
                )
            if text and text not in said:
                said.add(text)
                yield path, f"{'.'.join(path)}: {text}"
    for name in world.events:
        if not said and name not in reached:
            sources = [s for s, e in world.events.items() if e.next.of("").get(name)]
            hint = (
                f" Only {', '.join(sources)} leads there, and cannot be reached either."
                if sources
                else " No event that can be reached has it under next."
            )
            first = world.first_event
            yield (
                ("events", name),
                f"events.{name} can never be reached from {first}.{hint}",
            )


def _of_chances(
    world: World, walk: Walk, segment: str, path: KeyPath
) -> Iterator[tuple[KeyPath, str]]:
    """Effects that lift a probability past 1."""
    plain = Walk(world, segment, [])
    for name in world.events:
        raised = {e.edge[1] for e in walk.effects if e.edge and e.edge[0] == name}
        if not raised:
            continue
        before = math.fsum(plain.matrix[name].get(to, 0.0) for to in raised)
        after = math.fsum(walk.matrix[name].get(to, 0.0) for to in raised)
        if after > 1 + 1e-12:
            targets = " and ".join(sorted(raised))
            yield (
                path,
                f"{'.'.join(path)} lifts the share of {name} that {targets} follows from "
                f"{_percent(before)} to {_percent(after)} in segment {segment}, but at most 100 %.",
            )
        elif before > 1 - 1e-12 and abs(after - before) > 1e-12:
            targets = " and ".join(sorted(raised))
            yield (
                path,
                f"{'.'.join(path)} changes the share of {name} that {targets} follows in segment "
                f"{segment}, but nothing else follows that could take the rest.",
            )


def _of_items(world: World) -> Iterator[tuple[KeyPath, str]]:
    """Items that are kept where none has been picked."""
    for segment in world.segment_names:
        walk = Walk(world, segment, [])
        for name, event in world.events.items():
            if event.keeps is None:
                continue
            found = _path_without_pick(world, walk, name, event.keeps)
            if found:
                yield (
                    ("events", name, "keeps"),
                    f"events.{name} keeps a {event.keeps}, but a session can come there without "
                    f"having picked one: {' -> '.join(found)}.",
                )
                return


def _path_without_pick(
    world: World, walk: Walk, name: str, kind: str
) -> list[str] | None:
    """A way to an event on which no item of a kind is picked."""
    first = world.first_event
    if world.events[first].picks == kind:
        return None
    paths = {first: [first]}
    new = [first]
    while new:
        here = new.pop(0)
        if here == name:
            return paths[here]
        for target, share in walk.matrix[here].items():
            if share > 0 and target != END and target not in paths:
                if world.events[target].picks == kind:
                    continue
                paths[target] = [*paths[here], target]
                new.append(target)
    return None


def _of_experiments(world: World) -> Iterator[tuple[KeyPath, str]]:
    told = [e.users for e in world.experiments.values() if e.users is not None]
    total = math.fsum(told)
    rest = len(world.experiments) - len(told)
    if total > 1 + 1e-9 or (rest and total > 1 - 1e-9):
        yield (
            ("experiments",),
            f"experiments take {_percent(total)} of the users"
            + (f" and leave none to {rest} more" if rest else "")
            + ". A user is in one experiment at most.",
        )
    highest = max(world.weekday_factors)
    for name, experiment in world.experiments.items():
        path: KeyPath = ("experiments", name)
        if experiment.exposed.from_day >= world.days:
            yield (
                (*path, "exposed", "from_day"),
                f"experiments.{name}.exposed.from_day is {experiment.exposed.from_day}, but the "
                f"world has the days 0 to {world.days - 1}.",
            )
        for variant, effects in experiment.effects.items():
            for segment in world.segment_names:
                mine = [e for e in effects if not e.segments or segment in e.segments]
                factor = math.prod(e.most for e in mine if e.on == "retention")
                share = max(world.retention_of(segment).values(), default=0.0)
                if share * factor * highest > 1 and factor > 1:
                    yield (
                        (*path, "effects", variant),
                        f"experiments.{name}.effects.{variant} lifts retention in {segment} "
                        f"from {_percent(share)} to {_percent(share * factor)}"
                        + (
                            f", and {_percent(share * factor * highest)} on the strongest weekday"
                            if highest > 1
                            else ""
                        )
                        + ", but at most 100 %.",
                    )
                sessions = math.prod(e.times for e in mine if e.on == "sessions")
                if world.sessions_of(segment) * sessions < 1:
                    yield (
                        (*path, "effects", variant),
                        f"experiments.{name}.effects.{variant} lowers sessions per active day in "
                        f"segment {segment} from {world.sessions_of(segment):g} to "
                        f"{world.sessions_of(segment) * sessions:.4g}, but an active day has one.",
                    )


def _percent(share: float) -> str:
    """A share as per cent, with four decimals at most."""
    return f"{100 * share:.4f}".rstrip("0").rstrip(".") + "%"
