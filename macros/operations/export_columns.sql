{# The columns of a relation with the given names, in the order given (all where names is none), less some. #}
{% macro export_columns(relation, names, without=[]) -%}
{%- set existing = adapter.get_columns_in_relation(relation) -%}
{%- if names is none -%}
    {{ return(existing | rejectattr('name', 'in', without) | list) }}
{%- endif -%}
{%- set by_name = {} -%}
{%- for column in existing -%}
    {%- do by_name.update({column.name: column}) -%}
{%- endfor -%}
{%- set chosen = [] -%}
{%- for name in names if name not in without -%}
    {%- if name not in by_name -%}
        {{ exceptions.raise_compiler_error(
            relation.identifier ~ " has no column '" ~ name ~ "', which its meta.export.columns names."
        ) }}
    {%- endif -%}
    {%- do chosen.append(by_name[name]) -%}
{%- endfor -%}
{{ return(chosen) }}
{%- endmacro %}
