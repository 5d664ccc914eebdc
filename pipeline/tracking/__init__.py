"""MLflow: the store, the runs, the registry, the UI. Only this package (and the model it logs) imports mlflow.

Its modules import mlflow inside functions, so that importing them costs nothing.
"""

from pipeline.tracking.registry import promote
from pipeline.tracking.runs import log_folder
from pipeline.tracking.server import serve_ui
from pipeline.tracking.sources import champion_folder, fetch_predictor, logged_run, predictions_of, run_of, version_of
from pipeline.tracking.store import load_mlflow, open_store, tracking_uri

__all__ = [
    "champion_folder",
    "fetch_predictor",
    "load_mlflow",
    "log_folder",
    "logged_run",
    "open_store",
    "predictions_of",
    "promote",
    "run_of",
    "serve_ui",
    "tracking_uri",
    "version_of",
]
