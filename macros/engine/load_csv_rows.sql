{# dbt override: the rows of a seed. On DuckDB as the adapter copies them, from a checkout of any name. #}
{% macro duckdb__load_csv_rows(model, agate_table) -%}
{%- set statement -%}
    copy {{ this }} from {{ literal_path(adapter.get_seed_file_path(model)) }}
    (format csv, header, delimiter ',')
{%- endset -%}
{%- do adapter.add_query(statement, abridge_sql_log=True) -%}
{{ return(statement) }}
{%- endmacro %}

{# As literals: the adapter binds every value that is not a text as a floating-point number, which Sail
   does not cast to a boolean. #}
{% macro spark__load_csv_rows(model, agate_table) -%}
{%- set types = model['config'].get('column_types', {}) -%}
{%- set statement -%}
    insert into {{ this }} values
    {%- for row in agate_table.rows %}
    (
        {%- for value in row -%}
            {%- set type = types.get(agate_table.column_names[loop.index0], adapter.convert_type(agate_table, loop.index0)) -%}
            {%- if value is string -%}
                {%- set value = "'" ~ value | replace("\\", "\\\\") | replace("'", "\\'") ~ "'" -%}
            {%- endif -%}
            cast({{ 'null' if value is none else value }} as {{ type }}){{ ', ' if not loop.last }}
        {%- endfor -%}
    ){{ ',' if not loop.last }}
    {%- endfor %}
{%- endset -%}
{%- do adapter.add_query(statement, abridge_sql_log=True) -%}
{{ return(statement) }}
{%- endmacro %}
