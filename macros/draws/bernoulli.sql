{# True with probability p (a number or an expression), as numpy.random.Generator.binomial(1, p). #}
{% macro bernoulli(key, stream, p, counter=0) -%}
    ({{ uniform(key, stream, counter) }} < {{ p }})
{%- endmacro %}
