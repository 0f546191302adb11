{# A category as a careless tracker writes it: in capitals or with blanks, if that is the defect. #}
{% macro dirty_category(column, kind) -%}
    case {{ kind }}
        when 'category_case' then upper({{ column }})
        when 'category_blank' then concat(' ', {{ column }}, '  ')
        else {{ column }}
    end
{%- endmacro %}
