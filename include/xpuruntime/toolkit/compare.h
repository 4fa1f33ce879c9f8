// SPDX-License-Identifier: Apache-2.0
/// One model on several engines: do they agree, and how fast is each? Link xpuruntime::toolkit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xpuruntime/cache.h"
#include "xpuruntime/export.h"
#include "xpuruntime/model_info.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/toolkit/agreement.h"
#include "xpuruntime/toolkit/machine.h"
#include "xpuruntime/toolkit/preprocessing.h"
#include "xpuruntime/toolkit/summary.h"

namespace xpuruntime::toolkit {

struct CompareProgress {
  std::string phase;      ///< "load", "first run", "warm up", "measure" or "bisect"
  std::string candidate;  ///< "onnxrt@cpu"; "" where it is all of them
  double fraction = 0;    ///< of this phase, 0..1
};

struct CompareOptions {
  /// "engine@device"; "engine" is the first of its devices that can be used. "all", and nothing at
  /// all: every known engine on each of its devices. Each takes the model files that it loads.
  std::vector<std::string> engines{};
  /// What the others are held against, as in `engines`; it is added where it is missing there.
  /// Empty: `reference` where it is one of them and can run the model, else the first that can.
  std::string reference{};
  /// "package.module:function" that makes the model of engine `python`, for files of weights: then,
  /// and where no other engine loads a file, `python` is one of all. Its Python; "": python3 of the
  /// PATH. Its further options, by name.
  std::string model_factory{};
  std::string python_executable{};
  std::map<std::string, std::string> python_options{};
  Tolerance tolerance{};
  NamedTensors inputs{};  ///< by name; where no name is the model's, in its order
  /// Instead: an .npz, .npy or .pb file, or a folder of them; a picture, .jpg or .png.
  std::filesystem::path input_path{};
  /// How the picture becomes the input of all; none: as the notes beside the first model say.
  std::optional<Preprocessing> preprocessing{};
  // Without either, inputs are random.
  std::map<std::string, Shape> shapes{};  ///< of random inputs; -1 leaves a dimension open
  int64_t batch = 1;                      ///< for their dynamic first dimensions
  uint64_t seed = 0;
  int32_t threads = 0;  ///< of one run; 0: the process's budget
  /// As of a session; "": each load builds its model, so that the times of loads can be compared.
  std::string cache_dir{};
  uint64_t warm_up = 10;    ///< runs of each before, not counted; `seconds` at most, if that counts
  uint64_t iterations = 0;  ///< counted runs of each; 0: as many as `seconds` allows
  double seconds = 2;       ///< of counted runs of each; at least one is made
  bool bisect = false;      ///< look for the first node whose output differs
  /// Asked between runs and during loads; true ends the comparison with what there is.
  std::function<bool()> should_stop{};
  std::function<void(const CompareProgress&)> progress{};
};

enum class Verdict : int32_t {
  kAgrees = 0,
  kDiffers = 1,  ///< some element is outside the tolerance
  kShapeMismatch = 2,
  kDtypeMismatch = 3,
  kMissing = 4,  ///< the candidate has no such output
};

/// "agrees", "differs", "shape mismatch", "dtype mismatch", "missing".
XPURT_API const char* to_string(Verdict verdict) noexcept;

/// One output of a candidate against the reference's.
struct OutputComparison {
  std::string name{};         ///< the reference's
  std::string actual_name{};  ///< the candidate's, which may be another
  Verdict verdict = Verdict::kMissing;
  std::string type{};                    ///< of the reference's: "float32[1,10]"
  std::string actual_type{};             ///< of the candidate's
  std::optional<Agreement> agreement{};  ///< none where dtype or shape are not the same
};

/// One engine on one device with one of the model files.
struct Candidate {
  std::string name;  ///< "onnxrt@cpu", and the file where there are several
  std::string engine;
  std::string engine_version;
  std::string device;
  std::string model;  ///< the file; "" where no engine got that far
  bool ran = false;   ///< false: `error` and `reason` say why not
  std::string error;  ///< name of the error's class
  std::string reason;
  int32_t threads = 0;      ///< of one run
  double load_seconds = 0;  ///< of the model; the engine's library was there already
  CacheOutcome cache = CacheOutcome::kOff;  ///< of that load
  double first_run_seconds = 0;
  std::vector<double> latencies;   ///< seconds of each counted run, in order
  std::optional<Summary> latency;  ///< of them; none where nothing was counted
  double runs_per_second = 0;      ///< by one caller: 1 over the mean latency
  /// By how much resident memory grew, at its highest, while the model was loaded, run first and
  /// warmed up: of this process and of the worker process that was started for it. Memory that
  /// earlier candidates left to the process hides some of it.
  uint64_t memory_bytes = 0;
  std::map<std::string, int64_t> placement;  ///< nodes by what runs them; empty where not known
  std::vector<OutputComparison> outputs;     ///< none of the reference's own
  bool agrees = false;                       ///< all outputs do; of the reference: it ran
  /// p50 less the winner's, in seconds, and over it (0.5: half as long again).
  std::optional<double> slower_by_seconds;
  std::optional<double> slower_by_share;

