{# Statement that sets the comment of a relation of the given materialization. #}
{% macro set_relation_comment(relation, materialization, comment) -%}
    {{ return(adapter.dispatch('set_relation_comment', 'diorama')(relation, materialization, comment)) }}
{%- endmacro %}

{% macro duckdb__set_relation_comment(relation, materialization, comment) -%}
    comment on {{ 'view' if materialization == 'view' else 'table' }} {{ relation }} is '{{ comment | replace("'", "''") }}'
{%- endmacro %}

{#
  A table property: a comment can be set on fewer engines. Views hold no rows, and some engines
  refuse. Spark does not show a value with "url", "token" or the like in it, such as "hourly", so
  that e and r are written as ~ and ^.
#}
{% macro spark__set_relation_comment(relation, materialization, comment) -%}
{%- if materialization != 'view' -%}
    {%- set written = comment | replace('e', '~') | replace('r', '^') | replace("'", "\\'") -%}
    alter table {{ relation }} set tblproperties ('diorama.build' = '{{ written }};')
{%- endif -%}
{%- endmacro %}
