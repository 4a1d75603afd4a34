"""Account, card and identity numbers, told from ordinary ones by check digits and what is near."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vault.sorting import checksums
from vault.sorting.matters import Matter, Sign

_NEAR = 60
"""Characters before a number in which its name has to stand, where check digits are too few."""
_EXAMPLES = frozenset(
    {
        *("4111111111111111", "4242424242424242", "5555555555554444", "5105105105105100"),
        *("4012888888881881", "4000056655665556", "378282246310005", "371449635398431"),
        *("6011111111111117", "30569309025904", "3530111333300000", "4444333322221111"),
        *("DE89370400440532013000", "GB82WEST12345698765432", "GB29NWBK60161331926819"),
        *("FR1420041010050500013M02606", "NL91ABNA0417164300", "CH9300762011623852957"),
        *("123456789", "078051120", "7561234567897", "QQ123456C", "12345678Z"),
    }
)
"""What vendors and authorities print as examples; they are nobody's."""


@dataclass(frozen=True, slots=True)
class _Number:
    name: str
    shape: re.Pattern[str]
    check: Callable[[str], bool] = lambda bare: True
    near: re.Pattern[str] | None = None
    matter: Matter = "identity"

    def found(self, text: str) -> bool:
        return any(self._is(text, match) for match in self.shape.finditer(text))

    def _is(self, text: str, match: re.Match[str]) -> bool:
        number = _bare(match["number"] if "number" in self.shape.groupindex else match[0])
        if number in _EXAMPLES or not self.check(number):
            return False
        return self.near is None or bool(
            self.near.search(text[max(0, match.start() - _NEAR) : match.end() + 20])
        )


def signs(text: str) -> Iterator[Sign]:
    """What the numbers in a text are. Linear in its length."""
    if not any(char.isdigit() for char in text):
        return
    if _has_iban(text):
        yield Sign("money", "an account number (IBAN)")
    for number in _NUMBERS:
        if number.found(text):
            yield Sign(number.matter, number.name)


def _bare(text: str) -> str:
    return re.sub(r"[\s./-]", "", text).upper()


def _has_iban(text: str) -> bool:
    for match in _IBAN.finditer(text):
        bare = _bare(match[0])
        length = checksums.iban_length(bare[:2])
        if length and checksums.iban(bare[:length]) and bare[:length] not in _EXAMPLES:
            return True
    return False


def _card(bare: str) -> bool:
    """A brand's first digits, that brand's length, and the check digit."""
    return bool(_BRANDS.fullmatch(bare)) and checksums.luhn(bare)


def _ssn(bare: str) -> bool:
    area, group, serial = int(bare[:3]), bare[3:5], bare[5:]
    return 0 < area < 900 and area != 666 and group != "00" and serial != "0000"


def _itin(bare: str) -> bool:
    group = int(bare[3:5])
    return bare[0] == "9" and 50 <= group <= 99 and group not in (66, 67, 68, 69, 89, 93)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _signs(pattern: str) -> re.Pattern[str]:
    """A to Z and 0 to 9, and nothing that only folds to them: check digits need that."""
    return re.compile(pattern, re.IGNORECASE | re.ASCII)


_IBAN = _signs(r"(?<!\w)[a-z]{2}\d{2}(?:[ -]?[a-z0-9]){11,30}")
_BRANDS = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|(?:5[1-5]\d{2}|2(?:2[2-9]|[3-6]\d|7[01])\d|2720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d{2}|4[4-9]\d)\d{12}|35\d{14}|3(?:0[0-5]|[68]\d)\d{11}"
)
_TAX = r"steuer|tax id|tax number|tax ident|idnr|\btin\b"

