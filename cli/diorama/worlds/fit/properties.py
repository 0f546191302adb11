"""Properties of users, sessions, items and events: their owner and distribution."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from diorama.engines.sql import literal
from diorama.files.declaration import KeyPath
from diorama.worlds.fit.counts import OTHER, Counts, Property
from diorama.worlds.fit.draft import RESERVED, Draft, property_names, with_error
from diorama.worlds.fit.items import Items
from diorama.worlds.fit.numbers import LEVELS, Numbers, Part, best
from diorama.worlds.fit.walk import Walk, differ

CONSTANT = 0.99  # share of users, sessions or items that have one value
KNOWN = 0.5  # share of an event's rows that have a property
MOST_CATEGORIES = 20
FEW_CATEGORIES = 0.5  # share of the values that may be of other categories
FAR = 0.1  # distance of distribution functions that is worth a line
LARGEST = 10**9
MOST_VALUES = 2000
MOST_PRODUCTS = 200
MISSING = "none"
MOST_LENGTH = 60

Fitted = tuple[
    Any, list[Part], str
]  # what stands in the file, its figures, and a comment


@dataclass(frozen=True)
class Scope:
    """What has a property.

    Attributes:
        name: users, sessions, items or events.
        relation: One row for each of them, with its user.
        path: Where its properties stand in the file.
        what: In a sentence.
        people: By which users are counted; of items, rows of all who came upon one.
    """

    name: str
    relation: str
    path: KeyPath
    what: str
    people: str


class Properties:
    """Finds whose each column is, and writes how it is distributed."""

    def __init__(self, counts: Counts, walk: Walk, draft: Draft) -> None:
        """Counts and writes users_have, sessions_have, items, and what events have."""
        self.counts, self.walk, self.draft = counts, walk, draft
        self.items = Items(counts, walk, draft).names
        self.names = property_names(draft, list(self.items.values()))
        self.constants: dict[tuple[str, float], list[str]] = {}
        if not counts.properties:
            return
        self.owners = self._owners()
        self.products = self._products()
        computed = {key for _, key in self.products}
        # numbers that are computed come behind those of which they are
        for each in sorted(
            counts.properties,
            key=lambda p: (p.key in computed, self.owners[p.key] == "events"),
        ):
            if self.owners[each.key] is not None:
                self._fit(each)
        for (column, value), places in self.constants.items():
            draft.notes.append(
                f"The column {column} of {', '.join(places)} is left out: it is always {value:g}."
            )

    # whose a column is

    def _owners(self) -> dict[str, str | None]:
        """users, sessions, a kind of item or events: the widest that have one value each."""
        columns, counts = self.counts.properties, self.counts
        constant: dict[tuple[str, str], float] = {}
        for owner in ("user_key", "session_key", *self.items):
            inner, outer = [], []
            for each in columns:
                x = each.key if each.is_number else f"hash({each.key})"
                inner.append(f"count({each.key}) as n_{each.key}")
                inner.append(
                    f"min({x}) filter ({each.key} is not null) "
                    f"= max({x}) filter ({each.key} is not null) as same_{each.key}"
                )
                outer.append(f"count(*) filter (n_{each.key} > 1)")
                outer.append(f"count(*) filter (n_{each.key} > 1 and same_{each.key})")
            row = counts.row(
                f"select {', '.join(outer)} from (select {', '.join(inner)} from events_read "
                f"where {owner} is not null group by {owner})"
            )
            for n, each in enumerate(columns):
                several, same = row[2 * n : 2 * n + 2]
                # of few there is nothing to tell
                is_known = several >= counts.min_users
                constant[each.key, owner] = same / several if is_known else 0.0
        totals = ["count(*)"]
        for each in columns:
            totals += [f"count({each.key})", f"approx_count_distinct({each.key})"]
            for item in self.items:
                totals += [
                    f"count({each.key}) filter ({item} is not null)",
                    f"count({item})",
                ]
        values = iter(counts.row(f"select {', '.join(totals)} from events_read"))
        rows = next(values)
        found: dict[str, str | None] = {}
        for each in columns:
            known, distinct = next(values), next(values)
            of_items = {item: (next(values), next(values)) for item in self.items}
            is_whole = each.is_number and "int" in counts.source.kind(each.column)
            owner: str | None = "events"
            if constant[each.key, "user_key"] >= CONSTANT and (
                distinct > 1 or known >= CONSTANT * rows
            ):
                owner = "users"
            elif (
                constant[each.key, "session_key"] >= CONSTANT
                and known >= CONSTANT * rows
            ):
                owner = "sessions"
            else:
                for item, (both, all_items) in of_items.items():
                    is_of_item = both >= CONSTANT * known and both >= KNOWN * all_items
                    if is_of_item and constant[each.key, item] >= CONSTANT:
                        owner = item
                        break
            if known == 0:
                self._leave_out(each, "it is empty")
                owner = None
            elif is_whole and distinct > max(MOST_VALUES, 0.1 * known):
                self._leave_out(
                    each, f"it looks like an id, of which there are about {distinct:,}"
                )
                owner = None
            found[each.key] = owner
        return found

    def _leave_out(self, each: Property, why: str, of: str = "") -> None:
        what = f" of {of}" if of else ""
        self.draft.notes.append(f"The column {each.column}{what} is left out: {why}.")

    def _products(self) -> dict[tuple[str, str], tuple[Property, Property]]:
        """Numbers of an event that are the product of two others of it or its item: the factors."""
        numbers = [
            p for p in self.counts.properties if p.is_number and self.owners[p.key]
        ]
        own = [p for p in numbers if self.owners[p.key] == "events"]
        found: dict[tuple[str, str], tuple[Property, Property]] = {}
        for code, event in self.walk.names.items():
            said = self.draft.data["events"][event]
            about = said.get("picks") or said.get("keeps")
            of_item = [
                p
                for p in numbers
                if about and self.items.get(self.owners[p.key] or "") == about
            ]
            factors = own + of_item
            tests = [
                (product, a, b)
                for product in own
                for n, a in enumerate(factors)
                for b in factors[n + 1 :]
                if product not in (a, b)
            ][:MOST_PRODUCTS]
            if not tests:
                continue
            # to half a cent, and the same of whole numbers
            columns = ", ".join(
                f"avg(cast(abs({product.key} - {a.key} * {b.key}) <= 0.0051 as integer)), "
                f"count({a.key} * {b.key}), count({product.key}), "
                f"least(approx_count_distinct({a.key}), approx_count_distinct({b.key}))"
                for product, a, b in tests
            )
            row = self.counts.row(
                f"select {columns} from events_read where code = {code}"
            )
            here: dict[str, tuple[Property, Property]] = {}
            for n, (product, a, b) in enumerate(tests):
                share, known, total, distinct = row[4 * n : 4 * n + 4]
                is_product = (share or 0) >= CONSTANT and known >= CONSTANT * total
                is_computed = any(each.key in here for each in (product, a, b))
                is_factor = any(product in pair for pair in here.values())
                if is_product and distinct > 1 and not is_computed and not is_factor:
                    here[product.key] = (a, b)
            found |= {(event, key): pair for key, pair in here.items()}
        return found

    # how it is distributed

    def _fit(self, each: Property) -> None:
        for scope in self._scopes(each):
            fitted = self._product(each, scope)
            if fitted is None:
                fitted = (
                    self._number(each, scope)
                    if each.is_number
                    else self._categories(each, scope)
                )
            if fitted is None:
                continue
            value, figures, comment = fitted
            name = self.names.of(each.column, "column")
            at: Any = self.draft.data
            for step in scope.path:
                at = at.setdefault(step, {})
            at[name] = value
            self.draft.comment((*scope.path, name), comment)
            for part, figure, error in figures:
                self.draft.figure((*scope.path, name, *part), figure, error)

    def _scopes(self, each: Property) -> list[Scope]:
        """Where the file has a property."""
        x, owner = each.key, self.owners[each.key]
        if owner == "events":
            return self._event_scopes(each)
        by = {"users": "user_key", "sessions": "session_key"}.get(owner or "", owner)
        relation = (
            f"(select any_value(user_key) as user_key, any_value({x}) as {x} "
            f"from events_read where {by} is not null group by {by})"
        )
        if owner in ("users", "sessions"):
            return [Scope(owner, relation, (f"{owner}_have",), owner, relation)]
        kind = self.items[owner or ""]
        people = f"(select user_key, {x} from events_read where {by} is not null)"
        return [
            Scope("items", relation, ("items", kind, "has"), f"items of {kind}", people)
        ]

    def _event_scopes(self, each: Property) -> list[Scope]:
        x, limits = each.key, self.draft.limits
        found = []
        for code, total, known in self.counts.rows(
            f"select code, count(*), count({x}) from events_read group by code order by code"
        ):
            event = self.walk.names.get(code)
            if event is None or known == 0:
                continue
            if known < KNOWN * total:
                limits.append(
                    f"{known / total:.1%} of the {event} events have a {each.column}; in the file "
                    "none has."
                )
                continue
            where = f"where code = {code}"
            if each.is_number:
                where += f" and {x} is not null"
                if known < CONSTANT * total:
                    limits.append(
                        f"{1 - known / total:.1%} of the {event} events have no {each.column}; in "
                        "the file each has one."
                    )
            relation = f"(select user_key, {x} from events_read {where})"
            path = ("events", event, "has")
            found.append(Scope("events", relation, path, f"{event} events", relation))
        return found

    def _product(self, each: Property, scope: Scope) -> Fitted | None:
        """A number that is computed of two others, where those are in the file."""
        pair = (
            self.products.get((scope.path[1], each.key))
            if scope.name == "events"
            else None
        )
        if pair is None:
            return None
        event = self.draft.data["events"][scope.path[1]]
        kind = event.get("picks") or event.get("keeps")
        item = self.draft.data.get("items", {}).get(kind, {})
        known = {**item.get("has", {}), **event.get("has", {})}
        factors = [self.names.found.get(factor.column, "") for factor in pair]
        if not all(factor in known for factor in factors):
            return None
        return " * ".join(factors), [], f"in {scope.what}"

    def _categories(self, each: Property, scope: Scope) -> Fitted | None:
        """Texts with their weights; rare ones, and those of few users, become one."""
        least, x = self.counts.min_users, each.key
        rows = self.counts.rows(
            f"""
            select value, n
            from (select {x} as value, count(*) as n from {scope.relation} group by value)
            inner join (
                select {x} as same_value, count(distinct user_key) as users
                from {scope.people} group by same_value
            ) on value is not distinct from same_value
            where users >= {least}
            order by n desc, value limit {2 * MOST_CATEGORIES}
            """
        )
        (total,) = self.counts.row(f"select count(*) from {scope.relation}")
        spelling: dict[str, str] = {}
        kept: dict[str, int] = {}
        labels: dict[str | None, str] = {}  # by value
        for value, n in rows:
            label = _label(value)
            label = spelling.setdefault(label.lower(), label)
            if label in kept or len(kept) < MOST_CATEGORIES - 1:
                kept[label] = kept.get(label, 0) + n
                labels[value] = label
        rest = total - sum(kept.values())
        if not kept or rest > FEW_CATEGORIES * total:
            why = (
                f"{rest / total:.0%} of its values are of fewer than {least} users each, or not "
                f"among the {MOST_CATEGORIES} commonest"
            )
            self._leave_out(each, why, scope.what)
            return None
        if rest and self._users_of_others(x, scope, labels) >= least:
            other = spelling.setdefault(OTHER, OTHER)
            kept[other] = kept.get(other, 0) + rest
        total = sum(kept.values())
        figures: list[Part] = []
        for label, n in kept.items():
            share = n / total
            figures.append(((label,), share, math.sqrt(share * (1 - share) / total)))
        value: Any = {label: 100 * n / total for label, n in kept.items()}
        told = ", ".join(
            with_error(100 * share, 100 * error) for _, share, error in figures
        )
        by_segment: dict[str, dict[str, float]] = {}
        is_split = scope.name in ("users", "sessions") and len(self.counts.segments) > 1
        if is_split and len(kept) > 1:
            by_segment, more = self._of_segments(x, scope, labels, list(kept))
            figures += more
        below = {"by_segment": by_segment} if by_segment else {}
        if RESERVED & set(kept):
            value = {"categories": {"weights": value, **below}}
        else:
            value |= below
        return value, figures, f"{total:,} {scope.what}; {told}"

    def _users_of_others(
        self, x: str, scope: Scope, labels: dict[str | None, str]
    ) -> int:
        """Users of the values that have no label."""
        listed = ", ".join(literal(value) for value in labels if value is not None)
        tests = [f"{x} in ({listed})"] if listed else []
        if None in labels:
            tests.append(f"{x} is null")
        (users,) = self.counts.row(
            f"select count(distinct user_key) from {scope.people} "
            f"where not coalesce({' or '.join(tests)}, false)"
        )
        return users

    def _of_segments(
        self, x: str, scope: Scope, labels: dict[str | None, str], kept: list[str]
    ) -> tuple[dict[str, dict[str, float]], list[Part]]:
        """Weights by segment, where they differ by more than chance."""
        other = next((label for label in kept if label.lower() == OTHER), None)
        tables = {segment: dict.fromkeys(kept, 0) for segment in self.counts.segments}
        users_of: dict[tuple[str, str], int] = {}
        for segment, value, n, users in self.counts.rows(
            f"""
            select segment, {x}, count(*), count(distinct user_key)
            from {scope.relation} inner join user_segments using (user_key)
            where segment is not null group by all
            """
        ):
            label = labels.get(value, other)
            if label is not None:
                tables[segment][label] += n
                # users of two values may be the same
                users_of[segment, label] = max(users_of.get((segment, label), 0), users)
        for (segment, label), users in users_of.items():
            if users < self.counts.min_users:
                tables[segment][label] = 0
        tables = {segment: of for segment, of in tables.items() if sum(of.values())}
        if len(tables) < 2 or not differ([list(of.values()) for of in tables.values()]):
            return {}, []
        found: dict[str, dict[str, float]] = {}
        figures: list[Part] = []
        for segment, of in tables.items():
            size = sum(of.values())
            found[segment] = {label: 100 * n / size for label, n in of.items() if n}
            for label, n in of.items():
                share = n / size
                error = math.sqrt(max(share * (1 - share), 1 / size) / size)
                figures.append((("by_segment", segment, label), share, error))
        return found, figures

    def _number(self, each: Property, scope: Scope) -> Fitted | None:
        """The distribution of the least loss among those that a file may have."""
        numbers = self._numbers(each, scope)
        if numbers is None:
            return None
        candidate = best(numbers)
        distance = candidate.distance(numbers)
        if distance > FAR:
            self.draft.limits.append(
                f"{each.column} of {scope.what} is not {candidate.method}: the distribution "
                f"functions are {distance:.2f} apart."
            )
        value: dict[str, Any] = {candidate.method: candidate.value}
        if candidate.method not in ("integers", "geometric", "poisson"):
            value["decimals"] = numbers.places
        told = ", ".join(
            with_error(figure, error) for _, figure, error in candidate.figures
        )
        return value, candidate.figures, f"{numbers.count:,} {scope.what}; {told}"

    def _numbers(self, each: Property, scope: Scope) -> Numbers | None:
        """Counts the numbers of a property; none of what cannot be in a file."""
        x, relation, least = each.key, scope.relation, self.counts.min_users
        levels = ", ".join(map(str, LEVELS))
        tests = ", ".join(
            f"avg(cast(abs({x} * 1e{p} - round({x} * 1e{p})) < 1e-4 as integer))"
            for p in range(7)
        )
        (
            count,
            low,
            high,
            mean,
            deviation,
            log_mean,
            log_deviation,
            quantiles,
            *exact,
        ) = self.counts.row(
            f"""
                select
                    count({x}), min({x}), max({x}), avg({x}), stddev_pop({x}),
                    avg(if({x} > 0, ln({x}), null)), stddev_pop(if({x} > 0, ln({x}), null)),
                    quantile_cont({x}, [{levels}]), {tests}
                from {relation} where {x} is not null
                """
        )
        (users,) = self.counts.row(
            f"select count(distinct user_key) from {scope.people} where {x} is not null"
        )
        if users < least:
            self._leave_out(each, f"fewer than {least} users have it", scope.what)
            return None
        if max(abs(low), abs(high)) > LARGEST:
            self._leave_out(each, "its numbers go beyond 10^9", scope.what)
            return None
        if deviation <= 1e-9 * max(1.0, abs(mean)):
            self.constants.setdefault((each.column, mean), []).append(scope.what)
            return None
        places = next(
            (p for p, share in enumerate(exact) if share > 0.999), len(exact) - 1
        )
        values = self.counts.rows(
            f"select {x}, count(*) from {relation} where {x} is not null group by {x} "
            f"order by {x} limit {MOST_VALUES + 1}"
        )
        ends = None
        if places == 0:
            (ends,) = self.counts.rows(
                f"""
                select min({x}), max({x}) from (
                    select {x} from {scope.people} where {x} is not null
                    group by {x} having count(distinct user_key) >= {least}
                )
                """
            )
            ends = None if None in ends else ends
        return Numbers(
            *(count, mean, deviation, low, high, log_mean or 0.0, log_deviation or 0.0),
            *(quantiles, places, ends),
            values if len(values) <= MOST_VALUES else None,
        )


def _label(value: str | None) -> str:
    """A value as the file can hold it."""
    if value is None:
        return MISSING
    text = "".join(c if c.isprintable() else " " for c in value)
    return re.sub(r"\s+", " ", text).strip()[:MOST_LENGTH].strip() or MISSING
