-- one row per row of the training set, with the hidden cause that no model may know
with

examples as (

    select * from {{ ref('learning__training_set') }}

),

users as (

    select * from {{ ref('gen_learning__users') }}

),

leaky as (

    select
        examples.*,
        users.engagement_ppb / cast(1000000000 as double) as engagement_score

    from examples
    inner join users on examples.user_id = users.user_id

)

select * from leaky
