{#
  On-run-end: logs the first rows that each failed data test found, column by column, since dbt
  counts them only.
#}
{% macro report_failed_tests(results) -%}
{%- for result in results if result.status == 'fail' and result.node.resource_type == 'test' -%}
    {%- set found = run_query(
        'select * from (\n' ~ result.node.compiled_code ~ '\n) as failures limit 5'
    ) -%}
    {%- for row in found.rows -%}
        {%- set cells = [] -%}
        {%- for column, value in row.dict().items() -%}
            {%- do cells.append(column ~ ': ' ~ value) -%}
        {%- endfor -%}
        {%- do log(result.node.name ~ ' found ' ~ cells | join('; '), info=true) -%}
    {%- endfor -%}
{%- endfor -%}
{%- endmacro %}
