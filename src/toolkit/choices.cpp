// SPDX-License-Identifier: Apache-2.0
#include "toolkit/choices.h"

#include <algorithm>
#include <functional>
#include <set>
#include <system_error>

#include "toolkit/file_extension.h"
#include "toolkit/weights_file.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;
using Models = std::span<const fs::path>;

bool loads(const EngineStatus& engine, const fs::path& model) {
  const std::string extension = extension_of(model);
  return std::ranges::any_of(engine.formats,
                             [&](const std::string& format) { return extension == "." + format; });
}

void check_models(Models models) {
  if (models.empty()) throw InvalidArgumentError("compare: expected at least one model file");
  std::set<fs::path> seen;
  for (const auto& model : models) {
    std::error_code error;
    if (!fs::exists(model, error)) {
      throw ModelNotFoundError("there is no model file " + model.string());
    }
    if (!seen.insert(fs::weakly_canonical(model, error)).second) {
      throw InvalidArgumentError("model " + model.string() + " is given twice");
    }
  }
}

/// The models that an engine that was asked for gets: those it loads; where there are none, all,
/// and its own words about them.
std::vector<fs::path> models_for(const EngineStatus& engine, Models models) {
  std::vector<fs::path> taken;
  std::ranges::copy_if(models, std::back_inserter(taken),
                       [&](const fs::path& model) { return loads(engine, model); });
  return taken.empty() ? std::vector<fs::path>(models.begin(), models.end()) : taken;
}

constexpr const char* kPython = "python";
constexpr std::string_view kPythonAlone = "worker:python";  ///< the same, in other words
constexpr std::string_view kPythonIn = "worker:python:";    ///< and the interpreter

/// What a session takes for engine `python` in the interpreter of the options.
std::string python_engine(const CompareOptions& options) {
  return options.python_executable.empty() ? kPython
                                           : std::string(kPythonIn) + options.python_executable;
}

/// As others know it: by its own name, and whether it runs in a worker process.
std::string name_of(const std::string& written, const EngineStatus& engine) {
  constexpr std::string_view kInWorker = "worker:";
  if (engine.name == kPython) return kPython;  // which runs nowhere else
  return (written.starts_with(kInWorker) ? std::string(kInWorker) : "") + engine.name;
}

/// Weights are for Python's models alone where a factory is given; else engines may know the file.
bool is_for_python_alone(const fs::path& model, const CompareOptions& options) {
  return !options.model_factory.empty() && holds_weights(model);
}

void add_asked(EngineAndDevice written, Models models, const CompareOptions& options,
               std::vector<Choice>& choices) {
  if (written.engine == kPython || written.engine == kPythonAlone) {
    written.engine = python_engine(options);
  }
  try {
    const auto engine = EngineRegistry::instance().create_engine(written.engine);
    const bool has_weights = std::ranges::any_of(
        models, [&](const fs::path& model) { return is_for_python_alone(model, options); });
    for (const auto& model : models_for(engine->status(), models)) {
      // The other files are what the weights are to be compared with.
      const bool is_python = engine->status().name == kPython;
      if (has_weights && is_python != is_for_python_alone(model, options)) continue;
      choices.push_back(
          {written.engine, name_of(written.engine, engine->status()), written.device, model});
    }
  } catch (const XpuRuntimeError& error) {
    // What is told of an engine that is not there, or whose worker does not start.
    if (error.code() == ErrorCode::UnsupportedOperationError ||
        error.code() == ErrorCode::InvalidArgumentError) {
      throw;
    }
    const std::string name = written.engine.starts_with(kPythonIn) ? kPython : written.engine;
    choices.push_back({written.engine, name, written.device, "", std::current_exception()});
  }
}

/// What only Python can load: weights for the factory, and state dicts, which no engine takes.
void add_python(Models models, const CompareOptions& options, std::vector<Choice>& choices) {
  std::vector<fs::path> left;
  for (const auto& model : models) {
    const bool taken =
        std::ranges::any_of(choices, [&](const Choice& choice) { return choice.model == model; });
    if (!taken && holds_weights(model)) left.push_back(model);
  }
  if (!left.empty()) add_asked({kPython, "auto"}, left, options, choices);
}

