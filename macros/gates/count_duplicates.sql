{# Query that counts the values of columns which more than one row of a checked file has. #}
{% macro count_duplicates(table, columns) -%}
{%- set names = columns | join(', ') -%}
    select count(*) from (
        select {{ names }} from checked_{{ table }}
        where {{ columns[0] }} is not null group by {{ names }} having count(*) > 1
    ) as repeated
{%- endmacro %}
