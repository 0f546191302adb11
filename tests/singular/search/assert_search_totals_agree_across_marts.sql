{{ config(tags=['search']) }}

-- one row per mart with other totals than the sessions: sessions, clicks, cents.
-- Known visitors stand apart, because tables of users have only them.
with

expected as (

    select
        'all' as visitors,
        cast(count(*) as bigint) as session_count,
        cast(coalesce(sum(search_count), 0) as bigint) as search_count,
        cast(coalesce(sum(click_count), 0) as bigint) as click_count,
        cast(coalesce(sum(conversion_count), 0) as bigint) as conversion_count,
        cast(coalesce(sum({{ cents('booking_value') }}), 0) as bigint) as revenue_cents,
        cast(coalesce(sum({{ cents('commission') }}), 0) as bigint) as commission_cents

    from {{ ref('search__sessions') }}

    union all

    select
        'known' as visitors,
        cast(count(*) as bigint) as session_count,
        cast(coalesce(sum(search_count), 0) as bigint) as search_count,
        cast(coalesce(sum(click_count), 0) as bigint) as click_count,
        cast(coalesce(sum(conversion_count), 0) as bigint) as conversion_count,
        cast(coalesce(sum({{ cents('booking_value') }}), 0) as bigint) as revenue_cents,
        cast(coalesce(sum({{ cents('commission') }}), 0) as bigint) as commission_cents

    from {{ ref('search__sessions') }}

    where user_id is not null

),

totals as (

    select
        'funnel_daily' as mart,
        'all' as visitors,
        cast(coalesce(sum(session_count), 0) as bigint) as session_count,
        cast(coalesce(sum(search_count), 0) as bigint) as search_count,
        cast(coalesce(sum(click_count), 0) as bigint) as click_count,
        cast(coalesce(sum(conversion_count), 0) as bigint) as conversion_count,
        cast(coalesce(sum({{ cents('revenue') }}), 0) as bigint) as revenue_cents,
        cast(coalesce(sum({{ cents('commission') }}), 0) as bigint) as commission_cents

    from {{ ref('search__funnel_daily') }}

    union all

    select
        'funnel_daily by outcome' as mart,
        'all' as visitors,
        cast(coalesce(sum(
            converted_session_count + engaged_session_count + bounced_session_count
        ), 0) as bigint) as session_count,
        cast(null as bigint) as search_count,
        cast(null as bigint) as click_count,
        cast(null as bigint) as conversion_count,
        cast(null as bigint) as revenue_cents,
        cast(null as bigint) as commission_cents

    from {{ ref('search__funnel_daily') }}

    union all

    select
        'journeys' as mart,
        'all' as visitors,
        cast(count(distinct session_id) as bigint) as session_count,
        cast(count(distinct search_event_id) as bigint) as search_count,
        cast(count(distinct click_event_id) as bigint) as click_count,
        cast(count(conversion_event_id) as bigint) as conversion_count,
        cast(coalesce(sum({{ cents('booking_value') }}), 0) as bigint) as revenue_cents,
        cast(coalesce(sum({{ cents('commission') }}), 0) as bigint) as commission_cents

    from {{ ref('search__journeys') }}

    union all

    {% for attribution_model in ['first_touch', 'last_touch', 'linear', 'time_decay'] %}
        select
            'attribution by {{ attribution_model }}' as mart,
            'all' as visitors,
            cast(null as bigint) as session_count,
            cast(null as bigint) as search_count,
            cast(null as bigint) as click_count,
            cast(coalesce(sum(conversion_credit), 0) as bigint) as conversion_count,
            cast(coalesce(sum({{ cents('revenue') }}), 0) as bigint) as revenue_cents,
            cast(coalesce(sum({{ cents('commission') }}), 0) as bigint)
                as commission_cents

        from {{ ref('search__attribution') }}

        where attribution_model = '{{ attribution_model }}'

        union all

    {% endfor %}

    select
        'ranking_examples' as mart,
        'all' as visitors,
        cast(null as bigint) as session_count,
        cast(count(distinct search_event_id) as bigint) as search_count,
        cast(count(case when is_clicked then 1 end) as bigint) as click_count,
        cast(count(case when is_booked then 1 end) as bigint) as conversion_count,
        cast(null as bigint) as revenue_cents,
        cast(null as bigint) as commission_cents

    from {{ ref('search__ranking_examples') }}

    union all

    select
        'users' as mart,
        'known' as visitors,
        cast(coalesce(sum(session_count), 0) as bigint) as session_count,
        cast(coalesce(sum(search_count), 0) as bigint) as search_count,
        cast(coalesce(sum(click_count), 0) as bigint) as click_count,
        cast(coalesce(sum(conversion_count), 0) as bigint) as conversion_count,
        cast(coalesce(sum({{ cents('revenue') }}), 0) as bigint) as revenue_cents,
        cast(coalesce(sum({{ cents('commission') }}), 0) as bigint) as commission_cents

    from {{ ref('search__users') }}

    union all

    select
        'user_daily' as mart,
        'known' as visitors,
        cast(coalesce(sum(session_count), 0) as bigint) as session_count,
        cast(coalesce(sum(search_count), 0) as bigint) as search_count,
        cast(coalesce(sum(click_count), 0) as bigint) as click_count,
        cast(coalesce(sum(conversion_count), 0) as bigint) as conversion_count,
        cast(coalesce(sum({{ cents('booking_value') }}), 0) as bigint) as revenue_cents,
        cast(coalesce(sum({{ cents('commission') }}), 0) as bigint) as commission_cents

    from {{ ref('search__user_daily') }}

    union all

    select
        'user_segments' as mart,
        'known' as visitors,
        cast(coalesce(sum(session_count), 0) as bigint) as session_count,
        cast(null as bigint) as search_count,
        cast(null as bigint) as click_count,
        cast(coalesce(sum(conversion_count), 0) as bigint) as conversion_count,
        cast(coalesce(sum({{ cents('revenue') }}), 0) as bigint) as revenue_cents,
        cast(null as bigint) as commission_cents

    from {{ ref('search__user_segments') }}

),

different as (

    select
        totals.mart,
        totals.visitors

    from totals
    inner join expected on totals.visitors = expected.visitors

    where
        coalesce(totals.session_count, expected.session_count) != expected.session_count
        or coalesce(totals.search_count, expected.search_count) != expected.search_count
        or coalesce(totals.click_count, expected.click_count) != expected.click_count
        or coalesce(totals.conversion_count, expected.conversion_count)
        != expected.conversion_count
        or coalesce(totals.revenue_cents, expected.revenue_cents)
        != expected.revenue_cents
        or coalesce(totals.commission_cents, expected.commission_cents)
        != expected.commission_cents

)

select * from different
