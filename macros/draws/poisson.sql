{#
  Poisson with a rate that may vary by row, as numpy.random.Generator.poisson, by inversion: the
  smallest count k with u * e^lam < sum of lam^j / j! over j = 0 … k (Horner's scheme). `highest` is
  the largest count that can come out: choose it so that a larger one has probability below 2^-53
  at the largest rate (24 serves a rate of 2). For few, large rates join poisson_quantiles() instead.
  `u` and `lam` are DOUBLE columns, because they are repeated: draw u with uniform() in the CTE
  before. A NULL gives NULL.
#}
{% macro poisson(u, lam, highest=24) -%}
{%- set ns = namespace() -%}
    case
        {%- for k in range(highest) %}
        {%- set ns.sum = '1' %}
        {%- for j in range(k, 0, -1) %}
        {%- set ns.sum = '1 + ' ~ lam ~ ' / ' ~ j ~ ' * (' ~ ns.sum ~ ')' %}
        {%- endfor %}
        when {{ u }} * exp({{ lam }}) < {{ ns.sum }} then {{ k }}
        {%- endfor %}
        when {{ u }} * exp({{ lam }}) >= 0 then {{ highest }}
    end
{%- endmacro %}
