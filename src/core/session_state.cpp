// SPDX-License-Identifier: Apache-2.0
#include "session_state.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "callback_scope.h"
#include "log.h"
#include "node_log.h"
#include "profiler_events.h"
#include "session_builder.h"
#include "session_jobs.h"
#include "text.h"
#include "thread_budget.h"
#include "thread_gate.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using Steady = std::chrono::steady_clock;

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

/// What a run asks the gate for; 0: it runs on a device of its own.
int32_t gate_threads(const LoadedModel& model) {
  if (model.device().type != DeviceType::kCpu) return 0;
  return model.elastic() ? 1 : model.threads();
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

void check_config(const SessionConfig& config) {
  if (config.queue_size == 0) throw InvalidArgumentError("queue_size is 0: expected at least 1");
  if (config.max_batch_size == 0) {
    throw InvalidArgumentError("max_batch_size is 0: expected at least 1 (no joining)");
  }
  for (const SessionValidator& validator : config.validators) {
    if (validator.check) continue;
    throw InvalidArgumentError("validator '" + validator.name + "': there is nothing to check by");
  }
}

}  // namespace

SessionState::SessionState(const std::shared_ptr<LoadedModel>& model, const SessionConfig& config,
                           Clock& clock)
    : info(model->info()),
      where(model->where()),
      input_names(names_of(info.inputs)),
      output_names(names_of(info.outputs)),
      input_alignment(model->engine().input_alignment()),
      is_stateful(model->stateful()),
      timer(clock),
      contexts(std::make_unique<ContextPool>(model, context_limit(*model, config), memory_state())),
      profiler(config.profiler),
      source(std::make_shared<const std::string>(where)),
      profiles_nodes_(wants_nodes(config) && model->engine().tells_nodes()),
      is_plain_(all_tensors(info.inputs) && all_tensors(info.outputs)),
      gate_threads_(gate_threads(*model)) {
  report.contexts = context_limit(*model, config);
  jobs = std::make_unique<SessionJobs>(*this, config);
}

void SessionState::open(const ModelSource& source, const SessionConfig& config,
                        const Accept& accept, Clock& clock) {
  check_config(config);
  std::shared_ptr<SessionState> built;
  const auto make_ready = [&](const std::shared_ptr<LoadedModel>& model) {
    built = std::make_shared<SessionState>(model, config, clock);
  };
  const auto hand_over = [&](SessionReport report) {
    const auto state = std::move(built);  // a refused one is gone before the next is built
    report.contexts = state->report.contexts;
    state->report = std::move(report);
    accept(state);
    const SessionReport& opened = state->report;
    log(LogLevel::kInfo, "opened " + opened.model + " on " + opened.engine + " " +
                             opened.engine_version + " (" + to_string(opened.device) + "), " +
                             std::to_string(opened.threads) + " threads, " +
                             std::to_string(opened.contexts) + " contexts at most");
  };
  build_model(source, config, {make_ready, hand_over});
}

SessionState::~SessionState() { jobs->shut_down(); }

void SessionState::check_tensors_only() const {
  if (is_plain_) return;
  throw UnsupportedOperationError(
      "the model takes or gives sequences, maps or optionals, which run() does not do (" + where +
      ")");
}

ContextPool::Lease SessionState::lease(const ContextPool::WaitLimit& limit) {
  check_tensors_only();
  return contexts->lease(limit);
}

RunReport SessionState::new_report() const {
  RunReport run_report;
  run_report.engine = report.engine;
  run_report.engine_version = report.engine_version;
  run_report.device = report.device;
  return run_report;
}

xpurt_status SessionState::call_engine(ContextPool::Lease& lease, const xpurt_run_args& args,
                                       RunFrame& frame) {
  const LoadedEngine& engine = lease->engine();
  xpurt_status status = engine.table().context_run(lease->handle(), &args, &frame.error());
  if (lease->stream() != nullptr) {
    // Also after a failure: what is in the stream may still use inputs and outputs.
    const xpurt_status synced =
        engine.device_table().stream_synchronize(lease->stream(), &frame.error());
    if (status == XPURT_OK) status = synced;
  }
  return status;
}

void SessionState::execute(ContextPool::Lease& lease, RunFrame& frame, const RunExtras* extras) {
  if (extras != nullptr) [[unlikely]]
    return execute_with(lease, frame, *extras);
  if (lease->is_to_be_timed()) return execute_with(lease, frame, {});
  const xpurt_run_args& args = frame.begin(lease->stream(), nullptr);
  lease->note_run(args.run_id);
  const xpurt_status status = call_engine(lease, args, frame);
  if (status == XPURT_OK) {
    lease->count_run();
    if (frame.was_repeated()) return;
  }
  check_outputs(lease, frame, status, nullptr);
}

