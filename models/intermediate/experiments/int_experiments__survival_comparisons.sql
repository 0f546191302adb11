-- one row per experiment, treatment and segment
with

counts as (

    select * from {{ ref('int_experiments__survival_counts') }}

),

compared as (

    {{ compared_variants('counts') }}

),

tested as (

    {{ log_rank_test('compared', ['experiment_id', 'treatment', 'segment']) }}

),

restricted as (

    {{ restricted_mean_difference(
        'compared', ['experiment_id', 'treatment', 'segment']
    ) }}

),

joined as (

    select
        tested.experiment_id,
        tested.treatment,
        tested.segment,
        tested.log_rank_statistic,
        tested.log_rank_p_value,
        restricted.restricted_days,
        restricted.control_rmst,
        restricted.treatment_rmst,
        restricted.rmst_difference,
        restricted.rmst_std_error,
        restricted.rmst_ci_lower,
        restricted.rmst_ci_upper,
        restricted.rmst_p_value,
        tested.segment = 'all' as is_overall

    from tested
    left join restricted
        on
            tested.experiment_id = restricted.experiment_id
            and tested.treatment = restricted.treatment
            and tested.segment = restricted.segment

),

-- all units are one family over the treatments, their segments another
adjusted as (

    {{ multiple_testing(
        'joined', 'log_rank_p_value', ['experiment_id', 'is_overall'],
        'treatment, segment'
    ) }}

)

select
    experiment_id,
    treatment,
    segment,
    log_rank_statistic,
    log_rank_p_value,
    log_rank_p_value_holm,
    restricted_days,
    control_rmst,
    treatment_rmst,
    rmst_difference,
    rmst_std_error,
    rmst_ci_lower,
    rmst_ci_upper,
    rmst_p_value

from adjusted
