// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/gate.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "toolkit/choices.h"
#include "toolkit/compare_outputs.h"
#include "toolkit/given_inputs.h"
#include "toolkit/golden.h"
#include "toolkit/match.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;

std::string where(const InferenceSession& session) {
  return " (engine " + session.engine_name() + "@" + to_string(session.device()) + ", model " +
         session.report().model + ")";
}

std::string refusal(const OutputComparison& output, const Tolerance& tolerance) {
  const std::string what = "output '" + output.name + "'";
  switch (output.verdict) {
    case Verdict::kMissing:
      return what + ": expected " + output.type + ", and the model has no such output";
    case Verdict::kShapeMismatch:
    case Verdict::kDtypeMismatch:
      return what + ": expected " + output.type + ", got " + output.actual_type;
    default:
      break;
  }
  const Agreement& agreement = *output.agreement;
  const Difference& first = *agreement.first_difference;
  return what + " at " + to_string(Shape(std::span<const int64_t>(first.index))) + ": expected " +
         first.reference + ", got " + first.actual + "; " + std::to_string(agreement.disagreeing) +
         " of " + std::to_string(agreement.elements) + " elements do not agree, " +
         to_string(tolerance);
}

/// Throws AgreementError.
void judge(const InferenceSession& session, const GoldenRun& run, const Tolerance& tolerance) {
  const std::string whose = run.name + ": inputs of model " + session.report().model;
  const NamedTensors inputs = match_inputs(session.input_info(), run.inputs, whose);
  NamedTensors outputs;
  try {
    outputs = session.run(inputs);
  } catch (const XpuRuntimeError& error) {
    throw AgreementError("gate " + run.name + ": cannot be run: " + error.name() + ": " +
                         error.what() + where(session));
  }
  for (const OutputComparison& output : compare_outputs(run.outputs, outputs, tolerance)) {
    if (output.verdict == Verdict::kAgrees) continue;
    throw AgreementError("gate " + run.name + ": " + refusal(output, tolerance) + where(session));
  }
}

/// A file as it is now.
struct FileState {
  fs::path path;
  uint64_t bytes = 0;
  fs::file_time_type changed;

  static FileState of(const fs::path& path) {
    std::error_code error;
    FileState state{fs::weakly_canonical(path, error), fs::file_size(path, error),
                    fs::last_write_time(path, error)};
    if (error) throw ModelNotFoundError("there is no model file " + path.string());
    return state;
  }
  bool operator==(const FileState&) const = default;
};

/// Runs an engine on the model of the session that is judged, and keeps what it gave for others.
class Reference {
 public:
  Reference(std::string source, GateOptions options)
      : source_(std::move(source)),
        engine_(parse_engine(source_, "gate")),
        options_(std::move(options)) {}

  GoldenRun run_for(const InferenceSession& session) {
    const fs::path model = model_for(session);
    const FileState state = FileState::of(model);
    const std::lock_guard lock(mutex_);
    if (!kept_ || kept_of_ != state) {
      kept_ = run(model);
      kept_of_ = state;
    }
    return *kept_;
  }

 private:
  fs::path model_for(const InferenceSession& session) const {
    if (!options_.model.empty()) return options_.model;
    const fs::path model = session.report().model;
    std::error_code ignored;
    if (fs::exists(model, ignored)) return model;
    throw InvalidArgumentError("gate " + source_ +
                               ": the session was opened on bytes; expected GateOptions::model, "
                               "the file that the reference engine loads");
  }

  GoldenRun run(const fs::path& model) const {
    const InferenceSession session(model, {.engine = engine_.engine,
                                           .device = engine_.device,
                                           .threads = options_.threads,
                                           .contexts = 1});
    const InputRequest request{options_.inputs, options_.input_path, options_.shapes,
                               options_.batch, options_.seed};
    GoldenRun made{.name = session.engine_name() + "@" + to_string(session.device())};
    made.inputs = make_inputs(request, session.input_info(), model.string()).tensors;
    made.outputs = session.run(made.inputs);
    return made;
  }

  const std::string source_;
  const EngineAndDevice engine_;
  const GateOptions options_;
  std::mutex mutex_;
  std::optional<GoldenRun> kept_;
  FileState kept_of_;
};

std::string name_of(const std::string& source, const Tolerance& tolerance) {
  return "gate " + source + ", " + to_string(tolerance);
}

SessionValidator golden_gate(const std::string& source, const GateOptions& options) {
  if (!options.model.empty() || !options.inputs.empty() || !options.input_path.empty() ||
      !options.shapes.empty() || options.batch != 1) {
    throw InvalidArgumentError("gate " + source +
                               ": model, inputs, shapes and batch are for a reference engine; "
                               "golden data have their own");
  }
  return {name_of(source, options.tolerance),
          [runs = read_golden(source), tolerance = options.tolerance](const auto& session) {
            for (const auto& run : runs)
              judge(session, sorted(run, session.model_info()), tolerance);
          }};
}

SessionValidator engine_gate(const std::string& source, const GateOptions& options) {
  const auto reference = std::make_shared<Reference>(source, options);
  return {name_of(source, options.tolerance),
          [reference, tolerance = options.tolerance](const auto& session) {
            judge(session, reference->run_for(session), tolerance);
          }};
}

}  // namespace

SessionValidator gate(const std::string& source, const GateOptions& options) {
  check_tolerance(options.tolerance);
  return is_golden_data(source) ? golden_gate(source, options) : engine_gate(source, options);
}

SessionValidator gate(const NamedTensors& inputs, const NamedTensors& outputs,
                      const Tolerance& tolerance) {
  check_tolerance(tolerance);
  if (outputs.empty()) throw InvalidArgumentError("gate: expected at least one output, got none");
  const GoldenRun run{.name = "given", .inputs = inputs, .outputs = outputs};
  return {name_of(run.name, tolerance),
          [run, tolerance](const auto& session) { judge(session, run, tolerance); }};
}

}  // namespace xpuruntime::toolkit
