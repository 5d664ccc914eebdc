"""Measurements of Dateline and of its peers; `run.py` writes BENCHMARKS.md."""
