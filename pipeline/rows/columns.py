"""Which column of a people's file holds what, by its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict, Field

USUAL_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "article_id", "articleid", "guid", "uuid", "uid", "_id", "doc_id", "docid"),
    "title": ("title", "headline", "head", "heading", "subject"),
    "text": ("text", "body", "content", "article", "article_text", "full_text", "fulltext", "story", "document"),
    "date": ("date", "published", "publish_date", "published_at", "publication_date", "pub_date", "pubdate", "datetime",
             "timestamp", "created_at", "created"),
    "source": ("source", "outlet", "publisher", "publication", "newspaper", "site", "feed"),
    "url": ("url", "link", "permalink", "uri", "web_url"),
    "topics": ("topics", "topic", "labels", "label", "tags", "tag", "categories", "category", "class", "section"),
    "regions": ("regions", "region", "countries", "country", "places", "place", "locations", "location", "geo"),
    "split": (),
}  # fmt: skip


class Columns(BaseModel):
    """The column of each field; one that is not named is found by its usual names, in whatever case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str | None = Field(None, description="identifies the article; made from file and row when there is none")
    title: str | None = Field(None, description="headline")
    text: str | None = Field(None, description="the article itself")
    date: str | None = Field(None, description="date of publication, in any common form")
    source: str | None = Field(None, description="outlet; scores are reported for each")
    url: str | None = Field(None, description="address")
    topics: str | None = Field(None, description="topic labels")
    regions: str | None = Field(None, description="region labels: country codes or English names")
    split: str | None = Field(None, description="train, validation or test; needs prepare.split: own")

    def named(self) -> dict[str, str]:
        """The fields whose column is given."""
        return {field: name for field, name in self.model_dump().items() if name is not None}

    def found(self, columns: Sequence[str]) -> dict[str, str]:
        """The column of each field among those of a row; a field without one is left out."""
        named = self.named()
        usual = usual_columns(column for column in columns if column not in named.values())
        return {field: name for field, name in (usual | named).items() if name in columns}


def usual_columns(columns: Iterable[str]) -> dict[str, str]:
    """The column of each field by its usual names, the more usual first."""
    by_name = {column.strip().casefold().replace(" ", "_"): column for column in reversed(list(columns))}
    found = {}
    for field, names in USUAL_NAMES.items():
        name = next((name for name in names if name in by_name), None)
        if name is not None:
            found[field] = by_name[name]
    return found
