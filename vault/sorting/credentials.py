"""Passwords, keys and codes: what opens something for whoever reads it."""

import re
from collections.abc import Iterator

from vault.sorting.lexicon import words_of
from vault.sorting.matters import Sign
from vault.sorting.words import common_words

_KEYS = re.compile(
    r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY|AGE-SECRET-KEY-1|(?<![\w-])(?:"
    r"sk-[\w-]{20}|(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_\w{30}|github_pat_\w{22}|glpat-[\w-]{18}"
    r"|xox[abeoprs]-[\w-]{20}|AIza[\w-]{30}|[sr]k_(?:live|test)_\w{16}|whsec_\w{20}"
    r"|xai-\w{40}|gsk_\w{40}|pplx-\w{30}|shp(?:at|ca|pa|ss)_[0-9a-f]{32}|\d{8,10}:[\w-]{35}(?![\w-])"
    r"|[5KL][1-9A-HJ-NP-Za-km-z]{50,51}(?!\w)|(?:[A-Z0-9]{5}-){4}[A-Z0-9]{5}(?![\w-])"
    r"|(?:\d{6}-){7}\d{6}|SG\.[\w-]{16,32}\.[\w-]{16}|npm_\w{30}|hf_\w{30}|dop_v1_[0-9a-f]{40}"
    r"|pypi-[\w-]{40}|ya29\.[\w-]{20}|lin_api_\w{20}|satchel_[\w-]{40}"
    r"|eyJ[\w-]{10,400}\.[\w-]{5,2000}\.[\w-]{10})"
    r"|AccountKey=[\w+/]{40}|Authorization: Basic [\w+/=]{12}"
    r"|hooks\.slack\.com/services/T\w+/B\w+/\w{10}"
    r"|discord(?:app)?\.com/api/webhooks/\d+/[\w-]{20}"
)
_IN_ADDRESS = re.compile(
    r"(?<!\w)[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{0,64}:(?P<value>[^\s@/]{3,80})@"
)
_LABEL = (
    r"pass ?words?|passwd|pass ?(?:phrase|code)s?|passw[oö]rt(?:er)?|kennwort|pwd|\bpw\b"
    r"|\bpass(?=\s?[:=])|mots? de passe|\bmdp\b|contrase[nñ]as?|senhas?|palavras?-passe"
    r"|\bclave(?=\s(?:del?|do|wifi|es|:))|wi-?fi[ -]key|wlan-?schl[uü]ssel"
    r"|api[ _-]?(?:key|token|secret)|access[ _-]?(?:key|token)"
    r"|auth[ _-]?token|secret[ _-]?key|client[ _-]?secret|private[ _-]?key|bearer|log-?in"
)
_IS = (
    r"(?:\s{0,4}(?:=>|->|[:=])\s{0,4}"
    r"|\s{1,4}(?:is|was|to|are|lautet|ist|hei(?:ß|ss)t|war|est|était|es|era|é|foi)"
    r"(?:\s{1,4}(?:now|jetzt|maintenant|ahora|agora|the|le|la|el|o|a)(?=\s))?\s{0,4}:?\s{1,4})"
)
_VALUE = (
    r"(?P<quote>[\"'`\u201c\u2018\xab]?)(?P<value>[^\s\"'`\u201c\u201d\u2018\u2019\xab\xbb]{4,128})"
)
_SAID = re.compile(rf"(?:{_LABEL})[\w'\u2019 \"-]{{0,48}}?{_IS}{_VALUE}", re.IGNORECASE)
_OPENS = re.compile(r"log|bearer", re.IGNORECASE)
_BESIDE = re.compile(rf"(?:{_LABEL}),?\s{{1,4}}{_VALUE}", re.IGNORECASE)
_SETTING = re.compile(
    r"\b\w{0,40}(?:SECRET|TOKEN|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY)\w{0,40}[\"']?\s{0,3}[=:]\s{0,3}"
    + _VALUE,
    re.IGNORECASE,
)
_PASS = re.compile(rf"\bpass,?\s{_VALUE}", re.IGNORECASE)
_OPTION = re.compile(rf"(?<!\w)(?:mysql\w{{0,20}}|mariadb|sshpass)\b[^\n]{{0,80}}?\s-p\s?{_VALUE}")
_PIN = re.compile(
    r"(?<![\w-])pins?(?!\w)[^\n]{0,45}?(?<![\d.,:/])(?!(?:19|20)\d\d(?!\d))\d{4,8}(?![\d.,]\d|\d)",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"(?:log-?in|credentials|zugangsdaten|identifiants|acceso|acesso)\b[^\n]{0,30}?[\w.@-]{2,40}"
    rf"\s?[/|]\s?{_VALUE}",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"(?:security (?:question|answer)|sicherheitsfrage|question secr[eè]te|pregunta de seguridad"
    r"|pergunta de seguran[cç]a)[^\n]{0,60}?(?:[:=]|\bis\b|\bist\b|\best\b|\bes\b|\bé\b)\s?\S{3}",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"code|padlock|zahlenschloss|cadenas|candado|cadeado|combinat|combinai|kombinat|clave|c[oó]digo"
    r"|chiffre|opens? with|unlocks? with|(?:geht|[oö]ffnet) mit|s.ouvre avec|abre con|abre com",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"alarm|door|gate|safe\b|\block\b|locker|entry|unlock|garage|vault|padlock|t[uü]r(?:code)?\b"
    r"|hof\b|schloss|cadenas|candado|cadeado|tresor|haust[uü]r|porte\b"
    r"|building|entrance|immeuble|haus\b|eingang|entr[eé]e|edificio|entrada|portal\b|pr[eé]dio"
    r"|portail|coffre|puerta|caja fuerte|port[aã]o|porta\b|cofre|key ?box|voicemail|sim card",
    re.IGNORECASE,
)
_DIGITS = re.compile(
    r"(?<![\w.,:])(?:\d{1,2}(?:-\d{1,2}){2,5}|[A-Z0-9]{0,2}\d{3,8}[A-Z0-9#*]{0,3})(?!\w|[.,:]\d)"
)
_RECOVERY = re.compile(
    r"(?:recovery|backup|rescue) codes?|wiederherstellungs(?:code|schl)"
    r"|codes? de (?:secours|r[eé]cup)|c[oó]digos? de recupera",
    re.IGNORECASE,
)
_RECOVERED = re.compile(
    r"(?<!\w)(?=[a-z0-9-]{0,40}\d)[a-z0-9]{3,10}(?:-[a-z0-9]{3,10}){1,7}(?!\w)", re.IGNORECASE
)
_SEED = re.compile(
    r"(?:seed|recovery|mnemonic|secret) (?:phrase|words)\W+(?:\w+\W+){0,4}?(?:[a-z]{3,8}[ ,]+){8}",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"[<{$%*.…]|x{3}|your|mein|mi_|example|sample|placeholder|change.?me|dummy|fake|redacted|os\.|env"
    r"|process\.|getenv|config|settings|self\.|request|none|null|true|false|str\b|string|secret\b"
    r"|pass(?:word)?\b|\[",
    re.IGNORECASE,
)
_CALL = re.compile(r"[A-Za-z_.]+[\[(]")
_HIDDEN = re.compile(r"\0+|[^\s\0]*\d[^\s\0]*\0*")


def signs(text: str, *, spoken: bool = True) -> Iterator[Sign]:
    """What in a text is a secret. `spoken` False leaves out what only a sentence makes one:
    answers are full of made-up passwords."""
    if any("EXAMPLE" not in match[0] for match in _KEYS.finditer(text)):
        yield Sign("credentials", "a key or token")
    elif any(_is_secret(match, plain=True) for match in _IN_ADDRESS.finditer(text)):
        yield Sign("credentials", "an address with a password in it")
    elif spoken and _says_secret(text):
        yield Sign("credentials", "a password or code")


def masked(text: str) -> str:
    """The text without what may be a secret in it, or a number. It hides rather too much: to the
    end of the line, and after a private key begins, everything."""
    shown = list(text)
    for start in _beginnings(text):
        end = text.find("\n", start) if not text.startswith("-----BEGIN", start) else -1
        end = len(text) if end < 0 else end
        shown[start:end] = "\0" * (end - start)
    return _HIDDEN.sub("•••", "".join(shown))


def _beginnings(text: str) -> Iterator[int]:
    for shape in (_SAID, _BESIDE, _SETTING, _PASS, _OPTION, _PAIR, _IN_ADDRESS):
        yield from (match.start("value") for match in shape.finditer(text))
    for shape in (_KEYS, _SEED):
        yield from (match.start() for match in shape.finditer(text))
    yield from (match.end() - 3 for match in _ANSWER.finditer(text))


def _says_secret(text: str) -> bool:
    said = any(
        _is_secret(match, plain=not _OPENS.match(match[0])) for match in _SAID.finditer(text)
    )
    beside = (_BESIDE, _SETTING, _OPTION, _PAIR)
    return (
        said
        or any(_is_secret(match) for shape in beside for match in shape.finditer(text))
        or any(_is_secret(match) and _digit(match) for match in _PASS.finditer(text))
        or any(shape.search(text) for shape in (_PIN, _SEED, _ANSWER))
        or _says_code(text)
        or bool((found := _RECOVERY.search(text)) and _RECOVERED.search(text, found.end()))
    )


def _says_code(text: str) -> bool:
    for match in _CODE.finditer(text):
        around = text[max(0, match.start() - 40) : match.end() + 60]
        if _PLACE.search(around) and _DIGITS.search(around):
            return True
    return False


def _digit(match: re.Match[str]) -> bool:
    return any(char.isdigit() for char in match["value"])


def _is_secret(match: re.Match[str], *, plain: bool = False) -> bool:
    """Whether the value can be a secret. `plain`: also one that is a simple word."""
    value = match["value"].rstrip(".,;:!?)")
    if len(value) < 4 or _PLACEHOLDER.match(value) or _CALL.match(value):
        return False
    mixed = any(char.isdigit() for char in value) and any(char.isalpha() for char in value)
    symbols = any(not char.isalnum() for char in value[1:-1].replace("-", "x").replace("/", "x"))
    if mixed or symbols or value.isdigit() or value.count("-") >= 2:
        return True
    rest = match.string[match.end("value") : match.end("value") + 1]
    ends = rest in ("", "\n") or match["value"] != value
    return plain and ends and not common_words().issuperset(words_of(value))
