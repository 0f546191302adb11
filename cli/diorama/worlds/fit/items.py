"""Items: which events refer to one, and the popularity of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from diorama.worlds.fit.counts import Counts
from diorama.worlds.fit.draft import Draft, property_names, with_error
from diorama.worlds.fit.walk import Walk

KNOWN = 0.5  # share of an event's rows that have an item
ALL = 0.99
ALIKE = (
    0.2  # share of events about the item before that is worth a line, where each picks
)
FAR = 0.1  # distance of distribution functions that is worth a line
OFTEN = 25  # picks of an item whose rank is known


class Items:
    """Writes `items`, and which events pick and keep one.

    Attributes:
        names: The names of the kinds, by their key here.
    """

    def __init__(self, counts: Counts, walk: Walk, draft: Draft) -> None:
        """Counts and writes."""
        self.counts, self.walk, self.draft = counts, walk, draft
        self.names: dict[str, str] = {}
        named = property_names(draft, [])
        found: dict[str, Any] = {}
        for key, column in counts.items.items():
            # drink_id is of the kind drink, of which the world has a column drink_id again
            name = named.of(column.lower().removesuffix("_id") or column, "item")
            picking = self._events(key, column, name)
            item = self._popularity(key, name, picking) if picking else None
            if item is None:
                for event in draft.data["events"].values():
                    for word in ("picks", "keeps"):
                        if event.get(word) == name:
                            del event[word]
                draft.notes.append(
                    f"No event is about a {column} of {counts.min_users} users; it is left out."
                )
                continue
            self.names[key] = name
            found[name] = item
        if found:
            # items come before events
            events = draft.data.pop("events")
            draft.data |= {"items": found, "events": events}

    def _events(self, key: str, column: str, name: str) -> list[int]:
        """Says which events pick and keep one; returns those that pick."""
        counts, limits = self.counts, self.draft.limits
        wanted = counts.columns.items[column]
        picking: list[int] = []
        keeping: list[int] = []
        for code, total, known, same in counts.rows(
            f"""
            select code, count(*), count({key}), count(*) filter ({key} = {key}_before)
            from steps group by code order by code
            """
        ):
            event = self.walk.names.get(code)
            if event is None:
                continue
            said = self.draft.data["events"][event]
            is_wanted = known >= KNOWN * total
            if wanted:
                is_wanted = known > 0 and counts.names[code - 1] in wanted
            if not is_wanted or "picks" in said or "keeps" in said:
                if known > (1 - ALL) * total:
                    limits.append(
                        f"{known / total:.1%} of the {event} events have a {column}; in the file "
                        "none has."
                    )
                continue
            if known < ALL * total:
                limits.append(
                    f"{1 - known / total:.1%} of the {event} events have no {column}; in the file "
                    "each has one."
                )
            share = same / known
            if share > 0.5:
                said["keeps"] = name
                keeping.append(code)
                if share < ALL:
                    limits.append(
                        f"{1 - share:.1%} of the {event} events are about another {column} than "
                        "the one before in the session; in the file none is."
                    )
            else:
                said["picks"] = name
                picking.append(code)
                if share > ALIKE:
                    limits.append(
                        f"{share:.1%} of the {event} events are about the {column} before; in the "
                        "file each picks anew."
                    )
        if not picking and keeping:
            # a session must pick one before it can keep it
            code = keeping[0]
            said = self.draft.data["events"][self.walk.names[code]]
            said["picks"] = said.pop("keeps")
            picking.append(code)
        return picking

    def _popularity(
        self, key: str, name: str, picking: list[int]
    ) -> dict[str, Any] | None:
        draft = self.draft
        codes = ", ".join(map(str, picking))
        picked = f"from steps where code in ({codes}) and {key} is not null"
        rows = self.counts.rows(
            f"select {key}, count(*) as picks {picked} group by {key} order by picks desc, {key}"
        )
        # the commonest item alone is enough, since users of several may be the same
        enough = any(
            self.counts.row(
                f"select count(distinct user_key) {picked} and {key} = {item}"
            )[0]
            >= self.counts.min_users
            for item, _ in rows[:3]
        )
        if not enough:
            return None
        picks = [n for _, n in rows]
        once, twice = picks.count(1), picks.count(2)
        # Chao's lower bound of the items that have not been seen
        unseen = once * (once - 1) / (2 * (twice + 1))
        count = min(max(1, round(len(picks) + unseen)), 1_000_000)
        exponent, error = zipf_exponent(picks, count)
        path = ("items", name)
        draft.figure((*path, "count"), count, math.sqrt(unseen))
        draft.figure((*path, "popularity", "zipf"), exponent, error)
        draft.comment(
            path,
            f"{len(picks):,} seen in {sum(picks):,} picks; exponent {with_error(exponent, error)}",
        )
        weights = [rank**-exponent for rank in range(1, count + 1)]
        total, weighted = sum(picks), math.fsum(weights)
        seen = expected = distance = 0.0
        for n, weight in zip(picks, weights, strict=False):
            seen += n / total
            expected += weight / weighted
            distance = max(distance, abs(seen - expected))
        if distance > FAR:
            draft.limits.append(
                f"The popularity of {name} is no power of the rank: the distribution functions are "
                f"{distance:.2f} apart."
            )
        return {"count": count, "popularity": {"zipf": round(exponent, 4)}}


def zipf_exponent(picks: Sequence[int], count: int) -> tuple[float, float]:
    """The exponent of a power of the rank, of largest likelihood, and its standard error.

    Ranks are those of the counts, which makes popular items look more popular than they are, the
    more so the fewer picks an item has. So only ranks count whose items have been picked so often
    that chance moves them by little, given that one of them is picked.

    Args:
        picks: How often each item is picked, in falling order.
        count: Items.

    Returns:
        The exponent, from 0 to 3, and its error.
    """
    used = [n for n in picks if n >= OFTEN]
    if len(used) < 3:
        used = list(picks)
    size = min(len(used), count)
    used = used[:size]
    total = sum(used)
    if size < 2 or total == 0:
        return 0.0, 0.0
    logs = [math.log(rank) for rank in range(1, size + 1)]
    observed = math.fsum(n * log for n, log in zip(used, logs, strict=True)) / total

    def moments(exponent: float) -> tuple[float, float]:
        weights = [math.exp(-exponent * log) for log in logs]
        whole = math.fsum(weights)
        mean = math.fsum(w * log for w, log in zip(weights, logs, strict=True)) / whole
        square = (
            math.fsum(w * log**2 for w, log in zip(weights, logs, strict=True)) / whole
        )
        return mean, square - mean**2

    low, high = 0.0, 3.0
    for _ in range(50):
        middle = (low + high) / 2
        if moments(middle)[0] > observed:
            low = middle
        else:
            high = middle
    exponent = (low + high) / 2
    variance = moments(exponent)[1]
    return exponent, 1 / math.sqrt(total * variance) if variance > 0 else 0.0
