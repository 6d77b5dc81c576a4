"""What BART knows about kinds of problems, for telling one from another: how far one thing reaches, how soon it
is gone, which kinds are taken for each other, and which things have names of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`reach_m`: at this distance beyond what the places are exact to, a third is left. `half_life`: after so
    long half of what was there is still the same."""

    reach_m: float
    half_life: timedelta


def _kind(reach_m: float, days: float) -> Kind:
    return Kind(reach_m=reach_m, half_life=timedelta(days=days))


KINDS: dict[str, Kind] = {
    "container": _kind(30, 4),
    "grofvuil": _kind(35, 5),
    "zwerfvuil": _kind(40, 4),
    "hondenpoep": _kind(40, 3),
    "graffiti": _kind(30, 60),
    "wegdek": _kind(20, 60),
    "verlichting": _kind(15, 28),
    "verkeersinstallatie": _kind(25, 21),
    "straatmeubilair": _kind(20, 45),
    "riool": _kind(35, 7),
    "groen": _kind(35, 21),
    "water": _kind(70, 14),
    "ongedierte": _kind(70, 10),
    "wrak": _kind(25, 45),
    "parkeren": _kind(50, 1),
    "verkeer": _kind(100, 30),
    "gladheid": _kind(120, 0.75),
    "geluid": _kind(150, 0.5),
    "vuurwerk": _kind(200, 0.15),
}
"""By category: litter is swept in days, a hole in the road stays for months, lamps stand thirty metres apart."""

_OTHER = _kind(35, 7)

CONFUSED: frozenset[frozenset[str]] = frozenset(
    frozenset(pair.split())
    for pair in (
        "zwerfvuil grofvuil",
        "zwerfvuil container",
        "grofvuil container",
        "grofvuil wrak",
        "riool water",
        "riool wegdek",
        "wegdek groen",
        "groen water",
        "verlichting verkeersinstallatie",
        "straatmeubilair verkeersinstallatie",
        "straatmeubilair graffiti",
        "parkeren wrak",
        "parkeren verkeer",
        "ongedierte zwerfvuil",
        "overig zwerfvuil",
        "overig straatmeubilair",
        "overig groen",
        "overig verkeersinstallatie",
    )
)
"""Kinds that people name, and models read, one for the other."""

THINGS: dict[str, tuple[str, ...]] = {
    "glass": ("glas", "scherf", "scherv", "fles", "bierfles"),
    "sofa": ("bankstel", "zitbank", "sofa", "fauteuil", "stoel"),
    "bed": ("matras", "bed", "boxspring", "lattenbodem"),
    "appliance": ("koelkast", "vriezer", "wasmachine", "vaatwasser", "fornuis", "droger"),
    "wood": ("pallet", "plank", "kast", "deuren", "sloophout", "laminaat"),
    "bags": ("zak", "vuilniszak", "huisvuil", "luier"),
    "cardboard": ("karton", "doos", "dozen", "papier"),
    "cans": ("blik", "bakjes", "mcdonald", "patat", "servet"),
    "lamp": ("lamp", "lantaarn", "verlicht", "lichtmast", "straatlicht"),
    "signal": ("stoplicht", "verkeerslicht"),
    "sign": ("bord", "verkeersbord", "straatnaambord"),
    "bollard": ("paaltje", "poller"),
    "tree": ("boom", "bomen", "tak", "stam"),
    "weeds": ("onkruid", "gras", "brandnetel", "distel", "maai"),
    "hedge": ("heg", "haag", "struik", "bosjes"),
    "tile": ("tegel", "stoep", "trottoir"),
    "hole": ("gat", "kuil", "verzak", "put"),
    "bench": ("bankje", "zitting"),
    "swing": ("schommel", "glijbaan", "wip", "klimrek", "speeltoestel"),
    "rack": ("fietsenrek", "nietje", "rek"),
    "bike": ("fiets",),
    "car": ("auto", "busje", "bus", "aanhanger", "caravan"),
    "scooter": ("scooter", "brommer"),
    "rat": ("rat", "muis", "muizen"),
    "wasps": ("wesp", "hoornaar"),
    "pigeons": ("duif", "duiven", "meeuw"),
    "dead": ("dood", "dode", "kadaver"),
    "music": ("muziek", "bas", "feest"),
    "building": ("bouw", "heien", "boren", "slijpen"),
    "smell": ("stank", "stinkt", "stinken", "geur"),
}
"""Things by the beginnings of the words for them. Two that are told apart here are two, wherever they lie."""


def kind_of(slug: str) -> Kind:
    """What is known of a category; of one that is not in the table what holds for most."""
    return KINDS.get(slug, _OTHER)
