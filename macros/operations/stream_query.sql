{#
  A query for the events of a span of time, from several tables and databases:
  (milliseconds, number of the event type, rank within the millisecond, JSON), in order of time, then
  of types as they are listed, then of rank. The caller puts three moments in it, in milliseconds:
  @from (inclusive), @until (exclusive) and @seen_from.

  Events of one type and millisecond are ranked by id. Where a world goes on past its last day, those
  of a session that began the day before come first: they are known before the next day is made, so
  that no rank ever changes. @seen_from is an hour before @from where that lies in the first hour of
  a day, to see when such a session began.

  `tables` are {schema, name, columns, shape, stream}, with the stream's keys time, id, event_type or
  type_column, and session where a world goes on; `types` the names of all event types in order;
  `catalogs` the databases that hold the tables. Raw events (is_raw) come in order of delivery, and are
  of the type `unknown` where a defect took their type away.
#}
{% macro stream_query(tables, types, catalogs, is_raw) -%}
{%- set parts, sessions, numbers = [], tables | selectattr('stream.session', 'defined') | list, [] -%}
{%- for table in tables -%}
    {%- set relation = adapter.get_relation(target.database, table['schema'], table['name']) -%}
    {%- set stream, columns = table['stream'], export_columns(relation, table['columns']) -%}
    {%- set time = 'received_at' if is_raw else stream['time'] -%}
    {%- set type = "'" ~ stream['event_type'] ~ "'" if 'event_type' in stream else 'coalesce(' ~ clean_category(stream['type_column'], types) ~ ", 'unknown')" -%}
    {%- set shape = {'times': 'plain'} -%}
    {%- do shape.update(table.get('shape') or {}) -%}
    {%- do shape.update({'texts': columns_beyond_double(relation, columns)}) -%}
    {%- for catalog in catalogs -%}
        {%- do parts.append(
            'select ' ~ epoch_ms(time) ~ ' as ms, ' ~ type ~ ' as event_type, ' ~ stream['id'] ~ ' as id, '
            ~ (stream['session'] if sessions else 'null') ~ ' as session, '
            ~ json_text(named_struct(export_expressions(columns, shape))) ~ ' as data from '
            ~ catalog ~ '.' ~ table['schema'] ~ '.' ~ table['name']
            ~ ' where ' ~ time ~ ' >= ' ~ timestamp_from_ms('@seen_from')
            ~ ' and ' ~ time ~ ' < ' ~ timestamp_from_ms('@until')
        ) -%}
    {%- endfor -%}
{%- endfor -%}
{%- for type in types -%}
    {%- do numbers.append("when '" ~ type ~ "' then " ~ loop.index0) -%}
{%- endfor -%}
{%- set session_day = integer_quotient('min(ms) over (partition by session)', 86400000) if sessions else '0' -%}
{%- set query -%}
with events as ({{ parts | join(' union all ') }}),
dated as (select *, {{ session_day }} as session_day from events),
ranked as (
    select
        ms,
        case event_type {{ numbers | join(' ') }} end as type_number,
        row_number() over (partition by event_type, ms order by session_day, id, data) - 1 as place,
        data
    from dated
    where ms >= @from
)
select ms, type_number, place, data from ranked order by ms, type_number, place
{%- endset -%}
{{ return(query) }}
{%- endmacro %}
