from collections.abc import Mapping, Sequence
import enum
import os
import pathlib
from typing import Any

import xpuruntime


class Tolerance:
    """
    When an element agrees: ``|actual - reference| <= absolute + relative * |reference|``, both
    are NaN, or both are the same infinity. Integers, bools and strings have to be equal.

    Parameters
    ----------
    relative, absolute : float
        0 or more.
    bitwise : bool
        The very bits, of zeros and NaN too; the figures count for nothing.

    Raises
    ------
    InvalidArgumentError
        A figure is negative or NaN.
    """

    def __init__(self, relative: float = 0.001, absolute: float = 1e-05, bitwise: bool = False) -> None: ...

    @staticmethod
    def of_policy(policy: str) -> Tolerance:
        """
        "exact" (bitwise), "strict" (rtol 1e-3, atol 1e-5) or "relaxed" (1e-2, 1e-3).

        Raises InvalidArgumentError for another name.
        """

    @property
    def relative(self) -> float: ...

    @property
    def absolute(self) -> float: ...

    @property
    def bitwise(self) -> bool: ...

    def __eq__(self, other: object, /) -> bool: ...

    def __hash__(self) -> int: ...

    def __repr__(self) -> str: ...

class Difference:
    """An element that disagrees."""

    @property
    def element(self) -> int:
        """Counted in row-major order."""

    @property
    def index(self) -> list[int]:
        """The same, one number a dimension."""

    @property
    def actual(self) -> str:
        """As the shortest text that reads back as the same value."""

    @property
    def reference(self) -> str: ...

    def __str__(self) -> str: ...

    def __repr__(self) -> str: ...

class Agreement:
    """
    How far one tensor is from another.

    Errors and cosine are over the elements that are finite in both; strings have none. A score
    is a float tensor whose last dimension is 2 or more: each row along it is taken as one value
    a class.
    """

    @property
    def elements(self) -> int: ...

    @property
    def disagreeing(self) -> int:
        """Elements outside the tolerance."""

    @property
    def first_difference(self) -> Difference | None: ...

    @property
    def max_absolute_error(self) -> float: ...

    @property
    def mean_absolute_error(self) -> float: ...

    @property
    def max_relative_error(self) -> float:
        """``|actual - reference| / |reference|``, where that is not 0."""

    @property
    def mean_relative_error(self) -> float: ...

    @property
    def cosine_similarity(self) -> float | None:
        """None where one of the two is 0 everywhere."""

    @property
    def rows(self) -> int:
        """Of a score; 0: it is none."""

    @property
    def rows_same_argmax(self) -> int:
        """The first of equal maxima counts, NaN never."""

    @property
    def top5_overlap(self) -> float | None:
        """
        Of a score of 6 or more: the share of the reference's five largest of a row that are
        among the other's five largest, over all rows.
        """

    @property
    def actual_nan(self) -> int: ...

    @property
    def actual_infinite(self) -> int: ...

    @property
    def reference_nan(self) -> int: ...

    @property
    def reference_infinite(self) -> int: ...

    @property
    def agrees(self) -> bool: ...

    def __repr__(self) -> str: ...

def measure_agreement(actual: xpuruntime.Tensor, reference: xpuruntime.Tensor, tolerance: Tolerance = ...) -> Agreement:
    """
    Compares element by element.

    Raises InvalidArgumentError when dtype or shape differ.
    """

class Summary:
    """
    What is told of a series of measurements, in their unit.

    Percentiles are linear between the two closest ranks, as NumPy's.
    """

    @property
    def count(self) -> int: ...

    @property
    def mean(self) -> float: ...

    @property
    def p50(self) -> float: ...

    @property
    def p90(self) -> float: ...

    @property
    def p99(self) -> float: ...

    @property
    def p999(self) -> float: ...

    @property
    def min(self) -> float: ...

    @property
    def max(self) -> float: ...

    @property
    def coefficient_of_variation(self) -> float:
        """Standard deviation over mean."""

    def __repr__(self) -> str: ...

