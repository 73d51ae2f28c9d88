"""The content of generated scenes: categories, how they look and move, attributes and visibility levels.

Every category has a silhouette and a surface of its own. Colours are drawn for each object from one distribution
that all categories share, so that colour carries no information about the category.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Grid = NDArray[np.float64]


@dataclass(frozen=True)
class Category:
    """Metres and metres per second; ``speed`` (least, most) is across the picture, ``size`` width, length, height."""

    name: str
    description: str
    size: tuple[float, float, float]
    speed: tuple[float, float]
    depth: tuple[float, float]
    moving: str
    resting: str


CATEGORIES = (
    Category(
        "human.pedestrian.adult",
        "Adult subcategory.",
        (0.9, 0.9, 1.9),
        (0.6, 1.4),
        (7.5, 10.0),
        "pedestrian.moving",
        "pedestrian.standing",
    ),
    Category(
        "vehicle.car",
        "Vehicle designed primarily for personal use.",
        (1.8, 4.4, 1.6),
        (2.0, 4.0),
        (10.0, 14.0),
        "vehicle.moving",
        "vehicle.parked",
    ),
    Category(
        "vehicle.truck",
        "Vehicles primarily designed to haul cargo.",
        (2.4, 6.0, 2.9),
        (1.5, 3.0),
        (14.0, 18.0),
        "vehicle.moving",
        "vehicle.parked",
    ),
    Category(
        "vehicle.bicycle",
        "Human or electric powered 2-wheeled vehicle.",
        (0.6, 2.0, 1.4),
        (1.2, 2.4),
        (7.5, 10.0),
        "cycle.with_rider",
        "cycle.without_rider",
    ),
    Category(
        "movable_object.barrier",
        "Temporary road barrier placed in the scene in order to redirect traffic.",
        (0.5, 2.4, 1.1),
        (0.0, 0.0),
        (7.0, 9.0),
        "",
        "",
    ),
    Category(
        "movable_object.trafficcone",
        "All types of traffic cone.",
        (1.0, 1.0, 1.3),
        (0.0, 0.0),
        (6.0, 8.0),
        "",
        "",
    ),
)

ATTRIBUTES = {
    "vehicle.moving": "Vehicle is moving.",
    "vehicle.stopped": "Vehicle, with a driver/rider in/on it, is currently stationary but has an intent to move.",
    "vehicle.parked": "Vehicle is stationary (usually for longer duration) with no immediate intent to move.",
    "cycle.with_rider": "There is a rider on the bicycle or motorcycle.",
    "cycle.without_rider": "There is NO rider on the bicycle or motorcycle.",
    "pedestrian.standing": "The human is standing.",
    "pedestrian.moving": "The human is moving.",
}

VISIBILITY = (
    ("1", "v0-40", "visibility of whole object is between 0 and 40%", 0.4),
    ("2", "v40-60", "visibility of whole object is between 40 and 60%", 0.6),
    ("3", "v60-80", "visibility of whole object is between 60 and 80%", 0.8),
    ("4", "v80-100", "visibility of whole object is between 80 and 100%", 1.0),
)
"""Token, level, description, and the largest visible share of each bin."""


def look(name: str, across: Grid, up: Grid, width: float, height: float) -> tuple[Mask, Mask]:
    """The silhouette of a category and the light part of its surface, at points in metres from its lower left corner.

    Raises KeyError for a category that is not generated.
    """
    u, v = across / width, up / height
    match name:
        case "human.pedestrian.adult":
            head = ((u - 0.5) / 0.24) ** 2 + ((v - 0.88) / 0.12) ** 2 < 1
            body = ((u - 0.5) / 0.5) ** 2 + ((v - 0.38) / 0.4) ** 2 < 1
            return head | body, _stripes(up, 0.36) ^ _stripes(across, 0.36)
        case "vehicle.car":
            cabin = (np.abs(u - 0.48) < 0.34 - 0.25 * (v - 0.55)) & (v > 0.5)
            return ((v < 0.6) & (v > 0.1)) | cabin | _discs(u, v, width / height, 0.2), _stripes(up, 0.52)
        case "vehicle.truck":
            return (v > 0.12) | _discs(u, v, width / height, 0.12), _stripes(across, 0.72)
        case "vehicle.bicycle":
            left, right = (np.hypot(across - width * at, up - height * 0.42) for at in (0.26, 0.74))
            radius = height * 0.42
            wheels = (left < radius) | (right < radius)
            return wheels | ((np.abs(u - 0.5) < 0.12) & (v > 0.3)), _stripes(np.minimum(left, right), 0.32)
        case "movable_object.barrier":
            return v > 0.05, _stripes((across + up) / 2**0.5, 0.42)
        case "movable_object.trafficcone":
            return np.abs(u - 0.5) < 0.5 - 0.46 * v, _stripes((across - up) / 2**0.5, 0.3)
    raise KeyError(name)


def _stripes(along: Grid, period: float) -> Mask:
    light: Mask = np.mod(along, period) < period / 2
    return light


def _discs(u: Grid, v: Grid, aspect: float, radius: float) -> Mask:
    """Two wheels; ``radius`` is a share of the height."""
    left, right = (((u - at) * aspect) ** 2 + (v - radius) ** 2 < radius**2 for at in (0.2, 0.8))
    both: Mask = left | right
    return both
