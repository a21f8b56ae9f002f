"""Where the console keeps what it knows: one schema, on SQLite or PostgreSQL."""