class MachineFacts:
    """
    The facts of a machine that explain a measurement. What cannot be read is empty or 0.
    """

    @property
    def cpu_model(self) -> str: ...

    @property
    def cpu_features(self) -> list[str]:
        """Of those that engines choose kernels by."""

    @property
    def cores_online(self) -> int: ...

    @property
    def cores_allowed(self) -> int:
        """By the affinity of this process."""

    @property
    def cpu_quota(self) -> float | None:
        """Cores, by the cgroup; None: no limit."""

    @property
    def memory_bytes(self) -> int: ...

    @property
    def memory_limit_bytes(self) -> int | None:
        """By the cgroup; None: no limit."""

    @property
    def kernel(self) -> str: ...

    @property
    def governor(self) -> str:
        """Of the first core's frequency."""

    @property
    def load_average(self) -> list[float]:
        """Over 1, 5 and 15 minutes."""

class Preprocessing:
    """
    How pictures become the input of a model, in the order of the parameters.

    Pixels are those of Pillow, bit for bit, so that a model sees what it was trained on.

    Parameters
    ----------
    preset : {"picture", "imagenet"}
        What the others begin from: the whole picture, from 0 to 1; or short side 256, crop
        224, and ImageNet's mean and standard deviation.
    color : {"rgb", "bgr", "grey"}
    resize : int or (int, int), optional
        The short side, which keeps the proportions, or height and width.
    filter : {"bilinear", "bicubic"}
    crop : int or (int, int), optional
        Of the centre.
    dtype : {"float32", "uint8"}
        ``(pixel * scale - mean) / std``, or pixels as they are.
    scale : float
    mean, std : float or sequence of float, optional
        For each channel in the order of `color`, or one for all.
    layout : {"NCHW", "NHWC"}

    Raises
    ------
    InvalidArgumentError
        A name is unknown, a value makes no sense.
    """

    def __init__(self, *, preset: str = 'picture', color: str = 'rgb', resize: int | Sequence[int] | None = None, filter: str = 'bilinear', crop: int | Sequence[int] | None = None, dtype: str = 'float32', scale: float = 1 / 255, mean: float | Sequence[float] | None = None, std: float | Sequence[float] | None = None, layout: str = 'NCHW') -> None: ...

    @property
    def color(self, /) -> str: ...

    @property
    def resize(self, /) -> int | list[int] | None: ...

    @property
    def filter(self, /) -> str: ...

    @property
    def crop(self, /) -> int | list[int] | None: ...

    @property
    def dtype(self, /) -> str: ...

    @property
    def scale(self) -> float: ...

    @property
    def mean(self, /) -> list[float] | None: ...

    @property
    def std(self, /) -> list[float] | None: ...

    @property
    def layout(self, /) -> str: ...

    @staticmethod
    def imagenet() -> Preprocessing:
        """
        Of classifiers trained on ImageNet: short side 256, crop 224, normalised.
        """

    @staticmethod
    def from_json(text: str) -> Preprocessing:
        """An object with the parameters, or a preset's name as a JSON string."""

    @staticmethod
    def beside(model: str | os.PathLike[str]) -> Preprocessing | None:
        """The member ``preprocessing`` of ``<name>_info.json`` beside the model."""

    def to_json(self) -> str: ...

    def __eq__(self, other: object, /) -> bool: ...

    def __hash__(self) -> int: ...

    def __repr__(self) -> str: ...

def read_image(path: str) -> xpuruntime.Tensor: ...

def decode_image(file: bytes) -> xpuruntime.Tensor: ...

def write_png(path: str, image: xpuruntime.Tensor) -> None: ...

def preprocess_image(image: xpuruntime.Tensor, preprocessing: Preprocessing) -> xpuruntime.Tensor: ...

def top_classes(scores: xpuruntime.Tensor, count: int) -> list[list[tuple[int, float]]]: ...

def image_of(tensor: xpuruntime.Tensor, preprocessing: Preprocessing) -> xpuruntime.Tensor: ...

class ServiceInfo:
    """What a service runs."""

    @property
    def type(self) -> str:
        """"native" or "python"."""

    @property
    def model(self) -> xpuruntime.ModelInfo: ...

    @property
    def session(self) -> xpuruntime.SessionReport:
        """What was asked for and what runs."""

    @property
    def preprocessing(self) -> Preprocessing: ...

