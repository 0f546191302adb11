"""dbt node selection for the options of a build."""

from enum import StrEnum

LAYERS = ["raw", "staging", "intermediate", "marts"]


class Layer(StrEnum):
    """A layer that `diorama build --only` builds, with its dependencies."""

    raw = "raw"
    staging = "staging"
    marts = "marts"
    experiments = "experiments"
    truth = "truth"

    def folders(self, worlds: list[str]) -> list[str]:
        """The folders of models that belong to it.

        Args:
            worlds: The chosen worlds.

        Returns:
            The folders below `models`.
        """
        if self is Layer.experiments:
            return ["marts/experiments"]
        if self is Layer.marts:  # those of the experiments lie beside them
            return [f"marts/{world}" for world in worlds]
        return [self.value]


def selection(worlds: list[str], *narrower: list[str]) -> list[str]:
    """The node selection of some worlds, intersected with further selections.

    Args:
        worlds: The worlds, whose experiments are included; empty for all.
        *narrower: Selections to intersect with; empty ones are ignored.

    Returns:
        dbt's selection; empty for everything.
    """
    of_worlds = [f"+tag:{world}" for world in worlds]
    chosen = [*of_worlds, *(["tag:experiments"] * bool(worlds))]
    for parts in filter(None, narrower):
        # dbt reads a comma as "and", and items of a list as "or"
        chosen = [
            ",".join(filter(None, (item, part)))
            for item in chosen or [""]
            for part in parts
        ]
    return chosen


def behind(layers: list[Layer]) -> list[str]:
    """The selection of the layers of models that come after some layers.

    Args:
        layers: The last layers to build; empty for all.

    Returns:
        dbt's selection, also of the tests that read a model of them.
    """
    last = max((LAYERS.index(layer) for layer in layers), default=len(LAYERS))
    return [f"path:models/{layer}" for layer in LAYERS[last + 1 :]]
