# SPDX-License-Identifier: GPL-2.0
"""Boot a User-Mode Linux guest for one job, and read what it left."""

import array
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What a guest's kernel must not say.
TROUBLE = re.compile(
    r"\bBUG\b|WARNING:|\bOops\b|Call Trace|[Kk]ernel panic|general protection"
    r"|Unknown symbol|disagrees about version|refcount_t:|Segfault"
    r"|Out of memory|unregister_netdevice: waiting"
)
# The memory of all sockets is limited to a part of it, which is not the subject.
MEMORY_MB = 3072
# The guests' clock begins here, so that the same seed gives the same run.
EPOCH_NS = 1_700_000_000_000_000_000


# Process groups of the guests that run now.
_guests: set[int] = set()


def kill_guests() -> None:
    """Before this program ends early."""
    for group in list(_guests):
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass


class RunError(Exception):
    """A run that gave no figures, and why."""


@dataclass(frozen=True)
class Machine:
    """All that the result of a job depends on, but for the job."""

    linux: str
    module: str
    traffic: str
    guest: str
    cache: Path
    seed: int
    limit_s: int = 600
    keep: bool = False

    def fingerprint(self, job: str) -> str:
        """A name for this job on this kernel, without rill."""
        parts = [self.linux, self.traffic, str(self.seed), job, Path(self.guest).read_text()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]

    def run(self, job: str, name: str) -> "Output":
        """Boot, run the job, power off. The caller disposes of the output."""
        scratch = Path(tempfile.mkdtemp(prefix="run.", dir=self.cache))
        output = Output(scratch, self.keep)
        try:
            self._boot(job, scratch)
        except RunError as error:
            kept = self.cache / "failed" / re.sub(r"[^\w.+-]+", "-", name)
            shutil.rmtree(kept, ignore_errors=True)
            shutil.move(scratch, kept)
            raise RunError(f"{error} (see {kept})") from None
        return output

    def _boot(self, job: str, scratch: Path) -> None:
        (scratch / "job").write_text(job)
        shutil.copy(self.module, scratch / "rill.ko")
        shutil.copy(self.traffic, scratch / "traffic")
        # Its words are mixed into the guest's random numbers: the same for each.
        command = [
            f"{self.linux}/linux",
            f"mem={MEMORY_MB}M",
            "root=none", "rootfstype=hostfs", "rootflags=/", "ro",
            f"init={self.guest}", "RILL_SCRATCH=/proc/self/cwd",
            "time-travel=inf-cpu", f"time-travel-start={EPOCH_NS}",
            "umid=rill", "uml_dir=.",
            "ipv6.disable_ipv6=1", "stderr=1", "con=null", "con0=null,fd:1",
            "printk.devkmsg=on", "loglevel=8", f"sch_netem.random_seed={self.seed}",
        ]  # fmt: skip
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "RILL_SEED": str(self.seed),
            "TMPDIR": "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(scratch),
        }
        log = scratch / "console"
        with log.open("wb") as console:
            guest = subprocess.Popen(
                command,
                cwd=scratch,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
            _guests.add(guest.pid)
            try:
                guest.wait(self.limit_s)
            except subprocess.TimeoutExpired:
                raise RunError(f"not done after {self.limit_s} s of real time") from None
            finally:
                if guest.poll() is None:
                    os.killpg(guest.pid, signal.SIGKILL)
                    guest.wait()
                _guests.discard(guest.pid)
        text = log.read_text(errors="replace")
        trouble = TROUBLE.search(text)
        if trouble:
            line = text[text.rfind("\n", 0, trouble.start()) + 1 :].split("\n", 1)[0]
            raise RunError(f"the kernel said: {line.strip()}")
        end = re.search(r"rill-bench: exit (\d+)", text)
        if not end:
            raise RunError("the guest ended early")
        if end.group(1) != "0":
            said = (scratch / "job.log").read_text(errors="replace").strip().split("\n")
            raise RunError(f"the job failed: {said[-1]}")


@dataclass
class Output:
    """The directory that a job has left."""

    directory: Path
    keep: bool

    def json(self, name: str) -> dict[str, Any]:
        """A JSON object that the traffic program printed."""
        text = (self.directory / name).read_text().strip()
        if not text:
            raise RunError(f"{name} is empty")
        return json.loads(text)

    def samples(self, name: str) -> list[int]:
        """Latencies in ns."""
        numbers = array.array("Q")
        numbers.frombytes((self.directory / name).read_bytes())
        return list(numbers)

    def drops(self, host: str) -> int:
        """Packets that a host's queueing disciplines have dropped."""
        # The parent of a classful qdisc counts its child's drops as well.
        qdiscs = json.loads((self.directory / f"{host}.qdisc").read_text())
        return sum(q.get("drops", 0) for q in qdiscs if q.get("root"))

    def tcp(self, host: str) -> dict[str, int]:
        """TCP's counters."""
        lines = (self.directory / f"{host}.tcp").read_text().split("\n")
        counters: dict[str, int] = {}
        for names, values in zip(lines[::2], lines[1::2]):
            if names.startswith("Tcp"):
                pairs = zip(names.split()[1:], values.split()[1:])
                counters.update((name, int(value)) for name, value in pairs)
        return counters

    def rill(self, host: str) -> dict[str, int]:
        """rill's counters."""
        path = self.directory / f"{host}.rill"
        if not path.exists():
            return {}
        pairs = (line.split() for line in path.read_text().splitlines())
        return {name: int(value) for name, value in pairs}

    def dispose(self) -> None:
        """Remove it, unless it is to be kept."""
        if not self.keep:
            shutil.rmtree(self.directory, ignore_errors=True)
