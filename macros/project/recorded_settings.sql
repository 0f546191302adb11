{#
  The value of every setting that a world depends on, as_of included: what record_build_metadata stores. Not
  through setting(), because check_settings() has seen them all and every model asks for them; and what
  given_setting() says is written out, since a macro call for each would take most of the time.
#}
{% macro recorded_settings(world) -%}
{%- set values, names = {}, worlds() + ['experiments'] -%}
{%- set of_command = invocation_args_dict.get('vars') or {} -%}
{%- for name, spec in var('settings').items() -%}
    {%- set prefix = name.split('_')[0] -%}
    {%- if prefix == world or prefix not in names -%}
        {%- set value = of_command[name] if name in of_command else var(name, spec['default']) -%}
        {#- plain dbt reads an unquoted day as a date, which JSON has not -#}
        {%- do values.update({name: value | string if spec['type'] == 'date' and value else value}) -%}
    {%- endif -%}
{%- endfor -%}
{{ return(values) }}
{%- endmacro %}
