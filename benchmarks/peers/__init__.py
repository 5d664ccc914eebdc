"""Other tools, each run as a process of its own in an environment of their own; nothing here imports Dateline."""
