"""The features of whole batches, by compiled functions, equal to those made one article at a time."""
