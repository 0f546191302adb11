{# The number of the Markov chain by which a session goes on: one per regime and segment. #}
{% macro chain_number(regime, segment) -%}
    cast({{ regime }} * {{ declaration()['segments'] | length }} + {{ segment }} as integer)
{%- endmacro %}
