"""Where models are found, and what is said when one cannot be fetched."""

from __future__ import annotations

import json
from pathlib import Path

import huggingface_hub
import pytest
from click.testing import CliRunner

from monitor.cli.main import cli
from monitor.errors import ConfigError, InputError
from monitor.models.store import fetch, find

LABELS = {"id2label": {"0": "contradiction", "1": "entailment", "2": "neutral"}}


def written(folder: Path, *names: str) -> Path:
    """A folder with these files."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(LABELS), encoding="utf-8")
    return folder


def test_a_folder_with_the_three_files_is_a_model(tmp_path: Path) -> None:
    """The smallest weights are taken where there are several."""
    folder = written(tmp_path, "config.json", "tokenizer.json", "onnx/model.onnx", "onnx/model_quantized.onnx")
    found = find(str(folder))
    assert found is not None
    assert found.weights == folder / "onnx/model_quantized.onnx"


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    """The message says what the folder needs."""
    with pytest.raises(ConfigError, match=r"needs config\.json, tokenizer\.json and the weights"):
        find(str(written(tmp_path, "config.json", "tokenizer.json")))


def test_a_model_that_was_not_fetched_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a hub's name nor nonsense is looked for on the network."""
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", lambda *_: pytest.fail("asked the network"))
    assert find("nobody/there") is None
    assert find("not a name/at/all") is None


def test_fetch_takes_the_small_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of what the hub offers, three files are downloaded: the config, the tokenizer and the 8-bit weights."""
    offered = ["config.json", "tokenizer.json", "onnx/model.onnx", "onnx/model_quint8_avx2.onnx", "README.md"]
    folder = written(tmp_path, *offered)
    asked: list[str] = []

    def download(_: str, name: str) -> str:
        asked.append(name)
        return str(folder / name)

    monkeypatch.setattr(huggingface_hub, "list_repo_files", lambda _: offered)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    result = CliRunner().invoke(cli, ["models", "fetch", "some/model"])
    assert result.exit_code == 0, result.output
    assert asked == ["config.json", "tokenizer.json", "onnx/model_quint8_avx2.onnx"]
    assert 'judge.model = "some/model"' in result.output


@pytest.mark.parametrize(
    ("offered", "lacks"),
    [(["config.json", "tokenizer.json"], "weights as ONNX"), (["config.json", "model.onnx"], "tokenizer.json")],
)
def test_fetch_says_what_a_model_lacks(monkeypatch: pytest.MonkeyPatch, offered: list[str], lacks: str) -> None:
    """A model without ONNX weights, or without a fast tokenizer, cannot be used."""
    monkeypatch.setattr(huggingface_hub, "list_repo_files", lambda _: offered)
    with pytest.raises(InputError, match=lacks):
        fetch("some/model")


def test_fetch_without_a_network_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """One message, no traceback."""

    def refuse(_: str) -> list[str]:
        raise ConnectionError("no route")

    monkeypatch.setattr(huggingface_hub, "list_repo_files", refuse)
    with pytest.raises(InputError, match="the hub cannot be reached"):
        fetch("some/model")


def test_models_are_listed_with_their_licences() -> None:
    """The list names the built-in model first, and a licence for each."""
    result = CliRunner().invoke(cli, ["models", "list"])
    assert result.exit_code == 0, result.output
    assert result.output.index("built-in") < result.output.index("nli-deberta-v3-xsmall")
    assert result.output.count("Apache-2.0") >= 2


def test_show_of_a_model_that_is_not_here_says_how_to_get_it() -> None:
    """Exit status 1, and the command that fetches it."""
    result = CliRunner().invoke(cli, ["models", "show", "nobody/there"])
    assert isinstance(result.exception, InputError)
    assert "counterclaim models fetch nobody/there" in str(result.exception)
