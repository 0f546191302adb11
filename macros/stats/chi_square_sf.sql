{#
  The relation with one more column: the upper tail P(X > statistic) of chi-square with an integer
  dof, as scipy.stats.chi2.sf(statistic, dof): a finite sum of positive terms, by Horner's scheme
  (Abramowitz and Stegun 1964, 26.4.4 and 26.4.5). Relative error below 4e-15 up to 51 degrees of
  freedom, 2e-14 up to 1000, 1e-13 beyond.
  A statistic of at most 0 gives 1, infinity gives 0. NULL and NaN in either, and a dof that is not
  an integer from 1 to 100,000, give NULL.
  Columns of the way stay in the relation; name the columns you want in the next CTE.
#}
{% macro chi_square_sf(relation, statistic, dof, column) -%}
{%- set total = 'state.term + ' ~ column ~ '_half / (step + ' ~ column ~ '_odd) * state.total' -%}
{#- the sum takes up its factor exp(-half) in parts, before it can overflow -#}
{%- set next -%}
        case
            when state.total < 1e200
                then {{ named_struct({'term': 'state.term', 'total': total, 'rest': 'state.rest'}) }}
            else {{ named_struct({
                'term': 'state.term * exp(-460e0)',
                'total': '(' ~ total ~ ') * exp(-460e0)',
                'rest': 'state.rest - 460e0',
            }) }}
        end
{%- endset -%}
    with

    {{ column }}_checked as (

        select
            scored.*,
            case
                when {{ dof }} between 1 and 100000 and {{ dof }} = floor({{ dof }})
                    then cast({{ dof }} as bigint)
            end as {{ column }}_dof,
            case
                when not isnan(cast({{ statistic }} as double))
                    then greatest(cast({{ statistic }} as double), 0e0)
            end as {{ column }}_size

        from {{ relation }} as scored

    ),

    -- an odd dof has the tail of dof 1 besides, and divisors half-way between integers;
    -- beyond 1e6 the tail of every admitted dof is 0
    {{ column }}_halved as (

        select
            {{ column }}_checked.*,
            case when {{ column }}_size < 1e6 then {{ column }}_size / 2 end as {{ column }}_half,
            ({{ column }}_dof % 2) / 2e0 as {{ column }}_odd,
            -sqrt({{ column }}_size) as {{ column }}_lower

        from {{ column }}_checked

    ),

    {{ column }}_folded as (

        select
            {{ column }}_halved.*,
            {{ iterate(
                integer_quotient(column ~ '_dof', 2) ~ ' - 1',
                named_struct({'term': '1e0', 'total': '1e0', 'rest': column ~ '_half'}),
                next
            ) | indent(12) }} as {{ column }}_fold

        from {{ column }}_halved

    ),

    {{ column }}_summed as (

        select
            {{ column }}_folded.*,
            {{ column }}_fold.total
            * exp(-{{ column }}_fold.rest / 2)
            * exp(-{{ column }}_fold.rest / 2)
            * case when {{ column }}_odd > 0 then 2 * sqrt({{ column }}_half / pi()) else 1 end as {{ column }}_sum,
            case
                when {{ column }}_odd = 0 then 0e0
                else 2 * {{ norm_cdf(column ~ '_lower') | indent(16) }}
            end as {{ column }}_one

        from {{ column }}_folded

    )

    select
        {{ column }}_summed.*,
        case
            when {{ column }}_dof >= 1 and {{ column }}_size >= 1e6 then 0e0
            when {{ column }}_dof = 1 then {{ column }}_one
            -- rounding may carry the sum beyond 1
            when {{ column }}_one + {{ column }}_sum > 1 then 1e0
            else {{ column }}_one + {{ column }}_sum
        end as {{ column }}

    from {{ column }}_summed
{%- endmacro %}
