{#
  Expressions: the columns of cell_sums of a cohort of which only some units are in a group: sums over the
  group, with 0 where it is empty because none of them did anything; those of the covariate alone are of
  the cohort. Sums of a denominator only where the metric is a ratio.
#}
{% macro zero_filled_sums(cohort, group, is_ratio) -%}
{%- for column in cell_columns() -%}
{%- if column in ['n_units', 'covariate_count', 'covariate_sum', 'covariate_sum_squares'] -%}
{{ cohort }}.{{ column }}
{%- elif column in ['denominator_sum', 'denominator_sum_squares', 'main_denominator_sum_product'] -%}
case when {{ is_ratio }} then coalesce({{ group }}.{{ column }}, 0) end as {{ column }}
{%- else -%}
coalesce({{ group }}.{{ column }}, 0) as {{ column }}
{%- endif -%}
{{ ',
        ' if not loop.last }}
{%- endfor %}
{%- endmacro %}
