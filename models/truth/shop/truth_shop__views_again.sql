-- one row per training example, future and later session in which the item is seen
with

futures as (

    select * from {{ ref('truth_shop__futures') }}

),

choosing as (

    select * from {{ ref('truth_shop__futures') }}

),

examples as (

    select * from {{ ref('truth_shop__examples') }}

),

chosen as (

    {{ shop_choices('choosing') | indent(4) }}

),

views as (

    select
        futures.user_number,
        futures.session_number,
        futures.future_number,
        futures.day,
        futures.item_count,
        chosen.item_number

    from chosen
    inner join futures on chosen.session_key = futures.session_key

),

views_again as (

    select
        examples.session_id,
        examples.item_id,
        views.future_number,
        views.session_number - examples.session_number as lag,
        views.day,
        views.item_count

    from views
    inner join examples
        on
            views.user_number = examples.user_number
            and views.item_number = examples.item_number
            and views.session_number > examples.session_number
            and views.session_number <= examples.session_number + 3

)

select * from views_again
