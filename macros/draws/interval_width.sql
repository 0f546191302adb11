{# The width of the interval with a number, as interval_number() counts them. #}
{% macro interval_width(number, ends) -%}
    case {{ number }}
        {%- for end in ends %}
        when {{ loop.index }} then {{ end }}{{ ' - ' ~ ends[loop.index0 - 1] if not loop.first }}
        {%- endfor %}
    end
{%- endmacro %}
