"""Signing in by the organisation's own OpenID provider: authorization code with PKCE (OpenID Connect Core 1.0)."""
