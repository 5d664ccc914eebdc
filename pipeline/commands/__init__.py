"""The commands: each turns its arguments into calls of the pipeline and prints what comes back."""
