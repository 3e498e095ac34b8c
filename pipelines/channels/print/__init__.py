"""Letters on paper: laid ready for a print office."""
