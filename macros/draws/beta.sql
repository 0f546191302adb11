{#
  The relation with one more column: beta with any positive numeric shapes a and b, as
  numpy.random.Generator.beta, from two gammas: g(a) / (g(a) + g(b)).
#}
{% macro beta(relation, key, stream, a, b, column) -%}
    select
        gammas.*,
        {{ column }}_a / ({{ column }}_a + {{ column }}_b) as {{ column }}
    from (
        {{ gamma(
            '(' ~ gamma(relation, key, stream ~ '.a', a, column ~ '_a') ~ ')',
            key, stream ~ '.b', b, column ~ '_b'
        ) }}
    ) as gammas
{%- endmacro %}
