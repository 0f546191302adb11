{#
  Emits what is wrong between checked files, of those that have all their columns; part of check().
  The label window is that of the files: the days from the last label to the last date.
#}
{% macro check_between(complete) -%}
{%- set ns = namespace(window=0) -%}
{%- if 'user_daily' in complete and 'labels_daily' in complete -%}
    {%- set last_of = 'select max(' ~ try_cast('as_of_date', 'date') ~ ') as last_date from checked_' -%}
    {%- set ns.window = run_query(
        'select ' ~ days_between('labels.last_date', 'days.last_date') ~ ' from (' ~ last_of
        ~ 'user_daily) as days cross join (' ~ last_of ~ 'labels_daily) as labels'
    ).rows[0][0] or 0 -%}
{%- endif -%}
{%- for needed, query, message in gates_between_tables() if not needed | reject('in', complete) | list -%}
    {%- set faults = run_query(query | replace('@window', ns.window | int)).rows[0][0] or 0 -%}
    {%- if faults > 0 -%}
        {%- set table, _, rest = message.partition(': ') -%}
        {%- do emit({
            'table': table ~ ('_clean' if table ~ '_clean' in complete else ''), 'message': rest, 'faults': faults | int,
        }) -%}
    {%- endif -%}
{%- endfor -%}
{%- endmacro %}
