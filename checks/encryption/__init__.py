"""Whether what holds the home folder is encrypted."""
