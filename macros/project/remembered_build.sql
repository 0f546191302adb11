{# What a relation was built from, as remember_build wrote it; none if it does not exist or say. #}
{% macro remembered_build(relation) -%}
{%- set comment = relation_comments().get((relation.schema, relation.identifier)) -%}
{{ return(fromjson(comment) if comment else none) }}
{%- endmacro %}
