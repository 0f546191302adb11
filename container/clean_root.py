"""Runs the Dockerfile without a container engine: each stage in a clean root by debootstrap.

    sudo python3 container/clean_root.py /var/tmp/diorama-root -- build --world feed --users 500

Every FROM is a fresh Debian from its own registry; RUN, COPY, ENV, WORKDIR and USER do in it what
Docker does, with no environment of this machine but for certificates (SSL_CERT_FILE). What follows
`--` is given to the ENTRYPOINT of the last stage. Needs root and debootstrap.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


class Stage:
    """A root directory and the state that a Dockerfile's instructions leave."""

    def __init__(self, root: Path) -> None:
        """Takes a root that is there."""
        self.root = root
        self.directory = "/"
        self.user = "root"
        self.environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        }
        self.entrypoint: list[str] = []

    def run(self, command: list[str]) -> int:
        """Runs a command in the root, in a process tree of its own; returns its exit code."""
        settings = [f"{name}={value}" for name, value in self.environment.items()]
        if os.environ.get("SSL_CERT_FILE"):
            settings += [f"{name}=/host.crt" for name in ("SSL_CERT_FILE", "PIP_CERT")]
        inside = f"cd {shlex.quote(self.directory)} && exec {shlex.join(command)}"
        home = "/root" if self.user == "root" else f"/home/{self.user}"
        chroot = ["/usr/sbin/chroot", f"--userspec={self.user}", str(self.root)]
        isolated = ["env", "--ignore-environment", f"HOME={home}", *settings, *chroot]
        outside = (
            f"mount -t proc proc {self.root}/proc"
            f" && mount -t tmpfs tmpfs {self.root}/dev/shm"
            f" && exec {shlex.join([*isolated, '/bin/sh', '-c', inside])}"
        )
        return subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "/bin/sh", "-c", outside]
        ).returncode


def main() -> int:
    """Runs the Dockerfile, then the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path, help="where the roots go; made anew")
    parser.add_argument("--suite", default="bookworm", help="Debian's release")
    parser.add_argument(
        "--reuse", action="store_true", help="take the roots that are there"
    )
    parser.add_argument("command", nargs="*", help="given to the ENTRYPOINT")
    options = parser.parse_args()
    directory = options.directory.resolve()
    if not options.reuse:
        shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True, exist_ok=True)
    stages: dict[str, Stage] = {}
    stage = Stage(directory)
    for name, rest in instructions(
        (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    ):
        if options.reuse and name in ("RUN", "COPY"):
            continue
        print(f"{name} {rest}", file=sys.stderr, flush=True)
        if name == "FROM":
            label = rest.partition(" AS ")[2] or "last"
            stage = Stage(directory / label)
            stages[label] = stage
            if not options.reuse:
                make_root(directory, stage.root, options.suite)
        elif name == "RUN":
            if stage.run(["/bin/sh", "-ec", rest]):
                return 1
        elif name == "COPY":
            copy(stage, stages, rest)
        elif name == "ENV":
            stage.environment |= dict(part.split("=", 1) for part in shlex.split(rest))
        elif name == "WORKDIR":
            stage.directory = rest
            (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif name == "USER":
            stage.user = rest
        elif name == "ENTRYPOINT":
            stage.entrypoint = json.loads(rest)
    return stage.run(stage.entrypoint + options.command)


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile, each with its arguments."""
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


def make_root(directory: Path, root: Path, suite: str) -> None:
    """Makes a clean Debian; the second is a copy of the first as it was."""
    pristine = directory / "debian"
    if not pristine.exists():
        subprocess.run(
            ["debootstrap", "--variant=minbase", suite, str(pristine)],
            check=True,
            stdout=sys.stderr,
        )
        if os.environ.get("SSL_CERT_FILE"):
            shutil.copy(os.environ["SSL_CERT_FILE"], pristine / "host.crt")
        shutil.copy("/etc/resolv.conf", pristine / "etc/resolv.conf")
    subprocess.run(["cp", "--archive", str(pristine), str(root)], check=True)


def copy(stage: Stage, stages: dict[str, Stage], rest: str) -> None:
    """COPY, from another stage or from the project without what .dockerignore leaves out."""
    *sources, target = rest.split()
    place = stage.root / os.path.join(stage.directory, target).lstrip("/")
    if sources[0].startswith("--from="):
        origin = stages[sources.pop(0).removeprefix("--from=")].root
        for source in sources:
            subprocess.run(
                ["cp", "--archive", f"{origin}{source}/.", str(place)], check=True
            )
        return
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = [line[1:] for line in ignored if line.startswith("!")]
    for source in kept if sources == ["."] else sources:
        (place / source).parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["cp", "--archive", "-T", str(PROJECT / source), str(place / source)],
            check=True,
        )
    for cache in place.rglob("__pycache__"):
        if ".venv" not in cache.parts:
            shutil.rmtree(cache)


if __name__ == "__main__":
    sys.exit(main())
