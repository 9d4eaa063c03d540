"""Sentences whose truth is known: taken from documents, reworded, and made false in one known way."""
