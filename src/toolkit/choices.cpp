// SPDX-License-Identifier: Apache-2.0
#include "toolkit/choices.h"

#include <algorithm>
#include <functional>
#include <set>
#include <system_error>

#include "xpuruntime/engine_registry.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;
using Models = std::span<const fs::path>;

std::string extension_of(const fs::path& model) {
  std::string text = model.extension().string();
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text.empty() ? text : text.substr(1);
}

bool loads(const EngineStatus& engine, const fs::path& model) {
  return std::ranges::find(engine.formats, extension_of(model)) != engine.formats.end();
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

/// As others know it: by its own name, and whether it runs in a worker process.
std::string name_of(const std::string& written, const EngineStatus& engine) {
  constexpr std::string_view kInWorker = "worker:";
  return (written.starts_with(kInWorker) ? std::string(kInWorker) : "") + engine.name;
}

void add_asked(const EngineAndDevice& written, Models models, std::vector<Choice>& choices) {
  try {
    const auto engine = EngineRegistry::instance().create_engine(written.engine);
    for (const auto& model : models_for(engine->status(), models)) {
      choices.push_back(
          {written.engine, name_of(written.engine, engine->status()), written.device, model});
    }
  } catch (const UnavailableError&) {
    const auto failure = std::current_exception();
    choices.push_back({written.engine, written.engine, written.device, "", failure});
  }
}

void add_all(Models models, std::vector<Choice>& choices) {
  std::string known;
  for (const auto& engine : EngineRegistry::instance().engine_status()) {
    if (!engine.available) {
      const auto failure = std::make_exception_ptr(UnavailableError(engine.reason));
      choices.push_back({engine.name, engine.name, "auto", "", failure});
      continue;
    }
    for (const auto& format : engine.formats) known += " ." + format + " (" + engine.name + ")";
    for (const Device device : engine.devices) {
      for (const auto& model : models) {
        if (!loads(engine, model)) continue;
        choices.push_back({engine.name, engine.name, to_string(device), model});
      }
    }
  }
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
  if (all) add_all(models, choices);
  for (const auto& text : all ? std::vector<std::string>() : options.engines) {
    if (text == "all") {
      throw InvalidArgumentError("engines: 'all' stands alone, or the engines are named");
    }
    add_asked(parse_engine(text, "engines"), models, choices);
  }
  refuse_twice(choices);
  if (options.reference.empty()) {
    lead_with(choices, [](const Choice& choice) { return choice.name == "reference"; });
    return choices;
  }
  const EngineAndDevice written = parse_engine(options.reference, "reference");
  std::vector<Choice> wanted;
  add_asked(written, models, wanted);
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
