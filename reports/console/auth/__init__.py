"""Who is asking: sessions, passwords, second factors, OpenID providers, tokens."""
