{# The distinct elements of a list, a column, in the order in which each comes first. #}
{% macro list_unique(values) -%}
    {{ return(adapter.dispatch('list_unique', 'diorama')(values)) }}
{%- endmacro %}

{# list_distinct has no order; sqlfluff cannot parse a lambda of two names (4.4). #}
{% macro duckdb__list_unique(values) -%}
    list_filter(  -- noqa: PRS
        {{ values }},
        lambda item, place: list_position({{ values }}, item) = place
    )
{%- endmacro %}

{% macro spark__list_unique(values) -%}
    array_distinct({{ values }})
{%- endmacro %}
