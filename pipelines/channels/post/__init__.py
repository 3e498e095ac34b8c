"""Letters on paper: scanned into a folder, read, split into letters and taken in like any message."""
