"""`diorama stream`: sends events in order of time."""
