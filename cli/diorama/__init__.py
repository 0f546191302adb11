"""diorama: synthetic product worlds in SQL, with the truth attached."""
