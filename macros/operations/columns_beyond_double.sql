{#
  The names of those whole-number columns of a relation that hold a number beyond 2^53, which readers of
  JSON that have doubles alone would round.
#}
{% macro columns_beyond_double(relation, columns) -%}
{%- set names, tests = [], [] -%}
{%- for column in columns if column.dtype | lower in ('bigint', 'hugeint', 'ubigint') -%}
    {%- set name = adapter.quote(column.name) -%}
    {%- do names.append(column.name) -%}
    {%- do tests.append('max(' ~ name ~ ') > 9007199254740992 or min(' ~ name ~ ') < -9007199254740992') -%}
{%- endfor -%}
{%- set found = [] -%}
{%- if names -%}
    {%- for is_beyond in run_query('select ' ~ tests | join(', ') ~ ' from ' ~ relation).rows[0] -%}
        {%- do found.append(names[loop.index0]) if is_beyond -%}
    {%- endfor -%}
{%- endif -%}
{{ return(found) }}
{%- endmacro %}
