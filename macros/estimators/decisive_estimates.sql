{#
  Relation: estimates with one more column, `is_decisive`: true of one row per key, the estimate by the
  estimator that the experiment's design calls for (int_experiments__experiments). Where that one has
  nothing to adjust for, such as a covariate, it is the one that it adjusts: naive without strata,
  post_stratified with them.
#}
{% macro decisive_estimates(estimates, keys) -%}
    with

    experiments as (

        select
            experiment_id as estimated_experiment_id,
            estimator as first_choice,
            case
                when estimator in ('cuped', 'ancova', 'lin', 'did') then 'naive'
                else 'post_stratified'
            end as second_choice

        from {{ ref('int_experiments__experiments') }}

    ),

    estimates_preferred as (

        select
            scored.*,
            case
                when
                    scored.estimator not in (experiments.first_choice, experiments.second_choice)
                    or scored.estimand
                    != case when scored.estimator = 'did' then 'satt' else 'sate' end
                    then 0
                else 1
                    + case when scored.estimator = experiments.first_choice then 1 else 0 end
                    + case when scored.std_error is not null then 2 else 0 end
            end as preference

        from {{ estimates }} as scored
        inner join experiments on scored.experiment_id = experiments.estimated_experiment_id

    )

    select
        *,
        preference > 0 and row_number() over (
            partition by {{ keys | join(', ') }} order by preference desc, estimand
        ) = 1 as is_decisive

    from estimates_preferred
{%- endmacro %}
