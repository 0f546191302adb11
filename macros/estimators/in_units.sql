{# Expressions: the columns of compared_arms in the unit of the metric, of which integers are 1/divisor. #}
{% macro in_units(comparisons, divisor) -%}
{{ comparisons }}.control_units,
        {{ comparisons }}.treatment_units,
        {%- for column in ['control_mean', 'treatment_mean', 'effect', 'std_error'] %}
        {{ comparisons }}.{{ column }} / {{ divisor }} as {{ column }},
        {%- endfor %}
        {%- for column in ['control_mean_variance', 'treatment_mean_variance', 'mean_covariance'] %}
        {{ comparisons }}.{{ column }} / (cast({{ divisor }} as double) * {{ divisor }}) as {{ column }},
        {%- endfor %}
        {{ comparisons }}.dof,
        {{ comparisons }}.effective_sample_size
{%- endmacro %}
