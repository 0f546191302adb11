{#
  Number of results that the search world's catalogue holds for a destination and a type of product:
  eight providers with 25 grades of relevance each.
#}
{% macro catalogue_size() -%}
{{ return(200) }}
{%- endmacro %}