class ServiceStatistics:
    """
    Counts are of the service's life, over all its models; memory, engine and device of the
    model that runs now. Times are seconds, from picture to picture.
    """

    @property
    def inferences(self) -> int:
        """Pictures given back."""

    @property
    def failures(self) -> int:
        """Requests that raised."""

    @property
    def switches(self) -> int:
        """Models that took over from another."""

    @property
    def open_sessions(self) -> int:
        """With the old ones that still finish requests."""

    @property
    def total_seconds(self) -> float: ...

    @property
    def average_seconds(self) -> float: ...

    @property
    def last_seconds(self) -> float: ...

    @property
    def memory_bytes(self) -> int:
        """
        By how much memory grew, of this process and of the worker, during the load.
        """

    @property
    def engine(self) -> str:
        """That runs; "" while nothing is loaded."""

    @property
    def engine_version(self) -> str: ...

    @property
    def device(self) -> str: ...

    def __repr__(self) -> str: ...

class InferenceService:
    def __init__(self, model: str, session: str, preprocessing: Preprocessing | None, output: Preprocessing | None) -> None: ...

    @staticmethod
    def open(model: str, session: str, preprocessing: Preprocessing | None, output: Preprocessing | None, type: str | None) -> InferenceService: ...

    def load(self) -> None: ...

    def available(self) -> bool: ...

    def type(self) -> str: ...

    def info(self) -> ServiceInfo: ...

    def statistics(self) -> ServiceStatistics: ...

    def predict_image(self, image: xpuruntime.Tensor) -> xpuruntime.Tensor: ...

    def switch_to(self, model: str, session: str, preprocessing: Preprocessing | None, output: Preprocessing | None) -> None: ...

    def close(self) -> None: ...

def service_type_of(model: str, session: str) -> str: ...

class DeviceTestResult(enum.Enum):
    """What came of a small model that an engine ran on a device."""

    PASSED = 0

    FAILED = 1

    NOT_TESTED = 2

class DeviceTest:
    @property
    def engine(self) -> str: ...

    @property
    def result(self) -> DeviceTestResult: ...

    @property
    def reason(self) -> str:
        """Why it failed, or was not tested."""

    def __repr__(self) -> str: ...

class DeviceFacts:
    """
    A device that an engine or NVIDIA's driver sees. What is not known is empty or 0.
    """

    @property
    def device(self) -> xpuruntime.Device: ...

    @property
    def name(self) -> str:
        """Of the product."""

    @property
    def driver(self) -> str:
        """Its version."""

    @property
    def memory_bytes(self) -> int:
        """That this process may have, the cgroup's limit counted in."""

    @property
    def free_bytes(self) -> int:
        """Of these, when it was asked."""

    @property
    def compute_capability(self) -> str:
        """Of an NVIDIA GPU: "9.0"."""

    @property
    def cores(self) -> int:
        """Of the CPU, by this process's affinity."""

    @property
    def cpu_quota(self) -> float | None:
        """Cores, by the cgroup; None: no limit."""

    @property
    def features(self) -> list[str]:
        """Of the CPU, of those that engines choose kernels by."""

    @property
    def tests(self) -> list[DeviceTest]:
        """One an engine that says that it can use the device."""

    @property
    def is_fit(self) -> bool:
        """An engine passed its test on it, and none failed."""

    def __repr__(self) -> str: ...

def devices() -> list[DeviceFacts]:
    """
    The devices of this machine: the CPU, then GPUs and others by type and index.

    Loads all engines, and runs a product of matrices with each of them on each of its
    devices, where it loads ONNX models: that takes seconds, and memory of the device.
    """

def best_gpu(devices: Sequence[DeviceFacts]) -> DeviceFacts | None:
    """
    The GPU to take among several: of those that are fit, the one with the most free memory in
    whole GiB, then of the highest compute capability, then the first. None: none is fit.
    """

class Verdict(enum.Enum):
    """What becomes of one output."""

    agrees = 0

    differs = 1
    """Some element is outside the tolerance."""

    shape_mismatch = 2

    dtype_mismatch = 3

    missing = 4
    """The candidate has no such output."""

