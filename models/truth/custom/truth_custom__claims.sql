-- one row per declared number: what was built, and whether that agrees
with

other_claims as (

    {{ parameters('other_claims') }}

),

effect_claims as (

    {{ parameters('effect_claims') }}

),

sums as (

    select * from {{ ref('truth_custom__expected_days') }}

    union all

    select * from {{ ref('truth_custom__expected_sums') }}

    union all

    select * from {{ ref('truth_custom__effects_on_transitions') }}

    union all

    select * from {{ ref('truth_custom__effects_on_gaps') }}

    union all

    select * from {{ ref('truth_custom__effects_on_days') }}

),

declared as (

    select
        claim,
        declared

    from other_claims

    union all

    -- a claim on the gap is one on the share below the median
    select distinct
        claim,
        case when target = 'gap' then 0.5 else declared end as declared

    from effect_claims

),

all_claims as (

    select * from {{ ref('truth_custom__expected_shares') }}

    union all

    select
        declared.claim,
        declared.declared,
        sums.observed_sum,
        sums.expected_sum,
        sums.variance,
        sums.trial_count,
        coalesce(sums.is_bounded, true) as is_bounded

    from declared
    left join sums on declared.claim = sums.claim

),

levelled as (

    select
        *,
        -- Šidák: all claims together are wrongly refused with probability 0.001
        1 - power(cast(0.999 as double), cast(1 as double) / count(*) over ()) as level

    from all_claims

),

bounded as (

    select
        *,
        ln(2 / level) as log_level,
        1 - level / 2 as upper_quantile

    from levelled

),

-- of sums of draws from 0 to 1, the inequality of Bernstein, which holds for few draws as well
judged as (

    select
        claim,
        declared,
        case
            when expected_sum > 0 then declared * observed_sum / expected_sum
        end as observed,
        case when expected_sum > 0 then declared * sqrt(variance) / expected_sum end
            as std_error,
        case
            when variance > 0 then (observed_sum - expected_sum) / sqrt(variance)
        end as z,
        trial_count,
        case
            when is_bounded
                then
                    log_level / 3
                    + sqrt(log_level * log_level / 9 + 2 * log_level * variance)
            else {{ norm_ppf('upper_quantile') }} * sqrt(variance)
        end as most_apart,
        abs(observed_sum - expected_sum) as apart

    from bounded

)

select
    claim,
    declared,
    observed,
    std_error,
    z,
    coalesce(trial_count, 0) as trial_count,
    -- rounding of probabilities to parts per billion is no contradiction
    case when trial_count > 0 then apart <= most_apart + 0.00000001 * trial_count end
        as holds

from judged
