// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/tune.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include "toolkit/bound_run.h"
#include "toolkit/choices.h"
#include "toolkit/given_inputs.h"
#include "toolkit/round_robin.h"
#include "toolkit/tune_space.h"
#include "toolkit/units.h"
#include "xpuruntime/decision.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"
#include "xpuruntime/toolkit/gate.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kWarmUpRuns = 5;
constexpr double kShortDuel = 0.1;     ///< seconds of each; tells those that are far apart
constexpr double kLongestDuel = 1;     ///< seconds of each
constexpr double kFarApart = 1.25;     ///< slower than that by a short duel, and it is over
constexpr double kWorthVarying = 1.5;  ///< slower than that, and no option will make it the best
constexpr double kToldApart = 0.99;    ///< of a p50: faster than that is no chance
constexpr double kSteadyVariation = 0.05;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A trial that passed the gate, ready to be timed.
struct Contender {
  size_t trial;  ///< in the report
  InferenceSession session;
  std::unique_ptr<IOBinding> binding;
  double fastest = 0;  ///< seconds of a run, about

  void run() { session.run(*binding); }
};

double p50_of(const TimedRun& run) {
  if (run.error) std::rethrow_exception(run.error);
  return summarize(run.latencies).p50;
}

void check_options(const TuneOptions& options) {
  check_tolerance(options.tolerance);
  if (!(options.seconds > 0) || !(options.final_seconds > 0)) {
    throw InvalidArgumentError("tune: expected seconds above 0");
  }
  if (options.batch < 1) {
    throw InvalidArgumentError("batch: expected 1 or more, got " + std::to_string(options.batch));
  }
}

class Tuning {
 public:
  Tuning(const fs::path& model, const TuneOptions& options) : model_(model), options_(options) {}

  TuneReport run() {
    check_options(options_);
    report_.model = model_.string();
    report_.tolerance = options_.tolerance;
    report_.machine = machine_facts();
    choices_ = list_choices(std::span(&model_, 1), {.engines = options_.engines});
    const bool all =
        options_.engines.empty() || options_.engines == std::vector<std::string>{"all"};
    // It is there to be right, not to be fast.
    if (all) std::erase_if(choices_, [](const Choice& each) { return each.name == "reference"; });
    run_reference();
    search();
    if (!report_.interrupted) measure_again();
    if (!report_.interrupted) store();
    report_.seconds = seconds_since(begin_);
    return std::move(report_);
  }

 private:
  bool stop() {
    report_.interrupted = report_.interrupted || (options_.should_stop && options_.should_stop());
    return report_.interrupted;
  }
  void tell(const char* phase, const std::string& trial, double fraction) const {
    if (options_.progress) options_.progress({phase, trial, std::clamp(fraction, 0.0, 1.0)});
  }
  /// Of the search; the reference before it is not counted.
  double spent() const { return seconds_since(search_begin_); }

  SessionConfig with_progress(SessionConfig config) {
    config.cache_dir = "";
    config.contexts = 1;
    config.progress = [this](const char*, uint64_t, uint64_t) { return !stop(); };
    return config;
  }

  /// The first of the choices that can run the model says what is right.
  void run_reference() {
    std::exception_ptr failure;
    std::vector<std::string> wanted;
    if (!options_.reference.empty()) wanted.push_back(options_.reference);
    for (const Choice& choice : list_choices(std::span(&model_, 1), {.engines = wanted})) {
      if (stop()) return;
      tell("reference", choice.name, 0);
      try {
        if (choice.failure) std::rethrow_exception(choice.failure);
        const InferenceSession session(
            model_, with_progress({.engine = choice.engine, .device = choice.device}));
        if (inputs_.empty()) make_inputs_for(session);
        gate_ = gate(inputs_, session.run(inputs_), options_.tolerance);
        report_.reference = session.engine_name() + "@" + to_string(session.device());
        return;
      } catch (const XpuRuntimeError&) {
        if (stop()) return;
        if (!failure) failure = std::current_exception();
      }
    }
    std::rethrow_exception(failure);
  }

  void make_inputs_for(const InferenceSession& session) {
    GivenInputs given = make_inputs(
        {options_.inputs, options_.input_path, options_.shapes, options_.batch, options_.seed},
        session.input_info(), model_.string());
    inputs_ = std::move(given.tensors);
    report_.input_source = std::move(given.source);
    for (const auto& [name, tensor] : inputs_) {
      report_.inputs.push_back({.name = name, .dtype = tensor.dtype(), .shape = tensor.shape()});
    }
    for (const TensorInfo& info : session.input_info()) {
      is_dynamic_ = is_dynamic_ || !info.has_rank || !info.shape.is_static();
    }
  }

