"""Terminal output and shell completion."""
