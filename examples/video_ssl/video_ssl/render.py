"""Frames of a planned scene as pictures, and how much of each object is seen in them."""

from __future__ import annotations

import numpy as np
from PIL import Image

from video_ssl.taxonomy import Category, look
from video_ssl.world import HORIZON, RGB, Scene, project

PER_METRE = 50
"""Resolution of the pictures of objects, in pixels per metre."""
CELL = 8
"""Side in pixels of the cells in which occlusion is counted."""


class Renderer:
    """Renders one scene at one size in pixels; the background's grain follows ``random``."""

    def __init__(self, scene: Scene, width: int, height: int, random: np.random.Generator) -> None:
        self.scene = scene
        self.width = width
        self.height = height
        self._background = self._paint_background(random)
        self._sprites = [sprite(track.category, track.light, track.dark) for track in scene.tracks]
        self._scaled: dict[tuple[int, int, int], Image.Image] = {}

    def frame(self, seconds: float) -> tuple[Image.Image, list[float]]:
        """The picture at that time, and for each track the visible share of the object, 0 where it is not seen."""
        picture = self._background.copy()
        owner = np.full((-(-self.height // CELL), -(-self.width // CELL)), -1)
        areas = []
        for number, track in enumerate(self.scene.tracks):
            box = project(track, seconds, self.scene.ego_speed * seconds, self.width, self.height)
            left, top, right, bottom = (round(edge) for edge in box)
            areas.append(max(1.0, (right - left) * (bottom - top) / CELL**2))
            if right <= 0 or left >= self.width:
                continue
            shape = self._shape(number, right - left, bottom - top)
            picture.paste(shape, (left, top), shape)
            owner[_cells(top, bottom), _cells(left, right)] = number
        gain = self.scene.light * (1 + self.scene.flicker * float(np.sin(seconds * 0.9 + self.scene.number)))
        seen = [min(1.0, float((owner == number).sum()) / area) for number, area in enumerate(areas)]
        return picture.point([min(255, round(value * gain)) for value in range(256)] * 3), seen

    def _shape(self, number: int, width: int, height: int) -> Image.Image:
        key = (number, width, height)
        if key not in self._scaled:
            self._scaled[key] = self._sprites[number].resize((width, height), Image.Resampling.BILINEAR)
        return self._scaled[key]

    def _paint_background(self, random: np.random.Generator) -> Image.Image:
        """Sky, a row of walls, the road, and grain over all of it."""
        pixels = np.empty((self.height, self.width, 3))
        horizon = round(HORIZON * self.height)
        pixels[:horizon] = self.scene.sky
        fade = np.linspace(0.7, 1.1, self.height - horizon)
        pixels[horizon:] = np.array(self.scene.road) * fade[:, None, None]
        edges = np.sort(random.integers(0, self.width, 2 * len(self.scene.walls)))
        for wall, left, right in zip(self.scene.walls, edges[::2], edges[1::2], strict=True):
            pixels[round(horizon * random.uniform(0.1, 0.7)) : horizon, left:right] = wall
        grain = random.normal(0, self.scene.grain, (self.height // 4 + 1, self.width // 4 + 1, 1))
        coarse = np.kron(grain, np.ones((4, 4, 1)))[: self.height, : self.width]
        return Image.fromarray((pixels * 255 + coarse).clip(0, 255).astype(np.uint8))


def sprite(category: Category, light: RGB, dark: RGB) -> Image.Image:
    """An object in its two colours, transparent outside its silhouette."""
    _, width, height = category.size
    rows, columns = round(height * PER_METRE), round(width * PER_METRE)
    up, across = np.mgrid[rows - 0.5 : -0.5 : -1, 0.5 : columns + 0.5] / PER_METRE
    inside, bright = look(category.name, across, up, width, height)
    pixels = np.zeros((rows, columns, 4))
    pixels[..., :3] = np.where(bright[..., None], light, dark)
    pixels[..., 3] = inside
    return Image.fromarray((pixels * 255).round().astype(np.uint8))


def _cells(start: int, end: int) -> slice:
    """The cells whose middle is between two pixel positions."""
    return slice(max(0, round(start / CELL)), max(0, round(end / CELL)))
