"""The surroundings in which it is shown that nothing leaves: variables and files that would lead documents away."""

from pathlib import Path

# An address that is nobody's (RFC 5737): whoever follows a variable is seen connecting to it.
ELSEWHERE = "198.51.100.1"
_PROXY = f"http://{ELSEWHERE}:3128"
VARIABLES = {
    **{name: _PROXY for proxy in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY") for name in (proxy, proxy.lower())},
    "CHROMA_API_IMPL": "chromadb.api.fastapi.FastAPI",
    "CHROMA_SERVER_HOST": ELSEWHERE,
    "CHROMA_SERVER_HTTP_PORT": "8000",
    "CHROMA_OTEL_COLLECTION_ENDPOINT": f"http://{ELSEWHERE}:4317",
    "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{ELSEWHERE}:4317",
    "ANONYMIZED_TELEMETRY": "True",
    "ORT_DISABLE_TELEMETRY": "0",
    "HF_HUB_OFFLINE": "0",
    "HF_ENDPOINT": f"http://{ELSEWHERE}",
    "TRANSFORMERS_OFFLINE": "0",
    "TIKTOKEN_CACHE_DIR": "/nowhere",
    "OPENAI_API_KEY": "sk-of-nobody",
    "OPENAI_BASE_URL": f"http://{ELSEWHERE}/v1",
}
HOST = {"OLLAMA_HOST": f"http://{ELSEWHERE}:11434"}  # refused by itself; a flag is stronger
SETTINGS = f'host = "{ELSEWHERE}:11434"\nallowed_hosts = ["{ELSEWHERE}"]\n'


def furnish(folder: Path) -> None:
    """Put a `.env` with all of the variables into a folder."""
    lines = (f"{name}={value}\n" for name, value in (VARIABLES | HOST).items())
    (folder / ".env").write_text("".join(lines), encoding="utf-8")
