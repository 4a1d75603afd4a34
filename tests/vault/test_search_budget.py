"""The token estimate against a real vocabulary, which cuts finer than models of today."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from vault.search.budget import count_tokens
from vault.search.models import wordllama
from vault.search.models.files import package_file


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    real = Tokenizer.from_file(str(package_file("wordllama", *wordllama.TOKENIZER)))
    real.no_padding()
    return real


@pytest.mark.parametrize(
    "text",
    [
        "I went to the support group yesterday. My sister Anna works as a vet, and likes oat milk.",
        "Ich möchte nächste Woche mit meiner Schwester nach München fahren.",
        "Вчера я ходил в новую кофейню около университета, и мне очень понравилось.",
        "昨天我去了大学旁边的新咖啡店,我非常喜欢那里的气氛。",
        "어제 대학교 근처의 새로운 카페에 갔는데 정말 마음에 들었어요.",
        "कल मैं विश्वविद्यालय के पास नए कैफे में गया और मुझे बहुत पसंद आया।",
        "ذهبت أمس إلى المقهى الجديد بجانب الجامعة وأعجبني كثيرا.",
        "😀👍🏽🎉🔥",
        "[8 May 2023] 13:56, +49 30 1234567, $1,234.56, 2023-05-08T13:56:00Z",
        "def f(x: int) -> list[str]:\n    return [str(i) for i in range(x) if i % 2 == 0]\n",
    ],
)
def test_the_estimate_is_near_and_never_far_below(tokenizer: Tokenizer, text: str) -> None:
    real = len(tokenizer.encode(text, add_special_tokens=False).ids)
    assert 0.7 * real <= count_tokens(text) <= 1.6 * real


@given(st.text(max_size=200), st.text(max_size=200))
def test_longer_texts_never_cost_less(one: str, other: str) -> None:
    assert count_tokens(one) <= count_tokens(one + "\n" + other)
    assert count_tokens("") == 0


def test_words_too_strange_for_a_vocabulary_still_cost() -> None:
    assert count_tokens("x" * 1000) >= 200
    assert count_tokens("\U0001f468" * 100) >= 300