  void search() {
    search_begin_ = Clock::now();
    challenge("default", {});
    search_with({});
    any_shapes_ = best_trial();
    if (!is_dynamic_ || !options_.specialize) return;
    std::map<std::string, Shape> shapes;
    for (const auto& [name, tensor] : inputs_) shapes.emplace(name, tensor.shape());
    leader_.reset();  // the best of these is wanted too when it is not the best of all
    search_with(shapes);
    fixed_shapes_ = best_trial();
  }
  std::optional<size_t> best_trial() const {
    return leader_ ? std::optional(leader_->trial) : std::nullopt;
  }

  void search_with(const std::map<std::string, Shape>& shapes) {
    std::vector<SessionConfig> bases;
    for (const Choice& choice : choices_) {
      SessionConfig base;
      base.engine = choice.engine;
      base.device = choice.device;
      base.shapes = shapes;
      if (choice.failure) {
        fail(name_of(base), base, choice.failure);
      } else {
        bases.push_back(std::move(base));
      }
    }
    std::vector<std::pair<SessionConfig, int32_t>> worth_varying;
    for (const SessionConfig& base : bases) {
      const auto trial = challenge(name_of(base), base);
      if (!trial) continue;
      if (report_.trials[*trial].against_leader.value_or(1) > kWorthVarying) continue;
      worth_varying.emplace_back(report_.trials[*trial].config, threads_);
    }
    for (const auto& [base, threads] : worth_varying) {
      const auto& engine = EngineRegistry::instance().create_engine(base.engine)->status();
      for (const auto& config : variations(base, engine, threads, options_.precisions)) {
        challenge(name_of(config), config);
      }
    }
  }

  /// Its trial, if it passed the gate.
  std::optional<size_t> challenge(const std::string& name, const SessionConfig& config) {
    if (stop()) return std::nullopt;
    const size_t index = report_.trials.size();
    report_.trials.push_back({.name = name, .config = config});
    Trial& trial = report_.trials.back();
    if (leader_ && spent() > options_.seconds) {
      trial.reason = "no time was left";
      return std::nullopt;
    }
    tell("search", name, spent() / options_.seconds);
    try {
      Contender contender = prepare(index);
      if (duel(contender)) leader_ = std::make_unique<Contender>(std::move(contender));
      return index;
    } catch (const XpuRuntimeError& error) {
      if (stop()) {
        report_.trials.pop_back();
      } else {
        note(trial, error);
      }
      return std::nullopt;
    }
  }

  static void note(Trial& trial, const XpuRuntimeError& error) {
    const bool refused = error.code() == ErrorCode::AgreementError;
    trial.outcome = refused ? TrialOutcome::kRefused : TrialOutcome::kFailed;
    trial.error = error.name();
    trial.reason = error.what();
  }
  void fail(const std::string& name, const SessionConfig& config,
            const std::exception_ptr& failure) {
    report_.trials.push_back({.name = name, .config = config});
    try {
      std::rethrow_exception(failure);
    } catch (const XpuRuntimeError& error) {
      note(report_.trials.back(), error);
    }
  }

  Contender prepare(size_t index) {
    Trial& trial = report_.trials[index];
    SessionConfig config = with_progress(trial.config);
    config.validators = {*gate_};
    InferenceSession session(model_, config);
    const SessionReport& built = session.report();
    trial.engine_version = built.engine_version;
    trial.load_seconds = std::chrono::duration<double>(built.load_time).count();
    trial.config.engine = built.engine;
    trial.config.device = to_string(built.device);
    if (index == 0) trial.name = "default: " + built.engine + "@" + trial.config.device;
    threads_ = built.threads;
    auto binding = std::make_unique<IOBinding>(bind_run(session, inputs_, session.run(inputs_)));
    Contender contender{index, std::move(session), std::move(binding)};
    for (int i = 0; i < kWarmUpRuns; ++i) {
      const auto begin = Clock::now();
      contender.run();
      const double seconds = seconds_since(begin);
      contender.fastest = i == 0 ? seconds : std::min(contender.fastest, seconds);
    }
    return contender;
  }

  /// Times it in turns with the leader; whether it leads from now on.
  bool duel(Contender& contender) {
    Trial& trial = report_.trials[contender.trial];
    double seconds = std::min(kShortDuel, options_.seconds / 20);
    while (true) {
      std::vector<TimedRun> runs;
      runs.push_back({.run = [&] { contender.run(); }, .expected_seconds = contender.fastest});
      if (leader_) {
        runs.push_back({.run = [&] { leader_->run(); }, .expected_seconds = leader_->fastest});
      }
      const double slowest = std::max(contender.fastest, leader_ ? leader_->fastest : 0);
      if (time(runs, std::max(seconds, 3 * slowest))) throw CancelledError("tune: interrupted");
      trial.p50 = p50_of(runs[0]);
      if (!leader_) break;
      trial.against_leader = *trial.p50 / p50_of(runs[1]);
      const double longer = std::min(kLongestDuel, options_.seconds / 10);
      if (seconds >= longer || *trial.against_leader > kFarApart) break;
      seconds = longer;
    }
    const bool leads = trial.against_leader.value_or(0) < 1;
    trial.outcome = leads ? TrialOutcome::kLeads : TrialOutcome::kSlower;
    return leads;
  }

