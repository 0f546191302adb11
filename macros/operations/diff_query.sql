{# Query of the rows of one side of a comparison: a relation of its database, or files. #}
{% macro diff_query(side, alias) -%}
{%- if 'schema' in side -%}
    {{ return('select * from ' ~ alias ~ '.' ~ side['schema'] ~ '.' ~ side['name']) }}
{%- elif side['format'] == 'parquet' -%}
    {{ return(read_files(side['files'])) }}
{%- endif -%}
{{ return(read_as_text(side['files'], side['format'])) }}
{%- endmacro %}
