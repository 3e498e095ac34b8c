"""The assistant: what a language model may do for a handler, and what is kept from it."""
