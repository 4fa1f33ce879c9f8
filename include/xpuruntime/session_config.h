// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "xpuruntime/export.h"
#include "xpuruntime/kernel_policy.h"
#include "xpuruntime/shape.h"

namespace xpuruntime {

class InferenceSession;
class Profiler;

/// Judges a session before its constructor returns; toolkit/gate.h makes one that judges numbers.
struct SessionValidator {
  std::string name;  ///< for reports and messages
  /// Returns to let the session pass, which can be used as ever but is not to be kept. Throws
  /// AgreementError to refuse the engine.
  std::function<void(const InferenceSession& session)> check;
};

/// What becomes of a job that finds the queue full: it waits for room, or is refused with
/// QueueFullError.
enum class WhenFull : int32_t { kBlock = 0, kReject = 1 };

/// What becomes of the jobs of a session that closes: they are done, or cancelled.
enum class CloseMode : int32_t { kDrain = 0, kCancel = 1 };

/// Whether the engine runs in this process, or in one of its own, so that its crash costs the runs
/// in flight and not the program.
enum class Isolation : int32_t { kNone = 0, kProcess = 1 };

/// How a session is to be built. Everything has a default.
struct SessionConfig {
  /// An engine's name, a path to a plug-in, or "auto": by the kind of model file (".onnx":
  /// onnxrt, ".xml": openvino).
  std::string engine = "auto";
  /// "cpu", "cuda:0", "intel_gpu:1", ...; "cuda" means "cuda:0"; "gpu" and "npu" the first that the
  /// engine can use; "auto" the first of the engine's, best first, that the model can be built on.
  std::string device = "auto";
  /// What may be built instead, in order, as "engine@device" ("reference@cpu"). Nothing else is.
  std::vector<std::string> fallback{};
  /// "fp32", "fp16", "bf16", ...: what the engine computes in, if it has the option `precision`;
  /// "": as the model says.
  std::string precision{};
  /// Which kernel computes an operator, if the engine has several and so the option
  /// `kernel_policy`; empty: the engine's own choice.
  KernelPolicy kernel_policy{};
  /// Where compiled models are kept: "auto" is the user's cache folder (ModelCache), for those that
  /// take 250 ms or more to build; "" is nowhere.
  std::string cache_dir = "auto";
  /// The shapes that inputs will have, by name, every dimension given: an engine may build the
  /// model for these alone. Inputs of other shapes are refused.
  std::map<std::string, Shape> shapes{};
  int32_t threads = 0;         ///< that one run may use; 0: the process's budget
  uint32_t contexts = 0;       ///< runs at once; 0: one a thread of the budget, at least 2
  uint32_t queue_size = 1024;  ///< jobs that may wait to begin
  WhenFull when_full = WhenFull::kBlock;  ///< of a job that finds the queue full
  /// Rows (the first dimension) that run_batch() and waiting jobs are joined up to, where the first
  /// dimension of all inputs and outputs is dynamic. A model that mixes rows must keep 1.
  uint32_t max_batch_size = 1;
  std::shared_ptr<Profiler> profiler{};  ///< told of every run; null: nobody is
  /// Options of the engine by name, as `xpurt engines --options` lists them. With fallbacks, each
  /// engine takes those it knows; one that none of them knows is an error.
  std::map<std::string, std::string> engine_options{};
  std::string base_folder{};  ///< of external data, for a model given as bytes
  /// Inner values of the model to show as further outputs, by name.
  std::vector<std::string> extra_outputs{};
  /// Asked in order once an engine and device are built. One that throws closes the session:
  /// AgreementError counts as that choice's failure to be built, so that the next of the devices
  /// and fallbacks that the caller allowed is tried, and the report tells; any other error is of
  /// the validator and no verdict, and goes through the constructor as it is.
  std::vector<SessionValidator> validators{};
  /// kProcess: every choice of engine runs in a worker process (`worker:onnxrt` as the engine means
  /// the same of one choice). Its limits are engine options that begin with `worker.`.
  Isolation isolation = Isolation::kNone;
  /// What carries tensors to a worker process: "shared_memory", "unix", "tcp", "pipe",
  /// "grpc", "json_file"; "": shared memory.
  std::string transport{};
  /// The Python that engine `python` runs in; "": python3 of the PATH.
  std::string python_executable{};
  /// "package.module:function" that makes the model of engine `python`, whose weights the file has.
  std::string model_factory{};
  /// Told how far a long load is (total 0: not known); false cancels it.
  std::function<bool(const char* phase, uint64_t done, uint64_t total)> progress{};
};

/// Those that are data and not as by default, as one JSON object under the names that they have in
/// Python: `InferenceSession(model, **json.load(file))`.
XPURT_API std::string to_json(const SessionConfig& config);
/// Throws InvalidArgumentError: no JSON object, an unknown name (with the nearest), a wrong type.
XPURT_API SessionConfig session_config_from_json(std::string_view text);

}  // namespace xpuruntime
