"""From a folder to documents: scan, parse in a sandbox, sections with their headings."""

from assistant.config import Config

READING = "2"  # change it whenever an unchanged file would give another text, section or title


def limits(config: Config) -> str:
    """The limits of the settings under which a file is read, to be compared with those of another time."""
    return f"{config.max_file_mb} MB, {config.read_seconds} s, {config.read_memory_mb} MB of memory"
