"""Lets `python -m diorama` do what the command `diorama` does."""

from diorama.cli import app

app(prog_name="diorama")
