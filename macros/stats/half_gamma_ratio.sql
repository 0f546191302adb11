{#
  gamma(a + 1/2) / gamma(a) for a > 0, relative error about 1e-15: ten steps up by gamma(a + 1) =
  a * gamma(a), and there the expansion in 1 / w^2, w = a - 1/4 (Tricomi and Erdelyi 1951), which
  seven terms bring below 4e-16. Nothing is subtracted, as it would be with logarithms of the gamma
  function, and no engine needs one. a is a stored DOUBLE column, because it is repeated.
#}
{% macro half_gamma_ratio(a) -%}
{%- set terms = ['1e0', '0.015625e0', '-0.0023193359375e0', '0.0012035369873046875e0',
    '-0.001298762857913971e0', '0.0023855575127527118e0', '-0.006670963462056534e0'] -%}
{%- set w = '(' ~ a ~ ' + 9.75e0)' -%}
    sqrt({{ w }})
    * {{ polynomial('1 / (' ~ w ~ ' * ' ~ w ~ ')', terms) }}
    {%- for j in range(10) %}
    * (({{ a }} + {{ j }}) / ({{ a }} + {{ j }}.5e0))
    {%- endfor %}
{%- endmacro %}
