{{ config(tags=['deep']) }}

-- one row per user and labelled date: how probable it is that the label will be 1
with

label_days as (

    select * from {{ ref('truth_learning__label_days') }}

),

weights as (

    select * from {{ ref('gen_learning__visit_weights') }}

),

-- the possible last active days one by one; behind them stands "after the label window, or never"
expanded_to_last_days as (

    select
        label_days.*,
        {{ unnest_range('from_last_day', 'greatest(to_last_day, from_last_day - 1) + 2') }}
            as last_day_or_later

    from label_days

),

assumed as (

    select
        *,
        case
            when last_day_or_later <= to_last_day then last_day_or_later
            else {{ setting('learning_days') }} + decline_days
        end as last_active_day,
        {{ setting('learning_days') }} + decline_days as never_day,
        last_day_or_later > to_last_day as is_later,
        last_day_or_later >= first_experiment_last_day as is_in_experiment

    from expanded_to_last_days

),

-- prior mass of leaving then in control, under reminders, and in control alone
weighed as (

    select
        assumed.*,
        case
            when is_later
                then control_share * (
                    1 - case when churn_day_count > 0 then churn_probability else 0 end
                    + churn_probability * later_last_day_count
                    / greatest(churn_day_count, 1)
                )
            when is_in_experiment
                then control_share * churn_probability / churn_day_count
            else outside_share * churn_probability / churn_day_count
        end as control_mass,
        case
            when is_later
                then treated_share * (
                    1 - case when churn_day_count > 0 then churn_probability else 0 end
                    + churn_probability * later_last_day_count
                    / greatest(churn_day_count, 1)
                )
            when is_in_experiment
                then treated_share * treated_churn_probability / churn_day_count
            else 0
        end as treated_mass,
        case
            when is_in_experiment and not is_later
                then treated_share
                    * (churn_probability - treated_churn_probability)
                    / churn_day_count
            else 0
        end as prevented_mass

    from assumed

),

visited as (

    select
        weighed.user_id,
        weighed.as_of_date,
        weighed.control_mass,
        weighed.treated_mass,
        weighed.prevented_mass,
        weighed.has_activity,
        {%- for arm, rates, later in [
            ('control', ['rate_0', 'rate_1'], none),
            ('treated', ['rate_2', 'rate_3'], none),
            ('prevented', ['rate_2', 'rate_3'], 'stay'),
        ] %}
        {{ learning_visits(
            'before_anchor', 'at_anchor', rates,
            ('stay_before_anchor', 'stay_at_anchor') if later
        ) }} as {{ arm }}_anchor_visits,
        {{ learning_visits(
            'at_anchor', 'at_date', rates, ('stay_at_anchor', 'stay_at_date') if later
        ) }} as {{ arm }}_date_visits,
        {{ learning_visits(
            'at_anchor', 'at_end', rates, ('stay_at_anchor', 'stay_at_end') if later
        ) }} as {{ arm }}_end_visits,
        {%- endfor %}
        -- of users who stay until some can have left: a factor that all terms have in common
        {{ learning_visits('stay_at_anchor', 'stay_at_start', ['rate_0', 'rate_1']) }}
            as common_visits

    from weighed
    {%- for place, day in [
        ('before_anchor', 'weighed.anchor_day - 1'),
        ('at_anchor', 'weighed.anchor_day'),
        ('at_date', 'weighed.day'),
        ('at_end', 'weighed.day + ' ~ setting('learning_churn_window_days')),
    ] %}
    left join weights as {{ place }}
        on
            weighed.last_active_day = {{ place }}.last_active_day
            and {{ day }} = {{ place }}.day
    left join weights as stay_{{ place }}
        on
            weighed.never_day = stay_{{ place }}.last_active_day
            and {{ day }} = stay_{{ place }}.day
    {%- endfor %}
    left join weights as stay_at_start
        on
            weighed.never_day = stay_at_start.last_active_day
            and stay_at_start.day = greatest(
                least(weighed.day, weighed.from_last_day), weighed.anchor_day
            )

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
                    {{ arm }}_mass
                    * case when has_activity then 1 - exp(-{{ arm }}_anchor_visits) else 1 end
                    * exp(common_visits - {{ arm }}_{{ until }}_visits)
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
