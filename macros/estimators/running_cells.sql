{# Expressions: the columns of cell_sums, added up over a window; 0 units where none has come. #}
{% macro running_cells(cells, window) -%}
{%- for column in cell_columns() -%}
{%- set total = 'sum(' ~ cells ~ '.' ~ column ~ ') over ' ~ window -%}
{{ 'cast(coalesce(' ~ total ~ ', 0) as bigint)' if column.endswith(('units', 'count')) else 'cast(' ~ total ~ ' as ' ~ type_hugeint() ~ ')' }} as {{ column }}{{ ',\n        ' if not loop.last }}
{%- endfor %}
{%- endmacro %}
