// SPDX-License-Identifier: Apache-2.0
#include "json.h"

#include <nlohmann/json.hpp>
#include <string>

#include "error.h"

namespace xpuruntime::worker {

using Json = nlohmann::json;

Json parse_json(std::string_view text, int max_depth) {
  const auto limit = [max_depth](int depth, Json::parse_event_t, Json&) {
    if (depth > max_depth) throw BadFrame("the JSON is nested too deeply");
    return true;
  };
  const bool may_be_deep = text.size() > 4096;
  try {
    return may_be_deep ? Json::parse(text, limit) : Json::parse(text);
  } catch (const Json::exception& error) {
    throw BadFrame(std::string("what should be JSON is none: ") + error.what());
  }
}

}  // namespace xpuruntime::worker
