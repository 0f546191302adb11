"""`diorama fit`: from an event table to the file of a world."""

from __future__ import annotations

import math
from typing import Any

from diorama.errors import DioramaError
from diorama.files.declaration import KeyPath
from diorama.worlds.expectation import impossibilities
from diorama.worlds.file import World
from diorama.worlds.fit.activity import (
    Activity,
    Estimator,
    Sessions,
    estimate_sessions,
    falling,
    pooled,
)
from diorama.worlds.fit.counts import Columns, Counts, FitRequest
from diorama.worlds.fit.draft import Draft, number, with_error
from diorama.worlds.fit.properties import Properties
from diorama.worlds.fit.walk import Walk

__all__ = ["WEEK", "Columns", "Counts", "Draft", "FitRequest", "fit", "fit_counts"]
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_REPAIRS = 200
UNEVEN = 2.0  # dispersion of the daily sign-ups that is worth a line


def fit(connection: Any, request: FitRequest) -> Draft:
    """Fits a world to an event table.

    Args:
        connection: A connection of DuckDB to no database.
        request: The request.

    Returns:
        The file, with comments.

    Raises:
        UsageError: The table cannot be read or fitted.
    """
    return fit_counts(Counts(connection, request), request.world)


def fit_counts(counts: Counts, world: str) -> Draft:
    """Fits a world to the counts of an event table.

    Args:
        counts: The counts.
        world: Name of the world.

    Returns:
        The file, with comments.
    """
    draft = Draft(notes=counts.notes)
    activity = Estimator(counts).estimate()
    sessions = estimate_sessions(counts.session_histogram())
    draft.data["world"] = world
    _users(draft, counts, activity)
    _retention(draft, counts, activity)
    _sessions(draft, counts, sessions)
    _times(draft, counts, activity)
    for scope in ("users_have", "sessions_have"):
        draft.data[scope] = {}
    walk = Walk(counts, draft)
    draft.event_names = walk.found.found
    Properties(counts, walk, draft)
    for scope in ("users_have", "sessions_have"):
        if not draft.data[scope]:
            del draft.data[scope]
    _repair(draft)
    return draft


def _users(draft: Draft, counts: Counts, activity: Activity) -> None:
    data = draft.data
    users = max(1, round(activity.users))
    error = math.sqrt(math.fsum(e**2 for _, e in activity.segments.values()))
    data["users"] = users
    draft.figure(("users",), activity.users, error)
    unseen = max(users - counts.seen_users, 0)
    draft.comment(
        ("users",),
        f"± {number(error, 2)}; {counts.seen_users:,} are seen, and {unseen:,} more signed up "
        "before the first day and do not come",
    )
    data["start"] = str(counts.first)
    data["days"] = counts.days
    if len(counts.segments) > 1:
        data["segments"] = {}
        for name, (count, error) in activity.segments.items():
            share = count / activity.users
            data["segments"][name] = {"share": 100 * share}
            error = math.sqrt(
                share * (1 - share) / activity.users + (error / activity.users) ** 2
            )
            draft.figure(("segments", name, "share"), share, error)
            draft.comment(("segments", name), f"{with_error(100 * share, 100 * error)}")
        if counts.columns.segment is None:
            draft.comment(
                ("segments",),
                f"by active days in the {counts.days // 2} days after the first; those of odd days "
                "for retention on even ones and the other way round, so that chance is no habit",
            )
        else:
            data["visible_segments"] = True
    before, error = activity.before
    growth, growth_error = activity.weekly_growth
    days, days_error = activity.before_days
    data["signups"] = {
        "before": 100 * before,
        "before_days": min(max(round(days), 1), 365),
        "weekly_growth": f"{number(100 * growth)}%",
    }
    draft.figure(("signups", "before"), before, error)
    draft.figure(("signups", "before_days"), days, days_error)
    draft.figure(("signups", "weekly_growth"), growth, growth_error)
    draft.comment(
        ("signups",),
        f"{with_error(100 * before, 100 * error)}; {with_error(days, days_error)}; "
        f"{with_error(100 * growth, 100 * growth_error)}; by the users who are new each day",
    )
    if activity.dispersion > UNEVEN:
        draft.limits.append(
            f"The users who are seen first vary from day to day {activity.dispersion:.1f} times as "
            "much (variance) as independent users would; the file has a steady growth."
        )


