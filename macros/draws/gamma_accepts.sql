{#
  The test of Marsaglia and Tsang (2000) of one attempt of gamma(), over that macro's columns.
  d = shape - 1/3 as a literal.
#}
{% macro gamma_accepts(column, attempt, d) -%}
{%- set z, v = column ~ '_z' ~ attempt, column ~ '_v' ~ attempt -%}
    ln(1 - {{ column }}_u{{ attempt }}) < 0.5 * {{ z }} * {{ z }} + {{ d }} * (1 - {{ v }} + ln({{ v }}))
{%- endmacro %}
