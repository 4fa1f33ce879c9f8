// SPDX-License-Identifier: Apache-2.0
// The JSON of a search; docs/tune.md says what each key means.
#include "toolkit/report_json.h"
#include "xpuruntime/toolkit/tune.h"

namespace xpuruntime::toolkit {
namespace {

constexpr int kTuneSchema = 1;

Json config_json(const SessionConfig& config) { return Json::parse(xpuruntime::to_json(config)); }

Json trial_json(const Trial& trial) {
  Json json{{"name", trial.name},
            {"config", config_json(trial.config)},
            {"outcome", to_string(trial.outcome)},
            {"error", trial.error},
            {"reason", trial.reason},
            {"engine_version", trial.engine_version},
            {"load_seconds", trial.load_seconds}};
  json["p50_seconds"] = trial.p50 ? Json(*trial.p50) : Json(nullptr);
  json["against_leader"] = trial.against_leader ? Json(*trial.against_leader) : Json(nullptr);
  return json;
}

Json finalist_json(const Finalist& finalist) {
  return {{"name", finalist.name},
          {"config", config_json(finalist.config)},
          {"latency", latency_json(finalist.latency)},
          {"gain", finalist.gain}};
}

}  // namespace

std::string to_json(const TuneReport& report) {
  Json inputs = Json::array();
  for (const TensorInfo& info : report.inputs) inputs.push_back(input_json(info));
  Json trials = Json::array();
  for (const Trial& trial : report.trials) trials.push_back(trial_json(trial));
  Json finalists = Json::array();
  for (const Finalist& each : report.finalists) finalists.push_back(finalist_json(each));
  Json decisions = Json::array();
  for (const auto& path : report.decisions) decisions.push_back(path.string());
  const Json json{{"schema_version", kTuneSchema},
                  {"model", report.model},
                  {"inputs", inputs},
                  {"input_source", report.input_source},
                  {"reference", report.reference},
                  {"tolerance", tolerance_json(report.tolerance)},
                  {"machine", machine_json(report.machine)},
                  {"trials", trials},
                  {"finalists", finalists},
                  {"winner", report.winner},
                  {"best", config_json(report.best)},
                  {"decisions", decisions},
                  {"warnings", report.warnings},
                  {"seconds", report.seconds},
                  {"interrupted", report.interrupted}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace xpuruntime::toolkit
