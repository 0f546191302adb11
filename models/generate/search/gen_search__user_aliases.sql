{{ config(enabled=not is_left_out(model)) }}

-- one row per known user: the alias table of the users' activity, a power law
with

users as (

    select
        user_number as category,
        {{ zipf_weight('user_number', setting('search_user_activity_exponent')) }}
            as weight

    from {{ series(1, setting('search_user_pool_size') + 1, 'user_number') }} as numbers

),

aliases as (

    {{ alias_table('users') }}

)

select
    bucket,
    category as user_number,
    alias_category as alias_user_number,
    own_share

from aliases
