{#
  Relation: one row per key: the mean number of days before the event in treatment and control, of as many
  as both are followed, and their difference. Means are areas under the curves of survival_curves, made in
  each stratum, restricted to the last day to which its arms are followed, and averaged with its share of
  the units, as in post-stratification; their variances follow from Greenwood's (Klein and Moeschberger
  2003, 4.5). A curve that has come to 0 stays there. From counts by key, stratum, is_treated and
  days_since_exposure; a stratum with fewer than two units in an arm is left out. `restricted_days` are
  those of the stratum that is followed longest.
#}
{% macro restricted_mean_difference(counts, keys) -%}
{%- set key_columns = keys | join(', ') -%}
{%- set arm_columns = key_columns ~ ', stratum, is_treated' -%}
    with

    arms_curved as (

        {{ survival_curves(counts, keys + ['stratum', 'is_treated']) | indent(8) }}

    ),

    arms_counted as (

        select
            {{ arm_columns }},
            max(n_at_risk) as n_units,
            max(days_since_exposure) as last_day,
            min(survival_rate) as last_survival_rate

        from arms_curved

        group by {{ arm_columns }}

    ),

    strata_compared as (

        select
            *,
            count(*) over (partition by {{ key_columns }}, stratum) as arm_count,
            min(n_units) over (partition by {{ key_columns }}, stratum) as smaller_units,
            sum(n_units) over (partition by {{ key_columns }}, stratum) as stratum_units

        from arms_counted

    ),

    arms_limited as (

        select
            *,
            coalesce(
                min(case when last_survival_rate > 0 then last_day end)
                    over (partition by {{ key_columns }}, stratum),
                max(last_day) over (partition by {{ key_columns }}, stratum)
            ) as restricted_days

        from strata_compared

        where arm_count = 2 and smaller_units >= 2

    ),

    days_limited as (

        select
            arms_curved.*,
            arms_limited.stratum_units,
            arms_limited.restricted_days,
            coalesce(sum(arms_curved.survival_rate) over (
                partition by {% for key in keys %}arms_curved.{{ key }}, {% endfor %}arms_curved.stratum, arms_curved.is_treated
                order by arms_curved.days_since_exposure rows between unbounded preceding and 1 preceding
            ), 0e0) as area_before

        from arms_curved
        inner join arms_limited
            on
                {% for key in keys -%}
                arms_curved.{{ key }} = arms_limited.{{ key }} and
                {% endfor -%}
                arms_curved.stratum = arms_limited.stratum
                and arms_curved.is_treated = arms_limited.is_treated

        where arms_curved.days_since_exposure <= arms_limited.restricted_days

    ),

    days_measured as (

        select
            *,
            max(area_before) over (partition by {{ arm_columns }}) as area

        from days_limited

    ),

    -- an event moves the area that is left after it
    arms_measured as (

        select
            {{ arm_columns }},
            restricted_days,
            stratum_units,
            area,
            coalesce({{ ordered_sum(
                '(area - area_before) * (area - area_before) * greenwood_term', 'days_since_exposure'
            ) }}, 0e0) as area_variance

        from days_measured

        group by {{ arm_columns }}, restricted_days, stratum_units, area

    ),

    keys_measured as (

        select
            {{ key_columns }},
            max(restricted_days) as restricted_days,
            {%- for arm, condition in {'control': 'not is_treated', 'treatment': 'is_treated'}.items() %}
            {{ ordered_sum('case when ' ~ condition ~ ' then stratum_units * area end', 'stratum') }}
            / sum(case when {{ condition }} then stratum_units end) as {{ arm }}_rmst,
            {{ ordered_sum(
                'case when ' ~ condition
                ~ ' then cast(stratum_units as double) * stratum_units * area_variance end', 'stratum'
            ) }} / power(sum(case when {{ condition }} then stratum_units end), 2) as {{ arm }}_variance
            {{- ',' if not loop.last }}
            {%- endfor %}

        from arms_measured

        group by {{ key_columns }}

    ),

    keys_compared as (

        select
            *,
            treatment_rmst - control_rmst as rmst_difference,
            case
                when treatment_variance + control_variance > 0
                    then sqrt(treatment_variance + control_variance)
            end as rmst_std_error

        from keys_measured

    ),

    keys_standardized as (

        select
            *,
            rmst_difference / rmst_std_error as rmst_statistic,
            rmst_difference - {{ z_95() }} * rmst_std_error as rmst_ci_lower,
            rmst_difference + {{ z_95() }} * rmst_std_error as rmst_ci_upper

        from keys_compared

    ),

    keys_tested as (

        {{ norm_sf2('keys_standardized', 'rmst_statistic', 'rmst_p_value') | indent(8) }}

    )

    select * from keys_tested
{%- endmacro %}
