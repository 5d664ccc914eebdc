"""Preparation: a corpus cleaned, checked, freed of near-duplicates and split."""
