// SPDX-License-Identifier: Apache-2.0
/// Refuses a session whose numbers are off. Link xpuruntime::toolkit.
///
///   InferenceSession session("model.onnx", {.validators = {toolkit::gate("golden.npz")}});
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "xpuruntime/export.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/session_config.h"
#include "xpuruntime/shape.h"
#include "xpuruntime/toolkit/agreement.h"

namespace xpuruntime::toolkit {

struct GateOptions {
  Tolerance tolerance{};
  // The rest is for a reference engine: golden data bring their inputs with them.
  std::filesystem::path model{};  ///< that it loads; empty: the file that the session was opened on
  NamedTensors inputs{};          ///< by name; where no name is the model's, in its order
  std::filesystem::path input_path{};     ///< instead: a file or folder, as in CompareOptions
  std::map<std::string, Shape> shapes{};  ///< of random inputs; -1 leaves a dimension open
  int64_t batch = 1;                      ///< for their dynamic first dimensions
  uint64_t seed = 0;
  int32_t threads = 0;  ///< of the reference's run; 0: the process's budget
};

/// A validator that runs the session once on known inputs and holds every output against what is
/// expected. AgreementError says which output, at which index, what was expected and what came; it
/// is also thrown when the session cannot run the inputs. `source` is one of
/// - golden data: an .npz file with the inputs and outputs of one run by their names, a folder of
///   NAME.npy files, or ONNX test data: a folder with input_0.pb, ... and output_0.pb, ..., or with
///   such folders test_data_set_0, .... Outputs that they lack are not looked at, but one of them
///   has to be there. They are read here, once.
/// - a reference engine, "engine" or "engine@device" ("reference@cpu"). It runs when a session is
///   judged first; for further sessions of the same model file its results are kept.
/// May be used by many sessions, from many threads; they wait while the reference runs.
/// Throws InvalidArgumentError (tolerance, malformed data, options that golden data do not take),
/// UnsupportedOperationError (neither data nor a known engine), UnavailableError and
/// EngineNotInstalledError (that engine cannot be used). The validator itself throws
/// AgreementError; InvalidArgumentError where the data do not fit the model; what the reference
/// engine fails with.
XPURT_API SessionValidator gate(const std::string& source, const GateOptions& options = {});

/// The same with data in memory, which are shared, not copied. Outputs may be fewer than the
/// model's, but not none.
XPURT_API SessionValidator gate(const NamedTensors& inputs, const NamedTensors& outputs,
                                const Tolerance& tolerance = {});

}  // namespace xpuruntime::toolkit
