// SPDX-License-Identifier: Apache-2.0
#include "profiled_context.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "api_24.h"

namespace xpuruntime::onnxrt {
namespace {

namespace fs = std::filesystem;
using engine::Failure;
using engine::RunArgs;
using nlohmann::json;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::string_view kSuffix = "_kernel_time";  // of a node's event

fs::path make_folder() {
  std::string name = (fs::temp_directory_path() / "xpurt-nodes-XXXXXX").string();
  if (mkdtemp(name.data()) != nullptr) return name;
  throw Failure(XPURT_UNAVAILABLE, name + ": a folder for the profiles of runs cannot be made: " +
                                       std::strerror(errno));
}

void tell_node(const RunArgs& args, const json& event, nanoseconds begin) {
  auto name = event.at("name").get<std::string>();
  if (event.at("cat") != "Node" || !name.ends_with(kSuffix)) return;
  name.resize(name.size() - kSuffix.size());
  const json& details = event.at("args");
  const auto op = details.at("op_name").get<std::string>();
  const auto provider = details.at("provider").get<std::string>();
  const auto microseconds = [&](const char* key) {
    return nanoseconds(std::chrono::microseconds(event.at(key).get<int64_t>()));
  };
  args.executed({.name = name.c_str(),
                 .op_type = op.c_str(),
                 .kernel = provider.c_str(),
                 .start_ns = (begin + microseconds("ts")).count(),
                 .duration_ns = microseconds("dur").count()});
}

/// Times in the file count from the start of the profile, soon after `begin`.
void tell_nodes(const RunArgs& args, const fs::path& profile, nanoseconds begin) {
  try {
    std::ifstream file(profile);
    for (const json& event : json::parse(file)) tell_node(args, event, begin);
  } catch (const json::exception& error) {
    throw Failure(XPURT_ENGINE,
                  std::string("ONNX Runtime's profile of the run cannot be read: ") + error.what());
  }
}

}  // namespace

bool ProfiledContext::is_available() { return library().minor >= 25; }

ProfiledContext::ProfiledContext(std::shared_ptr<const LoadedModel> model)
    : OnnxContext(std::move(model)), folder_(make_folder()) {
  const auto enable =
      api_24::function<api_24::EnableRunProfiling>(api_24::Slot::kRunOptionsEnableProfiling);
  if (OrtStatus* status = enable(run_options(), (folder_ / "run").c_str())) {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    check(status);
  }
}

ProfiledContext::~ProfiledContext() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void ProfiledContext::run(const RunArgs& args) {
  const nanoseconds begin = steady_clock::now().time_since_epoch();
  std::error_code ignored;
  try {
    OnnxContext::run(args);
  } catch (...) {
    for (const auto& profile : fs::directory_iterator(folder_)) fs::remove(profile, ignored);
    throw;
  }
  // Two where a shape was not as expected and the model ran again: the last is the run.
  fs::path last;
  for (const auto& profile : fs::directory_iterator(folder_)) last = std::max(last, profile.path());
  if (!last.empty()) tell_nodes(args, last, begin);
  for (const auto& profile : fs::directory_iterator(folder_)) fs::remove(profile, ignored);
}

}  // namespace xpuruntime::onnxrt
