{{ config(group='generator', tags=['shop']) }}

-- one row per cart whose outcome depends on the variant before the experiment, or that
-- is bought in its session without the banner but not with it
with

outcomes as (

    select * from {{ ref('gen_shop__cart_outcomes') }}

),

sessions as (

    select
        first_event_id,
        day

    from {{ ref('gen_shop__sessions') }}

),

variants as (

    select * from {{ ref('shop_variants') }}

),

paired as (

    select
        outcomes.first_event_id,
        outcomes.position,
        max(case when variants.is_treated then outcomes.outcome end) as with_banner,
        max(case when not variants.is_treated then outcomes.outcome end)
            as without_banner

    from outcomes
    inner join variants on outcomes.variant = variants.variant

    group by outcomes.first_event_id, outcomes.position

),

different as (

    select
        paired.first_event_id,
        paired.position,
        paired.with_banner,
        paired.without_banner,
        sessions.day

    from paired
    inner join sessions on paired.first_event_id = sessions.first_event_id

    where paired.with_banner != paired.without_banner

)

select * from different

where
    day < {{ shop_experiment_day() }}
    or without_banner = 'purchase'
