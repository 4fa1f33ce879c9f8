// SPDX-License-Identifier: Apache-2.0
/// How a model runs fastest on this machine without its numbers being off. Link
/// xpuruntime::toolkit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "xpuruntime/export.h"
#include "xpuruntime/model_info.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/session_config.h"
#include "xpuruntime/toolkit/agreement.h"
#include "xpuruntime/toolkit/machine.h"
#include "xpuruntime/toolkit/summary.h"

namespace xpuruntime::toolkit {

struct TuneProgress {
  std::string phase;    ///< "reference", "search" or "final"
  std::string trial;    ///< "openvino@cpu, 2 threads"; "" where it is all of them
  double fraction = 0;  ///< of the whole, 0..1
};

struct TuneOptions {
  /// As in CompareOptions; "all" is every engine but `reference`.
  std::vector<std::string> engines{};
  std::string reference{};  ///< as in CompareOptions
  Tolerance tolerance{};
  NamedTensors inputs{};                  ///< as in CompareOptions
  std::filesystem::path input_path{};     ///< as in CompareOptions
  std::map<std::string, Shape> shapes{};  ///< of random inputs; -1 leaves a dimension open
  int64_t batch = 1;                      ///< for their dynamic first dimensions
  uint64_t seed = 0;
  /// What may be computed in, where an engine can; what is off does not pass the gate.
  std::vector<std::string> precisions{"fp32"};
  /// A dynamic model is also built for the shapes of the inputs alone (SessionConfig::shapes).
  bool specialize = true;
  double seconds = 30;                  ///< for the search, about; what is left out then says so
  double final_seconds = 2;             ///< of counted runs of each that is measured in the end
  std::string cache_dir = "auto";       ///< whose folder takes the decision; "": none is stored
  std::function<bool()> should_stop{};  ///< true ends it, with nothing decided
  std::function<void(const TuneProgress&)> progress{};
};

enum class TrialOutcome : int32_t {
  kLeads = 0,     ///< was faster than all before it
  kSlower = 1,    ///< than the one that led
  kRefused = 2,   ///< by the gate: its numbers are off
  kFailed = 3,    ///< could not be built or run
  kNotTried = 4,  ///< no time was left
};

/// "leads", "slower", "refused", "failed", "not tried".
XPURT_API const char* to_string(TrialOutcome outcome) noexcept;

/// One way to run the model.
struct Trial {
  std::string
      name;  ///< "openvino@cpu, 2 threads, shapes fixed"; "default: ...": what "auto" builds
  SessionConfig config{};
  TrialOutcome outcome = TrialOutcome::kNotTried;
  std::string error{};   ///< name of the error's class
  std::string reason{};  ///< why it was refused or failed
  std::string engine_version{};
  double load_seconds = 0;
  std::optional<double> p50{};  ///< seconds
  /// p50 over that of the one that led, measured in turns with it.
  std::optional<double> against_leader{};
};

/// One of those that were measured again in the end, in turns.
struct Finalist {
  std::string name;
  SessionConfig config{};
  Summary latency{};
  /// p50 of the default over its own: 1.2 is a fifth faster.
  double gain = 1;
};

struct TuneReport {
  std::string model;
  std::vector<TensorInfo> inputs;  ///< in the shapes that were run
  std::string input_source;        ///< as in CompareReport
  std::string reference;           ///< "reference@cpu"
  Tolerance tolerance;
  MachineFacts machine;
  std::vector<Trial> trials;        ///< in the order they were tried
  std::vector<Finalist> finalists;  ///< the default first, if it passed, then the best
  /// Name of the finalist with the lowest p50; "" when nothing passed.
  std::string winner;
  SessionConfig best{};  ///< its settings
  /// Files that "auto" goes by from now on: for sessions that promise no shapes, and for those that
  /// promise these.
  std::vector<std::filesystem::path> decisions;
  std::vector<std::string> warnings;
  double seconds = 0;  ///< that all took
  bool interrupted = false;
};

/// Tries engines, then threads, precisions and options of those that are close to the fastest. Each
/// is timed in turns with the one that leads, after its outputs passed a gate of the reference's;
/// in the end the best are measured again, in turns with what "auto" builds without a decision.
/// What was best is stored for "auto" (store_decision). Uses this thread. Throws what compare()
/// does, and InvalidArgumentError for wrong options.
XPURT_API TuneReport tune(const std::filesystem::path& model, const TuneOptions& options = {});

/// Tables for people, in lines of `width` columns where words allow.
XPURT_API std::string to_text(const TuneReport& report, size_t width = 80);
/// One JSON document; docs/tune.md describes it.
XPURT_API std::string to_json(const TuneReport& report);

}  // namespace xpuruntime::toolkit
