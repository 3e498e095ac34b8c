"""Whether people judge for themselves: cases decided blind, advice planted to be wrong, and what both say of a team."""