class OutputComparison:
    """One output of a candidate against the reference's."""

    @property
    def name(self) -> str:
        """The reference's."""

    @property
    def actual_name(self) -> str:
        """The candidate's, which may be another."""

    @property
    def verdict(self) -> Verdict: ...

    @property
    def type(self) -> str:
        """Of the reference's: ``"float32[1,10]"``."""

    @property
    def actual_type(self) -> str:
        """Of the candidate's."""

    @property
    def agreement(self) -> Agreement | None:
        """None where dtype or shape are not the same."""

    def __repr__(self) -> str: ...

class Candidate:
    """One engine on one device with one of the model files."""

    @property
    def name(self) -> str:
        """"onnxrt@cpu", and the file where there are several."""

    @property
    def engine(self) -> str: ...

    @property
    def engine_version(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def model(self) -> str:
        """The file; "" where no engine got that far."""

    @property
    def ran(self) -> bool:
        """False: `error` and `reason` say why not."""

    @property
    def error(self) -> str:
        """Name of the error's class."""

    @property
    def reason(self) -> str: ...

    @property
    def threads(self) -> int:
        """Of one run."""

    @property
    def load_seconds(self) -> float:
        """Of the model; the engine's library was there already."""

    @property
    def cache(self) -> xpuruntime.CacheOutcome:
        """Of that load."""

    @property
    def first_run_seconds(self) -> float: ...

    @property
    def latencies(self) -> list[float]:
        """Seconds of each counted run, in order."""

    @property
    def latency(self) -> Summary | None:
        """Of them; None where nothing was counted."""

    @property
    def runs_per_second(self) -> float:
        """By one caller: 1 over the mean latency."""

    @property
    def memory_bytes(self) -> int:
        """
        By how much resident memory grew, at its highest, while the model was loaded, run
        first and warmed up: of this process and of the worker started for it.
        """

    @property
    def total_seconds(self) -> float:
        """Of the counted runs."""

    @property
    def placement(self) -> dict[str, int]:
        """Nodes by what runs them; empty where not known."""

    @property
    def outputs(self) -> list[OutputComparison]:
        """None of the reference's own."""

    @property
    def agrees(self) -> bool:
        """All outputs do; of the reference: it ran."""

    @property
    def slower_by_seconds(self) -> float | None:
        """p50 less the winner's, in seconds."""

    @property
    def slower_by_share(self) -> float | None:
        """The same over the winner's p50 (0.5: half as long again)."""

    def __repr__(self) -> str: ...

class Bisection:
    """Where the numbers of a candidate part from the reference's."""

    @property
    def candidate(self) -> str:
        """Its name."""

    @property
    def output(self) -> str:
        """The reference's name of the output that was followed."""

    @property
    def found(self) -> bool:
        """Else `text` says why not."""

    @property
    def survives_showing(self) -> bool:
        """The outputs still differ when all inner values are shown."""

    @property
    def node(self) -> str:
        """That makes `value`; "" where it has no name."""

    @property
    def op_type(self) -> str: ...

    @property
    def value(self) -> str:
        """
        The first that differs; not surviving: the end of the smallest cut, from the inputs
        on, that differs.
        """

    @property
    def comparison(self) -> OutputComparison:
        """Of `value`."""

    @property
    def last_agreeing(self) -> str:
        """The value before it that was seen to agree; "" when none was."""

    @property
    def values(self) -> int:
        """Inner values that were compared."""

    @property
    def text(self) -> str:
        """The finding in one sentence."""

    def __repr__(self) -> str: ...

class CompareReport:
    """What a comparison found."""

    @property
    def models(self) -> list[str]: ...

    @property
    def inputs(self) -> list[xpuruntime.TensorInfo]:
        """In the shapes that were run."""

    @property
    def input_source(self) -> str:
        """"random, seed 0", the path, or "given"."""

    @property
    def tolerance(self) -> Tolerance: ...

    @property
    def machine(self) -> MachineFacts: ...

    @property
    def warm_up(self) -> int: ...

    @property
    def iterations(self) -> int: ...

    @property
    def seconds(self) -> float: ...

    @property
    def candidates(self) -> list[Candidate]:
        """The reference first, the others as they were asked for."""

    @property
    def reference(self) -> str:
        """Name of the candidate; "" when none ran."""

    @property
    def winner(self) -> str:
        """Name of the one with the lowest p50 of those that agree; "" for none."""

    @property
    def bisections(self) -> list[Bisection]:
        """One for each candidate that disagrees, if asked for."""

    @property
    def warnings(self) -> list[str]: ...

    @property
    def interrupted(self) -> bool: ...

    @property
    def compared(self) -> int:
        """Candidates whose outputs were held against the reference's."""

    @property
    def agrees(self) -> bool:
        """At least one was compared, and all outputs of all of them agree."""

    @property
    def recommendation(self) -> str:
        """
        Where native engines were compared with Python: which to use and why, in a
        sentence; else "".
        """

    def to_text(self, width: int = 80) -> str:
        """Tables for people, in lines of `width` columns where words allow."""

    def to_json(self) -> str:
        """One JSON document; docs/compare.md describes it."""

    def to_html(self) -> str:
        """A page of its own: no script, nothing from the network."""

    def write_html(self, path: str | os.PathLike[str]) -> None:
        """
        Writes that page, whole or not at all.

        Raises InvalidArgumentError (the folder does not take a file), UnavailableError (disk
        full).
        """

    def __str__(self) -> str: ...

    def __repr__(self) -> str: ...

def compare(models: Sequence[str], *, engines: Sequence[str], reference: str, model_factory: str, python_executable: str, python_options: Mapping[str, str], tolerance: Tolerance, inputs: Sequence[tuple[str, xpuruntime.Tensor]], input_path: str, preprocessing: Preprocessing | None, shapes: Mapping[str, Sequence[int]], batch: int, seed: int, threads: int, cache_dir: str, warm_up: int, iterations: int, seconds: float, bisect: bool, progress: object | None) -> CompareReport:
    """``xpuruntime.compare``, which says what each means."""

class ConvertRun:
    """One run of source and result on the same inputs."""

    @property
    def inputs(self) -> list[xpuruntime.TensorInfo]:
        """In the shapes that were run."""

    @property
    def outputs(self) -> list[OutputComparison]:
        """Of the result, against the source's."""

class ConvertReport:
    """What became of a conversion."""

    @property
    def source(self) -> str: ...

    @property
    def format(self) -> str: ...

    @property
    def files(self) -> list[pathlib.Path]:
        """The model first; empty where nothing was kept."""

    @property
    def notes(self) -> pathlib.Path:
        """``<name>_info.json`` beside it."""

    @property
    def opset(self) -> int | None:
        """Of ONNX, else None."""

    @property
    def precision(self) -> str:
        """"fp32" or "fp16"."""

    @property
    def exporter(self) -> str: ...

    @property
    def tools(self) -> dict[str, str]:
        """Versions by package."""

    @property
    def engine(self) -> str:
        """That ran the result: "onnxrt 1.31.1"."""

    @property
    def tolerance(self) -> Tolerance: ...

    @property
    def runs(self) -> list[ConvertRun]: ...

    @property
    def failure(self) -> str:
        """Why the result could not be run; "" where it was."""

    @property
    def warnings(self) -> list[str]: ...

    @property
    def seconds(self) -> float:
        """That all took."""

    def agrees(self) -> bool:
        """
        The result was run, and all outputs of all runs agree with the source's.
        """

    def to_text(self, width: int = 80) -> str:
        """Tables for people, in lines of `width` columns where words allow."""

    def to_json(self) -> str:
        """One JSON document; docs/conversion.md describes it."""

    def __str__(self) -> str: ...

    def __repr__(self) -> str: ...

def convert(source: str, *, format: str, output: str, overwrite: bool, keep: bool, opset: int | None, fp16: bool, input_shapes: str, dynamic: Mapping[str, tuple[int, int | None]], inputs: Sequence[tuple[str, xpuruntime.Tensor]], input_path: str, seed: int, tolerance: Tolerance | None, python_executable: str, source_options: Mapping[str, str], preprocessing: str, threads: int, progress: object | None) -> ConvertReport:
    """``xpuruntime.convert``, which says what each means."""

def gate(source: str, *, tolerance: Tolerance, model: str, inputs: Sequence[tuple[str, xpuruntime.Tensor]], input_path: str, shapes: Mapping[str, Sequence[int]], batch: int, seed: int, threads: int) -> xpuruntime.SessionValidator:
    """``xpuruntime.gate`` on files or an engine."""

def gate_on_data(*, inputs: Sequence[tuple[str, xpuruntime.Tensor]], outputs: Sequence[tuple[str, xpuruntime.Tensor]], tolerance: Tolerance) -> xpuruntime.SessionValidator:
    """``xpuruntime.gate`` on arrays."""

class TrialOutcome(enum.Enum):
    """What became of one way to run the model."""

    leads = 0
    """It was faster than all before it."""

    slower = 1
    """It was slower than the one that led."""

    refused = 2
    """By the gate: its numbers are off."""

    failed = 3
    """It could not be built or run."""

    not_tried = 4
    """No time was left."""

class Trial:
    """One way to run the model."""

    @property
    def name(self) -> str:
        """
        "openvino@cpu, 2 threads, shapes fixed"; "default: ..." is what "auto" builds.
        """

    @property
    def config(self) -> dict[str, Any]:
        """As keywords of InferenceSession."""

    @property
    def outcome(self) -> TrialOutcome: ...

    @property
    def error(self) -> str:
        """Name of the error's class."""

    @property
    def reason(self) -> str:
        """Why it was refused or failed."""

    @property
    def engine_version(self) -> str: ...

    @property
    def load_seconds(self) -> float: ...

    @property
    def p50(self) -> float | None:
        """Seconds; None where it did not run."""

    @property
    def against_leader(self) -> float | None:
        """p50 over that of the one that led, measured in turns with it."""

    def __repr__(self) -> str: ...

class Finalist:
    """One of those that were measured again in the end, in turns."""

    @property
    def name(self) -> str: ...

    @property
    def config(self) -> dict[str, Any]:
        """As keywords of InferenceSession."""

    @property
    def latency(self) -> Summary: ...

    @property
    def gain(self) -> float:
        """p50 of the default over its own: 1.2 is a fifth faster."""

    def __repr__(self) -> str: ...

class TuneReport:
    """What was tried, and what is the fastest."""

    @property
    def model(self) -> str: ...

    @property
    def inputs(self) -> list[xpuruntime.TensorInfo]:
        """In the shapes that were run."""

    @property
    def input_source(self) -> str: ...

    @property
    def reference(self) -> str:
        """"reference@cpu"."""

    @property
    def tolerance(self) -> Tolerance: ...

    @property
    def machine(self) -> MachineFacts: ...

    @property
    def trials(self) -> list[Trial]:
        """In the order they were tried."""

    @property
    def finalists(self) -> list[Finalist]:
        """The default first, if it passed, then the best."""

    @property
    def winner(self) -> str:
        """Name of the fastest finalist; "" when nothing passed."""

    @property
    def best(self) -> dict[str, Any]:
        """The fastest settings: ``InferenceSession(model, **report.best)``."""

    @property
    def decisions(self) -> list[pathlib.Path]:
        """
        Files that engine "auto" goes by from now on: for sessions that promise no shapes,
        and for those that promise these.
        """

    @property
    def warnings(self) -> list[str]: ...

    @property
    def seconds(self) -> float:
        """That all took."""

    @property
    def interrupted(self) -> bool: ...

    def to_text(self, width: int = 80) -> str:
        """Tables for people, in lines of `width` columns where words allow."""

    def to_json(self) -> str:
        """One JSON document; docs/tune.md describes it."""

    def __str__(self) -> str: ...

    def __repr__(self) -> str: ...

def tune(model: str, *, engines: Sequence[str], reference: str, tolerance: Tolerance, inputs: Sequence[tuple[str, xpuruntime.Tensor]], input_path: str, shapes: Mapping[str, Sequence[int]], batch: int, seed: int, precisions: Sequence[str], specialize: bool, seconds: float, final_seconds: float, cache_dir: str, progress: object | None) -> TuneReport:
    """``xpuruntime.tune``, which says what each means."""
