"""Text to features: tokens, weighted terms, place mentions."""
