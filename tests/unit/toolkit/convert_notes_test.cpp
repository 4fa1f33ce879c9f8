// SPDX-License-Identifier: Apache-2.0
#include "toolkit/convert_notes.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "expect_error.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

using Json = nlohmann::json;

Json info_of(int64_t width) {
  return {
      {"inputs", {{{"name", "x"}, {"dtype", "float32"}, {"shape", {-1, width}}}}},
      {"outputs", {{{"name", "y"}, {"dtype", "float32"}, {"shape", {-1}}}}},
      {"conversion",
       {{"format", "onnx"}, {"precision", "fp32"}, {"exporter", "e"}, {"tools", {{"t", "1"}}}}}};
}

ConvertReport report_of(double error) {
  ConvertReport report;
  report.engine = "onnxrt 1";
  OutputComparison output{.name = "y", .verdict = Verdict::kAgrees};
  output.agreement.emplace().max_absolute_error = error;
  output.agreement->cosine_similarity = 0.5;
  report.runs.push_back({.inputs = {}, .outputs = {output}});
  return report;
}

Json merged(const Json& info, const std::string& file, const std::filesystem::path& before,
            bool overwrite = false, const std::string& preprocessing = "") {
  return Json::parse(
      merged_notes(info.dump(), report_of(0.25), file, preprocessing, before, overwrite));
}

TEST(ConvertNotesTest, NotesTheAgreementOfEachFile) {
  const TemporaryFolder folder;
  const Json notes = merged(info_of(3), "m.onnx", folder / "m_info.json");
  EXPECT_EQ(notes["inputs"], info_of(3)["inputs"]);
  const Json& agreement = notes["conversions"]["m.onnx"]["agreement"];
  EXPECT_EQ(agreement["agrees"], true);
  EXPECT_EQ(agreement["max_absolute_error"], 0.25);
  EXPECT_EQ(agreement["cosine_similarity"], 0.5);
  EXPECT_EQ(agreement["runs"], 1);
  EXPECT_FALSE(notes.contains("preprocessing"));
}

TEST(ConvertNotesTest, KeepsWhatWasNotedBefore) {
  const TemporaryFolder folder;
  const Json first = merged(info_of(3), "m.onnx", folder / "none", false, R"({"mean": [1]})");
  folder.write("m_info.json", first.dump());
  const Json notes = merged(info_of(3), "m.pt", folder / "m_info.json");
  EXPECT_EQ(notes["conversions"].size(), 2u);
  EXPECT_EQ(notes["preprocessing"]["mean"][0], 1);
}

TEST(ConvertNotesTest, RefusesToTellAnotherModelOtherInputs) {
  const TemporaryFolder folder;
  const auto before = folder.write("m_info.json", info_of(4).dump());
  EXPECT_ERROR(merged(info_of(3), "m.pt", before), InvalidArgumentError,
               "m_info.json tells of other inputs or outputs than the result has; overwrite");
  EXPECT_EQ(merged(info_of(3), "m.pt", before, true)["inputs"], info_of(3)["inputs"]);
  folder.write("m_info.json", "no JSON");
  EXPECT_ERROR(merged(info_of(3), "m.pt", before), InvalidArgumentError, "can be read");
}

TEST(ConvertNotesTest, RefusesAReplyThatIsNotAsItShouldBe) {
  ConvertReport report;
  EXPECT_ERROR(read_info("[]", report), ProtocolError, "'info'");
  Json info = info_of(3);
  info["conversion"]["tools"] = 1;
  EXPECT_ERROR(read_info(info.dump(), report), ProtocolError, "the reply to convert");
}

}  // namespace
}  // namespace xpuruntime::toolkit
