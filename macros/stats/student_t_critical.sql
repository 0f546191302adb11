{#
  The relation with one more column: the critical value t of Student's t with P(|T| > t) = alpha, as
  scipy.stats.t.isf(alpha / 2, dof). Halley's method on ln P against ln t, which is nearly a
  straight line in the tail: three steps from sqrt(dof * (exp(z^2 / dof) - 1)), z being the normal
  critical value. Relative error below 2e-13 for a dof of at least 0.5 and alpha up to 0.99.
  alpha is a number or a column. An alpha of 0 gives infinity, 1 gives 0; NULL and NaN in either, an
  alpha outside 0–1 and a dof that is not above 0 give NULL.
  Columns of the way stay in the relation; name the columns you want in the next CTE.
#}
{% macro student_t_critical(relation, alpha, dof, column) -%}
{%- set steps = 3 -%}
    with

    {{ column }}_halved as (

        select
            levelled.*,
            case
                when {{ dof }} > 0 and not isnan(cast({{ dof }} as double))
                    then least(cast({{ dof }} as double), 1e30)
            end as {{ column }}_dof,
            case
                when cast({{ alpha }} as double) between 0 and 1 then cast({{ alpha }} as double) / 2
            end as {{ column }}_side

        from {{ relation }} as levelled

    ),

    {{ column }}_normal as (

        select
            {{ column }}_halved.*,
            {{ norm_ppf(column ~ '_side') | indent(12) }} as {{ column }}_z

        from {{ column }}_halved

    ),

    -- exp(690) is near the largest DOUBLE
    {{ column }}_step_0 as (

        select
            {{ column }}_normal.*,
            case
                when {{ column }}_side = 0 then cast('infinity' as double)
                when {{ column }}_dof > 1e6 then -{{ column }}_z
                when {{ column }}_z * {{ column }}_z > 690 * {{ column }}_dof
                    then sqrt({{ column }}_dof) * exp(345e0)
                else sqrt({{ column }}_dof * (exp({{ column }}_z * {{ column }}_z / {{ column }}_dof) - 1))
            end as {{ column }}_t_0

        from {{ column }}_normal

    ),
    {%- for step in range(steps) %}
    {%- set tail = column ~ '_tail_' ~ step %}

    {{ column }}_level_{{ step }} as (

        {{ student_t_sf2(column ~ '_step_' ~ step, column ~ '_t_' ~ step, column ~ '_dof', tail) | indent(4) }}

    ),

    -- Newton's step of ln t, and the derivative of the tail's slope, both on the log scale
    {{ column }}_newton_{{ step }} as (

        select
            {{ column }}_level_{{ step }}.*,
            ln({{ tail }} / nullif(2 * {{ column }}_side, 0))
            * {{ tail }} / nullif(2 * {{ tail }}_slope, 0) as {{ tail }}_newton,
            2 * {{ tail }}_slope / nullif({{ tail }}, 0)
            + 1 - ({{ column }}_dof + 1) * {{ tail }}_share as {{ tail }}_bend

        from {{ column }}_level_{{ step }}

    ),

    -- without a slope t is 0 or infinite, and right
    {{ column }}_step_{{ step + 1 }} as (

        select
            {{ column }}_newton_{{ step }}.*,
            case
                when {{ tail }}_slope = 0 or {{ tail }} = 0 then {{ column }}_t_{{ step }}
                else {{ column }}_t_{{ step }}
                    * exp({{ tail }}_newton / (1 + 0.5e0 * {{ tail }}_newton * {{ tail }}_bend))
            end as {{ column }}_t_{{ step + 1 }}

        from {{ column }}_newton_{{ step }}

    ){{ ',' if not loop.last }}
    {%- endfor %}

    select
        {{ column }}_step_{{ steps }}.*,
        {{ column }}_t_{{ steps }} as {{ column }}

    from {{ column }}_step_{{ steps }}
{%- endmacro %}
