{#
  The relation with one more column: the two-sided tail P(|Z| > |z|) of the standard normal
  distribution, as 2 * scipy.stats.norm.sf(abs(z)). Relative error below 2e-15 while the tail is
  above 1e-300. Infinity gives 0, NULL and NaN give NULL. <column>_lower, which is -|z|,
  stays in the relation.
#}
{% macro norm_sf2(relation, z, column) -%}
    with

    {{ column }}_mirrored as (

        select
            scored.*,
            case
                when not isnan(cast({{ z }} as double)) then -abs(cast({{ z }} as double))
            end as {{ column }}_lower

        from {{ relation }} as scored

    )

    select
        {{ column }}_mirrored.*,
        2 * {{ norm_cdf(column ~ '_lower') | indent(8) }} as {{ column }}

    from {{ column }}_mirrored
{%- endmacro %}
