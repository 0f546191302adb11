{#
  The value of a declared knob, checked: `--vars` over dbt_project.yml's default. Models use this
  instead of var(), so that no unchecked value ever reaches SQL.
#}
{% macro setting(name) -%}
{%- set settings = var('settings') -%}
{%- if name not in settings -%}
    {{ unknown_setting(name) }}
{%- endif -%}
{{ return(checked_setting(name, var(name, settings[name]['default']), settings[name])) }}
{%- endmacro %}
