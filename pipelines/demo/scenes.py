"""The scenes of the demo's photos, by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from pipelines.demo import cars, homes
from pipelines.demo.canvas import Canvas

Scene = Callable[[Canvas], None]

SCENES: Mapping[str, Scene] = MappingProxyType(
    {
        scene.__name__: scene
        for scene in (
            cars.windscreen_star,
            cars.windscreen_crack,
            cars.bumper_dent,
            cars.front_dent,
            cars.door_scratch,
            cars.side_window,
            cars.hail_dents,
            cars.fallen_tree,
            cars.gnawed_cables,
            homes.ceiling_stain,
            homes.leaking_pipe,
            homes.mould_corner,
            homes.mouse,
            homes.broken_lock,
            homes.dented_parcel,
            homes.wrong_shoes,
            homes.broken_toaster,
            homes.blocked_sink,
        )
    }
)
