-- one row per attribution model, source and campaign
with

touches as (

    select * from {{ ref('int_search__touches') }}

),

weighted as (

    select
        'first_touch' as attribution_model,
        touches.*,
        case
            when touches.touch_number = 1 then cast(0 as bigint)
            else cast(1 as bigint)
        end as weight_before,
        case
            when touches.touch_number = 1 then cast(1 as bigint)
            else cast(0 as bigint)
        end as weight,
        cast(1 as bigint) as weight_total

    from touches

    union all

    select
        'last_touch' as attribution_model,
        touches.*,
        cast(0 as bigint) as weight_before,
        case
            when touches.touch_number = touches.touch_count then cast(1 as bigint)
            else cast(0 as bigint)
        end as weight,
        cast(1 as bigint) as weight_total

    from touches

    union all

    select
        'linear' as attribution_model,
        touches.*,
        touches.touch_number - 1 as weight_before,
        cast(1 as bigint) as weight,
        touches.touch_count as weight_total

    from touches

    union all

    select
        'time_decay' as attribution_model,
        touches.*,
        touches.decay_weight_up_to - touches.decay_weight as weight_before,
        touches.decay_weight as weight,
        touches.decay_weight_total as weight_total

    from touches

),

whole as (

    select
        *,
        cast(1000000 as bigint) as conversion_millionths

    from weighted

),

-- each conversion's cents are split without a rest
credited as (

    select
        attribution_model,
        utm_source,
        utm_campaign,
        {{ split_share(
            'conversion_millionths', 'weight_before', 'weight', 'weight_total'
        ) }} as conversion_millionths,
        {{ split_share(
            'booking_value_cents', 'weight_before', 'weight', 'weight_total'
        ) }} as revenue_cents,
        {{ split_share(
            'commission_cents', 'weight_before', 'weight', 'weight_total'
        ) }} as commission_cents

    from whole

),

aggregated as (

    select
        attribution_model,
        utm_source,
        utm_campaign,
        cast(sum(conversion_millionths) as bigint) as conversion_millionths,
        cast(sum(revenue_cents) as bigint) as revenue_cents,
        cast(sum(commission_cents) as bigint) as commission_cents

    from credited

    group by attribution_model, utm_source, utm_campaign

),

shown as (

    select
        attribution_model,
        utm_source,
        utm_campaign,
        cast(
            conversion_millionths * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
        ) as conversion_credit,
        cast(revenue_cents * cast(0.01 as decimal(3, 2)) as decimal(18, 2)) as revenue,
        cast(commission_cents * cast(0.01 as decimal(3, 2)) as decimal(18, 2))
            as commission

    from aggregated

)

select * from shown
