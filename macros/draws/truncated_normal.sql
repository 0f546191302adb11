{#
  The relation with one more column: normal with mean loc and standard deviation scale before it is
  cut, given that it lies from low to high, as scipy.stats.truncnorm, by inversion: one draw, none
  refused. loc, scale (above 0), low and high are numbers, columns or expressions; the bound none
  is infinite. Bounds above loc are mirrored, because the lower tail is the accurate one; they may
  lie up to 37 standard deviations away.
  The steps stay in the relation as columns; name the columns you want in the next CTE.
#}
{% macro truncated_normal(relation, key, stream, loc, scale, low, high, column) -%}
{%- set low = "cast('-infinity' as double)" if low is none else low -%}
{%- set high = "cast('infinity' as double)" if high is none else high -%}
    with

    {{ column }}_drawn as (

        select
            drawn.*,
            -- half a step instead of 0, which would reach an infinite bound
            greatest({{ uniform(key, stream) }}, 5.551115123125783e-17) as {{ column }}_u,
            cast({{ loc }} as double) as {{ column }}_loc,
            cast({{ scale }} as double) as {{ column }}_scale,
            cast({{ low }} as double) as {{ column }}_low,
            cast({{ high }} as double) as {{ column }}_high

        from {{ relation }} as drawn

    ),

    {{ column }}_bounded as (

        select
            {{ column }}_drawn.*,
            case when {{ column }}_low > {{ column }}_loc then -1 else 1 end as {{ column }}_side,
            case
                when {{ column }}_low > {{ column }}_loc
                    then ({{ column }}_loc - {{ column }}_high) / {{ column }}_scale
                else ({{ column }}_low - {{ column }}_loc) / {{ column }}_scale
            end as {{ column }}_z_from,
            case
                when {{ column }}_low > {{ column }}_loc
                    then ({{ column }}_loc - {{ column }}_low) / {{ column }}_scale
                else ({{ column }}_high - {{ column }}_loc) / {{ column }}_scale
            end as {{ column }}_z_to

        from {{ column }}_drawn

    ),

    {{ column }}_measured as (

        select
            {{ column }}_bounded.*,
            {{ norm_cdf(column ~ '_z_from') }} as {{ column }}_p_from,
            {{ norm_cdf(column ~ '_z_to') }} as {{ column }}_p_to

        from {{ column }}_bounded

    ),

    {{ column }}_inverted as (

        select
            {{ column }}_measured.*,
            -- below 1 also where the sum is rounded
            least(
                {{ column }}_p_from + {{ column }}_u * ({{ column }}_p_to - {{ column }}_p_from),
                0.99999999999999988898e0
            ) as {{ column }}_p

        from {{ column }}_measured

    )

    select
        {{ column }}_inverted.*,
        least(greatest(
            {{ column }}_loc + {{ column }}_scale * {{ column }}_side * {{ norm_ppf(column ~ '_p') }},
            {{ column }}_low
        ), {{ column }}_high) as {{ column }}

    from {{ column }}_inverted
{%- endmacro %}
