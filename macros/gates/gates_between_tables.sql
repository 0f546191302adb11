{#
  What must hold of whole files and between them, as [files needed, query that counts the faults,
  message]. Files are views checked_<name>, all text; users and events stand for the cleaned files, or
  the raw ones where there are no others.
#}
{% macro gates_between_tables() -%}
{%- set gates = [
    [['users'], count_duplicates('users', ['user_id']), 'users: user_id is not unique'],
    [['events'], count_duplicates('events', ['event_id']), 'events: event_id is not unique'],
    [['users', 'events'], 'select count(*) from checked_events as events left join checked_users as users'
        ~ ' on events.user_id = users.user_id where events.user_id is not null and users.user_id is null',
        'events: user_id is that of no user'],
    [['users', 'events'], 'select count(*) from checked_events as events inner join checked_users as users'
        ~ ' on events.user_id = users.user_id where ' ~ try_cast('events.event_time', 'date') ~ ' < '
        ~ try_cast('users.signup_date', 'date'), 'events: event_time lies before the signup'],
    [['events'], 'select case when count(amount) > 0.02 * count(*) then count(amount) else 0 end from checked_events'
        ~ " where lower(trim(event_type)) not in ('payment_success', 'payment_failed')",
        'events: more than 2 % of the events that are no payments carry an amount'],
    [['events', 'user_daily'], 'select count(*) from (select ' ~ try_cast('user_id', 'bigint') ~ ' as user_id, '
        ~ try_cast('event_time', 'date') ~ ' as as_of_date, count(*) as event_count, '
        ~ 'sum(cast(coalesce(watch_minutes, \'0\') as decimal(12, 2))) as watch_minutes'
        ~ ' from checked_events group by 1, 2) as events full join checked_user_daily as days on events.user_id = '
        ~ try_cast('days.user_id', 'bigint') ~ ' and events.as_of_date = ' ~ try_cast('days.as_of_date', 'date')
        ~ ' where coalesce(events.event_count, 0) != coalesce(' ~ try_cast('days.total_events', 'bigint') ~ ', -1)'
        ~ ' or coalesce(events.watch_minutes, 0) != coalesce(' ~ try_cast('days.watch_minutes_sum', 'decimal(12, 2)') ~ ', -1)',
        'user_daily: total_events or watch_minutes_sum is not that of the events'],
    [['users', 'user_daily'], 'select abs((select count(*) from checked_users) * count(distinct as_of_date) - count(*))'
        ~ ' from checked_user_daily', 'user_daily: the grid of users and dates has gaps, or rows too many'],
    [['user_daily', 'user_features_daily'], count_mismatches('user_features_daily', 'user_daily',
        ['total_events', 'is_active_day']), 'user_features_daily: a row is not that of user_daily'],
    [['user_features_daily'], 'select count(*) from (select ' ~ try_cast('active_days_7d', 'bigint') ~ ' as given, sum('
        ~ try_cast('is_active_day', 'bigint') ~ ') over (partition by ' ~ try_cast('user_id', 'bigint') ~ ' order by '
        ~ try_cast('as_of_date', 'date') ~ ' rows between 6 preceding and current row) as counted'
        ~ ' from checked_user_features_daily) as windows where given != counted',
        'user_features_daily: active_days_7d is not the sum of its seven rows'],
    [['user_daily', 'labels_daily'], 'select count(*) from (select user_id, as_of_date, sum('
        ~ try_cast('is_active_day', 'bigint') ~ ') over (partition by ' ~ try_cast('user_id', 'bigint') ~ ' order by '
        ~ try_cast('as_of_date', 'date') ~ ' rows between 1 following and @window following) as counted'
        ~ ' from checked_user_daily) as days inner join checked_labels_daily as labels on labels.user_id = days.user_id'
        ~ ' and labels.as_of_date = days.as_of_date where ' ~ try_cast('labels.future_active_days', 'bigint') ~ ' != counted',
        'labels_daily: future_active_days is not the number of active days that follow'],
    [['user_features_daily', 'training_dataset'], count_mismatches('training_dataset', 'user_features_daily',
        ['total_events', 'active_days_30d', 'days_since_last_activity']),
        'training_dataset: features are not those of user_features_daily'],
    [['labels_daily', 'training_dataset'], count_mismatches('training_dataset', 'labels_daily', ['churn_label']),
        'training_dataset: a label is not that of labels_daily'],
    [['user_daily', 'labels_daily', 'training_dataset'], 'select count(*) from (select max('
        ~ try_cast('as_of_date', 'date') ~ ") as last_date from checked_training_dataset where split in ('train', 'validation'))"
        ~ ' as earlier cross join (select min(' ~ try_cast('as_of_date', 'date') ~ ') as first_date'
        ~ " from checked_training_dataset where split = 'test') as later"
        ~ ' where ' ~ days_between('earlier.last_date', 'later.first_date') ~ ' <= @window',
        'training_dataset: a label of one split looks into the next'],
    [['training_dataset'], 'select count(*) from (select user_id from checked_training_dataset'
        ~ " where split in ('train', 'validation') group by user_id having count(distinct split) > 1) as shared",
        'training_dataset: a user is in both train and validation'],
] -%}
{%- for name in ['user_daily', 'user_features_daily', 'labels_daily', 'training_dataset'] -%}
    {%- do gates.append([[name], count_duplicates(name, ['user_id', 'as_of_date']), name ~ ': a user and date is not unique']) -%}
{%- endfor -%}
{{ return(gates) }}
{%- endmacro %}
