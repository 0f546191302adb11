"""Lets `python -m diorama` do what the command `diorama` does."""

from diorama.cli import app

if __name__ == "__main__":  # a process for shards imports this as well
    app(prog_name="diorama")
