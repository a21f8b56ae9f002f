"""Linux: one file a check, named after it."""
