"""For those who work on Casewright itself: not installed with it."""
