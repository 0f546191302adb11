{# exp of a normal with mean `mean` and standard deviation `sigma`, as numpy.random.Generator.lognormal. #}
{% macro lognormal(key, stream, mean=0, sigma=1, counter=0) -%}
    exp({{ normal(key, stream, mean, sigma, counter) }})
{%- endmacro %}
