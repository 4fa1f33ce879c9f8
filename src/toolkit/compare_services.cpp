// SPDX-License-Identifier: Apache-2.0
#include "toolkit/compare_services.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "toolkit/units.h"

namespace xpuruntime::toolkit {
namespace {

bool is_python(const Candidate& row) { return row.engine == "python"; }
bool is_native(const Candidate& row) { return !is_python(row); }

bool has_both(const CompareReport& report) {
  return std::ranges::any_of(report.candidates, is_python) &&
         std::ranges::any_of(report.candidates, is_native);
}

/// The fastest candidate of a kind that ran and was timed; of those that agree, where some do.
const Candidate* best(const CompareReport& report, bool (*kind)(const Candidate&)) {
  const Candidate* found = nullptr;
  for (const Candidate& row : report.candidates) {
    if (!kind(row) || !row.ran || !row.latency) continue;
    const bool better = found == nullptr || (row.agrees && !found->agrees) ||
                        (row.agrees == found->agrees && row.latency->p50 < found->latency->p50);
    if (better) found = &row;
  }
  return found;
}

/// Why none of a kind can be used: the first that says.
std::string why_none(const CompareReport& report, bool (*kind)(const Candidate&)) {
  for (const Candidate& row : report.candidates) {
    if (kind(row) && !row.error.empty()) {
      return row.name + " could not be run (" + row.error + ": " + row.reason + ")";
    }
  }
  return "";
}

std::string alone(const Candidate& usable, const std::string& why_not_other) {
  return "use " + usable.name + ", the only kind that could be run" +
         (why_not_other.empty() ? "" : ": " + why_not_other);
}

std::string between(const Candidate& native, const Candidate& python) {
  if (!native.agrees || !python.agrees) {
    return "use neither before it is known which is right: the outputs of " + native.name +
           " and " + python.name + " do not agree";
  }
  const bool native_wins = native.latency->p50 <= python.latency->p50;
  const Candidate& winner = native_wins ? native : python;
  const Candidate& other = native_wins ? python : native;
  const double saved = other.latency->p50 - winner.latency->p50;
  return fmt::format(
      "use {}: its outputs agree with those of {}, a run takes {} instead of {} ({} less), and it "
      "takes {} of memory, the other {}",
      winner.name, other.name, format_seconds(winner.latency->p50),
      format_seconds(other.latency->p50),
      format_percent(other.latency->p50 > 0 ? saved / other.latency->p50 : 0),
      format_bytes(winner.memory_bytes), format_bytes(other.memory_bytes));
}

std::vector<std::string> cells(const Candidate& row) {
  const bool timed = row.ran && row.latency.has_value();
  return {service_name(row),
          row.name,
          row.ran ? "yes" : "no",
          timed ? format_seconds(row.latency->mean) : "-",
          timed ? format_seconds(row.total_seconds()) : "-",
          timed ? format_count(row.latencies.size()) : "-",
          row.ran ? format_bytes(row.memory_bytes) : "-"};
}

}  // namespace

const char* service_name(const Candidate& row) { return is_python(row) ? "python" : "native"; }

double Candidate::total_seconds() const {
  return std::accumulate(latencies.begin(), latencies.end(), 0.0);
}

std::vector<std::vector<std::string>> service_rows(const CompareReport& report) {
  std::vector<std::vector<std::string>> rows;
  if (!has_both(report)) return rows;
  for (bool (*kind)(const Candidate&) : {is_native, is_python}) {
    for (const Candidate& row : report.candidates) {
      if (kind(row)) rows.push_back(cells(row));
    }
  }
  return rows;
}

std::string CompareReport::recommendation() const {
  if (!has_both(*this) || interrupted) return "";
  const Candidate* const native = best(*this, is_native);
  const Candidate* const python = best(*this, is_python);
  if (native != nullptr && python != nullptr) return between(*native, *python);
  if (native != nullptr) return alone(*native, why_none(*this, is_python));
  if (python != nullptr) return alone(*python, why_none(*this, is_native));
  return "";
}

}  // namespace xpuruntime::toolkit
