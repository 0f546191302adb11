{#
  The value of a declared knob, checked: `--vars` over dbt_project.yml's default. Models use this
  instead of var(), which would run Jinja found in a value; no unchecked value ever reaches SQL.
#}
{% macro setting(name) -%}
{%- set settings = var('settings') -%}
{%- if name not in settings -%}
    {{ unknown_setting(name) }}
{%- endif -%}
{%- set given = invocation_args_dict.get('vars') or {} -%}
{{ return(checked_setting(name, given.get(name, settings[name]['default']), settings[name])) }}
{%- endmacro %}
