{#
  The world that a file declares (`diorama build --world FILE`), as rows of parameters by part; none
  where there is no such file.
#}
{% macro declared_world() -%}
{%- set of_command = invocation_args_dict.get('vars') or {} -%}
{{ return(of_command.get('declared_world') or var('declared_world', none)) }}
{%- endmacro %}
