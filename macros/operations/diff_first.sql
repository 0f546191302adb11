{#
  What differs between the views compared_left and compared_right: {only_left, only_right, first}, the
  number of rows that only one of them has, and the first of these in the order of the key (of all
  columns, where there is none) as {left, right}: the row as texts by column, or none on the side that
  has none with this key.
#}
{% macro diff_first(names, key) -%}
{%- set quoted, texts, order = [], [], [] -%}
{%- for name in names -%}
    {%- do quoted.append(adapter.quote(name)) -%}
    {%- do texts.append('cast(' ~ adapter.quote(name) ~ ' as ' ~ dbt.type_string() ~ ')') -%}
{%- endfor -%}
{%- for name in key + names -%}
    {%- do order.append(adapter.quote(name)) if name in key or not key -%}
{%- endfor -%}
{%- set columns = quoted | join(', ') -%}
{%- set differing -%}
    with

    only_left as (

        select {{ columns }} from compared_left
        except all
        select {{ columns }} from compared_right

    ),

    only_right as (

        select {{ columns }} from compared_right
        except all
        select {{ columns }} from compared_left

    ),

    differing as (

        select 'left' as compared_side, {{ columns }} from only_left
        union all
        select 'right' as compared_side, {{ columns }} from only_right

    )

    select
        compared_side,
        sum(case when compared_side = 'left' then 1 else 0 end) over () as left_count,
        sum(case when compared_side = 'right' then 1 else 0 end) over () as right_count,
        {{ texts | join(', ') }}
    from differing
    order by {{ order | unique | join(', ') }}, compared_side
    limit 2
{%- endset -%}
{%- set rows = run_query(differing).rows -%}
{%- set found = {'only_left': 0, 'only_right': 0, 'first': {'left': none, 'right': none}} -%}
{%- for row in rows -%}
    {%- set values = dict(zip(names, row[3:])) -%}
    {%- if loop.first -%}
        {%- do found.update({'only_left': row[1] | int, 'only_right': row[2] | int}) -%}
        {%- do found['first'].update({row[0]: values}) -%}
    {%- elif key and row[0] == 'right' and found['first']['left'] -%}
        {%- set first = found['first']['left'] -%}
        {%- set changed = [] -%}
        {%- for name in key if values[name] != first[name] -%}
            {%- do changed.append(name) -%}
        {%- endfor -%}
        {%- do found['first'].update({'right': values}) if not changed -%}
    {%- endif -%}
{%- endfor -%}
{{ return(found) }}
{%- endmacro %}
