"""Reads a message's own words: facts with their character spans, and signs of danger. Pure functions only."""
