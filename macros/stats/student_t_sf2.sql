{#
  The relation with one more column: the two-sided tail P(|T| > |statistic|) of Student's t, as
  2 * scipy.stats.t.sf(abs(statistic), dof), for any dof above 0 and infinity (the normal), as the
  incomplete beta function of dof / 2 and 1/2. Where the tail holds most, its complement is summed.
  Relative error below 2e-13 down to tails of 1e-300, absolute error below 4e-15.
  A statistic of infinity gives 0. NULL and NaN in either, and a dof that is not above 0, give NULL.
  Columns of the way stay in the relation; name the columns you want in the next CTE. One of them,
  <column>_slope, is the density times |statistic|: -2 times it is the tail's derivative by
  ln |statistic|.
#}
{% macro student_t_sf2(relation, statistic, dof, column) -%}
    with

    -- beyond 1e30 degrees of freedom no digit differs from the normal's
    {{ column }}_checked as (

        select
            scored.*,
            case
                when {{ dof }} > 0 and not isnan(cast({{ dof }} as double))
                    then least(cast({{ dof }} as double), 1e30)
            end as {{ column }}_dof,
            case
                when not isnan(cast({{ statistic }} as double))
                    then abs(cast({{ statistic }} as double))
            end as {{ column }}_size

        from {{ relation }} as scored

    ),

    {{ column }}_scaled as (

        select
            {{ column }}_checked.*,
            {{ column }}_dof / 2 as {{ column }}_half,
            {{ column }}_size / sqrt({{ column }}_dof) as {{ column }}_scaled,
            {{ column }}_size / sqrt({{ column }}_dof)
            * ({{ column }}_size / sqrt({{ column }}_dof)) as {{ column }}_square

        from {{ column }}_checked

    ),

    -- the two shares add up to 1, each without a subtraction
    {{ column }}_shared as (

        select
            {{ column }}_scaled.*,
            1 / (1 + {{ column }}_square) as {{ column }}_rest,
            case
                when {{ column }}_square > 1 then 1 / (1 + 1 / {{ column }}_square)
                else {{ column }}_square / (1 + {{ column }}_square)
            end as {{ column }}_share,
            case
                when {{ column }}_square > 1e16 then 2 * ln({{ column }}_scaled)
                else {{ log1p(column ~ '_square') | indent(16) }}
            end as {{ column }}_log,
            {{ half_gamma_ratio(column ~ '_half') | indent(12) }} / sqrt(pi()) as {{ column }}_scale,
            {{ column }}_size * {{ column }}_size * ({{ column }}_dof + 4)
            > 6 * {{ column }}_dof as {{ column }}_is_far

        from {{ column }}_scaled

    ),

    {{ column }}_sided as (

        select
            {{ column }}_shared.*,
            case when {{ column }}_is_far then {{ column }}_half else 0.5e0 end as {{ column }}_a,
            case when {{ column }}_is_far then 0.5e0 else {{ column }}_half end as {{ column }}_b,
            case when {{ column }}_is_far then {{ column }}_rest else {{ column }}_share end as {{ column }}_x,
            case
                when {{ column }}_is_far then ({{ column }}_half + 0.5e0) * {{ column }}_share + 0.5e0
                else 1.5e0 - ({{ column }}_half + 0.5e0) * {{ column }}_share
            end as {{ column }}_shift,
            {{ column }}_scale
            * exp(-{{ column }}_half * {{ column }}_log)
            * sqrt({{ column }}_share) as {{ column }}_slope

        from {{ column }}_shared

    ),

    {{ column }}_summed as (

        select
            {{ column }}_sided.*,
            {{ column }}_slope / (
                {{ incomplete_beta_fraction(
                    column ~ '_a', column ~ '_b', column ~ '_x', column ~ '_shift', 32
                ) | indent(16) }}
            ) as {{ column }}_part

        from {{ column }}_sided

    )

    select
        {{ column }}_summed.*,
        case when {{ column }}_is_far then {{ column }}_part else 1 - {{ column }}_part end as {{ column }}

    from {{ column }}_summed
{%- endmacro %}
