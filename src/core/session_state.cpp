// SPDX-License-Identifier: Apache-2.0
#include "session_state.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "log.h"
#include "session_builder.h"
#include "text.h"
#include "thread_budget.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using Clock = std::chrono::steady_clock;

NamedTensors::Names names_of(const std::vector<TensorInfo>& infos) {
  auto names = std::make_shared<std::vector<std::string>>();
  for (const TensorInfo& info : infos) names->push_back(info.name);
  return names;
}

size_t index_of(const char* what, const std::vector<std::string>& names, std::string_view name,
                const std::string& where) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  throw InvalidArgumentError(std::string("the model has no ") + what + " '" + std::string(name) +
                             "'; it has: " + join(names) + did_you_mean(name, names) + " (" +
                             where + ")");
}

bool all_tensors(const std::vector<TensorInfo>& infos) {
  return std::ranges::all_of(
      infos, [](const TensorInfo& info) { return info.kind == ValueKind::kTensor; });
}

/// Contexts of a session: as many as asked for, as the model can do at once, or as there are
/// threads to run them.
uint32_t context_limit(const LoadedModel& model, const SessionConfig& config) {
  if (model.stateful()) return 1;  // one Context holds the state
  uint32_t limit =
      config.contexts > 0 ? config.contexts : std::max(static_cast<uint32_t>(thread_budget()), 2U);
  if (model.parallelism() > 0) limit = std::min(limit, model.parallelism());
  return limit;
}

}  // namespace

SessionState::SessionState(const ModelSource& source, const SessionConfig& config) {
  BuiltModel built = build_model(source, config, [&](const std::shared_ptr<LoadedModel>& model) {
    contexts = std::make_unique<ContextPool>(model, context_limit(*model, config), memory_state());
  });
  info = built.model->info();
  report = std::move(built.report);
  where = built.model->where();
  input_names = names_of(info.inputs);
  output_names = names_of(info.outputs);
  input_alignment = built.model->engine().input_alignment();
  tensors_only_ = all_tensors(info.inputs) && all_tensors(info.outputs);
  report.contexts = context_limit(*built.model, config);
  log().info("opened {} on {} {} ({}), {} threads, {} contexts at most", report.model,
             report.engine, report.engine_version, to_string(report.device), report.threads,
             report.contexts);
}

ContextPool::Lease SessionState::lease(RunReport* run_report) {
  if (!tensors_only_) {
    throw UnsupportedOperationError(
        "the model takes or gives sequences, maps or optionals, which run() does not do (" + where +
        ")");
  }
  if (run_report == nullptr) return contexts->lease();
  *run_report = {};
  run_report->engine = report.engine;
  run_report->engine_version = report.engine_version;
  run_report->device = report.device;
  struct Waited {
    RunReport* report;
    Clock::time_point begin = Clock::now();
    ~Waited() { report->queue_time = Clock::now() - begin; }
  } const waited{run_report};
  return contexts->lease();
}

void SessionState::execute(ContextPool::Lease& lease, RunFrame& frame, RunReport* run_report) {
  const LoadedEngine& engine = lease->engine();
  const xpurt_run_args& args = frame.begin(lease->stream(), run_report);
  const auto begin = run_report != nullptr ? Clock::now() : Clock::time_point();
  xpurt_status status = engine.table().context_run(lease->handle(), &args, &frame.error());
  if (lease->stream() != nullptr) {
    // Also after a failure: what is in the stream may still use inputs and outputs.
    const xpurt_status synced =
        engine.device_table().stream_synchronize(lease->stream(), &frame.error());
    if (status == XPURT_OK) status = synced;
  }
  if (run_report != nullptr) run_report->run_time = Clock::now() - begin;
  if (status == XPURT_OK) {
    if (frame.was_repeated()) return;
    status = frame.outputs().check_complete(&frame.error());
  }
  if (status == XPURT_OK) {
    if (log().should_log(spdlog::level::debug)) frame.outputs().log_decisions();
    return;
  }
  frame.discard();
  const uint32_t flags = frame.error().flags;
  if ((flags & (XPURT_CONTEXT_LOST | XPURT_MODEL_LOST)) != 0) lease.lose();
  if ((flags & XPURT_MODEL_LOST) != 0) contexts->lose_model();
  throw_failure(frame.error(), status, where);
}

size_t SessionState::input_index(std::string_view name) const {
  return index_of("input", *input_names, name, where);
}

size_t SessionState::output_index(std::string_view name) const {
  return index_of("output", *output_names, name, where);
}

}  // namespace xpuruntime
