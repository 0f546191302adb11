"""A declared world as rows of parameters, which the models of `custom` read (`declared_world`)."""

from __future__ import annotations

import datetime
import math
import re
from typing import Any

from diorama.analysis.inputs import metric_row, roles_of
from diorama.analysis.plan import Metric
from diorama.worlds import claims
from diorama.worlds.expectation import expected
from diorama.worlds.file import Drawn, World, names_in

BILLION = 10**9
SCOPES = {"users": "users_have", "sessions": "sessions_have"}


def declared(world: World, variables: dict[str, Any]) -> dict[str, Any]:
    """The rows of a world, by part, as JSON can hold them.

    Args:
        world: The world.
        variables: Settings that are given in place of the file's.

    Returns:
        Its name, single numbers, and for each part a list of rows in the order of the columns that
        the macro declared_columns names.
    """
    world = with_settings(world, variables)
    segments = {name: number for number, name in enumerate(world.segment_names)}
    events = {name: number for number, name in enumerate(world.events, 1)}
    kinds = {name: number for number, name in enumerate(world.items)}
    return {
        "name": world.world,
        "folder": re.sub("[^a-z0-9]+", "_", world.world.lower()).strip("_") or "custom",
        "settings": {
            "custom_users": expected(world).users,
            "custom_start_date": str(world.start),
            "custom_days": world.days,
        },
        "has_visible_segments": world.visible_segments,
        "activity_spread": world.activity_spread,
        "signups_before": world.signups.before,
        "signups_before_days": world.signups.before_days,
        "signups_weekly_growth": world.signups.weekly_growth,
        "segments": [
            [segments[name], name, low, below, world.sessions_of(name)]
            for name, low, below in _intervals(world.shares)
        ],
        "retention": [
            [segments[name], day, share]
            for name in segments
            for day, share in world.retention_of(name).items()
        ],
        "hours": [
            [hour, round(BILLION * weight / math.fsum(world.hour_weights))]
            for hour, weight in enumerate(world.hour_weights)
        ],
        "weekdays": [[n, f] for n, f in enumerate(world.weekday_factors, 1)],
        "events": [
            [
                events[name],
                name,
                math.log(event.after.median),
                math.log(event.after.spread),
                kinds.get(event.picks or ""),
                kinds.get(event.picks or event.keeps or ""),
            ]
            for name, event in world.events.items()
        ],
        "transitions": [
            [segments[segment], events[name], events.get(target, 0), share]
            for name, event in world.events.items()
            for segment in segments
            for target, share in _shares(event.next.of(segment)).items()
        ],
        "items": [
            [kinds[name], name, items.count, items.popularity.zipf]
            for name, items in world.items.items()
        ],
        "properties": [
            *_properties(world, "users", None, world.users_have, segments),
            *_properties(world, "sessions", None, world.sessions_have, segments),
            *(
                row
                for kind, items in world.items.items()
                for row in _properties(world, "items", kind, items.has, segments)
            ),
            *(
                row
                for name, event in world.events.items()
                for row in _properties(world, "events", name, event.has, segments)
            ),
        ],
        **_experiments(world, segments, events),
        "facts": _facts(world),
        "claimed_shares": claims.claimed_shares(world),
        "claim_groups": claims.groups(world),
        "thresholds": claims.thresholds(world),
        "other_claims": claims.other_claims(world),
        "effect_claims": claims.effect_claims(world),
    }


def _shares(weights: dict[str, float]) -> dict[str, float]:
    total = math.fsum(weights.values())
    return {name: weight / total for name, weight in weights.items() if weight}


def _intervals(weights: dict[str, float]) -> list[tuple[str, int, int]]:
    """Consecutive intervals of a draw in parts per billion, by weight."""
    shares, rows, low = _shares(weights), [], 0
    names = list(shares)
    for number, name in enumerate(names):
        is_last = number == len(names) - 1
        total = math.fsum(list(shares.values())[: number + 1])
        below = BILLION if is_last else round(BILLION * total)
        rows.append((name, low, below))
        low = below
    return rows


def _poisson(rate: float) -> dict[str, float]:
    """The probabilities of a Poisson number, those below 1e-10 at its end left out."""
    shares, count = {}, 0
    while True:
        share = math.exp(-rate + count * math.log(rate) - math.lgamma(count + 1))
        if share < 1e-10 and count > rate:
            return shares
        shares[str(count)] = share
        count += 1


def _properties(
    world: World,
    scope: str,
    owner: str | None,
    properties: dict[str, Drawn],
    segments: dict[str, int],
) -> list[dict[str, Any]]:
    return [
        {
            "scope": scope,
            "owner": owner,
            "name": name,
            "method": drawn.method,
            "is_number": drawn.is_number,
            "places": drawn.places,
            **_parameters(drawn, segments),
        }
        for name, drawn in properties.items()
    ]


def _parameters(drawn: Drawn, segments: dict[str, int]) -> dict[str, Any]:
    """The parameters of a property, as the macros property_draw and property_value take them."""
    if drawn.lognormal:
        return {
            "parameters": [
                math.log(drawn.lognormal.median),
                math.log(drawn.lognormal.spread),
            ]
        }
    if drawn.normal:
        return {"parameters": [drawn.normal.mean, drawn.normal.sd]}
    if drawn.uniform:
        return {"parameters": list(drawn.uniform)}
    if drawn.integers:
        return {"parameters": [drawn.integers[0], drawn.integers[1] + 1]}
    if drawn.exponential is not None:
        return {"parameters": [drawn.exponential]}
    if drawn.geometric is not None:
        return {"parameters": [drawn.geometric]}
    if drawn.poisson is not None:
        return {"choices": [[None, _intervals(_poisson(drawn.poisson))]]}
    if drawn.expression is not None:
        return {
            "expression": drawn.expression.strip(),
            "names": names_in(drawn.expression),
        }
    assert drawn.categories
    categories = drawn.categories
    return {
        "choices": [
            *(
                [segments[name], _intervals(weights)]
                for name, weights in categories.by_segment.items()
            ),
            [None, _intervals(categories.weights)],
        ],
        "values": list(
            dict.fromkeys(
                value
                for weights in (categories.weights, *categories.by_segment.values())
                for value in weights
            )
        ),
    }


