"""The system is its maker's own, and nothing has full access to it as far as can be seen."""