void add_all(Models models, const CompareOptions& options, std::vector<Choice>& choices) {
  std::string known;
  for (const auto& engine : EngineRegistry::instance().native_engine_status()) {
    if (!engine.available) {
      const auto failure = std::make_exception_ptr(UnavailableError(engine.reason));
      choices.push_back({engine.name, engine.name, "auto", "", failure});
      continue;
    }
    for (const auto& format : engine.formats) known += " ." + format + " (" + engine.name + ")";
    for (const Device device : engine.devices) {
      for (const auto& model : models) {
        if (!loads(engine, model) || is_for_python_alone(model, options)) continue;
        choices.push_back({engine.name, engine.name, to_string(device), model});
      }
    }
  }
  add_python(models, options, choices);
  if (std::ranges::all_of(choices,
                          [](const Choice& choice) { return choice.failure != nullptr; })) {
    throw UnsupportedOperationError("model " + models[0].string() +
                                    ": no engine that can be used loads such files; they load" +
                                    (known.empty() ? " none" : known));
  }
}

bool same(const Choice& a, const Choice& b) {
  return a.name == b.name && a.device == b.device && a.model == b.model;
}

void refuse_twice(const std::vector<Choice>& choices) {
  for (size_t i = 0; i < choices.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (same(choices[i], choices[j])) {
        throw InvalidArgumentError("engines: " + choices[i].name + "@" + choices[i].device +
                                   " is given twice");
      }
    }
  }
}

/// A factory that nothing is made of was given by mistake.
void check_factory(Models models, const CompareOptions& options,
                   const std::vector<Choice>& choices) {
  if (options.model_factory.empty()) return;
  const std::string begin = "model_factory '" + options.model_factory +
                            "' is for files of weights (.pth, .pt, .ckpt, .npz) on engine python: ";
  if (std::ranges::none_of(models, holds_weights)) {
    throw InvalidArgumentError(begin + "none of the models is one");
  }
  if (std::ranges::find(choices, kPython, &Choice::name) == choices.end()) {
    throw InvalidArgumentError(begin + "add python to the engines");
  }
}

/// Brings those that `is_first` says to the front; both parts stay in order.
template <typename Predicate>
void lead_with(std::vector<Choice>& choices, Predicate&& is_first) {
  std::vector<Choice> ordered;
  std::ranges::copy_if(choices, std::back_inserter(ordered), is_first);
  std::ranges::copy_if(choices, std::back_inserter(ordered), std::not_fn(is_first));
  choices = std::move(ordered);
}

}  // namespace

EngineAndDevice parse_engine(const std::string& text, const char* what) {
  size_t at = text.rfind('@');
  if (at != text.npos && text.find('/', at) != text.npos) at = text.npos;
  const EngineAndDevice written{text.substr(0, at), at == text.npos ? "auto" : text.substr(at + 1)};
  if (written.engine.empty() || written.device.empty()) {
    throw InvalidArgumentError(std::string(what) + ": expected ENGINE or ENGINE@DEVICE, got '" +
                               text + "'");
  }
  const bool alias = written.device == "auto" || written.device == "gpu" || written.device == "npu";
  return {written.engine, alias ? written.device : to_string(Device::parse(written.device))};
}

std::vector<Choice> list_choices(Models models, const CompareOptions& options) {
  check_models(models);
  std::vector<Choice> choices;
  const bool all = options.engines.empty() || options.engines == std::vector<std::string>{"all"};
  if (all) add_all(models, options, choices);
  for (const auto& text : all ? std::vector<std::string>() : options.engines) {
    if (text == "all") {
      throw InvalidArgumentError("engines: 'all' stands alone, or the engines are named");
    }
    add_asked(parse_engine(text, "engines"), models, options, choices);
  }
  refuse_twice(choices);
  check_factory(models, options, choices);
  if (options.reference.empty()) {
    lead_with(choices, [](const Choice& choice) { return choice.name == "reference"; });
    return choices;
  }
  const EngineAndDevice written = parse_engine(options.reference, "reference");
  std::vector<Choice> wanted;
  add_asked(written, models, options, wanted);
  for (Choice& choice : choices) {
    choice.is_reference = choice.name == wanted[0].name &&
                          (written.device == "auto" || choice.device == written.device);
  }
  if (std::ranges::none_of(choices, &Choice::is_reference)) {
    for (Choice& choice : wanted) choice.is_reference = true;
    choices.insert(choices.begin(), wanted.begin(), wanted.end());
  }
  lead_with(choices, [](const Choice& choice) { return choice.is_reference; });
  return choices;
}

}  // namespace xpuruntime::toolkit
