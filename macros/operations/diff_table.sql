{# What diff() says of a table that both sides have, given as a query each. #}
{% macro diff_table(table, left, right) -%}
{%- set left_columns, right_columns = columns_of_query(left), columns_of_query(right) -%}
{%- set columns = diff_columns(left_columns, right_columns) -%}
{%- set names = columns | map(attribute='name') | list -%}
{%- if not names -%}
    {{ raise_usage_error("The two tables '" ~ table['name'] ~ "' have no column in common. Compare others.") }}
{%- endif -%}
{%- set record = {
    'table': table['name'],
    'left_columns': left_columns | map(attribute='name') | reject('in', names) | list,
    'right_columns': right_columns | map(attribute='name') | reject('in', names) | list,
} -%}
{%- for side, query in [('left', left), ('right', right)] -%}
    {%- set view = 'compared_' ~ side -%}
    {%- do run_query(
        'create or replace temp view ' ~ view ~ ' as select ' ~ diff_select(columns) ~ ' from (' ~ query ~ ') as given'
    ) -%}
    {%- do record.update({side: diff_counted('select * from ' ~ view, columns)}) -%}
{%- endfor -%}
{%- if record['left'] != record['right'] -%}
    {%- set key = table['key'] if not table['key'] | reject('in', names) | list else [] -%}
    {%- do record.update({'key': key}) -%}
    {%- do record.update(diff_first(names, key)) -%}
{%- endif -%}
{{ return(record) }}
{%- endmacro %}
