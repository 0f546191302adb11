{#
  A value drawn with the given weights (a literal dict of value to weight, or a list of equally
  likely values), as numpy.random.Generator.choice, by inversion over the cumulated weights. The
  weights need not add up to 1; a value of weight 0 never comes out; none stands for NULL.
  `u` is a column, because it is repeated: draw it with uniform() in the CTE before.
  For weights in a seed table, or many of them, build alias_table() and join.
#}
{% macro categorical(u, weights) -%}
{%- set pairs = weights.items() if weights is mapping else zip(weights, [1] * weights | length) -%}
{%- set possible = [] -%}
{%- for value, weight in pairs if weight != 0 -%}
    {%- if weight < 0 -%}
        {{ exceptions.raise_compiler_error('categorical: the weight of ' ~ value ~ ' is negative: ' ~ weight) }}
    {%- endif -%}
    {%- do possible.append((value, weight)) -%}
{%- endfor -%}
{%- if not possible -%}
    {{ exceptions.raise_compiler_error('categorical: no value has a weight above 0') }}
{%- endif -%}
{%- set total = possible | map('last') | sum -%}
{%- set ns = namespace(cumulated=0) -%}
    case
        {%- for value, weight in possible %}
        {%- set ns.cumulated = ns.cumulated + weight %}
        when {{ u }} < {{ 1 if loop.last else double_literal(ns.cumulated / total) }} then {{ sql_literal(value) }}
        {%- endfor %}
    end
{%- endmacro %}
