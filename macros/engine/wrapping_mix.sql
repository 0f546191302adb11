{#
  The finalizer in integer arithmetic that wraps: spark.sql.ansi.enabled must be false, as dbt-spark
  sets it, where it is computed or, in a function, where that was created. The masks make a logical
  shift of shiftright().
#}
{% macro wrapping_mix(x) -%}
{%- set ns = namespace(mixed=x) -%}
{%- for _ in range(2) -%}
    {%- set ns.mixed = '((' ~ ns.mixed ~ ' ^ (shiftright(' ~ ns.mixed ~ ', 32) & 4294967295)) * -2960836687051489901)' -%}
{%- endfor -%}
    (shiftright({{ ns.mixed }} ^ (shiftright({{ ns.mixed }}, 32) & 4294967295), 1) & 9223372036854775807)
{%- endmacro %}
