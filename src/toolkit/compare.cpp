// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/compare.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "toolkit/bisect.h"
#include "toolkit/bound_run.h"
#include "toolkit/choices.h"
#include "toolkit/compare_outputs.h"
#include "toolkit/given_inputs.h"
#include "toolkit/match.h"
#include "toolkit/memory_watch.h"
#include "toolkit/round_robin.h"
#include "toolkit/units.h"
#include "toolkit/weights_file.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr double kSteadyVariation = 0.05;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A candidate that is loaded and has run.
struct Running {
  size_t row;  ///< in the report
  const Choice* choice;
  InferenceSession session;
  NamedTensors inputs{};
  NamedTensors outputs{};  ///< of the first run
  std::shared_ptr<IOBinding> binding{};
  double fastest = 0;  ///< seconds, of the runs so far
};

void check_options(const CompareOptions& options) {
  check_tolerance(options.tolerance);
  if (options.iterations == 0 && !(options.seconds > 0)) {
    throw InvalidArgumentError("compare: expected iterations or seconds above 0");
  }
  if (options.batch < 1) {
    throw InvalidArgumentError("batch: expected 1 or more, got " + std::to_string(options.batch));
  }
}

/// The file's name, or its path where another file has the same name; "" where there is one alone.
std::string short_name(const fs::path& model, std::span<const fs::path> models) {
  if (models.size() == 1 || model.empty()) return "";
  const auto same = [&](const fs::path& other) { return other.filename() == model.filename(); };
  return " " + (std::ranges::count_if(models, same) > 1 ? model : model.filename()).string();
}

class Comparison {
 public:
  Comparison(std::span<const fs::path> models, const CompareOptions& options)
      : models_(models), options_(options) {}

  CompareReport run() {
    check_options(options_);
    choices_ = list_choices(models_, options_);
    begin_report();
    prepare_all();
    if (running_.empty() && !report_.interrupted) fail();
    compare_all();
    if (!report_.interrupted) time_all();
    choose_winner();
    if (options_.bisect && !report_.interrupted) bisect_all();
    finish_report();
    return std::move(report_);
  }

 private:
  void begin_report() {
    for (const auto& model : models_) report_.models.push_back(model.string());
    report_.tolerance = options_.tolerance;
    report_.machine = machine_facts();
    report_.warm_up = options_.warm_up;
    report_.iterations = options_.iterations;
    report_.seconds = options_.iterations > 0 ? 0 : options_.seconds;
    for (const Choice& choice : choices_) {
      Candidate row;
      row.engine = choice.name;
      row.device = choice.device;
      row.model = choice.model.string();
      name(row, choice);
      report_.candidates.push_back(std::move(row));
    }
  }

  void name(Candidate& row, const Choice& choice) const {
    row.name = row.engine + (row.device == "auto" ? "" : "@" + row.device) +
               short_name(choice.model, models_);
  }

  bool stop() {
    report_.interrupted = report_.interrupted || (options_.should_stop && options_.should_stop());
    return report_.interrupted;
  }
  void tell(const char* phase, const std::string& candidate, double fraction) const {
    if (options_.progress) options_.progress({phase, candidate, fraction});
  }

  void prepare_all() {
    for (size_t i = 0; i < choices_.size() && !stop(); ++i) {
      prepare(i);
      const bool last_asked =
          choices_[i].is_reference && (i + 1 == choices_.size() || !choices_[i + 1].is_reference);
      // Nothing can stand in for what was asked for.
      if (last_asked && running_.empty() && !report_.interrupted) {
        std::rethrow_exception(failures_.front());
      }
    }
  }

  /// Loads and runs one candidate; what fails is told in its row, but for what the caller can mend.
  void prepare(size_t i) {
    const Choice& choice = choices_[i];
    Candidate& row = report_.candidates[i];
    MemoryWatch memory;
    std::optional<Running> made;
    attempt(row, [&] {
      if (choice.failure) std::rethrow_exception(choice.failure);
      made.emplace(load(i));
    });
    if (!made) return;
    describe(*made);
    memory.look();
    if (!find_inputs(*made)) return;
    attempt(row, [&] {
      run_first(*made);
      memory.look();
      warm_up(*made);
      memory.look();
      row.memory_bytes = memory.growth();
      row.ran = true;
      running_.push_back(std::move(*made));
    });
  }

  template <typename Body>
  void attempt(Candidate& row, Body&& body) {
    try {
      body();
    } catch (const XpuRuntimeError& error) {
      if (error.code() == ErrorCode::CancelledError && stop()) return;
      failures_.push_back(std::current_exception());
      row.ran = false;
      row.error = error.name();
      row.reason = error.what();
    }
  }

