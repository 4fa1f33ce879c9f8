// SPDX-License-Identifier: Apache-2.0
// The JSON of a conversion; docs/conversion.md says what each key means.
#include "toolkit/report_json.h"
#include "xpuruntime/toolkit/convert.h"

namespace xpuruntime::toolkit {
namespace {

constexpr int kConvertSchema = 1;

Json run_json(const ConvertRun& run) {
  Json inputs = Json::array();
  for (const TensorInfo& info : run.inputs) inputs.push_back(input_json(info));
  Json outputs = Json::array();
  for (const OutputComparison& output : run.outputs) outputs.push_back(output_json(output));
  return {{"inputs", inputs}, {"outputs", outputs}};
}

}  // namespace

std::string to_json(const ConvertReport& report) {
  Json files = Json::array();
  for (const auto& file : report.files) files.push_back(file.string());
  Json runs = Json::array();
  for (const ConvertRun& run : report.runs) runs.push_back(run_json(run));
  const Json json{{"schema_version", kConvertSchema},
                  {"source", report.source},
                  {"format", report.format},
                  {"files", files},
                  {"notes", text_or_null(report.notes.string())},
                  {"opset", report.opset ? Json(*report.opset) : Json(nullptr)},
                  {"precision", report.precision},
                  {"exporter", report.exporter},
                  {"tools", report.tools},
                  {"engine", text_or_null(report.engine)},
                  {"tolerance", tolerance_json(report.tolerance)},
                  {"runs", runs},
                  {"agrees", report.agrees()},
                  {"failure", text_or_null(report.failure)},
                  {"warnings", report.warnings},
                  {"seconds", report.seconds}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace xpuruntime::toolkit
