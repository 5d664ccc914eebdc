"""Tagging of row files of any size."""
