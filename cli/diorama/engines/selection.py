"""What dbt selects for the options of a build."""

from enum import StrEnum


class Layer(StrEnum):
    """What `diorama build --only` builds, with all that it needs."""

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
    """What dbt selects: all that belongs to some worlds, or the part of it that more asks for.

    Args:
        worlds: The worlds, with which go the experiments; none for all.
        *narrower: Selections, each in one or more parts; empty ones narrow nothing.

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
