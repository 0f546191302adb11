{#
  On-run-end: logs the first rows that each failed data test found, column by column, since dbt
  counts them only. A generic test is named by what it tests, as dbt's name lists all arguments.
  dbt 2 gives no SQL of a test that could not run.
#}
{% macro report_failed_tests(results) -%}
{%- set failed = results | selectattr('status', 'equalto', 'fail') | map(attribute='node') -%}
{%- for node in failed if node.resource_type == 'test' and node.compiled_code -%}
    {%- set label = node.name -%}
    {%- if node.test_metadata -%}
        {%- set label = [
            node.test_metadata.name, (node.attached_node or '').split('.')[-1], node.column_name
        ] | select | join(' ') -%}
    {%- endif -%}
    {%- set found = run_query(
        'select * from (\n' ~ node.compiled_code ~ '\n) as failures limit 5'
    ) -%}
    {%- for row in found.rows -%}
        {%- set cells = [] -%}
        {%- for column, value in row.dict().items() -%}
            {%- do cells.append(column ~ ': ' ~ value) -%}
        {%- endfor -%}
        {%- do log(label ~ ' found ' ~ cells | join('; '), info=true) -%}
    {%- endfor -%}
{%- endfor -%}
{%- endmacro %}
