{#
  What becomes of the state `initial` when `next` is applied to it once for each integer from
  `count` down to 1: series and continued fractions, evaluated from their far end. `next` is an
  expression of the names `state` and `step` (both DOUBLE) and of columns, and has the type of
  `initial`. A count below 1 gives `initial`, NULL gives NULL.
#}
{% macro iterate(count, initial, next) -%}
    {{ return(adapter.dispatch('iterate', 'diorama')(count, initial, next)) }}
{%- endmacro %}

{# sqlfluff cannot parse a lambda of two names (4.4), and the comment says so where it is called. #}
{% macro duckdb__iterate(count, initial, next) -%}
    list_reduce(  -- noqa: PRS
        cast(range({{ count }}, 0, -1) as double []),
        lambda state, step: {{ next }},
        {{ initial }}
    )
{%- endmacro %}

{# sequence(0, 1, -1) is an error, in a branch that is not taken as well. #}
{% macro spark__iterate(count, initial, next) -%}
    aggregate(
        case
            when {{ count }} >= 1
                then cast(sequence(greatest(cast({{ count }} as int), 1), 1, -1) as array<double>)
            when {{ count }} < 1 then cast(array() as array<double>)
        end,
        {{ initial }},
        (state, step) -> {{ next }}
    )
{%- endmacro %}
