// SPDX-License-Identifier: Apache-2.0
#include "toolkit/compare_words.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "toolkit/units.h"

namespace xpuruntime::toolkit {
namespace {

constexpr size_t kLongestText = 60;  ///< of a string element that is shown

std::string count_of(uint64_t count, const char* one, const char* many) {
  return format_count(count) + " " + (count == 1 ? one : many);
}

std::string shown(const std::string& element) {
  const std::string text = printable(element.substr(0, kLongestText));
  return element.size() > kLongestText ? text + "..." : text;
}

std::string percent(double share) {
  return fmt::format("{:.{}f} %", share * 100, share < 1 ? 1 : 0);
}

}  // namespace

std::string verdict_sentence(const CompareReport& report) {
  if (report.compared() == 0) return "nothing was compared";
  uint64_t outputs = 0, wrong = 0;
  for (const Candidate& row : report.candidates) {
    if (!row.ran) continue;
    for (const auto& output : row.outputs) {
      ++outputs;
      wrong += output.verdict != Verdict::kAgrees;
    }
  }
  const std::string with = " with " + report.reference;
  if (wrong > 0) {
    return format_count(wrong) + " of " + count_of(outputs, "output", "outputs") +
           (wrong == 1 ? " disagrees" : " disagree") + with;
  }
  const std::string of = " of " + count_of(report.compared(), "candidate", "candidates");
  return outputs == 1 ? "the output" + of + " agrees" + with
                      : "all " + format_count(outputs) + " outputs" + of + " agree" + with;
}

std::string winner_sentence(const CompareReport& report) {
  const Candidate* winner = nullptr;
  const Candidate* next = nullptr;
  for (const Candidate& row : report.candidates) {
    if (!row.latency || !row.ran || !row.agrees) continue;
    if (row.name == report.winner) {
      winner = &row;
    } else if (next == nullptr || row.latency->p50 < next->latency->p50) {
      next = &row;
    }
  }
  if (winner == nullptr) return "";
  std::string text =
      winner->name + " is the fastest that agrees: p50 " + format_seconds(winner->latency->p50);
  if (next == nullptr) return text;
  const double less = next->latency->p50 - winner->latency->p50;
  return text + ", " + format_seconds(less) + " (" + percent(less / next->latency->p50) +
         ") less than the next, " + next->name;
}

std::string slower_text(const CompareReport& report, const Candidate& row) {
  if (!row.slower_by_seconds || !row.slower_by_share) return "";
  if (row.name == report.winner) return "fastest";
  const char* const sign = *row.slower_by_seconds < 0 ? "-" : "+";
  return sign + format_seconds(std::abs(*row.slower_by_seconds)) + ", " + sign +
         percent(std::abs(*row.slower_by_share));
}

std::string disagreement_text(const OutputComparison& output) {
  if (output.verdict == Verdict::kAgrees) return "";
  if (output.verdict == Verdict::kMissing) return "the candidate has no such output";
  if (!output.agreement) return output.actual_type + " instead of " + output.type;
  const Agreement& agreement = *output.agreement;
  Difference first = agreement.first_difference.value_or(Difference{});
  first.actual = shown(first.actual);
  first.reference = shown(first.reference);
  std::string text =
      fmt::format("{} of {} elements differ, the first at {}",
                  format_count(static_cast<uint64_t>(agreement.disagreeing)),
                  format_count(static_cast<uint64_t>(agreement.elements)), to_string(first));
  const auto add = [&](const char* what, int64_t actual, int64_t reference) {
    if (actual == 0 && reference == 0) return;
    text += fmt::format("; {} {}, {} in the reference", actual, what, reference);
  };
  add("NaN", agreement.actual_nan, agreement.reference_nan);
  add("infinite", agreement.actual_infinite, agreement.reference_infinite);
  return text;
}

bool has_errors(const OutputComparison& output) {
  return output.agreement && !output.type.starts_with(dtype_name(DType::kString));
}

std::string load_text(const Candidate& row) {
  return format_seconds(row.load_seconds) + (row.cache == CacheOutcome::kHit ? ", cached" : "");
}

std::string error_text(double error) {
  return error == 0 ? "0" : std::isfinite(error) ? fmt::format("{:.1e}", error) : "infinite";
}

std::string argmax_text(const Agreement& agreement) {
  return agreement.rows == 0 ? ""
                             : fmt::format("{}/{}", agreement.rows_same_argmax, agreement.rows);
}

std::string top5_text(const Agreement& agreement) {
  return agreement.top5_overlap ? fmt::format("{:.0f} %", *agreement.top5_overlap * 100) : "";
}

std::string cosine_text(const Agreement& agreement) {
  return agreement.cosine_similarity ? fmt::format("{:.6f}", *agreement.cosine_similarity) : "";
}

std::string inputs_text(const std::vector<TensorInfo>& inputs, const std::string& source) {
  std::string text;
  for (const TensorInfo& info : inputs) {
    text += (text.empty() ? "" : ", ") + info.name + " " + to_string(info);
  }
  return (text.empty() ? "none" : text) + "; " + source;
}

std::string plan_text(const CompareReport& report) {
  const std::string amount = report.iterations > 0 ? count_of(report.iterations, "run", "runs")
                                                   : fmt::format("{:g} s", report.seconds);
  return amount + " of each in turns, after " + format_count(report.warm_up) +
         " to warm up, into memory that is bound once";
}

std::string machine_text(const MachineFacts& machine) {
  std::string text = machine.cpu_model.empty() ? "unknown CPU" : machine.cpu_model;
  text += fmt::format(", {} of {} cores", machine.cores_allowed, machine.cores_online);
  if (machine.cpu_quota) text += fmt::format(", quota {:.3g}", *machine.cpu_quota);
  text += ", " + format_bytes(std::min(machine.memory_bytes,
                                       machine.memory_limit_bytes.value_or(UINT64_MAX)));
  if (!machine.governor.empty()) text += ", governor " + machine.governor;
  text += ", " + machine.kernel;
  if (!machine.load_average.empty()) text += fmt::format(", load {:.2f}", machine.load_average[0]);
  return text;
}

std::string placement_text(const Candidate& row) {
  std::string text;
  for (const auto& [what, nodes] : row.placement) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", what, nodes);
  }
  return text;
}

}  // namespace xpuruntime::toolkit
