"""fastText supervised: words lower-cased, 25 epochs; a label from probability 0.5 on, or the best of all.

Joulin et al. (2017), Bag of tricks for efficient text classification.
"""

from __future__ import annotations

from pathlib import Path

import fasttext  # type: ignore[import-not-found]

from benchmarks.peers.common import Clock, answer, arguments

_MARK = "__label__"


def main() -> None:
    task, clock = arguments(), Clock()
    loss = "softmax" if task.single else "ova"
    with clock.running():
        train = str(task.documents / "train.fasttext")
        model = fasttext.train_supervised(train, lr=0.5, epoch=25, loss=loss, thread=1, seed=0, verbose=0)
    path = Path(f"{task.answers}.model")
    model.save_model(str(path))
    lines = (task.documents / "test.fasttext").read_text(encoding="utf-8").splitlines()
    texts = [" ".join(word for word in line.split() if not word.startswith(_MARK)) for line in lines]
    found = [model.predict(text, 1 if task.single else -1, 0.0 if task.single else 0.5)[0] for text in texts]
    answer(task, [[label.removeprefix(_MARK) for label in labels] for labels in found], clock, path)


if __name__ == "__main__":
    main()