  Running load(size_t i) {
    const Choice& choice = choices_[i];
    const std::string& candidate = report_.candidates[i].name;
    tell("load", candidate, 0);
    SessionConfig config;
    config.engine = choice.engine;
    config.device = choice.device;
    config.cache_dir = options_.cache_dir;
    config.threads = options_.threads;
    config.contexts = 1;
    if (choice.name == "python") {
      config.engine_options = options_.python_options;
      if (holds_weights(choice.model)) config.model_factory = options_.model_factory;
    }
    config.progress = [&](const char*, uint64_t done, uint64_t total) {
      tell("load", candidate,
           total == 0 ? 0 : static_cast<double>(done) / static_cast<double>(total));
      return !stop();
    };
    return {i, &choice, InferenceSession(choice.model, config)};
  }

  void describe(const Running& running) {
    Candidate& row = report_.candidates[running.row];
    const SessionReport& session = running.session.report();
    row.engine = running.choice->name;
    row.engine_version = session.engine_version;
    row.device = to_string(session.device);
    row.threads = session.threads;
    row.load_seconds = std::chrono::duration<double>(session.load_time).count();
    row.cache = session.cache.outcome;
    row.placement = session.placement;
    name(row, *running.choice);
    const auto same = [&](const Candidate& other) {
      return &other != &row && other.engine_version == row.engine_version && other.name == row.name;
    };
    if (std::ranges::any_of(report_.candidates, same)) {
      throw InvalidArgumentError("engines: " + row.name + " is asked for twice");
    }
  }

  /// Inputs are made for the first model that is loaded, and the others take the same.
  bool find_inputs(Running& running) {
    const auto& infos = running.session.input_info();
    const std::string model = running.choice->model.string();
    if (inputs_.empty() && report_.input_source.empty()) {
      GivenInputs given = make_inputs({options_.inputs, options_.input_path, options_.shapes,
                                       options_.batch, options_.seed, options_.preprocessing},
                                      infos, model);
      inputs_ = std::move(given.tensors);
      report_.input_source = std::move(given.source);
      inputs_of_ = running.choice->model;
      for (const auto& [name, tensor] : inputs_) {
        report_.inputs.push_back({.name = name, .dtype = tensor.dtype(), .shape = tensor.shape()});
      }
    }
    Candidate& row = report_.candidates[running.row];
    try {
      const std::string whose = "model " + model + " on " + row.name +
                                ", with the inputs of model " + inputs_of_.string();
      running.inputs = match_inputs(infos, inputs_, whose);
    } catch (const InvalidArgumentError&) {
      if (running.choice->model != inputs_of_) throw;  // no two files of one model
      attempt(row, [] { throw; });
      return false;
    }
    return true;
  }

  void run_first(Running& running) {
    Candidate& row = report_.candidates[running.row];
    tell("first run", row.name, 0);
    const auto begin = Clock::now();
    running.outputs = running.session.run(running.inputs);
    row.first_run_seconds = seconds_since(begin);
    running.fastest = row.first_run_seconds;
    running.binding =
        std::make_shared<IOBinding>(bind_run(running.session, running.inputs, running.outputs));
  }

  void warm_up(Running& running) {
    const Candidate& row = report_.candidates[running.row];
    const auto begin = Clock::now();
    for (uint64_t i = 0; i < options_.warm_up && !stop(); ++i) {
      tell("warm up", row.name, static_cast<double>(i) / static_cast<double>(options_.warm_up));
      const auto start = Clock::now();
      running.session.run(*running.binding);
      running.fastest = std::min(running.fastest, seconds_since(start));
      if (options_.iterations == 0 && seconds_since(begin) >= options_.seconds) break;
    }
  }

