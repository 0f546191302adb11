{#
  The rows of the raw file of this model: every column that its YAML declares, of the type declared there, or its
  default where the file lacks it or has no value in it; and raw_fault, why a row cannot be read. An optional
  file that is not there has no rows. The default `row_key` is a key of what the row says, by which rows
  that are alike are deliveries of one. Categories (meta.is_category) keep their blanks, which are staging's.
#}
{% macro rows_of_raw_file() -%}
{%- set file = raw_file(model) if execute else none -%}
{%- if file is not none and file['fault'] -%}
    {{ raise_data_error(file['fault']) }}
{%- endif -%}
{%- if file is none -%}
    select
        {%- for column in model['columns'].values() %}
        cast(null as {{ column['data_type'] }}) as {{ adapter.quote(column['name']) }},
        {%- endfor %}
        cast(null as varchar) as raw_fault
    where false
{%- else -%}
{%- set columns, key, given = file['columns'], model['columns'].keys() | first, [] -%}
{%- for column in model['columns'].values() if column['name'] in columns -%}
    {%- set name = adapter.quote(column['name']) -%}
    {%- do given.append('lower(trim(' ~ name ~ '))' if column['meta'].get('is_category') else name) -%}
{%- endfor -%}
    with

    texts as (

        {{ file['text'] }}

    ),

    typed as (

        select
            {%- for column in model['columns'].values() %}
            {%- set text = columns.get(column['name'], 'cast(null as varchar)') %}
            {{ "nullif(" ~ text ~ ", '')" if column['meta'].get('is_category')
                else value_of_text(text, column['data_type']) }}
                as {{ adapter.quote(column['name']) }},
            {%- endfor %}
            case
                {%- for column in model['columns'] if column in columns and adapter.quote(column) == given[0] %}
                when trim({{ columns[column] }}) = '{{ column }}' then 'repeated_header'
                {%- endfor %}
                {%- for column in model['columns'].values() if column['name'] in columns %}
                {%- set text = columns[column['name']] %}
                when
                    trim({{ text }}) != ''
                    and {{ value_of_text(text, column['data_type']) }} is null
                    then 'unreadable_{{ column['name'] }}'
                {%- endfor %}
            end as raw_fault

        from texts

    )

    select
        {%- for column in model['columns'].values() %}
        {%- set name = adapter.quote(column['name']) %}
        {%- set value = column['meta'].get('default') or name if column['name'] not in columns else name %}
        {%- if value == 'row_key' %}
        {%- set value = text_key('concat_ws(chr(31), ' ~ given | join(', ') ~ ')') %}
        {%- endif %}
        {%- if column['name'] == key %}
        case when raw_fault is null then {{ value }} end as {{ name }},
        {%- elif column['name'] == 'received_at' %}
        coalesce({{ name }}, {{ value }}, {{ timestamp_literal('1970-01-01') }}) as {{ name }},
        {%- else %}
        {{ value }} as {{ name }},
        {%- endif %}
        {%- endfor %}
        raw_fault

    from typed
{%- endif -%}
{%- endmacro %}