def _experiments(
    world: World, segments: dict[str, int], events: dict[str, int]
) -> dict[str, Any]:
    """The experiments, for the generator and for the analysis."""
    told = {name: each.users for name, each in world.experiments.items()}
    left = 1 - math.fsum(share for share in told.values() if share is not None)
    unsaid = sum(share is None for share in told.values())
    shares = {
        name: left / unsaid if share is None else share for name, share in told.items()
    }
    found: dict[str, list[Any]] = {
        name: []
        for name in (
            *("running", "variants", "effects"),
            *("analysed_experiments", "analysed_variants", "analysed_metrics"),
        )
    }
    low = 0.0
    for number, (name, experiment) in enumerate(world.experiments.items()):
        below = low + shares[name]
        exposed = experiment.exposed
        found["running"].append(
            [
                number,
                name,
                events[exposed.first or world.first_event],
                exposed.from_day,
                round(BILLION * low),
                round(BILLION * below),
            ]
        )
        low = below
        variants = {variant: n for n, variant in enumerate(experiment.variants)}
        for segment, segment_number in segments.items():
            split = experiment.split_of(segment)
            for variant, from_, to in _intervals({v: split[v] for v in variants}):
                row = [number, variants[variant], variant, segment_number, from_, to]
                found["variants"].append([*row, (to - from_) / BILLION])
        for variant, effects in experiment.effects.items():
            for effect in effects:
                source, target = effect.edge or (effect.gap, None)
                novelty = effect.novelty
                for segment in effect.segments or segments:
                    found["effects"].append(
                        [
                            *(number, variants[variant], segments[segment]),
                            "transition"
                            if effect.edge
                            else "gap"
                            if effect.gap
                            else effect.on,
                            events.get(source or ""),
                            events.get(target, 0) if target else None,
                            effect.times,
                            novelty.extra if novelty else None,
                            novelty.half_life_days if novelty else None,
                        ]
                    )
        _analysed(world, name, found)
    return found


def _analysed(world: World, name: str, found: dict[str, list[Any]]) -> None:
    """Adds what the analysis knows of an experiment, in the columns of the input layer."""
    experiment = world.experiments[name]
    is_biased = experiment.is_biased
    default = "post_stratified" if world.visible_segments else "naive"
    if experiment.covariate_days:
        default = "post_stratified_cuped" if world.visible_segments else "cuped"
    if is_biased and not world.visible_segments:
        default = "ipw"
    longest = max(world_days(world, metric)[1] for metric in world.metrics.values())
    found["analysed_experiments"].append(
        [
            *(name, experiment.variants[0], "biased" if is_biased else "randomized"),
            *(experiment.estimator or default, longest + 1, 7, None),
        ]
    )
    shares = _shares(experiment.split_of(world.segment_names[0]))
    for variant in experiment.variants:
        found["analysed_variants"].append(
            [name, variant, None if is_biased else shares[variant]]
        )
    roles = roles_of([(key, metric.role) for key, metric in world.metrics.items()])
    for key, metric in world.metrics.items():
        places = places_of(world, metric.fact) if metric.kind != "proportion" else 0
        below = places_of(world, metric.per) if metric.per else 0
        found["analysed_metrics"].append(
            metric_row(
                name,
                key,
                metric,
                roles[key],
                metric.kind or ("ratio" if metric.per else "mean"),
                metric.fact,
                metric.per,
                "days" if metric.aggregation == "days" else "sum",
                world_days(world, metric),
                10 ** max(places - below, 0),
                experiment.covariate_days,
            )
        )


def world_days(world: World, metric: Metric) -> tuple[int, int]:
    """The first and last day of a metric."""
    if metric.days is not None:
        return metric.days
    return 0, max([m.days[1] for m in world.metrics.values() if m.days], default=13)


def places_of(world: World, fact: str) -> int:
    """Decimals of what a fact adds up."""
    event, _, name = fact.partition(".")
    return world.events[event].has[name].places if name else 0


def _facts(world: World) -> list[list[Any]]:
    """What metrics are of: fact, event, and the number that is added up, where one is."""
    used = dict.fromkeys(
        fact for metric in world.metrics.values() for fact in (metric.fact, metric.per)
    )
    rows = []
    for fact in used:
        if fact and fact != "active":
            event, _, name = fact.partition(".")
            rows.append([fact, event, name or None, places_of(world, fact)])
    return rows


def with_settings(world: World, variables: dict[str, Any]) -> World:
    """Applies settings to a world; they override its file."""
    changed: dict[str, Any] = {}
    if "custom_users" in variables:
        changed |= {"users": variables["custom_users"], "target_events": None}
    if "custom_days" in variables:
        changed["days"] = variables["custom_days"]
    if "custom_start_date" in variables:
        start = str(variables["custom_start_date"])
        changed["start"] = datetime.date.fromisoformat(start)
    return world.model_copy(update=changed)
