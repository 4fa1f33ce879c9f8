// SPDX-License-Identifier: Apache-2.0
#include "toolkit/convert_notes.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <system_error>

#include "toolkit/report_json.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;

/// What an engine goes by.
Json read_by_engines(const Json& notes) {
  Json read = Json::object();
  for (const char* list : {"inputs", "outputs"}) {
    if (!notes.contains(list) || !notes[list].is_array()) continue;
    read[list] = Json::array();
    for (const Json& note : notes[list]) {
      Json& each = read[list].emplace_back(Json::object());
      if (!note.is_object()) continue;
      for (const char* name : {"name", "dtype", "shape", "min", "max"}) {
        if (note.contains(name)) each[name] = note[name];
      }
    }
  }
  return read;
}

Json read_before(const fs::path& file, const Json& info, bool overwrite) {
  std::error_code error;
  if (!fs::exists(file, error)) return Json::object();
  const auto refuse = [&](const std::string& why) {
    throw InvalidArgumentError(file.string() + " " + why +
                               "; overwrite it on purpose (--force), or give the result another "
                               "name");
  };
  std::ifstream stream(file);
  Json before = Json::parse(stream, nullptr, false);
  if (!before.is_object()) {
    if (!overwrite) refuse("holds no notes that can be read");
    return Json::object();
  }
  if (!overwrite && read_by_engines(before) != read_by_engines(info)) {
    refuse("tells of other inputs or outputs than the result has");
  }
  return before;
}

Json agreement_of(const ConvertReport& report) {
  Json agreement{{"agrees", report.agrees()},
                 {"engine", report.engine},
                 {"tolerance", tolerance_json(report.tolerance)},
                 {"runs", report.runs.size()}};
  if (!report.failure.empty()) agreement["failure"] = report.failure;
  double error = 0;
  std::optional<double> cosine;
  for (const ConvertRun& run : report.runs) {
    for (const OutputComparison& output : run.outputs) {
      if (!output.agreement) continue;
      error = std::max(error, output.agreement->max_absolute_error);
      const auto& similarity = output.agreement->cosine_similarity;
      if (similarity) cosine = std::min(cosine.value_or(*similarity), *similarity);
    }
  }
  agreement["max_absolute_error"] = std::isfinite(error) ? Json(error) : Json(nullptr);
  agreement["cosine_similarity"] = cosine ? Json(*cosine) : Json(nullptr);
  return agreement;
}

Json parse_info(const std::string& info) {
  const Json parsed = Json::parse(info, nullptr, false);
  const bool fits = parsed.is_object() && parsed.contains("conversion") &&
                    parsed["conversion"].is_object() && parsed.contains("inputs") &&
                    parsed.contains("outputs");
  if (!fits) throw ProtocolError("the reply to convert: member 'info' is not what it should be");
  return parsed;
}

}  // namespace

fs::path notes_beside(const fs::path& model) {
  return model.parent_path() / (model.stem().string() + "_info.json");
}

std::string merged_notes(const std::string& info, const ConvertReport& report,
                         const std::string& file_name, const std::string& preprocessing,
                         const fs::path& before, bool overwrite) {
  const Json parsed = parse_info(info);
  Json notes = read_before(before, parsed, overwrite);
  notes["inputs"] = parsed["inputs"];
  notes["outputs"] = parsed["outputs"];
  if (!preprocessing.empty()) notes["preprocessing"] = Json::parse(preprocessing);
  if (!notes.contains("conversions") || !notes["conversions"].is_object()) {
    notes["conversions"] = Json::object();
  }
  Json about = parsed["conversion"];
  about["agreement"] = agreement_of(report);
  notes["conversions"][file_name] = about;
  return notes.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void read_info(const std::string& info, ConvertReport& report) {
  const Json parsed = parse_info(info);
  const Json& about = parsed["conversion"];
  try {
    about.at("precision").get_to(report.precision);
    about.at("exporter").get_to(report.exporter);
    about.at("tools").get_to(report.tools);
    if (about.contains("opset")) report.opset = about["opset"].get<int>();
  } catch (const Json::exception& error) {
    throw ProtocolError(std::string("the reply to convert: ") + error.what());
  }
}

}  // namespace xpuruntime::toolkit
