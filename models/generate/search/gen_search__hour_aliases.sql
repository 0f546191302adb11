-- one row per hour of the day: the alias table of the hour in which sessions start
with

hours as (

    select
        hour as category,
        weight

    from {{ ref('search_hours') }}

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
