"""The user's own experiments: a plan maps their columns, the experiment marts analyse them."""
