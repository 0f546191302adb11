"""`diorama guide`: prints how a coding agent uses diorama."""

from diorama.commands import app
from diorama.ui.terminal import print_line


@app.command(
    "guide",
    short_help="Print a page for coding agents.",
    help=(
        "Example: [bold]diorama guide[/bold]\n\n"
        "Prints a page of Markdown that tells a coding agent how to use diorama: rules, tasks "
        "and commands, tables."
    ),
)
def guide_command() -> None:
    """Prints the guide."""
    from diorama.project import find_project

    page = find_project().root / "docs" / "agents.md"
    print_line(page.read_text(encoding="utf-8").rstrip())
