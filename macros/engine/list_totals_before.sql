{# A list of the sums of all elements before each of a list of BIGINT, a column; 0 for the first. #}
{% macro list_totals_before(values) -%}
    {{ return(adapter.dispatch('list_totals_before', 'diorama')(values)) }}
{%- endmacro %}

{# sqlfluff cannot parse a lambda of two names (4.4). #}
{% macro duckdb__list_totals_before(values) -%}
    list_transform(  -- noqa: PRS
        {{ values }},
        lambda item, place: cast(coalesce(list_sum(list_slice({{ values }}, 1, place - 1)), 0) as bigint)
    )
{%- endmacro %}

{# Places are counted from 0. #}
{% macro spark__list_totals_before(values) -%}
    transform(
        {{ values }},
        (item, place) -> aggregate(
            slice({{ values }}, 1, place), cast(0 as bigint), (total, value) -> total + value
        )
    )
{%- endmacro %}
