"""Events sent in the order of time."""
