{{ config(materialized='view') }}

-- one row per user, labelled date and possible last active day: how probable it is
with

label_days as (

    select * from {{ ref('truth_learning__label_days') }}

),

weights as (

    select * from {{ ref('gen_learning__visit_weights') }}

),

-- visits of a user who stays, from the experiment on; and those that all terms share
stayed as (

    select
        label_days.*,
        {{ learning_visits('before_anchor', 'at_anchor', {2: 'rate_2', 3: 'rate_3'}) }}
            as stay_anchor_visits,
        {{ learning_visits('at_anchor', 'at_date', {2: 'rate_2', 3: 'rate_3'}) }}
            as stay_date_visits,
        {{ learning_visits('at_anchor', 'at_end', {2: 'rate_2', 3: 'rate_3'}) }}
            as stay_end_visits,
        {{ learning_visits(
            'first_at_anchor', 'first_at_date',
            {0: 'rate_0', 1: 'rate_1', 2: 'rate_0', 3: 'rate_1'}
        ) }} as common_visits

    from label_days
    left join weights as before_anchor
        on
            label_days.stay_day = before_anchor.last_active_day
            and label_days.anchor_day - 1 = before_anchor.day_number
    left join weights as at_anchor
        on
            label_days.stay_day = at_anchor.last_active_day
            and label_days.anchor_day = at_anchor.day_number
    left join weights as at_date
        on
            label_days.stay_day = at_date.last_active_day
            and label_days.silent_until_day = at_date.day_number
    left join weights as at_end
        on
            label_days.stay_day = at_end.last_active_day
            and label_days.end_day = at_end.day_number
    left join weights as first_at_anchor
        on
            label_days.earliest_day = first_at_anchor.last_active_day
            and label_days.anchor_day = first_at_anchor.day_number
    left join weights as first_at_date
        on
            label_days.earliest_day = first_at_date.last_active_day
            and label_days.silent_until_day = first_at_date.day_number

),

-- possible last active days one by one; behind them "after the label window, or never"
expanded_to_last_days as (

    select
        stayed.*,
        {{ unnest_range(
            'from_last_day', 'greatest(to_last_day + 1, from_last_day) + 1'
        ) }} as last_day_or_later

    from stayed

),

-- prior mass of leaving then in control, under reminders, and in control alone
weighed as (

    select
        *,
        case
            when last_day_or_later > to_last_day then control_share * later_probability
            when last_day_or_later >= first_experiment_last_day
                then control_share * daily_probability
            else outside_share * daily_probability
        end as control_mass,
        case
            when last_day_or_later > to_last_day then treated_share * later_probability
            when last_day_or_later >= first_experiment_last_day
                then treated_share * treated_daily_probability
            else 0
        end as treated_mass,
        case
            when
                last_day_or_later <= to_last_day
                and last_day_or_later >= first_experiment_last_day
                then treated_share * (daily_probability - treated_daily_probability)
            else 0
        end as prevented_mass,
        case
            when last_day_or_later > to_last_day then stay_day
            else last_day_or_later
        end as last_active_day

    from expanded_to_last_days

)

select
    user_id,
    as_of_date,
    last_active_day,
    anchor_day,
    silent_until_day,
    end_day,
    decline_days,
    rate_0,
    rate_1,
    rate_2,
    rate_3,
    stay_anchor_visits,
    stay_date_visits,
    stay_end_visits,
    common_visits,
    control_mass,
    treated_mass,
    prevented_mass,
    has_activity

from weighed
