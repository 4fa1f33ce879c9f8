// SPDX-License-Identifier: Apache-2.0
// The JSON of a comparison; docs/compare.md says what each key means.
#include <cmath>

#include "toolkit/compare_services.h"
#include "toolkit/report_json.h"
#include "xpuruntime/toolkit/compare.h"

namespace xpuruntime::toolkit {
namespace {

constexpr int kCompareSchema = 1;

/// JSON has no NaN and no infinity.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

template <typename T>
Json optional(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json difference_json(const Difference& difference) {
  return {{"element", difference.element},
          {"index", difference.index},
          {"actual", difference.actual},
          {"reference", difference.reference}};
}

Json agreement_json(const Agreement& agreement) {
  return {
      {"elements", agreement.elements},
      {"disagreeing", agreement.disagreeing},
      {"first_difference",
       agreement.first_difference ? difference_json(*agreement.first_difference) : Json(nullptr)},
      {"max_absolute_error", number(agreement.max_absolute_error)},
      {"mean_absolute_error", number(agreement.mean_absolute_error)},
      {"max_relative_error", number(agreement.max_relative_error)},
      {"mean_relative_error", number(agreement.mean_relative_error)},
      {"cosine_similarity", optional(agreement.cosine_similarity)},
      {"rows", agreement.rows},
      {"rows_same_argmax", agreement.rows_same_argmax},
      {"top5_overlap", optional(agreement.top5_overlap)},
      {"actual_nan", agreement.actual_nan},
      {"actual_infinite", agreement.actual_infinite},
      {"reference_nan", agreement.reference_nan},
      {"reference_infinite", agreement.reference_infinite}};
}

}  // namespace

Json output_json(const OutputComparison& output) {
  return {{"name", output.name},
          {"actual_name", output.actual_name},
          {"verdict", to_string(output.verdict)},
          {"type", output.type},
          {"actual_type", output.actual_type},
          {"agreement", output.agreement ? agreement_json(*output.agreement) : Json(nullptr)}};
}

namespace {

Json candidate_json(const Candidate& row) {
  Json outputs = Json::array();
  for (const auto& output : row.outputs) outputs.push_back(output_json(output));
  const auto measured = [&](auto&& value) { return row.latency ? Json(value) : Json(nullptr); };
  const auto ran = [&](auto&& value) { return row.ran ? Json(value) : Json(nullptr); };
  return {{"name", row.name},
          {"service", service_name(row)},
          {"engine", row.engine},
          {"engine_version", row.engine_version},
          {"device", row.device},
          {"model", text_or_null(row.model)},
          {"ran", row.ran},
          {"error", text_or_null(row.error)},
          {"reason", text_or_null(row.reason)},
          {"threads", ran(row.threads)},
          {"load_seconds", ran(row.load_seconds)},
          {"cache", ran(to_string(row.cache))},
          {"first_run_seconds", ran(row.first_run_seconds)},
          {"runs", row.latencies.size()},
          {"total_seconds", measured(row.total_seconds())},
          {"latency_seconds", row.latency ? latency_json(*row.latency) : Json(nullptr)},
          {"coefficient_of_variation",
           measured(row.latency.value_or(Summary{}).coefficient_of_variation)},
          {"runs_per_second", measured(row.runs_per_second)},
          {"memory_bytes", ran(row.memory_bytes)},
          {"placement", Json(row.placement)},
          {"outputs", outputs},
          {"agrees", ran(row.agrees)},
          {"slower_by_seconds", optional(row.slower_by_seconds)},
          {"slower_by_share", optional(row.slower_by_share)}};
}

Json bisection_json(const Bisection& found) {
  return {{"candidate", found.candidate},
          {"output", found.output},
          {"found", found.found},
          {"survives_showing", found.survives_showing},
          {"node", text_or_null(found.node)},
          {"op_type", text_or_null(found.op_type)},
          {"value", text_or_null(found.value)},
          {"comparison", found.found ? output_json(found.comparison) : Json(nullptr)},
          {"last_agreeing", text_or_null(found.last_agreeing)},
          {"values", found.values},
          {"text", found.text}};
}

}  // namespace

std::string to_json(const CompareReport& report) {
  Json inputs = Json::array(), candidates = Json::array(), bisections = Json::array();
  for (const auto& info : report.inputs) inputs.push_back(input_json(info));
  for (const auto& row : report.candidates) candidates.push_back(candidate_json(row));
  for (const auto& found : report.bisections) bisections.push_back(bisection_json(found));
  const Json document{{"schema_version", kCompareSchema},
                      {"models", report.models},
                      {"agrees", report.agrees()},
                      {"compared", report.compared()},
                      {"reference", text_or_null(report.reference)},
                      {"winner", text_or_null(report.winner)},
                      {"recommendation", text_or_null(report.recommendation())},
                      {"inputs", inputs},
                      {"input_source", report.input_source},
                      {"tolerance", tolerance_json(report.tolerance)},
                      {"warm_up", report.warm_up},
                      {"iterations", report.iterations},
                      {"seconds", report.seconds},
                      {"candidates", candidates},
                      {"bisections", bisections},
                      {"machine", machine_json(report.machine)},
                      {"warnings", report.warnings},
                      {"interrupted", report.interrupted}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace xpuruntime::toolkit
