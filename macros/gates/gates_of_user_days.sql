{# What must hold of every row of a file by user and date, as [column, what a faulty row has, message]. #}
{% macro gates_of_user_days(table) -%}
{%- set gates = [
    ['as_of_date', try_cast('as_of_date', 'date') ~ ' is null', 'as_of_date is missing or not a date'],
    ['user_id', try_cast('user_id', 'bigint') ~ ' is null', 'user_id is missing or not an integer'],
] -%}
{%- if table != 'labels_daily' -%}
    {%- for column in [
        'days_since_signup', 'total_events', 'logins_count', 'enroll_count', 'watch_minutes_sum', 'quiz_attempts_count',
        'payment_success_count', 'payment_failed_count', 'support_ticket_count',
    ] -%}
        {%- do gates.append([
            column, 'coalesce(' ~ try_cast(column, 'double') ~ ' < 0, true)', column ~ ' is missing, negative or no number',
        ]) -%}
    {%- endfor -%}
    {%- do gates.append(['is_active_day', 'coalesce(' ~ try_cast('is_active_day', 'bigint') ~ ' != case when '
        ~ try_cast('logins_count', 'bigint') ~ ' > 0 then 1 else 0 end, true)', 'is_active_day does not fit logins_count']) -%}
    {%- do gates.append(['quiz_avg_score', try_cast('quiz_avg_score', 'double') ~ ' not between 0 and 100',
        'quiz_avg_score is not in 0-100']) -%}
{%- endif -%}
{%- if table in ('user_features_daily', 'training_dataset') -%}
    {%- for column in ['active_days', 'events', 'watch_minutes'] -%}
        {%- do gates.append([column ~ '_30d', 'coalesce(' ~ try_cast(column ~ '_7d', 'double') ~ ' > '
            ~ try_cast(column ~ '_14d', 'double') ~ ' or ' ~ try_cast(column ~ '_14d', 'double') ~ ' > '
            ~ try_cast(column ~ '_30d', 'double') ~ ', true)',
            column ~ ' of a shorter window is missing or above that of a longer one']) -%}
    {%- endfor -%}
    {%- do gates.append(['payment_fail_rate_30d', 'coalesce(' ~ try_cast('payment_fail_rate_30d', 'double')
        ~ ' not between 0 and 1, true)', 'payment_fail_rate_30d is not in 0-1']) -%}
    {%- do gates.append(['days_since_last_activity', 'coalesce(' ~ try_cast('days_since_last_activity', 'bigint')
        ~ ' < 0, true)', 'days_since_last_activity is missing or negative']) -%}
{%- endif -%}
{%- if table in ('labels_daily', 'training_dataset') -%}
    {%- do gates.append(['churn_label', "coalesce(churn_label not in ('0', '1'), true)", 'churn_label is not 0 or 1']) -%}
    {%- do gates.append(['churn_label', "churn_label in ('0', '1') and coalesce((churn_label = '1') != ("
        ~ try_cast('future_active_days', 'bigint') ~ ' = 0), true)', 'churn_label does not fit future_active_days']) -%}
{%- endif -%}
{%- if table == 'training_dataset' -%}
    {%- do gates.append(['split', "coalesce(split not in ('train', 'validation', 'test'), true)",
        'split is not train, validation or test']) -%}
{%- endif -%}
{{ return(gates) }}
{%- endmacro %}
