"""The pages: each module answers for the addresses in its ENDPOINTS."""
