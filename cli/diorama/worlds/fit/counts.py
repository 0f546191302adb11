"""Counts of an event table, by DuckDB; individual rows never leave this module."""

from __future__ import annotations

import datetime
import statistics
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from diorama.analysis.plan import Table
from diorama.analysis.sources import NUMBERS, Source, Sources
from diorama.engines.sql import identifier, literal
from diorama.errors import UsageError, nearest

if TYPE_CHECKING:
    import duckdb

SQL = Path(__file__).with_name("sql")
EPOCH = datetime.date(1970, 1, 1)
PAUSE_MINUTES = 30
OTHER = "other"
MOST_CODES = 250
MOST_SEGMENTS = 12
MOST_DAYS = 2000
QUIET_DAY = (
    0.02  # of the events of a median day: before the first and after the last such one
)
POINTS = (1, 2, 3, 5, 7, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365, 540, 730, 1095)
SEGMENTS = {2: ["light", "heavy"], 3: ["light", "medium", "heavy"]}


@dataclass(frozen=True)
class Columns:
    """Roles of the columns of the event table.

    Attributes:
        unit: User id.
        time: Event time.
        event: Event name.
        session: Session id; None to sessionize by inactivity.
        segment: User segment; None for segments by activity.
        items: For each item column, the events that refer to an item; empty for all with one.
    """

    unit: str
    time: str
    event: str
    session: str | None = None
    segment: str | None = None
    items: dict[str, list[str]] = field(default_factory=dict)

    @property
    def named(self) -> list[str]:
        """All of them."""
        given = [self.unit, self.time, self.event, self.session, self.segment]
        return [*(name for name in given if name), *self.items]


@dataclass(frozen=True)
class Property:
    """A column that may be a property.

    Attributes:
        column: Its name in the table.
        key: Its name here.
        is_number: Whether it holds numbers.
    """

    column: str
    key: str
    is_number: bool


@dataclass(frozen=True)
class FitRequest:
    """A request to fit a world to an event table.

    Attributes:
        table: The event table: a file, glob or database table.
        directory: Directory to which paths are relative.
        columns: Roles of its columns.
        min_users: Smallest number of users in a cell; smaller cells are merged.
        segment_count: Number of segments by activity.
        world: Name of the world.
        period: First day and number of days; None for all days with events.
        has_properties: Whether to read the other columns as properties.
    """

    table: str
    directory: Path
    columns: Columns
    min_users: int = 20
    segment_count: int = 3
    world: str = "fitted"
    period: tuple[datetime.date, int] | None = None
    has_properties: bool = True


