"""Only messaging apps that the practice approves are on the phone."""
