"""The bodies of requests and answers, as types: requests are validated by them, the OpenAPI document is made of them.

OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.1; its schemas are JSON Schema 2020-12, as msgspec writes them.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from model.terms.cleaning import LONGEST

COMPONENTS = "#/components/schemas/"
Axis = Literal["sensational", "clickbait"]
Probability = Annotated[float, Meta(ge=0, le=1)]
NotBlank = Annotated[str, Meta(pattern=r"\S")]
_HEADLINE = f"A headline of 1 to {LONGEST} characters; anything else is answered by an error in its place."


class Item(Struct, forbid_unknown_fields=True):
    """A headline with the caller's id for it, which comes back with its verdict."""

    text: Annotated[Any, Meta(description=_HEADLINE)] = None
    id: str | UnsetType = UNSET


class ScoreRequest(Struct, forbid_unknown_fields=True):
    """Headlines to judge."""

    headlines: Annotated[
        list[str | Item | int | float | bool | list[Any] | None],
        Meta(min_length=1, description=f"{_HEADLINE} The others are judged."),
    ]
    explain: Annotated[bool, Meta(description="Say which words speak for which axis.")] = False


class PageRequest(Struct, forbid_unknown_fields=True):
    """A saved page, HTML or plain text; either may be a feed (RSS, Atom) or MHTML as well. Nothing is fetched."""

    html: NotBlank | UnsetType = UNSET
    text: NotBlank | UnsetType = UNSET
    explain: Annotated[bool, Meta(description="Say which words speak for which axis.")] = False


class DeskForm(Struct, forbid_unknown_fields=True):
    """What the copy desk's page posts; it is not kept."""

    text: Annotated[str, Meta(description="A headline, headlines one a line, or a page's text or HTML.")] = ""
    kind: Annotated[Literal["auto", "list", "page"], Meta(description="What the text is; `auto` sees for itself.")] = (
        "auto"
    )
    preset: Annotated[
        Literal["strict", "standard", "lenient"],
        Meta(description="How much is marked; a preset that the model has no figures for is `standard`."),
    ] = "standard"


class ByAxis(Struct):
    """A number for each axis, on the scale of log-odds."""

    sensational: float
    clickbait: float


class Span(Struct):
    """A stretch of the headline as given, by offsets in characters, and what it adds to each axis' log-odds."""

    start: Annotated[int, Meta(ge=0)]
    end: Annotated[int, Meta(ge=0)]
    text: str
    sensational: float
    clickbait: float


class Evidence(Struct):
    """Why: for each axis, bias + the weights of the spans + rest = the log-odds, exactly. Strongest span first."""

    bias: ByAxis
    spans: list[Span]
    rest: ByAxis


class Judgement(Struct, kw_only=True):
    """A verdict."""

    headline: str
    label: Literal["measured", "uncertain", "sensational", "clickbait"]
    quality: Annotated[int, Meta(ge=0, le=100)]
    sensational: Probability
    clickbait: Probability
    flags: Annotated[list[Axis], Meta(description="The axes at or above their upper threshold, strongest first.")]
    reason: Annotated[
        Literal["too little text", "other language"] | None,
        Meta(description="Why there is no verdict, where there is none."),
    ]
    evidence: Evidence | UnsetType = UNSET
    id: str | UnsetType = UNSET


class ItemError(Struct):
    """Why one headline could not be judged."""

    code: str
    detail: str


class BadItem(Struct):
    """Stands in the place of a verdict."""

    error: ItemError
    id: str | UnsetType = UNSET


class ScoreAnswer(Struct):
    """A result for each headline, in order."""

    model: Annotated[str, Meta(description="The version of the model that judged them all.")]
    results: list[
        Annotated[
            Any, Meta(extra_json_schema={"anyOf": [{"$ref": f"{COMPONENTS}{n}"} for n in ("Judgement", "BadItem")]})
        ]
    ]


class Where(Struct):
    """Where on its page a headline stands; what does not apply is null."""

    section: str | None
    line: int | None
    selector: str | None


class PageJudgement(Judgement, kw_only=True):
    """A verdict on a headline of a page: `own` is that of the article which the page prints, and comes first.

    Others beside it are `related`; where there is none, as on a front page, all are `listed`. The source is
    `metadata` where the page names a headline to search engines only.
    """

    role: Literal["own", "related", "listed"]
    source: Literal["printed", "metadata"]
    where: Where


class PageAnswer(Struct):
    """The headlines found, the page's own first, then in reading order."""

    model: str
    results: list[PageJudgement]


class Thresholds(Struct):
    """Below `lower` an axis is measured, from `upper` on it is flagged; and the intercept of its head."""

    intercept: float
    lower: Probability
    upper: Probability


class Model(Struct):
    """The model that is served: its manifest but for the bookkeeping of files. It may hold more than is named here."""

    version: str
    axes: dict[str, Thresholds]
    terms_count: int
    scorer: Literal["compiled", "portable"]


class Refused(Struct):
    """A version that was not taken up, and why; the one before goes on serving."""

    model: str
    detail: str


class Live(Struct):
    """The process answers."""

    status: Literal["live"]


class Ready(Struct):
    """The model has judged the self-test's headlines."""

    status: Literal["ready"]
    model: str
    refused: Refused | UnsetType = UNSET


class Index(Struct):
    """What is there."""

    name: str
    model: str
    calls: list[str]


class Problem(Struct):
    """An error (RFC 9457). `code` is stable, for programs."""

    type: str
    title: str
    status: int
    code: str
    detail: str
