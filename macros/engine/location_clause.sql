{#
  dbt override: tables lie in DIORAMA_LOCATION as <schema>/<name>, so that other programs find them;
  without that variable, where the catalogue puts them.
#}
{% macro spark__location_clause() -%}
{%- if env_var('DIORAMA_LOCATION', '') -%}
    location '{{ env_var('DIORAMA_LOCATION') }}/{{ this.schema }}/{{ this.identifier }}'
{%- endif -%}
{%- endmacro %}
