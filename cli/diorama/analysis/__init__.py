"""The user's own experiments: a plan says which columns are which, the marts analyse them."""
