"""Pictures do not upload by themselves."""