  bool time(std::vector<TimedRun>& runs, double seconds) {
    return time_round_robin(
        runs,
        {.seconds = seconds, .seed = options_.seed, .should_stop = [this] { return stop(); }});
  }

  /// The default and the best, beside one another.
  void measure_again() {
    leader_.reset();
    std::vector<size_t> wanted;
    const auto want = [&](std::optional<size_t> trial) {
      if (trial && std::ranges::find(wanted, *trial) == wanted.end()) wanted.push_back(*trial);
    };
    const bool has_default = report_.trials.front().p50.has_value();
    if (has_default) want(0);
    want(any_shapes_);
    want(fixed_shapes_);
    std::vector<Contender> contenders;
    std::vector<TimedRun> runs;
    for (const size_t trial : wanted) {
      tell("final", report_.trials[trial].name, 0);
      try {
        contenders.push_back(prepare(trial));
      } catch (const CancelledError&) {
        if (stop()) return;
        throw;
      }
    }
    for (Contender& each : contenders) {
      runs.push_back({.run = [&each] { each.run(); }, .expected_seconds = each.fastest});
    }
    tell("final", "", 0.5);
    if (runs.empty() || time(runs, options_.final_seconds)) return;
    for (size_t i = 0; i < runs.size(); ++i) add_finalist(wanted[i], runs[i]);
    choose();
  }

  void add_finalist(size_t trial, const TimedRun& run) {
    if (run.error) std::rethrow_exception(run.error);
    const Trial& of = report_.trials[trial];
    Finalist finalist{.name = of.name, .config = of.config, .latency = summarize(run.latencies)};
    if (report_.trials.front().p50 && !report_.finalists.empty()) {
      finalist.gain = report_.finalists.front().latency.p50 / finalist.latency.p50;
    }
    if (finalist.latency.coefficient_of_variation > kSteadyVariation) {
      report_.warnings.push_back(of.name + ": latencies vary by " +
                                 format_percent(finalist.latency.coefficient_of_variation) +
                                 "; the machine may be busy");
    }
    report_.finalists.push_back(std::move(finalist));
  }

  void choose() {
    const Finalist* best = best_for(true);
    report_.winner = best->name;
    report_.best = best->config;
  }

  /// The fastest of the finalists that a session may be which promises shapes, or none. Those that
  /// come first ask for less, and are not left for what no measurement can tell.
  const Finalist* best_for(bool with_shapes) const {
    const Finalist* best = nullptr;
    for (const Finalist& each : report_.finalists) {
      if (!with_shapes && !each.config.shapes.empty()) continue;
      if (best == nullptr || each.latency.p50 < kToldApart * best->latency.p50) best = &each;
    }
    return best;
  }

  void store() {
    if (options_.cache_dir.empty()) return;
    SessionConfig asked;
    asked.cache_dir = options_.cache_dir;
    store(asked, best_for(false));
    if (!fixed_shapes_) return;
    asked.shapes = report_.trials[*fixed_shapes_].config.shapes;
    store(asked, best_for(true));
  }

  void store(const SessionConfig& asked, const Finalist* best) {
    if (best == nullptr) return;
    const auto& engine = EngineRegistry::instance().create_engine(best->config.engine)->status();
    try {
      const Decision decision{best->config, engine.version, to_json(report_)};
      report_.decisions.push_back(store_decision(model_, asked, decision));
    } catch (const UnavailableError& error) {
      report_.warnings.push_back(std::string("the decision is not stored: ") + error.what());
    }
  }

  const Clock::time_point begin_ = Clock::now();
  Clock::time_point search_begin_{};
  const fs::path model_;
  const TuneOptions& options_;
  std::vector<Choice> choices_;
  NamedTensors inputs_;
  bool is_dynamic_ = false;
  int32_t threads_ = 1;  ///< of the last session that was opened
  std::optional<SessionValidator> gate_;
  std::unique_ptr<Contender> leader_;
  std::optional<size_t> any_shapes_;    ///< the best trial that takes any shapes
  std::optional<size_t> fixed_shapes_;  ///< the best trial that is built for these
  TuneReport report_;
};

}  // namespace

const char* to_string(TrialOutcome outcome) noexcept {
  static constexpr std::array kNames{"leads", "slower", "refused", "failed", "not tried"};
  return kNames[static_cast<size_t>(outcome)];
}

TuneReport tune(const fs::path& model, const TuneOptions& options) {
  return Tuning(model, options).run();
}

}  // namespace xpuruntime::toolkit
