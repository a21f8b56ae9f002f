"""The screen locks by itself and needs a credential to open. The example that new checks are copied from."""
