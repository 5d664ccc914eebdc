"""Prediction: the predictor file, opened safely, and the tags of texts; it knows nothing of training."""
