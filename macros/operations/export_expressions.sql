{#
  The columns of an export as {name: expression}: as they are, but a UUID as text, as readers expect, and
  a sum of 128 bits as a decimal, since Parquet would have a double.
  `shape` says how files differ: `times` writes moments as text (`iso` in ISO 8601), `nested` gathers
  columns in objects, {object: {key: column}}, at the place of the first of them, `nulls` names the text
  that stands for null in a column, `texts` the columns that are written as text, and `as_floats` makes
  decimals doubles.
#}
{% macro export_expressions(columns, shape={}) -%}
{%- set nested, nulls, texts = shape.get('nested') or {}, shape.get('nulls') or {}, shape.get('texts') or [] -%}
{%- set object_of, expressions = {}, {} -%}
{%- for object, fields in nested.items() -%}
    {%- for column in fields.values() -%}
        {%- do object_of.update({column: object}) -%}
    {%- endfor -%}
{%- endfor -%}
{%- for column in columns -%}
    {%- set name = adapter.quote(column.name) -%}
    {%- set is_decimal = column.dtype | lower == 'hugeint' or (column.dtype | lower).startswith('decimal') -%}
    {%- if shape.get('as_floats') and is_decimal -%}
        {%- set name = 'cast(' ~ name ~ ' as double)' -%}
    {%- endif -%}
    {%- if column.name in object_of -%}
        {%- do expressions.update({object_of[column.name]: named_struct(nested[object_of[column.name]])}) -%}
    {%- elif column.name in nulls -%}
        {%- do expressions.update({
            column.name: "coalesce(cast(" ~ name ~ " as varchar), '" ~ nulls[column.name] ~ "')"
        }) -%}
    {%- elif column.dtype | lower == 'uuid' or column.name in texts -%}
        {%- do expressions.update({column.name: 'cast(' ~ name ~ ' as varchar)'}) -%}
    {%- elif column.dtype | lower == 'hugeint' and not shape.get('as_floats') -%}
        {%- do expressions.update({column.name: exact_decimal(name)}) -%}
    {%- elif column.dtype | lower == 'timestamp' and shape.get('times') -%}
        {%- do expressions.update({column.name: moment_text(name, shape['times'] == 'iso')}) -%}
    {%- else -%}
        {%- do expressions.update({column.name: name}) -%}
    {%- endif -%}
{%- endfor -%}
{{ return(expressions) }}
{%- endmacro %}
