"""The clinician's own page: on this laptop only, for the browser in which its link was opened; it ends when idle."""
