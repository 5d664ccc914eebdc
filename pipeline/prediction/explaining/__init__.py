"""Why a tag was given, for a terminal, a page and a program."""
