"""Plans of scenes: light and background, which objects there are, and where they are at any time.

Coordinates are metres in the frame of the ego vehicle at the scene's start: ``ahead``, ``left``, ``up``. The camera
looks ahead from 1.5 m above the ground, and objects move across its view.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from video_ssl.taxonomy import CATEGORIES, Category

CAMERA_HEIGHT = 1.5
FOCAL = 0.8
"""Focal length, in widths of the picture."""
HORIZON = 0.42
"""The row of the horizon, as a share of the picture's height."""
ACTIVE = 0.45
"""The share of categories that occur in a scene at all."""

RGB = tuple[float, float, float]


@dataclass(frozen=True)
class Track:
    """One object: at ``left + speed * (t - centre)`` metres to the left at ``t`` seconds, ``depth`` metres ahead."""

    category: Category
    light: RGB
    dark: RGB
    depth: float
    left: float
    speed: float
    centre: float

    def left_at(self, seconds: float) -> float:
        return self.left + self.speed * (seconds - self.centre)


@dataclass(frozen=True)
class Scene:
    """The part of a scene that all frames share; ``light`` is a gain, ``flicker`` its slow change."""

    number: int
    sky: RGB
    road: RGB
    walls: tuple[RGB, ...]
    light: float
    flicker: float
    grain: float
    ego_speed: float
    tracks: tuple[Track, ...]


def plan(number: int, seconds: float, random: np.random.Generator) -> Scene:
    """Draw a scene of that length; every scene has at least one object."""
    tint = np.array([random.uniform(0.75, 1.15) for _ in range(3)])
    active = [category for category in CATEGORIES if random.random() < ACTIVE]
    active = active or [CATEGORIES[int(random.integers(len(CATEGORIES)))]]
    tracks = [
        _track(category, seconds, random)
        for category in active
        for _ in range(1 + int(random.random() < (0.65 if category.speed[1] else 0.35)))
    ]
    return Scene(
        number=number,
        sky=_rgb(tint * random.uniform(0.5, 0.9)),
        road=_rgb(tint * random.uniform(0.25, 0.5)),
        walls=tuple(_rgb(tint * random.uniform(0.3, 0.8, 3)) for _ in range(7)),
        light=float(random.uniform(0.55, 1.2)),
        flicker=float(random.uniform(0.0, 0.08)),
        grain=float(random.uniform(1.0, 6.0)),
        ego_speed=float(random.uniform(0.0, 0.1)),
        tracks=tuple(sorted(tracks, key=lambda track: -track.depth)),
    )


def _track(category: Category, seconds: float, random: np.random.Generator) -> Track:
    """An object that crosses the view at some time of the scene, in either direction, or does not move."""
    depth = float(random.uniform(*category.depth))
    reach = depth / FOCAL / 2  # metres to either side that the picture shows
    speed = float(random.uniform(*category.speed)) * (1 if random.random() < 0.5 else -1)
    light, dark = _two_tone(random)
    return Track(
        category,
        light,
        dark,
        depth,
        left=float(random.uniform(-0.75, 0.75)) * reach,
        speed=speed,
        centre=float(random.uniform(-0.1, 1.1)) * seconds,
    )


def _two_tone(random: np.random.Generator) -> tuple[RGB, RGB]:
    """Two colours with a contrast between them."""
    base = random.uniform(0.15, 1.0, 3)
    return _rgb(base), _rgb(base * random.uniform(0.15, 0.4))


def _rgb(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> RGB:
    red, green, blue = (float(min(value, 1.0)) for value in values)
    return red, green, blue


Box = tuple[float, float, float, float]


def project(track: Track, seconds: float, ego_ahead: float, width: int, height: int) -> Box:
    """Left, top, right, bottom in pixels of the face that the object turns to the camera; may be outside."""
    _, length, tall = track.category.size
    depth = track.depth - ego_ahead
    scale = FOCAL * width / depth
    middle = width / 2 - scale * track.left_at(seconds)
    bottom = HORIZON * height + scale * CAMERA_HEIGHT
    return middle - scale * length / 2, bottom - scale * tall, middle + scale * length / 2, bottom
