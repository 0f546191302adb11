"""Draws the event table of a declared world in NumPy, by the law of the file alone.

It shares no code with the models of `custom`, nor with what fits a file.
"""

import math
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from diorama.worlds.expectation import daily_shares
from diorama.worlds.file import Drawn, World, names_in

Array = np.ndarray[Any, Any]
DAY_MS = 86_400_000


def write_events(world: World, users: int, seed: int, path: Path) -> int:
    """Writes the events of a world as Parquet.

    Args:
        world: The world, without experiments.
        users: Its users.
        seed: Of the draws.
        path: The file.

    Returns:
        The number of events.
    """
    columns = _Draws(world, users, seed).columns()
    with duckdb.connect() as connection:
        connection.register("columns", columns)
        connection.execute(f"copy (from columns) to '{path}'")
    return len(columns["user_id"])


class _Draws:
    def __init__(self, world: World, users: int, seed: int) -> None:
        self.world, self.users = world, users
        self.random = np.random.default_rng(seed)
        self.segments = world.segment_names
        shares = [world.shares[name] for name in self.segments]
        self.segment = self.random.choice(len(shares), users, p=shares)

    def columns(self) -> dict[str, Array]:
        world, random = self.world, self.random
        user, day = self._sessions()
        count = len(user)
        hours = _shares(world.hour_weights)
        start = day * DAY_MS + random.choice(24, count, p=hours) * 3_600_000
        steps = self._walk(user, start + random.integers(0, 3_600_000, count))
        session = np.concatenate([step["session"] for step in steps])
        state = np.concatenate([step["state"] for step in steps])
        at = np.concatenate([step["at"] for step in steps])
        names = np.array(list(world.events), dtype=object)
        who = user[session]
        columns = {
            "user_id": who,
            "session_id": session,
            "event_name": names[state],
            "event_time": np.datetime64(world.start, "ms")
            + at.astype("timedelta64[ms]"),
        }
        if world.segments:
            columns["segment"] = np.array(self.segments, dtype=object)[
                self.segment[who]
            ]
        for name, drawn in world.users_have.items():
            columns[name] = self._drawn(drawn, self.segment)[who]
        for name, drawn in world.sessions_have.items():
            columns[name] = self._drawn(drawn, self.segment[user])[session]
        for kind, items in world.items.items():
            item = np.concatenate([step[kind] for step in steps])
            ids = np.array(
                [None, *(f"{kind}_{n}" for n in range(items.count))], dtype=object
            )
            columns[f"{kind}_id"] = ids[item + 1]
            for name, drawn in items.has.items():
                values = self._drawn(drawn, np.zeros(items.count, dtype=int))
                columns[name] = _where(item >= 0, values[np.maximum(item, 0)])
        for place, said in enumerate(world.events.values()):
            for name, drawn in said.has.items():
                mine = state == place
                if drawn.expression is None:
                    values = self._drawn(drawn, self.segment[who[mine]])
                else:
                    numbers = {
                        name: np.asarray(columns[name][mine], dtype=float)
                        for name in names_in(drawn.expression)
                    }
                    values = np.round(eval(drawn.expression, {}, numbers), drawn.places)
                before = columns.get(name, np.full(len(state), None, dtype=object))
                columns[name] = np.where(mine, 0, before).astype(object)
                columns[name][mine] = values
        return {name: _typed(values) for name, values in columns.items()}

    def _sessions(self) -> tuple[Array, Array]:
        """The user and the day of each session."""
        world, random, users = self.world, self.random, self.users
        signups = world.signups
        growth = _shares(
            [(1 + signups.weekly_growth) ** (d / 7) for d in range(world.days)]
        )
        signup = np.where(
            random.random(users) < signups.before,
            -random.integers(1, signups.before_days + 1, users),
            random.choice(world.days, users, p=growth),
        )
        stay = random.random(users)
        spread = world.activity_spread
        factor = np.exp(random.normal(-(spread**2) / 2, spread, users))
        days = world.days + signups.before_days + 1
        shares = np.array([daily_shares(world, name, days) for name in self.segments])
        rate = np.array([world.sessions_of(name) for name in self.segments])
        weekdays = world.weekday_factors
        found: list[tuple[Array, Array]] = []
        for day in range(world.days):
            since = day - signup
            share = shares[self.segment, np.maximum(since, 0)]
            stays = np.minimum(1, np.maximum(np.sqrt(share), share * max(weekdays)))
            comes = share * weekdays[(world.start.weekday() + day) % 7] / stays
            is_active = (since == 0) | (
                (since > 0) & (stay < stays) & (random.random(users) < comes)
            )
            who = np.nonzero(is_active)[0]
            mean = (rate[self.segment[who]] - 1) * factor[who]
            count = random.geometric(1 / (1 + mean))
            found.append((np.repeat(who, count), np.full(count.sum(), day)))
        return np.concatenate([u for u, _ in found]), np.concatenate(
            [d for _, d in found]
        )

    def _walk(self, user: Array, start: Array) -> list[dict[str, Array]]:
        """Each step of all sessions: session, event, time, and the items in hand."""
        world, random = self.world, self.random
        names = list(world.events)
        position = {**{name: n for n, name in enumerate(names)}, "end": -1}
        medians = np.log([world.events[name].after.median for name in names])
        spreads = np.log([world.events[name].after.spread for name in names])
        state, at = np.zeros(len(user), dtype=int), start.copy()
        alive = np.arange(len(user))
        hands = {kind: np.full(len(user), -1) for kind in world.items}
        steps = []
        while len(alive):
            step = {"session": alive, "state": state[alive], "at": at[alive]}
            for kind, items in world.items.items():
                popularity = _shares(
                    np.arange(1, items.count + 1.0) ** -items.popularity.zipf
                )
                picking = [n for n in names if world.events[n].picks == kind]
                about = [
                    n
                    for n in names
                    if kind in (world.events[n].picks, world.events[n].keeps)
                ]
                new = alive[np.isin(state[alive], [position[n] for n in picking])]
                hands[kind][new] = random.choice(items.count, len(new), p=popularity)
                is_about = np.isin(state[alive], [position[n] for n in about])
                step[kind] = np.where(is_about, hands[kind][alive], -1)
            steps.append(step)
            following = np.full(len(alive), -1)
            for n, segment in enumerate(self.segments):
                for name in names:
                    here = np.nonzero(
                        (state[alive] == position[name])
                        & (self.segment[user[alive]] == n)
                    )[0]
                    weights = world.events[name].next.of(segment)
                    targets = np.array([position[to] for to in weights])
                    chosen = random.choice(
                        len(targets), len(here), p=_shares(weights.values())
                    )
                    following[here] = targets[chosen]
            alive = alive[following >= 0]
            state[alive] = following[following >= 0]
            gap = np.exp(random.normal(medians[state[alive]], spreads[state[alive]]))
            at[alive] += np.floor(np.minimum(gap, 21_600_000)).astype(int)
        return steps

    def _drawn(self, drawn: Drawn, segment: Array) -> Array:
        random, size = self.random, len(segment)
        if drawn.categories:
            found = np.empty(size, dtype=object)
            for n, name in enumerate(self.segments):
                weights = drawn.categories.of(name)
                here = segment == n
                texts = np.array(list(weights), dtype=object)
                chosen = random.choice(
                    len(texts), here.sum(), p=_shares(weights.values())
                )
                found[here] = texts[chosen]
            return found
        if drawn.integers:
            return random.integers(drawn.integers[0], drawn.integers[1] + 1, size)
        if drawn.geometric:
            return random.geometric(drawn.geometric, size)
        if drawn.poisson:
            return random.poisson(drawn.poisson, size)
        if drawn.lognormal:
            law = drawn.lognormal
            values = random.lognormal(math.log(law.median), math.log(law.spread), size)
        elif drawn.normal:
            values = random.normal(drawn.normal.mean, drawn.normal.sd, size)
        elif drawn.uniform:
            values = random.uniform(*drawn.uniform, size)
        else:
            assert drawn.exponential
            values = random.exponential(drawn.exponential, size)
        return np.round(values, drawn.places)


def _shares(weights: Any) -> Array:
    found = np.array(list(weights), dtype=float)
    return found / found.sum()


def _where(condition: Array, values: Array) -> Array:
    found = values.astype(object)
    found[~condition] = None
    return found


def _typed(values: Array) -> Array:
    """A column of objects that are numbers as one of numbers, with NaN for none."""
    if values.dtype != object:
        return values
    known = [value for value in values if value is not None]
    if known and not isinstance(known[0], str):
        return np.array(
            [math.nan if value is None else value for value in values], dtype=float
        )
    return values
