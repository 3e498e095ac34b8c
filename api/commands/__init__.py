"""The command line: one file a group of commands; each translates words into one call and its answer into words."""
