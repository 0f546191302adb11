{# Statement that sets the comment of a relation of the given materialization. #}
{% macro set_relation_comment(relation, materialization, comment) -%}
    {{ return(adapter.dispatch('set_relation_comment', 'diorama')(relation, materialization, comment)) }}
{%- endmacro %}

{% macro duckdb__set_relation_comment(relation, materialization, comment) -%}
    comment on {{ 'view' if materialization == 'view' else 'table' }} {{ relation }} is '{{ comment }}'
{%- endmacro %}
