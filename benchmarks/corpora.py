"""The corpora of the tables: configuration, task, the peers run beside Dateline, and the figures published on it."""

from __future__ import annotations

from dataclasses import dataclass, field

DOCBERT, TEXTGCN = "Adhikari et al. 2019", "Yao et al. 2019"


@dataclass(frozen=True, slots=True)
class Published:
    """A figure from a paper, in per cent: micro-F1, or accuracy where a document has one label."""

    method: str
    score: float
    paper: str


@dataclass(frozen=True, slots=True)
class Peer:
    """Another tool: its name in the tables, its module in `benchmarks.peers`, the variant that is run."""

    name: str
    module: str
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Corpus:
    """One table."""

    name: str
    title: str
    config: str
    task: str = "topics"
    single: bool = False
    peers: tuple[Peer, ...] = ()
    published: tuple[Published, ...] = field(default=())


SVM = Peer("scikit-learn LinearSVC, unigrams and title terms, joint thresholds", "sklearn_svm", "unigrams")
BIGRAMS = Peer("scikit-learn LinearSVC, 1-2-grams, joint thresholds", "sklearn_svm", "bigrams")
BEST_SVM = Peer("scikit-learn LinearSVC, unigrams and title terms", "sklearn_svm", "unigrams")
THRESHOLDING = Peer("LibMultiLabel, thresholding", "libmultilabel_linear")
ONE_VS_REST = Peer("LibMultiLabel, one-vs-rest", "libmultilabel_linear")
FASTTEXT = Peer("fastText, lr 0.5, 25 epochs", "fasttext_supervised")

_MANY = (SVM, THRESHOLDING, FASTTEXT)
_ONE = (BEST_SVM, ONE_VS_REST, FASTTEXT)
_DOCBERT = (
    Published("logistic regression", 74.8, DOCBERT),
    Published("SVM", 86.1, DOCBERT),
    Published("LSTM_reg", 87.0, DOCBERT),
    Published("BERT-base", 89.0, DOCBERT),
    Published("BERT-large", 90.7, DOCBERT),
)


def _textgcn(logistic: float, graph: float) -> tuple[Published, ...]:
    return Published("TF-IDF and logistic regression", logistic, TEXTGCN), Published("TextGCN", graph, TEXTGCN)


CORPORA = (
    Corpus("r90", "Reuters-21578 topics, R90", "reuters21578-topics", peers=_MANY, published=_DOCBERT),
    Corpus("r10", "Reuters-21578 topics, R10", "reuters21578-r10", peers=_MANY),
    Corpus("places", "Reuters-21578 places", "reuters21578-places", "regions", peers=(SVM, BIGRAMS, *_MANY[1:])),
    Corpus("r8", "R8", "r8", single=True, peers=_ONE, published=_textgcn(93.74, 97.07)),
    Corpus("r52", "R52", "r52", single=True, peers=_ONE, published=_textgcn(86.95, 93.56)),
    Corpus("20news", "20 Newsgroups", "20newsgroups", single=True, peers=_ONE, published=_textgcn(83.19, 86.34)),
    Corpus("bbc", "BBC News, five classes", "bbcnews", single=True, peers=_ONE),
    Corpus("news-topics", "News Articles and BBC News, topics", "news", peers=_MANY),
    Corpus("news-countries", "News Articles and BBC News, countries", "news", "regions", peers=_MANY),
)
REUTERS = ("reuters21578-topics", "reuters21578-r10", "reuters21578-places")
