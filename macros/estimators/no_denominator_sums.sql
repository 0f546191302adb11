{# Expressions: the sums of cell_sums over denominators, where a metric is no ratio. #}
{% macro no_denominator_sums() -%}
{%- for column in ['denominator_sum', 'denominator_sum_squares', 'main_denominator_sum_product'] -%}
cast(null as {{ type_hugeint() }}) as {{ column }}{{ ',\n        ' if not loop.last }}
{%- endfor %}
{%- endmacro %}
