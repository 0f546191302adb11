-- one row per experiment and unit
select
    'newsletter' as experiment_id,
    concat('customer ', number) as unit_id,
    case when number % 2 = 0 then 'none' else 'weekly' end as variant,
    'all' as stratum,
    'all' as segment,
    0.5 as assignment_probability,
    1 as exposure_count,
    7 as prior_days,
    13 as followed_days,
    false as is_multi_variant,
    date '2025-01-06' as cohort_week,
    timestamp '2025-01-06 00:00:00' as assigned_at,
    timestamp '2025-01-06 10:00:00' as first_exposed_at

from range(400) as customers (number)
