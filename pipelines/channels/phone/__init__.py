"""What is said by phone: noted by who heard it."""
