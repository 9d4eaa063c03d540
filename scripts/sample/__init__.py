"""Typesets the documents of an invented company; every PDF source is a marked-up text file in this folder.

Read in this order: `source` (front matter and markdown), `blocks` (markdown to lines and tables), `paper` (pages,
labels, outline), `scan` (pages that are only an image), `finish` (encrypted and damaged files).
"""
