{#
  dbt override: a query of no rows with the columns of a contract, whose types are DuckDB's, in this
  engine's types.
#}
{% macro spark__get_empty_schema_sql(columns) -%}
{%- set types = {'uuid': type_uuid(), 'varchar': dbt.type_string(), 'hugeint': type_hugeint()} -%}
    select
    {%- for column in columns.values() %}
        cast(null as {{ types.get(column['data_type'] | lower, column['data_type']) }}) as {{ column['name'] }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
