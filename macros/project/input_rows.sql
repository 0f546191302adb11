{#
  Query: the rows of an input, its columns by name and of their types; none where nobody brings it. A
  column that the relation may leave out (covariate_days) is null then; a usage error names every other
  that it lacks.
#}
{% macro input_rows(part) -%}
{%- set relation, columns = input_relation(part), input_columns()[part] -%}
{%- set lacking = [] -%}
{%- if execute and relation -%}
    {%- set found = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list -%}
    {#- the rows of a unit test, and relations that are not built, have none -#}
    {%- set lacking = columns | reject('in', found) | list if found else [] -%}
    {%- set needed = lacking | reject('equalto', 'covariate_days') | list -%}
    {%- if needed -%}
        {{ raise_usage_error(
            "Input '" ~ part ~ "', " ~ relation ~ ", lacks " ~ needed | join(', ') ~ ". It needs the columns "
            ~ columns | reject('equalto', 'covariate_days') | join(', ') ~ " (docs/analyse.md)."
        ) }}
    {%- endif -%}
{%- endif -%}
select
        {%- for column, type in columns.items() %}
            cast({{ 'null' if column in lacking or not relation else column }} as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
        {{ 'from ' ~ relation if relation else 'where false' }}
{%- endmacro %}
