"""The practice's console: takes in signed reports, and shows IT which devices need help. For no clinician's laptop."""
