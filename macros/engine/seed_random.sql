{# Statement that sets the seed of random() on this connection. #}
{% macro seed_random(seed) -%}
    {{ return(adapter.dispatch('seed_random', 'diorama')(seed)) }}
{%- endmacro %}

{% macro duckdb__seed_random(seed) -%}
    select setseed({{ seed }} % 1000003 / 1000003.0)
{%- endmacro %}

{# Nothing: the root key is given, as check_engine makes sure. #}
{% macro spark__seed_random(seed) -%}
{%- endmacro %}
