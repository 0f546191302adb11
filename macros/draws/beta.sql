{#
  The relation with one more column: beta with numeric shapes a and b of at least 0.05, as
  numpy.random.Generator.beta, from two gammas: g(a) / (g(a) + g(b)).
#}
{% macro beta(relation, key, stream, a, b, column) -%}
    with

    {{ column }}_first as (

        {{ gamma(relation, key, stream ~ '.a', a, column ~ '_a') | indent(4) }}

    ),

    {{ column }}_both as (

        {{ gamma(column ~ '_first', key, stream ~ '.b', b, column ~ '_b') | indent(4) }}

    )

    select
        {{ column }}_both.*,
        {{ column }}_a / ({{ column }}_a + {{ column }}_b) as {{ column }}

    from {{ column }}_both
{%- endmacro %}
