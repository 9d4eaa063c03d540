"""From a folder to documents: scan, parse in a sandbox, sections with their headings."""

READING = "2"  # change it whenever an unchanged file would give another text, section or title
