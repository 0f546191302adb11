"""The events of a session: transitions, times between events, and items."""

from __future__ import annotations

import math
from typing import Any

from diorama.worlds.file import END
from diorama.worlds.fit.counts import OTHER, Counts
from diorama.worlds.fit.draft import Draft, Names, event_names, number, with_error

MOST_EVENTS = 60
FEW = 0.02  # share of sessions, or of times, that is worth a line
LEVEL = 0.001
MOST_SPREAD = 10.0
NOMINAL_END = 0.01  # weight of an end that only few users have
Cells = dict[tuple[int, int], tuple[int, int]]  # from, to: how often, and users


class Walk:
    """Events and the transitions between them, as the file can have them."""

    def __init__(self, counts: Counts, draft: Draft) -> None:
        """Counts and writes `events`."""
        self.counts, self.draft = counts, draft
        self.names: dict[int, str] = {}
        self.found: Names = event_names(draft)
        self._choose()
        self.cells = self._cells()
        self.sessions = sum(
            n for (source, _), (n, _) in self.cells[None].items() if source == 0
        )
        self._begin()
        self._drop()
        self._write()

    def _choose(self) -> None:
        """Names the events; those of few users, and the rarest of very many, become one."""
        users = self.counts.users_of()
        least = self.counts.min_users
        given = dict(enumerate(self.counts.names, 1))
        # the names come with the rarest first
        common = [
            code for code in sorted(given, reverse=True) if users.get(code, 0) >= least
        ]
        common = common[: MOST_EVENTS - 1]
        rest = [code for code in users if code not in common]
        for code in common:
            self.names[code] = self.found.of(given[code], "event")
        self.of_code = {code: code for code in common}
        self.unlisted = rest
        if not rest:
            return
        targets = ", ".join(f"({code}, {0 if code in common else 1})" for code in users)
        other = min(rest)
        self.counts.connection.execute(
            f"""
            create or replace temp table merged_edges as
            with merged as (from (values {targets}) as given (code, is_rare))
            select
                user_key,
                if(a.is_rare = 1, {other}, edges.code) as code,
                if(b.is_rare = 1, {other}, edges.next_code) as next_code,
                cast(sum(edge_count) as bigint) as edge_count
            from user_edges as edges
            left join merged as a on edges.code = a.code
            left join merged as b on edges.next_code = b.code
            group by all;
            drop table user_edges;
            alter table merged_edges rename to user_edges;
            """
        )
        self.of_code |= dict.fromkeys(rest, other)
        together = self.counts.users_of()[other]
        many = f"{len(rest)} kinds of events of fewer than {least} users"
        if len(common) == MOST_EVENTS - 1:
            many = f"{len(rest)} rare kinds of events"
        if together >= least:
            self.names[other] = self.found.of(OTHER, "event")
            self.draft.notes.append(f"{many} are the event {self.names[other]}.")
        else:
            self.draft.notes.append(f"{many} are left out.")

    def _cells(self) -> dict[str | None, Cells]:
        found: dict[str | None, Cells] = {
            None: {},
            **{s: {} for s in self.counts.segments},
        }
        for segment, source, target, count, users in self.counts.edges():
            found[segment][source, target] = (int(count), users)
        return found

    def _begin(self) -> None:
        """Lets every session begin with the commonest start."""
        starts = {
            target: n
            for (source, target), (n, _) in self.cells[None].items()
            if source == 0 and target in self.names
        }
        self.first = max(starts, key=lambda code: (starts[code], code))
        other = self.sessions - starts[self.first]
        if other:
            share = other / self.sessions
            name = self.names[self.first]
            among = sorted(starts, key=lambda code: -starts[code])
            listed = ", ".join(
                f"{self.names[code]} {starts[code] / self.sessions:.1%}"
                for code in among[1:4]
                if starts[code] >= FEW * other
            )
            said = f"{share:.1%} of the sessions begin otherwise than with {name}"
            if share >= FEW / 4:
                self.draft.limits.append(
                    f"{said} ({listed}); in the file they begin with {name}, too, so that it has "
                    f"{other:,} events more of that kind than the data."
                )
        for cells in self.cells.values():
            for (source, target), (n, users) in list(cells.items()):
                if source == 0 and target != self.first:
                    before, some = cells.get((self.first, target), (0, 0))
                    # the users of both may be the same
                    cells[self.first, target] = (before + n, max(some, users))

    def _drop(self) -> None:
        """Leaves out cells of few users, and events that nothing leads to."""
        least = self.counts.min_users
        dropped = 0
        for segment, cells in self.cells.items():
            for edge, (n, users) in list(cells.items()):
                source, target = edge
                if (
                    source == 0
                    or source not in self.names
                    or (target and target not in self.names)
                ):
                    del cells[edge]
                elif users < least:
                    dropped += n if segment is None else 0
                    del cells[edge]
        if dropped:
            self.draft.notes.append(
                f"{dropped:,} transitions between events are of fewer than {least} users each; "
                "their weight is left to the others."
            )
        pooled = self.cells[None]
        while True:
            reached, new = {self.first}, [self.first]
            while new:
                here = new.pop()
                for source, target in pooled:
                    if source == here and target and target not in reached:
                        reached.add(target)
                        new.append(target)
            lost = [code for code in self.names if code not in reached]
            if not lost:
                break
            for code in lost:
                self.draft.notes.append(
                    f"The event {self.names.pop(code)} is left out: no transition of {least} users "
                    "leads there."
                )
            for cells in self.cells.values():
                for source, target in list(cells):
                    if source in lost or target in lost:
                        del cells[source, target]
        for code in self._endless(pooled):
            total = sum(n for (s, _), (n, _) in pooled.items() if s == code) or 1
            # a nominal end, of which no user can be told
            pooled[code, 0] = (max(1, round(NOMINAL_END * total)), least)
            self.draft.notes.append(
                f"The end after {self.names[code]} is nominal: fewer than {least} users have it."
            )
        for segment, cells in self.cells.items():
            if segment is None:
                continue
            both = {
                edge: cell
                for edge, cell in pooled.items()
                if not self._has(cells, edge[0])
            }
            for code in self._endless({**both, **cells}):
                for edge in [edge for edge in cells if edge[0] == code]:
                    del cells[edge]

    def _has(self, cells: Cells, code: int) -> bool:
        return any(source == code for source, _ in cells)

    def _endless(self, cells: Cells) -> list[int]:
        ends = {0}
        while True:
            more = {s for s, t in cells if t in ends} - ends
            if not more:
                return [code for code in self.names if code not in ends]
            ends |= more

    # writing

    def _write(self) -> None:
        gaps = self._gaps()
        events: dict[str, Any] = {}
        order = sorted(self.names, key=lambda code: (code != self.first, -code))
        for code in order:
            events[self.names[code]] = self._event(code, gaps.get(code))
        self.draft.data["events"] = events
        self.draft.comment(
            ("events",), f"a session is a walk from {self.names[self.first]} to {END}"
        )

    def _gaps(self) -> dict[int, tuple[int, float, float, int]]:
        found: dict[int, tuple[int, float, float, int]] = {}
        for code, values in self.counts.gaps().items():
            target = self.of_code.get(code, code)
            before = found.get(target, (0, 0.0, 0.0, 0))
            found[target] = tuple(  # type: ignore[assignment]
                a + b for a, b in zip(before, values, strict=True)
            )
        total = sum(n for n, *_ in found.values())
        ties = sum(each[3] for each in found.values())
        if total and ties / total > FEW:
            self.draft.limits.append(
                f"{ties / total:.1%} of the events have the same time as the one before; their "
                "order is a guess (the rarer kind first), and the file gives them a short time."
            )
        return found

    def _event(
        self, code: int, gap: tuple[int, float, float, int] | None
    ) -> dict[str, Any]:
        name = self.names[code]
        path = ("events", name)
        pooled = self._weights(self.cells[None], code)
        total = sum(pooled.values())
        following: dict[str, Any] = {}
        for target, n in pooled.items():
            share = n / total
            following[self._name(target)] = 100 * share
            error = math.sqrt(share * (1 - share) / total)
            self.draft.figure((*path, "next", self._name(target)), share, error)
        told = ", ".join(
            with_error(100 * n / total, 100 * math.sqrt(n * (total - n) / total**3))
            for n in pooled.values()
        )
        self.draft.comment((*path, "next"), f"{total:,} events; {told}")
        by_segment = self._by_segment(code, pooled)
        if by_segment:
            following["by_segment"] = {
                segment: {
                    self._name(target): 100 * n / sum(weights.values())
                    for target, n in weights.items()
                }
                for segment, weights in by_segment.items()
            }
            for segment, weights in by_segment.items():
                size = sum(weights.values())
                for target in pooled:
                    share = weights.get(target, 0) / size
                    self.draft.figure(
                        (*path, "next", "by_segment", segment, self._name(target)),
                        share,
                        math.sqrt(max(share * (1 - share), 1 / size) / size),
                    )
                self.draft.comment(
                    (*path, "next", "by_segment", segment), f"{size:,} events"
                )
        event: dict[str, Any] = {"next": following}
        users = max(
            (u for (s, t), (_, u) in self.cells[None].items() if t == code and s),
            default=0,
        )
        if gap and users >= self.counts.min_users:
            event["after"] = self._after(path, gap)
        return event

    def _name(self, code: int) -> str:
        return self.names[code] if code else END

    def _weights(self, cells: Cells, code: int) -> dict[int, int]:
        found = {
            target: n for (source, target), (n, _) in cells.items() if source == code
        }
        # the end last, the others by weight
        return dict(
            sorted(found.items(), key=lambda each: (each[0] == 0, -each[1], each[0]))
        )

    def _by_segment(
        self, code: int, pooled: dict[int, int]
    ) -> dict[str, dict[int, int]]:
        """Weights of the segments, where they differ by more than chance."""
        tables = {
            segment: self._weights(cells, code)
            for segment, cells in self.cells.items()
            if segment is not None
        }
        tables = {segment: of for segment, of in tables.items() if sum(of.values()) > 0}
        if len(tables) < 2:
            return {}
        rows = [[of.get(target, 0) for target in pooled] for of in tables.values()]
        return tables if differ(rows) else {}

    def _after(
        self, path: tuple[str, ...], gap: tuple[int, float, float, int]
    ) -> dict[str, Any]:
        count, total, squares, _ = gap
        mean = total / count
        deviation = math.sqrt(max(squares / count - mean**2, 0.0))
        median, spread = math.exp(mean), math.exp(deviation)
        error = deviation / math.sqrt(count)
        spread_error = spread * deviation / math.sqrt(2 * count)
        where = (*path, "after")
        self.draft.figure((*where, "median"), median, median * error)
        self.draft.figure((*where, "spread"), spread, spread_error)
        self.draft.comment(
            where,
            f"{count:,} times; {with_error(median / 1000, median * error / 1000)} s, "
            f"{with_error(spread, spread_error)}",
        )
        if spread > MOST_SPREAD:
            self.draft.limits.append(
                f"The time before {path[1]} has a geometric standard deviation of {spread:.1f}; "
                f"the file has {MOST_SPREAD:.0f} at most."
            )
        return {
            "median": duration(median),
            "spread": min(max(round(spread, 4), 1.0), MOST_SPREAD),
        }


def duration(ms: float) -> str:
    """Milliseconds as a time with its unit."""
    ms = min(max(ms, 1.0), 86_400_000.0)
    for unit, size in (("h", 3_600_000), ("min", 60_000), ("s", 1000)):
        if ms >= 2 * size:
            return f"{number(ms / size)} {unit}"
    return f"{number(ms)} ms"


def differ(rows: list[list[int]], level: float = LEVEL) -> bool:
    """Whether the distributions of some rows of counts differ (Pearson's chi-squared)."""
    columns = [sum(column) for column in zip(*rows, strict=True)]
    total = sum(columns)
    statistic = 0.0
    kept = [n for n, column in enumerate(columns) if column]
    for row in rows:
        size = sum(row)
        for n in kept:
            expected = size * columns[n] / total
            if expected:
                statistic += (row[n] - expected) ** 2 / expected
    degrees = (len(rows) - 1) * (len(kept) - 1)
    if degrees < 1:
        return False
    # Wilson and Hilferty: the cube root is nearly normal
    middle = 1 - 2 / (9 * degrees)
    z = ((statistic / degrees) ** (1 / 3) - middle) / math.sqrt(2 / (9 * degrees))
    return math.erfc(z / math.sqrt(2)) / 2 < level
