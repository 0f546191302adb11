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
        has_copies: Whether an id may come more than once, as in the raw log.
    """

    relation: Relation
    columns: dict[str, str]
    shape: dict[str, Any]
    time: str
    id: str
    event_type: str | None = None
    type_column: str | None = None
    session: str | None = None
    has_copies: bool = False


@dataclass(frozen=True)
class Form:
    """How events are sent.

    Attributes:
        has_lines: Whether as lines of JSON.
        stream_prefix: The prefix of the Redis Streams' names; None if not to Redis.
        maxlen: Approximate number of entries that Redis keeps per stream.
    """

    has_lines: bool = True
    stream_prefix: str | None = None
    maxlen: int = 0

    def keys(self, types: Sequence[str]) -> list[str]:
        """The names of the Redis Streams, by number of the type."""
        return [f"{self.stream_prefix}:{name}" for name in types]


def stream_query(
    tables: Sequence[EventTable],
    types: Sequence[str],
    databases: Sequence[str],
    begin_ms: int,
    end_ms: int,
    form: Form,
) -> str:
    """The events from a moment (inclusive) to another (exclusive), in milliseconds.

    Args:
        tables: The tables.
        types: The names of all event types; `unknown` is that of events whose type a defect took.
        databases: The names of the databases that hold the tables.
        begin_ms: The first moment.
        end_ms: The last moment.
        form: How the events are sent.

    Returns:
        A query for the columns of `Events`, in order of time, then of types as they are listed,
        then of rank. What `form` does not ask for is empty.

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
    # a text of some hundred bytes, by which sorting is not cheap
    last_key = ", data" if any(table.has_copies for table in tables) else ""
    return f"""
        with events as ({" union all ".join(parts)}),
        dated as (select *, {session_day} as session_day from events),
        sorted as (
            select ms, type_number, data
            from dated
            where ms >= {begin_ms}
            order by ms, type_number, session_day, id{last_key}
        ),
        -- windows of sorted rows as they come, which sort nothing again
        numbered as (
            select
                *,
                row_number() over () as number,
                ms is distinct from lag(ms) over ()
                or type_number is distinct from lag(type_number) over () as is_first
            from sorted
        ),
        ranked as (
            select
                *,
                number - max(case when is_first then number end) over (
                    rows between unbounded preceding and current row
                ) as place
            from numbered
        )
        select
            ms,
            cast(type_number as bigint) as type_number,
            place,
            {"data || chr(10)" if form.has_lines else "''"} as line,
            {_command(form, types) if form.stream_prefix else "''"} as command
        from ranked
    """


def _command(form: Form, types: Sequence[str]) -> str:
    """XADD key MAXLEN ~ maxlen id data JSON, in Redis's protocol."""
    break_ = "\r\n"

    def packed(*arguments: str) -> str:
        return "".join(
            f"${len(each.encode())}{break_}{each}{break_}" for each in arguments
        )

    heads = [
        f"*8{break_}{packed('XADD', key, 'MAXLEN', '~', str(form.maxlen))}$"
        for key in form.keys(types)
    ]
    cases = [f"when {number} then {literal(head)}" for number, head in enumerate(heads)]
    field = f"{break_}{packed('data')}$"
    return f"""
            concat(
                case type_number {" ".join(cases)} end,
                strlen(concat(ms, '-', place)), {literal(break_)}, ms, '-', place,
                {literal(field)}, strlen(data), {literal(break_)}, data, {literal(break_)}
            )
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
