{#
  The value that is given for a setting, not yet checked: by --vars, else by `vars:` of the project that
  runs dbt, or of this one, else the declared default.
#}
{% macro given_setting(name, spec) -%}
{%- set of_command = invocation_args_dict.get('vars') or {} -%}
{{ return(of_command[name] if name in of_command else var(name, spec['default'])) }}
{%- endmacro %}
