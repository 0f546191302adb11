-- one row per delivery of an event whose id was delivered more than once
with

duplicates as (

    {{ duplicate_deliveries(
        ref('raw_learning__events'),
        [
            'user_id', 'event_time', 'event_type', 'course_id', 'watch_minutes',
            'quiz_score', 'amount',
        ]
    ) }}

)

select * from duplicates
