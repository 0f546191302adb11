{#
  Logarithm of the gamma function at x >= 1, as scipy.special.gammaln: Stirling's series at x + 10, less
  the logarithm of x (x + 1) … (x + 9). Absolute error below 1e-15 times the larger of 10 and the value.
  x is a stored DOUBLE column, because it is repeated.
#}
{% macro log_gamma(x) -%}
{%- set shifted = '(' ~ x ~ ' + 10)' -%}
{%- set series = [
    '8.333333333333333e-2', '-2.777777777777778e-3', '7.936507936507937e-4', '-5.952380952380953e-4',
    '8.417508417508417e-4', '-1.917526917526918e-3',
] -%}
(({{ shifted }} - 0.5e0) * ln({{ shifted }}) - {{ shifted }} + 0.91893853320467274178e0
        + {{ polynomial('1 / (' ~ shifted ~ ' * ' ~ shifted ~ ')', series) }} / {{ shifted }}
        - ln({{ x }}{% for step in range(1, 10) %} * ({{ x }} + {{ step }}){% endfor %}))
{%- endmacro %}
