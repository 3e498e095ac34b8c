"""The chat on the customer's page: short messages of one case, and a person who answers them."""
