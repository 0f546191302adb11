{# What a relation was built from, as record_build_metadata wrote it; none if it does not exist or say. #}
{% macro recorded_build(relation) -%}
{%- set comment = relation_comments().get((relation.schema, relation.identifier)) -%}
{{ return(fromjson(comment) if comment else none) }}
{%- endmacro %}
