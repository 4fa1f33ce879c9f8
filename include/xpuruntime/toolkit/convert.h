// SPDX-License-Identifier: Apache-2.0
/// A model in one format into a file of another, checked. Link xpuruntime::toolkit.
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
#include "xpuruntime/toolkit/agreement.h"
#include "xpuruntime/toolkit/compare.h"

namespace xpuruntime::toolkit {

/// Sizes that a dynamic dimension may have.
struct SizeRange {
  int64_t least = 1;
  std::optional<int64_t> most{};  ///< none: no bound

  bool operator==(const SizeRange&) const = default;
};

struct ConvertProgress {
  std::string phase;    ///< "start", "load", "run the source", "export", ..., "check"
  double fraction = 0;  ///< of all, 0..1
};

struct ConvertOptions {
  std::string format{};  ///< "onnx", "torchscript", "pt2", "executorch" or "openvino"
  /// Empty: the source's name with the ending of the format, beside the source; of a source that is
  /// package.module:function, the function's name in the current folder.
  std::filesystem::path output{};
  bool overwrite = false;      ///< what is there already
  bool keep = false;           ///< the result, also where it does not agree or cannot be run
  std::optional<int> opset{};  ///< of ONNX; none: 17
  bool fp16 = false;           ///< weights, and what is computed in; inputs and outputs stay
  std::string input_shapes{};  ///< "ids:int64[N,128], mask[N,128]"; words are dynamic dimensions
  std::map<std::string, SizeRange> dynamic{};  ///< bounds of those dimensions, by name
  NamedTensors inputs{};                       ///< to run source and result on
  std::filesystem::path input_path{};          ///< instead, as of CompareOptions
  // Without either, inputs are random.
  uint64_t seed = 0;
  std::optional<Tolerance> tolerance{};  ///< none: strict, and relaxed where fp16 is asked for
  std::string python_executable{};       ///< that has the exporters; "": python3 of the PATH
  std::map<std::string, std::string> source_options{};  ///< of engine `python`: model_factory, ...
  std::string preprocessing{};  ///< as preprocessing_from_json() reads, noted as it is
  int32_t threads = 0;          ///< 0: the process's budget
  /// Asked several times a second; true ends the conversion, which throws CancelledError.
  std::function<bool()> should_stop{};
  std::function<void(const ConvertProgress&)> progress{};
};

/// One run of source and result on the same inputs.
struct ConvertRun {
  std::vector<TensorInfo> inputs;         ///< in the shapes that were run
  std::vector<OutputComparison> outputs;  ///< of the result, against the source's
};

struct ConvertReport {
  std::string source;
  std::string format;
  std::vector<std::filesystem::path> files;  ///< the model first; empty where nothing was kept
  std::filesystem::path notes;               ///< <name>_info.json beside it (docs/model_notes.md)
  std::optional<int> opset;                  ///< of ONNX
  std::string precision;                     ///< "fp32" or "fp16"
  std::string exporter;                      ///< "torch.onnx, by a trace"
  std::map<std::string, std::string> tools;  ///< versions by package
  std::string engine;                        ///< that ran the result: "onnxrt 1.31.1"
  Tolerance tolerance;
  std::vector<ConvertRun> runs;
  std::string failure;  ///< why the result could not be run; "" where it was
  std::vector<std::string> warnings;
  double seconds = 0;  ///< that all took

  /// The result was run, and all outputs of all runs agree with the source's.
  XPURT_API bool agrees() const;
};

/// Converts `source` in a Python process of its own, which needs the packages that the format asks
/// for; runs source and result on the same inputs, each in a process of its own; and puts the
/// result in its place only if they agree (or `keep` is set), with notes beside it. What the source
/// may be, and what can become of it: docs/conversion.md.
/// Throws ModelNotFoundError; InvalidArgumentError (an option, a shape that is not known, an output
/// that exists); UnsupportedOperationError (not from that source; what the exporter cannot do, with
/// the operator or line); EngineNotInstalledError (a package, with the line that installs it);
/// EngineError (an exporter that crashed); CancelledError; what running the result throws. Nothing
/// is left behind then.
XPURT_API ConvertReport convert(const std::filesystem::path& source, const ConvertOptions& options);

/// Tables for people, in lines of `width` columns where words allow.
XPURT_API std::string to_text(const ConvertReport& report, size_t width = 80);
/// One JSON document; docs/conversion.md describes it.
XPURT_API std::string to_json(const ConvertReport& report);

}  // namespace xpuruntime::toolkit
