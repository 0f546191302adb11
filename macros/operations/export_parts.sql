{#
  The files that a relation is exported to, as {value, query, rows, fingerprint}: one, or one per
  value of a column (per day of a moment). The value is none where it is null or not partitioned.
  A moment stays in the file; any other partition column is left to the folder's name. Rows are sorted by
  the columns of `order`, by all of the relation where it is empty, and not at all where it is none.
#}
{% macro export_parts(relation, columns, partition_by, shape={}, derived={}, order=none) -%}
{%- set sorting = [] -%}
{%- if order is not none -%}
    {%- for name in order or adapter.get_columns_in_relation(relation) | map(attribute='name') -%}
        {%- do sorting.append('exported.' ~ adapter.quote(name)) -%}
    {%- endfor -%}
{%- endif -%}
{%- set key, written = 'cast(null as varchar)', columns -%}
{%- if partition_by -%}
    {%- set key = adapter.quote(partition_by) -%}
    {%- if export_folder(relation, partition_by) != partition_by -%}
        {%- set key = 'cast(' ~ key ~ ' as date)' -%}
    {%- else -%}
        {%- set written = columns | rejectattr('name', 'eq', partition_by) | list -%}
    {%- endif -%}
    {%- set key = 'cast(' ~ key ~ ' as varchar)' -%}
{%- endif -%}
{%- set counted -%}
    select {{ key }} as partition_value, count(*) as row_count, {{ content_fingerprint(columns) }} as fingerprint
    from {{ relation }}
    {{ 'group by partition_value order by partition_value' if partition_by }}
{%- endset -%}
{%- set rows = run_query(counted).rows -%}
{%- if rows | length > 2000 -%}
    {{ raise_usage_error(
        "Column '" ~ partition_by ~ "' of " ~ relation.identifier ~ " has " ~ rows | length
        ~ " values, and at most 2000 folders are written. Partition by a date, or by a column with few values."
    ) }}
{%- endif -%}
{%- set parts = [] -%}
{%- for row in rows -%}
    {%- set query -%}
        select {{ export_select(written, shape, derived) }} from {{ relation }} as exported
        {%- if partition_by and row[0] is none %} where {{ key }} is null
        {%- elif partition_by %} where {{ key }} = '{{ row[0] | replace("'", "''") }}'
        {%- endif -%}
        {{ ' order by ' ~ sorting | join(', ') if sorting }}
    {%- endset -%}
    {%- do parts.append({
        'value': row[0], 'query': query, 'rows': row[1] | int, 'fingerprint': row[2],
    }) -%}
{%- endfor -%}
{{ return(parts) }}
{%- endmacro %}
