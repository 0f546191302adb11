{#
  The columns that an export derives, by name with the expression of each: those that the table's
  `derived` has for the values of settings from which its world was built.
#}
{% macro export_derived(memory, derived) -%}
{%- set chosen = {} -%}
{%- for setting_name, by_value in (derived or {}).items() -%}
    {%- do chosen.update(by_value.get(((memory or {}).get('values') or {}).get(setting_name)) or {}) -%}
{%- endfor -%}
{{ return(chosen) }}
{%- endmacro %}
