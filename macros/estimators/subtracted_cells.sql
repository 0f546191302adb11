{#
  Expressions: the columns of cell_sums of the units that are in a whole, but not in a part of it, which may be
  missing.
#}
{% macro subtracted_cells(whole, part) -%}
{%- for column in cell_columns() -%}
{{ whole }}.{{ column }} - coalesce({{ part }}.{{ column }}, 0) as {{ column }}{{ ',\n        ' if not loop.last }}
{%- endfor %}
{%- endmacro %}
