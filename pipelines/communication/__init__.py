"""What leaves the house for a customer, by whichever channel: the one door out."""
