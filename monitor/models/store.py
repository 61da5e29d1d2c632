"""Where the models of ``judge.model`` are: in the package, in a folder, or in the cache of a hub of models.

A model is three files: ``config.json`` (Hugging Face's, with ``id2label``), ``tokenizer.json``, and weights as ONNX.
Only ``fetch`` uses the network; the cache is the one of ``huggingface_hub`` (``$HF_HOME``), so other programs share it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from monitor.errors import ConfigError, InputError

__all__ = ["BUILT_IN", "KNOWN", "KnownModel", "ModelFiles", "built_in", "fetch", "find"]

BUILT_IN: Final = "built-in"
"""Name of the model in the package, in listings."""

WEIGHTS: Final = (
    "onnx/model_quint8_avx2.onnx", "onnx/model_quantized.onnx", "onnx/model_int8.onnx", "model.onnx", "onnx/model.onnx",
)  # fmt: skip
"""Where the weights may be, what is smallest and fastest on a CPU first."""
_CONFIG: Final = "config.json"
_TOKENIZER: Final = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files of one model, with the name it was asked for by."""

    name: str
    config: Path
    tokenizer: Path
    weights: Path


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model of a hub that fits; its data as its publishers give them. None of them has been run here."""

    name: str
    licence: str
    size: str
    languages: str


KNOWN: Final = (
    KnownModel("cross-encoder/nli-deberta-v3-xsmall", "Apache-2.0", "71 M parameters", "English"),
    KnownModel("cross-encoder/nli-deberta-v3-small", "Apache-2.0", "142 M parameters", "English"),
    KnownModel("MoritzLaurer/mDeBERTa-v3-base-mnli-xnli", "MIT", "279 M parameters", "100 (fine-tuned on 15)"),
)
"""Models to begin with; any other with the same three files will do."""


def built_in() -> ModelFiles | None:
    """Return the model in the package; None where the package was built without one."""
    folder = Path(str(resources.files("monitor.models").joinpath("judge")))
    return _of_folder(BUILT_IN, folder)


def find(name: str) -> ModelFiles | None:
    """Return a model by the name of a folder or of a hub's cached model; None where neither is here. No network.

    Raises:
        ConfigError: the folder is there, but a file of it is missing.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        found = _of_folder(name, folder)
        if found is None:
            raise ConfigError(
                f"judge.model: {folder} is no model: it needs {_CONFIG}, {_TOKENIZER} and the weights ({WEIGHTS[3]})"
            )
        return found
    config, tokenizer = _cached(name, _CONFIG), _cached(name, _TOKENIZER)
    weights = next((path for file in WEIGHTS if (path := _cached(name, file))), None)
    return ModelFiles(name, config, tokenizer, weights) if config and tokenizer and weights else None


def fetch(name: str) -> ModelFiles:
    """Download a model of a hub into the cache.

    Raises:
        InputError: there is no such model, it has no ONNX weights, or the hub cannot be reached.
    """
    from huggingface_hub import hf_hub_download, list_repo_files
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

    try:
        offered = set(list_repo_files(name))
        weights = next((file for file in WEIGHTS if file in offered), None)
        lacking = [file for file in (_CONFIG, _TOKENIZER) if file not in offered]
        lacking += [f"weights as ONNX ({', '.join(WEIGHTS)})"] if weights is None else []
        if not lacking:
            files = [Path(hf_hub_download(name, file)) for file in (_CONFIG, _TOKENIZER, str(weights))]
    except HFValidationError as error:
        raise InputError(f"model {name!r}: no name of a hub's model, which is like owner/name") from error
    except RepositoryNotFoundError as error:
        raise InputError(f"model {name}: the hub has no such model, or it is private") from error
    except Exception as error:  # the client passes on what its HTTP library raises, which has changed between versions
        raise InputError(f"model {name}: the hub cannot be reached ({error.__class__.__name__}); try again") from error
    if lacking:
        raise InputError(f"model {name}: lacks {', '.join(lacking)}; choose another, or export it into a folder")
    return ModelFiles(name, *files)


def _of_folder(name: str, folder: Path) -> ModelFiles | None:
    weights = next((folder / file for file in WEIGHTS if (folder / file).is_file()), None)
    config, tokenizer = folder / _CONFIG, folder / _TOKENIZER
    if weights is None or not config.is_file() or not tokenizer.is_file():
        return None
    return ModelFiles(name, config, tokenizer, weights)


def _cached(name: str, file: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(name, file)
    except HFValidationError:
        return None
    return Path(found) if isinstance(found, str) else None
