-- one row per hour of the day: the alias table of the hour in which sessions start
with

hours as (

    {{ parameters('hours') }}

),

aliases as (

    {{ alias_table('hours') }}

)

select
    bucket,
    category,
    alias_category,
    own_share

from aliases
