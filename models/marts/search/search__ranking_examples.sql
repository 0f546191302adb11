-- one row per impression: features, labels, and how often its position is examined
with

impressions as (

    select * from {{ ref('int_search__labelled_impressions') }}

),

propensities as (

    select * from {{ ref('int_search__position_propensities') }}

),

examples as (

    select
        impressions.search_event_id,
        impressions.result_id,
        impressions.variant,
        case
            when impressions.session_date < date '{{ split_date("search", 0.6) }}'
                then 'train'
            when impressions.session_date < date '{{ split_date("search", 0.8) }}'
                then 'validation'
            else 'test'
        end as split,
        impressions.query,
        impressions.result_type,
        impressions.result_provider,
        impressions.result_destination,
        impressions.platform,
        impressions.device_type,
        impressions.geo_country,
        impressions.results_count,
        impressions.page,
        impressions.result_position,
        cast(impressions.result_price as double) as result_price,
        propensities.examination_propensity,
        impressions.is_clicked,
        impressions.is_booked,
        impressions.session_date

    from impressions
    left join propensities
        on
            coalesce(impressions.variant, '') = coalesce(propensities.variant, '')
            and impressions.result_position = propensities.result_position

)

select * from examples
