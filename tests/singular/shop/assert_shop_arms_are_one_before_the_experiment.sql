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

with_treatment as (

    select
        outcomes.*,
        variants.is_treated

    from outcomes
    inner join variants on outcomes.variant = variants.variant

),

paired as (

    select
        treated.first_event_id,
        treated.position,
        treated.variant,
        treated.outcome as with_banner,
        control.outcome as without_banner

    from with_treatment as treated
    inner join with_treatment as control
        on
            treated.first_event_id = control.first_event_id
            and treated.position = control.position

    where treated.is_treated and not control.is_treated

),

different as (

    select
        paired.first_event_id,
        paired.position,
        paired.variant,
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
