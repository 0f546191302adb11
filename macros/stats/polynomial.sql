{#
  The polynomial with the given coefficients (constant first) at x, by Horner's scheme. Coefficients
  are texts with an exponent ('1.5e0'), so that engines read them as DOUBLE with every digit. x is
  repeated for each coefficient.
#}
{% macro polynomial(x, coefficients) -%}
{%- set lower, highest = coefficients[:-1], coefficients[-1] -%}
    ({% for coefficient in lower %}{{ coefficient }} + {{ x }} * {% if not loop.last %}({% endif %}{% endfor %}{{ highest }}{{ ')' * lower | length }}
{%- endmacro %}
