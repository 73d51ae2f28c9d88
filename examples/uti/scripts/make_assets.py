"""Make the files in assets/: corpus.txt (own text), photo.png (scikit-learn), speech.wav (espeak-ng).

Needs scikit-learn and the espeak-ng program, neither of which the package itself uses.

    python scripts/make_assets.py
"""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

from PIL import Image
from sklearn.datasets import load_sample_image

ASSETS = Path(__file__).resolve().parent.parent / "assets"

# Left, upper, right, lower in pixels of flower.jpg; fit_image.py leaves this rectangle out.
PHOTO_BOX = (130, 40, 450, 280)

SPEECH = "A unified tokenizer turns words, pictures and sounds into one stream of numbers."
SPEECH_COMMAND = ["espeak-ng", "-v", "en-us", "-s", "165", "-w"]  # then the output file and the text

PEOPLE = [
    "the baker",
    "the old fisherman",
    "my neighbour",
    "a young teacher",
    "the night guard",
    "the gardener",
    "our pilot",
    "the clockmaker",
    "a travelling singer",
    "the librarian",
    "the doctor",
    "her brother",
    "the ferry captain",
    "a quiet student",
    "the postman",
    "the cook",
]
PLACES = [
    "by the river",
    "behind the station",
    "at the edge of the village",
    "under the stone bridge",
    "near the harbour",
    "in the small kitchen",
    "on the hill above the town",
    "beside the empty theatre",
    "along the northern road",
    "in the garden",
]
TIMES = [
    "before sunrise",
    "after the rain",
    "late in the evening",
    "on the first day of spring",
    "while the others slept",
    "during the long winter",
    "at noon",
    "when the bells rang",
    "once a week",
    "in the middle of the night",
]
THINGS = [
    "a letter",
    "three apples",
    "a broken lamp",
    "the blue bicycle",
    "an old map",
    "a loaf of bread",
    "the brass key",
    "a wooden box",
    "two cups of tea",
    "a pair of boots",
    "the last photograph",
    "a basket of pears",
    "the heavy rope",
    "a silver coin",
]
PAST = [
    "found",
    "carried",
    "painted",
    "mended",
    "lost",
    "sold",
    "described",
    "borrowed",
    "remembered",
    "hid",
    "measured",
    "wrapped",
    "weighed",
]
FEELINGS = [
    "calm",
    "tired",
    "curious",
    "proud",
    "nervous",
    "glad",
    "hungry",
    "certain",
    "patient",
    "surprised",
    "lonely",
    "cheerful",
]
TEMPLATES = (
    "{Time}, {person} {past} {thing} {place}.",
    "{Person} felt {feeling}, because {person2} had {past} {thing}.",
    '"Have you seen {thing}?" asked {person}. "It was {place} yesterday."',
    "Nobody knew why {person} {past} {thing} {time}.",
    "{Person} and {person2} met {place} {time}; they were both {feeling}.",
    "There were {n} houses {place}, and {person} had lived in each of them.",
    "If {person} is {feeling}, then {person2} will be {feeling2} too.",
    "It took {n} minutes to walk from the market to the place where {person} {past} {thing}.",
    "{Thing} lay {place}. {Person} had left it there {time}.",
    "Every year {person} tells the same story: how {person2} {past} {thing}, and how {feeling} everyone was.",
)


def sentence(rng: random.Random, template: str) -> str:
    """``template`` with every slot filled by ``rng``."""
    person, person2 = rng.sample(PEOPLE, 2)
    feeling, feeling2 = rng.sample(FEELINGS, 2)
    time, thing = rng.choice(TIMES), rng.choice(THINGS)
    slots = {"person": person, "person2": person2, "feeling": feeling, "feeling2": feeling2, "time": time}
    slots |= {"thing": thing, "place": rng.choice(PLACES), "past": rng.choice(PAST), "n": str(rng.randint(2, 90))}
    slots |= {name.capitalize(): slots[name][0].upper() + slots[name][1:] for name in ("person", "time", "thing")}
    return template.format(**slots)


def corpus(n_lines: int = 320) -> list[str]:
    """Distinct sentences, the same on every run."""
    rng = random.Random(0)
    lines: dict[str, None] = {}
    while len(lines) < n_lines:
        lines[sentence(rng, TEMPLATES[len(lines) % len(TEMPLATES)])] = None
    return list(lines)


def main() -> None:
    """Write the three assets."""
    ASSETS.mkdir(exist_ok=True)
    (ASSETS / "corpus.txt").write_text("\n".join(corpus()) + "\n", encoding="utf-8")
    Image.fromarray(load_sample_image("flower.jpg")).crop(PHOTO_BOX).save(ASSETS / "photo.png")
    subprocess.run([*SPEECH_COMMAND, str(ASSETS / "speech.wav"), SPEECH], check=True)


if __name__ == "__main__":
    main()
