{#
  The columns that both sides of a comparison have, in the order of the left one, with the type in
  which they are compared: their own; that of the other side where one is text, as in CSV; double where
  one is and the other a decimal or of 128 bits, as with `export --floats`; else text.
#}
{% macro diff_columns(left, right) -%}
{%- set types, columns = {}, [] -%}
{%- for column in right -%}
    {%- do types.update({column.name: column.dtype | lower}) -%}
{%- endfor -%}
{%- for column in left if column.name in types -%}
    {%- set own, other = column.dtype | lower, types[column.name] -%}
    {%- if own == other -%}
        {%- set dtype = own -%}
    {%- elif 'varchar' in (own, other) and 'uuid' not in (own, other) -%}
        {%- set dtype = other if own == 'varchar' else own -%}
    {%- elif 'double' in (own, other) and (own ~ other).replace('double', '').startswith(('decimal', 'hugeint')) -%}
        {%- set dtype = 'double' -%}
    {%- else -%}
        {%- set dtype = 'varchar' -%}
    {%- endif -%}
    {%- do columns.append(api.Column(column.name, dtype)) -%}
{%- endfor -%}
{{ return(columns) }}
{%- endmacro %}
