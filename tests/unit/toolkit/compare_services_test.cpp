// SPDX-License-Identifier: Apache-2.0
#include "toolkit/compare_services.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xpuruntime::toolkit {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Candidate service(const std::string& engine, double seconds, bool agrees = true) {
  Candidate row;
  row.name = engine + "@cpu";
  row.engine = engine;
  row.ran = true;
  row.agrees = agrees;
  row.latencies = {seconds, seconds};
  row.latency = summarize(row.latencies);
  row.memory_bytes = uint64_t{3} << 20;
  return row;
}

Candidate missing(const std::string& engine) {
  Candidate row;
  row.name = row.engine = engine;
  row.error = "UnavailableError";
  row.reason = "there is none";
  return row;
}

std::string recommended(std::vector<Candidate> candidates) {
  CompareReport report;
  report.candidates = std::move(candidates);
  return report.recommendation();
}

TEST(CompareServicesTest, RecommendTheFasterOfThoseThatAgree) {
  EXPECT_EQ(recommended({service("onnxrt", 1e-3), service("python", 4e-3)}),
            "use onnxrt@cpu: its outputs agree with those of python@cpu, a run takes 1.00 ms "
            "instead of 4.00 ms (75.0 % less), and it takes 3.00 MiB of memory, the other 3.00 "
            "MiB");
  EXPECT_THAT(recommended({service("onnxrt", 4e-3), service("python", 1e-3)}),
              StartsWith("use python@cpu: its outputs agree with those of onnxrt@cpu"));
  EXPECT_THAT(recommended({service("onnxrt", 1e-3, false), service("openvino", 2e-3),
                           service("python", 4e-3)}),
              StartsWith("use openvino@cpu"))
      << "a fast one whose numbers are off does not count";
}

TEST(CompareServicesTest, RecommendNeitherOfTwoThatDisagree) {
  EXPECT_EQ(recommended({service("onnxrt", 1e-3), service("python", 4e-3, false)}),
            "use neither before it is known which is right: the outputs of onnxrt@cpu and "
            "python@cpu do not agree");
}

TEST(CompareServicesTest, SayWhyTheOtherKindIsNotThere) {
  EXPECT_EQ(recommended({service("onnxrt", 1e-3), missing("python")}),
            "use onnxrt@cpu, the only kind that could be run: python could not be run "
            "(UnavailableError: there is none)");
  EXPECT_THAT(recommended({missing("onnxrt"), service("python", 1e-3)}),
              StartsWith("use python@cpu, the only kind"));
}

TEST(CompareServicesTest, SayNothingWhereThereIsNothingToChoose) {
  EXPECT_EQ(recommended({service("onnxrt", 1e-3), service("reference", 1e-3)}), "");
  EXPECT_EQ(recommended({missing("onnxrt"), missing("python")}), "");
  EXPECT_EQ(recommended({}), "");
  CompareReport cut_off;
  cut_off.candidates = {service("onnxrt", 1e-3), service("python", 4e-3)};
  cut_off.interrupted = true;
  EXPECT_EQ(cut_off.recommendation(), "");
}

TEST(CompareServicesTest, AreRowsOfThePageAndTheText) {
  CompareReport report;
  report.candidates = {service("python", 2e-3), service("onnxrt", 1e-3), missing("openvino")};
  const auto rows = service_rows(report);
  using Row = std::vector<std::string>;
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0], (Row{"native", "onnxrt@cpu", "yes", "1.00 ms", "2.00 ms", "2", "3.00 MiB"}));
  EXPECT_EQ(rows[1], (Row{"native", "openvino", "no", "-", "-", "-", "-"}));
  EXPECT_EQ(rows[2][0], "python");
  EXPECT_THAT(to_text(report, 100), HasSubstr("native   onnxrt@cpu  yes"));
  EXPECT_THAT(to_html(report), HasSubstr("Native and Python"));
  report.candidates.erase(report.candidates.begin());
  EXPECT_TRUE(service_rows(report).empty());
}

}  // namespace
}  // namespace xpuruntime::toolkit
