{# The lower end of the interval with a number, as interval_number() counts them. #}
{% macro interval_start(number, ends) -%}
    case {{ number }}
        when 1 then 0
        {%- for end in ends[:-1] %}
        when {{ loop.index + 1 }} then {{ end }}
        {%- endfor %}
    end
{%- endmacro %}
