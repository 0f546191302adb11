"""The query of a stream: events of a time span, from several tables and databases."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diorama.engines.sql import literal
from diorama.files.export_query import expressions, named_struct
from diorama.project.catalogue import Relation

DAY_MS = 86_400_000
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class EventTable:
    """A table of events.

    Attributes:
        relation: The table.
        columns: The types of the columns that are sent.
        shape: How they are sent (`export_query.expressions`).
        time: The column by which events are ordered.
        id: The column that names an event.
        event_type: The type of all events; None where a column has it.
        type_column: That column.
        session: The column of the session, where the world goes on past its last day.
    """

    relation: Relation
    columns: dict[str, str]
    shape: dict[str, Any]
    time: str
    id: str
    event_type: str | None = None
    type_column: str | None = None
    session: str | None = None


def stream_query(
    tables: Sequence[EventTable],
    types: Sequence[str],
    databases: Sequence[str],
    begin_ms: int,
    end_ms: int,
) -> str:
    """The events from a moment (inclusive) to another (exclusive), in milliseconds.

    Args:
        tables: The tables.
        types: The names of all event types; `unknown` is that of events whose type a defect took.
        databases: The names of the databases that hold the tables.
        begin_ms: The first moment.
        end_ms: The last moment.

    Returns:
        A query for the milliseconds, the number of the type, the rank within the millisecond and
        the JSON of each event, in order of time, then of types as they are listed, then of rank.

    Events of one type and millisecond are ranked by id. Where a world goes on past its last day,
    those of a session that began the day before come first: they are known before the next day is
    made, so that no rank ever changes. To see when such a session began, the first hour of a day is
    read together with the hour before.
    """
    goes_on = any(table.session for table in tables)
    seen_from_ms = begin_ms - HOUR_MS * (begin_ms % DAY_MS < HOUR_MS)
    parts = [
        f"""
        select
            epoch_ms({table.time}) as ms,
            {_type_number(table, types)} as type_number,
            {table.id} as id,
            {table.session if goes_on else "null"} as session,
            cast(to_json({_document(table)}) as varchar) as data
        from {database}.{table.relation.sql}
        where {table.time} >= make_timestamp_ms({seen_from_ms})
            and {table.time} < make_timestamp_ms({end_ms})
        """
        for table in tables
        for database in databases
    ]
    session_day = f"min(ms) over (partition by session) // {DAY_MS}" if goes_on else "0"
    return f"""
        with events as ({" union all ".join(parts)}),
        dated as (select *, {session_day} as session_day from events)
        select
            ms,
            type_number,
            row_number() over (
                partition by type_number, ms order by session_day, id, data
            ) - 1 as place,
            data
        from dated
        where ms >= {begin_ms}
        order by ms, type_number, place
    """


def _document(table: EventTable) -> str:
    return named_struct(expressions(table.columns, table.shape))


def _type_number(table: EventTable, types: Sequence[str]) -> str:
    """The number of an event's type, whatever case and blanks a defect gave it."""
    if table.event_type:
        return str(types.index(table.event_type))
    known = " ".join(
        f"when {literal(name.lower())} then {number}"
        for number, name in enumerate(types)
    )
    unknown = types.index("unknown") if "unknown" in types else "null"
    return f"case lower(trim({table.type_column})) {known} else {unknown} end"
