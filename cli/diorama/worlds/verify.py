"""`verify.sql` of an export: recomputes the declared numbers from the files with plain DuckDB."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jinja2

from diorama.engines.sql import literal

TEMPLATE = Path(__file__).parent / "sql" / "verify.sql.jinja"
READERS = {"parquet": "read_parquet", "csv": "read_csv", "jsonl": "read_json"}


def verification(declared: dict[str, Any], format_: str, suffix: str) -> str:
    """The script that verifies the files of a declared world.

    Args:
        declared: The world, as its rows of parameters.
        format_: The format of the files.
        suffix: The ending of their names.

    Returns:
        SQL for plain DuckDB, which reads files in its own folder.
    """

    def read(name: str) -> str:
        return f"{READERS[format_]}({literal(name + suffix)})"

    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    settings, kinds = declared["settings"], [row[1] for row in declared["items"]]
    first = date.fromisoformat(settings["custom_start_date"])
    last = first + timedelta(days=settings["custom_days"] - 1)
    users = [p["name"] for p in declared["properties"] if p["scope"] == "users"]
    users += ["segment"] if declared["has_visible_segments"] else []
    return template.render(
        name=declared["name"].replace("\n", " "),
        read=read,
        user_columns="".join(f", {name}" for name in users),
        event_columns="".join(f", {name}" for name in _event_columns(declared)),
        controls=", ".join(
            literal(row[1].lower()) for row in declared["analysed_experiments"]
        )
        or "''",
        has_item=" or ".join(f"{kind}_id is not null" for kind in kinds) or "false",
        joined_items=_joined_items(kinds),
        expressions=_expressions(declared),
        shares=[*_shares(declared), *_thresholds(declared)],
        retention=_retention(declared),
        weekdays=", ".join(repr(row[1]) for row in declared["weekdays"]),
        first_day=f"date '{first}'",
        last_day=f"date '{last}'",
    )


def _event_columns(declared: dict[str, Any]) -> list[str]:
    of = [p["name"] for p in declared["properties"] if p["scope"] == "sessions"]
    of += [f"{row[1]}_id" for row in declared["items"]]
    of += [p["name"] for p in declared["properties"] if p["scope"] == "events"]
    return list(dict.fromkeys(of))


def _joined_items(kinds: list[str]) -> str:
    if not kinds:
        return ""
    ids = ", ".join(f"events.{kind}_id" for kind in kinds)
    return f" left join items on items.item_id = coalesce({ids}, null)"


def _expressions(
    declared: dict[str, Any],
) -> list[tuple[str, str, tuple[str, str], int]]:
    """Numbers of events that are computed of others."""
    properties = declared["properties"]
    found = []
    for each in properties:
        if each["scope"] != "events" or each["method"] != "expression":
            continue
        own = {
            p["name"]
            for p in properties
            if p["scope"] == "events" and p["owner"] == each["owner"]
        }

        def qualified(match: re.Match[str], own: set[str] = own) -> str:
            table = "events" if match[0] in own else "items"
            return f"cast({table}.{match[0]} as double)"

        text = re.sub("[a-z][a-z0-9_]*", qualified, each["expression"])
        found.append(
            (
                literal(
                    f"events.{each['owner']}.has.{each['name']}: {each['expression']}"
                ),
                literal(each["owner"]),
                (f"cast(events.{each['name']} as double)", text),
                10 ** each["places"],
            )
        )
    return found


Share = tuple[str, float, str, str, float]


def _shares(declared: dict[str, Any]) -> list[Share]:
    """Declared shares that files show: those that are of all segments alike, or of visible ones."""
    found: list[Share] = []
    groups: dict[str, set[str]] = {}
    for subject, _, group in declared["claim_groups"]:
        groups.setdefault(subject, set()).add(group)
    is_visible = declared["has_visible_segments"]
    for subject, group, value, claim, number, share in declared["claimed_shares"]:
        rows = _rows_of(subject)
        if rows is None or "@" in subject:
            continue
        trials, condition = rows(value)
        if len(groups[subject]) > 1 or group:
            if not (is_visible and trials == "users"):
                continue
            others = ", ".join(literal(g) for g in groups[subject] if g) or "''"
            within = (
                f"segment = {literal(group)}" if group else f"segment not in ({others})"
            )
            trials = f"users where {within}"
        found.append((literal(claim), number, condition, trials, share))
    return found


def _rows_of(subject: str) -> Callable[[str], tuple[str, str]] | None:
    """The rows that a share is of, and its condition, by value."""
    parts = subject.split(".")
    if subject == "hours":
        return lambda value: ("sessions", f"hour(started_at) = {value}")
    if parts[0] == "users_have":
        return lambda value: ("users", f"{parts[1]} = {literal(value)}")
    if parts[0] == "sessions_have":
        first = "events where event_id % 4096 = 0"
        return lambda value: (first, f"{parts[1]} = {literal(value)}")
    if parts[0] == "events" and parts[-1] == "next":
        name = literal(parts[1])
        # an effect begins with the exposing event
        rows = (
            f"events join unaffected using (user_id) where event_name = {name} "
            "and not (is_treated and event_time >= exposed_at)"
        )
        ends = "next_name is null"
        return lambda value: (
            rows,
            ends if value == "end" else f"next_name = {literal(value)}",
        )
    if parts[0] == "events" and parts[2] == "has":
        rows = f"events where event_name = {literal(parts[1])}"
        return lambda value: (rows, f"{parts[3]} = {literal(value)}")
    if parts[0] == "items" and parts[2] == "has":
        rows = f"items where item_kind = {literal(parts[1])}"
        return lambda value: (rows, f"{parts[3]} = {literal(value)}")
    return None


def _thresholds(declared: dict[str, Any]) -> list[Share]:
    """Shares of numbers at or below a threshold."""
    places = {
        (p["scope"], p["owner"], p["name"]): p["places"]
        for p in declared["properties"]
        if p["is_number"]
    }
    found: list[Share] = []
    for subject, scope, owner, name, threshold, share in declared["thresholds"]:
        path, _, quantile = subject.partition("@")
        claim = literal(f"{path} (share up to quantile {quantile})")
        if scope == "gaps":
            rows = (
                f"events join unaffected using (user_id) where event_name = {literal(owner)} "
                "and gap_ms is not null and not (is_treated and event_time > exposed_at)"
            )
            found.append((claim, share, f"gap_ms <= {threshold}", rows, share))
        elif name is not None:
            rows = {
                "users": "users",
                "sessions": "events where event_id % 4096 = 0",
                "items": f"items where item_kind = {literal(owner)}",
                "events": f"events where event_name = {literal(owner)}",
            }[scope]
            unit = 10 ** places[scope, owner, name]
            condition = f"cast({name} as double) * {unit} <= {threshold} + 0.5"
            found.append((claim, share, condition, rows, share))
    return found


def _retention(declared: dict[str, Any]) -> list[tuple[str, float, int, float]]:
    """Retention of all segments together."""
    weights = {row[0]: (row[3] - row[2]) / 1e9 for row in declared["segments"]}
    days = {day for _, day, _ in declared["retention"]}
    points: dict[int, dict[int, float]] = {}
    for segment, day, share in declared["retention"]:
        points.setdefault(segment, {})[day] = share
    found = []
    for day in sorted(days):
        if all(day in points.get(segment, {}) for segment in weights):
            share = sum(w * points[segment][day] for segment, w in weights.items())
            found.append((literal(f"retention on day {day}"), share, day, share))
    return found
