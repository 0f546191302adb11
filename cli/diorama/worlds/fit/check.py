"""Checks a fit: a world fitted to the first days is compared with the held-out last days."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diorama.engines.sql import literal
from diorama.worlds.expectation import expected, signup_weights
from diorama.worlds.file import World
from diorama.worlds.fit.counts import OTHER, Columns, Counts, FitRequest
from diorama.worlds.fit.draft import Draft

if TYPE_CHECKING:
    from diorama.project import Project

HELD_OUT = 0.25  # of the days
LEAST_DAYS = 12
MOST_USERS = 50_000
MOST_EVENTS = 3_000_000
FAR = 0.1  # relative difference that is named
TIMES = "seconds before"
ERRORS = 3  # beyond so many standard errors
BUILT = Columns("user_id", "event_time", "event_name", "session_id")


@dataclass(frozen=True)
class Row:
    """A figure of the held-out days.

    Attributes:
        section: Its section.
        name: Its name.
        real: Value in the data.
        fitted: Value in the fitted world.
        error: Standard error of the log of their ratio.
        form: Its number format.
    """

    section: str
    name: str
    real: float
    fitted: float
    error: float
    form: str

    @property
    def is_far(self) -> bool:
        """Whether they differ by more than 10 % and by more than three standard errors."""
        if self.real <= 0 or self.fitted <= 0:
            return self.real != self.fitted and self.error < 1 / ERRORS
        return abs(math.log(self.fitted / self.real)) > FAR + ERRORS * self.error

    @property
    def cells(self) -> list[str]:
        """The cells of its row in the table."""
        change = f"{self.fitted / self.real - 1:+.0%}" if self.real > 0 else ""
        mark = "  differs" if self.is_far else ""
        values = [format(value, self.form) for value in (self.real, self.fitted)]
        return [f"  {self.name}", *values, change + mark]


def check(
    connection: Any,
    scratch: Path,
    project: Project,
    given: FitRequest,
    fit: Callable[[Counts], Draft],
) -> tuple[str, list[Row]]:
    """Compares a fitted world with held-out days.

    Args:
        connection: A connection of DuckDB to no database.
        scratch: A directory for the world.
        project: The dbt project that builds it.
        given: The event table.
        fit: Fits a file to counts.

    Returns:
        A title and the figures; no figures if there are too few days.
    """
    whole = Counts(connection, replace(given, has_properties=False))
    first_held = round(whole.days * (1 - HELD_OUT))
    if whole.days < LEAST_DAYS:
        return "", []
    draft = fit(Counts(connection, replace(given, period=(whole.first, first_held))))
    # what is compared of the data goes by the names of the file
    names = draft.event_names
    data = Counts(connection, replace(given, has_properties=False))
    found = _Figures(data, first_held, names).count()
    world = longer(World.model_validate(draft.data), whole.days)
    users = world.users or 1
    per_user = expected(world).total / users
    built_users = max(1, min(users, MOST_USERS, int(MOST_EVENTS / max(per_user, 1e-9))))
    path = scratch / "fitted.duckdb"
    _build(project, world.model_copy(update={"users": built_users}), path)
    built = Counts(
        connection,
        replace(
            given,
            table=f"{path}:raw.raw_custom__events",
            columns=BUILT,
            period=(whole.first, whole.days),
            min_users=1,
            segment_count=1,
            has_properties=False,
        ),
    )
    of_built = _Figures(
        built, first_held, {name: name for name in names.values()}
    ).count()
    scale = users / built_users
    said = (
        f"Days {first_held} to {whole.days - 1}, held out, and a world of {built_users:,} users by "
        "the file of the days before"
    )
    return said, compared(found, of_built, scale)


def longer(world: World, days: int) -> World:
    """A world of more days, on which as many users sign up each day as the growth has it."""
    before = signup_weights(world)
    users = world.users or 1
    signups = world.signups
    last = world.model_copy(update={"days": days})
    # the new users of the first day are as many as before
    new_before = before.get(0, 0.0) * users
    share = signup_weights(last).get(0, 0.0) / max(1 - signups.before, 1e-12)
    new = new_before / share if share > 0 else 0.0
    earlier = users * signups.before
    total = max(1, round(earlier + new))
    return last.model_copy(
        update={
            "users": total,
            "signups": signups.model_copy(update={"before": min(earlier / total, 1.0)}),
        }
    )


def _build(project: Project, world: World, path: Path) -> None:
    from diorama.engines.build import BuildRequest, build
    from diorama.worlds import CUSTOM, variables_of

    variables = variables_of(world, {"defect_rate": 0, "late_rate": 0}, [CUSTOM], path)
    build(
        project,
        path,
        BuildRequest(
            [CUSTOM],
            ["+raw_custom__events"],
            [],
            variables,
            None,
            False,
            quiet=True,
            has_tests=False,
        ),
    )


Found = dict[tuple[str, str], tuple[float, float, str, bool]]


class _Figures:
    """Figures of the held-out days of a table."""

    def __init__(self, counts: Counts, first_held: int, names: dict[str, str]) -> None:
        self.counts, self.first_held = counts, first_held
        self.days = counts.days - first_held
        start = f"timestamp '{counts.first}' + interval {first_held} days"
        listed = ", ".join(
            f"({code}, {literal(names.get(name, OTHER))})"
            for code, name in enumerate(counts.names, 1)
        )
        counts.connection.execute(
            f"""
            create or replace temp view held_steps as
            select steps.*, named.event_name
            from steps inner join (values {listed}) as named (code, event_name)
                on steps.code = named.code
            where at_us >= epoch_us({start})
            """
        )

    def count(self) -> Found:
        """By section and name: the figure, the number behind it, its form, whether it adds up."""
        found: Found = {}
        self._sizes(found)
        self._returns(found)
        self._funnel(found)
        self._gaps(found)
        self._tail(found)
        self._hours(found)
        return found

    def _sizes(self, found: Found) -> None:
        rows = self.counts.rows(
            "select event_name, count(*), count(distinct user_key) from held_steps "
            "group by event_name order by count(*) desc, event_name"
        )
        (users, sessions) = self.counts.row(
            f"select count(*), sum(session_count) from user_days "
            f"where day_number >= {self.first_held}"
        )
        days = self.days
        found["a day", "active users"] = (users / days, users, ",.0f", True)
        found["a day", "sessions"] = (
            (sessions or 0) / days,
            sessions or 0,
            ",.0f",
            True,
        )
        for name, events, people in rows:
            # events of a user are alike, so that users count
            found["events a day", name] = (events / days, people, ",.0f", True)

    def _returns(self, found: Found) -> None:
        (users, days, back) = self.counts.row(
            f"""
            select count(*), sum(active), count(*) filter (active > 0)
            from (
                select user_key, count(*) filter (day_number >= {self.first_held}) as active
                from user_days group by user_key
                having min(day_number) < {self.first_held}
            )
            """
        )
        if users:
            section = "users of the days before"
            found[section, "active on a day"] = (
                *((days or 0) / users / self.days, back),
                *(".2%", False),
            )
            found[section, "come at all"] = (back / users, back, ".1%", False)

    def _funnel(self, found: Found) -> None:
        (total,) = self.counts.row("select count(distinct session_key) from held_steps")
        for name, sessions in self.counts.rows(
            "select event_name, count(distinct session_key) as n from held_steps "
            "group by event_name order by n desc, event_name limit 12"
        ):
            found["sessions with", name] = (sessions / total, sessions, ".1%", False)

    def _gaps(self, found: Found) -> None:
        for name, count, low, middle, high in self.counts.rows(
            """
            select event_name, count(*) as n,
                quantile_cont(gap_us, 0.1) / 1e6, quantile_cont(gap_us, 0.5) / 1e6,
                quantile_cont(gap_us, 0.9) / 1e6
            from held_steps where gap_us is not null
            group by event_name order by n desc, event_name limit 6
            """
        ):
            for level, value in ((10, low), (50, middle), (90, high)):
                found[TIMES, f"{name}, {level} %"] = (value, count, ",.1f", False)

    def _tail(self, found: Found) -> None:
        (users, middle, high, top, share) = self.counts.row(
            """
            select count(*), quantile_cont(n, 0.5), quantile_cont(n, 0.9), quantile_cont(n, 0.99),
                sum(n) filter (place <= total_users * 0.01) / sum(n)
            from (
                select n, row_number() over (order by n desc) as place, count(*) over () as
                    total_users
                from (select count(*) as n from held_steps group by user_key)
            )
            """
        )
        section = "events of a user"
        found[section, "median"] = (middle or 0, users, ",.0f", False)
        found[section, "90 %"] = (high or 0, users / 10, ",.0f", False)
        found[section, "99 %"] = (top or 0, users / 100, ",.0f", False)
        found[section, "share of the top 1 %"] = (share or 0, users / 100, ".1%", False)

    def _hours(self, found: Found) -> None:
        rows = dict(
            self.counts.rows(
                "select at_us // 3600000000 % 24, count(*) from held_steps "
                "where gap_us is null group by all"
            )
        )
        total = sum(rows.values()) or 1
        for first in range(0, 24, 4):
            count = sum(rows.get(hour, 0) for hour in range(first, first + 4))
            found["sessions by hour", f"{first} to {first + 4}"] = (
                *(count / total, count),
                *(".1%", False),
            )


def compared(real: Found, fitted: Found, scale: float) -> list[Row]:
    """The figures side by side.

    Args:
        real: Those of the data.
        fitted: Those of the world.
        scale: Users of the data, over those of the world.

    Returns:
        Those of either.
    """
    rows = []
    for section, name in {**real, **fitted}:
        is_of_both = (section, name) in real and (section, name) in fitted
        if section == TIMES and not is_of_both:
            continue  # there is no time before an event that there is not
        value, count, form, adds_up = real.get((section, name), (0.0, 0, ",.1f", False))
        other, other_count, other_form, other_adds_up = fitted.get(
            (section, name), (0.0, 0, form, adds_up)
        )
        if other_adds_up:
            other *= scale
        numbers = [n for n in (count, other_count) if n] or [1]
        error = math.sqrt(math.fsum(1 / n for n in numbers))
        rows.append(
            Row(section, name, value, other, error, form if count else other_form)
        )
    order = list(dict.fromkeys(row.section for row in rows))
    return sorted(rows, key=lambda row: order.index(row.section))
