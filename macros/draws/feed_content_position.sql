{#
  Where in the alias table of cards a view of the feed world falls, 0 to feed_content_count: its
  integer part is a bucket of gen_feed__content_aliases, the rest chooses between that bucket's two.
#}
{% macro feed_content_position(event_key) -%}
    {{ setting('feed_content_count') }} * {{ uniform(event_key, 'feed.events.content') }}
{%- endmacro %}
