{# Rows and content fingerprint of a query, as {rows, fingerprint}; over the given columns or all. #}
{% macro diff_counted(query, columns=none) -%}
{%- set fingerprint = content_fingerprint(columns or columns_of_query(query)) -%}
{%- set row = run_query(
    'select count(*) as row_count, ' ~ fingerprint ~ ' as fingerprint from (' ~ query ~ ') as counted'
).rows[0] -%}
{{ return({'rows': row[0] | int, 'fingerprint': row[1]}) }}
{%- endmacro %}
