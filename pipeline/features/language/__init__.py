"""Languages other than English: which one a text is in, its words, and what countries are called in it."""
