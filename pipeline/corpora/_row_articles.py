"""How a configuration says what the rows of people's data hold."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.common.csv_table import read_table
from pipeline.rows.label_cells import AUTO
from pipeline.rows.layout import TASKS
from pipeline.rows.mapping import COUNTRIES, RowMapping


class Columns(BaseModel):
    """The column of each field, or the path of a nested one; one that is not named is found by its usual names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str | None = Field(None, description="identifies the article; made from file and row when there is none")
    title: str | None = Field(None, description="headline")
    text: str | None = Field(None, description="the article itself, such as body or fields.bodyText")
    date: str | None = Field(None, description="date of publication, in any common form")
    source: str | None = Field(None, description="outlet; scores are reported for each")
    url: str | None = Field(None, description="address")
    topics: str | tuple[str, ...] | None = Field(
        None, description="topic labels: a column, a path such as keywords[name=subject].value, or a list of columns"
    )
    regions: str | tuple[str, ...] | None = Field(None, description="region labels: country codes or names")
    split: str | None = Field(None, description="train, validation or test; needs prepare.split: own")

    def named(self) -> dict[str, str | tuple[str, ...]]:
        """The fields whose column is given."""
        return {field: name for field, name in self.model_dump().items() if name is not None}


class LabelOptions(BaseModel):
    """What makes two labels one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    merge_case: bool = Field(False, description="labels that differ in case, blanks or hyphens only are one")
    aliases: Path | dict[str, str] = Field(
        default_factory=dict, description="labels as written and what they mean: a CSV (name, label), or a mapping"
    )


class RowOptions(BaseModel):
    """How rows are read: shared by the corpora whose rows have columns of people's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: Columns = Field(Columns(), description="column names; the usual ones are found without")
    separator: str = Field(AUTO, max_length=4, description="between labels in one cell: ';', ',', '|', ' ', or auto")
    labels: LabelOptions = Field(LabelOptions(), description="what makes two labels one")
    hierarchy: str = Field("", max_length=4, description="between levels of one label, such as '/' in Sport/Football")
    encoding: str = Field("", description="of text files; found out when it is not said")
    empty_labels: Literal["none", "unlabelled"] = Field(
        "none", description="what an empty cell of labels means: the article has none, or nobody labelled it"
    )
    day_first: bool = Field(False, description="3/4/2025 is the third of April")
    countries: Path | None = Field(
        Path(COUNTRIES), description="turns country names into codes; null keeps regions as written"
    )

    def mapping(self) -> RowMapping:
        """The same without what only configurations need. Raises DataError for aliases that can't be read."""
        aliases = self.labels.aliases
        return RowMapping(
            columns=self.columns.named(),
            separators={} if self.separator == AUTO else dict.fromkeys(TASKS, self.separator),
            aliases=aliases if isinstance(aliases, dict) else _read_aliases(aliases),
            empty_labels=self.empty_labels,
            day_first=self.day_first,
            encoding=self.encoding,
            hierarchy=self.hierarchy,
            merge_case=self.labels.merge_case,
            countries=str(self.countries) if self.countries else None,
            strict=True,
        )


def _read_aliases(path: Path) -> dict[str, str]:
    """The first two columns of a CSV with a header: a label as it is written, and the label or code that it means."""
    cells = (list(row.values()) for _, row in read_table(path, (), "a CSV of aliases: name, label"))
    return {row[0].strip(): row[1].strip() for row in cells if len(row) > 1}
