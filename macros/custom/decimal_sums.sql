{# Select list: the sums of numbers of events, from units of their last decimal; of no row, 0. #}
{% macro decimal_sums(relation=none) -%}
{%- for column, property in measured_numbers().items() %}
        {{ decimal_sum('coalesce(' ~ relation ~ '.' ~ column ~ ', 0)' if relation else column, property) }} as {{ column }},
{%- endfor %}
{%- endmacro %}
