{# A list of the BIGINT from start (inclusive) to stop (exclusive). #}
{% macro list_range(start, stop) -%}
    {{ return(adapter.dispatch('list_range', 'diorama')(start, stop)) }}
{%- endmacro %}

{% macro duckdb__list_range(start, stop) -%}
    range({{ start }}, {{ stop }})
{%- endmacro %}

{# sequence(0, -1) would count down. #}
{% macro spark__list_range(start, stop) -%}
    case
        when {{ start }} < {{ stop }}
            then sequence(cast({{ start }} as bigint), cast({{ stop }} as bigint) - 1)
        else cast(array() as array<bigint>)
    end
{%- endmacro %}
