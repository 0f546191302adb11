-- one row per source and campaign: the alias table of what brings a session
with

campaigns as (

    select
        campaign_number as category,
        weight

    from {{ ref('search_campaigns') }}

),

aliases as (

    {{ alias_table('campaigns') }}

)

select
    bucket,
    category as campaign_number,
    alias_category as alias_campaign_number,
    own_share

from aliases
