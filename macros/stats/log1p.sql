{#
  ln(1 + x) for x >= 0 that keeps its relative accuracy near 0, by Kahan: the rounding of 1 + x
  enters the logarithm and its divisor alike. x is a stored DOUBLE column, because it is repeated;
  where 1 + x is infinite, so is the result. NULL gives NULL.
#}
{% macro log1p(x) -%}
    case
        when 1 + {{ x }} = 1 then {{ x }}
        when {{ x }} > 1e16 then ln({{ x }})
        else ln(1 + {{ x }}) * ({{ x }} / ((1 + {{ x }}) - 1))
    end
{%- endmacro %}
