"""People's row files: read and written in constant memory."""
