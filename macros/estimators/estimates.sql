{#
  Relation: one row per key, estimator and estimand with the columns of compared_arms, from the cells of
  compared_cells, one per key, arm (is_treated), stratum and arm_probability. Results, segments, days
  and calibration all come from here; not `stratified` leaves out what sees strata or probabilities. What
  is rare in an arm has no standard error (rare_in_arm): t-tests of it reject far too often. Where only
  the estimate that decides is wanted, `decisive`, an experiment gets the estimators of its kind.
#}
{% macro estimates(cells, keys, stratified=true, decisive=false) -%}
{%- set by_stratum = keys + ['stratum'] -%}
{%- set of_strata = "('post_stratified', 'post_stratified_cuped', 'aipw', 'ipw')" -%}
{%- set stratum_cells = 'cells_by_stratum' if decisive else cells -%}
{%- set arm_cells = 'cells_unstratified' if decisive else 'cells_of_arms' -%}
    with

    cells_of_arms as (

        {{ summed_cells(cells, keys) | indent(4) }}

    ),

    {% if decisive -%}
    cells_by_stratum as (

        select cells.*
        from {{ cells }} as cells
        inner join {{ ref('int_experiments__experiments') }} as experiments
            on cells.experiment_id = experiments.experiment_id
        where experiments.estimator in {{ of_strata }}

    ),

    cells_unstratified as (

        select cells.*
        from cells_of_arms as cells
        inner join {{ ref('int_experiments__experiments') }} as experiments
            on cells.experiment_id = experiments.experiment_id
        where experiments.estimator not in {{ of_strata }}

    ),
    {%- endif %}

    moments_of_arms as (

        {{ cell_moments(arm_cells, keys) | indent(4) }}

    ),

    {% if stratified -%}
    cells_of_strata as (

        {{ summed_cells(stratum_cells, by_stratum) | indent(4) }}

    ),

    moments_of_strata as (

        {{ cell_moments('cells_of_strata', by_stratum) | indent(4) }}

    ),

    moments_of_cells as (

        {{ cell_moments(stratum_cells, by_stratum) | indent(4) }}

    ),

    residuals as (

        {{ weighted_residuals('moments_of_strata', 'moments_of_cells', keys) | indent(4) }}

    ),

    weighted_strata as (

        {{ stratum_weights('moments_of_strata', 'residuals', keys, decisive) | indent(4) }}

    ),

    estimates_of_strata as (

        {{ stratum_estimates('weighted_strata', keys) | indent(4) }}

    ),

    estimates_of_cells as (

        {{ inverse_probability_estimates('moments_of_cells', keys) | indent(4) }}

    ),
    {%- endif %}

    estimates_of_arms as (

        {{ arm_estimates('moments_of_arms', keys) | indent(4) }}

    ),

    estimates_united as (

        {% for name in ['arms', 'strata', 'cells'] if stratified or name == 'arms' -%}
        select
            {{ keys | join(', ') }},
            is_treated,
            estimator,
            estimand,
            n_units,
            arm_mean,
            mean_variance,
            mean_covariance,
            dof_term,
            effective_units

        from estimates_of_{{ name }}

        {{ 'union all' if not loop.last }}

        {% endfor %}

    ),

    arms_counted as (

        select
            {{ keys | join(', ') }},
            max(case when {{ rare_in_arm() }} then 1 else 0 end) as is_rare

        from cells_of_arms

        group by {{ keys | join(', ') }}

    ),

    estimates_guarded as (

        select
            {% for column in keys + ['is_treated', 'estimator', 'estimand', 'n_units', 'arm_mean'] -%}
            united.{{ column }},
            {% endfor -%}
            case when arms.is_rare = 0 then united.mean_variance end as mean_variance,
            united.mean_covariance,
            united.dof_term,
            united.effective_units

        from estimates_united as united
        inner join arms_counted as arms on {{ same_columns('united', 'arms', keys) }}

    ),

    estimates_compared as (

        {{ compared_arms('estimates_guarded', keys) | indent(4) }}

    )

    select * from estimates_compared
{%- endmacro %}