  /// None of the candidates can be run.
  [[noreturn]] void fail() const {
    if (failures_.size() == 1) std::rethrow_exception(failures_.front());
    std::string text = "none of the candidates can be run:";
    for (const Candidate& row : report_.candidates) {
      text += "\n  " + row.name + ": " + row.error + ": " + row.reason;
    }
    ErrorCode code = code_of(failures_.front());
    for (const auto& failure : failures_) {
      if (code_of(failure) != code) code = ErrorCode::UnavailableError;
    }
    throw_error(code, text);
  }
  static ErrorCode code_of(const std::exception_ptr& failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const XpuRuntimeError& error) {
      return error.code();
    }
  }

  Candidate& row_of(const Running& running) { return report_.candidates[running.row]; }

  void compare_all() {
    if (running_.empty()) return;
    const Running& reference = running_.front();
    report_.reference = row_of(reference).name;
    row_of(reference).agrees = true;
    for (const Running& running : std::span(running_).subspan(1)) {
      Candidate& row = row_of(running);
      row.outputs = compare_outputs(reference.outputs, running.outputs, options_.tolerance);
      row.agrees = all_agree(row.outputs);
      if (running.outputs.size() > reference.outputs.size()) {
        report_.warnings.push_back(row.name + " gives more outputs than " + report_.reference +
                                   "; those were compared with nothing");
      }
    }
  }

  void time_all() {
    std::vector<TimedRun> runs;
    for (Running& running : running_) {
      const auto run = [&running] { running.session.run(*running.binding); };
      runs.push_back({.run = run, .expected_seconds = running.fastest});
    }
    report_.interrupted = time_round_robin(
        runs, {.iterations = options_.iterations,
               .seconds = options_.seconds,
               .seed = options_.seed,
               .should_stop = options_.should_stop,
               .progress = [&](double fraction) { tell("measure", "", fraction); }});
    for (size_t i = 0; i < runs.size(); ++i) {
      Candidate& row = row_of(running_[i]);
      if (runs[i].error) attempt(row, [&] { std::rethrow_exception(runs[i].error); });
      row.latencies = std::move(runs[i].latencies);
      if (row.latencies.empty()) continue;
      row.latency = summarize(row.latencies);
      row.runs_per_second = row.latency->mean > 0 ? 1 / row.latency->mean : 0;
      if (row.latency->coefficient_of_variation <= kSteadyVariation) continue;
      report_.warnings.push_back(row.name + ": latencies vary by " +
                                 format_percent(row.latency->coefficient_of_variation) +
                                 "; the machine may be busy");
    }
  }

  void choose_winner() {
    const Candidate* winner = nullptr;
    for (const Candidate& row : report_.candidates) {
      if (!row.ran || !row.agrees || !row.latency) continue;
      if (winner == nullptr || row.latency->p50 < winner->latency->p50) winner = &row;
    }
    if (winner == nullptr) return;
    report_.winner = winner->name;
    for (Candidate& row : report_.candidates) {
      if (!row.latency) continue;
      row.slower_by_seconds = row.latency->p50 - winner->latency->p50;
      row.slower_by_share = *row.slower_by_seconds / winner->latency->p50;
    }
  }

  BisectSide side_of(const Running& running) {
    return {row_of(running).name,  running.choice->engine, row_of(running).device,
            running.choice->model, options_.threads,       running.inputs};
  }

  void bisect_all() {
    if (running_.empty()) return;
    std::vector<BisectSide> sides;
    std::vector<const Candidate*> rows;
    for (const Running& running : running_) {
      sides.push_back(side_of(running));
      rows.push_back(&row_of(running));
    }
    running_.clear();  // gives their memory back before models are loaded again
    for (size_t i = 1; i < sides.size() && !stop(); ++i) {
      if (rows[i]->agrees) continue;
      report_.bisections.push_back(bisect(
          sides[0], sides[i], rows[i]->outputs,
          {.tolerance = options_.tolerance,
           .should_stop = [&] { return stop(); },
           .progress = [&](double fraction) { tell("bisect", sides[i].candidate, fraction); }}));
    }
  }

  void finish_report() {
    for (Candidate& row : report_.candidates) {
      if (row.ran || !row.error.empty()) continue;
      const CancelledError interrupted("interrupted before it ran");
      row.error = interrupted.name();
      row.reason = interrupted.what();
    }
    const auto reference =
        std::ranges::find(report_.candidates, report_.reference, &Candidate::name);
    if (reference != report_.candidates.end()) {
      std::rotate(report_.candidates.begin(), reference, reference + 1);
    }
  }

  const std::span<const fs::path> models_;
  const CompareOptions& options_;
  std::vector<Choice> choices_;
  NamedTensors inputs_;
  fs::path inputs_of_;            ///< the model whose names they have
  std::vector<Running> running_;  ///< the reference first
  std::vector<std::exception_ptr> failures_;
  CompareReport report_;
};

}  // namespace

uint64_t CompareReport::compared() const {
  const auto is_compared = [&](const Candidate& row) { return row.ran && row.name != reference; };
  return static_cast<uint64_t>(std::ranges::count_if(candidates, is_compared));
}

bool CompareReport::agrees() const {
  const auto differs = [](const Candidate& row) { return row.ran && !row.agrees; };
  return compared() > 0 && std::ranges::none_of(candidates, differs);
}

CompareReport compare(std::span<const fs::path> models, const CompareOptions& options) {
  return Comparison(models, options).run();
}

}  // namespace xpuruntime::toolkit
