-- one row per session of the assigned variant: what its events are made of
with

sessions as (

    select * from {{ ref('gen_learning__sessions') }}

    where is_assigned

)

select
    user_number,
    day_number,
    session_number,
    session_key,
    course_number,
    login_second,
    block_seconds,
    own_watch_hundredths,
    own_score_hundredths,
    payment_cents,
    further_count,
    has_enrolment,
    opens_with_enrolment,
    is_payment_successful,
    has_ticket

from sessions