void SessionState::execute_with(ContextPool::Lease& lease, RunFrame& frame,
                                const RunExtras& extras) {
  const TimePoint came = Steady::now();
  // A short run ends before one that waited for it would be awake, so it asks nobody.
  const ThreadGate::Permit permit(ThreadGate::instance(), lease->is_long() ? gate_threads_ : 0,
                                  extras.control, extras.priority);
  if (permit.was_interrupted()) throw_stopped(StopReason::kCancelled, false, where);
  if (extras.deadline && *extras.deadline <= timer.clock().now()) {
    throw_stopped(StopReason::kTimeout, false, where);
  }
  const xpurt_run_args& args = frame.begin(lease->stream(), extras.report);
  lease->note_run(args.run_id);
  const auto is_stopped = [&] {
    return extras.control != nullptr &&
           !extras.control->begin(lease->engine(), lease->handle(), args.run_id);
  };
  if (is_stopped()) {
    frame.discard();
    throw_stopped(extras.control->stopped(), false, where);
  }
  if (extras.deadline) frame.set_deadline(extras.deadline->time_since_epoch().count());
  std::optional<NodeLog> nodes;
  if (profiles_nodes_) frame.set_nodes(nodes.emplace().sink());
  const TimePoint begin = Steady::now();
  const xpurt_status status = call_engine(lease, args, frame);
  const TimePoint end = Steady::now();
  frame.set_deadline(0);
  frame.set_nodes(nullptr);
  if (extras.control != nullptr) extras.control->end();
  if (extras.report != nullptr) {
    extras.report->queue_time += begin - came;
    extras.report->run_time = end - begin;
  }
  if (status == XPURT_OK) {
    record(*lease.operator->(), begin, end, extras, nodes ? &*nodes : nullptr);
    lease->count_run();
    if (frame.was_repeated()) return;
  }
  check_outputs(lease, frame, status, extras.control);
}

void SessionState::record(Context& context, TimePoint begin, TimePoint end, const RunExtras& extras,
                          NodeLog* nodes) {
  latencies_.add(end - begin);
  context.set_last_time(end - begin, profiler != nullptr);
  if (profiler == nullptr) return;
  ProfilerEvent event{ProfilerEvent::Kind::kRun, begin, end, 0, 1, 0, source};
  event.job = extras.job;
  if (extras.report != nullptr) event.joined = extras.report->joined;
  ProfilerAccess::add(*profiler, event);
  if (nodes != nullptr) nodes->add_to(*profiler, event);
}

/// Throws what the run failed with.
void SessionState::check_outputs(ContextPool::Lease& lease, RunFrame& frame, xpurt_status status,
                                 const RunControl* control) {
  if (status == XPURT_OK) status = frame.outputs().check_complete(&frame.error());
  if (status == XPURT_OK) {
    if (is_logged(LogLevel::kDebug)) frame.outputs().log_decisions();
    return;
  }
  frame.discard();
  const uint32_t flags = frame.error().flags;
  if ((flags & (XPURT_CONTEXT_LOST | XPURT_MODEL_LOST)) != 0) lease.lose();
  if ((flags & XPURT_MODEL_LOST) != 0) contexts->lose_model();
  // An engine that is told to stop does not know that it was for the time.
  if (status == XPURT_CANCELLED && control != nullptr &&
      control->stopped() == StopReason::kTimeout) {
    throw_stopped(StopReason::kTimeout, true, where);
  }
  throw_failure(frame.error(), status, where);
}

void SessionState::close(CloseMode mode, std::optional<std::chrono::nanoseconds> timeout) {
  if (CallbackScope::is_inside(contexts.get())) {
    throw InvalidStateError(
        "close() inside a callback of the same session would wait for itself (" + where + ")");
  }
  contexts->refuse_runs();
  ContextPool::WaitLimit limit{timer.clock()};
  if (timeout) limit.deadline = after(timer.clock().now(), *timeout);
  if (jobs->close(mode, limit.deadline) && contexts->close(&limit)) return;
  throw DeadlineExceededError("the timeout passed before the session was closed: runs go on (" +
                              where + ")");
}

void SessionState::close_for_good() noexcept {
  try {
    if (CallbackScope::is_inside(contexts.get())) return jobs->abandon();
    close(CloseMode::kDrain, std::nullopt);
  } catch (const std::exception& error) {
    log(LogLevel::kError, std::string("closing a session failed: ") + error.what());
  }
}

void SessionState::interrupt(std::thread::id thread) noexcept {
  contexts->interrupt(thread);
  ThreadGate::instance().interrupt(thread);
}

LatencyStatistics SessionState::statistics() const {
  LatencyStatistics statistics = latencies_.statistics();
  statistics.count = contexts->run_count();
  return statistics;
}

size_t SessionState::input_index(std::string_view name) const {
  return index_of("input", *input_names, name, where);
}

size_t SessionState::output_index(std::string_view name) const {
  return index_of("output", *output_names, name, where);
}

}  // namespace xpuruntime
