// SPDX-License-Identifier: Apache-2.0
// A report as text, as JSON and as a page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "expect_error.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"
#include "xpuruntime/toolkit/compare.h"

namespace xpuruntime::toolkit {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Candidate timed(const std::string& name, std::vector<double> latencies) {
  Candidate row;
  row.name = name;
  row.engine_version = "1.0";
  row.ran = true;
  row.agrees = true;
  row.latency = summarize(latencies);
  row.latencies = std::move(latencies);
  row.runs_per_second = 1 / row.latency->mean;
  row.slower_by_seconds = row.latency->p50 - 1e-3;
  row.slower_by_share = *row.slower_by_seconds / 1e-3;
  return row;
}

CompareReport example() {
  CompareReport report;
  report.models = {"/models/<script>alert(1)</script>&\"'.onnx"};
  report.inputs = {{.name = "x<y", .dtype = DType::kFloat32, .shape = {1, 3}}};
  report.input_source = "random, seed 0";
  report.seconds = 2;
  report.reference = "reference@cpu";
  report.winner = "reference@cpu";
  report.candidates = {timed("reference@cpu", {1e-3, 1e-3}), timed("fast@cpu", {5e-4, 5e-4})};
  Candidate& fast = report.candidates[1];
  fast.agrees = false;
  OutputComparison differs{.name = "lo<gits",
                           .actual_name = "lo<gits",
                           .verdict = Verdict::kDiffers,
                           .type = "float32[1,3]",
                           .actual_type = "float32[1,3]"};
  differs.agreement = measure_agreement(Tensor::from<float>({1, 2, 4}, {1, 3}),
                                        Tensor::from<float>({1, 2, 3}, {1, 3}));
  fast.outputs = {differs, {.name = "gone", .verdict = Verdict::kMissing, .type = "int64[1]"}};
  Candidate absent;
  absent.name = "gpu@cuda:0";
  absent.error = "UnavailableError";
  absent.reason = "no <such> device";
  report.candidates.push_back(absent);
  Bisection found;
  found.candidate = "fast@cpu";
  found.found = true;
  found.node = "n<1>";
  found.text = "Relu 'n<1>' is the first";
  found.comparison = differs;
  report.bisections = {found};
  report.warnings = {"it is <busy>"};
  return report;
}

TEST(CompareReportTest, AgreesOnlyWhenSomethingWasCompared) {
  CompareReport report = example();
  EXPECT_FALSE(report.agrees());
  EXPECT_EQ(report.compared(), 1U);
  report.candidates[1].agrees = true;
  EXPECT_TRUE(report.agrees());
  report.candidates.erase(report.candidates.begin() + 1);
  EXPECT_EQ(report.compared(), 0U);
  EXPECT_FALSE(report.agrees());
}

TEST(CompareReportTest, IsATextThatTellsAll) {
  const std::string text = to_text(example(), 200);
  for (const char* words :
       {"1.00 ms", "500 us", "-500 us, -50.0 %", "fastest", "differs", "missing", "1.0e+00",
        "[0,2]: 4, where the reference has 3",
        "not run: gpu@cuda:0: UnavailableError: no <such> device",
        "2 of 2 outputs disagree with reference@cpu", "Relu 'n<1>' is the first"}) {
    EXPECT_THAT(text, HasSubstr(words));
  }
}

TEST(CompareReportTest, KeepsItsLinesShort) {
  CompareReport report = example();
  for (auto& row : report.candidates) row.name += " of_a_long_name.onnx";
  for (const size_t width : {80, 120}) {
    std::istringstream lines(to_text(report, width));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), width) << line;
  }
}

TEST(CompareReportTest, IsOneJsonDocument) {
  const auto json = nlohmann::json::parse(to_json(example()));
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["agrees"], false);
  EXPECT_EQ(json["compared"], 1);
  EXPECT_EQ(json["candidates"].size(), 3U);
  const auto& output = json["candidates"][1]["outputs"][0];
  EXPECT_EQ(output["verdict"], "differs");
  EXPECT_EQ(output["agreement"]["first_difference"]["index"], (std::vector<int>{0, 2}));
  EXPECT_EQ(json["candidates"][1]["outputs"][1]["agreement"], nullptr);
  EXPECT_EQ(json["candidates"][2]["latency_seconds"], nullptr);
  EXPECT_EQ(json["candidates"][2]["reason"], "no <such> device");
  EXPECT_EQ(json["bisections"][0]["node"], "n<1>");
}

TEST(CompareReportTest, IsJsonWhateverTextAModelHolds) {
  CompareReport report = example();
  report.candidates[1].outputs[0].name = "\xff\x01\"";
  report.candidates[1].outputs[0].agreement->max_relative_error =
      std::numeric_limits<double>::infinity();
  const auto json = nlohmann::json::parse(to_json(report));
  EXPECT_EQ(json["candidates"][1]["outputs"][0]["agreement"]["max_relative_error"], nullptr);
}

TEST(CompareReportTest, IsAPageThatLoadsNothingAndEscapesText) {
  const std::string page = to_html(example());
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;"));
  EXPECT_THAT(page, HasSubstr("n&lt;1&gt;"));
  EXPECT_THAT(page, HasSubstr("no &lt;such&gt; device"));
  EXPECT_THAT(page, HasSubstr("it is &lt;busy&gt;"));
  EXPECT_THAT(page, HasSubstr("lo&lt;gits"));
  for (const char* words : {"<script", "<such", "<busy", "<1>", "http://", "https://", "url(",
                            "<link", "<img", "@import", "nan%"}) {
    EXPECT_THAT(page, Not(HasSubstr(words)));
  }
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(page, HasSubstr("name=\"viewport\""));
}

TEST(CompareReportTest, IsAPageWhoseElementsAreClosed) {
  const std::string page = to_html(example());
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-z0-9]+)[^>]*?(/?)>");
  for (std::sregex_iterator it(page.begin(), page.end(), tag), end; it != end; ++it) {
    const std::string name = (*it)[2];
    if (name == "meta" || name == "br" || (*it)[3] == "/") continue;
    if ((*it)[1] != "/") {
      open.push_back(name);
      continue;
    }
    ASSERT_FALSE(open.empty());
    EXPECT_EQ(open.back(), name);
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

TEST(CompareReportTest, DrawsEachCandidateAndEachOutput) {
  const std::string page = to_html(example());
  EXPECT_THAT(page, HasSubstr("aria-label=\"latencies of fast@cpu: p50 500 us"));
  EXPECT_THAT(page, HasSubstr("aria-label=\"latencies of reference@cpu"));
  EXPECT_THAT(page, HasSubstr("aria-label=\"errors of output lo&lt;gits\""));
}

TEST(CompareReportTest, IsAPageAlsoOfNothing) {
  CompareReport nothing;
  nothing.interrupted = true;
  EXPECT_THAT(to_html(nothing), HasSubstr("Interrupted"));
  EXPECT_THAT(to_text(nothing), HasSubstr("nothing was compared"));
  EXPECT_EQ(nlohmann::json::parse(to_json(nothing))["reference"], nullptr);
}

TEST(CompareReportTest, WritesThePageWholeOrNotAtAll) {
  const TemporaryFolder folder;
  write_html(example(), folder / "out.html");
  std::ifstream file(folder / "out.html");
  const std::string written{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(written, to_html(example()));
  EXPECT_EQ(folder.file_count(), 1U);
  EXPECT_ERROR(write_html(example(), folder / "none/out.html"), InvalidArgumentError, "out.html");
}

}  // namespace
}  // namespace xpuruntime::toolkit
