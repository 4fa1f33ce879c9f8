// SPDX-License-Identifier: Apache-2.0
#include "stored_decision.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cache_file.h"
#include "model_content.h"
#include "model_files.h"
#include "sha256.h"
#include "thread_budget.h"
#include "unfinished_file.h"
#include "xpuruntime/cache.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;  // whose objects are in the order of their keys

constexpr int kSchemaVersion = 1;

/// The first line of /proc/cpuinfo that begins with the word.
std::string cpu_line(const std::string& word) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(word)) return line.substr(std::min(line.find(':'), line.size()));
  }
  return "";
}

/// All that the answer may depend on, but for the version of the engine that is the answer.
Json question_of(const ModelSource& source, const SessionConfig& asked) {
  FileStamps read;
  Json question = content_parts(source, format_of(source.path), read);
  Json shapes = Json::object();
  for (const auto& [input, shape] : asked.shapes) shapes[input] = shape.dims();
  const std::string cpu = cpu_line("model name") + cpu_line("flags");
  question["device"] = asked.device;
  question["precision"] = asked.precision;
  question["shapes"] = std::move(shapes);
  question["threads"] = asked.threads;
  question["cpu_sha256"] = sha256_of(std::as_bytes(std::span(cpu)));
  question["thread_budget"] = thread_budget();
  return question;
}

/// Begins with the length of the model: that there is none for a model is known without reading it.
std::string prefix_of(uint64_t model_bytes) { return std::to_string(model_bytes) + "-"; }

fs::path file_for(const fs::path& folder, const Json& question) {
  const std::string text = question.dump();
  const std::string hash = sha256_of(std::as_bytes(std::span(text)));
  return folder / (prefix_of(question["model"]["bytes"]) + hash.substr(0, 32) + ".json");
}

/// Empty where the cache is off.
fs::path folder_of(const SessionConfig& asked) {
  const fs::path cache = cache_folder(asked.cache_dir);
  return cache.empty() ? fs::path() : cache / "decisions";
}

/// What is said to an engine is said to a certain one.
bool leaves_the_choice(const SessionConfig& asked) {
  return asked.engine_options.empty() && asked.kernel_policy.empty();
}

bool holds_any_for(const fs::path& folder, const fs::path& model) {
  std::error_code error;
  const auto bytes = fs::file_size(model, error);
  if (error) return false;
  const std::string prefix = prefix_of(bytes);
  return std::ranges::any_of(fs::directory_iterator(folder, error), [&](const auto& entry) {
    return entry.path().filename().string().starts_with(prefix);
  });
}

SessionConfig read_decision(const fs::path& path, const Json& question) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();  // what cannot be read is damaged
  try {
    const Json stored = Json::parse(text.str());
    if (stored.at("schema_version") != kSchemaVersion) throw ProtocolError("it has another form");
    if (stored.at("question") != question) throw ProtocolError("it answers another question");
    const SessionConfig config = session_config_from_json(stored.at("config").dump());
    const EngineStatus& engine = EngineRegistry::instance().create_engine(config.engine)->status();
    if (const std::string version = stored.at("engine_version"); version != engine.version) {
      throw ModelMismatchError("it is of " + engine.name + " " + version + ", and this is " +
                               engine.version);
    }
    return config;
  } catch (const Json::exception&) {
    throw ProtocolError("it is damaged");
  }
}

}  // namespace

std::optional<StoredDecision> find_decision(const ModelSource& source, const SessionConfig& asked) {
  const fs::path folder = folder_of(asked);
  if (source.path.empty() || folder.empty() || !leaves_the_choice(asked)) return std::nullopt;
  StoredDecision found;
  try {
    if (!holds_any_for(folder, source.path)) return std::nullopt;
    const Json question = question_of(source, asked);
    found.path = file_for(folder, question);
    if (!fs::exists(found.path)) return std::nullopt;
    found.config = read_decision(found.path, question);
  } catch (const std::exception& failure) {
    if (found.path.empty()) return std::nullopt;  // the engine tells what is wrong with the model
    found.reason = failure.what();
  }
  return found;
}

fs::path store_decision(const fs::path& model, const SessionConfig& asked,
                        const Decision& decision) {
  const fs::path folder = folder_of(asked);
  if (folder.empty()) throw InvalidArgumentError("decisions: the cache is off, which keeps them");
  if (asked.engine != "auto" || !leaves_the_choice(asked)) {
    throw InvalidArgumentError(
        "decisions are for engine 'auto' without engine_options and kernel_policy");
  }
  const ModelSource source{model, {}, model.parent_path().string(), model.string()};
  const Json question = question_of(source, asked);
  Json evidence = Json::parse(decision.evidence, nullptr, /*allow_exceptions=*/false);
  if (evidence.is_discarded()) evidence = nullptr;
  const Json stored{{"schema_version", kSchemaVersion},
                    {"question", question},
                    {"model", source.name},
                    {"config", Json::parse(to_json(decision.config))},
                    {"engine_version", decision.engine_version},
                    {"evidence", std::move(evidence)}};
  const std::string text = stored.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  const fs::path path = file_for(folder, question);
  make_private_folder(folder);
  UnfinishedFile file(path);
  file.write(std::as_bytes(std::span(text)), 0);
  file.publish();
  return path;
}

}  // namespace xpuruntime
