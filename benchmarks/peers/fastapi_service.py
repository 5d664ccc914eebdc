"""Two minimal FastAPI services of a scikit-learn tagger: its pipeline as it is, or its weights as one matrix."""

import pickle
import sys
from pathlib import Path
from typing import Any


def fit(data: Path, target: Path) -> None:
    """TF-IDF and one-vs-rest support-vector machines on the training split, pickled."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MultiLabelBinarizer
    from sklearn.svm import LinearSVC

    from pipeline.preparation import prepared_splits

    rows = [row for row in prepared_splits.read_split(data, "train").to_list() if row["topics"] is not None]
    binarizer = MultiLabelBinarizer()
    gold = binarizer.fit_transform([row["topics"] for row in rows])
    fitted = make_pipeline(TfidfVectorizer(sublinear_tf=True, min_df=2), OneVsRestClassifier(LinearSVC()))
    fitted.fit([row["text"] for row in rows], gold)
    target.write_bytes(pickle.dumps((fitted, list(binarizer.classes_))))


def serve(model: Path, kind: str, port: int) -> None:
    """POST /predict {"text"} answers {"topics"}, as a tutorial would write it."""
    import numpy as np
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel
    from scipy.sparse import csr_matrix

    fitted, labels = pickle.loads(model.read_bytes())
    terms, machines = fitted[0], fitted[1].estimators_
    weights = np.vstack([machine.coef_ for machine in machines]).T
    intercepts = np.array([machine.intercept_[0] for machine in machines])
    app = FastAPI()

    class Article(BaseModel):
        text: str

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    def scores(text: str) -> Any:
        if kind == "pipeline":
            return fitted.decision_function([text])[0]
        row: csr_matrix = terms.transform([text])
        return (row @ weights)[0] + intercepts

    @app.post("/predict")
    def predict(article: Article) -> dict[str, Any]:
        found = scores(article.text)
        return {"topics": [{"label": labels[at], "score": float(found[at])} for at in np.flatnonzero(found > 0)]}

    uvicorn.run(app, port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
