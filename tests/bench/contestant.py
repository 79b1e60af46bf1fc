"""One contestant in a process of its own, as contestant.mjs does it: `list`, or `TOPIC NAME FOLDER OUT`."""

import dataclasses
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

N_COLUMNS = 10
WARM_UP_ROWS = 4_000
# As in figures.mjs.
ENOUGH_RUNS, ENOUGH_SECONDS, MAX_SECONDS = 5, 0.3, 3


@dataclasses.dataclass
class Rows:
    """`x` has a row for each measurement, NaN where missing."""

    x: numpy.ndarray
    y: numpy.ndarray

    @staticmethod
    def read(folder: Path, part: str) -> "Rows":
        columns = numpy.fromfile(folder / f"{part}.x").reshape(N_COLUMNS, -1)
        return Rows(numpy.ascontiguousarray(columns.T), numpy.fromfile(folder / f"{part}.y", numpy.uint8))

    def head(self, count: int) -> "Rows":
        return Rows(self.x[:count], self.y[:count])


@dataclasses.dataclass
class Contestant:
    topic: str
    name: str
    fit: Callable[[Any], Any] | None = None
    predict: Callable[[Any, Any], numpy.ndarray] | None = None
    #: Into the form that the library wants; not timed.
    prepare: Callable[[Rows], Any] = lambda rows: rows
    #: Instead of the three, where the topic is another.
    measure: Callable[[Path], dict] | None = None
    note: str | None = None
    #: It is not run on more.
    max_rows: int | None = None


def timed(work: Callable[[], Any]) -> tuple[list[float], Any]:
    seconds: list[float] = []
    while True:
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
        enough = len(seconds) >= ENOUGH_RUNS and sum(seconds) >= ENOUGH_SECONDS
        if enough or sum(seconds) >= MAX_SECONDS:
            return seconds, result


def resident_bytes(what: str) -> int | None:
    """Linux alone says and forgets the most memory that a process had; elsewhere there is no figure."""
    try:
        if what == "VmRSS":
            Path("/proc/self/clear_refs").write_text("5")
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        return 1024 * int(status[what].split()[0])
    except OSError:
        return None


def learn(contestant: Contestant, folder: Path, out: Path) -> dict:
    rows = Rows.read(folder, "train")
    warm_up = contestant.prepare(rows.head(WARM_UP_ROWS))
    train, test = contestant.prepare(rows), contestant.prepare(Rows.read(folder, "test"))
    contestant.predict(contestant.fit(warm_up), warm_up)
    before = resident_bytes("VmRSS")
    seconds, model = timed(lambda: contestant.fit(train))
    peak = resident_bytes("VmHWM")
    predict_seconds, probabilities = timed(lambda: contestant.predict(model, test))
    numpy.asarray(probabilities, numpy.float64).tofile(out)
    grown = None if before is None or peak is None else peak - before
    return {"seconds": seconds, "predictSeconds": predict_seconds, "bytes": grown}


def compete(contestants: list[Contestant]) -> None:
    match sys.argv[1:]:
        case ["list"]:
            shown = [{"topic": c.topic, "name": c.name, "note": c.note, "maxRows": c.max_rows} for c in contestants]
            print(json.dumps(shown))
        case [topic, name, folder, out]:
            contestant = next(c for c in contestants if (c.topic, c.name) == (topic, name))
            measure = contestant.measure or (lambda folder: learn(contestant, folder, Path(out)))
            print(f"\n{json.dumps(measure(Path(folder)))}")
