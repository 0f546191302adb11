{# A text id of a prefix and a number of at least so many digits, filled with zeros and never cut. #}
{% macro numbered_id(prefix, number, digits) -%}
{%- set text = 'cast(' ~ number ~ ' as ' ~ dbt.type_string() ~ ')' -%}
    concat('{{ prefix }}', lpad({{ text }}, cast(greatest({{ digits }}, length({{ text }})) as integer), '0'))
{%- endmacro %}
