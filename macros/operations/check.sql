{#
  Run-operation. Holds files of the learning world against its gates, and emits a record {table,
  message, faults} for each that is broken. Each table is {name, files, format}. Where a table is there
  raw and cleaned, what is found in the raw one is marked is_raw: a count, not a fault.
#}
{% macro check(tables) -%}
{%- set names = tables | map(attribute='name') | list -%}
{%- set complete = [] -%}
{%- for table in tables -%}
    {%- do run_query('create or replace temp view checked_' ~ table['name'] ~ ' as ' ~ read_as_text(table['files'], table['format'])) -%}
    {%- set found = run_query('select * from checked_' ~ table['name'] ~ ' limit 0').column_names | list -%}
    {%- set lacking = documented_columns(table['name']) | reject('in', found) | list -%}
    {%- for column in lacking -%}
        {%- do emit({'table': table['name'], 'message': 'column ' ~ column ~ ' is missing', 'faults': 1}) -%}
    {%- endfor -%}
    {%- if 'engagement_score' in found and table['name'] != 'users' -%}
        {%- do emit({'table': table['name'], 'message': 'engagement_score is there: the hidden cause leaks', 'faults': 1}) -%}
    {%- endif -%}
    {%- if not lacking -%}
        {%- do complete.append(table['name']) -%}
        {{ check_rows(table['name'], names) }}
    {%- endif -%}
{%- endfor -%}
{#- between files, cleaned rows stand for the raw ones, whose defects are no faults -#}
{%- for name in ['users', 'events'] if name ~ '_clean' in names -%}
    {%- do run_query('create or replace temp view checked_' ~ name ~ ' as select * from checked_' ~ name ~ '_clean') -%}
    {%- do complete.remove(name) if name in complete -%}
    {%- do complete.append(name) if name ~ '_clean' in complete -%}
{%- endfor -%}
{{ check_between(complete) }}
{%- endmacro %}
