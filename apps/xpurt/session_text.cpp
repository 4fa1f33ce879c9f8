// SPDX-License-Identifier: Apache-2.0
#include "session_text.h"

#include <chrono>

#include "toolkit/units.h"
#include "xpuruntime/dtype.h"

namespace xpuruntime::xpurt {
namespace {

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

std::string session_line(const SessionReport& report) {
  std::string text = report.engine;
  if (!report.engine_version.empty()) text += " " + report.engine_version;
  text += " on " + to_string(report.device);
  if (report.threads > 0) {
    text += ", " + std::to_string(report.threads) + (report.threads == 1 ? " thread" : " threads");
  }
  return toolkit::printable(text);
}

std::string failed_choices_text(const SessionReport& report) {
  std::string text;
  for (const auto& choice : report.failed_choices) {
    text += "not " + choice.engine + "@" + choice.device + ": " + choice.error + ": " +
            choice.reason + "\n";
  }
  return text;
}

void add_validators(toolkit::TextTable& table, const SessionReport& report) {
  for (const auto& name : report.validators) table.add_row({"passed", toolkit::printable(name)});
}

Json to_json(const SessionReport& report) {
  Json failed = Json::array();
  for (const auto& choice : report.failed_choices) {
    failed.push_back({{"engine", choice.engine},
                      {"device", choice.device},
                      {"error", choice.error},
                      {"reason", choice.reason}});
  }
  return {{"model", report.model},
          {"requested_engine", report.requested_engine},
          {"requested_device", report.requested_device},
          {"fallback", report.fallback},
          {"engine", report.engine},
          {"engine_version", report.engine_version},
          {"engine_path", report.engine_path},
          {"transport", report.transport},
          {"device", to_string(report.device)},
          {"rule", report.rule},
          {"failed_choices", failed},
          {"threads", report.threads},
          {"contexts", report.contexts},
          {"load_seconds", seconds(report.load_time)},
          {"cache",
           {{"outcome", to_string(report.cache.outcome)},
            {"entry", report.cache.entry},
            {"reason", report.cache.reason}}},
          {"validators", report.validators},
          {"placement", Json(report.placement)}};
}

Json to_json(const Shape& shape) {
  Json dims = Json::array();
  for (const int64_t dim : shape) dims.push_back(dim);
  return dims;
}

Json to_json(const TensorInfo& info) {
  constexpr const char* kKinds[] = {"none", "tensor", "sequence", "map"};
  Json json{{"name", info.name},
            {"kind", kKinds[static_cast<size_t>(info.kind)]},
            {"dtype", dtype_name(info.dtype)}};
  json["shape"] = info.has_rank ? to_json(info.shape) : Json(nullptr);
  json["dim_names"] = info.dim_names;
  return json;
}

Json to_json(const RunReport& report) {
  Json copies = Json::array();
  for (const auto& copy : report.copies) {
    copies.push_back({{"what", copy.what}, {"bytes", copy.bytes}, {"why", copy.why}});
  }
  return {{"engine", report.engine},
          {"engine_version", report.engine_version},
          {"device", to_string(report.device)},
          {"queue_seconds", seconds(report.queue_time)},
          {"run_seconds", seconds(report.run_time)},
          {"bytes_copied", report.bytes_copied()},
          {"copies", copies}};
}

}  // namespace xpuruntime::xpurt
