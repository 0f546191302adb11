{#
  Run-operation. Emits what a stream is to know of its tables, {schema, name, columns, shape, stream}:
  the number of events, the milliseconds of the first and of the last one (none without events), the
  run, what the tables were built from, and the queries of stream_query() for each list of catalogs.
  Where a table is not there, `lacking` names those that are not, and nothing else is said.
#}
{% macro stream_source(tables, types, catalogs, is_raw) -%}
{%- set facts = {'events': 0, 'first_ms': none, 'last_ms': none, 'lacking': [], 'queries': []} -%}
{%- for table in tables if adapter.get_relation(target.database, table['schema'], table['name']) is none -%}
    {%- do facts['lacking'].append(table['name']) -%}
{%- endfor -%}
{%- for table in tables if not facts['lacking'] -%}
    {%- set relation = adapter.get_relation(target.database, table['schema'], table['name']) -%}
    {%- set time = 'received_at' if is_raw else table['stream']['time'] -%}
    {%- set row = run_query(
        'select count(*), ' ~ epoch_ms('min(' ~ time ~ ')') ~ ', ' ~ epoch_ms('max(' ~ time ~ ')') ~ ' from ' ~ relation
    ).rows[0] -%}
    {%- if row[0] > 0 -%}
        {%- do facts.update({
            'events': facts['events'] + row[0] | int,
            'first_ms': [row[1] | int, facts['first_ms'] or row[1] | int] | min,
            'last_ms': [row[2] | int, facts['last_ms'] or row[2] | int] | max,
        }) -%}
    {%- endif -%}
    {%- do facts.update({'memory': remembered_build(relation)}) -%}
{%- endfor -%}
{%- if not facts['lacking'] -%}
    {%- for names in catalogs -%}
        {%- do facts['queries'].append(stream_query(tables, types, names, is_raw)) -%}
    {%- endfor -%}
    {%- do facts.update({'run': remembered_run()}) -%}
{%- endif -%}
{%- do emit(facts) -%}
{%- endmacro %}