class Counts:
    """Counts the rows of an event table."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, request: FitRequest
    ) -> None:
        """Reads the table.

        Args:
            connection: A connection to no database.
            request: What to read.

        Raises:
            UsageError: There is no such table or column, or nothing in it that can be fitted.
        """
        self.connection = connection
        self.table = request.table
        self.columns = request.columns
        self.min_users = request.min_users
        self.segment_count = request.segment_count
        self.notes: list[str] = []
        self.connection.execute("set timezone = 'UTC'")
        self.source = self._find(request.directory)
        self._check_types()
        self._find_days(request.period)
        self.properties: list[Property] = []
        if request.has_properties:
            self._find_properties()
        self._read()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.connection.execute(query).fetchall()

    def row(self, query: str) -> tuple[Any, ...]:
        """The one row of a query."""
        (found,) = self.rows(query)
        return found

    # what there is

    def _find(self, directory: Path) -> Source:
        sources = Sources(self.connection, directory)
        sources.reads_all = True
        given = Table.model_validate({"from": self.table})
        named = self.columns.named
        lower = [name.lower() for name in named]
        for name in named:
            if lower.count(name.lower()) > 1:
                raise UsageError(f"The column '{name}' is given for two options.")
        try:
            return sources.find("EVENTS", given, named, [self.columns.time])
        except UsageError as error:
            said = str(error).replace("EVENTS.from is", "EVENTS is")
            raise UsageError(said.replace("EVENTS: ", "")) from error

    def _check_types(self) -> None:
        kind = self.source.kind(self.columns.time)
        if kind not in ("varchar", "date") and not kind.startswith("timestamp"):
            raise UsageError(
                f"{self.columns.time} holds {kind}, not times. Give a column of timestamps."
            )
        for name in self.columns.named:
            if self.source.kind(name).endswith("]"):
                raise UsageError(f"{name} holds lists. Give a column of single values.")

    def _find_days(self, period: tuple[datetime.date, int] | None) -> None:
        """Finds the days of the table, its events, and what cannot be used."""
        unit, event, moment = self._unit, self._event, self._moment
        session = f"{self._session} is null" if self.columns.session else "false"
        found = self.rows(
            f"""
            select
                cast({moment} as date) as day,
                {event} as event_name,
                count(*) as event_count,
                count(*) filter ({unit} is null or {event} is null) as without_name,
                count(*) filter ({session}) as without_session
            from {self.source.relation}
            group by all
            """
        )
        total = sum(row[2] for row in found)
        if total == 0:
            raise UsageError(f"{self.table} has no rows.")
        timeless = sum(row[2] for row in found if row[0] is None)
        if timeless == total:
            ((example,),) = self.rows(
                f"select cast({identifier(self.columns.time)} as varchar) "
                f"from {self.source.relation} limit 1"
            )
            raise UsageError(
                f"{self.columns.time} holds values that are not times, such as '{example}'."
            )
        lacking = [
            (timeless, f"without a time in {self.columns.time}"),
            (
                sum(row[3] for row in found if row[0]),
                f"without {self.columns.unit} or {self.columns.event}",
            ),
            (
                sum(row[4] for row in found if row[0]),
                f"without {self.columns.session or ''}",
            ),
        ]
        for count, why in lacking:
            if count:
                self.notes.append(f"{count:,} of {total:,} rows are left out: {why}.")
        by_day: dict[datetime.date, int] = {}
        for day, _, count, without, _ in found:
            if day and count > without:
                by_day[day] = by_day.get(day, 0) + count - without
        if not by_day:
            raise UsageError(
                f"{self.table} has no row with a user, a time and an event."
            )
        least = QUIET_DAY * statistics.median(by_day.values())
        busy = [day for day, count in by_day.items() if count >= least]
        self.first, self.last = min(busy), max(busy)
        outside = sum(n for d, n in by_day.items() if not self.first <= d <= self.last)
        if outside:
            self.notes.append(
                f"{outside:,} events lie outside of the days {self.first} to {self.last}, on days "
                f"with less than {QUIET_DAY:.0%} of the events of a median day; they are left out."
            )
        if period:
            self.first = period[0]
            self.last = self.first + datetime.timedelta(period[1] - 1)
        if self.days < 2:
            raise UsageError(
                f"All events of {self.table} are of {self.first}. Give those of two days or more."
            )
        if self.days > MOST_DAYS:
            raise UsageError(
                f"The events of {self.table} go from {self.first} to {self.last}, which are "
                f"{self.days:,} days, but a world has {MOST_DAYS:,} at most."
            )
        names: dict[str, int] = {}
        for day, name, count, _, _ in found:
            if day and name is not None and self.first <= day <= self.last:
                names[name] = names.get(name, 0) + count
        for column, events in self.columns.items.items():
            for name in events:
                if name not in names:
                    raise UsageError(
                        f"--items {column}: no event is named '{name}'.{nearest(name, names)} "
                        f"There are {', '.join(sorted(names)[:50])}."
                    )
        # rare ones first, since of two events at the same moment the rarer one begins more often
        ordered = sorted(names, key=lambda name: (-names[name], name))
        self.names = list(reversed(ordered[:MOST_CODES]))
        self.more_names = ordered[MOST_CODES:]

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.last - self.first).days + 1

    @property
    def first_day_number(self) -> int:
        """The first day, since 1970."""
        return (self.first - EPOCH).days

    @property
    def points(self) -> list[int]:
        """Days since signing up at which retention can be counted."""
        return [day for day in POINTS if day <= max(1, self.days - 2)]

    @cached_property
    def _unit(self) -> str:
        return self.source.text(self.columns.unit)

    @cached_property
    def _event(self) -> str:
        return self.source.text(self.columns.event)

    @cached_property
    def _session(self) -> str:
        return self.source.text(self.columns.session or "")

    @cached_property
    def _moment(self) -> str:
        return self.source.moment(self.columns.time, None)

    def _find_properties(self) -> None:
        """Finds the columns that may be properties."""
        named = {name.lower() for name in self.columns.named}
        for column, kind in self.source.types.items():
            if column in named:
                continue
            base = kind.split("(")[0]
            is_number = base in NUMBERS and base != "boolean"
            is_text = base in ("varchar", "boolean", "uuid", "enum")
            if kind.endswith("]") or not (is_number or is_text):
                self.notes.append(f"The column {column} is left out: it holds {kind}.")
                continue
            key = f"property_{len(self.properties)}"
            self.properties.append(Property(column, key, is_number))

    # what is counted

    def _read(self) -> None:
        names = [
            *enumerate(self.names, 1),
            *((MOST_CODES + 1, name) for name in self.more_names),
        ]
        self.connection.execute(
            "create or replace temp table codes (code utinyint, event_name varchar)"
        )
        self.connection.executemany("insert into codes values (?, ?)", names)
        self.items = {f"item_{n}": name for n, name in enumerate(self.columns.items)}
        expressions = {
            key: f"hash({self.source.text(name)})"
            if self.source.kind(name) != "integer"
            else f"hash({identifier(name)})"
            for key, name in self.items.items()
        }
        # a null hashes to a number of its own
        expressions = {
            key: f"if({identifier(self.items[key])} is null, null, {value})"
            for key, value in expressions.items()
        }
        for each in self.properties:
            value = identifier(each.column)
            expressions[each.key] = (
                f"if(isfinite(cast({value} as double)), cast({value} as double), null)"
                if each.is_number
                else f"nullif(trim(cast({value} as varchar)), '')"
            )
        if self.columns.segment:
            expressions["segment_value"] = self.source.text(self.columns.segment)
        self.run(
            "events",
            unit=self._key(self.columns.unit),
            session=self._key(self.columns.session) if self.columns.session else None,
            event=self._event,
            moment=self._moment,
            relation=self.source.relation,
            expressions=expressions,
            first=self.first,
            last=self.last,
        )
        self.run(
            "steps",
            has_sessions=self.columns.session is not None,
            items=list(self.items),
            pause_us=PAUSE_MINUTES * 60_000_000,
            first_day_number=self.first_day_number,
            last=self.last,
        )
        (users,) = self.row("select count(distinct user_key) from user_days")
        if users < self.min_users:
            raise UsageError(
                f"{self.table} has {users} users between {self.first} and {self.last}, but a file "
                f"needs at least {self.min_users} (--min-users)."
            )
        self.seen_users = users
        self._find_segments()

    def _key(self, column: str) -> str:
        """A column of ids; whole numbers as they are, which takes less time than as text."""
        kind = self.source.kind(column)
        if kind in ("tinyint", "smallint", "integer", "bigint", "uuid"):
            return identifier(column)
        return self.source.text(column)

    def run(self, name: str, **given: Any) -> None:
        """Runs the statements of a template."""
        self.connection.execute(template(name).render(**given))

    def _find_segments(self) -> None:
        count = self.segment_count if self.days >= 8 else 1
        if self.seen_users < 2 * self.min_users * count:
            count = 1
        names = SEGMENTS.get(count, [f"activity_{n}" for n in range(1, count + 1)])
        while True:
            self.run(
                "users",
                segment=self.columns.segment,
                segment_count=count,
                min_users=self.min_users,
                most_segments=MOST_SEGMENTS,
                names=f"[{', '.join(map(literal, names))}]",
                days=self.days,
                horizon=self.days // 2,
            )
            found = self.rows(
                "select segment, count(*) from user_segments where segment is not null "
                "group by segment order by count(*) desc, segment"
            )
            if self.columns.segment or count == 1:
                break
            # where hardly anybody comes back, there is no habit
            is_large = all(users >= self.min_users for _, users in found)
            if (
                len(found) == count
                and is_large
                and self._habits() >= count * self.min_users
            ):
                break
            count = 1
        if self.columns.segment and len(found) > 1 and found[-1][1] < self.min_users:
            small, largest = found[-1][0], found[0][0]
            self.connection.execute(
                f"update user_segments set segment = {literal(largest)}, "
                f"segment_of_even = {literal(largest)} where segment = {literal(small)}"
            )
            found = found[:-1]
        order = {name: n for n, name in enumerate(names)}
        self.segments = sorted(
            (name for name, _ in found),
            key=lambda name: order.get(name, 0),
        )

    def _habits(self) -> int:
        """Users of a segment who come back on another day."""
        (users,) = self.row(
            """
            select count(distinct user_key)
            from user_days inner join user_segments using (user_key)
            where segment is not null and day_number > first_day
            """
        )
        return users

    def first_seen(self) -> dict[str | None, list[int]]:
        """Users by segment and the day on which they are seen first."""
        found: dict[str | None, list[int]] = {
            name: [0] * self.days for name in self.segments
        }
        for segment, day, count in self.rows(
            "select segment, first_day, count(*) from user_segments group by all"
        ):
            found.setdefault(segment, [0] * self.days)[day] = count
        return found

    def returns(self) -> dict[tuple[str, int], list[int]]:
        """By segment and days since the first day: who is active, by first day."""
        points = ", ".join(map(str, self.points))
        found: dict[tuple[str, int], list[int]] = {
            (segment, point): [0] * self.days
            for segment in self.segments
            for point in self.points
        }
        for segment, first, since, count in self.rows(
            f"""
            select
                if(
                    (day_number - first_day) % 2 = 0, segment_of_even, segment
                ) as segment,
                first_day,
                day_number - first_day as since,
                count(*)
            from user_days
            inner join user_segments using (user_key)
            where day_number - first_day in ({points})
            group by all
            """
        ):
            if segment is not None:
                found[segment, since][first] = count
        return found

    def active(self) -> list[int]:
        """Active users by day."""
        found = [0] * self.days
        for day, count in self.rows(
            "select day_number, count(*) from user_days group by day_number"
        ):
            found[day] = count
        return found

    def session_histogram(self) -> dict[str, dict[tuple[int, int], int]]:
        """By segment: users by active days and sessions beyond the first one of each day."""
        found: dict[str, dict[tuple[int, int], int]] = {s: {} for s in self.segments}
        for segment, days, further, count in self.rows(
            """
            select segment, day_count, further_count, count(*)
            from (
                select
                    user_key,
                    count(*) as day_count,
                    sum(session_count) - count(*) as further_count
                from user_days
                group by user_key
            )
            inner join user_segments using (user_key)
            where segment is not null
            group by all
            """
        ):
            found[segment][days, int(further)] = count
        return found

    def hours(self) -> list[tuple[int, int]]:
        """Sessions and users by the hour of their start."""
        found = [(0, 0)] * 24
        for hour, sessions, users in self.rows(
            """
            select at_us // 3600000000 % 24, count(*), count(distinct user_key)
            from steps where gap_us is null group by all
            """
        ):
            found[hour] = (sessions, users)
        return found

    def edges(self) -> list[tuple[str | None, int, int, int, int]]:
        """By segment, event and the one that follows: how often, and users. None: all segments."""
        by_segment = (
            """
            union all
            select segment, code, next_code, sum(edge_count), count(*)
            from user_edges
            inner join user_segments using (user_key)
            where segment is not null
            group by all
            """
            if len(self.segments) > 1
            else ""
        )
        return self.rows(
            f"""
            select null, code, next_code, cast(sum(edge_count) as bigint), count(*)
            from user_edges group by all {by_segment}
            """
        )

    def users_of(self) -> dict[int, int]:
        """Users by event."""
        return dict(
            self.rows(
                "select code, count(distinct user_key) from user_edges where code > 0 "
                "group by code"
            )
        )

    def gaps(self) -> dict[int, tuple[int, float, float, int]]:
        """By event: times since the one before, sums of their logarithms (ms), and ties."""
        log = "ln(greatest(gap_us, least_us) / 1000)"
        # a time of 0 is half a second where the clock has whole ones, else a millisecond
        (least,) = self.row(
            "select if(bool_and(at_us % 1000000 = 0), 500000, 1000) from steps"
        )
        log = log.replace("least_us", str(least))
        return {
            code: (count, total, squares, ties)
            for code, count, total, squares, ties in self.rows(
                f"""
                select code, count(*), sum({log}), sum({log} * {log}),
                    count(*) filter (gap_us = 0)
                from steps where gap_us is not null group by code
                """
            )
        }


@cache
def template(name: str) -> jinja2.Template:
    """A template of SQL."""
    text = (SQL / f"{name}.sql.jinja").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=False
    )
    return environment.from_string(text)
