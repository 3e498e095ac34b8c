"""Texts to and from a phone, by whichever provider: one signed HTTP adapter."""
