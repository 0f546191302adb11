{{ config(enabled=not is_left_out(model)) }}

-- one row per card: the alias table of content popularity
with

cards as (

    select
        card_number as category,
        {{ zipf_weight('card_number', setting('feed_content_zipf_exponent')) }}
            as weight

    from {{ series(1, setting('feed_content_count') + 1, 'card_number') }} as cards

),

aliases as (

    {{ alias_table('cards') }}

)

select
    bucket,
    concat('card_', category) as content_id,
    concat('card_', alias_category) as alias_content_id,
    own_share

from aliases
