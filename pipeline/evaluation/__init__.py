"""Evaluation: metrics, comparisons, slices, and what the scores say about articles and labels."""