_NUMBERS = (
    _Number(
        "a payment card",
        re.compile(
            r"(?<![\w.-])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}|3\d{3}([ -]?)\d{6}\2\d{4,5})(?![\w-])"
        ),
        _card,
        matter="money",
    ),
    _Number(
        "a bank account",
        re.compile(r"(?<![\w.-])\d{6,12}(?![\w.-])"),
        near=_words(r"account (?:number|no)|sort code|routing n|kontonummer|num[eé]ro de compte"),
        matter="money",
    ),
    _Number(
        "a US social security number",
        re.compile(r"(?<![\w.-])\d{3}-\d{2}-\d{4}(?![\w-])"),
        _ssn,
    ),
    _Number(
        "a US social security number",
        re.compile(r"(?<![\w.-])\d{3} ?\d{2} ?\d{4}(?![\w-])"),
        _ssn,
        _words(r"\bssn\b|social security"),
    ),
    _Number(
        "a US tax number",
        re.compile(r"(?<![\w.-])9\d{2}[ -]?\d{2}[ -]?\d{4}(?![\w-])"),
        _itin,
        _words(r"\bitin\b|tax"),
    ),
    _Number(
        "a UK National Insurance number",
        re.compile(
            r"(?<!\w)(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
            r" ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)"
        ),
    ),
    _Number(
        "an NHS number",
        re.compile(r"(?<![\w.-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-])"),
        checksums.nhs,
        _words(r"\bnhs\b"),
    ),
    _Number(
        "a Canadian social insurance number",
        re.compile(r"(?<![\w.-])\d{3}[ -]?\d{3}[ -]?\d{3}(?![\w-])"),
        checksums.luhn,
        _words(r"\bsin\b|social insurance"),
    ),
    _Number(
        "an Aadhaar number",
        re.compile(r"(?<![\w.-])[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}(?![\w-])"),
        checksums.verhoeff,
        _words(r"aadhaar|uidai"),
    ),
    _Number(
        "a German tax id",
        re.compile(
            r"(?<![\w.-])\d{2} ?\d{3} ?\d{3} ?\d{3}(?![\w-])|(?<![\w.-])(?:\d{3} ){3}\d{2}(?!\w)"
        ),
        checksums.steuer_id,
        _words(_TAX),
    ),
    _Number(
        "a German pension insurance number",
        re.compile(r"(?<!\w)\d{2} ?[0-3]\d[01]\d{3} ?[A-Z] ?\d{3}(?!\w)"),
        checksums.rvnr,
    ),
    _Number(
        "a Swiss AHV number",
        re.compile(r"(?<![\w.-])756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}(?![\w-])"),
        checksums.ean,
    ),
    _Number(
        "a French social security number",
        re.compile(
            r"(?<![\w.-])[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3}"
            r"[ /-]?\d{2}(?![\w-])"
        ),
        checksums.nir,
    ),
    _Number(
        "a Spanish DNI or NIE",
        re.compile(r"(?<![\w.-])(?:\d{8}|[XYZ]-?\d{7})[ -]?[A-HJ-NP-TV-Z](?!\w)"),
        checksums.dni,
    ),
    _Number(
        "a Spanish social security number",
        re.compile(r"(?<![\w.-])\d{2}[ /-]?\d{8}[ /-]?\d{2}(?![\w-])"),
        checksums.nuss,
        _words(r"seguridad social|\bnuss\b|\bnaf\b"),
    ),
    _Number(
        "a Portuguese tax number",
        re.compile(r"(?<![\w.-])[1-9]\d{2} ?\d{3} ?\d{3}(?![\w-])"),
        checksums.nif,
        _words(r"\bnif\b|contribuinte"),
    ),
    _Number(
        "a Portuguese citizen card",
        re.compile(r"(?<!\w)\d{8}[ -]?\d[ -]?[A-Z]{2}\d(?!\w)"),
        checksums.cartao,
    ),
    _Number(
        "a Brazilian CPF",
        re.compile(r"(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w-])"),
        checksums.cpf,
    ),
    _Number(
        "a Brazilian CPF",
        re.compile(r"(?<![\w.-])\d{11}(?![\w-])"),
        checksums.cpf,
        _words(r"\bcpf\b"),
    ),
    _Number(
        "a Dutch BSN",
        re.compile(r"(?<![\w.-])\d{9}(?![\w-])"),
        checksums.bsn,
        _words(r"\bbsn\b|burgerservice|sofi"),
    ),
    _Number(
        "an Italian codice fiscale",
        _signs(r"(?<!\w)[a-z]{6}\d{2}[a-ehlmprst]\d{2}[a-z]\d{3}[a-z](?!\w)"),
        checksums.codice_fiscale,
    ),
    _Number(
        "a Polish PESEL",
        re.compile(r"(?<![\w.-])\d{11}(?![\w-])"),
        checksums.pesel,
        _words(r"pesel"),
    ),
    _Number(
        "a Swedish personnummer",
        re.compile(r"(?<![\w.-])\d{6}[-+]?\d{4}(?![\w-])"),
        checksums.luhn,
        _words(r"person ?nummer"),
    ),
    _Number(
        "a health insurance number",
        re.compile(r"(?<!\w)[A-Z]\d{9}(?!\w)"),
        near=_words(r"versichertennummer|krankenversicher|\bkvnr\b"),
    ),
    _Number(
        "a passport, identity card or licence",
        _words(
            r"(?:passport|reisepass|passeport|pasaporte|passaporte|ausweis|\bid card|identity card"
            r"|carte d.identit[eé]|documento de identidad|driver.?s? licen[sc]e|driving licen[sc]e"
            r"|f[uü]hrerschein|permis de conduire|carn[eé] de conducir|carta de condu[cç][aã]o"
            r"|green card|alien registration|residence permit|aufenthaltstitel)"
            r"[^\n]{0,40}?(?<![\w-])(?P<number>(?=(?:[a-z-]{0,3}\d){5})[a-z0-9](?:-?[a-z0-9]){5,19})(?![\w-])"
        ),
    ),
)
