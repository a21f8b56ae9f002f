"""The system still gets security updates, and has them."""
