{#
  Repeats its row once for each integer from start (inclusive) to stop (exclusive) and returns that
  integer; a row whose range is empty vanishes. Stands alone in a select list, with an alias.
#}
{% macro unnest_range(start, stop) -%}
    {{ return(adapter.dispatch('unnest_range', 'diorama')(start, stop)) }}
{%- endmacro %}

{% macro duckdb__unnest_range(start, stop) -%}
    unnest(range({{ start }}, {{ stop }}))
{%- endmacro %}

{# sequence(0, -1) would count down, so an empty range becomes null, of which explode makes no row. #}
{% macro spark__unnest_range(start, stop) -%}
    explode(case
        when {{ start }} < {{ stop }}
            then sequence(cast({{ start }} as bigint), cast({{ stop }} as bigint) - 1)
    end)
{%- endmacro %}
