"""The decision file as a document for people outside: a tagged PDF with the file for programs in it, sealed."""
