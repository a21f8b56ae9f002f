"""Whether one person uses the phone, and which of its profiles nobody but their user can look into."""
