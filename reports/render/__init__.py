"""Report -> text, one file a form."""
