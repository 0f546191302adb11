{{ config(tags=['deep']) }}

-- one row per user and labelled date: how probable it is that the label will be 1
with

label_days as (

    select * from {{ ref('truth_learning__label_days') }}

),

weights as (

    select * from {{ ref('gen_learning__visit_weights') }}

),

-- the visits from the experiment on of a user who stays; and those that every term has in common
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
    {%- for place, last_day, day in [
        ('before_anchor', 'stay_day', 'anchor_day - 1'),
        ('at_anchor', 'stay_day', 'anchor_day'),
        ('at_date', 'stay_day', 'silent_until_day'),
        ('at_end', 'stay_day', 'end_day'),
        ('first_at_anchor', 'earliest_day', 'anchor_day'),
        ('first_at_date', 'earliest_day', 'silent_until_day'),
    ] %}
    left join weights as {{ place }}
        on
            label_days.{{ last_day }} = {{ place }}.last_active_day
            and label_days.{{ day }} = {{ place }}.day
    {%- endfor %}

),

-- the possible last active days one by one; behind them stands "after the label window, or never"
expanded_to_last_days as (

    select
        stayed.*,
        {{ unnest_range('from_last_day', 'greatest(to_last_day + 1, from_last_day) + 1') }}
            as last_day_or_later

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
        case when last_day_or_later > to_last_day then stay_day else last_day_or_later end
            as last_active_day

    from expanded_to_last_days

),

visited as (

    select
        weighed.*,
        {%- for until, since, end in [
            ('anchor', 'before_anchor', 'at_anchor'),
            ('date', 'at_anchor', 'at_date'),
            ('end', 'at_anchor', 'at_end'),
        ] %}
        {{ learning_visits(
            since, end, {0: 'rate_0', 1: 'rate_1', 2: 'rate_0', 3: 'rate_1'}
        ) }} as control_{{ until }}_visits,
        {{ learning_visits(
            since, end, {0: 'rate_0', 1: 'rate_1', 2: 'rate_2', 3: 'rate_3'}
        ) }} as treated_{{ until }}_visits,
        {{ learning_visits(since, end, {0: 'rate_0', 1: 'rate_1'}) }}
        + stay_{{ until }}_visits as prevented_{{ until }}_visits{{ ',' if not loop.last }}
        {%- endfor %}

    from weighed
    {%- for place, day in [
        ('before_anchor', 'anchor_day - 1'),
        ('at_anchor', 'anchor_day'),
        ('at_date', 'silent_until_day'),
        ('at_end', 'end_day'),
    ] %}
    left join weights as {{ place }}
        on
            weighed.last_active_day = {{ place }}.last_active_day
            and weighed.{{ day }} = {{ place }}.day
    {%- endfor %}

),

-- activity on the anchor, and none from there to the date, or to the end of the label window
judged as (

    select
        user_id,
        as_of_date,
        {%- for until in ['date', 'end'] %}
        cast(
            floor(
                cast(1000000000000000000 as double) * (
                    {%- for arm in ['control', 'treated', 'prevented'] %}
                    case
                        when {{ arm }}_mass > 0
                            then {{ arm }}_mass
                                * case
                                    when has_activity
                                        then 1 - exp(-{{ arm }}_anchor_visits)
                                    else 1
                                end
                                * exp(common_visits - {{ arm }}_{{ until }}_visits)
                        else 0
                    end
                    {{- ' +' if not loop.last }}
                    {%- endfor %}
                )
            ) as decimal(38, 0)
        ) as {{ until }}_units{{ ',' if not loop.last }}
        {%- endfor %}

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
