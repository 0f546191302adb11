"""The numbers that a world's file declares, as claims to be tested on the built tables."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import NormalDist
from typing import Any

from diorama.worlds.expectation import signup_weights
from diorama.worlds.file import END, Drawn, World

QUANTILES = (0.1, 0.5, 0.9)
NORMAL = NormalDist()

# subject, group of segments, value, path in the file, declared number, probability
Share = tuple[str, str, str, str, float, float]


def claimed_shares(world: World) -> list[list[Any]]:
    """Shares of draws: for each subject and group of segments, the probability of a value."""
    return [list(share) for share in _shares(world)]


def thresholds(world: World) -> list[list[Any]]:
    """Numbers of which a share lies at or below a threshold.

    Returns:
        Subject, scope, owner, name, the threshold in units of the last decimal (of gaps:
        milliseconds), and the probability.
    """
    return [list(each) for each in _thresholds(world)]


def groups(world: World) -> list[list[Any]]:
    """Which group of segments a segment is in, by subject: those with weights of their own."""
    rows = []
    for subject, by_segment in _weighted(world):
        for number, segment in enumerate(world.segment_names):
            label = segment if segment in by_segment else ""
            rows.append([subject, number, label])
    return rows


def _weighted(world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    """What may have other weights in a segment, by subject."""
    for name, event in world.events.items():
        yield f"events.{name}.next", event.next.by_segment
    for path, drawn in properties(world):
        yield path, drawn.categories.by_segment if drawn.categories else {}
    for name, experiment in world.experiments.items():
        split = dict.fromkeys(world.segment_names) if experiment.is_biased else {}
        yield f"experiments.{name}.split", split
    for subject in ("segments", "signups", "hours", "experiments", "activity_spread"):
        yield subject, {}
    for kind in world.items:
        yield f"items.{kind}.popularity.1", {}
        yield f"items.{kind}.popularity.10", {}
    for subject, *_ in _thresholds(world):
        yield subject, {}


def properties(world: World) -> Iterator[tuple[str, Drawn]]:
    """All properties by their path in the file."""
    for name, drawn in world.users_have.items():
        yield f"users_have.{name}", drawn
    for name, drawn in world.sessions_have.items():
        yield f"sessions_have.{name}", drawn
    for kind, items in world.items.items():
        for name, drawn in items.has.items():
            yield f"items.{kind}.has.{name}", drawn
    for event, said in world.events.items():
        for name, drawn in said.has.items():
            yield f"events.{event}.has.{name}", drawn


def _normed(weights: dict[str, float]) -> dict[str, float]:
    total = math.fsum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _by_group(
    subject: str, weights: dict[str, float], by_segment: dict[str, dict[str, float]]
) -> Iterator[Share]:
    for label, of in [("", weights), *by_segment.items()]:
        path = f"{subject}.by_segment.{label}" if label else subject
        for value, share in _normed(of).items():
            yield subject, label, value, f"{path}.{value}", share, share


def _shares(world: World) -> Iterator[Share]:
    for name, share in world.shares.items():
        yield "segments", "", name, f"segments.{name}.share", share, share
    before = world.signups.before
    yield "signups", "", "before", "signups.before", before, before
    for hour, share in enumerate(world.hour_weights):
        share /= math.fsum(world.hour_weights)
        yield "hours", "", str(hour), f"hours.{hour}", share, share
    for name, event in world.events.items():
        yield from _by_group(
            f"events.{name}.next", event.next.weights, event.next.by_segment
        )
    for path, drawn in properties(world):
        if drawn.categories:
            yield from _by_group(
                path, drawn.categories.weights, drawn.categories.by_segment
            )
    for kind, items in world.items.items():
        exponent, weights = items.popularity.zipf, []
        for rank in range(1, items.count + 1):
            weights.append(rank**-exponent)
        for first in (1, 10):
            if items.count > first:
                share = math.fsum(weights[:first]) / math.fsum(weights)
                subject = f"items.{kind}.popularity.{first}"
                path = f"items.{kind}.popularity (the first {first})"
                yield subject, "", "first", path, share, share
    told = [e.users for e in world.experiments.values() if e.users is not None]
    unsaid = len(world.experiments) - len(told)
    for name, experiment in world.experiments.items():
        share = experiment.users
        share = (1 - math.fsum(told)) / unsaid if share is None else share
        yield "experiments", "", name, f"experiments.{name}.users", share, share
        subject = f"experiments.{name}.split"
        labels = world.segment_names if experiment.is_biased else [""]
        for label in labels:
            split = experiment.split_of(label or world.segment_names[0])
            path = f"{subject}.{label}" if label else subject
            for variant, part in _normed(split).items():
                yield subject, label, variant, f"{path}.{variant}", part, part
    for subject, _, _, _, _, probability in _thresholds(world):
        path, _, quantile = subject.partition("@")
        claim = f"{path} (share up to quantile {quantile})"
        yield subject, "", "below", claim, probability, probability


def _thresholds(
    world: World,
) -> Iterator[tuple[str, str, str | None, str | None, int, float]]:
    if world.activity_spread:
        sd = world.activity_spread
        for q in QUANTILES:
            most = math.floor(1e6 * math.exp(NORMAL.inv_cdf(q) * sd - sd**2 / 2))
            log = math.log((most + 0.5) / 1e6)
            share = NORMAL.cdf((log + sd**2 / 2) / sd)
            yield f"activity_spread@{q}", "users", None, None, most, share
    for name, event in world.events.items():
        if name == world.first_event and not any(
            e.next.of(s).get(name)
            for e in world.events.values()
            for s in world.segment_names
        ):
            continue
        mu, sigma = math.log(event.after.median), math.log(event.after.spread)
        for q in QUANTILES if sigma else ():
            most = math.floor(math.exp(mu + sigma * NORMAL.inv_cdf(q)))
            if 20 < most < 21_000_000:
                share = NORMAL.cdf((math.log(most + 1) - mu) / sigma)
                yield f"events.{name}.after@{q}", "gaps", name, None, most, share
    for path, drawn in properties(world):
        scope, _, rest = path.partition(".")
        owner = rest.split(".")[0] if scope in ("items", "events") else None
        name = path.rpartition(".")[2]
        for q in QUANTILES:
            found = _threshold(drawn, q)
            if found and 0.02 < found[1] < 0.98:
                scope_ = scope.removesuffix("_have")
                yield f"{path}@{q}", scope_, owner, name, *found


def _threshold(drawn: Drawn, q: float) -> tuple[int, float] | None:
    """A threshold in units of the last decimal, and the exact share at or below it."""
    unit = 10**drawn.places
    if drawn.lognormal:
        mu, sigma = math.log(drawn.lognormal.median), math.log(drawn.lognormal.spread)
        if not sigma:
            return None
        most = math.floor(unit * math.exp(mu + sigma * NORMAL.inv_cdf(q)))
        return most, NORMAL.cdf((math.log((most + 0.5) / unit) - mu) / sigma)
    if drawn.normal:
        mean, sd = drawn.normal.mean, drawn.normal.sd
        most = math.floor(unit * (mean + sd * NORMAL.inv_cdf(q)))
        return most, NORMAL.cdf(((most + 0.5) / unit - mean) / sd)
    if drawn.uniform:
        low, high = drawn.uniform
        most = math.floor(unit * (low + q * (high - low)))
        return most, min(1.0, max(0.0, ((most + 0.5) / unit - low) / (high - low)))
    if drawn.exponential is not None:
        most = math.floor(-unit * drawn.exponential * math.log(1 - q))
        return most, 1 - math.exp(-(most + 0.5) / unit / drawn.exponential)
    if drawn.integers:
        low, high = drawn.integers
        most = low + math.floor(q * (high - low + 1))
        return most, (most - low + 1) / (high - low + 1)
    if drawn.geometric is not None and drawn.geometric < 1:
        most = max(1, math.floor(math.log(1 - q) / math.log(1 - drawn.geometric)))
        return most, 1 - (1 - drawn.geometric) ** most
    if drawn.poisson is not None:
        share = total = math.exp(-drawn.poisson)
        most = 0
        while total < q:
            most += 1
            share *= drawn.poisson / most
            total += share
        return most, total
    return None


def other_claims(world: World) -> list[list[Any]]:
    """Claims that are no shares of draws.

    Returns:
        Kind, path, declared number, segment (None for all), and what it is of: a day since the
        sign-up, a day of the week; experiment, variant and number of the effect.
    """
    rows: list[list[Any]] = []
    by_segment = any(isinstance(each, dict) for each in world.retention.values())
    for number, segment in enumerate(world.segment_names if by_segment else [""]):
        for day, share in world.retention_of(segment).items():
            path = f"retention.{segment}.{day}" if by_segment else f"retention.{day}"
            rows.append(["retention", path, share, number if by_segment else None, day])
    told = world.sessions_per_active_day
    if isinstance(told, dict):
        for number, segment in enumerate(world.segment_names):
            path = f"sessions_per_active_day.{segment}"
            rows.append(["sessions", path, told[segment], number, None])
    else:
        rows.append(["sessions", "sessions_per_active_day", told, None, None])
    for day, factor in enumerate(world.weekday_factors, 1):
        rows.append(["weekday", f"weekdays.{day}", factor, None, day])
    weights = signup_weights(world)
    arriving = {day: share for day, share in weights.items() if day >= 0}
    total = math.fsum(arriving.values())
    if total > 0:
        mean = math.fsum(day * share for day, share in arriving.items()) / total
        path = "signups.weekly_growth (mean day of sign-up)"
        rows.append(["signup_day", path, mean, None, None])
    return rows


def effect_claims(world: World) -> list[list[Any]]:
    """Claims on effects: path, factor, experiment, variant, target, event, next, segment."""
    events = {name: number for number, name in enumerate(world.events, 1)}
    rows = []
    for number, (name, experiment) in enumerate(world.experiments.items()):
        variants = {variant: n for n, variant in enumerate(experiment.variants)}
        for variant, effects in experiment.effects.items():
            for place, effect in enumerate(effects):
                source, target = effect.edge or (effect.gap, None)
                novelty = effect.novelty
                kind = (
                    "transition" if effect.edge else "gap" if effect.gap else effect.on
                )
                path = f"experiments.{name}.effects.{variant}.{place} ({effect.on})"
                for n, segment in enumerate(world.segment_names):
                    if not effect.segments or segment in effect.segments:
                        rows.append(
                            [
                                *(path, effect.times, number, variants[variant], kind),
                                events.get(source or ""),
                                (0 if target == END else events[target])
                                if target
                                else None,
                                n,
                                *(effect.times, novelty.extra if novelty else None),
                                novelty.half_life_days if novelty else None,
                            ]
                        )
    return rows
