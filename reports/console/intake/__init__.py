"""Takes in what devices send, and tells them what the practice wants."""
