-- one row per hour in which sessions start: the alias table of the hour
with

hours as (

    select
        hour as category,
        weight

    from {{ ref('learning_hours') }}

    where profile = '{{ setting("learning_profile") }}'

),

aliases as (

    {{ alias_table('hours') }}

)

select
    bucket,
    category as hour,
    alias_category as alias_hour,
    own_share

from aliases