  XPURT_API double total_seconds() const;  ///< of the counted runs
};

/// Where the numbers of a candidate part from the reference's.
struct Bisection {
  std::string candidate;          ///< its name
  std::string output;             ///< the reference's name of the output that was followed
  bool found = false;             ///< else `text` says why not
  bool survives_showing = false;  ///< the outputs still differ when all inner values are shown
  std::string node;               ///< that makes `value`; "" where it has no name
  std::string op_type;
  std::string value;            ///< the first that differs; not surviving: the end of the smallest
                                ///< cut, from the inputs on, that differs
  OutputComparison comparison;  ///< of `value`
  std::string last_agreeing;    ///< the value before it that was seen to agree; "" when none was
  uint64_t values = 0;          ///< inner values that were compared
  std::string text;             ///< the finding in one sentence
};

struct CompareReport {
  std::vector<std::string> models;
  std::vector<TensorInfo> inputs;  ///< in the shapes that were run
  std::string input_source;        ///< "random, seed 0", the path, or "given"
  Tolerance tolerance;
  MachineFacts machine;
  uint64_t warm_up = 0;
  uint64_t iterations = 0;
  double seconds = 0;
  std::vector<Candidate> candidates;  ///< the reference first, the others as they were asked for
  std::string reference;              ///< name of the candidate; "" when none ran
  std::string winner;  ///< name of the one with the lowest p50 of those that agree; "" for none
  std::vector<Bisection> bisections;  ///< one for each candidate that disagrees, if asked for
  std::vector<std::string> warnings;
  bool interrupted = false;

  /// Candidates whose outputs were held against the reference's.
  XPURT_API uint64_t compared() const;
  /// At least one was compared, and all outputs of all of them agree.
  XPURT_API bool agrees() const;
  /// Where native engines were compared with Python: which to use and why, in a sentence; else "".
  XPURT_API std::string recommendation() const;
};

/// Runs the same inputs through every candidate and holds their outputs against the reference's;
/// then times them in turns, in an order that is drawn anew for each round. `models` are files of
/// one model, in several formats or versions. What cannot be built or run is a candidate that says
/// why. Uses this thread. Throws ModelNotFoundError, UnsupportedOperationError (unknown engine, no
/// engine loads such files), InvalidArgumentError (options, inputs that do not fit, models with
/// other inputs), UnavailableError (no candidate can be run; where all fail alike, their error);
/// what the reference fails with, when it was asked for by name.
XPURT_API CompareReport compare(std::span<const std::filesystem::path> models,
                                const CompareOptions& options = {});

/// Tables for people, in lines of `width` columns where words allow.
XPURT_API std::string to_text(const CompareReport& report, size_t width = 80);
/// One JSON document; docs/compare.md describes it.
XPURT_API std::string to_json(const CompareReport& report);
/// A page of its own: no script, nothing from the network.
XPURT_API std::string to_html(const CompareReport& report);
/// Writes that page, whole or not at all. Throws InvalidArgumentError (the folder does not take a
/// file), UnavailableError (disk full).
XPURT_API void write_html(const CompareReport& report, const std::filesystem::path& path);

}  // namespace xpuruntime::toolkit
