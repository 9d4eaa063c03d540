"""An answer as plain JSON values: the one object that `--json` prints."""

from dataclasses import asdict
from typing import Any

from assistant.dates import origin
from assistant.types import Answer, Citation, Sentence


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer as a dict of plain values, keys always in this order.

    schema        1; a field that changes its meaning changes it
    question      as it was asked
    status        "answered" (a model wrote it), "quotes" (no model did) or "not_in_documents"
    text          what a person reads, with marks: "28 working days [1]."
    sentences     in order: text (without marks), citations (numbers), verdict ("supported", "partly", "unsupported"),
                  reason (why the documents do not support it, in words; else empty), shown (whether it is part of
                  `text`), score (how well its sources hold it, 0 to 1, or null), findings (each check: check, passed,
                  detail)
    citations     by number from 1: number, path (relative to the folder, with /), page (physical, from 1; null where
                  the file has none), page_label (printed, null where the same is not known), heading, quote (verbatim),
                  start and end (code points in the page's text, or the file's), score (0 to 1), date (ISO 8601,
                  or null), dated (how exactly it is known: "document" or "name" to the day, "month", "year",
                  "file": only the file's own time), state (of the file: "current", "changed" since, "gone"),
                  superseded_by (path of the newest version where this is an older one, else null)
    closest       the nearest passages where the documents do not say, as in citations
    left_open     the parts of the question of which the documents say nothing, where they answer others
    differences   where documents disagree: newer and older (numbers of citations), newer_says and older_says
    confidence    that the documents answer the question, 0 to 1, or null
    findings      what decided whether they do: check, passed, detail
    model         name of the model that wrote it, null for quotes
    index         folder of the index
    notices       what the reader should know, in words
    entry         its number in the log, null where it was not logged (and in the log itself)
    timings       seconds since the question was asked: search, first_token, total (null where it did not happen)
    """
    return {
        "schema": answer.schema,
        "question": answer.question,
        "status": answer.status.value,
        "text": answer.text,
        "sentences": [_sentence(sentence) for sentence in answer.sentences],
        "citations": [_citation(item) for item in answer.citations],
        "closest": [_citation(item) for item in answer.closest],
        "left_open": list(answer.left_open),
        "differences": [asdict(item) for item in answer.differences],
        "confidence": answer.confidence,
        "findings": [asdict(item) for item in answer.findings],
        "model": answer.model,
        "index": answer.index,
        "notices": list(answer.notices),
        "entry": answer.entry,
        "timings": {
            "search": answer.timings.search,
            "first_token": answer.timings.first_token,
            "total": answer.timings.total,
        },
    }


def _sentence(sentence: Sentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "citations": list(sentence.citations),
        "verdict": sentence.verdict.value,
        "reason": sentence.reason,
        "shown": sentence.shown,
        "score": sentence.score,
        "findings": [asdict(finding) for finding in sentence.findings],
    }


def _citation(item: Citation) -> dict[str, Any]:
    return {
        "number": item.number,
        "path": item.path,
        "page": item.page,
        "page_label": item.page_label,
        "heading": item.heading,
        "quote": item.quote,
        "start": item.start,
        "end": item.end,
        "score": item.score,
        "date": item.date.isoformat() if item.date else None,
        "dated": item.dated.value,
        "date_from": origin(item.date, item.dated, item.path),
        "state": item.state.value,
        "superseded_by": item.superseded_by or None,
    }
