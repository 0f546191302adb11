{#
  The root key as an expression: the var root_key if it is given, else drawn from the seed by
  setseed() and random(). The seed itself enters too, so that two seeds always differ.
  The only use of the engine's random().
#}
{% macro root_key() -%}
{%- if setting('root_key') is not none -%}
    cast({{ setting('root_key') }} as bigint)
{%- else -%}
    {{ mix(bitwise_xor(
        mix('cast(' ~ (setting('seed') + 2850178316163958421) ~ ' as bigint)'),
        'cast(' ~ seeded_bits(setting('seed')) ~ ' as bigint)'
    )) }}
{%- endif -%}
{%- endmacro %}
