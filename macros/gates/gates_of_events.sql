{# What must hold of every row of a file of events, as [column, what a faulty row has, message]. #}
{% macro gates_of_events(is_raw) -%}
{%- set type = 'lower(trim(event_type))' if is_raw else 'event_type' -%}
{%- set types = "('login', 'course_enroll', 'video_watch', 'quiz_attempt', 'payment_success', 'payment_failed', 'support_ticket')" -%}
{%- set gates = [
    ['event_id', try_cast('event_id', 'bigint') ~ ' is null', 'event_id is missing or not an integer'],
    ['user_id', try_cast('user_id', 'bigint') ~ ' is null', 'user_id is missing or not an integer'],
    ['event_time', try_cast('event_time', 'timestamp') ~ ' is null', 'event_time is missing or not a time'],
    ['event_type', 'event_type is null', 'event_type is missing'],
    ['event_type', 'event_type not in ' ~ types, 'event_type is none of the documented types'],
    ['course_id', 'course_id is null and ' ~ type ~ " in ('course_enroll', 'video_watch', 'quiz_attempt')",
        'course_id is missing where the event belongs to a course'],
    ['watch_minutes', try_cast('watch_minutes', 'double') ~ ' < 0', 'watch_minutes is negative'],
    ['watch_minutes', try_cast('watch_minutes', 'double') ~ ' > 0 and ' ~ type ~ " != 'video_watch'",
        'watch_minutes is above 0 where no video is watched'],
    ['quiz_score', try_cast('quiz_score', 'double') ~ ' not between 0 and 100', 'quiz_score is not in 0-100'],
    ['quiz_score', 'quiz_score is null and ' ~ type ~ " = 'quiz_attempt'", 'quiz_score of a quiz is missing'],
    ['amount', 'coalesce(' ~ try_cast('amount', 'double') ~ ' <= 0, amount is null) and '
        ~ type ~ " in ('payment_success', 'payment_failed')", 'amount of a payment is missing or not above 0'],
] -%}
{%- for column in ['watch_minutes', 'quiz_score', 'amount'] -%}
    {%- do gates.append([
        column, column ~ ' is not null and ' ~ try_cast(column, 'double') ~ ' is null', column ~ ' is not a number',
    ]) -%}
{%- endfor -%}
{{ return(gates) }}
{%- endmacro %}
