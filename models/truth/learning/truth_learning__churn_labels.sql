{{ config(tags=['monte_carlo']) }}

-- one row per user and labelled date: how probable it is that the label will be 1
with

weighed as (

    select * from {{ ref('truth_learning__possible_futures') }}

),

weights as (

    select * from {{ ref('gen_learning__visit_weights') }}

),

visited as (

    select
        weighed.*,
        {{ learning_visits(
            'before_anchor', 'at_anchor', {0: 'rate_0', 1: 'rate_1', 2: 'rate_0', 3: 'rate_1'}
        ) }} as control_anchor_visits,
        {{ learning_visits(
            'before_anchor', 'at_anchor', {0: 'rate_0', 1: 'rate_1', 2: 'rate_2', 3: 'rate_3'}
        ) }} as treated_anchor_visits,
        {{ learning_visits('before_anchor', 'at_anchor', {0: 'rate_0', 1: 'rate_1'}) }}
        + weighed.stay_anchor_visits as prevented_anchor_visits,
        {{ learning_visits(
            'at_anchor', 'at_date', {0: 'rate_0', 1: 'rate_1', 2: 'rate_0', 3: 'rate_1'}
        ) }} as control_date_visits,
        {{ learning_visits(
            'at_anchor', 'at_date', {0: 'rate_0', 1: 'rate_1', 2: 'rate_2', 3: 'rate_3'}
        ) }} as treated_date_visits,
        {{ learning_visits('at_anchor', 'at_date', {0: 'rate_0', 1: 'rate_1'}) }}
        + weighed.stay_date_visits as prevented_date_visits,
        {{ learning_visits(
            'at_anchor', 'at_end', {0: 'rate_0', 1: 'rate_1', 2: 'rate_0', 3: 'rate_1'}
        ) }} as control_end_visits,
        {{ learning_visits(
            'at_anchor', 'at_end', {0: 'rate_0', 1: 'rate_1', 2: 'rate_2', 3: 'rate_3'}
        ) }} as treated_end_visits,
        {{ learning_visits('at_anchor', 'at_end', {0: 'rate_0', 1: 'rate_1'}) }}
        + weighed.stay_end_visits as prevented_end_visits

    from weighed
    left join weights as before_anchor
        on
            weighed.last_active_day = before_anchor.last_active_day
            and weighed.anchor_day - 1 = before_anchor.day_number
    left join weights as at_anchor
        on
            weighed.last_active_day = at_anchor.last_active_day
            and weighed.anchor_day = at_anchor.day_number
    left join weights as at_date
        on
            weighed.last_active_day = at_date.last_active_day
            and weighed.silent_until_day = at_date.day_number
    left join weights as at_end
        on
            weighed.last_active_day = at_end.last_active_day
            and weighed.end_day = at_end.day_number

),

-- activity on the anchor, none from there to the date, or to the label window's end
judged as (

    select
        user_id,
        as_of_date,
        {{ learning_silence_units('date') }} as date_units,
        {{ learning_silence_units('end') }} as end_units

    from visited

),

aggregated_to_user_day as (

    select
        user_id,
        as_of_date,
        sum(end_units) as end_units,
        sum(date_units) as date_units

    from judged

    group by user_id, as_of_date

)

select
    user_id,
    as_of_date,
    floor(1000000000 * (cast(end_units as double) / cast(date_units as double)))
    / cast(1000000000 as double) as churn_label_probability

from aggregated_to_user_day
