"""Check digits of account, card and identity numbers. Each takes the bare characters."""

from collections import Counter
from collections.abc import Sequence

_IBAN_LENGTHS = {
    **{"NO": 15, "BE": 16, "DK": 18, "FI": 18, "FO": 18, "GL": 18, "NL": 18, "MK": 19, "SI": 19},
    **{"AT": 20, "BA": 20, "EE": 20, "KZ": 20, "LT": 20, "LU": 20, "XK": 20, "CH": 21, "HR": 21},
    **{"LI": 21, "LV": 21, "BG": 22, "BH": 22, "CR": 22, "DE": 22, "GB": 22, "GE": 22, "IE": 22},
    **{"ME": 22, "RS": 22, "VA": 22, "AE": 23, "GI": 23, "IL": 23, "AD": 24, "CZ": 24, "ES": 24},
    **{"MD": 24, "PK": 24, "RO": 24, "SA": 24, "SE": 24, "SK": 24, "TN": 24, "VG": 24, "PT": 25},
    **{"IS": 26, "TR": 26, "FR": 27, "GR": 27, "IT": 27, "MC": 27, "MR": 27, "SM": 27, "AL": 28},
    **{"AZ": 28, "CY": 28, "DO": 28, "GT": 28, "HU": 28, "LB": 28, "PL": 28, "BR": 29, "PS": 29},
    **{"QA": 29, "UA": 29, "JO": 30, "KW": 30, "MU": 30, "MT": 31},
}
_ODD = (
    1,
    0,
    5,
    7,
    9,
    13,
    15,
    17,
    19,
    21,
    2,
    4,
    18,
    20,
    11,
    3,
    6,
    8,
    12,
    14,
    16,
    10,
    22,
    25,
    24,
    23,
)
"""What A..Z, and 0..9 as A..J, count at the odd places of a codice fiscale."""
_TURNS = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
while len(_TURNS) < 8:
    _TURNS.append([_TURNS[1][d] for d in _TURNS[-1]])


def iban(number: str) -> bool:
    """Two letters, two check digits, as many characters as the country has, modulo 97."""
    if len(number) != _IBAN_LENGTHS.get(number[:2]):
        return False
    turned = number[4:] + number[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def iban_length(country: str) -> int:
    """Characters of that country's IBAN; 0 for a country without."""
    return _IBAN_LENGTHS.get(country, 0)


def luhn(number: str) -> bool:
    """Payment cards, Canadian SIN, Swedish personnummer."""
    doubled = (int(c) * (1 + n % 2) for n, c in enumerate(reversed(number)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def ean(number: str) -> bool:
    """Swiss AHV: weights 1 and 3."""
    return sum(int(c) * (1 + 2 * (n % 2)) for n, c in enumerate(number)) % 10 == 0


def weighted(number: str, weights: Sequence[int]) -> int:
    return sum(int(c) * w for c, w in zip(number, weights, strict=False))


def steuer_id(number: str) -> bool:
    """German tax id: one digit twice or three times among the first ten, then ISO 7064."""
    most = Counter(number[:10]).most_common()
    if number[0] == "0" or most[0][1] not in (2, 3) or most[1][1] > 1:
        return False
    product = 10
    for char in number[:10]:
        product = 2 * ((int(char) + product) % 10 or 10) % 11
    return (11 - product) % 10 == int(number[10])


def cpf(number: str) -> bool:
    """Brazil: two check digits modulo 11; never eleven times the same digit."""
    if len(set(number)) == 1:
        return False
    first = weighted(number, range(10, 1, -1)) * 10 % 11 % 10
    second = weighted(number, range(11, 1, -1)) * 10 % 11 % 10
    return number[9:] == f"{first}{second}"


def bsn(number: str) -> bool:
    """Netherlands: the eleven test, the last digit counting -1."""
    return weighted(number, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0 and int(number) > 0


def nhs(number: str) -> bool:
    """England: modulo 11."""
    return weighted(number, range(10, 1, -1)) % 11 == (11 - int(number[9])) % 11


def nir(number: str) -> bool:
    """France: 97 minus the number modulo 97; Corsica's letters stand for digits."""
    digits = number[:13].replace("2A", "19").replace("2B", "18")
    return digits.isdigit() and 97 - int(digits) % 97 == int(number[13:])


def dni(number: str) -> bool:
    """Spain, DNI and NIE: the letter is the number modulo 23."""
    digits = number[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == number[-1]


def nuss(number: str) -> bool:
    """Spanish social security: modulo 97."""
    return int(number[:10]) % 97 == int(number[10:])


def nif(number: str) -> bool:
    """Portugal: modulo 11."""
    rest = 11 - weighted(number, range(9, 1, -1)) % 11
    return int(number[8]) == (0 if rest > 9 else rest)


def cartao(number: str) -> bool:
    """Portuguese citizen card: Luhn over digits and letters."""
    values = (int(char, 36) * (1 + n % 2) for n, char in enumerate(reversed(number)))
    return sum(v - 9 if v > 9 and n % 2 else v for n, v in enumerate(values)) % 10 == 0


def rvnr(number: str) -> bool:
    """German pension insurance: digit sums of weighted digits, the letter as its place."""
    digits = number[:8] + f"{ord(number[8]) - 64:02d}" + number[9:11]
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    products = (int(c) * w for c, w in zip(digits, weights, strict=True))
    return sum(p // 10 + p % 10 for p in products) % 10 == int(number[11])


def codice_fiscale(number: str) -> bool:
    """Italy: tables for odd and even places, modulo 26."""
    places = [int(char) if char.isdigit() else ord(char) - 65 for char in number]
    total = sum(_ODD[place] for place in places[0:15:2]) + sum(places[1:15:2])
    return total % 26 == places[15]


def verhoeff(number: str) -> bool:
    """India, Aadhaar."""
    check = 0
    for place, char in enumerate(reversed(number)):
        check = _five(check, _TURNS[place % 8][int(char)])
    return check == 0


def _five(one: int, other: int) -> int:
    """The multiplication of the dihedral group of order ten."""
    turned = one + other if one < 5 else one - other
    return turned % 5 + 5 * ((one < 5) != (other < 5))


def pesel(number: str) -> bool:
    """Poland: modulo 10."""
    return weighted(number, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0
