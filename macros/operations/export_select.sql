{#
  The select list of an export, as export_expressions() has its columns; derived are further columns, by
  name, with the expression of each.
#}
{% macro export_select(columns, shape={}, derived={}) -%}
{%- set expressions = export_expressions(columns, shape) -%}
{%- do expressions.update(derived) -%}
{%- for name, expression in expressions.items() -%}
    {{ expression }} as {{ adapter.quote(name) }}{{ ', ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}