def _retention(draft: Draft, counts: Counts, activity: Activity) -> None:
    # below what the rounded factors and shares of the file can come to
    most = 0.999 / max(factor for factor, _ in activity.weekdays)
    found: dict[str, dict[int, float]] = {}
    is_by_segment = len(counts.segments) > 1
    capped: list[tuple[float, str, float, float]] = []
    raised: list[tuple[float, str, float, float]] = []
    for name, points in activity.retention.items():
        if not points:
            # too few come back for a figure: as many as there may be without one
            users = math.fsum(count for count, _ in activity.segments.values())
            points = {1: (min(counts.min_users / users, 1.0), 0.0)}
            draft.notes.append(
                f"Fewer than {counts.min_users} users{f' of {name}' if is_by_segment else ''} come "
                "back on any day that is counted: their retention is an upper bound."
            )
        kept = falling(points, most)
        path: KeyPath = ("retention", name) if is_by_segment else ("retention",)
        for day, (share, error) in kept.items():
            draft.figure((*path, str(day)), share, error)
            if abs(share - points[day][0]) > 3 * error:
                where = f"{name} on day {day}" if is_by_segment else f"day {day}"
                moved = capped if share == most else raised
                moved.append(
                    (abs(share - points[day][0]), where, points[day][0], share)
                )
        draft.comment(
            path, "; ".join(with_error(100 * s, 100 * e) for s, e in kept.values())
        )
        found[name] = {day: 100 * share for day, (share, _) in kept.items()}
    for moved, why in (
        (capped, "which is as much as leaves the strongest weekday below 100 %"),
        (raised, "since users who have left do not return there"),
    ):
        if moved:
            _, where, observed, share = max(moved)
            more = (
                f", and on {len(moved) - 1} more days by less" if len(moved) > 1 else ""
            )
            draft.limits.append(
                f"Retention of {where} is {observed:.1%} and the file's {share:.1%}, {why}{more}."
            )
    draft.data["retention"] = found if is_by_segment else found[counts.segments[0]]
    if is_by_segment:
        draft.comment(
            ("retention",), "per cent by days since signing up, weekdays taken out"
        )


def _sessions(draft: Draft, counts: Counts, sessions: Sessions) -> None:
    path: KeyPath = ("sessions_per_active_day",)
    is_by_segment = len(counts.segments) > 1
    found: dict[str, float] = {}
    for name, (mean, error) in sessions.means.items():
        where = (*path, name) if is_by_segment else path
        found[name] = min(max(mean, 1.0), 50.0)
        draft.figure(where, mean, error)
        draft.comment(path, with_error(mean, error))
        if mean > 50:
            draft.limits.append(
                f"There are {mean:.0f} sessions a day; the file has 50 at most."
            )
    draft.data["sessions_per_active_day"] = (
        found if is_by_segment else found[counts.segments[0]]
    )
    spread, error = sessions.spread
    draft.data["activity_spread"] = min(max(round(spread, 4), 0.0), 1.5)
    draft.figure(("activity_spread",), spread, error)
    draft.comment(("activity_spread",), f"± {number(error, 2)}")
    if spread > 1.49:
        draft.limits.append(
            "Users differ in their sessions a day by more than the file can hold (activity_spread "
            "1.5)."
        )


def _times(draft: Draft, counts: Counts, activity: Activity) -> None:
    hours = counts.hours()
    total = sum(sessions for sessions, _ in hours)
    weights = pooled([(float(n), users) for n, users in hours], counts.min_users)
    scale = max(weights) or 1.0
    draft.data["hours"] = [float(f"{100 * w / scale:.4g}") for w in weights]
    for hour, (sessions, _) in enumerate(hours):
        share = sessions / total
        draft.figure(
            ("hours", str(hour)),
            share,
            math.sqrt(max(share * (1 - share), 1 / total) / total),
        )
    draft.comment(
        ("hours",), f"of {total:,} sessions, from midnight (UTC) on; the most are 100"
    )
    is_flat = all(error == 0 for _, error in activity.weekdays)
    draft.data["weekdays"] = [round(factor, 4) for factor, _ in activity.weekdays]
    for weekday, (factor, error) in zip(WEEK, activity.weekdays, strict=True):
        draft.figure(("weekdays", weekday), factor, error)
    largest = max(error for _, error in activity.weekdays)
    draft.comment(
        ("weekdays",),
        "too few days to tell"
        if is_flat
        else f"from Monday on; ± {number(largest, 2)}",
    )


def _repair(draft: Draft) -> None:
    """Corrects invalid values of a fitted file as little as possible, and notes it."""
    data = draft.data
    longer = 0
    for _ in range(MOST_REPAIRS):
        world = World.model_validate(data)
        problems = list(impossibilities(world))
        if not problems:
            break
        path, said = problems[0]
        if path[:1] == ("events",) and path[-1] == "keeps":
            event = data["events"][path[1]]
            event["picks"] = event.pop("keeps")
            draft.limits.append(
                f"A session can come to {path[1]} without a {event['picks']} before it, so that it "
                "picks one in the file, though most often it has the one before."
            )
        elif "more than" in said or "hours on average" in said:
            longer += 1
            for event in data["events"].values():
                following = event["next"]
                for weights in (following, *following.get("by_segment", {}).values()):
                    numbers = [w for k, w in weights.items() if k != "by_segment"]
                    weights["end"] = weights.get("end", 0.0) + 0.01 * math.fsum(numbers)
                if "after" in event and "hours" in said:
                    spread = event["after"]["spread"]
                    event["after"]["spread"] = max(1.0, round(spread * 0.95, 4))
        else:
            raise DioramaError(
                f"The fitted file is not valid: {said} This is a fault of diorama."
            )
    else:
        raise DioramaError(
            f"The fitted file is not valid: {said} This is a fault of diorama."
        )
    if longer:
        draft.limits.append(
            "The longest sessions go on for longer than sessions of the file may: each event ends "
            f"the session in about {longer} % more of the cases."
        )
