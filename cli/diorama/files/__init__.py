"""Files that are written and read: exports, their manifest, and unfinished work."""
